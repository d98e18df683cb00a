#include "models/net/packet_set.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace azreach {

namespace {

AddressSet part(const AddressSet& set, Family family) {
    AddressSet result;
    if (family == Family::v4) {
        result.v4 = set.v4;
    } else {
        result.v6 = set.v6;
    }
    return result;
}

bool is_empty(const Cube& cube) {
    return cube.src.empty() || cube.dst.empty() || cube.service.empty();
}

bool disjoint(const Cube& x, const Cube& y) {
    return !x.src.intersects(y.src) || !x.dst.intersects(y.dst) || !x.service.intersects(y.service);
}

/// x minus y as at most three disjoint cubes: outside y's sources, then its destinations, then its
/// services. x and y have something in common.
void subtract(Cube x, const Cube& y, std::vector<Cube>& result) {
    if (AddressSet src = x.src - y.src; !src.empty()) {
        result.push_back({std::move(src), x.dst, x.service});
        x.src &= y.src;
    }
    if (AddressSet dst = x.dst - y.dst; !dst.empty()) {
        result.push_back({x.src, std::move(dst), x.service});
        x.dst &= y.dst;
    }
    if (ServiceSet service = x.service - y.service; !service.empty()) {
        result.push_back({std::move(x.src), std::move(x.dst), std::move(service)});
    }
}

/// Whether the cubes of `by` from `from` on contain all of `cube`. Stops at the first gap.
bool covered(const Cube& cube, const std::vector<Cube>& by, std::size_t from) {
    for (; from < by.size(); ++from) {
        if (!disjoint(cube, by[from])) {
            std::vector<Cube> left;
            subtract(cube, by[from], left);
            return std::all_of(left.begin(), left.end(),
                               [&](const Cube& piece) { return covered(piece, by, from + 1); });
        }
    }
    return false;
}

/// Widens one of `cubes` by `more` if the two agree in all dimensions but one; else appends it.
/// `more` is disjoint from all of them.
void add(std::vector<Cube>& cubes, Cube more) {
    for (Cube& cube : cubes) {
        const bool src = cube.src == more.src;
        const bool dst = cube.dst == more.dst;
        if (src && dst) {
            cube.service |= more.service;
            return;
        }
        if ((src || dst) && cube.service == more.service) {
            (src ? cube.dst : cube.src) |= src ? more.dst : more.src;
            return;
        }
    }
    cubes.push_back(std::move(more));
}

Uint128 times(Uint128 a, Uint128 b) {
    if (a != 0 && b > ~Uint128{0} / a) {
        return ~Uint128{0};
    }
    return a * b;
}

/// Joins cubes that agree in two of their three dimensions; one pass along one dimension.
template <class Key, class Join>
bool merge_along(std::vector<Cube>& cubes, const Key& key, const Join& join) {
    std::sort(cubes.begin(), cubes.end(), [&](const Cube& a, const Cube& b) {
        if (key(a) != key(b)) {
            return key(a) < key(b);
        }
        return a < b;
    });
    std::vector<Cube> merged;
    for (Cube& cube : cubes) {
        if (!merged.empty() && key(merged.back()) == key(cube)) {
            join(merged.back(), cube);
        } else {
            merged.push_back(std::move(cube));
        }
    }
    const bool changed = merged.size() != cubes.size();
    cubes = std::move(merged);
    return changed;
}

}  // namespace

PacketSet PacketSet::all() {
    return of({AddressSet::all(), AddressSet::all(), ServiceSet::every()});
}

PacketSet PacketSet::of(const Cube& cube) {
    PacketSet result;
    for (const Family family : {Family::v4, Family::v6}) {
        Cube one{part(cube.src, family), part(cube.dst, family), cube.service};
        if (!is_empty(one)) {
            result.cubes_.push_back(std::move(one));
        }
    }
    return result;
}

PacketSet PacketSet::single(const Packet& packet) {
    return of({AddressSet::single(packet.src), AddressSet::single(packet.dst),
               ServiceSet::single(packet.service)});
}

bool PacketSet::contains(const Packet& packet) const {
    return std::any_of(cubes_.begin(), cubes_.end(), [&](const Cube& cube) {
        return cube.src.contains(packet.src) && cube.dst.contains(packet.dst) &&
               cube.service.contains(packet.service);
    });
}

bool PacketSet::contains_all(const PacketSet& other) const {
    return std::all_of(other.cubes_.begin(), other.cubes_.end(),
                       [&](const Cube& cube) { return covered(cube, cubes_, 0); });
}

Uint128 PacketSet::count() const {
    Uint128 total = 0;
    for (const Cube& cube : cubes_) {
        const Uint128 n = times(times(cube.src.count(), cube.dst.count()), cube.service.count());
        total = n > ~Uint128{0} - total ? ~Uint128{0} : total + n;
    }
    return total;
}

PacketSet PacketSet::simplified() const {
    PacketSet result = *this;
    bool changed = true;
    while (changed) {
        changed = merge_along(
            result.cubes_, [](const Cube& c) { return std::tie(c.src, c.dst); },
            [](Cube& a, const Cube& b) { a.service |= b.service; });
        changed |= merge_along(
            result.cubes_, [](const Cube& c) { return std::tie(c.src, c.service); },
            [](Cube& a, const Cube& b) { a.dst |= b.dst; });
        changed |= merge_along(
            result.cubes_, [](const Cube& c) { return std::tie(c.dst, c.service); },
            [](Cube& a, const Cube& b) { a.src |= b.src; });
    }
    std::sort(result.cubes_.begin(), result.cubes_.end());
    return result;
}

PacketSet operator|(const PacketSet& x, const PacketSet& y) {
    PacketSet result = x;
    PacketSet more = y - x;
    for (Cube& cube : more.cubes_) {
        add(result.cubes_, std::move(cube));
    }
    return result;
}

PacketSet operator&(const PacketSet& x, const PacketSet& y) {
    PacketSet result;
    for (const Cube& a : x.cubes_) {
        for (const Cube& b : y.cubes_) {
            if (!disjoint(a, b)) {
                result.cubes_.push_back({a.src & b.src, a.dst & b.dst, a.service & b.service});
            }
        }
    }
    return result;
}

PacketSet operator-(const PacketSet& x, const PacketSet& y) {
    PacketSet result = x;
    for (const Cube& cut : y.cubes_) {
        std::vector<Cube> left;
        left.reserve(result.cubes_.size());
        for (Cube& cube : result.cubes_) {
            if (disjoint(cube, cut)) {
                left.push_back(std::move(cube));
            } else {
                subtract(std::move(cube), cut, left);
            }
        }
        result.cubes_ = std::move(left);
    }
    return result;
}

bool operator==(const PacketSet& x, const PacketSet& y) {
    // Equal counts and one inclusion are equality; counts of IPv6 may be saturated and say nothing.
    const Uint128 count = x.count();
    return count == y.count() && x.contains_all(y) && (count != ~Uint128{0} || y.contains_all(x));
}

}  // namespace azreach
