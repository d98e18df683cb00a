#include "models/network/edges_public_addresses.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <tuple>

namespace azreach {

namespace {

/// Types that hold public addresses and are not modelled; templates name the address only there.
constexpr std::array<std::string_view, 7> kHolders = {
    "Microsoft.Network/azureFirewalls",  "Microsoft.Network/applicationGateways",
    "Microsoft.Network/virtualHubs",     "Microsoft.Network/networkVirtualAppliances",
    "Microsoft.Network/virtualRouters",  "Microsoft.ApiManagement/service",
    "Microsoft.Web/hostingEnvironments",
};

bool is_type(const ResourceId& id, std::string_view type) {
    return equal_ignoring_case(id.type(), type);
}

/// The resource that a nested id belongs to.
ResourceId top_level(ResourceId id) {
    for (ResourceId parent = id.parent(); !parent.empty(); parent = parent.parent()) {
        id = parent;
    }
    return id;
}

Translation ended_elsewhere(Translation::Kind kind, const ResourceId& by,
                            const ResourceId& target) {
    Translation way;
    way.kind = kind;
    way.accepts = ServiceSet::every();
    way.by = by;
    way.name = std::string(by.name());
    way.target = target;
    return way;
}

}  // namespace

ServiceSet surely_carried() { return ServiceSet::any() | ServiceSet::protocol(kEsp); }

PublicAddresses::PublicAddresses(const Network& network, const AddressBook& book,
                                 const LoadBalancing& balancing,
                                 const std::unordered_set<ResourceId>& partly_read_scale_sets)
    : network_(network), balancing_(balancing), book_(book) {
    collect();
    add_entries();
    add_prefixes();
    add_scale_sets(partly_read_scale_sets);
    merge_entries_of_one_address();
    index_entries();
    index_published();
}

// --- bindings ------------------------------------------------------------------------------------

void PublicAddresses::bind(const ResourceId& address, Binding binding) {
    std::vector<Binding>& all = bindings_[address].all;
    if (std::find(all.begin(), all.end(), binding) == all.end()) {
        all.push_back(std::move(binding));
    }
}

/// The address says which configuration it is bound to.
void PublicAddresses::bind_by_id(const ResourceId& address, const ResourceId& configuration) {
    using Kind = Binding::Kind;
    const Snapshot& snapshot = network_.snapshot();
    if (const auto config = network_.configuration_index(configuration)) {
        bind(address, {Kind::configuration, *config, {}});
        return;
    }
    if (balancing_.frontend(configuration)) {
        bind(address, {Kind::frontend, kNoIndex, configuration});
        return;
    }
    for (ResourceId holder = configuration; !holder.empty(); holder = holder.parent()) {
        if (is_type(holder, "Microsoft.Network/natGateways")) {
            bindings_[address].nat_gateway = true;
            return;
        }
        if (const auto firewall = snapshot.firewalls.find(holder);
            firewall != snapshot.firewalls.end()) {
            bind_to_firewall(address, firewall->second, configuration);
            return;
        }
        if (snapshot.gateways.contains(holder) || snapshot.bastions.contains(holder) ||
            snapshot.others.contains(holder)) {
            bind(address, {Kind::service, kNoIndex, holder});
            return;
        }
    }
    const ResourceId holder = top_level(configuration);
    const bool modelled = is_type(holder, "Microsoft.Network/networkInterfaces") ||
                          is_type(holder, "Microsoft.Network/loadBalancers") ||
                          is_type(holder, "Microsoft.Compute/virtualMachineScaleSets");
    bind(address, modelled ? Binding{Kind::unread, kNoIndex, configuration}
                           : Binding{Kind::service, kNoIndex, holder});
}

/// The address says that a firewall has it: for its traffic, or for its management, where nothing
/// of a customer enters [FW-40].
void PublicAddresses::bind_to_firewall(const ResourceId& address, const AzureFirewall& firewall,
                                       const ResourceId& configuration) {
    const std::vector<FirewallPlace>& places = network_.firewalls().all();
    const auto place = std::find_if(places.begin(), places.end(), [&](const FirewallPlace& item) {
        return item.firewall == &firewall;
    });
    if (firewall.management && firewall.management->id == configuration) {
        bindings_[address].management = true;
    } else if (place == places.end()) {
        bind(address, {Binding::Kind::service, kNoIndex, firewall.header.id});
    } else {
        bind(address, {Binding::Kind::firewall, static_cast<std::uint32_t>(place - places.begin()),
                       firewall.header.id});
    }
}

void PublicAddresses::collect() {
    using Kind = Binding::Kind;
    const Snapshot& snapshot = network_.snapshot();
    for (const auto& [id, ip] : snapshot.public_ips) {
        Bindings& bindings = bindings_[id];
        bindings.nat_gateway = ip.nat_gateway.has_value();
        if (ip.ip_configuration) {
            bind_by_id(id, *ip.ip_configuration);
        }
    }
    for (const auto& [id, prefix] : snapshot.public_ip_prefixes) {
        if (prefix.nat_gateway) {
            bindings_[id].nat_gateway = true;
        }
        if (prefix.lb_frontend) {
            bind_by_id(id, *prefix.lb_frontend);
        }
    }
    const auto& configurations = network_.configurations();
    for (ConfigIndex i = 0; i < configurations.size(); ++i) {
        if (const Ref& ip = configurations[i].configuration->public_ip) {
            bind(*ip, {Kind::configuration, i, {}});
        }
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            for (const Ref* address : {&frontend.public_ip, &frontend.public_prefix}) {
                if (*address) {
                    bind(**address, {Kind::frontend, kNoIndex, frontend.id});
                }
            }
        }
    }
    for (const auto& [id, gateway] : snapshot.gateways) {
        for (const ResourceId& ip : gateway.public_ips) {
            bind(ip, {Kind::service, kNoIndex, id});
        }
    }
    for (const auto& [id, bastion] : snapshot.bastions) {
        if (bastion.public_ip) {
            bind(*bastion.public_ip, {Kind::service, kNoIndex, id});
        }
    }
    for (const auto& [id, firewall] : snapshot.firewalls) {
        for (const AzureFirewall::Configuration& item : firewall.configurations) {
            if (item.public_ip) {
                bind_to_firewall(*item.public_ip, firewall, item.id);
            }
        }
        if (firewall.management && firewall.management->public_ip) {
            bindings_[*firewall.management->public_ip].management = true;
        }
    }
    for (const auto& [id, nat] : snapshot.nat_gateways) {
        for (const auto* addresses : {&nat.public_ips, &nat.public_prefixes}) {
            for (const ResourceId& address : *addresses) {
                bindings_[address].nat_gateway = true;
            }
        }
    }
    for (const auto& [id, other] : snapshot.others) {
        for (const ResourceId& address : other.public_ips) {
            bindings_[address].mentions.push_back(id);
        }
    }
}

