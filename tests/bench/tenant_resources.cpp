#include "tests/bench/tenant_resources.hpp"

#include <fmt/format.h>

#include <utility>

namespace azreach::tenant {
namespace {

// Resource Graph gives types in lower case, ids as they were written.
constexpr std::string_view kVirtualNetworks = "Microsoft.Network/virtualNetworks";
constexpr std::string_view kSecurityGroups = "Microsoft.Network/networkSecurityGroups";
constexpr std::string_view kApplicationGroups = "Microsoft.Network/applicationSecurityGroups";
constexpr std::string_view kInterfaces = "Microsoft.Network/networkInterfaces";
constexpr std::string_view kRouteTables = "Microsoft.Network/routeTables";
constexpr std::string_view kLoadBalancers = "Microsoft.Network/loadBalancers";
constexpr std::string_view kPublicAddresses = "Microsoft.Network/publicIPAddresses";
constexpr std::string_view kNatGateways = "Microsoft.Network/natGateways";
constexpr std::string_view kGateways = "Microsoft.Network/virtualNetworkGateways";
constexpr std::string_view kSites = "Microsoft.Network/localNetworkGateways";
constexpr std::string_view kConnections = "Microsoft.Network/connections";
constexpr std::string_view kMachines = "Microsoft.Compute/virtualMachines";

constexpr unsigned kAppliances = 2;      // per region
constexpr unsigned kPublicShare = 100;   // one NIC in so many has a public address
constexpr unsigned kNicGroupShare = 10;  // percent of NICs with a security group of their own
constexpr unsigned kExposedHosts = 4;    // behind each region's public load balancer
constexpr unsigned kSitePrefixes = 64;
constexpr unsigned kGroupsPerSpoke = 2;  // application security groups

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& character : result) {
        if (character >= 'A' && character <= 'Z') {
            character = static_cast<char>(character - 'A' + 'a');
        }
    }
    return result;
}

class Writer {
public:
    Writer(const Plan& plan, unsigned rules, Mix mix, const std::filesystem::path& folder)
        : plan_(plan), rules_(rules), mix_(mix), pages_(folder, count_rows(plan)) {}

    Written write() {
        for (const Region& region : plan_.regions) {
            write_hub(region);
            write_gateway(region);
            write_appliances(region);
            write_exposure(region);
            for (unsigned n = 0; n < plan_.nic_groups_per_region; ++n) {
                write_nic_group(region, n);
            }
        }
        for (const Spoke& spoke : plan_.spokes) {
            write_spoke(spoke);
        }
        for (const Subnet& subnet : plan_.subnets) {
            write_subnet_group(subnet);
            for (unsigned host = 0; host < subnet.nics; ++host) {
                write_workload(subnet, host);
            }
        }
        return {pages_.rows(), pages_.bytes()};
    }

private:
    static bool has_public_address(const Subnet& subnet, unsigned host) {
        return (subnet.first_nic + host) % kPublicShare == 17;
    }

    static std::uint64_t count_rows(const Plan& plan) {
        std::uint64_t rows = 0;
        const std::uint64_t hub_rows = 1;
        const std::uint64_t gateway_rows = 4;
        const std::uint64_t appliance_rows = 3 + 2 * kAppliances;
        const std::uint64_t exposure_rows = 4;
        rows += plan.regions.size() * (hub_rows + gateway_rows + appliance_rows + exposure_rows +
                                       plan.nic_groups_per_region);
        rows += plan.spokes.size() * (2 + kGroupsPerSpoke);
        for (const Subnet& subnet : plan.subnets) {
            rows += 1 + 2 * subnet.nics;
            for (unsigned host = 0; host < subnet.nics; ++host) {
                rows += has_public_address(subnet, host) ? 1 : 0;
            }
        }
        return rows;
    }

    template <typename Properties>
    void resource(const Region& region, std::string_view type, const std::string& name,
                  Properties properties, std::string_view sku = {}, std::string_view role = {}) {
        const std::string id = resource_id(region, type, name);
        const std::string arg_type = lower(type);
        JsonWriter& json = pages_.begin({.id = id,
                                         .name = name,
                                         .type = arg_type,
                                         .location = region.location,
                                         .resource_group = region.group,
                                         .subscription = region.subscription,
                                         .sku = sku,
                                         .role = role});
        properties(json, id);
        pages_.end();
    }

