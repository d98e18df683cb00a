// The oracle's steps at firewalls, apart from the rest of its walk only because there are many.
// `Walk` is the walk of oracle.cpp; every step ends by its throwing an End, or goes on in it.
#pragma once

#include <algorithm>
#include <set>

#include "tests/oracle/firewall.hpp"

namespace azreach::oracle {

template <class Walk>
class FirewallWalk {
public:
    explicit FirewallWalk(Walk& walk) : w(walk) {}

    /// A packet meets the firewall.
    void meet(const AzureFirewall& firewall, const Packet& packet, bool from_outside) {
        const std::string at = firewall.header.id.text();
        const std::string state = at + to_string(packet.src) + ">" + to_string(packet.dst) + " " +
                                  std::to_string(packet.service.b);
        if (++w.steps_ > 64 || w.seen_[w.reply_].contains(state)) Walk::drop(at, "ROUTE_LOOP");
        w.seen_[w.reply_].insert(state);
        bool own = from_outside;
        for (const auto& c : firewall.configurations) own = own || c.address == packet.dst;
        if (w.reply_) {
            const VirtualNetwork* home = nullptr;
            subnet_of(w.w_, firewall, &home);
            if (home != nullptr && comes_back(packet, *home, &firewall)) return;
            if (own) Walk::drop(at, "RETURN_BLOCKED");
            if (on_this_leg(firewall)) {
                back_.push_back(&firewall);
                w.leg_.push_back(at);
                go(firewall, packet, false);
                return;
            }
        }
        const FirewallRuling ruling = rule(w.w_, firewall, packet, own, from_outside, w.reply_);
        using Kind = FirewallRuling::Kind;
        Packet onward = packet;
        typename Walk::Device device;
        device.firewall = &firewall;
        device.before = packet.src;
        device.outside = from_outside;
        switch (ruling.kind) {
            case Kind::drop:
                Walk::drop(at, ruling.reason.c_str());
            case Kind::anything:
                w.either(ruling.unknown + " " + to_string(packet.dst), at);
            case Kind::here:
                w.deliver(at, packet);
            case Kind::redirect:
                device.moved = true;
                device.to_before = packet.dst;
                device.port_before = packet.service.b;
                onward.dst = ruling.to;
                if (ruling.port >= 0) onward.service.b = static_cast<std::uint16_t>(ruling.port);
                break;
            case Kind::pass:
                break;
        }
        if (w.reply_) {
            back_.push_back(&firewall);
            w.leg_.push_back(at);
            go(firewall, onward, false);
            return;
        }
        w.devices_.push_back(device);
        go(firewall, onward, ruling.translates);
    }

    /// The packet with an address of the firewall's subnet as its source.
    Packet shown(const AzureFirewall& firewall, const Packet& packet) {
        Packet result = packet;
        const Subnet* subnet = subnet_of(w.w_, firewall, nullptr);
        std::vector<Address> instances;
        for (const Prefix& prefix : subnet->prefixes) {
            if (prefix.family() != packet.dst.family) continue;
            Address address = prefix.first();
            address.value += 4;
            for (; address < prefix.last(); address.value += 1) instances.push_back(address);
        }
        for (std::size_t i = 0; i < instances.size(); ++i) {
            result.src = instances[i];
            if (i + 1 < instances.size() &&
                w.w_.unknown("instance " + subnet->header.id.text() + to_string(instances[i]))) {
                break;
            }
        }
        w.devices_.back().translates = true;
        w.devices_.back().shown = result.src;
        return result;
    }

    void leave(const AzureFirewall& firewall, bool translate, const Packet& packet) {
        const std::string at = firewall.header.id.text();
        if (w.reply_) {
            const bool home = w.undone_ < w.devices_.size() &&
                              w.devices_[w.undone_].firewall == &firewall &&
                              w.devices_[w.undone_].outside;
            if (home && !w.crossings_.empty() && w.crossings_.back() == w.undone_) {
                w.crossings_.pop_back();
                w.from_device(w.undone_, packet);
                return;
            }
            if (!w.asked_outside()) Walk::drop(at, "RETURN_BLOCKED");
            if (!home && w.w_.contested(FactKey::stateful_asymmetry_drops)) {
                Walk::drop(at, "ASYMMETRIC");
            }
            w.deliver("internet", packet);
        }
        std::vector<Address> out;  // FW-33
        bool known = true;
        const Subnet* subnet = subnet_of(w.w_, firewall, nullptr);
        const auto add = [&](const ResourceId& id) {
            const auto ip = w.w_.s.public_ips.find(id);
            if (ip == w.w_.s.public_ips.end() || !ip->second.address) {
                known = false;
            } else if (ip->second.address->family == packet.dst.family) {
                out.push_back(*ip->second.address);
            }
        };
        if (subnet->nat_gateway) {
            const auto nat = w.w_.s.nat_gateways.find(*subnet->nat_gateway);
            if (nat == w.w_.s.nat_gateways.end()) {
                known = false;
            } else {
                for (const ResourceId& id : nat->second.public_ips) add(id);
            }
        } else {
            for (const auto& c : firewall.configurations) {
                if (c.public_ip) add(*c.public_ip);
            }
        }
        std::sort(out.begin(), out.end());
        if (!translate || (known && out.empty())) Walk::drop(at, "NO_PUBLIC_IP");
        if (!has_ports(packet.service.protocol) && !w.w_.unknown("translation of others " + at)) {
            Walk::drop(at, "NO_PUBLIC_IP");
        }
        const bool ours = w.public_ip(packet.dst) != nullptr;
        Packet outside = packet;
        if (known) {
            outside.src = out[static_cast<std::size_t>(
                ours ? w.w_.c.choice(static_cast<int>(out.size())) : 0)];
        }
        w.devices_.back().translates = true;
        w.devices_.back().shown = outside.src;
        if (ours) {
            if (!known) w.either("source of " + at, at);
            w.crossings_.push_back(w.devices_.size());
            w.enter_public(outside, std::nullopt, false);
            return;
        }
        if (!is_public(packet.dst)) Walk::drop("internet", "NO_SUCH_ADDRESS");
        w.left_by_firewall_ = true;
        w.deliver("internet", outside);
    }

