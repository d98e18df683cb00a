// flows: observed flows against the model.
#include "src/report/flows.hpp"

#include <algorithm>
#include <set>

#include "src/arm/flow_log.hpp"
#include "src/cli/session.hpp"
#include "src/cli/timeout.hpp"

namespace azreach::cli {

namespace {

/// Allow rules of the logged groups (all groups, when networks were logged) that decided no flow
/// and that no record names.
std::vector<const SecurityRule*> unused_rules(const Network& network,
                                              const report::FlowsAnswer& answer) {
    std::set<ResourceId> groups;
    std::set<ResourceId> used;
    std::set<std::pair<ResourceId, std::string>> named;
    bool all = false;
    for (const report::JudgedFlow& judged : answer.flows) {
        const ObservedFlow& flow = *judged.flow;
        const bool group = flow.seen_by.type().find("etworkSecurityGroups") != std::string::npos ||
                           flow.seen_by.type().find("ETWORKSECURITYGROUPS") != std::string::npos;
        if (group) {
            groups.insert(flow.seen_by);
        } else if (!flow.seen_by.empty()) {
            all = true;
        }
        used.insert(judged.verdict.by.begin(), judged.verdict.by.end());
        if (flow.rule.starts_with("UserRule_")) {
            named.emplace(flow.seen_by, flow.rule.substr(9));
        }
    }
    std::vector<const SecurityRule*> result;
    for (const auto& [id, group] : network.snapshot().security_groups) {
        if (!all && !groups.contains(id)) {
            continue;
        }
        for (const SecurityRule& rule : group.rules) {
            if (rule.access == Access::allow && !used.contains(rule.id) &&
                !named.contains({id, rule.name})) {
                result.push_back(&rule);
            }
        }
    }
    return result;
}

}  // namespace

int flows(const Options& options, std::ostream& out, std::ostream& errors) {
    if (options.arguments.size() != 1) {
        throw UsageError("flows takes one LOG: a flow log, or CSV of 5-tuples");
    }
    const Timeout timeout(options.timeout);
    const Session session(options, errors);
    const FlowLog log = read_flow_log(options.arguments[0]);
    const ObservedFlows observed(session.network());
    report::FlowsAnswer answer;
    bool contradicted = false;
    for (const ObservedFlow& flow : log.flows) {
        answer.flows.push_back({&flow, observed.judge({flow.packet, flow.inbound, flow.allowed})});
        const Seen seen = answer.flows.back().verdict.seen;
        contradicted = contradicted || seen == Seen::impossible || seen == Seen::denied_here;
    }
    answer.unused = unused_rules(session.network(), answer);
    const report::Context context = session.context();
    write_answer(options, out, [&](Format format) -> std::string {
        if (format == Format::json) {
            return report::document(context, "azreach.flows/1",
                                    report::flows_result(context, log, answer))
                       .dump(2, ' ', false, report::Json::error_handler_t::replace) +
                   "\n";
        }
        return report::flows_text(context, log, answer);
    });
    return contradicted && options.exit_code ? kOtherVerdict : kDone;
}

}  // namespace azreach::cli
