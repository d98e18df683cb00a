// ServiceSet against masks: the whole universe of services in nine parts, every two unions of them.
#include "models/net/service_set.hpp"

#include "models/net/ensures.hpp"
#include "tests/laws/law.hpp"

namespace azreach::laws {

namespace {

/// A part of the universe, some of its members (its corners), and its size.
struct Part {
    ServiceSet set;
    std::vector<Service> members;
    Uint128 size;
};

std::vector<Part> parts() {
    const PortSet low = PortSet::range(0, 1023), high = PortSet::range(1024, 65535);
    const PortSet all = PortSet::full();
    const ByteSet bytes = ByteSet::full();
    const ByteSet echo = ByteSet::single(8), rest{{0, 7}, {9, 255}};
    ByteSet others;  // everything without ports and types, except ESP
    for (unsigned p = 0; p < 256; ++p) {
        if (p != 1 && p != 6 && p != 17 && p != 58 && p != 50) {
            others |= ByteSet::single(static_cast<std::uint8_t>(p));
        }
    }
    ServiceSet other_protocols;
    std::vector<Service> other_members;
    for (const auto& range : others.ranges()) {
        for (unsigned p = range.first; p <= range.last; ++p) {
            other_protocols |= ServiceSet::protocol(static_cast<Protocol>(p));
            other_members.push_back({static_cast<Protocol>(p), 0, 0});
        }
    }
    const Uint128 wide = 65536;
    return {
        {ServiceSet::ports(kTcp, all, low), {{6, 0, 0}, {6, 65535, 1023}}, wide * 1024},
        {ServiceSet::ports(kTcp, low, high),
         {{6, 0, 1024}, {6, 1023, 65535}},
         1024 * (wide - 1024)},
        {ServiceSet::ports(kTcp, high, high),
         {{6, 1024, 1024}, {6, 65535, 65535}},
         (wide - 1024) * (wide - 1024)},
        {ServiceSet::protocol(kUdp), {{17, 0, 0}, {17, 65535, 65535}, {17, 0, 65535}}, wide * wide},
        {ServiceSet::icmp(kIcmp, echo, bytes), {{1, 8, 0}, {1, 8, 255}}, 256},
        {ServiceSet::icmp(kIcmp, rest, bytes), {{1, 0, 0}, {1, 7, 255}, {1, 255, 255}}, 255 * 256},
        {ServiceSet::protocol(kIcmpv6), {{58, 0, 0}, {58, 255, 255}, {58, 128, 0}}, 256 * 256},
        {ServiceSet::protocol(kEsp), {{50, 0, 0}}, 1},
        {other_protocols, other_members, 251},
    };
}

struct Universe {
    std::vector<Part> parts_of = parts();
    std::vector<ServiceSet> sets;  // by mask
    Universe() {
        for (unsigned mask = 0; mask < 512; ++mask) {
            ServiceSet set;
            for (unsigned i = 9; i-- > 0;) {
                if (((mask >> i) & 1U) != 0) {
                    set |= parts_of[i].set;
                }
            }
            sets.push_back(std::move(set));
        }
    }
};

}  // namespace

TEST_CASE("services have the members, the size and the protocols of their parts", "[service_set]") {
    const Universe universe;
    Law members("contains"), sizes("count"), protocols("protocols"), witness("witness is a member"),
        single("single"), pairs("pairs and others");
    CHECK(universe.sets.back() == ServiceSet::every());
    CHECK(universe.sets[0x7F] == ServiceSet::any());
    for (unsigned mask = 0; mask < 512; ++mask) {
        const ServiceSet& set = universe.sets[mask];
        const auto what = [&] { return std::to_string(mask); };
        Uint128 size = 0;
        ByteSet present;
        for (unsigned i = 0; i < 9; ++i) {
            const bool member = ((mask >> i) & 1U) != 0;
            const Part& part = universe.parts_of[i];
            for (const Service& service : part.members) {
                members.holds(set.contains(service) == member, what);
                if (member) {
                    present |= ByteSet::single(service.protocol);
                }
            }
            size += member ? part.size : 0;
        }
        sizes.holds(set.count() == size && set.empty() == (mask == 0), what);
        protocols.holds(set.protocols() == present, what);
        const auto found = set.witness();
        witness.holds(found.has_value() == (mask != 0) && (!found || set.contains(*found)), what);
        ServiceSet again;
        for (const Protocol p : {kTcp, kUdp, kIcmp, kIcmpv6}) {
            again |= ServiceSet::of_pairs(p, set.pairs(p));
        }
        pairs.holds((again & set) == again && (set - again).protocols() == set.others(), what);
        if (found) {
            const ServiceSet one = ServiceSet::single(*found);
            single.holds(one.count() == 1 && one.contains(*found) && one.witness() == found &&
                             set.contains_all(one),
                         what);
        }
    }
}

TEST_CASE("services unite, intersect and subtract like their parts", "[service_set]") {
    const Universe universe;
    const std::vector<ServiceSet>& s = universe.sets;
    Law unite("|"), intersect("&"), subtract("-"), complement("~"), subset("contains_all"),
        meet("intersects"), equal("== and hash");
    for (unsigned x = 0; x < 512; ++x) {
        complement.holds(~s[x] == s[~x & 511U], [&] { return std::to_string(x); });
        for (unsigned y = 0; y < 512; ++y) {
            const auto what = [&] { return std::to_string(x) + " " + std::to_string(y); };
            const ServiceSet either = s[x] | s[y];
            unite.holds(either == s[x | y], what);
            equal.holds(either.hash() == s[x | y].hash() && (s[x] == s[y]) == (x == y), what);
            intersect.holds((s[x] & s[y]) == s[x & y], what);
            subtract.holds((s[x] - s[y]) == s[x & ~y], what);
            subset.holds(s[x].contains_all(s[y]) == ((y & ~x) == 0), what);
            meet.holds(s[x].intersects(s[y]) == ((x & y) != 0), what);
        }
    }
}

TEST_CASE("translating ports keeps what it does not name", "[service_set]") {
    const Universe universe;
    const PortSet to{{8080, 8081}};
    Law destination("with_destination_ports"), source("with_any_source_port");
    for (unsigned mask = 0; mask < 512; ++mask) {
        const ServiceSet& set = universe.sets[mask];
        const auto what = [&] { return std::to_string(mask); };
        const ServiceSet moved = set.with_destination_ports(to), wide = set.with_any_source_port();
        for (const Protocol p : {kTcp, kUdp}) {
            const PairSet& pairs = set.pairs(p);
            destination.holds(moved.pairs(p) == PairSet::box(pairs.all_a(), to), what);
            source.holds(wide.pairs(p) == PairSet::box(PortSet::full(), pairs.all_b()), what);
        }
        const ServiceSet ported = ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp);
        destination.holds(ported.contains_all(moved), what);
        destination.holds(set.with_destination_ports({}).empty(), what);
        source.holds((wide - ported) == (set - ported) && wide.contains_all(set), what);
    }
}

