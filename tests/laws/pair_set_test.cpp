// PairSet against bit grids: everything over three cells a side that together are the whole square,
// and every pair of boxes in small windows at both ends.
#include <bit>

#include "models/net/service_set.hpp"
#include "tests/laws/law.hpp"

namespace azreach::laws {

namespace {

using PortRange = Range<std::uint16_t>;

/// The axis in three cells: the ends are one value each. Bit 3*b + a of a mask is cell (a, b).
constexpr PortRange kCells[3] = {{0, 0}, {1, 65534}, {65535, 65535}};

PortSet row(unsigned mask) {
    std::vector<PortRange> ranges;
    for (unsigned a = 0; a < 3; ++a) {
        if (((mask >> a) & 1U) != 0) {
            ranges.push_back(kCells[a]);
        }
    }
    return PortSet::of(std::move(ranges));
}

/// The canonical bands of a mask, spelt row by row.
std::vector<PairSet::Band> bands(unsigned mask) {
    std::vector<PairSet::Band> result;
    unsigned before = 0;
    for (unsigned b = 0; b < 3; ++b) {
        const unsigned now = (mask >> (3 * b)) & 7U;
        if (now != 0 && now == before) {
            result.back().b.last = kCells[b].last;
        } else if (now != 0) {
            result.push_back({kCells[b], row(now)});
        }
        before = now;
    }
    return result;
}

/// The same by uniting boxes, one per cell, from the last to the first.
PairSet united(unsigned mask) {
    PairSet result;
    for (unsigned cell = 9; cell-- > 0;) {
        if (((mask >> cell) & 1U) != 0) {
            result = result | PairSet::box(row(1U << (cell % 3)), row(1U << (cell / 3)));
        }
    }
    return result;
}

std::string shown(const PairSet& set) {
    std::string result;
    for (const PairSet::Band& band : set.bands()) {
        result += "[" + std::to_string(band.b.first) + "-" + std::to_string(band.b.last) + "]" +
                  text(band.a);
    }
    return "(" + result + ")";
}

}  // namespace

TEST_CASE("pairs united in any order are spelt in one way", "[pair_set]") {
    Law spelling("bands are canonical"), members("contains"), sizes("count"),
        sides("all_a and all_b"), hashes("equal sets have equal hashes");
    for (unsigned mask = 0; mask < 512; ++mask) {
        const PairSet set = united(mask);
        const auto what = [&] { return shown(set); };
        spelling.holds(set.bands() == bands(mask), what);
        spelling.holds(set.empty() == (mask == 0), what);
        unsigned in_a = 0, in_b = 0;
        Uint128 size = 0;
        for (unsigned cell = 0; cell < 9; ++cell) {
            const PortRange a = kCells[cell % 3], b = kCells[cell / 3];
            const bool member = ((mask >> cell) & 1U) != 0;
            for (const std::uint16_t x : {a.first, a.last}) {
                for (const std::uint16_t y : {b.first, b.last}) {
                    members.holds(set.contains(x, y) == member, what);
                }
            }
            if (member) {
                in_a |= 1U << (cell % 3);
                in_b |= 1U << (cell / 3);
                size += (Uint128{a.last} - a.first + 1) * (Uint128{b.last} - b.first + 1);
            }
        }
        sizes.holds(set.count() == size, what);
        sides.holds(set.all_a() == row(in_a) && set.all_b() == row(in_b), what);
        PairSet other;  // from the first to the last
        for (unsigned cell = 0; cell < 9; ++cell) {
            other = other | united(mask & (1U << cell));
        }
        hashes.holds(other == set && other.hash() == set.hash(), what);
    }
}

TEST_CASE("pairs unite, intersect and subtract like their grids", "[pair_set]") {
    Law unite("|"), intersect("&"), subtract("-"), subset("contains_all"), meet("intersects"),
        equal("== is equality of members");
    std::vector<PairSet> sets;
    for (unsigned mask = 0; mask < 512; ++mask) {
        sets.push_back(united(mask));
    }
    for (unsigned x = 0; x < 512; ++x) {
        for (unsigned y = 0; y < 512; ++y) {
            const PairSet &a = sets[x], &b = sets[y];
            const auto what = [&] { return shown(a) + " " + shown(b); };
            unite.holds((a | b) == sets[x | y], what);
            intersect.holds((a & b) == sets[x & y], what);
            subtract.holds((a - b) == sets[x & ~y], what);
            subset.holds(a.contains_all(b) == ((y & ~x) == 0), what);
            meet.holds(a.intersects(b) == ((x & y) != 0), what);
            equal.holds((a == b) == (x == y) && ((a <=> b) == 0) == (x == y), what);
        }
    }
}

TEST_CASE("every two boxes of four by four pairs have the members of their grids", "[pair_set]") {
    Law law("members of |, & and -"), subset("contains_all"), meet("intersects");
    for (const unsigned base : {0U, 32766U, 65532U}) {
        struct Box {
            PairSet set;
            unsigned grid;  // bit 4*b + a
        };
        std::vector<Box> boxes;
        const auto range = [&](unsigned first, unsigned last) {
            return PortSet::range(static_cast<std::uint16_t>(base + first),
                                  static_cast<std::uint16_t>(base + last));
        };
        for (unsigned a = 0; a < 4; ++a) {
            for (unsigned a_last = a; a_last < 4; ++a_last) {
                for (unsigned b = 0; b < 4; ++b) {
                    for (unsigned b_last = b; b_last < 4; ++b_last) {
                        unsigned grid = 0;
                        for (unsigned x = a; x <= a_last; ++x) {
                            for (unsigned y = b; y <= b_last; ++y) {
                                grid |= 1U << (4 * y + x);
                            }
                        }
                        boxes.push_back({PairSet::box(range(a, a_last), range(b, b_last)), grid});
                    }
                }
            }
        }
        const auto grid_of = [&](const PairSet& set) {
            unsigned grid = 0;
            for (unsigned cell = 0; cell < 16; ++cell) {
                if (set.contains(static_cast<std::uint16_t>(base + cell % 4),
                                 static_cast<std::uint16_t>(base + cell / 4))) {
                    grid |= 1U << cell;
                }
            }
            // The counts say that there is nothing beside the grid.
            return set.count() == static_cast<unsigned>(std::popcount(grid)) ? grid : ~0U;
        };
        for (const Box& x : boxes) {
            for (const Box& y : boxes) {
                const auto what = [&] { return shown(x.set) + " " + shown(y.set); };
                law.holds(grid_of(x.set | y.set) == (x.grid | y.grid), what);
                law.holds(grid_of(x.set & y.set) == (x.grid & y.grid), what);
                law.holds(grid_of(x.set - y.set) == (x.grid & ~y.grid), what);
                subset.holds(x.set.contains_all(y.set) == ((y.grid & ~x.grid) == 0), what);
                meet.holds(x.set.intersects(y.set) == ((x.grid & y.grid) != 0), what);
            }
        }
    }
}

TEST_CASE("the algebra of pairs is that of sets", "[pair_set]") {
    Law distributive("distributivity"), associative("associativity"), de_morgan("De Morgan");
    const PairSet all = PairSet::box(PortSet::full(), PortSet::full());
    std::vector<PairSet> sets;  // every box of cells, and what is beside it
    for (unsigned a = 1; a < 8; ++a) {
        for (unsigned b = 1; b < 8; ++b) {
            sets.push_back(PairSet::box(row(a), row(b)));
        }
    }
    for (const PairSet& a : sets) {
        for (const PairSet& b : sets) {
            de_morgan.holds(all - (a | b) == ((all - a) & (all - b)));
            de_morgan.holds(all - (a & b) == ((all - a) | (all - b)));
            for (std::size_t i = 0; i < sets.size(); i += 3) {
                const PairSet c = all - sets[i];
                distributive.holds((a & (b | c)) == ((a & b) | (a & c)));
                distributive.holds((a | (b & c)) == ((a | b) & (a | c)));
                distributive.holds((a - (b | c)) == ((a - b) - c));
                associative.holds((a | (b | c)) == ((a | b) | c));
            }
        }
    }
}

}  // namespace azreach::laws
