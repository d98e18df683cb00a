// Terraform plans and states as Azure resources.
#include "tests/plan/plan_builder.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::plan_test;

namespace {

const Subnet& subnet_in(const Imported& imported, const std::string& name) {
    const auto& vnet =
        imported.snapshot.virtual_networks.at(ResourceId(kNet + "virtualNetworks/vnet"));
    for (const Subnet& subnet : vnet.subnets) {
        if (subnet.header.name == name) {
            return subnet;
        }
    }
    FAIL("no subnet " << name);
    throw std::logic_error("unreachable");
}
std::string group_of(const Imported& imported, const std::string& subnet) {
    const Ref& group = subnet_in(imported, subnet).security_group;
    return group ? std::string(group->text()) : "";
}
std::size_t count(const Imported& imported, const std::string& code) {
    return static_cast<std::size_t>(
        std::count_if(imported.snapshot.diagnostics.begin(), imported.snapshot.diagnostics.end(),
                      [&](const Diagnostic& d) { return d.code == code; }));
}
const std::string kWeb = kNet + "networkSecurityGroups/nsg-web";

}  // namespace

TEST_CASE("a plan's resources have the ids that Azure will give them", "[plan]") {
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet"))
        .add(subnet("azurerm_subnet.web", "web", "10.0.1.0/24"))
        .add(group("azurerm_network_security_group.web", "nsg-web",
                   {rule("https", 100, "Allow", "443")}))
        .add({.address = "azurerm_network_security_rule.ssh",
              .after =
                  [] {
                      Json r = rule("ssh", 110, "Deny", "22");
                      r["network_security_group_name"] = "nsg-web";
                      r["resource_group_name"] = "rg";
                      return r;
                  }(),
              .unknown = {{"id", true}}})
        .add(association("azurerm_subnet_network_security_group_association.web",
                         id_of("azurerm_subnet.web"), id_of("azurerm_network_security_group.web")));
    const Imported imported = plan.read();
    CHECK(group_of(imported, "web") == kWeb);
    const NetworkSecurityGroup& found = imported.snapshot.security_groups.at(ResourceId(kWeb));
    REQUIRE(found.rules.size() == 2);
    CHECK(found.rules[0].name == "https");
    CHECK(found.rules[1].name == "ssh");
    CHECK(found.rules[1].access == Access::deny);
    CHECK(imported.snapshot.symbols.empty());
    CHECK(imported.snapshot.gaps.empty());
}

TEST_CASE("a finding has its place in the plan and the address of the resource", "[plan]") {
    PlanText plan;
    plan.add(group("module.net.azurerm_network_security_group.web", "nsg-web",
                   {rule("https", 100, "Allow", "443")}));
    const Imported imported = plan.read();
    const auto& found = imported.snapshot.security_groups.begin()->second;
    const Place place = imported.places->locate(found.rules.at(0).where);
    CHECK(place.file == "plan.json");
    CHECK(place.pointer == "/resource_changes/0/change/after/security_rule/0");
    CHECK(place.line > 1);
    CHECK(place.address == "module.net.azurerm_network_security_group.web");
}

TEST_CASE("references go through modules, variables and outputs", "[plan]") {
    PlanText plan;
    plan.add(vnet("module.net.azurerm_virtual_network.v", "vnet"))
        .add(subnet("module.net.azurerm_subnet.web", "web", "10.0.1.0/24"))
        .add(group("azurerm_network_security_group.web", "nsg-web"))
        .add(association("module.join.azurerm_subnet_network_security_group_association.a",
                         refers({"var.subnet"}), refers({"var.group"})));
    plan.call("net")["module"]["outputs"]["web_id"]["expression"] = id_of("azurerm_subnet.web");
    plan.call("join")["expressions"] = {{"subnet", refers({"module.net.web_id", "module.net"})},
                                        {"group", id_of("azurerm_network_security_group.web")}};
    CHECK(group_of(plan.read(), "web") == kWeb);
}

