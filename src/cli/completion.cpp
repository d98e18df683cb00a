#include "src/cli/completion.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "src/arm/import.hpp"
#include "src/cli/help.hpp"
#include "src/engine/endpoint.hpp"

namespace azreach::cli {

namespace {

/// Flags that every command takes, and whether a value follows.
constexpr std::pair<std::string_view, bool> kGlobalFlags[] = {
    {"--snapshot", true}, {"-s", true},         {"--overlay", true},
    {"--config", true},   {"-c", true},         {"-o", true},
    {"-O", true},         {"--reading", true},  {"--assume", true},
    {"--timeout", true},  {"-j", true},         {"--unknown", true},
    {"--today", true},    {"--shard", true},    {"--allow-incomplete", false},
    {"--color", true},    {"--progress", true}, {"--quiet", false},
    {"-q", false},        {"--verbose", false}, {"-v", false},
    {"--help", false},    {"--service", true},  {"-p", true}};

/// Flags as the help of a command lists them: "  --from X, --to Y    ...".
std::vector<std::string> flags_of(const CommandHelp& command) {
    std::vector<std::string> result;
    const std::string text(command.flags);
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        if (line.rfind("  -", 0) != 0) {
            continue;
        }
        // Names stand before the two blanks that begin the explanation.
        line = line.substr(2);
        line = line.substr(0, line.find("  "));
        for (std::size_t at = 0; at < line.size();) {
            const std::size_t stop = std::min(line.find_first_of(" ,", at), line.size());
            if (line[at] == '-') {
                result.push_back(line.substr(at, stop - at));
            }
            at = stop + 1;
        }
    }
    return result;
}

const CommandHelp* command_in(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        for (const CommandHelp& command : commands()) {
            if (command.name == word) {
                return &command;
            }
        }
    }
    return nullptr;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" |", at), text.size());
        if (end > at) {
            result.emplace_back(text.substr(at, end - at));
        }
        at = end + 1;
    }
    return result;
}

/// The values of a flag that takes one of a few.
std::vector<std::string> values_of(std::string_view flag, const CommandHelp* command) {
    if (flag == "-o" || flag == "-O") {
        std::vector<std::string> formats =
            split(command == nullptr || command->formats.empty() ? "text json" : command->formats);
        for (std::string& format : formats) {
            format += flag == "-O" ? "=" : "";
        }
        return formats;
    }
    if (flag == "--reading") {
        return {"strict", "documented"};
    }
    if (flag == "--unknown") {
        return {"fail", "warn", "pass"};
    }
    if (flag == "--color") {
        return {"auto", "always", "never"};
    }
    if (flag == "--progress") {
        return {"auto", "never"};
    }
    if (flag == "--engine") {
        return {"sets", "z3", "both"};
    }
    if (flag == "--by") {
        return {"nic", "subnet", "vnet", "set"};
    }
    if (flag == "--expect") {
        return {"reachable", "partial", "one-way", "blocked", "unknown"};
    }
    if (flag == "-p" || flag == "--service") {
        return {"tcp/", "udp/", "icmp", "any", "every"};
    }
    if (flag == "--shell") {
        return {"bash", "pwsh"};
    }
    if (flag == "--fail-on" && command != nullptr) {
        if (command->name == "diff") {
            return {"new-exposure", "lost-path", "any"};
        }
        std::vector<std::string> severities = {"critical", "high", "medium", "low"};
        if (command->name == "check") {
            severities.emplace_back("info");
        }
        return severities;
    }
    return {};
}

/// Names of endpoints of the snapshot that the words or the environment name.
std::vector<std::string> endpoint_names(const std::vector<std::string>& words) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "-s" || words[i] == "--snapshot") {
            paths.push_back(words[i + 1]);
        }
    }
    if (paths.empty()) {
        if (const char* given = std::getenv("AZREACH_SNAPSHOT")) {  // NOLINT(concurrency-mt-unsafe)
            paths.emplace_back(given);
        }
    }
    std::vector<std::string> names{"internet", "onprem"};
    if (paths.empty()) {
        return names;
    }
    try {
        ImportOptions options;
        options.allow_incomplete = true;
        const Imported imported = import_paths(paths, options);
        const Network network(imported.snapshot, Assumptions());
        const Endpoints endpoints(network);
        for (const Endpoint& endpoint : endpoints.all()) {
            names.push_back(endpoint.use);
        }
    } catch (const std::exception&) {
        // Nothing to complete with.
    }
    return names;
}

