// The walk of docs/walk.md as one formula: which packets end as asked, in which worlds.
//
// A stage takes the packet as it stands there (a PacketTerm) and gives a formula over the packet as
// sent and the facts: it holds iff the packet goes on from here and ends as asked, by some choice
// of the platform or by every choice. The way so far is known while a formula is built, so loops,
// devices and replies cost nothing to remember; what NICs of one subnet have in common is encoded
// once.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "models/network/admission.hpp"
#include "solver/encode_filters.hpp"
#include "solver/encode_routes.hpp"

namespace azreach::solver {

/// The public endpoint that packets are for, and the word that stands for its address.
struct Aim {
    const PaasEndpoint* endpoint = nullptr;
    AddressTerm address;
};

/// What counts.
struct Goal {
    Choices choices = Choices::some;
    enum class End : std::uint8_t {
        arrives,
        answered,    // and its reply returns
        unanswered,  // and its reply does not
    } end = End::arrives;
    std::optional<std::vector<ConfigIndex>> targets;  // only arrival there; sorted
    std::optional<ServiceSet> delivered;              // only these services, as delivered
    std::optional<ServiceTerm> delivered_as;          // only this service, as delivered
    std::set<ResourceId> avoiding;                    // ways through these NICs do not count
    std::optional<Aim> aim;                           // only admission there; `targets` is empty
};

/// What all walks over a network share.
struct Encoders {
    explicit Encoders(const Network& of_network)
        : network(of_network),
          facts(of_network, terms),
          filters(of_network, terms, facts),
          routes(of_network, terms, facts) {}

    const Network& network;
    Terms terms;
    FactVariables facts;
    FilterEncoder filters;
    RouteEncoder routes;
    /// Called where much is built: throws when the time is over.
    std::function<void()> check_time;
};

class WalkEncoder {
public:
    WalkEncoder(Encoders& encoders, Goal goal);

    /// unsatisfiable iff no packet of `party` from its members' own addresses ends as asked (dually
    /// for every choice). `packet.src` tells the members apart.
    Formula from_party(const Party& party, const PacketTerm& packet);
    Formula from_internet(const PacketTerm& packet);
    Formula from_onprem(const PacketTerm& packet);
    /// From the internet to a public entry whose address is not known.                       [E2]
    Formula through_unknown_entry(const Edges::PublicEntry& entry, const PacketTerm& packet);

private:
    /// Who hands the packet to the network now: a member of a party, a gateway or a firewall.
    struct Emitter {
        const Party* party = nullptr;
        AddressTerm who;  // which member
        SubnetIndex subnet = kNoIndex;
        ResourceId gateway;
        Formula forwarded = false;  // the source is not the emitter's own
        FirewallIndex firewall = kNoIndex;
        bool translate = false;  // the firewall still gives the packet a source of its own
    };
    /// An appliance or firewall that the request went through.
    struct Device {
        std::uint32_t key = kNoIndex;  // of the configuration, or kFirewallDevice | firewall
        bool translates = false;       // the source
        AddressTerm source_before;
        // Firewalls.
        std::optional<AddressTerm> source_shown;
        bool destination_translated = false;
        AddressTerm destination_before;
        Word port_before = Word::value(0, 16);
        bool from_outside = false;  // entered by a public address
    };
    static constexpr std::uint32_t kFirewallDevice = 0x80000000U;
    struct Visit {
        Emitter emitter;
        PacketTerm packet;
    };
    struct Request;
    struct Way {
        Start start = Start::nic;
        const Party* sender = nullptr;  // Start::nic
        PacketTerm sent;
        std::vector<Device> devices;
        std::vector<Visit> visits;
        std::vector<std::pair<const LbFrontend*, ConfigIndex>> balanced;  // members met    [R63]
        bool from_onprem = false;  // this direction comes from on-premises
        /// Where it left to the internet and came back by a public entry: after how many devices.
        std::vector<std::size_t> crossings;
        // The reply.
        const Request* request = nullptr;
        std::vector<std::uint32_t> back;  // devices that it met
        std::size_t undone = 0;           // devices of the request that it still has to pass
        std::size_t leg = 0;              // where in `back` its present leg began
    };
    /// A delivered request, to which the reply belongs.
    struct Request {
        const Way* way = nullptr;
        const Party* receiver = nullptr;
        AddressTerm receiver_who;
        bool from_outside = false;
    };
    /// One of several that the platform chooses from, where it exists.
    struct Alternative {
        Formula exists;
        Formula outcome;
    };

