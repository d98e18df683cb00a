// The sweeps of IntervalSet against Boost.ICL, which derives the same sets on its own.
#include "models/net/interval_set.hpp"
#include "tests/laws/law.hpp"
#include "tests/laws/window.hpp"

namespace azreach::laws {

namespace {

template <class T>
T value(Dice& dice) {
    Uint128 bits = (Uint128{dice.bits()} << 64) | dice.bits();
    return static_cast<T>(bits);
}

/// Up to `most` ranges in random order: short, long, touching the ends of T, and clustered so that
/// they overlap and touch.
template <class T>
std::vector<Range<T>> ranges(Dice& dice, std::uint32_t most) {
    std::vector<Range<T>> result;
    const T centre = value<T>(dice);
    for (std::uint32_t n = dice.below(most + 1); n > 0; --n) {
        T first = value<T>(dice);
        switch (dice.below(4)) {
            case 0:
                first = static_cast<T>(centre + static_cast<T>(dice.below(64)));
                break;
            case 1:
                first = static_cast<T>(dice.below(16));
                break;
            case 2:
                first = static_cast<T>(top<T>() - static_cast<T>(dice.below(16)));
                break;
            default:
                break;
        }
        T last = static_cast<T>(first + static_cast<T>(dice.below(8)));
        if (last < first) {
            last = top<T>();
        }
        result.push_back({first, last});
    }
    return result;
}

}  // namespace

TEMPLATE_TEST_CASE("sweeps and Boost.ICL agree on every pair of tiny sets", "[interval_set][icl]",
                   std::uint8_t, std::uint16_t, std::uint32_t, Uint128) {
    using T = TestType;
    Law law("|, & and - as Boost.ICL has them");
    for (const Window<T>& window : windows<T>()) {
        std::vector<IntervalSet<T>> sets;
        for (unsigned mask = 0; mask < 32; ++mask) {
            sets.push_back(window.set(window.at_top() ? mask << 3 : mask));
            sets.push_back(window.set(window.at_top() ? mask << 3 : mask, true));
        }
        for (const IntervalSet<T>& a : sets) {
            for (const IntervalSet<T>& b : sets) {
                law.holds((a | b) == ByIcl<T>::unite(a, b) &&
                              (a & b) == ByIcl<T>::intersect(a, b) &&
                              (a - b) == ByIcl<T>::subtract(a, b),
                          [&] { return text(a) + " " + text(b); });
            }
        }
    }
}

TEMPLATE_TEST_CASE("sweeps and Boost.ICL agree on generated sets", "[interval_set][icl]",
                   std::uint8_t, std::uint16_t, std::uint32_t, Uint128) {
    using T = TestType;
    Law build("of() as Boost.ICL builds"), law("|, & and - as Boost.ICL has them"),
        count("sizes of two parts add up to the whole");
    Dice dice(2);
    for (int round = 0; round < 300; ++round) {
        const std::vector<Range<T>> x = ranges<T>(dice, 100), y = ranges<T>(dice, 5);
        const IntervalSet<T> a = IntervalSet<T>::of(x), b = IntervalSet<T>::of(y);
        build.holds(a == ByIcl<T>::of(x) && b == ByIcl<T>::of(y), [&] { return text(a); });
        for (const auto& [p, q] : {std::pair{a, b}, std::pair{b, a}, std::pair{~a, b}, {a, ~b}}) {
            const auto what = [&p = p, &q = q] { return text(p) + " " + text(q); };
            law.holds((p | q) == ByIcl<T>::unite(p, q), what);
            law.holds((p & q) == ByIcl<T>::intersect(p, q), what);
            law.holds((p - q) == ByIcl<T>::subtract(p, q), what);
            law.holds(p.contains_all(q) == ByIcl<T>::subtract(q, p).empty(), what);
            law.holds(p.intersects(q) == !ByIcl<T>::intersect(p, q).empty(), what);
            count.holds((p - q).count() + (p & q).count() == p.count() || p.is_full(), what);
        }
    }
}

}  // namespace azreach::laws
