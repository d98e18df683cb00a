// Public addresses: what a packet from outside to one of them turns into. Those of NICs lead to the
// private address, which is what groups see [E1] [N41], also while not allocated [E2]; those of
// services end at the service [E3]. The SKU says what is closed without a group [N13] [E4].
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "models/network/edges_load_balancing.hpp"

namespace azreach {

/// What every public address of an interface carries [E1]. Of other protocols nothing is said.
ServiceSet surely_carried();

class PublicAddresses {
public:
    /// O(n log n) in public addresses, prefixes and what refers to them.
    PublicAddresses(const Network& network, const AddressBook& book, const LoadBalancing& balancing,
                    const std::unordered_set<ResourceId>& partly_read_scale_sets);

    const std::vector<Edges::PublicEntry>& entries() const { return entries_; }
    const Edges::PublicEntry* at(const Address& address) const;
    std::vector<const Edges::PublicEntry*> to(ConfigIndex config) const;

    /// Public addresses of the configuration itself, for outbound.
    struct InstanceIp {
        ResourceId id;
        const PublicIpAddress* ip = nullptr;  // null: not read
        Guard when;
    };
    const std::vector<InstanceIp>& instance_ips(ConfigIndex config) const;

private:
    /// What a public address is bound to, from either side, the address's own side first.
    struct Binding {
        enum class Kind : std::uint8_t { configuration, frontend, firewall, service, unread } kind;
        ConfigIndex config = kNoIndex;  // or the index of the firewall
        ResourceId target;              // the frontend, service or unread object
        friend bool operator==(const Binding&, const Binding&) = default;
    };
    struct Bindings {
        std::vector<Binding> all;
        bool nat_gateway = false;          // accepts nothing from outside
        bool management = false;           // of a firewall: neither does this
        std::vector<ResourceId> mentions;  // other resources that name it
    };

    void collect();
    void bind(const ResourceId& address, Binding binding);
    void bind_to_firewall(const ResourceId& address, const AzureFirewall& firewall,
                          const ResourceId& configuration);
    void bind_by_id(const ResourceId& address, const ResourceId& configuration);
    void add_entries();
    void add_prefixes();
    void add_scale_sets(const std::unordered_set<ResourceId>& partly_read_scale_sets);
    void add_ways(const Bindings& bindings, const ResourceId& id, const PublicIpAddress* ip,
                  Edges::PublicEntry& entry);
    void add_instance(ConfigIndex config, const ResourceId& id, const PublicIpAddress* ip,
                      const Guard& when, Edges::PublicEntry& entry);
    void merge_entries_of_one_address();
    void index_entries();
    void index_published();

    const Network& network_;
    const LoadBalancing& balancing_;
    std::map<ResourceId, Bindings> bindings_;  // of public addresses and prefixes
    std::vector<Edges::PublicEntry> entries_;
    std::unordered_map<ConfigIndex, std::vector<InstanceIp>> instance_ips_;
    std::unordered_map<ConfigIndex, std::vector<std::size_t>> entries_to_;
    const AddressBook& book_;
    std::vector<std::pair<Address, std::size_t>> hosts_;  // sorted
    struct Block {
        Address first{};
        Address last{};
        std::size_t entry = 0;
        std::size_t around = 0;  // index + 1 of the block around it, 0: none
    };
    std::vector<Block> blocks_;               // sorted; CIDR blocks nest or are disjoint
    std::uint32_t next_group_ = 0x40000000U;  // beyond the groups of balancers
};

}  // namespace azreach
