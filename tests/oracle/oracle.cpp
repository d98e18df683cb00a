// The walk of docs/walk.md for one packet, one world, one series of choices; then all of them.
#include "tests/oracle/oracle.hpp"

#include <algorithm>
#include <set>

#include "tests/oracle/firewall_walk.hpp"
#include "tests/oracle/paas.hpp"
#include "tests/oracle/world.hpp"

namespace azreach::oracle {

namespace {

struct End {  // thrown where the packet ends
    bool delivered;
    std::string at, reason;
};

constexpr std::uint32_t kHost = 0xA83F8110U;
constexpr std::uint32_t kMetadata = 0xA9FEA9FEU;

class Walk {
public:
    Walk(const World& w, const Start& from, const Packet& packet)
        : w_(w), from_(from), sent_(packet) {}
    /// The packet is for the public endpoint of a PaaS resource.
    void aim(const PaasResource& target, const std::string& group) {
        target_ = &target;
        group_ = group;
    }

    End request() {
        try {
            begin();
        } catch (const End& end) {
            return end;
        }
        return {false, "", "nothing ended"};
    }

    /// The reply of a delivered request.
    bool reply(const End& forward) {
        reply_ = true;
        steps_ = 0;
        try {
            Packet back = reply_to(last_);
            undone_ = devices_.size();
            if ((forward.at == "internet" || served_) && left_by_firewall_) {
                from_device(devices_.size(), back);
            } else if (forward.at == "internet" || served_) {
                if (!left_) return true;  // service endpoint, or internet to internet
                if (*left_ == *sender_) return true;
                back.dst = sent_.src;
                from_device(devices_.size(), back);
            } else if (forward.at == "onprem") {
                onprem(back, left_gateway_);
            } else if (!receiver_) {
                return true;  // the platform itself
            } else if (receiver_->endpoint != nullptr) {
                for (const Device& device : devices_) {
                    if (!device.translates) {
                        return w_.unknown("reply of endpoint " +
                                          receiver_->endpoint->header.id.text());
                    }
                }
                return true;
            } else {
                if (receiver_->config->address) back.src = *receiver_->config->address;
                emit(*receiver_, back, false);
            }
        } catch (const End& end) {
            return end.delivered;
        }
        return false;
    }

private:
    friend class FirewallWalk<Walk>;
    struct Device {
        Seat seat;
        bool translates = false;
        Address before{};
        const AzureFirewall* firewall = nullptr;  // then no seat
        Address shown{};
        bool moved = false;
        Address to_before{};
        std::uint16_t port_before = 0;
        bool outside = false;
    };
    [[noreturn]] static void drop(const std::string& at, const char* reason) {
        throw End{false, at, reason};
    }
    [[noreturn]] void either(const std::string& what, const std::string& at) {
        const bool delivered = w_.unknown("end " + what);
        if (delivered && target_ != nullptr && !reply_) {  // and then perhaps to the service
            unseen_ = true;
            Arrival arrival;
            arrival.how = Arrival::How::unseen;
            arrival.source_known = false;
            serve(arrival, sent_);
        }
        throw End{delivered, at, delivered ? "GAP-DELIVERED" : "GAP"};
    }
    [[noreturn]] void deliver(const std::string& at, const Packet& packet) {
        if (!reply_) last_ = packet;
        throw End{true, at, "DELIVERED"};
    }

    [[noreturn]] void serve(const Arrival& arrival, const Packet& packet) {
        const std::string id = target_->header.id.text();
        if (!listens(w_, target_->header.id.type(), group_, target_, id, false, packet.service)) {
            drop(id, "PAAS_PORT");
        }
        const std::string reason = refuses(w_, *target_, group_, arrival);
        if (!reason.empty()) throw End{false, id, reason};
        served_ = true;
        last_ = packet;
        throw End{true, id, unseen_ ? "GAP-DELIVERED" : "DELIVERED"};
    }
    bool to_service(const Packet& packet) const {
        return target_ != nullptr && !reply_ && packet.dst == sent_.dst;
    }

    void begin() {
        last_ = sent_;
        if (from_.kind == Start::Kind::internet) {
            if (!is_public(sent_.src)) drop("internet", "SPOOFED_SOURCE");
            enter_public(sent_, std::nullopt, true);
            return;
        }
        if (from_.kind == Start::Kind::onprem) {
            onprem(sent_, nullptr);
            return;
        }
        const NetworkInterface& nic = w_.s.interfaces.at(from_.nic);
        Seat seat = seat_of(w_, nic, nic.configurations.front());
        if (seat.endpoint != nullptr) drop(seat.endpoint->header.id.text(), "SPOOFED_SOURCE");
        bool own = false;
        for (const IpConfiguration& config : nic.configurations) {
            if (config.address == sent_.src) {
                seat = seat_of(w_, nic, config);
                own = true;
            }
        }
        if (!own && !nic.ip_forwarding) drop(nic.header.id.text(), "SPOOFED_SOURCE");
        sender_ = seat;
        emit(seat, sent_, !own);
    }

    /// Reply: whom it goes to now stands outside.
    bool asked_outside() const {
        return undone_ < devices_.size() ? devices_[undone_].outside : outside_;
    }