    // The hub: gateway, appliances, and a peering with every spoke and every other hub.

    void write_hub(const Region& region) {
        const unsigned second = region.index * 16;
        resource(region, kVirtualNetworks, hub_name(region),
                 [&](JsonWriter& json, const std::string& id) {
                     begin_network(json, {hub_prefix(region.index)});
                     begin_subnet(json, id, "GatewaySubnet", fmt::format("10.{}.0.0/27", second));
                     end_subnet(json);
                     begin_subnet(json, id, "AzureBastionSubnet",
                                  fmt::format("10.{}.0.64/26", second));
                     end_subnet(json);
                     begin_subnet(json, id, "snet-nva", fmt::format("10.{}.1.0/24", second));
                     json.reference("networkSecurityGroup", hub_group_id(region));
                     json.reference("routeTable", hub_table_id(region));
                     end_subnet(json);
                     json.end_array();
                     json.begin_array("virtualNetworkPeerings");
                     for (const Spoke& spoke : plan_.spokes) {
                         if (spoke.region == region.index) {
                             write_peering(json, id, spoke_id(spoke), spoke_name(plan_, spoke),
                                           spoke_prefix(spoke), Transit::offers);
                         }
                     }
                     for (const Region& other : plan_.regions) {
                         if (other.index != region.index) {
                             write_peering(json, id, hub_id(other), hub_name(other),
                                           hub_prefix(other.index), Transit::none);
                         }
                     }
                     json.end_array();
                 });
    }

    void write_gateway(const Region& region) {
        const std::string address_name = fmt::format("pip-vgw-{}", region.code);
        write_public_address(region, address_name, fmt::format("20.10.{}.4", region.index), {});
        resource(region, kGateways, gateway_name(region),
                 [&](JsonWriter& json, const std::string& id) {
                     json.member("activeActive", false);
                     json.member("enableBgp", false);
                     json.member("gatewayType", "Vpn");
                     json.member("vpnType", "RouteBased");
                     json.begin_object("sku");
                     json.member("name", "VpnGw2");
                     json.member("tier", "VpnGw2");
                     json.end_object();
                     json.begin_array("ipConfigurations");
                     json.begin_object();
                     json.member("id", id + "/ipConfigurations/default");
                     json.member("name", "default");
                     json.begin_object("properties");
                     json.member("privateIPAllocationMethod", "Dynamic");
                     json.reference("publicIPAddress",
                                    resource_id(region, kPublicAddresses, address_name));
                     json.reference("subnet", hub_id(region) + "/subnets/GatewaySubnet");
                     json.end_object();
                     json.end_object();
                     json.end_array();
                 });
        resource(region, kSites, site_name(region), [&](JsonWriter& json, const std::string&) {
            json.begin_object("localNetworkAddressSpace");
            std::vector<std::string> prefixes;
            for (unsigned site = region.index; site < kSitePrefixes;
                 site += static_cast<unsigned>(plan_.regions.size())) {
                prefixes.push_back(site_prefix(site));
            }
            json.member("addressPrefixes", prefixes);
            json.end_object();
            json.member("gatewayIpAddress", fmt::format("198.51.100.{}", 10 + region.index));
        });
        resource(region, kConnections, fmt::format("cn-{}", region.code),
                 [&](JsonWriter& json, const std::string&) {
                     json.member("connectionStatus", "Connected");
                     json.member("connectionType", "IPsec");
                     json.member("enableBgp", false);
                     json.reference("localNetworkGateway2",
                                    resource_id(region, kSites, site_name(region)));
                     json.member("usePolicyBasedTrafficSelectors", false);
                     json.reference("virtualNetworkGateway1",
                                    resource_id(region, kGateways, gateway_name(region)));
                 });
    }

