// The oracle: what Azure does to one packet, written naively from the semantics reference and
// docs/walk.md, straight from the imported values. It shares no code with the program's filters,
// routes, edges, trace or packet sets: it is the other derivation that they are compared with.
// Everything is looked up again for every packet; nothing is fast.
#pragma once

#include <optional>
#include <string>

#include "models/azure/facts.hpp"
#include "models/net/packet.hpp"
#include "models/network/snapshot.hpp"

namespace azreach::oracle {

struct Start {
    enum class Kind { nic, internet, onprem } kind = Kind::nic;
    ResourceId nic;  // Kind::nic
};

struct Answer {
    std::string verdict;  // delivered, dropped, varies, unknown
    std::string reply;    // the same, or "" when nothing was delivered
    std::string reason;   // of the one way there is, when facts and choices leave one
    std::string at;
    bool one_way = true;  // exactly one world and no choice: reason and at are meaningful
};

/// Tries every world and every choice.
Answer ask(const Snapshot& snapshot, const Assumptions& assumptions, const Start& from,
           const Packet& packet);
/// The same for a packet to the public endpoint of a PaaS resource, whatever address it has.
Answer ask_service(const Snapshot& snapshot, const Assumptions& assumptions, const Start& from,
                   const Address& source, const ResourceId& resource, const std::string& group,
                   const Service& service);

}  // namespace azreach::oracle
