#include "tests/oracle/generate_services.hpp"

#include <random>

namespace azreach::oracle {

namespace {

using Json = nlohmann::json;

const std::string kGroup = "/subscriptions/s/resourceGroups/rg/providers/";

class Services {
public:
    Services(std::uint64_t seed, const std::vector<std::string>& subnets,
             const std::vector<std::string>& publics, std::string private_endpoint)
        : random_(seed ^ 0x9E3779B97F4A7C15ULL),
          subnets_(subnets),
          publics_(publics),
          private_endpoint_(std::move(private_endpoint)) {}

    GeneratedServices make() {
        const int count = pick(1, 3);
        for (int i = 0; i < count; ++i) one_service("p" + std::to_string(i));
        if (chance(30)) {
            result_.targets.emplace_back(kGroup + "Microsoft.Storage/storageAccounts/unread",
                                         "blob");
        }
        return std::move(result_);
    }

private:
    int pick(int first, int last) {
        return std::uniform_int_distribution<int>(first, last)(random_);
    }
    bool chance(int percent) { return pick(1, 100) <= percent; }
    template <class T>
    const T& one(const std::vector<T>& list) {
        return list[static_cast<std::size_t>(pick(0, static_cast<int>(list.size()) - 1))];
    }

    std::string range() {
        static const std::vector<std::string> kRanges = {
            "8.8.8.0/24",   "203.0.113.7", "20.0.0.0/16", "20.9.0.0/24", "20.60.1.0/24",
            "198.51.100.9", "8.8.8.9",     "0.0.0.0/1",   "10.0.0.0/8",  "0.0.0.0/0"};
        return !publics_.empty() && chance(40) ? one(publics_) : one(kRanges);
    }
    std::pair<std::string, std::string> ends() {
        switch (pick(0, 5)) {
            case 0:
                return {"0.0.0.0", "0.0.0.0"};
            case 1:
                return {"0.0.0.0", "255.255.255.255"};
            case 2:
                return {"8.8.8.0", "8.8.8.255"};
            case 3:
                return {"20.0.0.0", "20.0.255.255"};
            default: {
                const std::string address = publics_.empty() ? "203.0.113.7" : one(publics_);
                return {address, address};
            }
        }
    }

    Json& resource(const std::string& type, const std::string& name) {
        Json result = {{"id", kGroup + type + "/" + name},
                       {"name", name},
                       {"type", type},
                       {"location", chance(75) ? "westeurope" : "eastus"},
                       {"properties", Json::object()}};
        result_.resources.push_back(std::move(result));
        return result_.resources.back();
    }
    void child(const std::string& parent, const std::string& type, const std::string& name,
               Json properties) {
        const std::string kind = type.substr(type.rfind('/') + 1);
        result_.resources.push_back({{"id", parent + "/" + kind + "/" + name},
                                     {"name", name},
                                     {"type", type},
                                     {"properties", std::move(properties)}});
    }
    void public_switch(Json& properties) {
        if (chance(70)) properties["publicNetworkAccess"] = chance(65) ? "Enabled" : "Disabled";
    }
    void connections(Json& properties, const std::string& id) {
        if (!chance(30)) return;
        static const std::vector<std::string> kStatus = {"Approved", "Pending", "Rejected"};
        const bool own = !private_endpoint_.empty() && chance(60);
        const std::string endpoint =
            own ? private_endpoint_
                : "/subscriptions/theirs/resourceGroups/x/providers/Microsoft.Network/"
                  "privateEndpoints/theirs";
        properties["privateEndpointConnections"] =
            Json::array({{{"id", id + "/privateEndpointConnections/c"},
                          {"properties",
                           {{"privateEndpoint", {{"id", endpoint}}},
                            {"privateLinkServiceConnectionState", {{"status", one(kStatus)}}}}}}});
    }
    Json ip_rules(const char* field, bool actions) {
        Json list = Json::array();
        const int count = pick(0, 3);
        for (int i = 0; i < count; ++i) {
            Json rule = {{field, range()}};
            if (actions) rule["action"] = "Allow";
            list.push_back(std::move(rule));
        }
        return list;
    }
    Json subnet_rules(const std::string& service, bool states) {
        Json list = Json::array();
        const int count = pick(0, 2);
        for (int i = 0; i < count; ++i) {
            const std::string& subnet = one(subnets_);
            Json rule = {{"id", subnet}};
            static const std::vector<std::string> kStates = {
                "Succeeded", "Succeeded", "Failed", "NetworkSourceDeleted", "Provisioning"};
            if (states && chance(70)) rule["state"] = one(kStates);
            list.push_back(std::move(rule));
            if (chance(75)) result_.service_endpoints.emplace_back(subnet, service);
        }
        if (chance(20)) result_.service_endpoints.emplace_back(one(subnets_), service);
        return list;
    }
    Json access_list(const std::string& service, bool states) {
        Json acls;
        acls["defaultAction"] = chance(75) ? "Deny" : "Allow";
        acls["ipRules"] = ip_rules("value", false);
        acls["virtualNetworkRules"] = subnet_rules(service, states);
        return acls;
    }
    void endpoint(const std::string& id, const std::string& group, const std::string& link = "") {
        result_.endpoints.emplace_back(id, group);
        if (!link.empty()) result_.targets.emplace_back(id, link);
    }
    void ranges_of(const std::string& id, const std::string& type, const char* first,
                   const char* last) {
        const int count = pick(0, 2);
        for (int i = 0; i < count; ++i) {
            const auto [from, to] = ends();
            child(id, type, "r" + std::to_string(i), {{first, from}, {last, to}});
        }
    }

