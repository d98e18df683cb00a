#include "src/engine/resolve.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace azreach {

namespace {

/// A network and the servers that clients there ask.
using Place = std::pair<VnetIndex, std::vector<Address>>;

class Resolving {
public:
    Resolving(const Network& network, const Reachability& reachability)
        : network_(network), reachability_(reachability), names_(network) {}

    void places_of(const ResolvedEndpoint& from, const SourceSet& senders) {
        for (const ConfigIndex config : senders.configs) {
            const ConfigPlace& place = network_.configurations()[config];
            if (place.subnet != kNoIndex) {
                clients_.push_back(config);
                places_.insert(
                    {network_.subnets()[place.subnet].vnet_index, place.interface->dns_servers});
            }
        }
        for (const ResourceId& id : from.ids) {
            if (!places_.empty()) {
                break;
            }
            if (const auto subnet = network_.subnet_index(id)) {
                places_.insert({network_.subnets()[*subnet].vnet_index, {}});
            } else if (const auto vnet = network_.vnet_index(id)) {
                places_.insert({*vnet, {}});
            }
        }
    }
    bool nowhere() const { return places_.empty(); }

    void ask(const std::string& name, bool internet, ResolvedName& result) {
        if (internet) {
            for (NameAnswer& answer : names_.resolve_public(name)) {
                add(std::move(answer), kNoIndex, result);
            }
        }
        for (const auto& [vnet, servers] : places_) {
            for (NameAnswer& answer : names_.resolve(name, vnet, servers)) {
                add(std::move(answer), vnet, result);
            }
        }
        std::stable_sort(result.answers.begin(), result.answers.end(),
                         [](const ResolvedAnswer& a, const ResolvedAnswer& b) {
                             return a.answer.when.empty() && !b.answer.when.empty();
                         });
    }

    /// The table of DNS-5: do clients use the private endpoints that they can reach?
    void judge(const std::string& name, ResolvedName& result) const {
        const auto service = service_name_of(name);
        if (!service || clients_.empty()) {
            return;
        }
        for (const PrivateEndpoint* endpoint : names_.endpoints_of(*service)) {
            judge(*endpoint, result);
        }
    }

private:
    void add(NameAnswer answer, VnetIndex vnet, ResolvedName& result) {
        for (const ResolvedAnswer& known : result.answers) {
            if (known.answer == answer) {
                return;
            }
        }
        ResolvedAnswer resolved;
        for (const Literal& literal : answer.when) {
            resolved.facts.push_back(literal.fact);
        }
        resolved.reaches = answer.public_owner;
        if (answer.address && answer.public_owner.empty() && vnet != kNoIndex) {
            resolved.reaches = owner_near(vnet, *answer.address);
        }
        resolved.answer = std::move(answer);
        result.answers.push_back(std::move(resolved));
    }

    /// Who has the address in the network or one that it reaches.
    ResourceId owner_near(VnetIndex vnet, const Address& address) const {
        std::vector<VnetIndex> near = {vnet};
        const std::vector<VnetIndex>& neighbours = network_.routes().neighbours(vnet);
        near.insert(near.end(), neighbours.begin(), neighbours.end());
        for (const VnetIndex place : near) {
            for (const Owner& owner : network_.edges().owners(place, address)) {
                if (owner.kind == Owner::Kind::configuration) {
                    const ConfigPlace& config = network_.configurations()[owner.config];
                    return config.endpoint != nullptr ? config.endpoint->header.id
                                                      : config.interface->header.id;
                }
                if (owner.kind == Owner::Kind::frontend || owner.kind == Owner::Kind::unmodelled) {
                    return owner.at;
                }
            }
        }
        return {};
    }

    std::vector<ConfigIndex> configurations_of(const PrivateEndpoint& endpoint) const {
        std::vector<ConfigIndex> result;
        for (const ResourceId& nic : endpoint.interfaces) {
            const std::vector<ConfigIndex> own = network_.configurations_of(nic);
            result.insert(result.end(), own.begin(), own.end());
        }
        return result;
    }

    void judge(const PrivateEndpoint& endpoint, ResolvedName& result) const {
        const std::vector<ConfigIndex> targets = configurations_of(endpoint);
        if (targets.empty()) {
            return;
        }
        SourceSet from;
        from.configs = clients_;
        DestinationSet to;
        to.configs = targets;
        bool may = false;
        bool must = false;
        for (const Flow& flow : reachability_.flows(from, to, ServiceSet::protocol(kTcp))) {
            may = may || !flow.sessions_delivered.can_may.empty();
            must = must || !flow.sessions_delivered.can_must.empty();
        }
        const std::string& name = endpoint.header.name;
        bool uses_it = false;
        bool uses_public = false;
        bool lost = false;
        ResourceId other;
        for (const ResolvedAnswer& answer : result.answers) {
            uses_it = uses_it || answer.reaches == endpoint.header.id;
            uses_public = uses_public || (answer.answer.via == NameAnswer::Via::public_name &&
                                          answer.answer.exists);
            lost = lost || !answer.answer.exists;
            if (network_.snapshot().private_endpoints.contains(answer.reaches) &&
                answer.reaches != endpoint.header.id) {
                other = answer.reaches;
            }
        }
        const auto say = [&](std::string text) { result.findings.push_back(std::move(text)); };
        if (uses_it && !may) {
            say("the name gives the private endpoint " + name +
                ", which cannot be reached from there");
        }
        if (uses_it && may && !must) {
            say("the name gives the private endpoint " + name +
                "; whether it can be reached from there is unknown");
        }
        if (may && uses_public) {
            say("the private endpoint " + name +
                " is reachable by address, but the name gives the public endpoint: clients use "
                "the public way");
        }
        if (may && lost) {
            say("the private endpoint " + name +
                " is reachable by address, but the name does not exist in this network");
        }
        if (may && !uses_it && !other.empty()) {
            say("the name gives the private endpoint " + std::string(other.name()) + ", not " +
                name);
        }
    }

    const Network& network_;
    const Reachability& reachability_;
    NameResolution names_;
    std::set<Place> places_;
    std::vector<ConfigIndex> clients_;
};

}  // namespace

ResolvedName resolve_name(const Network& network, const Reachability& reachability,
                          const Endpoints& endpoints, std::string_view name,
                          std::string_view from) {
    const ResolvedEndpoint source = endpoints.resolve(from);
    ResolvedName result;
    result.name = std::string(name);
    result.from = std::string(from);
    Resolving resolving(network, reachability);
    resolving.places_of(source, endpoints.as_source(source));
    if (resolving.nowhere() && !source.internet) {
        throw NameError("'" + result.from +
                        "' stands in no virtual network of the snapshot: a name is resolved from "
                        "a NIC, VM, subnet or virtual network, or from 'internet'");
    }
    resolving.ask(result.name, source.internet, result);
    resolving.judge(result.name, result);
    return result;
}

}  // namespace azreach
