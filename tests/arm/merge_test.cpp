// Children inline and alone, and copies of one resource.                                       [J2]
#include <chrono>
#include <functional>

#include "tests/arm/arm_text.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::arm_text;

namespace {

std::string subnet(const std::string& fields) {
    return R"({"addressPrefix":"10.0.0.0/24")" + fields + "}";
}

std::string vnet_with(const std::string& subnets, const std::string& peerings = "") {
    return resource("virtualNetworks/v",
                    R"({"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[)" + subnets +
                        R"(],"virtualNetworkPeerings":[)" + peerings + "]}");
}

const std::string kGroupRef = R"(,"networkSecurityGroup":)" + refer("networkSecurityGroups/n");

Snapshot both(const std::string& a, const std::string& b) {
    const Snapshot one = import_text("in.json", list({a, b})).snapshot;
    // The order of writing and of files decides nothing.
    const Snapshot other = import_texts({{"1", list({b})}, {"2", list({a})}}).snapshot;
    CHECK(one.size() == other.size());
    CHECK(one.diagnostics.size() == other.diagnostics.size());
    CHECK(one.gaps.size() == other.gaps.size());
    return one;
}

}  // namespace

TEST_CASE("every kind of child joins its parent, before or after it", "[arm][J2]") {
    const std::string balancer = resource("loadBalancers/l", "{}");
    const std::string config = resource("networkManagers/m/securityAdminConfigurations/c", "{}");
    struct Row {
        std::string given;
        std::string parent, child;
        std::function<std::size_t(const Snapshot&)> children;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"subnet", vnet_with(""), resource("virtualNetworks/v/subnets/a", subnet("")),
         [](const Snapshot& s) { return s.virtual_networks.begin()->second.subnets.size(); }},
        {"peering", vnet_with(""),
         resource("virtualNetworks/v/virtualNetworkPeerings/p",
                  R"({"remoteVirtualNetwork":)" + refer("virtualNetworks/w") + "}"),
         [](const Snapshot& s) { return s.virtual_networks.begin()->second.peerings.size(); }},
        {"rule", group_with({}), resource("networkSecurityGroups/n/securityRules/r", rule(kAny)),
         [](const Snapshot& s) { return s.security_groups.begin()->second.rules.size(); }},
        {"default rule", group_with({}),
         resource("networkSecurityGroups/n/defaultSecurityRules/DenyAllInBound",
                  R"({"priority":65500,"direction":"Inbound","access":"Deny","protocol":"*")" +
                      kAny + "}"),
         [](const Snapshot& s) { return s.security_groups.begin()->second.default_rules.size(); }},
        {"route", resource("routeTables/r", "{}"),
         resource("routeTables/r/routes/x",
                  R"({"addressPrefix":"0.0.0.0/0","nextHopType":"None"})"),
         [](const Snapshot& s) { return s.route_tables.begin()->second.routes.size(); }},
        {"IP configuration", resource("networkInterfaces/i", "{}"),
         resource("networkInterfaces/i/ipConfigurations/c", R"({"privateIPAddress":"10.0.0.4"})"),
         [](const Snapshot& s) { return s.interfaces.begin()->second.configurations.size(); }},
        {"frontend", balancer, resource("loadBalancers/l/frontendIPConfigurations/f", "{}"),
         [](const Snapshot& s) { return s.load_balancers.begin()->second.frontends.size(); }},
        {"pool", balancer, resource("loadBalancers/l/backendAddressPools/p", "{}"),
         [](const Snapshot& s) { return s.load_balancers.begin()->second.pools.size(); }},
        {"balancing rule", balancer,
         resource("loadBalancers/l/loadBalancingRules/r", R"({"protocol":"Tcp"})"),
         [](const Snapshot& s) { return s.load_balancers.begin()->second.rules.size(); }},
        {"NAT rule", balancer,
         resource("loadBalancers/l/inboundNatRules/r", R"({"protocol":"Tcp"})"),
         [](const Snapshot& s) { return s.load_balancers.begin()->second.nat_rules.size(); }},
        {"outbound rule", balancer,
         resource("loadBalancers/l/outboundRules/r", R"({"protocol":"All"})"),
         [](const Snapshot& s) { return s.load_balancers.begin()->second.outbound_rules.size(); }},
        {"gateway NAT rule", resource("virtualNetworkGateways/g", "{}"),
         resource("virtualNetworkGateways/g/natRules/r", "{}"),
         [](const Snapshot& s) { return s.gateways.begin()->second.has_nat_rules ? 1U : 0U; }},
        {"member", resource("networkManagers/m/networkGroups/g", "{}"),
         resource("networkManagers/m/networkGroups/g/staticMembers/x",
                  R"({"resourceId":")" + kNet + R"(virtualNetworks/v"})"),
         [](const Snapshot& s) { return s.network_groups.begin()->second.members.size(); }},
        {"rule collection", config,
         resource("networkManagers/m/securityAdminConfigurations/c/ruleCollections/k",
                  R"({"appliesToGroups":[]})"),
         [](const Snapshot& s) {
             return s.admin_configurations.begin()->second.collections.size();
         }},
    }));
    CAPTURE(row.given);
    const Snapshot snapshot = both(row.parent, row.child);
    CHECK(row.children(snapshot) == 1);
    CHECK(snapshot.others.empty());
    // A child without its parent is kept by name, and the parent is a gap.
    if (row.given != "rule collection" && row.given != "gateway NAT rule") {
        const Snapshot alone = import_text("in.json", list({row.child})).snapshot;
        CHECK(alone.others.size() == 1);
        CHECK(count(alone, "AZR1013") == 1);
        CHECK_FALSE(alone.gaps.empty());
    }
}

