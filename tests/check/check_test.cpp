// What the verbs mean, on small networks whose answers anybody can see.
#include "tests/check/checked.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

/// web (public, 443 open to the internet), app, data behind a group that lets the app in.
SnapshotBuilder tiers() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/web", "10.0.1.0/24").subnet("v/app", "10.0.2.0/24");
    b.subnet("v/data", "10.0.3.0/24");
    b.vm("web1", "v/web", "10.0.1.4").vm("web2", "v/web", "10.0.1.5");
    b.vm("app1", "v/app", "10.0.2.4").vm("db1", "v/data", "10.0.3.4");
    b.public_ip("web1", "20.1.1.1").public_ip("web2", "20.1.1.2");
    b.group("nsg-web", {"100 in allow tcp Internet -> * 443"}).attach("nsg-web", "v/web");
    b.group("nsg-app", {"100 in allow tcp 10.0.1.0/24 -> * 8443", "4096 in deny any * -> * *"})
        .attach("nsg-app", "v/app");
    b.group("nsg-data", {"100 in allow tcp 10.0.2.0/24 -> * 1433", "4096 in deny any * -> * *"})
        .attach("nsg-data", "v/data");
    return b;
}

const std::string kSets =
    "web: {subnet: web}, app: {subnet: app}, data: {subnet: data}, vms: {type: vm}, "
    "one: {name: web1}, nothing: {name: \"nobody-*\"}";

std::string tier_status(const std::string& invariant, Assumptions assumptions = documented()) {
    return status_of(tiers(), kSets, invariant, std::move(assumptions));
}

}  // namespace

TEST_CASE("deny: nothing of the flow may arrive", "[check]") {
    CHECK(tier_status("deny: internet -> app + data") == "held");
    CHECK(tier_status("deny: internet -> web") == "violated");
    CHECK(tier_status("deny: internet -> web on tcp/22") == "held");
    CHECK(tier_status("deny: web -> data") == "held");
    CHECK(tier_status("deny: app -> data on tcp/1433") == "violated");
    CHECK(tier_status("deny: app -> data on tcp/1434") == "held");
    CHECK(tier_status("deny: \"any -> data on tcp/22,udp/53\"") == "held");
    CHECK(tier_status("deny: 10.0.1.4 -> app on tcp/8443") == "violated");
    CHECK(tier_status("deny: 10.0.1.4 -> 10.0.2.4 on tcp/8443") == "violated");
    CHECK(tier_status("deny: web - 10.0.1.0/29 -> app") == "held");
    CHECK(tier_status("deny: web & one -> app") == "violated");
    CHECK(tier_status("deny: web -> internet") == "violated");
    CHECK(tier_status("deny: vm:web1 -> vm:app1 on tcp/8443") == "violated");
}

TEST_CASE("a violation has the simplest packet, its way and exact counts", "[check]") {
    const Checked run(tiers(), "sets: {" + kSets +
                                   "}\ninvariants:\n"
                                   "  - {id: x, deny: internet + app -> web}\n");
    const InvariantResult& result = run.result("x");
    REQUIRE(result.status == InvariantStatus::violated);
    REQUIRE(result.witness);
    CHECK(result.witness->packet.service.b == 443);
    CHECK_FALSE(result.path.empty());
    REQUIRE(result.affected);
    // From the internet only 443 arrives, from the app tier everything, by the default rules.
    CHECK(result.affected->sources == Edges::internet_space().v4.count() + 1);
    CHECK(result.affected->destinations == 2);
    CHECK(result.affected->service == ServiceSet::every());
    CHECK(result.affected->destination_names == std::vector<std::string>{"web1", "web2"});
}

TEST_CASE("only: what arrives is among the permitted flows", "[check]") {
    CHECK(tier_status("only: [app -> data on tcp/1433], to: data") == "held");
    CHECK(tier_status("only: [app -> data on tcp/1434], to: data") == "violated");
    CHECK(tier_status("only: [web -> data], to: data") == "violated");
    CHECK(tier_status("only: [web -> data], to: data, on: tcp/22") == "held");
    CHECK(tier_status("only: [internet -> web on tcp/443, app + data + web -> web], to: web") ==
          "held");
    CHECK(tier_status("only: [web -> app on tcp/8443, app -> data on tcp/1433], to: app + data") ==
          "held");
    // The permitted flows meet the pairs that they name, not all of them.
    CHECK(tier_status("only: [app -> app on tcp/1433, web -> data on tcp/8443], to: app + data") ==
          "violated");
}

