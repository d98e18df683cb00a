// PaaS services: open to everybody, or with a private endpoint that their names miss. [P-1] [DNS-5]
#include <algorithm>
#include <map>

#include "models/azure/private_link_zones.hpp"
#include "models/network/name_resolution.hpp"
#include "src/engine/lint_rules.hpp"
#include "src/engine/reachability.hpp"
#include "src/engine/trace.hpp"

namespace azreach {

namespace {

/// More sources than this are the internet; fewer are somebody's list.
constexpr Uint128 kFewSources = 65536;
/// Clients of a VNet that are asked whether they reach an endpoint: one is enough.
constexpr std::size_t kMostClients = 64;

LintObject object_of(const Header& header, std::string name) {
    return {header.id, std::move(name), header.where};
}

class Services {
public:
    Services(const Network& network, std::vector<LintFinding>& findings)
        : network_(network), findings_(findings), reachability_(network), names_(network) {}

    void run() {
        const Paas& paas = network_.paas();
        for (PaasIndex i = 0; i < paas.endpoints().size(); ++i) {
            open_to_all(i);
        }
        if (network_.snapshot().private_endpoints.empty()) {
            return;
        }
        for (ConfigIndex i = 0; i < network_.configurations().size(); ++i) {
            const ConfigPlace& place = network_.configurations()[i];
            // Clients with servers of their own ask somebody else.
            if (place.subnet == kNoIndex || place.endpoint != nullptr ||
                !place.interface->dns_servers.empty()) {
                continue;
            }
            std::vector<ConfigIndex>& own = clients_[network_.subnets()[place.subnet].vnet_index];
            if (own.size() < kMostClients) {
                own.push_back(i);
            }
        }
        for (const auto& [id, endpoint] : network_.snapshot().private_endpoints) {
            missed_by_names(endpoint);
        }
    }

private:
    void open_to_all(PaasIndex index) {
        const PaasEndpoint& service = network_.paas().endpoints()[index];
        SourceSet internet;
        internet.internet = Edges::internet_space();
        AddressSet sources;
        Flow widest;
        for (const Flow& flow :
             reachability_.flows_to_service(internet, index, ServiceSet::protocol(kTcp), 1)) {
            if (!flow.packets.can_must.empty()) {
                sources |= flow.src;
                if (widest.src.count() < flow.src.count()) {
                    widest = flow;
                }
            }
        }
        if (sources.v4.count() <= kFewSources && sources.v6.empty()) {
            return;
        }
        LintFinding finding;
        finding.rule = "AZR2010";
        finding.target = object_of(service.resource->header, service.name);
        const TraceResult example =
            trace_to_service(network_, Origin(Internet{}), *widest.src.smallest(), index,
                             *widest.packets.can_must.witness());
        if (!example.walk.by.id.empty()) {
            finding.by.push_back({example.walk.by.id, example.walk.by.name, example.walk.by.where});
        }
        const bool has_private = !network_.paas().private_endpoints(index).empty();
        finding.message = "'" + service.name +
                          "' takes connections from any address of the internet" +
                          (has_private ? ", though it has a private endpoint" : "");
        finding.evidence = {{"privateEndpoint", has_private ? "yes" : "no"}};
        findings_.push_back(std::move(finding));
    }

    /// Whether some client in the network may reach the endpoint by its address.
    bool may_reach(VnetIndex vnet, const std::vector<ConfigIndex>& targets) const {
        const auto clients = clients_.find(vnet);
        if (clients == clients_.end()) {
            return false;
        }
        SourceSet from;
        from.configs = clients->second;
        DestinationSet to;
        to.configs = targets;
        const std::vector<Flow> flows = reachability_.flows(from, to, ServiceSet::protocol(kTcp));
        return std::any_of(flows.begin(), flows.end(), [](const Flow& flow) {
            return !flow.sessions_delivered.can_may.empty();
        });
    }

