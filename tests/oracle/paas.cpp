#include "tests/oracle/paas.hpp"

#include <algorithm>
#include <set>

namespace azreach::oracle {

namespace {

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::string text_of(const PaasResource& r, const char* pointer) {
    const auto found = r.settings.find(pointer);
    return found == r.settings.end() ? "" : lower(found->second.text);
}
bool has(const PaasResource& r, const char* pointer) {
    return r.settings.find(pointer) != r.settings.end();
}

std::string short_type(const PaasResource& r) {
    const std::string type = lower(r.header.id.type());
    return type.substr(type.find('.') + 1);
}

std::vector<const PaasRule*> list_of(const PaasResource& r, const std::string& name) {
    std::vector<const PaasRule*> result;
    for (const PaasRule& rule : r.rules) {
        if (lower(rule.list) == lower(name)) result.push_back(&rule);
    }
    return result;
}

bool some_child(const PaasResource& r, const char* kind) {
    for (const std::string& child : r.children) {
        if (lower(child) == lower(kind)) return true;
    }
    return false;
}
/// Rules that are resources of their own and that no file shows: are there some?
bool hidden_rules(const World& w, const PaasResource& r, const char* kind) {
    if (some_child(r, kind)) return false;
    if (r.from_resource_graph) return w.unknown("hidden " + std::string(kind));
    return !w.contested(FactKey::unlisted_rules_none);
}

const AddressSet* tag_of(const World& w, const std::string& name) {
    if (!w.s.service_tags) return nullptr;
    for (const auto& [tag, set] : w.s.service_tags->tags) {
        if (lower(tag) == lower(name)) return &set;
    }
    return nullptr;
}

/// The source, or, where nobody knows it, the one that this world says, of one for each side of
/// every rule of the resource.
Address source_of(const World& w, const PaasResource& r, const Arrival& a) {
    if (a.source_known) return a.source;
    std::set<Address> edges;
    const auto edge = [&](const AddressSet& set) {
        for (const auto& range : set.v4.ranges()) {
            edges.insert(Address::v4(range.first));
            if (range.last != 0xFFFFFFFFU) edges.insert(Address::v4(range.last + 1));
        }
    };
    for (const PaasRule& rule : r.rules) {
        edge(rule.addresses);
        if (const AddressSet* set = tag_of(w, rule.text)) edge(*set);
    }
    edges.insert(Address::v4(0x01000001U));
    std::vector<Address> all;
    for (const Address& address : edges) {
        if (is_public(address)) all.push_back(address);
    }
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        if (w.unknown("the source is " + to_string(all[i]))) return all[i];
    }
    return all.back();
}

bool all_of_azure(const World& w, const PaasRule& rule, const Arrival& a) {
    switch (a.how) {
        case Arrival::How::azure:
            return true;
        case Arrival::How::unseen:
            return w.unknown("forwarder in Azure " + rule.by.text());
        case Arrival::How::endpoint:
            return w.contested(FactKey::sql_azure_rule_covers_endpoint_subnets);
        case Arrival::How::internet:
            break;
    }
    if (!a.source_known) return w.unknown("somebody of Azure");
    const AddressSet* cloud = tag_of(w, "AzureCloud");
    if (cloud == nullptr) return w.unknown("AzureCloud " + to_string(a.source));
    if (cloud->contains(a.source)) return true;
    for (const auto& [tag, set] : w.s.service_tags->tags) {
        if (set.contains(a.source)) return w.unknown("AzureCloud " + to_string(a.source));
    }
    return false;
}

/// Does the rule match? `azure`: 0.0.0.0 stands for all of Azure.
bool matches(const World& w, const PaasResource& r, const PaasRule& rule, const Arrival& a,
             bool azure) {
    using Kind = PaasRule::Kind;
    const bool by_endpoint = a.how == Arrival::How::endpoint;
    if (rule.narrowed && !w.unknown("headers " + rule.by.text())) return false;
    switch (rule.kind) {
        case Kind::addresses:
            if (azure && rule.addresses == AddressSet::single(Address::v4(0))) {
                return all_of_azure(w, rule, a);
            }
            if (by_endpoint) {
                return !is_public(a.source) && rule.addresses.contains(a.source) &&
                       w.unknown("private source in " + rule.by.text());
            }
            return rule.addresses.contains(source_of(w, r, a));
        case Kind::service_tag: {
            if (by_endpoint) return false;
            const AddressSet* set = tag_of(w, rule.text);
            const Address source = source_of(w, r, a);
            return set != nullptr ? set->contains(source)
                                  : w.unknown("tag " + rule.text + " " + to_string(source));
        }
        case Kind::subnet:
            if (a.how == Arrival::How::unseen) return w.unknown("from " + rule.by.text());
            if (!by_endpoint || rule.subnet != a.subnet->header.id) return false;
            return !a.lent || w.unknown("identity of " + a.subnet->header.id.text());
        case Kind::any_subnet:
            if (by_endpoint) return true;
            if (a.how == Arrival::How::azure) return false;
            return all_of_azure(w, rule, a);
        case Kind::instance:
            return false;
    }
    return false;
}

bool some_match(const World& w, const PaasResource& r, const std::string& list, const Arrival& a,
                bool azure = false) {
    for (const PaasRule* rule : list_of(r, list)) {
        if (matches(w, r, *rule, a, azure)) return true;
    }
    return false;
}

bool subnet_match(const World& w, const PaasResource& r, const std::string& list, const Arrival& a,
                  const std::string& live) {
    for (const PaasRule* rule : list_of(r, list)) {
        const std::string state = lower(rule->state);
        if (!live.empty() && !state.empty() && state != live) {
            const bool soon = state == "inprogress" || state == "provisioning" ||
                              state == "initializing" || state == "updating" || state == "unknown";
            if (!soon || !w.unknown("state of " + rule->by.text())) continue;
        }
        if (matches(w, r, *rule, a, false)) return true;
    }
    return false;
}

/// Approved private endpoints: yes, no, or what this world says.
bool closed_by_endpoints(const World& w, const PaasResource& r) {
    for (const PaasConnection& connection : r.connections) {
        if (lower(connection.status) == "approved") return true;
    }
    for (const auto& [id, endpoint] : w.s.private_endpoints) {
        for (const auto& connection : endpoint.connections) {
            if (connection.target == r.header.id && approved(w, endpoint)) return true;
        }
    }
    for (const PaasConnection& connection : r.connections) {
        if (connection.status.empty()) return w.unknown("endpoints of " + r.header.id.text());
    }
    return false;
}

const std::string kDenied = "PAAS_DENY";
const std::string kDisabled = "PAAS_PUBLIC_DISABLED";

bool off(const std::string& value) {
    return value == "disabled" || value == "securedbyperimeter" || value == "false";
}

std::string access_list(const World& w, const PaasResource& r, const std::string& object,
                        const Arrival& a) {
    if (!has(r, object.c_str())) return "";
    const std::string action = text_of(r, (object + "/defaultAction").c_str());
    if (action == "allow") return "";
    if (action != "deny" && w.unknown("default action")) return "";
    if (some_match(w, r, object + "/ipRules", a) || some_match(w, r, object + "/ipv6Rules", a) ||
        some_match(w, r, object + "/serviceTags", a) ||
        subnet_match(w, r, object + "/virtualNetworkRules", a, "")) {
        return "";
    }
    return kDenied;
}

std::string storage(const World& w, const PaasResource& r, const Arrival& a) {
    if (off(text_of(r, "publicNetworkAccess"))) return kDisabled;
    if (!has(r, "networkAcls")) return "";
    const std::string action = text_of(r, "networkAcls/defaultAction");
    if (action == "allow") return "";
    if (action != "deny" && w.unknown("default action")) return "";
    const bool near = a.how == Arrival::How::azure && same_place(a.region, r.header.location) &&
                      !a.region.empty() && !r.header.location.empty();
    for (const char* list : {"networkAcls/ipRules", "networkAcls/ipv6Rules"}) {
        if (some_match(w, r, list, a) &&
            (!near || w.contested(FactKey::storage_same_region_ip_rules))) {
            return "";
        }
    }
    return subnet_match(w, r, "networkAcls/virtualNetworkRules", a, "succeeded") ? "" : kDenied;
}

std::string sql(const World& w, const PaasResource& r, const Arrival& a) {
    if (off(text_of(r, "publicNetworkAccess"))) return kDisabled;
    if (some_match(w, r, "firewallRules", a, true) || some_match(w, r, "ipv6FirewallRules", a) ||
        subnet_match(w, r, "virtualNetworkRules", a, "ready")) {
        return "";
    }
    if (hidden_rules(w, r,
                     a.how == Arrival::How::endpoint ? "virtualNetworkRules" : "firewallRules")) {
        return "";
    }
    return w.contested(FactKey::sql_database_level_rules) ? "" : kDenied;
}

std::string cosmos(const World& w, const PaasResource& r, const Arrival& a) {
    if (off(text_of(r, "publicNetworkAccess"))) return kDisabled;
    const bool filter = text_of(r, "isVirtualNetworkFilterEnabled") == "true";
    if (some_match(w, r, "ipRules", a, true)) return "";
    if (filter && subnet_match(w, r, "virtualNetworkRules", a, "")) return "";
    if (!list_of(r, "ipRules").empty()) return kDenied;
    if (filter) {
        if (list_of(r, "virtualNetworkRules").empty() && w.unknown("filter without rules")) {
            return "";
        }
        return kDenied;
    }
    if (closed_by_endpoints(w, r) && w.contested(FactKey::cosmos_closed_by_pe)) return kDenied;
    return "";
}

std::string site(const World& w, const PaasResource& r, const std::string& group,
                 const Arrival& a) {
    const std::string one = text_of(r, "publicNetworkAccess");
    const std::string two = text_of(r, "siteConfig/publicNetworkAccess");
    if (!one.empty() && !two.empty() && (one == "disabled") != (two == "disabled")) {
        if (w.unknown("which switch")) return kDisabled;
    } else if (!one.empty() || !two.empty()) {
        if (off(one.empty() ? two : one)) return kDisabled;
    } else if (closed_by_endpoints(w, r)) {
        return kDisabled;
    }
    const bool own_list =
        group == "scm" && text_of(r, "siteConfig/scmIpSecurityRestrictionsUseMain") != "true";
    const std::string name = std::string("siteConfig/") +
                             (own_list ? "scmIpSecurityRestrictions" : "ipSecurityRestrictions");
    std::vector<const PaasRule*> rules = list_of(r, name);
    if (group == "ftp" && !rules.empty() && w.unknown("restrictions of ftp")) return "";
    std::stable_sort(rules.begin(), rules.end(), [](const PaasRule* x, const PaasRule* y) {
        return x->priority < y->priority;
    });
    for (const PaasRule* rule : rules) {
        if (matches(w, r, *rule, a, false)) return lower(rule->action) == "deny" ? kDenied : "";
    }
    const std::string action = text_of(r, (name + "DefaultAction").c_str());
    if (action == "allow" || (action != "deny" && rules.empty())) return "";
    return kDenied;
}

std::string registry(const World& w, const PaasResource& r, const Arrival& a) {
    if (lower(r.sku) != "premium" && (!r.sku.empty() || w.unknown("tier"))) return "";
    if (off(text_of(r, "publicNetworkAccess"))) return kDisabled;
    if (!has(r, "networkRuleSet") || text_of(r, "networkRuleSet/defaultAction") == "allow") {
        return "";
    }
    if (text_of(r, "networkRuleSet/defaultAction") != "deny" && w.unknown("default action")) {
        return "";
    }
    if (some_match(w, r, "networkRuleSet/ipRules", a) ||
        subnet_match(w, r, "networkRuleSet/virtualNetworkRules", a, "")) {
        return "";
    }
    if (a.how == Arrival::How::endpoint && !has(r, "networkRuleSet/virtualNetworkRules") &&
        w.unknown("subnet rules that the version does not show")) {
        return "";
    }
    return kDenied;
}

std::string messaging(const World& w, const PaasResource& r, const Arrival& a) {
    const std::string tier = lower(r.sku);
    const bool bus = short_type(r) == "servicebus/namespaces";
    if (tier == "basic" || (bus && tier == "standard")) return "";
    if (tier.empty() && w.unknown("tier")) return "";
    const std::string one = text_of(r, "publicNetworkAccess");
    const std::string two = text_of(r, "networkRuleSets/default/publicNetworkAccess");
    if (!one.empty() && !two.empty() && (one == "disabled") != (two == "disabled")) {
        if (w.unknown("which switch")) return kDisabled;
    } else if (off(one.empty() ? two : one)) {
        return kDisabled;
    }
    if (hidden_rules(w, r, "networkRuleSets")) return kDenied;
    const std::string set = "networkRuleSets/default/";
    const bool rules =
        !list_of(r, set + "ipRules").empty() || !list_of(r, set + "virtualNetworkRules").empty();
    const std::string action = text_of(r, "networkRuleSets/default/defaultAction");
    if (!rules || action != "deny") return "";
    return some_match(w, r, set + "ipRules", a) ||
                   subnet_match(w, r, set + "virtualNetworkRules", a, "")
               ? ""
               : kDenied;
}

std::string iot_hub(const World& w, const PaasResource& r, const std::string& group,
                    const Arrival& a) {
    const bool built_in = group == "events";
    if (off(text_of(r, "publicNetworkAccess")) && (!built_in || w.unknown("built-in endpoint"))) {
        return kDisabled;
    }
    if (has(r, "networkRuleSets")) {
        const std::string applies = text_of(r, "networkRuleSets/applyToBuiltInEventHubEndpoint");
        if (built_in && applies == "false") return "";
        if (built_in && applies.empty() && w.unknown("applies to the built-in endpoint")) return "";
        return access_list(w, r, "networkRuleSets", a);
    }
    if (built_in) return "";
    for (const PaasRule* rule : list_of(r, "ipFilterRules")) {
        if (matches(w, r, *rule, a, false)) return lower(rule->action) == "reject" ? kDenied : "";
    }
    return "";
}

std::string cluster(const World& w, const PaasResource& r, const Arrival& a) {
    if (text_of(r, "apiServerAccessProfile/enablePrivateCluster") == "true") return kDisabled;
    if (off(text_of(r, "publicNetworkAccess"))) return kDisabled;
    const auto ranges = list_of(r, "apiServerAccessProfile/authorizedIPRanges");
    if (ranges.empty()) return "";
    for (const PaasRule* rule : ranges) {
        if (rule->addresses == AddressSet::single(Address::v4(0))) continue;  // AK-1
        if (matches(w, r, *rule, a, false)) return "";
    }
    if (a.how != Arrival::How::internet && w.unknown("the cluster's own way out")) return "";
    return kDenied;
}

}  // namespace