    bool is_device(const Seat& seat) const {
        return std::any_of(devices_.begin(), devices_.end(), [&](const Device& d) {
            return d.firewall == nullptr && d.seat == seat;
        });
    }

    void emit(const Seat& seat, const Packet& packet, bool foreign) {
        const std::string nic = seat.nic->header.id.text();
        const std::string state = nic + to_string(packet.src) + ">" + to_string(packet.dst) + " " +
                                  std::to_string(packet.service.b);
        if (++steps_ > 64 || (seen_[reply_].contains(state))) drop(nic, "ROUTE_LOOP");
        seen_[reply_].insert(state);
        const bool passes = reply_ && ((receiver_ && seat == *receiver_) ||
                                       (sender_ && seat == *sender_) || is_device(seat));
        const bool host = packet.dst == Address::v4(kHost);
        const bool metadata = packet.dst == Address::v4(kMetadata);
        const std::string subnet = seat.subnet != nullptr ? seat.subnet->header.id.text() : nic;
        if (!passes) {
            const Service s = packet.service;
            const bool tcp = s.protocol == kTcp;
            const bool udp = s.protocol == kUdp;
            const auto exempt = [&](const char* tag) {
                if (*tag != '\0' && platform_denied(w_, seat, packet, tag)) drop(nic, "NSG_DENY");
            };
            bool activation = false;
            if (host && tcp && (s.b == 80 || s.b == 32526)) deliver(subnet, packet);
            if (host && (tcp || udp) && s.b == 53) {
                exempt("AzurePlatformDNS");
                deliver(subnet, packet);
            }
            if (metadata && tcp && s.b == 80) {
                exempt("AzurePlatformIMDS");
                deliver(subnet, packet);
            }
            for (const char* kms : {"23.102.135.246", "20.118.99.224", "40.83.235.53"}) {
                if (tcp && s.b == 1688 && packet.dst == *parse_address(kms)) {
                    exempt("AzurePlatformLKM");
                    activation = true;
                }
            }
            if (!activation) {
                const Ruling ruling = filters(w_, seat, Direction::outbound, packet);
                if (!ruling.allow) drop(nic, ruling.reason.c_str());
            }
        }
        if (host || metadata) drop(subnet, "NO_SUCH_ADDRESS");
        if (seat.subnet == nullptr) either("unread subnet " + nic, nic);
        forward(*seat.vnet, *seat.subnet, packet, seat, nullptr, foreign);
    }

    void forward(const VirtualNetwork& vnet, const Subnet& subnet, Packet packet,
                 const std::optional<Seat>& seat, const VirtualNetworkGateway* gateway,
                 bool foreign, const AzureFirewall* firewall = nullptr, bool translate = false) {
        const Way way = route(w_, vnet, subnet, packet.dst);
        const std::string at = subnet.header.id.text();
        if (way.kind == Way::Kind::none) drop(at, "ROUTE_NONE");
        if (way.kind == Way::Kind::anything) either(way.unknown, at);
        if (way.lost) drop(at, "PEERING_NOT_CONNECTED");
        if (firewall != nullptr && way.kind == Way::Kind::internet) {
            firewalls_.leave(*firewall, translate, packet);
            return;
        }
        if (translate) packet = firewalls_.shown(*firewall, packet);
        switch (way.kind) {
            case Way::Kind::local:
            case Way::Kind::endpoint:
                enter(*way.vnet, packet, seat, false);
                return;
            case Way::Kind::group:
                enter(*way.vnet, packet, seat, false);
                return;
            case Way::Kind::peer: {
                const Peering* back = other_side(w_, vnet, *way.peering);
                const bool access =
                    way.peering->allow_access && (back == nullptr || back->allow_access);
                if (!access && w_.contested(FactKey::peering_no_access_blocks)) {
                    drop(at, "PEERING_NOT_CONNECTED");
                }
                const bool outsider = !in_prefixes(vnet.address_space, packet.src);
                if (outsider && gateway == nullptr && (back == nullptr || !back->allow_forwarded) &&
                    w_.contested(FactKey::peering_no_forwarded_blocks)) {
                    drop("", "PEERING_NOT_CONNECTED");
                }
                if (gateway != nullptr && from_.kind == Start::Kind::onprem) {
                    bool transit = way.peering->allow_gateway_transit &&
                                   (back == nullptr || back->use_remote_gateways);
                    if (transit && back == nullptr) {  // P2: its flags are not known
                        transit = w_.unknown("flags beyond " + way.peering->header.id.text());
                        if (!transit) drop(gateway->header.id.text(), "PEERING_MISSING");
                    }
                    if (!transit && w_.contested(FactKey::onprem_reaches_advertised_only)) {
                        drop(gateway->header.id.text(), "PEERING_MISSING");
                    }
                }
                if (way.vnet == nullptr) either("unread peer " + way.peering->header.id.text(), "");
                enter(*way.vnet, packet, seat, way.global);
                return;
            }
            case Way::Kind::internet:
                leave(packet, seat, gateway, foreign);
                return;
            case Way::Kind::service:
                if (reply_ &&
                    (!asked_outside() || w_.contested(FactKey::stateful_asymmetry_drops))) {
                    drop(at, "ASYMMETRIC");
                }
                left_by_firewall_ = firewall != nullptr && !reply_;
                if (to_service(packet)) {
                    Arrival arrival;
                    arrival.how = Arrival::How::endpoint;
                    arrival.subnet = &subnet;
                    arrival.region = vnet.header.location;
                    arrival.lent = foreign;
                    arrival.source = packet.src;
                    serve(arrival, packet);
                }
                deliver("internet", packet);
            case Way::Kind::gateway:
                to_gateway(*way.gateway, packet);
                return;
            case Way::Kind::appliance:
                appliance(vnet, way, packet, seat, at);
                return;
            default:
                return;
        }
    }

