// Rules of security groups: shadowed, redundant, mergeable, behind another layer.
#include <algorithm>
#include <map>
#include <set>

#include "src/engine/config_change_values.hpp"
#include "src/engine/diff_touched.hpp"
#include "src/engine/filter_packets.hpp"
#include "src/engine/lint_rules.hpp"

namespace azreach {

namespace {

LintObject object_of(const SecurityRule& rule) {
    return {rule.id, rule.name + " (" + std::to_string(rule.priority) + ")", rule.where};
}

/// Where a list stands: one configuration that meets it, and at which point of its chain.
struct Standing {
    std::vector<ConfigIndex> configs;
};

/// What is known of a rule after all places were seen; everything must hold at each of them.
struct Verdicts {
    bool seen = false;
    bool matches_nothing = true;
    bool shadowed = true;
    bool redundant = true;
    bool behind = true;  // alive in its list, and nothing reaches it
    std::set<const SecurityRule*> shadows, layers;
};

class Groups {
public:
    Groups(const Network& network, std::vector<LintFinding>& findings)
        : network_(network), findings_(findings) {}

    void run() {
        // Lists by pointer: NICs of one subnet without groups of their own share theirs.
        for (ConfigIndex config = 0; config < network_.configurations().size(); ++config) {
            for (const Direction direction : {Direction::inbound, Direction::outbound}) {
                const FilterChain chain = network_.filters().chain(config, direction);
                for (const FilterList* list : {chain.first, chain.second}) {
                    if (list != nullptr) {
                        lists_[list].configs.push_back(config);
                    }
                }
            }
        }
        for (const auto& [list, standing] : lists_) {
            examine(*list, standing);
        }
        report();
        mergeable();
        unattached();
    }

private:
    void examine(const FilterList& list, const Standing& standing) {
        for (std::size_t i = 0; i < list.rules.size(); ++i) {
            const SecurityRule* rule = list.rules[i].rule;
            if (rule == nullptr || rule->is_default || !rule->certain) {
                continue;
            }
            // Contested meaning makes several entries of one rule: they are judged together.
            if (i > 0 && list.rules[i - 1].rule == rule) {
                continue;
            }
            std::size_t end = i + 1;
            while (end < list.rules.size() && list.rules[end].rule == rule) {
                ++end;
            }
            examine_rule(list, i, end, standing);
        }
    }

    void examine_rule(const FilterList& list, std::size_t begin, std::size_t end,
                      const Standing& standing) {
        Verdicts& verdicts = verdicts_[list.rules[begin].rule];
        verdicts.seen = true;
        PacketSet matched;
        for (std::size_t i = begin; i < end; ++i) {
            matched |= PacketSet::of(may_match(list.rules[i]));
        }
        if (matched.empty()) {
            return;  // matches nothing here
        }
        verdicts.matches_nothing = false;
        PacketSet left = matched;
        for (std::size_t j = 0; j < begin && !left.empty(); ++j) {
            const Cube earlier = must_match(list.rules[j]);
            const bool meets =
                std::any_of(left.cubes().begin(), left.cubes().end(),
                            [&](const Cube& cube) { return !disjoint(cube, earlier); });
            if (!meets) {
                continue;
            }
            left -= PacketSet::of(earlier);
            if (list.rules[j].rule != nullptr) {
                verdicts.shadows.insert(list.rules[j].rule);
            }
            if (left.cubes().size() > kMostCubes) {
                break;  // too tangled to prove anything
            }
        }
        if (left.empty()) {
            verdicts.redundant = false;  // said better
            return;
        }
        verdicts.shadowed = false;
        FilterList without = list;
        without.rules.erase(without.rules.begin() + static_cast<std::ptrdiff_t>(begin),
                            without.rules.begin() + static_cast<std::ptrdiff_t>(end));
        if (!list_difference(network_, &list, network_, &without).empty()) {
            verdicts.redundant = false;
        }
        if (verdicts.behind && !nothing_reaches(list, left, standing, verdicts)) {
            verdicts.behind = false;
        }
    }

