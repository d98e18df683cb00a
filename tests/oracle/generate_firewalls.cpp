// Generated networks with Azure Firewalls: those of generate(), with firewalls put into their hubs,
// routes that lead through them, and packets that meet their rules.
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "tests/oracle/generate.hpp"

namespace azreach::oracle {

namespace {

using Json = nlohmann::json;

const std::string kNet = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/";

Json to(const std::string& id) { return {{"id", id}}; }

class Adder {
public:
    Adder(std::uint64_t seed, Generated base)
        : random_(seed * 7919 + 13), result_(std::move(base)), list_(Json::parse(result_.arm)) {}

    Generated make() {
        for (const Json& resource : list_["value"]) {
            const std::string type = resource["type"];
            if (type == "Microsoft.Network/virtualNetworks") ++vnets_;
            if (type == "Microsoft.Network/networkInterfaces") {
                const Json& c = resource["properties"]["ipConfigurations"][0]["properties"];
                nics_.emplace_back(resource["id"].get<std::string>(),
                                   c["privateIPAddress"].get<std::string>());
            }
            if (type == "Microsoft.Network/publicIPAddresses") {
                publics_.push_back(resource["properties"]["ipAddress"]);
            }
        }
        ip_groups();
        firewall(0);
        if (vnets_ > 1 && chance(30)) firewall(1);
        routes();
        questions();
        assumptions();
        result_.arm = list_.dump(1);
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
    void add(Json resource) { list_["value"].push_back(std::move(resource)); }
    Json& vnet(int v) {
        for (Json& resource : list_["value"]) {
            if (resource["id"] == kNet + "virtualNetworks/v" + std::to_string(v)) return resource;
        }
        throw std::logic_error("no such network");
    }

    void ip_groups() {
        for (const char* name : {"ig0", "ig1"}) {
            Json addresses = Json::array();
            const int count = pick(1, 3);
            for (int i = 0; i < count; ++i) addresses.push_back(address());
            add({{"id", kNet + "ipGroups/" + name},
                 {"name", name},
                 {"type", "Microsoft.Network/ipGroups"},
                 {"properties", {{"ipAddresses", addresses}}}});
        }
    }

    std::string address() {
        const std::string v = std::to_string(pick(0, 3));
        switch (pick(0, 8)) {
            case 0:
                return "10." + v + ".0.0/16";
            case 1:
                return "10." + v + "." + std::to_string(pick(1, 2)) + ".0/24";
            case 2:
            case 3:
                return one(nics_).second;
            case 4:
                return "10." + v + ".1.4-10." + v + ".1.6";
            case 5:
                return "8.8.8.0/24";
            case 6:
                return "172.16.0.0/16";
            case 7:
                return "10.0.0.0/8";
            default:
                return "20.0.0.0/16";
        }
    }

    void source(Json& rule) {
        switch (pick(0, 5)) {
            case 0:
            case 1:
            case 2:
                rule["sourceAddresses"] = Json::array({"*"});
                break;
            case 3:
                rule["sourceIpGroups"] = Json::array({group()});
                break;
            default:
                rule["sourceAddresses"] = Json::array({address(), address()});
        }
        if (chance(2)) {  // nothing is said
            rule.erase("sourceAddresses");
            rule.erase("sourceIpGroups");
        }
    }
    std::string group() {
        return kNet + "ipGroups/" +
               (chance(94) ? "ig" + std::to_string(pick(0, 1)) : std::string("unread"));
    }
    Json ports() {
        static const std::vector<std::string> kPorts = {"*",   "*",         "22",   "80",
                                                        "443", "1000-2000", "22-80"};
        return Json::array({one(kPorts)});
    }
    Json protocols() {
        static const std::vector<std::vector<std::string>> kProtocols = {
            {"TCP"}, {"TCP"}, {"UDP"}, {"Any"}, {"Any"}, {"ICMP"}, {"TCP", "UDP"}};
        return Json(one(kProtocols));
    }

    Json network_rule(bool policy) {
        Json rule = {{"name", "n" + std::to_string(serial_++)}};
        if (chance(25)) {
            rule["sourceAddresses"] = Json::array({"*"});
            rule[policy ? "ipProtocols" : "protocols"] = Json::array({"Any"});
            rule["destinationPorts"] = Json::array({"*"});
            rule["destinationAddresses"] = Json::array({chance(50) ? "*" : "10.0.0.0/8"});
            return rule;
        }
        source(rule);
        rule[policy ? "ipProtocols" : "protocols"] = protocols();
        rule["destinationPorts"] = ports();
        switch (pick(0, 7)) {
            case 0:
            case 1:
                rule["destinationAddresses"] = Json::array({"*"});
                break;
            case 2:
                rule["destinationIpGroups"] = Json::array({group()});
                break;
            case 3: {
                static const std::vector<std::string> kTags = {"Storage", "Sql"};
                rule["destinationAddresses"] = Json::array({one(kTags), address()});
                break;
            }
            case 4:
                rule["destinationFqdns"] =
                    Json::array({chance(70) ? "www.example.com" : "other.example.com"});
                break;
            default:
                rule["destinationAddresses"] = Json::array({address(), address()});
        }
        return rule;
    }

    Json application_rule() {
        Json rule = {{"name", "a" + std::to_string(serial_++)}};
        source(rule);
        static const std::vector<std::pair<const char*, int>> kKinds = {
            {"Https", 443}, {"Https", 443}, {"Http", 80}, {"Https", 1000}, {"Mssql", 1433}};
        rule["protocols"] = Json::array();
        const int count = pick(1, 2);
        for (int i = 0; i < count; ++i) {
            const auto& [kind, port] = one(kKinds);
            rule["protocols"].push_back({{"protocolType", kind}, {"port", port}});
        }
        static const std::vector<std::string> kNames = {"*", "*.example.com", "www.example.com",
                                                        "*.windowsupdate.com"};
        rule["targetFqdns"] = Json::array({one(kNames)});
        if (chance(10)) rule["terminateTLS"] = true;
        if (chance(10)) rule["destinationAddresses"] = Json::array({address()});
        return rule;
    }

    Json nat_rule(bool policy, int v) {
        Json rule = {{"name", "d" + std::to_string(serial_++)}};
        source(rule);
        rule[policy ? "ipProtocols" : "protocols"] =
            chance(80) ? Json::array({"TCP"}) : Json::array({"TCP", "UDP"});
        static const std::vector<std::string> kPorts = {"22", "80", "443", "1000", "2000"};
        rule["destinationPorts"] = Json::array({one(kPorts)});
        const std::string own = "20.8." + std::to_string(v) + ".1";
        const int where = pick(0, 9);
        rule["destinationAddresses"] =
            Json::array({where < 7   ? own
                         : where < 9 ? "10." + std::to_string(v) + ".254.4"
                                     : address()});
        const int target = pick(0, 9);
        if (target == 0 && !publics_.empty()) {
            rule["translatedAddress"] = one(publics_);
        } else if (target == 1 && chance(50)) {
            rule["translatedFqdn"] = chance(50) ? "www.example.com" : "other.example.com";
        } else {
            rule["translatedAddress"] = one(nics_).second;
        }
        rule["translatedPort"] = one(kPorts);
        published_.emplace_back(rule["destinationAddresses"][0], rule["destinationPorts"][0]);
        return rule;
    }

    Json collection(bool policy, int kind, int v) {
        static const std::vector<int> kPriorities = {100, 200, 300, 300, 400};
        const std::string name = "c" + std::to_string(serial_++);
        Json rules = Json::array();
        const int count = pick(1, 3);
        for (int i = 0; i < count; ++i) {
            Json rule = kind == 0   ? nat_rule(policy, v)
                        : kind == 1 ? network_rule(policy)
                                    : application_rule();
            if (policy) {
                rule["ruleType"] = kind == 0   ? "NatRule"
                                   : kind == 1 ? "NetworkRule"
                                               : "ApplicationRule";
            }
            rules.push_back(std::move(rule));
        }
        const std::string action = kind == 0    ? (policy ? "DNAT" : "Dnat")
                                   : chance(75) ? "Allow"
                                                : "Deny";
        Json inner = {
            {"priority", one(kPriorities)}, {"action", {{"type", action}}}, {"rules", rules}};
        if (!policy) return {{"name", name}, {"properties", inner}};
        inner["name"] = name;
        inner["ruleCollectionType"] =
            kind == 0 ? "FirewallPolicyNatRuleCollection" : "FirewallPolicyFilterRuleCollection";
        return inner;
    }
    int kind() {
        static const std::vector<int> kKinds = {0, 1, 1, 1, 2};
        return one(kKinds);
    }

    Json ranges() {
        static const std::vector<std::vector<std::string>> kRanges = {{"IANAPrivateRanges"},
                                                                      {"10.0.0.0/8"},
                                                                      {"255.255.255.255/32"},
                                                                      {"0.0.0.0/0"},
                                                                      {"10.1.0.0/16"}};
        return Json(one(kRanges));
    }

    std::string policy(const std::string& name, const std::string& base, int v) {
        const std::string id = kNet + "firewallPolicies/" + name;
        Json p = Json::object();
        p["sku"]["tier"] = chance(30) ? "Premium" : "Standard";
        if (!base.empty()) p["basePolicy"] = to(base);
        if (chance(35)) p["snat"]["privateRanges"] = ranges();
        if (chance(6)) p["snat"]["autoLearnPrivateRanges"] = "Enabled";
        if (chance(8)) p["threatIntelMode"] = "Deny";
        if (chance(8)) p["threatIntelWhitelist"]["ipAddresses"] = Json::array({one(nics_).second});
        if (chance(10)) p["intrusionDetection"]["mode"] = "Deny";
        if (chance(25)) p["dnsSettings"]["enableProxy"] = true;
        if (chance(15)) p["explicitProxy"] = {{"enableExplicitProxy", true}, {"httpPort", 1000}};
        if (chance(20)) p["sql"]["allowSqlRedirect"] = true;
        const int groups = pick(1, 2);
        p["ruleCollectionGroups"] = Json::array();
        for (int g = 0; g < groups; ++g) {
            const std::string group = id + "/ruleCollectionGroups/g" + std::to_string(g);
            Json inner = {{"priority", chance(85) ? 100 + 100 * g : 100}};
            inner["ruleCollections"] = Json::array();
            const int count = pick(1, 4);
            for (int c = 0; c < count; ++c) {
                inner["ruleCollections"].push_back(collection(true, kind(), v));
            }
            Json resource = {{"id", group},
                             {"name", "g" + std::to_string(g)},
                             {"type", "Microsoft.Network/firewallPolicies/ruleCollectionGroups"},
                             {"properties", inner}};
            if (chance(15)) {
                p["ruleCollectionGroups"].push_back(resource);
            } else {
                p["ruleCollectionGroups"].push_back(to(group));
                if (chance(98)) add(resource);
            }
        }
        add({{"id", id},
             {"name", name},
             {"type", "Microsoft.Network/firewallPolicies"},
             {"properties", p}});
        return id;
    }

    void firewall(int v) {
        const std::string name = "fw" + std::to_string(v);
        const std::string id = kNet + "azureFirewalls/" + name;
        const std::string subnet =
            kNet + "virtualNetworks/v" + std::to_string(v) + "/subnets/AzureFirewallSubnet";
        Json own = {{"id", subnet},
                    {"name", "AzureFirewallSubnet"},
                    {"properties", {{"addressPrefix", "10." + std::to_string(v) + ".254.0/29"}}}};
        if (chance(20)) own["properties"]["routeTable"] = to(kNet + "routeTables/rt-" + name);
        if (v == 0 && chance(10)) {
            own["properties"]["natGateway"] = to(kNet + "natGateways/nat-fw");
            add({{"id", kNet + "publicIPAddresses/pnat-fw"},
                 {"name", "pnat-fw"},
                 {"type", "Microsoft.Network/publicIPAddresses"},
                 {"sku", {{"name", "Standard"}}},
                 {"properties",
                  {{"ipAddress", "20.8.9.1"}, {"natGateway", to(kNet + "natGateways/nat-fw")}}}});
            add({{"id", kNet + "natGateways/nat-fw"},
                 {"name", "nat-fw"},
                 {"type", "Microsoft.Network/natGateways"},
                 {"properties",
                  {{"publicIpAddresses", Json::array({to(kNet + "publicIPAddresses/pnat-fw")})}}}});
        }
        vnet(v)["properties"]["subnets"].push_back(own);
        Json p = {{"sku", {{"name", "AZFW_VNet"}, {"tier", chance(30) ? "Premium" : "Standard"}}}};
        p["ipConfigurations"] = Json::array();
        if (chance(95)) {
            Json c = {{"name", "c"}, {"id", id + "/azureFirewallIpConfigurations/c"}};
            c["properties"]["privateIPAddress"] = "10." + std::to_string(v) + ".254.4";
            c["properties"]["subnet"] = to(subnet);
            if (chance(92)) {
                const std::string ip = kNet + "publicIPAddresses/p" + name;
                const std::string address = "20.8." + std::to_string(v) + ".1";
                c["properties"]["publicIPAddress"] = to(ip);
                add({{"id", ip},
                     {"name", "p" + name},
                     {"type", "Microsoft.Network/publicIPAddresses"},
                     {"sku", {{"name", "Standard"}}},
                     {"properties", {{"ipAddress", address}, {"ipConfiguration", to(c["id"])}}}});
                entries_.push_back(address);
            }
            p["ipConfigurations"].push_back(c);
            hops_.push_back("10." + std::to_string(v) + ".254.4");
        } else {
            hops_.push_back("10." + std::to_string(v) + ".254.4");
        }
        const int mode = pick(0, 19);
        if (mode < 14) {
            std::string base;
            if (chance(45)) base = policy("base-" + name, "", v);
            if (chance(3)) base = kNet + "firewallPolicies/unread";
            p["firewallPolicy"] = to(policy("policy-" + name, base, v));
        } else if (mode == 14) {
            p["firewallPolicy"] = to(kNet + "firewallPolicies/unread");
        }
        if (mode > 14 || mode == 0) {
            static const char* const kKeys[] = {"natRuleCollections", "networkRuleCollections",
                                                "applicationRuleCollections"};
            for (int k = 0; k < 3; ++k) {
                p[kKeys[k]] = Json::array();
                const int count = mode == 19 ? 0 : pick(0, 2);
                for (int c = 0; c < count; ++c) p[kKeys[k]].push_back(collection(false, k, v));
            }
            if (chance(30)) {
                p["additionalProperties"]["Network.SNAT.PrivateRanges"] =
                    "10.0.0.0/8, 172.16.0.0/12";
            }
            if (chance(10)) p["threatIntelMode"] = "Deny";
        }
        add({{"id", id},
             {"name", name},
             {"type", "Microsoft.Network/azureFirewalls"},
             {"location", "westeurope"},
             {"properties", p}});
    }

    Json route(const std::string& prefix, const std::string& hop, int number) {
        Json result = {{"name", "r" + std::to_string(number)},
                       {"properties", {{"addressPrefix", prefix}}}};
        if (hop.find('.') != std::string::npos) {
            result["properties"]["nextHopType"] = "VirtualAppliance";
            result["properties"]["nextHopIpAddress"] = hop;
        } else {
            result["properties"]["nextHopType"] = hop;
        }
        return result;
    }

    void routes() {
        // The tables that lead to the firewalls, and those of the firewalls' own subnets.
        for (int t = 0; t < 2; ++t) {
            const std::string id = kNet + "routeTables/rt-to-" + std::to_string(t);
            Json table = {{"id", id},
                          {"name", "rt-to-" + std::to_string(t)},
                          {"type", "Microsoft.Network/routeTables"}};
            table["properties"]["routes"] = Json::array();
            std::set<std::string> used;
            const int count = pick(1, 4);
            for (int r = 0; r < count; ++r) {
                static const std::vector<std::string> kPrefixes = {
                    "0.0.0.0/0",   "0.0.0.0/0",   "10.0.0.0/8",    "10.0.0.0/16", "10.1.0.0/16",
                    "10.2.0.0/16", "10.1.1.0/24", "172.16.0.0/12", "8.8.8.0/24",  "20.0.0.0/8"};
                const std::string prefix = one(kPrefixes);
                if (!used.insert(prefix).second) continue;
                table["properties"]["routes"].push_back(
                    route(prefix, chance(92) ? one(hops_) : one(nics_).second, r));
            }
            add(table);
        }
        for (int v = 0; v < 2; ++v) {
            Json table = {{"id", kNet + "routeTables/rt-fw" + std::to_string(v)},
                          {"name", "rt-fw" + std::to_string(v)},
                          {"type", "Microsoft.Network/routeTables"}};
            table["properties"]["routes"] = Json::array();
            static const std::vector<std::string> kHops = {"Internet", "VirtualNetworkGateway",
                                                           "None", "10.0.1.4", "10.1.254.4"};
            table["properties"]["routes"].push_back(
                route(chance(60) ? "0.0.0.0/0" : "10.2.0.0/16", one(kHops), 0));
            add(table);
        }
        const auto attach = [&](Json& subnet) {
            const std::string name = subnet["name"];
            if (name == "AzureFirewallSubnet") return;
            if (subnet["properties"].contains("routeTable") && !chance(60)) return;
            if (chance(70)) {
                subnet["properties"]["routeTable"] =
                    to(kNet + "routeTables/rt-to-" + std::to_string(pick(0, 1)));
            }
        };
        for (Json& resource : list_["value"]) {
            if (resource["type"] == "Microsoft.Network/virtualNetworks") {
                for (Json& subnet : resource["properties"]["subnets"]) attach(subnet);
            } else if (resource["type"] == "Microsoft.Network/virtualNetworks/subnets") {
                attach(resource);
            }
        }
    }

    Service service() {
        static const std::vector<int> kPorts = {22,   80, 443, 1000, 2000, 1433,
                                                1500, 21, 53,  443,  80,   11001};
        switch (pick(0, 11)) {
            case 0:
                return {kIcmp, 8, 0};
            case 1:
                return {kUdp, 49152, static_cast<std::uint16_t>(one(kPorts))};
            case 2:
                return {kEsp, 0, 0};
            default:
                return {kTcp, 49152, static_cast<std::uint16_t>(one(kPorts))};
        }
    }

    void questions() {
        std::vector<std::string> targets;
        for (const auto& [id, address] : nics_) {
            targets.push_back(address);
            targets.push_back(address);
        }
        for (const std::string& address : publics_) targets.push_back(address);
        for (const std::string& address : entries_) targets.push_back(address);
        for (const std::string& hop : hops_) targets.push_back(hop);
        for (const char* fixed : {"8.8.8.8", "8.8.8.8", "172.16.5.5", "10.0.254.5", "10.0.254.1",
                                  "20.60.1.7", "40.70.0.1", "20.8.9.1"}) {
            targets.emplace_back(fixed);
        }
        result_.questions.resize(std::min<std::size_t>(result_.questions.size(), 10));
        for (int q = 0; q < 34; ++q) {
            Question question;
            question.packet.service = service();
            const int from = pick(0, 9);
            if (from < 7) {
                const auto& [id, address] = one(nics_);
                question.from.kind = Start::Kind::nic;
                question.from.nic = ResourceId(id);
                question.packet.src = *parse_address(address);
                question.packet.dst = *parse_address(one(targets));
            } else if (from < 9) {
                question.from.kind = Start::Kind::internet;
                question.packet.src = *parse_address(chance(50) ? "8.8.8.9" : "20.60.1.9");
                question.packet.dst =
                    *parse_address(!entries_.empty() && chance(80) ? one(entries_) : one(targets));
            } else {
                question.from.kind = Start::Kind::onprem;
                question.packet.src = *parse_address("172.16.7.7");
                question.packet.dst = *parse_address(one(targets));
            }
            if (!published_.empty() && chance(25)) {
                const auto& [address, port] = one(published_);
                if (const auto parsed = parse_address(address)) {
                    question.packet.dst = *parsed;
                    question.packet.service = {kTcp, 49152,
                                               static_cast<std::uint16_t>(std::stoi(port))};
                }
            }
            result_.questions.push_back(question);
        }
    }

    void assumptions() {
        static const std::vector<std::string> kAssume = {"dnat-ignores-network-deny=no",
                                                         "dnat-transit-allow=yes",
                                                         "app-rule-name-matches=no",
                                                         "app-rule-https-any-destination=yes",
                                                         "infrastructure-names-match=yes",
                                                         "parent-nat-inherited=no",
                                                         "threat-intel=blocks",
                                                         "idps=blocks",
                                                         "policy-replaces-classic-rules=no",
                                                         "child-ranges-replace-parents=no",
                                                         "fqdn:www.example.com=8.8.8.8",
                                                         "fqdn:www.example.com=10.1.1.4"};
        for (const std::string& statement : kAssume) {
            if (chance(12)) result_.assume.push_back(statement);
        }
    }

    std::mt19937_64 random_;
    Generated result_;
    Json list_;
    int vnets_ = 0, serial_ = 0;
    std::vector<std::pair<std::string, std::string>> nics_;  // id, address
    std::vector<std::string> publics_, entries_, hops_;
    std::vector<std::pair<std::string, std::string>> published_;  // address, port
};

}  // namespace

Generated generate_with_firewalls(std::uint64_t seed) { return Adder(seed, generate(seed)).make(); }

}  // namespace azreach::oracle
