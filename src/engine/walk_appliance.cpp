// The walk through network virtual appliances.
#include "src/engine/walk_parts.hpp"

namespace azreach {

using namespace walk_parts;

void Walker::to_appliance(const Emitter& emitter, const EffectiveRouteEntry& entry,
                          const Packet& packet) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    const By by = by_route(entry);
    const World::Salt salt = World::salt_of(entry.address);
    // R28: a NIC or frontend in the own VNet or one directly connected; R30: no routing.
    const std::vector<HopTarget> targets = network_.routes().appliance_vnets(place.vnet_index);
    bool unread = false;
    Guard unread_facts;
    std::string unread_at;
    for (const HopTarget& target : targets) {
        if (target.vnet == kNoIndex) {
            if (target.space.contains(entry.address)) {
                unread = true;
                unread_facts = {
                    {network_.about(FactKey::unread_neighbour, target.via.text()), true}};
                unread_at = target.via.text();
            }
            continue;
        }
        const std::vector<Owner> owners = network_.edges().owners(target.vnet, entry.address);
        if (owners.empty()) {
            continue;
        }
        const Owner& first = owners.front();
        if (first.kind == Owner::Kind::nobody || first.kind == Owner::Kind::reserved) {
            continue;
        }
        if (!world_.holds(target.when, salt)) {
            continue;
        }
        const Owner& owner = owners[world_.choose(owners.size())];
        if (owner.kind == Owner::Kind::configuration) {
            through_appliance(owner.config, packet);
            return;
        }
        if (owner.kind == Owner::Kind::firewall) {
            to_firewall(owner.firewall, packet, false);
            return;
        }
        if (owner.kind == Owner::Kind::frontend) {
            const ResourceId& at = owner.balancer->header.id;
            std::vector<const Translation*> ways;
            for (const Translation& way :
                 network_.edges().translations(*owner.balancer, *owner.frontend)) {
                if (way.accepts.contains(packet.service) &&
                    world_.holds(way.when, World::salt_of(entry.address))) {
                    ways.push_back(&way);
                }
            }
            if (ways.empty()) {
                end(false, at.text(), Reason::lb_no_rule);
                return;
            }
            const Translation& way = *ways[world_.choose(ways.size())];
            const By rule{way.by, way.name, std::nullopt, false, way.where};
            if (way.kind == Translation::Kind::unmodelled ||
                way.kind == Translation::Kind::unread) {
                Guard facts = way.when;
                if (facts.empty()) {
                    facts = {{network_.about(FactKey::missing_resource, way.target.text()), true}};
                }
                end_unknown(facts, at.text(), salt);
                return;
            }
            if (way.config == kNoIndex || way.config == emitter.config) {
                hop(HopKind::load_balancer, at, HopDecision::drop, rule, Reason::lb_no_backend);
                end(false, at.text(), Reason::lb_no_backend, rule);
                return;
            }
            hop(HopKind::load_balancer, at, HopDecision::forward, rule,
                ways.size() > 1 ? Reason::lb_choice : Reason::dnat);
            through_appliance(way.config, packet);
            return;
        }
        end_unknown(owner.when, owner.at.text(), salt);
        return;
    }
    if (unread) {
        end_unknown(unread_facts, unread_at, salt);
        return;
    }
    // K:missing-next-hop: dropped, or forwarded by something that is not in the snapshot.
    if (contested(FactKey::missing_next_hop)) {
        end(false, place.subnet->header.id.text(), Reason::no_such_address, by);
        return;
    }
    end_unknown({{network_.about(FactKey::missing_resource, to_string(entry.address)), true}},
                place.subnet->header.id.text(), salt);
}

void Walker::through_appliance(ConfigIndex config, const Packet& packet) {
    const ConfigPlace& place = network_.configurations()[config];
    const ResourceId& nic = place.interface->header.id;
    bool own = false;
    for (const ConfigIndex other : network_.configurations_of(nic)) {
        own = own || network_.configurations()[other].configuration->address == packet.dst;
    }
    if (own) {
        arrive(config, packet, nullptr, false);
        return;
    }
    if (place.endpoint != nullptr || !place.interface->ip_forwarding) {
        hop(HopKind::deliver, nic, HopDecision::drop, {}, Reason::nva_no_forwarding);
        end(false, nic.text(), Reason::nva_no_forwarding);
        return;
    }
    const bool on_request =
        std::find(devices_.begin(), devices_.end(), Device{config}) != devices_.end();
    const bool stateful_pass = way_ == Way::reply && on_request;
    if (!stateful_pass && !filter(config, Direction::inbound, packet, false).allowed) {
        return;
    }
    const Address address = place.configuration->address.value_or(Address{});
    std::optional<NvaMode> mode = network_.assumptions().nva(address);
    const Fact nva = network_.about(FactKey::nva, to_string(address));
    if (!mode || *mode == NvaMode::opaque) {
        if (stateful_pass) {
            mode = NvaMode::transparent;
        } else {
            end_unknown({{nva, true}}, nic.text(), World::salt_of(address));
            return;
        }
    }
    if (*mode == NvaMode::drop) {
        hop(HopKind::firewall, nic, HopDecision::drop, {}, Reason::nva_assumed);
        end(false, nic.text(), Reason::nva_assumed);
        return;
    }
    hop(HopKind::firewall, nic, HopDecision::forward, {}, Reason::nva_assumed, {},
        *mode == NvaMode::snat ? "source translated" : "forwards unchanged");
    Packet onward = packet;
    if (way_ == Way::request) {
        Device device{config, false, packet.src};
        if (*mode == NvaMode::snat) {
            device.source_translated = true;
            onward.src = address;
        }
        devices_.push_back(device);
    } else {
        reply_devices_.push_back(config);
    }
    emit(config, onward, onward.src != address);
}

}  // namespace azreach
