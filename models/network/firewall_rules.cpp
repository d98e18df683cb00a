#include "models/network/firewall_rules.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "models/network/network.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMostPairs = 256;  // NAT rules of one collection that are compared in pairs

AddressSet of_v4(const AddressSet& set) {
    AddressSet result;
    result.v4 = set.v4;
    return result;
}

/// Policies of templates may lack what the firewall would say; the stricter mode is in force.
FirewallMode stricter(FirewallMode a, FirewallMode b) { return std::max(a, b); }

bool is_type(const ResourceId& id, std::string_view type) {
    return equal_ignoring_case(id.type(), type);
}

/// Whether two NAT rules may take the same packet and do different things with it.        [FW-4]
bool clash(const FirewallRule& a, const FirewallRule& b) {
    if (a.translated_address && a.translated_address == b.translated_address &&
        a.translated_port == b.translated_port) {
        return false;
    }
    const auto apart = [](const FirewallSide& x, const FirewallSide& y) {
        const auto plain = [](const FirewallSide& side) {
            return !side.any && side.tags.empty() && side.ip_groups.empty() && side.names.empty() &&
                   !side.by_label && side.unreadable.empty() && !side.prefixes.empty();
        };
        return plain(x) && plain(y) && !x.prefixes.intersects(y.prefixes);
    };
    return !apart(a.source, b.source) && !apart(a.destination, b.destination) &&
           (!a.ports_given || !b.ports_given || a.ports_unreadable || b.ports_unreadable ||
            a.destination_ports.intersects(b.destination_ports));
}

}  // namespace

FirewallCompiler::FirewallCompiler(const Network& network) : network_(network) {
    public_destinations_ = of_v4(Edges::internet_space());
    for (const VirtualNetwork* vnet : network.vnets()) {
        for (const Prefix& prefix : vnet->address_space) {
            public_destinations_ -= of_v4(prefix.addresses());
        }
    }
    for (const auto& [id, site] : network.snapshot().local_gateways) {
        for (const Prefix& prefix : site.address_space) {
            public_destinations_ -= of_v4(prefix.addresses());
        }
    }
    public_destinations_ -= of_v4(network.assumptions().onprem());
    for (const auto& [id, other] : network.snapshot().others) {
        if (is_type(id, "Microsoft.Network/firewallPolicies/ruleCollectionGroups") ||
            is_type(id, "Microsoft.Network/firewallPolicies/ruleGroups")) {
            unread_groups_.emplace(id.parent(), id);
        }
    }
}

// --- pools ---------------------------------------------------------------------------------------

const Guarded<AddressSet>* FirewallCompiler::guarded(Guard when, AddressSet set) {
    sets_.push_back({std::move(when), std::move(set)});
    return &sets_.back();
}

const Guarded<AddressSet>* FirewallCompiler::literal(AddressSet set) {
    const auto known = literals_.find(set);
    if (known != literals_.end()) {
        return known->second;
    }
    const Guarded<AddressSet>* part = guarded({}, set);
    literals_.emplace(std::move(set), part);
    return part;
}

const AddressParts& FirewallCompiler::group(const ResourceId& id) {
    const auto [it, added] = groups_.try_emplace(id);
    if (!added) {
        return it->second;
    }
    const auto found = network_.snapshot().ip_groups.find(id);
    if (found == network_.snapshot().ip_groups.end()) {
        it->second = {guarded({{network_.about(FactKey::missing_resource, id.text()), true}},
                              AddressSet::all())};
        return it->second;
    }
    const IpGroup& group = found->second;
    if (!group.header.contested.empty()) {
        it->second = {guarded({{network_.about(FactKey::contested_copy, id.text()), true}},
                              AddressSet::all())};
        return it->second;
    }
    if (!group.addresses.empty()) {
        it->second.push_back(guarded({}, group.addresses));
    }
    if (!group.unreadable.empty()) {
        it->second.push_back(
            guarded({{network_.about(FactKey::malformed, id.text()), true}}, AddressSet::all()));
    }
    return it->second;
}

