#include "models/net/address.hpp"

#include <arpa/inet.h>

#include <array>

namespace azreach {

namespace {

std::optional<Address> parse_v4(std::string_view text) {
    std::uint32_t bits = 0;
    std::size_t at = 0;
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (at == text.size() || text[at] != '.') {
                return std::nullopt;
            }
            ++at;
        }
        std::uint32_t value = 0;
        const std::size_t begin = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - begin < 3) {
            value = value * 10 + static_cast<std::uint32_t>(text[at] - '0');
            ++at;
        }
        const std::size_t digits = at - begin;
        if (digits == 0 || value > 255 || (digits > 1 && text[begin] == '0')) {
            return std::nullopt;
        }
        bits = (bits << 8) | value;
    }
    return at == text.size() ? std::optional(Address::v4(bits)) : std::nullopt;
}

std::optional<Address> parse_v6(std::string_view text) {
    // inet_pton reads up to the first NUL, so a NUL inside the text must not get there.
    if (text.size() >= INET6_ADDRSTRLEN ||
        text.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
        return std::nullopt;
    }
    in6_addr raw{};
    if (inet_pton(AF_INET6, std::string(text).c_str(), &raw) != 1) {
        return std::nullopt;
    }
    Uint128 value = 0;
    for (const std::uint8_t byte : raw.s6_addr) {
        value = (value << 8) | byte;
    }
    return Address::v6(value);
}

std::string dotted(std::uint32_t bits) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        text += std::to_string((bits >> shift) & 0xFFU);
        if (shift != 0) {
            text += '.';
        }
    }
    return text;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    return text.find(':') == std::string_view::npos ? parse_v4(text) : parse_v6(text);
}

std::string to_string(const Address& address) {
    const auto low = static_cast<std::uint32_t>(address.value & 0xFFFFFFFFU);
    if (address.family == Family::v4) {
        return dotted(low);
    }
    if (address.value >> 32 == 0xFFFFU) {
        return "::ffff:" + dotted(low);
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
