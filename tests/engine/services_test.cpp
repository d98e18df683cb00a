// Public endpoints of Storage, Key Vault and databases: who comes in, and by which property.
// The worked vectors are those of the services reference, section 10.
#include "tests/engine/services_support.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

const std::string kStorage = "Microsoft.Storage/storageAccounts";
const std::string kVault = "Microsoft.KeyVault/vaults";
const std::string kSql = "Microsoft.Sql/servers";
const std::string kCosmos = "Microsoft.DocumentDB/databaseAccounts";
const std::string kPostgres = "Microsoft.DBforPostgreSQL/flexibleServers";

/// v in West Europe with vm1 (v/a, a NAT gateway) and vm2 (v/b); far in East US with vm3.
SnapshotBuilder network() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/b", "10.0.2.0/24");
    b.vm("vm1", "v/a", "10.0.1.4").vm("vm2", "v/b", "10.0.2.4").nat_gateway("v/a", "20.9.0.1");
    b.vnet("far", "10.8.0.0/16", "eastus").subnet("far/a", "10.8.1.0/24");
    b.vm("vm3", "far/a", "10.8.1.4").nat_gateway("far/a", "20.9.0.3");
    b.tag("Storage", "20.60.0.0/16").tag("Storage.westeurope", "20.60.1.0/24");
    b.tag("AzureCloud", "20.0.0.0/8").tag("AzureKeyVault", "20.61.0.0/16");
    b.tag("Sql", "40.70.0.0/16").tag("Sql.westeurope", "40.70.1.0/24");
    return b;
}

std::string subnet_rule(const std::string& path, const std::string& more = "") {
    return R"({"id": ")" + SnapshotBuilder::subnet_id(path).text() + "\"" + more + "}";
}

std::string range_rule(const std::string& type, const std::string& parent, const std::string& first,
                       const std::string& last) {
    return arm_child(type, parent, "firewallRules", "r",
                     R"({"startIpAddress": ")" + first + R"(", "endIpAddress": ")" + last + "\"}");
}

}  // namespace

TEST_CASE("storage: the switch, the default action, address and subnet rules",
          "[ST-1][ST-2][ST-6][P-1][P-2][P-4][P-5][SE-5]") {
    struct Row {
        std::string given, properties, from, verdict, reason, by;
    };
    const std::string deny = R"("networkAcls": {"defaultAction": "Deny")";
    const auto row = GENERATE_COPY(values<Row>({
        {"nothing is said: open", "{}", "8.8.8.8", "delivered", "DELIVERED",
         "#/properties/networkAcls/defaultAction"},
        {"vector 7: disabled wins over the default action",
         R"({"publicNetworkAccess": "Disabled", "networkAcls": {"defaultAction": "Allow"}})",
         "8.8.8.8", "dropped", "PAAS_PUBLIC_DISABLED", "#/properties/publicNetworkAccess"},
        {"deny and no rules", "{" + deny + "}}", "8.8.8.8", "dropped", "PAAS_DENY",
         "#/properties/networkAcls/defaultAction"},
        {"a rule that names the source",
         "{" + deny + R"(, "ipRules": [{"value": "9.9.9.9"}, {"value": "8.8.8.0/24"}]}})",
         "8.8.8.8", "delivered", "DELIVERED", "#/properties/networkAcls/ipRules/1"},
        {"rules that name others", "{" + deny + R"(, "ipRules": [{"value": "9.9.9.9"}]}})",
         "8.8.8.8", "dropped", "PAAS_DENY", "#/properties/networkAcls/defaultAction"},
        {"two halves are everybody",
         "{" + deny + R"(, "ipRules": [{"value": "0.0.0.0/1"}, {"value": "128.0.0.0/1"}]}})",
         "8.8.8.8", "delivered", "DELIVERED", "#/properties/networkAcls/ipRules/0"},
        {"rules are inert while the default is allow",
         R"({"networkAcls": {"defaultAction": "Allow", "ipRules": [{"value": "9.9.9.9"}]}})",
         "8.8.8.8", "delivered", "DELIVERED", "#/properties/networkAcls/defaultAction"},
        {"a default action that is not said", R"({"networkAcls": {"bypass": "None"}})", "8.8.8.8",
         "unknown", "GAP", ""},
        {"IPv6 may not exist there", "{}", "2600::1", "unknown", "GAP", ""},
        {"IPv6 is denied like IPv4", "{" + deny + "}}", "2600::1", "dropped", "PAAS_DENY",
         "#/properties/networkAcls/defaultAction"},
        {"a subnet rule and no service endpoint: the address counts",
         "{" + deny + R"(, "virtualNetworkRules": [)" + subnet_rule("v/b") + "]}}", "vm2",
         "dropped", "PAAS_DENY", "#/properties/networkAcls/defaultAction"},
    }));
    CAPTURE(row.given);
    const ServiceAsked asked(with(network(), {arm(kStorage, "st", row.properties)}), documented());
    const PaasIndex blob = asked.endpoint(kStorage, "st", "blob");
    const TraceResult result =
        row.from == "vm2" ? asked.vm_to(blob, "vm2") : asked.internet_to(blob, row.from);
    CHECK(verdict(result) == row.verdict);
    CHECK(reason(result) == row.reason);
    CHECK(by(result) == row.by);
    CHECK(result.walk.at == resource_id(kStorage, "st").text());
}

