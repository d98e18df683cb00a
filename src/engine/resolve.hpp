// resolve: which address a DNS name gives at an endpoint, and what it reaches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/network/name_resolution.hpp"
#include "src/engine/endpoint.hpp"

namespace azreach {

struct ResolvedAnswer {
    NameAnswer answer;
    ResourceId reaches;       // NIC, private endpoint, load balancer, service; empty: nothing known
    std::vector<Fact> facts;  // on which it hangs
};

struct ResolvedName {
    std::string name, from;               // as asked
    std::vector<ResolvedAnswer> answers;  // those that are certain first
    /// What the answers mean for private endpoints of the same service [DNS-5]: sentences.
    std::vector<std::string> findings;
};

/// `from`: a NIC, VM, subnet or VNet (all their networks are asked), or `internet`.
/// Throws NameError for other names.
ResolvedName resolve_name(const Network& network, const Reachability& reachability,
                          const Endpoints& endpoints, std::string_view name, std::string_view from);

}  // namespace azreach
