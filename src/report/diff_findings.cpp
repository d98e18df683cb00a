#include <fmt/format.h>

#include "src/report/diff.hpp"
#include "src/report/escape.hpp"
#include "src/report/finding_steps.hpp"
#include "src/report/markdown.hpp"

namespace azreach::report {

namespace {

struct Kind {
    const char* id;
    const char* name;
    const char* title;  // of a finding: "new exposure"
    const char* none;   // of the passed case: "no new exposure"
    const char* summary;
    const char* text;
    const char* severity;
};

constexpr Kind kKinds[] = {
    {"AZR3001", "NewExposure", "new exposure", "no new exposure",
     "Packets from the internet can now arrive where they could not.",
     "A change lets packets from the internet arrive that did not arrive before. If this is not "
     "meant, undo the configuration change that is named as the cause: applied alone to the old "
     "state, it opens this path.",
     "high"},
    {"AZR3002", "NewPath", "new path", "no new path inside",
     "Packets can now arrive where they could not.",
     "A change lets packets arrive that did not arrive before. The configuration change that is "
     "named as the cause opens this path alone.",
     "medium"},
    {"AZR3003", "LostPath", "lost path", "no lost path", "Packets no longer arrive where they did.",
     "A change stops packets that arrived before. The configuration change that is named as the "
     "cause closes this path alone.",
     "medium"},
    {"AZR3004", "ChangedSession", "changed session", "no changed session",
     "Packets arrive as before, but whether replies return has changed.",
     "The packets of this flow arrive on both sides of the change. What differs is whether replies "
     "find their way back, or what the answer hangs on.",
     "low"},
    {"AZR3005", "Rerouted", "rerouted", "nothing rerouted",
     "Packets arrive as before, by another way.",
     "The packets of this flow fare as before and take another way, for example past a firewall "
     "that they went through.",
     "low"},
};

const Kind& kind_of(const FlowChange& change) {
    switch (change.kind) {
        case FlowChange::Kind::added:
            return kKinds[change.exposure() ? 0 : 1];
        case FlowChange::Kind::lost:
            return kKinds[2];
        case FlowChange::Kind::changed:
            return kKinds[3];
        case FlowChange::Kind::rerouted:
            return kKinds[4];
    }
    return kKinds[3];
}

std::string state_words(const FlowChange& change) {
    return fmt::format("was {}, now {}", to_string(change.before), to_string(change.after));
}

}  // namespace

Findings diff_findings(const DiffContext& context, const DiffAnswer& answer,
                       const std::function<bool(const FlowChange&)>& counts) {
    Findings findings;
    findings.command = "diff";
    findings.version = context.after.version;
    findings.snapshot = context.after.network.snapshot().digest;
    findings.headline = diff_headline(answer);
    std::vector<bool> seen(std::size(kKinds), false);
    for (const Kind& kind : kKinds) {
        findings.rules.push_back({kind.id, kind.name, kind.summary, kind.text, kind.severity});
    }
    for (const FlowChange& change : answer.changes) {
        const Kind& kind = kind_of(change);
        seen[static_cast<std::size_t>(&kind - kKinds)] = true;
        Finding finding;
        finding.status = !counts(change)    ? Finding::Status::passed
                         : change.certain() ? Finding::Status::failed
                                            : Finding::Status::unknown;
        finding.rule = kind.id;
        finding.severity = kind.severity;
        finding.from = change.from.name;
        finding.to = change.to.name;
        finding.service = service_text(change.service);
        finding.name =
            fmt::format("{}: {} -> {} {}", kind.title, finding.from, finding.to, finding.service);
        finding.message = fmt::format("{} -> {} on {}: {} ({}).", finding.from, finding.to,
                                      finding.service, state_words(change), kind.title);
        for (const std::size_t cause : change.caused_by) {
            const ConfigChange& config = answer.config[cause];
            const Place place = place_of(context, config);
            const std::string text = change_text(config);
            finding.message += fmt::format(" Caused by {}", text);
            finding.message +=
                place.file.empty() ? "." : fmt::format(", {}:{}.", place.file, place.line);
            if (finding.place.file.empty()) {
                finding.place = place;
                finding.decided_by = config.id.text();
            } else {
                finding.related.push_back({text, place});
            }
            finding.resources.push_back(config.id);
        }
        for (const std::string& fact : change.depends_on) {
            finding.message += fmt::format(" Hangs on {}.", fact);
        }
        const bool now = arrives(change.after) || !arrives(change.before);
        finding.path = now ? steps(context.after, change.path_after)
                           : steps(context.before, change.path_before);
        if (finding.place.file.empty()) {
            for (auto step = finding.path.rbegin(); step != finding.path.rend(); ++step) {
                if (finding.place.file.empty() && !step->place.file.empty()) {
                    finding.place = step->place;
                }
            }
        }
        finding.resources.insert(finding.resources.end(), change.to.ids.begin(),
                                 change.to.ids.end());
        finding.identity = fmt::format("{}\n{}\n{}", finding.from, finding.to, finding.service);
        findings.items.push_back(std::move(finding));
    }
    // What was asked and is not there: these cases pass.
    for (std::size_t i = 0; i < std::size(kKinds); ++i) {
        if (!seen[i]) {
            Finding finding;
            finding.status = Finding::Status::passed;
            finding.rule = kKinds[i].id;
            finding.severity = kKinds[i].severity;
            finding.name = kKinds[i].none;
            finding.message = kKinds[i].none;
            finding.identity = kKinds[i].none;
            findings.items.push_back(std::move(finding));
        }
    }
    return findings;
}

std::string diff_markdown(const DiffContext& context, const DiffAnswer& answer,
                          const InvariantFlips& flips, std::size_t limit) {
    MarkdownTable table;
    table.marker = "<!-- azreach:diff -->";
    table.heading = "Network reachability: " + diff_headline(answer);
    table.columns = {"", "From", "To", "Service", "Before", "After", "Cause"};
    for (const FlowChange& change : answer.changes) {
        const char* sign = ":arrows_counterclockwise:";
        if (change.kind == FlowChange::Kind::added) {
            sign = change.exposure() ? ":rotating_light:" : ":heavy_plus_sign:";
        } else if (change.kind == FlowChange::Kind::lost) {
            sign = ":heavy_minus_sign:";
        }
        std::string causes;
        for (const std::size_t cause : change.caused_by) {
            const ConfigChange& config = answer.config[cause];
            const Place place = place_of(context, config);
            causes += (causes.empty() ? "" : "<br>") + markdown_code(change_text(config));
            if (!place.file.empty()) {
                causes += " at " + markdown_code(fmt::format("{}:{}", place.file, place.line));
            }
        }
        table.rows.push_back({sign, markdown_code(change.from.name), markdown_code(change.to.name),
                              markdown_code(service_text(change.service)),
                              std::string(to_string(change.before)),
                              "**" + std::string(to_string(change.after)) + "**", causes});
        MarkdownTable::Details details;
        details.title = fmt::format("Path of one packet: {}", kind_of(change).title);
        details.lines.push_back(markdown_code(change.from.name) + " to " +
                                markdown_code(change.to.name));
        const auto path = [&](const char* when, const Context& side, const std::vector<Hop>& hops) {
            for (const FindingStep& step : steps(side, hops)) {
                details.lines.push_back(
                    std::string(when) + " " + markdown_code(step.text) +
                    (step.place.file.empty()
                         ? ""
                         : " at " + markdown_code(
                                        fmt::format("{}:{}", step.place.file, step.place.line))));
            }
        };
        path("before:", context.before, change.path_before);
        path("after:", context.after, change.path_after);
        for (const std::string& fact : change.depends_on) {
            details.lines.push_back("hangs on " + markdown_code(fact));
        }
        table.details.push_back(std::move(details));
    }
    if (const std::string none = no_exposure_text(answer); !none.empty()) {
        table.notes.push_back(":white_check_mark: " + none);
    }
    if (!flips.empty()) {
        std::size_t as_before = 0;
        std::string text;
        for (const InvariantFlip& flip : flips) {
            if (flip.before == flip.after) {
                ++as_before;
                continue;
            }
            text += fmt::format("; {} {} -> **{}**", markdown_code(flip.invariant->id),
                                to_string(flip.before), to_string(flip.after));
        }
        table.notes.push_back(fmt::format("Invariants: {} as before{}", as_before, text));
    }
    if (!answer.without_effect.empty()) {
        table.notes.push_back(
            fmt::format("{} of {} configuration changes have no effect on connectivity (proved).",
                        answer.without_effect.size(), answer.config.size()));
    }
    if (answer.compared_by_sample > 0) {
        table.notes.push_back(
            fmt::format("{} groups of packets stay unknown on both sides and were compared by one "
                        "packet of each.",
                        answer.compared_by_sample));
    }
    const Assumptions& assumptions = context.after.network.assumptions();
    table.notes.push_back(fmt::format(
        "azreach {}, reading {}; {} pairs of endpoints unchanged.", context.after.version,
        assumptions.reading() == Reading::strict ? "strict" : "documented",
        answer.unchanged_pairs));
    return markdown(table, limit);
}

}  // namespace azreach::report
