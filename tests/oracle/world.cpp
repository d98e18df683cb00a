#include "tests/oracle/world.hpp"

#include <algorithm>

namespace azreach::oracle {

bool in_prefixes(const std::vector<Prefix>& prefixes, const Address& address) {
    for (const Prefix& prefix : prefixes) {
        if (prefix.contains(address)) return true;
    }
    return false;
}

bool is_public(const Address& address) {
    if (address.family == Family::v6) return (address.value >> 125) == 1;  // 2000::/3
    const auto v = static_cast<unsigned>(address.value);
    const unsigned first = v >> 24;
    const unsigned second = (v >> 16) & 255;
    if (first == 0 || first == 10 || first == 127 || first >= 224) return false;
    if (first == 172 && second >= 16 && second < 32) return false;
    if (first == 192 && second == 168) return false;
    if (first == 169 && second == 254) return false;
    if (first == 100 && second >= 64 && second < 128) return false;
    return v != 0xA83F8110U;  // 168.63.129.16 is the host
}

bool same_place(const std::string& a, const std::string& b) {
    std::string x;
    std::string y;
    for (const char c : a) {
        if (c != ' ') x += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    for (const char c : b) {
        if (c != ' ') y += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return x.empty() || y.empty() || x == y;
}

const VirtualNetwork* vnet_of(const World& w, const ResourceId& id) {
    const auto found = w.s.virtual_networks.find(id);
    return found == w.s.virtual_networks.end() ? nullptr : &found->second;
}

Seat seat_of(const World& w, const NetworkInterface& nic, const IpConfiguration& config) {
    Seat seat{&nic, &config, nullptr, nullptr, nullptr};
    if (config.subnet) {
        for (const auto& [id, vnet] : w.s.virtual_networks) {
            for (const Subnet& subnet : vnet.subnets) {
                if (subnet.header.id == *config.subnet) {
                    seat.vnet = &vnet;
                    seat.subnet = &subnet;
                }
            }
        }
    }
    for (const auto& [id, endpoint] : w.s.private_endpoints) {
        const bool listed = std::find(endpoint.interfaces.begin(), endpoint.interfaces.end(),
                                      nic.header.id) != endpoint.interfaces.end();
        if (listed || nic.private_endpoint == id) seat.endpoint = &endpoint;
    }
    return seat;
}

std::vector<Seat> seats(const World& w) {
    std::vector<Seat> all;
    for (const auto& [id, nic] : w.s.interfaces) {
        for (const IpConfiguration& config : nic.configurations) {
            all.push_back(seat_of(w, nic, config));
        }
    }
    return all;
}

const Peering* other_side(const World& w, const VirtualNetwork& vnet, const Peering& peering) {
    const VirtualNetwork* remote = peering.remote ? vnet_of(w, *peering.remote) : nullptr;
    if (remote == nullptr) return nullptr;
    for (const Peering& back : remote->peerings) {
        if (back.remote == vnet.header.id) return &back;
    }
    return nullptr;
}

bool peering_works(const World& w, const VirtualNetwork& vnet, const Peering& peering) {
    if (peering.state == PeeringState::initiated || peering.state == PeeringState::disconnected) {
        return false;
    }
    if (peering.state == PeeringState::unknown &&
        !w.unknown("state of " + peering.header.id.text())) {
        return false;
    }
    const Peering* back = other_side(w, vnet, peering);
    return back == nullptr ||
           (back->state != PeeringState::initiated && back->state != PeeringState::disconnected);
}

std::vector<Prefix> peering_space(const World& w, const Peering& peering) {
    const VirtualNetwork* remote = peering.remote ? vnet_of(w, *peering.remote) : nullptr;
    std::vector<Prefix> space = peering.remote_space;
    if (space.empty()) space = peering.remote_vnet_space;
    if (space.empty() && remote != nullptr) space = remote->address_space;
    if (!peering.complete_vnets) {  // P15, P18
        if (remote != nullptr && !peering.remote_subnets.empty()) {
            space.clear();
            for (const Subnet& subnet : remote->subnets) {
                for (const std::string& name : peering.remote_subnets) {
                    if (equal_ignoring_case(name, subnet.header.name)) {
                        space.insert(space.end(), subnet.prefixes.begin(), subnet.prefixes.end());
                    }
                }
            }
        }
        std::erase_if(space, [&](const Prefix& prefix) {
            return (prefix.family() == Family::v6) != peering.only_ipv6;
        });
    }
    return space;
}

bool in_group(const World& w, const ResourceId& group, const VirtualNetwork& vnet) {
    const auto found = w.s.network_groups.find(group);
    if (found != w.s.network_groups.end()) {
        const auto& members = found->second.members;
        if (std::find(members.begin(), members.end(), vnet.header.id) != members.end()) return true;
        if (found->second.members_complete) return false;
        // The documented reading of admin-rules-deployed: the static members are all, if any.
        if (!members.empty() && w.a.value(FactKey::admin_rules_deployed)) return false;
    }
    return w.unknown("member " + group.text() + " " + vnet.header.id.text());
}

std::vector<const VirtualNetwork*> group_members(const World& w, const VirtualNetwork& vnet) {
    std::vector<const VirtualNetwork*> result;
    for (const auto& [id, configuration] : w.s.connectivity_configurations) {
        for (const auto& group : configuration.groups) {
            if (!configuration.mesh && !group.directly_connected) continue;
            if (!in_group(w, group.id, vnet)) continue;
            const bool global = (configuration.mesh && configuration.is_global) || group.is_global;
            for (const auto& [key, other] : w.s.virtual_networks) {
                if (key != vnet.header.id &&
                    (global || same_place(other.header.location, vnet.header.location)) &&
                    in_group(w, group.id, other)) {
                    result.push_back(&other);
                }
            }
        }
    }
    return result;
}

std::vector<const VirtualNetworkGateway*> gateways_of(const World& w, const VirtualNetwork& vnet) {
    std::vector<const VirtualNetworkGateway*> result;
    const auto in = [&](const VirtualNetworkGateway& gateway, const VirtualNetwork& home) {
        for (const ResourceId& subnet : gateway.subnets) {
            for (const Subnet& own : home.subnets) {
                if (own.header.id == subnet) return true;
            }
        }
        return false;
    };
    for (const auto& [id, gateway] : w.s.gateways) {
        if (in(gateway, vnet)) result.push_back(&gateway);
    }
    for (const Peering& peering : vnet.peerings) {  // P10
        if (!peering.use_remote_gateways || !peering_works(w, vnet, peering)) continue;
        const Peering* back = other_side(w, vnet, peering);
        const VirtualNetwork* hub = peering.remote ? vnet_of(w, *peering.remote) : nullptr;
        if (hub == nullptr || (back != nullptr && !back->allow_gateway_transit)) continue;
        for (const auto& [id, gateway] : w.s.gateways) {
            if (in(gateway, *hub)) result.push_back(&gateway);
        }
    }
    return result;
}

}  // namespace azreach::oracle
