// Sections 3 and 4 of the network reference: routes and peerings, one packet at a time.
#include "tests/engine/trace_support.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

SnapshotBuilder one_vnet() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/b", "10.0.2.0/24");
    b.vm("vm1", "v/a", "10.0.1.4").vm("vm2", "v/b", "10.0.2.4");
    return b;
}

/// v (10.0.0.0/16) with vm1, peered with w (10.1.0.0/16) with far.
SnapshotBuilder peered(PeeringOptions options = {}) {
    SnapshotBuilder b = one_vnet();
    b.vnet("w", "10.1.0.0/16").subnet("w/x", "10.1.5.0/24").vm("far", "w/x", "10.1.5.9");
    b.peer("v", "w", options);
    return b;
}

SnapshotBuilder spokes(bool forwarding = true, bool forwarded = true) {
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/nva", "10.0.0.0/24").vm("nva", "hub/nva", "10.0.0.4");
    if (forwarding) {
        b.forwarding("nva");
    }
    b.vnet("s1", "10.1.0.0/16").subnet("s1/a", "10.1.0.0/24").vm("vm1", "s1/a", "10.1.0.4");
    b.vnet("s2", "10.2.0.0/16").subnet("s2/a", "10.2.0.0/24").vm("vm2", "s2/a", "10.2.0.4");
    PeeringOptions options;
    options.b_forwarded = forwarded;
    b.peer("hub", "s1", options).peer("hub", "s2", options);
    b.routes("s1/a", {"10.2.0.0/16 appliance 10.0.0.4"});
    b.routes("s2/a", {"10.1.0.0/16 appliance 10.0.0.4"});
    return b;
}

/// The route that a VM's subnet takes for an address.
const EffectiveRouteEntry& route(const Asked& asked, const char* vm, const char* to) {
    const SubnetIndex subnet = asked.network.configurations()[config_of(asked.network, vm)].subnet;
    return *asked.network.routes().candidates(subnet, address(to)).front();
}

}  // namespace

TEST_CASE("system routes: the VNet, the internet, private space dropped", "[R1][R2][R3][R13]") {
    const Asked asked(one_vnet(), documented());
    CHECK(route(asked, "vm1", "10.0.200.1").hop == NextHop::vnet_local);
    CHECK(route(asked, "vm1", "8.8.8.8").hop == NextHop::internet);
    CHECK(route(asked, "vm1", "2001:db8::1").hop == NextHop::internet);
    for (const char* nowhere : {"10.9.0.1", "172.16.0.1", "192.168.9.9", "100.64.0.1"}) {
        CAPTURE(nowhere);
        CHECK(route(asked, "vm1", nowhere).hop == NextHop::none);
        CHECK(reason(asked.from_vm("vm1", nowhere, Asked::tcp(80))) == "ROUTE_NONE");
    }
    const TraceResult drop = asked.from_vm("vm1", "10.9.0.1", Asked::tcp(80));
    CHECK(drop.walk.by.id.text() ==
          SnapshotBuilder::subnet_id("v/a").text() + "/systemRoutes/10.0.0.0/8");
}

TEST_CASE("hidden None prefixes withhold a certain path in strict only", "[R4]") {
    const Asked open(one_vnet(), strict());
    CHECK(verdict(open.from_vm("vm1", "40.109.1.1", Asked::tcp(443))) == "unknown");
    const Asked closed(one_vnet(), documented());
    CHECK(verdict(closed.from_vm("vm1", "40.109.1.1", Asked::tcp(443))) == "delivered");
}

TEST_CASE("a VNet as large as private space replaces its None route", "[R5]") {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/8").subnet("v/a", "10.0.1.0/24").vm("vm1", "v/a", "10.0.1.4");
    const Asked asked(std::move(b), documented());
    CHECK(route(asked, "vm1", "10.200.0.1").hop == NextHop::vnet_local);
    CHECK(route(asked, "vm1", "192.168.0.1").hop == NextHop::none);
}

