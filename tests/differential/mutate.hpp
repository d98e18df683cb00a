// Small random changes of a generated network, as somebody makes them in a pull request.
#pragma once

#include <cstdint>
#include <string>

namespace azreach::testing {

/// `arm` is a list of resources ({"value": [...]}); the same seed makes the same changes.
std::string mutated(const std::string& arm, std::uint64_t seed, int changes);

/// The same network written otherwise: rules and resources in another order, prefixes split, a rule
/// renamed, children of security groups and route tables as resources of their own.
std::string rewritten(const std::string& arm, std::uint64_t seed);

}  // namespace azreach::testing
