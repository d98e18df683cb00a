// Verdicts: the order of the contract, witnesses, what a verdict depends on.
#include "src/engine/query.hpp"

#include "src/arm/import.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/snapshot_builder.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

struct Session {
    Session(SnapshotBuilder b, Assumptions assumptions)
        : builder(std::move(b)),
          network(builder.snapshot(), std::move(assumptions)),
          reachability(network),
          endpoints(network) {}

    QueryAnswer ask(std::string_view from, std::string_view to,
                    std::string_view service = "any") const {
        TraceOptions options;
        options.blockers = true;
        return query(network, reachability, endpoints, from, to, service, *parse_service(service),
                     options);
    }
    std::string verdict(std::string_view from, std::string_view to,
                        std::string_view service = "any") const {
        return std::string(to_string(ask(from, to, service).verdict));
    }
    std::vector<std::string> facts(const QueryAnswer& answer) const {
        std::vector<std::string> names;
        for (const Fact fact : answer.depends_on) {
            names.push_back(network.facts().name(fact));
        }
        return names;
    }

    SnapshotBuilder builder;
    Network network;
    Reachability reachability;
    Endpoints endpoints;
};

SnapshotBuilder two_subnets() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/b", "10.0.2.0/24");
    b.group("default").attach("default", "v/a").attach("default", "v/b");
    b.vm("vm1", "v/a", "10.0.1.4").vm("vm2", "v/b", "10.0.2.4");
    return b;
}

SnapshotBuilder hub_and_spokes() {
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/nva", "10.0.0.0/24").vm("nva", "hub/nva", "10.0.0.4");
    b.forwarding("nva");
    b.vnet("s1", "10.1.0.0/16").subnet("s1/a", "10.1.0.0/24").vm("vm1", "s1/a", "10.1.0.4");
    b.vnet("s2", "10.2.0.0/16").subnet("s2/a", "10.2.0.0/24").vm("vm2", "s2/a", "10.2.0.4");
    PeeringOptions options;
    options.b_forwarded = true;
    b.peer("hub", "s1", options).peer("hub", "s2", options);
    b.routes("s1/a", {"10.2.0.0/16 appliance 10.0.0.4"});
    b.routes("s2/a", {"10.1.0.0/16 appliance 10.0.0.4"});
    return b;
}

std::vector<std::string> names(std::initializer_list<const char*> list) {
    return {list.begin(), list.end()};
}

}  // namespace

TEST_CASE("everything asked arrives and is answered: reachable", "[query][X1]") {
    for (const bool strict_reading : {false, true}) {
        const Session s(two_subnets(), strict_reading ? strict() : documented());
        const QueryAnswer answer = s.ask("vm1", "vm2", "tcp/443");
        CHECK(answer.verdict == QueryVerdict::reachable);
        REQUIRE(answer.witness);
        CHECK(*answer.witness ==
              Packet{address("10.0.1.4"), address("10.0.2.4"), {kTcp, 49152, 443}});
        CHECK(answer.return_verdict == PacketVerdict::delivered);
        CHECK(answer.possible.empty());
        CHECK(answer.allowed.contains(*answer.witness));
        CHECK(answer.depends_on.empty());
        CHECK(s.verdict("vm1", "vm2") == "reachable");
        CHECK(s.verdict("v/a", "v/b") == "reachable");
        CHECK(s.verdict("v", "v") == "reachable");
    }
}

TEST_CASE("nothing may arrive: blocked, with the rules in the way", "[query][X2][N2]") {
    SnapshotBuilder b = two_subnets();
    b.group("deny", {"100 in deny any VirtualNetwork -> *"}).attach("deny", "vm2");
    const Session s(b, strict());
    const QueryAnswer answer = s.ask("vm1", "vm2");
    CHECK(answer.verdict == QueryVerdict::blocked);
    CHECK(answer.allowed.empty());
    CHECK(answer.possible.empty());
    REQUIRE_FALSE(answer.blockers.empty());
    CHECK(answer.blockers.front().by.name == "deny-100-in");
}