    void write_appliances(const Region& region) {
        const std::string subnet = hub_id(region) + "/subnets/snet-nva";
        resource(region, kSecurityGroups, hub_group_name(region),
                 [&](JsonWriter& json, const std::string& id) {
                     const RuleContext context{.region = &region,
                                               .group_id = id,
                                               .local = {},
                                               .subnet = nullptr,
                                               .groups = {},
                                               .stream = 0};
                     write_open_rules(json, context);
                     json.begin_array("subnets");
                     json.begin_object();
                     json.member("id", subnet);
                     json.end_object();
                     json.end_array();
                 });
        resource(region, kRouteTables, hub_table_name(region),
                 [&](JsonWriter& json, const std::string& id) {
                     json.member("disableBgpRoutePropagation", false);
                     json.begin_array("routes");
                     for (const Region& other : plan_.regions) {
                         if (other.index != region.index) {
                             write_route(json, id, fmt::format("to-{}", other.code),
                                         region_prefix(other.index), "VirtualAppliance",
                                         appliance_address(other.index));
                         }
                     }
                     json.end_array();
                 });
        const std::string balancer = fmt::format("lbi-nva-{}", region.code);
        const std::string balancer_id = resource_id(region, kLoadBalancers, balancer);
        resource(
            region, kLoadBalancers, balancer,
            [&](JsonWriter& json, const std::string& id) {
                begin_frontend(json, id);
                json.member("privateIPAddress", appliance_address(region.index));
                json.member("privateIPAddressVersion", "IPv4");
                json.member("privateIPAllocationMethod", "Static");
                json.reference("subnet", subnet);
                std::vector<std::string> members;
                for (unsigned n = 0; n < kAppliances; ++n) {
                    members.push_back(resource_id(region, kInterfaces, appliance_nic(region, n)) +
                                      "/ipConfigurations/ipconfig1");
                }
                end_frontend(json, id, members, "All", 0);
            },
            "Standard");
        for (unsigned n = 0; n < kAppliances; ++n) {
            write_nic(region, appliance_nic(region, n),
                      {.machine = fmt::format("vm-nva-{}-{}", region.code, n),
                       .subnet = subnet,
                       .address = fmt::format("10.{}.1.{}", region.index * 16, 5 + n),
                       .forwarding = true,
                       .backend_pool = balancer_id + "/backendAddressPools/backend"});
            write_machine(region, fmt::format("vm-nva-{}-{}", region.code, n),
                          appliance_nic(region, n), "nva");
        }
    }

    // A public load balancer before the first hosts of the region's first subnet, and a NAT
    // gateway.

    void write_exposure(const Region& region) {
        const Subnet& subnet = first_subnet(region);
        const std::string balancer_address = fmt::format("pip-lbe-{}", region.code);
        const std::string nat_address = fmt::format("pip-nat-{}", region.code);
        write_public_address(region, balancer_address, fmt::format("20.10.{}.5", region.index), {});
        write_public_address(region, nat_address, fmt::format("20.10.{}.6", region.index), {});
        resource(
            region, kLoadBalancers, public_balancer_name(region),
            [&](JsonWriter& json, const std::string& id) {
                begin_frontend(json, id);
                json.member("privateIPAllocationMethod", "Dynamic");
                json.reference("publicIPAddress",
                               resource_id(region, kPublicAddresses, balancer_address));
                std::vector<std::string> members;
                for (unsigned host = 0; host < kExposedHosts && host < subnet.nics; ++host) {
                    members.push_back(nic_id(subnet, host) + "/ipConfigurations/ipconfig1");
                }
                end_frontend(json, id, members, "Tcp", 443);
            },
            "Standard");
        resource(
            region, kNatGateways, nat_name(region),
            [&](JsonWriter& json, const std::string&) {
                json.member("idleTimeoutInMinutes", std::uint64_t{4});
                json.begin_array("publicIpAddresses");
                json.begin_object();
                json.member("id", resource_id(region, kPublicAddresses, nat_address));
                json.end_object();
                json.end_array();
            },
            "Standard");
    }

    void write_nic_group(const Region& region, unsigned index) {
        const Subnet& subnet = first_subnet(region);
        resource(region, kSecurityGroups, nic_group_name(region, index),
                 [&](JsonWriter& json, const std::string& id) {
                     const RuleContext context{
                         .region = &region,
                         .group_id = id,
                         .local = {region_prefix(region.index)},
                         .subnet = &subnet,
                         .groups = {},
                         .stream =
                             (std::uint64_t{1} << 32) + std::uint64_t{region.index} * 1000 + index};
                     write_rules(json, plan_, context, rules_, mix_);
                 });
    }

