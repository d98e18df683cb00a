// Public endpoints of web apps, registries, messaging, search, clusters and the rest.
#include "src/engine/query.hpp"
#include "tests/engine/services_support.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

const std::string kSites = "Microsoft.Web/sites";
const std::string kRegistry = "Microsoft.ContainerRegistry/registries";
const std::string kHub = "Microsoft.EventHub/namespaces";
const std::string kCluster = "Microsoft.ContainerService/managedClusters";

SnapshotBuilder network() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/b", "10.0.2.0/24");
    b.vm("vm1", "v/a", "10.0.1.4").vm("vm2", "v/b", "10.0.2.4").nat_gateway("v/a", "20.9.0.1");
    b.tag("AzureCloud", "20.0.0.0/8").tag("AppService", "20.64.0.0/16");
    b.tag("AzureFrontDoor.Backend", "20.70.0.0/16").tag("AzureContainerRegistry", "20.65.0.0/16");
    return b;
}

struct Row {
    std::string given, properties, from, verdict, by;
};

void check(const std::string& type, const std::string& group, const Row& row,
           const std::string& more = "", int port = 443) {
    CAPTURE(row.given);
    const ServiceAsked asked(with(network()
                                      .service_endpoint("v/b", "Microsoft.Web")
                                      .service_endpoint("v/b", "Microsoft.ContainerRegistry"),
                                  {arm(type, "x", row.properties, more)}),
                             documented());
    const PaasIndex endpoint = asked.endpoint(type, "x", group);
    const TraceResult result = row.from.starts_with("vm")
                                   ? asked.vm_to(endpoint, row.from, port)
                                   : asked.internet_to(endpoint, row.from, port);
    CHECK(verdict(result) == row.verdict);
    CHECK(by(result) == row.by);
}

const std::string kConnection =
    R"("privateEndpointConnections": [{"id": "c", "properties": {"privateEndpoint": {"id": "/x"},
       "privateLinkServiceConnectionState": {"status": "Approved"}}}])";
const std::string kMain = "#/properties/siteConfig/ipSecurityRestrictions";

}  // namespace

TEST_CASE("web app: switch and restrictions", "[AS-1][AS-2][AS-3]") {
    const std::string allow =
        R"("siteConfig": {"ipSecurityRestrictions": [{"ipAddress": "203.0.113.0/24",
           "action": "Allow", "priority": 100, "name": "office"}]})";
    const auto row = GENERATE_COPY(values<Row>({
        {"nothing: open", "{}", "8.8.8.8", "delivered", kMain + "DefaultAction"},
        {"vector 13: others", "{" + allow + "}", "8.8.8.8", "dropped", kMain + "DefaultAction"},
        {"vector 13: those", "{" + allow + "}", "203.0.113.7", "delivered", kMain + "/0"},
        {"vector 13: an endpoint closes", "{" + kConnection + "}", "8.8.8.8", "dropped",
         "#/properties/publicNetworkAccess"},
        {"an endpoint and a switch that says on",
         R"({"publicNetworkAccess": "Enabled", )" + kConnection + "}", "8.8.8.8", "delivered",
         kMain + "DefaultAction"},
        {"off", R"({"publicNetworkAccess": "Disabled", )" + allow + "}", "203.0.113.7", "dropped",
         "#/properties/publicNetworkAccess"},
        {"two switches that differ",
         R"({"publicNetworkAccess": "Enabled", "siteConfig": {"publicNetworkAccess": "Disabled"}})",
         "8.8.8.8", "unknown", ""},
        {"priority before order",
         R"({"siteConfig": {"ipSecurityRestrictions": [
             {"ipAddress": "Any", "action": "Deny", "priority": 200},
             {"ipAddress": "8.8.8.8/32", "action": "Allow", "priority": 100}]}})",
         "8.8.8.8", "delivered", kMain + "/1"},
        {"equal priorities in their order",
         R"({"siteConfig": {"ipSecurityRestrictions": [
             {"ipAddress": "Any", "action": "Deny", "priority": 100},
             {"ipAddress": "8.8.8.8/32", "action": "Allow", "priority": 100}]}})",
         "8.8.8.8", "dropped", kMain + "/0"},
        {"a default action", R"({"siteConfig": {"ipSecurityRestrictionsDefaultAction": "Deny"}})",
         "8.8.8.8", "dropped", kMain + "DefaultAction"},
    }));
    check(kSites, "sites", row);
}

