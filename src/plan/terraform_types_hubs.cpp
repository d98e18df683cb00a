#include "src/plan/terraform_types.hpp"

namespace azreach::terraform {

namespace {

constexpr std::string_view kSubnet = "azurerm_subnet";
constexpr std::string_view kVnet = "azurerm_virtual_network";
constexpr std::string_view kPublicIp = "azurerm_public_ip";
constexpr std::string_view kIpGroup = "azurerm_ip_group";
constexpr std::string_view kFirewall = "azurerm_firewall";
constexpr std::string_view kPolicy = "azurerm_firewall_policy";
constexpr std::string_view kHub = "azurerm_virtual_hub";
constexpr std::string_view kHubTable = "azurerm_virtual_hub_route_table";

// --- rules of firewalls --------------------------------------------------------------------------

constexpr Attribute kSources[] = {
    {"source_addresses", "sourceAddresses"},
    {"source_ip_groups", "sourceIpGroups", How::ids, kIpGroup},
};
constexpr Attribute kNetworkRule[] = {
    {"", "ruleType", How::constant, "NetworkRule"},
    {"name", "name"},
    {"protocols", "ipProtocols"},
    kSources[0],
    kSources[1],
    {"destination_addresses", "destinationAddresses"},
    {"destination_ip_groups", "destinationIpGroups", How::ids, kIpGroup},
    {"destination_fqdns", "destinationFqdns"},
    {"destination_ports", "destinationPorts"},
};
constexpr Attribute kNatRule[] = {
    {"", "ruleType", How::constant, "NatRule"},
    {"name", "name"},
    {"protocols", "ipProtocols"},
    kSources[0],
    kSources[1],
    {"destination_address", "destinationAddresses", How::list},
    {"destination_ports", "destinationPorts"},
    {"translated_address", "translatedAddress", How::filled},
    {"translated_fqdn", "translatedFqdn", How::filled},
    {"translated_port", "translatedPort"},
};
constexpr Attribute kProtocol[] = {{"type", "protocolType"}, {"port", "port"}};
constexpr Attribute kApplicationRule[] = {
    {"", "ruleType", How::constant, "ApplicationRule"},
    {"name", "name"},
    {"protocols", "protocols", How::objects, {}, kProtocol},
    kSources[0],
    kSources[1],
    {"destination_addresses", "destinationAddresses"},
    {"destination_fqdns", "targetFqdns"},
    {"destination_urls", "targetUrls"},
    {"destination_fqdn_tags", "fqdnTags"},
    {"web_categories", "webCategories"},
    {"terminate_tls", "terminateTLS"},
};
#define COLLECTION(type, rules)                                            \
    {                                                                      \
        {"", "ruleCollectionType", How::constant, type}, {"name", "name"}, \
            {"priority", "priority"}, {"action", "action.type"}, {         \
            "rule", "rules", How::objects, {}, rules                       \
        }                                                                  \
    }
constexpr Attribute kNetworkCollection[] =
    COLLECTION("FirewallPolicyFilterRuleCollection", kNetworkRule);
constexpr Attribute kApplicationCollection[] =
    COLLECTION("FirewallPolicyFilterRuleCollection", kApplicationRule);
constexpr Attribute kNatCollection[] = COLLECTION("FirewallPolicyNatRuleCollection", kNatRule);
#undef COLLECTION
constexpr Attribute kCollectionGroup[] = {
    {"priority", "priority"},
    {"network_rule_collection", "ruleCollections", How::objects, {}, kNetworkCollection},
    {"application_rule_collection", "ruleCollections", How::objects, {}, kApplicationCollection},
    {"nat_rule_collection", "ruleCollections", How::objects, {}, kNatCollection},
};

constexpr Attribute kAllowlist[] = {{"ip_addresses", "ipAddresses"}, {"fqdns", "fqdns"}};
constexpr Attribute kDns[] = {{"proxy_enabled", "enableProxy"}, {"servers", "servers"}};
constexpr Attribute kIntrusion[] = {{"mode", "mode"}};
constexpr Attribute kProxy[] = {
    {"enabled", "enableExplicitProxy"}, {"http_port", "httpPort"},
    {"https_port", "httpsPort"},        {"enable_pac_file", "enablePacFile"},
    {"pac_file_port", "pacFilePort"},
};
constexpr Attribute kPolicyAttributes[] = {
    {"base_policy_id", "basePolicy", How::id, kPolicy},
    {"sku", "sku.tier"},
    {"threat_intelligence_mode", "threatIntelMode"},
    {"threat_intelligence_allowlist", "threatIntelWhitelist", How::object, {}, kAllowlist},
    {"private_ip_ranges", "snat.privateRanges"},
    {"auto_learn_private_ranges_enabled", "snat.autoLearnPrivateRanges", How::enabled},
    {"dns", "dnsSettings", How::object, {}, kDns},
    {"intrusion_detection", "intrusionDetection", How::object, {}, kIntrusion},
    {"explicit_proxy", "explicitProxy", How::object, {}, kProxy},
    {"sql_redirect_allowed", "sql.allowSqlRedirect"},
};

// --- firewalls -----------------------------------------------------------------------------------

constexpr Attribute kPlacement[] = {
    {"subnet_id", "subnet", How::id, kSubnet},
    {"public_ip_address_id", "publicIPAddress", How::id, kPublicIp},
    {"private_ip_address", "privateIPAddress"},
};
constexpr Attribute kInHub[] = {
    {"virtual_hub_id", "virtualHub", How::id, kHub},
    {"private_ip_address", "hubIPAddresses.privateIPAddress"},
    {"public_ip_addresses", "hubIPAddresses.publicIPs.addresses", How::wrap, "address"},
    {"public_ip_count", "hubIPAddresses.publicIPs.count"},
};
constexpr Attribute kFirewallAttributes[] = {
    {"sku_name", "sku.name"},
    {"sku_tier", "sku.tier"},
    {"firewall_policy_id", "firewallPolicy", How::id, kPolicy},
    {"threat_intel_mode", "threatIntelMode", How::filled},
    {"ip_configuration", "ipConfigurations", How::children, {}, kPlacement},
    {"management_ip_configuration", "managementIpConfiguration", How::child, {}, kPlacement},
    {"virtual_hub", "", How::object, {}, kInHub},
    {"private_ip_ranges", "additionalProperties.Network~SNAT~PrivateRanges", How::joined, ","},
    {"dns_proxy_enabled", "additionalProperties.Network~DNS~EnableProxy", How::text_flag},
};

// Classic rules: resources of Terraform, parts of the firewall in Azure.
constexpr Attribute kClassicNetworkRule[] = {
    {"name", "name"},
    {"protocols", "protocols"},
    kSources[0],
    kSources[1],
    {"destination_addresses", "destinationAddresses"},
    {"destination_ip_groups", "destinationIpGroups", How::ids, kIpGroup},
    {"destination_fqdns", "destinationFqdns"},
    {"destination_ports", "destinationPorts"},
};
constexpr Attribute kClassicNatRule[] = {
    {"name", "name"},
    {"protocols", "protocols"},
    kSources[0],
    kSources[1],
    {"destination_addresses", "destinationAddresses"},
    {"destination_ports", "destinationPorts"},
    {"translated_address", "translatedAddress", How::filled},
    {"translated_port", "translatedPort"},
};
constexpr Attribute kClassicApplicationRule[] = {
    {"name", "name"},
    {"protocol", "protocols", How::objects, {}, kProtocol},
    kSources[0],
    kSources[1],
    {"target_fqdns", "targetFqdns"},
    {"fqdn_tags", "fqdnTags"},
};
#define CLASSIC(rules)                                         \
    {                                                          \
        {"priority", "priority"}, {"action", "action.type"}, { \
            "rule", "rules", How::objects, {}, rules           \
        }                                                      \
    }
constexpr Attribute kClassicNetwork[] = CLASSIC(kClassicNetworkRule);
constexpr Attribute kClassicNat[] = CLASSIC(kClassicNatRule);
constexpr Attribute kClassicApplication[] = CLASSIC(kClassicApplicationRule);
#undef CLASSIC

constexpr Attribute kIpGroupAttributes[] = {{"cidrs", "ipAddresses"}};

// --- Virtual WAN ---------------------------------------------------------------------------------

constexpr Attribute kHubAttributes[] = {
    {"virtual_wan_id", "virtualWan", How::id, "azurerm_virtual_wan"},
    {"address_prefix", "addressPrefix"},
    {"sku", "sku"},
    {"virtual_router_ips", "virtualRouterIps"},
    {"hub_routing_preference", "hubRoutingPreference"},
};
constexpr Attribute kPropagated[] = {
    {"labels", "labels"},
    {"route_table_ids", "ids", How::ids, kHubTable},
};
constexpr Attribute kStaticRoute[] = {
    {"name", "name"},
    {"address_prefixes", "addressPrefixes"},
    {"next_hop_ip_address", "nextHopIpAddress"},
};
constexpr Attribute kRouting[] = {
    {"associated_route_table_id", "associatedRouteTable", How::id, kHubTable},
    {"propagated_route_table", "propagatedRouteTables", How::object, {}, kPropagated},
    {"static_vnet_route", "vnetRoutes.staticRoutes", How::objects, {}, kStaticRoute},
};
constexpr Attribute kHubConnection[] = {
    {"remote_virtual_network_id", "remoteVirtualNetwork", How::id, kVnet},
    {"internet_security_enabled", "enableInternetSecurity"},
    {"routing", "routingConfiguration", How::object, {}, kRouting},
};
constexpr Attribute kHubRoute[] = {
    {"name", "name"},
    {"destinations_type", "destinationType"},
    {"destinations", "destinations"},
    {"next_hop_type", "nextHopType"},
    {"next_hop", "nextHop", How::id_text, "azurerm_virtual_hub_connection azurerm_firewall"},
};
constexpr Attribute kHubTableAttributes[] = {
    {"labels", "labels"},
    {"route", "routes", How::objects, {}, kHubRoute},
};
constexpr Attribute kRoutingPolicy[] = {
    {"name", "name"},
    {"destinations", "destinations"},
    {"next_hop", "nextHop", How::id_text, kFirewall},
};
constexpr Attribute kRoutingIntent[] = {
    {"routing_policy", "routingPolicies", How::objects, {}, kRoutingPolicy},
};
constexpr Attribute kHubGateway[] = {{"virtual_hub_id", "virtualHub", How::id, kHub}};

// --- DNS -----------------------------------------------------------------------------------------

constexpr Attribute kARecords[] = {{"records", "aRecords", How::wrap, "ipv4Address"}};
constexpr Attribute kAaaaRecords[] = {{"records", "aaaaRecords", How::wrap, "ipv6Address"}};
constexpr Attribute kCnameRecord[] = {{"record", "cnameRecord.cname"}};
constexpr Attribute kInbound[] = {
    {"private_ip_address", "privateIpAddress"},
    {"subnet_id", "subnet", How::id, kSubnet},
};
constexpr Attribute kInboundAttributes[] = {
    {"ip_configurations", "ipConfigurations", How::objects, {}, kInbound},
};
constexpr Attribute kTarget[] = {{"ip_address", "ipAddress"}, {"port", "port"}};
constexpr Attribute kForwardingRule[] = {
    {"domain_name", "domainName"},
    {"enabled", "forwardingRuleState", How::enabled},
    {"target_dns_servers", "targetDnsServers", How::objects, {}, kTarget},
};
constexpr Attribute kRulesetLink[] = {
    {"virtual_network_id", "virtualNetwork", How::id, kVnet},
};

#define NETWORK "Microsoft.Network/"
constexpr Type kTypes[] = {
    {"azurerm_firewall", NETWORK "azureFirewalls", {}, kFirewallAttributes},
    {"azurerm_firewall_policy", NETWORK "firewallPolicies", {}, kPolicyAttributes},
    {"azurerm_firewall_policy_rule_collection_group",
     NETWORK "firewallPolicies/ruleCollectionGroups", "@firewall_policy_id", kCollectionGroup},
    {"azurerm_ip_group", NETWORK "ipGroups", {}, kIpGroupAttributes, true},
    {"azurerm_virtual_wan", NETWORK "virtualWans"},
    {"azurerm_virtual_hub", NETWORK "virtualHubs", {}, kHubAttributes},
    {"azurerm_virtual_hub_connection", NETWORK "virtualHubs/hubVirtualNetworkConnections",
     "@virtual_hub_id", kHubConnection},
    {"azurerm_virtual_hub_route_table", NETWORK "virtualHubs/hubRouteTables", "@virtual_hub_id",
     kHubTableAttributes},
    {"azurerm_virtual_hub_routing_intent", NETWORK "virtualHubs/routingIntent", "@virtual_hub_id",
     kRoutingIntent},
    {"azurerm_vpn_gateway", NETWORK "vpnGateways", {}, kHubGateway},
    {"azurerm_express_route_gateway", NETWORK "expressRouteGateways", {}, kHubGateway},
    {"azurerm_point_to_site_vpn_gateway", NETWORK "p2sVpnGateways", {}, kHubGateway},
    {"azurerm_dns_zone", NETWORK "dnsZones"},
    {"azurerm_dns_a_record", NETWORK "dnsZones/A", "zone_name", kARecords},
    {"azurerm_dns_aaaa_record", NETWORK "dnsZones/AAAA", "zone_name", kAaaaRecords},
    {"azurerm_dns_cname_record", NETWORK "dnsZones/CNAME", "zone_name", kCnameRecord},
    {"azurerm_dns_mx_record", NETWORK "dnsZones/MX", "zone_name"},
    {"azurerm_dns_ptr_record", NETWORK "dnsZones/PTR", "zone_name"},
    {"azurerm_dns_srv_record", NETWORK "dnsZones/SRV", "zone_name"},
    {"azurerm_dns_txt_record", NETWORK "dnsZones/TXT", "zone_name"},
    {"azurerm_dns_ns_record", NETWORK "dnsZones/NS", "zone_name"},
    {"azurerm_dns_caa_record", NETWORK "dnsZones/CAA", "zone_name"},
    {"azurerm_private_dns_mx_record", NETWORK "privateDnsZones/MX", "zone_name"},
    {"azurerm_private_dns_ptr_record", NETWORK "privateDnsZones/PTR", "zone_name"},
    {"azurerm_private_dns_srv_record", NETWORK "privateDnsZones/SRV", "zone_name"},
    {"azurerm_private_dns_txt_record", NETWORK "privateDnsZones/TXT", "zone_name"},
    {"azurerm_private_dns_resolver", NETWORK "dnsResolvers"},
    {"azurerm_private_dns_resolver_inbound_endpoint", NETWORK "dnsResolvers/inboundEndpoints",
     "@private_dns_resolver_id", kInboundAttributes},
    {"azurerm_private_dns_resolver_dns_forwarding_ruleset", NETWORK "dnsForwardingRulesets"},
    {"azurerm_private_dns_resolver_forwarding_rule",
     NETWORK "dnsForwardingRulesets/forwardingRules", "@dns_forwarding_ruleset_id",
     kForwardingRule},
    {"azurerm_private_dns_resolver_virtual_network_link",
     NETWORK "dnsForwardingRulesets/virtualNetworkLinks", "@dns_forwarding_ruleset_id",
     kRulesetLink},
};

constexpr Join kJoins[] = {
    {"azurerm_firewall_network_rule_collection",
     "=azure_firewall_name",
     kFirewall,
     "networkRuleCollections",
     true,
     "name",
     How::children,
     {},
     kClassicNetwork},
    {"azurerm_firewall_nat_rule_collection",
     "=azure_firewall_name",
     kFirewall,
     "natRuleCollections",
     true,
     "name",
     How::children,
     {},
     kClassicNat},
    {"azurerm_firewall_application_rule_collection",
     "=azure_firewall_name",
     kFirewall,
     "applicationRuleCollections",
     true,
     "name",
     How::children,
     {},
     kClassicApplication},
};

}  // namespace

std::span<const Type> hub_types() { return kTypes; }
std::span<const Join> hub_joins() { return kJoins; }

}  // namespace azreach::terraform
