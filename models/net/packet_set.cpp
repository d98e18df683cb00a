#include "models/net/packet_set.hpp"

#include <algorithm>

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

/// x minus y as at most three disjoint cubes: outside y's sources, then its destinations, then its
/// services.
void subtract(const Cube& x, const Cube& y, std::vector<Cube>& result) {
    const AddressSet src = x.src & y.src;
    const AddressSet dst = x.dst & y.dst;
    const ServiceSet service = x.service & y.service;
    if (src.empty() || dst.empty() || service.empty()) {
        result.push_back(x);
        return;
    }
    for (Cube piece : {Cube{x.src - src, x.dst, x.service}, Cube{src, x.dst - dst, x.service},
                       Cube{src, dst, x.service - service}}) {
        if (!is_empty(piece)) {
            result.push_back(std::move(piece));
        }
    }
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

bool PacketSet::contains_all(const PacketSet& other) const { return (other - *this).empty(); }

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
    const PacketSet more = y - x;
    result.cubes_.insert(result.cubes_.end(), more.cubes_.begin(), more.cubes_.end());
    return result;
}

PacketSet operator&(const PacketSet& x, const PacketSet& y) {
    PacketSet result;
    for (const Cube& a : x.cubes_) {
        for (const Cube& b : y.cubes_) {
            Cube both{a.src & b.src, a.dst & b.dst, a.service & b.service};
            if (!is_empty(both)) {
                result.cubes_.push_back(std::move(both));
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
        for (const Cube& cube : result.cubes_) {
            subtract(cube, cut, left);
        }
        result.cubes_ = std::move(left);
    }
    return result;
}

bool operator==(const PacketSet& x, const PacketSet& y) {
    return (x - y).empty() && (y - x).empty();
}

}  // namespace azreach
