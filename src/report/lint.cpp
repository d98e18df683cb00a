#include "src/report/lint.hpp"

#include <fmt/format.h>

#include <map>

#include "src/report/escape.hpp"
#include "src/report/markdown.hpp"

namespace azreach::report {

namespace {

Json object(const Context& context, const LintObject& object) {
    Json result{{"id", object.id.text()}, {"name", object.name}};
    result.update(place_fields(context, object.where));
    return result;
}

Place place(const Context& context, const LintObject& object) {
    return object.where.known() ? context.places.locate(object.where) : Place{};
}

std::string at(const Place& place) {
    return place.file.empty() ? "" : fmt::format("{}:{}", place.file, place.line);
}

}  // namespace

const LintRule& lint_rule(std::string_view id) {
    for (const LintRule& rule : lint_rules()) {
        if (rule.id == id) {
            return rule;
        }
    }
    return lint_rules().front();
}

Json lint_result(const Context& context, const std::vector<LintFinding>& findings) {
    Json list = Json::array();
    for (const LintFinding& finding : findings) {
        const LintRule& rule = lint_rule(finding.rule);
        Json by = Json::array();
        for (const LintObject& other : finding.by) {
            by.push_back(object(context, other));
        }
        Json evidence = Json::object();
        for (const auto& [key, value] : finding.evidence) {
            evidence[key] = value;
        }
        list.push_back({{"rule", rule.id},
                        {"name", rule.name},
                        {"severity", rule.severity},
                        {"target", object(context, finding.target)},
                        {"by", std::move(by)},
                        {"message", finding.message},
                        {"evidence", std::move(evidence)}});
    }
    return {{"findings", std::move(list)}};
}

std::string lint_text(const Context& context, const std::vector<LintFinding>& findings,
                      const TextOptions& options) {
    std::string text;
    std::map<std::string_view, std::size_t> counts;
    for (const LintFinding& finding : findings) {
        const LintRule& rule = lint_rule(finding.rule);
        ++counts[rule.severity];
        std::string head = fmt::format("{} {}", rule.id, rule.severity);
        if (options.color) {
            head = fmt::format("\x1b[{}m{}\x1b[0m", rule.severity == "high" ? "31" : "33", head);
        }
        text += fmt::format("{}  {}", head, printable(finding.message));
        const std::string where = at(place(context, finding.target));
        text += where.empty() ? "\n" : "\n    at " + printable(where) + "\n";
        for (const LintObject& other : finding.by) {
            const std::string there = at(place(context, other));
            text += "    by " + printable(other.name) +
                    (there.empty() ? "" : "  " + printable(there)) + "\n";
        }
    }
    if (findings.empty()) {
        return "no findings\n";
    }
    std::string summary;
    for (const auto& [severity, count] : counts) {
        summary += fmt::format("{}{} {}", summary.empty() ? "" : ", ", count, severity);
    }
    return text + fmt::format("{} findings: {}\n", findings.size(), summary);
}

Findings lint_findings(const Context& context, const std::vector<LintFinding>& findings,
                       std::string_view least) {
    Findings result;
    result.command = "lint";
    result.version = context.version;
    result.snapshot = context.network.snapshot().digest;
    result.headline =
        findings.size() == 1 ? "1 finding" : fmt::format("{} findings", findings.size());
    for (const LintRule& rule : lint_rules()) {
        result.rules.push_back(
            {std::string(rule.id), std::string(rule.name), std::string(rule.summary),
             std::string(rule.summary) + " See docs/rules/" + std::string(rule.id) + ".md.",
             std::string(rule.severity)});
    }
    for (const LintFinding& found : findings) {
        const LintRule& rule = lint_rule(found.rule);
        Finding finding;
        finding.status = rank_of(rule.severity) <= rank_of(least) ? Finding::Status::failed
                                                                  : Finding::Status::passed;
        finding.rule = rule.id;
        finding.severity = rule.severity;
        finding.name = std::string(rule.name) + " " + found.target.name;
        finding.message = found.message + ".";
        finding.place = place(context, found.target);
        for (const LintObject& other : found.by) {
            finding.related.push_back({"by " + other.name, place(context, other)});
        }
        finding.resources = {found.target.id};
        finding.decided_by = found.by.empty() ? "" : found.by.front().id.text();
        finding.identity = found.target.id.text();
        for (const auto& [key, value] : found.evidence) {
            if (key == "from" || key == "to") {
                (key == "from" ? finding.from : finding.to) = value;
                finding.identity += "\n" + value;
            }
        }
        result.items.push_back(std::move(finding));
    }
    return result;
}

std::string lint_markdown(const Context& context, const std::vector<LintFinding>& findings,
                          std::size_t limit) {
    MarkdownTable table;
    table.marker = "<!-- azreach:lint -->";
    table.heading = findings.size() == 1
                        ? "Network lint: 1 finding"
                        : fmt::format("Network lint: {} findings", findings.size());
    table.columns = {"Rule", "Severity", "What", "Where", "By"};
    for (const LintFinding& finding : findings) {
        const LintRule& rule = lint_rule(finding.rule);
        std::string by;
        for (std::size_t i = 0; i < std::min<std::size_t>(finding.by.size(), 5); ++i) {
            by += (i == 0 ? "" : "<br>") + markdown_code(finding.by[i].name);
        }
        if (finding.by.size() > 5) {
            by += fmt::format("<br>and {} more", finding.by.size() - 5);
        }
        table.rows.push_back({std::string(rule.id), std::string(rule.severity),
                              markdown_code(finding.message),
                              markdown_code(at(place(context, finding.target))), by});
    }
    return markdown(table, limit);
}

}  // namespace azreach::report
