#include "src/engine/invariant.hpp"

#include <array>
#include <charconv>

namespace azreach {

namespace {

constexpr std::array<std::string_view, 8> kVerbs = {"deny",    "only",  "require", "isolate",
                                                    "through", "limit", "no-new",  "same"};
constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium", "high",
                                                         "critical"};
constexpr std::array<std::string_view, 4> kCounts = {"sources", "destinations", "pairs", "ports"};

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    const auto number = [&](std::size_t begin, std::size_t size) {
        int value = -1;
        const char* const end = text.data() + begin + size;
        const auto [stop, error] = std::from_chars(text.data() + begin, end, value);
        return error == std::errc{} && stop == end ? value : -1;
    };
    const Date date{number(0, 4), number(5, 2), number(8, 2)};
    if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1) {
        return std::nullopt;
    }
    const bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
    constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int days =
        kDays[static_cast<std::size_t>(date.month - 1)] + (date.month == 2 && leap ? 1 : 0);
    return date.day <= days ? std::optional(date) : std::nullopt;
}

std::string to_string(const Date& date) {
    const auto padded = [](int value, std::size_t width) {
        const std::string digits = std::to_string(value);
        return std::string(width - std::min(width, digits.size()), '0') + digits;
    };
    return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2);
}

bool glob_matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;  // the last `*`, and what it covers so far
    std::size_t covered = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            covered = t;
        } else if (p < pattern.size() &&
                   (pattern[p] == '?' || folded(pattern[p]) == folded(text[t]))) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++covered;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

std::string_view to_string(Verb verb) { return kVerbs[static_cast<std::size_t>(verb)]; }

std::string_view to_string(InvariantSeverity severity) {
    return kSeverities[static_cast<std::size_t>(severity)];
}

std::optional<InvariantSeverity> parse_severity(std::string_view text) {
    for (std::size_t i = 0; i < kSeverities.size(); ++i) {
        if (kSeverities[i] == text) {
            return static_cast<InvariantSeverity>(i);
        }
    }
    return std::nullopt;
}

std::string_view to_string(LimitCount count) { return kCounts[static_cast<std::size_t>(count)]; }

}  // namespace azreach
