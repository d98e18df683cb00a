// The reply of a delivered packet: which way it takes, and whether the sender gets it.
#include <algorithm>

#include "tests/oracle/oracle_walk.hpp"

namespace azreach::oracle {

namespace {

class Reply {
  public:
    Reply(const Case& given, const Origin& origin, const Record& record)
        : given_(given),
          origin_(origin),
          forward_(record),
          sender_(place_of_origin(given.snapshot, origin)),
          open_(record.translations),
          packet_(reply_to(record.final_packet)) {}

    bool run() {
        switch (forward_.ending) {
            case Record::Ending::dropped: return false;
            case Record::Ending::platform:
            case Record::Ending::service_endpoint: return true;
            case Record::Ending::unknown:
                return given_.maybe(FactKey::unmodelled, "reply");
            case Record::Ending::internet:  // the server answers to the address it saw
                return open_.empty() || back_through_translation();
            case Record::Ending::onprem:
                return origin_.kind == Origin::Kind::onprem || from_gateway(*forward_.gateway);
            case Record::Ending::nic: break;
        }
        const Place& receiver = forward_.receiver;
        if (receiver.endpoint != nullptr) {  // [R47] straight back
            if (forward_.transparent_appliance) {
                return given_.maybe(FactKey::unmodelled,
                                    receiver.endpoint->header.id.text() + " reply");
            }
            return reached();
        }
        return send(receiver);
    }

  private:
    /// The client is an internet client, or the last translation on the way was to the internet.
    bool expects_internet() const {
        return open_.empty() ? origin_.kind == Origin::Kind::internet
                             : open_.back().kind == SourceTranslation::Kind::internet;
    }
    /// The NIC that holds the flow at the other end of this leg; null: not a NIC.
    const NetworkInterface* expected_nic() const {
        if (!open_.empty()) {
            return open_.back().at.nic;
        }
        return sender_ ? sender_->nic : nullptr;
    }

    /// The reply has come to where the source that the receiver saw belongs.
    bool reached() { return open_.empty() ? symmetric() : back_through_translation(); }

    bool back_through_translation() {
        const SourceTranslation translation = open_.back();
        open_.pop_back();
        packet_.dst = translation.before;
        if (forward_.appliances.contains(translation.at.nic)) {
            appliances_.insert(translation.at.nic);  // it sees its replies by construction
        }
        if (open_.empty() && sender_ && sender_->nic == translation.at.nic) {
            return symmetric();
        }
        return send(translation.at);
    }

    /// [R62] The stateful devices of both ways are the same.
    bool symmetric() {
        return appliances_ == forward_.appliances ||
               !given_.holds(FactKey::stateful_asymmetry_drops);
    }

    /// Filters of a NIC that the request did not pass: a new packet there.            [N33] [N35]
    bool filters_pass(const Place& at, Direction direction) {
        return forward_.passed.contains(at.nic) ||
               pass(given_, at, direction, packet_).allowed;
    }

    bool send(const Place& from) {
        if (met_before(from.nic->header.id.text())) {
            return false;
        }
        if (!filters_pass(from, Direction::outbound)) {
            return false;
        }
        if (from.vnet == nullptr || from.subnet == nullptr) {
            return given_.maybe(FactKey::missing_resource,
                                from.config->id.text() + " subnet routes the reply");
        }
        const Crossing crossing{from.vnet, from.subnet, false};
        const NextHop hop = route(given_, *from.vnet, *from.subnet, packet_.dst);
        if (expects_internet()) {
            switch (hop.kind) {
                case NextHop::Kind::internet: return reached();
                case NextHop::Kind::appliance:
                case NextHop::Kind::gateway:  // [R60]
                    return !given_.holds(FactKey::stateful_asymmetry_drops);
                case NextHop::Kind::unknown:
                    return given_.maybe(FactKey::missing_resource, hop.unread + " reply");
                default: return false;
            }
        }
        return follow(hop, crossing);
    }

