#include "src/engine/neighbourhood.hpp"

#include <algorithm>
#include <set>

namespace azreach {

namespace {

constexpr std::size_t kMostNeighbours = 50;

std::string step_text(const Link& link) {
    std::string text(to_string(link.kind));
    if (!link.via.empty()) {
        text += " " + std::string(link.via.name());
    }
    return text + (link.certain ? "" : " (not certain)");
}

/// The one VNet in which all of them are.
std::optional<VnetIndex> only_vnet(const Network& network, const std::vector<ConfigIndex>& list) {
    std::optional<VnetIndex> result;
    for (const ConfigIndex config : list) {
        const SubnetIndex subnet = network.configurations()[config].subnet;
        if (subnet == kNoIndex) {
            return std::nullopt;
        }
        const VnetIndex vnet = network.subnets()[subnet].vnet_index;
        if (result && *result != vnet) {
            return std::nullopt;
        }
        result = vnet;
    }
    return result;
}

std::string addresses_text(const AddressSet& addresses) {
    const std::vector<Prefix> prefixes = prefixes_of(addresses);
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(prefixes.size(), 3); ++i) {
        text += (i == 0 ? "" : ", ") + to_string(prefixes[i]);
    }
    return prefixes.size() > 3 ? text + " and " + std::to_string(prefixes.size() - 3) + " more"
                               : text;
}

std::string loop_text(const Network& network, const RouteLoop& loop) {
    std::string text = addresses_text(loop.destinations) + ": ";
    for (const RouteLoop::Step& step : loop.steps) {
        text += network.subnets()[step.subnet].subnet->header.name + " -> " +
                network.configurations()[step.appliance].interface->header.name + " -> ";
    }
    text += network.subnets()[loop.steps.front().subnet].subnet->header.name;
    return text + (loop.certain ? "" : " (not certain)");
}

}  // namespace

std::string way_text(const std::vector<const Link*>& way) {
    std::string text;
    for (const Link* link : way) {
        text += (text.empty() ? "" : ", then ") + step_text(*link);
    }
    return text;
}

std::string between_networks(const Network& network, const std::vector<ConfigIndex>& from,
                             const std::vector<ConfigIndex>& to) {
    const auto a = only_vnet(network, from);
    const auto b = only_vnet(network, to);
    if (!a || !b || *a == *b) {
        return "";
    }
    const Topology topology(network, Topology::Depth::networks);
    const std::vector<const Link*> way = topology.way(*topology.of_vnet(*a), *topology.of_vnet(*b));
    const std::string names =
        network.vnets()[*a]->header.name + " and " + network.vnets()[*b]->header.name;
    if (way.empty()) {
        return "no peering, connected group or gateway joins " + names;
    }
    if (way.size() == 1) {
        return "";
    }
    return names + " meet only by " + way_text(way) +
           ": an appliance or a gateway has to pass packets on there";
}

std::vector<std::pair<std::string, std::vector<std::string>>> neighbourhood(const Network& network,
                                                                            VnetIndex vnet) {
    const Topology topology(network);
    std::vector<std::string> direct;
    std::vector<std::string> further;
    for (const Topology::Near& near : topology.near(vnet)) {
        std::vector<std::string>& list = near.way.size() == 1 ? direct : further;
        if (list.size() < kMostNeighbours) {
            list.push_back(network.vnets()[near.vnet]->header.name + " by " + way_text(near.way));
        }
    }
    std::vector<std::string> gateways;
    std::vector<std::string> unread;
    const VertexIndex own = *topology.of_vnet(vnet);
    for (const Link& link : topology.links()) {
        if (link.from != own) {
            continue;
        }
        const Vertex& to = topology.vertices()[link.to];
        if (link.kind == Link::Kind::gateway) {
            gateways.push_back(to.id.text() + (link.certain ? "" : " (not certain)"));
        } else if (!to.read) {
            unread.push_back(to.id.text() + " by " + step_text(link));
        }
    }
    std::vector<std::string> loops;
    for (const RouteLoop& loop : topology.loops()) {
        if (std::any_of(loop.steps.begin(), loop.steps.end(), [&](const RouteLoop::Step& step) {
                return network.subnets()[step.subnet].vnet_index == vnet;
            })) {
            loops.push_back(loop_text(network, loop));
        }
    }
    return {{"joined", std::move(direct)},
            {"beyond", std::move(further)},
            {"notRead", std::move(unread)},
            {"gateways", std::move(gateways)},
            {"routeLoops", std::move(loops)}};
}

}  // namespace azreach
