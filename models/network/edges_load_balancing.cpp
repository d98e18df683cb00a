#include "models/network/edges_load_balancing.hpp"

#include <algorithm>
#include <set>

#include "models/network/edges_doubts.hpp"

namespace azreach {

namespace {

constexpr int kLastPort = 65535;

bool is_port(int port) { return port >= 1 && port <= kLastPort; }

PortSet port_range(int first, int last) {
    return PortSet::range(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last));
}

ServiceSet tcp_and_udp() { return ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp); }

/// TCP, UDP, or both for "All"; `ports` are those of the destination.
ServiceSet services(RuleProtocol protocol, const PortSet& ports) {
    ServiceSet result;
    if (protocol == RuleProtocol::tcp || protocol == RuleProtocol::any) {
        result |= ServiceSet::ports(kTcp, PortSet::full(), ports);
    }
    if (protocol == RuleProtocol::udp || protocol == RuleProtocol::any) {
        result |= ServiceSet::ports(kUdp, PortSet::full(), ports);
    }
    return result;
}

}  // namespace

std::vector<Openness> openness_of(const Network& network, const std::vector<Sku>& skus,
                                  const ResourceId& subject) {
    const auto has = [&](Sku sku) {
        return std::find(skus.begin(), skus.end(), sku) != skus.end();
    };
    if (has(Sku::standard)) {
        return {{true, false, {}}};
    }
    if (!skus.empty() &&
        std::all_of(skus.begin(), skus.end(), [](Sku sku) { return sku == Sku::basic; })) {
        return {{false, true, {}}};
    }
    const Fact fact = network.about(FactKey::unmodelled, subject.text());
    return {{true, false, {{fact, true}}}, {false, true, {{fact, false}}}};
}

std::optional<Guard> both(const Network& network, const Guard& guard, const Guard& more) {
    Guard result = guard;
    for (const Literal& literal : more) {
        if (!network.add_literal(result, literal.fact, literal.value)) {
            return std::nullopt;
        }
    }
    return result;
}

LoadBalancing::LoadBalancing(const Network& network, const AddressBook& book,
                             const std::unordered_set<ResourceId>& partly_read_scale_sets)
    : network_(network), book_(book) {
    for (const Gap& gap : network_.snapshot().gaps) {
        if (may_hold_anything(gap.code) && cut_off_.empty()) {
            cut_off_ = ResourceId(gap.what);
        }
    }
    index_frontends();
    index_members(partly_read_scale_sets);
    index_memberships();
    for (const auto& [id, balancer] : network_.snapshot().load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            compile(frontends_.at(frontend.id));
        }
    }
}

std::optional<LoadBalancing::Place> LoadBalancing::frontend(const ResourceId& id) const {
    const auto found = frontends_.find(id);
    return found == frontends_.end() ? std::nullopt : std::optional(found->second);
}

const std::vector<Translation>& LoadBalancing::translations(const LbFrontend& frontend) const {
    static const std::vector<Translation> kNone;
    const auto found = translations_.find(&frontend);
    if (found != translations_.end()) {
        return found->second;
    }
    const auto same = frontends_.find(frontend.id);  // a copy of one of the snapshot's
    return same == frontends_.end() ? kNone : translations_.at(same->second.frontend);
}

const std::vector<LoadBalancing::Membership>& LoadBalancing::memberships(ConfigIndex config) const {
    static const std::vector<Membership> kNone;
    const auto found = memberships_.find(config);
    return found == memberships_.end() ? kNone : found->second;
}

const std::vector<const LoadBalancer*>& LoadBalancing::nat_balancers(ConfigIndex config) const {
    static const std::vector<const LoadBalancer*> kNone;
    const auto found = nat_balancers_.find(config);
    return found == nat_balancers_.end() ? kNone : found->second;
}

// --- members -------------------------------------------------------------------------------------

