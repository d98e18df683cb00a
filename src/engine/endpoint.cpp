#include "src/engine/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace azreach {

namespace {

/// Kinds in the order in which they are listed.
constexpr std::string_view kKinds[] = {"vm", "nic", "vmss", "subnet", "vnet", "asg",
                                       "pe", "lb",  "pip",  "agw",    "fw",   "paas"};

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    return result;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = text.find(separator, begin);
        parts.emplace_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
        if (end == std::string_view::npos) {
            return parts;
        }
        begin = end + 1;
    }
}

/// Damerau-free edit distance, bounded: only for suggestions.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] =
                std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

std::string_view kind_of_type(std::string_view type) {
    const std::string t = lower(type);
    if (t == "microsoft.network/azurefirewalls") return "fw";
    if (t == "microsoft.network/applicationgateways") return "agw";
    return "";
}

}  // namespace

struct Endpoints::State {
    const Network& network;
    std::vector<Endpoint> all;
    std::vector<std::vector<std::string>> paths;  // lower-case: group, parents, name
    std::multimap<std::string, std::size_t> by_name;
    std::map<ResourceId, std::size_t> by_id;
    std::map<ResourceId, std::vector<ConfigIndex>> configs_of_subnet, configs_of_asg;

    std::function<std::optional<NamedSet>(std::string_view)> sets;

    explicit State(const Network& n) : network(n) {}

    /// A sub-resource of a PaaS resource: "st1/blob".
    void add(const PaasEndpoint& service) {
        Endpoint endpoint;
        endpoint.kind = "paas";
        endpoint.id = service.resource->header.id;
        endpoint.name = service.name;
        all.push_back(std::move(endpoint));
    }

    void add(std::string_view kind, const Header& header, std::vector<Prefix> addresses = {},
             std::string_view name = {}) {
        Endpoint endpoint;
        endpoint.kind = kind;
        endpoint.id = header.id;
        endpoint.name = name.empty()
                            ? (header.name.empty() ? std::string(header.id.name()) : header.name)
                            : std::string(name);
        endpoint.addresses = std::move(addresses);
        all.push_back(std::move(endpoint));
    }

    std::vector<Prefix> hosts(const std::vector<ConfigIndex>& configs) const {
        std::vector<Prefix> result;
        for (const ConfigIndex config : configs) {
            const auto& address = network.configurations()[config].configuration->address;
            if (address) {
                result.push_back(Prefix::host(*address));
            }
        }
        return result;
    }

    std::vector<ConfigIndex> configs_of(const Endpoint& endpoint) const {
        const Snapshot& snapshot = network.snapshot();
        std::vector<ConfigIndex> result;
        const auto append = [&](const std::vector<ConfigIndex>& more) {
            result.insert(result.end(), more.begin(), more.end());
        };
        if (endpoint.kind == "nic") {
            append(network.configurations_of(endpoint.id));
        } else if (endpoint.kind == "vm") {
            for (const ResourceId& nic : interfaces_of_vm(endpoint.id)) {
                append(network.configurations_of(nic));
            }
        } else if (endpoint.kind == "vmss") {
            const auto found = by_scale_set.find(endpoint.id);
            if (found != by_scale_set.end()) {
                append(found->second);
            }
        } else if (endpoint.kind == "subnet") {
            const auto found = configs_of_subnet.find(endpoint.id);
            if (found != configs_of_subnet.end()) {
                append(found->second);
            }
        } else if (endpoint.kind == "vnet") {
            const auto vnet = snapshot.virtual_networks.find(endpoint.id);
            for (const Subnet& subnet : vnet->second.subnets) {
                const auto found = configs_of_subnet.find(subnet.header.id);
                if (found != configs_of_subnet.end()) {
                    append(found->second);
                }
            }
        } else if (endpoint.kind == "asg") {
            const auto found = configs_of_asg.find(endpoint.id);
            if (found != configs_of_asg.end()) {
                append(found->second);
            }
        } else if (endpoint.kind == "pe") {
            const auto pe = snapshot.private_endpoints.find(endpoint.id);
            const auto found = by_endpoint.find(endpoint.id);
            if (pe != snapshot.private_endpoints.end() && found != by_endpoint.end()) {
                append(found->second);
            }
        }
        std::sort(result.begin(), result.end());
        result.erase(std::unique(result.begin(), result.end()), result.end());
        return result;
    }

