// One packet in one world: the walk of docs/walk.md, step by step.
// Rules decided here: [N33] [N34] [N36] [N37] [N45] [R19] [R21] [R27] [R29] [R31] [R35] [R36]
// [R47] [R59] [R60] [P-6] [SE-2] [SE-3] [SE-6] [R61] [R62] [R63] [Z4]
#pragma once

#include <vector>

#include "models/network/admission.hpp"
#include "src/engine/trace.hpp"
#include "src/engine/worlds.hpp"

namespace azreach {

/// What the filters at one NIC said.
struct FilterOutcome {
    bool allowed = true;
    bool always_allowed = false;  // by an admin rule: groups skipped
};

class Walker {
public:
    /// `force` walks on past filters that deny, and notes them as blockers.
    Walker(const Network& network, World& world, const TraceOptions& options, bool force = false)
        : network_(network), world_(world), options_(options), force_(force) {}

    /// The packet is for the public endpoint of a PaaS resource: its destination stands for the
    /// addresses in `cell`, which shrinks to those that fare as it does.
    void aim(const PaasEndpoint& target, const Address& destination, AddressSet& cell) {
        target_ = &target;
        aim_ = destination;
        cell_ = &cell;
    }
    Walk run(const Origin& from, const Packet& packet);
    const std::vector<Hop>& blockers() const { return blockers_; }

private:
    /// An appliance or firewall that the request went through, in order.
    struct Device {
        ConfigIndex config = kNoIndex;   // or kFirewallDevice | index of the firewall
        bool source_translated = false;  // snat: replies come back to it by construction
        Address source_before{};
        // Firewalls.
        Address source_shown{};
        bool destination_translated = false;  // dnat
        Address destination_before{};
        std::uint16_t port_before = 0;
        bool from_outside = false;  // entered by a public address
        friend bool operator==(const Device& a, const Device& b) { return a.config == b.config; }
    };
    enum class Way : std::uint8_t { request, reply };
    /// Who hands the packet to the network now.
    struct Emitter {
        ConfigIndex config = kNoIndex;      // a NIC
        SubnetIndex subnet = kNoIndex;      // whose routes apply (a NIC's, or the gateway's subnet)
        ResourceId gateway;                 // a gateway
        bool forwarded = false;             // the packet's source is not the emitter's own
        FirewallIndex firewall = kNoIndex;  // a firewall
        bool translate = false;             // its packet still gets a source of the firewall's
    };
    struct State {
        std::uint32_t emitter;
        Packet packet;
        friend bool operator==(const State&, const State&) = default;
    };

    void start(const Origin& from, Packet packet);
    void emit(ConfigIndex config, Packet packet, bool forwarded);
    void route(const Emitter& emitter, const Packet& packet);
    void follow(const Emitter& emitter, const EffectiveRouteEntry& entry, const Packet& packet);
    void hand_on(const Emitter& emitter, const EffectiveRouteEntry& entry, const Packet& packet,
                 const By& by);
    void enter_vnet(const Emitter& emitter, VnetIndex vnet, bool global_peering,
                    const Packet& packet, const ResourceId& unread);
    void arrive(ConfigIndex config, const Packet& packet, const Translation* through,
                bool from_outside);
    void translate(const std::vector<Translation>& ways, const Packet& packet, bool from_outside,
                   const ResourceId& at, std::string_view at_name, ConfigIndex sender);
    void leave(const Emitter& emitter, const Packet& packet);
    void enter_public(const Packet& packet, bool from_internet, ConfigIndex sender);
    void to_gateway(const Emitter& emitter, const ResourceId& gateway, const Packet& packet);
    void from_gateway(const ResourceId& gateway, SubnetIndex subnet, const Packet& packet);
    void from_onprem(const Packet& packet, const ResourceId& only_gateway);
    void to_appliance(const Emitter& emitter, const EffectiveRouteEntry& entry,
                      const Packet& packet);
    void through_appliance(ConfigIndex config, const Packet& packet);
    // walk_firewall.cpp
    void to_firewall(FirewallIndex firewall, const Packet& packet, bool from_outside);
    bool translated_by_firewall(FirewallIndex firewall, const FirewallRules& rules,
                                const Packet& packet, bool from_outside);
    bool allowed_by_firewall(FirewallIndex firewall, const FirewallRules& rules,
                             const Packet& packet, bool& translate);
    bool deny_at_firewall(FirewallIndex firewall, By by, Reason reason, std::string note);
    const FirewallMatch* first_match(const std::vector<FirewallMatch>& list, const Packet& packet,
                                     FirewallIndex firewall);
    bool matches(const FirewallMatch& match, const Packet& packet, FirewallIndex firewall);
    bool in(const AddressParts& parts, const Address& address);
    void from_firewall(FirewallIndex firewall, const Packet& packet, bool translate);
    void leave_firewall(FirewallIndex firewall, bool translate, const Packet& packet);
    Packet shown_by_firewall(const Emitter& emitter, const Packet& packet);
    bool on_this_leg(std::uint32_t device) const;
    /// What the reply now goes to came in from outside.
    bool leg_from_outside() const {
        return undone_ < devices_.size() ? devices_[undone_].from_outside : by_public_entry_;
    }
    bool reply_at_firewall(const Packet& packet, VnetIndex vnet, FirewallIndex only = kNoIndex);
    void reply_leaves_firewall(FirewallIndex firewall, const Packet& packet);
    void reply();
    void reply_from_device(std::size_t device_count, const Packet& packet);
    bool same_devices();
    void reply_arrived(ConfigIndex config, const Packet& packet);