    /// DNS-5, for every network whose clients could use the endpoint.
    void missed_by_names(const PrivateEndpoint& endpoint) {
        const PrivateLink& link = network_.paas().link(endpoint);
        std::vector<ConfigIndex> targets;
        for (const ResourceId& nic : endpoint.interfaces) {
            const std::vector<ConfigIndex> own = network_.configurations_of(nic);
            targets.insert(targets.end(), own.begin(), own.end());
        }
        if (link.approval == PrivateLink::Approval::no || targets.empty() ||
            network_.configurations()[targets.front()].subnet == kNoIndex) {
            return;
        }
        const VnetIndex home =
            network_.subnets()[network_.configurations()[targets.front()].subnet].vnet_index;
        std::vector<VnetIndex> near = {home};
        for (const VnetIndex other : network_.routes().neighbours(home)) {
            if (other != home) {
                near.push_back(other);
            }
        }
        for (const PrivateEndpoint::Connection& connection : endpoint.connections) {
            if (!connection.target) {
                continue;
            }
            for (const PrivateLinkZone& row : private_link_zones()) {
                const bool leads =
                    std::any_of(connection.group_ids.begin(), connection.group_ids.end(),
                                [&](const std::string& group) {
                                    return equal_ignoring_case(group, row.group_id);
                                });
                if (leads && equal_ignoring_case(connection.target->type(), row.type) &&
                    row.public_suffix.find('{') == std::string_view::npos) {
                    ask(endpoint, targets, near, row,
                        std::string(connection.target->name()) + "." +
                            std::string(row.public_suffix));
                }
            }
        }
    }

    void ask(const PrivateEndpoint& endpoint, const std::vector<ConfigIndex>& targets,
             const std::vector<VnetIndex>& near, const PrivateLinkZone& row,
             const std::string& name) {
        LintFinding to_public;
        LintFinding to_nothing;
        for (const VnetIndex vnet : near) {
            const std::vector<NameAnswer> answers = names_.resolve(name, vnet);
            const auto all = [&](const auto& wanted) {
                return std::all_of(answers.begin(), answers.end(), [&](const NameAnswer& answer) {
                    return answer.when.empty() && wanted(answer);
                });
            };
            const bool is_public = all([](const NameAnswer& answer) {
                return answer.exists && answer.via == NameAnswer::Via::public_name;
            });
            const bool is_nothing = all([](const NameAnswer& answer) { return !answer.exists; });
            if ((is_public || is_nothing) && may_reach(vnet, targets)) {
                const Header& header = network_.vnets()[vnet]->header;
                (is_public ? to_public : to_nothing).by.push_back(object_of(header, header.name));
            }
        }
        const bool zone_known =
            std::any_of(network_.snapshot().dns_zones.begin(), network_.snapshot().dns_zones.end(),
                        [&](const auto& zone) {
                            return equal_ignoring_case(zone.second.header.name, row.zone);
                        });
        const std::string zone =
            std::string(row.zone) + (zone_known ? "" : ", not in the snapshot");
        const auto say = [&](LintFinding& finding, const std::string& what) {
            if (finding.by.empty()) {
                return;
            }
            finding.rule = "AZR2011";
            finding.target = object_of(endpoint.header, endpoint.header.name);
            finding.message =
                "'" + name + "' gives " + what + " in '" + finding.by.front().name + "'" +
                (finding.by.size() > 1
                     ? " and " + std::to_string(finding.by.size() - 1) + " more networks"
                     : "") +
                ", not the private endpoint '" + endpoint.header.name + "'";
            finding.evidence = {{"zone", zone}};
            findings_.push_back(std::move(finding));
        };
        say(to_public, "the public endpoint");
        say(to_nothing, "no address");
    }

    const Network& network_;
    std::vector<LintFinding>& findings_;
    Reachability reachability_;
    NameResolution names_;
    std::map<VnetIndex, std::vector<ConfigIndex>> clients_;
};

}  // namespace

void lint_services(const Network& network, std::vector<LintFinding>& findings) {
    if (!network.paas().endpoints().empty() || !network.snapshot().private_endpoints.empty()) {
        Services(network, findings).run();
    }
}

}  // namespace azreach
