// Sets of packets (header spaces).
#pragma once

#include <optional>
#include <vector>

#include "models/net/address_set.hpp"
#include "models/net/packet.hpp"
#include "models/net/service_set.hpp"

namespace azreach {

/// One box of a header space: every packet with its source, destination and service in these sets
/// (and both addresses of one family).
struct Cube {
    AddressSet src;
    AddressSet dst;
    ServiceSet service;
    friend bool operator==(const Cube&, const Cube&) = default;
    friend auto operator<=>(const Cube&, const Cube&) = default;
};

/// A set of packets, exact. The representation (disjoint cubes, each of one family) is private and
/// not unique: compare with ==, which compares meaning. Cost of the binary operations: product of
/// the numbers of cubes.
class PacketSet {
public:
    PacketSet() = default;  // empty
    static PacketSet all();
    static PacketSet of(const Cube& cube);
    static PacketSet single(const Packet& packet);

    bool empty() const { return cubes_.empty(); }
    bool contains(const Packet& packet) const;
    bool contains_all(const PacketSet& other) const;
    /// Number of packets; saturates at 2^128-1 (IPv6).
    Uint128 count() const;
    /// Disjoint cubes, merged where that is cheap, in a stable order.
    const std::vector<Cube>& cubes() const { return cubes_; }
    /// The same set in few cubes: merged along service, destination and source until nothing more
    /// merges; canonical for the same set in most, not all, cases. For printing.
    PacketSet simplified() const;

    friend PacketSet operator|(const PacketSet& x, const PacketSet& y);
    friend PacketSet operator&(const PacketSet& x, const PacketSet& y);
    friend PacketSet operator-(const PacketSet& x, const PacketSet& y);
    friend PacketSet operator~(const PacketSet& x) { return all() - x; }
    PacketSet& operator|=(const PacketSet& o) { return *this = *this | o; }
    PacketSet& operator&=(const PacketSet& o) { return *this = *this & o; }
    PacketSet& operator-=(const PacketSet& o) { return *this = *this - o; }
    friend bool operator==(const PacketSet& x, const PacketSet& y);

private:
    std::vector<Cube> cubes_;
};

}  // namespace azreach
