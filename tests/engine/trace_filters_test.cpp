// Section 1 of the network reference: security groups, one packet at a time.
#include "tests/engine/trace_support.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

/// vm1 (10.0.1.4, 20.0.0.1) and vm2 (10.0.2.4) in two subnets of one VNet.
SnapshotBuilder pair() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/b", "10.0.2.0/24");
    b.vm("vm1", "v/a", "10.0.1.4").vm("vm2", "v/b", "10.0.2.4");
    return b;
}

}  // namespace

TEST_CASE("the lowest priority number that matches decides", "[N1][N2][X2]") {
    SnapshotBuilder b = pair();
    b.group("g", {"200 in allow tcp * -> * 22", "100 in deny tcp VirtualNetwork -> * 22",
                  "300 in deny tcp * -> * 80", "250 in allow tcp * -> * 80"});
    b.attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "dropped");
    const TraceResult web = asked.from_vm("vm1", "10.0.2.4", Asked::tcp(80));
    CHECK(verdict(web) == "delivered");
    CHECK(web.walk.by.priority == 250);
}

TEST_CASE("rules of one priority may stand in either order", "[N1]") {
    SnapshotBuilder b = pair();
    b.group("g", {"100 in allow tcp * -> * 22", "100 in deny tcp 10.0.1.0/24 -> * 22"});
    b.attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22));
    CHECK(verdict(result) == "unknown");
    REQUIRE(result.depends_on.size() == 1);
    CHECK(result.depends_on.front().key == FactKey::tie);
}

TEST_CASE("a rule is the product of its five fields and looks at nothing else", "[N3][N17][N20]") {
    SnapshotBuilder b = pair();
    b.group("g", {"100 in allow udp 10.0.1.4 -> 10.0.2.4 53,1000-2000 from 49152-49200",
                  "200 in deny any * -> * *"});
    b.attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::udp(53))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::udp(1000))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::udp(2000))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::udp(2001))) == "dropped");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(53))) == "dropped");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", {kUdp, 49201, 53})) == "dropped");
}

TEST_CASE("six default rules close every group", "[N4][N5]") {
    SnapshotBuilder b = pair();
    b.group("g").attach("g", "v/b").attach("g", "v/a").public_ip("vm2", "20.0.0.2");
    const Asked asked(std::move(b), documented());
    const TraceResult inside = asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22));
    CHECK(verdict(inside) == "delivered");
    CHECK(decider(inside) == "AllowVnetInBound");
    const TraceResult outside = asked.from_internet("8.8.8.8", "20.0.0.2", Asked::tcp(22));
    CHECK(verdict(outside) == "dropped");
    CHECK(decider(outside) == "DenyAllInBound");
    CHECK(reason(outside) == "NSG_DEFAULT_DENY");
    const TraceResult out = asked.from_vm("vm1", "8.8.8.8", Asked::tcp(443));
    CHECK(decider(out) == "AllowInternetOutBound");
}

TEST_CASE("an unrouted private address is neither VirtualNetwork nor Internet", "[N6]") {
    SnapshotBuilder b = pair();
    b.group("g").attach("g", "v/a");
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_vm("vm1", "172.31.0.100", Asked::tcp(80));
    CHECK(verdict(result) == "dropped");
    CHECK(decider(result) == "DenyAllOutBound");
}

TEST_CASE("subnet group and NIC group must both allow", "[N7][N11]") {
    SnapshotBuilder b = pair();
    b.group("subnet", {"100 in allow tcp Internet -> * 80"}).attach("subnet", "v/b");
    b.group("nic").attach("nic", "vm2").public_ip("vm2", "20.0.0.2");
    const Asked asked(std::move(b), documented());
    // Worked check N-a: the NIC group's 65500 denies.
    const TraceResult result = asked.from_internet("8.8.8.8", "20.0.0.2", Asked::tcp(80));
    CHECK(verdict(result) == "dropped");
    CHECK(result.walk.by.id ==
          SnapshotBuilder::group_id("nic").child("defaultSecurityRules", "DenyAllInBound"));
    // Inbound the subnet group stands first, outbound the NIC group.
    REQUIRE(result.walk.path.size() >= 2);
    const TraceResult out = asked.from_vm("vm2", "10.0.1.4", Asked::tcp(80));
    CHECK(out.walk.path[0].at == SnapshotBuilder::nic_id("vm2"));
    CHECK(out.walk.path[1].at == SnapshotBuilder::subnet_id("v/b"));
}

