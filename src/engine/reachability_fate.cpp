#include "src/engine/reachability_fate.hpp"

namespace azreach {

Fate FateAlgebra::combined(const Fate& x, const Fate& y, Op op) {
    if (x == y) {
        return x;
    }
    const auto both = [&](Fate::Quantity q) { return pool_.intersect(x.sets[q], y.sets[q]); };
    const auto either = [&](Fate::Quantity q) { return pool_.unite(x.sets[q], y.sets[q]); };
    using enum Fate::Quantity;
    switch (op) {
        case Op::fact:
            return {{both(always_must), both(can_must), either(always_may), either(can_may)}};
        case Op::choice:
            return {{both(always_must), either(can_must), both(always_may), either(can_may)}};
        case Op::unsure_choice:
            return {{both(always_must), x.sets[can_must], x.sets[always_may], either(can_may)}};
        case Op::add:
            return {{either(always_must), either(can_must), either(always_may), either(can_may)}};
    }
    return {};
}

Fate FateAlgebra::restricted(const Fate& fate, ServiceId must, ServiceId may) {
    if (must == kEveryService) {
        return fate;
    }
    return {{pool_.intersect(fate.sets[Fate::always_must], must),
             pool_.intersect(fate.sets[Fate::can_must], must),
             pool_.intersect(fate.sets[Fate::always_may], may),
             pool_.intersect(fate.sets[Fate::can_may], may)}};
}

Fate FateAlgebra::intersected(const Fate& x, const Fate& y) {
    Fate result;
    for (std::size_t i = 0; i < x.sets.size(); ++i) {
        result.sets[i] = pool_.intersect(x.sets[i], y.sets[i]);
    }
    return result;
}

Fate FateAlgebra::exchanged(const Fate& fate) {
    Fate result;
    for (std::size_t i = 0; i < fate.sets.size(); ++i) {
        result.sets[i] = pool_.exchanged(fate.sets[i]);
    }
    return result;
}

}  // namespace azreach