TEST_CASE("storage: a subnet rule counts while it has succeeded", "[ST-7][SE-3][SE-5][R56]") {
    struct Row {
        std::string state, verdict;
    };
    const auto row = GENERATE(values<Row>({{R"(, "state": "Succeeded")", "delivered"},
                                           {"", "delivered"},
                                           {R"(, "state": "Failed")", "dropped"},
                                           {R"(, "state": "NetworkSourceDeleted")", "dropped"},
                                           {R"(, "state": "Provisioning")", "unknown"}}));
    CAPTURE(row.state);
    const ServiceAsked asked(with(network().service_endpoint("v/b", "Microsoft.Storage"),
                                  {arm(kStorage, "st",
                                       R"({"networkAcls": {"defaultAction": "Deny",
                                       "virtualNetworkRules": [)" +
                                           subnet_rule("v/b", row.state) + "]}}")}),
                             documented());
    const PaasIndex blob = asked.endpoint(kStorage, "st", "blob");
    const TraceResult result = asked.vm_to(blob, "vm2");
    CHECK(verdict(result) == row.verdict);
    if (row.verdict == "delivered") {
        CHECK(by(result) == "#/properties/networkAcls/virtualNetworkRules/0");
        CHECK(result.walk.final_packet.src == address("10.0.2.4"));
    }
    CHECK(verdict(asked.vm_to(blob, "vm1")) == "dropped");  // its subnet has no endpoint
}

TEST_CASE("storage: address rules and sources of the account's region", "[ST-4][ST-5][SE-4][P-6]") {
    // Vector 14.
    const std::string rules = R"({"networkAcls": {"defaultAction": "Deny", "ipRules": [
        {"value": "20.9.0.1"}, {"value": "20.9.0.3"}]}})";
    const ServiceAsked with_endpoint(
        with(network().service_endpoint("v/a", "Microsoft.Storage"), {arm(kStorage, "st", rules)}),
        documented());
    CHECK(verdict(with_endpoint.vm_to(with_endpoint.endpoint(kStorage, "st", "blob"), "vm1")) ==
          "dropped");
    const ServiceAsked strictly(with(network(), {arm(kStorage, "st", rules)}), strict());
    const PaasIndex blob = strictly.endpoint(kStorage, "st", "blob");
    const TraceResult near = strictly.vm_to(blob, "vm1");
    CHECK(verdict(near) == "unknown");
    REQUIRE(near.depends_on.size() == 1);
    CHECK(strictly.network.facts().name(near.depends_on.front()) == "storage-same-region-ip-rules");
    CHECK(verdict(strictly.vm_to(blob, "vm3")) == "delivered");
    const ServiceAsked as_documented(with(network(), {arm(kStorage, "st", rules)}), documented());
    CHECK(verdict(as_documented.vm_to(as_documented.endpoint(kStorage, "st", "blob"), "vm1")) ==
          "dropped");
}

