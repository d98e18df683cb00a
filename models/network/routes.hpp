// Routes: the effective route table of every subnet, and what lies behind gateways.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/azure/gateway.hpp"
#include "models/azure/guard.hpp"
#include "models/azure/route_table.hpp"
#include "models/net/prefix.hpp"

namespace azreach {

class Network;

enum class NextHop : std::uint8_t {
    vnet_local,    // deliver in the subnet's own VNet
    vnet_peering,  // deliver in `vnet`
    vnet_global_peering,
    connected_group,  // deliver in `vnet`
    internet,
    virtual_appliance,   // to `address`
    gateway,             // to the virtual network gateway `gateway`
    service_endpoint,    // straight to the service, private source address kept [R56]
    interface_endpoint,  // deliver to the private endpoint's address
    none,                // drop
    unknown,             // an unread or undefined hop: anything may happen
};

/// One route of an effective table.
struct EffectiveRouteEntry {
    Prefix prefix;
    NextHop hop = NextHop::none;
    Address address{};                 // virtual_appliance
    std::uint32_t vnet = 0xFFFFFFFFU;  // VnetIndex of the VNet reached (vnet_local, peerings,
                                       // group); kNoIndex: it is not in the snapshot
    ResourceId via;                    // the peering, gateway, endpoint, group or unread object
    enum class Origin : std::uint8_t { system, user, bgp, gateway_static } origin = Origin::system;
    /// The route exists and is programmed. Parts that the assumptions decide are already gone.
    Guard when;
    const Route* route = nullptr;  // a user route
    /// Forwarding over this entry is sure; when a guard of the second kind fails the packet is
    /// dropped although the route is chosen (subnet peering P16, allowVirtualNetworkAccess P7,
    /// peering side not connected P1 ...).
    Guard delivers_when;
    /// Peerings and groups: packets whose source is outside the sending VNet pass only when this
    /// holds [P8]: a literal NOT peering-no-forwarded-blocks where the receiving side's peering has
    /// allowForwardedTraffic false; empty (always) otherwise.
    Guard forwarded_when;
    bool forwarded_never = false;  // decided: such packets do not pass
    /// Peerings of a gateway's VNet: packets from on-premises pass only when this holds [E17]
    /// [E23]: a literal NOT onprem-reaches-advertised-only where the remote VNet does not use this
    /// gateway (useRemoteGateways with allowGatewayTransit, both Connected); empty otherwise.
    Guard onprem_when;
    bool onprem_never = false;  // decided: such packets do not pass
    bool never_delivers =
        false;  // decided: chosen, then dropped (reason PEERING_NOT_CONNECTED ...)
    /// Id for `by`: the user route's ARM id, or "<subnet id>/systemRoutes/<prefix>",
    /// "<subnet id>/serviceEndpoints/<service>".
    ResourceId by;
    std::string name;      // for people: "rt-app/to-hub", "10.20.0.0/16 (system)"
    bool invalid = false;  // listed for `show`, never chosen: beaten by another (state Invalid)
};

/// What is behind a gateway.                                                        [E16-E26]
struct BehindGateway {
    AddressSet addresses;
    enum class Kind : std::uint8_t { onprem, client_pool, vnet } kind = Kind::onprem;
    std::uint32_t vnet =
        0xFFFFFFFFU;  // Kind::vnet: the VNet at the other end, or kNoIndex: not read
    ResourceId via;   // the connection, or the gateway for client pools
    /// Kind::vnet: the gateway at the other end and its GatewaySubnet (SubnetIndex, kNoIndex: not
    /// read), by whose table the packet goes on [E20].
    ResourceId remote_gateway;
    std::uint32_t remote_subnet = 0xFFFFFFFFU;
    Guard when;
};

/// A VNet in which a next-hop appliance may stand: the own, directly peered and grouped ones [R28].
struct HopTarget {
    std::uint32_t vnet = 0xFFFFFFFFU;  // kNoIndex: not read; then `space` and `via` say which
    AddressSet space;                  // its address space as this VNet knows it
    ResourceId via;                    // the peering or group; empty for the own VNet
    Guard when;                        // the connection is usable
};

class Routes {
public:
    explicit Routes(const Network& network);
    ~Routes();

    /// The effective routes of a subnet, longest prefix first, in the order in which they win:
    /// among the entries that contain a destination, the first whose `when` holds is taken
    /// [R13-R18]. Invalid ones stand at the end. Compiled on first use; compile_all() makes all.
    const std::vector<EffectiveRouteEntry>& table(std::uint32_t subnet) const;
    void compile_all() const;
    /// True when the table is what Azure captured at a NIC of the subnet: nothing learned is open.
    bool captured(std::uint32_t subnet) const;  // [G6]
    /// Entries of the table whose prefix is not known (learned by a gateway, of a table that was
    /// not read, of a tag without addresses): they are not tried by their prefix but before all
    /// others for `destinations`, unless a user route or an endpoint's route for that one host
    /// exists; `even_hosts`: before these too. [J4]
    struct Floating {
        const EffectiveRouteEntry* entry = nullptr;
        const AddressSet* destinations = nullptr;
        bool even_hosts = false;
    };
    std::vector<Floating> floating(std::uint32_t subnet) const;

    /// The entries that may be chosen for `destination`, in order, up to and including the first
    /// unconditional one. Never empty (the end of every table is a drop: hop none without route).
    /// Cost: O(log n + result).
    std::vector<const EffectiveRouteEntry*> candidates(std::uint32_t subnet,
                                                       const Address& destination) const;

    /// Maximal sets of destinations with the same candidates, a partition of `destinations`.
    struct Part {
        AddressSet destinations;
        std::vector<const EffectiveRouteEntry*> candidates;
    };
    std::vector<Part> partition(std::uint32_t subnet, const AddressSet& destinations) const;

    /// Everything that the gateway leads to: sites, client pools, other VNets, and (guarded by
    /// `bgp` facts) whatever it may have learned. First match by longest prefix is not needed: the
    /// caller has routed already.
    const std::vector<BehindGateway>& behind(const ResourceId& gateway) const;

    /// Ways from on-premises into the network: (source addresses, gateway, VNet of the gateway).
    /// An on-premises packet enters at the gateway and is routed by its GatewaySubnet's table
    /// [E17] [E18]; `when` says under which facts that source is behind that gateway.
    struct OnpremEntry {
        ResourceId gateway;
        std::uint32_t gateway_subnet = 0xFFFFFFFFU;  // SubnetIndex; kNoIndex: not read
        AddressSet sources;
        Guard when;
    };
    const std::vector<OnpremEntry>& onprem_entries() const;

    /// Where a `virtual_appliance` address is looked up, the own VNet first, without routing [R28]
    /// [R30].
    std::vector<HopTarget> appliance_vnets(std::uint32_t vnet) const;

    /// VNets (by index) that packets may enter straight from `vnet`, superset: own, peered,
    /// grouped, through gateways. For pruning.
    const std::vector<std::uint32_t>& neighbours(std::uint32_t vnet) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace azreach
