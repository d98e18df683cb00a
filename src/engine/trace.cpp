#include "src/engine/trace.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "src/engine/walk.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMaxRuns = 20000;

using FactAt = std::pair<Fact, World::Salt>;

/// One finished run: the world and choices that led to it, and how it ended.
struct Run {
    std::vector<std::pair<FactAt, bool>> facts;
    bool delivered = false;
    std::optional<bool> reply;
};

/// What one world, or several that agree, say of the packet (or of its reply).
enum class Fate : std::uint8_t { none, delivered, dropped, varies };

Fate join(Fate a, Fate b) {  // two choices of one world
    if (a == Fate::none) {
        return b;
    }
    if (b == Fate::none || a == b) {
        return a;
    }
    return Fate::varies;
}

PacketVerdict verdict_of(Fate fate) {
    switch (fate) {
        case Fate::delivered:
            return PacketVerdict::delivered;
        case Fate::varies:
            return PacketVerdict::varies;
        default:
            return PacketVerdict::dropped;
    }
}

/// All worlds of a bounded number of facts, and what the runs of each say.
class Worlds {
public:
    explicit Worlds(const std::vector<Run>& runs) : runs_(runs) {
        for (const Run& run : runs) {
            for (const auto& [fact, value] : run.facts) {
                index_.emplace(fact, 0);
            }
        }
        std::size_t next = 0;
        for (auto& [fact, index] : index_) {
            index = next++;
        }
    }
    bool enumerable() const { return index_.size() <= kMaxOpenFacts; }

    /// Calls `visit(world bits, packet fate, reply fate)` for every world.
    template <class Visit>
    void each(const Visit& visit) const {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> masks;  // (asked, values) of each run
        for (const Run& run : runs_) {
            std::uint32_t asked = 0;
            std::uint32_t values = 0;
            for (const auto& [fact, value] : run.facts) {
                const std::uint32_t bit = 1U << index_.at(fact);
                asked |= bit;
                values |= value ? bit : 0;
            }
            masks.emplace_back(asked, values);
        }
        for (std::uint32_t world = 0; world < (1U << index_.size()); ++world) {
            Fate packet = Fate::none;
            Fate reply = Fate::none;
            for (std::size_t i = 0; i < runs_.size(); ++i) {
                if ((world & masks[i].first) != masks[i].second) {
                    continue;
                }
                const Run& run = runs_[i];
                packet = join(packet, run.delivered ? Fate::delivered : Fate::dropped);
                if (run.reply) {
                    reply = join(reply, *run.reply ? Fate::delivered : Fate::dropped);
                }
            }
            visit(world, packet, reply);
        }
    }

    /// Facts (without salts) for which flipping the fact alone changes some world's fate.
    template <class FateOf>
    std::vector<Fact> deciding(const FateOf& fate_of) const {
        std::vector<Fact> result;
        std::vector<Fate> fates;
        each([&](std::uint32_t, Fate packet, Fate reply) {
            fates.push_back(fate_of(packet, reply));
        });
        for (const auto& [fact, index] : index_) {
            const std::uint32_t bit = 1U << index;
            for (std::uint32_t world = 0; world < fates.size(); ++world) {
                if (fates[world] != fates[world ^ bit]) {
                    result.push_back(fact.first);
                    break;
                }
            }
        }
        result.erase(std::unique(result.begin(), result.end()), result.end());
        return result;
    }
    std::vector<Fact> all_facts() const {
        std::vector<Fact> result;
        for (const auto& [fact, index] : index_) {
            if (result.empty() || result.back() != fact.first) {
                result.push_back(fact.first);
            }
        }
        return result;
    }

private:
    const std::vector<Run>& runs_;
    std::map<FactAt, std::size_t> index_;
};

/// The agreement of all worlds; unknown when they disagree.
PacketVerdict agreement(const std::array<bool, 4>& fates) {
    int kinds = 0;
    Fate last = Fate::dropped;
    for (const Fate fate : {Fate::delivered, Fate::dropped, Fate::varies}) {
        if (fates[static_cast<std::size_t>(fate)]) {
            ++kinds;
            last = fate;
        }
    }
    return kinds > 1 ? PacketVerdict::unknown : verdict_of(last);
}

/// The public endpoint that a packet is for, and the addresses that its destination stands for.
struct Aim {
    const PaasEndpoint& target;
    AddressSet& cell;
};

