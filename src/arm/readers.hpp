// The table of ARM types that are read, and what readers share.
// Rules decided here: [J1] [J2] [J3] [J5] [J6]
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/snapshot.hpp"
#include "src/arm/json_cursor.hpp"

namespace azreach {

/// What readers fill: the snapshot, and children that were found on their own.
struct ImportState {
    Snapshot snapshot;
    // Children by the id of their parent; joined when everything is read, so that the order of
    // files does not matter.
    std::vector<Subnet> subnets;
    std::vector<Peering> peerings;
    std::vector<SecurityRule> security_rules;
    std::vector<Route> routes;
    std::vector<std::pair<ResourceId, ResourceId>> static_members;  // (group, member)
    std::vector<AdminRuleCollection> rule_collections;
    std::vector<SecurityRule> admin_rules;
    std::vector<LbNatRule> nat_rules;
    std::vector<LbPool> lb_pools;
    std::vector<LbRule> lb_rules;
};

/// One ARM type: how it is read, and which of its properties decide anything (two copies that
/// differ only elsewhere are the same).
struct ResourceReader {
    std::string_view type;
    void (*read)(const JsonCursor& resource, const Header& header, ImportState& state);
    std::string_view decides;  // property names, separated by blanks
};

/// Explicit, ordered, greppable. A new type is one line here and one reader.
std::span<const ResourceReader> readers();

/// The properties of a resource or child: its "properties" object, or itself in the flattened form
/// of the az CLI.
JsonCursor properties_of(const JsonCursor& resource);

/// Name, id and provenance of an inline child.
Header child_header(const JsonCursor& child, const ResourceId& parent, std::string_view type);

/// Prefixes of text properties, the singular and the plural twin together [J3].
std::vector<Prefix> prefixes_of_twins(const JsonCursor& object, std::string_view singular,
                                      std::string_view plural);
std::optional<Address> address_of(const JsonCursor& value);
Sku sku_of(const JsonCursor& resource);
RuleProtocol protocol_of(const JsonCursor& value);

SecurityRule read_security_rule(const JsonCursor& rule, const ResourceId& group, bool is_default);
SecurityRule read_admin_rule(const JsonCursor& rule, const ResourceId& collection);
Subnet read_subnet(const JsonCursor& subnet, const ResourceId& vnet);
Peering read_peering(const JsonCursor& peering, const ResourceId& vnet);
Route read_route(const JsonCursor& route, const ResourceId& table);
NetworkInterface read_interface_properties(const JsonCursor& resource, const Header& header);

/// A port list: "*", "80", "80-90", "80,443", singular and plural twins.           [N20] [J3]
PortSet ports_of_twins(const JsonCursor& object, std::string_view singular, std::string_view plural,
                       bool& unreadable);

}  // namespace azreach
