// The set walk: appliances, and the way of the reply.
#include <algorithm>

#include "src/engine/reachability_walk_parts.hpp"

namespace azreach {

// --- appliances --------------------------------------------------------------------------------

Cells SetWalk::to_appliance(const Emitter& emitter, const EffectiveRouteEntry& entry,
                            const Region& region, const Way& way) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    Way onward = way;
    if (!pass(onward, [&](const Waypoints& w) { return w.next_hops.contains(entry.address); })) {
        return {};
    }
    return to_appliance_in(emitter, network_.routes().appliance_vnets(place.vnet_index), 0,
                           entry.address, false, region, onward);
}

/// The address is looked up in the VNets from `next` on, without routing.              [R28] [R30]
Cells SetWalk::to_appliance_in(const Emitter& emitter, const std::vector<HopTarget>& targets,
                               std::size_t next, const Address& address, bool unread,
                               const Region& region, const Way& way) {
    if (next == targets.size()) {
        if (!unread && tri(FactKey::missing_next_hop) == Tri::yes) {
            return {};
        }
        return unknown(region, way);  // forwarded, by something that was not read     [R33] [Q19]
    }
    const HopTarget& target = targets[next];
    const auto further = [&](bool unread_too) {
        return to_appliance_in(emitter, targets, next + 1, address, unread || unread_too, region,
                               way);
    };
    if (target.vnet == kNoIndex) {
        return further(target.space.contains(address));
    }
    const std::vector<Owner> owners = network_.edges().owners(target.vnet, address);
    const bool empty = std::all_of(owners.begin(), owners.end(), [](const Owner& owner) {
        return owner.kind == Owner::Kind::nobody || owner.kind == Owner::Kind::reserved;
    });
    if (empty) {
        return further(false);
    }
    std::vector<std::pair<bool, Cells>> alternatives;
    for (const Owner& owner : owners) {
        Cells cells;
        switch (owner.kind) {
            case Owner::Kind::configuration:
                cells = through_appliance(owner.config, region, way);
                break;
            case Owner::Kind::frontend:
                cells = through_frontend(emitter, owner, region, way);
                break;
            case Owner::Kind::firewall:
                cells = to_firewall(owner.firewall, region, false, way);
                break;
            case Owner::Kind::unknown:
            case Owner::Kind::unmodelled:
                cells = unknown(region, way);
                break;
            case Owner::Kind::reserved:
            case Owner::Kind::nobody:
                break;
        }
        alternatives.emplace_back(true, std::move(cells));
    }
    Cells found = chosen(std::move(alternatives));
    return target.when.empty() ? found : algebra_.either_fact(std::move(found), further(false));
}

