// The tables behind Edges, and the functions that fill them: one file a concept. Private to
// models/network.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "models/network/network.hpp"

namespace azreach {

struct Edges::State {
    const Network& network;

    // address_book.cpp: claims on the addresses of each VNet, ascending.
    struct Claim {
        Address address;
        Owner owner;
    };
    struct Region {          // a subnet in which somebody unread may sit
        AddressSet addresses;
        Owner owner;         // unknown or unmodelled
    };
    struct Book {
        std::vector<Claim> claims;      // sorted by address
        AddressSet reserved;            // [J7]
        std::vector<Region> regions;
        AddressSet subnets;
    };
    std::vector<Book> books;

    // load_balancing.cpp
    std::map<ResourceId, std::vector<Translation>> by_frontend;
    std::map<ResourceId, std::vector<ConfigIndex>> members_of_pool;
    std::map<ResourceId, std::vector<ConfigIndex>> configs_of_nat_rule;
    std::unordered_map<ResourceId, std::pair<const LoadBalancer*, const LbFrontend*>> frontends;
    std::uint32_t next_choice_group = 1;

    // public_addresses.cpp
    std::vector<PublicEntry> entries;
    std::vector<std::pair<Range<Uint128>, std::size_t>> entry_ranges;  // by (family bit, address)
    std::map<ConfigIndex, std::vector<std::size_t>> entries_to;

    // outbound.cpp
    mutable std::deque<std::optional<std::vector<OutboundMethod>>> outbound;
    mutable std::mutex mutex;

    explicit State(const Network& n) : network(n) {}
    void fill_book();
    void fill_balancers();
    void fill_public();
    std::vector<OutboundMethod> outbound_of(ConfigIndex config) const;
    std::vector<Translation> translations_of(const LoadBalancer& balancer,
                                             const LbFrontend& frontend);
};

}  // namespace azreach
