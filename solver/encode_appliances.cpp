// Network virtual appliances as next hops.
#include <algorithm>

#include "solver/encode_walk.hpp"

namespace azreach::solver {

/// match:  next hop VirtualAppliance, address a
/// result: the first of the own VNet, its peers and groups where somebody has a [R28] [R30];
/// nobody:
///         dropped, or forwarded by something that was not read (missing-next-hop)         [R33]
Formula WalkEncoder::to_appliance(const Emitter& emitter, const EffectiveRouteEntry& entry,
                                  const PacketTerm& packet, const Way& way) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    const AddressTerm hop = terms_.constant(entry.address);
    const Topic outcome = Topic::outcome(hop);
    struct Found {
        Formula usable;
        Formula result;
    };
    std::vector<Found> found;
    std::optional<Fact> unread;
    bool certain = false;
    for (const HopTarget& target : network_.routes().appliance_vnets(place.vnet_index)) {
        if (certain) {
            break;
        }
        if (target.vnet == kNoIndex) {
            if (target.space.contains(entry.address)) {
                unread = network_.about(FactKey::unread_neighbour, target.via.text());
            }
            continue;
        }
        const std::vector<Owner> owners = network_.edges().owners(target.vnet, entry.address);
        if (owners.empty() || owners.front().kind == Owner::Kind::nobody ||
            owners.front().kind == Owner::Kind::reserved) {
            continue;
        }
        std::vector<Alternative> choices;
        for (const Owner& owner : owners) {
            Formula result;
            switch (owner.kind) {
                case Owner::Kind::configuration:
                    result = through_appliance(owner.config, packet, way);
                    break;
                case Owner::Kind::firewall:
                    result = to_firewall(owner.firewall, packet, false, way);
                    break;
                case Owner::Kind::frontend:
                    result = through_frontend(emitter, owner, hop, packet, way);
                    break;
                default:
                    result = end_unknown(owner.when,
                                         network_.about(FactKey::unmodelled, owner.at.text()),
                                         outcome, packet, way);
                    break;
            }
            choices.push_back({true, result});
        }
        found.push_back({facts_.holds(target.when, Topic::about(hop)), choose(choices, lost(way))});
        certain = target.when.empty();
    }
    Formula result;
    if (unread) {
        result = end_unknown({}, *unread, outcome, packet, way);
    } else {
        result = if_then_else(
            facts_.contested(FactKey::missing_next_hop), lost(way),
            end_unknown({}, network_.about(FactKey::missing_resource, to_string(entry.address)),
                        outcome, packet, way));
    }
    for (auto each = found.rbegin(); each != found.rend(); ++each) {
        result = if_then_else(each->usable, each->result, result);
    }
    return result;
}

/// match:  the next hop is an internal frontend                                          [R34]
/// result: a member of a rule that takes the packet, which keeps its destination; the same member
/// for
///         both directions of a flow                                                     [R63]
Formula WalkEncoder::through_frontend(const Emitter& emitter, const Owner& owner,
                                      const AddressTerm& hop, const PacketTerm& packet,
                                      const Way& way) {
    ConfigIndex same = kNoIndex;
    if (way.request != nullptr) {
        for (const auto& [frontend, member] : way.request->way->balanced) {
            same = frontend == owner.frontend ? member : same;
        }
    }
    const std::vector<Translation>& ways =
        network_.edges().translations(*owner.balancer, *owner.frontend);
    std::vector<Alternative> members;
    Formula keeps = false;  // a way to the same member exists
    for (const Translation& by : ways) {
        const Formula takes = terms_.in(packet.service, by.accepts);
        if (takes.is(false)) {
            continue;
        }
        const Formula exists = takes && facts_.holds(by.when, Topic::about(hop));
        if (same != kNoIndex && by.config == same) {
            keeps = keeps || exists;
        }
        PacketTerm taken = packet;
        taken.service = terms_.within(packet.service, by.accepts);
        Formula outcome;
        if (by.kind == Translation::Kind::unmodelled || by.kind == Translation::Kind::unread) {
            outcome =
                end_unknown(by.when, network_.about(FactKey::missing_resource, by.target.text()),
                            Topic::outcome(hop), taken, way);
        } else if (by.config == kNoIndex) {
            outcome = lost(way);
        } else {
            const Formula own = is_config(emitter.party, emitter.who, by.config);
            Way onward = way;
            onward.balanced.emplace_back(owner.frontend, by.config);
            outcome = own.is(true) ? lost(way)
                                   : if_then_else(own, lost(way),
                                                  through_appliance(by.config, taken, onward));
        }
        members.push_back({exists, outcome});
    }
    if (!keeps.is(false)) {
        std::size_t i = 0;
        for (const Translation& by : ways) {
            if (terms_.in(packet.service, by.accepts).is(false)) {
                continue;
            }
            if (by.config != same) {
                members[i].exists = members[i].exists && !keeps;
            }
            ++i;
        }
    }
    return choose(members, lost(way));
}

