// Questions to PaaS endpoints: every way in, each with its verdict; delivered if any admits.
#include <algorithm>

#include "src/engine/query_answering.hpp"
#include "src/engine/reachability_set_walk.hpp"

namespace azreach {

namespace {

using Kind = QueryEntry::Kind;

/// A way into one endpoint.
struct Entry {
    Kind kind = Kind::public_endpoint;
    ResourceId id;
    std::vector<ConfigIndex> configs;  // private_endpoint
    AddressSet addresses;              // its address where it has no NIC in the snapshot; injected
    bool certain = true;
    std::vector<Flow> flows;  // to the address that stands for the endpoint
};

struct Service {
    PaasIndex index = 0;
    AddressSet name;  // the addresses that stand for it
    std::vector<Entry> entries;
};

void weaken(Outcome& outcome) {
    outcome.always_must = {};
    outcome.can_must = {};
}

/// The outcome where either way may be taken.
Outcome either(const Outcome& a, const Outcome& b) {
    return {a.always_must | b.always_must, a.can_must | b.can_must, a.always_may | b.always_may,
            a.can_may | b.can_may};
}

/// Flows to one destination, disjoint in their sources: a client takes the way that admits it.
std::vector<Flow> joined(const std::vector<const std::vector<Flow>*>& lists,
                         const AddressSet& destination) {
    std::vector<Flow> result;
    for (const std::vector<Flow>* list : lists) {
        for (Flow flow : *list) {
            flow.dst = destination;
            const std::size_t count = result.size();
            for (std::size_t i = 0; i < count && !flow.src.empty(); ++i) {
                const AddressSet common = result[i].src & flow.src;
                if (common.empty()) {
                    continue;
                }
                Flow rest = result[i];
                rest.src -= common;
                Flow& both = result[i];
                both.src = common;
                both.packets = either(both.packets, flow.packets);
                both.sessions = either(both.sessions, flow.sessions);
                both.packets_delivered = both.packets;
                both.sessions_delivered = both.sessions;
                both.to.reset();
                if (!rest.src.empty()) {
                    result.push_back(std::move(rest));
                }
                flow.src -= common;
            }
            if (!flow.src.empty()) {
                result.push_back(std::move(flow));
            }
        }
    }
    return result;
}

std::vector<Flow> of_family(const std::vector<Flow>& flows, Family family) {
    std::vector<Flow> result;
    std::copy_if(flows.begin(), flows.end(), std::back_inserter(result),
                 [&](const Flow& flow) { return !azreach::of_family(flow.dst, family).empty(); });
    return result;
}

/// The subnet has a service endpoint for the service.
bool has_service_endpoint(const Subnet& subnet, const PaasEndpoint& endpoint) {
    return endpoint.service != nullptr && !endpoint.service->service_endpoint.empty() &&
           std::any_of(subnet.service_endpoints.begin(), subnet.service_endpoints.end(),
                       [&](const ServiceEndpoint& own) {
                           return equal_ignoring_case(
                               own.service.substr(0, own.service.find(".Global")),
                               endpoint.service->service_endpoint);
                       });
}

int rank(PacketVerdict verdict) {
    switch (verdict) {
        case PacketVerdict::delivered:
            return 3;
        case PacketVerdict::varies:
            return 2;
        case PacketVerdict::unknown:
            return 1;
        case PacketVerdict::dropped:
            return 0;
    }
    return 0;
}

class Services {
public:
    /// Without `reachability` single packets can be walked, and no sets are known.
    Services(const Network& network, const Reachability* reachability, const SourceSet& from,
             const std::vector<PaasIndex>& asked, const ServiceSet& service)
        : network_(network), reachability_(reachability), from_(from), service_(service) {
        for (const PaasIndex index : asked) {
            Service item;
            item.index = index;
            const auto number = static_cast<std::uint32_t>(services_.size() + 1);
            item.name = AddressSet::single(Address::v4(number));
            item.name |= AddressSet::single(Address::v6(Uint128{number}));
            services_.push_back(std::move(item));
            enter(services_.back());
        }
    }

