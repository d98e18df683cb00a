#include "tests/oracle/oracle_vnets.hpp"

namespace azreach::oracle {

// ---- peerings -----------------------------------------------------------------------------------

std::vector<LivePeering> live_peerings(const Case& given, const VirtualNetwork& local) {
    std::vector<LivePeering> live;
    for (const Peering& side : local.peerings) {
        if (!side.remote || side.state != PeeringState::connected) {
            continue;  // [P1] Initiated: only one side exists. Disconnected: the other one is gone.
        }
        LivePeering peering{&side, find(given.snapshot.virtual_networks, *side.remote), nullptr};
        if (peering.remote != nullptr) {
            for (const Peering& back : peering.remote->peerings) {
                if (back.remote && *back.remote == local.header.id) {
                    peering.other_side = &back;
                }
            }
        }
        if (peering.other_side != nullptr && peering.other_side->state != PeeringState::connected) {
            continue;  // [P1] both sides
        }
        live.push_back(peering);  // [P2] the side that was not read exists
    }
    return live;
}

std::vector<Prefix> peered_prefixes(const Case& given, const LivePeering& peering) {
    const Peering& side = *peering.side;
    std::vector<Prefix> prefixes = side.remote_space;  // [P5] what is programmed
    if (prefixes.empty() && peering.remote != nullptr) {
        prefixes = peering.remote->address_space;
    }
    if (side.fully_in_sync == std::optional(false)) {  // [P5] union for MAY
        for (const Prefix& now : side.remote_vnet_space) {
            if (given.maybe(FactKey::unread_neighbour,
                            side.header.id.text() + " not in sync " + to_string(now))) {
                prefixes.push_back(now);
            }
        }
    }
    if (side.complete_vnets) {
        return prefixes;  // [P18] a full peering carries both families
    }
    if (peering.remote != nullptr) {  // [P15] only the listed subnets take part
        prefixes.clear();
        for (const Subnet& subnet : peering.remote->subnets) {
            if (contains(side.remote_subnets, subnet.header.name)) {
                prefixes.insert(prefixes.end(), subnet.prefixes.begin(), subnet.prefixes.end());
            }
        }
    }
    std::vector<Prefix> carried;
    for (const Prefix& prefix : prefixes) {  // [P18]
        if ((prefix.family() == Family::v6) == side.only_ipv6) {
            carried.push_back(prefix);
        }
    }
    return carried;
}

bool subnet_peering_drops(const Case& given, const LivePeering& peering, const Subnet& from,
                          const Address& to) {
    const auto is_listed = [](const std::vector<std::string>& names, const VirtualNetwork* vnet,
                              const Address& address) {
        if (vnet == nullptr) {
            return true;  // not read: nothing says that it is not
        }
        for (const Subnet& subnet : vnet->subnets) {
            if (contains(names, subnet.header.name) && contains(subnet.prefixes, address)) {
                return true;
            }
        }
        return false;
    };
    bool unlisted = false;
    if (!peering.side->complete_vnets) {
        unlisted = !contains(peering.side->local_subnets, from.header.name) ||
                   !is_listed(peering.side->remote_subnets, peering.remote, to);
    }
    if (peering.other_side != nullptr && !peering.other_side->complete_vnets) {
        unlisted = unlisted || !contains(peering.other_side->remote_subnets, from.header.name) ||
                   !is_listed(peering.other_side->local_subnets, peering.remote, to);
    }
    return unlisted && given.holds(FactKey::subnet_peering_unlisted_dropped);  // [P16]
}

bool access_is_off(const LivePeering& peering) {
    return !peering.side->allow_access ||
           (peering.other_side != nullptr && !peering.other_side->allow_access);
}

// ---- connected groups ---------------------------------------------------------------------------

namespace {

/// The VNets of every connected group of which `local` is a member, one list a group.
std::vector<std::vector<ResourceId>> groups_of(const Case& given, const VirtualNetwork& local) {
    std::vector<std::vector<ResourceId>> result;
    for (const auto& [id, configuration] : given.snapshot.connectivity_configurations) {
        for (const ConnectivityConfiguration::Group& applied : configuration.groups) {
            if (!configuration.mesh && !applied.directly_connected) {
                continue;  // [A18] ordinary peerings
            }
            const NetworkGroup* group = find(given.snapshot.network_groups, applied.id);
            if (group == nullptr) {
                continue;
            }
            std::vector<ResourceId> members = group->members;
            if (!configuration.mesh) {
                for (const ResourceId& hub : configuration.hubs) {
                    if (given.holds(FactKey::hub_joins_connected_group)) {  // [A20]
                        members.push_back(hub);
                    }
                }
            }
            if (!contains(members, local.header.id)) {
                continue;  // [A20] members of the same group only  [A21] not transitive
            }
            std::vector<ResourceId> connected;
            for (const ResourceId& member : members) {
                const VirtualNetwork* vnet = find(given.snapshot.virtual_networks, member);
                const bool same_region =
                    vnet != nullptr &&
                    equal_ignoring_case(vnet->header.location, local.header.location);
                if (configuration.is_global || applied.is_global || same_region) {  // [A19]
                    connected.push_back(member);
                }
            }
            result.push_back(connected);
        }
    }
    return result;
}

/// [A22] Another member holds the address too.  [A23] Or a VNet that some member is peered with
/// and that is no member itself.
bool overlaps(const Case& given, const std::vector<ResourceId>& members, const ResourceId& holder,
              const Address& address) {
    for (const ResourceId& id : members) {
        const VirtualNetwork* member = find(given.snapshot.virtual_networks, id);
        if (member == nullptr) {
            continue;
        }
        if (member->header.id != holder && contains(member->address_space, address)) {
            return true;
        }
        for (const LivePeering& peering : live_peerings(given, *member)) {
            if (!contains(members, *peering.side->remote) &&
                contains(peered_prefixes(given, peering), address)) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

std::vector<GroupMember> group_members_holding(const Case& given, const VirtualNetwork& local,
                                               const Address& address) {
    std::vector<GroupMember> holding;
    for (const std::vector<ResourceId>& members : groups_of(given, local)) {
        for (const ResourceId& id : members) {
            const VirtualNetwork* member = find(given.snapshot.virtual_networks, id);
            if (member == nullptr || id == local.header.id ||
                !contains(member->address_space, address)) {
                continue;
            }
            bool subnet_peered = false;
            for (const LivePeering& peering : live_peerings(given, local)) {
                subnet_peered = subnet_peered || (*peering.side->remote == id &&
                                                  !peering.side->complete_vnets);
            }
            if (subnet_peered) {
                continue;  // [P19] the subnet peering wins
            }
            if (overlaps(given, members, id, address) &&
                given.holds(FactKey::connected_group_overlap_dropped)) {
                continue;  // [A22] removed from the mesh
            }
            bool known = false;
            for (const GroupMember& other : holding) {
                known = known || other.vnet == member;
            }
            if (!known) {
                holding.push_back({member, id});
            }
        }
    }
    return holding;
}

std::vector<const VirtualNetwork*> group_neighbours(const Case& given,
                                                    const VirtualNetwork& local) {
    std::vector<const VirtualNetwork*> neighbours;
    for (const std::vector<ResourceId>& members : groups_of(given, local)) {
        for (const ResourceId& id : members) {
            const VirtualNetwork* member = find(given.snapshot.virtual_networks, id);
            if (member != nullptr && id != local.header.id) {
                neighbours.push_back(member);
            }
        }
    }
    return neighbours;
}

// ---- gateways -----------------------------------------------------------------------------------

const VirtualNetwork* vnet_of_gateway(const Case& given, const VirtualNetworkGateway& gateway) {
    for (const ResourceId& subnet : gateway.subnets) {
        if (const VirtualNetwork* vnet = vnet_of(given.snapshot, subnet)) {
            return vnet;
        }
    }
    return nullptr;
}

namespace {

std::vector<const VirtualNetworkGateway*> gateways_in(const Case& given,
                                                      const VirtualNetwork& vnet) {
    std::vector<const VirtualNetworkGateway*> result;
    for (const auto& [id, gateway] : given.snapshot.gateways) {
        if (vnet_of_gateway(given, gateway) == &vnet) {
            result.push_back(&gateway);
        }
    }
    return result;
}

/// [P10] The hub allows transit and the spoke asks for it. A side that was not read allows it:
/// the platform takes useRemoteGateways only then.
bool asks_for_transit(const LivePeering& peering) {
    return peering.side->use_remote_gateways &&
           (peering.other_side == nullptr || peering.other_side->allow_gateway_transit);
}

}  // namespace

std::vector<const VirtualNetworkGateway*> usable_gateways(const Case& given,
                                                          const VirtualNetwork& local) {
    std::vector<const VirtualNetworkGateway*> usable = gateways_in(given, local);
    for (const LivePeering& peering : live_peerings(given, local)) {
        if (asks_for_transit(peering) && peering.remote != nullptr) {
            for (const VirtualNetworkGateway* gateway : gateways_in(given, *peering.remote)) {
                usable.push_back(gateway);
            }
        }
    }
    return usable;
}

std::optional<ResourceId> unread_remote_gateway(const Case& given, const VirtualNetwork& local) {
    for (const LivePeering& peering : live_peerings(given, local)) {
        if (asks_for_transit(peering) &&
            (peering.remote == nullptr || gateways_in(given, *peering.remote).empty())) {
            return *peering.side->remote;
        }
    }
    return std::nullopt;
}

bool can_learn(const Case& given, const VirtualNetworkGateway& gateway) {
    if (gateway.type == VirtualNetworkGateway::Type::express_route || gateway.enable_bgp) {
        return true;
    }
    for (const auto& [id, connection] : given.snapshot.connections) {
        if (connection.gateway1 == gateway.header.id && connection.enable_bgp) {
            return true;
        }
    }
    return false;
}

bool has_learned(const Case& given, const VirtualNetworkGateway& gateway, const Address& address) {
    return can_learn(given, gateway) && given.assumptions.bgp_open() &&
           given.maybe(FactKey::bgp, gateway.header.id.text() + " " + to_string(address));
}

std::optional<Prefix> listed_on_premises(const Case& given, const VirtualNetworkGateway& gateway,
                                         const Address& address) {
    std::optional<Prefix> longest;
    const auto take = [&](const std::vector<Prefix>& prefixes) {
        for (const Prefix& prefix : prefixes) {
            if (prefix.contains(address) && (!longest || prefix.length() > longest->length())) {
                longest = prefix;
            }
        }
    };
    for (const auto& [id, connection] : given.snapshot.connections) {
        if (connection.gateway1 == gateway.header.id && connection.local_gateway) {
            if (const auto* site =
                    find(given.snapshot.local_gateways, *connection.local_gateway)) {
                take(site->address_space);
            }
        }
    }
    take(gateway.client_pool);
    take(prefixes_of(given.assumptions.onprem()));
    return longest;
}

std::vector<const VirtualNetworkGateway*> connected_gateways(
    const Case& given, const VirtualNetworkGateway& gateway) {
    std::vector<const VirtualNetworkGateway*> result;
    for (const auto& [id, connection] : given.snapshot.connections) {
        if (connection.type != GatewayConnection::Type::vnet_to_vnet || !connection.gateway1 ||
            !connection.gateway2) {
            continue;
        }
        const ResourceId* other = nullptr;
        if (*connection.gateway1 == gateway.header.id) {
            other = &*connection.gateway2;
        } else if (*connection.gateway2 == gateway.header.id) {
            other = &*connection.gateway1;
        }
        const auto* found = other == nullptr ? nullptr : find(given.snapshot.gateways, *other);
        bool known = false;
        for (const VirtualNetworkGateway* each : result) {
            known = known || each == found;
        }
        if (found != nullptr && !known) {
            result.push_back(found);
        }
    }
    return result;
}

bool unread_behind(const Case& given, const VirtualNetworkGateway& gateway,
                   const Address& address) {
    for (const auto& [id, connection] : given.snapshot.connections) {
        const bool first = connection.gateway1 == gateway.header.id;
        const bool second = connection.gateway2 == gateway.header.id;
        const ResourceId* unread = nullptr;
        if (first && connection.local_gateway &&
            find(given.snapshot.local_gateways, *connection.local_gateway) == nullptr) {
            unread = &*connection.local_gateway;
        }
        if (first && connection.gateway2 &&
            find(given.snapshot.gateways, *connection.gateway2) == nullptr) {
            unread = &*connection.gateway2;
        }
        if (second && connection.gateway1 &&
            find(given.snapshot.gateways, *connection.gateway1) == nullptr) {
            unread = &*connection.gateway1;
        }
        if (unread != nullptr && given.maybe(FactKey::unread_neighbour,
                                             unread->text() + " holds " + to_string(address))) {
            return true;
        }
    }
    return false;
}

bool is_transit_spoke(const Case& given, const VirtualNetwork& spoke,
                      const VirtualNetworkGateway& gateway) {
    const VirtualNetwork* hub = vnet_of_gateway(given, gateway);
    for (const LivePeering& peering : live_peerings(given, spoke)) {
        if (hub != nullptr && peering.remote == hub && asks_for_transit(peering)) {
            return true;
        }
    }
    return false;
}

}  // namespace azreach::oracle
