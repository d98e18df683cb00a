// Filter lists asked about sets of packets: what rules match, and what a list surely does.
#pragma once

#include "models/net/packet_set.hpp"
#include "models/network/network.hpp"

namespace azreach {

/// More cubes than this are not refined further: sets stay supersets of what may be.
inline constexpr std::size_t kMostCubes = 400;

/// Everything that a rule may match.
Cube may_match(const FilterRule& rule);
/// What it surely matches; nothing when it is not sure that the rule is there.
Cube must_match(const FilterRule& rule);
bool disjoint(const Cube& a, const Cube& b);

/// What a list surely does with packets; the rest is not sure. Null: everything passes.
struct Decided {
    PacketSet passes, denies, skips;  // skips: always allowed, past the groups
};
Decided decided(const FilterList* list, PacketSet packets);

}  // namespace azreach
