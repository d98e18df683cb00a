#include "src/engine/query.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "models/net/ensures.hpp"
#include "src/engine/neighbourhood.hpp"
#include "src/engine/query_answering.hpp"
#include "src/engine/reachability_publishers.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMaxGapWitnesses = 96;

/// The set itself, and a few of its ranges from all over it.
std::vector<AddressSet> samples(const AddressSet& set) {
    std::vector<AddressSet> result{set};
    const auto& ranges = set.v4.ranges();
    const std::size_t step = std::max<std::size_t>(1, ranges.size() / 3);
    for (std::size_t i = 0; i < ranges.size() && ranges.size() > 1; i += step) {
        AddressSet part;
        part.v4 = IntervalSet<std::uint32_t>::range(ranges[i].first, ranges[i].last);
        result.push_back(std::move(part));
    }
    return result;
}

/// Cubes with equal services joined where addresses agree, then united.
PacketSet packet_set(std::vector<Cube> cubes) {
    const auto join = [](std::vector<Cube> in, AddressSet Cube::*key, AddressSet Cube::*joined) {
        std::map<std::pair<AddressSet, ServiceSet>, AddressSet> groups;
        for (Cube& cube : in) {
            groups[{std::move(cube.*key), std::move(cube.service)}] |= cube.*joined;
        }
        std::vector<Cube> out;
        for (auto& [group, set] : groups) {
            Cube cube;
            cube.*key = group.first;
            cube.service = group.second;
            cube.*joined = std::move(set);
            out.push_back(std::move(cube));
        }
        return out;
    };
    cubes = join(std::move(cubes), &Cube::dst, &Cube::src);
    cubes = join(std::move(cubes), &Cube::src, &Cube::dst);
    PacketSet result;
    for (const Cube& cube : cubes) {
        result |= PacketSet::of(cube);
    }
    return result;
}

}  // namespace

// --- the verdict -------------------------------------------------------------------------------

QueryVerdict Answering::verdict() const {
    const auto always = [](const Outcome& o) -> const ServiceSet& { return o.always_must; };
    const auto may = [](const Outcome& o) -> const ServiceSet& { return o.can_may; };
    if (!some(false, may) || question_.asked().empty()) {
        return QueryVerdict::blocked;
    }
    if (all_covered(true, always)) {
        return QueryVerdict::reachable;
    }
    if (all_covered(false, always) && !some(true, may)) {
        return QueryVerdict::one_way;
    }
    // In every world some choice delivers, and in no world all of them do.
    const auto by_choice = [](const Outcome& o) { return o.can_must - o.always_may; };
    if (some(false, by_choice) || some(true, by_choice)) {
        return QueryVerdict::partial;
    }
    // Decided either way for some: outside MAY, or (all of them arriving) surely not answered.
    if (some(false, always) &&
        (!all_covered(false, may) ||
         (all_covered(false, always) && some(true, always) && !all_covered(true, may)))) {
        return QueryVerdict::partial;
    }
    return QueryVerdict::unknown;
}

/// Facts under which the internet may reach destinations that have no public address.
std::vector<Fact> Answering::publishers() const {
    std::set<SubnetIndex> subnets;
    for (const ConfigIndex config : question_.unpublished()) {
        subnets.insert(network_.configurations()[config].subnet);
    }
    std::vector<Fact> facts;
    for (const SubnetIndex subnet : subnets) {
        const std::vector<Fact> more = possible_publishers(network_, subnet);
        facts.insert(facts.end(), more.begin(), more.end());
    }
    return facts;
}

void Answering::sets(QueryAnswer& answer) const {
    std::vector<Cube> allowed;
    std::vector<Cube> possible;
    for (const Flow& flow : flows_) {
        for (const Family family : {Family::v4, Family::v6}) {
            const AddressSet src = of_family(flow.src, family);
            const AddressSet dst = of_family(flow.dst, family);
            if (src.empty() || dst.empty()) {
                continue;
            }
            const ServiceSet must = wanted(flow, flow.packets.always_must);
            const ServiceSet rest = wanted(flow, flow.packets.can_may) - must;
            if (!must.empty()) {
                allowed.push_back({src, dst, must});
            }
            if (!rest.empty()) {
                possible.push_back({src, dst, rest});
            }
        }
    }
    answer.allowed = packet_set(std::move(allowed));
    answer.possible = packet_set(std::move(possible));
}

