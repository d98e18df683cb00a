// What just-in-time access could open: the rules that an approved request would add.
//
// A policy does not close a port: what its deny rules do stands in the groups like any other rule
// [E50] [E51]; so does what an approved request opened [E52]. `--assume jit=open` asks for the
// world in which every window is open: an Allow before all user rules for each port of a policy,
// from the sources that may ask, to the machine's private addresses [E54].
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "models/azure/jit_policy.hpp"

namespace azreach {

class Network;

class JitAccess {
public:
    explicit JitAccess(const Network& network);

    /// The rules that open windows would put before those of this group, which stands at the NICs
    /// or subnets of machines with a policy; empty unless the assumptions say jit=open. Ids are
    /// those of the policies.
    const NetworkSecurityGroup& open_rules(const ResourceId& group) const;
    /// Ports of policies for this machine's interface, whatever is assumed.
    std::vector<const JitPolicy::Port*> ports_of(const ResourceId& interface) const;

private:
    void open(const Network& network, const JitPolicy& policy, const JitPolicy::Machine& machine,
              const JitPolicy::Port& port, const ResourceId& interface);

    std::map<ResourceId, NetworkSecurityGroup> by_group_;
    std::map<ResourceId, std::vector<const JitPolicy::Port*>> by_interface_;
};

}  // namespace azreach
