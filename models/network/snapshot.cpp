#include "models/network/snapshot.hpp"

namespace azreach {

std::size_t Snapshot::size() const {
    std::size_t size = 0;
    for_each_kind([&](const auto& map) { size += map.size(); });
    return size;
}

}  // namespace azreach
