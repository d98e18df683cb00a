// resolve NAME --from ENDPOINT.
#include "src/report/resolve.hpp"

#include "src/cli/session.hpp"
#include "src/cli/timeout.hpp"

namespace azreach::cli {

int resolve(const Options& options, std::ostream& out, std::ostream& errors) {
    if (options.arguments.size() != 1 || !options.from) {
        throw UsageError("resolve takes one DNS name and --from ENDPOINT");
    }
    const Timeout timeout(options.timeout);
    const Session session(options, errors);
    const Reachability reachability(session.network());
    const ResolvedName result = resolve_name(session.network(), reachability, session.endpoints(),
                                             options.arguments.front(), *options.from);
    const report::Context context = session.context();
    write_answer(options, out, [&](Format format) {
        if (format == Format::json) {
            return report::document(context, "azreach.resolve/1", report::resolved(context, result))
                       .dump(2, ' ', false, report::Json::error_handler_t::replace) +
                   "\n";
        }
        return report::resolved_text(context, result);
    });
    return kDone;
}

}  // namespace azreach::cli
