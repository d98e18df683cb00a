// What would decide an unknown invariant: small sets of assumptions, tried out.
#pragma once

#include "src/engine/check.hpp"

namespace azreach {

/// Fills held_if and violated_if with the smallest sets of contested facts that decide the
/// invariant when stated, as far as `depends_on` names facts that can be stated. Cost: one small
/// check for every set that is tried; nothing is tried on large networks.
void find_deciding_facts(const Network& network, const Policy& policy, const CheckOptions& options,
                         InvariantResult& result);

}  // namespace azreach
