// check: the invariants of azreach.yaml.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "src/arm/sha256.hpp"
#include "src/cli/findings.hpp"
#include "src/cli/session.hpp"
#include "src/cli/timeout.hpp"
#include "src/report/certificate.hpp"
#include "src/report/markdown.hpp"

namespace azreach::cli {

namespace {

InvariantSeverity threshold_of(const Options& options) {
    if (!options.fail_on) {
        return InvariantSeverity::info;
    }
    const auto severity = parse_severity(*options.fail_on);
    if (!severity) {
        throw UsageError("--fail-on '" + *options.fail_on +
                         "': check expects info, low, medium, high or critical");
    }
    return *severity;
}

std::string fingerprint(const Invariant& invariant, std::string_view status,
                        const std::string& finding) {
    return sha256(invariant.id + "\n" + std::string(to_string(invariant.verb)) + "\n" +
                  std::string(status) + "\n" + finding);
}

std::string_view status_name(InvariantStatus status) {
    return status == InvariantStatus::unknown ? "unknown" : "violated";
}

std::set<std::string> read_known(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw InputError("cannot read " + path + ": write it with 'azreach check --write-known " +
                         path + "'");
    }
    std::stringstream text;
    text << file.rdbuf();
    std::set<std::string> known;
    try {
        const report::Json document = report::Json::parse(text.str());
        if (document.at("schema") != "azreach.known/1") {
            throw InputError({path, "/schema", 0, 0}, "", document.at("schema").dump(),
                             "\"azreach.known/1\"", "");
        }
        for (const report::Json& item : document.at("findings")) {
            known.insert(item.at("fingerprint").get<std::string>());
        }
    } catch (const report::Json::exception& error) {
        throw InputError({path, "", 0, 0}, "",
                         std::string("no list of known findings: ") + error.what(),
                         "a file of --write-known", "");
    }
    return known;
}

std::string known_file(const CheckAnswer& answer, const report::CheckRun& run) {
    report::Json findings = report::Json::array();
    for (std::size_t i = 0; i < answer.results.size(); ++i) {
        for (const std::string& print : run.fingerprints[i]) {
            findings.push_back(
                {{"invariant", answer.results[i].invariant->id}, {"fingerprint", print}});
        }
    }
    const report::Json document = {{"schema", "azreach.known/1"},
                                   {"findings", std::move(findings)}};
    return document.dump(2, ' ', false, report::Json::error_handler_t::replace) + "\n";
}

}  // namespace

int check(const Options& options, std::ostream& out, std::ostream& errors) {
    if (options.arguments.size() > 1) {
        throw UsageError(
            fmt::format("check takes one FILE, got {} names", options.arguments.size()));
    }
    if (options.arguments.size() == 1 && options.config) {
        throw UsageError("check: give the file either as FILE or with -c");
    }
    const InvariantSeverity threshold = threshold_of(options);
    Options own = options;
    if (options.arguments.size() == 1) {
        own.config = options.arguments.front();
    }
    std::optional<config::Config> config = configuration(own);
    if (!config) {
        throw UsageError(
            "no azreach.yaml here or above: give one as FILE, or write one with 'azreach init'");
    }
    std::set<std::string> known;
    if (options.known) {
        known = read_known(*options.known);
    }
    report::CheckRun run;
    run.file = config->file;
    run.today = options.today_or_clock();
    const Timeout timeout(options.timeout);
    const Session session(own, config, errors);
    std::optional<Session> baseline;
    if (options.baseline) {
        Options before = own;
        before.snapshots = {*options.baseline};
        baseline.emplace(before, config, errors);
    }
    CheckOptions how;
    how.today = run.today;
    how.jobs = options.jobs;
    how.baseline = baseline ? &baseline->network() : nullptr;
    const CheckAnswer answer =
        azreach::check(session.network(), session.endpoints(), session.policy(), how);

    bool violated = false;
    bool unknown = false;
    for (std::size_t i = 0; i < answer.results.size(); ++i) {
        const InvariantResult& result = answer.results[i];
        std::vector<std::string>& prints = run.fingerprints.emplace_back();
        bool all_known = !result.findings.empty();
        for (const std::string& finding : result.findings) {
            prints.push_back(fingerprint(*result.invariant, status_name(result.beneath), finding));
            // What was violated and cannot be decided now is no new finding.
            all_known =
                all_known && (known.contains(prints.back()) ||
                              known.contains(fingerprint(*result.invariant, "violated", finding)));
        }
        std::sort(prints.begin(), prints.end());
        if (all_known) {
            run.known.insert(i);
        }
        if (all_known || result.invariant->severity < threshold) {
            continue;
        }
        violated = violated || result.status == InvariantStatus::violated ||
                   (result.status == InvariantStatus::vacuous && !result.invariant->may_be_empty);
        unknown = unknown || result.status == InvariantStatus::unknown;
    }
    if (options.write_known) {
        write_file(*options.write_known, known_file(answer, run));
    }
    const report::Context context = session.context();
    const bool certified =
        options.format == Format::certificate ||
        std::any_of(options.outputs.begin(), options.outputs.end(),
                    [](const auto& output) { return output.first == Format::certificate; });
    if (options.prove && !certified) {
        throw UsageError("--prove: say where the certificates go, -O certificate=PATH");
    }
    std::vector<Certificate> certificates;
    for (const InvariantResult& result : answer.results) {
        if (!certified) {
            break;
        }
        certificates.push_back(
            certify(session.network(), session.endpoints(), session.policy(), how, result));
        if (certificates.back().claim == Certificate::Claim::none && !options.quiet &&
            result.status != InvariantStatus::not_asked) {
            errors << fmt::format("note: no certificate for {}: {}\n", result.invariant->id,
                                  report::printable(certificates.back().missing));
        }
    }
    const auto found = [&] { return report::check_findings(context, answer, run, threshold); };
    write_answer(options, out, [&](Format format) -> std::string {
        if (auto text = findings_text(format, found)) {
            return *std::move(text);
        }
        switch (format) {
            case Format::md:
                return report::check_markdown(context, answer, run, threshold,
                                              report::kCommentLimit);
            case Format::summary:
                return report::check_markdown(context, answer, run, threshold,
                                              report::kSummaryLimit);
            default:
                break;
        }
        if (format == Format::certificate) {
            return report::certificate_document(context, answer, run, certificates)
                       .dump(1, ' ', false, report::Json::error_handler_t::replace) +
                   "\n";
        }
        if (format == Format::json) {
            return report::document(context, "azreach.check/1",
                                    report::check_result(context, answer, run))
                       .dump(2, ' ', false, report::Json::error_handler_t::replace) +
                   "\n";
        }
        report::TextOptions text;
        text.color = options.color;
        return report::check_text(context, answer, run, text, options.verbose);
    });
    if (violated) {
        return kOtherVerdict;
    }
    if (unknown && options.unknown == UnknownIs::warn) {
        errors << "warning: unknown invariants count as no finding (--unknown warn)\n";
    }
    return unknown && options.unknown == UnknownIs::fail ? kUnknown : kDone;
}

}  // namespace azreach::cli
