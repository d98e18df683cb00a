// require: everything asked for arrives, whatever the open facts and by every choice, and is
// answered.
//
// Asked is every packet from each source to each destination: from private senders to a NIC's own
// address, from the internet to every public address that leads to it, to addresses as sent.
#include <algorithm>

#include "src/engine/check_parts.hpp"

namespace azreach {

namespace {

struct Rectangle {
    AddressSet src, dst;
};

std::vector<Rectangle> cut_away(std::vector<Rectangle> from, const AddressSet& src,
                                const AddressSet& dst) {
    std::vector<Rectangle> next;
    for (Rectangle& piece : from) {
        const AddressSet inside = piece.src & src;
        if (inside.empty() || !piece.dst.intersects(dst)) {
            next.push_back(std::move(piece));
            continue;
        }
        if (AddressSet beside = piece.dst - dst; !beside.empty()) {
            next.push_back({inside, std::move(beside)});
        }
        if (AddressSet left = piece.src - inside; !left.empty()) {
            next.push_back({std::move(left), std::move(piece.dst)});
        }
    }
    return next;
}

/// One question of a sender to destinations, and the pieces that answer it.
struct Asked {
    FlowPiece as;  // start, group, own, targets; src and dst are what is asked
    std::vector<FlowPiece> pieces;
};

class Covering {
public:
    Covering(const FlowFinder& finder, const ForbiddenFlow& flow, bool match_some)
        : finder_(finder),
          network_(finder.network()),
          flow_(flow),
          match_some_(match_some),
          result_{false, false, true, {}, {}, {}, PieceCount(finder.network()), {}} {}

    void ask(const Asked& asked);
    Coverage take(bool certain, const std::string& note);

private:
    bool only_himself(const FlowPiece& as, const Rectangle& rest) const {
        if (as.own == nullptr || as.start != FlowPiece::Start::nics || rest.src != rest.dst ||
            rest.src.count() != 1) {
            return false;
        }
        const auto target = as.own->find(*rest.src.smallest());
        return target != as.own->end() && as.group->contains(target->second);
    }
    void note_lost(const FlowPiece& as, const Rectangle& rest, const ServiceSet& services,
                   bool surely);
    /// Sessions of a piece, as delivered.
    ServiceSet sessions(const FlowPiece& piece, Fate::Quantity which) const {
        ServicePool& pool = finder_.pool();
        const ServiceId sent = piece.sessions.sets[which];
        switch (piece.ports.kind) {
            case PortMap::Kind::kept:
                return pool.at(sent);
            case PortMap::Kind::to_port:
                return pool.at(pool.with_destination_port(sent, piece.ports.port));
            case PortMap::Kind::mixed:
                break;
        }
        return which == Fate::always_must ? ServiceSet{} : flow_.services;
    }
    struct Answer {
        AddressSet src, dst;
        ServiceSet must, may;
    };
    /// The pieces of one family inside the question, overlaps added up.
    std::vector<Answer> answers(const Asked& asked, const Rectangle& whole, Family family) const;