TEST_CASE("some of it arrives: partial", "[query][N2]") {
    SnapshotBuilder b = two_subnets();
    b.group("deny", {"100 in deny tcp VirtualNetwork -> * 22"}).attach("deny", "vm2");
    const Session s(b, documented());
    CHECK(s.verdict("vm1", "vm2") == "partial");
    CHECK(s.verdict("vm1", "vm2", "tcp/22") == "blocked");
    CHECK(s.verdict("vm1", "vm2", "tcp/443") == "reachable");
    CHECK(s.verdict("vm1", "vm2", "tcp/22,443") == "partial");
}

TEST_CASE("an internet question for a VM without a public address", "[query][X3][R32]") {
    SnapshotBuilder b = two_subnets();
    SECTION("is blocked") {
        const Session s(b, strict());
        const QueryAnswer answer = s.ask("internet", "vm2");
        CHECK(answer.verdict == QueryVerdict::blocked);
        REQUIRE_FALSE(answer.blockers.empty());
        CHECK(answer.blockers.back().reason == Reason::no_public_ip);
    }
    b.vm("nva", "v/a", "10.0.1.10").forwarding("nva");
    b.routes("v/b", {"0.0.0.0/0 appliance 10.0.1.10"});
    SECTION("is blocked where its routes lead to an appliance without a public address") {
        CHECK(Session(b, documented()).verdict("internet", "vm2") == "blocked");
    }
    b.public_ip("nva", "20.1.1.1");
    SECTION("is unknown where that appliance has one") {
        for (const bool strict_reading : {false, true}) {
            const Session s(b, strict_reading ? strict() : documented());
            const QueryAnswer answer = s.ask("internet", "vm2");
            CHECK(answer.verdict == QueryVerdict::unknown);
            CHECK(s.facts(answer) == names({"nva:10.0.1.10"}));
            CHECK_FALSE(answer.possible.empty());
        }
    }
    SECTION("is blocked again when the appliance is stated to forward") {
        CHECK(Session(b, strict({"nva:10.0.1.10=transparent"})).verdict("internet", "vm2") ==
              "blocked");
    }
}

TEST_CASE("a default route may stand in the VirtualNetwork tag", "[query][X4][Q1]") {
    SnapshotBuilder b = two_subnets();
    b.public_ip("vm2", "20.1.2.3").vm("nva", "v/a", "10.0.1.10").forwarding("nva");
    b.routes("v/b", {"0.0.0.0/0 appliance 10.0.1.10"});
    const Session s(b, strict());
    const QueryAnswer answer = s.ask("internet", "vm2", "tcp/22");
    CHECK(answer.verdict == QueryVerdict::unknown);
    const auto facts = s.facts(answer);
    CHECK(std::find(facts.begin(), facts.end(), "vnet-tag-includes-default-udr") != facts.end());
}

TEST_CASE("questions for public addresses without a group", "[query][X5][X6][N13]") {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm1", "v/a", "10.0.1.4");
    SnapshotBuilder standard = b;
    standard.public_ip("vm1", "20.1.2.3");
    SnapshotBuilder basic = b;
    basic.public_ip("vm1", "20.1.2.3", Sku::basic);
    CHECK(Session(standard, documented()).verdict("internet", "vm1") == "blocked");
    CHECK(Session(standard, strict()).verdict("internet", "vm1") == "blocked");
    CHECK(Session(basic, documented()).verdict("internet", "vm1") == "reachable");
    const Session s(basic, strict());
    const QueryAnswer answer = s.ask("internet", "vm1");
    CHECK(answer.verdict == QueryVerdict::unknown);
    CHECK(s.facts(answer) == names({"basic-sku-open"}));
}

