#include "src/engine/reachability_firewall_index.hpp"

namespace azreach {

namespace {

void add(std::vector<RuleParts>& list, const FirewallMatch& match, Access access) {
    RuleParts& parts = list.emplace_back();
    parts.access = access;
    parts.when = &match.when;
    parts.source = match.source;
    parts.destination = match.destination;
    for (const Guarded<ServiceSet>& part : *match.service) {
        parts.service.push_back(&part);
    }
}

}  // namespace

const FilterIndex* FirewallIndexes::index(const std::vector<RuleParts>& rules, bool admin) {
    indexes_.push_back(std::make_unique<FilterIndex>(rules, admin, false, pool_));
    return indexes_.back().get();
}

FirewallChains FirewallIndexes::chains(const FirewallRules& rules) {
    FirewallChains result;
    std::vector<RuleParts> transit;
    std::vector<RuleParts> before;  // transit rules, where they only take packets away
    for (const NatMatch& nat : rules.nat) {
        if (nat.transit) {
            add(transit, nat.match, Access::allow);
            add(before, nat.match, Access::deny);
        }
    }
    result.has_transit = !transit.empty();
    if (result.has_transit) {
        result.transit.first = index(transit, false);
    }
    std::vector<RuleParts> network = before;
    bool some_deny = false;
    for (const FirewallMatch& match : rules.network) {
        add(network, match, match.access);
        some_deny = some_deny || match.access == Access::deny;
    }
    result.network.first = index(network, false);
    if (some_deny) {
        const std::vector<RuleParts> alone(
            network.begin() + static_cast<std::ptrdiff_t>(before.size()), network.end());
        result.not_denied.admin = index(alone, true);
    }
    const FilterIndex* undecided = nullptr;
    for (const std::vector<FirewallMatch>& list : rules.application) {
        if (list.empty()) {
            continue;
        }
        if (undecided == nullptr && !network.empty()) {
            for (RuleParts& parts : network) {
                parts.access = Access::deny;
            }
            undecided = index(network, true);
        }
        std::vector<RuleParts> application;
        for (const FirewallMatch& match : list) {
            add(application, match, match.access);
        }
        FilterIndexes::Chain chain;
        chain.admin = undecided;
        chain.first = index(application, false);
        result.application.push_back(chain);
    }
    return result;
}

const std::vector<FirewallChains>& FirewallIndexes::of(FirewallIndex firewall) {
    const std::lock_guard lock(mutex_);
    const auto [it, added] = chains_.try_emplace(firewall);
    if (added) {
        for (const FirewallRules& rules : network_.firewalls().rules(firewall).alternatives) {
            it->second.push_back(chains(rules));
        }
    }
    return it->second;
}

}  // namespace azreach
