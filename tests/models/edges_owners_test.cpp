#include "tests/models/edges_fixture.hpp"
#include "tests/support/catch.hpp"

namespace azreach::edges_test {

namespace {

std::vector<std::string> owners(const Network& network, std::string_view address) {
    return texts(network, network.edges().owners(0, ip(address)));
}

}  // namespace

TEST_CASE("the first four and the last address of a subnet prefix are reserved", "[J7]") {
    struct Row {
        std::string given;
        std::vector<std::string> prefixes;
        std::string address, then;
    };
    const auto row = GENERATE(values<Row>({
        {"network address", {"10.0.2.0/24"}, "10.0.2.0", "reserved s"},
        {"default gateway", {"10.0.2.0/24"}, "10.0.2.1", "reserved s"},
        {"third of the DNS addresses", {"10.0.2.0/24"}, "10.0.2.3", "reserved s"},
        {"the first usable", {"10.0.2.0/24"}, "10.0.2.4", "nobody s"},
        {"the last usable", {"10.0.2.0/24"}, "10.0.2.254", "nobody s"},
        {"broadcast", {"10.0.2.0/24"}, "10.0.2.255", "reserved s"},
        {"every prefix has its own", {"10.0.2.0/24", "10.0.3.0/28"}, "10.0.3.15", "reserved s"},
        {"the smallest subnet", {"10.0.2.0/29"}, "10.0.2.4", "nobody s"},
        {"the smallest subnet's end", {"10.0.2.0/29"}, "10.0.2.7", "reserved s"},
        {"hand-made, smaller than Azure allows", {"10.0.2.0/30"}, "10.0.2.1", "nobody s"},
        {"hand-made, one address", {"10.0.2.9/32"}, "10.0.2.9", "nobody s"},
        {"nothing is said of IPv6", {"2001:db8::/64"}, "2001:db8::1", "nobody s"},
        {"outside every subnet", {"10.0.2.0/24"}, "10.0.9.9", "nobody vnet"},
        {"outside the VNet", {"10.0.2.0/24"}, "192.0.2.1", "nobody vnet"},
    }));
    CAPTURE(row.given);
    Given given;
    given.subnet("s", row.prefixes);
    const auto network = given.network();
    CHECK(owners(*network, row.address) == std::vector{row.then});
}

TEST_CASE("whoever holds an address has it", "[J7][J8][N43]") {
    Given given;
    given.nic("nic-a", "10.0.1.4");  // no VM: counts as running
    given.nic("nic-odd", "10.0.1.1");
    given.balancer();
    NetworkInterface& dual = given.nic("nic-dual", "10.0.1.5");
    Given::configuration(dual, "v6", "2001:db8::5");
    const auto network = given.network();

    CHECK(owners(*network, "10.0.1.4") == std::vector<std::string>{"configuration nic-a"});
    CHECK(owners(*network, "2001:db8::5") == std::vector<std::string>{"configuration nic-dual"});
    // Claimed by an interface, so not reserved.
    CHECK(owners(*network, "10.0.1.1") == std::vector<std::string>{"configuration nic-odd"});
    CHECK(owners(*network, "10.0.1.100") == std::vector<std::string>{"frontend lb"});
    const Owner owner = network->edges().owners(0, ip("10.0.1.4")).front();
    CHECK(network->configurations()[owner.config].interface->header.name == "nic-a");
}

TEST_CASE("several claims on one address are all kept", "[J4]") {
    Given given;
    given.nic("nic-a", "10.0.1.4");
    given.nic("nic-b", "10.0.1.4");
    given.nic("nic-c", "10.0.1.100");
    given.balancer();
    const auto network = given.network();
    CHECK(owners(*network, "10.0.1.4") ==
          std::vector<std::string>{"configuration nic-a", "configuration nic-b"});
    CHECK(owners(*network, "10.0.1.100") ==
          std::vector<std::string>{"configuration nic-c", "frontend lb"});
}

TEST_CASE("an instance that was not read may hold any free address", "[J6][J4]") {
    struct Row {
        std::string given;
        void (*change)(Given&);
        std::string then;  // what stands at the free address 10.0.1.50
    };
    const auto row = GENERATE(values<Row>({
        {"everything was read", [](Given&) {}, "nobody app"},
        {"a scale set without instances", [](Given& g) { g.scale_set("vmss", 2); },
         "unknown app if AZR9007 app"},
        {"a scale set of unknown size", [](Given& g) { g.scale_set("vmss", std::nullopt); },
         "unknown app if AZR9007 app"},
        {"a scale set of size zero", [](Given& g) { g.scale_set("vmss", 0); }, "nobody app"},
        {"one of two instances was read",
         [](Given& g) {
             const ResourceId set = g.scale_set("vmss", 2).header.id;
             g.nic("i0", "10.0.1.7").scale_set = set;
         },
         "unknown app if AZR9007 app"},
        {"both instances were read",
         [](Given& g) {
             const ResourceId set = g.scale_set("vmss", 2).header.id;
             g.nic("i0", "10.0.1.7").scale_set = set;
             g.nic("i1", "10.0.1.8").scale_set = set;
         },
         "nobody app"},
        {"both machines of a flexible set were read, with ordinary NICs",
         [](Given& g) {
             ScaleSet& set = g.scale_set("flex", 1);
             set.flexible = true;
             VirtualMachine vm;
             vm.header = header_of(id_of("virtualMachines", "vm"));
             vm.scale_set = set.header.id;
             vm.interfaces = {g.nic("vm-nic", "10.0.1.7").header.id};
             g.snapshot.virtual_machines.emplace(vm.header.id, vm);
         },
         "nobody app"},
        {"an interface without an address", [](Given& g) { g.nic("nic-a", ""); },
         "unknown app if AZR9007 app"},
        {"a frontend without an address",
         [](Given& g) { g.balancer().frontends.front().address.reset(); },
         "unknown app if AZR9007 app"},
        {"the subnet lists a configuration that nobody has",
         [](Given& g) { g.subnet("app").ip_configurations = {config_id("nic-gone")}; },
         "unknown app if AZR9007 app"},
        {"the subnet lists what was read",
         [](Given& g) {
             g.nic("nic-a", "10.0.1.4");
             g.balancer();
             g.subnet("app").ip_configurations = {
                 config_id("NIC-A", "IP"),
                 id_of("loadBalancers", "lb").child("frontendIPConfigurations", "front")};
         },
         "nobody app"},
        {"a machine names an interface that was not read, the subnet lists nothing",
         [](Given& g) {
             VirtualMachine vm;
             vm.header = header_of(id_of("virtualMachines", "vm"));
             vm.interfaces = {id_of("networkInterfaces", "nic-gone")};
             g.snapshot.virtual_machines.emplace(vm.header.id, vm);
         },
         "unknown app if AZR9001 nic-gone"},
        {"the same, and the subnet lists others only",
         [](Given& g) {
             VirtualMachine vm;
             vm.header = header_of(id_of("virtualMachines", "vm"));
             vm.interfaces = {id_of("networkInterfaces", "nic-gone")};
             g.snapshot.virtual_machines.emplace(vm.header.id, vm);
             g.nic("nic-a", "10.0.1.4");
             g.subnet("app").ip_configurations = {config_id("nic-a")};
         },
         "nobody app"},
        {"a page was cut off",
         [](Given& g) {
             g.snapshot.gaps = {{"AZR9003", "page-1.json", "", ""}};
         },
         "unknown app if AZR9001 page-1.json"},
    }));
    CAPTURE(row.given);
    Given given;
    row.change(given);
    const auto network = given.network();
    CHECK(owners(*network, "10.0.1.50") == std::vector{row.then});
    CHECK(owners(*network, "10.0.1.2") == std::vector<std::string>{"reserved app"});
}

TEST_CASE("a subnet of a managed service holds addresses that no interface shows",
          "[J6][E46][E47][E48]") {
    struct Row {
        std::string given, name;
        void (*change)(Given&);
        std::string then;
    };
    const auto nothing = [](Given&) {};
    const auto row = GENERATE_COPY(values<Row>({
        {"by its name", "AzureFirewallSubnet", nothing,
         "unmodelled AzureFirewallSubnet if AZR9008 AzureFirewallSubnet"},
        {"names have no case", "gatewaysubnet", nothing,
         "unmodelled gatewaysubnet if AZR9008 gatewaysubnet"},
        {"by its delegation", "s",
         [](Given& g) { g.subnet("s").delegations = {"Microsoft.Web/serverFarms"}; },
         "unmodelled s if AZR9008 s"},
        {"an application gateway says that it lives there", "s",
         [](Given& g) { g.other(id_of("applicationGateways", "agw"), {subnet_id("s")}); },
         "unmodelled agw if AZR9008 agw"},
        {"the subnet lists a configuration of something that is not modelled", "s",
         [](Given& g) {
             const ResourceId agw = id_of("applicationGateways", "agw");
             g.other(agw);
             g.subnet("s").ip_configurations = {agw.child("gatewayIPConfigurations", "c")};
         },
         "unmodelled agw if AZR9008 agw"},
        {"a gateway", "GatewaySubnet",
         [](Given& g) {
             VirtualNetworkGateway gateway;
             gateway.header = header_of(id_of("virtualNetworkGateways", "gw"));
             gateway.subnets = {subnet_id("GatewaySubnet")};
             g.snapshot.gateways.emplace(gateway.header.id, gateway);
         },
         "unmodelled gw if AZR9008 gw"},
        {"the hosts of a Bastion", "AzureBastionSubnet",
         [](Given& g) {
             BastionHost bastion;
             bastion.header = header_of(id_of("bastionHosts", "bas"));
             bastion.subnet = subnet_id("AzureBastionSubnet");
             g.snapshot.bastions.emplace(bastion.header.id, bastion);
         },
         "unmodelled bas if AZR9008 bas"},
    }));
    CAPTURE(row.given);
    Given given;
    given.subnet(row.name, {"10.0.2.0/24"});
    row.change(given);
    given.nic("nic-a", "10.0.2.9", row.name);
    const auto network = given.network();
    CHECK(owners(*network, "10.0.2.50") == std::vector{row.then});
    CHECK(owners(*network, "10.0.2.9") == std::vector<std::string>{"configuration nic-a"});
}

TEST_CASE("a Developer Bastion has no subnet and claims no address", "[E49]") {
    Given given;
    BastionHost bastion;
    bastion.header = header_of(id_of("bastionHosts", "bas"));
    bastion.sku = "Developer";
    bastion.virtual_network = id_of("virtualNetworks", "vnet");
    given.snapshot.bastions.emplace(bastion.header.id, bastion);
    const auto network = given.network();
    CHECK(owners(*network, "10.0.1.50") == std::vector<std::string>{"nobody app"});
}

TEST_CASE("a private endpoint stands at its address, with or without its interface", "[J4][R38]") {
    PrivateEndpoint endpoint;
    endpoint.header = header_of(id_of("privateEndpoints", "pe"));
    endpoint.subnet = subnet_id("app");
    Given given;
    SECTION("its interface was read") {
        endpoint.interfaces = {given.nic("pe-nic", "10.0.1.20").header.id};
        endpoint.addresses = {ip("10.0.1.20")};
        given.snapshot.private_endpoints.emplace(endpoint.header.id, endpoint);
        const auto network = given.network();
        CHECK(owners(*network, "10.0.1.20") == std::vector<std::string>{"configuration pe-nic"});
        CHECK(owners(*network, "10.0.1.21") == std::vector<std::string>{"nobody app"});
    }
    SECTION("only its addresses are known, as in a template") {
        endpoint.addresses = {ip("10.0.1.20")};
        given.snapshot.private_endpoints.emplace(endpoint.header.id, endpoint);
        const auto network = given.network();
        CHECK(owners(*network, "10.0.1.20") ==
              std::vector<std::string>{"unmodelled pe if AZR9008 pe"});
        CHECK(owners(*network, "10.0.1.21") == std::vector<std::string>{"nobody app"});
    }
    SECTION("its interface was not read: it may have more addresses") {
        endpoint.interfaces = {id_of("networkInterfaces", "pe-nic")};
        endpoint.addresses = {ip("10.0.1.20")};
        given.snapshot.private_endpoints.emplace(endpoint.header.id, endpoint);
        const auto network = given.network();
        CHECK(owners(*network, "10.0.1.20") ==
              std::vector<std::string>{"unmodelled pe if AZR9008 pe"});
        CHECK(owners(*network, "10.0.1.21") ==
              std::vector<std::string>{"unmodelled pe if AZR9008 pe"});
    }
    SECTION("nothing but its subnet is known") {
        given.snapshot.private_endpoints.emplace(endpoint.header.id, endpoint);
        const auto network = given.network();
        CHECK(owners(*network, "10.0.1.21") ==
              std::vector<std::string>{"unmodelled pe if AZR9008 pe"});
    }
}

TEST_CASE("what was not read of a VNet may hold any address in it", "[J4]") {
    Given given;
    SECTION("the VNet itself") {
        const auto network = given.network();
        CHECK(texts(*network, network->edges().owners(kNoIndex, ip("10.0.1.4"))) ==
              std::vector<std::string>{"unknown  if AZR9001 "});
    }
    SECTION("a subnet that an interface names") {
        given.nic("nic-a", "10.0.7.4", "gone");
        const auto network = given.network();
        CHECK(owners(*network, "10.0.7.4") == std::vector<std::string>{"configuration nic-a"});
        CHECK(owners(*network, "10.0.7.5") ==
              std::vector<std::string>{"unknown vnet if AZR9001 gone"});
        CHECK(owners(*network, "10.0.1.5") == std::vector<std::string>{"nobody app"});
    }
}

TEST_CASE("copies that differ decide nothing", "[J2]") {
    Given given;
    SECTION("in a subnet's prefix") {
        given.subnet("app").header.contested = {"addressPrefix"};
        const auto network = given.network();
        CHECK(owners(*network, "10.0.1.1") ==
              std::vector<std::string>{"unknown app if AZR9006 app"});
        CHECK(owners(*network, "10.0.9.9") ==
              std::vector<std::string>{"unknown vnet if AZR9006 app"});
    }
    SECTION("in an interface's configurations") {
        given.nic("nic-a", "10.0.1.4").header.contested = {"ipConfigurations"};
        const auto network = given.network();
        CHECK(owners(*network, "10.0.1.4") ==
              std::vector<std::string>{"configuration nic-a", "unknown nic-a if AZR9006 nic-a"});
        CHECK(owners(*network, "10.0.1.5") ==
              std::vector<std::string>{"unknown app if AZR9006 nic-a"});
    }
}

TEST_CASE("overlapping subnets keep the wider answer", "[J4][J7]") {
    Given given;
    given.subnet("wide", {"10.0.2.0/23"});
    given.subnet("inner", {"10.0.2.0/24"});
    given.subnet("inner").delegations = {"Microsoft.Web/serverFarms"};
    const auto network = given.network();
    CHECK(owners(*network, "10.0.2.9") ==
          std::vector<std::string>{"unmodelled inner if AZR9008 inner"});
    CHECK(owners(*network, "10.0.3.9") == std::vector<std::string>{"nobody wide"});
    CHECK(owners(*network, "10.0.3.255") == std::vector<std::string>{"reserved wide"});
    CHECK(owners(*network, "10.0.2.255") == std::vector<std::string>{"nobody wide"});
}

TEST_CASE("the partition of a set says of each address what owners() says", "[J6][J7]") {
    Given given;
    given.subnet("wide", {"10.0.2.0/28"});
    given.subnet("fw", {"10.0.2.32/28"});
    given.subnet("fw").delegations = {"x"};
    given.nic("nic-a", "10.0.2.5", "wide");
    given.nic("nic-b", "10.0.2.6", "wide");
    given.nic("nic-c", "10.0.2.6", "wide");
    given.nic("nic-d", "10.0.2.0", "wide");
    NetworkInterface& dual = given.nic("nic-e", "10.0.2.15", "wide");
    Given::configuration(dual, "v6", "2001:db8::5");
    given.subnet("six", {"2001:db8::/124"});
    const auto network = given.network();

    const AddressSet asked =
        AddressSet::range(ip("10.0.1.250"), ip("10.0.2.60")) | AddressSet::single(ip("10.0.9.9")) |
        AddressSet::range(ip("2001:db7:ffff:ffff:ffff:ffff:ffff:fff0"), ip("2001:db8::20"));
    AddressSet covered;
    std::size_t singles = 0;
    for (const Edges::Part& part : network->edges().partition(0, asked)) {
        REQUIRE_FALSE(part.addresses.empty());
        CHECK_FALSE(part.addresses.intersects(covered));
        covered |= part.addresses;
        const auto check = [&](const Address& address) {
            CAPTURE(to_string(address));
            CHECK(texts(*network, network->edges().owners(0, address)) ==
                  texts(*network, part.owners));
            ++singles;
        };
        for (const auto& range : part.addresses.v4.ranges()) {
            for (std::uint64_t a = range.first; a <= range.last; ++a) {
                check(Address::v4(static_cast<std::uint32_t>(a)));
            }
        }
        for (const auto& range : part.addresses.v6.ranges()) {
            for (Uint128 a = range.first; a <= range.last; ++a) {
                check(Address::v6(a));
            }
        }
    }
    CHECK(covered == asked);
    CHECK(singles == static_cast<std::size_t>(asked.count()));
    CHECK(network->edges().partition(0, {}).empty());
    CHECK(network->edges().partition(kNoIndex, asked).size() == 1);
}

TEST_CASE("the ends of the address spaces are swept once", "[J7]") {
    Given given;
    given.subnet("s", {"255.255.255.0/24", "ffff::/16"});
    given.nic("nic-a", "255.255.255.255", "s");
    const auto network = given.network();
    AddressSet covered;
    for (const Edges::Part& part : network->edges().partition(0, AddressSet::all())) {
        CHECK_FALSE(part.addresses.intersects(covered));
        covered |= part.addresses;
    }
    CHECK(covered == AddressSet::all());
}

}  // namespace azreach::edges_test
