// The set walk through Azure Firewalls: the passes of models/network/firewall_rules.hpp for
// rectangles of packets. The network and application passes are filter indexes, so that a symbolic
// walk leaves them as nodes; NAT rules cut the region one by one.
#include <algorithm>

#include "src/engine/reachability_firewall_index.hpp"
#include "src/engine/reachability_walk_parts.hpp"

namespace azreach {

namespace {

Bounds<AddressSet> bounds_of(const AddressParts& parts) {
    Bounds<AddressSet> result;
    for (const Guarded<AddressSet>* part : parts) {
        result.may |= part->set;
        if (part->when.empty()) {
            result.must |= part->set;
        }
    }
    return result;
}

}  // namespace

Cells SetWalk::to_firewall(FirewallIndex firewall, const Region& region, bool from_outside,
                           const Way& way) {
    const FirewallPlace& place = network_.firewalls().at(firewall);
    const std::uint32_t key = kFirewallDevice | firewall;
    if (!from_outside) {  // its own addresses apart
        AddressSet addresses;
        for (const Address& address : place.addresses) {
            addresses |= AddressSet::single(address);
        }
        const AddressSet own = region.dst & addresses;
        if (!own.empty() && own != region.dst) {
            Region part = region;
            part.dst = own;
            Cells cells = to_firewall(firewall, part, false, way);
            part.dst = region.dst - own;
            append(cells, to_firewall(firewall, part, false, way));
            return cells;
        }
    }
    if (way.reply() && way.request->way->start == Start::firewall &&
        way.request->way->firewall == firewall && region.dst.intersects(place.shown)) {
        Region part = region;  // what it has shown comes back to it
        part.dst &= place.shown;
        Cells cells = reply_ended(part, way);
        part.dst = region.dst - place.shown;
        if (!part.dst.empty()) {
            append(cells, to_firewall(firewall, part, false, way));
        }
        return cells;
    }
    const bool own =
        from_outside || std::any_of(place.addresses.begin(), place.addresses.end(),
                                    [&](const Address& a) { return region.dst.contains(a); });
    Way visited = way;
    if (seen(visited, key) ||
        !pass(visited, [&](const Waypoints& w) { return w.has_firewall(firewall); })) {
        return {};
    }
    if (way.reply()) {
        if (own) {
            return {};
        }
        if (lists(way.request->way->devices, key)) {  // FW-22
            visited.devices.push_back(key);
            return from_firewall(firewall, region, false, visited);
        }
    }
    if (!place.carries(family_of(region.dst))) {
        return {};  // FW-45
    }
    const CompiledFirewall& compiled = network_.firewalls().rules(firewall);
    if (!compiled.unread.empty()) {
        return unknown(region, visited);
    }
    const std::vector<FirewallChains>& chains = filters_.firewall(firewall);
    Cells result;
    for (std::size_t i = compiled.alternatives.size(); i-- > 0;) {
        const FirewallRules& rules = compiled.alternatives[i];
        Cells cells =
            by_firewall_rules(firewall, rules, chains[i], region, own, from_outside, visited);
        result = rules.when.empty() ? std::move(cells)
                                    : algebra_.either_fact(std::move(cells), std::move(result));
    }
    return result;
}

Cells SetWalk::by_firewall_rules(FirewallIndex firewall, const FirewallRules& rules,
                                 const FirewallChains& chains, const Region& region, bool own,
                                 bool from_outside, const Way& way) {
    const auto may_block = [&](bool denies, FactKey fact) {
        return denies && !way.reply() ? tri(fact) : Tri::no;
    };
    const Tri intel = may_block(rules.threat_intel_denies, FactKey::threat_intel);
    const Tri idps = may_block(rules.idps_denies, FactKey::idps);
    if (intel == Tri::no && idps == Tri::no) {
        return by_nat(firewall, rules, chains, 0, 0, region, own, from_outside, way);
    }
    // FW-19: what the allowlist exempts, and the rest.
    Cells result;
    Region rest = region;
    const auto exempt = [&](AddressSet Region::*side) {
        Region part = rest;
        part.*side &= rules.never_blocked;
        if (!(part.*side).empty()) {
            append(result, by_nat(firewall, rules, chains, 0, 0, part, own, from_outside, way));
            rest.*side -= rules.never_blocked;
        }
    };
    exempt(&Region::src);
    exempt(&Region::dst);
    if (rest.src.empty() || rest.dst.empty() || intel == Tri::yes || idps == Tri::yes) {
        return result;
    }
    Cells cells = by_nat(firewall, rules, chains, 0, 0, rest, own, from_outside, way);
    algebra_.weaken(cells);
    append(result, std::move(cells));
    return result;
}

/// The NAT rules from `next` on: what each may take of the region, and what is left to the filters.
/// `doubts` counts the rules above that may or may not have taken it.                     [FW-3]
Cells SetWalk::by_nat(FirewallIndex firewall, const FirewallRules& rules,
                      const FirewallChains& chains, std::size_t next, std::size_t doubts,
                      const Region& region, bool own, bool from_outside, const Way& way) {
    constexpr std::size_t kMostDoubts = 64;
    if (way.reply() || region.dst.empty() || family_of(region.dst) != Family::v4) {
        return past_nat(firewall, rules, chains, region, own, from_outside, way);
    }
    if (doubts > kMostDoubts) {
        return anything(region, way);
    }
    Cells result;
    std::vector<std::pair<Region, std::size_t>> left;  // and the rule to go on with
    const auto leave = [&](Region part, std::size_t rule) {
        if (!part.src.empty() && !part.dst.empty() && part.services != kNoService) {
            left.emplace_back(std::move(part), rule);
        }
    };
    leave(region, next);
    while (!left.empty()) {
        auto [piece, i] = std::move(left.back());
        left.pop_back();
        const NatMatch* nat = nullptr;
        NatBounds bounds;
        for (; i < rules.nat.size() && nat == nullptr; ++i) {
            if (rules.nat[i].transit) {
                continue;  // among the filters
            }
            bounds = nat_bounds(rules.nat[i].match);
            bounds.services_may = pool_.intersect(piece.services, bounds.services_may);
            if (bounds.services_may != kNoService && bounds.source.may.intersects(piece.src) &&
                bounds.destination.may.intersects(piece.dst)) {
                nat = &rules.nat[i];
            }
        }
        if (nat == nullptr) {
            append(result, past_nat(firewall, rules, chains, piece, own, from_outside, way));
            continue;
        }
        if (algebra_.symbolic()) {  // pair by pair
            Cells cells = delivered(piece, {}, way);
            for (Cell& cell : cells) {
                cell.packets = cell.sessions = Fate::all(algebra_.expressions().opaque());
            }
            append(result, std::move(cells));
            continue;
        }
        Region inside = piece;
        Region beside = piece;
        beside.dst -= bounds.destination.may;
        leave(beside, i);
        inside.dst &= bounds.destination.may;
        beside = inside;
        beside.services = pool_.subtract(piece.services, bounds.services_may);
        leave(beside, i);
        inside.services = bounds.services_may;
        beside = inside;
        beside.src -= bounds.source.may;
        leave(beside, i);
        inside.src &= bounds.source.may;
        // Surely taken, or perhaps.
        Region sure = inside;
        if (nat->match.when.empty()) {
            sure.src &= bounds.source.must;
            sure.dst &= bounds.destination.must;
            sure.services = pool_.intersect(inside.services, bounds.services_must);
        } else {
            sure.src = {};
        }
        const auto perhaps = [&](const Region& part) {
            if (!part.src.empty() && !part.dst.empty() && part.services != kNoService) {
                append(result, algebra_.either_fact(
                                   translated_by_firewall(firewall, *nat, chains, part, way),
                                   by_nat(firewall, rules, chains, i, doubts + 1, part, own,
                                          from_outside, way)));
            }
        };
        if (sure.src.empty() || sure.dst.empty() || sure.services == kNoService) {
            perhaps(inside);
            continue;
        }
        append(result, translated_by_firewall(firewall, *nat, chains, sure, way));
        beside = inside;
        beside.dst -= sure.dst;
        perhaps(beside);
        beside = inside;
        beside.dst = sure.dst;
        beside.services = pool_.subtract(inside.services, sure.services);
        perhaps(beside);
        beside = sure;
        beside.src = inside.src - sure.src;
        perhaps(beside);
    }
    return result;
}

/// It may arrive, whatever becomes of its ports on the way.
Cells SetWalk::anything(const Region& region, const Way& way) {
    const Region whole{region.src, region.dst, kEveryService};
    Cells cells = way.question->paas != nullptr && !way.reply()
                      ? admitted_unseen(whole, perhaps_passed(way))
                      : delivered(whole, {}, perhaps_passed(way));
    for (Cell& cell : cells) {
        cell.packets = cell.sessions = algebra_.weakened(algebra_.all(region.services));
        cell.ports.kind = PortMap::Kind::mixed;
    }
    return cells;
}

SetWalk::NatBounds SetWalk::nat_bounds(const FirewallMatch& match) {
    const Bounds<ServiceSet> services = azreach::bounds_of(*match.service);
    return {bounds_of(match.source), bounds_of(match.destination), pool_.intern(services.must),
            pool_.intern(services.may)};
}

/// One NAT rule: the destination changes, the source is the firewall's.           [FW-8] [FW-35]
Cells SetWalk::translated_by_firewall(FirewallIndex firewall, const NatMatch& nat,
                                      const FirewallChains& chains, const Region& region,
                                      const Way& way) {
    if (nat.unknown_target) {
        return unknown(region, way);
    }
    static const ServiceSet kPorted = ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp);
    const ServiceId ported = pool_.intersect(region.services, pool_.intern(kPorted));
    if (nat.to_port && ported != region.services) {
        NatMatch kept = nat;
        kept.to_port.reset();
        Region others = region;
        others.services = pool_.subtract(region.services, ported);
        Cells cells = translated_by_firewall(firewall, kept, chains, others, way);
        if (ported != kNoService) {
            others.services = ported;
            append(cells, translated_by_firewall(firewall, nat, chains, others, way));
        }
        return cells;
    }
    const AddressSet target = AddressSet::single(*nat.to);
    const ServiceId sent_on =
        nat.to_port ? pool_.with_destination_port(region.services, *nat.to_port) : region.services;
    Way inner = way;
    inner.version = version_of(*nat.to, sent_on);
    Cells cells = from_firewall(firewall, {region.src, target, sent_on}, true, inner, true);
    if (chains.not_denied.admin != nullptr) {
        Cells passed = cells;
        switch (tri(FactKey::dnat_ignores_network_deny)) {
            case Tri::yes:
                break;
            case Tri::no:
                filter(cells, chains.not_denied, nullptr, false, way);
                break;
            case Tri::open:
                filter(passed, chains.not_denied, nullptr, false, way);
                cells = algebra_.either_fact(std::move(cells), std::move(passed));
                break;
        }
    }
    for (Cell& cell : cells) {
        cell.dst = region.dst;
        if (nat.to_port) {
            for (Fate* fate : {&cell.packets, &cell.sessions}) {
                for (ServiceId& set : fate->sets) {
                    set = pool_.before_destination_port(set, *nat.to_port, region.services);
                }
            }
            if (cell.ports.kind == PortMap::Kind::kept) {
                cell.ports = {PortMap::Kind::to_port, *nat.to_port};
            }
        }
    }
    std::erase_if(cells, [](const Cell& cell) { return cell.packets.empty(); });
    if (way.question->sessions && !cells.empty()) {  // in the coordinates as sent
        Way request = way;
        request.devices.push_back(kFirewallDevice | firewall);
        cells =
            with_sessions(std::move(cells),
                          reply_from_firewall(firewall, region.dst, region.src, request), false);
    }
    return cells;
}

