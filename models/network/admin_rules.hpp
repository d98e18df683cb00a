// Security admin rules of Azure Virtual Network Manager.                                   [A1-A17]
#pragma once

#include "models/network/filter_rules.hpp"

namespace azreach {

/// The admin rules in force at a subnet in one direction, all managers and configurations, in
/// order; empty when none may apply.
FilterList admin_rules_at(RuleContext& context, SubnetIndex subnet, Direction direction);

}  // namespace azreach
