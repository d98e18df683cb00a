// Worlds and choices (docs/walk.md).
//
// A world gives every open fact a value; in one world the platform still chooses between members of
// a load balancer and the like. A walk asks for both here; the driver repeats it until every value
// of every fact, and in each world every choice, has been walked.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "models/azure/facts.hpp"

namespace azreach::oracle {

class World {
  public:
    /// An open fact with `count` values. The same question has the same answer within a world; a
    /// question is a key and, for facts about one thing, what exactly was asked of it.
    std::size_t ask_which(FactKey key, const std::string& about, std::size_t count);
    bool ask(FactKey key, const std::string& about) { return ask_which(key, about, 2) == 1; }

    /// The platform's choice among `count` possibilities, at least one.
    std::size_t choose(std::size_t count);

    /// The driver's side. Facts keep their values while choices advance.
    void begin_choices();
    void begin_walk() { next_choice_ = 0; }
    bool next_choices();  // false: all choices of this world have been walked
    bool next_world();    // false: all worlds have been walked

    bool asked_nothing() const { return facts_.empty(); }
    bool chose_nothing() const;
    std::vector<std::string> asked() const;  // for messages

  private:
    struct Digit {
        std::size_t count = 1, value = 0;
    };
    static bool advance(std::vector<Digit>& digits);

    struct Question {
        FactKey key{};
        std::string about;
        friend bool operator==(const Question&, const Question&) = default;
        friend auto operator<=>(const Question&, const Question&) = default;
    };
    std::vector<Digit> facts_;  // in the order in which this world asked them
    std::vector<Question> questions_;
    std::map<Question, std::size_t> index_;  // question -> index into facts_
    std::vector<Digit> choices_;
    std::size_t next_choice_ = 0;
};

}  // namespace azreach::oracle
