// The walk at its receiver, and through translations.
#include "src/engine/walk_parts.hpp"

namespace azreach {

using namespace walk_parts;

void Walker::arrive(ConfigIndex config, const Packet& packet, const Translation* through,
                    bool from_outside) {
    const ConfigPlace& place = network_.configurations()[config];
    const ResourceId& nic = place.interface->header.id;
    if (way_ == Way::reply) {
        reply_arrived(config, packet);
        return;
    }
    const bool endpoint = place.endpoint != nullptr;
    if (endpoint) {
        using Approval = PrivateLink::Approval;
        const PrivateLink& link = network_.paas().link(*place.endpoint);
        const ResourceId& id = place.endpoint->header.id;
        const By by{id, place.endpoint->header.name, std::nullopt, false,
                    place.endpoint->header.where};
        const bool admitted =
            link.approval == Approval::yes ||
            (link.approval == Approval::open && world_.holds(link.approved, kOutcomeSalt));
        if (!admitted) {
            hop(HopKind::private_endpoint, id,
                link.approval == Approval::open ? HopDecision::unknown : HopDecision::drop, by,
                Reason::pe_not_approved);
            end(false, id.text(), Reason::pe_not_approved, by);
            return;
        }
    }
    Packet seen_by_groups = packet;
    FilterOutcome outcome = filter(config, Direction::inbound, seen_by_groups, endpoint);
    if (!outcome.allowed) {
        return;
    }
    if (!outcome.always_allowed || through != nullptr) {
        const bool no_group = !network_.filters().chain(config, Direction::inbound).has_group;
        if (no_group && through != nullptr && from_outside) {
            bool closed = false;
            if (through->standard_closed) {
                closed =
                    !outcome.always_allowed || !contested(FactKey::always_allow_beats_sku_closed);
            } else if (through->basic_open) {
                closed = !contested(FactKey::basic_sku_open);
            }
            if (closed) {
                end(false, nic.text(), Reason::standard_sku_closed);
                return;
            }
        } else if (no_group && through != nullptr && through->internal &&
                   through->standard_closed && !outcome.always_allowed &&
                   contested(FactKey::internal_lb_closed_without_nsg)) {
            end(false, nic.text(), Reason::standard_sku_closed);
            return;
        }
    }
    receiver_ = config;
    by_endpoint_ = endpoint;
    by_public_entry_ = from_outside;
    const ResourceId* at_resource = nullptr;
    if (endpoint) {
        const PrivateLink& link = network_.paas().link(*place.endpoint);
        const ResourceId& id = place.endpoint->header.id;
        const By by{id, place.endpoint->header.name, std::nullopt, false,
                    place.endpoint->header.where};
        if (!in(link.services, packet.service, false)) {
            hop(HopKind::private_endpoint, id, HopDecision::drop, by, Reason::pe_group_port);
            end(false, id.text(), Reason::pe_group_port, by);
            return;
        }
        hop(HopKind::private_endpoint, id, HopDecision::allow, by, Reason::paas_allow);
        at_resource = &link.ends_at;
    }
    walk_.final_packet = packet;
    const ResourceId& at = endpoint ? *at_resource : nic;
    hop(HopKind::deliver, at, HopDecision::deliver, {}, Reason::delivered);
    end(true, at.text(), Reason::delivered, last_allow_);
}

void Walker::translate(const std::vector<Translation>& ways, const Packet& packet,
                       bool from_outside, const ResourceId& at, std::string_view at_name,
                       ConfigIndex sender) {
    // Ways whose guard holds in this world and that take the packet.
    std::vector<const Translation*> taking;
    bool instance = false;
    for (const Translation& way : ways) {
        if (way.accepts.contains(packet.service) &&
            world_.holds(way.when, World::salt_of(packet.dst))) {
            taking.push_back(&way);
            instance = instance || way.kind == Translation::Kind::instance_ip;
        }
    }
    if (taking.empty()) {
        end(false, at.text(), Reason::lb_no_rule);
        return;
    }
    const Translation& way = *taking[world_.choose(taking.size())];
    const By by{way.by, way.name, std::nullopt, false, way.where};
    if (way.kind == Translation::Kind::unmodelled || way.kind == Translation::Kind::unread) {
        const FactKey key =
            way.kind == Translation::Kind::unread ? FactKey::missing_resource : FactKey::unmodelled;
        const std::string target = way.target.empty() ? at.text() : way.target.text();
        Guard facts = way.when;
        if (facts.empty()) {
            facts = {{network_.about(key, target), true}};
        }
        end_unknown(facts, target, World::salt_of(packet.dst) + 3);
        return;
    }
    if (way.kind == Translation::Kind::firewall) {
        to_firewall(way.firewall, packet, true);
        return;
    }
    if (way.config == kNoIndex) {
        hop(HopKind::load_balancer, at, HopDecision::drop, by, Reason::lb_no_backend);
        end(false, at.text(), Reason::lb_no_backend, by);
        return;
    }
    const IpConfiguration& target = *network_.configurations()[way.config].configuration;
    if (way.config == sender &&
        way.kind != Translation::Kind::instance_ip) {  // E10: load balancers
        hop(HopKind::load_balancer, at, HopDecision::drop, by, Reason::lb_no_backend);
        end(false, at.text(), Reason::lb_no_backend, by);
        return;
    }
    Packet translated = packet;
    if (target.address) {
        translated.dst = *target.address;
    }
    if (way.to_port && has_ports(packet.service.protocol)) {
        translated.service.b = *way.to_port;
    }
    if (way.kind == Translation::Kind::instance_ip) {
        hop(HopKind::nat, at, HopDecision::translate, by, Reason::dnat, {}, std::string(at_name));
    } else {
        hop(HopKind::load_balancer, at, HopDecision::translate, by,
            taking.size() > 1 ? Reason::lb_choice : Reason::dnat, {}, std::string(at_name));
    }
    if (way.floating_ip && contested(FactKey::floating_ip_nsg_sees_frontend)) {
        translated.dst = packet.dst;  // N44
    }
    arrive(way.config, translated, &way, from_outside);
}

}  // namespace azreach
