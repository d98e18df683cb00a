// What the parts of the packet-set engine share.
#pragma once

#include "src/engine/reachability.hpp"
#include "src/engine/reachability_set_walk.hpp"

namespace azreach {

struct Reachability::State {
    const Network& network;
    mutable ServicePool pool;
    mutable FilterIndexes filters;

    explicit State(const Network& n) : network(n), filters(n, pool) {}

    /// NICs by subnet and outbound chain; those that never emit, or whose address is not known,
    /// are left out.
    std::vector<SourceGroup> groups(const std::vector<ConfigIndex>& configs) const;
    /// Addresses of a subnet that no configuration has.
    AddressSet free_space(SubnetIndex subnet) const;
    /// Internet addresses that are no public address of the snapshot.
    AddressSet unclaimed_internet() const;
};

}  // namespace azreach