TEST_CASE("through an appliance", "[query][X7][X8][R31]") {
    const SnapshotBuilder b = hub_and_spokes();
    CHECK(Session(b, documented()).verdict("vm1", "vm2") == "reachable");
    CHECK(Session(b, strict({"nva:10.0.0.4=transparent"})).verdict("vm1", "vm2") == "reachable");
    const Session s(b, strict());
    const QueryAnswer answer = s.ask("vm1", "vm2");
    CHECK(answer.verdict == QueryVerdict::unknown);
    CHECK(s.facts(answer) == names({"nva:10.0.0.4"}));
    CHECK_FALSE(answer.path.empty());
    CHECK(Session(b, documented({"nva:10.0.0.4=drop"})).verdict("vm1", "vm2") == "blocked");
    SnapshotBuilder off = hub_and_spokes();
    off.edit().interfaces.at(SnapshotBuilder::nic_id("nva")).ip_forwarding = false;
    CHECK(Session(off, documented()).verdict("vm1", "vm2") == "blocked");
    CHECK(Session(off, strict()).verdict("vm1", "vm2") == "blocked");
}

TEST_CASE("the asked packets arrive and no reply returns: one-way", "[query][R60][R62]") {
    SnapshotBuilder b = two_subnets();
    b.group("open", {"100 in allow tcp Internet -> * 443"}).attach("open", "v/b");
    b.public_ip("vm2", "20.1.2.3").vm("nva", "v/a", "10.0.1.10").forwarding("nva");
    b.routes("v/b", {"0.0.0.0/0 appliance 10.0.1.10"});
    const Session s(b, documented());
    const QueryAnswer answer = s.ask("internet", "vm2", "tcp/443");
    CHECK(answer.verdict == QueryVerdict::one_way);
    CHECK(answer.return_verdict == PacketVerdict::dropped);
    // A reply that only asymmetry may lose is unknown in the strict reading.
    CHECK(Session(b, strict({"nva:10.0.1.10=transparent"})).verdict("internet", "vm2", "tcp/443") ==
          "unknown");
}

TEST_CASE("a load balancer's choice is partial, not unknown", "[query][E6]") {
    SnapshotBuilder b = two_subnets();
    b.vm("web1", "v/b", "10.0.2.10").vm("web2", "v/b", "10.0.2.11").balancer("lb", "20.5.5.5");
    b.group("web", {"100 in allow tcp Internet -> * 443"}).attach("web", "v/b");
    b.balance("lb", {.port = 443, .members = {"web1", "web2"}});
    const Session s(b, documented());
    CHECK(s.verdict("internet", "20.5.5.5", "tcp/443") == "reachable");
    CHECK(s.verdict("internet", "lb", "tcp/443") == "reachable");
    CHECK(s.verdict("internet", "lb") == "partial");
    const QueryAnswer answer = s.ask("internet", "web1", "tcp/443");
    CHECK(answer.verdict == QueryVerdict::partial);
    CHECK(answer.note.find("LB_CHOICE") != std::string::npos);
    CHECK_FALSE(answer.possible.empty());
    CHECK(s.verdict("internet", "vm2", "tcp/443") == "blocked");
}

TEST_CASE("a VM is asked for by the delivered port", "[query][N42]") {
    SnapshotBuilder b = two_subnets();
    b.vm("web1", "v/b", "10.0.2.10").balancer("lb", "20.5.5.5");
    b.group("web", {"100 in allow tcp Internet -> * 8443"}).attach("web", "v/b");
    b.balance("lb", {.port = 443, .to_port = 8443, .members = {"web1"}});
    const Session s(b, documented());
    CHECK(s.verdict("internet", "web1", "tcp/8443") == "reachable");
    CHECK(s.verdict("internet", "web1", "tcp/443") == "blocked");
    CHECK(s.verdict("internet", "lb", "tcp/443") == "reachable");
    CHECK(s.verdict("internet", "lb", "tcp/8443") == "blocked");
    const QueryAnswer answer = s.ask("internet", "web1", "tcp/8443");
    REQUIRE(answer.witness);
    CHECK(answer.witness->service.b == 443);  // as sent
    CHECK(answer.witness->dst == address("20.5.5.5"));
}