bool takes_endpoints(const CommandHelp& command, const std::string& before) {
    static const std::set<std::string_view> kCommands = {"query", "explain", "show", "resolve"};
    return before == "--from" || before == "--to" ||
           (kCommands.contains(command.name) && !before.starts_with("-"));
}

}  // namespace

std::vector<std::string> completions(const std::vector<std::string>& words) {
    const std::string prefix = words.empty() ? "" : words.back();
    std::vector<std::string> before(words.begin(), words.empty() ? words.end() : words.end() - 1);
    const CommandHelp* command = command_in(before);
    const std::string last = before.empty() ? "" : before.back();
    std::vector<std::string> all;
    const auto* flag = std::find_if(std::begin(kGlobalFlags), std::end(kGlobalFlags),
                                    [&](const auto& item) { return item.first == last; });
    const bool global_value = flag != std::end(kGlobalFlags) && flag->second;
    if (const std::vector<std::string> values = values_of(last, command); !values.empty()) {
        all = values;
    } else if (command != nullptr && takes_endpoints(*command, last) && !prefix.starts_with("-")) {
        all = endpoint_names(before);
    } else if (global_value) {
        return {};  // a path or a value of the user's own: the shell knows files
    } else if (prefix.starts_with("-")) {
        for (const auto& item : kGlobalFlags) {
            all.emplace_back(item.first);
        }
        if (command != nullptr) {
            const std::vector<std::string> own = flags_of(*command);
            all.insert(all.end(), own.begin(), own.end());
        }
    } else if (command == nullptr || command->name == "help") {
        for (const CommandHelp& item : commands()) {
            all.emplace_back(item.name);
        }
        for (const HelpTopic& topic : help_topics()) {
            if (command != nullptr) {
                all.emplace_back(topic.name);
            }
        }
    } else if (command->name == "completion") {
        all = {"bash", "zsh", "fish", "pwsh"};
    } else if (command->name == "schema") {
        all = {"config"};
    } else if (command->name == "snapshot" && last == "snapshot") {
        all = {"script", "pack", "info", "redact"};
    } else if (command->name == "ls") {
        all = {"vm", "nic", "vmss", "subnet", "vnet", "asg",
               "pe", "lb",  "pip",  "agw",    "fw",   "paas"};
    }
    std::erase_if(all, [&](const std::string& word) {
        // A name that a shell would take apart is left out.
        return !word.starts_with(prefix) || std::any_of(word.begin(), word.end(), [](char c) {
            return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
        });
    });
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::string completion_script(std::string_view shell) {
    if (shell == "bash") {
        return R"(# azreach completion for bash: source <(azreach completion bash)
_azreach() {
    local IFS=$'\n' words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    # The shell cuts words at ':', which stands in endpoint names.
    if declare -F _get_comp_words_by_ref > /dev/null; then
        local cword
        _get_comp_words_by_ref -n := -w words -i cword
        words=("${words[@]:1:cword}")
    fi
    COMPREPLY=($(azreach __complete "${words[@]}" 2> /dev/null))
    if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
        COMPREPLY=($(compgen -f -- "${words[${#words[@]}-1]}"))
        compopt -o filenames 2> /dev/null
    fi
    [[ ${COMPREPLY[0]} == *= || ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2> /dev/null
    declare -F __ltrim_colon_completions > /dev/null &&
        __ltrim_colon_completions "${words[${#words[@]}-1]}"
    return 0
}
complete -F _azreach azreach
)";
    }
    if (shell == "zsh") {
        return R"(#compdef azreach
# azreach completion for zsh: put this file as _azreach into a folder of $fpath
_azreach() {
    local -a found
    found=("${(@f)$(azreach __complete "${(@)words[2,CURRENT]}" 2> /dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        compadd -Q -S '' -- "${found[@]}"
    else
        _files
    fi
}
if [[ "$funcstack[1]" == "_azreach" ]]; then
    _azreach "$@"
else
    compdef _azreach azreach
fi
)";
    }
    if (shell == "fish") {
        return R"(# azreach completion for fish: azreach completion fish > ~/.config/fish/completions/azreach.fish
function __azreach_complete
    set -l words (commandline -opc)[2..-1]
    azreach __complete $words (commandline -ct) 2> /dev/null
end
complete -c azreach -a '(__azreach_complete)'
)";
    }
    if (shell == "pwsh") {
        return R"(# azreach completion for PowerShell: azreach completion pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName azreach -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if (-not $wordToComplete) { $words += '' }
    azreach __complete @words 2> $null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
)";
    }
    return "";
}

