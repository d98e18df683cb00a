#include "src/engine/certificate.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "src/engine/check_parts.hpp"
#include "src/engine/check_statement.hpp"

namespace azreach {

namespace {

/// There is no plain reason; what() says for which part.
class NoCertificate : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

const ServiceSet& ported() {
    static const ServiceSet kPorted = ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp);
    return kPorted;
}

class Certifying {
public:
    Certifying(const Network& network, const SetEvaluator& sets, const FlowFinder& finder)
        : network_(network), sets_(sets), finder_(finder) {
        for (const VirtualNetwork* vnet : network.vnets()) {
            for (const Prefix& prefix : vnet->address_space) {
                spaces_ |= prefix.addresses();
            }
        }
    }

    CertificateFlow flow(const StatedFlow& stated);
    /// Whoever may still come through is named in `permitted` of the flow.
    CertificateFlow limited(const StatedFlow& stated, const std::vector<FoundPiece>& found);
    void ways(const StatedFlow& stated, Certificate& certificate);
    /// Finds what stops the flow; throws NoCertificate.
    void stop(CertificateFlow& flow) {
        towards_nics(flow);
        if (!flow.to_internet.empty()) {
            towards_internet(flow);
        }
    }

private:
    struct Way {  // how a receiver is reached
        AddressSet as_sent;
        bool outside = false;  // from the internet
        bool exact = true;     // destination and ports stay
        ServiceSet accepts;
        std::optional<std::uint16_t> to_port;
    };
    struct RuleBounds {
        AddressSet src_must, src_may, dst_must, dst_may;
        ServiceSet service_must, service_may;
        bool certain = false;
        bool deny = false;
    };

    const Address& address(ConfigIndex config) const {
        return *network_.configurations()[config].configuration->address;
    }
    AddressSet plain_must(const AddressSpec& spec, const GuardedAddresses& expanded,
                          const FilterList& list) const;
    RuleBounds bounds(const FilterRule& rule, const FilterList& list) const;
    std::vector<Way> ways_in(ConfigIndex config) const;
    ServiceSet delivered(const std::vector<Way>& ways, const ServiceSet& services) const;
    AddressSet shown_by_devices(SubnetIndex subnet, const AddressSet& towards,
                                const CertificateFlow& flow, int depth) const;
    /// Boxes of the receiver's lists; returns what they stop.
    PacketSet stop_inbound(ConfigIndex config, const AddressSet& from, const ServiceSet& services,
                           std::vector<CertificateBox>& boxes) const;
    ServiceSet stop_outbound(ConfigIndex sender, const AddressSet& towards, ServiceSet services,
                             std::vector<CertificateBox>& boxes) const;
    bool stop_by_route(SubnetIndex subnet, const AddressSet& towards, const CertificateFlow& flow,
                       CertificateBox& box) const;
    void towards_internet(CertificateFlow& flow);
    void add_senders(const EndpointSet& from, CertificateFlow& flow) const;
    ServiceSet permitted_services(const CertificateFlow& flow, std::uint32_t sender,
                                  std::uint32_t receiver) const;
    void towards_nics(CertificateFlow& flow);

