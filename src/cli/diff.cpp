// diff: what NEW connects that OLD does not, and the other way round.
#include "src/report/diff.hpp"

#include <fmt/format.h>

#include "src/arm/flow_log.hpp"
#include "src/cli/findings.hpp"
#include "src/cli/sides.hpp"
#include "src/cli/timeout.hpp"
#include "src/report/flows.hpp"
#include "src/report/markdown.hpp"

namespace azreach::cli {

namespace {

enum class FailOn : std::uint8_t { nothing, new_exposure, lost_path, any };

FailOn fail_on_of(const Options& options) {
    if (!options.fail_on) {
        return options.exit_code ? FailOn::any : FailOn::nothing;
    }
    if (*options.fail_on == "new-exposure") {
        return FailOn::new_exposure;
    }
    if (*options.fail_on == "lost-path") {
        return FailOn::lost_path;
    }
    if (*options.fail_on == "any") {
        return FailOn::any;
    }
    throw UsageError("--fail-on '" + *options.fail_on +
                     "': diff expects new-exposure, lost-path or any");
}

bool counts(FailOn fail_on, const FlowChange& change) {
    switch (fail_on) {
        case FailOn::nothing:
            return false;
        case FailOn::new_exposure:
            return change.kind == FlowChange::Kind::added && change.exposure();
        case FailOn::lost_path:
            return change.kind == FlowChange::Kind::lost;
        case FailOn::any:
            return true;
    }
    return false;
}

/// What a change breaks counts whenever something does: the user named what must hold.
bool counts(FailOn fail_on, const report::InvariantFlip& flip) {
    return flip.worse() && fail_on != FailOn::nothing;
}

/// What the change broke joins the findings, before what passes.
void add_invariants(report::Findings& findings, const std::vector<report::InvariantFlip>& flips,
                    report::Findings checked) {
    std::vector<report::Finding> broken;
    for (report::Finding& finding : checked.items) {
        for (const report::InvariantFlip& flip : flips) {
            if (flip.invariant->id == finding.name && flip.worse()) {
                broken.push_back(std::move(finding));
                break;
            }
        }
    }
    findings.items.insert(findings.items.begin(), std::make_move_iterator(broken.begin()),
                          std::make_move_iterator(broken.end()));
    findings.rules.insert(findings.rules.end(), checked.rules.begin(), checked.rules.end());
}

}  // namespace

int diff(const Options& options, std::ostream& out, std::ostream& errors) {
    const FailOn fail_on = fail_on_of(options);
    DiffOptions how;
    how.services = service_of(options.service, "every");
    how.jobs = options.jobs;
    const Timeout timeout(options.timeout);
    auto [old_state, new_state] = both_sides(options);
    std::ostream nowhere(nullptr);  // what is said of the old state is mostly said of the new one
    const Session before(options, std::move(old_state), options.verbose ? errors : nowhere);
    const Session after(options, std::move(new_state), errors);
    const DiffAnswer answer = azreach::diff(before.network(), after.network(), how);
    const InvariantSides invariants = invariants_of(options, before, after);
    const std::vector<report::InvariantFlip> flips = invariants.flips();
    const report::DiffContext context{before.context(), after.context()};
    std::vector<report::FlowEffect> effects;
    std::optional<FlowLog> log;
    if (options.flows) {
        log = read_flow_log(*options.flows);
        const ObservedFlows was(before.network());
        const ObservedFlows is(after.network());
        for (const ObservedFlow& flow : log->flows) {
            const SeenPacket seen{flow.packet, flow.inbound, flow.allowed};
            effects.push_back({&flow, was.state(seen), is.state(seen)});
        }
    }
    std::optional<report::Findings> findings;
    const auto found = [&]() -> const report::Findings& {
        if (!findings) {
            findings = report::diff_findings(context, answer, [&](const FlowChange& change) {
                return counts(fail_on == FailOn::nothing ? FailOn::new_exposure : fail_on, change);
            });
            if (invariants.after) {
                add_invariants(*findings, flips,
                               report::check_findings(context.after, *invariants.after,
                                                      invariants.run, InvariantSeverity::info));
            }
        }
        return *findings;
    };
    write_answer(options, out, [&](Format format) -> std::string {
        if (auto text = findings_text(format, found)) {
            return *std::move(text);
        }
        switch (format) {
            case Format::json: {
                report::Json document = report::document(
                    context.after, "azreach.diff/1", report::diff_result(context, answer, flips));
                document["base"] = report::snapshot(context.before);
                if (log) {
                    document["result"]["flows"] = report::effects_json(effects);
                }
                return document.dump(2, ' ', false, report::Json::error_handler_t::replace) + "\n";
            }
            case Format::md:
                return report::diff_markdown(context, answer, flips, report::kCommentLimit);
            case Format::summary:
                return report::diff_markdown(context, answer, flips, report::kSummaryLimit);
            default:
                break;
        }
        report::TextOptions text;
        text.color = options.color;
        return report::diff_text(context, answer, flips, text) +
               (log ? report::effects_text(effects) : std::string());
    });
    bool possible = false;
    for (const FlowChange& change : answer.changes) {
        if (counts(fail_on, change)) {
            if (change.certain()) {
                return kOtherVerdict;
            }
            possible = true;
        }
    }
    for (const report::InvariantFlip& flip : flips) {
        if (counts(fail_on, flip)) {
            if (flip.after != InvariantStatus::unknown) {
                return kOtherVerdict;
            }
            possible = true;
        }
    }
    if (possible && options.unknown == UnknownIs::warn) {
        errors << "warning: possible differences count as no finding (--unknown warn)\n";
    }
    return possible && options.unknown == UnknownIs::fail ? kUnknown : kDone;
}

}  // namespace azreach::cli
