#include "tests/oracle/oracle_routes.hpp"

#include <algorithm>

#include "tests/oracle/oracle_tags.hpp"

namespace azreach::oracle {

bool endpoint_holds(const Case& given, const PrivateEndpoint& endpoint, const Address& address) {
    for (const Address& held : endpoint.addresses) {
        if (held == address) {
            return true;
        }
    }
    for (const auto& [id, nic] : given.snapshot.interfaces) {
        if (endpoint_of(given.snapshot, nic) == &endpoint) {
            for (const IpConfiguration& config : nic.configurations) {
                if (config.address == address) {
                    return true;
                }
            }
        }
    }
    return false;
}

bool endpoint_may_hold(const Case& given, const PrivateEndpoint& endpoint,
                       const Address& address) {
    if (!endpoint.addresses.empty() || !endpoint.subnet) {
        return false;
    }
    for (const auto& [id, nic] : given.snapshot.interfaces) {
        if (endpoint_of(given.snapshot, nic) == &endpoint) {
            return false;
        }
        for (const IpConfiguration& config : nic.configurations) {
            if (config.address == address && config.subnet == endpoint.subnet) {
                return false;
            }
        }
    }
    const VirtualNetwork* vnet = vnet_of_endpoint(given, endpoint);
    const Subnet* subnet = vnet == nullptr ? nullptr : subnet_of(*vnet, *endpoint.subnet);
    return subnet != nullptr && contains(subnet->prefixes, address) &&
           given.maybe(FactKey::unmodelled,
                       endpoint.header.id.text() + " holds " + to_string(address));
}

const VirtualNetwork* vnet_of_endpoint(const Case& given, const PrivateEndpoint& endpoint) {
    return endpoint.subnet ? vnet_of(given.snapshot, *endpoint.subnet) : nullptr;
}

namespace {

using Kind = NextHop::Kind;

/// What wins among routes of one prefix, greatest first.                           [R14] [R16] [R17]
enum Rank : int {
    kPrivateNone = 0,  // [R5] a VNet prefix that equals it becomes VnetLocal
    kSystem = 1,
    kGroup = 2,
    kPeering = 3,      // [A23] a peering beats the group
    kLocal = 4,
    kGateway = 10,
    kUserAzureCloud = 20,
    kUserAzureCloudRegion = 21,
    kUserTag = 22,
    kUserRegionalTag = 23,
    kUserPrefix = 24,
    kServiceEndpoint = 30,
};

struct Candidate {
    int length = 0;
    int rank = kSystem;
    Prefix prefix;
    NextHop hop;
    bool is_user() const { return rank >= kUserAzureCloud && rank <= kUserPrefix; }
};

std::string system_route(const Subnet& subnet, const Prefix& prefix) {
    return subnet.header.id.text() + "/systemRoutes/" + to_string(prefix);
}

Prefix block(std::uint32_t first, int length) { return *Prefix::of(Address::v4(first), length); }

/// [R3]
const std::vector<Prefix>& private_none_prefixes() {
    static const std::vector<Prefix> kPrefixes = {
        block(0x0A000000U, 8), block(0xAC100000U, 12), block(0xC0A80000U, 16),
        block(0x64400000U, 10)};
    return kPrefixes;
}

/// [R4]
const std::vector<Prefix>& hidden_none_prefixes() {
    static const std::vector<Prefix> kPrefixes = [] {
        std::vector<Prefix> prefixes;
        for (const char* text :
             {"20.35.252.0/22", "23.103.0.0/18", "25.4.0.0/14", "25.30.0.0/15", "25.33.0.0/16",
              "25.41.0.0/20", "25.48.0.0/12", "40.108.0.0/17", "40.109.0.0/16", "104.146.0.0/17",
              "104.147.0.0/16", "127.0.0.0/8", "157.59.0.0/16", "198.18.0.0/15"}) {
            prefixes.push_back(parse_prefix(text)->prefix);
        }
        return prefixes;
    }();
    return kPrefixes;
}

/// The prefix of a tag's published list that contains the address, in its shortest form.
std::optional<Prefix> prefix_in_tag(const Case& given, const std::string& tag,
                                    const Address& address) {
    if (given.snapshot.service_tags) {
        const auto found = given.snapshot.service_tags->tags.find(tag);
        if (found != given.snapshot.service_tags->tags.end()) {
            for (const Prefix& prefix : prefixes_of(found->second)) {
                if (prefix.contains(address)) {
                    return prefix;
                }
            }
            return std::nullopt;
        }
    }
    if (in_published_tag(given, tag, address)) {  // unknown: it may, as a prefix of any length
        return Prefix::host(address);
    }
    return std::nullopt;
}

/// [R17]
int rank_of_tag(const std::string& tag) {
    const bool regional = tag.find('.') != std::string::npos;
    const bool azure_cloud = equal_ignoring_case(tag.substr(0, tag.find('.')), "AzureCloud");
    if (azure_cloud) {
        return regional ? kUserAzureCloudRegion : kUserAzureCloud;
    }
    return regional ? kUserRegionalTag : kUserTag;
}

class Table {
  public:
    Table(const Case& given, const VirtualNetwork& vnet, const Subnet& subnet,
          const Address& destination)
        : given_(given), vnet_(vnet), subnet_(subnet), destination_(destination) {}

