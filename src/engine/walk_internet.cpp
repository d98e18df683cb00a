// The walk to the internet and back in by a public entry.
#include "src/engine/walk_parts.hpp"

namespace azreach {

using namespace walk_parts;

void Walker::leave(const Emitter& emitter, const Packet& packet) {
    const World::Salt salt = World::salt_of(packet.dst);
    if (emitter.firewall != kNoIndex) {
        if (way_ == Way::reply) {
            reply_leaves_firewall(emitter.firewall, packet);
        } else {
            leave_firewall(emitter.firewall, emitter.translate, packet);
        }
        return;
    }
    if (emitter.config == kNoIndex) {  // a gateway does not send to the internet
        end(false, emitter.gateway.text(), Reason::route_none);
        return;
    }
    const ResourceId& nic = network_.configurations()[emitter.config].interface->header.id;
    if (way_ == Way::reply) {
        // The reply to an internet client leaves by the address that it came to.
        const bool home = emitter.config == receiver_ && by_public_entry_;
        if (home && !crossings_.empty()) {
            const std::size_t passed = crossings_.back();
            crossings_.pop_back();
            reply_from_device(passed, packet);
            return;
        }
        if (!leg_from_outside()) {  // nobody there has asked
            end(false, nic.text(), Reason::return_blocked);
            return;
        }
        const bool passes = home || !contested(FactKey::stateful_asymmetry_drops);
        walk_.symmetric = walk_.symmetric && home;
        if (!passes) {
            end(false, nic.text(), Reason::asymmetric);
            return;
        }
        end(true, "internet", Reason::delivered);
        return;
    }
    Packet outside = packet;
    bool translated = false;
    if (!emitter.forwarded || contested(FactKey::nva_forwarded_source_snat)) {
        const OutboundMethod* used = nullptr;
        for (const OutboundMethod& method : network_.edges().outbound(emitter.config)) {
            observe(method.destinations, packet);
            if (method.services.contains(packet.service) &&
                in(method.destinations, packet.dst, 0) && world_.holds(method.when, 13)) {
                used = &method;
                break;
            }
        }
        if (used == nullptr) {
            end(false, nic.text(), Reason::no_public_ip);
            return;
        }
        translated = true;
        hop(HopKind::nat, used->by.empty() ? nic : used->by, HopDecision::translate,
            {used->by, used->name, std::nullopt, false, {}}, Reason::snat);
        const std::optional<Address> first = used->source_addresses.smallest();
        if (first) {
            // One of the method's addresses; filters that tell them apart see every one.
            std::vector<Address> sources;
            for (const auto& range : used->source_addresses.v4.ranges()) {
                for (std::uint64_t a = range.first; a <= range.last && sources.size() < 16; ++a) {
                    sources.push_back(Address::v4(static_cast<std::uint32_t>(a)));
                }
            }
            if (sources.empty()) {
                sources.push_back(*first);
            }
            outside.src = network_.edges().public_entry(packet.dst) != nullptr || aimed(packet)
                              ? sources[world_.choose(sources.size())]
                              : sources.front();
        } else {
            outside.src = Address{packet.dst.family, 0};  // some public address, not known
        }
    }
    left_by_ = emitter.config;
    if (aimed(packet)) {
        Entrance entrance;
        entrance.kind = Entrance::Kind::azure;
        entrance.region = region_of(emitter.subnet);
        std::optional<AddressSet> unknown;
        if (translated && outside.src.value == 0) {
            unknown = Edges::internet_space();
            outside.src = packet.src;
        }
        admit(outside, entrance, unknown);
        return;
    }
    if (network_.edges().public_entry(packet.dst) != nullptr) {
        if (translated && outside.src.value == 0) {
            // Which public address the receiver sees is not known: its filters decide anything.
            end_unknown({{network_.about(FactKey::unread_neighbour, nic.text()), true}}, nic.text(),
                        salt);
            return;
        }
        crossings_.push_back(devices_.size());
        enter_public(outside, false, emitter.config);
        return;
    }
    if (!Edges::internet_space().contains(packet.dst)) {
        end(false, "internet", Reason::no_such_address);
        return;
    }
    walk_.final_packet = outside;
    if (outside.src.value == 0) {
        walk_.final_packet.src = packet.src;
    }
    hop(HopKind::deliver, ResourceId("internet"), HopDecision::deliver, {}, Reason::delivered);
    end(true, "internet", Reason::delivered, last_allow_);
}

void Walker::enter_public(const Packet& packet, bool from_internet, ConfigIndex sender) {
    if (aimed(packet)) {
        admit(packet, {}, std::nullopt);
        return;
    }
    const Edges::PublicEntry* entry = network_.edges().public_entry(packet.dst);
    if (entry == nullptr) {
        if (Edges::internet_space().contains(packet.dst)) {
            hop(HopKind::deliver, ResourceId("internet"), HopDecision::deliver, {},
                Reason::delivered);
            end(true, "internet", Reason::delivered);
        } else {
            end(false, "internet", Reason::no_public_ip);
        }
        return;
    }
    if (entry->ways.empty()) {
        if (entry->balancer.empty()) {
            end(false, entry->public_ip.text(), Reason::no_such_address);
        } else {
            end(false, entry->balancer.text(), Reason::lb_no_rule);
        }
        return;
    }
    (void)from_internet;
    const bool balanced =
        std::any_of(entry->ways.begin(), entry->ways.end(), [](const Translation& way) {
            return way.kind == Translation::Kind::lb_rule ||
                   way.kind == Translation::Kind::nat_rule;
        });
    const ResourceId at = balanced && !entry->balancer.empty() ? entry->balancer : entry->public_ip;
    translate(entry->ways, packet, true, at, at.name(), sender);
}

}  // namespace azreach
