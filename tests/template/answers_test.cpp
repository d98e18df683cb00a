// Questions about templates with open parameters: the answer holds for every value, or names the
// parameter on which it hangs. What is expected follows from Azure's rules: an allow for an unknown
// address may let a packet in, a deny for one may stop it.                              [J3] [J4]
#include "src/arm/import.hpp"
#include "src/engine/endpoint.hpp"
#include "src/engine/query.hpp"
#include "src/engine/reachability.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

const std::string kSchema =
    R"("$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0")";

/// Verdict and the names on which it hangs: "unknown: AZR9020 parameter 'p' of main.json".
std::string ask(const std::vector<std::pair<std::string, std::string>>& files,
                const std::string& from, const std::string& to, const std::string& service) {
    const Imported imported = import_texts(files);
    Assumptions assumptions(Reading::documented);
    const Network network(imported.snapshot, assumptions);
    const Reachability reachability(network);
    const Endpoints endpoints(network);
    const QueryAnswer answer =
        query(network, reachability, endpoints, from, to, service, *parse_service(service));
    std::string text(to_string(answer.verdict));
    std::set<std::string> names;
    for (const Fact fact : answer.depends_on) {
        names.insert(network.facts().name(fact));
    }
    for (const std::string& name : names) {
        text += (&name == &*names.begin() ? ": " : "; ") + name;
    }
    return text;
}

std::string rule(const std::string& name, int priority, const std::string& access,
                 const std::string& source, const std::string& port,
                 const std::string& direction = "Inbound") {
    const auto quoted = [](const std::string& text) {
        return text.starts_with('\"') ? text : "\"" + text + "\"";
    };
    return R"({"name":")" + name + R"(","properties":{"priority":)" +
           (priority == 0 ? R"("[parameters('priority')]")" : std::to_string(priority)) +
           R"(,"direction":)" + quoted(direction) + R"(,"access":)" + quoted(access) +
           R"(,"protocol":"Tcp","sourceAddressPrefix":)" + quoted(source) +
           R"(,"sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":)" +
           quoted(port) + "}}";
}

/// Two machines in two subnets of one network; the group of the second has these rules. Every
/// parameter is open.
std::string network_with(const std::string& rules, const std::string& subnet_b = "10.0.2.0/24",
                         const std::string& address_b = "10.0.2.4", const std::string& more = "") {
    const auto nic = [](const std::string& name, const std::string& subnet,
                        const std::string& address) {
        return R"({"type":"Microsoft.Network/networkInterfaces","apiVersion":"x","name":")" + name +
               R"(","location":"here","properties":{"ipConfigurations":[{"name":"c","properties":{)" +
               (address.empty() ? "" : R"("privateIPAddress":")" + address + R"(",)") +
               R"("subnet":{"id":"[resourceId('Microsoft.Network/virtualNetworks/subnets','v',')" +
               subnet + R"(')]"}}}]}})";
    };
    return "{" + kSchema +
           R"(,"parameters":{"office":{"type":"string"},"port":{"type":"string"},"access":{"type":"string"},"priority":{"type":"int"},"direction":{"type":"string"},"prefix":{"type":"string"},"rules":{"type":"array"},"deploy":{"type":"bool"},"name":{"type":"string"}},"resources":[{"type":"Microsoft.Network/networkSecurityGroups","apiVersion":"x","name":"g","location":"here","properties":{"securityRules":)" +
           (rules.starts_with('\"') ? rules : "[" + rules + "]") +
           R"(}},{"type":"Microsoft.Network/virtualNetworks","apiVersion":"x","name":"v","location":"here","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"a","properties":{"addressPrefix":"10.0.1.0/24"}},{"name":"b","properties":{"addressPrefix":")" +
           subnet_b +
           R"(","networkSecurityGroup":{"id":"[resourceId('Microsoft.Network/networkSecurityGroups','g')]"}}}]}},)" +
           nic("na", "a", "10.0.1.4") + "," + nic("nb", "b", address_b) + more + "]}";
}

std::string ask_rules(const std::string& rules, const std::string& service = "tcp/22") {
    return ask({{"main.json", network_with(rules)}}, "na", "nb", service);
}

}  // namespace

