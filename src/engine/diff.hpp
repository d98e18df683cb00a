// diff: what two snapshots decide differently, exactly, and which configuration changes did it.
//
// Compared is what can arrive: packets that some choice of the platform delivers. Each packet is,
// in each snapshot, one of the five states below; a change is a rectangle (sources x destinations x
// services) of packets whose state differs, in the coordinates as sent. Rectangles are disjoint and
// no two can be joined. Packets in no rectangle are in the same state in both snapshots; packets of
// regions that no configuration change touches are the same in every world (diff_touched.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/engine/config_change.hpp"
#include "src/engine/trace.hpp"

namespace azreach {

enum class FlowState : std::uint8_t {
    blocked,        // outside MAY
    possible,       // in MAY, not in MUST
    one_way,        // in MUST; no reply returns
    reply_unknown,  // in MUST; the snapshot cannot decide whether a reply returns
    reachable,      // in MUST, and a reply surely returns
};
/// The verdict of `query` for such packets: blocked, unknown, one-way, unknown, reachable.
std::string_view to_string(FlowState state);
/// Surely arrives.
constexpr bool arrives(FlowState state) { return state >= FlowState::one_way; }

/// One side of a rectangle. `addresses` is exact; `name` and `ids` say whose they are.
struct FlowSide {
    std::string name;  // "snet-web, vm-db and 3 more", "internet", "10.9.0.0/24"
    std::vector<ResourceId> ids;
    AddressSet addresses;
    bool internet = false, onprem = false;
    std::vector<ResourceId> interfaces;  // of senders: the NICs, ascending
};

struct FlowChange {
    enum class Kind : std::uint8_t {
        added,     // now arrives, or may arrive
        lost,      // no longer arrives, or surely
        changed,   // arrives as before; what differs is whether replies return
        rerouted,  // same state, another way
    } kind = Kind::added;
    FlowSide from, to;
    ServiceSet service;  // as sent
    FlowState before = FlowState::blocked, after = FlowState::blocked;
    std::optional<Packet> witness;  // one packet of it
    std::vector<Hop> path_before, path_after;
    /// What the state hangs on, where it is open.
    std::vector<std::string> depends_on;
    /// Indexes into DiffAnswer::config: applied to the old snapshot alone they bring the witness
    /// into the state `after`, and no proper subset of them does. Empty: none was found (see
    /// DiffAnswer::causes_incomplete).
    std::vector<std::size_t> caused_by;
    bool exposure() const { return from.internet; }
    /// Different whatever the open facts are.
    bool certain() const;
};
std::string_view to_string(FlowChange::Kind kind);  // "new", "lost", "changed", "rerouted"

struct DiffAnswer {
    std::vector<FlowChange> changes;   // exposure first, then new, lost, changed, rerouted
    std::vector<ConfigChange> config;  // every difference of configuration
    /// Indexes into `config`: with all of these left out the new snapshot connects the same.
    std::vector<std::size_t> without_effect;
    std::uint64_t unchanged_pairs = 0;  // of NIC configurations, the internet and on-premises
    /// Packets that stay unknown on both sides where the changes may or may not matter: this many
    /// rectangles were compared by one packet of each only. 0: "unchanged" is proved.
    std::size_t compared_by_sample = 0;
    bool causes_incomplete = false;  // some change has no cause: the search was cut short
};

struct DiffOptions {
    ServiceSet services = ServiceSet::every();
    int jobs = 0;
    bool causes = true;
    bool paas = true;  // endpoints of PaaS resources too
    /// Evaluates everything instead of what the configuration changes touch (for tests).
    bool everything = false;
};

/// Cost: what the changes touch, twice; causes: one small network for each tried subset.
DiffAnswer diff(const Network& before, const Network& after, const DiffOptions& options = {});

}  // namespace azreach