std::string refuses(const World& w, const PaasResource& r, const std::string& group,
                    const Arrival& a) {
    // A perimeter, of which only the name is read, decides in its own way (NSP-1).
    const bool near = r.find("networkSecurityPerimeterConfigurations") != nullptr;
    if ((near || text_of(r, "publicNetworkAccess") == "securedbyperimeter") &&
        w.unknown("who a perimeter lets in " + r.header.id.text())) {
        return "";
    }
    if (near && w.unknown("whom a perimeter keeps out " + r.header.id.text())) return kDenied;
    const std::string type = short_type(r);
    const bool closed = off(text_of(r, "publicNetworkAccess"));
    if (type == "storage/storageaccounts") return storage(w, r, a);
    if (type == "keyvault/vaults" || type == "keyvault/managedhsms" ||
        type == "cognitiveservices/accounts") {
        return closed ? kDisabled : access_list(w, r, "networkAcls", a);
    }
    if (type == "sql/servers") return sql(w, r, a);
    if (type == "documentdb/databaseaccounts") return cosmos(w, r, a);
    if (type == "web/sites") return site(w, r, group, a);
    if (type == "containerregistry/registries") return registry(w, r, a);
    if (type == "eventhub/namespaces" || type == "servicebus/namespaces") {
        return messaging(w, r, a);
    }
    if (type == "devices/iothubs") return iot_hub(w, r, group, a);
    if (type == "containerservice/managedclusters") return cluster(w, r, a);
    if (type == "dbforpostgresql/flexibleservers" || type == "dbformysql/flexibleservers") {
        if (has(r, "network/delegatedSubnetResourceId")) return kDisabled;
        if (off(text_of(r, "network/publicNetworkAccess"))) return kDisabled;
        if (some_match(w, r, "firewallRules", a, true)) return "";
        return hidden_rules(w, r, "firewallRules") ? "" : kDenied;
    }
    if (type == "synapse/workspaces") {
        if (closed) return kDisabled;
        if (some_match(w, r, "firewallRules", a, true)) return "";
        return list_of(r, "firewallRules").empty() && w.unknown("no rules of synapse") ? ""
                                                                                       : kDenied;
    }
    if (type == "cache/redis") {
        if (has(r, "subnetId") || closed) return kDisabled;
        if (list_of(r, "firewallRules").empty()) {
            return hidden_rules(w, r, "firewallRules") ? kDenied : "";
        }
        return some_match(w, r, "firewallRules", a) ? "" : kDenied;
    }
    if (type == "eventgrid/topics" || type == "search/searchservices") {
        if (closed) return kDisabled;
        const std::string list =
            type == "eventgrid/topics" ? "inboundIpRules" : "networkRuleSet/ipRules";
        return list_of(r, list).empty() || some_match(w, r, list, a) ? "" : kDenied;
    }
    if (type == "datafactory/factories" || type == "appconfiguration/configurationstores") {
        return closed ? kDisabled : "";
    }
    // The generic model.
    if (closed) return kDisabled;
    return w.unknown("generic " + r.header.id.text()) ? "" : kDenied;
}

