// Rules decided here: [DNS-1] [DNS-2] [DNS-3] [DNS-4] [DNS-6]
#include "models/network/name_resolution.hpp"

#include <algorithm>
#include <map>

#include "models/network/network.hpp"

namespace azreach {

namespace {

constexpr int kMaxAliases = 16;
constexpr std::size_t kMaxAnswers = 64;
const Address kAzureDns = Address::v4(0xA83F8110U);  // 168.63.129.16

std::string_view without_last_dot(std::string_view name) {
    while (!name.empty() && name.back() == '.') {
        name.remove_suffix(1);
    }
    return name;
}

/// `name` lies in `domain`; `rest` gets what stands before it, "@" for the domain itself.
bool lies_in(std::string_view name, std::string_view domain, std::string& rest) {
    if (domain.empty()) {
        rest = std::string(name);
        return true;
    }
    if (equal_ignoring_case(name, domain)) {
        rest = "@";
        return true;
    }
    if (name.size() <= domain.size() + 1 || name[name.size() - domain.size() - 1] != '.' ||
        !equal_ignoring_case(name.substr(name.size() - domain.size()), domain)) {
        return false;
    }
    rest = std::string(name.substr(0, name.size() - domain.size() - 1));
    return true;
}

}  // namespace

struct NameResolution::State {
    const Network& network;
    const Snapshot& snapshot;

    using Name = std::string;
    struct Records {
        std::map<Name, std::vector<const DnsRecordSet*>, IgnoringCase> by_name;
        long long sets = 0;  // record sets that were read, of any type
    };
    std::map<Name, std::vector<const DnsZone*>, IgnoringCase> private_zones, public_zones;
    std::map<ResourceId, Records> records;                              // by zone
    std::map<ResourceId, std::vector<const DnsLink*>> links;            // by zone or ruleset
    std::map<ResourceId, std::vector<const DnsForwardingRule*>> rules;  // by ruleset
    std::map<Address, std::vector<const DnsInboundEndpoint*>> inbound;
    std::map<Name, std::vector<const PublicIpAddress*>, IgnoringCase> public_addresses;
    std::map<ResourceId, std::vector<const PrivateEndpoint*>> endpoints;  // by target
    std::map<Name, std::vector<ResourceId>, IgnoringCase> services;       // by name

    explicit State(const Network& n) : network(n), snapshot(n.snapshot()) {
        for (const auto& [id, zone] : snapshot.dns_zones) {
            (zone.is_private ? private_zones : public_zones)[zone.header.name].push_back(&zone);
        }
        for (const auto& [id, record] : snapshot.dns_records) {
            Records& of_zone = records[id.parent()];
            of_zone.by_name[record.header.name].push_back(&record);
            ++of_zone.sets;
        }
        for (const DnsZoneGroupEntry& entry : snapshot.dns_zone_groups) {
            if (!entry.zone) {
                continue;
            }
            for (const DnsRecordSet& record : entry.records) {
                std::vector<const DnsRecordSet*>& same =
                    records[*entry.zone].by_name[record.header.name];
                if (same.empty()) {
                    same.push_back(&record);
                }
            }
        }
        for (const auto& [id, link] : snapshot.dns_links) {
            links[id.parent()].push_back(&link);
        }
        for (const auto& [id, rule] : snapshot.dns_forwarding_rules) {
            if (rule.enabled) {
                rules[id.parent()].push_back(&rule);
            }
        }
        for (const auto& [id, endpoint] : snapshot.dns_inbound_endpoints) {
            for (const Address& address : endpoint.addresses) {
                inbound[address].push_back(&endpoint);
            }
        }
        for (const auto& [id, ip] : snapshot.public_ips) {
            if (!ip.fqdn.empty()) {
                public_addresses[std::string(without_last_dot(ip.fqdn))].push_back(&ip);
            }
        }
        for (const auto& [id, endpoint] : snapshot.private_endpoints) {
            for (const PrivateEndpoint::Connection& connection : endpoint.connections) {
                if (connection.target) {
                    endpoints[*connection.target].push_back(&endpoint);
                }
            }
        }
        for (const auto& [target, list] : endpoints) {
            services[std::string(target.name())].push_back(target);
        }
        for (const auto& [id, resource] : snapshot.others) {
            if (!endpoints.contains(id)) {
                services[std::string(id.name())].push_back(id);
            }
        }
    }

    struct Asking {
        std::uint32_t vnet;
        Guard when;
        std::vector<std::string> names;
        int depth = 0;
        bool by_rule = false;  // a forwarding rule sent it: rules are not asked again
    };
    using Answers = std::vector<NameAnswer>;

