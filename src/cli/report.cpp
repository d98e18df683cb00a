// report and export: everything at once, as one file.
#include <algorithm>
#include <filesystem>

#include "src/cli/sides.hpp"
#include "src/cli/timeout.hpp"
#include "src/engine/lint.hpp"
#include "src/report/drawing.hpp"
#include "src/report/lint.hpp"
#include "src/report/overview.hpp"

namespace azreach::cli {

namespace {

/// What the report is called: the folder of its sources; of one source its name too.
std::string title_of(const Session& session) {
    const auto& sources = session.network().snapshot().sources;
    if (sources.empty()) {
        return "";
    }
    const std::filesystem::path path(sources.front().path);
    const std::string folder = path.parent_path().filename().string();
    if (folder.empty()) {
        return path.stem().string();
    }
    const bool several =
        sources.size() > 1 && std::all_of(sources.begin(), sources.end(), [&](const Source& other) {
            return std::filesystem::path(other.path).parent_path() == path.parent_path();
        });
    return several ? folder : folder + "/" + path.stem().string();
}

}  // namespace

int report_command(const Options& options, std::ostream& out, std::ostream& errors) {
    const Timeout timeout(options.timeout);
    std::optional<Session> before;  // what the report compares with
    std::optional<Session> now;
    std::ostream nowhere(nullptr);
    if (options.baseline) {
        if (!options.arguments.empty()) {
            throw UsageError("report: give the earlier state as OLD or with --baseline, not both");
        }
        Options earlier = options;
        earlier.snapshots = {*options.baseline};
        earlier.overlays.clear();
        before.emplace(earlier, nowhere);
        now.emplace(options, errors);
    } else if (!options.arguments.empty()) {
        auto [old_state, new_state] = both_sides(options);
        before.emplace(options, std::move(old_state), nowhere);
        now.emplace(options, std::move(new_state), errors);
    } else {
        now.emplace(options, errors);
    }
    const Session& session = *now;
    const Reachability reachability(session.network());
    OverviewOptions wanted;
    wanted.jobs = options.jobs;
    const Overview shown = overview(session.network(), reachability, session.endpoints(), wanted);
    const report::Context context = session.context();
    report::ReportParts parts;
    parts.title = title_of(session);
    parts.lint = report::lint_result(context, azreach::lint(session.network()));
    if (before) {
        DiffOptions how;
        how.jobs = options.jobs;
        const DiffAnswer changes = azreach::diff(before->network(), session.network(), how);
        const InvariantSides invariants = invariants_of(options, *before, session);
        parts.diff = report::diff_result({before->context(), context}, changes, invariants.flips());
        if (invariants.after) {
            parts.check = report::check_result(context, *invariants.after, invariants.run);
        }
    } else if (!session.policy().invariants.empty()) {
        report::CheckRun run;
        run.file = session.config_file();
        run.today = options.today_or_clock();
        CheckOptions how;
        how.today = run.today;
        how.jobs = options.jobs;
        parts.check = report::check_result(
            context, azreach::check(session.network(), session.endpoints(), session.policy(), how),
            run);
    }
    const auto document = [&] {
        report::Json result = report::document(context, "azreach.report/1",
                                               report::overview_result(context, shown, parts));
        if (before) {
            result["base"] = report::snapshot(before->context());
        }
        return result;
    };
    write_answer(options, out, [&](Format format) -> std::string {
        switch (format) {
            case Format::json:
                return document().dump(1, ' ', false, report::Json::error_handler_t::replace) +
                       "\n";
            case Format::md:
                return report::overview_markdown(context, shown, parts);
            case Format::html: {
                std::string page = report::html_page(document());
                if (page.empty()) {
                    throw UsageError(
                        "-o html: this program was built without the page (no npm, or "
                        "AZREACH_UI=OFF); -o md and -o json are complete");
                }
                return page;
            }
            default:
                return report::overview_text(context, shown);
        }
    });
    return kDone;
}

int export_command(const Options& options, std::ostream& out, std::ostream& errors) {
    if (!options.arguments.empty()) {
        throw UsageError("export takes no names; the snapshot is given with -s");
    }
    if (!options.format && options.outputs.empty()) {
        throw UsageError("export needs a format: -o dot, mermaid, drawio, csv or json");
    }
    const Timeout timeout(options.timeout);
    const Session session(options, errors);
    const Reachability reachability(session.network());
    OverviewOptions wanted;
    wanted.jobs = options.jobs;
    wanted.most_answers = 0;
    const Overview shown = overview(session.network(), reachability, session.endpoints(), wanted);
    const report::Context context = session.context();
    const auto render = [&](Format format) -> std::string {
        switch (format) {
            case Format::dot:
                return report::dot(context, shown);
            case Format::mermaid:
                return report::mermaid(context, shown);
            case Format::drawio:
                return report::drawio(context, shown);
            case Format::csv:
                return report::reach_csv(shown);
            default:
                return report::document(context, "azreach.report/1",
                                        report::overview_result(context, shown, {}))
                           .dump(1, ' ', false, report::Json::error_handler_t::replace) +
                       "\n";
        }
    };
    if (options.format) {
        out << render(*options.format) << std::flush;
    }
    for (const auto& [format, path] : options.outputs) {
        write_file(path, render(format));
    }
    return kDone;
}

}  // namespace azreach::cli