bool listens(const World& w, const std::string& arm_type, const std::string& group_name,
             const PaasResource* r, const std::string& id, bool is_private,
             const Service& service) {
    const std::string type = lower(arm_type.substr(arm_type.find('.') + 1));
    const std::string group = lower(group_name);
    const int port = service.protocol == kTcp ? service.b : -1;
    const auto is = [&](std::initializer_list<int> ports) {
        return std::find(ports.begin(), ports.end(), port) != ports.end();
    };
    const auto flag = [&](const char* pointer, const char* value) {
        if (r == nullptr) return w.unknown("unread " + id);
        return text_of(*r, pointer) == value;
    };
    const auto perhaps = [&] { return w.unknown("ports of " + id + " " + group); };
    const auto wide = [&] { return !w.contested(FactKey::pe_ports); };
    if (type == "storage/storageaccounts") {
        if (port == 443) return true;
        if (group == "file" && port == 445) return true;
        if (port == 80 && flag("supportsHttpsTrafficOnly", "false")) return true;
        if (group == "blob" && port == 22) return flag("isSftpEnabled", "true");
        if (group == "blob" && is({2049, 111})) return flag("isNfsV3Enabled", "true");
        if (group == "file" && port == 2049) {
            if (r == nullptr ? w.unknown("unread " + id) : lower(r->kind) == "filestorage") {
                return true;
            }
            return wide();
        }
        return port == 80 && wide();
    }
    if (type == "sql/servers") {
        if (port == 1433) return true;
        if (is_private) {
            if (port < 1433) return false;
            if (flag("connectionPolicies/default/connectionType", "redirect")) return true;
            if (r != nullptr && r->from_resource_graph &&
                !has(*r, "connectionPolicies/default/connectionType") &&
                w.unknown("policy of " + id)) {
                return true;
            }
            return wide();
        }
        if (port >= 11000 && port <= 11999) {
            const bool proxy =
                r != nullptr && text_of(*r, "connectionPolicies/default/connectionType") == "proxy";
            return (!proxy && perhaps()) || wide();
        }
        return (port == 1434 || (port >= 14000 && port <= 14999)) && wide();
    }
    if (type == "documentdb/databaseaccounts") {
        const int own = group == "mongodb" ? 10255 : group == "cassandra" ? 10350 : 443;
        if (port == own) return true;
        if (port < 0 || (!is_private && (port < 10000 || port > 20000))) return false;
        return perhaps();
    }
    if (type == "dbforpostgresql/flexibleservers") return is({5432, 6432});
    if (type == "dbformysql/flexibleservers") return port == 3306 || (port == 33060 && wide());
    if (type == "web/sites") {
        if (group == "ftp") {
            return (is({21, 990}) || (port >= 10001 && port <= 10300)) && perhaps();
        }
        return is({443, 80});
    }
    if (type == "eventhub/namespaces") return is({443, 5671, 5672, 9093});
    if (type == "servicebus/namespaces") return is({443, 5671, 5672});
    if (type == "devices/iothubs") {
        return group == "events" ? is({443, 5671, 5672, 9093}) : is({443, 8883, 5671});
    }
    if (type == "synapse/workspaces") return port == 443 || (group != "dev" && port == 1433);
    if (type == "cache/redis") {
        if (port == 6380) return true;
        if (port == 6379) return flag("enableNonSslPort", "true");
        const bool clustered = (port >= 13000 && port <= 13999) || (port >= 15000 && port <= 15999);
        return clustered && (r == nullptr || has(*r, "shardCount")) && perhaps();
    }
    const bool known = type == "keyvault/vaults" || type == "keyvault/managedhsms" ||
                       type == "containerregistry/registries" ||
                       type == "cognitiveservices/accounts" || type == "search/searchservices" ||
                       type == "containerservice/managedclusters" ||
                       type == "datafactory/factories" ||
                       type == "appconfiguration/configurationstores" || type == "eventgrid/topics";
    if (known) return port == 443;
    return has_ports(service.protocol) && w.unknown("anything of " + id);
}

