#include "solver/symbolic_packet.hpp"

#include <tuple>
#include <unordered_map>

namespace azreach::solver {

std::optional<Address> AddressTerm::known() const {
    return word.known() ? std::optional(Address{family, *word.known()}) : std::nullopt;
}

bool operator<(const AddressTerm& x, const AddressTerm& y) {
    return std::tuple(x.family, x.word.key(), x.bound) <
           std::tuple(y.family, y.word.key(), y.bound);
}

bool operator<(const PacketTerm& x, const PacketTerm& y) {
    const auto service = [](const ServiceTerm& s) {
        return std::tuple(s.protocol.key(), s.a.key(), s.b.key(), s.bound);
    };
    if (x.src < y.src || y.src < x.src) {
        return x.src < y.src;
    }
    if (x.dst < y.dst || y.dst < x.dst) {
        return x.dst < y.dst;
    }
    return service(x.service) < service(y.service);
}

template <class Set>
const Set* Terms::intern(Pool<Set>& pool, const Set& set) {
    const std::size_t hash = set.hash();
    const auto [first, last] = pool.equal_range(hash);
    for (auto known = first; known != last; ++known) {
        if (*known->second == set) {
            return known->second.get();
        }
    }
    return pool.emplace(hash, std::make_unique<const Set>(set))->second.get();
}

const AddressSet* Terms::interned(const AddressSet& set) { return intern(address_sets_, set); }
const ServiceSet* Terms::interned(const ServiceSet& set) { return intern(service_sets_, set); }

PacketTerm Terms::variables(Family family, const AddressSet& src, const AddressSet& dst,
                            const ServiceSet& services) {
    const auto bits = static_cast<unsigned>(width(family));
    const std::string suffix = family == Family::v4 ? "" : "6";
    PacketTerm packet;
    packet.src = {family, Word::variable("src" + suffix, bits), interned(of_family(src, family))};
    packet.dst = {family, Word::variable("dst" + suffix, bits), interned(of_family(dst, family))};
    packet.service = {Word::variable("protocol", 8), Word::variable("a", 16),
                      Word::variable("b", 16), interned(services)};
    return packet;
}

Formula Terms::well_formed(const ServiceTerm& service) {
    const Word& protocol = service.protocol;
    const Formula ported = solver::equal(protocol, kTcp) || solver::equal(protocol, kUdp);
    const Formula typed = solver::equal(protocol, kIcmp) || solver::equal(protocol, kIcmpv6);
    const Formula bytes = in_range(service.a, 0, 255) && in_range(service.b, 0, 255);
    const Formula zeros = solver::equal(service.a, 0) && solver::equal(service.b, 0);
    return ported || (typed && bytes) || zeros;
}

AddressTerm Terms::constant(const Address& address) {
    return {address.family,
            Word::value(address.value, static_cast<unsigned>(width(address.family))),
            interned(AddressSet::single(address))};
}

AddressTerm Terms::within(const AddressTerm& term, const AddressSet& set) {
    if (term.word.known() || set.contains_all(*term.bound)) {
        return term;
    }
    AddressTerm result = term;
    result.bound = interned(*term.bound & set);
    return result;
}

ServiceTerm Terms::within(const ServiceTerm& term, const ServiceSet& set) {
    if (set.contains_all(*term.bound)) {
        return term;
    }
    ServiceTerm result = term;
    result.bound = interned(*term.bound & set);
    return result;
}

ServiceTerm Terms::with_destination_port(const ServiceTerm& term, std::uint16_t port) {
    const Formula ported = in(term, ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp));
    ServiceTerm result = term;
    result.b = if_then_else(ported, Word::value(port, 16), term.b);
    result.bound =
        interned(term.bound->with_destination_ports(PortSet::single(port)) |
                 (*term.bound - ServiceSet::protocol(kTcp) - ServiceSet::protocol(kUdp)));
    return result;
}

PacketTerm Terms::reply_to(const PacketTerm& packet) {
    const ServiceTerm& s = packet.service;
    PacketTerm reply;
    reply.src = packet.dst;
    reply.dst = packet.src;
    static const ServiceSet kPorted = ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp);
    static const ServiceSet kTyped = ServiceSet::protocol(kIcmp) | ServiceSet::protocol(kIcmpv6);
    const Formula ported = in(s, kPorted);
    const auto type = [&](Protocol protocol, std::uint8_t is) {
        return solver::equal(s.protocol, protocol) && solver::equal(s.a, is);
    };
    Word a = s.a;
    if (s.bound->intersects(kTyped)) {
        a = if_then_else(type(kIcmp, 8), Word::value(0, 16), a);
        a = if_then_else(type(kIcmp, 0), Word::value(8, 16), a);
        a = if_then_else(type(kIcmpv6, 128), Word::value(129, 16), a);
        a = if_then_else(type(kIcmpv6, 129), Word::value(128, 16), a);
    }
    reply.service.protocol = s.protocol;
    reply.service.a = if_then_else(ported, s.b, a);
    reply.service.b = if_then_else(ported, s.a, s.b);
    ServiceSet bound;
    const ByteSet protocols = s.bound->protocols();
    for (const Range<std::uint8_t>& range : protocols.ranges()) {
        for (unsigned p = range.first; p <= range.last; ++p) {
            bound |= ServiceSet::protocol(static_cast<Protocol>(p));
        }
    }
    reply.service.bound = interned(bound);
    return reply;
}

// --- membership ----------------------------------------------------------------------------------