    void one_service(const std::string& name) {
        switch (pick(0, 17)) {
            case 0:
            case 1:
            case 2:
                return storage(name);
            case 3:
                return with_list("Microsoft.KeyVault/vaults", name, "Microsoft.KeyVault", "vault");
            case 4:
            case 5:
                return sql(name);
            case 6:
                return cosmos(name);
            case 7: {
                Json& r = resource("Microsoft.DBforPostgreSQL/flexibleServers", name);
                const std::string id = r["id"];
                public_switch(r["properties"]["network"]);
                ranges_of(id, "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
                          "startIpAddress", "endIpAddress");
                return endpoint(id, "postgresqlServer", "postgresqlServer");
            }
            case 8:
            case 9:
                return site(name);
            case 10: {
                Json& r = resource("Microsoft.ContainerRegistry/registries", name);
                const std::string id = r["id"];
                r["sku"]["name"] = chance(80) ? "Premium" : "Basic";
                public_switch(r["properties"]);
                if (chance(80)) {
                    Json& set = r["properties"]["networkRuleSet"];
                    set = access_list("Microsoft.ContainerRegistry", false);
                    if (chance(50)) set.erase("virtualNetworkRules");
                }
                return endpoint(id, "registry", "registry");
            }
            case 11:
                return messaging(name);
            case 12:
                return with_list("Microsoft.CognitiveServices/accounts", name,
                                 "Microsoft.CognitiveServices", "account");
            case 13: {
                Json& r = resource("Microsoft.Search/searchServices", name);
                public_switch(r["properties"]);
                if (chance(70)) {
                    r["properties"]["networkRuleSet"]["ipRules"] = ip_rules("value", false);
                }
                return endpoint(r["id"], "searchService", "searchService");
            }
            case 14: {
                Json& r = resource("Microsoft.ContainerService/managedClusters", name);
                Json& p = r["properties"];
                if (chance(30)) p["apiServerAccessProfile"]["enablePrivateCluster"] = chance(50);
                if (chance(70)) {
                    Json ranges = Json::array();
                    const int count = pick(0, 2);
                    for (int i = 0; i < count; ++i) ranges.push_back(range());
                    if (chance(30)) ranges.push_back("0.0.0.0/32");
                    p["apiServerAccessProfile"]["authorizedIPRanges"] = ranges;
                }
                return endpoint(r["id"], "management", "management");
            }
            case 15: {
                Json& r = resource("Microsoft.Cache/Redis", name);
                const std::string id = r["id"];
                public_switch(r["properties"]);
                if (chance(30)) r["properties"]["enableNonSslPort"] = true;
                ranges_of(id, "Microsoft.Cache/Redis/firewallRules", "startIP", "endIP");
                return endpoint(id, "redisCache", "redisCache");
            }
            case 16: {
                Json& r = resource("Microsoft.Devices/IotHubs", name);
                Json& p = r["properties"];
                public_switch(p);
                if (chance(60)) {
                    p["networkRuleSets"]["defaultAction"] = chance(75) ? "Deny" : "Allow";
                    p["networkRuleSets"]["ipRules"] = ip_rules("ipMask", true);
                    if (chance(60)) {
                        p["networkRuleSets"]["applyToBuiltInEventHubEndpoint"] = chance(50);
                    }
                }
                endpoint(r["id"], "iotHub", "iotHub");
                return endpoint(r["id"], "events");
            }
            default:
                return other(name);
        }
    }

