#include "src/arm/merge.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace azreach {

namespace {

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

void conflict(std::vector<Diagnostic>& diagnostics, Provenance where, const std::string& what,
              const std::string& names) {
    Diagnostic diagnostic;
    diagnostic.code = "AZR1012";
    diagnostic.message = what + ": two copies differ" + (names.empty() ? "" : " in " + names) +
                         "; answers that hang on it are unknown";
    diagnostic.where = where;
    diagnostics.push_back(std::move(diagnostic));
}

/// A child whose parent was not read: kept by name, and said.
void orphan(Snapshot& snapshot, Provenance where, const ResourceId& id) {
    std::vector<Diagnostic>& diagnostics = snapshot.diagnostics;
    OtherResource other;
    other.header.id = id;
    other.header.name = std::string(id.name());
    other.header.type = id.type();
    other.header.where = where;
    snapshot.others.emplace(id, std::move(other));
    Diagnostic diagnostic;
    diagnostic.code = "AZR1013";
    diagnostic.message = "'" + id.text() + "' belongs to a resource that is not in the snapshot: " +
                         id.parent().text() + "; it is kept by name only, and what its parent decides is unknown";
    diagnostic.where = where;
    diagnostics.push_back(std::move(diagnostic));
}

/// Adds `items` of equal type to the lists of their parents; `find` gives the list of a parent id.
template <class Item, class Find>
void join(std::vector<Item>& items, Snapshot& snapshot, const char* what, const Find& find) {
    std::vector<Diagnostic>& diagnostics = snapshot.diagnostics;
    std::unordered_map<ResourceId, std::unordered_map<ResourceId, std::size_t>> known;
    for (Item& item : items) {
        const ResourceId parent = item.id.parent();
        std::vector<Item>* list = find(parent);
        if (list == nullptr) {
            orphan(snapshot, item.where, item.id);
            continue;
        }
        const auto [index, fresh] = known.try_emplace(parent);
        if (fresh) {
            for (std::size_t i = 0; i < list->size(); ++i) {
                index->second.emplace((*list)[i].id, i);
            }
        }
        const auto [place, added] = index->second.emplace(item.id, list->size());
        if (added) {
            list->push_back(std::move(item));
            continue;
        }
        Item& first = (*list)[place->second];
        if (same(first, item)) {
            continue;
        }
        conflict(diagnostics, item.where, std::string(what) + " '" + item.name + "'", "");
        first.certain = false;
        item.certain = false;
        list->push_back(std::move(item));
    }
}

bool same_prefixes(const std::vector<Prefix>& a, const std::vector<Prefix>& b) {
    std::vector<Prefix> x = a;
    std::vector<Prefix> y = b;
    std::sort(x.begin(), x.end());
    std::sort(y.begin(), y.end());
    return x == y;
}

/// Marks on `first` what `second` says differently.
void compare_subnets(Subnet& first, const Subnet& second, std::vector<Diagnostic>& diagnostics) {
    std::string names;
    const auto differs = [&](const char* name) {
        first.header.contested.insert(name);
        names += (names.empty() ? "" : ", ") + std::string(name);
    };
    if (!same_prefixes(first.prefixes, second.prefixes)) {
        differs("addressPrefix");
        for (const Prefix& prefix : second.prefixes) {  // the union, for who may sit there
            if (std::find(first.prefixes.begin(), first.prefixes.end(), prefix) ==
                first.prefixes.end()) {
                first.prefixes.push_back(prefix);
            }
        }
    }
    if (first.security_group != second.security_group) {
        differs("networkSecurityGroup");
    }
    if (first.route_table != second.route_table) {
        differs("routeTable");
    }
    if (first.nat_gateway != second.nat_gateway) {
        differs("natGateway");
    }
    if (first.private_endpoint_policies != second.private_endpoint_policies) {
        first.private_endpoint_policies = PrivateEndpointPolicies::unknown;
        differs("privateEndpointNetworkPolicies");
    }
    if (first.delegations.empty()) {
        first.delegations = second.delegations;
    }
    if (first.service_endpoints.empty()) {
        first.service_endpoints = second.service_endpoints;
    }
    for (const ResourceId& user : second.ip_configurations) {
        if (std::find(first.ip_configurations.begin(), first.ip_configurations.end(), user) ==
            first.ip_configurations.end()) {
            first.ip_configurations.push_back(user);
        }
    }
    if (!names.empty()) {
        conflict(diagnostics, second.header.where, "subnet '" + second.header.name + "'", names);
    }
}

void compare_peerings(Peering& first, const Peering& second, std::vector<Diagnostic>& diagnostics) {
    const bool equal =
        first.remote == second.remote && first.state == second.state &&
        first.allow_access == second.allow_access &&
        first.allow_forwarded == second.allow_forwarded &&
        first.allow_gateway_transit == second.allow_gateway_transit &&
        first.use_remote_gateways == second.use_remote_gateways &&
        first.complete_vnets == second.complete_vnets && first.only_ipv6 == second.only_ipv6 &&
        first.local_subnets == second.local_subnets &&
        first.remote_subnets == second.remote_subnets &&
        same_prefixes(first.remote_space, second.remote_space);
    if (!equal) {
        first.header.contested.insert("peering");
        conflict(diagnostics, second.header.where, "peering '" + second.header.name + "'", "");
    }
}

/// Fields that decide nothing about packets.
bool is_noise(const std::string& key) {
    static const char* const kNoise[] = {
        "etag", "provisioningState", "description", "resourceGuid", "tags", "idleTimeoutInMinutes",
        "resourceGroup", "flowTimeoutInMinutes", "macAddress", "vnetEncryptionSupported",
        "defaultSecurityRules"};
    return std::any_of(std::begin(kNoise), std::end(kNoise),
                       [&](const char* name) { return equal_ignoring_case(key, name); });
}

nlohmann::json without_noise(const nlohmann::json& value) {
    if (value.is_object()) {
        nlohmann::json result = nlohmann::json::object();
        for (const auto& [key, item] : value.items()) {
            if (!is_noise(key) && !item.is_null()) {
                result[key] = without_noise(item);
            }
        }
        return result;
    }
    if (value.is_array()) {
        nlohmann::json result = nlohmann::json::array();
        for (const auto& item : value) {
            result.push_back(without_noise(item));
        }
        return result;
    }
    if (value.is_string()) {  // ids and enumerations compare without case [J1]
        std::string text = value.get<std::string>();
        for (char& c : text) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        return text;
    }
    return value;
}

}  // namespace

