// Generated PaaS resources: every service profile, with rules around the addresses and subnets of
// the generated network. Deterministic.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace azreach::oracle {

struct GeneratedServices {
    std::vector<nlohmann::json> resources;
    std::vector<std::pair<std::string, std::string>> endpoints;  // (resource id, sub-resource)
    /// Targets for private endpoints: (resource id, group id); some are not in the snapshot.
    std::vector<std::pair<std::string, std::string>> targets;
    /// Service endpoints for subnets that may reach them: (subnet id, service).
    std::vector<std::pair<std::string, std::string>> service_endpoints;
};

/// `subnets`: ids; `publics`: public addresses of the network; `private_endpoint`: its id, or "".
GeneratedServices generate_services(std::uint64_t seed, const std::vector<std::string>& subnets,
                                    const std::vector<std::string>& publics,
                                    const std::string& private_endpoint);

}  // namespace azreach::oracle
