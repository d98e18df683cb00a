// One world of the oracle: the snapshot, what is assumed, and the answers to what is open.
#pragma once

#include <string>
#include <vector>

#include "models/azure/facts.hpp"
#include "models/net/packet.hpp"
#include "models/network/snapshot.hpp"
#include "tests/oracle/chooser.hpp"

namespace azreach::oracle {

/// A NIC's IP configuration and where it stands.
struct Seat {
    const NetworkInterface* nic = nullptr;
    const IpConfiguration* config = nullptr;
    const VirtualNetwork* vnet = nullptr;  // null: the subnet was not read
    const Subnet* subnet = nullptr;
    const PrivateEndpoint* endpoint = nullptr;
    const EffectiveSecurityGroup* captured = nullptr;  // while a group is asked             [G5]
    friend bool operator==(const Seat& a, const Seat& b) { return a.config == b.config; }
};

struct World {
    const Snapshot& s;
    const Assumptions& a;
    Chooser& c;

    bool contested(FactKey key) const {
        const auto value = a.value(key);
        return value ? *value : c.fact("key " + std::to_string(static_cast<int>(key)));
    }
    bool unknown(const std::string& what) const { return c.fact(what); }
};

bool in_prefixes(const std::vector<Prefix>& prefixes, const Address& address);
bool is_public(const Address& address);
bool same_place(const std::string& a, const std::string& b);
const VirtualNetwork* vnet_of(const World& w, const ResourceId& id);
Seat seat_of(const World& w, const NetworkInterface& nic, const IpConfiguration& config);
std::vector<Seat> seats(const World& w);

/// A2: listed, or one of the members that no list shows.
bool in_group(const World& w, const ResourceId& group, const VirtualNetwork& vnet);
/// A peering of `vnet` as it works: both sides Connected (an unread one is taken as Connected).
bool peering_works(const World& w, const VirtualNetwork& vnet, const Peering& peering);
const Peering* other_side(const World& w, const VirtualNetwork& vnet, const Peering& peering);
std::vector<Prefix> peering_space(const World& w, const Peering& peering);
/// Members of the connected groups of `vnet`, by configuration.
std::vector<const VirtualNetwork*> group_members(const World& w, const VirtualNetwork& vnet);
/// Gateways that a VNet may use; null members stand for unread ones (their hub's id in `unread`).
std::vector<const VirtualNetworkGateway*> gateways_of(const World& w, const VirtualNetwork& vnet);

// filters.cpp
struct Ruling {
    bool allow = true;
    bool always = false;
    std::string reason, rule;
    const SecurityRule* by = nullptr;
};
/// All filters of a seat in one direction.
Ruling filters(const World& w, const Seat& seat, Direction direction, const Packet& packet);
bool has_group(const Seat& seat);
/// N38: is exempt platform traffic stopped by a Deny that names the tag?
bool platform_denied(const World& w, const Seat& seat, const Packet& packet, const char* tag);

// routes.cpp
struct Way {
    enum class Kind {
        local,
        peer,
        group,
        endpoint,
        internet,
        gateway,
        appliance,
        service,
        none,
        anything
    } kind = Kind::none;
    const VirtualNetwork* vnet = nullptr;
    const Peering* peering = nullptr;
    const VirtualNetworkGateway* gateway = nullptr;
    Address address{};
    const Route* route = nullptr;
    bool global = false;
    bool lost = false;  // chosen and then dropped on the way (subnet peering, contested VnetLocal)
    std::string unknown;  // Kind::anything
};
Way route(const World& w, const VirtualNetwork& vnet, const Subnet& subnet, const Address& to);

/// What a gateway leads to for an address.
struct Behind {
    enum class Kind { site, vnet, anything } kind = Kind::site;
    const VirtualNetwork* vnet = nullptr;  // enter by `gateway`'s subnet
    const VirtualNetworkGateway* gateway = nullptr;
    std::string unknown;
};
std::vector<Behind> behind(const World& w, const VirtualNetworkGateway& gateway, const Address& to);

}  // namespace azreach::oracle
