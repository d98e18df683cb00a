// Azure Firewalls: the passes of models/network/firewall_rules.hpp for a packet, the source that it
// goes on with, and replies that come back.
#include <algorithm>
#include <set>

#include "models/net/ensures.hpp"
#include "solver/encode_walk.hpp"

namespace azreach::solver {

namespace {

constexpr std::size_t kMostSources = 16;  // of one firewall, told apart by a receiver's filters
constexpr std::size_t kFirewallLists = 0x100000000U;  // list topics of firewalls begin here

}  // namespace

// --- rules ---------------------------------------------------------------------------------------

Formula WalkEncoder::matches(FirewallIndex firewall, const FirewallMatch& match,
                             const PacketTerm& packet) {
    std::vector<Formula> services;
    for (const Guarded<ServiceSet>& part : *match.service) {
        const Formula inside = terms_.in(packet.service, part.set);
        if (!inside.is(false)) {
            services.push_back(inside && facts_.holds(part.when, {}));
        }
    }
    const auto side = [&](const AddressParts& parts, const AddressTerm& address) {
        std::vector<Formula> ways;
        for (const Guarded<AddressSet>* part : parts) {
            const Formula inside = terms_.in(address, part->set);
            if (!inside.is(false)) {
                ways.push_back(inside && facts_.holds(part->when, Topic::about(address)));
            }
        }
        return any_of(ways);
    };
    const Formula service = any_of(services);
    if (service.is(false)) {
        return false;
    }
    const Formula source = side(match.source, packet.src);
    if (source.is(false)) {
        return false;
    }
    const Formula destination = side(match.destination, packet.dst);
    if (destination.is(false)) {
        return false;
    }
    Topic topic;
    topic.kind = Topic::Kind::list;
    topic.number = kFirewallLists + firewall;
    return all_of({facts_.holds(match.when, topic), service, source, destination});
}

/// match:  rules in order
/// result: allows (denies) iff the first that matches does
WalkEncoder::FirstMatch WalkEncoder::first_match(FirewallIndex firewall,
                                                 const std::vector<FirewallMatch>& list,
                                                 const PacketTerm& packet) {
    const auto key = std::pair(&list, packet);
    const auto known = first_matches_.find(key);
    if (known != first_matches_.end()) {
        return known->second;
    }
    std::vector<std::pair<Formula, Access>> cases;
    for (const FirewallMatch& match : list) {
        Formula here = matches(firewall, match, packet);
        if (here.is(false)) {
            continue;
        }
        const bool decided = here.is(true);
        if (!cases.empty() && cases.back().second == match.access) {  // neighbours that agree
            cases.back().first = cases.back().first || here;
        } else {
            cases.emplace_back(std::move(here), match.access);
        }
        if (decided) {
            break;
        }
    }
    FirstMatch first;
    for (auto each = cases.rbegin(); each != cases.rend(); ++each) {
        const bool allow = each->second == Access::allow;
        first.allows = if_then_else(each->first, allow, first.allows);
        first.denies = if_then_else(each->first, !allow, first.denies);
    }
    return first_matches_.emplace(key, first).first->second;
}

// --- arriving ------------------------------------------------------------------------------------

/// match:  a packet handed to a firewall, by a route or (from outside) by a public address of it
/// result: a reply of a flow that it let through passes [FW-22]; else what its rules say
Formula WalkEncoder::to_firewall(FirewallIndex firewall, const PacketTerm& packet,
                                 bool from_outside, Way way) {
    if (e_.check_time) {
        e_.check_time();
    }
    const FirewallPlace& place = network_.firewalls().at(firewall);
    if (way.request == nullptr && goal_.avoiding.contains(place.firewall->header.id)) {
        return goal_.choices == Choices::every;  // this way does not count
    }
    Emitter self;
    self.firewall = firewall;
    self.subnet = place.subnet;
    const Formula again = seen(self, packet, way);
    if (again.is(true)) {
        return lost(way);
    }
    way.visits.push_back({self, packet});
    Formula own = from_outside;
    for (const Address& address : place.addresses) {
        own = own || terms_.is(packet.dst, address);
    }
    const auto by_its_rules = [&](bool is_own) {
        if (!place.carries(packet.dst.family)) {
            return lost(way);  // FW-45
        }
        const CompiledFirewall& compiled = network_.firewalls().rules(firewall);
        if (!compiled.unread.empty()) {
            return end_unknown(compiled.unread, {}, Topic::outcome(packet.dst), packet, way);
        }
        Formula result = lost(way);
        for (auto each = compiled.alternatives.rbegin(); each != compiled.alternatives.rend();
             ++each) {
            result =
                if_then_else(facts_.holds(each->when, {}),
                             by_rules(firewall, *each, packet, is_own, from_outside, way), result);
        }
        return result;
    };
    const std::uint32_t key = kFirewallDevice | firewall;
    Formula transit = false;
    if (own.is(true)) {
        transit = lost(way);
    } else if (way.request != nullptr && on_this_leg(key, way)) {
        Way onward = way;
        onward.back.push_back(key);
        transit = from_firewall(firewall, packet, false, onward);
    } else {
        transit = by_its_rules(false);
    }
    const Formula arrival = own.is(false)            ? lost(way)
                            : way.request != nullptr ? lost(way)  // nobody there has asked
                                                     : by_its_rules(true);
    return if_then_else(again, lost(way), if_then_else(own, arrival, transit));
}

/// Whether the request passed the device between the same two translations of its source as the
/// reply is between now.
bool WalkEncoder::on_this_leg(std::uint32_t device, const Way& way) const {
    const std::vector<Device>& devices = way.request->way->devices;
    for (std::size_t i = std::min(way.undone, devices.size()); i > 0; --i) {
        if (devices[i - 1].translates || (!way.crossings.empty() && way.crossings.back() == i)) {
            return false;
        }
        if (devices[i - 1].key == device) {
            return true;
        }
    }
    return false;
}

/// match:  the rules in force
/// result: not blocked by threat intelligence or intrusion detection [FW-19]; the first NAT rule
/// that
///         matches translates; the firewall's own addresses listen or not; else the filters
Formula WalkEncoder::by_rules(FirewallIndex firewall, const FirewallRules& rules,
                              const PacketTerm& packet, bool own, bool from_outside,
                              const Way& way) {
    Formula blocked = false;
    if (way.request == nullptr && (rules.threat_intel_denies || rules.idps_denies)) {
        const Formula exempt = terms_.in(packet.src, rules.never_blocked) ||
                               terms_.in(packet.dst, rules.never_blocked);
        const Formula denies =
            (rules.threat_intel_denies ? facts_.contested(FactKey::threat_intel)
                                       : Formula(false)) ||
            (rules.idps_denies ? facts_.contested(FactKey::idps) : Formula(false));
        blocked = denies && !exempt;
    }
    if (blocked.is(true)) {
        return lost(way);
    }
    Formula result;
    if (own) {
        result = from_outside ? lost(way)
                              : terms_.in(packet.service, rules.listens) &&
                                    delivered(packet, std::nullopt) && session_of(true);
    } else {
        result = past_nat(firewall, rules, packet, way);
    }
    if (way.request == nullptr && packet.dst.family == Family::v4) {
        for (auto nat = rules.nat.rbegin(); nat != rules.nat.rend(); ++nat) {
            const Formula here = matches(firewall, nat->match, packet);
            if (!here.is(false)) {
                result = if_then_else(
                    here, translated_by(firewall, rules, *nat, packet, from_outside, way), result);
            }
        }
    }
    return if_then_else(blocked, lost(way), result);
}

/// match:  a NAT rule takes the packet
/// result: on to its target with a source of the firewall's subnet [FW-35]; where the target is not
///         known anything [FW-24]; under a network rule that denies it, dropped or not [FW-8]
Formula WalkEncoder::translated_by(FirewallIndex firewall, const FirewallRules& rules,
                                   const NatMatch& nat, const PacketTerm& packet, bool from_outside,
                                   const Way& way) {
    if (nat.unknown_target) {
        return end_unknown({}, *nat.unknown_target, Topic::outcome(packet.dst), packet, way);
    }
    PacketTerm onward = packet;
    Device device;
    device.key = kFirewallDevice | firewall;
    device.source_before = packet.src;
    device.from_outside = from_outside;
    Formula denied = false;
    if (!nat.transit) {
        device.destination_translated = true;
        device.destination_before = packet.dst;
        device.port_before = packet.service.b;
        onward.dst = terms_.constant(*nat.to);
        if (nat.to_port) {
            onward.service = terms_.with_destination_port(packet.service, *nat.to_port);
        }
        const Formula ignored = facts_.contested(FactKey::dnat_ignores_network_deny);
        if (!ignored.is(true)) {
            denied = !ignored && first_match(firewall, rules.network, onward).denies;
        }
    }
    Way after = way;
    after.devices.push_back(device);
    return if_then_else(denied, lost(way), from_firewall(firewall, onward, true, after));
}

/// match:  the network pass, then for TCP over IPv4 the application pass             [FW-3]
/// result: allowed by the first: with its own source where that is kept [FW-32]; by the second
/// always
///         with another [FW-34]; else dropped
Formula WalkEncoder::past_nat(FirewallIndex firewall, const FirewallRules& rules,
                              const PacketTerm& packet, const Way& way) {
    const FirstMatch network = first_match(firewall, rules.network, packet);
    std::vector<Formula> applications;
    const Formula tcp = terms_.in(packet.service, ServiceSet::protocol(kTcp));
    if (packet.dst.family == Family::v4 && !tcp.is(false)) {
        for (const std::vector<FirewallMatch>& list : rules.application) {
            applications.push_back(first_match(firewall, list, packet).allows);
        }
    }
    const Formula application =
        all_of({tcp, !network.allows, !network.denies, any_of(applications)});
    Way after = way;
    if (way.request != nullptr) {
        after.back.push_back(kFirewallDevice | firewall);
        const Formula allowed = network.allows || application;
        return allowed.is(false)
                   ? lost(way)
                   : if_then_else(allowed, from_firewall(firewall, packet, false, after),
                                  lost(way));
    }
    Device device;
    device.key = kFirewallDevice | firewall;
    device.source_before = packet.src;
    after.devices.push_back(device);
    std::vector<Formula> parts;
    for (const Guarded<AddressSet>& part : rules.keeps_source) {
        const Formula inside = terms_.in(packet.dst, part.set);
        if (!inside.is(false)) {
            parts.push_back(inside && facts_.holds(part.when, Topic::about(packet.dst)));
        }
    }
    const Formula keeps = any_of(parts);
    const Formula untranslated = network.allows && keeps;
    const Formula translated = (network.allows && !keeps) || application;
    Formula result = false;
    if (!translated.is(false)) {
        result = translated && from_firewall(firewall, packet, true, after);
    }
    if (!untranslated.is(false)) {
        result = if_then_else(untranslated, from_firewall(firewall, packet, false, after), result);
    }
    return result;
}

// --- leaving -------------------------------------------------------------------------------------

Formula WalkEncoder::from_firewall(FirewallIndex firewall, const PacketTerm& packet, bool translate,
                                   const Way& way) {
    const FirewallPlace& place = network_.firewalls().at(firewall);
    if (place.subnet == kNoIndex) {
        return end_unknown({}, network_.about(FactKey::missing_resource, place.subnet_id.text()),
                           Topic::outcome(packet.dst), packet, way);
    }
    Emitter emitter;
    emitter.subnet = place.subnet;
    emitter.forwarded = true;
    emitter.firewall = firewall;
    emitter.translate = translate;
    return route(emitter, packet, way);
}

/// match:  a firewall's route leads to the internet
/// result: with one of its public addresses; a source that is not translated finds no way back
///         [FW-32]; other protocols than TCP and UDP are not sure to be translated        [FW-15]
Formula WalkEncoder::leave_firewall(const Emitter& emitter, const PacketTerm& packet,
                                    const Way& way) {
    const FirewallPlace& place = network_.firewalls().at(emitter.firewall);
    const ResourceId& id = place.firewall->header.id;
    const AddressSet own = of_family(place.exit.addresses, packet.dst.family);
    if (!emitter.translate || (own.empty() && place.exit.all_known)) {
        return false;
    }
    std::vector<AddressTerm> sources;
    if (!own.empty() && place.exit.all_known) {
        for (const auto& range : own.v4.ranges()) {
            for (std::uint64_t a = range.first; a <= range.last && sources.size() < kMostSources;
                 ++a) {
                sources.push_back(terms_.constant(Address::v4(static_cast<std::uint32_t>(a))));
            }
        }
        if (sources.empty()) {
            sources.push_back(terms_.constant(*own.smallest()));
        }
    } else {
        sources.push_back(
            facts_.unknown_address(network_.about(FactKey::unread_neighbour, id.text()),
                                   packet.dst.family, Edges::internet_space()));
    }
    Topic protocol;
    protocol.kind = Topic::Kind::method;
    const Formula carried =
        terms_.in(packet.service, ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp)) ||
        facts_.holds(network_.about(FactKey::unmodelled, id.text()), protocol);
    Way after = way;
    after.devices.back().translates = true;
    return carried && outside(emitter, sources, packet, after);
}

