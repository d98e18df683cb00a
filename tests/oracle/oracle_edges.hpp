// Owners of private addresses, load balancers, public addresses, ways out.
//                                                                          [J7] [N13] [E1-E15] [R51-R55]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/net/packet.hpp"
#include "tests/oracle/oracle_case.hpp"

namespace azreach::oracle {

struct Frontend {
    const LoadBalancer* balancer = nullptr;
    const LbFrontend* frontend = nullptr;
};

/// Who holds a private address in a VNet.
struct Owner {
    enum class Kind : std::uint8_t {
        nic,       // `place`; a private endpoint's NIC too
        endpoint,  // `endpoint`, known by its own list of addresses only
        frontend,  // an internal frontend
        nobody,    // reserved [J7], or free
        unknown,   // something that was not read or is not modelled holds it
    } kind = Kind::nobody;
    Place place;
    const PrivateEndpoint* endpoint = nullptr;
    Frontend frontend;
    std::string unread;  // for unknown
};
/// Several resources may claim one address: the platform's choice.
std::vector<Owner> owners_of(const Case& given, const VirtualNetwork& vnet, const Address& address);
/// The subnet of the VNet whose prefix holds the address, or null.
const Subnet* subnet_holding(const VirtualNetwork& vnet, const Address& address);

/// One place where a load balancer may send the packet.
struct Member {
    enum class Kind : std::uint8_t {
        nic,
        nobody,   // a backend address that no NIC holds
        unknown,  // a member that was not read
    } kind = Kind::nic;
    Place place;
    std::string unread;
};
struct Balanced {
    bool has_rule = false;
    std::string by;                // the rule
    std::vector<Member> members;   // choices; empty: no backend
    std::uint16_t port = 0;        // at the member; for protocols with ports
    bool floating = false;         // the destination stays the frontend                       [N44]
};
/// The rule of the frontend that accepts the service, and its members.                   [E5-E7] [R34]
Balanced balance(const Case& given, const Frontend& frontend, Family family,
                 const Service& service);

/// What a public address of the snapshot leads to.
struct PublicEntry {
    enum class Kind : std::uint8_t {
        none,      // not a public address of the snapshot
        nic,       // one to one [E1]
        frontend,
        nothing,   // bound to nothing, or to a NAT gateway
        unknown,   // bound to something unmodelled or unread                                    [E3]
    } kind = Kind::none;
    Place place;
    Frontend frontend;
    Sku sku = Sku::basic;  // of the public address
    std::string id;        // of the public address
};
std::vector<PublicEntry> public_entries(const Case& given, const Address& address);

/// How a packet of a configuration leaves to the internet.                                [R51-R55]
struct WayOut {
    bool exists = false;
    std::vector<Address> sources;  // choices; empty: not known, any internet address
};
WayOut way_out(const Case& given, const Place& from, const Service& service,
               const Address& destination);

}  // namespace azreach::oracle
