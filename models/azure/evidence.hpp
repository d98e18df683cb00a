// What Azure itself computed for one NIC; it closes contested facts there.               [G4-G7]
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/azure/security_group.hpp"
#include "models/net/prefix.hpp"

namespace azreach {

struct EffectiveRule {
    std::string name;  // "securityRules/allow-ssh", "defaultSecurityRules/DenyAllInBound"
    Direction direction = Direction::inbound;
    Access access = Access::deny;
    int priority = 0;
    std::optional<AddressSet> expanded_source, expanded_destination;  // absent: nothing to expand
};

struct EffectiveSecurityGroup {
    Ref security_group;
    enum class Association : std::uint8_t {
        subnet,
        network_interface,
        network_manager
    } association = Association::subnet;
    ResourceId associated_with;
    std::vector<EffectiveRule> rules;
    std::map<std::string, AddressSet, IgnoringCase> tag_map;
};

struct EffectiveSecurityRules {
    Ref network_interface;  // absent when the file does not say and it cannot be inferred
    std::vector<EffectiveSecurityGroup> groups;
    Provenance where;
};

struct EffectiveRoute {
    std::string name;
    std::string source;  // Default, User, VirtualNetworkGateway, Unknown
    bool active = true;
    std::vector<Prefix> prefixes;
    std::string next_hop_type;  // as written
    std::vector<Address> next_hop_addresses;
};

struct EffectiveRoutes {
    Ref network_interface;
    std::vector<EffectiveRoute> routes;
    Provenance where;
};

}  // namespace azreach
