// The fixture fixtures/networks/zero-trust: what it answers, and what each single switch changes.
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "src/arm/import.hpp"
#include "src/config/config.hpp"
#include "src/engine/check.hpp"
#include "src/engine/query.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Answers = std::map<std::string, std::string>;

/// The resources of the fixture, to be changed by one edit.
class Tenant {
public:
    Tenant() {
        for (const auto& file :
             fs::directory_iterator(AZREACH_ROOT_DIR "/fixtures/networks/zero-trust")) {
            if (file.path().extension() == ".json") {
                std::ifstream text(file.path());
                files_[file.path().filename().string()] = Json::parse(text);
            }
        }
    }
    /// The resource whose id ends so.
    Json& operator()(const std::string& ending) {
        for (auto& [name, file] : files_) {
            for (Json& resource : file.contains("value") ? file["value"] : file["values"]) {
                const std::string id = resource["id"];
                if (id.size() >= ending.size() &&
                    id.compare(id.size() - ending.size(), ending.size(), ending) == 0) {
                    return resource;
                }
            }
        }
        throw std::invalid_argument("no resource " + ending);
    }
    Json& properties(const std::string& ending) { return (*this)(ending)["properties"]; }
    Json& subnet(const std::string& vnet, const std::string& name) {
        for (Json& subnet : properties(vnet)["subnets"]) {
            if (subnet["name"] == name) {
                return subnet["properties"];
            }
        }
        throw std::invalid_argument("no subnet " + name);
    }
    void route(const std::string& name, const std::string& prefix) {
        Json& table = (*this)("/routeTables/rt-shop");
        Json route = table["properties"]["routes"][0];
        route["id"] = table["id"].get<std::string>() + "/routes/" + name;
        route["name"] = name;
        route["properties"]["addressPrefix"] = prefix;
        table["properties"]["routes"].push_back(route);
    }
    /// The firewall publishes an address.
    void publish(const std::string& port, const std::string& address, const std::string& to_port) {
        properties("/ruleCollectionGroups/rcg-shop")["ruleCollections"].push_back(
            {{"ruleCollectionType", "FirewallPolicyNatRuleCollection"},
             {"name", "publish"},
             {"priority", 100},
             {"action", {{"type", "DNAT"}}},
             {"rules",
              {{{"ruleType", "NatRule"},
                {"name", "publish"},
                {"ipProtocols", {"TCP"}},
                {"sourceAddresses", {"*"}},
                {"sourceIpGroups", Json::array()},
                {"destinationAddresses", {"20.61.10.4"}},
                {"destinationPorts", {port}},
                {"translatedAddress", address},
                {"translatedPort", to_port}}}}});
    }
    std::vector<std::pair<std::string, std::string>> texts() const {
        std::vector<std::pair<std::string, std::string>> result;
        for (const auto& [name, file] : files_) {
            result.emplace_back(name, file.dump());
        }
        return result;
    }

private:
    std::map<std::string, Json> files_;
};

struct Question {
    const char *from, *to, *service;
};
const std::map<std::string, Question> kQuestions = {
    {"internet to blobs", {"internet", "stshopdata/blob", "any"}},
    {"internet to files", {"internet", "stshopdata/file", "any"}},
    {"internet to vault", {"internet", "kv-shop", "any"}},
    {"internet to sql", {"internet", "sql-shop", "any"}},
    {"internet to web", {"internet", "vm-web-01", "tcp/443"}},
    {"internet to app", {"internet", "vm-app-01", "any"}},
    {"internet to data", {"internet", "vm-data-01", "any"}},
    {"web to blobs", {"vm-web-01", "stshopdata/blob", "tcp/443"}},
    {"app to blobs", {"vm-app-01", "stshopdata/blob", "tcp/443"}},
    {"app to files", {"vm-app-01", "stshopdata/file", "any"}},
    {"app to vault", {"vm-app-01", "kv-shop", "tcp/443"}},
    {"app to sql", {"vm-app-01", "sql-shop", "tcp/1433"}},
    {"data to sql", {"vm-data-01", "sql-shop", "tcp/1433"}},
    {"dev to blobs", {"vm-dev-01", "stshopdata/blob", "any"}},
    {"web to app", {"vm-web-01", "vm-app-01", "tcp/443"}},
    {"web to app by ssh", {"vm-web-01", "vm-app-01", "tcp/22"}},
    {"web to the balancer", {"vm-web-01", "10.1.2.100", "tcp/443"}},
    {"app to data", {"vm-app-01", "vm-data-01", "tcp/1433"}},
    {"web to data", {"vm-web-01", "vm-data-01", "tcp/1433"}},
    {"dev to app", {"vm-dev-01", "vm-app-01", "any"}},
    {"app to dev", {"vm-app-01", "vm-dev-01", "any"}},
    {"app to the time", {"vm-app-01", "20.101.57.9", "udp/123"}},
};
/// In strict. IDPS and threat intelligence in mode Deny may lose what the firewall allows.
const Answers kAnswers = {
    {"internet to blobs", "blocked"},
    {"internet to files", "blocked"},
    {"internet to vault", "blocked"},
    {"internet to sql", "blocked"},
    {"internet to web", "blocked"},
    {"internet to app", "blocked"},
    {"internet to data", "blocked"},
    {"web to blobs", "blocked"},
    {"app to blobs", "reachable"},
    {"app to files", "blocked"},
    {"app to vault", "reachable"},
    {"app to sql", "reachable"},
    {"data to sql", "blocked"},
    {"dev to blobs", "blocked"},
    {"web to app", "reachable"},
    {"web to app by ssh", "blocked"},
    {"web to the balancer", "reachable"},
    {"app to data", "reachable"},
    {"web to data", "blocked"},
    {"dev to app", "blocked"},
    {"app to dev", "blocked"},
    {"app to the time", "unknown"},
    {"egress by the firewall", "held"},
};
constexpr const char* kEgress =
    "version: 1\nsets: { app: { name: vm-app-* }, fw: { type: network/azureFirewall } }\n"
    "invariants: [ { id: egress, through: app -> internet via fw } ]\n";

