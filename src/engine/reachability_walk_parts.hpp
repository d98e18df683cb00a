// Small things that the stages of the set walk share.
#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

#include "src/engine/reachability_set_walk.hpp"

namespace azreach {

inline constexpr std::uint32_t kGatewayEmitter = 0x80000000U;  // of Way::Visit
inline constexpr std::uint32_t kFirewallDevice = 0x20000000U;  // of Way::Visit and devices
inline constexpr std::uint32_t kOutsideSource = 0x80000000U;   // of Way::source: a public address

inline Family family_of(const AddressSet& set) { return set.v4.empty() ? Family::v6 : Family::v4; }

inline void append(Cells& to, Cells from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

inline bool lists(const std::vector<ConfigIndex>& any_order, ConfigIndex config) {
    return std::find(any_order.begin(), any_order.end(), config) != any_order.end();
}

inline bool holds(const std::vector<ConfigIndex>& sorted, ConfigIndex config) {
    return std::binary_search(sorted.begin(), sorted.end(), config);
}

}  // namespace azreach
