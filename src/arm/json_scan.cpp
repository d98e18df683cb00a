#include "src/arm/json_scan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace azreach::json {

namespace {

/// One bit a byte for 64 bytes of text.
struct Masks {
    std::uint64_t quote = 0, backslash = 0, open = 0, close = 0, slash = 0;
};

#if defined(__SSE2__)

Masks masks_of(const char* bytes) {
    Masks masks;
    for (int part = 0; part < 4; ++part) {
        const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * part));
        const auto equal = [&](__m128i value, char c) {
            const auto bits = static_cast<std::uint32_t>(
                _mm_movemask_epi8(_mm_cmpeq_epi8(value, _mm_set1_epi8(c))));
            return std::uint64_t{bits} << (16 * part);
        };
        // '[' and ']' differ from '{' and '}' in the bit 0x20 only.
        const __m128i folded = _mm_or_si128(text, _mm_set1_epi8(0x20));
        masks.quote |= equal(text, '"');
        masks.backslash |= equal(text, '\\');
        masks.open |= equal(folded, '{');
        masks.close |= equal(folded, '}');
        masks.slash |= equal(text, '/');
    }
    return masks;
}

#else

Masks masks_of(const char* bytes) {
    Masks masks;
    for (int i = 0; i < 64; ++i) {
        const std::uint64_t bit = std::uint64_t{1} << i;
        switch (bytes[i]) {
            case '"':
                masks.quote |= bit;
                break;
            case '\\':
                masks.backslash |= bit;
                break;
            case '{':
            case '[':
                masks.open |= bit;
                break;
            case '}':
            case ']':
                masks.close |= bit;
                break;
            case '/':
                masks.slash |= bit;
                break;
            default:
                break;
        }
    }
    return masks;
}

#endif

/// Bit i of the result is the parity of the bits 0 to i.
std::uint64_t prefix_parity(std::uint64_t bits) {
    for (int step = 1; step < 64; step *= 2) {
        bits ^= bits << step;
    }
    return bits;
}

/// The bytes that a backslash escapes; `carry` is 1 when the first byte of the next block is one.
std::uint64_t escaped_bytes(std::uint64_t backslash, std::uint64_t& carry) {
    constexpr std::uint64_t kEven = 0x5555555555555555ULL;
    backslash &= ~carry;
    const std::uint64_t follows = backslash << 1 | carry;
    const std::uint64_t odd_starts = backslash & ~kEven & ~follows;
    std::uint64_t sum = 0;
    carry = __builtin_add_overflow(odd_starts, backslash, &sum) ? 1 : 0;
    return (kEven ^ (sum << 1)) & follows;
}

