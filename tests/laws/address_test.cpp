// Addresses: what is printed is read back, and nothing else is an address.
#include "models/net/address.hpp"

#include <arpa/inet.h>

#include <array>
#include <string>

#include "models/net/address_set.hpp"
#include "models/net/ensures.hpp"
#include "tests/laws/law.hpp"

namespace azreach::laws {

namespace {

/// The C library's text: another derivation, RFC 5952 but for the old ::a.b.c.d.
std::string by_libc(Uint128 value) {
    in6_addr raw{};
    for (int i = 15; i >= 0; --i) {
        raw.s6_addr[i] = static_cast<std::uint8_t>(value & 0xFF);
        value >>= 8;
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    return inet_ntop(AF_INET6, &raw, text.data(), text.size());
}

Uint128 groups(std::array<unsigned, 8> values) {
    Uint128 result = 0;
    for (const unsigned value : values) {
        result = (result << 16) | value;
    }
    return result;
}

}  // namespace

TEST_CASE("IPv4 text is read back, and each part has one spelling", "[address]") {
    Law round_trip("parse(to_string(a)) == a"), spelling("exactly 0 to 255 without leading zeros");
    Dice dice(5);
    for (int i = 0; i < 100000; ++i) {
        const Address address = Address::v4(static_cast<std::uint32_t>(dice.bits()));
        round_trip.holds(parse_address(to_string(address)) == address);
    }
    for (unsigned part = 0; part < 4; ++part) {
        for (unsigned value = 0; value < 1000; ++value) {
            for (const std::string zeros : {"", "0", "00"}) {
                std::string text;
                for (unsigned i = 0; i < 4; ++i) {
                    text += (i > 0 ? "." : "") + (i == part ? zeros + std::to_string(value) : "7");
                }
                const bool good = value <= 255 && zeros.empty();
                const auto found = parse_address(text);
                spelling.holds(found.has_value() == good && (!good || to_string(*found) == text),
                               [&] { return text; });
            }
        }
    }
}

TEST_CASE("IPv6 text is read back and is the C library's", "[address]") {
    // Every pattern of zero groups, with groups of one to four digits.
    Law round_trip("parse(to_string(a)) == a"), spelling("as inet_ntop writes it");
    const auto ask = [&](Uint128 value) {
        const Address address = Address::v6(value);
        const std::string text = to_string(address);
        round_trip.holds(parse_address(text) == address, [&] { return text; });
        if (value >> 32 != 0 || value < 0x10000) {  // inet_ntop still writes ::1.2.3.4
            spelling.holds(text == by_libc(value), [&] { return text + " " + by_libc(value); });
        }
    };
    for (const unsigned filler : {1U, 0x10U, 0xABCU, 0xFFFFU, 0x1000U}) {
        for (unsigned pattern = 0; pattern < 256; ++pattern) {
            std::array<unsigned, 8> values{};
            for (unsigned i = 0; i < 8; ++i) {
                values[i] = ((pattern >> i) & 1U) != 0 ? filler : 0;
            }
            ask(groups(values));
        }
    }
    Dice dice(6);
    for (int i = 0; i < 50000; ++i) {
        Uint128 value = (Uint128{dice.bits()} << 64) | dice.bits();
        for (unsigned group = 0; group < 8; ++group) {
            if (dice.below(2) == 0) {
                value &= ~(Uint128{0xFFFF} << (16 * group));
            }
        }
        ask(value);
    }
}

TEST_CASE("an address set is its two families", "[address_set]") {
    const Address low4 = Address::v4(0), top4 = Address::v4(~0U);
    const Address low6 = Address::v6(0), top6 = Address::v6(~Uint128{0});
    CHECK(AddressSet::range(low4, top4) == AddressSet::all(Family::v4));
    CHECK(AddressSet::range(low6, top6) == AddressSet::all(Family::v6));
    CHECK((AddressSet::all(Family::v4) | AddressSet::all(Family::v6)) == AddressSet::all());
    CHECK((~AddressSet::all(Family::v4) == AddressSet::all(Family::v6)));
    CHECK_FALSE(AddressSet::single(low4).contains(low6));
    CHECK(AddressSet::range(top4, low4).empty());
    CHECK_THROWS_AS(AddressSet::range(low4, low6), InternalError);
    CHECK(AddressSet::all().smallest() == low4);
    CHECK(AddressSet::all(Family::v6).smallest() == low6);
    CHECK_FALSE(AddressSet{}.smallest());
    CHECK((AddressSet::all(Family::v4).count() == Uint128{1} << 32));
    CHECK((AddressSet::all(Family::v6).count() == ~Uint128{0}));
    CHECK((AddressSet::all().count() == ~Uint128{0}));

    // Every pair of subsets of the two ends of both families.
    Law law("|, &, -, contains_all, intersects, count and hash");
    const std::array<Address, 4> ends{low4, top4, low6, top6};
    const auto set = [&](unsigned mask) {
        AddressSet result;
        for (unsigned i = 0; i < 4; ++i) {
            if (((mask >> i) & 1U) != 0) {
                result |= AddressSet::single(ends[i]);
            }
        }
        return result;
    };
    for (unsigned x = 0; x < 16; ++x) {
        for (unsigned y = 0; y < 16; ++y) {
            const AddressSet a = set(x), b = set(y);
            law.holds((a | b) == set(x | y) && (a & b) == set(x & y) && (a - b) == set(x & ~y));
            law.holds(a.contains_all(b) == ((y & ~x) == 0) && a.intersects(b) == ((x & y) != 0));
            law.holds((a == b) == (x == y) && (a.hash() == b.hash()) == (x == y));
            for (unsigned i = 0; i < 4; ++i) {
                law.holds((~a).contains(ends[i]) == (((x >> i) & 1U) == 0));
            }
        }
    }
}

}  // namespace azreach::laws
