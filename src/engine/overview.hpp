// Everything that a report or a drawing shows, worked out once: who is exposed, who reaches whom by
// subnet, and the answers worth reading.
#pragma once

#include <string>
#include <vector>

#include "models/network/topology.hpp"
#include "src/engine/axis.hpp"

namespace azreach {

enum class Exposure : std::uint8_t { none, narrow, wide, unknown };
std::string_view to_string(Exposure exposure);

struct OverviewEndpoint {
    Endpoint endpoint;
    SubnetIndex subnet = kNoIndex;  // of its first configuration
    Exposure exposure = Exposure::none;
};

/// What the internet reaches at one endpoint.
struct Exposed {
    std::size_t endpoint = 0;  // index into Overview::endpoints
    /// What surely arrives from some of the sources (by some choice of the platform), and what else
    /// may arrive.
    ServiceSet service, possible;
    AddressSet sources;  // from which addresses (of MAY)
};

/// One way from a row of the axis to a PaaS endpoint, answered as a question.
struct ServicePair {
    std::uint32_t from = 0;   // index into the axis
    std::size_t service = 0;  // index into Overview::services
    std::size_t answer = 0;   // index into Overview::answers
};

struct OverviewOptions {
    int jobs = 1;
    std::size_t most_exposed = 500;  // endpoints whose sources are counted
    std::size_t most_answers = 240;  // questions that are answered for the path pages
    /// Pairs with PaaS endpoints; where there are more, only the internet and on-premises ask.
    std::size_t most_service_pairs = 800;
};

struct Overview {
    ReachAxis axis;  // by subnet
    ServiceSet asked;
    std::vector<Reachability::Block> blocks;
    std::vector<OverviewEndpoint> endpoints;  // machines, NICs of their own, private endpoints, ...
    std::vector<Exposed> exposed;             // in the order of `endpoints`
    std::vector<QueryAnswer> answers;
    std::vector<std::size_t> services;       // PaaS endpoints, by index into `endpoints`
    std::vector<ServicePair> service_pairs;  // by service, then row
};

Overview overview(const Network& network, const Reachability& reachability,
                  const Endpoints& endpoints, const OverviewOptions& options = {});

}  // namespace azreach
