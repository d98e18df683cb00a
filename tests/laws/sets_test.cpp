// Laws of the sets, on every pair of subsets of tiny universes, against std::set.
#include <boost/icl/closed_interval.hpp>
#include <boost/icl/interval_set.hpp>
#include <set>

#include "models/net/bounds.hpp"
#include "models/net/packet_set.hpp"
#include "models/net/prefix.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

/// All 2^n subsets of n consecutive values from `base`.
template <class T>
std::vector<std::pair<IntervalSet<T>, unsigned>> subsets(T base, int n) {
    std::vector<std::pair<IntervalSet<T>, unsigned>> result;
    for (unsigned bits = 0; bits < (1U << n); ++bits) {
        std::vector<Range<T>> ranges;
        for (int i = n - 1; i >= 0; --i) {  // in reverse: the order of writing is irrelevant
            if ((bits >> i) & 1U) {
                const T value = static_cast<T>(base + static_cast<T>(i));
                ranges.push_back({value, value});
            }
        }
        result.emplace_back(IntervalSet<T>::of(ranges), bits);
    }
    return result;
}

template <class T>
unsigned bits_of(const IntervalSet<T>& set, T base, int n) {
    unsigned bits = 0;
    for (int i = 0; i < n; ++i) {
        bits |= set.contains(static_cast<T>(base + static_cast<T>(i))) ? 1U << i : 0U;
    }
    return bits;
}

template <class T>
void laws(T base) {
    constexpr int n = 6;
    constexpr unsigned all = (1U << n) - 1;
    const IntervalSet<T> window = IntervalSet<T>::range(base, static_cast<T>(base + T{n - 1}));
    const auto sets = subsets<T>(base, n);
    for (const auto& [a, x] : sets) {
        REQUIRE(bits_of(a, base, n) == x);
        REQUIRE(a.count() == static_cast<Uint128>(__builtin_popcount(x)));
        REQUIRE(a.empty() == (x == 0));
        REQUIRE(bits_of(~a & window, base, n) == (~x & all));
        REQUIRE((~~a) == a);
        REQUIRE((a | ~a).is_full());
        REQUIRE((a & ~a).empty());
        for (const auto& [b, y] : sets) {
            REQUIRE(bits_of(a | b, base, n) == (x | y));
            REQUIRE(bits_of(a & b, base, n) == (x & y));
            REQUIRE(bits_of(a - b, base, n) == (x & ~y));
            REQUIRE((a == b) == (x == y));
            REQUIRE(a.contains_all(b) == ((y & ~x) == 0));
            REQUIRE(a.intersects(b) == ((x & y) != 0));
            REQUIRE(~(a | b) == (~a & ~b));
            if (a == b) {
                REQUIRE(a.hash() == b.hash());
            }
        }
    }
}

}  // namespace

TEST_CASE("interval sets are sets, at the bottom, the middle and the top", "[laws]") {
    laws<std::uint8_t>(0);
    laws<std::uint8_t>(100);
    laws<std::uint8_t>(250);
    laws<std::uint16_t>(0);
    laws<std::uint16_t>(65530);
    laws<std::uint32_t>(0);
    laws<std::uint32_t>(0xFFFFFFFAU);
    laws<Uint128>(0);
    laws<Uint128>(~Uint128{0} - 5);
}

TEST_CASE("the full sets count, or saturate", "[laws]") {
    CHECK(IntervalSet<std::uint32_t>::full().count() == (Uint128{1} << 32));
    CHECK(IntervalSet<Uint128>::full().count() == ~Uint128{0});
    CHECK(PortSet::full().count() == 65536);
    CHECK(PacketSet::all().count() == ~Uint128{0});
    CHECK(ServiceSet::every().protocols().is_full());
}

