// Microsoft.Network/networkInterfaces, /ipConfigurations, Microsoft.Compute/virtualMachines,
// virtualMachineScaleSets.
#include "src/arm/readers.hpp"

namespace azreach {

IpConfiguration read_ip_configuration(const JsonCursor& item, const ResourceId& interface) {
    IpConfiguration configuration;
    Header header = child_header(item, interface, "ipConfigurations");
    configuration.id = std::move(header.id);
    configuration.name = std::move(header.name);
    configuration.where = header.where;
    const JsonCursor properties = properties_of(item);
    const JsonCursor address = properties["privateIPAddress"];
    configuration.address = address_of(address, configuration.id);
    const JsonCursor version = properties["privateIPAddressVersion"];
    configuration.family = configuration.address ? configuration.address->family
                           : equal_ignoring_case(version.text_or("IPv4"), "IPv6") ? Family::v6
                                                                                  : Family::v4;
    configuration.primary = properties["primary"].boolean().value_or(false);
    configuration.subnet = properties["subnet"].reference();
    if (configuration.subnet) {
        address.open(*configuration.subnet);  // who holds which address of it
    }
    configuration.public_ip = properties["publicIPAddress"].reference();
    configuration.asgs = properties["applicationSecurityGroups"].references();
    configuration.lb_pools = properties["loadBalancerBackendAddressPools"].references();
    configuration.lb_nat_rules = properties["loadBalancerInboundNatRules"].references();
    configuration.lb_nat_pools = properties["loadBalancerInboundNatPools"].references();
    configuration.gateway_load_balancer = properties["gatewayLoadBalancer"].reference();
    return configuration;
}

void read_network_interface(const JsonCursor& resource, const Header& header, ImportState& state) {
    NetworkInterface interface;
    interface.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor configurations = properties["ipConfigurations"];
    configurations.for_each([&](const JsonCursor& item) {
        interface.configurations.push_back(read_ip_configuration(item, header.id));
    });
    if (interface.configurations.size() == 1) {
        interface.configurations.front().primary = true;
    }
    interface.security_group = properties["networkSecurityGroup"].reference();
    interface.virtual_machine = properties["virtualMachine"].reference();
    interface.private_endpoint = properties["privateEndpoint"].reference();
    const JsonCursor dns = properties["dnsSettings"];
    interface.dns_servers = dns_servers_of(dns["dnsServers"]);
    interface.ip_forwarding = properties["enableIPForwarding"].boolean().value_or(false);
    interface.default_outbound_connectivity =
        properties["defaultOutboundConnectivityEnabled"].boolean();
    if (header.id.text().size() > header.name.size() &&
        equal_ignoring_case(header.id.type(),
                            "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/"
                            "networkInterfaces")) {
        interface.scale_set = header.id.parent().parent();
        if (!interface.virtual_machine) {
            interface.virtual_machine = header.id.parent();
        }
    }
    put(state.snapshot.interfaces, header, std::move(interface));
}

void read_standalone_ip_configuration(const JsonCursor& resource, const Header& header,
                                      ImportState& state) {
    state.ip_configurations.push_back(read_ip_configuration(resource, header.id.parent()));
}

void read_virtual_machine(const JsonCursor& resource, const Header& header, ImportState& state) {
    VirtualMachine vm;
    vm.header = header;
    const JsonCursor properties = properties_of(resource);
    vm.interfaces = properties["networkProfile"]["networkInterfaces"].references();
    vm.scale_set = properties["virtualMachineScaleSet"].reference();
    put(state.snapshot.virtual_machines, header, std::move(vm));
}

void read_scale_set(const JsonCursor& resource, const Header& header, ImportState& state) {
    ScaleSet set;
    set.header = header;
    const JsonCursor properties = properties_of(resource);
    set.flexible = equal_ignoring_case(properties["orchestrationMode"].text_or(""), "Flexible");
    const JsonCursor sku = resource["sku"];
    if (sku.is_object()) {
        set.capacity = sku["capacity"].integer(0, 1000000);
    }
    const JsonCursor profile = properties["virtualMachineProfile"];
    const JsonCursor network = profile["networkProfile"];
    const JsonCursor list = network["networkInterfaceConfigurations"];
    list.for_each([&](const JsonCursor& item) {
        ScaleSetInterface interface;
        const JsonCursor inner = properties_of(item);
        interface.name = item["name"].text_or("");
        interface.where = item.provenance();
        interface.primary = inner["primary"].boolean().value_or(false);
        interface.ip_forwarding = inner["enableIPForwarding"].boolean().value_or(false);
        interface.security_group = inner["networkSecurityGroup"].reference();
        const ResourceId parent = header.id.child("networkInterfaceConfigurations", interface.name);
        const JsonCursor configurations = inner["ipConfigurations"];
        configurations.for_each([&](const JsonCursor& configuration) {
            interface.configurations.push_back(read_ip_configuration(configuration, parent));
            const JsonCursor deep = properties_of(configuration);
            interface.has_public_ip = interface.has_public_ip ||
                                      deep["publicIPAddressConfiguration"].is_object() ||
                                      deep["publicIPAddressConfiguration"].open(header.id);
        });
        set.interfaces.push_back(std::move(interface));
    });
    put(state.snapshot.scale_sets, header, std::move(set));
}

}  // namespace azreach
