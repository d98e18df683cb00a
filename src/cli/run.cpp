#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>

#include "models/net/ensures.hpp"
#include "src/cli/help.hpp"
#include "src/cli/session.hpp"

namespace azreach::cli {

namespace {

int dispatch(const Options& options, std::ostream& out, std::ostream& errors) {
    if (options.command == "version") {
        out << "azreach " << AZREACH_VERSION << "\n";
        return kDone;
    }
    if (options.command == "help") {
        const std::string topic = options.arguments.empty() ? "" : options.arguments.front();
        const std::string text = help_text(topic);
        if (text.empty()) {
            throw UsageError("no help on '" + topic + "'");
        }
        out << text;
        return kDone;
    }
    if (options.command == "query" || options.command == "explain") {
        return query(options, out, errors);
    }
    if (options.command == "reach") {
        return reach(options, out, errors);
    }
    if (options.command == "trace") {
        return trace(options, out, errors);
    }
    if (options.command == "report") {
        return report_command(options, out, errors);
    }
    if (options.command == "export") {
        return export_command(options, out, errors);
    }
    if (options.command == "resolve") {
        return resolve(options, out, errors);
    }
    if (options.command == "lint") {
        return lint(options, out, errors);
    }
    if (options.command == "diff") {
        return diff(options, out, errors);
    }
    if (options.command == "show") {
        return show(options, out, errors);
    }
    if (options.command == "snapshot") {
        return snapshot(options, out, errors);
    }
    return ls(options, out, errors);
}

}  // namespace

int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& errors) {
    try {
        if (arguments.empty()) {
            errors << short_help();
            return kUsage;
        }
        const int code = dispatch(parse(arguments), out, errors);
        if (!out) {
            errors << "error: cannot write the answer\n";
            return kUsage;
        }
        return code;
    } catch (const UsageError& error) {
        errors << "error: " << report::printable(error.what()) << "\n  See: azreach help\n";
        return kUsage;
    } catch (const NameError& error) {
        errors << "error: " << report::printable(error.what()) << "\n";
        return kUsage;
    } catch (const InputError& error) {
        errors << "error: " << error.what() << "\n";
        return kUsage;
    } catch (const std::bad_alloc&) {
        errors << "error: out of memory\n";
        return kUsage;
    } catch (const std::exception& error) {
        errors << "internal error: " << error.what()
               << "\n  This is a bug of azreach: please report it with the snapshot.\n";
        return kInternal;
    }
}

}  // namespace azreach::cli
