#include "tests/oracle/generate.hpp"

#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "tests/oracle/generate_services.hpp"

namespace azreach::oracle {

namespace {

using Json = nlohmann::json;

const std::string kGroup = "/subscriptions/s/resourceGroups/rg/providers/";

std::string id(const std::string& type, const std::string& name) {
    return kGroup + "Microsoft.Network/" + type + "/" + name;
}
Json to(const std::string& text) { return {{"id", text}}; }

class Maker {
public:
    explicit Maker(std::uint64_t seed) : random_(seed), seed_(seed) {}

    Generated make() {
        vnet_count_ = pick(1, 4);
        for (int v = 0; v < vnet_count_; ++v) vnet(v);
        for (int g = 0; g < 4; ++g) security_group(g);
        peerings();
        for (int v = 0; v < vnet_count_; ++v) machines(v);
        if (chance(50)) balancers();
        if (chance(50)) route_tables();
        if (chance(35)) gateway();
        if (chance(30)) endpoints();
        if (chance(25)) manager();
        if (chance(25) && vnet_count_ > 2) mesh();
        services();
        finish_subnets();
        Generated result;
        if (chance(25)) just_in_time(result);
        Json list;
        list["value"] = Json::array();
        for (auto& [name, vnet] : vnets_) list["value"].push_back(vnet);
        for (Json& resource : resources_) list["value"].push_back(resource);
        result.arm = list.dump(1);
        if (chance(60)) {
            Json tags;
            tags["cloud"] = "Public";
            tags["changeNumber"] = 1;
            tags["values"] = Json::array();
            const auto tag = [&](const char* name, std::vector<std::string> prefixes) {
                tags["values"].push_back({{"name", name},
                                          {"id", name},
                                          {"properties", {{"addressPrefixes", prefixes}}}});
            };
            tag("Storage", {"20.60.0.0/16"});
            tag("Storage.westeurope", {"20.60.1.0/24"});
            tag("Sql", {"40.70.0.0/16"});
            std::mt19937_64 more(seed_);  // beside the network, which stays as it is
            if (more() % 2 == 0) {
                tag("AzureCloud", {"20.0.0.0/8", "40.0.0.0/8"});
                tag("AzureKeyVault", {"20.61.0.0/16"});
                tag("AzureKeyVault.westeurope", {"20.61.1.0/24"});
                tag("Sql.westeurope", {"40.70.1.0/24"});
                tag("EventHub", {"20.62.0.0/16"});
                tag("AzureCosmosDB", {"20.63.0.0/16"});
                tag("AppService", {"20.64.0.0/16"});
                tag("AzureContainerRegistry", {"20.65.0.0/16"});
                tag("CognitiveServicesManagement", {"20.66.0.0/16"});
                tag("ServiceBus", {"20.67.0.0/16"});
            }
            result.service_tags = tags.dump();
        }
        questions(result);
        service_questions(result);
        return result;
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

    static std::string space(int v) { return "10." + std::to_string(v) + ".0.0/16"; }
    static std::string subnet_prefix(int v, int s) {
        return "10." + std::to_string(v) + "." + std::to_string(s) + ".0/24";
    }
    static std::string vnet_name(int v) { return "v" + std::to_string(v); }
    static std::string subnet_id(int v, const std::string& s) {
        return id("virtualNetworks", vnet_name(v)) + "/subnets/" + s;
    }

    void vnet(int v) {
        Json result = {{"id", id("virtualNetworks", vnet_name(v))},
                       {"name", vnet_name(v)},
                       {"type", "Microsoft.Network/virtualNetworks"},
                       {"location", chance(80) ? "westeurope" : "eastus"}};
        result["properties"]["addressSpace"]["addressPrefixes"] = Json::array({space(v)});
        result["properties"]["subnets"] = Json::array();
        result["properties"]["virtualNetworkPeerings"] = Json::array();
        vnets_[vnet_name(v)] = result;
        for (int s = 1; s <= 2; ++s) {
            Json subnet;
            const std::string name = "s" + std::to_string(s);
            subnet["id"] = subnet_id(v, name);
            subnet["name"] = name;
            subnet["properties"]["addressPrefix"] = subnet_prefix(v, s);
            if (chance(60)) subnet["properties"]["networkSecurityGroup"] = to(group_id(pick(0, 4)));
            if (chance(15)) subnet["properties"]["defaultOutboundAccess"] = false;
            if (chance(15)) {
                subnet["properties"]["serviceEndpoints"] = Json::array(
                    {{{"service", "Microsoft.Storage"}, {"locations", Json::array({"*"})}}});
            }
            static const std::vector<std::string> kPolicies = {
                "Disabled", "Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"};
            subnet["properties"]["privateEndpointNetworkPolicies"] = one(kPolicies);
            subnets_[{v, s}] = subnet;
        }
    }

    std::string group_id(int g) {
        // The fifth group is mentioned and never exported.
        return id("networkSecurityGroups",
                  g < 4 || chance(70) ? "g" + std::to_string(g % 4) : "unread");
    }

    std::string some_address(bool prefix) {
        const std::string v = std::to_string(pick(0, 3));
        const std::string s = std::to_string(pick(1, 2));
        switch (pick(0, 7)) {
            case 0:
                return "10." + v + ".0.0/16";
            case 1:
                return "10." + v + "." + s + ".0/24";
            case 2:
            case 3:
                return "10." + v + "." + s + "." + std::to_string(pick(4, 7)) +
                       (prefix ? "/32" : "");
            case 4:
                return "8.8.8.0/24";
            case 5:
                return "172.16.0.0/16";
            case 6:
                return "0.0.0.0/0";
            default:
                return "20.0." + v + ".0/24";
        }
    }

    Json side(const char* key, Json& properties) {
        switch (pick(0, 6)) {
            case 0:
            case 1:
                properties[key] = "*";
                break;
            case 2:
                properties[key] = "VirtualNetwork";
                break;
            case 3:
                properties[key] = "Internet";
                break;
            case 4: {
                static const std::vector<std::string> kTags = {
                    "Storage", "Sql", "AzureLoadBalancer", "AzurePlatformDNS"};
                properties[key] = one(kTags);
                break;
            }
            default:
                properties[key] = "";
                properties[std::string(key) + "es"] =
                    Json::array({some_address(false), some_address(true)});
        }
        return properties;
    }

    Json rule(const std::string& parent, int priority, bool admin) {
        const std::string name = "r" + std::to_string(priority) + "-" + std::to_string(serial_++);
        Json result = {{"id", parent + (admin ? "/rules/" : "/securityRules/") + name},
                       {"name", name}};
        Json& p = result["properties"];
        p["priority"] = priority;
        p["direction"] = chance(60) ? "Inbound" : "Outbound";
        static const std::vector<std::string> kAccess = {"Allow", "Deny", "Allow", "AlwaysAllow"};
        p["access"] = admin ? one(kAccess) : (chance(55) ? "Allow" : "Deny");
        static const std::vector<std::string> kProtocols = {"Tcp", "Tcp", "Udp", "Icmp",
                                                            "*",   "*",   "Esp"};
        std::string protocol = one(kProtocols);
        if (admin && protocol == "*") protocol = "Any";
        p["protocol"] = protocol;
        static const std::vector<std::string> kPorts = {"*",   "*",         "22",   "80",
                                                        "443", "1000-2000", "22-80"};
        if (admin) {
            const auto list = [&]() {
                Json items = Json::array();
                items.push_back({{"addressPrefixType", "IPPrefix"},
                                 {"addressPrefix", chance(50) ? "*" : some_address(true)}});
                return items;
            };
            p["sources"] = list();
            p["destinations"] = list();
            const std::string port = one(kPorts);
            p["destinationPortRanges"] = Json::array({port == "*" ? "0-65535" : port});
            p["sourcePortRanges"] = Json::array({"0-65535"});
        } else {
            if (!asgs_.empty() && chance(12)) {
                p["sourceApplicationSecurityGroups"] = Json::array({to(one(asgs_))});
            } else {
                side("sourceAddressPrefix", p);
            }
            side("destinationAddressPrefix", p);
            p["sourcePortRange"] = chance(90) ? "*" : "49152-65535";
            p["destinationPortRange"] = one(kPorts);
        }
        return result;
    }

    void security_group(int g) {
        if (asgs_.empty()) {
            for (const char* name : {"web", "app"}) {
                asgs_.push_back(id("applicationSecurityGroups", name));
                resources_.push_back({{"id", asgs_.back()},
                                      {"name", name},
                                      {"type", "Microsoft.Network/applicationSecurityGroups"},
                                      {"properties", Json::object()}});
            }
        }
        const std::string name = "g" + std::to_string(g);
        Json result = {{"id", id("networkSecurityGroups", name)},
                       {"name", name},
                       {"type", "Microsoft.Network/networkSecurityGroups"}};
        result["properties"]["securityRules"] = Json::array();
        const int rules = pick(0, 6);
        std::set<int> used;
        for (int r = 0; r < rules; ++r) {
            int priority = 100 + 10 * pick(0, 30);
            if (!chance(8)) {  // now and then two rules share a priority
                while (used.contains(priority)) priority += 10;
            }
            used.insert(priority);
            result["properties"]["securityRules"].push_back(rule(result["id"], priority, false));
        }
        resources_.push_back(result);
    }

    void peerings() {
        for (int a = 0; a < vnet_count_; ++a) {
            for (int b = a + 1; b < vnet_count_; ++b) {
                if (!chance(a == 0 ? 85 : 20)) continue;
                const bool connected = chance(90);
                const bool one_sided = chance(5);
                for (const bool first : {true, false}) {
                    const int from = first ? a : b;
                    const int there = first ? b : a;
                    Json p;
                    const std::string name = "to-" + vnet_name(there);
                    p["id"] =
                        id("virtualNetworks", vnet_name(from)) + "/virtualNetworkPeerings/" + name;
                    p["name"] = name;
                    Json& q = p["properties"];
                    q["remoteVirtualNetwork"] = to(id("virtualNetworks", vnet_name(there)));
                    q["peeringState"] = connected ? "Connected"
                                        : first   ? "Initiated"
                                                  : "Disconnected";
                    q["allowVirtualNetworkAccess"] = chance(90);
                    q["allowForwardedTraffic"] = chance(50);
                    q["allowGatewayTransit"] = first && chance(60);
                    q["useRemoteGateways"] = !first && a == 0 && chance(60);
                    q["remoteAddressSpace"]["addressPrefixes"] = Json::array({space(there)});
                    if (one_sided && !first) continue;
                    vnets_[vnet_name(from)]["properties"]["virtualNetworkPeerings"].push_back(p);
                }
            }
        }
        if (chance(8)) {  // a peer that was not exported
            Json p;
            p["id"] = id("virtualNetworks", "v0") + "/virtualNetworkPeerings/to-partner";
            p["name"] = "to-partner";
            p["properties"] = {{"remoteVirtualNetwork", to(id("virtualNetworks", "partner"))},
                               {"peeringState", "Connected"},
                               {"allowVirtualNetworkAccess", true}};
            p["properties"]["remoteAddressSpace"]["addressPrefixes"] = Json::array({"10.3.0.0/16"});
            if (vnet_count_ < 4) {
                vnets_["v0"]["properties"]["virtualNetworkPeerings"].push_back(p);
            }
        }
    }

    void machines(int v) {
        for (int s = 1; s <= 2; ++s) {
            const int count = pick(1, 3);
            for (int m = 0; m < count; ++m) {
                const std::string address = "10." + std::to_string(v) + "." + std::to_string(s) +
                                            "." + std::to_string(4 + m);
                const std::string name =
                    "n" + std::to_string(v) + std::to_string(s) + std::to_string(m);
                Json nic = {{"id", id("networkInterfaces", name)},
                            {"name", name},
                            {"type", "Microsoft.Network/networkInterfaces"}};
                Json& p = nic["properties"];
                p["enableIPForwarding"] = chance(25);
                Json config = {{"id", nic["id"].get<std::string>() + "/ipConfigurations/c"},
                               {"name", "c"}};
                Json& c = config["properties"];
                c["privateIPAddress"] = address;
                c["primary"] = true;
                c["subnet"] = to(subnet_id(v, "s" + std::to_string(s)));
                if (chance(25)) {
                    c["applicationSecurityGroups"] = Json::array({to(one(asgs_))});
                }
                if (chance(25)) {
                    const std::string ip = "p" + name;
                    const std::string public_address =
                        "20.0." + std::to_string(v) + "." + std::to_string(10 * s + m);
                    c["publicIPAddress"] = to(id("publicIPAddresses", ip));
                    resources_.push_back(
                        {{"id", id("publicIPAddresses", ip)},
                         {"name", ip},
                         {"type", "Microsoft.Network/publicIPAddresses"},
                         {"sku", {{"name", chance(70) ? "Standard" : "Basic"}}},
                         {"properties",
                          {{"ipAddress", public_address},
                           {"ipConfiguration", to(config["id"].get<std::string>())}}}});
                    publics_.push_back(public_address);
                }
                if (chance(30)) p["networkSecurityGroup"] = to(group_id(pick(0, 3)));
                p["ipConfigurations"] = Json::array({config});
                nics_.push_back({name, address, v, s, resources_.size()});
                resources_.push_back(nic);
            }
        }
        if (chance(20)) {
            resources_.push_back(
                {{"id", id("publicIPAddresses", "pnat" + std::to_string(v))},
                 {"name", "pnat" + std::to_string(v)},
                 {"type", "Microsoft.Network/publicIPAddresses"},
                 {"sku", {{"name", "Standard"}}},
                 {"properties",
                  {{"ipAddress", "20.9.0." + std::to_string(v + 1)},
                   {"natGateway", to(id("natGateways", "nat" + std::to_string(v)))}}}});
            resources_.push_back(
                {{"id", id("natGateways", "nat" + std::to_string(v))},
                 {"name", "nat" + std::to_string(v)},
                 {"type", "Microsoft.Network/natGateways"},
                 {"properties",
                  {{"publicIpAddresses",
                    Json::array({to(id("publicIPAddresses", "pnat" + std::to_string(v)))})}}}});
            subnets_[{v, 1}]["properties"]["natGateway"] =
                to(id("natGateways", "nat" + std::to_string(v)));
        }
    }

    void balancers() {
        const int v = pick(0, vnet_count_ - 1);
        const bool is_public = chance(50);
        const bool standard = chance(80);
        const std::string lb = id("loadBalancers", "lb");
        Json result = {{"id", lb},
                       {"name", "lb"},
                       {"type", "Microsoft.Network/loadBalancers"},
                       {"sku", {{"name", standard ? "Standard" : "Basic"}}}};
        Json frontend = {{"id", lb + "/frontendIPConfigurations/f"}, {"name", "f"}};
        if (is_public) {
            resources_.push_back(
                {{"id", id("publicIPAddresses", "plb")},
                 {"name", "plb"},
                 {"type", "Microsoft.Network/publicIPAddresses"},
                 {"sku", {{"name", standard ? "Standard" : "Basic"}}},
                 {"properties",
                  {{"ipAddress", "20.1.0.1"}, {"ipConfiguration", to(frontend["id"])}}}});
            frontend["properties"]["publicIPAddress"] = to(id("publicIPAddresses", "plb"));
            publics_.push_back("20.1.0.1");
        } else {
            const std::string address = "10." + std::to_string(v) + ".2.100";
            frontend["properties"]["privateIPAddress"] = address;
            frontend["properties"]["subnet"] = to(subnet_id(v, "s2"));
            extra_.push_back(address);
            internal_frontend_ = address;
        }
        Json& p = result["properties"];
        p["frontendIPConfigurations"] = Json::array({frontend});
        const std::string pool = lb + "/backendAddressPools/b";
        p["backendAddressPools"] =
            Json::array({{{"id", pool}, {"name", "b"}, {"properties", Json::object()}}});
        p["loadBalancingRules"] = Json::array();
        p["inboundNatRules"] = Json::array();
        if (!is_public && standard && chance(50)) {
            p["loadBalancingRules"].push_back({{"id", lb + "/loadBalancingRules/ha"},
                                               {"name", "ha"},
                                               {"properties",
                                                {{"frontendIPConfiguration", to(frontend["id"])},
                                                 {"backendAddressPool", to(pool)},
                                                 {"protocol", "All"},
                                                 {"frontendPort", 0},
                                                 {"backendPort", 0}}}});
        } else {
            for (const int port : {80, 443}) {
                if (!chance(70)) continue;
                p["loadBalancingRules"].push_back(
                    {{"id", lb + "/loadBalancingRules/r" + std::to_string(port)},
                     {"name", "r" + std::to_string(port)},
                     {"properties",
                      {{"frontendIPConfiguration", to(frontend["id"])},
                       {"backendAddressPool", to(pool)},
                       {"protocol", "Tcp"},
                       {"frontendPort", port},
                       {"backendPort", chance(50) ? port : 1000},
                       {"disableOutboundSnat", chance(50)}}}});
            }
        }
        const int members = pick(0, 3);
        for (int m = 0; m < members; ++m) {
            auto& nic = one(nics_);
            if (nic.v != v) continue;
            Json& config = resources_[nic.index]["properties"]["ipConfigurations"][0]["properties"];
            config["loadBalancerBackendAddressPools"] = Json::array({to(pool)});
        }
        resources_.push_back(result);
    }

    void route_tables() {
        for (int t = 0; t < 2; ++t) {
            const std::string name = "rt" + std::to_string(t);
            Json table = {{"id", id("routeTables", name)},
                          {"name", name},
                          {"type", "Microsoft.Network/routeTables"}};
            table["properties"]["disableBgpRoutePropagation"] = chance(20);
            table["properties"]["routes"] = Json::array();
            std::set<std::string> used;
            const int count = pick(1, 4);
            for (int r = 0; r < count; ++r) {
                static const std::vector<std::string> kPrefixes = {
                    "0.0.0.0/0",   "10.0.0.0/8",  "10.0.0.0/16", "10.1.0.0/16",
                    "10.2.0.0/16", "10.1.1.0/24", "10.2.2.4/32", "172.16.0.0/12",
                    "8.8.8.0/24",  "20.0.0.0/16", "Storage"};
                const std::string prefix = one(kPrefixes);
                if (!used.insert(prefix).second) continue;
                static const std::vector<std::string> kHops = {
                    "VirtualAppliance", "VirtualAppliance",     "VirtualAppliance", "None",
                    "Internet",         "VirtualNetworkGateway"};
                const std::string hop = one(kHops);
                Json route = {
                    {"id", table["id"].get<std::string>() + "/routes/r" + std::to_string(r)},
                    {"name", "r" + std::to_string(r)},
                    {"properties", {{"addressPrefix", prefix}, {"nextHopType", hop}}}};
                if (hop == "VirtualAppliance") {
                    std::string address = one(nics_).address;
                    if (!internal_frontend_.empty() && chance(30)) address = internal_frontend_;
                    if (chance(8)) address = "10.0.1.99";
                    route["properties"]["nextHopIpAddress"] = address;
                }
                table["properties"]["routes"].push_back(route);
            }
            resources_.push_back(table);
        }
        for (auto& [key, subnet] : subnets_) {
            if (chance(50)) {
                subnet["properties"]["routeTable"] = to(
                    id("routeTables", chance(95) ? "rt" + std::to_string(pick(0, 1)) : "unread"));
            }
        }
    }

    void gateway() {
        Json subnet;
        subnet["id"] = subnet_id(0, "GatewaySubnet");
        subnet["name"] = "GatewaySubnet";
        subnet["properties"]["addressPrefix"] = "10.0.255.0/27";
        subnets_[{0, 255}] = subnet;
        const bool bgp = chance(30);
        resources_.push_back(
            {{"id", id("virtualNetworkGateways", "gw")},
             {"name", "gw"},
             {"type", "Microsoft.Network/virtualNetworkGateways"},
             {"properties",
              {{"gatewayType", "Vpn"},
               {"enableBgp", bgp},
               {"ipConfigurations",
                Json::array({{{"name", "c"},
                              {"properties", {{"subnet", to(subnet_id(0, "GatewaySubnet"))}}}}})},
               {"vpnClientConfiguration",
                {{"vpnClientAddressPool",
                  {{"addressPrefixes",
                    chance(30) ? Json::array({"192.168.100.0/24"}) : Json::array()}}}}}}}});
        resources_.push_back({{"id", id("localNetworkGateways", "site")},
                              {"name", "site"},
                              {"type", "Microsoft.Network/localNetworkGateways"},
                              {"properties",
                               {{"localNetworkAddressSpace",
                                 {{"addressPrefixes", Json::array({"172.16.0.0/16"})}}}}}});
        resources_.push_back({{"id", id("connections", "c")},
                              {"name", "c"},
                              {"type", "Microsoft.Network/connections"},
                              {"properties",
                               {{"connectionType", "IPsec"},
                                {"virtualNetworkGateway1", to(id("virtualNetworkGateways", "gw"))},
                                {"localNetworkGateway2", to(id("localNetworkGateways", "site"))},
                                {"enableBgp", bgp}}}});
        has_gateway_ = true;
    }

    void endpoints() {
        const int v = pick(0, vnet_count_ - 1);
        endpoint_id_ = id("privateEndpoints", "pe");
        const std::string address = "10." + std::to_string(v) + ".2.50";
        static const std::vector<std::string> kStatus = {"Approved", "Approved", "Pending",
                                                         "Rejected"};
        resources_.push_back(
            {{"id", id("privateEndpoints", "pe")},
             {"name", "pe"},
             {"type", "Microsoft.Network/privateEndpoints"},
             {"properties",
              {{"subnet", to(subnet_id(v, "s2"))},
               {"networkInterfaces", Json::array({to(id("networkInterfaces", "pe-nic"))})},
               {"privateLinkServiceConnections",
                Json::array(
                    {{{"name", "c"},
                      {"properties",
                       {{"privateLinkServiceConnectionState", {{"status", one(kStatus)}}}}}}})}}}});
        resources_.push_back(
            {{"id", id("networkInterfaces", "pe-nic")},
             {"name", "pe-nic"},
             {"type", "Microsoft.Network/networkInterfaces"},
             {"properties",
              {{"privateEndpoint", to(id("privateEndpoints", "pe"))},
               {"ipConfigurations",
                Json::array(
                    {{{"id", id("networkInterfaces", "pe-nic") + "/ipConfigurations/c"},
                      {"name", "c"},
                      {"properties",
                       {{"privateIPAddress", address}, {"subnet", to(subnet_id(v, "s2"))}}}}})}}}});
        extra_.push_back(address);
    }

    void services() {
        std::vector<std::string> subnets;
        for (const auto& [key, subnet] : subnets_) subnets.push_back(subnet["id"]);
        services_ = generate_services(seed_, subnets, publics_, endpoint_id_);
        for (Json& resource : services_.resources) resources_.push_back(resource);
        for (const auto& [subnet, service] : services_.service_endpoints) {
            for (auto& [key, own] : subnets_) {
                if (own["id"] != subnet) continue;
                Json& list = own["properties"]["serviceEndpoints"];
                if (list.is_null()) list = Json::array();
                bool known = false;
                for (const Json& each : list) known = known || each["service"] == service;
                if (!known) {
                    list.push_back({{"service", service}, {"locations", Json::array({"*"})}});
                }
            }
        }
        if (endpoint_id_.empty() || services_.targets.empty()) return;
        std::mt19937_64 more(seed_ + 1);
        const auto& [target, group] = services_.targets[more() % services_.targets.size()];
        for (Json& resource : resources_) {
            if (resource["id"] != endpoint_id_) continue;
            Json& link = resource["properties"]["privateLinkServiceConnections"][0]["properties"];
            link["privateLinkServiceId"] = target;
            link["groupIds"] = Json::array({group});
        }
    }

    /// Asked beside the questions of the network, which stay as they are.
    void service_questions(Generated& result) {
        if (services_.endpoints.empty()) return;
        std::mt19937_64 more(seed_ + 2);
        const auto random = [&](std::size_t n) { return static_cast<std::size_t>(more() % n); };
        static const int kPorts[] = {443, 443, 443, 1433, 80, 445, 5432, 6380, 5671, 21, 11500, 22};
        static const char* const kSources[] = {"8.8.8.9", "203.0.113.7", "20.60.1.9", "20.0.0.7"};
        for (int q = 0; q < 14; ++q) {
            Question question;
            const auto& [resource, group] = services_.endpoints[random(services_.endpoints.size())];
            question.service = ResourceId(resource);
            question.group = group;
            question.packet.service = {
                random(12) == 0 ? kUdp : kTcp, 49152,
                static_cast<std::uint16_t>(kPorts[random(std::size(kPorts))])};
            const std::size_t kind = random(10);
            if (kind < 6) {
                const Nic& nic = nics_[random(nics_.size())];
                question.from.kind = Start::Kind::nic;
                question.from.nic = ResourceId(id("networkInterfaces", nic.name));
                question.packet.src = *parse_address(nic.address);
            } else if (kind < 9 || !has_gateway_) {
                question.from.kind = Start::Kind::internet;
                question.packet.src = *parse_address(kSources[random(std::size(kSources))]);
            } else {
                question.from.kind = Start::Kind::onprem;
                question.packet.src = *parse_address("172.16.7.7");
            }
            result.questions.push_back(question);
        }
        static const char* const kAssume[] = {"sql-database-level-rules=yes",
                                              "cosmos-closed-by-pe=no",
                                              "storage-same-region-ip-rules=yes",
                                              "sql-azure-rule-covers-endpoint-subnets=yes",
                                              "pe-ports=no",
                                              "unlisted-rules-none=no"};
        for (const char* statement : kAssume) {
            if (random(6) == 0) result.assume.emplace_back(statement);
        }
    }

    void group(const std::string& name) {
        const std::string group = id("networkManagers", "m") + "/networkGroups/" + name;
        resources_.push_back({{"id", group},
                              {"name", name},
                              {"type", "Microsoft.Network/networkManagers/networkGroups"},
                              {"properties", Json::object()}});
        for (int v = 0; v < vnet_count_; ++v) {
            if (!chance(75)) continue;
            const std::string member = "m" + std::to_string(v);
            resources_.push_back(
                {{"id", group + "/staticMembers/" + member},
                 {"name", member},
                 {"type", "Microsoft.Network/networkManagers/networkGroups/staticMembers"},
                 {"properties", {{"resourceId", id("virtualNetworks", vnet_name(v))}}}});
        }
    }

    void manager() {
        group("secured");
        const std::string configuration =
            id("networkManagers", "m") + "/securityAdminConfigurations/c";
        resources_.push_back(
            {{"id", configuration},
             {"name", "c"},
             {"type", "Microsoft.Network/networkManagers/securityAdminConfigurations"},
             {"properties", Json::object()}});
        const std::string collection = configuration + "/ruleCollections/k";
        resources_.push_back(
            {{"id", collection},
             {"name", "k"},
             {"type",
              "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections"},
             {"properties",
              {{"appliesToGroups",
                Json::array({{{"networkGroupId",
                               id("networkManagers", "m") + "/networkGroups/secured"}}})}}}});
        const int rules = pick(1, 4);
        for (int r = 0; r < rules; ++r) {
            Json item = rule(collection, 10 + r, true);
            item["type"] =
                "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/"
                "rules";
            resources_.push_back(item);
        }
    }

    void mesh() {
        group("meshed");
        resources_.push_back(
            {{"id", id("networkManagers", "m") + "/connectivityConfigurations/mesh"},
             {"name", "mesh"},
             {"type", "Microsoft.Network/networkManagers/connectivityConfigurations"},
             {"properties",
              {{"connectivityTopology", "Mesh"},
               {"isGlobal", chance(40) ? "True" : "False"},
               {"appliesToGroups", Json::array({{{"networkGroupId", id("networkManagers", "m") +
                                                                        "/networkGroups/meshed"},
                                                 {"groupConnectivity", "None"},
                                                 {"isGlobal", "False"}}})}}}});
    }

    void finish_subnets() {
        for (auto& [key, subnet] : subnets_) {
            // Now and then a subnet stands alone, as its own resource.
            if (chance(15)) {
                Json alone = subnet;
                alone["type"] = "Microsoft.Network/virtualNetworks/subnets";
                resources_.push_back(alone);
            } else {
                vnets_[vnet_name(key.first)]["properties"]["subnets"].push_back(subnet);
            }
        }
    }

    Service service() {
        static const std::vector<int> kPorts = {22,   80,   443,  53, 999, 1000,
                                                1001, 2000, 2001, 21, 23,  81};
        switch (pick(0, 9)) {
            case 0:
                return {kIcmp, 8, 0};
            case 1:
                return {kUdp, 49152, static_cast<std::uint16_t>(one(kPorts))};
            case 2:
                return {kUdp, 1024, 53};
            case 3:
                return {kEsp, 0, 0};
            default:
                return {kTcp, static_cast<std::uint16_t>(chance(90) ? 49152 : 1024),
                        static_cast<std::uint16_t>(one(kPorts))};
        }
    }

    /// E54: policies for some machines, and the world in which their windows are open.
    void just_in_time(Generated& result) {
        Json machines = Json::array();
        for (const Nic& nic : nics_) {
            if (!chance(60)) continue;
            const std::string vm = kGroup + "Microsoft.Compute/virtualMachines/" + nic.name;
            resources_[nic.index]["properties"]["virtualMachine"] = to(vm);
            const std::string interface = id("networkInterfaces", nic.name);
            resources_.push_back(
                {{"id", vm},
                 {"name", nic.name},
                 {"type", "Microsoft.Compute/virtualMachines"},
                 {"properties",
                  {{"networkProfile", {{"networkInterfaces", Json::array({to(interface)})}}}}}});
            Json ports = Json::array();
            for (const int number : {22, 80, 443}) {
                if (!chance(50)) continue;
                Json port = {{"number", number}, {"protocol", chance(50) ? "*" : "TCP"}};
                if (chance(60)) {
                    port["allowedSourceAddressPrefix"] = chance(50) ? "*" : "8.8.8.0/24";
                } else {
                    port["allowedSourceAddressPrefixes"] = {"10.0.0.0/15", "8.8.8.9"};
                }
                ports.push_back(std::move(port));
            }
            machines.push_back({{"id", vm}, {"ports", std::move(ports)}});
        }
        resources_.push_back(
            {{"id", kGroup + "Microsoft.Security/locations/we/jitNetworkAccessPolicies/default"},
             {"name", "default"},
             {"type", "Microsoft.Security/locations/jitNetworkAccessPolicies"},
             {"properties", {{"virtualMachines", std::move(machines)}}}});
        result.assume.push_back("jit=open");
    }

    void questions(Generated& result) {
        std::vector<std::string> targets = extra_;
        for (const Nic& nic : nics_) targets.push_back(nic.address);
        for (const std::string& address : publics_) targets.push_back(address);
        for (const char* fixed :
             {"8.8.8.8", "8.8.9.1", "172.16.5.5", "172.17.0.1", "10.9.0.1", "10.0.1.77", "10.0.1.1",
              "10.1.2.255", "20.60.1.7", "40.70.0.1", "168.63.129.16", "169.254.169.254",
              "20.9.0.1", "192.168.100.9", "40.109.0.5", "21.0.0.9", "10.3.1.4", "10.2.2.4"}) {
            targets.emplace_back(fixed);
        }
        for (int q = 0; q < 40; ++q) {
            Question question;
            question.packet.dst = *parse_address(one(targets));
            question.packet.service = service();
            const int kind = pick(0, 9);
            if (kind < 7) {
                const Nic& nic = one(nics_);
                question.from.kind = Start::Kind::nic;
                question.from.nic = ResourceId(id("networkInterfaces", nic.name));
                question.packet.src = *parse_address(chance(93) ? nic.address : one(nics_).address);
            } else if (kind < 9) {
                question.from.kind = Start::Kind::internet;
                question.packet.src = *parse_address(chance(50) ? "8.8.8.9" : "20.60.1.9");
                if (!publics_.empty() && chance(85))
                    question.packet.dst = *parse_address(one(publics_));
            } else {
                if (!has_gateway_) continue;
                question.from.kind = Start::Kind::onprem;
                question.packet.src = *parse_address(chance(80) ? "172.16.7.7" : "192.168.100.7");
            }
            result.questions.push_back(question);
        }
        static const std::vector<std::string> kAssume = {"vnet-tag-includes-udr=no",
                                                         "forwarded-flag-narrows-tag=yes",
                                                         "vnet-tag-includes-default-udr=yes",
                                                         "vnet-tag-includes-onprem=no",
                                                         "internet-tag-excludes-other-tags=yes",
                                                         "peering-no-access-blocks=yes",
                                                         "peering-no-forwarded-blocks=yes",
                                                         "default-udr-removes-private-none=no",
                                                         "hidden-none-routes=present",
                                                         "icmp-ignores-ports=no",
                                                         "internal-lb-closed-without-nsg=yes",
                                                         "always-allow-beats-sku-closed=no",
                                                         "admin-rules-deployed=no",
                                                         "missing-next-hop=forwarded",
                                                         "service-endpoint-beats-udr=no",
                                                         "nva-forwarded-source-snat=no",
                                                         "stateful-asymmetry-drops=no",
                                                         "onprem-reaches-advertised-only=no",
                                                         "ha-ports-carry-icmp=yes",
                                                         "basic-sku-open=no",
                                                         "gateway-routes-yield-to-system=no",
                                                         "star-protocol-all=no",
                                                         "nva=snat",
                                                         "nva=drop",
                                                         "nva=transparent",
                                                         "onprem=10.9.0.0/16",
                                                         "bgp=none"};
        for (const std::string& statement : kAssume) {
            if (chance(8)) result.assume.push_back(statement);
        }
    }

    struct Nic {
        std::string name, address;
        int v, s;
        std::size_t index;
    };
    std::mt19937_64 random_;
    std::uint64_t seed_;
    GeneratedServices services_;
    std::string endpoint_id_;
    int vnet_count_ = 1;
    int serial_ = 0;
    bool has_gateway_ = false;
    std::map<std::string, Json> vnets_;
    std::map<std::pair<int, int>, Json> subnets_;
    std::vector<Json> resources_;
    std::vector<Nic> nics_;
    std::vector<std::string> publics_, extra_, asgs_;
    std::string internal_frontend_;
};

}  // namespace

Generated generate(std::uint64_t seed) { return Maker(seed).make(); }

}  // namespace azreach::oracle
