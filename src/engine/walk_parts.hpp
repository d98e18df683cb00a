// What the files of the walk share: salts, who decided, and small questions about rules.
#pragma once

#include <algorithm>

#include "models/net/ensures.hpp"
#include "src/engine/walk.hpp"

namespace azreach::walk_parts {

inline constexpr int kMaxDevices = 64;
inline constexpr std::uint32_t kGatewayEmitter = 0x80000000U;
inline constexpr std::uint32_t kFirewallDevice = 0x20000000U;

inline constexpr World::Salt kOutcomeSalt = 0x51;
inline constexpr World::Salt kReplySalt = 0x52;
inline constexpr World::Salt kInboundSalt = 0x61;
inline constexpr World::Salt kOutboundSalt = 0x62;

/// The rule, or what a stand-in stands for.
By by_rule(const FilterList& list, const FilterRule& rule);
By by_route(const EffectiveRouteEntry& entry);
Reason route_reason(const EffectiveRouteEntry& entry);
/// 168.63.129.16 and 169.254.169.254.
bool is_host_address(const Address& address);
/// The rule's destination names this platform tag.
bool names_tag(const FilterRule& rule, const std::string& tag);

}  // namespace azreach::walk_parts
