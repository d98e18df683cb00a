// Sections 1.6 and 1.7 of the services reference: sources, paths, replies.
#include "tests/engine/firewall_support.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

SnapshotBuilder open_firewall() {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "100 net allow", {"all any * -> * *"});
    return b;
}

FirewallPolicy& policy_of(SnapshotBuilder& b) { return b.edit().firewall_policies.begin()->second; }

bool shows_itself(const FirewallAsked& asked, const TraceResult& result) {
    return asked.network.firewalls().at(0).shown.contains(result.walk.final_packet.src);
}

}  // namespace

TEST_CASE("private ranges keep the source; a list of its own replaces the usual one",
          "[FW-32][FW-33]") {  // worked vector 5
    SnapshotBuilder b = open_firewall();
    policy_of(b).private_ranges = addresses("10.0.0.0/8");
    b.gateway("gw", "hub", "10.0.255.0/27", "172.16.0.0/16");
    const FirewallAsked own(std::move(b), documented());
    const TraceResult spoke = own.vm("vm1", "10.2.0.4", Asked::tcp(80));
    CHECK(to_string(spoke.walk.final_packet.src) == "10.1.0.4");
    CHECK(reply(spoke) == "delivered");
    const TraceResult site = own.vm("vm1", "172.16.1.1", Asked::tcp(80));
    CHECK(verdict(site) == "delivered");
    CHECK(site.walk.at == "onprem");
    CHECK(shows_itself(own, site));
    CHECK(reply(site) == "delivered");
    SnapshotBuilder never = open_firewall();
    policy_of(never).private_ranges = addresses("0.0.0.0/0");
    const FirewallAsked kept(std::move(never), documented());
    CHECK(reason(kept.vm("vm1", "8.8.8.8", Asked::tcp(80))) == "NO_PUBLIC_IP");
    SnapshotBuilder always = open_firewall();
    policy_of(always).private_ranges = addresses("255.255.255.255/32");
    const FirewallAsked changed(std::move(always), documented());
    const TraceResult shown = changed.vm("vm1", "10.2.0.4", Asked::tcp(80));
    CHECK(shows_itself(changed, shown));
    CHECK(reply(shown) == "delivered");
}

TEST_CASE("learned ranges and a parent's own ranges leave the source open", "[FW-36][FW-37]") {
    // vm2 takes only packets of the spoke.
    const auto closed = [](SnapshotBuilder& b) {
        b.group("g", {"100 in allow any 10.1.0.0/16 -> * *", "200 in deny any * -> * *"});
        b.attach("g", "s2/a");
    };
    SnapshotBuilder learns = open_firewall();
    policy_of(learns).private_ranges = addresses("192.168.0.0/16");
    policy_of(learns).learns_ranges = true;
    closed(learns);
    const FirewallAsked learning(std::move(learns), documented());
    CHECK(verdict(learning.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "unknown");
    const auto inherited = [&] {
        SnapshotBuilder b = hub_and_spokes("child");
        policy(b, "parent").private_ranges = addresses("10.0.0.0/8");
        policy(b, "child", "parent").private_ranges = addresses("192.168.0.0/16");
        rules(b, "child/g 100", "100 net allow", {"all any * -> * *"});
        closed(b);
        return b;
    };
    CHECK(verdict(FirewallAsked(inherited(), documented()).vm("vm1", "10.2.0.4", Asked::tcp(80))) ==
          "dropped");
    CHECK(verdict(FirewallAsked(inherited(), documented({"child-ranges-replace-parents=no"}))
                      .vm("vm1", "10.2.0.4", Asked::tcp(80))) == "delivered");
    CHECK(verdict(FirewallAsked(inherited(), strict()).vm("vm1", "10.2.0.4", Asked::tcp(80))) ==
          "unknown");
}

TEST_CASE("which address of its subnet a firewall shows is not known", "[FW-35]") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "100 nat dnat", {"web tcp * -> 20.0.0.1 80 to 10.2.0.4:80"});
    // Half of the firewall's subnet, and all of another workload's.
    b.group("g", {"100 in allow any 10.0.0.0/27 -> * *", "200 in deny any * -> * *"});
    b.attach("g", "s2/a");
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult half = asked.internet("8.8.8.8", "20.0.0.1", Asked::tcp(80));
    CHECK(verdict(half) == "unknown");
    REQUIRE(half.depends_on.size() == 1);
    CHECK(asked.network.facts().name(half.depends_on.front()) ==
          "AZR9007 " + SnapshotBuilder::subnet_id("hub/AzureFirewallSubnet").text());
}

