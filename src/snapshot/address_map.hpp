// Addresses to other addresses, so that nobody recognises them and every prefix stays a prefix.
//
// A one-to-one map: two addresses share their first n bits after it exactly when they did before
// (Xu, Fan, Ammar, Moon 2002). Bits are turned over only where nothing depends on their value: a
// block is left in place when a boundary lies inside of it, the edge of a special range or of a
// service tag's prefix, so private stays private and what is in a tag stays in it. Inside frozen
// blocks (subnets) nothing moves: the first four addresses and the last keep their meaning.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "models/net/prefix.hpp"

namespace azreach {

class AddressMap {
public:
    /// Special ranges (RFC 1918, loopback, link-local, 168.63.129.16, ...) are always boundaries;
    /// those in which Azure or IP itself gives single addresses a meaning are frozen.
    AddressMap(std::uint64_t seed, const std::vector<Prefix>& boundaries,
               const std::vector<Prefix>& frozen);

    Address operator()(const Address& address) const;
    Prefix operator()(const Prefix& prefix) const;
    /// The first `length` bits mapped, the others as they are.
    Address first_bits(const Address& address, int length) const;

private:
    struct Node {
        Family family;
        int length;
        Uint128 bits;  // the first `length` bits, the rest zero
        friend bool operator==(const Node&, const Node&) = default;
    };
    struct Hash {
        std::size_t operator()(const Node& node) const;
    };
    static std::uint64_t mixed(std::uint64_t seed, const Node& node);

    std::uint64_t seed_;
    std::unordered_set<Node, Hash> split_;   // a boundary lies inside
    std::unordered_set<Node, Hash> frozen_;  // nothing moves inside
};

}  // namespace azreach