Cells SetWalk::past_nat(FirewallIndex firewall, const FirewallRules& rules,
                        const FirewallChains& chains, const Region& region, bool own,
                        bool from_outside, const Way& way) {
    if (own) {
        if (from_outside || !way.question->counts_elsewhere()) {
            return {};  // FW-10
        }
        Region here = region;
        here.services = pool_.intersect(region.services, pool_.intern(rules.listens));
        return delivered(here, {}, way);
    }
    Cells result;
    const auto through = [&](Cells cells, const FilterIndexes::Chain& chain) {
        filter(cells, chain, nullptr, false, way);
        append(result, std::move(cells));
    };
    if (way.reply()) {  // a new packet for it, and nothing is translated
        Way onward = way;
        onward.devices.push_back(kFirewallDevice | firewall);
        const Cells cells = from_firewall(firewall, region, false, onward);
        through(cells, chains.network);
        if (family_of(region.dst) == Family::v4) {
            for (const FilterIndexes::Chain& chain : chains.application) {
                through(cells, chain);
            }
        }
        return result;
    }
    // FW-32: destinations whose packets keep their source.
    const Bounds<AddressSet> kept = azreach::bounds_of(rules.keeps_source);
    const auto onward = [&](const AddressSet& dst, bool translate) {
        Region part = region;
        part.dst = dst;
        return dst.empty() ? Cells{} : from_firewall(firewall, part, translate, way);
    };
    if (passes_some(chains.network, region)) {
        through(onward(region.dst & kept.must, false), chains.network);
        through(onward(region.dst - kept.may, true), chains.network);
        const AddressSet unsure = (region.dst & kept.may) - kept.must;
        if (!unsure.empty()) {
            through(algebra_.either_fact(onward(unsure, false), onward(unsure, true)),
                    chains.network);
        }
    }
    // FW-9, FW-34: always translated.
    std::vector<const FilterIndexes::Chain*> others;
    if (chains.has_transit && passes_some(chains.transit, region)) {
        others.push_back(&chains.transit);
    }
    for (const FilterIndexes::Chain& chain : chains.application) {
        if (family_of(region.dst) == Family::v4 && passes_some(chain, region)) {
            others.push_back(&chain);
        }
    }
    if (!others.empty()) {
        const Cells translated = onward(region.dst, true);
        for (const FilterIndexes::Chain* chain : others) {
            through(translated, *chain);
        }
    }
    return result;
}