    bool follow(const NextHop& hop, const Crossing& crossing) {
        switch (hop.kind) {
            case NextHop::Kind::vnet_local: return deliver_in(*crossing.from);
            case NextHop::Kind::peering:
                if (peering_blocks(given_, crossing, hop.peering, packet_, packet_.dst)) {
                    return false;
                }
                if (hop.peering.remote == nullptr) {
                    return given_.maybe(FactKey::unread_neighbour,
                                        hop.peering.side->remote->text() + " takes the reply");
                }
                return deliver_in(*hop.peering.remote);
            case NextHop::Kind::connected_group:
                return deliver_in(*hop.members[given_.world.choose(hop.members.size())].vnet);
            case NextHop::Kind::appliance: return to_appliance(hop, crossing);
            case NextHop::Kind::gateway:
                return to_gateway(*hop.gateways[given_.world.choose(hop.gateways.size())]);
            case NextHop::Kind::unknown:
                return given_.maybe(FactKey::missing_resource, hop.unread + " reply");
            default: return false;
        }
    }

    bool deliver_in(const VirtualNetwork& vnet) {
        const std::vector<Owner> owners = owners_of(given_, vnet, packet_.dst);
        const Owner& owner = owners[given_.world.choose(owners.size())];
        if (owner.kind == Owner::Kind::unknown) {
            return given_.maybe(FactKey::unmodelled, owner.unread + " reply");
        }
        if (owner.kind != Owner::Kind::nic || owner.place.endpoint != nullptr) {
            return false;
        }
        if (owner.place.nic == expected_nic()) {
            return reached();
        }
        // [N35] Another NIC holds the address: a new flow there.
        return open_.empty() && pass(given_, owner.place, Direction::inbound, packet_).allowed &&
               symmetric();
    }

    bool to_appliance(const NextHop& hop, const Crossing& crossing) {
        const std::vector<NextHopPlace> places =
            places_of_next_hop(given_, *crossing.from, hop.appliance);
        if (places.empty()) {
            return no_such_appliance(hop);
        }
        const NextHopPlace& place = places[given_.world.choose(places.size())];
        if (place.over &&
            peering_blocks(given_, crossing, *place.over, packet_, hop.appliance)) {
            return false;
        }
        if (place.vnet == nullptr) {
            return given_.maybe(FactKey::unread_neighbour, place.unread + " reply");
        }
        const std::vector<Owner> owners = owners_of(given_, *place.vnet, hop.appliance);
        const Owner& owner = owners[given_.world.choose(owners.size())];
        switch (owner.kind) {
            case Owner::Kind::nic:
                return owner.place.endpoint == nullptr ? at_appliance(owner.place)
                                                       : no_such_appliance(hop);
            case Owner::Kind::frontend:
                if (is_global(*crossing.from, *place.vnet) &&
                    owner.frontend.balancer->sku == Sku::basic &&
                    given_.holds(FactKey::basic_lb_global_peering_blocked)) {
                    return false;
                }
                return at_appliance_frontend(owner.frontend);
            case Owner::Kind::unknown:
                return given_.maybe(FactKey::unmodelled, owner.unread + " reply");
            default: return no_such_appliance(hop);
        }
    }

    bool no_such_appliance(const NextHop& hop) {
        return !given_.holds(FactKey::missing_next_hop) &&
               given_.maybe(FactKey::unread_neighbour, to_string(hop.appliance) + " reply");
    }

    bool at_appliance_frontend(const Frontend& frontend) {
        const Balanced balanced =
            balance(given_, frontend, packet_.dst.family, packet_.service);
        if (balanced.members.empty()) {
            return false;
        }
        // [R63] Both directions of a flow through one frontend meet the same member.
        const auto before = forward_.balanced_to.find(frontend.frontend->id.text());
        if (before != forward_.balanced_to.end()) {
            for (const Member& member : balanced.members) {
                if (member.kind == Member::Kind::nic &&
                    member.place.nic->header.id == before->second) {
                    return at_appliance(member.place);
                }
            }
        }
        const Member& member = balanced.members[given_.world.choose(balanced.members.size())];
        switch (member.kind) {
            case Member::Kind::nic: return at_appliance(member.place);
            case Member::Kind::nobody: return false;
            case Member::Kind::unknown:
                return given_.maybe(FactKey::missing_resource, member.unread + " reply");
        }
        return false;
    }