/// A next-hop frontend does not translate: the members get the packet as it is.            [R34]
Cells SetWalk::through_frontend(const Emitter& emitter, const Owner& owner, const Region& region,
                                const Way& way) {
    struct Bucket {
        ServiceId services;
        std::vector<const Translation*> ways;
    };
    std::vector<Bucket> buckets{{region.services, {}}};
    for (const Translation& translation :
         network_.edges().translations(*owner.balancer, *owner.frontend)) {
        const ServiceId accepted = pool_.intern(translation.accepts);
        const std::size_t count = buckets.size();
        for (std::size_t i = 0; i < count; ++i) {
            const ServiceId inside = pool_.intersect(buckets[i].services, accepted);
            if (inside == kNoService) {
                continue;
            }
            const ServiceId rest = pool_.subtract(buckets[i].services, accepted);
            if (rest != kNoService) {
                buckets.push_back({rest, buckets[i].ways});
            }
            buckets[i].services = inside;
            buckets[i].ways.push_back(&translation);
        }
    }
    Way through = way;
    if (!pass(through, [&](const Waypoints& w) { return w.has(owner.balancer->header.id); })) {
        return {};
    }
    // Both directions of a flow through one frontend meet the same member. [R63]
    ConfigIndex same = kNoIndex;
    if (way.reply()) {
        for (const auto& [frontend, member] : way.request->way->balanced) {
            same = frontend == owner.frontend ? member : same;
        }
    }
    Cells result;
    for (Bucket& bucket : buckets) {
        if (bucket.ways.empty()) {
            continue;
        }
        const auto met = std::find_if(bucket.ways.begin(), bucket.ways.end(),
                                      [&](const Translation* t) { return t->config == same; });
        if (same != kNoIndex && met != bucket.ways.end()) {
            bucket.ways = {*met};
        }
        std::vector<std::pair<bool, Cells>> alternatives;
        for (const Translation* translation : bucket.ways) {
            Region piece = region;
            piece.services = bucket.services;
            Cells cells;
            if (translation->kind == Translation::Kind::unmodelled ||
                translation->kind == Translation::Kind::unread) {
                cells = unknown(piece, through);
            } else if (translation->config != kNoIndex) {
                if (emitter.group != nullptr && emitter.group->contains(translation->config)) {
                    const AddressSet& own = single(translation->config).addresses;
                    piece.src = emitter.group->configs.size() == 1 ? AddressSet{} : piece.src - own;
                }
                if (!piece.src.empty()) {
                    Way onward = through;
                    onward.balanced.emplace_back(owner.frontend, translation->config);
                    cells = through_appliance(translation->config, piece, onward);
                }
            }
            alternatives.emplace_back(translation->when.empty(), std::move(cells));
        }
        append(result, chosen(std::move(alternatives)));
    }
    return result;
}

Cells SetWalk::through_appliance(ConfigIndex config, const Region& region, const Way& way) {
    const ConfigPlace& place = network_.configurations()[config];
    Cells result;
    Region transit = region;
    for (const ConfigIndex own : network_.configurations_of(place.interface->header.id)) {
        const AddressSet& address = single(own).addresses;
        if (!address.empty() && transit.dst.intersects(address)) {  // it is the destination
            Region here = transit;
            here.dst = address;
            append(result, arrive(own, here, nullptr, false, way));
            transit.dst -= address;
        }
    }
    if (transit.dst.empty() || place.endpoint != nullptr || !place.interface->ip_forwarding) {
        return result;  // R29
    }
    Way through = way;
    if (!pass(through, [&](const Waypoints& w) { return w.has(config); })) {
        return result;
    }
    const bool on_request = way.reply() && lists(way.request->way->devices, config);
    const auto& address = place.configuration->address;
    std::optional<NvaMode> mode;
    if (address) {
        mode = network_.assumptions().nva(*address);
    }
    if (mode == NvaMode::opaque) {
        mode.reset();
    }
    if (!mode && on_request) {
        mode = NvaMode::transparent;
    }
    Cells cells;
    if (!mode) {
        cells = unknown(transit, through);
    } else if (*mode == NvaMode::drop) {
        return result;
    } else if (*mode == NvaMode::snat && !way.reply()) {
        Way request = way;
        request.devices.push_back(config);
        Way onward;
        onward.question = way.question;
        onward.passed = through.passed;
        onward.start = Start::nic;
        onward.sender = &single(config);
        onward.visits = way.visits;
        onward.version = way.version;
        onward.source = config + 1;
        onward.from_onprem = way.from_onprem;
        onward.shown_source = *address;
        const AddressSet& own = single(config).addresses;
        Cells sent = emit(single(config), {own, transit.dst, transit.services}, false, onward);
        for (Cell& cell : sent) {
            cell.src = transit.src;
        }
        if (way.question->sessions && !sent.empty()) {
            sent = with_sessions(std::move(sent),
                                 reply_from(config, transit.dst, transit.src, request), false);
        }
        cells = std::move(sent);
    } else {
        Way onward = through;
        onward.devices.push_back(config);
        const AddressSet& own = single(config).addresses;
        for (const bool foreign : {true, false}) {
            Region piece = transit;
            piece.src = foreign ? transit.src - own : transit.src & own;
            if (!piece.src.empty()) {
                append(cells, emit(single(config), piece, foreign, onward));
            }
        }
    }
    if (!on_request) {
        filter(cells, filters_.chain(config, Direction::inbound), nullptr, false, way);
    }
    append(result, std::move(cells));
    return result;
}

