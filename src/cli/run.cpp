#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>

#include "models/net/ensures.hpp"
#include "src/cli/completion.hpp"
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
    if (options.command == "flows") {
        return flows(options, out, errors);
    }
    if (options.command == "completion") {
        const std::string shell = options.arguments.empty() ? "" : options.arguments.front();
        const std::string script = completion_script(shell);
        if (script.empty()) {
            throw UsageError("completion takes bash, zsh, fish or pwsh");
        }
        out << script;
        return kDone;
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
    if (options.command == "check") {
        return check(options, out, errors);
    }
    if (options.command == "init") {
        return init(options, out, errors);
    }
    if (options.command == "schema") {
        return schema(options, out);
    }
    if (options.command == "snapshot") {
        return snapshot(options, out, errors);
    }
    return ls(options, out, errors);
}

/// What shells and packages ask, not people.
int generated(const std::vector<std::string>& arguments, std::ostream& out) {
    const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
    if (arguments.front() == "__complete") {
        for (const std::string& word : completions(rest)) {
            out << report::printable(word) << "\n";
        }
        return kDone;
    }
    if (arguments.front() == "__man") {
        out << manual_page(rest.empty() ? "" : rest.front(), AZREACH_VERSION);
        return kDone;
    }
    if (arguments.front() == "__commands") {
        for (const CommandHelp& command : commands()) {
            out << command.name << "\n";
        }
        return kDone;
    }
    if (arguments.front() == "__reference") {
        out << command_reference();
        return kDone;
    }
    throw UsageError("unknown command '" + arguments.front() + "'");
}

}  // namespace

int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& errors) {
    try {
        if (arguments.empty()) {
            errors << short_help();
            return kUsage;
        }
        if (arguments.front().starts_with("__")) {
            return generated(arguments, out);
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
    } catch (const solver::ProverMissing& error) {
        errors << "error: " << error.what() << "\n";
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
