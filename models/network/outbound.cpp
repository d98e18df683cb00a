// How a NIC gets out to the internet.                                                   [R51-R57]
#include <algorithm>

#include "models/network/connectivity.hpp"
#include "models/network/edges_state.hpp"

namespace azreach {

namespace {

ServiceSet tcp_and_udp() { return ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp); }

}  // namespace

std::vector<OutboundMethod> Edges::State::outbound_of(ConfigIndex config) const {
    const Snapshot& snapshot = network.snapshot();
    const ConfigPlace& place = network.configurations()[config];
    const IpConfiguration& configuration = *place.configuration;
    const bool v6 = configuration.family == Family::v6;
    const GuardedAddresses everywhere{{{}, v6 ? AddressSet::all(Family::v6)
                                              : AddressSet::all(Family::v4)}};
    std::vector<OutboundMethod> methods;
    const Subnet* subnet =
        place.subnet == kNoIndex ? nullptr : network.subnets()[place.subnet].subnet;

    const auto address_of = [&](const ResourceId& ip) {
        const auto found = snapshot.public_ips.find(ip);
        return found != snapshot.public_ips.end() && found->second.address
                   ? AddressSet::single(*found->second.address)
                   : AddressSet{};
    };
    const auto nat_method = [&](const ResourceId& id, Guard when) {
        OutboundMethod method;
        method.kind = OutboundMethod::Kind::nat_gateway;
        method.by = id;
        method.name = std::string(id.name());
        method.services = tcp_and_udp();  // R52
        method.destinations = everywhere;
        method.when = std::move(when);
        const auto nat = snapshot.nat_gateways.find(id);
        if (nat == snapshot.nat_gateways.end()) {
            method.when.push_back({network.about(FactKey::missing_resource, id.text()), true});
        } else {
            bool known = true;
            for (const ResourceId& ip : nat->second.public_ips) {
                const AddressSet address = address_of(ip);
                known = known && !address.empty();
                method.source_addresses |= address;
            }
            for (const ResourceId& prefix : nat->second.public_prefixes) {
                const auto found = snapshot.public_ip_prefixes.find(prefix);
                if (found != snapshot.public_ip_prefixes.end() && found->second.prefix) {
                    method.source_addresses |= found->second.prefix->addresses();
                } else {
                    known = false;
                }
            }
            if (nat->second.public_ips.empty() && nat->second.public_prefixes.empty()) {
                return;  // a NAT gateway without an address does nothing
            }
            if (!known) {
                method.source_addresses = {};
            }
        }
        methods.push_back(std::move(method));
    };

    std::vector<OutboundMethod> nat;
    if (!v6 && subnet != nullptr) {
        if (subnet->nat_gateway) {
            Guard when;
            if (subnet->header.contested.contains("natGateway")) {
                when = {{network.about(FactKey::contested_copy, subnet->header.id.text()), true}};
            }
            nat_method(*subnet->nat_gateway, when);
        } else if (network.subnets()[place.subnet].vnet->default_nat_gateway) {
            const ResourceId& id = *network.subnets()[place.subnet].vnet->default_nat_gateway;
            nat_method(id, {{network.about(FactKey::unmodelled, id.text()), true}});
        }
        nat = std::move(methods);
        methods.clear();
    }

    // The instance's own public address.
    std::optional<OutboundMethod> instance;
    Ref public_ip = configuration.public_ip;
    if (!public_ip) {
        for (const auto index : [&] {
                 const auto found = entries_to.find(config);
                 return found == entries_to.end() ? std::vector<std::size_t>{} : found->second;
             }()) {
            for (const Translation& way : entries[index].ways) {
                if (way.kind == Translation::Kind::instance_ip && way.config == config) {
                    public_ip = entries[index].public_ip;
                }
            }
        }
    }
    if (public_ip) {
        OutboundMethod method;
        method.kind = OutboundMethod::Kind::instance_ip;
        method.by = *public_ip;
        method.name = std::string(public_ip->name());
        method.services = ServiceSet::every();
        method.destinations = everywhere;
        method.source_addresses = address_of(*public_ip);
        if (!snapshot.public_ips.contains(*public_ip)) {
            method.when.push_back(
                {network.about(FactKey::missing_resource, public_ip->text()), true});
        }
        instance = std::move(method);
    }
    if (instance && !nat.empty()) {
        // R51: pages disagree on which of the two is used; only the visible source differs.
        Guard instance_first;
        if (network.add_literal(instance_first, FactKey::nat_gateway_before_instance_ip, false)) {
            OutboundMethod first = *instance;
            first.when.insert(first.when.end(), instance_first.begin(), instance_first.end());
            methods.push_back(std::move(first));
        }
    }
    methods.insert(methods.end(), nat.begin(), nat.end());
    if (instance) {
        methods.push_back(*instance);
    }
    if (v6) {
        return methods;  // E45: no default outbound for IPv6
    }

    // Load balancers: outbound rules, and rules that do not switch SNAT off.              [R53]
    bool standard_member = false;
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        const auto in_pool = [&](const ResourceId& pool_id) {
            const auto members = members_of_pool.find(pool_id);
            if (members != members_of_pool.end() &&
                std::find(members->second.begin(), members->second.end(), config) !=
                    members->second.end()) {
                return true;
            }
            return std::any_of(balancer.pools.begin(), balancer.pools.end(), [&](const LbPool& p) {
                return p.id == pool_id &&
                       std::find(p.ip_configurations.begin(), p.ip_configurations.end(),
                                 configuration.id) != p.ip_configurations.end();
            });
        };
        bool member = false;
        for (const LbPool& pool : balancer.pools) {
            member = member || in_pool(pool.id);
        }
        for (const LbNatRule& rule : balancer.nat_rules) {
            member = member || rule.backend_configuration == configuration.id;
        }
        if (!member) {
            continue;
        }
        const bool standard = balancer.sku != Sku::basic;
        standard_member = standard_member || standard;
        const auto frontend_addresses = [&](const ResourceId& frontend_id, bool& is_public) {
            AddressSet addresses;
            for (const LbFrontend& frontend : balancer.frontends) {
                if (frontend.id != frontend_id) {
                    continue;
                }
                if (frontend.public_ip) {
                    is_public = true;
                    addresses = address_of(*frontend.public_ip);
                } else if (frontend.public_prefix) {
                    is_public = true;
                    const auto prefix = snapshot.public_ip_prefixes.find(*frontend.public_prefix);
                    if (prefix != snapshot.public_ip_prefixes.end() && prefix->second.prefix) {
                        addresses = prefix->second.prefix->addresses();
                    }
                }
            }
            return addresses;
        };
        if (!configuration.primary && network.configurations_of(place.interface->header.id).size() > 1) {
            continue;  // secondary configurations do not use LB outbound
        }
        for (const LbOutboundRule& rule : balancer.outbound_rules) {
            if (!rule.pool || !in_pool(*rule.pool)) {
                continue;
            }
            OutboundMethod method;
            method.kind = OutboundMethod::Kind::lb_outbound;
            method.by = rule.id;
            method.name = rule.name;
            method.services = rule.protocol == RuleProtocol::tcp   ? ServiceSet::protocol(kTcp)
                              : rule.protocol == RuleProtocol::udp ? ServiceSet::protocol(kUdp)
                                                                   : tcp_and_udp();
            method.destinations = everywhere;
            bool is_public = false;
            for (const ResourceId& frontend : rule.frontends) {
                method.source_addresses |= frontend_addresses(frontend, is_public);
            }
            if (is_public) {
                methods.push_back(std::move(method));
            }
        }
        for (const LbRule& rule : balancer.rules) {
            const bool uses_pool = std::any_of(rule.pools.begin(), rule.pools.end(), in_pool);
            if (!uses_pool || rule.disable_outbound_snat.value_or(false) || !rule.frontend) {
                continue;
            }
            bool is_public = false;
            OutboundMethod method;
            method.kind = OutboundMethod::Kind::lb_outbound;
            method.by = rule.id;
            method.name = rule.name;
            method.source_addresses = frontend_addresses(*rule.frontend, is_public);
            method.services = rule.protocol == RuleProtocol::tcp   ? ServiceSet::protocol(kTcp)
                              : rule.protocol == RuleProtocol::udp ? ServiceSet::protocol(kUdp)
                                                                   : tcp_and_udp();
            method.destinations = everywhere;
            if (is_public) {
                methods.push_back(std::move(method));
            }
        }
    }

    // Default outbound access.                                                              [R54]
    const bool any_nat = !nat.empty();
    if (!any_nat && !instance) {
        bool flexible = false;
        if (place.interface->scale_set) {
            const auto set = snapshot.scale_sets.find(*place.interface->scale_set);
            flexible = set != snapshot.scale_sets.end() && set->second.flexible;
        }
        bool available = !standard_member && !flexible;
        if (subnet != nullptr && subnet->default_outbound_access == false) {
            available = available && place.interface->default_outbound_connectivity.value_or(false);
        }
        if (available) {
            OutboundMethod method;
            method.kind = OutboundMethod::Kind::default_outbound;
            method.name = "default outbound access";
            method.services = tcp_and_udp();
            method.destinations = everywhere;
            methods.push_back(std::move(method));
        }
    }
    // Same-region Storage stays reachable without any method.                              [R55]
    if (methods.empty() && subnet != nullptr) {
        std::string region;
        for (const char c : network.subnets()[place.subnet].vnet->header.location) {
            if (c != ' ') {
                region += c;
            }
        }
        const std::string tag = region.empty() ? "Storage" : "Storage." + region;
        OutboundMethod method;
        method.kind = OutboundMethod::Kind::same_region_storage;
        method.name = "same-region Storage";
        method.services = tcp_and_udp();
        const auto& tags = snapshot.service_tags;
        const auto found = tags ? tags->tags.find(tag) : std::map<std::string, AddressSet,
                                                                  IgnoringCase>::const_iterator{};
        if (tags && found != tags->tags.end()) {
            AddressSet v4;
            v4.v4 = found->second.v4;
            method.destinations = {{{}, v4}};
        } else {
            AddressSet all;
            all.v4 = Edges::internet_space().v4;
            method.destinations = {{{{network.about(FactKey::unknown_tag, tag), true}}, all}};
        }
        methods.push_back(std::move(method));
    }
    return methods;
}

const std::vector<OutboundMethod>& Edges::outbound(std::uint32_t config) const {
    const std::lock_guard lock(state_->mutex);
    auto& cached = state_->outbound[config];
    if (!cached) {
        cached = state_->outbound_of(config);
    }
    return *cached;
}

Edges::Edges(const Network& network) : state_(std::make_unique<State>(network)) {
    state_->fill_balancers();
    state_->fill_book();
    state_->fill_public();
    state_->outbound.resize(network.configurations().size());
}

Edges::~Edges() = default;

}  // namespace azreach
