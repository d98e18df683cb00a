#include "models/network/routes.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include "models/network/evidence.hpp"
#include "models/network/routes_build.hpp"

namespace azreach {

namespace {

using Candidates = std::vector<const EffectiveRouteEntry*>;

/// Elementary intervals of one family and the candidates of each.
template <class T>
struct Flat {
    std::vector<T> starts;               // first address of each interval, ascending, from 0
    std::vector<std::uint32_t> list_of;  // index into CompiledTable::lists

    std::uint32_t find(T value) const {
        const auto after = std::upper_bound(starts.begin(), starts.end(), value);
        return list_of[static_cast<std::size_t>(after - starts.begin()) - 1];
    }
};

struct CompiledTable {
    std::vector<EffectiveRouteEntry> entries;  // in winning order, invalid ones at the end
    std::vector<std::uint32_t> floats;         // indexes of entries that stand before all
    std::vector<AddressSet> floating;          // their destinations
    std::vector<Candidates> lists;
    Flat<std::uint32_t> v4;
    Flat<Uint128> v6;
    bool captured = false;  // G6
    bool built = false;
};

/// Whether a route that was learned, or not read, may come before this one: not before host user
/// routes, the most specific of all.
bool beaten_by_floating(const EffectiveRouteEntry& entry) {
    const bool host = entry.prefix.length() == width(entry.prefix.family());
    return !(host && entry.route != nullptr) && entry.hop != NextHop::interface_endpoint;
}

/// A table that was not read may hold host routes too.                                        [J4]
bool of_unread_table(const EffectiveRouteEntry& entry) {
    return entry.origin == EffectiveRouteEntry::Origin::user && entry.route == nullptr;
}

template <class T>
T low(const Address& address) {
    return static_cast<T>(address.value);
}

/// Sweeps the prefixes of one family (nested or disjoint) with a stack of those that contain the
/// current address.
template <class T>
void flatten(CompiledTable& table, Family family, Flat<T>& flat,
             std::map<std::vector<std::uint32_t>, std::uint32_t>& interned) {
    std::vector<T> cuts{0};
    const auto cut_at = [&](const Address& first, const Address& last) {
        cuts.push_back(low<T>(first));
        const T end = low<T>(last);
        if (end != static_cast<T>(~T{0})) {
            cuts.push_back(static_cast<T>(end + T{1}));
        }
    };
    std::vector<std::uint32_t> order;  // entries of this family by (first, length, rank)
    for (std::uint32_t i = 0; i < table.entries.size(); ++i) {
        const EffectiveRouteEntry& entry = table.entries[i];
        if (!entry.invalid && entry.prefix.family() == family &&
            std::find(table.floats.begin(), table.floats.end(), i) == table.floats.end()) {
            order.push_back(i);
            cut_at(entry.prefix.first(), entry.prefix.last());
        }
    }
    for (const AddressSet& set : table.floating) {
        if constexpr (sizeof(T) == 4) {
            for (const auto& range : set.v4.ranges()) {
                cut_at(Address::v4(range.first), Address::v4(range.last));
            }
        } else {
            for (const auto& range : set.v6.ranges()) {
                cut_at(Address::v6(range.first), Address::v6(range.last));
            }
        }
    }
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const Prefix& x = table.entries[a].prefix;
        const Prefix& y = table.entries[b].prefix;
        return std::pair(x.first(), x.length()) < std::pair(y.first(), y.length());
    });
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());

    std::vector<std::uint32_t> stack;  // containing the current cut, outermost first
    std::size_t next = 0;
    for (const T cut : cuts) {
        const Address at{family, cut};
        while (!stack.empty() && !table.entries[stack.back()].prefix.contains(at)) {
            stack.pop_back();
        }
        while (next < order.size() && low<T>(table.entries[order[next]].prefix.first()) <= cut) {
            if (table.entries[order[next]].prefix.contains(at)) {
                stack.push_back(order[next]);
            }
            ++next;
        }
        // Longest prefix first; among equal prefixes the order of `entries`.
        std::vector<std::uint32_t> candidates(stack.begin(), stack.end());
        std::sort(candidates.begin(), candidates.end());
        std::vector<std::uint32_t> chosen;
        const bool floats_first =
            candidates.empty() || beaten_by_floating(table.entries[candidates.front()]);
        for (std::size_t f = 0; f < table.floats.size(); ++f) {
            const EffectiveRouteEntry& floating = table.entries[table.floats[f]];
            if ((floats_first || of_unread_table(floating)) && table.floating[f].contains(at)) {
                chosen.push_back(table.floats[f]);
            }
        }
        for (const std::uint32_t candidate : candidates) {
            chosen.push_back(candidate);
            if (table.entries[candidate].when.empty()) {
                break;
            }
        }
        const auto [found, fresh] =
            interned.emplace(chosen, static_cast<std::uint32_t>(table.lists.size()));
        if (fresh) {
            Candidates list;
            for (const std::uint32_t index : chosen) {
                list.push_back(&table.entries[index]);
            }
            table.lists.push_back(std::move(list));
        }
        if (flat.list_of.empty() || flat.list_of.back() != found->second) {
            flat.starts.push_back(cut);
            flat.list_of.push_back(found->second);
        }
    }
}

