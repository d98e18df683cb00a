#include "src/engine/diff_group.hpp"

#include <algorithm>
#include <set>

namespace azreach {

namespace {

constexpr std::array<DiffSide, 2> kSides = {kBefore, kAfter};
constexpr std::size_t kNamesShown = 4;

bool overlapping_vnets(const BothNetworks& both) {
    for (const DiffSide side : kSides) {
        Uint128 sum = 0;
        std::vector<AddressSet> spaces;
        std::vector<const AddressSet*> pointers;
        for (const VirtualNetwork* vnet : both.network(side).vnets()) {
            std::vector<const AddressSet*> own;
            AddressSet space;
            for (const Prefix& prefix : vnet->address_space) {
                space |= prefix.addresses();
            }
            sum += space.count();
            spaces.push_back(std::move(space));
        }
        for (const AddressSet& space : spaces) {
            pointers.push_back(&space);
        }
        if (union_of(pointers).count() != sum) {
            return true;
        }
    }
    return false;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) {
        text += (i == 0 ? "" : ", ") + names[i];
    }
    if (names.size() > kNamesShown) {
        text += " and " + std::to_string(names.size() - kNamesShown) + " more";
    }
    return text;
}

std::vector<std::string> texts_of(const AddressSet& set) {
    std::vector<std::string> result;
    for (const Prefix& prefix : prefixes_of(set)) {
        result.push_back(prefix.length() == width(prefix.family()) ? to_string(prefix.first())
                                                                   : to_string(prefix));
    }
    return result;
}

}  // namespace

namespace {

struct Part {
    AddressSet src;
    ServiceId services = kNoService;
    AddressSet dst;
};

/// Pieces of one row in the same states, cut so that every pair of addresses is in one part only.
std::vector<Part> canonical(ServicePool& pool, const std::vector<StatePiece>& pieces) {
    if (pieces.size() == 1) {
        return {{pieces[0].src, pieces[0].services, pieces[0].dst}};
    }
    std::vector<const AddressSet*> sources;
    std::vector<const AddressSet*> destinations;
    for (const StatePiece& piece : pieces) {
        sources.push_back(&piece.src);
        destinations.push_back(&piece.dst);
    }
    const AddressClasses source_classes(sources);
    const AddressClasses destination_classes(destinations);
    std::map<ClassIndex, AddressSet> source_of;
    std::map<ClassIndex, AddressSet> destination_of;
    std::map<std::pair<ClassIndex, ClassIndex>, ServiceId> table;
    for (const StatePiece& piece : pieces) {
        const auto from = source_classes.split(piece.src);
        const auto to = destination_classes.split(piece.dst);
        for (const auto& [s, src] : from) {
            source_of.emplace(s, src);
            for (const auto& [d, dst] : to) {
                ServiceId& services = table.try_emplace({s, d}, kNoService).first->second;
                services = pool.unite(services, piece.services);
                destination_of.emplace(d, dst);
            }
        }
    }
    std::map<std::pair<ClassIndex, ServiceId>, std::vector<const AddressSet*>> joined;
    for (const auto& [at, services] : table) {
        joined[{at.first, services}].push_back(&destination_of.at(at.second));
    }
    std::vector<Part> result;
    for (const auto& [key, parts] : joined) {
        result.push_back({source_of.at(key.first), key.second, union_of(parts)});
    }
    return result;
}

}  // namespace

std::vector<StateRectangle> rectangles(BothNetworks& both, const std::vector<SenderRow>& rows,
                                       std::vector<StatePiece> pieces) {
    const bool apart = overlapping_vnets(both);
    const auto context = [&](std::size_t row) -> std::uint64_t {
        const SenderRow& own = rows[row];
        if (own.kind != SenderRow::Kind::configs) {
            return own.kind == SenderRow::Kind::internet ? 1 : 2;
        }
        if (!apart) {
            return 0;
        }
        const DiffSide side = own.group[kAfter].configs.empty() ? kBefore : kAfter;
        const ConfigPlace& place =
            both.network(side).configurations()[own.group[side].configs.front()];
        return place.subnet == kNoIndex
                   ? 3
                   : 4 + 2 * std::uint64_t{both.network(side).subnets()[place.subnet].vnet_index} +
                         side;
    };
    // One row, same states: what several pieces say of one pair of addresses is one set of
    // services, and sources with the same services to the same destinations are one.
    using RowKey = std::tuple<std::size_t, FlowState, FlowState, bool>;
    std::map<RowKey, std::vector<StatePiece>> by_row;
    for (StatePiece& piece : pieces) {
        const RowKey key(piece.row, piece.before, piece.after, piece.rerouted);
        by_row[key].push_back(std::move(piece));
    }
    using Key = std::tuple<std::uint64_t, FlowState, FlowState, ServiceId, AddressSet, bool>;
    std::map<Key, std::vector<StateRectangle::Senders>> joined_rows;
    for (const auto& [key, own] : by_row) {
        const auto& [row, before, after, rerouted] = key;
        for (auto& [part, services, dst] : canonical(both.pool(), own)) {
            auto& senders =
                joined_rows[Key(context(row), before, after, services, std::move(dst), rerouted)];
            if (!senders.empty() && senders.back().row == row) {
                senders.back().src |= part;
            } else {
                senders.push_back({row, std::move(part)});
            }
        }
    }
    std::vector<StateRectangle> result;
    for (auto& [key, senders] : joined_rows) {
        StateRectangle rectangle;
        rectangle.from = std::move(senders);
        rectangle.before = std::get<1>(key);
        rectangle.after = std::get<2>(key);
        rectangle.services = std::get<3>(key);
        rectangle.dst = std::get<4>(key);
        rectangle.rerouted = std::get<5>(key);
        result.push_back(std::move(rectangle));
    }
    return result;
}

