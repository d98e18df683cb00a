// Every open question of a walk answered both ways: the walk runs again for each combination.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace azreach::oracle {

class Chooser {
public:
    /// A fact: yes or no, and the same whenever it is asked again in this run.
    bool fact(const std::string& name) {
        const auto known = facts_.find(name);
        if (known != facts_.end()) return known->second;
        const bool value = pick(2) == 1;
        facts_[name] = value;
        return value;
    }
    /// A choice of the platform among `n`.
    int choice(int n) {
        if (n <= 1) return 0;
        choices_ = true;
        return pick(n);
    }
    const std::map<std::string, bool>& facts() const { return facts_; }
    bool chose() const { return choices_; }

    void begin() {
        at_ = 0;
        facts_.clear();
        choices_ = false;
    }
    bool next() {
        script_.resize(at_);
        while (!script_.empty() && script_.back().first + 1 == script_.back().second) {
            script_.pop_back();
        }
        if (script_.empty()) return false;
        ++script_.back().first;
        return true;
    }

private:
    int pick(int n) {
        if (at_ == script_.size()) script_.emplace_back(0, n);
        return script_[at_++].first;
    }
    std::vector<std::pair<int, int>> script_;
    std::size_t at_ = 0;
    std::map<std::string, bool> facts_;
    bool choices_ = false;
};

}  // namespace azreach::oracle