    std::vector<ResourceId> interfaces_of_vm(const ResourceId& vm) const {
        std::vector<ResourceId> result;
        const auto found = nics_of_vm.find(vm);
        if (found != nics_of_vm.end()) {
            result = found->second;
        }
        return result;
    }

    /// The name of the resource alone means this sub-resource too: a web app's deployment site and
    /// file transfer are asked for by their own names.
    bool in_whole(std::size_t i) const {
        const std::string_view name = all[i].name;
        return !name.ends_with("/scm") && !name.ends_with("/ftp");
    }
    /// A sub-resource is named with its resource.
    std::size_t least_parts(std::size_t i) const {
        return all[i].kind == "paas" ? static_cast<std::size_t>(std::count(
                                           all[i].name.begin(), all[i].name.end(), '/')) +
                                           1
                                     : 1;
    }

    std::map<ResourceId, std::vector<ResourceId>> nics_of_vm;
    std::map<ResourceId, std::vector<ConfigIndex>> by_scale_set, by_endpoint;
};

Endpoints::Endpoints(const Network& network) : state_(std::make_unique<State>(network)) {
    State& s = *state_;
    const Snapshot& snapshot = network.snapshot();
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        const ConfigPlace& place = network.configurations()[i];
        if (place.configuration->subnet) {
            s.configs_of_subnet[*place.configuration->subnet].push_back(i);
        }
        for (const ResourceId& asg : place.configuration->asgs) {
            s.configs_of_asg[asg].push_back(i);
        }
        if (place.endpoint != nullptr) {
            s.by_endpoint[place.endpoint->header.id].push_back(i);
        }
        if (place.interface->scale_set) {
            s.by_scale_set[*place.interface->scale_set].push_back(i);
        }
        if (place.interface->virtual_machine) {
            auto& nics = s.nics_of_vm[*place.interface->virtual_machine];
            if (nics.empty() || nics.back() != place.interface->header.id) {
                nics.push_back(place.interface->header.id);
            }
        }
    }
    for (const auto& [id, vm] : snapshot.virtual_machines) {
        auto& nics = s.nics_of_vm[id];
        for (const ResourceId& nic : vm.interfaces) {
            if (std::find(nics.begin(), nics.end(), nic) == nics.end()) {
                nics.push_back(nic);
            }
        }
        s.add("vm", vm.header);
    }
    for (const auto& [id, nic] : snapshot.interfaces) {
        s.add("nic", nic.header);
    }
    for (const auto& [id, set] : snapshot.scale_sets) {
        s.add("vmss", set.header);
    }
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        for (const Subnet& subnet : vnet.subnets) {
            s.add("subnet", subnet.header, subnet.prefixes);
        }
    }
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        s.add("vnet", vnet.header, vnet.address_space);
    }
    for (const auto& [id, asg] : snapshot.application_security_groups) {
        s.add("asg", asg.header);
    }
    for (const auto& [id, endpoint] : snapshot.private_endpoints) {
        s.add("pe", endpoint.header);
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        std::vector<Prefix> addresses;
        for (const LbFrontend& frontend : balancer.frontends) {
            if (frontend.address) {
                addresses.push_back(Prefix::host(*frontend.address));
            }
            if (frontend.public_ip) {
                const auto ip = snapshot.public_ips.find(*frontend.public_ip);
                if (ip != snapshot.public_ips.end() && ip->second.address) {
                    addresses.push_back(Prefix::host(*ip->second.address));
                }
            }
        }
        s.add("lb", balancer.header, std::move(addresses));
    }
    for (const auto& [id, firewall] : snapshot.firewalls) {
        std::vector<Prefix> addresses;
        for (const AzureFirewall::Configuration& configuration : firewall.configurations) {
            if (configuration.address) {
                addresses.push_back(Prefix::host(*configuration.address));
            }
        }
        for (const AzureFirewall::Configuration& configuration : firewall.configurations) {
            if (configuration.public_ip) {
                const auto ip = snapshot.public_ips.find(*configuration.public_ip);
                if (ip != snapshot.public_ips.end() && ip->second.address) {
                    addresses.push_back(Prefix::host(*ip->second.address));
                }
            }
        }
        s.add("fw", firewall.header, std::move(addresses));
    }
    for (const auto& [id, ip] : snapshot.public_ips) {
        s.add("pip", ip.header,
              ip.address ? std::vector<Prefix>{Prefix::host(*ip.address)} : std::vector<Prefix>{});
    }
    for (const auto& [id, other] : snapshot.others) {
        const std::string_view kind = kind_of_type(other.header.type);
        if (!kind.empty()) {
            s.add(kind, other.header);
        }
    }
    for (const PaasEndpoint& service : network.paas().endpoints()) {
        s.add(service);
    }

    const auto rank = [](const Endpoint& e) {
        return std::find(std::begin(kKinds), std::end(kKinds), e.kind) - std::begin(kKinds);
    };
    std::stable_sort(s.all.begin(), s.all.end(), [&](const Endpoint& a, const Endpoint& b) {
        return std::pair(rank(a), std::cref(a.id)) < std::pair(rank(b), std::cref(b.id));
    });
    for (std::size_t i = 0; i < s.all.size(); ++i) {
        Endpoint& endpoint = s.all[i];
        if (endpoint.addresses.empty()) {
            endpoint.addresses = s.hosts(s.configs_of(endpoint));
        }
        s.by_id.emplace(endpoint.id, i);
        s.by_name.emplace(lower(endpoint.name), i);
        std::vector<std::string> path{lower(endpoint.id.resource_group())};
        if (endpoint.kind == "subnet") {
            path.push_back(lower(endpoint.id.parent().name()));
        }
        if (endpoint.kind == "paas") {
            for (const std::string& part : split(lower(endpoint.name), '/')) {
                path.push_back(part);
            }
        } else {
            path.push_back(lower(endpoint.name));
        }
        s.paths.push_back(std::move(path));
    }
    // The shortest unambiguous name: name, kind:name, path suffixes, kind:path, id.
    const auto joined = [&](std::size_t i, std::size_t parts) {
        std::string text;
        const auto& path = s.paths[i];
        for (std::size_t p = path.size() - std::min(parts, path.size()); p < path.size(); ++p) {
            text += (text.empty() ? "" : "/") + path[p];
        }
        return text;
    };
    std::map<std::string, int> uses;
    for (std::size_t i = 0; i < s.all.size(); ++i) {
        for (std::size_t parts = s.least_parts(i); parts <= s.paths[i].size(); ++parts) {
            ++uses[joined(i, parts)];
            ++uses[s.all[i].kind + ":" + joined(i, parts)];
        }
    }
    for (std::size_t i = 0; i < s.all.size(); ++i) {
        Endpoint& endpoint = s.all[i];
        endpoint.use = endpoint.kind + ":" + endpoint.id.text();
        for (std::size_t parts = s.least_parts(i); parts <= s.paths[i].size(); ++parts) {
            const std::string plain = joined(i, parts);
            // A plain name must not read as something else.
            const bool readable = plain != "internet" && plain != "onprem" &&
                                  !parse_prefix(plain) && plain.find(':') == std::string::npos;
            std::string written = plain;
            if (parts == s.least_parts(i)) {
                written = endpoint.name;
            }
            if (uses[plain] == 1 && readable) {
                endpoint.use = written;
                break;
            }
            if (uses[endpoint.kind + ":" + plain] == 1) {
                endpoint.use = endpoint.kind + ":" + written;
                break;
            }
        }
    }
}

