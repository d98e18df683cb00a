// Sets of services: what a packet is, below its addresses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/net/interval_set.hpp"
#include "models/net/packet.hpp"

namespace azreach {

/// A set of pairs (a, b): source and destination port, or ICMP type and code. Canonical: bands of
/// b, ascending and disjoint, each with the exact set of a; neighbouring bands differ. So equality
/// of the representation is equality of the sets. Exact; operations cost O(bands x ranges).
class PairSet {
public:
    struct Band {
        Range<std::uint16_t> b;
        PortSet a;  // not empty
        friend bool operator==(const Band&, const Band&) = default;
        friend auto operator<=>(const Band&, const Band&) = default;
    };
    PairSet() = default;
    static PairSet box(const PortSet& a, const PortSet& b);

    bool empty() const { return bands_.empty(); }
    bool contains(std::uint16_t a, std::uint16_t b) const;
    bool contains_all(const PairSet& other) const;
    bool intersects(const PairSet& other) const;
    const std::vector<Band>& bands() const { return bands_; }
    Uint128 count() const;
    PortSet all_a() const;  // projection on a
    PortSet all_b() const;  // projection on b

    friend PairSet operator|(const PairSet& x, const PairSet& y);
    friend PairSet operator&(const PairSet& x, const PairSet& y);
    friend PairSet operator-(const PairSet& x, const PairSet& y);
    friend bool operator==(const PairSet&, const PairSet&) = default;
    friend auto operator<=>(const PairSet&, const PairSet&) = default;
    std::size_t hash() const;

private:
    std::vector<Band> bands_;
};

/// A set of services over the real universe: all 256 protocols, ports only for TCP and UDP, type
/// and code (0-255 each) only for ICMP and ICMPv6. Canonical and exact. Types and codes above 255
/// are outside the universe; `a` and `b` of protocols that have neither are not looked at. Asking
/// for ports, types or pairs of a protocol without them throws InternalError.
class ServiceSet {
public:
    ServiceSet() = default;                  // empty
    static ServiceSet every();               // all 256 protocols, everything
    static ServiceSet any();                 // all TCP, UDP, ICMP and ICMPv6
    static ServiceSet protocol(Protocol p);  // everything of one protocol
    static ServiceSet ports(Protocol tcp_or_udp, const PortSet& source, const PortSet& destination);
    static ServiceSet icmp(Protocol icmp_or_icmpv6, const ByteSet& types, const ByteSet& codes);
    static ServiceSet single(const Service& service);
    /// The part of a pair protocol (TCP, UDP, ICMP, ICMPv6) given as pairs.
    static ServiceSet of_pairs(Protocol p, const PairSet& pairs);

    bool empty() const;
    bool contains(const Service& service) const;
    bool contains_all(const ServiceSet& other) const;
    bool intersects(const ServiceSet& other) const;
    /// The pairs of TCP, UDP (ports), ICMP or ICMPv6 (type, code).
    const PairSet& pairs(Protocol p) const;
    /// Protocol numbers present that are not one of those four.
    const ByteSet& others() const { return others_; }
    /// All protocol numbers of which something is present.
    ByteSet protocols() const;
    Uint128 count() const;
    /// The simplest member an engineer would pick: TCP before UDP before ICMP; well-known
    /// destination ports first (443, 80, 22, 3389, 1433, 53, ...), source port 49152 if that port
    /// allows it, else the smallest ephemeral one; port 0 and ICMP other than echo only if need be.
    std::optional<Service> witness() const;

    /// Every TCP/UDP member gets these destination ports instead (source ports kept; the set of
    /// destination ports becomes `to` wherever it was not empty). Other protocols are dropped.
    ServiceSet with_destination_ports(const PortSet& to) const;
    /// Every TCP/UDP member gets any source port. Other protocols unchanged.
    ServiceSet with_any_source_port() const;

    friend ServiceSet operator|(const ServiceSet& x, const ServiceSet& y);
    friend ServiceSet operator&(const ServiceSet& x, const ServiceSet& y);
    friend ServiceSet operator-(const ServiceSet& x, const ServiceSet& y);
    friend ServiceSet operator~(const ServiceSet& x) { return every() - x; }
    ServiceSet& operator|=(const ServiceSet& o) { return *this = *this | o; }
    ServiceSet& operator&=(const ServiceSet& o) { return *this = *this & o; }
    ServiceSet& operator-=(const ServiceSet& o) { return *this = *this - o; }
    friend bool operator==(const ServiceSet&, const ServiceSet&) = default;
    friend auto operator<=>(const ServiceSet&, const ServiceSet&) = default;
    std::size_t hash() const;

private:
    std::array<PairSet, 4> pairs_{};  // TCP, UDP, ICMP, ICMPv6
    ByteSet others_;
};

}  // namespace azreach