TEST_CASE("an admin rule whose collection was not read may be in force anywhere", "[arm][J4]") {
    const std::string path = "networkManagers/m/securityAdminConfigurations/c/ruleCollections/k";
    const Snapshot snapshot =
        import_text(
            "in.json",
            list({resource(
                path + "/rules/r",
                R"({"priority":1,"direction":"Inbound","access":"AlwaysAllow","protocol":"Tcp"})")}))
            .snapshot;
    REQUIRE(snapshot.admin_configurations.size() == 1);
    const auto& collections = snapshot.admin_configurations.begin()->second.collections;
    REQUIRE(collections.size() == 1);
    CHECK(collections.front().rules.size() == 1);
    REQUIRE(collections.front().groups.size() == 1);  // one that nobody has read
    CHECK_FALSE(snapshot.network_groups.contains(collections.front().groups.front()));
    CHECK(gap(snapshot, kNet + path) != nullptr);
}

TEST_CASE("copies that say the same are one", "[arm][J2]") {
    const std::string one = vnet_with(named("a", subnet(kGroupRef)));
    const std::string noisy =
        R"({"type":"microsoft.network/VIRTUALNETWORKS","etag":"W/\"7\"","id":")" + kNet +
        R"(VirtualNetworks/V","location":"westeurope","addressSpace":{"addressPrefixes":["10.0.0.0/16"]},)"
        R"("subnets":[{"provisioningState":"Updating","addressPrefix":"10.0.0.0/24","name":"a",)"
        R"("networkSecurityGroup":{"id":")" +
        kNet + R"(NETWORKSECURITYGROUPS/N"}}]})";
    const Snapshot snapshot = import_text("in.json", list({one, one, noisy})).snapshot;
    CHECK(count(snapshot, "AZR1012") == 0);
    CHECK(snapshot.virtual_networks.begin()->second.header.contested.empty());
}

