// One packet as words: what stands in its header at one point of the way, and what it may be.
//
// Bounds are supersets of what a word may be at this point; they only slice: a rule that meets no
// packet inside the bounds is left out, since the question asserts that the packet lies inside.
#pragma once

#include <map>
#include <memory>

#include "models/net/packet.hpp"
#include "models/net/prefix.hpp"
#include "models/net/service_set.hpp"
#include "solver/formula.hpp"

namespace azreach::solver {

/// An address of the packet. Bounds are interned: equal sets have one pointer.
struct AddressTerm {
    Family family = Family::v4;
    Word word = Word::value(0, 32);
    const AddressSet* bound = nullptr;

    std::optional<Address> known() const;
};

/// The service of the packet; `bound` as above.
struct ServiceTerm {
    Word protocol = Word::value(0, 8), a = Word::value(0, 16), b = Word::value(0, 16);
    const ServiceSet* bound = nullptr;
};

struct PacketTerm {
    AddressTerm src, dst;
    ServiceTerm service;
    friend bool operator<(const PacketTerm& x, const PacketTerm& y);
};
bool operator<(const AddressTerm& x, const AddressTerm& y);

/// Makes terms and says what they are members of. Remembers memberships.
class Terms {
public:
    /// The packet as sent: variables, of one family.
    PacketTerm variables(Family family, const AddressSet& src, const AddressSet& dst,
                         const ServiceSet& services);
    /// Protocols without ports or types have zeros there; types and codes are bytes.
    Formula well_formed(const ServiceTerm& service);

    AddressTerm constant(const Address& address);
    /// The same word, known to lie in `set` as well.
    AddressTerm within(const AddressTerm& term, const AddressSet& set);
    ServiceTerm within(const ServiceTerm& term, const ServiceSet& set);
    /// TCP and UDP get this destination port.
    ServiceTerm with_destination_port(const ServiceTerm& term, std::uint16_t port);
    /// reply_to(), in words.
    PacketTerm reply_to(const PacketTerm& packet);

    /// unsatisfiable with the question iff no packet inside the bounds is a member
    Formula in(const AddressTerm& term, const AddressSet& set);
    Formula in(const AddressTerm& term, const Prefix& prefix);
    Formula is(const AddressTerm& term, const Address& address);
    Formula equal(const AddressTerm& a, const AddressTerm& b);
    Formula in(const ServiceTerm& term, const ServiceSet& set);
    Formula equal(const ServiceTerm& a, const ServiceTerm& b);

    const AddressSet* interned(const AddressSet& set);
    const ServiceSet* interned(const ServiceSet& set);

private:
    Formula encode(const AddressTerm& term, const AddressSet& set);
    Formula encode(const ServiceTerm& term, const ServiceSet& set);
    Formula pairs(const ServiceTerm& term, const PairSet& set);
    template <class T>
    static Formula ranges(const Word& word, const IntervalSet<T>& set);

    template <class Set>
    using Pool = std::unordered_multimap<std::size_t, std::unique_ptr<const Set>>;
    template <class Set>
    static const Set* intern(Pool<Set>& pool, const Set& set);

    using WordKey = std::pair<Uint128, std::uint32_t>;
    Pool<AddressSet> address_sets_;
    Pool<ServiceSet> service_sets_;
    std::map<std::tuple<WordKey, const AddressSet*, const AddressSet*>, Formula> in_addresses_;
    std::map<std::tuple<WordKey, WordKey, WordKey, const ServiceSet*, const ServiceSet*>, Formula>
        in_services_;
};

}  // namespace azreach::solver
