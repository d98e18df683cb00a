#include "models/network/evidence.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace azreach {

namespace {

/// 7.6: rule names in their spellings; the two names of the last rule are one.
std::string rule_name(std::string_view name) {
    for (const std::string_view prefix :
         {"securityRules/", "defaultSecurityRules/", "UserRule_", "DefaultRule_"}) {
        if (name.size() > prefix.size() &&
            equal_ignoring_case(name.substr(0, prefix.size()), prefix)) {
            name.remove_prefix(prefix.size());
            break;
        }
    }
    std::string folded(name);
    for (char& c : folded) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (folded == "defaultinbounddenyall") {
        return "denyallinbound";
    }
    return folded == "defaultoutbounddenyall" ? "denyalloutbound" : folded;
}

/// The side as captured: `expanded` is what the tags and groups of the side mean. IPv6 stays as it
/// was where the capture expands IPv4 only.
void close_side(GuardedAddresses& side, const AddressSpec& spec,
                const std::optional<AddressSet>& expanded) {
    if (!expanded || spec.any || spec.tags.size() + spec.asgs.size() != 1 ||
        !spec.unreadable.empty()) {
        return;
    }
    AddressSet exact = *expanded;
    exact.v4 |= spec.prefixes.v4;
    GuardedAddresses closed;
    if (expanded->v6.empty()) {
        for (Guarded<AddressSet>& part : side) {
            AddressSet v6;
            v6.v6 = part.set.v6;
            if (!v6.empty()) {
                closed.push_back({part.when, std::move(v6)});
            }
        }
    } else {
        exact.v6 |= spec.prefixes.v6;
    }
    closed.push_back({{}, std::move(exact)});
    side = std::move(closed);
}

bool is(const std::string& text, const char* word) { return equal_ignoring_case(text, word); }

/// Does this entry lead where the captured route says?
bool same_hop(const EffectiveRouteEntry& entry, const EffectiveRoute& route) {
    const std::string& type = route.next_hop_type;
    switch (entry.hop) {
        case NextHop::vnet_local:
            return is(type, "VnetLocal") || is(type, "VirtualNetwork");
        case NextHop::vnet_peering:
        case NextHop::vnet_global_peering:
            return is(type, "VNetPeering") || is(type, "VNetGlobalPeering");
        case NextHop::connected_group:
            return is(type, "ConnectedGroup");
        case NextHop::internet:
            return is(type, "Internet");
        case NextHop::virtual_appliance:
            return is(type, "VirtualAppliance") && route.next_hop_addresses.size() == 1 &&
                   route.next_hop_addresses.front() == entry.address;
        case NextHop::gateway:
            return is(type, "VirtualNetworkGateway");
        case NextHop::service_endpoint:
            return is(type, "VirtualNetworkServiceEndpoint");
        case NextHop::interface_endpoint:
            return is(type, "InterfaceEndpoint");
        case NextHop::none:
            return is(type, "None");
        case NextHop::unknown:
            return false;
    }
    return false;
}

/// A route that only the capture shows: learned, hidden, or of something that was not read.
EffectiveRouteEntry captured_entry(const Network& network, SubnetIndex subnet,
                                   const VnetRoutes& shared, const EffectiveRoutes& capture,
                                   const EffectiveRoute& route, const Prefix& prefix) {
    EffectiveRouteEntry entry;
    entry.prefix = prefix;
    entry.name = to_string(prefix) + " (effective routes)";
    entry.by = ResourceId(network.subnets()[subnet].subnet->header.id.text() + "/systemRoutes/" +
                          to_string(prefix));
    if (is(route.source, "VirtualNetworkGateway")) {
        entry.origin = EffectiveRouteEntry::Origin::bgp;
    } else if (is(route.source, "User")) {
        entry.origin = EffectiveRouteEntry::Origin::user;
    }
    if (is(route.next_hop_type, "None")) {
        entry.hop = NextHop::none;
    } else if (is(route.next_hop_type, "Internet")) {
        entry.hop = NextHop::internet;
    } else if (is(route.next_hop_type, "VirtualAppliance") &&
               route.next_hop_addresses.size() == 1) {
        entry.hop = NextHop::virtual_appliance;
        entry.address = route.next_hop_addresses.front();
    } else if (is(route.next_hop_type, "VirtualNetworkGateway") && shared.gateways.size() == 1 &&
               shared.gateways.front().gateway != nullptr) {
        entry.hop = NextHop::gateway;
        entry.via = shared.gateways.front().id;
    } else {
        entry.hop = NextHop::unknown;
        entry.via = capture.network_interface.value_or(ResourceId());
        entry.when = {{network.about(FactKey::missing_resource, to_string(prefix)), true}};
    }
    return entry;
}

bool equal(const EffectiveRoutes& a, const EffectiveRoutes& b) {
    return std::equal(a.routes.begin(), a.routes.end(), b.routes.begin(), b.routes.end(),
                      [](const EffectiveRoute& x, const EffectiveRoute& y) {
                          return x.source == y.source && x.active == y.active &&
                                 x.prefixes == y.prefixes && x.next_hop_type == y.next_hop_type &&
                                 x.next_hop_addresses == y.next_hop_addresses;
                      });
}

/// What of the sure routes the capture must show, whatever it adds: the VNet, its peers, the user
/// routes; and user routes that no table has.
std::string misfit(const RouteList& routes, const EffectiveRoutes& capture, Family family) {
    using Route = std::pair<Prefix, bool>;  // user
    std::set<Route> captured;
    for (const EffectiveRoute& route : capture.routes) {
        for (const Prefix& prefix : route.prefixes) {
            if (prefix.family() == family) {
                captured.emplace(prefix, is(route.source, "User"));
            }
        }
    }
    std::set<Prefix> user;
    bool unread = false;  // a table: the capture stands for it
    for (const RankedRoute& route : routes) {
        const EffectiveRouteEntry& entry = route.entry;
        unread =
            unread || (entry.origin == EffectiveRouteEntry::Origin::user && entry.route == nullptr);
        if (entry.prefix.family() != family || route.floats) {
            continue;
        }
        if (entry.route != nullptr) {
            user.insert(entry.prefix);
            if (!captured.contains({entry.prefix, true})) {
                return "the user route " + to_string(entry.prefix) + " is not among them";
            }
        } else if (entry.when.empty() && !entry.invalid &&
                   (entry.hop == NextHop::vnet_local || entry.hop == NextHop::vnet_peering ||
                    entry.hop == NextHop::vnet_global_peering) &&
                   !captured.contains({entry.prefix, false})) {
            return to_string(entry.prefix) + " is not among them";
        }
    }
    for (const auto& [prefix, is_user] : captured) {
        if (is_user && !unread && !user.contains(prefix)) {
            return "they show a user route for " + to_string(prefix) + " that no table has";
        }
    }
    return "";
}

std::string misfit_of(const RouteList& routes, const EffectiveRoutes& capture) {
    const std::string why = misfit(routes, capture, Family::v4);
    return why.empty() ? misfit(routes, capture, Family::v6) : why;
}

bool lists(const EffectiveRoutes& capture, Family family) {
    return std::any_of(capture.routes.begin(), capture.routes.end(), [&](const EffectiveRoute& r) {
        return std::any_of(r.prefixes.begin(), r.prefixes.end(),
                           [&](const Prefix& prefix) { return prefix.family() == family; });
    });
}

}  // namespace

