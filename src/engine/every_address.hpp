// Questions about interfaces whose addresses are not known before deployment.
//
// A NIC whose address Azure picks, or a parameter says, has one of the free addresses of its
// subnet; what a public IP gets is not known at all. The question is asked again with one address
// for each that can make a difference; if all answers agree, that is the answer for every address.
// Two addresses make a difference only if something in the snapshot tells them apart: a literal
// block that holds one and not the other, or somebody who has one of them.                [J6] [E2]
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "src/engine/query.hpp"

namespace azreach {

/// The addresses at which a literal block (an address, prefix or range written anywhere in the
/// input) begins, and those behind the end of one. Ascending, IPv4.
class Landmarks {
public:
    /// Everything in `text` that can be read as an address or prefix; other text is passed over.
    void add_from(std::string_view text);
    /// One address of each part of `block` that no landmark cuts, and up to `more` further ones of
    /// the same part; only addresses for which `is_free` holds.
    template <class IsFree>
    std::vector<std::vector<Address>> parts_of(const Prefix& block, const IsFree& is_free) const;
    void sort();

private:
    std::vector<std::uint32_t> starts_;
};

/// The answer whatever the unknown addresses of the NICs in question are; nullopt when it depends
/// on them, or when this cannot be told (scale sets, IPv6, several such NICs on one side, more than
/// 64 cases). `landmarks` is called when an address is missing; it reads the whole input. Cost: a
/// network for each case.
std::optional<QueryAnswer> answer_for_every_address(
    const Network& network, const Endpoints& endpoints, const std::function<Landmarks()>& landmarks,
    std::string_view from, std::string_view to, std::string_view service_text,
    const ServiceSet& service, const TraceOptions& options = {});

// --- implementation ------------------------------------------------------------------------------

template <class IsFree>
std::vector<std::vector<Address>> Landmarks::parts_of(const Prefix& block,
                                                      const IsFree& is_free) const {
    std::vector<std::vector<Address>> parts;
    if (block.family() != Family::v4) {
        return parts;
    }
    const auto last = static_cast<std::uint32_t>(block.last().value);
    auto first = static_cast<std::uint64_t>(block.first().value);
    while (first <= last) {
        const auto next =
            std::upper_bound(starts_.begin(), starts_.end(), static_cast<std::uint32_t>(first));
        const std::uint64_t end = next == starts_.end()
                                      ? std::uint64_t{last} + 1
                                      : std::min<std::uint64_t>(*next, std::uint64_t{last} + 1);
        std::vector<Address> part;
        for (std::uint64_t a = first; a < end && part.size() < 2; ++a) {
            const Address address = Address::v4(static_cast<std::uint32_t>(a));
            if (is_free(address)) {
                part.push_back(address);
            }
        }
        if (!part.empty()) {
            parts.push_back(std::move(part));
        }
        first = end;
    }
    return parts;
}

}  // namespace azreach
