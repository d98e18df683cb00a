// Who may hand internet traffic to a configuration without a public address.                [R32]
#pragma once

#include <vector>

#include "models/network/network.hpp"

namespace azreach {

/// The facts under which internet packets may reach the NICs of `subnet` although they have no
/// public entry: an appliance with a public address to which the subnet's internet routes lead and
/// whose mode was not stated (it may translate destinations); a firewall with a public address,
/// whose rules are not modelled. Empty: nobody.
std::vector<Fact> possible_publishers(const Network& network, SubnetIndex subnet);

}  // namespace azreach