    /// Who has the address in this VNet.
    void enter(const VirtualNetwork& vnet, const Packet& packet, const std::optional<Seat>& from,
               bool global) {
        if (reply_ && firewalls_.comes_back(packet, vnet)) return;
        const auto firewalls = firewalls_at(w_, vnet, packet.dst);
        if (!firewalls.empty()) {
            const int pick = w_.c.choice(static_cast<int>(firewalls.size()));
            firewalls_.meet(*firewalls[static_cast<std::size_t>(pick)], packet, false);
            return;
        }
        std::vector<Seat> holders;
        for (const Seat& seat : seats(w_)) {
            if (seat.vnet == &vnet && seat.config->address == packet.dst) holders.push_back(seat);
        }
        std::vector<std::pair<const LoadBalancer*, const LbFrontend*>> frontends;
        for (const auto& [id, balancer] : w_.s.load_balancers) {
            for (const LbFrontend& frontend : balancer.frontends) {
                if (frontend.address != packet.dst || !frontend.subnet) continue;
                for (const Subnet& subnet : vnet.subnets) {
                    if (subnet.header.id == *frontend.subnet)
                        frontends.emplace_back(&balancer, &frontend);
                }
            }
        }
        const int owners = static_cast<int>(holders.size() + frontends.size());
        if (owners > 0) {
            const int pick = w_.c.choice(owners);
            if (pick < static_cast<int>(holders.size())) {
                arrive(holders[static_cast<std::size_t>(pick)], packet, nullptr, false, false);
                return;
            }
            const auto [balancer, frontend] =
                frontends[static_cast<std::size_t>(pick) - holders.size()];
            if (global && balancer->sku == Sku::basic &&
                w_.contested(FactKey::basic_lb_global_peering_blocked)) {
                drop(balancer->header.id.text(), "NO_SUCH_ADDRESS");
            }
            balance(*balancer, *frontend, packet, from, false);
            return;
        }
        for (const Subnet& subnet : vnet.subnets) {
            for (const Prefix& prefix : subnet.prefixes) {
                if (!prefix.contains(packet.dst)) continue;
                if (packet.dst.family == Family::v4 && prefix.length() <= 29) {
                    const Uint128 offset = packet.dst.value - prefix.first().value;
                    if (offset < 4 || packet.dst == prefix.last()) {
                        drop(subnet.header.id.text(), "NO_SUCH_ADDRESS");
                    }
                }
                const bool managed =
                    equal_ignoring_case(subnet.header.name, "GatewaySubnet") ||
                    (equal_ignoring_case(subnet.header.name, "AzureFirewallSubnet") &&
                     !left_by_its_firewall(w_, subnet));
                bool unsure = managed || !subnet.delegations.empty();
                for (const Seat& seat : seats(w_)) {
                    unsure = unsure || (seat.subnet == &subnet && !seat.config->address);
                }
                if (unsure) either("somebody at " + to_string(packet.dst), subnet.header.id.text());
            }
        }
        drop("", "NO_SUCH_ADDRESS");
    }

    void arrive(const Seat& seat, const Packet& packet, const LbRule* through, bool from_outside,
                bool standard, bool internal = false, bool floating = false) {
        if (reply_) {
            arrived_back(seat, packet);
            return;
        }
        (void)through;
        (void)floating;
        const std::string nic = seat.nic->header.id.text();
        const std::string at = seat.endpoint != nullptr ? seat.endpoint->header.id.text() : nic;
        if (seat.endpoint != nullptr && !approved(w_, *seat.endpoint)) drop(at, "PE_NOT_APPROVED");
        const Ruling ruling = filters(w_, seat, Direction::inbound, packet);
        if (!ruling.allow) drop(nic, ruling.reason.c_str());
        if (!has_group(seat)) {  // N13, N14
            if (from_outside) {
                if (standard) {
                    if (!ruling.always || !w_.contested(FactKey::always_allow_beats_sku_closed)) {
                        drop(nic, "STANDARD_SKU_CLOSED");
                    }
                } else if (!w_.contested(FactKey::basic_sku_open)) {
                    drop(nic, "STANDARD_SKU_CLOSED");
                }
            } else if (internal && standard && !ruling.always &&
                       w_.contested(FactKey::internal_lb_closed_without_nsg)) {
                drop(nic, "STANDARD_SKU_CLOSED");
            }
        }
        if (seat.endpoint != nullptr && !endpoint_listens(w_, *seat.endpoint, packet.service)) {
            drop(at, "PE_GROUP_PORT");
        }
        receiver_ = seat;
        outside_ = from_outside;
        deliver(at, packet);
    }

