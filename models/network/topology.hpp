// The network as a graph: places where packets stand, and links along which they go from one to the
// next.
//
// Links look at no rule, address or port: every way of a packet is a path here, not every path is a
// way (superset). That answers what is near, how two networks hang together, and where packets can
// go round; verdicts come from the walk. The one place that names Boost.Graph.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/network/network.hpp"

namespace azreach {

struct Vertex {
    enum class Kind : std::uint8_t {
        internet,
        onprem,
        vnet,
        subnet,
        gateway,    // virtual network gateways
        appliance,  // a NIC, or something not modelled, that some route names as its next hop
        endpoint,   // every other NIC, private endpoints' included
    } kind{};
    ResourceId id;                   // empty: internet, onprem, an appliance that nobody has read
    std::string name;                // for people
    std::uint32_t index = kNoIndex;  // VnetIndex, SubnetIndex, or the NIC's first ConfigIndex
    bool read = true;                // false: mentioned, and not in the snapshot
};

using VertexIndex = std::uint32_t;

struct Link {
    enum class Kind : std::uint8_t {
        part_of,          // endpoint and subnet, subnet and VNet, both ways
        peering,          // VNet to VNet, in the same region or another                    [P1]
        connected_group,  // VNet to VNet                                                  [A19]
        gateway,          // VNet to a gateway that it may use, and back                   [P10]
        site,             // gateway to on-premises, and back                              [E16]
        tunnel,           // gateway to a VNet at the other end of a connection            [E20]
        next_hop,         // subnet to an appliance that its routes name                   [R28]
        balancer,         // an internal frontend's subnet to a member                      [E5]
        way_out,          // subnet to the internet: some route leads there                 [R2]
        way_in,           // internet to an endpoint with a public address or behind one    [E1]
    } kind{};
    VertexIndex from = 0, to = 0;
    ResourceId via;  // the peering, group, gateway, connection, route, balancer, public address
    bool certain = true;  // false: hangs on an open fact
};

/// Packets to `destinations` go round: every step's subnet routes them to the appliance in the next
/// step's subnet, the last to the first. Filters may still stop them.                      [R35]
struct RouteLoop {
    struct Step {
        SubnetIndex subnet = kNoIndex;
        ConfigIndex appliance = kNoIndex;  // where this step's route leads
        ResourceId by;                     // the route
    };
    std::vector<Step> steps;
    AddressSet destinations;
    bool certain = true;  // false: some step hangs on an open fact, or is a balancer's choice
};

class Topology {
public:
    /// `networks`: VNets, gateways, internet and on-premises, and the links between them. Cost:
    /// peerings + connections. `everything`: subnets, appliances and endpoints too; compiles every
    /// route table.
    enum class Depth : std::uint8_t { networks, everything };
    explicit Topology(const Network& network, Depth depth = Depth::everything);
    ~Topology();
    Topology(const Topology&) = delete;
    Topology& operator=(const Topology&) = delete;

    const std::vector<Vertex>& vertices() const;
    const std::vector<Link>& links() const;  // by `from`, in a stable order
    std::optional<VertexIndex> internet() const;
    std::optional<VertexIndex> of_vnet(VnetIndex vnet) const;
    std::optional<VertexIndex> of_subnet(SubnetIndex subnet) const;
    std::optional<VertexIndex> of_config(ConfigIndex config) const;  // Depth::everything

    /// A way with the fewest links, or empty: nothing leads from one to the other (or they are the
    /// same place). It passes the internet and on-premises only as ends unless `through_outside`.
    /// Cost: vertices + links.
    std::vector<const Link*> way(VertexIndex from, VertexIndex to,
                                 bool through_outside = false) const;
    /// The VNets with a way from this one inside Azure, nearest first, without itself.
    struct Near {
        VnetIndex vnet = kNoIndex;
        std::vector<const Link*> way;
    };
    std::vector<Near> near(VnetIndex vnet) const;

    /// Loops of next hops, at most `limit`, in a stable order; Depth::everything. Cost: the user
    /// routes of all subnets times the length of the loops.
    std::vector<RouteLoop> loops(std::size_t limit = 64) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string_view to_string(Vertex::Kind kind);
std::string_view to_string(Link::Kind kind);

}  // namespace azreach
