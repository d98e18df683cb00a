#include "src/arm/merge.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace azreach {

namespace {

// --- what "the same" means: everything that is read, but not where ------------------------------

bool same(const AddressSpec& a, const AddressSpec& b) {
    return a.any == b.any && a.any_v4 == b.any_v4 && a.prefixes == b.prefixes && a.tags == b.tags &&
           a.asgs == b.asgs && a.network_groups == b.network_groups && a.unreadable == b.unreadable;
}

bool same(const SecurityRule& a, const SecurityRule& b) {
    return a.priority == b.priority && a.direction == b.direction && a.access == b.access &&
           a.protocol == b.protocol && same(a.source, b.source) &&
           same(a.destination, b.destination) && a.source_ports == b.source_ports &&
           a.destination_ports == b.destination_ports && a.ports_unreadable == b.ports_unreadable;
}

bool same(const Route& a, const Route& b) {
    return a.prefix == b.prefix && a.service_tag == b.service_tag && a.next_hop == b.next_hop &&
           a.next_hop_address == b.next_hop_address;
}

bool same(const IpConfiguration& a, const IpConfiguration& b) {
    return a.family == b.family && a.address == b.address && a.subnet == b.subnet &&
           a.public_ip == b.public_ip && a.asgs == b.asgs && a.lb_pools == b.lb_pools &&
           a.lb_nat_rules == b.lb_nat_rules && a.lb_nat_pools == b.lb_nat_pools &&
           a.gateway_load_balancer == b.gateway_load_balancer;
}

bool same(const LbFrontend& a, const LbFrontend& b) {
    return a.address == b.address && a.subnet == b.subnet && a.public_ip == b.public_ip &&
           a.public_prefix == b.public_prefix && a.gateway_load_balancer == b.gateway_load_balancer;
}

bool same(const LbPool& a, const LbPool& b) {
    return a.ip_configurations == b.ip_configurations &&
           std::equal(a.addresses.begin(), a.addresses.end(), b.addresses.begin(),
                      b.addresses.end(), [](const LbBackendAddress& x, const LbBackendAddress& y) {
                          return x.address == y.address && x.virtual_network == y.virtual_network &&
                                 x.subnet == y.subnet && x.ip_configuration == y.ip_configuration &&
                                 x.admin_down == y.admin_down && x.frontend == y.frontend;
                      });
}

bool same(const LbRule& a, const LbRule& b) {
    return a.frontend == b.frontend && a.pools == b.pools && a.protocol == b.protocol &&
           a.frontend_port == b.frontend_port && a.backend_port == b.backend_port &&
           a.floating_ip == b.floating_ip && a.disable_outbound_snat == b.disable_outbound_snat;
}

bool same(const LbNatRule& a, const LbNatRule& b) {
    return a.frontend == b.frontend && a.pool == b.pool &&
           a.backend_configuration == b.backend_configuration && a.protocol == b.protocol &&
           a.frontend_port == b.frontend_port && a.frontend_port_start == b.frontend_port_start &&
           a.frontend_port_end == b.frontend_port_end && a.backend_port == b.backend_port &&
           a.floating_ip == b.floating_ip && a.is_pool == b.is_pool;
}

bool same(const LbOutboundRule& a, const LbOutboundRule& b) {
    return a.frontends == b.frontends && a.pool == b.pool && a.protocol == b.protocol;
}

bool same(const RuleCollectionGroup& a, const RuleCollectionGroup& b) {
    return a.priority == b.priority &&
           std::equal(a.collections.begin(), a.collections.end(), b.collections.begin(),
                      b.collections.end(),
                      [](const FirewallRuleCollection& x, const FirewallRuleCollection& y) {
                          return x.id == y.id && x.priority == y.priority && x.pass == y.pass &&
                                 x.action == y.action &&
                                 std::equal(x.rules.begin(), x.rules.end(), y.rules.begin(),
                                            y.rules.end(),
                                            [](const auto& r, const auto& s) { return r.same(s); });
                      });
}

bool same_prefixes(std::vector<Prefix> a, std::vector<Prefix> b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
}

bool same(const Peering& a, const Peering& b) {
    return a.remote == b.remote && a.state == b.state && a.fully_in_sync == b.fully_in_sync &&
           a.allow_access == b.allow_access && a.allow_forwarded == b.allow_forwarded &&
           a.allow_gateway_transit == b.allow_gateway_transit &&
           a.use_remote_gateways == b.use_remote_gateways && a.complete_vnets == b.complete_vnets &&
           a.only_ipv6 == b.only_ipv6 && a.local_subnets == b.local_subnets &&
           a.remote_subnets == b.remote_subnets && same_prefixes(a.remote_space, b.remote_space) &&
           same_prefixes(a.remote_vnet_space, b.remote_vnet_space);
}

// --- messages ------------------------------------------------------------------------------------

void conflict(Snapshot& snapshot, Provenance where, const std::string& what,
              const std::string& names) {
    Diagnostic diagnostic;
    diagnostic.code = "AZR1012";
    diagnostic.message = what + ": two copies differ" + (names.empty() ? "" : " in " + names) +
                         "; answers that hang on it are unknown";
    diagnostic.where = where;
    snapshot.diagnostics.push_back(std::move(diagnostic));
}

[[noreturn]] void refuse(const SourceMap& places, Provenance first, Provenance second,
                         const std::string& what) {
    const Place other = places.locate(first);
    throw InputError(places.locate(second), what,
                     "a copy that differs from the one at " + other.file + "#" + other.pointer,
                     "one copy, or equal ones", "remove the stale export");
}

void too_many(const SourceMap& places, Provenance where, const std::string& what) {
    throw InputError(places.locate(where), what,
                     "more than " + std::to_string(kMostCopies) + " copies that all differ",
                     "one copy, or equal ones", "remove the stale exports");
}

/// A child whose parent was not read: kept by name, and said.
void orphan(Snapshot& snapshot, Provenance where, const ResourceId& id) {
    OtherResource other;
    other.header.id = id;
    other.header.name = std::string(id.name());
    other.header.type = id.type();
    other.header.where = where;
    if (!snapshot.others.emplace(id, std::move(other)).second) {
        return;
    }
    Diagnostic diagnostic;
    diagnostic.code = "AZR1013";
    diagnostic.message = "'" + id.text() +
                         "' belongs to a resource that is not in the snapshot; it is kept by name "
                         "only, and what its parent decides is unknown";
    diagnostic.where = where;
    snapshot.diagnostics.push_back(std::move(diagnostic));
    snapshot.gaps.push_back({"AZR9001", id.parent().text(), id.text(),
                             "everything that it decides together with this part of it"});
}

// --- children ------------------------------------------------------------------------------------

const ResourceId& id_of(const Subnet& item) { return item.header.id; }
const ResourceId& id_of(const Peering& item) { return item.header.id; }
const ResourceId& id_of(const RuleCollectionGroup& item) { return item.header.id; }
template <class Item>
const ResourceId& id_of(const Item& item) {
    return item.id;
}
Provenance where_of(const Subnet& item) { return item.header.where; }
Provenance where_of(const Peering& item) { return item.header.where; }
Provenance where_of(const RuleCollectionGroup& item) { return item.header.where; }
template <class Item>
Provenance where_of(const Item& item) {
    return item.where;
}

/// The children of one type: which stand in which list, by id. Built per parent, once.
template <class Item>
class Siblings {
public:
    /// The indexes of the items of `list` (the list of `parent`) with this id.
    std::vector<std::size_t>& of(const ResourceId& parent, const std::vector<Item>& list,
                                 const ResourceId& id) {
        auto [known, fresh] = parents_.try_emplace(parent);
        if (fresh) {
            for (std::size_t i = 0; i < list.size(); ++i) {
                known->second[id_of(list[i])].push_back(i);
            }
        }
        return known->second[id];
    }

private:
    std::unordered_map<ResourceId, std::unordered_map<ResourceId, std::vector<std::size_t>>>
        parents_;
};

/// Adds `items` to the lists of their parents. `find` gives the list of a parent's id, or null;
/// `clash(known, list, second)` says what happens to a second one with the same id.
template <class Item, class Find, class Clash>
void join(std::vector<Item>& items, Snapshot& snapshot, const Find& find, const Clash& clash) {
    Siblings<Item> siblings;
    for (Item& item : items) {
        const ResourceId id = id_of(item);
        const ResourceId parent = id.parent();
        std::vector<Item>* list = find(parent);
        if (list == nullptr) {
            orphan(snapshot, where_of(item), id);
            continue;
        }
        std::vector<std::size_t>& known = siblings.of(parent, *list, id);
        if (known.empty()) {
            known.push_back(list->size());
            list->push_back(std::move(item));
        } else {
            clash(known, *list, std::move(item));
        }
    }
    items.clear();
}

/// Rules and routes: both copies stay, neither is certain.
template <class Item>
auto keep_both(Snapshot& snapshot, const SourceMap& places, const char* what) {
    return [&snapshot, &places, what](std::vector<std::size_t>& known, std::vector<Item>& list,
                                      Item second) {
        for (const std::size_t index : known) {
            if (same(list[index], second)) {
                return;
            }
        }
        if (list[known.front()].where == second.where) {  // the other things that one text may mean
            known.push_back(list.size());
            list.push_back(std::move(second));
            return;
        }
        const std::string name = std::string(what) + " '" + second.name + "'";
        if (known.size() >= kMostCopies) {
            too_many(places, second.where, name);
        }
        conflict(snapshot, second.where, name, "");
        for (const std::size_t index : known) {
            list[index].certain = false;
        }
        second.certain = false;
        known.push_back(list.size());
        list.push_back(std::move(second));
    };
}

/// Parts whose difference the data cannot carry.
template <class Item>
auto only_equal(const SourceMap& places, const char* what) {
    return [&places, what](const std::vector<std::size_t>& known, std::vector<Item>& list,
                           const Item& second) {
        const Item& first = list[known.front()];
        if (!same(first, second)) {
            refuse(places, first.where, second.where, std::string(what) + " '" + second.name + "'");
        }
    };
}

/// Finds a member list of the resource with some id.
template <class Map, class Member>
auto list_in(Map& map, Member member) {
    return [&map, member](const ResourceId& id) {
        const auto found = map.find(id);
        return found == map.end() ? nullptr : &(found->second.*member);
    };
}

template <class T>
void unite(std::vector<T>& first, const std::vector<T>& second) {
    for (const T& item : second) {
        if (std::find(first.begin(), first.end(), item) == first.end()) {
            first.push_back(item);
        }
    }
}

bool same_endpoints(const Subnet& a, const Subnet& b) {
    return std::equal(
        a.service_endpoints.begin(), a.service_endpoints.end(), b.service_endpoints.begin(),
        b.service_endpoints.end(), [](const ServiceEndpoint& x, const ServiceEndpoint& y) {
            return equal_ignoring_case(x.service, y.service) && x.locations == y.locations;
        });
}

/// Two copies name different things: keeps one, whatever the order of the copies, and has the other
/// looked for too. What is decided by it is marked as contested by the caller.
void settle(Ref& first, const Ref& second, const ResourceId& by, ImportState& state) {
    for (const Ref* named : {&std::as_const(first), &second}) {
        if (*named) {
            state.mentions.emplace_back(**named, by);
        }
    }
    if (!first || (second && *second < *first)) {
        first = second ? second : first;
    }
}

/// Marks on `first` what `second` says differently. The names of what differs.
/// `either_old`: one of them comes from an az CLI listing, whose API version may not know the newer
/// properties: absent there says nothing.
std::string compare_subnets(Subnet& first, const Subnet& second, bool either_old,
                            ImportState& state) {
    std::string names;
    const ResourceId& id = first.header.id;
    const auto differs = [&](const char* name) {
        first.header.contested.insert(name);
        names += (names.empty() ? "" : ", ") + std::string(name);
    };
    if (!same_prefixes(first.prefixes, second.prefixes)) {
        differs("addressPrefix");
        unite(first.prefixes, second.prefixes);  // for who may sit there
    }
    if (first.security_group != second.security_group) {
        differs("networkSecurityGroup");
        settle(first.security_group, second.security_group, id, state);
    }
    if (first.route_table != second.route_table) {
        differs("routeTable");
        settle(first.route_table, second.route_table, id, state);
    }
    if (first.nat_gateway != second.nat_gateway) {
        if (either_old && !(first.nat_gateway && second.nat_gateway)) {
            first.nat_gateway = first.nat_gateway ? first.nat_gateway : second.nat_gateway;
        } else {
            differs("natGateway");
            settle(first.nat_gateway, second.nat_gateway, id, state);
        }
    }
    if (first.private_endpoint_policies != second.private_endpoint_policies) {
        first.private_endpoint_policies = PrivateEndpointPolicies::unknown;
        differs("privateEndpointNetworkPolicies");
    }
    if (first.default_outbound_access != second.default_outbound_access) {
        if (either_old && !(first.default_outbound_access && second.default_outbound_access)) {
            first.default_outbound_access = first.default_outbound_access
                                                ? first.default_outbound_access
                                                : second.default_outbound_access;
        } else {
            differs("defaultOutboundAccess");
        }
    }
    if (first.delegations != second.delegations) {
        if (!either_old || !(first.delegations.empty() || second.delegations.empty())) {
            differs("delegations");
        }
        unite(first.delegations, second.delegations);
    }
    if (!same_endpoints(first, second)) {
        differs("serviceEndpoints");
        if (first.service_endpoints.empty()) {
            first.service_endpoints = second.service_endpoints;
        }
    }
    return names;
}

/// Adds the ids that the second copy lists and the first does not: n log n.
void unite_mentions(std::vector<ResourceId>& first, const std::vector<ResourceId>& second) {
    if (first == second) {
        return;
    }
    std::set<ResourceId> known(first.begin(), first.end());
    for (const ResourceId& id : second) {
        if (known.insert(id).second) {
            first.push_back(id);
        }
    }
}

void join_subnets(ImportState& state, const SourceMap& places) {
    Snapshot& snapshot = state.snapshot;
    std::unordered_map<ResourceId, std::size_t> differing;
    join(state.subnets, snapshot, list_in(snapshot.virtual_networks, &VirtualNetwork::subnets),
         [&](const std::vector<std::size_t>& known, std::vector<Subnet>& list, Subnet second) {
             Subnet& first = list[known.front()];
             const std::string names = compare_subnets(
                 first, second, state.flattened_subnets.contains(first.header.id), state);
             unite_mentions(first.ip_configurations, second.ip_configurations);
             if (names.empty()) {
                 return;
             }
             const std::string what = "subnet '" + second.header.name + "'";
             if (++differing[first.header.id] >= kMostCopies) {
                 too_many(places, second.header.where, what);
             }
             conflict(snapshot, second.header.where, what, names);
         });
}

void join_peerings(ImportState& state, const SourceMap& places) {
    Snapshot& snapshot = state.snapshot;
    join(state.peerings, snapshot, list_in(snapshot.virtual_networks, &VirtualNetwork::peerings),
         [&](const std::vector<std::size_t>& known, std::vector<Peering>& list, Peering second) {
             Peering& first = list[known.front()];
             if (same(first, second)) {
                 return;
             }
             const std::string what = "peering '" + second.header.name + "'";
             if (first.remote != second.remote) {
                 refuse(places, first.header.where, second.header.where, what);
             }
             first.header.contested.insert("peering");
             unite(first.remote_space, second.remote_space);
             unite(first.remote_vnet_space, second.remote_vnet_space);
             if (first.state != second.state) {
                 first.state = PeeringState::unknown;
             }
             conflict(snapshot, second.header.where, what, "");
         });
}

void join_members(ImportState& state) {
    Snapshot& snapshot = state.snapshot;
    std::unordered_map<ResourceId, std::set<ResourceId>> known;
    for (const ImportState::StaticMember& item : state.static_members) {
        const auto found = snapshot.network_groups.find(item.group);
        if (found == snapshot.network_groups.end()) {
            orphan(snapshot, item.where, item.group.child("staticMembers", item.member.text()));
            continue;
        }
        auto [members, fresh] = known.try_emplace(item.group);
        if (fresh) {
            members->second.insert(found->second.members.begin(), found->second.members.end());
        }
        if (members->second.insert(item.member).second) {
            found->second.members.push_back(item.member);
        }
    }
    for (const ResourceId& group : state.groups_with_all_members) {
        const auto found = snapshot.network_groups.find(group);
        if (found != snapshot.network_groups.end()) {
            found->second.members_complete = true;
        }
    }
}

/// The configuration of a collection; made up when it was not read, for its rules still may be in
/// force.
SecurityAdminConfiguration& configuration_of(Snapshot& snapshot, const ResourceId& collection,
                                             Provenance where) {
    const ResourceId id = collection.parent();
    auto [found, fresh] = snapshot.admin_configurations.try_emplace(id);
    SecurityAdminConfiguration& configuration = found->second;
    if (fresh) {
        configuration.header.id = id;
        configuration.header.name = std::string(id.name());
        configuration.header.type = id.type();
        configuration.header.where = where;
        configuration.header.contested.insert("applyOnNetworkIntentPolicyBasedServices");
        snapshot.gaps.push_back({"AZR9001", id.text(), collection.text(),
                                 "whether its admin rules skip networks with intent policies"});
    }
    return configuration;
}

void join_admin_rules(ImportState& state, const SourceMap& places) {
    Snapshot& snapshot = state.snapshot;
    struct Where {
        ResourceId configuration;
        std::size_t index;
    };
    std::unordered_map<ResourceId, Where> collections;
    for (AdminRuleCollection& collection : state.rule_collections) {
        const ResourceId id = collection.header.id;
        SecurityAdminConfiguration& configuration =
            configuration_of(snapshot, id, collection.header.where);
        const auto [known, fresh] = collections.try_emplace(
            id, Where{configuration.header.id, configuration.collections.size()});
        if (fresh) {
            configuration.collections.push_back(std::move(collection));
            continue;
        }
        const AdminRuleCollection& first = configuration.collections[known->second.index];
        if (first.groups != collection.groups) {
            refuse(places, first.header.where, collection.header.where,
                   "rule collection '" + collection.header.name + "'");
        }
        for (SecurityRule& rule : collection.rules) {
            state.admin_rules.push_back(std::move(rule));
        }
    }
    for (const SecurityRule& rule : state.admin_rules) {
        const ResourceId id = rule.id.parent();
        if (collections.contains(id)) {
            continue;
        }
        // A rule without its collection: in force on some networks that nobody has read.
        SecurityAdminConfiguration& configuration = configuration_of(snapshot, id, rule.where);
        AdminRuleCollection collection;
        collection.header.id = id;
        collection.header.name = std::string(id.name());
        collection.header.type = id.type();
        collection.header.where = rule.where;
        collection.groups.push_back(id.child("appliesToGroups", "unknown"));
        snapshot.gaps.push_back(
            {"AZR9001", id.text(), rule.id.text(), "to which networks its admin rules apply"});
        collections.emplace(id, Where{configuration.header.id, configuration.collections.size()});
        configuration.collections.push_back(std::move(collection));
    }
    join(
        state.admin_rules, snapshot,
        [&](const ResourceId& id) {
            const Where& where = collections.at(id);
            return &snapshot.admin_configurations.at(where.configuration)
                        .collections[where.index]
                        .rules;
        },
        keep_both<SecurityRule>(snapshot, places, "admin rule"));
}

// --- comparing texts -----------------------------------------------------------------------------

/// Fields that decide nothing about packets.
bool is_noise(const std::string& key) {
    static constexpr std::array<std::string_view, 13> kNoise = {
        "etag",       "provisioningState",       "description",          "resourceGuid",
        "tags",       "resourceGroup",           "idleTimeoutInMinutes", "flowTimeoutInMinutes",
        "macAddress", "vnetEncryptionSupported", "dnsSettings",          "type",
        "apiVersion"};
    return std::any_of(kNoise.begin(), kNoise.end(),
                       [&](std::string_view name) { return equal_ignoring_case(key, name); });
}

/// Keys whose value is a reference: some listings put the whole object there, others its id.
bool is_reference(const std::string& key) {
    static constexpr std::array<std::string_view, 12> kReferences = {"subnet",
                                                                     "publicIPAddress",
                                                                     "publicIPPrefix",
                                                                     "networkSecurityGroup",
                                                                     "routeTable",
                                                                     "natGateway",
                                                                     "virtualMachine",
                                                                     "privateEndpoint",
                                                                     "remoteVirtualNetwork",
                                                                     "virtualNetworkGateway1",
                                                                     "virtualNetworkGateway2",
                                                                     "localNetworkGateway2"};
    return std::any_of(kReferences.begin(), kReferences.end(),
                       [&](std::string_view name) { return equal_ignoring_case(key, name); });
}

/// The same with noise, nulls and empty lists left out, text and keys in lower case [J1], and lists
/// in one order: Azure's lists are sets.
nlohmann::json normalised(const nlohmann::json& value) {
    const auto lower = [](std::string text) {
        for (char& c : text) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        return text;
    };
    if (value.is_object()) {
        nlohmann::json result = nlohmann::json::object();
        for (const auto& [key, item] : value.items()) {
            nlohmann::json inner = normalised(item);
            if (is_reference(key) && inner.is_object() && inner.contains("id")) {
                inner = nlohmann::json{{"id", inner["id"]}};
            }
            if (!is_noise(key) && !inner.is_null()) {
                if (key == "properties" && inner.is_object()) {  // the flattened form is the same
                    result.update(inner);
                } else {
                    result[lower(key)] = std::move(inner);
                }
            }
        }
        return result.empty() ? nlohmann::json() : result;
    }
    if (value.is_array()) {
        std::vector<nlohmann::json> items;
        for (const auto& item : value) {
            items.push_back(normalised(item));
        }
        std::sort(items.begin(), items.end());
        return items.empty() ? nlohmann::json() : nlohmann::json(items);
    }
    if (value.is_string()) {
        const std::string text = lower(value.get<std::string>());
        return text.empty() ? nlohmann::json() : nlohmann::json(text);
    }
    return value;
}

}  // namespace