    const Network& network_;
    const SetEvaluator& sets_;
    const FlowFinder& finder_;
    AddressSet spaces_;  // of all virtual networks
};

// --- rules ---------------------------------------------------------------------------------------

/// What a side surely holds, as somebody can read it in the document.
AddressSet Certifying::plain_must(const AddressSpec& spec, const GuardedAddresses& expanded,
                                  const FilterList& list) const {
    if (spec.any) {
        return AddressSet::all();
    }
    if (spec.tags.empty()) {
        return bounds_of(expanded).must;
    }
    AddressSet set = spec.prefixes;
    const VirtualNetwork* vnet = nullptr;
    if (const auto subnet = network_.subnet_index(list.association)) {
        vnet = network_.subnets()[*subnet].vnet;
    } else {
        const std::vector<ConfigIndex> configs = network_.configurations_of(list.association);
        if (!configs.empty() && network_.configurations()[configs.front()].subnet != kNoIndex) {
            vnet = network_.subnets()[network_.configurations()[configs.front()].subnet].vnet;
        }
    }
    for (const std::string& tag : spec.tags) {
        if (equal_ignoring_case(tag, "VirtualNetwork") && vnet != nullptr) {
            for (const Prefix& prefix : vnet->address_space) {
                set |= prefix.addresses();
            }
        } else if (equal_ignoring_case(tag, "Internet")) {
            set |= Edges::internet_space() - spaces_;
        }
    }
    return set & bounds_of(expanded).may;
}

Certifying::RuleBounds Certifying::bounds(const FilterRule& rule, const FilterList& list) const {
    RuleBounds result;
    result.src_may = bounds_of(rule.source).may;
    result.dst_may = bounds_of(rule.destination).may;
    const Bounds<ServiceSet> services = bounds_of(rule.service);
    result.service_may = services.may;
    result.deny = rule.access == Access::deny;
    if (rule.rule == nullptr || !rule.rule->certain || !rule.when.empty()) {
        return result;
    }
    // Tags may hold anything for somebody who does not know them.
    if (!rule.rule->source.tags.empty()) {
        result.src_may = AddressSet::all();
    }
    if (!rule.rule->destination.tags.empty()) {
        result.dst_may = AddressSet::all();
    }
    result.certain = true;
    result.src_must = plain_must(rule.rule->source, rule.source, list);
    result.dst_must = plain_must(rule.rule->destination, rule.destination, list);
    if (rule.rule->source_ports.is_full()) {
        result.service_must = services.must;
    }
    return result;
}

PacketSet Certifying::stop_inbound(ConfigIndex config, const AddressSet& from,
                                   const ServiceSet& services,
                                   std::vector<CertificateBox>& boxes) const {
    const AddressSet here = AddressSet::single(address(config));
    const Family family = address(config).family;
    PacketSet left = PacketSet::of({of_family(from, family), here, services});
    PacketSet stopped;
    const FilterChain chain = network_.filters().chain(config, Direction::inbound);
    if (chain.admin != nullptr) {
        for (const FilterRule& rule : chain.admin->rules) {
            if (rule.access == Access::always_allow) {
                throw NoCertificate("admin rules that always allow");
            }
        }
    }
    for (const FilterList* list : {chain.first, chain.second}) {
        if (list == nullptr || list->kind != FilterList::Kind::security_group) {
            continue;
        }
        PacketSet undecided = left;
        for (const FilterRule& rule : list->rules) {
            const RuleBounds b = bounds(rule, *list);
            if (!b.deny) {
                undecided -= PacketSet::of({b.src_may, b.dst_may, b.service_may});
                continue;
            }
            if (!b.certain) {
                continue;
            }
            const PacketSet taken =
                undecided & PacketSet::of({b.src_must, b.dst_must, b.service_must});
            const PacketSet simple = taken.simplified();
            for (const Cube& cube : simple.cubes()) {
                CertificateBox box;
                box.from = cube.src;
                box.services = cube.service;
                box.stop = {CertificateStop::Kind::inbound_rule, list->owner, rule.rule->id, {}};
                boxes.push_back(std::move(box));
            }
            undecided -= taken;
            stopped |= taken;
        }
        left -= stopped;
    }
    return stopped;
}

/// Boxes that the sender's lists stop whichever of `towards` is sent to; returns what is left.
ServiceSet Certifying::stop_outbound(ConfigIndex sender, const AddressSet& towards,
                                     ServiceSet services,
                                     std::vector<CertificateBox>& boxes) const {
    const FilterChain chain = network_.filters().chain(sender, Direction::outbound);
    if (chain.admin != nullptr) {
        for (const FilterRule& rule : chain.admin->rules) {
            if (rule.access == Access::always_allow) {
                return services;
            }
        }
    }
    const Address& source = address(sender);
    for (const FilterList* list : {chain.first, chain.second}) {
        if (list == nullptr || list->kind != FilterList::Kind::security_group) {
            continue;
        }
        ServiceSet undecided = services;
        for (const FilterRule& rule : list->rules) {
            const RuleBounds b = bounds(rule, *list);
            if (!b.deny) {
                if (b.src_may.contains(source) && b.dst_may.intersects(towards)) {
                    undecided -= b.service_may;
                }
                continue;
            }
            if (!b.certain || !b.src_must.contains(source) || !b.dst_must.contains_all(towards)) {
                if (b.certain && b.src_may.contains(source) && b.dst_may.intersects(towards)) {
                    undecided -= b.service_may;  // a part of it: no single first match
                }
                continue;
            }
            const ServiceSet taken = undecided & b.service_must;
            if (!taken.empty()) {
                CertificateBox box;
                box.services = taken;
                box.stop = {CertificateStop::Kind::outbound_rule, list->owner, rule.rule->id, {}};
                boxes.push_back(std::move(box));
                undecided -= taken;
                services -= taken;
            }
        }
    }
    return services;
}

// --- ways ----------------------------------------------------------------------------------------

std::vector<Certifying::Way> Certifying::ways_in(ConfigIndex config) const {
    std::vector<Way> ways;
    const ServiceSet every = ServiceSet::every();
    ways.push_back({AddressSet::single(address(config)), false, true, every, {}});
    for (const auto& [id, balancer] : network_.snapshot().load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            if (!frontend.address) {
                continue;
            }
            for (const Translation& way : network_.edges().translations(balancer, frontend)) {
                if (way.config == config) {
                    if (way.floating_ip) {
                        throw NoCertificate("floating IP of " + std::string(id.name()));
                    }
                    ways.push_back({AddressSet::single(*frontend.address), false, !way.to_port,
                                    way.accepts, way.to_port});
                }
            }
        }
    }
    for (const Edges::PublicEntry* entry : network_.edges().public_entries_to(config)) {
        for (const Translation& way : entry->ways) {
            if (way.kind == Translation::Kind::firewall ||
                way.kind == Translation::Kind::unmodelled ||
                way.kind == Translation::Kind::unread || way.floating_ip) {
                throw NoCertificate("what " + std::string(entry->public_ip.name()) +
                                    " translates to");
            }
            if (way.config == config) {
                ways.push_back(
                    {Edges::internet_space(), true, !way.to_port, way.accepts, way.to_port});
            }
        }
    }
    for (const FirewallPlace& place : network_.firewalls().all()) {
        const auto index = static_cast<FirewallIndex>(&place - network_.firewalls().all().data());
        const CompiledFirewall& rules = network_.firewalls().rules(index);
        if (!rules.unread.empty()) {
            throw NoCertificate("the rules of " + std::string(place.firewall->header.id.name()));
        }
        for (const FirewallRules& alternative : rules.alternatives) {
            for (const NatMatch& nat : alternative.nat) {
                if (nat.unknown_target || nat.to == address(config)) {
                    throw NoCertificate("a NAT rule of " +
                                        std::string(place.firewall->header.id.name()));
                }
            }
        }
    }
    return ways;
}

