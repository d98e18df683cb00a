// Where packets start and how a walk ends.
#include "src/engine/walk_parts.hpp"

namespace azreach {

namespace walk_parts {

By by_rule(const FilterList& list, const FilterRule& rule) {
    if (rule.rule == nullptr) {
        return {rule.stands_for, std::string(rule.stands_for.name()), std::nullopt, false, {}};
    }
    const SecurityRule& source = *rule.rule;
    ResourceId id = source.id;
    const bool is_window = source.id.type().ends_with("jitNetworkAccessPolicies");  // E54
    if (list.kind == FilterList::Kind::security_group && !is_window) {
        id = list.owner.child(source.is_default ? "defaultSecurityRules" : "securityRules",
                              source.name);
    }
    return {id, source.name, source.priority, source.is_default, source.where};
}

By by_route(const EffectiveRouteEntry& entry) {
    By by{entry.by, entry.name, std::nullopt, entry.route == nullptr, {}};
    if (entry.route != nullptr) {
        by.where = entry.route->where;
    }
    return by;
}

Reason route_reason(const EffectiveRouteEntry& entry) {
    switch (entry.origin) {
        case EffectiveRouteEntry::Origin::user:
            return Reason::route_udr;
        case EffectiveRouteEntry::Origin::bgp:
            return Reason::route_bgp_assumed;
        default:
            return Reason::route_system;
    }
}

bool is_host_address(const Address& address) {
    return address == Address::v4(0xA83F8110U) ||  // 168.63.129.16
           address == Address::v4(0xA9FEA9FEU);    // 169.254.169.254
}

bool names_tag(const FilterRule& rule, const std::string& tag) {
    return rule.rule != nullptr &&
           std::any_of(rule.rule->destination.tags.begin(), rule.rule->destination.tags.end(),
                       [&](const std::string& t) { return equal_ignoring_case(t, tag); });
}

}  // namespace walk_parts

using namespace walk_parts;

namespace {

HopKind kind_of_drop(Reason reason) {
    switch (reason) {
        case Reason::lb_no_rule:
        case Reason::lb_no_backend:
            return HopKind::load_balancer;
        case Reason::no_public_ip:
            return HopKind::nat;
        case Reason::peering_missing:
        case Reason::peering_not_connected:
            return HopKind::peering;
        case Reason::route_none:
        case Reason::route_loop:
            return HopKind::route;
        case Reason::pe_not_approved:
            return HopKind::private_endpoint;
        default:
            return HopKind::deliver;
    }
}

}  // namespace

void Walker::end(bool delivered, std::string at, Reason reason, By by) {
    ended_ = true;
    if (way_ == Way::reply) {
        reply_delivered_ = delivered;
        if (!delivered) {
            hop(HopKind::deliver, ResourceId(at), HopDecision::drop, std::move(by), reason);
        }
        return;
    }
    if (delivered && target_ != nullptr && !at_service_) {  // somebody else has the address here
        delivered = false;
        reason = Reason::no_such_address;
    }
    // A path ends with what became of the packet.
    const bool said = !walk_.path.empty() && (walk_.path.back().decision == HopDecision::deny ||
                                              walk_.path.back().decision == HopDecision::drop ||
                                              walk_.path.back().decision == HopDecision::unknown);
    if (!delivered && !said) {
        hop(kind_of_drop(reason), ResourceId(at), HopDecision::drop, by, reason);
    }
    walk_.delivered = delivered;
    walk_.at = std::move(at);
    walk_.reason = reason;
    walk_.by = std::move(by);
}

void Walker::end_unknown(const Guard& facts, std::string at, World::Salt salt) {
    const Fact fact = facts.empty() ? network_.about(FactKey::unmodelled, at) : facts.front().fact;
    const bool delivered = world_.holds(fact, salt ^ kOutcomeSalt);
    hop(HopKind::deliver, ResourceId(at), HopDecision::unknown, {}, Reason::gap, {},
        network_.facts().name(fact));
    unread_end_ = fact;
    if (target_ != nullptr && way_ == Way::request && delivered) {
        Packet somehow = sent_;
        somehow.dst = aim_;
        admit_unseen(somehow);
        return;
    }
    end(delivered, std::move(at), delivered ? Reason::delivered : Reason::gap);
}

void Walker::hop(HopKind kind, const ResourceId& at, HopDecision decision, By by, Reason reason,
                 std::optional<Direction> direction, std::string note) {
    Hop result;
    result.kind = kind;
    result.at = at;
    result.at_name = std::string(at.name());
    result.direction = direction;
    result.decision = decision;
    result.by = std::move(by);
    result.reason = reason;
    result.note = std::move(note);
    (way_ == Way::reply ? walk_.return_path : walk_.path).push_back(std::move(result));
}

bool Walker::seen(std::uint32_t emitter, const Packet& packet) {
    const State state{emitter, packet};
    if (++depth_ > kMaxDevices ||
        std::find(states_.begin(), states_.end(), state) != states_.end()) {
        return true;
    }
    states_.push_back(state);
    return false;
}

bool Walker::contested(FactKey key) {
    const std::optional<bool> closed = network_.assumptions().value(key);
    return closed ? *closed : world_.holds(Fact{key, 0}, 0);
}

Walk Walker::run(const Origin& from, const Packet& packet) {
    origin_ = from;
    sent_ = packet;
    start(from, packet);
    ensures(ended_, "every walk ends");
    if (walk_.delivered && options_.reply && !force_) {
        reply();
    }
    for (const World::Answer& answer : world_.answers()) {
        if (!answer.is_choice) {
            walk_.facts.push_back({answer.fact, answer.value != 0});
        }
    }
    return std::move(walk_);
}

void Walker::start(const Origin& from, Packet packet) {
    walk_.final_packet = packet;
    if (std::holds_alternative<Internet>(from)) {
        if (!Edges::internet_space().contains(packet.src)) {
            end(false, "internet", Reason::spoofed_source);
            return;
        }
        enter_public(packet, true, kNoIndex);
        return;
    }
    if (std::holds_alternative<OnPremises>(from)) {
        from_onprem(packet, ResourceId{});
        return;
    }
    const ConfigIndex config = std::get<ConfigIndex>(from);
    const ConfigPlace& place = network_.configurations()[config];
    const ResourceId& nic = place.interface->header.id;
    if (place.endpoint != nullptr) {
        end(false, place.endpoint->header.id.text(), Reason::spoofed_source);  // R39 [PE-5]
        return;
    }
    // The packet leaves the configuration that has its source, when the NIC has several.
    sender_ = config;
    bool own = false;
    bool some_unknown = false;
    for (const ConfigIndex other : network_.configurations_of(nic)) {
        const std::optional<Address>& address =
            network_.configurations()[other].configuration->address;
        if (!address) {
            some_unknown = true;
        } else if (*address == packet.src) {
            own = true;
            sender_ = other;
        }
    }
    if (!own && !place.interface->ip_forwarding) {
        if (some_unknown && place.subnet != kNoIndex &&
            !world_.holds(network_.about(FactKey::unknown_instance,
                                         network_.subnets()[place.subnet].subnet->header.id.text()),
                          World::salt_of(packet.src))) {
            end(false, nic.text(), Reason::spoofed_source);
            return;
        }
        if (!some_unknown) {
            end(false, nic.text(), Reason::spoofed_source);
            return;
        }
    }
    emit(sender_, packet, !own);
}

}  // namespace azreach
