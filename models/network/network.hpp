// A snapshot made ready for questions: indexes, tag scopes, filters, routes, edges; all under one
// set of assumptions. Both engines and `show` read from here; nothing here walks a packet.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/azure/facts.hpp"
#include "models/network/edges.hpp"
#include "models/network/filter.hpp"
#include "models/network/firewalls.hpp"
#include "models/network/jit_access.hpp"
#include "models/network/paas.hpp"
#include "models/network/routes.hpp"
#include "models/network/snapshot.hpp"

namespace azreach {

/// Where a NIC's IP configuration stands: the subject of filters and routes. Indexes are into
/// Network::configurations() / Network::subnets(), stable and in id order.
using ConfigIndex = std::uint32_t;
using SubnetIndex = std::uint32_t;
using VnetIndex = std::uint32_t;
inline constexpr std::uint32_t kNoIndex = 0xFFFFFFFFU;

struct ConfigPlace {
    const NetworkInterface* interface = nullptr;
    const IpConfiguration* configuration = nullptr;
    SubnetIndex subnet = kNoIndex;  // kNoIndex: the subnet is not in the snapshot
    /// The private endpoint whose NIC this is, or null.
    const PrivateEndpoint* endpoint = nullptr;
};

struct SubnetPlace {
    const VirtualNetwork* vnet = nullptr;
    const Subnet* subnet = nullptr;
    VnetIndex vnet_index = kNoIndex;
};

class Network {
public:
    /// Builds the indexes: O(n log n) in the snapshot. `snapshot` must outlive the Network.
    Network(const Snapshot& snapshot, Assumptions assumptions);
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    const Snapshot& snapshot() const { return snapshot_; }
    const Assumptions& assumptions() const { return assumptions_; }
    FactNames& facts() const { return facts_; }

    const std::vector<ConfigPlace>& configurations() const { return configurations_; }
    const std::vector<SubnetPlace>& subnets() const { return subnets_; }
    const std::vector<const VirtualNetwork*>& vnets() const { return vnets_; }

    std::optional<SubnetIndex> subnet_index(const ResourceId& id) const;
    std::optional<VnetIndex> vnet_index(const ResourceId& id) const;
    /// Configurations of one NIC, primary first.
    std::vector<ConfigIndex> configurations_of(const ResourceId& interface) const;
    std::optional<ConfigIndex> configuration_index(const ResourceId& ip_configuration) const;

    const JitAccess& jit() const { return *jit_; }
    const Filters& filters() const { return *filters_; }
    const Routes& routes() const { return *routes_; }
    const Edges& edges() const { return *edges_; }
    const Firewalls& firewalls() const { return *firewalls_; }
    const Paas& paas() const { return *paas_; }

    /// Adds the literal `fact == value` unless the assumptions close it: a closed literal that
    /// agrees is dropped; one that disagrees makes the result false (the part never holds).
    bool add_literal(Guard& guard, Fact fact, bool value) const;
    bool add_literal(Guard& guard, FactKey contested, bool value) const {
        return add_literal(guard, Fact{contested, 0}, value);
    }
    Fact about(FactKey key, std::string_view subject) const { return facts_.about(key, subject); }
    /// This copy of a rule or route is the right one; each copy has a fact of its own.       [J2]
    Fact about_copy(const ResourceId& id, Provenance where) const {
        return facts_.about(
            FactKey::contested_copy,
            id.text() + "\n" + std::to_string(where.resource) + ":" + std::to_string(where.path));
    }

private:
    const Snapshot& snapshot_;
    Assumptions assumptions_;
    mutable FactNames facts_;
    std::vector<ConfigPlace> configurations_;
    std::vector<SubnetPlace> subnets_;
    std::vector<const VirtualNetwork*> vnets_;
    struct Index;
    std::unique_ptr<Index> index_;
    std::unique_ptr<JitAccess> jit_;
    std::unique_ptr<Filters> filters_;
    std::unique_ptr<Routes> routes_;
    std::unique_ptr<Firewalls> firewalls_;
    std::unique_ptr<Edges> edges_;
    std::unique_ptr<Paas> paas_;
};

}  // namespace azreach