    // A spoke: its network with subnets and the peering to the hub, a route table, two groups.

    void write_spoke(const Spoke& spoke) {
        const Region& region = plan_.regions[spoke.region];
        for (unsigned n = 0; n < kGroupsPerSpoke; ++n) {
            resource(region, kApplicationGroups, application_group_name(spoke, n),
                     [](JsonWriter&, const std::string&) {});
        }
        resource(region, kRouteTables, spoke_table_name(spoke),
                 [&](JsonWriter& json, const std::string& id) { write_routes(json, id, spoke); });
        resource(region, kVirtualNetworks, spoke_name(plan_, spoke),
                 [&](JsonWriter& json, const std::string& id) {
                     begin_network(json, {spoke_prefix(spoke)});
                     for (unsigned n = 0; n < spoke.subnets; ++n) {
                         const Subnet& subnet = plan_.subnets[spoke.first_subnet + n];
                         begin_subnet(json, id, subnet_name(subnet), subnet_prefix(plan_, subnet));
                         if (spoke.index == 1) {
                             json.reference("natGateway",
                                            resource_id(region, kNatGateways, nat_name(region)));
                         }
                         json.reference("networkSecurityGroup", subnet_group_id(subnet));
                         json.reference("routeTable",
                                        resource_id(region, kRouteTables, spoke_table_name(spoke)));
                         end_subnet(json);
                     }
                     json.end_array();
                     json.begin_array("virtualNetworkPeerings");
                     write_peering(json, id, hub_id(region), hub_name(region),
                                   hub_prefix(region.index), Transit::uses);
                     json.end_array();
                 });
    }

    void write_routes(JsonWriter& json, const std::string& table, const Spoke& spoke) const {
        Random random(plan_.seed, "routes", spoke.region * 100 + spoke.index);
        const std::string appliance = appliance_address(spoke.region);
        json.member("disableBgpRoutePropagation", spoke.index % 4 == 2);
        json.begin_array("routes");
        write_route(json, table, "to-azure", "10.0.0.0/8", "VirtualAppliance", appliance);
        if (spoke.default_route) {
            write_route(json, table, "to-anywhere", "0.0.0.0/0", "VirtualAppliance", appliance);
        }
        const unsigned more = random.between(10, 58);
        for (unsigned n = 0; n < more; ++n) {
            const std::string name = fmt::format("route-{:02}", n);
            const unsigned kind = random.below(100);
            if (kind < 60 && n < kSitePrefixes) {  // a site through the appliance
                write_route(json, table, name, site_prefix(n), "VirtualAppliance", appliance);
            } else if (kind < 85) {
                write_route(json, table, name, fmt::format("192.168.{}.0/24", n), "None", {});
            } else {
                write_route(json, table, name,
                            fmt::format("20.{}.{}.0/24", 60 + n, random.below(256)), "Internet",
                            {});
            }
        }
        json.end_array();
    }

    void write_subnet_group(const Subnet& subnet) {
        const Spoke& spoke = plan_.spokes[subnet.spoke];
        const Region& region = plan_.regions[spoke.region];
        resource(region, kSecurityGroups, subnet_group_name(subnet),
                 [&](JsonWriter& json, const std::string& id) {
                     RuleContext context{.region = &region,
                                         .group_id = id,
                                         .local = {subnet_prefix(plan_, subnet)},
                                         .subnet = &subnet,
                                         .groups = {},
                                         .stream = spoke.first_subnet + subnet.index};
                     for (unsigned n = 0; n < kGroupsPerSpoke; ++n) {
                         context.groups.push_back(application_group_id(spoke, n));
                     }
                     write_rules(json, plan_, context, rules_, mix_);
                     json.begin_array("subnets");
                     json.begin_object();
                     json.member("id", spoke_id(spoke) + "/subnets/" + subnet_name(subnet));
                     json.end_object();
                     json.end_array();
                 });
    }

