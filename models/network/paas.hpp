// PaaS endpoints of a snapshot: what can be asked for ("st1/blob"), where its public address may
// lie, on which ports it listens, and what each private endpoint leads to.
//
// The address of a public endpoint stands in no export. It is one unknown address among candidates:
// the prefixes of the service's tag for the region, where a service-tag file has them, else all of
// the internet. Rules and routes that cover every candidate match for sure, others under the fact
// which address it is.                                                                [T7] [SE-3]
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "models/azure/guard.hpp"
#include "models/azure/paas_catalog.hpp"
#include "models/azure/paas_resource.hpp"
#include "models/azure/private_endpoint.hpp"

namespace azreach {

class Network;

using PaasIndex = std::uint32_t;

struct PaasEndpoint {
    const PaasResource* resource = nullptr;
    const PaasService* service = nullptr;  // null: the generic model [XX-1]
    const PaasGroup* group = nullptr;
    std::string name;             // "st1/blob"
    AddressSet candidates;        // of the public endpoint, both families
    std::string candidates_from;  // the service tag, "" all of the internet
    GuardedServices ports;        // of the public endpoint
    /// "<resource id>/<group>", the subject of facts about this endpoint.
    ResourceId id;
};

/// What a private endpoint leads to.                                          [PE-1] [PE-3] [PE-4]
struct PrivateLink {
    const PrivateEndpoint* endpoint = nullptr;
    /// Some connection is approved, on both sides as far as both were read.
    enum class Approval : std::uint8_t { yes, no, open } approval = Approval::open;
    Fact approved{};           // Approval::open: the fact that decides
    GuardedServices services;  // what it takes, by the ports of its groups
    ResourceId ends_at;        // the PaaS resource, if the snapshot has it; else the endpoint
    std::vector<PaasIndex> leads_to;
};

class Paas {
public:
    /// O(n log n) in PaaS resources and private endpoints.
    explicit Paas(const Network& network);

    const std::vector<PaasEndpoint>& endpoints() const { return endpoints_; }
    /// The endpoints of a resource, in the order of the catalogue.
    std::vector<PaasIndex> of(const ResourceId& resource) const;
    /// By the name of a sub-resource, or by a Private Link group id.
    std::optional<PaasIndex> find(const ResourceId& resource, std::string_view group) const;

    /// What this private endpoint of the snapshot leads to.
    const PrivateLink& link(const PrivateEndpoint& endpoint) const;
    /// Private endpoints of the snapshot that lead to an endpoint.
    const std::vector<const PrivateEndpoint*>& private_endpoints(PaasIndex endpoint) const {
        return private_endpoints_[endpoint];
    }
    /// Connections that a resource lists and whose private endpoint is not in the snapshot. [PE-14]
    std::vector<const PaasConnection*> foreign(const PaasResource& resource) const;
    /// Whether the resource has an approved private endpoint: yes, no or not sure.
    std::optional<bool> has_private_endpoint(const PaasResource& resource) const;

    /// Public addresses of Azure, anybody's: what a rule for "all of Azure" admits. [P-5a]
    const GuardedAddresses& azure_space() const;
    /// The addresses of a service tag; everything under a fact when no file has it.
    GuardedAddresses tag(std::string_view name) const;

private:
    void add(const PaasResource& resource);
    void link_up(const PrivateEndpoint& endpoint);

    const Network& network_;
    std::vector<PaasEndpoint> endpoints_;
    std::map<ResourceId, std::vector<PaasIndex>> by_resource_;
    std::vector<std::vector<const PrivateEndpoint*>> private_endpoints_;
    std::map<ResourceId, PrivateLink> links_;
    std::map<ResourceId, std::vector<const PrivateLink*>> by_target_;
    mutable std::once_flag azure_ready_;
    mutable GuardedAddresses azure_;
};

/// The ports of a sub-resource. `resource` null: it was not read, so its flags are not known.
/// `target` names it for facts.                                        [SQ-5] [SQ-6] [ST-9] [CO-6]
GuardedServices ports_of(const Network& network, const PaasService* service, const PaasGroup* group,
                         const PaasResource* resource, const ResourceId& target, bool is_private);

}  // namespace azreach
