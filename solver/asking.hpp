// A question as formulas: who sends what to whom, and what becomes of it.
#pragma once

#include <deque>

#include "solver/encode_walk.hpp"

namespace azreach::solver {

/// Packets of one kind of sender, to one part of the destinations.
struct Case {
    Start start = Start::nic;
    const Party* party = nullptr;
    PacketTerm packet;  // as asked
    Formula asked;      // it is one of the packets of the question
    Formula arrives;    // it ends as asked
};

struct Asking {
    std::vector<Case> cases;
    /// Not empty: what the question names and nobody knows; nothing holds for all of it.
    std::string incomplete;
    std::deque<Party> parties;
    std::deque<WalkEncoder> walks;
};

/// Arrival, the answer or its absence, by some choice or by every choice. Cost: the rules that can
/// meet the question.
void ask(Encoders& encoders, const Question& question, Extent extent, Choices choices,
         Goal::End end, Asking& asking);

}  // namespace azreach::solver
