#include "models/network/routes_build.hpp"

#include <algorithm>
#include <set>

namespace azreach {

namespace {

constexpr int kHost[] = {32, 128};

Prefix prefix_of(const char* text) { return parse_prefix(text)->prefix; }

/// R3.
const std::vector<Prefix>& private_none_prefixes() {
    static const std::vector<Prefix> kPrefixes = {
        prefix_of("10.0.0.0/8"), prefix_of("172.16.0.0/12"), prefix_of("192.168.0.0/16"),
        prefix_of("100.64.0.0/10")};
    return kPrefixes;
}

/// R4: seen in effective-route dumps, not documented.
const std::vector<Prefix>& hidden_none_prefixes() {
    static const std::vector<Prefix> kPrefixes = {
        prefix_of("20.35.252.0/22"), prefix_of("23.103.0.0/18"),  prefix_of("25.4.0.0/14"),
        prefix_of("25.30.0.0/15"),   prefix_of("25.33.0.0/16"),   prefix_of("25.41.0.0/20"),
        prefix_of("25.48.0.0/12"),   prefix_of("40.108.0.0/17"),  prefix_of("40.109.0.0/16"),
        prefix_of("104.146.0.0/17"), prefix_of("104.147.0.0/16"), prefix_of("127.0.0.0/8"),
        prefix_of("157.59.0.0/16"),  prefix_of("198.18.0.0/15")};
    return kPrefixes;
}

void merge_guard(Guard& into, const Guard& more) {
    for (const Literal& literal : more) {
        if (std::find(into.begin(), into.end(), literal) == into.end()) {
            into.push_back(literal);
        }
    }
}

EffectiveRouteEntry system_entry(const Prefix& prefix, NextHop hop) {
    EffectiveRouteEntry entry;
    entry.prefix = prefix;
    entry.hop = hop;
    return entry;
}

/// Subnet peering: does the link carry packets between this subnet and the remote's listed
/// subnets? [P15] [P16]
bool lists(const std::vector<std::string>& names, const std::string& subnet) {
    return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
               return equal_ignoring_case(name, subnet);
           });
}

/// A prefix of a route, and whether the resources write it; what they do not write has a length
/// that is not known.
struct RoutePrefix {
    Prefix prefix;
    bool written = true;
};

/// `space` by the prefixes that are written for it, each a route of its own: two halves beside each
/// other are longer than a user route for both.                                 [R7] [R8] [R13]
std::vector<RoutePrefix> route_prefixes(const AddressSet& space, std::vector<Prefix> written) {
    std::sort(written.begin(), written.end());
    written.erase(std::unique(written.begin(), written.end()), written.end());
    std::vector<RoutePrefix> result;
    AddressSet rest = space;
    for (const Prefix& prefix : written) {
        const AddressSet part = space & prefix.addresses();
        if (part == prefix.addresses()) {
            result.push_back({prefix, true});
        } else {
            for (const Prefix& piece : prefixes_of(part)) {
                result.push_back({piece, true});
            }
        }
        rest -= part;
    }
    for (const Prefix& piece : prefixes_of(rest)) {
        result.push_back({piece, false});
    }
    return result;
}

/// The prefixes written for the remote side of a peering, as `peering_links` takes them.   [P5]
std::vector<Prefix> written_for(const Network& network, const PeeringLink& link) {
    const Peering& peering = *link.local;
    const VirtualNetwork* remote = link.remote == kNoIndex ? nullptr : network.vnets()[link.remote];
    if (!peering.complete_vnets && remote != nullptr && !peering.remote_subnets.empty()) {
        std::vector<Prefix> written;
        for (const Subnet& subnet : remote->subnets) {
            if (lists(peering.remote_subnets, subnet.header.name)) {
                written.insert(written.end(), subnet.prefixes.begin(), subnet.prefixes.end());
            }
        }
        return written;
    }
    if (!peering.remote_space.empty()) {
        return peering.remote_space;
    }
    if (!peering.remote_vnet_space.empty()) {
        return peering.remote_vnet_space;
    }
    return remote == nullptr ? std::vector<Prefix>{} : remote->address_space;
}

