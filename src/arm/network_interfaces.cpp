// Microsoft.Network/networkInterfaces, Microsoft.Compute/virtualMachines, virtualMachineScaleSets.
#include "src/arm/readers.hpp"

namespace azreach {

namespace {

IpConfiguration read_configuration(const JsonCursor& item, const ResourceId& interface) {
    IpConfiguration configuration;
    const Header header = child_header(item, interface, "ipConfigurations");
    configuration.id = header.id;
    configuration.name = header.name;
    configuration.where = header.where;
    const JsonCursor properties = properties_of(item);
    const JsonCursor address = properties["privateIPAddress"];
    configuration.address = address_of(address);
    if (!configuration.address) {
        const JsonCursor flat = properties["privateIpAddress"];  // az CLI
        configuration.address = address_of(flat);
    }
    const std::string version = properties["privateIPAddressVersion"].text_or(
        properties["privateIpAddressVersion"].text_or("IPv4"));
    configuration.family = configuration.address ? configuration.address->family
                           : equal_ignoring_case(version, "IPv6") ? Family::v6
                                                                  : Family::v4;
    configuration.primary = properties["primary"].boolean().value_or(false);
    configuration.subnet = properties["subnet"].reference();
    configuration.public_ip = properties["publicIPAddress"].reference();
    if (!configuration.public_ip) {
        configuration.public_ip = properties["publicIpAddress"].reference();
    }
    configuration.asgs = properties["applicationSecurityGroups"].references();
    configuration.lb_pools = properties["loadBalancerBackendAddressPools"].references();
    configuration.lb_nat_rules = properties["loadBalancerInboundNatRules"].references();
    configuration.lb_nat_pools = properties["loadBalancerInboundNatPools"].references();
    configuration.gateway_load_balancer = properties["gatewayLoadBalancer"].reference();
    return configuration;
}

}  // namespace

NetworkInterface read_interface_properties(const JsonCursor& resource, const Header& header) {
    NetworkInterface interface;
    interface.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor configurations = properties["ipConfigurations"];
    configurations.for_each([&](const JsonCursor& item) {
        interface.configurations.push_back(read_configuration(item, header.id));
    });
    if (interface.configurations.size() == 1) {
        interface.configurations.front().primary = true;
    }
    interface.security_group = properties["networkSecurityGroup"].reference();
    interface.virtual_machine = properties["virtualMachine"].reference();
    interface.private_endpoint = properties["privateEndpoint"].reference();
    std::optional<bool> forwarding = properties["enableIPForwarding"].boolean();
    if (!forwarding) {
        forwarding = properties["enableIpForwarding"].boolean();
    }
    interface.ip_forwarding = forwarding.value_or(false);
    interface.default_outbound_connectivity =
        properties["defaultOutboundConnectivityEnabled"].boolean();
    if (equal_ignoring_case(header.id.type(),
                            "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/"
                            "networkInterfaces")) {
        interface.scale_set = header.id.parent().parent();
        if (!interface.virtual_machine) {
            interface.virtual_machine = header.id.parent();
        }
    }
    return interface;
}

void read_network_interface(const JsonCursor& resource, const Header& header, ImportState& state) {
    state.snapshot.interfaces.insert_or_assign(header.id,
                                               read_interface_properties(resource, header));
}

void read_virtual_machine(const JsonCursor& resource, const Header& header, ImportState& state) {
    VirtualMachine vm;
    vm.header = header;
    const JsonCursor properties = properties_of(resource);
    vm.interfaces = properties["networkProfile"]["networkInterfaces"].references();
    vm.scale_set = properties["virtualMachineScaleSet"].reference();
    state.snapshot.virtual_machines.insert_or_assign(header.id, std::move(vm));
}

void read_scale_set(const JsonCursor& resource, const Header& header, ImportState& state) {
    ScaleSet set;
    set.header = header;
    const JsonCursor properties = properties_of(resource);
    set.flexible = equal_ignoring_case(properties["orchestrationMode"].text_or(""), "Flexible");
    set.capacity = resource["sku"]["capacity"].integer(0, 1000000);
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
        const JsonCursor configurations = inner["ipConfigurations"];
        configurations.for_each([&](const JsonCursor& configuration) {
            interface.configurations.push_back(read_configuration(configuration, header.id));
            const JsonCursor deep = properties_of(configuration);
            interface.has_public_ip =
                interface.has_public_ip || deep["publicIPAddressConfiguration"].is_object();
        });
        set.interfaces.push_back(std::move(interface));
    });
    state.snapshot.scale_sets.insert_or_assign(header.id, std::move(set));
}

}  // namespace azreach
