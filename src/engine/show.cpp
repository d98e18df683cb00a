#include "src/engine/show.hpp"

#include <algorithm>

#include "src/engine/neighbourhood.hpp"

namespace azreach {

namespace {

std::string protocol_of(RuleProtocol protocol) {
    switch (protocol) {
        case RuleProtocol::any:
            return "All";
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
            return "Unknown";
    }
    return "Unknown";
}

std::string next_hop_of(NextHop hop) {
    switch (hop) {
        case NextHop::vnet_local:
            return "VnetLocal";
        case NextHop::vnet_peering:
            return "VNetPeering";
        case NextHop::vnet_global_peering:
            return "VNetGlobalPeering";
        case NextHop::connected_group:
            return "ConnectedGroup";
        case NextHop::internet:
            return "Internet";
        case NextHop::virtual_appliance:
            return "VirtualAppliance";
        case NextHop::gateway:
            return "VirtualNetworkGateway";
        case NextHop::service_endpoint:
            return "VirtualNetworkServiceEndpoint";
        case NextHop::interface_endpoint:
            return "InterfaceEndpoint";
        case NextHop::none:
            return "None";
        case NextHop::unknown:
            return "Unknown";
    }
    return "Unknown";
}

void append_rules(const FilterList* list, std::vector<EffectiveRuleView>& rules) {
    if (list == nullptr) {
        return;
    }
    for (const FilterRule& rule : list->rules) {
        if (rule.rule == nullptr) {
            continue;
        }
        EffectiveRuleView view;
        view.association =
            list->kind == FilterList::Kind::admin_rules ? list->owner : list->association;
        view.name = list->kind == FilterList::Kind::admin_rules
                        ? rule.rule->name
                        : (rule.rule->is_default ? "defaultSecurityRules/" : "securityRules/") +
                              rule.rule->name;
        view.direction = list->direction;
        view.priority = rule.rule->priority;
        view.access = rule.access;
        view.protocol = protocol_of(rule.rule->protocol);
        view.source = bounds_of(rule.source);
        view.destination = bounds_of(rule.destination);
        if (!rule.when.empty()) {
            view.source.must = {};
        }
        view.source_ports = rule.rule->source_ports;
        view.destination_ports = rule.rule->destination_ports;
        view.where = rule.rule->where;
        rules.push_back(std::move(view));
    }
}

std::vector<std::string> texts(const std::vector<Prefix>& prefixes) {
    std::vector<std::string> result;
    for (const Prefix& prefix : prefixes) {
        result.push_back(to_string(prefix));
    }
    return result;
}

}  // namespace

std::vector<EffectiveRuleView> effective_rules(const Network& network, ConfigIndex config) {
    std::vector<EffectiveRuleView> rules;
    for (const Direction direction : {Direction::inbound, Direction::outbound}) {
        const FilterChain chain = network.filters().chain(config, direction);
        append_rules(chain.admin, rules);
        append_rules(chain.first, rules);
        append_rules(chain.second, rules);
    }
    return rules;
}

std::vector<EffectiveRouteView> effective_routes(const Network& network, SubnetIndex subnet) {
    std::vector<EffectiveRouteView> views;
    for (const EffectiveRouteEntry& entry : network.routes().table(subnet)) {
        EffectiveRouteView view;
        switch (entry.origin) {
            case EffectiveRouteEntry::Origin::user:
                view.source = "User";
                break;
            case EffectiveRouteEntry::Origin::bgp:
            case EffectiveRouteEntry::Origin::gateway_static:
                view.source = "VirtualNetworkGateway";
                break;
            case EffectiveRouteEntry::Origin::system:
                view.source = "Default";
                break;
        }
        view.state = entry.invalid ? "Invalid" : "Active";
        view.next_hop_type = next_hop_of(entry.hop);
        if (entry.hop == NextHop::virtual_appliance) {
            view.next_hop_addresses = {entry.address};
        }
        view.certain = entry.when.empty();
        view.name = entry.name;
        if (entry.route != nullptr) {
            view.where = entry.route->where;
        }
        // The prefixes of one service endpoint, or of one tag route, are one route.
        if (!views.empty() && (entry.hop == NextHop::service_endpoint ||
                               (entry.route != nullptr && !entry.route->service_tag.empty()))) {
            const auto same = std::find_if(views.begin(), views.end(), [&](const auto& other) {
                return other.name == view.name && other.next_hop_type == view.next_hop_type &&
                       other.source == view.source && other.state == view.state &&
                       other.certain == view.certain;
            });
            if (same != views.end()) {
                same->prefixes.push_back(entry.prefix);
                continue;
            }
        }
        view.prefixes = {entry.prefix};
        views.push_back(std::move(view));
    }
    return views;
}

ShowAnswer show(const Network& network, const Endpoints& endpoints, std::string_view name) {
    const Snapshot& snapshot = network.snapshot();
    ShowAnswer answer;

    // Security groups are no endpoints of queries; show knows them by nsg:NAME, NAME or id.
    const bool nsg_prefix = name.size() > 4 && equal_ignoring_case(name.substr(0, 4), "nsg:");
    const std::string_view bare = nsg_prefix ? name.substr(4) : name;
    std::vector<const NetworkSecurityGroup*> groups;
    for (const auto& [id, group] : snapshot.security_groups) {
        const std::string with_group = std::string(id.resource_group()) + "/" + group.header.name;
        if (equal_ignoring_case(group.header.name, bare) || equal_ignoring_case(id.text(), bare) ||
            equal_ignoring_case(with_group, bare)) {
            groups.push_back(&group);
        }
    }
    bool endpoint_too = false;
    if (!nsg_prefix && !groups.empty()) {
        try {
            endpoints.resolve(name);
            endpoint_too = true;
        } catch (const NameError&) {
        }
    }
    if (groups.size() > 1 || (endpoint_too && !groups.empty())) {
        std::string message = "'" + std::string(name) + "' is ambiguous:";
        for (const NetworkSecurityGroup* group : groups) {
            message +=
                " nsg:" + std::string(group->header.id.resource_group()) + "/" + group->header.name;
        }
        throw NameError(message + (endpoint_too ? " and an endpoint of that name (write its kind, "
                                                  "e.g. subnet:NAME)"
                                                : ""));
    }
    if (nsg_prefix && groups.empty()) {
        throw NameError("no security group is named '" + std::string(bare) + "'");
    }
    if (groups.size() == 1) {
        const NetworkSecurityGroup& group = *groups.front();
        answer.kind = "nsg";
        answer.name = group.header.name;
        answer.id = group.header.id;
        std::vector<std::string> attached;
        for (const SubnetPlace& place : network.subnets()) {
            if (place.subnet->security_group == group.header.id) {
                attached.push_back(place.subnet->header.id.text());
            }
        }
        for (const auto& [id, nic] : snapshot.interfaces) {
            if (nic.security_group == group.header.id) {
                attached.push_back(id.text());
            }
        }
        answer.facts.emplace_back("attachedTo", std::move(attached));
        // As it reads where it is first attached; tags differ from subnet to subnet.
        for (ConfigIndex i = 0; i < network.configurations().size() && answer.rules.empty(); ++i) {
            for (const Direction direction : {Direction::inbound, Direction::outbound}) {
                const FilterChain chain = network.filters().chain(i, direction);
                for (const FilterList* list : {chain.first, chain.second}) {
                    if (list != nullptr && list->owner == group.header.id) {
                        append_rules(list, answer.rules);
                        break;
                    }
                }
            }
        }
        return answer;
    }

    const ResolvedEndpoint endpoint = endpoints.resolve(name);
    if (endpoint.ids.size() != 1) {
        throw NameError("'" + std::string(name) +
                        "': show takes one NIC, VM, subnet, NSG, VNet or firewall");
    }
    answer.id = endpoint.ids.front();
    answer.name = std::string(answer.id.name());
    for (const Endpoint& item : endpoints.all()) {
        if (item.id == answer.id) {
            answer.kind = item.kind;
            answer.facts.emplace_back("addresses", texts(item.addresses));
        }
    }
    if (const auto subnet = network.subnet_index(answer.id)) {
        const SubnetPlace& place = network.subnets()[*subnet];
        answer.facts.emplace_back(
            "networkSecurityGroup",
            place.subnet->security_group
                ? std::vector<std::string>{place.subnet->security_group->text()}
                : std::vector<std::string>{});
        answer.facts.emplace_back("routeTable",
                                  place.subnet->route_table
                                      ? std::vector<std::string>{place.subnet->route_table->text()}
                                      : std::vector<std::string>{});
        answer.routes = effective_routes(network, *subnet);
        for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
            if (network.configurations()[i].subnet == *subnet) {
                for (EffectiveRuleView& rule : effective_rules(network, i)) {
                    if (rule.association == answer.id) {
                        answer.rules.push_back(std::move(rule));
                    }
                }
                break;
            }
        }
        return answer;
    }
    if (const auto vnet = snapshot.virtual_networks.find(answer.id);
        vnet != snapshot.virtual_networks.end()) {
        std::vector<std::string> subnets;
        std::vector<std::string> peerings;
        for (const Subnet& subnet : vnet->second.subnets) {
            std::string line = subnet.header.name;
            for (const Prefix& prefix : subnet.prefixes) {
                line += " " + to_string(prefix);
            }
            subnets.push_back(std::move(line));
        }
        for (const Peering& peering : vnet->second.peerings) {
            const char* state = peering.state == PeeringState::connected      ? "Connected"
                                : peering.state == PeeringState::initiated    ? "Initiated"
                                : peering.state == PeeringState::disconnected ? "Disconnected"
                                                                              : "unknown state";
            peerings.push_back(peering.header.name + " -> " +
                               (peering.remote ? std::string(peering.remote->name()) : "?") + " " +
                               state);
        }
        answer.facts.emplace_back("subnets", std::move(subnets));
        answer.facts.emplace_back("peerings", std::move(peerings));
        for (auto& fact : neighbourhood(network, *network.vnet_index(answer.id))) {
            answer.facts.push_back(std::move(fact));
        }
        return answer;
    }
    if (const auto firewall = snapshot.firewalls.find(answer.id);
        firewall != snapshot.firewalls.end()) {
        show_firewall(network, firewall->second, answer);
        return answer;
    }
    if (endpoint.configs.empty()) {
        throw NameError("'" + std::string(name) +
                        "': show takes a NIC, VM, subnet, NSG, VNet or firewall");
    }
    const ConfigIndex config = endpoint.configs.front();
    const ConfigPlace& place = network.configurations()[config];
    answer.rules = effective_rules(network, config);
    if (place.subnet != kNoIndex && place.endpoint == nullptr) {
        answer.routes = effective_routes(network, place.subnet);
    }
    answer.facts.emplace_back("subnet",
                              place.configuration->subnet
                                  ? std::vector<std::string>{place.configuration->subnet->text()}
                                  : std::vector<std::string>{});
    std::vector<std::string> open;
    for (const Edges::PublicEntry* entry : network.edges().public_entries_to(config)) {
        open.push_back(entry->public_ip.text());
    }
    answer.facts.emplace_back("publicEntries", std::move(open));
    return answer;
}

}  // namespace azreach
