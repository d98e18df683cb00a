// Section 1.5 of the services reference: application rules, projected to addresses and ports.
#include "tests/engine/firewall_support.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

SnapshotBuilder with_names(std::initializer_list<const char*> allowed,
                           std::initializer_list<const char*> denied = {},
                           const char* denied_at = "100 app deny") {
    SnapshotBuilder b = hub_and_spokes();
    policy(b, "p");
    rules(b, "p/g 100", "200 app allow", allowed);
    if (denied.size() != 0) {
        rules(b, "p/g 100", denied_at, denied);
    }
    return b;
}

}  // namespace

TEST_CASE("an HTTPS rule for names opens the internet, and in strict any address",
          "[FW-26][FW-27][FW-34]") {  // worked vector 4
    const auto build = [] {
        return with_names({"update https:443 10.1.0.0/16 -> *.windowsupdate.com"});
    };
    const FirewallAsked asked(build(), documented());
    const TraceResult out = asked.vm("vm1", "8.8.8.8", Asked::tcp(443));
    CHECK(verdict(out) == "delivered");
    CHECK(out.walk.by.id == firewall_rule_id("p/g/app200/update"));
    CHECK(to_string(out.walk.final_packet.src) == "20.0.0.1");
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(443))) == "dropped");
    CHECK(verdict(asked.vm("vm2", "8.8.8.8", Asked::tcp(443))) == "dropped");
    const FirewallAsked open(build(), strict());
    const TraceResult aside = open.vm("vm1", "10.2.0.4", Asked::tcp(443));
    CHECK(verdict(aside) == "unknown");
    std::vector<std::string> facts;
    for (const Fact& fact : aside.depends_on) facts.push_back(open.network.facts().name(fact));
    CHECK(std::find(facts.begin(), facts.end(), "app-rule-https-any-destination") != facts.end());
    CHECK(std::find(facts.begin(), facts.end(), "app-rule-name-matches") != facts.end());
    CHECK(verdict(open.vm("vm1", "10.2.0.4", Asked::tcp(22))) == "dropped");
    const FirewallAsked any(build(), documented({"app-rule-https-any-destination=yes"}));
    const TraceResult through = any.vm("vm1", "10.2.0.4", Asked::tcp(443));
    CHECK(verdict(through) == "delivered");
    CHECK(reply(through) == "delivered");
    CHECK(any.network.firewalls().at(0).shown.contains(through.walk.final_packet.src));
}

TEST_CASE("an application Deny takes nothing away at L4, but for every name", "[FW-29][FW-30]") {
    const FirewallAsked names(
        with_names({"all https:443 * -> *"}, {"bad https:443 * -> bad.example.com"}), documented());
    CHECK(verdict(names.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "delivered");
    const FirewallAsked every(with_names({"all https:443,http:80 * -> *"}, {"no https:443 * -> *"}),
                              documented());
    const TraceResult closed = every.vm("vm1", "8.8.8.8", Asked::tcp(443));
    CHECK(verdict(closed) == "dropped");
    CHECK(reason(closed) == "FW_APP_DENY");
    CHECK(verdict(every.vm("vm1", "8.8.8.8", Asked::tcp(80))) == "delivered");
    // HTTP on a port on which only HTTPS is denied.
    const FirewallAsked mixed(with_names({"plain http:443 * -> *"}, {"no https:443 * -> *"}),
                              documented());
    CHECK(verdict(mixed.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "delivered");
    const FirewallAsked none(with_names({"all https:443 * -> *"}),
                             documented({"app-rule-name-matches=no"}));
    CHECK(verdict(none.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "dropped");
}

TEST_CASE("names that are stated open what they resolve to", "[FW-28][FW-31]") {
    SnapshotBuilder b = with_names({"blob https:443 * -> *.blob.core.windows.net"});
    b.vm("vm3", "s2/a", "10.2.0.7");
    const FirewallAsked asked(std::move(b),
                              documented({"fqdn:st1.blob.core.windows.net=10.2.0.4",
                                          "fqdn:evilblob.core.windows.net=10.2.0.7"}));
    CHECK(verdict(asked.vm("vm1", "10.2.0.4", Asked::tcp(443))) == "delivered");
    const TraceResult other = asked.vm("vm1", "10.2.0.7", Asked::tcp(443));
    CHECK(verdict(other) == "dropped");
    CHECK(reason(other) == "FW_DEFAULT_DENY");
    CHECK(name_matches("*.c.com", "a.c.com"));
    CHECK_FALSE(name_matches("*.c.com", "c.com"));
    CHECK(name_matches("*c.com", "evilc.com"));
    CHECK(name_matches("www.C.com", "WWW.c.com"));
    CHECK_FALSE(name_matches("www.c.com", "xwww.c.com"));
}

TEST_CASE("only TCP is asked for names, and destinations of the rule bind", "[FW-27]") {
    const FirewallAsked asked(with_names({"r https:443 * -> a.example.com at 8.8.8.0/24"}),
                              documented());
    CHECK(verdict(asked.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "delivered");
    CHECK(verdict(asked.vm("vm1", "8.8.4.4", Asked::tcp(443))) == "dropped");
    CHECK(verdict(asked.vm("vm1", "8.8.8.8", Asked::udp(443))) == "dropped");
}

TEST_CASE("SQL by name, and its ports when redirection is allowed", "[FW-25]") {
    const auto build = [](bool redirect) {
        SnapshotBuilder b = with_names({"db mssql:1433 * -> sql.database.windows.net"});
        b.edit().firewall_policies.begin()->second.sql_redirect = redirect;
        return b;
    };
    const FirewallAsked proxy(build(false), documented());
    CHECK(verdict(proxy.vm("vm1", "40.0.0.1", Asked::tcp(1433))) == "delivered");
    CHECK(verdict(proxy.vm("vm1", "40.0.0.1", Asked::tcp(11500))) == "dropped");
    const FirewallAsked redirect(build(true), documented());
    CHECK(verdict(redirect.vm("vm1", "40.0.0.1", Asked::tcp(11500))) == "delivered");
    CHECK(verdict(redirect.vm("vm1", "40.0.0.1", Asked::tcp(12000))) == "dropped");
}

TEST_CASE("infrastructure names come last, and a Deny of every name ends them", "[FW-11]") {
    const auto build = [](bool closed) {
        SnapshotBuilder b = hub_and_spokes();
        policy(b, "p");
        if (closed) rules(b, "p/g 100", "100 app deny", {"no https:443,http:80 * -> *"});
        return b;
    };
    const FirewallAsked documents(build(false), documented());
    CHECK(verdict(documents.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "dropped");
    const FirewallAsked open(build(false), strict());
    CHECK(verdict(open.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "unknown");
    CHECK(verdict(open.vm("vm1", "10.2.0.4", Asked::tcp(443))) == "dropped");
    const FirewallAsked yes(build(false), documented({"infrastructure-names-match=yes"}));
    CHECK(verdict(yes.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "delivered");
    const FirewallAsked closed(build(true), documented({"infrastructure-names-match=yes"}));
    CHECK(verdict(closed.vm("vm1", "8.8.8.8", Asked::tcp(443))) == "dropped");
}