Endpoints::~Endpoints() = default;

const std::vector<Endpoint>& Endpoints::all() const { return state_->all; }

void Endpoints::use_sets(std::function<std::optional<NamedSet>(std::string_view)> sets) {
    state_->sets = std::move(sets);
}

ResolvedEndpoint Endpoints::resolve(std::string_view name) const {
    const State& s = *state_;
    const Network& network = s.network;
    ResolvedEndpoint result;
    result.asked = std::string(name);
    result.label = result.asked;

    const auto prefixes = [&](std::string_view list) {
        AddressSet set;
        for (const std::string& part : split(list, ',')) {
            const auto parsed = parse_prefix(part);
            if (!parsed) {
                throw NameError("'" + std::string(name) + "': '" + part +
                                "' is not an address or prefix");
            }
            set |= parsed->prefix.addresses();
        }
        return set;
    };
    const std::string folded = lower(name);
    if (folded == "internet") {
        result.internet = true;
        return result;
    }
    if (folded == "onprem") {
        result.onprem = true;
        return result;
    }
    if (folded.starts_with("internet:")) {
        result.internet = true;
        result.addresses = prefixes(name.substr(9));
        return result;
    }
    if (folded.starts_with("onprem:")) {
        result.onprem = true;
        result.addresses = prefixes(name.substr(7));
        return result;
    }
    if (const auto parsed = parse_prefix(name)) {
        result.addresses = parsed->prefix.addresses();
        return result;
    }
    if (folded.starts_with("svc:")) {
        const auto& tags = network.snapshot().service_tags;
        const std::string tag(name.substr(4));
        if (!tags || !tags->tags.contains(tag)) {
            throw NameError("service tag '" + tag +
                            "' has no addresses here: give a service-tag file with -s (az network "
                            "list-service-tags, or Microsoft's weekly download)");
        }
        result.addresses = tags->tags.find(tag)->second;
        return result;
    }
    if (folded.starts_with("set:")) {
        if (!s.sets) {
            throw NameError("'" + result.asked + "': sets are defined in azreach.yaml");
        }
        const std::optional<NamedSet> set = s.sets(name.substr(4));
        result.set = std::make_shared<const NamedSet>(*set);
        result.configs = set->to.configs;
        result.unmodelled = set->unmodelled;
        result.named_resource = true;
        return result;
    }
    if (folded.starts_with("fqdn:")) {
        throw NameError("'" + std::string(name) +
                        "': DNS names are not resolved by this version yet; give the address");
    }

    std::vector<std::size_t> found;
    if (folded.starts_with("tag:")) {
        const std::string_view rest = name.substr(4);
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) {
            throw NameError("'" + std::string(name) + "': expected tag:KEY=VALUE");
        }
        const std::string key(rest.substr(0, equals));
        const std::string value(rest.substr(equals + 1));
        const auto tagged = [&](const Header& header) {
            const auto tag = header.tags.find(key);
            return tag != header.tags.end() && equal_ignoring_case(tag->second, value);
        };
        const Snapshot& snapshot = network.snapshot();
        for (std::size_t i = 0; i < s.all.size(); ++i) {
            const ResourceId& id = s.all[i].id;
            const auto has = [&](const auto& map) {
                const auto item = map.find(id);
                return item != map.end() && tagged(item->second.header);
            };
            const std::string& kind = s.all[i].kind;
            if ((kind == "vm" && has(snapshot.virtual_machines)) ||
                (kind == "nic" && has(snapshot.interfaces)) ||
                (kind == "vmss" && has(snapshot.scale_sets)) ||
                (kind == "vnet" && has(snapshot.virtual_networks)) ||
                (kind == "pe" && has(snapshot.private_endpoints)) ||
                (kind == "asg" && has(snapshot.application_security_groups)) ||
                (kind == "fw" && has(snapshot.firewalls)) ||
                (kind == "paas" && has(snapshot.paas)) ||
                ((kind == "agw" || kind == "fw") && has(snapshot.others))) {
                found.push_back(i);
            }
        }
        if (found.empty()) {
            throw NameError("no resource has the tag " + key + "=" + value);
        }
    } else {
        std::string kind;
        std::string_view rest = name;
        const std::size_t colon = name.find(':');
        if (colon != std::string_view::npos && name.front() != '/') {
            const std::string prefix = lower(name.substr(0, colon));
            if (std::find(std::begin(kKinds), std::end(kKinds), prefix) != std::end(kKinds)) {
                kind = prefix;
                rest = name.substr(colon + 1);
            }
        }
        if (!kind.empty()) {  // a kind may stand before any form
            if (parse_prefix(rest)) {
                for (std::size_t i = 0; i < s.all.size(); ++i) {
                    const AddressSet wanted = parse_prefix(rest)->prefix.addresses();
                    const auto& held = s.all[i].addresses;
                    if (s.all[i].kind == kind &&
                        std::any_of(held.begin(), held.end(), [&](const Prefix& p) {
                            return wanted.contains_all(p.addresses());
                        })) {
                        found.push_back(i);
                    }
                }
            }
        }
        const std::string wanted = lower(rest);
        if (found.empty() && !rest.empty() && rest.front() == '/') {
            for (std::size_t i = 0; i < s.all.size(); ++i) {
                if (s.all[i].id == ResourceId(std::string(rest)) &&
                    (kind.empty() || s.all[i].kind == kind) &&
                    (s.all[i].kind != "paas" || s.in_whole(i))) {
                    found.push_back(i);
                }
            }
            if (found.empty()) {
                // An IP configuration's id, or a frontend's.
                if (const auto config =
                        network.configuration_index(ResourceId(std::string(rest)))) {
                    result.configs = {*config};
                    result.named_resource = true;
                    result.ids = {ResourceId(std::string(rest))};
                    return result;
                }
            }
        } else if (found.empty()) {
            const std::vector<std::string> parts = split(wanted, '/');
            for (std::size_t i = 0; i < s.all.size(); ++i) {
                const auto& path = s.paths[i];
                if (!kind.empty() && s.all[i].kind != kind) {
                    continue;
                }
                const auto ends = [&](const std::vector<std::string>& whole) {
                    return parts.size() <= whole.size() &&
                           std::equal(parts.rbegin(), parts.rend(), whole.rbegin());
                };
                if (s.all[i].kind != "paas") {
                    if (ends(path)) {
                        found.push_back(i);
                    }
                } else if (parts.size() >= s.least_parts(i) && ends(path)) {
                    found.push_back(i);
                } else if (ends({path.begin(), path.end() - 1}) && s.in_whole(i)) {
                    found.push_back(i);  // the resource: all its sub-resources
                }
            }
        }
        if (found.empty()) {
            std::vector<std::pair<std::size_t, std::string>> near;
            const std::string last = split(wanted, '/').back();
            for (const Endpoint& endpoint : s.all) {
                const std::string candidate = lower(endpoint.name);
                std::size_t d = distance(last, candidate);
                if (candidate.find(last) != std::string::npos) {
                    d = std::min<std::size_t>(d, 1);
                }
                if (d <= std::max<std::size_t>(2, last.size() / 3)) {
                    near.emplace_back(d, endpoint.use);
                }
            }
            std::sort(near.begin(), near.end());
            near.erase(std::unique(near.begin(), near.end()), near.end());
            std::string message = "no endpoint is named '" + std::string(name) + "'";
            for (std::size_t i = 0; i < std::min<std::size_t>(near.size(), 5); ++i) {
                message += (i == 0 ? "; did you mean " : ", ") + near[i].second;
            }
            message += near.empty() ? "; 'azreach ls' lists the names" : "?";
            throw NameError(message);
        }
        const bool one_resource = std::all_of(found.begin(), found.end(), [&](std::size_t i) {
            return s.all[i].kind == "paas" && s.all[i].id == s.all[found.front()].id;
        });
        if (found.size() > 1 && !one_resource) {
            std::string message = "'" + std::string(name) + "' is ambiguous:";
            for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 8); ++i) {
                message += (i == 0 ? " " : ", ") + s.all[found[i]].use;
            }
            if (found.size() > 8) {
                message += " and " + std::to_string(found.size() - 8) + " more";
            }
            throw NameError(message);
        }
    }

    AddressSet shown;
    for (const std::size_t i : found) {
        const Endpoint& endpoint = s.all[i];
        result.ids.push_back(endpoint.id);
        if (endpoint.kind == "paas") {
            const std::string_view group =
                std::string_view(endpoint.name).substr(endpoint.name.rfind('/') + 1);
            if (const auto index = network.paas().find(endpoint.id, group)) {
                result.services.push_back(*index);
            }
            continue;
        }
        if (endpoint.kind == "agw" || (endpoint.kind == "fw" && endpoint.addresses.empty())) {
            result.unmodelled.push_back(endpoint.id);
            continue;
        }
        result.named_resource = true;
        if (endpoint.kind == "lb" || endpoint.kind == "pip" || endpoint.kind == "fw") {
            result.frontend = true;
            result.named_resource = false;
            for (const Prefix& prefix : endpoint.addresses) {
                result.addresses |= prefix.addresses();
            }
            continue;
        }
        const std::vector<ConfigIndex> configs = s.configs_of(endpoint);
        result.configs.insert(result.configs.end(), configs.begin(), configs.end());
        if (configs.empty()) {
            if (endpoint.kind == "subnet" || endpoint.kind == "vnet") {
                for (const Prefix& prefix : endpoint.addresses) {
                    result.addresses |= prefix.addresses();
                }
            } else if (endpoint.kind == "vmss" || endpoint.kind == "pe") {
                result.unmodelled.push_back(endpoint.id);  // its addresses are not known
            }
        }
    }
    std::sort(result.configs.begin(), result.configs.end());
    result.configs.erase(std::unique(result.configs.begin(), result.configs.end()),
                         result.configs.end());
    if (found.size() == 1) {
        const Endpoint& endpoint = s.all[found.front()];
        result.label = endpoint.name;
        if (endpoint.addresses.size() == 1) {
            const std::string text = to_string(endpoint.addresses.front());
            const bool host =
                endpoint.addresses.front().length() == width(endpoint.addresses.front().family());
            result.label += " (" + (host ? text.substr(0, text.find('/')) : text) + ")";
        }
    }
    return result;
}

