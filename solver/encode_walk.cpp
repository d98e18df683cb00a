// Where packets start, the NIC that emits, and its route.
#include "solver/encode_walk.hpp"

#include <algorithm>

namespace azreach::solver {

namespace {

constexpr std::size_t kMostDevices = 64;

const Address kHost = Address::v4(0xA83F8110U);      // 168.63.129.16
const Address kMetadata = Address::v4(0xA9FEA9FEU);  // 169.254.169.254

const std::vector<Address>& activation_servers() {
    static const std::vector<Address> kServers = {*parse_address("23.102.135.246"),
                                                  *parse_address("20.118.99.224"),
                                                  *parse_address("40.83.235.53")};
    return kServers;
}

AddressSet space_of(const VirtualNetwork& vnet) {
    AddressSet space;
    for (const Prefix& prefix : vnet.address_space) {
        space |= prefix.addresses();
    }
    return space;
}

}  // namespace

WalkEncoder::WalkEncoder(Encoders& encoders, Goal goal)
    : e_(encoders),
      terms_(encoders.terms),
      facts_(encoders.facts),
      network_(encoders.network),
      goal_(std::move(goal)) {}

Formula WalkEncoder::from_party(const Party& party, const PacketTerm& packet) {
    const ConfigPlace& place = network_.configurations()[party.configs.front()];
    if (place.endpoint != nullptr) {
        return false;  // R39
    }
    Way way;
    way.start = Start::nic;
    way.sender = &party;
    way.sent = packet;
    const Formula out = emit({&party, packet.src, party.subnet, {}, false}, packet, way);
    if (place.configuration->address) {
        return out;
    }
    // J6: it is not known which address of its subnet it has.
    const ResourceId subnet = place.configuration->subnet.value_or(place.interface->header.id);
    return out && facts_.holds(network_.about(FactKey::unknown_instance, subnet.text()),
                               Topic::about(packet.src));
}

Formula WalkEncoder::from_internet(const PacketTerm& packet) {
    Way way;
    way.start = Start::internet;
    way.sent = packet;
    return terms_.in(packet.src, Edges::internet_space()) && enter_public({}, packet, way);
}

Formula WalkEncoder::from_onprem(const PacketTerm& packet) {
    Way way;
    way.start = Start::onprem;
    way.sent = packet;
    return enter_from_onprem(packet, ResourceId{}, way);
}

Formula WalkEncoder::through_unknown_entry(const Edges::PublicEntry& entry,
                                           const PacketTerm& packet) {
    Way way;
    way.start = Start::internet;
    way.sent = packet;
    const Fact fact = network_.about(FactKey::missing_resource, entry.public_ip.text());
    return terms_.in(packet.src, Edges::internet_space()) &&
           facts_.holds(fact, Topic::about(packet.dst)) &&
           translate(entry.ways, packet, true, {}, way);
}

Formula WalkEncoder::choose(const std::vector<Alternative>& alternatives,
                            const Formula& otherwise) const {
    std::vector<Formula> some;
    std::vector<Formula> outcomes;
    for (const Alternative& each : alternatives) {
        if (each.exists.is(false)) {
            continue;
        }
        some.push_back(each.exists);
        outcomes.push_back(goal_.choices == Choices::some ? each.exists && each.outcome
                                                          : implies(each.exists, each.outcome));
    }
    if (some.empty()) {
        return otherwise;
    }
    const Formula outcome = goal_.choices == Choices::some ? any_of(outcomes) : all_of(outcomes);
    return if_then_else(any_of(some), outcome, otherwise);
}

/// Holds iff the member of `party` that has the address `who` is `config`.
Formula WalkEncoder::is_config(const Party* party, const AddressTerm& who, ConfigIndex config) {
    if (party == nullptr || !party->contains(config)) {
        return false;
    }
    const auto& address = network_.configurations()[config].configuration->address;
    return party->configs.size() == 1 || !address ? Formula(true) : terms_.is(who, *address);
}

const Party& WalkEncoder::single(ConfigIndex config) {
    const auto known = singles_.find(config);
    if (known != singles_.end()) {
        return *known->second;
    }
    const ConfigPlace& place = network_.configurations()[config];
    Party& party = parties_.emplace_back();
    party.subnet = place.subnet;
    party.configs = {config};
    if (place.configuration->address) {
        party.addresses = AddressSet::single(*place.configuration->address);
    }
    singles_.emplace(config, &party);
    return party;
}

/// R35: the same packet at the same emitter again.
Formula WalkEncoder::seen(const Emitter& emitter, const PacketTerm& packet, const Way& way) {
    std::vector<Formula> again;
    for (const Visit& visit : way.visits) {
        Formula same = false;
        if (emitter.party == nullptr) {
            same = visit.emitter.party == nullptr && visit.emitter.subnet == emitter.subnet &&
                   visit.emitter.firewall == emitter.firewall;
        } else if (emitter.party->configs.size() == 1) {
            same =
                is_config(visit.emitter.party, visit.emitter.who, emitter.party->configs.front());
        } else {
            continue;  // several NICs emit only where a direction begins
        }
        if (!same.is(false)) {
            again.push_back(same && terms_.equal(visit.packet.src, packet.src) &&
                            terms_.equal(visit.packet.dst, packet.dst) &&
                            terms_.equal(visit.packet.service, packet.service));
        }
    }
    return any_of(again);
}

/// match:  a NIC emits (section "A NIC emits")
/// result: no loop; exempt platform traffic is delivered; else past the filters along the route.
///         A reply passes the filters of its sender, its receiver and the request's devices
Formula WalkEncoder::emit(const Emitter& emitter, const PacketTerm& packet, Way way) {
    if (e_.check_time) {
        e_.check_time();
    }
    const Formula again = seen(emitter, packet, way);
    if (again.is(true) || way.visits.size() >= kMostDevices) {
        return lost(way);
    }
    way.visits.push_back({emitter, packet});
    const ConfigIndex first = emitter.party->configs.front();
    Formula stateful = false;
    if (way.request != nullptr) {
        const Way& request = *way.request->way;
        const bool device = std::any_of(request.devices.begin(), request.devices.end(),
                                        [&](const Device& d) { return d.key == first; });
        stateful = emitter.party == way.request->receiver || device
                       ? Formula(true)
                       : is_config(way.request->receiver, way.request->receiver_who, first) ||
                             is_config(request.sender, request.sent.src, first);
    }
    const ConfigPlace& place = network_.configurations()[first];
    Formula onward;
    if (emitter.subnet == kNoIndex) {
        const std::string id = place.configuration->subnet ? place.configuration->subnet->text()
                                                           : place.interface->header.id.text();
        onward = end_unknown({}, network_.about(FactKey::missing_resource, id),
                             Topic::outcome(packet.dst), packet, way);
    } else {
        onward = route(emitter, packet, way);
    }
    Formula ordinary = onward;
    if (!stateful.is(true)) {
        const FilterOutcome filter =
            e_.filters.at(*emitter.party, emitter.who, Direction::outbound, packet, false);
        ordinary = if_then_else(stateful || filter.allowed, onward, lost(way));
    }
    return if_then_else(again, lost(way),
                        platform(emitter, packet, stateful, ordinary, onward, way));
}

/// match:  destinations of the platform                                                  [N38-N40]
/// result: exempt services, unless a Deny that names the tag stops them: delivered by the host, or
///         past the filters to an activation server; other packets to the host are dropped
Formula WalkEncoder::platform(const Emitter& emitter, const PacketTerm& packet,
                              const Formula& stateful, const Formula& ordinary,
                              const Formula& onward, const Way& way) {
    Formula result = ordinary;
    const auto each = [&](const Address& address, bool host) {
        const Formula here = terms_.is(packet.dst, address);
        if (here.is(false)) {
            return;
        }
        Formula special = host ? lost(way) : ordinary;
        for (const Filters::Exemption& exemption : Filters::exemptions(address)) {
            const Formula exempt = terms_.in(packet.service, exemption.service);
            if (exempt.is(false) || stateful.is(true)) {
                continue;
            }
            PacketTerm asked = packet;
            asked.dst = terms_.within(packet.dst, AddressSet::single(address));
            asked.service = terms_.within(packet.service, exemption.service);
            const Formula stopped = e_.filters.platform_denied(*emitter.party, emitter.who, asked,
                                                               exemption.denying_tag);
            const Formula passed =
                !host ? onward
                : way.request != nullptr
                    ? lost(way)
                    : delivered(asked, std::nullopt) && session_of(true);  // the platform answers
            special = if_then_else(exempt && !stateful, if_then_else(stopped, lost(way), passed),
                                   special);
        }
        result = if_then_else(here, special, result);
    };
    for (const Address& address : activation_servers()) {
        each(address, false);
    }
    each(kHost, true);
    each(kMetadata, true);
    return result;
}

/// match:  the effective table of the emitter's subnet
/// result: along the first entry that applies; without one the packet is dropped
Formula WalkEncoder::route(const Emitter& emitter, const PacketTerm& packet, const Way& way) {
    const std::vector<RouteCase>& cases = e_.routes.cases(emitter.subnet, packet.dst);
    Formula result = lost(way);
    for (auto each = cases.rbegin(); each != cases.rend(); ++each) {
        PacketTerm routed = packet;
        routed.dst = each->dst;
        result = if_then_else(each->applies, follow(emitter, *each->entry, routed, way), result);
    }
    return result;
}

/// match:  the table "After the route"
Formula WalkEncoder::follow(const Emitter& emitter, const EffectiveRouteEntry& entry,
                            const PacketTerm& packet, const Way& way) {
    if (entry.hop == NextHop::none || entry.never_delivers) {
        return lost(way);
    }
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    if (entry.hop == NextHop::unknown) {
        return end_unknown(entry.when,
                           network_.about(FactKey::unmodelled, place.subnet->header.id.text()),
                           Topic::outcome(packet.dst), packet, way);
    }
    const Formula delivers = facts_.holds(entry.delivers_when, Topic::about(packet.dst));
    if (emitter.translate && entry.hop != NextHop::internet) {  // FW-33, FW-35
        const FirewallPlace& firewall = network_.firewalls().at(emitter.firewall);
        Emitter translated = emitter;
        translated.translate = false;
        translated.forwarded = false;
        PacketTerm shown = packet;
        shown.src = facts_.unknown_address(
            network_.about(FactKey::unknown_instance, firewall.subnet_id.text()), packet.dst.family,
            firewall.shown);
        Way after = way;
        after.devices.back().translates = true;
        after.devices.back().source_shown = shown.src;
        return if_then_else(delivers, hand_on(translated, entry, shown, after), lost(way));
    }
    return if_then_else(delivers, hand_on(emitter, entry, packet, way), lost(way));
}

/// The packet goes where the chosen route leads.
Formula WalkEncoder::hand_on(const Emitter& emitter, const EffectiveRouteEntry& entry,
                             const PacketTerm& packet, const Way& way) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    Formula result;
    switch (entry.hop) {
        case NextHop::vnet_local:
            result = enter_vnet(emitter, entry.vnet == kNoIndex ? place.vnet_index : entry.vnet,
                                false, packet, {}, way);
            break;
        case NextHop::vnet_peering:
        case NextHop::vnet_global_peering:
        case NextHop::connected_group:
            result = over_connection(emitter, entry, packet, way);
            break;
        case NextHop::interface_endpoint:
            result = enter_vnet(emitter, entry.vnet, false, packet, entry.via, way);
            break;
        case NextHop::internet:
            result = leave(emitter, packet, way);
            break;
        case NextHop::virtual_appliance:
            result = to_appliance(emitter, entry, packet, way);
            break;
        case NextHop::gateway:
            result = to_gateway(emitter, entry.via, packet, way);
            break;
        case NextHop::service_endpoint:  // R56
            result = by_service_endpoint(emitter, packet, way);
            break;
        case NextHop::none:
        case NextHop::unknown:
            break;
    }
    return result;
}

