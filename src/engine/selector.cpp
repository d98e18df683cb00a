#include "src/engine/selector.hpp"

#include <algorithm>
#include <iterator>

#include "models/azure/diagnostic.hpp"

namespace azreach {

namespace {

template <class T>
std::vector<T> sorted(std::vector<T> items) {
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    return items;
}

template <class T>
std::vector<T> joined(const std::vector<T>& a, const std::vector<T>& b) {
    std::vector<T> result;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
    return result;
}

template <class T>
std::vector<T> left_of(const std::vector<T>& a, const std::vector<T>& b) {
    std::vector<T> result;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
    return result;
}

template <class T>
std::vector<T> shared(const std::vector<T>& a, const std::vector<T>& b) {
    std::vector<T> result;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
    return result;
}

const std::optional<Address>& address_of(const Network& network, ConfigIndex config) {
    return network.configurations()[config].configuration->address;
}

AddressSet addresses_of(const Network& network, const std::vector<ConfigIndex>& configs) {
    std::vector<Range<std::uint32_t>> v4;
    std::vector<Range<Uint128>> v6;
    for (const ConfigIndex config : configs) {
        const auto& address = address_of(network, config);
        if (address && address->family == Family::v4) {
            const auto value = static_cast<std::uint32_t>(address->value);
            v4.push_back({value, value});
        } else if (address) {
            v6.push_back({address->value, address->value});
        }
    }
    return {IntervalSet<std::uint32_t>::of(std::move(v4)), IntervalSet<Uint128>::of(std::move(v6))};
}

/// Configurations of `configs` whose address lies in `set`.
std::vector<ConfigIndex> inside(const Network& network, const std::vector<ConfigIndex>& configs,
                                const AddressSet& set) {
    std::vector<ConfigIndex> result;
    if (set.empty()) {
        return result;
    }
    for (const ConfigIndex config : configs) {
        const auto& address = address_of(network, config);
        if (address && set.contains(*address)) {
            result.push_back(config);
        }
    }
    return result;
}

bool any_glob(const std::vector<std::string>& patterns, std::string_view text) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return glob_matches(pattern, text); });
}

std::string folded(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

/// "West Europe" is "westeurope".
std::string region_name(std::string_view text) {
    std::string result = folded(text);
    result.erase(std::remove(result.begin(), result.end(), ' '), result.end());
    return result;
}

/// A resource that selectors look at, and the endpoints that it means.
struct Item {
    const Header* header = nullptr;
    std::string type;                  // lower case, without "microsoft."
    std::string kind;                  // vm, nic, ...; "" none
    bool holder = true;                // has addresses of its own; containers are asked for by type
    std::vector<ConfigIndex> configs;  // ascending
    std::vector<Prefix> prefixes;      // addresses asked for as such
    bool unmodelled = false;           // what it sends or receives, and where, is not known
    bool lodges = false;  // it is somewhere in its subnets, at addresses that are not known
    bool device = false;  // packets may pass it
    std::vector<ResourceId> subnets;  // where it stands, beside its configurations
    std::vector<std::string> names;   // beside the header's
};

/// "microsoft.sql/servers" for "sql/server", "Microsoft.Sql/servers", ...; with wildcards.
bool type_matches(const std::string& pattern, const Item& item) {
    std::string wanted = folded(pattern);
    if (wanted == item.kind) {
        return true;
    }
    if (wanted.starts_with("microsoft.")) {
        wanted.erase(0, 10);
    }
    return glob_matches(wanted, item.type) || glob_matches(wanted + "s", item.type) ||
           glob_matches(wanted + "es", item.type);
}

/// Short names that are no spelling of the type.
std::string usual_type(const std::string& pattern) {
    const std::string wanted = folded(pattern);
    const std::pair<std::string_view, std::string_view> kNames[] = {
        {"storage/account", "storage/storageaccounts"},
        {"storage/accounts", "storage/storageaccounts"},
        {"cosmos/account", "documentdb/databaseaccounts"},
        {"cosmos/accounts", "documentdb/databaseaccounts"},
        {"web/app", "web/sites"},
        {"web/apps", "web/sites"},
        {"acr/registry", "containerregistry/registries"},
        {"aks/cluster", "containerservice/managedclusters"},
        {"keyvault", "keyvault/vaults"},
        {"firewall", "network/azurefirewalls"},
        {"gateway", "network/virtualnetworkgateways"},
        {"bastion", "network/bastionhosts"},
        {"natgateway", "network/natgateways"},
    };
    for (const auto& [name, type] : kNames) {
        if (wanted == name) {
            return std::string(type);
        }
    }
    // A sub-resource of storage accounts.
    for (const std::string_view group : {"blob", "file", "queue", "table", "web", "dfs"}) {
        if (wanted == "storage/" + std::string(group)) {
            return "storage/storageaccounts";
        }
    }
    return pattern;
}

}  // namespace