TEST_CASE("a default user route takes private space along, as documented", "[R6]") {
    const auto build = [](const char* text) {
        SnapshotBuilder b = one_vnet();
        b.vm("nva", "v/b", "10.0.2.9").forwarding("nva").routes("v/a", {text});
        return b;
    };
    // Worked check R-c.
    const Asked asked(build("0.0.0.0/0 appliance 10.0.2.9"), documented());
    CHECK(route(asked, "vm1", "10.9.9.9").hop == NextHop::virtual_appliance);
    const Asked open(build("0.0.0.0/0 appliance 10.0.2.9"), strict());
    CHECK(route(open, "vm1", "10.9.9.9").hop == NextHop::none);
    CHECK_FALSE(route(open, "vm1", "10.9.9.9").when.empty());
    const Asked none(build("0.0.0.0/0 none"), documented());
    CHECK(route(none, "vm1", "10.9.9.9").hop == NextHop::none);
}

TEST_CASE("peerings give routes to the remote space, global ones by region", "[R7][P6][P14]") {
    SnapshotBuilder b = peered();
    b.vnet("z", "10.7.0.0/16", "eastus").subnet("z/x", "10.7.0.0/24").peer("v", "z");
    const Asked asked(std::move(b), documented());
    CHECK(route(asked, "vm1", "10.1.5.9").hop == NextHop::vnet_peering);
    CHECK(route(asked, "vm1", "10.7.0.9").hop == NextHop::vnet_global_peering);
    CHECK(verdict(asked.from_vm("vm1", "10.1.5.9", Asked::tcp(22))) == "delivered");
}

TEST_CASE("gateways give routes to their sites unless propagation is off", "[R8][R25][R26][R12]") {
    for (const bool propagate : {true, false}) {
        SnapshotBuilder b = peered();
        b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16");
        b.routes("v/a", {"192.0.2.0/24 none"}, propagate);
        const Asked asked(std::move(b), documented());
        CHECK(route(asked, "vm1", "172.16.1.1").hop ==
              (propagate ? NextHop::gateway : NextHop::none));
        CHECK(route(asked, "vm1", "10.1.5.9").hop == NextHop::vnet_peering);
    }
}

TEST_CASE("a service endpoint's prefixes leave straight, private source kept", "[R9][R16][R56]") {
    SnapshotBuilder b = one_vnet();
    b.tag("Storage", "20.1.0.0/16").service_endpoint("v/a", "Microsoft.Storage");
    // Worked check R-d, and R16 for a more specific user route.
    b.routes("v/a", {"0.0.0.0/0 appliance 10.0.9.4", "20.1.2.0/24 none"});
    const Asked asked(std::move(b), documented());
    for (const char* to : {"20.1.9.9", "20.1.2.3"}) {
        const TraceResult result = asked.from_vm("vm1", to, Asked::tcp(443));
        CHECK(verdict(result) == "delivered");
        CHECK(result.walk.final_packet.src == address("10.0.1.4"));
    }
    CHECK(route(asked, "vm2", "20.1.9.9").hop == NextHop::internet);
}

TEST_CASE("private endpoints have host routes in their VNet and direct peers",
          "[R10][R37][R38][R39][R44][R49]") {
    SnapshotBuilder b = peered();
    b.private_endpoint("pe", "w/x", "10.1.5.50");
    b.vnet("u", "10.8.0.0/16").subnet("u/x", "10.8.0.0/24").vm("third", "u/x", "10.8.0.4");
    b.private_endpoint("pending", "w/x", "10.1.5.51", PrivateEndpoint::Connection::Status::pending);
    const Asked asked(std::move(b), documented());
    CHECK(route(asked, "vm1", "10.1.5.50").hop == NextHop::interface_endpoint);
    CHECK(verdict(asked.from_vm("vm1", "10.1.5.50", Asked::tcp(443))) == "delivered");
    CHECK(verdict(asked.from_vm("third", "10.1.5.50", Asked::tcp(443))) == "dropped");
    CHECK(reason(asked.from_vm("vm1", "10.1.5.51", Asked::tcp(443))) == "PE_NOT_APPROVED");
}

