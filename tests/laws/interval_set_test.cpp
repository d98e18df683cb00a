// IntervalSet against masks: all subsets of small windows at the ends and in the middle of every T.
#include "models/net/interval_set.hpp"

#include <algorithm>
#include <bit>
#include <set>

#include "tests/laws/law.hpp"
#include "tests/laws/window.hpp"

namespace azreach::laws {

namespace {

constexpr unsigned kAll = 0xFF;

/// Every subset of a window, and every complement of one, by mask.
template <class T>
struct Subsets {
    std::vector<IntervalSet<T>> in;   // in[m]: the values of m
    std::vector<IntervalSet<T>> out;  // out[m]: everything but the values of m
    explicit Subsets(const Window<T>& window) {
        for (unsigned m = 0; m <= kAll; ++m) {
            in.push_back(window.set(m));
            out.push_back(window.set(~m & kAll, true));
        }
    }
};

template <class T>
bool canonical(const IntervalSet<T>& set) {
    const std::vector<Range<T>>& ranges = set.ranges();
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (ranges[i].first > ranges[i].last ||
            (i > 0 &&
             (ranges[i - 1].last == top<T>() || ranges[i].first - ranges[i - 1].last < T{2} ||
              ranges[i].first < ranges[i - 1].last))) {
            return false;
        }
    }
    return true;
}

template <class T>
Uint128 size_of_type() {  // of Uint128: saturated
    return sizeof(T) == 16 ? ~Uint128{0} : Uint128{1} << (sizeof(T) % 16 * 8);
}

}  // namespace

TEMPLATE_TEST_CASE("a set built from single values is spelt as the fewest ranges", "[interval_set]",
                   std::uint8_t, std::uint16_t, std::uint32_t, Uint128) {
    using T = TestType;
    Law spelling("of() finds the canonical ranges"), complement("~ finds the canonical ranges"),
        order("== and <=> and hash tell the same");
    for (const Window<T>& window : windows<T>()) {
        const Subsets<T> subsets(window);
        std::set<std::size_t> hashes;
        for (unsigned m = 0; m <= kAll; ++m) {
            const auto what = [&] { return text(subsets.in[m]) + " " + text(subsets.out[m]); };
            spelling.holds(subsets.in[m].ranges() == window.ranges(m), what);
            spelling.holds(subsets.out[m].ranges() == window.ranges(~m & kAll, true), what);
            complement.holds(~subsets.in[m] == subsets.out[m], what);
            complement.holds(~subsets.out[m] == subsets.in[m], what);
            order.holds((~subsets.in[m]).hash() == subsets.out[m].hash(), what);
            hashes.insert(subsets.in[m].hash());
        }
        CHECK(hashes.size() == kAll + 1);
    }
}

TEMPLATE_TEST_CASE("a set has the members and the size of its mask", "[interval_set]", std::uint8_t,
                   std::uint16_t, std::uint32_t, Uint128) {
    using T = TestType;
    Law members("contains"), sizes("count"), least("smallest"), whole("empty and full");
    for (const Window<T>& window : windows<T>()) {
        const Subsets<T> subsets(window);
        for (unsigned m = 0; m <= kAll; ++m) {
            const IntervalSet<T>& in = subsets.in[m];
            const IntervalSet<T>& out = subsets.out[m];
            const auto what = [&] { return text(in); };
            for (unsigned i = 0; i < Window<T>::kSize; ++i) {
                const bool member = ((m >> i) & 1U) != 0;
                members.holds(in.contains(window.value(i)) == member, what);
                members.holds(out.contains(window.value(i)) != member, what);
            }
            if (!window.at_bottom()) {
                for (const T value : {T{0}, static_cast<T>(window.base - T{1})}) {
                    members.holds(!in.contains(value) && out.contains(value), what);
                }
            }
            if (!window.at_top()) {
                for (const T value : {window.value(Window<T>::kSize), top<T>()}) {
                    members.holds(!in.contains(value) && out.contains(value), what);
                }
            }
            const auto n = static_cast<unsigned>(std::popcount(m));
            sizes.holds(in.count() == n, what);
            // 2^128 - n fits unless n is 0, where it saturates.
            sizes.holds(
                out.count() == (sizeof(T) == 16 ? (n == 0 ? ~Uint128{0} : ~Uint128{0} - n + 1)
                                                : size_of_type<T>() - n),
                what);
            least.holds(
                in.smallest() == (m == 0 ? std::nullopt
                                         : std::optional<T>(window.value(
                                               static_cast<unsigned>(std::countr_zero(m))))),
                what);
            whole.holds(in.empty() == (m == 0) && !in.is_full(), what);
            whole.holds(out.is_full() == (m == 0) && !out.empty(), what);
        }
    }
}