bool EndpointSet::no_endpoints() const {
    return configs.empty() && addresses.empty() && space.empty() && internet.empty() &&
           onprem.empty() && lodgings.empty() && !neighbours && !platform && unmodelled.empty();
}

bool EndpointSet::empty() const { return no_endpoints() && devices.empty(); }

EndpointSet united(const EndpointSet& a, const EndpointSet& b) {
    EndpointSet result;
    result.configs = joined(a.configs, b.configs);
    result.addresses = a.addresses | b.addresses;
    result.space = a.space | b.space;
    result.internet = a.internet | b.internet;
    result.onprem = a.onprem | b.onprem;
    result.lodgings = joined(a.lodgings, b.lodgings);
    result.neighbours = a.neighbours || b.neighbours;
    result.platform = a.platform || b.platform;
    result.unmodelled = joined(a.unmodelled, b.unmodelled);
    result.devices = joined(a.devices, b.devices);
    return result;
}

EndpointSet without(const Network& network, const EndpointSet& a, const EndpointSet& b) {
    EndpointSet result = a;
    result.configs = left_of(a.configs, b.configs);
    result.configs = left_of(result.configs, inside(network, result.configs, b.addresses));
    const AddressSet gone = b.addresses | b.space | b.internet | b.onprem;
    result.addresses -= gone;
    if (!result.addresses.empty()) {
        result.addresses -= addresses_of(network, b.configs);
    }
    result.space -= gone;
    result.internet -= b.internet | b.addresses;
    result.onprem -= b.onprem | b.addresses;
    result.lodgings = left_of(a.lodgings, b.lodgings);
    result.neighbours = a.neighbours && !b.neighbours;
    result.platform = a.platform && !b.platform;
    result.unmodelled = left_of(a.unmodelled, b.unmodelled);
    result.devices = left_of(a.devices, b.devices);
    return result;
}

EndpointSet common(const Network& network, const EndpointSet& a, const EndpointSet& b) {
    EndpointSet result;
    result.configs = shared(a.configs, b.configs);
    result.configs = joined(result.configs, inside(network, a.configs, b.addresses));
    result.configs = joined(result.configs, inside(network, b.configs, a.addresses));
    result.addresses =
        (a.addresses & b.addresses) | (a.addresses & b.space) | (a.space & b.addresses);
    result.space = a.space & b.space;
    result.internet =
        (a.internet & b.internet) | (a.internet & b.addresses) | (a.addresses & b.internet);
    result.onprem = (a.onprem & b.onprem) | (a.onprem & b.addresses) | (a.addresses & b.onprem);
    result.lodgings = shared(a.lodgings, b.lodgings);
    result.neighbours = a.neighbours && b.neighbours;
    result.platform = a.platform && b.platform;
    result.unmodelled = shared(a.unmodelled, b.unmodelled);
    result.devices = shared(a.devices, b.devices);
    return result;
}

struct SetEvaluator::State {
    const Network& network;
    const Endpoints& endpoints;
    const Policy& policy;
    std::vector<Item> items;
    mutable std::map<std::string, EndpointSet> known;
    EndpointSet any;

