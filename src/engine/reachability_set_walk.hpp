// The walk of docs/walk.md for rectangles of packets.
//
// A region (sources x destinations, one family) goes through the stages at once. What stages do
// differently for different addresses cuts the region into cells; open facts and choices combine
// the cells of their alternatives (reachability_cells.hpp). Translations rewrite the coordinates on
// the way in and write them back on the way out, so that answers are in the coordinates as sent.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "models/network/admission.hpp"
#include "models/network/network.hpp"
#include "src/engine/reachability_cells.hpp"
#include "src/engine/reachability_filter_chain.hpp"
#include "src/engine/waypoints.hpp"

namespace azreach {

/// NICs that the walk need not tell apart when they emit: one subnet, one outbound chain, known and
/// different addresses.
struct SourceGroup {
    std::vector<ConfigIndex> configs;
    AddressSet addresses;
    bool contains(ConfigIndex config) const;
};

/// What is asked of the walk.
struct WalkQuestion {
    /// Not null: only arrival at these configurations (ascending) counts.
    const std::vector<ConfigIndex>* targets = nullptr;
    ServiceId as_delivered = kEveryService;  // only these services, compared as delivered
    bool sessions = true;
    /// Not null: only admission at this public endpoint counts, by one of these entries.
    const PaasEndpoint* paas = nullptr;
    static constexpr std::uint8_t kByPublic = 1, kByServiceEndpoint = 2;
    std::uint8_t paas_entries = kByPublic | kByServiceEndpoint;
    /// With targets: ends that are no configuration count, too.
    bool elsewhere = false;
    /// Packets that pass these do not count; those count only that pass each of `pass` (at most
    /// 32). Replies may go where they like.
    const Waypoints* avoid = nullptr;
    std::vector<const Waypoints*> pass;

    bool counts_elsewhere() const { return targets == nullptr || elsewhere; }
};

class SetWalk {
public:
    /// With `expressions` the walk is symbolic: fates are expressions, the filter at the sender is
    /// left to the caller, translations are opaque. Ask it one question only, and keep the groups
    /// alive: it remembers.
    SetWalk(const Network& network, ServicePool& pool, FilterIndexes& filters,
            Expressions* expressions = nullptr);

    /// Packets that NICs of `group` emit from their own addresses `src`.
    Cells from_group(const SourceGroup& group, const AddressSet& src, const AddressSet& dst,
                     ServiceId services, const WalkQuestion& question);
    Cells from_internet(const AddressSet& src, const AddressSet& dst, ServiceId services,
                        const WalkQuestion& question);
    Cells from_onprem(const AddressSet& src, const AddressSet& dst, ServiceId services,
                      const WalkQuestion& question);
    /// From the internet to a public entry whose address is not known: `dst` stands for it.
    Cells through_unknown_entry(const Edges::PublicEntry& entry, const AddressSet& src,
                                const AddressSet& dst, ServiceId services,
                                const WalkQuestion& question);

    /// From networks that were not read, straight into `vnet`: perhaps. Without sessions.
    Cells from_neighbour(VnetIndex vnet, const AddressSet& src, const AddressSet& dst,
                         ServiceId services, const WalkQuestion& question);
    /// From something in the subnet that was not read or is not modelled: perhaps, and as if the
    /// groups there let it out. Without sessions.
    Cells from_lodger(SubnetIndex subnet, const AddressSet& src, const AddressSet& dst,
                      ServiceId services, const WalkQuestion& question);
    /// What `walk` finds for the candidates of a public endpoint, as cells of one destination that
    /// stands for it: the address 0 of either family.
    Cells to_service(const PaasEndpoint& endpoint, std::uint8_t entries,
                     const std::function<Cells(const WalkQuestion&, const AddressSet&)>& walk,
                     ServiceId services);

