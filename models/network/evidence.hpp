// What Azure itself computed for a NIC, laid beside what the resources say: it closes open facts
// there.                                                                                 [G4-G7]
//
// A capture counts only where it fits the resources: the same rules, the same user routes, the same
// networks. One that does not fit was taken at another time or elsewhere; it is left alone and said
// so, and the facts stay open.
// Rules decided here: [G5] [G6]
#pragma once

#include <string>
#include <vector>

#include "models/network/routes_build.hpp"

namespace azreach {

/// The capture that names this NIC; null when there is none, or several that differ.
const EffectiveSecurityRules* captured_rules(const Snapshot& snapshot, const ResourceId& nic);
/// The capture of a NIC in this subnet; null when there is none, or several that differ.
const EffectiveRoutes* captured_routes(const Network& network, SubnetIndex subnet);

/// The list with every side that the capture expands taken as exact, and without the stand-ins of
/// hidden rules; nullopt when the capture has no such group, or other rules.               [G5]
std::optional<FilterList> closed_list(const FilterList& list,
                                      const EffectiveSecurityRules& capture);

/// Replaces the routes of the families that the capture lists: those that it shows as active are
/// sure, others are gone. False, and nothing changed, when it does not fit.                  [G6]
bool close_routes(const Network& network, SubnetIndex subnet, const VnetRoutes& shared,
                  const EffectiveRoutes& capture, RouteList& routes);

/// Prefixes that gateways have learned, as captures in subnets that use this gateway list them.
AddressSet captured_behind(const Network& network, const VirtualNetworkGateway& gateway);

/// Captures that are not used, and why: for the user.
struct UnusedCapture {
    ResourceId nic;
    bool rules = false;  // else routes
    std::string why;
    Provenance where;
};
std::vector<UnusedCapture> unused_captures(const Network& network);

}  // namespace azreach
