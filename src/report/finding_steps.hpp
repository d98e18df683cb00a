// Hops as steps of a finding, and the place that a developer can change.
#pragma once

#include <string>
#include <vector>

#include "src/report/findings.hpp"
#include "src/report/json.hpp"

namespace azreach::report {

/// "nsg-web: allow by allow-https (100)".
std::string hop_text(const Hop& hop);
/// Each hop with the place of its rule.
std::vector<FindingStep> steps(const Context& context, const std::vector<Hop>& hops);
/// Whether people write this file (a template, a plan); exports of what is deployed they do not.
bool is_source_code(const Context& context, const std::string& file);

}  // namespace azreach::report
