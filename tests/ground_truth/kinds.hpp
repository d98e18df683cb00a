// The kinds of cases, what is compared of each, and every difference with its reason.
#pragma once

#include <functional>

#include "tests/ground_truth/filters.hpp"
#include "tests/ground_truth/others.hpp"
#include "tests/ground_truth/reach.hpp"
#include "tests/ground_truth/routes.hpp"

namespace azreach::ground_truth {

struct Kind {
    const char* name;
    const char* what;  // is compared
    Compared (*compare)(const Json&);
};

inline const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all = {
        {"ip-flow-verify", "access and deciding rule", compare_ip_flow},
        {"network-configuration-diagnostic", "access, and the matched rule of every group",
         compare_diagnostic},
        {"effective-nsg", "rules, priorities, access, direction; VirtualNetwork expanded",
         compare_effective_rules},
        {"security-group-view", "rules, priorities and access of every NIC", compare_group_view},
        {"next-hop", "type, address and route table", compare_next_hop},
        {"effective-routes", "prefixes with their next hop types", compare_effective_routes},
        {"vnet-gateway-learned-routes", "learned prefixes lie behind the gateway",
         [](const Json& one) { return compare_gateway_routes(one, true); }},
        {"vnet-gateway-advertised-routes", "advertised prefixes are of VNets that use the gateway",
         [](const Json& one) { return compare_gateway_routes(one, false); }},
        {"reachability-observed", "whether it arrives", compare_observed},
        {"connectivity-check", "whether it arrives; the peerings and gateways of the hop list",
         compare_connectivity},
        {"topology", "what belongs together", compare_topology},
        {"avnm-active-connectivity", "what is in force", compare_in_force},
        {"avnm-effective-connectivity", "what is in force", compare_in_force},
        {"avnm-active-security-admin-rules", "what is in force", compare_in_force},
        {"avnm-effective-security-admin-rules", "what is in force", compare_in_force},
        {"avnm-effective-vnets", "members of a network group", compare_members},
    };
    return all;
}

/// A difference that has a reason: its case (a part of the id) and a part of the difference.
struct Explained {
    const char* kind;
    const char* id;
    const char* difference;
    const char* reason;
};

inline const std::vector<Explained>& explained() {
    static const std::vector<Explained> all = {
        {"reachability-observed", "icmp", "it did not arrive",
         "the guests of the lab's appliances drop ICMP, as its author says; no Azure resource "
         "shows that. With `nva` open (strict) the answer is unknown"},
        {"connectivity-check", "", "allowVirtualNetworkAccess false",
         "recorded 2018 to 2020, when the flag stopped traffic; today's page says that it only "
         "takes the remote space out of the VirtualNetwork tag (`peering-no-access-blocks`, Q4). "
         "Strict answers unknown"},
        {"connectivity-check", "", "every peering on the way allows access",
         "the peering is Connected, no group stands anywhere and Azure names no issue; equal "
         "set-ups in other recordings of the same test are Reachable. The probe's agent or guest "
         "was not ready"},
        {"topology", "f43639", "cleanupservice",
         "a clean-up service attached its group after the VNets had been read: the question shows "
         "it, the resources of the case do not"},
        {"avnm-effective-vnets", "", "(Dynamic)",
         "members by policy stand in no resource (A2); with static members in the file the "
         "documented reading takes these for all. Strict answers unknown"},
    };
    return all;
}

}  // namespace azreach::ground_truth
