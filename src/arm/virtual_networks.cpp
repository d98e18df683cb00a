// Microsoft.Network/virtualNetworks, /subnets, /virtualNetworkPeerings.
#include "src/arm/readers.hpp"

namespace azreach {

Subnet read_subnet(const JsonCursor& resource, const ResourceId& vnet) {
    Subnet subnet;
    subnet.header = child_header(resource, vnet, "subnets");
    const JsonCursor properties = properties_of(resource);
    subnet.prefixes = prefixes_of_twins(properties, "addressPrefix", "addressPrefixes");
    subnet.security_group = properties["networkSecurityGroup"].reference();
    subnet.route_table = properties["routeTable"].reference();
    subnet.nat_gateway = properties["natGateway"].reference();
    const JsonCursor endpoints = properties["serviceEndpoints"];
    endpoints.for_each([&](const JsonCursor& item) {
        ServiceEndpoint endpoint;
        endpoint.service = item["service"].text_or("");
        endpoint.locations = item["locations"].texts();
        endpoint.where = item.provenance();
        if (!endpoint.service.empty()) {
            subnet.service_endpoints.push_back(std::move(endpoint));
        }
    });
    const JsonCursor delegations = properties["delegations"];
    delegations.for_each([&](const JsonCursor& item) {
        const JsonCursor inner = properties_of(item);
        const std::string service = inner["serviceName"].text_or("");
        if (!service.empty()) {
            subnet.delegations.push_back(service);
        }
    });
    const JsonCursor policies = properties["privateEndpointNetworkPolicies"];
    const std::string text = policies.text_or("Disabled");
    using Policies = PrivateEndpointPolicies;
    if (text.empty() || equal_ignoring_case(text, "Disabled")) {
        subnet.private_endpoint_policies = Policies::disabled;
    } else if (equal_ignoring_case(text, "Enabled")) {
        subnet.private_endpoint_policies = Policies::enabled;
    } else if (equal_ignoring_case(text, "NetworkSecurityGroupEnabled")) {
        subnet.private_endpoint_policies = Policies::security_group;
    } else if (equal_ignoring_case(text, "RouteTableEnabled")) {
        subnet.private_endpoint_policies = Policies::route_table;
    } else {
        subnet.private_endpoint_policies = Policies::unknown;
        policies.diagnose("AZR1025", Severity::warning,
                          "privateEndpointNetworkPolicies '" + text + "' is not known");
    }
    subnet.default_outbound_access = properties["defaultOutboundAccess"].boolean();
    subnet.ip_configurations = properties["ipConfigurations"].references();
    return subnet;
}

Peering read_peering(const JsonCursor& resource, const ResourceId& vnet) {
    Peering peering;
    peering.header = child_header(resource, vnet, "virtualNetworkPeerings");
    const JsonCursor properties = properties_of(resource);
    peering.remote = properties["remoteVirtualNetwork"].reference();
    const std::string state = properties["peeringState"].text_or("");
    if (equal_ignoring_case(state, "Connected")) {
        peering.state = PeeringState::connected;
    } else if (equal_ignoring_case(state, "Initiated")) {
        peering.state = PeeringState::initiated;
    } else if (equal_ignoring_case(state, "Disconnected")) {
        peering.state = PeeringState::disconnected;
    }
    const std::string sync = properties["peeringSyncLevel"].text_or("");
    if (!sync.empty()) {
        peering.fully_in_sync = equal_ignoring_case(sync, "FullyInSync");
    }
    peering.allow_access = properties["allowVirtualNetworkAccess"].boolean().value_or(true);
    peering.allow_forwarded = properties["allowForwardedTraffic"].boolean().value_or(false);
    peering.allow_gateway_transit = properties["allowGatewayTransit"].boolean().value_or(false);
    peering.use_remote_gateways = properties["useRemoteGateways"].boolean().value_or(false);
    peering.complete_vnets = properties["peerCompleteVnets"].boolean().value_or(true);
    peering.only_ipv6 = properties["enableOnlyIPv6Peering"].boolean().value_or(false);
    peering.local_subnets = properties["localSubnetNames"].texts();
    peering.remote_subnets = properties["remoteSubnetNames"].texts();
    const JsonCursor space = properties["remoteAddressSpace"];
    peering.remote_space = prefixes_of_twins(space, "", "addressPrefixes");
    const JsonCursor vnet_space = properties["remoteVirtualNetworkAddressSpace"];
    peering.remote_vnet_space = prefixes_of_twins(vnet_space, "", "addressPrefixes");
    return peering;
}

void read_virtual_network(const JsonCursor& resource, const Header& header, ImportState& state) {
    VirtualNetwork vnet;
    vnet.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor space = properties["addressSpace"];
    vnet.address_space = prefixes_of_twins(space, "", "addressPrefixes");
    const JsonCursor subnets = properties["subnets"];
    subnets.for_each([&](const JsonCursor& item) {
        vnet.subnets.push_back(read_subnet(item, header.id));
    });
    const JsonCursor peerings = properties["virtualNetworkPeerings"];
    peerings.for_each([&](const JsonCursor& item) {
        vnet.peerings.push_back(read_peering(item, header.id));
    });
    vnet.default_nat_gateway = properties["defaultPublicNatGateway"].reference();
    state.snapshot.virtual_networks.insert_or_assign(header.id, std::move(vnet));
}

void read_standalone_subnet(const JsonCursor& resource, const Header& header, ImportState& state) {
    state.subnets.push_back(read_subnet(resource, header.id.parent()));
}

void read_standalone_peering(const JsonCursor& resource, const Header& header,
                             ImportState& state) {
    state.peerings.push_back(read_peering(resource, header.id.parent()));
}

}  // namespace azreach