SourceSet Endpoints::as_source(const ResolvedEndpoint& endpoint) const {
    const Network& network = state_->network;
    if (endpoint.set) {
        return endpoint.set->from;
    }
    SourceSet source;
    source.configs = endpoint.configs;
    if (endpoint.internet) {
        source.internet = endpoint.addresses.empty() ? Edges::internet_space()
                                                     : endpoint.addresses & Edges::internet_space();
        source.nobody = endpoint.addresses - source.internet;
        return source;
    }
    AddressSet onprem;
    for (const Routes::OnpremEntry& entry : network.routes().onprem_entries()) {
        onprem |= entry.sources;
    }
    if (endpoint.onprem) {
        source.onprem = endpoint.addresses.empty() ? onprem : endpoint.addresses;
        return source;
    }
    AddressSet rest = endpoint.addresses;
    if (rest.empty()) {
        return source;
    }
    AddressSet vnets;
    for (const VirtualNetwork* vnet : network.vnets()) {
        for (const Prefix& prefix : vnet->address_space) {
            vnets |= prefix.addresses();
        }
    }
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        const auto& address = network.configurations()[i].configuration->address;
        if (address && endpoint.addresses.contains(*address)) {
            source.configs.push_back(i);
            rest -= AddressSet::single(*address);
        }
    }
    source.internet = (rest & Edges::internet_space()) - vnets;
    rest -= source.internet;
    source.onprem = (rest & onprem) - vnets;
    rest -= source.onprem;
    source.nobody = rest;
    return source;
}

