// Observed flows against the model: what contradicts it, and what a change would do to them.
//
// A log line is a fact about one group or one NIC at its time: an allow that no world of the
// snapshot permits means that the snapshot is not what stood there then, or that we are wrong.
#pragma once

#include "models/net/packet.hpp"
#include "src/engine/diff.hpp"
#include "src/engine/reachability.hpp"

namespace azreach {

/// What was seen, as far as the model is asked.
struct SeenPacket {
    Packet packet;
    bool inbound = false;  // seen at the receiver; else at the sender
    bool allowed = true;
};

enum class Seen : std::uint8_t {
    agrees,           // the model permits what was allowed, or denies what was denied
    open,             // the snapshot cannot decide
    impossible,       // allowed, and the model says that it is surely denied
    denied_here,      // denied, and the model says that it surely arrives
    not_in_snapshot,  // nobody in the snapshot holds the address where it was seen
};
std::string_view to_string(Seen seen);  // "impossible-allow", ...

struct SeenVerdict {
    Seen seen = Seen::agrees;
    std::string why;             // who denies or allows, for people
    std::vector<ResourceId> by;  // user rules that decide it
};

class ObservedFlows {
public:
    explicit ObservedFlows(const Network& network);
    ~ObservedFlows();
    SeenVerdict judge(const SeenPacket& seen) const;
    /// What becomes of the packet end to end, from whoever holds its source.
    FlowState state(const SeenPacket& seen) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace azreach