// --- ways in -------------------------------------------------------------------------------------

void PublicAddresses::add_instance(ConfigIndex config, const ResourceId& id,
                                   const PublicIpAddress* ip, const Guard& when,
                                   Edges::PublicEntry& entry) {
    const IpConfiguration& configuration = *network_.configurations()[config].configuration;
    const Literal unknown{network_.about(FactKey::unmodelled, id.text()), true};
    if (ip != nullptr && ip->family != configuration.family) {  // [E43]: malformed
        Translation way = ended_elsewhere(Translation::Kind::unmodelled, id, id);
        way.when = {{network_.about(FactKey::malformed, id.text()), true}};
        entry.ways.push_back(std::move(way));
        return;
    }
    Translation way;
    way.kind = Translation::Kind::instance_ip;
    way.config = config;
    way.by = id;
    way.name = std::string(id.name());
    way.choice_group = next_group_++;
    way.when = when;
    std::vector<Openness> alternatives;
    if (ip != nullptr) {
        way.where = ip->header.where;
        const Sku sku = ip->header.contested.contains("sku") ? Sku::unknown : ip->sku;
        alternatives = openness_of(network_, {sku}, id);
    } else {  // open where it exists at all: the widest that its SKU may be
        way.when.push_back({network_.about(FactKey::missing_resource, id.text()), true});
        alternatives = {{}};
    }
    if (const Ref& diverted = configuration.gateway_load_balancer) {  // [E13]
        way.when.push_back({network_.about(FactKey::unmodelled, diverted->text()), true});
    }
    instance_ips_[config].push_back({id, ip, way.when});
    for (const Openness& openness : alternatives) {
        const auto guard = both(network_, way.when, openness.when);
        if (!guard) {
            continue;
        }
        Translation open = way;
        open.standard_closed = openness.standard_closed;
        open.basic_open = openness.basic_open;
        open.when = *guard;
        open.accepts = surely_carried();
        entry.ways.push_back(open);
        open.accepts = ServiceSet::every() - surely_carried();
        if (const auto more = both(network_, open.when, {unknown})) {
            open.when = *more;
            entry.ways.push_back(std::move(open));
        }
    }
}