void LoadBalancing::index_frontends() {
    for (const auto& [id, balancer] : network_.snapshot().load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            frontends_.emplace(frontend.id, Place{&balancer, &frontend, frontend.public_ip});
        }
        for (const LbPool& pool : balancer.pools) {
            pools_.emplace(pool.id, std::pair{&balancer, &pool});
        }
    }
    for (const auto& [id, ip] : network_.snapshot().public_ips) {
        if (ip.ip_configuration) {
            const auto found = frontends_.find(*ip.ip_configuration);
            if (found != frontends_.end() && !found->second.is_public()) {
                found->second.public_ip = id;
            }
        }
    }
}

void LoadBalancing::index_members(const std::unordered_set<ResourceId>& partly_read_scale_sets) {
    const auto& configurations = network_.configurations();
    for (ConfigIndex i = 0; i < configurations.size(); ++i) {
        const IpConfiguration& configuration = *configurations[i].configuration;
        for (const auto* names :
             {&configuration.lb_pools, &configuration.lb_nat_rules, &configuration.lb_nat_pools}) {
            for (const ResourceId& name : *names) {
                named_by_[name].push_back(i);
            }
        }
    }
    for (const auto& [id, scale_set] : network_.snapshot().scale_sets) {
        if (!partly_read_scale_sets.contains(id)) {
            continue;
        }
        for (const ScaleSetInterface& interface : scale_set.interfaces) {
            for (const IpConfiguration& configuration : interface.configurations) {
                for (const auto* names : {&configuration.lb_pools, &configuration.lb_nat_pools}) {
                    for (const ResourceId& name : *names) {
                        named_by_template_.emplace(name,
                                                   Template{id, configuration.subnet.value_or(id)});
                    }
                }
            }
        }
    }
    find_open_references();
    for (const auto& [id, entry] : pools_) {
        members_.emplace(id, members_of(*entry.first, *entry.second));
    }
}

/// Names of pools and NAT rules that lead nowhere, where names are not known before deployment:
/// they may mean any pool or rule.
void LoadBalancing::find_open_references() {
    std::unordered_set<ResourceId> known;
    for (const auto& [id, balancer] : network_.snapshot().load_balancers) {
        for (const LbPool& pool : balancer.pools) known.insert(pool.id);
        for (const LbNatRule& rule : balancer.nat_rules) known.insert(rule.id);
    }
    const bool symbolic = std::any_of(known.begin(), known.end(),
                                      [](const ResourceId& id) { return is_symbolic(id.text()); });
    std::set<ResourceId> open;
    const auto see = [&](const ResourceId& name) {
        if ((symbolic || is_symbolic(name.text())) && !known.contains(name)) {
            open.insert(name);
        }
    };
    for (const auto& [name, configs] : named_by_) see(name);
    for (const auto& [name, scale_set] : named_by_template_) see(name);
    open_references_.assign(open.begin(), open.end());
}

void LoadBalancing::add_open_members(const ResourceId& pool_or_rule, Members& members) const {
    for (const ResourceId& reference : open_references_) {
        if (may_be_same(reference, pool_or_rule)) {
            members.push_back(
                {Member::Kind::unread,
                 kNoIndex,
                 reference,
                 {{network_.about(FactKey::missing_resource, reference.text()), true}}});
            return;  // one stands for all
        }
    }
}