SideNames::SideNames(const BothNetworks& both) : both_(both) {
    for (const DiffSide side : {kAfter, kBefore}) {
        const Endpoints endpoints(both.network(side));
        for (const Endpoint& endpoint : endpoints.all()) {
            uses_.emplace(endpoint.id, endpoint.use);
        }
    }
    for (const DiffSide side : {kAfter, kBefore}) {
        for (const auto& [id, machine] : both.network(side).snapshot().virtual_machines) {
            for (const ResourceId& interface : machine.interfaces) {
                machines_.emplace(interface, id);
            }
        }
    }
    for (std::size_t twin = 0; twin < both.configs().size(); ++twin) {
        by_subnet_[subnet_of(twin)].push_back(twin);
        for (const DiffSide side : kSides) {
            const ConfigIndex index = both.configs()[twin].index[side];
            if (index != kNoIndex) {
                const auto& address =
                    both.network(side).configurations()[index].configuration->address;
                if (address) {
                    by_address_.emplace_back(*address, twin);
                }
            }
        }
    }
    std::sort(by_address_.begin(), by_address_.end());
    by_address_.erase(std::unique(by_address_.begin(), by_address_.end()), by_address_.end());
    for (const auto& [subnet, twins] : by_subnet_) {
        if (!subnet.empty()) {
            subnets_of_vnet_[subnet.parent()].push_back(subnet);
        }
    }
    for (const DiffSide side : {kAfter, kBefore}) {
        const Network& network = both.network(side);
        for (const Edges::PublicEntry& entry : network.edges().public_entries()) {
            if (entry.addresses.count() != 1) {
                continue;
            }
            Named named{use(entry.balancer.empty() ? entry.public_ip : entry.balancer),
                        entry.balancer.empty() ? entry.public_ip : entry.balancer};
            if (entry.balancer.empty() && !entry.ways.empty() &&
                entry.ways.front().config != kNoIndex) {
                const NetworkInterface& interface =
                    *network.configurations()[entry.ways.front().config].interface;
                named.id =
                    interface.virtual_machine ? *interface.virtual_machine : interface.header.id;
                named.name = use(named.id);
            }
            named.name += " (" + to_string(*entry.addresses.smallest()) + ")";
            frontends_.emplace(*entry.addresses.smallest(), std::move(named));
        }
        for (const auto& [id, balancer] : network.snapshot().load_balancers) {
            for (const LbFrontend& frontend : balancer.frontends) {
                if (frontend.address) {
                    frontends_.emplace(
                        *frontend.address,
                        Named{use(id) + " (" + to_string(*frontend.address) + ")", id});
                }
            }
        }
    }
}

/// The machine of a NIC, by either's word; the NIC itself when it has none.
ResourceId SideNames::machine_of(const NetworkInterface& interface) const {
    const auto known = machines_.find(interface.header.id);
    if (known != machines_.end()) {
        return known->second;
    }
    return interface.virtual_machine && uses_.contains(*interface.virtual_machine)
               ? *interface.virtual_machine
               : interface.header.id;
}

std::string SideNames::use(const ResourceId& id) const {
    const auto found = uses_.find(id);
    return found == uses_.end() ? std::string(id.name()) : found->second;
}

const ConfigPlace& SideNames::place(std::size_t twin) const {
    const ConfigTwins& own = both_.configs()[twin];
    const DiffSide side = own.index[kAfter] == kNoIndex ? kBefore : kAfter;
    return both_.network(side).configurations()[own.index[side]];
}

