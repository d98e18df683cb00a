#include "tests/oracle/oracle_walk.hpp"

#include <algorithm>

#include "tests/oracle/oracle_tags.hpp"

namespace azreach::oracle {

// ---- what both ways share -----------------------------------------------------------------------

std::optional<Place> place_of_origin(const Snapshot& snapshot, const Origin& origin) {
    const NetworkInterface* nic =
        origin.kind == Origin::Kind::nic ? find(snapshot.interfaces, origin.nic) : nullptr;
    if (nic == nullptr) {
        return std::nullopt;
    }
    for (const IpConfiguration& config : nic->configurations) {
        if (config.address == origin.address) {
            return place_of(snapshot, *nic, config);
        }
    }
    return std::nullopt;
}

std::optional<std::string> peering_blocks(const Case& given, const Crossing& crossing,
                                          const LivePeering& peering, const Packet& packet,
                                          const Address& to) {
    if (subnet_peering_drops(given, peering, *crossing.subnet, to)) {  // [P16]
        return crossing.subnet->header.id.text();
    }
    // [P7] Older text: without access, traffic stops. A side that was not read has unknown flags.
    if ((access_is_off(peering) ||
         (peering.other_side == nullptr &&
          given.maybe(FactKey::unread_neighbour,
                      peering.side->header.id.text() + " access is off"))) &&
        given.holds(FactKey::peering_no_access_blocks)) {
        return crossing.subnet->header.id.text();
    }
    // [P8] Packets whose source is outside the sending VNet. Not for gateway transit [P9].
    const bool forwarded =
        !crossing.from_gateway && !contains(crossing.from->address_space, packet.src);
    if (forwarded && given.assumptions.value(FactKey::peering_no_forwarded_blocks) !=
                         std::optional(false)) {
        const bool refuses = peering.other_side == nullptr
                                 ? given.maybe(FactKey::unread_neighbour,
                                               peering.side->header.id.text() + " forwarded")
                                 : !peering.other_side->allow_forwarded;
        if (refuses && given.holds(FactKey::peering_no_forwarded_blocks)) {
            return peering.remote == nullptr ? crossing.subnet->header.id.text()
                                             : peering.remote->header.id.text();
        }
    }
    return std::nullopt;
}

std::vector<NextHopPlace> places_of_next_hop(const Case& given, const VirtualNetwork& from,
                                             const Address& address) {
    if (contains(from.address_space, address)) {
        return {{&from, std::nullopt, ""}};
    }
    std::vector<NextHopPlace> places;
    for (const LivePeering& peering : live_peerings(given, from)) {
        if (contains(peered_prefixes(given, peering), address)) {
            places.push_back({peering.remote, peering, peering.side->remote->text()});
        }
    }
    if (places.empty()) {
        for (const GroupMember& member : group_members_holding(given, from, address)) {
            places.push_back({member.vnet, std::nullopt, member.id.text()});
        }
    }
    return places;
}

bool is_own_address(const NetworkInterface& nic, const Address& address) {
    for (const IpConfiguration& config : nic.configurations) {
        if (config.address == address) {
            return true;
        }
    }
    return false;
}

bool is_global(const VirtualNetwork& a, const VirtualNetwork& b) {
    return !equal_ignoring_case(a.header.location, b.header.location);
}

// ---- forward ------------------------------------------------------------------------------------

namespace {

/// The frontend through which a packet came, for what is closed without a group.          [N13] [N14]
enum class Entrance : std::uint8_t { none, public_standard, public_basic, internal_standard };

class Forward {
  public:
    Forward(const Case& given, const Origin& origin, const Packet& packet, Record& record)
        : given_(given), origin_(origin), packet_(packet), record_(record) {}

    End run() {
        switch (origin_.kind) {
            case Origin::Kind::nic: return from_nic();
            case Origin::Kind::internet: return from_internet();
            case Origin::Kind::onprem: return from_onprem();
        }
        return {};
    }

  private:
    // -- ends --
    End drop(const std::string& at, const std::string& reason, const std::string& by = "") {
        record_.ending = Record::Ending::dropped;
        return {false, at, reason, by};
    }
    End deliver(Record::Ending ending, const std::string& at) {
        record_.ending = ending;
        record_.final_packet = packet_;
        return {true, at, "DELIVERED", last_allow_};
    }
    /// The snapshot cannot say: it may arrive somewhere.
    End unknown(FactKey key, const std::string& about) {
        if (given_.maybe(key, about)) {
            return deliver(Record::Ending::unknown, "");
        }
        return drop("", "GAP");
    }