    bool at_appliance(const Place& at) {
        if (is_own_address(*at.nic, packet_.dst)) {
            return at.nic == expected_nic() && reached();
        }
        if (!at.nic->ip_forwarding || !filters_pass(at, Direction::inbound)) {
            return false;
        }
        const std::optional<NvaMode> mode = given_.assumptions.nva(*at.config->address);
        if (!mode || *mode == NvaMode::opaque) {
            return given_.maybe(FactKey::nva, to_string(*at.config->address) + " reply");
        }
        if (*mode == NvaMode::drop) {
            return false;
        }
        appliances_.insert(at.nic);
        return send(at);
    }

    bool to_gateway(const VirtualNetworkGateway& gateway) {
        if (met_before(gateway.header.id.text())) {
            return false;
        }
        struct Behind {
            const VirtualNetworkGateway* enter = nullptr;
        };
        std::vector<Behind> behind;
        if (listed_on_premises(given_, gateway, packet_.dst) || gateway.default_site ||
            has_learned(given_, gateway, packet_.dst) ||
            unread_behind(given_, gateway, packet_.dst)) {
            behind.push_back({});
        }
        for (const VirtualNetworkGateway* other : connected_gateways(given_, gateway)) {
            const VirtualNetwork* vnet = vnet_of_gateway(given_, *other);
            if (vnet != nullptr && contains(vnet->address_space, packet_.dst)) {
                behind.push_back({other});
            }
        }
        for (const auto& [id, vnet] : given_.snapshot.virtual_networks) {
            if (contains(vnet.address_space, packet_.dst) &&
                (&vnet == vnet_of_gateway(given_, gateway) ||
                 is_transit_spoke(given_, vnet, gateway))) {
                behind.push_back({&gateway});
            }
        }
        if (behind.empty()) {
            return false;
        }
        const Behind& chosen = behind[given_.world.choose(behind.size())];
        if (chosen.enter == nullptr) {
            return origin_.kind == Origin::Kind::onprem && open_.empty() && symmetric();
        }
        return from_gateway(*chosen.enter);
    }

    bool from_gateway(const VirtualNetworkGateway& gateway) {
        const std::string id = gateway.header.id.text();
        if (met_before(id + " in")) {
            return false;
        }
        const VirtualNetwork* vnet = vnet_of_gateway(given_, gateway);
        const Subnet* subnet = nullptr;
        for (const ResourceId& each : gateway.subnets) {
            subnet = vnet == nullptr || subnet != nullptr ? subnet : subnet_of(*vnet, each);
        }
        if (subnet == nullptr) {
            return given_.maybe(FactKey::missing_resource, id + " subnet reply");
        }
        const Crossing crossing{vnet, subnet, true};
        const NextHop hop = route(given_, *vnet, *subnet, packet_.dst);
        const VirtualNetwork* into = nullptr;
        switch (hop.kind) {
            case NextHop::Kind::internet:
            case NextHop::Kind::service_endpoint:
            case NextHop::Kind::private_endpoint: return false;
            case NextHop::Kind::gateway:
                return origin_.kind == Origin::Kind::onprem && open_.empty() &&
                       listed_on_premises(given_, gateway, packet_.dst).has_value() &&
                       symmetric();
            case NextHop::Kind::peering: into = hop.peering.remote; break;
            case NextHop::Kind::connected_group: into = hop.members.front().vnet; break;
            default: break;
        }
        if (into != nullptr && into != vnet && !is_transit_spoke(given_, *into, gateway) &&
            given_.holds(FactKey::onprem_reaches_advertised_only)) {  // [E17]
            return false;
        }
        return follow(hop, crossing);
    }

    bool met_before(const std::string& device) {
        return !met_.insert({device, packet_}).second || met_.size() > 64;
    }

    const Case& given_;
    const Origin& origin_;
    const Record& forward_;
    const std::optional<Place> sender_;
    std::vector<SourceTranslation> open_;  // not yet undone
    Packet packet_;
    std::set<const NetworkInterface*> appliances_;
    std::set<std::pair<std::string, Packet>> met_;
};

}  // namespace

bool walk_reply(const Case& given, const Origin& origin, const Record& record) {
    return Reply(given, origin, record).run();
}

}  // namespace azreach::oracle
