// A first azreach.yaml for a snapshot: sets for what is there, and invariants to begin with.
#pragma once

#include <string>
#include <vector>

#include "models/network/network.hpp"

namespace azreach::config {

/// The text of the file; it is read back without complaint. `snapshots` as the file names them.
std::string starter(const Network& network, const std::vector<std::string>& snapshots);

}  // namespace azreach::config
