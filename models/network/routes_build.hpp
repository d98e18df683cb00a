// Building one subnet's effective table: the steps of section 3.11 of the reference, one function a
// source of routes. Private to models/network.
// Rules decided here: [R1] [R2] [R3] [R4] [R5] [R6] [R7] [R8] [R9] [R10] [R11] [R12] [R15] [R16]
// [R17] [R20] [R21] [R22] [R23] [R24] [R26] [R37] [R38] [R42] [R43] [R44] [R46] [R49] [R50] [R58]
// [R64] [R65]
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
    RouteList system;       // R1, R7, R10, R11 (without default and None routes)
    RouteList gateway;      // R8
    AddressSet pinned;      // VNet, live peerings and groups: BGP does not beat it       [R15]
    struct EndpointRoute {  // R10, with what R40-R43 need
        Address address;
        std::uint32_t vnet;
        ResourceId endpoint;
        PrivateEndpointPolicies policies;
        int vnet_prefix_length;  // of the address-space prefix that holds it              [R41]
        Guard when;
    };
    std::vector<EndpointRoute> endpoints;
};

VnetRoutes vnet_routes(
    const Network& network, VnetIndex vnet,
    const std::vector<std::vector<VnetRoutes::EndpointRoute>>& endpoints_of_vnet);
/// The private endpoints of every VNet, by VnetIndex.
std::vector<std::vector<VnetRoutes::EndpointRoute>> private_endpoints_by_vnet(
    const Network& network);
/// All routes of a subnet, unsorted; `invalid` ones marked.
RouteList subnet_routes(const Network& network, SubnetIndex subnet, const VnetRoutes& shared);

}  // namespace azreach
