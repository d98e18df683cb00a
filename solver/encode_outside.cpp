// Leaving to the internet, and entering from it.
#include <algorithm>

#include "solver/encode_walk.hpp"

namespace azreach::solver {

namespace {

constexpr std::size_t kMostSources = 16;  // of one way out, told apart by a receiver's filters

bool same_methods(const std::vector<OutboundMethod>& x, const std::vector<OutboundMethod>& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const OutboundMethod& a, const OutboundMethod& b) {
                          return a.kind == b.kind && a.by == b.by && a.services == b.services &&
                                 a.source_addresses == b.source_addresses && a.when == b.when &&
                                 std::equal(a.destinations.begin(), a.destinations.end(),
                                            b.destinations.begin(), b.destinations.end(),
                                            [](const auto& p, const auto& q) {
                                                return p.when == q.when && p.set == q.set;
                                            });
                      });
}

std::vector<Address> first_addresses(const AddressSet& set, Family family) {
    std::vector<Address> result;
    const AddressSet own = of_family(set, family);
    for (const auto& range : own.v4.ranges()) {
        for (std::uint64_t a = range.first; a <= range.last && result.size() < kMostSources; ++a) {
            result.push_back(Address::v4(static_cast<std::uint32_t>(a)));
        }
    }
    if (result.empty()) {
        if (const auto first = own.smallest()) {
            result.push_back(*first);
        }
    }
    return result;
}

}  // namespace

/// Public entries, hosts before the prefixes that hold them.
const std::vector<std::pair<AddressSet, const Edges::PublicEntry*>>& WalkEncoder::public_space() {
    if (!public_ready_) {
        public_ready_ = true;
        for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
            if (!entry.addresses.empty()) {
                public_space_.emplace_back(entry.addresses, &entry);
            }
        }
        std::stable_sort(
            public_space_.begin(), public_space_.end(),
            [](const auto& x, const auto& y) { return x.first.count() < y.first.count(); });
    }
    return public_space_;
}

/// match:  next hop Internet
/// result: a request leaves by the first way out that carries it. A reply leaves by the address to
///         which its request came; by another NIC it has lost its state       [R60] [R62]
Formula WalkEncoder::leave(const Emitter& emitter, const PacketTerm& packet, const Way& way) {
    if (emitter.firewall != kNoIndex) {
        return way.request != nullptr ? reply_leaves_firewall(emitter.firewall, packet, way)
                                      : leave_firewall(emitter, packet, way);
    }
    if (emitter.party == nullptr) {
        return lost(way);  // a gateway does not send to the internet
    }
    if (way.request == nullptr) {
        const Formula translated =
            !emitter.forwarded || facts_.contested(FactKey::nva_forwarded_source_snat);
        if (translated.is(true)) {
            return leave_by_method(emitter, packet, way);
        }
        return if_then_else(translated, leave_by_method(emitter, packet, way),
                            outside(emitter, {packet.src}, packet, way));
    }
    const Request& request = *way.request;
    const bool crossed = !way.crossings.empty();
    Formula home =
        emitter.party == request.receiver
            ? Formula(true)
            : is_config(request.receiver, request.receiver_who, emitter.party->configs.front());
    home = home && request.from_outside;
    // To what did not come in from outside: nobody there has asked.
    const bool asked = leg_from_outside(way);
    const Formula by_another =
        !asked ? lost(way)
               : if_then_else(facts_.contested(FactKey::stateful_asymmetry_drops), lost(way),
                              returned());
    if (home.is(false)) {
        return by_another;
    }
    Formula outcome = asked ? returned() : lost(way);
    if (crossed) {
        Way back = way;
        back.crossings.pop_back();
        outcome = reply_from_device(way.crossings.back(), packet, back);
    }
    return if_then_else(home, outcome, by_another);
}