const EffectiveSecurityRules* captured_rules(const Snapshot& snapshot, const ResourceId& nic) {
    const EffectiveSecurityRules* result = nullptr;
    for (const EffectiveSecurityRules& capture : snapshot.effective_security_rules) {
        if (capture.network_interface == nic) {
            if (result != nullptr) {
                return nullptr;
            }
            result = &capture;
        }
    }
    return result;
}

const EffectiveRoutes* captured_routes(const Network& network, SubnetIndex subnet) {
    const EffectiveRoutes* result = nullptr;
    for (const EffectiveRoutes& capture : network.snapshot().effective_routes) {
        if (!capture.network_interface) {
            continue;
        }
        for (const ConfigIndex config : network.configurations_of(*capture.network_interface)) {
            if (network.configurations()[config].subnet != subnet) {
                continue;
            }
            if (result != nullptr && !equal(*result, capture)) {
                return nullptr;
            }
            result = &capture;
            break;
        }
    }
    return result;
}

std::optional<FilterList> closed_list(const FilterList& list,
                                      const EffectiveSecurityRules& capture) {
    const auto group = std::find_if(
        capture.groups.begin(), capture.groups.end(), [&](const EffectiveSecurityGroup& candidate) {
            return candidate.associated_with == list.association &&
                   (!candidate.security_group || *candidate.security_group == list.owner);
        });
    if (group == capture.groups.end()) {
        return std::nullopt;
    }
    FilterList closed = list;
    closed.captured = true;
    std::erase_if(closed.rules, [](const FilterRule& rule) { return rule.rule == nullptr; });
    if (closed.rules.empty()) {
        return std::nullopt;  // the group was not read
    }
    std::set<const EffectiveRule*> met;
    for (FilterRule& rule : closed.rules) {
        if (rule.rule->id.parent() != list.owner) {
            continue;  // an open just-in-time window: no rule of the group
        }
        const auto found =
            std::find_if(group->rules.begin(), group->rules.end(), [&](const EffectiveRule& other) {
                return other.direction == list.direction && other.priority == rule.rule->priority &&
                       rule_name(other.name) == rule_name(rule.rule->name);
            });
        if (found == group->rules.end() || found->access != rule.access) {
            return std::nullopt;
        }
        met.insert(&*found);
        close_side(rule.source, rule.rule->source, found->expanded_source);
        close_side(rule.destination, rule.rule->destination, found->expanded_destination);
    }
    std::set<std::string> names;
    for (const FilterRule& rule : closed.rules) {
        names.insert(rule_name(rule.rule->name));
    }
    for (const EffectiveRule& other : group->rules) {
        if (other.direction == list.direction && !met.contains(&other) &&
            !names.contains(rule_name(other.name))) {
            return std::nullopt;  // a rule that the group does not have
        }
    }
    return closed;
}