/// Services as they may arrive of a flow on `services` as sent or as delivered.
ServiceSet Certifying::delivered(const std::vector<Way>& ways, const ServiceSet& services) const {
    ServiceSet result = services;
    for (const Way& way : ways) {
        if (way.to_port && services.intersects(way.accepts)) {
            result |= ((services & way.accepts) & ported())
                          .with_destination_ports(PortSet::single(*way.to_port));
        }
    }
    return result;
}

/// Sources that devices on the way from this subnet may show instead.
AddressSet Certifying::shown_by_devices(SubnetIndex subnet, const AddressSet& towards,
                                        const CertificateFlow& flow, int depth) const {
    AddressSet shown;
    if (depth > 4 || subnet == kNoIndex) {
        throw NoCertificate("routes that go round");
    }
    for (const Routes::Part& part : network_.routes().partition(subnet, towards)) {
        for (const EffectiveRouteEntry* entry : part.candidates) {
            if (entry->hop != NextHop::virtual_appliance ||
                flow.avoided_next_hops.contains(entry->address)) {
                continue;  // what passes a waypoint does not count
            }
            SubnetIndex next = kNoIndex;
            for (const FirewallPlace& place : network_.firewalls().all()) {
                if (std::find(place.addresses.begin(), place.addresses.end(), entry->address) !=
                    place.addresses.end()) {
                    shown |= place.shown;
                    next = place.subnet;
                }
            }
            for (ConfigIndex i = 0; i < network_.configurations().size() && next == kNoIndex; ++i) {
                const ConfigPlace& place = network_.configurations()[i];
                if (place.configuration->address == entry->address) {
                    shown |= AddressSet::single(entry->address);
                    next = place.subnet;
                }
            }
            if (next == kNoIndex) {
                throw NoCertificate("who stands at the next hop " + to_string(entry->address));
            }
            if (next != subnet) {
                shown |= shown_by_devices(next, towards, flow, depth + 1);
            }
        }
    }
    return shown;
}