TEST_CASE("count and for_each: the instance of the same index, if both have the same", "[plan]") {
    struct Row {
        std::string given;
        std::string index[3];  // of the subnets; the last only where there are three
        std::string refers_to;
        bool known;
    };
    const auto row = GENERATE(values<Row>({
        {"for_each over the same keys", {"\"a\"", "\"b\"", ""}, "each.key", true},
        {"count of the same number", {"0", "1", ""}, "count.index", true},
        {"more of the one than of the other", {"0", "1", "2"}, "count.index", false},
        {"an index that hides in a local value", {"0", "1", ""}, "local.which", false},
        {"an index that hides in each.value", {"\"a\"", "\"b\"", ""}, "each.value.subnet", false},
    }));
    CAPTURE(row.given);
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet"));
    for (int i = 0; i < 3; ++i) {
        if (!row.index[i].empty()) {
            plan.add(subnet("azurerm_subnet.s[" + row.index[i] + "]", "s" + std::to_string(i),
                            "10.0." + std::to_string(i) + ".0/24"));
        }
    }
    plan.add(group("azurerm_network_security_group.web", "nsg-web"));
    for (int i = 0; i < 2; ++i) {
        plan.add(
            association("azurerm_subnet_network_security_group_association.a[" + row.index[i] + "]",
                        refers({"azurerm_subnet.s", row.refers_to}),
                        id_of("azurerm_network_security_group.web")));
    }
    const Imported imported = plan.read();
    if (row.known) {
        CHECK(group_of(imported, "s0") == kWeb);
        CHECK(group_of(imported, "s1") == kWeb);
        CHECK(count(imported, "AZR1052") == 1);
        CHECK(imported.snapshot.symbols.empty());
    } else {
        // Any of the subnets may have it: none is without a group for sure.
        CHECK(group_of(imported, "s0").find("known after apply") != std::string::npos);
        CHECK(group_of(imported, "s1").find("known after apply") != std::string::npos);
        CHECK(count(imported, "AZR1055") == 2);
    }
}

TEST_CASE("an expression that may mean either of two resources is not decided", "[plan]") {
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet"))
        .add(subnet("azurerm_subnet.web", "web", "10.0.1.0/24"))
        .add(group("azurerm_network_security_group.web", "nsg-web"))
        .add(group("azurerm_network_security_group.other", "nsg-other"))
        .add(association(
            "azurerm_subnet_network_security_group_association.web", id_of("azurerm_subnet.web"),
            refers({"var.strict", "azurerm_network_security_group.web.id",
                    "azurerm_network_security_group.web", "azurerm_network_security_group.other.id",
                    "azurerm_network_security_group.other"})));
    const std::string group = group_of(plan.read(), "web");
    CHECK(group.find("azurerm_network_security_group.other.id") != std::string::npos);
    CHECK(group.find("azurerm_network_security_group.web.id") != std::string::npos);
}

TEST_CASE("an id that something is put together from is not taken for the id", "[plan]") {
    // "${azurerm_virtual_network.v.id}/subnets/web" refers to the network only.
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet"))
        .add(subnet("azurerm_subnet.web", "web", "10.0.1.0/24"))
        .add(group("azurerm_network_security_group.web", "nsg-web"))
        .add(association("azurerm_subnet_network_security_group_association.web",
                         id_of("azurerm_virtual_network.v"),
                         id_of("azurerm_network_security_group.web")));
    CHECK(group_of(plan.read(), "web").find("known after apply") != std::string::npos);
}

TEST_CASE("a plan gives both sides", "[plan]") {
    const auto with = [](const char* access) {
        Json state = group("", "nsg-web", {rule("ssh", 100, access, "22")}).after;
        state["id"] = kWeb;
        return state;
    };
    Json gone = group("", "nsg-gone").after;
    gone["id"] = kNet + "networkSecurityGroups/nsg-gone";
    PlanText plan;
    plan.add({.address = "azurerm_network_security_group.web",
              .actions = {"update"},
              .before = with("Deny"),
              .after = with("Allow")})
        .add({.address = "azurerm_network_security_group.gone",
              .actions = {"delete"},
              .before = gone,
              .after = nullptr})
        .add(group("azurerm_network_security_group.new", "nsg-new"));
    const auto access = [](const Imported& imported) {
        return imported.snapshot.security_groups.at(ResourceId(kWeb)).rules.at(0).access;
    };
    const auto has = [](const Imported& imported, const char* name) {
        return imported.snapshot.security_groups.contains(
            ResourceId(kNet + "networkSecurityGroups/" + name));
    };
    const Imported before = plan.read(Side::before);
    const Imported after = plan.read(Side::after);
    CHECK(access(before) == Access::deny);
    CHECK(access(after) == Access::allow);
    CHECK(has(before, "nsg-gone"));
    CHECK_FALSE(has(after, "nsg-gone"));
    CHECK_FALSE(has(before, "nsg-new"));
    CHECK(has(after, "nsg-new"));
}