    /// Whether the layers before `list` surely decide all of `packets`, wherever it stands.
    bool nothing_reaches(const FilterList& list, const PacketSet& packets, const Standing& standing,
                         Verdicts& verdicts) {
        for (const ConfigIndex config : standing.configs) {
            const FilterChain chain = network_.filters().chain(config, list.direction);
            PacketSet left = packets;
            const auto& address = network_.configurations()[config].configuration->address;
            if (address) {
                // Only packets of this machine come by here (floating addresses aside).
                const AddressSet own = AddressSet::single(*address);
                const bool in = list.direction == Direction::inbound;
                const bool forwards = network_.configurations()[config].interface->ip_forwarding;
                if (!forwards) {
                    left &= PacketSet::of({in ? AddressSet::all() : own,
                                           in ? own : AddressSet::all(), ServiceSet::every()});
                }
            }
            for (const FilterList* before : {chain.admin, chain.first}) {
                if (before == nullptr || before == &list || left.empty()) {
                    continue;
                }
                if (before == chain.first && chain.second != &list) {
                    continue;
                }
                const Decided first = decided(before, left);
                for (const FilterRule& rule : before->rules) {
                    if (rule.rule != nullptr && rule.access != Access::allow) {
                        const Cube cube = must_match(rule);
                        if (std::any_of(left.cubes().begin(), left.cubes().end(),
                                        [&](const Cube& c) { return !disjoint(c, cube); })) {
                            verdicts.layers.insert(rule.rule);
                        }
                    }
                }
                left -= first.denies;
                left -= first.skips;
            }
            if (!left.empty()) {
                return false;
            }
        }
        return true;
    }

    void add(std::string_view id, const SecurityRule& rule, std::string message,
             const std::set<const SecurityRule*>& by) {
        LintFinding finding;
        finding.rule = id;
        finding.target = object_of(rule);
        finding.message = std::move(message);
        std::vector<const SecurityRule*> sorted(by.begin(), by.end());
        std::sort(sorted.begin(), sorted.end(), [](const SecurityRule* a, const SecurityRule* b) {
            return std::pair(a->priority, std::cref(a->id)) <
                   std::pair(b->priority, std::cref(b->id));
        });
        for (const SecurityRule* other : sorted) {
            finding.by.push_back(object_of(*other));
        }
        finding.evidence.emplace_back("rule", values::text(rule));
        findings_.push_back(std::move(finding));
    }

    void report() {
        for (const auto& [rule, verdicts] : verdicts_) {
            const std::string name = "rule '" + rule->name + "' (" +
                                     std::to_string(rule->priority) + ") of '" +
                                     std::string(rule->id.parent().name()) + "'";
            if (verdicts.matches_nothing) {
                add("AZR2009", *rule, name + " matches no packet: a side of it is empty", {});
            } else if (verdicts.shadowed) {
                const bool same = std::all_of(
                    verdicts.shadows.begin(), verdicts.shadows.end(),
                    [&](const SecurityRule* other) { return other->access == rule->access; });
                add(same ? "AZR2002" : "AZR2001", *rule,
                    name + " never decides: earlier rules match all of its packets first" +
                        (same ? ", with the same result" : ""),
                    verdicts.shadows);
            } else if (verdicts.redundant) {
                add("AZR2002", *rule,
                    name + " changes nothing: without it the group decides the same", {});
            } else if (verdicts.behind && !verdicts.layers.empty()) {
                add("AZR2004", *rule,
                    name + " never decides: another layer always decides its packets first",
                    verdicts.layers);
            }
        }
    }

    /// Neighbours in the order of evaluation that differ in one dimension only.
    void mergeable() {
        for (const auto& [id, group] : network_.snapshot().security_groups) {
            for (const Direction direction : {Direction::inbound, Direction::outbound}) {
                std::vector<const SecurityRule*> rules;
                for (const SecurityRule& rule : group.rules) {
                    if (rule.direction == direction && rule.certain) {
                        rules.push_back(&rule);
                    }
                }
                std::stable_sort(rules.begin(), rules.end(), [](const auto* a, const auto* b) {
                    return a->priority < b->priority;
                });
                for (std::size_t i = 0; i + 1 < rules.size(); ++i) {
                    merge(*rules[i], *rules[i + 1]);
                }
            }
        }
    }