bool Certifying::stop_by_route(SubnetIndex subnet, const AddressSet& towards,
                               const CertificateFlow& flow, CertificateBox& box) const {
    if (subnet == kNoIndex) {
        return false;
    }
    const std::vector<Routes::Part> parts = network_.routes().partition(subnet, towards);
    for (const Routes::Part& part : parts) {
        const EffectiveRouteEntry& entry = *part.candidates.front();
        if (parts.size() != 1 || !entry.when.empty() || entry.route == nullptr) {
            return false;
        }
        box.stop.rule = entry.by;
        if (entry.hop == NextHop::none) {
            box.stop.kind = CertificateStop::Kind::route;
            return true;
        }
        if (entry.hop == NextHop::virtual_appliance &&
            flow.avoided_next_hops.contains(entry.address)) {
            box.stop.kind = CertificateStop::Kind::passes;
            box.stop.next_hop = entry.address;
            return true;
        }
    }
    return false;
}

// --- flows ---------------------------------------------------------------------------------------

void Certifying::add_senders(const EndpointSet& from, CertificateFlow& flow) const {
    const SourceSet sources = sets_.as_source(from);
    using Kind = CertificateSender::Kind;
    for (const ConfigIndex config : sources.configs) {
        if (!network_.configurations()[config].configuration->address) {
            throw NoCertificate("a network interface without a known address");
        }
        flow.senders.push_back({Kind::nic, config, kNoIndex, AddressSet::single(address(config))});
    }
    for (const SubnetIndex subnet : from.lodgings) {
        for (const auto& [addresses, facts] : finder_.lodgers_in(subnet)) {
            flow.senders.push_back({Kind::place, kNoIndex, subnet, addresses});
        }
    }
    if (!sources.internet.empty()) {
        flow.senders.push_back({Kind::internet, kNoIndex, kNoIndex, sources.internet});
    }
    if (!sources.onprem.empty()) {
        flow.senders.push_back({Kind::onprem, kNoIndex, kNoIndex, sources.onprem});
    }
    if (from.neighbours && finder_.has_neighbours()) {
        throw NoCertificate("networks that were not read");
    }
    if (!from.unmodelled.empty() || from.platform) {
        throw NoCertificate("senders that are not modelled");
    }
}

ServiceSet Certifying::permitted_services(const CertificateFlow& flow, std::uint32_t sender,
                                          std::uint32_t receiver) const {
    ServiceSet services;
    for (const CertificatePermit& permit : flow.permitted) {
        if (std::binary_search(permit.senders.begin(), permit.senders.end(), sender) &&
            std::binary_search(permit.receivers.begin(), permit.receivers.end(), receiver)) {
            services |= permit.services;
        }
    }
    return services;
}