TEST_CASE("a NAT gateway on the firewall's subnet gives the public source", "[FW-33]") {
    SnapshotBuilder b = open_firewall();
    b.nat_gateway("hub/AzureFirewallSubnet", "20.9.9.9");
    const FirewallAsked asked(std::move(b), documented());
    CHECK(to_string(asked.vm("vm1", "8.8.8.8", Asked::tcp(80)).walk.final_packet.src) ==
          "20.9.9.9");
}

TEST_CASE("a service endpoint on the firewall's subnet takes what leaves it", "[FW-38]") {
    SnapshotBuilder b = open_firewall();
    b.tag("Storage", "20.60.0.0/16");
    b.service_endpoint("hub/AzureFirewallSubnet", "Microsoft.Storage");
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult blob = asked.vm("vm1", "20.60.1.7", Asked::tcp(443));
    CHECK(verdict(blob) == "delivered");
    CHECK(blob.walk.path.back().kind == HopKind::service_endpoint);
    CHECK(shows_itself(asked, blob));
    CHECK(reply(blob) == "delivered");
}

TEST_CASE("only the path decides whether a firewall is passed", "[FW-39]") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");  // nothing is allowed
    b.peer("s1", "s2");
    b.subnet("s1/free", "10.1.9.0/24").vm("free", "s1/free", "10.1.9.4");
    const FirewallAsked asked(std::move(b), documented());
    // A direct peering is more specific than the default route.
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "delivered");
    CHECK(verdict(asked.vm("vm1", "8.8.8.8", Asked::tcp(80))) == "dropped");
    // A subnet without the route table goes past it.
    CHECK(verdict(asked.vm("free", "8.8.8.8", Asked::tcp(80))) == "delivered");
}

TEST_CASE("what the firewall lets through goes by its own subnet's routes", "[FW-40][FW-43]") {
    SnapshotBuilder b = open_firewall();
    rules(b, "p/g 100", "200 nat dnat", {"web tcp * -> 20.0.0.1 80 to 10.2.0.4:80"});
    b.gateway("gw", "hub", "10.0.255.0/27", "0.0.0.0/1,128.0.0.0/1");
    b.routes("hub/AzureFirewallSubnet", {"0.0.0.0/0 gateway"});
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult forced = asked.vm("vm1", "8.8.8.8", Asked::tcp(80));
    CHECK(verdict(forced) == "delivered");
    CHECK(forced.walk.at == "onprem");
    CHECK(shows_itself(asked, forced));
    // The answer to a client of the NAT rule is forced into the tunnel too.
    const TraceResult in = asked.internet("8.8.8.8", "20.0.0.1", Asked::tcp(80));
    CHECK(verdict(in) == "delivered");
    CHECK(reply(in) == "dropped");
}

TEST_CASE("without a public address nothing leaves for the internet", "[FW-33][FW-40]") {
    SnapshotBuilder b = open_firewall();
    b.edit().firewalls.begin()->second.configurations[0].public_ip.reset();
    b.edit().public_ips.clear();
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult out = asked.vm("vm1", "8.8.8.8", Asked::tcp(80));
    CHECK(reason(out) == "NO_PUBLIC_IP");
    CHECK(out.walk.at == firewall_id("fw").text());
}

TEST_CASE("a security group on the firewall's subnet means nothing", "[FW-41][N46]") {
    SnapshotBuilder b = open_firewall();
    b.group("g", {"100 in deny any * -> * *", "100 out deny any * -> * *"});
    b.attach("g", "hub/AzureFirewallSubnet");
    const FirewallAsked asked(std::move(b), documented());
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "delivered");
}

