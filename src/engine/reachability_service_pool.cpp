#include "src/engine/reachability_service_pool.hpp"

#include <array>
#include <utility>

#include "models/net/ensures.hpp"

namespace azreach {

namespace {

std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> serial{0};
    return ++serial;
}

/// Recent results of this thread, of whatever pool: saves the lock.
struct Recent {
    std::uint64_t serial = 0, key = 0;
    ServiceId result = 0;
};
constexpr std::size_t kRecent = 1U << 13;

std::size_t spread(std::uint64_t key) {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 40);
}

PairSet transposed(const PairSet& pairs) {
    PairSet result;
    for (const PairSet::Band& band : pairs.bands()) {
        result = result | PairSet::box(PortSet::range(band.b.first, band.b.last), band.a);
    }
    return result;
}

/// Type `x` becomes `y` and the other way round, whatever the code, as reply_to() does it.
PairSet with_types_exchanged(const PairSet& pairs, std::uint16_t x, std::uint16_t y) {
    const PortSet both = PortSet::single(x) | PortSet::single(y);
    PairSet result;
    for (const PairSet::Band& band : pairs.bands()) {
        PortSet types = band.a - both;
        if (band.a.contains(x)) {
            types |= PortSet::single(y);
        }
        if (band.a.contains(y)) {
            types |= PortSet::single(x);
        }
        result = result | PairSet::box(types, PortSet::range(band.b.first, band.b.last));
    }
    return result;
}

ServiceSet exchange(const ServiceSet& set) {
    ServiceSet result = set - ServiceSet::any();
    for (const Protocol p : {kTcp, kUdp}) {
        result |= ServiceSet::of_pairs(p, transposed(set.pairs(p)));
    }
    result |= ServiceSet::of_pairs(kIcmp, with_types_exchanged(set.pairs(kIcmp), 8, 0));
    result |= ServiceSet::of_pairs(kIcmpv6, with_types_exchanged(set.pairs(kIcmpv6), 128, 129));
    return result;
}

}  // namespace

ServicePool::ServicePool()
    : chunks_(std::make_unique<std::atomic<Chunk*>[]>(kChunks)), serial_(next_serial()) {
    for (std::uint32_t i = 0; i < kChunks; ++i) {
        chunks_[i].store(nullptr, std::memory_order_relaxed);
    }
    ensures(intern(ServiceSet{}) == kNoService, "the empty set has id 0");
    ensures(intern(ServiceSet::every()) == kEveryService, "the full set has id 1");
}

ServiceId ServicePool::intern(const ServiceSet& set) {
    const std::size_t hash = set.hash();
    const std::lock_guard lock(intern_mutex_);
    const auto [first, last] = by_hash_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
        if (at(it->second) == set) {
            return it->second;
        }
    }
    const ServiceId id = size_.load(std::memory_order_relaxed);
    const std::uint32_t chunk = id >> kChunkBits;
    ensures(chunk < kChunks, "fewer than 2^26 distinct service sets");
    if ((id & kChunkMask) == 0) {
        owned_.push_back(std::make_unique<Chunk>());
        chunks_[chunk].store(owned_.back().get(), std::memory_order_release);
    }
    owned_[chunk]->sets[id & kChunkMask] = std::make_unique<const ServiceSet>(set);
    by_hash_.emplace(hash, id);
    size_.store(id + 1, std::memory_order_release);
    return id;
}

template <class Make>
ServiceId ServicePool::remembered(Op op, ServiceId a, std::uint32_t b, const Make& make) {
    // 26 bits of a, 26 of b and 3 of the operation.
    const std::uint64_t key =
        (std::uint64_t{a} << 35) | (std::uint64_t{b} << 3) | static_cast<std::uint64_t>(op);
    static thread_local std::array<Recent, kRecent> recent{};
    Recent& slot = recent[spread(key) & (kRecent - 1)];
    if (slot.serial == serial_ && slot.key == key) {
        return slot.result;
    }
    ServiceId result = kNoService;
    bool known = false;
    {
        const std::shared_lock lock(results_mutex_);
        const auto found = results_.find(key);
        if (found != results_.end()) {
            result = found->second;
            known = true;
        }
    }
    if (!known) {
        result = make();
        const std::unique_lock lock(results_mutex_);
        results_.emplace(key, result);
    }
    slot = {serial_, key, result};
    return result;
}

ServiceId ServicePool::unite(ServiceId a, ServiceId b) {
    if (a == b || b == kNoService || a == kEveryService) {
        return a;
    }
    if (a == kNoService || b == kEveryService) {
        return b;
    }
    if (a > b) {
        std::swap(a, b);
    }
    return remembered(Op::unite, a, b, [&] { return intern(at(a) | at(b)); });
}

ServiceId ServicePool::intersect(ServiceId a, ServiceId b) {
    if (a == b || a == kNoService || b == kEveryService) {
        return a;
    }
    if (b == kNoService || a == kEveryService) {
        return b;
    }
    if (a > b) {
        std::swap(a, b);
    }
    return remembered(Op::intersect, a, b, [&] { return intern(at(a) & at(b)); });
}

ServiceId ServicePool::subtract(ServiceId a, ServiceId b) {
    if (a == kNoService || b == kNoService) {
        return a;
    }
    if (a == b || b == kEveryService) {
        return kNoService;
    }
    return remembered(Op::subtract, a, b, [&] { return intern(at(a) - at(b)); });
}

ServiceId ServicePool::exchanged(ServiceId id) {
    if (id <= kEveryService) {
        return id;
    }
    return remembered(Op::exchange, id, 0, [&] { return intern(exchange(at(id))); });
}

ServiceId ServicePool::with_destination_port(ServiceId id, std::uint16_t port) {
    if (id == kNoService) {
        return id;
    }
    return remembered(Op::image, id, port,
                      [&] { return intern(at(id).with_destination_ports(PortSet::single(port))); });
}

ServiceId ServicePool::before_destination_port(ServiceId id, std::uint16_t port,
                                               ServiceId accepted) {
    const ServiceId any_port = remembered(Op::preimage, id, port, [&] {
        ServiceSet sources;
        for (const Protocol p : {kTcp, kUdp}) {
            for (const PairSet::Band& band : at(id).pairs(p).bands()) {
                if (band.b.first <= port && port <= band.b.last) {
                    sources |= ServiceSet::ports(p, band.a, PortSet::full());
                }
            }
        }
        return intern(sources);
    });
    return intersect(any_port, accepted);
}

}  // namespace azreach
