#include "models/azure/paas_catalog.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "models/azure/resource_id.hpp"

namespace azreach {

namespace {

constexpr std::string_view kAcls =
    "publicNetworkAccess networkAcls networkAcls/defaultAction networkAcls/bypass";
constexpr std::string_view kSwitch = "publicNetworkAccess";
constexpr std::string_view kMessagingZone = "privatelink.servicebus.windows.net";

std::vector<PaasService> all_services() {
    return {
        {"Microsoft.Storage/storageAccounts",
         "Storage",
         true,
         "Microsoft.Storage",
         "publicNetworkAccess networkAcls networkAcls/defaultAction networkAcls/bypass "
         "supportsHttpsTrafficOnly isSftpEnabled isNfsV3Enabled",
         {{"blob", "blob blob_secondary", "privatelink.blob.core.windows.net", "443", "80"},
          {"dfs", "dfs dfs_secondary", "privatelink.dfs.core.windows.net", "443", "80"},
          {"file", "file", "privatelink.file.core.windows.net", "443 445", "80 2049"},
          {"queue", "queue queue_secondary", "privatelink.queue.core.windows.net", "443", "80"},
          {"table", "table table_secondary", "privatelink.table.core.windows.net", "443", "80"},
          {"web", "web web_secondary", "privatelink.web.core.windows.net", "443", "80"}}},
        {"Microsoft.KeyVault/vaults",
         "AzureKeyVault",
         true,
         "Microsoft.KeyVault",
         kAcls,
         {{"vault", "vault", "privatelink.vaultcore.azure.net", "443"}}},
        {"Microsoft.KeyVault/managedHSMs",
         "",
         false,
         "Microsoft.KeyVault",
         kAcls,
         {{"managedhsm", "managedhsm", "privatelink.managedhsm.azure.net", "443"}}},
        {"Microsoft.Sql/servers",
         "Sql",
         true,
         "Microsoft.Sql",
         "publicNetworkAccess isIPv6Enabled",
         {{"sqlServer", "sqlServer", "privatelink.database.windows.net", "1433"}}},
        {"Microsoft.Sql/managedInstances",
         "",
         false,
         "",
         "publicDataEndpointEnabled subnetId",
         {{"managedInstance", "managedInstance", "privatelink.{dnsPrefix}.database.windows.net",
           "1433"}}},
        {"Microsoft.Synapse/workspaces",
         "",
         false,
         "",
         kSwitch,
         {{"Sql", "Sql", "privatelink.sql.azuresynapse.net", "1433 443"},
          {"SqlOnDemand", "SqlOnDemand", "privatelink.sql.azuresynapse.net", "1433 443"},
          {"Dev", "Dev", "privatelink.dev.azuresynapse.net", "443"}}},
        {"Microsoft.Synapse/privateLinkHubs",
         "",
         false,
         "",
         kSwitch,
         {{"Web", "Web", "privatelink.azuresynapse.net", "443", "", false}}},
        {"Microsoft.DocumentDB/databaseAccounts",
         "AzureCosmosDB",
         false,  // an account has addresses in each of its regions
         "Microsoft.AzureCosmosDB",
         "publicNetworkAccess isVirtualNetworkFilterEnabled ipRangeFilter networkAclBypass "
         "capabilities",
         {{"Sql", "Sql SqlDedicated",
           "privatelink.documents.azure.com privatelink.sqlx.cosmos.azure.com", "443"},
          {"MongoDB", "MongoDB", "privatelink.mongo.cosmos.azure.com", "10255"},
          {"Cassandra", "Cassandra", "privatelink.cassandra.cosmos.azure.com", "10350"},
          {"Gremlin", "Gremlin", "privatelink.gremlin.cosmos.azure.com", "443"},
          {"Table", "Table", "privatelink.table.cosmos.azure.com", "443"}}},
        {"Microsoft.DBforPostgreSQL/flexibleServers",
         "",
         false,
         "",
         "network/publicNetworkAccess network/delegatedSubnetResourceId",
         {{"postgresqlServer", "postgresqlServer", "privatelink.postgres.database.azure.com",
           "5432 6432"}}},
        {"Microsoft.DBforMySQL/flexibleServers",
         "",
         false,
         "",
         "network/publicNetworkAccess network/delegatedSubnetResourceId",
         {{"mysqlServer", "mysqlServer", "privatelink.mysql.database.azure.com", "3306", "33060"}}},
        {"Microsoft.Web/sites",
         "",
         false,
         "Microsoft.Web",
         "publicNetworkAccess siteConfig/publicNetworkAccess "
         "siteConfig/ipSecurityRestrictionsDefaultAction "
         "siteConfig/scmIpSecurityRestrictionsDefaultAction "
         "siteConfig/scmIpSecurityRestrictionsUseMain siteConfig/ftpsState "
         "virtualNetworkSubnetId hostingEnvironmentProfile/id",
         {{"sites", "sites", "privatelink.azurewebsites.net", "443 80"},
          {"scm", "sites", "privatelink.azurewebsites.net", "443 80"},
          {"ftp", "", "", "21 990 10001-10300"}}},
        {"Microsoft.Web/sites/slots",
         "",
         false,
         "Microsoft.Web",
         "publicNetworkAccess siteConfig/publicNetworkAccess "
         "siteConfig/ipSecurityRestrictionsDefaultAction "
         "siteConfig/scmIpSecurityRestrictionsDefaultAction "
         "siteConfig/scmIpSecurityRestrictionsUseMain siteConfig/ftpsState "
         "virtualNetworkSubnetId hostingEnvironmentProfile/id",
         {{"sites", "sites", "privatelink.azurewebsites.net", "443 80"},
          {"scm", "sites", "privatelink.azurewebsites.net", "443 80"},
          {"ftp", "", "", "21 990 10001-10300"}}},
        {"Microsoft.Web/staticSites",
         "",
         false,
         "",
         kSwitch,
         {{"staticSites", "staticSites", "privatelink.azurestaticapps.net", "443 80"}}},
        {"Microsoft.ContainerRegistry/registries",
         "AzureContainerRegistry",
         false,  // replicas answer in their own regions
         "Microsoft.ContainerRegistry",
         "publicNetworkAccess networkRuleSet networkRuleSet/defaultAction "
         "networkRuleSet/virtualNetworkRules networkRuleBypassOptions anonymousPullEnabled",
         {{"registry", "registry", "privatelink.azurecr.io", "443"}}},
        {"Microsoft.EventHub/namespaces",
         "EventHub",
         true,
         "Microsoft.EventHub",
         kSwitch,
         {{"namespace", "namespace", kMessagingZone, "443 5671-5672 9093"}}},
        {"Microsoft.ServiceBus/namespaces",
         "ServiceBus",  // holds namespaces of the Premium tier only
         true,
         "Microsoft.ServiceBus",
         kSwitch,
         {{"namespace", "namespace", kMessagingZone, "443 5671-5672"}}},
        {"Microsoft.Relay/namespaces",
         "",
         false,
         "",
         kSwitch,
         {{"namespace", "namespace", kMessagingZone, "443 5671-5672"}}},
        {"Microsoft.EventGrid/topics",
         "",
         false,
         "",
         kSwitch,
         {{"topic", "topic", "privatelink.eventgrid.azure.net", "443"}}},
        {"Microsoft.EventGrid/domains",
         "",
         false,
         "",
         kSwitch,
         {{"domain", "domain", "privatelink.eventgrid.azure.net", "443"}}},
        {"Microsoft.CognitiveServices/accounts",
         "CognitiveServicesManagement",
         false,
         "Microsoft.CognitiveServices",
         "publicNetworkAccess networkAcls networkAcls/defaultAction networkAcls/bypass "
         "customSubDomainName",
         {{"account", "account",
           "privatelink.cognitiveservices.azure.com privatelink.openai.azure.com "
           "privatelink.services.ai.azure.com",
           "443"}}},
        {"Microsoft.Search/searchServices",
         "",
         false,
         "",
         "publicNetworkAccess networkRuleSet networkRuleSet/bypass",
         {{"searchService", "searchService", "privatelink.search.windows.net", "443"}}},
        {"Microsoft.Cache/Redis",
         "",
         false,
         "",
         "publicNetworkAccess subnetId enableNonSslPort shardCount",
         {{"redisCache", "redisCache", "privatelink.redis.cache.windows.net", "6380"}}},
        {"Microsoft.Cache/redisEnterprise",
         "",
         false,
         "",
         kSwitch,
         {{"redisEnterprise", "redisEnterprise",
           "privatelink.redisenterprise.cache.azure.net privatelink.redis.azure.net",
           "10000 8500-8599"}}},
        {"Microsoft.DataFactory/factories",
         "",
         false,
         "",
         kSwitch,
         {{"dataFactory", "dataFactory", "privatelink.datafactory.azure.net", "443"},
          {"portal", "portal", "privatelink.adf.azure.com", "443"}}},
        {"Microsoft.AppConfiguration/configurationStores",
         "",
         false,
         "",
         kSwitch,
         {{"configurationStores", "configurationStores", "privatelink.azconfig.io", "443"}}},
        {"Microsoft.ContainerService/managedClusters",
         "",
         false,
         "",
         "publicNetworkAccess apiServerAccessProfile/enablePrivateCluster "
         "apiServerAccessProfile/enableVnetIntegration apiServerAccessProfile/subnetId "
         "apiServerAccessProfile/disableRunCommand",
         {{"management", "management", "privatelink.{region}.azmk8s.io", "443"}}},
        {"Microsoft.MachineLearningServices/workspaces",
         "",
         false,
         "",
         kSwitch,
         {{"amlworkspace", "amlworkspace",
           "privatelink.api.azureml.ms privatelink.notebooks.azure.net", "443"}}},
        {"Microsoft.Devices/IotHubs",
         "",
         false,
         "",
         "publicNetworkAccess networkRuleSets networkRuleSets/defaultAction "
         "networkRuleSets/applyToBuiltInEventHubEndpoint",
         {{"iotHub", "iotHub", "privatelink.azure-devices.net", "443 8883 5671"},
          {"events", "iotHub", kMessagingZone, "443 5671-5672 9093"}}},
        {"Microsoft.Devices/provisioningServices",
         "",
         false,
         "",
         kSwitch,
         {{"iotDps", "iotDps", "privatelink.azure-devices-provisioning.net", "443 8883 5671"}}},
        {"Microsoft.SignalRService/SignalR",
         "",
         false,
         "",
         "publicNetworkAccess networkACLs networkACLs/defaultAction",
         {{"signalr", "signalr", "privatelink.service.signalr.net", "443"}}},
        {"Microsoft.SignalRService/webPubSub",
         "",
         false,
         "",
         "publicNetworkAccess networkACLs networkACLs/defaultAction",
         {{"webpubsub", "webpubsub", "privatelink.webpubsub.azure.com", "443"}}},
        {"Microsoft.Insights/privateLinkScopes",
         "",
         false,
         "",
         "",
         {{"azuremonitor", "azuremonitor",
           "privatelink.monitor.azure.com privatelink.oms.opinsights.azure.com "
           "privatelink.ods.opinsights.azure.com privatelink.agentsvc.azure-automation.net "
           "privatelink.blob.core.windows.net",
           "443", "", false}}},
        {"Microsoft.Kusto/clusters",
         "",
         false,
         "",
         kSwitch,
         {{"cluster", "cluster", "privatelink.{region}.kusto.windows.net", "443 1433"}}},
        {"Microsoft.Databricks/workspaces",
         "",
         false,
         "",
         kSwitch,
         {{"databricks_ui_api", "databricks_ui_api", "privatelink.azuredatabricks.net", "443"},
          {"browser_authentication", "browser_authentication", "privatelink.azuredatabricks.net",
           "443", "", false}}},
        {"Microsoft.ApiManagement/service",
         "",
         false,
         "",
         "publicNetworkAccess virtualNetworkType",
         {{"Gateway", "Gateway", "privatelink.azure-api.net", "443 80"}}},
        {"Microsoft.App/managedEnvironments",
         "",
         false,
         "",
         "publicNetworkAccess vnetConfiguration/internal",
         {{"managedEnvironments", "managedEnvironments",
           "privatelink.{region}.azurecontainerapps.io", "443 80"}}},
        {"Microsoft.Automation/automationAccounts",
         "",
         false,
         "",
         kSwitch,
         {{"Webhook", "Webhook", "privatelink.azure-automation.net", "443"},
          {"DSCAndHybridWorker", "DSCAndHybridWorker", "privatelink.azure-automation.net", "443"}}},
        {"Microsoft.RecoveryServices/vaults",
         "",
         false,
         "",
         kSwitch,
         {{"AzureBackup", "AzureBackup", "privatelink.{regionCode}.backup.windowsazure.com", "443"},
          {"AzureSiteRecovery", "AzureSiteRecovery", "privatelink.siterecovery.windowsazure.com",
           "443"}}},
        {"Microsoft.Batch/batchAccounts",
         "",
         false,
         "",
         kSwitch,
         {{"batchAccount", "batchAccount", "{region}.privatelink.batch.azure.com", "443"},
          {"nodeManagement", "nodeManagement", "{region}.service.privatelink.batch.azure.com",
           "443"}}},
        {"Microsoft.Compute/diskAccesses",
         "",
         false,
         "",
         "",
         {{"disks", "disks", "privatelink.blob.core.windows.net", "443", "", false}}},
        {"Microsoft.StorageSync/storageSyncServices",
         "",
         false,
         "",
         "incomingTrafficPolicy",
         {{"afs", "afs", "{region}.privatelink.afs.azure.net", "443"}}},
        {"Microsoft.HybridCompute/privateLinkScopes",
         "",
         false,
         "",
         kSwitch,
         {{"hybridcompute", "hybridcompute",
           "privatelink.his.arc.azure.com privatelink.guestconfiguration.azure.com "
           "privatelink.dp.kubernetesconfiguration.azure.com",
           "443", "", false}}},
    };
}

}  // namespace

const std::vector<PaasService>& paas_services() {
    static const std::vector<PaasService> kServices = all_services();
    return kServices;
}

const PaasService* paas_service(std::string_view type) {
    for (const PaasService& service : paas_services()) {
        if (equal_ignoring_case(service.type, type)) {
            return &service;
        }
    }
    return nullptr;
}

const PaasGroup* paas_group(const PaasService& service, std::string_view name) {
    for (const PaasGroup& group : service.groups) {
        if (equal_ignoring_case(group.name, name)) {
            return &group;
        }
    }
    return nullptr;
}

bool leads_to(const PaasGroup& group, std::string_view group_id) {
    for (const std::string_view id : words(group.group_ids)) {
        // A web app's slot has a group of its own: sites-staging.
        if (equal_ignoring_case(id, group_id) ||
            (equal_ignoring_case(id, "sites") && group_id.size() > 6 &&
             equal_ignoring_case(group_id.substr(0, 6), "sites-"))) {
            return true;
        }
    }
    return false;
}

std::vector<const PaasGroup*> groups_of_id(const PaasService& service, std::string_view group_id) {
    std::vector<const PaasGroup*> result;
    for (const PaasGroup& group : service.groups) {
        if (leads_to(group, group_id)) {
            result.push_back(&group);
        }
    }
    return result;
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> result;
    while (!text.empty()) {
        const std::size_t blank = std::min(text.find(' '), text.size());
        if (blank > 0) {
            result.push_back(text.substr(0, blank));
        }
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    return result;
}

ServiceSet tcp_ports(std::string_view text) {
    PortSet ports;
    for (const std::string_view word : words(text)) {
        if (word == "*") {
            ports = PortSet::full();
            continue;
        }
        unsigned first = 0;
        unsigned last = 0;
        const std::size_t dash = std::min(word.find('-'), word.size());
        std::from_chars(word.data(), word.data() + dash, first);
        last = first;
        if (dash < word.size()) {
            std::from_chars(word.data() + dash + 1, word.data() + word.size(), last);
        }
        ports |=
            PortSet::range(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last));
    }
    return ports.empty() ? ServiceSet{} : ServiceSet::ports(kTcp, PortSet::full(), ports);
}

std::string folded_region(std::string_view location) {
    std::string region;
    for (const char c : location) {
        if (c != ' ') {
            region += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return region;
}

}  // namespace azreach
