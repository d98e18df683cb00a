// Microsoft.Network/virtualNetworks, /subnets, /virtualNetworkPeerings.
#include "src/arm/readers.hpp"

namespace azreach {

namespace {

PrivateEndpointPolicies policies_of(const JsonCursor& value, const ResourceId& subnet) {  // R40
    using Policies = PrivateEndpointPolicies;
    if (value.open(subnet)) {
        return Policies::unknown;
    }
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
    if (subnets.open(header.id)) {
        vnet.header.contested.insert("subnets");
        return;
    }
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
    const ResourceId& id = subnet.header.id;
    bool open = false;
    subnet.prefixes = prefixes_of_twins(properties, "addressPrefix", "addressPrefixes", id, open);
    if (open) {
        subnet.header.contested.insert("addressPrefix");
    } else if (subnet.prefixes.empty()) {
        resource.diagnose("AZR1029", Severity::warning,
                          "subnet '" + subnet.header.name +
                              "' has no address prefix here; what stands in it is unknown");
        subnet.header.contested.insert("addressPrefix");
    }
    subnet.security_group = properties["networkSecurityGroup"].reference();
    subnet.route_table = properties["routeTable"].reference();
    subnet.nat_gateway = properties["natGateway"].reference();
    const JsonCursor endpoints = properties["serviceEndpoints"];
    const auto each_unless_open = [&](const JsonCursor& list, const auto& what_if_open,
                                      const auto& each) {
        if (list.open(id)) {
            what_if_open();
        } else {
            list.for_each(each);
        }
    };
    // An endpoint that is not known may add a route for any service: where packets go is open.
    const auto any_route = [&] { subnet.header.contested.insert("routeTable"); };
    each_unless_open(endpoints, any_route, [&](const JsonCursor& item) {
        const JsonCursor service = item["service"];
        const JsonCursor locations = item["locations"];
        bool open_location = false;
        if (locations.is_array()) {
            locations.for_each(
                [&](const JsonCursor& one) { open_location = one.open(id) || open_location; });
        }
        if (service.open(id) || locations.open(id) || open_location) {
            any_route();
            return;
        }
        ServiceEndpoint endpoint;
        endpoint.service = service.text_or("");
        endpoint.locations = locations.texts();
        endpoint.where = item.provenance();
        if (!endpoint.service.empty()) {
            subnet.service_endpoints.push_back(std::move(endpoint));
        }
    });
    const JsonCursor delegations = properties["delegations"];
    const auto any_service = [&] { subnet.delegations.emplace_back(delegations.name_or("?")); };
    each_unless_open(delegations, any_service, [&](const JsonCursor& item) {
        const JsonCursor inner = properties_of(item);
        const JsonCursor service = inner["serviceName"];
        service.open(id);
        if (const std::string_view name = service.name_or(""); !name.empty()) {
            subnet.delegations.emplace_back(name);
        }
    });
    const JsonCursor policies = properties["privateEndpointNetworkPolicies"];
    subnet.private_endpoint_policies = policies_of(policies, id);
    const JsonCursor outbound = properties["defaultOutboundAccess"];
    if (outbound.open(id)) {
        subnet.header.contested.insert("defaultOutboundAccess");
    } else {
        subnet.default_outbound_access = outbound.boolean();
    }
    for (const char* list : {"ipConfigurations", "ipConfigurationProfiles"}) {
        for (ResourceId& holder : properties[list].references()) {
            subnet.ip_configurations.push_back(std::move(holder));
        }
    }
    return subnet;
}

Peering read_peering(const JsonCursor& resource, const ResourceId& vnet) {
    Peering peering;
    peering.header = child_header(resource, vnet, "virtualNetworkPeerings");
    const JsonCursor properties = properties_of(resource);
    const ResourceId& id = peering.header.id;
    peering.remote = properties["remoteVirtualNetwork"].reference();
    const JsonCursor state = properties["peeringState"];
    const std::string_view text = state.open(id) ? std::string_view{} : state.text_or("");
    if (equal_ignoring_case(text, "Connected")) {
        peering.state = PeeringState::connected;
    } else if (equal_ignoring_case(text, "Initiated")) {
        peering.state = PeeringState::initiated;
    } else if (equal_ignoring_case(text, "Disconnected")) {
        peering.state = PeeringState::disconnected;
    }
    const JsonCursor sync = properties["peeringSyncLevel"];
    if (sync.open(id)) {
        peering.header.contested.insert("peering");
    } else if (const std::string_view level = sync.text_or(""); !level.empty()) {
        peering.fully_in_sync = equal_ignoring_case(level, "FullyInSync");
    }
    // A flag that is not known counts as the one that lets more through, and the whole peering is
    // then in doubt.
    const auto flag = [&](const char* key, bool otherwise, bool wider) {
        const JsonCursor value = properties[key];
        if (value.open(id)) {
            peering.header.contested.insert("peering");
            return wider;
        }
        return value.boolean().value_or(otherwise);
    };
    peering.allow_access = flag("allowVirtualNetworkAccess", true, true);
    peering.allow_forwarded = flag("allowForwardedTraffic", false, true);
    peering.allow_gateway_transit = flag("allowGatewayTransit", false, true);
    peering.use_remote_gateways = flag("useRemoteGateways", false, true);
    peering.complete_vnets = flag("peerCompleteVnets", true, true);
    peering.only_ipv6 = flag("enableOnlyIPv6Peering", false, false);
    const auto names = [&](const char* key) {
        const JsonCursor list = properties[key];
        std::vector<std::string> result;
        bool open = list.open(id);
        if (!open) {
            list.for_each([&](const JsonCursor& item) {
                if (item.open(id)) {
                    open = true;
                } else if (const std::string_view name = item.text_or(""); !name.empty()) {
                    result.emplace_back(name);
                }
            });
        }
        if (open) {
            peering.header.contested.insert("peering");
        }
        return result;
    };
    peering.local_subnets = names("localSubnetNames");
    peering.remote_subnets = names("remoteSubnetNames");
    const auto space = [&](const char* programmed, const char* newer) {
        const JsonCursor value = properties[programmed];
        bool open = false;
        std::vector<Prefix> prefixes = prefixes_of_twins(value, "", "addressPrefixes", id, open);
        if (prefixes.empty()) {  // newer versions of the API also have the pair under other names
            const JsonCursor other = properties[newer];
            prefixes = prefixes_of_twins(other, "", "addressPrefixes", id, open);
        }
        if (open) {
            peering.header.contested.insert("peering");
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
    bool open = false;
    vnet.address_space = prefixes_of_twins(space, "", "addressPrefixes", header.id, open);
    if (open) {
        vnet.header.contested.insert("addressSpace");
    } else if (vnet.address_space.empty()) {
        resource.diagnose("AZR1029", Severity::warning,
                          "the virtual network has no address space here; what stands in it is "
                          "unknown");
        vnet.header.contested.insert("addressSpace");
    }
    read_subnets(properties, header, vnet, state);
    const JsonCursor peerings = properties["virtualNetworkPeerings"];
    if (peerings.open(header.id)) {
        vnet.header.contested.insert("virtualNetworkPeerings");
        put(state.snapshot.virtual_networks, header, std::move(vnet));
        return;
    }
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
