// Security admin rules of Azure Virtual Network Manager.                                   [A1-A17]
// Rules decided here: [A1] [A3] [A4] [A5] [A6] [A9] [A11] [A12] [A13] [A14] [A15] [A16] [A17]
#pragma once

#include "models/network/filter_rules.hpp"

namespace azreach {

/// The admin rules in force at a subnet in one direction, all managers and configurations, in
/// order; empty when none may apply.
FilterList admin_rules_at(RuleContext& context, SubnetIndex subnet, Direction direction);

}  // namespace azreach
