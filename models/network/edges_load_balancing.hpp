// Load balancers: which pool members a packet to a frontend may go to.                  [E5] [E7]
//
// Any member may be picked, since health is not known [E6] [E11]; that a member which calls its own
// frontend must not meet itself is for the walk [E10]. Only the destination changes: the source is
// kept [N42], and the sender's groups have seen the frontend [N43]. Delivery to the member asks no
// route [E8]. Internal frontends are no public entries [E9]; whether they are closed without a
// group is contested [N14], as is what groups see of a floating IP [N44] [E12] and whether HA ports
// carry more than TCP and UDP [R34].
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "models/network/edges.hpp"
#include "models/network/edges_address_book.hpp"
#include "models/network/network.hpp"

namespace azreach {

/// How far a public frontend is open where no security group exists.                [N13] [Q32]
struct Openness {
    bool standard_closed = false;
    bool basic_open = false;
    Guard when;  // unknown SKU: both ways, each under its guard
};
/// `skus`: of the public address and of the load balancer, as far as they were read. Any Standard
/// among them is Standard: the two always agree. Empty or unknown: two alternatives, decided by
/// the fact about `subject`.
std::vector<Openness> openness_of(const Network& network, const std::vector<Sku>& skus,
                                  const ResourceId& subject);

/// `guard` and `more`; nullopt if they contradict each other.
std::optional<Guard> both(const Network& network, const Guard& guard, const Guard& more);

class LoadBalancing {
public:
    /// Cost: configurations + rules x members.
    LoadBalancing(const Network& network, const AddressBook& book,
                  const std::unordered_set<ResourceId>& partly_read_scale_sets);

    struct Place {
        const LoadBalancer* balancer = nullptr;
        const LbFrontend* frontend = nullptr;
        Ref public_ip;  // named by the frontend, or by the public address alone
        bool is_public() const { return public_ip || frontend->public_prefix; }
    };
    std::optional<Place> frontend(const ResourceId& id) const;

    /// What a packet to the frontend turns into, public frontends included.
    const std::vector<Translation>& translations(const LbFrontend& frontend) const;

    /// The pools that a configuration belongs to, for outbound.
    struct Membership {
        const LoadBalancer* balancer = nullptr;  // null: the pool was not read
        const LbPool* pool = nullptr;
        ResourceId id;            // of the pool
        bool by_address = false;  // not by its interface                                   [R55]
    };
    const std::vector<Membership>& memberships(ConfigIndex config) const;
    /// Balancers with a NAT rule for the configuration.
    const std::vector<const LoadBalancer*>& nat_balancers(ConfigIndex config) const;

private:
    /// One answer to "who is in this pool".
    struct Member {
        enum class Kind : std::uint8_t {
            configuration,
            nobody,  // nobody has that address
            unread,  // a configuration that is not in the snapshot
            unmodelled,
            regional,  // the frontend `target` of a regional balancer                     [E15]
        } kind = Kind::configuration;
        ConfigIndex config = kNoIndex;
        ResourceId target;
        Guard when;
    };
    using Members = std::vector<Member>;

    void index_frontends();
    void index_members(const std::unordered_set<ResourceId>& partly_read_scale_sets);
    void index_memberships();

    Members members_of(const LoadBalancer& balancer, const LbPool& pool) const;
    void add_members_at(const LoadBalancer& balancer, const LbPool& pool,
                        const LbBackendAddress& address, Members& members) const;
    Members nat_members(const LbNatRule& rule) const;
    const Members& pool(const LoadBalancer& balancer, const ResourceId& id);

    const std::vector<Translation>& compile(const Place& place);
    /// `way`: the translation without its member; `family`: of the frontend, if known.
    void add_rule(const LoadBalancer& balancer, const LbRule& rule, Translation way,
                  std::optional<Family> family, std::vector<Translation>& ways);
    void add_nat_rule(const LoadBalancer& balancer, const LbNatRule& rule, Translation way,
                      std::optional<Family> family, std::vector<Translation>& ways);
    void add_ways(const Translation& way, const Members& members, std::optional<Family> family,
                  std::vector<Translation>& ways);
    void add_regional(const Translation& way, const ResourceId& frontend,
                      std::vector<Translation>& ways);

    const Network& network_;
    const AddressBook& book_;
    std::unordered_map<ResourceId, Place> frontends_;
    std::unordered_map<ResourceId, std::pair<const LoadBalancer*, const LbPool*>> pools_;
    /// Configurations and templates that name a pool, NAT rule or NAT pool.
    std::unordered_map<ResourceId, std::vector<ConfigIndex>> named_by_;
    struct Template {
        ResourceId scale_set;
        ResourceId subnet;
    };
    std::unordered_map<ResourceId, Template> named_by_template_;
    std::unordered_map<ConfigIndex, std::vector<Membership>> memberships_;
    std::unordered_map<ConfigIndex, std::vector<const LoadBalancer*>> nat_balancers_;
    std::unordered_map<ResourceId, Members> members_;  // by pool id, also of unread pools
    std::unordered_map<const LbFrontend*, std::vector<Translation>> translations_;
    std::unordered_set<const LbFrontend*> compiling_;
    void find_open_references();
    void add_open_members(const ResourceId& pool_or_rule, Members& members) const;
    std::vector<ResourceId> open_references_;
    ResourceId cut_off_;  // the page that was cut off, if one was
};

}  // namespace azreach
