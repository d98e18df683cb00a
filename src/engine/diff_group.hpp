// Pieces of difference joined into rectangles, and named.
#pragma once

#include "src/engine/diff_rows.hpp"
#include "src/engine/endpoint.hpp"

namespace azreach {

/// A difference of many senders. Disjoint from all others; no two with the same states and services
/// have the same senders or the same destinations.
struct StateRectangle {
    struct Senders {
        std::size_t row = 0;
        AddressSet src;
    };
    std::vector<Senders> from;  // ascending by row
    AddressSet dst;
    ServiceId services = kNoService;
    FlowState before = FlowState::blocked, after = FlowState::blocked;
    bool rerouted = false;
};

/// `pieces` of different rows, or of one row with different sources, are joined where everything
/// else is equal; senders of different kinds are not, nor those of virtual networks whose address
/// spaces overlap (the same destination is another thing there).
std::vector<StateRectangle> rectangles(BothNetworks& both, const std::vector<SenderRow>& rows,
                                       std::vector<StatePiece> pieces);

/// Says whose addresses these are, by names that both snapshots' questions understand.
class SideNames {
public:
    explicit SideNames(const BothNetworks& both);
    FlowSide sources(const std::vector<SenderRow>& rows,
                     const std::vector<StateRectangle::Senders>& from) const;
    /// `vnets`: virtual networks from which the packets come; empty: any.
    FlowSide destinations(const AddressSet& dst, const std::vector<ResourceId>& vnets) const;
    /// Virtual networks in which the senders of a rectangle stand.
    std::vector<ResourceId> vnets_of(const std::vector<SenderRow>& rows,
                                     const std::vector<StateRectangle::Senders>& from) const;

    /// Configurations that hold some of these addresses.
    std::vector<std::size_t> at(const AddressSet& addresses) const;

private:
    struct Named {
        std::string name;
        ResourceId id;
    };
    /// Whole virtual networks and subnets, then machines and NICs.
    std::vector<Named> named(const std::vector<std::size_t>& twins) const;
    std::string use(const ResourceId& id) const;
    ResourceId machine_of(const NetworkInterface& interface) const;
    const ConfigPlace& place(std::size_t twin) const;  // after, else before
    ResourceId subnet_of(std::size_t twin) const;

    const BothNetworks& both_;
    std::map<ResourceId, std::string> uses_;
    std::map<ResourceId, ResourceId> machines_;  // by NIC
    std::map<ResourceId, std::vector<std::size_t>> by_subnet_;
    std::map<ResourceId, std::vector<ResourceId>> subnets_of_vnet_;  // with configurations
    std::vector<std::pair<Address, std::size_t>> by_address_;        // sorted
    std::map<Address, Named> frontends_;                             // public and private ones
};

}  // namespace azreach
