// Ways out to the internet, by preference [R51]: NAT gateway [R52], the instance's own address,
// load balancers [R53], default outbound access [R54]; Storage of the region always [R55]. Azure's
// public addresses are destinations like others [R56]. Port 25, which the platform blocks for some
// subscriptions, counts as open [R57]. IPv6 leaves by explicit addresses only [E44] [E45].
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "models/network/edges_public_addresses.hpp"

namespace azreach {

class Outbound {
public:
    /// Cost: O(n log n); configurations of one subnet that have nothing of their own share a list.
    Outbound(const Network& network, const LoadBalancing& balancing,
             const PublicAddresses& addresses);

    const std::vector<OutboundMethod>& of(ConfigIndex config) const {
        return lists_[list_of_[config]];
    }

private:
    using Methods = std::vector<OutboundMethod>;
    /// Addresses that the world sees; unknown (not all of them were read) prints as empty.
    struct Sources {
        AddressSet known;
        bool complete = true;
        void add(const Sources& other);
        AddressSet visible() const { return complete ? known : AddressSet{}; }
    };

    Methods methods_of(ConfigIndex config) const;
    Methods nat_gateway(ConfigIndex config) const;
    Methods instance(ConfigIndex config) const;
    Methods balancers(ConfigIndex config) const;
    Methods default_access(ConfigIndex config) const;
    Methods same_region_storage(ConfigIndex config) const;

    OutboundMethod method(OutboundMethod::Kind kind, const ResourceId& by,
                          ConfigIndex config) const;
    void add_balanced(ConfigIndex config, const LoadBalancing::Membership& membership,
                      Methods& methods) const;
    bool is_plain(ConfigIndex config) const;
    bool is_secondary(ConfigIndex config) const;
    bool sibling_has_explicit_way(ConfigIndex config) const;
    Sources of_public_ip(const ResourceId& id) const;
    Sources of_prefix(const ResourceId& id) const;

    const Network& network_;
    const LoadBalancing& balancing_;
    const PublicAddresses& addresses_;
    std::vector<Methods> lists_;
    std::vector<std::uint32_t> list_of_;  // by configuration
};

}  // namespace azreach