TEST_CASE("require: every packet of every pair arrives and is answered", "[check]") {
    CHECK(tier_status("require: web -> app on tcp/8443") == "held");
    CHECK(tier_status("require: web -> app on tcp/8443-8444") == "violated");
    CHECK(tier_status("require: web + data -> app on tcp/8443") == "violated");
    CHECK(tier_status("require: web + data -> app on tcp/8443, match: some") == "held");
    CHECK(tier_status("require: data -> app on tcp/8443, match: some") == "violated");
    CHECK(tier_status("require: internet -> web on tcp/443") == "held");
    CHECK(tier_status("require: internet -> app on tcp/443") == "violated");
    CHECK(tier_status("require: web -> web") == "held");  // nobody needs to reach himself
    CHECK(tier_status("require: web -> internet on tcp/443") == "held");
    CHECK(tier_status("require: web -> 10.0.2.9 on tcp/8443") == "violated");
}

TEST_CASE("isolate: neither way between any two", "[check]") {
    CHECK(tier_status("isolate: [web, data]") == "violated");  // web is open to its network
    CHECK(tier_status("isolate: [app, data]") == "violated");
    CHECK(tier_status("isolate: [app, data], on: tcp/22") == "held");
    CHECK(tier_status("isolate: [app, data], except: [{flow: app -> data on tcp/1433, reason: r, "
                      "owner: o, expires: never}]") == "held");
    CHECK(tier_status("isolate: [app, data], except: [{flow: data -> app on tcp/1433, reason: r, "
                      "owner: o, expires: never}]") == "violated");
}

TEST_CASE("through: what arrives has passed it", "[check]") {
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/nva", "10.0.0.0/24").vm("nva", "hub/nva", "10.0.0.4");
    b.forwarding("nva").nat_gateway("hub/nva", "20.0.0.1");
    b.vnet("s1", "10.1.0.0/16").subnet("s1/a", "10.1.0.0/24").vm("vm1", "s1/a", "10.1.0.4");
    b.vnet("s2", "10.2.0.0/16").subnet("s2/a", "10.2.0.0/24").vm("vm2", "s2/a", "10.2.0.4");
    PeeringOptions options;
    options.a_forwarded = options.b_forwarded = true;
    b.peer("hub", "s1", options).peer("hub", "s2", options);
    b.routes("s1/a", {"10.2.0.0/16 appliance 10.0.0.4", "0.0.0.0/0 appliance 10.0.0.4"});
    b.routes("s2/a", {"10.1.0.0/16 appliance 10.0.0.4"});
    const std::string sets = "nva: {name: nva}, s1: {vnet: s1}, s2: {vnet: s2}";
    const auto status = [&](const std::string& invariant, Assumptions assumptions = documented()) {
        return status_of(b, sets, invariant, std::move(assumptions));
    };
    CHECK(status("through: s1 -> s2 via nva") == "held");
    CHECK(status("through: s1 -> internet via nva") == "held");
    CHECK(status("through: s2 -> internet via nva") == "violated");
    CHECK(status("through: s1 + s2 -> internet via nva") == "violated");
    CHECK(status("deny: s1 -> s2 not via nva") == "held");
    CHECK(status("deny: s1 -> s2 via nva") == "violated");
    CHECK(status("require: s1 -> s2 on tcp/443 via nva") == "held");
    CHECK(status("require: s2 -> internet on tcp/443 via nva") == "violated");
    CHECK(status("through: s1 -> s2 via vm:vm2") == "held");  // where it arrives counts
    // What the appliance does is open in the strict reading; that it is passed is not.
    CHECK(status("through: s1 -> s2 via nva", strict()) == "held");
    CHECK(status("deny: s1 -> s2", strict()) == "unknown");
    CHECK(status("only: [s1 -> s2 via nva], to: s2, on: tcp/443",
                 documented({"onprem=172.16.0.0/12"})) == "violated");  // from the hub itself
    CHECK(status("only: [s1 -> s2 via nva, nva -> s2, s2 -> s2], to: s2") == "held");
    CHECK(status("only: [s1 -> s2 not via nva, nva -> s2], to: s2") == "violated");
}