    // -- where packets start --
    End from_nic() {
        const std::optional<Place> place = place_of_origin(given_.snapshot, origin_);
        if (!place) {
            return drop(origin_.nic.text(), "SPOOFED_SOURCE");
        }
        if (place->endpoint != nullptr) {  // [R39]
            return drop(place->endpoint->header.id.text(), "SPOOFED_SOURCE");
        }
        const NetworkInterface& nic = *place->nic;
        if (!nic.ip_forwarding && !is_own_address(nic, packet_.src)) {  // [R29]
            return drop(nic.header.id.text(), "SPOOFED_SOURCE");
        }
        const Exempt exempt = platform_exemption(given_, *place, packet_);  // [N38-N40]
        if (exempt.stopped) {
            return drop(nic.header.id.text(), exempt.reason, exempt.by);
        }
        if (exempt.kind == Exemption::to_the_host) {
            return deliver(Record::Ending::platform,
                           place->subnet == nullptr ? "" : place->subnet->header.id.text());
        }
        return emit(*place, exempt.kind != Exemption::filters_only);
    }

    End from_internet() {
        if (!in_internet_space(given_, packet_.src)) {
            return drop("internet", "SPOOFED_SOURCE");
        }
        const std::vector<PublicEntry> entries = public_entries(given_, packet_.dst);
        if (!entries.empty()) {
            return enter(entries);
        }
        if (in_internet_space(given_, packet_.dst)) {
            return deliver(Record::Ending::internet, "internet");
        }
        return drop("internet", "NO_PUBLIC_IP");
    }

    End from_onprem() {
        std::vector<const VirtualNetworkGateway*> entries;
        for (const auto& [id, gateway] : given_.snapshot.gateways) {
            if (listed_on_premises(given_, gateway, packet_.src) ||
                has_learned(given_, gateway, packet_.src) ||
                unread_behind(given_, gateway, packet_.src)) {
                entries.push_back(&gateway);
            }
        }
        if (entries.empty()) {
            return drop("onprem", "SPOOFED_SOURCE");
        }
        return from_gateway(*entries[given_.world.choose(entries.size())]);
    }

    // -- a NIC emits --
    End emit(const Place& from, bool filtered) {
        if (met_before(from.nic->header.id.text())) {
            return drop(from.nic->header.id.text(), "ROUTE_LOOP");  // [R35]
        }
        emitter_ = from;
        if (filtered) {
            const Passage passage = pass(given_, from, Direction::outbound, packet_);
            if (!passage.allowed) {
                return drop(from.nic->header.id.text(), passage.reason, passage.by);
            }
            allow(passage);
        }
        record_.passed.insert(from.nic);
        if (packet_.dst == kPlatform || packet_.dst == kMetadata) {  // [N39] [R21]
            return drop(from.config->subnet ? from.config->subnet->text() : "", "NO_SUCH_ADDRESS");
        }
        if (from.vnet == nullptr || from.subnet == nullptr) {  // [J4]
            return unknown(FactKey::missing_resource, from.config->id.text() + " subnet routes");
        }
        const Crossing crossing{from.vnet, from.subnet, false};
        const NextHop hop = route(given_, *from.vnet, *from.subnet, packet_.dst);
        switch (hop.kind) {
            case NextHop::Kind::internet: return leave(from);
            case NextHop::Kind::gateway: return to_gateway(hop);
            case NextHop::Kind::service_endpoint:  // [R56] no way out needed, source kept
                return deliver(Record::Ending::service_endpoint, "internet");
            default: return follow(hop, crossing);
        }
    }

    /// Next hops that mean the same whoever emits.
    End follow(const NextHop& hop, const Crossing& crossing) {
        switch (hop.kind) {
            case NextHop::Kind::vnet_local: return deliver_in(*crossing.from, false);
            case NextHop::Kind::peering: return over_peering(hop, crossing);
            case NextHop::Kind::connected_group: {
                const GroupMember& member =
                    hop.members[given_.world.choose(hop.members.size())];
                return deliver_in(*member.vnet, is_global(*crossing.from, *member.vnet));
            }
            case NextHop::Kind::private_endpoint: return to_endpoint(hop, crossing);
            case NextHop::Kind::appliance: return to_appliance(hop, crossing);
            case NextHop::Kind::none:
                return drop(crossing.subnet->header.id.text(), "ROUTE_NONE", hop.by);
            case NextHop::Kind::unknown:
                return unknown(FactKey::missing_resource, hop.unread);
            default: return drop(crossing.subnet->header.id.text(), "ROUTE_NONE", hop.by);
        }
    }

