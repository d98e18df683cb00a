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

TEST_CASE("order: by pass, then parent, group and collection priority", "[FW-2][FW-3]") {
    // The worked example of the reference: the order in which the rules stand.
    SnapshotBuilder b = hub_and_spokes("child");
    policy(b, "parent");
    policy(b, "child", "parent");
    const char* net[] = {"r tcp * -> * 1"};
    const char* nat[] = {"r tcp * -> 20.0.0.1 1 to 10.2.0.4:1"};
    const char* app[] = {"r https:443 * -> a.example.com"};
    const auto add = [&](const char* group, const char* collection, const char* const* rule) {
        rules(b, group, collection, {*rule});
    };
    add("parent/A 200", "600 nat dnat", nat);
    add("parent/A 200", "610 nat dnat", nat);
    add("parent/A 200", "800 net allow", net);
    add("parent/B 300", "1200 app allow", app);
    add("parent/B 300", "1300 net allow", net);
    add("child/C 300", "700 net allow", net);
    add("child/C 300", "900 app allow", app);
    add("child/D 650", "1100 net allow", net);
    add("child/D 650", "2000 app allow", app);
    add("child/D 650", "3000 nat dnat", nat);
    const Network network(b.snapshot(), documented());
    const FirewallRules& list = network.firewalls().rules(0).alternatives.front();
    const auto priorities = [](const auto& items, const auto& match_of) {
        std::vector<int> result;
        for (const auto& item : items) result.push_back(match_of(item).collection->priority);
        return result;
    };
    const auto itself = [](const FirewallMatch& match) -> const FirewallMatch& { return match; };
    CHECK(priorities(
              list.nat, [](const NatMatch& n) -> const auto& { return n.match; }) ==
          std::vector{600, 610, 3000});
    CHECK(priorities(list.network, itself) == std::vector{800, 1300, 700, 1100});
    CHECK(priorities(list.application[1], itself) == std::vector{1200, 900, 2000});
}

TEST_CASE("a parent's NAT rules: inherited or not", "[FW-2a]") {
    const auto build = [] {
        SnapshotBuilder b = hub_and_spokes("child");
        policy(b, "parent");
        policy(b, "child", "parent");
        rules(b, "parent/g 100", "100 nat dnat", {"ssh tcp * -> 20.0.0.1 22 to 10.2.0.4:22"});
        return b;
    };
    const auto ask = [&](Assumptions assumptions) {
        return verdict(FirewallAsked(build(), std::move(assumptions))
                           .internet("8.8.8.8", "20.0.0.1", Asked::tcp(22)));
    };
    CHECK(ask(documented()) == "delivered");
    CHECK(ask(documented({"parent-nat-inherited=no"})) == "dropped");
    CHECK(ask(strict()) == "unknown");
}

TEST_CASE("NAT rules of one collection that take the same packet: either may", "[FW-4]") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "100 nat dnat",
          {"one tcp * -> 20.0.0.1 22 to 10.1.0.4:22", "two tcp * -> 20.0.0.1 22 to 10.2.0.4:22"});
    b.group("closed", {"100 in deny any * -> * *"}).attach("closed", "s2/a");
    const FirewallAsked asked(std::move(b), documented());
    CHECK(verdict(asked.internet("8.8.8.8", "20.0.0.1", Asked::tcp(22))) == "unknown");
}

TEST_CASE("equal priorities stand in every order", "[FW-5]") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "100 net allow one", {"r tcp * -> * 80"});
    rules(b, "p/g 100", "100 net deny two", {"r tcp * -> * 80,443"});
    rules(b, "p/h 100", "100 net allow three", {"r tcp * -> * 443"});
    const FirewallAsked asked(std::move(b), documented());
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "unknown");
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(443))) == "unknown");
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(22))) == "dropped");
}

