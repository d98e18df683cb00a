// Firewalls, policies, rule collection groups and IP groups, as Azure writes them.
#include "src/arm/import.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

const std::string kNet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/";

std::string resource(const std::string& path, const std::string& properties) {
    const ResourceId id(kNet + path);
    return R"({"id":")" + id.text() + R"(","name":")" + std::string(id.name()) + R"(","type":")" +
           id.type() + R"(","properties":)" + properties + "}";
}

Snapshot read(std::initializer_list<std::string> resources) {
    std::string text;
    for (const std::string& one : resources) text += (text.empty() ? "" : ",") + one;
    return import_text("in.json", "[" + text + "]").snapshot;
}

std::size_t count(const Snapshot& snapshot, const std::string& code) {
    std::size_t result = 0;
    for (const Diagnostic& diagnostic : snapshot.diagnostics) result += diagnostic.code == code;
    for (const Gap& gap : snapshot.gaps) result += gap.code == code;
    return result;
}

const FirewallPolicy& policy(const Snapshot& snapshot, const char* name = "p") {
    return snapshot.firewall_policies.at(ResourceId(kNet + "firewallPolicies/" + name));
}

std::string group_with(const std::string& rule, const std::string& kind = "Filter",
                       const std::string& action = "Allow") {
    return resource("firewallPolicies/p/ruleCollectionGroups/r",
                    R"({"priority":100,"ruleCollections":[{"ruleCollectionType":"FirewallPolicy)" +
                        kind + R"(RuleCollection","name":"c","priority":200,"action":{"type":")" +
                        action + R"("},"rules":[)" + rule + "]}]}");
}

const FirewallRule& only_rule(const Snapshot& snapshot) {
    REQUIRE(policy(snapshot).groups.size() == 1);
    REQUIRE(policy(snapshot).groups[0].collections.size() == 1);
    REQUIRE(policy(snapshot).groups[0].collections[0].rules.size() == 1);
    return policy(snapshot).groups[0].collections[0].rules[0];
}

}  // namespace

