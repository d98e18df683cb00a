#include "models/net/interval_set.hpp"

#include <algorithm>
#include <boost/icl/closed_interval.hpp>
#include <boost/icl/interval_set.hpp>
#include <functional>
#include <iterator>
#include <type_traits>
#include <utility>

namespace azreach {

namespace {

template <class T>
constexpr T kTop = static_cast<T>(~T{0});

/// Appends a range that begins no earlier than the last one, joining what touches.
template <class T>
void append(std::vector<Range<T>>& ranges, Range<T> next) {
    if (!ranges.empty() && (ranges.back().last == kTop<T> ||
                            next.first <= static_cast<T>(ranges.back().last + T{1}))) {
        ranges.back().last = std::max(ranges.back().last, next.last);
        return;
    }
    ranges.push_back(next);
}

template <class T>
std::vector<Range<T>> normalised(std::vector<Range<T>> ranges) {
    std::erase_if(ranges, [](const Range<T>& r) { return r.last < r.first; });
    if (!std::is_sorted(ranges.begin(), ranges.end())) {
        std::sort(ranges.begin(), ranges.end());
    }
    std::vector<Range<T>> result;
    result.reserve(ranges.size());
    for (const Range<T>& range : ranges) {
        append(result, range);
    }
    return result;
}

/// The first range that ends at `value` or later: a small set against a large one begins there.
template <class T>
auto reaching(const std::vector<Range<T>>& ranges, T value) {
    return std::partition_point(ranges.begin(), ranges.end(),
                                [&](const Range<T>& range) { return range.last < value; });
}

}  // namespace

template <class T>
IntervalSet<T>::IntervalSet(std::initializer_list<Range<T>> ranges)
    : ranges_(normalised(std::vector<Range<T>>(ranges))) {}

template <class T>
IntervalSet<T> IntervalSet<T>::of(std::vector<Range<T>> ranges) {
    IntervalSet result;
    result.ranges_ = normalised(std::move(ranges));
    return result;
}

template <class T>
IntervalSet<T> IntervalSet<T>::range(T first, T last) {
    IntervalSet result;
    if (first <= last) {
        result.ranges_.push_back({first, last});
    }
    return result;
}

template <class T>
IntervalSet<T> IntervalSet<T>::single(T value) {
    return range(value, value);
}

template <class T>
IntervalSet<T> IntervalSet<T>::full() {
    return range(T{0}, kTop<T>);
}

template <class T>
bool IntervalSet<T>::is_full() const {
    return ranges_.size() == 1 && ranges_[0].first == T{0} && ranges_[0].last == kTop<T>;
}

template <class T>
bool IntervalSet<T>::contains(T value) const {
    const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), value,
                                        [](T v, const Range<T>& range) { return v < range.first; });
    return after != ranges_.begin() && value <= std::prev(after)->last;
}

template <class T>
bool IntervalSet<T>::contains_all(const IntervalSet& other) const {
    if (other.ranges_.empty()) {
        return true;
    }
    auto mine = reaching(ranges_, other.ranges_.front().first);
    for (const Range<T>& range : other.ranges_) {
        while (mine != ranges_.end() && mine->last < range.first) {
            ++mine;
        }
        if (mine == ranges_.end() || mine->first > range.first || mine->last < range.last) {
            return false;
        }
    }
    return true;
}

template <class T>
bool IntervalSet<T>::intersects(const IntervalSet& other) const {
    if (ranges_.empty() || other.ranges_.empty()) {
        return false;
    }
    auto a = reaching(ranges_, other.ranges_.front().first);
    auto b = reaching(other.ranges_, ranges_.front().first);
    while (a != ranges_.end() && b != other.ranges_.end()) {
        if (a->last < b->first) {
            ++a;
        } else if (b->last < a->first) {
            ++b;
        } else {
            return true;
        }
    }
    return false;
}

template <class T>
Uint128 IntervalSet<T>::count() const {
    Uint128 total = 0;
    for (const Range<T>& range : ranges_) {
        const Uint128 width = static_cast<Uint128>(range.last) - static_cast<Uint128>(range.first);
        if (width == ~Uint128{0}) {
            return ~Uint128{0};
        }
        total += width + 1;
    }
    return total;
}

template <class T>
std::optional<T> IntervalSet<T>::smallest() const {
    return ranges_.empty() ? std::nullopt : std::optional<T>(ranges_.front().first);
}

template <class T>
std::size_t IntervalSet<T>::hash() const {
    std::uint64_t h = 0x9E3779B97F4A7C15ULL ^ ranges_.size();
    const auto mix = [&h](std::uint64_t v) {
        h ^= v;
        h *= 0xFF51AFD7ED558CCDULL;
        h ^= h >> 33;
    };
    for (const Range<T>& range : ranges_) {
        mix(static_cast<std::uint64_t>(range.first));
        mix(static_cast<std::uint64_t>(range.last));
        if constexpr (sizeof(T) == 16) {
            mix(static_cast<std::uint64_t>(range.first >> 64));
            mix(static_cast<std::uint64_t>(range.last >> 64));
        }
    }
    return static_cast<std::size_t>(h);
}

