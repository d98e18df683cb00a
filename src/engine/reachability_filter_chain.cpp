#include "src/engine/reachability_filter_chain.hpp"

#include <tbb/parallel_for.h>

#include <set>

#include "src/engine/reachability_firewall_index.hpp"

namespace azreach {

FilterIndexes::FilterIndexes(const Network& network, ServicePool& pool)
    : network_(network),
      pool_(pool),
      firewalls_(std::make_unique<FirewallIndexes>(network, pool)) {}
FilterIndexes::~FilterIndexes() = default;

const std::vector<FirewallChains>& FilterIndexes::firewall(FirewallIndex firewall) {
    return firewalls_->of(firewall);
}

const FilterIndex* FilterIndexes::index_of(const FilterList* list, bool ignore_source_ports) {
    if (list == nullptr) {
        return nullptr;
    }
    std::unique_ptr<FilterIndex>& index = indexes_[{list, ignore_source_ports}];
    if (!index) {
        index = std::make_unique<FilterIndex>(*list, ignore_source_ports, pool_);
    }
    return index.get();
}

void FilterIndexes::build_all() {
    std::vector<std::pair<const FilterList*, bool>> missing;
    {
        const std::lock_guard lock(mutex_);
        std::set<std::pair<const FilterList*, bool>> wanted;
        for (ConfigIndex config = 0; config < network_.configurations().size(); ++config) {
            const bool endpoint = network_.configurations()[config].endpoint != nullptr;
            for (const Direction direction : {Direction::inbound, Direction::outbound}) {
                const FilterChain chain = network_.filters().chain(config, direction);
                for (const FilterList* list : {chain.admin, chain.first, chain.second}) {
                    if (list != nullptr && !indexes_.contains({list, endpoint})) {
                        wanted.emplace(list, endpoint);
                    }
                }
            }
        }
        missing.assign(wanted.begin(), wanted.end());
    }
    std::vector<std::unique_ptr<FilterIndex>> built(missing.size());
    tbb::parallel_for(std::size_t{0}, missing.size(), [&](std::size_t i) {
        built[i] = std::make_unique<FilterIndex>(*missing[i].first, missing[i].second, pool_);
    });
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < missing.size(); ++i) {
            std::unique_ptr<FilterIndex>& index = indexes_[missing[i]];
            if (!index) {
                index = std::move(built[i]);
            }
        }
    }
    for (ConfigIndex config = 0; config < network_.configurations().size(); ++config) {
        chain(config, Direction::inbound);
        chain(config, Direction::outbound);
    }
}

const FilterIndexes::Chain& FilterIndexes::chain(ConfigIndex config, Direction direction) {
    const std::uint64_t key =
        (std::uint64_t{config} << 1) | (direction == Direction::inbound ? 1U : 0U);
    const std::lock_guard lock(mutex_);
    const auto found = chains_.find(key);
    if (found != chains_.end()) {
        return found->second;
    }
    const FilterChain chain = network_.filters().chain(config, direction);
    const bool endpoint = network_.configurations()[config].endpoint != nullptr;  // R45
    Chain result;
    result.admin = index_of(chain.admin, endpoint);
    result.first = index_of(chain.first, endpoint);
    result.second = index_of(chain.second, endpoint);
    result.has_group = chain.has_group;
    return chains_.emplace(key, result).first->second;
}

ChainBounds chain_bounds(ServicePool& pool, const FilterCell* admin, const FilterCell* first,
                         const FilterCell* second) {
    ChainBounds result;
    for (const FilterCell* group : {first, second}) {
        if (group != nullptr) {
            result.must = pool.intersect(result.must, group->open_must);
            result.may = pool.intersect(result.may, group->open_may);
        }
    }
    if (admin != nullptr) {
        result.must =
            pool.unite(admin->skipped_must, pool.intersect(admin->open_must, result.must));
        result.may = pool.unite(admin->skipped_may, pool.intersect(admin->passed_may, result.may));
        result.skipped_must = admin->skipped_must;
        result.skipped_may = admin->skipped_may;
    }
    return result;
}

}  // namespace azreach
