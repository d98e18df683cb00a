// A few neighbouring values of a type, where everything can be tried.
#pragma once

#include <cstdint>
#include <type_traits>
#include <vector>

#include "models/net/interval_set.hpp"

namespace azreach::laws {

template <class T>
constexpr T top() {
    return static_cast<T>(~T{0});
}

/// `kSize` values from `base`. Bit i of a mask stands for base + i.
template <class T>
struct Window {
    static constexpr unsigned kSize = 8;
    T base = 0;

    T value(unsigned i) const { return static_cast<T>(base + static_cast<T>(i)); }
    bool at_bottom() const { return base == T{0}; }
    bool at_top() const { return value(kSize - 1) == top<T>(); }

    /// The set of a mask, spelt as its canonical ranges by looking at one value after the other.
    /// With `outside`, everything outside the window is a member too.
    std::vector<Range<T>> ranges(unsigned mask, bool outside = false) const {
        std::vector<Range<T>> result;
        bool open = false;  // the value before is a member
        const auto next = [&](bool member, T first, T last) {
            if (member && open) {
                result.back().last = last;
            } else if (member) {
                result.push_back({first, last});
            }
            open = member;
        };
        if (!at_bottom()) {
            next(outside, T{0}, static_cast<T>(base - T{1}));
        }
        for (unsigned i = 0; i < kSize; ++i) {
            next(((mask >> i) & 1U) != 0, value(i), value(i));
        }
        if (!at_top()) {
            next(outside, static_cast<T>(value(kSize - 1) + T{1}), top<T>());
        }
        return result;
    }

    /// The same through IntervalSet::of, from single values.
    IntervalSet<T> set(unsigned mask, bool outside = false) const {
        std::vector<Range<T>> pieces;
        for (unsigned i = kSize; i-- > 0;) {
            if (((mask >> i) & 1U) != 0) {
                pieces.push_back({value(i), value(i)});
            }
        }
        if (outside && !at_bottom()) {
            pieces.push_back({T{0}, static_cast<T>(base - T{1})});
        }
        if (outside && !at_top()) {
            pieces.push_back({static_cast<T>(value(kSize - 1) + T{1}), top<T>()});
        }
        return IntervalSet<T>::of(std::move(pieces));
    }
};

/// At the bottom, across the middle (where the sign or a word would change) and at the top.
template <class T>
std::vector<Window<T>> windows() {
    const T middle = static_cast<T>(T{1} << (sizeof(T) * 8 - 1));
    std::vector<Window<T>> result{{T{0}},
                                  {T{1}},
                                  {static_cast<T>(middle - T{4})},
                                  {static_cast<T>(top<T>() - T{8})},
                                  {static_cast<T>(top<T>() - T{7})}};
    if constexpr (sizeof(T) == 16) {
        result.push_back({(T{1} << 64) - T{4}});
    }
    return result;
}

}  // namespace azreach::laws