    End over_peering(const NextHop& hop, const Crossing& crossing) {
        if (const auto at =
                peering_blocks(given_, crossing, hop.peering, packet_, packet_.dst)) {
            return drop(*at, "PEERING_NOT_CONNECTED", hop.peering.side->header.id.text());
        }
        if (hop.peering.remote == nullptr) {  // [P2] the VNet was not read
            return unknown(FactKey::unread_neighbour,
                           hop.peering.side->remote->text() + " delivers");
        }
        return deliver_in(*hop.peering.remote, is_global(*crossing.from, *hop.peering.remote));
    }

    End to_endpoint(const NextHop& hop, const Crossing& crossing) {
        if (hop.peering.side != nullptr) {
            if (const auto at =
                    peering_blocks(given_, crossing, hop.peering, packet_, packet_.dst)) {
                return drop(*at, "PEERING_NOT_CONNECTED", hop.peering.side->header.id.text());
            }
        }
        return deliver_in(*vnet_of_endpoint(given_, *hop.endpoint), false);
    }

    // -- delivery in a VNet --
    End deliver_in(const VirtualNetwork& vnet, bool global) {
        const std::vector<Owner> owners = owners_of(given_, vnet, packet_.dst);
        const Owner& owner = owners[given_.world.choose(owners.size())];
        switch (owner.kind) {
            case Owner::Kind::nic:
            case Owner::Kind::endpoint: return arrive(owner.place, Entrance::none);
            case Owner::Kind::frontend:
                if (global && owner.frontend.balancer->sku == Sku::basic &&
                    given_.holds(FactKey::basic_lb_global_peering_blocked)) {  // [P13]
                    return drop(owner.frontend.balancer->header.id.text(), "NO_SUCH_ADDRESS");
                }
                return to_member(owner.frontend,
                                 owner.frontend.balancer->sku == Sku::standard
                                     ? Entrance::internal_standard
                                     : Entrance::none);
            case Owner::Kind::unknown: return unknown(FactKey::unmodelled, owner.unread);
            case Owner::Kind::nobody: break;
        }
        const Subnet* subnet = subnet_holding(vnet, packet_.dst);
        return drop(subnet == nullptr ? vnet.header.id.text() : subnet->header.id.text(),
                    "NO_SUCH_ADDRESS");
    }

    End to_member(const Frontend& frontend, Entrance entrance) {
        const std::string balancer = frontend.balancer->header.id.text();
        const Balanced balanced =
            balance(given_, frontend, packet_.dst.family, packet_.service);
        if (!balanced.has_rule) {
            return drop(balancer, "LB_NO_RULE");  // [E5]
        }
        if (balanced.members.empty()) {
            return drop(balancer, "LB_NO_BACKEND", balanced.by);
        }
        const Member& member =
            balanced.members[given_.world.choose(balanced.members.size())];  // [E6]
        if (member.kind == Member::Kind::nobody) {
            return drop(balancer, "LB_NO_BACKEND", balanced.by);
        }
        if (member.kind == Member::Kind::unknown) {
            return unknown(FactKey::missing_resource, member.unread + " delivers");
        }
        const bool internal = entrance == Entrance::internal_standard || entrance == Entrance::none;
        if (internal && emitter_ && emitter_->config == member.place.config) {  // [E10]
            return drop(balancer, "LB_NO_BACKEND", balanced.by);
        }
        if (!member.place.config->address) {
            return unknown(FactKey::unknown_instance, member.place.config->id.text());
        }
        if (has_ports(packet_.service.protocol)) {
            packet_.service.b = balanced.port;
        }
        // [N44] With floating IP the guest gets the frontend's address; K: so do the groups.
        const Address seen = packet_.dst;
        packet_.dst = *member.place.config->address;
        if (balanced.floating && given_.holds(FactKey::floating_ip_nsg_sees_frontend)) {
            packet_.dst = seen;
        }
        return arrive(member.place, entrance);
    }