TEST_CASE("the generations of the provider say the same", "[plan]") {
    struct Row {
        std::string given;
        Json attributes;
        PrivateEndpointPolicies then;
    };
    using Policies = PrivateEndpointPolicies;
    const auto row = GENERATE(values<Row>({
        {"4", {{"private_endpoint_network_policies", "RouteTableEnabled"}}, Policies::route_table},
        {"3, on", {{"private_endpoint_network_policies_enabled", true}}, Policies::enabled},
        {"3, off", {{"private_endpoint_network_policies_enabled", false}}, Policies::disabled},
        {"2, enforced",
         {{"enforce_private_link_endpoint_network_policies", true}},
         Policies::disabled},
        {"2, not enforced",
         {{"enforce_private_link_endpoint_network_policies", false}},
         Policies::enabled},
    }));
    CAPTURE(row.given);
    auto change = subnet("azurerm_subnet.web", "web", "10.0.1.0/24");
    change.after.erase("private_endpoint_network_policies");
    change.after.update(row.attributes);
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet")).add(change);
    CHECK(subnet_in(plan.read(), "web").private_endpoint_policies == row.then);
}

TEST_CASE("a default that differs between providers stays open, others are Azure's", "[plan]") {
    auto change = subnet("azurerm_subnet.web", "web", "10.0.1.0/24");
    change.after.erase("private_endpoint_network_policies");
    change.unknown = {{"id", true},
                      {"private_endpoint_network_policies", true},
                      {"default_outbound_access_enabled", true}};
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet")).add(change);
    const Imported imported = plan.read();
    CHECK(subnet_in(imported, "web").private_endpoint_policies == PrivateEndpointPolicies::unknown);
    CHECK_FALSE(subnet_in(imported, "web").default_outbound_access.has_value());
    CHECK(imported.snapshot.symbols.size() == 1);
}

