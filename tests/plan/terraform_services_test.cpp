// Terraform's firewalls, services, hubs and DNS as Azure's resources.
#include <algorithm>
#include <set>

#include "models/azure/paas_catalog.hpp"
#include "src/arm/readers.hpp"
#include "src/plan/terraform_table.hpp"
#include "tests/plan/plan_builder.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::plan_test;

namespace {

AddressSet addresses(const std::string& prefix) { return parse_prefix(prefix)->prefix.addresses(); }

const PaasResource& service(const Imported& imported, const std::string& id) {
    const auto found = imported.snapshot.paas.find(ResourceId(kRg + id));
    REQUIRE(found != imported.snapshot.paas.end());
    return found->second;
}
std::string setting(const PaasResource& resource, const std::string& pointer) {
    const PaasSetting* found = resource.find(pointer);
    return found == nullptr ? "(absent)" : found->text;
}
std::set<std::string> rules(const PaasResource& resource) {
    std::set<std::string> texts;
    for (const PaasRule& rule : resource.rules) {
        CHECK(rule.readable);
        CHECK(rule.certain);
        texts.insert(rule.list + " " + rule.text);
    }
    return texts;
}
using Texts = std::set<std::string>;

PlanText::Change named(const std::string& address, const std::string& name, const Json& more) {
    Json after = {{"name", name}, {"resource_group_name", "rg"}, {"location", "westeurope"}};
    after.update(more);
    return {.address = address, .after = after, .unknown = {{"id", true}}};
}
const std::string kSubnet = kNet + "virtualNetworks/vnet/subnets/app";

}  // namespace

TEST_CASE("every type that is modelled and that azurerm has is in the table", "[plan]") {
    std::set<std::string, IgnoringCase> mapped;
    for (const terraform::Type* type : terraform::types()) {
        CHECK(type->arm.find('/') != std::string_view::npos);
        mapped.emplace(type->arm);
    }
    // Parts that azurerm writes within their parents, that Azure makes itself, or that it lacks.
    const std::set<std::string, IgnoringCase> otherwise = {
        "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
        "Microsoft.Network/networkInterfaces/ipConfigurations",
        "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces",
        "Microsoft.Network/loadBalancers/frontendIPConfigurations",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "Microsoft.Network/privateDnsZones/SOA",
        "Microsoft.Network/dnsZones/SOA",
        "Microsoft.Security/locations/jitNetworkAccessPolicies",
    };
    for (const ResourceReader& reader : readers()) {
        INFO(reader.type);
        CHECK((mapped.contains(std::string(reader.type)) !=
               otherwise.contains(std::string(reader.type))));
    }
    for (const PaasService& paas : paas_services()) {
        INFO(paas.type);
        CHECK(mapped.contains(std::string(paas.type)));
    }
    std::set<std::string_view> names;
    for (const terraform::Type* type : terraform::types()) {
        INFO(type->terraform);
        CHECK(names.insert(type->terraform).second);
        CHECK(terraform::type_of(type->terraform) == type);
        CHECK_FALSE(terraform::join_of(type->terraform) != nullptr);
    }
    for (const terraform::Join* join : terraform::joins()) {
        CHECK(names.insert(join->terraform).second);
    }
}

