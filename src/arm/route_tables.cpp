// Microsoft.Network/routeTables, /routes.
#include "src/arm/readers.hpp"

namespace azreach {

Route read_route(const JsonCursor& resource, const ResourceId& table) {
    Route route;
    Header header = child_header(resource, table, "routes");
    route.id = std::move(header.id);
    route.name = std::move(header.name);
    route.where = header.where;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor prefix = properties["addressPrefix"];
    const bool open = prefix.open(route.id);
    const std::string_view text = open ? std::string_view{} : prefix.text_or("");
    if (open) {
        // Neither a prefix nor a tag: it may cover anything.
    } else if (const auto parsed = parse_prefix(text)) {
        route.prefix = parsed->prefix;
        if (parsed->host_bits_cleared) {
            prefix.diagnose("AZR1019", Severity::warning,
                            "'" + std::string(text) + "' has host bits set; read as " +
                                to_string(parsed->prefix));
        }
    } else if (text.empty() || text.find_first_of("/: ") != std::string_view::npos ||
               (text.front() >= '0' && text.front() <= '9')) {
        prefix.diagnose("AZR1026", Severity::warning,
                        "route '" + route.name + "' has the prefix '" +
                            std::string(text.substr(0, 80)) +
                            "', expected a prefix or a service tag; it may cover anything");
    } else {
        route.service_tag = text;
    }
    const JsonCursor type = properties["nextHopType"];
    const bool open_type = type.open(route.id);
    const std::string_view hop = open_type ? std::string_view{} : type.text_or("");
    const auto is = [&](const char* name) { return equal_ignoring_case(hop, name); };
    if (is("VirtualAppliance")) {
        route.next_hop = UserNextHop::virtual_appliance;
    } else if (is("VnetLocal")) {
        route.next_hop = UserNextHop::vnet_local;
    } else if (is("Internet")) {
        route.next_hop = UserNextHop::internet;
    } else if (is("VirtualNetworkGateway")) {
        route.next_hop = UserNextHop::virtual_network_gateway;
    } else if (is("None")) {
        route.next_hop = UserNextHop::none;
    } else if (!open_type) {
        type.diagnose("AZR1027", Severity::warning,
                      "route '" + route.name + "' has the next hop type '" +
                          std::string(hop.substr(0, 80)) +
                          "', which is not known; where it leads is unknown");
    }
    const JsonCursor address = properties["nextHopIpAddress"];
    if (address.open(route.id)) {
        route.next_hop = UserNextHop::unknown;
    } else if (const std::string_view next = address.text_or(""); !next.empty()) {
        route.next_hop_address = parse_address(next);
        if (!route.next_hop_address) {
            address.diagnose("AZR1028", Severity::warning,
                             "route '" + route.name + "' has the next hop '" +
                                 std::string(next.substr(0, 80)) +
                                 "', expected an address; where it leads is unknown");
            route.next_hop = UserNextHop::unknown;
        }
    }
    return route;
}

void read_route_table(const JsonCursor& resource, const Header& header, ImportState& state) {
    RouteTable table;
    table.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor propagation = properties["disableBgpRoutePropagation"];
    if (propagation.open(header.id)) {
        table.header.contested.insert("disableBgpRoutePropagation");
    } else {
        table.disable_bgp_propagation = propagation.boolean().value_or(false);
    }
    const JsonCursor routes = properties["routes"];
    routes.for_each(
        [&](const JsonCursor& item) { table.routes.push_back(read_route(item, header.id)); });
    put(state.snapshot.route_tables, header, std::move(table));
}

void read_standalone_route(const JsonCursor& resource, const Header& header, ImportState& state) {
    state.routes.push_back(read_route(resource, header.id.parent()));
}

}  // namespace azreach
