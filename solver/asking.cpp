#include "solver/asking.hpp"

#include <algorithm>

#include "models/net/ensures.hpp"
#include "solver/asking_services.hpp"

namespace azreach::solver {

namespace {

constexpr std::size_t kMostPorts = 64;  // frontend ports tried for one delivered service

AddressSet prefixes_of(const Subnet& subnet) {
    AddressSet set;
    for (const Prefix& prefix : subnet.prefixes) {
        set |= prefix.addresses();
    }
    return set;
}

void add_to(const Address& address, std::vector<Range<std::uint32_t>>& v4,
            std::vector<Range<Uint128>>& v6) {
    if (address.family == Family::v4) {
        const auto value = static_cast<std::uint32_t>(address.value);
        v4.push_back({value, value});
    } else {
        v6.push_back({address.value, address.value});
    }
}

class Asker {
public:
    Asker(Encoders& encoders, const Question& question, Extent extent, Goal goal, Asking& asking)
        : e_(encoders),
          network_(encoders.network),
          question_(question),
          extent_(extent),
          goal_(std::move(goal)),
          asking_(asking) {}

    void ask();

private:
    /// ICMPv6 is not asked of IPv4 packets, nor ICMP of IPv6 packets, unless everything is asked.
    ServiceSet services() const {
        if (question_.services == ServiceSet::every() || question_.only) {
            return question_.services;
        }
        return question_.services - ServiceSet::protocol(family_ == Family::v4 ? kIcmpv6 : kIcmp);
    }
    const std::optional<Address>& address(ConfigIndex config) const {
        return network_.configurations()[config].configuration->address;
    }
    /// What is asked for, and which arrival counts.
    struct Leg {
        AddressSet dst;
        std::optional<std::vector<ConfigIndex>> targets;
        WalkEncoder* walk = nullptr;  // of all senders
    };
    void make_parties();
    void to_configs();
    void to_addresses();
    void to_services();
    void from_private(Leg leg);
    void from_outside_to(const std::vector<ConfigIndex>& targets);
    void add(Start start, const Party* party, const AddressSet& src, Leg& leg);
    void add_case(Start start, const Party* party, const PacketTerm& packet, Formula asked,
                  Formula arrives);
    Formula arrival(Start start, const Party* party, const PacketTerm& packet,
                    const ServiceTerm& asked, Leg& leg);
    std::vector<std::uint16_t> frontend_ports(const Leg& leg);
    AddressSet free_space(SubnetIndex subnet) const;
    Formula published(ConfigIndex config, const PacketTerm& packet);
    void incomplete(ConfigIndex config);

