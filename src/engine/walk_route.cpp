// The walk along a route.
#include "src/engine/walk_parts.hpp"

namespace azreach {

using namespace walk_parts;

void Walker::route(const Emitter& emitter, const Packet& packet) {
    const World::Salt salt = World::salt_of(packet.dst);
    if (aimed(packet)) {
        for (const Routes::Part& part : network_.routes().partition(emitter.subnet, *cell_)) {
            if (part.destinations.contains(packet.dst)) {
                *cell_ = part.destinations;
            }
        }
    }
    for (const EffectiveRouteEntry* entry :
         network_.routes().candidates(emitter.subnet, packet.dst)) {
        if (world_.holds(entry->when, salt)) {
            follow(emitter, *entry, packet);
            return;
        }
    }
    const ResourceId& subnet = network_.subnets()[emitter.subnet].subnet->header.id;
    hop(HopKind::route, subnet, HopDecision::drop, {}, Reason::route_none);
    end(false, subnet.text(), Reason::route_none);
}

void Walker::follow(const Emitter& emitter, const EffectiveRouteEntry& entry,
                    const Packet& packet) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    const ResourceId& subnet = place.subnet->header.id;
    const World::Salt salt = World::salt_of(packet.dst);
    By by = by_route(entry);
    if (entry.hop == NextHop::none) {
        hop(HopKind::route, subnet, HopDecision::drop, by, Reason::route_none);
        end(false, subnet.text(), Reason::route_none, std::move(by));
        return;
    }
    hop(HopKind::route, subnet,
        entry.hop == NextHop::unknown ? HopDecision::unknown : HopDecision::forward, by,
        entry.hop == NextHop::unknown ? Reason::gap : route_reason(entry));
    if (entry.hop == NextHop::unknown) {
        end_unknown(entry.when, subnet.text(), salt);
        return;
    }
    if (entry.never_delivers || !world_.holds(entry.delivers_when, salt)) {
        By peering{entry.via, std::string(entry.via.name()), std::nullopt, false, {}};
        end(false, subnet.text(), Reason::peering_not_connected, std::move(peering));
        return;
    }
    if (emitter.translate && entry.hop != NextHop::internet) {
        Emitter translated = emitter;
        translated.translate = translated.forwarded = false;
        hand_on(translated, entry, shown_by_firewall(emitter, packet), by);
        return;
    }
    hand_on(emitter, entry, packet, by);
}