/// False: the chain surely takes nothing of the region. A symbolic walk does not look.
bool SetWalk::passes_some(const FilterIndexes::Chain& chain, const Region& region) {
    if (algebra_.symbolic()) {
        return true;
    }
    for (const FilterIndex* index : {chain.admin, chain.first}) {
        if (index == nullptr) {
            continue;
        }
        const auto sources = index->sources().split(region.src);
        const auto destinations = index->destinations().split(region.dst);
        const bool some = std::any_of(sources.begin(), sources.end(), [&](const auto& source) {
            return std::any_of(
                destinations.begin(), destinations.end(), [&](const auto& destination) {
                    const FilterCell& cell = index->cell(source.first, destination.first);
                    return pool_.intersect(cell.open_may, region.services) != kNoService;
                });
        });
        if (!some) {
            return false;
        }
    }
    return true;
}

// --- leaving -------------------------------------------------------------------------------------

/// `way` of a request does not yet hold the firewall.
Cells SetWalk::from_firewall(FirewallIndex firewall, const Region& region, bool translate,
                             const Way& way, bool answered) {
    const FirewallPlace& place = network_.firewalls().at(firewall);
    Way onward = way;
    if (!way.reply()) {
        onward.devices.push_back(kFirewallDevice | firewall);
    }
    Emitter emitter;
    emitter.subnet = place.subnet;
    emitter.forwarded = true;
    emitter.firewall = firewall;
    emitter.translate = translate;
    emitter.answered = answered;
    return route(emitter, region, onward);
}

