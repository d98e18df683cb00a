#include "solver/encode_routes.hpp"

#include <set>

namespace azreach::solver {

/// Holds iff the first entry for the destination is a user's route for this one host, or the route
/// of a private endpoint: nothing that was only learned comes before it.
Formula RouteEncoder::unbeaten_host(const std::vector<EffectiveRouteEntry>& table,
                                    const std::set<const EffectiveRouteEntry*>& floats,
                                    const AddressTerm& dst) {
    std::vector<Formula> hosts;
    std::set<Prefix> met;
    for (const EffectiveRouteEntry& entry : table) {
        if (entry.invalid || floats.contains(&entry) || !met.insert(entry.prefix).second) {
            continue;
        }
        const bool host = entry.prefix.length() == width(entry.prefix.family());
        if ((host && entry.route != nullptr) || entry.hop == NextHop::interface_endpoint) {
            hosts.push_back(terms_.in(dst, entry.prefix));
        }
    }
    return any_of(hosts);
}

const std::vector<RouteCase>& RouteEncoder::cases(SubnetIndex subnet, const AddressTerm& dst) {
    const auto key = std::pair(subnet, dst);
    const auto found = known_.find(key);
    if (found != known_.end()) {
        return found->second;
    }
    std::vector<RouteCase> cases;
    const std::vector<EffectiveRouteEntry>& table = network_.routes().table(subnet);
    const std::vector<Routes::Floating> floating = network_.routes().floating(subnet);
    std::set<const EffectiveRouteEntry*> floats;
    bool decided = false;
    const auto add = [&](const Formula& applies, const EffectiveRouteEntry& entry,
                         const AddressSet& destinations) {
        if (!decided && !applies.is(false)) {
            cases.push_back({applies, &entry, terms_.within(dst, destinations)});
            decided = applies.is(true);
        }
    };
    if (!floating.empty()) {
        for (const Routes::Floating& each : floating) {
            floats.insert(each.entry);
        }
        const Formula host = unbeaten_host(table, floats, dst);
        for (const Routes::Floating& each : floating) {
            add(terms_.in(dst, *each.destinations) && (each.even_hosts ? Formula(true) : !host) &&
                    facts_.holds(each.entry->when, Topic::about(dst)),
                *each.entry, *each.destinations);
        }
    }
    // match:  entries, longest prefix first                                                   [R13]
    // result: dst in the prefix and the entry exists in this world
    for (const EffectiveRouteEntry& entry : table) {
        if (decided || entry.invalid || floats.contains(&entry) ||
            entry.prefix.family() != dst.family) {
            continue;
        }
        const Formula inside = terms_.in(dst, entry.prefix);
        if (!inside.is(false)) {
            add(inside && facts_.holds(entry.when, Topic::about(dst)), entry,
                entry.prefix.addresses());
        }
    }
    return known_.emplace(key, std::move(cases)).first->second;
}

}  // namespace azreach::solver