    State(const Network& n, const Endpoints& e, const Policy& p)
        : network(n), endpoints(e), policy(p) {
        add_items();
        make_any();
    }

    Item& add(const Header& header, std::string_view kind) {
        Item item;
        item.header = &header;
        item.type = folded(header.type.empty() ? header.id.type() : header.type);
        if (item.type.starts_with("microsoft.")) {
            item.type.erase(0, 10);
        }
        item.kind = std::string(kind);
        items.push_back(std::move(item));
        return items.back();
    }
    void add_public(Item& item, const ResourceId& id) const {
        const auto ip = network.snapshot().public_ips.find(id);
        if (ip != network.snapshot().public_ips.end() && ip->second.address) {
            item.prefixes.push_back(Prefix::host(*ip->second.address));
        }
    }
    void add_items();
    void make_any();
    bool stands_in(ConfigIndex config, const Selector& selector) const;
    bool matches(const Item& item, const Selector& selector) const;
    EndpointSet literal(const AddressSet& addresses) const;
    EndpointSet resolved(const ResolvedEndpoint& endpoint) const;
    bool place_matches(const ResourceId& subnet, const Selector& selector) const;
};

void SetEvaluator::State::add_items() {
    const Snapshot& snapshot = network.snapshot();
    std::map<ResourceId, std::vector<ConfigIndex>> of_vm, of_scale_set, of_endpoint, of_subnet,
        of_asg;
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        const ConfigPlace& place = network.configurations()[i];
        if (place.interface->virtual_machine) {
            of_vm[*place.interface->virtual_machine].push_back(i);
        }
        if (place.interface->scale_set) {
            of_scale_set[*place.interface->scale_set].push_back(i);
        }
        if (place.endpoint != nullptr) {
            of_endpoint[place.endpoint->header.id].push_back(i);
        }
        if (place.configuration->subnet) {
            of_subnet[*place.configuration->subnet].push_back(i);
        }
        for (const ResourceId& asg : place.configuration->asgs) {
            of_asg[asg].push_back(i);
        }
    }
    const auto found = [](const auto& map, const ResourceId& id) {
        const auto it = map.find(id);
        return it == map.end() ? std::vector<ConfigIndex>{} : it->second;
    };
    for (const auto& [id, vm] : snapshot.virtual_machines) {
        Item& item = add(vm.header, "vm");
        item.configs = found(of_vm, id);
        for (const ResourceId& nic : vm.interfaces) {
            item.configs = joined(item.configs, sorted(network.configurations_of(nic)));
        }
        item.unmodelled = item.configs.empty() && !vm.interfaces.empty();  // not read
    }
    for (const auto& [id, nic] : snapshot.interfaces) {
        add(nic.header, "nic").configs = sorted(network.configurations_of(id));
    }
    for (const auto& [id, set] : snapshot.scale_sets) {
        Item& item = add(set.header, "vmss");
        item.configs = found(of_scale_set, id);
        for (const ScaleSetInterface& interface : set.interfaces) {
            for (const IpConfiguration& configuration : interface.configurations) {
                if (configuration.subnet) {
                    item.subnets.push_back(*configuration.subnet);
                }
            }
        }
        // Instances that were not read hold free addresses of the subnets.               [J6]
        item.lodges = item.configs.empty() && !item.subnets.empty();
        item.unmodelled = item.configs.empty() && item.subnets.empty();
    }
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        std::vector<ConfigIndex> all;
        std::vector<Prefix> prefixes;
        for (const Subnet& subnet : vnet.subnets) {
            Item& item = add(subnet.header, "subnet");
            item.holder = false;
            item.configs = found(of_subnet, subnet.header.id);
            item.prefixes = subnet.prefixes;
            item.names = {std::string(id.name()) + "/" + std::string(subnet.header.id.name())};
            item.subnets = {subnet.header.id};
            all = joined(all, item.configs);
            prefixes.insert(prefixes.end(), subnet.prefixes.begin(), subnet.prefixes.end());
        }
        Item& item = add(vnet.header, "vnet");
        item.holder = false;
        for (const Subnet& subnet : vnet.subnets) {
            item.subnets.push_back(subnet.header.id);
        }
        item.configs = std::move(all);
        item.prefixes = prefixes.empty() ? vnet.address_space : std::move(prefixes);
    }
    for (const auto& [id, asg] : snapshot.application_security_groups) {
        Item& item = add(asg.header, "asg");
        item.holder = false;
        item.configs = found(of_asg, id);
    }
    for (const auto& [id, endpoint] : snapshot.private_endpoints) {
        Item& item = add(endpoint.header, "pe");
        item.configs = found(of_endpoint, id);
        item.device = true;
        if (item.configs.empty()) {
            for (const Address& address : endpoint.addresses) {
                item.prefixes.push_back(Prefix::host(address));
            }
            item.unmodelled = item.prefixes.empty();
        }
        if (endpoint.subnet) {
            item.subnets.push_back(*endpoint.subnet);
        }
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        Item& item = add(balancer.header, "lb");
        item.device = true;
        for (const LbFrontend& frontend : balancer.frontends) {
            if (frontend.address) {
                item.prefixes.push_back(Prefix::host(*frontend.address));
            }
            if (frontend.public_ip) {
                const auto ip = snapshot.public_ips.find(*frontend.public_ip);
                if (ip != snapshot.public_ips.end() && ip->second.address) {
                    item.prefixes.push_back(Prefix::host(*ip->second.address));
                }
            }
            if (frontend.subnet) {
                item.subnets.push_back(*frontend.subnet);
            }
        }
    }
    for (const auto& [id, ip] : snapshot.public_ips) {
        Item& item = add(ip.header, "pip");
        item.device = true;
        if (ip.address) {
            item.prefixes.push_back(Prefix::host(*ip.address));
        }
    }
    for (const FirewallPlace& place : network.firewalls().all()) {
        Item& item = add(place.firewall->header, "fw");
        item.device = true;
        for (const Address& address : place.addresses) {
            item.prefixes.push_back(Prefix::host(address));
        }
        item.subnets.push_back(place.subnet_id);
    }
    for (const auto& [id, gateway] : snapshot.gateways) {
        Item& item = add(gateway.header, "gateway");
        item.device = true;
        item.subnets = gateway.subnets;
    }
    for (const auto& [id, gateway] : snapshot.nat_gateways) {
        add(gateway.header, "natgateway").device = true;
    }
    for (const auto& [id, bastion] : snapshot.bastions) {
        Item& item = add(bastion.header, "bastion");
        if (bastion.subnet) {
            item.subnets.push_back(*bastion.subnet);
        }
        if (bastion.public_ip) {
            add_public(item, *bastion.public_ip);
        }
        item.lodges = !item.subnets.empty();
        item.unmodelled = !item.lodges;
    }
    for (const auto& [id, other] : snapshot.others) {
        Item& item = add(other.header, "");
        item.device = true;
        item.subnets = other.subnets;
        for (const ResourceId& ip : other.public_ips) {
            add_public(item, ip);
        }
        item.lodges = !item.subnets.empty();
        item.unmodelled = !item.lodges;
        if (item.type == "network/applicationgateways") {
            item.kind = "agw";
        }
    }
}

