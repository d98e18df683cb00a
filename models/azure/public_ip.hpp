// Public addresses, NAT gateways, load balancers, Bastion: data. Meaning: models/network/edges.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/azure/security_group.hpp"
#include "models/net/prefix.hpp"

namespace azreach {

/// Missing `sku` means Basic; a name we do not know is `unknown`.                          [N13]
enum class Sku : std::uint8_t { basic, standard, gateway, developer, unknown };

struct PublicIpAddress {
    Header header;
    Sku sku = Sku::basic;
    bool global_tier = false;
    std::optional<Address> address;  // absent: dynamic and not allocated                      [E2]
    Family family = Family::v4;
    std::string fqdn;      // dnsSettings.fqdn; "" none
    Ref ip_configuration;  // the NIC configuration, LB frontend, gateway, ... that it is bound to
    Ref nat_gateway;
};

struct PublicIpPrefix {
    Header header;
    Sku sku = Sku::standard;
    std::optional<Prefix> prefix;
    Ref lb_frontend;
    Ref nat_gateway;
};

struct NatGateway {
    Header header;
    std::vector<ResourceId> public_ips, public_prefixes;
};

struct LbFrontend {
    ResourceId id;
    std::string name;
    Provenance where;
    std::optional<Address> address;  // private
    Ref subnet, public_ip, public_prefix, gateway_load_balancer;
};

struct LbBackendAddress {  // pools defined by address
    std::string name;
    std::optional<Address> address;
    Ref virtual_network, subnet, ip_configuration;
    bool admin_down = false;  // [E14]
    Ref frontend;  // loadBalancerFrontendIPConfiguration: of a regional balancer          [E15]
};

struct LbPool {
    ResourceId id;
    std::string name;
    Provenance where;
    std::vector<ResourceId> ip_configurations;  // as listed by the pool; NICs list it from there
    std::vector<LbBackendAddress> addresses;
};

struct LbRule {
    ResourceId id;
    std::string name;
    Provenance where;
    Ref frontend;
    std::vector<ResourceId> pools;
    RuleProtocol protocol = RuleProtocol::tcp;  // any: HA ports when both ports are 0
    int frontend_port = 0, backend_port = 0;
    bool floating_ip = false;
    std::optional<bool> disable_outbound_snat;
    Ref probe;
};

struct LbNatRule {
    ResourceId id;
    std::string name;
    Provenance where;
    Ref frontend, pool, backend_configuration;
    RuleProtocol protocol = RuleProtocol::tcp;
    int frontend_port = 0;                               // single-target form
    int frontend_port_start = 0, frontend_port_end = 0;  // pool form, and inboundNatPools
    int backend_port = 0;
    bool floating_ip = false;
    bool is_pool = false;  // inboundNatPools: the scale set's configurations list it
};

struct LbOutboundRule {
    ResourceId id;
    std::string name;
    Provenance where;
    std::vector<ResourceId> frontends;
    Ref pool;
    RuleProtocol protocol = RuleProtocol::any;
};

struct LoadBalancer {
    Header header;
    Sku sku = Sku::basic;
    bool global_tier = false;
    std::vector<LbFrontend> frontends;
    std::vector<LbPool> pools;
    std::vector<LbRule> rules;
    std::vector<LbNatRule> nat_rules;  // inboundNatRules and inboundNatPools
    std::vector<LbOutboundRule> outbound_rules;
};

struct BastionHost {
    Header header;
    std::string sku;  // as written
    Ref subnet, public_ip, virtual_network;
    bool tunneling = false, ip_connect = false;
};

}  // namespace azreach
