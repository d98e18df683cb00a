// Azure Virtual Network Manager: data.                                                  [A1-A25]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/azure/security_group.hpp"

namespace azreach {

struct NetworkManager {
    Header header;
    std::vector<std::string> management_groups, subscriptions;  // scopes
    std::vector<std::string> scope_accesses;
};

struct NetworkGroup {
    Header header;                    // parent: the manager
    std::vector<ResourceId> members;  // static members: VNets (or subnets)
    /// True when a page of effective members was read: then the list is complete.         [A2]
    bool members_complete = false;
};

struct AdminRuleCollection {
    Header header;
    std::vector<ResourceId> groups;
    std::vector<SecurityRule> rules;
};

struct SecurityAdminConfiguration {
    Header header;
    std::vector<std::string> apply_on_intent_policy_services;  // as written; empty: ["None"] [A11]
    std::vector<AdminRuleCollection> collections;
};

struct ConnectivityConfiguration {
    Header header;
    bool mesh = false;  // else hub and spoke
    bool is_global = false;
    std::vector<ResourceId> hubs;
    struct Group {
        ResourceId id;
        bool directly_connected = false, is_global = false, use_hub_gateway = false;
    };
    std::vector<Group> groups;
    bool overlap_disallowed = false;  // [A22]
};

/// Rules and configurations that Azure said are in force on a VNet (active or effective lists).
struct ActiveAdminRules {
    ResourceId virtual_network;  // empty: of the whole manager and region
    std::vector<SecurityRule> rules;
};

}  // namespace azreach