TraceResult traced(const Network& network, const Origin& from, const Packet& packet,
                   const TraceOptions& options, const Aim* aim) {
    const auto run_walk = [&](World& world, bool force, std::vector<Hop>* blockers) {
        Walker walker(network, world, options, force);
        if (aim != nullptr) {
            walker.aim(aim->target, packet.dst, aim->cell);
        }
        Walk walk = walker.run(from, packet);
        if (blockers != nullptr) {
            *blockers = walker.blockers();
        }
        return walk;
    };
    TraceResult result;
    std::vector<Run> runs;
    std::optional<Walk> delivered;
    std::optional<Walk> delivered_both;  // and the reply too
    std::optional<Walk> dropped;
    World world;
    bool complete = true;
    bool more = true;
    while (more) {
        if (runs.size() == kMaxRuns) {
            complete = false;
            break;
        }
        world.restart();
        Walk walk = run_walk(world, false, nullptr);
        more = world.more_to_try();
        if (walk.delivered && options.counts && !options.counts(walk)) {
            walk.delivered = false;
            walk.reply_delivered.reset();
        }
        Run run;
        for (const World::Answer& answer : world.answers()) {
            if (!answer.is_choice) {
                run.facts.push_back({{answer.fact, answer.salt}, answer.value != 0});
            }
        }
        run.delivered = walk.delivered;
        run.reply = walk.reply_delivered;
        const bool only_run = runs.empty() && !more;
        if (only_run) {
            result.verdict = run.delivered ? PacketVerdict::delivered : PacketVerdict::dropped;
            result.can_in_every_world = result.always_in_some_world = run.delivered;
            if (run.reply) {
                result.reply = *run.reply ? PacketVerdict::delivered : PacketVerdict::dropped;
            }
            result.walk = std::move(walk);
            break;
        }
        if (walk.delivered && walk.reply_delivered.value_or(true)) {
            if (!delivered_both) {
                delivered_both = std::move(walk);
            }
        } else if (walk.delivered) {
            if (!delivered) {
                delivered = std::move(walk);
            }
        } else if (!dropped) {
            dropped = std::move(walk);
        }
        runs.push_back(std::move(run));
        if (more) {
            more = world.advance();
        }
    }

    if (!runs.empty()) {
        const Worlds worlds(runs);
        if (complete && worlds.enumerable()) {
            std::array<bool, 4> packet_fates{};
            std::array<bool, 4> reply_fates{};
            worlds.each([&](std::uint32_t, Fate p, Fate r) {
                packet_fates[static_cast<std::size_t>(p)] = true;
                reply_fates[static_cast<std::size_t>(r)] = true;
            });
            result.verdict = agreement(packet_fates);
            const auto some = [&](Fate fate) {
                return packet_fates[static_cast<std::size_t>(fate)];
            };
            result.can_in_every_world = !some(Fate::dropped) && !some(Fate::none);
            result.always_in_some_world = some(Fate::delivered);
            if (delivered || delivered_both) {
                if (options.reply) {
                    result.reply = agreement(reply_fates);
                }
            }
            std::vector<Fact> facts;
            if (result.verdict == PacketVerdict::unknown) {
                facts = worlds.deciding([](Fate p, Fate) { return p; });
            } else if (result.reply == PacketVerdict::unknown) {
                facts = worlds.deciding([](Fate, Fate r) { return r; });
            }
            result.depends_on = std::move(facts);
        } else {
            // Too many worlds to look at each; what all runs agree on holds in all of them.
            const auto all_runs = [&](const auto& of) {
                std::optional<bool> value;
                for (const Run& run : runs) {
                    const std::optional<bool> own = of(run);
                    if (own && value && *own != *value) {
                        return PacketVerdict::unknown;
                    }
                    value = own ? own : value;
                }
                return !complete || !value ? PacketVerdict::unknown
                       : *value            ? PacketVerdict::delivered
                                           : PacketVerdict::dropped;
            };
            result.verdict = all_runs([](const Run& run) { return std::optional(run.delivered); });
            if (delivered || delivered_both) {
                result.reply = all_runs([](const Run& run) { return run.reply; });
            }
            if (result.verdict == PacketVerdict::unknown ||
                result.reply == PacketVerdict::unknown) {
                result.depends_on = worlds.all_facts();
            }
            result.can_in_every_world = result.verdict == PacketVerdict::delivered;
            result.always_in_some_world = result.verdict != PacketVerdict::dropped;
        }
        if (result.verdict == PacketVerdict::dropped) {
            result.walk = std::move(*dropped);
        } else if (delivered_both && result.reply != PacketVerdict::dropped) {
            result.walk = std::move(*delivered_both);
        } else if (delivered) {
            result.walk = std::move(*delivered);
        } else {
            result.walk = delivered_both ? std::move(*delivered_both) : std::move(*dropped);
        }
        if (result.verdict == PacketVerdict::unknown) {
            result.walk.reason = Reason::gap;
            result.walk.by = {};
        } else if (result.verdict == PacketVerdict::varies) {
            result.walk.reason = Reason::lb_choice;
            for (const Hop& hop : result.walk.path) {
                if (hop.reason == Reason::lb_choice) {
                    result.walk.by = hop.by;
                }
            }
        }
    }

    if (options.blockers && result.verdict == PacketVerdict::dropped) {
        World first;
        const Walk walk = run_walk(first, true, &result.blockers);
        if (!walk.delivered) {
            Hop last = walk.path.back();  // what became of it, even past every filter
            result.blockers.push_back(std::move(last));
        }
    }
    return result;
}

