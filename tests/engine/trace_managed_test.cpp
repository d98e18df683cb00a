// Sections 5 and 6.3 of the network reference: network manager and gateways.
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

/// Three VNets in one connected group (mesh), one VM each: m1, m2, m3.
SnapshotBuilder mesh(bool members_of_one_region = true, const char* third_space = "10.3.0.0/16") {
    SnapshotBuilder b;
    b.vnet("a", "10.1.0.0/16").subnet("a/x", "10.1.0.0/24").vm("m1", "a/x", "10.1.0.4");
    b.vnet("b", "10.2.0.0/16", members_of_one_region ? "westeurope" : "eastus");
    b.subnet("b/x", "10.2.0.0/24").vm("m2", "b/x", "10.2.0.4");
    b.vnet("c", third_space).subnet("c/x", third_space);
    NetworkGroup group;
    group.header.id = SnapshotBuilder::id("networkManagers/networkGroups", "manager/all");
    for (const char* vnet : {"a", "b", "c"}) {
        group.members.push_back(SnapshotBuilder::vnet_id(vnet));
    }
    ConnectivityConfiguration configuration;
    configuration.header.id =
        SnapshotBuilder::id("networkManagers/connectivityConfigurations", "manager/mesh");
    configuration.mesh = true;
    configuration.groups.push_back({group.header.id, true, false, false});
    b.edit().connectivity_configurations.emplace(configuration.header.id, configuration);
    b.edit().network_groups.emplace(group.header.id, group);
    return b;
}

}  // namespace

TEST_CASE("admin rules come before groups: deny stops, allow goes on, always-allow skips",
          "[A4][A5][A6][A10][X11]") {
    SnapshotBuilder b = one_vnet();
    // Worked checks A-a and A-b.
    b.admin_rules("admin", {"v"},
                  {"10 in allow tcp 10.0.1.0/24 -> * 22", "20 in deny tcp * -> * 22",
                   "30 in always tcp 10.0.1.4 -> * 443", "40 in deny tcp * -> * 3389"});
    b.group("g", {"100 in deny any * -> * *"}).attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    const TraceResult ssh = asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22));
    CHECK(verdict(ssh) == "dropped");
    CHECK(reason(ssh) == "NSG_DENY");
    const TraceResult always = asked.from_vm("vm1", "10.0.2.4", Asked::tcp(443));
    CHECK(verdict(always) == "delivered");
    CHECK(always.walk.path.back().reason == Reason::delivered);
    CHECK(reason(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(3389))) == "ADMIN_DENY");
    CHECK(reason(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(80))) == "NSG_DENY");
}