struct Asked {
    explicit Asked(const Tenant& tenant,
                   const Assumptions& assumptions = Assumptions(Reading::strict))
        : imported(import_texts(tenant.texts())),
          network(imported.snapshot, assumptions),
          reachability(network),
          endpoints(network) {}

    QueryAnswer query(const Question& question) const {
        return azreach::query(network, reachability, endpoints, question.from, question.to,
                              question.service, *parse_service(question.service), {});
    }
    Answers answers() const {
        Answers result;
        for (const auto& [name, question] : kQuestions) {
            result[name] = std::string(to_string(query(question).verdict));
        }
        const config::Config config = config::parse_config(kEgress, "azreach.yaml");
        CheckOptions options;
        options.today = {2026, 11, 28};
        const CheckAnswer checked = check(network, endpoints, config.policy, options);
        result["egress by the firewall"] = std::string(to_string(checked.results.front().status));
        return result;
    }

    Imported imported;
    Network network;
    Reachability reachability;
    Endpoints endpoints;
};

void public_access(Tenant& t) {
    t.properties("/storageAccounts/stshopdata")["publicNetworkAccess"] = "Enabled";
}
void default_allow(Tenant& t) {
    t.properties("/storageAccounts/stshopdata")["networkAcls"]["defaultAction"] = "Allow";
}
void ip_rule(Tenant& t) {
    t.properties("/storageAccounts/stshopdata")["networkAcls"]["ipRules"] = {
        {{"value", "203.0.113.0/24"}, {"action", "Allow"}}};
}
void policies(Tenant& t, const char* value) {
    t.subnet("/virtualNetworks/vnet-hub", "snet-endpoints")["privateEndpointNetworkPolicies"] =
        value;
}
void foreign(Tenant& t, const char* status) {
    Json& list = t.properties("/storageAccounts/stshopdata")["privateEndpointConnections"];
    Json other = list[0];
    other["id"] = other["id"].get<std::string>() + "2";
    other["name"] = "partner";
    other["properties"]["privateEndpoint"]["id"] =
        "/subscriptions/77777777-0000-0000-0000-000000000000/resourceGroups/rg/providers/"
        "Microsoft.Network/privateEndpoints/pe-partner";
    other["properties"]["privateLinkServiceConnectionState"]["status"] = status;
    list.push_back(other);
}

