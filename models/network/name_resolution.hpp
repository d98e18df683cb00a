// Which address a DNS name gives inside a virtual network.
//
// Linked private zones answer first, by the longest suffix; then the linked forwarding rulesets;
// then the public tree. A public name of a service that has private endpoints is an alias of its
// privatelink name, which is asked again in the same network.                     [DNS-1 .. DNS-6]
// DNS never adds or takes away reachability: answers say what clients use, not what they could.
// Source: https://learn.microsoft.com/azure/private-link/private-endpoint-dns
//         https://learn.microsoft.com/azure/dns/dns-private-resolver-overview
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/azure/guard.hpp"
#include "models/azure/header.hpp"
#include "models/azure/private_link_zones.hpp"

namespace azreach {

class Network;

struct NameAnswer {
    enum class Via : std::uint8_t {
        private_zone,  // a record of a linked private zone, or a name that such a zone lacks
        forwarded,     // a server that the files do not show
        public_name,   // the public tree
    } via = Via::public_name;
    bool exists = true;              // false: the name does not exist there (NXDOMAIN)
    std::optional<Address> address;  // absent: there is none, or the files do not show it
    ResourceId zone, record;         // empty: not from a zone of the snapshot
    Provenance where;                // of the record
    /// What holds the public name or the public address: a service, a public IP; empty: not known.
    ResourceId public_owner;
    std::vector<std::string> names;  // the name asked, then every alias followed
    std::string note;                // for people
    Guard when;                      // facts under which this is the answer; empty: certain

    friend bool operator==(const NameAnswer& a, const NameAnswer& b) {
        return a.via == b.via && a.exists == b.exists && a.address == b.address &&
               a.zone == b.zone && a.record == b.record && a.public_owner == b.public_owner &&
               a.names == b.names && a.when == b.when;
    }
};

class NameResolution {
public:
    /// Indexes the zones of the snapshot: O(n log n). `network` must outlive it.
    explicit NameResolution(const Network& network);
    ~NameResolution();

    /// All answers to `name` for a client in `vnet` (VnetIndex) that asks `servers` (empty: those
    /// of the network). Several answers without facts are all given at once, as records of one
    /// name. Never empty.
    std::vector<NameAnswer> resolve(std::string_view name, std::uint32_t vnet,
                                    const std::vector<Address>& servers = {}) const;
    /// The same for a client on the internet: the public tree alone.
    std::vector<NameAnswer> resolve_public(std::string_view name) const;

    /// The private endpoints that lead to the service of this public name.
    std::vector<const struct PrivateEndpoint*> endpoints_of(const ServiceName& service) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace azreach