    static NameAnswer answer(const Asking& asking, NameAnswer::Via via) {
        NameAnswer result;
        result.via = via;
        result.names = asking.names;
        result.when = asking.when;
        return result;
    }

    static void append(Answers& to, Answers from) {
        for (NameAnswer& one : from) {
            if (to.size() < kMaxAnswers && std::find(to.begin(), to.end(), one) == to.end()) {
                to.push_back(std::move(one));
            }
        }
    }

    /// The way asks on under `fact`; false: the assumptions or this way close it otherwise.
    bool assume(Asking& asking, Fact fact, bool value) const {
        for (const Literal& known : asking.when) {
            if (known.fact == fact) {
                return known.value == value;
            }
        }
        return network.add_literal(asking.when, fact, value);
    }

    // --- who is asked ------------------------------------------------------------------------

    Answers ask(const std::string& name, Asking asking, const std::vector<Address>& servers) const {
        if (++asking.depth > kMaxAliases) {
            NameAnswer loop = answer(asking, NameAnswer::Via::forwarded);
            loop.exists = false;
            loop.note = "the name leads in a circle";
            return {loop};
        }
        if (servers.empty()) {
            return ask_azure(name, std::move(asking));
        }
        Answers result;
        for (const Address& server : servers) {
            append(result, ask_server(name, asking, server));
        }
        return result;
    }

    Answers ask_server(const std::string& name, Asking asking, const Address& server) const {
        if (server == kAzureDns) {
            return ask_azure(name, std::move(asking));
        }
        if (const auto found = inbound.find(server); found != inbound.end()) {
            for (const DnsInboundEndpoint* endpoint : found->second) {
                for (const ResourceId& subnet : endpoint->subnets) {
                    if (const auto index = network.subnet_index(subnet)) {
                        asking.vnet = network.subnets()[*index].vnet_index;
                        return ask_azure(name, std::move(asking));
                    }
                }
            }
        }
        // Somebody's own server: it may answer anything; most forward to Azure DNS.
        const Fact fact = network.about(FactKey::unmodelled, "DNS server " + to_string(server));
        Answers result;
        Asking elsewhere = asking;
        if (assume(elsewhere, fact, true)) {
            NameAnswer unseen = answer(elsewhere, NameAnswer::Via::forwarded);
            unseen.note = "the DNS server " + to_string(server) + " is not part of the snapshot";
            result.push_back(std::move(unseen));
        }
        if (assume(asking, fact, false)) {
            append(result, asking.by_rule ? ask_public(name, std::move(asking))
                                          : ask_azure(name, std::move(asking)));
        }
        return result;
    }

    // --- Azure DNS in a network --------------------------------------------------------------

    enum class Linked : std::uint8_t { no, yes, maybe };

    Linked is_linked(const ResourceId& parent, std::uint32_t vnet,
                     const std::optional<long long>& announced, const DnsLink*& link) const {
        const ResourceId& id = network.vnets()[vnet]->header.id;
        long long read = 0;
        if (const auto found = links.find(parent); found != links.end()) {
            read = static_cast<long long>(found->second.size());
            for (const DnsLink* one : found->second) {
                if (one->vnet && *one->vnet == id) {
                    link = one;
                    return one->completed.value_or(true) ? Linked::yes : Linked::maybe;  // DNS-6
                }
            }
        }
        // Links that were not read.
        const bool all_read = announced ? read >= *announced : read > 0;
        return all_read ? Linked::no : Linked::maybe;
    }

    Answers ask_azure(const std::string& name, Asking asking) const {
        if (++asking.depth > 2 * kMaxAliases) {
            NameAnswer loop = answer(asking, NameAnswer::Via::forwarded);
            loop.exists = false;
            loop.note = "the name leads in a circle";
            return {loop};
        }
        if (asking.vnet == kNoIndex) {
            return ask_public(name, std::move(asking));
        }
        Answers result;
        // The longest suffix first.
        std::string_view domain = name;
        while (true) {
            const auto found = private_zones.find(domain);
            if (found != private_zones.end()) {
                for (const DnsZone* zone : found->second) {
                    const DnsLink* link = nullptr;
                    const Linked linked =
                        is_linked(zone->header.id, asking.vnet, zone->links, link);
                    if (linked == Linked::no) {
                        continue;
                    }
                    Asking here = asking;
                    if (linked == Linked::maybe) {
                        const Fact fact = network.about(
                            FactKey::missing_resource,
                            link != nullptr ? link->header.id.text()
                                            : zone->header.id.text() + "/virtualNetworkLinks");
                        if (assume(here, fact, true)) {
                            append(result, from_zone(*zone, link, name, std::move(here)));
                        }
                        if (!assume(asking, fact, false)) {
                            return result;
                        }
                        continue;
                    }
                    append(result, from_zone(*zone, link, name, std::move(here)));
                    return result;
                }
            }
            const std::size_t dot = domain.find('.');
            if (dot == std::string_view::npos) {
                break;
            }
            domain.remove_prefix(dot + 1);
        }
        append(result, ask_rulesets(name, std::move(asking)));
        return result;
    }

