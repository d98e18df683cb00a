#include "tests/oracle/oracle_filters.hpp"

#include <algorithm>
#include <vector>

#include "tests/oracle/oracle_tags.hpp"

namespace azreach::oracle {

namespace {

// ---- one rule -----------------------------------------------------------------------------------

bool protocol_matches(const Case& given, const SecurityRule& rule, const Packet& packet) {
    const Protocol protocol = packet.service.protocol;
    switch (rule.protocol) {
        case RuleProtocol::tcp: return protocol == kTcp;
        case RuleProtocol::udp: return protocol == kUdp;
        case RuleProtocol::esp: return protocol == kEsp;
        case RuleProtocol::ah: return protocol == kAh;
        case RuleProtocol::icmpv6: return protocol == kIcmpv6;
        case RuleProtocol::icmp:  // [N24]
            return protocol == kIcmp ||
                   (protocol == kIcmpv6 && given.holds(FactKey::icmp_matches_icmpv6));
        case RuleProtocol::any:  // [N22] TCP, UDP and ICMP for sure
            return protocol == kTcp || protocol == kUdp || protocol == kIcmp ||
                   given.holds(FactKey::star_protocol_all);
        case RuleProtocol::other:  // [N21] a value we do not know
            return given.maybe(FactKey::malformed, rule.id.text() + " protocol");
    }
    return false;
}

bool ports_match(const Case& given, const SecurityRule& rule, const Packet& packet,
                 bool any_source_port) {
    bool matches = false;
    if (has_ports(packet.service.protocol)) {
        matches = (any_source_port || rule.source_ports.contains(packet.service.a)) &&  // [R45]
                  rule.destination_ports.contains(packet.service.b);
    } else {
        // [N23] protocols without ports
        matches = (rule.source_ports.is_full() && rule.destination_ports.is_full()) ||
                  given.holds(FactKey::icmp_ignores_ports);
    }
    if (!matches && rule.ports_unreadable) {
        matches = given.maybe(FactKey::malformed, rule.id.text() + " ports");
    }
    return matches;
}

/// [N17] The cross product of protocol, ports and both sides.
bool matches(const Case& given, const Place& at, const SecurityRule& rule, const Packet& packet,
             bool any_source_port = false) {
    return ports_match(given, rule, packet, any_source_port) &&
           protocol_matches(given, rule, packet) &&
           in_side(given, at, rule.source, rule.id.text() + " source", packet.src) &&
           in_side(given, at, rule.destination, rule.id.text() + " destination", packet.dst) &&
           (rule.certain || given.maybe(FactKey::contested_copy, rule.id.text()));  // [J2]
}

// ---- a list of rules ----------------------------------------------------------------------------

/// The first rule that matches, lower priority numbers first.                               [N1] [N2]
/// Rules of one priority that disagree: any of them may come first.                         [N1] [A6]
template <class Matches>
const SecurityRule* first_match(const Case& given, std::vector<const SecurityRule*> rules,
                                const Matches& rule_matches) {
    std::stable_sort(rules.begin(), rules.end(), [](const SecurityRule* a, const SecurityRule* b) {
        return a->priority < b->priority;
    });
    for (std::size_t i = 0; i < rules.size();) {
        std::vector<const SecurityRule*> matching;
        std::size_t j = i;
        for (; j < rules.size() && rules[j]->priority == rules[i]->priority; ++j) {
            if (rule_matches(*rules[j])) {
                matching.push_back(rules[j]);
            }
        }
        std::vector<const SecurityRule*> candidates;  // one for each access
        for (const SecurityRule* rule : matching) {
            bool seen = false;
            for (const SecurityRule* other : candidates) {
                seen = seen || other->access == rule->access;
            }
            if (!seen) {
                candidates.push_back(rule);
            }
        }
        if (candidates.size() == 1) {
            return candidates.front();
        }
        if (!candidates.empty()) {
            return candidates[given.world.ask_which(FactKey::tie, candidates.front()->id.text(),
                                                    candidates.size())];
        }
        i = j;
    }
    return nullptr;
}

/// [N4] User rules and the six default rules; those that were not read are synthesised.
std::vector<SecurityRule> rules_of(const NetworkSecurityGroup& group) {
    std::vector<SecurityRule> rules = group.rules;
    rules.insert(rules.end(), group.default_rules.begin(), group.default_rules.end());
    for (const SecurityRule& standard : default_rules_of(group.header.id)) {
        bool read = false;
        for (const SecurityRule& rule : group.default_rules) {
            read = read || equal_ignoring_case(rule.name, standard.name);  // [N5]
        }
        if (!read) {
            rules.push_back(standard);
        }
    }
    return rules;
}

/// [A11] [A14] [N47] Services that bring a network intent policy.
bool is_intent_policy_subnet(const Subnet& subnet) {
    return contains(subnet.delegations, "Microsoft.Sql/managedInstances") ||
           contains(subnet.delegations, "Microsoft.Databricks/workspaces");
}

/// One group at one attachment point. False: dropped, and `passage` says by whom.
bool pass_group(const Case& given, const Place& at, const std::optional<ResourceId>& attached,
                Direction direction, const Packet& packet, bool any_source_port,
                Passage& passage) {
    if (!attached) {
        return true;  // [N8]
    }
    passage.any_group = true;
    const NetworkSecurityGroup* group = find(given.snapshot.security_groups, *attached);
    if (group == nullptr) {  // [J4] what it decides here is not known
        if (given.maybe(FactKey::missing_resource,
                        attached->text() + " lets it " +
                            (direction == Direction::inbound ? "in at " : "out at ") +
                            at.config->id.text())) {
            return true;
        }
        passage.allowed = false;
        passage.reason = "GAP";
        passage.by.clear();
        return false;
    }
    const std::vector<SecurityRule> rules = rules_of(*group);
    std::vector<const SecurityRule*> of_direction;
    for (const SecurityRule& rule : rules) {
        if (rule.direction == direction) {
            of_direction.push_back(&rule);
        }
    }
    const SecurityRule* decider =
        first_match(given, of_direction, [&](const SecurityRule& rule) {
            return matches(given, at, rule, packet, any_source_port);
        });
    if (decider != nullptr && decider->access == Access::deny && at.subnet != nullptr &&
        is_intent_policy_subnet(*at.subnet) &&
        given.maybe(FactKey::intent_policy, at.subnet->header.id.text() + " " +
                                                at.config->id.text() +
                                                (direction == Direction::inbound ? " in" : " out"))) {
        return true;  // [N47] a rule that no file shows lets it pass
    }
    // A protocol that no rule covers, not even `*`: the platform drops it.                    [N22]
    passage.by = decider == nullptr ? "" : decider->id.text();
    if (decider != nullptr && decider->access != Access::deny) {
        return true;
    }
    passage.allowed = false;
    passage.reason = decider == nullptr || decider->is_default ? "NSG_DEFAULT_DENY" : "NSG_DENY";
    return false;
}

// ---- admin rules --------------------------------------------------------------------------------

bool has_intent_policy_service(const VirtualNetwork& vnet) {
    return std::any_of(vnet.subnets.begin(), vnet.subnets.end(), is_intent_policy_subnet);
}

struct AdminRules {
    int scope = 0;  // 0: management groups, 1: subscriptions; the higher scope goes first     [A16]
    std::vector<std::string> on_intent_services;
    std::vector<const SecurityRule*> rules;
};

/// The rules that act on the VNet, one list a manager.
std::vector<AdminRules> admin_rules_of(const Case& given, const VirtualNetwork& vnet,
                                       Direction direction) {
    std::vector<AdminRules> result;
    for (const auto& [id, configuration] : given.snapshot.admin_configurations) {
        const NetworkManager* manager =
            find(given.snapshot.network_managers, configuration.header.id.parent());
        AdminRules acting;
        acting.scope = manager != nullptr && !manager->management_groups.empty() ? 0 : 1;
        acting.on_intent_services = configuration.apply_on_intent_policy_services;
        for (const AdminRuleCollection& collection : configuration.collections) {
            bool applies = false;
            for (const ResourceId& group_id : collection.groups) {
                const NetworkGroup* group = find(given.snapshot.network_groups, group_id);
                if (group == nullptr) {
                    applies = applies ||
                              given.maybe(FactKey::missing_resource,
                                          group_id.text() + " holds " + vnet.header.id.text());
                } else {
                    applies = applies || contains(group->members, vnet.header.id);
                }
            }
            for (const SecurityRule& rule : collection.rules) {
                if (applies && rule.direction == direction) {
                    acting.rules.push_back(&rule);
                }
            }
        }
        result.push_back(acting);
    }
    std::stable_sort(result.begin(), result.end(), [](const AdminRules& a, const AdminRules& b) {
        return a.scope < b.scope;
    });
    return result;
}

enum class AdminVerdict : std::uint8_t { go_on, always_allowed, denied };

AdminVerdict pass_admin_rules(const Case& given, const Place& at, Direction direction,
                              const Packet& packet, Passage& passage) {
    if (at.vnet == nullptr || at.endpoint != nullptr) {
        return AdminVerdict::go_on;  // [A13]
    }
    const std::vector<AdminRules> managers = admin_rules_of(given, *at.vnet, direction);
    bool shielded = false;
    for (const AdminRules& manager : managers) {
        std::vector<const SecurityRule*> rules = manager.rules;
        if (has_intent_policy_service(*at.vnet)) {
            // [A11] the setting of the highest scope counts [A16]
            const std::vector<std::string>& setting = managers.front().on_intent_services;
            if (contains(setting, "AllowRulesOnly")) {
                std::erase_if(rules, [](const SecurityRule* rule) {
                    return rule->access == Access::deny;
                });
            } else if (!contains(setting, "All")) {
                rules.clear();
            }
        }
        const SecurityRule* decider = first_match(given, rules, [&](const SecurityRule& rule) {
            // [A7] an empty side of an admin rule is any address
            SecurityRule read = rule;
            read.source.any = read.source.any || read.source.empty();
            read.destination.any = read.destination.any || read.destination.empty();
            return matches(given, at, read, packet);
        });
        if (decider == nullptr || !given.holds(FactKey::admin_rules_deployed)) {  // [A1]
            continue;
        }
        switch (decider->access) {
            case Access::always_allow:
                passage.by = decider->id.text();
                passage.always_allowed = true;
                return AdminVerdict::always_allowed;
            case Access::deny:
                if (shielded) {
                    continue;
                }
                passage.allowed = false;
                passage.reason = "ADMIN_DENY";
                passage.by = decider->id.text();
                return AdminVerdict::denied;
            case Access::allow:
                passage.by = decider->id.text();
                shielded = shielded || given.holds(FactKey::higher_scope_allow_shields);  // [A17]
                break;
        }
    }
    return AdminVerdict::go_on;
}

}  // namespace

Passage pass(const Case& given, const Place& at, Direction direction, const Packet& packet) {
    Passage passage;
    std::optional<ResourceId> at_subnet =
        at.subnet == nullptr ? std::nullopt : at.subnet->security_group;
    std::optional<ResourceId> at_nic = at.nic->security_group;
    passage.any_group = at_subnet.has_value() || at_nic.has_value();

    if (at.endpoint != nullptr) {
        // [R40] The subnet's group only, and only where the subnet's policy says so.
        const PrivateEndpointPolicies policy = at.subnet == nullptr
                                                   ? PrivateEndpointPolicies::unknown
                                                   : at.subnet->private_endpoint_policies;
        at_nic.reset();
        if (policy == PrivateEndpointPolicies::disabled ||
            policy == PrivateEndpointPolicies::route_table) {
            at_subnet.reset();
        }
        if (policy == PrivateEndpointPolicies::unknown &&
            !given.maybe(FactKey::malformed, at.endpoint->header.id.text() + " group policy")) {
            at_subnet.reset();
        }
        pass_group(given, at, at_subnet, direction, packet, true, passage);  // [R45]
        return passage;
    }

    switch (pass_admin_rules(given, at, direction, packet, passage)) {
        case AdminVerdict::always_allowed:  // [A5] [A10]
        case AdminVerdict::denied: return passage;
        case AdminVerdict::go_on: break;
    }
    if (at.subnet == nullptr) {  // [J4] which group the subnet has is not known
        if (!given.maybe(FactKey::missing_resource,
                         at.config->id.text() + " subnet's group lets it pass")) {
            passage.allowed = false;
            passage.reason = "GAP";
        }
        if (!passage.allowed) {
            return passage;
        }
    }
    const bool inbound = direction == Direction::inbound;
    const std::optional<ResourceId>& first = inbound ? at_subnet : at_nic;  // [N7]
    const std::optional<ResourceId>& second = inbound ? at_nic : at_subnet;
    if (pass_group(given, at, first, direction, packet, false, passage)) {
        pass_group(given, at, second, direction, packet, false, passage);
    }
    return passage;
}

// ---- the platform -------------------------------------------------------------------------------

namespace {

struct PlatformService {
    Exemption kind = Exemption::none;
    const char* tag = nullptr;  // nullptr: nothing stops it
};

PlatformService platform_service(const Packet& packet) {
    const Service& service = packet.service;
    const bool tcp = service.protocol == kTcp;
    const bool udp = service.protocol == kUdp;
    if (packet.dst == kPlatform) {
        if (tcp && (service.b == 80 || service.b == 32526)) {
            return {Exemption::to_the_host, nullptr};  // agent channel
        }
        if ((tcp || udp) && service.b == 53) {
            return {Exemption::to_the_host, "AzurePlatformDNS"};
        }
        if (udp && service.b == 67) {
            return {Exemption::to_the_host, nullptr};  // DHCP
        }
    }
    if (packet.dst == kMetadata && tcp && service.b == 80) {
        return {Exemption::to_the_host, "AzurePlatformIMDS"};
    }
    for (const Address& address : kActivation) {
        if (packet.dst == address && tcp && service.b == 1688) {
            return {Exemption::filters_only, "AzurePlatformLKM"};
        }
    }
    return {};
}

}  // namespace

Exempt platform_exemption(const Case& given, const Place& at, const Packet& packet) {
    const PlatformService service = platform_service(packet);
    Exempt exempt{service.kind, false, "", ""};
    if (service.kind == Exemption::none || service.tag == nullptr) {
        return exempt;
    }
    if (service.kind == Exemption::filters_only && at.subnet != nullptr) {
        // The exemption of Windows activation disappears under a 0.0.0.0/0 override.
        const RouteTable* table = route_table_of(given, *at.subnet).table;
        for (const Route& route : table == nullptr ? std::vector<Route>{} : table->routes) {
            if (route.prefix == Prefix::all(Family::v4)) {
                return {};
            }
        }
    }
    const std::optional<ResourceId> attached[] = {
        at.nic->security_group,
        at.subnet == nullptr ? std::nullopt : at.subnet->security_group};
    for (const std::optional<ResourceId>& id : attached) {
        const NetworkSecurityGroup* group =
            id ? find(given.snapshot.security_groups, *id) : nullptr;
        if (group == nullptr) {
            if (id && !given.maybe(FactKey::missing_resource,
                                   id->text() + " lets the platform service pass")) {
                exempt.stopped = true;  // [J4] it may name the tag
                exempt.reason = "GAP";
                return exempt;
            }
            continue;
        }
        const std::vector<SecurityRule> rules = rules_of(*group);
        std::vector<const SecurityRule*> tried;
        for (const SecurityRule& rule : rules) {
            const bool names_the_tag = contains(rule.destination.tags, service.tag);
            if (rule.direction == Direction::outbound &&
                (rule.access != Access::deny || names_the_tag)) {
                tried.push_back(&rule);  // [N38] a Deny that does not name the tag is passed over
            }
        }
        const SecurityRule* decider =
            first_match(given, tried, [&](const SecurityRule& rule) {
                return matches(given, at, rule, packet);
            });
        if (decider != nullptr && decider->access == Access::deny) {
            exempt.stopped = true;
            exempt.by = decider->id.text();
            exempt.reason = "NSG_DENY";
            return exempt;
        }
    }
    return exempt;
}

}  // namespace azreach::oracle
