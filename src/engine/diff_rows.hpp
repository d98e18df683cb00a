// Both snapshots side by side: the senders of both, and what becomes of their packets.
#pragma once

#include <array>
#include <map>
#include <memory>

#include "src/engine/diff.hpp"
#include "src/engine/reachability_state.hpp"

namespace azreach {

enum DiffSide : std::uint8_t { kBefore = 0, kAfter = 1 };

/// An IP configuration by its ids, with its index on each side (kNoIndex: not there).
struct ConfigTwins {
    ResourceId interface, configuration;
    std::array<ConfigIndex, 2> index{kNoIndex, kNoIndex};
};

/// Senders that neither snapshot tells apart when they emit, with their addresses; or the internet,
/// or on-premises.
struct SenderRow {
    enum class Kind : std::uint8_t { configs, internet, onprem } kind = Kind::configs;
    std::vector<std::size_t> twins;                   // Kind::configs: into Twinned::configs
    std::array<SourceGroup, 2> group;                 // empty: not there on that side
    std::array<AddressSet, 2> src;                    // what they send from
    std::array<bool, 2> address_known{{true, true}};  // false: from some address of `src`
};

/// Packets of a row in one state before and another one after.
struct StatePiece {
    std::size_t row = 0;
    AddressSet src, dst;
    ServiceId services = kNoService;
    FlowState before = FlowState::blocked, after = FlowState::blocked;
    bool fine = false;      // filters decide it differently, if only under other facts
    bool rerouted = false;  // one state, by another way
};

/// One union of many sets: O(n log n) in their ranges.
AddressSet union_of(const std::vector<const AddressSet*>& sets);

/// Both networks with one pool of services.
class BothNetworks {
public:
    BothNetworks(const Network& before, const Network& after);

    const Network& network(DiffSide side) const { return *networks_[side]; }
    ServicePool& pool() { return pool_; }
    FilterIndexes& filters(DiffSide side) { return filters_[side]; }
    const ReachabilityState& state(DiffSide side) const { return states_[side]; }

    const std::vector<ConfigTwins>& configs() const { return configs_; }
    std::vector<SenderRow> rows();
    /// The public addresses of a side.
    const AddressSet& public_addresses(DiffSide side) const { return public_[side]; }
    const AddressSet& onprem(DiffSide side) const { return onprem_[side]; }
    /// Addresses inside virtual networks that surely nobody holds, on both sides: not compared.
    AddressSet nobody() const;

private:
    std::array<const Network*, 2> networks_;
    ServicePool pool_;
    std::array<FilterIndexes, 2> filters_;
    std::array<ReachabilityState, 2> states_;
    std::vector<ConfigTwins> configs_;
    std::array<AddressSet, 2> public_, onprem_;
};

/// Which services are in which states, from what both sides do with them.
class StateClassifier {
public:
    enum class Same : std::uint8_t { none, possible, all };  // also what is in one state
    struct Fates {
        Fate packets, sessions;
        friend bool operator==(const Fates&, const Fates&) = default;
    };
    struct Found {
        FlowState before, after;
        ServiceId services;
        auto operator<=>(const Found&) const = default;
    };
    explicit StateClassifier(ServicePool& pool) : pool_(pool) {}
    /// Calls `take` for every pair of states that differ and, as asked, for what is possible on
    /// both sides, or in one state other than blocked.
    template <class Take>
    void classify(const Fates& before, const Fates& after, ServiceId services, Same same,
                  const Take& take) {
        if (same == Same::none && before == after) {
            return;
        }
        const States in[2] = {states(before, services), states(after, services)};
        for (std::size_t b = 0; b < in[0].size(); ++b) {
            for (std::size_t a = 0; a < in[1].size(); ++a) {
                const auto state = static_cast<FlowState>(a);
                if (a == b && (state == FlowState::blocked || same == Same::none ||
                               (same == Same::possible && state != FlowState::possible))) {
                    continue;
                }
                const ServiceId both = pool_.intersect(in[0][b], in[1][a]);
                if (both != kNoService) {
                    take(Found{static_cast<FlowState>(b), state, both});
                }
            }
        }
    }

private:
    using States = std::array<ServiceId, 5>;
    States states(const Fates& fates, ServiceId services);
    ServicePool& pool_;
};

/// What becomes of packets, walked as rectangles; for one thread.
class StateWalker {
public:
    explicit StateWalker(BothNetworks& both);
    /// Appends the pieces of `packets` of a row, as StateClassifier says.
    void compare(const SenderRow& row, std::size_t row_index, const Cube& packets,
                 StateClassifier::Same same, bool fine, std::vector<StatePiece>& pieces);

private:
    Cells cells(DiffSide side, const SenderRow& row, const AddressSet& src, const AddressSet& dst,
                ServiceId services);
    BothNetworks& both_;
    std::array<SetWalk, 2> walks_;
    FateAlgebra algebra_;
    StateClassifier classifier_;
};

/// The same for pairs of configurations with known addresses, by their classes.
class PairStates {
public:
    explicit PairStates(BothNetworks& both);
    /// Senders whose packets to addresses() it can compare.
    bool understands(const SenderRow& row) const;
    const AddressSet& addresses() const { return addresses_; }
    /// Of the rows `which`, packets src x dst x services.
    void compare(const std::vector<SenderRow>& rows, const std::vector<std::size_t>& which,
                 const AddressSet& src, const AddressSet& dst, const ServiceSet& services,
                 StateClassifier::Same same, bool fine, int jobs, std::vector<StatePiece>& pieces);

private:
    BothNetworks& both_;
    StateClassifier classifier_;
    std::array<std::unique_ptr<Reachability>, 2> reachability_;
    std::vector<std::pair<Address, std::size_t>> columns_;  // by address: the configuration there
    AddressSet addresses_;
};

}  // namespace azreach
