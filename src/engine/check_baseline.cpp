#include "src/engine/check_baseline.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "models/net/ensures.hpp"
#include "src/engine/check_parts.hpp"
#include "src/engine/diff_touched.hpp"

namespace azreach {

namespace {

/// Configurations of both snapshots by one number.
class Twins {
public:
    Twins(const Network& before, const Network& after) : networks_{&before, &after} {
        for (const int side : {0, 1}) {
            for (ConfigIndex i = 0; i < networks_[side]->configurations().size(); ++i) {
                const ConfigPlace& place = networks_[side]->configurations()[i];
                const auto number = static_cast<std::uint32_t>(numbers_.size());
                const auto [it, added] = numbers_.emplace(
                    std::pair(place.interface->header.id, place.configuration->id), number);
                if (added) {
                    configs_.push_back({kNoIndex, kNoIndex});
                }
                number_[side].push_back(it->second);
                configs_[it->second][static_cast<std::size_t>(side)] = i;
            }
        }
    }
    std::uint32_t number(int side, ConfigIndex config) const { return number_[side][config]; }
    ConfigIndex config(int side, std::uint32_t number) const {
        return configs_[number][static_cast<std::size_t>(side)];
    }

private:
    const Network* networks_[2];
    std::map<std::pair<ResourceId, ResourceId>, std::uint32_t> numbers_;
    std::vector<std::uint32_t> number_[2];
    std::vector<std::array<ConfigIndex, 2>> configs_;
};

/// Rectangles in coordinates that both snapshots share: NICs by number, else addresses.
struct SpaceKey {
    FlowPiece::Start start = FlowPiece::Start::nics;
    enum class To : std::uint8_t { nic, nic_by_translation, anywhere, elsewhere } to = To::nic;
    std::uint32_t target = 0;  // nic_by_translation
    friend auto operator<=>(const SpaceKey&, const SpaceKey&) = default;
};

struct SharedPiece {
    AddressSet src, dst;
    ServiceSet must, may;
    const FlowPiece* piece = nullptr;
    const ForbiddenFlow* flow = nullptr;
};

AddressSet numbers_as_set(std::vector<std::uint32_t> numbers) {
    std::vector<Range<std::uint32_t>> ranges;
    ranges.reserve(numbers.size());
    for (const std::uint32_t number : numbers) {
        ranges.push_back({number, number});
    }
    return {IntervalSet<std::uint32_t>::of(std::move(ranges)), {}};
}

class Comparison {
public:
    Comparison(const Network& before, const Network& after, const ConfigChanges& changes,
               const Policy& policy, const Endpoints& endpoints)
        : before_(before),
          after_(after),
          endpoints_before_(before),
          twins_(before, after),
          sets_before_(before, endpoints_before_, policy),
          sets_after_(after, endpoints, policy),
          finder_before_(before, sets_before_),
          finder_after_(after, sets_after_),
          names_before_(before, endpoints_before_),
          names_after_(after, endpoints),
          parts_before_(finder_before_, sets_before_),
          parts_after_(finder_after_, sets_after_),
          both_(before, after),
          rows_(both_.rows()),
          touched_(touched(both_, changes, rows_)) {
        for (const int side : {0, 1}) {
            row_of_[side].assign(network(side).configurations().size(), kNoIndex);
        }
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            for (const std::size_t twin : rows_[row].twins) {
                for (const int side : {0, 1}) {
                    const ConfigIndex config =
                        both_.configs()[twin].index[static_cast<std::size_t>(side)];
                    if (config != kNoIndex) {
                        row_of_[side][config] = static_cast<std::uint32_t>(row);
                    }
                }
            }
            const PacketSet packets = touched_.fine[row] | touched_.coarse[row];
            for (const Cube& cube : packets.cubes()) {
                touched_destinations_ |= cube.dst;
            }
            touched_packets_.push_back(packets);
        }
        for (const std::size_t twin : touched_.published) {
            for (const int side : {0, 1}) {
                published_[side].insert(
                    both_.configs()[twin].index[static_cast<std::size_t>(side)]);
            }
        }
    }

