// check: does the network do what the invariants say? Contract sections 3 and 8.
//
// The packet sets answer; a violation is reported only after the trace has repeated its packet.
// Facts that the snapshot leaves open make an invariant unknown, never held and never violated.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/engine/endpoint.hpp"
#include "src/engine/invariant.hpp"

namespace azreach {

enum class InvariantStatus : std::uint8_t {
    held,
    violated,    // by a packet of MUST that the trace repeated; or an expired waiver
    unknown,     // the snapshot cannot decide
    vacuous,     // a set is empty: nothing was asked
    suppressed,  // not held, and that is accepted for now
    not_asked,   // needs a baseline that was not given
};
std::string_view to_string(InvariantStatus status);  // "not-asked"

/// Facts as assumptions would state them, all together.
using FactStatement = std::vector<std::pair<std::string, std::string>>;  // key, value

struct CheckWitness {
    Packet packet;
    Origin from;
    std::string from_name, to_name;  // "vm-web", "internet", "st1/blob"
    ResourceId from_id, to_id;       // empty for the internet and on-premises
};

/// What breaks the invariant, or may: exact counts.
struct Affected {
    Uint128 sources = 0, destinations = 0;  // NICs count once; elsewhere addresses count
    std::vector<std::string> source_names, destination_names;  // the first kMaxNames
    ServiceSet service;                                        // as sent
    static constexpr std::size_t kMaxNames = 20;
};

struct InvariantResult {
    const Invariant* invariant = nullptr;  // of the policy that was checked
    InvariantStatus status = InvariantStatus::held;
    /// suppressed: what it is without the suppression; otherwise the same as status.
    InvariantStatus beneath = InvariantStatus::held;
    std::string note;    // for people: why, when the status alone does not say
    std::string broken;  // the flow that is broken, or may be, as written
    std::optional<CheckWitness> witness;
    std::vector<Hop> path;
    std::optional<PacketVerdict> return_verdict;
    std::vector<Hop> return_path;
    std::optional<Affected> affected;  // violated and unknown
    std::vector<std::string> depends_on;
    /// unknown: smallest sets of facts, as far as they were looked for: each alone makes the
    /// invariant held, or violates it.
    std::vector<FactStatement> held_if, violated_if;
    /// limit: how much there is at least and at most.
    std::optional<std::pair<Uint128, Uint128>> counted;
    const Suppression* suppression = nullptr;
    bool unchanged = false;  // no-new, same: the snapshots configure the same
    /// Names of the findings: known findings are compared by them. They do not depend on the
    /// choice of the witness, and a narrower violation has no new ones.
    std::vector<std::string> findings;
};

struct CheckAnswer {
    std::vector<InvariantResult> results;  // in the order of the policy
    std::size_t count(InvariantStatus status) const;
};

struct CheckOptions {
    Date today;
    const Network* baseline = nullptr;  // for no-new and same
    int jobs = 0;                       // 0: as many as there are cores
    bool facts = true;                  // look for held_if and violated_if
};

/// Cost: one walk of the packet sets for every group of senders and flow. Throws InputError for
/// names that the snapshot does not know.
CheckAnswer check(const Network& network, const Endpoints& endpoints, const Policy& policy,
                  const CheckOptions& options);

}  // namespace azreach