TEST_CASE("a storage account and its network rules, inline and apart", "[plan]") {
    const Json acls = {{"default_action", "Deny"},
                       {"bypass", Json::array({"AzureServices", "Logging"})},
                       {"ip_rules", Json::array({"203.0.113.0/24"})},
                       {"virtual_network_subnet_ids", Json::array({kSubnet})},
                       {"private_link_access", Json::array()}};
    PlanText plan;
    Json inline_rules = {{"account_kind", "StorageV2"},
                         {"public_network_access_enabled", true},
                         {"https_traffic_only_enabled", true},
                         {"network_rules", Json::array({acls})}};
    plan.add(named("azurerm_storage_account.inline", "stin", inline_rules))
        .add(named("azurerm_storage_account.apart", "stapart",
                   {{"public_network_access_enabled", false}}));
    Json apart = acls;
    plan.add({.address = "azurerm_storage_account_network_rules.apart",
              .after = apart,
              .unknown = {{"storage_account_id", true}},
              .expressions = {{"storage_account_id", id_of("azurerm_storage_account.apart")}}});
    const Imported imported = plan.read();
    for (const char* name : {"stin", "stapart"}) {
        const PaasResource& account =
            service(imported, "Microsoft.Storage/storageAccounts/" + std::string(name));
        CHECK(setting(account, "networkAcls/defaultAction") == "Deny");
        CHECK(setting(account, "networkAcls/bypass") == "AzureServices, Logging");
        CHECK(rules(account) == Texts{"networkAcls/ipRules 203.0.113.0/24",
                                      "networkAcls/virtualNetworkRules " + kSubnet});
    }
    CHECK(setting(service(imported, "Microsoft.Storage/storageAccounts/stin"),
                  "publicNetworkAccess") == "Enabled");
    CHECK(setting(service(imported, "Microsoft.Storage/storageAccounts/stapart"),
                  "publicNetworkAccess") == "Disabled");
    CHECK(setting(service(imported, "Microsoft.Storage/storageAccounts/stin"),
                  "supportsHttpsTrafficOnly") == "true");
    CHECK(imported.snapshot.symbols.empty());
}

TEST_CASE("databases with their firewall rules", "[plan]") {
    PlanText plan;
    plan.add(named("azurerm_mssql_server.sql", "sql", {{"public_network_access_enabled", true}}))
        .add({.address = "azurerm_mssql_firewall_rule.azure",
              .after = {{"name", "azure"},
                        {"start_ip_address", "0.0.0.0"},
                        {"end_ip_address", "0.0.0.0"}},
              .unknown = {{"id", true}, {"server_id", true}},
              .expressions = {{"server_id", id_of("azurerm_mssql_server.sql")}}})
        .add({.address = "azurerm_mssql_virtual_network_rule.app",
              .after = {{"name", "app"}, {"subnet_id", kSubnet}},
              .unknown = {{"id", true}, {"server_id", true}},
              .expressions = {{"server_id", id_of("azurerm_mssql_server.sql")}}})
        .add(named("azurerm_postgresql_flexible_server.pg", "pg",
                   {{"delegated_subnet_id", kSubnet}, {"public_network_access_enabled", false}}))
        .add({.address = "azurerm_postgresql_flexible_server_firewall_rule.office",
              .after = {{"name", "office"},
                        {"start_ip_address", "198.51.100.7"},
                        {"end_ip_address", "198.51.100.9"}},
              .unknown = {{"id", true}, {"server_id", true}},
              .expressions = {{"server_id", id_of("azurerm_postgresql_flexible_server.pg")}}})
        .add(named("azurerm_mysql_flexible_server.my", "my",
                   {{"public_network_access", "Disabled"}}))
        .add(named("azurerm_redis_cache.cache", "cache",
                   {{"public_network_access_enabled", true}, {"non_ssl_port_enabled", true}}))
        .add({.address = "azurerm_redis_firewall_rule.one",
              .after = {{"name", "one"},
                        {"resource_group_name", "rg"},
                        {"redis_cache_name", "cache"},
                        {"start_ip", "198.51.100.7"},
                        {"end_ip", "198.51.100.7"}},
              .unknown = {{"id", true}}})
        // A text in version 3 of the provider, a list in version 4.
        .add(named("azurerm_cosmosdb_account.three", "c3",
                   {{"ip_range_filter", "203.0.113.7,198.51.100.0/24"},
                    {"kind", "GlobalDocumentDB"},
                    {"network_acl_bypass_for_azure_services", true}}))
        .add(named("azurerm_cosmosdb_account.four", "c4",
                   {{"ip_range_filter", Json::array({"203.0.113.7", "198.51.100.0/24"})},
                    {"virtual_network_rule", Json::array({{{"id", kSubnet}}})},
                    {"network_acl_bypass_for_azure_services", false}}));
    const Imported imported = plan.read();
    const PaasResource& sql = service(imported, "Microsoft.Sql/servers/sql");
    CHECK(setting(sql, "publicNetworkAccess") == "Enabled");
    CHECK(rules(sql) == Texts{"firewallRules 0.0.0.0-0.0.0.0", "virtualNetworkRules " + kSubnet});
    const PaasResource& pg = service(imported, "Microsoft.DBforPostgreSQL/flexibleServers/pg");
    CHECK(setting(pg, "network/publicNetworkAccess") == "Disabled");
    CHECK(setting(pg, "network/delegatedSubnetResourceId") == kSubnet);
    CHECK(rules(pg) == Texts{"firewallRules 198.51.100.7-198.51.100.9"});
    CHECK(setting(service(imported, "Microsoft.DBforMySQL/flexibleServers/my"),
                  "network/publicNetworkAccess") == "Disabled");
    const PaasResource& redis = service(imported, "Microsoft.Cache/Redis/cache");
    CHECK(setting(redis, "enableNonSslPort") == "true");
    CHECK(rules(redis) == Texts{"firewallRules 198.51.100.7-198.51.100.7"});
    const PaasResource& three = service(imported, "Microsoft.DocumentDB/databaseAccounts/c3");
    CHECK(rules(three) == Texts{"ipRules 203.0.113.7", "ipRules 198.51.100.0/24"});
    CHECK(setting(three, "networkAclBypass") == "AzureServices");
    const PaasResource& four = service(imported, "Microsoft.DocumentDB/databaseAccounts/c4");
    CHECK(rules(four) == Texts{"ipRules 203.0.113.7", "ipRules 198.51.100.0/24",
                               "virtualNetworkRules " + kSubnet});
    CHECK(setting(four, "networkAclBypass") == "None");
    CHECK(imported.snapshot.symbols.empty());
}

