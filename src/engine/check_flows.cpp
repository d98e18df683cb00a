#include "src/engine/check_flows.hpp"

#include <algorithm>
#include <iterator>

namespace azreach {

FlowFinder::FlowFinder(const Network& network, const SetEvaluator& sets)
    : sets_(sets), state_(network) {
    make_translations();
    for (const FirewallPlace& place : network.firewalls().all()) {
        for (const Address& address : place.addresses) {
            firewall_addresses_ |= AddressSet::single(address);
        }
    }
    for (const Edges::PublicEntry& entry : network.edges().public_entries()) {
        const bool by_firewall = std::any_of(
            entry.ways.begin(), entry.ways.end(),
            [](const Translation& way) { return way.kind == Translation::Kind::firewall; });
        if (by_firewall) {
            firewall_entries_ |= entry.addresses;
        }
    }
    for (VnetIndex vnet = 0; vnet < network.vnets().size(); ++vnet) {
        Neighbour neighbour;
        neighbour.vnet = vnet;
        for (const HopTarget& target : network.routes().appliance_vnets(vnet)) {
            if (target.vnet == kNoIndex) {
                neighbour.facts.push_back(
                    network.about(FactKey::unread_neighbour, target.via.text()));
            }
        }
        if (!neighbour.facts.empty()) {
            neighbours_.push_back(std::move(neighbour));
        }
    }
}

void FlowFinder::make_translations() {
    const Network& network = state_.network;
    for (const auto& [id, balancer] : network.snapshot().load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            if (!frontend.address) {
                continue;
            }
            if (frontends_of_.empty()) {
                frontends_of_.resize(network.configurations().size());
            }
            for (const Translation& way : network.edges().translations(balancer, frontend)) {
                if (way.config != kNoIndex) {
                    frontends_of_[way.config] |= AddressSet::single(*frontend.address);
                }
            }
        }
    }
}

std::unique_ptr<SetWalk> FlowFinder::make_walk() const {
    return std::make_unique<SetWalk>(state_.network, state_.pool, state_.filters);
}

const std::deque<SourceGroup>& FlowFinder::groups(const std::vector<ConfigIndex>& configs) const {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<std::deque<SourceGroup>>& known = groups_[configs];
    if (!known) {
        known = std::make_unique<std::deque<SourceGroup>>();
        for (SourceGroup& group : state_.groups(configs)) {
            known->push_back(std::move(group));
        }
    }
    return *known;
}

const FlowFinder::Targets& FlowFinder::targets(const std::vector<ConfigIndex>& configs) const {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Targets>& known = targets_[configs];
    if (known) {
        return *known;
    }
    known = std::make_unique<Targets>();
    const Network& network = state_.network;
    known->all = configs;
    struct Ranges {
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
    };
    std::vector<Ranges> ranges;
    for (const ConfigIndex config : configs) {
        const auto& address = network.configurations()[config].configuration->address;
        bool translated = false;
        if (!frontends_of_.empty() && !frontends_of_[config].empty()) {
            known->frontends |= frontends_of_[config];
            translated = true;
        }
        for (const Edges::PublicEntry* entry : network.edges().public_entries_to(config)) {
            translated = true;
            known->public_entries |= entry->addresses;
            if (entry->addresses.empty() &&
                std::find(known->unknown_entries.begin(), known->unknown_entries.end(), entry) ==
                    known->unknown_entries.end()) {
                known->unknown_entries.push_back(entry);
            }
        }
        if (translated) {
            known->translated.push_back(config);
        }
        if (!address) {
            known->addressless.push_back(config);
            continue;
        }
        std::size_t round = 0;
        while (round < known->rounds.size() && known->rounds[round].by_address.contains(*address)) {
            ++round;
        }
        if (round == known->rounds.size()) {
            known->rounds.emplace_back();
            ranges.emplace_back();
        }
        known->rounds[round].by_address.emplace(*address, config);
        known->rounds[round].configs.push_back(config);
        if (address->family == Family::v4) {
            const auto value = static_cast<std::uint32_t>(address->value);
            ranges[round].v4.push_back({value, value});
        } else {
            ranges[round].v6.push_back({address->value, address->value});
        }
    }
    for (std::size_t i = 0; i < known->rounds.size(); ++i) {
        known->rounds[i].addresses = {IntervalSet<std::uint32_t>::of(std::move(ranges[i].v4)),
                                      IntervalSet<Uint128>::of(std::move(ranges[i].v6))};
    }
    return *known;
}

std::vector<std::pair<const std::map<Address, ConfigIndex>*, const std::vector<ConfigIndex>*>>
FlowFinder::straight_to(const std::vector<ConfigIndex>& configs) const {
    std::vector<std::pair<const std::map<Address, ConfigIndex>*, const std::vector<ConfigIndex>*>>
        result;
    for (const Round& round : targets(configs).rounds) {
        result.emplace_back(&round.by_address, &round.configs);
    }
    return result;
}

