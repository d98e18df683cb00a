// Building one subnet's effective table: the steps of section 3.11 of the reference, one function a
// source of routes. Private to models/network.
#pragma once

#include <string>
#include <vector>

#include "models/network/connectivity.hpp"

namespace azreach {

/// Which source a route has, in the order in which they win at the same prefix.    [R14] [R16]
enum class RouteRank : std::uint8_t { service_endpoint, user, user_tag, gateway, system };

struct RankedRoute {
    EffectiveRouteEntry entry;
    RouteRank rank = RouteRank::system;
    int order = 0;  // among equals: tags by specificity [R17], ExpressRoute before VPN [R18]
    /// Stands before everything for the destinations in `floating`: the prefix of this route is
    /// not known (an unread gateway's routes, a tag without addresses, a table not read).
    bool floats = false;
    AddressSet floating;
};

using RouteList = std::vector<RankedRoute>;

/// What all subnets of a VNet share: VNet, peering, group, endpoint and gateway routes.
struct VnetRoutes {
    std::vector<PeeringLink> links;
    std::vector<UsableGateway> gateways;
    RouteList system;        // R1, R7, R10, R11 (without default and None routes)
    RouteList gateway;       // R8
    AddressSet pinned;       // VNet, live peerings and groups: BGP does not beat it       [R15]
    struct EndpointRoute {   // R10, with what R40-R43 need
        Address address;
        std::uint32_t vnet;
        ResourceId endpoint;
        PrivateEndpointPolicies policies;
        int vnet_prefix_length;  // of the address-space prefix that holds it              [R41]
        Guard when;
    };
    std::vector<EndpointRoute> endpoints;
};

VnetRoutes vnet_routes(const Network& network, VnetIndex vnet,
                       const std::vector<std::vector<VnetRoutes::EndpointRoute>>& endpoints_of_vnet);
/// The private endpoints of every VNet, by VnetIndex.
std::vector<std::vector<VnetRoutes::EndpointRoute>> private_endpoints_by_vnet(const Network& network);
/// All routes of a subnet, unsorted; `invalid` ones marked.
RouteList subnet_routes(const Network& network, SubnetIndex subnet, const VnetRoutes& shared);

}  // namespace azreach