    Encoders& e_;
    const Network& network_;
    const Question& question_;
    Extent extent_;
    Goal goal_;
    Asking& asking_;
    Family family_ = Family::v4;
    AddressSet sources_;  // of all parties
    std::vector<ConfigIndex> targets_;
};

std::vector<ConfigIndex> sorted(std::vector<ConfigIndex> configs) {
    std::sort(configs.begin(), configs.end());
    configs.erase(std::unique(configs.begin(), configs.end()), configs.end());
    return configs;
}

void Asker::incomplete(ConfigIndex config) {
    asking_.incomplete = "the address of " +
                         network_.configurations()[config].interface->header.id.text() +
                         " is not known";
}

/// NICs of one subnet with different addresses are one party.
void Asker::make_parties() {
    std::map<std::pair<SubnetIndex, std::size_t>, Party*> known;
    std::map<std::pair<SubnetIndex, Address>, std::size_t> times;
    for (const ConfigIndex config : sorted(question_.from.configs)) {
        const ConfigPlace& place = network_.configurations()[config];
        if (!address(config)) {
            Party& alone = asking_.parties.emplace_back();
            alone.subnet = place.subnet;
            alone.configs = {config};
            alone.addresses = free_space(place.subnet);
            incomplete(config);
            continue;
        }
        Party* party = nullptr;
        if (place.endpoint == nullptr && place.subnet != kNoIndex) {
            const std::size_t round = times[{place.subnet, *address(config)}]++;
            party = known[{place.subnet, round}];
        }
        if (party == nullptr) {
            party = &asking_.parties.emplace_back();
            party->subnet = place.subnet;
            if (place.endpoint == nullptr && place.subnet != kNoIndex) {
                known[{place.subnet, times[{place.subnet, *address(config)}] - 1}] = party;
            }
        }
        party->configs.push_back(config);
    }
    for (Party& party : asking_.parties) {
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
        for (const ConfigIndex config : party.configs) {
            if (!address(config)) {
                continue;
            }
            add_to(*address(config), v4, v6);
        }
        if (!v4.empty() || !v6.empty()) {
            party.addresses = {IntervalSet<std::uint32_t>::of(std::move(v4)),
                               IntervalSet<Uint128>::of(std::move(v6))};
        }
        sources_ |= party.addresses;
    }
}

void Asker::ask() {
    make_parties();
    targets_ = sorted(question_.to.configs);
    for (const Family family : {Family::v4, Family::v6}) {
        family_ = family;
        to_configs();
        to_addresses();
        to_services();
    }
}

AddressSet Asker::free_space(SubnetIndex subnet) const {
    if (subnet == kNoIndex) {
        return {};
    }
    std::vector<Range<std::uint32_t>> v4;
    std::vector<Range<Uint128>> v6;
    for (ConfigIndex i = 0; i < network_.configurations().size(); ++i) {
        if (network_.configurations()[i].subnet == subnet && address(i)) {
            add_to(*address(i), v4, v6);
        }
    }
    return prefixes_of(*network_.subnets()[subnet].subnet) -
           AddressSet{IntervalSet<std::uint32_t>::of(std::move(v4)),
                      IntervalSet<Uint128>::of(std::move(v6))};
}

/// Asked as NICs. Those of one address are asked one after the other.
void Asker::to_configs() {
    std::vector<std::vector<ConfigIndex>> rounds;
    std::map<Address, std::size_t> times;
    for (const ConfigIndex target : targets_) {
        if (!address(target)) {
            const ConfigPlace& place = network_.configurations()[target];
            if (place.configuration->family == family_) {
                incomplete(target);
                from_private({free_space(place.subnet), std::vector<ConfigIndex>{target}, nullptr});
            }
            continue;
        }
        if (address(target)->family != family_) {
            continue;
        }
        const std::size_t round = times[*address(target)]++;
        if (round >= rounds.size()) {
            rounds.resize(round + 1);
        }
        rounds[round].push_back(target);
    }
    for (const std::vector<ConfigIndex>& round : rounds) {
        AddressSet dst;
        for (const ConfigIndex target : round) {
            dst |= AddressSet::single(*address(target));
        }
        from_private({dst, round, nullptr});
    }
    if (!question_.from.internet.empty() && !targets_.empty()) {
        from_outside_to(targets_);
    }
}

void Asker::to_addresses() {
    AddressSet literal = question_.to.addresses;
    for (const ConfigIndex target : targets_) {
        if (address(target)) {
            literal -= AddressSet::single(*address(target));
        }
    }
    if (question_.own_public_is_optional && extent_ == Extent::every_packet) {
        for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
            literal -= entry.addresses;
        }
    }
    Leg leg{literal, std::nullopt, nullptr};
    from_private(leg);
    add(Start::internet, nullptr, question_.from.internet, leg);
}

/// Asked as PaaS endpoints, by the names of one family: IPv4 if anybody can ask so. That IPv6
/// packets arrive too nobody expects.
void Asker::to_services() {
    const Sources& from = question_.from;
    const bool v4 =
        !from.internet.v4.empty() || !from.onprem.v4.empty() ||
        std::any_of(from.configs.begin(), from.configs.end(), [&](ConfigIndex config) {
            return network_.configurations()[config].configuration->family == Family::v4;
        });
    if (extent_ == Extent::every_packet && (family_ == Family::v4) != v4 && !question_.only) {
        return;
    }
    std::uint32_t number = 0;
    for (const PaasDestination& service : question_.to.services) {
        const Address name{family_, ++number};
        const ServiceWays ways(e_, asking_, goal_, service, family_);
        const auto from_one = [&](Start start, const Party* party, const AddressSet& sources) {
            const AddressSet src = of_family(sources, family_);
            if (src.empty() || services().empty()) {
                return;
            }
            const AddressSet bound = party != nullptr ? of_family(sources_, family_) : src;
            const PacketTerm packet =
                e_.terms.variables(family_, bound, AddressSet::single(name), services());
            add_case(start, party, packet, e_.terms.in(packet.src, src),
                     ways.arrives(start, party, packet));
        };
        for (const Party& party : asking_.parties) {
            from_one(Start::nic, &party, party.addresses);
        }
        from_one(Start::onprem, nullptr, from.onprem);
        from_one(Start::internet, nullptr, from.internet);
    }
}

void Asker::from_private(Leg leg) {
    for (const Party& party : asking_.parties) {
        add(Start::nic, &party, party.addresses, leg);
    }
    add(Start::onprem, nullptr, question_.from.onprem, leg);
}

/// From the internet a NIC is asked for by its public entries.
void Asker::from_outside_to(const std::vector<ConfigIndex>& targets) {
    Leg leg;
    leg.targets = targets;
    std::vector<const Edges::PublicEntry*> unknown;
    for (const ConfigIndex target : targets) {
        const auto entries = network_.edges().public_entries_to(target);
        for (const Edges::PublicEntry* entry : entries) {
            leg.dst |= entry->addresses;
            if (entry->addresses.empty() &&
                std::find(unknown.begin(), unknown.end(), entry) == unknown.end()) {
                unknown.push_back(entry);
            }
        }
        if (!entries.empty() || !address(target) || address(target)->family != family_) {
            continue;
        }
        // Without an entry they may still be published by somebody else's.              [R32]
        const AddressSet src = of_family(question_.from.internet, family_);
        if (src.empty()) {
            continue;
        }
        const PacketTerm packet =
            e_.terms.variables(family_, src, AddressSet::single(*address(target)), services());
        add_case(Start::internet, nullptr, packet, true, published(target, packet));
    }
    if (!leg.dst.empty()) {
        add(Start::internet, nullptr, question_.from.internet, leg);
    }
    if (family_ != Family::v4) {
        return;
    }
    for (const Edges::PublicEntry* entry : unknown) {  // E2: some address that nobody else has
        asking_.incomplete = "the address of " + entry->public_ip.text() + " is not known";
        AddressSet rest = Edges::internet_space();
        for (const Edges::PublicEntry& other : network_.edges().public_entries()) {
            rest -= other.addresses;
        }
        const AddressSet src = of_family(question_.from.internet, family_);
        const AddressSet dst = of_family(rest, family_);
        if (src.empty() || dst.empty()) {
            continue;
        }
        Goal goal = goal_;
        goal.targets = targets;
        goal.delivered = services();
        const PacketTerm packet = e_.terms.variables(family_, src, dst, ServiceSet::every());
        WalkEncoder& walk = asking_.walks.emplace_back(e_, goal);
        add_case(Start::internet, nullptr, packet, true,
                 walk.through_unknown_entry(*entry, packet));
    }
}

/// Ports of frontends behind which a NIC gets another port.
std::vector<std::uint16_t> Asker::frontend_ports(const Leg& leg) {
    std::vector<std::uint16_t> ports;
    for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
        if (!entry.addresses.intersects(leg.dst)) {
            continue;
        }
        for (const Translation& way : entry.ways) {
            if (!way.to_port) {
                continue;
            }
            const PortSet sent = way.accepts.pairs(kTcp).all_b() | way.accepts.pairs(kUdp).all_b();
            for (const auto& range : sent.ranges()) {
                for (unsigned p = range.first; p <= range.last; ++p) {
                    const auto port = static_cast<std::uint16_t>(p);
                    if (port != *way.to_port &&
                        std::find(ports.begin(), ports.end(), port) == ports.end()) {
                        ports.push_back(port);
                    }
                    if (ports.size() > kMostPorts) {
                        asking_.incomplete = "too many frontend ports";
                        return ports;
                    }
                }
            }
        }
    }
    return ports;
}

