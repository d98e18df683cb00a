#include "src/snapshot/redact.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "models/azure/resource_id.hpp"
#include "src/arm/json_scan.hpp"
#include "src/arm/recognise.hpp"
#include "src/snapshot/address_map.hpp"

namespace azreach {

namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Names that Azure gives a meaning, or makes itself.
constexpr std::string_view kMeaningfulNames[] = {
    "GatewaySubnet",
    "AzureBastionSubnet",
    "AzureFirewallSubnet",
    "AzureFirewallManagementSubnet",
    "RouteServerSubnet",
    "default",
    "defaultRouteTable",
    "noneRouteTable",
    "AllowVnetInBound",
    "AllowAzureLoadBalancerInBound",
    "DenyAllInBound",
    "AllowVnetOutBound",
    "AllowInternetOutBound",
    "DenyAllOutBound",
    "@",
    "*",
    "web",
    "current",
    "AzureServices",
    "AllowAllWindowsAzureIps",
    "AllowAllAzureServicesAndResourcesWithinAzureIps_",
    "master",
};

/// Labels of DNS names that are Azure's, or nobody's.
constexpr std::string_view kPublicLabels[] = {
    "com",
    "net",
    "org",
    "io",
    "cn",
    "us",
    "ms",
    "local",
    "internal",
    "arpa",
    "in-addr",
    "ip6",
    "azure",
    "windows",
    "core",
    "privatelink",
    "blob",
    "file",
    "queue",
    "table",
    "web",
    "dfs",
    "database",
    "vault",
    "vaultcore",
    "managedhsm",
    "azurewebsites",
    "scm",
    "azurecr",
    "azmk8s",
    "azconfig",
    "servicebus",
    "search",
    "cognitiveservices",
    "openai",
    "services",
    "ai",
    "redis",
    "cache",
    "redisenterprise",
    "documents",
    "mongo",
    "cassandra",
    "gremlin",
    "postgres",
    "mysql",
    "mariadb",
    "sql",
    "dev",
    "azuresynapse",
    "eventgrid",
    "azure-devices",
    "signalr",
    "webpubsub",
    "cloudapp",
    "azurefd",
    "azureedge",
    "trafficmanager",
    "microsoft",
    "microsoftonline",
    "azure-api",
    "azurecontainerapps",
};

/// Members whose text is a word of Azure's, or a list of such.
constexpr std::string_view kWords[] = {
    "type",
    "location",
    "kind",
    "tier",
    "family",
    "size",
    "direction",
    "access",
    "protocol",
    "protocols",
    "protocolType",
    "ipProtocols",
    "provisioningState",
    "peeringState",
    "peeringSyncLevel",
    "nextHopType",
    "privateEndpointNetworkPolicies",
    "privateLinkServiceNetworkPolicies",
    "publicIPAddressVersion",
    "publicIPAllocationMethod",
    "privateIPAllocationMethod",
    "privateIPAddressVersion",
    "orchestrationMode",
    "connectionType",
    "connectionStatus",
    "connectionMode",
    "connectionProtocol",
    "gatewayType",
    "vpnType",
    "connectivityTopology",
    "groupConnectivity",
    "isGlobal",
    "useHubGateway",
    "addressPrefixType",
    "service",
    "services",
    "serviceName",
    "locations",
    "groupId",
    "groupIds",
    "memberName",
    "status",
    "state",
    "resourceType",
    "memberType",
    "membershipType",
    "actions",
    "loadDistribution",
    "mode",
    "threatIntelMode",
    "ruleCollectionType",
    "ruleType",
    "fqdnTags",
    "webCategories",
    "defaultAction",
    "bypass",
    "publicNetworkAccess",
    "networkAclBypass",
    "networkRuleBypassOptions",
    "minimumTlsVersion",
    "source",
    "adminState",
    "resolutionPolicy",
    "virtualNetworkLinkState",
    "forwardingRuleState",
    "registrationState",
    "accessMode",
    "hasProvisioningIssues",
    "sourcePortRange",
    "sourcePortRanges",
    "destinationPortRange",
    "destinationPortRanges",
    "destinationPorts",
    "sourcePorts",
    "ports",
    "port",
    "translatedPort",
    "sourceAddressPrefix",
    "sourceAddressPrefixes",
    "destinationAddressPrefix",
    "destinationAddressPrefixes",
    "addressPrefix",
    "addressPrefixes",
    "sourceAddresses",
    "destinationAddresses",
    "serviceTags",
    "serviceTag",
    "cloud",
    "region",
    "platform",
    "systemService",
    "changeNumber",
    "action",
    "retiredOn",
    "apiVersion",
    "count",
    "totalRecords",
    "resultTruncated",
    "total_records",
    "internalLoadBalancingMode",
    "virtualNetworkType",
    "zoneType",
    "networkManagerScopeAccesses",
    "applyOnNetworkIntentPolicyBasedServices",
    "deleteExistingPeering",
    "connectivityCapabilities",
    "connectedGroupAddressOverlap",
    "recordType",
    "privateAccess",
    "ipConfigurationMode",
    "allocationMethod",
    "routingState",
    "hubRoutingPreference",
    "skuName",
    "collectedAt",
    "finishedAt",
    "script",
};

/// Members that are left out.
constexpr std::string_view kDropped[] = {
    "tags",           "identity",
    "description",    "displayName",
    "etag",           "systemData",
    "createdBy",      "createdByType",
    "lastModifiedBy", "createdAt",
    "lastModifiedAt", "createdTime",
    "changedTime",    "plan",
    "metadata",       "resourceGuid",
    "macAddress",     "internalDomainNameSuffix",
    "computerName",   "error",
    "email",          "publisher",
    "notes",          "comment",
    "hidden-link",    "extended_location",
};

/// Members whose text is a DNS name or a part of one.
constexpr std::string_view kDnsKeys[] = {
    "fqdn",
    "fqdns",
    "cname",
    "domainNameLabel",
    "domainName",
    "reverseFqdn",
    "targetFqdns",
    "destinationFqdns",
    "targetUrls",
    "recordSetName",
    "hostName",
    "hostNames",
    "defaultHostName",
    "enabledHostNames",
    "fullyQualifiedDomainName",
    "fullyQualifiedDomainNames",
    "translatedFqdn",
    "privateFqdn",
    "internalDnsNameLabel",
    "internalFqdn",
};

/// Members whose text names resources or parts of them.
constexpr std::string_view kNameKeys[] = {
    "name",         "resourceGroup",     "subscriptionId",
    "tenantId",     "localSubnetNames",  "remoteSubnetNames",
    "resourceName", "resourceGroupName", "subnetName",
    "ruleName",     "collectionName",    "displayId",
    "homeTenantId", "networkGroupName",
};

template <class List>
bool is_one_of(const List& list, std::string_view key) {
    return std::any_of(std::begin(list), std::end(list),
                       [&](std::string_view one) { return equal_ignoring_case(one, key); });
}

std::string folded(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

/// "10.0.0.4-10.0.0.9"
std::optional<std::pair<Address, Address>> range_of(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto low = parse_address(text.substr(0, dash));
    const auto high = parse_address(text.substr(dash + 1));
    if (!low || !high || low->family != high->family) {
        return std::nullopt;
    }
    return std::pair(*low, *high);
}

/// The smallest block with both in it, if the range does not fill it.
std::optional<Prefix> block_around(const Address& low, const Address& high) {
    const int size = width(low.family);
    int length = size;
    while (length > 0 && !Prefix::of(low, length)->contains(high)) {
        --length;
    }
    const Prefix block = *Prefix::of(low, length);
    return block.first() == low && block.last() == high ? std::nullopt : std::optional(block);
}

std::vector<std::string_view> parts_of(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(at, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

class Names {
public:
    /// The new name of something that is called `old`; `kind` only where it is new.
    std::string operator()(std::string_view old, std::string_view kind) {
        if (old.empty() || is_one_of(kMeaningfulNames, old)) {
            return std::string(old);
        }
        const auto [known, fresh] = names_.try_emplace(folded(old));
        if (fresh) {
            known->second = old.find('.') != std::string_view::npos ? dns(old) : next(kind);
        }
        return known->second;
    }

    std::string subscription(std::string_view old) {
        const auto [known, fresh] = names_.try_emplace(folded(old));
        if (fresh) {
            const std::string number = std::to_string(++counts_["subscription"]);
            known->second = "00000000-0000-0000-0000-" +
                            std::string(12 - std::min<std::size_t>(12, number.size()), '0') +
                            number;
        }
        return known->second;
    }

    /// Label by label; "*" and Azure's own labels stay.
    std::string dns(std::string_view old) {
        std::string result;
        for (const std::string_view label : parts_of(old, '.')) {
            result += result.empty() ? "" : ".";
            result += label.empty() || label == "*" || is_one_of(kPublicLabels, label) ||
                              locations_.contains(folded(label))
                          ? std::string(label)
                          : (*this)(label, "name");
        }
        return result;
    }

    void location(std::string_view text) { locations_.insert(folded(text)); }
    const std::map<std::string, std::string>& all() const { return names_; }

private:
    /// "virtualNetworks" -> "virtualnetwork-1"
    std::string next(std::string_view kind) {
        std::string word = folded(kind);
        if (word.size() > 3 && word.ends_with("ies")) {
            word.replace(word.size() - 3, 3, "y");
        } else if (word.size() > 1 && word.ends_with('s') && !word.ends_with("ss")) {
            word.pop_back();
        }
        if (word.empty()) {
            word = "name";
        }
        return word + "-" + std::to_string(++counts_[word]);
    }

    std::map<std::string, std::string> names_;  // old in lower case -> new
    std::map<std::string, int> counts_;
    std::set<std::string> locations_;
};

/// What has to be known before the first address is mapped.
struct Survey {
    std::vector<Prefix> boundaries, frozen;

    void look(element value, std::string_view key, bool in_subnet, Names& names) {
        object members;
        array items;
        std::string_view text;
        if (value.get(members) == simdjson::SUCCESS) {
            std::optional<Address> low;
            std::optional<Address> high;
            std::string_view type;
            for (const auto field : members) {
                std::string_view inner;
                if (field.value.get(inner) == simdjson::SUCCESS) {
                    if (equal_ignoring_case(field.key, "startIpAddress") ||
                        equal_ignoring_case(field.key, "startIP")) {
                        low = parse_address(inner);
                    } else if (equal_ignoring_case(field.key, "endIpAddress") ||
                               equal_ignoring_case(field.key, "endIP")) {
                        high = parse_address(inner);
                    } else if (equal_ignoring_case(field.key, "location")) {
                        names.location(inner);
                    } else if (equal_ignoring_case(field.key, "type")) {
                        type = inner;
                    }
                }
            }
            if (low && high) {
                freeze(*low, *high);
            }
            const bool subnet = in_subnet || folded(type).ends_with("virtualnetworks/subnets");
            for (const auto field : members) {
                look(field.value, field.key, subnet || equal_ignoring_case(field.key, "subnets"),
                     names);
            }
        } else if (value.get(items) == simdjson::SUCCESS) {
            for (const element item : items) {
                look(item, key, in_subnet, names);
            }
        } else if (value.get(text) == simdjson::SUCCESS) {
            if (in_subnet && (equal_ignoring_case(key, "addressPrefix") ||
                              equal_ignoring_case(key, "addressPrefixes"))) {
                if (const auto prefix = parse_prefix(text)) {
                    frozen.push_back(prefix->prefix);
                }
            } else if (const auto range = range_of(text)) {
                freeze(range->first, range->second);
            }
        }
    }

    void tags(element document) {
        array values;
        if (document["values"].get(values) != simdjson::SUCCESS) {
            return;
        }
        for (const element value : values) {
            array prefixes;
            if (value["properties"]["addressPrefixes"].get(prefixes) != simdjson::SUCCESS) {
                continue;
            }
            for (const element prefix : prefixes) {
                std::string_view text;
                if (prefix.get(text) == simdjson::SUCCESS) {
                    if (const auto parsed = parse_prefix(text)) {
                        boundaries.push_back(parsed->prefix);
                    }
                }
            }
        }
    }

private:
    void freeze(const Address& low, const Address& high) {
        if (low.family == high.family && low <= high) {
            if (const auto block = block_around(low, high)) {
                frozen.push_back(*block);
            }
        }
    }
};

class Redactor {
public:
    Redactor(const AddressMap& addresses, Names& names) : addresses_(addresses), names_(names) {}

    void write(element value, std::string_view key, bool in_sku, std::string& out) {
        object members;
        array items;
        std::string_view text;
        if (value.get(members) == simdjson::SUCCESS) {
            out += '{';
            bool first = true;
            for (const auto field : members) {
                std::string inner;
                write(field.value, field.key, equal_ignoring_case(key, "sku"), inner);
                const std::string name = key_of(field.key, key);
                if (inner.empty() || name.empty() || is_one_of(kDropped, field.key) ||
                    names_a_secret(field.key)) {
                    continue;
                }
                out += first ? "" : ",";
                first = false;
                write_text(name, out);
                out += ':';
                out += inner;
            }
            out += '}';
        } else if (value.get(items) == simdjson::SUCCESS) {
            out += '[';
            bool first = true;
            for (const element item : items) {
                std::string inner;
                write(item, key, in_sku, inner);
                if (!inner.empty()) {
                    out += first ? "" : ",";
                    first = false;
                    out += inner;
                }
            }
            out += ']';
        } else if (value.get(text) == simdjson::SUCCESS) {
            if (const auto redacted = text_of(text, key, in_sku)) {
                write_text(*redacted, out);
            }
        } else {
            out += simdjson::minify(value);
        }
    }

    const std::map<std::string, std::string>& ids() const { return ids_; }

private:
    /// Keys are Azure's, but for maps from names and ids.
    std::string key_of(std::string_view key, std::string_view around) {
        if (equal_ignoring_case(around, "tagMap")) {
            return std::string(key);
        }
        const bool plain = key.size() < 60 && std::all_of(key.begin(), key.end(), [](char c) {
                               return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                                      c == '$' || c == '_' || c == '.' || c == '@';
                           });
        return plain ? std::string(key) : std::string();
    }

    std::optional<std::string> address_of(std::string_view text) const {
        if (const auto prefix = parse_prefix(text)) {
            const std::size_t slash = text.find('/');
            if (slash == std::string_view::npos) {
                return to_string(addresses_(prefix->prefix.first()));
            }
            // Host bits that somebody wrote stay.
            const auto written = parse_address(text.substr(0, slash));
            const Address mapped = addresses_.first_bits(
                written ? *written : prefix->prefix.first(), prefix->prefix.length());
            return to_string(mapped) + std::string(text.substr(slash));
        }
        if (const auto range = range_of(text)) {
            return to_string(addresses_(range->first)) + "-" + to_string(addresses_(range->second));
        }
        return std::nullopt;
    }

    static bool is_number_list(std::string_view text) {
        return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= '0' && c <= '9') || c == '-' || c == ',' || c == '*' || c == ' ';
        });
    }

    std::string id_of(std::string_view id) {
        std::string result;
        const std::vector<std::string_view> parts = parts_of(id, '/');
        bool type_next = false;
        std::string_view type;
        for (std::size_t i = 1; i < parts.size(); ++i) {
            const std::string_view part = parts[i];
            const std::string_view before = parts[i - 1];
            result += '/';
            if (equal_ignoring_case(before, "subscriptions")) {
                result += names_.subscription(part);
            } else if (equal_ignoring_case(before, "resourceGroups")) {
                result += names_(part, "rg");
            } else if (equal_ignoring_case(before, "providers")) {
                result += part;
                type_next = true;
                type = {};
            } else if (equal_ignoring_case(part, "subscriptions") ||
                       equal_ignoring_case(part, "resourceGroups") ||
                       equal_ignoring_case(part, "providers") ||
                       equal_ignoring_case(part, "tenants")) {
                result += part;
            } else if (type_next) {
                result += part;
                type = part;
                type_next = false;
            } else if (!type.empty()) {
                result += names_(part, type);
                type_next = true;
            } else {
                result += names_(part, "name");
            }
        }
        ids_[folded(id)] = result;
        return result;
    }

    std::optional<std::string> text_of(std::string_view text, std::string_view key, bool in_sku) {
        if (text.empty() || text == "*") {
            return std::string(text);
        }
        if (text.front() == '/' && text.size() > 1) {
            return id_of(text);
        }
        if (equal_ignoring_case(key, "skip_token") || equal_ignoring_case(key, "$skipToken") ||
            equal_ignoring_case(key, "nextLink")) {
            return "next";
        }
        if (const auto address = address_of(text)) {
            return address;
        }
        if (text.find(',') != std::string_view::npos) {
            std::string list;
            for (const std::string_view part : parts_of(text, ',')) {
                const auto address = address_of(part);
                if (!address) {
                    list.clear();
                    break;
                }
                list += (list.empty() ? "" : ",") + *address;
            }
            if (!list.empty()) {
                return list;
            }
        }
        if (is_number_list(text) || equal_ignoring_case(text, "true") ||
            equal_ignoring_case(text, "false") || in_sku) {
            return std::string(text);
        }
        if (equal_ignoring_case(key, "subscriptionId") || equal_ignoring_case(key, "tenantId") ||
            equal_ignoring_case(key, "homeTenantId")) {
            return names_.subscription(text);
        }
        if (is_one_of(kDnsKeys, key)) {
            const std::size_t scheme = text.find("://");
            return names_.dns(scheme == std::string_view::npos ? text : text.substr(scheme + 3));
        }
        if (is_one_of(kWords, key)) {
            return std::string(text);
        }
        if (is_one_of(kNameKeys, key)) {
            // "securityRules/allow-ssh", "zone/link"
            std::string result;
            const auto parts = parts_of(text, '/');
            for (std::size_t i = 0; i < parts.size(); ++i) {
                const bool kind = parts.size() == 2 && i == 0 &&
                                  (equal_ignoring_case(parts[0], "securityRules") ||
                                   equal_ignoring_case(parts[0], "defaultSecurityRules"));
                result += i == 0 ? "" : "/";
                result +=
                    kind ? std::string(parts[i])
                         : names_(parts[i], equal_ignoring_case(key, "resourceGroup") ||
                                                    equal_ignoring_case(key, "resourceGroupName")
                                                ? "rg"
                                                : "name");
            }
            return result;
        }
        return std::nullopt;
    }

    const AddressMap& addresses_;
    Names& names_;
    std::map<std::string, std::string> ids_;
};

bool is_export(InputKind kind) {
    switch (kind) {
        case InputKind::resource_graph:
        case InputKind::arm_list:
        case InputKind::az_list:
        case InputKind::resource_array:
        case InputKind::resource:
        case InputKind::case_resources:
        case InputKind::powershell:
        case InputKind::service_tags:
        case InputKind::effective_security_rules:
        case InputKind::effective_routes:
        case InputKind::active_admin_rules:
        case InputKind::effective_vnets:
        case InputKind::collection_report:
            return true;
        default:
            return false;
    }
}

}  // namespace

