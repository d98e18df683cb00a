#include "models/network/connectivity.hpp"

#include <algorithm>
#include <array>

#include "models/azure/symbol.hpp"
#include "models/network/evidence.hpp"

namespace azreach {

namespace {

std::string folded_region(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c != ' ') {
            result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    return result;
}

AddressSet union_of(const std::vector<Prefix>& prefixes) {
    AddressSet set;
    for (const Prefix& prefix : prefixes) {
        set |= prefix.addresses();
    }
    return set;
}

/// Addresses of the named subnets of a VNet.
AddressSet subnets_of(const VirtualNetwork& vnet, const std::vector<std::string>& names) {
    AddressSet set;
    for (const Subnet& subnet : vnet.subnets) {
        for (const std::string& name : names) {
            if (equal_ignoring_case(name, subnet.header.name)) {
                set |= union_of(subnet.prefixes);
            }
        }
    }
    return set;
}

VnetIndex vnet_of_gateway(const Network& network, const VirtualNetworkGateway& gateway) {
    for (const ResourceId& subnet : gateway.subnets) {
        if (const auto index = network.subnet_index(subnet)) {
            return network.subnets()[*index].vnet_index;
        }
        if (const auto vnet = network.vnet_index(subnet.parent())) {
            return *vnet;
        }
    }
    return kNoIndex;
}

SubnetIndex subnet_of_gateway(const Network& network, const VirtualNetworkGateway& gateway) {
    for (const ResourceId& subnet : gateway.subnets) {
        if (const auto index = network.subnet_index(subnet)) {
            return *index;
        }
    }
    return kNoIndex;
}

}  // namespace

AddressSet address_space(const VirtualNetwork& vnet) {
    AddressSet space = union_of(vnet.address_space);
    if (vnet.header.contested.contains("addressSpace")) {
        for (const Subnet& subnet : vnet.subnets) {
            if (subnet.header.contested.empty()) {
                space |= union_of(subnet.prefixes);
            }
        }
    }
    return space;
}

Guard more_space(const Network& network, const VirtualNetwork& vnet) {
    return vnet.header.contested.contains("addressSpace")
               ? Guard{{network.about(FactKey::contested_copy, vnet.header.id.text()), true}}
               : Guard{};
}

bool same_region(const std::string& a, const std::string& b) {
    return a.empty() || b.empty() || folded_region(a) == folded_region(b);
}

std::vector<PeeringLink> peering_links(const Network& network, VnetIndex vnet) {
    const VirtualNetwork& own = *network.vnets()[vnet];
    std::vector<PeeringLink> links;
    for (const Peering& peering : own.peerings) {
        PeeringLink link;
        link.local = &peering;
        bool known = peering.header.contested.empty();
        if (!known) {
            link.when.push_back(
                {network.about(FactKey::contested_copy, peering.header.id.text()), true});
        }
        link.live = peering.state == PeeringState::connected;
        if (peering.state == PeeringState::unknown) {
            link.live = true;
            link.when.push_back(
                {network.about(FactKey::unread_neighbour, peering.header.id.text()), true});
        }
        if (peering.remote) {
            if (const auto remote = network.vnet_index(*peering.remote)) {
                link.remote = *remote;
                const VirtualNetwork& other = *network.vnets()[*remote];
                for (const Peering& back : other.peerings) {
                    if (back.remote && *back.remote == own.header.id) {
                        link.back = &back;
                    }
                }
                link.global = !same_region(own.header.location, other.header.location);
            }
        }
        if (link.back != nullptr) {
            if (link.back->state == PeeringState::initiated ||
                link.back->state == PeeringState::disconnected) {
                link.live = false;
            } else if (link.back->state == PeeringState::unknown && link.when.empty()) {
                link.when.push_back(
                    {network.about(FactKey::unread_neighbour, link.back->header.id.text()), true});
            }
        }
        const VirtualNetwork* remote_vnet =
            link.remote == kNoIndex ? nullptr : network.vnets()[link.remote];
        link.space = union_of(peering.remote_space);
        if (link.space.empty()) {
            link.space = union_of(peering.remote_vnet_space);
        }
        if (!peering.header.contested.empty() || (link.space.empty() && remote_vnet != nullptr)) {
            if (link.space.empty()) {
                link.space = remote_vnet == nullptr ? AddressSet{} : address_space(*remote_vnet);
            }
            link.when_unsure = remote_vnet == nullptr ? Guard{} : more_space(network, *remote_vnet);
            if (!known) {
                link.when_unsure = {
                    {network.about(FactKey::contested_copy, peering.header.id.text()), true}};
            }
        }
        if (!peering.complete_vnets) {
            if (remote_vnet != nullptr && !peering.remote_subnets.empty()) {
                link.space = subnets_of(*remote_vnet, peering.remote_subnets);
            }
            if (peering.only_ipv6) {
                link.space.v4 = {};
            } else {
                link.space.v6 = {};
            }
        }
        if (peering.fully_in_sync.has_value() && !*peering.fully_in_sync) {
            link.unsure_space = union_of(peering.remote_vnet_space);
            if (remote_vnet != nullptr) {
                link.unsure_space |= address_space(*remote_vnet);
            }
            link.when_unsure = {
                {network.about(FactKey::contested_copy, peering.header.id.text()), true}};
        }
        if (link.unsure_space.empty() && !link.when_unsure.empty()) {
            link.unsure_space = AddressSet::all();
        }
        link.unsure_space -= link.space;
        links.push_back(std::move(link));
    }
    return links;
}

std::vector<ResourceId> unread_gateways(const Snapshot& snapshot) {
    std::vector<ResourceId> result;
    for (const auto& [id, names] : snapshot.symbols) {
        if (equal_ignoring_case(id.type(), "Microsoft.Network/virtualNetworkGateways") &&
            !snapshot.gateways.contains(id)) {
            result.push_back(id);
        }
    }
    for (const auto& [id, gateway] : snapshot.gateways) {
        if (std::any_of(gateway.subnets.begin(), gateway.subnets.end(),
                        [](const ResourceId& subnet) { return is_symbolic(subnet.text()); })) {
            result.push_back(id);
        }
    }
    return result;
}

std::vector<UsableGateway> usable_gateways(const Network& network, VnetIndex vnet) {
    std::vector<UsableGateway> result;
    for (const auto& [id, gateway] : network.snapshot().gateways) {
        if (vnet_of_gateway(network, gateway) == vnet) {
            result.push_back({&gateway, id, true, {}});
        }
    }
    for (const ResourceId& unread : unread_gateways(network.snapshot())) {
        result.push_back({nullptr,
                          unread,
                          false,
                          {{network.about(FactKey::unread_neighbour, unread.text()), true}}});
    }
    for (const PeeringLink& link : peering_links(network, vnet)) {
        if (!link.local->use_remote_gateways || !link.live) {
            continue;
        }
        if (link.remote == kNoIndex) {
            UsableGateway unread{nullptr, link.local->remote.value_or(link.local->header.id), false,
                                 link.when};
            unread.when.push_back(
                {network.about(FactKey::unread_neighbour, unread.id.text()), true});
            result.push_back(std::move(unread));
            continue;
        }
        if (link.back != nullptr && !link.back->allow_gateway_transit) {
            continue;
        }
        for (const auto& [id, gateway] : network.snapshot().gateways) {
            if (vnet_of_gateway(network, gateway) == link.remote) {
                result.push_back({&gateway, id, false, link.when});
            }
        }
    }
    return result;
}

bool may_learn(const Network& network, const VirtualNetworkGateway& gateway) {
    if (gateway.enable_bgp || gateway.type != VirtualNetworkGateway::Type::vpn) {
        return true;
    }
    for (const auto& [id, connection] : network.snapshot().connections) {
        if ((connection.gateway1 == gateway.header.id ||
             connection.gateway2 == gateway.header.id) &&
            connection.enable_bgp) {
            return true;
        }
    }
    return false;
}

std::vector<BehindGateway> behind_gateway(const Network& network,
                                          const VirtualNetworkGateway& gateway) {
    std::vector<BehindGateway> result;
    const Snapshot& snapshot = network.snapshot();
    const ResourceId& id = gateway.header.id;
    bool connected = false;
    const auto may_be_behind = [&](const ResourceId& what) {  // anything, whatever it is
        BehindGateway behind;
        behind.via = what;
        behind.addresses = AddressSet::all();
        behind.when = {{network.about(FactKey::unread_neighbour, what.text()), true}};
        result.push_back(std::move(behind));
    };
    for (const auto& [unread, names] : snapshot.symbols) {
        if (equal_ignoring_case(unread.type(), "Microsoft.Network/connections") &&
            !snapshot.connections.contains(unread)) {
            may_be_behind(unread);
        }
    }
    if (!gateway.header.contested.empty()) {
        may_be_behind(id);
    }
    for (const auto& [connection_id, connection] : snapshot.connections) {
        if (!connection.header.contested.empty()) {
            may_be_behind(connection_id);
            continue;
        }
        const bool first = connection.gateway1 == id;
        const bool second = connection.gateway2 == id;
        if (!first && !second) {
            continue;
        }
        connected = true;
        using Type = GatewayConnection::Type;
        if (connection.type == Type::vnet_to_vnet) {
            const Ref other_id = first ? connection.gateway2 : connection.gateway1;
            const auto other =
                other_id ? snapshot.gateways.find(*other_id) : snapshot.gateways.end();
            BehindGateway behind;
            behind.kind = BehindGateway::Kind::vnet;
            behind.via = connection_id;
            const VnetIndex vnet = other == snapshot.gateways.end()
                                       ? kNoIndex
                                       : vnet_of_gateway(network, other->second);
            if (vnet == kNoIndex) {
                behind.addresses = AddressSet::all();
                behind.when = {{network.about(FactKey::unread_neighbour,
                                              other_id ? other_id->text() : connection_id.text()),
                                true}};
            } else {
                behind.vnet = vnet;
                behind.addresses = address_space(*network.vnets()[vnet]);
                behind.remote_gateway = other->first;
                behind.remote_subnet = subnet_of_gateway(network, other->second);
            }
            result.push_back(std::move(behind));
            continue;
        }
        if (connection.local_gateway) {
            BehindGateway behind;
            behind.via = connection_id;
            const auto site = snapshot.local_gateways.find(*connection.local_gateway);
            if (site == snapshot.local_gateways.end()) {
                behind.addresses = AddressSet::all();
                behind.when = {
                    {network.about(FactKey::unread_neighbour, connection.local_gateway->text()),
                     true}};
            } else {
                behind.addresses = union_of(site->second.address_space);
                if (!site->second.header.contested.empty()) {
                    may_be_behind(site->first);
                }
            }
            if (!connection.traffic_selectors.empty()) {  // E22: which pairs they take is open
                behind.when.push_back(
                    {network.about(FactKey::unread_neighbour, connection_id.text()), true});
            }
            if (!behind.addresses.empty()) {
                result.push_back(std::move(behind));
            }
        }
    }
    if (!gateway.client_pool.empty()) {
        BehindGateway pool;
        pool.kind = BehindGateway::Kind::client_pool;
        pool.addresses = union_of(gateway.client_pool);
        pool.via = id;
        result.push_back(std::move(pool));
        connected = true;
    }
    // Transit spokes and the gateway's own VNet: handed on by the GatewaySubnet's routes.     [P11]
    const VnetIndex home = vnet_of_gateway(network, gateway);
    const auto add_open = [&](BehindGateway behind, const Guard& more) {
        if (!more.empty()) {
            behind.addresses = AddressSet::all();
            behind.when.insert(behind.when.end(), more.begin(), more.end());
            result.push_back(std::move(behind));
        }
    };
    if (home != kNoIndex) {
        BehindGateway back;
        back.kind = BehindGateway::Kind::vnet;
        back.vnet = home;
        back.via = id;
        back.remote_gateway = id;
        back.remote_subnet = subnet_of_gateway(network, gateway);
        back.addresses = address_space(*network.vnets()[home]);
        result.push_back(back);
        add_open(back, more_space(network, *network.vnets()[home]));
        for (const PeeringLink& link : peering_links(network, home)) {
            if (link.live && link.local->allow_gateway_transit &&
                (link.back == nullptr || link.back->use_remote_gateways)) {
                back.via = link.local->header.id;
                back.addresses = link.space;
                back.when = link.when;
                if (link.back == nullptr) {
                    back.when.push_back(
                        {network.about(FactKey::unread_neighbour, link.local->header.id.text()),
                         true});
                }
                result.push_back(back);
                add_open(back, link.when_unsure);
            }
        }
    }
    if (!network.assumptions().onprem().empty()) {
        BehindGateway stated;
        stated.addresses = network.assumptions().onprem();
        stated.via = id;
        result.push_back(std::move(stated));
        connected = true;
    }
    (void)connected;
    // What captured effective routes show as learned is there; other VNets stand for themselves.
    AddressSet captured = captured_behind(network, gateway);  // G6
    for (const BehindGateway& known : result) {
        if (known.kind == BehindGateway::Kind::vnet || known.when.empty()) {
            captured -= known.addresses;
        }
    }
    if (!captured.empty()) {
        BehindGateway learned;
        learned.addresses = std::move(captured);
        learned.via = id;
        result.push_back(std::move(learned));
    }
    if (may_learn(network, gateway) && network.assumptions().bgp_open()) {
        BehindGateway learned;
        learned.addresses = AddressSet::all();
        learned.via = id;
        learned.when = {{network.about(FactKey::bgp, id.text()), true}};
        result.push_back(std::move(learned));
    }
    return result;
}

bool may_have_more_members(const Network& network, const ResourceId& group) {
    const auto found = network.snapshot().network_groups.find(group);
    if (found == network.snapshot().network_groups.end()) {
        return true;
    }
    return !found->second.members_complete &&
           (found->second.members.empty() ||
            !network.assumptions().value(FactKey::admin_rules_deployed).has_value());
}

std::optional<Guard> membership(const Network& network, const ResourceId& group,
                                const ResourceId& vnet, const ResourceId& subnet) {
    const auto found = network.snapshot().network_groups.find(group);
    if (found != network.snapshot().network_groups.end()) {
        for (const ResourceId& member : found->second.members) {
            if (member == vnet || (!subnet.empty() && member == subnet)) {
                return Guard{};
            }
        }
    }
    if (!may_have_more_members(network, group)) {
        return std::nullopt;
    }
    return Guard{{network.about(FactKey::group_member, group.text() + " " + vnet.text()), true}};
}

std::vector<GroupLink> group_links(const Network& network, VnetIndex vnet) {
    std::vector<GroupLink> links;
    const Snapshot& snapshot = network.snapshot();
    const VirtualNetwork& own = *network.vnets()[vnet];
    struct Member {
        VnetIndex vnet;
        Guard when;
    };
    struct Cover {  // addresses of one network at least, and of two
        AddressSet once, twice;
        void add(const AddressSet& space) {
            twice |= once & space;
            once |= space;
        }
    };
    for (const auto& [id, configuration] : snapshot.connectivity_configurations) {
        for (const ConnectivityConfiguration::Group& group : configuration.groups) {
            if (!configuration.mesh && !group.directly_connected) {
                continue;
            }
            const bool is_global =
                configuration.mesh ? configuration.is_global || group.is_global : group.is_global;
            std::vector<Member> members;
            if (may_have_more_members(network, group.id)) {
                for (VnetIndex v = 0; v < network.vnets().size(); ++v) {
                    if (auto when = membership(network, group.id, network.vnets()[v]->header.id)) {
                        members.push_back({v, std::move(*when)});
                    }
                }
            } else {
                for (const ResourceId& member :
                     snapshot.network_groups.find(group.id)->second.members) {
                    if (const auto v = network.vnet_index(member)) {
                        members.push_back({*v, {}});
                    }
                }
            }
            if (!configuration.mesh) {
                for (const ResourceId& hub : configuration.hubs) {  // A20
                    Guard when;
                    const auto v = network.vnet_index(hub);
                    const bool listed = std::any_of(members.begin(), members.end(),
                                                    [&](const Member& m) { return m.vnet == v; });
                    if (v && !listed &&
                        network.add_literal(when, FactKey::hub_joins_connected_group, true)) {
                        members.push_back({*v, when});
                    }
                }
            }
            if (!configuration.header.contested.empty()) {
                for (Member& member : members) {
                    member.when.push_back(
                        {network.about(FactKey::contested_copy, id.text()), true});
                }
            }
            const auto self = std::find_if(members.begin(), members.end(),
                                           [&](const Member& m) { return m.vnet == vnet; });
            if (self == members.end()) {
                continue;
            }
            const auto together = [&](const VirtualNetwork& other) {
                return is_global || same_region(own.header.location, other.header.location);
            };
            std::array<Cover, 2> covers;  // by those surely members, and by the others
            for (const Member& member : members) {
                if (together(*network.vnets()[member.vnet])) {
                    covers[member.when.empty() ? 0 : 1].add(
                        address_space(*network.vnets()[member.vnet]));
                }
            }
            for (const Member& member : members) {
                const VirtualNetwork& other = *network.vnets()[member.vnet];
                if (member.vnet == vnet || !together(other)) {
                    continue;
                }
                GroupLink link;
                link.member = member.vnet;
                link.group = id;
                link.when = self->when;
                for (const Literal& literal : member.when) {
                    if (std::find(link.when.begin(), link.when.end(), literal) == link.when.end()) {
                        link.when.push_back(literal);
                    }
                }
                link.space = address_space(other);
                const Guard more = more_space(network, other);
                const Cover& sure = covers[0];
                const Cover& open = covers[1];
                link.overlap = link.space & (member.when.empty() ? sure.twice : sure.once);
                link.doubtful = link.space & (member.when.empty() ? open.once : open.twice);
                link.space -= link.overlap;
                link.doubtful -= link.overlap;
                link.space -= link.doubtful;
                if (!link.doubtful.empty()) {
                    link.when_doubtful = {
                        {network.about(FactKey::group_address,
                                       group.id.text() + " overlaps " + other.header.id.text()),
                         false}};
                }
                if (!more.empty()) {
                    link.doubtful |= AddressSet::all() - link.space - link.overlap;
                    link.when_doubtful = more;
                }
                links.push_back(std::move(link));
            }
        }
    }
    return links;
}

}  // namespace azreach
