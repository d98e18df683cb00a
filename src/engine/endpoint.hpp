// Endpoint names: how questions name things (contract section 2).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "src/engine/reachability.hpp"

namespace azreach {

/// One thing a question may name, as `ls` lists it.
struct Endpoint {
    std::string kind;  // nic vm vmss subnet vnet asg lb pe pip (and others, for `ls`)
    std::string name;
    ResourceId id;
    std::vector<Prefix> addresses;
    std::string use;  // the shortest unambiguous name for queries
};

/// A name of the contract resolved against a snapshot.
struct ResolvedEndpoint {
    std::string asked;  // as typed
    std::string label;  // for people: "vm-web (10.0.1.4)"
    std::vector<ResourceId> ids;
    std::vector<ConfigIndex> configs;
    std::vector<PaasIndex> services;  // endpoints of PaaS resources
    AddressSet addresses;             // literal addresses, prefixes, svc: tags, internet:ADDRESS
    bool internet = false, onprem = false;
    bool named_resource = false;  // a VM, NIC, subnet ...: services compare as delivered
    bool frontend = false;        // a load balancer or public IP: asked as sent
    /// Resources that the name means and whose meaning is not modelled: the answer is unknown.
    std::vector<ResourceId> unmodelled;
    /// A set of the configuration: what it means as either side.
    std::shared_ptr<const struct NamedSet> set;
};

/// A set that the configuration names.
struct NamedSet {
    SourceSet from;
    DestinationSet to;
    std::vector<ResourceId> unmodelled;
};

/// Unknown or ambiguous: exit 2, with the nearest names or the candidates.
class NameError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Endpoints {
public:
    explicit Endpoints(const Network& network);
    ~Endpoints();
    /// All endpoints, in a stable order (kind, then id).
    const std::vector<Endpoint>& all() const;
    ResolvedEndpoint resolve(std::string_view name) const;  // throws NameError
    SourceSet as_source(const ResolvedEndpoint& endpoint) const;
    DestinationSet as_destination(const ResolvedEndpoint& endpoint) const;
    /// What `set:NAME` means; it throws NameError for names that it does not know.
    void use_sets(std::function<std::optional<NamedSet>(std::string_view)> sets);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A service set as asked of one family: ICMPv6 is not asked of IPv4 packets, nor ICMP of IPv6
/// packets, unless all 256 protocols are asked.
ServiceSet asked_of(const ServiceSet& service, Family family);

/// SERVICE of the contract: "tcp/443", "tcp/80,443", "udp/53,tcp/53", "icmp", "any", "every".
/// nullopt when it is none of these.
std::optional<ServiceSet> parse_service(std::string_view text);

}  // namespace azreach
