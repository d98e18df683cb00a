#include "src/engine/lint.hpp"

#include <algorithm>

#include "src/engine/lint_rules.hpp"

namespace azreach {

const std::vector<LintRule>& lint_rules() {
    static const std::vector<LintRule> kRules = {
        {"AZR2001", "shadowed-rule", "medium",
         "Other rules of the group decide everything that this rule matches."},
        {"AZR2002", "redundant-rule", "low", "Without this rule the group decides the same."},
        {"AZR2003", "mergeable-rules", "low", "Two rules that stand together could be one."},
        {"AZR2004", "rule-behind-another-layer", "medium",
         "Another layer always decides first: no packet that this rule would decide reaches it."},
        {"AZR2005", "unattached-group", "low", "The security group stands nowhere."},
        {"AZR2006", "route-to-nowhere", "high",
         "The next hop of the route is nobody who forwards packets."},
        {"AZR2007", "route-loop", "high", "Packets to these destinations go round."},
        {"AZR2008", "asymmetric-path", "medium",
         "Requests pass a stateful device that replies miss, or the other way round."},
        {"AZR2009", "rule-matches-nothing", "low", "The rule matches no packet at all."},
        {"AZR2010", "open-service", "medium",
         "A PaaS resource takes connections from any address of the internet."},
        {"AZR2011", "private-endpoint-missed-by-dns", "medium",
         "Clients that could use a private endpoint get another address, or none, for its name."},
        {"AZR2012", "dead-firewall-rule", "medium",
         "Earlier rules of the firewall decide everything that this rule matches."},
    };
    return kRules;
}

std::vector<LintFinding> lint(const Network& network) {
    std::vector<LintFinding> findings;
    lint_security_groups(network, findings);
    lint_routes(network, findings);
    lint_services(network, findings);
    lint_firewalls(network, findings);
    std::stable_sort(findings.begin(), findings.end(),
                     [](const LintFinding& a, const LintFinding& b) {
                         return a.rule != b.rule ? a.rule < b.rule : a.target.id < b.target.id;
                     });
    return findings;
}

}  // namespace azreach