/// match:  a packet handed to the NIC of an appliance
/// result: for the NIC itself: it arrives. Else, with IP forwarding [R29], past its inbound filters
///         [R31], as K:`nva` says: on unchanged, on with its own source, dropped, or anything
Formula WalkEncoder::through_appliance(ConfigIndex config, const PacketTerm& packet,
                                       const Way& way) {
    const ConfigPlace& place = network_.configurations()[config];
    const ResourceId& nic = place.interface->header.id;
    if (way.request == nullptr && goal_.avoiding.contains(nic)) {
        return goal_.choices == Choices::every;  // this way does not count
    }
    const Formula transit = [&]() -> Formula {
        if (place.endpoint != nullptr || !place.interface->ip_forwarding) {
            return lost(way);
        }
        const bool on_request =
            way.request != nullptr &&
            std::any_of(way.request->way->devices.begin(), way.request->way->devices.end(),
                        [&](const Device& device) { return device.key == config; });
        const Party& party = single(config);
        const AddressTerm own = address_of(config, packet.dst.family);
        NvaMode mode = NvaMode::opaque;
        if (place.configuration->address) {
            mode = network_.assumptions().nva(*place.configuration->address).value_or(mode);
        }
        if (mode == NvaMode::opaque && on_request) {
            mode = NvaMode::transparent;
        }
        Formula outcome;
        if (mode == NvaMode::opaque) {
            const std::string name = place.configuration->address
                                         ? to_string(*place.configuration->address)
                                         : nic.text();
            Topic topic = Topic::outcome(own);
            outcome = end_unknown({}, network_.about(FactKey::nva, name), topic, packet, way);
        } else if (mode == NvaMode::drop) {
            return lost(way);
        } else {
            PacketTerm onward = packet;
            Way after = way;
            if (way.request == nullptr) {
                const bool translates = mode == NvaMode::snat;
                Device device;
                device.key = config;
                device.translates = translates;
                device.source_before = packet.src;
                after.devices.push_back(device);
                if (translates) {
                    onward.src = own;
                }
            } else {
                after.back.push_back(config);
            }
            outcome = emit({&party, own, place.subnet, {}, !terms_.equal(onward.src, own)}, onward,
                           after);
        }
        if (on_request) {
            return outcome;
        }
        const Formula passes = e_.filters.at(party, own, Direction::inbound, packet, false).allowed;
        return if_then_else(passes, outcome, lost(way));
    }();
    Formula result = transit;
    for (const ConfigIndex own : network_.configurations_of(nic)) {
        const auto& address = network_.configurations()[own].configuration->address;
        const Formula here = address ? terms_.is(packet.dst, *address) : Formula(false);
        if (here.is(false)) {
            continue;
        }
        PacketTerm arriving = packet;
        arriving.dst = terms_.constant(*address);
        result = if_then_else(here,
                              way.request != nullptr ? reply_arrived(own, arriving, way)
                                                     : arrive(single(own), arriving, arriving.dst,
                                                              nullptr, false, way),
                              result);
    }
    return result;
}

}  // namespace azreach::solver
