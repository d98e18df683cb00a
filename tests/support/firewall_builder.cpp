#include "tests/support/firewall_builder.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace azreach::testing {

namespace {

[[noreturn]] void wrong(const std::string& what) {
    throw std::invalid_argument("firewall builder: " + what);
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::string part;
    std::istringstream stream(text);
    while (std::getline(stream, part, separator)) {
        if (!part.empty()) parts.push_back(part);
    }
    return parts;
}

Header header(const ResourceId& id) {
    Header result;
    result.id = id;
    result.name = std::string(id.name());
    result.type = id.type();
    result.location = "westeurope";
    return result;
}

FirewallSide side(const std::string& text) {
    FirewallSide result;
    if (text == "?") return result;
    for (const std::string& part : split(text, ',')) {
        if (part == "*") {
            result.any = true;
        } else if (part.starts_with("group:")) {
            result.ip_groups.push_back(SnapshotBuilder::id("ipGroups", part.substr(6)));
        } else if (part.starts_with("name:")) {
            result.names.push_back(part.substr(5));
        } else if (const auto dash = part.find('-');
                   dash != std::string::npos && parse_address(part.substr(0, dash))) {
            result.prefixes |= AddressSet::range(*parse_address(part.substr(0, dash)),
                                                 *parse_address(part.substr(dash + 1)));
        } else if (const auto parsed = parse_prefix(part)) {
            result.prefixes |= parsed->prefix.addresses();
        } else {
            result.tags.push_back(part);
        }
    }
    return result;
}

PortSet ports(const std::string& text) {
    if (text == "*") return PortSet::full();
    PortSet result;
    for (const std::string& part : split(text, ',')) {
        const auto dash = part.find('-');
        const int first = std::stoi(part.substr(0, dash));
        const int last = dash == std::string::npos ? first : std::stoi(part.substr(dash + 1));
        result |=
            PortSet::range(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last));
    }
    return result;
}

RuleProtocol protocol(const std::string& text) {
    if (text == "tcp") return RuleProtocol::tcp;
    if (text == "udp") return RuleProtocol::udp;
    if (text == "icmp") return RuleProtocol::icmp;
    if (text == "any") return RuleProtocol::any;
    wrong("protocol " + text);
}

FirewallRule read_rule(const std::string& text, FirewallPass pass, const ResourceId& collection) {
    const std::vector<std::string> words = split(text, ' ');
    if (words.size() < 5 || words[3] != "->") wrong("rule: " + text);
    FirewallRule rule;
    rule.name = words[0];
    rule.id = collection.child("rules", rule.name);
    rule.source = side(words[2]);
    if (pass == FirewallPass::application) {
        for (const std::string& item : split(words[1], ',')) {
            const auto colon = item.find(':');
            using Kind = ApplicationProtocol::Kind;
            const std::string kind = item.substr(0, colon);
            rule.applications.push_back(
                {kind == "http"    ? Kind::http
                 : kind == "https" ? Kind::https
                 : kind == "mssql" ? Kind::mssql
                                   : Kind::other,
                 static_cast<std::uint16_t>(std::stoi(item.substr(colon + 1)))});
        }
        rule.target_names = split(words[4], ',');
        for (std::size_t i = 5; i < words.size(); ++i) {
            if (words[i] == "at") {
                rule.destination = side(words.at(++i));
            } else if (words[i] == "tls") {
                rule.terminates_tls = true;
            } else {
                wrong("word " + words[i] + " in: " + text);
            }
        }
        return rule;
    }
    for (const std::string& item : split(words[1], ',')) rule.protocols.push_back(protocol(item));
    rule.destination = side(words[4]);
    if (words.size() < 6) wrong("no ports: " + text);
    rule.destination_ports = ports(words[5]);
    rule.ports_given = true;
    if (pass == FirewallPass::nat) {
        if (words.size() != 8 || words[6] != "to") wrong("no translation: " + text);
        const auto colon = words[7].rfind(':');
        const std::string target = words[7].substr(0, colon);
        rule.translated_address = parse_address(target);
        if (!rule.translated_address) rule.translated_name = target;
        rule.translated_port = static_cast<std::uint16_t>(std::stoi(words[7].substr(colon + 1)));
    }
    return rule;
}

}  // namespace

ResourceId firewall_id(const std::string& name) {
    return SnapshotBuilder::id("azureFirewalls", name);
}

