// Microsoft.Network/publicIPAddresses, publicIPPrefixes, natGateways, bastionHosts.
#include "src/arm/readers.hpp"

namespace azreach {

void read_public_ip_address(const JsonCursor& resource, const Header& header, ImportState& state) {
    PublicIpAddress ip;
    ip.header = header;
    ip.sku = sku_of(resource, ip.header);
    ip.global_tier = is_global_tier(resource);
    const JsonCursor properties = properties_of(resource);
    const JsonCursor address = properties["ipAddress"];
    if (address.absent() && resource.reading().symbols != nullptr) {
        // Azure gives it one on deployment; none would be "" or null.
        (*resource.reading().symbols)[header.id].insert("address of " + header.name);
    } else if (address.open(header.id)) {
        // Not known yet, as for one that is not allocated.
    } else if (!equal_ignoring_case(address.text_or(""),
                                    "Not Assigned")) {  // as PowerShell says it
        ip.address = address_of(address);
    }
    const JsonCursor version = properties["publicIPAddressVersion"];
    ip.family = ip.address                                             ? ip.address->family
                : equal_ignoring_case(version.text_or("IPv4"), "IPv6") ? Family::v6
                                                                       : Family::v4;
    const JsonCursor dns = properties["dnsSettings"];
    ip.fqdn = dns["fqdn"].name_or("");
    ip.ip_configuration = properties["ipConfiguration"].reference();
    ip.nat_gateway = properties["natGateway"].reference();
    put(state.snapshot.public_ips, header, std::move(ip));
}

void read_public_ip_prefix(const JsonCursor& resource, const Header& header, ImportState& state) {
    PublicIpPrefix prefix;
    prefix.header = header;
    prefix.sku = sku_of(resource, prefix.header);
    const JsonCursor properties = properties_of(resource);
    const JsonCursor text = properties["ipPrefix"];
    if (const std::string_view value = text.text_or(""); !value.empty()) {
        const auto parsed = parse_prefix(value);
        if (!parsed) {
            text.fail("a prefix");
        }
        prefix.prefix = parsed->prefix;
    }
    prefix.lb_frontend = properties["loadBalancerFrontendIpConfiguration"].reference();
    prefix.nat_gateway = properties["natGateway"].reference();
    put(state.snapshot.public_ip_prefixes, header, std::move(prefix));
}

void read_nat_gateway(const JsonCursor& resource, const Header& header, ImportState& state) {
    NatGateway gateway;
    gateway.header = header;
    const JsonCursor properties = properties_of(resource);
    const auto append = [&](const char* key, std::vector<ResourceId>& ids) {
        for (ResourceId& id : properties[key].references()) {
            ids.push_back(std::move(id));
        }
    };
    append("publicIpAddresses", gateway.public_ips);
    append("publicIpAddressesV6", gateway.public_ips);
    append("publicIpPrefixes", gateway.public_prefixes);
    append("publicIpPrefixesV6", gateway.public_prefixes);
    put(state.snapshot.nat_gateways, header, std::move(gateway));
}

void read_bastion_host(const JsonCursor& resource, const Header& header, ImportState& state) {
    BastionHost bastion;
    bastion.header = header;
    const JsonCursor sku = resource["sku"];
    bastion.sku = sku.is_string() ? sku.text_or("") : sku["name"].text_or("Basic");
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
    put(state.snapshot.bastions, header, std::move(bastion));
}

}  // namespace azreach