    // -- arrival --
    End arrive(const Place& at, Entrance entrance) {
        const Passage passage = pass(given_, at, Direction::inbound, packet_);
        const std::string id =
            at.endpoint != nullptr ? at.endpoint->header.id.text() : at.nic->header.id.text();
        if (!passage.allowed) {
            return drop(id, passage.reason, passage.by);
        }
        if (!passage.any_group && is_closed(entrance, passage)) {
            return drop(id, "STANDARD_SKU_CLOSED");
        }
        allow(passage);
        if (at.endpoint != nullptr) {
            if (const auto end = refused_by_endpoint(*at.endpoint)) {
                return *end;
            }
        }
        record_.passed.insert(at.nic);
        record_.receiver = at;
        return deliver(Record::Ending::nic, id);
    }

    /// [N13] [N14] Ways in that are closed where no group is attached.
    bool is_closed(Entrance entrance, const Passage& passage) {
        bool closed = false;
        switch (entrance) {
            case Entrance::none: return false;
            case Entrance::public_standard: closed = true; break;
            case Entrance::public_basic: closed = !given_.holds(FactKey::basic_sku_open); break;
            case Entrance::internal_standard:
                closed = given_.holds(FactKey::internal_lb_closed_without_nsg);
                break;
        }
        return closed && !(passage.always_allowed &&
                           given_.holds(FactKey::always_allow_beats_sku_closed));  // [A9]
    }

    std::optional<End> refused_by_endpoint(const PrivateEndpoint& endpoint) {  // [R37]
        using Status = PrivateEndpoint::Connection::Status;
        bool unsure = endpoint.connections.empty();
        for (const PrivateEndpoint::Connection& connection : endpoint.connections) {
            if (connection.status == Status::approved) {
                return std::nullopt;
            }
            unsure = unsure || connection.status == Status::unknown;
        }
        const std::string id = endpoint.header.id.text();
        if (unsure && given_.maybe(FactKey::unmodelled, id + " is approved")) {
            return std::nullopt;
        }
        return drop(id, "PE_NOT_APPROVED", id);
    }

    // -- appliances --
    End to_appliance(const NextHop& hop, const Crossing& crossing) {
        const std::vector<NextHopPlace> places =
            places_of_next_hop(given_, *crossing.from, hop.appliance);
        if (places.empty()) {
            return no_such_appliance(hop, crossing);
        }
        const NextHopPlace& place = places[given_.world.choose(places.size())];
        if (place.over) {
            if (const auto at =
                    peering_blocks(given_, crossing, *place.over, packet_, hop.appliance)) {
                return drop(*at, "PEERING_NOT_CONNECTED", place.over->side->header.id.text());
            }
        }
        if (place.vnet == nullptr) {
            return unknown(FactKey::unread_neighbour, place.unread + " appliance");
        }
        const std::vector<Owner> owners = owners_of(given_, *place.vnet, hop.appliance);
        const Owner& owner = owners[given_.world.choose(owners.size())];
        switch (owner.kind) {
            case Owner::Kind::nic:
                if (owner.place.endpoint != nullptr) {
                    return no_such_appliance(hop, crossing);
                }
                return at_appliance(owner.place, Entrance::none);
            case Owner::Kind::frontend:
                if (is_global(*crossing.from, *place.vnet) &&
                    owner.frontend.balancer->sku == Sku::basic &&
                    given_.holds(FactKey::basic_lb_global_peering_blocked)) {
                    return drop(owner.frontend.balancer->header.id.text(), "NO_SUCH_ADDRESS");
                }
                return at_appliance_frontend(owner.frontend);
            case Owner::Kind::unknown: return unknown(FactKey::unmodelled, owner.unread);
            default: return no_such_appliance(hop, crossing);
        }
    }

    End no_such_appliance(const NextHop& hop, const Crossing& crossing) {  // [R33]
        if (given_.holds(FactKey::missing_next_hop)) {
            return drop(crossing.subnet->header.id.text(), "NO_SUCH_ADDRESS", hop.by);
        }
        return unknown(FactKey::unread_neighbour, to_string(hop.appliance) + " forwards");
    }