    void answer(const TraceOptions& options, QueryAnswer& answer);
    TraceResult traced(const Origin& origin, const Packet& packet,
                       const TraceOptions& options) const {
        return traced(of(packet), origin, packet, options);
    }

private:
    const PaasEndpoint& endpoint_of(const Service& service) const {
        return network_.paas().endpoints()[service.index];
    }
    /// The address that stands for a service, of the family that is asked.
    AddressSet asked_name(const Service& service) const {
        const bool v4 =
            !from_.internet.v4.empty() || !from_.onprem.v4.empty() || !from_.nobody.v4.empty() ||
            std::any_of(from_.configs.begin(), from_.configs.end(), [&](auto config) {
                return network_.configurations()[config].configuration->family == Family::v4;
            });
        return azreach::of_family(service.name, v4 ? Family::v4 : Family::v6);
    }
    std::vector<Flow> renamed(const Service& service, std::vector<Flow> flows) const {
        for (Flow& flow : flows) {
            flow.dst =
                azreach::of_family(service.name, flow.dst.v4.empty() ? Family::v6 : Family::v4);
        }
        return flows;
    }

    void enter(Service& service);
    void enter_public(Service& service);
    void enter_private(Service& service, const PrivateEndpoint& own);
    void enter_injected(Service& service);
    void enter_foreign(Service& service);
    std::vector<Flow> to_public(const Service& service, std::uint8_t entries) const {
        return reachability_ == nullptr
                   ? std::vector<Flow>{}
                   : reachability_->flows_to_service(from_, service.index, service_, entries);
    }
    std::vector<Flow> by_private(const Entry& entry) const;
    std::vector<Flow> all_ways(const Service& service) const;
    TraceResult traced(const Service& service, const Entry& entry, const Origin& origin,
                       const Packet& packet, const TraceOptions& options) const;
    TraceResult traced_by(const Service& service, const Entry& entry, const Origin& origin,
                          const Packet& packet, TraceOptions options) const;
    TraceResult traced(const Service& service, const Origin& origin, const Packet& packet,
                       const TraceOptions& options) const;
    const Service& of(const Packet& packet) const {
        return *std::find_if(services_.begin(), services_.end(), [&](const Service& service) {
            return service.name.contains(packet.dst);
        });
    }

