// How walks end, and the way back of a delivered packet (section "The reply").
#include <algorithm>

#include "solver/encode_walk.hpp"

namespace azreach::solver {

// --- ends ----------------------------------------------------------------------------------------

/// A packet that does not arrive is not as asked; a reply that does not return is, if the question
/// is for unanswered packets.
Formula WalkEncoder::lost(const Way& way) const {
    return way.request != nullptr && goal_.end == Goal::End::unanswered;
}

Formula WalkEncoder::returned() const { return goal_.end != Goal::End::unanswered; }

/// What `answered`, that a reply returns, is for the question.
Formula WalkEncoder::session_of(const Formula& answered) const {
    switch (goal_.end) {
        case Goal::End::arrives:
            return true;
        case Goal::End::answered:
            return answered;
        case Goal::End::unanswered:
            return !answered;
    }
    return true;
}

Formula WalkEncoder::counts(const PacketTerm& packet, bool at_target) const {
    if (!at_target) {
        return false;
    }
    Formula service = true;
    if (goal_.delivered) {
        service = terms_.in(packet.service, *goal_.delivered);
    }
    if (goal_.delivered_as) {
        service = service && terms_.equal(packet.service, *goal_.delivered_as);
    }
    return service;
}

/// A request delivered at a NIC, or to the platform, the internet or on-premises.
Formula WalkEncoder::delivered(const PacketTerm& packet, std::optional<ConfigIndex> at) const {
    return counts(packet, at ? wanted(*at) : !goal_.targets);
}

/// Something that the snapshot does not show decides: one variable says whether it delivers,
/// another whether it brings a reply back.
Formula WalkEncoder::end_unknown(const Guard& facts, const Fact& otherwise, const Topic& topic,
                                 const PacketTerm& packet, const Way& way) {
    const Fact fact = facts.empty() ? otherwise : facts.front().fact;
    const Formula delivers = facts_.holds(fact, topic);
    if (way.request != nullptr) {
        return if_then_else(delivers, returned(), lost(way));
    }
    Topic back;
    back.kind = Topic::Kind::reply;
    back.number = 1;
    if (goal_.aim) {
        Entrance entrance;
        entrance.kind = Entrance::Kind::unknown;
        return all_of(
            {delivers, admitted_unseen(way.sent, entrance), session_of(facts_.holds(fact, back))});
    }
    return all_of({counts(packet, true), delivers, session_of(facts_.holds(fact, back))});
}

// --- where the reply starts ----------------------------------------------------------------------

WalkEncoder::Way WalkEncoder::way_back(const Request& request) const {
    Way back;
    back.start = request.way->start;
    back.request = &request;
    back.crossings = request.way->crossings;
    back.undone = request.way->devices.size();
    return back;
}

Formula WalkEncoder::answer_of(const Party& receiver, const AddressTerm& who,
                               const PacketTerm& packet, bool from_outside, const Way& way) {
    if (goal_.end == Goal::End::arrives) {
        return true;
    }
    const Request request{&way, &receiver, who, from_outside};
    PacketTerm reply = terms_.reply_to(packet);
    reply.src = who;  // its own address, whatever the filters saw
    if (way.sender != nullptr && way.devices.empty() && way.crossings.empty()) {
        reply.dst = terms_.within(reply.dst, way.sender->addresses);
    }
    Emitter emitter;
    emitter.party = &receiver;
    emitter.who = who;
    emitter.subnet = receiver.subnet;
    return emit(emitter, reply, way_back(request));
}

/// The platform hands the reply back to the NIC or firewall that sent the packet out.
Formula WalkEncoder::answer_from_internet(const Emitter& left_by, const PacketTerm& packet,
                                          const Way& way) {
    if (left_by.firewall != kNoIndex) {
        const Request request{&way, nullptr, {}, false};
        return reply_from_device(way.devices.size(), terms_.reply_to(packet), way_back(request));
    }
    const Formula sender = left_by.party == way.sender ? Formula(true)
                                                       : is_config(way.sender, way.sent.src,
                                                                   left_by.party->configs.front());
    if (sender.is(true)) {
        return session_of(true);
    }
    const Request request{&way, nullptr, {}, false};
    PacketTerm reply = terms_.reply_to(packet);
    reply.dst = way.sent.src;
    return if_then_else(sender, session_of(true),
                        reply_from_device(way.devices.size(), reply, way_back(request)));
}

Formula WalkEncoder::answer_from_onprem(const ResourceId& gateway, const PacketTerm& packet,
                                        const Way& way) {
    const Request request{&way, nullptr, {}, false};
    return enter_from_onprem(terms_.reply_to(packet), gateway, way_back(request));
}

// --- where it comes back -------------------------------------------------------------------------

/// The reply has come back to the last of the first `count` devices of the request, or with none
/// left to the sender: on towards the source before that device.
Formula WalkEncoder::reply_from_device(std::size_t count, const PacketTerm& packet, Way way) {
    if (count == 0) {
        return reply_home(way);
    }
    const Device& device = way.request->way->devices[count - 1];
    way.back.push_back(device.key);
    way.undone = count - 1;
    way.leg = way.back.size();
    PacketTerm back = packet;
    back.dst = device.source_before;
    Emitter emitter;
    if ((device.key & kFirewallDevice) == 0) {
        const Party& party = single(device.key);
        emitter.party = &party;
        emitter.who = address_of(device.key, packet.dst.family);
        emitter.subnet = party.subnet;
        emitter.forwarded = true;
        return emit(emitter, back, way);
    }
    const FirewallIndex firewall = device.key & ~kFirewallDevice;
    if (device.destination_translated) {
        back.src = device.destination_before;
        const Formula ported =
            terms_.in(back.service, ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp));
        back.service.a = if_then_else(ported, device.port_before, back.service.a);
    }
    emitter.firewall = firewall;
    emitter.subnet = network_.firewalls().at(firewall).subnet;
    const Formula again = seen(emitter, back, way);
    if (again.is(true)) {
        return lost(way);
    }
    way.visits.push_back({emitter, back});
    return if_then_else(again, lost(way), from_firewall(firewall, back, false, way));
}