/// The prefixes written for what is behind a gateway.
std::vector<Prefix> written_for(const Network& network, const VirtualNetworkGateway& gateway,
                                const BehindGateway& behind) {
    const Snapshot& snapshot = network.snapshot();
    switch (behind.kind) {
        case BehindGateway::Kind::client_pool:
            return gateway.client_pool;
        case BehindGateway::Kind::vnet:
            return behind.vnet == kNoIndex ? std::vector<Prefix>{}
                                           : network.vnets()[behind.vnet]->address_space;
        case BehindGateway::Kind::onprem:
            break;
    }
    const auto connection = snapshot.connections.find(behind.via);
    if (connection != snapshot.connections.end() && connection->second.local_gateway) {
        const auto site = snapshot.local_gateways.find(*connection->second.local_gateway);
        if (site != snapshot.local_gateways.end()) {
            return site->second.address_space;
        }
    }
    return {};
}

bool is_hub(const std::string& type) {
    return equal_ignoring_case(type, "Microsoft.Network/virtualHubs") ||
           equal_ignoring_case(type, "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections");
}

}  // namespace

std::vector<std::vector<VnetRoutes::EndpointRoute>> private_endpoints_by_vnet(
    const Network& network) {
    std::vector<std::vector<VnetRoutes::EndpointRoute>> result(network.vnets().size());
    std::map<ResourceId, std::vector<Address>> addresses;
    for (const ConfigPlace& place : network.configurations()) {
        if (place.endpoint != nullptr && place.configuration->address) {
            addresses[place.endpoint->header.id].push_back(*place.configuration->address);
        }
    }
    for (const auto& [id, endpoint] : network.snapshot().private_endpoints) {
        if (!endpoint.subnet) {
            continue;
        }
        const auto subnet = network.subnet_index(*endpoint.subnet);
        if (!subnet) {
            continue;
        }
        const SubnetPlace& place = network.subnets()[*subnet];
        std::vector<Address> own = addresses[id];
        own.insert(own.end(), endpoint.addresses.begin(), endpoint.addresses.end());
        std::sort(own.begin(), own.end());
        own.erase(std::unique(own.begin(), own.end()), own.end());
        for (const Address& address : own) {
            int length = 0;
            for (const Prefix& prefix : place.vnet->address_space) {
                if (prefix.contains(address)) {
                    length = std::max(length, prefix.length());
                }
            }
            result[place.vnet_index].push_back({address,
                                                place.vnet_index,
                                                id,
                                                place.subnet->private_endpoint_policies,
                                                length,
                                                {}});
        }
    }
    return result;
}

