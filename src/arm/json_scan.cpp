#include "src/arm/json_scan.hpp"

#include <array>
#include <cstring>
#include <string>

namespace azreach::json {

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Past the string that begins at `at` (a quote).
std::optional<std::size_t> skip_string(std::string_view text, std::size_t at) {
    std::size_t i = at + 1;
    while (true) {
        const void* quote = i < text.size() ? std::memchr(text.data() + i, '"', text.size() - i)
                                            : nullptr;
        if (quote == nullptr) {
            return std::nullopt;
        }
        const auto end = static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
        std::size_t backslashes = 0;
        while (end - backslashes > at + 1 && text[end - backslashes - 1] == '\\') {
            ++backslashes;
        }
        if (backslashes % 2 == 0) {
            return end + 1;
        }
        i = end + 1;
    }
}

/// Bytes that matter to nesting.
constexpr auto kStructural = [] {
    std::array<bool, 256> table{};
    for (const char c : {'"', '{', '}', '[', ']'}) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}();

}  // namespace

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size() && is_space(text[at])) {
        ++at;
    }
    return at;
}

std::optional<std::size_t> skip_value(std::string_view text, std::size_t at) {
    if (at >= text.size()) {
        return std::nullopt;
    }
    if (text[at] == '"') {
        return skip_string(text, at);
    }
    if (text[at] != '{' && text[at] != '[') {
        std::size_t i = at;
        while (i < text.size() && text[i] != ',' && text[i] != '}' && text[i] != ']' &&
               !is_space(text[i])) {
            ++i;
        }
        return i == at ? std::nullopt : std::optional(i);
    }
    std::size_t depth = 0;
    std::size_t i = at;
    while (i < text.size()) {
        if (!kStructural[static_cast<unsigned char>(text[i])]) {
            ++i;
            continue;
        }
        const char c = text[i];
        if (c == '"') {
            const auto end = skip_string(text, i);
            if (!end) {
                return std::nullopt;
            }
            i = *end;
            continue;
        }
        ++i;
        if (c == '{' || c == '[') {
            ++depth;
        } else if (--depth == 0) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<std::vector<Member>> members(std::string_view text, std::size_t at) {
    std::vector<Member> result;
    if (at >= text.size() || text[at] != '{') {
        return std::nullopt;
    }
    std::size_t i = skip_space(text, at + 1);
    if (i < text.size() && text[i] == '}') {
        return result;
    }
    while (i < text.size()) {
        if (text[i] != '"') {
            return std::nullopt;
        }
        const auto key_end = skip_string(text, i);
        if (!key_end) {
            return std::nullopt;
        }
        const std::string_view key = text.substr(i + 1, *key_end - i - 2);
        i = skip_space(text, *key_end);
        if (i >= text.size() || text[i] != ':') {
            return std::nullopt;
        }
        i = skip_space(text, i + 1);
        const auto end = skip_value(text, i);
        if (!end) {
            return std::nullopt;
        }
        result.push_back({key, {i, *end}});
        i = skip_space(text, *end);
        if (i < text.size() && text[i] == '}') {
            return result;
        }
        if (i >= text.size() || text[i] != ',') {
            return std::nullopt;
        }
        i = skip_space(text, i + 1);
    }
    return std::nullopt;
}

std::optional<std::vector<Span>> items(std::string_view text, std::size_t at) {
    std::vector<Span> result;
    if (at >= text.size() || text[at] != '[') {
        return std::nullopt;
    }
    std::size_t i = skip_space(text, at + 1);
    if (i < text.size() && text[i] == ']') {
        return result;
    }
    while (i < text.size()) {
        const auto end = skip_value(text, i);
        if (!end) {
            return std::nullopt;
        }
        result.push_back({i, *end});
        i = skip_space(text, *end);
        if (i < text.size() && text[i] == ']') {
            return result;
        }
        if (i >= text.size() || text[i] != ',') {
            return std::nullopt;
        }
        i = skip_space(text, i + 1);
    }
    return std::nullopt;
}

std::size_t offset_of(std::string_view text, std::string_view pointer) {
    std::size_t at = skip_space(text, 0);
    while (!pointer.empty() && pointer.front() == '/') {
        pointer.remove_prefix(1);
        const std::size_t slash = pointer.find('/');
        const std::string_view token = pointer.substr(0, slash);
        pointer = slash == std::string_view::npos ? std::string_view{} : pointer.substr(slash);
        std::string key;
        for (std::size_t i = 0; i < token.size(); ++i) {
            if (token[i] == '~' && i + 1 < token.size()) {
                key += token[i + 1] == '1' ? '/' : '~';
                ++i;
            } else {
                key += token[i];
            }
        }
        bool found = false;
        if (at < text.size() && text[at] == '{') {
            if (const auto list = members(text, at)) {
                for (const Member& member : *list) {
                    if (member.key == key) {
                        at = member.value.begin;
                        found = true;
                        break;
                    }
                }
            }
        } else if (at < text.size() && text[at] == '[') {
            const auto list = items(text, at);
            std::size_t index = 0;
            for (const char c : key) {
                index = c >= '0' && c <= '9' && index < 100000000
                            ? index * 10 + static_cast<std::size_t>(c - '0')
                            : list->size();
            }
            if (list && index < list->size()) {
                at = (*list)[index].begin;
                found = true;
            }
        }
        if (!found) {
            return at;
        }
    }
    return at;
}

}  // namespace azreach::json