template <class T>
IntervalSet<T> IntervalSet<T>::unite(const IntervalSet& a, const IntervalSet& b) {
    if (a.ranges_.empty()) {
        return b;
    }
    if (b.ranges_.empty()) {
        return a;
    }
    IntervalSet result;
    result.ranges_.reserve(a.ranges_.size() + b.ranges_.size());
    auto x = a.ranges_.begin();
    auto y = b.ranges_.begin();
    while (x != a.ranges_.end() || y != b.ranges_.end()) {
        const bool take_x = y == b.ranges_.end() || (x != a.ranges_.end() && x->first <= y->first);
        append(result.ranges_, take_x ? *x++ : *y++);
    }
    return result;
}

template <class T>
IntervalSet<T> IntervalSet<T>::intersect(const IntervalSet& a, const IntervalSet& b) {
    IntervalSet result;
    if (a.ranges_.empty() || b.ranges_.empty()) {
        return result;
    }
    auto x = reaching(a.ranges_, b.ranges_.front().first);
    auto y = reaching(b.ranges_, a.ranges_.front().first);
    while (x != a.ranges_.end() && y != b.ranges_.end()) {
        const T first = std::max(x->first, y->first);
        const T last = std::min(x->last, y->last);
        if (first <= last) {
            result.ranges_.push_back({first, last});
        }
        if (x->last < y->last) {
            ++x;
        } else {
            ++y;
        }
    }
    return result;
}

template <class T>
IntervalSet<T> IntervalSet<T>::subtract(const IntervalSet& a, const IntervalSet& b) {
    if (a.ranges_.empty() || b.ranges_.empty()) {
        return a;
    }
    IntervalSet result;
    auto y = reaching(b.ranges_, a.ranges_.front().first);
    for (Range<T> range : a.ranges_) {
        while (y != b.ranges_.end() && y->last < range.first) {
            ++y;
        }
        auto cut = y;
        bool left = true;
        while (cut != b.ranges_.end() && cut->first <= range.last) {
            if (cut->first > range.first) {
                result.ranges_.push_back({range.first, static_cast<T>(cut->first - T{1})});
            }
            if (cut->last >= range.last) {
                left = false;
                break;
            }
            range.first = static_cast<T>(cut->last + T{1});
            ++cut;
        }
        if (left) {
            result.ranges_.push_back(range);
        }
    }
    return result;
}

namespace {

// Narrow keys are widened: arithmetic on them happens in int, which ICL would narrow back.
template <class T>
using IclKey = std::conditional_t<(sizeof(T) < 4), std::uint32_t, T>;
template <class T>
using IclInterval = boost::icl::closed_interval<IclKey<T>>;
template <class T>
using IclSet = boost::icl::interval_set<IclKey<T>, std::less, IclInterval<T>>;

template <class T>
IclSet<T> to_icl(const std::vector<Range<T>>& ranges) {
    IclSet<T> result;
    for (const Range<T>& range : ranges) {
        if (range.first <= range.last) {
            result.add(IclInterval<T>(range.first, range.last));
        }
    }
    return result;
}

/// As sets of T, already sorted, disjoint and joined: of() finds nothing to do.
template <class T>
IntervalSet<T> from_icl(const IclSet<T>& set) {
    std::vector<Range<T>> ranges;
    for (const auto& interval : set) {
        ranges.push_back({static_cast<T>(interval.lower()), static_cast<T>(interval.upper())});
    }
    return IntervalSet<T>::of(std::move(ranges));
}

}  // namespace

template <class T>
IntervalSet<T> ByIcl<T>::of(const std::vector<Range<T>>& ranges) {
    return from_icl<T>(to_icl(ranges));
}

template <class T>
IntervalSet<T> ByIcl<T>::unite(const IntervalSet<T>& a, const IntervalSet<T>& b) {
    return from_icl<T>(to_icl(a.ranges()) + to_icl(b.ranges()));
}

template <class T>
IntervalSet<T> ByIcl<T>::intersect(const IntervalSet<T>& a, const IntervalSet<T>& b) {
    return from_icl<T>(to_icl(a.ranges()) & to_icl(b.ranges()));
}

template <class T>
IntervalSet<T> ByIcl<T>::subtract(const IntervalSet<T>& a, const IntervalSet<T>& b) {
    return from_icl<T>(to_icl(a.ranges()) - to_icl(b.ranges()));
}

template class IntervalSet<std::uint8_t>;
template class IntervalSet<std::uint16_t>;
template class IntervalSet<std::uint32_t>;
template class IntervalSet<Uint128>;

template struct ByIcl<std::uint8_t>;
template struct ByIcl<std::uint16_t>;
template struct ByIcl<std::uint32_t>;
template struct ByIcl<Uint128>;

}  // namespace azreach
