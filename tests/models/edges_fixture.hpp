// Hand-made snapshots for the tests of edges, and short texts for what edges answer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/edges.hpp"
#include "models/network/network.hpp"

namespace azreach::edges_test {

inline ResourceId id_of(std::string_view type, std::string_view name) {
    return ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/" +
                      std::string(type) + "/" + std::string(name));
}
inline Header header_of(const ResourceId& id) {
    Header header;
    header.id = id;
    header.name = std::string(id.name());
    return header;
}
inline Address ip(std::string_view text) { return parse_address(text).value(); }
inline Prefix prefix(std::string_view text) { return parse_prefix(text).value().prefix; }

inline ResourceId subnet_id(std::string_view name) {
    return id_of("virtualNetworks", "vnet").child("subnets", name);
}
inline ResourceId config_id(std::string_view nic, std::string_view name = "ip") {
    return id_of("networkInterfaces", nic).child("ipConfigurations", name);
}

/// A snapshot with one VNet 10.0.0.0/16 in West Europe and subnet "app" 10.0.1.0/24.
struct Given {
    Snapshot snapshot;
    Assumptions assumptions{Reading::strict};

    Given() {
        VirtualNetwork vnet;
        vnet.header = header_of(id_of("virtualNetworks", "vnet"));
        vnet.header.location = "West Europe";
        vnet.address_space = {prefix("10.0.0.0/16")};
        snapshot.virtual_networks.emplace(vnet.header.id, vnet);
        subnet("app", {"10.0.1.0/24"});
    }

    VirtualNetwork& vnet() { return snapshot.virtual_networks.begin()->second; }

    /// Adds the subnet, or finds it again.
    Subnet& subnet(std::string_view name, const std::vector<std::string>& prefixes = {}) {
        for (Subnet& subnet : vnet().subnets) {
            if (subnet.header.name == name) {
                return subnet;
            }
        }
        Subnet subnet;
        subnet.header = header_of(subnet_id(name));
        for (const std::string& text : prefixes) {
            subnet.prefixes.push_back(prefix(text));
        }
        vnet().subnets.push_back(subnet);
        return vnet().subnets.back();
    }

    NetworkInterface& nic(std::string_view name, std::string_view address,
                          std::string_view subnet = "app") {
        NetworkInterface nic;
        nic.header = header_of(id_of("networkInterfaces", name));
        const auto [found, is_new] = snapshot.interfaces.emplace(nic.header.id, nic);
        configuration(found->second, "ip", address, subnet);
        return found->second;
    }

    static IpConfiguration& configuration(NetworkInterface& nic, std::string_view name,
                                          std::string_view address,
                                          std::string_view subnet = "app") {
        IpConfiguration configuration;
        configuration.id = nic.header.id.child("ipConfigurations", name);
        configuration.name = std::string(name);
        configuration.primary = nic.configurations.empty();
        if (!address.empty()) {
            configuration.address = ip(address);
            configuration.family = configuration.address->family;
        }
        configuration.subnet = subnet_id(subnet);
        nic.configurations.push_back(configuration);
        return nic.configurations.back();
    }

    PublicIpAddress& public_ip(std::string_view name, std::string_view address,
                               Sku sku = Sku::standard) {
        PublicIpAddress result;
        result.header = header_of(id_of("publicIPAddresses", name));
        result.sku = sku;
        if (!address.empty()) {
            result.address = ip(address);
            result.family = result.address->family;
        }
        return snapshot.public_ips.emplace(result.header.id, result).first->second;
    }

    /// An internal Standard balancer with frontend "front" at 10.0.1.100 and pool "pool".
    LoadBalancer& balancer(std::string_view name = "lb") {
        LoadBalancer result;
        result.header = header_of(id_of("loadBalancers", name));
        result.sku = Sku::standard;
        LbFrontend frontend;
        frontend.id = result.header.id.child("frontendIPConfigurations", "front");
        frontend.name = "front";
        frontend.address = ip("10.0.1.100");
        frontend.subnet = subnet_id("app");
        result.frontends = {frontend};
        LbPool pool;
        pool.id = result.header.id.child("backendAddressPools", "pool");
        pool.name = "pool";
        result.pools = {pool};
        return snapshot.load_balancers.emplace(result.header.id, result).first->second;
    }

    /// The same with the public address "pip-lb" 20.0.0.9 as its frontend.
    LoadBalancer& public_balancer(Sku sku = Sku::standard) {
        LoadBalancer& result = balancer();
        result.sku = sku;
        public_ip("pip-lb", "20.0.0.9", sku);
        result.frontends.front().address.reset();
        result.frontends.front().subnet.reset();
        result.frontends.front().public_ip = id_of("publicIPAddresses", "pip-lb");
        return result;
    }

    static LbRule& rule(LoadBalancer& balancer, RuleProtocol protocol, int from, int to,
                        std::string_view name = "rule") {
        LbRule rule;
        rule.id = balancer.header.id.child("loadBalancingRules", name);
        rule.name = std::string(name);
        rule.frontend = balancer.frontends.front().id;
        rule.pools = {balancer.pools.front().id};
        rule.protocol = protocol;
        rule.frontend_port = from;
        rule.backend_port = to;
        balancer.rules.push_back(rule);
        return balancer.rules.back();
    }