TEST_CASE("the policy of the endpoint's subnet decides about its group and routes",
          "[R40][R41][R42][R45][R50][X9][X10]") {
    struct Row {
        PrivateEndpointPolicies policies;
        const char* udr;
        bool through_appliance;
    };
    using P = PrivateEndpointPolicies;
    const Row rows[] = {
        {P::disabled, "10.1.0.0/16 appliance 10.0.2.9", false},
        {P::route_table, "10.1.0.0/16 appliance 10.0.2.9", true},
        {P::enabled, "10.1.0.0/16 appliance 10.0.2.9", true},
        {P::security_group, "10.1.0.0/16 appliance 10.0.2.9", false},
        {P::enabled, "10.0.0.0/8 appliance 10.0.2.9", false},
        {P::disabled, "10.1.5.50/32 appliance 10.0.2.9", true},
    };
    for (const Row& row : rows) {
        SnapshotBuilder b = peered();
        b.private_endpoint("pe", "w/x", "10.1.5.50").policies("w/x", row.policies);
        b.vm("fw", "v/b", "10.0.2.9").forwarding("fw").routes("v/a", {row.udr});
        const Asked asked(std::move(b), documented());
        CAPTURE(row.udr);
        const TraceResult result = asked.from_vm("vm1", "10.1.5.50", Asked::tcp(443));
        CHECK(verdict(result) == "delivered");
        const bool seen = std::any_of(result.walk.path.begin(), result.walk.path.end(),
                                      [](const Hop& h) { return h.kind == HopKind::firewall; });
        CHECK(seen == row.through_appliance);
    }
    for (const P policies : {P::disabled, P::security_group}) {
        SnapshotBuilder b = peered();
        b.private_endpoint("pe", "w/x", "10.1.5.50").policies("w/x", policies);
        b.leads_to("pe",
                   ResourceId("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/"
                              "sites/app"),
                   "sites");  // it listens on 80 too
        b.group("g", {"100 in allow tcp * -> * 443 from 1-2", "200 in deny any * -> * *"});
        b.attach("g", "w/x");
        const Asked asked(std::move(b), documented());
        // The group filters only under its policy, and source ports are not looked at.
        CHECK(verdict(asked.from_vm("vm1", "10.1.5.50", Asked::tcp(443))) == "delivered");
        CHECK(verdict(asked.from_vm("vm1", "10.1.5.50", Asked::tcp(80))) ==
              (policies == P::disabled ? "delivered" : "dropped"));
    }
}

TEST_CASE("a VnetLocal user route to an endpoint is contested", "[R43]") {
    const auto build = [] {
        SnapshotBuilder b = one_vnet();
        b.private_endpoint("pe", "v/b", "10.0.2.50").routes("v/a", {"10.0.2.50/32 vnet"});
        return b;
    };
    const Asked closed(build(), documented());
    CHECK(verdict(closed.from_vm("vm1", "10.0.2.50", Asked::tcp(443))) == "delivered");
    const Asked open(build(), strict());
    CHECK(verdict(open.from_vm("vm1", "10.0.2.50", Asked::tcp(443))) == "unknown");
}

TEST_CASE("a reply of an endpoint through an appliance without translation is unknown", "[R47]") {
    SnapshotBuilder b = peered();
    b.private_endpoint("pe", "w/x", "10.1.5.50").policies("w/x", PrivateEndpointPolicies::enabled);
    b.vm("fw", "v/b", "10.0.2.9")
        .forwarding("fw")
        .routes("v/a", {"10.1.0.0/16 appliance 10.0.2.9"});
    const Asked asked(std::move(b), documented());
    CHECK(reply(asked.from_vm("vm1", "10.1.5.50", Asked::tcp(443))) == "unknown");
}

TEST_CASE("the longest prefix wins; at the same length the user route", "[R13][R14][R20]") {
    SnapshotBuilder b = peered();
    // Worked check R-b.
    b.vm("nva", "v/b", "10.0.2.9").forwarding("nva");
    b.routes("v/a", {"10.1.0.0/16 none", "10.0.0.0/8 appliance 10.0.2.9", "10.0.1.0/24 none"});
    const Asked asked(std::move(b), documented());
    CHECK(route(asked, "vm1", "10.1.5.9").hop == NextHop::none);
    CHECK(route(asked, "vm1", "10.2.0.1").hop == NextHop::virtual_appliance);
    CHECK(route(asked, "vm1", "10.0.1.5").hop == NextHop::none);  // within the own subnet
    const auto& table = asked.network.routes().table(0);
    const bool beaten = std::any_of(table.begin(), table.end(), [](const EffectiveRouteEntry& e) {
        return e.hop == NextHop::vnet_peering && e.invalid;
    });
    CHECK(beaten);
}