Redacted redact(const std::vector<Document>& documents) {
    std::vector<InputKind> kinds;
    Survey survey;
    Names names;
    simdjson::dom::parser parser;
    const auto parsed = [&](const Document& document) {
        element root;
        if (parser.parse(document.text).get(root) != simdjson::SUCCESS) {
            throw InputError("not valid JSON: " + document.name);
        }
        return root;
    };
    for (const Document& document : documents) {
        kinds.push_back(recognise(document.text, json::Outline(document.text)).kind);
        if (!is_export(kinds.back())) {
            throw InputError(document.name + ": a " + std::string(to_string(kinds.back())) +
                             " cannot be redacted; redact an export of the resources");
        }
        const element root = parsed(document);
        if (kinds.back() == InputKind::service_tags) {
            survey.tags(root);
        } else {
            survey.look(root, "", false, names);
        }
    }
    // The seed is not secret: the same network gives the same file.
    constexpr std::uint64_t kSeed = 0x617A7265616368ULL;
    const AddressMap addresses(kSeed, survey.boundaries, survey.frozen);
    Redactor redactor(addresses, names);
    Redacted result;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        Document document{"source-" + std::to_string(i + 1) + ".json", ""};
        if (kinds[i] == InputKind::service_tags) {
            document.text = documents[i].text;  // public, and the same for everybody
        } else {
            redactor.write(parsed(documents[i]), "", false, document.text);
        }
        result.documents.push_back(std::move(document));
    }
    result.names = names.all();
    result.ids = redactor.ids();
    return result;
}

}  // namespace azreach