    void storage(const std::string& name) {
        Json& r = resource("Microsoft.Storage/storageAccounts", name);
        const std::string id = r["id"];
        const bool files = chance(15);
        r["kind"] = files ? "FileStorage" : "StorageV2";
        Json& p = r["properties"];
        public_switch(p);
        if (chance(80)) p["networkAcls"] = access_list("Microsoft.Storage", true);
        if (chance(60)) p["supportsHttpsTrafficOnly"] = chance(60);
        if (chance(20)) p["isSftpEnabled"] = true;
        connections(p, id);
        endpoint(id, files ? "file" : "blob", files ? "file" : "blob");
    }
    void with_list(const std::string& type, const std::string& name, const std::string& service,
                   const std::string& group) {
        Json& r = resource(type, name);
        const std::string id = r["id"];
        public_switch(r["properties"]);
        if (chance(80)) r["properties"]["networkAcls"] = access_list(service, false);
        connections(r["properties"], id);
        endpoint(id, group, group);
    }
    void sql(const std::string& name) {
        Json& r = resource("Microsoft.Sql/servers", name);
        const std::string id = r["id"];
        public_switch(r["properties"]);
        connections(r["properties"], id);
        ranges_of(id, "Microsoft.Sql/servers/firewallRules", "startIpAddress", "endIpAddress");
        for (const Json& rule : subnet_rules("Microsoft.Sql", false)) {
            child(id, "Microsoft.Sql/servers/virtualNetworkRules", "v" + std::to_string(serial_++),
                  {{"virtualNetworkSubnetId", rule["id"]},
                   {"state", chance(75) ? "Ready" : "Failed"}});
        }
        if (chance(40)) {
            child(id, "Microsoft.Sql/servers/connectionPolicies", "default",
                  {{"connectionType", chance(50) ? "Redirect" : "Proxy"}});
        }
        endpoint(id, "sqlServer", "sqlServer");
    }
    void cosmos(const std::string& name) {
        Json& r = resource("Microsoft.DocumentDB/databaseAccounts", name);
        const std::string id = r["id"];
        Json& p = r["properties"];
        public_switch(p);
        if (chance(50)) p["ipRules"] = ip_rules("ipAddressOrRange", false);
        if (p.contains("ipRules") && chance(40)) {
            p["ipRules"].push_back({{"ipAddressOrRange", "0.0.0.0"}});
        }
        if (chance(50)) p["isVirtualNetworkFilterEnabled"] = chance(70);
        p["virtualNetworkRules"] = subnet_rules("Microsoft.AzureCosmosDB", false);
        connections(p, id);
        endpoint(id, "Sql", "Sql");
    }
    Json restrictions() {
        Json rules = Json::array();
        const int count = pick(0, 3);
        for (int i = 0; i < count; ++i) {
            Json rule = {{"name", "r" + std::to_string(i)},
                         {"priority", 100 * pick(1, 3)},
                         {"action", chance(70) ? "Allow" : "Deny"}};
            switch (pick(0, 5)) {
                case 0:
                    rule["ipAddress"] = "AnyVnets";
                    break;
                case 1:
                    rule["tag"] = "ServiceTag";
                    rule["ipAddress"] = chance(50) ? "AzureCloud" : "Storage";
                    break;
                case 2: {
                    const std::string& subnet = one(subnets_);
                    rule["vnetSubnetResourceId"] = subnet;
                    if (chance(80)) {
                        result_.service_endpoints.emplace_back(subnet, "Microsoft.Web");
                    }
                    break;
                }
                default:
                    rule["ipAddress"] = range();
            }
            if (chance(10)) rule["headers"] = {{"x-azure-fdid", Json::array({"id"})}};
            rules.push_back(std::move(rule));
        }
        return rules;
    }
    void site(const std::string& name) {
        Json& r = resource("Microsoft.Web/sites", name);
        const std::string id = r["id"];
        Json& p = r["properties"];
        public_switch(p);
        if (chance(10)) public_switch(p["siteConfig"]);
        if (chance(70)) p["siteConfig"]["ipSecurityRestrictions"] = restrictions();
        if (chance(40)) p["siteConfig"]["scmIpSecurityRestrictions"] = restrictions();
        if (chance(20)) p["siteConfig"]["scmIpSecurityRestrictionsUseMain"] = chance(50);
        if (chance(20)) {
            p["siteConfig"]["ipSecurityRestrictionsDefaultAction"] = chance(50) ? "Allow" : "Deny";
        }
        connections(p, id);
        endpoint(id, "sites", "sites");
        endpoint(id, "scm");
    }
    void messaging(const std::string& name) {
        const bool bus = chance(40);
        const std::string type =
            bus ? "Microsoft.ServiceBus/namespaces" : "Microsoft.EventHub/namespaces";
        Json& r = resource(type, name);
        const std::string id = r["id"];
        static const std::vector<std::string> kTiers = {"Standard", "Premium", "Basic"};
        r["sku"]["name"] = one(kTiers);
        public_switch(r["properties"]);
        if (chance(80)) {
            Json set;
            set["defaultAction"] = chance(75) ? "Deny" : "Allow";
            public_switch(set);
            set["ipRules"] = ip_rules("ipMask", true);
            set["virtualNetworkRules"] = Json::array();
            for (const Json& rule :
                 subnet_rules(bus ? "Microsoft.ServiceBus" : "Microsoft.EventHub", false)) {
                set["virtualNetworkRules"].push_back({{"subnet", {{"id", rule["id"]}}}});
            }
            child(id, type + "/networkRuleSets", "default", std::move(set));
        }
        endpoint(id, "namespace", "namespace");
    }
    void other(const std::string& name) {
        static const std::vector<std::pair<std::string, std::string>> kOthers = {
            {"Microsoft.Synapse/workspaces", "Sql"},
            {"Microsoft.DataFactory/factories", "dataFactory"},
            {"Microsoft.EventGrid/topics", "topic"},
            {"Microsoft.AppConfiguration/configurationStores", "configurationStores"},
            {"Microsoft.Example/things", "service"}};
        const auto& [type, group] = one(kOthers);
        Json& r = resource(type, name);
        const std::string id = r["id"];
        r["properties"]["publicNetworkAccess"] = chance(65) ? "Enabled" : "Disabled";
        if (group == "topic" && chance(60)) {
            r["properties"]["inboundIpRules"] = ip_rules("ipMask", true);
        }
        if (group == "Sql") {
            ranges_of(id, "Microsoft.Synapse/workspaces/firewallRules", "startIpAddress",
                      "endIpAddress");
        }
        endpoint(id, group, group);
    }

    std::mt19937_64 random_;
    const std::vector<std::string>& subnets_;
    const std::vector<std::string>& publics_;
    std::string private_endpoint_;
    int serial_ = 0;
    GeneratedServices result_;
};

}  // namespace

GeneratedServices generate_services(std::uint64_t seed, const std::vector<std::string>& subnets,
                                    const std::vector<std::string>& publics,
                                    const std::string& private_endpoint) {
    return Services(seed, subnets, publics, private_endpoint).make();
}

}  // namespace azreach::oracle