void Certifying::towards_nics(CertificateFlow& flow) {
    using Kind = CertificateSender::Kind;
    /// Boxes with the same senders, sources, services and stop are one, of several receivers.
    std::map<std::tuple<std::vector<std::uint32_t>, AddressSet, ServiceSet, int, ResourceId,
                        ResourceId, Address>,
             std::vector<std::uint32_t>>
        boxes;
    const auto add = [&](const CertificateBox& box, std::uint32_t receiver) {
        std::vector<std::uint32_t>& receivers =
            boxes[{box.senders, box.from, box.services, static_cast<int>(box.stop.kind),
                   box.stop.group, box.stop.rule, box.stop.next_hop}];
        if (receivers.empty() || receivers.back() != receiver) {
            receivers.push_back(receiver);
        }
    };
    for (std::uint32_t r = 0; r < flow.receivers.size(); ++r) {
        const ConfigIndex receiver = flow.receivers[r];
        if (!network_.configurations()[receiver].configuration->address) {
            throw NoCertificate("a network interface without a known address");
        }
        const Family family = address(receiver).family;
        const std::vector<Way> ways = ways_in(receiver);
        const ServiceSet services = asked_of(delivered(ways, flow.services), family);
        AddressSet names;
        bool outside = false;
        for (const Way& way : ways) {
            names |= way.outside ? AddressSet{} : way.as_sent;
            outside = outside || way.outside;
        }
        const AddressSet towards = outside ? names | Edges::internet_space() : names;
        // Sources that the receiver may see.
        struct Header {
            AddressSet src;
            AddressSet shown;
        };
        std::vector<Header> headers;
        AddressSet needed;
        for (std::uint32_t k = 0; k < flow.senders.size(); ++k) {
            const CertificateSender& sender = flow.senders[k];
            Header header;
            header.src = of_family(sender.addresses, family);
            const bool inside = sender.kind == Kind::nic || sender.kind == Kind::place;
            if (sender.kind == Kind::internet && !outside) {
                header.src = {};
            } else if (inside) {
                const SubnetIndex subnet = sender.kind == Kind::nic
                                               ? network_.configurations()[sender.config].subnet
                                               : sender.subnet;
                header.shown = of_family(shown_by_devices(subnet, names, flow, 0), family);
                if (outside) {
                    header.shown |= of_family(Edges::internet_space(), family);
                }
            }
            needed |= header.src | header.shown;
            headers.push_back(std::move(header));
        }
        std::vector<CertificateBox> inbound;
        const PacketSet stopped =
            needed.empty() ? PacketSet{} : stop_inbound(receiver, needed, services, inbound);
        for (const CertificateBox& box : inbound) {
            add(box, r);
        }
        const AddressSet here = AddressSet::single(address(receiver));
        for (std::uint32_t k = 0; k < flow.senders.size(); ++k) {
            const CertificateSender& sender = flow.senders[k];
            if (sender.kind == Kind::nic && sender.config == receiver) {
                continue;  // nobody is asked to reach himself
            }
            if (sender.kind == Kind::internet && !outside) {
                CertificateBox box;
                box.senders = {k};
                box.services = services;
                box.stop.kind = CertificateStop::Kind::no_public_address;
                add(box, r);
                continue;
            }
            const ServiceSet permitted = permitted_services(flow, k, r);
            const ServiceSet asked = services - permitted;
            ServiceSet rest;
            for (const AddressSet* src : {&headers[k].src, &headers[k].shown}) {
                const PacketSet left = PacketSet::of({*src, here, asked}) - stopped;
                for (const Cube& cube : left.cubes()) {
                    rest |= cube.service;
                }
            }
            if (rest.empty()) {
                continue;
            }
            if (sender.kind == Kind::nic) {
                std::vector<CertificateBox> out;
                rest = stop_outbound(sender.config, towards, rest, out);
                for (CertificateBox& box : out) {
                    box.senders = {k};
                    add(box, r);
                }
                CertificateBox box;
                box.senders = {k};
                box.services = rest;
                if (!rest.empty() && !outside &&
                    stop_by_route(network_.configurations()[sender.config].subnet, names, flow,
                                  box)) {
                    add(box, r);
                    continue;
                }
            }
            if (!rest.empty()) {
                throw NoCertificate(
                    std::string(network_.configurations()[receiver].interface->header.id.name()) +
                    ": no single rule or route stops what " +
                    (sender.kind == Kind::nic
                         ? std::string(
                               network_.configurations()[sender.config].interface->header.id.name())
                     : sender.kind == Kind::internet ? "the internet"
                     : sender.kind == Kind::onprem   ? "on-premises"
                                                     : "an unread machine") +
                    " sends");
            }
        }
    }
    for (auto& [key, receivers] : boxes) {
        CertificateBox box;
        box.senders = std::get<0>(key);
        box.from = std::get<1>(key);
        box.services = std::get<2>(key);
        box.stop = {static_cast<CertificateStop::Kind>(std::get<3>(key)), std::get<4>(key),
                    std::get<5>(key), std::get<6>(key)};
        box.receivers = std::move(receivers);
        flow.boxes.push_back(std::move(box));
    }
}

/// Towards the internet: every part of it by the sender's rules and routes.
void Certifying::towards_internet(CertificateFlow& flow) {
    using Kind = CertificateSender::Kind;
    for (std::uint32_t k = 0; k < flow.senders.size(); ++k) {
        const CertificateSender& sender = flow.senders[k];
        if (sender.kind == Kind::internet) {
            continue;  // what never enters is nobody's business here
        }
        if (sender.kind != Kind::nic) {
            throw NoCertificate("senders towards the internet that are no network interfaces");
        }
        const Family family = address(sender.config).family;
        const SubnetIndex subnet = network_.configurations()[sender.config].subnet;
        for (const Routes::Part& part :
             network_.routes().partition(subnet, of_family(flow.to_internet, family))) {
            std::vector<CertificateBox> out;
            ServiceSet rest = stop_outbound(sender.config, part.destinations,
                                            asked_of(flow.services, family), out);
            CertificateBox box;
            box.services = rest;
            if (!rest.empty()) {
                if (!stop_by_route(subnet, part.destinations, flow, box)) {
                    throw NoCertificate(
                        std::string(
                            network_.configurations()[sender.config].interface->header.id.name()) +
                        ": no single rule or route keeps it from the internet");
                }
                out.push_back(std::move(box));
            }
            for (CertificateBox& stop : out) {
                stop.senders = {k};
                stop.to = part.destinations;
                flow.boxes.push_back(std::move(stop));
            }
        }
    }
    // The same box of several senders is one.
    std::vector<CertificateBox> joined;
    for (CertificateBox& box : flow.boxes) {
        const auto same = std::find_if(joined.begin(), joined.end(), [&](const CertificateBox& b) {
            return b.to == box.to && !b.to.empty() && b.services == box.services &&
                   b.stop.kind == box.stop.kind && b.stop.group == box.stop.group &&
                   b.stop.rule == box.stop.rule && b.stop.next_hop == box.stop.next_hop;
        });
        if (same != joined.end()) {
            same->senders.insert(same->senders.end(), box.senders.begin(), box.senders.end());
        } else {
            joined.push_back(std::move(box));
        }
    }
    flow.boxes = std::move(joined);
}

