#include "models/net/address.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace azreach {

std::optional<Address> parse_address(std::string_view text) {
    if (text.empty() || text.size() > 45) {
        return std::nullopt;
    }
    const std::string copy(text);
    if (copy.find(':') == std::string::npos) {
        std::uint32_t bits = 0;
        int parts = 0;
        std::size_t at = 0;
        while (true) {
            std::uint32_t part = 0;
            const std::size_t begin = at;
            while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - begin < 3) {
                part = part * 10 + static_cast<std::uint32_t>(text[at] - '0');
                ++at;
            }
            const std::size_t digits = at - begin;
            if (digits == 0 || part > 255 || (digits > 1 && text[begin] == '0')) {
                return std::nullopt;
            }
            bits = (bits << 8) | part;
            ++parts;
            if (parts == 4) {
                return at == text.size() ? std::optional(Address::v4(bits)) : std::nullopt;
            }
            if (at >= text.size() || text[at] != '.') {
                return std::nullopt;
            }
            ++at;
        }
    }
    in6_addr raw{};
    if (inet_pton(AF_INET6, copy.c_str(), &raw) != 1) {
        return std::nullopt;
    }
    Uint128 value = 0;
    for (const std::uint8_t byte : raw.s6_addr) {
        value = (value << 8) | byte;
    }
    return Address::v6(value);
}

std::string to_string(const Address& address) {
    if (address.family == Family::v4) {
        const auto bits = static_cast<std::uint32_t>(address.value);
        std::string text;
        for (int shift = 24; shift >= 0; shift -= 8) {
            text += std::to_string((bits >> shift) & 0xFFU);
            if (shift != 0) {
                text += '.';
            }
        }
        return text;
    }
    // RFC 5952: hexadecimal groups, the longest run of zero groups (at least two) as "::".
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) {
        groups[i] = static_cast<unsigned>((address.value >> (112 - 16 * i)) & 0xFFFFU);
    }
    std::size_t best = 8;
    std::size_t best_length = 1;
    for (std::size_t i = 0; i < 8;) {
        std::size_t j = i;
        while (j < 8 && groups[j] == 0) {
            ++j;
        }
        if (j - i > best_length) {
            best = i;
            best_length = j - i;
        }
        i = j == i ? i + 1 : j;
    }
    std::string text;
    for (std::size_t i = 0; i < 8;) {
        if (i == best) {
            text += "::";
            i += best_length;
            continue;
        }
        if (!text.empty() && text.back() != ':') {
            text += ':';
        }
        static constexpr char kDigits[] = "0123456789abcdef";
        bool begun = false;
        for (int shift = 12; shift >= 0; shift -= 4) {
            const unsigned digit = (groups[i] >> shift) & 0xFU;
            if (begun || digit != 0 || shift == 0) {
                text += kDigits[digit];
                begun = true;
            }
        }
        ++i;
    }
    return text;
}

}  // namespace azreach
