// A set of addresses of both families.
#pragma once

#include <optional>

#include "models/net/address.hpp"
#include "models/net/interval_set.hpp"

namespace azreach {

/// Any set of IPv4 and IPv6 addresses; the families never mix.
struct AddressSet {
    IntervalSet<std::uint32_t> v4;
    IntervalSet<Uint128> v6;

    static AddressSet all() {
        return {IntervalSet<std::uint32_t>::full(), IntervalSet<Uint128>::full()};
    }
    static AddressSet all(Family family);
    static AddressSet single(const Address& address);
    static AddressSet range(const Address& first,
                            const Address& last);  // one family, else InternalError

    bool empty() const { return v4.empty() && v6.empty(); }
    bool contains(const Address& address) const;
    bool contains_all(const AddressSet& other) const {
        return v4.contains_all(other.v4) && v6.contains_all(other.v6);
    }
    bool intersects(const AddressSet& other) const {
        return v4.intersects(other.v4) || v6.intersects(other.v6);
    }
    std::optional<Address> smallest() const;  // IPv4 first
    Uint128 count() const;                    // saturates at 2^128-1

    friend AddressSet operator|(const AddressSet& a, const AddressSet& b) {
        return {a.v4 | b.v4, a.v6 | b.v6};
    }
    friend AddressSet operator&(const AddressSet& a, const AddressSet& b) {
        return {a.v4 & b.v4, a.v6 & b.v6};
    }
    friend AddressSet operator-(const AddressSet& a, const AddressSet& b) {
        return {a.v4 - b.v4, a.v6 - b.v6};
    }
    friend AddressSet operator~(const AddressSet& a) { return {~a.v4, ~a.v6}; }
    AddressSet& operator|=(const AddressSet& o) { return *this = *this | o; }
    AddressSet& operator&=(const AddressSet& o) { return *this = *this & o; }
    AddressSet& operator-=(const AddressSet& o) { return *this = *this - o; }
    friend bool operator==(const AddressSet&, const AddressSet&) = default;
    friend auto operator<=>(const AddressSet&, const AddressSet&) = default;
    std::size_t hash() const;
};

/// The part of one family.
inline AddressSet of_family(const AddressSet& set, Family family) {
    AddressSet result;
    if (family == Family::v4) {
        result.v4 = set.v4;
    } else {
        result.v6 = set.v6;
    }
    return result;
}

}  // namespace azreach