CertificateFlow Certifying::flow(const StatedFlow& stated) {
    CertificateFlow flow;
    flow.text = stated.whole.text;
    flow.services = stated.whole.services;
    if (!stated.whole.pass.empty()) {
        throw NoCertificate("flows that count only what passes something");
    }
    const Waypoints& avoid = stated.whole.avoid;
    flow.avoided = avoid.resources;
    for (const FirewallIndex firewall : avoid.firewalls) {
        for (const Address& at : network_.firewalls().at(firewall).addresses) {
            flow.avoided_next_hops |= AddressSet::single(at);
        }
    }
    for (const ConfigIndex config : avoid.configs) {
        flow.avoided.push_back(network_.configurations()[config].interface->header.id);
        if (network_.configurations()[config].configuration->address) {
            flow.avoided_next_hops |= AddressSet::single(address(config));
        }
    }
    add_senders(stated.whole.from, flow);
    const EndpointSet& to = stated.whole.to;
    if (!to.unmodelled.empty()) {
        throw NoCertificate("receivers that are not modelled");
    }
    flow.receivers = to.configs;
    flow.to_internet = to.internet | (to.space & Edges::internet_space());
    if (!to.onprem.empty()) {
        throw NoCertificate("flows towards on-premises");
    }
    for (const FlowExpression* expression : stated.permitted) {
        if (!expression->via.empty() || !expression->not_via.empty()) {
            throw NoCertificate("permitted flows with waypoints");
        }
        const EndpointSet from = sets_.of(expression->from);
        const EndpointSet permitted_to = sets_.of(expression->to);
        const SourceSet sources = sets_.as_source(from);
        CertificatePermit permit;
        permit.services = expression->services.value_or(ServiceSet::every());
        for (std::uint32_t k = 0; k < flow.senders.size(); ++k) {
            const CertificateSender& sender = flow.senders[k];
            using Kind = CertificateSender::Kind;
            const bool in =
                sender.kind == Kind::nic ? std::find(sources.configs.begin(), sources.configs.end(),
                                                     sender.config) != sources.configs.end()
                : sender.kind == Kind::internet ? sources.internet.contains_all(sender.addresses)
                : sender.kind == Kind::onprem
                    ? sources.onprem.contains_all(sender.addresses)
                    : std::binary_search(from.lodgings.begin(), from.lodgings.end(), sender.subnet);
            if (in) {
                permit.senders.push_back(k);
            } else if (sender.kind != Kind::nic &&
                       (sources.internet | sources.onprem).intersects(sender.addresses)) {
                throw NoCertificate("a permitted part of the internet or of on-premises");
            }
        }
        for (std::uint32_t r = 0; r < flow.receivers.size(); ++r) {
            if (std::binary_search(permitted_to.configs.begin(), permitted_to.configs.end(),
                                   flow.receivers[r])) {
                permit.receivers.push_back(r);
            }
        }
        if (!permit.senders.empty() && !permit.receivers.empty()) {
            flow.permitted.push_back(std::move(permit));
        }
        if (!permitted_to.internet.empty() && !flow.to_internet.empty()) {
            throw NoCertificate("permitted flows towards the internet");
        }
    }
    return flow;
}

