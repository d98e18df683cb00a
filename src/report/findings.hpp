// Findings of check, diff and lint in one shape, and the forms in which pipelines read them.
#pragma once

#include <string>
#include <vector>

#include "models/azure/provenance.hpp"
#include "models/azure/resource_id.hpp"

namespace azreach::report {

/// What a finding is an instance of.
struct FindingRule {
    std::string id;        // "AZR3001"
    std::string name;      // "NewExposure"
    std::string summary;   // one sentence
    std::string text;      // what it means, and what to do
    std::string severity;  // critical, high, medium, low
};

struct FindingStep {
    std::string text;
    Place place;  // may be empty
};

struct Finding {
    enum class Status : std::uint8_t {
        failed,
        unknown,     // cannot be decided
        passed,      // asked, and nothing to say
        suppressed,  // would have failed; accepted
        skipped,     // not asked
    } status = Status::failed;
    std::string rule;      // id of a FindingRule
    std::string severity;  // critical, high, medium, low
    std::string name;      // short and stable: an invariant's id, "internet -> vm-web tcp/22"
    std::string message;   // its first sentence is a title
    Place place;           // the file and line that a developer can change; may be empty
    std::vector<FindingStep> related;
    std::vector<FindingStep> path;  // hop by hop
    std::vector<ResourceId> resources;
    std::string from, to, service, decided_by;
    /// What makes it the same finding in the next run: no line numbers, no chosen packet.
    std::string identity;
};

struct Findings {
    std::string command;   // "diff"
    std::string version;   // of azreach
    std::string snapshot;  // its digest
    std::string headline;
    std::vector<FindingRule> rules;
    std::vector<Finding> items;  // worst first
};

/// SARIF 2.1.0, one run. Suppressed findings are there and marked; passed ones are not.
/// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/
std::string sarif(const Findings& findings);
/// JUnit XML: one suite, one case for each finding.
std::string junit(const Findings& findings);
/// Workflow commands of GitHub Actions. It shows ten of a kind; the rest is counted in the last.
std::string github(const Findings& findings);
/// Logging commands of Azure Pipelines.
std::string azdo(const Findings& findings);
std::string csv(const Findings& findings);
/// Bodies for Microsoft Defender for Cloud's assessments, for `az rest` to put: assessment metadata
/// and one assessment for each resource that a failed finding concerns.
std::string defender(const Findings& findings);
/// Rows for the Logs Ingestion API and a table AzReach_CL. TimeGenerated is left to the data
/// collection rule: output depends on input only.
std::string sentinel(const Findings& findings);

/// Orders severities: 0 critical, 3 low; 4 for others.
int rank_of(std::string_view severity);
/// A path as a URI: relative where it was given so.
std::string uri_of(const std::string& file);

}  // namespace azreach::report
