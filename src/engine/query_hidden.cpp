// Questions from places where hosts stand that no export shows: those of Bastion, of application
// gateways, of services injected into a subnet. [E46] [E47] [E48]
//
// For such a question the network is built once more with a NIC of unknown address in place of each
// host: what even that NIC cannot reach is blocked; everything else is unknown and names the
// service, since what its hosts send is not modelled.
#include <algorithm>
#include <map>

#include "src/engine/query_answering.hpp"

namespace azreach {

namespace {

struct Host {
    ResourceId who;
    SubnetIndex subnet = kNoIndex;
};

bool managed(const Network& network, SubnetIndex subnet) {
    const std::string_view name = network.subnets()[subnet].subnet->header.id.name();
    return equal_ignoring_case(name, "GatewaySubnet") ||
           equal_ignoring_case(name, "AzureFirewallSubnet") ||
           equal_ignoring_case(name, "AzureFirewallManagementSubnet");
}

/// Who may stand at free addresses of a subnet.
void hosts_of(const Network& network, SubnetIndex subnet, const AddressSet& asked,
              std::vector<Host>& hosts) {
    AddressSet place;
    for (const Prefix& prefix : network.subnets()[subnet].subnet->prefixes) {
        place |= prefix.addresses();
    }
    place &= asked;
    if (place.empty()) {
        return;
    }
    for (const Edges::Part& part :
         network.edges().partition(network.subnets()[subnet].vnet_index, place)) {
        for (const Owner& owner : part.owners) {
            if (owner.kind != Owner::Kind::unmodelled) {
                continue;
            }
            for (const Literal& literal : owner.when) {
                const ResourceId who(network.facts().subject(literal.fact));
                const bool known = std::any_of(hosts.begin(), hosts.end(), [&](const Host& host) {
                    return host.who == who && host.subnet == subnet;
                });
                if (!known) {
                    hosts.push_back({who, subnet});
                }
            }
        }
    }
}

/// The network with a NIC for each host.
class Shadow {
public:
    Shadow(const Network& network, const std::vector<Host>& hosts)
        : snapshot_(with(network, hosts)),
          network_(snapshot_, network.assumptions()),
          reachability_(network_),
          endpoints_(network_) {}

    QueryAnswer query(const Host& host, std::string_view to, std::string_view service_text,
                      const ServiceSet& service, const TraceOptions& options) const {
        return azreach::query(network_, reachability_, endpoints_, interface_of(host).text(), to,
                              service_text, service, options);
    }

private:
    static ResourceId interface_of(const Host& host) {
        return ResourceId("/subscriptions/" + std::string(host.who.subscription()) +
                          "/resourceGroups/" + std::string(host.who.resource_group()) +
                          "/providers/Microsoft.Network/networkInterfaces/host-of-" +
                          std::string(host.who.name()) + "-" + std::to_string(host.subnet));
    }
    static Snapshot with(const Network& network, const std::vector<Host>& hosts) {
        Snapshot result = network.snapshot();
        for (const Host& host : hosts) {
            NetworkInterface nic;
            nic.header.id = interface_of(host);
            nic.header.name = std::string(nic.header.id.name());
            nic.header.type = "Microsoft.Network/networkInterfaces";
            IpConfiguration configuration;
            configuration.id = nic.header.id.child("ipConfigurations", "host");
            configuration.name = "host";
            configuration.subnet = network.subnets()[host.subnet].subnet->header.id;
            configuration.primary = true;
            nic.configurations.push_back(std::move(configuration));
            result.interfaces.emplace(nic.header.id, std::move(nic));
        }
        return result;
    }

    Snapshot snapshot_;
    Network network_;
    Reachability reachability_;
    Endpoints endpoints_;
};

}  // namespace

void ask_hidden_hosts(const Network& network, const ResolvedEndpoint& source,
                      const SourceSet& sources, std::string_view to, std::string_view service_text,
                      const ServiceSet& service, const TraceOptions& options, QueryAnswer& answer) {
    if (answer.verdict != QueryVerdict::blocked) {
        return;  // claims that something is impossible are what hosts could refute
    }
    std::vector<Host> hosts;
    bool unfiltered = false;
    for (SubnetIndex i = 0; i < network.subnets().size(); ++i) {
        const ResourceId& subnet = network.subnets()[i].subnet->header.id;
        const ResourceId& vnet = network.subnets()[i].vnet->header.id;
        const auto named = [&](const ResourceId& id) {
            return std::find(source.ids.begin(), source.ids.end(), id) != source.ids.end();
        };
        const std::size_t before = hosts.size();
        if (named(subnet)) {
            hosts_of(network, i, AddressSet::all(), hosts);
        } else if (named(vnet) && !managed(network, i)) {
            hosts_of(network, i, AddressSet::all(), hosts);
        } else if (source.ids.empty()) {
            hosts_of(network, i, sources.nobody, hosts);
        }
        unfiltered = unfiltered || (hosts.size() > before && managed(network, i));
    }
    if (hosts.empty()) {
        return;
    }
    std::vector<Host> may;
    std::optional<QueryAnswer> example;
    if (unfiltered) {  // groups are not asked there: anything may come
        may = hosts;
    } else {
        const Shadow shadow(network, hosts);
        for (const Host& host : hosts) {
            QueryAnswer own = shadow.query(host, to, service_text, service, options);
            const bool reaches = own.verdict != QueryVerdict::blocked;
            if (reaches) {
                may.push_back(host);
            }
            if (!example || (reaches && example->verdict == QueryVerdict::blocked)) {
                example = std::move(own);
            }
        }
    }
    if (example && answer.path.empty()) {
        answer.asked_nothing = answer.asked_nothing && example->asked_nothing;
        answer.witness = example->witness;
        answer.path = example->path;
        answer.blockers = example->blockers;
    }
    if (may.empty()) {
        return;
    }
    answer.asked_nothing = false;
    answer.verdict = QueryVerdict::unknown;
    if (example) {
        answer.possible |= example->allowed | example->possible;
    }
    for (const Host& host : may) {
        const Fact fact = network.about(FactKey::unmodelled, host.who.text());
        if (std::find(answer.depends_on.begin(), answer.depends_on.end(), fact) ==
            answer.depends_on.end()) {
            answer.depends_on.push_back(fact);
        }
    }
    answer.note = "hosts of " + std::string(may.front().who.name()) +
                  " stand there that no file shows; what they send is not known";
}

}  // namespace azreach