    End at_appliance_frontend(const Frontend& frontend) {  // [R34]
        const std::string balancer = frontend.balancer->header.id.text();
        const Balanced balanced =
            balance(given_, frontend, packet_.dst.family, packet_.service);
        if (!balanced.has_rule) {
            return drop(balancer, "LB_NO_RULE");
        }
        if (balanced.members.empty()) {
            return drop(balancer, "LB_NO_BACKEND", balanced.by);
        }
        const Member& member = balanced.members[given_.world.choose(balanced.members.size())];
        if (member.kind == Member::Kind::nobody) {
            return drop(balancer, "LB_NO_BACKEND", balanced.by);
        }
        if (member.kind == Member::Kind::unknown) {
            return unknown(FactKey::missing_resource, member.unread + " forwards");
        }
        if (emitter_ && emitter_->config == member.place.config) {  // [E10] hashed back to itself
            return drop(balancer, "LB_NO_BACKEND", balanced.by);
        }
        record_.balanced_to[frontend.frontend->id.text()] = member.place.nic->header.id;
        return at_appliance(member.place, frontend.balancer->sku == Sku::standard
                                              ? Entrance::internal_standard
                                              : Entrance::none);
    }

    End at_appliance(const Place& at, Entrance entrance) {
        const std::string id = at.nic->header.id.text();
        if (is_own_address(*at.nic, packet_.dst)) {
            return arrive(at, entrance);  // itself the destination: plain delivery
        }
        if (!at.nic->ip_forwarding) {
            return drop(id, "NVA_NO_FORWARDING");  // [R29]
        }
        const Passage passage = pass(given_, at, Direction::inbound, packet_);  // [R31]
        if (!passage.allowed) {
            return drop(id, passage.reason, passage.by);
        }
        if (!passage.any_group && is_closed(entrance, passage)) {
            return drop(id, "STANDARD_SKU_CLOSED");
        }
        allow(passage);
        record_.passed.insert(at.nic);
        const std::optional<NvaMode> mode = given_.assumptions.nva(*at.config->address);  // [R32]
        if (!mode) {
            return unknown(FactKey::nva, to_string(*at.config->address));
        }
        switch (*mode) {
            case NvaMode::drop: return drop(id, "NVA_ASSUMED");
            case NvaMode::opaque: return unknown(FactKey::nva, to_string(*at.config->address));
            case NvaMode::snat:
                record_.appliances.insert(at.nic);
                record_.translations.push_back(
                    {SourceTranslation::Kind::appliance, at, packet_.src});
                packet_.src = *at.config->address;
                return emit(at, true);
            case NvaMode::transparent:
                record_.appliances.insert(at.nic);
                record_.transparent_appliance = true;
                return emit(at, true);
        }
        return drop(id, "NVA_ASSUMED");
    }

    // -- the internet --
    End leave(const Place& from) {
        const std::string id = from.nic->header.id.text();
        if (!is_own_address(*from.nic, packet_.src) &&
            !given_.holds(FactKey::nva_forwarded_source_snat)) {
            return drop(id, "NO_PUBLIC_IP");
        }
        const WayOut way = way_out(given_, from, packet_.service, packet_.dst);
        if (!way.exists) {
            return drop(id, "NO_PUBLIC_IP");
        }
        record_.translations.push_back({SourceTranslation::Kind::internet, from, packet_.src});
        const std::vector<PublicEntry> entries = public_entries(given_, packet_.dst);
        if (!entries.empty()) {  // [N45]
            packet_.src = source_of(way, id);
            return enter(entries);
        }
        if (in_internet_space(given_, packet_.dst)) {
            return deliver(Record::Ending::internet, "internet");
        }
        return drop("internet", "NO_SUCH_ADDRESS");
    }

