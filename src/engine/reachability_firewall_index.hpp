// The lists of firewalls, compiled for sets: which packets each pass takes, as filter indexes.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "models/network/network.hpp"
#include "src/engine/reachability_filter_chain.hpp"

namespace azreach {

/// The ways through one set of firewall rules, NAT aside. In every world at most one of them takes
/// a packet of a given protocol, so their cells add up.
struct FirewallChains {
    FilterIndexes::Chain transit;  // what NAT rules allow in transit; empty(): no such rules [FW-9]
    FilterIndexes::Chain network;  // what network rules allow (and no transit rule takes)
    /// What application rules allow and nothing before them takes: one chain a protocol.
    std::vector<FilterIndexes::Chain> application;
    FilterIndexes::Chain not_denied;  // what no network rule denies                      [FW-8]
    bool has_transit = false;
};

/// Compiled on first use; thread-safe.
class FirewallIndexes {
public:
    FirewallIndexes(const Network& network, ServicePool& pool) : network_(network), pool_(pool) {}
    /// By alternative of CompiledFirewall.
    const std::vector<FirewallChains>& of(FirewallIndex firewall);

private:
    FirewallChains chains(const FirewallRules& rules);
    const FilterIndex* index(const std::vector<RuleParts>& rules, bool admin);

    const Network& network_;
    ServicePool& pool_;
    std::vector<std::unique_ptr<FilterIndex>> indexes_;
    std::unordered_map<FirewallIndex, std::vector<FirewallChains>> chains_;
    std::mutex mutex_;
};

}  // namespace azreach
