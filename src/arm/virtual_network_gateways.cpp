// Microsoft.Network/virtualNetworkGateways, /natRules, localNetworkGateways, connections.
#include "src/arm/readers.hpp"

namespace azreach {

void read_virtual_network_gateway(const JsonCursor& resource, const Header& header,
                                  ImportState& state) {
    VirtualNetworkGateway gateway;
    gateway.header = header;
    const JsonCursor properties = properties_of(resource);
    const auto open = [&](const JsonCursor& value) {  // what leads to it is then not known
        const bool is = value.open(header.id);
        if (is) {
            gateway.header.contested.insert("gateway");
        }
        return is;
    };
    const auto prefixes = [&](const JsonCursor& value) {
        bool some_open = false;
        std::vector<Prefix> result =
            prefixes_of_twins(value, "", "addressPrefixes", header.id, some_open);
        if (some_open) {
            gateway.header.contested.insert("gateway");
        }
        return result;
    };
    const auto flag = [&](const char* key) -> std::optional<bool> {
        const JsonCursor value = properties[key];
        return open(value) ? std::nullopt : value.boolean();
    };
    const JsonCursor gateway_type = properties["gatewayType"];
    const std::string_view type = open(gateway_type) ? "" : gateway_type.text_or("Vpn");
    using Type = VirtualNetworkGateway::Type;
    gateway.type = equal_ignoring_case(type, "Vpn")            ? Type::vpn
                   : equal_ignoring_case(type, "ExpressRoute") ? Type::express_route
                                                               : Type::other;
    gateway.enable_bgp = flag("enableBgp").value_or(false);
    const JsonCursor configurations = properties["ipConfigurations"];
    configurations.for_each([&](const JsonCursor& item) {
        const JsonCursor inner = properties_of(item);
        if (const Ref subnet = inner["subnet"].reference()) {
            gateway.subnets.push_back(*subnet);
        }
        if (const Ref ip = inner["publicIPAddress"].reference()) {
            gateway.public_ips.push_back(*ip);
        }
    });
    const JsonCursor client = properties["vpnClientConfiguration"];
    const JsonCursor pool = client["vpnClientAddressPool"];
    gateway.client_pool = prefixes(pool);
    const JsonCursor pools = client["vngClientConnectionConfigurations"];  // one pool a user group
    pools.for_each([&](const JsonCursor& item) {
        const JsonCursor inner = properties_of(item);
        const JsonCursor part = inner["vpnClientAddressPool"];
        for (const Prefix& prefix : prefixes(part)) {
            gateway.client_pool.push_back(prefix);
        }
    });
    const JsonCursor custom = properties["customRoutes"];
    gateway.custom_routes = prefixes(custom);
    const JsonCursor nat_rules = properties["natRules"];
    nat_rules.for_each([&](const JsonCursor&) { gateway.has_nat_rules = true; });
    gateway.allow_remote_vnet_traffic = flag("allowRemoteVnetTraffic");
    gateway.allow_virtual_wan_traffic = flag("allowVirtualWanTraffic");
    gateway.default_site = properties["gatewayDefaultSite"].reference();
    put(state.snapshot.gateways, header, std::move(gateway));
}

void read_gateway_nat_rule(const JsonCursor&, const Header& header, ImportState& state) {
    state.gateway_nat_rules.emplace_back(header.id.parent(), header.where);
}

void read_local_network_gateway(const JsonCursor& resource, const Header& header,
                                ImportState& state) {
    LocalNetworkGateway gateway;
    gateway.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor space = properties["localNetworkAddressSpace"];
    bool open = false;
    gateway.address_space = prefixes_of_twins(space, "", "addressPrefixes", header.id, open);
    if (open) {
        gateway.header.contested.insert("addressSpace");
    }
    const JsonCursor address = properties["gatewayIpAddress"];
    gateway.gateway_address = address_of(address, header.id);
    gateway.fqdn = properties["fqdn"].name_or("");
    const JsonCursor bgp = properties["bgpSettings"];
    gateway.has_bgp = bgp.is_object() || bgp.open(header.id);
    put(state.snapshot.local_gateways, header, std::move(gateway));
}

void read_connection(const JsonCursor& resource, const Header& header, ImportState& state) {
    GatewayConnection connection;
    connection.header = header;
    const JsonCursor properties = properties_of(resource);
    const auto open = [&](const JsonCursor& value) {  // whom it connects is then not known
        const bool is = value.open(header.id);
        if (is) {
            connection.header.contested.insert("connection");
        }
        return is;
    };
    const auto end = [&](const char* key) -> Ref {
        const JsonCursor value = properties[key];
        if (open(value)) {
            return {};
        }
        Ref id = value.reference();
        if (id && is_symbolic(id->text())) {
            open(value["id"]);
        }
        return id;
    };
    const JsonCursor connection_type = properties["connectionType"];
    const std::string_view type = open(connection_type) ? "" : connection_type.text_or("");
    using Type = GatewayConnection::Type;
    connection.type = equal_ignoring_case(type, "IPsec")          ? Type::ipsec
                      : equal_ignoring_case(type, "Vnet2Vnet")    ? Type::vnet_to_vnet
                      : equal_ignoring_case(type, "ExpressRoute") ? Type::express_route
                      : equal_ignoring_case(type, "VPNClient")    ? Type::vpn_client
                                                                  : Type::other;
    connection.gateway1 = end("virtualNetworkGateway1");
    connection.gateway2 = end("virtualNetworkGateway2");
    connection.local_gateway = end("localNetworkGateway2");
    connection.circuit = end("peer");
    const auto flag = [&](const char* key) {
        const JsonCursor value = properties[key];
        return !open(value) && value.boolean().value_or(false);
    };
    connection.enable_bgp = flag("enableBgp");
    connection.status = properties["connectionStatus"].name_or("");
    connection.gateway_bypass = flag("expressRouteGatewayBypass");
    const JsonCursor selectors = properties["trafficSelectorPolicies"];
    if (open(selectors)) {
        put(state.snapshot.connections, header, std::move(connection));
        return;
    }
    selectors.for_each([&](const JsonCursor& item) {
        GatewayConnection::Selector selector;
        bool some_open = false;
        selector.local = prefixes_of_twins(item, "", "localAddressRanges", header.id, some_open);
        selector.remote = prefixes_of_twins(item, "", "remoteAddressRanges", header.id, some_open);
        if (some_open) {
            connection.header.contested.insert("connection");
        }
        connection.traffic_selectors.push_back(std::move(selector));
    });
    put(state.snapshot.connections, header, std::move(connection));
}

}  // namespace azreach
