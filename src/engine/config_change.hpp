// What two snapshots say differently: every property of every resource, by id.
//
// Compared is what was read, not how it was written: the order of rules and prefixes, split
// prefixes, children inline or apart, etags and states are no differences. A thing that has an id
// of its own (rule, route, subnet, peering, IP configuration, ...) and stands on one side only is
// one change; a thing that stands on both sides is one change for each property that differs.
#pragma once

#include <string>
#include <vector>

#include "models/network/snapshot.hpp"

namespace azreach {

struct ConfigChange {
    enum class Kind : std::uint8_t { added, removed, modified } kind = Kind::modified;
    ResourceId id;              // of the thing: a rule's own id, not its group's
    std::string pointer;        // JSON pointer within the thing; empty: the thing as a whole
    std::string before, after;  // the values as people read them; empty: not there
    Provenance before_where, after_where;
};

/// Kinds of resources that are compared; a test counts those of Snapshot::for_each_kind.
inline constexpr std::size_t kKindsCompared = 30;

/// All differences, in a stable order. Both snapshots must outlive it. Cost: one pass over both.
class ConfigChanges {
public:
    ConfigChanges(const Snapshot& before, const Snapshot& after);
    const std::vector<ConfigChange>& list() const { return list_; }
    const Snapshot& before() const { return before_; }
    const Snapshot& after() const { return after_; }
    /// Changes `working`, which must hold what `before` holds but for earlier calls, into `before`
    /// with the chosen changes (by index in list()). Cost: the resources that differ.
    void patch(Snapshot& working, const std::vector<bool>& chosen) const;

private:
    const Snapshot& before_;
    const Snapshot& after_;
    std::vector<ConfigChange> list_;
};

}  // namespace azreach
