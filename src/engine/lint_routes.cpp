// User routes that lead nowhere or round, and ways that differ forth and back.
#include <algorithm>
#include <map>
#include <set>

#include "models/network/topology.hpp"
#include "src/engine/lint_rules.hpp"
#include "src/engine/trace.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMostLoops = 64;
/// Pairs of subnets whose ways are compared by a packet.
constexpr std::size_t kMostTraces = 2000;

/// Whether somebody forwards, or may forward, what is sent to `address` from a VNet; else why not.
std::optional<std::string> nobody_forwards(const Network& network, VnetIndex vnet,
                                           const Address& address) {
    std::optional<std::string> why = "nobody that is read has this address";
    for (const HopTarget& target : network.routes().appliance_vnets(vnet)) {
        if (target.vnet == kNoIndex) {
            if (target.space.empty() || target.space.contains(address)) {
                return std::nullopt;  // a network that was not read may hold it
            }
            continue;
        }
        for (const Owner& owner : network.edges().owners(target.vnet, address)) {
            switch (owner.kind) {
                case Owner::Kind::configuration: {
                    const ConfigPlace& place = network.configurations()[owner.config];
                    if (place.interface->ip_forwarding) {
                        return std::nullopt;
                    }
                    why = "'" + std::string(place.interface->header.id.name()) +
                          "' does not forward (enableIPForwarding is off)";
                    break;
                }
                case Owner::Kind::reserved:
                case Owner::Kind::nobody:
                    break;
                default:
                    return std::nullopt;  // a frontend, or something that may forward
            }
        }
    }
    return why;
}

void routes_to_nowhere(const Network& network, std::vector<LintFinding>& findings) {
    std::set<ResourceId> done;
    for (SubnetIndex subnet = 0; subnet < network.subnets().size(); ++subnet) {
        for (const EffectiveRouteEntry& entry : network.routes().table(subnet)) {
            if (entry.route == nullptr || entry.invalid || !entry.route->certain ||
                entry.hop != NextHop::virtual_appliance) {
                continue;
            }
            const auto why =
                nobody_forwards(network, network.subnets()[subnet].vnet_index, entry.address);
            if (!why || !done.insert(entry.route->id).second) {
                continue;
            }
            LintFinding finding;
            finding.rule = "AZR2006";
            finding.target = {entry.route->id, entry.route->name, entry.route->where};
            finding.message = "route '" + entry.route->name + "' of '" +
                              std::string(entry.route->id.parent().name()) + "' sends " +
                              to_string(entry.prefix) + " to " + to_string(entry.address) + ": " +
                              *why;
            finding.evidence = {{"subnet", network.subnets()[subnet].subnet->header.id.text()},
                                {"nextHop", to_string(entry.address)}};
            findings.push_back(std::move(finding));
        }
    }
}

void loops(const Network& network, std::vector<LintFinding>& findings) {
    const Topology topology(network);
    for (const RouteLoop& loop : topology.loops(kMostLoops)) {
        if (!loop.certain || loop.steps.empty()) {
            continue;
        }
        LintFinding finding;
        finding.rule = "AZR2007";
        finding.target.id = loop.steps.front().by;
        finding.target.name = std::string(loop.steps.front().by.name());
        std::string text;
        for (const RouteLoop::Step& step : loop.steps) {
            const std::string subnet(network.subnets()[step.subnet].subnet->header.id.name());
            text += (text.empty() ? "" : " -> ") + subnet;
            LintObject by{step.by, std::string(step.by.name()), {}};
            for (const EffectiveRouteEntry& entry : network.routes().table(step.subnet)) {
                if (entry.route != nullptr && entry.route->id == step.by) {
                    by.where = entry.route->where;
                }
            }
            if (finding.by.empty()) {
                finding.target.where = by.where;
            }
            finding.by.push_back(std::move(by));
        }
        std::string destinations;
        const std::vector<Prefix> prefixes = prefixes_of(loop.destinations);
        for (std::size_t i = 0; i < std::min<std::size_t>(prefixes.size(), 4); ++i) {
            destinations += (i == 0 ? "" : ", ") + to_string(prefixes[i]);
        }
        finding.message = "packets to " + destinations + " go round: " + text + " and again";
        finding.evidence = {{"destinations", destinations}};
        findings.push_back(std::move(finding));
    }
}