TEST_CASE("whether configured admin rules are deployed is open in strict", "[A1][A2][A3][A15]") {
    const auto build = [] {
        SnapshotBuilder b = one_vnet();
        b.admin_rules("admin", {"v"}, {"10 in deny tcp * -> * 22"});
        return b;
    };
    const Asked open(build(), strict());
    CHECK(verdict(open.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "unknown");
    const Asked off(build(), strict({"admin-rules-deployed=no"}));
    CHECK(verdict(off.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "delivered");
    SnapshotBuilder other = one_vnet();
    other.vnet("w", "10.9.0.0/16");
    other.admin_rules("admin", {"w"}, {"10 in deny tcp * -> * 22"});
    const Asked elsewhere(std::move(other), documented());
    CHECK(verdict(elsewhere.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "delivered");
}

TEST_CASE("dynamic members stand in no export: a group may have more", "[A2]") {
    // The group's rules let in what the subnet's group denies.
    const auto build = [](std::initializer_list<const char*> listed, bool complete) {
        SnapshotBuilder b = one_vnet();
        b.vnet("w", "10.9.0.0/16")
            .group("closed", {"100 in deny any * -> *"})
            .attach("closed", "v/b");
        b.admin_rules("admin", {listed.begin(), listed.end()}, {"10 in always tcp * -> * 22"});
        b.edit().network_groups.begin()->second.members_complete = complete;
        return b;
    };
    const auto asked = [&](std::initializer_list<const char*> listed, bool complete,
                           const Assumptions& assumptions) {
        const Asked network(build(listed, complete), assumptions);
        return std::string(verdict(network.from_vm("vm1", "10.0.2.4", Asked::tcp(22))));
    };
    CHECK(asked({"v"}, false, documented()) == "delivered");
    CHECK(asked({"w"}, false, documented()) == "dropped");  // the static members are all
    CHECK(asked({"w"}, false, strict()) == "unknown");
    CHECK(asked({}, false, documented()) == "unknown");  // filled by policy
    CHECK(asked({}, true, documented()) == "dropped");
    CHECK(asked({"w"}, true, strict()) == "dropped");
}

TEST_CASE("two networks of a group that was not read are members each for itself", "[A2][J4]") {
    // vm1 gets out only as a member, vm2's network takes 22 in only as no member.
    SnapshotBuilder b = one_vnet();
    b.vnet("w", "10.9.0.0/16").subnet("w/x", "10.9.0.0/24").vm("far", "w/x", "10.9.0.4");
    b.peer("v", "w").group("no-out", {"100 out deny any * -> *"}).attach("no-out", "v/a");
    b.admin_rules("admin", {}, {"10 out always tcp * -> * 22", "20 in deny tcp * -> * 22"});
    b.edit().network_groups.clear();
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.9.0.4", Asked::tcp(22))) == "unknown");
}

TEST_CASE("admin rules name prefixes, tags and network groups", "[A7][A8]") {
    SnapshotBuilder b = one_vnet();
    b.vnet("w", "10.9.0.0/16")
        .subnet("w/x", "10.9.0.0/24")
        .vm("far", "w/x", "10.9.0.4")
        .peer("v", "w");
    b.admin_rules("admin", {"v"}, {"10 in deny any VirtualNetwork -> 10.0.2.4 *"});
    const Asked asked(std::move(b), documented());
    CHECK(reason(asked.from_vm("far", "10.0.2.4", Asked::ping())) == "ADMIN_DENY");
    CHECK(verdict(asked.from_vm("far", "10.0.1.4", Asked::ping())) == "delivered");
}

TEST_CASE("always-allow and the closed Standard address", "[A9]") {
    const auto build = [] {
        SnapshotBuilder b = one_vnet();
        b.public_ip("vm2", "20.0.0.2").admin_rules("admin", {"v"}, {"10 in always tcp * -> * 443"});
        return b;
    };
    const Asked closed(build(), documented());
    CHECK(verdict(closed.from_internet("8.8.8.8", "20.0.0.2", Asked::tcp(443))) == "delivered");
    const Asked open(build(), strict({"admin-rules-deployed=yes"}));
    CHECK(verdict(open.from_internet("8.8.8.8", "20.0.0.2", Asked::tcp(443))) == "unknown");
}

TEST_CASE("networks with intent-policy services, platform subnets and endpoints are skipped",
          "[A11][A12][A13][A14][R46]") {
    SnapshotBuilder b = one_vnet();
    b.admin_rules("admin", {"v"}, {"10 in deny any * -> * *"})
        .private_endpoint("pe", "v/b", "10.0.2.50");
    const Asked covered(b, documented());
    CHECK(verdict(covered.from_vm("vm1", "10.0.2.50", Asked::tcp(443))) == "delivered");
    CHECK(verdict(covered.from_vm("vm1", "10.0.2.4", Asked::tcp(443))) == "dropped");
    b.edit().virtual_networks.begin()->second.subnets.front().delegations = {
        "Microsoft.Sql/managedInstances"};
    const Asked skipped(std::move(b), documented());
    CHECK(verdict(skipped.from_vm("vm1", "10.0.2.4", Asked::tcp(443))) == "delivered");
}

TEST_CASE("of two managers the higher scope comes first; what its Allow shields is contested",
          "[A16][A17]") {
    const auto build = [] {
        SnapshotBuilder b = one_vnet();
        b.admin_rules("low", {"v"}, {"10 in deny tcp * -> * 22", "20 in allow tcp * -> * 80"});
        NetworkManager high;
        high.header.id = SnapshotBuilder::id("networkManagers", "high");
        high.management_groups = {"/providers/Microsoft.Management/managementGroups/root"};
        b.edit().network_managers.emplace(high.header.id, high);
        SecurityAdminConfiguration configuration;
        configuration.header.id = high.header.id.child("securityAdminConfigurations", "top");
        AdminRuleCollection collection =
            b.edit().admin_configurations.begin()->second.collections.front();
        collection.rules = {rule("50 in allow tcp * -> * 22"), rule("60 in deny tcp * -> * 80")};
        configuration.collections = {collection};
        b.edit().admin_configurations.emplace(configuration.header.id, configuration);
        return b;
    };
    const Asked closed(build(), documented());
    CHECK(reason(closed.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "ADMIN_DENY");
    CHECK(reason(closed.from_vm("vm1", "10.0.2.4", Asked::tcp(80))) == "ADMIN_DENY");
    const Asked shields(build(), documented({"higher-scope-allow-shields=yes"}));
    CHECK(verdict(shields.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "delivered");
}

TEST_CASE("a connected group joins its members of one region",
          "[R11][A18][A19][A20][A21][A24][A25]") {
    const Asked together(mesh(), documented());
    CHECK(verdict(together.from_vm("m1", "10.2.0.4", Asked::tcp(22))) == "delivered");
    CHECK(verdict(together.from_vm("m2", "10.1.0.4", Asked::tcp(22))) == "delivered");
    const Asked apart(mesh(false), documented());
    CHECK(verdict(apart.from_vm("m1", "10.2.0.4", Asked::tcp(22))) == "dropped");
}

TEST_CASE("overlapping members: whether the overlap is dropped is contested", "[A22]") {
    const Asked closed(mesh(true, "10.2.0.0/20"), documented());
    CHECK(verdict(closed.from_vm("m1", "10.2.0.4", Asked::tcp(22))) == "dropped");
    const Asked open(mesh(true, "10.2.0.0/20"), strict());
    CHECK(verdict(open.from_vm("m1", "10.2.0.4", Asked::tcp(22))) == "unknown");
}

TEST_CASE("a network that may be a member may take an overlap out of the mesh", "[A2][A22]") {
    SnapshotBuilder b = mesh(true, "10.2.0.0/20");
    b.edit().network_groups.begin()->second.members.pop_back();  // c, as far as the list says
    const Asked open(SnapshotBuilder(b), strict());
    CHECK(verdict(open.from_vm("m1", "10.2.0.4", Asked::tcp(22))) == "unknown");
    const Asked listed(std::move(b), documented());
    CHECK(verdict(listed.from_vm("m1", "10.2.0.4", Asked::tcp(22))) == "delivered");
}

TEST_CASE("a peering beats the connected group", "[A23][P19]") {
    SnapshotBuilder b = mesh();
    b.peer("a", "b");
    const Asked asked(std::move(b), documented());
    const SubnetIndex subnet =
        asked.network.configurations()[config_of(asked.network, "m1")].subnet;
    CHECK(asked.network.routes().candidates(subnet, address("10.2.0.4")).front()->hop ==
          NextHop::vnet_peering);
}

TEST_CASE("behind a gateway lie its site's prefixes; with BGP perhaps more",
          "[E16][E19][X16][R65]") {
    const auto build = [](bool bgp) {
        SnapshotBuilder b = one_vnet();
        b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16", bgp);
        b.edit().connections.begin()->second.status = "NotConnected";
        return b;
    };
    const Asked listed(build(false), strict());
    CHECK(verdict(listed.from_vm("vm1", "172.16.1.1", Asked::tcp(443))) == "delivered");
    CHECK(verdict(listed.from_vm("vm1", "10.9.0.1", Asked::tcp(443))) == "dropped");
    const Asked learned(build(true), strict());
    const TraceResult unknown = learned.from_vm("vm1", "10.9.0.1", Asked::tcp(443));
    CHECK(verdict(unknown) == "unknown");
    REQUIRE(!unknown.depends_on.empty());
    CHECK(learned.network.facts().name(unknown.depends_on.front()) == "bgp");
    const Asked closed(build(true), documented());
    CHECK(verdict(closed.from_vm("vm1", "10.9.0.1", Asked::tcp(443))) == "dropped");
    const Asked stated(build(true), strict({"bgp=none", "onprem=10.9.0.0/16"}));
    CHECK(verdict(stated.from_vm("vm1", "10.9.0.1", Asked::tcp(443))) == "delivered");
}

TEST_CASE("on-premises enters by the gateway and is filtered at the receiver", "[E17][E18][E23]") {
    SnapshotBuilder b = one_vnet();
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16");
    b.group("g", {"100 in allow tcp 172.16.5.0/24 -> * 22", "200 in deny any * -> * *"})
        .attach("g", "v/b");
    const Asked asked(std::move(b), documented());
    const TraceResult in = asked.from_onprem("172.16.5.9", "10.0.2.4", Asked::tcp(22));
    CHECK(verdict(in) == "delivered");
    CHECK(reply(in) == "delivered");
    CHECK(verdict(asked.from_onprem("172.16.6.9", "10.0.2.4", Asked::tcp(22))) == "dropped");
    CHECK(reason(asked.from_onprem("192.168.0.9", "10.0.2.4", Asked::tcp(22))) == "SPOOFED_SOURCE");
}

TEST_CASE("two gateways connected join their networks", "[E20][P12]") {
    SnapshotBuilder b = one_vnet();
    b.vnet("w", "10.9.0.0/16").subnet("w/x", "10.9.0.0/24").vm("far", "w/x", "10.9.0.4");
    b.gateway("gw1", "v", "10.0.255.0/27", "172.16.0.0/16");
    b.gateway("gw2", "w", "10.9.255.0/27", "172.17.0.0/16");
    GatewayConnection link;
    link.header.id = SnapshotBuilder::id("connections", "v2v");
    link.type = GatewayConnection::Type::vnet_to_vnet;
    link.gateway1 = SnapshotBuilder::id("virtualNetworkGateways", "gw1");
    link.gateway2 = SnapshotBuilder::id("virtualNetworkGateways", "gw2");
    b.edit().connections.emplace(link.header.id, link);
    const Asked asked(std::move(b), documented());
    const TraceResult result = asked.from_vm("vm1", "10.9.0.4", Asked::tcp(22));
    CHECK(verdict(result) == "delivered");
    CHECK(reply(result) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "172.17.0.4", Asked::tcp(22))) == "dropped");
}

TEST_CASE("client pools lie on-premises", "[E21]") {
    SnapshotBuilder b = one_vnet();
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16");
    b.edit().gateways.begin()->second.client_pool = {parse_prefix("192.168.100.0/24")->prefix};
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_onprem("192.168.100.7", "10.0.2.4", Asked::tcp(22))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "192.168.100.7", Asked::tcp(22))) == "delivered");
}

