// The walk at the NIC that emits: platform traffic, its filters, then the route.
#include "src/engine/walk_parts.hpp"

namespace azreach {

using namespace walk_parts;

void Walker::emit(ConfigIndex config, Packet packet, bool forwarded) {
    const ConfigPlace& place = network_.configurations()[config];
    const ResourceId& nic = place.interface->header.id;
    if (seen(config, packet)) {
        end(false, nic.text(), Reason::route_loop);
        return;
    }
    const Emitter emitter{config, place.subnet, {}, forwarded};
    const bool stateful_pass = way_ == Way::reply && (config == receiver_ || config == sender_ ||
                                                      std::find(devices_.begin(), devices_.end(),
                                                                Device{config}) != devices_.end());
    bool kms = false;
    if (!stateful_pass) {
        for (const Filters::Exemption& exemption : Filters::exemptions(packet.dst)) {
            if (!exemption.service.contains(packet.service)) {
                continue;
            }
            // N38: only a Deny that names the platform tag stops it.
            const FilterChain chain = network_.filters().chain(config, Direction::outbound);
            for (const FilterList* list : {chain.first, chain.second}) {
                if (list == nullptr || exemption.denying_tag.empty()) {
                    continue;
                }
                for (const FilterRule& rule : list->rules) {
                    const bool deny = rule.access == Access::deny;
                    if ((deny && !names_tag(rule, exemption.denying_tag)) || rule.rule == nullptr ||
                        !matches(rule, packet, false) ||
                        !world_.holds(rule.when, kOutboundSalt ^ list->association.hash())) {
                        continue;
                    }
                    if (deny) {
                        By by = by_rule(*list, rule);
                        hop(HopKind::nsg, list->association, HopDecision::deny, by,
                            Reason::nsg_deny, Direction::outbound);
                        end(false, nic.text(), Reason::nsg_deny, std::move(by));
                        return;
                    }
                    break;
                }
            }
            const ResourceId& subnet =
                place.subnet == kNoIndex ? nic : network_.subnets()[place.subnet].subnet->header.id;
            if (is_host_address(packet.dst)) {
                hop(HopKind::deliver, subnet, HopDecision::deliver, {}, Reason::platform_exempt);
                end(true, subnet.text(), Reason::delivered);
                walk_.final_packet = packet;
                return;
            }
            kms = true;
        }
        if (!kms && !filter(config, Direction::outbound, packet, false).allowed) {
            return;
        }
    }
    if (is_host_address(packet.dst)) {
        end(false,
            place.subnet == kNoIndex ? nic.text()
                                     : network_.subnets()[place.subnet].subnet->header.id.text(),
            Reason::no_such_address);
        return;
    }
    if (place.subnet == kNoIndex) {
        const std::string id =
            place.configuration->subnet ? place.configuration->subnet->text() : nic.text();
        end_unknown({{network_.about(FactKey::missing_resource, id), true}}, id,
                    World::salt_of(packet.dst));
        return;
    }
    route(emitter, packet);
}

}  // namespace azreach
