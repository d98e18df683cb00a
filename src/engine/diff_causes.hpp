// Which configuration changes bring a packet into its new state: found by applying only them.
#pragma once

#include "src/engine/diff_rows.hpp"

namespace azreach {

/// One packet, and who sends it.
struct SampledPacket {
    Packet packet;
    SenderRow::Kind kind = SenderRow::Kind::configs;
    ResourceId interface, configuration;  // Kind::configs
    bool rerouted = false;                // what counts is the way, not the state
};

/// Where a walk leads, without the filters on the way.
std::vector<std::string> way_of(const Walk& walk);

struct Causes {
    /// By packet: indexes into the changes. Empty: none was found before the search was cut short.
    std::vector<std::vector<std::size_t>> of;
    bool incomplete = false;
};

/// For every packet a set of changes that, applied to the old snapshot alone, does with it what the
/// new snapshot does, and no proper subset of which does (of sets with more than three changes: no
/// subset with one change less). Cost: a Network for every tried set of changes, all packets
/// together; at most kMostNetworks of small ones, fewer of large ones.
Causes causes_of(const ConfigChanges& changes, const Assumptions& assumptions,
                 const std::vector<SampledPacket>& packets);

}  // namespace azreach
