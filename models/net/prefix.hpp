// A CIDR block.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/net/address_set.hpp"

namespace azreach {

/// A CIDR block. The factory clears host bits, so equal blocks compare equal.
class Prefix {
public:
    Prefix() = default;  // 0.0.0.0/0
    /// Host bits of `address` beyond `length` are cleared. 0 <= length <= width(family).
    static std::optional<Prefix> of(Address address, int length);
    static Prefix host(Address address);
    static Prefix all(Family family);  // 0.0.0.0/0 or ::/0

    Family family() const { return first_.family; }
    Address first() const { return first_; }
    Address last() const;
    int length() const { return length_; }
    bool contains(const Address& address) const;
    bool contains(const Prefix& other) const;  // same family and a superset or equal
    AddressSet addresses() const;

    friend bool operator==(const Prefix&, const Prefix&) = default;
    friend auto operator<=>(const Prefix&, const Prefix&) = default;

private:
    Address first_{};
    int length_ = 0;
};

struct ParsedPrefix {
    Prefix prefix;
    bool host_bits_cleared = false;  // "10.0.0.5/24" was written                        [N19]
};

/// "10.0.0.0/8", "::/0", or a single address (read as /32 or /128).
std::optional<ParsedPrefix> parse_prefix(std::string_view text);
std::string to_string(const Prefix& prefix);

/// The fewest prefixes whose union is exactly the set, ascending. At most 2*width per range.
std::vector<Prefix> prefixes_of(const AddressSet& set);

}  // namespace azreach