TEST_CASE("the sweeps agree with Boost.ICL", "[laws]") {
    using Icl = boost::icl::interval_set<std::uint32_t, std::less,
                                         boost::icl::closed_interval<std::uint32_t>>;
    std::uint64_t state = 7;
    const auto random = [&] {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::uint32_t>(state >> 33) % 1000;
    };
    for (int round = 0; round < 500; ++round) {
        Icl x;
        Icl y;
        std::vector<Range<std::uint32_t>> a;
        std::vector<Range<std::uint32_t>> b;
        for (int i = 0; i < 8; ++i) {
            const std::uint32_t first = random();
            const std::uint32_t last = first + random() % 50;
            (i % 2 == 0 ? a : b).push_back({first, last});
            (i % 2 == 0 ? x : y).insert({first, last});
        }
        const auto same = [](const IntervalSet<std::uint32_t>& ours, const Icl& theirs) {
            for (std::uint32_t v = 0; v < 1100; ++v) {
                if (ours.contains(v) != boost::icl::contains(theirs, v)) return false;
            }
            return true;
        };
        const auto s = IntervalSet<std::uint32_t>::of(a);
        const auto t = IntervalSet<std::uint32_t>::of(b);
        REQUIRE(same(s | t, x + y));
        REQUIRE(same(s & t, x & y));
        REQUIRE(same(s - t, x - y));
    }
}

TEST_CASE("service sets are sets of services", "[laws]") {
    std::vector<Service> universe;
    for (const Protocol p : {kTcp, kUdp, kIcmp, kIcmpv6, Protocol{47}, kEsp}) {
        for (const int a : {0, 1, 255}) {
            for (const int b : {0, 1, 255}) {
                if (has_ports(p) || has_icmp_type(p)) {
                    universe.push_back({p, static_cast<std::uint16_t>(a), static_cast<std::uint16_t>(b)});
                }
            }
        }
        if (!has_ports(p) && !has_icmp_type(p)) universe.push_back({p, 0, 0});
    }
    std::vector<ServiceSet> sets = {ServiceSet(), ServiceSet::every(), ServiceSet::any()};
    for (const Protocol p : {kTcp, kUdp, kIcmp, kIcmpv6, Protocol{47}}) sets.push_back(ServiceSet::protocol(p));
    sets.push_back(ServiceSet::ports(kTcp, PortSet::full(), PortSet{{0, 0}, {255, 300}}));
    sets.push_back(ServiceSet::ports(kTcp, PortSet{{1, 1}}, PortSet::full()));
    sets.push_back(ServiceSet::ports(kUdp, PortSet{{0, 1}}, PortSet{{1, 255}}));
    sets.push_back(ServiceSet::icmp(kIcmp, ByteSet{{0, 0}}, ByteSet{{1, 255}}));
    const std::size_t first = sets.size();
    for (std::size_t i = 0; i < first; ++i) {
        for (std::size_t j = 0; j < i; ++j) sets.push_back(sets[i] - sets[j]);
    }
    for (const ServiceSet& x : sets) {
        REQUIRE(x.empty() == !x.witness().has_value());
        if (x.witness()) REQUIRE(x.contains(*x.witness()));
        REQUIRE((~~x) == x);
        for (const ServiceSet& y : sets) {
            const ServiceSet both = x & y;
            const ServiceSet either = x | y;
            const ServiceSet rest = x - y;
            for (const Service& s : universe) {
                REQUIRE(both.contains(s) == (x.contains(s) && y.contains(s)));
                REQUIRE(either.contains(s) == (x.contains(s) || y.contains(s)));
                REQUIRE(rest.contains(s) == (x.contains(s) && !y.contains(s)));
            }
            REQUIRE((both | rest) == x);
            REQUIRE(either == (y | x));
            REQUIRE((x == y) == ((x - y).empty() && (y - x).empty()));
            REQUIRE(either.count() + both.count() == x.count() + y.count());
        }
    }
}

