// What two snapshots decide differently, by hand-made networks.
#include "src/engine/diff.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/snapshot_builder.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

/// web (public) and db in one network; `rules` stand in the group of web's subnet.
SnapshotBuilder two_tiers(const std::vector<std::string>& web,
                          const std::vector<std::string>& db = {}) {
    SnapshotBuilder b;
    b.vnet("net", "10.0.0.0/16").subnet("net/web", "10.0.1.0/24").subnet("net/db", "10.0.2.0/24");
    b.vm("web1", "net/web", "10.0.1.4").vm("web2", "net/web", "10.0.1.5");
    b.vm("db1", "net/db", "10.0.2.4").vm("db2", "net/db", "10.0.2.5");
    b.public_ip("web1", "20.1.2.3");
    b.group("nsg-web").attach("nsg-web", "net/web");
    b.group("nsg-db").attach("nsg-db", "net/db");
    for (const auto& [group, rules] : {std::pair("nsg-web", web), std::pair("nsg-db", db)}) {
        NetworkSecurityGroup& nsg = b.edit().security_groups.at(SnapshotBuilder::group_id(group));
        for (const std::string& text : rules) {
            SecurityRule one = rule(text);
            one.name = "rule-" + std::to_string(one.priority);
            one.id = nsg.header.id.child("securityRules", one.name);
            nsg.rules.push_back(std::move(one));
        }
    }
    return b;
}

DiffAnswer compared(const SnapshotBuilder& before, const SnapshotBuilder& after,
                    const DiffOptions& options = {}) {
    const Network a(before.snapshot(), documented());
    const Network b(after.snapshot(), documented());
    return diff(a, b, options);
}

ServiceSet tcp(std::uint16_t port) {
    return ServiceSet::ports(kTcp, PortSet::full(), PortSet::single(port));
}

}  // namespace

TEST_CASE("every kind of resource is compared", "[diff]") {
    // A new kind needs a function in src/engine/config_change.cpp, and a thought in
    // src/engine/diff_touched.cpp about what its changes can reach.
    std::size_t kinds = 0;
    Snapshot().for_each_kind([&](const auto&) { ++kinds; });
    CHECK(kinds == kKindsCompared);
}

TEST_CASE("the same snapshot twice has no difference", "[diff]") {
    const SnapshotBuilder b = two_tiers({"100 in allow tcp Internet -> * 443"});
    const DiffAnswer answer = compared(b, b);
    CHECK(answer.changes.empty());
    CHECK(answer.config.empty());
}

TEST_CASE("a rule for the internet is a new exposure, and its removal a lost one", "[diff]") {
    const SnapshotBuilder closed = two_tiers({});
    const SnapshotBuilder open = two_tiers({"110 in allow tcp Internet -> * 22"});
    const DiffAnswer answer = compared(closed, open);
    REQUIRE(answer.config.size() == 1);
    CHECK(answer.config[0].kind == ConfigChange::Kind::added);
    // The VMs reach the public address too: out by their own public address, or by one that the
    // platform lends them, which the snapshot does not know.
    REQUIRE(answer.changes.size() == 3);
    CHECK(answer.changes[1].from.name == "web1");
    CHECK(answer.changes[1].certain());
    CHECK(answer.changes[2].from.name == "db, web2");
    CHECK(answer.changes[2].after == FlowState::possible);
    CHECK_FALSE(answer.changes[2].certain());
    const FlowChange& change = answer.changes[0];
    CHECK(change.kind == FlowChange::Kind::added);
    CHECK(change.exposure());
    CHECK(change.certain());
    CHECK(change.before == FlowState::blocked);
    CHECK(change.after == FlowState::reachable);
    CHECK(change.service == tcp(22));
    CHECK(change.from.name == "internet");
    CHECK(change.from.addresses.v4 == Edges::internet_space().v4);
    CHECK(change.to.addresses == addresses("20.1.2.3"));
    CHECK(change.to.name == "web1 (20.1.2.3)");
    REQUIRE(change.witness);
    CHECK(change.witness->service.b == 22);
    REQUIRE_FALSE(change.path_after.empty());
    CHECK(change.path_after.back().decision == HopDecision::deliver);

    const DiffAnswer back = compared(open, closed);
    REQUIRE(back.changes.size() == 3);
    CHECK(back.changes[0].kind == FlowChange::Kind::lost);
    CHECK(back.changes[0].from.addresses == change.from.addresses);
    CHECK(back.changes[0].to.addresses == change.to.addresses);
    CHECK(back.changes[0].service == change.service);
}

TEST_CASE("senders and receivers of one difference are one rectangle, by name", "[diff]") {
    const DiffAnswer answer = compared(two_tiers({}, {"100 in deny tcp * -> * 1433"}),
                                       two_tiers({}, {"100 in deny tcp * -> * 1434"}));
    REQUIRE(answer.changes.size() == 2);
    CHECK(answer.changes[0].kind == FlowChange::Kind::added);
    CHECK(answer.changes[0].service == tcp(1433));
    CHECK(answer.changes[0].from.name == "net");
    CHECK(answer.changes[0].to.name == "db");
    CHECK(answer.changes[0].to.addresses == addresses("10.0.2.4,10.0.2.5"));
    CHECK(answer.changes[1].kind == FlowChange::Kind::lost);
    CHECK(answer.changes[1].service == tcp(1434));
}

TEST_CASE("what changes nothing connects the same", "[diff]") {
    struct Row {
        const char* given;
        std::vector<std::string> before, after;
    };
    const auto row = GENERATE(values<Row>({
        {"a rule renamed",
         {"100 in allow tcp Internet -> * 443"},
         {"101 in allow tcp Internet -> * 443"}},
        {"a prefix split",
         {"100 in deny tcp 10.0.2.0/24 -> * 443"},
         {"100 in deny tcp 10.0.2.0/25,10.0.2.128/25 -> * 443"}},
        {"a rule in two",
         {"100 in deny tcp 10.0.2.0/24 -> * 443"},
         {"100 in deny tcp 10.0.2.0/25 -> * 443", "101 in deny tcp 10.0.2.128/25 -> * 443"}},
        {"a shadowed rule more",
         {"100 in allow tcp Internet -> * 443"},
         {"100 in allow tcp Internet -> * 443", "200 in deny tcp Internet -> * 443"}},
        {"neighbours of one access exchanged",
         {"100 in allow tcp Internet -> * 443", "101 in allow tcp * -> * 443"},
         {"100 in allow tcp * -> * 443", "101 in allow tcp Internet -> * 443"}},
    }));
    CAPTURE(row.given);
    const DiffAnswer answer = compared(two_tiers(row.before), two_tiers(row.after));
    CHECK(answer.changes.empty());
}
