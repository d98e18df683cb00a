// snapshot script, pack, info, redact: how snapshots are made and what they hold.
#include <fmt/format.h>

#include "src/cli/session.hpp"
#include "src/snapshot/collector.hpp"
#include "src/snapshot/info.hpp"
#include "src/snapshot/pack.hpp"
#include "src/snapshot/redact.hpp"

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

int redact_inputs(const Options& options, std::ostream& out) {
    const std::vector<std::string> inputs = inputs_of(options);
    const std::string target = target_of(options);
    const Imported imported = import_paths(inputs, import_options(options));  // it must be readable
    const Redacted redacted = redact(documents_of(inputs, import_options(options)));
    const Packed packed = pack(redacted.documents, AZREACH_VERSION);
    const std::string bytes = compressed(packed.text);
    write_file(target, bytes);
    out << fmt::format("{}: {} sources, {} resources, {} names replaced, {}\n",
                       report::printable(target), packed.sources, imported.snapshot.size(),
                       redacted.names.size(), size_of(bytes.size()));
    if (!imported.snapshot.service_tags) {
        out << "without a service-tag file: a public address need not stay in the tags that hold "
               "it\n";
    }
    return kDone;
}

std::string info_text(const SnapshotInfo& info, const Options& options) {
    std::string text;
    std::size_t resources = 0;
    for (const Source& source : info.sources) {
        resources += source.resources;
    }
    text += fmt::format("{} sources, {} resources\n", info.sources.size(), resources);
    if (info.age_days) {
        for (const Collection& collection : info.collections) {
            text += fmt::format("collected {}", report::printable(collection.collected_at));
        }
        text += fmt::format(", {} {} ago\n", *info.age_days, *info.age_days == 1 ? "day" : "days");
    } else {
        text += "how old it is, no file says (the collector of azreach snapshot script notes it)\n";
    }
    text += "\nWhat it holds\n";
    for (const auto& [kind, number] : info.counts) {
        text += fmt::format("  {:>8}  {}\n", number, report::printable(kind));
    }
    text += "\nWhat could not be seen\n";
    if (info.unseen.empty()) {
        text += "  nothing that is mentioned is missing\n";
    }
    constexpr std::size_t kShown = 20;
    for (std::size_t i = 0; i < info.unseen.size(); ++i) {
        if (i == kShown && !options.verbose) {
            text += fmt::format("  ... and {} more (-v shows all)\n", info.unseen.size() - kShown);
            break;
        }
        const Unseen& one = info.unseen[i];
        text += fmt::format("  {} {}\n", one.code, report::printable(one.what));
        if (!one.needed_for.empty()) {
            text += fmt::format("      named by  {}\n", report::printable(one.needed_for));
        }
        text += fmt::format("      touches   {}{}\n", report::printable(one.effect),
                            one.interfaces > 0
                                ? fmt::format(" ({} network {})", one.interfaces,
                                              one.interfaces == 1 ? "interface" : "interfaces")
                                : "");
    }
    text += "\nWhat no file of this snapshot can show\n";
    for (const Unseen& one : info.never) {
        text += fmt::format("  {}\n      because   {}\n      touches   {}\n", one.what,
                            one.needed_for, one.effect);
    }
    return text;
}

report::Json info_result(const SnapshotInfo& info) {
    report::Json result;
    report::Json counts = report::Json::object();
    for (const auto& [kind, number] : info.counts) {
        counts[kind] = number;
    }
    result["counts"] = std::move(counts);
    report::Json collections = report::Json::array();
    for (const Collection& collection : info.collections) {
        collections.push_back(
            {{"collectedAt", collection.collected_at}, {"file", collection.file}});
    }
    result["collections"] = std::move(collections);
    result["ageDays"] = info.age_days ? report::Json(*info.age_days) : report::Json(nullptr);
    for (const auto& [key, list] : {std::pair{"unseen", &info.unseen}, {"never", &info.never}}) {
        report::Json items = report::Json::array();
        for (const Unseen& one : *list) {
            items.push_back({{"code", one.code},
                             {"what", one.what},
                             {"neededFor", one.needed_for},
                             {"effect", one.effect},
                             {"interfaces", one.interfaces}});
        }
        result[key] = std::move(items);
    }
    return result;
}

int info_of_inputs(const Options& options, std::ostream& out, std::ostream& errors) {
    Options quiet = options;
    quiet.snapshots = inputs_of(options);
    quiet.quiet = quiet.quiet || !quiet.verbose;
    const Session session(quiet, errors);
    const SnapshotInfo info =
        info_of(session.network().snapshot(), to_string(options.today_or_clock()));
    write_answer(options, out, [&](Format format) {
        return format == Format::json
                   ? report::document(session.context(), "azreach.snapshot-info/1",
                                      info_result(info))
                             .dump(2, ' ', false, report::Json::error_handler_t::replace) +
                         "\n"
                   : info_text(info, options);
    });
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
    if (what == "info") {
        return info_of_inputs(options, out, errors);
    }
    if (what == "redact") {
        return redact_inputs(options, out);
    }
    const std::string expected = "expected script, pack, info or redact";
    throw UsageError(what.empty() ? "snapshot: " + expected
                                  : "snapshot: unknown word '" + what + "', " + expected);
}

}  // namespace azreach::cli
