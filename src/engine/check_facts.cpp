#include "src/engine/check_facts.hpp"

#include <algorithm>
#include <map>

namespace azreach {

namespace {

constexpr std::size_t kMaxTries = 96;
constexpr std::size_t kMaxConfigurations = 3000;
constexpr std::size_t kMaxTogether = 3;

/// A fact that --assume can state, and the values that it may have.
struct Open {
    std::string key;
    std::vector<std::string> values;
};

std::vector<Open> statable(const std::vector<std::string>& names) {
    std::vector<Open> result;
    for (const std::string& name : names) {
        if (const auto key = fact_of_name(name); key && *key <= FactKey::last_contested) {
            result.push_back({name, {"yes", "no"}});
        } else if (name.starts_with("nva:")) {
            result.push_back({name, {"transparent", "snat", "drop"}});
        } else if (name == "bgp") {
            result.push_back({name, {"none"}});
        }
    }
    return result;
}

/// One invariant under further assumptions.
class Trials {
public:
    Trials(const Network& network, const Policy& policy, const CheckOptions& options,
           const InvariantResult& result)
        : network_(network), options_(options) {
        policy_.sets = policy.sets;
        policy_.services = policy.services;
        policy_.invariants = {*result.invariant};
        options_.facts = false;
    }

    bool exhausted() const { return tried_.size() >= kMaxTries; }

    struct Outcome {
        InvariantStatus status = InvariantStatus::unknown;
        std::vector<std::string> depends_on;
    };
    const Outcome& under(FactStatement statement) {
        std::sort(statement.begin(), statement.end());
        const auto [known, added] = tried_.try_emplace(statement);
        if (!added || tried_.size() > kMaxTries) {
            return known->second;
        }
        Assumptions assumptions = network_.assumptions();
        for (const auto& [key, value] : statement) {
            if (assumptions.state(key, value, "tried")) {
                return known->second;  // it cannot be stated
            }
        }
        const Network network(network_.snapshot(), assumptions);
        const Endpoints endpoints(network);
        std::unique_ptr<Network> baseline;
        CheckOptions options = options_;
        if (options_.baseline != nullptr) {
            baseline = std::make_unique<Network>(options_.baseline->snapshot(), assumptions);
            options.baseline = baseline.get();
        }
        const CheckAnswer answer = check(network, endpoints, policy_, options);
        known->second = {answer.results.front().beneath, answer.results.front().depends_on};
        return known->second;
    }

    /// Held in every case that the contested facts leave.
    bool held_in_all_cases(const FactStatement& so_far, const std::vector<std::string>& names,
                           std::size_t depth) {
        for (const Open& fact : statable(names)) {
            if (fact.values.size() < 2 || depth == 0 || exhausted()) {
                continue;
            }
            return std::all_of(
                fact.values.begin(), fact.values.end(), [&](const std::string& value) {
                    FactStatement statement = so_far;
                    statement.emplace_back(fact.key, value);
                    const Outcome outcome = under(statement);
                    if (outcome.status == InvariantStatus::held) {
                        return true;
                    }
                    // An appliance may do more than the modes that can be stated.
                    return outcome.status == InvariantStatus::unknown &&
                           !fact.key.starts_with("nva:") &&
                           held_in_all_cases(statement, outcome.depends_on, depth - 1);
                });
        }
        return false;
    }

private:
    const Network& network_;
    CheckOptions options_;
    Policy policy_;
    std::map<FactStatement, Outcome> tried_;
};

bool includes(const FactStatement& whole, const FactStatement& part) {
    return std::all_of(part.begin(), part.end(), [&](const auto& item) {
        return std::find(whole.begin(), whole.end(), item) != whole.end();
    });
}

}  // namespace

void find_deciding_facts(const Network& network, const Policy& policy, const CheckOptions& options,
                         InvariantResult& result) {
    if (network.configurations().size() > kMaxConfigurations || result.invariant == nullptr) {
        return;
    }
    const std::vector<Open> open = statable(result.depends_on);
    if (open.empty()) {
        return;
    }
    Trials trials(network, policy, options, result);
    const bool appliances = std::any_of(
        open.begin(), open.end(), [](const Open& fact) { return fact.key.starts_with("nva:"); });
    if (!appliances && trials.held_in_all_cases({}, result.depends_on, 5)) {
        InvariantResult held;
        held.invariant = result.invariant;
        held.suppression = result.suppression;
        held.counted = result.counted;
        held.note = "held whichever way the contested facts are: ";
        for (const Open& fact : open) {
            held.note += (&fact == &open.front() ? "" : ", ") + fact.key;
        }
        result = std::move(held);
        return;
    }
    // Sets of statements by size; only those of which no part decides already.
    std::vector<FactStatement> frontier{{}};
    for (std::size_t size = 1; size <= kMaxTogether && !trials.exhausted(); ++size) {
        std::vector<FactStatement> next;
        for (const FactStatement& base : frontier) {
            for (std::size_t i = 0; i < open.size(); ++i) {
                if (!base.empty()) {  // each set once, in the order of the facts
                    const auto last = std::find_if(open.begin(), open.end(), [&](const Open& fact) {
                        return fact.key == base.back().first;
                    });
                    if (i <= static_cast<std::size_t>(last - open.begin())) {
                        continue;
                    }
                }
                for (const std::string& value : open[i].values) {
                    FactStatement statement = base;
                    statement.emplace_back(open[i].key, value);
                    const auto decided = [&](const std::vector<FactStatement>& found) {
                        return std::any_of(
                            found.begin(), found.end(),
                            [&](const FactStatement& part) { return includes(statement, part); });
                    };
                    if (decided(result.held_if) || decided(result.violated_if)) {
                        continue;
                    }
                    const InvariantStatus status = trials.under(statement).status;
                    if (status == InvariantStatus::held) {
                        result.held_if.push_back(statement);
                    } else if (status == InvariantStatus::violated) {
                        result.violated_if.push_back(statement);
                    } else {
                        next.push_back(statement);
                    }
                }
            }
        }
        if (!result.held_if.empty() && !result.violated_if.empty()) {
            return;
        }
        frontier = std::move(next);
    }
}

}  // namespace azreach