TEST_CASE("what copies say differently is marked, and kept from both sides", "[arm][J2]") {
    const auto subnet_of = [](const Snapshot& s) {
        return s.virtual_networks.begin()->second.subnets.front();
    };
    SECTION("a subnet inline and alone") {
        struct Row {
            std::string fields, contested;
        };
        const auto row = GENERATE_COPY(values<Row>({
            {kGroupRef, "networkSecurityGroup"},
            {R"(,"routeTable":)" + refer("routeTables/r"), "routeTable"},
            {R"(,"natGateway":)" + refer("natGateways/n"), "natGateway"},
            {R"(,"defaultOutboundAccess":false)", "defaultOutboundAccess"},
            {R"(,"privateEndpointNetworkPolicies":"Enabled")", "privateEndpointNetworkPolicies"},
            {R"(,"addressPrefixes":["10.0.9.0/24"])", "addressPrefix"},
            {R"(,"serviceEndpoints":[{"service":"Microsoft.Storage"}])", "serviceEndpoints"},
        }));
        CAPTURE(row.contested);
        const Snapshot snapshot = both(vnet_with(named("a", subnet(""))),
                                       resource("virtualNetworks/v/subnets/a", subnet(row.fields)));
        CHECK(subnet_of(snapshot).header.contested ==
              std::set<std::string, IgnoringCase>{row.contested});
        CHECK(count(snapshot, "AZR1012") == 1);
    }
    SECTION("an az CLI listing may not know what is new") {
        const std::string flattened =
            R"({"id":")" + kNet +
            R"(virtualNetworks/v/subnets/a","name":"a","addressPrefix":"10.0.0.0/24"})";
        const Snapshot snapshot = both(
            vnet_with(named("a", subnet(R"(,"natGateway":)" + refer("natGateways/n")))), flattened);
        CHECK(subnet_of(snapshot).nat_gateway == id("natGateways/n"));
        CHECK(subnet_of(snapshot).header.contested.empty());
    }
    SECTION("virtual networks") {
        const Snapshot snapshot =
            both(vnet_with(named("a", subnet("")),
                           named("p", R"({"peeringState":"Connected","remoteVirtualNetwork":)" +
                                          refer("virtualNetworks/w") + "}")),
                 resource("virtualNetworks/v",
                          R"({"addressSpace":{"addressPrefixes":["10.9.0.0/16"]}})"));
        const VirtualNetwork& vnet = snapshot.virtual_networks.begin()->second;
        CHECK(vnet.header.contested.contains("addressSpace"));
        CHECK(vnet.header.contested.contains("subnets"));
        CHECK(vnet.address_space.size() == 2);
        REQUIRE(vnet.peerings.size() == 1);
        CHECK(vnet.peerings.front().header.contested.contains("peering"));
    }
    SECTION("peerings") {
        const auto peering = [](const std::string& state) {
            return R"({"peeringState":")" + state + R"(","remoteVirtualNetwork":)" +
                   refer("virtualNetworks/w") + "}";
        };
        const Snapshot snapshot =
            both(vnet_with("", named("p", peering("Connected"))),
                 resource("virtualNetworks/v/virtualNetworkPeerings/p", peering("Disconnected")));
        const Peering& read = snapshot.virtual_networks.begin()->second.peerings.front();
        CHECK(read.state == PeeringState::unknown);
        CHECK_FALSE(read.header.contested.empty());
    }
    SECTION("security groups") {
        const Snapshot snapshot =
            both(group_with({named("same", rule(kAny)), named("gone", rule(kAny))}),
                 group_with({named("same", rule(kAny)), named("new", rule(kAny))}));
        const auto& rules = snapshot.security_groups.begin()->second.rules;
        REQUIRE(rules.size() == 3);
        for (const SecurityRule& rule : rules) {
            CHECK(rule.certain == (rule.name == "same"));
        }
    }
    SECTION("route tables") {
        const auto table = [](const std::string& hop) {
            return resource(
                "routeTables/r",
                R"({"routes":[{"name":"x","properties":{"addressPrefix":"0.0.0.0/0","nextHopType":")" +
                    hop + R"("}}]})");
        };
        const Snapshot snapshot = both(table("None"), table("Internet"));
        const auto& routes = snapshot.route_tables.begin()->second.routes;
        REQUIRE(routes.size() == 2);
        CHECK_FALSE(routes[0].certain);
        CHECK_FALSE(routes[1].certain);
    }
    SECTION("the group of a NIC, the tier of an address") {
        const Snapshot nic =
            both(resource("networkInterfaces/i", R"({"ipConfigurations":[]})"),
                 resource("networkInterfaces/i",
                          R"({"networkSecurityGroup":)" + refer("networkSecurityGroups/n") + "}"));
        CHECK(nic.interfaces.begin()->second.header.contested.contains("networkSecurityGroup"));
        const Snapshot ip =
            both(resource("publicIPAddresses/p", "{}", R"(,"sku":{"name":"Basic"})"),
                 resource("publicIPAddresses/p", "{}", R"(,"sku":{"name":"Standard"})"));
        CHECK(ip.public_ips.begin()->second.header.contested.contains("sku"));
    }
}

