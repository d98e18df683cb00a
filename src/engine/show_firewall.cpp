// show of a firewall: where it stands, whose rules are in force, and the rules in order.
#include <algorithm>

#include "src/engine/show.hpp"

namespace azreach {

namespace {

std::string ports_of(const PortSet& ports) {
    if (ports.is_full()) {
        return "*";
    }
    std::string text;
    for (const auto& range : ports.ranges()) {
        text += (text.empty() ? "" : ",") + std::to_string(range.first);
        if (range.last != range.first) {
            text += "-" + std::to_string(range.last);
        }
    }
    return text;
}

std::string side_of(const FirewallSide& side) {
    std::vector<std::string> parts;
    if (side.any) {
        parts.emplace_back("*");
    }
    for (const Prefix& prefix : prefixes_of(side.prefixes)) {
        const std::string text = to_string(prefix);
        const bool host = prefix.length() == width(prefix.family());
        parts.push_back(host ? text.substr(0, text.find('/')) : text);
    }
    parts.insert(parts.end(), side.tags.begin(), side.tags.end());
    for (const ResourceId& group : side.ip_groups) {
        parts.push_back("ipGroup:" + std::string(group.name()));
    }
    parts.insert(parts.end(), side.names.begin(), side.names.end());
    if (side.by_label) {
        parts.emplace_back("(labels)");
    }
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : ",") + part;
    }
    return text.empty() ? "?" : text;
}

std::string protocols_of(const FirewallRule& rule) {
    std::string text;
    for (const RuleProtocol protocol : rule.protocols) {
        const char* name = protocol == RuleProtocol::tcp    ? "tcp"
                           : protocol == RuleProtocol::udp  ? "udp"
                           : protocol == RuleProtocol::icmp ? "icmp"
                           : protocol == RuleProtocol::any  ? "any"
                                                            : "other";
        text += (text.empty() ? "" : ",") + std::string(name);
    }
    return text.empty() ? "?" : text;
}

std::string applications_of(const FirewallRule& rule) {
    using Kind = ApplicationProtocol::Kind;
    std::string text;
    for (const ApplicationProtocol& application : rule.applications) {
        const char* name = application.kind == Kind::http    ? "http"
                           : application.kind == Kind::https ? "https"
                           : application.kind == Kind::mssql ? "mssql"
                                                             : "other";
        text +=
            (text.empty() ? "" : ",") + std::string(name) + ":" + std::to_string(application.port);
    }
    return text.empty() ? "?" : text;
}

/// "200 rc-web/allow-web Allow 10.0.0.0/8 -> 10.1.0.0/16 tcp/443"
std::string line_of(const FirewallMatch& match, FirewallPass pass) {
    const FirewallRule& rule = *match.rule;
    std::string text = std::to_string(match.collection->priority) + " " + match.collection->name +
                       "/" + rule.name + " ";
    text += pass == FirewallPass::nat       ? "Dnat "
            : match.access == Access::allow ? "Allow "
                                            : "Deny ";
    text += side_of(rule.source) + " -> ";
    if (pass == FirewallPass::application) {
        std::string names;
        for (const std::string& name : rule.target_names) {
            names += (names.empty() ? "" : ",") + name;
        }
        if (rule.by_category) {
            names += names.empty() ? "(categories)" : ",(categories)";
        }
        return text + (names.empty() ? "?" : names) + " " + applications_of(rule);
    }
    text += side_of(rule.destination) + " " + protocols_of(rule) + "/" +
            ports_of(rule.destination_ports);
    if (pass == FirewallPass::nat) {
        text += " to " + (rule.translated_address ? to_string(*rule.translated_address)
                                                  : rule.translated_name);
        if (rule.translated_port) {
            text += ":" + std::to_string(*rule.translated_port);
        }
    }
    return text;
}

/// Rules may stand several times, for orders that are not sure: each is listed once.
template <class List, class MatchOf>
std::vector<std::string> lines_of(const List& list, FirewallPass pass, const MatchOf& match_of) {
    std::vector<std::string> lines;
    for (const auto& item : list) {
        const FirewallMatch& match = match_of(item);
        const bool tied = std::any_of(match.when.begin(), match.when.end(),
                                      [](const Literal& l) { return l.fact.key == FactKey::tie; });
        if (match.rule != nullptr && !tied) {
            lines.push_back(line_of(match, pass));
        }
    }
    return lines;
}

std::vector<std::string> texts(const AddressSet& set) {
    std::vector<std::string> result;
    for (const Prefix& prefix : prefixes_of(set)) {
        result.push_back(to_string(prefix));
    }
    return result;
}

}  // namespace

void show_firewall(const Network& network, const AzureFirewall& firewall, ShowAnswer& answer) {
    const Snapshot& snapshot = network.snapshot();
    std::vector<std::string> policies;
    Ref next = firewall.policy;
    while (next && policies.size() < 16) {
        policies.push_back(next->text());
        const auto found = snapshot.firewall_policies.find(*next);
        next = found == snapshot.firewall_policies.end() ? Ref{} : found->second.base;
    }
    answer.facts.emplace_back("policies", std::move(policies));
    const std::vector<FirewallPlace>& places = network.firewalls().all();
    const auto place = std::find_if(places.begin(), places.end(), [&](const FirewallPlace& item) {
        return item.firewall == &firewall;
    });
    if (place == places.end()) {
        return;
    }
    answer.facts.emplace_back("subnet", std::vector<std::string>{place->subnet_id.text()});
    answer.facts.emplace_back("leavesAs", texts(place->exit.addresses));
    const CompiledFirewall& compiled =
        network.firewalls().rules(static_cast<FirewallIndex>(place - places.begin()));
    std::vector<std::string> open;
    for (const Literal& literal : compiled.unread) {
        open.push_back(network.facts().name(literal.fact));
    }
    answer.facts.emplace_back("notRead", std::move(open));
    for (const FirewallRules& rules : compiled.alternatives) {
        const auto itself = [](const FirewallMatch& match) -> const FirewallMatch& {
            return match;
        };
        std::vector<NatMatch> nat;
        std::copy_if(rules.nat.begin(), rules.nat.end(), std::back_inserter(nat),
                     [](const NatMatch& match) { return !match.transit; });
        answer.facts.emplace_back(
            "natRules", lines_of(
                            nat, FirewallPass::nat,
                            [](const NatMatch& match) -> const auto& { return match.match; }));
        answer.facts.emplace_back("networkRules",
                                  lines_of(rules.network, FirewallPass::network, itself));
        // One line a rule, in order, whatever protocols it names.
        std::vector<FirewallMatch> application;
        for (const std::vector<FirewallMatch>& list : rules.application) {
            for (const FirewallMatch& match : list) {
                const bool known = std::any_of(
                    application.begin(), application.end(),
                    [&](const FirewallMatch& other) { return other.rule == match.rule; });
                if (!known) {
                    application.push_back(match);
                }
            }
        }
        answer.facts.emplace_back("applicationRules",
                                  lines_of(application, FirewallPass::application, itself));
        answer.facts.emplace_back("keepsSource", texts(bounds_of(rules.keeps_source).must));
    }
    if (place->subnet != kNoIndex) {
        answer.routes = effective_routes(network, place->subnet);
    }
}

}  // namespace azreach
