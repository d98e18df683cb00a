// Pairs of configurations compared by their classes: senders and receivers that nothing on the way
// tells apart are evaluated once (reachability_all_pairs.cpp), and only then cut by address.
#include <algorithm>
#include <unordered_map>

#include "src/engine/diff_rows.hpp"

namespace azreach {

namespace {

constexpr std::array<DiffSide, 2> kSides = {kBefore, kAfter};
constexpr std::uint32_t kNowhereAt = 0xFFFFFFFFU;

/// What one side says of a row: columns and the number of their fates, ascending, disjoint.
struct Line {
    std::vector<std::pair<Range<std::uint32_t>, std::uint32_t>> columns;
};

}  // namespace

PairStates::PairStates(BothNetworks& both) : both_(both), classifier_(both.pool()) {
    for (const DiffSide side : kSides) {
        reachability_[side] = std::make_unique<Reachability>(both.network(side));
    }
    // Columns: one configuration with one known address, the same on both sides.
    std::map<Address, std::vector<std::size_t>> holders;
    for (std::size_t twin = 0; twin < both.configs().size(); ++twin) {
        for (const DiffSide side : kSides) {
            const ConfigIndex index = both.configs()[twin].index[side];
            if (index == kNoIndex) {
                continue;
            }
            const auto& address = both.network(side).configurations()[index].configuration->address;
            if (address) {
                std::vector<std::size_t>& own = holders[*address];
                if (own.empty() || own.back() != twin) {
                    own.push_back(twin);
                }
            }
        }
    }
    std::vector<AddressSet> held;
    for (const auto& [address, twins] : holders) {
        if (twins.size() != 1) {
            continue;
        }
        const ConfigTwins& own = both.configs()[twins.front()];
        const bool on_both = std::all_of(kSides.begin(), kSides.end(), [&](DiffSide side) {
            return own.index[side] != kNoIndex &&
                   both.network(side).configurations()[own.index[side]].configuration->address ==
                       address;
        });
        if (on_both) {
            columns_.emplace_back(address, twins.front());
            held.push_back(AddressSet::single(address));
        }
    }
    std::vector<const AddressSet*> pointers;
    for (const AddressSet& one : held) {
        pointers.push_back(&one);
    }
    addresses_ = union_of(pointers);
}

bool PairStates::understands(const SenderRow& row) const {
    return row.kind == SenderRow::Kind::configs && row.address_known[kBefore] &&
           row.address_known[kAfter] && !row.group[kBefore].configs.empty() &&
           !row.group[kAfter].configs.empty();
}

void PairStates::compare(const std::vector<SenderRow>& rows, const std::vector<std::size_t>& which,
                         const AddressSet& src, const AddressSet& dst, const ServiceSet& services,
                         StateClassifier::Same same, bool fine, int jobs,
                         std::vector<StatePiece>& pieces) {
    using AxisEntry = Reachability::AxisEntry;
    struct Sender {
        std::size_t row;
        Address address;
    };
    std::vector<Sender> senders;
    std::array<std::vector<AxisEntry>, 2> from;
    std::array<std::vector<AxisEntry>, 2> to;
    for (const std::size_t row : which) {
        for (const std::size_t twin : rows[row].twins) {
            const ConfigTwins& own = both_.configs()[twin];
            const Address address =
                *both_.network(kAfter).configurations()[own.index[kAfter]].configuration->address;
            if (!src.contains(address)) {
                continue;
            }
            senders.push_back({row, address});
            for (const DiffSide side : kSides) {
                from[side].push_back({AxisEntry::Kind::configs, {own.index[side]}});
            }
        }
    }
    std::vector<Address> receivers;
    for (const auto& [address, twin] : columns_) {
        if (!dst.contains(address)) {
            continue;
        }
        receivers.push_back(address);
        for (const DiffSide side : kSides) {
            to[side].push_back({AxisEntry::Kind::configs, {both_.configs()[twin].index[side]}});
        }
    }
    if (senders.empty() || receivers.empty()) {
        return;
    }
    // Fates by number, both sides together.
    std::vector<StateClassifier::Fates> fates;
    std::array<std::vector<Line>, 2> lines;
    const auto interned = [&](const Outcome& outcome) {
        ServicePool& pool = both_.pool();
        return Fate{{pool.intern(outcome.always_must), pool.intern(outcome.can_must),
                     pool.intern(outcome.always_may), pool.intern(outcome.can_may)}};
    };
    for (const DiffSide side : kSides) {
        lines[side].resize(senders.size());
        reachability_[side]->all_pairs(
            from[side], to[side], services, jobs, [&](const Reachability::Block& block) {
                const auto number = static_cast<std::uint32_t>(fates.size());
                fates.push_back({interned(block.packets), interned(block.sessions)});
                for (const auto& range : block.from) {
                    for (std::uint32_t i = range.first; i <= range.last; ++i) {
                        for (const auto& columns : block.to) {
                            lines[side][i].columns.emplace_back(columns, number);
                        }
                    }
                }
            });
    }
    // Equal fates get one number, then senders with equal lines are one.
    std::map<std::array<ServiceId, 8>, std::uint32_t> known;
    std::vector<std::uint32_t> canonical;
    for (std::uint32_t i = 0; i < fates.size(); ++i) {
        std::array<ServiceId, 8> key{};
        std::copy(fates[i].packets.sets.begin(), fates[i].packets.sets.end(), key.begin());
        std::copy(fates[i].sessions.sets.begin(), fates[i].sessions.sets.end(), key.begin() + 4);
        canonical.push_back(known.emplace(key, i).first->second);
    }
    using Key = std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>>;
    std::map<std::pair<Key, Key>, std::vector<std::uint32_t>> alike;
    for (std::uint32_t i = 0; i < senders.size(); ++i) {
        std::array<Key, 2> key;
        for (const DiffSide side : kSides) {
            for (const auto& [columns, number] : lines[side][i].columns) {
                key[side].emplace_back(columns.first, columns.last, canonical[number]);
            }
            std::sort(key[side].begin(), key[side].end());
        }
        alike[{std::move(key[kBefore]), std::move(key[kAfter])}].push_back(i);
    }
    const ServiceId asked = both_.pool().intern(services);
    for (const auto& [key, members] : alike) {
        // The states of every column.
        std::vector<std::array<std::uint32_t, 2>> at(
            receivers.size(), std::array<std::uint32_t, 2>{kNowhereAt, kNowhereAt});
        for (const auto& [side, line] :
             {std::pair(kBefore, &key.first), std::pair(kAfter, &key.second)}) {
            for (const auto& [first, last, number] : *line) {
                for (std::uint32_t column = first; column <= last; ++column) {
                    at[column][side] = number;
                }
            }
        }
        std::map<std::array<std::uint32_t, 2>, std::vector<std::uint32_t>> groups;
        for (std::uint32_t column = 0; column < at.size(); ++column) {
            if (same != StateClassifier::Same::none || at[column][0] != at[column][1]) {
                groups[at[column]].push_back(column);
            }
        }
        std::map<std::size_t, std::vector<AddressSet>> sources;
        for (const std::uint32_t i : members) {
            sources[senders[i].row].push_back(AddressSet::single(senders[i].address));
        }
        std::map<StateClassifier::Found, std::vector<std::uint32_t>> found;
        for (const auto& [numbers, columns] : groups) {
            static const StateClassifier::Fates kNone;
            classifier_.classify(numbers[0] == kNowhereAt ? kNone : fates[numbers[0]],
                                 numbers[1] == kNowhereAt ? kNone : fates[numbers[1]], asked, same,
                                 [&](const StateClassifier::Found& one) {
                                     std::vector<std::uint32_t>& all = found[one];
                                     all.insert(all.end(), columns.begin(), columns.end());
                                 });
        }
        for (const auto& [one, columns] : found) {
            std::vector<AddressSet> held;
            for (const std::uint32_t column : columns) {
                held.push_back(AddressSet::single(receivers[column]));
            }
            const auto all = [](const std::vector<AddressSet>& sets) {
                std::vector<const AddressSet*> pointers;
                for (const AddressSet& set : sets) {
                    pointers.push_back(&set);
                }
                return union_of(pointers);
            };
            const AddressSet destinations = all(held);
            for (const auto& [row, parts] : sources) {
                StatePiece piece;
                piece.row = row;
                piece.src = all(parts);
                piece.dst = destinations;
                piece.services = one.services;
                piece.before = one.before;
                piece.after = one.after;
                piece.fine = fine;
                pieces.push_back(std::move(piece));
            }
        }
    }
}

}  // namespace azreach
