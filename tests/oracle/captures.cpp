#include "tests/oracle/captures.hpp"

#include <algorithm>
#include <random>

namespace azreach::oracle {

namespace {

AddressSet space_of(const char* prefixes) {
    AddressSet set;
    std::string text(prefixes);
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        set |= parse_prefix(text.substr(0, comma))->prefix.addresses();
        text.erase(0, comma + 1);
    }
    return set;
}

bool expands(const AddressSpec& side) {
    return !side.any && side.tags.size() + side.asgs.size() == 1;
}

std::vector<SecurityRule> all_rules(const NetworkSecurityGroup& group) {
    std::vector<SecurityRule> rules = group.rules;
    const std::vector<SecurityRule> defaults = default_rules_of(group.header.id);
    rules.insert(rules.end(), defaults.begin(), defaults.end());
    return rules;
}

}  // namespace

void add_captures(Snapshot& snapshot, std::uint64_t seed) {
    std::mt19937_64 random(seed * 977 + 1);
    static const std::vector<AddressSet> kExpansions = {
        space_of("10.0.0.0/16,168.63.129.16/32"), space_of("10.0.0.0/8"), space_of("0.0.0.0/0"),
        space_of("8.8.8.0/24,20.60.0.0/16"), space_of("10.0.0.0/15,fd00::/16")};
    for (const auto& [id, nic] : snapshot.interfaces) {
        if (random() % 2 == 0) continue;
        EffectiveSecurityRules capture;
        capture.network_interface = id;
        std::vector<std::pair<Ref, ResourceId>> attached{{nic.security_group, id}};
        for (const IpConfiguration& configuration : nic.configurations) {
            for (const auto& [vnet_id, vnet] : snapshot.virtual_networks) {
                for (const Subnet& subnet : vnet.subnets) {
                    if (configuration.subnet == subnet.header.id) {
                        attached.emplace_back(subnet.security_group, subnet.header.id);
                    }
                }
            }
        }
        for (const auto& [group_id, association] : attached) {
            const auto group = group_id ? snapshot.security_groups.find(*group_id)
                                        : snapshot.security_groups.end();
            if (group == snapshot.security_groups.end()) continue;
            EffectiveSecurityGroup at;
            at.security_group = group_id;
            at.associated_with = association;
            for (const SecurityRule& rule : all_rules(group->second)) {
                EffectiveRule captured;
                captured.name =
                    (rule.is_default ? "defaultSecurityRules/" : "securityRules/") + rule.name;
                captured.priority = rule.priority;
                captured.direction = rule.direction;
                captured.access = rule.access;
                const auto draw = [&]() -> std::optional<AddressSet> {
                    return random() % 4 == 0 ? std::optional<AddressSet>()
                                             : kExpansions[random() % kExpansions.size()];
                };
                if (expands(rule.source)) captured.expanded_source = draw();
                if (expands(rule.destination)) captured.expanded_destination = draw();
                at.rules.push_back(std::move(captured));
            }
            if (random() % 5 == 0 && !at.rules.empty()) {
                at.rules.front().priority += 1;  // of another time: it does not fit
            }
            capture.groups.push_back(std::move(at));
        }
        snapshot.effective_security_rules.push_back(std::move(capture));
    }
}

const EffectiveSecurityGroup* captured_group(const Snapshot& snapshot, const ResourceId& nic,
                                             const NetworkSecurityGroup& group,
                                             const ResourceId& association, Direction direction) {
    const EffectiveSecurityGroup* found = nullptr;
    for (const EffectiveSecurityRules& capture : snapshot.effective_security_rules) {
        if (capture.network_interface != nic) continue;
        for (const EffectiveSecurityGroup& at : capture.groups) {
            if (found == nullptr && at.associated_with == association) found = &at;
        }
    }
    if (found == nullptr) return nullptr;
    std::size_t rules = 0;
    for (const SecurityRule& rule : all_rules(group)) {
        if (rule.direction != direction) continue;
        ++rules;
        const bool known =
            std::any_of(found->rules.begin(), found->rules.end(), [&](const EffectiveRule& other) {
                return other.direction == direction && other.priority == rule.priority &&
                       other.access == rule.access &&
                       other.name ==
                           (rule.is_default ? "defaultSecurityRules/" : "securityRules/") +
                               rule.name;
            });
        if (!known) return nullptr;
    }
    const auto captured =
        std::count_if(found->rules.begin(), found->rules.end(),
                      [&](const EffectiveRule& other) { return other.direction == direction; });
    return static_cast<std::size_t>(captured) == rules ? found : nullptr;
}

}  // namespace azreach::oracle
