// What the parts of the packet-set engine share.
#pragma once

#include <map>
#include <mutex>

#include "src/engine/reachability.hpp"
#include "src/engine/reachability_publishers.hpp"
#include "src/engine/reachability_set_walk.hpp"

namespace azreach {

struct ReachabilityState {
    const Network& network;
    mutable ServicePool pool;
    mutable FilterIndexes filters;

    explicit ReachabilityState(const Network& n) : network(n), filters(n, pool) {}

    /// NICs by subnet and outbound chain; those that never emit, or whose address is not known,
    /// are left out.
    std::vector<SourceGroup> groups(const std::vector<ConfigIndex>& configs) const;
    /// Configurations whose address is not known: they send from some free address of their subnet.
    std::vector<SourceGroup> unknown_sources(const std::vector<ConfigIndex>& configs) const;
    /// Addresses of a subnet that no configuration has.
    AddressSet free_space(SubnetIndex subnet) const;
    /// possible_publishers(), remembered.
    const std::vector<Fact>& publishers(SubnetIndex subnet) const;
    mutable std::map<SubnetIndex, std::vector<Fact>> known_publishers;
    mutable std::mutex publishers_mutex;
    /// Internet addresses that are no public address of the snapshot.
    AddressSet unclaimed_internet() const;
};

/// Cells as flows, disjoint in source and destination.
void add_flows(Cells cells, ServicePool& pool, std::vector<Flow>& flows);

struct Reachability::State : ReachabilityState {
    using ReachabilityState::ReachabilityState;
};

}  // namespace azreach
