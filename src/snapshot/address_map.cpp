#include "src/snapshot/address_map.hpp"

#include <array>
#include <string_view>

namespace azreach {

namespace {

constexpr std::array<std::string_view, 27> kSpecial = {
    "0.0.0.0/8",      "10.0.0.0/8",         "100.64.0.0/10",   "127.0.0.0/8",    "168.63.129.16/32",
    "169.254.0.0/16", "172.16.0.0/12",      "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24",
    "192.168.0.0/16", "198.18.0.0/15",      "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4",    "255.255.255.255/32", "::/128",          "::1/128",        "::ffff:0:0/96",
    "64:ff9b::/96",   "100::/64",           "2000::/3",        "2001:db8::/32",  "fc00::/7",
    "fe80::/10",      "ff00::/8",
};
/// Here single addresses mean something.
constexpr std::array<std::string_view, 11> kFrozen = {
    "0.0.0.0/8", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
    "::/128",    "::1/128",     "64:ff9b::/96",     "fe80::/10",      "ff00::/8",
};

Uint128 upper_bits(Uint128 value, int length, int size) {
    return length == 0 ? Uint128{0} : (value >> (size - length)) << (size - length);
}

}  // namespace

std::size_t AddressMap::Hash::operator()(const Node& node) const {
    return static_cast<std::size_t>(mixed(0, node));
}

std::uint64_t AddressMap::mixed(std::uint64_t seed, const Node& node) {
    // splitmix64 over the parts: no secret, the map only has to look unlike the original.
    std::uint64_t state = seed;
    const auto mix = [&](std::uint64_t part) {
        state += part + 0x9E3779B97F4A7C15ULL;
        state = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        state = (state ^ (state >> 27U)) * 0x94D049BB133111EBULL;
        state ^= state >> 31U;
    };
    mix(static_cast<std::uint64_t>(node.family));
    mix(static_cast<std::uint64_t>(node.length));
    mix(static_cast<std::uint64_t>(node.bits));
    mix(static_cast<std::uint64_t>(node.bits >> 64U));
    return state;
}

AddressMap::AddressMap(std::uint64_t seed, const std::vector<Prefix>& boundaries,
                       const std::vector<Prefix>& frozen)
    : seed_(seed) {
    const auto boundary = [&](const Prefix& prefix) {
        const int size = width(prefix.family());
        for (int length = prefix.length() - 1; length >= 0; --length) {
            const Node node{prefix.family(), length,
                            upper_bits(prefix.first().value, length, size)};
            if (!split_.insert(node).second) {
                break;  // and so are all blocks around it
            }
        }
    };
    const auto freeze = [&](const Prefix& prefix) {
        frozen_.insert({prefix.family(), prefix.length(), prefix.first().value});
    };
    for (const std::string_view text : kSpecial) {
        boundary(parse_prefix(text)->prefix);
    }
    for (const std::string_view text : kFrozen) {
        freeze(parse_prefix(text)->prefix);
    }
    for (const Prefix& prefix : boundaries) {
        boundary(prefix);
    }
    for (const Prefix& prefix : frozen) {
        freeze(prefix);
    }
}

Address AddressMap::first_bits(const Address& address, int length) const {
    const int size = width(address.family);
    Uint128 result = address.value;
    for (int i = 0; i < length; ++i) {
        const Node node{address.family, i, upper_bits(address.value, i, size)};
        if (frozen_.contains(node)) {
            break;
        }
        if (!split_.contains(node) && (mixed(seed_, node) & 1U) != 0) {
            result ^= Uint128{1} << (size - 1 - i);
        }
    }
    return {address.family, result};
}

Address AddressMap::operator()(const Address& address) const {
    return first_bits(address, width(address.family));
}

Prefix AddressMap::operator()(const Prefix& prefix) const {
    return *Prefix::of(first_bits(prefix.first(), prefix.length()), prefix.length());
}

}  // namespace azreach