/// Everybody in a pool: those that it lists, those that name it, and those at its addresses. Of
/// members that were not read one stands for all: each alone makes the choice unsure.
LoadBalancing::Members LoadBalancing::members_of(const LoadBalancer& balancer,
                                                 const LbPool& pool) const {
    Members members;
    std::set<ConfigIndex> configs;
    bool unread = false;
    const auto add_unread = [&](const ResourceId& target, FactKey key, const ResourceId& subject) {
        if (!unread) {
            unread = true;
            members.push_back({Member::Kind::unread,
                               kNoIndex,
                               target,
                               {{network_.about(key, subject.text()), true}}});
        }
    };
    const auto add = [&](const ResourceId& id) {
        if (const auto config = network_.configuration_index(id)) {
            configs.insert(*config);
        } else {
            add_unread(id, FactKey::missing_resource, id);
        }
    };
    add_open_members(pool.id, members);
    unread = !members.empty();
    if (const auto found = named_by_template_.find(pool.id); found != named_by_template_.end()) {
        add_unread(found->second.scale_set, FactKey::unknown_instance, found->second.subnet);
    }
    if (const auto found = named_by_.find(pool.id); found != named_by_.end()) {
        configs.insert(found->second.begin(), found->second.end());
    }
    std::for_each(pool.ip_configurations.begin(), pool.ip_configurations.end(), add);

    for (const LbBackendAddress& address : pool.addresses) {
        if (address.ip_configuration && !address.frontend && !address.admin_down &&
            !frontends_.contains(*address.ip_configuration)) {
            add(*address.ip_configuration);
        }
    }
    for (const LbBackendAddress& address : pool.addresses) {
        Members found;
        if (address.ip_configuration && address.admin_down) {
            if (const auto config = network_.configuration_index(*address.ip_configuration)) {
                configs.erase(*config);  // known by its interface, and taken out           [E14]
                found.push_back({Member::Kind::configuration, *config, {}, {}});
            } else {
                add_unread(*address.ip_configuration, FactKey::missing_resource,
                           *address.ip_configuration);
            }
        } else if (!address.ip_configuration || address.frontend ||
                   frontends_.contains(*address.ip_configuration)) {
            add_members_at(balancer, pool, address, found);
        }
        for (Member& member : found) {
            if (member.kind == Member::Kind::unread) {
                if (unread) {
                    continue;
                }
                unread = true;
            }
            if (member.kind == Member::Kind::configuration && configs.contains(member.config)) {
                continue;
            }
            if (address.admin_down) {
                const ResourceId id = pool.id.child("loadBalancerBackendAddresses", address.name);
                network_.add_literal(member.when, network_.about(FactKey::unmodelled, id.text()),
                                     true);
            }
            members.push_back(std::move(member));
        }
    }
    if (pool.ip_configurations.empty() && pool.addresses.empty() && !cut_off_.empty()) {
        add_unread(cut_off_, FactKey::missing_resource, cut_off_);
    }
    Members result;
    for (const ConfigIndex config : configs) {
        result.push_back({Member::Kind::configuration, config, {}, {}});
    }
    result.insert(result.end(), std::make_move_iterator(members.begin()),
                  std::make_move_iterator(members.end()));
    return result;
}

/// A backend given by address: whoever holds it in its VNet, or a regional frontend.    [E14] [E15]
void LoadBalancing::add_members_at(const LoadBalancer& balancer, const LbPool& pool,
                                   const LbBackendAddress& address, Members& members) const {
    const auto unread = [&](const ResourceId& id) {
        members.push_back({Member::Kind::unread,
                           kNoIndex,
                           id,
                           {{network_.about(FactKey::missing_resource, id.text()), true}}});
    };
    const Ref& regional = address.frontend ? address.frontend : address.ip_configuration;
    if (regional) {
        if (frontends_.contains(*regional)) {
            members.push_back({Member::Kind::regional, kNoIndex, *regional, {}});
        } else {
            unread(*regional);
        }
        return;
    }
    const ResourceId id = pool.id.child("loadBalancerBackendAddresses", address.name);
    if (balancer.global_tier) {
        for (const auto& [public_id, public_ip] : network_.snapshot().public_ips) {
            if (address.address && public_ip.address == address.address &&
                public_ip.ip_configuration && frontends_.contains(*public_ip.ip_configuration)) {
                members.push_back(
                    {Member::Kind::regional, kNoIndex, *public_ip.ip_configuration, {}});
                return;
            }
        }
        unread(id);
        return;
    }
    VnetIndex vnet = Doubts::locate(network_, address.subnet).vnet;
    if (address.virtual_network) {
        vnet = network_.vnet_index(*address.virtual_network).value_or(kNoIndex);
    }
    if (!address.address || vnet == kNoIndex) {
        unread(address.virtual_network && vnet == kNoIndex ? *address.virtual_network : id);
        return;
    }
    for (const Owner& owner : book_.owners(vnet, *address.address)) {
        switch (owner.kind) {
            case Owner::Kind::configuration:
                members.push_back({Member::Kind::configuration, owner.config, {}, {}});
                break;
            case Owner::Kind::nobody:
            case Owner::Kind::reserved:
                members.push_back({Member::Kind::nobody, kNoIndex, owner.at, {}});
                break;
            case Owner::Kind::unknown:
                members.push_back({Member::Kind::unread, kNoIndex, owner.at, owner.when});
                break;
            case Owner::Kind::frontend:
            case Owner::Kind::firewall:
            case Owner::Kind::unmodelled: {
                Guard when = owner.when;
                if (when.empty()) {
                    when = {{network_.about(FactKey::unmodelled, owner.at.text()), true}};
                }
                members.push_back({Member::Kind::unmodelled, kNoIndex, owner.at, when});
                break;
            }
        }
    }
}