TEST_CASE("a difference that the data cannot carry is refused, with both places", "[arm][J2]") {
    const auto nic = [](const std::string& address) {
        return resource("networkInterfaces/i",
                        R"({"ipConfigurations":[{"name":"c","properties":{"privateIPAddress":")" +
                            address + R"("}}]})");
    };
    const auto pool_rule = [](const std::string& port) {
        return resource("loadBalancers/l/loadBalancingRules/r",
                        R"({"protocol":"Tcp","frontendPort":)" + port + "}");
    };
    const std::string differ = refusal(list({nic("10.0.0.4"), nic("10.0.0.5")}));
    CHECK_THAT(differ, Catch::Contains("ipConfigurations") && Catch::Contains("#/value/1") &&
                           Catch::Contains("#/value/0") && Catch::Contains("stale"));
    CHECK_THAT(refusal(list({resource("loadBalancers/l", "{}"), pool_rule("80"), pool_rule("81")})),
               Catch::Contains("#/value/2") && Catch::Contains("#/value/1"));
}

TEST_CASE("a hundred thousand copies of one id cost no more than as many resources", "[arm][J2]") {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::string> copies;
    copies.push_back(group_with({}));
    copies.push_back(vnet_with(""));
    for (int i = 0; i < 100'000; ++i) {
        const std::string etag = R"(,"etag":")" + std::to_string(i) + R"(")";
        copies.push_back(resource("networkSecurityGroups/n", R"({"securityRules":[]})", etag));
        copies.push_back(resource("networkSecurityGroups/n/securityRules/r", rule(kAny), etag));
        copies.push_back(resource("virtualNetworks/v/subnets/a", subnet(kGroupRef), etag));
    }
    const Snapshot snapshot = import_text("in.json", list(copies)).snapshot;
    CHECK(snapshot.security_groups.begin()->second.rules.size() == 1);
    CHECK(snapshot.virtual_networks.begin()->second.subnets.size() == 1);
    // All different: refused, before it grows.
    copies.resize(1);
    for (int i = 0; i < 100'000; ++i) {
        copies.push_back(resource(
            "networkSecurityGroups/n/securityRules/r",
            R"({"priority":)" + std::to_string(100 + i % 3900) +
                R"(,"direction":"Inbound","access":"Allow","protocol":"Tcp")" + kAny + "}"));
    }
    CHECK_THAT(refusal(list(copies)), Catch::Contains("more than 16 copies"));
    CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < 60);
}

TEST_CASE("many children of one parent are joined in n log n", "[arm][J2]") {
    std::vector<std::string> parts = {vnet_with("")};
    for (int i = 0; i < 50'000; ++i) {
        parts.push_back(resource("virtualNetworks/v/subnets/s" + std::to_string(i), subnet("")));
    }
    const auto begin = std::chrono::steady_clock::now();
    const Snapshot snapshot = import_text("in.json", list(parts)).snapshot;
    CHECK(snapshot.virtual_networks.begin()->second.subnets.size() == 50'000);
    CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < 20);
}
