#include "src/engine/reachability.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "src/engine/reachability_state.hpp"

namespace azreach {

namespace {

/// A cell on its way to becoming a flow: what arrives, also as delivered.
struct Piece {
    AddressSet src, dst;
    Fate packets, sessions, packets_delivered, sessions_delivered;
    EndPlace end;
};

Fate image(const Fate& fate, const PortMap& ports, ServicePool& pool) {
    Fate result = fate;
    switch (ports.kind) {
        case PortMap::Kind::kept:
            break;
        case PortMap::Kind::to_port:
            for (ServiceId& set : result.sets) {
                set = pool.with_destination_port(set, ports.port);
            }
            break;
        case PortMap::Kind::mixed:  // different ports by different ways: any of them
            for (ServiceId& set : result.sets) {
                set = pool.intern(pool.at(set).with_destination_ports(PortSet::full()) |
                                  pool.at(set));
            }
            result.sets[Fate::always_must] = kNoService;
            result.sets[Fate::can_must] = kNoService;
            break;
    }
    return result;
}

void add(Piece& to, const Piece& from, CellAlgebra& algebra) {
    to.packets = algebra.added(to.packets, from.packets);
    to.sessions = algebra.added(to.sessions, from.sessions);
    to.packets_delivered = algebra.added(to.packets_delivered, from.packets_delivered);
    to.sessions_delivered = algebra.added(to.sessions_delivered, from.sessions_delivered);
    if (!(to.end == from.end)) {
        to.end = EndPlace{};
    }
}

/// Overlapping pieces have disjoint services: cut at each other's borders and added.
std::vector<Piece> cut(std::vector<Piece> pieces, CellAlgebra& algebra) {
    std::vector<Piece> result;
    for (Piece& piece : pieces) {
        std::vector<Piece> rest;
        rest.push_back(std::move(piece));
        const std::size_t count = result.size();
        for (std::size_t i = 0; i < count && !rest.empty(); ++i) {
            std::vector<Piece> next;
            for (Piece& part : rest) {
                const AddressSet src = part.src & result[i].src;
                const AddressSet dst = part.dst & result[i].dst;
                if (src.empty() || dst.empty()) {
                    next.push_back(std::move(part));
                    continue;
                }
                const auto beside = [&](const Piece& whole, std::vector<Piece>& out) {
                    if (AddressSet left = whole.src - src; !left.empty()) {
                        out.push_back(whole);
                        out.back().src = std::move(left);
                    }
                    if (AddressSet left = whole.dst - dst; !left.empty()) {
                        out.push_back(whole);
                        out.back().src = src;
                        out.back().dst = std::move(left);
                    }
                };
                beside(part, next);
                std::vector<Piece> others;
                beside(result[i], others);
                result[i].src = src;
                result[i].dst = dst;
                add(result[i], part, algebra);
                for (Piece& other : others) {
                    result.push_back(std::move(other));
                }
            }
            rest = std::move(next);
        }
        for (Piece& part : rest) {
            result.push_back(std::move(part));
        }
    }
    return result;
}

Outcome outcome_of(const Fate& fate, const ServicePool& pool) {
    return {pool.at(fate.sets[Fate::always_must]), pool.at(fate.sets[Fate::can_must]),
            pool.at(fate.sets[Fate::always_may]), pool.at(fate.sets[Fate::can_may])};
}

/// Configurations that no two of which have the same address.
std::vector<std::vector<ConfigIndex>> rounds(const Network& network,
                                             const std::vector<ConfigIndex>& configs) {
    std::map<Address, std::size_t> times;
    std::vector<std::vector<ConfigIndex>> result(1);
    for (const ConfigIndex config : configs) {
        const auto& address = network.configurations()[config].configuration->address;
        const std::size_t round = address ? times[*address]++ : 0;
        if (round >= result.size()) {
            result.resize(round + 1);
        }
        result[round].push_back(config);
    }
    return result;
}

}  // namespace

void add_flows(Cells cells, ServicePool& pool, std::vector<Flow>& flows) {
    CellAlgebra algebra(pool);
    const bool disjoint = CellAlgebra::surely_disjoint(cells);
    std::vector<Piece> pieces;
    for (Cell& cell : cells) {
        Piece piece;
        piece.src = std::move(cell.src);
        piece.dst = std::move(cell.dst);
        piece.packets = cell.packets;
        piece.sessions = cell.sessions;
        piece.packets_delivered = image(cell.packets, cell.ports, pool);
        piece.sessions_delivered = image(cell.sessions, cell.ports, pool);
        piece.end = cell.end;
        pieces.push_back(std::move(piece));
    }
    if (!disjoint) {
        pieces = cut(std::move(pieces), algebra);
    }
    for (Piece& piece : pieces) {
        Flow flow;
        flow.src = std::move(piece.src);
        flow.dst = std::move(piece.dst);
        flow.packets = outcome_of(piece.packets, pool);
        flow.sessions = outcome_of(piece.sessions, pool);
        flow.packets_delivered = outcome_of(piece.packets_delivered, pool);
        flow.sessions_delivered = outcome_of(piece.sessions_delivered, pool);
        switch (piece.end.kind) {
            case EndPlace::Kind::config:
                flow.to = piece.end.config;
                break;
            case EndPlace::Kind::internet:
                flow.to_internet = true;
                break;
            case EndPlace::Kind::onprem:
                flow.to_onprem = true;
                break;
            case EndPlace::Kind::several:
                break;
        }
        flows.push_back(std::move(flow));
    }
}

Reachability::Reachability(const Network& network) : state_(std::make_unique<State>(network)) {}
Reachability::~Reachability() = default;

AddressSet ReachabilityState::free_space(SubnetIndex subnet) const {
    AddressSet space;
    if (subnet == kNoIndex) {
        return space;
    }
    for (const Prefix& prefix : network.subnets()[subnet].subnet->prefixes) {
        space |= prefix.addresses();
    }
    std::vector<Range<std::uint32_t>> held4;
    std::vector<Range<Uint128>> held6;
    for (const ConfigPlace& place : network.configurations()) {
        if (place.subnet != subnet || !place.configuration->address) {
            continue;
        }
        const Address& address = *place.configuration->address;
        if (address.family == Family::v4) {
            const auto value = static_cast<std::uint32_t>(address.value);
            held4.push_back({value, value});
        } else {
            held6.push_back({address.value, address.value});
        }
    }
    return space - AddressSet{IntervalSet<std::uint32_t>::of(std::move(held4)),
                              IntervalSet<Uint128>::of(std::move(held6))};
}

/// [J6]
std::vector<SourceGroup> ReachabilityState::unknown_sources(
    const std::vector<ConfigIndex>& configs) const {
    std::vector<SourceGroup> result;
    for (const ConfigIndex config : configs) {
        const ConfigPlace& place = network.configurations()[config];
        if (!place.configuration->address && place.endpoint == nullptr) {
            SourceGroup group;
            group.configs = {config};
            group.addresses = free_space(place.subnet);
            if (!group.addresses.empty()) {
                result.push_back(std::move(group));
            }
        }
    }
    return result;
}

std::vector<SourceGroup> ReachabilityState::groups(const std::vector<ConfigIndex>& configs) const {
    std::vector<ConfigIndex> sorted = configs;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    std::map<std::pair<SubnetIndex, FilterIndexes::Chain>, std::vector<std::size_t>> known;
    std::vector<SourceGroup> result;
    for (const ConfigIndex config : sorted) {
        const ConfigPlace& place = network.configurations()[config];
        const auto& address = place.configuration->address;
        if (place.endpoint != nullptr || !address) {
            continue;
        }
        std::vector<std::size_t>& same =
            known[{place.subnet, filters.chain(config, Direction::outbound)}];
        SourceGroup* group = nullptr;
        for (const std::size_t index : same) {
            if (!result[index].addresses.contains(*address)) {
                group = &result[index];
                break;
            }
        }
        if (group == nullptr) {
            same.push_back(result.size());
            group = &result.emplace_back();
        }
        group->configs.push_back(config);
        group->addresses |= AddressSet::single(*address);
    }
    return result;
}

std::vector<Flow> Reachability::flows(const SourceSet& from, const DestinationSet& to,
                                      const ServiceSet& services) const {
    State& s = *state_;
    const Network& network = s.network;
    SetWalk walk(network, s.pool, s.filters);
    const ServiceId asked = s.pool.intern(services);
    std::vector<Flow> flows;

    const std::vector<SourceGroup> groups = s.groups(from.configs);
    const std::vector<SourceGroup> unknown_sources = s.unknown_sources(from.configs);

    /// From everybody but the internet.
    const auto from_private = [&](const AddressSet& dst, ServiceId sent,
                                  const WalkQuestion& question, bool certain) {
        Cells cells;
        const auto take = [&](Cells more, bool sure) {
            if (!sure || !certain) {
                walk.algebra().weaken(more);
            }
            more = walk.algebra().merged(std::move(more));
            cells.insert(cells.end(), std::make_move_iterator(more.begin()),
                         std::make_move_iterator(more.end()));
        };
        for (const SourceGroup& group : groups) {
            take(walk.from_group(group, group.addresses, dst, sent, question), true);
        }
        for (const SourceGroup& group : unknown_sources) {
            take(walk.from_group(group, group.addresses, dst, sent, question), false);
        }
        if (!from.onprem.empty()) {
            take(walk.from_onprem(from.onprem, dst, sent, question), true);
        }
        return cells;
    };

    AddressSet by_config;
    std::vector<ConfigIndex> targets = to.configs;
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    for (const std::vector<ConfigIndex>& round : rounds(network, targets)) {
        std::vector<ConfigIndex> known;
        AddressSet dst;
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
        for (const ConfigIndex config : round) {
            const auto& address = network.configurations()[config].configuration->address;
            if (!address) {
                continue;
            }
            known.push_back(config);
            if (address->family == Family::v4) {
                const auto value = static_cast<std::uint32_t>(address->value);
                v4.push_back({value, value});
            } else {
                v6.push_back({address->value, address->value});
            }
        }
        dst = {IntervalSet<std::uint32_t>::of(std::move(v4)),
               IntervalSet<Uint128>::of(std::move(v6))};
        by_config |= dst;
        WalkQuestion question;
        question.targets = &known;
        question.as_delivered = asked;
        if (!dst.empty()) {
            add_flows(from_private(dst, kEveryService, question, true), s.pool, flows);
        }
        for (const ConfigIndex config : round) {
            const ConfigPlace& place = network.configurations()[config];
            if (place.configuration->address) {
                continue;
            }
            const std::vector<ConfigIndex> one{config};
            question.targets = &one;
            add_flows(from_private(s.free_space(place.subnet), kEveryService, question, false),
                      s.pool, flows);
        }
    }
    if (!from.internet.empty() && !targets.empty()) {
        WalkQuestion question;
        question.targets = &targets;
        question.as_delivered = asked;
        std::vector<const Edges::PublicEntry*> entries;
        for (const ConfigIndex config : targets) {
            for (const Edges::PublicEntry* entry : network.edges().public_entries_to(config)) {
                if (std::find(entries.begin(), entries.end(), entry) == entries.end()) {
                    entries.push_back(entry);
                }
            }
        }
        AddressSet dst;
        Cells cells;
        for (const Edges::PublicEntry* entry : entries) {
            dst |= entry->addresses;
        }
        cells = walk.from_internet(from.internet, dst, kEveryService, question);
        for (const Edges::PublicEntry* entry : entries) {
            if (entry->addresses.empty()) {  // E2: some address that nobody else has
                Cells more = walk.through_unknown_entry(
                    *entry, from.internet, s.unclaimed_internet(), kEveryService, question);
                cells.insert(cells.end(), more.begin(), more.end());
            }
        }
        // Without an entry they may still be published by somebody else's.
        for (const ConfigIndex config : targets) {
            const ConfigPlace& place = network.configurations()[config];
            const auto& address = place.configuration->address;
            if (!address || address->family != Family::v4 ||
                !network.edges().public_entries_to(config).empty() ||
                s.publishers(place.subnet).empty()) {
                continue;
            }
            Cell cell;
            cell.src.v4 = (from.internet & Edges::internet_space()).v4;
            cell.dst = AddressSet::single(*address);
            cell.packets = cell.sessions = FateAlgebra::weakened(Fate::all(asked));
            if (!cell.src.empty()) {
                cells.push_back(std::move(cell));
            }
        }
        add_flows(walk.algebra().merged(std::move(cells)), s.pool, flows);
    }

    const AddressSet literal = to.addresses - by_config;
    if (!literal.empty()) {
        WalkQuestion question;
        Cells cells = from_private(literal, asked, question, true);
        if (!from.internet.empty()) {
            Cells more =
                walk.algebra().merged(walk.from_internet(from.internet, literal, asked, question));
            cells.insert(cells.end(), more.begin(), more.end());
        }
        add_flows(std::move(cells), s.pool, flows);
    }
    std::sort(flows.begin(), flows.end(), [](const Flow& x, const Flow& y) {
        return std::tie(x.src, x.dst) < std::tie(y.src, y.dst);
    });
    return flows;
}

const std::vector<Fact>& ReachabilityState::publishers(SubnetIndex subnet) const {
    const std::lock_guard lock(publishers_mutex);
    const auto [it, added] = known_publishers.try_emplace(subnet);
    if (added) {
        it->second = possible_publishers(network, subnet);
    }
    return it->second;
}

AddressSet ReachabilityState::unclaimed_internet() const {
    AddressSet rest = Edges::internet_space();
    for (const Edges::PublicEntry& entry : network.edges().public_entries()) {
        rest -= entry.addresses;
    }
    rest.v6 = {};
    return rest;
}

}  // namespace azreach
