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

}  // namespace azreach::oracle