    NextHop select() {
        const auto [table, missing] = route_table_of(given_, subnet_);
        table_ = table;
        local();
        peerings();
        connected_groups();
        service_endpoints();
        // What R15 protects from gateway routes: so far, VNet, peerings, groups and endpoints.
        const std::vector<Candidate> protecting = candidates_;
        private_endpoints();
        if (missing != nullptr) {
            return unread_table(*missing);
        }
        gateways(protecting);
        user_routes();
        defaults();
        service_endpoints_beat_user_routes();
        return longest();
    }

  private:
    void add(const Prefix& prefix, int rank, NextHop hop) {
        if (hop.by.empty()) {
            hop.by = system_route(subnet_, prefix);
        }
        candidates_.push_back({prefix.length(), rank, prefix, std::move(hop)});
    }

    void local() {  // [R1]
        for (const Prefix& prefix : vnet_.address_space) {
            if (prefix.contains(destination_)) {
                add(prefix, kLocal, {.kind = Kind::vnet_local});
            }
        }
    }

    void peerings() {  // [R7]
        for (const LivePeering& peering : live_peerings(given_, vnet_)) {
            for (const Prefix& prefix : peered_prefixes(given_, peering)) {
                if (prefix.contains(destination_)) {
                    add(prefix, kPeering, {.kind = Kind::peering, .peering = peering});
                }
            }
        }
    }

    void connected_groups() {  // [R11] [A20]
        NextHop hop{.kind = Kind::connected_group,
                    .members = group_members_holding(given_, vnet_, destination_)};
        for (const GroupMember& member : hop.members) {
            for (const Prefix& prefix : member.vnet->address_space) {
                if (prefix.contains(destination_)) {
                    add(prefix, kGroup, hop);
                }
            }
        }
    }

    void service_endpoints() {  // [R9]
        for (const ServiceEndpoint& endpoint : subnet_.service_endpoints) {
            if (const auto prefix =
                    prefix_in_tag(given_, tag_of_service(endpoint.service), destination_)) {
                add(*prefix, kServiceEndpoint,
                    {.kind = Kind::service_endpoint,
                     .by = subnet_.header.id.text() + "/serviceEndpoints/" + endpoint.service});
            }
        }
    }

    // [R10] In the endpoint's VNet, its direct peers and connected groups; approved or not.
    void private_endpoints() {
        for (const auto& [id, endpoint] : given_.snapshot.private_endpoints) {
            const VirtualNetwork* home = vnet_of_endpoint(given_, endpoint);
            if (home == nullptr || !(endpoint_holds(given_, endpoint, destination_) ||
                                     endpoint_may_hold(given_, endpoint, destination_))) {
                continue;
            }
            NextHop hop{.kind = Kind::private_endpoint, .endpoint = &endpoint};
            bool known_here = home == &vnet_;
            if (!known_here) {
                for (const LivePeering& peering : live_peerings(given_, vnet_)) {
                    if (peering.remote == home &&
                        contains(peered_prefixes(given_, peering), destination_)) {
                        hop.peering = peering;
                        known_here = true;
                    }
                }
                for (const GroupMember& member :
                     group_members_holding(given_, vnet_, destination_)) {
                    if (!known_here && member.vnet == home) {
                        hop.members = {member};
                        known_here = true;
                    }
                }
            }
            if (known_here && !is_invalidated(endpoint, *home)) {
                add(Prefix::host(destination_), kSystem, hop);
            }
        }
    }

    // [R41] With route policy on the endpoint's subnet, a user route that contains the endpoint and
    // is at least as long as its VNet's prefix invalidates the host route.
    bool is_invalidated(const PrivateEndpoint& endpoint, const VirtualNetwork& home) {
        const Subnet* subnet = subnet_of(home, *endpoint.subnet);
        const PrivateEndpointPolicies policy = subnet == nullptr
                                                   ? PrivateEndpointPolicies::unknown
                                                   : subnet->private_endpoint_policies;
        const bool on =
            policy == PrivateEndpointPolicies::route_table ||
            policy == PrivateEndpointPolicies::enabled ||
            (policy == PrivateEndpointPolicies::unknown &&
             given_.maybe(FactKey::malformed, endpoint.header.id.text() + " route policy"));
        if (!on || table_ == nullptr) {
            return false;
        }
        int hosting = 0;
        for (const Prefix& prefix : home.address_space) {
            if (prefix.contains(destination_)) {
                hosting = std::max(hosting, prefix.length());
            }
        }
        for (const Route& route : table_->routes) {
            if (route.prefix && route.prefix->contains(destination_) &&
                route.prefix->length() >= hosting) {
                return true;
            }
        }
        return false;
    }