/// Groups of candidates that fare differently, beyond which the answer is unknown.
constexpr std::size_t kMaxCells = 256;

}  // namespace

TraceResult trace(const Network& network, const Origin& from, const Packet& packet,
                  const TraceOptions& options) {
    return traced(network, from, packet, options, nullptr);
}

TraceResult trace_to_service(const Network& network, const Origin& from, const Address& source,
                             PaasIndex endpoint, const Service& service,
                             const TraceOptions& options) {
    const PaasEndpoint& target = network.paas().endpoints()[endpoint];
    AddressSet rest;
    if (source.family == Family::v4) {
        rest.v4 = target.candidates.v4;
    } else {
        rest.v6 = target.candidates.v6;
    }
    // Nobody else's: our own public addresses, and the activation servers.
    for (const Edges::PublicEntry& entry : network.edges().public_entries()) {
        if (entry.addresses.intersects(rest)) {
            rest -= entry.addresses;
        }
    }
    rest -= Filters::exempt_addresses();
    std::optional<TraceResult> result;
    const auto differs = [](const TraceResult& a, const TraceResult& b) {
        return a.verdict != b.verdict || a.reply != b.reply;
    };
    bool disagree = false;
    for (std::size_t cells = 0; !rest.empty(); ++cells) {
        const Packet packet{source, *rest.smallest(), service};
        AddressSet cell = rest;
        const Aim aim{target, cell};
        TraceResult part = traced(network, from, packet, options, &aim);
        rest -= cell;
        if (!result) {
            result = std::move(part);
            continue;
        }
        disagree = disagree || differs(*result, part) || cells == kMaxCells;
        std::vector<Fact> facts = result->depends_on;
        for (const Fact fact : part.depends_on) {
            if (std::find(facts.begin(), facts.end(), fact) == facts.end()) {
                facts.push_back(fact);
            }
        }
        const auto rank = [](const TraceResult& r) {
            return r.verdict == PacketVerdict::delivered ? 3
                   : r.verdict == PacketVerdict::varies  ? 2
                   : r.verdict == PacketVerdict::unknown ? 1
                                                         : 0;
        };
        if (rank(part) > rank(*result)) {
            result = std::move(part);
        }
        result->depends_on = std::move(facts);
        if (cells == kMaxCells) {
            break;
        }
    }
    if (!result) {
        result.emplace();  // no address is left that it could have
        result->verdict = PacketVerdict::dropped;
        result->walk.at = "internet";
        result->walk.reason = Reason::no_such_address;
        return *result;
    }
    const auto unsure = [&](Fact fact, bool also_reply) {
        if (result->verdict != PacketVerdict::dropped || also_reply) {
            result->verdict = PacketVerdict::unknown;
            result->walk.reason = Reason::gap;
            result->walk.by = {};
            if (result->reply) {
                result->reply = PacketVerdict::unknown;
            }
            result->blockers.clear();
            result->depends_on.insert(result->depends_on.begin(), fact);
        }
    };
    if (disagree) {
        unsure(network.about(FactKey::paas_address, target.id.text()), true);
    }
    if (source.family == Family::v6) {
        unsure(network.about(FactKey::paas_ipv6, target.id.text()), false);
    }
    return *std::move(result);
}

}  // namespace azreach