    /// A reply to an address that a firewall has shown, in its network: true if it goes on there.
    bool comes_back(const Packet& packet, const VirtualNetwork& vnet,
                    const AzureFirewall* only = nullptr) {
        for (std::size_t i = std::min(w.undone_, w.devices_.size()); i > 0; --i) {
            const auto& device = w.devices_[i - 1];
            // Shown outside: a reply has to come by the internet.                      [R60]
            if (!w.crossings_.empty() && w.crossings_.back() == i) return false;
            if (device.firewall == nullptr || !device.translates || device.shown != packet.dst) {
                continue;
            }
            const VirtualNetwork* home = nullptr;
            subnet_of(w.w_, *device.firewall, &home);
            if (home != &vnet || (only != nullptr && only != device.firewall)) continue;
            std::set<std::string> request;
            for (std::size_t j = i; j < w.undone_; ++j) {
                const auto& passed = w.devices_[j];
                request.insert(passed.firewall != nullptr ? passed.firewall->header.id.text()
                                                          : passed.seat.nic->header.id.text());
            }
            const std::set<std::string> reply(w.leg_.begin(), w.leg_.end());
            if (request != reply && w.w_.contested(FactKey::stateful_asymmetry_drops)) {
                Walk::drop(device.firewall->header.id.text(), "ASYMMETRIC");
            }
            w.from_device(i, packet);
            return true;
        }
        return false;
    }

    /// The reply has come to the firewall that is device `i` of the request.
    void hand_back(std::size_t i, const Packet& packet) {
        const auto& device = w.devices_[i];
        const AzureFirewall& firewall = *device.firewall;
        back_.push_back(&firewall);
        Packet onward = packet;
        onward.dst = device.before;
        if (device.moved) {
            onward.src = device.to_before;
            if (has_ports(onward.service.protocol)) onward.service.a = device.port_before;
        }
        const std::string state = firewall.header.id.text() + to_string(onward.src) + ">" +
                                  to_string(onward.dst) + " " + std::to_string(onward.service.b);
        if (++w.steps_ > 64 || w.seen_[true].contains(state)) {
            Walk::drop(firewall.header.id.text(), "ROUTE_LOOP");
        }
        w.seen_[true].insert(state);
        go(firewall, onward, false);
    }

    /// R62 for firewalls: the same ones both ways.
    bool same_both_ways() const {
        std::set<const AzureFirewall*> request;
        for (const auto& device : w.devices_) {
            if (device.firewall != nullptr) request.insert(device.firewall);
        }
        return request == std::set<const AzureFirewall*>(back_.begin(), back_.end());
    }

private:
    void go(const AzureFirewall& firewall, const Packet& packet, bool translate) {
        const VirtualNetwork* vnet = nullptr;
        const Subnet* subnet = subnet_of(w.w_, firewall, &vnet);
        if (subnet == nullptr) w.either("subnet of firewall", firewall.header.id.text());
        w.forward(*vnet, *subnet, packet, std::nullopt, nullptr, true, &firewall, translate);
    }

    bool on_this_leg(const AzureFirewall& firewall) const {
        for (std::size_t i = std::min(w.undone_, w.devices_.size()); i > 0; --i) {
            if (w.devices_[i - 1].translates) return false;
            if (!w.crossings_.empty() && w.crossings_.back() == i) return false;
            if (w.devices_[i - 1].firewall == &firewall) return true;
        }
        return false;
    }

    Walk& w;
    std::vector<const AzureFirewall*> back_;
};

}  // namespace azreach::oracle
