#include "tests/models/edges_fixture.hpp"
#include "tests/support/catch.hpp"

namespace azreach::edges_test {

using Texts = std::vector<std::string>;

namespace {

std::string text(const Network& network, const OutboundMethod& method) {
    constexpr const char* kKinds[] = {"nat", "instance", "lb", "default", "storage"};
    std::string result = kKinds[static_cast<int>(method.kind)];
    for (const Prefix& block : prefixes_of(method.source_addresses)) {
        result += " " + to_string(block);
    }
    if (!method.when.empty()) {
        result += " if " + azreach::edges_test::text(network, method.when);
    }
    return result;
}

/// The methods that carry the service to the destination, in the order in which they are tried.
Texts ways_out(const Network& network, std::string_view nic, const Service& service,
               std::string_view destination = "8.8.8.8", std::size_t which = 0) {
    const auto configs = network.configurations_of(id_of("networkInterfaces", nic));
    Texts result;
    for (const OutboundMethod& method : network.edges().outbound(configs.at(which))) {
        if (!method.services.contains(service)) {
            continue;
        }
        for (const auto& part : method.destinations) {
            if (part.set.contains(ip(destination))) {
                result.push_back(text(network, method) +
                                 (part.when.empty()
                                      ? ""
                                      : " to " + azreach::edges_test::text(network, part.when)));
            }
        }
    }
    return result;
}

NatGateway& add_nat(Given& given) {
    given.public_ip("pip-nat", "20.0.0.1");
    NatGateway nat;
    nat.header = header_of(id_of("natGateways", "nat"));
    nat.public_ips = {id_of("publicIPAddresses", "pip-nat")};
    return given.snapshot.nat_gateways.emplace(nat.header.id, nat).first->second;
}

/// The service tags are known, so that Storage of the region adds nothing to 8.8.8.8.
void add_tags(Given& given) {
    ServiceTagList list;
    list.tags["Storage.WestEurope"] = prefix("20.38.0.0/16").addresses();
    given.snapshot.service_tags = list;
}

}  // namespace

TEST_CASE("a NAT gateway carries TCP and UDP, and goes first", "[R51][R52][R57]") {
    Given given;
    add_tags(given);
    add_nat(given);
    given.nic("nic-a", "10.0.1.4");
    given.subnet("app").nat_gateway = id_of("natGateways", "nat");
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443)) == Texts{"nat 20.0.0.1/32"});
    CHECK(ways_out(*network, "nic-a", udp(53)) == Texts{"nat 20.0.0.1/32"});
    CHECK(ways_out(*network, "nic-a", ping()).empty());
    CHECK(ways_out(*network, "nic-a", plain(kEsp)).empty());
    // Platform blocks of port 25 are never used to prove anything.
    CHECK(ways_out(*network, "nic-a", tcp(25)) == Texts{"nat 20.0.0.1/32"});
}

TEST_CASE("NAT gateways that are in doubt", "[R52][J4][J2]") {
    struct Row {
        std::string given;
        void (*change)(Given&);
        Texts then;
    };
    const auto row = GENERATE(values<Row>({
        {"not read: nothing replaces it",
         [](Given& g) { g.subnet("app").nat_gateway = id_of("natGateways", "gone"); },
         {"nat if AZR9001 gone"}},
        {"the VNet's default: perhaps",
         [](Given& g) { g.vnet().default_nat_gateway = id_of("natGateways", "nat"); },
         {"nat 20.0.0.1/32 if AZR9008 nat", "default"}},
        {"without an address",
         [](Given& g) {
             g.subnet("app").nat_gateway = id_of("natGateways", "nat");
             g.snapshot.nat_gateways.begin()->second.public_ips.clear();
         },
         {"nat if AZR9008 nat"}},
        {"an address that was not read: the source is not known",
         [](Given& g) {
             g.subnet("app").nat_gateway = id_of("natGateways", "nat");
             g.snapshot.nat_gateways.begin()->second.public_ips.push_back(
                 id_of("publicIPAddresses", "gone"));
         },
         {"nat"}},
        {"a prefix",
         [](Given& g) {
             g.subnet("app").nat_gateway = id_of("natGateways", "nat");
             PublicIpPrefix block;
             block.header = header_of(id_of("publicIPPrefixes", "block"));
             block.prefix = prefix("20.1.0.0/28");
             block.nat_gateway = id_of("natGateways", "nat");
             g.snapshot.public_ip_prefixes.emplace(block.header.id, block);
         },
         {"nat 20.0.0.1/32 20.1.0.0/28"}},
        {"copies differ",
         [](Given& g) {
             g.subnet("app").nat_gateway = id_of("natGateways", "nat");
             g.subnet("app").header.contested = {"natGateway"};
         },
         {"nat 20.0.0.1/32 if AZR9006 app", "default"}},
    }));
    CAPTURE(row.given);
    Given given;
    add_tags(given);
    add_nat(given);
    given.nic("nic-a", "10.0.1.4");
    row.change(given);
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443)) == row.then);
}