    std::vector<Seat> members(const ResourceId& pool_id) const {
        std::vector<Seat> result;
        for (const Seat& seat : seats(w_)) {
            const auto& pools = seat.config->lb_pools;
            bool in = std::find(pools.begin(), pools.end(), pool_id) != pools.end();
            for (const auto& [id, balancer] : w_.s.load_balancers) {
                for (const LbPool& pool : balancer.pools) {
                    if (pool.id != pool_id) continue;
                    in = in ||
                         std::find(pool.ip_configurations.begin(), pool.ip_configurations.end(),
                                   seat.config->id) != pool.ip_configurations.end();
                }
            }
            if (in) result.push_back(seat);
        }
        return result;
    }

    static bool takes(RuleProtocol protocol, const Service& service, int first, int last) {
        const bool tcp = protocol == RuleProtocol::tcp || protocol == RuleProtocol::any;
        const bool udp = protocol == RuleProtocol::udp || protocol == RuleProtocol::any;
        return ((service.protocol == kTcp && tcp) || (service.protocol == kUdp && udp)) &&
               service.b >= first && service.b <= last;
    }

    struct Target {
        std::optional<Seat> seat;
        int port = 0;
        bool floating = false;
    };
    /// All ways through a frontend, of which the platform picks one.
    std::vector<Target> targets(const LoadBalancer& balancer, const LbFrontend& frontend,
                                const Service& service) const {
        std::vector<Target> result;
        for (const LbRule& rule : balancer.rules) {
            if (rule.frontend != frontend.id) continue;
            const bool ha = rule.protocol == RuleProtocol::any && rule.frontend_port == 0;
            bool taken = takes(rule.protocol, service, rule.frontend_port, rule.frontend_port);
            if (ha) {
                taken = has_ports(service.protocol) || w_.contested(FactKey::ha_ports_carry_icmp);
            }
            if (!taken) continue;
            std::vector<Seat> all;
            for (const ResourceId& pool : rule.pools) {
                for (const Seat& seat : members(pool)) all.push_back(seat);
            }
            if (all.empty()) result.push_back({std::nullopt, 0, false});
            for (const Seat& seat : all) {
                result.push_back({seat, ha ? 0 : rule.backend_port, rule.floating_ip});
            }
        }
        for (const LbNatRule& rule : balancer.nat_rules) {
            if (rule.frontend != frontend.id || !rule.backend_configuration) continue;
            if (!takes(rule.protocol, service, rule.frontend_port, rule.frontend_port)) continue;
            for (const Seat& seat : seats(w_)) {
                if (seat.config->id == *rule.backend_configuration) {
                    result.push_back({seat, rule.backend_port, rule.floating_ip});
                }
            }
        }
        return result;
    }

    void balance(const LoadBalancer& balancer, const LbFrontend& frontend, const Packet& packet,
                 const std::optional<Seat>& from, bool from_outside) {
        const std::string at = balancer.header.id.text();
        const std::vector<Target> ways = targets(balancer, frontend, packet.service);
        if (ways.empty()) drop(at, "LB_NO_RULE");
        const Target& way =
            ways[static_cast<std::size_t>(w_.c.choice(static_cast<int>(ways.size())))];
        if (!way.seat || (from && *from == *way.seat)) drop(at, "LB_NO_BACKEND");
        Packet inside = packet;
        if (way.seat->config->address) inside.dst = *way.seat->config->address;
        if (way.port != 0) inside.service.b = static_cast<std::uint16_t>(way.port);
        if (way.floating && w_.contested(FactKey::floating_ip_nsg_sees_frontend)) {
            inside.dst = packet.dst;
        }
        bool standard = balancer.sku != Sku::basic;
        if (frontend.public_ip) {
            const auto ip = w_.s.public_ips.find(*frontend.public_ip);
            standard = standard || (ip != w_.s.public_ips.end() && ip->second.sku != Sku::basic);
        }
        arrive(*way.seat, inside, nullptr, from_outside, standard, !from_outside, way.floating);
    }

    const PublicIpAddress* public_ip(const Address& address) const {
        for (const auto& [id, ip] : w_.s.public_ips) {
            if (ip.address == address) return &ip;
        }
        return nullptr;
    }

    void enter_public(const Packet& packet, const std::optional<Seat>& from, bool outside) {
        (void)outside;
        if (to_service(packet)) {
            Arrival arrival;
            arrival.source = packet.src;
            serve(arrival, packet);
        }
        const PublicIpAddress* ip = public_ip(packet.dst);
        if (ip == nullptr) {
            if (is_public(packet.dst)) deliver("internet", packet);
            drop("internet", "NO_PUBLIC_IP");
        }
        for (const Seat& seat : seats(w_)) {
            if (seat.config->public_ip != ip->header.id &&
                ip->ip_configuration != seat.config->id) {
                continue;
            }
            Packet inside = packet;
            if (seat.config->address) inside.dst = *seat.config->address;
            arrive(seat, inside, nullptr, true, ip->sku != Sku::basic);
            return;
        }
        for (const auto& [id, balancer] : w_.s.load_balancers) {
            for (const LbFrontend& frontend : balancer.frontends) {
                if (frontend.public_ip == ip->header.id) {
                    balance(balancer, frontend, packet, from, true);
                    return;
                }
            }
        }
        bool management = false;
        const AzureFirewall* firewall = firewall_of(w_, *ip, management);
        if (firewall != nullptr) {
            firewalls_.meet(*firewall, packet, true);
            return;
        }
        drop(ip->header.id.text(), "NO_SUCH_ADDRESS");
    }

