// show: one resource resolved, in Network Watcher's vocabulary (contract section 4).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/engine/endpoint.hpp"

namespace azreach {

struct EffectiveRuleView {
    ResourceId association;  // subnet, NIC or network manager
    std::string name;        // "securityRules/allow-ssh", "defaultSecurityRules/DenyAllInBound"
    Direction direction{};
    int priority = 0;
    Access access{};
    std::string protocol;  // "Tcp", "Udp", "Icmp", "Esp", "Ah", "All"
    Bounds<AddressSet> source, destination;
    PortSet source_ports, destination_ports;
    Provenance where;
};

struct EffectiveRouteView {
    std::string source;  // Default, User, VirtualNetworkGateway
    std::string state;   // Active, Invalid
    std::vector<Prefix> prefixes;
    std::string next_hop_type;
    std::vector<Address> next_hop_addresses;
    bool certain = true;
    std::string name;
    Provenance where;
};

struct ShowAnswer {
    std::string kind, name;
    ResourceId id;
    std::vector<EffectiveRuleView> rules;
    std::vector<EffectiveRouteView> routes;
    /// Other facts worth seeing: (label, values), e.g. ("address", {"10.0.0.4"}).
    std::vector<std::pair<std::string, std::vector<std::string>>> facts;
};

std::vector<EffectiveRuleView> effective_rules(const Network& network, ConfigIndex config);
std::vector<EffectiveRouteView> effective_routes(const Network& network, SubnetIndex subnet);

/// What a firewall does, in the order in which its rules are tried; its subnet's routes.
void show_firewall(const Network& network, const AzureFirewall& firewall, ShowAnswer& answer);

/// NIC, VM, subnet, NSG, VNet or firewall by name; throws NameError.
ShowAnswer show(const Network& network, const Endpoints& endpoints, std::string_view name);

}  // namespace azreach
