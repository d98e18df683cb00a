// Section 1 of the services reference: Azure Firewall, by the trace and by the packet sets.
#include "tests/engine/firewall_support.hpp"

using namespace azreach;
using namespace azreach::testing;

TEST_CASE("a network rule that matches ends the matter: an application Deny does not undo it",
          "[FW-3][FW-7]") {  // worked vector 1
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "300 net allow", {"all tcp * -> * 443"});
    rules(b, "p/g 100", "200 app deny", {"search https:443 * -> google.com"});
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult out = asked.vm("vm1", "8.8.8.8", Asked::tcp(443));
    CHECK(verdict(out) == "delivered");
    CHECK(reply(out) == "delivered");
    CHECK(out.walk.by.id == firewall_rule_id("p/g/net300/all"));
    CHECK(to_string(out.walk.final_packet.src) == "20.0.0.1");
    CHECK(verdict(asked.vm("vm1", "8.8.8.8", Asked::tcp(22))) == "dropped");
}

TEST_CASE("all groups of the parent come before all of the child", "[FW-2][FW-3]") {
    SnapshotBuilder b = hub_and_spokes("child");  // worked vector 2
    policy(b, "parent");
    policy(b, "child", "parent");
    rules(b, "parent/g 65000", "1300 net deny", {"ssh tcp * -> * 22"});
    rules(b, "child/g 100", "100 net allow", {"ssh tcp * -> * 22", "web tcp * -> * 80"});
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult ssh = asked.vm("vm1", "10.2.0.4", Asked::tcp(22));
    CHECK(verdict(ssh) == "dropped");
    CHECK(reason(ssh) == "FW_NET_DENY");
    CHECK(ssh.walk.by.id == firewall_rule_id("parent/g/net1300/ssh"));
    CHECK(ssh.walk.at == firewall_id("fw").text());
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "delivered");
}

TEST_CASE("a NAT rule publishes, whatever network rules and the internet tag say",
          "[FW-8][FW-10][FW-35]") {  // worked vector 3
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "500 nat dnat", {"rdp tcp * -> 20.0.0.1 3389 to 10.2.0.4:3389"});
    rules(b, "p/g 100", "100 net deny", {"rdp tcp * -> * 3389"});
    b.group("g", {"100 in deny any Internet -> * *"}).attach("g", "s2/a");
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult in = asked.internet("8.8.8.8", "20.0.0.1", Asked::tcp(3389));
    CHECK(verdict(in) == "delivered");
    CHECK(reply(in) == "delivered");
    CHECK(in.walk.at == SnapshotBuilder::nic_id("vm2").text());
    CHECK(asked.network.firewalls().at(0).shown.contains(in.walk.final_packet.src));
    const TraceResult other = asked.internet("8.8.8.8", "20.0.0.1", Asked::tcp(22));
    CHECK(verdict(other) == "dropped");
    CHECK(reason(other) == "FW_DEFAULT_DENY");
}
