// Rules of Azure Firewalls that never decide: earlier rules of the same pass, or of an earlier one,
// match all of their packets first.                                            [FW-2] [FW-3] [FW-7]
#include <algorithm>
#include <map>
#include <set>

#include "src/engine/filter_packets.hpp"
#include "src/engine/lint_rules.hpp"

namespace azreach {

namespace {

/// Longer lists are left alone: every rule is compared with those before it.
constexpr std::size_t kMostRules = 4000;

LintObject object_of(const FirewallMatch& match) {
    std::string name = match.rule->name;
    if (match.collection != nullptr) {
        name = match.collection->name + "/" + name;
    }
    return {match.rule->id, std::move(name), match.rule->where};
}

/// One side of a rule: all that it may match, or what it surely matches.
AddressSet side_of(const AddressParts& parts, bool certain) {
    AddressSet result;
    for (const Guarded<AddressSet>* part : parts) {
        if (!certain || part->when.empty()) {
            result |= part->set;
        }
    }
    return result;
}

Cube cube_of(const FirewallMatch& match, bool certain) {
    Cube cube;
    if (certain && !match.when.empty()) {
        return cube;
    }
    cube.src = side_of(match.source, certain);
    cube.dst = side_of(match.destination, certain);
    if (match.service != nullptr) {
        for (const Guarded<ServiceSet>& part : *match.service) {
            if (!certain || part.when.empty()) {
                cube.service |= part.set;
            }
        }
    }
    return cube;
}

class Firewalled {
public:
    Firewalled(const Network& network, std::vector<LintFinding>& findings)
        : network_(network), findings_(findings) {}

    void run() {
        const Firewalls& firewalls = network_.firewalls();
        for (FirewallIndex i = 0; i < firewalls.all().size(); ++i) {
            const CompiledFirewall& compiled = firewalls.rules(i);
            for (const FirewallRules& rules : compiled.alternatives) {
                examine(rules, compiled.unread.empty());
            }
        }
        for (const auto& [id, verdict] : verdicts_) {
            if (verdict.dead) {
                add(verdict);
            }
        }
    }

private:
    /// What holds at every firewall that has the rule.
    struct Verdict {
        const FirewallMatch* match = nullptr;
        bool dead = true;
        bool application = false;
        std::map<ResourceId, const FirewallMatch*> by;
    };

    void examine(const FirewallRules& rules, bool all_read) {
        if (rules.network.size() > kMostRules) {
            return;
        }
        for (std::size_t i = 0; i < rules.network.size(); ++i) {
            examine(rules.network[i], rules.network, i, false, all_read);
        }
        for (const std::vector<FirewallMatch>& list : rules.application) {
            for (const FirewallMatch& match : list) {
                examine(match, rules.network, rules.network.size(), true, all_read);
            }
        }
    }

    /// Whether the first `end` rules of `before` surely decide everything that `match` may match.
    void examine(const FirewallMatch& match, const std::vector<FirewallMatch>& before,
                 std::size_t end, bool application, bool all_read) {
        if (match.rule == nullptr) {
            return;
        }
        Verdict& verdict = verdicts_[match.rule->id];
        verdict.match = &match;
        verdict.application = application;
        const Cube may = cube_of(match, false);
        PacketSet left = PacketSet::of(may);
        if (!all_read || !verdict.dead || left.empty()) {
            verdict.dead = false;
            return;
        }
        for (std::size_t i = 0; i < end && !left.empty(); ++i) {
            const Cube earlier = cube_of(before[i], true);
            const bool meets =
                std::any_of(left.cubes().begin(), left.cubes().end(),
                            [&](const Cube& cube) { return !disjoint(cube, earlier); });
            if (!meets) {
                continue;
            }
            left -= PacketSet::of(earlier);
            if (before[i].rule != nullptr) {
                verdict.by.emplace(before[i].rule->id, &before[i]);
            }
            if (left.cubes().size() > kMostCubes) {
                break;  // too tangled to prove anything
            }
        }
        verdict.dead = left.empty();
    }

    void add(const Verdict& verdict) {
        LintFinding finding;
        finding.rule = "AZR2012";
        finding.target = object_of(*verdict.match);
        for (const auto& [id, match] : verdict.by) {
            finding.by.push_back(object_of(*match));
        }
        const bool same = std::all_of(verdict.by.begin(), verdict.by.end(), [&](const auto& item) {
            return item.second->access == verdict.match->access;
        });
        finding.message = "firewall rule '" + finding.target.name + "' never decides: " +
                          (verdict.application ? "network rules match all of its packets first"
                                               : "earlier rules match all of its packets first") +
                          (same ? ", with the same result" : "");
        findings_.push_back(std::move(finding));
    }

    const Network& network_;
    std::vector<LintFinding>& findings_;
    std::map<ResourceId, Verdict> verdicts_;
};

}  // namespace

void lint_firewalls(const Network& network, std::vector<LintFinding>& findings) {
    if (!network.firewalls().all().empty()) {
        Firewalled(network, findings).run();
    }
}

}  // namespace azreach