bool close_routes(const Network& network, SubnetIndex subnet, const VnetRoutes& shared,
                  const EffectiveRoutes& capture, RouteList& routes) {
    if (!misfit_of(routes, capture).empty()) {
        return false;
    }
    RouteList closed;
    for (const RankedRoute& route : routes) {
        const bool listed =
            route.floats ? lists(capture, Family::v4) : lists(capture, route.entry.prefix.family());
        if (!listed) {
            closed.push_back(route);
        }
    }
    for (const EffectiveRoute& captured : capture.routes) {
        for (const Prefix& prefix : captured.prefixes) {
            const auto known =
                std::find_if(routes.begin(), routes.end(), [&](const RankedRoute& route) {
                    return !route.floats && route.entry.prefix == prefix &&
                           same_hop(route.entry, captured);
                });
            RankedRoute route;
            if (known != routes.end()) {
                route = *known;
                route.entry.when.clear();
                route.entry.invalid = !captured.active;
            } else if (captured.active) {
                route.entry = captured_entry(network, subnet, shared, capture, captured, prefix);
                route.rank =
                    route.entry.origin == EffectiveRouteEntry::Origin::bgp    ? RouteRank::gateway
                    : route.entry.origin == EffectiveRouteEntry::Origin::user ? RouteRank::user
                                                                              : RouteRank::system;
            } else {
                continue;
            }
            closed.push_back(std::move(route));
        }
    }
    routes = std::move(closed);
    return true;
}

AddressSet captured_behind(const Network& network, const VirtualNetworkGateway& gateway) {
    AddressSet learned;
    for (const EffectiveRoutes& capture : network.snapshot().effective_routes) {
        if (!capture.network_interface) {
            continue;
        }
        for (const ConfigIndex config : network.configurations_of(*capture.network_interface)) {
            const SubnetIndex subnet = network.configurations()[config].subnet;
            if (subnet == kNoIndex || captured_routes(network, subnet) != &capture) {
                continue;
            }
            const std::vector<UsableGateway> usable =
                usable_gateways(network, network.subnets()[subnet].vnet_index);
            if (usable.size() != 1 || usable.front().id != gateway.header.id) {
                continue;
            }
            for (const EffectiveRoute& route : capture.routes) {
                if (route.active && is(route.source, "VirtualNetworkGateway") &&
                    is(route.next_hop_type, "VirtualNetworkGateway")) {
                    for (const Prefix& prefix : route.prefixes) {
                        learned |= prefix.addresses();
                    }
                }
            }
        }
    }
    return learned;
}

std::vector<UnusedCapture> unused_captures(const Network& network) {
    std::vector<UnusedCapture> unused;
    const Snapshot& snapshot = network.snapshot();
    for (const EffectiveSecurityRules& capture : snapshot.effective_security_rules) {
        if (!capture.network_interface) {
            continue;  // said at the import
        }
        const ResourceId& nic = *capture.network_interface;
        const auto configs = network.configurations_of(nic);
        std::string why;
        if (configs.empty()) {
            why = "the NIC is not in the snapshot";
        } else if (captured_rules(snapshot, nic) == nullptr) {
            why = "several lists name this NIC";
        } else {
            for (const Direction direction : {Direction::inbound, Direction::outbound}) {
                const FilterChain chain = network.filters().chain(configs.front(), direction);
                for (const FilterList* list : {chain.first, chain.second}) {
                    if (list != nullptr && !closed_list(*list, capture)) {
                        why = "they show other rules than " + std::string(list->owner.name());
                    }
                }
            }
        }
        if (!why.empty()) {
            unused.push_back({nic, true, std::move(why), capture.where});
        }
    }
    for (const EffectiveRoutes& capture : snapshot.effective_routes) {
        if (!capture.network_interface) {
            continue;
        }
        const ResourceId& nic = *capture.network_interface;
        const auto configs = network.configurations_of(nic);
        const SubnetIndex subnet =
            configs.empty() ? kNoIndex : network.configurations()[configs.front()].subnet;
        std::string why;
        if (subnet == kNoIndex) {
            why = "the NIC or its subnet is not in the snapshot";
        } else if (captured_routes(network, subnet) == nullptr) {
            why = "lists of NICs in one subnet differ";
        } else if (!network.routes().captured(subnet)) {
            const std::vector<std::vector<VnetRoutes::EndpointRoute>> endpoints =
                private_endpoints_by_vnet(network);
            const VnetRoutes shared =
                vnet_routes(network, network.subnets()[subnet].vnet_index, endpoints);
            why = misfit_of(subnet_routes(network, subnet, shared), capture);
        }
        if (!why.empty()) {
            unused.push_back({nic, false, std::move(why), capture.where});
        }
    }
    return unused;
}

}  // namespace azreach
