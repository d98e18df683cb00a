// Private endpoints: approval on both sides, the ports of their group, where they end.
#include "src/engine/query.hpp"
#include "tests/engine/services_support.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

const std::string kStorage = "Microsoft.Storage/storageAccounts";
const std::string kSql = "Microsoft.Sql/servers";
using Status = PrivateEndpoint::Connection::Status;

SnapshotBuilder network(Status status = Status::approved) {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/pe", "10.0.2.0/24");
    b.vm("vm1", "v/a", "10.0.1.4");
    b.private_endpoint("pe", "v/pe", "10.0.2.50", status);
    return b;
}

std::string endpoint_id() { return SnapshotBuilder::id("privateEndpoints", "pe").text(); }

std::string account(const std::string& status, const std::string& properties = "") {
    return arm(kStorage, "st",
               R"({"privateEndpointConnections": [{"id": "c", "properties": {
        "privateEndpoint": {"id": ")" +
                   endpoint_id() + R"("},
        "privateLinkServiceConnectionState": {"status": ")" +
                   status + R"("}}}])" + properties + "}");
}

QueryAnswer asked_query(const Asked& asked, const std::string& from, const std::string& to,
                        const std::string& service = "tcp/443") {
    const Reachability reachability(asked.network);
    const Endpoints endpoints(asked.network);
    TraceOptions options;
    options.blockers = true;
    return query(asked.network, reachability, endpoints, from, to, service, *parse_service(service),
                 options);
}

const QueryEntry& entry(const QueryAnswer& answer, QueryEntry::Kind kind) {
    for (const QueryEntry& item : answer.entries) {
        if (item.kind == kind) {
            return item;
        }
    }
    throw std::invalid_argument("no such entry");
}

}  // namespace

TEST_CASE("a connection is approved on both sides, as far as both were read", "[PE-1][R37]") {
    struct Row {
        std::string given;
        Status consumer;
        std::string provider, verdict;
    };
    const auto row = GENERATE(values<Row>({
        {"both", Status::approved, "Approved", "delivered"},
        {"pending", Status::pending, "Pending", "dropped"},
        {"rejected", Status::rejected, "Rejected", "dropped"},
        {"disconnected", Status::disconnected, "Disconnected", "dropped"},
        {"the provider has rejected since", Status::approved, "Rejected", "unknown"},
        {"the consumer's copy is older", Status::pending, "Approved", "unknown"},
        {"only the provider says", Status::unknown, "Approved", "delivered"},
    }));
    CAPTURE(row.given);
    SnapshotBuilder b = network(row.consumer);
    b.leads_to("pe", resource_id(kStorage, "st"), "blob");
    const Asked asked(with(std::move(b), {account(row.provider)}), documented());
    const TraceResult result = asked.from_vm("vm1", "10.0.2.50", Asked::tcp(443));
    CHECK(verdict(result) == row.verdict);
    if (row.verdict == "dropped") {
        CHECK(reason(result) == "PE_NOT_APPROVED");
        CHECK(result.walk.by.id.text() == endpoint_id());
    }
}

TEST_CASE("a template says no state: automatic connections will be approved", "[PE-2]") {
    const auto endpoint = [](const char* list) {
        return R"([{"id": ")" + endpoint_id() + R"(", "name": "pe",
            "type": "Microsoft.Network/privateEndpoints", "properties": {")" +
               list + R"(": [{"name": "c", "properties": {"groupIds": ["blob"],
                 "privateLinkServiceId": "/subscriptions/s/x"}}]}}])";
    };
    const auto status_of = [&](const char* list) {
        return import_text("a.json", endpoint(list))
            .snapshot.private_endpoints.begin()
            ->second.connections.front()
            .status;
    };
    CHECK(status_of("privateLinkServiceConnections") == Status::approved);
    CHECK(status_of("manualPrivateLinkServiceConnections") == Status::unknown);
}

