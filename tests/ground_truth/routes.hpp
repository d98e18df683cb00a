// What Azure says of routes: next hop, effective routes, gateways' learned and advertised routes.
#pragma once

#include "models/network/connectivity.hpp"
#include "src/engine/show.hpp"
#include "tests/ground_truth/cases.hpp"

namespace azreach::ground_truth {

inline std::string next_hop_type(const Network& network, SubnetIndex subnet,
                                 const EffectiveRouteEntry& entry) {
    switch (entry.hop) {
        case NextHop::internet:
            return "Internet";
        case NextHop::vnet_local:
            return "VnetLocal";
        case NextHop::vnet_peering:
        case NextHop::vnet_global_peering:
            return "VnetPeering";
        case NextHop::gateway:
            return "VirtualNetworkGateway";
        case NextHop::virtual_appliance:
            // R28: an appliance outside the VNet and its direct neighbours is no valid next hop.
            for (const HopTarget& target :
                 network.routes().appliance_vnets(network.subnets()[subnet].vnet_index)) {
                if (target.space.contains(entry.address)) {
                    return "VirtualAppliance";
                }
            }
            return "None";
        case NextHop::none:
            return "None";
        default:
            return "other";
    }
}

/// Next hop: type, address and route table.                                                 [G3]
inline Compared compare_next_hop(const Json& one) {
    Compared result{one["id"]};
    const Worlds worlds(one);
    const Json& request = request_of(one);
    const Address destination = *parse_address(field(request, "destinationIPAddress"));
    const Json& body = one["answer"]["body"];
    std::string azure = body["nextHopType"];
    if (azure == "VirtualNetwork") {  // an older spelling
        azure = "VnetLocal";
    }
    for (const World* world : {&worlds.documented, &worlds.strict}) {
        const Network& network = *world->network;
        const auto config = world->config(field(request, "targetResourceId"), "");
        const SubnetIndex subnet = config ? network.configurations()[*config].subnet : kNoIndex;
        if (subnet == kNoIndex) {
            result.left_out.push_back("the NIC or its subnet is not among the resources");
            break;
        }
        const auto candidates = network.routes().candidates(subnet, destination);
        const EffectiveRouteEntry& first = *candidates.front();
        const std::string type = next_hop_type(network, subnet, first);
        if (world == &worlds.strict) {
            result.strict(std::any_of(candidates.begin(), candidates.end(),
                                      [&](const EffectiveRouteEntry* entry) {
                                          return next_hop_type(network, subnet, *entry) == azure;
                                      }),
                          type + ", Azure: " + azure);
            continue;
        }
        result.documented(type == azure, type + ", Azure: " + azure);
        const std::string table = body.value("routeTableId", "System Route");
        result.documented(
            table == "System Route"
                ? first.route == nullptr
                : first.route != nullptr && first.route->id.parent() == ResourceId(table),
            "route table " + table);
        if (body.contains("nextHopIpAddress") && body["nextHopIpAddress"].is_string()) {
            const std::string address = body["nextHopIpAddress"];
            result.documented(to_string(first.address) == address, "address " + address);
        }
    }
    return result;
}

/// Effective routes: the same prefixes with the same next hop.                              [G6]
inline Compared compare_effective_routes(const Json& one) {
    Compared result{one["id"]};
    const Worlds worlds(one);
    // None routes beside the documented ones differ by date and region, and older dumps lack one of
    // the documented (notes of the collection).
    const auto hidden = [](const std::string& prefix, const std::string& type) {
        static const std::set<std::string> kDocumented = {"10.0.0.0/8", "172.16.0.0/12",
                                                          "192.168.0.0/16", "100.64.0.0/10"};
        return type == "None" && !kDocumented.contains(prefix);
    };
    bool subset = false;
    for (const auto& note : one["notes"]) {
        subset = subset || note.get<std::string>().find("subset") != std::string::npos;
    }
    if (subset) {
        result.left_out.push_back("the answer is a subset: routes that it lacks say nothing");
    }
    using Line = std::pair<std::string, std::string>;  // prefix, type
    std::set<Line> azure;
    bool services = false;
    for (const Json& route : one["answer"]["body"]["value"]) {
        services = services || route["nextHopType"] == "VirtualNetworkServiceEndpoint";
        if (route["state"] != "Active" || route["nextHopType"] == "VirtualNetworkServiceEndpoint") {
            continue;
        }
        for (const Json& prefix : route["addressPrefix"]) {
            if (!hidden(prefix, route["nextHopType"])) {
                azure.emplace(prefix, route["nextHopType"]);
            }
        }
    }
    if (services) {
        result.left_out.push_back("service endpoint prefixes: no tag list of that date");
    }
    for (const World* world : {&worlds.documented, &worlds.strict}) {
        const auto config = world->config(field(one["question"], "networkInterfaceId"), "");
        const SubnetIndex subnet =
            config ? world->network->configurations()[*config].subnet : kNoIndex;
        if (subnet == kNoIndex) {
            result.left_out.push_back("the NIC or its subnet is not among the resources");
            break;
        }
        std::set<Line> sure;
        std::set<Line> possible;
        for (const EffectiveRouteView& route : effective_routes(*world->network, subnet)) {
            for (const Prefix& prefix : route.prefixes) {
                const Line line{to_string(prefix), route.next_hop_type};
                if (route.state == "Active" && line.second != "VirtualNetworkServiceEndpoint" &&
                    !hidden(line.first, line.second)) {
                    possible.insert(line);
                    if (route.certain) {
                        sure.insert(line);
                    }
                }
            }
        }
        const bool documented = world == &worlds.documented;
        for (const Line& line : azure) {
            const std::string text = line.first + " " + line.second;
            if (documented) {
                result.documented(sure.contains(line), text + " is missing");
            } else {
                result.strict(possible.contains(line), text + " is missing");
            }
        }
        for (const Line& line : sure) {
            // ::/0 stands in some dumps only.
            if (subset || line.second == "None" || line.first == "::/0") {
                continue;
            }
            const std::string text = line.first + " " + line.second + " is not in Azure's list";
            if (documented) {
                result.documented(azure.contains(line), text);
            } else {
                result.strict(azure.contains(line), text);
            }
        }
    }
    return result;
}

/// What a gateway says it learned lies behind it; what it advertises is its VNet or a spoke. [E16]
inline Compared compare_gateway_routes(const Json& one, bool learned) {
    Compared result{one["id"]};
    const World world(one, Reading::documented);
    const Network& network = *world.network;
    const ResourceId id(one["question"]["targetId"].get<std::string>());
    const auto gateway = world.imported.snapshot.gateways.find(id);
    if (gateway == world.imported.snapshot.gateways.end()) {
        result.left_out.push_back("the gateway is not among the resources");
        return result;
    }
    AddressSet expected;
    if (learned) {
        for (const BehindGateway& part : network.routes().behind(id)) {
            expected |= part.addresses;
        }
    } else {
        for (VnetIndex v = 0; v < network.vnets().size(); ++v) {
            for (const UsableGateway& usable : usable_gateways(network, v)) {
                if (usable.id == id) {
                    expected |= address_space(*network.vnets()[v]);
                }
            }
        }
    }
    for (const Json& route : one["answer"]["body"]["value"]) {
        const auto prefix = parse_prefix(route.value("network", ""));
        if (prefix) {
            result.documented(expected.contains_all(prefix->prefix.addresses()),
                              to_string(prefix->prefix));
        }
    }
    if (one["answer"]["body"]["value"].empty()) {
        result.left_out.push_back("Azure lists no route");
    }
    return result;
}

}  // namespace azreach::ground_truth