TEST_CASE("classic rules: one list a pass, by collection priority", "[FW-6]") {
    SnapshotBuilder b = hub_and_spokes("");
    rules(b, "fw", "300 net allow", {"all any * -> * *"});
    rules(b, "fw", "200 net deny", {"ssh tcp * -> * 22"});
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult ssh = asked.vm("vm1", "10.2.0.4", Asked::tcp(22));
    CHECK(ssh.walk.by.id == firewall_rule_id("fw/networkRuleCollections/net200/ssh"));
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "delivered");
}

TEST_CASE("a policy and classic rules at once: the policy, if the documents are right", "[FW-1]") {
    const auto build = [] {
        SnapshotBuilder b = hub_and_spokes();
        policy(b, "p");
        rules(b, "p/g 100", "100 net allow", {"web tcp * -> * 443", "both tcp * -> * 22"});
        rules(b, "fw", "100 net allow", {"plain tcp * -> * 80", "both tcp * -> * 22"});
        return b;
    };
    const FirewallAsked asked(build(), documented());
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(443))) == "delivered");
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "dropped");
    const FirewallAsked open(build(), strict());
    CHECK(verdict(open.vm("vm1", "10.2.0.4", Asked::tcp(443))) == "unknown");
    CHECK(verdict(open.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "unknown");
    CHECK(verdict(open.vm("vm1", "10.2.0.4", Asked::tcp(8080))) == "dropped");
}

TEST_CASE("a Deny of network rules and what NAT rules translate", "[FW-8]") {
    const auto build = [] {
        SnapshotBuilder b = hub_and_spokes();
        policy(b, "p");
        rules(b, "p/g 100", "500 nat dnat",
              {"rdp tcp * -> 20.0.0.1 3389 to 10.2.0.4:3389",
               "web tcp * -> 20.0.0.1 80 to 10.2.0.4:80"});
        rules(b, "p/g 100", "100 net deny", {"rdp tcp * -> 10.2.0.4 3389"});
        return b;
    };
    const FirewallAsked open(build(), strict());
    CHECK(verdict(open.internet("8.8.8.8", "20.0.0.1", Asked::tcp(3389))) == "unknown");
    const FirewallAsked no(build(), documented({"dnat-ignores-network-deny=no"}));
    const TraceResult stopped = no.internet("8.8.8.8", "20.0.0.1", Asked::tcp(3389));
    CHECK(verdict(stopped) == "dropped");
    CHECK(reason(stopped) == "FW_NET_DENY");
    CHECK(verdict(no.internet("8.8.8.8", "20.0.0.1", Asked::tcp(80))) == "delivered");
}

TEST_CASE("a NAT rule may open transit to what it translates to", "[FW-9]") {
    const auto build = [] {
        SnapshotBuilder b = hub_and_spokes();
        policy(b, "p");
        rules(b, "p/g 100", "100 nat dnat", {"web tcp * -> 20.0.0.1 8080 to 10.2.0.4:80"});
        return b;
    };
    const FirewallAsked asked(build(), documented());
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "dropped");
    const FirewallAsked yes(build(), documented({"dnat-transit-allow=yes"}));
    const TraceResult through = yes.vm("vm1", "10.2.0.4", Asked::tcp(80));
    CHECK(verdict(through) == "delivered");
    CHECK(yes.network.firewalls().at(0).shown.contains(through.walk.final_packet.src));
    CHECK(verdict(yes.vm("vm1", "10.2.0.4", Asked::tcp(8080))) == "dropped");
    const FirewallAsked open(build(), strict());
    CHECK(verdict(open.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "unknown");
}

TEST_CASE("protocols: Any with every port is all of them, with ports TCP and UDP", "[FW-15]") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "100 net allow",
          {"some any 10.1.0.0/16 -> 10.2.0.0/16 80", "all any 10.2.0.0/16 -> * *",
           "ping icmp 10.1.0.0/16 -> * 1"});
    const FirewallAsked asked(std::move(b), documented());
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::udp(80))) == "delivered");
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", {kEsp, 0, 0})) == "dropped");
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::ping())) == "delivered");
    CHECK(verdict(asked.vm("vm2", "10.1.0.4", {kEsp, 0, 0})) == "delivered");
    // Whether anything but TCP and UDP is translated to the internet is not sure.
    CHECK(verdict(asked.vm("vm2", "8.8.8.8", Asked::ping())) == "unknown");
    CHECK(verdict(asked.vm("vm2", "8.8.8.8", Asked::udp(53))) == "delivered");
}