    /// R51-R55: is there a way out, and as whom (nullopt: some unknown public address).
    bool way_out(const Seat& seat, const Packet& packet, std::vector<Address>& sources) const {
        const bool v6 = packet.dst.family == Family::v6;
        const Service& s = packet.service;
        const bool ported = has_ports(s.protocol);
        const auto address_of = [&](const ResourceId& id) {
            const auto ip = w_.s.public_ips.find(id);
            return ip == w_.s.public_ips.end() ? std::optional<Address>() : ip->second.address;
        };
        const bool nat = !v6 && seat.subnet->nat_gateway &&
                         w_.s.nat_gateways.contains(*seat.subnet->nat_gateway);
        Ref instance = seat.config->public_ip;
        for (const auto& [id, ip] : w_.s.public_ips) {
            if (ip.ip_configuration == seat.config->id) instance = id;
        }
        if (nat && ported &&
            !(instance && !w_.contested(FactKey::nat_gateway_before_instance_ip))) {
            for (const ResourceId& id :
                 w_.s.nat_gateways.at(*seat.subnet->nat_gateway).public_ips) {
                if (const auto address = address_of(id)) sources.push_back(*address);
            }
            return true;
        }
        if (instance) {
            if (const auto address = address_of(*instance)) sources.push_back(*address);
            return true;
        }
        if (nat && ported) return true;
        if (v6) return false;
        bool sure = false;
        bool unsure = false;
        bool standard_member = false;
        for (const auto& [id, balancer] : w_.s.load_balancers) {
            bool member = false;
            for (const LbPool& pool : balancer.pools) {
                for (const Seat& each : members(pool.id)) member = member || each == seat;
            }
            for (const LbNatRule& rule : balancer.nat_rules) {
                member = member || rule.backend_configuration == seat.config->id;
            }
            if (!member) continue;
            standard_member = standard_member || balancer.sku != Sku::basic;
            for (const LbRule& rule : balancer.rules) {
                bool mine = false;
                for (const ResourceId& pool : rule.pools) {
                    for (const Seat& each : members(pool)) mine = mine || each == seat;
                }
                if (!mine || rule.disable_outbound_snat.value_or(false)) continue;
                for (const LbFrontend& frontend : balancer.frontends) {
                    if (frontend.id != rule.frontend || !frontend.public_ip) continue;
                    if (takes(rule.protocol, {s.protocol, 0, 1}, 0, 1)) {
                        sure = true;
                    } else {
                        unsure = true;  // what a rule does not name: not said
                    }
                    if (const auto address = address_of(*frontend.public_ip)) {
                        sources.push_back(*address);
                    }
                }
            }
        }
        if (sure || (unsure && w_.unknown("snat of an unnamed protocol"))) return true;
        sources.clear();
        bool open = seat.subnet->default_outbound_access.value_or(true);
        if (!standard_member && !nat && ported) {
            if (!open) open = w_.contested(FactKey::private_subnet_keeps_default_outbound);
            if (open) return true;
        }
        // R55: Storage of the region, without any way out.
        if (!ported || !is_public(packet.dst)) return false;
        bool known = false;
        bool inside = false;
        if (w_.s.service_tags) {
            for (const auto& [name, set] : w_.s.service_tags->tags) {
                if (equal_ignoring_case(name, "Storage." + seat.vnet->header.location)) {
                    known = true;
                    inside = set.contains(packet.dst);
                }
            }
        }
        if (!known)
            inside = w_.unknown("tag Storage." + seat.vnet->header.location + " " +
                                to_string(packet.dst));
        return inside && (s.protocol == kTcp || w_.unknown("datagrams to Storage"));
    }

    void leave(const Packet& packet, const std::optional<Seat>& seat,
               const VirtualNetworkGateway* gateway, bool foreign) {
        if (!seat) drop(gateway->header.id.text(), "ROUTE_NONE");
        const std::string nic = seat->nic->header.id.text();
        if (reply_) {
            const bool home = receiver_ && *seat == *receiver_ && outside_;
            if (home && !crossings_.empty()) {
                const std::size_t passed = crossings_.back();
                crossings_.pop_back();
                from_device(passed, packet);
                return;
            }
            if (!asked_outside()) drop(nic, "RETURN_BLOCKED");
            if (!home && w_.contested(FactKey::stateful_asymmetry_drops)) drop(nic, "ASYMMETRIC");
            deliver("internet", packet);
        }
        Packet outside = packet;
        bool known = true;
        if (!foreign || w_.contested(FactKey::nva_forwarded_source_snat)) {
            std::vector<Address> sources;
            if (!way_out(*seat, packet, sources)) drop(nic, "NO_PUBLIC_IP");
            std::sort(sources.begin(), sources.end());
            known = !sources.empty();
            if (known) {
                const bool matters = public_ip(packet.dst) != nullptr || to_service(packet);
                outside.src = sources[static_cast<std::size_t>(
                    matters ? w_.c.choice(static_cast<int>(sources.size())) : 0)];
            }
        }
        left_ = seat;
        if (to_service(packet)) {
            Arrival arrival;
            arrival.how = Arrival::How::azure;
            arrival.region = seat->vnet->header.location;
            arrival.source = outside.src;
            arrival.source_known = known;
            serve(arrival, outside);
        }
        if (public_ip(packet.dst) != nullptr) {
            if (!known) either("source of " + nic, nic);
            crossings_.push_back(devices_.size());
            enter_public(outside, seat, false);
            return;
        }
        if (!is_public(packet.dst)) drop("internet", "NO_SUCH_ADDRESS");
        deliver("internet", outside);
    }