const std::vector<ConfigIndex>* FlowFinder::alone(ConfigIndex config) const {
    return &targets({config}).all;
}

Waypoints FlowFinder::waypoints(const EndpointSet& set) const {
    const Network& network = state_.network;
    Waypoints result;
    result.configs = set.configs;
    result.resources = set.devices;
    result.next_hops = set.addresses;
    const std::vector<FirewallPlace>& places = network.firewalls().all();
    for (FirewallIndex i = 0; i < places.size(); ++i) {
        if (std::binary_search(set.devices.begin(), set.devices.end(),
                               places[i].firewall->header.id)) {
            result.firewalls.push_back(i);
        }
    }
    return result;
}

/// Free addresses of a subnet from which somebody unread may send, with the facts.
std::vector<std::pair<AddressSet, std::vector<Fact>>> FlowFinder::lodgers_in(
    SubnetIndex subnet) const {
    const Network& network = state_.network;
    const SubnetPlace& place = network.subnets()[subnet];
    std::vector<std::pair<AddressSet, std::vector<Fact>>> result;
    const std::string_view name = place.subnet->header.id.name();
    if (equal_ignoring_case(name, "GatewaySubnet") ||
        equal_ignoring_case(name, "AzureFirewallSubnet") ||
        equal_ignoring_case(name, "AzureFirewallManagementSubnet")) {
        return result;  // they hand on what others send
    }
    AddressSet space;
    for (const Prefix& prefix : place.subnet->prefixes) {
        space |= prefix.addresses();
    }
    for (const Edges::Part& part : network.edges().partition(place.vnet_index, space)) {
        std::vector<Fact> facts;
        for (const Owner& owner : part.owners) {
            if (owner.kind == Owner::Kind::unknown || owner.kind == Owner::Kind::unmodelled) {
                for (const Literal& literal : owner.when) {
                    facts.push_back(literal.fact);
                }
                if (owner.when.empty()) {
                    facts.push_back(network.about(FactKey::unmodelled, owner.at.text()));
                }
            }
        }
        if (!facts.empty()) {
            result.emplace_back(part.addresses, std::move(facts));
        }
    }
    return result;
}