TEST_CASE("limit: exact counts", "[check]") {
    CHECK(tier_status("limit: internet -> vms, count: destinations, max: 2") == "held");
    CHECK(tier_status("limit: internet -> vms, count: destinations, max: 1") == "violated");
    CHECK(tier_status("limit: internet -> vms, count: ports, max: 1") == "held");
    CHECK(tier_status("limit: internet -> vms, count: ports, max: 0") == "violated");
    CHECK(tier_status("limit: web -> app, count: sources, max: 2") == "held");
    CHECK(tier_status("limit: web -> app, count: pairs, max: 2") == "held");
    CHECK(tier_status("limit: web -> app, count: pairs, max: 1") == "violated");
    CHECK(tier_status("limit: web -> web, count: pairs, max: 2") == "held");
    CHECK(tier_status("limit: app -> data, count: ports, max: 1") == "held");
    const Checked run(tiers(), "sets: {" + kSets +
                                   "}\ninvariants:\n"
                                   "  - {id: pairs, limit: internet -> vms, count: pairs, max: 5}\n"
                                   "  - {id: ports, limit: web -> web, count: ports, max: 5}\n");
    CHECK(run.result("pairs").counted->first == 2 * Edges::internet_space().v4.count());
    // Every TCP and UDP port, and 254 protocols once.
    CHECK(run.result("ports").counted->first == 2 * 65536 + 254);
}

TEST_CASE("no-new and same compare with a baseline", "[check]") {
    const std::string yaml = "sets: {" + kSets +
                             "}\ninvariants:\n"
                             "  - {id: new, no-new: any -> any}\n"
                             "  - {id: new-app, no-new: any -> app}\n"
                             "  - {id: same, same: any -> any}\n"
                             "  - {id: same-app, same: any -> app}\n"
                             "  - {id: excused, no-new: any -> any, except: [{flow: web -> data on "
                             "tcp/1433, reason: r, owner: o, expires: never}]}\n";
    const SnapshotBuilder before = tiers();
    SnapshotBuilder wider = tiers();
    wider.edit()
        .security_groups.at(SnapshotBuilder::group_id("nsg-data"))
        .rules.push_back(rule("110 in allow tcp 10.0.1.0/24 -> * 1433"));
    {
        const Checked run(before, yaml, strict(), &before);
        for (const char* id : {"new", "new-app", "same", "same-app", "excused"}) {
            CHECK(run.status(id) == "held");
        }
    }
    {
        const Checked run(wider, yaml, strict(), &before);
        CHECK(run.status("new") == "violated");
        CHECK(run.status("new-app") == "held");
        CHECK(run.status("same") == "violated");
        CHECK(run.status("same-app") == "held");
        CHECK(run.status("excused") == "held");
        const InvariantResult& result = run.result("new");
        REQUIRE(result.witness);
        CHECK(result.witness->packet.dst == address("10.0.3.4"));
        CHECK(result.witness->packet.service.b == 1433);
        CHECK(result.affected->sources == 2);
        CHECK(result.affected->destinations == 1);
    }
    {
        const Checked run(before, yaml, strict(), &wider);  // closing opens nothing
        CHECK(run.status("new") == "held");
        CHECK(run.status("same") == "violated");
    }
    const Checked run(before, yaml);
    CHECK(run.status("new") == "not-asked");
    CHECK(run.status("same") == "not-asked");
}

TEST_CASE("a service counts as sent or as delivered", "[check]") {
    SnapshotBuilder b = tiers();
    b.balancer("lb", "10.0.2.100", "v/app");
    b.balance("lb", {.port = 80, .to_port = 8443, .members = {"app1"}});
    b.balancer("plb", "20.2.2.2");
    b.balance("plb", {.port = 8080, .to_port = 443, .members = {"web1"}});
    const auto status = [&](const std::string& invariant) {
        return status_of(b, kSets, invariant);
    };
    // Who reaches a NIC by a balancer in front of it reaches it.
    CHECK(status("deny: web -> app on tcp/80") == "violated");
    CHECK(status("deny: internet -> web on tcp/8080") == "violated");
    CHECK(status("only: [internet -> web on tcp/443, vms -> web], to: web") == "violated");
    CHECK(status("only: [\"internet -> web on tcp/443,8080\", vms -> web], to: web") == "held");
    CHECK(status("limit: internet -> web, count: destinations, max: 2") == "held");
}

TEST_CASE("empty sets make an invariant vacuous", "[check]") {
    CHECK(tier_status("deny: internet -> nothing") == "vacuous");
    CHECK(tier_status("deny: internet -> web & app") == "vacuous");
    CHECK(tier_status("deny: internet -> data + nothing") == "vacuous");
    CHECK(tier_status("deny: internet -> data + nothing, may-be-empty: true") == "held");
    CHECK(tier_status("deny: internet -> nothing, may-be-empty: true") == "vacuous");
    CHECK(tier_status("deny: internet -> web + nothing") == "violated");  // that is worse
    CHECK(tier_status("only: [nothing -> data], to: data, on: tcp/22") == "vacuous");
    CHECK(tier_status("only: [app -> data], to: nothing") == "vacuous");
    CHECK(tier_status("isolate: [app, nothing]") == "vacuous");
    CHECK(tier_status("require: web -> nothing") == "vacuous");
    CHECK(tier_status("limit: internet -> nothing, count: pairs, max: 1") == "vacuous");
    CHECK(tier_status("through: data -> app via nothing") == "vacuous");
    CHECK(tier_status("deny: onprem -> data") == "held");  // there is no on-premises here
}