void SetEvaluator::State::make_any() {
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        any.configs.push_back(i);
    }
    any.internet = Edges::internet_space();
    for (const Routes::OnpremEntry& entry : network.routes().onprem_entries()) {
        any.onprem |= entry.sources;
    }
    any.onprem |= network.assumptions().onprem();
    any.space = AddressSet::all();
    any.space -= AddressSet::single(Address::v4(0xA83F8110U));  // 168.63.129.16
    any.space -= AddressSet::single(Address::v4(0xA9FEA9FEU));  // 169.254.169.254
    for (SubnetIndex i = 0; i < network.subnets().size(); ++i) {
        any.lodgings.push_back(i);
    }
    any.neighbours = true;
}

bool SetEvaluator::State::place_matches(const ResourceId& subnet, const Selector& selector) const {
    const ResourceId vnet = subnet.parent();
    const auto named = [](const std::vector<std::string>& patterns, const ResourceId& id,
                          const std::string& path) {
        return patterns.empty() ||
               std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
                   return glob_matches(pattern, id.name()) || glob_matches(pattern, path) ||
                          (pattern.front() == '/' && glob_matches(pattern, id.text()));
               });
    };
    return named(selector.vnets, vnet,
                 std::string(vnet.resource_group()) + "/" + std::string(vnet.name())) &&
           named(selector.subnets, subnet,
                 std::string(vnet.name()) + "/" + std::string(subnet.name()));
}