TEMPLATE_TEST_CASE("union, intersection and difference are those of the masks", "[interval_set]",
                   std::uint8_t, std::uint16_t, std::uint32_t, Uint128) {
    using T = TestType;
    Law unite("|"), intersect("&"), subtract("-"), de_morgan("De Morgan"), subset("contains_all"),
        meet("intersects"), equal("== is equality of members");
    for (const Window<T>& window : windows<T>()) {
        const Subsets<T> s(window);
        for (unsigned x = 0; x <= kAll; ++x) {
            for (unsigned y = 0; y <= kAll; ++y) {
                const auto what = [&] { return text(s.in[x]) + " " + text(s.in[y]); };
                const IntervalSet<T>&a = s.in[x], &b = s.in[y], &not_a = s.out[x],
                      &not_b = s.out[y];
                unite.holds((a | b) == s.in[x | y], what);
                unite.holds((a | not_b) == s.out[y & ~x], what);
                intersect.holds((a & b) == s.in[x & y], what);
                intersect.holds((a & not_b) == s.in[x & ~y], what);
                subtract.holds((a - b) == s.in[x & ~y], what);
                subtract.holds((a - not_b) == s.in[x & y], what);
                subtract.holds((not_a - b) == s.out[x | y], what);
                subtract.holds((not_a - not_b) == s.in[y & ~x], what);
                de_morgan.holds((not_a & not_b) == s.out[x | y], what);
                de_morgan.holds((not_a | not_b) == s.out[x & y], what);
                subset.holds(a.contains_all(b) == ((y & ~x) == 0), what);
                subset.holds(not_a.contains_all(b) == ((x & y) == 0), what);
                subset.holds(not_a.contains_all(not_b) == ((x & ~y) == 0), what);
                meet.holds(a.intersects(b) == ((x & y) != 0), what);
                meet.holds(a.intersects(not_b) == ((x & ~y) != 0), what);
                meet.holds(not_a.intersects(b) == ((y & ~x) != 0), what);
                equal.holds((a == b) == (x == y) && ((a <=> b) == 0) == (x == y), what);
            }
        }
    }
}

TEMPLATE_TEST_CASE("the algebra is that of sets", "[interval_set]", std::uint8_t, std::uint16_t,
                   std::uint32_t, Uint128) {
    using T = TestType;
    constexpr unsigned kSmall = 0x1F;  // five values: every triple
    Law distributive("distributivity"), associative("associativity"), absorb("absorption"),
        neutral("empty and full are neutral"), self("idempotence");
    const IntervalSet<T> none;
    const IntervalSet<T> full = IntervalSet<T>::full();
    for (const Window<T>& window : windows<T>()) {
        const Subsets<T> s(window);
        for (unsigned x = 0; x <= kSmall; ++x) {
            const IntervalSet<T>& a = s.in[x];
            self.holds((a | a) == a && (a & a) == a && (a - a).empty() && ~~a == a);
            neutral.holds((a | none) == a && (a & none) == none && (a - none) == a &&
                          (none - a) == none);
            neutral.holds((a | full) == full && (a & full) == a && (a - full) == none &&
                          (full - a) == ~a);
            for (unsigned y = 0; y <= kSmall; ++y) {
                const IntervalSet<T>& b = s.out[y];  // reaches the ends of T
                absorb.holds((a | (a & b)) == a && (a & (a | b)) == a);
                for (unsigned z = 0; z <= kSmall; ++z) {
                    const IntervalSet<T>& c = s.in[z];
                    const auto what = [&] { return text(a) + " " + text(b) + " " + text(c); };
                    distributive.holds((a & (b | c)) == ((a & b) | (a & c)), what);
                    distributive.holds((a | (b & c)) == ((a | b) & (a | c)), what);
                    distributive.holds((a - (b | c)) == ((a - b) - c), what);
                    associative.holds((a | (b | c)) == ((a | b) | c), what);
                    associative.holds((a & (b & c)) == ((a & b) & c), what);
                }
            }
        }
    }
}

