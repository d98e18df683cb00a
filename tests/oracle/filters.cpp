// Section 1 (groups), 2 (tags) and 5.1-5.4 (admin rules) of the reference, for one packet.
#include <algorithm>
#include <set>

#include "tests/oracle/captures.hpp"
#include "tests/oracle/world.hpp"

namespace azreach::oracle {

namespace {

const RouteTable* table_of(const World& w, const Subnet& subnet) {
    if (!subnet.route_table) return nullptr;
    const auto found = w.s.route_tables.find(*subnet.route_table);
    return found == w.s.route_tables.end() ? nullptr : &found->second;
}

std::string about(const char* what, const Address& address) {
    return std::string(what) + " " + to_string(address);
}

bool published(const World& w, const std::string& tag, const Address& address) {
    if (w.s.service_tags) {
        for (const auto& [name, set] : w.s.service_tags->tags) {
            if (equal_ignoring_case(name, tag)) return set.contains(address);
        }
    }
    return w.unknown(about(("tag " + tag).c_str(), address));
}

/// T8-T14: is the address in VirtualNetwork, as this subnet has it?
bool in_virtual_network(const World& w, const Seat& seat, const Address& address) {
    const VirtualNetwork& vnet = *seat.vnet;
    if (in_prefixes(vnet.address_space, address)) return true;
    if (address == Address::v4(0xA83F8110U)) return true;
    for (const Peering& peering : vnet.peerings) {
        if (peering.allow_access && in_prefixes(peering_space(w, peering), address) &&
            peering_works(w, vnet, peering)) {
            return true;
        }
    }
    for (const VirtualNetwork* member : group_members(w, vnet)) {
        if (!in_prefixes(member->address_space, address)) continue;
        int owners = 0;  // A22: an overlap is out of the mesh
        for (const VirtualNetwork* other : group_members(w, vnet)) {
            owners += in_prefixes(other->address_space, address) ? 1 : 0;
        }
        if (owners == 1 || !w.contested(FactKey::connected_group_overlap_dropped)) return true;
    }
    const auto from_gateways = [&] {
        for (const VirtualNetworkGateway* gateway : gateways_of(w, vnet)) {
            for (const Behind& way : behind(w, *gateway, address)) {
                if (way.kind != Behind::Kind::anything ||
                    w.unknown("learned " + way.unknown + " " + to_string(address))) {
                    return true;
                }
            }
        }
        return false;
    };
    if (!gateways_of(w, vnet).empty()) {
        bool listed = false;  // do not ask before it matters
        for (const VirtualNetworkGateway* gateway : gateways_of(w, vnet)) {
            listed = listed || !behind(w, *gateway, address).empty();
        }
        if (listed && w.contested(FactKey::vnet_tag_includes_onprem) && from_gateways())
            return true;
    }
    if (const RouteTable* table = table_of(w, *seat.subnet)) {
        for (const Route& route : table->routes) {
            bool covers = route.prefix && route.prefix->contains(address);
            if (!route.service_tag.empty() && !covers) {
                covers = w.contested(FactKey::vnet_tag_includes_udr) &&
                         published(w, route.service_tag, address);
            }
            if (!covers) continue;
            const bool is_default = route.prefix && route.prefix->length() == 0;
            bool beyond = false;  // T10: its appliance is in a peer that may not forward to here
            for (const Peering& peering : vnet.peerings) {
                beyond = beyond || (!peering.allow_forwarded && route.next_hop_address &&
                                    route.next_hop == UserNextHop::virtual_appliance &&
                                    in_prefixes(peering.remote_space, *route.next_hop_address));
            }
            if (w.contested(is_default ? FactKey::vnet_tag_includes_default_udr
                                       : FactKey::vnet_tag_includes_udr) &&
                (!beyond || !w.contested(FactKey::forwarded_flag_narrows_tag))) {
                return true;
            }
        }
    } else if (seat.subnet->route_table && w.contested(FactKey::vnet_tag_includes_udr) &&
               w.unknown(about("prefixes of unread table", address))) {
        return true;
    }
    if (!seat.subnet->service_endpoints.empty() && is_public(address) &&
        w.contested(FactKey::endpoint_routes_in_vnet_tag)) {
        return true;
    }
    return false;
}

/// What recorded expansions of the Internet tag lack beside private space.
bool in_recorded_gap(const Address& address) {
    static const char* const kGaps[] = {
        "4.128.0.0/12",   "13.96.0.0/13",   "20.35.252.0/22",   "20.128.0.0/16",   "20.130.0.0/16",
        "20.144.0.0/14",  "20.176.0.0/13",  "21.0.0.0/8",       "22.0.0.0/8",      "23.103.0.0/18",
        "25.0.0.0/12",    "25.16.0.0/13",   "25.24.0.0/16",     "25.28.0.0/14",    "25.32.0.0/11",
        "25.64.0.0/10",   "25.128.0.0/14",  "25.142.0.0/15",    "25.144.0.0/12",   "25.160.0.0/11",
        "25.192.0.0/11",  "25.224.0.0/12",  "25.244.0.0/14",    "25.248.0.0/13",   "40.66.128.0/17",
        "40.108.0.0/17",  "40.109.0.0/16",  "52.132.0.0/14",    "52.145.0.0/16",   "68.18.0.0/15",
        "104.146.0.0/17", "104.147.0.0/16", "104.212.36.0/22",  "104.212.52.0/22", "129.75.0.0/16",
        "134.177.0.0/16", "138.196.0.0/16", "141.251.0.0/16",   "146.147.0.0/16",  "157.59.0.0/16",
        "192.0.2.0/24",   "192.32.0.0/16",  "192.100.102.0/23", "198.18.0.0/15"};
    return std::any_of(std::begin(kGaps), std::end(kGaps), [&](const char* text) {
        return parse_prefix(text)->prefix.contains(address);
    });
}

bool in_internet(const World& w, const Seat& seat, const Address& address) {
    if (in_prefixes(seat.vnet->address_space, address)) return false;
    const bool host = address.family == Family::v4 && address.value == 0xA83F8110U;
    if (!is_public(address) && !host) {
        const auto v = static_cast<unsigned>(address.value);
        const bool shared = address.family == Family::v4 && (v >> 22) == (0x64400000U >> 22);
        return shared && w.contested(FactKey::internet_includes_shared_space);
    }
    if (in_recorded_gap(address) && w.contested(FactKey::hidden_none_routes)) return false;
    const RouteTable* table = table_of(w, *seat.subnet);
    bool routed = table == nullptr && seat.subnet->route_table.has_value();
    if (table != nullptr) {
        for (const Route& route : table->routes) {
            routed =
                routed || !route.service_tag.empty() ||
                (route.prefix && route.prefix->length() > 0 && route.prefix->contains(address));
        }
        // A tag route counts for the addresses of the tag, if those are known.
        bool only_known_tags = true;
        bool inside = false;
        for (const Route& route : table->routes) {
            if (route.service_tag.empty()) {
                inside = inside || (route.prefix && route.prefix->length() > 0 &&
                                    route.prefix->contains(address));
                continue;
            }
            bool known = false;
            if (w.s.service_tags) {
                for (const auto& [name, set] : w.s.service_tags->tags) {
                    if (equal_ignoring_case(name, route.service_tag)) {
                        known = true;
                        inside = inside || set.contains(address);
                    }
                }
            }
            only_known_tags = only_known_tags && known;
        }
        if (only_known_tags) routed = inside;
    }
    return !routed || !w.contested(FactKey::internet_tag_excludes_other_tags);
}

bool in_tag(const World& w, const Seat& seat, const std::string& tag, const Address& address) {
    const auto is = [&](const char* name) { return equal_ignoring_case(tag, name); };
    if (is("VirtualNetwork")) return in_virtual_network(w, seat, address);
    if (is("Internet")) return in_internet(w, seat, address);
    if (is("AzureLoadBalancer")) {
        return address == Address::v4(0xA83F8110U) ||
               address == *parse_address("fe80::1234:5678:9abc");
    }
    if (is("AzurePlatformDNS")) return address == Address::v4(0xA83F8110U);
    if (is("AzurePlatformIMDS")) return address == Address::v4(0xA9FEA9FEU);
    if (is("AzurePlatformLKM")) {
        return address == *parse_address("23.102.135.246") ||
               address == *parse_address("20.118.99.224") ||
               address == *parse_address("40.83.235.53");
    }
    return published(w, tag, address);
}

bool in_asg(const World& w, const ResourceId& asg, const Address& address) {
    bool read = w.s.application_security_groups.contains(asg);
    for (const Seat& member : seats(w)) {
        auto groups = member.config->asgs;
        if (member.endpoint != nullptr) {
            groups.insert(groups.end(), member.endpoint->asgs.begin(), member.endpoint->asgs.end());
        }
        if (std::find(groups.begin(), groups.end(), asg) == groups.end()) continue;
        read = true;
        if (member.config->address == address) return true;
        if (!member.config->address && member.subnet != nullptr &&
            in_prefixes(member.subnet->prefixes, address) &&
            w.unknown(about("instance in", address))) {
            return true;
        }
    }
    return !read && w.unknown(about(("asg " + asg.text()).c_str(), address));
}

bool side(const World& w, const Seat& seat, const SecurityRule& rule, const AddressSpec& spec,
          const Address& address) {
    if (spec.any) return true;
    if (seat.captured != nullptr && spec.tags.size() + spec.asgs.size() == 1) {
        for (const EffectiveRule& captured : seat.captured->rules) {
            if (captured.direction != rule.direction || captured.priority != rule.priority ||
                captured.name.substr(captured.name.find('/') + 1) != rule.name) {
                continue;
            }
            const auto& set =
                &spec == &rule.source ? captured.expanded_source : captured.expanded_destination;
            if (set && (address.family == Family::v4 || !set->v6.empty())) {
                return set->contains(address) || spec.prefixes.contains(address);
            }
        }
    }
    if (spec.empty()) return w.unknown(about(("malformed " + rule.id.text()).c_str(), address));
    if (spec.prefixes.contains(address)) return true;
    if (spec.any_v4 && address.family == Family::v6 && w.contested(FactKey::any_v4_matches_v6)) {
        return true;
    }
    for (const ResourceId& asg : spec.asgs) {
        if (in_asg(w, asg, address)) return true;
    }
    for (const ResourceId& group : spec.network_groups) {
        const auto found = w.s.network_groups.find(group);
        if (found == w.s.network_groups.end()) continue;
        for (const ResourceId& member : found->second.members) {
            const VirtualNetwork* vnet = vnet_of(w, member);
            if (vnet != nullptr && in_prefixes(vnet->address_space, address)) return true;
        }
        if (!found->second.members_complete &&
            (found->second.members.empty() || !w.a.value(FactKey::admin_rules_deployed)) &&
            w.unknown("in group " + group.text() + " " + to_string(address))) {
            return true;
        }
    }
    for (const std::string& tag : spec.tags) {
        if (in_tag(w, seat, tag, address)) return true;
    }
    return false;
}

/// N20-N25 for one service.
bool service(const World& w, const SecurityRule& rule, const Service& packet, bool any_source) {
    const bool from = any_source || rule.source_ports.contains(packet.a);
    const bool all_ports = rule.source_ports.is_full() && rule.destination_ports.is_full();
    const auto ported = [&] { return from && rule.destination_ports.contains(packet.b); };
    const auto portless = [&] { return all_ports || w.contested(FactKey::icmp_ignores_ports); };
    switch (rule.protocol) {
        case RuleProtocol::tcp:
            return packet.protocol == kTcp && ported();
        case RuleProtocol::udp:
            return packet.protocol == kUdp && ported();
        case RuleProtocol::icmp:
            if (packet.protocol == kIcmp) return portless();
            return packet.protocol == kIcmpv6 && portless() &&
                   w.contested(FactKey::icmp_matches_icmpv6);
        case RuleProtocol::icmpv6:
            return packet.protocol == kIcmpv6 && portless();
        case RuleProtocol::esp:
            return packet.protocol == kEsp && portless();
        case RuleProtocol::ah:
            return packet.protocol == kAh && portless();
        case RuleProtocol::any:
            if (has_ports(packet.protocol)) return ported();
            if (packet.protocol == kIcmp) return portless();
            return portless() && w.contested(FactKey::star_protocol_all);
        case RuleProtocol::other:
            return w.unknown("protocol of " + rule.id.text());
    }
    return false;
}

bool matches(const World& w, const Seat& seat, const SecurityRule& rule, const Packet& packet,
             bool any_source) {
    return service(w, rule, packet.service, any_source) &&
           side(w, seat, rule, rule.source, packet.src) &&
           side(w, seat, rule, rule.destination, packet.dst) &&
           (rule.certain || w.unknown("copy " + std::to_string(rule.where.resource) + ":" +
                                      std::to_string(rule.where.path) + " of " + rule.id.text()));
}

/// The first rule that matches; among equal priorities with different actions any may be first.
const SecurityRule* first(const World& w, const Seat& seat, std::vector<const SecurityRule*> rules,
                          const Packet& packet, bool any_source) {
    std::stable_sort(rules.begin(), rules.end(), [](const SecurityRule* a, const SecurityRule* b) {
        return a->priority < b->priority;
    });
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const bool begins = i == 0 || rules[i - 1]->priority != rules[i]->priority;
        if (begins) {
            bool differ = false;
            std::size_t end = i;
            while (end < rules.size() && rules[end]->priority == rules[i]->priority) {
                differ = differ || rules[end]->access != rules[i]->access;
                ++end;
            }
            for (std::size_t k = i + 1; differ && k < end; ++k) {
                if (matches(w, seat, *rules[k], packet, any_source) &&
                    w.unknown("tie of " + rules[k]->id.text())) {
                    return rules[k];
                }
            }
        }
        if (matches(w, seat, *rules[i], packet, any_source)) return rules[i];
    }
    return nullptr;
}

/// E54: some machine behind this group has a policy whose window admits the packet.
bool window_open(const World& w, const Seat& at, const ResourceId& group, const Packet& packet) {
    for (const auto& [id, policy] : w.s.jit_policies) {
        for (const JitPolicy::Machine& machine : policy.machines) {
            for (const Seat& seat : seats(w)) {
                const auto vm = w.s.virtual_machines.find(machine.id);
                const bool listed = vm != w.s.virtual_machines.end() &&
                                    std::count(vm->second.interfaces.begin(),
                                               vm->second.interfaces.end(), seat.nic->header.id);
                if (!listed && seat.nic->virtual_machine != machine.id) continue;
                if (seat.config->address != packet.dst) continue;
                const bool behind = std::any_of(
                    seat.nic->configurations.begin(), seat.nic->configurations.end(),
                    [&](const IpConfiguration& c) {
                        const Seat place = seat_of(w, *seat.nic, c);
                        return place.subnet != nullptr && place.subnet->security_group == group;
                    });
                if (seat.nic->security_group != group && !behind) continue;
                for (const JitPolicy::Port& port : machine.ports) {
                    SecurityRule rule;
                    rule.id = policy.header.id;
                    rule.access = Access::allow;
                    rule.protocol = port.protocol;
                    rule.source = port.sources;
                    rule.destination.any = true;
                    rule.source_ports = PortSet::full();
                    rule.destination_ports =
                        PortSet::single(static_cast<std::uint16_t>(port.number));
                    if (first(w, at, {&rule}, packet, false) != nullptr) return true;
                }
            }
        }
    }
    return false;
}

Ruling group(const World& w, Seat seat, const Ref& id, const ResourceId& association,
             Direction direction, const Packet& packet, bool any_source) {
    Ruling ruling;
    if (!id) return ruling;
    const auto found = w.s.security_groups.find(*id);
    if (found == w.s.security_groups.end()) {
        ruling.allow =
            w.unknown("group " + id->text() + (direction == Direction::inbound ? " in" : " out"));
        ruling.reason = "GAP";
        return ruling;
    }
    if (seat.endpoint == nullptr) {
        seat.captured =
            captured_group(w.s, seat.nic->header.id, found->second, association, direction);
    }
    std::vector<const SecurityRule*> rules;
    for (const SecurityRule& rule : found->second.rules) {
        if (rule.direction == direction) rules.push_back(&rule);
    }
    static std::vector<SecurityRule> defaults = default_rules_of(ResourceId("/defaults"));
    if (direction == Direction::inbound && w.a.jit_open() && window_open(w, seat, *id, packet)) {
        ruling.reason = "NSG_ALLOW";  // E54
        return ruling;
    }
    const SecurityRule* by = first(w, seat, rules, packet, any_source);
    if (by == nullptr) {
        rules.clear();
        for (const SecurityRule& rule : defaults) {
            if (rule.direction == direction) rules.push_back(&rule);
        }
        by = first(w, seat, rules, packet, any_source);
    }
    ruling.by = by;
    ruling.allow = by != nullptr && by->access != Access::deny;
    ruling.reason = by == nullptr || (!ruling.allow && by->priority >= 65000) ? "NSG_DEFAULT_DENY"
                    : ruling.allow                                            ? "NSG_ALLOW"
                                                                              : "NSG_DENY";
    return ruling;
}

bool has_intent_policy(const Subnet& subnet) {
    for (const std::string& service : subnet.delegations) {
        if (equal_ignoring_case(service, "Microsoft.Sql/managedInstances") ||
            equal_ignoring_case(service, "Microsoft.Databricks/workspaces")) {
            return true;
        }
    }
    return false;
}

Ruling admin(const World& w, const Seat& seat, Direction direction, const Packet& packet) {
    Ruling ruling;
    if (seat.vnet == nullptr || seat.endpoint != nullptr) return ruling;  // A13
    static const std::set<std::string> kExempt = {"GatewaySubnet", "AzureBastionSubnet",
                                                  "AzureFirewallSubnet", "RouteServerSubnet"};
    if (kExempt.contains(seat.subnet->header.name)) return ruling;  // A12
    bool services = false;
    for (const Subnet& subnet : seat.vnet->subnets)
        services = services || has_intent_policy(subnet);
    for (const auto& [id, configuration] : w.s.admin_configurations) {
        if (services) continue;  // A11, the generator sets no exceptions
        std::vector<const SecurityRule*> rules;
        for (const AdminRuleCollection& collection : configuration.collections) {
            bool member = false;
            for (const ResourceId& group : collection.groups) {
                member = member || in_group(w, group, *seat.vnet);
            }
            if (!member) continue;
            for (const SecurityRule& rule : collection.rules) {
                if (rule.direction == direction) rules.push_back(&rule);
            }
        }
        if (rules.empty() || !w.contested(FactKey::admin_rules_deployed)) continue;
        const SecurityRule* by = first(w, seat, rules, packet, false);
        if (by == nullptr) continue;
        ruling.by = by;
        ruling.allow = by->access != Access::deny;
        ruling.always = by->access == Access::always_allow;
        ruling.reason = ruling.always  ? "ADMIN_ALWAYS_ALLOW"
                        : ruling.allow ? "ADMIN_ALLOW"
                                       : "ADMIN_DENY";
        return ruling;
    }
    return ruling;
}

}  // namespace