TEST_CASE("an instance's own address carries TCP, UDP, ICMP and ESP", "[R51][E1]") {
    Given given;
    add_tags(given);
    given.public_ip("pip", "20.0.0.4");
    given.nic("nic-a", "10.0.1.4").configurations.front().public_ip =
        id_of("publicIPAddresses", "pip");
    const auto network = given.network();
    for (const Service& service : {tcp(443), udp(53), ping(), plain(kEsp)}) {
        CHECK(ways_out(*network, "nic-a", service) == Texts{"instance 20.0.0.4/32"});
    }
    CHECK(ways_out(*network, "nic-a", plain(47)) == Texts{"instance 20.0.0.4/32 if AZR9008 pip"});
}

TEST_CASE("pages disagree on NAT gateway or instance address; only the source differs", "[R51]") {
    struct Row {
        std::string given;
        const char* stated;
        Texts then;
    };
    const auto row = GENERATE(values<Row>({
        {"strict",
         nullptr,
         {"nat 20.0.0.1/32 if nat-gateway-before-instance-ip", "instance 20.0.0.4/32"}},
        {"yes", "yes", {"nat 20.0.0.1/32"}},
        {"no", "no", {"instance 20.0.0.4/32"}},
    }));
    CAPTURE(row.given);
    Given given;
    add_tags(given);
    add_nat(given);
    given.subnet("app").nat_gateway = id_of("natGateways", "nat");
    given.public_ip("pip", "20.0.0.4");
    given.nic("nic-a", "10.0.1.4").configurations.front().public_ip =
        id_of("publicIPAddresses", "pip");
    if (row.stated != nullptr) {
        REQUIRE_FALSE(
            given.assumptions.state("nat-gateway-before-instance-ip", row.stated, "test"));
    }
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443)) == row.then);
    CHECK(ways_out(*network, "nic-a", ping()) == Texts{"instance 20.0.0.4/32"});
}

TEST_CASE("an instance address that was not read", "[R51][J4]") {
    Given given;
    add_tags(given);
    given.nic("nic-a", "10.0.1.4").configurations.front().public_ip =
        id_of("publicIPAddresses", "gone");
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443)) == Texts{"instance if AZR9001 gone"});
}

