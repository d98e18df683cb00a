// Network interfaces, virtual machines, scale sets: data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/net/address.hpp"

namespace azreach {

struct IpConfiguration {
    ResourceId id;
    std::string name;
    Provenance where;
    bool primary = false;
    Family family = Family::v4;
    std::optional<Address> address;  // absent: the instance's address is not known          [J6]
    Ref subnet;
    Ref public_ip;
    std::vector<ResourceId> asgs;
    std::vector<ResourceId> lb_pools;
    std::vector<ResourceId> lb_nat_rules;
    std::vector<ResourceId> lb_nat_pools;
    Ref gateway_load_balancer;  // [E13]
};

struct NetworkInterface {
    Header header;
    std::vector<IpConfiguration> configurations;
    Ref security_group;
    Ref virtual_machine;
    Ref private_endpoint;              // also private link services and other owners: `owner`
    std::vector<Address> dns_servers;  // dnsSettings; empty: those of the virtual network
    Ref scale_set;                     // for an instance's NIC: the scale set
    bool ip_forwarding = false;
    std::optional<bool> default_outbound_connectivity;  // [R54]
};

struct VirtualMachine {
    Header header;
    std::vector<ResourceId> interfaces;
    Ref scale_set;  // flexible orchestration
};

/// A scale set's NIC template. Instances that were not read may hold any free address. [J6][N31]
struct ScaleSetInterface {
    std::string name;
    Provenance where;
    bool primary = false;
    bool ip_forwarding = false;
    Ref security_group;
    std::vector<IpConfiguration> configurations;  // address absent
    bool has_public_ip = false;                   // publicIPAddressConfiguration
};

struct ScaleSet {
    Header header;
    bool flexible = false;
    std::optional<long long> capacity;
    std::vector<ScaleSetInterface> interfaces;
};

}  // namespace azreach
