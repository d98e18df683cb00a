// What Azure captured at a NIC closes open facts there, where it fits the resources.
#include "models/network/evidence.hpp"

#include "src/engine/show.hpp"
#include "tests/engine/trace_support.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

/// vm (10.0.1.4) in a subnet with a group and a public address; 0.0.0.0/0 goes to an appliance.
SnapshotBuilder forced_out() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/n", "10.0.9.0/24");
    b.vm("vm", "v/a", "10.0.1.4").vm("nva", "v/n", "10.0.9.4").forwarding("nva");
    b.group("g").attach("g", "v/a").public_ip("vm", "20.1.2.3");
    b.routes("v/a", {"0.0.0.0/0 appliance 10.0.9.4"});
    return b;
}

EffectiveRule captured(const char* name, int priority, Direction direction, Access access,
                       const char* source = "", const char* destination = "") {
    EffectiveRule rule;
    rule.name = name;
    rule.priority = priority;
    rule.direction = direction;
    rule.access = access;
    if (*source != 0) rule.expanded_source = addresses(source);
    if (*destination != 0) rule.expanded_destination = addresses(destination);
    return rule;
}

/// Effective rules of a group with default rules only, VirtualNetwork as given.
EffectiveSecurityRules defaults_with(const char* vm, const char* subnet, const char* group,
                                     const char* vnet_tag) {
    EffectiveSecurityRules rules;
    rules.network_interface = SnapshotBuilder::nic_id(vm);
    EffectiveSecurityGroup at;
    at.security_group = SnapshotBuilder::group_id(group);
    at.associated_with = SnapshotBuilder::subnet_id(subnet);
    using enum Direction;
    at.rules = {captured("defaultSecurityRules/AllowVnetInBound", 65000, inbound, Access::allow,
                         vnet_tag, vnet_tag),
                captured("defaultSecurityRules/AllowAzureLoadBalancerInBound", 65001, inbound,
                         Access::allow, "168.63.129.16/32"),
                captured("defaultSecurityRules/DenyAllInBound", 65500, inbound, Access::deny),
                captured("defaultSecurityRules/AllowVnetOutBound", 65000, outbound, Access::allow,
                         vnet_tag, vnet_tag),
                captured("defaultSecurityRules/AllowInternetOutBound", 65001, outbound,
                         Access::allow, "", "1.0.0.0/8,8.0.0.0/7"),
                captured("defaultSecurityRules/DenyAllOutBound", 65500, outbound, Access::deny)};
    rules.groups = {std::move(at)};
    return rules;
}

EffectiveRoute route(const char* source, const char* prefix, const char* type,
                     const char* hop = "") {
    EffectiveRoute result;
    result.source = source;
    result.prefixes = {parse_prefix(prefix)->prefix};
    result.next_hop_type = type;
    if (*hop != 0) result.next_hop_addresses = {address(hop)};
    return result;
}

/// A VNet with a BGP gateway.
SnapshotBuilder with_gateway() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm", "v/a", "10.0.1.4");
    b.gateway("gw", "v", "10.0.255.0/27", "192.168.10.0/24", true);
    return b;
}

EffectiveRoutes learned() {
    EffectiveRoutes routes;
    routes.network_interface = SnapshotBuilder::nic_id("vm");
    routes.routes = {route("Default", "10.0.0.0/16", "VnetLocal"),
                     route("VirtualNetworkGateway", "192.168.10.0/24", "VirtualNetworkGateway"),
                     route("VirtualNetworkGateway", "172.20.0.0/16", "VirtualNetworkGateway"),
                     route("Default", "0.0.0.0/0", "Internet"),
                     route("Default", "10.0.0.0/8", "None"),
                     route("Default", "172.16.0.0/12", "None"),
                     route("Default", "192.168.0.0/16", "None"),
                     route("Default", "100.64.0.0/10", "None")};
    return routes;
}

}  // namespace

TEST_CASE("captured rules say what VirtualNetwork is at the NIC", "[G4][G5][X4]") {
    // X4: a Standard public address, default rules, 0.0.0.0/0 to an appliance.
    SnapshotBuilder b = forced_out();
    const auto from_outside = [&] {
        return Asked(b, strict()).from_internet("8.8.8.8", "20.1.2.3", Asked::tcp(22));
    };
    CHECK(verdict(from_outside()) == "unknown");
    SECTION("the address space and the host: nobody else comes in") {
        b.edit().effective_security_rules = {
            defaults_with("vm", "v/a", "g", "10.0.0.0/16,168.63.129.16/32")};
        const TraceResult result = from_outside();
        CHECK(verdict(result) == "dropped");
        CHECK(decider(result) == "DenyAllInBound");
    }
    SECTION("everything: the internet counts as VirtualNetwork") {
        b.edit().effective_security_rules = {defaults_with("vm", "v/a", "g", "0.0.0.0/0")};
        CHECK(verdict(from_outside()) == "delivered");
    }
}