    /// The address seen outside. One that is not known may be any: one for every part of the
    /// internet space that some rule tells from its neighbours.
    Address source_of(const WayOut& way, const std::string& id) {
        if (!way.sources.empty()) {
            return way.sources[given_.world.choose(way.sources.size())];
        }
        std::set<Address> edges = {packet_.dst.family == Family::v4
                                       ? Address::v4(0x2D000001U)  // 45.0.0.1
                                       : Address::v6(Uint128{0x2A000000U} << 96)};
        const auto add = [&](const AddressSet& set) {
            for (const Prefix& prefix : prefixes_of(set)) {
                Address after = prefix.last();
                ++after.value;
                for (const Address& edge : {prefix.first(), after}) {
                    if (edge.family == packet_.dst.family && in_internet_space(given_, edge)) {
                        edges.insert(edge);
                    }
                }
            }
        };
        const auto add_side = [&](const AddressSpec& side) {
            add(side.prefixes);
            for (const std::string& tag : side.tags) {
                if (given_.snapshot.service_tags) {
                    const auto found = given_.snapshot.service_tags->tags.find(tag);
                    if (found != given_.snapshot.service_tags->tags.end()) {
                        add(found->second);
                    }
                }
            }
        };
        for (const auto& [group_id, group] : given_.snapshot.security_groups) {
            for (const SecurityRule& rule : group.rules) {
                add_side(rule.source);
            }
        }
        for (const auto& [config_id, config] : given_.snapshot.admin_configurations) {
            for (const AdminRuleCollection& collection : config.collections) {
                for (const SecurityRule& rule : collection.rules) {
                    add_side(rule.source);
                }
            }
        }
        for (const auto& [table_id, table] : given_.snapshot.route_tables) {
            for (const Route& route : table.routes) {
                if (route.prefix) {
                    add(route.prefix->addresses());
                }
            }
        }
        const std::vector<Address> choices(edges.begin(), edges.end());
        return choices[given_.world.ask_which(FactKey::unmodelled, id + " public address",
                                              choices.size())];
    }

    End enter(const std::vector<PublicEntry>& entries) {
        const PublicEntry& entry = entries[given_.world.choose(entries.size())];
        switch (entry.kind) {
            case PublicEntry::Kind::nic: return enter_nic(entry);
            case PublicEntry::Kind::frontend: {
                const bool standard = entry.sku == Sku::standard ||
                                      entry.frontend.balancer->sku == Sku::standard;
                return to_member(entry.frontend, standard ? Entrance::public_standard
                                                          : Entrance::public_basic);
            }
            case PublicEntry::Kind::unknown:
                return unknown(FactKey::unmodelled, entry.id + " delivers");
            default: return drop(entry.id, "NO_SUCH_ADDRESS");
        }
    }

    End enter_nic(const PublicEntry& entry) {
        const Protocol protocol = packet_.service.protocol;
        const bool carried = has_ports(protocol) || has_icmp_type(protocol) || protocol == kEsp;
        if (!carried && !given_.maybe(FactKey::unmodelled,
                                      entry.id + " carries " + std::to_string(protocol))) {
            return drop(entry.id, "NO_SUCH_ADDRESS");  // [E1] TCP, UDP, ICMP, ESP; others unsaid
        }
        if (!entry.place.config->address) {
            return unknown(FactKey::unknown_instance, entry.place.config->id.text());
        }
        packet_.dst = *entry.place.config->address;  // [E1] [N41]
        return arrive(entry.place, entry.sku == Sku::standard ? Entrance::public_standard
                                                              : Entrance::public_basic);
    }

    // -- gateways --
    End to_gateway(const NextHop& hop) {
        const VirtualNetworkGateway& gateway =
            *hop.gateways[given_.world.choose(hop.gateways.size())];
        const std::string id = gateway.header.id.text();
        if (met_before(id)) {
            return drop(id, "ROUTE_LOOP");
        }
        // Everything behind it that contains the destination.
        struct Behind {
            const VirtualNetworkGateway* enter = nullptr;  // null: on-premises
        };
        std::vector<Behind> behind;
        if (listed_on_premises(given_, gateway, packet_.dst) || gateway.default_site ||  // [E24]
            has_learned(given_, gateway, packet_.dst) ||
            unread_behind(given_, gateway, packet_.dst)) {
            behind.push_back({});
        }
        for (const VirtualNetworkGateway* other : connected_gateways(given_, gateway)) {
            const VirtualNetwork* vnet = vnet_of_gateway(given_, *other);
            if (vnet != nullptr && contains(vnet->address_space, packet_.dst)) {  // [E20]
                behind.push_back({other});
            }
        }
        if (is_on_azure_side(gateway)) {  // [P11]
            behind.push_back({&gateway});
        }
        if (behind.empty()) {
            return drop(id, "ROUTE_NONE");
        }
        const Behind& chosen = behind[given_.world.choose(behind.size())];
        if (chosen.enter == nullptr) {
            record_.gateway = &gateway;
            return deliver(Record::Ending::onprem, "onprem");
        }
        return from_gateway(*chosen.enter);
    }

