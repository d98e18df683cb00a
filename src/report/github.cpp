#include <fmt/format.h>

#include "src/report/escape.hpp"
#include "src/report/findings.hpp"

namespace azreach::report {

namespace {

constexpr std::size_t kShown = 10;  // of each kind in one step

/// Data of a workflow command; in properties ':' and ',' end something too.
std::string escaped(std::string_view text, bool property) {
    std::string result;
    for (const char c : visible(text)) {
        switch (c) {
            case '%':
                result += "%25";
                break;
            case ':':
                result += property ? "%3A" : ":";
                break;
            case ',':
                result += property ? "%2C" : ",";
                break;
            default:
                result += c;
        }
    }
    return result;
}

}  // namespace

std::string github(const Findings& findings) {
    std::string text;
    for (const char* kind : {"error", "warning"}) {
        const bool errors = std::string_view(kind) == "error";
        std::vector<const Finding*> all;
        for (const Finding& finding : findings.items) {
            const bool failed = finding.status == Finding::Status::failed;
            if (!failed && finding.status != Finding::Status::unknown) {
                continue;
            }
            if ((failed && rank_of(finding.severity) <= 1) == errors) {
                all.push_back(&finding);
            }
        }
        for (std::size_t i = 0; i < std::min(all.size(), kShown); ++i) {
            const Finding& finding = *all[i];
            std::string properties;
            if (!finding.place.file.empty()) {
                properties =
                    fmt::format(" file={},line={},title={}", escaped(finding.place.file, true),
                                finding.place.line == 0 ? 1 : finding.place.line,
                                escaped(finding.rule + " " + finding.name, true));
            } else {
                properties = " title=" + escaped(finding.rule + " " + finding.name, true);
            }
            std::string message = escaped(finding.message, false);
            if (i + 1 == kShown && all.size() > kShown) {
                message += fmt::format(" (and {} more, see the summary)", all.size() - kShown);
            }
            text += fmt::format("::{}{}::{}\n", kind, properties, message);
        }
    }
    return text + "::notice title=azreach " + escaped(findings.command, true) +
           "::" + escaped(findings.headline, false) + "\n";
}

}  // namespace azreach::report
