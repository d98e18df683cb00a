// snapshot script: how snapshots are made and what they hold.
#include "src/cli/session.hpp"
#include "src/snapshot/collector.hpp"

namespace azreach::cli {

namespace {

int script(const Options& options, std::ostream& out, std::ostream& errors) {
    if (options.arguments.size() != 1) {
        throw UsageError("snapshot script takes no names");
    }
    const std::string shell = options.shell.value_or("bash");
    if (shell != "bash" && shell != "pwsh") {
        throw UsageError("--shell '" + shell + "': expected bash or pwsh");
    }
    if (shell == "pwsh" && !options.quiet) {
        errors << "note: the PowerShell form has not been run by its authors; the bash form is "
                  "tested\n";
    }
    out << collector_script(shell == "bash" ? Shell::bash : Shell::pwsh);
    return kDone;
}

}  // namespace

int snapshot(const Options& options, std::ostream& out, std::ostream& errors) {
    const std::string what = options.arguments.empty() ? "" : options.arguments.front();
    if (what == "script") {
        return script(options, out, errors);
    }
    throw UsageError(what.empty() ? "snapshot: expected script"
                                  : "snapshot: unknown word '" + what + "', expected script");
}

}  // namespace azreach::cli
