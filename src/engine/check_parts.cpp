// Flows split by what is permitted of them.
#include "src/engine/check_parts.hpp"

#include <algorithm>

#include "models/azure/diagnostic.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMaxParts = 20000;

/// Endpoints that all of the given sets treat alike: bit i says that set i has them.
struct Alike {
    EndpointSet set;
    std::vector<bool> in;
};

std::vector<Alike> split(const Network& network, EndpointSet whole,
                         const std::vector<EndpointSet>& by) {
    std::vector<Alike> parts;
    if (!whole.no_endpoints()) {
        parts.push_back({std::move(whole), {}});
    }
    for (const EndpointSet& set : by) {
        std::vector<Alike> next;
        for (Alike& part : parts) {
            EndpointSet inside = common(network, part.set, set);
            EndpointSet outside =
                inside.no_endpoints() ? part.set : without(network, part.set, set);
            if (!inside.no_endpoints()) {
                next.push_back({std::move(inside), part.in});
                next.back().in.push_back(true);
            }
            if (!outside.no_endpoints()) {
                next.push_back({std::move(outside), std::move(part.in)});
                next.back().in.push_back(false);
            }
        }
        parts = std::move(next);
    }
    return parts;
}

}  // namespace

std::vector<ForbiddenFlow> FlowParts::without(ForbiddenFlow whole,
                                              const std::vector<const FlowExpression*>& permitted,
                                              const ServiceSet& default_services) const {
    std::vector<EndpointSet> from;
    std::vector<EndpointSet> to;
    struct Permit {
        ServiceSet services;
        std::vector<Waypoints> pass;
        Waypoints avoid;
        bool always() const { return pass.empty() && avoid.empty(); }
    };
    std::vector<Permit> permits;
    for (const FlowExpression* flow : permitted) {
        from.push_back(sets_.of(flow->from));
        to.push_back(sets_.of(flow->to));
        Permit permit;
        permit.services = flow->services.value_or(default_services);
        for (const SetExpression& via : flow->via) {
            permit.pass.push_back(finder_.waypoints(sets_.of(via)));
        }
        for (const SetExpression& via : flow->not_via) {
            permit.avoid = united(permit.avoid, finder_.waypoints(sets_.of(via)));
        }
        permits.push_back(std::move(permit));
    }
    const std::vector<Alike> senders = split(finder_.network(), std::move(whole.from), from);
    const std::vector<Alike> receivers = split(finder_.network(), std::move(whole.to), to);
    std::vector<ForbiddenFlow> result;
    for (const Alike& sender : senders) {
        for (const Alike& receiver : receivers) {
            ForbiddenFlow part;
            part.from = sender.set;
            part.to = receiver.set;
            part.services = whole.services;
            part.pass = whole.pass;
            part.avoid = whole.avoid;
            part.text = whole.text;
            std::vector<const Permit*> conditional;
            for (std::size_t i = 0; i < permits.size(); ++i) {
                if (!sender.in[i] || !receiver.in[i]) {
                    continue;
                }
                if (permits[i].always()) {
                    part.services -= permits[i].services;
                } else {
                    conditional.push_back(&permits[i]);
                }
            }
            // What a flow with waypoints permits: all but the packets that miss one of `pass` or
            // pass one of `avoid`.
            std::vector<ForbiddenFlow> parts{std::move(part)};
            for (const Permit* permit : conditional) {
                std::vector<ForbiddenFlow> next;
                for (ForbiddenFlow& flow : parts) {
                    ForbiddenFlow touched = flow;
                    touched.services &= permit->services;
                    flow.services -= permit->services;
                    if (!flow.services.empty()) {
                        next.push_back(std::move(flow));
                    }
                    if (touched.services.empty()) {
                        continue;
                    }
                    for (const Waypoints& waypoints : permit->pass) {
                        next.push_back(touched);
                        next.back().avoid = united(touched.avoid, waypoints);
                    }
                    if (!permit->avoid.empty()) {
                        next.push_back(touched);
                        next.back().pass.push_back(permit->avoid);
                    }
                }
                parts = std::move(next);
            }
            for (ForbiddenFlow& flow : parts) {
                if (!flow.services.empty()) {
                    result.push_back(std::move(flow));
                }
            }
            if (result.size() > kMaxParts) {
                throw InputError("'" + whole.text + "': more than " + std::to_string(kMaxParts) +
                                 " combinations of sets; name fewer flows");
            }
        }
    }
    return result;
}

}  // namespace azreach