/// Whether one configuration of the item stands where the selector says.
bool SetEvaluator::State::stands_in(ConfigIndex config, const Selector& selector) const {
    const IpConfiguration& configuration = *network.configurations()[config].configuration;
    if (!selector.vnets.empty() || !selector.subnets.empty()) {
        if (!configuration.subnet || !place_matches(*configuration.subnet, selector)) {
            return false;
        }
    }
    if (!selector.asgs.empty() && std::none_of(configuration.asgs.begin(), configuration.asgs.end(),
                                               [&](const ResourceId& asg) {
                                                   return any_glob(selector.asgs, asg.name()) ||
                                                          any_glob(selector.asgs, asg.text());
                                               })) {
        return false;
    }
    if (!selector.prefixes.empty() &&
        (!configuration.address || std::none_of(selector.prefixes.begin(), selector.prefixes.end(),
                                                [&](const Prefix& prefix) {
                                                    return prefix.contains(*configuration.address);
                                                }))) {
        return false;
    }
    return true;
}

/// What the resource itself says.
bool SetEvaluator::State::matches(const Item& item, const Selector& selector) const {
    const Header& header = *item.header;
    if (!selector.types.empty()) {
        if (std::none_of(selector.types.begin(), selector.types.end(),
                         [&](const std::string& pattern) {
                             return type_matches(usual_type(pattern), item);
                         })) {
            return false;
        }
    } else if (!item.holder) {
        return false;
    }
    if (!selector.names.empty() && !any_glob(selector.names, header.id.name()) &&
        std::none_of(item.names.begin(), item.names.end(),
                     [&](const std::string& name) { return any_glob(selector.names, name); })) {
        return false;
    }
    if (!selector.ids.empty() && !any_glob(selector.ids, header.id.text())) {
        return false;
    }
    if (!selector.groups.empty() && !any_glob(selector.groups, header.id.resource_group())) {
        return false;
    }
    if (!selector.subscriptions.empty() &&
        !any_glob(selector.subscriptions, header.id.subscription())) {
        return false;
    }
    if (!selector.regions.empty()) {
        const std::string region = region_name(header.location);
        if (std::none_of(selector.regions.begin(), selector.regions.end(),
                         [&](const std::string& pattern) {
                             return glob_matches(region_name(pattern), region);
                         })) {
            return false;
        }
    }
    return std::all_of(selector.tags.begin(), selector.tags.end(), [&](const auto& wanted) {
        const auto tag = header.tags.find(wanted.first);
        return tag != header.tags.end() && any_glob(wanted.second, tag->second);
    });
}

/// Addresses, and the NICs that hold them.
EndpointSet SetEvaluator::State::literal(const AddressSet& addresses) const {
    EndpointSet set;
    set.addresses = addresses;
    set.configs = inside(network, any.configs, addresses);
    return set;
}

EndpointSet SetEvaluator::State::resolved(const ResolvedEndpoint& endpoint) const {
    EndpointSet set;
    if (endpoint.internet) {
        set.internet = endpoint.addresses.empty() ? Edges::internet_space()
                                                  : endpoint.addresses & Edges::internet_space();
    } else if (endpoint.onprem) {
        set.onprem = endpoint.addresses.empty() ? any.onprem : endpoint.addresses;
    } else {
        set = literal(endpoint.addresses);
        set.configs = joined(set.configs, sorted(endpoint.configs));
    }
    set.unmodelled = sorted(endpoint.unmodelled);
    for (const Item& item : items) {
        if (item.device && std::find(endpoint.ids.begin(), endpoint.ids.end(), item.header->id) !=
                               endpoint.ids.end()) {
            set.devices.push_back(item.header->id);
        }
    }
    set.devices = sorted(std::move(set.devices));
    return set;
}