TEST_CASE("gateway routes yield to VNet and peering space", "[R15][R64][R65]") {
    // Worked check R-a.
    SnapshotBuilder b = peered();
    b.gateway("gw", "v", "10.0.255.0/27", "10.1.5.0/24");
    const Asked asked(std::move(b), documented());
    CHECK(route(asked, "vm1", "10.1.5.9").hop == NextHop::vnet_peering);
}

TEST_CASE("tag routes: explicit prefixes first, then the more regional tag", "[R17]") {
    SnapshotBuilder b = one_vnet();
    b.tag("Storage", "20.1.0.0/16")
        .tag("Storage.WestEurope", "20.1.0.0/16")
        .tag("AzureCloud", "20.1.0.0/16");
    b.routes("v/a", {"192.0.2.0/24 none"});
    RouteTable& table = b.edit().route_tables.begin()->second;
    const auto tag_route = [&](const char* name, UserNextHop hop) {
        Route item;
        item.id = table.header.id.child("routes", name);
        item.name = name;
        item.service_tag = name;
        item.next_hop = hop;
        table.routes.push_back(item);
    };
    tag_route("AzureCloud", UserNextHop::none);
    tag_route("Storage", UserNextHop::none);
    tag_route("Storage.WestEurope", UserNextHop::internet);
    const Asked asked(std::move(b), documented());
    CHECK(route(asked, "vm1", "20.1.2.3").name.find("Storage.WestEurope") != std::string::npos);
}

TEST_CASE("the sender's table routes; the receiver's only its replies", "[R19][R18]") {
    SnapshotBuilder b = one_vnet();
    b.routes("v/b", {"10.0.1.0/24 none"});
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_vm("vm1", "10.0.2.4", Asked::tcp(80));
    CHECK(verdict(result) == "delivered");
    CHECK(reply(result) == "dropped");
}

TEST_CASE("next-hop types of user routes", "[R22][R23][R24]") {
    SnapshotBuilder b = one_vnet();
    b.routes("v/a", {"192.0.2.0/24 vnet", "198.51.100.0/24 gateway", "203.0.113.0/24 none",
                     "172.16.0.0/12 internet"});
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "192.0.2.1", Asked::tcp(80))) == "unknown");
    CHECK(reason(asked.from_vm("vm1", "198.51.100.1", Asked::tcp(80))) == "ROUTE_NONE");
    CHECK(reason(asked.from_vm("vm1", "203.0.113.1", Asked::tcp(80))) == "ROUTE_NONE");
    CHECK(reason(asked.from_vm("vm1", "172.16.0.1", Asked::tcp(80))) == "NO_SUCH_ADDRESS");
}

TEST_CASE("without propagation a reply to a site needs a user route", "[R27]") {
    SnapshotBuilder b = one_vnet();
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16");
    b.routes("v/a", {"192.0.2.0/24 none"}, false);
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_onprem("172.16.1.1", "10.0.1.4", Asked::tcp(22));
    CHECK(verdict(result) == "delivered");
    CHECK(reply(result) == "dropped");
}

TEST_CASE("spokes meet through an appliance that forwards",
          "[R28][R29][R30][R31][R32][X7][X8][P3][P9]") {
    const Asked through(spokes(), documented());
    const TraceResult result = through.from_vm("vm1", "10.2.0.4", Asked::tcp(22));
    CHECK(verdict(result) == "delivered");
    CHECK(reply(result) == "delivered");
    const Asked off(spokes(false), documented());
    CHECK(reason(off.from_vm("vm1", "10.2.0.4", Asked::tcp(22))) == "NVA_NO_FORWARDING");
    const Asked open(spokes(), strict());
    const TraceResult unknown = open.from_vm("vm1", "10.2.0.4", Asked::tcp(22));
    CHECK(verdict(unknown) == "unknown");
    const Asked stated(spokes(), strict({"nva:10.0.0.4=transparent"}));
    CHECK(verdict(stated.from_vm("vm1", "10.2.0.4", Asked::tcp(22))) == "delivered");
    const Asked dropping(spokes(), strict({"nva:10.0.0.4=drop"}));
    CHECK(reason(dropping.from_vm("vm1", "10.2.0.4", Asked::tcp(22))) == "NVA_ASSUMED");
    const Asked translating(spokes(), strict({"nva:10.0.0.4=snat"}));
    const TraceResult snat = translating.from_vm("vm1", "10.2.0.4", Asked::tcp(22));
    CHECK(verdict(snat) == "delivered");
    CHECK(snat.walk.final_packet.src == address("10.0.0.4"));
    CHECK(reply(snat) == "delivered");
}

