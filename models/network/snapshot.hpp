// Everything that was imported, by id; references are ids, resolved by Network.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/azure/azure_firewall.hpp"
#include "models/azure/diagnostic.hpp"
#include "models/azure/evidence.hpp"
#include "models/azure/gateway.hpp"
#include "models/azure/jit_policy.hpp"
#include "models/azure/network_interface.hpp"
#include "models/azure/network_manager.hpp"
#include "models/azure/paas_resource.hpp"
#include "models/azure/private_dns.hpp"
#include "models/azure/private_endpoint.hpp"
#include "models/azure/public_ip.hpp"
#include "models/azure/route_table.hpp"
#include "models/azure/security_group.hpp"
#include "models/azure/service_tags.hpp"
#include "models/azure/symbol.hpp"
#include "models/azure/virtual_network.hpp"

namespace azreach {

/// A resource whose meaning is not modelled: kept by what every resource has.
struct OtherResource {
    Header header;
    std::vector<ResourceId> subnets;     // subnets it says it lives in, if it says so
    std::vector<ResourceId> public_ips;  // public addresses and prefixes that it mentions   [E3]
    /// A hash of its properties without what services count up by themselves; `diff` tells by it
    /// that something changed whose meaning is not known. 0: not read.
    std::uint64_t content = 0;
};

/// One source file as answers show it.
struct Source {
    std::string path;  // as given
    std::string kind;  // "resource-graph", "arm-list", "service-tags", ...
    std::size_t resources = 0;
    std::string sha256;  // of the decompressed bytes, hex
};

/// When a snapshot was collected, as the collector wrote it.
struct Collection {
    std::string collected_at;  // "2026-11-20T08:00:00Z"
    std::string file;
};

/// All imported resources. Ordered maps: same input, same order. Plain data, immutable after the
/// import; tests build it by hand.
struct Snapshot {
    template <class T>
    using ById = std::map<ResourceId, T>;

    ById<VirtualNetwork> virtual_networks;
    ById<NetworkSecurityGroup> security_groups;
    ById<ApplicationSecurityGroup> application_security_groups;
    ById<NetworkInterface> interfaces;
    ById<VirtualMachine> virtual_machines;
    ById<ScaleSet> scale_sets;
    ById<RouteTable> route_tables;
    ById<PublicIpAddress> public_ips;
    ById<PublicIpPrefix> public_ip_prefixes;
    ById<NatGateway> nat_gateways;
    ById<VirtualNetworkGateway> gateways;
    ById<LocalNetworkGateway> local_gateways;
    ById<GatewayConnection> connections;
    ById<NetworkManager> network_managers;
    ById<NetworkGroup> network_groups;
    ById<SecurityAdminConfiguration> admin_configurations;
    ById<ConnectivityConfiguration> connectivity_configurations;
    ById<PrivateEndpoint> private_endpoints;
    ById<LoadBalancer> load_balancers;
    ById<BastionHost> bastions;
    ById<DnsZone> dns_zones;
    ById<DnsRecordSet> dns_records;
    ById<DnsLink> dns_links;  // of private zones and of forwarding rulesets, by their parent
    ById<DnsInboundEndpoint> dns_inbound_endpoints;
    ById<DnsForwardingRule> dns_forwarding_rules;
    ById<JitPolicy> jit_policies;
    ById<AzureFirewall> firewalls;
    ById<FirewallPolicy> firewall_policies;
    ById<IpGroup> ip_groups;
    ById<OtherResource> others;
    ById<PaasResource> paas;  // these stand in `others` too, for the subnets that they mention

    std::vector<DnsZoneGroupEntry> dns_zone_groups;
    std::vector<ActiveAdminRules> active_admin_rules;
    std::vector<EffectiveSecurityRules> effective_security_rules;
    std::vector<EffectiveRoutes> effective_routes;
    std::optional<ServiceTagList> service_tags;  // all files merged
    /// "<parent id>/firewallRules": every child of that kind was listed, also when there is none.
    /// Children of other parents may exist without being here.
    std::set<ResourceId> complete_lists;
    std::vector<Collection> collections;

    SymbolsById symbols;  // what hangs on values that are not known before deployment

    std::vector<Gap> gaps;
    std::vector<Diagnostic> diagnostics;
    std::vector<Source> sources;
    std::string digest;  // "sha256:..." as the contract defines it

    /// Calls `visit(map)` with the map of every kind of resource. A new kind is one line here.
    template <class Visit>
    void for_each_kind(const Visit& visit) const {
        visit(virtual_networks);
        visit(security_groups);
        visit(application_security_groups);
        visit(interfaces);
        visit(virtual_machines);
        visit(scale_sets);
        visit(route_tables);
        visit(public_ips);
        visit(public_ip_prefixes);
        visit(nat_gateways);
        visit(gateways);
        visit(local_gateways);
        visit(connections);
        visit(network_managers);
        visit(network_groups);
        visit(admin_configurations);
        visit(connectivity_configurations);
        visit(private_endpoints);
        visit(load_balancers);
        visit(bastions);
        visit(firewalls);
        visit(firewall_policies);
        visit(ip_groups);
        visit(dns_zones);
        visit(dns_records);
        visit(dns_links);
        visit(dns_inbound_endpoints);
        visit(dns_forwarding_rules);
        visit(jit_policies);
        visit(others);
    }

    /// Number of resources of all kinds (children inline in a parent are not counted).
    std::size_t size() const;
};

}  // namespace azreach
