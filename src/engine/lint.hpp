// lint: rules that decide nothing, routes that lead nowhere, ways that differ forth and back.
//
// Every finding is proved for the snapshot: a rule is called dead only if no packet that it may
// match can be decided by it, at any place where its group stands, whatever the open facts are.
// Default rules are never blamed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/network/network.hpp"

namespace azreach {

struct LintRule {
    std::string_view id;        // "AZR2001"
    std::string_view name;      // "shadowed-rule"
    std::string_view severity;  // high, medium, low
    std::string_view summary;
};
/// All rules, by id. Each has a page docs/rules/<id>.md.
const std::vector<LintRule>& lint_rules();

/// Something that a finding is about, or by which it is so.
struct LintObject {
    ResourceId id;
    std::string name;
    Provenance where;
};

struct LintFinding {
    std::string_view rule;  // id of a LintRule
    LintObject target;
    std::vector<LintObject> by;  // who decides instead: the shadowing set, the other layer
    std::string message;
    std::vector<std::pair<std::string, std::string>> evidence;  // (key, text)
};

/// In a stable order: by rule, then target. Cost: rules of a group times its rules, at every place
/// where it stands; pairs of subnets with appliances.
std::vector<LintFinding> lint(const Network& network);

}  // namespace azreach