TEST_CASE("without a user route spokes do not meet", "[P3]") {
    // Worked check P-b.
    SnapshotBuilder b = spokes();
    b.edit().virtual_networks.at(SnapshotBuilder::vnet_id("s1")).subnets.front().route_table = {};
    const Asked asked(std::move(b), documented());
    CHECK(reason(asked.from_vm("vm1", "10.2.0.4", Asked::tcp(22))) == "ROUTE_NONE");
}

TEST_CASE("an appliance's own group filters what it is to forward", "[R31]") {
    // Worked check N-c.
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/nva", "10.0.0.0/24").vm("nva", "hub/nva", "10.0.0.4");
    b.vnet("s1", "10.1.0.0/16").subnet("s1/a", "10.1.0.0/24").vm("vm1", "s1/a", "10.1.0.5");
    b.forwarding("nva").peer("hub", "s1").group("g").attach("g", "hub/nva");
    b.routes("s1/a", {"0.0.0.0/0 appliance 10.0.0.4"});
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_vm("vm1", "8.8.8.8", Asked::tcp(443));
    CHECK(verdict(result) == "dropped");
    CHECK(decider(result) == "DenyAllInBound");
    CHECK(result.walk.at == SnapshotBuilder::nic_id("nva").text());
}

TEST_CASE("a next hop that nobody holds drops, as documented", "[R33][R36]") {
    SnapshotBuilder b = one_vnet();
    b.routes("v/a", {"192.0.2.0/24 appliance 10.0.2.99"});
    const Asked closed(std::move(b), documented());
    const TraceResult result = closed.from_vm("vm1", "192.0.2.1", Asked::tcp(80));
    CHECK(verdict(result) == "dropped");
    SnapshotBuilder c = one_vnet();
    c.routes("v/a", {"192.0.2.0/24 appliance 10.0.2.99"});
    const Asked open(std::move(c), strict());
    CHECK(verdict(open.from_vm("vm1", "192.0.2.1", Asked::tcp(80))) == "unknown");
}

TEST_CASE("an internal load balancer as next hop needs HA ports", "[R34][R63]") {
    for (const bool ha_ports : {true, false}) {
        SnapshotBuilder b = one_vnet();
        b.vm("nva", "v/b", "10.0.2.9").forwarding("nva").balancer("lb", "10.0.2.100", "v/b");
        LbRuleOptions rule;
        rule.protocol = ha_ports ? "any" : "tcp";
        rule.port = rule.to_port = ha_ports ? 0 : 80;
        rule.members = {"nva"};
        b.balance("lb", rule).routes("v/a", {"203.0.113.0/24 appliance 10.0.2.100"});
        b.public_ip("nva", "20.0.0.9");  // an internal balancer's member has no other way out
        const Asked asked(std::move(b), documented());
        CHECK(verdict(asked.from_vm("vm1", "203.0.113.1", Asked::tcp(443))) ==
              (ha_ports ? "delivered" : "dropped"));
        CHECK(verdict(asked.from_vm("vm1", "203.0.113.1", Asked::ping())) == "dropped");
    }
}

TEST_CASE("an appliance that routes back to itself is a loop", "[R35]") {
    SnapshotBuilder b = one_vnet();
    b.vm("nva", "v/a", "10.0.1.9")
        .forwarding("nva")
        .routes("v/a", {"203.0.113.0/24 appliance 10.0.1.9"});
    const Asked asked(std::move(b), documented());
    CHECK(reason(asked.from_vm("vm1", "203.0.113.1", Asked::tcp(443))) == "ROUTE_LOOP");
}

TEST_CASE("the gateway subnet's user routes steer what comes from on-premises", "[R58][E18]") {
    SnapshotBuilder b = one_vnet();
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16");
    b.vm("nva", "v/b", "10.0.2.9").forwarding("nva");
    b.routes("v/GatewaySubnet", {"10.0.1.0/24 appliance 10.0.2.9"});
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_onprem("172.16.1.1", "10.0.1.4", Asked::tcp(22));
    CHECK(verdict(result) == "delivered");
    CHECK(std::any_of(result.walk.path.begin(), result.walk.path.end(),
                      [](const Hop& h) { return h.kind == HopKind::firewall; }));
}

