// One concrete packet header.
#pragma once

#include <compare>
#include <cstdint>

#include "models/net/address.hpp"
#include "models/net/protocol.hpp"

namespace azreach {

/// The part of a header below the addresses. For TCP and UDP `a` is the source port and `b` the
/// destination port; for ICMP and ICMPv6 `a` is the type and `b` the code; otherwise both are 0.
struct Service {
    Protocol protocol = kTcp;
    std::uint16_t a = 0;
    std::uint16_t b = 0;

    friend constexpr bool operator==(const Service&, const Service&) = default;
    friend constexpr auto operator<=>(const Service&, const Service&) = default;
};

/// One concrete header. Both addresses are of one family.
struct Packet {
    Address src{};
    Address dst{};
    Service service{};

    friend constexpr bool operator==(const Packet&, const Packet&) = default;
    friend constexpr auto operator<=>(const Packet&, const Packet&) = default;
};

/// The reply's header: addresses and ports exchanged; the ICMP types of echo request (8) and reply
/// (0), of ICMPv6 128 and 129, exchanged whatever the code; other types unchanged. Twice is itself.
Packet reply_to(const Packet& packet);

}  // namespace azreach
