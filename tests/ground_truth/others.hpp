// What Azure says of membership: topology, and the lists of network managers.
#pragma once

#include <algorithm>

#include "models/network/connectivity.hpp"
#include "tests/ground_truth/cases.hpp"

namespace azreach::ground_truth {

/// Topology: which VM, subnet, group and public address a NIC belongs to, and what VNets hold.
inline Compared compare_topology(const Json& one) {
    Compared result{one["id"]};
    const World world(one, Reading::documented);
    const Snapshot& snapshot = world.imported.snapshot;
    for (const Json& resource : one["answer"]["body"]["resources"]) {
        const ResourceId id(resource["id"].get<std::string>());
        for (const Json& association : resource.value("associations", Json::array())) {
            const ResourceId target(field(association, "resourceId"));
            const std::string text = id.text() + " and " + target.text();
            const std::string type(target.type());
            if (const auto vm = snapshot.virtual_machines.find(id);
                vm != snapshot.virtual_machines.end()) {
                const auto& nics = vm->second.interfaces;
                result.documented(std::find(nics.begin(), nics.end(), target) != nics.end(), text);
            } else if (const auto vnet = snapshot.virtual_networks.find(id);
                       vnet != snapshot.virtual_networks.end()) {
                const auto index = world.network->subnet_index(target);
                result.documented(index && world.network->subnets()[*index].vnet->header.id == id,
                                  text);
            } else if (const auto subnet = world.network->subnet_index(id)) {
                const Subnet& own = *world.network->subnets()[*subnet].subnet;
                result.documented(own.security_group == target || own.route_table == target, text);
            } else if (const auto nic = snapshot.interfaces.find(id);
                       nic != snapshot.interfaces.end()) {
                const auto any = [&](auto&& test) {
                    return std::any_of(nic->second.configurations.begin(),
                                       nic->second.configurations.end(), test);
                };
                if (equal_ignoring_case(type, "Microsoft.Network/virtualNetworks/subnets")) {
                    result.documented(
                        any([&](const IpConfiguration& c) { return c.subnet == target; }), text);
                } else if (equal_ignoring_case(type, "Microsoft.Network/networkSecurityGroups")) {
                    result.documented(nic->second.security_group == target, text);
                } else if (equal_ignoring_case(type, "Microsoft.Network/publicIPAddresses")) {
                    result.documented(
                        any([&](const IpConfiguration& c) { return c.public_ip == target; }), text);
                }
            }
        }
    }
    if (result.facts == 0) {
        result.left_out.push_back("no listed resource is among the resources of the case");
    }
    return result;
}

/// Active and effective configurations of a manager: the recorded lists are empty, so nothing may
/// be in force.                                                                             [A1]
inline Compared compare_in_force(const Json& one) {
    Compared result{one["id"]};
    const World world(one, Reading::documented);
    const Network& network = *world.network;
    if (!one["answer"]["body"]["value"].empty()) {
        result.left_out.push_back("a list with entries: none was recorded before");
        return result;
    }
    bool rules = false;
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        rules = rules || network.filters().chain(i, Direction::inbound).admin != nullptr;
    }
    result.documented(!rules, "admin rules at a NIC");
    bool links = false;
    for (VnetIndex v = 0; v < network.vnets().size(); ++v) {
        links = links || !group_links(network, v).empty();
    }
    result.documented(!links, "a connected group");
    result.documented(world.imported.snapshot.admin_configurations.empty() &&
                          world.imported.snapshot.connectivity_configurations.empty(),
                      "a configuration that Azure does not list");
    return result;
}

/// Effective members of a network group: read as evidence they are the members; without them the
/// strict reading keeps every listed network possible.                                      [A2]
inline Compared compare_members(const Json& one) {
    Compared result{one["id"]};
    const Json& body = one["answer"]["body"];
    const std::string target = field(one["question"], "targetId");
    const ResourceId group(target);
    if (body["value"].empty()) {
        result.left_out.push_back("Azure lists no network");
        return result;
    }
    const World strict(one, Reading::strict);
    const World documented(one, Reading::documented);
    for (const Json& member : body["value"]) {
        const ResourceId vnet(member["id"].get<std::string>());
        const auto sure = membership(*documented.network, group, vnet);
        result.documented(sure.has_value(),
                          vnet.text() + " (" + field(member, "membershipType") + ")");
        result.strict(membership(*strict.network, group, vnet).has_value(), vnet.text());
    }
    return result;
}

}  // namespace azreach::ground_truth
