#include "models/network/edges_outbound.hpp"

#include <algorithm>
#include <cctype>

namespace azreach {

namespace {

ServiceSet tcp_and_udp() { return ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp); }

bool may_be_standard(const LoadBalancer& balancer) {
    return balancer.sku != Sku::basic || balancer.header.contested.contains("sku");
}

/// "West Europe" and "westeurope" are one region.
std::string region_of(const std::string& location) {
    std::string region;
    for (const char c : location) {
        if (c != ' ') {
            region += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return region;
}

}  // namespace

void Outbound::Sources::add(const Sources& other) {
    known |= other.known;
    complete = complete && other.complete;
}

Outbound::Outbound(const Network& network, const LoadBalancing& balancing,
                   const PublicAddresses& addresses)
    : network_(network), balancing_(balancing), addresses_(addresses) {
    const auto& configurations = network_.configurations();
    list_of_.resize(configurations.size());
    lists_.emplace_back();  // private endpoints: no way out
    std::map<std::tuple<SubnetIndex, Family>, std::uint32_t> shared;
    for (ConfigIndex i = 0; i < configurations.size(); ++i) {
        if (configurations[i].endpoint != nullptr) {  // [R39]: it never initiates traffic
            continue;
        }
        const auto next = static_cast<std::uint32_t>(lists_.size());
        if (is_plain(i)) {
            const auto [found, is_new] = shared.emplace(
                std::tuple{configurations[i].subnet, configurations[i].configuration->family},
                next);
            list_of_[i] = found->second;
            if (!is_new) {
                continue;
            }
        }
        list_of_[i] = next;
        lists_.push_back(methods_of(i));
    }
}

/// Nothing but its subnet decides how it gets out.
bool Outbound::is_plain(ConfigIndex config) const {
    const ConfigPlace& place = network_.configurations()[config];
    const NetworkInterface& nic = *place.interface;
    if (place.subnet == kNoIndex || nic.configurations.size() != 1 || nic.scale_set ||
        nic.default_outbound_connectivity || !addresses_.instance_ips(config).empty() ||
        !balancing_.memberships(config).empty() || !balancing_.nat_balancers(config).empty()) {
        return false;
    }
    if (!nic.virtual_machine) {
        return true;
    }
    const auto machine = network_.snapshot().virtual_machines.find(*nic.virtual_machine);
    return machine != network_.snapshot().virtual_machines.end() && !machine->second.scale_set &&
           machine->second.interfaces.size() <= 1;
}

Outbound::Methods Outbound::methods_of(ConfigIndex config) const {
    const IpConfiguration& configuration = *network_.configurations()[config].configuration;
    const bool v4 = configuration.family == Family::v4;
    const Methods nat = nat_gateway(config);
    const Methods own = instance(config);
    Methods candidates;
    const auto add = [&](const Methods& more, std::optional<bool> nat_first = {}) {
        for (OutboundMethod method : more) {
            if (!nat_first ||
                network_.add_literal(method.when, FactKey::nat_gateway_before_instance_ip,
                                     *nat_first)) {
                candidates.push_back(std::move(method));
            }
        }
    };
    if (!nat.empty() && !own.empty()) {
        add(nat, true);  // [R51]: pages disagree on which of the two goes first
        add(own);
        add(nat);
    } else {
        add(nat);
        add(own);
    }
    add(balancers(config));
    if (v4) {  // [E45]: IPv6 needs an explicit public address
        add(default_access(config));
        add(same_region_storage(config));
    }
    // What an earlier method surely carries everywhere, a later one never gets.
    Methods methods;
    ServiceSet taken;
    const AddressSet everywhere = AddressSet::all(configuration.family);
    for (OutboundMethod& method : candidates) {
        method.services -= taken;
        if (method.services.empty()) {
            continue;
        }
        if (method.when.empty() && bounds_of(method.destinations).must == everywhere) {
            taken |= method.services;
        }
        methods.push_back(std::move(method));
    }
    return methods;
}

OutboundMethod Outbound::method(OutboundMethod::Kind kind, const ResourceId& by,
                                ConfigIndex config) const {
    OutboundMethod result;
    result.kind = kind;
    result.by = by;
    result.name = std::string(by.name());
    result.services = tcp_and_udp();
    result.destinations = {
        {{}, AddressSet::all(network_.configurations()[config].configuration->family)}};
    return result;
}

Outbound::Sources Outbound::of_public_ip(const ResourceId& id) const {
    const auto& ips = network_.snapshot().public_ips;
    const auto found = ips.find(id);
    if (found == ips.end() || !found->second.address) {
        return {{}, false};
    }
    return {AddressSet::single(*found->second.address), true};
}

Outbound::Sources Outbound::of_prefix(const ResourceId& id) const {
    const auto& prefixes = network_.snapshot().public_ip_prefixes;
    const auto found = prefixes.find(id);
    if (found == prefixes.end() || !found->second.prefix) {
        return {{}, false};
    }
    return {found->second.prefix->addresses(), true};
}

// --- NAT gateway -----------------------------------------------------------------------------

Outbound::Methods Outbound::nat_gateway(ConfigIndex config) const {
    const ConfigPlace& place = network_.configurations()[config];
    const Snapshot& snapshot = network_.snapshot();
    using Kind = OutboundMethod::Kind;
    if (place.subnet == kNoIndex) {  // any explicit or default way may stand there
        const ResourceId id = place.configuration->subnet.value_or(place.configuration->id);
        OutboundMethod unread = method(Kind::nat_gateway, id, config);
        unread.when = {{network_.about(FactKey::missing_resource, id.text()), true}};
        return {unread};
    }
    const SubnetPlace& subnet = network_.subnets()[place.subnet];
    const Ref& nat_id =
        subnet.subnet->nat_gateway ? subnet.subnet->nat_gateway : subnet.vnet->default_nat_gateway;
    if (!nat_id) {
        return {};
    }
    OutboundMethod result = method(Kind::nat_gateway, *nat_id, config);
    const Fact unmodelled = network_.about(FactKey::unmodelled, nat_id->text());
    if (!subnet.subnet->nat_gateway) {  // [R52]: attached to all subnets, perhaps
        result.when.push_back({unmodelled, true});
    }
    if (subnet.subnet->header.contested.contains("natGateway")) {
        result.when.push_back(
            {network_.about(FactKey::contested_copy, subnet.subnet->header.id.text()), true});
    }
    const auto nat = snapshot.nat_gateways.find(*nat_id);
    if (nat == snapshot.nat_gateways.end()) {
        result.when.push_back({network_.about(FactKey::missing_resource, nat_id->text()), true});
        return {result};
    }
    Sources sources;
    for (const ResourceId& ip : nat->second.public_ips) {
        sources.add(of_public_ip(ip));
    }
    for (const ResourceId& prefix : nat->second.public_prefixes) {
        sources.add(of_prefix(prefix));
    }
    // Public addresses may say it alone.
    for (const auto& [id, ip] : snapshot.public_ips) {
        if (ip.nat_gateway == nat_id) {
            sources.add(of_public_ip(id));
        }
    }
    for (const auto& [id, prefix] : snapshot.public_ip_prefixes) {
        if (prefix.nat_gateway == nat_id) {
            sources.add(of_prefix(id));
        }
    }
    const bool v6 = place.configuration->family == Family::v6;
    const bool no_address = sources.known.empty() && sources.complete;
    if (v6 || no_address) {  // [E44]: the classic SKU carries no IPv6; [R52]: it needs an address
        network_.add_literal(result.when, unmodelled, true);
    }
    const AddressSet visible = sources.visible();
    if (v6) {
        result.source_addresses.v6 = visible.v6;
    } else {
        result.source_addresses.v4 = visible.v4;
    }
    return {result};
}

// --- the instance's own address --------------------------------------------------------------

Outbound::Methods Outbound::instance(ConfigIndex config) const {
    Methods methods;
    for (const PublicAddresses::InstanceIp& ip : addresses_.instance_ips(config)) {
        OutboundMethod own = method(OutboundMethod::Kind::instance_ip, ip.id, config);
        own.services = surely_carried();
        own.source_addresses = of_public_ip(ip.id).visible();
        own.when = ip.when;
        methods.push_back(own);
        own.services = ServiceSet::every() - surely_carried();
        if (network_.add_literal(own.when, network_.about(FactKey::unmodelled, ip.id.text()),
                                 true)) {
            methods.push_back(std::move(own));
        }
    }
    return methods;
}

// --- load balancers --------------------------------------------------------------------------

bool Outbound::is_secondary(ConfigIndex config) const {
    const ConfigPlace& place = network_.configurations()[config];
    if (place.configuration->primary || place.configuration->family == Family::v6) {
        return false;
    }
    const auto& all = place.interface->configurations;
    return std::any_of(all.begin(), all.end(), [](const IpConfiguration& other) {
        return other.primary && other.family == Family::v4;
    });
}

Outbound::Methods Outbound::balancers(ConfigIndex config) const {
    Methods methods;
    if (is_secondary(config)) {  // [R53]
        return methods;
    }
    for (const LoadBalancing::Membership& membership : balancing_.memberships(config)) {
        add_balanced(config, membership, methods);
    }
    // The platform picks one of several frontends: their addresses are one set.
    Methods merged;
    for (OutboundMethod& method : methods) {
        const auto same = std::find_if(merged.begin(), merged.end(), [&](const auto& other) {
            return other.services == method.services && other.when == method.when;
        });
        if (same == merged.end()) {
            merged.push_back(std::move(method));
        } else if (same->source_addresses.empty() || method.source_addresses.empty()) {
            same->source_addresses = {};
        } else {
            same->source_addresses |= method.source_addresses;
        }
    }
    return merged;
}

void Outbound::add_balanced(ConfigIndex config, const LoadBalancing::Membership& membership,
                            Methods& methods) const {
    using Kind = OutboundMethod::Kind;
    const Family family = network_.configurations()[config].configuration->family;
    if (membership.balancer == nullptr) {
        OutboundMethod unread = method(Kind::lb_outbound, membership.id, config);
        unread.when = {{network_.about(FactKey::missing_resource, membership.id.text()), true}};
        methods.push_back(std::move(unread));
        return;
    }
    const LoadBalancer& balancer = *membership.balancer;
    const Snapshot& snapshot = network_.snapshot();
    const auto add = [&](const ResourceId& by, const std::string& name, RuleProtocol protocol,
                         const std::vector<ResourceId>& frontends, bool implicit) {
        Sources sources;
        Guard when;
        bool any = false;
        for (const ResourceId& id : frontends) {
            const auto place = balancing_.frontend(id);
            if (!place) {
                when.push_back({network_.about(FactKey::missing_resource, id.text()), true});
                sources.complete = false;
                any = true;
                continue;
            }
            if (!place->is_public()) {
                continue;
            }
            Sources found;
            if (place->public_ip) {
                const auto ip = snapshot.public_ips.find(*place->public_ip);
                if (ip != snapshot.public_ips.end() && ip->second.family != family) {
                    continue;
                }
                if (ip == snapshot.public_ips.end()) {
                    when.push_back(
                        {network_.about(FactKey::missing_resource, place->public_ip->text()),
                         true});
                }
                found = of_public_ip(*place->public_ip);
            } else {
                found = of_prefix(*place->frontend->public_prefix);
                const AddressSet& known = found.known;
                if (found.complete &&
                    (family == Family::v4 ? known.v4.empty() : known.v6.empty())) {
                    continue;
                }
                if (!found.complete &&
                    !snapshot.public_ip_prefixes.contains(*place->frontend->public_prefix)) {
                    when.push_back({network_.about(FactKey::missing_resource,
                                                   place->frontend->public_prefix->text()),
                                    true});
                }
            }
            sources.add(found);
            any = true;
        }
        if (!any) {
            return;  // internal frontends give no way out
        }
        OutboundMethod result = method(Kind::lb_outbound, by, config);
        result.name = name;
        result.source_addresses = sources.visible();
        result.when = std::move(when);
        if (membership.by_address) {  // [R55]: whether it serves members known by address only
            network_.add_literal(result.when,
                                 network_.about(FactKey::unmodelled, membership.id.text()), true);
        }
        result.services = protocol == RuleProtocol::tcp   ? ServiceSet::protocol(kTcp)
                          : protocol == RuleProtocol::udp ? ServiceSet::protocol(kUdp)
                                                          : tcp_and_udp();
        methods.push_back(result);
        // Not said: ICMP and the like, and whether a rule's SNAT carries both protocols.
        result.services = (implicit ? ServiceSet::every() : ServiceSet::every() - tcp_and_udp()) -
                          result.services;
        if (network_.add_literal(result.when,
                                 network_.about(FactKey::unmodelled, balancer.header.id.text()),
                                 true)) {
            methods.push_back(std::move(result));
        }
    };
    for (const LbOutboundRule& rule : balancer.outbound_rules) {
        if (rule.pool == membership.id) {
            add(rule.id, rule.name, rule.protocol, rule.frontends, false);
        }
    }
    for (const LbRule& rule : balancer.rules) {
        const bool uses =
            std::find(rule.pools.begin(), rule.pools.end(), membership.id) != rule.pools.end();
        if (uses && rule.frontend && !rule.disable_outbound_snat.value_or(false)) {
            add(rule.id, rule.name, rule.protocol, {*rule.frontend}, true);
        }
    }
}

// --- default outbound access -----------------------------------------------------------------

/// [R54] speaks of the machine: what another of its configurations has may take this one's default.
bool Outbound::sibling_has_explicit_way(ConfigIndex config) const {
    const NetworkInterface& nic = *network_.configurations()[config].interface;
    std::vector<ResourceId> interfaces = {nic.header.id};
    if (nic.virtual_machine) {
        const auto machine = network_.snapshot().virtual_machines.find(*nic.virtual_machine);
        if (machine != network_.snapshot().virtual_machines.end() &&
            !machine->second.interfaces.empty()) {
            interfaces.insert(interfaces.end(), machine->second.interfaces.begin(),
                              machine->second.interfaces.end());
        }
    }
    for (const ResourceId& interface : interfaces) {
        for (const ConfigIndex other : network_.configurations_of(interface)) {
            const ConfigPlace& place = network_.configurations()[other];
            if (other == config || place.configuration->family == Family::v6) {
                continue;
            }
            const auto& memberships = balancing_.memberships(other);
            const bool explicit_way =
                !addresses_.instance_ips(other).empty() ||
                std::any_of(memberships.begin(), memberships.end(),
                            [](const auto& membership) {
                                return membership.balancer == nullptr ||
                                       may_be_standard(*membership.balancer);
                            }) ||
                (place.subnet != kNoIndex && network_.subnets()[place.subnet].subnet->nat_gateway);
            if (explicit_way) {
                return true;
            }
        }
    }
    return false;
}

Outbound::Methods Outbound::default_access(ConfigIndex config) const {
    const ConfigPlace& place = network_.configurations()[config];
    const NetworkInterface& nic = *place.interface;
    const Snapshot& snapshot = network_.snapshot();
    if (place.subnet == kNoIndex) {
        return {};  // nat_gateway() stands for everything there
    }
    const Subnet& subnet = *network_.subnets()[place.subnet].subnet;
    OutboundMethod result = method(OutboundMethod::Kind::default_outbound, {}, config);
    result.name = "default outbound access";
    const auto unless = [&](FactKey key, const ResourceId& subject) {
        network_.add_literal(result.when, network_.about(key, subject.text()), true);
    };

    if (nic.default_outbound_connectivity == false) {
        return {};
    }
    // Explicit ways replace it, also those that could not be read.
    if (subnet.nat_gateway && !subnet.header.contested.contains("natGateway")) {
        return {};
    }
    for (const PublicAddresses::InstanceIp& ip : addresses_.instance_ips(config)) {
        const bool in_doubt = std::any_of(
            ip.when.begin(), ip.when.end(),
            [](const Literal& literal) { return literal.fact.key == FactKey::contested_copy; });
        if (!in_doubt) {
            return {};
        }
    }
    for (const LoadBalancing::Membership& membership : balancing_.memberships(config)) {
        if (membership.balancer == nullptr) {
            return {};
        }
        if (membership.by_address) {
            continue;  // [R55]: such members keep it
        }
        const LoadBalancer& balancer = *membership.balancer;
        if (balancer.sku == Sku::standard && !balancer.header.contested.contains("sku")) {
            return {};
        }
        if (may_be_standard(balancer)) {
            unless(FactKey::unmodelled, balancer.header.id);
        }
    }
    for (const LoadBalancer* balancer : balancing_.nat_balancers(config)) {
        if (may_be_standard(*balancer)) {  // only NAT rules: not said
            unless(FactKey::unmodelled, balancer->header.id);
        }
    }
    if (nic.default_outbound_connectivity == true) {
        return {result};
    }
    if (subnet.header.contested.contains("defaultOutboundAccess")) {
        unless(FactKey::contested_copy, subnet.header.id);
    } else if (subnet.default_outbound_access == false &&
               !network_.add_literal(result.when, FactKey::private_subnet_keeps_default_outbound,
                                     true)) {
        return {};
    }
    Ref scale_set = nic.scale_set;
    if (nic.virtual_machine) {
        const auto machine = snapshot.virtual_machines.find(*nic.virtual_machine);
        if (machine == snapshot.virtual_machines.end()) {
            if (!scale_set) {  // it may belong to a flexible one
                unless(FactKey::missing_resource, *nic.virtual_machine);
            }
        } else if (!scale_set) {
            scale_set = machine->second.scale_set;
        }
    }
    if (scale_set) {
        const auto found = snapshot.scale_sets.find(*scale_set);
        if (found == snapshot.scale_sets.end()) {
            unless(FactKey::missing_resource, *scale_set);
        } else if (found->second.flexible) {
            return {};
        }
    }
    if (sibling_has_explicit_way(config)) {
        unless(FactKey::unmodelled, nic.header.id);
    }
    return {result};
}

// --- Storage of the region -------------------------------------------------------------------

/// [R55]: stays reachable without any way out. What else than TCP arrives there is not said.
Outbound::Methods Outbound::same_region_storage(ConfigIndex config) const {
    const ConfigPlace& place = network_.configurations()[config];
    if (place.subnet == kNoIndex) {
        return {};
    }
    const SubnetPlace& subnet = network_.subnets()[place.subnet];
    const std::string region = region_of(subnet.vnet->header.location);
    const std::string tag = region.empty() ? "Storage" : "Storage." + region;
    OutboundMethod storage = method(OutboundMethod::Kind::same_region_storage, {}, config);
    storage.name = tag;
    storage.services = ServiceSet::protocol(kTcp);
    const auto& list = network_.snapshot().service_tags;
    const AddressSet* known = nullptr;
    if (list && !region.empty()) {
        const auto found = list->tags.find(tag);
        known = found == list->tags.end() ? nullptr : &found->second;
    }
    if (known != nullptr) {
        storage.destinations = {{{}, {known->v4, {}}}};
    } else {
        storage.destinations = {{{{network_.about(FactKey::unknown_tag, tag), true}},
                                 {Edges::internet_space().v4, {}}}};
    }
    OutboundMethod datagrams = storage;
    datagrams.services = ServiceSet::protocol(kUdp);
    datagrams.when = {{network_.about(FactKey::unmodelled, subnet.subnet->header.id.text()), true}};
    return {storage, datagrams};
}

}  // namespace azreach
