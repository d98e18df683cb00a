// Findings whose names were written by somebody who wants to be more than a name.
#include "src/report/findings.hpp"

#include <nlohmann/json.hpp>

#include "src/report/escape.hpp"
#include "src/report/markdown.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::report;

namespace {

Findings hostile(const std::string& name) {
    Findings findings;
    findings.command = "check";
    findings.version = "0.1.0";
    findings.headline = name;
    findings.rules.push_back({"AZR1001", "Violated", "Summary.", "Text.", "high"});
    Finding finding;
    finding.rule = "AZR1001";
    finding.severity = "high";
    finding.name = name;
    finding.message = name;
    finding.place = {name, "", 3, 1};
    finding.path.push_back({name, {}});
    finding.resources.emplace_back("/subscriptions/s/resourceGroups/g/providers/M.N/t/" + name);
    finding.from = name;
    finding.to = name;
    finding.identity = name;
    findings.items.push_back(finding);
    return findings;
}

std::size_t lines_starting_with(const std::string& text, const std::string& prefix) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        count += text.compare(at, prefix.size(), prefix) == 0 ? 1 : 0;
        at = end + 1;
    }
    return count;
}

std::size_t times(const std::string& text, const std::string& what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("names that act are only seen", "[report][hostile]") {
    const auto name =
        GENERATE(as<std::string>{}, "a\n::error::owned", "a\r\n##vso[task.complete]",
                 "##vso[task.setvariable variable=x]1", "::error title=x::y", "\x1b[2Jclear",
                 "\xC2\x9B"
                 "31m",
                 "=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-2", "<script>alert(1)</script>",
                 "`x` | [link](http://e) @team", "]]>&<!--", "\xFF\xFE", "%0A::error",
                 "\xE2\x80\xAE"
                 "gnp.exe");
    CAPTURE(name);
    const Findings findings = hostile(name);

    const std::string actions = github(findings);
    CHECK(lines_starting_with(actions, "::") == 2);  // one error, one notice
    CHECK(times(actions, "\n") == 2);

    const std::string azure = azdo(findings);
    CHECK(times(azure, "##vso[") == 1);
    CHECK(times(azure, "\n") == 2);

    const std::string table = csv(findings);
    CHECK(times(table, "\r\n") == 2);
    for (const char* start : {"\"=", "\"+", "\"-", "\"@"}) {
        CHECK(times(table, start) == 0);
    }

    const std::string xml_text = junit(findings);
    CHECK(times(xml_text, "<script") == 0);
    CHECK(times(xml_text, "<testcase") == 1);
    for (const char c : xml_text) {
        const auto byte = static_cast<unsigned char>(c);
        CHECK((byte >= 0x20 || byte == '\n'));
    }

    for (const std::string& text : {sarif(findings), defender(findings), sentinel(findings)}) {
        CHECK_NOTHROW(nlohmann::json::parse(text));
        CHECK(times(text, "\x1b") == 0);
    }

    const std::string cell = markdown_code(name);
    CHECK(times(cell, "\n") == 0);
    CHECK(times(cell, "`") == 2);
    CHECK(times(cell, "|") == times(cell, "\\|"));
}

TEST_CASE("UTF-8 that is none is replaced", "[report][hostile]") {
    CHECK(valid_utf8("a\xFFz") == "a\xEF\xBF\xBDz");
    CHECK(valid_utf8("\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(valid_utf8("\xED\xA0\x80").find('\xED') == std::string::npos);
    CHECK(valid_utf8("gr\xC3\xBC\xC3\x9F") == "gr\xC3\xBC\xC3\x9F");
}

TEST_CASE("a comment stays within its limit and says what it left out", "[report]") {
    MarkdownTable table;
    table.marker = "<!-- azreach:diff -->";
    table.heading = "Network reachability";
    table.columns = {"From", "To"};
    for (int i = 0; i < 5000; ++i) {
        table.rows.push_back({markdown_code("source-" + std::to_string(i)), markdown_code("x")});
        table.details.push_back({"Path", {"one", "two"}});
    }
    const std::string text = markdown(table, kCommentLimit);
    CHECK(text.size() <= kCommentLimit);
    CHECK(text.find("more: see the JSON or SARIF") != std::string::npos);
    CHECK(text.find("are left out here") != std::string::npos);
    CHECK(markdown(table, kSummaryLimit).find("source-4999") != std::string::npos);
}

TEST_CASE("annotations stop at ten of a kind and count the rest", "[report]") {
    Findings findings = hostile("x");
    findings.items.resize(25, findings.items.front());
    const std::string text = github(findings);
    CHECK(lines_starting_with(text, "::error") == 10);
    CHECK(text.find("and 15 more") != std::string::npos);
}
