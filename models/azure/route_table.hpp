// Route tables: data. Meaning: models/network/routes.hpp.
// Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/net/prefix.hpp"

namespace azreach {

enum class UserNextHop : std::uint8_t {
    virtual_appliance,
    vnet_local,
    internet,
    virtual_network_gateway,
    none,
    unknown
};

struct Route {
    ResourceId id;
    std::string name;
    Provenance where;
    bool certain = true;           // false: two copies differ                                [J2]
    std::optional<Prefix> prefix;  // exactly one of prefix and service_tag, or neither: unreadable
    std::string service_tag;
    UserNextHop next_hop = UserNextHop::unknown;
    std::optional<Address> next_hop_address;
};

struct RouteTable {
    Header header;
    bool disable_bgp_propagation = false;
    std::vector<Route> routes;
};

}  // namespace azreach
