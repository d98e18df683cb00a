// Hand-made snapshots for tests, in few words.
//
//   SnapshotBuilder b;
//   b.vnet("hub", "10.0.0.0/16").subnet("hub/web", "10.0.1.0/24").vm("vm1", "hub/web", "10.0.1.4");
//   b.group("nsg", {"100 in deny tcp VirtualNetwork -> * 80,443"}).attach("nsg", "hub/web");
//
// Everything lies in one resource group; names are short and stand for ids: nic("vm1") is the NIC
// of vm1. Errors in a test's own text throw std::invalid_argument.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/network.hpp"

namespace azreach::testing {

/// "100 in deny tcp VirtualNetwork,10.0.0.0/8 -> asg:app 80,443-445 [from 1024-65535]": priority,
/// in|out, allow|deny|always, protocol (any tcp udp icmp icmpv6 esp ah), sources, "->",
/// destinations, destination ports (default *), source ports. An address side is *, 0.0.0.0/0,
/// prefixes, service tags, asg:NAME or group:NAME (network groups), with commas.
SecurityRule rule(std::string_view text);

struct PeeringOptions {
    PeeringState state = PeeringState::connected;    // of both sides
    bool a_access = true, b_access = true;           // allowVirtualNetworkAccess
    bool a_forwarded = false, b_forwarded = false;   // allowForwardedTraffic
    bool a_transit = false, b_uses_gateway = false;  // allowGatewayTransit, useRemoteGateways
};

struct LbRuleOptions {
    std::string protocol = "tcp";  // tcp, udp, any (HA ports when both ports are 0)
    int port = 0, to_port = 0;
    std::vector<std::string> members;  // VM names
    bool floating_ip = false;
    bool no_outbound_snat = false;
};

class SnapshotBuilder {
public:
    SnapshotBuilder& vnet(const std::string& name, const std::string& prefixes,
                          const std::string& location = "westeurope");
    /// "vnet/subnet", prefixes with commas.
    SnapshotBuilder& subnet(const std::string& path, const std::string& prefixes);
    /// A VM with one NIC and one configuration; an empty address is one that is not known.
    SnapshotBuilder& vm(const std::string& name, const std::string& subnet_path,
                        const std::string& address);
    SnapshotBuilder& forwarding(const std::string& vm);  // enableIPForwarding
    SnapshotBuilder& in_asg(const std::string& vm, const std::string& asg);

    SnapshotBuilder& group(const std::string& name, std::initializer_list<const char*> rules = {});
    /// To "vnet/subnet" or a VM's NIC. A group that was not defined is one that was not read.
    SnapshotBuilder& attach(const std::string& group, const std::string& subnet_or_vm);
    /// "10.0.0.0/8 appliance 10.0.0.4", "0.0.0.0/0 none", "... internet|vnet|gateway".
    SnapshotBuilder& routes(const std::string& subnet_path,
                            std::initializer_list<const char*> routes, bool propagate = true);

    SnapshotBuilder& peer(const std::string& a, const std::string& b, PeeringOptions options = {});

    /// An instance-level public address; an empty address is one that is not allocated.
    SnapshotBuilder& public_ip(const std::string& vm, const std::string& address,
                               Sku sku = Sku::standard);
    /// A frontend at a private address ("vnet/subnet" given) or a public one.
    SnapshotBuilder& balancer(const std::string& name, const std::string& address,
                              const std::string& subnet_path = "", Sku sku = Sku::standard);
    SnapshotBuilder& balance(const std::string& balancer, const LbRuleOptions& rule);
    SnapshotBuilder& nat_gateway(const std::string& subnet_path, const std::string& address);
    SnapshotBuilder& no_default_outbound(const std::string& subnet_path);
    SnapshotBuilder& service_endpoint(const std::string& subnet_path, const std::string& service);

    /// To the blobs of a storage account of the same name, which is not in the snapshot.
    SnapshotBuilder& private_endpoint(
        const std::string& name, const std::string& subnet_path, const std::string& address,
        PrivateEndpoint::Connection::Status status = PrivateEndpoint::Connection::Status::approved);
    /// The private endpoint leads to this group of this resource instead.
    SnapshotBuilder& leads_to(const std::string& endpoint, const ResourceId& resource,
                              const std::string& group);
    SnapshotBuilder& policies(const std::string& subnet_path, PrivateEndpointPolicies policies);

    /// A VPN gateway in "vnet/GatewaySubnet" with one connection to a site; `bgp` opens it.
    SnapshotBuilder& gateway(const std::string& name, const std::string& vnet,
                             const std::string& gateway_subnet_prefix,
                             const std::string& site_prefixes, bool bgp = false);

    /// A security admin configuration over VNets.
    SnapshotBuilder& admin_rules(const std::string& name, const std::vector<std::string>& vnets,
                                 std::initializer_list<const char*> rules);
    SnapshotBuilder& tag(const std::string& name, const std::string& prefixes);

    const Snapshot& snapshot() const { return snapshot_; }
    Snapshot& edit() { return snapshot_; }

    static ResourceId id(std::string_view type, std::string_view name);
    static ResourceId vnet_id(std::string_view name) { return id("virtualNetworks", name); }
    static ResourceId subnet_id(std::string_view path);
    static ResourceId nic_id(std::string_view vm) {
        return id("networkInterfaces", std::string(vm) + "-nic");
    }
    static ResourceId storage_id(std::string_view name);
    static ResourceId group_id(std::string_view name) { return id("networkSecurityGroups", name); }

private:
    Subnet& at(const std::string& path);
    NetworkInterface& interface(const std::string& vm);
    Snapshot snapshot_;
};

Address address(std::string_view text);
AddressSet addresses(std::string_view prefixes);  // with commas
ConfigIndex config_of(const Network& network, std::string_view vm);
/// The documented reading, and "KEY=VALUE" statements.
Assumptions documented(std::initializer_list<const char*> statements = {});
Assumptions strict(std::initializer_list<const char*> statements = {});

}  // namespace azreach::testing
