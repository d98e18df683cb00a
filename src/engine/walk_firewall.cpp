// The walk through Azure Firewalls: the passes of models/network/firewall_rules.hpp for one packet,
// its translated source and destination, and the replies that come back to it.
// Rules decided here: [FW-7] [FW-10] [FW-12] [FW-22] [FW-30] [FW-34] [FW-38] [FW-39] [FW-42]
// [FW-43] [FW-46]
#include <set>

#include "src/engine/walk_parts.hpp"

namespace azreach {

using namespace walk_parts;

namespace {

constexpr World::Salt kRuleSalt = 0x71;
constexpr World::Salt kProtocolSalt = 0x72;

By by_match(const FirewallMatch& match) {
    if (match.rule == nullptr) {
        return {};
    }
    return {match.rule->id, match.rule->name, match.collection->priority, false, match.rule->where};
}

}  // namespace

// --- one rule ------------------------------------------------------------------------------------

bool Walker::in(const AddressParts& parts, const Address& address) {
    for (const Guarded<AddressSet>* part : parts) {
        if (part->when.empty() && part->set.contains(address)) {
            return true;
        }
    }
    return std::any_of(parts.begin(), parts.end(), [&](const Guarded<AddressSet>* part) {
        return !part->when.empty() && part->set.contains(address) &&
               world_.holds(part->when, World::salt_of(address));
    });
}

bool Walker::matches(const FirewallMatch& match, const Packet& packet, FirewallIndex firewall) {
    const auto may_contain = [](const AddressParts& parts, const Address& address) {
        return std::any_of(parts.begin(), parts.end(),
                           [&](const auto* part) { return part->set.contains(address); });
    };
    const bool may_apply =
        std::any_of(match.service->begin(), match.service->end(),
                    [&](const auto& p) { return p.set.contains(packet.service); }) &&
        may_contain(match.source, packet.src);
    if (may_apply && aimed(packet)) {
        for (const Guarded<AddressSet>* part : match.destination) {
            observe(part->set, packet);
        }
    }
    const bool may = may_apply && may_contain(match.destination, packet.dst);
    const World::Salt salt =
        kRuleSalt ^ network_.firewalls().at(firewall).firewall->header.id.hash();
    return may && in(*match.service, packet.service, false) && in(match.source, packet.src) &&
           in(match.destination, packet.dst) && world_.holds(match.when, salt);
}

const FirewallMatch* Walker::first_match(const std::vector<FirewallMatch>& list,
                                         const Packet& packet, FirewallIndex firewall) {
    for (const FirewallMatch& match : list) {
        if (matches(match, packet, firewall)) {
            return &match;
        }
    }
    return nullptr;
}

// --- arriving ------------------------------------------------------------------------------------

void Walker::to_firewall(FirewallIndex firewall, const Packet& packet, bool from_outside) {
    const FirewallPlace& place = network_.firewalls().at(firewall);
    const ResourceId& id = place.firewall->header.id;
    const std::uint32_t key = kFirewallDevice | firewall;
    const bool own = from_outside || std::find(place.addresses.begin(), place.addresses.end(),
                                               packet.dst) != place.addresses.end();
    if (seen(key, packet)) {
        end(false, id.text(), Reason::route_loop);
        return;
    }
    if (way_ == Way::reply) {
        if (reply_at_firewall(packet, place.vnet, firewall)) {
            return;
        }
        if (own) {  // nobody there has asked
            end(false, id.text(), Reason::return_blocked);
            return;
        }
        if (on_this_leg(key)) {  // FW-22
            hop(HopKind::firewall, id, HopDecision::forward, {}, Reason::fw_net_allow, {},
                "a reply of a flow that it let through");
            reply_devices_.push_back(key);
            from_firewall(firewall, packet, false);
            return;
        }
    }
    if (!place.carries(packet.dst.family)) {  // FW-45
        deny_at_firewall(firewall, {}, Reason::fw_default_deny, "it does not carry IPv6");
        return;
    }
    const CompiledFirewall& compiled = network_.firewalls().rules(firewall);
    if (!compiled.unread.empty()) {
        end_unknown(compiled.unread, id.text(), World::salt_of(packet.dst));
        return;
    }
    const auto rules = std::find_if(
        compiled.alternatives.begin(), compiled.alternatives.end(),
        [&](const FirewallRules& alternative) { return world_.holds(alternative.when, 0); });
    ensures(rules != compiled.alternatives.end(), "some rules of a firewall are in force");
    observe(rules->never_blocked, packet);
    const bool exempt =
        rules->never_blocked.contains(packet.src) || rules->never_blocked.contains(packet.dst);
    const auto blocked = [&](bool denies, FactKey key_of, const char* what) {
        if (way_ == Way::reply || !denies || exempt || !contested(key_of)) {
            return false;
        }
        return !deny_at_firewall(firewall, {}, Reason::fw_default_deny, what);
    };
    if (blocked(rules->threat_intel_denies, FactKey::threat_intel, "threat intelligence") ||
        blocked(rules->idps_denies, FactKey::idps, "intrusion detection")) {
        return;
    }
    if (way_ == Way::request && packet.dst.family == Family::v4 &&
        translated_by_firewall(firewall, *rules, packet, from_outside)) {
        return;
    }
    if (own) {
        if (!from_outside && rules->listens.contains(packet.service)) {
            walk_.final_packet = packet;
            hop(HopKind::deliver, id, HopDecision::deliver, {}, Reason::delivered);
            end(true, id.text(), Reason::delivered, last_allow_);
            return;
        }
        // FW-10: application rules publish nothing.
        const Reason reason = rules->empty ? Reason::fw_no_policy : Reason::fw_default_deny;
        hop(HopKind::firewall, id, HopDecision::deny, {}, reason, {}, "no NAT rule takes it");
        end(false, id.text(), reason);
        return;
    }
    bool translate = false;
    if (!allowed_by_firewall(firewall, *rules, packet, translate)) {
        return;
    }
    if (way_ == Way::request) {
        devices_.push_back({.config = key, .source_before = packet.src});
    } else {
        reply_devices_.push_back(key);
    }
    from_firewall(firewall, packet, translate && way_ == Way::request);
}

/// Whether the request passed the device between the same two translations of its source as the
/// reply is between now.
bool Walker::on_this_leg(std::uint32_t device) const {
    for (std::size_t i = std::min(undone_, devices_.size()); i > 0; --i) {
        if (devices_[i - 1].source_translated || (!crossings_.empty() && crossings_.back() == i)) {
            return false;
        }
        if (devices_[i - 1].config == device) {
            return true;
        }
    }
    return false;
}

/// Says that the firewall drops the packet. True if the walk goes on all the same.
bool Walker::deny_at_firewall(FirewallIndex firewall, By by, Reason reason, std::string note) {
    const ResourceId& id = network_.firewalls().at(firewall).firewall->header.id;
    hop(HopKind::firewall, id, HopDecision::deny, by, reason, {}, std::move(note));
    if (force_ && way_ == Way::request) {
        blockers_.push_back(walk_.path.back());
        return true;
    }
    end(false, id.text(), reason, std::move(by));
    return false;
}

/// The network pass, then the application pass [FW-3]. False: it ended here.
bool Walker::allowed_by_firewall(FirewallIndex firewall, const FirewallRules& rules,
                                 const Packet& packet, bool& translate) {
    const ResourceId& id = network_.firewalls().at(firewall).firewall->header.id;
    const FirewallMatch* decider = first_match(rules.network, packet, firewall);
    std::vector<Considered> considered;
    const auto consider = [&](const std::vector<FirewallMatch>& list) {
        bool after = false;
        for (const FirewallMatch& match : list) {
            if (!options_.considered || match.rule == nullptr) {
                continue;
            }
            considered.push_back({match.rule->name, match.collection->priority,
                                  &match == decider ? "match"
                                  : after           ? "shadowed"
                                                    : "no-match",
                                  match.collection->name});
            after = after || &match == decider;
        }
    };
    bool application = false;
    consider(rules.network);
    if (decider == nullptr && packet.service.protocol == kTcp && packet.dst.family == Family::v4) {
        application = true;
        const FirewallMatch* denied = nullptr;
        for (const std::vector<FirewallMatch>& list : rules.application) {
            const FirewallMatch* match = first_match(list, packet, firewall);
            if (match != nullptr && match->access == Access::allow && decider == nullptr) {
                decider = match;
            } else if (match != nullptr && denied == nullptr) {
                denied = match;
            }
        }
        decider = decider != nullptr ? decider : denied;
        for (const std::vector<FirewallMatch>& list : rules.application) {
            consider(list);
        }
    }
    const bool allowed = decider != nullptr && decider->access == Access::allow;
    if (!application) {
        observe(rules.keeps_source, packet);
    }
    translate = application || !in(rules.keeps_source, packet.dst, 0);
    std::vector<Hop>& path = way_ == Way::reply ? walk_.return_path : walk_.path;
    if (!allowed) {
        const Reason reason = decider == nullptr
                                  ? (rules.empty ? Reason::fw_no_policy : Reason::fw_default_deny)
                              : application ? Reason::fw_app_deny
                                            : Reason::fw_net_deny;
        const std::size_t at = path.size();
        const bool on =
            deny_at_firewall(firewall, decider == nullptr ? By{} : by_match(*decider), reason, "");
        path[at].considered = std::move(considered);
        return on;
    }
    By by = by_match(*decider);
    hop(HopKind::firewall, id, HopDecision::allow, by,
        application ? Reason::fw_app_allow : Reason::fw_net_allow, {},
        decider->rule == nullptr ? "infrastructure names" : "");
    path.back().considered = std::move(considered);
    last_allow_ = std::move(by);
    return true;
}

/// The NAT pass. False: no rule takes the packet.
bool Walker::translated_by_firewall(FirewallIndex firewall, const FirewallRules& rules,
                                    const Packet& packet, bool from_outside) {
    const ResourceId& id = network_.firewalls().at(firewall).firewall->header.id;
    const auto nat = std::find_if(
        rules.nat.begin(), rules.nat.end(),
        [&](const NatMatch& candidate) { return matches(candidate.match, packet, firewall); });
    if (nat == rules.nat.end()) {
        return false;
    }
    const By by = by_match(nat->match);
    if (nat->unknown_target) {
        hop(HopKind::firewall, id, HopDecision::unknown, by, Reason::fw_dnat, {},
            "where it is sent is not known");
        end_unknown({{*nat->unknown_target, true}}, id.text(), World::salt_of(packet.dst));
        return true;
    }
    Packet onward = packet;
    Device device{.config = kFirewallDevice | firewall, .source_before = packet.src};
    device.from_outside = from_outside;
    if (nat->transit) {
        hop(HopKind::firewall, id, HopDecision::allow, by, Reason::fw_dnat, {},
            "transit to what the rule translates to");
    } else {
        device.destination_translated = true;
        device.destination_before = packet.dst;
        device.port_before = packet.service.b;
        onward.dst = *nat->to;
        if (nat->to_port && has_ports(packet.service.protocol)) {
            onward.service.b = *nat->to_port;
        }
        hop(HopKind::firewall, id, HopDecision::translate, by, Reason::fw_dnat);
        const bool some_deny =
            std::any_of(rules.network.begin(), rules.network.end(),
                        [](const FirewallMatch& m) { return m.access == Access::deny; });
        if (some_deny && !contested(FactKey::dnat_ignores_network_deny)) {  // FW-8
            const FirewallMatch* match = first_match(rules.network, onward, firewall);
            if (match != nullptr && match->access == Access::deny &&
                !deny_at_firewall(firewall, by_match(*match), Reason::fw_net_deny, "")) {
                return true;
            }
        }
    }
    last_allow_ = by;
    devices_.push_back(device);
    from_firewall(firewall, onward, true);  // FW-35
    return true;
}

// --- leaving -------------------------------------------------------------------------------------

void Walker::from_firewall(FirewallIndex firewall, const Packet& packet, bool translate) {
    const FirewallPlace& place = network_.firewalls().at(firewall);
    if (place.subnet == kNoIndex) {
        end_unknown({{network_.about(FactKey::missing_resource, place.subnet_id.text()), true}},
                    place.subnet_id.text(), World::salt_of(packet.dst));
        return;
    }
    route({kNoIndex, place.subnet, {}, true, firewall, translate}, packet);
}

/// The packet with a source of the firewall's subnet: one of those that something tells apart.
Packet Walker::shown_by_firewall(const Emitter& emitter, const Packet& packet) {
    const FirewallPlace& place = network_.firewalls().at(emitter.firewall);
    Packet shown = packet;
    std::vector<Address> samples;
    for (const Address& sample : place.shown_samples) {
        if (sample.family == packet.dst.family) {
            samples.push_back(sample);
        }
    }
    const Fact fact = network_.about(FactKey::unknown_instance, place.subnet_id.text());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        shown.src = samples[i];
        if (i + 1 < samples.size() && world_.holds(fact, World::salt_of(samples[i]))) {
            break;
        }
    }
    Device& device = devices_.back();
    device.source_translated = true;
    device.source_shown = shown.src;
    hop(HopKind::nat, place.firewall->header.id, HopDecision::translate, {}, Reason::snat, {},
        "source is an address of " + std::string(place.subnet_id.name()));
    return shown;
}

