#include "src/cli/help.hpp"

#include <algorithm>

namespace azreach::cli {

const std::vector<CommandHelp>& commands() {
    static const std::vector<CommandHelp> kCommands = {
        {"query", "azreach query FROM TO [-p SERVICE] [--expect VERDICT]",
         "Can FROM reach TO? Verdict, deciding rules, witness packet, return path.",
         "  azreach query vm-web vm-sql -p tcp/1433 -s net/\n"
         "  azreach query internet vm-web -p tcp/22 -s net/ -o json\n"
         "  azreach query snet-app internet --expect blocked -s net/\n",
         "  -p SERVICE          tcp/443, udp/53, tcp/80,443, icmp, any (default), every\n"
         "  --expect VERDICT    exit 0 only for reachable, partial, one-way, blocked or unknown\n"
         "  --engine ENGINE     sets (default), z3 (the proof alone), both (compared)\n"
         "  --prove             the same as --engine both\n"
         "  -O smt2=PATH        the question for any SMT-LIB 2 solver: may some packet arrive?\n",
         "text json smt2"},
        {"explain", "azreach explain FROM TO [-p SERVICE]",
         "Like query, with every stage and every rule considered, both directions.",
         "  azreach explain vm-web vm-sql -p tcp/1433 -s net/\n",
         "  -p SERVICE          as for query\n"
         "  --expect VERDICT    as for query\n"
         "  --engine ENGINE     sets (default), z3 (the proof alone), both (compared)\n"
         "  --prove             the same as --engine both\n"
         "  -O smt2=PATH        the question for any SMT-LIB 2 solver: may some packet arrive?\n",
         "text json smt2"},
        {"reach",
         "azreach reach [--from X] [--to Y] [--by nic|subnet|vnet] [-p SERVICE] [--exposed] "
         "[--count]",
         "All pairs, as a list of blocks; --exposed: what the internet reaches.",
         "  azreach reach --by subnet -s net/\n"
         "  azreach reach --exposed -s net/\n"
         "  azreach reach --by nic --to snet-data -p tcp/1433 -s net/ -o json\n",
         "  --from X, --to Y    only these sources or destinations\n"
         "  -p SERVICE          any (default), tcp/443, ...\n"
         "  --by nic|subnet|vnet   what one row stands for (default subnet)\n"
         "  --exposed           sources: the internet\n"
         "  --count             count blocks and pairs, print no blocks\n"},
        {"trace", "azreach trace --packets FILE.jsonl",
         "Many concrete packets in one run; one JSON line of answer for each, in order.",
         "  azreach trace --packets packets.jsonl -s net/\n"
         "  echo "
         "'{\"id\":\"1\",\"from\":\"internet\",\"src\":\"8.8.8.8\",\"dst\":\"20.1.2.3\","
         "\"protocol\":\"tcp\",\"srcPort\":50000,"
         "\"dstPort\":443}' | azreach trace --packets - -s net/\n",
         "  --packets FILE      JSON Lines; - is standard input\n"},
        {"diff",
         "azreach diff OLD NEW | PLAN [-s BASE] [-p SERVICE] [--exit-code]\n"
         "             [--fail-on new-exposure|lost-path|any] [-c FILE]",
         "What NEW connects that OLD does not, what it no longer connects, and which change did "
         "it.",
         "  azreach diff net-monday/ net-tuesday/\n"
         "  azreach diff old.json new.json --fail-on new-exposure\n"
         "  azreach diff plan.json -s net/ --fail-on new-exposure -O md=comment.md \\\n"
         "      -O sarif=azreach.sarif -O junit=junit.xml -O github=-\n",
         "  PLAN                `terraform show -json` of a plan, or a what-if: holds both "
         "states;\n"
         "                      -s BASE is what else there is\n"
         "  -p SERVICE          every (default), tcp/443, any, ...\n"
         "  --exit-code         exit 1 when something surely differs, 3 when it may\n"
         "  --fail-on CLASS     the same for one class: new-exposure (from the internet),\n"
         "                      lost-path, any\n"
         "  --flows LOG         what becomes of observed flows (see flows)\n"
         "  -c FILE             its invariants on both sides; what breaks counts for --fail-on\n",
         "text json md summary csv sarif junit github azdo defender sentinel"},
        {"flows", "azreach flows LOG [--exit-code]",
         "Observed flows (flow logs, CSV of 5-tuples) against the model: drift, and rules that "
         "nothing uses.",
         "  azreach flows PT1H.json -s net/\n"
         "  azreach flows observed.csv -s net/ -o json\n"
         "  azreach diff old/ new/ --flows PT1H.json\n",
         "  --exit-code         exit 1 when a logged flow contradicts the snapshot\n"},
        {"completion", "azreach completion bash|zsh|fish|pwsh",
         "A completion script for a shell; endpoint names come from the snapshot of -s or "
         "$AZREACH_SNAPSHOT.",
         "  source <(azreach completion bash)\n", ""},
        {"lint", "azreach lint [--fail-on SEVERITY]",
         "Rules that decide nothing, routes that lead nowhere or round, ways that differ forth and "
         "back.",
         "  azreach lint -s net/\n"
         "  azreach lint -s net/ --fail-on high -O sarif=lint.sarif\n",
         "  --fail-on SEVERITY  exit 1 with findings at or above critical, high, medium or low\n",
         "text json md summary csv sarif junit github azdo defender sentinel"},
        {"check", "azreach check [FILE] [--baseline SNAPSHOT] [--fail-on SEVERITY] [--known FILE]",
         "Does the network do what the invariants of azreach.yaml say?",
         "  azreach check\n"
         "  azreach check policy/azreach.yaml -s net/ -o json\n"
         "  azreach check --baseline net-monday/ --fail-on high\n",
         "  FILE                the configuration (default azreach.yaml here or above)\n"
         "  --baseline SNAPSHOT the earlier snapshot for no-new and same\n"
         "  --fail-on SEVERITY  exit 1 and 3 only for info, low, medium, high or critical and "
         "above\n"
         "  --known FILE        findings listed there do not count\n"
         "  --write-known FILE  lists the findings of this run, for --known\n"
         "  --today DATE        for `expires` (default: the clock)\n"
         "  --prove             insists on certificates; with -O certificate=PATH\n"
         "  -O certificate=PATH why each invariant is held or violated, to be checked by\n"
         "                      scripts/verify-certificate against the Azure JSON\n",
         "text json certificate md summary csv sarif junit github azdo defender sentinel"},
        {"init", "azreach init [--to FILE]", "Writes a first azreach.yaml for a snapshot.",
         "  azreach init -s net/\n  azreach init -s net/ --to -\n",
         "  --to FILE           default azreach.yaml; - is standard output\n"},
        {"schema", "azreach schema config", "The JSON Schema of azreach.yaml, for editors.",
         "  azreach schema config > azreach.schema.json\n", ""},
        {"show", "azreach show NAME",
         "One resource resolved: effective security rules, effective routes, public entries.",
         "  azreach show nic:web-01-nic -s net/\n  azreach show nsg:nsg-web -s net/\n", ""},
        {"report",
         "azreach report [-o html|md|json] [-s SNAPSHOT | OLD NEW | PLAN -s BASE] [-c FILE]",
         "One self-contained file: exposures, map, matrix, paths, changes, invariants, rules, "
         "gaps.",
         "  azreach report -s net/ -o html > report.html\n"
         "  azreach report -s net/ -c azreach.yaml -O html=report.html -O md=summary.md\n"
         "  azreach report net-monday/ net-tuesday/ -O html=change.html\n"
         "  azreach report plan.json -s net/ -O html=change.html\n",
         "  OLD NEW, PLAN       as for diff: the report of the new state, with the changes\n"
         "  --baseline SNAPSHOT the same as OLD, with -s for NEW\n"
         "  -c FILE             its invariants are checked and shown\n",
         "text html md json"},
        {"export", "azreach export -o dot|mermaid|drawio|csv|json",
         "The network and who reaches whom, for other programs.",
         "  azreach export -s net/ -o dot | dot -Tsvg > net.svg\n"
         "  azreach export -s net/ -O drawio=net.drawio\n",
         "", "dot mermaid drawio csv json"},
        {"resolve", "azreach resolve NAME --from ENDPOINT",
         "Which address a DNS name gives there (private zones, links, records), and what it "
         "reaches.",
         "  azreach resolve st1.blob.core.windows.net --from vm-web -s net/\n"
         "  azreach resolve kv1.vault.azure.net --from snet-app -s net/ -o json\n",
         "  --from ENDPOINT     a NIC, VM, subnet or virtual network, or internet\n"},
        {"ls", "azreach ls [KIND] [PATTERN]", "Endpoints and the names to use in queries.",
         "  azreach ls -s net/\n  azreach ls vm 'web-*' -s net/\n",
         "  KIND                vm nic vmss subnet vnet asg pe lb pip agw fw paas\n"},
        {"snapshot",
         "azreach snapshot script [--shell bash|pwsh] | pack INPUT... --to FILE | info [INPUT...] "
         "| "
         "redact INPUT... --to FILE",
         "Collect a snapshot, pack it without secrets, say what it does not show, anonymise it.",
         "  azreach snapshot script > collect.sh && bash collect.sh -o snap/\n"
         "  azreach snapshot pack snap/ --to contoso.azr.json.zst\n"
         "  azreach snapshot info contoso.azr.json.zst\n"
         "  azreach snapshot redact snap/ --to to-show.azr.json.zst\n",
         "  --shell bash|pwsh   bash (default) is tested; the PowerShell form has not been run\n"
         "  --to FILE           where pack and redact write\n"},
        {"version", "azreach version", "The version.", "  azreach version\n", ""},
        {"help", "azreach help [TOPIC]", "This help, or the help of a command.",
         "  azreach help query\n", ""},
    };
    return kCommands;
}

const std::vector<std::string_view>& commands_of_later_versions() {
    static const std::vector<std::string_view> kLater = {
        // clang-format off: one name a line
        "mcp", "merge",
        // clang-format on
    };
    return kLater;
}

std::string short_help() {
    return "azreach: can A reach B in this Azure network, and which rule decides?\n"
           "\n"
           "  azreach query vm-web vm-sql -p tcp/1433 -s net/\n"
           "  azreach reach --exposed -s net/\n"
           "  azreach ls -s net/\n"
           "\n"
           "net/ is a folder of Azure JSON: Resource Graph pages, ARM lists, az output.\n"
           "More: azreach help\n";
}

std::string help_text(std::string_view topic) {
    if (topic.empty()) {
        std::string text = short_help() + "\nCommands\n";
        for (const CommandHelp& command : commands()) {
            text += "  " + std::string(command.name) +
                    std::string(10 - std::min<std::size_t>(9, command.name.size()), ' ') +
                    std::string(command.summary) + "\n";
        }
        text += "\nTopics (azreach help TOPIC)\n ";
        for (const HelpTopic& item : help_topics()) {
            text += " " + std::string(item.name);
        }
        text +=
            "\n\nEverywhere\n"
            "  -s, --snapshot PATH   file or folder, repeatable, merged\n"
            "  --overlay PATH        a plan, what-if, template or any input laid over the "
            "snapshot: "
            "what it\n                        creates, changes and deletes; repeatable\n"
            "  -o text|json          format on stdout      -O FORMAT=PATH   further output, "
            "repeatable\n"
            "  --reading strict|documented   contested Azure behaviour: unknown, or as documented "
            "now\n"
            "  --assume KEY=VALUE    states a fact that the files cannot show, repeatable\n"
            "  -c, --config PATH     sets, services and assumptions (default: azreach.yaml here or "
            "above)\n"
            "  --unknown fail|warn|pass      exit code of an unknown answer: 3, or as no finding\n"
            "  --allow-incomplete    go on with cut-off pages       --timeout 60s\n"
            "  -j N   --color auto|always|never   --progress auto|never   -q   -v\n"
            "\nExit codes of query: 0 reachable or as expected, 1 another decided verdict,\n"
            "2 usage or input error, 3 unknown, 70 internal error.\n";
        return text;
    }
    for (const CommandHelp& command : commands()) {
        if (command.name == topic) {
            std::string text = std::string(command.synopsis) + "\n\n" +
                               std::string(command.summary) + "\n\nExamples\n" +
                               std::string(command.examples);
            if (!command.flags.empty()) {
                text += "\nFlags\n" + std::string(command.flags);
            }
            text +=
                "\nExit codes: 0 done (query: reachable or as expected), 1 another decided "
                "verdict,\n2 usage or input error, 3 unknown, 70 internal error.\n"
                "See also: azreach help\n";
            return text;
        }
    }
    for (const HelpTopic& item : help_topics()) {
        if (item.name == topic) {
            return std::string(item.summary) + "\n\n" + std::string(item.text);
        }
    }
    return "";
}

}  // namespace azreach::cli