    Answers ask_rulesets(const std::string& name, Asking asking) const {
        Answers result;
        for (const auto& [ruleset, list] : rules) {
            const DnsLink* link = nullptr;
            if (is_linked(ruleset, asking.vnet, 0, link) == Linked::no) {
                continue;
            }
            const DnsForwardingRule* best = nullptr;
            std::string rest;
            for (const DnsForwardingRule* rule : list) {
                if (lies_in(name, rule->domain, rest) &&
                    (best == nullptr || rule->domain.size() > best->domain.size())) {
                    best = rule;
                }
            }
            if (best != nullptr) {
                asking.by_rule = true;
                return ask(name, std::move(asking), best->servers);
            }
        }
        return ask_public(name, std::move(asking));
    }

    // --- records -----------------------------------------------------------------------------

    Answers from_zone(const DnsZone& zone, const DnsLink* link, const std::string& name,
                      Asking asking) const {
        std::string rest;
        (void)lies_in(name, zone.header.name, rest);
        const auto found = records.find(zone.header.id);
        const Records* of_zone = found == records.end() ? nullptr : &found->second;
        const std::vector<const DnsRecordSet*>* sets = nullptr;
        if (of_zone != nullptr) {
            auto by_name = of_zone->by_name.find(rest);
            for (std::string wild = rest; by_name == of_zone->by_name.end() && rest != "@";) {
                const std::size_t dot = wild.find('.');
                by_name =
                    of_zone->by_name.find(dot == std::string::npos ? "*" : "*" + wild.substr(dot));
                if (dot == std::string::npos) {
                    break;
                }
                wild.erase(0, dot + 1);
            }
            sets = by_name == of_zone->by_name.end() ? nullptr : &by_name->second;
        }
        Answers result;
        if (sets != nullptr) {
            append(result, from_records(zone, *sets, asking));
            if (!result.empty()) {
                return result;
            }
        }
        // Records that the platform keeps for an endpoint and no export shows.
        for (const DnsZoneGroupEntry& entry : snapshot.dns_zone_groups) {
            if (entry.zone && *entry.zone == zone.header.id && !entry.has_records) {
                append(result, from_endpoint(entry, zone, name, asking));
            }
        }
        if (!result.empty()) {
            return result;
        }
        const long long read = of_zone == nullptr ? 0 : of_zone->sets;
        const bool all_read = zone.record_sets && read + 1 >= *zone.record_sets;
        if (!all_read) {
            const Fact fact = network.about(FactKey::missing_resource,
                                            zone.header.id.text() + " records for " + rest);
            Asking here = asking;
            if (assume(here, fact, true)) {
                NameAnswer unseen = answer(here, NameAnswer::Via::private_zone);
                unseen.zone = zone.header.id;
                unseen.note = "the records of the zone were not all read";
                result.push_back(std::move(unseen));
            }
            if (!assume(asking, fact, false)) {
                return result;
            }
        }
        append(result, no_record(zone, link, name, std::move(asking)));
        return result;
    }

    Answers from_records(const DnsZone& zone, const std::vector<const DnsRecordSet*>& sets,
                         const Asking& asking) const {
        Answers result;
        for (const DnsRecordSet* set : sets) {
            if (set->type == "CNAME" && !set->alias.empty()) {
                Asking onward = asking;
                onward.names.push_back(set->alias);
                append(result, ask(set->alias, std::move(onward), {}));
                continue;
            }
            for (const Address& address : set->addresses) {
                NameAnswer one = answer(asking, zone.is_private ? NameAnswer::Via::private_zone
                                                                : NameAnswer::Via::public_name);
                one.address = address;
                one.zone = zone.header.id;
                one.record = set->header.id;
                one.where = set->header.where;
                result.push_back(std::move(one));
            }
        }
        // DNS-3: two endpoints of one service share the record; the last writer's address stands.
        return result;
    }