TEST_CASE("storage: ports of an account", "[ST-9]") {
    struct Row {
        std::string given, properties, group;
        int port;
        std::string documented, strict;
    };
    const auto row = GENERATE(values<Row>({
        {"https", "{}", "blob", 443, "delivered", "delivered"},
        {"http where https only", R"({"supportsHttpsTrafficOnly": true})", "blob", 80, "dropped",
         "unknown"},
        {"http", R"({"supportsHttpsTrafficOnly": false})", "blob", 80, "delivered", "delivered"},
        {"files", "{}", "file", 445, "delivered", "delivered"},
        {"no files at the blobs", "{}", "blob", 445, "dropped", "dropped"},
        {"file transfer", R"({"isSftpEnabled": true})", "blob", 22, "delivered", "delivered"},
        {"no file transfer", "{}", "blob", 22, "dropped", "dropped"},
    }));
    CAPTURE(row.given);
    for (const bool strictly : {false, true}) {
        const ServiceAsked asked(with(network(), {arm(kStorage, "st", row.properties)}),
                                 strictly ? strict() : documented());
        const TraceResult result =
            asked.internet_to(asked.endpoint(kStorage, "st", row.group), "8.8.8.8", row.port);
        CHECK(verdict(result) == (strictly ? row.strict : row.documented));
        if (verdict(result) == "dropped") {
            CHECK(reason(result) == "PAAS_PORT");
            CHECK(result.walk.by.id.empty());
        }
    }
}

TEST_CASE("what is let in past the network", "[ST-3][ST-8][KV-3][P-3][PE-14]") {
    // Vectors 7 and 8.
    const std::string theirs =
        "/subscriptions/other/resourceGroups/x/providers/Microsoft.Network/privateEndpoints/afd";
    const ServiceAsked asked(
        with(network(), {arm(kStorage, "st",
                             R"({"publicNetworkAccess": "Disabled",
                 "networkAcls": {"defaultAction": "Allow", "bypass": "AzureServices, Logging",
                   "resourceAccessRules": [{"resourceId": "/subscriptions/s/x", "tenantId": "t"}]},
                 "privateEndpointConnections": [{"id": "c1", "properties": {
                    "privateEndpoint": {"id": ")" +
                                 theirs + R"("},
                    "privateLinkServiceConnectionState": {"status": "Approved"}}}]})"),
                         arm(kVault, "kv", R"({"publicNetworkAccess": "SecuredByPerimeter"})"),
                         arm(kStorage, "quiet", R"({"networkAcls": {"defaultAction": "Deny",
                 "bypass": "None"}})")}),
        strict());
    const auto of = [&](PaasIndex index) {
        return residuals(asked.network, asked.network.paas().endpoints()[index]);
    };
    const std::vector<Residual> open = of(asked.endpoint(kStorage, "st", "blob"));
    REQUIRE(open.size() == 3);
    CHECK(open[0].kind == Residual::Kind::trusted_services);
    CHECK(open[0].certain);
    CHECK(open[1].kind == Residual::Kind::instance);
    CHECK(open[1].who == ResourceId("/subscriptions/s/x"));
    CHECK(open[2].kind == Residual::Kind::foreign_endpoint);
    CHECK(open[2].who == ResourceId(theirs));
    CHECK(of(asked.endpoint(kVault, "kv", "vault")).empty());
    CHECK(of(asked.endpoint(kStorage, "quiet", "blob")).empty());
    // Whom the perimeter's rules let in is not known.                                     [NSP-1]
    const TraceResult secured = asked.internet_to(asked.endpoint(kVault, "kv", "vault"), "8.8.8.8");
    CHECK(to_string(secured.verdict) == "unknown");
    REQUIRE_FALSE(secured.depends_on.empty());
}