void compile(const Network& network, SubnetIndex subnet, const VnetRoutes& shared,
             CompiledTable& table) {
    RouteList routes = subnet_routes(network, subnet, shared);
    if (const EffectiveRoutes* capture = captured_routes(network, subnet)) {
        table.captured = close_routes(network, subnet, shared, *capture, routes);
    }
    // Longest prefix first [R13], then precedence [R14]; floating ones are kept apart.
    std::stable_sort(routes.begin(), routes.end(), [](const RankedRoute& a, const RankedRoute& b) {
        if (a.entry.invalid != b.entry.invalid) {
            return !a.entry.invalid;
        }
        if (a.floats != b.floats) {
            return a.floats;
        }
        if (a.floats) {
            return std::pair(a.rank, a.order) < std::pair(b.rank, b.order);
        }
        const int x = -a.entry.prefix.length();
        const int y = -b.entry.prefix.length();
        return std::tuple(x, a.entry.prefix.first(), a.rank, a.order) <
               std::tuple(y, b.entry.prefix.first(), b.rank, b.order);
    });
    // A route beaten by a sure one of the same prefix is Invalid [R14].
    for (std::size_t i = 1; i < routes.size(); ++i) {
        if (routes[i].floats || routes[i].entry.invalid) {
            continue;
        }
        for (std::size_t j = i; j > 0; --j) {
            const RankedRoute& before = routes[j - 1];
            if (before.floats || before.entry.prefix != routes[i].entry.prefix) {
                break;
            }
            if (before.entry.when.empty() && !before.entry.invalid) {
                routes[i].entry.invalid = true;
                break;
            }
        }
    }
    std::stable_partition(routes.begin(), routes.end(),
                          [](const RankedRoute& route) { return !route.entry.invalid; });
    for (RankedRoute& route : routes) {
        if (route.floats && !route.entry.invalid) {
            table.floats.push_back(static_cast<std::uint32_t>(table.entries.size()));
            table.floating.push_back(std::move(route.floating));
        }
        table.entries.push_back(std::move(route.entry));
    }
    std::map<std::vector<std::uint32_t>, std::uint32_t> interned;
    flatten<std::uint32_t>(table, Family::v4, table.v4, interned);
    flatten<Uint128>(table, Family::v6, table.v6, interned);
    table.built = true;
}

}  // namespace

struct Routes::State {
    const Network& network;
    std::deque<CompiledTable> tables;  // by subnet
    std::deque<std::optional<VnetRoutes>> vnets;
    std::vector<std::vector<VnetRoutes::EndpointRoute>> endpoints;
    bool endpoints_ready = false;
    std::map<ResourceId, std::vector<BehindGateway>> behind;
    std::vector<OnpremEntry> onprem;
    bool onprem_ready = false;
    std::deque<std::optional<std::vector<std::uint32_t>>> neighbours;
    bool sealed = false;  // compile_all() was called: everything is there, calls only read
    mutable std::recursive_mutex mutex;

    explicit State(const Network& n) : network(n) {}