ResourceId SideNames::subnet_of(std::size_t twin) const {
    const Ref& subnet = place(twin).configuration->subnet;
    return subnet ? *subnet : ResourceId();
}

std::vector<SideNames::Named> SideNames::named(const std::vector<std::size_t>& twins) const {
    std::map<ResourceId, std::vector<std::size_t>> mine;
    for (const std::size_t twin : twins) {
        mine[subnet_of(twin)].push_back(twin);
    }
    std::vector<Named> result;
    std::set<ResourceId> whole;
    for (const auto& [subnet, own] : mine) {
        if (!subnet.empty() && own.size() > 1 && own.size() == by_subnet_.at(subnet).size()) {
            whole.insert(subnet);
        }
    }
    std::set<ResourceId> done;
    for (const auto& [vnet, subnets] : subnets_of_vnet_) {
        // A whole network: every subnet with somebody in it, single machines included.
        const bool all =
            subnets.size() > 1 &&
            std::all_of(subnets.begin(), subnets.end(), [&](const ResourceId& s) {
                const auto found = mine.find(s);
                return found != mine.end() && found->second.size() == by_subnet_.at(s).size();
            });
        if (all) {
            result.push_back({use(vnet), vnet});
            done.insert(subnets.begin(), subnets.end());
        }
    }
    for (const ResourceId& subnet : whole) {
        if (!done.contains(subnet)) {
            result.push_back({use(subnet), subnet});
            done.insert(subnet);
        }
    }
    std::set<ResourceId> seen;
    for (const auto& [subnet, own] : mine) {
        if (done.contains(subnet)) {
            continue;
        }
        for (const std::size_t twin : own) {
            const ConfigPlace& at = place(twin);
            ResourceId id = at.interface->header.id;
            if (at.endpoint != nullptr) {
                id = at.endpoint->header.id;
            } else {
                id = machine_of(*at.interface);
            }
            if (seen.insert(id).second) {
                result.push_back({use(id), id});
            }
        }
    }
    return result;
}

FlowSide SideNames::sources(const std::vector<SenderRow>& rows,
                            const std::vector<StateRectangle::Senders>& from) const {
    FlowSide side;
    std::vector<std::size_t> twins;
    std::vector<const AddressSet*> sets;
    for (const StateRectangle::Senders& senders : from) {
        const SenderRow& row = rows[senders.row];
        sets.push_back(&senders.src);
        side.internet = side.internet || row.kind == SenderRow::Kind::internet;
        side.onprem = side.onprem || row.kind == SenderRow::Kind::onprem;
        for (const std::size_t twin : row.twins) {
            for (const DiffSide s : kSides) {
                const ConfigIndex index = both_.configs()[twin].index[s];
                if (index == kNoIndex) {
                    continue;
                }
                const auto& address =
                    both_.network(s).configurations()[index].configuration->address;
                if (!address || senders.src.contains(*address)) {
                    twins.push_back(twin);
                    break;
                }
            }
        }
    }
    side.addresses = union_of(sets);
    std::vector<std::string> names;
    if (side.internet || side.onprem) {
        const AddressSet everything =
            side.internet ? Edges::internet_space() : both_.onprem(kBefore) | both_.onprem(kAfter);
        const bool all = (side.addresses.v4.empty() || side.addresses.v4 == everything.v4) &&
                         (side.addresses.v6.empty() || side.addresses.v6 == everything.v6);
        side.name = side.internet ? "internet" : "onprem";
        if (!all) {
            AddressSet rest = everything - side.addresses;
            rest.v4 = side.addresses.v4.empty() ? IntervalSet<std::uint32_t>() : rest.v4;
            rest.v6 = side.addresses.v6.empty() ? IntervalSet<Uint128>() : rest.v6;
            side.name += rest.count() < side.addresses.count()
                             ? " except " + joined(texts_of(rest))
                             : " " + joined(texts_of(side.addresses));
        }
        return side;
    }
    std::sort(twins.begin(), twins.end());
    twins.erase(std::unique(twins.begin(), twins.end()), twins.end());
    for (const std::size_t twin : twins) {
        const ResourceId& interface = both_.configs()[twin].interface;
        if (side.interfaces.empty() || side.interfaces.back() != interface) {
            side.interfaces.push_back(interface);
        }
    }
    for (const Named& item : named(twins)) {
        names.push_back(item.name);
        side.ids.push_back(item.id);
    }
    side.name = joined(names);
    return side;
}

