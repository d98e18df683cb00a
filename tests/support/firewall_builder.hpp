// Firewalls for hand-made snapshots, in few words.
//
//   SnapshotBuilder b;
//   b.vnet("hub", "10.0.0.0/16").subnet("hub/AzureFirewallSubnet", "10.0.0.0/26");
//   firewall(b, "fw", "hub/AzureFirewallSubnet", "10.0.0.4", "20.0.0.1", "p");
//   policy(b, "p");
//   rules(b, "p/g1 100", "200 net allow", {"web tcp 10.1.0.0/16 -> 10.2.0.0/16 443"});
#pragma once

#include <initializer_list>
#include <string>

#include "tests/support/snapshot_builder.hpp"

namespace azreach::testing {

/// `address` may be empty (deallocated: no configuration); `public_ip` may be empty; without
/// `policy` the firewall is classic.
AzureFirewall& firewall(SnapshotBuilder& b, const std::string& name, const std::string& subnet_path,
                        const std::string& address, const std::string& public_ip,
                        const std::string& policy = "");
FirewallPolicy& policy(SnapshotBuilder& b, const std::string& name, const std::string& base = "");
void ip_group(SnapshotBuilder& b, const std::string& name, const std::string& prefixes);

/// Rules of a policy's group: `group` is "policy/group PRIORITY", or of a classic firewall: "fw".
/// `collection` is "PRIORITY net|app|nat allow|deny|dnat", with a name after it if there are
/// several of one priority. Rules:
///   net: "NAME PROTOCOLS SOURCES -> DESTINATIONS PORTS"
///   nat: "NAME PROTOCOLS SOURCES -> DESTINATIONS PORTS to ADDRESS:PORT" (a name for FQDNs)
///   app: "NAME KIND:PORT,... SOURCES -> NAMES [at DESTINATIONS] [tls]"
/// Sides: *, prefixes, ranges, service tags, group:NAME (IP groups), name:FQDN, ? (nothing said).
void rules(SnapshotBuilder& b, const std::string& group, const std::string& collection,
           std::initializer_list<const char*> rules);

ResourceId firewall_id(const std::string& name);
/// "policy/group/collection/rule" or "fw/networkRuleCollections/collection/rule".
ResourceId firewall_rule_id(const std::string& path);

}  // namespace azreach::testing
