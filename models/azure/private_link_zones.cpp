#include "models/azure/private_link_zones.hpp"

#include <vector>

#include "models/azure/resource_id.hpp"

namespace azreach {

namespace {

constexpr PrivateLinkZone kZones[] = {
    {"Microsoft.Storage/storageAccounts", "blob", "blob.core.windows.net",
     "privatelink.blob.core.windows.net"},
    {"Microsoft.Storage/storageAccounts", "dfs", "dfs.core.windows.net",
     "privatelink.dfs.core.windows.net"},
    {"Microsoft.Storage/storageAccounts", "file", "file.core.windows.net",
     "privatelink.file.core.windows.net"},
    {"Microsoft.Storage/storageAccounts", "queue", "queue.core.windows.net",
     "privatelink.queue.core.windows.net"},
    {"Microsoft.Storage/storageAccounts", "table", "table.core.windows.net",
     "privatelink.table.core.windows.net"},
    {"Microsoft.Storage/storageAccounts", "web", "web.core.windows.net",
     "privatelink.web.core.windows.net"},
    {"Microsoft.KeyVault/vaults", "vault", "vault.azure.net", "privatelink.vaultcore.azure.net"},
    {"Microsoft.KeyVault/vaults", "vault", "vaultcore.azure.net",
     "privatelink.vaultcore.azure.net"},
    {"Microsoft.KeyVault/managedHSMs", "managedhsm", "managedhsm.azure.net",
     "privatelink.managedhsm.azure.net"},
    {"Microsoft.Sql/servers", "sqlServer", "database.windows.net",
     "privatelink.database.windows.net"},
    {"Microsoft.Synapse/workspaces", "Sql", "sql.azuresynapse.net",
     "privatelink.sql.azuresynapse.net"},
    {"Microsoft.Synapse/workspaces", "Dev", "dev.azuresynapse.net",
     "privatelink.dev.azuresynapse.net"},
    {"Microsoft.DocumentDB/databaseAccounts", "Sql", "documents.azure.com",
     "privatelink.documents.azure.com"},
    {"Microsoft.DocumentDB/databaseAccounts", "MongoDB", "mongo.cosmos.azure.com",
     "privatelink.mongo.cosmos.azure.com"},
    {"Microsoft.DocumentDB/databaseAccounts", "Cassandra", "cassandra.cosmos.azure.com",
     "privatelink.cassandra.cosmos.azure.com"},
    {"Microsoft.DocumentDB/databaseAccounts", "Gremlin", "gremlin.cosmos.azure.com",
     "privatelink.gremlin.cosmos.azure.com"},
    {"Microsoft.DocumentDB/databaseAccounts", "Table", "table.cosmos.azure.com",
     "privatelink.table.cosmos.azure.com"},
    {"Microsoft.DBforPostgreSQL/flexibleServers", "postgresqlServer", "postgres.database.azure.com",
     "privatelink.postgres.database.azure.com"},
    {"Microsoft.DBforMySQL/flexibleServers", "mysqlServer", "mysql.database.azure.com",
     "privatelink.mysql.database.azure.com"},
    {"Microsoft.Web/sites", "sites", "scm.azurewebsites.net", "scm.privatelink.azurewebsites.net"},
    {"Microsoft.Web/sites", "sites", "azurewebsites.net", "privatelink.azurewebsites.net"},
    {"Microsoft.ContainerRegistry/registries", "registry", "azurecr.io", "privatelink.azurecr.io"},
    {"Microsoft.EventHub/namespaces", "namespace", "servicebus.windows.net",
     "privatelink.servicebus.windows.net"},
    {"Microsoft.ServiceBus/namespaces", "namespace", "servicebus.windows.net",
     "privatelink.servicebus.windows.net"},
    {"Microsoft.Relay/namespaces", "namespace", "servicebus.windows.net",
     "privatelink.servicebus.windows.net"},
    {"Microsoft.CognitiveServices/accounts", "account", "cognitiveservices.azure.com",
     "privatelink.cognitiveservices.azure.com"},
    {"Microsoft.CognitiveServices/accounts", "account", "openai.azure.com",
     "privatelink.openai.azure.com"},
    {"Microsoft.CognitiveServices/accounts", "account", "services.ai.azure.com",
     "privatelink.services.ai.azure.com"},
    {"Microsoft.Search/searchServices", "searchService", "search.windows.net",
     "privatelink.search.windows.net"},
    {"Microsoft.Cache/Redis", "redisCache", "redis.cache.windows.net",
     "privatelink.redis.cache.windows.net"},
    {"Microsoft.AppConfiguration/configurationStores", "configurationStores", "azconfig.io",
     "privatelink.azconfig.io"},
    {"Microsoft.Devices/IotHubs", "iotHub", "azure-devices.net", "privatelink.azure-devices.net"},
    {"Microsoft.Devices/provisioningServices", "iotDps", "azure-devices-provisioning.net",
     "privatelink.azure-devices-provisioning.net"},
    {"Microsoft.SignalRService/SignalR", "signalr", "service.signalr.net",
     "privatelink.service.signalr.net"},
    {"Microsoft.SignalRService/webPubSub", "webpubsub", "webpubsub.azure.com",
     "privatelink.webpubsub.azure.com"},
    {"Microsoft.ApiManagement/service", "Gateway", "azure-api.net", "privatelink.azure-api.net"},
    {"Microsoft.EventGrid/topics", "topic", "{region}.eventgrid.azure.net",
     "{region}.privatelink.eventgrid.azure.net"},
    {"Microsoft.EventGrid/domains", "domain", "{region}.eventgrid.azure.net",
     "{region}.privatelink.eventgrid.azure.net"},
    {"Microsoft.DataFactory/factories", "dataFactory", "{region}.datafactory.azure.net",
     "{region}.privatelink.datafactory.azure.net"},
    {"Microsoft.Kusto/clusters", "cluster", "{region}.kusto.windows.net",
     "privatelink.{region}.kusto.windows.net"},
};

std::vector<std::string_view> labels_of(std::string_view name) {
    std::vector<std::string_view> labels;
    while (true) {
        const std::size_t dot = name.find('.');
        labels.push_back(name.substr(0, dot));
        if (dot == std::string_view::npos) {
            return labels;
        }
        name.remove_prefix(dot + 1);
    }
}

/// `name` = one label, then `suffix`; `region` gets the label in the place of {region}.
bool is_label_of(const std::vector<std::string_view>& name, std::string_view suffix,
                 std::string_view& region) {
    const std::vector<std::string_view> pattern = labels_of(suffix);
    if (name.size() != pattern.size() + 1 || name.front().empty()) {
        return false;
    }
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == "{region}") {
            region = name[i + 1];
        } else if (!equal_ignoring_case(pattern[i], name[i + 1])) {
            return false;
        }
    }
    return true;
}

std::string with_region(std::string_view zone, std::string_view region) {
    std::string text(zone);
    if (const std::size_t at = text.find("{region}"); at != std::string::npos) {
        text.replace(at, 8, region);
    }
    return text;
}

}  // namespace

std::span<const PrivateLinkZone> private_link_zones() { return kZones; }

std::optional<ServiceName> service_name_of(std::string_view name) {
    if (!name.empty() && name.back() == '.') {
        name.remove_suffix(1);
    }
    const std::vector<std::string_view> labels = labels_of(name);
    for (const PrivateLinkZone& row : kZones) {
        for (const bool is_private : {false, true}) {
            std::string_view region;
            if (is_label_of(labels, is_private ? row.zone : row.public_suffix, region)) {
                return ServiceName{
                    std::string(labels.front()), &row, is_private,
                    std::string(labels.front()) + "." + with_region(row.zone, region)};
            }
        }
    }
    return std::nullopt;
}

}  // namespace azreach