/// The appliance or gateway through which a subnet surely sends packets to an address.
const EffectiveRouteEntry* sure_route(const Network& network, SubnetIndex subnet,
                                      const Address& to) {
    const auto candidates = network.routes().candidates(subnet, to);
    return candidates.size() == 1 && candidates.front()->when.empty() ? candidates.front()
                                                                      : nullptr;
}

void asymmetric(const Network& network, std::vector<LintFinding>& findings) {
    // One machine of each subnet stands for it.
    std::map<SubnetIndex, ConfigIndex> machine;
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        const ConfigPlace& place = network.configurations()[i];
        if (place.subnet != kNoIndex && place.endpoint == nullptr && place.configuration->address &&
            !place.interface->ip_forwarding) {
            machine.emplace(place.subnet, i);
        }
    }
    // Only subnets that send something through an appliance can be one side of it.
    std::vector<SubnetIndex> through;
    for (const auto& [subnet, config] : machine) {
        const auto& table = network.routes().table(subnet);
        if (std::any_of(table.begin(), table.end(), [](const EffectiveRouteEntry& entry) {
                return !entry.invalid && entry.hop == NextHop::virtual_appliance;
            })) {
            through.push_back(subnet);
        }
    }
    std::size_t traces = 0;
    for (const SubnetIndex from : through) {
        const Address source = *network.configurations()[machine.at(from)].configuration->address;
        for (const auto& [to, other] : machine) {
            if (from == to || traces == kMostTraces) {
                continue;
            }
            const Address destination = *network.configurations()[other].configuration->address;
            if (destination.family != source.family) {
                continue;
            }
            const EffectiveRouteEntry* forth = sure_route(network, from, destination);
            const EffectiveRouteEntry* back = sure_route(network, to, source);
            if (forth == nullptr || back == nullptr || forth->hop != NextHop::virtual_appliance ||
                (back->hop != NextHop::vnet_local && back->hop != NextHop::vnet_peering &&
                 back->hop != NextHop::vnet_global_peering)) {
                continue;
            }
            // What filters say of one port is not the point: the ways are.
            ++traces;
            const Packet packet{source, destination, {kTcp, 49152, 443}};
            const TraceResult traced = trace(network, machine.at(from), packet);
            LintFinding finding;
            finding.rule = "AZR2008";
            const SubnetPlace& near = network.subnets()[from];
            const SubnetPlace& far = network.subnets()[to];
            finding.target =
                forth->route != nullptr
                    ? LintObject{forth->route->id, forth->route->name, forth->route->where}
                    : LintObject{near.subnet->header.id, near.subnet->header.name,
                                 near.subnet->header.where};
            finding.by = {{back->by, back->name, {}}};
            finding.message = "packets from '" + near.subnet->header.name + "' to '" +
                              far.subnet->header.name + "' go through " +
                              to_string(forth->address) +
                              ", replies come back straight: a stateful device sees one half";
            finding.evidence = {{"from", near.subnet->header.id.text()},
                                {"to", far.subnet->header.id.text()},
                                {"example", to_string(source) + " -> " + to_string(destination)},
                                {"request", std::string(to_string(traced.verdict))}};
            findings.push_back(std::move(finding));
        }
    }
}

}  // namespace

void lint_routes(const Network& network, std::vector<LintFinding>& findings) {
    routes_to_nowhere(network, findings);
    loops(network, findings);
    asymmetric(network, findings);
}

}  // namespace azreach
