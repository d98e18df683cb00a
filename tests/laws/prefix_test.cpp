// Prefixes: text is read back, blocks are what their bits say, covers are exact and smallest.
#include "models/net/prefix.hpp"

#include "tests/laws/law.hpp"
#include "tests/laws/window.hpp"

namespace azreach::laws {

namespace {

AddressSet of_v4(IntervalSet<std::uint32_t> set) { return {std::move(set), {}}; }
AddressSet of_v6(IntervalSet<Uint128> set) { return {{}, std::move(set)}; }

/// The fewest blocks that cover `set` exactly, found by halving: a block is taken whole when all of
/// it is in the set, else its halves are asked. Independent of the greedy walk.
std::size_t fewest(const AddressSet& set, const Prefix& block) {
    const AddressSet all = block.addresses();
    if (!set.intersects(all)) {
        return 0;
    }
    if (set.contains_all(all)) {
        return 1;
    }
    const Family family = block.family();
    const int length = block.length() + 1;
    const Address middle{family, block.first().value | (Uint128{1} << (width(family) - length))};
    return fewest(set, *Prefix::of(block.first(), length)) +
           fewest(set, *Prefix::of(middle, length));
}

void cover(Law& exact, Law& least, Law& order, const AddressSet& set) {
    const std::vector<Prefix> prefixes = prefixes_of(set);
    AddressSet united;
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
        exact.holds(!united.intersects(prefixes[i].addresses()));
        united |= prefixes[i].addresses();
        order.holds(i == 0 || prefixes[i - 1] < prefixes[i]);
    }
    exact.holds(united == set);
    least.holds(prefixes.size() ==
                fewest(set, Prefix::all(Family::v4)) + fewest(set, Prefix::all(Family::v6)));
}

}  // namespace

TEST_CASE("the prefixes of a set are exact, fewest and ascending", "[prefix]") {
    Law exact("disjoint, together the set"), least("no fewer would do"), order("ascending");
    for (const auto& window : windows<std::uint32_t>()) {
        for (unsigned mask = 0; mask < 256; ++mask) {
            cover(exact, least, order, of_v4(window.set(mask)));
            cover(exact, least, order, of_v4(window.set(mask, true)));
        }
    }
    for (const auto& window : windows<Uint128>()) {
        for (unsigned mask = 0; mask < 256; mask += 3) {
            cover(exact, least, order, of_v6(window.set(mask)));
            cover(exact, least, order, of_v6(window.set(mask, true)));
        }
    }
    Dice dice(7);
    for (int round = 0; round < 300; ++round) {
        std::vector<Range<std::uint32_t>> ranges;
        for (int i = 0; i < 5; ++i) {
            const auto first = static_cast<std::uint32_t>(dice.bits() << dice.below(16));
            const auto last = static_cast<std::uint32_t>(dice.bits());
            ranges.push_back({std::min(first, last), std::max(first, last)});
        }
        const auto a = IntervalSet<std::uint32_t>::of({ranges[0], ranges[1]});
        const auto b = IntervalSet<std::uint32_t>::of({ranges[2], ranges[3], ranges[4]});
        cover(exact, least, order, of_v4(a - b));
        cover(exact, least, order, of_v4(a | b));
    }
}

TEST_CASE("the worst range needs just under two prefixes a bit", "[prefix]") {
    CHECK(prefixes_of(of_v4(IntervalSet<std::uint32_t>::range(1, 0xFFFFFFFEU))).size() == 62);
    CHECK(prefixes_of(of_v6(IntervalSet<Uint128>::range(1, ~Uint128{0} - 1))).size() == 254);
    CHECK(prefixes_of(AddressSet::all()) ==
          std::vector{Prefix::all(Family::v4), Prefix::all(Family::v6)});
    CHECK(prefixes_of({}).empty());
}

TEST_CASE("a prefix of every length is its block", "[prefix]") {
    Law block("first, last, addresses and contains"), text("parse(to_string(p)) == p"),
        nested("contains(prefix) is inclusion");
    Dice dice(8);
    for (const Family family : {Family::v4, Family::v6}) {
        CHECK_FALSE(Prefix::of({family, 0}, -1));
        CHECK_FALSE(Prefix::of({family, 0}, width(family) + 1));
        for (int length = 0; length <= width(family); ++length) {
            for (int round = 0; round < 20; ++round) {
                Uint128 bits = (Uint128{dice.bits()} << 64) | dice.bits();
                bits = round == 0 ? 0 : round == 1 ? ~Uint128{0} : bits;
                const Address address{family, bits & max_value(family)};
                const Prefix prefix = Prefix::of(address, length).value();
                const auto what = [&] { return to_string(prefix); };
                // By division, which knows nothing of masks; 2^128 itself does not fit.
                const int host_bits = width(family) - length;
                const Uint128 first = host_bits == 128 ? 0
                                                       : address.value / (Uint128{1} << host_bits) *
                                                             (Uint128{1} << host_bits);
                const Uint128 last =
                    host_bits == 128 ? ~Uint128{0} : first + (Uint128{1} << host_bits) - 1;
                block.holds(prefix.family() == family && prefix.length() == length, what);
                block.holds(prefix.first().value == first && prefix.last().value == last, what);
                block.holds(prefix.contains(address) && prefix.contains(prefix.last()), what);
                block.holds(prefix.addresses() == AddressSet::range(prefix.first(), prefix.last()),
                            what);
                block.holds(first == 0 || !prefix.contains(Address{family, first - 1}), what);
                block.holds(
                    last == max_value(family) || !prefix.contains(Address{family, last + 1}), what);
                const auto read = parse_prefix(to_string(prefix));
                text.holds(read && read->prefix == prefix && !read->host_bits_cleared, what);
                const auto loose = parse_prefix(to_string(address) + "/" + std::to_string(length));
                text.holds(loose && loose->prefix == prefix &&
                               loose->host_bits_cleared == (address.value != first),
                           what);
                for (int other = 0; other <= width(family); other += 3) {
                    for (const Address& at :
                         {address, Address{family, ~bits & max_value(family)}}) {
                        const Prefix second = *Prefix::of(at, other);
                        nested.holds(prefix.contains(second) ==
                                         prefix.addresses().contains_all(second.addresses()),
                                     what);
                    }
                }
            }
        }
    }
    CHECK_FALSE(Prefix::all(Family::v6).contains(Prefix::all(Family::v4)));
    CHECK_FALSE(Prefix::all(Family::v4).contains(Address::v6(0)));
}

}  // namespace azreach::laws