// --- the reply ---------------------------------------------------------------------------------

Cells SetWalk::replies_of(ConfigIndex receiver, const AddressSet& from, const AddressSet& to,
                          const Way& request_way) {
    const Request request{&request_way, receiver};
    Way way;
    way.question = request_way.question;
    way.request = &request;
    return emit(single(receiver), {from, to, kEveryService}, false, std::move(way));
}

/// The reply has come back to an appliance of the request, or to the NIC that sent it out to the
/// internet: on towards the sender.
Cells SetWalk::reply_from(ConfigIndex device, const AddressSet& from, const AddressSet& to,
                          const Way& request_way) {
    const Request request{&request_way, device};
    Way way;
    way.question = request_way.question;
    way.request = &request;
    way.devices = {device};
    return emit(single(device), {from, to, kEveryService}, true, std::move(way));
}

/// R62: the reply has come back; the same appliances must have seen it.
Cells SetWalk::reply_ended(const Region& region, const Way& way) {
    const std::vector<ConfigIndex>& request = way.request->way->devices;
    const bool same = std::all_of(request.begin(), request.end(),
                                  [&](ConfigIndex device) { return lists(way.devices, device); }) &&
                      std::all_of(way.devices.begin(), way.devices.end(),
                                  [&](ConfigIndex device) { return lists(request, device); });
    Cells cells = delivered(region, {}, way);
    if (!same) {
        switch (tri(FactKey::stateful_asymmetry_drops)) {
            case Tri::yes:
                return {};
            case Tri::open:
                algebra_.weaken(cells);
                break;
            case Tri::no:
                break;
        }
    }
    return cells;
}

Cells SetWalk::with_sessions(Cells cells, const Cells& replies, bool any_destination) {
    if (replies.size() == 1 && algebra_.is_everything(replies.front().packets)) {
        const Cell& reply = replies.front();
        const bool whole = std::all_of(cells.begin(), cells.end(), [&](const Cell& cell) {
            return reply.dst.contains_all(cell.src) &&
                   (any_destination || reply.src.contains_all(cell.dst));
        });
        if (whole) {
            return cells;
        }
    }
    const Cells ways = algebra_.disjoint(algebra_.merged(replies));
    Cells result;
    for (Cell& cell : cells) {
        Cells rest{std::move(cell)};
        for (const Cell& reply : ways) {
            const Fate answered = algebra_.exchanged(reply.packets);
            Cells next;
            for (Cell& piece : rest) {
                AddressSet src = piece.src & reply.dst;
                AddressSet dst = any_destination ? piece.dst : piece.dst & reply.src;
                if (src.empty() || dst.empty()) {
                    next.push_back(std::move(piece));
                    continue;
                }
                AddressSet beside = piece.dst - dst;
                if (!beside.empty()) {
                    Cell other = piece;
                    other.src = src;
                    other.dst = std::move(beside);
                    next.push_back(std::move(other));
                }
                Cell both = piece;
                both.src = src;
                both.dst = std::move(dst);
                both.sessions = algebra_.intersected(both.sessions, answered);
                result.push_back(std::move(both));
                piece.src -= src;
                if (!piece.src.empty()) {
                    next.push_back(std::move(piece));
                }
            }
            rest = std::move(next);
        }
        for (Cell& piece : rest) {
            piece.sessions = {};
            result.push_back(std::move(piece));
        }
    }
    return algebra_.merged(std::move(result));
}

}  // namespace azreach
