// Microsoft.Network/loadBalancers, /inboundNatRules.
#include <algorithm>

#include "src/arm/readers.hpp"

namespace azreach {

namespace {

int port_of(const JsonCursor& value) {
    return static_cast<int>(value.integer(0, 65535).value_or(0));
}

LbNatRule read_nat_rule(const JsonCursor& item, const ResourceId& balancer, std::string_view type) {
    LbNatRule rule;
    const Header header = child_header(item, balancer, type);
    rule.id = header.id;
    rule.name = header.name;
    rule.where = header.where;
    const JsonCursor properties = properties_of(item);
    rule.frontend = properties["frontendIPConfiguration"].reference();
    rule.pool = properties["backendAddressPool"].reference();
    rule.backend_configuration = properties["backendIPConfiguration"].reference();
    const JsonCursor protocol = properties["protocol"];
    rule.protocol = protocol_of(protocol);
    rule.frontend_port = port_of(properties["frontendPort"]);
    rule.frontend_port_start = port_of(properties["frontendPortRangeStart"]);
    rule.frontend_port_end = port_of(properties["frontendPortRangeEnd"]);
    rule.backend_port = port_of(properties["backendPort"]);
    rule.floating_ip = properties["enableFloatingIP"].boolean().value_or(false);
    rule.is_pool = type == "inboundNatPools";
    return rule;
}

}  // namespace

void read_load_balancer(const JsonCursor& resource, const Header& header, ImportState& state) {
    LoadBalancer balancer;
    balancer.header = header;
    balancer.sku = sku_of(resource);
    const JsonCursor sku = resource["sku"];
    balancer.global_tier = equal_ignoring_case(sku["tier"].text_or(""), "Global");
    const JsonCursor properties = properties_of(resource);
    const JsonCursor frontends = properties["frontendIPConfigurations"];
    frontends.for_each([&](const JsonCursor& item) {
        LbFrontend frontend;
        const Header child = child_header(item, header.id, "frontendIPConfigurations");
        frontend.id = child.id;
        frontend.name = child.name;
        frontend.where = child.where;
        const JsonCursor inner = properties_of(item);
        const JsonCursor address = inner["privateIPAddress"];
        frontend.address = address_of(address);
        frontend.subnet = inner["subnet"].reference();
        frontend.public_ip = inner["publicIPAddress"].reference();
        frontend.public_prefix = inner["publicIPPrefix"].reference();
        frontend.gateway_load_balancer = inner["gatewayLoadBalancer"].reference();
        balancer.frontends.push_back(std::move(frontend));
    });
    const JsonCursor pools = properties["backendAddressPools"];
    pools.for_each([&](const JsonCursor& item) {
        LbPool pool;
        const Header child = child_header(item, header.id, "backendAddressPools");
        pool.id = child.id;
        pool.name = child.name;
        pool.where = child.where;
        const JsonCursor inner = properties_of(item);
        pool.ip_configurations = inner["backendIPConfigurations"].references();
        const JsonCursor addresses = inner["loadBalancerBackendAddresses"];
        addresses.for_each([&](const JsonCursor& backend) {
            LbBackendAddress entry;
            entry.name = backend["name"].text_or("");
            const JsonCursor deep = properties_of(backend);
            const JsonCursor address = deep["ipAddress"];
            entry.address = address_of(address);
            entry.virtual_network = deep["virtualNetwork"].reference();
            entry.subnet = deep["subnet"].reference();
            entry.ip_configuration = deep["networkInterfaceIPConfiguration"].reference();
            entry.frontend = deep["loadBalancerFrontendIPConfiguration"].reference();
            entry.admin_down = equal_ignoring_case(deep["adminState"].text_or(""), "Down");
            pool.addresses.push_back(std::move(entry));
        });
        balancer.pools.push_back(std::move(pool));
    });
    const JsonCursor rules = properties["loadBalancingRules"];
    rules.for_each([&](const JsonCursor& item) {
        LbRule rule;
        const Header child = child_header(item, header.id, "loadBalancingRules");
        rule.id = child.id;
        rule.name = child.name;
        rule.where = child.where;
        const JsonCursor inner = properties_of(item);
        rule.frontend = inner["frontendIPConfiguration"].reference();
        rule.pools = inner["backendAddressPools"].references();
        if (const Ref pool = inner["backendAddressPool"].reference()) {
            if (std::find(rule.pools.begin(), rule.pools.end(), *pool) == rule.pools.end()) {
                rule.pools.push_back(*pool);
            }
        }
        const JsonCursor protocol = inner["protocol"];
        rule.protocol = protocol_of(protocol);
        rule.frontend_port = port_of(inner["frontendPort"]);
        rule.backend_port = port_of(inner["backendPort"]);
        rule.floating_ip = inner["enableFloatingIP"].boolean().value_or(false);
        rule.disable_outbound_snat = inner["disableOutboundSnat"].boolean();
        rule.probe = inner["probe"].reference();
        balancer.rules.push_back(std::move(rule));
    });
    const JsonCursor nat_rules = properties["inboundNatRules"];
    nat_rules.for_each([&](const JsonCursor& item) {
        balancer.nat_rules.push_back(read_nat_rule(item, header.id, "inboundNatRules"));
    });
    const JsonCursor nat_pools = properties["inboundNatPools"];
    nat_pools.for_each([&](const JsonCursor& item) {
        balancer.nat_rules.push_back(read_nat_rule(item, header.id, "inboundNatPools"));
    });
    const JsonCursor outbound = properties["outboundRules"];
    outbound.for_each([&](const JsonCursor& item) {
        LbOutboundRule rule;
        const Header child = child_header(item, header.id, "outboundRules");
        rule.id = child.id;
        rule.name = child.name;
        rule.where = child.where;
        const JsonCursor inner = properties_of(item);
        rule.frontends = inner["frontendIPConfigurations"].references();
        rule.pool = inner["backendAddressPool"].reference();
        const JsonCursor protocol = inner["protocol"];
        rule.protocol = protocol_of(protocol);
        balancer.outbound_rules.push_back(std::move(rule));
    });
    state.snapshot.load_balancers.insert_or_assign(header.id, std::move(balancer));
}

void read_standalone_nat_rule(const JsonCursor& resource, const Header& header,
                              ImportState& state) {
    state.nat_rules.push_back(read_nat_rule(resource, header.id.parent(), "inboundNatRules"));
}

}  // namespace azreach