    const Network& network_;
    const Reachability* reachability_;
    const SourceSet& from_;
    const ServiceSet& service_;
    std::vector<Service> services_;
};

// --- the ways in ---------------------------------------------------------------------------------

/// The public endpoint stays whatever private endpoints there are.                        [PE-13]
void Services::enter(Service& service) {
    enter_public(service);
    for (const PrivateEndpoint* own : network_.paas().private_endpoints(service.index)) {
        enter_private(service, *own);
    }
    enter_injected(service);
    if (!from_.internet.empty()) {
        enter_foreign(service);
    }
}

void Services::enter_public(Service& service) {
    const PaasEndpoint& endpoint = endpoint_of(service);
    Entry open;
    open.id = endpoint.resource->header.id;
    open.flows = renamed(service, to_public(service, WalkQuestion::kByPublic));
    service.entries.push_back(std::move(open));
    // Shown where a packet may take it.
    Entry direct;
    direct.kind = Kind::service_endpoint;
    direct.id = endpoint.resource->header.id;
    direct.flows = renamed(service, to_public(service, WalkQuestion::kByServiceEndpoint));
    const bool has_one = std::any_of(from_.configs.begin(), from_.configs.end(), [&](auto config) {
        const SubnetIndex subnet = network_.configurations()[config].subnet;
        return subnet != kNoIndex &&
               has_service_endpoint(*network_.subnets()[subnet].subnet, endpoint);
    });
    if (has_one || !direct.flows.empty()) {
        service.entries.push_back(std::move(direct));
    }
}

/// Whoever has a route to its address; which name was asked for makes no difference. [PE-6] [PE-15]
void Services::enter_private(Service& service, const PrivateEndpoint& own) {
    Entry entry;
    entry.kind = Kind::private_endpoint;
    entry.id = own.header.id;
    for (ConfigIndex i = 0; i < network_.configurations().size(); ++i) {
        if (network_.configurations()[i].endpoint == &own) {
            entry.configs.push_back(i);
        }
    }
    if (entry.configs.empty()) {
        for (const Address& address : own.addresses) {
            entry.addresses |= AddressSet::single(address);
        }
        if (entry.addresses.empty() && own.subnet) {
            entry.certain = false;
            if (const auto subnet = network_.subnet_index(*own.subnet)) {
                for (const Prefix& prefix : network_.subnets()[*subnet].subnet->prefixes) {
                    entry.addresses |= prefix.addresses();
                }
            }
        }
    }
    entry.flows = renamed(service, by_private(entry));
    service.entries.push_back(std::move(entry));
}

/// PG-1, RD-1, AK-2: at an address of a subnet that no export shows.
void Services::enter_injected(Service& service) {
    for (const char* pointer :
         {"network/delegatedSubnetResourceId", "subnetId", "apiServerAccessProfile/subnetId"}) {
        const PaasSetting* setting = endpoint_of(service).resource->find(pointer);
        if (setting == nullptr) {
            continue;
        }
        Entry entry;
        entry.kind = Kind::injected;
        entry.id = ResourceId(setting->text);
        entry.certain = false;
        if (const auto subnet = network_.subnet_index(entry.id)) {
            for (const Prefix& prefix : network_.subnets()[*subnet].subnet->prefixes) {
                entry.addresses |= prefix.addresses();
            }
        }
        entry.flows = renamed(service, by_private(entry));
        service.entries.push_back(std::move(entry));
    }
}

/// Private endpoints of strangers: whoever is behind them counts as the internet.         [PE-14]
void Services::enter_foreign(Service& service) {
    const PaasEndpoint& endpoint = endpoint_of(service);
    for (const Residual& residual : residuals(network_, endpoint)) {
        if (residual.kind != Residual::Kind::foreign_endpoint) {
            continue;
        }
        const std::optional<bool> own = network_.assumptions().owns(residual.who.subscription());
        if (own == true) {
            continue;
        }
        Entry entry;
        entry.kind = Kind::foreign_endpoint;
        entry.id = residual.who;
        entry.certain = own == false && residual.certain;
        const Bounds<ServiceSet> ports = bounds_of(ports_of(
            network_, endpoint.service, endpoint.service == nullptr ? nullptr : endpoint.group,
            endpoint.resource, endpoint.resource->header.id, true));
        Flow flow;
        flow.src = azreach::of_family(from_.internet, Family::v4);
        flow.dst = azreach::of_family(service.name, Family::v4);
        flow.packets.can_may = flow.packets.always_may = ports.may & service_;
        flow.sessions = flow.packets;
        flow.packets_delivered = flow.sessions_delivered = flow.packets;
        if (!flow.packets.can_may.empty() && !flow.src.empty()) {
            entry.flows.push_back(std::move(flow));
        }
        service.entries.push_back(std::move(entry));
    }
}

/// Flows to private addresses, as delivered: several addresses of one entry are one way.
std::vector<Flow> Services::by_private(const Entry& entry) const {
    DestinationSet to;
    to.configs = entry.configs;
    to.addresses = entry.addresses;
    if (reachability_ == nullptr) {
        return {};
    }
    const std::vector<Flow> all = reachability_->flows(from_, to, service_);
    std::vector<Flow> result;
    for (const Family family : {Family::v4, Family::v6}) {
        std::vector<Flow> some = of_family(all, family);
        for (Flow& flow : some) {
            flow.packets = flow.packets_delivered;
            flow.sessions = flow.sessions_delivered;
            if (!entry.certain) {
                weaken(flow.packets);
                weaken(flow.sessions);
            }
            flow.packets_delivered = flow.packets;
            flow.sessions_delivered = flow.sessions;
        }
        for (Flow& flow : joined({&some}, AddressSet::single({family, 0}))) {
            result.push_back(std::move(flow));
        }
    }
    return result;
}

/// Flows by any way. What goes by the public side or by a service endpoint hangs together.
std::vector<Flow> Services::all_ways(const Service& service) const {
    const std::vector<Flow> open =
        to_public(service, WalkQuestion::kByPublic | WalkQuestion::kByServiceEndpoint);
    std::vector<Flow> result;
    for (const Family family : {Family::v4, Family::v6}) {
        std::vector<std::vector<Flow>> lists{of_family(open, family)};
        for (const Entry& entry : service.entries) {
            if (entry.kind != Kind::public_endpoint && entry.kind != Kind::service_endpoint) {
                lists.push_back(of_family(entry.flows, family));
            }
        }
        std::vector<const std::vector<Flow>*> pointers;
        pointers.reserve(lists.size());
        for (const std::vector<Flow>& list : lists) {
            pointers.push_back(&list);
        }
        for (Flow& flow : joined(pointers, azreach::of_family(service.name, family))) {
            result.push_back(std::move(flow));
        }
    }
    return result;
}

// --- one packet ----------------------------------------------------------------------------------

/// One packet by one way.
TraceResult Services::traced(const Service& service, const Entry& entry, const Origin& origin,
                             const Packet& packet, const TraceOptions& options) const {
    if (entry.kind == Kind::public_endpoint || entry.kind == Kind::service_endpoint) {
        return trace_to_service(network_, origin, packet.src, service.index, packet.service,
                                options);
    }
    if (entry.kind == Kind::foreign_endpoint) {
        TraceResult result;
        result.verdict = PacketVerdict::unknown;
        result.walk.at = entry.id.text();
        result.walk.reason = Reason::gap;
        result.depends_on = {network_.about(FactKey::foreign_endpoint, entry.id.text())};
        Hop hop;
        hop.kind = HopKind::private_endpoint;
        hop.at = entry.id;
        hop.at_name = std::string(entry.id.name());
        hop.decision = HopDecision::unknown;
        hop.reason = Reason::gap;
        hop.note = "approved for " + endpoint_of(service).name + ", and not in the snapshot";
        result.walk.path = {hop};
        return result;
    }
    std::vector<Address> addresses;
    for (const ConfigIndex config : entry.configs) {
        const auto& address = network_.configurations()[config].configuration->address;
        if (address && address->family == packet.src.family) {
            addresses.push_back(*address);
        }
    }
    const AddressSet others = azreach::of_family(entry.addresses, packet.src.family);
    if (!others.empty()) {
        Address some = *others.smallest();
        if (!entry.certain && others.count() > 8) {
            some.value += 7;  // past the reserved ones
        }
        addresses.push_back(some);
    }
    std::optional<TraceResult> best;
    for (const Address& address : addresses) {
        TraceResult result =
            trace(network_, origin, {packet.src, address, packet.service}, options);
        if (!best || rank(result.verdict) > rank(best->verdict)) {
            best = std::move(result);
        }
    }
    if (!best) {
        best.emplace();
        best->verdict = PacketVerdict::dropped;
        best->walk.at = entry.id.text();
        best->walk.reason = Reason::no_such_address;
    }
    if (!entry.certain && best->verdict == PacketVerdict::delivered) {
        best->verdict = PacketVerdict::unknown;
        best->depends_on = {network_.about(FactKey::unmodelled, entry.id.text())};
    }
    return *std::move(best);
}

/// One packet by this way alone: what a service endpoint's route takes does not come to the public
/// entry, and the other way round.
TraceResult Services::traced_by(const Service& service, const Entry& entry, const Origin& origin,
                                const Packet& packet, TraceOptions options) const {
    if (entry.kind == Kind::public_endpoint || entry.kind == Kind::service_endpoint) {
        options.counts = [&entry](const Walk& walk) {
            const bool direct = std::any_of(walk.path.begin(), walk.path.end(), [](const Hop& hop) {
                return hop.kind == HopKind::service_endpoint;
            });
            return direct == (entry.kind == Kind::service_endpoint);
        };
    }
    TraceResult result = traced(service, entry, origin, packet, options);
    if (result.verdict == PacketVerdict::dropped && result.walk.reason == Reason::delivered) {
        result.walk.path.clear();  // it took the other way
    }
    return result;
}

/// One packet by every way: by the one that admits it, a private one before others.
TraceResult Services::traced(const Service& service, const Origin& origin, const Packet& packet,
                             const TraceOptions& options) const {
    std::optional<TraceResult> best;
    std::vector<Fact> facts;
    for (const Entry& entry : service.entries) {
        if (entry.kind == Kind::service_endpoint) {
            continue;  // the same packet as to the public endpoint
        }
        TraceResult result = traced(service, entry, origin, packet, options);
        if (result.verdict == PacketVerdict::unknown || result.reply == PacketVerdict::unknown) {
            facts.insert(facts.end(), result.depends_on.begin(), result.depends_on.end());
        }
        const bool nearer = entry.kind == Kind::private_endpoint && best &&
                            rank(result.verdict) == rank(best->verdict) &&
                            result.verdict == PacketVerdict::delivered;
        if (!best || rank(result.verdict) > rank(best->verdict) || nearer) {
            best = std::move(result);
        }
    }
    if (best->verdict == PacketVerdict::unknown) {
        std::sort(facts.begin(), facts.end());
        facts.erase(std::unique(facts.begin(), facts.end()), facts.end());
        best->depends_on = std::move(facts);
    }
    return *std::move(best);
}

// --- the answer ----------------------------------------------------------------------------------

void Services::answer(const TraceOptions& options, QueryAnswer& answer) {
    DestinationSet to;
    std::vector<Flow> all;
    for (const Service& service : services_) {
        to.addresses |= asked_name(service);
        for (Flow& flow : all_ways(service)) {
            all.push_back(std::move(flow));
        }
        answer.service_names.push_back(endpoint_of(service).name);
        for (Residual& residual : residuals(network_, endpoint_of(service))) {
            answer.residuals.push_back({answer.service_names.back(), std::move(residual)});
        }
    }
    Answering(network_, from_, to, false, service_, options, std::move(all),
              [&](const Origin& origin, const Packet& packet, const TraceOptions& how) {
                  return traced(of(packet), origin, packet, how);
              })
        .answer(answer);

    bool disowned = false;
    for (const Service& service : services_) {
        DestinationSet one;
        one.addresses = asked_name(service);
        for (const Entry& entry : service.entries) {
            QueryEntry item;
            item.kind = entry.kind;
            item.endpoint = endpoint_of(service).name;
            item.id = entry.id;
            item.answer.from = answer.from;
            item.answer.to = answer.to;
            item.answer.service = answer.service;
            Answering(network_, from_, one, false, service_, options, entry.flows,
                      [&](const Origin& origin, const Packet& packet, const TraceOptions& how) {
                          return traced_by(service, entry, origin, packet, how);
                      })
                .answer(item.answer);
            if (entry.kind == Kind::foreign_endpoint && entry.certain && !entry.flows.empty()) {
                // Stated to be somebody else's: whoever is behind it comes in.
                item.answer.verdict = QueryVerdict::partial;
                item.answer.depends_on.clear();
                disowned = true;
            }
            answer.entries.push_back(std::move(item));
        }
    }
    if (disowned &&
        (answer.verdict == QueryVerdict::blocked || answer.verdict == QueryVerdict::unknown)) {
        answer.verdict = QueryVerdict::partial;
        answer.note = "strangers come in by a private endpoint that is not ours";
    }
}

}  // namespace

std::string_view to_string(QueryEntry::Kind kind) {
    switch (kind) {
        case Kind::public_endpoint:
            return "public";
        case Kind::service_endpoint:
            return "service-endpoint";
        case Kind::private_endpoint:
            return "private-endpoint";
        case Kind::foreign_endpoint:
            return "foreign-private-endpoint";
        case Kind::injected:
            return "injected";
    }
    return "public";
}

void query_services(const Network& network, const Reachability& reachability, const SourceSet& from,
                    const DestinationSet& to, const ServiceSet& service,
                    const TraceOptions& options, QueryAnswer& answer) {
    Services(network, &reachability, from, to.services, service).answer(options, answer);
}

TraceResult trace_by_every_way(const Network& network, const SourceSet& from,
                               const DestinationSet& to, const Origin& origin, const Packet& packet,
                               const TraceOptions& options) {
    const ServiceSet service = ServiceSet::single(packet.service);
    return Services(network, nullptr, from, to.services, service).traced(origin, packet, options);
}

QueryAnswer both(QueryAnswer services, QueryAnswer others) {
    using V = QueryVerdict;
    const V a = services.verdict;
    const V b = others.verdict;
    if (a != b) {
        services.verdict = a == V::unknown || b == V::unknown ? V::unknown : V::partial;
    }
    services.allowed |= others.allowed;
    services.possible |= others.possible;
    for (const Fact fact : others.depends_on) {
        if (std::find(services.depends_on.begin(), services.depends_on.end(), fact) ==
            services.depends_on.end()) {
            services.depends_on.push_back(fact);
        }
    }
    return services;
}

}  // namespace azreach
