// The second derivation: one packet through a snapshot, told straight from the references.
//
// Written from the Azure semantics reference, the contract and docs/walk.md only. It shares no code
// with models/network or src/engine: it loops over the plain data and works everything out again
// for every packet, in every world and for every choice of the platform. Slow on purpose; the
// differential tests compare it with the trace and the packet sets.
//
//   oracle_world     worlds and choices: how a walk is repeated until nothing is left open
//   oracle_vnets     peerings, connected groups, gateways: who is connected with whom
//   oracle_tags      service tags and address sides of rules
//   oracle_filters   security groups, admin rules, platform exemptions
//   oracle_routes    the effective route of a destination
//   oracle_edges     owners of addresses, load balancers, public addresses, ways out
//   oracle_walk      the order of it all, and the reply
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "models/azure/facts.hpp"
#include "models/net/packet.hpp"
#include "models/network/snapshot.hpp"

namespace azreach::oracle {

/// Where a packet starts.
struct Origin {
    enum class Kind : std::uint8_t { nic, internet, onprem } kind = Kind::internet;
    ResourceId nic;     // of a NIC: which one,
    Address address{};  // and the private address of the configuration that emits
};

enum class Verdict : std::uint8_t { delivered, dropped, varies, unknown };
std::string to_string(Verdict verdict);

/// The four nested questions about one packet: over worlds (all, some) and choices (all, some).
struct Shares {
    bool always_must = true;  // delivered in every world by every choice
    bool can_must = true;     // delivered in every world by some choice
    bool always_may = false;  // in some world delivered by every choice
    bool can_may = false;     // in some world delivered by some choice
};

struct Answer {
    Verdict verdict = Verdict::dropped;
    /// Of the delivered packets' replies; nullopt when nothing is delivered. Not worked out to the
    /// end when the verdict is unknown.
    std::optional<Verdict> reply;
    Shares packets;
    Shares sessions;  // delivered, and the reply returns

    /// The first walk: where it ended, the reason code, and who decided ("" is nobody).
    std::string at, reason, by;
    /// True when the way forward asks no open fact and meets no choice: then `at`, `reason` and
    /// `by` hold for every walk.
    bool deterministic = false;
    /// False when more worlds and choices were left than the limit allows; nothing else counts.
    bool complete = true;
    /// Open facts that some walk asked, for messages.
    std::set<std::string> facts;
    std::size_t walks = 0;
};

/// One packet from `origin`. At most `limit` walks.
Answer simulate(const Snapshot& snapshot, const Assumptions& assumptions, const Origin& origin,
                const Packet& packet, std::size_t limit = 40000);

}  // namespace azreach::oracle
