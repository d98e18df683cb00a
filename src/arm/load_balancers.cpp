// Microsoft.Network/loadBalancers and its children.
#include <algorithm>

#include "src/arm/readers.hpp"

namespace azreach {

namespace {

/// A symbol is no port: what the rule takes is then unknown.
int port_of(const JsonCursor& value, const ResourceId& whose) {
    return value.open(whose) ? -1 : static_cast<int>(value.integer(0, 65535).value_or(0));
}

template <class Part>
Part part_of(const JsonCursor& item, const ResourceId& balancer, std::string_view type) {
    Part part;
    Header header = child_header(item, balancer, type);
    part.id = std::move(header.id);
    part.name = std::move(header.name);
    part.where = header.where;
    return part;
}

LbFrontend read_frontend(const JsonCursor& item, const ResourceId& balancer) {
    auto frontend = part_of<LbFrontend>(item, balancer, "frontendIPConfigurations");
    const JsonCursor properties = properties_of(item);
    const JsonCursor address = properties["privateIPAddress"];
    frontend.address = address_of(address, frontend.id);
    frontend.subnet = properties["subnet"].reference();
    frontend.public_ip = properties["publicIPAddress"].reference();
    frontend.public_prefix = properties["publicIPPrefix"].reference();
    frontend.gateway_load_balancer = properties["gatewayLoadBalancer"].reference();
    return frontend;
}

LbPool read_pool(const JsonCursor& item, const ResourceId& balancer) {
    auto pool = part_of<LbPool>(item, balancer, "backendAddressPools");
    const JsonCursor properties = properties_of(item);
    pool.ip_configurations = properties["backendIPConfigurations"].references();
    const Ref pool_vnet = properties["virtualNetwork"].reference();
    const JsonCursor addresses = properties["loadBalancerBackendAddresses"];
    addresses.for_each([&](const JsonCursor& backend) {
        LbBackendAddress entry;
        entry.name = backend["name"].text_or("");
        const JsonCursor inner = properties_of(backend);
        const JsonCursor address = inner["ipAddress"];
        entry.address = address_of(address);
        entry.virtual_network = inner["virtualNetwork"].reference();
        if (!entry.virtual_network) {
            entry.virtual_network = pool_vnet;
        }
        entry.subnet = inner["subnet"].reference();
        entry.ip_configuration = inner["networkInterfaceIPConfiguration"].reference();
        entry.admin_down = equal_ignoring_case(inner["adminState"].text_or(""), "Down");  // E14
        entry.frontend = inner["loadBalancerFrontendIPConfiguration"].reference();        // E15
        pool.addresses.push_back(std::move(entry));
    });
    return pool;
}

LbRule read_lb_rule(const JsonCursor& item, const ResourceId& balancer) {
    auto rule = part_of<LbRule>(item, balancer, "loadBalancingRules");
    const JsonCursor properties = properties_of(item);
    rule.frontend = properties["frontendIPConfiguration"].reference();
    rule.pools = properties["backendAddressPools"].references();
    if (const Ref pool = properties["backendAddressPool"].reference()) {
        if (std::find(rule.pools.begin(), rule.pools.end(), *pool) == rule.pools.end()) {
            rule.pools.push_back(*pool);
        }
    }
    const JsonCursor protocol = properties["protocol"];
    rule.protocol = protocol_of(protocol, &rule.id);
    rule.frontend_port = port_of(properties["frontendPort"], rule.id);
    rule.backend_port = port_of(properties["backendPort"], rule.id);
    rule.floating_ip = properties["enableFloatingIP"].boolean().value_or(false);
    rule.disable_outbound_snat = properties["disableOutboundSnat"].boolean();
    rule.probe = properties["probe"].reference();
    return rule;
}

LbNatRule read_nat_rule(const JsonCursor& item, const ResourceId& balancer, bool is_pool) {
    auto rule = part_of<LbNatRule>(item, balancer, is_pool ? "inboundNatPools" : "inboundNatRules");
    const JsonCursor properties = properties_of(item);
    rule.frontend = properties["frontendIPConfiguration"].reference();
    rule.pool = properties["backendAddressPool"].reference();
    rule.backend_configuration = properties["backendIPConfiguration"].reference();
    const JsonCursor protocol = properties["protocol"];
    rule.protocol = protocol_of(protocol, &rule.id);
    rule.frontend_port = port_of(properties["frontendPort"], rule.id);
    rule.frontend_port_start = port_of(properties["frontendPortRangeStart"], rule.id);
    rule.frontend_port_end = port_of(properties["frontendPortRangeEnd"], rule.id);
    rule.backend_port = port_of(properties["backendPort"], rule.id);
    rule.floating_ip = properties["enableFloatingIP"].boolean().value_or(false);
    rule.is_pool = is_pool;
    return rule;
}

LbOutboundRule read_outbound_rule(const JsonCursor& item, const ResourceId& balancer) {
    auto rule = part_of<LbOutboundRule>(item, balancer, "outboundRules");
    const JsonCursor properties = properties_of(item);
    rule.frontends = properties["frontendIPConfigurations"].references();
    rule.pool = properties["backendAddressPool"].reference();
    const JsonCursor protocol = properties["protocol"];
    rule.protocol = protocol_of(protocol, &rule.id);
    return rule;
}

}  // namespace

void read_load_balancer(const JsonCursor& resource, const Header& header, ImportState& state) {
    LoadBalancer balancer;
    balancer.header = header;
    balancer.sku = sku_of(resource, balancer.header);
    balancer.global_tier = is_global_tier(resource);
    const JsonCursor properties = properties_of(resource);
    const auto each = [&](const char* key, const auto& read) {
        const JsonCursor list = properties[key];
        list.for_each([&](const JsonCursor& item) {
            if (is_mention(item)) {  // described on its own, or not at all
                if (const Ref id = item.reference()) {
                    state.mentions.emplace_back(*id, header.id);
                }
                return;
            }
            read(item);
        });
    };
    each("frontendIPConfigurations", [&](const JsonCursor& item) {
        balancer.frontends.push_back(read_frontend(item, header.id));
    });
    const JsonCursor pools = properties["backendAddressPools"];
    pools.for_each([&](const JsonCursor& item) {  // an empty pool says no more than its name
        balancer.pools.push_back(read_pool(item, header.id));
    });
    each("loadBalancingRules",
         [&](const JsonCursor& item) { balancer.rules.push_back(read_lb_rule(item, header.id)); });
    each("inboundNatRules", [&](const JsonCursor& item) {
        balancer.nat_rules.push_back(read_nat_rule(item, header.id, false));
    });
    each("inboundNatPools", [&](const JsonCursor& item) {
        balancer.nat_rules.push_back(read_nat_rule(item, header.id, true));
    });
    each("outboundRules", [&](const JsonCursor& item) {
        balancer.outbound_rules.push_back(read_outbound_rule(item, header.id));
    });
    put(state.snapshot.load_balancers, header, std::move(balancer));
}

void read_standalone_frontend(const JsonCursor& resource, const Header& header,
                              ImportState& state) {
    state.lb_frontends.push_back(read_frontend(resource, header.id.parent()));
}

void read_standalone_pool(const JsonCursor& resource, const Header& header, ImportState& state) {
    state.lb_pools.push_back(read_pool(resource, header.id.parent()));
}

void read_standalone_lb_rule(const JsonCursor& resource, const Header& header, ImportState& state) {
    state.lb_rules.push_back(read_lb_rule(resource, header.id.parent()));
}

void read_standalone_nat_rule(const JsonCursor& resource, const Header& header,
                              ImportState& state) {
    state.nat_rules.push_back(read_nat_rule(resource, header.id.parent(), false));
}

void read_standalone_outbound_rule(const JsonCursor& resource, const Header& header,
                                   ImportState& state) {
    state.outbound_rules.push_back(read_outbound_rule(resource, header.id.parent()));
}

}  // namespace azreach