const Guarded<AddressSet>* FirewallCompiler::tag(const std::string& name) {
    const auto [it, added] = tags_.try_emplace(name, nullptr);
    if (added) {
        const auto& list = network_.snapshot().service_tags;
        const AddressSet* set = nullptr;
        if (list) {
            const auto found = list->tags.find(name);
            set = found == list->tags.end() ? nullptr : &found->second;
        }
        it->second = set != nullptr ? guarded({}, *set)
                                    : guarded({{network_.about(FactKey::unknown_tag, name), true}},
                                              AddressSet::all());
    }
    return it->second;
}

const Guarded<AddressSet>* FirewallCompiler::name(const std::string& name) {
    const auto [it, added] = names_.try_emplace(name, nullptr);
    if (added) {
        const AddressSet* stated = network_.assumptions().addresses_of_name(name);
        it->second = stated != nullptr
                         ? guarded({}, *stated)
                         : guarded({{network_.about(FactKey::unresolved_name, name), true}},
                                   AddressSet::all());
    }
    return it->second;
}

Guard FirewallCompiler::malformed(const FirewallRule& rule) const {
    return {{network_.about(FactKey::malformed, rule.id.text()), true}};
}

AddressParts FirewallCompiler::side(const FirewallSide& side, const FirewallRule& rule) {
    if (side.any) {
        return {literal(AddressSet::all())};
    }
    AddressParts parts;
    if (!side.prefixes.empty()) {
        parts.push_back(literal(side.prefixes));
    }
    for (const ResourceId& id : side.ip_groups) {
        const AddressParts& members = group(id);
        parts.insert(parts.end(), members.begin(), members.end());
    }
    for (const std::string& each : side.tags) {
        parts.push_back(tag(each));
    }
    for (const std::string& each : side.names) {  // FW-17: everybody at those addresses
        parts.push_back(name(each));
    }
    // FW-16, FW-18: what is not said, or is decided when the rule is applied, may be anybody.
    if (side.empty() || side.by_label || !side.unreadable.empty()) {
        parts.push_back(guarded(malformed(rule), AddressSet::all()));
    }
    return parts;
}

// --- services ------------------------------------------------------------------------------------

const GuardedServices* FirewallCompiler::services(GuardedServices parts) {
    services_.push_back(std::move(parts));
    return &services_.back();
}

/// FW-15: `Any` with every port is every IP protocol, with some ports TCP and UDP; ICMP has none.
const GuardedServices* FirewallCompiler::services(const FirewallRule& rule) {
    const bool doubtful =
        rule.protocols.empty() || rule.ports_unreadable ||
        std::find(rule.protocols.begin(), rule.protocols.end(), RuleProtocol::other) !=
            rule.protocols.end() ||
        (!rule.ports_given && rule.protocols != std::vector<RuleProtocol>{RuleProtocol::icmp});
    const auto build = [&] {
        GuardedServices parts;
        ServiceSet sure;
        const PortSet& ports = rule.destination_ports;
        for (const RuleProtocol protocol : rule.protocols) {
            switch (protocol) {
                case RuleProtocol::tcp:
                    sure |= ServiceSet::ports(kTcp, PortSet::full(), ports);
                    break;
                case RuleProtocol::udp:
                    sure |= ServiceSet::ports(kUdp, PortSet::full(), ports);
                    break;
                case RuleProtocol::icmp:
                    sure |= ServiceSet::protocol(kIcmp);
                    break;
                case RuleProtocol::icmpv6:
                    sure |= ServiceSet::protocol(kIcmpv6);
                    break;
                case RuleProtocol::esp:
                    sure |= ServiceSet::protocol(kEsp);
                    break;
                case RuleProtocol::ah:
                    sure |= ServiceSet::protocol(kAh);
                    break;
                case RuleProtocol::any:
                    sure |= ports.is_full() ? ServiceSet::every()
                                            : ServiceSet::ports(kTcp, PortSet::full(), ports) |
                                                  ServiceSet::ports(kUdp, PortSet::full(), ports);
                    break;
                case RuleProtocol::other:
                    break;
            }
        }
        if (doubtful) {  // no field of it is sure
            parts.push_back({malformed(rule), ServiceSet::every()});
        } else if (!sure.empty()) {
            parts.push_back({{}, std::move(sure)});
        }
        return parts;
    };
    if (doubtful) {
        return services(build());
    }
    const GuardedServices*& known = known_services_[{rule.protocols, rule.destination_ports}];
    if (known == nullptr) {
        known = services(build());
    }
    return known;
}