TEST_CASE("a firewall in a network: addresses, management, classic rules", "[arm][FW-6][FW-40]") {
    const Snapshot snapshot = read({resource(
        "azureFirewalls/f",
        R"({
        "sku":{"name":"AZFW_VNet","tier":"Premium"},"threatIntelMode":"Deny","provisioningState":"Failed",
        "additionalProperties":{"Network.SNAT.PrivateRanges":"IANAPrivateRanges, 20.1.0.0/16",
                                "Network.DNS.EnableProxy":"true"},
        "firewallPolicy":{"id":")" +
            kNet + R"(firewallPolicies/p"},
        "ipConfigurations":[{"name":"c","id":")" +
            kNet + R"(azureFirewalls/f/azureFirewallIpConfigurations/c",
            "properties":{"privateIPAddress":"10.0.0.4","subnet":{"id":")" +
            kNet + R"(virtualNetworks/v/subnets/AzureFirewallSubnet"},"publicIPAddress":{"id":")" +
            kNet +
            R"(publicIPAddresses/ip"}}}],
        "managementIpConfiguration":{"name":"m","properties":{"publicIPAddress":{"id":")" +
            kNet +
            R"(publicIPAddresses/m"}}},
        "natRuleCollections":[{"name":"n","properties":{"priority":100,"action":{"type":"Dnat"},"rules":[
            {"name":"web","sourceAddresses":["*"],"destinationAddresses":["20.0.0.1"],"destinationPorts":["80"],
             "protocols":["TCP"],"translatedAddress":"10.1.0.4","translatedPort":"8080"}]}}],
        "networkRuleCollections":[],
        "applicationRuleCollections":[{"name":"a","properties":{"priority":200,"action":{"type":"Allow"},"rules":[
            {"name":"up","sourceAddresses":["10.0.0.0/8"],"protocols":[{"protocolType":"Https","port":443}],
             "targetFqdns":["*.a.com"],"fqdnTags":["WindowsUpdate"]}]}}]})")});
    const AzureFirewall& f = snapshot.firewalls.at(ResourceId(kNet + "azureFirewalls/f"));
    CHECK_FALSE(f.in_hub);
    CHECK(f.tier == "Premium");
    CHECK(f.failed);
    CHECK(count(snapshot, "AZR1063") == 1);
    CHECK(f.threat_intel == FirewallMode::deny);
    CHECK(f.dns_proxy);
    REQUIRE(f.private_ranges);
    CHECK(f.private_ranges->contains(*parse_address("20.1.2.3")));
    CHECK(f.private_ranges->contains(*parse_address("100.64.0.1")));
    REQUIRE(f.configurations.size() == 1);
    CHECK(f.configurations[0].address == parse_address("10.0.0.4"));
    REQUIRE(f.management);
    CHECK(f.management->public_ip->name() == "m");
    REQUIRE(f.collections.size() == 2);
    const FirewallRule& web = f.collections[0].rules[0];
    CHECK(web.id.text() == f.header.id.text() + "/natRuleCollections/n/rules/web");
    CHECK(web.translated_port == 8080);
    CHECK(web.source.any);
    const FirewallRule& up = f.collections[1].rules[0];
    CHECK(up.applications ==
          std::vector<ApplicationProtocol>{{ApplicationProtocol::Kind::https, 443}});
    CHECK(up.by_category);
    CHECK(count(snapshot, "AZR9001") == 3);  // policy, subnet, public address
}

TEST_CASE("groups may stand alone, inline, or be missing", "[arm][J2][J4]") {
    const std::string rule =
        R"({"ruleType":"NetworkRule","name":"r","ipProtocols":["TCP","Any"],"sourceAddresses":["10.0.0.4-10.0.0.9"],)"
        R"("destinationAddresses":["AzureCloud.WestEurope","10.1.0.0/16"],"destinationPorts":["80","90-99"]})";
    const std::string listed = resource(
        "firewallPolicies/p", R"({"basePolicy":{"id":")" + kNet +
                                  R"(firewallPolicies/base"},"ruleCollectionGroups":[{"id":")" +
                                  kNet + R"(firewallPolicies/p/ruleCollectionGroups/r"}]})");
    const Snapshot alone = read({group_with(rule), listed});
    const FirewallRule& read_rule = only_rule(alone);
    CHECK(read_rule.id.text() ==
          kNet + "firewallPolicies/p/ruleCollectionGroups/r/ruleCollections/c/rules/r");
    CHECK(read_rule.source.prefixes.count() == 6);
    CHECK(read_rule.destination.tags == std::vector<std::string>{"AzureCloud.WestEurope"});
    CHECK(read_rule.destination_ports == PortSet{{80, 80}, {90, 99}});
    CHECK(read_rule.protocols == std::vector{RuleProtocol::tcp, RuleProtocol::any});
    CHECK(count(alone, "AZR9001") == 1);  // the base policy
    CHECK(count(alone, "AZR9002") == 1);
    const Snapshot missing = read({listed});
    CHECK(count(missing, "AZR9001") == 2);
    CHECK(policy(missing).listed_groups.size() == 1);
    const Snapshot orphan = read({group_with(rule)});
    CHECK(count(orphan, "AZR1013") == 1);
    // The same group twice; and twice with a difference.
    const Snapshot twice = read({group_with(rule), listed, group_with(rule)});
    CHECK(policy(twice).header.contested.empty());
    const Snapshot differing = read({group_with(rule), listed, group_with(rule, "Filter", "Deny")});
    CHECK(policy(differing).header.contested.contains("ruleCollectionGroups"));
    CHECK(count(differing, "AZR1012") == 1);
}

TEST_CASE("what a rule says, and what is empty, null or absent in it", "[arm][FW-16]") {
    const auto with = [](const std::string& fields) {
        return read({resource("firewallPolicies/p", "{}"),
                     group_with(R"({"ruleType":"NetworkRule","name":"r")" + fields + "}")});
    };
    CHECK(only_rule(with("")).source.empty());
    CHECK(only_rule(with(R"(,"sourceAddresses":null,"sourceIpGroups":[])")).source.empty());
    CHECK(only_rule(with(R"(,"sourceAddresses":[""])")).source.empty());
    CHECK(only_rule(with(R"(,"sourceAddresses":["*"])")).source.any);
    CHECK(only_rule(with(R"(,"sourceIpGroups":["/x/ipGroups/g"])")).source.ip_groups.size() == 1);
    CHECK(only_rule(with(R"(,"sourceKubeSelectorGroups":[{"name":"k"}])")).source.by_label);
    CHECK(only_rule(with(R"(,"destinationFqdns":["a.com"])")).destination.names ==
          std::vector<std::string>{"a.com"});
    CHECK_FALSE(only_rule(with("")).ports_given);
    CHECK(only_rule(with(R"(,"destinationPorts":["*"])")).destination_ports.is_full());
    const Snapshot odd = with(R"(,"destinationPorts":["http"],"sourceAddresses":["10.0.0.300"])");
    CHECK(only_rule(odd).ports_unreadable);
    CHECK(only_rule(odd).source.unreadable.size() == 1);
    CHECK(count(odd, "AZR1021") == 1);
    CHECK(count(odd, "AZR1022") == 1);
}

