// The address book: who stands at which private address of every VNet.        [J6] [J7] [J8] [J4]
//
// Addresses that somebody holds are claims; everything else is background: the reserved addresses
// of a subnet, free addresses of a subnet that was fully read (nobody), free addresses where
// somebody unread or unmodelled may sit, and the space outside all subnets.
#pragma once

#include <cstdint>
#include <vector>

#include "models/network/edges.hpp"
#include "models/network/snapshot.hpp"

namespace azreach {

class Doubts;

class AddressBook {
public:
    /// O(n log n) in configurations, frontends and subnets.
    AddressBook(const Network& network, const Doubts& doubts);

    /// As Edges::owners. Never empty.
    std::vector<Owner> owners(std::uint32_t vnet, const Address& address) const;
    /// As Edges::partition. Cost: ranges x log n + claims inside.
    std::vector<Edges::Part> partition(std::uint32_t vnet, const AddressSet& addresses) const;

private:
    enum class Holder : std::uint8_t { configuration, frontend, firewall, other };
    struct Claim {
        Address address{};
        Holder holder = Holder::configuration;
        std::uint32_t index = 0;  // of the configuration or firewall, into frontends_ or others_
    };
    struct Segment {  // closed range of one family with one background
        Address first{};
        Address last{};
        std::uint32_t background = 0;  // into backgrounds_
    };
    struct Book {  // of one VNet; both sorted
        std::vector<Claim> claims;
        std::vector<Segment> segments;  // disjoint
        std::uint32_t outside = 0;      // background beyond all subnets
    };
    struct Frontend {
        const LoadBalancer* balancer = nullptr;
        const LbFrontend* frontend = nullptr;
    };

    void claim_configurations();
    void claim_frontends();
    void claim_firewalls();
    void claim_endpoints_without_interface();
    void draw_subnets(const Doubts& doubts);
    Owner owner_of(const Claim& claim) const;
    std::uint32_t background_at(const Book& book, const Address& address) const;

    const Network& network_;
    std::vector<Book> books_;
    std::vector<Frontend> frontends_;
    std::vector<Owner> others_;
    std::vector<Owner> backgrounds_;
    Owner unread_vnet_;
};

}  // namespace azreach
