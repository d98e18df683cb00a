// lint: rules that decide nothing, routes that lead nowhere.
#include "src/report/lint.hpp"

#include "src/cli/findings.hpp"
#include "src/cli/session.hpp"
#include "src/cli/timeout.hpp"
#include "src/report/markdown.hpp"

namespace azreach::cli {

int lint(const Options& options, std::ostream& out, std::ostream& errors) {
    if (!options.arguments.empty()) {
        throw UsageError("lint takes no names; -s says which snapshot");
    }
    const std::string least = options.fail_on.value_or("low");
    if (report::rank_of(least) > 3) {
        throw UsageError("--fail-on '" + least + "': lint expects critical, high, medium or low");
    }
    const Timeout timeout(options.timeout);
    const Session session(options, errors);
    const std::vector<LintFinding> findings = azreach::lint(session.network());
    const report::Context context = session.context();
    const auto found = [&] { return report::lint_findings(context, findings, least); };
    write_answer(options, out, [&](Format format) -> std::string {
        if (auto text = findings_text(format, found)) {
            return *std::move(text);
        }
        switch (format) {
            case Format::json:
                return report::document(context, "azreach.lint/1",
                                        report::lint_result(context, findings))
                           .dump(2, ' ', false, report::Json::error_handler_t::replace) +
                       "\n";
            case Format::md:
                return report::lint_markdown(context, findings, report::kCommentLimit);
            case Format::summary:
                return report::lint_markdown(context, findings, report::kSummaryLimit);
            default:
                break;
        }
        report::TextOptions text;
        text.color = options.color;
        return report::lint_text(context, findings, text);
    });
    for (const LintFinding& finding : findings) {
        if (options.fail_on &&
            report::rank_of(report::lint_rule(finding.rule).severity) <= report::rank_of(least)) {
            return kOtherVerdict;
        }
    }
    return kDone;
}

}  // namespace azreach::cli