CertificateFlow Certifying::limited(const StatedFlow& stated,
                                    const std::vector<FoundPiece>& found) {
    CertificateFlow result = flow(stated);
    std::map<std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>>, ServiceSet> permits;
    for (const FoundPiece& item : found) {
        const FlowPiece& piece = item.piece;
        const ServiceSet services = finder_.pool().at(piece.packets.sets[Fate::can_may]);
        std::vector<std::uint32_t> senders;
        std::vector<std::uint32_t> receivers;
        for (std::uint32_t k = 0; k < result.senders.size(); ++k) {
            const CertificateSender& sender = result.senders[k];
            using Kind = CertificateSender::Kind;
            const bool in =
                (piece.start == FlowPiece::Start::nics && sender.kind == Kind::nic &&
                 piece.group->contains(sender.config) &&
                 piece.src.contains(address(sender.config))) ||
                (piece.start == FlowPiece::Start::internet && sender.kind == Kind::internet) ||
                (piece.start == FlowPiece::Start::onprem && sender.kind == Kind::onprem) ||
                (piece.start == FlowPiece::Start::lodger && sender.kind == Kind::place &&
                 piece.src.intersects(sender.addresses));
            if (in) {
                senders.push_back(k);
            }
        }
        for (std::uint32_t r = 0; r < result.receivers.size(); ++r) {
            const ConfigIndex receiver = result.receivers[r];
            const bool in = piece.own != nullptr
                                ? piece.dst.contains(address(receiver)) &&
                                      piece.own->at(address(receiver)) == receiver
                                : piece.targets != nullptr &&
                                      std::binary_search(piece.targets->begin(),
                                                         piece.targets->end(), receiver);
            if (in) {
                receivers.push_back(r);
            }
        }
        if (senders.empty() || receivers.empty()) {
            throw NoCertificate("what is counted beside network interfaces");
        }
        ServiceSet arriving = services;  // as sent, and as it arrives
        for (const std::uint32_t r : receivers) {
            arriving |= delivered(ways_in(result.receivers[r]), services);
        }
        permits[{std::move(senders), std::move(receivers)}] |= arriving;
    }
    for (auto& [ends, services] : permits) {
        result.permitted.push_back({ends.first, ends.second, services});
    }
    return result;
}

/// require: the rules that let it out and in, where nothing stands between.
void Certifying::ways(const StatedFlow& stated, Certificate& certificate) {
    CertificateFlow flow = this->flow(stated);
    using Kind = CertificateSender::Kind;
    using Rules = std::vector<std::pair<ResourceId, ResourceId>>;
    std::map<std::pair<Rules, Rules>, std::map<std::uint32_t, std::vector<std::uint32_t>>> same;
    if (!flow.to_internet.empty()) {
        throw NoCertificate("what is required towards the internet");
    }
    /// The rule of every list that is the first match for everything asked.
    const auto deciding = [&](ConfigIndex config, Direction direction, const Address& src,
                              const Address& dst) {
        Rules result;
        const FilterChain chain = network_.filters().chain(config, direction);
        if (chain.admin != nullptr) {
            throw NoCertificate("security admin rules");
        }
        const ServiceSet services = asked_of(flow.services, src.family);
        for (const FilterList* list : {chain.first, chain.second}) {
            if (list == nullptr) {
                continue;
            }
            const FilterRule* found = nullptr;
            for (const FilterRule& rule : list->rules) {
                const RuleBounds b = bounds(rule, *list);
                if (!b.src_may.contains(src) || !b.dst_may.contains(dst) ||
                    !b.service_may.intersects(services)) {
                    continue;
                }
                if (b.certain && !b.deny && b.src_must.contains(src) && b.dst_must.contains(dst) &&
                    b.service_must.contains_all(services)) {
                    found = &rule;
                }
                break;
            }
            if (found == nullptr) {
                throw NoCertificate("no single rule of " + std::string(list->owner.name()) +
                                    " lets all of it through");
            }
            result.emplace_back(list->owner, found->rule->id);
        }
        return result;
    };
    for (std::uint32_t k = 0; k < flow.senders.size(); ++k) {
        const CertificateSender& sender = flow.senders[k];
        if (sender.kind != Kind::nic) {
            throw NoCertificate("what is required of senders that are no network interfaces");
        }
        for (std::uint32_t r = 0; r < flow.receivers.size(); ++r) {
            const ConfigIndex receiver = flow.receivers[r];
            if (receiver == sender.config ||
                address(receiver).family != address(sender.config).family) {
                continue;
            }
            if (!shown_by_devices(network_.configurations()[sender.config].subnet,
                                  AddressSet::single(address(receiver)), flow, 0)
                     .empty()) {
                throw NoCertificate("what is required by way of a device");
            }
            Rules out = deciding(sender.config, Direction::outbound, address(sender.config),
                                 address(receiver));
            Rules in =
                deciding(receiver, Direction::inbound, address(sender.config), address(receiver));
            same[{std::move(out), std::move(in)}][k].push_back(r);
        }
    }
    for (const auto& [rules, pairs] : same) {
        std::map<std::vector<std::uint32_t>, std::vector<std::uint32_t>> by_receivers;
        for (const auto& [sender, receivers] : pairs) {
            by_receivers[receivers].push_back(sender);
        }
        for (const auto& [receivers, senders] : by_receivers) {
            certificate.ways.push_back(
                {senders, receivers, flow.services, rules.first, rules.second});
        }
    }
    certificate.flows.push_back(std::move(flow));
}

}  // namespace