TEST_CASE("an open source may match, whatever stands around it decides the rest",
          "[template][symbol][J3]") {
    const std::string open = "[parameters('office')]";
    const std::string deny_all = "," + rule("no", 4000, "Deny", "*", "*");
    CHECK(ask_rules(rule("ssh", 100, "Allow", open, "22") + deny_all) ==
          "unknown: AZR9020 parameter 'office' of main.json");
    // Another port is denied whatever the office is, and what is allowed before stays allowed.
    CHECK(ask_rules(rule("ssh", 100, "Allow", open, "22") + deny_all, "tcp/23") == "blocked");
    CHECK(ask_rules(rule("all", 90, "Allow", "*", "*") + "," +
                    rule("not", 100, "Deny", open, "22")) == "reachable");
    CHECK(ask_rules(rule("not", 100, "Deny", open, "22")) ==
          "unknown: AZR9020 parameter 'office' of main.json");
    CHECK(ask_rules(rule("ssh", 100, "Allow", open, "22")) == "reachable");  // AllowVnetInBound
}

TEST_CASE("an open port, access, priority or direction leaves both ways open",
          "[template][symbol][J3]") {
    const std::string deny_all = "," + rule("no", 4000, "Deny", "*", "*");
    CHECK(ask_rules(rule("r", 100, "Allow", "*", "[parameters('port')]") + deny_all) ==
          "unknown: AZR9020 parameter 'port' of main.json");
    CHECK(ask_rules(rule("r", 100, "[parameters('access')]", "*", "22") + deny_all) ==
          "unknown: AZR9020 parameter 'access' of main.json");
    CHECK(ask_rules(rule("r", 100, "[parameters('access')]", "*", "22")) ==
          "unknown: AZR9020 parameter 'access' of main.json");
    CHECK(ask_rules(rule("r", 100, "[parameters('access')]", "*", "22") + deny_all, "tcp/23") ==
          "blocked");
    // Allow at an unknown place before or behind the deny.
    CHECK(ask_rules(rule("r", 0, "Allow", "*", "22") + deny_all) ==
          "unknown: AZR9020 parameter 'priority' of main.json");
    CHECK(ask_rules(rule("r", 0, "Deny", "*", "22")) == "blocked");
    CHECK(ask_rules(rule("r", 0, "Allow", "*", "22")) == "reachable");
    CHECK(ask_rules(rule("r", 100, "Allow", "*", "22", "[parameters('direction')]") + deny_all) ==
          "unknown: AZR9020 parameter 'direction' of main.json");
    CHECK(ask_rules(R"("[parameters('rules')]")") ==
          "unknown: AZR9020 parameter 'rules' of main.json");
    CHECK(ask_rules(rule("r", 100, "[if(parameters('deploy'),'Allow','Deny')]", "*", "22") +
                    deny_all) ==
          "unknown: AZR9020 if(parameter 'deploy' of main.json, 'Allow', 'Deny')");
}

TEST_CASE("open prefixes and addresses: somebody may be there", "[template][symbol][J6]") {
    const std::string allow;
    const std::string open = "[parameters('prefix')]";
    CHECK(ask({{"main.json", network_with(allow, open, "10.0.2.4")}}, "na", "nb", "tcp/22") ==
          "reachable");
    CHECK(ask({{"main.json", network_with(allow, open, "10.0.2.4")}}, "na", "10.0.2.9", "tcp/22")
              .starts_with("unknown"));
    CHECK(ask({{"main.json", network_with(allow, "10.0.2.0/24", open)}}, "na", "10.0.2.9", "tcp/22")
              .starts_with("unknown"));
    CHECK(ask({{"main.json", network_with(allow)}}, "na", "10.0.2.9", "tcp/22") == "blocked");
    // The value from a parameter file decides.
    CHECK(
        ask({{"main.json", network_with(rule("ssh", 100, "Allow", "[parameters('office')]", "22") +
                                        "," + rule("no", 200, "Deny", "*", "*"))},
             {"p.json", R"({"parameters":{"office":{"value":"10.0.1.0/24"}}})"}},
            "na", "nb", "tcp/22") == "reachable");
    CHECK(
        ask({{"main.json", network_with(rule("ssh", 100, "Allow", "[parameters('office')]", "22") +
                                        "," + rule("no", 200, "Deny", "*", "*"))},
             {"p.json", R"({"parameters":{"office":{"value":"10.9.0.0/24"}}})"}},
            "na", "nb", "tcp/22") == "blocked");
}

