#include "src/arm/readers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace azreach {

void read_virtual_network(const JsonCursor&, const Header&, ImportState&);
void read_standalone_subnet(const JsonCursor&, const Header&, ImportState&);
void read_standalone_peering(const JsonCursor&, const Header&, ImportState&);
void read_network_security_group(const JsonCursor&, const Header&, ImportState&);
void read_standalone_security_rule(const JsonCursor&, const Header&, ImportState&);
void read_standalone_default_rule(const JsonCursor&, const Header&, ImportState&);
void read_application_security_group(const JsonCursor&, const Header&, ImportState&);
void read_network_interface(const JsonCursor&, const Header&, ImportState&);
void read_standalone_ip_configuration(const JsonCursor&, const Header&, ImportState&);
void read_virtual_machine(const JsonCursor&, const Header&, ImportState&);
void read_scale_set(const JsonCursor&, const Header&, ImportState&);
void read_route_table(const JsonCursor&, const Header&, ImportState&);
void read_standalone_route(const JsonCursor&, const Header&, ImportState&);
void read_public_ip_address(const JsonCursor&, const Header&, ImportState&);
void read_public_ip_prefix(const JsonCursor&, const Header&, ImportState&);
void read_nat_gateway(const JsonCursor&, const Header&, ImportState&);
void read_load_balancer(const JsonCursor&, const Header&, ImportState&);
void read_standalone_frontend(const JsonCursor&, const Header&, ImportState&);
void read_standalone_pool(const JsonCursor&, const Header&, ImportState&);
void read_standalone_lb_rule(const JsonCursor&, const Header&, ImportState&);
void read_standalone_nat_rule(const JsonCursor&, const Header&, ImportState&);
void read_standalone_outbound_rule(const JsonCursor&, const Header&, ImportState&);
void read_bastion_host(const JsonCursor&, const Header&, ImportState&);
void read_virtual_network_gateway(const JsonCursor&, const Header&, ImportState&);
void read_gateway_nat_rule(const JsonCursor&, const Header&, ImportState&);
void read_local_network_gateway(const JsonCursor&, const Header&, ImportState&);
void read_connection(const JsonCursor&, const Header&, ImportState&);
void read_private_endpoint(const JsonCursor&, const Header&, ImportState&);
void read_azure_firewall(const JsonCursor&, const Header&, ImportState&);
void read_firewall_policy(const JsonCursor&, const Header&, ImportState&);
void read_rule_collection_group(const JsonCursor&, const Header&, ImportState&);
void read_ip_group(const JsonCursor&, const Header&, ImportState&);
void read_network_manager(const JsonCursor&, const Header&, ImportState&);
void read_network_group(const JsonCursor&, const Header&, ImportState&);
void read_static_member(const JsonCursor&, const Header&, ImportState&);
void read_security_admin_configuration(const JsonCursor&, const Header&, ImportState&);
void read_rule_collection(const JsonCursor&, const Header&, ImportState&);
void read_standalone_admin_rule(const JsonCursor&, const Header&, ImportState&);
void read_connectivity_configuration(const JsonCursor&, const Header&, ImportState&);

void read_private_dns_zone(const JsonCursor&, const Header&, ImportState&);
void read_public_dns_zone(const JsonCursor&, const Header&, ImportState&);
void read_dns_record_set(const JsonCursor&, const Header&, ImportState&);
void read_dns_zone_link(const JsonCursor&, const Header&, ImportState&);
void read_dns_inbound_endpoint(const JsonCursor&, const Header&, ImportState&);
void read_dns_forwarding_rule(const JsonCursor&, const Header&, ImportState&);
void read_private_dns_zone_group(const JsonCursor&, const Header&, ImportState&);
void read_jit_policy(const JsonCursor&, const Header&, ImportState&);

