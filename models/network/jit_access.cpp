#include "models/network/jit_access.hpp"

#include <algorithm>
#include <set>

#include "models/network/network.hpp"

namespace azreach {

JitAccess::JitAccess(const Network& network) {
    const Snapshot& snapshot = network.snapshot();
    std::map<ResourceId, std::vector<ResourceId>> interfaces;
    for (const auto& [id, policy] : snapshot.jit_policies) {
        for (const JitPolicy::Machine& machine : policy.machines) {
            interfaces[machine.id];
        }
    }
    if (interfaces.empty()) {
        return;
    }
    for (auto& [machine, list] : interfaces) {
        if (const auto vm = snapshot.virtual_machines.find(machine);
            vm != snapshot.virtual_machines.end()) {
            list = vm->second.interfaces;
        }
    }
    for (const auto& [id, nic] : snapshot.interfaces) {
        if (!nic.virtual_machine) {
            continue;
        }
        const auto found = interfaces.find(*nic.virtual_machine);
        if (found != interfaces.end() &&
            std::find(found->second.begin(), found->second.end(), id) == found->second.end()) {
            found->second.push_back(id);
        }
    }
    for (const auto& [id, policy] : snapshot.jit_policies) {
        for (const JitPolicy::Machine& machine : policy.machines) {
            for (const ResourceId& interface : interfaces.at(machine.id)) {
                for (const JitPolicy::Port& port : machine.ports) {
                    by_interface_[interface].push_back(&port);
                    if (network.assumptions().jit_open()) {
                        open(network, policy, machine, port, interface);
                    }
                }
            }
        }
    }
}

void JitAccess::open(const Network& network, const JitPolicy& policy,
                     const JitPolicy::Machine& machine, const JitPolicy::Port& port,
                     const ResourceId& interface) {
    SecurityRule rule;
    std::set<ResourceId> groups;
    for (const ConfigIndex config : network.configurations_of(interface)) {
        const ConfigPlace& place = network.configurations()[config];
        if (place.configuration->address) {
            rule.destination.prefixes |= AddressSet::single(*place.configuration->address);
        }
        if (place.interface->security_group) {
            groups.insert(*place.interface->security_group);
        }
        if (place.subnet != kNoIndex && network.subnets()[place.subnet].subnet->security_group) {
            groups.insert(*network.subnets()[place.subnet].subnet->security_group);
        }
    }
    if (rule.destination.prefixes.empty()) {
        return;
    }
    rule.id = policy.header.id;
    rule.name = policy.header.name + "/" + std::string(machine.id.name()) + "/" +
                std::to_string(port.number);
    rule.where = port.where;
    rule.priority = 99;
    rule.access = Access::allow;
    rule.protocol = port.protocol;
    rule.source = port.sources;
    rule.source_ports = PortSet::full();
    rule.destination_ports = PortSet::single(static_cast<std::uint16_t>(port.number));
    for (const ResourceId& group : groups) {
        by_group_[group].rules.push_back(rule);
    }
}

const NetworkSecurityGroup& JitAccess::open_rules(const ResourceId& group) const {
    static const NetworkSecurityGroup kNone;
    const auto found = by_group_.find(group);
    return found == by_group_.end() ? kNone : found->second;
}

std::vector<const JitPolicy::Port*> JitAccess::ports_of(const ResourceId& interface) const {
    const auto found = by_interface_.find(interface);
    return found == by_interface_.end() ? std::vector<const JitPolicy::Port*>{} : found->second;
}

}  // namespace azreach
