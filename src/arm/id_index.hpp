// The resources that were read, by id: one allocation for many.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/azure/resource_id.hpp"

namespace azreach {

/// A hash table from resource ids to numbers. The ids lie behind one another in one text: a tenant
/// has a hundred thousand of them, and each is asked for when something refers to it.
class IdIndex {
public:
    void reserve(std::size_t count);
    /// Adds the id, or tells the number that it already has.
    std::optional<std::uint32_t> add(const ResourceId& id, std::uint32_t number);
    bool contains(const ResourceId& id) const;

private:
    struct Slot {
        std::size_t hash = 0;
        std::size_t offset = 0;
        std::uint32_t length = 0;  // 0: free
        std::uint32_t number = 0;
    };
    std::size_t slot_of(const ResourceId& id, std::size_t hash) const;

    std::vector<Slot> slots_;  // a power of two of them, at most half in use
    std::string texts_;
    std::size_t count_ = 0;
};

}  // namespace azreach