    const VnetRoutes& of_vnet(VnetIndex vnet) {
        prepare();
        if (!endpoints_ready) {
            endpoints = private_endpoints_by_vnet(network);
            endpoints_ready = true;
        }
        if (!vnets[vnet]) {
            vnets[vnet] = vnet_routes(network, vnet, endpoints);
        }
        return *vnets[vnet];
    }
    void prepare() {
        if (tables.empty()) {
            tables.resize(std::max<std::size_t>(1, network.subnets().size()));
            vnets.resize(network.vnets().size());
            neighbours.resize(network.vnets().size());
        }
    }
    const CompiledTable& table(std::uint32_t subnet) {
        if (sealed) {
            return tables[subnet];
        }
        const std::lock_guard lock(mutex);
        prepare();
        CompiledTable& table = tables[subnet];
        if (!table.built) {
            compile(network, subnet, of_vnet(network.subnets()[subnet].vnet_index), table);
        }
        return table;
    }
};

Routes::Routes(const Network& network) : state_(std::make_unique<State>(network)) {}
Routes::~Routes() = default;

const std::vector<EffectiveRouteEntry>& Routes::table(std::uint32_t subnet) const {
    return state_->table(subnet).entries;
}

bool Routes::captured(std::uint32_t subnet) const { return state_->table(subnet).captured; }

std::vector<Routes::Floating> Routes::floating(std::uint32_t subnet) const {
    const CompiledTable& table = state_->table(subnet);
    std::vector<Floating> result;
    for (std::size_t f = 0; f < table.floats.size(); ++f) {
        const EffectiveRouteEntry& entry = table.entries[table.floats[f]];
        result.push_back({&entry, &table.floating[f], of_unread_table(entry)});
    }
    return result;
}

void Routes::compile_all() const {
    State& s = *state_;
    for (SubnetIndex i = 0; i < s.network.subnets().size(); ++i) {
        s.table(i);
    }
    for (const auto& [id, gateway] : s.network.snapshot().gateways) {
        behind(id);
    }
    onprem_entries();
    for (VnetIndex v = 0; v < s.network.vnets().size(); ++v) {
        neighbours(v);
    }
    s.prepare();
    s.sealed = true;
}

std::vector<const EffectiveRouteEntry*> Routes::candidates(std::uint32_t subnet,
                                                           const Address& destination) const {
    const CompiledTable& table = state_->table(subnet);
    const std::uint32_t list = destination.family == Family::v4
                                   ? table.v4.find(static_cast<std::uint32_t>(destination.value))
                                   : table.v6.find(destination.value);
    return table.lists[list];
}

namespace {

template <class T, class Set>
void partition_into(const CompiledTable& table, const Flat<T>& flat, const IntervalSet<T>& wanted,
                    std::map<std::uint32_t, std::vector<Range<T>>>& parts, const Set&) {
    (void)table;
    std::size_t i = 0;
    for (const Range<T>& range : wanted.ranges()) {
        i = static_cast<std::size_t>(
                std::upper_bound(flat.starts.begin(), flat.starts.end(), range.first) -
                flat.starts.begin()) -
            1;
        T first = range.first;
        while (true) {
            const bool last_interval = i + 1 == flat.starts.size();
            const T end = last_interval || flat.starts[i + 1] > range.last
                              ? range.last
                              : static_cast<T>(flat.starts[i + 1] - T{1});
            parts[flat.list_of[i]].push_back({first, end});
            if (end == range.last) {
                break;
            }
            ++i;
            first = flat.starts[i];
        }
    }
}

}  // namespace

std::vector<Routes::Part> Routes::partition(std::uint32_t subnet,
                                            const AddressSet& destinations) const {
    const CompiledTable& table = state_->table(subnet);
    std::map<std::uint32_t, std::vector<Range<std::uint32_t>>> v4;
    std::map<std::uint32_t, std::vector<Range<Uint128>>> v6;
    partition_into(table, table.v4, destinations.v4, v4, 0);
    partition_into(table, table.v6, destinations.v6, v6, 0);
    std::map<std::uint32_t, AddressSet> sets;
    for (auto& [list, ranges] : v4) {
        sets[list].v4 = IntervalSet<std::uint32_t>::of(std::move(ranges));
    }
    for (auto& [list, ranges] : v6) {
        sets[list].v6 = IntervalSet<Uint128>::of(std::move(ranges));
    }
    std::vector<Part> parts;
    for (auto& [list, set] : sets) {
        parts.push_back({std::move(set), table.lists[list]});
    }
    return parts;
}

