#include "tests/oracle/oracle_tags.hpp"

#include <algorithm>
#include <iterator>

#include "tests/oracle/oracle_vnets.hpp"

namespace azreach::oracle {

TableOfSubnet route_table_of(const Case& given, const Subnet& subnet) {
    if (!subnet.route_table) {
        return {};
    }
    const RouteTable* table = find(given.snapshot.route_tables, *subnet.route_table);
    return {table, table == nullptr ? &*subnet.route_table : nullptr};
}

namespace {

/// The subnet has a user route whose prefix contains the address. `defaults`: 0.0.0.0/0 and ::/0
/// instead of all others.
bool in_user_route(const Case& given, const Subnet& subnet, bool defaults,
                   const Address& address) {
    const auto [table, missing] = route_table_of(given, subnet);
    if (missing != nullptr) {  // [J4]
        return given.maybe(FactKey::missing_resource,
                           missing->text() + (defaults ? " default route" : " route for ") +
                               (defaults ? "" : to_string(address)));
    }
    if (table == nullptr) {
        return false;
    }
    for (const Route& route : table->routes) {
        if (route.prefix) {
            if (route.prefix->contains(address) && (route.prefix->length() == 0) == defaults) {
                return true;
            }
        } else if (!defaults && in_published_tag(given, route.service_tag, address)) {
            return true;  // [T14] service-tag routes expand to their prefixes
        }
    }
    return false;
}

}  // namespace

bool in_virtual_network_tag(const Case& given, const Place& at, const Address& address) {
    if (address == kPlatform) {
        return true;  // [T14]
    }
    if (at.vnet == nullptr || at.subnet == nullptr) {
        return given.maybe(FactKey::missing_resource,
                           at.nic->header.id.text() + " VirtualNetwork " + to_string(address));
    }
    if (contains(at.vnet->address_space, address)) {
        return true;
    }
    for (const LivePeering& peering : live_peerings(given, *at.vnet)) {  // [T9] the local flag
        if (!peering.side->allow_access || !contains(peered_prefixes(given, peering), address)) {
            continue;
        }
        if (!peering.side->allow_forwarded && given.holds(FactKey::forwarded_flag_narrows_tag)) {
            continue;  // [T10] what it takes out is not stated: all of it
        }
        return true;
    }
    if (!group_members_holding(given, *at.vnet, address).empty()) {
        return true;  // [T14] overlap removed
    }
    // [T11] Own or hub's gateway; also where propagation is off.
    for (const VirtualNetworkGateway* gateway : usable_gateways(given, *at.vnet)) {
        if (listed_on_premises(given, *gateway, address) &&
            given.holds(FactKey::vnet_tag_includes_onprem)) {
            return true;
        }
        for (const VirtualNetworkGateway* other : connected_gateways(given, *gateway)) {
            const VirtualNetwork* remote = vnet_of_gateway(given, *other);
            if (remote != nullptr && contains(remote->address_space, address) &&
                given.holds(FactKey::vnet_tag_includes_onprem)) {
                return true;  // "VNets connected through a gateway"
            }
        }
        if (unread_behind(given, *gateway, address) &&
            given.holds(FactKey::vnet_tag_includes_onprem)) {
            return true;
        }
        // [T11] learned prefixes; [Q2] a learned default route
        if (has_learned(given, *gateway, address) &&
            (given.holds(FactKey::vnet_tag_includes_onprem) ||
             given.holds(FactKey::vnet_tag_includes_bgp_default))) {
            return true;
        }
    }
    if (const auto hub = unread_remote_gateway(given, *at.vnet)) {
        if (given.maybe(FactKey::unread_neighbour,
                        hub->text() + " gateway " + to_string(address)) &&
            given.holds(FactKey::vnet_tag_includes_onprem)) {
            return true;
        }
    }
    // [T8] the routes of the subnet that is being evaluated
    if (in_user_route(given, *at.subnet, false, address) &&
        given.holds(FactKey::vnet_tag_includes_udr)) {
        return true;
    }
    if (in_user_route(given, *at.subnet, true, address) &&
        given.holds(FactKey::vnet_tag_includes_default_udr)) {
        return true;
    }
    for (const ServiceEndpoint& endpoint : at.subnet->service_endpoints) {
        if (given.holds(FactKey::endpoint_routes_in_vnet_tag) &&
            in_service_of(given, endpoint, address)) {
            return true;  // [T13]
        }
    }
    return false;
}

bool in_internet_tag(const Case& given, const Place& at, const Address& address) {
    if (!in_internet_space(given, address)) {
        return false;  // [T17]
    }
    if (at.vnet != nullptr && contains(at.vnet->address_space, address)) {
        return false;  // [T16] publicly routable space that is not VNet space
    }
    if (!given.holds(FactKey::internet_tag_excludes_other_tags)) {
        return true;
    }
    // [T18] Only where no other tag matches, and outside every user route: INET_must.
    const bool elsewhere =
        in_virtual_network_tag(given, at, address) ||
        (at.subnet != nullptr && (in_user_route(given, *at.subnet, false, address) ||
                                  in_user_route(given, *at.subnet, true, address)));
    return !elsewhere;
}

bool in_published_tag(const Case& given, const std::string& tag, const Address& address) {
    if (given.snapshot.service_tags) {
        const auto& tags = given.snapshot.service_tags->tags;
        if (const auto found = tags.find(tag); found != tags.end()) {
            return found->second.contains(address);
        }
    }
    // [T3] without addresses it may hold this one, and then does so everywhere
    return given.maybe(FactKey::unknown_tag, tag + " " + to_string(address));
}

std::string tag_of_service(const std::string& service) {
    struct Row {
        const char* service;
        const char* tag;
    };
    static constexpr Row kRows[] = {
        {"Microsoft.Storage", "Storage"},
        {"Microsoft.Storage.Global", "Storage"},
        {"Microsoft.Sql", "Sql"},
        {"Microsoft.KeyVault", "AzureKeyVault"},
        {"Microsoft.AzureCosmosDB", "AzureCosmosDB"},
        {"Microsoft.ServiceBus", "ServiceBus"},
        {"Microsoft.EventHub", "EventHub"},
        {"Microsoft.ContainerRegistry", "AzureContainerRegistry"},
        {"Microsoft.Web", "AppService"},
    };
    for (const Row& row : kRows) {
        if (equal_ignoring_case(row.service, service)) {
            return row.tag;
        }
    }
    return service;  // no tag has this name: unknown
}

bool in_service_of(const Case& given, const ServiceEndpoint& endpoint, const Address& address) {
    return in_published_tag(given, tag_of_service(endpoint.service), address);
}

bool in_tag(const Case& given, const Place& at, const std::string& tag, const Address& address) {
    if (equal_ignoring_case(tag, "VirtualNetwork")) {
        return in_virtual_network_tag(given, at, address);
    }
    if (equal_ignoring_case(tag, "Internet")) {
        return in_internet_tag(given, at, address);
    }
    if (equal_ignoring_case(tag, "AzureLoadBalancer")) {
        return address == kPlatform;  // [T19]
    }
    if (equal_ignoring_case(tag, "AzurePlatformDNS")) {
        return address == kPlatform;  // [T20] meant for the rows of 1.7 only
    }
    if (equal_ignoring_case(tag, "AzurePlatformIMDS")) {
        return address == kMetadata;
    }
    if (equal_ignoring_case(tag, "AzurePlatformLKM")) {
        return std::find(std::begin(kActivation), std::end(kActivation), address) !=
               std::end(kActivation);
    }
    return in_published_tag(given, tag, address);
}

namespace {

/// [N26] The configuration that holds the address lists the group.
bool in_application_group(const Case& given, const Place& at, const ResourceId& group,
                          const Address& address) {
    for (const auto& [id, nic] : given.snapshot.interfaces) {
        for (const IpConfiguration& config : nic.configurations) {
            if (config.address == address && contains(config.asgs, group)) {
                return true;  // [N27] per configuration
            }
        }
        const PrivateEndpoint* endpoint = endpoint_of(given.snapshot, nic);
        if (endpoint != nullptr && contains(endpoint->asgs, group)) {
            for (const IpConfiguration& config : nic.configurations) {
                if (config.address == address) {
                    return true;
                }
            }
        }
    }
    for (const auto& [id, endpoint] : given.snapshot.private_endpoints) {
        if (contains(endpoint.asgs, group)) {
            for (const Address& held : endpoint.addresses) {
                if (held == address) {
                    return true;
                }
            }
        }
    }
    // [N31] Instances that were not read hold free addresses of their subnet.
    for (const auto& [id, scale_set] : given.snapshot.scale_sets) {
        for (const ScaleSetInterface& interface : scale_set.interfaces) {
            for (const IpConfiguration& config : interface.configurations) {
                if (!contains(config.asgs, group) || !config.subnet || config.address) {
                    continue;
                }
                const VirtualNetwork* vnet = vnet_of(given.snapshot, *config.subnet);
                const Subnet* subnet = vnet == nullptr ? nullptr : subnet_of(*vnet, *config.subnet);
                if (subnet != nullptr && contains(subnet->prefixes, address)) {
                    bool held = false;
                    for (const auto& [nic_id, nic] : given.snapshot.interfaces) {
                        for (const IpConfiguration& other : nic.configurations) {
                            held = held || (other.address == address &&
                                            other.subnet == config.subnet);
                        }
                    }
                    if (!held && given.maybe(FactKey::unknown_instance,
                                             group.text() + " " + to_string(address))) {
                        return true;
                    }
                }
            }
        }
    }
    (void)at;
    return false;
}

/// [A7] The address space of the members.
bool in_network_group(const Case& given, const ResourceId& id, const Address& address) {
    const NetworkGroup* group = find(given.snapshot.network_groups, id);
    if (group == nullptr) {
        return given.maybe(FactKey::missing_resource, id.text() + " " + to_string(address));
    }
    for (const ResourceId& member : group->members) {
        const VirtualNetwork* vnet = find(given.snapshot.virtual_networks, member);
        if (vnet != nullptr && contains(vnet->address_space, address)) {
            return true;
        }
        if (vnet == nullptr &&
            given.maybe(FactKey::missing_resource, member.text() + " " + to_string(address))) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool in_side(const Case& given, const Place& at, const AddressSpec& side, const std::string& rule,
             const Address& address) {
    if (side.any || side.prefixes.contains(address)) {
        return true;
    }
    for (const ResourceId& group : side.asgs) {
        if (in_application_group(given, at, group, address)) {
            return true;
        }
    }
    for (const ResourceId& group : side.network_groups) {
        if (in_network_group(given, group, address)) {
            return true;
        }
    }
    for (const std::string& tag : side.tags) {
        if (in_tag(given, at, tag, address)) {
            return true;
        }
    }
    if (side.any_v4 && address.family == Family::v6 &&
        given.holds(FactKey::any_v4_matches_v6)) {  // [N18]
        return true;
    }
    // [J3] Nothing on this side, or something that could not be read: it may be anything.
    return (side.empty() || !side.unreadable.empty()) &&
           given.maybe(FactKey::malformed, rule + " " + to_string(address));
}

}  // namespace azreach::oracle