void Walker::leave_firewall(FirewallIndex firewall, bool translate, const Packet& packet) {
    const FirewallPlace& place = network_.firewalls().at(firewall);
    const FirewallPlace::Exit& exit = place.exit;
    const ResourceId& id = place.firewall->header.id;
    AddressSet family;
    if (packet.dst.family == Family::v4) {
        family.v4 = exit.addresses.v4;
    } else {
        family.v6 = exit.addresses.v6;
    }
    // FW-32: a source that is not translated finds no way back. Without a public address nothing
    // goes out.
    const bool none = family.empty() && exit.all_known;
    const bool unsure_protocol = !has_ports(packet.service.protocol);  // FW-15
    if (!translate || none ||
        (unsure_protocol &&
         !world_.holds(network_.about(FactKey::unmodelled, id.text()), kProtocolSalt))) {
        end(false, id.text(), Reason::no_public_ip);
        return;
    }
    hop(HopKind::nat, exit.by.empty() ? id : exit.by, HopDecision::translate,
        {exit.by, std::string(exit.by.name()), std::nullopt, false, {}}, Reason::snat);
    Packet outside = packet;
    const bool known = !family.empty() && exit.all_known;
    const bool to_service = aimed(packet);
    const bool hairpin = !to_service && network_.edges().public_entry(packet.dst) != nullptr;
    if (known) {
        std::vector<Address> sources;
        for (const auto& range : family.v4.ranges()) {
            for (std::uint64_t a = range.first; a <= range.last && sources.size() < 16; ++a) {
                sources.push_back(Address::v4(static_cast<std::uint32_t>(a)));
            }
        }
        if (sources.empty()) {
            sources.push_back(*family.smallest());
        }
        outside.src =
            hairpin || to_service ? sources[world_.choose(sources.size())] : sources.front();
    }
    devices_.back().source_translated = true;
    devices_.back().source_shown = outside.src;
    if (to_service) {
        left_by_firewall_ = true;
        Entrance entrance;
        entrance.kind = Entrance::Kind::azure;
        entrance.region = region_of(place.subnet);
        admit(outside, entrance, known ? std::nullopt : std::optional(Edges::internet_space()));
        return;
    }
    if (hairpin) {
        if (!known) {
            end_unknown({{network_.about(FactKey::unread_neighbour, id.text()), true}}, id.text(),
                        World::salt_of(packet.dst));
            return;
        }
        crossings_.push_back(devices_.size());
        enter_public(outside, false, kNoIndex);
        return;
    }
    if (!Edges::internet_space().contains(packet.dst)) {
        end(false, "internet", Reason::no_such_address);
        return;
    }
    left_by_firewall_ = true;
    walk_.final_packet = outside;
    hop(HopKind::deliver, ResourceId("internet"), HopDecision::deliver, {}, Reason::delivered);
    end(true, "internet", Reason::delivered, last_allow_);
}