TEST_CASE("a missing attachment filters nothing", "[N8][N12][N15]") {
    const Asked asked(pair(), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "8.8.8.8", Asked::tcp(443))) == "delivered");
}

TEST_CASE("two NICs of one subnet pass the same filters as two subnets", "[N9]") {
    SnapshotBuilder b = pair();
    b.vm("vm3", "v/b", "10.0.2.5").group("g", {"100 in deny any * -> * *"}).attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm2", "10.0.2.5", Asked::tcp(22))) == "dropped");
}

TEST_CASE("one group reads differently where tags mean something else", "[N10][T8]") {
    SnapshotBuilder b = pair();
    b.vnet("other", "10.9.0.0/16")
        .subnet("other/x", "10.9.0.0/24")
        .vm("far", "other/x", "10.9.0.4");
    b.group("g").attach("g", "v/a").attach("g", "other/x");
    b.routes("v/a", {"192.0.2.0/24 internet"});
    const Asked asked(std::move(b), documented());
    const auto tag = [&](const char* vm) {
        const SubnetIndex subnet =
            asked.network.configurations()[config_of(asked.network, vm)].subnet;
        return bounds_of(asked.network.filters().expand_tag("VirtualNetwork", subnet)).must;
    };
    CHECK(tag("vm1").contains(address("192.0.2.1")));
    CHECK_FALSE(tag("far").contains(address("192.0.2.1")));
    CHECK(tag("far").contains(address("10.9.1.1")));
    CHECK_FALSE(tag("vm1").contains(address("10.9.1.1")));
}

TEST_CASE("a Standard public address without any group is closed, a Basic one open",
          "[N13][X5][X6][E3]") {
    for (const bool basic : {false, true}) {
        SnapshotBuilder b = pair();
        b.public_ip("vm2", "20.0.0.2", basic ? Sku::basic : Sku::standard);
        const Asked asked(std::move(b), documented());
        const TraceResult result = asked.from_internet("8.8.8.8", "20.0.0.2", Asked::tcp(22));
        CHECK(verdict(result) == (basic ? "delivered" : "dropped"));
        CHECK(reason(result) == (basic ? "DELIVERED" : "STANDARD_SKU_CLOSED"));
        // Worked check N-b: out and from peers it is open.
        CHECK(verdict(asked.from_vm("vm2", "8.8.8.8", Asked::tcp(22))) == "delivered");
        CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "delivered");
    }
}

TEST_CASE("an internal Standard frontend without groups is not closed, as documented", "[N14]") {
    const auto build = [] {
        SnapshotBuilder b = pair();
        b.balancer("lb", "10.0.2.100", "v/b");
        LbRuleOptions rule;
        rule.port = rule.to_port = 80;
        rule.members = {"vm2"};
        b.balance("lb", rule);
        return b;
    };
    const Asked asked(build(), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.100", Asked::tcp(80))) == "delivered");
    const Asked closed(build(), documented({"internal-lb-closed-without-nsg=yes"}));
    CHECK(reason(closed.from_vm("vm1", "10.0.2.100", Asked::tcp(80))) == "STANDARD_SKU_CLOSED");
    const Asked open(build(), strict());
    CHECK(verdict(open.from_vm("vm1", "10.0.2.100", Asked::tcp(80))) == "unknown");
}

TEST_CASE("an address side is the union of what it lists", "[N16][N18]") {
    SnapshotBuilder b = pair();
    b.group("g", {"100 in deny tcp 10.0.1.9,10.0.1.4/32,192.0.2.0/24 -> * 22",
                  "110 in allow tcp 0.0.0.0/0 -> * 22"});
    b.attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "dropped");
}

