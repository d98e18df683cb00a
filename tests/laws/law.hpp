// Laws over exhaustive tiny universes: millions of cases, one assertion per law.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "models/net/interval_set.hpp"
#include "tests/support/catch.hpp"

namespace azreach::laws {

/// One law: how often it was asked, and the first case that broke it. Catch's own assertions cost
/// more than the operations under test. Reports when it goes out of scope.
class Law {
public:
    explicit Law(std::string sentence) : sentence_(std::move(sentence)) {}
    Law(const Law&) = delete;
    Law& operator=(const Law&) = delete;
    ~Law() {
        INFO(sentence_ << "; asked " << asked_ << " times, broken " << broken_ << " times");
        CHECK(asked_ > 0);  // a law that nobody asks is no law
        CHECK(first_broken_ == "");
    }

    /// `describe` is called for the first broken case only.
    template <class Describe>
    void holds(bool result, const Describe& describe) {
        ++asked_;
        if (!result && ++broken_ == 1) {
            first_broken_ = describe();
        }
    }
    void holds(bool result) {
        holds(result, [this] { return "case " + std::to_string(asked_); });
    }

private:
    std::string sentence_;
    std::uint64_t asked_ = 0;
    std::uint64_t broken_ = 0;
    std::string first_broken_;
};

inline std::string text(Uint128 value) {
    std::string result;
    do {
        result.insert(result.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
        value /= 10;
    } while (value != 0);
    return result;
}

template <class T>
std::string text(const IntervalSet<T>& set) {
    std::string result = "{";
    for (const Range<T>& range : set.ranges()) {
        result += " " + text(Uint128{range.first}) + "-" + text(Uint128{range.last});
    }
    return result + " }";
}

/// The same numbers on every machine and library (std distributions differ).
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t bits() { return engine_(); }
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(engine_() % n); }

private:
    std::mt19937_64 engine_;
};

}  // namespace azreach::laws