/// The packets go on with a source of the firewall's subnet; which one is not known. [FW-33]
/// [FW-35]
Cells SetWalk::shown_by_firewall(const Emitter& emitter, const EffectiveRouteEntry& entry,
                                 const Region& region, const Way& way) {
    const FirewallPlace& place = network_.firewalls().at(emitter.firewall);
    const Family family = family_of(region.dst);
    Emitter onward = emitter;
    onward.translate = onward.forwarded = false;
    onward.answered = true;
    Way leg;
    leg.question = way.question;
    leg.passed = way.passed;
    leg.start = Start::firewall;
    leg.firewall = emitter.firewall;
    leg.visits = way.visits;
    leg.version = way.version;
    leg.source = kFirewallDevice | emitter.firewall;
    leg.from_onprem = way.from_onprem;
    Cells cells;
    if (algebra_.symbolic()) {  // filters see one address: each of those that differ
        bool first = true;
        for (const Address& sample : place.shown_samples) {
            if (sample.family != family) {
                continue;
            }
            leg.shown_source = sample;
            Cells sent = hand_on(onward, entry,
                                 {AddressSet::single(sample), region.dst, region.services}, leg);
            for (Cell& cell : sent) {
                cell.src = region.src;
            }
            cells =
                first ? std::move(sent) : algebra_.either_fact(std::move(cells), std::move(sent));
            first = false;
        }
    } else {
        const AddressSet shown = of_family(place.shown, family);
        cells = algebra_.collapsed_sources(
            hand_on(onward, entry, {shown, region.dst, region.services}, leg), shown, region.src,
            false);
    }
    if (way.question->sessions && !emitter.answered && !cells.empty()) {
        cells = with_sessions(std::move(cells),
                              reply_from_firewall(emitter.firewall, region.dst, region.src, way),
                              false);
    }
    return cells;
}

