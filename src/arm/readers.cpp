#include "src/arm/readers.hpp"

#include <algorithm>
#include <charconv>

namespace azreach {

void read_virtual_network(const JsonCursor&, const Header&, ImportState&);
void read_standalone_subnet(const JsonCursor&, const Header&, ImportState&);
void read_standalone_peering(const JsonCursor&, const Header&, ImportState&);
void read_network_security_group(const JsonCursor&, const Header&, ImportState&);
void read_standalone_security_rule(const JsonCursor&, const Header&, ImportState&);
void read_application_security_group(const JsonCursor&, const Header&, ImportState&);
void read_network_interface(const JsonCursor&, const Header&, ImportState&);
void read_virtual_machine(const JsonCursor&, const Header&, ImportState&);
void read_scale_set(const JsonCursor&, const Header&, ImportState&);
void read_route_table(const JsonCursor&, const Header&, ImportState&);
void read_standalone_route(const JsonCursor&, const Header&, ImportState&);
void read_public_ip_address(const JsonCursor&, const Header&, ImportState&);
void read_public_ip_prefix(const JsonCursor&, const Header&, ImportState&);
void read_nat_gateway(const JsonCursor&, const Header&, ImportState&);
void read_load_balancer(const JsonCursor&, const Header&, ImportState&);
void read_standalone_nat_rule(const JsonCursor&, const Header&, ImportState&);
void read_bastion_host(const JsonCursor&, const Header&, ImportState&);
void read_virtual_network_gateway(const JsonCursor&, const Header&, ImportState&);
void read_local_network_gateway(const JsonCursor&, const Header&, ImportState&);
void read_connection(const JsonCursor&, const Header&, ImportState&);
void read_private_endpoint(const JsonCursor&, const Header&, ImportState&);
void read_network_manager(const JsonCursor&, const Header&, ImportState&);
void read_network_group(const JsonCursor&, const Header&, ImportState&);
void read_static_member(const JsonCursor&, const Header&, ImportState&);
void read_security_admin_configuration(const JsonCursor&, const Header&, ImportState&);
void read_rule_collection(const JsonCursor&, const Header&, ImportState&);
void read_standalone_admin_rule(const JsonCursor&, const Header&, ImportState&);
void read_connectivity_configuration(const JsonCursor&, const Header&, ImportState&);

namespace {

constexpr ResourceReader kReaders[] = {
    {"Microsoft.Network/virtualNetworks", read_virtual_network,
     "addressSpace subnets virtualNetworkPeerings defaultPublicNatGateway"},
    {"Microsoft.Network/virtualNetworks/subnets", read_standalone_subnet, ""},
    {"Microsoft.Network/virtualNetworks/virtualNetworkPeerings", read_standalone_peering, ""},
    {"Microsoft.Network/networkSecurityGroups", read_network_security_group, "securityRules"},
    {"Microsoft.Network/networkSecurityGroups/securityRules", read_standalone_security_rule, ""},
    {"Microsoft.Network/applicationSecurityGroups", read_application_security_group, ""},
    {"Microsoft.Network/networkInterfaces", read_network_interface,
     "ipConfigurations networkSecurityGroup enableIPForwarding virtualMachine privateEndpoint"},
    {"Microsoft.Compute/virtualMachines", read_virtual_machine, "networkProfile"},
    {"Microsoft.Compute/virtualMachineScaleSets", read_scale_set,
     "virtualMachineProfile orchestrationMode"},
    {"Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces",
     read_network_interface,
     "ipConfigurations networkSecurityGroup enableIPForwarding virtualMachine"},
    {"Microsoft.Network/routeTables", read_route_table, "routes disableBgpRoutePropagation"},
    {"Microsoft.Network/routeTables/routes", read_standalone_route, ""},
    {"Microsoft.Network/publicIPAddresses", read_public_ip_address,
     "ipAddress ipConfiguration natGateway publicIPAddressVersion"},
    {"Microsoft.Network/publicIPPrefixes", read_public_ip_prefix, "ipPrefix"},
    {"Microsoft.Network/natGateways", read_nat_gateway, "publicIpAddresses publicIpPrefixes"},
    {"Microsoft.Network/loadBalancers", read_load_balancer,
     "frontendIPConfigurations backendAddressPools loadBalancingRules inboundNatRules "
     "inboundNatPools outboundRules"},
    {"Microsoft.Network/loadBalancers/inboundNatRules", read_standalone_nat_rule, ""},
    {"Microsoft.Network/bastionHosts", read_bastion_host, "ipConfigurations virtualNetwork"},
    {"Microsoft.Network/virtualNetworkGateways", read_virtual_network_gateway,
     "gatewayType enableBgp ipConfigurations vpnClientConfiguration customRoutes"},
    {"Microsoft.Network/localNetworkGateways", read_local_network_gateway,
     "localNetworkAddressSpace gatewayIpAddress"},
    {"Microsoft.Network/connections", read_connection,
     "connectionType virtualNetworkGateway1 virtualNetworkGateway2 localNetworkGateway2 enableBgp"},
    {"Microsoft.Network/privateEndpoints", read_private_endpoint,
     "subnet networkInterfaces privateLinkServiceConnections manualPrivateLinkServiceConnections"},
    {"Microsoft.Network/networkManagers", read_network_manager, "networkManagerScopes"},
    {"Microsoft.Network/networkManagers/networkGroups", read_network_group, ""},
    {"Microsoft.Network/networkManagers/networkGroups/staticMembers", read_static_member, ""},
    {"Microsoft.Network/networkManagers/securityAdminConfigurations",
     read_security_admin_configuration, "applyOnNetworkIntentPolicyBasedServices"},
    {"Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections",
     read_rule_collection, ""},
    {"Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules",
     read_standalone_admin_rule, ""},
    {"Microsoft.Network/networkManagers/connectivityConfigurations",
     read_connectivity_configuration, "connectivityTopology hubs appliesToGroups isGlobal"},
};

}  // namespace

std::span<const ResourceReader> readers() { return kReaders; }

JsonCursor properties_of(const JsonCursor& resource) {
    JsonCursor properties = resource["properties"];
    return properties.is_object() ? properties : resource;
}

Header child_header(const JsonCursor& child, const ResourceId& parent, std::string_view type) {
    Header header;
    header.where = child.provenance();
    header.name = child["name"].text_or("");
    header.id = ResourceId(child["id"].text_or(""));
    if (header.name.empty()) {
        header.name = std::string(header.id.name());
    }
    if (header.id.empty()) {
        header.id = parent.child(type, header.name);
    }
    return header;
}

std::optional<Address> address_of(const JsonCursor& value) {
    const std::optional<std::string> text = value.text();
    if (!text || text->empty()) {
        return std::nullopt;
    }
    const std::optional<Address> address = parse_address(*text);
    if (!address) {
        value.fail("an IP address");
    }
    return address;
}

namespace {

void append_prefix(const JsonCursor& value, const std::string& text, std::vector<Prefix>& result) {
    const auto parsed = parse_prefix(text);
    if (!parsed) {
        value.fail("a prefix such as 10.0.0.0/16");
    }
    if (parsed->host_bits_cleared) {
        value.diagnose("AZR1019", Severity::warning,
                       "'" + text + "' has host bits set; read as " + to_string(parsed->prefix));
    }
    if (std::find(result.begin(), result.end(), parsed->prefix) == result.end()) {
        result.push_back(parsed->prefix);
    }
}

}  // namespace

std::vector<Prefix> prefixes_of_twins(const JsonCursor& object, std::string_view singular,
                                      std::string_view plural) {
    std::vector<Prefix> result;
    if (!singular.empty()) {
        const JsonCursor one = object[singular];
        const std::string text = one.text_or("");
        if (!text.empty()) {
            append_prefix(one, text, result);
        }
    }
    const JsonCursor many = object[plural];
    many.for_each([&](const JsonCursor& item) {
        const std::string text = item.text_or("");
        if (!text.empty()) {
            append_prefix(item, text, result);
        }
    });
    return result;
}

Sku sku_of(const JsonCursor& resource) {
    const JsonCursor sku = resource["sku"];
    const std::string name = sku.is_string() ? sku.text_or("") : sku["name"].text_or("");
    if (name.empty() || equal_ignoring_case(name, "Basic")) {
        return Sku::basic;
    }
    if (equal_ignoring_case(name, "Standard") || equal_ignoring_case(name, "StandardV2")) {
        return Sku::standard;
    }
    if (equal_ignoring_case(name, "Gateway")) {
        return Sku::gateway;
    }
    if (equal_ignoring_case(name, "Developer")) {
        return Sku::developer;
    }
    return Sku::unknown;
}

RuleProtocol protocol_of(const JsonCursor& value) {
    const std::string text = value.text_or("*");
    const auto is = [&](const char* name) { return equal_ignoring_case(text, name); };
    if (text == "*" || text.empty() || is("Any") || is("All")) return RuleProtocol::any;
    if (is("Tcp") || text == "6") return RuleProtocol::tcp;
    if (is("Udp") || text == "17") return RuleProtocol::udp;
    if (is("Icmp") || text == "1") return RuleProtocol::icmp;
    if (is("Icmpv6") || text == "58") return RuleProtocol::icmpv6;
    if (is("Esp") || text == "50") return RuleProtocol::esp;
    if (is("Ah") || text == "51") return RuleProtocol::ah;
    value.diagnose("AZR1020", Severity::warning,
                   "protocol '" + text + "' is not known; the rule may match anything");
    return RuleProtocol::other;
}

PortSet ports_of_twins(const JsonCursor& object, std::string_view singular, std::string_view plural,
                       bool& unreadable) {
    std::vector<Range<std::uint16_t>> ranges;
    bool any = false;
    const auto one = [&](const JsonCursor& value, std::string_view text) {
        while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
        while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
        if (text == "*") {
            any = true;
            return;
        }
        const std::size_t dash = text.find('-');
        const auto number = [](std::string_view digits) -> std::optional<std::uint16_t> {
            unsigned n = 0;
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
            if (error != std::errc{} || end != digits.data() + digits.size() || n > 65535) {
                return std::nullopt;
            }
            return static_cast<std::uint16_t>(n);
        };
        const auto first = number(text.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : number(text.substr(dash + 1));
        if (!first || !last || *first > *last) {
            value.diagnose("AZR1021", Severity::warning,
                           "port range '" + std::string(text) +
                               "' is not understood (expected *, 80 or 80-90); the rule may match "
                               "any port");
            unreadable = true;
            return;
        }
        ranges.push_back({*first, *last});
    };
    const auto list = [&](const JsonCursor& value) {
        std::string text;
        std::int64_t number = 0;
        if (!value) {
            return;
        }
        if (value.element().get(number) == simdjson::SUCCESS) {
            text = std::to_string(number);
        } else {
            text = value.text_or("");
        }
        std::string_view rest = text;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            if (comma > 0) {
                one(value, rest.substr(0, comma));
            }
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    };
    const JsonCursor single = object[singular];
    list(single);
    const JsonCursor many = object[plural];
    many.for_each(list);
    if (any || (ranges.empty() && !unreadable)) {
        return PortSet::full();
    }
    return PortSet::of(std::move(ranges));
}

}  // namespace azreach
