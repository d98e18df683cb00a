// Admission: whom a PaaS service lets in through its public endpoint, and by which property.
//
// Every service's firewall becomes one ordered list of steps; the first that matches decides, and
// the last matches everybody. What services do differently is in admission_*.cpp, one function a
// service; the rows of services 3.2 are its outline. Private endpoints do not come here: theirs is
// the connection's state alone [PE-12].
// Identity, keys and tokens are asked after the network and decide nothing here, nor does the
// control plane [P-4] [KV-4] [KV-5].
#pragma once

#include <string>
#include <vector>

#include "models/network/paas.hpp"

namespace azreach {

/// How a packet comes to a public endpoint.
struct Entrance {
    enum class Kind : std::uint8_t {
        internet,          // from the internet or another tenant, with the source that it has
        azure,             // from a network of the snapshot, by its outbound address [P-6]
        service_endpoint,  // by the service endpoint of `subnet`, with its private source [SE-3]
        unknown,           // through somebody who was not read
    } kind = Kind::internet;
    std::uint32_t subnet = 0xFFFFFFFFU;  // service_endpoint
    /// Region of the network from which it left private space, folded; "" none, or not known.
    std::string region;
    /// service_endpoint: the packet was sent by somebody else and forwarded unchanged; whether it
    /// then has the subnet's identity is not said [SE-6].
    bool lent = false;
};

struct AdmissionStep {
    Guard when;
    GuardedAddresses sources;  // as the service sees them
    bool allow = false;
    enum class Why : std::uint8_t {
        rule,             // a rule, or the default action
        public_disabled,  // public access is off
    } why = Why::rule;
    ResourceId by;     // "<id>#<pointer>" or a child's id; empty: nothing decided, there is no rule
    std::string name;  // for people
    Provenance where;
    bool is_default = false;
};

/// The steps for packets that come this way. Cost: O(rules).
std::vector<AdmissionStep> admission(const Network& network, const PaasEndpoint& endpoint,
                                     const Entrance& entrance);

/// Who else may come in, past the network position: what a proof about the internet must list.
struct Residual {
    enum class Kind : std::uint8_t {
        trusted_services,  // Azure's own services, by their list [P-3] [KV-3]
        instance,          // a resource by its identity [ST-3]
        foreign_endpoint,  // an approved private endpoint outside the snapshot [PE-14]
        subnet,            // a subnet that is not in the snapshot, by a rule
        any_subnet,        // subnets of anybody [AS-4]
        perimeter,         // members of its perimeter, and whom its rules name
    } kind = Kind::trusted_services;
    ResourceId who;  // the resource, endpoint or subnet; empty for services
    ResourceId by;   // the property that lets it in
    std::string note;
    bool certain = true;
    Provenance where;
};
std::vector<Residual> residuals(const Network& network, const PaasEndpoint& endpoint);

}  // namespace azreach
