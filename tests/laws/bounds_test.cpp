// Bounds: whatever the truth between must and may is, the operations keep it between them.
#include "models/net/bounds.hpp"

#include "tests/laws/law.hpp"
#include "tests/laws/window.hpp"

namespace azreach::laws {

namespace {

constexpr unsigned kAll = 0xF;  // four values

struct Tiny {
    unsigned must, truth, may;  // masks, each within the next
    Bounds<PortSet> bounds;
    PortSet set;
};

std::vector<Tiny> all_bounds() {
    const Window<std::uint16_t> window{65528};  // the top four values are 65532..65535
    const auto set = [&](unsigned mask) { return window.set(mask << 4); };
    std::vector<Tiny> result;
    for (unsigned may = 0; may <= kAll; ++may) {
        for (unsigned truth = 0; truth <= kAll; ++truth) {
            for (unsigned must = 0; must <= kAll; ++must) {
                if ((must & ~truth) == 0 && (truth & ~may) == 0) {
                    result.push_back({must, truth, may, {set(must), set(may)}, set(truth)});
                }
            }
        }
    }
    return result;
}

bool between(const PortSet& truth, const Bounds<PortSet>& bounds) {
    return truth.contains_all(bounds.must) && bounds.may.contains_all(truth);
}

}  // namespace

TEST_CASE("union, intersection and difference of bounds hold the truth", "[bounds][Z1][Z2]") {
    Law unite("|"), intersect("&"), subtract("-"), order("must is a subset of may");
    const std::vector<Tiny> all = all_bounds();
    CHECK(all.size() == 256);  // each value: out, in may only (true or not), in must
    for (const Tiny& x : all) {
        for (const Tiny& y : all) {
            const auto either = x.bounds | y.bounds, both = x.bounds & y.bounds,
                       only = x.bounds - y.bounds;
            unite.holds(between(x.set | y.set, either));
            intersect.holds(between(x.set & y.set, both));
            subtract.holds(between(x.set - y.set, only));
            for (const auto& result : {either, both, only}) {
                order.holds(result.may.contains_all(result.must));
            }
        }
    }
}

TEST_CASE("bounds are as narrow as two sets can be", "[bounds][Z1]") {
    // Every value of must is in all truths, every value of may in one of them.
    std::vector<Tiny> shapes;
    for (const Tiny& tiny : all_bounds()) {
        if (tiny.truth == tiny.must) {
            shapes.push_back(tiny);
        }
    }
    REQUIRE(shapes.size() == 81);
    const std::vector<Tiny> all = all_bounds();
    const Window<std::uint16_t> window{65528};
    Law law("must is the intersection of all truths, may their union");
    for (const Tiny& x : shapes) {
        for (const Tiny& y : shapes) {
            unsigned least[3] = {kAll, kAll, kAll}, greatest[3] = {0, 0, 0};
            for (unsigned s = 0; s <= kAll; ++s) {
                for (unsigned t = 0; t <= kAll; ++t) {
                    if ((x.must & ~s) != 0 || (s & ~x.may) != 0 || (y.must & ~t) != 0 ||
                        (t & ~y.may) != 0) {
                        continue;
                    }
                    const unsigned results[3] = {s | t, s & t, s & ~t};
                    for (int i = 0; i < 3; ++i) {
                        least[i] &= results[i];
                        greatest[i] |= results[i];
                    }
                }
            }
            const Bounds<PortSet> results[3] = {x.bounds | y.bounds, x.bounds & y.bounds,
                                                x.bounds - y.bounds};
            for (int i = 0; i < 3; ++i) {
                law.holds(results[i].must == window.set(least[i] << 4) &&
                          results[i].may == window.set(greatest[i] << 4));
            }
        }
    }
}

TEST_CASE("exact bounds have no gap and stay exact", "[bounds][Z2]") {
    Law law("exactly(), exact() and gap()");
    for (const Tiny& x : all_bounds()) {
        law.holds(x.bounds.exact() == (x.must == x.may));
        law.holds(x.bounds.gap().empty() == (x.must == x.may));
        law.holds((x.bounds.gap() | x.bounds.must) == x.bounds.may);
        for (const Tiny& y : all_bounds()) {
            const auto a = Bounds<PortSet>::exactly(x.set), b = Bounds<PortSet>::exactly(y.set);
            law.holds((a | b) == Bounds<PortSet>::exactly(x.set | y.set) &&
                      (a & b) == Bounds<PortSet>::exactly(x.set & y.set) &&
                      (a - b) == Bounds<PortSet>::exactly(x.set - y.set));
        }
    }
}

}  // namespace azreach::laws
