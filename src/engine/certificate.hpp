// Certificates: why a held invariant is held, box by box, so that somebody who does not trust
// azreach can check it against the Azure documents (scripts/verify-certificate).
//
// A held flow is cut into boxes of (senders, receivers, services), each with one thing that stops
// it on every path: a rule that is the first match at the receiver or the sender, a route, or that
// the receiver has no public address. Derived from rules and routes, not from the packet sets. Not
// every truth has so plain a reason: then there is no certificate, and it says what is missing.
// What is checked: docs/certificates.md.
#pragma once

#include <string>
#include <vector>

#include "src/engine/check.hpp"

namespace azreach {

struct CertificateSender {
    enum class Kind : std::uint8_t { nic, place, internet, onprem } kind = Kind::nic;
    ConfigIndex config = kNoIndex;  // nic
    SubnetIndex subnet = kNoIndex;  // place: somebody unread in it
    AddressSet addresses;
};

struct CertificateStop {
    enum class Kind : std::uint8_t {
        inbound_rule,       // at the receiver
        outbound_rule,      // at the sender
        no_public_address,  // nothing leads from the internet to the receiver
        route,              // the sender's route drops it
        passes,             // the sender's route leads through a waypoint: it does not count
    } kind = Kind::inbound_rule;
    ResourceId group;    // rules: the security group
    ResourceId rule;     // rules and routes: what decides
    Address next_hop{};  // passes
};
std::string_view to_string(CertificateStop::Kind kind);  // "inbound-rule"

struct CertificateBox {
    /// Into CertificateFlow::senders; empty: whoever shows an address of `from`.
    std::vector<std::uint32_t> senders;
    std::vector<std::uint32_t> receivers;  // into CertificateFlow::receivers
    AddressSet from;                       // inbound_rule: sources as the receiver sees them
    AddressSet to;                         // towards the internet: destinations
    ServiceSet services;
    CertificateStop stop;
};

/// What may arrive although the flow is forbidden: permitted or counted.
struct CertificatePermit {
    std::vector<std::uint32_t> senders, receivers;
    ServiceSet services;
};

struct CertificateFlow {
    std::string text;
    std::vector<CertificateSender> senders;
    std::vector<ConfigIndex> receivers;
    AddressSet to_internet;
    ServiceSet services;
    std::vector<ResourceId> avoided;  // waypoints that packets must have passed to not count
    AddressSet avoided_next_hops;     // their addresses as next hops
    std::vector<CertificatePermit> permitted;
    std::vector<CertificateBox> boxes;
};

/// One step of the way that `require` takes: the rules that let it out and in.
struct CertificateWay {
    std::vector<std::uint32_t> senders, receivers;
    ServiceSet services;
    std::vector<std::pair<ResourceId, ResourceId>> out, in;  // (group, rule), first matches
};

struct Certificate {
    enum class Claim : std::uint8_t {
        none,                // no certificate: `missing` says why
        nothing_arrives,     // deny, only, isolate, through, limit
        everything_arrives,  // require
        unchanged,           // no-new, same: the snapshots configure the same
        arrives,             // violated: the witness and its path
    } claim = Claim::none;
    std::string missing;
    std::vector<CertificateFlow> flows;
    std::vector<CertificateWay> ways;  // everything_arrives: of flows[0]
};
std::string_view to_string(Certificate::Claim claim);  // "nothing-arrives"

/// The certificate of one result of check() with the same arguments.
Certificate certify(const Network& network, const Endpoints& endpoints, const Policy& policy,
                    const CheckOptions& options, const InvariantResult& result);

}  // namespace azreach
