// Network security groups: data. Meaning: models/network/filter.hpp.
// Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
#pragma once

#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/net/address_set.hpp"
#include "models/net/interval_set.hpp"

namespace azreach {

enum class Direction : std::uint8_t { inbound, outbound };
enum class Access : std::uint8_t { allow, deny, always_allow };  // always_allow: admin rules only

/// What a rule says of the protocol. `other` is a value we do not know: it may match anything.
enum class RuleProtocol : std::uint8_t { any, tcp, udp, icmp, icmpv6, esp, ah, other };

/// One address side of a rule: the union of everything in it.                    [N16] [J3]
struct AddressSpec {
    bool any = false;               // "*": both families                                [N18]
    bool any_v4 = false;            // the literal 0.0.0.0/0 (also in `prefixes`)         [N18]
    AddressSet prefixes;            // literal addresses and prefixes
    std::vector<std::string> tags;  // service tags as written
    std::vector<ResourceId> asgs;   // application security groups
    std::vector<ResourceId> network_groups;  // admin rules: members' address space
    std::vector<std::string> unreadable;     // values that are none of these: may be anything
    bool empty() const {
        return !any && prefixes.empty() && tags.empty() && asgs.empty() && network_groups.empty() &&
               unreadable.empty();
    }
};

/// A rule of a security group, or a security admin rule.
struct SecurityRule {
    ResourceId id;
    std::string name;
    Provenance where;
    bool is_default = false;  // 65000, 65001, 65500
    /// False when it is not sure that the rule exists in this form (two copies differ): it then
    /// may match and never surely does.                                                  [J2]
    bool certain = true;
    int priority = 0;
    Direction direction = Direction::inbound;
    Access access = Access::deny;
    RuleProtocol protocol = RuleProtocol::any;
    AddressSpec source;
    AddressSpec destination;
    PortSet source_ports;           // full() for "*"
    PortSet destination_ports;      // full() for "*"
    bool ports_unreadable = false;  // some port value was not understood: ports may be anything
};

struct NetworkSecurityGroup {
    Header header;
    std::vector<SecurityRule> rules;          // user rules, inline and standalone, any order
    std::vector<SecurityRule> default_rules;  // as read; empty: synthesised               [N4]
};

struct ApplicationSecurityGroup {
    Header header;
};

/// The six default rules of every group, with ids under `group`.                        [N4]
std::vector<SecurityRule> default_rules_of(const ResourceId& group);

}  // namespace azreach
