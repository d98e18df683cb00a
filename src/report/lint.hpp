// The answer of lint as text, JSON and findings.
#pragma once

#include "src/engine/lint.hpp"
#include "src/report/findings.hpp"
#include "src/report/json.hpp"
#include "src/report/text.hpp"

namespace azreach::report {

Json lint_result(const Context& context, const std::vector<LintFinding>& findings);
std::string lint_text(const Context& context, const std::vector<LintFinding>& findings,
                      const TextOptions& options);
/// Findings below `least` ("high", "medium", "low") pass.
Findings lint_findings(const Context& context, const std::vector<LintFinding>& findings,
                       std::string_view least);
std::string lint_markdown(const Context& context, const std::vector<LintFinding>& findings,
                          std::size_t limit);
const LintRule& lint_rule(std::string_view id);

}  // namespace azreach::report