Formula Asker::arrival(Start start, const Party* party, const PacketTerm& packet,
                       const ServiceTerm& asked, Leg& leg) {
    if (leg.walk == nullptr) {
        Goal goal = goal_;
        goal.targets = leg.targets;
        if (leg.targets && extent_ == Extent::every_packet) {
            goal.delivered_as = asked;
        } else if (leg.targets) {
            goal.delivered = services();
        }
        leg.walk = &asking_.walks.emplace_back(e_, std::move(goal));
    }
    switch (start) {
        case Start::nic:
            return leg.walk->from_party(*party, packet);
        case Start::internet:
            return leg.walk->from_internet(packet);
        case Start::onprem:
            return leg.walk->from_onprem(packet);
    }
    return false;
}

void Asker::add(Start start, const Party* party, const AddressSet& from, Leg& leg) {
    const AddressSet src = of_family(from, family_);
    const AddressSet dst = of_family(leg.dst, family_);
    const ServiceSet asked_services = services();
    if (src.empty() || dst.empty() || asked_services.empty()) {
        return;
    }
    const bool every = extent_ == Extent::every_packet;
    // One bound for all parties: what the receivers' filters say is then encoded once.
    const AddressSet bound = party != nullptr ? of_family(sources_, family_) : src;
    const PacketTerm packet = e_.terms.variables(
        family_, bound, dst, leg.targets && !every ? ServiceSet::every() : asked_services);
    Formula arrives = arrival(start, party, packet, packet.service, leg);
    if (leg.targets && every && start == Start::internet) {
        // Another port may be the one to send: for every delivered service some sent one.
        for (const std::uint16_t port : frontend_ports(leg)) {
            PacketTerm sent = packet;
            sent.service = e_.terms.with_destination_port(packet.service, port);
            arrives = arrives || arrival(start, party, sent, packet.service, leg);
        }
    }
    Formula asked = true;
    if (party != nullptr) {
        asked = e_.terms.in(packet.src, src);
        if (src.intersects(dst) && !question_.only) {
            asked = asked && !e_.terms.equal(packet.src, packet.dst);  // nobody asks for himself
        }
    }
    add_case(start, party, packet, asked, arrives);
}

