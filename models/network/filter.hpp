// Filters: the rule lists a packet meets at a NIC, made ready for evaluation.
//
// A FilterList is one security group, or the security admin rules, in one direction, as it reads
// *at one subnet*: tags such as VirtualNetwork expand per subnet [T8] [N10]. Rules stand in the
// order in which they are tried; contested meaning is in their guards. First match decides [N2].
// Rules decided here: [N4] [N5] [N7] [N8] [N9] [N11] [N12] [N15] [N40] [N46] [N47] [R40]
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/azure/guard.hpp"
#include "models/azure/security_group.hpp"

namespace azreach {

class Network;

/// One rule with its tags, ASGs and contested meanings expanded.
struct FilterRule {
    Guard when;  // the rule exists and stands here in the order
    GuardedAddresses source, destination;
    GuardedServices service;
    Access access = Access::deny;
    /// The rule as read or synthesised; null for the stand-in of something not read (an allow-all
    /// under a `missing_resource` fact followed by a deny-all: the filter decides anything).
    const SecurityRule* rule = nullptr;
    /// What a null `rule` stands for (a missing NSG's id, an intent policy's subnet, ...).
    ResourceId stands_for;
};

struct FilterList {
    enum class Kind : std::uint8_t { admin_rules, security_group } kind = Kind::security_group;
    ResourceId owner;        // the NSG or the network manager configuration
    ResourceId association;  // the subnet, NIC or VNet it is attached to
    Direction direction = Direction::inbound;
    std::vector<FilterRule> rules;  // for a security group the last rule matches everything;
                                    // admin rules may leave a packet undecided: go on
    bool captured = false;          // as Azure computed it at one NIC                         [G5]
};

/// The lists in the order a packet meets them: outbound: admin, NIC group, subnet group; inbound:
/// admin, subnet group, NIC group [N7] [A4]. `always_allow` in the admin list skips the groups
/// [A5] [A10]. Pointers stay valid as long as the Network.
struct FilterChain {
    const FilterList* admin = nullptr;  // null: no admin rule may apply here
    const FilterList* first = nullptr;  // null: no group at this point [N8]
    const FilterList* second = nullptr;
    /// N13: a group exists at the subnet or the NIC (also one that could not be read). Closed
    /// Standard frontends look at this. `group_certain` false: it is not sure.
    bool has_group = false;
};

class Filters {
public:
    explicit Filters(const Network& network);
    ~Filters();

    /// The chain at configuration `config` in `direction`. For a private endpoint the subnet group
    /// applies only by R40 (and ignores source ports, R45), admin rules never (A13). Compiled on
    /// first use, then cached; compile_all() makes everything (then const calls are thread-safe).
    FilterChain chain(std::uint32_t config, Direction direction) const;
    void compile_all() const;

    /// What a service tag (or VirtualNetwork, Internet, ...) means at a subnet. An unknown tag is
    /// everything under an `unknown_tag` fact.                                  [T8-T19]
    GuardedAddresses expand_tag(std::string_view tag, std::uint32_t subnet) const;

    /// Platform traffic that groups do not filter [N38-N40]: the services of packets from a NIC to
    /// this destination that are exempt; empty for ordinary destinations. `denying_tag` is the only
    /// tag whose outbound Deny stops it ("" for the agent channel).
    struct Exemption {
        ServiceSet service;
        std::string denying_tag;
    };
    static std::vector<Exemption> exemptions(const Address& destination);
    /// The destinations that have exemptions.
    static const AddressSet& exempt_addresses();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace azreach