VnetRoutes vnet_routes(
    const Network& network, VnetIndex vnet,
    const std::vector<std::vector<VnetRoutes::EndpointRoute>>& endpoints_of_vnet) {
    VnetRoutes result;
    const VirtualNetwork& own = *network.vnets()[vnet];
    result.links = peering_links(network, vnet);
    result.gateways = usable_gateways(network, vnet);

    for (const Prefix& prefix : own.address_space) {  // R1
        EffectiveRouteEntry entry = system_entry(prefix, NextHop::vnet_local);
        entry.vnet = vnet;
        entry.name = to_string(prefix) + " (VNet)";
        result.system.push_back({entry, RouteRank::system, 0, false, {}});
    }
    if (Guard more = more_space(network, own); !more.empty()) {
        // Prefixes of its own that are not known may lead anywhere within it.
        EffectiveRouteEntry entry = system_entry(Prefix::all(Family::v4), NextHop::vnet_local);
        entry.vnet = vnet;
        entry.name = "a prefix of the VNet that is not known";
        entry.when = std::move(more);
        result.system.push_back({entry, RouteRank::system, 0, true, AddressSet::all()});
    } else {
        result.pinned = address_space(own);
    }
    result.endpoints = endpoints_of_vnet[vnet];

    for (const PeeringLink& link : result.links) {  // R7
        if (!link.live) {
            continue;
        }
        const auto add = [&](const AddressSet& space, const std::vector<Prefix>& written,
                             const Guard& extra) {
            for (const auto& [prefix, is_written] : route_prefixes(space, written)) {
                EffectiveRouteEntry entry = system_entry(
                    prefix, link.global ? NextHop::vnet_global_peering : NextHop::vnet_peering);
                entry.vnet = link.remote;
                entry.via = link.local->header.id;
                entry.name = to_string(prefix) + " over peering " + link.local->header.name;
                entry.when = link.when;
                merge_guard(entry.when, extra);
                const bool floats = !is_written && !link.when_unsure.empty();
                merge_guard(entry.when, floats ? link.when_unsure : Guard{});
                // P7: an access flag that is off on either side.
                const bool access =
                    link.local->allow_access && (link.back == nullptr || link.back->allow_access);
                if (!access && !network.add_literal(entry.delivers_when,
                                                    FactKey::peering_no_access_blocks, false)) {
                    entry.never_delivers = true;
                }
                if ((link.back == nullptr || !link.back->allow_forwarded) &&
                    !network.add_literal(entry.forwarded_when, FactKey::peering_no_forwarded_blocks,
                                         false)) {
                    entry.forwarded_never = true;
                }
                const bool advertised = link.local->allow_gateway_transit && link.back != nullptr &&
                                        link.back->use_remote_gateways;
                if (!advertised) {
                    const bool unread = link.local->allow_gateway_transit && link.back == nullptr;
                    if (unread) {
                        entry.onprem_when.push_back(
                            {network.about(FactKey::unread_neighbour, link.local->header.id.text()),
                             true});
                    } else if (!network.add_literal(entry.onprem_when,
                                                    FactKey::onprem_reaches_advertised_only,
                                                    false)) {
                        entry.onprem_never = true;
                    }
                }
                result.system.push_back({entry, RouteRank::system, 1, floats,
                                         floats ? prefix.addresses() : AddressSet{}});
            }
        };
        const std::vector<Prefix> written = written_for(network, link);
        add(link.space, written, {});
        if (!link.when_unsure.empty()) {
            std::vector<Prefix> more = written;
            more.insert(more.end(), link.local->remote_vnet_space.begin(),
                        link.local->remote_vnet_space.end());
            if (link.remote != kNoIndex) {
                const std::vector<Prefix>& its = network.vnets()[link.remote]->address_space;
                more.insert(more.end(), its.begin(), its.end());
            }
            add(link.unsure_space, more, link.when_unsure);
        }
        if (link.when.empty()) {
            result.pinned |= link.space;
        }
        if (link.remote != kNoIndex) {  // R10: directly peered VNets
            for (VnetRoutes::EndpointRoute endpoint : endpoints_of_vnet[link.remote]) {
                if (link.space.contains(endpoint.address)) {
                    merge_guard(endpoint.when, link.when);
                    result.endpoints.push_back(std::move(endpoint));
                }
            }
        }
    }

    for (const GroupLink& link : group_links(network, vnet)) {  // R11
        const VirtualNetwork& member = *network.vnets()[link.member];
        const Guard unwritten = more_space(network, member);
        const auto add = [&](const AddressSet& space, const Guard& when) {
            for (const auto& [prefix, is_written] : route_prefixes(space, member.address_space)) {
                EffectiveRouteEntry entry = system_entry(prefix, NextHop::connected_group);
                entry.vnet = link.member;
                entry.via = link.group;
                entry.name =
                    to_string(prefix) + " in connected group " + std::string(link.group.name());
                entry.when = when;
                const bool floats = !is_written && !unwritten.empty();
                merge_guard(entry.when, floats ? unwritten : Guard{});
                result.system.push_back({entry, RouteRank::system, 2, floats,
                                         floats ? prefix.addresses() : AddressSet{}});
            }
        };
        add(link.space, link.when);
        Guard kept = link.when;  // A22
        if (network.add_literal(kept, FactKey::connected_group_overlap_dropped, false)) {
            add(link.overlap, kept);
            add(link.doubtful, kept);
        }
        Guard alone = link.when;
        merge_guard(alone, link.when_doubtful);
        add(link.doubtful, alone);
        if (link.when.empty()) {
            result.pinned |= link.space;
        }
        for (VnetRoutes::EndpointRoute endpoint : endpoints_of_vnet[link.member]) {
            merge_guard(endpoint.when, link.when);
            result.endpoints.push_back(std::move(endpoint));
        }
    }

    // R12, R64: what a hub or route server sends is not modelled; any VNet may be connected to it.
    for (const auto& [id, other] : network.snapshot().others) {
        if (!is_hub(other.header.type)) {
            continue;
        }
        EffectiveRouteEntry entry = system_entry(Prefix::all(Family::v4), NextHop::unknown);
        entry.origin = EffectiveRouteEntry::Origin::bgp;
        entry.via = id;
        entry.when = {{network.about(FactKey::unmodelled, id.text()), true}};
        entry.name = "routes that hub " + std::string(id.name()) + " may send";
        result.gateway.push_back(
            {entry, RouteRank::gateway, 0, true, AddressSet::all() - result.pinned});
    }

    for (const UsableGateway& usable : result.gateways) {  // R8
        if (usable.gateway == nullptr) {
            EffectiveRouteEntry entry = system_entry(Prefix::all(Family::v4), NextHop::unknown);
            entry.origin = EffectiveRouteEntry::Origin::bgp;
            entry.via = usable.id;
            entry.when = usable.when;
            entry.name = "routes of the unread gateway behind " + std::string(usable.id.name());
            result.gateway.push_back(
                {entry, RouteRank::gateway, 0, true, AddressSet::all() - result.pinned});
            continue;
        }
        const bool express = usable.gateway->type == VirtualNetworkGateway::Type::express_route;
        for (const BehindGateway& behind : behind_gateway(network, *usable.gateway)) {
            const bool transit =
                behind.kind == BehindGateway::Kind::vnet && behind.remote_gateway == usable.id;
            if (transit) {
                continue;  // the gateway's own VNet and spokes are no gateway routes
            }
            EffectiveRouteEntry entry = system_entry(Prefix::all(Family::v4), NextHop::gateway);
            entry.via = usable.id;
            entry.when = usable.when;
            merge_guard(entry.when, behind.when);
            const bool unknown_prefixes = behind.addresses == AddressSet::all();
            entry.origin = unknown_prefixes ? EffectiveRouteEntry::Origin::bgp
                                            : EffectiveRouteEntry::Origin::gateway_static;
            if (unknown_prefixes) {
                entry.name = "a route that " + std::string(usable.id.name()) + " may have learned";
                result.gateway.push_back(
                    {entry, RouteRank::gateway, express ? 0 : 1, true, AddressSet::all()});
                continue;
            }
            for (const RoutePrefix& route :
                 route_prefixes(behind.addresses, written_for(network, *usable.gateway, behind))) {
                const Prefix& prefix = route.prefix;
                entry.prefix = prefix;
                entry.name = to_string(prefix) + " by gateway " + std::string(usable.id.name());
                result.gateway.push_back({entry, RouteRank::gateway, express ? 0 : 1, false, {}});
            }
        }
    }
    return result;
}