std::vector<std::string> differing_properties(std::string_view before, std::string_view after,
                                              std::string_view decides) {
    const auto properties = [](std::string_view text) {
        nlohmann::json document = nlohmann::json::parse(text.begin(), text.end());
        return document.contains("properties") && document["properties"].is_object()
                   ? document["properties"]
                   : document;
    };
    const nlohmann::json a = properties(before);
    const nlohmann::json b = properties(after);
    std::vector<std::string> result;
    while (!decides.empty()) {
        const std::size_t blank = std::min(decides.find(' '), decides.size());
        const std::string name(decides.substr(0, blank));
        decides.remove_prefix(std::min(blank + 1, decides.size()));
        const auto value = [&](const nlohmann::json& from) {
            const nlohmann::json item =
                from.contains(name) ? without_noise(from[name]) : nlohmann::json();
            return item.is_array() && item.empty() ? nlohmann::json() : item;
        };
        if (value(a) != value(b)) {
            result.push_back(name);
        }
    }
    return result;
}

bool merge_copies(const ResourceReader& reader, const Header& header,
                  const std::vector<std::string>& differing, const JsonCursor& second,
                  ImportState& state) {
    Snapshot& snapshot = state.snapshot;
    const auto only = [&](std::initializer_list<const char*> names) {
        return std::all_of(differing.begin(), differing.end(), [&](const std::string& name) {
            return std::find(names.begin(), names.end(), name) != names.end();
        });
    };
    if (reader.type == "Microsoft.Network/networkSecurityGroups" && only({"securityRules"})) {
        NetworkSecurityGroup& first = snapshot.security_groups.at(header.id);
        const JsonCursor properties = properties_of(second);
        const JsonCursor rules = properties["securityRules"];
        std::vector<SecurityRule> copy;
        rules.for_each([&](const JsonCursor& rule) {
            copy.push_back(read_security_rule(rule, header.id, false));
        });
        const auto in = [](const std::vector<SecurityRule>& list, const SecurityRule& rule) {
            return std::any_of(list.begin(), list.end(), [&](const SecurityRule& other) {
                return other.id == rule.id && same(other, rule);
            });
        };
        for (SecurityRule& rule : first.rules) {
            rule.certain = rule.certain && in(copy, rule);
        }
        const std::vector<SecurityRule> before = first.rules;
        for (SecurityRule& rule : copy) {
            if (!in(before, rule)) {
                rule.certain = false;
                first.rules.push_back(std::move(rule));
            }
        }
        return true;
    }
    if (reader.type == "Microsoft.Network/routeTables" && only({"routes"})) {
        RouteTable& first = snapshot.route_tables.at(header.id);
        const JsonCursor properties = properties_of(second);
        const JsonCursor routes = properties["routes"];
        std::vector<Route> copy;
        routes.for_each([&](const JsonCursor& item) { copy.push_back(read_route(item, header.id)); });
        const auto in = [](const std::vector<Route>& list, const Route& route) {
            return std::any_of(list.begin(), list.end(), [&](const Route& other) {
                return other.id == route.id && same(other, route);
            });
        };
        for (Route& route : first.routes) {
            route.certain = route.certain && in(copy, route);
        }
        const std::vector<Route> before = first.routes;
        for (Route& route : copy) {
            if (!in(before, route)) {
                route.certain = false;
                first.routes.push_back(std::move(route));
            }
        }
        return true;
    }
    if (reader.type == "Microsoft.Network/networkInterfaces" && only({"networkSecurityGroup"})) {
        snapshot.interfaces.at(header.id).header.contested.insert("networkSecurityGroup");
        return true;
    }
    if (reader.type == "Microsoft.Network/virtualNetworks" &&
        only({"subnets", "virtualNetworkPeerings"})) {
        // Its children are joined like children that stand alone.
        const JsonCursor properties = properties_of(second);
        const JsonCursor subnets = properties["subnets"];
        subnets.for_each([&](const JsonCursor& item) {
            state.subnets.push_back(read_subnet(item, header.id));
        });
        const JsonCursor peerings = properties["virtualNetworkPeerings"];
        peerings.for_each([&](const JsonCursor& item) {
            state.peerings.push_back(read_peering(item, header.id));
        });
        return true;
    }
    return false;
}