    // encode_walk.cpp: where packets start, the NIC that emits, the route
    Formula emit(const Emitter& emitter, const PacketTerm& packet, Way way);
    Formula platform(const Emitter& emitter, const PacketTerm& packet, const Formula& stateful,
                     const Formula& ordinary, const Formula& onward, const Way& way);
    Formula route(const Emitter& emitter, const PacketTerm& packet, const Way& way);
    Formula follow(const Emitter& emitter, const EffectiveRouteEntry& entry,
                   const PacketTerm& packet, const Way& way);
    Formula hand_on(const Emitter& emitter, const EffectiveRouteEntry& entry,
                    const PacketTerm& packet, const Way& way);
    Formula by_service_endpoint(const Emitter& emitter, const PacketTerm& packet, const Way& way);
    Formula over_connection(const Emitter& emitter, const EffectiveRouteEntry& entry,
                            const PacketTerm& packet, const Way& way);
    Formula seen(const Emitter& emitter, const PacketTerm& packet, const Way& way);

    // encode_delivery.cpp: the receiving VNet, the NIC that receives, translations
    Formula enter_vnet(const Emitter& emitter, VnetIndex vnet, bool global_peering,
                       const PacketTerm& packet, const ResourceId& unread, const Way& way);
    Formula reach_owner(const Emitter& emitter, const Owner& owner, bool global_peering,
                        const PacketTerm& packet, const Way& way);
    Formula arrive(const Party& party, const PacketTerm& packet, const AddressTerm& who,
                   const Translation* through, bool from_outside, const Way& way);
    Formula translate(const std::vector<Translation>& ways, const PacketTerm& packet,
                      bool from_outside, const Emitter& sender, const Way& way);
    Formula translate_by(const Translation& by, const PacketTerm& packet, bool from_outside,
                         const Emitter& sender, const Way& way);

    // encode_outside.cpp: the internet
    Formula leave(const Emitter& emitter, const PacketTerm& packet, const Way& way);
    Formula leave_by_method(const Emitter& emitter, const PacketTerm& packet, const Way& way);
    Formula outside(const Emitter& emitter, const std::vector<AddressTerm>& sources,
                    const PacketTerm& packet, Way way);
    Formula enter_public(const Emitter& emitter, const PacketTerm& packet, const Way& way);

    // encode_gateways.cpp: gateways and on-premises
    Formula to_gateway(const Emitter& emitter, const ResourceId& gateway, const PacketTerm& packet,
                       const Way& way);
    Formula from_gateway(const ResourceId& gateway, SubnetIndex subnet, const PacketTerm& packet,
                         Way way);
    Formula enter_from_onprem(const PacketTerm& packet, const ResourceId& only_gateway,
                              const Way& way);

    // encode_appliances.cpp
    Formula to_appliance(const Emitter& emitter, const EffectiveRouteEntry& entry,
                         const PacketTerm& packet, const Way& way);
    Formula through_frontend(const Emitter& emitter, const Owner& owner, const AddressTerm& hop,
                             const PacketTerm& packet, const Way& way);
    Formula through_appliance(ConfigIndex config, const PacketTerm& packet, const Way& way);

    // encode_firewall.cpp
    struct FirstMatch {
        Formula allows = false, denies = false;
    };
    Formula to_firewall(FirewallIndex firewall, const PacketTerm& packet, bool from_outside,
                        Way way);
    Formula by_rules(FirewallIndex firewall, const FirewallRules& rules, const PacketTerm& packet,
                     bool own, bool from_outside, const Way& way);
    Formula translated_by(FirewallIndex firewall, const FirewallRules& rules, const NatMatch& nat,
                          const PacketTerm& packet, bool from_outside, const Way& way);
    Formula past_nat(FirewallIndex firewall, const FirewallRules& rules, const PacketTerm& packet,
                     const Way& way);
    Formula from_firewall(FirewallIndex firewall, const PacketTerm& packet, bool translate,
                          const Way& way);
    Formula leave_firewall(const Emitter& emitter, const PacketTerm& packet, const Way& way);
    Formula reply_leaves_firewall(FirewallIndex firewall, const PacketTerm& packet, const Way& way);
    /// The reply comes to an address that a firewall of the request showed in this VNet: the
    /// condition, and what becomes of it.
    std::vector<Alternative> reply_at_firewall(const PacketTerm& packet, VnetIndex vnet,
                                               const Way& way);
    FirstMatch first_match(FirewallIndex firewall, const std::vector<FirewallMatch>& list,
                           const PacketTerm& packet);
    Formula matches(FirewallIndex firewall, const FirewallMatch& match, const PacketTerm& packet);
    bool on_this_leg(std::uint32_t device, const Way& way) const;
    /// What the reply now goes to came in from outside.
    static bool leg_from_outside(const Way& way) {
        const std::vector<Device>& devices = way.request->way->devices;
        return way.undone < devices.size() ? devices[way.undone].from_outside
                                           : way.request->from_outside;
    }

