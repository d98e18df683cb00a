// Changes laid over a snapshot: create, change, delete by id; the rest stays.
#include "src/engine/query.hpp"
#include "tests/plan/plan_builder.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::plan_test;

namespace {

const std::string kContoso = AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json";
const std::string kReport = AZREACH_ROOT_DIR "/fixtures/plan/contoso-report/";

struct Answer {
    std::string verdict;
    std::string places;  // of the deciders
};
Answer ask(const Imported& imported, const std::string& from, const std::string& to,
           const std::string& service) {
    const Network network(imported.snapshot, Assumptions(Reading::strict));
    const Reachability reachability(network);
    const Endpoints endpoints(network);
    const QueryAnswer answer =
        query(network, reachability, endpoints, from, to, service, *parse_service(service));
    return {std::string(to_string(answer.verdict)), ""};
}

/// A network below, changes above.
Imported lay(const Json& below, const Json& above) {
    return import_texts({{"live.json", below.dump(1)}}, [&] {
        ImportOptions options;
        options.overlay_texts = {{"change.json", above.dump(1)}};
        return options;
    }());
}
Json what_if(const std::vector<Json>& changes) { return {{"changes", changes}}; }
Json change(const std::string& type, const std::string& id, const Json& after = nullptr) {
    return {{"resourceId", id}, {"changeType", type}, {"after", after}};
}
Json resource(const std::string& id, const Json& properties) {
    const ResourceId parsed(id);
    return {{"id", id},
            {"name", std::string(parsed.name())},
            {"type", parsed.type()},
            {"properties", properties}};
}
const std::string kVnet = kNet + "virtualNetworks/vnet";
const std::string kNsg = kNet + "networkSecurityGroups/nsg";
const std::string kNic = kNet + "networkInterfaces/nic";
const std::string kBalancerPool = kNet + "loadBalancers/lb/backendAddressPools/pool";

Json subnet_entry(const std::string& name, const std::string& prefix, const Json& more = {}) {
    Json properties = {{"addressPrefix", prefix}};
    properties.update(more.is_null() ? Json::object() : more);
    return {{"id", kVnet + "/subnets/" + name}, {"name", name}, {"properties", properties}};
}
/// A live network: two subnets, a group, an interface in a pool.
Json live() {
    return {
        {"value",
         {resource(kVnet,
                   {{"addressSpace", {{"addressPrefixes", {"10.0.0.0/16"}}}},
                    {"subnets",
                     {subnet_entry("web", "10.0.1.0/24",
                                   {{"networkSecurityGroup", {{"id", kNsg}}},
                                    {"ipConfigurations",
                                     Json::array({{{"id", kNic + "/ipConfigurations/c"}}})}}),
                      subnet_entry("db", "10.0.2.0/24")}}}),
          resource(kNsg, {{"securityRules", Json::array()}}),
          resource(kNic, {{"ipConfigurations",
                           Json::array({{{"id", kNic + "/ipConfigurations/c"},
                                         {"name", "c"},
                                         {"properties",
                                          {{"privateIPAddress", "10.0.1.4"},
                                           {"privateIPAllocationMethod", "Dynamic"},
                                           {"subnet", {{"id", kVnet + "/subnets/web"}}},
                                           {"loadBalancerBackendAddressPools",
                                            Json::array({{{"id", kBalancerPool}}})}}}}})}}),
          resource(
              kNet + "loadBalancers/lb",
              {{"backendAddressPools",
                Json::array({{{"id", kBalancerPool},
                              {"name", "pool"},
                              {"properties",
                               {{"backendIPConfigurations",
                                 Json::array({{{"id", kNic + "/ipConfigurations/c"}}})}}}}})}})}}};
}
const VirtualNetwork& network_of(const Imported& imported) {
    return imported.snapshot.virtual_networks.at(ResourceId(kVnet));
}
std::vector<std::string> subnets_of(const Imported& imported) {
    std::vector<std::string> names;
    for (const Subnet& subnet : network_of(imported).subnets) {
        names.push_back(subnet.header.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}
bool has_gap(const Imported& imported) {
    return std::any_of(imported.snapshot.gaps.begin(), imported.snapshot.gaps.end(),
                       [](const Gap& gap) { return gap.code == "AZR9001"; });
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("one change gives one answer in every form", "[plan][overlay]") {
    const char* form = GENERATE("plan.json", "template.json", "what-if.json");
    CAPTURE(form);
    ImportOptions options;
    options.overlays = {kReport + form};
    const Imported after = import_paths({kContoso}, options);
    const Imported before = import_paths({kContoso});
    CHECK(ask(after, "vm-report", "vm-db", "tcp/1433").verdict == "reachable");
    CHECK(ask(after, "vm-report", "vm-db", "tcp/22").verdict == "blocked");
    CHECK(ask(after, "vm-web", "vm-report", "tcp/443").verdict == "reachable");
    CHECK(ask(after, "vm-web", "vm-report", "tcp/22").verdict == "reachable");  // AllowVnetInBound
    CHECK(ask(after, "internet", "vm-report", "any").verdict == "blocked");
    CHECK(ask(after, "vm-web", "vm-db", "tcp/1433").verdict == "blocked");
    CHECK(after.snapshot.size() == before.snapshot.size() + 3);
    CHECK(after.snapshot.symbols.empty());
    CHECK(after.snapshot.gaps.size() == before.snapshot.gaps.size());
}

TEST_CASE("a child that is created joins its parent, the others stay", "[plan][overlay]") {
    const Imported after = lay(
        live(),
        what_if({change("Create", kVnet + "/subnets/app",
                        resource(kVnet + "/subnets/app", {{"addressPrefix", "10.0.3.0/24"}}))}));
    CHECK(subnets_of(after) == Names{"app", "db", "web"});
    CHECK_FALSE(has_gap(after));
}

TEST_CASE("a child that is deleted leaves its parent", "[plan][overlay]") {
    CHECK(subnets_of(lay(live(), what_if({change("Delete", kVnet + "/subnets/db")}))) ==
          Names{"web"});
}

TEST_CASE("what is deleted takes its children along, and nobody tells of it", "[plan][overlay]") {
    const Imported after = lay(live(), what_if({change("Delete", kNic)}));
    CHECK(after.snapshot.interfaces.empty());
    CHECK(network_of(after).subnets.at(0).ip_configurations.empty());
    CHECK(after.snapshot.load_balancers.begin()->second.pools.at(0).ip_configurations.empty());
    CHECK_FALSE(has_gap(after));

    Json children = live();
    children["value"].push_back(
        resource(kNsg + "/securityRules/r", {{"priority", 100}, {"direction", "Inbound"}}));
    const Imported gone = lay(children, what_if({change("Delete", kNsg)}));
    CHECK(gone.snapshot.security_groups.empty());
}

TEST_CASE("a new state keeps what Azure fills in", "[plan][overlay]") {
    const Json moved = {
        {"ipConfigurations", Json::array({{{"name", "c"},
                                           {"properties",
                                            {{"privateIPAllocationMethod", "Dynamic"},
                                             {"subnet", {{"id", kVnet + "/subnets/web"}}}}}}})}};
    const Imported after = lay(live(), what_if({change("Modify", kNic, resource(kNic, moved))}));
    const IpConfiguration& now = after.snapshot.interfaces.begin()->second.configurations.at(0);
    REQUIRE(now.address.has_value());
    CHECK(to_string(*now.address) == "10.0.1.4");
    CHECK(now.lb_pools.empty());
    // The pool told of it; its own word counts.
    CHECK(after.snapshot.load_balancers.begin()->second.pools.at(0).ip_configurations.empty());
}

TEST_CASE("a whole new state without its children leaves them open", "[plan][overlay]") {
    const Imported after = lay(
        live(), what_if({change(
                    "Modify", kVnet,
                    resource(kVnet, {{"addressSpace", {{"addressPrefixes", {"10.0.0.0/16"}}}}}))}));
    CHECK(subnets_of(after) == Names{"db", "web"});
    for (const Subnet& subnet : network_of(after).subnets) {
        CHECK_FALSE(subnet.header.contested.empty());
    }
}

TEST_CASE("what only exists does not replace what the snapshot shows", "[plan][overlay]") {
    const Imported after = lay(
        live(), what_if({change(
                    "NoChange", kVnet,
                    resource(kVnet, {{"addressSpace", {{"addressPrefixes", {"10.9.0.0/16"}}}}}))}));
    CHECK(to_string(network_of(after).address_space.at(0)) == "10.0.0.0/16");
}

TEST_CASE("values keep their places, below and above", "[plan][overlay]") {
    const Imported after = lay(
        live(),
        what_if({change("Create", kNsg + "/securityRules/r",
                        resource(kNsg + "/securityRules/r", {{"priority", 100},
                                                             {"direction", "Inbound"},
                                                             {"access", "Allow"},
                                                             {"protocol", "Tcp"},
                                                             {"sourceAddressPrefix", "*"},
                                                             {"sourcePortRange", "*"},
                                                             {"destinationAddressPrefix", "*"},
                                                             {"destinationPortRange", "22"}}))}));
    const auto& group = after.snapshot.security_groups.at(ResourceId(kNsg));
    const Place rule = after.places->locate(group.rules.at(0).where);
    CHECK(rule.file == "change.json");
    CHECK(rule.pointer == "/changes/0/after");
    CHECK(rule.line > 1);
    const Place below = after.places->locate(group.header.where);
    CHECK(below.file == "live.json");
    CHECK(below.pointer == "/value/1");
    CHECK(below.line > 1);
}

TEST_CASE("an update of a plan changes only what the plan changes", "[plan][overlay]") {
    // The tags of the live group differ from the state; nobody asked to change its rules.
    Json below = live();
    below["value"][1]["properties"]["securityRules"] =
        Json::array({{{"name", "by-hand"},
                      {"properties",
                       {{"priority", 200},
                        {"direction", "Inbound"},
                        {"access", "Deny"},
                        {"protocol", "*"},
                        {"sourceAddressPrefix", "*"},
                        {"sourcePortRange", "*"},
                        {"destinationAddressPrefix", "*"},
                        {"destinationPortRange", "*"}}}}});
    Json was = group("", "nsg").after;
    was["id"] = kNsg;
    was["tags"] = {{"env", "test"}};
    Json is = was;
    is["tags"] = {{"env", "prod"}};
    PlanText plan;
    plan.add({.address = "azurerm_network_security_group.g",
              .actions = {"update"},
              .before = was,
              .after = is});
    const Imported after = lay(below, plan.document());
    const auto& found = after.snapshot.security_groups.at(ResourceId(kNsg));
    CHECK(found.rules.size() == 1);
    CHECK(found.header.tags.at("env") == "prod");
}

TEST_CASE("associations of a plan join and leave resources of the snapshot", "[plan][overlay]") {
    const auto joins = [](const std::string& address, const Json& before, const Json& after) {
        return PlanText::Change{.address = address,
                                .actions = {before.is_null() ? "create" : "delete"},
                                .before = before,
                                .after = after};
    };
    const Json web = {{"subnet_id", kVnet + "/subnets/web"}, {"network_security_group_id", kNsg}};
    const Json db = {{"subnet_id", kVnet + "/subnets/db"}, {"network_security_group_id", kNsg}};
    const Json pool = {{"network_interface_id", kNic},
                       {"ip_configuration_name", "c"},
                       {"backend_address_pool_id", kBalancerPool}};
    const Json other = {
        {"network_interface_id", kNic},
        {"ip_configuration_name", "c"},
        {"backend_address_pool_id", kNet + "loadBalancers/lb/backendAddressPools/other"}};
    PlanText plan;
    plan.add(joins("azurerm_subnet_network_security_group_association.web", web, nullptr))
        .add(joins("azurerm_subnet_network_security_group_association.db", nullptr, db));
    const Imported after = lay(live(), plan.document());
    for (const Subnet& subnet : network_of(after).subnets) {
        CAPTURE(subnet.header.name);
        CHECK(subnet.security_group.has_value() == (subnet.header.name == "db"));
        CHECK(subnet.prefixes.size() == 1);
    }
    PlanText pools;
    pools.add(joins("azurerm_network_interface_backend_address_pool_association.a", pool, nullptr))
        .add(joins("azurerm_network_interface_backend_address_pool_association.b", nullptr, other));
    const Imported joined = lay(live(), pools.document());
    const IpConfiguration& nic = joined.snapshot.interfaces.begin()->second.configurations.at(0);
    REQUIRE(nic.lb_pools.size() == 1);
    CHECK(nic.lb_pools[0].name() == "other");
    CHECK(to_string(*nic.address) == "10.0.1.4");
    CHECK(joined.snapshot.load_balancers.begin()->second.pools.at(0).ip_configurations.empty());
}

TEST_CASE("what an association says of a resource nobody shows is unread", "[plan][overlay]") {
    PlanText plan;
    plan.add({.address = "azurerm_subnet_network_security_group_association.x",
              .after = {{"subnet_id", kVnet + "/subnets/elsewhere"},
                        {"network_security_group_id", kNsg}}});
    const Imported after = lay(live(), plan.document());
    CHECK(subnets_of(after) == Names{"db", "web"});
    CHECK_FALSE(network_of(after).header.contested.empty());
}

TEST_CASE("what is replaced loses what only the old one had", "[plan][overlay]") {
    Json state = vnet("", "vnet").after;
    state["id"] = kVnet;
    PlanText plan;
    plan.add({.address = "azurerm_virtual_network.v",
              .actions = {"delete", "create"},
              .before = state,
              .after = vnet("", "vnet").after,
              .unknown = {{"id", true}}});
    CHECK(subnets_of(lay(live(), plan.document())).empty());
}

TEST_CASE("a subscription that the overlay does not say is the only one below", "[plan][overlay]") {
    PlanText plan;
    plan.document()["configuration"]["provider_config"] = Json::object();
    auto app = subnet("azurerm_subnet.app", "app", "10.0.3.0/24");
    app.after["resource_group_name"] = "rg";
    plan.add(app);
    const Imported after = lay(live(), plan.document());
    CHECK(subnets_of(after) == Names{"app", "db", "web"});
    CHECK(std::any_of(after.snapshot.diagnostics.begin(), after.snapshot.diagnostics.end(),
                      [](const Diagnostic& d) { return d.code == "AZR1058"; }));

    Json two = live();
    std::string other = kNsg;
    other.replace(other.find("00a/"), 4, "00b/");
    two["value"].push_back(resource(other, {{"securityRules", Json::array()}}));
    const Imported open = lay(two, plan.document());
    CHECK(subnets_of(open) == Names{"db", "web"});
    CHECK(std::any_of(open.snapshot.diagnostics.begin(), open.snapshot.diagnostics.end(),
                      [](const Diagnostic& d) { return d.code == "AZR1059"; }));
}

TEST_CASE("what Azure computed before the change is not used after it", "[plan][overlay]") {
    const Json routes = {{"value", Json::array({{{"source", "Default"},
                                                 {"state", "Active"},
                                                 {"addressPrefix", {"10.0.0.0/16"}},
                                                 {"nextHopType", "VnetLocal"}}})},
                         {"networkInterfaceId", kNic}};
    ImportOptions options;
    options.overlay_texts = {
        {"change.json", what_if({change("Delete", kVnet + "/subnets/db")}).dump()}};
    const Imported after =
        import_texts({{"live.json", live().dump()}, {"routes.json", routes.dump()}}, options);
    CHECK(after.snapshot.effective_routes.empty());
}

TEST_CASE("the form of the az CLI can be laid over", "[plan][overlay]") {
    Json flat = Json::array({{{"id", kVnet},
                              {"name", "vnet"},
                              {"type", "Microsoft.Network/virtualNetworks"},
                              {"resourceGroup", "rg"},
                              {"addressSpace", {{"addressPrefixes", {"10.0.0.0/16"}}}},
                              {"subnets", Json::array({{{"id", kVnet + "/subnets/web"},
                                                        {"name", "web"},
                                                        {"addressPrefix", "10.0.1.0/24"}}})}}});
    PlanText plan;
    plan.add(
        {.address = "azurerm_subnet_network_security_group_association.web",
         .after = {{"subnet_id", kVnet + "/subnets/web"}, {"network_security_group_id", kNsg}}});
    const Imported after = lay(flat, plan.document());
    REQUIRE(network_of(after).subnets.size() == 1);
    CHECK(network_of(after).subnets[0].prefixes.size() == 1);
    CHECK(network_of(after).subnets[0].security_group->text() == kNsg);
}

TEST_CASE("an overlay without resources says that it changes nothing", "[plan][overlay]") {
    PlanText plan;
    const Imported after = lay(live(), plan.document());
    CHECK(subnets_of(after) == Names{"db", "web"});
    CHECK(std::any_of(after.snapshot.diagnostics.begin(), after.snapshot.diagnostics.end(),
                      [](const Diagnostic& d) { return d.code == "AZR1062"; }));
}

TEST_CASE("both sides of an overlay", "[plan][overlay]") {
    ImportOptions options;
    options.overlays = {kReport + "plan.json"};
    const BothSides both = import_both_sides({kContoso}, options);
    CHECK(both.after.snapshot.size() == both.before.snapshot.size() + 3);
    const BothSides alone = import_both_sides({kReport + "plan.json"});
    CHECK(alone.before.snapshot.interfaces.empty());
    CHECK(alone.after.snapshot.interfaces.size() == 1);
}
