#include <fmt/format.h>

#include "src/report/escape.hpp"
#include "src/report/findings.hpp"

namespace azreach::report {

namespace {

const char* text_of(Finding::Status status) {
    switch (status) {
        case Finding::Status::failed:
            return "failed";
        case Finding::Status::unknown:
            return "unknown";
        case Finding::Status::passed:
            return "passed";
        case Finding::Status::suppressed:
            return "suppressed";
        case Finding::Status::skipped:
            return "skipped";
    }
    return "";
}

}  // namespace

std::string csv(const Findings& findings) {
    std::string text =
        "rule,severity,status,name,from,to,service,decidedBy,file,line,message,fingerprint\r\n";
    for (const Finding& finding : findings.items) {
        const std::string cells[] = {
            finding.rule,
            finding.severity,
            text_of(finding.status),
            finding.name,
            finding.from,
            finding.to,
            finding.service,
            finding.decided_by,
            finding.place.file,
            finding.place.line == 0 ? "" : std::to_string(finding.place.line),
            finding.message,
            hash16(finding.rule + "\n" + finding.identity)};
        std::string line;
        for (const std::string& cell : cells) {
            line += (line.empty() ? "" : ",") + csv_cell(cell);
        }
        text += line + "\r\n";
    }
    return text;
}

}  // namespace azreach::report