TEST_CASE("a perimeter in the snapshot leaves open whom it lets in or keeps out", "[NSP-1]") {
    const char* kPerimeter = "Microsoft.Network/networkSecurityPerimeters";
    const ServiceAsked without(
        with(network(), {arm(kVault, "kv", R"({"publicNetworkAccess": "Enabled"})"),
                         arm(kStorage, "st", R"({"publicNetworkAccess": "Disabled"})")}),
        documented());
    CHECK(to_string(
              without.internet_to(without.endpoint(kVault, "kv", "vault"), "8.8.8.8").verdict) ==
          "delivered");
    CHECK(to_string(
              without.internet_to(without.endpoint(kStorage, "st", "blob"), "8.8.8.8").verdict) ==
          "dropped");
    const ServiceAsked near(
        with(network(), {arm(kVault, "kv", R"({"publicNetworkAccess": "Enabled"})"),
                         arm(kStorage, "st", R"({"publicNetworkAccess": "Disabled"})"),
                         arm(kPerimeter, "nsp", R"({"perimeterGuid": "0"})")}),
        documented());
    CHECK(to_string(near.internet_to(near.endpoint(kVault, "kv", "vault"), "8.8.8.8").verdict) ==
          "unknown");
    CHECK(to_string(near.internet_to(near.endpoint(kStorage, "st", "blob"), "8.8.8.8").verdict) ==
          "unknown");
}

TEST_CASE("key vault: open without a list, closed by the switch", "[KV-1][KV-2][KV-4][KV-5]") {
    struct Row {
        std::string properties, verdict;
    };
    const auto row = GENERATE(values<Row>({
        {"{}", "delivered"},
        {R"({"networkAcls": {"defaultAction": "Deny"}})", "dropped"},
        {R"({"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "8.8.8.8/32"}]}})",
         "delivered"},
        {R"({"publicNetworkAccess": "disabled",
             "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "8.8.8.8/32"}]}})",
         "dropped"},
    }));
    CAPTURE(row.properties);
    const ServiceAsked asked(with(network(), {arm(kVault, "kv", row.properties)}), strict());
    CHECK(verdict(asked.internet_to(asked.endpoint(kVault, "kv", "vault"), "8.8.8.8")) ==
          row.verdict);
}

TEST_CASE("SQL: server rules, rules inside databases, all of Azure",
          "[SQ-1][SQ-2][SQ-3][SQ-4][P-5a]") {
    const std::string server = arm(kSql, "sql", R"({"publicNetworkAccess": "Enabled"})");
    const auto rule = [](const std::string& first, const std::string& last) {
        return range_rule(kSql, "sql", first, last);
    };
    struct Row {
        std::string given;
        std::vector<std::string> resources;
        std::string from, strict, documented;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"vector 10: no server rule", {server}, "8.8.8.8", "unknown", "dropped"},
        {"vector 10: off",
         {arm(kSql, "sql", R"({"publicNetworkAccess": "Disabled"})"),
          rule("0.0.0.0", "255.255.255.255")},
         "8.8.8.8",
         "dropped",
         "dropped"},
        {"vector 11: all of Azure, another tenant",
         {server, rule("0.0.0.0", "0.0.0.0")},
         "20.1.2.3",
         "delivered",
         "delivered"},
        {"vector 11: all of Azure, somebody at home",
         {server, rule("0.0.0.0", "0.0.0.0")},
         "8.8.8.8",
         "unknown",
         "dropped"},
        {"all of Azure, our own machine",
         {server, rule("0.0.0.0", "0.0.0.0")},
         "vm1",
         "delivered",
         "delivered"},
        {"a range", {server, rule("8.8.8.0", "8.8.8.255")}, "8.8.8.8", "delivered", "delivered"},
        {"the whole range",
         {server, rule("0.0.0.0", "255.255.255.255")},
         "8.8.8.8",
         "delivered",
         "delivered"},
    }));
    CAPTURE(row.given);
    for (const bool strictly : {true, false}) {
        const ServiceAsked asked(with(network(), row.resources),
                                 strictly ? strict({"unlisted-rules-none=yes"}) : documented());
        const PaasIndex endpoint = asked.endpoint(kSql, "sql", "sqlServer");
        const TraceResult result = row.from == "vm1" ? asked.vm_to(endpoint, "vm1", 1433)
                                                     : asked.internet_to(endpoint, row.from, 1433);
        CAPTURE(strictly);
        CHECK(verdict(result) == (strictly ? row.strict : row.documented));
    }
}