TEST_CASE("a default route elsewhere lets packets in and loses the reply", "[R59][R60][R61][R62]") {
    SnapshotBuilder b = one_vnet();
    b.vm("nva", "v/b", "10.0.2.9").forwarding("nva").public_ip("vm1", "20.0.0.1");
    b.group("g", {"100 in allow tcp Internet -> * 443"}).attach("g", "v/a");
    b.routes("v/a", {"0.0.0.0/0 appliance 10.0.2.9"});
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_internet("8.8.8.8", "20.0.0.1", Asked::tcp(443));
    CHECK(verdict(result) == "delivered");
    CHECK(reply(result) == "dropped");
    SnapshotBuilder c = one_vnet();
    c.vm("nva", "v/b", "10.0.2.9")
        .forwarding("nva")
        .routes("v/a", {"10.0.2.0/24 appliance 10.0.2.9"});
    const Asked asymmetric(std::move(c), documented());
    const TraceResult one_way = asymmetric.from_vm("vm1", "10.0.2.4", Asked::tcp(80));
    CHECK(verdict(one_way) == "delivered");
    CHECK(reply(one_way) == "dropped");
}

TEST_CASE("a peering carries packets only when both sides are Connected", "[P1][X14]") {
    for (const PeeringState state :
         {PeeringState::connected, PeeringState::initiated, PeeringState::disconnected}) {
        PeeringOptions options;
        options.state = state;
        const Asked asked(peered(options), documented());
        CHECK(verdict(asked.from_vm("vm1", "10.1.5.9", Asked::tcp(22))) ==
              (state == PeeringState::connected ? "delivered" : "dropped"));
    }
}

TEST_CASE("a peering whose other side was not read is taken as live", "[P2][J4]") {
    SnapshotBuilder b = peered();
    b.edit().virtual_networks.erase(SnapshotBuilder::vnet_id("w"));
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_vm("vm1", "10.1.5.9", Asked::tcp(22));
    CHECK(verdict(result) == "unknown");
    REQUIRE(!result.depends_on.empty());
    CHECK(asked.network.facts().name(result.depends_on.front()).find("/w") != std::string::npos);
}

TEST_CASE("a peering out of sync: what is programmed is sure, the rest possible", "[P5]") {
    SnapshotBuilder b = peered();
    for (Peering& side : b.edit().virtual_networks.at(SnapshotBuilder::vnet_id("v")).peerings) {
        side.fully_in_sync = false;
        side.remote_space = {parse_prefix("10.1.0.0/17")->prefix};
        side.remote_vnet_space = {parse_prefix("10.1.0.0/16")->prefix};
    }
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.1.5.9", Asked::tcp(22))) == "delivered");
    CHECK_FALSE(route(asked, "vm1", "10.1.200.1").when.empty());
}

TEST_CASE("access flags change the tag; whether they block is contested", "[P7]") {
    PeeringOptions options;
    options.b_access = false;
    const Asked closed(peered(options), documented());
    CHECK(verdict(closed.from_vm("vm1", "10.1.5.9", Asked::tcp(22))) == "delivered");
    const Asked open(peered(options), strict());
    CHECK(verdict(open.from_vm("vm1", "10.1.5.9", Asked::tcp(22))) == "unknown");
    // Worked check P-a: with default groups the far side denies.
    SnapshotBuilder b = peered(options);
    b.group("g").attach("g", "v/a").attach("g", "w/x");
    const Asked groups(std::move(b), documented());
    CHECK(decider(groups.from_vm("vm1", "10.1.5.9", Asked::tcp(22))) == "DenyAllInBound");
    CHECK(decider(groups.from_vm("far", "10.0.1.4", Asked::tcp(22))) == "DenyAllOutBound");
}

TEST_CASE("whether a missing forwarded-traffic flag blocks is contested", "[P8]") {
    const Asked closed(spokes(true, false), documented());
    CHECK(verdict(closed.from_vm("vm1", "10.2.0.4", Asked::tcp(22))) == "delivered");
    const Asked blocks(spokes(true, false), documented({"peering-no-forwarded-blocks=yes"}));
    CHECK(reason(blocks.from_vm("vm1", "10.2.0.4", Asked::tcp(22))) == "PEERING_NOT_CONNECTED");
    const Asked open(spokes(true, false), strict({"nva:10.0.0.4=transparent"}));
    CHECK(verdict(open.from_vm("vm1", "10.2.0.4", Asked::tcp(22))) == "unknown");
}

