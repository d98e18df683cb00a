// What the snapshot mentions and does not contain.                                     [J4] [T3]
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "models/network/snapshot.hpp"

namespace azreach {

/// Appends a gap for every id that is referenced and absent, and for every tag without addresses.
/// `was_read` tells quickly whether a resource of its own (not a part of one) was read.
/// `mentions`: ids that stood in place of a description, and who named them.
void find_gaps(Snapshot& snapshot, const std::function<bool(const ResourceId&)>& was_read,
               const std::vector<std::pair<ResourceId, ResourceId>>& mentions);

}  // namespace azreach
