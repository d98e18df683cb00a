// Observed flows: flow logs of Network Watcher, and lists of 5-tuples.
//
// Security-group flow logs (versions 1 and 2) and virtual-network flow logs are JSON records with
// tuples of text; a list is CSV with a header. Told by content.
// Sources: https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview
//          https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview
#pragma once

#include <string>
#include <string_view>

#include "models/azure/flow_log.hpp"

namespace azreach {

/// Reads one log, compressed or not. Throws InputError when the file is none of these.
FlowLog read_flow_log(const std::string& path);
FlowLog parse_flow_log(const std::string& name, std::string_view text);

}  // namespace azreach