    /// What `side` delivers and the other does not.
    void gained(int side, const Invariant& invariant,
                const std::vector<const FlowExpression*>& permitted, InvariantResult& result);

private:
    const FlowFinder& finder(int side) const { return side == 0 ? finder_before_ : finder_after_; }
    const SetEvaluator& sets(int side) const { return side == 0 ? sets_before_ : sets_after_; }
    const Network& network(int side) const { return side == 0 ? before_ : after_; }

    EndpointSet translated(const EndpointSet& set, int from) const;
    Waypoints translated(const Waypoints& waypoints, int from) const;
    std::map<SpaceKey, std::vector<SharedPiece>> shared(int side,
                                                        const std::vector<FoundPiece>& found) const;
    std::vector<FoundPiece> find(int side, const ForbiddenFlow& flow) const;
    /// The part of the piece that the configuration changes touch; all else is the same in every
    /// world.
    std::vector<FoundPiece> touched_parts(int side, const FoundPiece& found) const;
    void show(int side, const ForbiddenFlow& flow, const std::optional<PickedPacket>& picked,
              bool certain, const FlowPiece& piece, const PieceCount& count,
              const std::vector<Fact>& facts, InvariantResult& result) const;

    const Network& before_;
    const Network& after_;
    Endpoints endpoints_before_;
    Twins twins_;
    SetEvaluator sets_before_, sets_after_;
    FlowFinder finder_before_, finder_after_;
    CheckNames names_before_, names_after_;
    FlowParts parts_before_, parts_after_;
    BothNetworks both_;
    std::vector<SenderRow> rows_;
    Touched touched_;
    std::vector<std::uint32_t> row_of_[2];    // by configuration
    std::vector<PacketSet> touched_packets_;  // by row
    AddressSet touched_destinations_;         // of any row
    std::set<ConfigIndex> published_[2];
};

EndpointSet Comparison::translated(const EndpointSet& set, int from) const {
    const int to = 1 - from;
    EndpointSet result = set;
    result.configs.clear();
    for (const ConfigIndex config : set.configs) {
        const ConfigIndex twin = twins_.config(to, twins_.number(from, config));
        if (twin != kNoIndex) {
            result.configs.push_back(twin);
        }
    }
    std::sort(result.configs.begin(), result.configs.end());
    result.lodgings.clear();
    for (const SubnetIndex subnet : set.lodgings) {
        const ResourceId& id = network(from).subnets()[subnet].subnet->header.id;
        if (const auto twin = network(to).subnet_index(id)) {
            result.lodgings.push_back(*twin);
        }
    }
    std::sort(result.lodgings.begin(), result.lodgings.end());
    return result;
}

Waypoints Comparison::translated(const Waypoints& waypoints, int from) const {
    const int to = 1 - from;
    EndpointSet configs;
    configs.configs = waypoints.configs;
    Waypoints result = waypoints;
    result.configs = translated(configs, from).configs;
    result.firewalls.clear();
    const auto& there = network(to).firewalls().all();
    for (const FirewallIndex firewall : waypoints.firewalls) {
        for (FirewallIndex i = 0; i < there.size(); ++i) {
            if (there[i].firewall->header.id ==
                network(from).firewalls().at(firewall).firewall->header.id) {
                result.firewalls.push_back(i);
            }
        }
    }
    std::sort(result.firewalls.begin(), result.firewalls.end());
    return result;
}

std::vector<FoundPiece> Comparison::find(int side, const ForbiddenFlow& flow) const {
    std::vector<FoundPiece> found;
    const std::unique_ptr<SetWalk> walk = finder(side).make_walk();
    FlowQuery query;
    query.from = &flow.from;
    query.to = &flow.to;
    query.services = finder(side).pool().intern(flow.services);
    query.pass = flow.pass;
    query.avoid = flow.avoid;
    query.per_target = true;
    finder(side).find(query, *walk, [&](FlowPiece piece) {
        found.push_back({std::move(piece), &flow});
        return true;
    });
    return found;
}

std::vector<FoundPiece> Comparison::touched_parts(int side, const FoundPiece& found) const {
    using Start = FlowPiece::Start;
    if (touched_.everything) {
        return {found};
    }
    const FlowPiece& piece = found.piece;
    ServicePool& pool = finder(side).pool();
    FateAlgebra fates(pool);
    std::vector<FoundPiece> result;
    const auto add = [&](const AddressSet& src, const AddressSet& dst, const ServiceSet& services) {
        FoundPiece part = found;
        part.piece.src = piece.src & src;
        part.piece.dst = piece.dst & dst;
        const ServiceId kept = pool.intern(services);
        part.piece.packets = fates.restricted(piece.packets, kept, kept);
        if (!part.piece.src.empty() && !part.piece.dst.empty() && !part.piece.packets.empty()) {
            result.push_back(std::move(part));
        }
    };
    const auto add_row = [&](std::size_t row, const AddressSet& src) {
        for (const Cube& cube : touched_packets_[row].cubes()) {
            add(cube.src & src, cube.dst, cube.service);
        }
    };
    switch (piece.start) {
        case Start::nics: {
            std::map<std::uint32_t, AddressSet> by_row;
            for (const ConfigIndex config : piece.group->configs) {
                const auto& address = network(side).configurations()[config].configuration->address;
                if (address && piece.src.contains(*address)) {
                    by_row[row_of_[side][config]] |= AddressSet::single(*address);
                }
            }
            for (const auto& [row, src] : by_row) {
                if (row == kNoIndex) {
                    add(src, AddressSet::all(), ServiceSet::every());
                } else {
                    add_row(row, src);
                }
            }
            break;
        }
        case Start::internet:
        case Start::onprem: {
            if (!piece.facts.empty()) {  // by whoever may publish it
                if (piece.targets != nullptr && piece.targets->size() == 1 &&
                    published_[side].contains(piece.targets->front())) {
                    result.push_back(found);
                }
                break;
            }
            const auto kind = piece.start == Start::internet ? SenderRow::Kind::internet
                                                             : SenderRow::Kind::onprem;
            bool known = false;
            for (std::size_t row = 0; row < rows_.size(); ++row) {
                if (rows_[row].kind == kind) {
                    known = true;
                    add_row(row, AddressSet::all());
                }
            }
            if (!known) {
                result.push_back(found);
            }
            break;
        }
        case Start::neighbour:  // it meets the filters of the destination only
            add(AddressSet::all(), touched_destinations_, ServiceSet::every());
            break;
        case Start::lodger:
            result.push_back(found);
            break;
        case Start::unmodelled:  // it is not modelled on either side: nothing to compare
            break;
    }
    return result;
}

std::map<SpaceKey, std::vector<SharedPiece>> Comparison::shared(
    int side, const std::vector<FoundPiece>& found) const {
    std::map<SpaceKey, std::vector<SharedPiece>> result;
    ServicePool& pool = finder(side).pool();
    for (const FoundPiece& item : found) {
        const FlowPiece& piece = item.piece;
        SharedPiece shared;
        shared.piece = &piece;
        shared.flow = item.flow;
        shared.must = pool.at(piece.packets.sets[Fate::can_must]);
        shared.may = pool.at(piece.packets.sets[Fate::can_may]);
        SpaceKey key;
        key.start = piece.start;
        if (piece.start == FlowPiece::Start::nics) {
            std::vector<std::uint32_t> senders;
            for (const ConfigIndex config : piece.group->configs) {
                const auto& address = network(side).configurations()[config].configuration->address;
                if (address && piece.src.contains(*address)) {
                    senders.push_back(twins_.number(side, config));
                }
            }
            shared.src = numbers_as_set(std::move(senders));
        } else {
            shared.src = piece.src.empty() ? AddressSet::all() : piece.src;
        }
        shared.dst = piece.dst.empty() ? AddressSet::all() : piece.dst;
        if (piece.own != nullptr) {
            std::vector<std::uint32_t> receivers;
            for (const auto& [address, config] : *piece.own) {
                if (piece.dst.contains(address)) {
                    receivers.push_back(twins_.number(side, config));
                }
            }
            shared.dst = numbers_as_set(std::move(receivers));
        } else if (piece.targets == nullptr) {
            key.to = SpaceKey::To::anywhere;
        } else if (piece.targets->empty()) {
            key.to = SpaceKey::To::elsewhere;
        } else {
            key.to = SpaceKey::To::nic_by_translation;
            key.target = twins_.number(side, piece.targets->front());
        }
        result[key].push_back(std::move(shared));
    }
    return result;
}

/// The packet that only `side` delivers, or may.
void Comparison::show(int side, const ForbiddenFlow& flow,
                      const std::optional<PickedPacket>& picked, bool certain,
                      const FlowPiece& piece, const PieceCount& count,
                      const std::vector<Fact>& facts, InvariantResult& result) const {
    if (result.status == InvariantStatus::violated) {
        return;  // one is enough
    }
    const CheckNames& names = side == 0 ? names_before_ : names_after_;
    const auto name_facts = [&](const std::vector<Fact>& list) {
        for (const Fact fact : list) {
            std::string name = network(side).facts().name(fact);
            if (std::find(result.depends_on.begin(), result.depends_on.end(), name) ==
                result.depends_on.end()) {
                result.depends_on.push_back(std::move(name));
            }
        }
    };
    name_facts(facts);
    result.status = InvariantStatus::unknown;
    if (picked) {
        TraceOptions options;
        options.counts = [&](const Walk& walk) {
            return arrives_as_asked(network(side), piece, flow, walk);
        };
        TraceResult traced = trace(network(side), picked->from, picked->packet, options);
        ensures(!certain || traced.verdict != PacketVerdict::dropped,
                "the trace drops a packet that the packet sets deliver");
        if (certain && traced.can_in_every_world) {
            result.status = InvariantStatus::violated;
            result.depends_on.clear();
        } else {
            name_facts(traced.depends_on);
        }
        show_witness(network(side), names, *picked, std::move(traced), result);
    }
    result.broken = flow.text;
    result.note = side == 1 ? "arrives now, and not in the baseline"
                            : "arrived in the baseline, and no longer";
    describe_affected(names, count, result);
}

void Comparison::gained(int side, const Invariant& invariant,
                        const std::vector<const FlowExpression*>& permitted,
                        InvariantResult& result) {
    const int other = 1 - side;
    for (const FlowExpression& expression : invariant.flows) {
        ForbiddenFlow whole;
        whole.from = sets(side).of(expression.from);
        whole.to = sets(side).of(expression.to);
        whole.services = expression.services  ? *expression.services
                         : invariant.services ? *invariant.services
                                              : ServiceSet::every();
        for (const SetExpression& via : expression.via) {
            whole.pass.push_back(finder(side).waypoints(sets(side).of(via)));
        }
        for (const SetExpression& via : expression.not_via) {
            whole.avoid = united(whole.avoid, finder(side).waypoints(sets(side).of(via)));
        }
        whole.text = expression.text;
        const FlowParts& parts = side == 0 ? parts_before_ : parts_after_;
        const std::vector<ForbiddenFlow> flows =
            parts.without(std::move(whole), permitted, ServiceSet::every());
        for (const ForbiddenFlow& flow : flows) {
            ForbiddenFlow there = flow;
            there.from = translated(flow.from, side);
            there.to = translated(flow.to, side);
            for (Waypoints& waypoints : there.pass) {
                waypoints = translated(waypoints, side);
            }
            there.avoid = translated(flow.avoid, side);
            std::vector<FoundPiece> found;
            for (const FoundPiece& item : find(side, flow)) {
                for (FoundPiece& part : touched_parts(side, item)) {
                    found.push_back(std::move(part));
                }
            }
            if (found.empty()) {
                continue;
            }
            const std::vector<FoundPiece> found_there = find(other, there);
            const auto here = shared(side, found);
            auto base = shared(other, found_there);
            PieceCount certain(network(side));
            PieceCount possible(network(side));
            std::optional<PickedPacket> best;
            bool best_certain = false;
            FlowPiece best_piece;
            std::vector<Fact> facts;
            for (const auto& [key, pieces] : here) {
                const std::vector<SharedPiece>& known = base[key];
                for (const SharedPiece& piece : pieces) {
                    std::vector<SharedPiece> rest{piece};
                    for (const SharedPiece& old : known) {
                        std::vector<SharedPiece> next;
                        for (SharedPiece& part : rest) {
                            const AddressSet src = part.src & old.src;
                            const AddressSet dst = part.dst & old.dst;
                            if (src.empty() || dst.empty()) {
                                next.push_back(std::move(part));
                                continue;
                            }
                            if (AddressSet beside = part.dst - dst; !beside.empty()) {
                                next.push_back(part);
                                next.back().src = src;
                                next.back().dst = std::move(beside);
                            }
                            if (AddressSet left = part.src - src; !left.empty()) {
                                next.push_back(part);
                                next.back().src = std::move(left);
                            }
                            part.src = src;
                            part.dst = dst;
                            part.must -= old.may;
                            part.may -= old.must;
                            if (!part.may.empty()) {
                                next.push_back(std::move(part));
                            }
                        }
                        rest = std::move(next);
                    }
                    for (const SharedPiece& part : rest) {
                        FlowPiece shown = *part.piece;  // back to addresses of this side
                        if (shown.start == FlowPiece::Start::nics) {
                            AddressSet src;
                            for (const ConfigIndex config : shown.group->configs) {
                                const auto& address =
                                    network(side).configurations()[config].configuration->address;
                                if (address &&
                                    part.src.contains(Address::v4(twins_.number(side, config)))) {
                                    src |= AddressSet::single(*address);
                                }
                            }
                            shown.src &= src;
                        } else {
                            shown.src &= part.src;
                        }
                        if (shown.own != nullptr) {
                            AddressSet dst;
                            for (const auto& [address, config] : *shown.own) {
                                if (part.dst.contains(Address::v4(twins_.number(side, config)))) {
                                    dst |= AddressSet::single(address);
                                }
                            }
                            shown.dst &= dst;
                        } else {
                            shown.dst &= part.dst;
                        }
                        const bool sure = !part.must.empty();
                        if (sure) {
                            certain.add(shown, part.must);
                        }
                        possible.add(shown, part.may);
                        const auto picked =
                            pick_packet(network(side), shown, sure ? part.must : part.may);
                        facts.insert(facts.end(), shown.facts.begin(), shown.facts.end());
                        const bool better =
                            picked && (!best || (sure && !best_certain) ||
                                       (sure == best_certain && picked->rank < best->rank));
                        if (better) {
                            best = picked;
                            best_certain = sure;
                            best_piece = shown;
                        } else if (!picked && !best && !sure) {
                            result.status = std::max(result.status, InvariantStatus::unknown);
                        }
                    }
                }
            }
            if (possible.sources() == 0 && possible.destinations() == 0 && !possible.unbounded()) {
                continue;
            }
            show(side, flow, best, best_certain, best_piece, best_certain ? certain : possible,
                 facts, result);
        }
    }
}

}  // namespace

void compare_with_baseline(const Network& before, const Network& after, const Endpoints& endpoints,
                           const Policy& policy, const Invariant& invariant,
                           const CheckOptions& options, InvariantResult& result) {
    result.status = InvariantStatus::held;
    const ConfigChanges changes(before.snapshot(), after.snapshot());
    if (changes.list().empty()) {
        result.note = "the snapshots configure the same";
        result.unchanged = true;
        return;
    }
    std::vector<const FlowExpression*> permitted;
    for (const FlowException& exception : invariant.except) {
        if (!exception.waiver.expired(options.today)) {
            permitted.push_back(&exception.flow);
        }
    }
    Comparison comparison(before, after, changes, policy, endpoints);
    comparison.gained(1, invariant, permitted, result);
    if (invariant.verb == Verb::same && result.status != InvariantStatus::violated) {
        comparison.gained(0, invariant, permitted, result);
    }
}

}  // namespace azreach