TEST_CASE("a reference that may mean something known widens what that may hold",
          "[template][symbol][J4]") {
    // A NIC in a subnet that a parameter names: it may be in any.
    const std::string somewhere =
        R"(,{"type":"Microsoft.Network/networkInterfaces","apiVersion":"x","name":"nx","location":"here","properties":{"ipConfigurations":[{"name":"c","properties":{"privateIPAddress":"10.0.2.9","subnet":{"id":"[parameters('name')]"}}}]}})";
    CHECK(ask({{"main.json", network_with("", "10.0.2.0/24", "10.0.2.4", somewhere)}}, "na",
              "10.0.2.9", "tcp/22") == "unknown: AZR9020 parameter 'name' of main.json");
    // A peering with a network that a parameter names: it may be the other one.
    const std::string other =
        R"(,{"type":"Microsoft.Network/virtualNetworks","apiVersion":"x","name":"w","location":"here","properties":{"addressSpace":{"addressPrefixes":["10.1.0.0/16"]},"subnets":[{"name":"a","properties":{"addressPrefix":"10.1.1.0/24"}}]}},{"type":"Microsoft.Network/networkInterfaces","apiVersion":"x","name":"nw","location":"here","properties":{"ipConfigurations":[{"name":"c","properties":{"privateIPAddress":"10.1.1.4","subnet":{"id":"[resourceId('Microsoft.Network/virtualNetworks/subnets','w','a')]"}}}]}})";
    const auto peering = [](const std::string& from, const std::string& name,
                            const std::string& remote) {
        return R"(,{"type":"Microsoft.Network/virtualNetworks/virtualNetworkPeerings","apiVersion":"x","name":")" +
               from + "/" + name + R"(","properties":{"remoteVirtualNetwork":{"id":")" + remote +
               R"("},"allowVirtualNetworkAccess":true}})";
    };
    CHECK(ask({{"main.json", network_with("", "10.0.2.0/24", "10.0.2.4", other)}}, "nw", "nb",
              "tcp/22") == "blocked");
    CHECK(ask({{"main.json", network_with("", "10.0.2.0/24", "10.0.2.4",
                                          other + peering("w", "p", "[parameters('name')]") +
                                              peering("v", "q", "[parameters('name')]"))}},
              "nw", "nb", "tcp/22") == "unknown: AZR9020 parameter 'name' of main.json");
    // Both sides planned: they will be connected.                                          [P1]
    CHECK(
        ask({{"main.json",
              network_with(
                  "", "10.0.2.0/24", "10.0.2.4",
                  other +
                      peering("w", "p", "[resourceId('Microsoft.Network/virtualNetworks','v')]") +
                      peering("v", "q", "[resourceId('Microsoft.Network/virtualNetworks','w')]"))}},
            "nw", "nb", "tcp/22") == "reachable");
}

TEST_CASE("a condition that is open leaves open what the resource would do",
          "[template][symbol][J2]") {
    const auto conditional_rule = [](const std::string& access) {
        return R"(,{"type":"Microsoft.Network/networkSecurityGroups/securityRules","condition":"[parameters('deploy')]","apiVersion":"x","name":"g/extra",)" +
               rule("x", 100, access, "*", "22").substr(std::string(R"({"name":"x",)").size());
    };
    const std::string deny_all = rule("no", 4000, "Deny", "*", "*");
    CHECK(ask({{"main.json",
                network_with(deny_all, "10.0.2.0/24", "10.0.2.4", conditional_rule("Allow"))}},
              "na", "nb", "tcp/22") == "unknown: AZR9020 parameter 'deploy' of main.json");
    CHECK(ask({{"main.json",
                network_with(deny_all, "10.0.2.0/24", "10.0.2.4", conditional_rule("Deny"))}},
              "na", "nb", "tcp/22") == "blocked");
    const std::string conditional_nic =
        R"(,{"type":"Microsoft.Network/networkInterfaces","condition":"[parameters('deploy')]","apiVersion":"x","name":"nx","location":"here","properties":{"ipConfigurations":[{"name":"c","properties":{"privateIPAddress":"10.0.2.9","subnet":{"id":"[resourceId('Microsoft.Network/virtualNetworks/subnets','v','b')]"}}}]}})";
    CHECK(ask({{"main.json", network_with("", "10.0.2.0/24", "10.0.2.4", conditional_nic)}}, "na",
              "nx", "tcp/22") == "unknown: AZR9020 parameter 'deploy' of main.json");
}