std::vector<std::string> differing_properties(std::string_view before, std::string_view after,
                                              std::string_view decides) {
    const auto read = [](std::string_view text) {
        return normalised(nlohmann::json::parse(text.begin(), text.end(), nullptr, false));
    };
    const nlohmann::json a = read(before);
    const nlohmann::json b = read(after);
    std::vector<std::string> result;
    if (a.is_discarded() || b.is_discarded()) {  // what two parsers do not agree on
        return {"text"};
    }
    while (!decides.empty()) {
        const std::size_t blank = std::min(decides.find(' '), decides.size());
        const std::string name(decides.substr(0, blank));
        decides.remove_prefix(std::min(blank + 1, decides.size()));
        std::string key = name;
        std::transform(key.begin(), key.end(), key.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        const auto value = [&](const nlohmann::json& from) {
            return from.contains(key) ? from[key] : nlohmann::json();
        };
        if (value(a) != value(b)) {
            result.push_back(name);
        }
    }
    return result;
}

namespace {

/// What both lists hold alike stays certain; the rest is kept from both sides and is not.
template <class Item>
void merge_lists(std::vector<Item>& first, std::vector<Item> second) {
    std::unordered_map<ResourceId, std::vector<std::size_t>> known;
    for (std::size_t i = 0; i < first.size(); ++i) {
        known[first[i].id].push_back(i);
    }
    std::vector<bool> repeated(first.size(), false);
    for (Item& item : second) {
        bool found = false;
        std::vector<std::size_t>& indexes = known[item.id];
        for (const std::size_t index : indexes) {
            if (same(first[index], item)) {
                if (index < repeated.size()) {
                    repeated[index] = true;
                }
                found = true;
            }
        }
        if (!found) {
            item.certain = false;
            indexes.push_back(first.size());
            first.push_back(std::move(item));
        }
    }
    for (std::size_t i = 0; i < repeated.size(); ++i) {
        first[i].certain = first[i].certain && repeated[i];
    }
}

/// Copies of a virtual network. Its children are joined like children that stand alone; those that
/// only one copy has are marked.
void merge_virtual_networks(VirtualNetwork& first, VirtualNetwork second, ImportState& state) {
    if (!same_prefixes(first.address_space, second.address_space)) {
        first.header.contested.insert("addressSpace");
        unite(first.address_space, second.address_space);
    }
    std::set<ResourceId> in_first;
    std::set<ResourceId> in_second;
    for (const Subnet& subnet : first.subnets) in_first.insert(subnet.header.id);
    for (const Subnet& subnet : second.subnets) in_second.insert(subnet.header.id);
    if (in_first != in_second) {
        first.header.contested.insert("subnets");
    }
    in_first.clear();
    in_second.clear();
    for (const Peering& peering : first.peerings) in_first.insert(peering.header.id);
    for (const Peering& peering : second.peerings) in_second.insert(peering.header.id);
    for (Peering& peering : first.peerings) {
        if (!in_second.contains(peering.header.id)) {
            peering.header.contested.insert("peering");
        }
    }
    for (Peering& peering : second.peerings) {
        if (!in_first.contains(peering.header.id)) {
            peering.header.contested.insert("peering");
        }
        state.peerings.push_back(std::move(peering));
    }
    for (Subnet& subnet : second.subnets) {
        state.subnets.push_back(std::move(subnet));
    }
}

}  // namespace

bool merge_copies(const ResourceReader& reader, const Header& header,
                  const std::vector<std::string>& differing, const JsonCursor& second,
                  ImportState& state) {
    Snapshot& snapshot = state.snapshot;
    const auto only = [&](std::initializer_list<const char*> names) {
        return std::all_of(differing.begin(), differing.end(), [&](const std::string& name) {
            return std::find(names.begin(), names.end(), name) != names.end();
        });
    };
    const auto is = [&](const char* type) { return reader.type == type; };
    /// The second copy, read into a snapshot of its own.
    const auto read_apart = [&] {
        ImportState apart;
        reader.read(second, header, apart);
        state.mentions.insert(state.mentions.end(), apart.mentions.begin(), apart.mentions.end());
        state.flattened_subnets.insert(apart.flattened_subnets.begin(),
                                       apart.flattened_subnets.end());
        return apart.snapshot;
    };
    if (is("Microsoft.Network/networkSecurityGroups")) {
        NetworkSecurityGroup& first = snapshot.security_groups.at(header.id);
        NetworkSecurityGroup copy = std::move(read_apart().security_groups.at(header.id));
        merge_lists(first.rules, std::move(copy.rules));
        if (!first.default_rules.empty() && !copy.default_rules.empty()) {
            merge_lists(first.default_rules, std::move(copy.default_rules));
        } else if (first.default_rules.empty()) {
            first.default_rules = std::move(copy.default_rules);
        }
        return true;
    }
    if (is("Microsoft.Network/routeTables") && only({"routes"})) {
        merge_lists(snapshot.route_tables.at(header.id).routes,
                    std::move(read_apart().route_tables.at(header.id).routes));
        return true;
    }
    if (is("Microsoft.Network/networkInterfaces") && only({"networkSecurityGroup"})) {
        NetworkInterface& first = snapshot.interfaces.at(header.id);
        first.header.contested.insert("networkSecurityGroup");
        settle(first.security_group, read_apart().interfaces.at(header.id).security_group,
               header.id, state);
        return true;
    }
    if (is("Microsoft.Network/virtualNetworks") &&
        only({"addressSpace", "subnets", "virtualNetworkPeerings"})) {
        merge_virtual_networks(snapshot.virtual_networks.at(header.id),
                               std::move(read_apart().virtual_networks.at(header.id)), state);
        return true;
    }
    const auto contest = [&](auto& map) {  // everything that it decides is then in doubt
        for (const std::string& name : differing) {
            map.at(header.id).header.contested.insert(name);
        }
        return true;
    };
    if (is("Microsoft.Network/azureFirewalls")) {
        return contest(snapshot.firewalls);
    }
    if (is("Microsoft.Network/firewallPolicies")) {
        return contest(snapshot.firewall_policies);
    }
    if (is("Microsoft.Network/ipGroups")) {
        return contest(snapshot.ip_groups);
    }
    if (only({"sku"}) && is("Microsoft.Network/publicIPAddresses")) {
        snapshot.public_ips.at(header.id).header.contested.insert("sku");
        return true;
    }
    if (only({"sku"}) && is("Microsoft.Network/loadBalancers")) {
        snapshot.load_balancers.at(header.id).header.contested.insert("sku");
        return true;
    }
    if (only({"sku"}) && is("Microsoft.Compute/virtualMachineScaleSets")) {
        snapshot.scale_sets.at(header.id).capacity.reset();  // how many there are is not sure
        return true;
    }
    return false;
}

void merge_children(ImportState& state, const SourceMap& places) {
    Snapshot& snapshot = state.snapshot;
    join_subnets(state, places);
    join_peerings(state, places);
    join(state.security_rules, snapshot,
         list_in(snapshot.security_groups, &NetworkSecurityGroup::rules),
         keep_both<SecurityRule>(snapshot, places, "rule"));
    join(state.default_rules, snapshot,
         list_in(snapshot.security_groups, &NetworkSecurityGroup::default_rules),
         keep_both<SecurityRule>(snapshot, places, "default rule"));
    join(state.routes, snapshot, list_in(snapshot.route_tables, &RouteTable::routes),
         keep_both<Route>(snapshot, places, "route"));
    join_members(state);
    join_admin_rules(state, places);
    join(state.ip_configurations, snapshot,
         list_in(snapshot.interfaces, &NetworkInterface::configurations),
         only_equal<IpConfiguration>(places, "IP configuration"));
    auto& balancers = snapshot.load_balancers;
    join(state.lb_frontends, snapshot, list_in(balancers, &LoadBalancer::frontends),
         only_equal<LbFrontend>(places, "frontend"));
    join(state.lb_pools, snapshot, list_in(balancers, &LoadBalancer::pools),
         [&](const std::vector<std::size_t>& known, std::vector<LbPool>& list, LbPool second) {
             LbPool& first = list[known.front()];
             if (first.ip_configurations.empty() && first.addresses.empty()) {
                 first = std::move(second);  // inline by name only
             } else if (!second.ip_configurations.empty() || !second.addresses.empty()) {
                 only_equal<LbPool>(places, "backend pool")(known, list, second);
             }
         });
    join(state.lb_rules, snapshot, list_in(balancers, &LoadBalancer::rules),
         only_equal<LbRule>(places, "load-balancing rule"));
    join(state.nat_rules, snapshot, list_in(balancers, &LoadBalancer::nat_rules),
         only_equal<LbNatRule>(places, "inbound NAT rule"));
    join(state.outbound_rules, snapshot, list_in(balancers, &LoadBalancer::outbound_rules),
         only_equal<LbOutboundRule>(places, "outbound rule"));
    join(state.firewall_groups, snapshot,
         list_in(snapshot.firewall_policies, &FirewallPolicy::groups),
         [&](const std::vector<std::size_t>& known, std::vector<RuleCollectionGroup>& list,
             const RuleCollectionGroup& second) {
             if (same(list[known.front()], second)) {
                 return;
             }
             snapshot.firewall_policies.at(second.header.id.parent())
                 .header.contested.insert("ruleCollectionGroups");
             conflict(snapshot, second.header.where,
                      "rule collection group '" + second.header.name + "'", "");
         });
    for (const auto& [gateway, where] : state.gateway_nat_rules) {
        const auto found = snapshot.gateways.find(gateway);
        if (found != snapshot.gateways.end()) {
            found->second.has_nat_rules = true;
        }
    }
}

}  // namespace azreach
