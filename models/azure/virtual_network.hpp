// Virtual networks, subnets, peerings: data. Meaning: models/network.
// Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-overview
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/net/prefix.hpp"

namespace azreach {

struct ServiceEndpoint {
    std::string service;  // "Microsoft.Storage"
    std::vector<std::string> locations;
    Provenance where;
};

enum class PrivateEndpointPolicies : std::uint8_t {  // [R40]
    disabled,
    security_group,
    route_table,
    enabled,
    unknown  // unknown: a value we do not know
};

struct Subnet {
    Header header;
    std::vector<Prefix> prefixes;
    Ref security_group;
    Ref route_table;
    Ref nat_gateway;
    std::vector<ServiceEndpoint> service_endpoints;
    std::vector<std::string> delegations;  // service names
    PrivateEndpointPolicies private_endpoint_policies = PrivateEndpointPolicies::disabled;
    std::optional<bool> default_outbound_access;  // absent or null: enabled               [R54]
    /// Ids of IP configurations and other things that the subnet says it holds.
    std::vector<ResourceId> ip_configurations;
};

enum class PeeringState : std::uint8_t { connected, initiated, disconnected, unknown };

/// One side of a peering.                                                          [P1-P19]
struct Peering {
    Header header;
    Ref remote;
    PeeringState state = PeeringState::unknown;
    std::optional<bool> fully_in_sync;  // peeringSyncLevel                    [P5]
    bool allow_access = true;           // allowVirtualNetworkAccess
    bool allow_forwarded = false;
    bool allow_gateway_transit = false;
    bool use_remote_gateways = false;
    bool complete_vnets = true;  // peerCompleteVnets                   [P15]
    bool only_ipv6 = false;
    std::vector<std::string> local_subnets, remote_subnets;
    std::vector<Prefix> remote_space;       // remoteAddressSpace: programmed
    std::vector<Prefix> remote_vnet_space;  // remoteVirtualNetworkAddressSpace: now
};

struct VirtualNetwork {
    Header header;
    std::vector<Prefix> address_space;
    std::vector<Subnet> subnets;
    std::vector<Peering> peerings;
    std::vector<Address> dns_servers;  // dhcpOptions; empty: Azure DNS
    Ref default_nat_gateway;  // defaultPublicNatGateway                                    [R52]
};

}  // namespace azreach