const LoadBalancing::Members& LoadBalancing::pool(const LoadBalancer& balancer,
                                                  const ResourceId& id) {
    const auto found = members_.find(id);
    if (found != members_.end()) {
        return found->second;
    }
    LbPool unread;  // its configurations may still name it
    unread.id = id;
    Members members = members_of(balancer, unread);
    members.push_back({Member::Kind::unread,
                       kNoIndex,
                       id,
                       {{network_.about(FactKey::missing_resource, id.text()), true}}});
    return members_.emplace(id, std::move(members)).first->second;
}

/// By NIC and by address: what outbound rules and implicit SNAT look at.                 [R53]
/// [R55]
void LoadBalancing::index_memberships() {
    for (const auto& [id, entry] : pools_) {
        const auto& [balancer, pool] = entry;
        std::set<ConfigIndex> by_interface;
        for (const ResourceId& configuration : pool->ip_configurations) {
            if (const auto config = network_.configuration_index(configuration)) {
                by_interface.insert(*config);
            }
        }
        for (const LbBackendAddress& address : pool->addresses) {
            if (address.ip_configuration) {
                if (const auto config = network_.configuration_index(*address.ip_configuration)) {
                    by_interface.insert(*config);
                }
            }
        }
        if (const auto found = named_by_.find(id); found != named_by_.end()) {
            by_interface.insert(found->second.begin(), found->second.end());
        }
        for (const ConfigIndex config : by_interface) {
            memberships_[config].push_back({balancer, pool, id, false});
        }
        for (const Member& member : members_.at(id)) {
            if (member.kind == Member::Kind::configuration &&
                !by_interface.contains(member.config)) {
                memberships_[member.config].push_back({balancer, pool, id, true});
            }
        }
    }
    const auto& configurations = network_.configurations();
    for (ConfigIndex i = 0; i < configurations.size(); ++i) {
        for (const ResourceId& id : configurations[i].configuration->lb_pools) {
            if (!pools_.contains(id)) {
                memberships_[i].push_back({nullptr, nullptr, id, false});
            }
        }
    }
    for (const auto& [id, balancer] : network_.snapshot().load_balancers) {
        for (const LbNatRule& rule : balancer.nat_rules) {
            std::set<ConfigIndex> configs;
            if (rule.backend_configuration) {
                if (const auto config = network_.configuration_index(*rule.backend_configuration)) {
                    configs.insert(*config);
                }
            }
            if (const auto found = named_by_.find(rule.id); found != named_by_.end()) {
                configs.insert(found->second.begin(), found->second.end());
            }
            for (const ConfigIndex config : configs) {
                std::vector<const LoadBalancer*>& list = nat_balancers_[config];
                if (list.empty() || list.back() != &balancer) {
                    list.push_back(&balancer);
                }
            }
        }
    }
    for (auto& [config, memberships] : memberships_) {
        std::sort(memberships.begin(), memberships.end(),
                  [](const Membership& a, const Membership& b) { return a.id < b.id; });
    }
}

