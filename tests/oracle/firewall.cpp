#include "tests/oracle/firewall.hpp"

#include <algorithm>
#include <set>

namespace azreach::oracle {

namespace {

using Collections = std::vector<const FirewallRuleCollection*>;

bool in(const AddressSet& set, const Address& address) { return set.contains(address); }

/// One side of a rule.                                                        [FW-16] [FW-17]
bool side(const World& w, const FirewallSide& s, const FirewallRule& rule, const Address& address) {
    if (s.any || in(s.prefixes, address)) return true;
    const std::string at = " " + to_string(address);
    for (const std::string& tag : s.tags) {
        const AddressSet* set = nullptr;
        if (w.s.service_tags) {
            for (const auto& [name, addresses] : w.s.service_tags->tags) {
                if (equal_ignoring_case(name, tag)) set = &addresses;
            }
        }
        if (set != nullptr ? in(*set, address) : w.unknown("tag " + tag + at)) return true;
    }
    for (const ResourceId& id : s.ip_groups) {
        const auto group = w.s.ip_groups.find(id);
        const bool known = group != w.s.ip_groups.end();
        if (known ? in(group->second.addresses, address)
                  : w.unknown("IP group " + id.text() + at)) {
            return true;
        }
    }
    for (const std::string& name : s.names) {
        const AddressSet* set = w.a.addresses_of_name(name);
        if (set != nullptr ? in(*set, address) : w.unknown("name " + name + at)) return true;
    }
    if (s.empty() || s.by_label || !s.unreadable.empty()) {
        return w.unknown("unreadable " + rule.id.text() + at);
    }
    return false;
}

/// FW-15.
bool service(const World& w, const FirewallRule& rule, const Service& s) {
    if (rule.protocols.empty() || rule.ports_unreadable) {
        return w.unknown("service of " + rule.id.text());
    }
    const bool port = !has_ports(s.protocol) || rule.destination_ports.contains(s.b);
    for (const RuleProtocol protocol : rule.protocols) {
        switch (protocol) {
            case RuleProtocol::tcp:
                if (s.protocol == kTcp && port) return true;
                break;
            case RuleProtocol::udp:
                if (s.protocol == kUdp && port) return true;
                break;
            case RuleProtocol::icmp:
                if (s.protocol == kIcmp) return true;
                break;
            case RuleProtocol::any:
                if (has_ports(s.protocol) ? port : rule.destination_ports.is_full()) return true;
                break;
            default:
                break;
        }
    }
    return false;
}

/// Sorts by priority; equals stand in any order.                                       [FW-5]
template <class Item, class PriorityOf, class NameOf>
std::vector<Item> sorted(const World& w, std::vector<Item> items, const PriorityOf& priority,
                         const NameOf& name) {
    std::vector<Item> result;
    while (!items.empty()) {
        int least = 1 << 30;
        for (const Item& item : items) least = std::min(least, priority(item));
        std::vector<std::size_t> equal;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (priority(items[i]) == least) equal.push_back(i);
        }
        std::size_t pick = equal.front();
        for (std::size_t i = 1; i < equal.size(); ++i) {
            if (w.unknown("before its equals " + name(items[equal[i]]))) {
                pick = equal[i];
                break;
            }
        }
        result.push_back(items[pick]);
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    return result;
}

Collections in_order(const World& w, const std::vector<FirewallRuleCollection>& list,
                     FirewallPass pass) {
    Collections collections;
    for (const FirewallRuleCollection& collection : list) {
        if (collection.pass == pass) collections.push_back(&collection);
    }
    return sorted(
        w, std::move(collections), [](const auto* c) { return c->priority; },
        [](const auto* c) { return c->id.text(); });
}

struct Rulebook {
    std::string unread;
    std::vector<const FirewallPolicy*> chain;  // root first; empty: classic
    const AzureFirewall* classic = nullptr;
};

Rulebook rulebook(const World& w, const AzureFirewall& firewall) {
    Rulebook book;
    if (!firewall.policy) {
        book.classic = &firewall;
        return book;
    }
    Ref next = firewall.policy;
    while (next) {
        const auto policy = w.s.firewall_policies.find(*next);
        if (policy == w.s.firewall_policies.end()) {
            book.unread = next->text();
            return book;
        }
        for (const ResourceId& listed : policy->second.listed_groups) {
            bool read = false;
            for (const RuleCollectionGroup& group : policy->second.groups) {
                read = read || group.header.id == listed;
            }
            if (!read) book.unread = listed.text();
        }
        book.chain.insert(book.chain.begin(), &policy->second);
        next = policy->second.base;
    }
    // FW-1: classic collections beside a policy.
    if (!firewall.collections.empty() && !w.contested(FactKey::policy_replaces_classic_rules)) {
        book.chain.clear();
        book.classic = &firewall;
    }
    return book;
}

/// The collections of one pass, in order, with whether they are inherited.  [FW-2] [FW-3] [FW-6]
std::vector<std::pair<const FirewallRuleCollection*, bool>> pass(const World& w,
                                                                 const Rulebook& book,
                                                                 FirewallPass which) {
    std::vector<std::pair<const FirewallRuleCollection*, bool>> result;
    if (book.classic != nullptr) {
        for (const auto* c : in_order(w, book.classic->collections, which)) {
            result.emplace_back(c, false);
        }
        return result;
    }
    for (const FirewallPolicy* policy : book.chain) {
        std::vector<const RuleCollectionGroup*> groups;
        for (const RuleCollectionGroup& group : policy->groups) groups.push_back(&group);
        for (const auto* group : sorted(
                 w, std::move(groups), [](const auto* g) { return g->priority; },
                 [](const auto* g) { return g->header.id.text(); })) {
            for (const auto* c : in_order(w, group->collections, which)) {
                result.emplace_back(c, policy != book.chain.back());
            }
        }
    }
    return result;
}

/// The network rules' word: 1 Allow, -1 Deny, 0 none.
int network(const World& w, const Rulebook& book, const Packet& p) {
    for (const auto& [collection, inherited] : pass(w, book, FirewallPass::network)) {
        for (const FirewallRule& r : collection->rules) {
            if (service(w, r, p.service) && side(w, r.source, r, p.src) &&
                side(w, r.destination, r, p.dst)) {
                return collection->action == FirewallAction::allow ? 1 : -1;
            }
        }
    }
    return 0;
}

bool known_private(const World& w, const Address& address) {
    if (!is_public(address)) return true;
    for (const auto& [id, vnet] : w.s.virtual_networks) {
        if (in_prefixes(vnet.address_space, address)) return true;
    }
    for (const auto& [id, site] : w.s.local_gateways) {
        if (in_prefixes(site.address_space, address)) return true;
    }
    return w.a.onprem().contains(address);
}

/// One kind of application protocol: 1, -1 or 0.                          [FW-26]-[FW-29]
int application(const World& w, const Rulebook& book, const Packet& p,
                ApplicationProtocol::Kind kind, bool redirect) {
    for (const auto& [collection, inherited] : pass(w, book, FirewallPass::application)) {
        const bool allow = collection->action == FirewallAction::allow;
        for (const FirewallRule& r : collection->rules) {
            bool spoken = false;
            for (const ApplicationProtocol& a : r.applications) {
                const bool range = redirect && a.kind == ApplicationProtocol::Kind::mssql &&
                                   p.service.b >= 11000 && p.service.b <= 11999;
                spoken = spoken || (a.kind == kind && (a.port == p.service.b || range));
            }
            if (!spoken || !side(w, r.source, r, p.src)) continue;
            if (!r.destination.empty() && !side(w, r.destination, r, p.dst)) continue;
            bool every = false;
            bool stated = false;
            for (const std::string& name : r.target_names) {
                every = every || name == "*";
                for (const auto& [known, addresses] : w.a.names()) {
                    stated = stated || (name_matches(name, known) && addresses.contains(p.dst));
                }
            }
            if (allow) {
                if (known_private(w, p.dst) && !stated &&
                    !w.contested(FactKey::app_rule_https_any_destination)) {
                    continue;
                }
                if (w.contested(FactKey::app_rule_name_matches)) return 1;
            } else if (every || !w.contested(FactKey::app_rule_name_matches)) {
                return -1;
            }
        }
    }
    using Kind = ApplicationProtocol::Kind;
    const bool platform =
        (kind == Kind::http && p.service.b == 80) || (kind == Kind::https && p.service.b == 443);
    return platform && is_public(p.dst) && w.contested(FactKey::infrastructure_names_match) ? 1 : 0;
}

/// FW-32, FW-36, FW-37: is the source of a network flow kept?
bool keeps(const World& w, const AzureFirewall& firewall, const Rulebook& book, const Address& to) {
    if (to.family == Family::v6) return (to.value >> 121) == 0x7E;  // fc00::/7
    if (book.classic != nullptr) {
        return firewall.private_ranges ? in(*firewall.private_ranges, to)
                                       : in(default_private_ranges(), to);
    }
    std::vector<const AddressSet*> named;
    bool learns = false;
    for (auto policy = book.chain.rbegin(); policy != book.chain.rend(); ++policy) {
        if ((*policy)->private_ranges) named.push_back(&*(*policy)->private_ranges);
        learns = learns || (*policy)->learns_ranges;
    }
    bool kept = in(named.empty() ? default_private_ranges() : *named[0], to);
    if (named.size() > 1 && in(*named[1], to) != kept) {
        kept = w.contested(FactKey::child_ranges_replace_parents) ? kept : !kept;
    }
    return kept || (learns &&
                    w.unknown("learned range " + firewall.header.id.text() + " " + to_string(to)));
}

}  // namespace

FirewallRuling rule(const World& w, const AzureFirewall& firewall, const Packet& packet, bool own,
                    bool from_outside, bool reply) {
    using Kind = FirewallRuling::Kind;
    FirewallRuling result;
    const bool v4 = packet.dst.family == Family::v4;
    bool carries = false;
    for (const auto& c : firewall.configurations) {
        carries = carries || (c.address && c.address->family == packet.dst.family);
    }
    result.reason = "FW_DEFAULT_DENY";
    if (!carries) return result;  // FW-45
    const Rulebook book = rulebook(w, firewall);
    if (!book.unread.empty()) {
        result.kind = Kind::anything;
        result.unknown = "rules " + book.unread;
        return result;
    }
    if (!reply) {  // FW-19
        FirewallMode intel = firewall.threat_intel;
        FirewallMode idps = FirewallMode::off;
        bool premium = equal_ignoring_case(firewall.tier, "Premium") || firewall.tier.empty();
        bool listed = false;
        if (book.classic == nullptr) {
            intel = FirewallMode::off;
            for (const FirewallPolicy* policy : book.chain) {
                intel = std::max(intel, policy->threat_intel);
                idps = std::max(idps, policy->intrusion_detection);
                premium = premium || equal_ignoring_case(policy->tier, "Premium");
                listed = listed || in(policy->threat_intel_allowlist, packet.src) ||
                         in(policy->threat_intel_allowlist, packet.dst);
            }
        }
        if (!listed && intel == FirewallMode::deny && w.contested(FactKey::threat_intel)) {
            return result;
        }
        if (!listed && premium && idps == FirewallMode::deny && w.contested(FactKey::idps)) {
            return result;
        }
    }
    if (!reply && v4) {
        const auto nat = pass(w, book, FirewallPass::nat);
        for (const auto& [collection, inherited] : nat) {
            // FW-4: all that match; which comes first is not said.
            std::vector<const FirewallRule*> taking;
            for (const FirewallRule& r : collection->rules) {
                if (service(w, r, packet.service) && side(w, r.source, r, packet.src) &&
                    side(w, r.destination, r, packet.dst)) {
                    taking.push_back(&r);
                }
            }
            if (taking.empty()) continue;
            if (inherited && !w.contested(FactKey::parent_nat_inherited)) continue;  // FW-2a
            const FirewallRule* first = taking.front();
            for (std::size_t i = 1; i < taking.size(); ++i) {
                const bool differs = taking[i]->translated_address != first->translated_address ||
                                     taking[i]->translated_port != first->translated_port ||
                                     !first->translated_address;
                if (differs && w.unknown("NAT order " + taking[i]->id.text())) {
                    first = taking[i];
                    break;
                }
            }
            std::optional<Address> to = first->translated_address;
            if (!to && !first->translated_name.empty()) {  // FW-24
                const AddressSet* set = w.a.addresses_of_name(first->translated_name);
                if (set != nullptr && set->count() == 1) to = set->smallest();
            }
            if (!to) {
                result.kind = Kind::anything;
                result.unknown = "target " + first->id.text();
                return result;
            }
            Packet onward = packet;
            onward.dst = *to;
            if (has_ports(packet.service.protocol) && first->translated_port) {
                result.port = *first->translated_port;
                onward.service.b = *first->translated_port;
            }
            if (network(w, book, onward) < 0 &&
                !w.contested(FactKey::dnat_ignores_network_deny)) {  // FW-8
                result.reason = "FW_NET_DENY";
                return result;
            }
            result.kind = Kind::redirect;
            result.to = *to;
            result.translates = true;
            return result;
        }
        for (const auto& [collection, inherited] : nat) {  // FW-9
            for (const FirewallRule& r : collection->rules) {
                std::optional<Address> to = r.translated_address;
                if (!to && !r.translated_name.empty()) {
                    const AddressSet* set = w.a.addresses_of_name(r.translated_name);
                    if (set != nullptr && set->count() == 1) to = set->smallest();
                }
                Service before = packet.service;
                if (!has_ports(before.protocol) || !to || *to != packet.dst) continue;
                if (r.translated_port) {
                    if (before.b != *r.translated_port) continue;
                    before.b = r.destination_ports.smallest().value_or(0);
                }
                if (!service(w, r, before) || !side(w, r.source, r, packet.src)) continue;
                if (inherited && !w.contested(FactKey::parent_nat_inherited)) continue;
                if (!w.contested(FactKey::dnat_transit_allow)) continue;
                result.kind = Kind::pass;
                result.translates = true;
                return result;
            }
        }
    }
    const bool nothing = book.classic != nullptr && firewall.collections.empty();
    if (nothing) result.reason = "FW_NO_POLICY";
    if (own) {
        const Service& s = packet.service;
        bool dns = book.classic != nullptr && firewall.dns_proxy;
        bool proxy = false;
        for (const FirewallPolicy* policy : book.chain) {
            dns = dns || policy->dns_proxy;
            proxy = proxy || policy->proxy_ports.contains(s.b) ||
                    policy->proxy_file_ports.contains(s.b);
        }
        const bool listens =
            (dns && has_ports(s.protocol) && s.b == 53) || (proxy && s.protocol == kTcp);
        if (listens && !from_outside && !reply) result.kind = Kind::here;
        return result;
    }
    const int word = network(w, book, packet);
    if (word < 0) {
        result.reason = "FW_NET_DENY";
        return result;
    }
    if (word > 0) {
        result.kind = Kind::pass;
        result.translates = !keeps(w, firewall, book, packet.dst);
        return result;
    }
    if (packet.service.protocol == kTcp && v4) {
        bool redirect = false;
        for (const FirewallPolicy* policy : book.chain) redirect = redirect || policy->sql_redirect;
        using Protocol = ApplicationProtocol::Kind;
        for (const Protocol kind : {Protocol::http, Protocol::https, Protocol::mssql}) {
            const int said = application(w, book, packet, kind, redirect);
            if (said > 0) {
                result.kind = Kind::pass;
                result.translates = true;
                return result;
            }
            if (said < 0) result.reason = "FW_APP_DENY";
        }
    }
    return result;
}

const Subnet* subnet_of(const World& w, const AzureFirewall& firewall,
                        const VirtualNetwork** vnet) {
    for (const auto& c : firewall.configurations) {
        if (!c.subnet) continue;
        for (const auto& [id, network] : w.s.virtual_networks) {
            for (const Subnet& subnet : network.subnets) {
                if (subnet.header.id == *c.subnet) {
                    if (vnet != nullptr) *vnet = &network;
                    return &subnet;
                }
            }
        }
    }
    return nullptr;
}

std::vector<const AzureFirewall*> firewalls_at(const World& w, const VirtualNetwork& vnet,
                                               const Address& address) {
    std::vector<const AzureFirewall*> result;
    for (const auto& [id, firewall] : w.s.firewalls) {
        const VirtualNetwork* home = nullptr;
        subnet_of(w, firewall, &home);
        for (const auto& c : firewall.configurations) {
            if (home == &vnet && c.address == address) result.push_back(&firewall);
        }
    }
    return result;
}

bool left_by_its_firewall(const World& w, const Subnet& subnet) {
    bool gone = false;
    for (const auto& [id, firewall] : w.s.firewalls) {
        if (firewall.configurations.empty() && !firewall.in_hub &&
            equal_ignoring_case(id.resource_group(), subnet.header.id.resource_group())) {
            gone = true;
        }
        for (const auto& c : firewall.configurations) {
            if (c.subnet == subnet.header.id) return false;
        }
    }
    return gone && subnet.ip_configurations.empty();
}

const AzureFirewall* firewall_of(const World& w, const PublicIpAddress& ip, bool& management) {
    for (const auto& [id, firewall] : w.s.firewalls) {
        if (firewall.management && firewall.management->public_ip == ip.header.id) {
            management = true;
        }
        for (const auto& c : firewall.configurations) {
            if (c.public_ip == ip.header.id || ip.ip_configuration == c.id) return &firewall;
        }
    }
    return nullptr;
}

}  // namespace azreach::oracle