TEST_CASE("every protocol has exactly its own services", "[service_set]") {
    Law law("protocol(p) holds p and nothing else");
    ServiceSet all;
    for (unsigned number = 0; number < 256; ++number) {
        const auto p = static_cast<Protocol>(number);
        const ServiceSet set = ServiceSet::protocol(p);
        const Uint128 side = has_ports(p) ? 65536 : has_icmp_type(p) ? 256 : 1;
        law.holds(set.count() == side * side && set.protocols() == ByteSet::single(p) &&
                      !all.intersects(set),
                  [&] { return std::to_string(number); });
        all |= set;
    }
    CHECK(all == ServiceSet::every());
    CHECK(all.count() == 2 * (Uint128{1} << 32) + 2 * 65536 + 252);
}

TEST_CASE("types and codes above 255 are outside the universe", "[service_set]") {
    CHECK(ServiceSet::single({kIcmp, 256, 0}).empty());
    CHECK(ServiceSet::single({kIcmpv6, 0, 256}).empty());
    CHECK_FALSE(ServiceSet::every().contains({kIcmp, 256, 0}));
    const PairSet square = PairSet::box(PortSet::full(), PortSet::full());
    CHECK(ServiceSet::of_pairs(kIcmp, square) == ServiceSet::protocol(kIcmp));
    CHECK(ServiceSet::of_pairs(kTcp, square) == ServiceSet::protocol(kTcp));
}

TEST_CASE("asking a protocol for what it does not have is our mistake", "[service_set]") {
    CHECK_THROWS_AS(ServiceSet::ports(kIcmp, PortSet::full(), PortSet::full()), InternalError);
    CHECK_THROWS_AS(ServiceSet::icmp(kTcp, ByteSet::full(), ByteSet::full()), InternalError);
    CHECK_THROWS_AS(ServiceSet::of_pairs(kEsp, PairSet{}), InternalError);
    CHECK_THROWS_AS(ServiceSet::every().pairs(kEsp), InternalError);
    CHECK_THROWS_WITH(ensures(false, "what went wrong"), "what went wrong");
    CHECK_NOTHROW(ensures(true, "nothing"));
}

}  // namespace azreach::laws