// --- replies -------------------------------------------------------------------------------------

/// The reply has come to an address that a firewall of the request showed: on towards the source
/// before it, unless other devices were on this leg than on that of the request [FW-42].
bool Walker::reply_at_firewall(const Packet& packet, VnetIndex vnet, FirewallIndex only) {
    for (std::size_t i = std::min(undone_, devices_.size()); i > 0; --i) {
        const Device& device = devices_[i - 1];
        if (!crossings_.empty() && crossings_.back() == i) {
            break;  // it has shown a public address: by the internet only [R60]
        }
        if ((device.config & kFirewallDevice) == 0 || !device.source_translated ||
            device.source_shown != packet.dst) {
            continue;
        }
        const FirewallPlace& place = network_.firewalls().at(device.config & ~kFirewallDevice);
        if (place.vnet != vnet || (only != kNoIndex && device.config != (kFirewallDevice | only))) {
            continue;
        }
        const auto leg = [](auto first, auto last, const auto& key) {
            std::set<std::uint32_t> keys;
            for (; first != last; ++first) {
                keys.insert(key(*first));
            }
            return keys;
        };
        const auto request = leg(devices_.begin() + static_cast<std::ptrdiff_t>(i),
                                 devices_.begin() + static_cast<std::ptrdiff_t>(undone_),
                                 [](const Device& d) { return d.config; });
        const auto reply = leg(reply_devices_.begin() + static_cast<std::ptrdiff_t>(reply_leg_),
                               reply_devices_.end(), [](std::uint32_t key) { return key; });
        if (request != reply) {
            walk_.symmetric = false;
            if (contested(FactKey::stateful_asymmetry_drops)) {
                end(false, place.firewall->header.id.text(), Reason::asymmetric);
                return true;
            }
        }
        reply_from_device(i, packet);
        return true;
    }
    return false;
}

/// A reply that a firewall hands on to the internet: to the client of a NAT rule, else nobody there
/// has asked [FW-43].
void Walker::reply_leaves_firewall(FirewallIndex firewall, const Packet& packet) {
    const bool home = undone_ < devices_.size() && devices_[undone_].from_outside &&
                      devices_[undone_].config == (kFirewallDevice | firewall);
    if (home && !crossings_.empty() && crossings_.back() == undone_) {
        crossings_.pop_back();
        reply_from_device(undone_, packet);
        return;
    }
    if (!leg_from_outside()) {
        end(false, network_.firewalls().at(firewall).firewall->header.id.text(),
            Reason::return_blocked);
        return;
    }
    walk_.symmetric = walk_.symmetric && home;
    if (!home && contested(FactKey::stateful_asymmetry_drops)) {
        end(false, network_.firewalls().at(firewall).firewall->header.id.text(),
            Reason::asymmetric);
        return;
    }
    end(true, "internet", Reason::delivered);
}

}  // namespace azreach