TEST_CASE("a public balancer gives a way out by outbound rules and by rules with SNAT",
          "[R53][R54][R55]") {
    struct Row {
        std::string given;
        void (*change)(Given&, LoadBalancer&);
        Texts over_tcp, over_udp;
    };
    const auto row = GENERATE(values<Row>({
        {"a Standard pool member without rules has none", [](Given&, LoadBalancer&) {}, {}, {}},
        {"an outbound rule",
         [](Given&, LoadBalancer& lb) {
             LbOutboundRule rule;
             rule.id = lb.header.id.child("outboundRules", "out");
             rule.frontends = {lb.frontends.front().id};
             rule.pool = lb.pools.front().id;
             lb.outbound_rules = {rule};
         },
         {"lb 20.0.0.9/32"},
         {"lb 20.0.0.9/32"}},
        {"an outbound rule for TCP",
         [](Given&, LoadBalancer& lb) {
             LbOutboundRule rule;
             rule.id = lb.header.id.child("outboundRules", "out");
             rule.frontends = {lb.frontends.front().id};
             rule.pool = lb.pools.front().id;
             rule.protocol = RuleProtocol::tcp;
             lb.outbound_rules = {rule};
         },
         {"lb 20.0.0.9/32"},
         {}},
        {"a load-balancing rule; the other protocol is not said",
         [](Given&, LoadBalancer& lb) { Given::rule(lb, RuleProtocol::tcp, 80, 80); },
         {"lb 20.0.0.9/32"},
         {"lb 20.0.0.9/32 if AZR9008 lb"}},
        {"SNAT switched off",
         [](Given&, LoadBalancer& lb) {
             Given::rule(lb, RuleProtocol::tcp, 80, 80).disable_outbound_snat = true;
         },
         {},
         {}},
        {"an internal frontend gives none",
         [](Given&, LoadBalancer& lb) {
             Given::rule(lb, RuleProtocol::tcp, 80, 80);
             lb.frontends.front().public_ip.reset();
             lb.frontends.front().address = ip("10.0.1.100");
             lb.frontends.front().subnet = subnet_id("app");
         },
         {},
         {}},
        {"a Basic balancer's rule; members keep default access",
         [](Given& g, LoadBalancer& lb) {
             lb.sku = Sku::basic;
             g.snapshot.public_ips.begin()->second.sku = Sku::basic;
             Given::rule(lb, RuleProtocol::tcp, 80, 80);
         },
         {"lb 20.0.0.9/32"},
         {"lb 20.0.0.9/32 if AZR9008 lb", "default"}},
        {"an internal Basic balancer takes nothing away",
         [](Given&, LoadBalancer& lb) {
             lb.sku = Sku::basic;
             lb.frontends.front().public_ip.reset();
             lb.frontends.front().address = ip("10.0.1.100");
             Given::rule(lb, RuleProtocol::tcp, 80, 80);
         },
         {"default"},
         {"default"}},
        {"a member by address keeps default access",
         [](Given& g, LoadBalancer& lb) {
             g.snapshot.interfaces.begin()->second.configurations.front().lb_pools.clear();
             LbBackendAddress address;
             address.address = ip("10.0.1.4");
             address.virtual_network = id_of("virtualNetworks", "vnet");
             lb.pools.front().addresses = {address};
         },
         {"default"},
         {"default"}},
        {"a pool that was not read",
         [](Given& g, LoadBalancer& lb) {
             g.snapshot.interfaces.begin()->second.configurations.front().lb_pools = {
                 lb.header.id.child("backendAddressPools", "gone")};
         },
         {"lb if AZR9001 gone"},
         {"lb if AZR9001 gone"}},
        {"only a NAT rule: whether it takes default access away is not said",
         [](Given& g, LoadBalancer& lb) {
             g.snapshot.interfaces.begin()->second.configurations.front().lb_pools.clear();
             Given::nat_rule(lb, 50001, 22).backend_configuration = config_id("nic-a");
         },
         {"default if AZR9008 lb"},
         {"default if AZR9008 lb"}},
    }));
    CAPTURE(row.given);
    Given given;
    add_tags(given);
    LoadBalancer& balancer = given.public_balancer();
    given.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {balancer.pools.front().id};
    row.change(given, balancer);
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443)) == row.over_tcp);
    CHECK(ways_out(*network, "nic-a", udp(53)) == row.over_udp);
}

TEST_CASE("secondary configurations do not use a balancer's way out", "[R53]") {
    Given given;
    add_tags(given);
    LoadBalancer& balancer = given.public_balancer();
    Given::rule(balancer, RuleProtocol::tcp, 80, 80);
    NetworkInterface& nic = given.nic("nic-a", "10.0.1.4");
    Given::configuration(nic, "second", "10.0.1.5");
    for (IpConfiguration& configuration : nic.configurations) {
        configuration.lb_pools = {balancer.pools.front().id};
    }
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443)) == Texts{"lb 20.0.0.9/32"});
    CHECK(ways_out(*network, "nic-a", tcp(443), "8.8.8.8", 1).empty());
}