TEST_CASE("apps, registries, clusters, namespaces", "[plan]") {
    PlanText plan;
    const Json restriction = {{"name", "office"},        {"priority", 100},
                              {"action", "Allow"},       {"ip_address", "198.51.100.0/24"},
                              {"service_tag", nullptr},  {"virtual_network_subnet_id", nullptr},
                              {"headers", Json::array()}};
    Json by_tag = restriction;
    by_tag.update(
        {{"name", "door"}, {"ip_address", ""}, {"service_tag", "AzureFrontDoor.Backend"}});
    by_tag["headers"] = Json::array({{{"x_azure_fdid", Json::array({"0"})}}});
    Json by_subnet = restriction;
    by_subnet.update({{"name", "app"}, {"ip_address", nullptr}});
    by_subnet["virtual_network_subnet_id"] = kSubnet;
    plan.add(
            named("azurerm_linux_web_app.app", "app",
                  {{"public_network_access_enabled", true},
                   {"virtual_network_subnet_id", kSubnet},
                   {"site_config",
                    Json::array({{{"ip_restriction", Json::array({restriction, by_tag, by_subnet})},
                                  {"ip_restriction_default_action", "Deny"},
                                  {"scm_use_main_ip_restriction", true}}})}}))
        .add(named(
            "azurerm_container_registry.acr", "acr",
            {{"sku", "Premium"},
             {"public_network_access_enabled", true},
             {"network_rule_set",
              Json::array({{{"default_action", "Deny"},
                            {"ip_rule", Json::array({{{"action", "Allow"},
                                                      {"ip_range", "203.0.113.7/32"}}})}}})}}))
        .add(named(
            "azurerm_kubernetes_cluster.aks", "aks",
            {{"private_cluster_enabled", false},
             {"run_command_enabled", true},
             {"api_server_access_profile",
              Json::array({{{"authorized_ip_ranges", Json::array({"198.51.100.0/24"})}}})},
             {"default_node_pool", Json::array({{{"name", "np"}, {"vnet_subnet_id", kSubnet}}})}}))
        .add(named(
            "azurerm_eventhub_namespace.hub", "eh",
            {{"sku", "Standard"},
             {"public_network_access_enabled", true},
             {"network_rulesets",
              Json::array(
                  {{{"default_action", "Deny"},
                    {"trusted_service_access_enabled", true},
                    {"ip_rule", Json::array({{{"ip_mask", "203.0.113.7"}, {"action", "Allow"}}})},
                    {"virtual_network_rule", Json::array({{{"subnet_id", kSubnet}}})}}})}}))
        .add(named("azurerm_servicebus_namespace.bus", "bus", {{"sku", "Premium"}}))
        .add({.address = "azurerm_servicebus_namespace_network_rule_set.bus",
              .after = {{"default_action", "Deny"},
                        {"trusted_services_allowed", false},
                        {"ip_rules", Json::array({"203.0.113.7"})}},
              .unknown = {{"id", true}, {"namespace_id", true}},
              .expressions = {{"namespace_id", id_of("azurerm_servicebus_namespace.bus")}}})
        .add(named("azurerm_search_service.search", "search",
                   {{"public_network_access_enabled", true},
                    {"allowed_ips", Json::array({"203.0.113.7"})}}))
        .add(named("azurerm_data_factory.adf", "adf", {{"public_network_enabled", false}}));
    const Imported imported = plan.read();
    const PaasResource& app = service(imported, "Microsoft.Web/sites/app");
    CHECK(setting(app, "siteConfig/ipSecurityRestrictionsDefaultAction") == "Deny");
    CHECK(setting(app, "siteConfig/scmIpSecurityRestrictionsUseMain") == "true");
    CHECK(setting(app, "virtualNetworkSubnetId") == kSubnet);
    REQUIRE(app.rules.size() == 3);
    CHECK(app.rules[0].addresses == addresses("198.51.100.0/24"));
    CHECK(app.rules[0].priority == 100);
    CHECK(app.rules[1].kind == PaasRule::Kind::service_tag);
    CHECK(app.rules[1].text == "AzureFrontDoor.Backend");
    CHECK(app.rules[1].narrowed);
    CHECK_FALSE(app.rules[0].narrowed);
    CHECK(app.rules[2].kind == PaasRule::Kind::subnet);
    CHECK(app.rules[2].subnet->text() == kSubnet);
    const PaasResource& acr = service(imported, "Microsoft.ContainerRegistry/registries/acr");
    CHECK(acr.sku == "Premium");
    CHECK(setting(acr, "networkRuleSet/defaultAction") == "Deny");
    CHECK(rules(acr) == Texts{"networkRuleSet/ipRules 203.0.113.7/32"});
    const PaasResource& aks = service(imported, "Microsoft.ContainerService/managedClusters/aks");
    CHECK(setting(aks, "apiServerAccessProfile/enablePrivateCluster") == "false");
    CHECK(setting(aks, "apiServerAccessProfile/disableRunCommand") == "false");
    CHECK(rules(aks) == Texts{"apiServerAccessProfile/authorizedIPRanges 198.51.100.0/24"});
    const auto& other = imported.snapshot.others.at(
        ResourceId(kRg + "Microsoft.ContainerService/managedClusters/aks"));
    CHECK(other.subnets == std::vector<ResourceId>{ResourceId(kSubnet)});
    const PaasResource& hub = service(imported, "Microsoft.EventHub/namespaces/eh");
    CHECK(setting(hub, "networkRuleSets/default/defaultAction") == "Deny");
    CHECK(setting(hub, "networkRuleSets/default/trustedServiceAccessEnabled") == "true");
    CHECK(rules(hub) == Texts{"networkRuleSets/default/ipRules 203.0.113.7",
                              "networkRuleSets/default/virtualNetworkRules " + kSubnet});
    const PaasResource& bus = service(imported, "Microsoft.ServiceBus/namespaces/bus");
    CHECK(bus.sku == "Premium");
    CHECK(setting(bus, "networkRuleSets/default/defaultAction") == "Deny");
    CHECK(rules(bus) == Texts{"networkRuleSets/default/ipRules 203.0.113.7"});
    CHECK(rules(service(imported, "Microsoft.Search/searchServices/search")) ==
          Texts{"networkRuleSet/ipRules 203.0.113.7"});
    CHECK(setting(service(imported, "Microsoft.DataFactory/factories/adf"),
                  "publicNetworkAccess") == "Disabled");
}

