// What changes of PaaS resources open and close at their endpoints: part of diff.
#pragma once

#include "src/engine/diff.hpp"

namespace azreach {

/// Appends to `answer.changes` what differs for sources in the internet, on-premises and inside, at
/// endpoints of PaaS resources whose own configuration (children included) changed;
/// names the properties in `answer.config`. Cost: two queries for each such endpoint and class of
/// sources; causes: one network for each property that differs.
void diff_services(const Network& before, const Network& after, const ServiceSet& services,
                   DiffAnswer& answer);

}  // namespace azreach
