// What stands in a generated tenant: regions, VNets, subnets and the addresses of everything.
//
// Region r owns 10.(16r).0.0/12: a hub 10.(16r).0.0/16 and up to 15 spokes 10.(16r+1+s).0.0/16, a
// subnet is a /24. Hubs are meshed by peering; spokes peer with their hub only and reach each other
// through its appliance pair behind an internal load balancer, by user routes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace azreach::tenant {

/// SplitMix64: the same numbers on every system and library.
class Random {
public:
    /// An independent stream for one thing, so that what it holds does not depend on other things.
    Random(std::uint64_t seed, std::string_view purpose, std::uint64_t index);

    std::uint64_t next();
    std::uint32_t below(std::uint32_t bound);  // 0 .. bound-1, bound > 0
    std::uint32_t between(std::uint32_t low, std::uint32_t high);
    bool percent(unsigned share) { return below(100) < share; }

private:
    std::uint64_t state_;
};

struct Region {
    unsigned index;
    std::string_view location;
    std::string_view code;     // in names: vnet-weu-hub
    std::string subscription;  // a subscription per region
    std::string group;         // resource group
};

struct Spoke {
    unsigned region;
    unsigned index;  // in its region
    unsigned first_subnet;
    unsigned subnets;
    bool default_route;  // its route table sends 0.0.0.0/0 to the appliances
};

struct Subnet {
    unsigned spoke;
    unsigned index;  // in its spoke
    unsigned first_nic;
    unsigned nics;
};

struct Plan {
    std::uint64_t seed;
    unsigned nics;
    std::vector<Region> regions;
    std::vector<Spoke> spokes;
    std::vector<Subnet> subnets;
    unsigned nic_groups_per_region;  // network security groups that NICs share
};

/// At most 300,000 NICs (250 in a subnet); throws std::invalid_argument beyond.
Plan make_plan(std::uint64_t seed, unsigned nics);

// Addresses.
std::string region_prefix(unsigned region);      // 10.16.0.0/12
std::string hub_prefix(unsigned region);         // 10.16.0.0/16
std::string appliance_address(unsigned region);  // frontend of the appliances
std::string spoke_prefix(const Spoke& spoke);    // 10.17.0.0/16
std::string subnet_prefix(const Plan& plan, const Subnet& subnet);
std::string host_address(const Plan& plan, const Subnet& subnet, unsigned host);  // host 0 is .4
std::string site_prefix(unsigned site);  // an on-premises /24, site < 64

// Names and ids.
std::string resource_id(const Region& region, std::string_view type, std::string_view name);
std::string hub_name(const Region& region);
std::string spoke_name(const Plan& plan, const Spoke& spoke);
std::string subnet_name(const Subnet& subnet);
std::string workload_name(const Plan& plan, const Subnet& subnet,
                          unsigned host);  // weu-s01-n02-007
const Region& region_of(const Plan& plan, const Subnet& subnet);

}  // namespace azreach::tenant
