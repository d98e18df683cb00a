// All pairs: rectangles of addresses from the set walk, as blocks of axis indices.
//
// The walk already splits sources and destinations only where something treats them differently;
// here addresses become rows and columns. A row of one address keeps the rectangles as they are;
// rows of several (a subnet, a VNet) are joined: always = for every pair of their addresses,
// can = for some.
#include <algorithm>
#include <map>

#include "src/engine/reachability_state.hpp"

namespace azreach {

namespace {

using AxisEntry = Reachability::AxisEntry;
using Block = Reachability::Block;
using Kind = AxisEntry::Kind;

/// Configurations whose addresses are all different, with the axis entry of each address.
struct Batch {
    std::vector<ConfigIndex> configs;
    std::map<Address, std::uint32_t> entry_of;
};

/// Addresses may repeat in networks that never meet: then they go into batches of their own.
std::vector<Batch> batches_of(const Network& network, const std::vector<AxisEntry>& axis) {
    std::vector<Batch> batches;
    for (std::uint32_t i = 0; i < axis.size(); ++i) {
        for (const ConfigIndex config : axis[i].configs) {
            const auto& address = network.configurations()[config].configuration->address;
            if (!address) {
                continue;
            }
            auto batch = std::find_if(batches.begin(), batches.end(), [&](const Batch& b) {
                return !b.entry_of.contains(*address);
            });
            if (batch == batches.end()) {
                batch = batches.emplace(batches.end());
            }
            batch->configs.push_back(config);
            batch->entry_of.emplace(*address, i);
        }
    }
    return batches;
}

/// How many addresses of each entry lie in a set: (entry, count), ascending.
std::vector<std::pair<std::uint32_t, std::uint64_t>> entries_in(const Batch& batch,
                                                                const AddressSet& set) {
    std::map<std::uint32_t, std::uint64_t> counts;
    const auto walk = [&](const Address& first, const Address& last) {
        for (auto it = batch.entry_of.lower_bound(first);
             it != batch.entry_of.end() && it->first <= last; ++it) {
            ++counts[it->second];
        }
    };
    for (const auto& range : set.v4.ranges()) {
        walk(Address::v4(range.first), Address::v4(range.last));
    }
    for (const auto& range : set.v6.ranges()) {
        walk(Address::v6(range.first), Address::v6(range.last));
    }
    return {counts.begin(), counts.end()};
}

void join(Outcome& into, const Outcome& more, bool first) {
    into.always_must = first ? more.always_must : into.always_must & more.always_must;
    into.always_may = first ? more.always_may : into.always_may & more.always_may;
    into.can_must |= more.can_must;
    into.can_may |= more.can_may;
}

struct Pair {
    Outcome packets, sessions;
    std::uint64_t covered = 0;  // pairs of addresses seen
};

std::vector<Range<std::uint32_t>> ranges_of(const std::vector<std::uint32_t>& sorted) {
    std::vector<Range<std::uint32_t>> ranges;
    for (const std::uint32_t index : sorted) {
        if (!ranges.empty() && ranges.back().last + 1 == index) {
            ranges.back().last = index;
        } else {
            ranges.push_back({index, index});
        }
    }
    return ranges;
}

}  // namespace

void Reachability::all_pairs(const std::vector<AxisEntry>& from, const std::vector<AxisEntry>& to,
                             const ServiceSet& services, int jobs,
                             const std::function<void(const Block&)>& sink) const {
    (void)jobs;
    const Network& network = state_->network;
    const std::vector<Batch> sources = batches_of(network, from);
    const std::vector<Batch> targets = batches_of(network, to);
    // Addresses of each family per entry, for "every pair of addresses".
    const auto counts = [&](const std::vector<AxisEntry>& axis) {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> result(axis.size());
        for (std::size_t i = 0; i < axis.size(); ++i) {
            for (const ConfigIndex config : axis[i].configs) {
                const auto& address = network.configurations()[config].configuration->address;
                if (address) {
                    ++(address->family == Family::v4 ? result[i].first : result[i].second);
                }
            }
        }
        return result;
    };
    const auto from_counts = counts(from);
    const auto to_counts = counts(to);

    std::map<std::pair<std::uint32_t, std::uint32_t>, Pair> joined;
    const auto add = [&](std::uint32_t i, std::uint32_t j, std::uint64_t covered, const Outcome& packets,
                         const Outcome& sessions) {
        if (packets.can_may.empty()) {
            return;
        }
        Pair& pair = joined[{i, j}];
        join(pair.packets, packets, pair.covered == 0);
        join(pair.sessions, sessions, pair.covered == 0);
        pair.covered += covered;
    };
    std::vector<Block> whole;  // blocks of single-address rows and columns, as they come
    const auto single = [](const std::vector<std::pair<std::uint64_t, std::uint64_t>>& list) {
        return std::all_of(list.begin(), list.end(),
                           [](const auto& c) { return c.first + c.second <= 1; });
    };
    const bool plain = single(from_counts) && single(to_counts);

    const auto index_of = [](const std::vector<AxisEntry>& axis, Kind kind) {
        const auto found = std::find_if(axis.begin(), axis.end(),
                                        [&](const AxisEntry& e) { return e.kind == kind; });
        return found == axis.end() ? std::optional<std::uint32_t>()
                                   : std::optional(static_cast<std::uint32_t>(found - axis.begin()));
    };
    const std::optional<std::uint32_t> to_internet = index_of(to, Kind::internet);
    const std::optional<std::uint32_t> to_onprem = index_of(to, Kind::onprem);
    AddressSet onprem;
    for (const Routes::OnpremEntry& entry : network.routes().onprem_entries()) {
        onprem |= entry.sources;
    }

    // From configurations.
    for (const Batch& source : sources) {
        SourceSet starts;
        starts.configs = source.configs;
        for (const Batch& target : targets) {
            DestinationSet ends;
            ends.configs = target.configs;
            for (const Flow& flow : flows(starts, ends, services)) {
                const auto rows = entries_in(source, flow.src);
                const auto columns = entries_in(target, flow.dst);
                if (plain && !flow.packets_delivered.can_may.empty()) {
                    Block block;
                    std::vector<std::uint32_t> list;
                    for (const auto& row : rows) list.push_back(row.first);
                    block.from = ranges_of(list);
                    list.clear();
                    for (const auto& column : columns) list.push_back(column.first);
                    block.to = ranges_of(list);
                    block.packets = flow.packets_delivered;
                    block.sessions = flow.sessions_delivered;
                    if (!block.from.empty() && !block.to.empty()) {
                        sink(block);
                    }
                    continue;
                }
                for (const auto& [i, a] : rows) {
                    for (const auto& [j, b] : columns) {
                        add(i, j, a * b, flow.packets_delivered, flow.sessions_delivered);
                    }
                }
            }
        }
        for (const bool outside : {true, false}) {
            const auto column = outside ? to_internet : to_onprem;
            if (!column) {
                continue;
            }
            DestinationSet ends;
            ends.addresses = outside ? Edges::internet_space() : onprem;
            Uint128 asked = ends.addresses.v4.count();
            std::map<std::uint32_t, std::pair<Pair, Uint128>> rows;
            for (const Flow& flow : flows(starts, ends, services)) {
                for (const auto& [i, a] : entries_in(source, flow.src)) {
                    auto& [pair, seen] = rows[i];
                    join(pair.packets, flow.packets, pair.covered == 0);
                    join(pair.sessions, flow.sessions, pair.covered == 0);
                    pair.covered += a;
                    seen += flow.dst.v4.count() * a;
                }
            }
            for (auto& [i, row] : rows) {
                auto& [pair, seen] = row;
                const bool every = seen == asked * from_counts[i].first;
                if (!every) {
                    pair.packets.always_must = pair.packets.always_may = {};
                    pair.sessions.always_must = pair.sessions.always_may = {};
                }
                if (!pair.packets.can_may.empty()) {
                    sink({{{i, i}}, {{*column, *column}}, pair.packets, pair.sessions});
                }
            }
        }
    }

    // From the internet and from on-premises: every source address, each destination.
    for (const Kind kind : {Kind::internet, Kind::onprem}) {
        const std::optional<std::uint32_t> row = index_of(from, kind);
        if (!row) {
            continue;
        }
        SourceSet starts;
        (kind == Kind::internet ? starts.internet : starts.onprem) =
            kind == Kind::internet ? Edges::internet_space() : onprem;
        const Uint128 asked = kind == Kind::internet ? starts.internet.v4.count() : onprem.v4.count();
        for (std::uint32_t j = 0; j < to.size(); ++j) {
            if (to[j].kind != Kind::configs) {
                continue;
            }
            DestinationSet ends;
            ends.configs = to[j].configs;
            Pair pair;
            Uint128 seen = 0;
            Uint128 columns = 0;
            for (const ConfigIndex config : to[j].configs) {
                (void)config;
                ++columns;
            }
            for (const Flow& flow : flows(starts, ends, services)) {
                if (flow.packets_delivered.can_may.empty()) {
                    continue;
                }
                join(pair.packets, flow.packets_delivered, pair.covered == 0);
                join(pair.sessions, flow.sessions_delivered, pair.covered == 0);
                ++pair.covered;
                seen += flow.src.v4.count();
            }
            if (pair.packets.can_may.empty()) {
                continue;
            }
            if (seen < asked * columns) {
                pair.packets.always_must = pair.packets.always_may = {};
                pair.sessions.always_must = pair.sessions.always_may = {};
            }
            sink({{{*row, *row}}, {{j, j}}, pair.packets, pair.sessions});
        }
    }

    for (auto& [key, pair] : joined) {
        const auto& [i, j] = key;
        std::uint64_t all = from_counts[i].first * to_counts[j].first +
                            from_counts[i].second * to_counts[j].second;
        for (const ConfigIndex config : from[i].configs) {  // nobody is asked to reach himself
            const auto& own = to[j].configs;
            if (std::find(own.begin(), own.end(), config) != own.end()) {
                --all;
            }
        }
        if (pair.covered < all) {
            pair.packets.always_must = pair.packets.always_may = {};
            pair.sessions.always_must = pair.sessions.always_may = {};
        }
        sink({{{i, i}}, {{j, j}}, pair.packets, pair.sessions});
    }
}

}  // namespace azreach
