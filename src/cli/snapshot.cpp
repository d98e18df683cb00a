// snapshot script, pack: how snapshots are made and what they hold.
#include <fmt/format.h>

#include "src/cli/session.hpp"
#include "src/snapshot/collector.hpp"
#include "src/snapshot/pack.hpp"

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

/// The inputs after the word, or those of -s.
std::vector<std::string> inputs_of(const Options& options) {
    std::vector<std::string> inputs(options.arguments.begin() + 1, options.arguments.end());
    inputs.insert(inputs.end(), options.snapshots.begin(), options.snapshots.end());
    if (inputs.empty()) {
        throw UsageError("snapshot " + options.arguments.front() + ": give files or folders");
    }
    return inputs;
}

std::string target_of(const Options& options) {
    if (!options.to) {
        throw UsageError("snapshot " + options.arguments.front() + ": give --to FILE");
    }
    return *options.to;
}

std::string size_of(std::size_t bytes) {
    return bytes < 10000      ? fmt::format("{} B", bytes)
           : bytes < 10000000 ? fmt::format("{} kB", bytes / 1000)
                              : fmt::format("{} MB", bytes / 1000000);
}

int pack_inputs(const Options& options, std::ostream& out) {
    const std::vector<std::string> inputs = inputs_of(options);
    const std::string target = target_of(options);
    const Imported imported = import_paths(inputs, import_options(options));  // it must be readable
    const Packed packed = pack(documents_of(inputs, import_options(options)), AZREACH_VERSION);
    const std::string bytes = compressed(packed.text);
    write_file(target, bytes);
    std::size_t secrets = 0;
    std::string keys;
    for (const auto& [key, count] : packed.removed) {
        secrets += count;
        keys += (keys.empty() ? "" : ", ") + key;
    }
    out << fmt::format("{}: {} sources, {} resources, {}\n", report::printable(target),
                       packed.sources, imported.snapshot.size(), size_of(bytes.size()));
    out << (secrets == 0
                ? std::string("secrets taken out: none found\n")
                : fmt::format("secrets taken out: {} ({})\n", secrets, report::printable(keys)));
    return kDone;
}

}  // namespace

int snapshot(const Options& options, std::ostream& out, std::ostream& errors) {
    const std::string what = options.arguments.empty() ? "" : options.arguments.front();
    if (what == "script") {
        return script(options, out, errors);
    }
    if (what == "pack") {
        return pack_inputs(options, out);
    }
    throw UsageError(what.empty()
                         ? "snapshot: expected script or pack"
                         : "snapshot: unknown word '" + what + "', expected script or pack");
}

}  // namespace azreach::cli
