#include "src/engine/check_statement.hpp"

namespace azreach {

namespace {

std::string text_of(const SetExpression& set) {
    switch (set.op) {
        case SetExpression::Op::name:
            return set.name;
        case SetExpression::Op::unite:
            return text_of(set.parts[0]) + " + " + text_of(set.parts[1]);
        case SetExpression::Op::subtract:
            return text_of(set.parts[0]) + " - (" + text_of(set.parts[1]) + ")";
        case SetExpression::Op::intersect:
            return "(" + text_of(set.parts[0]) + ") & (" + text_of(set.parts[1]) + ")";
    }
    return "";
}

}  // namespace

const ServiceSet& default_services(Verb verb) {
    static const ServiceSet kAny = ServiceSet::any();
    static const ServiceSet kEvery = ServiceSet::every();
    return verb == Verb::require ? kAny : kEvery;
}

ForbiddenFlow whole_flow(const Invariant& invariant, const FlowExpression& flow,
                         const FlowFinder& finder, const SetEvaluator& sets) {
    ForbiddenFlow result;
    result.from = sets.of(flow.from);
    result.to = sets.of(flow.to);
    result.services = flow.services        ? *flow.services
                      : invariant.services ? *invariant.services
                                           : default_services(invariant.verb);
    if (invariant.verb != Verb::through) {
        for (const SetExpression& via : flow.via) {
            result.pass.push_back(finder.waypoints(sets.of(via)));
        }
    }
    for (const SetExpression& via : flow.not_via) {
        result.avoid = united(result.avoid, finder.waypoints(sets.of(via)));
    }
    result.text = flow.text;
    return result;
}

std::vector<StatedFlow> stated_flows(const Invariant& invariant, const FlowFinder& finder,
                                     const SetEvaluator& sets, const Date& today) {
    std::vector<StatedFlow> result;
    std::vector<const FlowExpression*> permitted;
    for (const FlowException& exception : invariant.except) {
        if (!exception.waiver.expired(today)) {
            permitted.push_back(&exception.flow);
        }
    }
    const ServiceSet& every = default_services(invariant.verb);
    switch (invariant.verb) {
        case Verb::deny:
            for (const FlowExpression& flow : invariant.flows) {
                result.push_back({whole_flow(invariant, flow, finder, sets), permitted});
            }
            break;
        case Verb::through:
            for (const FlowExpression& flow : invariant.flows) {
                for (const SetExpression& via : flow.via) {
                    ForbiddenFlow around = whole_flow(invariant, flow, finder, sets);
                    around.avoid = united(around.avoid, finder.waypoints(sets.of(via)));
                    around.text =
                        text_of(flow.from) + " -> " + text_of(flow.to) + " not via " + text_of(via);
                    result.push_back({std::move(around), permitted});
                }
            }
            break;
        case Verb::isolate:
            for (const SetExpression& from : invariant.sets) {
                for (const SetExpression& to : invariant.sets) {
                    if (&from == &to) {
                        continue;
                    }
                    ForbiddenFlow flow;
                    flow.from = sets.of(from);
                    flow.to = sets.of(to);
                    flow.services = invariant.services.value_or(every);
                    flow.text = text_of(from) + " -> " + text_of(to);
                    result.push_back({std::move(flow), permitted});
                }
            }
            break;
        case Verb::only: {
            for (const FlowExpression& flow : invariant.flows) {
                permitted.push_back(&flow);
            }
            SetExpression any;
            any.name = "any";
            ForbiddenFlow flow;
            flow.from = sets.of(any);
            flow.to = sets.of(invariant.sets.front());
            flow.services = invariant.services.value_or(every);
            flow.text = "any -> " + text_of(invariant.sets.front()) + ", beside what is permitted";
            result.push_back({std::move(flow), std::move(permitted)});
            break;
        }
        case Verb::require:
        case Verb::limit:
        case Verb::no_new:
        case Verb::same:
            break;
    }
    return result;
}

}  // namespace azreach