    // encode_paas.cpp
    bool aimed(const PacketTerm& packet, const Way& way) const;
    std::string region_of(SubnetIndex subnet) const;
    Formula admitted(const PacketTerm& packet, const Entrance& entrance);
    Formula admitted_unseen(const PacketTerm& packet, const Entrance& entrance);
    Formula admitted_from_subnet(const Emitter& emitter, const PacketTerm& packet);
    Formula admitted_from_outside(const Emitter& emitter, const std::vector<AddressTerm>& sources,
                                  const PacketTerm& packet, const Way& way);

    // encode_reply.cpp: how walks end, and the way back
    Formula lost(const Way& way) const;
    Formula returned() const;
    Formula delivered(const PacketTerm& packet, std::optional<ConfigIndex> at) const;
    Formula counts(const PacketTerm& packet, bool at_target) const;
    Formula session_of(const Formula& answered) const;
    Formula end_unknown(const Guard& facts, const Fact& otherwise, const Topic& topic,
                        const PacketTerm& packet, const Way& way);
    Formula answer_of(const Party& receiver, const AddressTerm& who, const PacketTerm& packet,
                      bool from_outside, const Way& way);
    Formula answer_from_internet(const Emitter& left_by, const PacketTerm& packet, const Way& way);
    Formula answer_from_onprem(const ResourceId& gateway, const PacketTerm& packet, const Way& way);
    Way way_back(const Request& request) const;
    Formula reply_from_device(std::size_t devices, const PacketTerm& packet, Way way);
    Formula reply_arrived(ConfigIndex config, const PacketTerm& packet, const Way& way);
    Formula reply_home(const Way& way);

    Formula choose(const std::vector<Alternative>& alternatives, const Formula& otherwise) const;
    Formula is_config(const Party* party, const AddressTerm& who, ConfigIndex config);
    const Party& single(ConfigIndex config);
    /// The address of the configuration; one of its subnet's where that is not known.        [J6]
    AddressTerm address_of(ConfigIndex config, Family family);
    bool wanted(ConfigIndex config) const;

    /// Destinations of one VNet by who has them; single NICs of one subnet are one part.
    struct Part {
        AddressSet addresses;
        std::vector<Owner> owners;  // empty: members of `party`
        const Party* party = nullptr;
    };
    const std::vector<Part>& parts_of(VnetIndex vnet, const AddressTerm& dst);
    struct Reply {
        const AddressSet* home = nullptr;
        const std::vector<Part>* others = nullptr;
    };
    Reply reply_parts(VnetIndex vnet, const AddressTerm& dst, const Way& way);
    const std::vector<std::pair<AddressSet, const Edges::PublicEntry*>>& public_space();

    Encoders& e_;
    Terms& terms_;
    FactVariables& facts_;
    const Network& network_;
    Goal goal_;
    std::deque<Party> parties_;
    std::map<ConfigIndex, const Party*> singles_;
    std::map<std::pair<VnetIndex, AddressTerm>, std::vector<Part>> parts_;
    struct ReplyParts {
        AddressSet home;
        std::vector<Part> others;
    };
    std::map<std::tuple<VnetIndex, AddressTerm, const Party*, std::vector<std::uint32_t>>,
             ReplyParts>
        reply_parts_;
    std::map<std::pair<const std::vector<FirewallMatch>*, PacketTerm>, FirstMatch> first_matches_;
    std::vector<std::pair<AddressSet, const Edges::PublicEntry*>> public_space_;
    bool public_ready_ = false;
};

}  // namespace azreach::solver
