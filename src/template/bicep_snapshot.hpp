// `bicep snapshot`: the resources that a deployment would make, worked out by Bicep itself.
//
// {"predictedResources": [...], "diagnostics": [], "outputs": {}}. The resources have the shape of
// ARM; a string "[...]" that is not "[[..." is an expression that Bicep could not resolve: a symbol
// under the expression's name.
// Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-cli#snapshot
#pragma once

#include "src/derived/derived.hpp"

namespace azreach {

/// Throws derived::ParseError for text that is no JSON.
Derived derive_bicep_snapshot(const DerivedInput& input);

}  // namespace azreach