    /// The gateway's own VNet, or a spoke that uses it, holds the destination.
    bool is_on_azure_side(const VirtualNetworkGateway& gateway) {
        for (const auto& [id, vnet] : given_.snapshot.virtual_networks) {
            if (contains(vnet.address_space, packet_.dst) &&
                (&vnet == vnet_of_gateway(given_, gateway) ||
                 is_transit_spoke(given_, vnet, gateway))) {
                return true;
            }
        }
        return false;
    }

    /// A packet comes out of the gateway into its VNet.                             [E18] [R58]
    End from_gateway(const VirtualNetworkGateway& gateway) {
        const std::string id = gateway.header.id.text();
        if (met_before(id + " in")) {
            return drop(id, "ROUTE_LOOP");
        }
        emitter_.reset();
        const VirtualNetwork* vnet = vnet_of_gateway(given_, gateway);
        const Subnet* subnet = nullptr;
        for (const ResourceId& each : gateway.subnets) {
            subnet = vnet == nullptr || subnet != nullptr ? subnet : subnet_of(*vnet, each);
        }
        if (subnet == nullptr) {
            return unknown(FactKey::missing_resource, id + " subnet");
        }
        const Crossing crossing{vnet, subnet, true};
        const NextHop hop = route(given_, *vnet, *subnet, packet_.dst);
        switch (hop.kind) {
            case NextHop::Kind::internet:
            case NextHop::Kind::service_endpoint: return drop(id, "ROUTE_NONE");
            case NextHop::Kind::gateway: return gateway_again(gateway);
            case NextHop::Kind::peering:
                if (!reaches(hop.peering.remote, gateway)) {
                    return drop(id, "PEERING_MISSING");
                }
                break;
            case NextHop::Kind::connected_group:
                if (!reaches(hop.members.front().vnet, gateway)) {
                    return drop(id, "PEERING_MISSING");
                }
                break;
            case NextHop::Kind::private_endpoint:
                if (!reaches(vnet_of_endpoint(given_, *hop.endpoint), gateway)) {
                    return drop(id, "PEERING_MISSING");
                }
                break;
            default: break;
        }
        return follow(hop, crossing);
    }

    /// [E17] [E23] The gateway's VNet and the spokes that use it; by K, others too.
    bool reaches(const VirtualNetwork* vnet, const VirtualNetworkGateway& gateway) {
        return vnet == nullptr || vnet == vnet_of_gateway(given_, gateway) ||
               is_transit_spoke(given_, *vnet, gateway) ||
               !given_.holds(FactKey::onprem_reaches_advertised_only);
    }

    End gateway_again(const VirtualNetworkGateway& gateway) {
        const std::string id = gateway.header.id.text();
        if (listed_on_premises(given_, gateway, packet_.dst) ||
            has_learned(given_, gateway, packet_.dst) ||
            unread_behind(given_, gateway, packet_.dst)) {
            record_.gateway = &gateway;
            return deliver(Record::Ending::onprem, "onprem");  // a site of the same gateway
        }
        // [E20] Tunnels chain over BGP only.
        for (const VirtualNetworkGateway* other : connected_gateways(given_, gateway)) {
            const VirtualNetwork* vnet = vnet_of_gateway(given_, *other);
            if (vnet != nullptr && contains(vnet->address_space, packet_.dst) &&
                can_learn(given_, gateway) && can_learn(given_, *other) &&
                given_.assumptions.bgp_open() &&
                given_.maybe(FactKey::bgp, id + " chains to " + other->header.id.text())) {
                return from_gateway(*other);
            }
        }
        return drop(id, "ROUTE_NONE");
    }

    // -- bookkeeping --
    void allow(const Passage& passage) {
        if (!passage.by.empty()) {
            last_allow_ = passage.by;
        }
    }
    bool met_before(const std::string& device) {
        return !met_.insert({device, packet_}).second || met_.size() > 64;
    }

    const Case& given_;
    const Origin& origin_;
    Packet packet_;
    Record& record_;
    std::optional<Place> emitter_;  // the NIC that emitted last
    std::string last_allow_;
    std::set<std::pair<std::string, Packet>> met_;
};

}  // namespace

End walk_forward(const Case& given, const Origin& origin, const Packet& packet, Record& record) {
    return Forward(given, origin, packet, record).run();
}

}  // namespace azreach::oracle
