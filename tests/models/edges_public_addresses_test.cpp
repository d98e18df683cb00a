#include "tests/models/edges_fixture.hpp"
#include "tests/support/catch.hpp"

namespace azreach::edges_test {

using Texts = std::vector<std::string>;

namespace {

Texts arriving(const Network& network, std::string_view address, const Service& service) {
    const Edges::PublicEntry* entry = network.edges().public_entry(ip(address));
    return entry == nullptr ? Texts{"not ours"} : ways(network, entry->ways, service);
}

ResourceId pip(std::string_view name) { return id_of("publicIPAddresses", name); }

}  // namespace

TEST_CASE("a NIC's public address is translated one to one, ports kept", "[E1][N41]") {
    struct Row {
        std::string given;
        Service service;
        Texts then;
    };
    const auto row = GENERATE(values<Row>({
        {"TCP", tcp(22), {"instance_ip pip -> nic-a:* closed"}},
        {"UDP", udp(53), {"instance_ip pip -> nic-a:* closed"}},
        {"ICMP", ping(), {"instance_ip pip -> nic-a:* closed"}},
        {"ESP", plain(kEsp), {"instance_ip pip -> nic-a:* closed"}},
        {"others are not said", plain(47), {"instance_ip pip -> nic-a:* closed if AZR9008 pip"}},
    }));
    CAPTURE(row.given);
    Given given;
    given.public_ip("pip", "20.0.0.4");
    given.nic("nic-a", "10.0.1.4").configurations.front().public_ip = pip("pip");
    const auto network = given.network();
    CHECK(arriving(*network, "20.0.0.4", row.service) == row.then);
    // What the group then sees is the private address of that configuration.
    const auto entries = network->edges().public_entries_to(0);
    REQUIRE(entries.size() == 1);
    CHECK(network->configurations()[entries.front()->ways.front().config].configuration->address ==
          ip("10.0.1.4"));
}

TEST_CASE("the SKU says whether a public frontend is closed without a group", "[N13][E4]") {
    struct Row {
        std::string given;
        Sku address, balancer;
        Texts instance, balanced;
    };
    const auto row = GENERATE(values<Row>({
        {"Standard",
         Sku::standard,
         Sku::standard,
         {"instance_ip pip -> nic-a:* closed"},
         {"lb_rule rule -> nic-b:80 closed"}},
        {"Basic",
         Sku::basic,
         Sku::basic,
         {"instance_ip pip -> nic-a:* open"},
         {"lb_rule rule -> nic-b:80 open"}},
        {"the two agree, so any Standard decides",
         Sku::standard,
         Sku::basic,
         {"instance_ip pip -> nic-a:* closed"},
         {"lb_rule rule -> nic-b:80 closed"}},
        {"unknown",
         Sku::unknown,
         Sku::unknown,
         {"instance_ip pip -> nic-a:* closed if AZR9008 pip",
          "instance_ip pip -> nic-a:* open if !AZR9008 pip"},
         {"lb_rule rule -> nic-b:80 closed if AZR9008 lb",
          "lb_rule rule -> nic-b:80 open if !AZR9008 lb"}},
    }));
    CAPTURE(row.given);
    Given given;
    LoadBalancer& balancer = given.public_balancer(row.balancer);
    given.snapshot.public_ips.begin()->second.sku = row.address;
    given.public_ip("pip", "20.0.0.4", row.address);
    given.nic("nic-a", "10.0.1.4").configurations.front().public_ip = pip("pip");
    given.nic("nic-b", "10.0.1.5").configurations.front().lb_pools = {balancer.pools.front().id};
    Given::rule(balancer, RuleProtocol::tcp, 80, 80);
    const auto network = given.network();
    CHECK(arriving(*network, "20.0.0.4", tcp(80)) == row.instance);
    CHECK(arriving(*network, "20.0.0.9", tcp(80)) == row.balanced);
}

TEST_CASE("a binding is known from either side", "[E1][E3][J4]") {
    struct Row {
        std::string given;
        void (*change)(Given&, PublicIpAddress&);
        Texts then;
    };
    const auto row = GENERATE(values<Row>({
        {"nobody has it", [](Given&, PublicIpAddress&) {}, {}},
        {"the address says so",
         [](Given&, PublicIpAddress& p) { p.ip_configuration = config_id("nic-a"); },
         {"instance_ip pip -> nic-a:* closed"}},
        {"the interface says so",
         [](Given& g, PublicIpAddress& p) {
             g.snapshot.interfaces.begin()->second.configurations.front().public_ip = p.header.id;
         },
         {"instance_ip pip -> nic-a:* closed"}},
        {"both do",
         [](Given& g, PublicIpAddress& p) {
             p.ip_configuration = config_id("nic-a");
             g.snapshot.interfaces.begin()->second.configurations.front().public_ip = p.header.id;
         },
         {"instance_ip pip -> nic-a:* closed"}},
        {"they contradict each other",
         [](Given& g, PublicIpAddress& p) {
             p.ip_configuration = config_id("nic-b");
             g.snapshot.interfaces.begin()->second.configurations.front().public_ip = p.header.id;
         },
         {"instance_ip pip -> nic-b:* closed if AZR9006 pip",
          "instance_ip pip -> nic-a:* closed if !AZR9006 pip"}},
        {"the interface names another address",
         [](Given& g, PublicIpAddress& p) {
             p.ip_configuration = config_id("nic-a");
             g.public_ip("pip-other", "20.0.0.5");
             g.snapshot.interfaces.begin()->second.configurations.front().public_ip =
                 id_of("publicIPAddresses", "pip-other");
         },
         {"instance_ip pip -> nic-a:* closed if AZR9006 pip"}},
        {"an interface that was not read",
         [](Given&, PublicIpAddress& p) { p.ip_configuration = config_id("gone"); },
         {"unread pip -> ip:* if AZR9001 ip"}},
    }));
    CAPTURE(row.given);
    Given given;
    given.nic("nic-a", "10.0.1.4");
    given.nic("nic-b", "10.0.1.5");
    PublicIpAddress& address = given.public_ip("pip", "20.0.0.4");
    row.change(given, address);
    const auto network = given.network();
    CHECK(arriving(*network, "20.0.0.4", tcp(22)) == row.then);
}

TEST_CASE("an address of a service exposes the service, not the network behind it", "[E3][E46]") {
    struct Row {
        std::string given;
        void (*change)(Given&, PublicIpAddress&);
        Texts then;
    };
    const auto row = GENERATE(values<Row>({
        {"a firewall, by the address",
         [](Given& g, PublicIpAddress& p) {
             const ResourceId fw = id_of("azureFirewalls", "fw");
             g.other(fw);
             p.ip_configuration = fw.child("azureFirewallIpConfigurations", "c");
         },
         {"unmodelled pip -> fw:* if AZR9008 fw"}},
        {"a firewall that was not read",
         [](Given&, PublicIpAddress& p) {
             p.ip_configuration = id_of("azureFirewalls", "fw").child("x", "c");
         },
         {"unmodelled pip -> fw:* if AZR9008 fw"}},
        {"an application gateway, by itself",
         [](Given& g, PublicIpAddress& p) {
             g.other(id_of("applicationGateways", "agw")).public_ips = {p.header.id};
         },
         {"unmodelled pip -> agw:* if AZR9008 agw"}},
        {"nobody names it, and a firewall names none",
         [](Given& g, PublicIpAddress&) { g.other(id_of("azureFirewalls", "fw")); },
         {"unmodelled pip -> fw:* if AZR9008 fw"}},
        {"nobody names it, and the firewall has its own",
         [](Given& g, PublicIpAddress&) {
             g.other(id_of("azureFirewalls", "fw")).public_ips = {id_of("publicIPAddresses", "x")};
         },
         {}},
        {"a VPN gateway, by itself",
         [](Given& g, PublicIpAddress& p) {
             VirtualNetworkGateway gateway;
             gateway.header = header_of(id_of("virtualNetworkGateways", "gw"));
             gateway.public_ips = {p.header.id};
             p.ip_configuration = gateway.header.id.child("ipConfigurations", "c");
             g.snapshot.gateways.emplace(gateway.header.id, gateway);
         },
         {"unmodelled pip -> gw:* if AZR9008 gw"}},
        {"a Bastion, by itself",
         [](Given& g, PublicIpAddress& p) {
             BastionHost bastion;
             bastion.header = header_of(id_of("bastionHosts", "bas"));
             bastion.public_ip = p.header.id;
             g.snapshot.bastions.emplace(bastion.header.id, bastion);
         },
         {"unmodelled pip -> bas:* if AZR9008 bas"}},
        {"a NAT gateway accepts nothing, by the address",
         [](Given&, PublicIpAddress& p) { p.nat_gateway = id_of("natGateways", "nat"); },
         {}},
        {"a NAT gateway accepts nothing, by itself",
         [](Given& g, PublicIpAddress& p) {
             g.other(id_of("azureFirewalls", "fw"));
             NatGateway nat;
             nat.header = header_of(id_of("natGateways", "nat"));
             nat.public_ips = {p.header.id};
             g.snapshot.nat_gateways.emplace(nat.header.id, nat);
         },
         {}},
    }));
    CAPTURE(row.given);
    Given given;
    PublicIpAddress& address = given.public_ip("pip", "20.0.0.4");
    row.change(given, address);
    const auto network = given.network();
    CHECK(arriving(*network, "20.0.0.4", tcp(443)) == row.then);
}

TEST_CASE("an address without a value, or not read at all, still exposes its NIC", "[E2][J4]") {
    Given given;
    given.nic("nic-a", "10.0.1.4").configurations.front().public_ip = pip("pip");
    Texts expected;
    SECTION("dynamic, not allocated") {
        given.public_ip("pip", "", Sku::basic);
        expected = {"instance_ip pip -> nic-a:* open"};
    }
    SECTION("not read") { expected = {"instance_ip pip -> nic-a:* if AZR9001 pip"}; }
    const auto network = given.network();
    const auto entries = network->edges().public_entries_to(0);
    REQUIRE(entries.size() == 1);
    CHECK_FALSE(entries.front()->address_known);
    CHECK(entries.front()->addresses.empty());
    CHECK(entries.front()->public_ip == pip("pip"));
    CHECK(ways(*network, entries.front()->ways, tcp(22)) == expected);
}

TEST_CASE("a gateway load balancer before a NIC's address is not seen through", "[E13]") {
    Given given;
    given.public_ip("pip", "20.0.0.4");
    IpConfiguration& configuration = given.nic("nic-a", "10.0.1.4").configurations.front();
    configuration.public_ip = pip("pip");
    configuration.gateway_load_balancer =
        id_of("loadBalancers", "gwlb").child("frontendIPConfigurations", "gw-front");
    const auto network = given.network();
    CHECK(arriving(*network, "20.0.0.4", tcp(22)) ==
          Texts{"instance_ip pip -> nic-a:* closed if AZR9008 gw-front"});
}

TEST_CASE("a public frontend is entered by its rules only", "[E5][E3]") {
    Given given;
    LoadBalancer& balancer = given.public_balancer();
    given.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {balancer.pools.front().id};
    Given::rule(balancer, RuleProtocol::tcp, 80, 8080);
    SECTION("the frontend names the address") {}
    SECTION("only the address names the frontend") {
        balancer.frontends.front().public_ip.reset();
        given.snapshot.public_ips.begin()->second.ip_configuration = balancer.frontends.front().id;
    }
    const auto network = given.network();
    CHECK(arriving(*network, "20.0.0.9", tcp(80)) == Texts{"lb_rule rule -> nic-a:8080 closed"});
    CHECK(arriving(*network, "20.0.0.9", tcp(8080)).empty());
    CHECK(arriving(*network, "20.0.0.8", tcp(80)) == Texts{"not ours"});
    const Edges::PublicEntry* entry = network->edges().public_entry(ip("20.0.0.9"));
    CHECK(entry->balancer == id_of("loadBalancers", "lb"));
    CHECK_FALSE(entry->ways.front().internal);
}

TEST_CASE("prefixes in use are ours; addresses from them go first", "[E3]") {
    Given given;
    PublicIpPrefix block;
    block.header = header_of(id_of("publicIPPrefixes", "block"));
    block.prefix = prefix("20.0.0.0/28");
    NatGateway nat;
    nat.header = header_of(id_of("natGateways", "nat"));
    nat.public_prefixes = {block.header.id};
    given.snapshot.nat_gateways.emplace(nat.header.id, nat);
    given.snapshot.public_ip_prefixes.emplace(block.header.id, block);
    given.public_ip("pip", "20.0.0.4");
    given.nic("nic-a", "10.0.1.4").configurations.front().public_ip = pip("pip");
    const auto network = given.network();
    CHECK(arriving(*network, "20.0.0.3", tcp(80)).empty());
    CHECK(arriving(*network, "20.0.0.15", tcp(80)).empty());
    CHECK(arriving(*network, "20.0.0.16", tcp(80)) == Texts{"not ours"});
    CHECK(arriving(*network, "20.0.0.4", tcp(80)) == Texts{"instance_ip pip -> nic-a:* closed"});
}

TEST_CASE("whether a prefix frontend takes packets in is not said", "[E3]") {
    Given given;
    PublicIpPrefix block;
    block.header = header_of(id_of("publicIPPrefixes", "block"));
    block.prefix = prefix("20.0.0.0/28");
    given.snapshot.public_ip_prefixes.emplace(block.header.id, block);
    LoadBalancer& balancer = given.balancer();
    balancer.frontends.front().address.reset();
    balancer.frontends.front().subnet.reset();
    balancer.frontends.front().public_prefix = block.header.id;
    given.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {balancer.pools.front().id};
    Given::rule(balancer, RuleProtocol::tcp, 80, 80);
    const auto network = given.network();
    CHECK(arriving(*network, "20.0.0.3", tcp(80)) ==
          Texts{"lb_rule rule -> nic-a:80 closed if AZR9008 block"});
}

TEST_CASE("instances that were not read may be public by their template", "[J6][E2]") {
    Given given;
    given.scale_set("vmss", 2).interfaces.front().has_public_ip = true;
    const auto network = given.network();
    const auto& entries = network->edges().public_entries();
    REQUIRE(entries.size() == 1);
    CHECK_FALSE(entries.front().address_known);
    CHECK(texts(*network, entries.front().ways) == Texts{"unread vmss -> vmss:* if AZR9007 app"});
}

TEST_CASE("one address in two resources may be either", "[J2]") {
    Given given;
    given.public_ip("pip-1", "20.0.0.4");
    given.public_ip("pip-2", "20.0.0.4");
    given.nic("nic-a", "10.0.1.4").configurations.front().public_ip = pip("pip-1");
    given.nic("nic-b", "10.0.1.5").configurations.front().public_ip = pip("pip-2");
    const auto network = given.network();
    CHECK(arriving(*network, "20.0.0.4", tcp(22)) ==
          Texts{"instance_ip pip-1 -> nic-a:* closed if AZR9006 pip-1",
                "instance_ip pip-2 -> nic-b:* closed if !AZR9006 pip-1"});
    CHECK(network->edges().public_entries().size() == 1);
    CHECK(network->edges().public_entries_to(0) == network->edges().public_entries_to(1));
}

TEST_CASE("internet space is what the world routes", "[R56][E45]") {
    struct Row {
        std::string address;
        bool inside;
    };
    const auto row = GENERATE(values<Row>({
        {"8.8.8.8", true},          {"0.1.2.3", false},        {"10.1.2.3", false},
        {"100.63.255.255", true},   {"100.64.0.1", false},     {"127.0.0.1", false},
        {"169.254.169.254", false}, {"168.63.129.16", false},  {"172.15.0.1", true},
        {"172.31.255.255", false},  {"172.32.0.0", true},      {"192.168.0.1", false},
        {"192.0.2.1", true},        {"198.51.100.1", true},    {"203.0.113.7", true},
        {"198.18.0.1", true},       {"223.255.255.255", true}, {"224.0.0.1", false},
        {"255.255.255.255", false}, {"2603:1020::1", true},    {"fd00::1", false},
        {"fe80::1", false},         {"ff02::1", false},        {"::1", false},
        {"20.38.0.1", true},
    }));
    CAPTURE(row.address);
    CHECK(Edges::internet_space().contains(ip(row.address)) == row.inside);
}

}  // namespace azreach::edges_test