    NextHop unread_table(const ResourceId& id) {  // [J4]
        for (const Candidate& candidate : candidates_) {
            if (candidate.rank == kServiceEndpoint &&
                given_.holds(FactKey::service_endpoint_beats_udr)) {
                return candidate.hop;  // [R16]
            }
        }
        return {.kind = Kind::unknown,
                .unread = id.text() + " route for " + to_string(destination_)};
    }

    // [R8] [R12] Listed prefixes and learned ones, unless propagation is off [R25].
    void gateways(const std::vector<Candidate>& protecting) {
        if (table_ != nullptr && table_->disable_bgp_propagation) {
            return;
        }
        const auto yields = [&](const Prefix& prefix) {  // [R15]
            return std::any_of(protecting.begin(), protecting.end(), [&](const Candidate& other) {
                return other.prefix.contains(prefix);
            });
        };
        std::vector<std::pair<Prefix, NextHop>> routes;
        for (const VirtualNetworkGateway* gateway : usable_gateways(given_, vnet_)) {
            if (const auto prefix = listed_on_premises(given_, *gateway, destination_)) {
                routes.push_back({*prefix, {.kind = Kind::gateway, .gateways = {gateway}}});
            }
            for (const VirtualNetworkGateway* other : connected_gateways(given_, *gateway)) {
                const VirtualNetwork* remote = vnet_of_gateway(given_, *other);
                for (const Prefix& prefix :
                     remote == nullptr ? std::vector<Prefix>{} : remote->address_space) {
                    if (prefix.contains(destination_)) {  // [E20]
                        routes.push_back({prefix, {.kind = Kind::gateway, .gateways = {gateway}}});
                    }
                }
            }
        }
        for (auto& [prefix, hop] : routes) {
            // [R15] static prefixes too, by K:gateway-routes-yield-to-system
            if (!yields(prefix) || !given_.holds(FactKey::gateway_routes_yield_to_system)) {
                add(prefix, kGateway, hop);
            }
        }
        if (yields(Prefix::host(destination_))) {
            return;
        }
        // A learned prefix may be longer than anything but a host route.
        const Prefix learned = *Prefix::of(destination_, width(destination_.family) - 1);
        for (const VirtualNetworkGateway* gateway : usable_gateways(given_, vnet_)) {
            if (has_learned(given_, *gateway, destination_)) {
                add(learned, kGateway, {.kind = Kind::gateway, .gateways = {gateway}});
            }
            if (unread_behind(given_, *gateway, destination_)) {
                add(learned, kGateway, {.kind = Kind::gateway, .gateways = {gateway}});
            }
        }
        if (const auto hub = unread_remote_gateway(given_, vnet_)) {
            if (given_.maybe(FactKey::unread_neighbour,
                             hub->text() + " gateway " + to_string(destination_))) {
                add(learned, kGateway,
                    {.kind = Kind::unknown, .unread = hub->text() + " gateway delivers"});
            }
        }
    }

    void user_routes() {
        if (table_ == nullptr) {
            return;
        }
        for (const Route& route : table_->routes) {
            std::optional<Prefix> prefix;
            int rank = kUserPrefix;
            if (route.prefix) {
                prefix = route.prefix->contains(destination_) ? route.prefix : std::nullopt;
            } else if (!route.service_tag.empty()) {
                prefix = prefix_in_tag(given_, route.service_tag, destination_);
                rank = rank_of_tag(route.service_tag);
            } else if (given_.maybe(FactKey::malformed,
                                    route.id.text() + " " + to_string(destination_))) {
                prefix = Prefix::host(destination_);
            }
            if (!prefix ||
                (!route.certain && !given_.maybe(FactKey::contested_copy, route.id.text()))) {
                continue;
            }
            add(*prefix, rank, user_hop(route));
        }
    }