bool approved(const World& w, const PrivateEndpoint& endpoint) {
    using Status = PrivateEndpoint::Connection::Status;
    bool open = endpoint.connections.empty();
    for (const auto& connection : endpoint.connections) {
        std::string here = connection.status == Status::approved  ? "yes"
                           : connection.status == Status::unknown ? ""
                                                                  : "no";
        std::string there;
        for (const auto& [id, resource] : w.s.paas) {
            if (connection.target != id) continue;
            for (const PaasConnection& other : resource.connections) {
                if (other.endpoint == endpoint.header.id && !other.status.empty()) {
                    there = lower(other.status) == "approved" ? "yes" : "no";
                }
            }
        }
        if (here.empty()) here = there;
        if (there.empty()) there = here;
        if (here == "yes" && there == "yes") return true;
        open = open || here != there || here.empty();
    }
    return open && w.unknown("approval of " + endpoint.header.id.text());
}

bool endpoint_listens(const World& w, const PrivateEndpoint& endpoint, const Service& service) {
    using Status = PrivateEndpoint::Connection::Status;
    const std::string about = endpoint.header.id.text();
    const auto anything = [&] {
        return has_ports(service.protocol) && w.unknown("approval of " + about);
    };
    if (endpoint.connections.empty()) return anything();
    for (const auto& connection : endpoint.connections) {
        if (connection.status != Status::approved && connection.status != Status::unknown &&
            endpoint.connections.size() > 1) {
            continue;
        }
        if (!connection.target || connection.group_ids.empty()) {
            if (anything()) return true;
            continue;
        }
        const PaasResource* resource = nullptr;
        for (const auto& [id, each] : w.s.paas) {
            if (connection.target == id) resource = &each;
        }
        for (const std::string& group : connection.group_ids) {
            if (listens(w, connection.target->type(), group, resource, connection.target->text(),
                        true, service)) {
                return true;
            }
            // The hub's built-in endpoint is behind the same private endpoint.
            if (lower(group) == "iothub" &&
                listens(w, connection.target->type(), "events", resource, connection.target->text(),
                        true, service)) {
                return true;
            }
        }
    }
    return false;
}