void Asker::add_case(Start start, const Party* party, const PacketTerm& packet, Formula asked,
                     Formula arrives) {
    // The bounds, from outside themselves.
    PacketTerm any = packet;
    any.src.bound = e_.terms.interned(AddressSet::all(family_));
    any.dst.bound = any.src.bound;
    any.service.bound = e_.terms.interned(ServiceSet::every());
    asked = all_of(
        {asked, e_.terms.well_formed(packet.service), e_.terms.in(any.src, *packet.src.bound),
         e_.terms.in(any.dst, *packet.dst.bound), e_.terms.in(any.service, *packet.service.bound)});
    if (question_.only) {
        const Packet& only = *question_.only;
        if (only.src.family != family_) {
            return;
        }
        asked = all_of(
            {asked, equal(packet.src.word, only.src.value), equal(packet.dst.word, only.dst.value),
             equal(packet.service.protocol, only.service.protocol),
             equal(packet.service.a, only.service.a), equal(packet.service.b, only.service.b)});
    }
    if (!asked.is(false)) {
        asking_.cases.push_back({start, party, packet, asked, std::move(arrives)});
    }
}

/// Who may hand internet traffic to a NIC without a public address: a firewall whose rules are
/// not read, or whose targets are not known; an appliance with one, to which the subnet's internet
/// routes lead and whose mode was not stated. [R32]
Formula Asker::published(ConfigIndex config, const PacketTerm& packet) {
    std::vector<Formula> facts;
    const auto add_fact = [&](FactKey key, const std::string& subject) {
        facts.push_back(e_.facts.holds(network_.about(key, subject), Topic::outcome(packet.dst)));
    };
    const auto has_entry = [&](ConfigIndex of) {
        std::vector<ResourceId> nics{network_.configurations()[of].interface->header.id};
        if (const Ref& vm = network_.configurations()[of].interface->virtual_machine) {
            const auto found = network_.snapshot().virtual_machines.find(*vm);
            if (found != network_.snapshot().virtual_machines.end()) {
                nics.insert(nics.end(), found->second.interfaces.begin(),
                            found->second.interfaces.end());
            }
        }
        for (const ResourceId& nic : nics) {
            for (const ConfigIndex own : network_.configurations_of(nic)) {
                if (!network_.edges().public_entries_to(own).empty()) {
                    return true;
                }
            }
        }
        return false;
    };
    if (family_ != Family::v4) {
        return false;
    }
    for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
        for (const Translation& way : entry.ways) {
            if (way.kind == Translation::Kind::firewall) {
                const CompiledFirewall& compiled = network_.firewalls().rules(way.firewall);
                for (const Literal& literal : compiled.unread) {
                    facts.push_back(e_.facts.holds(literal.fact, Topic::outcome(packet.dst)));
                }
                for (const FirewallRules& rules : compiled.alternatives) {
                    for (const NatMatch& nat : rules.nat) {
                        if (nat.unknown_target) {
                            facts.push_back(
                                e_.facts.holds(*nat.unknown_target, Topic::outcome(packet.dst)));
                        }
                    }
                }
            } else if (equal_ignoring_case(way.target.type(), "Microsoft.Network/azureFirewalls")) {
                add_fact(way.kind == Translation::Kind::unread ? FactKey::missing_resource
                                                               : FactKey::unmodelled,
                         way.target.text());
            }
        }
    }
    const SubnetIndex subnet = network_.configurations()[config].subnet;
    if (subnet == kNoIndex) {
        return any_of(facts);
    }
    const VnetIndex vnet = network_.subnets()[subnet].vnet_index;
    const AddressTerm out{Family::v4, Word::variable("src", 32),
                          e_.terms.interned(of_family(Edges::internet_space(), Family::v4))};
    for (const RouteCase& route : e_.routes.cases(subnet, out)) {
        const EffectiveRouteEntry& entry = *route.entry;
        if (entry.hop != NextHop::virtual_appliance ||
            network_.assumptions().nva_stated(entry.address)) {
            continue;
        }
        for (const HopTarget& target : network_.routes().appliance_vnets(vnet)) {
            if (target.vnet == kNoIndex) {
                if (target.space.contains(entry.address)) {
                    add_fact(FactKey::unread_neighbour, target.via.text());
                }
                continue;
            }
            for (const Owner& owner : network_.edges().owners(target.vnet, entry.address)) {
                bool may = owner.kind == Owner::Kind::configuration && has_entry(owner.config);
                if (owner.kind == Owner::Kind::frontend) {
                    for (const Translation& way :
                         network_.edges().translations(*owner.balancer, *owner.frontend)) {
                        may = may || (way.config != kNoIndex && has_entry(way.config));
                    }
                }
                if (may) {
                    add_fact(FactKey::nva, to_string(entry.address));
                }
                for (const Literal& literal : owner.when) {
                    facts.push_back(e_.facts.holds(literal.fact, Topic::outcome(packet.dst)));
                }
            }
        }
    }
    return any_of(facts);
}

}  // namespace

void ask(Encoders& encoders, const Question& question, Extent extent, Choices choices,
         Goal::End end, Asking& asking) {
    Goal goal;
    goal.choices = choices == Choices::every ? Choices::every : Choices::some;
    goal.end = end;
    goal.avoiding = {question.avoiding.begin(), question.avoiding.end()};
    Asker(encoders, question, extent, goal, asking).ask();
    if (choices != Choices::some_only) {
        return;
    }
    Asking always;
    goal.choices = Choices::every;
    Asker(encoders, question, extent, goal, always).ask();
    ensures(always.cases.size() == asking.cases.size(), "cases do not hang on choices");
    for (std::size_t i = 0; i < asking.cases.size(); ++i) {
        asking.cases[i].arrives = asking.cases[i].arrives && !always.cases[i].arrives;
    }
}

}  // namespace azreach::solver
