// The one table of commands: help, usage errors and docs/cli.md read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace azreach::cli {

struct CommandHelp {
    std::string_view name, synopsis, summary, examples, flags;
    std::string_view formats = {};  // of -o and -O, separated by blanks; empty: text json
};

/// What holds for several commands: `help TOPIC`.
struct HelpTopic {
    std::string_view name, summary, text;
};

const std::vector<HelpTopic>& help_topics();
const std::vector<CommandHelp>& commands();
/// Commands of the contract that come with a later version.
const std::vector<std::string_view>& commands_of_later_versions();

std::string short_help();                       // `azreach` alone
std::string help_text(std::string_view topic);  // empty topic: the overview; "" if unknown

}  // namespace azreach::cli