const std::vector<BehindGateway>& Routes::behind(const ResourceId& gateway) const {
    State& s = *state_;
    static const std::vector<BehindGateway> kNothing;
    if (s.sealed) {
        const auto found = s.behind.find(gateway);
        return found == s.behind.end() ? kNothing : found->second;
    }
    const std::lock_guard lock(s.mutex);
    const auto known = s.behind.find(gateway);
    if (known != s.behind.end()) {
        return known->second;
    }
    const auto found = s.network.snapshot().gateways.find(gateway);
    if (found == s.network.snapshot().gateways.end()) {
        return kNothing;
    }
    return s.behind.emplace(gateway, behind_gateway(s.network, found->second)).first->second;
}

const std::vector<Routes::OnpremEntry>& Routes::onprem_entries() const {
    State& s = *state_;
    if (s.sealed) {
        return s.onprem;
    }
    const std::lock_guard lock(s.mutex);
    if (s.onprem_ready) {
        return s.onprem;
    }
    for (const auto& [id, gateway] : s.network.snapshot().gateways) {
        SubnetIndex subnet = kNoIndex;
        for (const ResourceId& candidate : gateway.subnets) {
            if (const auto index = s.network.subnet_index(candidate)) {
                subnet = *index;
                break;
            }
        }
        for (const BehindGateway& behind : this->behind(id)) {
            if (behind.kind != BehindGateway::Kind::vnet) {
                s.onprem.push_back({id, subnet, behind.addresses, behind.when});
            }
        }
    }
    for (const ResourceId& id : unread_gateways(s.network.snapshot())) {
        s.onprem.push_back({id,
                            kNoIndex,
                            AddressSet::all(),
                            {{s.network.about(FactKey::unread_neighbour, id.text()), true}}});
    }
    // Branches of a hub, and what its route server learned, may enter anywhere.      [R12] [R64]
    for (const auto& [id, other] : s.network.snapshot().others) {
        if (equal_ignoring_case(other.header.type, "Microsoft.Network/virtualHubs")) {
            s.onprem.push_back({id,
                                kNoIndex,
                                AddressSet::all(),
                                {{s.network.about(FactKey::unmodelled, id.text()), true}}});
        }
    }
    s.onprem_ready = true;
    return s.onprem;
}

std::vector<HopTarget> Routes::appliance_vnets(std::uint32_t vnet) const {
    State& s = *state_;
    const Network& network = s.network;
    std::vector<HopTarget> targets{{vnet, address_space(*network.vnets()[vnet]), {}, {}}};
    const std::lock_guard lock(s.mutex);
    const VnetRoutes& shared = s.of_vnet(vnet);
    for (const PeeringLink& link : shared.links) {
        if (link.live) {
            targets.push_back({link.remote, link.space | link.unsure_space,
                               link.local->remote.value_or(link.local->header.id), link.when});
        }
    }
    for (const RankedRoute& route : shared.system) {
        if (route.entry.hop != NextHop::connected_group) {
            continue;
        }
        const bool known = std::any_of(targets.begin(), targets.end(), [&](const HopTarget& t) {
            return t.vnet == route.entry.vnet;
        });
        if (!known) {
            targets.push_back({route.entry.vnet, address_space(*network.vnets()[route.entry.vnet]),
                               route.entry.via, route.entry.when});
        }
    }
    return targets;
}

const std::vector<std::uint32_t>& Routes::neighbours(std::uint32_t vnet) const {
    State& s = *state_;
    if (s.sealed) {
        return *s.neighbours[vnet];
    }
    const std::lock_guard lock(s.mutex);
    s.prepare();
    if (!s.neighbours[vnet]) {
        std::vector<std::uint32_t> result;
        for (const HopTarget& target : appliance_vnets(vnet)) {
            if (target.vnet != kNoIndex) {
                result.push_back(target.vnet);
            }
        }
        for (const UsableGateway& usable : s.of_vnet(vnet).gateways) {
            for (const BehindGateway& behind : this->behind(usable.id)) {
                if (behind.kind == BehindGateway::Kind::vnet && behind.vnet != kNoIndex) {
                    result.push_back(behind.vnet);
                }
            }
        }
        std::sort(result.begin(), result.end());
        result.erase(std::unique(result.begin(), result.end()), result.end());
        s.neighbours[vnet] = std::move(result);
    }
    return *s.neighbours[vnet];
}

}  // namespace azreach
