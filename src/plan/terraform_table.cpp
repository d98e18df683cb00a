#include "src/plan/terraform_table.hpp"

#include <algorithm>
#include <unordered_map>

#include "src/plan/terraform_types.hpp"

namespace azreach::terraform {

namespace {

constexpr std::string_view kSubnet = "azurerm_subnet";
constexpr std::string_view kVnet = "azurerm_virtual_network";
constexpr std::string_view kGroup = "azurerm_network_security_group";
constexpr std::string_view kTable = "azurerm_route_table";
constexpr std::string_view kAsg = "azurerm_application_security_group";
constexpr std::string_view kNic = "azurerm_network_interface";
constexpr std::string_view kPublicIp = "azurerm_public_ip";
constexpr std::string_view kPublicPrefix = "azurerm_public_ip_prefix";
constexpr std::string_view kNat = "azurerm_nat_gateway";
constexpr std::string_view kBalancer = "azurerm_lb";
constexpr std::string_view kPool = "azurerm_lb_backend_address_pool";
constexpr std::string_view kNatRule = "azurerm_lb_nat_rule";
constexpr std::string_view kEndpoint = "azurerm_private_endpoint";
constexpr std::string_view kGateway = "azurerm_virtual_network_gateway";
constexpr std::string_view kSite = "azurerm_local_network_gateway";
constexpr std::string_view kIpGroup = "azurerm_ip_group";

// --- virtual networks ----------------------------------------------------------------------------

constexpr Attribute kServiceDelegation[] = {{"name", "serviceName"}, {"actions", "actions"}};
constexpr Attribute kDelegation[] = {
    {"service_delegation", "", How::object, {}, kServiceDelegation},
};
constexpr Attribute kSubnetAttributes[] = {
    {"address_prefixes", "addressPrefixes"},
    {"address_prefix", "addressPrefix"},
    {"service_endpoints", "serviceEndpoints", How::wrap, "service"},
    {"service_endpoint_policy_ids", "serviceEndpointPolicies", How::ids},
    {"delegation", "delegations", How::children, {}, kDelegation},
    // Three generations of one setting; the oldest says the opposite.
    {"private_endpoint_network_policies",
     "privateEndpointNetworkPolicies",
     How::copy,
     {},
     {},
     true},
    {"private_endpoint_network_policies_enabled", "privateEndpointNetworkPolicies", How::enabled},
    {"enforce_private_link_endpoint_network_policies", "privateEndpointNetworkPolicies",
     How::disabled},
    {"private_link_service_network_policies_enabled", "privateLinkServiceNetworkPolicies",
     How::enabled},
    {"enforce_private_link_service_network_policies", "privateLinkServiceNetworkPolicies",
     How::disabled},
    {"default_outbound_access_enabled", "defaultOutboundAccess"},
    {"network_security_group_id security_group", "networkSecurityGroup", How::id, kGroup},
    {"route_table_id", "routeTable", How::id, kTable},
};
constexpr Attribute kVnetAttributes[] = {
    {"address_space", "addressSpace.addressPrefixes"},
    {"dns_servers", "dhcpOptions.dnsServers"},
    {"subnet", "subnets", How::children, {}, kSubnetAttributes},
};
constexpr Attribute kPeeringAttributes[] = {
    {"remote_virtual_network_id", "remoteVirtualNetwork", How::id, kVnet},
    {"allow_virtual_network_access", "allowVirtualNetworkAccess"},
    {"allow_forwarded_traffic", "allowForwardedTraffic"},
    {"allow_gateway_transit", "allowGatewayTransit"},
    {"use_remote_gateways", "useRemoteGateways"},
    {"peer_complete_virtual_networks_enabled", "peerCompleteVnets"},
    {"only_ipv6_peering_enabled", "enableOnlyIPv6Peering"},
    {"local_subnet_names", "localSubnetNames"},
    {"remote_subnet_names", "remoteSubnetNames"},
};

// --- security groups and routes ------------------------------------------------------------------

constexpr Attribute kRuleAttributes[] = {
    {"priority", "priority"},
    {"direction", "direction"},
    {"access", "access"},
    {"protocol", "protocol"},
    {"source_port_range", "sourcePortRange"},
    {"source_port_ranges", "sourcePortRanges"},
    {"destination_port_range", "destinationPortRange"},
    {"destination_port_ranges", "destinationPortRanges"},
    {"source_address_prefix", "sourceAddressPrefix"},
    {"source_address_prefixes", "sourceAddressPrefixes"},
    {"destination_address_prefix", "destinationAddressPrefix"},
    {"destination_address_prefixes", "destinationAddressPrefixes"},
    {"source_application_security_group_ids", "sourceApplicationSecurityGroups", How::ids, kAsg},
    {"destination_application_security_group_ids", "destinationApplicationSecurityGroups", How::ids,
     kAsg},
};
constexpr Attribute kGroupAttributes[] = {
    {"security_rule", "securityRules", How::children, {}, kRuleAttributes},
};
constexpr Attribute kRouteAttributes[] = {
    {"address_prefix", "addressPrefix"},
    {"next_hop_type", "nextHopType"},
    {"next_hop_in_ip_address", "nextHopIpAddress"},
};
constexpr Attribute kTableAttributes[] = {
    {"route", "routes", How::children, {}, kRouteAttributes},
    {"bgp_route_propagation_enabled", "disableBgpRoutePropagation", How::invert},
    {"disable_bgp_route_propagation", "disableBgpRoutePropagation"},
};

// --- interfaces, machines ------------------------------------------------------------------------

constexpr Attribute kNicConfiguration[] = {
    {"subnet_id", "subnet", How::id, kSubnet},
    {"private_ip_address", "privateIPAddress", How::picked, "private_ip_address_allocation"},
    {"private_ip_address_allocation", "privateIPAllocationMethod"},
    {"private_ip_address_version", "privateIPAddressVersion"},
    {"public_ip_address_id", "publicIPAddress", How::id, kPublicIp},
    {"primary", "primary"},
    {"gateway_load_balancer_frontend_ip_configuration_id", "gatewayLoadBalancer", How::id,
     kBalancer},
    {"application_security_group_ids", "applicationSecurityGroups", How::ids, kAsg},
    {"load_balancer_backend_address_pools_ids", "loadBalancerBackendAddressPools", How::ids, kPool},
    {"load_balancer_inbound_nat_rules_ids", "loadBalancerInboundNatRules", How::ids, kNatRule},
};
constexpr Attribute kNicAttributes[] = {
    {"ip_configuration", "ipConfigurations", How::children, {}, kNicConfiguration},
    {"ip_forwarding_enabled enable_ip_forwarding", "enableIPForwarding"},
    {"dns_servers", "dnsSettings.dnsServers"},
    {"network_security_group_id", "networkSecurityGroup", How::id, kGroup},
};
constexpr Attribute kMachineAttributes[] = {
    {"network_interface_ids", "networkProfile.networkInterfaces", How::ids, kNic},
    {"virtual_machine_scale_set_id", "virtualMachineScaleSet", How::id,
     "azurerm_orchestrated_virtual_machine_scale_set"},
};
constexpr Attribute kSetPublicIp[] = {{"version", "publicIPAddressVersion"}};
constexpr Attribute kSetConfiguration[] = {
    {"subnet_id", "subnet", How::id, kSubnet},
    {"primary", "primary"},
    {"version", "privateIPAddressVersion"},
    {"public_ip_address public_ip_address_configuration", "publicIPAddressConfiguration",
     How::object, "name", kSetPublicIp},
    {"application_security_group_ids", "applicationSecurityGroups", How::ids, kAsg},
    {"load_balancer_backend_address_pool_ids", "loadBalancerBackendAddressPools", How::ids, kPool},
    {"load_balancer_inbound_nat_rules_ids", "loadBalancerInboundNatPools", How::ids,
     "azurerm_lb_nat_pool azurerm_lb_nat_rule"},
};
constexpr Attribute kSetInterface[] = {
    {"primary", "primary"},
    {"ip_forwarding_enabled enable_ip_forwarding ip_forwarding", "enableIPForwarding"},
    {"network_security_group_id", "networkSecurityGroup", How::id, kGroup},
    {"ip_configuration", "ipConfigurations", How::children, {}, kSetConfiguration},
};
constexpr Attribute kSetAttributes[] = {
    {"", "orchestrationMode", How::constant, "Uniform"},
    {"instances", "^sku.capacity"},
    {"sku", "^sku.name"},
    {"network_interface network_profile",
     "virtualMachineProfile.networkProfile.networkInterfaceConfigurations",
     How::children,
     {},
     kSetInterface},
};
constexpr Attribute kFlexibleAttributes[] = {
    {"", "orchestrationMode", How::constant, "Flexible"},
    {"instances", "^sku.capacity"},
    {"sku_name", "^sku.name"},
    {"network_interface",
     "virtualMachineProfile.networkProfile.networkInterfaceConfigurations",
     How::children,
     {},
     kSetInterface},
};

// --- public addresses, NAT, load balancers -------------------------------------------------------

constexpr Attribute kPublicIpAttributes[] = {
    {"sku", "^sku.name"},
    {"sku_tier", "^sku.tier"},
    {"zones", "^zones"},
    {"ip_address", "ipAddress"},
    {"allocation_method public_ip_address_allocation", "publicIPAllocationMethod"},
    {"ip_version", "publicIPAddressVersion"},
    {"public_ip_prefix_id", "publicIPPrefix", How::id, kPublicPrefix},
    {"domain_name_label", "dnsSettings.domainNameLabel"},
    {"fqdn", "dnsSettings.fqdn"},
};
constexpr Attribute kPublicPrefixAttributes[] = {
    {"sku", "^sku.name"},
    {"sku_tier", "^sku.tier"},
    {"ip_prefix", "ipPrefix"},
    {"prefix_length", "prefixLength"},
    {"ip_version", "publicIPAddressVersion"},
};
constexpr Attribute kNatAttributes[] = {
    {"sku_name", "^sku.name"},
    {"public_ip_address_ids", "publicIpAddresses", How::ids, kPublicIp},
    {"public_ip_prefix_ids", "publicIpPrefixes", How::ids, kPublicPrefix},
};
constexpr Attribute kBalancerFrontend[] = {
    {"subnet_id", "subnet", How::id, kSubnet},
    {"private_ip_address", "privateIPAddress", How::picked, "private_ip_address_allocation"},
    {"private_ip_address_allocation", "privateIPAllocationMethod"},
    {"private_ip_address_version", "privateIPAddressVersion"},
    {"public_ip_address_id", "publicIPAddress", How::id, kPublicIp},
    {"public_ip_prefix_id", "publicIPPrefix", How::id, kPublicPrefix},
    {"gateway_load_balancer_frontend_ip_configuration_id", "gatewayLoadBalancer", How::id,
     kBalancer},
};
constexpr Attribute kBalancerAttributes[] = {
    {"sku", "^sku.name"},
    {"sku_tier", "^sku.tier"},
    {"frontend_ip_configuration", "frontendIPConfigurations", How::children, {}, kBalancerFrontend},
};
constexpr Attribute kPoolAddress[] = {
    {"ip_address", "ipAddress"},
    {"virtual_network_id", "virtualNetwork", How::id, kVnet},
    {"backend_address_ip_configuration_id", "loadBalancerFrontendIPConfiguration", How::id,
     kBalancer},
};
constexpr Attribute kPoolAttributes[] = {
    {"virtual_network_id", "virtualNetwork", How::id, kVnet},
    {"backend_address", "loadBalancerBackendAddresses", How::children, {}, kPoolAddress},
};
constexpr Attribute kBalancerRuleAttributes[] = {
    {"protocol", "protocol"},
    {"frontend_port", "frontendPort"},
    {"backend_port", "backendPort"},
    {"frontend_ip_configuration_name", "frontendIPConfiguration", How::frontend},
    {"backend_address_pool_ids", "backendAddressPools", How::ids, kPool},
    {"backend_address_pool_id", "backendAddressPool", How::id, kPool},
    {"probe_id", "probe", How::id, "azurerm_lb_probe"},
    {"floating_ip_enabled enable_floating_ip", "enableFloatingIP"},
    {"disable_outbound_snat", "disableOutboundSnat"},
    {"load_distribution", "loadDistribution"},
};
constexpr Attribute kNatRuleAttributes[] = {
    {"protocol", "protocol"},
    {"frontend_port", "frontendPort"},
    {"frontend_port_start", "frontendPortRangeStart"},
    {"frontend_port_end", "frontendPortRangeEnd"},
    {"backend_port", "backendPort"},
    {"frontend_ip_configuration_name", "frontendIPConfiguration", How::frontend},
    {"backend_address_pool_id", "backendAddressPool", How::id, kPool},
    {"floating_ip_enabled enable_floating_ip", "enableFloatingIP"},
};
constexpr Attribute kNatPoolAttributes[] = {
    {"protocol", "protocol"},
    {"frontend_port_start", "frontendPortRangeStart"},
    {"frontend_port_end", "frontendPortRangeEnd"},
    {"backend_port", "backendPort"},
    {"frontend_ip_configuration_name", "frontendIPConfiguration", How::frontend},
};
constexpr Attribute kOutboundRuleAttributes[] = {
    {"protocol", "protocol"},
    {"frontend_ip_configuration", "frontendIPConfigurations", How::frontends},
    {"backend_address_pool_id", "backendAddressPool", How::id, kPool},
};
constexpr Attribute kProbeAttributes[] = {{"protocol", "protocol"}, {"port", "port"}};

// --- bastions, gateways --------------------------------------------------------------------------

constexpr Attribute kPlacement[] = {
    {"subnet_id", "subnet", How::id, kSubnet},
    {"public_ip_address_id", "publicIPAddress", How::id, kPublicIp},
    {"private_ip_address", "privateIPAddress"},
};
constexpr Attribute kBastionAttributes[] = {
    {"sku", "^sku.name"},
    {"ip_configuration", "ipConfigurations", How::children, {}, kPlacement},
    {"virtual_network_id", "virtualNetwork", How::id, kVnet},
    {"tunneling_enabled", "enableTunneling"},
    {"ip_connect_enabled", "enableIpConnect"},
};
constexpr Attribute kVpnClient[] = {
    {"address_space", "vpnClientAddressPool.addressPrefixes"},
};
constexpr Attribute kAddressPrefixes[] = {{"address_prefixes", "addressPrefixes"}};
constexpr Attribute kBgp[] = {{"asn", "asn"}, {"bgp_peering_address", "bgpPeeringAddress"}};
constexpr Attribute kGatewayAttributes[] = {
    {"type", "gatewayType"},
    {"vpn_type", "vpnType"},
    {"bgp_enabled enable_bgp", "enableBgp"},
    {"active_active", "activeActive"},
    {"sku", "sku.name"},
    {"ip_configuration", "ipConfigurations", How::children, {}, kPlacement},
    {"vpn_client_configuration", "vpnClientConfiguration", How::object, {}, kVpnClient},
    {"custom_route", "customRoutes", How::object, {}, kAddressPrefixes},
    {"default_local_network_gateway_id", "gatewayDefaultSite", How::id, kSite},
    {"remote_vnet_traffic_enabled", "allowRemoteVnetTraffic"},
    {"virtual_wan_traffic_enabled", "allowVirtualWanTraffic"},
};
constexpr Attribute kSiteAttributes[] = {
    {"gateway_address", "gatewayIpAddress"},
    {"gateway_fqdn", "fqdn"},
    {"address_space", "localNetworkAddressSpace.addressPrefixes"},
    {"bgp_settings", "bgpSettings", How::object, {}, kBgp},
};
constexpr Attribute kSelectors[] = {
    {"local_address_cidrs", "localAddressRanges"},
    {"remote_address_cidrs", "remoteAddressRanges"},
};
constexpr Attribute kConnectionAttributes[] = {
    {"type", "connectionType"},
    {"virtual_network_gateway_id", "virtualNetworkGateway1", How::id, kGateway},
    {"peer_virtual_network_gateway_id", "virtualNetworkGateway2", How::id, kGateway},
    {"local_network_gateway_id", "localNetworkGateway2", How::id, kSite},
    {"express_route_circuit_id", "peer", How::id, "azurerm_express_route_circuit"},
    {"bgp_enabled enable_bgp", "enableBgp"},
    {"traffic_selector_policy", "trafficSelectorPolicies", How::objects, {}, kSelectors},
};

// --- private endpoints and DNS -------------------------------------------------------------------

constexpr Attribute kServiceConnection[] = {
    {"private_connection_resource_id", "privateLinkServiceId", How::id_text},
    {"subresource_names", "groupIds"},
};
constexpr Attribute kEndpointConfiguration[] = {
    {"private_ip_address", "privateIPAddress"},
    {"subresource_name", "groupId"},
    {"member_name", "memberName"},
};
constexpr Attribute kEndpointName[] = {{"fqdn", "fqdn"}, {"ip_addresses", "ipAddresses"}};
constexpr Attribute kEndpointAttributes[] = {
    {"subnet_id", "subnet", How::id, kSubnet},
    {"private_service_connection", "privateLinkServiceConnections", How::children,
     "is_manual_connection=false", kServiceConnection},
    {"private_service_connection", "manualPrivateLinkServiceConnections", How::children,
     "is_manual_connection=true", kServiceConnection},
    {"ip_configuration", "ipConfigurations", How::children, {}, kEndpointConfiguration},
    {"custom_dns_configs", "customDnsConfigs", How::objects, {}, kEndpointName},
};
constexpr Attribute kZoneGroupAttributes[] = {
    {"private_dns_zone_ids", "privateDnsZoneConfigs", How::wrap_ids, "properties.privateDnsZoneId"},
};
constexpr Child kEndpointChildren[] = {
    {"private_dns_zone_group", "privateDnsZoneGroups", "", kZoneGroupAttributes},
};
constexpr Attribute kLinkAttributes[] = {
    {"virtual_network_id", "virtualNetwork", How::id, kVnet},
    {"registration_enabled", "registrationEnabled"},
    {"resolution_policy", "resolutionPolicy"},
};
constexpr Attribute kARecords[] = {
    {"ttl", "ttl"},
    {"records", "aRecords", How::wrap, "ipv4Address"},
};
constexpr Attribute kAaaaRecords[] = {
    {"ttl", "ttl"},
    {"records", "aaaaRecords", How::wrap, "ipv6Address"},
};
constexpr Attribute kCnameRecord[] = {
    {"ttl", "ttl"},
    {"record", "cnameRecord.cname"},
};

// --- network managers ----------------------------------------------------------------------------

constexpr Attribute kManagerScope[] = {
    {"management_group_ids", "managementGroups"},
    {"subscription_ids", "subscriptions"},
};
constexpr Attribute kManagerAttributes[] = {
    {"scope", "networkManagerScopes", How::object, {}, kManagerScope},
    {"scope_accesses", "networkManagerScopeAccesses"},
};
constexpr Attribute kMemberAttributes[] = {
    {"target_virtual_network_id", "resourceId", How::id_text,
     "azurerm_virtual_network azurerm_subnet"},
};
constexpr Attribute kAdminConfigurationAttributes[] = {
    {"apply_on_network_intent_policy_based_services", "applyOnNetworkIntentPolicyBasedServices"},
};
constexpr Attribute kCollectionAttributes[] = {
    {"network_group_ids", "appliesToGroups", How::wrap_ids, "networkGroupId"},
};
constexpr Attribute kAdminSide[] = {
    {"address_prefix_type", "addressPrefixType"},
    {"address_prefix", "addressPrefix"},
};
constexpr Attribute kAdminRuleAttributes[] = {
    {"", "^kind", How::constant, "Custom"},
    {"action", "access"},
    {"direction", "direction"},
    {"priority", "priority"},
    {"protocol", "protocol"},
    {"source_port_ranges", "sourcePortRanges"},
    {"destination_port_ranges", "destinationPortRanges"},
    {"source", "sources", How::objects, {}, kAdminSide},
    {"destination", "destinations", How::objects, {}, kAdminSide},
};
constexpr Attribute kAppliesTo[] = {
    {"network_group_id", "networkGroupId", How::id_text, "azurerm_network_manager_network_group"},
    {"group_connectivity", "groupConnectivity"},
    {"use_hub_gateway", "useHubGateway", How::text_flag},
    {"global_mesh_enabled", "isGlobal", How::text_flag},
};
constexpr Attribute kHub[] = {
    {"resource_id", "resourceId", How::id_text, kVnet},
    {"resource_type", "resourceType"},
};
constexpr Attribute kConnectivityAttributes[] = {
    {"connectivity_topology", "connectivityTopology"},
    {"applies_to_group", "appliesToGroups", How::objects, {}, kAppliesTo},
    {"hub", "hubs", How::objects, {}, kHub},
    {"global_mesh_enabled", "isGlobal", How::text_flag},
    {"delete_existing_peering_enabled", "deleteExistingPeering", How::text_flag},
};

// --- the types -----------------------------------------------------------------------------------

#define NETWORK "Microsoft.Network/"
#define COMPUTE "Microsoft.Compute/"
constexpr Type kTypes[] = {
    {"azurerm_virtual_network", NETWORK "virtualNetworks", {}, kVnetAttributes},
    {"azurerm_subnet", NETWORK "virtualNetworks/subnets", "virtual_network_name",
     kSubnetAttributes},
    {"azurerm_virtual_network_peering", NETWORK "virtualNetworks/virtualNetworkPeerings",
     "virtual_network_name", kPeeringAttributes},
    {"azurerm_network_security_group", NETWORK "networkSecurityGroups", {}, kGroupAttributes, true},
    {"azurerm_network_security_rule", NETWORK "networkSecurityGroups/securityRules",
     "network_security_group_name", kRuleAttributes},
    {"azurerm_application_security_group", NETWORK "applicationSecurityGroups", {}, {}, true},
    {"azurerm_route_table", NETWORK "routeTables", {}, kTableAttributes, true},
    {"azurerm_route", NETWORK "routeTables/routes", "route_table_name", kRouteAttributes},
    {"azurerm_network_interface", NETWORK "networkInterfaces", {}, kNicAttributes},
    {"azurerm_linux_virtual_machine", COMPUTE "virtualMachines", {}, kMachineAttributes},
    {"azurerm_windows_virtual_machine", COMPUTE "virtualMachines", {}, kMachineAttributes},
    {"azurerm_virtual_machine", COMPUTE "virtualMachines", {}, kMachineAttributes},
    {"azurerm_linux_virtual_machine_scale_set",
     COMPUTE "virtualMachineScaleSets",
     {},
     kSetAttributes},
    {"azurerm_windows_virtual_machine_scale_set",
     COMPUTE "virtualMachineScaleSets",
     {},
     kSetAttributes},
    {"azurerm_virtual_machine_scale_set", COMPUTE "virtualMachineScaleSets", {}, kSetAttributes},
    {"azurerm_orchestrated_virtual_machine_scale_set",
     COMPUTE "virtualMachineScaleSets",
     {},
     kFlexibleAttributes},
    {"azurerm_public_ip", NETWORK "publicIPAddresses", {}, kPublicIpAttributes, true},
    {"azurerm_public_ip_prefix", NETWORK "publicIPPrefixes", {}, kPublicPrefixAttributes, true},
    {"azurerm_nat_gateway", NETWORK "natGateways", {}, kNatAttributes},
    {"azurerm_lb", NETWORK "loadBalancers", {}, kBalancerAttributes},
    {"azurerm_lb_backend_address_pool", NETWORK "loadBalancers/backendAddressPools",
     "@loadbalancer_id", kPoolAttributes},
    {"azurerm_lb_rule", NETWORK "loadBalancers/loadBalancingRules", "@loadbalancer_id",
     kBalancerRuleAttributes},
    {"azurerm_lb_nat_rule", NETWORK "loadBalancers/inboundNatRules", "@loadbalancer_id",
     kNatRuleAttributes},
    {"azurerm_lb_outbound_rule", NETWORK "loadBalancers/outboundRules", "@loadbalancer_id",
     kOutboundRuleAttributes},
    {"azurerm_lb_probe", NETWORK "loadBalancers/probes", "@loadbalancer_id", kProbeAttributes},
    {"azurerm_bastion_host", NETWORK "bastionHosts", {}, kBastionAttributes},
    {"azurerm_virtual_network_gateway", NETWORK "virtualNetworkGateways", {}, kGatewayAttributes},
    {"azurerm_virtual_network_gateway_nat_rule", NETWORK "virtualNetworkGateways/natRules",
     "@virtual_network_gateway_id"},
    {"azurerm_local_network_gateway", NETWORK "localNetworkGateways", {}, kSiteAttributes},
    {"azurerm_virtual_network_gateway_connection",
     NETWORK "connections",
     {},
     kConnectionAttributes},
    {"azurerm_private_endpoint",
     NETWORK "privateEndpoints",
     {},
     kEndpointAttributes,
     false,
     {},
     kEndpointChildren},
    {"azurerm_private_dns_zone", NETWORK "privateDnsZones"},
    {"azurerm_private_dns_zone_virtual_network_link", NETWORK "privateDnsZones/virtualNetworkLinks",
     "private_dns_zone_name", kLinkAttributes},
    {"azurerm_private_dns_a_record", NETWORK "privateDnsZones/A", "zone_name", kARecords},
    {"azurerm_private_dns_aaaa_record", NETWORK "privateDnsZones/AAAA", "zone_name", kAaaaRecords},
    {"azurerm_private_dns_cname_record", NETWORK "privateDnsZones/CNAME", "zone_name",
     kCnameRecord},
    {"azurerm_network_manager", NETWORK "networkManagers", {}, kManagerAttributes},
    {"azurerm_network_manager_network_group", NETWORK "networkManagers/networkGroups",
     "@network_manager_id"},
    {"azurerm_network_manager_static_member", NETWORK "networkManagers/networkGroups/staticMembers",
     "@network_group_id", kMemberAttributes},
    {"azurerm_network_manager_security_admin_configuration",
     NETWORK "networkManagers/securityAdminConfigurations", "@network_manager_id",
     kAdminConfigurationAttributes},
    {"azurerm_network_manager_admin_rule_collection",
     NETWORK "networkManagers/securityAdminConfigurations/ruleCollections",
     "@security_admin_configuration_id", kCollectionAttributes},
    {"azurerm_network_manager_admin_rule",
     NETWORK "networkManagers/securityAdminConfigurations/ruleCollections/rules",
     "@admin_rule_collection_id", kAdminRuleAttributes},
    {"azurerm_network_manager_connectivity_configuration",
     NETWORK "networkManagers/connectivityConfigurations", "@network_manager_id",
     kConnectivityAttributes},
};

// --- properties that Terraform makes resources of ------------------------------------------------

constexpr Join kJoins[] = {
    {"azurerm_subnet_network_security_group_association", "subnet_id", kSubnet,
     "networkSecurityGroup", false, "network_security_group_id", How::id, kGroup},
    {"azurerm_subnet_route_table_association", "subnet_id", kSubnet, "routeTable", false,
     "route_table_id", How::id, kTable},
    {"azurerm_subnet_nat_gateway_association", "subnet_id", kSubnet, "natGateway", false,
     "nat_gateway_id", How::id, kNat},
    {"azurerm_network_interface_security_group_association", "network_interface_id", kNic,
     "networkSecurityGroup", false, "network_security_group_id", How::id, kGroup},
    {"azurerm_network_interface_application_security_group_association", "network_interface_id",
     kNic, "ipConfigurations[*].applicationSecurityGroups", true, "application_security_group_id",
     How::id, kAsg},
    {"azurerm_network_interface_backend_address_pool_association", "network_interface_id", kNic,
     "ipConfigurations[ip_configuration_name].loadBalancerBackendAddressPools", true,
     "backend_address_pool_id", How::id, kPool},
    {"azurerm_network_interface_nat_rule_association", "network_interface_id", kNic,
     "ipConfigurations[ip_configuration_name].loadBalancerInboundNatRules", true, "nat_rule_id",
     How::id, kNatRule},
    {"azurerm_network_interface_application_gateway_backend_address_pool_association",
     "network_interface_id", kNic,
     "ipConfigurations[ip_configuration_name].applicationGatewayBackendAddressPools", true,
     "backend_address_pool_id", How::id, "azurerm_application_gateway"},
    {"azurerm_nat_gateway_public_ip_association", "nat_gateway_id", kNat, "publicIpAddresses", true,
     "public_ip_address_id", How::id, kPublicIp},
    {"azurerm_nat_gateway_public_ip_prefix_association", "nat_gateway_id", kNat, "publicIpPrefixes",
     true, "public_ip_prefix_id", How::id, kPublicPrefix},
    {"azurerm_private_endpoint_application_security_group_association", "private_endpoint_id",
     kEndpoint, "applicationSecurityGroups", true, "application_security_group_id", How::id, kAsg},
    {"azurerm_virtual_network_dns_servers", "virtual_network_id", kVnet, "dhcpOptions.dnsServers",
     false, "dns_servers", How::copy},
    {"azurerm_lb_backend_address_pool_address",
     "backend_address_pool_id",
     kPool,
     "loadBalancerBackendAddresses",
     true,
     "name",
     How::children,
     {},
     kPoolAddress},
    {"azurerm_lb_nat_pool",
     "loadbalancer_id",
     kBalancer,
     "inboundNatPools",
     true,
     "name",
     How::children,
     {},
     kNatPoolAttributes},
    {"azurerm_ip_group_cidr", "ip_group_id", kIpGroup, "ipAddresses", true, "cidr", How::copy},
};

/// Beginnings of names.
constexpr std::string_view kBeside[] = {
    "azurerm_resource_group",
    "azurerm_role_",
    "azurerm_user_assigned_identity",
    "azurerm_client_config",
    "azurerm_subscription",
    "azurerm_resources",
    "azurerm_management_",
    "azurerm_monitor_",
    "azurerm_log_analytics_",
    "azurerm_application_insights",
    "azurerm_policy_",
    "azurerm_key_vault_access_policy",
    "azurerm_key_vault_secret",
    "azurerm_key_vault_key",
    "azurerm_key_vault_certificate",
    "azurerm_managed_disk",
    "azurerm_availability_set",
    "azurerm_proximity_placement_group",
    "azurerm_federated_identity_credential",
    "azurerm_security_center_",
    "azurerm_backup_",
    "azurerm_recovery_services_",
    "azurerm_storage_blob",
    "azurerm_storage_container",
    "azurerm_storage_share",
    "azurerm_storage_queue",
    "azurerm_storage_table",
    "azurerm_virtual_machine_extension",
    "azurerm_virtual_machine_data_disk_attachment",
    "azurerm_virtual_machine_scale_set_extension",
    "azurerm_dev_test_global_vm_shutdown_schedule",
    "azurerm_service_plan",
    "azurerm_app_service_plan",
    "azurerm_dashboard",
    "azurerm_portal_",
    "azurerm_advisor_",
    "azurerm_consumption_",
    "azurerm_resource_provider_registration",
    "azurerm_resource_group_",
    "azurerm_subscription_",
    "azurerm_lighthouse_",
    "azurerm_maintenance_",
    "azurerm_network_watcher",
    "azurerm_network_ddos_protection_plan",
    "azurerm_ssh_public_key",
    "azurerm_image",
    "azurerm_shared_image",
};

}  // namespace

std::vector<const Type*> types() {
    std::vector<const Type*> all;
    for (const auto& part : {std::span<const Type>(kTypes), service_types(), hub_types()}) {
        for (const Type& type : part) {
            all.push_back(&type);
        }
    }
    return all;
}

std::vector<const Join*> joins() {
    std::vector<const Join*> all;
    for (const auto& part : {std::span<const Join>(kJoins), service_joins(), hub_joins()}) {
        for (const Join& join : part) {
            all.push_back(&join);
        }
    }
    return all;
}

namespace {

template <class Row>
std::unordered_map<std::string_view, const Row*> by_name(const std::vector<const Row*>& rows) {
    std::unordered_map<std::string_view, const Row*> index;
    for (const Row* row : rows) {
        index.emplace(row->terraform, row);
    }
    return index;
}

template <class Row>
const Row* row_of(const std::unordered_map<std::string_view, const Row*>& index,
                  std::string_view terraform) {
    const auto found = index.find(terraform);
    return found == index.end() ? nullptr : found->second;
}

}  // namespace

const Type* type_of(std::string_view terraform) {
    static const auto kIndex = by_name(types());
    return row_of(kIndex, terraform);
}

const Join* join_of(std::string_view terraform) {
    static const auto kIndex = by_name(joins());
    return row_of(kIndex, terraform);
}

bool is_beside_the_network(std::string_view terraform) {
    return std::any_of(std::begin(kBeside), std::end(kBeside),
                       [&](std::string_view start) { return terraform.starts_with(start); });
}

}  // namespace azreach::terraform
