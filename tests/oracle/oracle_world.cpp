#include "tests/oracle/oracle_world.hpp"

namespace azreach::oracle {

std::size_t World::ask_which(FactKey key, const std::string& about, std::size_t count) {
    const Question question{key, about};
    const auto [found, added] = index_.try_emplace(question, facts_.size());
    if (added) {
        facts_.push_back({count, 0});
        questions_.push_back(question);
    }
    return facts_[found->second].value;
}

std::size_t World::choose(std::size_t count) {
    if (count < 2) {
        return 0;
    }
    if (next_choice_ == choices_.size()) {
        choices_.push_back({count, 0});
    }
    return choices_[next_choice_++].value;
}

void World::begin_choices() {
    choices_.clear();
    next_choice_ = 0;
}

bool World::next_choices() { return advance(choices_); }

bool World::next_world() {
    if (!advance(facts_)) {
        return false;
    }
    // What was asked after the fact that changed may never be asked in the new world.
    while (questions_.size() > facts_.size()) {
        index_.erase(questions_.back());
        questions_.pop_back();
    }
    return true;
}

bool World::chose_nothing() const { return choices_.empty(); }

std::vector<std::string> World::asked() const {
    std::vector<std::string> names;
    for (const Question& question : questions_) {
        FactNames facts;
        names.push_back(facts.name(facts.about(question.key, question.about)));
    }
    return names;
}

// The last digit that can grow grows, those after it are forgotten.
bool World::advance(std::vector<Digit>& digits) {
    while (!digits.empty() && digits.back().value + 1 == digits.back().count) {
        digits.pop_back();
    }
    if (digits.empty()) {
        return false;
    }
    ++digits.back().value;
    return true;
}

}  // namespace azreach::oracle