TEST_CASE("web app: whom a restriction matches", "[AS-4][AS-5]") {
    const auto one = [](const std::string& rule) {
        return R"({"siteConfig": {"ipSecurityRestrictions": [{"action": "Allow", "priority": 1, )" +
               rule + "}]}}";
    };
    const std::string subnet =
        R"("vnetSubnetResourceId": ")" + SnapshotBuilder::subnet_id("v/b").text() + "\"";
    const std::string front_door = R"("tag": "ServiceTag", "ipAddress": "AzureFrontDoor.Backend")";
    const auto row = GENERATE_COPY(values<Row>({
        {"a list", one(R"("ipAddress": "9.9.9.9/32,8.8.8.8/32")"), "8.8.8.8", "delivered",
         kMain + "/0"},
        {"a tag", one(front_door), "20.70.0.9", "delivered", kMain + "/0"},
        {"not in the tag", one(front_door), "8.8.8.8", "dropped", kMain + "DefaultAction"},
        {"a tag and a header", one(front_door + R"(, "headers": {"x-azure-fdid": ["id"]})"),
         "20.70.0.9", "unknown", ""},
        {"a tag that no file has", one(R"("tag": "ServiceTag", "ipAddress": "PowerQueryOnline")"),
         "8.8.8.8", "unknown", ""},
        {"a subnet that is not the sender's", one(subnet), "vm1", "dropped",
         kMain + "DefaultAction"},
        {"any subnet, another tenant", one(R"("ipAddress": "AnyVnets")"), "20.5.5.5", "delivered",
         kMain + "/0"},
        {"any subnet, somebody at home", one(R"("ipAddress": "AnyVnets")"), "8.8.8.8", "dropped",
         kMain + "DefaultAction"},
        // The site's address may be one that the service endpoint's tag does not hold.
        {"a subnet", one(subnet), "vm2", "unknown", ""},
    }));
    check(kSites, "sites", row);
}

TEST_CASE("web app: the deployment site has a list of its own", "[AS-6][AS-8]") {
    const std::string rule = R"([{"ipAddress": "9.9.9.9/32", "action": "Allow", "priority": 1}])";
    const std::string main = R"("ipSecurityRestrictions": )" + rule;
    const auto row = GENERATE_COPY(values<Row>({
        {"vector 13: an empty list is open", R"({"siteConfig": {)" + main + "}}", "8.8.8.8",
         "delivered", "#/properties/siteConfig/scmIpSecurityRestrictionsDefaultAction"},
        {"as the main site",
         R"({"siteConfig": {"scmIpSecurityRestrictionsUseMain": true, )" + main + "}}", "8.8.8.8",
         "dropped", kMain + "DefaultAction"},
        {"its own", R"({"siteConfig": {"scmIpSecurityRestrictions": )" + rule + "}}", "8.8.8.8",
         "dropped", "#/properties/siteConfig/scmIpSecurityRestrictionsDefaultAction"},
    }));
    check(kSites, "scm", row);
    check(kSites, "ftp",
          {"file transfer may pass restrictions", R"({"siteConfig": {)" + main + "}}", "8.8.8.8",
           "unknown", ""},
          "", 21);
    check(kSites, "ftp",
          {"not a switch", R"({"publicNetworkAccess": "Disabled"})", "8.8.8.8", "dropped",
           "#/properties/publicNetworkAccess"},
          "", 21);
}

TEST_CASE("registry: rules of the Premium tier, and what a version does not show", "[CR-1]") {
    const std::string premium = R"(, "sku": {"name": "Premium"})";
    const std::string deny = R"({"networkRuleSet": {"defaultAction": "Deny"}})";
    const std::string action = "#/properties/networkRuleSet/defaultAction";
    check(kRegistry, "registry", {"another tier has none", deny, "8.8.8.8", "delivered", action},
          R"(, "sku": {"name": "Standard"})");
    check(kRegistry, "registry", {"the tier is not said", deny, "8.8.8.8", "unknown", ""});
    check(kRegistry, "registry", {"closed", deny, "8.8.8.8", "dropped", action}, premium);
    check(kRegistry, "registry", {"vector 18: a subnet, not shown", deny, "vm2", "unknown", ""},
          premium);
    check(kRegistry, "registry",
          {"shown, and none",
           R"({"networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": []}})", "vm2",
           "dropped", action},
          premium);
    check(kRegistry, "registry",
          {"off",
           R"({"publicNetworkAccess": "Disabled", "networkRuleSet": {"defaultAction": "Allow"}})",
           "vm2", "dropped", "#/properties/publicNetworkAccess"},
          premium);
}

