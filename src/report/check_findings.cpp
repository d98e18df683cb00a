// check as findings for pipelines, and as Markdown.
#include <fmt/format.h>

#include <algorithm>

#include "src/report/check.hpp"
#include "src/report/escape.hpp"
#include "src/report/finding_steps.hpp"
#include "src/report/markdown.hpp"

namespace azreach::report {

namespace {

struct Kind {
    const char* id;
    const char* name;
    const char* summary;
    const char* text;
};

constexpr Kind kViolated = {
    "AZR1101", "InvariantViolated", "An invariant of the network is violated.",
    "A flow that an invariant forbids is possible, or one that it requires is not. The packet of "
    "the finding was walked through the rules one by one; the steps name each rule that let it "
    "through. Narrow one of them, or change the invariant."};
constexpr Kind kUnknown = {
    "AZR1102", "InvariantUnknown", "An invariant of the network cannot be decided.",
    "The snapshot leaves facts open on which the invariant hangs. Collect what is missing, or "
    "state the facts that the finding names with --assume or under `assume:`."};
constexpr Kind kVacuous = {
    "AZR1103", "InvariantVacuous", "An invariant of the network asks nothing.",
    "A set of the invariant, or its service, is empty: nothing was asked, so nothing is proved. "
    "Correct the selector, or say `may-be-empty: true`."};

const Kind& kind_of(InvariantStatus status) {
    return status == InvariantStatus::unknown   ? kUnknown
           : status == InvariantStatus::vacuous ? kVacuous
                                                : kViolated;
}

/// Findings know no "info".
std::string severity_of(const Invariant& invariant) {
    return invariant.severity == InvariantSeverity::info
               ? "low"
               : std::string(to_string(invariant.severity));
}

std::string listed(const std::vector<std::string>& names, const std::string& otherwise) {
    if (names.empty()) {
        return otherwise;
    }
    std::string text;
    constexpr std::size_t kShown = 5;
    for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) {
        text += (i == 0 ? "" : ", ") + names[i];
    }
    return text + (names.size() > kShown ? ", ..." : "");
}

Finding::Status status_of(const InvariantResult& result, bool known, InvariantSeverity least) {
    switch (result.status) {
        case InvariantStatus::held:
            return Finding::Status::passed;
        case InvariantStatus::not_asked:
            return Finding::Status::skipped;
        case InvariantStatus::suppressed:
            return Finding::Status::suppressed;
        case InvariantStatus::violated:
        case InvariantStatus::unknown:
        case InvariantStatus::vacuous:
            break;
    }
    if (known) {
        return Finding::Status::suppressed;
    }
    const bool allowed =
        result.status == InvariantStatus::vacuous && result.invariant->may_be_empty;
    if (result.invariant->severity < least || allowed) {
        return Finding::Status::passed;
    }
    return result.status == InvariantStatus::unknown ? Finding::Status::unknown
                                                     : Finding::Status::failed;
}

std::string sentence(std::string text) {
    if (!text.empty() && text.back() != '.') {
        text += '.';
    }
    return text;
}

/// The rule that a developer can change: the last one that let the packet through, or stopped what
/// should arrive; default rules and routes of the platform are nobody's.
const Hop* decisive(const Context& context, const std::vector<Hop>& path) {
    for (auto hop = path.rbegin(); hop != path.rend(); ++hop) {
        if (hop->by.where.known() && !hop->by.is_default && hop->kind != HopKind::route &&
            is_source_code(context, context.places.locate(hop->by.where).file)) {
            return &*hop;
        }
    }
    return nullptr;
}

}  // namespace