// --- order ---------------------------------------------------------------------------------------

/// The policies of a firewall, the root first.                                             [FW-2]
std::vector<const FirewallPolicy*> FirewallCompiler::chain_of(const AzureFirewall& firewall,
                                                              Guard& unread) const {
    std::vector<const FirewallPolicy*> chain;
    const auto doubt = [&](FactKey key, const ResourceId& id) {
        network_.add_literal(unread, network_.about(key, id.text()), true);
    };
    const auto& policies = network_.snapshot().firewall_policies;
    Ref next = firewall.policy;
    while (next) {
        const auto found = policies.find(*next);
        if (found == policies.end()) {  // J4
            doubt(FactKey::missing_resource, *next);
            break;
        }
        const FirewallPolicy& policy = found->second;
        if (std::find(chain.begin(), chain.end(), &policy) != chain.end()) {
            doubt(FactKey::malformed, policy.header.id);  // its own ancestor
            break;
        }
        chain.push_back(&policy);
        if (!policy.header.contested.empty()) {
            doubt(FactKey::contested_copy, policy.header.id);
        }
        std::set<ResourceId> known;
        for (const RuleCollectionGroup& group : policy.groups) {
            known.insert(group.header.id);
        }
        for (const ResourceId& id : policy.listed_groups) {
            if (!known.contains(id)) {
                doubt(FactKey::missing_resource, id);
            }
        }
        const auto group = unread_groups_.find(policy.header.id);
        if (group != unread_groups_.end() && !known.contains(group->second)) {
            doubt(FactKey::missing_resource, group->second);
        }
        next = policy.base;
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
}

/// By priority. Collections of equal priority stand in every order: any of them may come first.
/// The order of passes is kept by who reads the result.                            [FW-3] [FW-5]
void FirewallCompiler::add_in_order(std::vector<const FirewallRuleCollection*> collections,
                                    const Guard& when, bool inherited,
                                    std::vector<Ordered>& result) const {
    std::stable_sort(collections.begin(), collections.end(),
                     [](const auto* a, const auto* b) { return a->priority < b->priority; });
    for (std::size_t i = 0; i < collections.size();) {
        std::size_t j = i;
        unsigned actions[3] = {0, 0, 0};  // by pass: those seen so far
        while (j < collections.size() && collections[j]->priority == collections[i]->priority) {
            const FirewallRuleCollection& collection = *collections[j];
            unsigned& seen = actions[static_cast<std::size_t>(collection.pass)];
            const unsigned own = 1U << static_cast<unsigned>(collection.action);
            const bool nat = collection.pass == FirewallPass::nat;
            if (nat ? seen != 0 : (seen & ~own) != 0) {
                Guard first = when;
                network_.add_literal(first, network_.about(FactKey::tie, collection.id.text()),
                                     true);
                result.push_back({std::move(first), &collection, inherited});
            }
            seen |= own;
            ++j;
        }
        for (std::size_t k = i; k < j; ++k) {
            result.push_back({when, collections[k], inherited});
        }
        i = j;
    }
}

std::vector<FirewallCompiler::Ordered> FirewallCompiler::in_order(
    const std::vector<const FirewallPolicy*>& chain) const {
    std::vector<Ordered> result;
    for (const FirewallPolicy* policy : chain) {
        std::vector<const RuleCollectionGroup*> groups;
        for (const RuleCollectionGroup& group : policy->groups) {
            groups.push_back(&group);
        }
        std::stable_sort(groups.begin(), groups.end(),
                         [](const auto* a, const auto* b) { return a->priority < b->priority; });
        const auto add = [&](const RuleCollectionGroup& group, const Guard& when) {
            std::vector<const FirewallRuleCollection*> collections;
            for (const FirewallRuleCollection& collection : group.collections) {
                collections.push_back(&collection);
            }
            add_in_order(std::move(collections), when, policy != chain.back(), result);
        };
        for (std::size_t i = 0; i < groups.size();) {
            std::size_t j = i + 1;
            while (j < groups.size() && groups[j]->priority == groups[i]->priority) {
                add(*groups[j],
                    {{network_.about(FactKey::tie, groups[j]->header.id.text()), true}});
                ++j;
            }
            for (std::size_t k = i; k < j; ++k) {
                add(*groups[k], {});
            }
            i = j;
        }
    }
    return result;
}

std::vector<FirewallCompiler::Ordered> FirewallCompiler::in_order(
    const std::vector<FirewallRuleCollection>& classic) const {
    std::vector<Ordered> result;
    for (const FirewallPass pass :
         {FirewallPass::nat, FirewallPass::network, FirewallPass::application}) {
        std::vector<const FirewallRuleCollection*> collections;
        for (const FirewallRuleCollection& collection : classic) {
            if (collection.pass == pass) {
                collections.push_back(&collection);
            }
        }
        add_in_order(std::move(collections), {}, false, result);  // FW-6
    }
    return result;
}

// --- rules ---------------------------------------------------------------------------------------

FirewallMatch FirewallCompiler::match_of(const Ordered& ordered, const FirewallRule& rule) {
    FirewallMatch match;
    match.when = ordered.when;
    match.source = side(rule.source, rule);
    match.destination = side(rule.destination, rule);
    match.access =
        ordered.collection->action == FirewallAction::deny ? Access::deny : Access::allow;
    match.rule = &rule;
    match.collection = ordered.collection;
    return match;
}

/// NAT rules also stand in every order where two of a collection take the same packet [FW-4]; each
/// may be followed by what it allows in transit [FW-9]. Ports above 64000 are said not to work
/// [FW-23], and count all the same.
void FirewallCompiler::add_nat(const Ordered& ordered, FirewallRules& rules) {
    const std::vector<FirewallRule>& list = ordered.collection->rules;
    const auto add = [&](const FirewallRule& rule, Guard extra) {
        NatMatch entry;
        entry.match = match_of(ordered, rule);
        for (const Literal& literal : extra) {
            entry.match.when.push_back(literal);
        }
        if (ordered.inherited &&
            !network_.add_literal(entry.match.when, FactKey::parent_nat_inherited, true)) {
            return;  // FW-2a
        }
        entry.match.service = services(rule);
        entry.match.access = Access::allow;
        entry.to = rule.translated_address;
        entry.to_port = rule.translated_port;
        if (!entry.to && !rule.translated_name.empty()) {
            const AddressSet* stated =
                network_.assumptions().addresses_of_name(rule.translated_name);
            if (stated != nullptr && stated->count() == 1) {
                entry.to = stated->smallest();
            } else {
                entry.unknown_target =
                    network_.about(FactKey::unresolved_name, rule.translated_name);
            }
        }
        const bool complete = ordered.collection->action == FirewallAction::dnat &&
                              (entry.to || entry.unknown_target) && rule.translated_port;
        if (!complete) {
            entry.unknown_target = network_.about(FactKey::malformed, rule.id.text());
        }
        rules.nat.push_back(entry);
        if (!entry.to) {
            return;
        }
        NatMatch transit = entry;
        if (!network_.add_literal(transit.match.when, FactKey::dnat_transit_allow, true)) {
            return;
        }
        transit.transit = true;
        transit.unknown_target.reset();
        transit.match.destination = {literal(AddressSet::single(*entry.to))};
        if (entry.to_port) {
            GuardedServices translated;
            for (const Guarded<ServiceSet>& part : *entry.match.service) {
                ServiceSet set = part.set.with_destination_ports(PortSet::single(*entry.to_port));
                if (!set.empty()) {
                    translated.push_back({part.when, std::move(set)});
                }
            }
            transit.match.service = services(std::move(translated));
        }
        transits_.push_back(std::move(transit));
    };
    std::vector<bool> tied(list.size(), list.size() > kMostPairs);
    for (std::size_t i = 1; i < list.size() && list.size() <= kMostPairs; ++i) {
        for (std::size_t j = 0; j < i && !tied[i]; ++j) {
            tied[i] = clash(list[j], list[i]);
        }
    }
    for (std::size_t i = 1; i < list.size(); ++i) {
        if (tied[i]) {
            add(list[i], {{network_.about(FactKey::tie, list[i].id.text()), true}});
        }
    }
    for (const FirewallRule& rule : list) {
        add(rule, {});
    }
}

void FirewallCompiler::add_network(const Ordered& ordered, FirewallRules& rules) {
    for (const FirewallRule& rule : ordered.collection->rules) {
        FirewallMatch match = match_of(ordered, rule);
        match.service = services(rule);
        const bool known = ordered.collection->action == FirewallAction::allow ||
                           ordered.collection->action == FirewallAction::deny;
        if (!known) {  // it may allow and it may deny
            FirewallMatch perhaps = match;
            perhaps.when.push_back(malformed(rule).front());
            rules.network.push_back(std::move(perhaps));
            match.access = Access::deny;
        }
        rules.network.push_back(std::move(match));
    }
}

/// Where a packet that an application rule takes may go. The documented reading delivers it outside
/// every known private space only; stated names open what they resolve to. Else a name is the
/// client's word, and the packet goes wherever it was sent.                        [FW-27] [FW-28]
AddressParts FirewallCompiler::application_destination(const FirewallRule& rule) {
    AddressSet stated;
    for (const auto& [name, addresses] : network_.assumptions().names()) {
        const bool named = std::any_of(
            rule.target_names.begin(), rule.target_names.end(),
            [&, n = name](const std::string& t) { return name_matches(t, n); });  // FW-31
        if (named) {
            stated |= of_v4(addresses);
        }
    }
    AddressParts limits = rule.destination.empty() ? AddressParts{} : side(rule.destination, rule);
    if (limits.empty()) {
        limits = {literal(AddressSet::all(Family::v4))};
    }
    AddressParts parts;
    for (const Guarded<AddressSet>* limit : limits) {
        AddressSet sure = limit->set & (public_destinations_ | stated);
        if (!sure.empty()) {
            parts.push_back(limit->when.empty() ? literal(std::move(sure))
                                                : guarded(limit->when, std::move(sure)));
        }
        Guard any = limit->when;
        if (network_.add_literal(any, FactKey::app_rule_https_any_destination, true)) {
            AddressSet all = of_v4(limit->set);
            parts.push_back(any.empty() ? literal(std::move(all))
                                        : guarded(std::move(any), std::move(all)));
        }
    }
    return parts;
}

/// An Allow for names matches, and a Deny for names does not, where app-rule-name-matches holds. A
/// Deny for every name needs no name.                                              [FW-26] [FW-29]
void FirewallCompiler::add_application(const Ordered& ordered, bool sql_redirect,
                                       FirewallRules& rules) {
    using Kind = ApplicationProtocol::Kind;
    for (const FirewallRule& rule : ordered.collection->rules) {
        const bool deny = ordered.collection->action == FirewallAction::deny;
        const bool every_name = std::find(rule.target_names.begin(), rule.target_names.end(),
                                          "*") != rule.target_names.end();
        FirewallMatch match;
        match.when = ordered.when;
        match.source = side(rule.source, rule);
        match.access = deny ? Access::deny : Access::allow;
        match.rule = &rule;
        match.collection = ordered.collection;
        if (deny) {
            match.destination = rule.destination.empty()
                                    ? AddressParts{literal(AddressSet::all(Family::v4))}
                                    : side(rule.destination, rule);
        } else {
            match.destination = application_destination(rule);
        }
        if (!(deny && every_name) &&
            !network_.add_literal(match.when, FactKey::app_rule_name_matches, !deny)) {
            continue;
        }
        if (ordered.collection->action == FirewallAction::other) {
            match.when.push_back(malformed(rule).front());
        }
        // FW-25, and one list for each protocol that a packet may turn out to be.
        std::array<ServiceSet, 3> ports;
        bool doubtful = rule.applications.empty();
        for (const ApplicationProtocol& application : rule.applications) {
            if (application.kind == Kind::other) {
                doubtful = true;
                continue;
            }
            const auto index = static_cast<std::size_t>(application.kind);
            PortSet set = PortSet::single(application.port);
            if (application.kind == Kind::mssql && sql_redirect) {
                set |= PortSet::range(11000, 11999);
            }
            ports[index] |= ServiceSet::ports(kTcp, PortSet::full(), set);
        }
        for (std::size_t i = 0; i < ports.size(); ++i) {
            GuardedServices parts;
            if (!ports[i].empty()) {
                parts.push_back({{}, ports[i]});
            }
            if (doubtful) {
                parts.push_back({malformed(rule), ServiceSet::protocol(kTcp)});
            }
            if (!parts.empty()) {
                match.service = services(std::move(parts));
                rules.application[i].push_back(match);
            }
        }
    }
}

/// FW-11: platform names, after all application rules. Azure's addresses are part of the internet
/// space, and which they are is not looked at.
void FirewallCompiler::add_infrastructure(FirewallRules& rules) {
    FirewallMatch match;
    if (!network_.add_literal(match.when, FactKey::infrastructure_names_match, true)) {
        return;
    }
    match.source = {literal(AddressSet::all(Family::v4))};
    match.destination = {literal(of_v4(Edges::internet_space()))};
    match.access = Access::allow;
    const std::uint16_t ports[] = {80, 443};
    for (std::size_t i = 0; i < 2; ++i) {
        match.service =
            services({{{}, ServiceSet::ports(kTcp, PortSet::full(), PortSet::single(ports[i]))}});
        rules.application[i].push_back(match);
    }
}

void FirewallCompiler::add_rules(const std::vector<Ordered>& collections, bool sql_redirect,
                                 FirewallRules& rules) {
    for (const Ordered& ordered : collections) {
        switch (ordered.collection->pass) {
            case FirewallPass::nat:
                add_nat(ordered, rules);
                break;
            case FirewallPass::network:
                add_network(ordered, rules);
                break;
            case FirewallPass::application:
                add_application(ordered, sql_redirect, rules);
                break;
        }
    }
    // What they allow in transit comes after all that they translate.                     [FW-9]
    std::move(transits_.begin(), transits_.end(), std::back_inserter(rules.nat));
    transits_.clear();
    add_infrastructure(rules);
}

// --- settings ------------------------------------------------------------------------------------

namespace {

const AddressSet& local_v6() {
    static const AddressSet kLocal = parse_prefix("fc00::/7")->prefix.addresses();
    return kLocal;
}

ServiceSet dns_service() {
    return ServiceSet::ports(kTcp, PortSet::full(), PortSet::single(53)) |
           ServiceSet::ports(kUdp, PortSet::full(), PortSet::single(53));
}

}  // namespace

void FirewallCompiler::policy_settings(const AzureFirewall& firewall,
                                       const std::vector<const FirewallPolicy*>& chain,
                                       FirewallRules& rules) {
    // FW-32, FW-37: the nearest policy that names private ranges; a parent that names others.
    std::vector<const AddressSet*> named;
    bool learns = false;
    FirewallMode intel = FirewallMode::off;
    FirewallMode idps = FirewallMode::off;
    bool premium = firewall.tier.empty();
    for (auto policy = chain.rbegin(); policy != chain.rend(); ++policy) {
        if ((*policy)->private_ranges) {
            named.push_back(&*(*policy)->private_ranges);
        }
        learns = learns || (*policy)->learns_ranges;
        intel = stricter(intel, (*policy)->threat_intel);
        idps = stricter(idps, (*policy)->intrusion_detection);
        rules.never_blocked |= (*policy)->threat_intel_allowlist;
        if ((*policy)->dns_proxy) {
            rules.listens |= dns_service();
        }
        rules.listens |= ServiceSet::ports(kTcp, PortSet::full(), (*policy)->proxy_ports) |
                         ServiceSet::ports(kTcp, PortSet::full(), (*policy)->proxy_file_ports);
        premium = premium || equal_ignoring_case((*policy)->tier, "Premium");
    }
    premium = premium || equal_ignoring_case(firewall.tier, "Premium");
    const AddressSet own = named.empty() ? default_private_ranges() : *named.front();
    const AddressSet parents = named.size() > 1 ? *named[1] : own;
    rules.keeps_source.push_back({{}, (own & parents) | local_v6()});
    const auto differing = [&](const AddressSet& set, bool value) {
        Guard when;
        if (!set.empty() &&
            network_.add_literal(when, FactKey::child_ranges_replace_parents, value)) {
            rules.keeps_source.push_back({std::move(when), set});
        }
    };
    differing(own - parents, true);
    differing(parents - own, false);
    if (learns) {  // FW-36
        rules.keeps_source.push_back(
            {{{network_.about(FactKey::learned_range, firewall.header.id.text()), true}},
             AddressSet::all(Family::v4)});
    }
    rules.threat_intel_denies = intel == FirewallMode::deny;
    rules.idps_denies = premium && idps == FirewallMode::deny;
}

void FirewallCompiler::classic_settings(const AzureFirewall& firewall, FirewallRules& rules) {
    rules.keeps_source.push_back(
        {{}, firewall.private_ranges.value_or(default_private_ranges()) | local_v6()});
    rules.threat_intel_denies = firewall.threat_intel == FirewallMode::deny;
    if (firewall.dns_proxy) {
        rules.listens = dns_service();
    }
}

CompiledFirewall FirewallCompiler::compile(const AzureFirewall& firewall) {
    CompiledFirewall result;
    if (!firewall.header.contested.empty()) {
        network_.add_literal(result.unread,
                             network_.about(FactKey::contested_copy, firewall.header.id.text()),
                             true);
    }
    FirewallRules classic;
    const bool some_classic = !firewall.collections.empty();
    if (some_classic || !firewall.policy) {
        add_rules(in_order(firewall.collections), false, classic);
        classic_settings(firewall, classic);
        classic.empty = !some_classic;
    }
    if (!firewall.policy) {
        result.alternatives.push_back(std::move(classic));
        return result;
    }
    const std::vector<const FirewallPolicy*> chain = chain_of(firewall, result.unread);
    FirewallRules rules;
    const bool redirect = std::any_of(chain.begin(), chain.end(),
                                      [](const FirewallPolicy* p) { return p->sql_redirect; });
    add_rules(in_order(chain), redirect, rules);
    policy_settings(firewall, chain, rules);
    if (!some_classic) {
        result.alternatives.push_back(std::move(rules));
        return result;
    }
    // FW-1: both are there; which of them is in force is contested.
    if (network_.add_literal(rules.when, FactKey::policy_replaces_classic_rules, true)) {
        result.alternatives.push_back(std::move(rules));
    }
    if (network_.add_literal(classic.when, FactKey::policy_replaces_classic_rules, false)) {
        result.alternatives.push_back(std::move(classic));
    }
    return result;
}

}  // namespace azreach