TEST_CASE("a firewall with its policy, its IP groups and classic rules", "[plan]") {
    PlanText plan;
    const Json rule = {{"name", "sql"},
                       {"protocols", Json::array({"TCP"})},
                       {"source_addresses", Json::array({"10.0.1.0/24"})},
                       {"source_ip_groups", Json::array()},
                       {"destination_addresses", Json::array({"10.0.2.4"})},
                       {"destination_fqdns", Json::array()},
                       {"destination_ports", Json::array({"1433"})}};
    Json by_group = rule;
    by_group["name"] = "by-group";
    by_group["source_addresses"] = Json::array();
    by_group.erase("source_ip_groups");
    plan.add(named("azurerm_ip_group.office", "ipg", {{"cidrs", Json::array({"10.9.0.0/16"})}}))
        .add(named("azurerm_firewall_policy.policy", "policy",
                   {{"sku", "Premium"},
                    {"threat_intelligence_mode", "Deny"},
                    {"private_ip_ranges", Json::array({"10.0.0.0/8"})},
                    {"dns", Json::array({{{"proxy_enabled", true}, {"servers", Json::array()}}})},
                    {"intrusion_detection", Json::array({{{"mode", "Alert"}}})}}))
        .add({.address = "azurerm_firewall_policy_rule_collection_group.group",
              .after = {{"name", "group"},
                        {"priority", 500},
                        {"network_rule_collection",
                         Json::array({{{"name", "net"},
                                       {"priority", 400},
                                       {"action", "Allow"},
                                       {"rule", Json::array({rule, by_group})}}})},
                        {"application_rule_collection",
                         Json::array(
                             {{{"name", "app"},
                               {"priority", 500},
                               {"action", "Deny"},
                               {"rule", Json::array({{{"name", "web"},
                                                      {"protocols", Json::array({{{"type", "Https"},
                                                                                  {"port", 443}}})},
                                                      {"source_addresses", Json::array({"*"})},
                                                      {"destination_fqdns",
                                                       Json::array({"*.example.com"})}}})}}})},
                        {"nat_rule_collection",
                         Json::array(
                             {{{"name", "nat"},
                               {"priority", 300},
                               {"action", "Dnat"},
                               {"rule", Json::array({{{"name", "rdp"},
                                                      {"protocols", Json::array({"TCP"})},
                                                      {"source_addresses", Json::array({"*"})},
                                                      {"destination_address", "20.0.0.9"},
                                                      {"destination_ports", Json::array({"443"})},
                                                      {"translated_address", "10.0.2.4"},
                                                      {"translated_port", 8443}}})}}})}},
              .unknown = {{"id", true},
                          {"firewall_policy_id", true},
                          {"network_rule_collection",
                           Json::array({{{"rule", Json::array({Json::object(),
                                                               {{"source_ip_groups", true}}})}}})}},
              .expressions = {{"firewall_policy_id", id_of("azurerm_firewall_policy.policy")},
                              {"network_rule_collection",
                               Json::array(
                                   {{{"rule",
                                      Json::array({Json::object(),
                                                   {{"source_ip_groups",
                                                     id_of("azurerm_ip_group.office")}}})}}})}}})
        .add({.address = "azurerm_firewall.fw",
              .after = {{"name", "fw"},
                        {"resource_group_name", "rg"},
                        {"sku_name", "AZFW_VNet"},
                        {"sku_tier", "Premium"},
                        {"private_ip_ranges", Json::array({"IANAPrivateRanges", "100.64.0.0/10"})},
                        {"ip_configuration",
                         Json::array({{{"name", "c"}, {"private_ip_address", "10.0.3.4"}}})},
                        {"management_ip_configuration", Json::array({{{"name", "m"}}})}},
              .unknown = {{"id", true},
                          {"firewall_policy_id", true},
                          {"ip_configuration", Json::array({{{"subnet_id", true}}})}},
              .expressions = {{"firewall_policy_id", id_of("azurerm_firewall_policy.policy")},
                              {"ip_configuration",
                               Json::array({{{"subnet_id", constant(kSubnet)}}})}}})
        .add({.address = "azurerm_firewall_network_rule_collection.classic",
              .after = {{"name", "classic"},
                        {"resource_group_name", "rg"},
                        {"azure_firewall_name", "fw"},
                        {"priority", 100},
                        {"action", "Allow"},
                        {"rule", Json::array({rule})}},
              .unknown = {{"id", true}}});
    const Imported imported = plan.read();
    const Snapshot& snapshot = imported.snapshot;
    REQUIRE(snapshot.ip_groups.size() == 1);
    CHECK(snapshot.ip_groups.begin()->second.addresses == addresses("10.9.0.0/16"));
    REQUIRE(snapshot.firewall_policies.size() == 1);
    const FirewallPolicy& policy = snapshot.firewall_policies.begin()->second;
    CHECK(policy.tier == "Premium");
    CHECK(policy.threat_intel == FirewallMode::deny);
    CHECK(policy.intrusion_detection == FirewallMode::alert);
    CHECK(policy.dns_proxy);
    CHECK(policy.private_ranges == addresses("10.0.0.0/8"));
    REQUIRE(policy.groups.size() == 1);
    CHECK(policy.groups[0].priority == 500);
    REQUIRE(policy.groups[0].collections.size() == 3);
    const FirewallRuleCollection& net = policy.groups[0].collections[0];
    CHECK(net.pass == FirewallPass::network);
    CHECK(net.action == FirewallAction::allow);
    REQUIRE(net.rules.size() == 2);
    CHECK(net.rules[0].source.prefixes == addresses("10.0.1.0/24"));
    CHECK(net.rules[0].destination.prefixes == addresses("10.0.2.4/32"));
    CHECK(net.rules[0].destination_ports == PortSet::single(1433));
    CHECK(net.rules[1].source.ip_groups ==
          std::vector<ResourceId>{ResourceId(kNet + "ipGroups/ipg")});
    const FirewallRuleCollection& app = policy.groups[0].collections[1];
    CHECK(app.pass == FirewallPass::application);
    CHECK(app.action == FirewallAction::deny);
    CHECK(app.rules.at(0).target_names == std::vector<std::string>{"*.example.com"});
    const FirewallRuleCollection& nat = policy.groups[0].collections[2];
    CHECK(nat.pass == FirewallPass::nat);
    CHECK(nat.rules.at(0).destination.prefixes == addresses("20.0.0.9/32"));
    CHECK(nat.rules.at(0).translated_address == parse_address("10.0.2.4"));
    CHECK(nat.rules.at(0).translated_port == 8443);
    REQUIRE(snapshot.firewalls.size() == 1);
    const AzureFirewall& firewall = snapshot.firewalls.begin()->second;
    CHECK(firewall.policy->text() == kNet + "firewallPolicies/policy");
    CHECK(firewall.private_ranges == (default_private_ranges() | addresses("100.64.0.0/10")));
    REQUIRE(firewall.configurations.size() == 1);
    CHECK(firewall.configurations[0].address == parse_address("10.0.3.4"));
    CHECK(firewall.management.has_value());
    REQUIRE(firewall.collections.size() == 1);
    CHECK(firewall.collections[0].priority == 100);
    CHECK(firewall.collections[0].rules.at(0).same(firewall.collections[0].rules[0]));
    CHECK(firewall.collections[0].rules[0].destination_ports == PortSet::single(1433));
}