void FlowFinder::find(const FlowQuery& query, SetWalk& walk,
                      const std::function<bool(FlowPiece)>& sink) const {
    using Start = FlowPiece::Start;
    const Network& network = state_.network;
    ServicePool& pool = state_.pool;
    FateAlgebra fates(pool);
    if (query.services == kNoService) {
        return;
    }
    const EndpointSet& from = *query.from;
    const EndpointSet& to = *query.to;
    const SourceSet sources = sets_.as_source(from);
    const DestinationSet destinations = sets_.as_destination(to);
    const Targets& targets = this->targets(to.configs);

    bool more = true;
    WalkQuestion base;
    base.sessions = query.sessions;
    base.avoid = query.avoid.empty() ? nullptr : &query.avoid;
    for (const Waypoints& waypoints : query.pass) {
        base.pass.push_back(&waypoints);
    }
    const auto emit = [&](FlowPiece piece) {
        if (!piece.packets.empty() && more) {
            more = sink(std::move(piece));
        }
    };
    /// Of the asked services as sent, or as delivered where ports were translated.
    const auto restricted = [&](const Fate& fate, const PortMap& ports) {
        ServiceId must = query.services;
        ServiceId may = query.services;
        if (ports.kind == PortMap::Kind::to_port) {
            const ServiceId before =
                pool.before_destination_port(query.services, ports.port, kEveryService);
            must = may = pool.unite(query.services, before);
        } else if (ports.kind == PortMap::Kind::mixed) {
            may = kEveryService;
        }
        return fates.restricted(fate, must, may);
    };
    const auto hand_out = [&](Cells cells, Start start, const SourceGroup* group,
                              const std::map<Address, ConfigIndex>* own,
                              const std::vector<ConfigIndex>* arrival, bool certain,
                              const std::vector<Fact>& facts) {
        if (!certain) {
            walk.algebra().weaken(cells);
        }
        if (query.sessions) {
            cells = walk.algebra().disjoint(std::move(cells));
        }
        for (Cell& cell : walk.algebra().merged(std::move(cells))) {
            FlowPiece piece;
            piece.start = start;
            piece.group = group;
            piece.packets = restricted(cell.packets, cell.ports);
            piece.sessions = restricted(cell.sessions, cell.ports);
            piece.src = std::move(cell.src);
            piece.dst = std::move(cell.dst);
            piece.ports = cell.ports;
            piece.own = own;
            piece.targets = arrival;
            piece.facts = facts;
            if (own != nullptr && start == Start::nics && piece.src == piece.dst &&
                piece.src.count() == 1) {
                const auto target = own->find(*piece.dst.smallest());
                if (target != own->end() && group->contains(target->second)) {
                    continue;  // nobody is asked to reach himself
                }
            }
            emit(std::move(piece));
        }
    };

    const std::deque<SourceGroup>& groups = this->groups(sources.configs);
    std::vector<std::pair<SourceGroup, SubnetIndex>> addressless;  // J6: from some free address
    for (const ConfigIndex config : sources.configs) {
        const ConfigPlace& place = network.configurations()[config];
        if (!place.configuration->address) {
            SourceGroup group;
            group.configs = {config};
            group.addresses = state_.free_space(place.subnet);
            if (!group.addresses.empty()) {
                addressless.emplace_back(std::move(group), place.subnet);
            }
        }
    }
    struct Lodger {
        SubnetIndex subnet = kNoIndex;
        AddressSet src;
        std::vector<Fact> facts;
    };
    std::vector<Lodger> lodgers;
    for (const SubnetIndex subnet : from.lodgings) {
        for (auto& [addresses, facts] : lodgers_in(subnet)) {
            lodgers.push_back({subnet, std::move(addresses), std::move(facts)});
        }
    }

    const auto is_translated = [&](ConfigIndex config) {
        return (!frontends_of_.empty() && !frontends_of_[config].empty()) ||
               !network.edges().public_entries_to(config).empty();
    };

    /// From everybody but the internet to these addresses.
    const auto from_inside = [&](const AddressSet& dst, ServiceId services,
                                 const WalkQuestion& question,
                                 const std::map<Address, ConfigIndex>* own,
                                 const std::vector<ConfigIndex>* arrival, bool certain) {
        if (dst.empty()) {
            return;
        }
        for (const SourceGroup& group : groups) {
            if (!more) {
                return;
            }
            AddressSet src = group.addresses;
            if (own == nullptr && arrival != nullptr) {
                // Who is reached by translation is not asked to reach himself so.
                for (const ConfigIndex config : group.configs) {
                    if (!std::binary_search(arrival->begin(), arrival->end(), config) ||
                        !is_translated(config)) {
                        continue;
                    }
                    const AddressSet self = AddressSet::single(
                        *network.configurations()[config].configuration->address);
                    src -= self;
                    std::vector<ConfigIndex> others = *arrival;
                    others.erase(std::find(others.begin(), others.end(), config));
                    if (others.empty()) {
                        continue;
                    }
                    WalkQuestion question_of_others = question;
                    const std::vector<ConfigIndex>* kept = &this->targets(others).all;
                    question_of_others.targets = kept;
                    hand_out(walk.from_group(group, self, dst, services, question_of_others),
                             Start::nics, &group, own, kept, certain, {});
                }
            }
            if (!src.empty()) {
                hand_out(walk.from_group(group, src, dst, services, question), Start::nics, &group,
                         own, arrival, certain, {});
            }
        }
        for (const auto& [group, subnet] : addressless) {
            if (!more) {
                return;
            }
            hand_out(walk.from_group(group, group.addresses, dst, services, question),
                     Start::lodger, nullptr, own, arrival, false,
                     {network.about(FactKey::unknown_instance,
                                    subnet == kNoIndex
                                        ? std::string_view{}
                                        : network.subnets()[subnet].subnet->header.id.text())});
        }
        if (!sources.onprem.empty() && more) {
            hand_out(walk.from_onprem(sources.onprem, dst, services, question), Start::onprem,
                     nullptr, own, arrival, certain, {});
        }
        WalkQuestion without_sessions = question;
        without_sessions.sessions = false;
        for (const Lodger& lodger : lodgers) {
            if (!more) {
                return;
            }
            hand_out(walk.from_lodger(lodger.subnet, lodger.src, dst, services, without_sessions),
                     Start::lodger, nullptr, own, arrival, false, lodger.facts);
        }
        if (from.neighbours) {
            for (const Neighbour& neighbour : neighbours_) {
                if (!more) {
                    return;
                }
                hand_out(walk.from_neighbour(neighbour.vnet, AddressSet::all(), dst, services,
                                             without_sessions),
                         Start::neighbour, nullptr, own, arrival, false, neighbour.facts);
            }
        }
    };

    // Straight to the configurations asked for.
    for (const Round& round : targets.rounds) {
        WalkQuestion question = base;
        question.targets = &round.configs;
        from_inside(round.addresses, query.services, question, &round.by_address, &round.configs,
                    true);
    }
    // By somebody else's address: balancers, public addresses, firewalls.
    std::vector<std::vector<ConfigIndex>> asked_together;
    if (!to.configs.empty()) {
        if (query.per_target) {
            for (const ConfigIndex config : to.configs) {
                asked_together.push_back({config});
            }
        } else {
            asked_together.push_back(to.configs);
        }
    }
    for (const std::vector<ConfigIndex>& some : asked_together) {
        if (!more) {
            return;
        }
        const Targets& those = query.per_target ? this->targets(some) : targets;
        WalkQuestion question = base;
        question.targets = &those.all;
        from_inside(
            those.frontends | those.public_entries | firewall_addresses_ | firewall_entries_,
            kEveryService, question, nullptr, &those.all, true);
        for (const ConfigIndex config : those.addressless) {
            const std::vector<ConfigIndex>& one = this->targets({config}).all;
            question.targets = &one;
            from_inside(state_.free_space(network.configurations()[config].subnet), query.services,
                        question, nullptr, &one, false);
        }
        question.targets = &those.all;
        if (!those.unknown_entries.empty() && more) {  // E2: where the internet is reached at all
            WalkQuestion out = base;
            out.targets = &nobody_;
            out.elsewhere = true;
            from_inside(state_.unclaimed_internet(), query.services, out, nullptr, &those.all,
                        false);
        }
        if (sources.internet.empty() || !more) {
            continue;
        }
        Cells cells = walk.from_internet(sources.internet, those.public_entries | firewall_entries_,
                                         kEveryService, question);
        for (const Edges::PublicEntry* entry : those.unknown_entries) {
            Cells perhaps = walk.through_unknown_entry(
                *entry, sources.internet, state_.unclaimed_internet(), kEveryService, question);
            cells.insert(cells.end(), std::make_move_iterator(perhaps.begin()),
                         std::make_move_iterator(perhaps.end()));
        }
        hand_out(std::move(cells), Start::internet, nullptr, nullptr, &those.all, true, {});
        // Without an entry they may still be published by somebody else's.
        for (const ConfigIndex config : those.all) {
            const ConfigPlace& place = network.configurations()[config];
            const auto& address = place.configuration->address;
            if (!more || !address || address->family != Family::v4 ||
                !network.edges().public_entries_to(config).empty()) {
                continue;
            }
            const std::vector<Fact>& facts = state_.publishers(place.subnet);
            if (facts.empty()) {
                continue;
            }
            FlowPiece piece;
            piece.start = Start::internet;
            piece.src.v4 = (sources.internet & Edges::internet_space()).v4;
            piece.dst = AddressSet::single(*address);
            piece.targets = &this->targets({config}).all;
            piece.packets = piece.sessions = FateAlgebra::weakened(Fate::all(query.services));
            piece.facts = facts;
            if (!piece.src.empty()) {
                emit(std::move(piece));
            }
        }
    }

    // Addresses as such, and places without their NICs.
    const AddressSet literal = destinations.addresses;
    WalkQuestion anywhere = base;
    WalkQuestion elsewhere = base;
    elsewhere.targets = &nobody_;
    elsewhere.elsewhere = true;
    from_inside(literal, kEveryService, anywhere, nullptr, nullptr, true);
    from_inside(to.space, query.services, elsewhere, nullptr, &nobody_, true);
    if (!sources.internet.empty() && more) {
        // What never enters is nobody's business here.
        AddressSet ours;
        for (const Edges::PublicEntry& entry : network.edges().public_entries()) {
            ours |= entry.addresses;
        }
        const AddressSet entered = literal & ours;
        if (!entered.empty()) {
            hand_out(walk.from_internet(sources.internet, entered, kEveryService, anywhere),
                     Start::internet, nullptr, nullptr, nullptr, true, {});
        }
        const AddressSet place = (to.space & ours) - entered;
        if (!place.empty() && more) {
            hand_out(walk.from_internet(sources.internet, place, kEveryService, elsewhere),
                     Start::internet, nullptr, nullptr, &nobody_, true, {});
        }
    }

    // What is not modelled may send anything, and receive it.
    std::vector<Fact> unmodelled;
    for (const std::vector<ResourceId>* list : {&from.unmodelled, &to.unmodelled}) {
        for (const ResourceId& id : *list) {
            unmodelled.push_back(network.about(FactKey::unmodelled, id.text()));
        }
    }
    if (from.platform) {
        unmodelled.push_back(network.about(FactKey::unmodelled, "platform"));
    }
    const bool both = !from.empty() && !to.empty();
    if (!unmodelled.empty() && both && more) {
        FlowPiece piece;
        piece.start = Start::unmodelled;
        piece.packets = piece.sessions = FateAlgebra::weakened(Fate::all(query.services));
        piece.facts = std::move(unmodelled);
        emit(std::move(piece));
    }
}

}  // namespace azreach
