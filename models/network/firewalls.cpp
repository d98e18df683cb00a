#include "models/network/firewalls.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include "models/network/edges_doubts.hpp"
#include "models/network/network.hpp"

namespace azreach {

struct Firewalls::State {
    FirewallCompiler compiler;
    std::vector<std::optional<CompiledFirewall>> compiled;
    std::mutex mutex;
    bool sealed = false;

    explicit State(const Network& network) : compiler(network) {}
};

bool FirewallPlace::carries(Family family) const {
    return std::any_of(addresses.begin(), addresses.end(),
                       [&](const Address& address) { return address.family == family; });
}

Firewalls::Firewalls(const Network& network) : network_(network) {
    for (const auto& [id, firewall] : network.snapshot().firewalls) {
        FirewallPlace place;
        place.firewall = &firewall;
        for (const AzureFirewall::Configuration& configuration : firewall.configurations) {
            if (configuration.address) {
                place.addresses.push_back(*configuration.address);
            }
            if (configuration.subnet && place.subnet_id.empty()) {
                place.subnet_id = *configuration.subnet;
            }
        }
        if (place.addresses.empty() || place.subnet_id.empty()) {
            continue;  // deallocated [FW-14], in a hub, or its address is not known
        }
        const Doubts::Where where = Doubts::locate(network, place.subnet_id);
        place.subnet = where.subnet;
        place.vnet = where.vnet;
        places_.push_back(std::move(place));
    }
    if (!places_.empty()) {
        find_exits();
        find_samples();
        state_ = std::make_unique<State>(network);
        state_->compiled.resize(places_.size());
    }
}

Firewalls::~Firewalls() = default;

const CompiledFirewall& Firewalls::rules(FirewallIndex index) const {
    if (state_->sealed) {
        return *state_->compiled[index];
    }
    const std::lock_guard lock(state_->mutex);
    std::optional<CompiledFirewall>& compiled = state_->compiled[index];
    if (!compiled) {
        compiled = state_->compiler.compile(*places_[index].firewall);
    }
    return *compiled;
}

void Firewalls::compile_all() const {
    for (FirewallIndex i = 0; i < places_.size(); ++i) {
        rules(i);
    }
    if (state_) {
        state_->sealed = true;
    }
}

/// The firewall's public addresses, or those of a NAT gateway on its subnet.              [FW-33]
void Firewalls::find_exits() {
    const Snapshot& snapshot = network_.snapshot();
    const auto add_address = [&](const ResourceId& id, FirewallPlace::Exit& exit) {
        const auto ip = snapshot.public_ips.find(id);
        if (ip == snapshot.public_ips.end() || !ip->second.address) {
            exit.all_known = false;
        } else {
            exit.addresses |= AddressSet::single(*ip->second.address);
        }
    };
    for (FirewallPlace& place : places_) {
        FirewallPlace::Exit& exit = place.exit;
        Ref nat;
        if (place.subnet != kNoIndex) {
            nat = network_.subnets()[place.subnet].subnet->nat_gateway;
        }
        if (nat) {
            exit.by = *nat;
            const auto gateway = snapshot.nat_gateways.find(*nat);
            if (gateway == snapshot.nat_gateways.end()) {
                exit.all_known = false;
                continue;
            }
            for (const ResourceId& id : gateway->second.public_ips) {
                add_address(id, exit);
            }
            for (const ResourceId& id : gateway->second.public_prefixes) {
                const auto prefix = snapshot.public_ip_prefixes.find(id);
                if (prefix == snapshot.public_ip_prefixes.end() || !prefix->second.prefix) {
                    exit.all_known = false;
                } else {
                    exit.addresses |= prefix->second.prefix->addresses();
                }
            }
            continue;
        }
        for (const AzureFirewall::Configuration& item : place.firewall->configurations) {
            if (item.public_ip) {
                exit.by = exit.by.empty() ? *item.public_ip : exit.by;
                add_address(*item.public_ip, exit);
            }
        }
    }
}

namespace {

/// Every set of addresses that some rule or route of the snapshot names.
template <class Visit>
void each_named_set(const Network& network, const Visit& visit) {
    const Snapshot& snapshot = network.snapshot();
    const auto rules = [&](const std::vector<SecurityRule>& list) {
        for (const SecurityRule& rule : list) {
            visit(rule.source.prefixes);
            visit(rule.destination.prefixes);
        }
    };
    const auto prefixes = [&](const std::vector<Prefix>& list) {
        for (const Prefix& prefix : list) {
            visit(prefix.addresses());
        }
    };
    for (const auto& [id, group] : snapshot.security_groups) {
        rules(group.rules);
        rules(group.default_rules);
    }
    for (const auto& [id, configuration] : snapshot.admin_configurations) {
        for (const AdminRuleCollection& collection : configuration.collections) {
            rules(collection.rules);
        }
    }
    for (const ActiveAdminRules& active : snapshot.active_admin_rules) {
        rules(active.rules);
    }
    const auto collections = [&](const std::vector<FirewallRuleCollection>& list) {
        for (const FirewallRuleCollection& collection : list) {
            for (const FirewallRule& rule : collection.rules) {
                visit(rule.source.prefixes);
                visit(rule.destination.prefixes);
            }
        }
    };
    for (const auto& [id, firewall] : snapshot.firewalls) {
        collections(firewall.collections);
    }
    for (const auto& [id, policy] : snapshot.firewall_policies) {
        for (const RuleCollectionGroup& group : policy.groups) {
            collections(group.collections);
        }
    }
    for (const auto& [id, group] : snapshot.ip_groups) {
        visit(group.addresses);
    }
    for (const auto& [id, table] : snapshot.route_tables) {
        for (const Route& route : table.routes) {
            if (route.prefix) {
                visit(route.prefix->addresses());
            }
        }
    }
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        prefixes(vnet.address_space);
        for (const Peering& peering : vnet.peerings) {
            prefixes(peering.remote_space);
            prefixes(peering.remote_vnet_space);
        }
    }
    for (const auto& [id, site] : snapshot.local_gateways) {
        prefixes(site.address_space);
    }
    for (const auto& [id, gateway] : snapshot.gateways) {
        prefixes(gateway.client_pool);
    }
    if (snapshot.service_tags) {
        for (const auto& [name, set] : snapshot.service_tags->tags) {
            visit(set);
        }
    }
    visit(network.assumptions().onprem());
}

}  // namespace