TEST_CASE("an ExpressRoute gateway shows no prefixes: unknown until stated", "[E24][E25][E26]") {
    SnapshotBuilder b = one_vnet();
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16");
    b.edit().gateways.begin()->second.type = VirtualNetworkGateway::Type::express_route;
    const Asked open(b, strict());
    CHECK(verdict(open.from_vm("vm1", "10.200.0.1", Asked::tcp(443))) == "unknown");
    const Asked stated(std::move(b), documented({"onprem=10.200.0.0/16"}));
    CHECK(verdict(stated.from_vm("vm1", "10.200.0.1", Asked::tcp(443))) == "delivered");
}

TEST_CASE("imported effective routes are the table", "[G6][G5][G7]") {
    SnapshotBuilder b = one_vnet();
    EffectiveRoutes evidence;
    evidence.network_interface = SnapshotBuilder::nic_id("vm1");
    const auto line = [&](const char* prefix, const char* type, bool active = true) {
        EffectiveRoute item;
        item.source = "Default";
        item.active = active;
        item.prefixes = {parse_prefix(prefix)->prefix};
        item.next_hop_type = type;
        evidence.routes.push_back(item);
    };
    line("10.0.0.0/16", "VnetLocal");
    line("0.0.0.0/0", "None");
    line("8.8.8.0/24", "Internet", false);
    b.edit().effective_routes.push_back(evidence);
    const Asked asked(std::move(b), strict());
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(80))) == "delivered");
    CHECK(reason(asked.from_vm("vm1", "8.8.8.8", Asked::tcp(80))) == "ROUTE_NONE");
    CHECK(verdict(asked.from_vm("vm2", "8.8.8.8", Asked::tcp(80))) == "delivered");
}

