// Edges: who holds an address, what a public or load-balanced address turns into, and how a NIC
// gets out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/azure/guard.hpp"
#include "models/azure/public_ip.hpp"

namespace azreach {

class Network;

/// What stands at a private address of a VNet.
struct Owner {
    enum class Kind : std::uint8_t {
        configuration,  // a NIC's IP configuration, private endpoints' NICs included
        frontend,       // an internal load-balancer frontend
        firewall,       // the private address of an Azure Firewall
        reserved,       // first four and last address of an IPv4 subnet prefix [J7]: drop
        nobody,         // in (or outside) a fully read subnet, and nobody has it: drop
        unknown,        // somebody unread may have it: `when` names the facts
        unmodelled,     // a resource that is not modelled yet may have it (firewall, gateway, ...)
    } kind = Kind::nobody;
    std::uint32_t config = 0xFFFFFFFFU;      // configuration
    const LoadBalancer* balancer = nullptr;  // frontend
    const LbFrontend* frontend = nullptr;
    std::uint32_t firewall = 0xFFFFFFFFU;  // firewall: index into Network::firewalls()
    Guard when;                            // unknown, unmodelled: the facts that decide
    ResourceId at;                         // id of what it is, or of the subnet / VNet
};

/// One way a packet to a frontend or public address goes on: after translation it is for
/// `config`. Several entries that accept the same packet are a choice of the platform, unless
/// `when` makes one of them unsure.
struct Translation {
    enum class Kind : std::uint8_t {
        instance_ip,  // public IP of a NIC: all ports, one to one [E1]
        lb_rule,      // one pool member [E5]
        nat_rule,     // inbound NAT rule [E7]
        firewall,     // the public address of an Azure Firewall: its NAT rules decide
        unmodelled,   // bound to a gateway, firewall, Bastion, ...: the service answers itself
        unread,       // the public IP or its target is not in the snapshot
    } kind = Kind::instance_ip;
    std::uint32_t config = 0xFFFFFFFFU;    // target configuration (instance_ip, lb_rule, nat_rule)
    std::uint32_t firewall = 0xFFFFFFFFU;  // index into Network::firewalls()
    /// Services accepted, as sent. TCP and UDP destination ports become `to_port` unless it is
    /// absent (kept: instance IP, HA ports).
    ServiceSet accepts;
    std::optional<std::uint16_t> to_port;
    bool floating_ip = false;      // the guest sees the frontend address [N44]
    bool standard_closed = false;  // [N13]: through a Standard public frontend
    bool basic_open = false;       // a Basic public frontend: open without a group (Q32)
    bool internal = false;         // internal frontend (Q11)
    ResourceId by;                 // public IP id, LB rule id, NAT rule id
    std::string name;
    Provenance where;
    ResourceId target;  // unmodelled, unread: what it is bound to
    Guard when;         // facts under which this way exists
    /// Members of one rule share a group: the platform picks one of them per flow. Instance IPs
    /// have a group of their own.
    std::uint32_t choice_group = 0;
};

/// One way out to the internet for a configuration.                                [R51-R57]
struct OutboundMethod {
    enum class Kind : std::uint8_t {
        nat_gateway,
        instance_ip,
        lb_outbound,
        default_outbound,
        same_region_storage
    } kind = Kind::default_outbound;
    ResourceId by;  // NAT gateway, public IP, outbound rule or LB rule id; empty
    std::string name;
    ServiceSet services;            // what it carries
    GuardedAddresses destinations;  // all, or same-region Storage [R55]
    AddressSet source_addresses;    // what the world sees; empty: unknown public addresses
    Guard when;
};

class Edges {
public:
    explicit Edges(const Network& network);
    ~Edges();

    /// Who has `address` in this VNet. Cost O(log n). If several NICs claim the address (bad
    /// data), all of them are returned, as choices of unknown order.
    std::vector<Owner> owners(std::uint32_t vnet, const Address& address) const;
    /// The partition of `addresses` by owner, for the set engine.
    struct Part {
        AddressSet addresses;
        std::vector<Owner> owners;
    };
    std::vector<Part> partition(std::uint32_t vnet, const AddressSet& addresses) const;

    /// What a packet to an internal frontend turns into. Empty: no rule takes anything.
    const std::vector<Translation>& translations(const LoadBalancer& balancer,
                                                 const LbFrontend& frontend) const;

    /// Public addresses of the snapshot. `address_known` false: dynamic, not allocated [E2].
    struct PublicEntry {
        AddressSet addresses;  // one address, or the addresses of a prefix in use
        ResourceId public_ip;  // or prefix
        ResourceId balancer;   // the load balancer whose frontend it is; else empty
        std::vector<Translation> ways;
        bool address_known = true;
    };
    const std::vector<PublicEntry>& public_entries() const;
    const PublicEntry* public_entry(const Address& address) const;  // O(log n); null: not ours
    /// Entries through which packets may arrive at `config`; those of firewalls whose NAT rules
    /// name its address, or that of a frontend before it, too.
    std::vector<const PublicEntry*> public_entries_to(std::uint32_t config) const;

    /// In the order of preference [R51]: the first that carries the service, exists in the world
    /// and covers the destination is used. Empty: no way out.
    const std::vector<OutboundMethod>& outbound(std::uint32_t config) const;

    /// Addresses that can come from, or be, the internet: all globally routable space of both
    /// families (Azure's public space included), without private, reserved and multicast space.
    static const AddressSet& internet_space();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace azreach
