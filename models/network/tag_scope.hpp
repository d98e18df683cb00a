// What service tags mean at a subnet.                                                   [T1-T22]
#pragma once

#include <string_view>

#include "models/network/connectivity.hpp"

namespace azreach {

/// VirtualNetwork, Internet, AzureLoadBalancer, the platform tags, or a published tag, as it reads
/// at `subnet`. The union of the parts in one world is the tag there.
GuardedAddresses tag_at(const Network& network, std::string_view tag, SubnetIndex subnet);

}  // namespace azreach