void PublicAddresses::add_ways(const Bindings& bindings, const ResourceId& id,
                               const PublicIpAddress* ip, Edges::PublicEntry& entry) {
    // Two sides that name different things: each is right in one world.
    const auto contradicts = [&](const Binding& binding) {
        if (binding.kind != Binding::Kind::configuration) {
            return false;
        }
        const Ref& other = network_.configurations()[binding.config].configuration->public_ip;
        return other && *other != id;
    };
    const bool contested = bindings.all.size() > 1 ||
                           std::any_of(bindings.all.begin(), bindings.all.end(), contradicts);
    const Fact copy = contested ? network_.about(FactKey::contested_copy, id.text()) : Fact{};
    for (std::size_t i = 0; i < bindings.all.size(); ++i) {
        const Binding& binding = bindings.all[i];
        Guard when;
        if (contested) {
            when = {{copy, i == 0}};
        }
        if (binding.kind == Binding::Kind::configuration) {
            add_instance(binding.config, id, ip, when, entry);
            continue;
        }
        if (ip == nullptr && network_.snapshot().public_ip_prefixes.count(id) == 0) {
            when.push_back({network_.about(FactKey::missing_resource, id.text()), true});
        }
        if (binding.kind == Binding::Kind::frontend) {
            const auto place = balancing_.frontend(binding.target);
            entry.balancer = place->balancer->header.id;
            for (Translation way : balancing_.translations(*place->frontend)) {
                if (const auto guard = both(network_, way.when, when)) {
                    way.when = *guard;
                    entry.ways.push_back(std::move(way));
                }
            }
            continue;
        }
        if (binding.kind == Binding::Kind::firewall) {
            Translation way = ended_elsewhere(Translation::Kind::firewall, id, binding.target);
            way.firewall = binding.config;
            way.when = std::move(when);
            entry.ways.push_back(std::move(way));
            continue;
        }
        const bool unread = binding.kind == Binding::Kind::unread;
        Translation way = ended_elsewhere(
            unread ? Translation::Kind::unread : Translation::Kind::unmodelled, id, binding.target);
        way.when = std::move(when);
        way.when.push_back({network_.about(unread ? FactKey::missing_resource : FactKey::unmodelled,
                                           binding.target.text()),
                            true});
        entry.ways.push_back(std::move(way));
    }
    if (!bindings.all.empty() || bindings.nat_gateway || bindings.management) {
        return;
    }
    for (const ResourceId& target : bindings.mentions) {
        Translation way = ended_elsewhere(Translation::Kind::unmodelled, id, target);
        way.when = {{network_.about(FactKey::unmodelled, target.text()), true}};
        entry.ways.push_back(std::move(way));
    }
}

void PublicAddresses::add_entries() {
    const Snapshot& snapshot = network_.snapshot();
    // Something that holds public addresses and names none may hold those that nobody names.
    const auto holder =
        std::find_if(snapshot.others.begin(), snapshot.others.end(), [](const auto& item) {
            return item.second.public_ips.empty() &&
                   std::any_of(kHolders.begin(), kHolders.end(),
                               [&](std::string_view type) { return is_type(item.first, type); });
        });
    // References that lead nowhere, where names are not known before deployment: an address that
    // nobody names may be what they mean.
    const bool symbolic_ids =
        std::any_of(bindings_.begin(), bindings_.end(),
                    [](const auto& entry) { return is_symbolic(entry.first.text()); });
    std::vector<ResourceId> open;
    for (const auto& [id, bindings] : bindings_) {
        if (symbolic_ids && !bindings.all.empty() && !snapshot.public_ips.contains(id) &&
            !snapshot.public_ip_prefixes.contains(id)) {
            open.push_back(id);
        }
    }
    for (const auto& [id, bindings] : bindings_) {
        if (snapshot.public_ip_prefixes.contains(id)) {
            continue;
        }
        const auto found = snapshot.public_ips.find(id);
        const PublicIpAddress* ip = found == snapshot.public_ips.end() ? nullptr : &found->second;
        Edges::PublicEntry entry;
        entry.public_ip = id;
        entry.address_known = ip != nullptr && ip->address.has_value();  // [E2]
        if (entry.address_known) {
            entry.addresses = AddressSet::single(*ip->address);
        }
        add_ways(bindings, id, ip, entry);
        if (entry.ways.empty() && !bindings.nat_gateway && !bindings.management && ip != nullptr &&
            !ip->ip_configuration && bindings.all.empty() && holder != snapshot.others.end()) {
            Translation way = ended_elsewhere(Translation::Kind::unmodelled, id, holder->first);
            way.when = {{network_.about(FactKey::unmodelled, holder->first.text()), true}};
            entry.ways.push_back(std::move(way));
        }
        if (entry.ways.empty() && !bindings.nat_gateway && !bindings.management && ip != nullptr) {
            for (const ResourceId& reference : open) {
                if (may_be_same(reference, id)) {
                    Translation way = ended_elsewhere(Translation::Kind::unread, id, reference);
                    way.when = {
                        {network_.about(FactKey::missing_resource, reference.text()), true}};
                    entry.ways.push_back(std::move(way));
                }
            }
        }
        if (ip != nullptr || !entry.ways.empty()) {
            entries_.push_back(std::move(entry));
        }
    }
}