TEST_CASE("subnet peering carries the listed subnets only", "[P4][P15][P16][P17][P18]") {
    const auto build = [] {
        SnapshotBuilder b = peered();
        b.subnet("w/y", "10.1.6.0/24").vm("other", "w/y", "10.1.6.9");
        for (const char* name : {"v", "w"}) {
            for (Peering& side :
                 b.edit().virtual_networks.at(SnapshotBuilder::vnet_id(name)).peerings) {
                side.complete_vnets = false;
                const bool mine = std::string(name) == "v";
                side.local_subnets = {mine ? "a" : "x"};
                side.remote_subnets = {mine ? "x" : "a"};
            }
        }
        return b;
    };
    const Asked asked(build(), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.1.5.9", Asked::tcp(22))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "10.1.6.9", Asked::tcp(22))) == "dropped");
    CHECK(reason(asked.from_vm("vm2", "10.1.5.9", Asked::tcp(22))) == "PEERING_NOT_CONNECTED");
    const Asked open(build(), strict());
    CHECK(verdict(open.from_vm("vm2", "10.1.5.9", Asked::tcp(22))) == "unknown");
}

TEST_CASE("spokes use the hub's gateway when both sides say so", "[P10][P11][E17][E21]") {
    for (const bool uses : {true, false}) {
        PeeringOptions options;
        options.a_transit = true;
        options.b_uses_gateway = uses;
        SnapshotBuilder b = peered(options);
        b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16");
        const Asked asked(std::move(b), documented());
        CHECK(verdict(asked.from_vm("far", "172.16.1.1", Asked::tcp(443))) ==
              (uses ? "delivered" : "dropped"));
        const TraceResult in = asked.from_onprem("172.16.1.1", "10.1.5.9", Asked::tcp(22));
        CHECK(verdict(in) == (uses ? "delivered" : "dropped"));
        if (!uses) {
            CHECK(reason(in) == "PEERING_MISSING");
        }
    }
}

TEST_CASE("a gateway's packets need no allowForwardedTraffic, an appliance's do in strict",
          "[P8][P9]") {
    PeeringOptions options;
    options.a_transit = true;
    options.b_uses_gateway = true;
    SnapshotBuilder b = peered(options);
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16");
    const Asked asked(std::move(b), strict());
    const TraceResult in = asked.from_onprem("172.16.1.1", "10.1.5.9", Asked::tcp(22));
    CHECK(verdict(in) == "delivered");
    CHECK(in.depends_on.empty());
    const TraceResult out = asked.from_vm("far", "172.16.1.1", Asked::tcp(443));
    CHECK(verdict(out) == "delivered");
    CHECK(reply(out) == "delivered");

    const Asked by_appliance(spokes(true, false), strict({"nva:10.0.0.4=transparent"}));
    const TraceResult through = by_appliance.from_vm("vm1", "10.2.0.4", Asked::tcp(22));
    CHECK(verdict(through) == "unknown");
    REQUIRE(through.depends_on.size() == 1);
    CHECK(through.depends_on[0].key == FactKey::peering_no_forwarded_blocks);
}

TEST_CASE("a dropped packet's path says at its end what became of it", "[Z4]") {
    SnapshotBuilder b = one_vnet();
    b.balancer("lb", "10.0.2.100", "v/b");
    LbRuleOptions rule;
    rule.port = 80;
    rule.to_port = 80;
    rule.members = {"vm2"};
    b.balance("lb", rule).no_default_outbound("v/a").tag("Storage.WestEurope", "20.60.0.0/16");
    const Asked asked(std::move(b), documented());
    for (const auto& [to, why] : {std::pair{"10.0.2.100", "LB_NO_RULE"},
                                  {"10.0.2.77", "NO_SUCH_ADDRESS"},
                                  {"10.9.9.9", "ROUTE_NONE"},
                                  {"8.8.8.8", "NO_PUBLIC_IP"}}) {
        CAPTURE(to);
        const TraceResult result = asked.from_vm("vm1", to, Asked::tcp(81));
        CHECK(reason(result) == why);
        REQUIRE_FALSE(result.walk.path.empty());
        const Hop& last = result.walk.path.back();
        CHECK(last.decision == HopDecision::drop);
        CHECK(last.reason == result.walk.reason);
        CHECK(last.at.text() == result.walk.at);
    }
}

TEST_CASE("a Basic frontend is not reached over global peering", "[P13]") {
    for (const char* region : {"westeurope", "eastus"}) {
        SnapshotBuilder b = one_vnet();
        b.vnet("z", "10.7.0.0/16", region)
            .subnet("z/x", "10.7.0.0/24")
            .vm("far", "z/x", "10.7.0.4");
        b.peer("v", "z").balancer("lb", "10.7.0.100", "z/x", Sku::basic);
        LbRuleOptions rule;
        rule.port = rule.to_port = 80;
        rule.members = {"far"};
        b.balance("lb", rule);
        const Asked asked(std::move(b), documented());
        CHECK(verdict(asked.from_vm("vm1", "10.7.0.100", Asked::tcp(80))) ==
              (std::string(region) == "eastus" ? "dropped" : "delivered"));
    }
}

TEST_CASE("reserved addresses and nobody's addresses take nothing", "[J7][J8]") {
    const Asked asked(one_vnet(), documented());
    for (const char* nobody : {"10.0.2.0", "10.0.2.3", "10.0.2.255", "10.0.2.77", "10.0.77.1"}) {
        CAPTURE(nobody);
        CHECK(reason(asked.from_vm("vm1", nobody, Asked::tcp(22))) == "NO_SUCH_ADDRESS");
    }
}

TEST_CASE("a NIC sends from its own addresses unless it forwards", "[R29][Z4]") {
    SnapshotBuilder b = one_vnet();
    b.vm("nva", "v/b", "10.0.2.9").forwarding("nva");
    const Asked asked(std::move(b), documented());
    const Packet foreign{address("10.0.2.77"), address("10.0.1.4"), Asked::tcp(22)};
    CHECK(reason(trace(asked.network, Origin(config_of(asked.network, "vm2")), foreign)) ==
          "SPOOFED_SOURCE");
    CHECK(verdict(trace(asked.network, Origin(config_of(asked.network, "nva")), foreign)) ==
          "delivered");
}

TEST_CASE("a table that was not read may beat an endpoint's host route", "[J4][R42]") {
    SnapshotBuilder b = one_vnet();
    b.private_endpoint("pe", "v/b", "10.0.2.50");
    b.edit().virtual_networks.begin()->second.subnets.front().route_table =
        SnapshotBuilder::id("routeTables", "not-exported");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.50", Asked::tcp(443))) == "unknown");
}

TEST_CASE("each prefix of a peered space is a route: longer than a user route for two of them",
          "[R7][R13]") {
    // 10.1.0.0/24 and 10.1.1.0/24, written beside each other; the user route is for both.
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm", "v/a", "10.0.1.4");
    b.vnet("w", "10.1.0.0/24").subnet("w/a", "10.1.0.0/24").vm("other", "w/a", "10.1.0.4");
    b.peer("v", "w").routes("v/a", {"10.1.0.0/23 none"});
    for (auto& [id, vnet] : b.edit().virtual_networks) {
        if (vnet.header.name == "w") {
            vnet.address_space.push_back(parse_prefix("10.1.1.0/24")->prefix);
        }
        for (Peering& peering : vnet.peerings) {
            if (vnet.header.name == "v") {
                peering.remote_space = {parse_prefix("10.1.0.0/24")->prefix,
                                        parse_prefix("10.1.1.0/24")->prefix};
            }
        }
    }
    CHECK(verdict(Asked(b, strict()).from_vm("vm", "10.1.0.4", Asked::tcp(22))) == "delivered");
    // One prefix for both ties, and the user's wins (R14).
    for (auto& [id, vnet] : b.edit().virtual_networks) {
        for (Peering& peering : vnet.peerings) {
            if (vnet.header.name == "v") {
                peering.remote_space = {parse_prefix("10.1.0.0/23")->prefix};
            }
        }
    }
    CHECK(reason(Asked(b, strict()).from_vm("vm", "10.1.0.4", Asked::tcp(22))) == "ROUTE_NONE");
}
