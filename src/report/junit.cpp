#include <fmt/format.h>

#include "src/report/escape.hpp"
#include "src/report/findings.hpp"

namespace azreach::report {

namespace {

std::string details(const Finding& finding) {
    std::string text = finding.message + "\n";
    const auto at = [](const Place& place) {
        return place.file.empty() ? std::string() : fmt::format("  {}:{}", place.file, place.line);
    };
    if (!finding.place.file.empty()) {
        text += "at" + at(finding.place) + "\n";
    }
    for (const FindingStep& step : finding.related) {
        text += step.text + at(step.place) + "\n";
    }
    std::size_t number = 0;
    for (const FindingStep& step : finding.path) {
        text += fmt::format("{}. {}{}\n", ++number, step.text, at(step.place));
    }
    // Each line is harmless on its own; line ends are ours.
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        result += xml(std::string_view(text).substr(begin, end - begin)) + "\n";
        begin = end + 1;
    }
    return result;
}

}  // namespace

std::string junit(const Findings& findings) {
    std::size_t failures = 0;
    std::size_t errors = 0;
    std::size_t skipped = 0;
    std::string cases;
    for (const Finding& finding : findings.items) {
        cases += fmt::format("    <testcase classname=\"azreach.{}.{}\" name=\"{}\"",
                             xml(findings.command), xml(finding.severity), xml(finding.name));
        switch (finding.status) {
            case Finding::Status::passed:
                cases += "/>\n";
                break;
            case Finding::Status::failed:
                ++failures;
                cases += fmt::format(">\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n",
                                     xml(finding.message), xml(finding.rule), details(finding)) +
                         "    </testcase>\n";
                break;
            case Finding::Status::unknown:
                ++errors;
                cases += fmt::format(">\n      <error message=\"{}\" type=\"{}\">{}</error>\n",
                                     xml(finding.message), xml(finding.rule), details(finding)) +
                         "    </testcase>\n";
                break;
            case Finding::Status::suppressed:
            case Finding::Status::skipped:
                ++skipped;
                cases += fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                                     xml(finding.message));
                break;
        }
    }
    const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"",
                                           findings.items.size(), failures, errors);
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"azreach\" {}>\n"
        "  <testsuite name=\"azreach {}\" {} skipped=\"{}\" time=\"0\">\n"
        "    <properties>\n"
        "      <property name=\"version\" value=\"{}\"/>\n"
        "      <property name=\"snapshot\" value=\"{}\"/>\n"
        "    </properties>\n{}  </testsuite>\n</testsuites>\n",
        counts, xml(findings.command), counts, skipped, xml(findings.version),
        xml(findings.snapshot), cases);
}

}  // namespace azreach::report
