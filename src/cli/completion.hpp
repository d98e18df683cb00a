// Shell completions, manual pages and docs/cli.md, all from the one table of commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace azreach::cli {

/// The completion script for bash, zsh, fish or pwsh; empty for another shell.
std::string completion_script(std::string_view shell);

/// What may stand in place of the last of `words` (the words after "azreach"): commands, flags,
/// formats, and the endpoint names of the snapshot that -s or the environment names. One a line,
/// never fails: a shell that completes wants no error.
std::vector<std::string> completions(const std::vector<std::string>& words);

/// man1/azreach.1, or man1/azreach-COMMAND.1 for a command; empty for an unknown one.
std::string manual_page(std::string_view command, std::string_view version);
/// docs/cli.md.
std::string command_reference();

}  // namespace azreach::cli
