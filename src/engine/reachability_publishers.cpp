#include "src/engine/reachability_publishers.hpp"

#include <algorithm>

namespace azreach {

namespace {

/// The NIC, or another NIC of the same VM, is entered by some public address.
bool has_public_entry(const Network& network, ConfigIndex config) {
    const NetworkInterface& interface = *network.configurations()[config].interface;
    std::vector<ResourceId> interfaces{interface.header.id};
    if (interface.virtual_machine) {
        const auto& vms = network.snapshot().virtual_machines;
        const auto vm = vms.find(*interface.virtual_machine);
        if (vm != vms.end()) {
            interfaces.insert(interfaces.end(), vm->second.interfaces.begin(),
                              vm->second.interfaces.end());
        }
    }
    return std::any_of(interfaces.begin(), interfaces.end(), [&](const ResourceId& id) {
        const std::vector<ConfigIndex> configs = network.configurations_of(id);
        return std::any_of(configs.begin(), configs.end(), [&](ConfigIndex own) {
            return !network.edges().public_entries_to(own).empty();
        });
    });
}

bool may_publish(const Network& network, const Owner& owner) {
    if (owner.kind == Owner::Kind::configuration) {
        return has_public_entry(network, owner.config);
    }
    if (owner.kind != Owner::Kind::frontend) {
        return false;
    }
    const std::vector<Translation>& ways =
        network.edges().translations(*owner.balancer, *owner.frontend);
    return std::any_of(ways.begin(), ways.end(), [&](const Translation& way) {
        return way.config != kNoIndex && has_public_entry(network, way.config);
    });
}

}  // namespace

std::vector<Fact> possible_publishers(const Network& network, SubnetIndex subnet) {
    std::vector<Fact> facts;
    const auto add = [&](Fact fact) {
        if (std::find(facts.begin(), facts.end(), fact) == facts.end()) {
            facts.push_back(fact);
        }
    };
    for (const Edges::PublicEntry& entry : network.edges().public_entries()) {
        for (const Translation& way : entry.ways) {
            if (way.kind == Translation::Kind::firewall) {
                const CompiledFirewall& compiled = network.firewalls().rules(way.firewall);
                for (const Literal& literal : compiled.unread) {
                    add(literal.fact);
                }
                for (const FirewallRules& rules : compiled.alternatives) {
                    for (const NatMatch& nat : rules.nat) {
                        if (nat.unknown_target) {
                            add(*nat.unknown_target);
                        }
                    }
                }
            } else if (equal_ignoring_case(way.target.type(), "Microsoft.Network/azureFirewalls")) {
                add(network.about(way.kind == Translation::Kind::unread ? FactKey::missing_resource
                                                                        : FactKey::unmodelled,
                                  way.target.text()));
            }
        }
    }
    if (subnet == kNoIndex) {
        return facts;
    }
    std::vector<Address> appliances;
    for (const Routes::Part& part : network.routes().partition(subnet, Edges::internet_space())) {
        for (const EffectiveRouteEntry* entry : part.candidates) {
            if (entry->hop == NextHop::virtual_appliance &&
                !network.assumptions().nva_stated(entry->address) &&
                std::find(appliances.begin(), appliances.end(), entry->address) ==
                    appliances.end()) {
                appliances.push_back(entry->address);
            }
        }
    }
    if (appliances.empty()) {
        return facts;
    }
    const std::vector<HopTarget> targets =
        network.routes().appliance_vnets(network.subnets()[subnet].vnet_index);
    for (const Address& appliance : appliances) {
        for (const HopTarget& target : targets) {
            if (target.vnet == kNoIndex) {
                if (target.space.contains(appliance)) {
                    add(network.about(FactKey::unread_neighbour, target.via.text()));
                }
                continue;
            }
            for (const Owner& owner : network.edges().owners(target.vnet, appliance)) {
                if (may_publish(network, owner)) {
                    add(network.about(FactKey::nva, to_string(appliance)));
                }
                for (const Literal& literal : owner.when) {
                    add(literal.fact);
                }
            }
        }
    }
    return facts;
}

}  // namespace azreach
