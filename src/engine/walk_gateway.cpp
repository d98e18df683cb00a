// The walk through gateways and on-premises.
#include "src/engine/walk_parts.hpp"

namespace azreach {

using namespace walk_parts;

void Walker::to_gateway(const Emitter& emitter, const ResourceId& gateway, const Packet& packet) {
    const World::Salt salt = World::salt_of(packet.dst);
    std::vector<const BehindGateway*> ways;
    for (const BehindGateway& behind : network_.routes().behind(gateway)) {
        observe(behind.addresses, packet);
        if (behind.addresses.contains(packet.dst) && world_.holds(behind.when, salt)) {
            ways.push_back(&behind);
        }
    }
    if (ways.empty()) {
        hop(HopKind::gateway, gateway, HopDecision::drop, {}, Reason::route_none);
        end(false, gateway.text(), Reason::route_none);
        return;
    }
    const BehindGateway& way = *ways[world_.choose(ways.size())];
    const By by{way.via, std::string(way.via.name()), std::nullopt, false, {}};
    hop(HopKind::gateway, gateway, HopDecision::forward, by, Reason::route_system);
    if (way.kind != BehindGateway::Kind::vnet) {
        if (way_ == Way::reply) {
            if (!std::holds_alternative<OnPremises>(origin_)) {
                end(false, "onprem", Reason::route_none);
            } else if (!same_devices() && contested(FactKey::stateful_asymmetry_drops)) {
                end(false, gateway.text(), Reason::asymmetric);
            } else {
                end(true, "onprem", Reason::delivered);
            }
            return;
        }
        (void)emitter;
        left_by_gateway_ = gateway;
        if (aimed(packet)) {  // the site may send it on, by whatever address it has
            end_unknown({{network_.about(FactKey::unread_neighbour, way.via.text()), true}},
                        "onprem", salt);
            return;
        }
        walk_.final_packet = packet;
        hop(HopKind::deliver, ResourceId("onprem"), HopDecision::deliver, {}, Reason::delivered);
        end(true, "onprem", Reason::delivered, last_allow_);
        return;
    }
    if (way.vnet == kNoIndex) {
        end_unknown({{network_.about(FactKey::unread_neighbour, way.via.text()), true}},
                    way.via.text(), salt);
        return;
    }
    // The remote gateway hands it on by its own subnet's table.                             [E20]
    from_gateway(way.remote_gateway.empty() ? gateway : way.remote_gateway, way.remote_subnet,
                 packet);
}

void Walker::from_gateway(const ResourceId& gateway, SubnetIndex subnet, const Packet& packet) {
    if (subnet == kNoIndex) {
        end_unknown({{network_.about(FactKey::unread_neighbour, gateway.text()), true}},
                    gateway.text(), World::salt_of(packet.dst));
        return;
    }
    if (seen(kGatewayEmitter | subnet, packet)) {
        end(false, gateway.text(), Reason::route_loop);
        return;
    }
    route({kNoIndex, subnet, gateway, true}, packet);
}

void Walker::from_onprem(const Packet& packet, const ResourceId& only_gateway) {
    const World::Salt salt = World::salt_of(packet.src);
    std::vector<const Routes::OnpremEntry*> entries;
    for (const Routes::OnpremEntry& entry : network_.routes().onprem_entries()) {
        if ((only_gateway.empty() || entry.gateway == only_gateway) &&
            entry.sources.contains(packet.src) && world_.holds(entry.when, salt)) {
            entries.push_back(&entry);
        }
    }
    if (entries.empty()) {
        if (only_gateway.empty()) {
            end(false, "onprem", Reason::spoofed_source);
        } else {
            end(false, only_gateway.text(), Reason::route_none);
        }
        return;
    }
    if (aimed(packet) &&
        world_.holds(network_.about(FactKey::unread_neighbour, "onprem"), kOutcomeSalt)) {
        // By its own way to the internet, with an address that no file shows.
        admit(packet, {}, Edges::internet_space());
        return;
    }
    const Routes::OnpremEntry& entry = *entries[world_.choose(entries.size())];
    came_by_gateway_ = way_ == Way::request ? entry.gateway : came_by_gateway_;
    hop(HopKind::gateway, entry.gateway, HopDecision::forward, {}, Reason::route_system);
    from_gateway(entry.gateway, entry.gateway_subnet, packet);
}

}  // namespace azreach
