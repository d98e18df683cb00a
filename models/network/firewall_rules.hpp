// What an Azure Firewall does with a packet, as ordered rule lists with guards.
//
// Like a FilterList, but for a firewall's three passes. Both engines (and a prover) read these
// lists; none of them walks a packet here. For one packet (src, dst, service) that reaches the
// firewall:
//
//   0. `unread` is not empty: the rules are not known. Anything may happen, also a translation.
//   1. Of `alternatives` the one whose `when` holds is in force (there is always exactly one).
//   [FW-1]
//   2. `nat`, IPv4 only: the first that matches decides. The destination becomes `to` and `to_port`
//      (absent: kept), the source an address of the firewall's subnet; accepted. Under
//      NOT dnat-ignores-network-deny a Deny of `network` that matches the translated packet (with
//      its old source) still stops it [FW-8]. A `transit` entry translates nothing but the source
//      [FW-9]; those stand last. An entry with `unknown_target` sends the packet nobody knows where
//      [FW-24].
//   3. dst is one of the firewall's own addresses: delivered there if `listens` contains the
//      service, else dropped.                                                   [FW-20] [FW-21]
//   4. `network`: the first that matches decides. Allowed: the source is kept if `keeps_source`
//      contains dst, else translated.                                           [FW-7] [FW-32]
//   5. `application`, IPv4 only: HTTP, HTTPS and MSSQL stand apart, for a packet does not say which
//   of
//      them it is; it is accepted if the first match of any of the three allows. The source is
//      always translated.                                                       [FW-27] [FW-34]
//   6. Otherwise it is dropped.
//   7. `threat_intel_denies` / `idps_denies`: under the contested facts threat-intel and idps even
//   an
//      accepted packet is dropped, unless an address of it is in `never_blocked`.       [FW-19]
//
// A part of a side or service holds when its guard does; what has several parts is their union.
// Facts about one thing are asked about the source, the destination, or once for the packet, as in
// security groups. The translated source is a public address of the firewall where the route from
// its subnet leads to the internet, else an address of the subnet [FW-33] [FW-35].
//
// Direction: guards widen MAY and narrow MUST. Cost of compiling: linear in rules and in the
// addresses of groups; an IP group or tag is expanded once, whoever names it.
// Rules decided here: [FW-1] [FW-2] [FW-2a] [FW-3] [FW-4] [FW-5] [FW-6] [FW-8] [FW-9] [FW-11]
// [FW-15] [FW-16] [FW-17] [FW-18] [FW-19] [FW-20] [FW-21] [FW-23] [FW-24] [FW-25] [FW-26] [FW-27]
// [FW-28] [FW-29] [FW-31] [FW-32] [FW-36] [FW-37] [FW-45] Source:
// https://learn.microsoft.com/azure/firewall/rule-processing
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/azure/azure_firewall.hpp"
#include "models/azure/guard.hpp"

namespace azreach {

class Network;

/// A union of guarded sets that the compiled firewall owns; rules share them.
using AddressParts = std::vector<const Guarded<AddressSet>*>;

/// One rule of a list.
struct FirewallMatch {
    Guard when;  // the rule exists and stands here in the order
    AddressParts source, destination;
    const GuardedServices* service = nullptr;
    Access access = Access::deny;        // allow or deny
    const FirewallRule* rule = nullptr;  // null: built into the firewall (infrastructure names)
    const FirewallRuleCollection* collection = nullptr;
};

struct NatMatch {
    FirewallMatch match;
    std::optional<Address> to;
    std::optional<std::uint16_t> to_port;
    std::optional<Fact> unknown_target;
    bool transit = false;
};

/// The lists in the order in which they are tried; ends of lists match nothing.
struct FirewallRules {
    Guard when;
    std::vector<NatMatch> nat;
    std::vector<FirewallMatch> network;
    /// HTTP, HTTPS, MSSQL.
    std::array<std::vector<FirewallMatch>, 3> application;
    GuardedAddresses keeps_source;
    ServiceSet listens;
    bool threat_intel_denies = false, idps_denies = false;
    AddressSet never_blocked;
    bool empty = false;  // neither a policy nor classic rules                      FW_NO_POLICY
};

struct CompiledFirewall {
    Guard unread;
    std::vector<FirewallRules> alternatives;
};

/// Expansions shared by all firewalls of a snapshot; owns the sets that rules point to, so it must
/// outlive what it compiled. Not thread-safe.
class FirewallCompiler {
public:
    explicit FirewallCompiler(const Network& network);
    CompiledFirewall compile(const AzureFirewall& firewall);

    /// Destinations of application rules under the documented reading: outside every known
    /// private space.
    const AddressSet& public_destinations() const { return public_destinations_; }

private:
    struct Ordered {
        Guard when;
        const FirewallRuleCollection* collection = nullptr;
        bool inherited = false;
    };
    std::vector<const FirewallPolicy*> chain_of(const AzureFirewall& firewall, Guard& unread) const;
    std::vector<Ordered> in_order(const std::vector<const FirewallPolicy*>& chain) const;
    std::vector<Ordered> in_order(const std::vector<FirewallRuleCollection>& classic) const;
    void add_in_order(std::vector<const FirewallRuleCollection*> collections, const Guard& when,
                      bool inherited, std::vector<Ordered>& result) const;
    void add_rules(const std::vector<Ordered>& collections, bool sql_redirect,
                   FirewallRules& rules);
    void add_nat(const Ordered& ordered, FirewallRules& rules);
    void add_network(const Ordered& ordered, FirewallRules& rules);
    void add_application(const Ordered& ordered, bool sql_redirect, FirewallRules& rules);
    void add_infrastructure(FirewallRules& rules);
    void policy_settings(const AzureFirewall& firewall,
                         const std::vector<const FirewallPolicy*>& chain, FirewallRules& rules);
    void classic_settings(const AzureFirewall& firewall, FirewallRules& rules);

    FirewallMatch match_of(const Ordered& ordered, const FirewallRule& rule);
    AddressParts side(const FirewallSide& side, const FirewallRule& rule);
    AddressParts application_destination(const FirewallRule& rule);
    const GuardedServices* services(const FirewallRule& rule);
    const GuardedServices* services(GuardedServices parts);
    const Guarded<AddressSet>* literal(AddressSet set);
    const Guarded<AddressSet>* guarded(Guard when, AddressSet set);
    const AddressParts& group(const ResourceId& id);
    const Guarded<AddressSet>* tag(const std::string& name);
    const Guarded<AddressSet>* name(const std::string& name);
    Guard malformed(const FirewallRule& rule) const;

    const Network& network_;
    AddressSet public_destinations_;
    std::vector<NatMatch> transits_;  // of the rules being read
    std::deque<Guarded<AddressSet>> sets_;
    std::deque<GuardedServices> services_;
    std::map<AddressSet, const Guarded<AddressSet>*> literals_;
    std::map<ResourceId, AddressParts> groups_;
    std::map<std::string, const Guarded<AddressSet>*, IgnoringCase> tags_, names_;
    std::map<std::pair<std::vector<RuleProtocol>, PortSet>, const GuardedServices*> known_services_;
    /// Rule collection groups that stand in the input and could not be read, by their policy.
    std::map<ResourceId, ResourceId> unread_groups_;
};

}  // namespace azreach
