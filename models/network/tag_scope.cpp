#include "models/network/tag_scope.hpp"

#include <algorithm>

namespace azreach {

namespace {

AddressSet host(const char* text) { return AddressSet::single(*parse_address(text)); }

void add(GuardedAddresses& parts, AddressSet set, Guard when = {}) {
    if (!set.empty()) {
        parts.push_back({std::move(when), std::move(set)});
    }
}

const RouteTable* table_of(const Network& network, const SubnetPlace& place) {
    if (!place.subnet->route_table) {
        return nullptr;
    }
    const auto found = network.snapshot().route_tables.find(*place.subnet->route_table);
    return found == network.snapshot().route_tables.end() ? nullptr : &found->second;
}

const AddressSet* published(const Network& network, std::string_view tag) {
    const auto& list = network.snapshot().service_tags;
    if (!list) {
        return nullptr;
    }
    const auto found = list->tags.find(std::string(tag));
    return found == list->tags.end() ? nullptr : &found->second;
}

/// Prefixes of the user routes of a subnet: without the default routes, and those alone.  [T8]
struct UserPrefixes {
    AddressSet plain, defaults;
    AddressSet beyond_plain, beyond_defaults;  // through a peer without allowForwardedTraffic [T10]
    bool table_unread = false;
    ResourceId table;
    std::vector<std::string> unknown_tags;
};

/// T10: the route's appliance stands in a peer toward which the local peering has
/// allowForwardedTraffic false.
bool beyond_peer(const VirtualNetwork& vnet, const Route& route) {
    return route.next_hop == UserNextHop::virtual_appliance && route.next_hop_address &&
           std::any_of(vnet.peerings.begin(), vnet.peerings.end(), [&](const Peering& peering) {
               return !peering.allow_forwarded &&
                      std::any_of(peering.remote_space.begin(), peering.remote_space.end(),
                                  [&](const Prefix& prefix) {
                                      return prefix.contains(*route.next_hop_address);
                                  });
           });
}

UserPrefixes user_prefixes(const Network& network, const SubnetPlace& place) {
    UserPrefixes result;
    const RouteTable* table = table_of(network, place);
    if (table == nullptr || !table->header.contested.empty()) {
        result.table_unread = place.subnet->route_table.has_value();
        result.table = place.subnet->route_table.value_or(ResourceId{});
        return result;
    }
    for (const Route& route : table->routes) {
        const bool beyond = beyond_peer(*place.vnet, route);
        if (route.prefix) {
            const bool is_default = route.prefix->length() == 0;
            (beyond ? (is_default ? result.beyond_defaults : result.beyond_plain)
                    : (is_default ? result.defaults : result.plain)) |= route.prefix->addresses();
        } else if (!route.service_tag.empty()) {
            if (const AddressSet* set = published(network, route.service_tag)) {
                (beyond ? result.beyond_plain : result.plain) |= *set;
            } else {
                result.unknown_tags.push_back(route.service_tag);
            }
        }
    }
    return result;
}

GuardedAddresses virtual_network_tag(const Network& network, SubnetIndex subnet) {
    GuardedAddresses parts;
    const SubnetPlace& place = network.subnets()[subnet];
    AddressSet base = address_space(*place.vnet) | host("168.63.129.16");
    if (Guard more = more_space(network, *place.vnet); !more.empty()) {
        add(parts, AddressSet::all(), std::move(more));
    }
    for (const PeeringLink& link : peering_links(network, place.vnet_index)) {
        if (link.live && link.local->allow_access) {  // T9: the local flag, both sides Connected
            if (link.when.empty()) {
                base |= link.space;
            } else {
                add(parts, link.space, link.when);
            }
            if (!link.unsure_space.empty()) {
                Guard when = link.when;
                when.insert(when.end(), link.when_unsure.begin(), link.when_unsure.end());
                add(parts, link.unsure_space, std::move(when));
            }
        }
    }
    for (const GroupLink& link : group_links(network, place.vnet_index)) {
        if (link.when.empty()) {
            base |= link.space;
        } else {
            add(parts, link.space, link.when);
        }
        Guard when = link.when;
        if (network.add_literal(when, FactKey::connected_group_overlap_dropped, false)) {
            add(parts, link.overlap | link.doubtful, std::move(when));
        }
        if (!link.doubtful.empty()) {
            Guard alone = link.when;
            alone.insert(alone.end(), link.when_doubtful.begin(), link.when_doubtful.end());
            add(parts, link.doubtful, std::move(alone));
        }
    }
    add(parts, std::move(base));

    // T11: sites and client pools; VNets at the other end of a gateway connection.
    for (const UsableGateway& usable : usable_gateways(network, place.vnet_index)) {
        if (usable.gateway == nullptr) {
            add(parts, AddressSet::all(), usable.when);
            continue;
        }
        for (const BehindGateway& behind : behind_gateway(network, *usable.gateway)) {
            if (behind.kind == BehindGateway::Kind::vnet && behind.remote_gateway == usable.id) {
                continue;  // the gateway's own VNet and spokes: their peerings speak for them
            }
            Guard when = usable.when;
            when.insert(when.end(), behind.when.begin(), behind.when.end());
            if (!network.add_literal(when, FactKey::vnet_tag_includes_onprem, true)) {
                continue;
            }
            if (behind.addresses == AddressSet::all()) {
                // What was learned by BGP, a default route among it.                        [Q2]
                if (std::any_of(behind.when.begin(), behind.when.end(),
                                [](const Literal& l) { return l.fact.key == FactKey::bgp; })) {
                    if (network.routes().captured(subnet)) {
                        continue;  // G6: captured routes show all that was learned         [T14]
                    }
                    Guard all = when;
                    add(parts, AddressSet::all(), std::move(all));
                    continue;
                }
            }
            add(parts, behind.addresses, std::move(when));
        }
    }

    const UserPrefixes user = user_prefixes(network, place);  // T8
    Guard includes;
    if (network.add_literal(includes, FactKey::vnet_tag_includes_udr, true)) {
        add(parts, user.plain, includes);
        Guard kept = includes;
        if (network.add_literal(kept, FactKey::forwarded_flag_narrows_tag, false)) {
            add(parts, user.beyond_plain, std::move(kept));
        }
        for (const std::string& tag : user.unknown_tags) {
            Guard when = includes;
            when.push_back({network.about(FactKey::unknown_tag, tag), true});
            add(parts, AddressSet::all(), std::move(when));
        }
        if (user.table_unread) {
            Guard when = includes;
            // Not the fact that the table routes the address: a default route does that too, and
            // the tag need not include it.
            when.push_back({network.about(FactKey::unread_neighbour, user.table.text()), true});
            add(parts, AddressSet::all(), std::move(when));
        }
    }
    Guard includes_default;
    if (network.add_literal(includes_default, FactKey::vnet_tag_includes_default_udr, true)) {
        add(parts, user.defaults, includes_default);
        if (network.add_literal(includes_default, FactKey::forwarded_flag_narrows_tag, false)) {
            add(parts, user.beyond_defaults, std::move(includes_default));
        }
    }
    // T13: service-endpoint prefixes.
    Guard endpoints;
    if (!place.subnet->service_endpoints.empty() &&
        network.add_literal(endpoints, FactKey::endpoint_routes_in_vnet_tag, true)) {
        add(parts, Edges::internet_space(), std::move(endpoints));
    }
    return parts;
}

/// Blocks that recorded expansions of Internet lack (five dumps, 2018 to 2022): Microsoft's own and
/// other governments' space, the hidden None routes [R4] among them. Undocumented.         [T17]
const AddressSet& internet_gaps() {
    static const AddressSet kGaps = [] {
        AddressSet gaps;
        for (const char* text :
             {"4.128.0.0/12",    "13.96.0.0/13",    "20.35.252.0/22",   "20.128.0.0/16",
              "20.130.0.0/16",   "20.144.0.0/14",   "20.176.0.0/13",    "21.0.0.0/8",
              "22.0.0.0/8",      "23.103.0.0/18",   "25.0.0.0/12",      "25.16.0.0/13",
              "25.24.0.0/16",    "25.28.0.0/14",    "25.32.0.0/11",     "25.64.0.0/10",
              "25.128.0.0/14",   "25.142.0.0/15",   "25.144.0.0/12",    "25.160.0.0/11",
              "25.192.0.0/11",   "25.224.0.0/12",   "25.244.0.0/14",    "25.248.0.0/13",
              "40.66.128.0/17",  "40.108.0.0/17",   "40.109.0.0/16",    "52.132.0.0/14",
              "52.145.0.0/16",   "68.18.0.0/15",    "104.146.0.0/17",   "104.147.0.0/16",
              "104.212.36.0/22", "104.212.52.0/22", "129.75.0.0/16",    "134.177.0.0/16",
              "138.196.0.0/16",  "141.251.0.0/16",  "146.147.0.0/16",   "157.59.0.0/16",
              "192.0.2.0/24",    "192.32.0.0/16",   "192.100.102.0/23", "198.18.0.0/15"}) {
            gaps |= parse_prefix(text)->prefix.addresses();
        }
        return gaps;
    }();
    return kGaps;
}

GuardedAddresses internet_tag(const Network& network, SubnetIndex subnet) {
    const SubnetPlace& place = network.subnets()[subnet];
    const AddressSet own = address_space(*place.vnet);
    GuardedAddresses parts;
    Guard shared;
    if (network.add_literal(shared, FactKey::internet_includes_shared_space, true)) {
        add(parts, parse_prefix("100.64.0.0/10")->prefix.addresses() - own, std::move(shared));
    }
    // Recorded expansions hold the host address too, though nobody meets it outside.       [T17]
    const AddressSet space = (Edges::internet_space() | host("168.63.129.16")) - own;
    // T18: whether prefixes of user routes and of other tags are taken out.
    const UserPrefixes user = user_prefixes(network, place);
    const bool any_routed = user.table_unread || !user.unknown_tags.empty();
    const AddressSet contested = any_routed ? space : (user.plain | user.beyond_plain) & space;
    // An address is not of the internet if the VNet's space, not known, holds it.
    Guard outside = more_space(network, *place.vnet);
    for (Literal& literal : outside) {
        literal.value = false;
    }
    const auto add_space = [&](const AddressSet& part, Guard when) {
        when.insert(when.end(), outside.begin(), outside.end());
        add(parts, part - contested, when);
        Guard kept = when;
        if (network.add_literal(kept, FactKey::internet_tag_excludes_other_tags, false)) {
            add(parts, part & contested, std::move(kept));
        }
    };
    Guard in_gap;
    const bool gaps_in = network.add_literal(in_gap, FactKey::hidden_none_routes, false);
    if (gaps_in && in_gap.empty()) {
        add_space(space, {});
        return parts;
    }
    add_space(space - internet_gaps(), {});
    if (gaps_in) {
        add_space(space & internet_gaps(), in_gap);
    }
    return parts;
}

}  // namespace

GuardedAddresses tag_at(const Network& network, std::string_view tag, SubnetIndex subnet) {
    const auto is = [&](const char* name) { return equal_ignoring_case(tag, name); };
    GuardedAddresses parts;
    if (is("VirtualNetwork")) {
        if (subnet == kNoIndex) {
            add(parts, host("168.63.129.16"));
            add(parts, AddressSet::all(), {{network.about(FactKey::unknown_tag, tag), true}});
            return parts;
        }
        return virtual_network_tag(network, subnet);
    }
    if (is("Internet")) {
        if (subnet == kNoIndex) {
            add(parts, Edges::internet_space(), {{network.about(FactKey::unknown_tag, tag), true}});
            return parts;
        }
        return internet_tag(network, subnet);
    }
    if (is("AzureLoadBalancer")) {
        add(parts, host("168.63.129.16") | host("fe80::1234:5678:9abc"));  // T19
        return parts;
    }
    if (is("AzurePlatformDNS")) {
        add(parts, host("168.63.129.16"));
        return parts;
    }
    if (is("AzurePlatformIMDS")) {
        add(parts, host("169.254.169.254"));
        return parts;
    }
    if (is("AzurePlatformLKM")) {
        add(parts, host("23.102.135.246") | host("20.118.99.224") | host("40.83.235.53"));
        return parts;
    }
    if (const AddressSet* set = published(network, tag)) {
        add(parts, *set);
        return parts;
    }
    add(parts, AddressSet::all(), {{network.about(FactKey::unknown_tag, tag), true}});
    return parts;
}

}  // namespace azreach
