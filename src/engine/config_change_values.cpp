#include "src/engine/config_change_values.hpp"

#include <fmt/format.h>

namespace azreach::values {

namespace {

AddressSet union_of(const std::vector<Prefix>& prefixes) {
    AddressSet set;
    for (const Prefix& prefix : prefixes) {
        set |= prefix.addresses();
    }
    return set;
}

template <class T, class Same>
bool same_items(const std::vector<T>& a, const std::vector<T>& b, const Same& equal) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

}  // namespace

bool same(const std::vector<Prefix>& a, const std::vector<Prefix>& b) {
    return a == b || union_of(a) == union_of(b);
}

bool same(const AddressSpec& a, const AddressSpec& b) {
    return a.any == b.any && a.any_v4 == b.any_v4 && a.prefixes == b.prefixes &&
           same_set(a.tags, b.tags) && same_set(a.asgs, b.asgs) &&
           same_set(a.network_groups, b.network_groups) && same_set(a.unreadable, b.unreadable);
}

bool same(const SecurityRule& a, const SecurityRule& b) {
    return a.certain == b.certain && a.priority == b.priority && a.direction == b.direction &&
           a.access == b.access && a.protocol == b.protocol && same(a.source, b.source) &&
           same(a.destination, b.destination) && a.source_ports == b.source_ports &&
           a.destination_ports == b.destination_ports && a.ports_unreadable == b.ports_unreadable;
}

bool same(const std::vector<SecurityRule>& a, const std::vector<SecurityRule>& b) {
    const auto sorted = [](const std::vector<SecurityRule>& rules) {
        std::vector<const SecurityRule*> result;
        for (const SecurityRule& rule : rules) {
            result.push_back(&rule);
        }
        std::stable_sort(result.begin(), result.end(), [](const auto* x, const auto* y) {
            return std::tuple(x->direction, x->priority, std::cref(x->id)) <
                   std::tuple(y->direction, y->priority, std::cref(y->id));
        });
        return result;
    };
    return same_items(sorted(a), sorted(b), [](const SecurityRule* x, const SecurityRule* y) {
        return x->id == y->id && same(*x, *y);
    });
}

bool same(const std::vector<ServiceEndpoint>& a, const std::vector<ServiceEndpoint>& b) {
    const auto key = [](const std::vector<ServiceEndpoint>& list) {
        std::vector<std::pair<std::string, std::vector<std::string>>> result;
        for (const ServiceEndpoint& item : list) {
            std::vector<std::string> locations = item.locations;
            std::sort(locations.begin(), locations.end());
            result.emplace_back(item.service, std::move(locations));
        }
        std::sort(result.begin(), result.end());
        return result;
    };
    return key(a) == key(b);
}

bool same(const std::vector<LbBackendAddress>& a, const std::vector<LbBackendAddress>& b) {
    return same_items(a, b, [](const LbBackendAddress& x, const LbBackendAddress& y) {
        return x.address == y.address && x.virtual_network == y.virtual_network &&
               x.subnet == y.subnet && x.ip_configuration == y.ip_configuration &&
               x.admin_down == y.admin_down && x.frontend == y.frontend;
    });
}

bool same(const std::vector<GatewayConnection::Selector>& a,
          const std::vector<GatewayConnection::Selector>& b) {
    return same_items(a, b, [](const auto& x, const auto& y) {
        return same(x.local, y.local) && same(x.remote, y.remote);
    });
}

bool same(const std::vector<ConnectivityConfiguration::Group>& a,
          const std::vector<ConnectivityConfiguration::Group>& b) {
    return same_items(a, b, [](const auto& x, const auto& y) {
        return x.id == y.id && x.directly_connected == y.directly_connected &&
               x.is_global == y.is_global && x.use_hub_gateway == y.use_hub_gateway;
    });
}

bool same(const std::vector<ActiveAdminRules>& a, const std::vector<ActiveAdminRules>& b) {
    return same_items(a, b, [](const ActiveAdminRules& x, const ActiveAdminRules& y) {
        return x.virtual_network == y.virtual_network && same(x.rules, y.rules);
    });
}

bool same(const std::vector<EffectiveSecurityRules>& a,
          const std::vector<EffectiveSecurityRules>& b) {
    const auto same_rule = [](const EffectiveRule& x, const EffectiveRule& y) {
        return x.name == y.name && x.direction == y.direction && x.access == y.access &&
               x.priority == y.priority && x.expanded_source == y.expanded_source &&
               x.expanded_destination == y.expanded_destination;
    };
    const auto same_group = [&](const EffectiveSecurityGroup& x, const EffectiveSecurityGroup& y) {
        return x.security_group == y.security_group && x.association == y.association &&
               x.associated_with == y.associated_with && x.tag_map == y.tag_map &&
               same_items(x.rules, y.rules, same_rule);
    };
    return same_items(a, b, [&](const auto& x, const auto& y) {
        return x.network_interface == y.network_interface &&
               same_items(x.groups, y.groups, same_group);
    });
}

bool same(const std::vector<EffectiveRoutes>& a, const std::vector<EffectiveRoutes>& b) {
    const auto same_route = [](const EffectiveRoute& x, const EffectiveRoute& y) {
        return x.name == y.name && x.source == y.source && x.active == y.active &&
               x.prefixes == y.prefixes && x.next_hop_type == y.next_hop_type &&
               x.next_hop_addresses == y.next_hop_addresses;
    };
    return same_items(a, b, [&](const auto& x, const auto& y) {
        return x.network_interface == y.network_interface &&
               same_items(x.routes, y.routes, same_route);
    });
}

bool same(const std::vector<Gap>& a, const std::vector<Gap>& b) {
    const auto keys = [](const std::vector<Gap>& gaps) {
        std::vector<std::tuple<std::string, std::string, std::string>> result;
        for (const Gap& gap : gaps) {
            result.emplace_back(gap.code, gap.what, gap.needed_for);
        }
        std::sort(result.begin(), result.end());
        return result;
    };
    return keys(a) == keys(b);
}

bool same(const std::optional<ServiceTagList>& a, const std::optional<ServiceTagList>& b) {
    return a.has_value() == b.has_value() && (!a || (a->cloud == b->cloud && a->tags == b->tags));
}

bool same(const std::vector<JitPolicy::Machine>& a, const std::vector<JitPolicy::Machine>& b) {
    return same_items(a, b, [](const JitPolicy::Machine& x, const JitPolicy::Machine& y) {
        return x.id == y.id && same_items(x.ports, y.ports, [](const auto& p, const auto& q) {
                   return p.number == q.number && p.protocol == q.protocol &&
                          same(p.sources, q.sources);
               });
    });
}

bool same(const std::vector<DnsZoneGroupEntry>& a, const std::vector<DnsZoneGroupEntry>& b) {
    return same_items(a, b, [](const DnsZoneGroupEntry& x, const DnsZoneGroupEntry& y) {
        return x.group == y.group && x.endpoint == y.endpoint && x.zone == y.zone &&
               x.has_records == y.has_records &&
               same_items(x.records, y.records, [](const auto& p, const auto& q) {
                   return p.header.id == q.header.id && p.addresses == q.addresses &&
                          p.alias == q.alias;
               });
    });
}

bool same(const AzureFirewall::Configuration& a, const AzureFirewall::Configuration& b) {
    return a.id == b.id && a.address == b.address && a.subnet == b.subnet &&
           a.public_ip == b.public_ip;
}
bool same(const std::vector<AzureFirewall::Configuration>& a,
          const std::vector<AzureFirewall::Configuration>& b) {
    return same_items(a, b, [](const auto& x, const auto& y) { return same(x, y); });
}
bool same(const std::optional<AzureFirewall::Configuration>& a,
          const std::optional<AzureFirewall::Configuration>& b) {
    return a.has_value() == b.has_value() && (!a || same(*a, *b));
}

std::string text(const AddressSet& value) { return text(prefixes_of(value)); }

std::string text(const FirewallSide& value) {
    std::vector<std::string> parts = value.tags;
    if (value.any) {
        parts.emplace_back("*");
    }
    for (const Prefix& prefix : prefixes_of(value.prefixes)) {
        parts.push_back(to_string(prefix));
    }
    for (const ResourceId& group : value.ip_groups) {
        parts.push_back("group:" + std::string(group.name()));
    }
    parts.insert(parts.end(), value.names.begin(), value.names.end());
    parts.insert(parts.end(), value.unreadable.begin(), value.unreadable.end());
    return parts.empty() ? "nothing" : fmt::format("{}", fmt::join(parts, ","));
}

std::string text(const ApplicationProtocol& value) {
    const char* kind = value.kind == ApplicationProtocol::Kind::http    ? "Http"
                       : value.kind == ApplicationProtocol::Kind::https ? "Https"
                       : value.kind == ApplicationProtocol::Kind::mssql ? "Mssql"
                                                                        : "(other)";
    return fmt::format("{}:{}", kind, value.port);
}

std::string text(const FirewallRule& value) {
    std::string result = text(value.source) + " -> ";
    if (value.applications.empty()) {
        result += text(value.destination) + " " + text(value.protocols) + " " +
                  text(value.destination_ports);
    } else {
        result += text(value.target_names) + " " + text(value.applications);
    }
    if (value.translated_address) {
        result += " to " + to_string(*value.translated_address);
        if (value.translated_port) {
            result += fmt::format(":{}", *value.translated_port);
        }
    }
    return result;
}

std::string text(FirewallPass value) {
    return value == FirewallPass::nat       ? "Nat"
           : value == FirewallPass::network ? "Network"
                                            : "Application";
}

std::string text(FirewallAction value) {
    switch (value) {
        case FirewallAction::allow:
            return "Allow";
        case FirewallAction::deny:
            return "Deny";
        case FirewallAction::dnat:
            return "DNAT";
        case FirewallAction::other:
            return "(other)";
    }
    return "";
}

std::string text(FirewallMode value) {
    return value == FirewallMode::off ? "Off" : value == FirewallMode::alert ? "Alert" : "Deny";
}

std::string text(const AzureFirewall::Configuration& value) {
    return value.name + " " + text(value.address) + " in " + text(value.subnet);
}

std::string text(DnsLink::Policy value) {
    switch (value) {
        case DnsLink::Policy::standard:
            return "Default";
        case DnsLink::Policy::nx_domain_redirect:
            return "NxDomainRedirect";
        case DnsLink::Policy::unknown:
            return "(not known)";
    }
    return "";
}

std::string text(const JitPolicy::Machine& value) {
    std::string result(value.id.name());
    for (const JitPolicy::Port& port : value.ports) {
        result += fmt::format(" {}/{}", text(port.protocol), port.number);
    }
    return result;
}

std::string text(const AddressSpec& value) {
    std::vector<std::string> parts;
    if (value.any) {
        parts.emplace_back("*");
    }
    parts.insert(parts.end(), value.tags.begin(), value.tags.end());
    for (const Prefix& prefix : prefixes_of(value.prefixes)) {
        parts.push_back(to_string(prefix));
    }
    for (const ResourceId& asg : value.asgs) {
        parts.push_back("asg:" + std::string(asg.name()));
    }
    for (const ResourceId& group : value.network_groups) {
        parts.push_back("group:" + std::string(group.name()));
    }
    parts.insert(parts.end(), value.unreadable.begin(), value.unreadable.end());
    std::string result;
    for (const std::string& part : parts) {
        result += (result.empty() ? "" : ",") + part;
    }
    return result.empty() ? "nothing" : result;
}

std::string text(const PortSet& value) {
    if (value.is_full()) {
        return "*";
    }
    std::string result;
    for (const auto& range : value.ranges()) {
        result += result.empty() ? "" : ",";
        result += range.first == range.last ? std::to_string(range.first)
                                            : fmt::format("{}-{}", range.first, range.last);
    }
    return result.empty() ? "none" : result;
}

std::string text(Direction value) { return value == Direction::inbound ? "Inbound" : "Outbound"; }

std::string text(Access value) {
    switch (value) {
        case Access::allow:
            return "Allow";
        case Access::deny:
            return "Deny";
        case Access::always_allow:
            return "AlwaysAllow";
    }
    return "";
}

std::string text(RuleProtocol value) {
    switch (value) {
        case RuleProtocol::any:
            return "*";
        case RuleProtocol::tcp:
            return "Tcp";
        case RuleProtocol::udp:
            return "Udp";
        case RuleProtocol::icmp:
            return "Icmp";
        case RuleProtocol::icmpv6:
            return "Icmpv6";
        case RuleProtocol::esp:
            return "Esp";
        case RuleProtocol::ah:
            return "Ah";
        case RuleProtocol::other:
            return "(not known)";
    }
    return "";
}

std::string text(const SecurityRule& value) {
    std::string result =
        fmt::format("{} {} {} {} -> {}", text(value.access), text(value.direction),
                    text(value.protocol), text(value.source), text(value.destination));
    result +=
        " " + (value.ports_unreadable ? "(ports not readable)" : text(value.destination_ports));
    if (!value.source_ports.is_full()) {
        result += " from " + text(value.source_ports);
    }
    return result + fmt::format(" ({})", value.priority);
}

std::string text(UserNextHop value) {
    switch (value) {
        case UserNextHop::virtual_appliance:
            return "VirtualAppliance";
        case UserNextHop::vnet_local:
            return "VnetLocal";
        case UserNextHop::internet:
            return "Internet";
        case UserNextHop::virtual_network_gateway:
            return "VirtualNetworkGateway";
        case UserNextHop::none:
            return "None";
        case UserNextHop::unknown:
            return "(not known)";
    }
    return "";
}

std::string text(const Route& value) {
    std::string result = value.prefix ? to_string(*value.prefix) : value.service_tag;
    result += " -> " + text(value.next_hop);
    if (value.next_hop_address) {
        result += " " + to_string(*value.next_hop_address);
    }
    return result;
}

std::string text(PeeringState value) {
    switch (value) {
        case PeeringState::connected:
            return "Connected";
        case PeeringState::initiated:
            return "Initiated";
        case PeeringState::disconnected:
            return "Disconnected";
        case PeeringState::unknown:
            return "(not known)";
    }
    return "";
}

std::string text(PrivateEndpointPolicies value) {
    switch (value) {
        case PrivateEndpointPolicies::disabled:
            return "Disabled";
        case PrivateEndpointPolicies::security_group:
            return "NetworkSecurityGroupEnabled";
        case PrivateEndpointPolicies::route_table:
            return "RouteTableEnabled";
        case PrivateEndpointPolicies::enabled:
            return "Enabled";
        case PrivateEndpointPolicies::unknown:
            return "(not known)";
    }
    return "";
}

std::string text(Sku value) {
    switch (value) {
        case Sku::basic:
            return "Basic";
        case Sku::standard:
            return "Standard";
        case Sku::gateway:
            return "Gateway";
        case Sku::developer:
            return "Developer";
        case Sku::unknown:
            return "(not known)";
    }
    return "";
}

std::string text(Family value) { return value == Family::v4 ? "IPv4" : "IPv6"; }

std::string text(VirtualNetworkGateway::Type value) {
    switch (value) {
        case VirtualNetworkGateway::Type::vpn:
            return "Vpn";
        case VirtualNetworkGateway::Type::express_route:
            return "ExpressRoute";
        case VirtualNetworkGateway::Type::other:
            return "(other)";
    }
    return "";
}

std::string text(GatewayConnection::Type value) {
    switch (value) {
        case GatewayConnection::Type::ipsec:
            return "IPsec";
        case GatewayConnection::Type::vnet_to_vnet:
            return "Vnet2Vnet";
        case GatewayConnection::Type::express_route:
            return "ExpressRoute";
        case GatewayConnection::Type::vpn_client:
            return "VPNClient";
        case GatewayConnection::Type::other:
            return "(other)";
    }
    return "";
}

std::string text(PrivateEndpoint::Connection::Status value) {
    switch (value) {
        case PrivateEndpoint::Connection::Status::approved:
            return "Approved";
        case PrivateEndpoint::Connection::Status::pending:
            return "Pending";
        case PrivateEndpoint::Connection::Status::rejected:
            return "Rejected";
        case PrivateEndpoint::Connection::Status::disconnected:
            return "Disconnected";
        case PrivateEndpoint::Connection::Status::unknown:
            return "(not known)";
    }
    return "";
}

std::string text(const ServiceEndpoint& value) {
    return value.service + (value.locations.empty() ? "" : " (" + text(value.locations) + ")");
}

std::string text(const LbBackendAddress& value) {
    return value.address ? to_string(*value.address) : text(value.ip_configuration);
}

std::string text(const GatewayConnection::Selector& value) {
    return text(value.local) + " <-> " + text(value.remote);
}

std::string text(const ConnectivityConfiguration::Group& value) {
    return std::string(value.id.name()) + (value.directly_connected ? " directly connected" : "") +
           (value.is_global ? " global" : "") + (value.use_hub_gateway ? " hub gateway" : "");
}

}  // namespace azreach::values
