#include "src/arm/derive.hpp"

#include <algorithm>
#include <array>

#include "src/plan/terraform.hpp"
#include "src/plan/what_if.hpp"
#include "src/template/bicep_snapshot.hpp"

namespace azreach {

bool is_derived(InputKind kind) {
    return kind == InputKind::bicep_snapshot || kind == InputKind::what_if ||
           kind == InputKind::terraform_plan || kind == InputKind::terraform_state;
}

std::vector<DerivedInputs> grouped(std::vector<PendingInput> pending) {
    std::vector<DerivedInputs> groups;
    for (PendingInput& one : pending) {
        groups.push_back({one.kind, {std::move(one.input)}});
    }
    return groups;
}

Derived derive(const DerivedInputs& group, Side side, bool overlay) {
    switch (group.kind) {
        case InputKind::bicep_snapshot:
            return derive_bicep_snapshot(group.inputs.front());
        case InputKind::what_if:
            return derive_what_if(group.inputs.front(), side);
        case InputKind::terraform_plan:
        case InputKind::terraform_state:
            return derive_terraform(group.inputs.front(), side, overlay);
        default:
            return {};
    }
}

namespace {

constexpr std::array<std::string_view, 7> kConditional = {
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/virtualNetworks/subnets",
    "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/networkSecurityGroups/securityRules",
    "Microsoft.Network/routeTables/routes",
    "Microsoft.Compute/virtualMachines",
};

void contest(Header& header, std::initializer_list<const char*> properties) {
    for (const char* property : properties) {
        header.contested.insert(property);
    }
}

/// What the parent of something unread decides is in doubt as far as the part could decide it.
void mark_parent(Snapshot& snapshot, const ImportState::Open& open) {
    const ResourceId parent = open.id.parent();
    const auto mark = [&](auto& map, std::initializer_list<const char*> properties) {
        const auto found = map.find(parent);
        if (found != map.end()) {
            contest(found->second.header, properties);
            snapshot.symbols[parent].insert(open.symbols);
        }
    };
    const std::string type = open.id.type();
    const std::string_view last = std::string_view(type).substr(type.rfind('/') + 1);
    const auto is = [&](std::string_view wanted) { return equal_ignoring_case(last, wanted); };
    if (is("subnets")) {
        mark(snapshot.virtual_networks, {"subnets"});
    } else if (is("virtualNetworkPeerings")) {
        mark(snapshot.virtual_networks, {"virtualNetworkPeerings"});
    } else if (is("securityRules") || is("defaultSecurityRules")) {
        mark(snapshot.security_groups, {"securityRules"});
    } else if (is("routes")) {
        mark(snapshot.route_tables, {"routes"});
    } else if (is("ipConfigurations")) {
        mark(snapshot.interfaces, {"ipConfigurations"});
    }
}

void mark_conditional(Snapshot& snapshot, const ImportState::Open& open) {
    snapshot.symbols[open.id].insert(open.symbols);
    if (const auto vnet = snapshot.virtual_networks.find(open.id);
        vnet != snapshot.virtual_networks.end()) {
        contest(vnet->second.header, {"addressSpace", "subnets"});
    }
    if (const auto nic = snapshot.interfaces.find(open.id); nic != snapshot.interfaces.end()) {
        contest(nic->second.header, {"ipConfigurations"});
    }
    const ResourceId parent = open.id.parent();
    if (const auto vnet = snapshot.virtual_networks.find(parent);
        vnet != snapshot.virtual_networks.end()) {
        for (Subnet& subnet : vnet->second.subnets) {
            if (subnet.header.id == open.id) {
                contest(subnet.header, {"addressPrefix"});
            }
        }
        for (Peering& peering : vnet->second.peerings) {
            if (peering.header.id == open.id) {
                contest(peering.header, {"peering"});
            }
        }
    }
    if (const auto group = snapshot.security_groups.find(parent);
        group != snapshot.security_groups.end()) {
        for (SecurityRule& rule : group->second.rules) {
            rule.certain = rule.certain && rule.id != open.id;
        }
    }
    if (const auto table = snapshot.route_tables.find(parent);
        table != snapshot.route_tables.end()) {
        for (Route& route : table->second.routes) {
            route.certain = route.certain && route.id != open.id;
        }
    }
}

}  // namespace

bool keeps_conditional(const Header& header) {
    return std::any_of(kConditional.begin(), kConditional.end(), [&](std::string_view type) {
        return equal_ignoring_case(type, header.type);
    });
}

void mark_open(ImportState& state) {
    Snapshot& snapshot = state.snapshot;
    std::map<std::string, ResourceId> first;  // symbol -> who hangs on it
    for (const ImportState::Open& open : state.unread) {
        snapshot.symbols[open.id].insert(open.symbols);
        snapshot.others.emplace(open.id, open.other);
        mark_parent(snapshot, open);
    }
    for (const ImportState::Open& open : state.conditional) {
        mark_conditional(snapshot, open);
    }
    for (const auto& [id, names] : snapshot.symbols) {
        for (const std::string& name : names) {
            first.emplace(name, id);
        }
    }
    for (const auto& [name, id] : first) {
        snapshot.gaps.push_back({"AZR9020", name, id.text(),
                                 "what hangs on a value that is not known before deployment; give "
                                 "the value (a parameter file), or the deployed resources"});
    }
}

}  // namespace azreach