    void merge(const SecurityRule& a, const SecurityRule& b) {
        if (a.access != b.access || a.protocol != b.protocol || a.source_ports != b.source_ports ||
            a.ports_unreadable || b.ports_unreadable || a.priority == b.priority) {
            return;
        }
        // A rule that is dead or redundant has its own finding.
        for (const SecurityRule* rule : {&a, &b}) {
            const auto known = verdicts_.find(rule);
            if (known != verdicts_.end() && (known->second.shadowed || known->second.redundant ||
                                             known->second.matches_nothing)) {
                return;
            }
        }
        const bool source = values::same(a.source, b.source);
        const bool destination = values::same(a.destination, b.destination);
        const bool ports = a.destination_ports == b.destination_ports;
        const int different = (source ? 0 : 1) + (destination ? 0 : 1) + (ports ? 0 : 1);
        // A rule takes groups or addresses on a side, not both.                          [N16]
        const auto lists = [](const AddressSpec& x, const AddressSpec& y) {
            const auto plain = [](const AddressSpec& s) {
                return s.asgs.empty() && s.tags.empty() && !s.any && s.unreadable.empty();
            };
            const auto groups = [](const AddressSpec& s) {
                return !s.asgs.empty() && s.prefixes.empty() && s.tags.empty() && !s.any;
            };
            return (plain(x) && plain(y)) || (groups(x) && groups(y));
        };
        if (different != 1 || (!source && !lists(a.source, b.source)) ||
            (!destination && !lists(a.destination, b.destination))) {
            return;
        }
        LintFinding finding;
        finding.rule = "AZR2003";
        finding.target = object_of(b);
        finding.by = {object_of(a)};
        finding.message = "rules '" + a.name + "' and '" + b.name + "' of '" +
                          std::string(a.id.parent().name()) + "' differ only in their " +
                          (!source        ? "sources"
                           : !destination ? "destinations"
                                          : "ports") +
                          " and could be one";
        finding.evidence = {{"first", values::text(a)}, {"second", values::text(b)}};
        findings_.push_back(std::move(finding));
    }

    void unattached() {
        std::set<ResourceId> attached;
        const Snapshot& snapshot = network_.snapshot();
        for (const auto& [id, vnet] : snapshot.virtual_networks) {
            for (const Subnet& subnet : vnet.subnets) {
                if (subnet.security_group) {
                    attached.insert(*subnet.security_group);
                }
                if (subnet.header.contested.contains("networkSecurityGroup")) {
                    return;  // some group may stand there
                }
            }
        }
        for (const auto& [id, interface] : snapshot.interfaces) {
            if (interface.security_group) {
                attached.insert(*interface.security_group);
            }
        }
        for (const auto& [id, set] : snapshot.scale_sets) {
            for (const ScaleSetInterface& interface : set.interfaces) {
                if (interface.security_group) {
                    attached.insert(*interface.security_group);
                }
            }
        }
        for (const auto& [id, group] : snapshot.security_groups) {
            if (!attached.contains(id)) {
                LintFinding finding;
                finding.rule = "AZR2005";
                finding.target = {id, std::string(id.name()), group.header.where};
                finding.message = "security group '" + std::string(id.name()) +
                                  "' stands at no subnet and no NIC of the snapshot";
                finding.evidence = {{"rules", std::to_string(group.rules.size())}};
                findings_.push_back(std::move(finding));
            }
        }
    }

    struct ById {
        bool operator()(const SecurityRule* a, const SecurityRule* b) const {
            return a->id != b->id ? a->id < b->id : std::less<>()(a, b);
        }
    };
    const Network& network_;
    std::vector<LintFinding>& findings_;
    std::map<const FilterList*, Standing> lists_;
    std::map<const SecurityRule*, Verdicts, ById> verdicts_;
};

}  // namespace

void lint_security_groups(const Network& network, std::vector<LintFinding>& findings) {
    Groups(network, findings).run();
}

}  // namespace azreach
