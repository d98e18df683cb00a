// Microsoft.Network/virtualNetworks, /subnets, /virtualNetworkPeerings.
#include "src/arm/readers.hpp"

namespace azreach {

namespace {

PrivateEndpointPolicies policies_of(const JsonCursor& value) {  // R40
    using Policies = PrivateEndpointPolicies;
    const std::string_view text = value.text_or("");
    const auto is = [&](const char* name) { return equal_ignoring_case(text, name); };
    if (text.empty() || is("Disabled")) return Policies::disabled;
    if (is("Enabled")) return Policies::enabled;
    if (is("NetworkSecurityGroupEnabled")) return Policies::security_group;
    if (is("RouteTableEnabled")) return Policies::route_table;
    value.diagnose("AZR1025", Severity::warning,
                   "privateEndpointNetworkPolicies '" + std::string(text) + "' is not known");
    return Policies::unknown;
}

bool is_flattened(const JsonCursor& resource) {
    return resource["properties"].absent() || !resource[kFlattened].absent();
}

void read_subnets(const JsonCursor& properties, const Header& header, VirtualNetwork& vnet,
                  ImportState& state) {
    const JsonCursor subnets = properties["subnets"];
    subnets.for_each([&](const JsonCursor& item) {
        if (is_mention(item)) {
            if (const Ref id = item.reference()) {
                state.mentions.emplace_back(*id, header.id);
            }
            vnet.header.contested.insert("subnets");
            return;
        }
        vnet.subnets.push_back(read_subnet(item, header.id));
        if (is_flattened(item)) {
            state.flattened_subnets.insert(vnet.subnets.back().header.id);
        }
    });
}

}  // namespace

Subnet read_subnet(const JsonCursor& resource, const ResourceId& vnet) {
    Subnet subnet;
    subnet.header = child_header(resource, vnet, "subnets");
    const JsonCursor properties = properties_of(resource);
    subnet.prefixes = prefixes_of_twins(properties, "addressPrefix", "addressPrefixes");
    if (subnet.prefixes.empty()) {
        resource.diagnose("AZR1029", Severity::warning,
                          "subnet '" + subnet.header.name +
                              "' has no address prefix here; what stands in it is unknown");
        subnet.header.contested.insert("addressPrefix");
    }
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
        const JsonCursor service = inner["serviceName"];
        if (const std::string_view name = service.text_or(""); !name.empty()) {
            subnet.delegations.emplace_back(name);
        }
    });
    const JsonCursor policies = properties["privateEndpointNetworkPolicies"];
    subnet.private_endpoint_policies =
        policies.open(subnet.header.id) ? PrivateEndpointPolicies::unknown : policies_of(policies);
    subnet.default_outbound_access = properties["defaultOutboundAccess"].boolean();
    for (const char* list : {"ipConfigurations", "ipConfigurationProfiles"}) {
        for (ResourceId& id : properties[list].references()) {
            subnet.ip_configurations.push_back(std::move(id));
        }
    }
    return subnet;
}

Peering read_peering(const JsonCursor& resource, const ResourceId& vnet) {
    Peering peering;
    peering.header = child_header(resource, vnet, "virtualNetworkPeerings");
    const JsonCursor properties = properties_of(resource);
    peering.remote = properties["remoteVirtualNetwork"].reference();
    const JsonCursor state = properties["peeringState"];
    const std::string_view text = state.text_or("");
    if (equal_ignoring_case(text, "Connected")) {
        peering.state = PeeringState::connected;
    } else if (equal_ignoring_case(text, "Initiated")) {
        peering.state = PeeringState::initiated;
    } else if (equal_ignoring_case(text, "Disconnected")) {
        peering.state = PeeringState::disconnected;
    }
    const JsonCursor sync = properties["peeringSyncLevel"];
    if (const std::string_view level = sync.text_or(""); !level.empty()) {
        peering.fully_in_sync = equal_ignoring_case(level, "FullyInSync");
    }
    peering.allow_access = properties["allowVirtualNetworkAccess"].boolean().value_or(true);
    peering.allow_forwarded = properties["allowForwardedTraffic"].boolean().value_or(false);
    peering.allow_gateway_transit = properties["allowGatewayTransit"].boolean().value_or(false);
    peering.use_remote_gateways = properties["useRemoteGateways"].boolean().value_or(false);
    peering.complete_vnets = properties["peerCompleteVnets"].boolean().value_or(true);
    peering.only_ipv6 = properties["enableOnlyIPv6Peering"].boolean().value_or(false);
    peering.local_subnets = properties["localSubnetNames"].texts();
    peering.remote_subnets = properties["remoteSubnetNames"].texts();
    const auto space = [&](const char* programmed, const char* newer) {
        const JsonCursor value = properties[programmed];
        std::vector<Prefix> prefixes = prefixes_of_twins(value, "", "addressPrefixes");
        if (prefixes.empty()) {  // newer versions of the API also have the pair under other names
            const JsonCursor other = properties[newer];
            prefixes = prefixes_of_twins(other, "", "addressPrefixes");
        }
        return prefixes;
    };
    peering.remote_space = space("remoteAddressSpace", "peeredRemoteAddressSpace");
    peering.remote_vnet_space =
        space("remoteVirtualNetworkAddressSpace", "remoteVirtualNetworkAddressSpace");
    return peering;
}

void read_virtual_network(const JsonCursor& resource, const Header& header, ImportState& state) {
    VirtualNetwork vnet;
    vnet.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor space = properties["addressSpace"];
    vnet.address_space = prefixes_of_twins(space, "", "addressPrefixes");
    if (vnet.address_space.empty()) {
        resource.diagnose("AZR1029", Severity::warning,
                          "the virtual network has no address space here; what stands in it is "
                          "unknown");
        vnet.header.contested.insert("addressSpace");
    }
    read_subnets(properties, header, vnet, state);
    const JsonCursor peerings = properties["virtualNetworkPeerings"];
    peerings.for_each([&](const JsonCursor& item) {
        if (is_mention(item)) {
            if (const Ref id = item.reference()) {
                state.mentions.emplace_back(*id, header.id);
            }
            return;
        }
        vnet.peerings.push_back(read_peering(item, header.id));
    });
    const JsonCursor dhcp = properties["dhcpOptions"];
    vnet.dns_servers = dns_servers_of(dhcp["dnsServers"]);
    vnet.default_nat_gateway = properties["defaultPublicNatGateway"].reference();
    put(state.snapshot.virtual_networks, header, std::move(vnet));
}

void read_standalone_subnet(const JsonCursor& resource, const Header& header, ImportState& state) {
    state.subnets.push_back(read_subnet(resource, header.id.parent()));
    if (is_flattened(resource)) {
        state.flattened_subnets.insert(header.id);
    }
}

void read_standalone_peering(const JsonCursor& resource, const Header& header, ImportState& state) {
    state.peerings.push_back(read_peering(resource, header.id.parent()));
}

}  // namespace azreach
