// One walk of one packet: forward, then the reply of what was delivered (docs/walk.md).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/oracle.hpp"
#include "tests/oracle/oracle_edges.hpp"
#include "tests/oracle/oracle_filters.hpp"
#include "tests/oracle/oracle_routes.hpp"

namespace azreach::oracle {

struct End {
    bool delivered = false;
    std::string at, reason, by;
};

/// Where a source address was replaced: an appliance that source-NATs, or a way out to the internet.
struct SourceTranslation {
    enum class Kind : std::uint8_t { appliance, internet } kind = Kind::appliance;
    Place at;
    Address before{};
};

/// What the reply needs to know of the way forward.
struct Record {
    enum class Ending : std::uint8_t {
        dropped, platform, service_endpoint, internet, onprem, nic, unknown
    } ending = Ending::dropped;
    Packet final_packet{};                              // as delivered
    Place receiver;                                     // of nic; a private endpoint too
    const VirtualNetworkGateway* gateway = nullptr;     // of onprem
    std::set<const NetworkInterface*> passed;           // whose filters let the flow pass [N33]
    std::set<const NetworkInterface*> appliances;       // stateful devices on the way     [R62]
    bool transparent_appliance = false;
    std::vector<SourceTranslation> translations;        // first to last
    std::map<std::string, ResourceId> balanced_to;      // next-hop frontend -> member's NIC [R63]
};

/// The sender's NIC configuration; nothing for the internet and on-premises, or if it is not there.
std::optional<Place> place_of_origin(const Snapshot& snapshot, const Origin& origin);

End walk_forward(const Case& given, const Origin& origin, const Packet& packet, Record& record);
bool walk_reply(const Case& given, const Origin& origin, const Record& record);

// ---- what both ways share -----------------------------------------------------------------------

/// Why a peering or connected group does not carry the packet: where it drops; nothing if it does.
struct Crossing {
    const VirtualNetwork* from = nullptr;
    const Subnet* subnet = nullptr;
    bool from_gateway = false;  // the gateway emits: not "forwarded"                             [P9]
};
std::optional<std::string> peering_blocks(const Case& given, const Crossing& crossing,
                                          const LivePeering& peering, const Packet& packet,
                                          const Address& to);

/// The VNets where a next-hop address may stand, with the peering that leads there.      [R28] [R30]
struct NextHopPlace {
    const VirtualNetwork* vnet = nullptr;  // null: a neighbour that was not read
    std::optional<LivePeering> over;
    std::string unread;
};
std::vector<NextHopPlace> places_of_next_hop(const Case& given, const VirtualNetwork& from,
                                             const Address& address);

bool is_own_address(const NetworkInterface& nic, const Address& address);
bool is_global(const VirtualNetwork& a, const VirtualNetwork& b);

}  // namespace azreach::oracle