TEST_CASE("interfaces, addresses, pools and groups are joined", "[plan]") {
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet"))
        .add(subnet("azurerm_subnet.web", "web", "10.0.1.0/24"))
        .add({.address = "azurerm_application_security_group.web",
              .after = {{"name", "asg-web"}, {"resource_group_name", "rg"}},
              .unknown = {{"id", true}}})
        .add({.address = "azurerm_lb.front",
              .after = {{"name", "lb"},
                        {"resource_group_name", "rg"},
                        {"sku", "Standard"},
                        {"frontend_ip_configuration", Json::array({{{"name", "fe"}}})}},
              .unknown = {{"id", true},
                          {"frontend_ip_configuration",
                           Json::array({{{"public_ip_address_id", true},
                                         {"subnet_id", true},
                                         {"private_ip_address", true}}})}},
              .expressions = {{"frontend_ip_configuration",
                               Json::array({{{"name", constant("fe")},
                                             {"public_ip_address_id",
                                              id_of("azurerm_public_ip.front")}}})}}})
        .add({.address = "azurerm_public_ip.front",
              .after = {{"name", "pip"},
                        {"resource_group_name", "rg"},
                        {"sku", "Standard"},
                        {"ip_version", "IPv4"},
                        {"allocation_method", "Static"}},
              .unknown = {{"id", true}, {"ip_address", true}}})
        .add({.address = "azurerm_lb_backend_address_pool.pool",
              .after = {{"name", "pool"}},
              .unknown = {{"id", true}, {"loadbalancer_id", true}},
              .expressions = {{"loadbalancer_id", id_of("azurerm_lb.front")}}})
        .add({.address = "azurerm_lb_rule.https",
              .after = {{"name", "https"},
                        {"protocol", "Tcp"},
                        {"frontend_port", 443},
                        {"backend_port", 8443},
                        {"frontend_ip_configuration_name", "fe"}},
              .unknown = {{"id", true},
                          {"loadbalancer_id", true},
                          {"backend_address_pool_ids", true},
                          {"probe_id", true}},
              .expressions = {{"loadbalancer_id", id_of("azurerm_lb.front")},
                              {"backend_address_pool_ids",
                               id_of("azurerm_lb_backend_address_pool.pool")}}})
        .add({.address = "azurerm_network_interface.web",
              .after = {{"name", "nic"},
                        {"resource_group_name", "rg"},
                        {"ip_configuration",
                         Json::array({{{"name", "ipconfig"},
                                       {"private_ip_address_allocation", "Dynamic"}}})}},
              .unknown = {{"id", true},
                          {"enable_ip_forwarding", true},
                          {"ip_forwarding_enabled", true},
                          {"ip_configuration",
                           Json::array({{{"subnet_id", true}, {"private_ip_address", true}}})}},
              .expressions = {{"ip_configuration",
                               Json::array({{{"name", constant("ipconfig")},
                                             {"private_ip_address", refers({"var.address"})},
                                             {"subnet_id", id_of("azurerm_subnet.web")}}})}}})
        .add({.address = "azurerm_network_interface_application_security_group_association.web",
              .after = Json::object(),
              .unknown = {{"network_interface_id", true}, {"application_security_group_id", true}},
              .expressions = {{"network_interface_id", id_of("azurerm_network_interface.web")},
                              {"application_security_group_id",
                               id_of("azurerm_application_security_group.web")}}})
        .add({.address = "azurerm_network_interface_backend_address_pool_association.web",
              .after = {{"ip_configuration_name", "ipconfig"}},
              .unknown = {{"network_interface_id", true}, {"backend_address_pool_id", true}},
              .expressions = {{"network_interface_id", id_of("azurerm_network_interface.web")},
                              {"backend_address_pool_id",
                               id_of("azurerm_lb_backend_address_pool.pool")}}})
        .add({.address = "azurerm_linux_virtual_machine.web",
              .after = {{"name", "vm"},
                        {"resource_group_name", "rg"},
                        {"admin_password", "S3cret-of-the-plan"}},
              .unknown = {{"id", true}, {"network_interface_ids", true}},
              .expressions = {{"network_interface_ids", id_of("azurerm_network_interface.web")}}});
    const Imported imported = plan.read();
    const Snapshot& snapshot = imported.snapshot;
    REQUIRE(snapshot.interfaces.size() == 1);
    const IpConfiguration& nic = snapshot.interfaces.begin()->second.configurations.at(0);
    CHECK(nic.subnet->text() == kNet + "virtualNetworks/vnet/subnets/web");
    CHECK_FALSE(nic.address.has_value());
    REQUIRE(nic.asgs.size() == 1);
    CHECK(nic.asgs[0].text() == kNet + "applicationSecurityGroups/asg-web");
    REQUIRE(nic.lb_pools.size() == 1);
    CHECK(nic.lb_pools[0].text() == kNet + "loadBalancers/lb/backendAddressPools/pool");
    const LoadBalancer& balancer = snapshot.load_balancers.begin()->second;
    REQUIRE(balancer.frontends.size() == 1);
    CHECK(balancer.frontends[0].public_ip->text() == kNet + "publicIPAddresses/pip");
    CHECK_FALSE(balancer.frontends[0].subnet.has_value());
    REQUIRE(balancer.rules.size() == 1);
    CHECK(balancer.rules[0].frontend->text() ==
          kNet + "loadBalancers/lb/frontendIPConfigurations/fe");
    REQUIRE(snapshot.virtual_machines.size() == 1);
    CHECK(snapshot.virtual_machines.begin()->second.interfaces.at(0).text() ==
          kNet + "networkInterfaces/nic");
    // Nothing is open but the public address, which Azure picks when it deploys.
    REQUIRE(snapshot.symbols.size() == 1);
    CHECK(snapshot.symbols.begin()->first.text() == kNet + "publicIPAddresses/pip");
    CHECK(snapshot.symbols.begin()->second == std::set<std::string>{"address of pip"});
    for (const Diagnostic& diagnostic : snapshot.diagnostics) {
        CHECK(diagnostic.message.find("S3cret") == std::string::npos);
    }
}

TEST_CASE("azapi resources are in ARM's shape, as an object or as JSON in a text", "[plan]") {
    const Json body = {{"properties",
                        {{"securityRules", Json::array({{{"name", "ssh"},
                                                         {"properties",
                                                          {{"priority", 100},
                                                           {"direction", "Inbound"},
                                                           {"access", "Deny"},
                                                           {"protocol", "Tcp"},
                                                           {"sourceAddressPrefix", "*"},
                                                           {"sourcePortRange", "*"},
                                                           {"destinationAddressPrefix", "*"},
                                                           {"destinationPortRange", "22"}}}}})}}}};
    for (const Json& written : {body, Json(body.dump())}) {
        PlanText plan;
        plan.add({.address = "azurerm_resource_group.rg",
                  .after = {{"name", "rg"}, {"location", "westeurope"}},
                  .unknown = {{"id", true}}})
            .add({.address = "azapi_resource.nsg",
                  .after = {{"type", "Microsoft.Network/networkSecurityGroups@2023-11-01"},
                            {"name", "nsg-web"},
                            {"body", written}},
                  .unknown = {{"id", true}, {"parent_id", true}},
                  .expressions = {{"parent_id", id_of("azurerm_resource_group.rg")}}});
        const Imported imported = plan.read();
        const auto& found = imported.snapshot.security_groups.at(ResourceId(kWeb));
        REQUIRE(found.rules.size() == 1);
        const Place place = imported.places->locate(found.rules[0].where);
        CHECK(place.pointer.rfind("/resource_changes/1/change/after/body", 0) == 0);
        CHECK(place.address == "azapi_resource.nsg");
    }
}