TEST_CASE("SQL: subnet rules that are ready, ports by connection policy",
          "[SQ-3][SQ-5][SQ-7][SQ-9]") {
    const auto server = [](const std::string& state) {
        return std::vector<std::string>{
            arm(kSql, "sql", "{}"), range_rule(kSql, "sql", "0.0.0.0", "0.0.0.0"),
            arm_child(kSql, "sql", "virtualNetworkRules", "v",
                      R"({"virtualNetworkSubnetId": ")" + SnapshotBuilder::subnet_id("v/b").text() +
                          R"(", "state": ")" + state + "\"}"),
            arm_child(kSql, "sql", "ipv6FirewallRules", "six",
                      R"({"startIPv6Address": "2600::1", "endIPv6Address": "2600::ff"})"),
            arm_child(kSql, "sql", "connectionPolicies", "default",
                      R"({"connectionType": "Redirect"})")};
    };
    const SnapshotBuilder net =
        network().service_endpoint("v/a", "Microsoft.Sql").service_endpoint("v/b", "Microsoft.Sql");
    const ServiceAsked ready(with(net, server("Ready")), documented());
    const PaasIndex endpoint = ready.endpoint(kSql, "sql", "sqlServer");
    CHECK(decider(ready.vm_to(endpoint, "vm2", 1433)) == "v");
    CHECK(verdict(ready.vm_to(endpoint, "vm1", 1433)) == "dropped");  // not by the Azure rule
    CHECK(verdict(ready.internet_to(endpoint, "20.1.1.1", 11500)) == "unknown");
    CHECK(reason(ready.internet_to(endpoint, "20.1.1.1", 1435)) == "PAAS_PORT");
    CHECK(verdict(ready.internet_to(endpoint, "2600::2", 1433)) == "unknown");
    CHECK(verdict(ready.internet_to(endpoint, "2600::1:2", 1433)) == "dropped");
    const ServiceAsked failed(with(net, server("Failed")), documented());
    CHECK(verdict(failed.vm_to(endpoint, "vm2", 1433)) == "dropped");
    const ServiceAsked open(with(net, server("Failed")), strict({"sql-database-level-rules=no"}));
    const TraceResult azure = open.vm_to(endpoint, "vm1", 1433);
    CHECK(verdict(azure) == "unknown");
    CHECK(open.network.facts().name(azure.depends_on.front()) ==
          "sql-azure-rule-covers-endpoint-subnets");
}

