#include "src/engine/reachability_expressions.hpp"

#include <algorithm>

namespace azreach {

std::size_t Expressions::Hash::operator()(const Node& node) const {
    std::size_t h = static_cast<std::size_t>(node.kind) * 8 +
                    static_cast<std::size_t>(node.op) * 2 + (node.reply ? 1 : 0);
    for (const std::uint32_t part : {node.a, node.b, node.x, node.y, node.chain, node.sender}) {
        h = (h ^ part) * 0x9E3779B97F4A7C15ULL;
        h ^= h >> 31;
    }
    return h;
}

ExprId Expressions::made(const Node& node) {
    const auto [it, added] = known_.emplace(node, static_cast<ExprId>(nodes_.size()));
    if (added) {
        nodes_.push_back(node);
    }
    return it->second;
}

ExprId Expressions::constant(const Fate& fate) {
    if (fate.empty()) {
        return kNothing;
    }
    auto index =
        static_cast<std::uint32_t>(std::find(fates_.begin(), fates_.end(), fate) - fates_.begin());
    if (index == fates_.size()) {
        fates_.push_back(fate);
    }
    return made({.kind = Kind::constant, .a = index});
}

ExprId Expressions::combine(FateAlgebra::Op op, ExprId a, ExprId b) {
    if (is_opaque(a) || is_opaque(b)) {
        return opaque();
    }
    if (a == b) {
        return a;
    }
    if (op == FateAlgebra::Op::add && (a == kNothing || b == kNothing)) {
        return a == kNothing ? b : a;
    }
    if (op == FateAlgebra::Op::fact && (a == kNothing || b == kNothing)) {
        return weaken(a == kNothing ? b : a);
    }
    const Fate* x = constant_of(a);
    const Fate* y = constant_of(b);
    if (x != nullptr && y != nullptr) {
        return constant(algebra_.combined(*x, *y, op));
    }
    if (a > b && op != FateAlgebra::Op::unsure_choice) {
        std::swap(a, b);
    }
    return made({.kind = Kind::combine, .op = op, .a = a, .b = b});
}

ExprId Expressions::both(ExprId a, ExprId b) {
    if (a == kNothing || b == kNothing) {
        return kNothing;
    }
    if (is_opaque(a) || is_opaque(b)) {
        return opaque();
    }
    const Fate* x = constant_of(a);
    const Fate* y = constant_of(b);
    if (x != nullptr && y != nullptr) {
        return constant(algebra_.intersected(*x, *y));
    }
    const Fate every = Fate::all(kEveryService);
    if (a == b || (y != nullptr && *y == every)) {
        return a;
    }
    if (x != nullptr && *x == every) {
        return b;
    }
    return made({.kind = Kind::both, .a = std::min(a, b), .b = std::max(a, b)});
}

ExprId Expressions::weaken(ExprId a) {
    if (const Fate* x = constant_of(a)) {
        return constant(FateAlgebra::weakened(*x));
    }
    return is_opaque(a) || nodes_[a].kind == Kind::weaken ? a
                                                          : made({.kind = Kind::weaken, .a = a});
}

ExprId Expressions::limit(ExprId a, ServiceId must, ServiceId may) {
    if (const Fate* x = constant_of(a)) {
        return constant(algebra_.restricted(*x, must, may));
    }
    if (is_opaque(a) || must == kEveryService) {
        return a;
    }
    return made({.kind = Kind::limit, .a = a, .x = must, .y = may});
}

ExprId Expressions::exchange(ExprId a) {
    if (const Fate* x = constant_of(a)) {
        return constant(algebra_.exchanged(*x));
    }
    return is_opaque(a) ? a : made({.kind = Kind::exchange, .a = a});
}

ExprId Expressions::filter(ExprId a, const FilterIndexes::Chain& chain, bool reply,
                           const std::optional<Address>& sender) {
    if (a == kNothing || is_opaque(a) || chain.empty()) {
        return a;
    }
    const auto [it, added] =
        chain_index_.emplace(chain, static_cast<std::uint32_t>(chains_.size()));
    if (added) {
        chains_.push_back(chain);
    }
    const std::uint32_t at = it->second;
    std::uint32_t shown = 0;
    if (sender) {
        const auto found = std::find(senders_.begin(), senders_.end(), *sender);
        shown = 1 + static_cast<std::uint32_t>(found - senders_.begin());
        if (found == senders_.end()) {
            senders_.push_back(*sender);
        }
    }
    return made({.kind = Kind::filter, .reply = reply, .a = a, .chain = at, .sender = shown});
}

ExprId Expressions::arrival(ExprId a) {
    return a == kNothing || is_opaque(a) ? a
                                         : made({.kind = Kind::filter, .a = a, .chain = kOwnChain});
}

}  // namespace azreach
