// Gateways, and what comes from and goes to on-premises.
#include <algorithm>

#include "solver/encode_walk.hpp"

namespace azreach::solver {

/// match:  a packet handed to gateway G
/// result: everything behind G that holds the destination is a choice: on-premises, or a VNet, by
/// the
///         other gateway. From a gateway's own subnet only a site of G, other VNets only over BGP,
///         since static tunnels do not chain                                              [E20]
Formula WalkEncoder::to_gateway(const Emitter& emitter, const ResourceId& gateway,
                                const PacketTerm& packet, const Way& way) {
    const Topic topic = Topic::about(packet.dst);
    std::vector<Alternative> ways;
    std::vector<Formula> certain_sites;
    for (const BehindGateway& behind : network_.routes().behind(gateway)) {
        if (behind.kind != BehindGateway::Kind::vnet && behind.when.empty()) {
            certain_sites.push_back(terms_.in(packet.dst, behind.addresses));
        }
    }
    for (const BehindGateway& behind : network_.routes().behind(gateway)) {
        const Formula here = terms_.in(packet.dst, behind.addresses);
        if (here.is(false)) {
            continue;
        }
        Formula exists = here && facts_.holds(behind.when, topic);
        PacketTerm onward = packet;
        onward.dst = terms_.within(packet.dst, behind.addresses);
        if (behind.kind != BehindGateway::Kind::vnet) {
            Formula outcome;
            if (way.request != nullptr) {
                outcome = way.request->way->start == Start::onprem ? reply_home(way) : lost(way);
            } else if (aimed(packet, way)) {  // the site may send it on
                outcome =
                    end_unknown({}, network_.about(FactKey::unread_neighbour, behind.via.text()),
                                Topic::outcome(packet.dst), onward, way);
            } else if (!goal_.targets) {
                outcome =
                    delivered(onward, std::nullopt) &&
                    (goal_.end == Goal::End::arrives ? Formula(true)
                                                     : answer_from_onprem(gateway, onward, way));
            }
            ways.push_back({exists, outcome});
            continue;
        }
        if (!emitter.gateway.empty()) {  // chained
            if (!network_.assumptions().bgp_open()) {
                continue;
            }
            exists = all_of({exists, !any_of(certain_sites),
                             facts_.holds(network_.about(FactKey::bgp, gateway.text()), topic)});
        }
        Formula outcome;
        if (behind.vnet == kNoIndex) {
            outcome = end_unknown({}, network_.about(FactKey::unread_neighbour, behind.via.text()),
                                  Topic::outcome(packet.dst), onward, way);
        } else {
            outcome = from_gateway(behind.remote_gateway.empty() ? gateway : behind.remote_gateway,
                                   behind.remote_subnet, onward, way);
        }
        ways.push_back({exists, outcome});
    }
    return choose(ways, lost(way));
}

/// match:  a gateway hands the packet on
/// result: by the table of its own subnet                                             [R58] [E18]
Formula WalkEncoder::from_gateway(const ResourceId& gateway, SubnetIndex subnet,
                                  const PacketTerm& packet, Way way) {
    if (subnet == kNoIndex) {
        return end_unknown({}, network_.about(FactKey::unread_neighbour, gateway.text()),
                           Topic::outcome(packet.dst), packet, way);
    }
    Emitter emitter;
    emitter.subnet = subnet;
    emitter.gateway = gateway;
    emitter.forwarded = true;
    const Formula again = seen(emitter, packet, way);
    if (again.is(true)) {
        return lost(way);
    }
    way.visits.push_back({emitter, packet});
    return if_then_else(again, lost(way), route(emitter, packet, way));
}

/// match:  from on-premises
/// result: every gateway behind which the source is, is a choice; none: dropped. To a public
///         endpoint a site may take its own way to the internet
Formula WalkEncoder::enter_from_onprem(const PacketTerm& packet, const ResourceId& only_gateway,
                                       const Way& way) {
    std::vector<Alternative> entries;
    for (const Routes::OnpremEntry& entry : network_.routes().onprem_entries()) {
        if (!only_gateway.empty() && entry.gateway != only_gateway) {
            continue;
        }
        const Formula here = terms_.in(packet.src, entry.sources);
        if (here.is(false)) {
            continue;
        }
        PacketTerm entering = packet;
        entering.src = terms_.within(packet.src, entry.sources);
        Way inward = way;
        inward.from_onprem = true;
        entries.push_back({here && facts_.holds(entry.when, Topic::about(packet.src)),
                           from_gateway(entry.gateway, entry.gateway_subnet, entering, inward)});
    }
    const Formula inside = choose(entries, lost(way));
    if (!aimed(packet, way)) {
        return inside;
    }
    std::vector<Formula> some;
    for (const Alternative& entry : entries) {
        some.push_back(entry.exists);
    }
    Topic topic;
    topic.kind = Topic::Kind::outcome;
    const Formula own_way =
        any_of(some) && facts_.holds(network_.about(FactKey::unread_neighbour, "onprem"), topic);
    return if_then_else(own_way, admitted_unseen(packet, {}) && session_of(true), inside);
}

}  // namespace azreach::solver
