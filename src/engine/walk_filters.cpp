// The walk at a filter chain: which rule of which list decides.
#include "src/engine/walk_parts.hpp"
#include "src/engine/walk_why.hpp"

namespace azreach {

using namespace walk_parts;

bool Walker::in(const GuardedAddresses& parts, const Address& address, World::Salt extra) {
    for (const Guarded<AddressSet>& part : parts) {
        if (part.when.empty() && part.set.contains(address)) {
            return true;
        }
    }
    return std::any_of(parts.begin(), parts.end(), [&](const Guarded<AddressSet>& part) {
        return !part.when.empty() && part.set.contains(address) &&
               world_.holds(part.when, World::salt_of(address) ^ extra);
    });
}

bool Walker::in(const GuardedServices& parts, const Service& service, bool ignore_source_port) {
    const auto contains = [&](const ServiceSet& set) {
        if (ignore_source_port && has_ports(service.protocol)) {
            return set.with_any_source_port().contains(service);
        }
        return set.contains(service);
    };
    for (const Guarded<ServiceSet>& part : parts) {
        if (part.when.empty() && contains(part.set)) {
            return true;
        }
    }
    return std::any_of(parts.begin(), parts.end(), [&](const Guarded<ServiceSet>& part) {
        return !part.when.empty() && contains(part.set) && world_.holds(part.when, 1);
    });
}

bool Walker::matches(const FilterRule& rule, const Packet& packet, bool ignore_source_port) {
    const auto may_contain = [](const auto& parts, const auto& value) {
        return std::any_of(parts.begin(), parts.end(),
                           [&](const auto& part) { return part.set.contains(value); });
    };
    // No fact is asked before every field may match.
    if (!may_contain(rule.source, packet.src) ||
        (!ignore_source_port && !may_contain(rule.service, packet.service))) {
        return false;
    }
    observe(rule.destination, packet);
    if (!may_contain(rule.destination, packet.dst)) {
        return false;
    }
    return in(rule.service, packet.service, ignore_source_port) && in(rule.source, packet.src, 0) &&
           in(rule.destination, packet.dst, 0);
}

bool Walker::filter_list(const FilterList& list, const Packet& packet, bool ignore_source_port,
                         const FilterRule*& decider) {
    const World::Salt salt = list.direction == Direction::inbound ? kInboundSalt : kOutboundSalt;
    std::vector<Considered> considered;
    decider = nullptr;
    for (const FilterRule& rule : list.rules) {
        const bool hit = decider == nullptr && matches(rule, packet, ignore_source_port) &&
                         world_.holds(rule.when, salt ^ list.association.hash());
        if (hit) {
            decider = &rule;
            if (!options_.considered) {
                break;
            }
        }
        if (options_.considered && rule.rule != nullptr) {
            Considered item{rule.rule->name, rule.rule->priority, "match", ""};
            if (!hit && decider != nullptr) {
                item.outcome = "shadowed";
                item.why = "an earlier rule decided";
            } else if (!hit) {
                item.outcome = "no-match";
                item.why = why_not(rule, packet, ignore_source_port).text;
            }
            considered.push_back(std::move(item));
        }
    }
    const bool admin = list.kind == FilterList::Kind::admin_rules;
    if (decider == nullptr) {
        if (admin) {
            return true;
        }
        // N22: a protocol that not even "*" covers in this world: the platform drops it.
        hop(HopKind::nsg, list.association, HopDecision::deny, {}, Reason::nsg_default_deny,
            list.direction);
        if (force_ && way_ == Way::request) {
            blockers_.push_back(walk_.path.back());
            return true;
        }
        return false;
    }
    const bool allowed = decider->access != Access::deny;
    Reason reason = Reason::gap;
    if (decider->rule != nullptr) {
        if (admin) {
            reason = decider->access == Access::deny    ? Reason::admin_deny
                     : decider->access == Access::allow ? Reason::admin_allow
                                                        : Reason::admin_always_allow;
        } else {
            reason = allowed                     ? Reason::nsg_allow
                     : decider->rule->is_default ? Reason::nsg_default_deny
                                                 : Reason::nsg_deny;
        }
    }
    By by = by_rule(list, *decider);
    std::string note;
    if (reason == Reason::nsg_default_deny && options_.blockers) {
        const std::string nearest = nearest_allow(list, *decider, packet, ignore_source_port);
        note = nearest.empty() ? "" : "nearest: " + nearest;
    }
    hop(admin ? HopKind::admin_rule : HopKind::nsg, list.association,
        decider->rule == nullptr ? HopDecision::unknown
        : allowed                ? HopDecision::allow
                                 : HopDecision::deny,
        by, reason, list.direction, std::move(note));
    std::vector<Hop>& path = way_ == Way::reply ? walk_.return_path : walk_.path;
    path.back().considered = std::move(considered);
    if (allowed) {
        last_allow_ = std::move(by);
        return true;
    }
    if (force_ && way_ == Way::request) {
        blockers_.push_back(path.back());
        return true;
    }
    return false;
}

FilterOutcome Walker::filter(ConfigIndex config, Direction direction, const Packet& packet,
                             bool ignore_source_port) {
    const FilterChain chain = network_.filters().chain(config, direction);
    const FilterRule* decider = nullptr;
    FilterOutcome outcome;
    for (const FilterList* list : {chain.admin, chain.first, chain.second}) {
        if (list == nullptr) {
            continue;
        }
        if (!filter_list(*list, packet, ignore_source_port, decider)) {
            const ResourceId& nic = network_.configurations()[config].interface->header.id;
            const Hop& last = (way_ == Way::reply ? walk_.return_path : walk_.path).back();
            const Reason reason = last.reason;
            By by = last.by;
            end(false, nic.text(), reason, std::move(by));
            outcome.allowed = false;
            return outcome;
        }
        if (list == chain.admin && decider != nullptr && decider->access == Access::always_allow) {
            outcome.always_allowed = true;
            return outcome;
        }
    }
    return outcome;
}

}  // namespace azreach
