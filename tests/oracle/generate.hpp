// Generated networks: ARM JSON as Azure exports it, and packets on both sides of its boundaries.
//
// The text goes through the real import, so that is under test too. Address pools are tiny and
// ports are few, so that rules, routes and packets collide all the time. The same seed and profile
// give the same bytes on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/oracle/oracle.hpp"

namespace azreach::oracle {

enum class Profile : std::uint8_t {
    flat,       // one VNet: groups at subnets and NICs, application groups, tags
    peered,     // hub and spokes: flags, states, one side missing, subnet peerings
    routed,     // user routes of every kind, appliances, internal balancers as next hop, loops
    edges,      // public addresses, load balancers, NAT, private subnets
    gateways,   // sites, clients, VNet-to-VNet, transit, propagation, GatewaySubnet routes
    avnm,       // admin rules, exempt VNets, connected groups
    endpoints,  // private and service endpoints
    v6,         // dual stack
    gaps,       // things that are mentioned and missing
    mixed,      // a little of everything
};
inline constexpr Profile kProfiles[] = {
    Profile::flat,  Profile::peered,    Profile::routed, Profile::edges, Profile::gateways,
    Profile::avnm,  Profile::endpoints, Profile::v6,     Profile::gaps,  Profile::mixed};
std::string_view to_string(Profile profile);
std::optional<Profile> profile_of(std::string_view name);

struct Question {
    Origin origin;
    Packet packet;
};
std::string to_string(const Question& question);

struct Generated {
    std::string arm;           // resources
    std::string service_tags;  // a service-tag download
    std::vector<Question> questions;
};

/// `questions` packets about the network of (seed, profile).
Generated generate(std::uint64_t seed, Profile profile, std::size_t questions = 24);

/// Numbers that are the same everywhere (the standard's distributions are not).
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    std::size_t below(std::size_t n) { return n == 0 ? 0 : next() % n; }
    bool chance(int percent) { return static_cast<int>(below(100)) < percent; }
    template <class T>
    const T& of(const std::vector<T>& values) {
        return values[below(values.size())];
    }

  private:
    std::uint64_t state_;
};

/// Assumptions for one run: `statements` random keys stated one way or the other.
std::vector<std::pair<std::string, std::string>> random_statements(Dice& dice,
                                                                   const Snapshot& snapshot);

}  // namespace azreach::oracle
