// Azure Firewall, its policies and IP groups: data. Meaning: models/network/firewall_rules.hpp
// (which rules, in which order) and models/network/firewalls.hpp (where it stands).
// Source: https://learn.microsoft.com/azure/firewall/overview
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/azure/security_group.hpp"
#include "models/net/address_set.hpp"

namespace azreach {

/// The three passes over a firewall's rules.                                             [FW-3]
enum class FirewallPass : std::uint8_t { nat, network, application };
/// `other`: a word that we do not know (classic NAT also knows "Snat"); it may do anything.
enum class FirewallAction : std::uint8_t { allow, deny, dnat, other };

/// One side of a firewall rule: the union of everything in it.
struct FirewallSide {
    bool any = false;     // "*"
    AddressSet prefixes;  // literal addresses, prefixes and ranges
    std::vector<std::string> tags;
    std::vector<ResourceId> ip_groups;
    std::vector<std::string> names;  // destinationFqdns of network rules                  [FW-17]
    bool by_label = false;           // sourceKubeSelectorGroups                           [FW-18]
    std::vector<std::string> unreadable;
    bool empty() const {
        return !any && prefixes.empty() && tags.empty() && ip_groups.empty() && names.empty() &&
               !by_label && unreadable.empty();
    }
    friend bool operator==(const FirewallSide&, const FirewallSide&) = default;
};

struct ApplicationProtocol {
    enum class Kind : std::uint8_t { http, https, mssql, other } kind = Kind::other;
    std::uint16_t port = 0;
    friend bool operator==(const ApplicationProtocol&, const ApplicationProtocol&) = default;
};

/// A rule of any pass; fields of the other passes stay empty.
struct FirewallRule {
    ResourceId id;  // as the contract names it (section 5)
    std::string name;
    Provenance where;
    FirewallSide source, destination;
    // NAT and network rules.
    std::vector<RuleProtocol> protocols;  // empty: not given
    PortSet destination_ports;
    bool ports_given = false, ports_unreadable = false;
    // NAT rules.
    std::optional<Address> translated_address;
    std::string translated_name;  // translatedFqdn                                        [FW-24]
    std::optional<std::uint16_t> translated_port;
    // Application rules.
    std::vector<ApplicationProtocol> applications;
    std::vector<std::string> target_names;  // targetFqdns and targetUrls
    bool by_category = false;               // fqdnTags or webCategories: names that Azure keeps
    bool terminates_tls = false;

    /// The same rule, wherever it was read.
    bool same(const FirewallRule& other) const;
};

/// Rules of one pass with one action. A filter collection of a policy that mixes network and
/// application rules is read as two.
struct FirewallRuleCollection {
    ResourceId id;
    std::string name;
    Provenance where;
    int priority = 0;
    FirewallPass pass = FirewallPass::network;
    FirewallAction action = FirewallAction::deny;
    std::vector<FirewallRule> rules;
};

struct RuleCollectionGroup {
    Header header;  // parent: the policy
    int priority = 0;
    std::vector<FirewallRuleCollection> collections;
};

/// Threat intelligence, or intrusion detection. Absent is `alert` for the first and `off` for the
/// second.                                                                               [FW-19]
enum class FirewallMode : std::uint8_t { off, alert, deny };

struct FirewallPolicy {
    Header header;
    Ref base;
    std::string tier;
    std::vector<RuleCollectionGroup> groups;   // inline or standing alone
    std::vector<ResourceId> listed_groups;     // ids that the policy names
    std::optional<AddressSet> private_ranges;  // snat.privateRanges                       [FW-32]
    bool learns_ranges = false;                // snat.autoLearnPrivateRanges              [FW-36]
    bool dns_proxy = false;
    /// Explicit proxy: destination ports of its listeners; empty when it is off.          [FW-20]
    PortSet proxy_ports, proxy_file_ports;
    FirewallMode threat_intel = FirewallMode::alert, intrusion_detection = FirewallMode::off;
    AddressSet threat_intel_allowlist;
    bool sql_redirect = false;  // [FW-25]
};

struct IpGroup {
    Header header;
    AddressSet addresses;
    std::vector<std::string> unreadable;
};

struct AzureFirewall {
    Header header;
    bool in_hub = false;  // AZFW_Hub
    std::string tier;
    Ref policy;
    Ref hub;
    struct Configuration {
        ResourceId id;
        std::string name;
        Provenance where;
        std::optional<Address> address;
        Ref subnet, public_ip;
    };
    std::vector<Configuration> configurations;
    std::optional<Configuration> management;    // carries the platform's own traffic only   [FW-40]
    std::optional<Address> hub_address;         // hubIPAddresses.privateIPAddress
    std::vector<Address> hub_public_addresses;  // hubIPAddresses.publicIPs.addresses
    FirewallMode threat_intel = FirewallMode::alert;
    // Classic: what stands at the firewall itself.
    std::vector<FirewallRuleCollection> collections;
    std::optional<AddressSet> private_ranges;  // Network.SNAT.PrivateRanges
    bool dns_proxy = false;
    bool failed = false;  // provisioningState: parts may run an older configuration       [FW-13]
};

/// The private ranges that are not translated unless somebody says otherwise, IPv4.      [FW-32]
const AddressSet& default_private_ranges();
/// "www.example.com" against a rule's name, with the wildcard at the left only.          [FW-31]
bool name_matches(std::string_view pattern, std::string_view name);

}  // namespace azreach