TEST_CASE("what a side does not say, or names without knowing, may match",
          "[FW-16][FW-17][FW-18]") {
    const auto build = [](const char* rule) {
        SnapshotBuilder b = hub_and_spokes();
        policy(b, "p");
        rules(b, "p/g 100", "200 net allow", {rule});
        return b;
    };
    const char* rule =
        GENERATE("r tcp ? -> * 443", "r tcp * -> ? 443", "r tcp group:unread -> * 443",
                 "r tcp * -> Sql.WestEurope 443", "r tcp * -> name:www.example.com 443");
    CAPTURE(rule);
    const FirewallAsked asked(build(rule), documented());
    CHECK(verdict(asked.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "unknown");
    CHECK(verdict(asked.vm("vm1", "8.8.8.8", Asked::tcp(80))) == "dropped");
    SnapshotBuilder labels = build("r tcp 10.1.0.0/16 -> * 443");
    labels.edit().firewall_policies.begin()->second.groups[0].collections[0].rules[0].source = {};
    labels.edit()
        .firewall_policies.begin()
        ->second.groups[0]
        .collections[0]
        .rules[0]
        .source.by_label = true;
    const FirewallAsked kube(std::move(labels), documented());
    CHECK(verdict(kube.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "unknown");
}

TEST_CASE("IP groups, tags and stated names are sets of addresses", "[FW-16][FW-17]") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    ip_group(b, "spokes", "10.1.0.0/16,10.9.0.0/16");
    b.tag("Sql", "40.0.0.0/16");
    rules(b, "p/g 100", "200 net allow",
          {"g tcp group:spokes -> Sql 443", "n tcp group:spokes -> name:www.example.com 8443"});
    const FirewallAsked asked(std::move(b), documented({"fqdn:www.example.com=8.8.8.8"}));
    CHECK(verdict(asked.vm("vm1", "40.0.1.1", Asked::tcp(443))) == "delivered");
    CHECK(verdict(asked.vm("vm2", "40.0.1.1", Asked::tcp(443))) == "dropped");
    CHECK(verdict(asked.vm("vm1", "8.8.8.8", Asked::tcp(8443))) == "delivered");
    CHECK(verdict(asked.vm("vm1", "8.8.4.4", Asked::tcp(8443))) == "dropped");
}

TEST_CASE("threat intelligence and intrusion detection never prove a block", "[FW-19]") {
    const auto build = [](FirewallMode intel, FirewallMode idps) {
        SnapshotBuilder b = hub_and_spokes("child");
        policy(b, "parent").threat_intel = intel;
        FirewallPolicy& child = policy(b, "child", "parent");
        child.intrusion_detection = idps;
        child.tier = "Premium";
        child.threat_intel_allowlist = addresses("8.8.8.8");
        b.edit().firewalls.begin()->second.tier = "Premium";
        rules(b, "child/g 100", "100 net allow", {"r any * -> * *"});
        return b;
    };
    const bool intel = GENERATE(true, false);
    const FirewallMode a = intel ? FirewallMode::deny : FirewallMode::alert;
    const FirewallMode i = intel ? FirewallMode::off : FirewallMode::deny;
    const FirewallAsked asked(build(a, i), documented());
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "delivered");
    const FirewallAsked open(build(a, i), strict());
    CHECK(verdict(open.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "unknown");
    const char* statement = intel ? "threat-intel=blocks" : "idps=blocks";
    const FirewallAsked blocks(build(a, i), documented({statement}));
    CHECK(verdict(blocks.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "dropped");
    CHECK(verdict(blocks.vm("vm1", "8.8.8.8", Asked::tcp(80))) == "delivered");
    const FirewallAsked alert(build(FirewallMode::alert, FirewallMode::alert), strict());
    CHECK(verdict(alert.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "delivered");
}

TEST_CASE("the firewall itself answers as a proxy, of DNS or of the web", "[FW-20][FW-21]") {
    SnapshotBuilder b = hub_and_spokes();
    FirewallPolicy& p = policy(b, "p");
    p.dns_proxy = true;
    p.proxy_ports = PortSet::single(8080);
    p.proxy_file_ports = PortSet::single(8090);
    const FirewallAsked asked(std::move(b), documented());
    for (const Service& service :
         {Asked::udp(53), Asked::tcp(53), Asked::tcp(8080), Asked::tcp(8090)}) {
        const TraceResult here = asked.vm("vm1", "10.0.0.4", service);
        CHECK(verdict(here) == "delivered");
        CHECK(here.walk.at == firewall_id("fw").text());
    }
    CHECK(verdict(asked.vm("vm1", "10.0.0.4", Asked::tcp(443))) == "dropped");
    CHECK(verdict(asked.internet("8.8.8.8", "20.0.0.1", Asked::udp(53))) == "dropped");
    // By peering alone, without any user route.
    CHECK(verdict(asked.vm("vmh", "10.0.0.4", Asked::tcp(8080))) == "delivered");
}

TEST_CASE("ports above 64000 in NAT rules count, and names that resolve to one address",
          "[FW-23][FW-24]") {
    const auto build = [] {
        SnapshotBuilder b = hub_and_spokes();
        policy(b, "p");
        rules(b, "p/g 100", "100 nat dnat",
              {"high tcp * -> 20.0.0.1 65000 to 10.2.0.4:65000",
               "name tcp * -> 20.0.0.1 80 to web.internal:80"});
        return b;
    };
    const FirewallAsked asked(build(), documented());
    CHECK(verdict(asked.internet("8.8.8.8", "20.0.0.1", Asked::tcp(65000))) == "delivered");
    const TraceResult name = asked.internet("8.8.8.8", "20.0.0.1", Asked::tcp(80));
    CHECK(verdict(name) == "unknown");
    REQUIRE(name.depends_on.size() == 1);
    CHECK(asked.network.facts().name(name.depends_on.front()) == "AZR9030 web.internal");
    const FirewallAsked known(build(), documented({"fqdn:web.internal=10.2.0.4"}));
    CHECK(verdict(known.internet("8.8.8.8", "20.0.0.1", Asked::tcp(80))) == "delivered");
}

TEST_CASE("rules that were not read may do anything", "[J4][FW-2]") {
    const int what = GENERATE(0, 1, 2);
    SnapshotBuilder b = hub_and_spokes(what == 0 ? "unread" : "p");
    if (what != 0) {
        policy(b, "p", what == 1 ? "unread" : "");
        rules(b, "p/g 100", "100 net allow", {"r any * -> * *"});
    }
    if (what == 2) {
        b.edit().firewall_policies.begin()->second.listed_groups.push_back(
            SnapshotBuilder::id("firewallPolicies/ruleCollectionGroups", "p/unread"));
    }
    const FirewallAsked asked(std::move(b), documented());
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(80))) == "unknown");
    CHECK(verdict(asked.internet("8.8.8.8", "20.0.0.1", Asked::tcp(80))) == "unknown");
}

TEST_CASE("a firewall without any rules lets nothing through", "[FW-6]") {
    const FirewallAsked asked(hub_and_spokes(""), documented());
    const TraceResult none = asked.vm("vm1", "10.2.0.4", Asked::tcp(80));
    CHECK(verdict(none) == "dropped");
    CHECK(reason(none) == "FW_NO_POLICY");
}

TEST_CASE("a deallocated firewall stands nowhere", "[FW-14]") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "100 net allow", {"r any * -> * *"});
    b.edit().firewalls.begin()->second.configurations.clear();
    const FirewallAsked asked(std::move(b), documented());
    const TraceResult lost = asked.vm("vm1", "10.2.0.4", Asked::tcp(80));
    CHECK(verdict(lost) == "dropped");
    CHECK(reason(lost) == "NO_SUCH_ADDRESS");
}