/// match:  the ways out of the emitting NIC, in order of preference                     [R51-R55]
/// result: the first that exists, carries the service and covers the destination; none: dropped
Formula WalkEncoder::leave_by_method(const Emitter& emitter, const PacketTerm& packet,
                                     const Way& way) {
    struct Alike {
        const std::vector<OutboundMethod>* methods;
        AddressSet addresses;
        ConfigIndex first;
    };
    std::vector<Alike> classes;
    for (const ConfigIndex config : emitter.party->configs) {
        const std::vector<OutboundMethod>& methods = network_.edges().outbound(config);
        auto same = std::find_if(classes.begin(), classes.end(), [&](const Alike& each) {
            return each.methods == &methods || same_methods(*each.methods, methods);
        });
        if (same == classes.end()) {
            classes.push_back({&methods, {}, config});
            same = std::prev(classes.end());
        }
        if (const auto& address = network_.configurations()[config].configuration->address) {
            same->addresses |= AddressSet::single(*address);
        }
    }
    std::vector<Formula> results;
    for (const Alike& alike : classes) {
        const Formula here =
            classes.size() == 1 ? Formula(true) : terms_.in(emitter.who, alike.addresses);
        if (here.is(false)) {
            continue;
        }
        Formula result = false;
        for (auto method = alike.methods->rbegin(); method != alike.methods->rend(); ++method) {
            std::vector<Formula> covered;
            for (const Guarded<AddressSet>& part : method->destinations) {
                const Formula inside = terms_.in(packet.dst, part.set);
                if (!inside.is(false)) {
                    covered.push_back(inside && facts_.holds(part.when, Topic::about(packet.dst)));
                }
            }
            const Formula carried = terms_.in(packet.service, method->services);
            const Formula covers = any_of(covered);
            if (carried.is(false) || covers.is(false)) {
                continue;
            }
            Topic topic;
            topic.kind = Topic::Kind::method;
            PacketTerm out = packet;
            out.service = terms_.within(packet.service, method->services);
            std::vector<AddressTerm> sources;
            for (const Address& address :
                 first_addresses(method->source_addresses, packet.dst.family)) {
                sources.push_back(terms_.constant(address));
            }
            if (sources.empty()) {  // some public address, not known
                const ResourceId& nic = network_.configurations()[alike.first].interface->header.id;
                sources.push_back(
                    facts_.unknown_address(network_.about(FactKey::unread_neighbour, nic.text()),
                                           packet.dst.family, Edges::internet_space()));
            }
            result = if_then_else(all_of({carried, covers, facts_.holds(method->when, topic)}),
                                  outside(emitter, sources, out, way), result);
        }
        results.push_back(here && result);
    }
    return any_of(results);
}

/// match:  out of the NIC, with one of these sources (chosen by the platform)
/// result: a public address of the snapshot: in again there [N45]; other internet space: delivered
Formula WalkEncoder::outside(const Emitter& emitter, const std::vector<AddressTerm>& sources,
                             const PacketTerm& packet, Way way) {
    if (aimed(packet, way)) {
        return admitted_from_outside(emitter, sources, packet, way);
    }
    Formula away = false;
    if (terms_.in(packet.dst, Edges::internet_space()).is(false)) {
        away = false;
    } else if (!goal_.targets) {
        PacketTerm sent = packet;
        sent.src = sources.front();
        away =
            all_of({terms_.in(packet.dst, Edges::internet_space()), delivered(packet, std::nullopt),
                    goal_.end == Goal::End::arrives ? Formula(true)
                                                    : answer_from_internet(emitter, sent, way)});
    }
    Formula result = away;
    const auto& space = public_space();
    for (auto each = space.rbegin(); each != space.rend(); ++each) {
        const Formula here = terms_.in(packet.dst, each->first);
        if (here.is(false)) {
            continue;
        }
        Way inward = way;
        inward.crossings.push_back(way.devices.size());
        std::vector<Alternative> alternatives;
        for (const AddressTerm& source : sources) {
            PacketTerm entering = packet;
            entering.src = source;
            entering.dst = terms_.within(packet.dst, each->first);
            alternatives.push_back(
                {true, each->second->ways.empty()
                           ? Formula(false)
                           : translate(each->second->ways, entering, true, emitter, inward)});
        }
        result = if_then_else(here, choose(alternatives, false), result);
    }
    return result;
}

/// match:  from the internet to `dst`
/// result: by the public entry of `dst`; other internet space never enters: delivered there
Formula WalkEncoder::enter_public(const Emitter& emitter, const PacketTerm& packet,
                                  const Way& way) {
    if (aimed(packet, way)) {
        return admitted(packet, {}) && session_of(true);
    }
    Formula result = false;
    if (!goal_.targets) {
        result = all_of({terms_.in(packet.dst, Edges::internet_space()),
                         delivered(packet, std::nullopt), session_of(true)});
    }
    const auto& space = public_space();
    for (auto each = space.rbegin(); each != space.rend(); ++each) {
        const Formula here = terms_.in(packet.dst, each->first);
        if (here.is(false)) {
            continue;
        }
        PacketTerm entering = packet;
        entering.dst = terms_.within(packet.dst, each->first);
        const Formula inside = each->second->ways.empty()
                                   ? Formula(false)
                                   : translate(each->second->ways, entering, true, emitter, way);
        result = if_then_else(here, inside, result);
    }
    return result;
}

}  // namespace azreach::solver