TEST_CASE("prefixes ask for addresses that nobody has, too", "[query]") {
    const Session s(two_subnets(), documented());
    CHECK(s.verdict("vm1", "10.0.2.0/24", "tcp/443") == "partial");
    CHECK(s.verdict("vm1", "10.0.2.4", "tcp/443") == "reachable");
    CHECK(s.verdict("vm1", "10.0.2.5", "tcp/443") == "blocked");
    CHECK(s.verdict("vm1", "10.99.0.1", "tcp/443") == "blocked");
    CHECK(s.verdict("10.0.1.0/24", "vm2", "tcp/443") == "partial");
    CHECK(s.verdict("10.0.1.4", "vm2", "tcp/443") == "reachable");
    CHECK(s.verdict("vm1", "8.8.8.8", "tcp/443") == "reachable");
    CHECK(s.verdict("vm1", "internet", "tcp/443") == "reachable");
    CHECK(s.verdict("vm1", "internet", "icmp") == "blocked");
}

TEST_CASE("a group that was not read leaves it unknown", "[query][J4]") {
    SnapshotBuilder b = two_subnets();
    b.attach("absent", "vm2");
    for (const bool strict_reading : {false, true}) {
        const Session s(b, strict_reading ? strict() : documented());
        const QueryAnswer answer = s.ask("vm1", "vm2");
        CHECK(answer.verdict == QueryVerdict::unknown);
        REQUIRE(answer.depends_on.size() == 1);
        CHECK(answer.depends_on.front().key == FactKey::missing_resource);
    }
}

TEST_CASE("Azure DNS passes a Deny of its address", "[query][X12][N38]") {
    SnapshotBuilder b = two_subnets();
    b.group("host", {"100 out deny any * -> 168.63.129.16"}).attach("host", "vm1");
    CHECK(Session(b, strict()).verdict("vm1", "168.63.129.16", "udp/53") == "reachable");
    CHECK(Session(b, documented()).verdict("vm1", "168.63.129.16", "tcp/443") == "blocked");
}

TEST_CASE("admin rules", "[query][X11][A5]") {
    SnapshotBuilder b = two_subnets();
    b.group("deny", {"100 in deny tcp * -> * 443"}).attach("deny", "vm2");
    b.admin_rules("allow", {"v"}, {"10 in always tcp * -> * 443"});
    CHECK(Session(b, documented()).verdict("vm1", "vm2", "tcp/443") == "reachable");
    const Session s(b, strict());
    const QueryAnswer answer = s.ask("vm1", "vm2", "tcp/443");
    CHECK(answer.verdict == QueryVerdict::unknown);
    const auto facts = s.facts(answer);
    CHECK(std::find(facts.begin(), facts.end(), "admin-rules-deployed") != facts.end());
}

TEST_CASE("an unknown BGP route", "[query][X16][Q20]") {
    SnapshotBuilder b = two_subnets();
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/24", true);
    CHECK(Session(b, strict()).verdict("vm1", "10.9.0.1", "tcp/443") == "unknown");
    CHECK(Session(b, documented()).verdict("vm1", "10.9.0.1", "tcp/443") == "blocked");
    CHECK(Session(b, documented()).verdict("vm1", "172.16.0.9", "tcp/443") == "reachable");
    CHECK(Session(b, documented()).verdict("onprem", "vm1", "tcp/443") == "reachable");
}

TEST_CASE("worked checks of groups", "[query][N-a][N-b][N-c][N-d]") {
    SECTION("N-a: the NIC's default rules deny what the subnet allows") {
        SnapshotBuilder b;
        b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm1", "v/a", "10.0.1.4");
        b.group("web", {"100 in allow tcp Internet -> * 80"}).attach("web", "v/a");
        b.group("plain").attach("plain", "vm1").public_ip("vm1", "20.1.2.3");
        CHECK(Session(b, documented()).verdict("internet", "vm1", "tcp/80") == "blocked");
    }
    SECTION("N-b: no group at all") {
        SnapshotBuilder b;
        b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm1", "v/a", "10.0.1.4");
        b.public_ip("vm1", "20.1.2.3").vm("vm2", "v/a", "10.0.1.5");
        const Session s(b, documented());
        CHECK(s.verdict("internet", "vm1") == "blocked");
        CHECK(s.verdict("vm1", "internet") == "reachable");
        CHECK(s.verdict("vm2", "vm1") == "reachable");
    }
    SECTION("N-c: the appliance's own group drops forwarded internet traffic") {
        SnapshotBuilder b = hub_and_spokes();
        b.routes("s1/a", {}).group("plain").attach("plain", "nva");
        b.edit().route_tables.clear();
        b.routes("s1/a", {"0.0.0.0/0 appliance 10.0.0.4"});
        CHECK(Session(b, documented()).verdict("vm1", "8.8.8.8", "tcp/443") == "blocked");
    }
    SECTION("N-d: a rule that names the public address never matches inbound") {
        SnapshotBuilder b;
        b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm1", "v/a", "10.0.1.4");
        b.public_ip("vm1", "20.1.2.3");
        b.group("g", {"100 in deny any Internet -> 20.1.2.3", "110 in allow tcp * -> * 22"});
        b.attach("g", "v/a");
        CHECK(Session(b, documented()).verdict("internet", "vm1", "tcp/22") == "reachable");
    }
}