TEST_CASE("protocol words mean their protocols", "[N21][N25]") {
    SnapshotBuilder b = pair();
    b.group("g", {"100 in allow esp * -> * *", "110 in allow ah * -> * *",
                  "120 in allow icmp * -> * *", "200 in deny any * -> * *"});
    b.attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", {kEsp, 0, 0})) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", {kAh, 0, 0})) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::ping())) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(80))) == "dropped");
}

TEST_CASE("whether * covers other protocols than TCP, UDP and ICMP is open in strict", "[N22]") {
    for (const char* reading : {"strict", "documented"}) {
        SnapshotBuilder b = pair();
        b.group("g", {"100 in deny any * -> * *"}).attach("g", "v/b");
        const bool is_strict = std::string(reading) == "strict";
        const Asked asked(std::move(b), is_strict ? strict() : documented());
        CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::ping())) == "dropped");
        const TraceResult gre = asked.from_vm("vm1", "10.0.2.4", {47, 0, 0});
        CHECK(verdict(gre) == "dropped");  // denied, or dropped by the platform
        const TraceResult back = asked.from_vm("vm2", "10.0.1.4", {47, 0, 0});
        // Allowed by the default rules only if "*" covers it.
        CHECK(verdict(back) == (is_strict ? "unknown" : "delivered"));
    }
}

TEST_CASE("the ports of a rule and an ICMP packet", "[N23]") {
    const auto build = [] {
        SnapshotBuilder b = pair();
        b.group("g", {"100 in deny icmp * -> * 22", "110 in allow icmp * -> * *"})
            .attach("g", "v/b");
        return b;
    };
    const Asked documented_reading(build(), documented());
    CHECK(verdict(documented_reading.from_vm("vm1", "10.0.2.4", Asked::ping())) == "dropped");
    const Asked ports_matter(build(), documented({"icmp-ignores-ports=no"}));
    CHECK(verdict(ports_matter.from_vm("vm1", "10.0.2.4", Asked::ping())) == "delivered");
    const Asked open(build(), strict());
    const TraceResult result = open.from_vm("vm1", "10.0.2.4", Asked::ping());
    CHECK(verdict(result) == "unknown");
    REQUIRE(result.depends_on.size() == 1);
    CHECK(open.network.facts().name(result.depends_on.front()) == "icmp-ignores-ports");
}

TEST_CASE("an application security group is its members' addresses", "[N26][N27][N28][N29]") {
    SnapshotBuilder b = pair();
    b.vm("vm3", "v/b", "10.0.2.5").in_asg("vm2", "app").in_asg("vm1", "web");
    b.group("g", {"100 in allow tcp asg:web -> asg:app 8443", "200 in deny any * -> * *"});
    b.attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(8443))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.5", Asked::tcp(8443))) == "dropped");
    CHECK(verdict(asked.from_vm("vm3", "10.0.2.4", Asked::tcp(8443))) == "dropped");
}

TEST_CASE("a member behind source translation no longer matches its group", "[N30][N45]") {
    SnapshotBuilder b = pair();
    b.in_asg("vm1", "web").public_ip("vm1", "20.0.0.1").public_ip("vm2", "20.0.0.2");
    b.group("g", {"100 in allow tcp asg:web -> * 443"}).attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(443))) == "delivered");
    // By the public address the receiver sees 20.0.0.1, which is neither member nor VirtualNetwork.
    const TraceResult hairpin = asked.from_vm("vm1", "20.0.0.2", Asked::tcp(443));
    CHECK(verdict(hairpin) == "dropped");
    CHECK(decider(hairpin) == "DenyAllInBound");
}

