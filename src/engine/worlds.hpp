// Worlds and choices of one packet: enumeration by replay.
//
// The walk asks a World about open facts and platform choices. Every run of the walk follows the
// log of answers so far; what is asked for the first time is answered by the first alternative and
// noted. Advancing the log gives the next run, until every alternative was tried.
#pragma once

#include <cstdint>
#include <vector>

#include "models/azure/guard.hpp"

namespace azreach {

class World {
public:
    /// What a fact about one thing is asked *about*: the same unknown tag may contain the source
    /// and not the destination. Contested behaviour is one fact for the whole packet.
    using Salt = std::uint64_t;
    static Salt salt_of(const Address& address);

    bool holds(Fact fact, Salt salt);
    bool holds(const Guard& guard, Salt salt);
    /// One of `alternatives` (at least 1) by the platform's choice.
    std::size_t choose(std::size_t alternatives);

    struct Answer {
        bool is_choice = false;
        Fact fact{};
        Salt salt = 0;
        std::uint32_t value = 0, alternatives = 2;
    };
    const std::vector<Answer>& answers() const { return log_; }

    void restart() { next_ = 0; }
    /// Forgets what this run did not ask; true if alternatives remain untried.
    bool more_to_try();
    /// The next series of answers; false when all were tried.
    bool advance();

private:
    std::vector<Answer> log_;
    std::size_t next_ = 0;
};

}  // namespace azreach