namespace {

constexpr ResourceReader kReaders[] = {
    {"Microsoft.Network/virtualNetworks", read_virtual_network,
     "addressSpace subnets virtualNetworkPeerings defaultPublicNatGateway"},
    {"Microsoft.Network/virtualNetworks/subnets", read_standalone_subnet, ""},
    {"Microsoft.Network/virtualNetworks/virtualNetworkPeerings", read_standalone_peering, ""},
    {"Microsoft.Network/networkSecurityGroups", read_network_security_group,
     "securityRules defaultSecurityRules"},
    {"Microsoft.Network/networkSecurityGroups/securityRules", read_standalone_security_rule, ""},
    {"Microsoft.Network/networkSecurityGroups/defaultSecurityRules", read_standalone_default_rule,
     ""},
    {"Microsoft.Network/applicationSecurityGroups", read_application_security_group, ""},
    {"Microsoft.Network/networkInterfaces", read_network_interface,
     "ipConfigurations networkSecurityGroup enableIPForwarding virtualMachine privateEndpoint "
     "defaultOutboundConnectivityEnabled"},
    {"Microsoft.Network/networkInterfaces/ipConfigurations", read_standalone_ip_configuration, ""},
    {"Microsoft.Compute/virtualMachines", read_virtual_machine,
     "networkProfile virtualMachineScaleSet"},
    {"Microsoft.Compute/virtualMachineScaleSets", read_scale_set,
     "virtualMachineProfile orchestrationMode sku"},
    {"Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces",
     read_network_interface,
     "ipConfigurations networkSecurityGroup enableIPForwarding virtualMachine"},
    {"Microsoft.Network/routeTables", read_route_table, "routes disableBgpRoutePropagation"},
    {"Microsoft.Network/routeTables/routes", read_standalone_route, ""},
    {"Microsoft.Network/publicIPAddresses", read_public_ip_address,
     "ipAddress ipConfiguration natGateway publicIPAddressVersion sku"},
    {"Microsoft.Network/publicIPPrefixes", read_public_ip_prefix,
     "ipPrefix loadBalancerFrontendIpConfiguration natGateway sku"},
    {"Microsoft.Network/natGateways", read_nat_gateway,
     "publicIpAddresses publicIpPrefixes publicIpAddressesV6 publicIpPrefixesV6"},
    {"Microsoft.Network/loadBalancers", read_load_balancer,
     "frontendIPConfigurations backendAddressPools loadBalancingRules inboundNatRules "
     "inboundNatPools outboundRules sku"},
    {"Microsoft.Network/loadBalancers/frontendIPConfigurations", read_standalone_frontend, ""},
    {"Microsoft.Network/loadBalancers/backendAddressPools", read_standalone_pool, ""},
    {"Microsoft.Network/loadBalancers/loadBalancingRules", read_standalone_lb_rule, ""},
    {"Microsoft.Network/loadBalancers/inboundNatRules", read_standalone_nat_rule, ""},
    {"Microsoft.Network/loadBalancers/outboundRules", read_standalone_outbound_rule, ""},
    {"Microsoft.Network/bastionHosts", read_bastion_host,
     "ipConfigurations virtualNetwork enableTunneling enableIpConnect sku"},
    {"Microsoft.Network/virtualNetworkGateways", read_virtual_network_gateway,
     "gatewayType enableBgp ipConfigurations vpnClientConfiguration customRoutes natRules "
     "allowRemoteVnetTraffic allowVirtualWanTraffic gatewayDefaultSite"},
    {"Microsoft.Network/virtualNetworkGateways/natRules", read_gateway_nat_rule, ""},
    {"Microsoft.Network/localNetworkGateways", read_local_network_gateway,
     "localNetworkAddressSpace gatewayIpAddress bgpSettings"},
    {"Microsoft.Network/connections", read_connection,
     "connectionType virtualNetworkGateway1 virtualNetworkGateway2 localNetworkGateway2 peer "
     "enableBgp trafficSelectorPolicies"},
    {"Microsoft.Network/privateEndpoints", read_private_endpoint,
     "subnet networkInterfaces ipConfigurations customDnsConfigs applicationSecurityGroups "
     "privateLinkServiceConnections manualPrivateLinkServiceConnections"},
    {"Microsoft.Network/privateDnsZones", read_private_dns_zone,
     "numberOfRecordSets numberOfVirtualNetworkLinks"},
    {"Microsoft.Network/dnsZones", read_public_dns_zone, "numberOfRecordSets"},
    {"Microsoft.Network/privateDnsZones/A", read_dns_record_set,
     "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/privateDnsZones/AAAA", read_dns_record_set,
     "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/privateDnsZones/CNAME", read_dns_record_set,
     "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/privateDnsZones/MX", read_dns_record_set,
     "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/privateDnsZones/PTR", read_dns_record_set,
     "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/privateDnsZones/SOA", read_dns_record_set,
     "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/privateDnsZones/SRV", read_dns_record_set,
     "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/privateDnsZones/TXT", read_dns_record_set,
     "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/A", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/AAAA", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/CNAME", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/MX", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/PTR", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/SOA", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/SRV", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/TXT", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/NS", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/dnsZones/CAA", read_dns_record_set, "aRecords aaaaRecords cnameRecord"},
    {"Microsoft.Network/privateDnsZones/virtualNetworkLinks", read_dns_zone_link,
     "virtualNetwork registrationEnabled resolutionPolicy virtualNetworkLinkState"},
    {"Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks", read_dns_zone_link,
     "virtualNetwork"},
    {"Microsoft.Network/dnsForwardingRulesets/forwardingRules", read_dns_forwarding_rule,
     "domainName targetDnsServers forwardingRuleState"},
    {"Microsoft.Network/dnsResolvers/inboundEndpoints", read_dns_inbound_endpoint,
     "ipConfigurations"},
    {"Microsoft.Network/privateEndpoints/privateDnsZoneGroups", read_private_dns_zone_group,
     "privateDnsZoneConfigs"},
    {"Microsoft.Network/azureFirewalls", read_azure_firewall,
     "sku firewallPolicy virtualHub hubIPAddresses ipConfigurations managementIpConfiguration "
     "threatIntelMode additionalProperties natRuleCollections networkRuleCollections "
     "applicationRuleCollections"},
    {"Microsoft.Network/firewallPolicies", read_firewall_policy,
     "basePolicy ruleCollectionGroups ruleGroups snat explicitProxy threatIntelMode "
     "threatIntelWhitelist intrusionDetection sql sku"},
    {"Microsoft.Network/firewallPolicies/ruleCollectionGroups", read_rule_collection_group, ""},
    {"Microsoft.Network/ipGroups", read_ip_group, "ipAddresses"},
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
     read_connectivity_configuration,
     "connectivityTopology hubs appliesToGroups isGlobal connectivityCapabilities"},
    {"Microsoft.Security/locations/jitNetworkAccessPolicies", read_jit_policy, "virtualMachines"},
};

}  // namespace