TEST_CASE("members whose addresses are not known may be any of the subnet", "[N31][X13][N32]") {
    SnapshotBuilder b = pair();
    b.vm("vmss", "v/a", "").in_asg("vmss", "web");
    b.group("g", {"100 in allow tcp asg:web -> * 443", "200 in deny any * -> * *"})
        .attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(443))) == "unknown");
    CHECK(verdict(asked.from_vm("vm2", "10.0.2.4", Asked::tcp(443))) == "dropped");
}

TEST_CASE("the reply of an allowed flow needs no rule", "[N33][N34][N35][N36][N37]") {
    SnapshotBuilder b = pair();
    b.group("a", {"100 in deny any * -> * *"}).attach("a", "v/a");
    b.group("b", {"100 in allow tcp 10.0.1.4 -> * 80", "110 out deny any * -> * *"});
    b.attach("b", "v/b");
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_vm("vm1", "10.0.2.4", Asked::tcp(80));
    CHECK(verdict(result) == "delivered");
    CHECK(reply(result) == "delivered");
    // Of its own accord vm2 sends nothing.
    CHECK(verdict(asked.from_vm("vm2", "10.0.1.4", Asked::tcp(80))) == "dropped");
}

TEST_CASE("platform traffic is not filtered by ordinary rules", "[N38][N39][N40][X12][R21][T20]") {
    SnapshotBuilder b = pair();
    b.group("g", {"100 out deny any * -> * *"}).attach("g", "v/a");
    b.routes("v/a", {"0.0.0.0/0 none"});
    const Asked asked(std::move(b), documented());
    for (const Service service :
         {Asked::udp(53), Asked::tcp(53), Asked::tcp(80), Asked::tcp(32526)}) {
        const TraceResult result = asked.from_vm("vm1", "168.63.129.16", service);
        CHECK(verdict(result) == "delivered");
        CHECK(result.walk.path.back().reason == Reason::platform_exempt);
    }
    CHECK(verdict(asked.from_vm("vm1", "169.254.169.254", Asked::tcp(80))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "168.63.129.16", Asked::tcp(443))) == "dropped");
}

TEST_CASE("a Deny that names the platform tag stops platform traffic", "[N38][T20]") {
    SnapshotBuilder b = pair();
    b.group("g", {"100 out deny any * -> AzurePlatformDNS *",
                  "110 out deny any * -> AzurePlatformIMDS *"});
    b.attach("g", "v/a");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "168.63.129.16", Asked::udp(53))) == "dropped");
    CHECK(verdict(asked.from_vm("vm1", "168.63.129.16", Asked::tcp(80))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "169.254.169.254", Asked::tcp(80))) == "dropped");
}

TEST_CASE("inbound rules see the private address, outbound rules the public one",
          "[N41][N42][E1]") {
    SnapshotBuilder b = pair();
    // Worked check N-d: the Deny to the public address never matches.
    b.group("g", {"100 in deny any Internet -> 20.0.0.2 *", "110 in allow tcp * -> * 22"});
    b.attach("g", "v/b").public_ip("vm2", "20.0.0.2").public_ip("vm1", "20.0.0.1");
    b.group("out", {"100 out deny tcp * -> 10.0.2.4 22"}).attach("out", "v/a");
    const Asked asked(std::move(b), documented());
    const TraceResult in = asked.from_internet("8.8.8.8", "20.0.0.2", Asked::tcp(22));
    CHECK(verdict(in) == "delivered");
    CHECK(in.walk.final_packet.dst == address("10.0.2.4"));
    CHECK(in.walk.final_packet.src == address("8.8.8.8"));
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "dropped");
    CHECK(verdict(asked.from_vm("vm1", "20.0.0.2", Asked::tcp(22))) == "delivered");
}

