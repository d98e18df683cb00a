#include "src/cli/options.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>

#include "src/cli/help.hpp"

namespace azreach::cli {

namespace {

constexpr std::array<std::string_view, 17> kFormats = {
    "text",  "json",   "html", "md",       "csv",      "dot",         "mermaid", "drawio", "sarif",
    "junit", "github", "azdo", "defender", "sentinel", "certificate", "smt2",    "summary"};

/// The format of this name, if the command writes it.
Format format_of(const std::string& command, const std::string& text) {
    std::string_view written = "text json";
    for (const CommandHelp& known : commands()) {
        if (known.name == command && !known.formats.empty()) {
            written = known.formats;
        }
    }
    const std::string padded = " " + std::string(written) + " ";
    for (std::size_t i = 0; i < kFormats.size(); ++i) {
        if (kFormats[i] == text && padded.find(" " + text + " ") != std::string::npos) {
            return static_cast<Format>(i);
        }
    }
    throw UsageError("unknown format '" + text + "': " + command + " writes " +
                     std::string(written));
}

std::chrono::milliseconds duration_of(const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(end, text.data() + text.size());
    const double scale = unit.empty() || unit == "s" ? 1000
                         : unit == "ms"              ? 1
                         : unit == "m"               ? 60000
                                                     : -1;
    if (error != std::errc{} || scale < 0 || number <= 0 || number * scale > 1e10) {
        throw UsageError("--timeout '" + text + "': expected a time such as 60s, 500ms or 5m");
    }
    return std::chrono::milliseconds(static_cast<long long>(number * scale));
}

bool color_wanted(const std::string& mode) {
    if (mode == "always") {
        return true;
    }
    if (mode == "never") {
        return false;
    }
    const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
    return (no_color == nullptr || *no_color == '\0') && isatty(STDOUT_FILENO) == 1;
}

}  // namespace

std::string_view to_string(Format format) { return kFormats[static_cast<std::size_t>(format)]; }

Date Options::today_or_clock() const {
    if (today) {
        return *today;
    }
    const std::time_t now = std::time(nullptr);
    std::tm day{};
    gmtime_r(&now, &day);
    return {day.tm_year + 1900, day.tm_mon + 1, day.tm_mday};
}

Options parse(const std::vector<std::string>& arguments) {
    Options options;
    if (arguments.empty()) {
        throw UsageError("");
    }
    for (const CommandHelp& command : commands()) {
        if (command.name == arguments.front()) {
            options.command = std::string(command.name);
        }
    }
    if (arguments.front() == "--version" || arguments.front() == "-V") {
        options.command = "version";
        return options;
    }
    if (arguments.front() == "--help" || arguments.front() == "-h") {
        options.command = "help";
        return options;
    }
    CLI::App app{"", "azreach"};
    app.allow_windows_style_options(false);
    app.set_help_flag("");
    std::vector<std::string> formats;
    std::vector<std::string> outputs;
    std::vector<std::string> assume;
    std::string reading;
    std::string unknown = "fail";
    std::string color = "auto";
    std::string progress = "auto";
    std::string engine = "sets";
    std::string timeout;
    std::string config;
    std::string shard;
    std::string today;
    bool help = false;
    std::vector<std::string> positional;
    app.add_option("-s,--snapshot", options.snapshots)->expected(1)->take_all();
    app.add_option("--overlay", options.overlays)->expected(1)->take_all();
    app.add_option("-c,--config", config);
    app.add_option("-o", formats)->expected(1)->take_all();
    app.add_option("-O", outputs)->expected(1)->take_all();
    app.add_option("--reading", reading);
    app.add_option("--assume", assume)->expected(1)->take_all();
    app.add_option("--engine", engine);
    app.add_flag("--prove", options.prove);
    app.add_option("--timeout", timeout);
    app.add_option("-j", options.jobs);
    app.add_option("--unknown", unknown);
    app.add_option("--today", today);
    app.add_option("--shard", shard);
    app.add_flag("--allow-incomplete", options.allow_incomplete);
    app.add_option("--color", color);
    app.add_option("--progress", progress);
    app.add_flag("-q,--quiet", options.quiet);
    app.add_flag("-v,--verbose", options.verbose);
    app.add_option("-p,--service", options.service);
    app.add_option("--expect", options.expect);
    app.add_option("--from", options.from);
    app.add_option("--to", options.to);
    app.add_option("--by", options.by);
    app.add_flag("--exposed", options.exposed);
    app.add_flag("--count", options.count);
    app.add_option("--packets", options.packets);
    app.add_option("--shell", options.shell);
    app.add_option("--flows", options.flows);
    app.add_flag("--exit-code", options.exit_code);
    app.add_option("--fail-on", options.fail_on);
    app.add_option("--baseline", options.baseline);
    app.add_option("--known", options.known);
    app.add_option("--write-known", options.write_known);
    app.add_flag("-h,--help", help);
    app.add_option("arguments", positional);

    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
    } catch (const CLI::ParseError& error) {
        throw UsageError(error.what());
    }
    if (options.command.empty() && !positional.empty()) {
        for (const CommandHelp& command : commands()) {
            if (command.name == positional.front()) {
                options.command = std::string(command.name);
            }
        }
    }
    if (help) {
        options.arguments = options.command.empty() ? std::vector<std::string>{}
                                                    : std::vector<std::string>{options.command};
        options.command = "help";
        return options;
    }
    if (options.command.empty()) {
        const std::string word = positional.empty() ? arguments.front() : positional.front();
        for (const std::string_view later : commands_of_later_versions()) {
            if (word == later) {
                throw UsageError("'" + word + "' is not in this version yet");
            }
        }
        throw UsageError("unknown command '" + word + "'");
    }
    options.arguments.assign(positional.begin() + (positional.empty() ? 0 : 1), positional.end());
    if (!config.empty()) {
        options.config = config;
    }
    if (!today.empty()) {
        options.today = parse_date(today);
        if (!options.today) {
            throw UsageError("--today '" + today + "': expected a day such as 2027-03-31");
        }
    }
    if (!shard.empty()) {
        throw UsageError("--shard is not in this version yet");
    }
    const bool query = options.command == "query" || options.command == "explain";
    for (const Engine each : {Engine::sets, Engine::z3, Engine::both}) {
        if (engine == to_string(each)) {
            options.engine = each;
        }
    }
    if (engine != to_string(options.engine)) {
        throw UsageError("--engine '" + engine + "': expected sets, z3 or both");
    }
    if (options.prove && query && options.engine == Engine::sets) {
        options.engine = Engine::both;
    }
    if (!query && options.engine != Engine::sets) {
        throw UsageError("--engine " + engine + (options.prove ? " --prove" : "") + ": " +
                         options.command + " has the engine 'sets' only");
    }
    if (options.prove && !query && options.command != "check") {
        throw UsageError("--prove: " + options.command +
                         " makes no proofs; query, explain and check do");
    }
    for (const std::string& format : formats) {
        if (options.format && *options.format != format_of(options.command, format)) {
            throw UsageError("-o given twice; use -O FORMAT=PATH for further outputs");
        }
        options.format = format_of(options.command, format);
        if (options.format == Format::smt2) {
            throw UsageError("-o smt2: write it to a file, -O smt2=PATH");
        }
    }
    for (const std::string& output : outputs) {
        const std::size_t equals = output.find('=');
        if (equals == std::string::npos || equals + 1 == output.size()) {
            throw UsageError("-O '" + output + "': expected FORMAT=PATH");
        }
        options.outputs.emplace_back(format_of(options.command, output.substr(0, equals)),
                                     output.substr(equals + 1));
    }
    if (reading == "documented") {
        options.reading = Reading::documented;
    } else if (reading == "strict") {
        options.reading = Reading::strict;
    } else if (!reading.empty()) {
        throw UsageError("--reading '" + reading + "': expected strict or documented");
    }
    for (const std::string& statement : assume) {
        const std::size_t equals = statement.find('=');
        if (equals == std::string::npos) {
            throw UsageError("--assume '" + statement + "': expected KEY=VALUE");
        }
        options.assume.emplace_back(statement.substr(0, equals), statement.substr(equals + 1));
    }
    if (unknown == "warn") {
        options.unknown = UnknownIs::warn;
    } else if (unknown == "pass") {
        options.unknown = UnknownIs::pass;
    } else if (unknown != "fail") {
        throw UsageError("--unknown '" + unknown + "': expected fail, warn or pass");
    }
    if (color != "auto" && color != "always" && color != "never") {
        throw UsageError("--color '" + color + "': expected auto, always or never");
    }
    if (progress != "auto" && progress != "never") {
        throw UsageError("--progress '" + progress + "': expected auto or never");
    }
    options.color = color_wanted(color);
    if (!timeout.empty()) {
        options.timeout = duration_of(timeout);
    }
    if (options.jobs < 0 || options.jobs > 1024) {
        throw UsageError("-j: expected a number from 1 to 1024");
    }
    return options;
}

}  // namespace azreach::cli
