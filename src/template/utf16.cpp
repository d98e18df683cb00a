#include "src/template/utf16.hpp"

#include <cstdint>

namespace azreach::arm_template {

std::u16string to_utf16(std::string_view text) {
    std::u16string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t more = first < 0x80             ? 0
                                 : (first & 0xE0) == 0xC0 ? 1
                                 : (first & 0xF0) == 0xE0 ? 2
                                 : (first & 0xF8) == 0xF0 ? 3
                                                          : 4;
        std::uint32_t code = more == 0 ? first : first & (0x3FU >> more);
        bool good = more < 4 && i + more < text.size();
        for (std::size_t j = 1; good && j <= more; ++j) {
            const auto next = static_cast<unsigned char>(text[i + j]);
            good = (next & 0xC0) == 0x80;
            code = (code << 6) | (next & 0x3FU);
        }
        if (!good) {
            result += u'\uFFFD';
            ++i;
            continue;
        }
        i += more + 1;
        if (code >= 0x10000) {
            code -= 0x10000;
            result += static_cast<char16_t>(0xD800 + ((code >> 10) & 0x3FF));
            result += static_cast<char16_t>(0xDC00 + (code & 0x3FF));
        } else {
            result += static_cast<char16_t>(code);
        }
    }
    return result;
}

std::string to_utf8(std::u16string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint32_t code = text[i];
        if (code >= 0xD800 && code < 0xE000) {
            const bool pair = code < 0xDC00 && i + 1 < text.size() && text[i + 1] >= 0xDC00 &&
                              text[i + 1] < 0xE000;
            code = pair ? 0x10000U + ((code - 0xD800U) << 10) + (text[i + 1] - 0xDC00U) : 0xFFFDU;
            i += pair ? 1 : 0;
        }
        if (code < 0x80) {
            result += static_cast<char>(code);
        } else if (code < 0x800) {
            result += static_cast<char>(0xC0 | (code >> 6));
            result += static_cast<char>(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            result += static_cast<char>(0xE0 | (code >> 12));
            result += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
            result += static_cast<char>(0x80 | (code & 0x3F));
        } else {
            result += static_cast<char>(0xF0 | (code >> 18));
            result += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
            result += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
            result += static_cast<char>(0x80 | (code & 0x3F));
        }
    }
    return result;
}

}  // namespace azreach::arm_template
