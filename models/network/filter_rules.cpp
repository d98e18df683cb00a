#include "models/network/filter_rules.hpp"

#include <algorithm>

#include "models/network/connectivity.hpp"
#include "models/network/tag_scope.hpp"

namespace azreach {

namespace {

AddressSet addresses_of(const Subnet& subnet) {
    AddressSet set;
    for (const Prefix& prefix : subnet.prefixes) {
        set |= prefix.addresses();
    }
    return set;
}

/// One address side.                                                               [N16] [N18] [J3]
GuardedAddresses side(RuleContext& context, const SecurityRule& rule, const AddressSpec& spec,
                      SubnetIndex subnet) {
    const Network& network = context.network();
    GuardedAddresses parts;
    const Guard malformed{{network.about(FactKey::malformed, rule.id.text()), true}};
    if (spec.any) {
        parts.push_back({{}, AddressSet::all()});
        return parts;
    }
    if (spec.empty()) {
        parts.push_back({malformed, AddressSet::all()});
        return parts;
    }
    if (!spec.prefixes.empty()) {
        parts.push_back({{}, spec.prefixes});
    }
    Guard also_v6;
    if (spec.any_v4 && network.add_literal(also_v6, FactKey::any_v4_matches_v6, true)) {
        parts.push_back({also_v6, AddressSet::all(Family::v6)});
    }
    for (const std::string& tag : spec.tags) {
        const GuardedAddresses& expanded = context.tag(tag, subnet);
        parts.insert(parts.end(), expanded.begin(), expanded.end());
    }
    for (const ResourceId& asg : spec.asgs) {
        const GuardedAddresses& members = context.members_of_asg(asg);
        parts.insert(parts.end(), members.begin(), members.end());
    }
    for (const ResourceId& id : spec.network_groups) {  // A7: the members' address space
        const auto group = network.snapshot().network_groups.find(id);
        if (may_have_more_members(network, id)) {  // A2: any address may be a member's
            parts.push_back(
                {{{network.about(FactKey::group_address, id.text()), true}}, AddressSet::all()});
        }
        if (group == network.snapshot().network_groups.end()) {
            continue;
        }
        AddressSet space;
        for (const ResourceId& member : group->second.members) {
            if (const auto vnet = network.vnet_index(member)) {
                space |= address_space(*network.vnets()[*vnet]);
            } else if (const auto one = network.subnet_index(member)) {
                space |= addresses_of(*network.subnets()[*one].subnet);
            } else {
                parts.push_back({{{network.about(FactKey::missing_resource, member.text()), true}},
                                 AddressSet::all()});
            }
        }
        if (!space.empty()) {
            parts.push_back({{}, std::move(space)});
        }
    }
    if (!spec.unreadable.empty()) {
        parts.push_back({malformed, AddressSet::all()});
    }
    return parts;
}

/// Protocol and ports.                                                            [N20]-[N25]
GuardedServices services(const Network& network, const SecurityRule& rule) {
    GuardedServices parts;
    const Guard malformed{{network.about(FactKey::malformed, rule.id.text()), true}};
    if (rule.ports_unreadable || rule.protocol == RuleProtocol::other) {
        parts.push_back({malformed, ServiceSet::every()});
    }
    const PortSet& from = rule.source_ports;
    const PortSet& to = rule.destination_ports;
    const bool all_ports = from.is_full() && to.is_full();
    ServiceSet sure;
    ServiceSet portless;  // protocols without ports that the rule names
    ServiceSet star;      // what only "*" may cover                                          [N22]
    switch (rule.protocol) {
        case RuleProtocol::tcp:
            sure = ServiceSet::ports(kTcp, from, to);
            break;
        case RuleProtocol::udp:
            sure = ServiceSet::ports(kUdp, from, to);
            break;
        case RuleProtocol::icmp:
            portless = ServiceSet::protocol(kIcmp);
            break;
        case RuleProtocol::icmpv6:
            portless = ServiceSet::protocol(kIcmpv6);
            break;
        case RuleProtocol::esp:
            portless = ServiceSet::protocol(kEsp);
            break;
        case RuleProtocol::ah:
            portless = ServiceSet::protocol(kAh);
            break;
        case RuleProtocol::other:
            break;
        case RuleProtocol::any:
            sure = ServiceSet::ports(kTcp, from, to) | ServiceSet::ports(kUdp, from, to);
            portless = ServiceSet::protocol(kIcmp);
            star = ServiceSet::every() - ServiceSet::protocol(kTcp) - ServiceSet::protocol(kUdp) -
                   portless;
            break;
    }
    Guard ports_ignored;
    const bool ignoring =
        all_ports || network.add_literal(ports_ignored, FactKey::icmp_ignores_ports, true);
    if (ignoring && ports_ignored.empty()) {
        sure |= portless;
    } else if (ignoring && !portless.empty()) {
        parts.push_back({ports_ignored, portless});
    }
    if (!star.empty() && ignoring) {
        Guard when = ports_ignored;
        if (network.add_literal(when, FactKey::star_protocol_all, true)) {
            if (when.empty()) {
                sure |= star;
            } else {
                parts.push_back({std::move(when), std::move(star)});
            }
        }
    }
    if (rule.protocol == RuleProtocol::icmp && ignoring) {  // N24
        Guard when = ports_ignored;
        if (network.add_literal(when, FactKey::icmp_matches_icmpv6, true)) {
            parts.push_back({std::move(when), ServiceSet::protocol(kIcmpv6)});
        }
    }
    if (!sure.empty()) {
        parts.push_back({{}, std::move(sure)});
    }
    return parts;
}

}  // namespace

const GuardedAddresses& RuleContext::tag(std::string_view tag, SubnetIndex subnet) {
    const auto key = std::pair(std::string(tag), subnet);
    const auto known = tags_.find(key);
    if (known != tags_.end()) {
        return known->second;
    }
    return tags_.emplace(key, tag_at(network_, tag, subnet)).first->second;
}

const GuardedAddresses& RuleContext::members_of_asg(const ResourceId& asg) {
    if (!asgs_ready_) {
        asgs_ready_ = true;
        std::map<ResourceId, AddressSet> sure;
        const auto unknown_instance = [&](const Ref& subnet, const ResourceId& group) {
            if (!subnet) {
                return;
            }
            if (const auto index = network_.subnet_index(*subnet)) {
                asgs_[group].push_back(
                    {{{network_.about(FactKey::unknown_instance, subnet->text()), true}},
                     addresses_of(*network_.subnets()[*index].subnet)});
            } else {
                asgs_[group].push_back(
                    {{{network_.about(FactKey::missing_resource, subnet->text()), true}},
                     AddressSet::all()});
            }
        };
        for (const ConfigPlace& place : network_.configurations()) {
            for (const ResourceId& group : place.configuration->asgs) {
                if (place.configuration->address) {
                    sure[group] |= AddressSet::single(*place.configuration->address);
                } else {
                    unknown_instance(place.configuration->subnet, group);
                }
            }
            if (place.endpoint != nullptr && place.configuration->address) {
                for (const ResourceId& group : place.endpoint->asgs) {
                    sure[group] |= AddressSet::single(*place.configuration->address);
                }
            }
        }
        for (const auto& [id, set] : network_.snapshot().scale_sets) {
            for (const ScaleSetInterface& interface : set.interfaces) {
                for (const IpConfiguration& configuration : interface.configurations) {
                    for (const ResourceId& group : configuration.asgs) {
                        unknown_instance(configuration.subnet, group);
                    }
                }
            }
        }
        for (auto& [group, addresses] : sure) {
            asgs_[group].push_back({{}, std::move(addresses)});
        }
        add_open_members();
    }
    const auto known = asgs_.find(asg);
    if (known != asgs_.end()) {
        return known->second;
    }
    GuardedAddresses nobody;
    if (!network_.snapshot().application_security_groups.contains(asg)) {  // J4
        nobody.push_back(
            {{{network_.about(FactKey::missing_resource, asg.text()), true}}, AddressSet::all()});
    }
    return asgs_.emplace(asg, std::move(nobody)).first->second;
}

/// Names of groups that lead nowhere, where names are not known before deployment: who bears them
/// may be a member of any group.
void RuleContext::add_open_members() {
    const auto& groups = network_.snapshot().application_security_groups;
    const bool symbolic = std::any_of(groups.begin(), groups.end(), [](const auto& entry) {
        return is_symbolic(entry.first.text());
    });
    std::vector<std::pair<ResourceId, GuardedAddresses>> open;
    for (const auto& [name, members] : asgs_) {
        if ((symbolic || is_symbolic(name.text())) && !groups.contains(name)) {
            open.emplace_back(name, members);
        }
    }
    for (const auto& [name, members] : open) {
        const Literal fact{network_.about(FactKey::missing_resource, name.text()), true};
        for (const auto& [group, header] : groups) {
            if (!may_be_same(name, group)) {
                continue;
            }
            for (Guarded<AddressSet> part : members) {
                part.when.push_back(fact);
                asgs_[group].push_back(std::move(part));
            }
        }
    }
}

const std::vector<SecurityRule>& RuleContext::default_rules(const ResourceId& group) {
    const auto known = defaults_.find(group);
    return known != defaults_.end()
               ? known->second
               : defaults_.emplace(group, default_rules_of(group)).first->second;
}

FilterRule everything(Access access, const ResourceId& stands_for, Guard when) {
    FilterRule rule;
    rule.when = std::move(when);
    rule.source = {{{}, AddressSet::all()}};
    rule.destination = {{{}, AddressSet::all()}};
    rule.service = {{{}, ServiceSet::every()}};
    rule.access = access;
    rule.stands_for = stands_for;
    return rule;
}

FilterRule compile_rule(RuleContext& context, const SecurityRule& rule, SubnetIndex subnet) {
    FilterRule result;
    result.access = rule.access;
    result.rule = &rule;
    if (!rule.certain) {
        result.when = {{context.network().about_copy(rule.id, rule.where), true}};
    }
    result.source = side(context, rule, rule.source, subnet);
    result.destination = side(context, rule, rule.destination, subnet);
    result.service = services(context.network(), rule);
    return result;
}

std::vector<FilterRule> in_order(RuleContext& context, std::vector<const SecurityRule*> rules,
                                 SubnetIndex subnet) {
    std::stable_sort(rules.begin(), rules.end(), [](const SecurityRule* a, const SecurityRule* b) {
        return a->priority < b->priority;
    });
    std::vector<FilterRule> result;
    for (std::size_t i = 0; i < rules.size();) {
        std::size_t j = i;
        bool differ = false;
        while (j < rules.size() && rules[j]->priority == rules[i]->priority) {
            differ = differ || rules[j]->access != rules[i]->access;
            ++j;
        }
        std::vector<FilterRule> tied;
        for (std::size_t k = i; k < j; ++k) {
            tied.push_back(compile_rule(context, *rules[k], subnet));
        }
        if (differ) {  // N1: whichever comes first
            for (std::size_t k = i + 1; k < j; ++k) {
                FilterRule first = tied[k - i];
                first.when.push_back(
                    {context.network().about(FactKey::tie, rules[k]->id.text()), true});
                result.push_back(std::move(first));
            }
        }
        result.insert(result.end(), tied.begin(), tied.end());
        i = j;
    }
    return result;
}

std::vector<FilterRule> compile_rules(RuleContext& context, const NetworkSecurityGroup& group,
                                      Direction direction, SubnetIndex subnet) {
    std::vector<const SecurityRule*> rules;
    for (const SecurityRule& rule : group.rules) {
        if (rule.direction == direction) {
            rules.push_back(&rule);
        }
    }
    std::vector<FilterRule> result = in_order(context, std::move(rules), subnet);
    // The default rules are the same in every group: those read give provenance, those missing
    // are synthesised.                                                                      [N4]
    std::vector<const SecurityRule*> defaults;
    for (const SecurityRule& rule : group.default_rules) {
        if (rule.direction == direction) {
            defaults.push_back(&rule);
        }
    }
    for (const SecurityRule& rule : context.default_rules(group.header.id)) {
        const bool read = std::any_of(defaults.begin(), defaults.end(), [&](const SecurityRule* d) {
            return d->priority == rule.priority;
        });
        if (rule.direction == direction && !read) {
            defaults.push_back(&rule);
        }
    }
    std::stable_sort(
        defaults.begin(), defaults.end(),
        [](const SecurityRule* a, const SecurityRule* b) { return a->priority < b->priority; });
    for (const SecurityRule* rule : defaults) {
        result.push_back(compile_rule(context, *rule, subnet));
    }
    return result;
}

}  // namespace azreach
