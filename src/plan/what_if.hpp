// `az deployment ... what-if`: what a deployment would change, worked out by Azure itself.
//
// {"changes": [{"resourceId", "changeType", "before", "after", "delta"}]}, also under "properties".
// `before` and `after` are whole resources, so one file gives both sides of a change. What Azure
// could not foresee is not guessed: the resource is then a symbol, or there in both states (J2).
// Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-what-if
#pragma once

#include "src/derived/derived.hpp"

namespace azreach {

/// The resources of one side; those that the deployment deletes come with Effect::remove on the
/// side after. Throws derived::ParseError for text that is no JSON.
Derived derive_what_if(const DerivedInput& input, Side side);

}  // namespace azreach
