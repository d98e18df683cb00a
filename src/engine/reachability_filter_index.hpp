// One filter list made ready for sets: classes of addresses and services, first match in bits.
// Rules decided here: [Z3]
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/network/filter.hpp"
#include "src/engine/reachability_service_pool.hpp"

namespace azreach {

using ClassIndex = std::uint32_t;

/// The whole address space cut into classes; addresses of one class are matched by the same rules.
class AddressClasses {
public:
    AddressClasses() = default;
    /// `members[i]` are the addresses of attribute i; addresses with the same attributes share a
    /// class. Cost O(ranges log ranges).
    explicit AddressClasses(const std::vector<const AddressSet*>& members);

    std::size_t size() const { return count_; }
    ClassIndex of(const Address& address) const;
    /// The attributes of a class, one bit each.
    const std::uint64_t* attributes(ClassIndex index) const { return &bits_[index * words_]; }
    /// The parts of `set` by class, no part empty. Cost O(ranges + log).
    std::vector<std::pair<ClassIndex, AddressSet>> split(const AddressSet& set) const;
    /// Appends addresses of `set`, one at least from every class that it meets.
    void cuts_in(const AddressSet& set, std::vector<Address>& cuts) const;

private:
    std::size_t words_ = 0, count_ = 0;
    std::vector<std::uint64_t> bits_;
    std::vector<std::uint32_t> starts_v4_;
    std::vector<ClassIndex> classes_v4_;
    std::vector<Uint128> starts_v6_;
    std::vector<ClassIndex> classes_v6_;
};

/// What a list does with the packets from one class of sources to one class of destinations, by
/// service, in the three-valued form of Z3. `passed`: an Allow matched, or (admin rules) nothing
/// did. `skipped`: an always_allow matched, so the groups are not asked. `open` is both together:
/// its lower bound can be greater than the union of the two.
struct FilterCell {
    ServiceId open_must = kNoService, open_may = kNoService;
    ServiceId passed_may = kNoService;
    ServiceId skipped_must = kNoService, skipped_may = kNoService;
    friend bool operator==(const FilterCell&, const FilterCell&) = default;
};

/// A rule as the index reads it: unions of guarded parts that outlive the index.
struct RuleParts {
    Access access{};
    const Guard* when = nullptr;
    std::vector<const Guarded<AddressSet>*> source, destination;
    std::vector<const Guarded<ServiceSet>*> service;
};
std::vector<RuleParts> parts_of(const FilterList& list);

/// First match over rectangles. Cells are computed when asked for and kept; asking is thread-safe.
/// A cell whose bounds differ is evaluated world by world over the facts that its rules ask (up to
/// kMaxCellFacts), so rules that hang on one fact do not blur each other.
class FilterIndex {
public:
    static constexpr std::size_t kMaxCellFacts = 8;

    /// `ignore_source_ports`: as for traffic into private endpoints.                    [R45]
    FilterIndex(const FilterList& list, bool ignore_source_ports, ServicePool& pool)
        : FilterIndex(parts_of(list), list.kind == FilterList::Kind::admin_rules,
                      ignore_source_ports, pool) {}
    /// `admin`: what no rule takes goes on, as if it were allowed; otherwise it does not.
    FilterIndex(const std::vector<RuleParts>& rules, bool admin, bool ignore_source_ports,
                ServicePool& pool);

    const AddressClasses& sources() const { return sources_; }
    const AddressClasses& destinations() const { return destinations_; }
    const FilterCell& cell(ClassIndex source, ClassIndex destination) const;

private:
    using Words = std::vector<std::uint64_t>;
    /// A fact as this list asks it: facts about one thing can differ for source and destination.
    struct Condition {
        std::uint32_t variable = 0;
        bool value = true;
    };
    using Conditions = std::vector<Condition>;
    struct Part {
        Conditions when;
        std::uint32_t set = 0;  // attribute of an address class, or a distinct service set
    };
    struct IndexedRule {
        Access access{};
        Conditions when;
        std::vector<Part> source, destination, service;
        Words service_may, service_must;  // service classes
    };
    /// The service universe cut where the rules' services differ.
    struct ServiceAtoms {
        struct Box {
            Protocol protocol{};
            Range<std::uint16_t> a{}, b{};
            std::uint32_t service_class = 0;
        };
        std::vector<Box> boxes;             // TCP, UDP, ICMP, ICMPv6
        std::vector<std::uint32_t> others;  // class of every other protocol number, by number
        std::size_t classes = 0, words = 0;
        Words bits;  // per distinct set: its classes
        const std::uint64_t* classes_of(std::uint32_t set) const { return &bits[set * words]; }
    };
    /// What the first match says, by service class.
    struct Decided {
        Words open_must, open_may, passed_may, skipped_must, skipped_may;
    };
    static ServiceAtoms cut(const std::vector<ServiceSet>& sets);
    /// The rules that may match each class, one bit a rule.
    static Words rules_by_class(const AddressClasses& classes,
                                const std::vector<IndexedRule>& rules,
                                std::vector<Part> IndexedRule::*side);
    ServiceId interned(const Words& classes) const;
    FilterCell computed(ClassIndex source, ClassIndex destination) const;
    Decided bounded(const std::vector<std::uint32_t>& rules, const std::uint64_t* from,
                    const std::uint64_t* to) const;
    Decided by_worlds(const std::vector<std::uint32_t>& rules, const std::uint64_t* from,
                      const std::uint64_t* to, const std::vector<std::uint32_t>& variables) const;

    ServicePool& pool_;
    bool admin_ = false;
    std::vector<IndexedRule> rules_;
    AddressClasses sources_, destinations_;
    Words rules_from_, rules_to_;
    ServiceAtoms atoms_;
    std::size_t variables_ = 0;

    /// Cells by source and destination class; of an index with very many, only those asked for.
    mutable std::unique_ptr<std::atomic<const FilterCell*>[]> cells_;
    mutable std::unordered_map<std::uint64_t, const FilterCell*> sparse_cells_;
    mutable std::shared_mutex sparse_mutex_;
    mutable std::deque<FilterCell> storage_;
    struct WordsHash {
        std::size_t operator()(const Words& words) const;
    };
    mutable std::unordered_map<Words, ServiceId, WordsHash> by_classes_;
    mutable std::mutex mutex_;
};

}  // namespace azreach