    void to_gateway(const VirtualNetworkGateway& gateway, const Packet& packet) {
        std::vector<Behind> ways;
        for (const Behind& way : behind(w_, gateway, packet.dst)) {
            if (way.kind == Behind::Kind::anything &&
                !w_.unknown("learned " + way.unknown + " " + to_string(packet.dst))) {
                continue;
            }
            ways.push_back(way);
        }
        // P11: its own VNet and transit spokes, by its subnet's routes.
        for (const auto& [id, vnet] : w_.s.virtual_networks) {
            for (const Subnet& subnet : vnet.subnets) {
                if (std::find(gateway.subnets.begin(), gateway.subnets.end(), subnet.header.id) ==
                    gateway.subnets.end()) {
                    continue;
                }
                bool near = in_prefixes(vnet.address_space, packet.dst);
                for (const Peering& peering : vnet.peerings) {
                    const Peering* back = other_side(w_, vnet, peering);
                    if (near || !peering.allow_gateway_transit ||
                        !in_prefixes(peering_space(w_, peering), packet.dst) ||
                        !peering_works(w_, vnet, peering)) {
                        continue;
                    }
                    near = back != nullptr ? back->use_remote_gateways
                                           : w_.unknown("flags beyond " + peering.header.id.text());
                }
                if (near) ways.push_back({Behind::Kind::vnet, &vnet, &gateway, ""});
            }
        }
        if (ways.empty()) drop(gateway.header.id.text(), "ROUTE_NONE");
        const Behind& way =
            ways[static_cast<std::size_t>(w_.c.choice(static_cast<int>(ways.size())))];
        if (way.kind != Behind::Kind::vnet) {
            if (reply_) {
                if (from_.kind != Start::Kind::onprem) drop("onprem", "ROUTE_NONE");
                if (!same_both_ways() && w_.contested(FactKey::stateful_asymmetry_drops)) {
                    drop(gateway.header.id.text(), "ASYMMETRIC");
                }
                deliver("onprem", packet);
            }
            left_gateway_ = &gateway;
            if (to_service(packet)) either("what the site sends on", "onprem");
            deliver("onprem", packet);
        }
        through(*way.gateway, packet);
    }

    /// A packet that a gateway hands on by its own subnet's table.
    void through(const VirtualNetworkGateway& gateway, const Packet& packet) {
        for (const auto& [id, vnet] : w_.s.virtual_networks) {
            for (const Subnet& subnet : vnet.subnets) {
                if (std::find(gateway.subnets.begin(), gateway.subnets.end(), subnet.header.id) ==
                    gateway.subnets.end()) {
                    continue;
                }
                const std::string state =
                    "gw " + subnet.header.id.text() + to_string(packet.src) + to_string(packet.dst);
                if (seen_[reply_].contains(state)) drop(gateway.header.id.text(), "ROUTE_LOOP");
                seen_[reply_].insert(state);
                forward(vnet, subnet, packet, std::nullopt, &gateway, true);
                return;
            }
        }
        either("subnet of gateway " + gateway.header.id.text(), gateway.header.id.text());
    }

    void onprem(const Packet& packet, const VirtualNetworkGateway* only) {
        std::vector<const VirtualNetworkGateway*> entries;
        for (const auto& [id, gateway] : w_.s.gateways) {
            if (only != nullptr && only != &gateway) continue;
            for (const Behind& way : behind(w_, gateway, packet.src)) {
                if (way.kind == Behind::Kind::vnet) continue;
                if (way.kind == Behind::Kind::anything &&
                    !w_.unknown("learned " + way.unknown + " " + to_string(packet.src))) {
                    continue;
                }
                entries.push_back(&gateway);
            }
        }
        if (entries.empty()) drop("onprem", only == nullptr ? "SPOOFED_SOURCE" : "ROUTE_NONE");
        if (to_service(packet) && w_.unknown("the site's own way out")) {
            Arrival arrival;
            arrival.source_known = false;
            serve(arrival, packet);
        }
        through(*entries[static_cast<std::size_t>(w_.c.choice(static_cast<int>(entries.size())))],
                packet);
    }