/// Prefixes in use. Frontends with a prefix serve outbound rules; whether and at which address they
/// take packets in is not said.
void PublicAddresses::add_prefixes() {
    for (const auto& [id, prefix] : network_.snapshot().public_ip_prefixes) {
        const auto found = bindings_.find(id);
        if (found == bindings_.end()) {
            continue;
        }
        Edges::PublicEntry entry;
        entry.public_ip = id;
        entry.address_known = prefix.prefix.has_value();
        if (prefix.prefix) {
            entry.addresses = prefix.prefix->addresses();
        }
        add_ways(found->second, id, nullptr, entry);
        const Literal unknown{network_.about(FactKey::unmodelled, id.text()), true};
        for (Translation& way : entry.ways) {
            way.when.push_back(unknown);
        }
        entries_.push_back(std::move(entry));
    }
}

/// Instances that were not read and have public addresses by their template.                   [J6]
void PublicAddresses::add_scale_sets(const std::unordered_set<ResourceId>& partly_read_scale_sets) {
    for (const auto& [id, scale_set] : network_.snapshot().scale_sets) {
        if (!partly_read_scale_sets.contains(id)) {
            continue;
        }
        for (const ScaleSetInterface& interface : scale_set.interfaces) {
            if (!interface.has_public_ip) {
                continue;
            }
            const Ref subnet =
                interface.configurations.empty() ? Ref{} : interface.configurations.front().subnet;
            Edges::PublicEntry entry;
            entry.public_ip = id;
            entry.address_known = false;
            Translation way = ended_elsewhere(Translation::Kind::unread, id, id);
            way.when = {
                {network_.about(FactKey::unknown_instance, subnet.value_or(id).text()), true}};
            entry.ways.push_back(std::move(way));
            entries_.push_back(std::move(entry));
            break;
        }
    }
}

// --- look-ups ------------------------------------------------------------------------------------

/// One address in two resources (snapshots of different times): either may be right.         [J2]
void PublicAddresses::merge_entries_of_one_address() {
    std::map<Address, std::size_t> first_with;
    std::vector<Edges::PublicEntry> merged;
    for (Edges::PublicEntry& entry : entries_) {
        const bool host = entry.addresses.count() == 1;
        const auto [found, is_new] =
            host ? first_with.emplace(*entry.addresses.smallest(), merged.size())
                 : std::pair{first_with.end(), true};
        if (is_new) {
            merged.push_back(std::move(entry));
            continue;
        }
        Edges::PublicEntry& first = merged[found->second];
        const Fact fact = network_.about(FactKey::contested_copy, first.public_ip.text());
        for (Translation& way : first.ways) {
            static_cast<void>(network_.add_literal(way.when, fact, true));
        }
        for (Translation& way : entry.ways) {
            if (network_.add_literal(way.when, fact, false)) {
                first.ways.push_back(std::move(way));
            }
        }
    }
    entries_ = std::move(merged);
}

void PublicAddresses::index_entries() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const AddressSet& addresses = entries_[i].addresses;
        if (addresses.count() == 1) {
            hosts_.emplace_back(*addresses.smallest(), i);
        }
        for (const auto& range : addresses.v4.ranges()) {
            if (range.first != range.last) {
                blocks_.push_back({Address::v4(range.first), Address::v4(range.last), i, 0});
            }
        }
        for (const auto& range : addresses.v6.ranges()) {
            if (range.first != range.last) {
                blocks_.push_back({Address::v6(range.first), Address::v6(range.last), i, 0});
            }
        }
    }
    std::sort(hosts_.begin(), hosts_.end());
    std::sort(blocks_.begin(), blocks_.end(), [](const Block& a, const Block& b) {
        return std::tie(a.first, b.last, a.entry) < std::tie(b.first, a.last, b.entry);
    });
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
        while (!open.empty() && blocks_[open.back()].last < blocks_[i].first) {
            open.pop_back();
        }
        blocks_[i].around = open.empty() ? 0 : open.back() + 1;
        open.push_back(i);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        for (const Translation& way : entries_[i].ways) {
            if (way.config != kNoIndex) {
                std::vector<std::size_t>& list = entries_to_[way.config];
                if (list.empty() || list.back() != i) {
                    list.push_back(i);
                }
            }
        }
    }
}

