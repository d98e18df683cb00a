#include "tests/oracle/oracle.hpp"

#include "tests/oracle/oracle_walk.hpp"

namespace azreach::oracle {

std::string to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::delivered: return "delivered";
        case Verdict::dropped: return "dropped";
        case Verdict::varies: return "varies";
        case Verdict::unknown: return "unknown";
    }
    return "";
}

namespace {

/// What happened over all choices of one world.
struct Tally {
    std::size_t walks = 0;
    std::size_t delivered = 0;
    std::size_t returned = 0;
};

void count(Shares& shares, std::size_t good, std::size_t all) {
    shares.always_must = shares.always_must && good == all;
    shares.can_must = shares.can_must && good > 0;
    shares.always_may = shares.always_may || good == all;
    shares.can_may = shares.can_may || good > 0;
}

bool is_open_every_way(const Shares& shares) {
    return !shares.always_must && !shares.can_must && shares.always_may && shares.can_may;
}

Verdict verdict_of(std::size_t good, std::size_t all) {
    if (good == 0) {
        return Verdict::dropped;
    }
    return good == all ? Verdict::delivered : Verdict::varies;
}

/// Worlds that disagree make it unknown.
void agree(std::optional<Verdict>& verdict, Verdict in_this_world) {
    verdict = verdict.value_or(in_this_world) == in_this_world ? in_this_world : Verdict::unknown;
}

}  // namespace

Answer simulate(const Snapshot& snapshot, const Assumptions& assumptions, const Origin& origin,
                const Packet& packet, std::size_t limit) {
    World world;
    const Case given{snapshot, assumptions, world};
    Answer answer;
    std::optional<Verdict> packets;
    bool first = true;
    do {
        Tally tally;
        world.begin_choices();
        do {
            if (++answer.walks > limit) {
                answer.complete = false;
                return answer;
            }
            world.begin_walk();
            Record record;
            const End end = walk_forward(given, origin, packet, record);
            const bool alone = world.asked_nothing() && world.chose_nothing();
            const bool returned = end.delivered && walk_reply(given, origin, record);
            ++tally.walks;
            tally.delivered += end.delivered ? 1 : 0;
            tally.returned += returned ? 1 : 0;
            if (first) {
                first = false;
                answer.at = end.at;
                answer.reason = end.reason;
                answer.by = end.by;
                answer.deterministic = alone;
            }
        } while (world.next_choices());
        for (const std::string& fact : world.asked()) {
            answer.facts.insert(fact);
        }
        agree(packets, verdict_of(tally.delivered, tally.walks));
        if (tally.delivered > 0) {
            agree(answer.reply, verdict_of(tally.returned, tally.delivered));
        }
        count(answer.packets, tally.delivered, tally.walks);
        count(answer.sessions, tally.returned, tally.walks);
        if (is_open_every_way(answer.packets) && is_open_every_way(answer.sessions)) {
            break;  // no further world can change an answer
        }
    } while (world.next_world());
    answer.verdict = *packets;
    return answer;
}

}  // namespace azreach::oracle
