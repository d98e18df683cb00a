// Interned service sets: equal sets have equal ids, so the walk combines and compares integers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "models/net/service_set.hpp"

namespace azreach {

using ServiceId = std::uint32_t;
inline constexpr ServiceId kNoService = 0;     // the empty set
inline constexpr ServiceId kEveryService = 1;  // all 256 protocols

/// Owns service sets by id and remembers the results of their operations. All functions may be
/// called from several threads. Which id a set gets depends on the order of calls: never show ids.
class ServicePool {
public:
    ServicePool();
    ServicePool(const ServicePool&) = delete;
    ServicePool& operator=(const ServicePool&) = delete;

    ServiceId intern(const ServiceSet& set);
    const ServiceSet& at(ServiceId id) const {
        return *chunks_[id >> kChunkBits].load(std::memory_order_acquire)->sets[id & kChunkMask];
    }

    ServiceId unite(ServiceId a, ServiceId b);
    ServiceId intersect(ServiceId a, ServiceId b);
    ServiceId subtract(ServiceId a, ServiceId b);
    bool contains_all(ServiceId a, ServiceId b) { return subtract(b, a) == kNoService; }

    /// The services of the replies: ports exchanged, echo request and reply exchanged. Its own
    /// inverse.
    ServiceId exchanged(ServiceId id);
    /// The image of `id` when TCP and UDP destination ports become `port`.
    ServiceId with_destination_port(ServiceId id, std::uint16_t port);
    /// The members of `accepted` that with_destination_port(port) takes into `id`.
    ServiceId before_destination_port(ServiceId id, std::uint16_t port, ServiceId accepted);

    std::size_t size() const { return size_.load(std::memory_order_relaxed); }

private:
    enum class Op : std::uint8_t { unite, intersect, subtract, exchange, image, preimage };
    template <class Make>
    ServiceId remembered(Op op, ServiceId a, std::uint32_t b, const Make& make);

    static constexpr std::uint32_t kChunkBits = 12;
    static constexpr std::uint32_t kChunkMask = (1U << kChunkBits) - 1;
    static constexpr std::uint32_t kChunks = 1U << 14;
    struct Chunk {
        std::unique_ptr<const ServiceSet> sets[1U << kChunkBits];
        ~Chunk() = default;
    };
    std::unique_ptr<std::atomic<Chunk*>[]> chunks_;
    std::vector<std::unique_ptr<Chunk>> owned_;
    std::atomic<std::uint32_t> size_ = 0;
    std::unordered_multimap<std::size_t, ServiceId> by_hash_;
    std::mutex intern_mutex_;

    std::unordered_map<std::uint64_t, ServiceId> results_;
    std::shared_mutex results_mutex_;
    std::uint64_t serial_;
};

}  // namespace azreach