// --- witnesses ---------------------------------------------------------------------------------

std::optional<Origin> Answering::origin_of(const Address& source) const {
    std::optional<Origin> origin;
    const ConfigPlace* unknown = nullptr;
    for (const ConfigIndex config : from_.configs) {
        const ConfigPlace& place = network_.configurations()[config];
        if (place.configuration->address == source) {
            origin.emplace(config);
            return origin;
        }
        if (!place.configuration->address && unknown == nullptr) {
            unknown = &place;
            origin.emplace(config);  // unless the source is known to be elsewhere
        }
    }
    if (from_.onprem.contains(source)) {
        origin.emplace(OnPremises{});
    } else if (from_.internet.contains(source)) {
        origin.emplace(Internet{});
    }
    return origin;
}

/// The simplest packet of a rectangle: addresses of endpoints before others, well-known ports.
std::optional<Packet> Answering::packet_in(const AddressSet& src, const AddressSet& dst,
                                           const ServiceSet& services) const {
    const auto pick = [&](const AddressSet& set,
                          const std::vector<ConfigIndex>& configs) -> std::optional<Address> {
        for (const ConfigIndex config : configs) {
            const auto& address = network_.configurations()[config].configuration->address;
            if (address && set.contains(*address)) {
                return address;
            }
        }
        static const std::vector<Address> kFamiliar = {
            Address::v4(0xCB007107U) /* 203.0.113.7, for documentation */,
            Address::v4(0xC6336407U) /* 198.51.100.7, too */,
            Address::v6((Uint128{0x2606470000000000ULL} << 64) | 1)};
        for (const Address& address : kFamiliar) {
            if (set.contains(address)) {
                return address;
            }
        }
        return set.smallest();
    };
    const std::optional<Address> from = pick(src, from_.configs);
    std::optional<Address> to = pick(dst, to_.configs);
    if (from && to && *from == *to) {
        const AddressSet others = dst - AddressSet::single(*from);
        if (!others.empty()) {
            to = pick(others, to_.configs);
        }
    }
    const std::optional<Service> service = services.witness();
    if (!from || !to || !service || from->family != to->family) {
        return std::nullopt;
    }
    return Packet{*from, *to, *service};
}

std::optional<Packet> Answering::witness() const {
    using Part = ServiceSet (*)(const Flow&);
    static constexpr Part kParts[] = {
        [](const Flow& f) { return f.sessions.always_must; },
        [](const Flow& f) { return f.packets.always_must; },
        [](const Flow& f) { return f.packets.can_must; },
        [](const Flow& f) { return f.sessions.can_may; },
        [](const Flow& f) { return f.packets.can_may; },
    };
    for (const Part part : kParts) {
        for (const Flow& flow : flows_) {
            const ServiceSet services = wanted(flow, part(flow));
            if (services.empty()) {
                continue;
            }
            if (const auto packet = packet_in(flow.src, flow.dst, services)) {
                return packet;
            }
        }
    }
    for (const Asked& asked : question_.asked()) {
        if (const auto packet = packet_in(asked.src, asked.dst, asked_services(asked.family))) {
            return packet;
        }
    }
    return std::nullopt;
}

/// True if this walk delivers what the question asks where it asks.
bool Answering::counts(const Walk& walk) const {
    if (!walk.delivered || to_.configs.empty() || to_.addresses.contains(walk.final_packet.dst)) {
        return walk.delivered;
    }
    const ResourceId at(walk.at);
    return service_.contains(walk.final_packet.service) &&
           std::any_of(to_.configs.begin(), to_.configs.end(), [&](ConfigIndex config) {
               const ConfigPlace& place = network_.configurations()[config];
               return place.interface->header.id == at ||
                      (place.endpoint != nullptr && place.endpoint->header.id == at);
           });
}

