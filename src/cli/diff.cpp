// diff: what NEW connects that OLD does not, and the other way round.
#include "src/report/diff.hpp"

#include <fmt/format.h>

#include "src/cli/session.hpp"
#include "src/cli/timeout.hpp"

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

}  // namespace

int diff(const Options& options, std::ostream& out, std::ostream& errors) {
    if (options.arguments.size() != 2) {
        throw UsageError(
            fmt::format("diff takes OLD and NEW, got {} names", options.arguments.size()));
    }
    if (!options.snapshots.empty()) {
        throw UsageError("diff takes its snapshots as OLD and NEW, not with -s");
    }
    const FailOn fail_on = fail_on_of(options);
    DiffOptions how;
    how.services = service_of(options.service, "every");
    how.jobs = options.jobs;
    const Timeout timeout(options.timeout);
    Options side = options;
    side.snapshots = {options.arguments[0]};
    const Session before(side, errors);
    side.snapshots = {options.arguments[1]};
    const Session after(side, errors);
    const DiffAnswer answer = azreach::diff(before.network(), after.network(), how);
    const report::DiffContext context{before.context(), after.context()};
    write_answer(options, out, [&](Format format) {
        if (format == Format::json) {
            report::Json document = report::document(context.after, "azreach.diff/1",
                                                     report::diff_result(context, answer));
            document["base"] = report::snapshot(context.before);
            return document.dump(2, ' ', false, report::Json::error_handler_t::replace) + "\n";
        }
        report::TextOptions text;
        text.color = options.color;
        return report::diff_text(context, answer, text);
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
    if (possible && options.unknown == UnknownIs::warn) {
        errors << "warning: possible differences count as no finding (--unknown warn)\n";
    }
    return possible && options.unknown == UnknownIs::fail ? kUnknown : kDone;
}

}  // namespace azreach::cli
