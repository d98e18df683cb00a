// query and explain.
#include <fmt/format.h>

#include <algorithm>

#include "src/cli/session.hpp"
#include "src/cli/timeout.hpp"

namespace azreach::cli {

int query(const Options& options, std::ostream& out, std::ostream& errors) {
    if (options.arguments.size() != 2) {
        throw UsageError(fmt::format("{} takes FROM and TO, got {} names", options.command,
                                     options.arguments.size()));
    }
    std::optional<QueryVerdict> expected;
    if (options.expect) {
        for (const QueryVerdict verdict :
             {QueryVerdict::reachable, QueryVerdict::partial, QueryVerdict::one_way,
              QueryVerdict::blocked, QueryVerdict::unknown}) {
            if (to_string(verdict) == *options.expect) {
                expected = verdict;
            }
        }
        if (!expected) {
            throw UsageError("--expect '" + *options.expect +
                             "': expected reachable, partial, one-way, blocked or unknown");
        }
    }
    const std::string service_text = options.service.value_or("any");
    const auto start = std::chrono::steady_clock::now();
    std::optional<Timeout> timeout(std::in_place, options.timeout);
    const Session session(options, errors);
    const ServiceSet service = session.service(options.service, "any");
    TraceOptions trace_options;
    trace_options.blockers = true;
    trace_options.considered = options.command == "explain";
    const std::string& from = options.arguments[0];
    const std::string& to = options.arguments[1];
    QueryAnswer answer;
    if (options.engine != Engine::z3) {
        const Reachability reachability(session.network());
        answer = azreach::query(session.network(), reachability, session.endpoints(), from, to,
                                service_text, service, trace_options);
    }
    const bool smt2 = std::any_of(options.outputs.begin(), options.outputs.end(),
                                  [](const auto& o) { return o.first == Format::smt2; });
    std::unique_ptr<solver::Prover> prover;
    solver::Limits limits;
    if (options.engine != Engine::sets || smt2) {
        prover = solver::load_prover(session.network());
        timeout.reset();  // what is left of it makes the proof, not the run, end
        if (options.timeout) {
            const auto used = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - start);
            limits.timeout = std::max(*options.timeout - used, std::chrono::milliseconds(1));
        }
    }
    if (options.engine != Engine::sets) {
        const QueryAnswer proven =
            query_by_prover(session.network(), session.endpoints(), *prover, from, to, service_text,
                            service, trace_options, limits);
        if (options.engine == Engine::z3) {
            answer = proven;
        } else {
            compare(answer, proven);
        }
    }
    if (options.engine == Engine::sets && answer.verdict == QueryVerdict::unknown) {
        if (auto decided = answer_for_every_address(
                session.network(), session.endpoints(), [&] { return session.landmarks(); }, from,
                to, service_text, service, trace_options)) {
            answer = std::move(*decided);
        }
    }
    const report::Context context = session.context();
    write_answer(options, out, [&](Format format) {
        if (format == Format::smt2) {
            return smt2_of(session.endpoints(), *prover, from, to, service, limits);
        }
        if (format == Format::json) {
            const std::string schema = "azreach." + options.command + "/1";
            return report::document(context, schema, report::query_result(context, answer))
                       .dump(2, ' ', false, report::Json::error_handler_t::replace) +
                   "\n";
        }
        report::TextOptions text;
        text.color = options.color;
        text.explain = options.command == "explain";
        return report::query_text(session.network(), context.places, answer, text);
    });
    if (expected) {
        if (answer.verdict == *expected) {
            return kDone;
        }
    } else if (answer.verdict == QueryVerdict::reachable) {
        return kDone;
    }
    if (answer.verdict == QueryVerdict::unknown) {
        if (options.unknown == UnknownIs::warn) {
            errors << "warning: unknown counts as no finding (--unknown warn)\n";
        }
        return options.unknown == UnknownIs::fail ? kUnknown : kDone;
    }
    return kOtherVerdict;
}

}  // namespace azreach::cli
