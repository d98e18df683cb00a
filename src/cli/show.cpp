// show and ls.
#include <fnmatch.h>

#include <algorithm>

#include "src/cli/session.hpp"
#include "src/cli/timeout.hpp"

namespace azreach::cli {

int show(const Options& options, std::ostream& out, std::ostream& errors) {
    if (options.arguments.size() != 1) {
        throw UsageError("show takes one name");
    }
    const Timeout timeout(options.timeout);
    const Session session(options, errors);
    const ShowAnswer answer =
        azreach::show(session.network(), session.endpoints(), options.arguments.front());
    const report::Context context = session.context();
    write_answer(options, out, [&](Format format) {
        if (format == Format::json) {
            return report::document(context, "azreach.show/1", report::show(context, answer))
                       .dump(2, ' ', false, report::Json::error_handler_t::replace) +
                   "\n";
        }
        return report::show_text(session.network(), answer);
    });
    return kDone;
}

int ls(const Options& options, std::ostream& out, std::ostream& errors) {
    static constexpr std::string_view kKinds[] = {"vm", "nic", "vmss", "subnet", "vnet", "asg",
                                                  "pe", "lb",  "pip",  "agw",    "fw",   "paas"};
    std::string kind;
    std::string pattern;
    for (const std::string& argument : options.arguments) {
        const bool is_kind =
            std::find(std::begin(kKinds), std::end(kKinds), argument) != std::end(kKinds);
        if (kind.empty() && pattern.empty() && is_kind) {
            kind = argument;
        } else if (pattern.empty()) {
            pattern = argument;
        } else {
            throw UsageError("ls takes a KIND and a PATTERN");
        }
    }
    const Timeout timeout(options.timeout);
    const Session session(options, errors);
    std::vector<Endpoint> items;
    for (const Endpoint& endpoint : session.endpoints().all()) {
        const bool named = pattern.empty() ||
                           fnmatch(pattern.c_str(), endpoint.name.c_str(), FNM_CASEFOLD) == 0 ||
                           fnmatch(pattern.c_str(), endpoint.use.c_str(), FNM_CASEFOLD) == 0;
        if ((kind.empty() || endpoint.kind == kind) && named) {
            items.push_back(endpoint);
        }
    }
    const report::Context context = session.context();
    write_answer(options, out, [&](Format format) {
        if (format == Format::json) {
            return report::document(context, "azreach.ls/1", report::endpoints(items))
                       .dump(2, ' ', false, report::Json::error_handler_t::replace) +
                   "\n";
        }
        return report::endpoints_text(items);
    });
    return kDone;
}

}  // namespace azreach::cli
