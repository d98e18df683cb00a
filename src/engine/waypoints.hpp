// What packets may have to pass, or must not pass: `via` of a flow.
#pragma once

#include <vector>

#include "models/net/address_set.hpp"
#include "models/network/network.hpp"

namespace azreach {

/// Devices on the way. A packet passes a NIC that forwards it or is its destination; a firewall; a
/// balancer that hands it on; a gateway; a NAT gateway or public address that gives it its source
/// or translates its destination; a private endpoint at which it arrives; a next hop.
struct Waypoints {
    std::vector<ConfigIndex> configs;      // ascending
    std::vector<FirewallIndex> firewalls;  // ascending
    std::vector<ResourceId> resources;     // ascending; parts of these count too
    AddressSet next_hops;                  // of routes, when nobody modelled stands there

    bool empty() const {
        return configs.empty() && firewalls.empty() && resources.empty() && next_hops.empty();
    }
    bool has(ConfigIndex config) const;
    bool has_firewall(FirewallIndex firewall) const;
    /// The resource, or one that it is part of.
    bool has(const ResourceId& id) const;
    friend bool operator==(const Waypoints&, const Waypoints&) = default;
};

/// Both together: what passes either.
Waypoints united(const Waypoints& a, const Waypoints& b);

}  // namespace azreach
