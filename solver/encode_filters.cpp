#include "solver/encode_filters.hpp"

#include <algorithm>

namespace azreach::solver {

namespace {

/// Something in it is about this list at this NIC, whatever other lists of its group say.
bool of_its_own(const FilterList& list) {
    return list.captured || std::any_of(list.rules.begin(), list.rules.end(),
                                        [](const FilterRule& rule) { return !rule.when.empty(); });
}

}  // namespace

bool Party::contains(ConfigIndex config) const {
    return std::binary_search(configs.begin(), configs.end(), config);
}

const std::vector<Party::Alike>& FilterEncoder::alike(const Party& party,
                                                      Direction direction) const {
    auto& known = party.alike[direction == Direction::inbound ? 0 : 1];
    if (known) {
        return *known;
    }
    known.emplace();
    // NIC lists of one group are alike although each is attached to its own NIC.
    using Key =
        std::tuple<const FilterList*, const FilterList*, const FilterList*, ResourceId, ResourceId>;
    std::map<Key, std::size_t> index;
    std::map<std::size_t, AddressSet> addresses;
    const auto guarded = [](const FilterList* list) {
        return list != nullptr && of_its_own(*list);
    };
    for (const ConfigIndex config : party.configs) {
        const FilterChain chain = network_.filters().chain(config, direction);
        Key key{chain.admin, nullptr, nullptr, {}, {}};
        if (chain.first != nullptr) {
            guarded(chain.first) ? void(std::get<1>(key) = chain.first)
                                 : void(std::get<3>(key) = chain.first->owner);
        }
        if (chain.second != nullptr) {
            guarded(chain.second) ? void(std::get<2>(key) = chain.second)
                                  : void(std::get<4>(key) = chain.second->owner);
        }
        const auto [found, fresh] = index.emplace(key, known->size());
        if (fresh) {
            known->push_back({chain, config, {}});
        }
        if (const auto& address = network_.configurations()[config].configuration->address) {
            addresses[found->second] |= AddressSet::single(*address);
        }
    }
    for (auto& [i, set] : addresses) {
        (*known)[i].addresses = std::move(set);
    }
    return *known;
}

FilterOutcome FilterEncoder::at(const Party& party, const AddressTerm& who, Direction direction,
                                const PacketTerm& packet, bool ignore_source_port) {
    const std::vector<Party::Alike>& classes = alike(party, direction);
    if (classes.size() == 1) {
        return chain(classes.front().chain, classes.front().first, packet, ignore_source_port);
    }
    std::vector<Formula> allowed;
    std::vector<Formula> always;
    for (const Party::Alike& same : classes) {
        const Formula here = terms_.in(who, same.addresses);
        if (here.is(false)) {
            continue;
        }
        const FilterOutcome outcome = chain(same.chain, same.first, packet, ignore_source_port);
        allowed.push_back(here && outcome.allowed);
        always.push_back(here && outcome.always);
    }
    return {any_of(allowed), any_of(always)};
}

/// match:  admin list, then two groups
/// result: not denied by admin rules, and passed by them for good or allowed by both groups
FilterOutcome FilterEncoder::chain(const FilterChain& chain, ConfigIndex at,
                                   const PacketTerm& packet, bool ignore_source_port) {
    FilterOutcome outcome;
    Formula denied = false;
    if (chain.admin != nullptr) {
        const ListOutcome admin = list(*chain.admin, at, packet, ignore_source_port);
        denied = admin.denies;
        outcome.always = admin.always;
    }
    std::vector<Formula> groups;
    for (const FilterList* group : {chain.first, chain.second}) {
        if (group != nullptr) {
            groups.push_back(!list(*group, at, packet, ignore_source_port).denies);
        }
    }
    outcome.allowed = !denied && (outcome.always || all_of(groups));
    return outcome;
}

std::size_t FilterEncoder::number_of(const FilterList& list) {
    return numbers_.emplace(std::pair(list.association, list.direction), numbers_.size() + 1)
        .first->second;
}

/// match:  rules in order, the first that matches decides; at the end of a group nothing passes
///         (a protocol that not even "*" covers), at the end of the admin rules the groups decide
/// result: denies iff a Deny rule, or the end of a group, is first
FilterEncoder::ListOutcome FilterEncoder::list(const FilterList& list, ConfigIndex at,
                                               const PacketTerm& packet, bool ignore_source_port) {
    ListKey key;
    key.owner = list.owner;
    key.subnet = network_.configurations()[at].subnet;
    key.direction = list.direction;
    key.kind = list.kind;
    key.ignore_source_port = ignore_source_port;
    key.list = of_its_own(list) || list.kind == FilterList::Kind::admin_rules ? &list : nullptr;
    const auto known = lists_.find({key, packet});
    if (known != lists_.end()) {
        return known->second;
    }
    struct Case {
        Formula match;
        Access access;
    };
    std::vector<Case> cases;
    bool decided = false;
    for (const FilterRule& rule : list.rules) {
        Formula match = matches(rule, list, packet, ignore_source_port);
        if (match.is(false)) {
            continue;
        }
        decided = match.is(true);
        if (!cases.empty() && cases.back().access == rule.access) {  // neighbours that agree
            cases.back().match = cases.back().match || match;
        } else {
            cases.push_back({std::move(match), rule.access});
        }
        if (decided) {
            break;
        }
    }
    const bool admin = list.kind == FilterList::Kind::admin_rules;
    ListOutcome outcome{!admin, false};
    for (auto rule = cases.rbegin(); rule != cases.rend(); ++rule) {
        outcome.denies = if_then_else(rule->match, rule->access == Access::deny, outcome.denies);
        outcome.always =
            if_then_else(rule->match, rule->access == Access::always_allow, outcome.always);
    }
    return lists_.emplace(std::pair(key, packet), outcome).first->second;
}

Formula FilterEncoder::matches(const FilterRule& rule, const FilterList& list,
                               const PacketTerm& packet, bool ignore_source_port) {
    const Formula service = member(rule.service, packet.service, ignore_source_port);
    if (service.is(false)) {
        return false;
    }
    const Formula source = member(rule.source, packet.src);
    if (source.is(false)) {
        return false;
    }
    const Formula destination = member(rule.destination, packet.dst);
    if (destination.is(false)) {
        return false;
    }
    Topic topic;
    topic.kind = Topic::Kind::list;
    topic.number = rule.when.empty() ? 0 : number_of(list);
    return all_of({facts_.holds(rule.when, topic), service, source, destination});
}

Formula FilterEncoder::member(const GuardedAddresses& parts, const AddressTerm& address) {
    std::vector<Formula> ways;
    for (const Guarded<AddressSet>& part : parts) {
        const Formula inside = terms_.in(address, part.set);
        if (!inside.is(false)) {
            ways.push_back(inside && facts_.holds(part.when, Topic::about(address)));
        }
    }
    return any_of(ways);
}

Formula FilterEncoder::member(const GuardedServices& parts, const ServiceTerm& service,
                              bool ignore_source_port) {
    std::vector<Formula> ways;
    for (const Guarded<ServiceSet>& part : parts) {
        const Formula inside =
            terms_.in(service, ignore_source_port ? part.set.with_any_source_port() : part.set);
        if (!inside.is(false)) {
            ways.push_back(inside && facts_.holds(part.when, {}));
        }
    }
    return any_of(ways);
}

Formula FilterEncoder::platform_denied(const Party& party, const AddressTerm& who,
                                       const PacketTerm& packet, const std::string& tag) {
    if (tag.empty()) {
        return false;
    }
    const auto names_tag = [&](const FilterRule& rule) {
        const auto& tags = rule.rule->destination.tags;
        return std::any_of(tags.begin(), tags.end(),
                           [&](const std::string& t) { return equal_ignoring_case(t, tag); });
    };
    std::vector<Formula> denied;
    for (const Party::Alike& same : alike(party, Direction::outbound)) {
        std::vector<Formula> by_list;
        for (const FilterList* list : {same.chain.first, same.chain.second}) {
            if (list == nullptr) {
                continue;
            }
            // Deny rules that do not name the tag are passed over; the first other match decides.
            Formula outcome = false;
            for (auto rule = list->rules.rbegin(); rule != list->rules.rend(); ++rule) {
                const bool deny = rule->access == Access::deny;
                if (rule->rule == nullptr || (deny && !names_tag(*rule))) {
                    continue;
                }
                outcome = if_then_else(matches(*rule, *list, packet, false), deny, outcome);
            }
            by_list.push_back(outcome);
        }
        const Formula here =
            party.configs.size() == 1 ? Formula(true) : terms_.in(who, same.addresses);
        denied.push_back(here && any_of(by_list));
    }
    return any_of(denied);
}

}  // namespace azreach::solver
