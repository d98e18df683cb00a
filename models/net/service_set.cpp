#include "models/net/service_set.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "models/net/ensures.hpp"

namespace azreach {

namespace {

/// Cuts two band lists at each other's borders and combines the a-sets of every piece.
template <class Combine>
std::vector<PairSet::Band> merge(const std::vector<PairSet::Band>& x,
                                 const std::vector<PairSet::Band>& y, const Combine& combine) {
    std::vector<PairSet::Band> result;
    static const PortSet kEmpty;
    std::size_t i = 0;
    std::size_t j = 0;
    std::uint32_t at = 0;
    while (at <= 0xFFFF && (i < x.size() || j < y.size())) {
        while (i < x.size() && x[i].b.last < at) {
            ++i;
        }
        while (j < y.size() && y[j].b.last < at) {
            ++j;
        }
        if (i == x.size() && j == y.size()) {
            break;
        }
        const bool in_x = i < x.size() && x[i].b.first <= at;
        const bool in_y = j < y.size() && y[j].b.first <= at;
        std::uint32_t end = 0xFFFF;
        if (i < x.size()) {
            end = std::min<std::uint32_t>(end, in_x ? x[i].b.last : x[i].b.first - 1U);
        }
        if (j < y.size()) {
            end = std::min<std::uint32_t>(end, in_y ? y[j].b.last : y[j].b.first - 1U);
        }
        PortSet a = combine(in_x ? x[i].a : kEmpty, in_y ? y[j].a : kEmpty);
        if (!a.empty()) {
            if (!result.empty() && result.back().b.last + 1U == at && result.back().a == a) {
                result.back().b.last = static_cast<std::uint16_t>(end);
            } else {
                result.push_back({{static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(end)},
                                  std::move(a)});
            }
        }
        at = end + 1;
    }
    return result;
}

std::size_t slot(Protocol p) {
    switch (p) {
        case kTcp:
            return 0;
        case kUdp:
            return 1;
        case kIcmp:
            return 2;
        default:
            return 3;
    }
}

bool is_paired(Protocol p) { return has_ports(p) || has_icmp_type(p); }

PortSet bytes() { return PortSet::range(0, 255); }

PairSet whole(Protocol p) {
    return has_ports(p) ? PairSet::box(PortSet::full(), PortSet::full())
                        : PairSet::box(bytes(), bytes());
}

PortSet widened(const ByteSet& set) {
    std::vector<Range<std::uint16_t>> ranges;
    for (const auto& range : set.ranges()) {
        ranges.push_back({range.first, range.last});
    }
    return PortSet::of(std::move(ranges));
}

const ByteSet& all_others() {
    static const ByteSet kOthers =
        ByteSet::full() - ByteSet{{kTcp, kTcp}, {kUdp, kUdp}, {kIcmp, kIcmp}, {kIcmpv6, kIcmpv6}};
    return kOthers;
}

std::size_t mix(std::size_t h, std::size_t v) { return (h ^ v) * 0x9E3779B97F4A7C15ULL + (h >> 7); }

constexpr std::array<Protocol, 4> kPaired = {kTcp, kUdp, kIcmp, kIcmpv6};

/// The source port of this band an engineer would see: 49152, else the smallest ephemeral one, else
/// the smallest but 0.
std::uint16_t source_port(const PairSet::Band& band) {
    for (const std::uint16_t lowest : std::initializer_list<std::uint16_t>{49152, 1}) {
        const auto found = (band.a & PortSet::range(lowest, 65535)).smallest();
        if (found) {
            return *found;
        }
    }
    return 0;
}

/// A TCP or UDP member of `set`, well-known destination ports first.
std::optional<Service> ported_witness(Protocol p, const PairSet& set) {
    static const std::vector<std::uint16_t> kTcpPorts = {
        443, 80, 22, 3389, 1433, 8443, 8080, 5432, 3306, 5985, 5986, 445, 53, 25, 21};
    static const std::vector<std::uint16_t> kUdpPorts = {53, 123, 161, 500, 4500, 3389, 514};
    for (const std::uint16_t port : p == kTcp ? kTcpPorts : kUdpPorts) {
        for (const PairSet::Band& band : set.bands()) {
            if (band.b.first <= port && port <= band.b.last) {
                return Service{p, source_port(band), port};
            }
        }
    }
    for (const PairSet::Band& band : set.bands()) {
        if (band.b.last > 0) {
            return Service{p, source_port(band), std::max<std::uint16_t>(band.b.first, 1)};
        }
    }
    return set.empty() ? std::nullopt
                       : std::optional(Service{p, source_port(set.bands().front()), 0});
}

}  // namespace

PairSet PairSet::box(const PortSet& a, const PortSet& b) {
    PairSet result;
    if (a.empty()) {
        return result;
    }
    for (const auto& range : b.ranges()) {
        result.bands_.push_back({range, a});
    }
    return result;
}

bool PairSet::contains(std::uint16_t a, std::uint16_t b) const {
    const auto after =
        std::upper_bound(bands_.begin(), bands_.end(), b,
                         [](std::uint16_t v, const Band& band) { return v < band.b.first; });
    return after != bands_.begin() && b <= std::prev(after)->b.last &&
           std::prev(after)->a.contains(a);
}

bool PairSet::contains_all(const PairSet& other) const {
    auto mine = bands_.begin();
    for (const Band& band : other.bands_) {
        std::uint32_t at = band.b.first;  // everything of `band` below is here
        while (at <= band.b.last) {
            while (mine != bands_.end() && mine->b.last < at) {
                ++mine;
            }
            if (mine == bands_.end() || mine->b.first > at || !mine->a.contains_all(band.a)) {
                return false;
            }
            at = mine->b.last + 1U;
        }
    }
    return true;
}

bool PairSet::intersects(const PairSet& other) const {
    auto x = bands_.begin();
    auto y = other.bands_.begin();
    while (x != bands_.end() && y != other.bands_.end()) {
        if (x->b.last >= y->b.first && y->b.last >= x->b.first && x->a.intersects(y->a)) {
            return true;
        }
        if (x->b.last < y->b.last) {
            ++x;
        } else {
            ++y;
        }
    }
    return false;
}

Uint128 PairSet::count() const {
    Uint128 total = 0;
    for (const Band& band : bands_) {
        total += (Uint128{band.b.last} - band.b.first + 1) * band.a.count();
    }
    return total;
}

PortSet PairSet::all_a() const {
    PortSet result;
    for (const Band& band : bands_) {
        result |= band.a;
    }
    return result;
}

PortSet PairSet::all_b() const {
    std::vector<Range<std::uint16_t>> ranges;
    for (const Band& band : bands_) {
        ranges.push_back(band.b);
    }
    return PortSet::of(std::move(ranges));
}

PairSet operator|(const PairSet& x, const PairSet& y) {
    if (x.empty()) {
        return y;
    }
    if (y.empty() || x == y) {
        return x;
    }
    PairSet result;
    result.bands_ =
        merge(x.bands_, y.bands_, [](const PortSet& a, const PortSet& b) { return a | b; });
    return result;
}

PairSet operator&(const PairSet& x, const PairSet& y) {
    if (x.empty() || x == y) {
        return x;
    }
    if (y.empty()) {
        return y;
    }
    PairSet result;
    result.bands_ =
        merge(x.bands_, y.bands_, [](const PortSet& a, const PortSet& b) { return a & b; });
    return result;
}

PairSet operator-(const PairSet& x, const PairSet& y) {
    if (x.empty() || y.empty()) {
        return x;
    }
    PairSet result;
    result.bands_ =
        merge(x.bands_, y.bands_, [](const PortSet& a, const PortSet& b) { return a - b; });
    return result;
}

std::size_t PairSet::hash() const {
    std::size_t h = bands_.size();
    for (const Band& band : bands_) {
        h = mix(h, (std::size_t{band.b.first} << 16) | band.b.last);
        h = mix(h, band.a.hash());
    }
    return h;
}

ServiceSet ServiceSet::every() {
    static const ServiceSet kEvery = [] {
        ServiceSet result;
        for (const Protocol p : kPaired) {
            result.pairs_[slot(p)] = whole(p);
        }
        result.others_ = all_others();
        return result;
    }();
    return kEvery;
}

ServiceSet ServiceSet::any() {
    static const ServiceSet kAny = [] {
        ServiceSet result = every();
        result.others_ = {};
        return result;
    }();
    return kAny;
}

ServiceSet ServiceSet::protocol(Protocol p) {
    ServiceSet result;
    if (is_paired(p)) {
        result.pairs_[slot(p)] = whole(p);
    } else {
        result.others_ = ByteSet::single(p);
    }
    return result;
}

ServiceSet ServiceSet::ports(Protocol tcp_or_udp, const PortSet& source,
                             const PortSet& destination) {
    ensures(has_ports(tcp_or_udp), "only TCP and UDP have ports");
    ServiceSet result;
    result.pairs_[slot(tcp_or_udp)] = PairSet::box(source, destination);
    return result;
}

ServiceSet ServiceSet::icmp(Protocol icmp_or_icmpv6, const ByteSet& types, const ByteSet& codes) {
    ensures(has_icmp_type(icmp_or_icmpv6), "only ICMP and ICMPv6 have types");
    ServiceSet result;
    result.pairs_[slot(icmp_or_icmpv6)] = PairSet::box(widened(types), widened(codes));
    return result;
}

ServiceSet ServiceSet::single(const Service& service) {
    ServiceSet result;
    if (is_paired(service.protocol)) {
        result.pairs_[slot(service.protocol)] =
            PairSet::box(PortSet::single(service.a), PortSet::single(service.b)) &
            whole(service.protocol);
    } else {
        result.others_ = ByteSet::single(service.protocol);
    }
    return result;
}

ServiceSet ServiceSet::of_pairs(Protocol p, const PairSet& pairs) {
    ensures(is_paired(p), "only TCP, UDP, ICMP and ICMPv6 have pairs");
    ServiceSet result;
    result.pairs_[slot(p)] = has_ports(p) ? pairs : pairs & whole(p);
    return result;
}

bool ServiceSet::empty() const {
    return others_.empty() && std::all_of(pairs_.begin(), pairs_.end(),
                                          [](const PairSet& set) { return set.empty(); });
}

bool ServiceSet::contains(const Service& service) const {
    return is_paired(service.protocol)
               ? pairs_[slot(service.protocol)].contains(service.a, service.b)
               : others_.contains(service.protocol);
}

bool ServiceSet::contains_all(const ServiceSet& other) const {
    return others_.contains_all(other.others_) &&
           std::equal(pairs_.begin(), pairs_.end(), other.pairs_.begin(),
                      [](const PairSet& x, const PairSet& y) { return x.contains_all(y); });
}

bool ServiceSet::intersects(const ServiceSet& other) const {
    return others_.intersects(other.others_) ||
           !std::equal(pairs_.begin(), pairs_.end(), other.pairs_.begin(),
                       [](const PairSet& x, const PairSet& y) { return !x.intersects(y); });
}

const PairSet& ServiceSet::pairs(Protocol p) const {
    ensures(is_paired(p), "only TCP, UDP, ICMP and ICMPv6 have pairs");
    return pairs_[slot(p)];
}

ByteSet ServiceSet::protocols() const {
    ByteSet result = others_;
    for (const Protocol p : kPaired) {
        if (!pairs_[slot(p)].empty()) {
            result |= ByteSet::single(p);
        }
    }
    return result;
}

Uint128 ServiceSet::count() const {
    Uint128 total = others_.count();
    for (const PairSet& set : pairs_) {
        total += set.count();
    }
    return total;
}

std::optional<Service> ServiceSet::witness() const {
    for (const Protocol p : {kTcp, kUdp}) {
        if (const auto found = ported_witness(p, pairs_[slot(p)])) {
            return found;
        }
    }
    for (const Protocol p : {kIcmp, kIcmpv6}) {
        const PairSet& set = pairs_[slot(p)];
        const std::uint16_t echo = p == kIcmp ? 8 : 128;
        if (set.contains(echo, 0)) {
            return Service{p, echo, 0};
        }
        if (!set.empty()) {
            const PairSet::Band& band = set.bands().front();
            return Service{p, *band.a.smallest(), band.b.first};
        }
    }
    if (const auto p = others_.smallest()) {
        return Service{*p, 0, 0};
    }
    return std::nullopt;
}

ServiceSet ServiceSet::with_destination_ports(const PortSet& to) const {
    ServiceSet result;
    for (const Protocol p : {kTcp, kUdp}) {
        const PairSet& set = pairs_[slot(p)];
        if (!set.empty()) {
            result.pairs_[slot(p)] = PairSet::box(set.all_a(), to);
        }
    }
    return result;
}

ServiceSet ServiceSet::with_any_source_port() const {
    ServiceSet result = *this;
    for (const Protocol p : {kTcp, kUdp}) {
        result.pairs_[slot(p)] = PairSet::box(PortSet::full(), pairs_[slot(p)].all_b());
    }
    return result;
}

ServiceSet operator|(const ServiceSet& x, const ServiceSet& y) {
    ServiceSet result;
    for (std::size_t i = 0; i < result.pairs_.size(); ++i) {
        result.pairs_[i] = x.pairs_[i] | y.pairs_[i];
    }
    result.others_ = x.others_ | y.others_;
    return result;
}

ServiceSet operator&(const ServiceSet& x, const ServiceSet& y) {
    ServiceSet result;
    for (std::size_t i = 0; i < result.pairs_.size(); ++i) {
        result.pairs_[i] = x.pairs_[i] & y.pairs_[i];
    }
    result.others_ = x.others_ & y.others_;
    return result;
}

ServiceSet operator-(const ServiceSet& x, const ServiceSet& y) {
    ServiceSet result;
    for (std::size_t i = 0; i < result.pairs_.size(); ++i) {
        result.pairs_[i] = x.pairs_[i] - y.pairs_[i];
    }
    result.others_ = x.others_ - y.others_;
    return result;
}

std::size_t ServiceSet::hash() const {
    std::size_t h = others_.hash();
    for (const PairSet& set : pairs_) {
        h = mix(h, set.hash());
    }
    return h;
}

}  // namespace azreach
