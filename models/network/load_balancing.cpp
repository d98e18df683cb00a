// What a load balancer's frontend turns a packet into.                             [E5-E15] [R34]
#include <algorithm>

#include "models/network/edges_state.hpp"

namespace azreach {

namespace {

ServiceSet services_of(RuleProtocol protocol, const PortSet& ports) {
    switch (protocol) {
        case RuleProtocol::tcp: return ServiceSet::ports(kTcp, PortSet::full(), ports);
        case RuleProtocol::udp: return ServiceSet::ports(kUdp, PortSet::full(), ports);
        default:
            return ServiceSet::ports(kTcp, PortSet::full(), ports) |
                   ServiceSet::ports(kUdp, PortSet::full(), ports);
    }
}

bool port_ok(int port) { return port >= 0 && port <= 65535; }

}  // namespace

void Edges::State::fill_balancers() {
    const Snapshot& snapshot = network.snapshot();
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            frontends.emplace(frontend.id, std::pair(&balancer, &frontend));
        }
    }
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        const IpConfiguration& configuration = *network.configurations()[i].configuration;
        for (const ResourceId& pool : configuration.lb_pools) {
            members_of_pool[pool].push_back(i);
        }
        for (const ResourceId& rule : configuration.lb_nat_rules) {
            configs_of_nat_rule[rule].push_back(i);
        }
        for (const ResourceId& pool : configuration.lb_nat_pools) {
            configs_of_nat_rule[pool].push_back(i);
        }
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            by_frontend.emplace(frontend.id, translations_of(balancer, frontend));
        }
    }
}

