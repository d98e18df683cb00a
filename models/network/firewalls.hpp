// Azure Firewalls in their places: where packets meet them, and what others see of them.
// Rules decided here: [FW-14] [FW-33] [FW-35] [FW-40] [FW-41] [FW-45]
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/network/firewall_rules.hpp"

namespace azreach {

class Network;

using FirewallIndex = std::uint32_t;

struct FirewallPlace {
    const AzureFirewall* firewall = nullptr;
    std::vector<Address> addresses;      // private: where routes and clients find it
    std::uint32_t subnet = 0xFFFFFFFFU;  // SubnetIndex of AzureFirewallSubnet; kNoIndex: not read.
                                         // Packets go on by its routes [FW-40]; a security group
                                         // there means nothing [FW-41]
    std::uint32_t vnet = 0xFFFFFFFFU;
    ResourceId subnet_id;
    /// Sources that private destinations may see: some instance's address. Which addresses the
    /// instances have is not known.                                             [FW-33] [FW-35]
    AddressSet shown;
    /// One address of every part of `shown` that some prefix in the snapshot tells apart.
    std::vector<Address> shown_samples;
    /// Sources that the internet sees: one of them, by choice. `all_known` false: others too.
    struct Exit {
        ResourceId by;  // the NAT gateway, the public address, or empty
        AddressSet addresses;
        bool all_known = true;
        /// Other protocols than TCP and UDP are never sure to be translated.               [FW-15]
    } exit;
    /// Nothing of it takes packets of this family.                                      [FW-45]
    bool carries(Family family) const;
};

class Firewalls {
public:
    /// O(n log n) in firewalls, and one look at every prefix of the snapshot. Rules are compiled
    /// when first asked for.
    explicit Firewalls(const Network& network);
    ~Firewalls();

    /// In id order; only those that stand somewhere (a deallocated one does not [FW-14]).
    const std::vector<FirewallPlace>& all() const { return places_; }
    const FirewallPlace& at(FirewallIndex index) const { return places_[index]; }
    const CompiledFirewall& rules(FirewallIndex index) const;
    void compile_all() const;

private:
    void find_exits();
    void find_samples();

    const Network& network_;
    std::vector<FirewallPlace> places_;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace azreach
