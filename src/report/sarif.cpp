#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "src/report/escape.hpp"
#include "src/report/findings.hpp"

namespace azreach::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostSteps = 100;     // of one code flow: as many are shown
constexpr std::size_t kMostResults = 5000;  // of one run: as many are kept
constexpr std::size_t kMostRelated = 20;

const char* level_of(const Finding& finding) {
    if (finding.status == Finding::Status::unknown) {
        return "warning";
    }
    return rank_of(finding.severity) <= 1   ? "error"
           : rank_of(finding.severity) == 2 ? "warning"
                                            : "note";
}

/// GitHub sorts by this number: above 9 critical, from 7 high, from 4 medium.
const char* security_severity(std::string_view severity) {
    return severity == "critical" ? "9.5"
           : severity == "high"   ? "8.0"
           : severity == "medium" ? "5.0"
                                  : "2.0";
}

Json message(const std::string& text) { return {{"text", visible(text)}}; }

Json physical(const Place& place) {
    Json artifact{{"uri", uri_of(place.file)}};
    if (!place.file.starts_with("/")) {
        artifact["uriBaseId"] = "%SRCROOT%";
    }
    Json region{{"startLine", place.line == 0 ? 1 : place.line}};
    if (place.column > 0) {
        region["startColumn"] = place.column;
    }
    return {{"artifactLocation", std::move(artifact)}, {"region", std::move(region)}};
}

Json location(const Place& place, const std::string& text, const std::vector<ResourceId>& ids) {
    Json result = Json::object();
    if (!place.file.empty()) {
        result["physicalLocation"] = physical(place);
    }
    if (!ids.empty()) {
        Json logical = Json::array();
        for (std::size_t i = 0; i < std::min(ids.size(), kMostRelated); ++i) {
            logical.push_back({{"name", visible(ids[i].name())},
                               {"fullyQualifiedName", visible(ids[i].text())},
                               {"kind", "resource"}});
        }
        result["logicalLocations"] = std::move(logical);
    }
    if (!text.empty()) {
        result["message"] = message(text);
    }
    return result;
}

}  // namespace

std::string sarif(const Findings& findings) {
    Json rules = Json::array();
    for (const FindingRule& rule : findings.rules) {
        rules.push_back({{"id", rule.id},
                         {"name", rule.name},
                         {"shortDescription", {{"text", rule.summary}}},
                         {"fullDescription", {{"text", rule.text}}},
                         {"help", {{"text", rule.text}, {"markdown", rule.text}}},
                         {"defaultConfiguration",
                          {{"level", rank_of(rule.severity) <= 1   ? "error"
                                     : rank_of(rule.severity) == 2 ? "warning"
                                                                   : "note"}}},
                         {"properties",
                          {{"tags", Json::array({"security", "network", "azure"})},
                           {"precision", "very-high"},
                           {"security-severity", security_severity(rule.severity)}}}});
    }
    Json results = Json::array();
    for (const Finding& finding : findings.items) {
        if (finding.status == Finding::Status::passed ||
            finding.status == Finding::Status::skipped || results.size() == kMostResults) {
            continue;
        }
        std::size_t index = 0;
        while (index < findings.rules.size() && findings.rules[index].id != finding.rule) {
            ++index;
        }
        Json result;
        result["ruleId"] = finding.rule;
        if (index < findings.rules.size()) {
            result["ruleIndex"] = index;
        }
        result["level"] = level_of(finding);
        result["message"] = message(finding.message);
        // The file and line that a developer can change; else the resources by name.
        result["locations"] = Json::array({location(finding.place, "", finding.resources)});
        if (!finding.related.empty()) {
            Json related = Json::array();
            for (std::size_t i = 0; i < std::min(finding.related.size(), kMostRelated); ++i) {
                Json one = location(finding.related[i].place, finding.related[i].text, {});
                one["id"] = i + 1;
                related.push_back(std::move(one));
            }
            result["relatedLocations"] = std::move(related);
        }
        result["partialFingerprints"] = {
            {"primaryLocationLineHash", hash16(finding.rule + "\n" + finding.identity) + ":1"},
            {"azreach/v1", hash16(finding.rule + "\n" + finding.identity)}};
        if (!finding.path.empty()) {
            Json steps = Json::array();
            for (std::size_t i = 0; i < std::min(finding.path.size(), kMostSteps); ++i) {
                const FindingStep& step = finding.path[i];
                // A step without a place of its own stands where the finding does.
                const Place& place = step.place.file.empty() ? finding.place : step.place;
                steps.push_back(
                    {{"location", location(place, fmt::format("{}. {}", i + 1, step.text), {})}});
            }
            result["codeFlows"] =
                Json::array({{{"threadFlows", Json::array({{{"locations", std::move(steps)}}})}}});
        }
        if (finding.status == Finding::Status::suppressed) {
            result["suppressions"] = Json::array({{{"kind", "external"}}});
        }
        results.push_back(std::move(result));
    }
    Json run;
    run["tool"] = {{"driver",
                    {{"name", "azreach"},
                     {"semanticVersion", findings.version},
                     {"rules", std::move(rules)}}}};
    run["automationDetails"] = {{"id", "azreach/" + findings.command + "/"}};
    run["columnKind"] = "unicodeCodePoints";
    run["results"] = std::move(results);
    Json document;
    document["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
    document["version"] = "2.1.0";
    document["runs"] = Json::array({std::move(run)});
    return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace azreach::report
