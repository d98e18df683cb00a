// Named sets on a network: which endpoints a selector or an expression means.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/engine/endpoint.hpp"
#include "src/engine/invariant.hpp"

namespace azreach {

/// Endpoints as points: NIC configurations, and addresses that are asked for as addresses. A set
/// may hold more than what sends or receives: firewalls and balancers count for `via`.
struct EndpointSet {
    std::vector<ConfigIndex> configs;  // ascending
    AddressSet addresses;              // asked for as sent, wherever such packets arrive
    /// Places without their NICs: only what arrives there at no configuration counts.
    AddressSet space;
    AddressSet internet, onprem;         // parts of those two
    std::vector<SubnetIndex> lodgings;   // ascending; somebody unread there may send
    bool neighbours = false;             // `any`: unread networks too
    bool platform = false;               // the platform's own addresses, outside `any`
    std::vector<ResourceId> unmodelled;  // ascending; what they send or receive is not known
    std::vector<ResourceId> devices;     // ascending; what packets pass: firewalls, balancers,
                                         // gateways, NAT gateways, private endpoints
    bool empty() const;
    /// Nothing that sends or receives.
    bool no_endpoints() const;
    friend bool operator==(const EndpointSet&, const EndpointSet&) = default;
};

EndpointSet united(const EndpointSet& a, const EndpointSet& b);
EndpointSet without(const Network& network, const EndpointSet& a, const EndpointSet& b);
EndpointSet common(const Network& network, const EndpointSet& a, const EndpointSet& b);

/// Evaluates sets; each named set once. Throws InputError with the place in the file for endpoint
/// names that the snapshot does not know.
class SetEvaluator {
public:
    SetEvaluator(const Network& network, const Endpoints& endpoints, const Policy& policy);
    ~SetEvaluator();
    SetEvaluator(const SetEvaluator&) = delete;
    SetEvaluator& operator=(const SetEvaluator&) = delete;

    const EndpointSet& named(const std::string& name) const;
    EndpointSet of(const SetExpression& expression) const;
    EndpointSet of(const Selector& selector) const;
    /// Names of sets in the expression that select nothing, in order.
    std::vector<std::string> empty_names(const SetExpression& expression) const;

    /// As a side of a question. NICs that hold literal addresses send from them.
    SourceSet as_source(const EndpointSet& set) const;
    DestinationSet as_destination(const EndpointSet& set) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace azreach