Findings check_findings(const Context& context, const CheckAnswer& answer, const CheckRun& run,
                        InvariantSeverity least) {
    Findings findings;
    findings.command = "check";
    findings.version = context.version;
    findings.snapshot = context.network.snapshot().digest;
    findings.headline = check_headline(answer);
    for (std::size_t i = 0; i < answer.results.size(); ++i) {
        const InvariantResult& result = answer.results[i];
        const Invariant& invariant = *result.invariant;
        const Kind& kind = kind_of(result.beneath);
        Finding finding;
        finding.status = status_of(result, run.known.contains(i), least);
        finding.rule = kind.id;
        finding.severity = severity_of(invariant);
        finding.name = invariant.id;
        const Affected* affected = result.affected ? &*result.affected : nullptr;
        if (affected != nullptr) {
            finding.from =
                listed(affected->source_names, result.witness ? result.witness->from_name : "");
            finding.to =
                listed(affected->destination_names, result.witness ? result.witness->to_name : "");
            finding.service = service_text(affected->service);
        }
        finding.message = fmt::format("{}: {}", invariant.id, to_string(result.status));
        if (!finding.from.empty() && !finding.to.empty()) {
            finding.message +=
                fmt::format(", {} to {} on {}", finding.from, finding.to, finding.service);
        }
        finding.message += ".";
        for (const std::string& text : {invariant.title, result.note, invariant.why}) {
            finding.message += text.empty() ? "" : " " + sentence(text);
        }
        for (const std::string& fact : result.depends_on) {
            finding.message += fmt::format(" Hangs on {}.", fact);
        }
        for (const FactStatement& statement : result.held_if) {
            finding.message += fmt::format(" Held if {}.", statement_text(statement));
        }
        finding.path = steps(context, result.path);
        const Place asked = invariant.place;
        finding.place = asked;
        if (const Hop* hop = decisive(context, result.path)) {
            finding.place = context.places.locate(hop->by.where);
            finding.related.push_back({"the invariant " + invariant.id, asked});
        }
        for (auto hop = result.path.rbegin(); hop != result.path.rend(); ++hop) {
            if (finding.decided_by.empty() && !hop->by.id.empty() && hop->kind != HopKind::route) {
                finding.decided_by = hop->by.id.text();
                finding.message += fmt::format(" Decided by {} at {}.", hop->by.name, hop->at_name);
            }
        }
        if (result.suppression != nullptr && result.status == InvariantStatus::suppressed) {
            finding.message += fmt::format(" Accepted: {}.", result.suppression->waiver.reason);
        }
        if (result.witness) {
            for (const ResourceId& id : {result.witness->to_id, result.witness->from_id}) {
                if (!id.empty()) {
                    finding.resources.push_back(id);
                }
            }
        }
        finding.identity = invariant.id;
        findings.items.push_back(std::move(finding));
    }
    for (const Kind* kind : {&kViolated, &kUnknown, &kVacuous}) {
        // One rule stands for invariants of many severities: as bad as the worst that fails.
        std::string severity = "low";
        for (const Finding& finding : findings.items) {
            const bool counts = finding.status == Finding::Status::failed ||
                                finding.status == Finding::Status::unknown;
            if (counts && finding.rule == kind->id &&
                rank_of(finding.severity) < rank_of(severity)) {
                severity = finding.severity;
            }
        }
        findings.rules.push_back({kind->id, kind->name, kind->summary, kind->text, severity});
    }
    const auto order = [](const Finding& finding) {
        const bool first = finding.status == Finding::Status::failed;
        const bool second = finding.status == Finding::Status::unknown;
        return std::pair(first ? 0 : second ? 1 : 2, rank_of(finding.severity));
    };
    std::stable_sort(findings.items.begin(), findings.items.end(),
                     [&](const Finding& a, const Finding& b) { return order(a) < order(b); });
    return findings;
}

std::string check_markdown(const Context& context, const CheckAnswer& answer, const CheckRun& run,
                           InvariantSeverity least, std::size_t limit) {
    const Findings findings = check_findings(context, answer, run, least);
    MarkdownTable table;
    table.marker = "<!-- azreach:check -->";
    table.heading = "Network invariants: " + check_headline(answer);
    table.columns = {"", "Invariant", "Severity", "Status", "From", "To", "Service", "Where"};
    for (const Finding& finding : findings.items) {
        const bool bad = finding.status == Finding::Status::failed;
        const bool open = finding.status == Finding::Status::unknown;
        const auto result =
            std::find_if(answer.results.begin(), answer.results.end(),
                         [&](const InvariantResult& r) { return r.invariant->id == finding.name; });
        const auto code = [](const std::string& text) {
            return text.empty() ? std::string() : markdown_code(text);
        };
        table.rows.push_back(
            {bad                                         ? ":x:"
             : open                                      ? ":grey_question:"
             : finding.status == Finding::Status::passed ? ":white_check_mark:"
                                                         : ":heavy_minus_sign:",
             code(finding.name), finding.severity,
             bad ? "**" + std::string(to_string(result->status)) + "**"
                 : std::string(to_string(result->status)),
             code(finding.from), code(finding.to), code(finding.service),
             code(finding.place.file.empty()
                      ? ""
                      : fmt::format("{}:{}", finding.place.file, finding.place.line))});
        if (!bad && !open) {
            continue;
        }
        MarkdownTable::Details details;
        // Markdown is not read inside the summary; a name in <code> mentions nobody.
        details.title = "<code>" + xml(finding.name) + "</code>";
        details.lines.push_back(markdown_code(finding.message));
        for (const FindingStep& step : finding.path) {
            details.lines.push_back(
                markdown_code(step.text) +
                (step.place.file.empty()
                     ? ""
                     : " at " +
                           markdown_code(fmt::format("{}:{}", step.place.file, step.place.line))));
        }
        table.details.push_back(std::move(details));
    }
    const Assumptions& assumptions = context.network.assumptions();
    table.notes.push_back(
        fmt::format("azreach {}, reading {}, {} assumptions, today {}.", context.version,
                    assumptions.reading() == Reading::strict ? "strict" : "documented",
                    assumptions.stated().size(), to_string(run.today)));
    return markdown(table, limit);
}

}  // namespace azreach::report
