// The effective route of one destination in one subnet.                                      [R1-R27]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/oracle_vnets.hpp"

namespace azreach::oracle {

struct NextHop {
    enum class Kind : std::uint8_t {
        vnet_local,
        peering,           // `peering`
        connected_group,   // `members`, a choice when several hold the address
        private_endpoint,  // `endpoint`; over `peering` or a group when it stands elsewhere
        internet,
        gateway,           // `gateways`, a choice when several
        appliance,         // `appliance`
        service_endpoint,
        none,
        unknown,           // the snapshot cannot say where it goes
    } kind = Kind::none;
    LivePeering peering;
    std::vector<GroupMember> members;
    const PrivateEndpoint* endpoint = nullptr;
    std::vector<const VirtualNetworkGateway*> gateways;
    Address appliance{};
    std::string unread;  // for unknown, and gateways that were not read: what is missing
    /// The route's id as answers name it; "" when no route contains the destination.
    std::string by;
};

NextHop route(const Case& given, const VirtualNetwork& vnet, const Subnet& subnet,
              const Address& destination);

/// The addresses of a private endpoint, and the VNet and subnet where it stands.
bool endpoint_holds(const Case& given, const PrivateEndpoint& endpoint, const Address& address);
/// [J4] Its NIC was not read: it may hold any free address of its subnet.
bool endpoint_may_hold(const Case& given, const PrivateEndpoint& endpoint, const Address& address);
const VirtualNetwork* vnet_of_endpoint(const Case& given, const PrivateEndpoint& endpoint);

}  // namespace azreach::oracle
