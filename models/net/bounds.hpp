// The two bounds of every answer.                                                    [Z1] [Z2]
#pragma once

namespace azreach {

/// must is a subset of the truth, may a superset; must is a subset of may. Exact facts give
/// must == may. `Set` is any type with |, &, -, empty() and ==.
template <class Set>
struct Bounds {
    Set must;
    Set may;

    static Bounds exactly(Set set) { return {set, set}; }
    bool exact() const { return must == may; }
    Set gap() const { return may - must; }

    friend Bounds operator|(const Bounds& x, const Bounds& y) {
        return {x.must | y.must, x.may | y.may};
    }
    friend Bounds operator&(const Bounds& x, const Bounds& y) {
        return {x.must & y.must, x.may & y.may};
    }
    friend Bounds operator-(const Bounds& x, const Bounds& y) {
        return {x.must - y.may, x.may - y.must};
    }
    friend bool operator==(const Bounds&, const Bounds&) = default;
};

}  // namespace azreach
