// Who is connected with whom: peerings, connected groups, gateways.      [P1-P19] [A18-A23] [E16-E26]
#pragma once

#include <optional>
#include <vector>

#include "tests/oracle/oracle_case.hpp"

namespace azreach::oracle {

/// A peering of `local` that carries traffic.
struct LivePeering {
    const Peering* side = nullptr;           // the local side
    const VirtualNetwork* remote = nullptr;  // null: not in the snapshot
    const Peering* other_side = nullptr;     // null: not in the snapshot [P2]
};

/// Both sides are Connected, or the only side that the snapshot has is.                     [P1] [P2]
std::vector<LivePeering> live_peerings(const Case& given, const VirtualNetwork& local);

/// What is programmed for the remote side: its address space, or the listed subnets of a subnet
/// peering, in the families that the peering carries.                    [P5] [P15] [P18] [R7]
std::vector<Prefix> peered_prefixes(const Case& given, const LivePeering& peering);

/// A subnet peering that drops what these two do not share.                                    [P16]
bool subnet_peering_drops(const Case& given, const LivePeering& peering, const Subnet& from,
                          const Address& to);

/// One side of the peering has allowVirtualNetworkAccess: false.                                [P7]
bool access_is_off(const LivePeering& peering);

/// A member of a connected group of `local`, other than `local`.
struct GroupMember {
    const VirtualNetwork* vnet = nullptr;  // null: not in the snapshot
    ResourceId id;
};
/// Members that hold `address` and to which the group delivers from `local`.      [A19-A23] [P19]
std::vector<GroupMember> group_members_holding(const Case& given, const VirtualNetwork& local,
                                               const Address& address);
/// All connected-group neighbours of `local` that are in the snapshot.
std::vector<const VirtualNetwork*> group_neighbours(const Case& given, const VirtualNetwork& local);

/// Gateways that `local` may use: its own, else its hub's.                                     [P10]
std::vector<const VirtualNetworkGateway*> usable_gateways(const Case& given,
                                                          const VirtualNetwork& local);
/// The hub whose gateway `local` uses was not read: its id, else nothing.
std::optional<ResourceId> unread_remote_gateway(const Case& given, const VirtualNetwork& local);

const VirtualNetwork* vnet_of_gateway(const Case& given, const VirtualNetworkGateway& gateway);

/// The gateway can learn routes that no file lists.                                    [E16] [Q20]
bool can_learn(const Case& given, const VirtualNetworkGateway& gateway);
/// It has learned one that matters for `address` (open; closed while BGP is).
bool has_learned(const Case& given, const VirtualNetworkGateway& gateway, const Address& address);

/// The prefixes that are listed behind the gateway: sites, client pools, stated on-premises space.
/// `longest` of those that contain `address`.                                        [R8] [E16]
std::optional<Prefix> listed_on_premises(const Case& given, const VirtualNetworkGateway& gateway,
                                         const Address& address);
/// The other gateways of its VNet-to-VNet connections.                                         [E20]
std::vector<const VirtualNetworkGateway*> connected_gateways(const Case& given,
                                                             const VirtualNetworkGateway& gateway);
/// A site or a gateway that a connection names and the snapshot lacks may hold `address`.
bool unread_behind(const Case& given, const VirtualNetworkGateway& gateway,
                   const Address& address);

/// `spoke` uses `gateway` over its peering with the gateway's VNet.                            [P10]
bool is_transit_spoke(const Case& given, const VirtualNetwork& spoke,
                      const VirtualNetworkGateway& gateway);

}  // namespace azreach::oracle
