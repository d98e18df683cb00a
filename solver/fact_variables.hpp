// Open facts as Booleans.
//
// In one world every fact has one value; facts about one thing are free per packet, and about every
// address separately: the unknown tag may contain the source and not the destination. So a variable
// stands for a fact *about* something, and two variables of one fact that are about equal addresses
// are equal (docs/walk.md, "Worlds and choices").
#pragma once

#include <map>
#include <tuple>

#include "models/azure/guard.hpp"
#include "solver/prover.hpp"
#include "solver/symbolic_packet.hpp"

namespace azreach::solver {

/// What a fact is asked about.
struct Topic {
    enum class Kind : std::uint8_t {
        nothing,     // contested behaviour: one value for the packet
        address,     // whether this address is a member, learned, reached ...
        list,        // where a rule stands in one list: `number` names list and direction
        outcome,     // what becomes of a packet that this address leads to
        translated,  // the same behind a public or balanced address
        reply,       // what becomes of the reply
        method,      // a way out to the internet
        admission,   // what a PaaS resource's firewall says of the packet
    };
    Kind kind = Kind::nothing;
    std::optional<AddressTerm> address;
    std::size_t number = 0;

    static Topic about(const AddressTerm& address) { return {Kind::address, address, 0}; }
    static Topic outcome(const AddressTerm& address) { return {Kind::outcome, address, 0}; }
};

class FactVariables {
public:
    FactVariables(const Network& network, Terms& terms) : network_(network), terms_(terms) {}

    Formula holds(Fact fact, const Topic& topic);
    Formula holds(const Guard& guard, const Topic& topic);
    /// As the assumptions close it, else a variable.
    Formula contested(FactKey key);

    /// An address that the snapshot does not show, one of `possible`: a part of the world like a
    /// fact. The same for the same fact and family.
    AddressTerm unknown_address(Fact fact, Family family, const AddressSet& possible);

    /// Equal addresses, equal values, unknown addresses among the possible ones: what is to be
    /// asserted with `formula`.
    Formula consistent(const Formula& formula);
    /// The variables of `formula` and their values in a model.
    std::vector<FactValue> values(const z3::model& model, const Formula& formula) const;
    /// Every variable of `formula`.
    struct Variable {
        Fact fact;
        Formula is_true;
        std::string about;
    };
    std::vector<Variable> variables(const Formula& formula) const;
    /// Every unknown address of `formula`.
    std::vector<AddressTerm> addresses(const Formula& formula) const;

private:
    using WordKey = std::pair<Uint128, std::uint32_t>;
    using Key = std::tuple<Fact, Topic::Kind, std::size_t, Family, WordKey>;
    struct Known {
        Topic topic;
        Formula formula;
        std::string about;
    };
    static std::string text_of(const Topic& topic);

    const Network& network_;
    Terms& terms_;
    std::map<Key, Known> known_;
    std::map<unsigned, Key> by_term_;  // Z3's id of the variable
    struct UnknownAddress {
        Fact fact;
        AddressTerm term;
    };
    std::map<std::pair<Fact, Family>, UnknownAddress> addresses_;
    std::map<unsigned, const UnknownAddress*> address_by_term_;
    struct Found {
        std::map<Key, const Known*> facts;
        std::map<std::pair<Fact, Family>, const UnknownAddress*> addresses;
    };
    Found found_in(const Formula& formula) const;
};

}  // namespace azreach::solver