    void write_workload(const Subnet& subnet, unsigned host) {
        const Spoke& spoke = plan_.spokes[subnet.spoke];
        const Region& region = plan_.regions[spoke.region];
        const std::string name = workload_name(plan_, subnet, host);
        Random random(plan_.seed, "workload", subnet.first_nic + host);
        Nic nic{.machine = "vm-" + name,
                .subnet = spoke_id(spoke) + "/subnets/" + subnet_name(subnet),
                .address = host_address(plan_, subnet, host)};
        if (random.percent(kNicGroupShare)) {
            nic.group =
                resource_id(region, kSecurityGroups,
                            nic_group_name(region, random.below(plan_.nic_groups_per_region)));
        }
        if (random.percent(50)) {
            nic.application_group = application_group_id(spoke, random.below(kGroupsPerSpoke));
        }
        if (&subnet == &first_subnet(region) && host < kExposedHosts) {
            nic.backend_pool = resource_id(region, kLoadBalancers, public_balancer_name(region)) +
                               "/backendAddressPools/backend";
        }
        if (has_public_address(subnet, host)) {
            const unsigned number = (subnet.first_nic + host) / kPublicShare;
            nic.public_address = resource_id(region, kPublicAddresses, "pip-" + name);
            write_public_address(region, "pip-" + name,
                                 fmt::format("20.11.{}.{}", number / 250, number % 250),
                                 nic_id(subnet, host) + "/ipConfigurations/ipconfig1");
        }
        write_nic(region, "nic-" + name, nic);
        write_machine(region, "vm-" + name, "nic-" + name, host == 0 ? "first" : "worker");
    }

    // Shapes.

    struct Nic {
        std::string machine;
        std::string subnet;
        std::string address;
        bool forwarding = false;
        std::string group = {};
        std::string application_group = {};
        std::string backend_pool = {};
        std::string public_address = {};
    };

    void write_nic(const Region& region, const std::string& name, const Nic& nic) {
        resource(region, kInterfaces, name, [&](JsonWriter& json, const std::string& id) {
            json.member("enableAcceleratedNetworking", true);
            json.member("enableIPForwarding", nic.forwarding);
            json.begin_array("ipConfigurations");
            json.begin_object();
            json.member("id", id + "/ipConfigurations/ipconfig1");
            json.member("name", "ipconfig1");
            json.begin_object("properties");
            if (!nic.application_group.empty()) {
                write_ids(json, "applicationSecurityGroups", {nic.application_group});
            }
            if (!nic.backend_pool.empty()) {
                write_ids(json, "loadBalancerBackendAddressPools", {nic.backend_pool});
            }
            json.member("primary", true);
            json.member("privateIPAddress", nic.address);
            json.member("privateIPAddressVersion", "IPv4");
            json.member("privateIPAllocationMethod", "Dynamic");
            json.member("provisioningState", "Succeeded");
            if (!nic.public_address.empty()) {
                json.reference("publicIPAddress", nic.public_address);
            }
            json.reference("subnet", nic.subnet);
            json.end_object();
            json.member("type", "Microsoft.Network/networkInterfaces/ipConfigurations");
            json.end_object();
            json.end_array();
            if (!nic.group.empty()) {
                json.reference("networkSecurityGroup", nic.group);
            }
            json.member("nicType", "Standard");
            json.member("primary", true);
            json.reference("virtualMachine", resource_id(region, kMachines, nic.machine));
        });
    }

    void write_machine(const Region& region, const std::string& name, const std::string& nic,
                       std::string_view role) {
        resource(
            region, kMachines, name,
            [&](JsonWriter& json, const std::string&) {
                json.begin_object("hardwareProfile");
                json.member("vmSize", "Standard_D2s_v5");
                json.end_object();
                json.begin_object("networkProfile");
                json.begin_array("networkInterfaces");
                json.begin_object();
                json.member("id", resource_id(region, kInterfaces, nic));
                json.begin_object("properties");
                json.member("primary", true);
                json.end_object();
                json.end_object();
                json.end_array();
                json.end_object();
                json.begin_object("osProfile");
                json.member("computerName", name);
                json.end_object();
            },
            {}, role);
    }

