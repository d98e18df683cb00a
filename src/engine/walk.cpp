#include "src/engine/walk.hpp"

#include <algorithm>

#include "models/net/ensures.hpp"

namespace azreach {

namespace {

constexpr int kMaxDevices = 64;
constexpr std::uint32_t kGatewayEmitter = 0x80000000U;

constexpr World::Salt kOutcomeSalt = 0x51;
constexpr World::Salt kReplySalt = 0x52;
constexpr World::Salt kInboundSalt = 0x61;
constexpr World::Salt kOutboundSalt = 0x62;

By by_rule(const FilterList& list, const FilterRule& rule) {
    if (rule.rule == nullptr) {
        return {rule.stands_for, std::string(rule.stands_for.name()), std::nullopt, false, {}};
    }
    const SecurityRule& source = *rule.rule;
    ResourceId id = source.id;
    if (list.kind == FilterList::Kind::security_group) {
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
        case EffectiveRouteEntry::Origin::user: return Reason::route_udr;
        case EffectiveRouteEntry::Origin::bgp: return Reason::route_bgp_assumed;
        default: return Reason::route_system;
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

}  // namespace

// --- ends and hops ---------------------------------------------------------------------------

void Walker::end(bool delivered, std::string at, Reason reason, By by) {
    ended_ = true;
    if (way_ == Way::reply) {
        reply_delivered_ = delivered;
        if (!delivered) {
            hop(HopKind::deliver, ResourceId(at), HopDecision::drop, std::move(by), reason);
        }
        return;
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
    if (++depth_ > kMaxDevices || std::find(states_.begin(), states_.end(), state) != states_.end()) {
        return true;
    }
    states_.push_back(state);
    return false;
}

bool Walker::contested(FactKey key) {
    const std::optional<bool> closed = network_.assumptions().value(key);
    return closed ? *closed : world_.holds(Fact{key, 0}, 0);
}

// --- filters -----------------------------------------------------------------------------------

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
    if (!may_contain(rule.source, packet.src) || !may_contain(rule.destination, packet.dst) ||
        (!ignore_source_port && !may_contain(rule.service, packet.service))) {
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
            considered.push_back({rule.rule->name, rule.rule->priority,
                                  hit ? "match" : decider != nullptr ? "shadowed" : "no-match", ""});
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
            reason = decider->access == Access::deny     ? Reason::admin_deny
                     : decider->access == Access::allow ? Reason::admin_allow
                                                        : Reason::admin_always_allow;
        } else {
            reason = allowed                       ? Reason::nsg_allow
                     : decider->rule->is_default ? Reason::nsg_default_deny
                                                   : Reason::nsg_deny;
        }
    }
    By by = by_rule(list, *decider);
    hop(admin ? HopKind::admin_rule : HopKind::nsg, list.association,
        decider->rule == nullptr ? HopDecision::unknown
        : allowed                ? HopDecision::allow
                                 : HopDecision::deny,
        by, reason, list.direction);
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

// --- where packets start -----------------------------------------------------------------------

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
        end(false, place.endpoint->header.id.text(), Reason::spoofed_source);  // R39
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

// --- a NIC emits ---------------------------------------------------------------------------------

void Walker::emit(ConfigIndex config, Packet packet, bool forwarded) {
    const ConfigPlace& place = network_.configurations()[config];
    const ResourceId& nic = place.interface->header.id;
    if (seen(config, packet)) {
        end(false, nic.text(), Reason::route_loop);
        return;
    }
    const Emitter emitter{config, place.subnet, {}, forwarded};
    const bool stateful_pass =
        way_ == Way::reply &&
        (config == receiver_ || config == sender_ ||
         std::find(devices_.begin(), devices_.end(), Device{config}) != devices_.end());
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
                    if ((deny && !names_tag(rule, exemption.denying_tag)) ||
                        rule.rule == nullptr || !matches(rule, packet, false) ||
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
            const ResourceId& subnet = place.subnet == kNoIndex
                                           ? nic
                                           : network_.subnets()[place.subnet].subnet->header.id;
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
        const std::string id = place.configuration->subnet ? place.configuration->subnet->text()
                                                           : nic.text();
        end_unknown({{network_.about(FactKey::missing_resource, id), true}}, id,
                    World::salt_of(packet.dst));
        return;
    }
    route(emitter, packet);
}

// --- routing -------------------------------------------------------------------------------------

void Walker::route(const Emitter& emitter, const Packet& packet) {
    const World::Salt salt = World::salt_of(packet.dst);
    for (const EffectiveRouteEntry* entry :
         network_.routes().candidates(emitter.subnet, packet.dst)) {
        if (world_.holds(entry->when, salt)) {
            follow(emitter, *entry, packet);
            return;
        }
    }
    const ResourceId& subnet = network_.subnets()[emitter.subnet].subnet->header.id;
    hop(HopKind::route, subnet, HopDecision::drop, {}, Reason::route_none);
    end(false, subnet.text(), Reason::route_none);
}

void Walker::follow(const Emitter& emitter, const EffectiveRouteEntry& entry,
                    const Packet& packet) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    const ResourceId& subnet = place.subnet->header.id;
    const World::Salt salt = World::salt_of(packet.dst);
    By by = by_route(entry);
    if (entry.hop == NextHop::none) {
        hop(HopKind::route, subnet, HopDecision::drop, by, Reason::route_none);
        end(false, subnet.text(), Reason::route_none, std::move(by));
        return;
    }
    hop(HopKind::route, subnet,
        entry.hop == NextHop::unknown ? HopDecision::unknown : HopDecision::forward, by,
        entry.hop == NextHop::unknown ? Reason::gap : route_reason(entry));
    if (entry.hop == NextHop::unknown) {
        end_unknown(entry.when, subnet.text(), salt);
        return;
    }
    if (entry.never_delivers || !world_.holds(entry.delivers_when, salt)) {
        By peering{entry.via, std::string(entry.via.name()), std::nullopt, false, {}};
        end(false, subnet.text(), Reason::peering_not_connected, std::move(peering));
        return;
    }
    switch (entry.hop) {
        case NextHop::vnet_local:
            enter_vnet(emitter, entry.vnet == kNoIndex ? place.vnet_index : entry.vnet, false,
                       packet, {});
            return;
        case NextHop::vnet_peering:
        case NextHop::vnet_global_peering:
        case NextHop::connected_group: {
            if (!entry.via.empty()) {
                hop(HopKind::peering, place.vnet->header.id, HopDecision::forward,
                    {entry.via, std::string(entry.via.name()), std::nullopt, false, {}},
                    Reason::route_system);
            }
            const bool foreign = std::none_of(
                place.vnet->address_space.begin(), place.vnet->address_space.end(),
                [&](const Prefix& prefix) { return prefix.contains(packet.src); });
            if (foreign &&
                (entry.forwarded_never || !world_.holds(entry.forwarded_when, salt))) {
                const std::string at = entry.vnet == kNoIndex
                                           ? entry.via.text()
                                           : network_.vnets()[entry.vnet]->header.id.text();
                end(false, at, Reason::peering_not_connected,
                    {entry.via, std::string(entry.via.name()), std::nullopt, false, {}});
                return;
            }
            if (!emitter.gateway.empty() &&
                std::holds_alternative<OnPremises>(origin_) &&
                (entry.onprem_never || !world_.holds(entry.onprem_when, salt))) {
                end(false, emitter.gateway.text(), Reason::peering_missing);
                return;
            }
            // A peer that was not read is named by its own id, as its gap is.
            ResourceId unread = entry.via;
            for (const Peering& peering : place.vnet->peerings) {
                if (peering.header.id == entry.via && peering.remote) {
                    unread = *peering.remote;
                }
            }
            enter_vnet(emitter, entry.vnet, entry.hop == NextHop::vnet_global_peering, packet,
                       unread);
            return;
        }
        case NextHop::interface_endpoint:
            enter_vnet(emitter, entry.vnet, false, packet, entry.via);
            return;
        case NextHop::internet:
            leave(emitter, packet);
            return;
        case NextHop::gateway:
            to_gateway(emitter, entry.via, packet);
            return;
        case NextHop::service_endpoint:
            hop(HopKind::service_endpoint, subnet, HopDecision::deliver, by,
                Reason::service_endpoint);
            walk_.final_packet = way_ == Way::request ? packet : walk_.final_packet;
            end(true, "internet", Reason::delivered, last_allow_);
            return;
        case NextHop::virtual_appliance:
            to_appliance(emitter, entry, packet);
            return;
        case NextHop::none:
        case NextHop::unknown:
            break;
    }
}

void Walker::enter_vnet(const Emitter& emitter, VnetIndex vnet, bool global_peering,
                        const Packet& packet, const ResourceId& unread) {
    const World::Salt salt = World::salt_of(packet.dst);
    if (vnet == kNoIndex) {
        end_unknown({{network_.about(FactKey::missing_resource, unread.text()), true}},
                    unread.text(), salt);
        return;
    }
    const std::vector<Owner> owners = network_.edges().owners(vnet, packet.dst);
    if (owners.empty()) {
        end(false, network_.vnets()[vnet]->header.id.text(), Reason::no_such_address);
        return;
    }
    const Owner& owner = owners[world_.choose(owners.size())];
    switch (owner.kind) {
        case Owner::Kind::configuration:
            arrive(owner.config, packet, nullptr, false);
            return;
        case Owner::Kind::frontend:
            if (global_peering && owner.balancer->sku == Sku::basic &&
                contested(FactKey::basic_lb_global_peering_blocked)) {
                end(false, owner.balancer->header.id.text(), Reason::no_such_address);
                return;
            }
            translate(network_.edges().translations(*owner.balancer, *owner.frontend), packet,
                      false, owner.balancer->header.id, owner.balancer->header.name,
                      emitter.config);
            return;
        case Owner::Kind::reserved:
        case Owner::Kind::nobody:
            end(false,
                owner.at.empty() ? network_.vnets()[vnet]->header.id.text() : owner.at.text(),
                Reason::no_such_address);
            return;
        case Owner::Kind::unknown:
        case Owner::Kind::unmodelled:
            end_unknown(owner.when, owner.at.text(), salt);
            return;
    }
}

// --- arriving ------------------------------------------------------------------------------------

void Walker::arrive(ConfigIndex config, const Packet& packet, const Translation* through,
                    bool from_outside) {
    const ConfigPlace& place = network_.configurations()[config];
    const ResourceId& nic = place.interface->header.id;
    if (way_ == Way::reply) {
        reply_arrived(config, packet);
        return;
    }
    const bool endpoint = place.endpoint != nullptr;
    if (endpoint) {
        using Status = PrivateEndpoint::Connection::Status;
        const auto& connections = place.endpoint->connections;
        const auto has = [&](Status status) {
            return std::any_of(connections.begin(), connections.end(),
                               [&](const auto& c) { return c.status == status; });
        };
        const ResourceId& id = place.endpoint->header.id;
        const By by{id, place.endpoint->header.name, std::nullopt, false,
                    place.endpoint->header.where};
        if (!has(Status::approved)) {
            const bool unsure = connections.empty() || has(Status::unknown);
            const bool admitted =
                unsure && world_.holds(network_.about(FactKey::unmodelled, id.text()), kOutcomeSalt);
            if (!admitted) {
                hop(HopKind::private_endpoint, id,
                    unsure ? HopDecision::unknown : HopDecision::drop, by, Reason::pe_not_approved);
                end(false, id.text(), Reason::pe_not_approved, by);
                return;
            }
        }
    }
    Packet seen_by_groups = packet;
    FilterOutcome outcome = filter(config, Direction::inbound, seen_by_groups, endpoint);
    if (!outcome.allowed) {
        return;
    }
    if (!outcome.always_allowed || through != nullptr) {
        const bool no_group = !network_.filters().chain(config, Direction::inbound).has_group;
        if (no_group && through != nullptr && from_outside) {
            bool closed = false;
            if (through->standard_closed) {
                closed = !outcome.always_allowed ||
                         !contested(FactKey::always_allow_beats_sku_closed);
            } else if (through->basic_open) {
                closed = !contested(FactKey::basic_sku_open);
            }
            if (closed) {
                end(false, nic.text(), Reason::standard_sku_closed);
                return;
            }
        } else if (no_group && through != nullptr && through->internal &&
                   through->standard_closed && !outcome.always_allowed &&
                   contested(FactKey::internal_lb_closed_without_nsg)) {
            end(false, nic.text(), Reason::standard_sku_closed);
            return;
        }
    }
    receiver_ = config;
    by_endpoint_ = endpoint;
    came_from_outside_ = from_outside && std::holds_alternative<Internet>(origin_);
    walk_.final_packet = packet;
    const ResourceId& at = endpoint ? place.endpoint->header.id : nic;
    hop(HopKind::deliver, at, HopDecision::deliver, {}, Reason::delivered);
    end(true, at.text(), Reason::delivered, last_allow_);
}

void Walker::translate(const std::vector<Translation>& ways, const Packet& packet,
                       bool from_outside, const ResourceId& at, std::string_view at_name,
                       ConfigIndex sender) {
    // Ways whose guard holds in this world and that take the packet.
    std::vector<const Translation*> taking;
    bool instance = false;
    for (const Translation& way : ways) {
        if (way.accepts.contains(packet.service) &&
            world_.holds(way.when, World::salt_of(packet.dst))) {
            taking.push_back(&way);
            instance = instance || way.kind == Translation::Kind::instance_ip;
        }
    }
    if (taking.empty()) {
        end(false, at.text(), Reason::lb_no_rule);
        return;
    }
    const Translation& way = *taking[world_.choose(taking.size())];
    const By by{way.by, way.name, std::nullopt, false, way.where};
    if (way.kind == Translation::Kind::unmodelled || way.kind == Translation::Kind::unread) {
        const FactKey key = way.kind == Translation::Kind::unread ? FactKey::missing_resource
                                                                  : FactKey::unmodelled;
        const std::string target = way.target.empty() ? at.text() : way.target.text();
        Guard facts = way.when;
        if (facts.empty()) {
            facts = {{network_.about(key, target), true}};
        }
        end_unknown(facts, target, World::salt_of(packet.dst) + 3);
        return;
    }
    if (way.config == kNoIndex) {
        hop(HopKind::load_balancer, at, HopDecision::drop, by, Reason::lb_no_backend);
        end(false, at.text(), Reason::lb_no_backend, by);
        return;
    }
    const IpConfiguration& target = *network_.configurations()[way.config].configuration;
    if (way.config == sender && way.kind != Translation::Kind::instance_ip) {  // E10: load balancers
        hop(HopKind::load_balancer, at, HopDecision::drop, by, Reason::lb_no_backend);
        end(false, at.text(), Reason::lb_no_backend, by);
        return;
    }
    Packet translated = packet;
    if (target.address) {
        translated.dst = *target.address;
    }
    if (way.to_port && has_ports(packet.service.protocol)) {
        translated.service.b = *way.to_port;
    }
    if (way.kind == Translation::Kind::instance_ip) {
        hop(HopKind::nat, at, HopDecision::translate, by, Reason::dnat, {}, std::string(at_name));
    } else {
        hop(HopKind::load_balancer, at, HopDecision::translate, by,
            taking.size() > 1 ? Reason::lb_choice : Reason::dnat, {}, std::string(at_name));
    }
    if (way.floating_ip && contested(FactKey::floating_ip_nsg_sees_frontend)) {
        translated.dst = packet.dst;  // N44
    }
    arrive(way.config, translated, &way, from_outside);
}

// --- the internet --------------------------------------------------------------------------------

void Walker::leave(const Emitter& emitter, const Packet& packet) {
    const World::Salt salt = World::salt_of(packet.dst);
    if (emitter.config == kNoIndex) {  // a gateway does not send to the internet
        end(false, emitter.gateway.text(), Reason::route_none);
        return;
    }
    const ResourceId& nic = network_.configurations()[emitter.config].interface->header.id;
    if (way_ == Way::reply) {
        // The reply to an internet client leaves by the address that it came to.
        const bool home = emitter.config == receiver_ && (came_from_outside_ || hairpin_);
        if (home && hairpin_) {
            reply_from_device(devices_.size(), packet);
            return;
        }
        const bool passes =
            home || !contested(FactKey::stateful_asymmetry_drops);
        walk_.symmetric = walk_.symmetric && home;
        if (!passes) {
            end(false, nic.text(), Reason::asymmetric);
            return;
        }
        end(true, "internet", Reason::delivered);
        return;
    }
    Packet outside = packet;
    bool translated = false;
    if (!emitter.forwarded ||
        contested(FactKey::nva_forwarded_source_snat)) {
        const OutboundMethod* used = nullptr;
        for (const OutboundMethod& method : network_.edges().outbound(emitter.config)) {
            if (method.services.contains(packet.service) &&
                in(method.destinations, packet.dst, 0) && world_.holds(method.when, 13)) {
                used = &method;
                break;
            }
        }
        if (used == nullptr) {
            end(false, nic.text(), Reason::no_public_ip);
            return;
        }
        translated = true;
        hop(HopKind::nat, used->by.empty() ? nic : used->by, HopDecision::translate,
            {used->by, used->name, std::nullopt, false, {}}, Reason::snat);
        const std::optional<Address> first = used->source_addresses.smallest();
        if (first) {
            // One of the method's addresses; filters that tell them apart see every one.
            std::vector<Address> sources;
            for (const auto& range : used->source_addresses.v4.ranges()) {
                for (std::uint64_t a = range.first; a <= range.last && sources.size() < 16; ++a) {
                    sources.push_back(Address::v4(static_cast<std::uint32_t>(a)));
                }
            }
            if (sources.empty()) {
                sources.push_back(*first);
            }
            outside.src = network_.edges().public_entry(packet.dst) != nullptr
                              ? sources[world_.choose(sources.size())]
                              : sources.front();
        } else {
            outside.src = Address{packet.dst.family, 0};  // some public address, not known
        }
    }
    left_by_ = emitter.config;
    if (network_.edges().public_entry(packet.dst) != nullptr) {
        if (translated && outside.src.value == 0) {
            // Which public address the receiver sees is not known: its filters decide anything.
            end_unknown({{network_.about(FactKey::unread_neighbour, nic.text()), true}},
                        nic.text(), salt);
            return;
        }
        hairpin_ = true;
        enter_public(outside, false, emitter.config);
        return;
    }
    if (!Edges::internet_space().contains(packet.dst)) {
        end(false, "internet", Reason::no_such_address);
        return;
    }
    walk_.final_packet = outside;
    if (outside.src.value == 0) {
        walk_.final_packet.src = packet.src;
    }
    hop(HopKind::deliver, ResourceId("internet"), HopDecision::deliver, {}, Reason::delivered);
    end(true, "internet", Reason::delivered, last_allow_);
}

void Walker::enter_public(const Packet& packet, bool from_internet, ConfigIndex sender) {
    const Edges::PublicEntry* entry = network_.edges().public_entry(packet.dst);
    if (entry == nullptr) {
        if (Edges::internet_space().contains(packet.dst)) {
            hop(HopKind::deliver, ResourceId("internet"), HopDecision::deliver, {},
                Reason::delivered);
            end(true, "internet", Reason::delivered);
        } else {
            end(false, "internet", Reason::no_public_ip);
        }
        return;
    }
    if (entry->ways.empty()) {
        if (entry->balancer.empty()) {
            end(false, entry->public_ip.text(), Reason::no_such_address);
        } else {
            end(false, entry->balancer.text(), Reason::lb_no_rule);
        }
        return;
    }
    (void)from_internet;
    const bool balanced = std::any_of(
        entry->ways.begin(), entry->ways.end(), [](const Translation& way) {
            return way.kind == Translation::Kind::lb_rule || way.kind == Translation::Kind::nat_rule;
        });
    const ResourceId at = balanced && !entry->balancer.empty() ? entry->balancer : entry->public_ip;
    translate(entry->ways, packet, true, at, at.name(), sender);
}

// --- gateways ------------------------------------------------------------------------------------

void Walker::to_gateway(const Emitter& emitter, const ResourceId& gateway, const Packet& packet) {
    const World::Salt salt = World::salt_of(packet.dst);
    std::vector<const BehindGateway*> ways;
    for (const BehindGateway& behind : network_.routes().behind(gateway)) {
        if (behind.addresses.contains(packet.dst) && world_.holds(behind.when, salt)) {
            ways.push_back(&behind);
        }
    }
    if (ways.empty()) {
        hop(HopKind::gateway, gateway, HopDecision::drop, {}, Reason::route_none);
        end(false, gateway.text(), Reason::route_none);
        return;
    }
    const BehindGateway& way = *ways[world_.choose(ways.size())];
    const By by{way.via, std::string(way.via.name()), std::nullopt, false, {}};
    hop(HopKind::gateway, gateway, HopDecision::forward, by, Reason::route_system);
    if (way.kind != BehindGateway::Kind::vnet) {
        if (way_ == Way::reply) {
            const bool same = std::holds_alternative<OnPremises>(origin_);
            end(same, "onprem", same ? Reason::delivered : Reason::route_none);
            return;
        }
        (void)emitter;
        left_by_gateway_ = gateway;
        walk_.final_packet = packet;
        hop(HopKind::deliver, ResourceId("onprem"), HopDecision::deliver, {}, Reason::delivered);
        end(true, "onprem", Reason::delivered, last_allow_);
        return;
    }
    if (way.vnet == kNoIndex) {
        end_unknown({{network_.about(FactKey::unread_neighbour, way.via.text()), true}},
                    way.via.text(), salt);
        return;
    }
    // The remote gateway hands it on by its own subnet's table.                             [E20]
    from_gateway(way.remote_gateway.empty() ? gateway : way.remote_gateway, way.remote_subnet,
                 packet);
}

void Walker::from_gateway(const ResourceId& gateway, SubnetIndex subnet, const Packet& packet) {
    if (subnet == kNoIndex) {
        end_unknown({{network_.about(FactKey::unread_neighbour, gateway.text()), true}},
                    gateway.text(), World::salt_of(packet.dst));
        return;
    }
    if (seen(kGatewayEmitter | subnet, packet)) {
        end(false, gateway.text(), Reason::route_loop);
        return;
    }
    route({kNoIndex, subnet, gateway, true}, packet);
}

void Walker::from_onprem(const Packet& packet, const ResourceId& only_gateway) {
    const World::Salt salt = World::salt_of(packet.src);
    std::vector<const Routes::OnpremEntry*> entries;
    for (const Routes::OnpremEntry& entry : network_.routes().onprem_entries()) {
        if ((only_gateway.empty() || entry.gateway == only_gateway) &&
            entry.sources.contains(packet.src) && world_.holds(entry.when, salt)) {
            entries.push_back(&entry);
        }
    }
    if (entries.empty()) {
        if (only_gateway.empty()) {
            end(false, "onprem", Reason::spoofed_source);
        } else {
            end(false, only_gateway.text(), Reason::route_none);
        }
        return;
    }
    const Routes::OnpremEntry& entry = *entries[world_.choose(entries.size())];
    came_by_gateway_ = way_ == Way::request ? entry.gateway : came_by_gateway_;
    hop(HopKind::gateway, entry.gateway, HopDecision::forward, {}, Reason::route_system);
    from_gateway(entry.gateway, entry.gateway_subnet, packet);
}

// --- appliances ----------------------------------------------------------------------------------

void Walker::to_appliance(const Emitter& emitter, const EffectiveRouteEntry& entry,
                          const Packet& packet) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    const By by = by_route(entry);
    const World::Salt salt = World::salt_of(entry.address);
    // R28: a NIC or frontend in the own VNet or one directly connected; R30: no routing.
    const std::vector<HopTarget> targets = network_.routes().appliance_vnets(place.vnet_index);
    bool unread = false;
    Guard unread_facts;
    std::string unread_at;
    for (const HopTarget& target : targets) {
        if (target.vnet == kNoIndex) {
            if (target.space.contains(entry.address)) {
                unread = true;
                unread_facts = {{network_.about(FactKey::unread_neighbour, target.via.text()), true}};
                unread_at = target.via.text();
            }
            continue;
        }
        const std::vector<Owner> owners = network_.edges().owners(target.vnet, entry.address);
        if (owners.empty()) {
            continue;
        }
        const Owner& first = owners.front();
        if (first.kind == Owner::Kind::nobody || first.kind == Owner::Kind::reserved) {
            continue;
        }
        if (!world_.holds(target.when, salt)) {
            continue;
        }
        const Owner& owner = owners[world_.choose(owners.size())];
        if (owner.kind == Owner::Kind::configuration) {
            through_appliance(owner.config, packet);
            return;
        }
        if (owner.kind == Owner::Kind::frontend) {
            const ResourceId& at = owner.balancer->header.id;
            std::vector<const Translation*> ways;
            for (const Translation& way :
                 network_.edges().translations(*owner.balancer, *owner.frontend)) {
                if (way.accepts.contains(packet.service) &&
                    world_.holds(way.when, World::salt_of(entry.address))) {
                    ways.push_back(&way);
                }
            }
            if (ways.empty()) {
                end(false, at.text(), Reason::lb_no_rule);
                return;
            }
            const Translation& way = *ways[world_.choose(ways.size())];
            const By rule{way.by, way.name, std::nullopt, false, way.where};
            if (way.kind == Translation::Kind::unmodelled ||
                way.kind == Translation::Kind::unread) {
                Guard facts = way.when;
                if (facts.empty()) {
                    facts = {{network_.about(FactKey::missing_resource, way.target.text()), true}};
                }
                end_unknown(facts, at.text(), salt);
                return;
            }
            if (way.config == kNoIndex || way.config == emitter.config) {
                hop(HopKind::load_balancer, at, HopDecision::drop, rule, Reason::lb_no_backend);
                end(false, at.text(), Reason::lb_no_backend, rule);
                return;
            }
            hop(HopKind::load_balancer, at, HopDecision::forward, rule,
                ways.size() > 1 ? Reason::lb_choice : Reason::dnat);
            through_appliance(way.config, packet);
            return;
        }
        end_unknown(owner.when, owner.at.text(), salt);
        return;
    }
    if (unread) {
        end_unknown(unread_facts, unread_at, salt);
        return;
    }
    // K:missing-next-hop: dropped, or forwarded by something that is not in the snapshot.
    if (contested(FactKey::missing_next_hop)) {
        end(false, place.subnet->header.id.text(), Reason::no_such_address, by);
        return;
    }
    end_unknown({{network_.about(FactKey::missing_resource, to_string(entry.address)), true}},
                place.subnet->header.id.text(), salt);
}

void Walker::through_appliance(ConfigIndex config, const Packet& packet) {
    const ConfigPlace& place = network_.configurations()[config];
    const ResourceId& nic = place.interface->header.id;
    bool own = false;
    for (const ConfigIndex other : network_.configurations_of(nic)) {
        own = own || network_.configurations()[other].configuration->address == packet.dst;
    }
    if (own) {
        arrive(config, packet, nullptr, false);
        return;
    }
    if (place.endpoint != nullptr || !place.interface->ip_forwarding) {
        hop(HopKind::deliver, nic, HopDecision::drop, {}, Reason::nva_no_forwarding);
        end(false, nic.text(), Reason::nva_no_forwarding);
        return;
    }
    const bool on_request =
        std::find(devices_.begin(), devices_.end(), Device{config}) != devices_.end();
    const bool stateful_pass = way_ == Way::reply && on_request;
    if (!stateful_pass && !filter(config, Direction::inbound, packet, false).allowed) {
        return;
    }
    const Address address = place.configuration->address.value_or(Address{});
    std::optional<NvaMode> mode = network_.assumptions().nva(address);
    const Fact nva = network_.about(FactKey::nva, to_string(address));
    if (!mode || *mode == NvaMode::opaque) {
        if (stateful_pass) {
            mode = NvaMode::transparent;
        } else {
            end_unknown({{nva, true}}, nic.text(), World::salt_of(address));
            return;
        }
    }
    if (*mode == NvaMode::drop) {
        hop(HopKind::firewall, nic, HopDecision::drop, {}, Reason::nva_assumed);
        end(false, nic.text(), Reason::nva_assumed);
        return;
    }
    hop(HopKind::firewall, nic, HopDecision::forward, {}, Reason::nva_assumed, {},
        *mode == NvaMode::snat ? "source translated" : "forwards unchanged");
    Packet onward = packet;
    if (way_ == Way::request) {
        Device device{config, false, packet.src};
        if (*mode == NvaMode::snat) {
            device.source_translated = true;
            onward.src = address;
        }
        devices_.push_back(device);
    } else {
        reply_devices_.push_back(config);
    }
    emit(config, onward, onward.src != address);
}

// --- the reply -----------------------------------------------------------------------------------

void Walker::reply() {
    ended_ = false;
    states_.clear();
    depth_ = 0;
    way_ = Way::reply;
    const Packet packet = reply_to(walk_.final_packet);
    const bool at_internet = walk_.at == "internet";
    if (unread_end_) {  // what delivered it unseen may or may not bring a reply back
        walk_.reply_delivered = world_.holds(*unread_end_, kReplySalt);
        return;
    }
    if (at_internet && left_by_ == kNoIndex) {  // service endpoint, or internet to internet
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
    Packet back = packet;
    back.dst = device.source_before;
    emit(device.config, back, true);
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
        const bool same_nic = sender_ != kNoIndex &&
                              network_.configurations()[sender_].interface->header.id == nic;
        if (!same_nic) {
            // Somebody else has the sender's address: the reply is new there.        [N35]
            end(false, nic.text(), Reason::return_blocked);
            return;
        }
    }
    // R62: the same stateful devices both ways.
    const auto on_reply = [&](ConfigIndex c) {
        return std::find(reply_devices_.begin(), reply_devices_.end(), c) != reply_devices_.end();
    };
    const bool same =
        std::all_of(devices_.begin(), devices_.end(),
                    [&](const Device& d) { return on_reply(d.config); }) &&
        std::all_of(reply_devices_.begin(), reply_devices_.end(), [&](ConfigIndex c) {
            return std::find(devices_.begin(), devices_.end(), Device{c}) != devices_.end();
        });
    walk_.symmetric = same;
    if (!same && contested(FactKey::stateful_asymmetry_drops)) {
        end(false, nic.text(), Reason::asymmetric);
        return;
    }
    end(true, nic.text(), Reason::delivered);
}

}  // namespace azreach