    NextHop user_hop(const Route& route) {
        NextHop hop{.by = route.id.text()};
        switch (route.next_hop) {
            case UserNextHop::virtual_appliance:
                if (route.next_hop_address) {
                    hop.kind = Kind::appliance;
                    hop.appliance = *route.next_hop_address;
                } else {
                    hop.kind = Kind::unknown;
                    hop.unread = route.id.text() + " next hop address";
                }
                break;
            case UserNextHop::vnet_local: vnet_local_hop(hop); break;
            case UserNextHop::internet: hop.kind = Kind::internet; break;
            case UserNextHop::virtual_network_gateway:
                for (const VirtualNetworkGateway* gateway : usable_gateways(given_, vnet_)) {
                    if (gateway->type == VirtualNetworkGateway::Type::vpn) {
                        hop.gateways.push_back(gateway);
                    }
                }
                hop.kind = hop.gateways.empty() ? Kind::none : Kind::gateway;  // [R24]
                if (hop.gateways.empty()) {
                    if (const auto hub = unread_remote_gateway(given_, vnet_)) {
                        hop.kind = Kind::unknown;
                        hop.unread = hub->text() + " gateway delivers";
                    }
                }
                break;
            case UserNextHop::none: hop.kind = Kind::none; break;
            case UserNextHop::unknown:
                hop.kind = Kind::unknown;
                hop.unread = route.id.text() + " next hop";
                break;
        }
        return hop;
    }

    void vnet_local_hop(NextHop& hop) {
        // [R43] Instead of an endpoint's host route: K:pe-vnetlocal-udr.
        for (const auto& [id, endpoint] : given_.snapshot.private_endpoints) {
            const VirtualNetwork* home = vnet_of_endpoint(given_, endpoint);
            if (home == &vnet_ && endpoint_holds(given_, endpoint, destination_)) {
                hop.kind = given_.holds(FactKey::pe_vnetlocal_udr) ? Kind::vnet_local : Kind::none;
                return;
            }
        }
        if (contains(vnet_.address_space, destination_)) {
            hop.kind = Kind::vnet_local;
        } else {
            hop.kind = Kind::unknown;  // [R23] no defined meaning
            hop.unread = hop.by + " VnetLocal outside the VNet";
        }
    }

    void defaults() {  // [R2] [R3] [R5]
        add(Prefix::all(destination_.family), kSystem, {.kind = Kind::internet});
        bool removes = false;
        for (const Route& route : table_ == nullptr ? std::vector<Route>{} : table_->routes) {
            // [R6] By a user default route to an appliance or a gateway. To None or to the
            // internet the packet is lost either way.
            removes = removes || (route.prefix == Prefix::all(destination_.family) &&
                                  route.next_hop != UserNextHop::none &&
                                  route.next_hop != UserNextHop::internet);
        }
        for (const Prefix& prefix : private_none_prefixes()) {
            bool hidden = !prefix.contains(destination_);
            for (const Prefix& own : vnet_.address_space) {
                hidden = hidden || (own != prefix && own.contains(prefix));  // [R5]
            }
            if (!hidden &&
                !(removes && given_.holds(FactKey::default_udr_removes_private_none))) {
                add(prefix, kPrivateNone, {.kind = Kind::none});
            }
        }
        for (const Prefix& prefix : hidden_none_prefixes()) {  // [R4]
            if (prefix.contains(destination_) && given_.holds(FactKey::hidden_none_routes)) {
                add(prefix, kPrivateNone, {.kind = Kind::none});
            }
        }
    }

    void service_endpoints_beat_user_routes() {  // [R16]
        int length = -1;
        for (const Candidate& candidate : candidates_) {
            if (candidate.rank == kServiceEndpoint) {
                length = std::max(length, candidate.length);
            }
        }
        if (length < 0) {
            return;
        }
        const bool always = given_.holds(FactKey::service_endpoint_beats_udr);
        std::erase_if(candidates_, [&](const Candidate& candidate) {
            return candidate.is_user() && (always || candidate.length <= length);
        });
    }

    NextHop longest() {  // [R13] [R14]
        const Candidate* best = nullptr;
        for (const Candidate& candidate : candidates_) {
            if (best == nullptr || candidate.length > best->length ||
                (candidate.length == best->length && candidate.rank > best->rank)) {
                best = &candidate;
            }
        }
        NextHop hop = best->hop;
        if (hop.kind == Kind::gateway) {  // [R18] equal prefixes of several gateways
            for (const Candidate& candidate : candidates_) {
                if (&candidate != best && candidate.length == best->length &&
                    candidate.rank == best->rank && candidate.hop.kind == Kind::gateway) {
                    for (const VirtualNetworkGateway* gateway : candidate.hop.gateways) {
                        if (std::find(hop.gateways.begin(), hop.gateways.end(), gateway) ==
                            hop.gateways.end()) {
                            hop.gateways.push_back(gateway);
                        }
                    }
                }
            }
        }
        return hop;
    }

    const Case& given_;
    const VirtualNetwork& vnet_;
    const Subnet& subnet_;
    const Address destination_;
    const RouteTable* table_ = nullptr;
    std::vector<Candidate> candidates_;
};

}  // namespace

NextHop route(const Case& given, const VirtualNetwork& vnet, const Subnet& subnet,
              const Address& destination) {
    return Table(given, vnet, subnet, destination).select();
}

}  // namespace azreach::oracle
