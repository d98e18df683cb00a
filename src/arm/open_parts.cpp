#include "src/arm/open_parts.hpp"

#include <algorithm>
#include <array>

namespace azreach {

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
        contest(nic->second.header, {kExistence});
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

/// A peering that somebody is going to deploy has no state yet.
void connect_planned(Snapshot& snapshot, const SourceMap& places) {
    const auto planned = [&](const Peering& peering) {
        const Provenance where = peering.header.where;
        return peering.state == PeeringState::unknown && where.known() &&
               places.resource(where.resource).derived != SourceMap::kNoOrigins &&
               !snapshot.symbols.contains(peering.header.id);
    };
    std::vector<Peering*> connected;
    for (auto& [id, vnet] : snapshot.virtual_networks) {
        for (Peering& peering : vnet.peerings) {
            if (!peering.remote || !planned(peering)) {
                continue;
            }
            const auto remote = snapshot.virtual_networks.find(*peering.remote);
            if (remote == snapshot.virtual_networks.end()) {
                continue;
            }
            for (Peering& back : remote->second.peerings) {
                if (back.remote && *back.remote == id &&
                    (planned(back) || back.state == PeeringState::connected ||
                     back.state == PeeringState::initiated)) {
                    connected.push_back(&peering);
                    if (back.state != PeeringState::unknown) {
                        connected.push_back(&back);
                    }
                }
            }
        }
    }
    for (Peering* peering : connected) {
        peering->state = PeeringState::connected;
    }
}

/// A peering whose remote network is not among those that were read, and may be one of them under
/// another name: it may be a peering with each of these.
void open_peerings(Snapshot& snapshot) {
    const bool symbolic_networks =
        std::any_of(snapshot.virtual_networks.begin(), snapshot.virtual_networks.end(),
                    [](const auto& entry) { return is_symbolic(entry.first.text()); });
    for (auto& [id, vnet] : snapshot.virtual_networks) {
        std::vector<Peering> open;
        for (const Peering& peering : vnet.peerings) {
            if (peering.remote && !snapshot.virtual_networks.contains(*peering.remote) &&
                (symbolic_networks || is_symbolic(peering.remote->text()))) {
                open.push_back(peering);
            }
        }
        if (vnet.header.contested.contains("virtualNetworkPeerings")) {
            Peering any;
            any.header = vnet.header;
            any.header.name = "(not known)";
            any.remote = ResourceId(symbol("peerings of " + vnet.header.name));
            any.allow_forwarded = any.allow_gateway_transit = any.use_remote_gateways = true;
            open.push_back(std::move(any));
        }
        for (const Peering& peering : open) {
            for (const auto& [remote, other] : snapshot.virtual_networks) {
                if (remote != id && may_be_same(*peering.remote, remote)) {
                    Peering perhaps = peering;
                    perhaps.remote = remote;
                    perhaps.state = PeeringState::unknown;
                    perhaps.header.contested.insert("peering");
                    auto names = symbols_in(peering.remote->text());
                    if (names.empty()) {
                        names = symbols_in(remote.text());
                    }
                    snapshot.symbols[perhaps.header.id].insert(names.begin(), names.end());
                    vnet.peerings.push_back(std::move(perhaps));
                }
            }
        }
    }
}

}  // namespace

bool keeps_conditional(const Header& header) {
    return std::any_of(kConditional.begin(), kConditional.end(), [&](std::string_view type) {
        return equal_ignoring_case(type, header.type);
    });
}

void mark_open(ImportState& state, const SourceMap& places) {
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
    connect_planned(snapshot, places);
    open_peerings(snapshot);
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