TEST_CASE("groups behind a load balancer see client and backend", "[N42][N43][E5]") {
    SnapshotBuilder b = pair();
    b.balancer("lb", "10.0.2.100", "v/b");
    LbRuleOptions rule;
    rule.port = 80;
    rule.to_port = 8080;
    rule.members = {"vm2"};
    b.balance("lb", rule);
    b.group("in", {"100 in allow tcp 10.0.1.4 -> 10.0.2.4 8080", "200 in deny any * -> * *"});
    b.attach("in", "v/b");
    b.group("out", {"100 out allow tcp * -> 10.0.2.100 80", "200 out deny any * -> * *"});
    b.attach("out", "v/a");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.100", Asked::tcp(80))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(8080))) == "dropped");
}

TEST_CASE("floating IP: which destination the group sees is contested", "[N44][E12]") {
    const auto build = [] {
        SnapshotBuilder b = pair();
        b.balancer("lb", "10.0.2.100", "v/b");
        LbRuleOptions rule;
        rule.port = rule.to_port = 80;
        rule.members = {"vm2"};
        rule.floating_ip = true;
        b.balance("lb", rule);
        b.group("in", {"100 in allow tcp * -> 10.0.2.100 80", "200 in deny any * -> * *"});
        b.attach("in", "v/b");
        return b;
    };
    const Asked open(build(), strict());
    CHECK(verdict(open.from_vm("vm1", "10.0.2.100", Asked::tcp(80))) == "unknown");
    const Asked frontend(build(), strict({"floating-ip-nsg-sees-frontend=yes"}));
    CHECK(verdict(frontend.from_vm("vm1", "10.0.2.100", Asked::tcp(80))) == "delivered");
}

TEST_CASE("a group on a subnet with an intent policy proves no block", "[N46][N47]") {
    SnapshotBuilder b = pair();
    b.group("g", {"100 in deny any * -> * *"}).attach("g", "v/b");
    b.edit().virtual_networks.begin()->second.subnets.back().delegations = {
        "Microsoft.Databricks/workspaces"};
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22));
    CHECK(verdict(result) == "unknown");
}

TEST_CASE("a referenced group that was not read decides nothing", "[J4][Z1][Z2]") {
    SnapshotBuilder b = pair();
    b.attach("not-exported", "v/b");
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22));
    CHECK(verdict(result) == "unknown");
    REQUIRE(result.depends_on.size() == 1);
    CHECK(asked.network.facts().name(result.depends_on.front()) ==
          "AZR9001 " + SnapshotBuilder::group_id("not-exported").text());
}

TEST_CASE("an unsure Allow adds to MAY only, an unsure Deny takes from MUST", "[Z3]") {
    SnapshotBuilder b = pair();
    b.group("g", {"100 in allow tcp Unheard.Of -> * 22", "110 in deny tcp * -> * 22",
                  "120 in deny tcp Unheard.Of -> * 80", "130 in allow tcp * -> * 80",
                  "140 in deny tcp Unheard.Of -> * 81"});
    b.attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "unknown");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(80))) == "unknown");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(443))) == "delivered");
}

TEST_CASE("a tag may hold the source and not the destination", "[T3][Z2]") {
    // Denied when the source is in the tag, else allowed when the destination is: four worlds.
    SnapshotBuilder b = pair();
    b.group("g", {"100 in deny tcp Unheard.Of -> * 22", "110 in allow tcp * -> Unheard.Of 22",
                  "120 in deny any * -> * *"});
    b.attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "unknown");
}

TEST_CASE("whether an Icmp rule takes ICMPv6 is open in strict", "[N24]") {
    const auto matched = [](Assumptions assumptions) {
        SnapshotBuilder b = pair();
        b.group("g", {"100 in allow icmp * -> * *", "200 in deny any * -> * *"}).attach("g", "v/b");
        const Asked asked(std::move(b), std::move(assumptions));
        return verdict(asked.from_vm("vm1", "10.0.2.4", {kIcmpv6, 128, 0}));
    };
    CHECK(matched(documented()) == "dropped");
    CHECK(matched(documented({"icmp-matches-icmpv6=yes"})) == "delivered");
    CHECK(matched(strict({"star-protocol-all=yes"})) == "unknown");
}