TEST_CASE("several frontends are one set of sources", "[R51][R53]") {
    Given given;
    add_tags(given);
    LoadBalancer& balancer = given.public_balancer();
    given.public_ip("pip-2", "20.0.0.10");
    LbFrontend second = balancer.frontends.front();
    second.id = balancer.header.id.child("frontendIPConfigurations", "second");
    second.public_ip = id_of("publicIPAddresses", "pip-2");
    balancer.frontends.push_back(second);
    Given::rule(balancer, RuleProtocol::tcp, 80, 80);
    Given::rule(balancer, RuleProtocol::tcp, 81, 81, "more").frontend = second.id;
    given.nic("nic-a", "10.0.1.4").configurations.front().lb_pools = {balancer.pools.front().id};
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443)) == Texts{"lb 20.0.0.9/32 20.0.0.10/32"});
}

TEST_CASE("default outbound access is for machines with nothing else", "[R54]") {
    struct Row {
        std::string given;
        void (*change)(Given&, NetworkInterface&);
        Texts then;
    };
    const auto row = GENERATE(values<Row>({
        {"nothing is set: enabled", [](Given&, NetworkInterface&) {}, {"default"}},
        {"the subnet allows it",
         [](Given& g, NetworkInterface&) { g.subnet("app").default_outbound_access = true; },
         {"default"}},
        {"a private subnet; a running machine may have kept it",
         [](Given& g, NetworkInterface&) { g.subnet("app").default_outbound_access = false; },
         {"default if private-subnet-keeps-default-outbound"}},
        {"a private subnet under the documented reading",
         [](Given& g, NetworkInterface&) {
             g.subnet("app").default_outbound_access = false;
             g.assumptions = Assumptions(Reading::documented);
         },
         {}},
        {"the interface says no",
         [](Given&, NetworkInterface& n) { n.default_outbound_connectivity = false; },
         {}},
        {"the interface says yes, the subnet no",
         [](Given& g, NetworkInterface& n) {
             g.subnet("app").default_outbound_access = false;
             n.default_outbound_connectivity = true;
         },
         {"default"}},
        {"a flexible scale set",
         [](Given& g, NetworkInterface& n) {
             ScaleSet& set = g.scale_set("vmss", 0);
             set.flexible = true;
             n.scale_set = set.header.id;
         },
         {}},
        {"a uniform one",
         [](Given& g, NetworkInterface& n) { n.scale_set = g.scale_set("vmss", 0).header.id; },
         {"default"}},
        {"a scale set that was not read",
         [](Given&, NetworkInterface& n) { n.scale_set = ResourceId("/x/vmss"); },
         {"default if AZR9001 vmss"}},
        {"a machine that was not read may belong to a flexible one",
         [](Given&, NetworkInterface& n) { n.virtual_machine = ResourceId("/x/vm"); },
         {"default if AZR9001 vm"}},
        {"another configuration of the machine has its own address",
         [](Given& g, NetworkInterface& n) {
             g.public_ip("pip", "20.0.0.4");
             Given::configuration(n, "second", "10.0.1.5").public_ip =
                 id_of("publicIPAddresses", "pip");
         },
         {"default if AZR9008 nic-a"}},
        {"copies of the subnet differ",
         [](Given& g, NetworkInterface&) {
             g.subnet("app").header.contested = {"defaultOutboundAccess"};
         },
         {"default if AZR9006 app"}},
    }));
    CAPTURE(row.given);
    Given given;
    add_tags(given);
    row.change(given, given.nic("nic-a", "10.0.1.4"));
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443)) == row.then);
    CHECK(ways_out(*network, "nic-a", udp(53)) == row.then);
    CHECK(ways_out(*network, "nic-a", ping()).empty());
}

