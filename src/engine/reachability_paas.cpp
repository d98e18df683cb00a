// Flows to the public endpoint of a PaaS resource.
#include "src/engine/reachability_state.hpp"

namespace azreach {

std::vector<Flow> Reachability::flows_to_service(const SourceSet& from, PaasIndex endpoint,
                                                 const ServiceSet& services,
                                                 std::uint8_t entries) const {
    const ReachabilityState& s = *state_;
    const Network& network = s.network;
    SetWalk walk(network, s.pool, s.filters);
    const ServiceId asked = s.pool.intern(services);
    const std::vector<SourceGroup> groups = s.groups(from.configs);
    const std::vector<SourceGroup> unknown_sources = s.unknown_sources(from.configs);
    const auto everybody = [&](const WalkQuestion& question, const AddressSet& dst) {
        Cells cells;
        const auto take = [&](Cells more, bool sure) {
            if (!sure) {
                walk.algebra().weaken(more);
            }
            more = CellAlgebra::merged(std::move(more));
            cells.insert(cells.end(), std::make_move_iterator(more.begin()),
                         std::make_move_iterator(more.end()));
        };
        for (const SourceGroup& group : groups) {
            take(walk.from_group(group, group.addresses, dst, asked, question), true);
        }
        for (const SourceGroup& group : unknown_sources) {
            take(walk.from_group(group, group.addresses, dst, asked, question), false);
        }
        if (!from.onprem.empty()) {
            take(walk.from_onprem(from.onprem, dst, asked, question), true);
        }
        if (!from.internet.empty()) {
            take(walk.from_internet(from.internet, dst, asked, question), true);
        }
        return cells;
    };
    std::vector<Flow> flows;
    add_flows(walk.to_service(network.paas().endpoints()[endpoint], entries, everybody, asked),
              s.pool, flows);
    return flows;
}

}  // namespace azreach
