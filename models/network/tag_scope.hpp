// What service tags mean at a subnet.                                                   [T1-T22]
// Rules decided here: [N6] [T1] [T2] [T5] [T6] [T7] [T8] [T9] [T10] [T11] [T12] [T13] [T14] [T15]
// [T16] [T17] [T18] [T19] [T20] [T21] [T22]
#pragma once

#include <string_view>

#include "models/network/connectivity.hpp"

namespace azreach {

/// VirtualNetwork, Internet, AzureLoadBalancer, the platform tags, or a published tag, as it reads
/// at `subnet`. The union of the parts in one world is the tag there.
GuardedAddresses tag_at(const Network& network, std::string_view tag, SubnetIndex subnet);

}  // namespace azreach
