// Sets whose parts depend on open facts.
//
// A guarded set is a union of plain sets, each with the facts under which it belongs. In one world
// (every fact decided) it is an ordinary set; over all worlds it has two bounds [Z1]. The builders
// of models/network drop facts that the assumptions closed, so an empty guard means "certain".
#pragma once

#include <vector>

#include "models/azure/facts.hpp"
#include "models/net/address_set.hpp"
#include "models/net/bounds.hpp"
#include "models/net/service_set.hpp"

namespace azreach {

struct Literal {
    Fact fact;
    bool value = true;
    friend bool operator==(const Literal&, const Literal&) = default;
};

/// A conjunction of literals; empty is always true.
using Guard = std::vector<Literal>;

template <class Set>
struct Guarded {
    Guard when;
    Set set;
};

template <class Set>
using GuardedUnion = std::vector<Guarded<Set>>;
using GuardedAddresses = GuardedUnion<AddressSet>;
using GuardedServices = GuardedUnion<ServiceSet>;

/// must: the union of the unguarded parts (a subset of the truth in every world);
/// may: the union of all parts (a superset).
template <class Set>
Bounds<Set> bounds_of(const GuardedUnion<Set>& parts) {
    Bounds<Set> result;
    for (const Guarded<Set>& part : parts) {
        result.may |= part.set;
        if (part.when.empty()) {
            result.must |= part.set;
        }
    }
    return result;
}

}  // namespace azreach