std::vector<Address> public_addresses_of(const World& w, const PaasResource& r, Family family) {
    const std::string type = short_type(r);
    std::string tag;
    bool regional = true;
    if (type == "storage/storageaccounts") tag = "Storage";
    if (type == "keyvault/vaults") tag = "AzureKeyVault";
    if (type == "sql/servers") tag = "Sql";
    if (type == "eventhub/namespaces") tag = "EventHub";
    if (type == "servicebus/namespaces" && lower(r.sku) == "premium") tag = "ServiceBus";
    if (type == "documentdb/databaseaccounts" || type == "containerregistry/registries" ||
        type == "cognitiveservices/accounts") {
        regional = false;
        tag = type == "documentdb/databaseaccounts"    ? "AzureCosmosDB"
              : type == "containerregistry/registries" ? "AzureContainerRegistry"
                                                       : "CognitiveServicesManagement";
    }
    const AddressSet* where = nullptr;
    if (!tag.empty() && regional && !r.header.location.empty()) {
        where = tag_of(w, tag + "." + r.header.location);
    }
    if (where == nullptr && !tag.empty()) where = tag_of(w, tag);
    if (where != nullptr && (family == Family::v4 ? where->v4.empty() : where->v6.empty())) {
        where = nullptr;
    }
    // The border addresses of everything that could tell addresses apart.
    std::set<Address> edges;
    const auto edge = [&](const Address& first, const Address& last) {
        if (first.family != family) return;
        edges.insert(first);
        if (last.value + 1 != 0) edges.insert({family, last.value + 1});
    };
    const auto edges_of = [&](const AddressSet& set) {
        for (const auto& range : set.v4.ranges()) {
            edge(Address::v4(range.first), Address::v4(range.last));
        }
    };
    if (w.s.service_tags) {
        for (const auto& [name, set] : w.s.service_tags->tags) edges_of(set);
    }
    const auto rules = [&](const std::vector<SecurityRule>& list) {
        for (const SecurityRule& rule : list) edges_of(rule.destination.prefixes);
    };
    for (const auto& [id, group] : w.s.security_groups) rules(group.rules);
    for (const auto& [id, configuration] : w.s.admin_configurations) {
        for (const auto& collection : configuration.collections) rules(collection.rules);
    }
    for (const EffectiveSecurityRules& capture : w.s.effective_security_rules) {  // G5
        for (const EffectiveSecurityGroup& group : capture.groups) {
            for (const EffectiveRule& rule : group.rules) {
                if (rule.expanded_destination) edges_of(*rule.expanded_destination);
            }
        }
    }
    for (const auto& [id, table] : w.s.route_tables) {
        for (const Route& route : table.routes) {
            if (route.prefix) edge(route.prefix->first(), route.prefix->last());
        }
    }
    for (const auto& [id, gateway] : w.s.local_gateways) {
        for (const Prefix& prefix : gateway.address_space) edge(prefix.first(), prefix.last());
    }
    for (const char* hidden :
         {"20.35.252.0/22", "23.103.0.0/18", "25.4.0.0/14", "25.30.0.0/15", "25.33.0.0/16",
          "25.41.0.0/20", "25.48.0.0/12", "40.108.0.0/17", "40.109.0.0/16", "104.146.0.0/17",
          "104.147.0.0/16", "157.59.0.0/16", "198.18.0.0/15"}) {
        const Prefix prefix = parse_prefix(hidden)->prefix;
        edge(prefix.first(), prefix.last());
    }
    if (family == Family::v4) {
        edges.insert(Address::v4(0x01000000U));
    } else {
        edges.insert({family, Uint128{0x2} << 124U});
    }
    std::vector<Address> result;
    for (const Address& address : edges) {
        bool ours = false;
        for (const auto& [id, ip] : w.s.public_ips) ours = ours || ip.address == address;
        if (is_public(address) && !ours && (where == nullptr || where->contains(address))) {
            result.push_back(address);
        }
    }
    return result;
}

}  // namespace azreach::oracle