std::span<const ResourceReader> readers() { return kReaders; }

JsonCursor properties_of(const JsonCursor& resource) {
    JsonCursor properties = resource["properties"];
    return properties.absent() ? resource : properties;
}

bool is_mention(const JsonCursor& child) {
    if (!child.is_object()) {
        return false;  // the getters say what is wrong
    }
    static constexpr std::array<std::string_view, 5> kNames = {"id", "name", "type", "etag",
                                                               "resourceGroup"};
    for (const auto field : simdjson::dom::object(child.element())) {
        const bool known = std::any_of(kNames.begin(), kNames.end(), [&](std::string_view name) {
            return equal_ignoring_case(name, field.key);
        });
        if (!known && !field.value.is_null()) {
            return false;
        }
    }
    return true;
}

Header child_header(const JsonCursor& child, const ResourceId& parent, std::string_view type) {
    Header header;
    header.where = child.provenance();
    header.name = child["name"].name_or("");
    header.id = ResourceId(std::string(child["id"].name_or("")));
    if (header.name.empty()) {
        header.name = std::string(header.id.name());
    }
    if (header.id.empty()) {
        if (header.name.empty()) {
            child.fail("a " + std::string(type) + " entry with an id or a name");
        }
        header.id = parent.child(type, header.name);
    }
    return header;
}

std::optional<Address> address_of(const JsonCursor& value, const ResourceId& whose) {
    return value.open(whose) ? std::nullopt : address_of(value);
}

std::optional<Address> address_of(const JsonCursor& value) {
    const std::string_view text = value.text_or("");
    if (text.empty()) {
        return std::nullopt;
    }
    const std::optional<Address> address = parse_address(text);
    if (!address) {
        value.fail("an IP address");
    }
    return address;
}

namespace {

/// `whose` null: a symbol throws.
std::vector<Prefix> prefixes_in(const JsonCursor& object, std::string_view singular,
                                std::string_view plural, const ResourceId* whose, bool& open) {
    std::vector<Prefix> result;
    const auto append = [&](const JsonCursor& value) {
        if (whose != nullptr && value.open(*whose)) {
            open = true;
            return;
        }
        const std::string_view text = value.text_or("");
        if (text.empty()) {
            return;
        }
        const auto parsed = parse_prefix(text);
        if (!parsed) {
            value.fail("a prefix such as 10.0.0.0/16");
        }
        if (parsed->host_bits_cleared) {
            value.diagnose("AZR1019", Severity::warning,
                           "'" + std::string(text) + "' has host bits set; read as " +
                               to_string(parsed->prefix));
        }
        result.push_back(parsed->prefix);
    };
    for (const std::string_view key : {singular, plural}) {
        if (key.empty()) {
            continue;
        }
        const JsonCursor value = object[key];
        if (whose != nullptr && value.open(*whose)) {
            open = true;
        } else if (value.is_array()) {
            value.for_each(append);
        } else if (const std::string_view text = value.text_or("");
                   key == plural && !text.empty() && !parse_prefix(text)) {
            value.fail("an array of prefixes such as 10.0.0.0/16");
        } else {
            append(value);
        }
    }
    // Each prefix once, in the order of writing.
    std::vector<Prefix> seen = result;
    std::sort(seen.begin(), seen.end());
    if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) {
        std::vector<Prefix> once;
        seen.clear();
        for (const Prefix& prefix : result) {
            const auto at = std::lower_bound(seen.begin(), seen.end(), prefix);
            if (at == seen.end() || *at != prefix) {
                seen.insert(at, prefix);
                once.push_back(prefix);
            }
        }
        return once;
    }
    return result;
}

}  // namespace

