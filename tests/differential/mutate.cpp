#include "tests/differential/mutate.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace azreach::testing {

namespace {

using Json = nlohmann::json;

class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
    std::size_t below(std::size_t bound) {
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return bound == 0 ? 0 : (z ^ (z >> 31U)) % bound;
    }
    template <class T>
    void shuffle(T& list) {
        for (std::size_t i = list.size(); i > 1; --i) {
            std::swap(list[i - 1], list[below(i)]);
        }
    }

private:
    std::uint64_t state_;
};

std::string kind_of(const Json& resource) {
    const std::string id = resource.value("id", "");
    for (const char* kind :
         {"networkSecurityGroups", "routeTables", "virtualNetworks", "networkInterfaces",
          "publicIPAddresses", "loadBalancers", "natGateways", "privateEndpoints",
          "virtualNetworkGateways", "connections", "localNetworkGateways"}) {
        if (id.find("/" + std::string(kind) + "/") != std::string::npos) return kind;
    }
    return "";
}

std::vector<Json*> of_kind(Json& all, const std::string& kind) {
    std::vector<Json*> result;
    for (Json& resource : all["value"]) {
        if (kind_of(resource) == kind && resource.contains("properties")) {
            result.push_back(&resource);
        }
    }
    return result;
}

/// All elements of a list of children of all resources of a kind.
std::vector<Json*> children(Json& all, const std::string& kind, const std::string& list) {
    std::vector<Json*> result;
    for (Json* resource : of_kind(all, kind)) {
        if ((*resource)["properties"].contains(list)) {
            for (Json& child : (*resource)["properties"][list]) result.push_back(&child);
        }
    }
    return result;
}

void erase_one(Json& list, Random& random) {
    if (!list.empty()) list.erase(random.below(list.size()));
}

/// True when something changed.
bool change(Json& all, Random& random) {
    const auto one = [&](std::vector<Json*> list) -> Json* {
        return list.empty() ? nullptr : list[random.below(list.size())];
    };
    switch (random.below(16)) {
        case 0:
        case 1:
            if (Json* rule = one(children(all, "networkSecurityGroups", "securityRules"))) {
                Json& access = (*rule)["properties"]["access"];
                access = access == "Allow" ? "Deny" : "Allow";
                return true;
            }
            return false;
        case 2:
            if (Json* rule = one(children(all, "networkSecurityGroups", "securityRules"))) {
                Json& p = (*rule)["properties"];
                p.erase("destinationPortRanges");
                p["destinationPortRange"] = random.below(2) == 0 ? "22" : "*";
                return true;
            }
            return false;
        case 3:
            if (Json* rule = one(children(all, "networkSecurityGroups", "securityRules"))) {
                Json& p = (*rule)["properties"];
                for (const char* key :
                     {"sourceAddressPrefixes", "sourceApplicationSecurityGroups"}) {
                    p.erase(key);
                }
                const char* const sides[] = {"Internet", "VirtualNetwork", "*", "10.0.0.0/15",
                                             "AzureLoadBalancer"};
                p["sourceAddressPrefix"] = sides[random.below(5)];
                return true;
            }
            return false;
        case 4:
            if (Json* group = one(of_kind(all, "networkSecurityGroups"))) {
                Json& rules = (*group)["properties"]["securityRules"];
                if (!rules.empty()) {
                    erase_one(rules, random);
                    return true;
                }
            }
            return false;
        case 5:
            if (Json* group = one(of_kind(all, "networkSecurityGroups"))) {
                Json rule = {{"id", (*group)["id"].get<std::string>() + "/securityRules/more"},
                             {"name", "more"}};
                rule["properties"] = {
                    {"priority", 100 + random.below(900)},
                    {"direction", random.below(3) == 0 ? "Outbound" : "Inbound"},
                    {"access", random.below(3) == 0 ? "Deny" : "Allow"},
                    {"protocol", random.below(2) == 0 ? "Tcp" : "*"},
                    {"sourceAddressPrefix", "*"},
                    {"sourcePortRange", "*"},
                    {"destinationAddressPrefix", "*"},
                    {"destinationPortRange", random.below(2) == 0 ? "22" : "443"}};
                for (const Json& known : (*group)["properties"]["securityRules"]) {
                    if (known["name"] == "more" ||
                        (known["properties"]["priority"] == rule["properties"]["priority"] &&
                         known["properties"]["direction"] == rule["properties"]["direction"])) {
                        return false;
                    }
                }
                (*group)["properties"]["securityRules"].push_back(rule);
                return true;
            }
            return false;
        case 6:
            if (Json* table = one(of_kind(all, "routeTables"))) {
                Json& routes = (*table)["properties"]["routes"];
                if (!routes.empty()) {
                    erase_one(routes, random);
                    return true;
                }
            }
            return false;
        case 7:
            if (Json* route = one(children(all, "routeTables", "routes"))) {
                Json& p = (*route)["properties"];
                p.erase("nextHopIpAddress");
                p["nextHopType"] = random.below(2) == 0 ? "None" : "Internet";
                return true;
            }
            return false;
        case 8:
            if (Json* subnet = one(children(all, "virtualNetworks", "subnets"))) {
                return (*subnet)["properties"].erase(random.below(2) == 0 ? "networkSecurityGroup"
                                                                          : "routeTable") > 0;
            }
            return false;
        case 9: {
            Json* subnet = one(children(all, "virtualNetworks", "subnets"));
            Json* group = one(of_kind(all, "networkSecurityGroups"));
            if (subnet == nullptr || group == nullptr) return false;
            (*subnet)["properties"]["networkSecurityGroup"] = {{"id", (*group)["id"]}};
            return true;
        }
        case 10: {
            Json* subnet = one(children(all, "virtualNetworks", "subnets"));
            Json* table = one(of_kind(all, "routeTables"));
            if (subnet == nullptr || table == nullptr) return false;
            (*subnet)["properties"]["routeTable"] = {{"id", (*table)["id"]}};
            return true;
        }
        case 11:
            if (Json* peering = one(children(all, "virtualNetworks", "virtualNetworkPeerings"))) {
                Json& p = (*peering)["properties"];
                if (random.below(2) == 0) {
                    p["peeringState"] = "Disconnected";
                } else {
                    p["allowForwardedTraffic"] = !p.value("allowForwardedTraffic", false);
                }
                return true;
            }
            return false;
        case 12:
            if (Json* nic = one(of_kind(all, "networkInterfaces"))) {
                Json& p = (*nic)["properties"];
                p["enableIPForwarding"] = !p.value("enableIPForwarding", false);
                return true;
            }
            return false;
        case 13:
            if (Json* nic = one(of_kind(all, "networkInterfaces"))) {
                for (Json& config : (*nic)["properties"]["ipConfigurations"]) {
                    if (config["properties"].erase("publicIPAddress") > 0) return true;
                }
            }
            return false;
        case 14: {
            Json& list = all["value"];
            const std::size_t at = random.below(list.size());
            const std::string kind = kind_of(list[at]);
            if (kind == "virtualNetworks" || kind.empty()) return false;
            list.erase(at);
            return true;
        }
        default:
            if (Json* nic = one(of_kind(all, "networkInterfaces"))) {
                for (Json& config : (*nic)["properties"]["ipConfigurations"]) {
                    const std::string address = config["properties"].value("privateIPAddress", "");
                    if (!address.empty() && address.find(':') == std::string::npos) {
                        config["properties"]["privateIPAddress"] =
                            address.substr(0, address.rfind('.') + 1) + "9";
                        return true;
                    }
                }
            }
            return false;
    }
}

}  // namespace