TEST_CASE("an unknown value in the body of an azapi resource is bound or a symbol", "[plan]") {
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet"))
        .add(subnet("azurerm_subnet.web", "web", "10.0.1.0/24"))
        .add({.address = "azapi_resource.nic",
              .after = {{"type", "Microsoft.Network/networkInterfaces@2023-11-01"},
                        {"name", "nic"},
                        {"parent_id", kSubscription + "/resourceGroups/rg"},
                        {"body", Json::parse(R"({"properties": {"ipConfigurations": [
                            {"name": "c", "properties": {"subnet": {}}}]}})")}},
              .unknown = Json::parse(R"({"id": true, "body": {"properties": {"ipConfigurations": [
                            {"properties": {"subnet": {"id": true}}}]}}})"),
              .expressions = {{"body", id_of("azurerm_subnet.web")}}});
    const Imported imported = plan.read();
    CHECK(imported.snapshot.interfaces.begin()->second.configurations.at(0).subnet->text() ==
          kNet + "virtualNetworks/vnet/subnets/web");
}

TEST_CASE("blocks that Terraform left out of the plan are unknown, not none", "[plan]") {
    auto change = vnet("azurerm_virtual_network.v", "vnet");
    change.unknown = {{"id", true}};
    change.expressions["subnet"] =
        Json::array({{{"name", constant("web")}, {"address_prefixes", constant({"10.0.1.0/24"})}}});
    PlanText plan;
    plan.add(change);
    const Imported imported = plan.read();
    CHECK(count(imported, "AZR1053") == 1);
    CHECK_FALSE(imported.snapshot.symbols.empty());
}

TEST_CASE("inline subnets, rules and routes", "[plan]") {
    auto network = vnet("azurerm_virtual_network.v", "vnet");
    network.after["subnet"] =
        Json::array({{{"name", "web"},
                      {"address_prefixes", {"10.0.1.0/24"}},
                      {"security_group", kWeb},
                      {"service_endpoints", {"Microsoft.Storage"}},
                      {"delegation",
                       Json::array({{{"name", "d"},
                                     {"service_delegation",
                                      Json::array({{{"name", "Microsoft.Web/serverFarms"}}})}}})}},
                     {{"name", "old"}, {"address_prefix", "10.0.2.0/24"}, {"security_group", ""}}});
    PlanText plan;
    plan.add(network).add(
        {.address = "azurerm_route_table.r",
         .after = {{"name", "rt"},
                   {"resource_group_name", "rg"},
                   {"bgp_route_propagation_enabled", false},
                   {"route", Json::array({{{"name", "all"},
                                           {"address_prefix", "0.0.0.0/0"},
                                           {"next_hop_type", "VirtualAppliance"},
                                           {"next_hop_in_ip_address", "10.0.9.4"}}})}},
         .unknown = {{"id", true}}});
    const Imported imported = plan.read();
    const Subnet& web = subnet_in(imported, "web");
    CHECK(web.security_group->text() == kWeb);
    CHECK(web.delegations == std::vector<std::string>{"Microsoft.Web/serverFarms"});
    CHECK(web.service_endpoints.at(0).service == "Microsoft.Storage");
    CHECK(subnet_in(imported, "old").prefixes.size() == 1);
    CHECK_FALSE(subnet_in(imported, "old").security_group.has_value());
    const RouteTable& table = imported.snapshot.route_tables.begin()->second;
    CHECK(table.disable_bgp_propagation);
    CHECK(table.routes.at(0).next_hop == UserNextHop::virtual_appliance);
}

TEST_CASE("a newer major format is refused", "[plan]") {
    PlanText plan;
    plan.add(group("azurerm_network_security_group.web", "nsg-web"));
    plan.document()["format_version"] = "2.0";
    CHECK_THROWS_AS(plan.read(), InputError);
}

