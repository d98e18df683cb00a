// The table of ARM types that are read, and what readers share.
// Rules decided here: [J1] [J2] [J3] [J5] [J6]
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "models/network/snapshot.hpp"
#include "src/arm/json_cursor.hpp"

namespace azreach {

/// What readers fill: the snapshot, and children that were found on their own.
struct ImportState {
    Snapshot snapshot;
    // Children that stood alone (or in a second copy of their parent); joined when everything is
    // read, so that the order of files does not matter.
    std::vector<Subnet> subnets;
    std::vector<Peering> peerings;
    std::vector<SecurityRule> security_rules, default_rules;
    std::vector<Route> routes;
    struct StaticMember {
        ResourceId group, member;
        Provenance where;
    };
    std::vector<StaticMember> static_members;
    /// Groups of which a list of effective members was read, uncut.                        [A2]
    std::vector<ResourceId> groups_with_all_members;
    std::vector<AdminRuleCollection> rule_collections;
    std::vector<SecurityRule> admin_rules;
    std::vector<IpConfiguration> ip_configurations;
    std::vector<LbFrontend> lb_frontends;
    std::vector<LbPool> lb_pools;
    std::vector<LbRule> lb_rules;
    std::vector<LbNatRule> nat_rules;
    std::vector<LbOutboundRule> outbound_rules;
    std::vector<RuleCollectionGroup> firewall_groups;
    std::vector<std::pair<ResourceId, Provenance>> gateway_nat_rules;  // (gateway, where)
    struct PaasChild {  // firewall rules and rule sets of PaaS resources
        ResourceId parent;
        PaasResource part;
    };
    std::vector<PaasChild> paas_children;
    /// Subnets from az CLI listings: a property that is absent there may only be too new for the
    /// API version that the command asks.
    std::unordered_set<ResourceId> flattened_subnets;
    /// Resources that hang on symbols: kept as unread, and those that perhaps do not exist.
    struct Open {
        ResourceId id;
        std::string symbols;
        OtherResource other = {};  // what is known of an unread one
    };
    std::vector<Open> unread, conditional;
    /// Things that are named in place of being described: (id, who names it).
    std::vector<std::pair<ResourceId, ResourceId>> mentions;
};

/// Adds a resource under its id. Listings are mostly sorted by id, so the end is the best guess.
template <class Resource>
void put(Snapshot::ById<Resource>& map, const Header& header, Resource resource) {
    map.insert_or_assign(map.end(), header.id, std::move(resource));
}

/// One ARM type: how it is read, and which of its properties decide anything (two copies that
/// differ only elsewhere are the same). Children have none: they are compared when joined.
struct ResourceReader {
    std::string_view type;
    void (*read)(const JsonCursor& resource, const Header& header, ImportState& state);
    std::string_view decides;  // property names, separated by blanks; "sku" is beside "properties"
};

/// Explicit, ordered, greppable. A new type is one line here and one reader.
std::span<const ResourceReader> readers();

/// The properties of a resource or child: its "properties" object, or itself in the flattened form
/// of the az CLI and of PowerShell.
JsonCursor properties_of(const JsonCursor& resource);
/// True when a child says nothing but its id and name: it is described elsewhere, if at all.
bool is_mention(const JsonCursor& child);

/// Name, id and provenance of an inline child.
Header child_header(const JsonCursor& child, const ResourceId& parent, std::string_view type);

/// Prefixes of text properties, the singular and the plural twin together; either may be a list
/// [J3].
std::vector<Prefix> prefixes_of_twins(const JsonCursor& object, std::string_view singular,
                                      std::string_view plural);
/// The same where the model can say that prefixes of `whose` are not known: symbols are left out,
/// and `open` tells that there were some.
std::vector<Prefix> prefixes_of_twins(const JsonCursor& object, std::string_view singular,
                                      std::string_view plural, const ResourceId& whose, bool& open);
/// Absent for a symbol too: an address that is not known yet.
std::optional<Address> address_of(const JsonCursor& value, const ResourceId& whose);
std::optional<Address> address_of(const JsonCursor& value);
/// Addresses of DNS servers; the word AzureProvidedDNS is Azure's own resolver.
std::vector<Address> dns_servers_of(const JsonCursor& list);
/// A symbol: unknown, and contested in `header`.
Sku sku_of(const JsonCursor& resource, Header& header);
/// sku.tier says Global.
bool is_global_tier(const JsonCursor& resource);
/// Absent: `other`, with a diagnostic. A symbol: `other` too, if it is said whose protocol it is.
RuleProtocol protocol_of(const JsonCursor& value, const ResourceId* whose = nullptr);

/// One rule; several when a symbol leaves open what it is (its access, its priority, its
/// direction): together they are every rule that it may be.
void read_security_rule(const JsonCursor& rule, const ResourceId& group, bool is_default,
                        std::vector<SecurityRule>& rules);
SecurityRule read_admin_rule(const JsonCursor& rule, const ResourceId& collection);
Subnet read_subnet(const JsonCursor& subnet, const ResourceId& vnet);
Peering read_peering(const JsonCursor& peering, const ResourceId& vnet);
Route read_route(const JsonCursor& route, const ResourceId& table);
IpConfiguration read_ip_configuration(const JsonCursor& item, const ResourceId& interface);

/// A port list: "*", "80", "80-90", "80,443", singular and plural twins. `given` tells whether
/// anything stood there at all; without anything the result is every port.       [N20] [J3]
struct PortList {
    PortSet ports;
    bool given = false;
    bool unreadable = false;
};
PortList ports_of_twins(const JsonCursor& object, std::string_view singular,
                        std::string_view plural, const ResourceId* whose = nullptr);

}  // namespace azreach