SetEvaluator::SetEvaluator(const Network& network, const Endpoints& endpoints, const Policy& policy)
    : state_(std::make_unique<State>(network, endpoints, policy)) {}
SetEvaluator::~SetEvaluator() = default;

EndpointSet SetEvaluator::of(const Selector& selector) const {
    const State& s = *state_;
    EndpointSet set;
    const bool by_place = !selector.vnets.empty() || !selector.subnets.empty();
    const bool about_resource = !selector.types.empty() || !selector.names.empty() ||
                                !selector.ids.empty() || !selector.groups.empty() ||
                                !selector.subscriptions.empty() || !selector.regions.empty() ||
                                !selector.tags.empty();
    if (!about_resource && selector.asgs.empty()) {
        AddressSet wanted;
        for (const Prefix& prefix : selector.prefixes) {
            wanted |= prefix.addresses();
        }
        if (!by_place) {  // prefixes alone: addresses
            set = s.literal(wanted);
        } else {
            // Places: everything that stands in them, and the addresses that nobody is known to
            // hold: somebody unread may.
            for (SubnetIndex i = 0; i < s.network.subnets().size(); ++i) {
                const Subnet& subnet = *s.network.subnets()[i].subnet;
                if (s.place_matches(subnet.header.id, selector)) {
                    for (const Prefix& prefix : subnet.prefixes) {
                        set.space |= selector.prefixes.empty() ? prefix.addresses()
                                                               : prefix.addresses() & wanted;
                    }
                    set.lodgings.push_back(i);
                }
            }
            for (const ConfigIndex config : s.any.configs) {
                if (s.stands_in(config, selector)) {
                    set.configs.push_back(config);
                }
            }
            set.space -= addresses_of(s.network, set.configs);
        }
    }
    for (const Item& item : s.items) {
        if ((!about_resource && !by_place && selector.asgs.empty()) || !s.matches(item, selector)) {
            continue;
        }
        std::vector<ConfigIndex> configs;
        for (const ConfigIndex config : item.configs) {
            if (s.stands_in(config, selector)) {
                configs.push_back(config);
            }
        }
        const bool located = !by_place || std::any_of(item.subnets.begin(), item.subnets.end(),
                                                      [&](const ResourceId& subnet) {
                                                          return s.place_matches(subnet, selector);
                                                      });
        AddressSet addresses;
        // By place alone, a frontend is whom it leads to.
        if (selector.asgs.empty() && located && (about_resource || item.lodges)) {
            for (const Prefix& prefix : item.prefixes) {
                addresses |= prefix.addresses();
            }
            if (!selector.prefixes.empty()) {
                AddressSet wanted;
                for (const Prefix& prefix : selector.prefixes) {
                    wanted |= prefix.addresses();
                }
                addresses &= wanted;
            }
        }
        const bool whole = selector.asgs.empty() && selector.prefixes.empty() && located;
        if (configs.empty() && addresses.empty() && !whole) {
            continue;
        }
        set.configs = joined(set.configs, configs);
        if (!item.holder) {  // what its NICs leave
            set.space |= addresses - addresses_of(s.network, item.configs);
        } else {
            set.addresses |= addresses;
        }
        if (whole && (!item.holder || item.lodges)) {
            for (const ResourceId& subnet : item.subnets) {
                if (const auto index = s.network.subnet_index(subnet)) {
                    set.lodgings.push_back(*index);
                    if (item.lodges) {
                        for (const Prefix& prefix : s.network.subnets()[*index].subnet->prefixes) {
                            set.space |= prefix.addresses();
                        }
                    }
                }
            }
        }
        if (item.unmodelled && whole) {
            set.unmodelled.push_back(item.header->id);
        }
        if (item.device && (whole || !configs.empty() || !addresses.empty())) {
            set.devices.push_back(item.header->id);
        }
    }
    set.lodgings = sorted(std::move(set.lodgings));
    set.unmodelled = sorted(std::move(set.unmodelled));
    set.devices = sorted(std::move(set.devices));
    for (const Selector& except : selector.except) {
        set = without(s.network, set, of(except));
    }
    return set;
}

