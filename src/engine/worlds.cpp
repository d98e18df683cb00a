#include "src/engine/worlds.hpp"

#include <algorithm>

namespace azreach {

World::Salt World::salt_of(const Address& address) {
    const auto low = static_cast<std::uint64_t>(address.value);
    const auto high = static_cast<std::uint64_t>(address.value >> 64);
    return (low ^ (high * 0x9E3779B97F4A7C15ULL)) * 2 + (address.family == Family::v6 ? 1 : 0) + 2;
}

bool World::holds(Fact fact, Salt salt) {
    if (fact.key <= FactKey::last_contested || fact.key == FactKey::group_member) {
        salt = 0;  // it is about no address
    }
    for (std::size_t i = 0; i < next_; ++i) {
        const Answer& answer = log_[i];
        if (!answer.is_choice && answer.fact == fact && answer.salt == salt) {
            return answer.value != 0;
        }
    }
    if (next_ == log_.size()) {
        log_.push_back({false, fact, salt, 0, 2});
    }
    return log_[next_++].value != 0;
}

bool World::holds(const Guard& guard, Salt salt) {
    return std::all_of(guard.begin(), guard.end(), [&](const Literal& literal) {
        return holds(literal.fact, salt) == literal.value;
    });
}

std::size_t World::choose(std::size_t alternatives) {
    if (alternatives <= 1) {
        return 0;
    }
    if (next_ == log_.size()) {
        log_.push_back({true, {}, 0, 0, static_cast<std::uint32_t>(alternatives)});
    }
    return log_[next_++].value;
}

bool World::more_to_try() {
    log_.resize(next_);
    return std::any_of(log_.begin(), log_.end(),
                       [](const Answer& answer) { return answer.value + 1 < answer.alternatives; });
}

bool World::advance() {
    while (!log_.empty() && log_.back().value + 1 == log_.back().alternatives) {
        log_.pop_back();
    }
    if (log_.empty()) {
        return false;
    }
    ++log_.back().value;
    return true;
}

}  // namespace azreach