/// What the instances show to private destinations: an address of the subnet, but for those that
/// Azure keeps [J7]. Samples: the first address after every border inside.
void Firewalls::find_samples() {
    struct Span {
        Address first, last;
        std::size_t place;
    };
    std::vector<Span> spans;
    std::vector<std::set<Address>> starts(places_.size());
    for (std::size_t i = 0; i < places_.size(); ++i) {
        FirewallPlace& place = places_[i];
        std::vector<Prefix> prefixes;
        if (place.subnet != kNoIndex) {
            prefixes = network_.subnets()[place.subnet].subnet->prefixes;
        }
        for (const Prefix& prefix : prefixes) {
            Address first = prefix.first();
            Address last = prefix.last();
            if (prefix.family() == Family::v4 && prefix.length() <= 29) {
                first.value += 4;
                last.value -= 1;
            }
            place.shown |= AddressSet::range(first, last);
            spans.push_back({first, last, i});
            starts[i].insert(first);
        }
        for (const Family family : {Family::v4, Family::v6}) {
            const bool none =
                family == Family::v4 ? place.shown.v4.empty() : place.shown.v6.empty();
            for (const Address& own : place.addresses) {
                if (none && own.family == family) {  // its subnet was not read
                    place.shown |= AddressSet::single(own);
                    spans.push_back({own, own, i});
                    starts[i].insert(own);
                }
            }
        }
    }
    std::sort(spans.begin(), spans.end(),
              [](const Span& a, const Span& b) { return a.last < b.last; });
    const auto cut = [&](const Address& at) {  // a part begins here
        for (auto span = std::lower_bound(
                 spans.begin(), spans.end(), at,
                 [](const Span&s, const Address&sought) { return s.last < sought; });
             span != spans.end() && span->last.family == at.family; ++span) {
            if (span->first <= at) {
                starts[span->place].insert(at);
            }
        }
    };
    each_named_set(network_, [&](const AddressSet& set) {
        for (const auto& range : set.v4.ranges()) {
            cut(Address::v4(range.first));
            if (range.last != 0xFFFFFFFFU) {
                cut(Address::v4(range.last + 1));
            }
        }
        for (const auto& range : set.v6.ranges()) {
            cut(Address::v6(range.first));
            if (range.last != ~Uint128{0}) {
                cut(Address::v6(range.last + 1));
            }
        }
    });
    for (std::size_t i = 0; i < places_.size(); ++i) {
        places_[i].shown_samples.assign(starts[i].begin(), starts[i].end());
    }
}

}  // namespace azreach