std::vector<std::size_t> SideNames::at(const AddressSet& addresses) const {
    std::vector<std::size_t> result;
    const auto each = [&](const Address& first, const Address& last) {
        for (auto it = std::lower_bound(by_address_.begin(), by_address_.end(),
                                        std::pair(first, std::size_t{0}));
             it != by_address_.end() && it->first <= last; ++it) {
            result.push_back(it->second);
        }
    };
    for (const auto& range : addresses.v4.ranges()) {
        each(Address::v4(range.first), Address::v4(range.last));
    }
    for (const auto& range : addresses.v6.ranges()) {
        each(Address::v6(range.first), Address::v6(range.last));
    }
    return result;
}

std::vector<ResourceId> SideNames::vnets_of(
    const std::vector<SenderRow>& rows, const std::vector<StateRectangle::Senders>& from) const {
    std::set<ResourceId> result;
    for (const StateRectangle::Senders& senders : from) {
        for (const std::size_t twin : rows[senders.row].twins) {
            if (const ResourceId subnet = subnet_of(twin); !subnet.empty()) {
                result.insert(subnet.parent());
            }
        }
    }
    return {result.begin(), result.end()};
}

FlowSide SideNames::destinations(const AddressSet& dst,
                                 const std::vector<ResourceId>& vnets) const {
    FlowSide side;
    side.addresses = dst;
    // The networks that packets from there can enter.
    std::set<ResourceId> near;
    for (const DiffSide s : kSides) {
        const Network& network = both_.network(s);
        for (const ResourceId& vnet : vnets) {
            if (const auto index = network.vnet_index(vnet)) {
                for (const std::uint32_t other : network.routes().neighbours(*index)) {
                    near.insert(network.vnets()[other]->header.id);
                }
                near.insert(vnet);
            }
        }
    }
    std::vector<std::size_t> twins;
    std::vector<AddressSet> held;
    const auto each = [&](const Address& first, const Address& last) {
        for (auto it = std::lower_bound(by_address_.begin(), by_address_.end(),
                                        std::pair(first, std::size_t{0}));
             it != by_address_.end() && it->first <= last;) {
            // Several with one address: those that are near, or all.
            const Address address = it->first;
            std::vector<std::size_t> own;
            for (; it != by_address_.end() && it->first == address; ++it) {
                own.push_back(it->second);
            }
            if (own.size() > 1 && !near.empty()) {
                std::vector<std::size_t> close;
                for (const std::size_t twin : own) {
                    if (near.contains(subnet_of(twin).parent())) {
                        close.push_back(twin);
                    }
                }
                if (!close.empty()) {
                    own = std::move(close);
                }
            }
            twins.insert(twins.end(), own.begin(), own.end());
            held.push_back(AddressSet::single(address));
        }
    };
    for (const auto& range : dst.v4.ranges()) {
        each(Address::v4(range.first), Address::v4(range.last));
    }
    for (const auto& range : dst.v6.ranges()) {
        each(Address::v6(range.first), Address::v6(range.last));
    }
    std::vector<std::string> names;
    for (const auto& [address, frontend] : frontends_) {
        if (dst.contains(address)) {
            names.push_back(frontend.name);
            side.ids.push_back(frontend.id);
            held.push_back(AddressSet::single(address));
        }
    }
    std::sort(twins.begin(), twins.end());
    twins.erase(std::unique(twins.begin(), twins.end()), twins.end());
    for (const Named& item : named(twins)) {
        names.push_back(item.name);
        side.ids.push_back(item.id);
    }
    std::vector<const AddressSet*> pointers;
    for (const AddressSet& one : held) {
        pointers.push_back(&one);
    }
    AddressSet rest = dst - union_of(pointers);
    const AddressSet outside = rest & Edges::internet_space();
    if (!outside.empty()) {
        const AddressSet ours = both_.public_addresses(kBefore) | both_.public_addresses(kAfter);
        side.internet = true;
        const AddressSet everything = Edges::internet_space() - ours;
        const bool all = (outside.v4.empty() || outside.v4.contains_all(everything.v4)) &&
                         (outside.v6.empty() || outside.v6.contains_all(everything.v6));
        names.push_back(all ? "internet" : "internet " + joined(texts_of(outside)));
        rest -= outside;
    }
    const AddressSet behind = rest & (both_.onprem(kBefore) | both_.onprem(kAfter));
    if (!behind.empty()) {
        side.onprem = true;
        names.push_back("onprem " + joined(texts_of(behind)));
        rest -= behind;
    }
    if (!rest.empty()) {
        names.push_back(joined(texts_of(rest)));
    }
    side.name = joined(names);
    return side;
}

}  // namespace azreach