TEST_CASE("exceptions and suppressions expire", "[check]") {
    const auto run = [](const std::string& expires) {
        return Checked(tiers(),
                       "sets: {" + kSets +
                           "}\ninvariants:\n"
                           "  - {id: used, deny: internet -> web, except: [{flow: internet -> web "
                           "on tcp/443, reason: the site, owner: me, expires: " +
                           expires +
                           "}]}\n"
                           "  - {id: idle, deny: internet -> data, except: [{flow: internet -> "
                           "data on tcp/443, reason: old, owner: me, expires: " +
                           expires +
                           "}]}\n"
                           "  - {id: suppressed, deny: internet -> web}\n"
                           "  - {id: fine, deny: internet -> data}\n"
                           "suppress:\n"
                           "  - {invariant: suppressed, reason: CHG-1, owner: me, expires: " +
                           expires +
                           "}\n"
                           "  - {invariant: fine, reason: CHG-2, owner: me, expires: " +
                           expires + "}\n",
                       documented(), nullptr, Date{2026, 11, 28});
    };
    for (const char* later : {"2026-11-28", "2027-01-01", "never"}) {
        CAPTURE(later);
        const Checked checked = run(later);
        CHECK(checked.status("used") == "held");
        CHECK(checked.status("idle") == "held");
        CHECK(checked.status("suppressed") == "suppressed");
        CHECK(checked.result("suppressed").beneath == InvariantStatus::violated);
        CHECK(checked.status("fine") == "held");
    }
    const Checked checked = run("2026-11-27");
    for (const char* id : {"used", "idle", "suppressed", "fine"}) {
        CAPTURE(id);
        CHECK(checked.status(id) == "violated");
        CHECK(checked.result(id).note.find("expired on 2026-11-27") != std::string::npos);
        CHECK(checked.result(id).note.find("me: ") != std::string::npos);
    }
}

TEST_CASE("what the snapshot cannot decide is unknown, with the deciding facts", "[check]") {
    SnapshotBuilder b = tiers();
    b.routes("v/web", {"10.9.0.0/16 none"});
    b.edit()
        .security_groups.at(SnapshotBuilder::group_id("nsg-data"))
        .rules.insert(
            b.edit().security_groups.at(SnapshotBuilder::group_id("nsg-data")).rules.begin(),
            rule("90 in allow tcp Tag.Unknown -> * 22"));
    const Checked run(
        b, "sets: {" + kSets + "}\ninvariants: [{id: x, deny: web -> data on tcp/22}]\n", strict());
    CHECK(run.status("x") == "unknown");
    REQUIRE_FALSE(run.result("x").depends_on.empty());
    CHECK(run.result("x").depends_on.front().find("Tag.Unknown") != std::string::npos);

    SnapshotBuilder standard = tiers();
    standard.subnet("v/bare", "10.0.4.0/24").vm("bare", "v/bare", "10.0.4.4");
    standard.public_ip("bare", "20.1.1.9", Sku::basic);
    const Checked basic(standard,
                        "sets: {bare: {name: bare}}\n"
                        "invariants: [{id: x, deny: internet -> bare on tcp/443}]\n",
                        strict());
    CHECK(basic.status("x") == "unknown");
    CHECK(basic.result("x").depends_on == std::vector<std::string>{"basic-sku-open"});
    CHECK(basic.result("x").held_if == std::vector<FactStatement>{{{"basic-sku-open", "no"}}});
    CHECK(basic.result("x").violated_if == std::vector<FactStatement>{{{"basic-sku-open", "yes"}}});
}

TEST_CASE("unread networks count as any", "[check]") {
    SnapshotBuilder b = tiers();
    b.vnet("partner", "10.9.0.0/16").peer("v", "partner");
    b.edit().virtual_networks.erase(SnapshotBuilder::vnet_id("partner"));
    const auto status = [&](const std::string& invariant) {
        return status_of(b, kSets, invariant);
    };
    CHECK(status("deny: any -> web on tcp/22") == "violated");  // from the network itself
    CHECK(status("only: [vms -> web, internet -> web on tcp/443], to: web") == "unknown");
    CHECK(status("deny: any -> data on tcp/22") == "held");  // the group lets nobody in
}
