// The command line, parsed: contract section 2.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/azure/facts.hpp"
#include "src/engine/invariant.hpp"
#include "src/engine/query_proof.hpp"

namespace azreach::cli {

/// Wrong usage: exit code 2, the message, and where to find help.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What -o and -O can ask for; each command writes some of them (CommandHelp::formats).
enum class Format : std::uint8_t {
    text,
    json,
    html,
    md,
    csv,
    dot,
    mermaid,
    drawio,
    sarif,
    junit,
    github,
    azdo,
    defender,
    sentinel,
    certificate,
    smt2,
    summary,  // Markdown of a job summary: longer than a comment
};
std::string_view to_string(Format format);
enum class UnknownIs : std::uint8_t { fail, warn, pass };

struct Options {
    std::string command;
    std::vector<std::string> arguments;                   // positional, after the command
    std::vector<std::string> snapshots;                   // -s
    std::vector<std::string> overlays;                    // --overlay
    std::optional<Format> format;                         // -o; text by default
    std::vector<std::pair<Format, std::string>> outputs;  // -O
    std::optional<Reading> reading;     // --reading; else the configuration's, else strict
    std::optional<std::string> config;  // -c; else azreach.yaml here or above
    std::vector<std::pair<std::string, std::string>> assume;
    UnknownIs unknown = UnknownIs::fail;
    bool allow_incomplete = false;
    bool color = false;
    bool quiet = false, verbose = false;
    Engine engine = Engine::sets;  // --engine; --prove means both
    int jobs = 0;                  // 0: as many as there are cores
    std::optional<std::chrono::milliseconds> timeout;
    std::optional<std::string> service;   // -p
    std::optional<std::string> expect;    // query --expect
    std::optional<std::string> from, to;  // reach; snapshot pack and redact: --to FILE
    std::string by = "subnet";
    bool exposed = false, count = false;
    std::optional<std::string> packets;                       // trace
    std::optional<std::string> shell;                         // snapshot script
    bool exit_code = false;                                   // diff
    std::optional<std::string> flows;                         // diff: a log of observed flows
    std::optional<std::string> fail_on;                       // diff, check, lint: what counts
    std::optional<Date> today;                                // --today
    std::optional<std::string> baseline, known, write_known;  // check
    bool prove = false;                                       // check: certificates

    Date today_or_clock() const;
};

/// Throws UsageError. `--help` gives command "help" with the command as argument.
Options parse(const std::vector<std::string>& arguments);

}  // namespace azreach::cli
