#include "models/network/edges_doubts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace azreach {

namespace {

/// Subnets whose addresses belong to a managed service, by their fixed names.              [1.9]
constexpr std::array<std::string_view, 6> kManagedSubnets = {
    "AzureFirewallSubnet", "AzureFirewallManagementSubnet", "GatewaySubnet", "AzureBastionSubnet",
    "RouteServerSubnet",   "VirtualNetworkApplianceSubnet",
};

bool is_interface(const ResourceId& id) {
    const std::string type = id.type();
    const std::size_t slash = type.rfind('/');
    return slash != std::string::npos &&
           equal_ignoring_case(std::string_view(type).substr(slash + 1), "networkInterfaces");
}

/// ".../virtualMachineScaleSets/S/virtualMachines/0/networkInterfaces/N"
bool is_within_scale_set(const ResourceId& interface) {
    return equal_ignoring_case(
        interface.type(),
        "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces");
}

}  // namespace

Doubts::Doubts(const Network& network)
    : network_(network), subnets_(network.subnets().size()), vnets_(network.vnets().size()) {
    const auto& vnets = network.vnets();
    symbolic_ids_ = std::any_of(vnets.begin(), vnets.end(), [](const VirtualNetwork* vnet) {
        return is_symbolic(vnet->header.id.text());
    });
    see_special_subnets();
    see_configurations();
    see_frontends();
    see_private_endpoints();
    see_scale_sets();
    see_mentions();
    see_missing_interfaces();
    see_cut_off_pages();
    see_contested_copies();
}

Doubts::Where Doubts::locate(const Network& network, const Ref& subnet) {
    if (!subnet) {
        return {};
    }
    if (const auto index = network.subnet_index(*subnet)) {
        return {*index, network.subnets()[*index].vnet_index};
    }
    return {kNoIndex, network.vnet_index(subnet->parent()).value_or(kNoIndex)};
}

bool Doubts::contested_prefixes(SubnetIndex subnet) const {
    const auto& contested = network_.subnets()[subnet].subnet->header.contested;
    return contested.contains("addressPrefix") || contested.contains("addressPrefixes");
}

void Doubts::unread(SubnetIndex subnet, FactKey key, const ResourceId& what) {
    network_.add_literal(subnets_[subnet].unread, network_.about(key, what.text()), true);
}

/// Somebody whose address is not known sits in `subnet`. If that subnet itself was not read, its
/// range is not known either, and the VNet's space outside the subnets that were read is in doubt.
void Doubts::unread_instance(const Ref& subnet) {
    const Where where = locate(network_, subnet);
    if (where.subnet != kNoIndex) {
        unread(where.subnet, FactKey::unknown_instance, *subnet);
    } else if (where.vnet != kNoIndex && vnets_[where.vnet].unread.empty()) {
        network_.add_literal(vnets_[where.vnet].unread,
                             network_.about(FactKey::missing_resource, subnet->text()), true);
    }
    if (where.subnet == kNoIndex && subnet && (symbolic_ids_ || is_symbolic(subnet->text()))) {
        // It may be a subnet that was read, under a name that is not known before deployment.
        for (SubnetIndex i = 0; i < subnets_.size(); ++i) {
            if (may_be_same(*subnet, network_.subnets()[i].subnet->header.id)) {
                unread(i, FactKey::missing_resource, *subnet);
            }
        }
    }
}

void Doubts::unmodelled(const Ref& subnet, const ResourceId& what) {
    const Where where = locate(network_, subnet);
    if (where.subnet == kNoIndex) {
        unread_instance(subnet);
        return;
    }
    Doubt& doubt = subnets_[where.subnet];
    if (doubt.at.empty()) {
        doubt.at = what;
    }
    network_.add_literal(doubt.unmodelled, network_.about(FactKey::unmodelled, what.text()), true);
}

// --- what the snapshot holds ---------------------------------------------------------------------