// --- replies -------------------------------------------------------------------------------------

/// match:  the reply has come to an address that a firewall of the request showed
/// result: on towards the source before it, unless other devices were on this leg than on that of
/// the
///         request                                                                      [FW-42]
std::vector<WalkEncoder::Alternative> WalkEncoder::reply_at_firewall(const PacketTerm& packet,
                                                                     VnetIndex vnet,
                                                                     const Way& way) {
    std::vector<Alternative> result;
    const std::vector<Device>& devices = way.request->way->devices;
    for (std::size_t i = std::min(way.undone, devices.size()); i > 0; --i) {
        const Device& device = devices[i - 1];
        if (!way.crossings.empty() && way.crossings.back() == i) {
            break;  // it has shown a public address: by the internet only               [R60]
        }
        if ((device.key & kFirewallDevice) == 0 || !device.source_shown ||
            network_.firewalls().at(device.key & ~kFirewallDevice).vnet != vnet) {
            continue;
        }
        const Formula here = terms_.equal(packet.dst, *device.source_shown);
        if (here.is(false)) {
            continue;
        }
        std::set<std::uint32_t> asked;
        for (std::size_t k = i; k < std::min(way.undone, devices.size()); ++k) {
            asked.insert(devices[k].key);
        }
        const std::set<std::uint32_t> met(
            way.back.begin() + static_cast<std::ptrdiff_t>(std::min(way.leg, way.back.size())),
            way.back.end());
        Formula outcome = reply_from_device(i, packet, way);
        if (asked != met) {
            outcome = if_then_else(facts_.contested(FactKey::stateful_asymmetry_drops), lost(way),
                                   outcome);
        }
        result.push_back({here, outcome});
    }
    return result;
}

/// match:  a reply that a firewall hands on to the internet
/// result: to the client of a NAT rule; else nobody there has asked                       [FW-43]
Formula WalkEncoder::reply_leaves_firewall(FirewallIndex firewall, const PacketTerm& packet,
                                           const Way& way) {
    const std::vector<Device>& devices = way.request->way->devices;
    const bool home = way.undone < devices.size() && devices[way.undone].from_outside &&
                      devices[way.undone].key == (kFirewallDevice | firewall);
    if (home && !way.crossings.empty() && way.crossings.back() == way.undone) {
        Way back = way;
        back.crossings.pop_back();
        return reply_from_device(way.undone, packet, back);
    }
    if (!leg_from_outside(way)) {
        return lost(way);  // nobody there has asked
    }
    if (home) {
        return returned();
    }
    return if_then_else(facts_.contested(FactKey::stateful_asymmetry_drops), lost(way), returned());
}

}  // namespace azreach::solver
