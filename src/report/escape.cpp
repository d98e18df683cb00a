#include "src/report/escape.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace azreach::report {

namespace {

/// One character of UTF-8 text; length 0: the byte begins none.
struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0;
};

Character character_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    if (first < 0x80) {
        return {first, 1};
    }
    const std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                               : first >= 0xE0 && first < 0xF0 ? 3
                               : first >= 0xC2 && first < 0xE0 ? 2
                                                               : 0;
    if (length == 0 || at + length > text.size()) {
        return {};
    }
    std::uint32_t code = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) {
            return {};
        }
        code = (code << 6U) | (byte(at + i) & 0x3FU);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < kLeast[length] || code > 0x10FFFF || surrogate ? Character{}
                                                                 : Character{code, length};
}

/// Shown, these would act instead of being seen.
bool acts(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200B ||
           code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || code == 0xFFFE ||
           code == 0xFFFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
           (code >= 0xE0000 && code <= 0xE007F);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

std::uint64_t fnv(std::string_view text, std::uint64_t hash = 0xCBF29CE484222325ULL) {
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    return hash;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const Character c = character_at(text, at);
        if (c.length == 0) {
            result += "\xEF\xBF\xBD";
            ++at;
        } else {
            result += text.substr(at, c.length);
            at += c.length;
        }
    }
    return result;
}

std::string visible(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const Character c = character_at(text, at);
        if (c.length == 0) {
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
            ++at;
            continue;
        }
        if (acts(c.code)) {
            result += c.code < 0x100 ? fmt::format("\\x{:02x}", c.code)
                                     : fmt::format("\\u{{{:x}}}", c.code);
        } else {
            result += text.substr(at, c.length);
        }
        at += c.length;
    }
    replace_all(result, "##vso[", "# #vso[");
    replace_all(result, "##[", "# #[");
    if (result.starts_with("::")) {
        result.insert(1, " ");
    }
    return result;
}

std::string markdown_code(std::string_view text) {
    std::string inner = visible(text);
    replace_all(inner, "`", "'");
    replace_all(inner, "|", "\\|");
    return inner.empty() ? "" : "`" + inner + "`";
}

std::string xml(std::string_view text) {
    std::string result;
    for (const char c : visible(text)) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&apos;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string csv_cell(std::string_view text) {
    std::string inner = visible(text);
    // Spreadsheets also look behind blanks.
    const std::size_t first = inner.find_first_not_of(' ');
    if (first != std::string::npos &&
        std::string_view("=+-@").find(inner[first]) != std::string_view::npos) {
        inner.insert(0, "'");
    }
    replace_all(inner, "\"", "\"\"");
    return "\"" + inner + "\"";
}

std::string hash16(std::string_view text) { return fmt::format("{:016x}", fnv(text)); }

std::string uuid_of(std::string_view name) {
    const std::uint64_t a = fnv(name);
    const std::uint64_t b = fnv(name, fnv("azreach"));
    return fmt::format("{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}", a >> 32U, (a >> 16U) & 0xFFFFU,
                       a & 0xFFFU, 0x8000U | ((b >> 48U) & 0x3FFFU), b & 0xFFFFFFFFFFFFULL);
}

}  // namespace azreach::report
