// The filters of every configuration, compiled for sets.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "models/network/network.hpp"
#include "src/engine/reachability_filter_index.hpp"

namespace azreach {

class FirewallIndexes;
struct FirewallChains;

/// Compiled on first use. Thread-safe once the network is compiled (Filters::compile_all).
class FilterIndexes {
public:
    FilterIndexes(const Network& network, ServicePool& pool);
    ~FilterIndexes();

    struct Chain {
        const FilterIndex* admin = nullptr;
        const FilterIndex* first = nullptr;
        const FilterIndex* second = nullptr;
        bool has_group = false;
        bool empty() const { return admin == nullptr && first == nullptr && second == nullptr; }
        std::array<const FilterIndex*, 3> lists() const { return {admin, first, second}; }
        friend bool operator==(const Chain&, const Chain&) = default;
        friend auto operator<=>(const Chain&, const Chain&) = default;
    };
    const Chain& chain(ConfigIndex config, Direction direction);
    /// The lists of a firewall, by alternative (reachability_firewall_index.hpp).
    const std::vector<FirewallChains>& firewall(FirewallIndex firewall);
    /// The chains of every configuration, in parallel.
    void build_all();

private:
    const FilterIndex* index_of(const FilterList* list, bool ignore_source_ports);
    const Network& network_;
    ServicePool& pool_;
    std::map<std::pair<const FilterList*, bool>, std::unique_ptr<FilterIndex>> indexes_;
    std::unordered_map<std::uint64_t, Chain> chains_;
    std::unique_ptr<FirewallIndexes> firewalls_;
    std::mutex mutex_;
};

/// Allowed services of a chain at one pair of classes, with what the closed defaults of public
/// frontends need to know: what an admin rule lets past the groups.
struct ChainBounds {
    ServiceId must = kEveryService, may = kEveryService;
    ServiceId skipped_must = kNoService, skipped_may = kNoService;
};

/// The chain as a whole, from its lists' cells (null: no list there).              [N7] [A4] [A5]
ChainBounds chain_bounds(ServicePool& pool, const FilterCell* admin, const FilterCell* first,
                         const FilterCell* second);

}  // namespace azreach