    Answers from_endpoint(const DnsZoneGroupEntry& entry, const DnsZone& zone,
                          const std::string& name, const Asking& asking) const {
        const auto found = snapshot.private_endpoints.find(entry.endpoint);
        if (found == snapshot.private_endpoints.end()) {
            return {};
        }
        Answers result;
        const auto add = [&](const Address& address) {
            NameAnswer one = answer(asking, NameAnswer::Via::private_zone);
            one.address = address;
            one.zone = zone.header.id;
            one.record = entry.endpoint;
            one.where = entry.where;
            one.note = "the endpoint's zone group keeps this record";
            result.push_back(std::move(one));
        };
        const PrivateEndpoint& endpoint = found->second;
        for (const PrivateEndpoint::Name& custom : endpoint.names) {
            const auto service = service_name_of(custom.fqdn);
            if (equal_ignoring_case(custom.fqdn, name) ||
                (service && equal_ignoring_case(service->private_form, name))) {
                std::for_each(custom.addresses.begin(), custom.addresses.end(), add);
            }
        }
        const auto service = service_name_of(name);
        if (!result.empty() || !service || !endpoint.names.empty()) {
            return result;
        }
        for (const PrivateEndpoint::Connection& connection : endpoint.connections) {
            if (connection.target &&
                equal_ignoring_case(connection.target->name(), service->resource) &&
                equal_ignoring_case(connection.target->type(), service->row->type)) {
                for (const ResourceId& nic : endpoint.interfaces) {
                    for (const ConfigIndex config : network.configurations_of(nic)) {
                        if (const auto& a =
                                network.configurations()[config].configuration->address) {
                            add(*a);
                        }
                    }
                }
            }
        }
        return result;
    }

    Answers no_record(const DnsZone& zone, const DnsLink* link, const std::string& name,
                      Asking asking) const {
        NameAnswer none = answer(asking, NameAnswer::Via::private_zone);
        none.exists = false;
        none.zone = zone.header.id;
        none.note = "the zone is linked and has no such record";
        const bool privatelink = zone.header.name.find("privatelink") != std::string::npos;
        const DnsLink::Policy policy = link == nullptr ? DnsLink::Policy::unknown : link->policy;
        if (!privatelink || policy == DnsLink::Policy::standard) {
            return {none};
        }
        if (policy == DnsLink::Policy::nx_domain_redirect) {  // DNS-2
            return ask_public(name, std::move(asking));
        }
        // 0.5: older versions of the API do not show the policy.
        const Fact fact =
            network.about(FactKey::missing_resource,
                          (link == nullptr ? zone.header.id.text() : link->header.id.text()) +
                              "#/properties/resolutionPolicy");
        Answers result;
        Asking closed = asking;
        if (assume(closed, fact, false)) {
            none.when = closed.when;
            result.push_back(none);
        }
        if (assume(asking, fact, true)) {
            append(result, ask_public(name, std::move(asking)));
        }
        return result;
    }

    // --- the public tree ---------------------------------------------------------------------

    Answers ask_public(const std::string& name, Asking asking) const {
        if (++asking.depth > 4 * kMaxAliases) {
            NameAnswer loop = answer(asking, NameAnswer::Via::public_name);
            loop.exists = false;
            loop.note = "the name leads in a circle";
            return {loop};
        }
        std::string_view domain = name;
        while (true) {
            if (const auto found = public_zones.find(domain); found != public_zones.end()) {
                return from_public_zone(*found->second.front(), name, std::move(asking));
            }
            const std::size_t dot = domain.find('.');
            if (dot == std::string_view::npos) {
                break;
            }
            domain.remove_prefix(dot + 1);
        }
        if (const auto found = public_addresses.find(name); found != public_addresses.end()) {
            NameAnswer one = answer(asking, NameAnswer::Via::public_name);
            one.address = found->second.front()->address;
            one.public_owner = found->second.front()->header.id;
            one.where = found->second.front()->header.where;
            return {one};
        }
        if (const auto service = service_name_of(name)) {
            return public_service(*service, std::move(asking));
        }
        NameAnswer elsewhere = answer(asking, NameAnswer::Via::public_name);
        elsewhere.note = "a public name that is not of this snapshot";
        return {elsewhere};
    }

