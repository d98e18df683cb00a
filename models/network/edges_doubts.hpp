// What may stand unseen in a subnet: everything that makes its free addresses unsure.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "models/network/network.hpp"

namespace azreach {

/// The code of gaps that stand for a page that was cut off.
inline constexpr std::string_view kCutOffPage = "AZR9003";
inline constexpr std::string_view kLinkedTemplate = "AZR9021";
/// The gap may hold any resource: a page that was cut off, a linked template that was not given.
inline bool may_hold_anything(std::string_view code) {
    return code == kCutOffPage || code == kLinkedTemplate;
}

/// Doubts about the free addresses of every subnet, and about the space outside subnets.
class Doubts {
public:
    /// O(n log n) in the snapshot.
    explicit Doubts(const Network& network);

    struct Doubt {
        Guard unread;      // somebody who was not read may hold an address here
        Guard unmodelled;  // something that is not modelled may
        ResourceId at;     // unmodelled: the first of those
        bool empty() const { return unread.empty() && unmodelled.empty(); }
    };
    const Doubt& in_subnet(SubnetIndex subnet) const { return subnets_[subnet]; }
    const Doubt& outside_subnets(VnetIndex vnet) const { return vnets_[vnet]; }
    /// True if the subnet's prefixes differ between copies of it: nothing in it is reserved.  [J2]
    bool contested_prefixes(SubnetIndex subnet) const;

    /// Where a subnet id leads. A subnet that is not in the snapshot may be in a VNet that is.
    struct Where {
        SubnetIndex subnet = kNoIndex;
        VnetIndex vnet = kNoIndex;
    };
    static Where locate(const Network& network, const Ref& subnet);

    /// Scale sets with instances that were not read (also those whose size is not known).     [J6]
    const std::unordered_set<ResourceId>& partly_read() const { return partly_read_; }

private:
    void see_configurations();
    void see_frontends();
    void see_private_endpoints();
    void see_scale_sets();
    void see_special_subnets();
    void see_mentions();
    void see_missing_interfaces();
    void see_cut_off_pages();
    void see_contested_copies();

    void unread_instance(const Ref& subnet);
    void unread(SubnetIndex subnet, FactKey key, const ResourceId& what);
    void unmodelled(const Ref& subnet, const ResourceId& what);

    const Network& network_;
    std::vector<Doubt> subnets_, vnets_;
    std::vector<ResourceId> mentioned_;  // configurations that subnets list and nobody has
    std::unordered_set<ResourceId> partly_read_;
    bool symbolic_ids_ = false;  // names of networks are not known before deployment
};

}  // namespace azreach
