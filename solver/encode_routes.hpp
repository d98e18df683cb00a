// A subnet's effective table as formulas: longest prefix, then precedence, then guards. [R13-R18]
#pragma once

#include <map>
#include <set>
#include <vector>

#include "models/network/network.hpp"
#include "solver/fact_variables.hpp"

namespace azreach::solver {

/// One entry that may be taken. Cases stand in the order in which they win: the first whose
/// condition holds is taken; after the last there is no route.
struct RouteCase {
    Formula applies;
    const EffectiveRouteEntry* entry = nullptr;
    AddressTerm dst;  // the destination, bounded by the entry
};

class RouteEncoder {
public:
    RouteEncoder(const Network& network, Terms& terms, FactVariables& facts)
        : network_(network), terms_(terms), facts_(facts) {}

    /// Only entries that some destination within the bounds may take. Remembered.
    const std::vector<RouteCase>& cases(SubnetIndex subnet, const AddressTerm& dst);

private:
    Formula unbeaten_host(const std::vector<EffectiveRouteEntry>& table,
                          const std::set<const EffectiveRouteEntry*>& floats,
                          const AddressTerm& dst);

    const Network& network_;
    Terms& terms_;
    FactVariables& facts_;
    std::map<std::pair<SubnetIndex, AddressTerm>, std::vector<RouteCase>> known_;
};

}  // namespace azreach::solver