    FilterOutcome filter(ConfigIndex config, Direction direction, const Packet& packet,
                         bool ignore_source_port);
    bool filter_list(const FilterList& list, const Packet& packet, bool ignore_source_port,
                     const FilterRule*& decider);
    bool matches(const FilterRule& rule, const Packet& packet, bool ignore_source_port);
    bool in(const GuardedAddresses& parts, const Address& address, World::Salt extra);
    bool in(const GuardedServices& parts, const Service& service, bool ignore_source_port);

    /// Is this the request to the public endpoint that was aimed at?
    bool aimed(const Packet& packet) const {
        return target_ != nullptr && way_ == Way::request && packet.dst == aim_;
    }
    /// `set` was asked about the destination: what is on its other side may fare otherwise.
    void observe(const AddressSet& set, const Packet& packet);
    void observe(const GuardedAddresses& parts, const Packet& packet);
    /// The packet is at the public endpoint. `unknown_source`: its source is some address of these.
    void admit(const Packet& packet, const Entrance& entrance,
               std::optional<AddressSet> unknown_source);
    /// It left the networks of the snapshot, and may come to the endpoint from somewhere.
    void admit_unseen(const Packet& packet);
    std::string region_of(SubnetIndex subnet) const;

    /// A contested fact: as the assumptions close it, else as this world has it.
    bool contested(FactKey key);
    /// The walk ended: delivered, or dropped.
    void end(bool delivered, std::string at, Reason reason, By by = {});
    /// The walk ended at something that the snapshot does not show: either outcome.
    void end_unknown(const Guard& facts, std::string at, World::Salt salt);
    void hop(HopKind kind, const ResourceId& at, HopDecision decision, By by, Reason reason,
             std::optional<Direction> direction = {}, std::string note = {});
    bool seen(std::uint32_t emitter, const Packet& packet);
    const Network& network_;
    World& world_;
    const TraceOptions& options_;
    bool force_;

    Walk walk_;
    std::vector<Hop> blockers_;
    By last_allow_;
    std::vector<State> states_;
    int depth_ = 0;

    Way way_ = Way::request;
    Origin origin_;
    ConfigIndex sender_ = kNoIndex;  // the NIC that emitted the request
    Packet sent_;
    std::vector<Device> devices_;             // of the request
    std::vector<ConfigIndex> reply_devices_;  // of the reply
    ConfigIndex receiver_ = kNoIndex;
    ResourceId left_by_gateway_;      // the gateway that took it on-premises
    ConfigIndex left_by_ = kNoIndex;  // the NIC that sent it to the internet
    /// It left to the internet and came back by a public entry: how many devices it had passed.
    std::vector<std::size_t> crossings_;
    bool left_by_firewall_ = false;   // a firewall took it out of the network
    bool by_public_entry_ = false;    // the receiver was reached straight from a public entry
    std::size_t undone_ = 0;          // reply: devices of the request that it still has to pass
    std::size_t reply_leg_ = 0;       // reply: where in reply_devices_ its present leg began
    ResourceId came_by_gateway_;      // the gateway by which an on-premises packet came
    bool by_endpoint_ = false;        // the receiver is a private endpoint
    std::optional<Fact> unread_end_;  // it ended at something that was not read
    bool ended_ = false;
    bool reply_delivered_ = false;
    std::vector<Hop> request_path_;
    const PaasEndpoint* target_ = nullptr;
    Address aim_{};
    AddressSet* cell_ = nullptr;
    bool at_service_ = false;  // delivered at a public endpoint
};

}  // namespace azreach
