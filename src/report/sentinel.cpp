#include <nlohmann/json.hpp>

#include "src/report/escape.hpp"
#include "src/report/findings.hpp"

namespace azreach::report {

std::string sentinel(const Findings& findings) {
    using Json = nlohmann::ordered_json;
    Json rows = Json::array();
    for (const Finding& finding : findings.items) {
        const char* status = finding.status == Finding::Status::failed       ? "failed"
                             : finding.status == Finding::Status::unknown    ? "unknown"
                             : finding.status == Finding::Status::passed     ? "passed"
                             : finding.status == Finding::Status::suppressed ? "suppressed"
                                                                             : "skipped";
        rows.push_back({{"Command", findings.command},
                        {"Snapshot", findings.snapshot},
                        {"RuleId", finding.rule},
                        {"InvariantId", visible(finding.name)},
                        {"Severity", finding.severity},
                        {"Status", status},
                        {"SourceSegment", visible(finding.from)},
                        {"DestinationSegment", visible(finding.to)},
                        {"Service", visible(finding.service)},
                        {"DecidingRule", visible(finding.decided_by)},
                        {"Message", visible(finding.message)},
                        {"File", visible(finding.place.file)},
                        {"Line", finding.place.line},
                        {"Fingerprint", hash16(finding.rule + "\n" + finding.identity)}});
    }
    return rows.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace azreach::report
