// VPN and ExpressRoute gateways, sites, connections: data. Meaning: models/network/routes.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/net/prefix.hpp"

namespace azreach {

struct VirtualNetworkGateway {
    Header header;
    enum class Type : std::uint8_t { vpn, express_route, other } type = Type::vpn;
    bool enable_bgp = false;
    std::vector<ResourceId> subnets;
    std::vector<ResourceId> public_ips;
    std::vector<Prefix> client_pool;  // P2S
    std::vector<Prefix> custom_routes;
    bool has_nat_rules = false;
    std::optional<bool> allow_remote_vnet_traffic, allow_virtual_wan_traffic;  // [E26]
    Ref default_site;                                                          // [E24]
};

struct LocalNetworkGateway {
    Header header;
    std::vector<Prefix> address_space;
    std::optional<Address> gateway_address;
    std::string fqdn;
    bool has_bgp = false;
};

struct GatewayConnection {
    Header header;
    enum class Type : std::uint8_t {
        ipsec,
        vnet_to_vnet,
        express_route,
        vpn_client,
        other
    } type = Type::other;
    Ref gateway1, gateway2, local_gateway, circuit;
    bool enable_bgp = false;
    std::string status;  // connectionStatus as written
    struct Selector {
        std::vector<Prefix> local, remote;
    };
    std::vector<Selector> traffic_selectors;
    bool gateway_bypass = false;
};

}  // namespace azreach
