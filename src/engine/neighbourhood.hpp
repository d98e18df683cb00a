// How networks hang together, in words: for `show vnet`, and for blocked questions between VNets.
#pragma once

#include <string>
#include <vector>

#include "models/network/topology.hpp"

namespace azreach {

/// "peering web-to-app", "peering a-to-hub, then peering hub-to-b".
std::string way_text(const std::vector<const Link*>& way);

/// For a pair of endpoint lists in two VNets that no packet joins: what lies between the VNets, or
/// empty when they share one, are directly joined, or several VNets are on a side.
std::string between_networks(const Network& network, const std::vector<ConfigIndex>& from,
                             const std::vector<ConfigIndex>& to);

/// Lines of `show vnet`: (label, values).
std::vector<std::pair<std::string, std::vector<std::string>>> neighbourhood(const Network& network,
                                                                            VnetIndex vnet);

}  // namespace azreach