Cells SetWalk::leave_firewall(const Emitter& emitter, const Region& region, const Way& way_before) {
    if (way_before.reply() || !emitter.translate) {
        return {};  // nobody there has asked; or a source that finds no way back [FW-32]
    }
    const FirewallPlace& place = network_.firewalls().at(emitter.firewall);
    Way way = way_before;
    if (!pass(way, [&](const Waypoints& w) { return w.has(place.exit.by); })) {
        return {};
    }
    const Family family = family_of(region.dst);
    AddressSet seen_as = of_family(place.exit.addresses, family);
    if (seen_as.empty() && place.exit.all_known) {
        return {};
    }
    const bool known = !seen_as.empty() && place.exit.all_known;
    if (!known) {
        seen_as = of_family(Edges::internet_space(), family);
    }
    // FW-15: other protocols are not sure to be translated.
    static const ServiceSet kPorted = ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp);
    const auto answered = [&](Cells cells, const Region& part) {
        return way.question->sessions && !emitter.answered && !cells.empty()
                   ? with_sessions(std::move(cells),
                                   reply_from_firewall(emitter.firewall, part.dst, part.src, way),
                                   false)
                   : cells;
    };
    if (way.question->paas != nullptr) {
        Entrance entrance;
        entrance.kind = Entrance::Kind::azure;
        entrance.region = region_of(place.subnet);
        Cells cells = algebra_.collapsed_sources(
            admitted({seen_as, region.dst, region.services}, entrance, way), seen_as, region.src,
            known);
        algebra_.restrict(cells, pool_.intern(kPorted), kEveryService);
        return answered(std::move(cells), region);
    }
    public_space();
    Cells result;
    Region away = region;
    away.dst = (away.dst & Edges::internet_space()) - public_addresses_;
    if (way.question->counts_elsewhere() && !away.dst.empty()) {
        append(result, answered(delivered(away, {EndPlace::Kind::internet, 0}, way), away));
    }
    if (region.dst.intersects(public_addresses_)) {
        for (const auto& [addresses, entry] : public_space()) {
            Region piece = region;
            piece.dst &= addresses;
            if (piece.dst.empty()) {
                continue;
            }
            Way onward;
            onward.question = way.question;
            onward.passed = way.passed;
            onward.start = Start::outside;
            onward.visits = way.visits;
            onward.version = way.version;
            onward.source = kOutsideSource | kFirewallDevice | emitter.firewall;
            Cells cells =
                translate(entry->ways, {seen_as, piece.dst, piece.services}, true, nullptr, onward);
            cells = algebra_.collapsed_sources(std::move(cells), seen_as, piece.src, known);
            if (!known) {
                algebra_.weaken(cells);
            }
            append(result, answered(std::move(cells), piece));
        }
    }
    algebra_.restrict(result, pool_.intern(kPorted), kEveryService);
    return result;
}

/// The reply has come back to the firewall: on towards the source before it.
Cells SetWalk::reply_from_firewall(FirewallIndex firewall, const AddressSet& from,
                                   const AddressSet& to, const Way& request_way) {
    const Request request{&request_way, kNoIndex};
    Way way;
    way.question = request_way.question;
    way.request = &request;
    way.devices = {kFirewallDevice | firewall};
    return from_firewall(firewall, {from, to, kEveryService}, false, way);
}

}  // namespace azreach