TEST_CASE("messaging: without rules a namespace is open", "[EH-1][EH-2]") {
    struct Case {
        std::string given, tier, set, from, verdict;
    };
    const auto row = GENERATE(values<Case>({
        {"vector 9", "Standard",
         R"({"defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []})", "8.8.8.8",
         "delivered"},
        {"with a rule", "Standard",
         R"({"defaultAction": "Deny", "ipRules": [{"ipMask": "9.9.9.9", "action": "Allow"}]})",
         "8.8.8.8", "dropped"},
        {"that names the source", "Standard",
         R"({"defaultAction": "Deny", "ipRules": [{"ipMask": "8.8.8.0/24", "action": "Allow"}]})",
         "8.8.8.8", "delivered"},
        {"the tier has no firewall", "Basic",
         R"({"defaultAction": "Deny", "ipRules": [{"ipMask": "9.9.9.9", "action": "Allow"}]})",
         "8.8.8.8", "delivered"},
        {"off at the rule set", "Standard", R"({"publicNetworkAccess": "Disabled"})", "8.8.8.8",
         "dropped"},
    }));
    CAPTURE(row.given);
    const ServiceAsked asked(
        with(network(), {arm(kHub, "x", "{}", R"(, "sku": {"name": ")" + row.tier + "\"}"),
                         arm_child(kHub, "x", "networkRuleSets", "default", row.set)}),
        documented());
    CHECK(verdict(asked.internet_to(asked.endpoint(kHub, "x", "namespace"), row.from)) ==
          row.verdict);
}

TEST_CASE("messaging: a rule set that no file shows", "[EH-1][EH-2]") {
    const std::string tier = R"(, "sku": {"name": "Standard"})";
    const std::vector<std::string> only{arm(kHub, "x", "{}", tier)};
    const ServiceAsked open(with(network(), only), documented());
    CHECK(verdict(open.internet_to(open.endpoint(kHub, "x", "namespace"), "8.8.8.8")) ==
          "delivered");
    const ServiceAsked unsure(with(network(), only), strict());
    CHECK(verdict(unsure.internet_to(unsure.endpoint(kHub, "x", "namespace"), "8.8.8.8")) ==
          "unknown");
    const ServiceAsked differing(
        with(network(), {arm(kHub, "x", R"({"publicNetworkAccess": "Enabled"})", tier),
                         arm_child(kHub, "x", "networkRuleSets", "default",
                                   R"({"publicNetworkAccess": "Disabled"})")}),
        documented());
    CHECK(verdict(differing.internet_to(differing.endpoint(kHub, "x", "namespace"), "8.8.8.8")) ==
          "unknown");
}

TEST_CASE("cognitive services and search", "[CG-1][SR-1]") {
    const std::string cognitive = "Microsoft.CognitiveServices/accounts";
    const std::string search = "Microsoft.Search/searchServices";
    const std::string action = "#/properties/networkAcls/defaultAction";
    check(cognitive, "account",
          {"vector 9: deny and no rules is closed", R"({"networkAcls": {"defaultAction": "Deny"}})",
           "8.8.8.8", "dropped", action});
    check(cognitive, "account", {"no list is open", "{}", "8.8.8.8", "delivered", action});
    check(search, "searchService",
          {"no rules is open", R"({"networkRuleSet": {"ipRules": []}})", "8.8.8.8", "delivered",
           "#/properties/publicNetworkAccess"});
    check(search, "searchService",
          {"a list", R"({"networkRuleSet": {"ipRules": [{"value": "9.9.9.9"}]}})", "8.8.8.8",
           "dropped", ""});
    check(search, "searchService",
          {"off",
           R"({"publicNetworkAccess": "disabled", "networkRuleSet": {"ipRules":
            [{"value": "8.8.8.8"}]}})",
           "8.8.8.8", "dropped", "#/properties/publicNetworkAccess"});
}

