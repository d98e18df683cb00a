// What the snapshot mentions and does not contain.                                     [J4] [T3]
#pragma once

#include "models/network/snapshot.hpp"

namespace azreach {

/// Appends a gap for every id that is referenced and absent, and for every tag without addresses.
void find_gaps(Snapshot& snapshot);

}  // namespace azreach
