#include "models/net/address_set.hpp"

#include "models/net/ensures.hpp"

namespace azreach {

AddressSet AddressSet::all(Family family) {
    AddressSet result;
    if (family == Family::v4) {
        result.v4 = IntervalSet<std::uint32_t>::full();
    } else {
        result.v6 = IntervalSet<Uint128>::full();
    }
    return result;
}

AddressSet AddressSet::single(const Address& address) { return range(address, address); }

AddressSet AddressSet::range(const Address& first, const Address& last) {
    AddressSet result;
    ensures(first.family == last.family, "a range of addresses is of one family");
    if (first.family == Family::v4) {
        result.v4 = IntervalSet<std::uint32_t>::range(static_cast<std::uint32_t>(first.value),
                                                      static_cast<std::uint32_t>(last.value));
    } else {
        result.v6 = IntervalSet<Uint128>::range(first.value, last.value);
    }
    return result;
}

bool AddressSet::contains(const Address& address) const {
    return address.family == Family::v4 ? v4.contains(static_cast<std::uint32_t>(address.value))
                                        : v6.contains(address.value);
}

std::optional<Address> AddressSet::smallest() const {
    if (const auto first = v4.smallest()) {
        return Address::v4(*first);
    }
    if (const auto first = v6.smallest()) {
        return Address::v6(*first);
    }
    return std::nullopt;
}

Uint128 AddressSet::count() const {
    const Uint128 a = v4.count();
    const Uint128 b = v6.count();
    return a > ~Uint128{0} - b ? ~Uint128{0} : a + b;
}

std::size_t AddressSet::hash() const { return v4.hash() * 0x9E3779B97F4A7C15ULL + v6.hash(); }

}  // namespace azreach
