#include "tests/models/edges_fixture.hpp"
#include "tests/support/catch.hpp"

namespace azreach::edges_test {

using Texts = std::vector<std::string>;

namespace {

/// Two members, 10.0.1.4 and 10.0.1.5, that name the balancer's pool.
void add_members(Given& given, LoadBalancer& balancer) {
    for (const auto& [name, address] : {std::pair{"nic-a", "10.0.1.4"}, {"nic-b", "10.0.1.5"}}) {
        given.nic(name, address).configurations.front().lb_pools = {balancer.pools.front().id};
    }
}

}  // namespace

TEST_CASE("a rule forwards its protocol and port to any pool member at the backend port",
          "[E5][E6][N42][N43]") {
    Given given;
    LoadBalancer& balancer = given.balancer();
    add_members(given, balancer);
    Given::rule(balancer, RuleProtocol::tcp, 80, 8080);
    const auto network = given.network();
    const auto& all = translations(*network);

    CHECK(ways(*network, all, tcp(80)) ==
          Texts{"lb_rule rule -> nic-a:8080 closed", "lb_rule rule -> nic-b:8080 closed"});
    CHECK(ways(*network, all, tcp(8080)).empty());
    CHECK(ways(*network, all, udp(80)).empty());
    CHECK(ways(*network, all, ping()).empty());
    // Which member is a choice of the platform, not an unknown fact.
    CHECK(all[0].choice_group == all[1].choice_group);
    CHECK(all[0].internal);
    CHECK(all[0].by == balancer.header.id.child("loadBalancingRules", "rule"));
}

TEST_CASE("a pool is filled from either side", "[E5][E14][J6][J4]") {
    struct Row {
        std::string given;
        void (*change)(Given&, LoadBalancer&);
        Texts then;
    };
    const auto row = GENERATE(values<Row>({
        {"nobody", [](Given&, LoadBalancer&) {}, {"lb_rule rule -> nobody:8080 closed"}},
        {"the pool lists its members",
         [](Given& g, LoadBalancer& lb) {
             g.nic("nic-a", "10.0.1.4");
             lb.pools.front().ip_configurations = {config_id("NIC-A", "IP")};
         },
         {"lb_rule rule -> nic-a:8080 closed"}},
        {"both sides say the same",
         [](Given& g, LoadBalancer& lb) {
             g.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {lb.pools.front().id};
             lb.pools.front().ip_configurations = {config_id("nic-a")};
         },
         {"lb_rule rule -> nic-a:8080 closed"}},
        {"members that were not read count once",
         [](Given& g, LoadBalancer& lb) {
             g.nic("nic-a", "10.0.1.4");
             lb.pools.front().ip_configurations = {config_id("gone-1"), config_id("nic-a"),
                                                   config_id("gone-2")};
         },
         {"lb_rule rule -> nic-a:8080 closed", "unread rule -> ip:8080 closed if AZR9001 ip"}},
        {"instances of a scale set that were not read",
         [](Given& g, LoadBalancer& lb) {
             g.scale_set("vmss", 2).interfaces.front().configurations.front().lb_pools = {
                 lb.pools.front().id};
         },
         {"unread rule -> vmss:8080 closed if AZR9007 app"}},
        {"instances of a scale set that were",
         [](Given& g, LoadBalancer& lb) {
             ScaleSet& set = g.scale_set("vmss", 1);
             set.interfaces.front().configurations.front().lb_pools = {lb.pools.front().id};
             NetworkInterface& nic = g.nic("i0", "10.0.1.7");
             nic.scale_set = set.header.id;
             nic.configurations.front().lb_pools = {lb.pools.front().id};
         },
         {"lb_rule rule -> i0:8080 closed"}},
        {"by address, in a VNet that was read",
         [](Given& g, LoadBalancer& lb) {
             g.nic("nic-a", "10.0.1.4");
             LbBackendAddress address;
             address.name = "one";
             address.address = ip("10.0.1.4");
             address.virtual_network = id_of("virtualNetworks", "vnet");
             lb.pools.front().addresses = {address};
             address.name = "two";
             address.address = ip("10.0.1.5");
             lb.pools.front().addresses.push_back(address);
         },
         {"lb_rule rule -> nic-a:8080 closed", "lb_rule rule -> app:8080 closed"}},
        {"by address, in a VNet that was not read",
         [](Given&, LoadBalancer& lb) {
             LbBackendAddress address;
             address.name = "one";
             address.address = ip("10.9.1.4");
             address.virtual_network = id_of("virtualNetworks", "gone");
             lb.pools.front().addresses = {address};
         },
         {"unread rule -> gone:8080 closed if AZR9001 gone"}},
        {"a member that was taken out may still get packets",
         [](Given& g, LoadBalancer& lb) {
             g.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {lb.pools.front().id};
             g.nic("nic-b", "10.0.1.5").configurations.front().lb_pools = {lb.pools.front().id};
             LbBackendAddress address;
             address.name = "b";
             address.ip_configuration = config_id("nic-b");
             address.admin_down = true;
             lb.pools.front().addresses = {address};
         },
         {"lb_rule rule -> nic-a:8080 closed", "lb_rule rule -> nic-b:8080 closed if AZR9008 b"}},
        {"a pool that was not read",
         [](Given& g, LoadBalancer& lb) {
             const ResourceId gone = lb.header.id.child("backendAddressPools", "gone");
             lb.rules.front().pools = {gone};
             g.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {gone};
         },
         {"lb_rule rule -> nic-a:8080 closed", "unread rule -> gone:8080 closed if AZR9001 gone"}},
        {"an empty pool after a page that was cut off",
         [](Given& g, LoadBalancer&) {
             g.snapshot.gaps = {{"AZR9003", "page", "", ""}};
         },
         {"unread rule -> page:8080 closed if AZR9001 page"}},
    }));
    CAPTURE(row.given);
    Given given;
    LoadBalancer& balancer = given.balancer();
    Given::rule(balancer, RuleProtocol::tcp, 80, 8080);
    row.change(given, balancer);
    const auto network = given.network();
    CHECK(ways(*network, translations(*network), tcp(80)) == row.then);
}

TEST_CASE("HA ports carry all TCP and UDP; what else is contested", "[E5][R34]") {
    struct Row {
        std::string given;
        const char* stated;
        Texts other;
    };
    const auto row = GENERATE(values<Row>({
        {"strict", nullptr, {"lb_rule rule -> nic-a:* closed if ha-ports-carry-icmp"}},
        {"stated yes", "yes", {"lb_rule rule -> nic-a:* closed"}},
        {"stated no", "no", {}},
    }));
    CAPTURE(row.given);
    Given given;
    LoadBalancer& balancer = given.balancer();
    given.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {balancer.pools.front().id};
    Given::rule(balancer, RuleProtocol::any, 0, 0);
    if (row.stated != nullptr) {
        REQUIRE_FALSE(given.assumptions.state("ha-ports-carry-icmp", row.stated, "test"));
    }
    const auto network = given.network();
    const auto& all = translations(*network);
    CHECK(ways(*network, all, tcp(1)) == Texts{"lb_rule rule -> nic-a:* closed"});
    CHECK(ways(*network, all, udp(65535)) == Texts{"lb_rule rule -> nic-a:* closed"});
    CHECK(ways(*network, all, ping()) == row.other);
    CHECK(ways(*network, all, plain(kEsp)) == row.other);
}

TEST_CASE("HA ports exist on internal Standard frontends; elsewhere they are in doubt", "[E5]") {
    Given given;
    LoadBalancer* balancer = nullptr;
    SECTION("public") { balancer = &given.public_balancer(); }
    SECTION("Basic") {
        balancer = &given.balancer();
        balancer->sku = Sku::basic;
    }
    add_members(given, *balancer);
    Given::rule(*balancer, RuleProtocol::any, 0, 0);
    const auto network = given.network();
    const auto& all = translations(*network);
    REQUIRE_FALSE(all.empty());
    for (const Translation& way : all) {
        CHECK(text(*network, way.when).find("AZR9011 rule") != std::string::npos);
    }
}

TEST_CASE("a rule that cannot be read may take what it might mean", "[J3][E5]") {
    struct Row {
        std::string given;
        RuleProtocol protocol;
        int from, to;
        Service service;
        bool taken;
    };
    const auto row = GENERATE(values<Row>({
        {"All with a port", RuleProtocol::any, 80, 80, udp(80), true},
        {"All with a port, another port", RuleProtocol::any, 80, 80, udp(81), false},
        {"TCP with port 0", RuleProtocol::tcp, 0, 0, tcp(7), true},
        {"a protocol we do not know", RuleProtocol::other, 80, 80, ping(), true},
    }));
    CAPTURE(row.given);
    Given given;
    LoadBalancer& balancer = given.balancer();
    given.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {balancer.pools.front().id};
    Given::rule(balancer, row.protocol, row.from, row.to);
    const auto network = given.network();
    const auto taken = ways(*network, translations(*network), row.service);
    CHECK(taken.empty() != row.taken);
    for (const std::string& way : taken) {
        CHECK(way.find("AZR9011") != std::string::npos);
    }
}

TEST_CASE("an inbound NAT rule leads to one target, named from either side", "[E7]") {
    struct Row {
        std::string given;
        void (*change)(Given&, LbNatRule&);
        Texts then;
    };
    const auto row = GENERATE(values<Row>({
        {"the rule names it",
         [](Given&, LbNatRule& rule) { rule.backend_configuration = config_id("nic-a"); },
         {"nat_rule nat -> nic-a:22 closed"}},
        {"the interface names it",
         [](Given& g, LbNatRule& rule) {
             g.snapshot.interfaces.at(id_of("networkInterfaces", "nic-b"))
                 .configurations.front()
                 .lb_nat_rules = {rule.id};
         },
         {"nat_rule nat -> nic-b:22 closed"}},
        {"they name different ones",
         [](Given& g, LbNatRule& rule) {
             rule.backend_configuration = config_id("nic-a");
             g.snapshot.interfaces.at(id_of("networkInterfaces", "nic-b"))
                 .configurations.front()
                 .lb_nat_rules = {rule.id};
         },
         {"nat_rule nat -> nic-a:22 closed if AZR9006 nat",
          "nat_rule nat -> nic-b:22 closed if !AZR9006 nat"}},
        {"the target was not read",
         [](Given&, LbNatRule& rule) { rule.backend_configuration = config_id("gone"); },
         {"unread nat -> ip:22 closed if AZR9001 ip"}},
        {"no target", [](Given&, LbNatRule&) {}, {"nat_rule nat -> nobody:22 closed"}},
        {"both protocols",
         [](Given&, LbNatRule& rule) {
             rule.protocol = RuleProtocol::any;
             rule.backend_configuration = config_id("nic-a");
         },
         {"nat_rule nat -> nic-a:22 closed"}},
    }));
    CAPTURE(row.given);
    Given given;
    LoadBalancer& balancer = given.balancer();
    given.nic("nic-a", "10.0.1.4");
    given.nic("nic-b", "10.0.1.5");
    row.change(given, Given::nat_rule(balancer, 50001, 22));
    const auto network = given.network();
    CHECK(ways(*network, translations(*network), tcp(50001)) == row.then);
    CHECK(ways(*network, translations(*network), tcp(22)).empty());
}

TEST_CASE("a port range goes to some member, or to none", "[E7][J6]") {
    Given given;
    LoadBalancer& balancer = given.balancer();
    SECTION("pool form") {
        add_members(given, balancer);
        LbNatRule& rule = Given::nat_rule(balancer, 0, 22);
        rule.pool = balancer.pools.front().id;
        rule.frontend_port_start = 50000;
        rule.frontend_port_end = 50009;
        const auto network = given.network();
        const Texts some = {"nat_rule nat -> nic-a:22 closed", "nat_rule nat -> nic-b:22 closed",
                            "nat_rule nat -> nobody:22 closed"};
        CHECK(ways(*network, translations(*network), tcp(50000)) == some);
        CHECK(ways(*network, translations(*network), tcp(50009)) == some);
        CHECK(ways(*network, translations(*network), tcp(50010)).empty());
        CHECK(ways(*network, translations(*network), udp(50000)).empty());
    }
    SECTION("one port for each member") {
        add_members(given, balancer);
        LbNatRule& rule = Given::nat_rule(balancer, 0, 22);
        rule.pool = balancer.pools.front().id;
        rule.frontend_port_start = 50000;
        rule.frontend_port_end = 50001;
        const auto network = given.network();
        CHECK(ways(*network, translations(*network), tcp(50000)) ==
              Texts{"nat_rule nat -> nic-a:22 closed", "nat_rule nat -> nic-b:22 closed"});
    }
    SECTION("a scale set's NAT pool; rules made from it decide their ports") {
        LbNatRule& pool = Given::nat_rule(balancer, 0, 22, "natpool");
        pool.is_pool = true;
        pool.frontend_port_start = 50000;
        pool.frontend_port_end = 50009;
        const ResourceId pool_id = pool.id;
        ScaleSet& set = given.scale_set("vmss", 2);
        set.interfaces.front().configurations.front().lb_nat_pools = {pool_id};
        NetworkInterface& nic = given.nic("i0", "10.0.1.7");
        nic.scale_set = set.header.id;
        nic.configurations.front().lb_nat_pools = {pool_id};
        LbNatRule& made = Given::nat_rule(balancer, 50000, 22, "natpool.0");
        made.backend_configuration = config_id("i0");
        const auto network = given.network();
        CHECK(ways(*network, translations(*network), tcp(50000)) ==
              Texts{"nat_rule natpool.0 -> i0:22 closed"});
        CHECK(ways(*network, translations(*network), tcp(50001)) ==
              Texts{"nat_rule natpool -> i0:22 closed",
                    "unread natpool -> vmss:22 closed if AZR9007 app",
                    "nat_rule natpool -> nobody:22 closed"});
    }
}

TEST_CASE("delivery goes straight to a member, whatever its routes, health or part in the flow",
          "[E6][E8][E10][E11]") {
    Given given;
    LoadBalancer& balancer = given.balancer();
    add_members(given, balancer);
    // A probe stands for unknown health: nobody is left out for it.
    Given::rule(balancer, RuleProtocol::tcp, 80, 8080).probe =
        balancer.header.id.child("probes", "probe");
    // The members' subnet sends everything to an appliance: delivery ignores it.
    RouteTable table;
    table.header = header_of(id_of("routeTables", "rt"));
    Route route;
    route.name = "all";
    route.prefix = Prefix::all(Family::v4);
    route.next_hop = UserNextHop::virtual_appliance;
    route.next_hop_address = ip("10.0.1.9");
    table.routes = {route};
    given.snapshot.route_tables.emplace(table.header.id, table);
    given.subnet("app").route_table = table.header.id;
    const auto network = given.network();
    // A member that calls the frontend is among the choices; the walk drops that one.
    CHECK(ways(*network, translations(*network), tcp(80)) ==
          Texts{"lb_rule rule -> nic-a:8080 closed", "lb_rule rule -> nic-b:8080 closed"});
}

TEST_CASE("rules that overlap are a choice", "[E5][E7]") {
    Given given;
    LoadBalancer& balancer = given.balancer();
    add_members(given, balancer);
    Given::rule(balancer, RuleProtocol::tcp, 80, 8080);
    Given::nat_rule(balancer, 80, 22).backend_configuration = config_id("nic-a");
    const auto network = given.network();
    const auto& all = translations(*network);
    CHECK(ways(*network, all, tcp(80)).size() == 3);
    CHECK(all[0].choice_group == all[1].choice_group);
    CHECK(all[0].choice_group != all[2].choice_group);
}

TEST_CASE("floating IP is passed on", "[N44][E12]") {
    Given given;
    LoadBalancer& balancer = given.balancer();
    add_members(given, balancer);
    Given::rule(balancer, RuleProtocol::tcp, 1433, 1433).floating_ip = true;
    const auto network = given.network();
    for (const Translation& way : translations(*network)) {
        CHECK(way.floating_ip);
    }
}

TEST_CASE("a gateway load balancer in the way decides whether packets go on", "[E13]") {
    Given given;
    LoadBalancer& balancer = given.public_balancer();
    balancer.frontends.front().gateway_load_balancer =
        id_of("loadBalancers", "gwlb").child("frontendIPConfigurations", "gw-front");
    given.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {balancer.pools.front().id};
    Given::rule(balancer, RuleProtocol::tcp, 80, 80);
    const auto network = given.network();
    CHECK(ways(*network, translations(*network), tcp(80)) ==
          Texts{"lb_rule rule -> nic-a:80 closed if AZR9008 gw-front"});
}

TEST_CASE("a global balancer goes on with the rules of regional frontends", "[E15]") {
    Given given;
    LoadBalancer& regional = given.public_balancer();
    add_members(given, regional);
    Given::rule(regional, RuleProtocol::tcp, 443, 8443);
    const ResourceId front = regional.frontends.front().id;

    LoadBalancer& global = given.balancer("a-global");
    global.global_tier = true;
    given.public_ip("pip-global", "20.0.0.10");
    global.frontends.front().address.reset();
    global.frontends.front().subnet.reset();
    global.frontends.front().public_ip = id_of("publicIPAddresses", "pip-global");
    Given::rule(global, RuleProtocol::tcp, 443, 443, "global");
    LbBackendAddress address;
    address.name = "west";
    SECTION("named by id") { address.frontend = front; }
    SECTION("named by its public address") {
        address.address = ip("20.0.0.9");
        given.snapshot.public_ips.at(id_of("publicIPAddresses", "pip-lb")).ip_configuration = front;
    }
    global.pools.front().addresses = {address};
    const auto network = given.network();
    CHECK(ways(*network, translations(*network), tcp(443)) ==
          Texts{"lb_rule global -> nic-a:8443 closed", "lb_rule global -> nic-b:8443 closed"});
    CHECK(ways(*network, translations(*network), tcp(8443)).empty());
}

TEST_CASE("a global balancer's regional frontend that was not read is unknown", "[E15][J4]") {
    Given given;
    LoadBalancer& global = given.public_balancer();
    global.global_tier = true;
    Given::rule(global, RuleProtocol::tcp, 443, 443);
    LbBackendAddress address;
    address.name = "west";
    address.frontend = id_of("loadBalancers", "gone").child("frontendIPConfigurations", "f");
    global.pools.front().addresses = {address};
    const auto network = given.network();
    CHECK(ways(*network, translations(*network), tcp(443)) ==
          Texts{"unread rule -> f:443 closed if AZR9001 f"});
}

TEST_CASE("balancers do not translate between the families", "[E43][E42]") {
    Given given;
    LoadBalancer& balancer = given.public_balancer();
    NetworkInterface& nic = given.nic("nic-a", "10.0.1.4");
    Given::configuration(nic, "v6", "2001:db8::4");
    for (IpConfiguration& configuration : nic.configurations) {
        configuration.lb_pools = {balancer.pools.front().id};
    }
    Given::rule(balancer, RuleProtocol::tcp, 80, 80);
    SECTION("an IPv4 frontend") {
        const auto network = given.network();
        CHECK(ways(*network, translations(*network), tcp(80)) ==
              Texts{"lb_rule rule -> nic-a:80 closed"});
    }
    SECTION("an IPv6 frontend") {
        PublicIpAddress& ip6 = given.snapshot.public_ips.begin()->second;
        ip6.address = ip("2603:1020::9");
        ip6.family = Family::v6;
        const auto network = given.network();
        CHECK(ways(*network, translations(*network), tcp(80)) ==
              Texts{"lb_rule rule -> nic-a/v6:80 closed"});
    }
}

TEST_CASE("an internal frontend is never a public entry", "[E9][N14]") {
    Given given;
    LoadBalancer& balancer = given.balancer();
    add_members(given, balancer);
    Given::rule(balancer, RuleProtocol::tcp, 80, 80);
    const auto network = given.network();
    CHECK(network->edges().public_entries().empty());
    for (const Translation& way : translations(*network)) {
        CHECK(way.internal);
        CHECK(way.standard_closed);  // contested: internal-lb-closed-without-nsg
        CHECK_FALSE(way.basic_open);
    }
}

TEST_CASE("a copy of a frontend finds the same translations", "[E5]") {
    Given given;
    LoadBalancer& balancer = given.balancer();
    add_members(given, balancer);
    Given::rule(balancer, RuleProtocol::tcp, 80, 80);
    const auto network = given.network();
    const LbFrontend copy = balancer_of(*network).frontends.front();
    CHECK(network->edges().translations(balancer_of(*network), copy).size() == 2);
    LbFrontend stranger;
    stranger.id = ResourceId("/x");
    CHECK(network->edges().translations(balancer_of(*network), stranger).empty());
}

}  // namespace azreach::edges_test
