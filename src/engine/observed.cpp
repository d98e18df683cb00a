#include "src/engine/observed.hpp"

#include <algorithm>
#include <map>

#include "src/engine/filter_packets.hpp"

namespace azreach {

std::string_view to_string(Seen seen) {
    switch (seen) {
        case Seen::agrees:
            return "agrees";
        case Seen::open:
            return "open";
        case Seen::impossible:
            return "impossible-allow";
        case Seen::denied_here:
            return "unexpected-deny";
        case Seen::not_in_snapshot:
            return "not-in-snapshot";
    }
    return "";
}

struct ObservedFlows::State {
    const Network& network;
    Reachability reachability;
    std::map<Address, std::vector<ConfigIndex>> holders;
    AddressSet onprem;

    explicit State(const Network& n) : network(n), reachability(n) {
        for (ConfigIndex i = 0; i < n.configurations().size(); ++i) {
            const auto& address = n.configurations()[i].configuration->address;
            if (address) {
                holders[*address].push_back(i);
            }
        }
        for (const Routes::OnpremEntry& entry : n.routes().onprem_entries()) {
            onprem |= entry.sources;
        }
    }

    std::vector<ConfigIndex> at(const Address& address) const {
        const auto found = holders.find(address);
        return found == holders.end() ? std::vector<ConfigIndex>{} : found->second;
    }
};

ObservedFlows::ObservedFlows(const Network& network) : state_(std::make_unique<State>(network)) {}
ObservedFlows::~ObservedFlows() = default;

SeenVerdict ObservedFlows::judge(const SeenPacket& seen) const {
    SeenVerdict result;
    const std::vector<ConfigIndex> places =
        state_->at(seen.inbound ? seen.packet.dst : seen.packet.src);
    if (places.empty()) {
        result.seen = Seen::not_in_snapshot;
        return result;
    }
    // The filters of the NIC where it was seen; of several with the address, any may be meant.
    bool may_pass = false;
    bool may_be_denied = false;
    const PacketSet one = PacketSet::single(seen.packet);
    for (const ConfigIndex config : places) {
        const FilterChain chain = state_->network.filters().chain(
            config, seen.inbound ? Direction::inbound : Direction::outbound);
        bool denied = false;
        bool sure = true;
        bool skip = false;
        for (const FilterList* list : {chain.admin, chain.first, chain.second}) {
            if (list == nullptr || skip || denied) {
                continue;
            }
            const Decided decision = decided(list, one);
            skip = !decision.skips.empty();
            denied = !decision.denies.empty();
            sure = sure && (skip || denied || !decision.passes.empty());
            for (const FilterRule& rule : list->rules) {
                const Cube cube = may_match(rule);
                if (cube.src.contains(seen.packet.src) && cube.dst.contains(seen.packet.dst) &&
                    cube.service.contains(seen.packet.service)) {
                    if (rule.rule != nullptr) {
                        if (denied || result.why.empty()) {
                            result.why = rule.rule->name + " (" +
                                         std::to_string(rule.rule->priority) + ") of " +
                                         std::string(rule.rule->id.parent().name());
                        }
                        if (!rule.rule->is_default) {
                            result.by.push_back(rule.rule->id);
                        }
                    }
                    break;
                }
            }
        }
        may_pass = may_pass || !denied || !sure;
        may_be_denied = may_be_denied || denied || !sure;
    }
    if (seen.allowed) {
        result.seen = !may_pass ? Seen::impossible : may_be_denied ? Seen::open : Seen::agrees;
    } else {
        result.seen = !may_be_denied ? Seen::denied_here : may_pass ? Seen::open : Seen::agrees;
    }
    return result;
}

FlowState ObservedFlows::state(const SeenPacket& seen) const {
    const Packet& packet = seen.packet;
    SourceSet from;
    from.configs = state_->at(packet.src);
    if (from.configs.empty()) {
        if (Edges::internet_space().contains(packet.src)) {
            from.internet = AddressSet::single(packet.src);
        } else if (state_->onprem.contains(packet.src)) {
            from.onprem = AddressSet::single(packet.src);
        }
    }
    DestinationSet to;
    to.configs = state_->at(packet.dst);
    const bool named = !to.configs.empty();
    if (!named) {
        to.addresses = AddressSet::single(packet.dst);
    }
    bool must = false;
    bool may = false;
    bool back = false;
    bool perhaps = false;
    for (const Flow& flow :
         state_->reachability.flows(from, to, ServiceSet::single(packet.service))) {
        const Outcome& packets = named ? flow.packets_delivered : flow.packets;
        const Outcome& sessions = named ? flow.sessions_delivered : flow.sessions;
        must = must || packets.can_must.contains(packet.service);
        may = may || packets.can_may.contains(packet.service);
        back = back || sessions.can_must.contains(packet.service);
        perhaps = perhaps || sessions.can_may.contains(packet.service);
    }
    if (!may) {
        return FlowState::blocked;
    }
    if (!must) {
        return FlowState::possible;
    }
    return back ? FlowState::reachable : perhaps ? FlowState::reply_unknown : FlowState::one_way;
}

}  // namespace azreach