void Doubts::see_special_subnets() {
    for (const auto& [id, gateway] : network_.snapshot().gateways) {
        for (const ResourceId& subnet : gateway.subnets) {
            unmodelled(subnet, id);
        }
    }
    // The hosts of a Bastion send to the machines from its subnet [E46] [E47], under rules of their
    // own there [E48]. A Developer Bastion has no subnet and no address here [E49].
    for (const auto& [id, bastion] : network_.snapshot().bastions) {
        unmodelled(bastion.subnet, id);
    }
    // The instances of a firewall stand beside its address. One that gave up its addresses is
    // deallocated, and left the subnet of its resource group empty unless somebody else is said to
    // be there.                                                                           [FW-14]
    std::unordered_set<ResourceId> firewall_subnets;
    std::set<std::pair<std::string, std::string>> deallocated;  // subscription, resource group
    const auto home_of = [](const ResourceId& id) {
        const auto lower = [](std::string_view text) {
            std::string result(text);
            for (char& c : result) {
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            }
            return result;
        };
        return std::pair(lower(id.subscription()), lower(id.resource_group()));
    };
    for (const auto& [id, firewall] : network_.snapshot().firewalls) {
        if (!firewall.in_hub && firewall.configurations.empty()) {
            deallocated.insert(home_of(id));
        }
        for (const AzureFirewall::Configuration& configuration : firewall.configurations) {
            unmodelled(configuration.subnet, id);
            if (configuration.subnet) {
                firewall_subnets.insert(*configuration.subnet);
            }
        }
    }
    for (const auto& [id, other] : network_.snapshot().others) {
        for (const ResourceId& subnet : other.subnets) {
            unmodelled(subnet, id);
        }
    }
    for (SubnetIndex i = 0; i < subnets_.size(); ++i) {
        const Subnet& subnet = *network_.subnets()[i].subnet;
        const bool managed =
            std::any_of(kManagedSubnets.begin(), kManagedSubnets.end(), [&](std::string_view name) {
                return equal_ignoring_case(subnet.header.id.name(), name);
            });
        const bool left = !deallocated.empty() && subnet.ip_configurations.empty() &&
                          equal_ignoring_case(subnet.header.id.name(), "AzureFirewallSubnet") &&
                          !firewall_subnets.contains(subnet.header.id) &&
                          deallocated.contains(home_of(subnet.header.id));
        if (((managed && !left) || !subnet.delegations.empty()) && subnets_[i].unmodelled.empty()) {
            unmodelled(subnet.header.id, subnet.header.id);
        }
    }
}

void Doubts::see_configurations() {
    for (const ConfigPlace& place : network_.configurations()) {
        if (!place.configuration->address || place.subnet == kNoIndex) {
            unread_instance(place.configuration->subnet);
        }
    }
}

void Doubts::see_frontends() {
    for (const auto& [id, balancer] : network_.snapshot().load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            if (frontend.subnet &&
                (!frontend.address || !network_.subnet_index(*frontend.subnet))) {
                unread_instance(frontend.subnet);
            }
        }
    }
}

void Doubts::see_private_endpoints() {
    std::unordered_set<const PrivateEndpoint*> with_interface;
    for (const ConfigPlace& place : network_.configurations()) {
        if (place.endpoint != nullptr) {
            with_interface.insert(place.endpoint);
        }
    }
    const auto& interfaces = network_.snapshot().interfaces;
    for (const auto& [id, endpoint] : network_.snapshot().private_endpoints) {
        const bool missing =
            std::any_of(endpoint.interfaces.begin(), endpoint.interfaces.end(),
                        [&](const ResourceId& nic) { return !interfaces.contains(nic); });
        if (missing || (endpoint.addresses.empty() && !with_interface.contains(&endpoint))) {
            unmodelled(endpoint.subnet, id);
        }
    }
}

/// Templates place instances in subnets; instances that were read have ordinary interfaces.
void Doubts::see_scale_sets() {
    const Snapshot& snapshot = network_.snapshot();
    std::unordered_map<ResourceId, long long> interfaces, machines;
    for (const auto& [id, nic] : snapshot.interfaces) {
        if (nic.scale_set) {
            ++interfaces[*nic.scale_set];
        } else if (is_within_scale_set(id)) {
            ++interfaces[id.parent().parent()];
        }
    }
    for (const auto& [id, machine] : snapshot.virtual_machines) {
        if (machine.scale_set) {
            ++machines[*machine.scale_set];
        }
    }
    for (const auto& [id, scale_set] : snapshot.scale_sets) {
        if (scale_set.interfaces.empty()) {
            continue;
        }
        const auto templates = static_cast<long long>(scale_set.interfaces.size());
        const bool all_read =
            scale_set.capacity &&
            (interfaces[id] >= *scale_set.capacity * templates ||
             (scale_set.flexible && machines[id] >= *scale_set.capacity));  // their NICs are named
        if (all_read) {
            continue;
        }
        partly_read_.insert(id);
        for (const ScaleSetInterface& interface : scale_set.interfaces) {
            for (const IpConfiguration& configuration : interface.configurations) {
                unread_instance(configuration.subnet);
            }
        }
    }
}

// --- what the snapshot mentions ------------------------------------------------------------------

/// A subnet lists the configurations in it. One that nobody has belongs to something unread, or to
/// something that is read but not modelled.
void Doubts::see_mentions() {
    const Snapshot& snapshot = network_.snapshot();
    std::unordered_set<ResourceId> frontends;
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            frontends.insert(frontend.id);
        }
    }
    for (SubnetIndex i = 0; i < subnets_.size(); ++i) {
        const Subnet& subnet = *network_.subnets()[i].subnet;
        for (const ResourceId& mention : subnet.ip_configurations) {
            if (network_.configuration_index(mention) || frontends.contains(mention)) {
                continue;
            }
            bool known = false;
            for (ResourceId holder = mention; !holder.empty() && !known; holder = holder.parent()) {
                known = snapshot.gateways.contains(holder) || snapshot.bastions.contains(holder) ||
                        snapshot.firewalls.contains(holder) || snapshot.others.contains(holder);
                if (known) {
                    unmodelled(subnet.header.id, holder);
                }
            }
            if (!known) {
                unread(i, FactKey::unknown_instance, subnet.header.id);
                mentioned_.push_back(mention);
            }
        }
    }
}

