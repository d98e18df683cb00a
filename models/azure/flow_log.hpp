// Observed flows: what a flow log, or a list of 5-tuples, says was seen.
#pragma once

#include <string>
#include <vector>

#include "models/azure/resource_id.hpp"
#include "models/net/packet.hpp"

namespace azreach {

struct ObservedFlow {
    Packet packet;
    bool inbound = false;  // seen where it arrives; else where it leaves
    bool allowed = true;
    ResourceId seen_by;      // the security group, or the network whose log it is; empty: a list
    std::string rule;        // as logged: "UserRule_allow-https", "DefaultRule_DenyAllInBound"
    std::size_t times = 1;   // equal tuples are one
    std::size_t record = 0;  // of the first: number of the record or line, from 1
};

struct FlowLog {
    std::vector<ObservedFlow> flows;      // in the order of their first record
    std::size_t tuples = 0;               // read
    std::vector<std::string> unreadable;  // "record 3: ..."; at most 20
    std::size_t left_out = 0;             // unreadable ones beyond those
};

}  // namespace azreach