/// The packet goes where the chosen route leads.
void Walker::hand_on(const Emitter& emitter, const EffectiveRouteEntry& entry, const Packet& packet,
                     const By& by) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    const ResourceId& subnet = place.subnet->header.id;
    const World::Salt salt = World::salt_of(packet.dst);
    switch (entry.hop) {
        case NextHop::vnet_local:
            enter_vnet(emitter, entry.vnet == kNoIndex ? place.vnet_index : entry.vnet, false,
                       packet, {});
            return;
        case NextHop::vnet_peering:
        case NextHop::vnet_global_peering:
        case NextHop::connected_group: {
            if (!entry.via.empty()) {
                hop(HopKind::peering, place.vnet->header.id, HopDecision::forward,
                    {entry.via, std::string(entry.via.name()), std::nullopt, false, {}},
                    Reason::route_system);
            }
            const bool foreign =
                std::none_of(place.vnet->address_space.begin(), place.vnet->address_space.end(),
                             [&](const Prefix& prefix) { return prefix.contains(packet.src); });
            // P9: the flag is not asked of what a gateway passes on.
            if (foreign && emitter.gateway.empty() &&
                (entry.forwarded_never || !world_.holds(entry.forwarded_when, salt))) {
                const std::string at = entry.vnet == kNoIndex
                                           ? entry.via.text()
                                           : network_.vnets()[entry.vnet]->header.id.text();
                end(false, at, Reason::peering_not_connected,
                    {entry.via, std::string(entry.via.name()), std::nullopt, false, {}});
                return;
            }
            if (!emitter.gateway.empty() && std::holds_alternative<OnPremises>(origin_) &&
                (entry.onprem_never || !world_.holds(entry.onprem_when, salt))) {
                end(false, emitter.gateway.text(), Reason::peering_missing);
                return;
            }
            // A peer that was not read is named by its own id, as its gap is.
            ResourceId unread = entry.via;
            for (const Peering& peering : place.vnet->peerings) {
                if (peering.header.id == entry.via && peering.remote) {
                    unread = *peering.remote;
                }
            }
            enter_vnet(emitter, entry.vnet, entry.hop == NextHop::vnet_global_peering, packet,
                       unread);
            return;
        }
        case NextHop::interface_endpoint:
            enter_vnet(emitter, entry.vnet, false, packet, entry.via);
            return;
        case NextHop::internet:
            leave(emitter, packet);
            return;
        case NextHop::gateway:
            to_gateway(emitter, entry.via, packet);
            return;
        case NextHop::service_endpoint:
            if (way_ == Way::reply) {  // not by the address to which the request came
                const bool passes =
                    leg_from_outside() && !contested(FactKey::stateful_asymmetry_drops);
                walk_.symmetric = false;
                end(passes, passes ? "internet" : subnet.text(),
                    passes ? Reason::delivered : Reason::asymmetric);
                return;
            }
            hop(HopKind::service_endpoint, subnet, HopDecision::deliver, by,
                Reason::service_endpoint);
            left_by_firewall_ = emitter.firewall != kNoIndex;
            if (aimed(packet)) {
                Entrance entrance;
                entrance.kind = Entrance::Kind::service_endpoint;
                entrance.subnet = emitter.subnet;
                entrance.region = region_of(emitter.subnet);
                entrance.lent = emitter.forwarded;
                admit(packet, entrance, std::nullopt);
                return;
            }
            walk_.final_packet = packet;
            end(true, "internet", Reason::delivered, last_allow_);
            return;
        case NextHop::virtual_appliance:
            to_appliance(emitter, entry, packet);
            return;
        case NextHop::none:
        case NextHop::unknown:
            break;
    }
}

void Walker::enter_vnet(const Emitter& emitter, VnetIndex vnet, bool global_peering,
                        const Packet& packet, const ResourceId& unread) {
    const World::Salt salt = World::salt_of(packet.dst);
    if (vnet == kNoIndex) {
        end_unknown({{network_.about(FactKey::missing_resource, unread.text()), true}},
                    unread.text(), salt);
        return;
    }
    if (aimed(packet)) {
        for (const Edges::Part& part : network_.edges().partition(vnet, *cell_)) {
            if (part.addresses.contains(packet.dst)) {
                *cell_ = part.addresses;
            }
        }
    }
    if (way_ == Way::reply && reply_at_firewall(packet, vnet)) {
        return;
    }
    const std::vector<Owner> owners = network_.edges().owners(vnet, packet.dst);
    if (owners.empty()) {
        end(false, network_.vnets()[vnet]->header.id.text(), Reason::no_such_address);
        return;
    }
    const Owner& owner = owners[world_.choose(owners.size())];
    switch (owner.kind) {
        case Owner::Kind::configuration:
            arrive(owner.config, packet, nullptr, false);
            return;
        case Owner::Kind::frontend:
            if (global_peering && owner.balancer->sku == Sku::basic &&
                contested(FactKey::basic_lb_global_peering_blocked)) {
                end(false, owner.balancer->header.id.text(), Reason::no_such_address);
                return;
            }
            translate(network_.edges().translations(*owner.balancer, *owner.frontend), packet,
                      false, owner.balancer->header.id, owner.balancer->header.name,
                      emitter.config);
            return;
        case Owner::Kind::firewall:
            to_firewall(owner.firewall, packet, false);
            return;
        case Owner::Kind::reserved:
        case Owner::Kind::nobody:
            end(false,
                owner.at.empty() ? network_.vnets()[vnet]->header.id.text() : owner.at.text(),
                Reason::no_such_address);
            return;
        case Owner::Kind::unknown:
        case Owner::Kind::unmodelled:
            end_unknown(owner.when, owner.at.text(), salt);
            return;
    }
}

}  // namespace azreach
