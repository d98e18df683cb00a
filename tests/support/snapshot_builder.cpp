#include "tests/support/snapshot_builder.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>

#include "models/net/prefix.hpp"

namespace azreach::testing {

namespace {

[[noreturn]] void wrong(const std::string& what) {
    throw std::invalid_argument("snapshot builder: " + what);
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::string part;
    std::istringstream stream{std::string(text)};
    while (std::getline(stream, part, separator)) {
        if (!part.empty()) {
            parts.push_back(part);
        }
    }
    return parts;
}

std::vector<Prefix> prefixes_from(std::string_view text) {
    std::vector<Prefix> result;
    for (const std::string& part : split(text, ',')) {
        const auto parsed = parse_prefix(part);
        if (!parsed) {
            wrong("'" + part + "' is no prefix");
        }
        result.push_back(parsed->prefix);
    }
    return result;
}

AddressSpec side(std::string_view text) {
    AddressSpec spec;
    for (const std::string& part : split(text, ',')) {
        if (part == "*") {
            spec.any = true;
        } else if (part.starts_with("asg:")) {
            spec.asgs.push_back(SnapshotBuilder::id("applicationSecurityGroups", part.substr(4)));
        } else if (part.starts_with("group:")) {
            spec.network_groups.push_back(
                SnapshotBuilder::id("networkManagers/networkGroups", "manager/" + part.substr(6)));
        } else if (const auto parsed = parse_prefix(part)) {
            spec.any_v4 = spec.any_v4 || parsed->prefix == Prefix::all(Family::v4);
            spec.prefixes |= parsed->prefix.addresses();
        } else {
            spec.tags.push_back(part);
        }
    }
    return spec;
}

PortSet ports_from(std::string_view text) {
    if (text == "*") {
        return PortSet::full();
    }
    PortSet result;
    for (const std::string& part : split(text, ',')) {
        const std::size_t dash = part.find('-');
        const int first = std::stoi(part.substr(0, dash));
        const int last = dash == std::string::npos ? first : std::stoi(part.substr(dash + 1));
        result |=
            PortSet::range(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last));
    }
    return result;
}

Header header(const ResourceId& id, const std::string& location = "westeurope") {
    Header result;
    result.id = id;
    result.name = std::string(id.name());
    result.type = id.type();
    result.location = location;
    return result;
}

}  // namespace

SecurityRule rule(std::string_view text) {
    const std::vector<std::string> words = split(text, ' ');
    if (words.size() < 7 || words[5] != "->") {
        wrong("a rule is 'PRIORITY in|out allow|deny PROTOCOL SOURCES -> DESTINATIONS [PORTS]': " +
              std::string(text));
    }
    static const std::map<std::string, RuleProtocol> kProtocols = {
        {"any", RuleProtocol::any},    {"*", RuleProtocol::any},
        {"tcp", RuleProtocol::tcp},    {"udp", RuleProtocol::udp},
        {"icmp", RuleProtocol::icmp},  {"esp", RuleProtocol::esp},
        {"ah", RuleProtocol::ah},      {"icmpv6", RuleProtocol::icmpv6},
        {"other", RuleProtocol::other}};
    SecurityRule result;
    result.priority = std::stoi(words[0]);
    result.direction = words[1] == "in" ? Direction::inbound : Direction::outbound;
    result.access = words[2] == "allow"    ? Access::allow
                    : words[2] == "always" ? Access::always_allow
                                           : Access::deny;
    result.name = words[2] + "-" + words[0] + "-" + words[1];
    result.protocol = kProtocols.at(words[3]);
    result.source = side(words[4]);
    result.destination = side(words[6]);
    result.destination_ports = ports_from(words.size() > 7 ? words[7] : "*");
    result.source_ports = PortSet::full();
    if (words.size() == 10 && words[8] == "from") {
        result.source_ports = ports_from(words[9]);
    } else if (words.size() > 8) {
        wrong("unread words in rule: " + std::string(text));
    }
    return result;
}

ResourceId SnapshotBuilder::id(std::string_view type, std::string_view name) {
    std::string text = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network";
    const std::vector<std::string> types = split(type, '/');
    const std::vector<std::string> names = split(name, '/');
    if (types.size() != names.size()) {
        wrong("as many names as types: " + std::string(type) + " " + std::string(name));
    }
    for (std::size_t i = 0; i < types.size(); ++i) {
        text += "/" + types[i] + "/" + names[i];
    }
    return ResourceId(text);
}

