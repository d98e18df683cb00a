// Values by number, and positions of an axis in groups: what all pairs are counted with.
#pragma once

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <vector>

#include "src/engine/reachability_evaluate.hpp"

namespace azreach {

using Value = Evaluator::Value;
using ValueId = std::uint32_t;  // 0: nothing arrives
using Positions = std::vector<std::uint32_t>;

struct ValueHash {
    std::size_t operator()(const Value& value) const {
        std::size_t h = 0;
        for (const Fate* fate : {&value.packets, &value.sessions}) {
            for (const ServiceId id : fate->sets) {
                h = (h ^ id) * 0x9E3779B97F4A7C15ULL;
                h ^= h >> 31;
            }
        }
        return h;
    }
};

/// Values by id, and what they say of several pairs of addresses at once: always = for every pair,
/// can = for some, as if the platform chose the pair.
class Values {
public:
    explicit Values(ServicePool& pool) : algebra_(pool) { values_.emplace_back(); }

    ValueId id(const Value& value) {
        if (value.packets.empty()) {
            return 0;
        }
        const auto [it, added] = ids_.emplace(value, static_cast<ValueId>(values_.size()));
        if (added) {
            values_.push_back(value);
        }
        return it->second;
    }
    const Value& at(ValueId id) const { return values_[id]; }
    /// Of disjoint services.
    ValueId sum(ValueId a, ValueId b) {
        using Op = FateAlgebra::Op;
        return id({algebra_.combined(at(a).packets, at(b).packets, Op::add),
                   algebra_.combined(at(a).sessions, at(b).sessions, Op::add)});
    }
    ValueId both(ValueId a, ValueId b) {
        if (a == b) {
            return a;
        }
        const std::uint64_t key = (std::uint64_t{std::min(a, b)} << 32) | std::max(a, b);
        const auto found = both_.find(key);
        if (found != both_.end()) {
            return found->second;
        }
        using Op = FateAlgebra::Op;
        const Value result{algebra_.combined(at(a).packets, at(b).packets, Op::choice),
                           algebra_.combined(at(a).sessions, at(b).sessions, Op::choice)};
        return both_[key] = id(result);
    }

private:
    FateAlgebra algebra_;
    std::deque<Value> values_;
    std::unordered_map<Value, ValueId, ValueHash> ids_;
    std::unordered_map<std::uint64_t, ValueId> both_;
};

using ClassArrays = std::vector<const std::vector<ClassIndex>*>;

/// Splits groups: members that differ in what is told of them next get different groups. Group
/// numbers are in the order of first members.
class Grouping {
public:
    explicit Grouping(std::size_t members) : group_(members, 0), count_(members == 0 ? 0 : 1) {}

    template <class ClassOf>
    void split(const ClassOf& class_of) {
        pairs_.clear();
        index_.clear();
        last_ = 0;
        for (std::size_t i = 0; i < group_.size(); ++i) {
            const std::uint64_t key = (std::uint64_t{group_[i]} << 32) | class_of(i);
            group_[i] = number_of(key);
        }
        count_ = static_cast<std::uint32_t>(pairs_.size());
    }
    std::uint32_t count() const { return count_; }
    std::uint32_t of(std::size_t member) const { return group_[member]; }

private:
    std::uint32_t number_of(std::uint64_t key) {
        if (!pairs_.empty() && pairs_[last_] == key) {
            return last_;
        }
        if (pairs_.size() <= 16) {
            const auto found = std::find(pairs_.begin(), pairs_.end(), key);
            last_ = static_cast<std::uint32_t>(found - pairs_.begin());
            if (found == pairs_.end()) {
                pairs_.push_back(key);
            }
            return last_;
        }
        if (index_.empty()) {
            for (std::uint32_t i = 0; i < pairs_.size(); ++i) {
                index_.emplace(pairs_[i], i);
            }
        }
        const auto [it, added] = index_.emplace(key, static_cast<std::uint32_t>(pairs_.size()));
        if (added) {
            pairs_.push_back(key);
        }
        return last_ = it->second;
    }
    std::vector<std::uint32_t> group_;
    std::uint32_t count_, last_ = 0;
    std::vector<std::uint64_t> pairs_;
    std::unordered_map<std::uint64_t, std::uint32_t> index_;
};

/// Groups of the positions that agree in all arrays.
inline Grouping alike(const Positions& positions, const ClassArrays& arrays) {
    Grouping grouping(positions.size());
    for (const std::vector<ClassIndex>* classes : arrays) {
        grouping.split([&](std::size_t i) { return (*classes)[positions[i]]; });
    }
    return grouping;
}

inline std::vector<Positions> members_of(const Grouping& grouping, const Positions& positions) {
    std::vector<Positions> groups(grouping.count());
    for (std::size_t i = 0; i < positions.size(); ++i) {
        groups[grouping.of(i)].push_back(positions[i]);
    }
    return groups;
}

/// A small direct-mapped memory of results by two numbers.
class Remembered {
public:
    template <class Make>
    std::uint32_t get(std::uint32_t a, std::uint32_t b, const Make& make) {
        const std::uint64_t key = (std::uint64_t{a} << 32) | b;
        Slot& slot = slots_[(key * 0x9E3779B97F4A7C15ULL) >> 48];
        if (slot.key != key + 1) {
            slot = {key + 1, make()};
        }
        return slot.value;
    }

private:
    struct Slot {
        std::uint64_t key = 0;  // plus one
        std::uint32_t value = 0;
    };
    std::vector<Slot> slots_ = std::vector<Slot>(1U << 16);
};

}  // namespace azreach
