// Microsoft.Network/virtualNetworkGateways, /natRules, localNetworkGateways, connections.
#include "src/arm/readers.hpp"

namespace azreach {

void read_virtual_network_gateway(const JsonCursor& resource, const Header& header,
                                  ImportState& state) {
    VirtualNetworkGateway gateway;
    gateway.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor gateway_type = properties["gatewayType"];
    const std::string_view type = gateway_type.text_or("Vpn");
    using Type = VirtualNetworkGateway::Type;
    gateway.type = equal_ignoring_case(type, "Vpn")            ? Type::vpn
                   : equal_ignoring_case(type, "ExpressRoute") ? Type::express_route
                                                               : Type::other;
    gateway.enable_bgp = properties["enableBgp"].boolean().value_or(false);
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
    gateway.client_pool = prefixes_of_twins(pool, "", "addressPrefixes");
    const JsonCursor pools = client["vngClientConnectionConfigurations"];  // one pool a user group
    pools.for_each([&](const JsonCursor& item) {
        const JsonCursor inner = properties_of(item);
        const JsonCursor part = inner["vpnClientAddressPool"];
        for (const Prefix& prefix : prefixes_of_twins(part, "", "addressPrefixes")) {
            gateway.client_pool.push_back(prefix);
        }
    });
    const JsonCursor custom = properties["customRoutes"];
    gateway.custom_routes = prefixes_of_twins(custom, "", "addressPrefixes");
    const JsonCursor nat_rules = properties["natRules"];
    nat_rules.for_each([&](const JsonCursor&) { gateway.has_nat_rules = true; });
    gateway.allow_remote_vnet_traffic = properties["allowRemoteVnetTraffic"].boolean();
    gateway.allow_virtual_wan_traffic = properties["allowVirtualWanTraffic"].boolean();
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
    gateway.address_space = prefixes_of_twins(space, "", "addressPrefixes");
    const JsonCursor address = properties["gatewayIpAddress"];
    gateway.gateway_address = address_of(address);
    gateway.fqdn = properties["fqdn"].text_or("");
    const JsonCursor bgp = properties["bgpSettings"];
    gateway.has_bgp = bgp.is_object() || bgp.open(header.id);
    put(state.snapshot.local_gateways, header, std::move(gateway));
}

void read_connection(const JsonCursor& resource, const Header& header, ImportState& state) {
    GatewayConnection connection;
    connection.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor connection_type = properties["connectionType"];
    const std::string_view type = connection_type.text_or("");
    using Type = GatewayConnection::Type;
    connection.type = equal_ignoring_case(type, "IPsec")          ? Type::ipsec
                      : equal_ignoring_case(type, "Vnet2Vnet")    ? Type::vnet_to_vnet
                      : equal_ignoring_case(type, "ExpressRoute") ? Type::express_route
                      : equal_ignoring_case(type, "VPNClient")    ? Type::vpn_client
                                                                  : Type::other;
    connection.gateway1 = properties["virtualNetworkGateway1"].reference();
    connection.gateway2 = properties["virtualNetworkGateway2"].reference();
    connection.local_gateway = properties["localNetworkGateway2"].reference();
    connection.circuit = properties["peer"].reference();
    connection.enable_bgp = properties["enableBgp"].boolean().value_or(false);
    connection.status = properties["connectionStatus"].text_or("");
    connection.gateway_bypass = properties["expressRouteGatewayBypass"].boolean().value_or(false);
    const JsonCursor selectors = properties["trafficSelectorPolicies"];
    selectors.for_each([&](const JsonCursor& item) {
        GatewayConnection::Selector selector;
        selector.local = prefixes_of_twins(item, "", "localAddressRanges");
        selector.remote = prefixes_of_twins(item, "", "remoteAddressRanges");
        connection.traffic_selectors.push_back(std::move(selector));
    });
    put(state.snapshot.connections, header, std::move(connection));
}

}  // namespace azreach
