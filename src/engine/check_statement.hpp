// What an invariant says, as whole flows and what is permitted of them.
#pragma once

#include "src/engine/check_parts.hpp"

namespace azreach {

struct StatedFlow {
    ForbiddenFlow whole;
    std::vector<const FlowExpression*> permitted;
};

/// `any` for require, `every` for the other verbs.
const ServiceSet& default_services(Verb verb);

/// One flow of an invariant, with its services and waypoints; `through` leaves its `via` out.
ForbiddenFlow whole_flow(const Invariant& invariant, const FlowExpression& flow,
                         const FlowFinder& finder, const SetEvaluator& sets);

/// The flows of which nothing may arrive beside what is permitted: of deny, only, isolate and
/// through. Exceptions permit until they expire.
std::vector<StatedFlow> stated_flows(const Invariant& invariant, const FlowFinder& finder,
                                     const SetEvaluator& sets, const Date& today);

}  // namespace azreach
