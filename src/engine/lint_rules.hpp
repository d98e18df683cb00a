// The parts of lint.
#pragma once

#include "src/engine/lint.hpp"

namespace azreach {

void lint_security_groups(const Network& network, std::vector<LintFinding>& findings);
void lint_routes(const Network& network, std::vector<LintFinding>& findings);
void lint_firewalls(const Network& network, std::vector<LintFinding>& findings);
void lint_services(const Network& network, std::vector<LintFinding>& findings);

}  // namespace azreach