TEST_CASE("packet sets are sets of packets, of both families", "[laws]") {
    std::vector<Cube> cubes;
    for (const char* src : {"10.0.0.0/31", "10.0.0.1/32", "2001:db8::/127"}) {
        for (const char* dst : {"10.0.1.0/31", "10.0.1.1/32", "2001:db8::2/127"}) {
            for (const ServiceSet& s :
                 {ServiceSet::ports(kTcp, PortSet{{1, 2}}, PortSet{{80, 81}}),
                  ServiceSet::protocol(kIcmp), ServiceSet::ports(kTcp, PortSet{{2, 3}}, PortSet{{81, 82}})}) {
                cubes.push_back({parse_prefix(src)->prefix.addresses(), parse_prefix(dst)->prefix.addresses(), s});
            }
        }
    }
    std::vector<Packet> universe;
    for (const char* s : {"10.0.0.0", "10.0.0.1", "10.0.0.2"}) {
        for (const char* d : {"10.0.1.0", "10.0.1.1"}) {
            for (const Service service : {Service{kTcp, 1, 80}, Service{kTcp, 2, 81}, Service{kTcp, 3, 82},
                                          Service{kIcmp, 8, 0}}) {
                universe.push_back({*parse_address(s), *parse_address(d), service});
            }
        }
    }
    universe.push_back({*parse_address("2001:db8::1"), *parse_address("2001:db8::3"), {kTcp, 2, 81}});
    for (std::size_t i = 0; i < cubes.size(); ++i) {
        for (std::size_t j = 0; j < cubes.size(); ++j) {
            const PacketSet x = PacketSet::of(cubes[i]) | PacketSet::of(cubes[(i * 7 + 3) % cubes.size()]);
            const PacketSet y = PacketSet::of(cubes[j]);
            for (const Packet& p : universe) {
                REQUIRE((x | y).contains(p) == (x.contains(p) || y.contains(p)));
                REQUIRE((x & y).contains(p) == (x.contains(p) && y.contains(p)));
                REQUIRE((x - y).contains(p) == (x.contains(p) && !y.contains(p)));
            }
            REQUIRE(((x & y) | (x - y)) == x);
            REQUIRE((x | y).simplified() == (y | x));
            REQUIRE((x | y).count() + (x & y).count() == x.count() + y.count());
        }
    }
}

TEST_CASE("addresses and prefixes read back as written", "[laws][N19]") {
    for (const char* text : {"0.0.0.0", "10.0.0.4", "255.255.255.255", "::", "::1", "2001:db8::1",
                             "fe80::1234:5678:9abc", "1:2:3:4:5:6:7:8", "1::8"}) {
        REQUIRE(parse_address(text));
        CHECK(to_string(*parse_address(text)) == text);
    }
    for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1..2.3",
                            "x", ":::", "1.2.3.4/33", "fe80::1%eth0"}) {
        CHECK_FALSE(parse_address(bad));
    }
    for (const char* bad : {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "::/129"}) {
        CHECK_FALSE(parse_prefix(bad));
    }
    CHECK(parse_prefix("10.0.0.5/24")->host_bits_cleared);
    CHECK(to_string(parse_prefix("10.0.0.5/24")->prefix) == "10.0.0.0/24");
    for (const char* text : {"10.0.0.0/8", "0.0.0.0/0", "::/0", "10.0.0.1/32", "2001:db8::/33"}) {
        const Prefix prefix = parse_prefix(text)->prefix;
        CHECK(to_string(prefix) == text);
        REQUIRE(prefixes_of(prefix.addresses()) == std::vector<Prefix>{prefix});
    }
    const AddressSet odd = AddressSet::range(*parse_address("10.0.0.1"), *parse_address("10.0.0.6"));
    AddressSet again;
    for (const Prefix& prefix : prefixes_of(odd)) again |= prefix.addresses();
    CHECK(again == odd);
    CHECK(prefixes_of(odd).size() == 4);
}

TEST_CASE("must stays within may", "[laws][Z1]") {
    using Set = IntervalSet<std::uint8_t>;
    const std::vector<Bounds<Set>> all = {Bounds<Set>::exactly(Set{{0, 3}}),
                                          {Set{{1, 1}}, Set{{0, 5}}},
                                          {Set{}, Set{{2, 9}}},
                                          {Set{{4, 6}}, Set{{4, 8}}}};
    for (const auto& x : all) {
        for (const auto& y : all) {
            for (const auto& z : {x | y, x & y, x - y}) REQUIRE(z.may.contains_all(z.must));
        }
    }
}