TEST_CASE("an endpoint leads to one sub-resource, on its ports",
          "[PE-3][PE-4][PE-5][PE-12][ST-9]") {
    struct Row {
        std::string given;
        ResourceId target;
        std::string group;
        int port;
        std::string documented, strict;
    };
    const auto row = GENERATE(values<Row>({
        {"blobs", resource_id(kStorage, "st"), "blob", 443, "delivered", "delivered"},
        {"blobs without encryption", resource_id(kStorage, "st"), "blob", 80, "dropped", "unknown"},
        {"no shell", resource_id(kStorage, "st"), "blob", 22, "dropped", "dropped"},
        {"files", resource_id(kStorage, "st"), "file", 445, "delivered", "delivered"},
        {"a vault that was not read", resource_id("Microsoft.KeyVault/vaults", "kv"), "vault", 443,
         "delivered", "delivered"},
        {"and its other ports", resource_id("Microsoft.KeyVault/vaults", "kv"), "vault", 80,
         "dropped", "dropped"},
        {"an account that was not read", resource_id(kStorage, "other"), "blob", 80, "unknown",
         "unknown"},
        {"a web app", resource_id("Microsoft.Web/sites", "app"), "sites", 80, "delivered",
         "delivered"},
        {"a slot of it", resource_id("Microsoft.Web/sites", "app"), "sites-test", 443, "delivered",
         "delivered"},
        {"a group that nobody knows", resource_id(kStorage, "st"), "glob", 443, "unknown",
         "unknown"},
        {"a type that nobody knows", resource_id("Contoso.Things/things", "t"), "thing", 9999,
         "unknown", "unknown"},
    }));
    CAPTURE(row.given);
    for (const bool strictly : {false, true}) {
        SnapshotBuilder b = network();
        b.leads_to("pe", row.target, row.group);
        // The resource's own firewall is not asked.
        const Asked asked(
            with(std::move(b), {arm(kStorage, "st", R"({"publicNetworkAccess": "Disabled"})")}),
            strictly ? strict() : documented());
        const TraceResult result = asked.from_vm("vm1", "10.0.2.50", Asked::tcp(row.port));
        CHECK(verdict(result) == (strictly ? row.strict : row.documented));
        if (verdict(result) == "dropped") {
            CHECK(reason(result) == "PE_GROUP_PORT");
            CHECK(result.walk.by.id.text() == endpoint_id());
            CHECK(result.walk.at == endpoint_id());
        }
        if (verdict(result) == "delivered") {
            const bool read = row.target == resource_id(kStorage, "st");
            CHECK(result.walk.at == (read ? row.target.text() : endpoint_id()));
        }
        if (row.documented != "unknown") {
            CHECK(verdict(asked.from_vm("vm1", "10.0.2.50", Asked::ping())) == "dropped");
        }
    }
}

TEST_CASE("SQL behind an endpoint listens where its policy says", "[SQ-6]") {
    struct Row {
        std::string policy;
        int port;
        std::string documented, strict;
    };
    const auto row = GENERATE(values<Row>({{"Proxy", 1433, "delivered", "delivered"},
                                           {"Proxy", 1434, "dropped", "unknown"},
                                           {"Redirect", 1434, "delivered", "delivered"},
                                           {"Redirect", 1432, "dropped", "dropped"}}));
    CAPTURE(row.policy, row.port);
    for (const bool strictly : {false, true}) {
        SnapshotBuilder b = network();
        b.leads_to("pe", resource_id(kSql, "sql"), "sqlServer");
        const Asked asked(
            with(std::move(b), {arm(kSql, "sql", R"({"publicNetworkAccess": "Disabled"})"),
                                arm_child(kSql, "sql", "connectionPolicies", "default",
                                          R"({"connectionType": ")" + row.policy + "\"}")}),
            strictly ? strict() : documented());
        CHECK(verdict(asked.from_vm("vm1", "10.0.2.50", Asked::tcp(row.port))) ==
              (strictly ? row.strict : row.documented));
    }
}

TEST_CASE("the group of the endpoint's subnet is asked by policy, the sender's always", "[PE-9]") {
    for (const auto policies :
         {PrivateEndpointPolicies::disabled, PrivateEndpointPolicies::security_group}) {
        SnapshotBuilder b = network();
        b.group("g", {"100 in deny any * -> * *"}).attach("g", "v/pe").policies("v/pe", policies);
        const Asked asked(std::move(b), documented());
        CHECK(verdict(asked.from_vm("vm1", "10.0.2.50", Asked::tcp(443))) ==
              (policies == PrivateEndpointPolicies::disabled ? "delivered" : "dropped"));
    }
    SnapshotBuilder b = network();
    b.group("g", {"100 out deny tcp * -> 10.0.2.50 443"}).attach("g", "v/a");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.50", Asked::tcp(443))) == "dropped");
}