    Answers from_public_zone(const DnsZone& zone, const std::string& name, Asking asking) const {
        std::string rest;
        (void)lies_in(name, zone.header.name, rest);
        const auto found = records.find(zone.header.id);
        if (found != records.end()) {
            if (const auto sets = found->second.by_name.find(rest);
                sets != found->second.by_name.end()) {
                Answers result = from_records(zone, sets->second, asking);
                for (NameAnswer& one : result) {
                    if (one.address) {
                        for (const auto& [id, ip] : snapshot.public_ips) {
                            if (ip.address == one.address) {
                                one.public_owner = id;
                            }
                        }
                    }
                }
                if (!result.empty()) {
                    return result;
                }
            }
        }
        NameAnswer none = answer(asking, NameAnswer::Via::public_name);
        none.zone = zone.header.id;
        none.note = "no such record was read in the public zone";
        return {none};
    }

    std::vector<ResourceId> owners_of(const ServiceName& service) const {
        std::vector<ResourceId> result;
        if (const auto found = services.find(service.resource); found != services.end()) {
            for (const PrivateLinkZone& row : private_link_zones()) {
                if (row.public_suffix != service.row->public_suffix) {
                    continue;
                }
                for (const ResourceId& id : found->second) {
                    if (equal_ignoring_case(id.type(), row.type) &&
                        std::find(result.begin(), result.end(), id) == result.end()) {
                        result.push_back(id);
                    }
                }
            }
        }
        return result;
    }

    static bool leads_to(const PrivateEndpoint& endpoint, const ResourceId& owner,
                         const ServiceName& service) {
        return std::any_of(
            endpoint.connections.begin(), endpoint.connections.end(), [&](const auto& c) {
                return c.target && *c.target == owner &&
                       (c.group_ids.empty() ||
                        std::any_of(c.group_ids.begin(), c.group_ids.end(), [&](const auto& g) {
                            return equal_ignoring_case(g, service.row->group_id);
                        }));
            });
    }

    std::vector<const PrivateEndpoint*> endpoints_of(const ServiceName& service) const {
        std::vector<const PrivateEndpoint*> result;
        for (const ResourceId& owner : owners_of(service)) {
            if (const auto found = endpoints.find(owner); found != endpoints.end()) {
                for (const PrivateEndpoint* endpoint : found->second) {
                    if (leads_to(*endpoint, owner, service) &&
                        std::find(result.begin(), result.end(), endpoint) == result.end()) {
                        result.push_back(endpoint);
                    }
                }
            }
        }
        return result;
    }

    Answers public_service(const ServiceName& service, Asking asking) const {
        const std::vector<ResourceId> owners = owners_of(service);
        NameAnswer at_service = answer(asking, NameAnswer::Via::public_name);
        at_service.public_owner = owners.empty() ? ResourceId{} : owners.front();
        at_service.note = owners.empty() ? "the public endpoint of a service outside the snapshot"
                                         : "the service's public endpoint";
        if (service.is_private_form || asking.vnet == kNoIndex) {
            return {at_service};
        }
        // DNS-1: with endpoint connections the name is an alias of its private form.
        Asking onward = asking;
        onward.names.push_back(service.private_form);
        if (!endpoints_of(service).empty()) {
            return ask(service.private_form, std::move(onward), {});
        }
        Answers aliased = ask(service.private_form, onward, {});
        const bool same = std::all_of(aliased.begin(), aliased.end(), [](const NameAnswer& one) {
            return one.via == NameAnswer::Via::public_name && one.exists;
        });
        if (same) {
            return {at_service};
        }
        // Endpoints that the snapshot does not show would make the alias.
        const Fact fact =
            network.about(FactKey::missing_resource, service.private_form + " (alias)");
        Answers result;
        if (assume(onward, fact, true)) {
            append(result, ask(service.private_form, std::move(onward), {}));
        }
        if (assume(asking, fact, false)) {
            at_service.when = asking.when;
            result.push_back(std::move(at_service));
        }
        return result;
    }
};

NameResolution::NameResolution(const Network& network) : state_(new State(network)) {}
NameResolution::~NameResolution() = default;

std::vector<NameAnswer> NameResolution::resolve(std::string_view name, std::uint32_t vnet,
                                                const std::vector<Address>& servers) const {
    const std::string asked(without_last_dot(name));
    State::Asking asking{vnet, {}, {asked}, 0};
    const std::vector<Address>& used =
        servers.empty() && vnet != kNoIndex ? state_->network.vnets()[vnet]->dns_servers : servers;
    return state_->ask(asked, std::move(asking), used);
}

std::vector<NameAnswer> NameResolution::resolve_public(std::string_view name) const {
    const std::string asked(without_last_dot(name));
    return state_->ask_public(asked, {kNoIndex, {}, {asked}, 0});
}

std::vector<const PrivateEndpoint*> NameResolution::endpoints_of(const ServiceName& service) const {
    return state_->endpoints_of(service);
}

}  // namespace azreach
