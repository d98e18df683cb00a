#include "models/azure/security_group.hpp"

namespace azreach {

std::vector<SecurityRule> default_rules_of(const ResourceId& group) {
    struct Row {
        Direction direction;
        int priority;
        const char* name;
        const char* source;
        const char* destination;
        Access access;
    };
    static constexpr Row kRows[] = {
        {Direction::inbound, 65000, "AllowVnetInBound", "VirtualNetwork", "VirtualNetwork",
         Access::allow},
        {Direction::inbound, 65001, "AllowAzureLoadBalancerInBound", "AzureLoadBalancer", "*",
         Access::allow},
        {Direction::inbound, 65500, "DenyAllInBound", "*", "*", Access::deny},
        {Direction::outbound, 65000, "AllowVnetOutBound", "VirtualNetwork", "VirtualNetwork",
         Access::allow},
        {Direction::outbound, 65001, "AllowInternetOutBound", "*", "Internet", Access::allow},
        {Direction::outbound, 65500, "DenyAllOutBound", "*", "*", Access::deny},
    };
    std::vector<SecurityRule> rules;
    for (const Row& row : kRows) {
        SecurityRule rule;
        rule.id = group.child("defaultSecurityRules", row.name);
        rule.name = row.name;
        rule.is_default = true;
        rule.priority = row.priority;
        rule.direction = row.direction;
        rule.access = row.access;
        const auto side = [](const char* text) {
            AddressSpec spec;
            if (std::string_view(text) == "*") {
                spec.any = true;
            } else {
                spec.tags = {text};
            }
            return spec;
        };
        rule.source = side(row.source);
        rule.destination = side(row.destination);
        rule.source_ports = PortSet::full();
        rule.destination_ports = PortSet::full();
        rules.push_back(std::move(rule));
    }
    return rules;
}

}  // namespace azreach
