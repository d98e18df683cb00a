#include "src/engine/axis.hpp"

#include <algorithm>
#include <map>

namespace azreach {

ReachAxis axis_of(const Network& network, const Endpoints& endpoints, RowsOf rows_of,
                  const std::vector<ConfigIndex>* within) {
    using Entry = Reachability::AxisEntry;
    ReachAxis axis;
    const auto outside = [&](const char* label, Entry::Kind kind) {
        axis.labels.emplace_back(label);
        axis.ids.emplace_back();
        axis.entries.push_back({kind, {}});
    };
    if (within == nullptr) {
        outside("internet", Entry::Kind::internet);
        if (!network.routes().onprem_entries().empty()) {
            outside("onprem", Entry::Kind::onprem);
        }
    }
    std::map<ResourceId, std::vector<ConfigIndex>> rows;
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        if (within != nullptr && !std::binary_search(within->begin(), within->end(), i)) {
            continue;
        }
        const ConfigPlace& place = network.configurations()[i];
        if (rows_of == RowsOf::nic) {
            rows[place.interface->header.id].push_back(i);
        } else if (place.subnet != kNoIndex) {
            const SubnetPlace& subnet = network.subnets()[place.subnet];
            rows[rows_of == RowsOf::vnet ? subnet.vnet->header.id : subnet.subnet->header.id]
                .push_back(i);
        }
    }
    std::map<ResourceId, std::string> names;
    for (const Endpoint& endpoint : endpoints.all()) {
        names.emplace(endpoint.id, endpoint.use);
    }
    for (auto& [id, configs] : rows) {
        const auto found = names.find(id);
        axis.labels.push_back(found == names.end() ? id.text() : found->second);
        axis.ids.push_back(id);
        axis.entries.push_back({Entry::Kind::configs, std::move(configs)});
    }
    return axis;
}

QueryVerdict verdict_of(const Reachability::Block& block, const ServiceSet& asked) {
    if (block.sessions.always_must.contains_all(asked)) {
        return QueryVerdict::reachable;
    }
    if (block.packets.always_must.contains_all(asked) && block.sessions.can_may.empty()) {
        return QueryVerdict::one_way;
    }
    if (!block.packets.can_must.empty() && (!block.packets.can_may.contains_all(asked) ||
                                            block.packets.can_must.contains_all(asked))) {
        return QueryVerdict::partial;
    }
    return QueryVerdict::unknown;
}

}  // namespace azreach
