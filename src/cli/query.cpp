// query and explain.
#include <fmt/format.h>

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
    const ServiceSet service = service_of(options.service, "any");
    const Timeout timeout(options.timeout);
    const Session session(options, errors);
    const Reachability reachability(session.network());
    TraceOptions trace_options;
    trace_options.blockers = true;
    trace_options.considered = options.command == "explain";
    const QueryAnswer answer =
        azreach::query(session.network(), reachability, session.endpoints(), options.arguments[0],
                       options.arguments[1], service_text, service, trace_options);
    const report::Context context = session.context();
    write_answer(options, out, [&](Format format) {
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
