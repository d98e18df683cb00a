// PacketSet against masks of cells: the cells are the whole universe of packets, so a set built
// from cells is known exactly by one packet of each.
#include "models/net/packet_set.hpp"

#include <array>

#include "tests/laws/law.hpp"

namespace azreach::laws {

namespace {

constexpr std::uint32_t kTop4 = 0xFFFFFFFFU;

/// A dimension in parts that together are everything; each with its two ends.
struct Addresses {
    AddressSet set;
    Address first, last;
};
struct Services {
    ServiceSet set;
    Service first, last;
};

Addresses block(Address first, Address last) {
    return {AddressSet::range(first, last), first, last};
}

const std::vector<Addresses>& sources() {
    static const std::vector<Addresses> kParts = {
        block(Address::v4(0), Address::v4(kTop4 - 1)),
        block(Address::v4(kTop4), Address::v4(kTop4)),
        block(Address::v6(0), Address::v6(~Uint128{0} - 1)),
        block(Address::v6(~Uint128{0}), Address::v6(~Uint128{0}))};
    return kParts;
}
const std::vector<Addresses>& destinations() {
    static const std::vector<Addresses> kParts = {block(Address::v4(0), Address::v4(0)),
                                                  block(Address::v4(1), Address::v4(kTop4)),
                                                  block(Address::v6(0), Address::v6(~Uint128{0}))};
    return kParts;
}
const std::vector<Services>& services() {
    static const std::vector<Services> kParts = {
        {ServiceSet::protocol(kTcp), {6, 0, 0}, {6, 65535, 65535}},
        {ServiceSet::protocol(kIcmp), {1, 0, 0}, {1, 255, 255}},
        {~(ServiceSet::protocol(kTcp) | ServiceSet::protocol(kIcmp)), {0, 0, 0}, {255, 0, 0}}};
    return kParts;
}

/// A cell of the universe: one part in each dimension, of one family.
struct Cell {
    unsigned src, dst, service;
};

const std::vector<Cell>& cells() {
    static const std::vector<Cell> kCells = [] {
        std::vector<Cell> result;
        for (unsigned s = 0; s < sources().size(); ++s) {
            for (unsigned d = 0; d < destinations().size(); ++d) {
                for (unsigned v = 0; v < services().size(); ++v) {
                    if (sources()[s].first.family == destinations()[d].first.family) {
                        result.push_back({s, d, v});
                    }
                }
            }
        }
        return result;
    }();
    return kCells;
}

PacketSet cell_set(const Cell& cell) {
    return PacketSet::of(
        {sources()[cell.src].set, destinations()[cell.dst].set, services()[cell.service].set});
}

using Mask = std::uint32_t;
constexpr Mask kAll = (1U << 18) - 1;
constexpr Mask kMixed = ~0U;  // the set cuts a cell, which no operation may do

/// The cells of a set, by the packets at both ends of every cell.
Mask mask_of(const PacketSet& set) {
    Mask mask = 0;
    for (unsigned i = 0; i < cells().size(); ++i) {
        const Addresses &src = sources()[cells()[i].src], &dst = destinations()[cells()[i].dst];
        const Services& service = services()[cells()[i].service];
        const bool first = set.contains({src.first, dst.first, service.first});
        const bool last = set.contains({src.last, dst.last, service.last});
        if (first != last) {
            return kMixed;
        }
        mask |= first ? 1U << i : 0U;
    }
    return mask;
}

PacketSet set_of(Mask mask) {
    PacketSet result;
    for (unsigned i = 0; i < cells().size(); ++i) {
        if (((mask >> i) & 1U) != 0) {
            result |= cell_set(cells()[i]);
        }
    }
    return result;
}

/// What the private representation promises: no cube is empty or of two families, no two meet.
bool well_formed(const PacketSet& set) {
    const std::vector<Cube>& cubes = set.cubes();
    for (std::size_t i = 0; i < cubes.size(); ++i) {
        const Cube& x = cubes[i];
        const bool v4 = !x.src.v4.empty() && !x.dst.v4.empty(),
                   v6 = !x.src.v6.empty() && !x.dst.v6.empty();
        const bool pure =
            v4 ? x.src.v6.empty() && x.dst.v6.empty() : x.src.v4.empty() && x.dst.v4.empty();
        if (v4 == v6 || !pure || x.service.empty()) {
            return false;
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (x.src.intersects(cubes[j].src) && x.dst.intersects(cubes[j].dst) &&
                x.service.intersects(cubes[j].service)) {
                return false;
            }
        }
    }
    return true;
}

struct Box {
    PacketSet set;
    Mask mask;
};

/// Every cube over the parts, of one or both families.
std::vector<Box> boxes(unsigned source_parts) {
    std::vector<Box> result;
    for (unsigned s = 1; s < 1U << source_parts; ++s) {
        for (unsigned d = 1; d < 8; ++d) {
            for (unsigned v = 1; v < 8; ++v) {
                Cube cube;
                Mask mask = 0;
                for (unsigned i = 0; i < source_parts; ++i) {
                    cube.src |= ((s >> i) & 1U) != 0 ? sources()[i].set : AddressSet{};
                }
                for (unsigned i = 0; i < 3; ++i) {
                    cube.dst |= ((d >> i) & 1U) != 0 ? destinations()[i].set : AddressSet{};
                    cube.service |= ((v >> i) & 1U) != 0 ? services()[i].set : ServiceSet{};
                }
                for (unsigned i = 0; i < cells().size(); ++i) {
                    const Cell& cell = cells()[i];
                    if (((s >> cell.src) & (d >> cell.dst) & (v >> cell.service) & 1U) != 0) {
                        mask |= 1U << i;
                    }
                }
                result.push_back({PacketSet::of(cube), mask});
            }
        }
    }
    return result;
}

std::string text(Mask x, Mask y) { return std::to_string(x) + " " + std::to_string(y); }

}  // namespace

TEST_CASE("a cube has the packets of both its families and no mixed ones", "[packet_set]") {
    REQUIRE(cells().size() == 18);
    Law members("members"), form("one family a cube");
    for (const Box& box : boxes(4)) {
        members.holds(mask_of(box.set) == box.mask, [&] { return text(box.mask, 0); });
        members.holds(box.set.empty() == (box.mask == 0), [&] { return text(box.mask, 0); });
        form.holds(well_formed(box.set), [&] { return text(box.mask, 0); });
    }
    const Packet mixed{Address::v4(1), Address::v6(1), {}};
    CHECK_FALSE(PacketSet::all().contains(mixed));
    CHECK(PacketSet::single(mixed).empty());
    CHECK(mask_of(PacketSet::all()) == kAll);
    CHECK(mask_of(~PacketSet{}) == kAll);
}

TEST_CASE("every two cubes unite, intersect and subtract like their cells", "[packet_set]") {
    Law unite("|"), intersect("&"), subtract("-"), subset("contains_all"), equal("=="),
        form("results are disjoint cubes of one family");
    const std::vector<Box> all = boxes(3);
    for (const Box& x : all) {
        for (const Box& y : all) {
            const auto what = [&] { return text(x.mask, y.mask); };
            const PacketSet either = x.set | y.set, both = x.set & y.set, only = x.set - y.set;
            unite.holds(mask_of(either) == (x.mask | y.mask), what);
            intersect.holds(mask_of(both) == (x.mask & y.mask), what);
            subtract.holds(mask_of(only) == (x.mask & ~y.mask), what);
            subset.holds(x.set.contains_all(y.set) == ((y.mask & ~x.mask) == 0), what);
            equal.holds((x.set == y.set) == (x.mask == y.mask), what);
            form.holds(well_formed(either) && well_formed(both) && well_formed(only), what);
        }
    }
}

TEST_CASE("all sets of two dimensions follow the algebra of sets", "[packet_set]") {
    // The cells of four slices of the universe, six cells each: all 64 unions, all pairs.
    struct Slice {
        std::string given;
        bool (*in)(const Cell&);
    };
    const auto slice = GENERATE(values<Slice>(
        {{"IPv4 sources and services", [](const Cell& c) { return c.src < 2 && c.dst == 1; }},
         {"IPv4 destinations and services", [](const Cell& c) { return c.src == 0 && c.dst < 2; }},
         {"IPv4 sources and destinations",
          [](const Cell& c) { return c.src < 2 && c.service == 0; }},
         {"IPv6 sources and services", [](const Cell& c) { return c.src >= 2; }}}));
    CAPTURE(slice.given);
    std::vector<Mask> bits;
    for (unsigned i = 0; i < cells().size(); ++i) {
        if (slice.in(cells()[i])) {
            bits.push_back(1U << i);
        }
    }
    REQUIRE((bits.size() == 6 || bits.size() == 4));
    std::vector<Box> all;
    for (unsigned n = 0; n < 1U << bits.size(); ++n) {
        Mask mask = 0;
        for (unsigned i = 0; i < bits.size(); ++i) {
            mask |= ((n >> i) & 1U) != 0 ? bits[i] : 0U;
        }
        all.push_back({set_of(mask), mask});
    }
    Law law("|, & and -"), complement("~ and De Morgan"), equal("== and contains_all");
    for (const Box& x : all) {
        const PacketSet not_x = ~x.set;
        complement.holds(mask_of(not_x) == (kAll & ~x.mask) && ~not_x == x.set);
        for (const Box& y : all) {
            const auto what = [&] { return text(x.mask, y.mask); };
            law.holds(mask_of(x.set | y.set) == (x.mask | y.mask), what);
            law.holds(mask_of(x.set & y.set) == (x.mask & y.mask), what);
            law.holds(mask_of(x.set - y.set) == (x.mask & ~y.mask), what);
            law.holds(mask_of(not_x - y.set) == (kAll & ~x.mask & ~y.mask), what);
            equal.holds((x.set == y.set) == (x.mask == y.mask), what);
            equal.holds(x.set.contains_all(y.set) == ((y.mask & ~x.mask) == 0), what);
        }
    }
}

TEST_CASE("generated sets of all dimensions follow the algebra of sets", "[packet_set]") {
    Law distributive("distributivity"), de_morgan("De Morgan"), difference("a - b == a & ~b"),
        form("disjoint cubes"), simple("simplified() is the same set in no more cubes"),
        equal("== is equality of members"), twice("simplifying twice changes nothing");
    Dice dice(3);
    const std::vector<Box> all = boxes(4);
    const auto any = [&] {
        Box result{{}, 0};
        for (std::uint32_t n = 1 + dice.below(4); n > 0; --n) {
            const Box& box = all[dice.below(static_cast<std::uint32_t>(all.size()))];
            if (dice.below(3) == 0) {
                result = {result.set - box.set, result.mask & ~box.mask};
            } else {
                result = {result.set | box.set, result.mask | box.mask};
            }
        }
        return result;
    };
    for (int round = 0; round < 1000; ++round) {
        const Box a = any(), b = any(), c = any();
        const auto what = [&] { return text(a.mask, b.mask) + " " + std::to_string(c.mask); };
        const PacketSet left = a.set & (b.set | c.set);
        distributive.holds(left == ((a.set & b.set) | (a.set & c.set)), what);
        distributive.holds((a.set | (b.set & c.set)) == ((a.set | b.set) & (a.set | c.set)), what);
        distributive.holds((a.set - (b.set | c.set)) == ((a.set - b.set) - c.set), what);
        de_morgan.holds(~(a.set | b.set) == (~a.set & ~b.set), what);
        de_morgan.holds(~(a.set & b.set) == (~a.set | ~b.set), what);
        difference.holds((a.set - b.set) == (a.set & ~b.set), what);
        equal.holds((a.set == b.set) == (a.mask == b.mask) && left == set_of(mask_of(left)), what);
        equal.holds(mask_of(left) == (a.mask & (b.mask | c.mask)), what);
        const PacketSet united = a.set | b.set | c.set, small = united.simplified();
        form.holds(well_formed(united) && well_formed(small) && well_formed(~united), what);
        simple.holds(small == united && small.cubes().size() <= united.cubes().size() &&
                         mask_of(small) == (a.mask | b.mask | c.mask),
                     what);
        twice.holds(small.simplified().cubes() == small.cubes(), what);
    }
}

TEST_CASE("packets are counted exactly, and saturate where 128 bits end", "[packet_set]") {
    const Uint128 most = ~Uint128{0};
    const Uint128 all_services = ServiceSet::every().count();
    const Cube v4{AddressSet::all(Family::v4), AddressSet::all(Family::v4), ServiceSet::every()};
    CHECK((PacketSet::of(v4).count() == (Uint128{1} << 64) * all_services));
    CHECK((PacketSet::all().count() == most));
    CHECK(PacketSet{}.count() == 0);
    const AddressSet one = AddressSet::single(Address::v6(1));
    const ServiceSet esp = ServiceSet::protocol(kEsp);
    const PacketSet full_side = PacketSet::of({AddressSet::all(Family::v6), one, esp});
    CHECK((full_side.count() == most));  // 2^128
    const PacketSet less = full_side - PacketSet::single({Address::v6(7), Address::v6(1), {kEsp}});
    CHECK((less.count() == most));  // exactly 2^128 - 1: the same number, another set
    CHECK_FALSE(less == full_side);
    CHECK(full_side.contains_all(less));
    CHECK_FALSE(less.contains_all(full_side));

    Law law("|a or b| + |a and b| == |a| + |b|");
    const std::vector<Box> all = boxes(2);
    for (const Box& x : all) {
        for (const Box& y : all) {
            law.holds(
                (x.set | y.set).count() + (x.set & y.set).count() == x.set.count() + y.set.count(),
                [&] { return text(x.mask, y.mask); });
        }
    }
}

TEST_CASE("first match splits what arrives into disjoint slices", "[packet_set]") {
    // The body of every filter: rule by rule, what is matched leaves what is undecided.
    Law law("slices are disjoint, and together what arrived"), member("the first match decides");
    Dice dice(4);
    const std::vector<Box> all = boxes(4);
    for (int round = 0; round < 200; ++round) {
        PacketSet undecided = PacketSet::all(), decided;
        std::vector<Mask> rules;
        std::array<unsigned, 18> by{};
        by.fill(99);
        for (unsigned rule = 0; rule < 8; ++rule) {
            const Box& box = all[dice.below(static_cast<std::uint32_t>(all.size()))];
            const PacketSet matched = undecided & box.set;
            undecided -= matched;
            Mask expected = 0;
            for (unsigned i = 0; i < by.size(); ++i) {
                if (by[i] == 99 && ((box.mask >> i) & 1U) != 0) {
                    by[i] = rule;
                    expected |= 1U << i;
                }
            }
            member.holds(mask_of(matched) == expected);
            law.holds((decided & matched).empty() && (undecided & matched).empty());
            decided |= matched;
        }
        law.holds((decided | undecided) == PacketSet::all() && decided == ~undecided);
    }
}

}  // namespace azreach::laws
