// Which packets configuration changes can touch: everything else is the same in every world.
//
// The walk of docs/walk.md is a function of filters, routes, owners, translations and what lies
// behind gateways. They are compared as they take effect, on both sides, and where they are equal
// nothing can differ. Superset of what differs: a region named here may turn out the same.
#pragma once

#include "src/engine/diff_rows.hpp"

namespace azreach {

struct Touched {
    /// By row: packets whose state may differ. `fine`: some filter decides them differently, or
    /// hangs on other facts. `coarse`: something else on their way may differ, or not.
    std::vector<PacketSet> fine, coarse;
    /// By row: destinations to which the way may be another one.
    std::vector<AddressSet> rerouted;
    /// Configurations (into BothNetworks::configs) that internet packets may reach by somebody who
    /// publishes them on one side only.
    std::vector<std::size_t> published;
    /// A change whose reach is not known was found: everything is touched.
    bool everything = false;
};

/// Cost: what the changed things take effect on; all filters and routes where something else than
/// rules, routes and their associations changed.
Touched touched(BothNetworks& both, const ConfigChanges& changes,
                const std::vector<SenderRow>& rows);

/// Packets that two filter lists (null: nothing is filtered) may decide differently. `one` and
/// `other` name the facts in their guards.
PacketSet list_difference(const Network& one, const FilterList* a, const Network& other,
                          const FilterList* b);

/// Destinations that two route tables may send another way.
AddressSet table_difference(const Network& one, const std::vector<EffectiveRouteEntry>& a,
                            const Network& other, const std::vector<EffectiveRouteEntry>& b);

}  // namespace azreach