TEST_CASE("a plan that failed or is not complete says so", "[plan]") {
    for (const auto& [key, value] : {std::pair{"errored", true}, std::pair{"complete", false}}) {
        PlanText plan;
        plan.add(group("azurerm_network_security_group.web", "nsg-web"));
        plan.document()[key] = value;
        CHECK(count(plan.read(), "AZR1056") == 1);
    }
}

TEST_CASE("states, as show -json and as the file", "[plan]") {
    Json attributes = group("", "nsg-web", {rule("ssh", 100, "Deny", "22")}).after;
    attributes["id"] = kWeb;
    const Json shown = {
        {"format_version", "1.0"},
        {"terraform_version", "1.9.4"},
        {"values",
         {{"root_module",
           {{"child_modules",
             Json::array(
                 {{{"address", "module.net"},
                   {"resources",
                    Json::array({{{"address", "module.net.azurerm_network_security_group.web"},
                                  {"mode", "managed"},
                                  {"type", "azurerm_network_security_group"},
                                  {"name", "web"},
                                  {"values", attributes}}})}}})}}}}}};
    const Json raw = {
        {"version", 4},
        {"terraform_version", "1.9.4"},
        {"resources", Json::array({{{"mode", "managed"},
                                    {"module", "module.net"},
                                    {"type", "azurerm_network_security_group"},
                                    {"name", "web"},
                                    {"instances", Json::array({{{"attributes", attributes}}})}}})}};
    for (const Json& state : {shown, raw}) {
        const Imported imported = import_text("state.json", state.dump(1));
        const auto& found = imported.snapshot.security_groups.at(ResourceId(kWeb));
        CHECK(found.rules.at(0).access == Access::deny);
        CHECK(imported.places->locate(found.header.where).address ==
              "module.net.azurerm_network_security_group.web");
    }
}

TEST_CASE("data sources lend their ids, and themselves where they say enough", "[plan]") {
    Json attributes = group("", "nsg-web", {rule("ssh", 100, "Deny", "22")}).after;
    attributes["id"] = kWeb;
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet"))
        .add(subnet("azurerm_subnet.web", "web", "10.0.1.0/24"))
        .add({.address = "azurerm_subnet_network_security_group_association.web",
              .after = {{"network_security_group_id", kWeb}},
              .unknown = {{"subnet_id", true}},
              .expressions = {{"subnet_id", id_of("azurerm_subnet.web")}}});
    plan.document()["prior_state"] = {
        {"values",
         {{"root_module",
           {{"resources", Json::array({{{"address", "data.azurerm_network_security_group.web"},
                                        {"mode", "data"},
                                        {"type", "azurerm_network_security_group"},
                                        {"name", "web"},
                                        {"values", attributes}}})}}}}}};
    const Imported imported = plan.read();
    CHECK(group_of(imported, "web") == kWeb);
    CHECK(imported.snapshot.security_groups.at(ResourceId(kWeb)).rules.size() == 1);
}

TEST_CASE("a type that is not in the table holds the subnets that it names", "[plan]") {
    PlanText plan;
    plan.add(vnet("azurerm_virtual_network.v", "vnet"))
        .add(subnet("azurerm_subnet.web", "web", "10.0.1.0/24"))
        .add({.address = "azurerm_something_new.x",
              .after = {{"name", "x"},
                        {"resource_group_name", "rg"},
                        {"network", Json::array({Json::object()})}},
              .unknown = {{"id", true}, {"network", Json::array({{{"vnet_subnet_id", true}}})}},
              .expressions = {
                  {"network", Json::array({{{"vnet_subnet_id", id_of("azurerm_subnet.web")}}})}}});
    const Imported imported = plan.read();
    REQUIRE(imported.snapshot.others.size() == 1);
    const OtherResource& other = imported.snapshot.others.begin()->second;
    REQUIRE(other.subnets.size() == 1);
    CHECK(other.subnets[0].text() == kNet + "virtualNetworks/vnet/subnets/web");
}

TEST_CASE("without a subscription the ids hold a symbol, the same for all", "[plan]") {
    PlanText plan;
    plan.document()["configuration"]["provider_config"] = Json::object();
    plan.add(vnet("azurerm_virtual_network.v", "vnet"))
        .add(subnet("azurerm_subnet.web", "web", "10.0.1.0/24"));
    const Imported imported = plan.read();
    CHECK(count(imported, "AZR1057") == 1);
    REQUIRE(imported.snapshot.virtual_networks.size() == 1);
    CHECK(imported.snapshot.virtual_networks.begin()->second.subnets.size() == 1);
}
