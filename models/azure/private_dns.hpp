// DNS zones, their records and links, resolvers and forwarding rules: data.
// Meaning: models/network/name_resolution.
// Source: https://learn.microsoft.com/azure/dns/private-dns-overview
//         https://learn.microsoft.com/azure/dns/dns-private-resolver-overview
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/net/address.hpp"

namespace azreach {

/// A zone; `name` of its header is the domain, without the last dot.
struct DnsZone {
    Header header;
    bool is_private = true;
    /// As Azure counts them, the SOA record included; nullopt: not stated.
    std::optional<long long> record_sets, links;
};

/// A record set; its zone is the parent of its id.
struct DnsRecordSet {
    Header header;     // name: relative to the zone, "@" is the zone itself, "*" any name
    std::string type;  // "A", "AAAA", "CNAME", others upper case
    std::vector<Address> addresses;
    std::string alias;  // CNAME: the name it stands for
};

/// A link of a private zone, or of a forwarding ruleset, to a virtual network.
struct DnsLink {
    Header header;
    Ref vnet;
    bool registration = false;
    enum class Policy : std::uint8_t { standard, nx_domain_redirect, unknown } policy{};
    /// virtualNetworkLinkState says Completed; nullopt: not stated.
    std::optional<bool> completed;
};

/// An inbound endpoint of a DNS private resolver.
struct DnsInboundEndpoint {
    Header header;
    std::vector<Address> addresses;
    std::vector<ResourceId> subnets;
};

struct DnsForwardingRule {
    Header header;
    std::string domain;  // without the last dot; "" is every name
    std::vector<Address> servers;
    bool enabled = true;
};

/// One zone of an endpoint's privateDnsZoneGroups: the platform keeps the endpoint's records there.
struct DnsZoneGroupEntry {
    ResourceId group, endpoint;
    Ref zone;
    Provenance where;
    bool has_records = false;  // the records were stated (a template does not state them)
    std::vector<DnsRecordSet> records;
};

}  // namespace azreach