TEST_CASE("settings of a policy", "[arm][FW-19][FW-20][FW-32][FW-36]") {
    const Snapshot snapshot = read({resource("firewallPolicies/p", R"({"sku":{"tier":"Premium"},
        "snat":{"privateRanges":["10.0.0.0/8","255.255.255.255/32"],"autoLearnPrivateRanges":"Enabled"},
        "dnsSettings":{"enableProxy":true},"threatIntelMode":"Off",
        "threatIntelWhitelist":{"ipAddresses":["8.8.8.8"],"fqdns":["a.com"]},
        "explicitProxy":{"enableExplicitProxy":true,"httpPort":8080,"httpsPort":8443,"enablePacFile":true,"pacFilePort":8090},
        "intrusionDetection":{"mode":"Deny"},"sql":{"allowSqlRedirect":true}})"),
                                    resource("firewallPolicies/plain", "{}")});
    const FirewallPolicy& p = policy(snapshot);
    REQUIRE(p.private_ranges);
    CHECK(p.private_ranges->v4.count() == (std::uint64_t{1} << 24) + 1);
    CHECK(p.learns_ranges);
    CHECK(p.dns_proxy);
    CHECK(p.threat_intel == FirewallMode::off);
    CHECK(p.intrusion_detection == FirewallMode::deny);
    CHECK(p.threat_intel_allowlist.count() == 1);
    CHECK(p.proxy_ports == PortSet{{8080, 8080}, {8443, 8443}});
    CHECK(p.proxy_file_ports == PortSet::single(8090));
    CHECK(p.sql_redirect);
    const FirewallPolicy& plain = policy(snapshot, "plain");
    CHECK_FALSE(plain.private_ranges);
    CHECK(plain.threat_intel == FirewallMode::alert);
    CHECK(plain.intrusion_detection == FirewallMode::off);
}

TEST_CASE("a hub's firewall, IP groups, and words that nobody knows", "[arm]") {
    const Snapshot snapshot = read(
        {resource("azureFirewalls/h",
                  R"({"sku":{"name":"AZFW_Hub","tier":"Standard"},"virtualHub":{"id":")" + kNet +
                      R"(virtualHubs/hub"},"hubIPAddresses":{"privateIPAddress":"10.9.0.132",
            "publicIPs":{"addresses":[{"address":"20.0.0.9"}],"count":1}}})"),
         resource("ipGroups/i",
                  R"({"ipAddresses":["10.0.0.0/8","10.1.2.3","20.0.0.1-20.0.0.9","x"]})"),
         resource("firewallPolicies/p", "{}"),
         group_with(
             R"({"ruleType":"NatRule","name":"n","translatedFqdn":"a.com","translatedPort":"80"})",
             "Nat", "Snat")});
    const AzureFirewall& h = snapshot.firewalls.at(ResourceId(kNet + "azureFirewalls/h"));
    CHECK(h.in_hub);
    CHECK(h.hub_address == parse_address("10.9.0.132"));
    CHECK(h.hub_public_addresses.size() == 1);
    const IpGroup& group = snapshot.ip_groups.at(ResourceId(kNet + "ipGroups/i"));
    CHECK(group.addresses.count() == (1U << 24) + 9);
    CHECK(group.unreadable.size() == 1);
    CHECK(policy(snapshot).groups[0].collections[0].action == FirewallAction::other);
    CHECK(count(snapshot, "AZR1060") == 1);
}

TEST_CASE("what cannot be a firewall is refused with its place", "[arm]") {
    const auto bad = [](const std::string& properties) {
        return resource("azureFirewalls/f", properties);
    };
    CHECK_THROWS_AS(
        read({bad(R"({"ipConfigurations":[{"properties":{"privateIPAddress":"here"}}]})")}),
        InputError);
    CHECK_THROWS_AS(read({bad(R"({"networkRuleCollections":[{"name":"c","properties":{}}]})")}),
                    InputError);
    CHECK_THROWS_AS(read({bad(R"({"networkRuleCollections":7})")}), InputError);
    CHECK_THROWS_AS(read({bad(R"({"additionalProperties":{"Network.SNAT.PrivateRanges":"all"}})")}),
                    InputError);
    CHECK_THROWS_AS(read({resource("firewallPolicies/p", "{}"),
                          group_with(R"({"ruleType":"Other","name":"r"})")}),
                    InputError);
}
