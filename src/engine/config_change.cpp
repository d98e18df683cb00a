#include "src/engine/config_change.hpp"

#include <functional>
#include <map>

#include "src/engine/config_change_values.hpp"

namespace azreach {

namespace {

using Kind = ConfigChange::Kind;

/// Walks a thing of both sides together, always in the same order: lists the differences, or takes
/// the chosen ones over into a third thing.
struct Visit {
    std::vector<ConfigChange>* list = nullptr;
    const std::vector<bool>* chosen = nullptr;
    std::size_t next = 0;

    template <class Make>
    bool difference(const Make& make) {
        if (list != nullptr) {
            list->push_back(make());
        }
        const bool take = chosen != nullptr && (*chosen)[next];
        ++next;
        return take;
    }
};

/// The same thing on both sides, and where changes are taken over (null while listing).
template <class T>
struct Twins {
    const T& a;
    const T& b;
    T* to = nullptr;
    ResourceId id;
    Provenance where_a, where_b;
};

template <class T, class M>
void property(Visit& visit, const Twins<T>& twins, const char* pointer, M T::*member) {
    const M& a = twins.a.*member;
    const M& b = twins.b.*member;
    if (values::same(a, b)) {
        return;
    }
    if (visit.difference([&] {
            return ConfigChange{Kind::modified,  twins.id,      pointer,      values::text(a),
                                values::text(b), twins.where_a, twins.where_b};
        })) {
        twins.to->*member = b;
    }
}

/// Children with ids of their own. `id_of(parent, child)`, `where_of(child)`, `text_of(child)`,
/// `inside(visit, twins of the child)`. Copies of one id are told apart by their number.
template <class T, class C, class IdOf, class WhereOf, class TextOf, class Inside>
void children(Visit& visit, const Twins<T>& twins, std::vector<C> T::*member, const IdOf& id_of,
              const WhereOf& where_of, const TextOf& text_of, const Inside& inside) {
    using Key = std::pair<ResourceId, std::size_t>;
    const auto keyed = [&](auto& list) {
        std::map<Key, std::remove_reference_t<decltype(list.front())>*> result;
        std::map<ResourceId, std::size_t> copies;
        for (auto& child : list) {
            ResourceId id = id_of(twins.id, child);
            const std::size_t copy = copies[id]++;
            result.emplace(Key{std::move(id), copy}, &child);
        }
        return result;
    };
    const std::vector<C>& a = twins.a.*member;
    const std::vector<C>& b = twins.b.*member;
    const auto all_a = keyed(a);
    const auto all_b = keyed(b);
    std::map<Key, C*> all_to;
    if (twins.to != nullptr) {
        all_to = keyed(twins.to->*member);
    }
    std::vector<Key> gone;
    std::vector<const C*> come;
    auto i = all_a.begin();
    auto j = all_b.begin();
    while (i != all_a.end() || j != all_b.end()) {
        if (j == all_b.end() || (i != all_a.end() && i->first < j->first)) {
            if (visit.difference([&] {
                    return ConfigChange{Kind::removed,
                                        i->first.first,
                                        "",
                                        text_of(*i->second),
                                        "",
                                        where_of(*i->second),
                                        {}};
                })) {
                gone.push_back(i->first);
            }
            ++i;
        } else if (i == all_a.end() || j->first < i->first) {
            if (visit.difference([&] {
                    return ConfigChange{
                        Kind::added, j->first.first,      "", "", text_of(*j->second),
                        {},          where_of(*j->second)};
                })) {
                come.push_back(j->second);
            }
            ++j;
        } else {
            C* to = nullptr;
            if (twins.to != nullptr) {
                to = all_to.at(i->first);
            }
            inside(visit, Twins<C>{*i->second, *j->second, to, i->first.first, where_of(*i->second),
                                   where_of(*j->second)});
            ++i;
            ++j;
        }
    }
    if (twins.to != nullptr && !(gone.empty() && come.empty())) {
        std::vector<C> kept;
        std::map<ResourceId, std::size_t> copies;
        for (C& child : twins.to->*member) {
            const ResourceId id = id_of(twins.id, child);
            const Key key{id, copies[id]++};
            if (std::find(gone.begin(), gone.end(), key) == gone.end()) {
                kept.push_back(std::move(child));
            }
        }
        for (const C* child : come) {
            kept.push_back(*child);
        }
        twins.to->*member = std::move(kept);
    }
}

/// Things whose id and place stand in them.
template <class T, class C, class TextOf, class Inside>
void own_children(Visit& visit, const Twins<T>& twins, std::vector<C> T::*member,
                  const TextOf& text_of, const Inside& inside) {
    children(
        visit, twins, member, [](const ResourceId&, const C& child) { return child.id; },
        [](const C& child) { return child.where; }, text_of, inside);
}
template <class T, class C, class TextOf, class Inside>
void header_children(Visit& visit, const Twins<T>& twins, std::vector<C> T::*member,
                     const TextOf& text_of, const Inside& inside) {
    children(
        visit, twins, member, [](const ResourceId&, const C& child) { return child.header.id; },
        [](const C& child) { return child.header.where; }, text_of, inside);
}

template <class T>
std::string whole(const T& thing) {
    return thing.header.type.empty() ? thing.header.id.type() : thing.header.type;
}

template <class T>
void header(Visit& visit, const Twins<T>& twins) {
    const Twins<Header> inner{
        twins.a.header, twins.b.header, twins.to == nullptr ? nullptr : &twins.to->header,
        twins.id,       twins.where_a,  twins.where_b};
    property(visit, inner, "/location", &Header::location);
    property(visit, inner, "/tags", &Header::tags);
    property(visit, inner, "/properties", &Header::contested);
}

// --- one function for each type ------------------------------------------------------------------

void inside(Visit& v, const Twins<SecurityRule>& t) {
    property(v, t, "/properties/priority", &SecurityRule::priority);
    property(v, t, "/properties/direction", &SecurityRule::direction);
    property(v, t, "/properties/access", &SecurityRule::access);
    property(v, t, "/properties/protocol", &SecurityRule::protocol);
    property(v, t, "/properties/sourceAddressPrefix", &SecurityRule::source);
    property(v, t, "/properties/sourcePortRange", &SecurityRule::source_ports);
    property(v, t, "/properties/destinationAddressPrefix", &SecurityRule::destination);
    property(v, t, "/properties/destinationPortRange", &SecurityRule::destination_ports);
    property(v, t, "/properties/destinationPortRanges", &SecurityRule::ports_unreadable);
    property(v, t, "", &SecurityRule::certain);
}

void inside(Visit& v, const Twins<NetworkSecurityGroup>& t) {
    header(v, t);
    own_children(
        v, t, &NetworkSecurityGroup::rules, [](const SecurityRule& r) { return values::text(r); },
        [](Visit& visit, const Twins<SecurityRule>& twins) { inside(visit, twins); });
    // Default rules that were not read are those that every group has.                     [N4]
    NetworkSecurityGroup a;
    NetworkSecurityGroup b;
    for (auto [from, to] : {std::pair(&t.a, &a), std::pair(&t.b, &b)}) {
        to->default_rules =
            from->default_rules.empty() ? default_rules_of(t.id) : from->default_rules;
    }
    property(v, Twins<NetworkSecurityGroup>{a, b, t.to, t.id, t.where_a, t.where_b},
             "/properties/defaultSecurityRules", &NetworkSecurityGroup::default_rules);
}

void inside(Visit& v, const Twins<Subnet>& t) {
    property(v, t, "/properties/addressPrefix", &Subnet::prefixes);
    property(v, t, "/properties/networkSecurityGroup", &Subnet::security_group);
    property(v, t, "/properties/routeTable", &Subnet::route_table);
    property(v, t, "/properties/natGateway", &Subnet::nat_gateway);
    property(v, t, "/properties/serviceEndpoints", &Subnet::service_endpoints);
    property(v, t, "/properties/delegations", &Subnet::delegations);
    property(v, t, "/properties/privateEndpointNetworkPolicies",
             &Subnet::private_endpoint_policies);
    property(v, t, "/properties/defaultOutboundAccess", &Subnet::default_outbound_access);
    property(v, t, "/properties/ipConfigurations", &Subnet::ip_configurations);
    header(v, t);
}

void inside(Visit& v, const Twins<Peering>& t) {
    property(v, t, "/properties/remoteVirtualNetwork", &Peering::remote);
    property(v, t, "/properties/peeringState", &Peering::state);
    property(v, t, "/properties/peeringSyncLevel", &Peering::fully_in_sync);
    property(v, t, "/properties/allowVirtualNetworkAccess", &Peering::allow_access);
    property(v, t, "/properties/allowForwardedTraffic", &Peering::allow_forwarded);
    property(v, t, "/properties/allowGatewayTransit", &Peering::allow_gateway_transit);
    property(v, t, "/properties/useRemoteGateways", &Peering::use_remote_gateways);
    property(v, t, "/properties/peerCompleteVnets", &Peering::complete_vnets);
    property(v, t, "/properties/enableOnlyIPv6Peering", &Peering::only_ipv6);
    property(v, t, "/properties/localSubnetNames", &Peering::local_subnets);
    property(v, t, "/properties/remoteSubnetNames", &Peering::remote_subnets);
    property(v, t, "/properties/remoteAddressSpace", &Peering::remote_space);
    property(v, t, "/properties/remoteVirtualNetworkAddressSpace", &Peering::remote_vnet_space);
    header(v, t);
}

void inside(Visit& v, const Twins<VirtualNetwork>& t) {
    header(v, t);
    property(v, t, "/properties/addressSpace", &VirtualNetwork::address_space);
    property(v, t, "/properties/defaultPublicNatGateway", &VirtualNetwork::default_nat_gateway);
    header_children(
        v, t, &VirtualNetwork::subnets,
        [](const Subnet& s) { return "subnet " + values::text(s.prefixes); },
        [](Visit& visit, const Twins<Subnet>& twins) { inside(visit, twins); });
    header_children(
        v, t, &VirtualNetwork::peerings,
        [](const Peering& p) { return "peering with " + values::text(p.remote); },
        [](Visit& visit, const Twins<Peering>& twins) { inside(visit, twins); });
}

void inside(Visit& v, const Twins<ApplicationSecurityGroup>& t) { header(v, t); }

void inside(Visit& v, const Twins<IpConfiguration>& t) {
    property(v, t, "/properties/primary", &IpConfiguration::primary);
    property(v, t, "/properties/privateIPAddressVersion", &IpConfiguration::family);
    property(v, t, "/properties/privateIPAddress", &IpConfiguration::address);
    property(v, t, "/properties/subnet", &IpConfiguration::subnet);
    property(v, t, "/properties/publicIPAddress", &IpConfiguration::public_ip);
    property(v, t, "/properties/applicationSecurityGroups", &IpConfiguration::asgs);
    property(v, t, "/properties/loadBalancerBackendAddressPools", &IpConfiguration::lb_pools);
    property(v, t, "/properties/loadBalancerInboundNatRules", &IpConfiguration::lb_nat_rules);
    property(v, t, "/properties/loadBalancerInboundNatPools", &IpConfiguration::lb_nat_pools);
    property(v, t, "/properties/gatewayLoadBalancer", &IpConfiguration::gateway_load_balancer);
}

std::string text_of(const IpConfiguration& c) {
    return "IP configuration " + values::text(c.address) + " in " + values::text(c.subnet);
}

void inside(Visit& v, const Twins<NetworkInterface>& t) {
    header(v, t);
    own_children(v, t, &NetworkInterface::configurations, text_of,
                 [](Visit& visit, const Twins<IpConfiguration>& twins) { inside(visit, twins); });
    property(v, t, "/properties/networkSecurityGroup", &NetworkInterface::security_group);
    property(v, t, "/properties/virtualMachine", &NetworkInterface::virtual_machine);
    property(v, t, "/properties/privateEndpoint", &NetworkInterface::private_endpoint);
    property(v, t, "/properties/virtualMachineScaleSet", &NetworkInterface::scale_set);
    property(v, t, "/properties/enableIPForwarding", &NetworkInterface::ip_forwarding);
    property(v, t, "/properties/defaultOutboundConnectivityEnabled",
             &NetworkInterface::default_outbound_connectivity);
}

void inside(Visit& v, const Twins<VirtualMachine>& t) {
    header(v, t);
    property(v, t, "/properties/networkProfile/networkInterfaces", &VirtualMachine::interfaces);
    property(v, t, "/properties/virtualMachineScaleSet", &VirtualMachine::scale_set);
}

void inside(Visit& v, const Twins<ScaleSetInterface>& t) {
    property(v, t, "/properties/primary", &ScaleSetInterface::primary);
    property(v, t, "/properties/enableIPForwarding", &ScaleSetInterface::ip_forwarding);
    property(v, t, "/properties/networkSecurityGroup", &ScaleSetInterface::security_group);
    property(v, t, "/properties/publicIPAddressConfiguration", &ScaleSetInterface::has_public_ip);
    own_children(v, t, &ScaleSetInterface::configurations, text_of,
                 [](Visit& visit, const Twins<IpConfiguration>& twins) { inside(visit, twins); });
}

void inside(Visit& v, const Twins<ScaleSet>& t) {
    header(v, t);
    property(v, t, "/properties/orchestrationMode", &ScaleSet::flexible);
    property(v, t, "/sku/capacity", &ScaleSet::capacity);
    children(
        v, t, &ScaleSet::interfaces,
        [](const ResourceId& parent, const ScaleSetInterface& child) {
            return parent.child("networkInterfaceConfigurations", child.name);
        },
        [](const ScaleSetInterface& child) { return child.where; },
        [](const ScaleSetInterface&) { return std::string("network interface configuration"); },
        [](Visit& visit, const Twins<ScaleSetInterface>& twins) { inside(visit, twins); });
}

void inside(Visit& v, const Twins<Route>& t) {
    property(v, t, "/properties/addressPrefix", &Route::prefix);
    property(v, t, "/properties/addressPrefix", &Route::service_tag);
    property(v, t, "/properties/nextHopType", &Route::next_hop);
    property(v, t, "/properties/nextHopIpAddress", &Route::next_hop_address);
    property(v, t, "", &Route::certain);
}

void inside(Visit& v, const Twins<RouteTable>& t) {
    header(v, t);
    property(v, t, "/properties/disableBgpRoutePropagation", &RouteTable::disable_bgp_propagation);
    own_children(
        v, t, &RouteTable::routes, [](const Route& r) { return values::text(r); },
        [](Visit& visit, const Twins<Route>& twins) { inside(visit, twins); });
}

void inside(Visit& v, const Twins<PublicIpAddress>& t) {
    header(v, t);
    property(v, t, "/sku/name", &PublicIpAddress::sku);
    property(v, t, "/sku/tier", &PublicIpAddress::global_tier);
    property(v, t, "/properties/ipAddress", &PublicIpAddress::address);
    property(v, t, "/properties/publicIPAddressVersion", &PublicIpAddress::family);
    property(v, t, "/properties/ipConfiguration", &PublicIpAddress::ip_configuration);
    property(v, t, "/properties/natGateway", &PublicIpAddress::nat_gateway);
}

void inside(Visit& v, const Twins<PublicIpPrefix>& t) {
    header(v, t);
    property(v, t, "/sku/name", &PublicIpPrefix::sku);
    property(v, t, "/properties/ipPrefix", &PublicIpPrefix::prefix);
    property(v, t, "/properties/loadBalancerFrontendIpConfiguration", &PublicIpPrefix::lb_frontend);
    property(v, t, "/properties/natGateway", &PublicIpPrefix::nat_gateway);
}

void inside(Visit& v, const Twins<NatGateway>& t) {
    header(v, t);
    property(v, t, "/properties/publicIpAddresses", &NatGateway::public_ips);
    property(v, t, "/properties/publicIpPrefixes", &NatGateway::public_prefixes);
}

void inside(Visit& v, const Twins<VirtualNetworkGateway>& t) {
    using T = VirtualNetworkGateway;
    header(v, t);
    property(v, t, "/properties/gatewayType", &T::type);
    property(v, t, "/properties/enableBgp", &T::enable_bgp);
    property(v, t, "/properties/ipConfigurations", &T::subnets);
    property(v, t, "/properties/ipConfigurations", &T::public_ips);
    property(v, t, "/properties/vpnClientConfiguration/vpnClientAddressPool", &T::client_pool);
    property(v, t, "/properties/customRoutes", &T::custom_routes);
    property(v, t, "/properties/natRules", &T::has_nat_rules);
    property(v, t, "/properties/allowRemoteVnetTraffic", &T::allow_remote_vnet_traffic);
    property(v, t, "/properties/allowVirtualWanTraffic", &T::allow_virtual_wan_traffic);
    property(v, t, "/properties/gatewayDefaultSite", &T::default_site);
}

void inside(Visit& v, const Twins<LocalNetworkGateway>& t) {
    header(v, t);
    property(v, t, "/properties/localNetworkAddressSpace", &LocalNetworkGateway::address_space);
    property(v, t, "/properties/gatewayIpAddress", &LocalNetworkGateway::gateway_address);
    property(v, t, "/properties/fqdn", &LocalNetworkGateway::fqdn);
    property(v, t, "/properties/bgpSettings", &LocalNetworkGateway::has_bgp);
}

void inside(Visit& v, const Twins<GatewayConnection>& t) {
    header(v, t);
    property(v, t, "/properties/connectionType", &GatewayConnection::type);
    property(v, t, "/properties/virtualNetworkGateway1", &GatewayConnection::gateway1);
    property(v, t, "/properties/virtualNetworkGateway2", &GatewayConnection::gateway2);
    property(v, t, "/properties/localNetworkGateway2", &GatewayConnection::local_gateway);
    property(v, t, "/properties/peer", &GatewayConnection::circuit);
    property(v, t, "/properties/enableBgp", &GatewayConnection::enable_bgp);
    property(v, t, "/properties/connectionStatus", &GatewayConnection::status);
    property(v, t, "/properties/trafficSelectorPolicies", &GatewayConnection::traffic_selectors);
    property(v, t, "/properties/expressRouteGatewayBypass", &GatewayConnection::gateway_bypass);
}

void inside(Visit& v, const Twins<NetworkManager>& t) {
    header(v, t);
    property(v, t, "/properties/networkManagerScopes/managementGroups",
             &NetworkManager::management_groups);
    property(v, t, "/properties/networkManagerScopes/subscriptions",
             &NetworkManager::subscriptions);
    property(v, t, "/properties/networkManagerScopeAccesses", &NetworkManager::scope_accesses);
}

void inside(Visit& v, const Twins<NetworkGroup>& t) {
    header(v, t);
    property(v, t, "/staticMembers", &NetworkGroup::members);
    property(v, t, "/effectiveMembers", &NetworkGroup::members_complete);
}

void inside(Visit& v, const Twins<AdminRuleCollection>& t) {
    header(v, t);
    property(v, t, "/properties/appliesToGroups", &AdminRuleCollection::groups);
    own_children(
        v, t, &AdminRuleCollection::rules, [](const SecurityRule& r) { return values::text(r); },
        [](Visit& visit, const Twins<SecurityRule>& twins) { inside(visit, twins); });
}

void inside(Visit& v, const Twins<SecurityAdminConfiguration>& t) {
    header(v, t);
    property(v, t, "/properties/applyOnNetworkIntentPolicyBasedServices",
             &SecurityAdminConfiguration::apply_on_intent_policy_services);
    header_children(
        v, t, &SecurityAdminConfiguration::collections, whole<AdminRuleCollection>,
        [](Visit& visit, const Twins<AdminRuleCollection>& twins) { inside(visit, twins); });
}

void inside(Visit& v, const Twins<ConnectivityConfiguration>& t) {
    header(v, t);
    property(v, t, "/properties/connectivityTopology", &ConnectivityConfiguration::mesh);
    property(v, t, "/properties/isGlobal", &ConnectivityConfiguration::is_global);
    property(v, t, "/properties/hubs", &ConnectivityConfiguration::hubs);
    property(v, t, "/properties/appliesToGroups", &ConnectivityConfiguration::groups);
    property(v, t, "/properties/connectivityCapabilities/connectedGroupAddressOverlap",
             &ConnectivityConfiguration::overlap_disallowed);
}

void inside(Visit& v, const Twins<PrivateEndpoint::Connection>& t) {
    using T = PrivateEndpoint::Connection;
    property(v, t, "/properties/privateLinkServiceId", &T::target);
    property(v, t, "/properties/groupIds", &T::group_ids);
    property(v, t, "/properties/privateLinkServiceConnectionState/status", &T::status);
    property(v, t, "", &T::manual);
}

void inside(Visit& v, const Twins<PrivateEndpoint>& t) {
    header(v, t);
    property(v, t, "/properties/subnet", &PrivateEndpoint::subnet);
    property(v, t, "/properties/networkInterfaces", &PrivateEndpoint::interfaces);
    property(v, t, "/properties/ipConfigurations", &PrivateEndpoint::addresses);
    property(v, t, "/properties/applicationSecurityGroups", &PrivateEndpoint::asgs);
    children(
        v, t, &PrivateEndpoint::connections,
        [](const ResourceId& parent, const PrivateEndpoint::Connection& child) {
            return parent.child("privateLinkServiceConnections", child.name);
        },
        [](const PrivateEndpoint::Connection& child) { return child.where; },
        [](const PrivateEndpoint::Connection& child) {
            return "connection to " + values::text(child.target);
        },
        [](Visit& visit, const Twins<PrivateEndpoint::Connection>& twins) {
            inside(visit, twins);
        });
}

void inside(Visit& v, const Twins<LbFrontend>& t) {
    property(v, t, "/properties/privateIPAddress", &LbFrontend::address);
    property(v, t, "/properties/subnet", &LbFrontend::subnet);
    property(v, t, "/properties/publicIPAddress", &LbFrontend::public_ip);
    property(v, t, "/properties/publicIPPrefix", &LbFrontend::public_prefix);
    property(v, t, "/properties/gatewayLoadBalancer", &LbFrontend::gateway_load_balancer);
}

void inside(Visit& v, const Twins<LbPool>& t) {
    property(v, t, "/properties/backendIPConfigurations", &LbPool::ip_configurations);
    property(v, t, "/properties/loadBalancerBackendAddresses", &LbPool::addresses);
}

void inside(Visit& v, const Twins<LbRule>& t) {
    property(v, t, "/properties/frontendIPConfiguration", &LbRule::frontend);
    property(v, t, "/properties/backendAddressPools", &LbRule::pools);
    property(v, t, "/properties/protocol", &LbRule::protocol);
    property(v, t, "/properties/frontendPort", &LbRule::frontend_port);
    property(v, t, "/properties/backendPort", &LbRule::backend_port);
    property(v, t, "/properties/enableFloatingIP", &LbRule::floating_ip);
    property(v, t, "/properties/disableOutboundSnat", &LbRule::disable_outbound_snat);
    property(v, t, "/properties/probe", &LbRule::probe);
}

void inside(Visit& v, const Twins<LbNatRule>& t) {
    property(v, t, "/properties/frontendIPConfiguration", &LbNatRule::frontend);
    property(v, t, "/properties/backendAddressPool", &LbNatRule::pool);
    property(v, t, "/properties/backendIPConfiguration", &LbNatRule::backend_configuration);
    property(v, t, "/properties/protocol", &LbNatRule::protocol);
    property(v, t, "/properties/frontendPort", &LbNatRule::frontend_port);
    property(v, t, "/properties/frontendPortRangeStart", &LbNatRule::frontend_port_start);
    property(v, t, "/properties/frontendPortRangeEnd", &LbNatRule::frontend_port_end);
    property(v, t, "/properties/backendPort", &LbNatRule::backend_port);
    property(v, t, "/properties/enableFloatingIP", &LbNatRule::floating_ip);
    property(v, t, "", &LbNatRule::is_pool);
}

void inside(Visit& v, const Twins<LbOutboundRule>& t) {
    property(v, t, "/properties/frontendIPConfigurations", &LbOutboundRule::frontends);
    property(v, t, "/properties/backendAddressPool", &LbOutboundRule::pool);
    property(v, t, "/properties/protocol", &LbOutboundRule::protocol);
}

void inside(Visit& v, const Twins<LoadBalancer>& t) {
    header(v, t);
    property(v, t, "/sku/name", &LoadBalancer::sku);
    property(v, t, "/sku/tier", &LoadBalancer::global_tier);
    const auto named = [](const char* what) {
        return [what](const auto&) { return std::string(what); };
    };
    const auto deeper = [](Visit& visit, const auto& twins) { inside(visit, twins); };
    own_children(v, t, &LoadBalancer::frontends, named("frontend"), deeper);
    own_children(v, t, &LoadBalancer::pools, named("backend pool"), deeper);
    own_children(v, t, &LoadBalancer::rules, named("load-balancing rule"), deeper);
    own_children(v, t, &LoadBalancer::nat_rules, named("inbound NAT rule"), deeper);
    own_children(v, t, &LoadBalancer::outbound_rules, named("outbound rule"), deeper);
}

void inside(Visit& v, const Twins<BastionHost>& t) {
    header(v, t);
    property(v, t, "/sku/name", &BastionHost::sku);
    property(v, t, "/properties/ipConfigurations", &BastionHost::subnet);
    property(v, t, "/properties/ipConfigurations", &BastionHost::public_ip);
    property(v, t, "/properties/virtualNetwork", &BastionHost::virtual_network);
    property(v, t, "/properties/enableTunneling", &BastionHost::tunneling);
    property(v, t, "/properties/enableIpConnect", &BastionHost::ip_connect);
}

void inside(Visit& v, const Twins<DnsZone>& t) {
    header(v, t);
    property(v, t, "", &DnsZone::is_private);
    property(v, t, "/properties/numberOfRecordSets", &DnsZone::record_sets);
    property(v, t, "/properties/numberOfVirtualNetworkLinks", &DnsZone::links);
}

void inside(Visit& v, const Twins<DnsRecordSet>& t) {
    header(v, t);
    property(v, t, "/properties/aRecords", &DnsRecordSet::addresses);
    property(v, t, "/properties/cnameRecord", &DnsRecordSet::alias);
}

void inside(Visit& v, const Twins<DnsLink>& t) {
    header(v, t);
    property(v, t, "/properties/virtualNetwork", &DnsLink::vnet);
    property(v, t, "/properties/registrationEnabled", &DnsLink::registration);
    property(v, t, "/properties/resolutionPolicy", &DnsLink::policy);
    property(v, t, "/properties/virtualNetworkLinkState", &DnsLink::completed);
}

void inside(Visit& v, const Twins<DnsInboundEndpoint>& t) {
    header(v, t);
    property(v, t, "/properties/ipConfigurations", &DnsInboundEndpoint::addresses);
    property(v, t, "/properties/ipConfigurations", &DnsInboundEndpoint::subnets);
}

void inside(Visit& v, const Twins<DnsForwardingRule>& t) {
    header(v, t);
    property(v, t, "/properties/domainName", &DnsForwardingRule::domain);
    property(v, t, "/properties/targetDnsServers", &DnsForwardingRule::servers);
    property(v, t, "/properties/forwardingRuleState", &DnsForwardingRule::enabled);
}

void inside(Visit& v, const Twins<FirewallRule>& t) {
    property(v, t, "/sourceAddresses", &FirewallRule::source);
    property(v, t, "/destinationAddresses", &FirewallRule::destination);
    property(v, t, "/ipProtocols", &FirewallRule::protocols);
    property(v, t, "/destinationPorts", &FirewallRule::destination_ports);
    property(v, t, "/destinationPorts", &FirewallRule::ports_given);
    property(v, t, "/destinationPorts", &FirewallRule::ports_unreadable);
    property(v, t, "/translatedAddress", &FirewallRule::translated_address);
    property(v, t, "/translatedFqdn", &FirewallRule::translated_name);
    property(v, t, "/translatedPort", &FirewallRule::translated_port);
    property(v, t, "/protocols", &FirewallRule::applications);
    property(v, t, "/targetFqdns", &FirewallRule::target_names);
    property(v, t, "/fqdnTags", &FirewallRule::by_category);
    property(v, t, "/terminateTLS", &FirewallRule::terminates_tls);
}

void inside(Visit& v, const Twins<FirewallRuleCollection>& t) {
    property(v, t, "/priority", &FirewallRuleCollection::priority);
    property(v, t, "/ruleCollectionType", &FirewallRuleCollection::pass);
    property(v, t, "/action/type", &FirewallRuleCollection::action);
    own_children(
        v, t, &FirewallRuleCollection::rules, [](const FirewallRule& r) { return values::text(r); },
        [](Visit& visit, const Twins<FirewallRule>& twins) { inside(visit, twins); });
}

std::string text_of(const FirewallRuleCollection& c) {
    return values::text(c.action) + " collection " + c.name + " (" + std::to_string(c.priority) +
           ") of " + std::to_string(c.rules.size()) + " rules";
}

void inside(Visit& v, const Twins<RuleCollectionGroup>& t) {
    property(v, t, "/properties/priority", &RuleCollectionGroup::priority);
    own_children(
        v, t, &RuleCollectionGroup::collections,
        [](const FirewallRuleCollection& c) { return text_of(c); },
        [](Visit& visit, const Twins<FirewallRuleCollection>& twins) { inside(visit, twins); });
    header(v, t);
}

void inside(Visit& v, const Twins<FirewallPolicy>& t) {
    using T = FirewallPolicy;
    header(v, t);
    property(v, t, "/properties/basePolicy", &T::base);
    property(v, t, "/properties/sku/tier", &T::tier);
    header_children(
        v, t, &T::groups, whole<RuleCollectionGroup>,
        [](Visit& visit, const Twins<RuleCollectionGroup>& twins) { inside(visit, twins); });
    property(v, t, "/properties/ruleCollectionGroups", &T::listed_groups);
    property(v, t, "/properties/snat/privateRanges", &T::private_ranges);
    property(v, t, "/properties/snat/autoLearnPrivateRanges", &T::learns_ranges);
    property(v, t, "/properties/dnsSettings/enableProxy", &T::dns_proxy);
    property(v, t, "/properties/explicitProxy", &T::proxy_ports);
    property(v, t, "/properties/explicitProxy", &T::proxy_file_ports);
    property(v, t, "/properties/threatIntelMode", &T::threat_intel);
    property(v, t, "/properties/intrusionDetection/mode", &T::intrusion_detection);
    property(v, t, "/properties/threatIntelWhitelist", &T::threat_intel_allowlist);
    property(v, t, "/properties/sql/allowSqlRedirect", &T::sql_redirect);
}

void inside(Visit& v, const Twins<IpGroup>& t) {
    header(v, t);
    property(v, t, "/properties/ipAddresses", &IpGroup::addresses);
    property(v, t, "/properties/ipAddresses", &IpGroup::unreadable);
}

void inside(Visit& v, const Twins<AzureFirewall>& t) {
    using T = AzureFirewall;
    header(v, t);
    property(v, t, "/properties/sku/name", &T::in_hub);
    property(v, t, "/properties/sku/tier", &T::tier);
    property(v, t, "/properties/firewallPolicy", &T::policy);
    property(v, t, "/properties/virtualHub", &T::hub);
    property(v, t, "/properties/ipConfigurations", &T::configurations);
    property(v, t, "/properties/managementIpConfiguration", &T::management);
    property(v, t, "/properties/hubIPAddresses/privateIPAddress", &T::hub_address);
    property(v, t, "/properties/hubIPAddresses/publicIPs", &T::hub_public_addresses);
    property(v, t, "/properties/threatIntelMode", &T::threat_intel);
    own_children(
        v, t, &T::collections, [](const FirewallRuleCollection& c) { return text_of(c); },
        [](Visit& visit, const Twins<FirewallRuleCollection>& twins) { inside(visit, twins); });
    property(v, t, "/properties/additionalProperties/Network.SNAT.PrivateRanges",
             &T::private_ranges);
    property(v, t, "/properties/additionalProperties/Network.DNS.EnableProxy", &T::dns_proxy);
    property(v, t, "/properties/provisioningState", &T::failed);
}

void inside(Visit& v, const Twins<JitPolicy>& t) {
    header(v, t);
    property(v, t, "/properties/virtualMachines", &JitPolicy::machines);
}

void inside(Visit& v, const Twins<OtherResource>& t) {
    header(v, t);
    property(v, t, "/properties", &OtherResource::subnets);
    property(v, t, "/properties", &OtherResource::public_ips);
    property(v, t, "/properties", &OtherResource::content);
}

// --- the whole snapshot --------------------------------------------------------------------------

template <class T>
void resources(Visit& visit, const Snapshot& a, const Snapshot& b, Snapshot* to,
               Snapshot::ById<T> Snapshot::*member) {
    const Snapshot::ById<T>& all_a = a.*member;
    const Snapshot::ById<T>& all_b = b.*member;
    auto i = all_a.begin();
    auto j = all_b.begin();
    while (i != all_a.end() || j != all_b.end()) {
        const std::size_t before = visit.next;
        const std::strong_ordering order = i == all_a.end()   ? std::strong_ordering::greater
                                           : j == all_b.end() ? std::strong_ordering::less
                                                              : i->first <=> j->first;
        if (order < 0) {
            const bool gone = visit.difference([&] {
                return ConfigChange{Kind::removed,          i->first, "", whole(i->second), "",
                                    i->second.header.where, {}};
            });
            if (to != nullptr) {
                if (gone) {
                    (to->*member).erase(i->first);
                } else {
                    (to->*member).insert_or_assign(i->first, i->second);
                }
            }
            ++i;
        } else if (order > 0) {
            const bool come = visit.difference([&] {
                return ConfigChange{Kind::added,           j->first, "", "", whole(j->second), {},
                                    j->second.header.where};
            });
            if (to != nullptr) {
                if (come) {
                    (to->*member).insert_or_assign(j->first, j->second);
                } else {
                    (to->*member).erase(j->first);
                }
            }
            ++j;
        } else {
            Visit look;  // most resources are the same: nothing is copied for them
            std::vector<ConfigChange> found;
            look.list = &found;
            const Twins<T> twins{i->second,
                                 j->second,
                                 nullptr,
                                 i->first,
                                 i->second.header.where,
                                 j->second.header.where};
            inside(look, twins);
            if (look.next > 0) {
                if (visit.list != nullptr) {
                    visit.list->insert(visit.list->end(), std::make_move_iterator(found.begin()),
                                       std::make_move_iterator(found.end()));
                }
                visit.next = before + look.next;
                if (to != nullptr) {
                    T& thing = (to->*member)[i->first];
                    thing = i->second;
                    Visit take;
                    take.chosen = visit.chosen;
                    take.next = before;
                    Twins<T> three = twins;
                    three.to = &thing;
                    inside(take, three);
                }
            }
            ++i;
            ++j;
        }
    }
}

/// What has no id: lists of effective rules, service tags, gaps.
template <class M>
void list_of(Visit& visit, const Snapshot& a, const Snapshot& b, Snapshot* to, M Snapshot::*member,
             const char* name) {
    if (values::same(a.*member, b.*member)) {
        return;
    }
    const bool take = visit.difference(
        [&] { return ConfigChange{Kind::modified, ResourceId(name), "", "", "", {}, {}}; });
    if (to != nullptr) {
        to->*member = take ? b.*member : a.*member;
    }
}

void everything(Visit& visit, const Snapshot& a, const Snapshot& b, Snapshot* to) {
    resources(visit, a, b, to, &Snapshot::virtual_networks);
    resources(visit, a, b, to, &Snapshot::security_groups);
    resources(visit, a, b, to, &Snapshot::application_security_groups);
    resources(visit, a, b, to, &Snapshot::interfaces);
    resources(visit, a, b, to, &Snapshot::virtual_machines);
    resources(visit, a, b, to, &Snapshot::scale_sets);
    resources(visit, a, b, to, &Snapshot::route_tables);
    resources(visit, a, b, to, &Snapshot::public_ips);
    resources(visit, a, b, to, &Snapshot::public_ip_prefixes);
    resources(visit, a, b, to, &Snapshot::nat_gateways);
    resources(visit, a, b, to, &Snapshot::gateways);
    resources(visit, a, b, to, &Snapshot::local_gateways);
    resources(visit, a, b, to, &Snapshot::connections);
    resources(visit, a, b, to, &Snapshot::network_managers);
    resources(visit, a, b, to, &Snapshot::network_groups);
    resources(visit, a, b, to, &Snapshot::admin_configurations);
    resources(visit, a, b, to, &Snapshot::connectivity_configurations);
    resources(visit, a, b, to, &Snapshot::private_endpoints);
    resources(visit, a, b, to, &Snapshot::load_balancers);
    resources(visit, a, b, to, &Snapshot::bastions);
    resources(visit, a, b, to, &Snapshot::dns_zones);
    resources(visit, a, b, to, &Snapshot::dns_records);
    resources(visit, a, b, to, &Snapshot::dns_links);
    resources(visit, a, b, to, &Snapshot::dns_inbound_endpoints);
    resources(visit, a, b, to, &Snapshot::dns_forwarding_rules);
    resources(visit, a, b, to, &Snapshot::firewalls);
    resources(visit, a, b, to, &Snapshot::firewall_policies);
    resources(visit, a, b, to, &Snapshot::ip_groups);
    resources(visit, a, b, to, &Snapshot::jit_policies);
    resources(visit, a, b, to, &Snapshot::others);
    list_of(visit, a, b, to, &Snapshot::dns_zone_groups, "DNS zone groups");
    list_of(visit, a, b, to, &Snapshot::complete_lists, "complete lists");
    list_of(visit, a, b, to, &Snapshot::active_admin_rules, "active admin rules");
    list_of(visit, a, b, to, &Snapshot::effective_security_rules, "effective security rules");
    list_of(visit, a, b, to, &Snapshot::effective_routes, "effective routes");
    list_of(visit, a, b, to, &Snapshot::service_tags, "service tags");
    list_of(visit, a, b, to, &Snapshot::gaps, "gaps");
}

}  // namespace

ConfigChanges::ConfigChanges(const Snapshot& before, const Snapshot& after)
    : before_(before), after_(after) {
    Visit visit;
    visit.list = &list_;
    everything(visit, before, after, nullptr);
}

void ConfigChanges::patch(Snapshot& working, const std::vector<bool>& chosen) const {
    Visit visit;
    visit.chosen = &chosen;
    everything(visit, before_, after_, &working);
}

}  // namespace azreach
