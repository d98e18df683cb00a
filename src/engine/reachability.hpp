// The packet-set engine: exact reachability between sets of endpoints, with both bounds.
//
// It walks rectangles (sources x destinations x services) through filters, routes and translations
// as docs/walk.md orders them; it never enumerates pairs of NICs: sources and destinations are
// split only where some rule, route or translation treats them differently. Services are interned,
// so equal rows and columns merge by comparing integers.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "models/net/packet_set.hpp"
#include "src/engine/trace.hpp"

namespace azreach {

/// Four nested sets of services, in this order of inclusion:
///   always_must: delivered in every world by every choice      (subset of the truth)
///   can_must:    delivered in every world by some choice
///   always_may:  in some world delivered by every choice        (not nested with can_must)
///   can_may:     delivered in some world by some choice          (superset of the truth)
struct Outcome {
    ServiceSet always_must, can_must, always_may, can_may;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// One rectangle of the answer: every packet from `src` to `dst` in these services fares so.
struct Flow {
    AddressSet src;    // as sent by the source
    AddressSet dst;    // as sent (a public frontend stays the public address)
    Outcome packets;   // services as sent; packet reach [Z4]
    Outcome sessions;  // packets that arrive and whose reply returns; each set is a subset
    /// Services as delivered, for questions to a VM or NIC; same as `packets` where no port is
    /// translated.
    Outcome packets_delivered;
    Outcome sessions_delivered;
    std::optional<ConfigIndex> to;  // where it arrives, if one configuration
    bool to_internet = false, to_onprem = false;
};

/// A side of a question, resolved from a name (src/engine/endpoint.hpp).
struct SourceSet {
    std::vector<ConfigIndex> configs;  // NICs that emit from their own addresses
    AddressSet internet;               // internet sources
    AddressSet onprem;                 // on-premises sources
    /// Private addresses asked for that no NIC in the snapshot holds (for gaps and vacuity).
    AddressSet nobody;
};
struct DestinationSet {
    std::vector<ConfigIndex> configs;  // asked as "this NIC": also through its public entries
    AddressSet addresses;              // asked as addresses, as sent; internet space included
    std::vector<PaasIndex> services;   // public and private endpoints of PaaS resources
};

class Reachability {
public:
    explicit Reachability(const Network& network);
    ~Reachability();

    /// All packets (of `services`, compared as sent and as delivered as the contract says) from
    /// every source to every destination. Flows are disjoint in (src, dst). Pairs with can_may
    /// empty are left out. Sound: outside can_may nothing arrives.
    std::vector<Flow> flows(const SourceSet& from, const DestinationSet& to,
                            const ServiceSet& services) const;

    /// To the public endpoint of a PaaS resource, in flows whose destination is address 0 of a
    /// family: it stands for the endpoint. `entries`: 1 by its public side, 2 by service endpoints.
    std::vector<Flow> flows_to_service(const SourceSet& from, PaasIndex endpoint,
                                       const ServiceSet& services, std::uint8_t entries = 3) const;

    /// All pairs of configurations (rows: sources; columns: destinations, in the given order),
    /// internet and on-premises as extra axis entries, handed out as disjoint blocks of index
    /// ranges. Never materialises pairs. Deterministic order for any number of jobs.
    struct AxisEntry {
        enum class Kind : std::uint8_t { internet, onprem, configs } kind = Kind::configs;
        std::vector<ConfigIndex> configs;
    };
    struct Block {
        std::vector<Range<std::uint32_t>> from, to;  // closed ranges of axis indices
        Outcome packets;
        Outcome sessions;
    };
    void all_pairs(const std::vector<AxisEntry>& from, const std::vector<AxisEntry>& to,
                   const ServiceSet& services, int jobs,
                   const std::function<void(const Block&)>& sink) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace azreach
