// Generated networks as ARM JSON, with packets on both sides of their borders. Deterministic.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/oracle/oracle.hpp"

namespace azreach::oracle {

struct Question {
    Start from;
    Packet packet;
    /// Not empty: to the public endpoint of this resource; packet.dst says nothing.
    ResourceId service;
    std::string group = {};
};

struct Generated {
    std::string arm;           // {"value": [...]}
    std::string service_tags;  // a service-tag file, or empty
    std::vector<Question> questions;
    std::vector<std::string> assume;  // KEY=VALUE
};

/// Everything of the network layer in small: one to four VNets, a dozen NICs, few addresses and
/// ports, so that rules, routes and packets collide often.
Generated generate(std::uint64_t seed);

/// Those with Azure Firewalls: policies with parents, classic rules, NAT, IP groups, names, routes
/// that lead through them and on from them.
Generated generate_with_firewalls(std::uint64_t seed);

}  // namespace azreach::oracle