const EndpointSet& SetEvaluator::named(const std::string& name) const {
    const State& s = *state_;
    const auto known = s.known.find(name);
    if (known != s.known.end()) {
        return known->second;
    }
    const auto definition = s.policy.sets.find(name);
    EndpointSet set;
    if (definition != s.policy.sets.end()) {
        for (const Selector& selector : definition->second.selectors) {
            set = united(set, of(selector));
        }
        for (const SetExpression& expression : definition->second.expressions) {
            set = united(set, of(expression));
        }
    }
    return s.known.emplace(name, std::move(set)).first->second;
}

EndpointSet SetEvaluator::of(const SetExpression& expression) const {
    const State& s = *state_;
    using Op = SetExpression::Op;
    if (expression.op != Op::name) {
        const EndpointSet left = of(expression.parts[0]);
        const EndpointSet right = of(expression.parts[1]);
        return expression.op == Op::unite      ? united(left, right)
               : expression.op == Op::subtract ? without(s.network, left, right)
                                               : common(s.network, left, right);
    }
    const std::string& name = expression.name;
    if (s.policy.sets.contains(name)) {
        return named(name);
    }
    EndpointSet set;
    if (name == "any") {
        return s.any;
    }
    if (name == "internet") {
        set.internet = Edges::internet_space();
        return set;
    }
    if (name == "onprem") {
        set.onprem = s.any.onprem;
        return set;
    }
    if (name == "platform") {
        set.platform = true;
        set.addresses = AddressSet::single(Address::v4(0xA83F8110U)) |
                        AddressSet::single(Address::v4(0xA9FEA9FEU));
        return set;
    }
    if (const auto prefix = parse_prefix(name)) {
        return s.literal(prefix->prefix.addresses());
    }
    try {
        return s.resolved(s.endpoints.resolve(name));
    } catch (const NameError& error) {
        throw InputError(expression.place, "set", "'" + name + "'", error.what(), "");
    }
}

std::vector<std::string> SetEvaluator::empty_names(const SetExpression& expression) const {
    std::vector<std::string> result;
    for (const SetExpression& part : expression.parts) {
        for (std::string& name : empty_names(part)) {
            result.push_back(std::move(name));
        }
    }
    // An estate without gateways has no on-premises: that is no slip of the pen.
    if (expression.op == SetExpression::Op::name && expression.name != "onprem" &&
        of(expression).empty()) {
        result.push_back(expression.name);
    }
    return result;
}

SourceSet SetEvaluator::as_source(const EndpointSet& set) const {
    const State& s = *state_;
    SourceSet source;
    source.internet = set.internet;
    source.onprem = set.onprem;
    std::vector<ConfigIndex> configs = set.configs;
    if (!set.addresses.empty()) {
        ResolvedEndpoint endpoint;
        endpoint.addresses = set.addresses;
        SourceSet more = s.endpoints.as_source(endpoint);
        configs = joined(configs, sorted(std::move(more.configs)));
        source.internet |= more.internet;
        source.onprem |= more.onprem;
        source.nobody = std::move(more.nobody);
    }
    for (const ConfigIndex config : configs) {
        if (s.network.configurations()[config].endpoint == nullptr) {  // R39
            source.configs.push_back(config);
        }
    }
    return source;
}

DestinationSet SetEvaluator::as_destination(const EndpointSet& set) const {
    DestinationSet destination;
    destination.configs = set.configs;
    destination.addresses = (set.addresses | set.internet | set.onprem) - set.space;
    return destination;
}

}  // namespace azreach