void merge_children(ImportState& state, const SourceMap& places) {
    (void)places;
    Snapshot& snapshot = state.snapshot;
    std::vector<Diagnostic>& diagnostics = snapshot.diagnostics;

    for (Subnet& subnet : state.subnets) {
        const auto vnet = snapshot.virtual_networks.find(subnet.header.id.parent());
        if (vnet == snapshot.virtual_networks.end()) {
            orphan(snapshot, subnet.header.where, subnet.header.id);
            continue;
        }
        auto& list = vnet->second.subnets;
        const auto known = std::find_if(list.begin(), list.end(), [&](const Subnet& other) {
            return other.header.id == subnet.header.id;
        });
        if (known == list.end()) {
            list.push_back(std::move(subnet));
        } else {
            compare_subnets(*known, subnet, diagnostics);
        }
    }
    for (Peering& peering : state.peerings) {
        const auto vnet = snapshot.virtual_networks.find(peering.header.id.parent());
        if (vnet == snapshot.virtual_networks.end()) {
            orphan(snapshot, peering.header.where, peering.header.id);
            continue;
        }
        auto& list = vnet->second.peerings;
        const auto known = std::find_if(list.begin(), list.end(), [&](const Peering& other) {
            return other.header.id == peering.header.id;
        });
        if (known == list.end()) {
            list.push_back(std::move(peering));
        } else {
            compare_peerings(*known, peering, diagnostics);
        }
    }
    join(state.security_rules, snapshot, "rule", [&](const ResourceId& id) {
        const auto group = snapshot.security_groups.find(id);
        return group == snapshot.security_groups.end() ? nullptr : &group->second.rules;
    });
    join(state.routes, snapshot, "route", [&](const ResourceId& id) {
        const auto table = snapshot.route_tables.find(id);
        return table == snapshot.route_tables.end() ? nullptr : &table->second.routes;
    });
    for (auto& [group, member] : state.static_members) {
        const auto found = snapshot.network_groups.find(group);
        if (found == snapshot.network_groups.end()) {
            Diagnostic diagnostic;
            diagnostic.code = "AZR1013";
            diagnostic.message = "a member of network group '" + group.text() +
                                 "', which is not in the snapshot, is left out: " + member.text();
            diagnostics.push_back(std::move(diagnostic));
            continue;
        }
        auto& members = found->second.members;
        if (std::find(members.begin(), members.end(), member) == members.end()) {
            members.push_back(member);
        }
    }
    for (AdminRuleCollection& collection : state.rule_collections) {
        const auto found = snapshot.admin_configurations.find(collection.header.id.parent());
        if (found == snapshot.admin_configurations.end()) {
            // The configuration may not have been exported; its rules still may be in force.
            SecurityAdminConfiguration configuration;
            configuration.header.id = collection.header.id.parent();
            configuration.header.name = std::string(configuration.header.id.name());
            configuration.header.type = configuration.header.id.type();
            configuration.header.where = collection.header.where;
            snapshot.admin_configurations.emplace(configuration.header.id, configuration)
                .first->second.collections.push_back(std::move(collection));
            continue;
        }
        found->second.collections.push_back(std::move(collection));
    }
    join(state.admin_rules, snapshot, "admin rule", [&](const ResourceId& id) {
        const auto configuration = snapshot.admin_configurations.find(id.parent());
        std::vector<SecurityRule>* list = nullptr;
        if (configuration != snapshot.admin_configurations.end()) {
            for (AdminRuleCollection& collection : configuration->second.collections) {
                if (collection.header.id == id) {
                    list = &collection.rules;
                }
            }
        }
        return list;
    });
    for (LbNatRule& rule : state.nat_rules) {
        const auto balancer = snapshot.load_balancers.find(rule.id.parent());
        if (balancer == snapshot.load_balancers.end()) {
            orphan(snapshot, rule.where, rule.id);
            continue;
        }
        auto& list = balancer->second.nat_rules;
        const bool known = std::any_of(list.begin(), list.end(),
                                       [&](const LbNatRule& other) { return other.id == rule.id; });
        if (!known) {
            list.push_back(std::move(rule));
        }
    }
}

}  // namespace azreach