TEST_CASE("no group is enforced at an IPv6 address of an endpoint", "[PE-10]") {
    SnapshotBuilder b = network();
    b.group("g", {"100 in deny any * -> * *"}).attach("g", "v/pe");
    b.policies("v/pe", PrivateEndpointPolicies::enabled);
    for (auto& [id, vnet] : b.edit().virtual_networks) {
        vnet.address_space.push_back(parse_prefix("fd00::/48")->prefix);
        for (Subnet& subnet : vnet.subnets) {
            subnet.prefixes.push_back(
                parse_prefix(subnet.header.name == "a" ? "fd00:0:0:1::/64" : "fd00:0:0:2::/64")
                    ->prefix);
        }
    }
    const Asked four(b, documented());
    CHECK(verdict(four.from_vm("vm1", "10.0.2.50", Asked::tcp(443))) == "dropped");
    for (auto& [id, nic] : b.edit().interfaces) {
        for (IpConfiguration& config : nic.configurations) {
            config.address = address(config.address == address("10.0.2.50") ? "fd00:0:0:2::50"
                                                                            : "fd00:0:0:1::4");
        }
    }
    const Asked six(b, documented());
    CHECK(verdict(six.from_vm("vm1", "fd00:0:0:2::50", Asked::tcp(443))) == "delivered");
}

TEST_CASE("a question to a service names every way into it", "[PE-6][PE-13][PE-15][SE-6]") {
    SnapshotBuilder b = network();
    b.leads_to("pe", resource_id(kStorage, "st"), "blob");
    const Asked asked(
        with(std::move(b), {account("Approved", R"(, "networkAcls": {"defaultAction": "Deny"})")}),
        documented());
    const QueryAnswer answer = asked_query(asked, "vm1", "st/blob");
    CHECK(answer.verdict == QueryVerdict::reachable);
    REQUIRE(answer.entries.size() == 2);
    CHECK(entry(answer, QueryEntry::Kind::public_endpoint).answer.verdict == QueryVerdict::blocked);
    CHECK(entry(answer, QueryEntry::Kind::private_endpoint).answer.verdict ==
          QueryVerdict::reachable);
    CHECK(answer.service_names == std::vector<std::string>{"st/blob"});
    // Another sub-resource has no endpoint, and the account's default action denies.
    CHECK(asked_query(asked, "vm1", "st/file").verdict == QueryVerdict::blocked);
    CHECK(asked_query(asked, "internet", "st/blob").verdict == QueryVerdict::blocked);
    // An endpoint does not close the public side.
    SnapshotBuilder c = network();
    c.leads_to("pe", resource_id(kStorage, "st"), "blob");
    const Asked open(with(std::move(c), {account("Approved")}), documented());
    CHECK(asked_query(open, "internet", "st/blob").verdict == QueryVerdict::reachable);
    // All sub-resources at once: only the blobs have the endpoint.
    CHECK(asked_query(asked, "vm1", "st").verdict == QueryVerdict::partial);
}

TEST_CASE("an approved endpoint of strangers leaves the internet unknown", "[PE-14][ST-10]") {
    const std::string theirs =
        "/subscriptions/other/resourceGroups/x/providers/Microsoft.Network/privateEndpoints/afd";
    const auto closed = [&](const std::string& status) {
        return arm(kStorage, "st",
                   R"({"publicNetworkAccess": "Disabled",
            "privateEndpointConnections": [{"id": "c", "properties": {
              "privateEndpoint": {"id": ")" +
                       theirs + R"("}, "groupIds": ["blob"],
              "privateLinkServiceConnectionState": {"status": ")" +
                       status + R"("}}}]})");
    };
    struct Row {
        std::string status;
        const char* own;
        QueryVerdict verdict;
    };
    const auto row = GENERATE(values<Row>({
        {"Approved", nullptr, QueryVerdict::unknown},
        {"Pending", nullptr, QueryVerdict::blocked},
        {"Approved", "own=other", QueryVerdict::blocked},
        {"Approved", "own=s", QueryVerdict::partial},
    }));
    CAPTURE(row.status, row.own == nullptr ? "" : row.own);
    const Asked asked(with(network(), {closed(row.status)}),
                      row.own == nullptr ? documented() : documented({row.own}));
    const QueryAnswer answer = asked_query(asked, "internet", "st/blob");
    CHECK(answer.verdict == row.verdict);
    if (row.verdict == QueryVerdict::unknown) {
        REQUIRE(answer.depends_on.size() == 1);
        CHECK(asked.network.facts().name(answer.depends_on.front()) == "AZR9044 " + theirs);
    }
    CHECK(asked_query(asked, "internet", "st/file").verdict == QueryVerdict::blocked);
    CHECK(asked_query(asked, "vm1", "st/blob").verdict == QueryVerdict::blocked);
}
