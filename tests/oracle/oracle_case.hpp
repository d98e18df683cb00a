// What every part of the oracle is given: the snapshot, the assumptions, the world of this walk.
#pragma once

#include <string>

#include "models/network/snapshot.hpp"
#include "tests/oracle/oracle_world.hpp"

namespace azreach::oracle {

struct Case {
    const Snapshot& snapshot;
    const Assumptions& assumptions;
    World& world;

    /// Contested behaviour: what the reading or the user says, else both ways.
    bool holds(FactKey contested) const {
        if (const auto value = assumptions.value(contested)) {
            return *value;
        }
        return world.ask(contested, "");
    }
    /// A fact about one thing that the snapshot cannot decide: both ways.
    bool maybe(FactKey key, const std::string& about) const { return world.ask(key, about); }
};

/// Where a NIC's configuration stands. A null pointer: not in the snapshot, except `endpoint`,
/// which is null for NICs that are not a private endpoint's.
struct Place {
    const VirtualNetwork* vnet = nullptr;
    const Subnet* subnet = nullptr;
    const NetworkInterface* nic = nullptr;
    const IpConfiguration* config = nullptr;
    const PrivateEndpoint* endpoint = nullptr;
};

// ---- finding things by id -----------------------------------------------------------------------

template <class T>
const T* find(const Snapshot::ById<T>& resources, const ResourceId& id) {
    const auto found = resources.find(id);
    return found == resources.end() ? nullptr : &found->second;
}

/// A subnet's id lies under its VNet's.
inline const VirtualNetwork* vnet_of(const Snapshot& snapshot, const ResourceId& subnet) {
    return find(snapshot.virtual_networks, subnet.parent());
}

inline const Subnet* subnet_of(const VirtualNetwork& vnet, const ResourceId& id) {
    for (const Subnet& subnet : vnet.subnets) {
        if (subnet.header.id == id) {
            return &subnet;
        }
    }
    return nullptr;
}

inline bool contains(const std::vector<ResourceId>& ids, const ResourceId& id) {
    for (const ResourceId& each : ids) {
        if (each == id) {
            return true;
        }
    }
    return false;
}

inline bool contains(const std::vector<std::string>& names, std::string_view name) {
    for (const std::string& each : names) {
        if (equal_ignoring_case(each, name)) {
            return true;
        }
    }
    return false;
}

inline bool contains(const std::vector<Prefix>& prefixes, const Address& address) {
    for (const Prefix& prefix : prefixes) {
        if (prefix.contains(address)) {
            return true;
        }
    }
    return false;
}

/// The private endpoint whose NIC this is, or null.
inline const PrivateEndpoint* endpoint_of(const Snapshot& snapshot, const NetworkInterface& nic) {
    if (nic.private_endpoint) {
        return find(snapshot.private_endpoints, *nic.private_endpoint);
    }
    for (const auto& [id, endpoint] : snapshot.private_endpoints) {
        if (contains(endpoint.interfaces, nic.header.id)) {
            return &endpoint;
        }
    }
    return nullptr;
}

inline Place place_of(const Snapshot& snapshot, const NetworkInterface& nic,
                      const IpConfiguration& config) {
    Place place{nullptr, nullptr, &nic, &config, endpoint_of(snapshot, nic)};
    if (config.subnet) {
        place.vnet = vnet_of(snapshot, *config.subnet);
        place.subnet = place.vnet == nullptr ? nullptr : subnet_of(*place.vnet, *config.subnet);
    }
    return place;
}

// ---- kinds of address ---------------------------------------------------------------------------

/// The host's addresses: DNS, DHCP, probes, agent; and instance metadata.               [T19, 1.7]
inline constexpr Address kPlatform = Address::v4(0xA83F8110U);  // 168.63.129.16
inline constexpr Address kMetadata = Address::v4(0xA9FEA9FEU);  // 169.254.169.254

/// Windows activation.                                                                           [1.7]
inline constexpr Address kActivation[] = {Address::v4(0x176687F6U),   // 23.102.135.246
                                          Address::v4(0x147663E0U),   // 20.118.99.224
                                          Address::v4(0x2853EB35U)};  // 40.83.235.53

/// What can be a public address at all: T17 by example and assumption, 2000::/3 for IPv6.
inline bool in_internet_space(const Case& given, const Address& address) {
    if (address == kPlatform) {
        return false;  // the host's, wherever it is asked
    }
    if (address.family == Family::v6) {
        return (address.value >> 125) == 1;  // 2000::/3
    }
    struct Block {
        std::uint32_t first;
        int length;
    };
    static constexpr Block kOut[] = {
        {0x00000000U, 8},  {0x0A000000U, 8},  {0x7F000000U, 8}, {0xAC100000U, 12},
        {0xC0A80000U, 16}, {0xA9FE0000U, 16}, {0xE0000000U, 3},
    };
    for (const Block& block : kOut) {
        if (Prefix::of(Address::v4(block.first), block.length)->contains(address)) {
            return false;
        }
    }
    if (Prefix::of(Address::v4(0x64400000U), 10)->contains(address)) {  // 100.64.0.0/10
        return given.holds(FactKey::internet_includes_shared_space);
    }
    return true;
}

}  // namespace azreach::oracle