    const FlowFinder& finder_;
    const Network& network_;
    const ForbiddenFlow& flow_;
    bool match_some_;
    Coverage result_;
    bool some_sure_ = false, some_possible_ = false;
    bool lost_surely_ = false, lost_perhaps_ = false;
};

void Covering::note_lost(const FlowPiece& as, const Rectangle& rest, const ServiceSet& services,
                         bool surely) {
    (surely ? lost_surely_ : lost_perhaps_) = true;
    FlowPiece lost = as;
    lost.src = rest.src;
    lost.dst = rest.dst;
    if (!surely) {
        result_.gaps.emplace_back(lost, services);
    }
    if (surely) {
        result_.affected.add(lost, services);
    }
    // Sure losses are better evidence than possible ones.
    if (surely == lost_surely_) {
        const auto picked = pick_packet(network_, lost, services);
        const bool better = !result_.lost || (surely && !result_.violated) ||
                            (picked && picked->rank < result_.lost->rank);
        if (picked && better) {
            result_.lost = picked;
            result_.lost_piece = std::move(lost);
            result_.violated = result_.violated || surely;
        }
    }
}

std::vector<Covering::Answer> Covering::answers(const Asked& asked, const Rectangle& whole,
                                                Family family) const {
    std::vector<Answer> result;
    for (const FlowPiece& piece : asked.pieces) {
        Answer first;
        first.src = of_family(piece.src, family) & whole.src;
        first.dst = of_family(piece.dst, family) & whole.dst;
        if (first.src.empty() || first.dst.empty()) {
            continue;
        }
        first.must = sessions(piece, Fate::always_must);
        first.may = sessions(piece, Fate::always_may);
        std::vector<Answer> rest{std::move(first)};
        const std::size_t count = result.size();
        for (std::size_t i = 0; i < count && !rest.empty(); ++i) {
            std::vector<Answer> next;
            for (Answer& part : rest) {
                const AddressSet src = part.src & result[i].src;
                const AddressSet dst = part.dst & result[i].dst;
                if (src.empty() || dst.empty()) {
                    next.push_back(std::move(part));
                    continue;
                }
                const auto beside = [&](const Answer& of, std::vector<Answer>& out) {
                    if (AddressSet left = of.src - src; !left.empty()) {
                        out.push_back(of);
                        out.back().src = std::move(left);
                    }
                    if (AddressSet left = of.dst - dst; !left.empty()) {
                        out.push_back(of);
                        out.back().src = src;
                        out.back().dst = std::move(left);
                    }
                };
                beside(part, next);
                std::vector<Answer> others;
                beside(result[i], others);
                result[i].src = src;
                result[i].dst = dst;
                result[i].must |= part.must;
                result[i].may |= part.may;
                result.insert(result.end(), others.begin(), others.end());
            }
            rest = std::move(next);
        }
        result.insert(result.end(), rest.begin(), rest.end());
    }
    return result;
}

void Covering::ask(const Asked& asked) {
    for (const Family family : {Family::v4, Family::v6}) {
        const ServiceSet services = asked_of(flow_.services, family);
        Rectangle whole{of_family(asked.as.src, family), of_family(asked.as.dst, family)};
        if (whole.src.empty() || whole.dst.empty() || services.empty() ||
            only_himself(asked.as, whole)) {
            continue;
        }
        result_.asked_nothing = false;
        std::vector<Rectangle> lost{whole};
        for (const Answer& answer : answers(asked, whole, family)) {
            const ServiceSet must = services - answer.must;
            const ServiceSet may = services - answer.may;
            const Rectangle here{answer.src, answer.dst};
            lost = cut_away(std::move(lost), answer.src, answer.dst);
            if (only_himself(asked.as, here)) {
                continue;
            }
            some_sure_ = some_sure_ || must.empty();
            some_possible_ = some_possible_ || may.empty();
            if (!may.empty()) {
                note_lost(asked.as, here, may, true);
            } else if (!must.empty()) {
                note_lost(asked.as, here, must, false);
            }
        }
        for (const Rectangle& rest : lost) {  // no piece: it never arrives
            if (!only_himself(asked.as, rest)) {
                note_lost(asked.as, rest, services, true);
            }
        }
    }
}

Coverage Covering::take(bool certain, const std::string& note) {
    if (match_some_) {
        result_.held = some_sure_;
        result_.violated = !some_possible_ && certain && !result_.asked_nothing;
        if (some_possible_ && !some_sure_ && result_.violated) {
            result_.violated = false;
        }
    } else {
        result_.held = certain && !lost_surely_ && !lost_perhaps_ && !result_.asked_nothing;
        result_.violated = lost_surely_;
    }
    result_.note = certain ? "" : note;
    return std::move(result_);
}

}  // namespace

Coverage covered(const FlowFinder& finder, const SetEvaluator& sets, SetWalk& walk,
                 const ForbiddenFlow& flow, bool match_some) {
    using Start = FlowPiece::Start;
    const Network& network = finder.network();
    ServicePool& pool = finder.pool();
    Covering covering(finder, flow, match_some);

    FlowQuery query;
    query.services = pool.intern(flow.services);
    query.pass = flow.pass;
    query.avoid = flow.avoid;
    query.sessions = true;
    query.per_target = true;

    // Who is asked for: by place, only NICs; on-premises only what is surely there.
    EndpointSet from = flow.from;
    EndpointSet to = flow.to;
    AddressSet listed = network.assumptions().onprem();
    for (const Routes::OnpremEntry& entry : network.routes().onprem_entries()) {
        if (entry.when.empty()) {
            listed |= entry.sources;
        }
    }
    from.onprem &= listed;
    to.space = {};
    const bool certain =
        flow.from.unmodelled.empty() && flow.to.unmodelled.empty() && !flow.from.platform;
    query.from = &from;
    query.to = &to;

    std::vector<FlowPiece> pieces;
    finder.find(query, walk, [&](FlowPiece piece) {
        if (piece.start == Start::nics || piece.start == Start::internet ||
            piece.start == Start::onprem) {
            pieces.push_back(std::move(piece));
        }
        return true;
    });

    const SourceSet sources = sets.as_source(from);
    const std::deque<SourceGroup>& groups = finder.groups(sources.configs);
    const auto answered_by = [&](const FlowPiece& as) {
        Asked asked{as, {}};
        for (const FlowPiece& piece : pieces) {
            if (piece.start == as.start && piece.group == as.group && piece.own == as.own &&
                piece.targets == as.targets) {
                asked.pieces.push_back(piece);
            }
        }
        covering.ask(asked);
    };
    // NICs without a known address cannot be shown to reach, or to be reached.
    bool complete = certain;
    std::string note = "a side of the flow is not modelled";
    const auto addressless = [&](const std::vector<ConfigIndex>& configs) {
        return std::any_of(configs.begin(), configs.end(), [&](ConfigIndex config) {
            return !network.configurations()[config].configuration->address;
        });
    };
    if (complete && (addressless(sources.configs) || addressless(to.configs))) {
        complete = false;
        note = "the address of a network interface is not known";
    }
    const auto senders = [&](FlowPiece as) {
        for (const SourceGroup& group : groups) {
            as.start = Start::nics;
            as.group = &group;
            as.src = group.addresses;
            answered_by(as);
        }
        as.group = nullptr;
        if (!sources.onprem.empty()) {
            as.start = Start::onprem;
            as.src = sources.onprem;
            answered_by(as);
        }
        if (!sources.nobody.empty()) {  // nobody sends from there
            as.start = Start::lodger;
            as.src = sources.nobody;
            answered_by(as);
        }
    };
    for (const auto& [own, targets] : finder.straight_to(to.configs)) {
        FlowPiece as;
        as.own = own;
        as.targets = targets;
        for (const auto& [address, config] : *own) {
            as.dst |= AddressSet::single(address);
        }
        senders(as);
    }
    if (!sources.internet.empty()) {
        for (const ConfigIndex config : to.configs) {
            FlowPiece as;
            as.start = Start::internet;
            as.src = sources.internet;
            as.targets = finder.alone(config);
            for (const Edges::PublicEntry* entry : network.edges().public_entries_to(config)) {
                as.dst |= entry->addresses;
            }
            if (as.dst.empty()) {  // no public address: its own, where nothing arrives
                const auto& address = network.configurations()[config].configuration->address;
                if (!address) {
                    continue;
                }
                as.dst = AddressSet::single(*address);
            }
            answered_by(as);
        }
    }
    FlowPiece literal;
    literal.dst = sets.as_destination(to).addresses;
    if (!to.internet.empty()) {  // nobody expects to reach all of our own public addresses
        for (const Edges::PublicEntry& entry : network.edges().public_entries()) {
            literal.dst -= entry.addresses - to.addresses;
        }
    }
    if (!literal.dst.empty()) {
        senders(literal);
        if (!sources.internet.empty() && !to.addresses.empty()) {
            literal.start = Start::internet;
            literal.group = nullptr;
            literal.src = sources.internet;
            literal.dst = to.addresses;
            answered_by(literal);
        }
    }
    return covering.take(complete, note);
}

}  // namespace azreach