template <class T>
Formula Terms::ranges(const Word& word, const IntervalSet<T>& set) {
    std::vector<Formula> parts;
    for (const Range<T>& range : set.ranges()) {
        parts.push_back(in_range(word, range.first, range.last));
    }
    return any_of(parts);
}

/// match: word in set   result: the blocks of the set, or not the blocks of what the bound leaves
Formula Terms::encode(const AddressTerm& term, const AddressSet& set) {
    const bool v4 = term.family == Family::v4;
    const auto of = [&](const AddressSet& s) {
        return v4 ? ranges(term.word, s.v4) : ranges(term.word, s.v6);
    };
    const AddressSet inside = set & *term.bound;
    const AddressSet rest = *term.bound - set;
    const auto count = [&](const AddressSet& s) {
        return v4 ? s.v4.ranges().size() : s.v6.ranges().size();
    };
    // Outside the bound anything may be said: whole rules read better than cut ones.
    AddressSet whole;
    if (v4) {
        std::vector<Range<std::uint32_t>> kept;
        for (const auto& range : set.v4.ranges()) {
            if (term.bound->v4.intersects({range})) {
                kept.push_back(range);
            }
        }
        whole.v4 = IntervalSet<std::uint32_t>::of(std::move(kept));
    } else {
        std::vector<Range<Uint128>> kept;
        for (const auto& range : set.v6.ranges()) {
            if (term.bound->v6.intersects({range})) {
                kept.push_back(range);
            }
        }
        whole.v6 = IntervalSet<Uint128>::of(std::move(kept));
    }
    if (count(rest) < count(whole)) {
        return !of(rest);
    }
    return of(whole);
}

Formula Terms::in(const AddressTerm& term, const AddressSet& set) {
    if (const auto address = term.known()) {
        return set.contains(*address);
    }
    if (!set.intersects(*term.bound)) {
        return false;
    }
    if (set.contains_all(*term.bound)) {
        return true;
    }
    const auto key = std::tuple(term.word.key(), term.bound, interned(set));
    const auto known = in_addresses_.find(key);
    if (known != in_addresses_.end()) {
        return known->second;
    }
    return in_addresses_.emplace(key, encode(term, set)).first->second;
}

Formula Terms::in(const AddressTerm& term, const Prefix& prefix) {
    if (prefix.family() != term.family) {
        return false;
    }
    if (const auto address = term.known()) {
        return prefix.contains(*address);
    }
    return in(term, prefix.addresses());
}

Formula Terms::is(const AddressTerm& term, const Address& address) {
    if (const auto known = term.known()) {
        return *known == address;
    }
    return address.family == term.family && term.bound->contains(address)
               ? solver::equal(term.word, address.value)
               : Formula(false);
}

Formula Terms::equal(const AddressTerm& a, const AddressTerm& b) {
    if (a.family != b.family || !a.bound->intersects(*b.bound)) {
        return false;
    }
    return solver::equal(a.word, b.word);
}

/// match: (a, b) in set   result: for every band of b, b in the band and a in its set
Formula Terms::pairs(const ServiceTerm& term, const PairSet& set) {
    std::vector<Formula> bands;
    for (std::size_t i = 0; i < set.bands().size();) {
        const PairSet::Band& band = set.bands()[i];
        std::vector<Formula> b;
        for (; i < set.bands().size() && set.bands()[i].a == band.a; ++i) {
            b.push_back(in_range(term.b, set.bands()[i].b.first, set.bands()[i].b.last));
        }
        bands.push_back(any_of(b) && ranges(term.a, band.a));
    }
    return any_of(bands);
}

Formula Terms::encode(const ServiceTerm& term, const ServiceSet& set) {
    std::vector<Formula> parts;
    const ServiceSet& bound = *term.bound;
    const bool one_protocol = bound.protocols().count() == 1;
    for (const Protocol protocol : {kTcp, kUdp, kIcmp, kIcmpv6}) {
        const PairSet& wanted = set.pairs(protocol);
        const PairSet& possible = bound.pairs(protocol);
        if (!wanted.intersects(possible)) {
            continue;
        }
        const Formula here = one_protocol ? Formula(true) : solver::equal(term.protocol, protocol);
        // TCP and UDP with the same ports are one case.
        if (protocol == kUdp && !parts.empty() && set.pairs(kTcp) == wanted &&
            bound.pairs(kTcp).intersects(wanted)) {
            parts.back() = (here || solver::equal(term.protocol, kTcp)) && pairs(term, wanted);
            continue;
        }
        parts.push_back(here &&
                        (wanted.contains_all(possible) ? Formula(true) : pairs(term, wanted)));
    }
    const ByteSet others = set.others() & bound.others();
    if (!others.empty()) {
        parts.push_back(others.contains_all(bound.others()) && one_protocol
                            ? Formula(true)
                            : ranges(term.protocol, others));
    }
    return any_of(parts);
}

Formula Terms::in(const ServiceTerm& term, const ServiceSet& set) {
    if (!set.intersects(*term.bound)) {
        return false;
    }
    if (set.contains_all(*term.bound)) {
        return true;
    }
    const auto key =
        std::tuple(term.protocol.key(), term.a.key(), term.b.key(), term.bound, interned(set));
    const auto known = in_services_.find(key);
    if (known != in_services_.end()) {
        return known->second;
    }
    return in_services_.emplace(key, encode(term, set)).first->second;
}

Formula Terms::equal(const ServiceTerm& a, const ServiceTerm& b) {
    return solver::equal(a.protocol, b.protocol) && solver::equal(a.a, b.a) &&
           solver::equal(a.b, b.b);
}

}  // namespace azreach::solver
