// Filters as formulas: which packets a list, and the chain at a NIC, lets through.
#pragma once

#include <map>
#include <unordered_map>

#include "models/network/network.hpp"
#include "solver/fact_variables.hpp"

namespace azreach::solver {

/// What the filters at a NIC say.
struct FilterOutcome {
    Formula allowed = true;
    Formula always =
        false;  // by an admin rule that skips the groups                      [A5] [A10]
};

/// Some NICs of one subnet, told apart by an address.
struct Party {
    SubnetIndex subnet = kNoIndex;
    std::vector<ConfigIndex> configs;  // ascending, different addresses; one without stands alone
    AddressSet addresses;
    /// NICs with the same filters, by direction; filled on demand.
    struct Alike {
        FilterChain chain;
        ConfigIndex first = kNoIndex;
        AddressSet addresses;
    };
    mutable std::optional<std::vector<Alike>> alike[2];
    bool contains(ConfigIndex config) const;
};

class FilterEncoder {
public:
    FilterEncoder(const Network& network, Terms& terms, FactVariables& facts)
        : network_(network), terms_(terms), facts_(facts) {}

    /// The filters of the member of `party` that has the address `who` (not looked at when there is
    /// one member).
    FilterOutcome at(const Party& party, const AddressTerm& who, Direction direction,
                     const PacketTerm& packet, bool ignore_source_port);

    /// match:  an exempt service of platform address `address`, from a member of `party`
    /// result: holds iff a rule that names the platform's tag denies it [N38]
    Formula platform_denied(const Party& party, const AddressTerm& who, const PacketTerm& packet,
                            const std::string& tag);

    const std::vector<Party::Alike>& alike(const Party& party, Direction direction) const;

    Formula member(const GuardedServices& parts, const ServiceTerm& service,
                   bool ignore_source_port);

private:
    enum class Verdict : std::uint8_t { allows, denies, always };
    /// Holds iff the first rule that matches gives the verdict.
    struct ListOutcome {
        Formula denies, always;
    };
    FilterOutcome chain(const FilterChain& chain, ConfigIndex first, const PacketTerm& packet,
                        bool ignore_source_port);
    ListOutcome list(const FilterList& list, ConfigIndex at, const PacketTerm& packet,
                     bool ignore_source_port);
    Formula matches(const FilterRule& rule, const FilterList& list, const PacketTerm& packet,
                    bool ignore_source_port);
    Formula member(const GuardedAddresses& parts, const AddressTerm& address);
    std::size_t number_of(const FilterList& list);

    const Network& network_;
    Terms& terms_;
    FactVariables& facts_;
    std::map<std::pair<ResourceId, Direction>, std::size_t> numbers_;
    /// Lists with the same rules are one: those of a group at one subnet, unless a rule hangs on
    /// facts about the list itself.
    struct ListKey {
        const FilterList* list = nullptr;  // of its own
        ResourceId owner;
        SubnetIndex subnet = kNoIndex;
        Direction direction = Direction::inbound;
        FilterList::Kind kind = FilterList::Kind::security_group;
        bool ignore_source_port = false;
        friend auto operator<=>(const ListKey&, const ListKey&) = default;
    };
    std::map<std::pair<ListKey, PacketTerm>, ListOutcome> lists_;
};

}  // namespace azreach::solver