/// Firewalls' entries lead to whoever may have an address that their NAT rules name. A superset: a
/// VNet that the firewall does not reach may use the address too; neighbours come first.
void PublicAddresses::index_published() {
    const auto near = [&](VnetIndex from) {
        std::vector<VnetIndex> result{from};
        const VirtualNetwork& own = *network_.vnets()[from];
        for (const Peering& peering : own.peerings) {
            if (peering.remote) {
                if (const auto vnet = network_.vnet_index(*peering.remote)) {
                    result.push_back(*vnet);
                }
            }
        }
        return result;
    };
    const auto holders = [&](VnetIndex vnet, const Address& address) {
        std::vector<ConfigIndex> result;
        for (const Owner& owner : book_.owners(vnet, address)) {
            if (owner.kind == Owner::Kind::configuration) {
                result.push_back(owner.config);
            } else if (owner.kind == Owner::Kind::frontend) {
                for (const Translation& way : balancing_.translations(*owner.frontend)) {
                    if (way.config != kNoIndex) {
                        result.push_back(way.config);
                    }
                }
            }
        }
        return result;
    };
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        for (const Translation& way : entries_[i].ways) {
            if (way.firewall == kNoIndex) {
                continue;
            }
            const FirewallPlace& place = network_.firewalls().at(way.firewall);
            std::set<Address> targets;
            for (const FirewallRules& rules :
                 network_.firewalls().rules(way.firewall).alternatives) {
                for (const NatMatch& nat : rules.nat) {
                    if (nat.to && !nat.transit) {
                        targets.insert(*nat.to);
                    }
                }
            }
            const std::vector<VnetIndex> neighbours =
                place.vnet == kNoIndex ? std::vector<VnetIndex>{} : near(place.vnet);
            for (const Address& target : targets) {
                std::vector<ConfigIndex> found;
                for (const VnetIndex vnet : neighbours) {
                    const std::vector<ConfigIndex> more = holders(vnet, target);
                    found.insert(found.end(), more.begin(), more.end());
                }
                for (VnetIndex vnet = 0; found.empty() && vnet < network_.vnets().size(); ++vnet) {
                    found = holders(vnet, target);
                }
                for (const ConfigIndex config : found) {
                    std::vector<std::size_t>& list = entries_to_[config];
                    if (std::find(list.begin(), list.end(), i) == list.end()) {
                        list.push_back(i);
                    }
                }
            }
        }
    }
}

const Edges::PublicEntry* PublicAddresses::at(const Address& address) const {
    const auto host = std::lower_bound(
        hosts_.begin(), hosts_.end(), address,
        [](const auto& item, const Address& sought) { return item.first < sought; });
    if (host != hosts_.end() && host->first == address) {
        return &entries_[host->second];
    }
    const auto after = std::upper_bound(
        blocks_.begin(), blocks_.end(), address,
        [](const Address& sought, const Block& block) { return sought < block.first; });
    std::size_t index = static_cast<std::size_t>(after - blocks_.begin());
    while (index != 0) {
        const Block& block = blocks_[index - 1];
        if (address <= block.last) {
            return &entries_[block.entry];
        }
        index = block.around;
    }
    return nullptr;
}

std::vector<const Edges::PublicEntry*> PublicAddresses::to(ConfigIndex config) const {
    std::vector<const Edges::PublicEntry*> result;
    if (const auto found = entries_to_.find(config); found != entries_to_.end()) {
        for (const std::size_t index : found->second) {
            result.push_back(&entries_[index]);
        }
    }
    return result;
}

const std::vector<PublicAddresses::InstanceIp>& PublicAddresses::instance_ips(
    ConfigIndex config) const {
    static const std::vector<InstanceIp> kNone;
    const auto found = instance_ips_.find(config);
    return found == instance_ips_.end() ? kNone : found->second;
}

}  // namespace azreach