std::string mutated(const std::string& arm, std::uint64_t seed, int changes) {
    Json all = Json::parse(arm);
    Random random(seed);
    for (int done = 0, tries = 0; done < changes && tries < 50; ++tries) {
        done += change(all, random) ? 1 : 0;
    }
    return all.dump();
}

std::string rewritten(const std::string& arm, std::uint64_t seed) {
    Json all = Json::parse(arm);
    Random random(seed);
    Json more = Json::array();
    for (Json& resource : all["value"]) {
        const std::string kind = kind_of(resource);
        const bool group = kind == "networkSecurityGroups";
        if (!group && kind != "routeTables") continue;
        const char* list = group ? "securityRules" : "routes";
        if (!resource.contains("properties") || !resource["properties"].contains(list)) continue;
        Json& children = resource["properties"][list];
        random.shuffle(children);
        for (std::size_t i = 0; i < children.size(); ++i) {
            Json& child = children[i];
            const Json prefix = child["properties"].value("sourceAddressPrefix", Json());
            if (group && prefix == "10.0.0.0/15") {
                child["properties"].erase("sourceAddressPrefix");
                child["properties"]["sourceAddressPrefixes"] =
                    Json::array({"10.1.0.0/16", "10.0.0.0/16"});
            }
        }
        if (!children.empty() && random.below(2) == 0) {  // one child on its own
            Json child = children.back();
            children.erase(children.size() - 1);
            child["id"] = resource["id"].get<std::string>() + "/" + list + "/" +
                          child["name"].get<std::string>();
            child["type"] = std::string("Microsoft.Network/") + kind + "/" + list;
            more.push_back(child);
        }
        if (group && !children.empty()) {
            std::string name = children[0]["name"];
            name += "-renamed";
            children[0]["name"] = name;
            children[0]["id"] = resource["id"].get<std::string>() + "/securityRules/" + name;
        }
    }
    for (const Json& child : more) all["value"].push_back(child);
    random.shuffle(all["value"]);
    return all.dump();
}

}  // namespace azreach::testing
