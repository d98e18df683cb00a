// What is connected to what: live peerings, usable gateways, connected groups. Filters (tags) and
// routes both read from here.
// Rules decided here: [P1] [P2] [P3] [P4] [P5] [P6] [P7] [P8] [P9] [P10] [P12] [P13] [P14] [P15]
// [P16] [P17] [P18] [P19] [A18] [A19] [A20] [A21] [A22] [A23] [A24] [A25] [E16] [E19] [E20] [E21]
// [E22] [E25] [E26]
#pragma once

#include <vector>

#include "models/network/network.hpp"

namespace azreach {

/// One side of a peering, seen from its own VNet.                                     [P1-P19]
struct PeeringLink {
    const Peering* local = nullptr;
    const Peering* back = nullptr;  // the other side, or null: not read                    [P2]
    VnetIndex remote = kNoIndex;    // kNoIndex: the remote VNet is not in the snapshot
    bool live = false;              // both sides Connected, or the unread one taken as such
    bool global = false;            // the VNets are in different regions                   [P6]
    Guard when;                     // facts under which it is live (state not read, copies differ)
    AddressSet space;               // remote addresses programmed                          [P5]
    AddressSet unsure_space;        // further addresses that the remote has, or may have   [P5]
    Guard when_unsure;              // beside `when`: an open fact
};

/// A gateway that a VNet may use.                                                        [P10]
struct UsableGateway {
    const VirtualNetworkGateway* gateway = nullptr;  // null: the hub's gateway is not read
    ResourceId id;                                   // the gateway, or the unread hub VNet
    bool own = true;
    Guard when;
};

/// Another VNet of a connected group.                                                 [A19-A24]
struct GroupLink {
    VnetIndex member = kNoIndex;
    ResourceId group;  // the connectivity configuration
    Guard when;
    AddressSet space;     // its address space without what overlaps
    AddressSet overlap;   // dropped or not: contested                                      [A22]
    AddressSet doubtful;  // overlaps a network that may be a member: dropped or not
    Guard when_doubtful;  // beside `when`: an open fact
};

std::vector<PeeringLink> peering_links(const Network& network, VnetIndex vnet);
std::vector<UsableGateway> usable_gateways(const Network& network, VnetIndex vnet);
/// Gateways that could not be read, for something about them is not known before deployment: they
/// may stand in any VNet. Cost: linear in the symbols.
std::vector<ResourceId> unread_gateways(const Snapshot& snapshot);
std::vector<GroupLink> group_links(const Network& network, VnetIndex vnet);

/// Under which guard a virtual network is a member of a network group: empty is surely, nullopt is
/// surely not. A list of effective members is all. Static members are all under the documented
/// reading of `admin-rules-deployed` unless there are none (then the group is filled by policy);
/// else, and for a group that was not read, any network may be a member.                  [A2]
/// Cost: the length of the group's list.
std::optional<Guard> membership(const Network& network, const ResourceId& group,
                                const ResourceId& vnet, const ResourceId& subnet = {});
/// True when networks that are not listed may be members.                                 [A2]
bool may_have_more_members(const Network& network, const ResourceId& group);

/// Of a VNet whose address space is not known, what surely lies in it: its subnets.
AddressSet address_space(const VirtualNetwork& vnet);
/// The VNet may have addresses beside those of `address_space`, under an open fact about it: copies
/// differ [J2], or the space is not known before deployment. Empty: it has no others.
Guard more_space(const Network& network, const VirtualNetwork& vnet);
/// Regions compare without case and blanks ("West Europe" is "westeurope"); empty is unknown.
bool same_region(const std::string& a, const std::string& b);
/// True if the gateway can have learned routes by BGP.
bool may_learn(const Network& network, const VirtualNetworkGateway& gateway);

/// What is behind a gateway, computed from its connections.                          [E16-E26]
std::vector<BehindGateway> behind_gateway(const Network& network,
                                          const VirtualNetworkGateway& gateway);

}  // namespace azreach