    void appliance(const VirtualNetwork& vnet, const Way& way, const Packet& packet,
                   const std::optional<Seat>& from, const std::string& at) {
        std::vector<const VirtualNetwork*> near{&vnet};
        bool unread = false;
        for (const Peering& peering : vnet.peerings) {
            if (!peering_works(w_, vnet, peering)) continue;
            const VirtualNetwork* remote = peering.remote ? vnet_of(w_, *peering.remote) : nullptr;
            if (remote != nullptr) {
                near.push_back(remote);
            } else {
                unread = unread || in_prefixes(peering_space(w_, peering), way.address);
            }
        }
        for (const VirtualNetwork* member : group_members(w_, vnet)) near.push_back(member);
        for (const VirtualNetwork* place : near) {
            const auto firewalls = firewalls_at(w_, *place, way.address);
            if (!firewalls.empty()) {
                const int pick = w_.c.choice(static_cast<int>(firewalls.size()));
                firewalls_.meet(*firewalls[static_cast<std::size_t>(pick)], packet, false);
                return;
            }
            for (const Seat& seat : seats(w_)) {
                if (seat.vnet == place && seat.config->address == way.address) {
                    pass(seat, packet);
                    return;
                }
            }
            for (const auto& [id, balancer] : w_.s.load_balancers) {
                for (const LbFrontend& frontend : balancer.frontends) {
                    bool here = false;
                    for (const Subnet& subnet : place->subnets) {
                        here = here || (frontend.subnet && subnet.header.id == *frontend.subnet);
                    }
                    if (!here || frontend.address != way.address) continue;
                    const auto ways = targets(balancer, frontend, packet.service);
                    if (ways.empty()) drop(id.text(), "LB_NO_RULE");
                    const Target& target =
                        ways[static_cast<std::size_t>(w_.c.choice(static_cast<int>(ways.size())))];
                    if (!target.seat || (from && *from == *target.seat))
                        drop(id.text(), "LB_NO_BACKEND");
                    pass(*target.seat, packet);
                    return;
                }
            }
            for (const Subnet& subnet : place->subnets) {
                if (!in_prefixes(subnet.prefixes, way.address)) continue;
                bool unsure = equal_ignoring_case(subnet.header.name, "GatewaySubnet") ||
                              (equal_ignoring_case(subnet.header.name, "AzureFirewallSubnet") &&
                               !left_by_its_firewall(w_, subnet)) ||
                              !subnet.delegations.empty();
                for (const Seat& seat : seats(w_)) {
                    unsure = unsure || (seat.subnet == &subnet && !seat.config->address);
                }
                const Prefix& prefix = subnet.prefixes.front();
                const bool reserved =
                    way.address.family == Family::v4 && prefix.length() <= 29 &&
                    (way.address.value - prefix.first().value < 4 || way.address == prefix.last());
                if (unsure && !reserved) either("appliance at " + to_string(way.address), at);
            }
        }
        if (unread) either("unread appliance " + to_string(way.address), at);
        if (w_.contested(FactKey::missing_next_hop)) drop(at, "NO_SUCH_ADDRESS");
        either("forwarder " + to_string(way.address), at);
    }

    void pass(const Seat& seat, const Packet& packet) {
        const std::string nic = seat.nic->header.id.text();
        for (const IpConfiguration& config : seat.nic->configurations) {
            if (config.address == packet.dst) {
                arrive(seat, packet, nullptr, false, false);
                return;
            }
        }
        if (seat.endpoint != nullptr || !seat.nic->ip_forwarding) drop(nic, "NVA_NO_FORWARDING");
        const bool known = reply_ && is_device(seat);
        if (!known) {
            const Ruling ruling = filters(w_, seat, Direction::inbound, packet);
            if (!ruling.allow) drop(nic, ruling.reason.c_str());
        }
        auto mode = w_.a.nva(*seat.config->address);
        if (known && (!mode || mode == NvaMode::opaque)) mode = NvaMode::transparent;
        if (!mode || mode == NvaMode::opaque) either("nva " + nic, nic);
        if (mode == NvaMode::drop) drop(nic, "NVA_ASSUMED");
        Packet onward = packet;
        if (!reply_) {
            Device device;
            device.seat = seat;
            device.translates = mode == NvaMode::snat;
            device.before = packet.src;
            devices_.push_back(device);
            if (mode == NvaMode::snat) onward.src = *seat.config->address;
        } else {
            back_.push_back(seat);
            leg_.push_back(nic);
        }
        emit(seat, onward, onward.src != *seat.config->address);
    }

    void from_device(std::size_t count, const Packet& packet) {
        if (count == 0) {
            arrived_back(*sender_, packet);
            return;
        }
        const Device& device = devices_[count - 1];
        undone_ = count - 1;
        leg_.clear();
        if (device.firewall != nullptr) {
            firewalls_.hand_back(count - 1, packet);
            return;
        }
        back_.push_back(device.seat);
        Packet onward = packet;
        onward.dst = device.before;
        emit(device.seat, onward, true);
    }

    /// R62: the same devices both ways.
    bool same_both_ways() const {
        bool same = firewalls_.same_both_ways();
        for (const Device& device : devices_) {
            if (device.firewall != nullptr) continue;
            same = same && std::find(back_.begin(), back_.end(), device.seat) != back_.end();
        }
        for (const Seat& each : back_) same = same && is_device(each);
        return same;
    }

    void arrived_back(const Seat& seat, const Packet& packet) {
        for (std::size_t i = devices_.size(); i > 0; --i) {
            const Device& device = devices_[i - 1];
            if (device.firewall == nullptr && device.seat == seat && device.translates &&
                packet.dst == *seat.config->address) {
                from_device(i, packet);
                return;
            }
        }
        if (!sender_ || seat.nic != sender_->nic) drop("", "RETURN_BLOCKED");
        if (!same_both_ways() && w_.contested(FactKey::stateful_asymmetry_drops))
            drop("", "ASYMMETRIC");
        deliver("back", packet);
    }

