// Just-in-time access policies: who may have which ports of a machine opened on request.
// Meaning: models/network/jit_access.                                                [E50 .. E54]
// Source: https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-overview
#pragma once

#include <vector>

#include "models/azure/header.hpp"
#include "models/azure/security_group.hpp"

namespace azreach {

struct JitPolicy {
    Header header;
    struct Port {
        Provenance where;
        int number = 0;
        RuleProtocol protocol = RuleProtocol::any;
        AddressSpec sources;  // from whom a request may be made
    };
    struct Machine {
        ResourceId id;
        std::vector<Port> ports;
    };
    std::vector<Machine> machines;
};

}  // namespace azreach
