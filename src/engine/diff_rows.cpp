#include "src/engine/diff_rows.hpp"

#include <algorithm>
#include <unordered_map>

namespace azreach {

namespace {

constexpr std::array<DiffSide, 2> kSides = {kBefore, kAfter};

}  // namespace

AddressSet union_of(const std::vector<const AddressSet*>& sets) {
    std::vector<Range<std::uint32_t>> v4;
    std::vector<Range<Uint128>> v6;
    for (const AddressSet* set : sets) {
        v4.insert(v4.end(), set->v4.ranges().begin(), set->v4.ranges().end());
        v6.insert(v6.end(), set->v6.ranges().begin(), set->v6.ranges().end());
    }
    return {IntervalSet<std::uint32_t>::of(std::move(v4)), IntervalSet<Uint128>::of(std::move(v6))};
}

BothNetworks::BothNetworks(const Network& before, const Network& after)
    : networks_{&before, &after},
      filters_{FilterIndexes(before, pool_), FilterIndexes(after, pool_)},
      states_{ReachabilityState(before), ReachabilityState(after)} {
    std::map<std::pair<ResourceId, ResourceId>, ConfigTwins> twins;
    for (const DiffSide side : kSides) {
        const auto& places = networks_[side]->configurations();
        for (ConfigIndex i = 0; i < places.size(); ++i) {
            const ResourceId& interface = places[i].interface->header.id;
            const ResourceId& configuration = places[i].configuration->id;
            ConfigTwins& own = twins[{interface, configuration}];
            own.interface = interface;
            own.configuration = configuration;
            own.index[side] = i;
        }
        for (const Edges::PublicEntry& entry : networks_[side]->edges().public_entries()) {
            public_[side] |= entry.addresses;
        }
        for (const Routes::OnpremEntry& entry : networks_[side]->routes().onprem_entries()) {
            onprem_[side] |= entry.sources;
        }
    }
    for (auto& [ids, own] : twins) {
        configs_.push_back(std::move(own));
    }
}

AddressSet BothNetworks::nobody() const {
    std::array<AddressSet, 2> result;
    for (const DiffSide side : kSides) {
        const Network& network = *networks_[side];
        std::vector<AddressSet> inside;
        std::vector<AddressSet> held;
        for (VnetIndex v = 0; v < network.vnets().size(); ++v) {
            AddressSet space;
            for (const Prefix& prefix : network.vnets()[v]->address_space) {
                space |= prefix.addresses();
            }
            for (Edges::Part& part : network.edges().partition(v, space)) {
                const bool free =
                    std::all_of(part.owners.begin(), part.owners.end(), [](const Owner& owner) {
                        return owner.kind == Owner::Kind::nobody ||
                               owner.kind == Owner::Kind::reserved;
                    });
                if (!free) {
                    held.push_back(std::move(part.addresses));
                }
            }
            inside.push_back(std::move(space));
        }
        const auto all = [](const std::vector<AddressSet>& sets) {
            std::vector<const AddressSet*> pointers;
            for (const AddressSet& set : sets) {
                pointers.push_back(&set);
            }
            return union_of(pointers);
        };
        result[side] = all(inside) - all(held);
    }
    return result[kBefore] & result[kAfter];
}

std::vector<SenderRow> BothNetworks::rows() {
    std::vector<SenderRow> rows;
    struct Key {
        std::array<SubnetIndex, 2> subnet;
        ResourceId interface;  // of a NIC with filters of its own
        auto operator<=>(const Key&) const = default;
    };
    std::map<Key, std::vector<std::size_t>> known;
    const auto place = [&](DiffSide side, ConfigIndex i) -> const ConfigPlace& {
        return networks_[side]->configurations()[i];
    };
    const auto sends = [&](DiffSide side, ConfigIndex i) {
        return i != kNoIndex && place(side, i).endpoint == nullptr;  // R39
    };
    // A configuration with one address before and another after is two senders.
    const auto add = [&](std::size_t twin, std::array<bool, 2> on) {
        const ConfigTwins& own = configs_[twin];
        // One subnet and no group at the NIC: one chain of filters. Nothing is compiled for it.
        Key key{{kNoIndex, kNoIndex}, {}};
        AddressSet address;
        bool known_address = true;
        for (const DiffSide side : kSides) {
            if (!on[side]) {
                continue;
            }
            const ConfigPlace& at = place(side, own.index[side]);
            key.subnet[side] = at.subnet;
            if (at.interface->security_group || !at.interface->header.contested.empty() ||
                at.subnet == kNoIndex) {
                key.interface = own.interface;
            }
            if (at.configuration->address) {
                address = AddressSet::single(*at.configuration->address);
            } else {
                known_address = false;  // some free address of its subnet                  [J6]
            }
        }
        SenderRow* row = nullptr;
        if (known_address) {
            for (const std::size_t r : known[key]) {
                if (!rows[r].src[on[kBefore] ? kBefore : kAfter].intersects(address)) {
                    row = &rows[r];
                    break;
                }
            }
        }
        if (row == nullptr) {
            if (known_address) {
                known[key].push_back(rows.size());
            }
            row = &rows.emplace_back();
        }
        row->twins.push_back(twin);
        for (const DiffSide side : kSides) {
            if (!on[side]) {
                continue;
            }
            const ConfigIndex index = own.index[side];
            row->group[side].configs.push_back(index);
            row->address_known[side] = known_address;
            const AddressSet from =
                known_address ? address : states_[side].free_space(place(side, index).subnet);
            row->src[side] |= from;
            row->group[side].addresses |= from;
        }
    };
    for (std::size_t twin = 0; twin < configs_.size(); ++twin) {
        const ConfigTwins& own = configs_[twin];
        const bool before = sends(kBefore, own.index[kBefore]);
        const bool after = sends(kAfter, own.index[kAfter]);
        if (before && after &&
            place(kBefore, own.index[kBefore]).configuration->address ==
                place(kAfter, own.index[kAfter]).configuration->address) {
            add(twin, {true, true});
            continue;
        }
        if (before) {
            add(twin, {true, false});
        }
        if (after) {
            add(twin, {false, true});
        }
    }
    for (SenderRow& row : rows) {
        for (SourceGroup& group : row.group) {
            std::sort(group.configs.begin(), group.configs.end());
        }
    }
    SenderRow internet;
    internet.kind = SenderRow::Kind::internet;
    internet.src = {Edges::internet_space(), Edges::internet_space()};
    rows.push_back(std::move(internet));
    if (!onprem_[kBefore].empty() || !onprem_[kAfter].empty()) {
        SenderRow onprem;
        onprem.kind = SenderRow::Kind::onprem;
        onprem.src = onprem_;
        rows.push_back(std::move(onprem));
    }
    return rows;
}

StateWalker::StateWalker(BothNetworks& both)
    : both_(both),
      walks_{SetWalk(both.network(kBefore), both.pool(), both.filters(kBefore)),
             SetWalk(both.network(kAfter), both.pool(), both.filters(kAfter))},
      algebra_(both.pool()),
      classifier_(both.pool()) {}

StateClassifier::States StateClassifier::states(const Fates& fates, ServiceId services) {
    const ServiceId must = fates.packets.sets[Fate::can_must];
    const ServiceId may = fates.packets.sets[Fate::can_may];
    const ServiceId back = pool_.intersect(must, fates.sessions.sets[Fate::can_must]);
    const ServiceId perhaps = pool_.intersect(must, fates.sessions.sets[Fate::can_may]);
    States result{};
    result[static_cast<std::size_t>(FlowState::blocked)] = pool_.subtract(services, may);
    result[static_cast<std::size_t>(FlowState::possible)] = pool_.subtract(may, must);
    result[static_cast<std::size_t>(FlowState::one_way)] = pool_.subtract(must, perhaps);
    result[static_cast<std::size_t>(FlowState::reply_unknown)] = pool_.subtract(perhaps, back);
    result[static_cast<std::size_t>(FlowState::reachable)] = back;
    return result;
}

Cells StateWalker::cells(DiffSide side, const SenderRow& row, const AddressSet& src,
                         const AddressSet& dst, ServiceId services) {
    static const WalkQuestion kAnywhere;
    SetWalk& walk = walks_[side];
    Cells cells;
    const AddressSet from = row.src[side] & src;
    if (from.empty()) {
        return cells;
    }
    switch (row.kind) {
        case SenderRow::Kind::configs:
            if (!row.group[side].configs.empty()) {
                cells = walk.from_group(row.group[side], from, dst, services, kAnywhere);
                if (!row.address_known[side]) {
                    walk.algebra().weaken(cells);
                }
            }
            break;
        case SenderRow::Kind::internet: {
            // Packets between others on the internet are not ours.
            const AddressSet ours = dst & both_.public_addresses(side);
            if (!ours.empty()) {
                cells = walk.from_internet(from, ours, services, kAnywhere);
            }
            // E2: an address that is not known yet may be any that nobody else has.
            Cells perhaps;
            for (const Edges::PublicEntry& entry : both_.network(side).edges().public_entries()) {
                const AddressSet some = entry.addresses.empty()
                                            ? dst & both_.state(side).unclaimed_internet()
                                            : AddressSet{};
                if (!some.empty()) {
                    perhaps = walk.algebra().either_fact(
                        std::move(perhaps),
                        walk.through_unknown_entry(entry, from, some, services, kAnywhere));
                }
            }
            cells.insert(cells.end(), std::make_move_iterator(perhaps.begin()),
                         std::make_move_iterator(perhaps.end()));
            break;
        }
        case SenderRow::Kind::onprem:
            cells = walk.from_onprem(from, dst, services, kAnywhere);
            break;
    }
    return cells;
}

void StateWalker::compare(const SenderRow& row, std::size_t row_index, const Cube& packets,
                          StateClassifier::Same same, bool fine, std::vector<StatePiece>& pieces) {
    const ServiceId services = both_.pool().intern(packets.service);
    std::array<Cells, 2> cells;
    for (const DiffSide side : kSides) {
        cells[side] = walks_[side].algebra().merged(
            this->cells(side, row, packets.src, packets.dst, services));
    }
    // Cut sources and destinations where some cell ends; what lies in no cell arrives nowhere.
    std::vector<const AddressSet*> sources;
    std::vector<const AddressSet*> destinations;
    for (const Cells& own : cells) {
        for (const Cell& cell : own) {
            sources.push_back(&cell.src);
            destinations.push_back(&cell.dst);
        }
    }
    const auto distinct = [](std::vector<const AddressSet*>& sets) {
        std::sort(sets.begin(), sets.end(),
                  [](const AddressSet* a, const AddressSet* b) { return *a < *b; });
        sets.erase(std::unique(sets.begin(), sets.end(),
                               [](const AddressSet* a, const AddressSet* b) { return *a == *b; }),
                   sets.end());
    };
    distinct(sources);
    distinct(destinations);
    if (sources.empty()) {
        return;
    }
    const AddressClasses source_classes(sources);
    const AddressClasses destination_classes(destinations);
    using Fates = std::array<StateClassifier::Fates, 2>;
    std::unordered_map<std::uint64_t, Fates> table;
    std::map<ClassIndex, AddressSet> source_of;
    std::map<ClassIndex, AddressSet> destination_of;
    std::vector<std::uint64_t> order;
    for (const DiffSide side : kSides) {
        for (const Cell& cell : cells[side]) {
            auto from = source_classes.split(cell.src);
            auto to = destination_classes.split(cell.dst);
            for (auto& [s, src] : from) {
                for (auto& [d, part] : to) {
                    const std::uint64_t key = (std::uint64_t{s} << 32) | d;
                    const auto [it, added] = table.try_emplace(key);
                    if (added) {
                        order.push_back(key);
                    }
                    StateClassifier::Fates& fates = it->second[side];
                    using Op = FateAlgebra::Op;  // cells that overlap have disjoint services
                    fates.packets = algebra_.combined(fates.packets, cell.packets, Op::add);
                    fates.sessions = algebra_.combined(fates.sessions, cell.sessions, Op::add);
                }
            }
            for (auto& [s, src] : from) {
                source_of.emplace(s, std::move(src));
            }
            for (auto& [d, part] : to) {
                destination_of.emplace(d, std::move(part));
            }
        }
    }
    std::sort(order.begin(), order.end());

    std::map<std::pair<ClassIndex, StateClassifier::Found>, std::vector<ClassIndex>> found;
    for (const std::uint64_t key : order) {
        const Fates& fates = table.at(key);
        classifier_.classify(fates[kBefore], fates[kAfter], services, same,
                             [&](const StateClassifier::Found& one) {
                                 found[{static_cast<ClassIndex>(key >> 32), one}].push_back(
                                     static_cast<ClassIndex>(key & 0xFFFFFFFFU));
                             });
    }
    for (const auto& [at, columns] : found) {
        StatePiece piece;
        piece.row = row_index;
        piece.src = source_of.at(at.first);
        std::vector<const AddressSet*> parts;
        for (const ClassIndex column : columns) {
            parts.push_back(&destination_of.at(column));
        }
        piece.dst = union_of(parts);
        piece.services = at.second.services;
        piece.before = at.second.before;
        piece.after = at.second.after;
        piece.fine = fine;
        pieces.push_back(std::move(piece));
    }
}

}  // namespace azreach
