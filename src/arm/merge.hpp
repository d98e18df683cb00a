// Joining children that stand alone with their parents, and copies of one resource.            [J2]
//
// What copies say alike is certain. What they say differently is kept from both sides and marked,
// where the data can carry a mark (rules and routes: `certain`; properties: `Header::contested`);
// where it cannot, the input is refused, for every choice could be the wrong one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/arm/readers.hpp"

namespace azreach {

/// More different copies of one thing than this are refused.
constexpr std::size_t kMostCopies = 16;

/// Puts standalone subnets, peerings, rules, routes, members, collections into their parents.
/// Cost: n log n in the number of children.
void merge_children(ImportState& state, const SourceMap& places);

/// The property names of `decides` (separated by blanks) in which two copies of a resource differ,
/// fields that decide nothing (etag, provisioningState, description, ...) aside.
std::vector<std::string> differing_properties(std::string_view before, std::string_view after,
                                              std::string_view decides);

/// Merges a differing second copy into the snapshot where its difference can be kept apart; false
/// when it cannot, and the input must be refused.
bool merge_copies(const ResourceReader& reader, const Header& header,
                  const std::vector<std::string>& differing, const JsonCursor& second,
                  ImportState& state);

}  // namespace azreach