// --- translations --------------------------------------------------------------------------------

const std::vector<Translation>& LoadBalancing::compile(const Place& place) {
    const LoadBalancer& balancer = *place.balancer;
    const LbFrontend& frontend = *place.frontend;
    const auto found = translations_.find(&frontend);
    if (found != translations_.end()) {
        return found->second;
    }
    compiling_.insert(&frontend);
    const Snapshot& snapshot = network_.snapshot();
    Translation face;
    face.internal = !place.is_public();
    if (frontend.gateway_load_balancer) {  // [E13]
        const std::string& id = frontend.gateway_load_balancer->text();
        face.when = {{network_.about(FactKey::unmodelled, id), true}};
    }

    std::optional<Family> family;
    ResourceId subject = balancer.header.id;
    std::vector<Sku> skus = {balancer.header.contested.contains("sku") ? Sku::unknown
                                                                       : balancer.sku};
    if (frontend.address) {
        family = frontend.address->family;
    }
    if (place.public_ip) {
        const auto ip = snapshot.public_ips.find(*place.public_ip);
        if (ip != snapshot.public_ips.end()) {
            family = ip->second.family;
            skus.push_back(ip->second.sku);
        }
    } else if (frontend.public_prefix) {
        const auto prefix = snapshot.public_ip_prefixes.find(*frontend.public_prefix);
        if (prefix != snapshot.public_ip_prefixes.end()) {
            skus.push_back(prefix->second.sku);
            if (prefix->second.prefix) {
                family = prefix->second.prefix->family();
            }
        }
    }
    std::vector<Openness> alternatives;
    if (face.internal) {  // [N14]: "closed" is in doubt for whatever may be Standard
        alternatives = {{skus.front() != Sku::basic, false, {}}};
    } else {
        alternatives = openness_of(network_, skus, subject);
    }

    std::vector<Translation> ways;
    for (const Openness& openness : alternatives) {
        Translation way = face;
        way.standard_closed = openness.standard_closed;
        way.basic_open = openness.basic_open;
        way.when.insert(way.when.end(), openness.when.begin(), openness.when.end());
        way.choice_group = 0;
        for (const LbRule& rule : balancer.rules) {
            ++way.choice_group;
            if (rule.frontend == frontend.id) {
                add_rule(balancer, rule, way, family, ways);
            }
        }
        for (const LbNatRule& rule : balancer.nat_rules) {
            ++way.choice_group;
            if (rule.frontend == frontend.id) {
                add_nat_rule(balancer, rule, way, family, ways);
            }
        }
    }
    compiling_.erase(&frontend);
    return translations_.emplace(&frontend, std::move(ways)).first->second;
}

void LoadBalancing::add_rule(const LoadBalancer& balancer, const LbRule& rule, Translation way,
                             std::optional<Family> family, std::vector<Translation>& ways) {
    way.kind = Translation::Kind::lb_rule;
    way.by = rule.id;
    way.name = rule.name;
    way.where = rule.where;
    way.floating_ip = rule.floating_ip;

    Members members;
    for (const ResourceId& id : rule.pools) {
        const Members& more = pool(balancer, id);
        members.insert(members.end(), more.begin(), more.end());
    }
    const Literal malformed{network_.about(FactKey::malformed, rule.id.text()), true};
    const bool one_protocol =
        rule.protocol == RuleProtocol::tcp || rule.protocol == RuleProtocol::udp;
    if (one_protocol && is_port(rule.frontend_port) && is_port(rule.backend_port)) {
        way.accepts = services(rule.protocol, port_range(rule.frontend_port, rule.frontend_port));
        way.to_port = static_cast<std::uint16_t>(rule.backend_port);
        add_ways(way, members, family, ways);
        return;
    }
    const bool ha_ports =
        rule.protocol == RuleProtocol::any && rule.frontend_port == 0 && rule.backend_port == 0;
    if (ha_ports) {  // [E5], [R34]; only internal Standard frontends have them
        if (!way.internal || balancer.sku == Sku::basic) {
            way.when.push_back(malformed);
        }
        way.accepts = tcp_and_udp();
        add_ways(way, members, family, ways);
        way.accepts = ServiceSet::every() - tcp_and_udp();
        if (network_.add_literal(way.when, FactKey::ha_ports_carry_icmp, true)) {
            add_ways(way, members, family, ways);
        }
        return;
    }
    way.when.push_back(malformed);
    way.accepts = ServiceSet::every();
    if (one_protocol || rule.protocol == RuleProtocol::any) {
        way.accepts =
            services(rule.protocol, is_port(rule.frontend_port)
                                        ? port_range(rule.frontend_port, rule.frontend_port)
                                        : PortSet::full());
    }
    if (is_port(rule.backend_port)) {
        way.to_port = static_cast<std::uint16_t>(rule.backend_port);
    }
    add_ways(way, members, family, ways);
}

