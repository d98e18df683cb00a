// The four sets of an outcome, interned, and how alternatives combine.
#pragma once

#include <array>

#include "src/engine/reachability_service_pool.hpp"

namespace azreach {

/// Outcome by ids: see reachability.hpp for the four sets.
struct Fate {
    enum Quantity : std::uint8_t { always_must, can_must, always_may, can_may };
    std::array<ServiceId, 4> sets{};

    static Fate all(ServiceId services) { return {{services, services, services, services}}; }
    bool empty() const { return sets[can_may] == kNoService; }
    friend bool operator==(const Fate&, const Fate&) = default;
};

/// Set algebra on fates; ids of one pool.
class FateAlgebra {
public:
    enum class Op : std::uint8_t {
        fact,           // the worlds disagree which of the two happens
        choice,         // the platform chooses between the two
        unsure_choice,  // the second exists in some worlds, and then is chosen from as well
        add,            // of disjoint services
    };
    explicit FateAlgebra(ServicePool& pool) : pool_(pool) {}

    Fate combined(const Fate& x, const Fate& y, Op op);
    Fate restricted(const Fate& fate, ServiceId must, ServiceId may);
    Fate intersected(const Fate& x, const Fate& y);
    Fate exchanged(const Fate& fate);
    static Fate weakened(Fate fate) {
        fate.sets[Fate::always_must] = kNoService;
        fate.sets[Fate::can_must] = kNoService;
        return fate;
    }
    ServicePool& pool() { return pool_; }

private:
    ServicePool& pool_;
};

}  // namespace azreach
