// The walk at the public endpoint of a PaaS resource: its ports, then its own firewall.
#include "src/engine/walk_parts.hpp"

namespace azreach {

using namespace walk_parts;

namespace {

constexpr World::Salt kAdmissionSalt = 0x70;

}  // namespace

void Walker::observe(const AddressSet& set, const Packet& packet) {
    if (!aimed(packet)) {
        return;
    }
    if (set.contains(packet.dst)) {
        if (!set.contains_all(*cell_)) {
            *cell_ &= set;
        }
    } else if (set.intersects(*cell_)) {
        *cell_ -= set;
    }
}

void Walker::observe(const GuardedAddresses& parts, const Packet& packet) {
    if (aimed(packet)) {
        for (const Guarded<AddressSet>& part : parts) {
            observe(part.set, packet);
        }
    }
}

std::string Walker::region_of(SubnetIndex subnet) const {
    return subnet == kNoIndex ? std::string()
                              : folded_region(network_.subnets()[subnet].vnet->header.location);
}

void Walker::admit_unseen(const Packet& packet) {
    Entrance entrance;
    entrance.kind = Entrance::Kind::unknown;
    admit(packet, entrance, Edges::internet_space());
}

void Walker::admit(const Packet& packet, const Entrance& entrance,
                   std::optional<AddressSet> unknown_source) {
    const ResourceId& id = target_->resource->header.id;
    const auto no_listener = [&] {
        hop(HopKind::paas_firewall, id, HopDecision::drop, {}, Reason::paas_port);
        end(false, id.text(), Reason::paas_port);
    };
    if (std::none_of(target_->ports.begin(), target_->ports.end(),
                     [&](const auto& part) { return part.set.contains(packet.service); })) {
        no_listener();
        return;
    }
    if (unknown_source) {
        unknown_source = of_family(*unknown_source, packet.src.family);
    }
    /// Is the source in the set? An unknown one is narrowed to the side that this world says.
    const auto from = [&](const AddressSet& set) {
        if (!unknown_source) {
            return set.contains(packet.src);
        }
        const AddressSet inside = *unknown_source & set;
        if (inside.empty() || inside == *unknown_source) {
            return !inside.empty();
        }
        const bool holds = world_.holds(
            network_.about(FactKey::unread_neighbour, "source at " + target_->id.text()),
            World::Salt{set.hash()});
        unknown_source = holds ? inside : *unknown_source - set;
        return holds;
    };
    const auto may_be_from = [&](const AddressSet& set) {
        return unknown_source ? unknown_source->intersects(set) : set.contains(packet.src);
    };
    const auto matches_source = [&](const GuardedAddresses& parts) {
        for (const Guarded<AddressSet>& part : parts) {
            if (may_be_from(part.set) && world_.holds(part.when, kAdmissionSalt) &&
                from(part.set)) {
                return true;
            }
        }
        return false;
    };
    std::vector<Considered> considered;
    const AdmissionStep* decider = nullptr;
    const std::vector<AdmissionStep> steps = admission(network_, *target_, entrance);
    for (const AdmissionStep& step : steps) {
        const bool hit = decider == nullptr &&
                         std::any_of(step.sources.begin(), step.sources.end(),
                                     [&](const auto& part) { return may_be_from(part.set); }) &&
                         world_.holds(step.when, kAdmissionSalt) && matches_source(step.sources);
        if (options_.considered && !step.name.empty()) {
            considered.push_back({step.name, static_cast<int>(considered.size()) + 1,
                                  hit                  ? "match"
                                  : decider != nullptr ? "shadowed"
                                                       : "no-match",
                                  step.by.text()});
        }
        if (hit) {
            decider = &step;
            if (!options_.considered) {
                break;
            }
        }
    }
    ensures(decider != nullptr, "the last step of an admission decides for everybody");
    const bool allowed = decider->allow;
    By by{decider->by, decider->name, std::nullopt, decider->is_default, decider->where};
    const Reason reason = allowed ? Reason::paas_allow
                          : decider->why == AdmissionStep::Why::public_disabled
                              ? Reason::paas_public_disabled
                              : Reason::paas_deny;
    hop(HopKind::paas_firewall, id, allowed ? HopDecision::allow : HopDecision::deny, by, reason);
    walk_.path.back().considered = std::move(considered);
    if (!allowed) {
        if (!force_) {
            end(false, id.text(), reason, std::move(by));
            return;
        }
        blockers_.push_back(walk_.path.back());
    }
    if (!in(target_->ports, packet.service, false)) {  // it listens there in some worlds
        no_listener();
        return;
    }
    last_allow_ = by;
    at_service_ = true;
    walk_.final_packet = packet;
    hop(HopKind::deliver, id, HopDecision::deliver, {}, Reason::delivered);
    end(true, id.text(), Reason::delivered, std::move(by));
}

}  // namespace azreach