TEST_CASE("DNS of private endpoints, and hubs", "[plan]") {
    const std::string zone = kNet + "privateDnsZones/privatelink.blob.core.windows.net";
    PlanText plan;
    plan.add(named("azurerm_private_endpoint.pe", "pe",
                   {{"subnet_id", kSubnet},
                    {"private_service_connection",
                     Json::array({{{"name", "c"},
                                   {"is_manual_connection", false},
                                   {"private_connection_resource_id",
                                    kRg + "Microsoft.Storage/storageAccounts/st"},
                                   {"subresource_names", Json::array({"blob"})}}})},
                    {"private_dns_zone_group",
                     Json::array(
                         {{{"name", "default"}, {"private_dns_zone_ids", Json::array({zone})}}})}}))
        .add({.address = "azurerm_private_dns_resolver_forwarding_rule.corp",
              .after = {{"name", "corp"},
                        {"dns_forwarding_ruleset_id", kNet + "dnsForwardingRulesets/rules"},
                        {"domain_name", "corp.example."},
                        {"enabled", true},
                        {"target_dns_servers",
                         Json::array({{{"ip_address", "10.0.0.5"}, {"port", 53}}})}},
              .unknown = {{"id", true}}})
        .add(named("azurerm_virtual_hub.hub", "hub", {{"address_prefix", "10.100.0.0/23"}}))
        .add({.address = "azurerm_virtual_hub_connection.spoke",
              .after = {{"name", "spoke"},
                        {"remote_virtual_network_id", kNet + "virtualNetworks/vnet"}},
              .unknown = {{"id", true}, {"virtual_hub_id", true}},
              .expressions = {{"virtual_hub_id", id_of("azurerm_virtual_hub.hub")}}});
    const Imported imported = plan.read();
    const Snapshot& snapshot = imported.snapshot;
    REQUIRE(snapshot.dns_zone_groups.size() == 1);
    CHECK(snapshot.dns_zone_groups[0].endpoint.text() == kNet + "privateEndpoints/pe");
    CHECK(snapshot.dns_zone_groups[0].zone->text() == zone);
    REQUIRE(snapshot.dns_forwarding_rules.size() == 1);
    const DnsForwardingRule& rule = snapshot.dns_forwarding_rules.begin()->second;
    CHECK(rule.domain == "corp.example");
    CHECK(rule.enabled);
    CHECK(rule.servers == std::vector<Address>{*parse_address("10.0.0.5")});
    // Hubs come with their types and ids, whatever is made of them.
    const auto known = [&](const std::string& id) {
        bool found = snapshot.others.contains(ResourceId(id));
        snapshot.for_each_kind(
            [&](const auto& map) { found = found || map.contains(ResourceId(id)); });
        return found;
    };
    CHECK(known(kNet + "virtualHubs/hub"));
    CHECK(known(kNet + "virtualHubs/hub/hubVirtualNetworkConnections/spoke"));
}

TEST_CASE("what a service admits hangs on values that are not known yet", "[plan]") {
    PlanText plan;
    plan.add(
        {.address = "azurerm_key_vault.vault",
         .after = {{"name", "kv"},
                   {"resource_group_name", "rg"},
                   {"public_network_access_enabled", true},
                   {"network_acls",
                    Json::array({{{"default_action", "Deny"}, {"bypass", "None"}}})}},
         .unknown = {{"id", true}, {"network_acls", Json::array({{{"ip_rules", true}}})}},
         .expressions = {{"network_acls", Json::array({{{"ip_rules", refers({"var.office"})}}})}}});
    const Imported imported = plan.read();
    const PaasResource& vault = service(imported, "Microsoft.KeyVault/vaults/kv");
    CHECK(setting(vault, "networkAcls/bypass") == "None");
    REQUIRE(vault.rules.size() == 1);
    CHECK_FALSE(vault.rules[0].readable);
    CHECK_FALSE(vault.rules[0].certain);
    CHECK_FALSE(imported.snapshot.symbols.empty());
}