TEST_CASE("captured rules resolve a tag without addresses", "[G5]") {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm", "v/a", "10.0.1.4");
    b.group("g", {"100 out deny any * -> AzureBackup *"}).attach("g", "v/a");
    b.public_ip("vm", "20.1.2.3");
    CHECK(verdict(Asked(b, strict()).from_vm("vm", "8.8.8.8", Asked::tcp(443))) == "unknown");
    EffectiveSecurityRules capture =
        defaults_with("vm", "v/a", "g", "10.0.0.0/16,168.63.129.16/32");
    capture.groups[0].rules.push_back(
        captured("securityRules/r100", 100, Direction::outbound, Access::deny, "", "8.8.8.0/24"));
    const std::string name =
        b.snapshot().security_groups.at(SnapshotBuilder::group_id("g")).rules[0].name;
    capture.groups[0].rules.back().name = "securityRules/" + name;
    b.edit().effective_security_rules = {capture};
    const Asked asked(b, strict());
    CHECK(unused_captures(asked.network).empty());
    CHECK(verdict(asked.from_vm("vm", "8.8.8.8", Asked::tcp(443))) == "dropped");
    CHECK(verdict(asked.from_vm("vm", "8.8.9.8", Asked::tcp(443))) == "delivered");
}

TEST_CASE("a capture that does not fit is not used, and says so", "[G5][G6]") {
    SnapshotBuilder b = forced_out();
    EffectiveSecurityRules capture =
        defaults_with("vm", "v/a", "g", "10.0.0.0/16,168.63.129.16/32");
    SECTION("another user rule") {
        capture.groups[0].rules.push_back(
            captured("securityRules/was-here", 100, Direction::inbound, Access::allow));
        b.edit().effective_security_rules = {capture};
    }
    SECTION("another access") {
        capture.groups[0].rules[0].access = Access::deny;
        b.edit().effective_security_rules = {capture};
    }
    std::size_t unused = 1;
    SECTION("two of them") {
        b.edit().effective_security_rules = {capture, capture};
        unused = 2;
    }
    SECTION("routes without the user route") {
        EffectiveRoutes routes;
        routes.network_interface = SnapshotBuilder::nic_id("vm");
        routes.routes = {route("Default", "10.0.0.0/16", "VnetLocal"),
                         route("Default", "0.0.0.0/0", "Internet")};
        b.edit().effective_routes = {routes};
    }
    SECTION("routes with a user route that no table has") {
        EffectiveRoutes routes;
        routes.network_interface = SnapshotBuilder::nic_id("vm");
        routes.routes = {route("Default", "10.0.0.0/16", "VnetLocal"),
                         route("User", "0.0.0.0/0", "VirtualAppliance", "10.0.9.4"),
                         route("User", "10.7.0.0/16", "None")};
        b.edit().effective_routes = {routes};
    }
    const Asked asked(b, strict());
    CHECK(unused_captures(asked.network).size() == unused);
    CHECK(verdict(asked.from_internet("8.8.8.8", "20.1.2.3", Asked::tcp(22))) == "unknown");
}

TEST_CASE("captured routes show what a gateway has learned", "[G6][X16]") {
    SnapshotBuilder b = with_gateway();
    CHECK(verdict(Asked(b, strict()).from_vm("vm", "172.20.0.9", Asked::tcp(443))) == "unknown");
    b.edit().effective_routes = {learned()};
    const Asked asked(b, strict());
    CHECK(unused_captures(asked.network).empty());
    const TraceResult there = asked.from_vm("vm", "172.20.0.9", Asked::tcp(443));
    CHECK(verdict(there) == "delivered");
    CHECK(there.walk.at == "onprem");
    CHECK(reply(there) == "unknown");  // the gateway's own subnet was not captured
    CHECK(reason(asked.from_vm("vm", "172.21.0.9", Asked::tcp(443))) == "ROUTE_NONE");
    const Asked yields(b, strict({"gateway-routes-yield-to-system=yes"}));
    CHECK(reply(yields.from_vm("vm", "172.20.0.9", Asked::tcp(443))) == "delivered");
    CHECK(verdict(yields.from_onprem("172.20.0.9", "10.0.1.4", Asked::tcp(22))) == "delivered");
    // Where a site may send from is another matter than what it has announced.
    CHECK(verdict(asked.from_onprem("172.21.0.9", "10.0.1.4", Asked::tcp(22))) == "unknown");
}

TEST_CASE("captured routes close hidden routes and the VirtualNetwork tag", "[G6][R4][T14]") {
    SnapshotBuilder b = with_gateway();
    b.group("g").attach("g", "v/a");
    const auto tag = [](const Asked& asked) {
        return bounds_of(asked.network.filters().expand_tag(
            "VirtualNetwork", asked.network.configurations()[0].subnet));
    };
    CHECK(tag(Asked(b, strict())).may == AddressSet::all());
    b.edit().effective_routes = {learned()};
    const Asked asked(b, strict({"vnet-tag-includes-onprem=yes"}));
    CHECK(tag(asked).exact());
    CHECK(tag(asked).must ==
          addresses("10.0.0.0/16,168.63.129.16/32,192.168.10.0/24,172.20.0.0/16"));
    const SubnetIndex subnet =
        asked.network.configurations()[config_of(asked.network, "vm")].subnet;
    CHECK(asked.network.routes().captured(subnet));
    const auto hidden = asked.network.routes().candidates(subnet, address("25.4.0.1"));
    REQUIRE(hidden.size() == 1);
    CHECK(hidden[0]->hop == NextHop::internet);
    for (const EffectiveRouteView& view : effective_routes(asked.network, subnet)) {
        CAPTURE(view.name);
        CHECK((view.certain || view.prefixes[0].family() == Family::v6));
    }
}
