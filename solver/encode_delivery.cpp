// The VNet that receives, the NIC that receives, and translations on the way to it.
#include <algorithm>

#include "solver/encode_walk.hpp"

namespace azreach::solver {

bool WalkEncoder::wanted(ConfigIndex config) const {
    return !goal_.targets ||
           std::binary_search(goal_.targets->begin(), goal_.targets->end(), config);
}

AddressTerm WalkEncoder::address_of(ConfigIndex config, Family family) {
    const ConfigPlace& place = network_.configurations()[config];
    if (place.configuration->address) {
        return terms_.constant(*place.configuration->address);
    }
    AddressSet space = AddressSet::all(family);
    if (place.subnet != kNoIndex) {
        space = {};
        for (const Prefix& prefix : network_.subnets()[place.subnet].subnet->prefixes) {
            space |= prefix.addresses();
        }
        space = of_family(space, family);
    }
    const ResourceId& id =
        place.configuration->id.empty() ? place.interface->header.id : place.configuration->id;
    return facts_.unknown_address(network_.about(FactKey::unknown_instance, id.text()), family,
                                  space.empty() ? AddressSet::all(family) : space);
}

const std::vector<WalkEncoder::Part>& WalkEncoder::parts_of(VnetIndex vnet,
                                                            const AddressTerm& dst) {
    const auto key = std::pair(vnet, dst);
    const auto known = parts_.find(key);
    if (known != parts_.end()) {
        return known->second;
    }
    std::vector<Part> parts;
    struct Alike {
        std::vector<ConfigIndex> configs;
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
    };
    std::map<SubnetIndex, Alike> alike;
    for (Edges::Part& part : network_.edges().partition(vnet, *dst.bound)) {
        if (part.owners.size() == 1 && part.owners.front().kind == Owner::Kind::configuration) {
            const ConfigIndex config = part.owners.front().config;
            const ConfigPlace& place = network_.configurations()[config];
            if (!wanted(config)) {
                continue;
            }
            if (place.endpoint == nullptr && place.subnet != kNoIndex) {
                Alike& same = alike[place.subnet];
                same.configs.push_back(config);
                for (const auto& range : part.addresses.v4.ranges()) {
                    same.v4.push_back(range);
                }
                for (const auto& range : part.addresses.v6.ranges()) {
                    same.v6.push_back(range);
                }
                continue;
            }
        }
        const bool nobody =
            std::all_of(part.owners.begin(), part.owners.end(), [](const Owner& owner) {
                return owner.kind == Owner::Kind::nobody || owner.kind == Owner::Kind::reserved;
            });
        if (!nobody) {
            parts.push_back({std::move(part.addresses), std::move(part.owners), nullptr});
        }
    }
    for (auto& [subnet, same] : alike) {
        Party& party = parties_.emplace_back();
        party.subnet = subnet;
        std::sort(same.configs.begin(), same.configs.end());
        party.configs = std::move(same.configs);
        party.addresses = {IntervalSet<std::uint32_t>::of(std::move(same.v4)),
                           IntervalSet<Uint128>::of(std::move(same.v6))};
        parts.push_back({party.addresses, {}, &party});
    }
    return parts_.emplace(key, std::move(parts)).first->second;
}

/// match:  "Deliver in a VNet"
/// result: whoever has the address there; nobody, or a reserved address: dropped
Formula WalkEncoder::enter_vnet(const Emitter& emitter, VnetIndex vnet, bool global_peering,
                                const PacketTerm& packet, const ResourceId& unread,
                                const Way& way) {
    if (vnet == kNoIndex) {
        return end_unknown({}, network_.about(FactKey::missing_resource, unread.text()),
                           Topic::outcome(packet.dst), packet, way);
    }
    std::vector<Alternative> at_firewalls;
    if (way.request != nullptr) {
        at_firewalls = reply_at_firewall(packet, vnet, way);
        for (const Alternative& each : at_firewalls) {
            if (each.exists.is(true)) {
                return each.outcome;
            }
        }
    }
    Formula result = lost(way);
    const auto add = [&](const AddressSet& addresses, const Formula& outcome) {
        if (!outcome.same_as(lost(way))) {
            result = if_then_else(terms_.in(packet.dst, addresses), outcome, result);
        }
    };
    const Reply reply = way.request != nullptr ? reply_parts(vnet, packet.dst, way) : Reply{};
    for (const Part& part : way.request != nullptr ? *reply.others : parts_of(vnet, packet.dst)) {
        PacketTerm here = packet;
        here.dst = terms_.within(packet.dst, part.addresses);
        if (part.party != nullptr) {
            add(part.addresses, arrive(*part.party, here, here.dst, nullptr, false, way));
            continue;
        }
        std::vector<Alternative> owners;
        for (const Owner& owner : part.owners) {
            owners.push_back({true, reach_owner(emitter, owner, global_peering, here, way)});
        }
        add(part.addresses, choose(owners, lost(way)));
    }
    if (reply.home != nullptr && !reply.home->empty()) {
        add(*reply.home, reply_home(way));
    }
    for (auto each = at_firewalls.rbegin(); each != at_firewalls.rend(); ++each) {
        result = if_then_else(each->exists, each->outcome, result);
    }
    return result;
}

/// Where a reply comes back to: NICs of the sender are one part; a stranger who has the address and
/// is no device of the request is left out, for the reply is lost there.
WalkEncoder::Reply WalkEncoder::reply_parts(VnetIndex vnet, const AddressTerm& dst,
                                            const Way& way) {
    const Way& request = *way.request->way;
    std::vector<std::uint32_t> devices;
    for (const Device& device : request.devices) {
        devices.push_back(device.key);
    }
    const auto key = std::tuple(vnet, dst, request.sender, devices);
    auto known = reply_parts_.find(key);
    if (known == reply_parts_.end()) {
        ReplyParts parts;
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
        for (Edges::Part& part : network_.edges().partition(vnet, *dst.bound)) {
            const Owner& owner = part.owners.front();
            const bool stranger_or_home =
                part.owners.size() == 1 && owner.kind == Owner::Kind::configuration &&
                std::find(devices.begin(), devices.end(), owner.config) == devices.end() &&
                !dst.word.known();
            if (!stranger_or_home) {
                parts.others.push_back(
                    {std::move(part.addresses), std::move(part.owners), nullptr});
                continue;
            }
            const ResourceId& nic = network_.configurations()[owner.config].interface->header.id;
            bool home = false;
            for (const ConfigIndex own : network_.configurations_of(nic)) {
                home = home || (request.sender != nullptr && request.sender->contains(own) &&
                                (request.sender->configs.size() == 1 ||
                                 network_.configurations()[own].configuration->address ==
                                     part.addresses.smallest()));
            }
            if (home) {
                v4.insert(v4.end(), part.addresses.v4.ranges().begin(),
                          part.addresses.v4.ranges().end());
                v6.insert(v6.end(), part.addresses.v6.ranges().begin(),
                          part.addresses.v6.ranges().end());
            }
        }
        parts.home = {IntervalSet<std::uint32_t>::of(std::move(v4)),
                      IntervalSet<Uint128>::of(std::move(v6))};
        known = reply_parts_.emplace(key, std::move(parts)).first;
    }
    return {&known->second.home, &known->second.others};
}

Formula WalkEncoder::reach_owner(const Emitter& emitter, const Owner& owner, bool global_peering,
                                 const PacketTerm& packet, const Way& way) {
    switch (owner.kind) {
        case Owner::Kind::configuration:
            return way.request != nullptr
                       ? reply_arrived(owner.config, packet, way)
                       : arrive(single(owner.config), packet, packet.dst, nullptr, false, way);
        case Owner::Kind::frontend: {
            const Formula blocked = global_peering && owner.balancer->sku == Sku::basic
                                        ? facts_.contested(FactKey::basic_lb_global_peering_blocked)
                                        : Formula(false);
            return if_then_else(
                blocked, lost(way),
                translate(network_.edges().translations(*owner.balancer, *owner.frontend), packet,
                          false, emitter, way));
        }
        case Owner::Kind::reserved:
        case Owner::Kind::nobody:
            return lost(way);
        case Owner::Kind::firewall:
            return to_firewall(owner.firewall, packet, false, way);
        case Owner::Kind::unknown:
        case Owner::Kind::unmodelled:
            break;
    }
    // Somebody else than the NICs asked for, unless the address of one of them is not known.
    if (way.request == nullptr && goal_.targets && !goal_.aim &&
        std::all_of(goal_.targets->begin(), goal_.targets->end(), [&](ConfigIndex target) {
            return network_.configurations()[target].configuration->address.has_value();
        })) {
        return false;
    }
    return end_unknown(owner.when, network_.about(FactKey::unmodelled, owner.at.text()),
                       Topic::outcome(packet.dst), packet, way);
}

/// match:  "Arrive at a NIC", and "Public frontends closed by default"                    [N13]
/// result: an approved endpoint, or a NIC whose filters let the packet in
Formula WalkEncoder::arrive(const Party& party, const PacketTerm& packet, const AddressTerm& who,
                            const Translation* through, bool from_outside, const Way& way) {
    const ConfigIndex first = party.configs.front();
    const ConfigPlace& place = network_.configurations()[first];
    if (way.request != nullptr) {
        return reply_arrived(first, packet, way);
    }
    if (!wanted(first)) {
        return false;
    }
    const bool endpoint = place.endpoint != nullptr;
    Formula admitted = true;
    if (endpoint) {  // R37, and the ports of its groups
        using Approval = PrivateLink::Approval;
        const PrivateLink& link = network_.paas().link(*place.endpoint);
        if (link.approval == Approval::no) {
            return false;
        }
        Topic topic;
        topic.kind = Topic::Kind::outcome;
        admitted = e_.filters.member(link.services, packet.service, false);
        if (link.approval == Approval::open) {
            admitted = admitted && facts_.holds(link.approved, topic);
        }
    }
    const FilterOutcome filter = e_.filters.at(party, who, Direction::inbound, packet, endpoint);
    Formula open = true;
    if (through != nullptr && !network_.filters().chain(first, Direction::inbound).has_group) {
        if (from_outside && through->standard_closed) {
            open = filter.always && facts_.contested(FactKey::always_allow_beats_sku_closed);
        } else if (from_outside && through->basic_open) {
            open = facts_.contested(FactKey::basic_sku_open);
        } else if (!from_outside && through->internal && through->standard_closed) {
            open = filter.always || !facts_.contested(FactKey::internal_lb_closed_without_nsg);
        }
    }
    const Formula arrives = all_of({admitted, filter.allowed, open, delivered(packet, first)});
    if (arrives.is(false) || goal_.end == Goal::End::arrives) {
        return arrives;
    }
    if (endpoint) {  // R47: past an appliance without translation the reply is not known
        const bool untranslated =
            std::any_of(way.devices.begin(), way.devices.end(),
                        [](const Device& device) { return !device.translates; });
        Topic topic;
        topic.kind = Topic::Kind::reply;
        return arrives && session_of(!untranslated ||
                                     facts_.holds(network_.about(FactKey::unmodelled,
                                                                 place.endpoint->header.id.text()),
                                                  topic));
    }
    return arrives && answer_of(party, who, packet, from_outside, way);
}

/// match:  the ways of a frontend or public entry that take the packet
/// result: each that exists in this world is a choice; none: dropped
Formula WalkEncoder::translate(const std::vector<Translation>& ways, const PacketTerm& packet,
                               bool from_outside, const Emitter& sender, const Way& way) {
    std::vector<Alternative> alternatives;
    for (const Translation& by : ways) {
        const Formula takes = terms_.in(packet.service, by.accepts);
        if (takes.is(false)) {
            continue;
        }
        PacketTerm taken = packet;
        taken.service = terms_.within(packet.service, by.accepts);
        alternatives.push_back({takes && facts_.holds(by.when, Topic::about(packet.dst)),
                                translate_by(by, taken, from_outside, sender, way)});
    }
    return choose(alternatives, lost(way));
}

Formula WalkEncoder::translate_by(const Translation& by, const PacketTerm& packet,
                                  bool from_outside, const Emitter& sender, const Way& way) {
    if (by.kind == Translation::Kind::unmodelled || by.kind == Translation::Kind::unread) {
        const FactKey key =
            by.kind == Translation::Kind::unread ? FactKey::missing_resource : FactKey::unmodelled;
        Topic topic = Topic::outcome(packet.dst);
        topic.kind = Topic::Kind::translated;
        return end_unknown(by.when, network_.about(key, by.target.text()), topic, packet, way);
    }
    if (by.kind == Translation::Kind::firewall) {
        return to_firewall(by.firewall, packet, true, way);
    }
    if (by.config == kNoIndex) {
        return lost(way);
    }
    const Formula own = by.kind == Translation::Kind::instance_ip
                            ? Formula(false)
                            : is_config(sender.party, sender.who, by.config);  // E10
    if (own.is(true)) {
        return lost(way);
    }
    const Party& target = single(by.config);
    PacketTerm inside = packet;
    if (by.to_port) {
        inside.service = terms_.with_destination_port(packet.service, *by.to_port);
    }
    inside.dst = address_of(by.config, packet.dst.family);
    Formula arrived = arrive(target, inside, inside.dst, &by, from_outside, way);
    if (by.floating_ip && network_.configurations()[by.config].configuration->address) {  // N44
        PacketTerm frontend = inside;
        frontend.dst = packet.dst;
        arrived =
            if_then_else(facts_.contested(FactKey::floating_ip_nsg_sees_frontend),
                         arrive(target, frontend, inside.dst, &by, from_outside, way), arrived);
    }
    return if_then_else(own, lost(way), arrived);
}

}  // namespace azreach::solver