TEST_CASE("Cosmos: any rule makes a list, an endpoint closes while it lasts",
          "[CO-1][CO-2][CO-3][CO-4][CO-5][CO-7]") {
    const auto connected = [](const std::string& status, const std::string& more = "") {
        return R"({"privateEndpointConnections": [{"id": "c", "properties": {
            "privateEndpoint": {"id": "/subscriptions/s/x"},
            "privateLinkServiceConnectionState": {"status": ")" +
               status + R"("}}}])" + more + "}";
    };
    struct Row {
        std::string given, properties, from, strict, documented;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"nothing: open", "{}", "8.8.8.8", "delivered", "delivered"},
        {"vector 12: closed by its endpoint", connected("Approved"), "8.8.8.8", "unknown",
         "dropped"},
        {"vector 12: rejected: open again", connected("Rejected"), "8.8.8.8", "delivered",
         "delivered"},
        {"an explicit switch", connected("Approved", R"(, "publicNetworkAccess": "Disabled")"),
         "8.8.8.8", "dropped", "dropped"},
        {"address rules", R"({"ipRules": [{"ipAddressOrRange": "9.9.9.0/24"}]})", "8.8.8.8",
         "dropped", "dropped"},
        {"all of Azure", R"({"ipRules": [{"ipAddressOrRange": "0.0.0.0"}]})", "20.5.5.5",
         "delivered", "delivered"},
        {"the older list", R"({"ipRangeFilter": "9.9.9.9,8.8.8.8"})", "8.8.8.8", "delivered",
         "delivered"},
        {"a filter without rules", R"({"isVirtualNetworkFilterEnabled": true})", "8.8.8.8",
         "unknown", "unknown"},
        {"subnet rules of a filter that is off",
         R"({"virtualNetworkRules": [{"id": "/subscriptions/s/y"}]})", "8.8.8.8", "delivered",
         "delivered"},
    }));
    CAPTURE(row.given);
    for (const bool strictly : {true, false}) {
        CAPTURE(strictly);
        const ServiceAsked asked(with(network(), {arm(kCosmos, "db", row.properties)}),
                                 strictly ? strict() : documented());
        CHECK(verdict(asked.internet_to(asked.endpoint(kCosmos, "db", "Sql"), row.from)) ==
              (strictly ? row.strict : row.documented));
    }
}

TEST_CASE("Cosmos: ports, and subnets of a filter that is on", "[CO-3][CO-6]") {
    const ServiceAsked asked(with(network().service_endpoint("v/b", "Microsoft.AzureCosmosDB"),
                                  {arm(kCosmos, "db",
                                       R"({"isVirtualNetworkFilterEnabled": true,
                                       "ipRules": [{"ipAddressOrRange": "20.9.0.1"}],
                                       "virtualNetworkRules": [)" +
                                           subnet_rule("v/b") + "]}")}),
                             documented());
    const PaasIndex endpoint = asked.endpoint(kCosmos, "db", "Sql");
    CHECK(verdict(asked.vm_to(endpoint, "vm1")) == "delivered");
    CHECK(verdict(asked.vm_to(endpoint, "vm2")) == "unknown");  // the tag is not in the file
    CHECK(verdict(asked.internet_to(endpoint, "20.9.0.1", 12000)) == "unknown");
    CHECK(reason(asked.internet_to(endpoint, "20.9.0.1", 9000)) == "PAAS_PORT");
}

TEST_CASE("flexible servers: injected or public, by rules only", "[PG-1][PG-2]") {
    const auto rule = [](const std::string& first, const std::string& last) {
        return range_rule(kPostgres, "pg", first, last);
    };
    const std::string open = arm(kPostgres, "pg", "{}");
    struct Row {
        std::string given;
        std::vector<std::string> resources;
        std::string verdict, by;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"no rules", {open}, "dropped", ""},
        {"a rule", {open, rule("8.8.8.8", "8.8.8.8")}, "delivered", "r"},
        {"all of Azure", {open, rule("0.0.0.0", "0.0.0.0")}, "dropped", ""},
        {"off",
         {arm(kPostgres, "pg", R"({"network": {"publicNetworkAccess": "Disabled"}})"),
          rule("8.8.8.8", "8.8.8.8")},
         "dropped",
         "#/properties/network/publicNetworkAccess"},
        {"injected",
         {arm(kPostgres, "pg", R"({"network": {"delegatedSubnetResourceId": "/x"}})"),
          rule("8.8.8.8", "8.8.8.8")},
         "dropped",
         "#/properties/network/delegatedSubnetResourceId"},
    }));
    CAPTURE(row.given);
    const ServiceAsked asked(with(network(), row.resources), documented());
    const TraceResult result =
        asked.internet_to(asked.endpoint(kPostgres, "pg", "postgresqlServer"), "8.8.8.8", 5432);
    CHECK(verdict(result) == row.verdict);
    CHECK(by(result) == row.by);
    // Rules that no file shows: not proved to be none.
    const ServiceAsked strictly(with(network(), {open}), strict());
    CHECK(verdict(strictly.internet_to(strictly.endpoint(kPostgres, "pg", "postgresqlServer"),
                                       "8.8.8.8", 5432)) == "unknown");
}

