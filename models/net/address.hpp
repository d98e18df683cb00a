// Addresses of both families, and the 128-bit integer they need.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace azreach {

__extension__ using Uint128 = unsigned __int128;

enum class Family : std::uint8_t { v4, v6 };

/// One IP address. IPv4 uses the low 32 bits of `value`. The family is part of the identity:
/// 0.0.0.1 and ::1 are different addresses.
struct Address {
    Family family = Family::v4;
    Uint128 value = 0;

    static constexpr Address v4(std::uint32_t bits) { return {Family::v4, bits}; }
    static constexpr Address v6(Uint128 bits) { return {Family::v6, bits}; }

    friend constexpr bool operator==(const Address&, const Address&) = default;
    friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

/// "10.0.0.4", "2001:db8::1". IPv4 needs four decimal parts; leading zeros, ports, zones, brackets
/// and surrounding blanks are refused. "::ffff:10.0.0.4" is an IPv6 address. nullopt when the text
/// is no address.
std::optional<Address> parse_address(std::string_view text);

/// Dotted quad, or RFC 5952 text (IPv4-mapped addresses as "::ffff:10.0.0.4", its section 5).
std::string to_string(const Address& address);

/// 32 or 128.
constexpr int width(Family family) { return family == Family::v4 ? 32 : 128; }

/// The greatest value of the family: 2^32-1 or 2^128-1.
constexpr Uint128 max_value(Family family) {
    return family == Family::v4 ? Uint128{0xFFFFFFFFU} : ~Uint128{0};
}

}  // namespace azreach