/// match:  next hop: the service itself
/// result: a request is delivered. A reply does not go by the address to which its request came:
/// lost
///         like any that misses a stateful device                                         [R62]
Formula WalkEncoder::by_service_endpoint(const Emitter& emitter, const PacketTerm& packet,
                                         const Way& way) {
    if (way.request == nullptr) {
        const Formula arrives = aimed(packet, way) ? admitted_from_subnet(emitter, packet)
                                                   : delivered(packet, std::nullopt);
        if (emitter.firewall == kNoIndex || goal_.end == Goal::End::arrives) {
            return arrives && session_of(true);
        }
        const Request request{&way, nullptr, {}, false};
        return arrives &&
               reply_from_device(way.devices.size(), terms_.reply_to(packet), way_back(request));
    }
    return leg_from_outside(way) ? if_then_else(facts_.contested(FactKey::stateful_asymmetry_drops),
                                                lost(way), returned())
                                 : lost(way);
}

/// match:  over a peering or a connected group
/// result: a forwarded packet only where the other side lets it in [P8], unless a gateway passes it
///         on [P9]; one from on-premises only where the gateway is advertised [E17] [E23]; then it
///         is delivered there
Formula WalkEncoder::over_connection(const Emitter& emitter, const EffectiveRouteEntry& entry,
                                     const PacketTerm& packet, const Way& way) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    const Topic topic = Topic::about(packet.dst);
    Formula passes = true;
    if (emitter.gateway.empty() && (entry.forwarded_never || !entry.forwarded_when.empty())) {
        const Formula own = terms_.in(packet.src, space_of(*place.vnet));
        passes = own || (entry.forwarded_never ? Formula(false)
                                               : facts_.holds(entry.forwarded_when, topic));
    }
    if (!emitter.gateway.empty() && way.from_onprem) {
        passes = passes &&
                 (entry.onprem_never ? Formula(false) : facts_.holds(entry.onprem_when, topic));
    }
    ResourceId unread = entry.via;  // a peer that was not read is named by its own id
    for (const Peering& peering : place.vnet->peerings) {
        if (peering.header.id == entry.via && peering.remote) {
            unread = *peering.remote;
        }
    }
    return if_then_else(passes,
                        enter_vnet(emitter, entry.vnet, entry.hop == NextHop::vnet_global_peering,
                                   packet, unread, way),
                        lost(way));
}

}  // namespace azreach::solver
