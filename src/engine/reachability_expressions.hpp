// Outcomes as expressions over filters: what the walk of a region means before anybody says which
// source and which destination.
//
// Where packets go does not depend on the classes of the filters on the way. So the walk can be
// made once for a subnet of senders and all destinations, with every filter left as a node; the
// value for one pair is then a few look-ups. Equal expressions have equal ids.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "models/net/address.hpp"
#include "src/engine/reachability_fate.hpp"
#include "src/engine/reachability_filter_chain.hpp"

namespace azreach {

using ExprId = std::uint32_t;
inline constexpr ExprId kNothing = 0;                    // never delivered
inline constexpr std::uint32_t kOwnChain = 0xFFFFFFFFU;  // the inbound chain of the destination

class Expressions {
public:
    enum class Kind : std::uint8_t {
        constant,  // fate `a`
        combine,   // `a` and `b` by `op`
        both,      // the services in both `a` and `b`
        weaken,    // perhaps `a`
        limit,     // `a`, only services `x` surely and `y` perhaps
        exchange,  // `a` in the services of the request that the reply answers
        filter,    // `a` through `chain`
        opaque,    // must be walked pair by pair
    };
    struct Node {
        Kind kind = Kind::constant;
        FateAlgebra::Op op = FateAlgebra::Op::fact;
        bool reply = false;  // filter: of a reply; sources are the request's destinations
        ExprId a = 0, b = 0;
        ServiceId x = 0, y = 0;
        std::uint32_t chain = 0;
        std::uint32_t sender = 0;  // filter: 0, or 1 + index of the address that senders show
        friend bool operator==(const Node&, const Node&) = default;
    };

    explicit Expressions(ServicePool& pool) : algebra_(pool) {
        nodes_.push_back({});  // nothing
        fates_.push_back({});
    }

    ExprId constant(const Fate& fate);
    ExprId combine(FateAlgebra::Op op, ExprId a, ExprId b);
    ExprId both(ExprId a, ExprId b);
    ExprId weaken(ExprId a);
    ExprId limit(ExprId a, ServiceId must, ServiceId may);
    ExprId exchange(ExprId a);
    ExprId filter(ExprId a, const FilterIndexes::Chain& chain, bool reply,
                  const std::optional<Address>& sender);
    /// Through the inbound filters of the destination, whichever it is.
    ExprId arrival(ExprId a);
    ExprId opaque() { return made({.kind = Kind::opaque}); }

    bool is_opaque(ExprId id) const { return nodes_[id].kind == Kind::opaque; }
    const Node& node(ExprId id) const { return nodes_[id]; }
    const Fate& fate(const Node& node) const { return fates_[node.a]; }
    const FilterIndexes::Chain& chain(const Node& node) const { return chains_[node.chain]; }
    const Address& sender(const Node& node) const { return senders_[node.sender - 1]; }

private:
    struct Hash {
        std::size_t operator()(const Node& node) const;
    };
    ExprId made(const Node& node);
    const Fate* constant_of(ExprId id) const {
        return nodes_[id].kind == Kind::constant ? &fates_[nodes_[id].a] : nullptr;
    }

    FateAlgebra algebra_;
    std::vector<Node> nodes_;
    std::vector<Fate> fates_;
    std::vector<FilterIndexes::Chain> chains_;
    std::map<FilterIndexes::Chain, std::uint32_t> chain_index_;
    std::vector<Address> senders_;
    std::unordered_map<Node, ExprId, Hash> known_;
};

}  // namespace azreach
