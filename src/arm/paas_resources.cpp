#include "src/arm/paas_resources.hpp"

#include <algorithm>
#include <array>

#include "models/azure/paas_catalog.hpp"

namespace azreach {

namespace {

/// How one list of rules is written. Field names are tried in the order in which they stand.
struct ListShape {
    std::string_view type;     // ARM type of the resource
    std::string_view pointer;  // of the list, below properties
    PaasRule::Kind kind = PaasRule::Kind::addresses;
    std::string_view
        value;  // fields with the address, subnet, tag or resource; "" the item is text
};
using Kind = PaasRule::Kind;

constexpr std::string_view kStorage = "Microsoft.Storage/storageAccounts";
constexpr std::string_view kVault = "Microsoft.KeyVault/vaults";
constexpr std::string_view kHsm = "Microsoft.KeyVault/managedHSMs";
constexpr std::string_view kCosmos = "Microsoft.DocumentDB/databaseAccounts";
constexpr std::string_view kSites = "Microsoft.Web/sites";
constexpr std::string_view kSlots = "Microsoft.Web/sites/slots";
constexpr std::string_view kRegistry = "Microsoft.ContainerRegistry/registries";
constexpr std::string_view kCognitive = "Microsoft.CognitiveServices/accounts";
constexpr std::string_view kAddress = "value ipAddressOrRange ipAddress";
constexpr std::string_view kSubnet = "id virtualNetworkResourceId";

constexpr ListShape kLists[] = {
    {kStorage, "networkAcls/ipRules", Kind::addresses, kAddress},
    {kStorage, "networkAcls/ipv6Rules", Kind::addresses, kAddress},
    {kStorage, "networkAcls/virtualNetworkRules", Kind::subnet, kSubnet},
    {kStorage, "networkAcls/resourceAccessRules", Kind::instance, "resourceId"},
    {kVault, "networkAcls/ipRules", Kind::addresses, kAddress},
    {kVault, "networkAcls/virtualNetworkRules", Kind::subnet, kSubnet},
    {kHsm, "networkAcls/ipRules", Kind::addresses, kAddress},
    {kHsm, "networkAcls/virtualNetworkRules", Kind::subnet, kSubnet},
    {kHsm, "networkAcls/serviceTags", Kind::service_tag, "tag"},
    {kCosmos, "ipRules", Kind::addresses, "ipAddressOrRange"},
    {kCosmos, "virtualNetworkRules", Kind::subnet, "id"},
    {kCosmos, "networkAclBypassResourceIds", Kind::instance, ""},
    {kSites, "siteConfig/ipSecurityRestrictions", Kind::addresses, "ipAddress"},
    {kSites, "siteConfig/scmIpSecurityRestrictions", Kind::addresses, "ipAddress"},
    {kSlots, "siteConfig/ipSecurityRestrictions", Kind::addresses, "ipAddress"},
    {kSlots, "siteConfig/scmIpSecurityRestrictions", Kind::addresses, "ipAddress"},
    {kRegistry, "networkRuleSet/ipRules", Kind::addresses, kAddress},
    {kRegistry, "networkRuleSet/virtualNetworkRules", Kind::subnet, kSubnet},
    {"Microsoft.EventGrid/topics", "inboundIpRules", Kind::addresses, "ipMask"},
    {"Microsoft.EventGrid/domains", "inboundIpRules", Kind::addresses, "ipMask"},
    {kCognitive, "networkAcls/ipRules", Kind::addresses, kAddress},
    {kCognitive, "networkAcls/virtualNetworkRules", Kind::subnet, kSubnet},
    {"Microsoft.Search/searchServices", "networkRuleSet/ipRules", Kind::addresses, "value"},
    {"Microsoft.ContainerService/managedClusters", "apiServerAccessProfile/authorizedIPRanges",
     Kind::addresses, ""},
    {"Microsoft.Devices/IotHubs", "networkRuleSets/ipRules", Kind::addresses, "ipMask"},
    {"Microsoft.Devices/IotHubs", "ipFilterRules", Kind::addresses, "ipMask"},
    {"Microsoft.SignalRService/SignalR", "networkACLs/ipRules", Kind::addresses, "value"},
    {"Microsoft.SignalRService/webPubSub", "networkACLs/ipRules", Kind::addresses, "value"},
};

/// Child resources: one rule each, or a set of settings and rules of its own.
struct ChildShape {
    std::string_view type;
    enum class What : std::uint8_t { range, subnet, settings, connection } what;
    std::string_view first, last;  // range: fields of its ends; subnet: the field; settings: names
};
using What = ChildShape::What;
constexpr std::string_view kRuleSet =
    "defaultAction publicNetworkAccess trustedServiceAccessEnabled";

constexpr ChildShape kChildren[] = {
    {"Microsoft.Sql/servers/firewallRules", What::range, "startIpAddress", "endIpAddress"},
    {"Microsoft.Sql/servers/ipv6FirewallRules", What::range, "startIPv6Address", "endIPv6Address"},
    {"Microsoft.Sql/servers/virtualNetworkRules", What::subnet, "virtualNetworkSubnetId", ""},
    {"Microsoft.Sql/servers/connectionPolicies", What::settings, "connectionType", ""},
    {"Microsoft.Synapse/workspaces/firewallRules", What::range, "startIpAddress", "endIpAddress"},
    {"Microsoft.DBforPostgreSQL/flexibleServers/firewallRules", What::range, "startIpAddress",
     "endIpAddress"},
    {"Microsoft.DBforMySQL/flexibleServers/firewallRules", What::range, "startIpAddress",
     "endIpAddress"},
    {"Microsoft.Cache/Redis/firewallRules", What::range, "startIP", "endIP"},
    {"Microsoft.EventHub/namespaces/networkRuleSets", What::settings, kRuleSet, ""},
    {"Microsoft.ServiceBus/namespaces/networkRuleSets", What::settings, kRuleSet, ""},
    {"Microsoft.Relay/namespaces/networkRuleSets", What::settings, kRuleSet, ""},
    {"Microsoft.Web/sites/config", What::settings,
     "publicNetworkAccess ipSecurityRestrictionsDefaultAction "
     "scmIpSecurityRestrictionsDefaultAction scmIpSecurityRestrictionsUseMain ftpsState",
     ""},
    {"Microsoft.Web/sites/slots/config", What::settings,
     "publicNetworkAccess ipSecurityRestrictionsDefaultAction "
     "scmIpSecurityRestrictionsDefaultAction scmIpSecurityRestrictionsUseMain ftpsState",
     ""},
};

const ChildShape* child_shape(std::string_view type) {
    for (const ChildShape& shape : kChildren) {
        if (equal_ignoring_case(shape.type, type)) {
            return &shape;
        }
    }
    return nullptr;
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() > end.size() &&
           equal_ignoring_case(text.substr(text.size() - end.size()), end);
}

bool is_connection_child(std::string_view type) {
    return ends_with(type, "/privateEndpointConnections");
}

/// Calls `use` with the value at a pointer of names below `from`; an absent one is handed out too.
template <class Use>
void at(const JsonCursor& from, std::string_view pointer, const Use& use) {
    const std::size_t slash = pointer.find('/');
    const JsonCursor value = from[pointer.substr(0, slash)];
    if (slash == std::string_view::npos || value.symbolic()) {
        use(value);  // what is in something unknown is unknown
    } else if (value.is_object()) {
        at(value, pointer.substr(slash + 1), use);
    }
}

/// Text, number or yes/no in words; "object", and for a list "[names]", for what is there at all.
std::optional<std::string> scalar(const JsonCursor& value) {
    if (!value) {
        return std::nullopt;
    }
    if (value.is_array()) {  // of named things: their names
        std::string names;
        value.for_each([&](const JsonCursor& item) {
            if (item.is_object()) {
                names += (names.empty() ? "" : ",") + std::string(item["name"].name_or(""));
            }
        });
        return "[" + names + "]";
    }
    if (value.is_object()) {
        return "object";
    }
    if (value.symbolic()) {
        return std::string(value.name_or(""));
    }
    bool flag = false;
    if (value.element().get(flag) == simdjson::SUCCESS) {
        return flag ? "true" : "false";
    }
    if (value.is_string()) {
        const std::string text(value.name_or(""));
        return text.empty() ? std::nullopt : std::optional(text);
    }
    return value.found();
}

void read_setting(const JsonCursor& properties, std::string_view pointer, const ResourceId& owner,
                  const std::string& prefix, PaasResource& resource) {
    at(properties, pointer, [&](const JsonCursor& value) {
        if (const auto text = scalar(value)) {
            PaasSetting setting;
            setting.text = *text;
            setting.by = ResourceId(owner.text() + "#/properties/" + std::string(pointer));
            setting.certain = !value.open(setting.by);
            setting.where = value.provenance();
            resource.settings.insert_or_assign(prefix + std::string(pointer), std::move(setting));
        }
    });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_zero(const AddressSet& set) { return set == AddressSet::single(Address::v4(0)); }

/// "203.0.113.7", a prefix, "a-b", several with commas, "*" or "Any".
void read_addresses(std::string_view text, PaasRule& rule) {
    rule.text = std::string(text);
    while (true) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = trimmed(text.substr(0, comma));
        if (part == "*" || equal_ignoring_case(part, "Any")) {
            rule.addresses |= AddressSet::all();
        } else if (const auto prefix = parse_prefix(part)) {
            rule.addresses |= prefix->prefix.addresses();
        } else if (const std::size_t dash = part.find('-'); dash != std::string_view::npos) {
            const auto first = parse_address(trimmed(part.substr(0, dash)));
            const auto last = parse_address(trimmed(part.substr(dash + 1)));
            if (first && last && first->family == last->family && *first <= *last) {
                rule.addresses |= AddressSet::range(*first, *last);
            } else {
                rule.readable = false;
            }
        } else {
            rule.readable = false;
        }
        if (comma == text.size()) {
            break;
        }
        text.remove_prefix(comma + 1);
    }
    rule.sentinel = is_zero(rule.addresses);
}

void note_unreadable(const JsonCursor& item, const PaasRule& rule) {
    if (!rule.readable) {
        item.diagnose("AZR1070", Severity::warning,
                      "'" + rule.text +
                          "' is not understood (expected an address, a prefix or "
                          "a range); the rule may match anybody");
    }
}

std::string_view first_text(const JsonCursor& item, std::string_view fields) {
    for (const std::string_view field : words(fields)) {
        const JsonCursor value = item[field];
        if (value.is_string() && !value.name_or("").empty()) {
            return value.name_or("");
        }
    }
    return "";
}

/// What every entry of a list may say beside whom it matches.
void read_entry(const JsonCursor& item, PaasRule& rule) {
    rule.action = item["action"].name_or("");
    rule.state = item["state"].name_or("");
    const JsonCursor priority = item["priority"];
    rule.certain = !is_symbolic(rule.action) && !is_symbolic(rule.state) && !priority.symbolic();
    if (!priority.symbolic()) {
        rule.priority = priority.integer(-2147483648LL, 4294967295LL).value_or(65000);
    }
    for (const char* name : {"name", "filterName"}) {
        if (rule.name.empty()) {
            rule.name = item[name].name_or("");
        }
    }
    const JsonCursor headers = item["headers"];
    if (headers.is_object()) {
        for (const auto field : simdjson::dom::object(headers.element())) {
            simdjson::dom::array list;
            rule.narrowed =
                rule.narrowed || field.value.get(list) != simdjson::SUCCESS || list.size() > 0;
        }
    }
}

/// The entries of App Service say by their fields whom they match.                           [AS-4]
void read_restriction(const JsonCursor& item, PaasRule& rule) {
    const std::string_view address = item["ipAddress"].name_or("");
    const std::string_view subnet = item["vnetSubnetResourceId"].name_or("");
    if (!subnet.empty()) {
        rule.kind = Kind::subnet;
        rule.subnet = ResourceId(std::string(subnet));
        rule.text = std::string(subnet);
    } else if (equal_ignoring_case(address, "AnyVnets")) {
        rule.kind = Kind::any_subnet;
        rule.text = std::string(address);
    } else if (equal_ignoring_case(item["tag"].name_or(""), "ServiceTag")) {
        rule.kind = Kind::service_tag;
        rule.text = std::string(address);
    } else {
        read_addresses(address.empty() ? "Any" : address, rule);
    }
}

void read_list(const JsonCursor& properties, std::string_view pointer, Kind kind,
               std::string_view fields, const ResourceId& owner, const std::string& prefix,
               PaasResource& resource) {
    at(properties, pointer, [&](const JsonCursor& list) {
        if (list.symbolic()) {  // whom it admits is not known before deployment
            PaasRule rule;
            rule.list = prefix + std::string(pointer);
            rule.by = ResourceId(owner.text() + "#/properties/" + std::string(pointer));
            list.open(rule.by);
            rule.name = rule.text = std::string(list.name_or(""));
            rule.readable = rule.certain = false;
            rule.where = list.provenance();
            resource.rules.push_back(std::move(rule));
        }
        if (!list.is_array()) {
            return;
        }
        std::size_t index = 0;
        list.for_each([&](const JsonCursor& item) {
            PaasRule rule;
            rule.kind = kind;
            rule.list = prefix + std::string(pointer);
            rule.by = ResourceId(owner.text() + "#/properties/" + std::string(pointer) + "/" +
                                 std::to_string(index++));
            rule.where = item.provenance();
            if (item.is_object()) {
                read_entry(item, rule);
            }
            const std::string text(item.is_string()   ? item.name_or("")
                                   : item.is_object() ? first_text(item, fields)
                                                      : std::string_view{});
            if (ends_with(pointer, "IpSecurityRestrictions") ||
                equal_ignoring_case(pointer, "ipSecurityRestrictions")) {
                read_restriction(item, rule);
            } else if (kind == Kind::addresses) {
                read_addresses(text, rule);
            } else {
                rule.text = text;
                if (kind == Kind::subnet && text.empty() && item.is_object()) {
                    const JsonCursor inner = item["subnet"];
                    rule.subnet = inner.reference();
                    rule.text = rule.subnet ? rule.subnet->text() : "";
                } else if (kind != Kind::service_tag && !text.empty()) {
                    rule.subnet = ResourceId(text);
                }
                rule.readable = !rule.text.empty();
            }
            if (is_symbolic(rule.text)) {
                rule.readable = rule.certain = false;
            } else {
                note_unreadable(item, rule);
            }
            if (rule.name.empty()) {
                rule.name = rule.text;
            }
            resource.rules.push_back(std::move(rule));
        });
    });
}

void read_connection_state(const JsonCursor& item, const ResourceId& parent,
                           PaasResource& resource) {
    PaasConnection connection;
    const JsonCursor inner = properties_of(item);
    connection.id = ResourceId(std::string(item["id"].name_or("")));
    if (connection.id.empty()) {
        connection.id = parent.child("privateEndpointConnections", item["name"].name_or("unnamed"));
    }
    connection.where = item.provenance();
    connection.endpoint = inner["privateEndpoint"].reference();
    connection.group_ids = inner["groupIds"].texts();
    const JsonCursor state = inner["privateLinkServiceConnectionState"];
    const JsonCursor status = state["status"];
    if (status.open(connection.id) || state.open(connection.id)) {
        connection.certain = false;
    } else {
        connection.status = status.name_or("");
    }
    const bool known = std::any_of(resource.connections.begin(), resource.connections.end(),
                                   [&](const PaasConnection& c) { return c.id == connection.id; });
    if (!known) {
        resource.connections.push_back(std::move(connection));
    }
}

bool same_rule(const PaasRule& a, const PaasRule& b) {
    const bool alike = a.kind == b.kind && equal_ignoring_case(a.list, b.list) &&
                       a.addresses == b.addresses && equal_ignoring_case(a.text, b.text) &&
                       equal_ignoring_case(a.state, b.state) &&
                       equal_ignoring_case(a.action, b.action) && a.priority == b.priority &&
                       a.narrowed == b.narrowed;
    return alike && (a.by.text().find('#') != std::string::npos || a.by == b.by);
}

/// Another copy of the resource: what both say stays certain.                                  [J2]
void merge_into(PaasResource& first, PaasResource second) {
    for (auto& [pointer, setting] : second.settings) {
        const auto [known, fresh] = first.settings.try_emplace(pointer, setting);
        if (fresh || !equal_ignoring_case(known->second.text, setting.text)) {
            known->second.certain = false;
        }
    }
    for (auto& [pointer, setting] : first.settings) {
        if (!second.settings.contains(pointer)) {
            setting.certain = false;
        }
    }
    const auto in = [](const std::vector<PaasRule>& list, const PaasRule& rule) {
        return std::any_of(list.begin(), list.end(),
                           [&](const PaasRule& other) { return same_rule(other, rule); });
    };
    for (PaasRule& rule : first.rules) {
        rule.certain = rule.certain && in(second.rules, rule);
    }
    for (PaasRule& rule : second.rules) {
        if (!in(first.rules, rule)) {
            rule.certain = false;
            first.rules.push_back(std::move(rule));
        }
    }
    for (PaasConnection& connection : second.connections) {
        const auto known =
            std::find_if(first.connections.begin(), first.connections.end(),
                         [&](const PaasConnection& c) { return c.id == connection.id; });
        if (known == first.connections.end()) {
            connection.certain = false;
            first.connections.push_back(std::move(connection));
        } else if (!equal_ignoring_case(known->status, connection.status)) {
            known->certain = false;
        }
    }
}

}  // namespace

bool is_paas_resource(const JsonCursor& resource, const Header& header) {
    if (paas_service(header.type) != nullptr) {
        return true;
    }
    const std::string& type = header.type;
    if (type.size() > 18 && equal_ignoring_case(type.substr(0, 18), "Microsoft.Network/")) {
        return false;  // what the network has of the kind is modelled as what it is
    }
    const JsonCursor properties = properties_of(resource);
    return properties.is_object() && (properties["publicNetworkAccess"].is_string() ||
                                      properties["privateEndpointConnections"].is_array());
}

bool is_paas_child(const Header& header) {
    return child_shape(header.type) != nullptr || is_connection_child(header.type);
}

void read_paas_resource(const JsonCursor& cursor, const Header& header, PaasOrigin origin,
                        ImportState& state) {
    PaasResource resource;
    resource.header = header;
    resource.certain = origin.certain;
    resource.from_resource_graph = origin.resource_graph;
    resource.kind = cursor["kind"].name_or("");
    resource.api_version = cursor["apiVersion"].name_or("");
    const JsonCursor sku = cursor["sku"];
    resource.sku = sku.is_object() ? sku["name"].name_or("") : sku.name_or("");
    const JsonCursor properties = properties_of(cursor);
    const PaasService* service = paas_service(header.type);
    const auto settings = words(service != nullptr ? service->settings : "publicNetworkAccess");
    for (const std::string_view pointer : settings) {
        read_setting(properties, pointer, header.id, "", resource);
    }
    for (const ListShape& shape : kLists) {
        if (equal_ignoring_case(shape.type, header.type)) {
            read_list(properties, shape.pointer, shape.kind, shape.value, header.id, "", resource);
        }
    }
    const JsonCursor connections = properties["privateEndpointConnections"];
    if (connections.is_array()) {
        connections.for_each([&](const JsonCursor& item) {
            if (item.is_object()) {
                read_connection_state(item, header.id, resource);
            }
        });
    }
    const auto known = state.snapshot.paas.find(header.id);
    if (known == state.snapshot.paas.end()) {
        put(state.snapshot.paas, header, std::move(resource));
    } else {
        merge_into(known->second, std::move(resource));
    }
}

void read_paas_child(const JsonCursor& cursor, const Header& header, bool certain,
                     ImportState& state) {
    PaasResource part;  // what it adds to its parent
    part.header = header;
    part.certain = certain;
    const JsonCursor properties = properties_of(cursor);
    const ResourceId parent = header.id.parent();
    if (is_connection_child(header.type)) {
        read_connection_state(cursor, parent, part);
        state.paas_children.push_back({parent, std::move(part)});
        return;
    }
    const ChildShape& shape = *child_shape(header.type);
    const std::string kind(shape.type.substr(shape.type.rfind('/') + 1));
    part.children.push_back(kind);
    PaasRule rule;
    rule.list = kind;
    rule.by = header.id;
    rule.name = std::string(header.id.name());
    rule.where = header.where;
    switch (shape.what) {
        case What::range: {
            const std::string first(properties[shape.first].name_or(""));
            const std::string last(properties[shape.last].name_or(""));
            read_addresses(last.empty() ? first : first + "-" + last, rule);
            if (is_symbolic(rule.text)) {
                rule.readable = rule.certain = false;
            } else {
                note_unreadable(cursor, rule);
            }
            part.rules.push_back(std::move(rule));
            break;
        }
        case What::subnet:
            rule.kind = Kind::subnet;
            rule.subnet = ResourceId(std::string(properties[shape.first].name_or("")));
            rule.text = rule.subnet->text();
            rule.state = properties["state"].name_or("");
            rule.readable = !rule.text.empty();
            rule.certain = !is_symbolic(rule.state);
            part.rules.push_back(std::move(rule));
            break;
        case What::settings: {
            // A web app's configuration is what its siteConfig is; other sets keep their name.
            const bool site = ends_with(shape.type, "/config");
            if (site && !equal_ignoring_case(header.id.name(), "web")) {
                return;
            }
            const std::string prefix =
                site ? "siteConfig/" : kind + "/" + std::string(header.id.name()) + "/";
            for (const std::string_view pointer : words(shape.first)) {
                read_setting(properties, pointer, header.id, prefix, part);
            }
            if (site) {
                for (const char* list : {"ipSecurityRestrictions", "scmIpSecurityRestrictions"}) {
                    read_list(properties, list, Kind::addresses, "ipAddress", header.id, prefix,
                              part);
                }
            } else {
                read_list(properties, "ipRules", Kind::addresses, "ipMask", header.id, prefix,
                          part);
                read_list(properties, "virtualNetworkRules", Kind::subnet, "", header.id, prefix,
                          part);
            }
            break;
        }
        case What::connection:
            break;
    }
    state.paas_children.push_back({parent, std::move(part)});
}

namespace {

/// Perimeters are not modelled: where one stands, what it does at each resource is open.   [NSP-1]
void mark_perimeters(ImportState& state) {
    constexpr std::string_view kType = "Microsoft.Network/networkSecurityPerimeters";
    const auto& others = state.snapshot.others;
    const auto perimeter = std::find_if(others.begin(), others.end(), [&](const auto& item) {
        const std::string type = item.first.type();
        return type.size() >= kType.size() &&
               equal_ignoring_case(std::string_view(type).substr(0, kType.size()), kType);
    });
    if (perimeter == others.end()) {
        return;
    }
    for (auto& [id, resource] : state.snapshot.paas) {
        PaasSetting setting;
        setting.text = perimeter->first.text();
        setting.by = resource.property("networkSecurityPerimeterConfigurations");
        setting.where = perimeter->second.header.where;
        setting.certain = false;
        resource.settings.insert_or_assign("networkSecurityPerimeterConfigurations",
                                           std::move(setting));
    }
}

}  // namespace

void join_paas_children(ImportState& state) {
    mark_perimeters(state);
    Snapshot& snapshot = state.snapshot;
    std::stable_sort(
        state.paas_children.begin(), state.paas_children.end(),
        [](const auto& a, const auto& b) { return a.part.header.id < b.part.header.id; });
    for (ImportState::PaasChild& child : state.paas_children) {
        if (!child.part.certain) {  // it perhaps does not exist
            for (auto& [pointer, setting] : child.part.settings) setting.certain = false;
            for (PaasRule& rule : child.part.rules) rule.certain = false;
            for (PaasConnection& connection : child.part.connections) connection.certain = false;
        }
        const auto found = snapshot.paas.find(child.parent);
        if (found == snapshot.paas.end()) {
            state.mentions.emplace_back(child.parent, child.part.header.id);
            continue;
        }
        PaasResource& parent = found->second;
        for (auto& [pointer, setting] : child.part.settings) {
            const auto [known, fresh] = parent.settings.try_emplace(pointer, setting);
            if (!fresh && !equal_ignoring_case(known->second.text, setting.text)) {
                known->second.certain = false;
            }
        }
        // A list of a web app's configuration stands in the app too, often empty: one of both.
        for (PaasRule& rule : child.part.rules) {
            const bool known =
                std::any_of(parent.rules.begin(), parent.rules.end(),
                            [&](const PaasRule& other) { return same_rule(other, rule); });
            if (!known) {
                parent.rules.push_back(std::move(rule));
            }
        }
        for (PaasConnection& connection : child.part.connections) {
            const auto known =
                std::find_if(parent.connections.begin(), parent.connections.end(),
                             [&](const PaasConnection& c) { return c.id == connection.id; });
            if (known == parent.connections.end()) {
                parent.connections.push_back(std::move(connection));
            } else if (!equal_ignoring_case(known->status, connection.status)) {
                known->certain = false;
            }
        }
        for (std::string& kind : child.part.children) {
            if (std::find(parent.children.begin(), parent.children.end(), kind) ==
                parent.children.end()) {
                parent.children.push_back(std::move(kind));
            }
        }
    }
    state.paas_children.clear();
}

}  // namespace azreach
