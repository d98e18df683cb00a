// Security groups, admin rules, platform exemptions: what passes at one NIC.
//                                                                    [N1-N32] [N38] [A4-A17] [R40-R46]
#pragma once

#include <optional>
#include <string>

#include "models/net/packet.hpp"
#include "tests/oracle/oracle_case.hpp"

namespace azreach::oracle {

struct Passage {
    bool allowed = true;
    std::string reason;          // of a drop
    std::string by;              // the rule that denied, or the last one that allowed; "" is none
    bool any_group = false;      // a group is attached at the subnet or at the NIC            [N13]
    bool always_allowed = false; // an admin rule skipped the groups                            [A5]
};

/// All filters of one NIC in one direction, in the order of 0.5: outbound admin rules, NIC group,
/// subnet group; inbound admin rules, subnet group, NIC group.
Passage pass(const Case& given, const Place& at, Direction direction, const Packet& packet);

/// Traffic to the platform that groups do not filter.                                           [1.7]
enum class Exemption : std::uint8_t {
    none,
    to_the_host,   // delivered by the host, past filters and routes
    filters_only,  // Windows activation: past filters, then routed
};
struct Exempt {
    Exemption kind = Exemption::none;
    bool stopped = false;  // a Deny names the platform's tag                                   [N38]
    std::string by;
    std::string reason;
};
Exempt platform_exemption(const Case& given, const Place& at, const Packet& packet);

}  // namespace azreach::oracle
