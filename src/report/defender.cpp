#include <nlohmann/json.hpp>
#include <set>

#include "src/report/escape.hpp"
#include "src/report/findings.hpp"

namespace azreach::report {

namespace {

using Json = nlohmann::ordered_json;

const char* severity_of(std::string_view severity) {
    return rank_of(severity) <= 1 ? "High" : rank_of(severity) == 2 ? "Medium" : "Low";
}

/// The resource that an assessment hangs on: a top-level one, without sub-resources.
std::string scope_of(const ResourceId& id) {
    ResourceId scope = id;
    while (!scope.parent().empty()) {
        scope = scope.parent();
    }
    return scope.text();
}

}  // namespace

std::string defender(const Findings& findings) {
    Json metadata = Json::array();
    Json assessments = Json::array();
    std::set<std::string> known;
    std::set<std::pair<std::string, std::string>> assessed;
    for (const Finding& finding : findings.items) {
        if (finding.status == Finding::Status::skipped) {
            continue;
        }
        // One assessment type for a rule; for check, for an invariant.
        const std::string key = "azreach/" + findings.command + "/" +
                                (findings.command == "check" ? finding.name : finding.rule);
        const std::string guid = uuid_of(key);
        const FindingRule* rule = nullptr;
        for (const FindingRule& one : findings.rules) {
            rule = one.id == finding.rule ? &one : rule;
        }
        if (known.insert(guid).second) {
            const std::string title =
                findings.command == "check" || rule == nullptr ? finding.name : rule->summary;
            metadata.push_back(
                {{"name", guid},
                 {"path", "/providers/Microsoft.Security/assessmentMetadata/" + guid},
                 {"body",
                  {{"properties",
                    {{"displayName", visible("azreach: " + title)},
                     {"assessmentType", "CustomerManaged"},
                     {"severity", severity_of(finding.severity)},
                     {"description", visible(rule == nullptr ? finding.message : rule->text)},
                     {"remediationDescription",
                      visible(rule == nullptr ? finding.message : rule->text)},
                     {"categories", Json::array({"Networking"})}}}}}});
        }
        const bool healthy = finding.status == Finding::Status::passed ||
                             finding.status == Finding::Status::suppressed;
        for (const ResourceId& id : finding.resources) {
            const std::string scope = scope_of(id);
            if (scope.empty() || !assessed.insert({scope, guid}).second) {
                continue;
            }
            assessments.push_back(
                {{"path", visible(scope) + "/providers/Microsoft.Security/assessments/" + guid},
                 {"body",
                  {{"properties",
                    {{"resourceDetails", {{"source", "Azure"}, {"id", visible(scope)}}},
                     {"status",
                      {{"code", finding.status == Finding::Status::unknown ? "NotApplicable"
                                : healthy                                  ? "Healthy"
                                                                           : "Unhealthy"},
                       {"cause", finding.rule},
                       {"description", visible(finding.message)}}},
                     {"additionalData",
                      {{"from", visible(finding.from)},
                       {"to", visible(finding.to)},
                       {"service", visible(finding.service)},
                       {"decidedBy", visible(finding.decided_by)}}}}}}}});
        }
    }
    Json document{{"assessmentMetadata", std::move(metadata)},
                  {"assessments", std::move(assessments)}};
    return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace azreach::report
