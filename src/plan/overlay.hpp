// What a plan, a what-if, a template or any other input changes in a snapshot (--overlay).
//
// Changes go by id: created, changed, deleted; what the overlay does not name stays as it is. The
// work is done on the JSON of resources, before anything gets a meaning, so that every type is laid
// over in one way. Every value keeps the place where it was written, below or above.
//   - Parents and children are one thing: a change of a subnet changes the subnet inside its
//     network, and the network without naming its subnets leaves them.
//   - What Azure fills in itself (an address it picked, the state of a peering) stays when the
//     overlay does not say it.
//   - What other resources tell about one that changes ("subnet X holds NIC Y") is dropped: the
//     resource itself says it.
//   - Children that a whole new state of their parent does not list may stay or go: both ways stay
//     open (exists_if).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/azure/resource_id.hpp"
#include "src/derived/derived.hpp"

namespace azreach {

class Overlay {
public:
    /// In the order in which they take place.
    void add(DerivedResource change);
    bool empty() const { return order_.empty(); }

    /// Replaces unknown parts of the ids of the overlay by what the snapshot below can mean alone:
    /// a subscription or resource group that the overlay does not say. `below`: ids of the
    /// snapshot. Call it when everything is added, before anything else.
    Derived bind(const std::vector<std::string>& below);

    /// The resource may be changed by the overlay, or one of its parts.
    bool touches(const ResourceId& id) const;
    /// The text is the id of something that the overlay changes, or lies inside of it.
    bool mentions(std::string_view text) const;
    /// A resource of the snapshot that is touched or mentions something.
    void below(const ResourceId& id, DerivedResource resource);

    /// The resources to be read in place of those given to below().
    Derived result() const;

private:
    struct Base {
        ResourceId id;
        DerivedResource resource;
    };
    std::vector<DerivedResource> order_;
    std::map<ResourceId, std::vector<std::size_t>> changes_;  // in order_, by id
    std::set<ResourceId> parents_;                            // of changes, all the way up
    std::vector<Base> below_;
};

}  // namespace azreach