TEST_CASE("a reply that misses the firewall is lost, if state matters", "[FW-22][FW-42]") {
    const auto build = [](bool back) {
        SnapshotBuilder b = open_firewall();
        b.peer("s1", "s2");  // direct, unless a route says otherwise
        b.routes("s1/a", {"10.2.0.0/16 appliance 10.0.0.4"});
        if (back) b.routes("s2/a", {"10.1.0.0/16 appliance 10.0.0.4"});
        return b;
    };
    const FirewallAsked both(build(true), documented());
    const TraceResult same = both.vm("vm1", "10.2.0.4", Asked::tcp(80));
    CHECK(verdict(same) == "delivered");
    CHECK(reply(same) == "delivered");
    CHECK(same.walk.symmetric);
    const FirewallAsked one(build(false), documented());
    const TraceResult other = one.vm("vm1", "10.2.0.4", Asked::tcp(80));
    CHECK(verdict(other) == "delivered");
    CHECK(reply(other) == "dropped");
    const FirewallAsked open(build(false), strict());
    CHECK(reply(open.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "unknown");
    // A Deny of the reverse direction does not stop a reply.
    SnapshotBuilder denied = hub_and_spokes();
    policy(denied, "p");
    rules(denied, "p/g 100", "100 net deny", {"back any 10.2.0.0/16 -> * *"});
    rules(denied, "p/g 100", "200 net allow", {"all any * -> * *"});
    const FirewallAsked state(std::move(denied), documented());
    CHECK(reply(state.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "delivered");
    CHECK(verdict(state.vm("vm2", "10.1.0.4", Asked::tcp(80))) == "dropped");
}

TEST_CASE("the configuration alone decides: no flow outlives it", "[FW-12]") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "100 net deny", {"all any * -> * *"});
    const FirewallAsked asked(std::move(b), documented());
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "dropped");
}

TEST_CASE("a firewall without an IPv6 address carries no IPv6", "[FW-45]") {
    const auto build = [](bool dual) {
        SnapshotBuilder b = open_firewall();
        rules(b, "p/g 100", "50 nat dnat", {"no tcp * -> * 22 to 10.2.0.4:22"});
        b.vnet("s6", "fd00:6::/48").subnet("s6/a", "fd00:6::/64").vm("vm6", "s6/a", "fd00:6::4");
        b.vnet("s7", "fd00:7::/48").subnet("s7/a", "fd00:7::/64").vm("vm7", "s7/a", "fd00:7::4");
        b.edit()
            .virtual_networks.at(SnapshotBuilder::vnet_id("hub"))
            .address_space.push_back(parse_prefix("fd00::/64")->prefix);
        b.subnet("hub/AzureFirewallSubnet", "10.0.0.0/26,fd00::/64");
        PeeringOptions options;
        options.a_forwarded = options.b_forwarded = true;
        b.peer("hub", "s6", options).peer("hub", "s7", options);
        b.routes("s6/a", {"fd00:7::/48 appliance fd00::4"});
        b.routes("s7/a", {"fd00:6::/48 appliance fd00::4"});
        if (dual) {
            AzureFirewall::Configuration v6 = b.edit().firewalls.begin()->second.configurations[0];
            v6.id = ResourceId(v6.id.text() + "6");
            v6.public_ip.reset();
            v6.address = address("fd00::4");
            b.edit().firewalls.begin()->second.configurations.push_back(v6);
        }
        return b;
    };
    const FirewallAsked dual(build(true), documented());
    const TraceResult through = dual.vm("vm6", "fd00:7::4", Asked::tcp(80));
    CHECK(verdict(through) == "delivered");
    CHECK(to_string(through.walk.final_packet.src) == "fd00:6::4");
    CHECK(verdict(dual.vm("vm6", "fd00:7::4", Asked::tcp(22))) == "delivered");  // no NAT of IPv6
    const FirewallAsked plain(build(false), documented());
    CHECK(verdict(plain.vm("vm6", "fd00:7::4", Asked::tcp(80))) != "delivered");
}

TEST_CASE("a NAT rule can lead to a private endpoint", "[FW-46]") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "100 nat dnat", {"blob tcp * -> 20.0.0.1 443 to 10.2.0.50:443"});
    b.private_endpoint("pe", "s2/a", "10.2.0.50");
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult in = asked.internet("8.8.8.8", "20.0.0.1", Asked::tcp(443));
    CHECK(verdict(in) == "delivered");
    CHECK(in.walk.at == SnapshotBuilder::id("privateEndpoints", "pe").text());
    CHECK(reply(in) == "delivered");
}
