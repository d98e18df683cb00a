// Every way into a PaaS resource, as formulas.
#pragma once

#include "solver/asking.hpp"

namespace azreach::solver {

/// The ways into one endpoint, for packets of one family. A packet arrives if one of them admits
/// it: a client takes the way that does.                                     [PE-6] [PE-13] [PE-15]
class ServiceWays {
public:
    /// `asking` keeps the walks.
    ServiceWays(Encoders& encoders, Asking& asking, const Goal& goal,
                const PaasDestination& destination, Family family);

    Formula arrives(Start start, const Party* party, const PacketTerm& packet) const;

private:
    struct Way {
        WalkEncoder* walk = nullptr;
        AddressTerm dst;
        Formula when = true;  // it exists
    };
    void by_public_endpoint(const PaasEndpoint& endpoint);
    void by_private_endpoint(const PrivateEndpoint& endpoint);
    void by_subnet_of_its_own(const PaasEndpoint& endpoint);
    void by_strangers(const PaasEndpoint& endpoint);
    void add(Goal goal, AddressTerm dst, Formula when = true);
    Formula fact(FactKey key, const ResourceId& about);
    AddressSet prefixes_of(const ResourceId& subnet) const;

    Encoders& e_;
    const Network& network_;
    Asking& asking_;
    const Goal& goal_;
    Family family_;
    std::vector<Way> ways_;
    /// Private endpoints that are not in the snapshot: what they take, and whether they are there.
    std::vector<std::pair<ServiceSet, Formula>> strangers_;
};

}  // namespace azreach::solver