    static LbNatRule& nat_rule(LoadBalancer& balancer, int from, int to,
                               std::string_view name = "nat") {
        LbNatRule rule;
        rule.id = balancer.header.id.child("inboundNatRules", name);
        rule.name = std::string(name);
        rule.frontend = balancer.frontends.front().id;
        rule.frontend_port = from;
        rule.backend_port = to;
        balancer.nat_rules.push_back(rule);
        return balancer.nat_rules.back();
    }

    OtherResource& other(const ResourceId& id, const std::vector<ResourceId>& subnets = {}) {
        OtherResource result;
        result.header = header_of(id);
        result.subnets = subnets;
        return snapshot.others.emplace(id, result).first->second;
    }

    /// A uniform scale set with one NIC template in subnet "app".
    ScaleSet& scale_set(std::string_view name, std::optional<long long> capacity) {
        ScaleSet result;
        result.header =
            header_of(ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/"
                                 "virtualMachineScaleSets/" +
                                 std::string(name)));
        result.capacity = capacity;
        ScaleSetInterface interface;
        interface.name = "nic";
        IpConfiguration configuration;
        configuration.name = "ip";
        configuration.subnet = subnet_id("app");
        interface.configurations = {configuration};
        result.interfaces = {interface};
        return snapshot.scale_sets.emplace(result.header.id, result).first->second;
    }

    std::unique_ptr<Network> network() const {
        return std::make_unique<Network>(snapshot, assumptions);
    }
};

/// "AZR9001 vnet" with the subject's last name only; "!" before a negated fact.
inline std::string text(const Network& network, const Guard& guard) {
    std::string result;
    for (const Literal& literal : guard) {
        std::string name = network.facts().name(literal.fact);
        if (const auto slash = name.rfind('/'); slash != std::string::npos) {
            name = name.substr(0, name.find(' ') + 1) + name.substr(slash + 1);
        }
        result += (result.empty() ? "" : " & ") + std::string(literal.value ? "" : "!") + name;
    }
    return result;
}

/// "configuration nic-a", "unknown app if AZR9007 app", ...
inline std::string text(const Network& network, const Owner& owner) {
    constexpr const char* kKinds[] = {"configuration", "frontend", "firewall",  "reserved",
                                      "nobody",        "unknown",  "unmodelled"};
    std::string result = kKinds[static_cast<int>(owner.kind)];
    result += " " + std::string(owner.at.name());
    if (!owner.when.empty()) {
        result += " if " + text(network, owner.when);
    }
    return result;
}

/// "lb_rule rule -> nic-a:8080 if ..."; "nobody" without target; the port is "*" when kept.
inline std::string text(const Network& network, const Translation& way) {
    constexpr const char* kKinds[] = {"instance_ip", "lb_rule",    "nat_rule",
                                      "firewall",    "unmodelled", "unread"};
    std::string result = kKinds[static_cast<int>(way.kind)];
    result += " " + way.name + " -> ";
    if (way.config != kNoIndex) {
        const ConfigPlace& place = network.configurations()[way.config];
        result += place.interface->header.name;
        if (place.configuration->name != "ip") {
            result += "/" + place.configuration->name;
        }
    } else {
        result += way.target.empty() ? "nobody" : std::string(way.target.name());
    }
    result += ":" + (way.to_port ? std::to_string(*way.to_port) : std::string("*"));
    result += way.standard_closed ? " closed" : way.basic_open ? " open" : "";
    if (!way.when.empty()) {
        result += " if " + text(network, way.when);
    }
    return result;
}

template <class Range>
std::vector<std::string> texts(const Network& network, const Range& items) {
    std::vector<std::string> result;
    for (const auto& item : items) {
        result.push_back(text(network, item));
    }
    return result;
}

/// The ways that take the service.
inline std::vector<std::string> ways(const Network& network, const std::vector<Translation>& all,
                                     const Service& service) {
    std::vector<std::string> result;
    for (const Translation& way : all) {
        if (way.accepts.contains(service)) {
            result.push_back(text(network, way));
        }
    }
    return result;
}

inline const LoadBalancer& balancer_of(const Network& network) {
    return network.snapshot().load_balancers.begin()->second;
}
inline const std::vector<Translation>& translations(const Network& network) {
    const LoadBalancer& balancer = balancer_of(network);
    return network.edges().translations(balancer, balancer.frontends.front());
}

inline Service tcp(int port) { return {kTcp, 49152, static_cast<std::uint16_t>(port)}; }
inline Service udp(int port) { return {kUdp, 49152, static_cast<std::uint16_t>(port)}; }
inline Service ping() { return {kIcmp, 8, 0}; }
inline Service plain(Protocol protocol) { return {protocol, 0, 0}; }

}  // namespace azreach::edges_test
