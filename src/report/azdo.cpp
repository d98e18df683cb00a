#include <fmt/format.h>

#include "src/report/escape.hpp"
#include "src/report/findings.hpp"

namespace azreach::report {

namespace {

/// Values of a logging command: ';' and ']' end something.
std::string property(std::string_view text) {
    std::string result;
    for (const char c : visible(text)) {
        switch (c) {
            case '%':
                result += "%AZP25";
                break;
            case ';':
                result += "%3B";
                break;
            case ']':
                result += "%5D";
                break;
            default:
                result += c;
        }
    }
    return result;
}
std::string message_text(std::string_view text) {
    std::string result;
    for (const char c : visible(text)) {
        result += c == '%' ? std::string("%AZP25") : std::string(1, c);
    }
    return result;
}

}  // namespace

std::string azdo(const Findings& findings) {
    std::string text;
    bool worst = false;
    bool some = false;
    for (const Finding& finding : findings.items) {
        const bool failed = finding.status == Finding::Status::failed;
        if (!failed && finding.status != Finding::Status::unknown) {
            continue;
        }
        const bool error = failed && rank_of(finding.severity) <= 1;
        worst = worst || error;
        some = true;
        text += "##vso[task.logissue type=";
        text += error ? "error" : "warning";
        if (!finding.place.file.empty()) {
            text += fmt::format(";sourcepath={};linenumber={};columnnumber={}",
                                property(finding.place.file),
                                finding.place.line == 0 ? 1 : finding.place.line,
                                finding.place.column == 0 ? 1 : finding.place.column);
        }
        text += fmt::format(";code={}]{}\n", property(finding.rule), message_text(finding.message));
    }
    if (some && !worst) {
        text += "##vso[task.complete result=SucceededWithIssues]";
        text += message_text(findings.headline) + "\n";
    }
    return text + message_text("azreach " + findings.command + ": " + findings.headline) + "\n";
}

}  // namespace azreach::report