/// Past the string that begins at `at` (a quote).
std::optional<std::size_t> skip_string(std::string_view text, std::size_t at) {
    std::size_t i = at + 1;
    while (true) {
        const std::size_t end = text.find('"', i);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
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

Outline::Outline(std::string_view text) {
    std::uint64_t escape_carry = 0;
    std::uint64_t in_string_carry = 0;  // all ones inside a string
    std::array<std::size_t, kLevels> open_entries{};
    std::size_t depth = 0;
    std::array<char, 64> last{};
    for (std::size_t base = 0; base < text.size(); base += 64) {
        const char* bytes = text.data() + base;
        if (text.size() - base < 64) {
            last.fill(' ');
            std::memcpy(last.data(), bytes, text.size() - base);
            bytes = last.data();
        }
        const Masks masks = masks_of(bytes);
        const std::uint64_t quotes = masks.quote & ~escaped_bytes(masks.backslash, escape_carry);
        const std::uint64_t in_string = prefix_parity(quotes) ^ in_string_carry;
        in_string_carry = in_string >> 63 != 0 ? ~std::uint64_t{0} : 0;
        if ((masks.slash & ~in_string) != 0) {
            comments_ = true;
            return;
        }
        std::uint64_t structural = (masks.open | masks.close) & ~in_string;
        while (structural != 0) {
            const int bit = std::countr_zero(structural);
            structural &= structural - 1;
            const std::size_t at = base + static_cast<std::size_t>(bit);
            if ((masks.open >> bit & 1) != 0) {
                if (depth < kLevels) {
                    open_entries[depth] = containers_.size();
                    containers_.push_back({at, 0});
                }
                if (++depth > deepest_) {
                    deepest_ = depth;
                    deepest_at_ = at;
                }
            } else if (depth == 0) {
                broken_at_ = at;
                return;
            } else if (--depth < kLevels) {
                containers_[open_entries[depth]].end = at + 1;
            }
        }
    }
    complete_ = depth == 0 && in_string_carry == 0;
    if (depth > 0) {
        broken_at_ = containers_[open_entries[std::min(depth, kLevels) - 1]].begin;
    } else {
        broken_at_ = text.size();
    }
}

std::optional<std::size_t> Outline::end_of(std::size_t at) const {
    const auto found = std::lower_bound(
        containers_.begin(), containers_.end(), at,
        [](const Span& container, std::size_t begin) { return container.begin < begin; });
    if (found == containers_.end() || found->begin != at || found->end == 0) {
        return std::nullopt;
    }
    return found->end;
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size() && is_space(text[at])) {
        ++at;
    }
    return at;
}

std::optional<std::size_t> skip_value(std::string_view text, std::size_t at,
                                      const Outline* outline) {
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
    if (outline != nullptr) {
        if (const auto end = outline->end_of(at)) {
            return end;
        }
    }
    std::size_t depth = 0;
    std::size_t i = at;
    while (i < text.size()) {
        const char c = text[i];
        if (!kStructural[static_cast<unsigned char>(c)]) {
            ++i;
        } else if (c == '"') {
            const auto end = skip_string(text, i);
            if (!end) {
                return std::nullopt;
            }
            i = *end;
        } else {
            ++i;
            if (c == '{' || c == '[') {
                ++depth;
            } else if (--depth == 0) {
                return i;
            }
        }
    }
    return std::nullopt;
}

std::optional<std::vector<Member>> members(std::string_view text, std::size_t at,
                                           const Outline* outline) {
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
        const auto end = skip_value(text, i, outline);
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

std::optional<std::vector<Span>> items(std::string_view text, std::size_t at,
                                       const Outline* outline) {
    std::vector<Span> result;
    if (at >= text.size() || text[at] != '[') {
        return std::nullopt;
    }
    std::size_t i = skip_space(text, at + 1);
    if (i < text.size() && text[i] == ']') {
        return result;
    }
    while (i < text.size()) {
        const auto end = skip_value(text, i, outline);
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

std::string escaped(std::string_view token) {
    std::string result;
    for (const char c : token) {
        if (c == '~') {
            result += "~0";
        } else if (c == '/') {
            result += "~1";
        } else {
            result += c;
        }
    }
    return result;
}

namespace {

std::string unescaped(std::string_view token) {
    std::string result;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size()) {
            result += token[++i] == '1' ? '/' : '~';
        } else {
            result += token[i];
        }
    }
    return result;
}

/// The value of `key`, or the item of that index, in the container at `at`; stops there.
std::optional<std::size_t> step(std::string_view text, std::size_t at, const std::string& key) {
    const bool object = text[at] == '{';
    std::size_t wanted = 0;
    if (!object) {
        for (const char c : key) {
            if (c < '0' || c > '9' || wanted > text.size()) {
                return std::nullopt;
            }
            wanted = wanted * 10 + static_cast<std::size_t>(c - '0');
        }
    }
    std::size_t i = skip_space(text, at + 1);
    for (std::size_t index = 0; i < text.size() && text[i] != '}' && text[i] != ']'; ++index) {
        bool found = index == wanted;
        if (object) {
            const auto end = text[i] == '"' ? skip_string(text, i) : std::nullopt;
            if (!end) {
                return std::nullopt;
            }
            found = text.substr(i + 1, *end - i - 2) == key;
            i = skip_space(text, *end);
            if (i >= text.size() || text[i] != ':') {
                return std::nullopt;
            }
            i = skip_space(text, i + 1);
        }
        if (found) {
            return i < text.size() ? std::optional(i) : std::nullopt;
        }
        const auto end = skip_value(text, i);
        if (!end) {
            return std::nullopt;
        }
        i = skip_space(text, *end);
        if (i < text.size() && text[i] == ',') {
            i = skip_space(text, i + 1);
        }
    }
    return std::nullopt;
}

}  // namespace

std::size_t offset_of(std::string_view text, std::string_view pointer) {
    std::size_t at = skip_space(text, 0);
    while (!pointer.empty() && pointer.front() == '/') {
        pointer.remove_prefix(1);
        const std::size_t slash = std::min(pointer.find('/'), pointer.size());
        const std::string key = unescaped(pointer.substr(0, slash));
        pointer.remove_prefix(slash);
        if (at >= text.size() || (text[at] != '{' && text[at] != '[')) {
            return at;
        }
        const auto next = step(text, at, key);
        if (!next) {
            return at;
        }
        at = *next;
    }
    return at;
}

}  // namespace azreach::json
