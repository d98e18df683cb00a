// no-new and same: what a baseline snapshot delivers, and this one does not, or the other way.
#pragma once

#include "src/engine/check.hpp"

namespace azreach {

/// Fills status, witness, affected and facts of `result`.
void compare_with_baseline(const Network& before, const Network& after, const Endpoints& endpoints,
                           const Policy& policy, const Invariant& invariant,
                           const CheckOptions& options, InvariantResult& result);

}  // namespace azreach
