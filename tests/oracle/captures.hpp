// Captured effective security rules for generated networks: they fit the groups, and what their
// tags and groups expand to is drawn by lot, for every derivation has to take it as it stands.
#pragma once

#include <cstdint>

#include "models/network/snapshot.hpp"

namespace azreach::oracle {

/// Adds captures for some NICs. Deterministic.
void add_captures(Snapshot& snapshot, std::uint64_t seed);

/// The rules captured at the NIC for a group at an association, if they fit the group.    [G5]
const EffectiveSecurityGroup* captured_group(const Snapshot& snapshot, const ResourceId& nic,
                                             const NetworkSecurityGroup& group,
                                             const ResourceId& association, Direction direction);

}  // namespace azreach::oracle