/// The targets of a rule with one target, from either side; several contradict each other.    [E7]
LoadBalancing::Members LoadBalancing::nat_members(const LbNatRule& rule) const {
    Members members;
    std::set<ConfigIndex> configs;
    if (rule.backend_configuration) {
        const ResourceId& id = *rule.backend_configuration;
        if (const auto config = network_.configuration_index(id)) {
            configs.insert(*config);
        } else {
            members.push_back({Member::Kind::unread,
                               kNoIndex,
                               id,
                               {{network_.about(FactKey::missing_resource, id.text()), true}}});
        }
    }
    if (const auto found = named_by_.find(rule.id); found != named_by_.end()) {
        configs.insert(found->second.begin(), found->second.end());
    }
    for (const ConfigIndex config : configs) {
        members.push_back({Member::Kind::configuration, config, {}, {}});
    }
    if (members.size() > 1) {
        const Fact fact = network_.about(FactKey::contested_copy, rule.id.text());
        for (std::size_t i = 0; i < members.size(); ++i) {
            network_.add_literal(members[i].when, fact, i == 0);
        }
    }
    return members;
}

void LoadBalancing::add_nat_rule(const LoadBalancer& balancer, const LbNatRule& rule,
                                 Translation way, std::optional<Family> family,
                                 std::vector<Translation>& ways) {
    way.kind = Translation::Kind::nat_rule;
    way.by = rule.id;
    way.name = rule.name;
    way.where = rule.where;
    way.floating_ip = rule.floating_ip;

    const bool pooled = rule.is_pool || rule.pool.has_value();
    Members members;
    if (rule.is_pool) {
        if (const auto found = named_by_.find(rule.id); found != named_by_.end()) {
            for (const ConfigIndex config : found->second) {
                members.push_back({Member::Kind::configuration, config, {}, {}});
            }
        }
        if (const auto found = named_by_template_.find(rule.id);
            found != named_by_template_.end()) {
            members.push_back(
                {Member::Kind::unread,
                 kNoIndex,
                 found->second.scale_set,
                 {{network_.about(FactKey::unknown_instance, found->second.subnet.text()), true}}});
        }
    } else if (rule.pool) {
        members = pool(balancer, *rule.pool);
    } else {
        members = nat_members(rule);
    }
    add_open_members(rule.id, members);

    int first = rule.frontend_port;
    int last = rule.frontend_port;
    if (pooled && rule.frontend_port_start != 0) {
        first = rule.frontend_port_start;
        last = rule.frontend_port_end;
    }
    const bool readable = is_port(first) && is_port(last) && first <= last &&
                          is_port(rule.backend_port) && !services(rule.protocol, {{0, 0}}).empty();
    if (is_port(rule.backend_port)) {
        way.to_port = static_cast<std::uint16_t>(rule.backend_port);
    }
    if (!readable) {
        way.when.push_back({network_.about(FactKey::malformed, rule.id.text()), true});
        way.accepts = services(rule.protocol, PortSet::full());
        if (way.accepts.empty()) {
            way.accepts = ServiceSet::every();
        }
        add_ways(way, members, family, ways);
        return;
    }
    way.accepts = services(rule.protocol, port_range(first, last));
    if (pooled) {
        // A port belongs to one member; which one, only the rules that Azure made from the pool
        // say. Ports beyond the number of members lead nowhere.
        for (const LbNatRule& single : balancer.nat_rules) {
            if (!single.is_pool && !single.pool && single.frontend == rule.frontend &&
                is_port(single.frontend_port)) {
                way.accepts -= services(single.protocol,
                                        port_range(single.frontend_port, single.frontend_port));
            }
        }
        if (static_cast<std::size_t>(last - first) + 1 > members.size() && !members.empty()) {
            members.push_back({Member::Kind::nobody, kNoIndex, {}, {}});
        }
    }
    if (!way.accepts.empty()) {
        add_ways(way, members, family, ways);
    }
}