bool has_group(const Seat& seat) {
    return (seat.nic->security_group && seat.endpoint == nullptr) ||
           (seat.subnet != nullptr && seat.subnet->security_group.has_value()) ||
           seat.subnet == nullptr;
}

Ruling filters(const World& w, const Seat& seat, Direction direction, const Packet& packet) {
    if (seat.subnet == nullptr) {
        Ruling ruling;
        ruling.allow = w.unknown("unread subnet of " + seat.nic->header.id.text() +
                                 (direction == Direction::inbound ? " in" : " out"));
        ruling.reason = "GAP";
        return ruling;
    }
    const Ruling top = admin(w, seat, direction, packet);
    if (!top.allow || top.always) return top;
    const bool endpoint = seat.endpoint != nullptr;
    const auto subnet_group = [&] {
        if (endpoint && seat.config->address && seat.config->address->family == Family::v6) {
            return Ruling{};  // PE-10
        }
        if (endpoint) {  // R40
            const auto p = seat.subnet->private_endpoint_policies;
            if (p == PrivateEndpointPolicies::disabled ||
                p == PrivateEndpointPolicies::route_table) {
                return Ruling{};
            }
        }
        const auto own = seat.subnet->security_group
                             ? w.s.security_groups.find(*seat.subnet->security_group)
                             : w.s.security_groups.end();
        const bool captured = !endpoint && own != w.s.security_groups.end() &&
                              captured_group(w.s, seat.nic->header.id, own->second,
                                             seat.subnet->header.id, direction) != nullptr;
        if (seat.subnet->security_group && has_intent_policy(*seat.subnet) && !captured &&
            w.unknown("intent policy of " + seat.subnet->header.id.text() +
                      (direction == Direction::inbound ? " in" : " out"))) {
            return Ruling{};
        }
        return group(w, seat, seat.subnet->security_group, seat.subnet->header.id, direction,
                     packet, endpoint);
    };
    const auto nic_group = [&] {
        return endpoint ? Ruling{}
                        : group(w, seat, seat.nic->security_group, seat.nic->header.id, direction,
                                packet, false);
    };
    const Ruling a = direction == Direction::inbound ? subnet_group() : nic_group();
    if (!a.allow) return a;
    return direction == Direction::inbound ? nic_group() : subnet_group();
}

bool platform_denied(const World& w, const Seat& seat, const Packet& packet, const char* tag) {
    for (const Ref& id :
         {seat.nic->security_group, seat.subnet != nullptr ? seat.subnet->security_group : Ref{}}) {
        const auto found = id ? w.s.security_groups.find(*id) : w.s.security_groups.end();
        if (found == w.s.security_groups.end()) continue;
        std::vector<const SecurityRule*> rules;
        for (const SecurityRule& rule : found->second.rules) {
            const auto& tags = rule.destination.tags;
            const bool names = std::any_of(tags.begin(), tags.end(), [&](const std::string& t) {
                return equal_ignoring_case(t, tag);
            });
            if (rule.direction == Direction::outbound && (rule.access != Access::deny || names)) {
                rules.push_back(&rule);
            }
        }
        const SecurityRule* by = first(w, seat, rules, packet, false);
        if (by != nullptr && by->access == Access::deny) return true;
    }
    return false;
}

}  // namespace azreach::oracle