    const World& w_;
    const Start& from_;
    Packet sent_, last_;
    bool reply_ = false;
    int steps_ = 0;
    std::set<std::string> seen_[2];
    std::optional<Seat> sender_, receiver_, left_;
    const VirtualNetworkGateway* left_gateway_ = nullptr;
    bool outside_ = false;
    std::vector<std::size_t> crossings_;  // out to the internet and in again, after so many devices
    std::vector<Device> devices_;
    std::vector<Seat> back_;
    const PaasResource* target_ = nullptr;
    std::string group_;
    bool served_ = false, unseen_ = false;
    bool left_by_firewall_ = false;
    std::size_t undone_ = 0;        // of the reply: devices that it still has to pass
    std::vector<std::string> leg_;  // what it passed since the last translation
    FirewallWalk<Walk> firewalls_{*this};
};

struct Run {
    std::map<std::string, bool> facts;
    bool delivered;
    std::optional<bool> reply;
};

/// The agreement of all worlds over (delivered, dropped, varies).
template <class Of>
std::string agree(const std::vector<Run>& runs, const Of& of) {
    std::vector<std::string> names;
    for (const Run& run : runs) {
        for (const auto& [name, value] : run.facts) {
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
    }
    if (names.size() > 14) {  // too many worlds to look at; if all runs agree, all worlds do
        std::set<bool> values;
        for (const Run& run : runs) {
            if (const std::optional<bool> value = of(run)) values.insert(*value);
        }
        if (values.size() != 1 || runs.size() >= 30000) return "unknown";
        return *values.begin() ? "delivered" : "dropped";
    }
    struct Part {
        unsigned asked = 0, answers = 0;
        bool value = false;
    };
    std::vector<Part> parts;
    for (const Run& run : runs) {
        const std::optional<bool> value = of(run);
        if (!value) continue;
        Part part;
        part.value = *value;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto fact = run.facts.find(names[i]);
            if (fact == run.facts.end()) continue;
            part.asked |= 1U << i;
            part.answers |= fact->second ? 1U << i : 0;
        }
        parts.push_back(part);
    }
    std::set<std::string> verdicts;
    for (unsigned world = 0; world < (1U << names.size()); ++world) {
        bool yes = false;
        bool no = false;
        for (const Part& part : parts) {
            if ((world & part.asked) != part.answers) continue;
            yes = yes || part.value;
            no = no || !part.value;
        }
        if (!yes && !no) continue;  // nothing to say of in this world
        verdicts.insert(yes && no ? "varies" : yes ? "delivered" : "dropped");
    }
    return verdicts.size() == 1 ? *verdicts.begin() : "unknown";
}

}  // namespace

namespace {

Answer ask_one(const Snapshot& snapshot, const Assumptions& assumptions, const Start& from,
               const Packet& packet, const PaasResource* target, const std::string& group) {
    Chooser chooser;
    std::vector<Run> runs;
    Answer answer;
    do {
        chooser.begin();
        const World world{snapshot, assumptions, chooser};
        Walk walk(world, from, packet);
        if (target != nullptr) walk.aim(*target, group);
        const End end = walk.request();
        Run run;
        run.delivered = end.delivered;
        if (end.delivered) {
            run.reply =
                end.reason == "GAP-DELIVERED" ? world.unknown("reply unseen") : walk.reply(end);
        }
        run.facts = chooser.facts();
        if (runs.empty()) {
            answer.reason = end.reason;
            answer.at = end.at;
        } else {
            answer.one_way = false;
        }
        runs.push_back(std::move(run));
    } while (runs.size() < 30000 && chooser.next());
    answer.verdict = agree(runs, [](const Run& run) { return std::optional(run.delivered); });
    const bool any =
        std::any_of(runs.begin(), runs.end(), [](const Run& r) { return r.reply.has_value(); });
    if (any) {
        answer.reply = agree(runs, [](const Run& run) { return run.reply; });
    }
    return answer;
}

}  // namespace

Answer ask(const Snapshot& snapshot, const Assumptions& assumptions, const Start& from,
           const Packet& packet) {
    return ask_one(snapshot, assumptions, from, packet, nullptr, "");
}

Answer ask_service(const Snapshot& snapshot, const Assumptions& assumptions, const Start& from,
                   const Address& source, const ResourceId& resource, const std::string& group,
                   const Service& service) {
    const PaasResource& target = snapshot.paas.at(resource);
    Chooser unused;
    const World world{snapshot, assumptions, unused};
    std::optional<Answer> answer;
    for (const Address& address : public_addresses_of(world, target, source.family)) {
        const Answer one =
            ask_one(snapshot, assumptions, from, {source, address, service}, &target, group);
        if (!answer) {
            answer = one;
            continue;
        }
        answer->one_way = answer->one_way && one.one_way && answer->reason == one.reason;
        const bool same = answer->verdict == one.verdict && answer->reply == one.reply;
        if (!same) {
            answer->verdict = "unknown";
            if (!answer->reply.empty() || !one.reply.empty()) answer->reply = "unknown";
            answer->one_way = false;
        }
    }
    if (!answer) return {"dropped", "", "NO_SUCH_ADDRESS", "internet", true};
    return *answer;
}

}  // namespace azreach::oracle