/// The trace and the sets are two derivations of one truth.
void Answering::check(const Packet& packet, const TraceResult& result) const {
    Outcome packets;
    Outcome sessions;
    for (const Flow& flow : flows_) {
        if (flow.src.contains(packet.src) && flow.dst.contains(packet.dst)) {
            packets.always_must |= flow.packets.always_must;
            packets.can_must |= flow.packets.can_must;
            packets.can_may |= flow.packets.can_may;
            sessions.can_must |= flow.sessions.can_must;
            sessions.can_may |= flow.sessions.can_may;
        }
    }
    const bool must = packets.always_must.contains(packet.service);
    const bool can = packets.can_must.contains(packet.service);
    const bool may = packets.can_may.contains(packet.service);
    const bool delivered = result.verdict == PacketVerdict::delivered && counts(result.walk);
    // A delivered walk may end elsewhere than asked; what choices did is then not known here.
    ensures(!delivered || may, "the trace delivers a packet that the packet sets exclude");
    ensures(result.verdict != PacketVerdict::dropped || !can,
            "the trace drops a packet that the packet sets deliver");
    ensures(result.verdict != PacketVerdict::varies || !must,
            "the trace leaves to choice a packet that the packet sets always deliver");
    if (delivered && result.reply) {
        ensures(
            *result.reply != PacketVerdict::delivered || sessions.can_may.contains(packet.service),
            "the trace returns a reply that the packet sets exclude");
        ensures(
            *result.reply != PacketVerdict::dropped || !sessions.can_must.contains(packet.service),
            "the trace drops a reply that the packet sets deliver");
    }
}

void Answering::collect_facts(QueryAnswer& answer, std::vector<Fact> known) const {
    std::set<Fact> facts(known.begin(), known.end());
    TraceOptions options = options_;
    options.considered = false;
    options.blockers = false;
    options.reply = true;
    std::size_t traced = 0;
    for (const Flow& flow : flows_) {
        const ServiceSet gap =
            wanted(flow, (flow.packets.can_may - flow.packets.always_must) |
                             (flow.sessions.can_may - flow.sessions.always_must));
        // One packet of each kind: facts differ by protocol.
        static const std::vector<ServiceSet> kKinds = {
            ServiceSet::protocol(kTcp), ServiceSet::protocol(kUdp),
            ServiceSet::protocol(kIcmp) | ServiceSet::protocol(kIcmpv6),
            ServiceSet::every() - ServiceSet::any()};
        for (const ServiceSet& kind : kKinds) {
            const ServiceSet part = gap & kind;
            if (part.empty() || traced == kMaxGapWitnesses) {
                continue;
            }
            // Equal outcomes may have different reasons: look at several destinations.
            for (const AddressSet& dst : samples(flow.dst)) {
                const auto packet = packet_in(flow.src, dst, part);
                const auto origin = packet ? origin_of(packet->src) : std::nullopt;
                if (!origin || traced == kMaxGapWitnesses) {
                    continue;
                }
                ++traced;
                const TraceResult result = trace_(*origin, *packet, options);
                check(*packet, result);
                facts.insert(result.depends_on.begin(), result.depends_on.end());
            }
        }
    }
    answer.depends_on.assign(facts.begin(), facts.end());
}

void Answering::explain(QueryAnswer& answer) {
    answer.witness = witness();
    if (!answer.witness) {
        return;
    }
    const std::optional<Origin> origin = origin_of(answer.witness->src);
    if (!origin) {
        return;  // nobody holds the source
    }
    answer.witness_from = *origin;
    TraceResult result = trace_(*origin, *answer.witness, options_);
    check(*answer.witness, result);
    const bool as_asked = counts(result.walk);
    answer.path = std::move(result.walk.path);
    answer.return_verdict = result.reply;
    answer.symmetric = result.walk.symmetric;
    answer.return_path = std::move(result.walk.return_path);
    answer.blockers = std::move(result.blockers);
    if (result.verdict == PacketVerdict::varies) {
        answer.note = "the platform chooses where each packet goes (LB_CHOICE)";
    } else if (result.verdict == PacketVerdict::delivered && !as_asked) {
        answer.note = "this packet is delivered, but not as asked: at " + result.walk.at +
                      ", destination port " + std::to_string(result.walk.final_packet.service.b);
    }
}

void Answering::answer(QueryAnswer& answer) {
    answer.asked_nothing = question_.asked().empty();
    answer.verdict = verdict();
    sets(answer);
    explain(answer);
    if (answer.verdict == QueryVerdict::unknown || answer.verdict == QueryVerdict::partial) {
        collect_facts(answer, publishers());
    }
    if (answer.verdict == QueryVerdict::unknown && answer.note.empty() &&
        all_covered(false, [](const Outcome& o) -> const ServiceSet& { return o.always_must; })) {
        answer.note = "every packet arrives; whether every reply returns is open";
    }
    if (answer.verdict == QueryVerdict::partial && answer.note.empty()) {
        const bool chosen = std::any_of(flows_.begin(), flows_.end(), [](const Flow& flow) {
            return !(flow.packets.can_must - flow.packets.always_may).empty() ||
                   !(flow.sessions.can_must - flow.sessions.always_may).empty();
        });
        if (chosen) {
            answer.note = "some of it arrives by choice of the platform only (LB_CHOICE)";
        }
    }
}

