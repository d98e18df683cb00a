#include "models/network/admin_rules.hpp"

#include <algorithm>
#include <map>

#include "models/network/connectivity.hpp"

namespace azreach {

namespace {

/// A12, A14: subnets of platform services are skipped.
bool is_exempt_subnet(const Subnet& subnet) {
    for (const char* name : {"GatewaySubnet", "AzureBastionSubnet", "AzureFirewallSubnet",
                             "AzureFirewallManagementSubnet", "RouteServerSubnet"}) {
        if (equal_ignoring_case(subnet.header.name, name)) {
            return true;
        }
    }
    return false;
}

bool hosts_application_gateway(const Network& network, const ResourceId& subnet) {
    for (const auto& [id, other] : network.snapshot().others) {
        if (equal_ignoring_case(other.header.type, "Microsoft.Network/applicationGateways") &&
            std::find(other.subnets.begin(), other.subnets.end(), subnet) != other.subnets.end()) {
            return true;
        }
    }
    return false;
}

bool has_intent_policy_service(const VirtualNetwork& vnet) {  // A11
    for (const Subnet& subnet : vnet.subnets) {
        for (const std::string& service : subnet.delegations) {
            if (equal_ignoring_case(service, "Microsoft.Sql/managedInstances") ||
                equal_ignoring_case(service, "Microsoft.Databricks/workspaces")) {
                return true;
            }
        }
    }
    return false;
}

bool applies(const SecurityAdminConfiguration& configuration, const char* value) {
    return std::any_of(configuration.apply_on_intent_policy_services.begin(),
                       configuration.apply_on_intent_policy_services.end(),
                       [&](const std::string& text) { return equal_ignoring_case(text, value); });
}

/// Scope of the manager of a configuration: management groups stand above subscriptions. [A16]
int scope_rank(const Network& network, const ResourceId& configuration) {
    const auto manager = network.snapshot().network_managers.find(configuration.parent());
    if (manager == network.snapshot().network_managers.end()) {
        return 1;
    }
    return manager->second.management_groups.empty() ? 1 : 0;
}

}  // namespace

FilterList admin_rules_at(RuleContext& context, SubnetIndex subnet, Direction direction) {
    const Network& network = context.network();
    const SubnetPlace& place = network.subnets()[subnet];
    FilterList list;
    list.kind = FilterList::Kind::admin_rules;
    list.association = place.vnet->header.id;
    list.direction = direction;
    if (is_exempt_subnet(*place.subnet)) {
        return list;
    }
    Guard exempt;
    if (hosts_application_gateway(network, place.subnet->header.id)) {
        // Skipped without network isolation, which the export may not show.
        exempt = {{network.about(FactKey::exempt, place.subnet->header.id.text()), false}};
    }

    // What Azure says is in force is exact.
    std::vector<const SecurityRule*> active;
    bool has_active = false;
    for (const ActiveAdminRules& item : network.snapshot().active_admin_rules) {
        if (item.virtual_network.empty() || item.virtual_network == place.vnet->header.id) {
            has_active = has_active || item.virtual_network == place.vnet->header.id;
            for (const SecurityRule& rule : item.rules) {
                if (rule.direction == direction && item.virtual_network == place.vnet->header.id) {
                    active.push_back(&rule);
                }
            }
        }
    }
    if (has_active) {
        list.rules = in_order(context, std::move(active), subnet);
        list.owner = place.vnet->header.id;
        for (FilterRule& rule : list.rules) {
            rule.when.insert(rule.when.end(), exempt.begin(), exempt.end());
        }
        return list;
    }

    struct Configured {
        int scope;
        const SecurityAdminConfiguration* configuration;
        std::vector<const SecurityRule*> rules;
        Guard when;
        // By rule: the guards of the memberships, of which one is enough.
        std::map<const SecurityRule*, std::vector<Guard>> members;
    };
    std::vector<Configured> configured;
    const bool intent_services = has_intent_policy_service(*place.vnet);
    for (const auto& [id, configuration] : network.snapshot().admin_configurations) {
        Configured item{scope_rank(network, id), &configuration, {}, exempt, {}};
        if (!network.add_literal(item.when, FactKey::admin_rules_deployed, true)) {
            continue;
        }
        bool only_allow = false;
        if (intent_services && !applies(configuration, "All")) {  // A11
            if (!applies(configuration, "AllowRulesOnly")) {
                continue;
            }
            only_allow = true;
        }
        for (const AdminRuleCollection& collection : configuration.collections) {
            std::vector<Guard> members;
            for (const ResourceId& group : collection.groups) {
                if (auto when = membership(network, group, place.vnet->header.id,
                                           place.subnet->header.id)) {
                    if (when->empty()) {
                        members.assign(1, Guard{});
                        break;
                    }
                    members.push_back(std::move(*when));
                }
            }
            if (members.empty()) {
                continue;
            }
            for (const SecurityRule& rule : collection.rules) {
                if (rule.direction == direction && !(only_allow && rule.access == Access::deny)) {
                    item.rules.push_back(&rule);
                    item.members.emplace(&rule, members);
                }
            }
        }
        if (!item.rules.empty()) {
            configured.push_back(std::move(item));
        }
    }
    std::stable_sort(configured.begin(), configured.end(),
                     [](const Configured& a, const Configured& b) { return a.scope < b.scope; });
    for (std::size_t c = 0; c < configured.size(); ++c) {
        const Configured& item = configured[c];
        if (list.owner.empty()) {
            list.owner = item.configuration->header.id.parent();
        }
        std::vector<FilterRule> rules;
        for (const FilterRule& rule : in_order(context, item.rules, subnet)) {
            for (const Guard& member : item.members.at(rule.rule)) {
                rules.push_back(rule);
                rules.back().when.insert(rules.back().when.end(), member.begin(), member.end());
            }
        }
        for (FilterRule& rule : rules) {
            rule.when.insert(rule.when.begin(), item.when.begin(), item.when.end());
            // A17: an Allow of a higher scope shields from a lower one's Deny, or does not.
            const bool lower_follows =
                c + 1 < configured.size() && configured[c + 1].scope > item.scope;
            if (lower_follows && rule.access == Access::allow) {
                Guard shields = rule.when;
                if (!network.add_literal(shields, FactKey::higher_scope_allow_shields, true)) {
                    continue;  // it decides nothing: evaluation goes on
                }
                rule.when = std::move(shields);
            }
            list.rules.push_back(std::move(rule));
        }
    }
    return list;
}

}  // namespace azreach