    void write_public_address(const Region& region, const std::string& name,
                              const std::string& address, const std::string& configuration) {
        resource(
            region, kPublicAddresses, name,
            [&](JsonWriter& json, const std::string&) {
                json.member("ipAddress", address);
                if (!configuration.empty()) {
                    json.reference("ipConfiguration", configuration);
                }
                json.member("publicIPAddressVersion", "IPv4");
                json.member("publicIPAllocationMethod", "Static");
            },
            "Standard");
    }

    static void write_ids(JsonWriter& json, std::string_view name,
                          const std::vector<std::string>& ids) {
        json.begin_array(name);
        for (const std::string& id : ids) {
            json.begin_object();
            json.member("id", id);
            json.end_object();
        }
        json.end_array();
    }

    /// Leaves the array of subnets open.
    static void begin_network(JsonWriter& json, const std::vector<std::string>& prefixes) {
        json.begin_object("addressSpace");
        json.member("addressPrefixes", prefixes);
        json.end_object();
        json.member("enableDdosProtection", false);
        json.begin_array("subnets");
    }

    static void begin_subnet(JsonWriter& json, const std::string& network, std::string_view name,
                             const std::string& prefix) {
        json.begin_object();
        json.member("id", fmt::format("{}/subnets/{}", network, name));
        json.member("name", name);
        json.begin_object("properties");
        json.member("addressPrefix", prefix);
        json.member("defaultOutboundAccess", false);
        json.member("delegations", std::vector<std::string>{});
        json.member("privateEndpointNetworkPolicies", "Disabled");
        json.member("privateLinkServiceNetworkPolicies", "Enabled");
        json.member("provisioningState", "Succeeded");
    }

    static void end_subnet(JsonWriter& json) {
        json.end_object();
        json.member("type", "Microsoft.Network/virtualNetworks/subnets");
        json.end_object();
    }

    enum class Transit { none, offers, uses };

    static void write_peering(JsonWriter& json, const std::string& network,
                              const std::string& remote, const std::string& remote_name,
                              const std::string& remote_prefix, Transit transit) {
        json.begin_object();
        json.member("id", fmt::format("{}/virtualNetworkPeerings/to-{}", network, remote_name));
        json.member("name", "to-" + remote_name);
        json.begin_object("properties");
        json.member("allowForwardedTraffic", true);
        json.member("allowGatewayTransit", transit == Transit::offers);
        json.member("allowVirtualNetworkAccess", true);
        json.member("peeringState", "Connected");
        json.member("peeringSyncLevel", "FullyInSync");
        json.member("provisioningState", "Succeeded");
        for (const std::string_view space :
             {"remoteAddressSpace", "remoteVirtualNetworkAddressSpace"}) {
            json.begin_object(space);
            json.member("addressPrefixes", std::vector<std::string>{remote_prefix});
            json.end_object();
        }
        json.reference("remoteVirtualNetwork", remote);
        json.member("useRemoteGateways", transit == Transit::uses);
        json.end_object();
        json.member("type", "Microsoft.Network/virtualNetworks/virtualNetworkPeerings");
        json.end_object();
    }

    static void write_route(JsonWriter& json, const std::string& table, const std::string& name,
                            const std::string& prefix, std::string_view next_hop,
                            const std::string& address) {
        json.begin_object();
        json.member("id", fmt::format("{}/routes/{}", table, name));
        json.member("name", name);
        json.begin_object("properties");
        json.member("addressPrefix", prefix);
        json.member("hasBgpOverride", false);
        if (!address.empty()) {
            json.member("nextHopIpAddress", address);
        }
        json.member("nextHopType", next_hop);
        json.member("provisioningState", "Succeeded");
        json.end_object();
        json.member("type", "Microsoft.Network/routeTables/routes");
        json.end_object();
    }

    static void begin_frontend(JsonWriter& json, const std::string& balancer) {
        json.begin_array("frontendIPConfigurations");
        json.begin_object();
        json.member("id", balancer + "/frontendIPConfigurations/frontend");
        json.member("name", "frontend");
        json.begin_object("properties");
    }