// --- manual pages and docs/cli.md ----------------------------------------------------------------

namespace {

/// Text that roff takes literally.
std::string roff(std::string_view text) {
    std::string result;
    bool line_start = true;
    for (const char c : text) {
        if (c == '\\') {
            result += "\\e";
        } else if (c == '-') {
            result += "\\-";
        } else {
            if (line_start && (c == '.' || c == '\'')) {
                result += "\\&";
            }
            result += c;
        }
        line_start = c == '\n';
    }
    return result;
}

std::string block(std::string_view text) {
    std::string inner = roff(text);
    while (inner.ends_with("\n")) {
        inner.pop_back();
    }
    return ".nf\n" + inner + "\n.fi\n";
}

}  // namespace

std::string manual_page(std::string_view command, std::string_view version) {
    const std::string release = "azreach " + std::string(version);
    if (command.empty()) {
        std::string text = ".TH AZREACH 1 \"\" \"" + release + "\" \"User Commands\"\n" +
                           ".SH NAME\nazreach \\- can A reach B in this Azure network, and which "
                           "rule decides?\n.SH SYNOPSIS\n.B azreach\n.I COMMAND\n[arguments]\n";
        text += ".SH DESCRIPTION\n" + block(help_text(""));
        for (const HelpTopic& topic : help_topics()) {
            std::string name(topic.name);
            std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
                return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
            });
            text += ".SH " + roff(name) + "\n" + block(topic.text);
        }
        text += ".SH SEE ALSO\n";
        for (const CommandHelp& item : commands()) {
            text += ".BR azreach\\-" + roff(item.name) + " (1)\n";
        }
        return text;
    }
    for (const CommandHelp& item : commands()) {
        if (item.name != command) {
            continue;
        }
        std::string name(item.name);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
            return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        });
        std::string text = ".TH AZREACH\\-" + name + " 1 \"\" \"" + release +
                           "\" \"User Commands\"\n.SH NAME\nazreach\\-" + roff(item.name) +
                           " \\- " + roff(item.summary) + "\n.SH SYNOPSIS\n" +
                           block(item.synopsis) + ".SH EXAMPLES\n" + block(item.examples);
        if (!item.flags.empty()) {
            text += ".SH OPTIONS\n" + block(item.flags);
        }
        text += ".SH FORMATS\n" +
                roff(item.formats.empty() ? std::string_view("text json") : item.formats) +
                "\n.SH SEE ALSO\n.BR azreach (1)\n";
        return text;
    }
    return "";
}

std::string command_reference() {
    std::string text =
        "# Commands\n\nGenerated from the table in `src/cli/help.cpp` (a test compares them): "
        "`azreach __reference > docs/cli.md`.\n\n```\n" +
        help_text("") + "```\n";
    for (const CommandHelp& command : commands()) {
        text += "\n## " + std::string(command.name) + "\n\n" + std::string(command.summary) +
                "\n\n```\n" + std::string(command.synopsis) + "\n\n" +
                std::string(command.examples);
        if (!command.flags.empty()) {
            text += "\n" + std::string(command.flags);
        }
        text += "```\n\nFormats: " +
                std::string(command.formats.empty() ? "text json" : command.formats) + "\n";
    }
    text += "\n# Topics\n";
    for (const HelpTopic& topic : help_topics()) {
        text += "\n## " + std::string(topic.name) + "\n\n" + std::string(topic.summary) +
                "\n\n```\n" + std::string(topic.text) + "```\n";
    }
    return text;
}

}  // namespace azreach::cli