std::vector<Prefix> prefixes_of_twins(const JsonCursor& object, std::string_view singular,
                                      std::string_view plural) {
    bool open = false;
    return prefixes_in(object, singular, plural, nullptr, open);
}

std::vector<Prefix> prefixes_of_twins(const JsonCursor& object, std::string_view singular,
                                      std::string_view plural, const ResourceId& whose,
                                      bool& open) {
    return prefixes_in(object, singular, plural, &whose, open);
}

Sku sku_of(const JsonCursor& resource, Header& header) {
    const JsonCursor sku = resource["sku"];
    if (sku.open(header.id) || (sku.is_object() && sku["name"].open(header.id))) {
        header.contested.insert("sku");
        return Sku::unknown;
    }
    const std::string_view name = sku.is_string() ? sku.text_or("") : sku["name"].text_or("");
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

bool is_global_tier(const JsonCursor& resource) {
    const JsonCursor sku = resource["sku"];
    return sku.is_object() && equal_ignoring_case(sku["tier"].text_or(""), "Global");
}

RuleProtocol protocol_of(const JsonCursor& value, const ResourceId* whose) {
    if (whose != nullptr && value.open(*whose)) {
        return RuleProtocol::other;
    }
    std::int64_t number = -1;
    const bool numeric = value && value.element().get(number) == simdjson::SUCCESS;
    const std::string text = numeric ? std::to_string(number) : std::string(value.text_or(""));
    const auto is = [&](const char* name) { return equal_ignoring_case(text, name); };
    if (text == "*" || is("Any") || is("All")) return RuleProtocol::any;  // N25
    if (is("Tcp") || text == "6") return RuleProtocol::tcp;
    if (is("Udp") || text == "17") return RuleProtocol::udp;
    if (is("Icmp") || text == "1") return RuleProtocol::icmp;
    if (is("Icmpv6") || text == "58") return RuleProtocol::icmpv6;
    if (is("Esp") || text == "50") return RuleProtocol::esp;
    if (is("Ah") || text == "51") return RuleProtocol::ah;
    value.diagnose("AZR1020", Severity::warning,
                   (text.empty() ? std::string("the protocol is not said")
                                 : "protocol '" + text + "' is not known") +
                       "; it may be any");
    return RuleProtocol::other;
}

PortList ports_of_twins(const JsonCursor& object, std::string_view singular,
                        std::string_view plural, const ResourceId* whose) {
    PortList result;
    std::vector<Range<std::uint16_t>> ranges;
    bool any = false;
    const auto number = [](std::string_view digits) -> std::optional<std::uint16_t> {
        unsigned n = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
        if (error != std::errc{} || end != digits.data() + digits.size() || n > 65535) {
            return std::nullopt;
        }
        return static_cast<std::uint16_t>(n);
    };
    const auto trimmed = [](std::string_view text) {
        while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
        while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
        return text;
    };
    const auto one = [&](const JsonCursor& value, std::string_view text) {
        text = trimmed(text);
        if (text.empty()) {
            return;
        }
        result.given = true;
        if (text == "*" || equal_ignoring_case(text, "Any")) {
            any = true;
            return;
        }
        const std::size_t dash = text.find('-');
        const auto first = number(trimmed(text.substr(0, dash)));
        const auto last =
            dash == std::string_view::npos ? first : number(trimmed(text.substr(dash + 1)));
        if (!first || !last || *first > *last) {
            value.diagnose("AZR1021", Severity::warning,
                           "port range '" + std::string(text) +
                               "' is not understood (expected *, 80 or 80-90); it may be any port");
            result.unreadable = true;
            return;
        }
        ranges.push_back({*first, *last});
    };
    const auto list = [&](const JsonCursor& value) {
        if (!value) {
            return;
        }
        if (whose != nullptr && value.open(*whose)) {
            result.given = true;
            result.unreadable = true;
            return;
        }
        std::int64_t port = 0;
        if (value.element().get(port) == simdjson::SUCCESS) {
            one(value, std::to_string(port));
            return;
        }
        std::string_view rest = value.text_or("");
        while (!rest.empty()) {  // N20
            const std::size_t comma = std::min(rest.find(','), rest.size());
            one(value, rest.substr(0, comma));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    };
    for (const std::string_view key : {singular, plural}) {
        if (key.empty()) {
            continue;
        }
        const JsonCursor value = object[key];
        if (value.is_array()) {
            value.for_each(list);
        } else {
            list(value);
        }
    }
    result.ports = any || (ranges.empty() && !result.unreadable) ? PortSet::full()
                                                                 : PortSet::of(std::move(ranges));
    return result;
}

}  // namespace azreach