TEST_CASE("worked checks of routes and peerings", "[query][R-a][R-b][R-c][P-a][P-b]") {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm1", "v/a", "10.0.1.4");
    b.vnet("peer", "10.1.0.0/16").subnet("peer/a", "10.1.5.0/24").vm("vm2", "peer/a", "10.1.5.9");
    SECTION("R-b: a user route of the peer's prefix drops, a shorter one does not") {
        b.peer("v", "peer");
        SnapshotBuilder none = b;
        none.routes("v/a", {"10.1.0.0/16 none"});
        CHECK(Session(none, documented()).verdict("vm1", "vm2") == "blocked");
        SnapshotBuilder wide = b;
        wide.routes("v/a", {"10.0.0.0/8 none"});
        CHECK(Session(wide, documented()).verdict("vm1", "vm2") == "reachable");
    }
    SECTION("P-a: allowVirtualNetworkAccess false takes the remote space out of the tag") {
        PeeringOptions options;
        options.b_access = false;
        b.peer("v", "peer", options);
        b.group("plain").attach("plain", "v/a").attach("plain", "peer/a");
        const Session s(b, documented());
        CHECK(s.verdict("vm1", "vm2") == "blocked");
        CHECK(s.verdict("vm2", "vm1") == "blocked");
        b.edit()
            .virtual_networks.at(SnapshotBuilder::vnet_id("peer"))
            .subnets.front()
            .security_group = {};
        CHECK(Session(b, documented()).verdict("vm1", "vm2") == "reachable");
    }
    SECTION("P-b: peerings are not transitive") {
        b.vnet("far", "10.2.0.0/16").subnet("far/a", "10.2.0.0/24").vm("vm3", "far/a", "10.2.0.4");
        b.peer("v", "peer").peer("v", "far");
        CHECK(Session(b, documented()).verdict("vm2", "vm3") == "blocked");
        CHECK(Session(b, strict()).verdict("vm2", "vm3") == "blocked");
        CHECK(Session(b, documented()).verdict("vm1", "vm3") == "reachable");
    }
}

TEST_CASE("private endpoints in questions", "[query][X9][X10][R47]") {
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/fw", "10.0.1.0/24").subnet("hub/a", "10.0.2.0/24");
    b.vm("fw", "hub/fw", "10.0.1.4").forwarding("fw").vm("vm1", "hub/a", "10.0.2.4");
    b.vnet("spoke", "10.1.0.0/16").subnet("spoke/pe", "10.1.5.0/24").peer("hub", "spoke");
    b.routes("hub/a", {"10.1.0.0/16 appliance 10.0.1.4"});
    b.private_endpoint("pe1", "spoke/pe", "10.1.5.4");
    const auto passes_fw = [](const QueryAnswer& answer) {
        return std::any_of(answer.path.begin(), answer.path.end(),
                           [](const Hop& hop) { return hop.kind == HopKind::firewall; });
    };
    const Session direct(b, documented());
    const QueryAnswer straight = direct.ask("vm1", "pe1", "tcp/443");
    CHECK(straight.verdict == QueryVerdict::reachable);
    CHECK_FALSE(passes_fw(straight));
    b.policies("spoke/pe", PrivateEndpointPolicies::route_table);
    const Session steered(b, documented());
    const QueryAnswer around = steered.ask("vm1", "pe1", "tcp/443");
    CHECK(around.verdict == QueryVerdict::unknown);  // its replies may miss the appliance
    CHECK(passes_fw(around));
    CHECK(steered.verdict("pe1", "vm1") == "blocked");
}