    CellAlgebra& algebra() { return algebra_; }
    /// Destinations that the platform itself answers, or exempts from filters.          [N38-N40]
    static const AddressSet& platform_addresses();
    /// Forgets what it remembers of senders: they will not be asked again.
    void forget();

private:
    struct Region {
        AddressSet src, dst;
        ServiceId services = kEveryService;
    };
    /// Who hands packets to the network now.
    struct Emitter {
        const SourceGroup* group = nullptr;  // NICs
        SubnetIndex subnet = kNoIndex;
        const ResourceId* gateway = nullptr;
        bool forwarded = false;
        FirewallIndex firewall = kNoIndex;
        bool translate = false;  // its packets still get a source of the firewall's
        bool answered = false;   // who handed them here asks for the replies
    };
    enum class Start : std::uint8_t { nic, outside, onprem, firewall };
    struct Way;
    /// What a reply is compared with.
    struct Request {
        const Way* way = nullptr;
        ConfigIndex receiver = kNoIndex;
    };
    /// A stretch of the way between translations of the source.
    struct Way {
        const WalkQuestion* question = nullptr;
        const Request* request = nullptr;  // not null: this is a reply
        Start start = Start::nic;
        const SourceGroup* sender = nullptr;  // Start::nic
        FirewallIndex firewall = kNoIndex;    // Start::firewall: it shows the sources
        std::vector<ConfigIndex> devices;     // appliances and firewalls passed, in order
        std::vector<std::pair<const LbFrontend*, ConfigIndex>> balanced;  // members met [R63]
        struct Visit {
            std::uint32_t emitter;
            std::uint32_t version, source;  // of the header
            friend bool operator==(const Visit&, const Visit&) = default;
        };
        std::vector<Visit> visits;
        // Which header the packets have now: equal numbers, equal headers. Destination and services
        // after translations, and who has translated the source (0: nobody).
        std::uint32_t version = 0, source = 0;
        bool from_onprem = false;             // it comes from on-premises, through a gateway
        std::optional<Address> shown_source;  // what an appliance translated the source to
        std::uint32_t passed = 0;             // bits of WalkQuestion::pass
        bool reply() const { return request != nullptr; }
    };
    enum class Tri : std::uint8_t { no, yes, open };

    Cells emit(const SourceGroup& group, const Region& region, bool forwarded, Way way);
    Cells platform(const SourceGroup& group, const Region& region, const Address& address,
                   const Way& way, bool ends_there);
    Cells route(const Emitter& emitter, const Region& region, const Way& way);
    Cells follow(const Emitter& emitter, const EffectiveRouteEntry& entry, const Region& region,
                 const Way& way);
    Cells reply_outside(const EffectiveRouteEntry& entry, const Region& region, const Way& way);
    Cells enter_vnet(const Emitter& emitter, VnetIndex vnet, bool global_peering,
                     const Region& region, const Way& way);
    Cells arrive(ConfigIndex config, const Region& region, const Translation* through,
                 bool from_outside, const Way& way);
    Cells translate(const std::vector<Translation>& ways, const Region& region, bool from_outside,
                    const SourceGroup* sender, const Way& way);
    Cells translate_one(const Translation& translation, const Region& region, bool from_outside,
                        const SourceGroup* sender, const Way& way);
    Cells leave(const Emitter& emitter, const Region& region, const Way& way);
    Cells leave_by(const SourceGroup& emitter, const std::vector<OutboundMethod>& methods,
                   std::size_t next, const Region& region, const Way& way);
    Cells outside(const SourceGroup& emitter, const OutboundMethod* method, const Region& region,
                  const Way& way);
    Cells enter_public(const Region& region, const SourceGroup* sender, const Way& way);
    Cells to_gateway(const ResourceId& gateway, bool from_gateway, const Region& region,
                     const Way& way);
    Cells from_gateway(const ResourceId& gateway, SubnetIndex subnet, const Region& region,
                       Way way);
    Cells enter_from_onprem(const ResourceId* only, const Region& region, const Way& way);
    Cells to_appliance(const Emitter& emitter, const EffectiveRouteEntry& entry,
                       const Region& region, const Way& way);
    Cells to_appliance_in(const Emitter& emitter, const std::vector<HopTarget>& targets,
                          std::size_t next, const Address& address, bool unread,
                          const Region& region, const Way& way);
    Cells through_frontend(const Emitter& emitter, const Owner& owner, const Region& region,
                           const Way& way);
    Cells through_appliance(ConfigIndex config, const Region& region, const Way& way);

    // reachability_walk_firewall.cpp
    Cells to_firewall(FirewallIndex firewall, const Region& region, bool from_outside,
                      const Way& way);
    Cells by_firewall_rules(FirewallIndex firewall, const FirewallRules& rules,
                            const FirewallChains& chains, const Region& region, bool own,
                            bool from_outside, const Way& way);
    Cells by_nat(FirewallIndex firewall, const FirewallRules& rules, const FirewallChains& chains,
                 std::size_t next, std::size_t doubts, const Region& region, bool own,
                 bool from_outside, const Way& way);
    struct NatBounds {
        Bounds<AddressSet> source, destination;
        ServiceId services_must = kNoService, services_may = kNoService;
    };
    NatBounds nat_bounds(const FirewallMatch& match);
    Cells translated_by_firewall(FirewallIndex firewall, const NatMatch& nat,
                                 const FirewallChains& chains, const Region& region,
                                 const Way& way);
    Cells past_nat(FirewallIndex firewall, const FirewallRules& rules, const FirewallChains& chains,
                   const Region& region, bool own, bool from_outside, const Way& way);
    bool passes_some(const FilterIndexes::Chain& chain, const Region& region);
    Cells from_firewall(FirewallIndex firewall, const Region& region, bool translate,
                        const Way& way, bool answered = false);
    Cells anything(const Region& region, const Way& way);
    Cells shown_by_firewall(const Emitter& emitter, const EffectiveRouteEntry& entry,
                            const Region& region, const Way& way);
    Cells leave_firewall(const Emitter& emitter, const Region& region, const Way& way);
    Cells reply_from_firewall(FirewallIndex firewall, const AddressSet& from, const AddressSet& to,
                              const Way& request);
    Cells hand_on(const Emitter& emitter, const EffectiveRouteEntry& entry, const Region& region,
                  const Way& way);
    /// At the public endpoint: its ports and its firewall. Sources are as the service sees them.
    Cells admitted(const Region& region, const Entrance& entrance, const Way& way);
    Cells admitted_by(const std::vector<AdmissionStep>& steps, std::size_t next, Region region,
                      const Way& way);
    /// The same through somebody who was not read: all of `region` or none of it.
    Cells admitted_unseen(const Region& region, const Way& way);
    /// With a source that no file shows.
    Cells admitted_from_anywhere(const Region& region, const Entrance& entrance, const Way& way);
    std::string region_of(SubnetIndex subnet) const;