TEST_CASE("Storage of the region stays reachable without any way out", "[R55][R56]") {
    struct Row {
        std::string given;
        void (*change)(Given&);
        std::string destination;
        Texts then;
    };
    const auto row = GENERATE(values<Row>({
        {"in the tag", [](Given&) {}, "20.38.1.1", {"storage"}},
        {"not in the tag", [](Given&) {}, "8.8.8.8", {}},
        {"no tags were read: any address may be",
         [](Given& g) { g.snapshot.service_tags.reset(); },
         "8.8.8.8",
         {"storage to AZR9002 Storage.westeurope"}},
        {"the region is not known",
         [](Given& g) { g.vnet().header.location.clear(); },
         "8.8.8.8",
         {"storage to AZR9002 Storage"}},
        {"private space is never Storage",
         [](Given& g) { g.snapshot.service_tags.reset(); },
         "10.9.9.9",
         {}},
    }));
    CAPTURE(row.given);
    Given given;
    add_tags(given);
    given.nic("nic-a", "10.0.1.4").default_outbound_connectivity = false;
    given.nic("nic-b", "10.0.1.5");
    given.subnet("app").default_outbound_access = false;
    row.change(given);
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443), row.destination) == row.then);
    CHECK(ways_out(*network, "nic-a", ping(), row.destination).empty());
}

TEST_CASE("IPv6 leaves by explicit public addresses only", "[E45][E44][R55]") {
    Given given;
    add_tags(given);
    NetworkInterface& nic = given.nic("nic-a", "10.0.1.4");
    Given::configuration(nic, "v6", "2001:db8::4");
    Texts expected;
    SECTION("none") {}
    SECTION("a NAT gateway: newer ones may carry it") {
        add_nat(given);
        given.subnet("app").nat_gateway = id_of("natGateways", "nat");
        expected = {"nat if AZR9008 nat"};
    }
    SECTION("its own address") {
        given.public_ip("pip6", "2603:1020::4");
        nic.configurations[1].public_ip = id_of("publicIPAddresses", "pip6");
        expected = {"instance 2603:1020::4/128"};
    }
    SECTION("a balancer's IPv6 frontend") {
        LoadBalancer& balancer = given.public_balancer();
        PublicIpAddress& address = given.snapshot.public_ips.begin()->second;
        address.address = ip("2603:1020::9");
        address.family = Family::v6;
        Given::rule(balancer, RuleProtocol::tcp, 80, 80);
        nic.configurations[1].lb_pools = {balancer.pools.front().id};
        expected = {"lb 2603:1020::9/128"};
    }
    SECTION("a balancer's IPv4 frontend gives none") {
        LoadBalancer& balancer = given.public_balancer();
        Given::rule(balancer, RuleProtocol::tcp, 80, 80);
        nic.configurations[1].lb_pools = {balancer.pools.front().id};
    }
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443), "2a00::1", 1) == expected);
}

TEST_CASE("a subnet that was not read may hold any way out", "[J4][R52][R54]") {
    Given given;
    given.nic("nic-a", "10.0.7.4", "gone");
    const auto network = given.network();
    CHECK(ways_out(*network, "nic-a", tcp(443)) == Texts{"nat if AZR9001 gone"});
}

TEST_CASE("a private endpoint never sends", "[R39]") {
    Given given;
    PrivateEndpoint endpoint;
    endpoint.header = header_of(id_of("privateEndpoints", "pe"));
    endpoint.interfaces = {given.nic("nic-pe", "10.0.1.20").header.id};
    given.snapshot.private_endpoints.emplace(endpoint.header.id, endpoint);
    const auto network = given.network();
    CHECK(network->edges().outbound(0).empty());
}

TEST_CASE("interfaces of one subnet share their ways out, and the others do not", "[R54]") {
    Given given;
    given.nic("nic-a", "10.0.1.4");
    given.nic("nic-b", "10.0.1.5");
    given.nic("nic-c", "10.0.1.6").default_outbound_connectivity = false;
    const auto network = given.network();
    CHECK(&network->edges().outbound(0) == &network->edges().outbound(1));
    CHECK(&network->edges().outbound(0) != &network->edges().outbound(2));
}

}  // namespace azreach::edges_test
