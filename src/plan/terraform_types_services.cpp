#include "src/plan/terraform_types.hpp"

namespace azreach::terraform {

namespace {

constexpr std::string_view kSubnet = "azurerm_subnet";
constexpr std::string_view kAccount = "azurerm_storage_account";
constexpr std::string_view kSites =
    "azurerm_linux_web_app azurerm_windows_web_app azurerm_linux_function_app "
    "azurerm_windows_function_app azurerm_app_service azurerm_function_app "
    "azurerm_logic_app_standard azurerm_function_app_flex_consumption";

/// The switch that most services have.
constexpr Attribute kPublic = {"public_network_access_enabled", "publicNetworkAccess",
                               How::enabled};
constexpr Attribute kPublicText = {"public_network_access", "publicNetworkAccess"};
constexpr Attribute kSku = {"sku sku_name", "^sku.name"};
constexpr Attribute kSwitch[] = {kPublic};
constexpr Attribute kSwitchAndSku[] = {kPublic, kSku};
constexpr Attribute kTextSwitch[] = {kPublicText, kPublic, kSku};

constexpr Attribute kRange[] = {
    {"start_ip_address", "startIpAddress"},
    {"end_ip_address", "endIpAddress"},
};
constexpr Attribute kSubnetRule[] = {
    {"subnet_id", "virtualNetworkSubnetId", How::id_text, kSubnet},
    {"ignore_missing_vnet_service_endpoint", "ignoreMissingVnetServiceEndpoint"},
};

// --- storage, key vaults -------------------------------------------------------------------------

constexpr Attribute kLinkAccess[] = {
    {"endpoint_resource_id", "resourceId", How::id_text},
    {"endpoint_tenant_id", "tenantId"},
};
constexpr Attribute kStorageRules[] = {
    {"default_action", "defaultAction"},
    {"bypass", "bypass", How::joined, ", "},
    {"ip_rules", "ipRules", How::wrap, "value"},
    {"virtual_network_subnet_ids", "virtualNetworkRules", How::ids, kSubnet},
    {"private_link_access", "resourceAccessRules", How::objects, {}, kLinkAccess},
};
constexpr Attribute kStorage[] = {
    kPublic,
    {"account_kind", "^kind"},
    {"network_rules", "networkAcls", How::object, {}, kStorageRules},
    {"https_traffic_only_enabled enable_https_traffic_only", "supportsHttpsTrafficOnly"},
    {"sftp_enabled", "isSftpEnabled"},
    {"nfsv3_enabled", "isNfsV3Enabled"},
};
constexpr Attribute kVaultAcls[] = {
    {"default_action", "defaultAction"},
    {"bypass", "bypass"},
    {"ip_rules", "ipRules", How::wrap, "value"},
    {"virtual_network_subnet_ids", "virtualNetworkRules", How::ids, kSubnet},
};
constexpr Attribute kVault[] = {
    kPublic,
    {"network_acls", "networkAcls", How::object, {}, kVaultAcls},
};

// --- databases -----------------------------------------------------------------------------------

constexpr Attribute kManagedInstance[] = {
    {"subnet_id", "subnetId", How::id_text, kSubnet},
    {"public_data_endpoint_enabled", "publicDataEndpointEnabled"},
};
constexpr Attribute kCosmosSubnet[] = {
    {"id", "id", How::id_text, kSubnet},
    {"ignore_missing_vnet_service_endpoint", "ignoreMissingVNetServiceEndpoint"},
};
constexpr Attribute kCapability[] = {{"name", "name"}};
constexpr Attribute kCosmos[] = {
    kPublic,
    {"kind", "^kind"},
    {"is_virtual_network_filter_enabled", "isVirtualNetworkFilterEnabled"},
    {"ip_range_filter", "ipRules", How::wrap, "ipAddressOrRange"},
    {"virtual_network_rule", "virtualNetworkRules", How::objects, {}, kCosmosSubnet},
    {"network_acl_bypass_for_azure_services", "networkAclBypass", How::choice,
     "AzureServices None"},
    {"network_acl_bypass_ids", "networkAclBypassResourceIds"},
    {"capabilities", "capabilities", How::objects, {}, kCapability},
};
constexpr Attribute kFlexible[] = {
    {"delegated_subnet_id", "network.delegatedSubnetResourceId", How::id_text, kSubnet},
    {"private_dns_zone_id", "network.privateDnsZoneArmResourceId", How::id_text,
     "azurerm_private_dns_zone"},
    {"public_network_access", "network.publicNetworkAccess"},
    {"public_network_access_enabled", "network.publicNetworkAccess", How::enabled},
};
constexpr Attribute kRedis[] = {
    kPublic,
    {"subnet_id", "subnetId", How::id_text, kSubnet},
    {"non_ssl_port_enabled enable_non_ssl_port", "enableNonSslPort"},
    {"shard_count", "shardCount"},
};
constexpr Attribute kRedisRange[] = {{"start_ip", "startIP"}, {"end_ip", "endIP"}};

// --- apps ----------------------------------------------------------------------------------------

constexpr Attribute kHeaders[] = {
    {"x_forwarded_for", "x-forwarded-for"},
    {"x_forwarded_host", "x-forwarded-host"},
    {"x_azure_fdid", "x-azure-fdid"},
    {"x_fd_health_probe", "x-fd-healthprobe"},
};
constexpr Attribute kRestriction[] = {
    {"name", "name"},
    {"priority", "priority"},
    {"action", "action"},
    {"service_tag", "ipAddress", How::filled},
    {"service_tag", "tag", How::mark, "ServiceTag"},
    {"ip_address", "ipAddress", How::filled},
    {"virtual_network_subnet_id subnet_id", "vnetSubnetResourceId", How::id_text, kSubnet},
    {"headers", "headers", How::object, {}, kHeaders},
};
constexpr Attribute kSiteConfig[] = {
    {"ip_restriction", "ipSecurityRestrictions", How::objects, {}, kRestriction},
    {"scm_ip_restriction", "scmIpSecurityRestrictions", How::objects, {}, kRestriction},
    {"ip_restriction_default_action", "ipSecurityRestrictionsDefaultAction", How::filled},
    {"scm_ip_restriction_default_action", "scmIpSecurityRestrictionsDefaultAction", How::filled},
    {"scm_use_main_ip_restriction", "scmIpSecurityRestrictionsUseMain"},
    {"ftps_state", "ftpsState", How::filled},
};
constexpr Attribute kSite[] = {
    kPublic,
    {"site_config", "siteConfig", How::object, {}, kSiteConfig},
    {"virtual_network_subnet_id", "virtualNetworkSubnetId", How::id_text, kSubnet},
    {"service_plan_id app_service_plan_id", "serverFarmId", How::id_text},
};
constexpr Attribute kEnvironment[] = {
    kPublicText,
    {"internal_load_balancer_enabled", "vnetConfiguration.internal"},
    {"infrastructure_subnet_id", "vnetConfiguration.infrastructureSubnetId", How::id_text, kSubnet},
};
constexpr Attribute kNodePool[] = {
    {"name", "name"},
    {"vnet_subnet_id", "vnetSubnetID", How::id_text, kSubnet},
};
constexpr Attribute kApiServer[] = {
    {"authorized_ip_ranges", "authorizedIPRanges"},
    {"virtual_network_integration_enabled vnet_integration_enabled", "enableVnetIntegration"},
    {"subnet_id", "subnetId", How::id_text, kSubnet},
};
constexpr Attribute kCluster[] = {
    kPublic,
    {"api_server_access_profile", "apiServerAccessProfile", How::object, {}, kApiServer},
    {"private_cluster_enabled", "apiServerAccessProfile.enablePrivateCluster"},
    {"api_server_authorized_ip_ranges", "apiServerAccessProfile.authorizedIPRanges"},
    {"run_command_enabled", "apiServerAccessProfile.disableRunCommand", How::invert},
    {"default_node_pool", "agentPoolProfiles", How::objects, {}, kNodePool},
};
constexpr Attribute kApiPlacement[] = {{"subnet_id", "subnetResourceId", How::id_text, kSubnet}};
constexpr Attribute kApiManagement[] = {
    kPublic,
    {"virtual_network_type", "virtualNetworkType"},
    {"virtual_network_configuration",
     "virtualNetworkConfiguration",
     How::object,
     {},
     kApiPlacement},
};

// --- registries, messages, search, the rest ------------------------------------------------------

constexpr Attribute kRegistryRange[] = {{"ip_range", "value"}, {"action", "action"}};
constexpr Attribute kRegistrySubnet[] = {
    {"subnet_id", "id", How::id_text, kSubnet},
    {"action", "action"},
};
constexpr Attribute kRegistryRules[] = {
    {"default_action", "defaultAction"},
    {"ip_rule", "ipRules", How::objects, {}, kRegistryRange},
    {"virtual_network", "virtualNetworkRules", How::objects, {}, kRegistrySubnet},
};
constexpr Attribute kRegistry[] = {
    kPublic,
    kSku,
    {"network_rule_set", "networkRuleSet", How::object, {}, kRegistryRules},
    {"network_rule_bypass_option", "networkRuleBypassOptions"},
    {"anonymous_pull_enabled", "anonymousPullEnabled"},
};
constexpr Attribute kMask[] = {{"ip_mask", "ipMask"}, {"action", "action"}};
constexpr Attribute kRuleSubnet[] = {
    {"subnet_id", "subnet", How::id, kSubnet},
    {"ignore_missing_virtual_network_service_endpoint ignore_missing_vnet_service_endpoint",
     "ignoreMissingVnetServiceEndpoint"},
};
constexpr Attribute kHubRules[] = {
    {"default_action", "defaultAction"},
    {"public_network_access_enabled", "publicNetworkAccess", How::enabled},
    {"trusted_service_access_enabled", "trustedServiceAccessEnabled"},
    {"ip_rule", "ipRules", How::objects, {}, kMask},
    {"virtual_network_rule", "virtualNetworkRules", How::objects, {}, kRuleSubnet},
};
constexpr Attribute kBusRules[] = {
    {"default_action", "defaultAction"},
    {"public_network_access_enabled", "publicNetworkAccess", How::enabled},
    {"trusted_services_allowed", "trustedServiceAccessEnabled"},
    {"ip_rules", "ipRules", How::wrap, "ipMask"},
    {"network_rules", "virtualNetworkRules", How::objects, {}, kRuleSubnet},
};
constexpr Child kHubChild[] = {{"network_rulesets", "networkRuleSets", "default", kHubRules}};
constexpr Child kBusChild[] = {{"network_rule_set", "networkRuleSets", "default", kBusRules}};

constexpr Attribute kGridRules[] = {
    kPublic,
    {"inbound_ip_rule", "inboundIpRules", How::objects, {}, kMask},
};
constexpr Attribute kAiSubnet[] = {{"subnet_id", "id", How::id_text, kSubnet}};
constexpr Attribute kAiAcls[] = {
    {"default_action", "defaultAction"},
    {"bypass", "bypass"},
    {"ip_rules", "ipRules", How::wrap, "value"},
    {"virtual_network_rules", "virtualNetworkRules", How::objects, {}, kAiSubnet},
};
constexpr Attribute kAi[] = {
    kPublic,
    kPublicText,
    kSku,
    {"kind", "^kind"},
    {"custom_subdomain_name", "customSubDomainName"},
    {"network_acls", "networkAcls", How::object, {}, kAiAcls},
};
constexpr Attribute kSearch[] = {
    kPublic,
    kSku,
    {"allowed_ips", "networkRuleSet.ipRules", How::wrap, "value"},
    {"network_rule_bypass_option", "networkRuleSet.bypass"},
};
constexpr Attribute kFactory[] = {
    {"public_network_enabled", "publicNetworkAccess", How::enabled},
};
constexpr Attribute kIotRange[] = {
    {"name", "filterName"},
    {"ip_mask", "ipMask"},
    {"action", "action"},
};
constexpr Attribute kIotRules[] = {
    {"default_action", "defaultAction"},
    {"apply_to_builtin_eventhub_endpoint", "applyToBuiltInEventHubEndpoint"},
    {"ip_rule", "ipRules", How::objects, {}, kIotRange},
};
constexpr Attribute kIot[] = {
    kPublic,
    {"network_rule_set", "networkRuleSets", How::object, {}, kIotRules},
    {"ip_filter_rule", "ipFilterRules", How::objects, {}, kIotRange},
};
constexpr Attribute kAllowed[] = {
    {"allowed_request_types", "allow"},
    {"denied_request_types", "deny"},
};
constexpr Attribute kSignalRules[] = {
    {"default_action", "defaultAction"},
    {"public_network", "publicNetwork", How::object, {}, kAllowed},
};
constexpr Attribute kSync[] = {{"incoming_traffic_policy", "incomingTrafficPolicy"}};

constexpr Type kTypes[] = {
    {"azurerm_storage_account", "Microsoft.Storage/storageAccounts", {}, kStorage},
    {"azurerm_key_vault", "Microsoft.KeyVault/vaults", {}, kVault},
    {"azurerm_key_vault_managed_hardware_security_module",
     "Microsoft.KeyVault/managedHSMs",
     {},
     kVault},
    {"azurerm_mssql_server", "Microsoft.Sql/servers", {}, kSwitch},
    {"azurerm_sql_server", "Microsoft.Sql/servers", {}, kSwitch},
    {"azurerm_mssql_firewall_rule", "Microsoft.Sql/servers/firewallRules", "@server_id", kRange},
    {"azurerm_sql_firewall_rule", "Microsoft.Sql/servers/firewallRules", "server_name", kRange},
    {"azurerm_mssql_virtual_network_rule", "Microsoft.Sql/servers/virtualNetworkRules",
     "@server_id", kSubnetRule},
    {"azurerm_sql_virtual_network_rule", "Microsoft.Sql/servers/virtualNetworkRules", "server_name",
     kSubnetRule},
    {"azurerm_mssql_managed_instance", "Microsoft.Sql/managedInstances", {}, kManagedInstance},
    {"azurerm_synapse_workspace", "Microsoft.Synapse/workspaces", {}, kSwitch},
    {"azurerm_synapse_firewall_rule", "Microsoft.Synapse/workspaces/firewallRules",
     "@synapse_workspace_id", kRange},
    {"azurerm_synapse_private_link_hub", "Microsoft.Synapse/privateLinkHubs"},
    {"azurerm_cosmosdb_account", "Microsoft.DocumentDB/databaseAccounts", {}, kCosmos},
    {"azurerm_postgresql_flexible_server",
     "Microsoft.DBforPostgreSQL/flexibleServers",
     {},
     kFlexible},
    {"azurerm_postgresql_flexible_server_firewall_rule",
     "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules", "@server_id", kRange},
    {"azurerm_postgresql_server", "Microsoft.DBforPostgreSQL/servers", {}, kSwitch},
    {"azurerm_mysql_flexible_server", "Microsoft.DBforMySQL/flexibleServers", {}, kFlexible},
    {"azurerm_mysql_flexible_server_firewall_rule",
     "Microsoft.DBforMySQL/flexibleServers/firewallRules", "server_name", kRange},
    {"azurerm_mysql_server", "Microsoft.DBforMySQL/servers", {}, kSwitch},
    {"azurerm_mariadb_server", "Microsoft.DBforMariaDB/servers", {}, kSwitch},
    {"azurerm_redis_cache", "Microsoft.Cache/Redis", {}, kRedis},
    {"azurerm_redis_firewall_rule", "Microsoft.Cache/Redis/firewallRules", "redis_cache_name",
     kRedisRange},
    {"azurerm_redis_enterprise_cluster", "Microsoft.Cache/redisEnterprise", {}, kTextSwitch},
    {"azurerm_managed_redis", "Microsoft.Cache/redisEnterprise", {}, kTextSwitch},
    {"azurerm_linux_web_app", "Microsoft.Web/sites", {}, kSite},
    {"azurerm_windows_web_app", "Microsoft.Web/sites", {}, kSite},
    {"azurerm_linux_function_app", "Microsoft.Web/sites", {}, kSite},
    {"azurerm_windows_function_app", "Microsoft.Web/sites", {}, kSite},
    {"azurerm_function_app_flex_consumption", "Microsoft.Web/sites", {}, kSite},
    {"azurerm_app_service", "Microsoft.Web/sites", {}, kSite},
    {"azurerm_function_app", "Microsoft.Web/sites", {}, kSite},
    {"azurerm_logic_app_standard", "Microsoft.Web/sites", {}, kSite},
    {"azurerm_linux_web_app_slot", "Microsoft.Web/sites/slots", "@app_service_id", kSite},
    {"azurerm_windows_web_app_slot", "Microsoft.Web/sites/slots", "@app_service_id", kSite},
    {"azurerm_linux_function_app_slot", "Microsoft.Web/sites/slots", "@function_app_id", kSite},
    {"azurerm_windows_function_app_slot", "Microsoft.Web/sites/slots", "@function_app_id", kSite},
    {"azurerm_app_service_slot", "Microsoft.Web/sites/slots", "app_service_name", kSite},
    {"azurerm_function_app_slot", "Microsoft.Web/sites/slots", "function_app_name", kSite},
    {"azurerm_static_web_app", "Microsoft.Web/staticSites", {}, kSwitch},
    {"azurerm_static_site", "Microsoft.Web/staticSites", {}, kSwitch},
    {"azurerm_container_app_environment", "Microsoft.App/managedEnvironments", {}, kEnvironment},
    {"azurerm_container_registry", "Microsoft.ContainerRegistry/registries", {}, kRegistry},
    {"azurerm_kubernetes_cluster", "Microsoft.ContainerService/managedClusters", {}, kCluster},
    {"azurerm_api_management", "Microsoft.ApiManagement/service", {}, kApiManagement},
    {"azurerm_eventhub_namespace",
     "Microsoft.EventHub/namespaces",
     {},
     kSwitchAndSku,
     false,
     {},
     kHubChild},
    {"azurerm_servicebus_namespace",
     "Microsoft.ServiceBus/namespaces",
     {},
     kSwitchAndSku,
     false,
     {},
     kBusChild},
    {"azurerm_servicebus_namespace_network_rule_set",
     "Microsoft.ServiceBus/namespaces/networkRuleSets", "@namespace_id", kBusRules, false,
     "default"},
    {"azurerm_relay_namespace", "Microsoft.Relay/namespaces", {}, kSwitchAndSku},
    {"azurerm_eventgrid_topic", "Microsoft.EventGrid/topics", {}, kGridRules},
    {"azurerm_eventgrid_domain", "Microsoft.EventGrid/domains", {}, kGridRules},
    {"azurerm_cognitive_account", "Microsoft.CognitiveServices/accounts", {}, kAi},
    {"azurerm_ai_services", "Microsoft.CognitiveServices/accounts", {}, kAi},
    {"azurerm_search_service", "Microsoft.Search/searchServices", {}, kSearch},
    {"azurerm_data_factory", "Microsoft.DataFactory/factories", {}, kFactory},
    {"azurerm_app_configuration",
     "Microsoft.AppConfiguration/configurationStores",
     {},
     kTextSwitch},
    {"azurerm_machine_learning_workspace",
     "Microsoft.MachineLearningServices/workspaces",
     {},
     kSwitch},
    {"azurerm_iothub", "Microsoft.Devices/IotHubs", {}, kIot},
    {"azurerm_iothub_dps", "Microsoft.Devices/provisioningServices", {}, kIot},
    {"azurerm_signalr_service", "Microsoft.SignalRService/SignalR", {}, kSwitch},
    {"azurerm_web_pubsub", "Microsoft.SignalRService/webPubSub", {}, kSwitch},
    {"azurerm_monitor_private_link_scope", "Microsoft.Insights/privateLinkScopes"},
    {"azurerm_kusto_cluster", "Microsoft.Kusto/clusters", {}, kSwitch},
    {"azurerm_databricks_workspace", "Microsoft.Databricks/workspaces", {}, kSwitch},
    {"azurerm_automation_account", "Microsoft.Automation/automationAccounts", {}, kSwitch},
    {"azurerm_recovery_services_vault", "Microsoft.RecoveryServices/vaults", {}, kSwitch},
    {"azurerm_batch_account", "Microsoft.Batch/batchAccounts", {}, kSwitch},
    {"azurerm_disk_access", "Microsoft.Compute/diskAccesses"},
    {"azurerm_storage_sync", "Microsoft.StorageSync/storageSyncServices", {}, kSync},
    {"azurerm_arc_private_link_scope", "Microsoft.HybridCompute/privateLinkScopes", {}, kSwitch},
};

constexpr Join kJoins[] = {
    {"azurerm_storage_account_network_rules",
     "storage_account_id",
     kAccount,
     "networkAcls",
     false,
     "",
     How::object,
     {},
     kStorageRules},
    {"azurerm_app_service_virtual_network_swift_connection", "app_service_id", kSites,
     "virtualNetworkSubnetId", false, "subnet_id", How::id_text, kSubnet},
    {"azurerm_signalr_service_network_acl",
     "signalr_service_id",
     "azurerm_signalr_service",
     "networkACLs",
     false,
     "",
     How::object,
     {},
     kSignalRules},
    {"azurerm_web_pubsub_network_acl",
     "web_pubsub_id",
     "azurerm_web_pubsub",
     "networkACLs",
     false,
     "",
     How::object,
     {},
     kSignalRules},
};

}  // namespace

std::span<const Type> service_types() { return kTypes; }
std::span<const Join> service_joins() { return kJoins; }

}  // namespace azreach::terraform