DestinationSet Endpoints::as_destination(const ResolvedEndpoint& endpoint) const {
    const Network& network = state_->network;
    if (endpoint.set) {
        return endpoint.set->to;
    }
    DestinationSet destination;
    destination.configs = endpoint.configs;
    destination.addresses = endpoint.addresses;
    destination.services = endpoint.services;
    if (endpoint.internet && endpoint.addresses.empty()) {
        destination.addresses = Edges::internet_space();
    }
    if (endpoint.onprem && endpoint.addresses.empty()) {
        for (const auto& [id, gateway] : network.snapshot().gateways) {
            for (const BehindGateway& behind : network.routes().behind(id)) {
                if (behind.kind != BehindGateway::Kind::vnet && behind.when.empty()) {
                    destination.addresses |= behind.addresses;
                }
            }
        }
        destination.addresses |= network.assumptions().onprem();
    }
    return destination;
}

ServiceSet asked_of(const ServiceSet& service, Family family) {
    if (service == ServiceSet::every()) {
        return service;
    }
    return service - ServiceSet::protocol(family == Family::v4 ? kIcmpv6 : kIcmp);
}

std::optional<ServiceSet> parse_service(std::string_view text) {
    ServiceSet result;
    std::string current;  // the protocol that a bare port list continues
    bool any_part = false;
    for (const std::string& raw : split(text, ',')) {
        const std::string part = lower(raw);
        if (part.empty()) {
            return std::nullopt;
        }
        any_part = true;
        if (part == "any") {
            result |= ServiceSet::any();
            current.clear();
            continue;
        }
        if (part == "every" || part == "*") {
            result |= ServiceSet::every();
            current.clear();
            continue;
        }
        if (part == "icmp") {
            result |= ServiceSet::protocol(kIcmp) | ServiceSet::protocol(kIcmpv6);
            current.clear();
            continue;
        }
        if (part == "icmpv6") {
            result |= ServiceSet::protocol(kIcmpv6);
            continue;
        }
        if (part == "esp" || part == "ah" || part == "gre") {
            result |= ServiceSet::protocol(part == "esp"  ? kEsp
                                           : part == "ah" ? kAh
                                                          : Protocol{47});
            continue;
        }
        if (part == "tcp" || part == "udp") {
            result |= ServiceSet::protocol(part == "tcp" ? kTcp : kUdp);
            current = part;
            continue;
        }
        std::string_view ports = part;
        const std::size_t slash = part.find('/');
        if (slash != std::string::npos) {
            current = part.substr(0, slash);
            ports = std::string_view(part).substr(slash + 1);
        }
        if (current != "tcp" && current != "udp") {
            // A protocol number.
            unsigned number = 0;
            const auto [end, error] =
                std::from_chars(part.data(), part.data() + part.size(), number);
            if (slash == std::string::npos && current.empty() && error == std::errc{} &&
                end == part.data() + part.size() && number <= 255) {
                result |= ServiceSet::protocol(static_cast<Protocol>(number));
                continue;
            }
            return std::nullopt;
        }
        if (ports == "*") {
            result |= ServiceSet::protocol(current == "tcp" ? kTcp : kUdp);
            continue;
        }
        const std::size_t dash = ports.find('-');
        const auto number = [](std::string_view digits) -> std::optional<std::uint16_t> {
            unsigned value = 0;
            const auto [end, error] =
                std::from_chars(digits.data(), digits.data() + digits.size(), value);
            if (error != std::errc{} || end != digits.data() + digits.size() || value > 65535) {
                return std::nullopt;
            }
            return static_cast<std::uint16_t>(value);
        };
        const auto first = number(ports.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : number(ports.substr(dash + 1));
        if (!first || !last || *first > *last) {
            return std::nullopt;
        }
        result |= ServiceSet::ports(current == "tcp" ? kTcp : kUdp, PortSet::full(),
                                    PortSet::range(*first, *last));
    }
    return any_part ? std::optional(result) : std::nullopt;
}

}  // namespace azreach