TEST_CASE("clusters: authorised ranges of the API server", "[AK-1][AK-2][AK-3]") {
    const auto ranges = [](const std::string& list) {
        return R"({"apiServerAccessProfile": {"authorizedIPRanges": [)" + list + "]}}";
    };
    const std::string list = "#/properties/apiServerAccessProfile/authorizedIPRanges";
    const auto row = GENERATE_COPY(values<Row>({
        {"none: anyone", "{}", "8.8.8.8", "delivered", list},
        {"a range", ranges(R"("8.8.8.0/24")"), "8.8.8.8", "delivered", list + "/0"},
        {"another range", ranges(R"("9.9.9.9/32")"), "8.8.8.8", "dropped", ""},
        {"vector 16: only its own way out", ranges(R"("0.0.0.0/32")"), "8.8.8.8", "dropped", ""},
        {"vector 16: perhaps its own way out", ranges(R"("0.0.0.0/32")"), "vm1", "unknown", ""},
        {"private", R"({"apiServerAccessProfile": {"enablePrivateCluster": true}})", "8.8.8.8",
         "dropped", "#/properties/apiServerAccessProfile/enablePrivateCluster"},
        {"a tag", ranges(R"("AppService")"), "20.64.0.1", "delivered", list + "/0"},
    }));
    check(kCluster, "management", row);
}

TEST_CASE("caches, devices, topics, and what has a switch only", "[RD-1][DF-1][IO-1][XX-1]") {
    const std::string on_off = "#/properties/publicNetworkAccess";
    const std::string disabled = R"({"publicNetworkAccess": "Disabled"})";
    const std::string redis = "Microsoft.Cache/Redis";
    check(redis, "redisCache", {"no rules: open", "{}", "8.8.8.8", "delivered", on_off}, "", 6380);
    check(redis, "redisCache",
          {"injected", R"({"subnetId": "/x"})", "8.8.8.8", "dropped", "#/properties/subnetId"}, "",
          6380);
    const std::string factory = "Microsoft.DataFactory/factories";
    check(factory, "dataFactory", {"open", "{}", "8.8.8.8", "delivered", on_off});
    check(factory, "dataFactory", {"off", disabled, "8.8.8.8", "dropped", on_off});
    const std::string hub = "Microsoft.Devices/IotHubs";
    const std::string set = R"({"networkRuleSets": {"defaultAction": "Deny",
        "applyToBuiltInEventHubEndpoint": false, "ipRules": []}})";
    check(hub, "iotHub",
          {"a rule set", set, "8.8.8.8", "dropped", "#/properties/networkRuleSets/defaultAction"});
    check(hub, "events",
          {"not the built-in endpoint", set, "8.8.8.8", "delivered",
           "#/properties/networkRuleSets/applyToBuiltInEventHubEndpoint"});
    check(hub, "iotHub",
          {"legacy filters in their order",
           R"({"ipFilterRules": [{"ipMask": "8.8.8.8", "action": "Reject"},
               {"ipMask": "8.8.8.0/24", "action": "Accept"}]})",
           "8.8.8.8", "dropped", "#/properties/ipFilterRules/0"});
    check(hub, "iotHub",
          {"whom no filter names",
           R"({"ipFilterRules": [{"ipMask": "9.9.9.9", "action": "Reject"}]})", "8.8.8.8",
           "delivered", on_off});
    check("Microsoft.EventGrid/topics", "topic",
          {"rules", R"({"inboundIpRules": [{"ipMask": "9.9.9.9"}]})", "8.8.8.8", "dropped", ""});
    const std::string thing = "Contoso.Things/things";
    check(thing, "service", {"a type without a row, off", disabled, "8.8.8.8", "dropped", on_off});
    check(thing, "service",
          {"a type without a row, on", R"({"publicNetworkAccess": "Enabled"})", "8.8.8.8",
           "unknown", ""});
}

TEST_CASE("a packet of a service endpoint's route comes by that entry alone", "[SE-3]") {
    const ServiceAsked asked(
        with(network().service_endpoint("v/b", "Microsoft.Storage").tag("Storage", "20.60.0.0/16"),
             {arm("Microsoft.Storage/storageAccounts", "st",
                  R"({"publicNetworkAccess": "Enabled"})", R"(, "kind": "StorageV2")")}),
        documented());
    const Reachability reachability(asked.network);
    const Endpoints endpoints(asked.network);
    const QueryAnswer answer = query(asked.network, reachability, endpoints, "vm2", "st/blob",
                                     "tcp/443", *parse_service("tcp/443"), {});
    CHECK(answer.verdict == QueryVerdict::reachable);
    REQUIRE(answer.entries.size() == 2);
    CHECK(answer.entries[0].kind == QueryEntry::Kind::public_endpoint);
    CHECK(answer.entries[0].answer.verdict == QueryVerdict::blocked);
    CHECK(answer.entries[1].kind == QueryEntry::Kind::service_endpoint);
    CHECK(answer.entries[1].answer.verdict == QueryVerdict::reachable);
}