namespace {

/// The service tags of a service endpoint.                                              [R9]
std::vector<std::string> tags_of_service(const ServiceEndpoint& endpoint) {
    static const std::pair<const char*, const char*> kTags[] = {
        {"Microsoft.Storage", "Storage"},
        {"Microsoft.Storage.Global", "Storage"},
        {"Microsoft.Sql", "Sql"},
        {"Microsoft.KeyVault", "AzureKeyVault"},
        {"Microsoft.AzureCosmosDB", "AzureCosmosDB"},
        {"Microsoft.EventHub", "EventHub"},
        {"Microsoft.ServiceBus", "ServiceBus"},
        {"Microsoft.Web", "AppService"},
        {"Microsoft.ContainerRegistry", "AzureContainerRegistry"},
        {"Microsoft.CognitiveServices", "CognitiveServicesManagement"},
        {"Microsoft.AzureActiveDirectory", "AzureActiveDirectory"}};
    std::string tag = endpoint.service;
    for (const auto& [service, name] : kTags) {
        if (equal_ignoring_case(service, endpoint.service)) {
            tag = name;
        }
    }
    const bool everywhere = endpoint.locations.empty() ||
                            std::find(endpoint.locations.begin(), endpoint.locations.end(), "*") !=
                                endpoint.locations.end() ||
                            !equal_ignoring_case(endpoint.service, "Microsoft.Storage");
    if (everywhere) {
        return {tag};
    }
    std::vector<std::string> tags;
    for (const std::string& location : endpoint.locations) {
        std::string region;
        for (const char c : location) {
            if (c != ' ') {
                region += c;
            }
        }
        tags.push_back(tag + "." + region);
    }
    return tags;
}

const AddressSet* tag_addresses(const Network& network, const std::string& tag) {
    const auto& list = network.snapshot().service_tags;
    if (!list) {
        return nullptr;
    }
    const auto found = list->tags.find(tag);
    return found == list->tags.end() ? nullptr : &found->second;
}

/// R17: regional before top level before AzureCloud.region before AzureCloud.
int tag_order(const std::string& tag) {
    const bool cloud = equal_ignoring_case(tag.substr(0, 10), "AzureCloud");
    const bool regional = tag.find('.') != std::string::npos;
    return (cloud ? 2 : 0) + (regional ? 0 : 1);
}

void user_routes(const Network& network, const SubnetPlace& place, const RouteTable& table,
                 const VnetRoutes& shared, RouteList& routes) {
    const AddressSet own = address_space(*place.vnet);
    for (const Route& route : table.routes) {
        EffectiveRouteEntry entry;
        entry.origin = EffectiveRouteEntry::Origin::user;
        entry.route = &route;
        entry.by = route.id;
        entry.name = table.header.name + "/" + route.name;
        if (!route.certain) {
            entry.when.push_back({network.about_copy(route.id, route.where), true});
        }
        switch (route.next_hop) {
            case UserNextHop::virtual_appliance:
                entry.hop = NextHop::virtual_appliance;
                if (route.next_hop_address) {
                    entry.address = *route.next_hop_address;
                } else {
                    entry.hop = NextHop::unknown;
                }
                break;
            case UserNextHop::vnet_local:
                entry.hop = NextHop::vnet_local;
                entry.vnet = place.vnet_index;
                if (route.prefix && !own.contains_all(route.prefix->addresses())) {
                    entry.hop = NextHop::unknown;  // R23
                }
                break;
            case UserNextHop::internet:
                entry.hop = NextHop::internet;
                break;
            case UserNextHop::none:
                entry.hop = NextHop::none;
                break;
            case UserNextHop::unknown:
                entry.hop = NextHop::unknown;
                break;
            case UserNextHop::virtual_network_gateway: {
                entry.hop = NextHop::none;  // R24
                for (const UsableGateway& usable : shared.gateways) {
                    if (usable.gateway == nullptr) {
                        entry.hop = NextHop::unknown;
                        merge_guard(entry.when, usable.when);
                        break;
                    }
                    if (usable.gateway->type == VirtualNetworkGateway::Type::vpn) {
                        entry.hop = NextHop::gateway;
                        entry.via = usable.id;
                        break;
                    }
                }
                break;
            }
        }
        if (route.prefix) {
            entry.prefix = *route.prefix;
            routes.push_back({entry, RouteRank::user, 0, false, {}});
            continue;
        }
        if (!route.service_tag.empty()) {
            if (const AddressSet* addresses = tag_addresses(network, route.service_tag)) {
                for (const Prefix& prefix : prefixes_of(*addresses)) {
                    entry.prefix = prefix;
                    routes.push_back(
                        {entry, RouteRank::user_tag, tag_order(route.service_tag), false, {}});
                }
            } else {
                entry.when.push_back(
                    {network.about(FactKey::unknown_tag, route.service_tag), true});
                routes.push_back({entry, RouteRank::user_tag, tag_order(route.service_tag), true,
                                  Edges::internet_space()});
            }
            continue;
        }
        // Neither could be read: it may cover anything.
        entry.when.push_back({network.about(FactKey::malformed, route.id.text()), true});
        routes.push_back({entry, RouteRank::user, 0, true, AddressSet::all()});
    }
}

}  // namespace