ResourceId firewall_rule_id(const std::string& path) {
    const std::vector<std::string> parts = split(path, '/');
    if (parts.size() != 4) wrong("path " + path);
    if (parts[1].ends_with("Collections")) {
        return firewall_id(parts[0]).child(parts[1], parts[2]).child("rules", parts[3]);
    }
    return SnapshotBuilder::id("firewallPolicies/ruleCollectionGroups", parts[0] + "/" + parts[1])
        .child("ruleCollections", parts[2])
        .child("rules", parts[3]);
}

AzureFirewall& firewall(SnapshotBuilder& b, const std::string& name, const std::string& subnet_path,
                        const std::string& address, const std::string& public_ip,
                        const std::string& policy_name) {
    AzureFirewall result;
    result.header = header(firewall_id(name));
    result.tier = "Standard";
    if (!address.empty()) {
        AzureFirewall::Configuration configuration;
        configuration.id = result.header.id.child("azureFirewallIpConfigurations", "c");
        configuration.name = "c";
        configuration.address = parse_address(address);
        configuration.subnet = SnapshotBuilder::subnet_id(subnet_path);
        if (!public_ip.empty()) {
            PublicIpAddress ip;
            ip.header = header(SnapshotBuilder::id("publicIPAddresses", name + "-ip"));
            ip.sku = Sku::standard;
            ip.address = parse_address(public_ip);
            ip.ip_configuration = configuration.id;
            configuration.public_ip = ip.header.id;
            b.edit().public_ips.emplace(ip.header.id, ip);
        }
        result.configurations.push_back(std::move(configuration));
    }
    if (!policy_name.empty()) {
        result.policy = SnapshotBuilder::id("firewallPolicies", policy_name);
    }
    return b.edit().firewalls.emplace(result.header.id, std::move(result)).first->second;
}

FirewallPolicy& policy(SnapshotBuilder& b, const std::string& name, const std::string& base) {
    FirewallPolicy result;
    result.header = header(SnapshotBuilder::id("firewallPolicies", name));
    result.tier = "Standard";
    if (!base.empty()) result.base = SnapshotBuilder::id("firewallPolicies", base);
    return b.edit().firewall_policies.emplace(result.header.id, std::move(result)).first->second;
}

void ip_group(SnapshotBuilder& b, const std::string& name, const std::string& prefixes) {
    IpGroup group;
    group.header = header(SnapshotBuilder::id("ipGroups", name));
    group.addresses = addresses(prefixes);
    b.edit().ip_groups.emplace(group.header.id, std::move(group));
}

void rules(SnapshotBuilder& b, const std::string& group, const std::string& collection,
           std::initializer_list<const char*> texts) {
    const std::vector<std::string> words = split(collection, ' ');
    if (words.size() < 3) wrong("collection: " + collection);
    FirewallRuleCollection result;
    result.priority = std::stoi(words[0]);
    result.pass = words[1] == "net"   ? FirewallPass::network
                  : words[1] == "app" ? FirewallPass::application
                                      : FirewallPass::nat;
    result.action = words[2] == "allow"  ? FirewallAction::allow
                    : words[2] == "deny" ? FirewallAction::deny
                    : words[2] == "dnat" ? FirewallAction::dnat
                                         : FirewallAction::other;
    result.name = words.size() > 3 ? words[3] : words[1] + words[0];
    const auto fill = [&](const ResourceId& id) {
        result.id = id;
        for (const char* text : texts) result.rules.push_back(read_rule(text, result.pass, id));
    };
    if (group.find('/') == std::string::npos) {
        AzureFirewall& owner = b.edit().firewalls.at(firewall_id(group));
        fill(owner.header.id.child(result.pass == FirewallPass::network ? "networkRuleCollections"
                                   : result.pass == FirewallPass::nat
                                       ? "natRuleCollections"
                                       : "applicationRuleCollections",
                                   result.name));
        owner.collections.push_back(std::move(result));
        return;
    }
    const std::vector<std::string> parts = split(group, ' ');
    const ResourceId id = SnapshotBuilder::id("firewallPolicies/ruleCollectionGroups", parts[0]);
    FirewallPolicy& owner = b.edit().firewall_policies.at(id.parent());
    auto known = std::find_if(owner.groups.begin(), owner.groups.end(),
                              [&](const auto& item) { return item.header.id == id; });
    if (known == owner.groups.end()) {
        RuleCollectionGroup fresh;
        fresh.header = header(id);
        fresh.priority = std::stoi(parts.at(1));
        owner.groups.push_back(std::move(fresh));
        known = owner.groups.end() - 1;
    }
    fill(id.child("ruleCollections", result.name));
    known->collections.push_back(std::move(result));
}

}  // namespace azreach::testing