/// Interfaces that others refer to and that are not in the snapshot. A subnet that lists what it
/// holds says where they are; otherwise they may be in any subnet of the subscription that lists
/// nothing (an interface and its VNet share the subscription).                              [J4]
void Doubts::see_missing_interfaces() {
    const Snapshot& snapshot = network_.snapshot();
    std::set<ResourceId> missing;
    const auto refers = [&](ResourceId id) {
        if (network_.configuration_index(id) || !network_.configurations_of(id).empty()) {
            return;
        }
        while (!id.empty() && !is_interface(id)) {
            id = id.parent();
        }
        if (!id.empty() && !snapshot.interfaces.contains(id)) {
            missing.insert(std::move(id));
        }
    };
    for (const auto& [id, machine] : snapshot.virtual_machines) {
        std::for_each(machine.interfaces.begin(), machine.interfaces.end(), refers);
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbPool& pool : balancer.pools) {
            std::for_each(pool.ip_configurations.begin(), pool.ip_configurations.end(), refers);
            for (const LbBackendAddress& address : pool.addresses) {
                if (address.ip_configuration && !address.address) {
                    refers(*address.ip_configuration);
                }
            }
        }
        for (const LbNatRule& rule : balancer.nat_rules) {
            if (rule.backend_configuration) {
                refers(*rule.backend_configuration);
            }
        }
    }
    for (const auto& [id, address] : snapshot.public_ips) {
        if (address.ip_configuration) {
            refers(*address.ip_configuration);
        }
    }
    for (const ResourceId& mention : mentioned_) {
        for (ResourceId id = mention; !id.empty(); id = id.parent()) {
            missing.erase(id);
        }
    }
    std::map<std::string, ResourceId, IgnoringCase> first_of_subscription;
    for (const ResourceId& id : missing) {
        const bool in_template =
            std::any_of(snapshot.scale_sets.begin(), snapshot.scale_sets.end(),
                        [&](const auto& entry) { return id.is_within(entry.first); });
        if (!in_template) {  // else see_scale_sets() knows the subnets
            first_of_subscription.emplace(std::string(id.subscription()), id);
        }
    }
    if (first_of_subscription.empty()) {
        return;
    }
    for (SubnetIndex i = 0; i < subnets_.size(); ++i) {
        const Subnet& subnet = *network_.subnets()[i].subnet;
        if (!subnet.ip_configurations.empty()) {
            continue;
        }
        const auto found = first_of_subscription.find(subnet.header.id.subscription());
        if (found != first_of_subscription.end()) {
            unread(i, FactKey::missing_resource, found->second);
        }
    }
}

/// A page that was cut off may have held anything that a subnet does not list.
void Doubts::see_cut_off_pages() {
    const auto& gaps = network_.snapshot().gaps;
    const auto cut_off = std::find_if(gaps.begin(), gaps.end(),
                                      [](const Gap& gap) { return may_hold_anything(gap.code); });
    if (cut_off == gaps.end()) {
        return;
    }
    for (SubnetIndex i = 0; i < subnets_.size(); ++i) {
        if (network_.subnets()[i].subnet->ip_configurations.empty()) {
            unread(i, FactKey::missing_resource, ResourceId(cut_off->what));
        }
    }
}

/// Copies of one resource that differ in what decides an address.                           [J2]
void Doubts::see_contested_copies() {
    for (SubnetIndex i = 0; i < subnets_.size(); ++i) {
        if (contested_prefixes(i)) {
            const SubnetPlace& place = network_.subnets()[i];
            const ResourceId& id = place.subnet->header.id;
            unread(i, FactKey::contested_copy, id);
            network_.add_literal(vnets_[place.vnet_index].unread,
                                 network_.about(FactKey::contested_copy, id.text()), true);
        }
    }
    for (VnetIndex i = 0; i < vnets_.size(); ++i) {
        const Header& header = network_.vnets()[i]->header;
        if (header.contested.contains("subnets") || header.contested.contains("addressSpace")) {
            network_.add_literal(vnets_[i].unread,
                                 network_.about(FactKey::contested_copy, header.id.text()), true);
        }
    }
    for (const ConfigPlace& place : network_.configurations()) {
        const Header& header = place.interface->header;
        if (place.subnet != kNoIndex && header.contested.contains("ipConfigurations")) {
            unread(place.subnet, FactKey::contested_copy, header.id);
        }
    }
}

}  // namespace azreach
