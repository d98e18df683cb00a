#include "models/net/prefix.hpp"

#include <charconv>

namespace azreach {

namespace {

Uint128 host_mask(Family family, int length) {
    const int host_bits = width(family) - length;
    return host_bits == 128 ? ~Uint128{0} : (Uint128{1} << host_bits) - 1;
}

template <class T>
void append_prefixes(const Range<T>& range, Family family, std::vector<Prefix>& result) {
    Uint128 at = range.first;
    const Uint128 last = range.last;
    while (true) {
        int length = width(family);
        // The largest block that begins at `at` and ends by `last`.
        while (length > 0) {
            const Uint128 mask = host_mask(family, length - 1);
            if ((at & mask) != 0 || (at | mask) > last) {
                break;
            }
            --length;
        }
        result.push_back(*Prefix::of({family, at}, length));
        const Uint128 end = at | host_mask(family, length);
        if (end >= last) {
            return;
        }
        at = end + 1;
    }
}

}  // namespace

std::optional<Prefix> Prefix::of(Address address, int length) {
    if (length < 0 || length > width(address.family)) {
        return std::nullopt;
    }
    Prefix result;
    result.first_ = {address.family, address.value & ~host_mask(address.family, length)};
    result.length_ = length;
    return result;
}

Prefix Prefix::host(Address address) { return *of(address, width(address.family)); }

Prefix Prefix::all(Family family) { return *of({family, 0}, 0); }

Address Prefix::last() const {
    return {first_.family, first_.value | host_mask(first_.family, length_)};
}

bool Prefix::contains(const Address& address) const {
    return address.family == first_.family &&
           (address.value & ~host_mask(first_.family, length_)) == first_.value;
}

bool Prefix::contains(const Prefix& other) const {
    return other.length_ >= length_ && contains(other.first_);
}

AddressSet Prefix::addresses() const { return AddressSet::range(first_, last()); }

std::optional<ParsedPrefix> parse_prefix(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::optional<Address> address = parse_address(text.substr(0, slash));
    if (!address) {
        return std::nullopt;
    }
    int length = width(address->family);
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) {
            return std::nullopt;
        }
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), length);
        if (error != std::errc{} || end != digits.data() + digits.size() || digits[0] == '-') {
            return std::nullopt;
        }
    }
    const std::optional<Prefix> prefix = Prefix::of(*address, length);
    if (!prefix) {
        return std::nullopt;
    }
    return ParsedPrefix{*prefix, prefix->first() != *address};
}

std::string to_string(const Prefix& prefix) {
    return to_string(prefix.first()) + "/" + std::to_string(prefix.length());
}

std::vector<Prefix> prefixes_of(const AddressSet& set) {
    std::vector<Prefix> result;
    for (const auto& range : set.v4.ranges()) {
        append_prefixes(range, Family::v4, result);
    }
    for (const auto& range : set.v6.ranges()) {
        append_prefixes(range, Family::v6, result);
    }
    return result;
}

}  // namespace azreach