struct Switch {
    const char* name;
    std::function<void(Tenant&)> flip;
    Answers changes;  // everything else stays
};
const Switch kSwitches[] = {
    // Either of two locks holds by itself.
    {"public access on", public_access, {}},
    {"the default action allows", default_allow, {}},
    {"one ip rule", ip_rule, {}},
    {"both locks open",
     [](Tenant& t) { public_access(t), default_allow(t); },
     {{"internet to blobs", "partial"},  // on its ports
      {"internet to files", "partial"},
      // By the firewall, if it takes the name for one of its own infrastructure.
      {"web to blobs", "unknown"},
      {"dev to blobs", "unknown"},
      {"app to files", "unknown"}}},
    {"public access on, and one ip rule",
     [](Tenant& t) { public_access(t), ip_rule(t); },
     {{"internet to blobs", "partial"}, {"internet to files", "partial"}}},
    {"the vault's public access on",
     [](Tenant& t) { t.properties("/vaults/kv-shop")["publicNetworkAccess"] = "Enabled"; },
     {}},
    {"sql's public access on",
     [](Tenant& t) { t.properties("/servers/sql-shop")["publicNetworkAccess"] = "Enabled"; },
     {{"internet to sql", "unknown"}}},  // database-level rules are in no file [SQ-2]
    {"a NAT rule to the web tier",
     [](Tenant& t) { t.publish("443", "10.1.1.4", "443"); },
     {{"internet to web", "unknown"}}},  // threat intelligence, IDPS
    {"a NAT rule to an endpoint", [](Tenant& t) { t.publish("8443", "10.0.4.4", "443"); }, {}},
    {"no policy on the endpoints' subnet",
     [](Tenant& t) { policies(t, "Disabled"); },
     {{"web to blobs", "reachable"}, {"dev to blobs", "partial"}, {"data to sql", "reachable"}}},
    {"no policy, and a NAT rule to an endpoint",
     [](Tenant& t) { policies(t, "Disabled"), t.publish("8443", "10.0.4.4", "443"); },
     {{"internet to blobs", "unknown"},
      {"web to blobs", "reachable"},
      {"dev to blobs", "partial"},
      {"data to sql", "reachable"}}},
    {"routes too at the endpoints' subnet",
     [](Tenant& t) { policies(t, "Enabled"); },
     {{"app to blobs", "blocked"}, {"app to vault", "blocked"}, {"app to sql", "blocked"}}},
    {"a user route for the endpoint",
     [](Tenant& t) { t.route("blob", "10.0.4.4/32"); },
     {{"app to blobs", "blocked"}}},
    {"a stranger's endpoint approved",
     [](Tenant& t) { foreign(t, "Approved"); },
     {{"internet to blobs", "unknown"}}},
    {"a stranger's endpoint pending", [](Tenant& t) { foreign(t, "Pending"); }, {}},
    {"the endpoint rejected",
     [](Tenant& t) {
         for (Json* list :
              {&t.properties("/privateEndpoints/pe-blob")["privateLinkServiceConnections"],
               &t.properties("/storageAccounts/stshopdata")["privateEndpointConnections"]}) {
             (*list)[0]["properties"]["privateLinkServiceConnectionState"]["status"] = "Rejected";
         }
     },
     {{"app to blobs", "blocked"}}},
    {"a way past the firewall",
     [](Tenant& t) {
         t.route("past", "203.0.113.0/24");
         t.properties("/routeTables/rt-shop")["routes"].back()["properties"] = {
             {"addressPrefix", "203.0.113.0/24"}, {"nextHopType", "Internet"}};
         for (const char* vm : {"nic-vm-app-01", "nic-vm-app-02"}) {
             t.properties(std::string("/networkInterfaces/") +
                          vm)["ipConfigurations"][0]["properties"]["publicIPAddress"]["id"] =
                 t("/publicIPAddresses/pip-firewall")["id"].get<std::string>() + "-" + vm;
         }
     },
     {{"egress by the firewall", "unknown"}, {"internet to app", "unknown"}}},
};

}  // namespace

TEST_CASE("zero trust: what the fixture answers", "[ST-10]") {
    const Asked asked{Tenant()};
    CHECK(asked.answers() == kAnswers);

    const QueryAnswer blobs = asked.query(kQuestions.at("internet to blobs"));
    REQUIRE(blobs.residuals.size() == 1);
    CHECK(blobs.residuals.front().residual.kind == Residual::Kind::trusted_services);
    CHECK(blobs.residuals.front().residual.by.text().ends_with("#/properties/networkAcls/bypass"));

    const QueryAnswer app = asked.query(kQuestions.at("app to blobs"));
    REQUIRE(app.path.size() >= 3);
    CHECK(app.path.back().at.name() == "stshopdata");
    CHECK(app.path[app.path.size() - 2].kind == HopKind::private_endpoint);

    const QueryAnswer out = asked.query({"vm-app-01", "internet", "any"});
    CHECK(std::any_of(out.path.begin(), out.path.end(),
                      [](const Hop& hop) { return hop.kind == HopKind::firewall; }));
}

TEST_CASE("zero trust: each switch changes the answers it should, and no other",
          "[PE-7][PE-9][PE-12][PE-13][PE-14][ST-2][SQ-2][FW-46]") {
    for (const Switch& row : kSwitches) {
        INFO(row.name);
        Tenant tenant;
        row.flip(tenant);
        Answers expected = kAnswers;
        for (const auto& [question, verdict] : row.changes) {
            expected[question] = verdict;
        }
        const Asked asked(tenant);
        const Answers found = asked.answers();
        for (const auto& [question, verdict] : expected) {
            INFO(question);
            CHECK(found.at(question) == verdict);
        }
    }
}