std::string_view to_string(CertificateStop::Kind kind) {
    switch (kind) {
        case CertificateStop::Kind::inbound_rule:
            return "inbound-rule";
        case CertificateStop::Kind::outbound_rule:
            return "outbound-rule";
        case CertificateStop::Kind::no_public_address:
            return "no-public-address";
        case CertificateStop::Kind::route:
            return "route";
        case CertificateStop::Kind::passes:
            return "passes";
    }
    return "";
}

std::string_view to_string(Certificate::Claim claim) {
    switch (claim) {
        case Certificate::Claim::none:
            return "none";
        case Certificate::Claim::nothing_arrives:
            return "nothing-arrives";
        case Certificate::Claim::everything_arrives:
            return "everything-arrives";
        case Certificate::Claim::unchanged:
            return "unchanged";
        case Certificate::Claim::arrives:
            return "arrives";
    }
    return "none";
}

Certificate certify(const Network& network, const Endpoints& endpoints, const Policy& policy,
                    const CheckOptions& options, const InvariantResult& result) {
    Certificate certificate;
    const Invariant& invariant = *result.invariant;
    if (result.beneath == InvariantStatus::violated) {
        certificate.claim = result.witness ? Certificate::Claim::arrives : Certificate::Claim::none;
        certificate.missing = result.witness ? "" : result.note;
        return certificate;
    }
    if (result.beneath != InvariantStatus::held) {
        certificate.missing = "it is " + std::string(to_string(result.beneath));
        return certificate;
    }
    if (invariant.verb == Verb::no_new || invariant.verb == Verb::same) {
        if (result.unchanged) {
            certificate.claim = Certificate::Claim::unchanged;
        } else {
            certificate.missing = "the snapshots configure different things";
        }
        return certificate;
    }
    try {
        const SetEvaluator sets(network, endpoints, policy);
        const FlowFinder finder(network, sets);
        Certifying certifying(network, sets, finder);
        certificate.claim = Certificate::Claim::nothing_arrives;
        if (invariant.verb == Verb::require) {
            certificate.claim = Certificate::Claim::everything_arrives;
            if (invariant.match_some || invariant.flows.size() != 1) {
                throw NoCertificate("several flows, or some pair of many");
            }
            certifying.ways({whole_flow(invariant, invariant.flows.front(), finder, sets), {}},
                            certificate);
        } else if (invariant.verb == Verb::limit) {
            const StatedFlow stated{whole_flow(invariant, invariant.flows.front(), finder, sets),
                                    {}};
            const std::unique_ptr<SetWalk> walk = finder.make_walk();
            FlowQuery query;
            query.from = &stated.whole.from;
            query.to = &stated.whole.to;
            query.services = finder.pool().intern(stated.whole.services);
            query.avoid = stated.whole.avoid;
            query.per_target = true;
            std::vector<FoundPiece> found;
            finder.find(query, *walk, [&](FlowPiece piece) {
                found.push_back({std::move(piece), &stated.whole});
                return true;
            });
            CertificateFlow flow = certifying.limited(stated, found);
            certifying.stop(flow);
            certificate.flows.push_back(std::move(flow));
        } else {
            for (const StatedFlow& stated : stated_flows(invariant, finder, sets, options.today)) {
                CertificateFlow flow = certifying.flow(stated);
                certifying.stop(flow);
                certificate.flows.push_back(std::move(flow));
            }
        }
    } catch (const NoCertificate& reason) {
        certificate = {};
        certificate.missing = reason.what();
    }
    return certificate;
}

}  // namespace azreach
