// Sections 3.1-3.6, 4 and 5.5-5.6 of the reference: where one destination goes from one subnet.
#include <algorithm>

#include "tests/oracle/world.hpp"

namespace azreach::oracle {

namespace {

/// One route that covers the destination. Longer wins, then the smaller rank, then order of making.
struct Candidate {
    int length;
    int rank;  // 0 service endpoint, 1 user, 2 user tag, 3 gateway, 4 system
    Way way;
};

bool named(const std::vector<std::string>& names, const std::string& name) {
    if (names.empty()) return true;
    for (const std::string& each : names) {
        if (equal_ignoring_case(each, name)) return true;
    }
    return false;
}

int longest(const std::vector<Prefix>& prefixes, const Address& to) {
    int length = -1;
    for (const Prefix& prefix : prefixes) {
        if (prefix.contains(to)) length = std::max(length, prefix.length());
    }
    return length;
}

}  // namespace

std::vector<Behind> behind(const World& w, const VirtualNetworkGateway& gateway,
                           const Address& to) {
    std::vector<Behind> ways;
    const ResourceId& id = gateway.header.id;
    bool bgp = gateway.enable_bgp || gateway.type != VirtualNetworkGateway::Type::vpn;
    for (const auto& [cid, connection] : w.s.connections) {
        const bool one = connection.gateway1 == id;
        const bool two = connection.gateway2 == id;
        if (!one && !two) continue;
        bgp = bgp || connection.enable_bgp;
        if (connection.type == GatewayConnection::Type::vnet_to_vnet) {  // E20
            const Ref other_id = one ? connection.gateway2 : connection.gateway1;
            const auto other = other_id ? w.s.gateways.find(*other_id) : w.s.gateways.end();
            if (other == w.s.gateways.end()) {
                ways.push_back({Behind::Kind::anything, nullptr, nullptr, "v2v " + cid.text()});
                continue;
            }
            for (const auto& [vid, vnet] : w.s.virtual_networks) {
                for (const Subnet& subnet : vnet.subnets) {
                    for (const ResourceId& home : other->second.subnets) {
                        if (subnet.header.id == home && in_prefixes(vnet.address_space, to)) {
                            ways.push_back({Behind::Kind::vnet, &vnet, &other->second, ""});
                        }
                    }
                }
            }
            continue;
        }
        if (connection.local_gateway) {
            const auto site = w.s.local_gateways.find(*connection.local_gateway);
            if (site == w.s.local_gateways.end()) {
                ways.push_back({Behind::Kind::anything, nullptr, nullptr,
                                "site " + connection.local_gateway->text()});
            } else if (in_prefixes(site->second.address_space, to)) {
                ways.push_back({Behind::Kind::site, nullptr, nullptr, ""});
            }
        }
    }
    if (in_prefixes(gateway.client_pool, to))
        ways.push_back({Behind::Kind::site, nullptr, nullptr, ""});
    if (w.a.onprem().contains(to)) ways.push_back({Behind::Kind::site, nullptr, nullptr, ""});
    if (bgp && w.a.bgp_open()) {
        ways.push_back({Behind::Kind::anything, nullptr, nullptr, "bgp " + id.text()});
    }
    return ways;
}

Way route(const World& w, const VirtualNetwork& vnet, const Subnet& subnet, const Address& to) {
    std::vector<Candidate> found;
    const auto add = [&](int length, int rank, Way way) {
        found.push_back({length, rank, std::move(way)});
    };
    const RouteTable* table = nullptr;
    if (subnet.route_table) {
        const auto it = w.s.route_tables.find(*subnet.route_table);
        if (it == w.s.route_tables.end()) {  // J4: it may send anything anywhere
            if (w.unknown("table " + subnet.route_table->text() + " " + to_string(to))) {
                Way way;
                way.kind = Way::Kind::anything;
                way.unknown = "unread table for " + to_string(to);
                return way;
            }
        } else {
            table = &it->second;
        }
    }
    bool pinned = false;  // R15: VNet, peering, group, service-endpoint space

    // R1
    if (const int length = longest(vnet.address_space, to); length >= 0) {
        Way way;
        way.kind = Way::Kind::local;
        way.vnet = &vnet;
        add(length, 4, way);
        pinned = true;
    }
    // R7
    for (const Peering& peering : vnet.peerings) {
        const int length = longest(peering_space(w, peering), to);
        if (length < 0 || !peering_works(w, vnet, peering)) continue;
        Way way;
        way.kind = Way::Kind::peer;
        way.peering = &peering;
        way.vnet = peering.remote ? vnet_of(w, *peering.remote) : nullptr;
        way.global =
            way.vnet != nullptr && !same_place(vnet.header.location, way.vnet->header.location);
        if (!peering.complete_vnets) {  // P16
            const Peering* back = other_side(w, vnet, peering);
            const bool listed = named(peering.local_subnets, subnet.header.name) &&
                                (back == nullptr || back->complete_vnets ||
                                 named(back->remote_subnets, subnet.header.name));
            way.lost = !listed && w.contested(FactKey::subnet_peering_unlisted_dropped);
        }
        add(length, 4, way);
        pinned = true;
    }
    // R11, A22
    for (const VirtualNetwork* member : group_members(w, vnet)) {
        const int length = longest(member->address_space, to);
        if (length < 0) continue;
        int owners = 0;
        for (const VirtualNetwork* other : group_members(w, vnet)) {
            owners += in_prefixes(other->address_space, to) ? 1 : 0;
        }
        owners += in_prefixes(vnet.address_space, to) ? 1 : 0;
        if (owners > 1 && w.contested(FactKey::connected_group_overlap_dropped)) continue;
        Way way;
        way.kind = Way::Kind::group;
        way.vnet = member;
        add(length, 5, way);
        pinned = pinned || owners == 1;
    }
    // User routes
    struct User {
        const Route* route;
        int length;
        int rank;
    };
    std::vector<User> users;
    if (table != nullptr) {
        for (const Route& route : table->routes) {
            if (route.prefix) {
                if (route.prefix->contains(to))
                    users.push_back({&route, route.prefix->length(), 1});
            } else if (!route.service_tag.empty()) {
                const AddressSet* set = nullptr;
                if (w.s.service_tags) {
                    for (const auto& [name, addresses] : w.s.service_tags->tags) {
                        if (equal_ignoring_case(name, route.service_tag)) set = &addresses;
                    }
                }
                if (set != nullptr && set->contains(to)) {
                    users.push_back({&route, longest(prefixes_of(*set), to), 2});
                } else if (set == nullptr && is_public(to) &&
                           w.unknown("tag " + route.service_tag + " " + to_string(to))) {
                    users.push_back({&route, 200, 2});
                }
            }
        }
    }
    for (const User& user : users) {
        Way way;
        way.route = user.route;
        switch (user.route->next_hop) {
            case UserNextHop::virtual_appliance:
                way.kind = Way::Kind::appliance;
                way.address = user.route->next_hop_address.value_or(Address{});
                break;
            case UserNextHop::vnet_local: {
                bool inside = true;  // R23
                if (user.route->prefix) {
                    AddressSet own;
                    for (const Prefix& prefix : vnet.address_space) own |= prefix.addresses();
                    inside = own.contains_all(user.route->prefix->addresses());
                }
                way.kind = inside ? Way::Kind::local : Way::Kind::anything;
                way.vnet = &vnet;
                way.unknown = "VnetLocal outside for " + to_string(to);
                break;
            }
            case UserNextHop::internet:
                way.kind = Way::Kind::internet;
                break;
            case UserNextHop::none:
                way.kind = Way::Kind::none;
                break;
            case UserNextHop::virtual_network_gateway:
                way.kind = Way::Kind::none;  // R24
                for (const VirtualNetworkGateway* gateway : gateways_of(w, vnet)) {
                    if (gateway->type == VirtualNetworkGateway::Type::vpn) {
                        way.kind = Way::Kind::gateway;
                        way.gateway = gateway;
                        break;
                    }
                }
                break;
            case UserNextHop::unknown:
                way.kind = Way::Kind::anything;
                way.unknown = "hop of " + user.route->id.text();
                break;
        }
        add(user.length, user.rank, way);
    }
    // R9, R16
    for (const ServiceEndpoint& endpoint : subnet.service_endpoints) {
        static const std::map<std::string, std::string> kTags = {
            {"Microsoft.Storage", "Storage"},
            {"Microsoft.Sql", "Sql"},
            {"Microsoft.KeyVault", "AzureKeyVault"},
            {"Microsoft.AzureCosmosDB", "AzureCosmosDB"},
            {"Microsoft.EventHub", "EventHub"},
            {"Microsoft.ServiceBus", "ServiceBus"},
            {"Microsoft.Web", "AppService"},
            {"Microsoft.ContainerRegistry", "AzureContainerRegistry"},
            {"Microsoft.CognitiveServices", "CognitiveServicesManagement"}};
        const std::string& tag = kTags.at(endpoint.service);
        const bool regional = endpoint.service == "Microsoft.Storage" &&
                              !endpoint.locations.empty() && endpoint.locations.front() != "*";
        const AddressSet* set = nullptr;
        int length = -1;
        for (const std::string& place :
             regional ? endpoint.locations : std::vector{std::string()}) {
            const std::string full = regional ? tag + "." + place : tag;
            set = nullptr;
            if (w.s.service_tags) {
                for (const auto& [name, addresses] : w.s.service_tags->tags) {
                    if (equal_ignoring_case(name, full)) set = &addresses;
                }
            }
            if (set != nullptr) {
                length = std::max(length, longest(prefixes_of(*set), to));
            } else if (is_public(to) && w.unknown("tag " + full + " " + to_string(to))) {
                length = 300;
            }
        }
        if (length < 0) continue;
        Way way;
        way.kind = Way::Kind::service;
        bool longer_user = false;
        for (const User& user : users) longer_user = longer_user || user.length > length;
        const bool beats = !longer_user || w.contested(FactKey::service_endpoint_beats_udr);
        add(beats ? 400 : length, 0, way);
        pinned = pinned || set != nullptr;
    }
    // R10, R40-R43
    std::vector<std::pair<const VirtualNetwork*, const PrivateEndpoint*>> reachable;
    for (const Seat& seat : seats(w)) {
        if (seat.endpoint == nullptr || seat.config->address != to || seat.vnet == nullptr)
            continue;
        bool near = seat.vnet == &vnet;
        for (const Peering& peering : vnet.peerings) {
            near = near ||
                   (peering.remote == seat.vnet->header.id &&
                    in_prefixes(peering_space(w, peering), to) && peering_works(w, vnet, peering));
        }
        for (const VirtualNetwork* member : group_members(w, vnet))
            near = near || member == seat.vnet;
        if (!near) continue;
        const auto policies = seat.subnet->private_endpoint_policies;
        const bool policy = policies == PrivateEndpointPolicies::enabled ||
                            policies == PrivateEndpointPolicies::route_table;
        bool beaten = false;
        bool local = false;
        for (const User& user : users) {
            const bool host = user.length == width(to.family);
            if (user.rank != 1) continue;
            if (host || (policy && user.length >= longest(seat.vnet->address_space, to))) {
                beaten = true;
                local = local || user.route->next_hop == UserNextHop::vnet_local;
            }
        }
        if (local) {  // R43
            Way way;
            way.kind = Way::Kind::local;
            way.vnet = seat.vnet;
            way.lost = !w.contested(FactKey::pe_vnetlocal_udr);
            add(500, 0, way);
        }
        if (!beaten) {
            Way way;
            way.kind = Way::Kind::endpoint;
            way.vnet = seat.vnet;
            add(width(to.family), 4, way);
        }
    }
    // R8, R12, R15, R25
    if (table == nullptr || !table->disable_bgp_propagation) {
        for (const VirtualNetworkGateway* gateway : gateways_of(w, vnet)) {
            for (const Behind& way_out : behind(w, *gateway, to)) {
                const bool host_route = std::any_of(users.begin(), users.end(), [&](const User& u) {
                    return u.length == width(to.family) && u.rank == 1;
                });
                const bool endpoint = std::any_of(
                    found.begin(), found.end(),
                    [](const Candidate& c) { return c.way.kind == Way::Kind::endpoint; });
                int length = -1;
                bool sure = true;
                if (way_out.kind == Behind::Kind::anything) {
                    if (host_route || endpoint) continue;
                    length = 600;
                    sure = false;
                } else if (way_out.kind == Behind::Kind::vnet) {
                    length = longest(way_out.vnet->address_space, to);
                } else {
                    for (const auto& [id, site] : w.s.local_gateways) {
                        length = std::max(length, longest(site.address_space, to));
                    }
                    length = std::max(length, longest(gateway->client_pool, to));
                    if (w.a.onprem().contains(to)) {
                        length = std::max(length, longest(prefixes_of(w.a.onprem()), to));
                    }
                }
                if (pinned && w.contested(FactKey::gateway_routes_yield_to_system)) continue;
                if (!sure && !w.unknown("learned " + way_out.unknown + " " + to_string(to)))
                    continue;
                Way way;
                way.kind = Way::Kind::gateway;
                way.gateway = gateway;
                add(length, 3, way);
            }
        }
    }
    // R2-R6
    Way out;
    out.kind = Way::Kind::internet;
    add(0, 9, out);
    static const char* const kPrivate[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                           "100.64.0.0/10"};
    for (const char* text : kPrivate) {
        const Prefix prefix = parse_prefix(text)->prefix;
        if (!prefix.contains(to)) continue;
        bool gone = false;
        for (const Prefix& own : vnet.address_space) gone = gone || own.contains(prefix);
        bool default_user = false;
        if (table != nullptr) {
            for (const Route& route : table->routes) {
                default_user =
                    default_user || (route.prefix == Prefix::all(Family::v4) &&
                                     (route.next_hop == UserNextHop::virtual_appliance ||
                                      route.next_hop == UserNextHop::virtual_network_gateway));
            }
        }
        if (!gone && default_user) gone = w.contested(FactKey::default_udr_removes_private_none);
        if (!gone) add(prefix.length(), 9, Way{});
    }
    static const char* const kHidden[] = {
        "20.35.252.0/22", "23.103.0.0/18", "25.4.0.0/14",   "25.30.0.0/15",  "25.33.0.0/16",
        "25.41.0.0/20",   "25.48.0.0/12",  "40.108.0.0/17", "40.109.0.0/16", "104.146.0.0/17",
        "104.147.0.0/16", "127.0.0.0/8",   "157.59.0.0/16", "198.18.0.0/15"};
    for (const char* text : kHidden) {
        const Prefix prefix = parse_prefix(text)->prefix;
        if (prefix.contains(to) && w.contested(FactKey::hidden_none_routes)) {
            add(prefix.length(), 9, Way{});
        }
    }
    const Candidate* best = nullptr;
    for (const Candidate& candidate : found) {
        if (best == nullptr || candidate.length > best->length ||
            (candidate.length == best->length && candidate.rank < best->rank)) {
            best = &candidate;
        }
    }
    return best == nullptr ? Way{} : best->way;
}

}  // namespace azreach::oracle
