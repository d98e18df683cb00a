// The reply: the way back of a delivered packet.
#include "src/engine/walk_parts.hpp"

namespace azreach {

using namespace walk_parts;

void Walker::reply() {
    ended_ = false;
    states_.clear();
    depth_ = 0;
    way_ = Way::reply;
    const Packet packet = reply_to(walk_.final_packet);
    const bool at_internet = walk_.at == "internet" || at_service_;
    if (unread_end_) {  // what delivered it unseen may or may not bring a reply back
        walk_.reply_delivered = world_.holds(*unread_end_, kReplySalt);
        return;
    }
    undone_ = devices_.size();
    reply_leg_ = 0;
    if (at_internet && left_by_firewall_) {
        reply_from_device(devices_.size(), packet);
    } else if (at_internet && left_by_ == kNoIndex) {  // service endpoint, or internet to internet
        reply_delivered_ = true;
    } else if (at_internet) {
        // The platform hands it back to the NIC that sent it.
        if (left_by_ == sender_) {
            reply_delivered_ = true;
        } else {
            Packet back = packet;
            back.dst = sent_.src;
            reply_from_device(devices_.size(), back);
        }
    } else if (walk_.at == "onprem") {
        from_onprem(packet, left_by_gateway_);
    } else if (receiver_ == kNoIndex) {
        reply_delivered_ = true;  // the platform's own services; unread ends hang on their fact
    } else if (by_endpoint_) {
        const bool untranslated = std::any_of(devices_.begin(), devices_.end(),
                                              [](const Device& d) { return !d.source_translated; });
        const ResourceId& id = network_.configurations()[receiver_].endpoint->header.id;
        reply_delivered_ =
            !untranslated || world_.holds(network_.about(FactKey::unmodelled, id.text()), 0x47);
    } else {
        Packet back = packet;
        back.src = network_.configurations()[receiver_].configuration->address.value_or(packet.src);
        emit(receiver_, back, false);
    }
    walk_.reply_delivered = reply_delivered_;
}

/// The reply has come back to the last of the first `device_count` devices (or, with none left,
/// to the sender): hand it on towards the source before that device.
void Walker::reply_from_device(std::size_t device_count, const Packet& packet) {
    if (device_count == 0) {
        reply_arrived(sender_, packet);
        return;
    }
    const Device& device = devices_[device_count - 1];
    reply_devices_.push_back(device.config);
    undone_ = device_count - 1;
    reply_leg_ = reply_devices_.size();
    Packet back = packet;
    back.dst = device.source_before;
    if ((device.config & kFirewallDevice) == 0) {
        emit(device.config, back, true);
        return;
    }
    const FirewallIndex firewall = device.config & ~kFirewallDevice;
    const ResourceId& id = network_.firewalls().at(firewall).firewall->header.id;
    if (device.destination_translated) {
        back.src = device.destination_before;
        if (has_ports(back.service.protocol)) {
            back.service.a = device.port_before;
        }
    }
    if (seen(device.config, back)) {
        end(false, id.text(), Reason::route_loop);
        return;
    }
    hop(HopKind::firewall, id, HopDecision::forward, {}, Reason::fw_net_allow, {},
        "a reply of a flow that it let through");
    from_firewall(firewall, back, false);
}

/// R62: the same stateful devices both ways.
bool Walker::same_devices() {
    const auto on_reply = [&](ConfigIndex c) {
        return std::find(reply_devices_.begin(), reply_devices_.end(), c) != reply_devices_.end();
    };
    walk_.symmetric =
        std::all_of(devices_.begin(), devices_.end(),
                    [&](const Device& d) { return on_reply(d.config); }) &&
        std::all_of(reply_devices_.begin(), reply_devices_.end(), [&](ConfigIndex c) {
            return std::find(devices_.begin(), devices_.end(), Device{c}) != devices_.end();
        });
    return walk_.symmetric;
}

void Walker::reply_arrived(ConfigIndex config, const Packet& packet) {
    // A source-translating appliance gets its replies and translates back.
    for (std::size_t i = devices_.size(); i > 0; --i) {
        const Device& device = devices_[i - 1];
        if (device.config == config && device.source_translated &&
            packet.dst == network_.configurations()[config].configuration->address) {
            reply_from_device(i, packet);
            return;
        }
    }
    const ResourceId& nic = network_.configurations()[config].interface->header.id;
    if (config != sender_) {
        const bool same_nic =
            sender_ != kNoIndex && network_.configurations()[sender_].interface->header.id == nic;
        if (!same_nic) {
            // Somebody else has the sender's address: the reply is new there.        [N35]
            end(false, nic.text(), Reason::return_blocked);
            return;
        }
    }
    if (!same_devices() && contested(FactKey::stateful_asymmetry_drops)) {
        end(false, nic.text(), Reason::asymmetric);
        return;
    }
    end(true, nic.text(), Reason::delivered);
}

}  // namespace azreach