TEST_CASE("traffic selectors leave open which pairs a tunnel takes", "[E22]") {
    SnapshotBuilder b = one_vnet();
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/16");
    GatewayConnection::Selector selector;
    selector.local = {parse_prefix("10.0.1.0/24")->prefix};
    selector.remote = {parse_prefix("172.16.5.0/24")->prefix};
    b.edit().connections.begin()->second.traffic_selectors = {selector};
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "172.16.9.9", Asked::tcp(443))) == "unknown");
}

TEST_CASE("what a hub or route server sends is not modelled: unknown, never blocked",
          "[R12][R64]") {
    SnapshotBuilder b = one_vnet();
    b.vnet("w", "10.9.0.0/16").subnet("w/x", "10.9.0.0/24").vm("far", "w/x", "10.9.0.4");
    OtherResource hub;
    hub.header.id = SnapshotBuilder::id("virtualHubs", "hub");
    hub.header.type = "Microsoft.Network/virtualHubs";
    b.edit().others.emplace(hub.header.id, hub);
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_vm("vm1", "10.9.0.4", Asked::tcp(22))) == "unknown");
    CHECK(verdict(asked.from_onprem("172.16.0.4", "10.0.1.4", Asked::tcp(22))) == "unknown");
    CHECK(verdict(asked.from_vm("vm1", "10.0.2.4", Asked::tcp(22))) == "delivered");
}