TEST_CASE("Resource Graph holds no rules of servers: a reading does not close that", "[SQ-1]") {
    const Imported imported =
        import_text("page.json", R"({"count": 1, "data": [)" + arm(kSql, "sql", "{}") +
                                     R"(], "skip_token": null, "total_records": 1})");
    REQUIRE(imported.snapshot.paas.begin()->second.from_resource_graph);
    const Network network(imported.snapshot, documented());
    const TraceResult result = trace_to_service(
        network, Origin(Internet{}), address("8.8.8.8"),
        *network.paas().find(resource_id(kSql, "sql"), "sqlServer"), Asked::tcp(1433));
    CHECK(verdict(result) == "unknown");
}

TEST_CASE("a public endpoint has one unknown address among its tag's", "[SE-2][SE-3][T7]") {
    struct Row {
        std::string given, outbound, verdict;
    };
    const auto row = GENERATE(values<Row>({
        {"a rule for the region's tag", "100 out deny tcp * -> Storage.westeurope 443", "dropped"},
        {"a rule for another service's tag", "100 out deny tcp * -> Sql 443", "delivered"},
        {"a rule for some of its addresses", "100 out deny tcp * -> 20.60.1.0/25 443", "unknown"},
        {"a rule for the internet", "100 out deny tcp * -> Internet 443", "dropped"},
        {"a rule for nobody", "100 out deny tcp * -> 20.60.2.0/24 443", "delivered"},
    }));
    CAPTURE(row.given);
    const ServiceAsked asked(with(network().group("g", {row.outbound.c_str()}).attach("g", "v/a"),
                                  {arm(kStorage, "st", "{}")}),
                             documented());
    const TraceResult result = asked.vm_to(asked.endpoint(kStorage, "st", "blob"), "vm1");
    CHECK(verdict(result) == row.verdict);
    if (row.verdict == "unknown") {
        REQUIRE(result.depends_on.size() == 1);
        CHECK(result.depends_on.front().key == FactKey::paas_address);
    }
}

TEST_CASE("by a service endpoint past the user's route, by others along it", "[SE-2][SE-6]") {
    SnapshotBuilder net = network();
    net.vm("nva", "v/b", "10.0.2.9").forwarding("nva").nat_gateway("v/b", "20.9.0.2");
    net.routes("v/a", {"0.0.0.0/0 appliance 10.0.2.9"});
    const std::string rules =
        R"({"networkAcls": {"defaultAction": "Deny", "virtualNetworkRules": [)" +
        subnet_rule("v/b") + "]}}";
    SnapshotBuilder lent = net;
    lent.service_endpoint("v/b", "Microsoft.Storage");
    SnapshotBuilder own = lent;
    own.service_endpoint("v/a", "Microsoft.Storage");
    const ServiceAsked direct(with(own, {arm(kStorage, "st", rules)}), documented({"nva=snat"}));
    const PaasIndex blob = direct.endpoint(kStorage, "st", "blob");
    CHECK(verdict(direct.vm_to(blob, "vm1")) == "dropped");  // its own subnet is not listed
    const ServiceAsked snat(with(lent, {arm(kStorage, "st", rules)}), documented({"nva=snat"}));
    CHECK(verdict(snat.vm_to(blob, "vm1")) == "delivered");
    const ServiceAsked through(with(lent, {arm(kStorage, "st", rules)}), documented());
    CHECK(verdict(through.vm_to(blob, "vm1")) ==
          "unknown");  // forwarded unchanged: whose identity?
}
