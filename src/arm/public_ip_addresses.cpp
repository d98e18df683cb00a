// Microsoft.Network/publicIPAddresses, publicIPPrefixes, natGateways, bastionHosts.
#include "src/arm/readers.hpp"

namespace azreach {

void read_public_ip_address(const JsonCursor& resource, const Header& header, ImportState& state) {
    PublicIpAddress ip;
    ip.header = header;
    ip.sku = sku_of(resource);
    const JsonCursor sku = resource["sku"];
    ip.global_tier = equal_ignoring_case(sku["tier"].text_or(""), "Global");
    const JsonCursor properties = properties_of(resource);
    const JsonCursor address = properties["ipAddress"];
    if (!equal_ignoring_case(address.text_or(""), "Not Assigned")) {
        ip.address = address_of(address);
    }
    const std::string version = properties["publicIPAddressVersion"].text_or("IPv4");
    ip.family = ip.address                              ? ip.address->family
                : equal_ignoring_case(version, "IPv6") ? Family::v6
                                                        : Family::v4;
    ip.ip_configuration = properties["ipConfiguration"].reference();
    ip.nat_gateway = properties["natGateway"].reference();
    state.snapshot.public_ips.insert_or_assign(header.id, std::move(ip));
}

void read_public_ip_prefix(const JsonCursor& resource, const Header& header, ImportState& state) {
    PublicIpPrefix prefix;
    prefix.header = header;
    prefix.sku = sku_of(resource);
    const JsonCursor properties = properties_of(resource);
    const JsonCursor text = properties["ipPrefix"];
    const std::string value = text.text_or("");
    if (!value.empty()) {
        const auto parsed = parse_prefix(value);
        if (!parsed) {
            text.fail("a prefix");
        }
        prefix.prefix = parsed->prefix;
    }
    prefix.lb_frontend = properties["loadBalancerFrontendIpConfiguration"].reference();
    prefix.nat_gateway = properties["natGateway"].reference();
    state.snapshot.public_ip_prefixes.insert_or_assign(header.id, std::move(prefix));
}

void read_nat_gateway(const JsonCursor& resource, const Header& header, ImportState& state) {
    NatGateway gateway;
    gateway.header = header;
    const JsonCursor properties = properties_of(resource);
    gateway.public_ips = properties["publicIpAddresses"].references();
    gateway.public_prefixes = properties["publicIpPrefixes"].references();
    state.snapshot.nat_gateways.insert_or_assign(header.id, std::move(gateway));
}

void read_bastion_host(const JsonCursor& resource, const Header& header, ImportState& state) {
    BastionHost bastion;
    bastion.header = header;
    const JsonCursor sku = resource["sku"];
    bastion.sku = sku["name"].text_or("Basic");
    const JsonCursor properties = properties_of(resource);
    bastion.virtual_network = properties["virtualNetwork"].reference();
    bastion.tunneling = properties["enableTunneling"].boolean().value_or(false);
    bastion.ip_connect = properties["enableIpConnect"].boolean().value_or(false);
    const JsonCursor configurations = properties["ipConfigurations"];
    configurations.for_each([&](const JsonCursor& item) {
        const JsonCursor inner = properties_of(item);
        bastion.subnet = inner["subnet"].reference();
        bastion.public_ip = inner["publicIPAddress"].reference();
    });
    state.snapshot.bastions.insert_or_assign(header.id, std::move(bastion));
}

}  // namespace azreach