TEST_CASE("nobody is asked to reach himself", "[query]") {
    SnapshotBuilder b = two_subnets();
    const Session s(b, documented());
    const QueryAnswer alone = s.ask("vm1", "vm1");
    CHECK(alone.asked_nothing);
    CHECK(alone.verdict == QueryVerdict::blocked);
    b.vm("vm3", "v/a", "10.0.1.5").group("closed", {"100 in deny any * -> *"});
    b.attach("closed", "v/a");
    CHECK(Session(b, documented()).verdict("v/a", "v/a") == "blocked");
    CHECK(Session(two_subnets(), documented()).verdict("v", "v") == "reachable");
}

TEST_CASE("every reason of a gap is named, also where outcomes are equal", "[query][Q7]") {
    const Session s(two_subnets(), strict());
    const QueryAnswer answer = s.ask("vm1", "internet", "tcp/443");
    CHECK(answer.verdict == QueryVerdict::unknown);
    const auto facts = s.facts(answer);
    CHECK(std::find(facts.begin(), facts.end(), "hidden-none-routes") != facts.end());
    CHECK(s.verdict("vm1", "8.8.8.8", "tcp/443") == "reachable");
}

TEST_CASE("of two copies of a rule either may be the right one", "[query][J2]") {
    const std::string prefix = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/";
    const auto rule = [](const char* name, int priority, const char* access) {
        return R"({"name":")" + std::string(name) + R"(","properties":{"priority":)" +
               std::to_string(priority) + R"(,"direction":"Inbound","access":")" + access +
               R"(","protocol":"*","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"*"}})";
    };
    const auto group = [&](const std::string& rules) {
        return R"({"value":[{"id":")" + prefix +
               R"(networkSecurityGroups/n","type":"Microsoft.Network/networkSecurityGroups","properties":{"securityRules":[)" +
               rules + "]}}]}";
    };
    const auto nic = [&](const char* name, const char* subnet, const char* address) {
        return R"({"id":")" + prefix + "networkInterfaces/" + name +
               R"(","type":"Microsoft.Network/networkInterfaces","properties":{"ipConfigurations":[{"name":"c","properties":{"privateIPAddress":")" +
               address + R"(","subnet":{"id":")" + prefix + "virtualNetworks/v/subnets/" + subnet +
               R"("}}}]}})";
    };
    const std::string network =
        R"({"value":[{"id":")" + prefix +
        R"(virtualNetworks/v","type":"Microsoft.Network/virtualNetworks","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"a","properties":{"addressPrefix":"10.0.1.0/24"}},{"name":"b","properties":{"addressPrefix":"10.0.2.0/24","networkSecurityGroup":{"id":")" +
        prefix + R"(networkSecurityGroups/n"}}}]}},)" + nic("na", "a", "10.0.1.4") + "," +
        nic("nb", "b", "10.0.2.4") + "]}";
    const auto verdict = [&](const std::string& one, const std::string& other,
                             const std::string& rest) {
        const Imported imported = import_texts({{"network.json", network},
                                                {"old.json", group(one + "," + rest)},
                                                {"new.json", group(other + "," + rest)}});
        const Network made(imported.snapshot, documented());
        const Reachability reachability(made);
        const Endpoints endpoints(made);
        return std::string(to_string(
            query(made, reachability, endpoints, "na", "nb", "tcp/22", *parse_service("tcp/22"))
                .verdict));
    };
    // The first denies where the second allows: neither both nor none of them.
    CHECK(verdict(rule("r", 100, "Deny"), rule("r", 200, "Allow"), rule("z", 300, "Deny")) ==
          "unknown");
    CHECK(verdict(rule("r", 100, "Allow"), rule("r", 200, "Deny"), rule("z", 300, "Allow")) ==
          "unknown");
    CHECK(verdict(rule("r", 100, "Deny"), rule("r", 200, "Deny"), rule("z", 300, "Deny")) ==
          "blocked");
}
