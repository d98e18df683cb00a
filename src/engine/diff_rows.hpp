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

private:
    std::array<const Network*, 2> networks_;
    ServicePool pool_;
    std::array<FilterIndexes, 2> filters_;
    std::array<ReachabilityState, 2> states_;
    std::vector<ConfigTwins> configs_;
    std::array<AddressSet, 2> public_, onprem_;
};

/// What becomes of packets, for one thread.
class StateWalker {
public:
    explicit StateWalker(BothNetworks& both);
    /// Appends the pieces of (row x dst x services) whose state differs.
    void compare(const SenderRow& row, std::size_t row_index, const AddressSet& dst,
                 ServiceId services, std::vector<StatePiece>& pieces);

private:
    Cells cells(DiffSide side, const SenderRow& row, const AddressSet& dst, ServiceId services);
    BothNetworks& both_;
    std::array<SetWalk, 2> walks_;
    FateAlgebra algebra_;
};

}  // namespace azreach
