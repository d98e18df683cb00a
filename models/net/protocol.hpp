// IP protocol numbers.
#pragma once

#include <cstdint>

namespace azreach {

/// The IP protocol number (IPv4 protocol, IPv6 last next-header), 0-255.
using Protocol = std::uint8_t;

inline constexpr Protocol kIcmp = 1;
inline constexpr Protocol kTcp = 6;
inline constexpr Protocol kUdp = 17;
inline constexpr Protocol kEsp = 50;
inline constexpr Protocol kAh = 51;
inline constexpr Protocol kIcmpv6 = 58;

constexpr bool has_ports(Protocol p) { return p == kTcp || p == kUdp; }
constexpr bool has_icmp_type(Protocol p) { return p == kIcmp || p == kIcmpv6; }

}  // namespace azreach
