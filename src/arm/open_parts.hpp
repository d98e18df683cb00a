// What is open about resources that hang on values not known before deployment.
#pragma once

#include "src/arm/readers.hpp"

namespace azreach {

/// Resources of this type stay themselves when it is not known whether they exist: what they
/// decide is marked as contested. Others are then kept as unread.
bool keeps_conditional(const Header& header);

/// Marks what symbols leave open, when all resources are merged: unread children in their parents,
/// conditional resources, peerings with networks that may be any, gaps.
/// Derived peerings that stand on both sides become Connected: that is what a deployment of both
/// makes of them.                                                                          [P4]
void mark_open(ImportState& state, const SourceMap& places);

}  // namespace azreach