TEMPLATE_TEST_CASE("ranges may come in any order, overlap, touch or be empty", "[interval_set]",
                   std::uint8_t, std::uint16_t, std::uint32_t, Uint128) {
    using T = TestType;
    constexpr unsigned kValues = 6;
    Law law("of() is the union of its ranges"), list("an initializer list is the same");
    for (const Window<T>& window : windows<T>()) {
        const Subsets<T> s(window);
        std::vector<std::pair<Range<T>, unsigned>> ranges;  // with their masks
        for (unsigned i = 0; i < kValues; ++i) {
            for (unsigned j = 0; j < kValues; ++j) {
                unsigned mask = 0;
                for (unsigned k = i; k <= j; ++k) {
                    mask |= 1U << k;
                }
                ranges.push_back({{window.value(i), window.value(j)}, mask});
                law.holds(IntervalSet<T>::range(window.value(i), window.value(j)) == s.in[mask]);
            }
            law.holds(IntervalSet<T>::single(window.value(i)) == s.in[1U << i]);
        }
        for (const auto& [a, x] : ranges) {
            for (const auto& [b, y] : ranges) {
                list.holds(IntervalSet<T>{a, b} == s.in[x | y]);
                for (const auto& [c, z] : ranges) {
                    law.holds(IntervalSet<T>::of({a, b, c}) == s.in[x | y | z]);
                }
            }
        }
    }
}

TEST_CASE("sets over all of a byte agree with std::set", "[interval_set]") {
    Law law("members of |, &, - and ~"), form("results are canonical");
    Dice dice(1);
    for (int round = 0; round < 300; ++round) {
        std::set<unsigned> x, y;
        ByteSet a, b;
        const auto grow = [&](std::set<unsigned>& model, ByteSet& set) {
            std::vector<Range<std::uint8_t>> ranges;
            for (std::uint32_t n = dice.below(24); n > 0; --n) {
                const unsigned first = dice.below(256);
                const unsigned last = std::min(255U, first + dice.below(12));
                ranges.push_back(
                    {static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(last)});
                for (unsigned v = first; v <= last; ++v) {
                    model.insert(v);
                }
            }
            set = ByteSet::of(std::move(ranges));
        };
        grow(x, a);
        grow(y, b);
        ByteSet both = a & b, either = a | b, only = a - b, neither = ~(a | b);
        for (const ByteSet* set : {&a, &b, &both, &either, &only, &neither}) {
            form.holds(canonical(*set));
        }
        for (unsigned v = 0; v < 256; ++v) {
            const auto byte = static_cast<std::uint8_t>(v);
            const bool in_x = x.contains(v), in_y = y.contains(v);
            law.holds(both.contains(byte) == (in_x && in_y) &&
                          either.contains(byte) == (in_x || in_y) &&
                          only.contains(byte) == (in_x && !in_y) &&
                          neither.contains(byte) == (!in_x && !in_y),
                      [&] { return text(a) + " " + text(b); });
        }
    }
}

}  // namespace azreach::laws