ResourceId SnapshotBuilder::subnet_id(std::string_view path) {
    return id("virtualNetworks/subnets", path);
}

Subnet& SnapshotBuilder::at(const std::string& path) {
    const auto vnet = snapshot_.virtual_networks.find(vnet_id(split(path, '/').front()));
    if (vnet == snapshot_.virtual_networks.end()) {
        wrong("no VNet for " + path);
    }
    for (Subnet& subnet : vnet->second.subnets) {
        if (subnet.header.id == subnet_id(path)) {
            return subnet;
        }
    }
    wrong("no subnet " + path);
}

NetworkInterface& SnapshotBuilder::interface(const std::string& vm) {
    const auto found = snapshot_.interfaces.find(nic_id(vm));
    if (found == snapshot_.interfaces.end()) {
        wrong("no VM " + vm);
    }
    return found->second;
}

SnapshotBuilder& SnapshotBuilder::vnet(const std::string& name, const std::string& prefixes,
                                       const std::string& location) {
    VirtualNetwork vnet;
    vnet.header = header(vnet_id(name), location);
    vnet.address_space = prefixes_from(prefixes);
    snapshot_.virtual_networks.emplace(vnet.header.id, std::move(vnet));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::subnet(const std::string& path, const std::string& prefixes) {
    Subnet subnet;
    subnet.header = header(subnet_id(path));
    subnet.prefixes = prefixes_from(prefixes);
    snapshot_.virtual_networks.at(vnet_id(split(path, '/').front()))
        .subnets.push_back(std::move(subnet));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::vm(const std::string& name, const std::string& subnet_path,
                                     const std::string& address_text) {
    NetworkInterface nic;
    nic.header = header(nic_id(name));
    IpConfiguration config;
    config.id = nic.header.id.child("ipConfigurations", "ipconfig1");
    config.name = "ipconfig1";
    config.primary = true;
    config.subnet = subnet_id(subnet_path);
    if (!address_text.empty()) {
        config.address = address(address_text);
        config.family = config.address->family;
    }
    nic.configurations.push_back(std::move(config));
    VirtualMachine vm;
    vm.header =
        header(ResourceId("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/"
                          "virtualMachines/" +
                          name));
    vm.interfaces = {nic.header.id};
    nic.virtual_machine = vm.header.id;
    at(subnet_path).ip_configurations.push_back(nic.configurations.front().id);
    snapshot_.interfaces.emplace(nic.header.id, std::move(nic));
    snapshot_.virtual_machines.emplace(vm.header.id, std::move(vm));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::forwarding(const std::string& vm) {
    interface(vm).ip_forwarding = true;
    return *this;
}

SnapshotBuilder& SnapshotBuilder::in_asg(const std::string& vm, const std::string& asg) {
    const ResourceId asg_id = id("applicationSecurityGroups", asg);
    snapshot_.application_security_groups.try_emplace(asg_id,
                                                      ApplicationSecurityGroup{header(asg_id)});
    interface(vm).configurations.front().asgs.push_back(asg_id);
    return *this;
}

SnapshotBuilder& SnapshotBuilder::group(const std::string& name,
                                        std::initializer_list<const char*> rules) {
    NetworkSecurityGroup group;
    group.header = header(group_id(name));
    for (const char* text : rules) {
        SecurityRule parsed = rule(text);
        parsed.id = group.header.id.child("securityRules", parsed.name);
        group.rules.push_back(std::move(parsed));
    }
    snapshot_.security_groups.emplace(group.header.id, std::move(group));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::attach(const std::string& group, const std::string& place) {
    if (place.find('/') != std::string::npos) {
        at(place).security_group = group_id(group);
    } else {
        interface(place).security_group = group_id(group);
    }
    return *this;
}

SnapshotBuilder& SnapshotBuilder::routes(const std::string& subnet_path,
                                         std::initializer_list<const char*> routes,
                                         bool propagate) {
    std::string name = "rt-" + subnet_path;
    std::replace(name.begin(), name.end(), '/', '-');
    RouteTable table;
    table.header = header(id("routeTables", name));
    table.disable_bgp_propagation = !propagate;
    for (const char* text : routes) {
        const std::vector<std::string> words = split(text, ' ');
        Route route;
        route.name = "to-" + words.at(0).substr(0, words[0].find('/'));
        route.id = table.header.id.child("routes", route.name);
        if (const auto parsed = parse_prefix(words[0])) {
            route.prefix = parsed->prefix;
        } else {
            route.service_tag = words[0];
        }
        const std::string& hop = words.at(1);
        route.next_hop = hop == "appliance"  ? UserNextHop::virtual_appliance
                         : hop == "vnet"     ? UserNextHop::vnet_local
                         : hop == "internet" ? UserNextHop::internet
                         : hop == "gateway"  ? UserNextHop::virtual_network_gateway
                                             : UserNextHop::none;
        if (words.size() > 2) {
            route.next_hop_address = address(words[2]);
        }
        table.routes.push_back(std::move(route));
    }
    at(subnet_path).route_table = table.header.id;
    snapshot_.route_tables.insert_or_assign(table.header.id, std::move(table));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::peer(const std::string& a, const std::string& b,
                                       PeeringOptions options) {
    VirtualNetwork& left = snapshot_.virtual_networks.at(vnet_id(a));
    VirtualNetwork& right = snapshot_.virtual_networks.at(vnet_id(b));
    const auto side_of = [&](VirtualNetwork& from, const VirtualNetwork& to) {
        Peering peering;
        peering.header =
            header(from.header.id.child("virtualNetworkPeerings", "to-" + to.header.name));
        peering.remote = to.header.id;
        peering.state = options.state;
        peering.fully_in_sync = true;
        peering.remote_space = to.address_space;
        peering.remote_vnet_space = to.address_space;
        return peering;
    };
    Peering from_a = side_of(left, right);
    from_a.allow_access = options.a_access;
    from_a.allow_forwarded = options.a_forwarded;
    from_a.allow_gateway_transit = options.a_transit;
    Peering from_b = side_of(right, left);
    from_b.allow_access = options.b_access;
    from_b.allow_forwarded = options.b_forwarded;
    from_b.use_remote_gateways = options.b_uses_gateway;
    left.peerings.push_back(std::move(from_a));
    right.peerings.push_back(std::move(from_b));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::public_ip(const std::string& vm, const std::string& address_text,
                                            Sku sku) {
    PublicIpAddress ip;
    ip.header = header(id("publicIPAddresses", "pip-" + vm));
    ip.sku = sku;
    if (!address_text.empty()) {
        ip.address = address(address_text);
        ip.family = ip.address->family;
    }
    IpConfiguration& config = interface(vm).configurations.front();
    ip.ip_configuration = config.id;
    config.public_ip = ip.header.id;
    snapshot_.public_ips.emplace(ip.header.id, std::move(ip));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::balancer(const std::string& name, const std::string& address_text,
                                           const std::string& subnet_path, Sku sku) {
    LoadBalancer balancer;
    balancer.header = header(id("loadBalancers", name));
    balancer.sku = sku;
    LbFrontend frontend;
    frontend.id = balancer.header.id.child("frontendIPConfigurations", "front");
    frontend.name = "front";
    if (!subnet_path.empty()) {
        frontend.address = address(address_text);
        frontend.subnet = subnet_id(subnet_path);
    } else {
        PublicIpAddress ip;
        ip.header = header(id("publicIPAddresses", "pip-" + name));
        ip.sku = sku;
        ip.address = address(address_text);
        ip.family = ip.address->family;
        ip.ip_configuration = frontend.id;
        frontend.public_ip = ip.header.id;
        snapshot_.public_ips.emplace(ip.header.id, std::move(ip));
    }
    balancer.frontends.push_back(std::move(frontend));
    snapshot_.load_balancers.emplace(balancer.header.id, std::move(balancer));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::balance(const std::string& balancer,
                                          const LbRuleOptions& options) {
    LoadBalancer& lb = snapshot_.load_balancers.at(id("loadBalancers", balancer));
    const std::string name = options.protocol + "-" + std::to_string(options.port);
    LbPool pool;
    pool.id = lb.header.id.child("backendAddressPools", "pool-" + name);
    pool.name = "pool-" + name;
    for (const std::string& member : options.members) {
        IpConfiguration& config = interface(member).configurations.front();
        config.lb_pools.push_back(pool.id);
        pool.ip_configurations.push_back(config.id);
    }
    LbRule lb_rule;
    lb_rule.id = lb.header.id.child("loadBalancingRules", name);
    lb_rule.name = name;
    lb_rule.frontend = lb.frontends.front().id;
    lb_rule.pools = {pool.id};
    lb_rule.protocol = options.protocol == "tcp"   ? RuleProtocol::tcp
                       : options.protocol == "udp" ? RuleProtocol::udp
                                                   : RuleProtocol::any;
    lb_rule.frontend_port = options.port;
    lb_rule.backend_port = options.to_port == 0 ? options.port : options.to_port;
    lb_rule.floating_ip = options.floating_ip;
    lb_rule.disable_outbound_snat = options.no_outbound_snat;
    lb.pools.push_back(std::move(pool));
    lb.rules.push_back(std::move(lb_rule));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::nat_gateway(const std::string& subnet_path,
                                              const std::string& address_text) {
    std::string name = "nat-" + subnet_path;
    std::replace(name.begin(), name.end(), '/', '-');
    NatGateway nat;
    nat.header = header(id("natGateways", name));
    PublicIpAddress ip;
    ip.header = header(id("publicIPAddresses", "pip-" + name));
    ip.sku = Sku::standard;
    ip.address = address(address_text);
    ip.nat_gateway = nat.header.id;
    nat.public_ips = {ip.header.id};
    at(subnet_path).nat_gateway = nat.header.id;
    snapshot_.public_ips.emplace(ip.header.id, std::move(ip));
    snapshot_.nat_gateways.emplace(nat.header.id, std::move(nat));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::no_default_outbound(const std::string& subnet_path) {
    at(subnet_path).default_outbound_access = false;
    return *this;
}

SnapshotBuilder& SnapshotBuilder::service_endpoint(const std::string& subnet_path,
                                                   const std::string& service) {
    ServiceEndpoint endpoint;
    endpoint.service = service;
    at(subnet_path).service_endpoints.push_back(std::move(endpoint));
    return *this;
}

ResourceId SnapshotBuilder::storage_id(std::string_view name) {
    const std::string network = id("x", "y").text();
    return ResourceId(network.substr(0, network.find("/providers/")) +
                      "/providers/Microsoft.Storage/storageAccounts/" + std::string(name));
}

SnapshotBuilder& SnapshotBuilder::private_endpoint(const std::string& name,
                                                   const std::string& subnet_path,
                                                   const std::string& address_text,
                                                   PrivateEndpoint::Connection::Status status) {
    PrivateEndpoint endpoint;
    endpoint.header = header(id("privateEndpoints", name));
    endpoint.subnet = subnet_id(subnet_path);
    NetworkInterface nic;
    nic.header = header(nic_id(name));
    nic.private_endpoint = endpoint.header.id;
    IpConfiguration config;
    config.id = nic.header.id.child("ipConfigurations", "ipconfig1");
    config.name = "ipconfig1";
    config.primary = true;
    config.address = address(address_text);
    config.family = config.address->family;
    config.subnet = endpoint.subnet;
    nic.configurations.push_back(std::move(config));
    endpoint.interfaces = {nic.header.id};
    PrivateEndpoint::Connection connection;
    connection.name = "connection";
    connection.target = storage_id(name);
    connection.group_ids = {"blob"};
    connection.status = status;
    endpoint.connections.push_back(std::move(connection));
    snapshot_.interfaces.emplace(nic.header.id, std::move(nic));
    snapshot_.private_endpoints.emplace(endpoint.header.id, std::move(endpoint));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::leads_to(const std::string& endpoint, const ResourceId& resource,
                                           const std::string& group) {
    PrivateEndpoint::Connection& connection =
        snapshot_.private_endpoints.at(id("privateEndpoints", endpoint)).connections.front();
    connection.target = resource;
    connection.group_ids = {group};
    return *this;
}

SnapshotBuilder& SnapshotBuilder::policies(const std::string& subnet_path,
                                           PrivateEndpointPolicies policies) {
    at(subnet_path).private_endpoint_policies = policies;
    return *this;
}

SnapshotBuilder& SnapshotBuilder::gateway(const std::string& name, const std::string& vnet_name,
                                          const std::string& gateway_subnet_prefix,
                                          const std::string& site_prefixes, bool bgp) {
    const std::string path = vnet_name + "/GatewaySubnet";
    subnet(path, gateway_subnet_prefix);
    VirtualNetworkGateway gateway;
    gateway.header = header(id("virtualNetworkGateways", name));
    gateway.enable_bgp = bgp;
    gateway.subnets = {subnet_id(path)};
    LocalNetworkGateway site;
    site.header = header(id("localNetworkGateways", name + "-site"));
    site.address_space = prefixes_from(site_prefixes);
    site.has_bgp = bgp;
    GatewayConnection connection;
    connection.header = header(id("connections", name + "-connection"));
    connection.type = GatewayConnection::Type::ipsec;
    connection.gateway1 = gateway.header.id;
    connection.local_gateway = site.header.id;
    connection.enable_bgp = bgp;
    connection.status = "Connected";
    snapshot_.gateways.emplace(gateway.header.id, std::move(gateway));
    snapshot_.local_gateways.emplace(site.header.id, std::move(site));
    snapshot_.connections.emplace(connection.header.id, std::move(connection));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::admin_rules(const std::string& name,
                                              const std::vector<std::string>& vnets,
                                              std::initializer_list<const char*> rules) {
    const ResourceId manager_id = id("networkManagers", "manager");
    NetworkManager manager;
    manager.header = header(manager_id);
    manager.scope_accesses = {"SecurityAdmin"};
    snapshot_.network_managers.try_emplace(manager_id, std::move(manager));
    NetworkGroup group;
    group.header = header(id("networkManagers/networkGroups", "manager/" + name));
    for (const std::string& vnet : vnets) {
        group.members.push_back(vnet_id(vnet));
    }
    SecurityAdminConfiguration configuration;
    configuration.header =
        header(id("networkManagers/securityAdminConfigurations", "manager/" + name));
    AdminRuleCollection collection;
    collection.header = header(configuration.header.id.child("ruleCollections", "collection"));
    collection.groups = {group.header.id};
    for (const char* text : rules) {
        SecurityRule parsed = rule(text);
        parsed.id = collection.header.id.child("rules", parsed.name);
        collection.rules.push_back(std::move(parsed));
    }
    configuration.collections.push_back(std::move(collection));
    snapshot_.network_groups.emplace(group.header.id, std::move(group));
    snapshot_.admin_configurations.emplace(configuration.header.id, std::move(configuration));
    return *this;
}

SnapshotBuilder& SnapshotBuilder::tag(const std::string& name, const std::string& prefixes) {
    if (!snapshot_.service_tags) {
        snapshot_.service_tags.emplace();
        snapshot_.service_tags->cloud = "Public";
    }
    snapshot_.service_tags->tags[name] |= addresses(prefixes);
    return *this;
}

Address address(std::string_view text) {
    const auto parsed = parse_address(text);
    if (!parsed) {
        wrong("'" + std::string(text) + "' is no address");
    }
    return *parsed;
}

AddressSet addresses(std::string_view prefixes) {
    AddressSet result;
    for (const Prefix& prefix : prefixes_from(prefixes)) {
        result |= prefix.addresses();
    }
    return result;
}

ConfigIndex config_of(const Network& network, std::string_view vm) {
    const auto configs = network.configurations_of(SnapshotBuilder::nic_id(vm));
    if (configs.empty()) {
        wrong("no VM " + std::string(vm));
    }
    return configs.front();
}

namespace {

Assumptions assumptions(Reading reading, std::initializer_list<const char*> statements) {
    Assumptions result(reading);
    for (const char* statement : statements) {
        const std::string text = statement;
        const std::size_t equals = text.find('=');
        const auto error = result.state(text.substr(0, equals), text.substr(equals + 1), "test");
        if (error) {
            wrong(*error);
        }
    }
    return result;
}

}  // namespace

Assumptions documented(std::initializer_list<const char*> statements) {
    return assumptions(Reading::documented, statements);
}

Assumptions strict(std::initializer_list<const char*> statements) {
    return assumptions(Reading::strict, statements);
}

}  // namespace azreach::testing
