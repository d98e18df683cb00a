// help TOPIC: what holds for several commands.
#include "src/cli/help.hpp"

namespace azreach::cli {

const std::vector<HelpTopic>& help_topics() {
    static const std::vector<HelpTopic> kTopics = {
        {"names", "How endpoints are named.",
         "  vm-web-01                     short name\n"
         "  rg-app/vm-web-01              resource group or parent, and name\n"
         "  vm: nic: subnet: vnet: pe: vmss: lb: agw: fw: asg: pip: paas:   before a name: its "
         "kind\n"
         "  10.20.1.4, 10.20.0.0/16       address or prefix\n"
         "  internet, internet:203.0.113.7\n"
         "  onprem, onprem:172.16.0.0/12\n"
         "  tag:env=prod                  everything with this tag\n"
         "  svc:Storage.WestEurope        a service tag's addresses\n"
         "  /subscriptions/...            a whole ARM id, in any case\n"
         "\n"
         "azreach ls lists them. An unknown or ambiguous name exits with 2 and candidates.\n"},
        {"services", "How services are named.",
         "  tcp/443   udp/53   tcp/80,443   tcp/1024-65535   icmp   several with commas\n"
         "  any       all TCP, UDP and ICMP (default of query, explain, reach)\n"
         "  every     all 256 protocols (default of diff)\n"},
        {"exit-codes", "What the exit codes mean.",
         "  0   query: reachable, or as --expect says; others: done, nothing to fail on\n"
         "  1   query: another decided verdict; check: violated; diff, lint: findings that count\n"
         "  2   usage, input or name error; empty snapshot\n"
         "  3   cannot be decided (--unknown warn or pass: counts as no finding)\n"
         "  70  internal error\n"},
        {"formats", "What -o and -O write.",
         "  text       for people; the default\n"
         "  json       one document; unknown keys must be ignored by readers\n"
         "  md         Markdown for a pull-request comment, at most 60,000 characters\n"
         "  summary    the same for a job summary, at most 900 KiB\n"
         "  sarif      SARIF 2.1.0 for code scanning\n"
         "  junit      JUnit XML\n"
         "  github     workflow commands: annotations in GitHub Actions\n"
         "  azdo       logging commands of Azure Pipelines\n"
         "  csv        RFC 4180, harmless in spreadsheets\n"
         "  defender   bodies for Microsoft Defender for Cloud assessments\n"
         "  sentinel   rows for a custom table of Microsoft Sentinel\n"
         "\n"
         "-O FORMAT=PATH may be repeated; PATH - is standard output.\n"},
        {"unknown", "Why an answer is unknown, and what to do.",
         "  A snapshot leaves facts open: a resource that was not read, a service tag without\n"
         "  addresses, what an appliance does, behaviour on which Azure's own pages disagree.\n"
         "  Every answer has two bounds. What the worlds agree on is said; else the answer is\n"
         "  unknown and names the facts.\n"
         "\n"
         "  Collect what is missing, state what you know (--assume KEY=VALUE), or take Azure's\n"
         "  current pages at their word (--reading documented).\n"},
    };
    return kTopics;
}

}  // namespace azreach::cli