    static void end_frontend(JsonWriter& json, const std::string& balancer,
                             const std::vector<std::string>& members, std::string_view protocol,
                             std::uint64_t port) {
        json.end_object();
        json.end_object();
        json.end_array();
        json.begin_array("backendAddressPools");
        json.begin_object();
        json.member("id", balancer + "/backendAddressPools/backend");
        json.member("name", "backend");
        json.begin_object("properties");
        write_ids(json, "backendIPConfigurations", members);
        json.end_object();
        json.end_object();
        json.end_array();
        json.begin_array("loadBalancingRules");
        json.begin_object();
        json.member("id", balancer + "/loadBalancingRules/rule");
        json.member("name", "rule");
        json.begin_object("properties");
        json.reference("backendAddressPool", balancer + "/backendAddressPools/backend");
        json.member("backendPort", port);
        json.member("disableOutboundSnat", true);
        json.member("enableFloatingIP", false);
        json.reference("frontendIPConfiguration", balancer + "/frontendIPConfigurations/frontend");
        json.member("frontendPort", port);
        json.member("protocol", protocol);
        json.end_object();
        json.end_object();
        json.end_array();
    }

    // Names and ids.

    const Subnet& first_subnet(const Region& region) const {
        for (const Spoke& spoke : plan_.spokes) {
            if (spoke.region == region.index) {
                return plan_.subnets[spoke.first_subnet];
            }
        }
        return plan_.subnets.front();
    }

    static std::string hub_id(const Region& region) {
        return resource_id(region, kVirtualNetworks, hub_name(region));
    }
    std::string spoke_id(const Spoke& spoke) const {
        return resource_id(plan_.regions[spoke.region], kVirtualNetworks, spoke_name(plan_, spoke));
    }
    static std::string hub_group_name(const Region& region) {
        return fmt::format("nsg-{}-nva", region.code);
    }
    static std::string hub_group_id(const Region& region) {
        return resource_id(region, kSecurityGroups, hub_group_name(region));
    }
    static std::string hub_table_name(const Region& region) {
        return fmt::format("rt-{}-nva", region.code);
    }
    static std::string hub_table_id(const Region& region) {
        return resource_id(region, kRouteTables, hub_table_name(region));
    }
    static std::string gateway_name(const Region& region) {
        return fmt::format("vgw-{}", region.code);
    }
    static std::string site_name(const Region& region) {
        return fmt::format("lgw-{}", region.code);
    }
    static std::string nat_name(const Region& region) { return fmt::format("ng-{}", region.code); }
    static std::string public_balancer_name(const Region& region) {
        return fmt::format("lbe-{}", region.code);
    }
    static std::string appliance_nic(const Region& region, unsigned index) {
        return fmt::format("nic-nva-{}-{}", region.code, index);
    }
    static std::string nic_group_name(const Region& region, unsigned index) {
        return fmt::format("nsg-{}-nic-{:02}", region.code, index);
    }
    std::string spoke_table_name(const Spoke& spoke) const {
        return fmt::format("rt-{}-s{:02}", plan_.regions[spoke.region].code, spoke.index);
    }
    std::string application_group_name(const Spoke& spoke, unsigned index) const {
        return fmt::format("asg-{}-s{:02}-{}", plan_.regions[spoke.region].code, spoke.index,
                           index == 0 ? "web" : "db");
    }
    std::string application_group_id(const Spoke& spoke, unsigned index) const {
        return resource_id(plan_.regions[spoke.region], kApplicationGroups,
                           application_group_name(spoke, index));
    }
    std::string subnet_group_name(const Subnet& subnet) const {
        const Spoke& spoke = plan_.spokes[subnet.spoke];
        return fmt::format("nsg-{}-s{:02}-n{:02}", plan_.regions[spoke.region].code, spoke.index,
                           subnet.index);
    }
    std::string subnet_group_id(const Subnet& subnet) const {
        return resource_id(region_of(plan_, subnet), kSecurityGroups, subnet_group_name(subnet));
    }
    std::string nic_id(const Subnet& subnet, unsigned host) const {
        return resource_id(region_of(plan_, subnet), kInterfaces,
                           "nic-" + workload_name(plan_, subnet, host));
    }

    const Plan& plan_;
    unsigned rules_;
    Mix mix_;
    Pages pages_;
};

}  // namespace

Written write_resources(const Plan& plan, unsigned rules, Mix mix,
                        const std::filesystem::path& folder) {
    return Writer(plan, rules, mix, folder).write();
}

}  // namespace azreach::tenant