RouteList subnet_routes(const Network& network, SubnetIndex subnet, const VnetRoutes& shared) {
    RouteList routes;
    const SubnetPlace& place = network.subnets()[subnet];
    const ResourceId& id = place.subnet->header.id;

    // --- user routes
    const RouteTable* table = nullptr;
    if (place.subnet->route_table) {
        const auto found = network.snapshot().route_tables.find(*place.subnet->route_table);
        if (found != network.snapshot().route_tables.end()) {
            table = &found->second;
        }
    }
    const bool open = table != nullptr && !table->header.contested.empty();
    const bool contested = open || place.subnet->header.contested.contains("routeTable");
    if (contested || (place.subnet->route_table && table == nullptr)) {  // J2, J4
        EffectiveRouteEntry entry;
        entry.prefix = Prefix::all(Family::v4);
        entry.hop = NextHop::unknown;
        entry.origin = EffectiveRouteEntry::Origin::user;
        entry.by = place.subnet->route_table.value_or(id);
        entry.via = entry.by;
        entry.name = "route table " + std::string(entry.by.name()) + " (not read)";
        entry.when = {{contested ? network.about(FactKey::contested_copy,
                                                 open ? table->header.id.text() : id.text())
                                 : network.about(FactKey::missing_resource, entry.by.text()),
                       true}};
        routes.push_back({entry, RouteRank::user, 0, true, AddressSet::all()});
    }
    if (table != nullptr) {
        user_routes(network, place, *table, shared, routes);
    }
    const std::size_t users = routes.size();

    // --- service endpoints [R9] [R16]
    for (const ServiceEndpoint& endpoint : place.subnet->service_endpoints) {
        for (const std::string& tag : tags_of_service(endpoint)) {
            EffectiveRouteEntry entry;
            entry.hop = NextHop::service_endpoint;
            entry.by = id.child("serviceEndpoints", endpoint.service);
            entry.name = endpoint.service + " (service endpoint)";
            const AddressSet* addresses = tag_addresses(network, tag);
            if (addresses == nullptr) {
                entry.when = {{network.about(FactKey::unknown_tag, tag), true}};
                routes.push_back(
                    {entry, RouteRank::service_endpoint, 0, true, Edges::internet_space()});
                continue;
            }
            for (const Prefix& prefix : prefixes_of(*addresses)) {
                entry.prefix = prefix;
                routes.push_back({entry, RouteRank::service_endpoint, 0, false, {}});
                for (std::size_t i = 0; i < users; ++i) {  // more specific user routes
                    const EffectiveRouteEntry& user = routes[i].entry;
                    if (routes[i].floats || user.prefix == prefix ||
                        !prefix.contains(user.prefix)) {
                        continue;
                    }
                    EffectiveRouteEntry pinned = entry;
                    pinned.prefix = user.prefix;
                    if (network.add_literal(pinned.when, FactKey::service_endpoint_beats_udr,
                                            true)) {
                        routes.push_back({pinned, RouteRank::service_endpoint, 0, false, {}});
                    }
                }
            }
        }
    }

    // --- VNet, peering and group routes
    for (RankedRoute route : shared.system) {
        if (route.entry.hop == NextHop::vnet_peering ||
            route.entry.hop == NextHop::vnet_global_peering) {
            for (const PeeringLink& link : shared.links) {
                if (link.local->header.id != route.entry.via || link.local->complete_vnets) {
                    continue;
                }
                const bool listed = lists(link.local->local_subnets, place.subnet->header.name) &&
                                    (link.back == nullptr || link.back->complete_vnets ||
                                     lists(link.back->remote_subnets, place.subnet->header.name));
                if (!listed &&
                    !network.add_literal(route.entry.delivers_when,
                                         FactKey::subnet_peering_unlisted_dropped, false)) {
                    route.entry.never_delivers = true;
                }
            }
        }
        route.entry.by = ResourceId(id.text() + "/systemRoutes/" + to_string(route.entry.prefix));
        routes.push_back(std::move(route));
    }

    // --- private endpoints [R10] [R40-R43] [PE-7]
    for (const VnetRoutes::EndpointRoute& endpoint : shared.endpoints) {
        EffectiveRouteEntry entry;
        entry.prefix = Prefix::host(endpoint.address);
        entry.hop = NextHop::interface_endpoint;
        entry.vnet = endpoint.vnet;
        entry.via = endpoint.endpoint;
        entry.name =
            to_string(entry.prefix) + " private endpoint " + std::string(endpoint.endpoint.name());
        entry.by = ResourceId(id.text() + "/systemRoutes/" + to_string(entry.prefix));
        entry.when = endpoint.when;
        const bool policy = endpoint.policies == PrivateEndpointPolicies::route_table ||
                            endpoint.policies == PrivateEndpointPolicies::enabled;
        const bool unsure = endpoint.policies == PrivateEndpointPolicies::unknown;
        bool beaten = false;
        const Route* local_route = nullptr;
        for (std::size_t i = 0; i < users; ++i) {
            const EffectiveRouteEntry& user = routes[i].entry;
            if (routes[i].floats || !user.prefix.contains(endpoint.address)) {
                continue;
            }
            const bool host = user.prefix.length() == kHost[endpoint.address.family == Family::v6];
            const bool invalidates =
                host || ((policy || unsure) && user.prefix.length() >= endpoint.vnet_prefix_length);
            if (!invalidates) {
                continue;
            }
            if (user.route != nullptr && user.route->next_hop == UserNextHop::vnet_local) {
                local_route = user.route;
            }
            if (!host) {
                if (unsure) {
                    entry.when.push_back(
                        {network.about(FactKey::unmodelled, endpoint.endpoint.text()), true});
                } else if (user.when.empty()) {
                    beaten = true;
                } else {  // the user route may not exist
                    for (const Literal& literal : user.when) {
                        entry.when.push_back({literal.fact, !literal.value});
                        break;
                    }
                }
            }
        }
        if (local_route != nullptr) {  // R43
            EffectiveRouteEntry direct;
            direct.prefix = entry.prefix;
            direct.hop = NextHop::vnet_local;
            direct.origin = EffectiveRouteEntry::Origin::user;
            direct.vnet = endpoint.vnet;
            direct.route = local_route;
            direct.by = local_route->id;
            direct.via = endpoint.endpoint;
            direct.name = table->header.name + "/" + local_route->name;
            if (!network.add_literal(direct.delivers_when, FactKey::pe_vnetlocal_udr, true)) {
                direct.never_delivers = true;
            }
            routes.push_back({direct, RouteRank::service_endpoint, 0, false, {}});
        }
        entry.invalid = beaten;
        routes.push_back({entry, RouteRank::system, -1, false, {}});
    }

    // --- gateway routes [R8] [R15] [R25]
    AddressSet pinned = shared.pinned;
    for (const RankedRoute& route : routes) {
        if (route.rank == RouteRank::service_endpoint && !route.floats &&
            route.entry.when.empty()) {
            pinned |= route.entry.prefix.addresses();
        }
    }
    if (table == nullptr || !table->disable_bgp_propagation) {
        for (RankedRoute route : shared.gateway) {
            route.entry.by =
                ResourceId(id.text() + "/systemRoutes/" + to_string(route.entry.prefix));
            if (route.floats) {
                // What was learned is dropped inside pinned space [R15].
                const AddressSet inside = route.floating & pinned;
                route.floating -= pinned;
                if (!inside.empty()) {
                    RankedRoute more = route;
                    more.floating = inside;
                    if (network.add_literal(more.entry.when,
                                            FactKey::gateway_routes_yield_to_system, false)) {
                        routes.push_back(std::move(more));
                    }
                }
                routes.push_back(std::move(route));
                continue;
            }
            if (pinned.contains_all(route.entry.prefix.addresses()) &&
                !network.add_literal(route.entry.when, FactKey::gateway_routes_yield_to_system,
                                     false)) {
                continue;
            }
            routes.push_back(std::move(route));
        }
    }

    // --- default and None routes [R2-R6]
    bool default_to_appliance = false;
    bool default_sure = false;
    for (std::size_t i = 0; i < users; ++i) {
        const EffectiveRouteEntry& user = routes[i].entry;
        if (!routes[i].floats && user.route != nullptr && user.prefix == Prefix::all(Family::v4) &&
            (user.route->next_hop == UserNextHop::virtual_appliance ||
             user.route->next_hop == UserNextHop::virtual_network_gateway)) {
            default_to_appliance = true;
            default_sure = user.when.empty();
        }
    }
    const auto add_system = [&](const Prefix& prefix, NextHop hop, Guard when) {
        EffectiveRouteEntry entry = system_entry(prefix, hop);
        entry.when = std::move(when);
        entry.name = to_string(prefix) + " (system)";
        entry.by = ResourceId(id.text() + "/systemRoutes/" + to_string(prefix));
        routes.push_back({entry, RouteRank::system, 9, false, {}});
    };
    add_system(Prefix::all(Family::v4), NextHop::internet, {});
    // Some dumps list it in IPv4-only networks too, where no NIC can use it.
    add_system(Prefix::all(Family::v6), NextHop::internet, {});
    for (const Prefix& none : private_none_prefixes()) {
        const bool replaced =
            std::any_of(place.vnet->address_space.begin(), place.vnet->address_space.end(),
                        [&](const Prefix& prefix) { return prefix.contains(none); });
        if (replaced) {
            continue;  // R5
        }
        Guard when;
        if (default_to_appliance) {
            if (!network.add_literal(when, FactKey::default_udr_removes_private_none, false)) {
                if (default_sure) {
                    continue;  // R6
                }
                when.clear();
            }
        }
        add_system(none, NextHop::none, std::move(when));
    }
    for (const Prefix& none : hidden_none_prefixes()) {
        Guard when;
        if (network.add_literal(when, FactKey::hidden_none_routes, true)) {
            add_system(none, NextHop::none, std::move(when));
        }
    }
    return routes;
}

}  // namespace azreach
