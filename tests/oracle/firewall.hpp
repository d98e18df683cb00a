// Azure Firewall for the oracle: what one firewall does with one packet, in one world, written from
// the pages on rule processing and SNAT (section 1 of the services reference), straight from the
// imported values.
#pragma once

#include <string>
#include <vector>

#include "tests/oracle/world.hpp"

namespace azreach::oracle {

struct FirewallRuling {
    enum class Kind {
        drop,      // for `reason`
        pass,      // on, with the source as it is or (translates) the firewall's
        redirect,  // on to `to`, with the firewall's source
        here,      // delivered at the firewall
        anything,  // not known: `unknown`
    } kind = Kind::drop;
    std::string reason;
    bool translates = false;
    Address to{};
    int port = -1;  // of TCP and UDP; -1: as it was
    std::string unknown;
};
/// `own`: the packet is for an address of the firewall itself; `from_outside`: its public one. A
/// reply that the firewall does not know is asked as if it were new, but never translated.
FirewallRuling rule(const World& w, const AzureFirewall& firewall, const Packet& packet, bool own,
                    bool from_outside, bool reply);

/// The firewall at a private address of this VNet; null if there is none.
std::vector<const AzureFirewall*> firewalls_at(const World& w, const VirtualNetwork& vnet,
                                               const Address& address);
/// Where it stands.
const Subnet* subnet_of(const World& w, const AzureFirewall& firewall, const VirtualNetwork** vnet);
/// FW-14: a deallocated firewall of the resource group has left the subnet empty.
bool left_by_its_firewall(const World& w, const Subnet& subnet);
/// The firewall with this public address for its traffic; `management`: it only manages.
const AzureFirewall* firewall_of(const World& w, const PublicIpAddress& ip, bool& management);

}  // namespace azreach::oracle