/// match:  the reply arrives at a NIC
/// result: a device of the request that translated gets its replies and hands them on; the sender
/// has
///         it; for anybody else it is a new packet that nobody asked for                   [N35]
Formula WalkEncoder::reply_arrived(ConfigIndex config, const PacketTerm& packet, const Way& way) {
    const Way& request = *way.request->way;
    const ResourceId& nic = network_.configurations()[config].interface->header.id;
    std::vector<Formula> sender;
    for (const ConfigIndex own : network_.configurations_of(nic)) {
        sender.push_back(is_config(request.sender, request.sent.src, own));
    }
    Formula result = if_then_else(any_of(sender), reply_home(way), lost(way));
    const auto& address = network_.configurations()[config].configuration->address;
    for (std::size_t i = 0; i < request.devices.size(); ++i) {
        const Device& device = request.devices[i];
        if (device.key != config || !device.translates || !address) {
            continue;
        }
        const Formula here = terms_.is(packet.dst, *address);
        if (!here.is(false)) {
            result = if_then_else(here, reply_from_device(i + 1, packet, way), result);
        }
    }
    return result;
}

/// R62: the same stateful devices both ways, else the reply is lost (stateful-asymmetry-drops).
Formula WalkEncoder::reply_home(const Way& way) {
    const std::vector<Device>& devices = way.request->way->devices;
    const bool all_met = std::all_of(devices.begin(), devices.end(), [&](const Device& device) {
        return std::find(way.back.begin(), way.back.end(), device.key) != way.back.end();
    });
    const bool no_other = std::all_of(way.back.begin(), way.back.end(), [&](std::uint32_t key) {
        return std::any_of(devices.begin(), devices.end(),
                           [&](const Device& device) { return device.key == key; });
    });
    if (all_met && no_other) {
        return returned();
    }
    return if_then_else(facts_.contested(FactKey::stateful_asymmetry_drops), lost(way), returned());
}

}  // namespace azreach::solver