void LoadBalancing::add_ways(const Translation& way, const Members& members,
                             std::optional<Family> family, std::vector<Translation>& ways) {
    const std::size_t before = ways.size();
    for (const Member& member : members) {
        const auto when = both(network_, way.when, member.when);
        if (!when) {
            continue;
        }
        Translation next = way;
        next.when = *when;
        next.target = member.target;
        switch (member.kind) {
            case Member::Kind::configuration:
                if (family &&
                    network_.configurations()[member.config].configuration->family != *family) {
                    continue;  // [E42] [E43]: none between families
                }
                next.config = member.config;
                next.target = {};
                break;
            case Member::Kind::nobody:
                break;
            case Member::Kind::unread:
                next.kind = Translation::Kind::unread;
                break;
            case Member::Kind::unmodelled:
                next.kind = Translation::Kind::unmodelled;
                break;
            case Member::Kind::regional:
                add_regional(next, member.target, ways);
                continue;
        }
        ways.push_back(std::move(next));
    }
    if (ways.size() == before) {
        ways.push_back(way);  // nobody to go to: the rule takes the packet and drops it
    }
}

/// A global balancer hands the packet to a regional frontend, whose rules go on with the port that
/// the global rule gave it.                                                                  [E15]
void LoadBalancing::add_regional(const Translation& way, const ResourceId& frontend,
                                 std::vector<Translation>& ways) {
    const Place& place = frontends_.at(frontend);
    if (compiling_.contains(place.frontend)) {  // balancers that forward to each other: malformed
        Translation next = way;
        next.kind = Translation::Kind::unmodelled;
        next.when.push_back({network_.about(FactKey::unmodelled, frontend.text()), true});
        ways.push_back(std::move(next));
        return;
    }
    for (const Translation& inner : compile(place)) {
        ServiceSet accepts = way.accepts & inner.accepts;
        if (way.to_port) {
            for (const Protocol protocol : {kTcp, kUdp}) {
                const ServiceSet part = way.accepts & ServiceSet::protocol(protocol);
                accepts -= ServiceSet::protocol(protocol);
                if (inner.accepts.pairs(protocol).all_b().contains(*way.to_port)) {
                    accepts |= part;
                }
            }
        }
        const auto when = both(network_, way.when, inner.when);
        if (accepts.empty() || !when) {
            continue;
        }
        Translation next = inner;
        next.accepts = std::move(accepts);
        next.to_port = inner.to_port ? inner.to_port : way.to_port;
        next.standard_closed = way.standard_closed || inner.standard_closed;
        next.basic_open = !next.standard_closed && (way.basic_open || inner.basic_open);
        next.internal = way.internal;
        next.floating_ip = way.floating_ip || inner.floating_ip;
        next.by = way.by;
        next.name = way.name;
        next.where = way.where;
        next.when = *when;
        next.choice_group = way.choice_group;
        ways.push_back(std::move(next));
    }
}

}  // namespace azreach