    Cells delivered(const Region& region, EndPlace end, const Way& way);
    Cells unknown(const Region& region, const Way& way);
    Cells reply_ended(const Region& region, const Way& way);
    void filter(Cells& cells, const FilterIndexes::Chain& chain, const Translation* through,
                bool from_outside, const Way& way);
    void close_by_default(ChainBounds& bounds, const Translation& through, bool from_outside) const;
    /// Sessions of `cells`: what of the packets is answered. `replies` are in the replies'
    /// coordinates.
    Cells with_sessions(Cells cells, const Cells& replies, bool any_destination);
    Cells reply_from(ConfigIndex device, const AddressSet& from, const AddressSet& to,
                     const Way& request);
    Cells replies_of(ConfigIndex receiver, const AddressSet& from, const AddressSet& to,
                     const Way& request);

    /// Alternatives among which the platform chooses; unsure ones exist under facts.
    Cells chosen(std::vector<std::pair<bool, Cells>> alternatives);

    bool seen(Way& way, std::uint32_t emitter) const;
    /// The packet passes something for which `is` holds of waypoints that name it: notes it in
    /// `way`; false where such packets do not count.
    template <class Is>
    static bool pass(Way& way, const Is& is) {
        if (way.reply()) {
            return true;
        }
        if (way.question->avoid != nullptr && is(*way.question->avoid)) {
            return false;
        }
        for (std::size_t i = 0; i < way.question->pass.size(); ++i) {
            way.passed |= is(*way.question->pass[i]) ? 1U << i : 0U;
        }
        return true;
    }
    static Way perhaps_passed(const Way& way);
    std::uint32_t version_of(const Address& destination, ServiceId services);
    bool wanted(ConfigIndex config, const Way& way) const;
    bool is_home(const SourceGroup& sender, ConfigIndex config) const;

    struct OwnedPart {
        AddressSet addresses;
        std::vector<Owner> owners;  // empty: NICs like `like`
        ConfigIndex like = kNoIndex;
    };
    std::shared_ptr<const std::vector<OwnedPart>> owned(VnetIndex vnet, const AddressSet& dst,
                                                        const Way& way);
    Tri tri(FactKey key) const;
    const SourceGroup& single(ConfigIndex config);
    const AddressSet& space_of(VnetIndex vnet);
    const std::vector<std::pair<AddressSet, const Edges::PublicEntry*>>& public_space();

    const Network& network_;
    ServicePool& pool_;
    FilterIndexes& filters_;
    CellAlgebra algebra_;
    std::unordered_map<ConfigIndex, std::unique_ptr<SourceGroup>> singles_;
    std::unordered_map<VnetIndex, std::unique_ptr<AddressSet>> spaces_;
    std::map<std::pair<Address, ServiceId>, std::uint32_t> versions_;
    std::uint32_t unknown_versions_ = std::uint32_t{1} << 31;  // addresses that are not known
    std::vector<std::pair<AddressSet, const Edges::PublicEntry*>> public_space_;
    AddressSet public_addresses_;
    bool public_ready_ = false;

    // What a symbolic walk remembers.
    struct Owned {
        AddressSet dst;
        const SourceGroup* home = nullptr;
        bool shown = false;  // sources are as an appliance shows them
        std::shared_ptr<const std::vector<OwnedPart>> parts;
    };
    std::map<std::pair<VnetIndex, std::size_t>, std::vector<Owned>> owned_;
    struct KnownReplies {
        const SourceGroup* sender = nullptr;
        Start start = Start::nic;
        std::vector<ConfigIndex> devices;
        std::vector<std::pair<const LbFrontend*, ConfigIndex>> balanced;
        std::optional<Address> shown_source;
        FirewallIndex firewall = kNoIndex;
        AddressSet to;
        Cells replies;
    };
    std::unordered_map<SubnetIndex, std::vector<KnownReplies>> replies_;
};

}  // namespace azreach