namespace {

/// E54: a block that a just-in-time request could lift is said to be one.
void note_windows(const Network& network, const DestinationSet& to, const ServiceSet& service,
                  QueryAnswer& answer) {
    if (network.assumptions().jit_open() || !answer.note.empty() ||
        (answer.verdict != QueryVerdict::blocked && answer.verdict != QueryVerdict::partial)) {
        return;
    }
    std::set<int> ports;
    for (const ConfigIndex config : to.configs) {
        const ResourceId& interface = network.configurations()[config].interface->header.id;
        for (const JitPolicy::Port* port : network.jit().ports_of(interface)) {
            const PortSet one = PortSet::single(static_cast<std::uint16_t>(port->number));
            if (!(ServiceSet::ports(kTcp, PortSet::full(), one) & service).empty()) {
                ports.insert(port->number);
            }
        }
    }
    if (ports.empty()) {
        return;
    }
    std::string list;
    for (const int port : ports) {
        list += (list.empty() ? "" : ", ") + std::to_string(port);
    }
    answer.note = "a just-in-time policy may open port " + list + " on request: --assume jit=open";
}

}  // namespace

QueryAnswer query(const Network& network, const Reachability& reachability,
                  const Endpoints& endpoints, std::string_view from, std::string_view to,
                  std::string_view service_text, const ServiceSet& service,
                  const TraceOptions& options) {
    QueryAnswer answer;
    answer.from = std::string(from);
    answer.to = std::string(to);
    answer.service = std::string(service_text);
    const ResolvedEndpoint source = endpoints.resolve(from);
    const ResolvedEndpoint destination = endpoints.resolve(to);
    answer.from_label = source.label.empty() ? answer.from : source.label;
    answer.to_label = destination.label.empty() ? answer.to : destination.label;
    const SourceSet sources = endpoints.as_source(source);
    const DestinationSet destinations = endpoints.as_destination(destination);
    const bool to_internet = destination.internet && destination.addresses.empty();
    if (!destinations.services.empty()) {
        query_services(network, reachability, sources, destinations, service, options, answer);
    }
    const bool addresses_too = !destinations.configs.empty() || !destinations.addresses.empty();
    if (destinations.services.empty() || addresses_too) {
        QueryAnswer plain = answer;
        Answering(network, sources, destinations, to_internet, service, options,
                  reachability.flows(sources, destinations, service),
                  [&](const Origin& origin, const Packet& packet, const TraceOptions& how) {
                      return trace(network, origin, packet, how);
                  })
            .answer(plain);
        answer = destinations.services.empty() ? std::move(plain)
                                               : both(std::move(answer), std::move(plain));
    }

    note_windows(network, destinations, service, answer);
    if (answer.verdict == QueryVerdict::blocked && answer.note.empty()) {
        answer.note = between_networks(network, sources.configs, destinations.configs);
    }

    ask_hidden_hosts(network, source, sources, to, service_text, service, options, answer);

    // Names that mean something which is not modelled: nothing is certain of them.
    std::vector<ResourceId> unmodelled = source.unmodelled;
    for (const PaasIndex index : source.services) {  // where it sends from is not modelled
        unmodelled.push_back(network.paas().endpoints()[index].resource->header.id);
    }
    unmodelled.insert(unmodelled.end(), destination.unmodelled.begin(),
                      destination.unmodelled.end());
    if (!unmodelled.empty()) {
        answer.asked_nothing = false;
        answer.verdict = QueryVerdict::unknown;
        for (const ResourceId& id : unmodelled) {
            const Fact fact = network.about(FactKey::unmodelled, id.text());
            if (std::find(answer.depends_on.begin(), answer.depends_on.end(), fact) ==
                answer.depends_on.end()) {
                answer.depends_on.push_back(fact);
            }
        }
    }
    return answer;
}

}  // namespace azreach