std::vector<Translation> Edges::State::translations_of(const LoadBalancer& balancer,
                                                       const LbFrontend& frontend) {
    const Snapshot& snapshot = network.snapshot();
    const bool internal = !frontend.public_ip && !frontend.public_prefix;
    bool standard = balancer.sku == Sku::standard || balancer.sku == Sku::gateway;
    if (frontend.public_ip) {
        const auto ip = snapshot.public_ips.find(*frontend.public_ip);
        standard = standard || (ip != snapshot.public_ips.end() && ip->second.sku == Sku::standard);
    }
    Guard diverted;  // E13
    if (frontend.gateway_load_balancer) {
        diverted = {{network.about(FactKey::unmodelled, frontend.gateway_load_balancer->text()), true}};
    }

    struct Member {
        ConfigIndex config = kNoIndex;
        Guard when;
        ResourceId unread;
    };
    const auto pool_members = [&](const ResourceId& pool_id) {
        std::vector<Member> members;
        const auto add = [&](ConfigIndex config, Guard when) {
            const bool known = std::any_of(members.begin(), members.end(),
                                           [&](const Member& m) { return m.config == config; });
            if (!known) {
                members.push_back({config, std::move(when), {}});
            }
        };
        const auto listed = members_of_pool.find(pool_id);
        if (listed != members_of_pool.end()) {
            for (const ConfigIndex config : listed->second) {
                add(config, {});
            }
        }
        const auto pool = std::find_if(balancer.pools.begin(), balancer.pools.end(),
                                       [&](const LbPool& p) { return p.id == pool_id; });
        if (pool == balancer.pools.end()) {
            if (members.empty()) {
                members.push_back({kNoIndex, {}, pool_id});
            }
            return members;
        }
        for (const ResourceId& id : pool->ip_configurations) {
            if (const auto config = network.configuration_index(id)) {
                add(*config, {});
            } else {
                members.push_back({kNoIndex, {}, id});
            }
        }
        for (const LbBackendAddress& backend : pool->addresses) {
            Guard when;
            if (backend.admin_down) {  // E14
                when = {{network.about(FactKey::unread_neighbour, pool_id.text()), true}};
            }
            if (backend.ip_configuration) {
                if (const auto config = network.configuration_index(*backend.ip_configuration)) {
                    add(*config, when);
                    continue;
                }
            }
            if (!backend.address) {
                continue;
            }
            bool found = false;
            for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
                const ConfigPlace& place = network.configurations()[i];
                if (place.configuration->address != backend.address) {
                    continue;
                }
                const bool here =
                    !backend.virtual_network || place.subnet == kNoIndex ||
                    network.subnets()[place.subnet].vnet->header.id == *backend.virtual_network;
                if (here) {
                    add(i, when);
                    found = true;
                }
            }
            if (!found) {
                members.push_back(
                    {kNoIndex, {}, backend.virtual_network.value_or(pool_id)});
            }
        }
        // A scale set whose instances were not read is a member by its template.
        for (const auto& [id, set] : snapshot.scale_sets) {
            bool in_pool = false;
            for (const ScaleSetInterface& interface : set.interfaces) {
                for (const IpConfiguration& configuration : interface.configurations) {
                    in_pool = in_pool || std::find(configuration.lb_pools.begin(),
                                                   configuration.lb_pools.end(),
                                                   pool_id) != configuration.lb_pools.end();
                }
            }
            const bool read = std::any_of(
                snapshot.interfaces.begin(), snapshot.interfaces.end(),
                [&](const auto& item) { return item.second.scale_set == id; });
            if (in_pool && !read) {
                members.push_back({kNoIndex, {}, id});
            }
        }
        return members;
    };

    std::vector<Translation> ways;
    const auto add = [&](Translation base, const std::vector<Member>& members) {
        base.standard_closed = standard;
        base.basic_open = !standard && !internal;
        base.internal = internal;
        base.when = diverted;
        base.choice_group = next_choice_group++;
        if (members.empty()) {
            ways.push_back(base);  // LB_NO_BACKEND
            return;
        }
        for (const Member& member : members) {
            Translation way = base;
            if (member.config == kNoIndex) {
                way.kind = Translation::Kind::unread;
                way.target = member.unread;
            } else {
                way.config = member.config;
                const Address& any = network.configurations()[member.config]
                                         .configuration->address.value_or(Address{});
                (void)any;
            }
            way.when.insert(way.when.end(), member.when.begin(), member.when.end());
            ways.push_back(std::move(way));
        }
    };
    for (const LbRule& rule : balancer.rules) {
        if (rule.frontend != frontend.id || !port_ok(rule.frontend_port)) {
            continue;
        }
        Translation way;
        way.kind = Translation::Kind::lb_rule;
        way.by = rule.id;
        way.name = rule.name;
        way.where = rule.where;
        way.floating_ip = rule.floating_ip;
        std::vector<Member> members;
        for (const ResourceId& pool : rule.pools) {
            for (Member& member : pool_members(pool)) {
                members.push_back(std::move(member));
            }
        }
        const bool ha_ports = rule.protocol == RuleProtocol::any && rule.frontend_port == 0;
        if (ha_ports) {
            way.accepts = ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp);
            add(way, members);
            // R34: whether HA ports carry anything else.
            Guard others;
            if (network.add_literal(others, FactKey::ha_ports_carry_icmp, true)) {
                Translation more = way;
                more.accepts = ServiceSet::every() - way.accepts;
                const std::size_t first = ways.size();
                add(more, members);
                for (std::size_t i = first; i < ways.size(); ++i) {
                    ways[i].when.insert(ways[i].when.end(), others.begin(), others.end());
                }
            }
            continue;
        }
        way.accepts = services_of(rule.protocol,
                                  PortSet::single(static_cast<std::uint16_t>(rule.frontend_port)));
        if (rule.backend_port != 0 && port_ok(rule.backend_port)) {
            way.to_port = static_cast<std::uint16_t>(rule.backend_port);
        }
        add(way, members);
    }
    for (const LbNatRule& rule : balancer.nat_rules) {
        if (rule.frontend != frontend.id) {
            continue;
        }
        Translation way;
        way.kind = Translation::Kind::nat_rule;
        way.by = rule.id;
        way.name = rule.name;
        way.where = rule.where;
        way.floating_ip = rule.floating_ip;
        PortSet ports;
        if (rule.frontend_port > 0 && port_ok(rule.frontend_port)) {
            ports = PortSet::single(static_cast<std::uint16_t>(rule.frontend_port));
        } else if (rule.frontend_port_start > 0 && port_ok(rule.frontend_port_end) &&
                   rule.frontend_port_start <= rule.frontend_port_end) {
            ports = PortSet::range(static_cast<std::uint16_t>(rule.frontend_port_start),
                                   static_cast<std::uint16_t>(rule.frontend_port_end));
        }
        way.accepts = services_of(rule.protocol, ports);
        if (rule.backend_port > 0 && port_ok(rule.backend_port)) {
            way.to_port = static_cast<std::uint16_t>(rule.backend_port);
        }
        std::vector<Member> members;
        if (rule.backend_configuration) {
            if (const auto config = network.configuration_index(*rule.backend_configuration)) {
                members.push_back({*config, {}, {}});
            } else {
                members.push_back({kNoIndex, {}, *rule.backend_configuration});
            }
        }
        const auto listed = configs_of_nat_rule.find(rule.id);
        if (listed != configs_of_nat_rule.end()) {
            for (const ConfigIndex config : listed->second) {
                const bool known = std::any_of(members.begin(), members.end(), [&](const Member& m) {
                    return m.config == config;
                });
                if (!known) {
                    members.push_back({config, {}, {}});
                }
            }
        }
        if (rule.pool) {
            for (Member& member : pool_members(*rule.pool)) {
                members.push_back(std::move(member));
            }
        }
        if (rule.is_pool && members.empty()) {
            for (const auto& [id, set] : snapshot.scale_sets) {
                for (const ScaleSetInterface& interface : set.interfaces) {
                    for (const IpConfiguration& configuration : interface.configurations) {
                        if (std::find(configuration.lb_nat_pools.begin(),
                                      configuration.lb_nat_pools.end(),
                                      rule.id) != configuration.lb_nat_pools.end()) {
                            members.push_back({kNoIndex, {}, id});
                        }
                    }
                }
            }
        }
        add(way, members);
    }
    return ways;
}

const std::vector<Translation>& Edges::translations(const LoadBalancer& balancer,
                                                    const LbFrontend& frontend) const {
    (void)balancer;
    static const std::vector<Translation> kNothing;
    const auto found = state_->by_frontend.find(frontend.id);
    return found == state_->by_frontend.end() ? kNothing : found->second;
}

}  // namespace azreach
