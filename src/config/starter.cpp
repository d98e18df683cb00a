#include "src/config/starter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/config/flow_text.hpp"
#include "src/engine/endpoint.hpp"

namespace azreach::config {

namespace {

constexpr std::size_t kMaxSets = 24;

/// A YAML scalar that is surely text.
std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        if (static_cast<unsigned char>(c) < 0x20) {
            result += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
        } else {
            result += c;
        }
    }
    return result + "\"";
}

/// Set names, each once, made of resource names.
class Names {
public:
    std::string of(std::string_view name) {
        std::string result;
        for (const char c : name) {
            const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                               c == '_' || c == '.';
            if (c >= 'A' && c <= 'Z') {
                result += static_cast<char>(c - 'A' + 'a');
            } else {
                result += plain ? c : '-';
            }
        }
        const bool taken = result == "any" || result == "internet" || result == "onprem" ||
                           result == "platform" || is_reserved(result) || parse_prefix(result) ||
                           result.find_first_not_of("0123456789.") == std::string::npos ||
                           result.front() == '-';
        if (taken) {
            result = "set-" + result;
        }
        std::string unique = result;
        for (int i = 2; !used_.insert(unique).second; ++i) {
            unique = result + "-" + std::to_string(i);
        }
        return unique;
    }

private:
    std::set<std::string> used_;
};

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : " + ") + name;
    }
    return text;
}

}  // namespace

std::string starter(const Network& network, const std::vector<std::string>& snapshots) {
    const Snapshot& snapshot = network.snapshot();
    Names names;
    std::string sets;
    std::size_t count = 0;
    std::size_t left = 0;
    const auto add = [&](const std::string& name, const std::string& selector) {
        if (count == kMaxSets) {
            ++left;
            return false;
        }
        ++count;
        sets += fmt::format("  {}: {}\n", name, selector);
        return true;
    };
    const bool machines = !snapshot.virtual_machines.empty() || !snapshot.scale_sets.empty();
    const std::string hosts = names.of("machines");
    if (machines) {
        add(hosts, "{ type: [vm, vmss] }");
    }
    const bool firewalls = !network.firewalls().all().empty();
    const std::string firewall = names.of("firewalls");
    std::set<ResourceId> hubs;
    if (firewalls) {
        add(firewall, "{ type: network/azureFirewall }");
        for (const FirewallPlace& place : network.firewalls().all()) {
            hubs.insert(place.subnet_id.parent());
        }
    }
    std::vector<std::string> spokes;
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        const std::string name = names.of(id.name());
        if (add(name, fmt::format("{{ vnet: {} }}", quoted(id.name()))) && !hubs.contains(id)) {
            spokes.push_back(name);
        }
    }
    for (const auto& [id, asg] : snapshot.application_security_groups) {
        add(names.of(id.name()), fmt::format("{{ asg: {} }}", quoted(id.name())));
    }
    if (left > 0) {
        sets += fmt::format("  # {} more networks and application security groups\n", left);
    }

    std::string text = "# What must hold in this network. Check it with: azreach check\n";
    text += "version: 1\n";
    if (snapshots.size() == 1) {
        text += fmt::format("snapshot: {}\n", quoted(snapshots.front()));
    } else if (!snapshots.empty()) {
        text += "snapshot:\n";
        for (const std::string& path : snapshots) {
            text += fmt::format("  - {}\n", quoted(path));
        }
    }
    text +=
        "reading: strict                  # contested behaviour of Azure stays unknown\n"
        "# assume: { onprem: [172.16.0.0/12] }   # what the files cannot show\n"
        "# include: [packs/management-ports.yaml]\n"
        "services:\n"
        "  mgmt: [tcp/22, tcp/3389, tcp/5985-5986]\n";
    if (!sets.empty()) {
        text += "sets:\n" + sets;
    }
    text += "invariants:\n";
    if (machines) {
        text += fmt::format(
            "  - id: no-management-from-internet\n"
            "    title: Management ports are closed to the internet\n"
            "    deny: internet -> {} on mgmt\n"
            "    severity: high\n",
            hosts);
    }
    if (firewalls && !spokes.empty()) {
        text += fmt::format(
            "  - id: egress-through-firewall\n"
            "    title: What leaves for the internet passes the firewall\n"
            "    through: {} -> internet via {}\n"
            "    severity: high\n",
            joined(spokes), firewall);
    }
    text +=
        "  - id: changes-open-nothing\n"
        "    title: A change opens nothing (with --baseline OLD)\n"
        "    no-new: any -> any\n";
    return text;
}

}  // namespace azreach::config
