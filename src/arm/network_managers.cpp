// Microsoft.Network/networkManagers and its groups, configurations, collections and rules.
#include "src/arm/readers.hpp"

namespace azreach {

void read_network_manager(const JsonCursor& resource, const Header& header, ImportState& state) {
    NetworkManager manager;
    manager.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor scopes = properties["networkManagerScopes"];
    manager.management_groups = scopes["managementGroups"].texts();
    manager.subscriptions = scopes["subscriptions"].texts();
    manager.scope_accesses = properties["networkManagerScopeAccesses"].texts();
    put(state.snapshot.network_managers, header, std::move(manager));
}

void read_network_group(const JsonCursor&, const Header& header, ImportState& state) {
    NetworkGroup group;
    group.header = header;
    state.snapshot.network_groups.try_emplace(header.id, std::move(group));
}

void read_static_member(const JsonCursor& resource, const Header& header, ImportState& state) {
    const JsonCursor properties = properties_of(resource);
    const JsonCursor member = properties["resourceId"];
    const std::string_view id = member.text_or("");
    if (id.empty()) {
        member.fail("the id of the member");
    }
    state.static_members.push_back({header.id.parent(), ResourceId(std::string(id)), header.where});
}

void read_security_admin_configuration(const JsonCursor& resource, const Header& header,
                                       ImportState& state) {
    SecurityAdminConfiguration configuration;
    configuration.header = header;
    const JsonCursor properties = properties_of(resource);
    configuration.apply_on_intent_policy_services =
        properties["applyOnNetworkIntentPolicyBasedServices"].texts();
    put(state.snapshot.admin_configurations, header, std::move(configuration));
}

void read_rule_collection(const JsonCursor& resource, const Header& header, ImportState& state) {
    AdminRuleCollection collection;
    collection.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor groups = properties["appliesToGroups"];
    groups.for_each([&](const JsonCursor& item) {
        const JsonCursor group = item["networkGroupId"];
        const std::string_view id = group.text_or("");
        if (id.empty()) {
            group.fail("the id of a network group");
        }
        collection.groups.emplace_back(std::string(id));
    });
    if (groups.absent() || groups.null()) {
        // To whom the rules apply is not said: to a group that nobody has read.
        resource.diagnose(
            "AZR1034", Severity::warning,
            "rule collection '" + header.name + "' does not say to which groups it applies");
        collection.groups.push_back(header.id.child("appliesToGroups", "unknown"));
    }
    const JsonCursor rules = properties["rules"];
    rules.for_each([&](const JsonCursor& item) {
        collection.rules.push_back(read_admin_rule(item, header.id));
    });
    state.rule_collections.push_back(std::move(collection));
}

void read_standalone_admin_rule(const JsonCursor& resource, const Header& header,
                                ImportState& state) {
    const JsonCursor properties = properties_of(resource);
    if (!properties["access"] && equal_ignoring_case(resource["kind"].text_or(""), "Default")) {
        resource.diagnose(
            "AZR1035", Severity::warning,
            "default admin rule '" + header.name + "' does not say what it does: left out");
        return;
    }
    state.admin_rules.push_back(read_admin_rule(resource, header.id.parent()));
}

void read_connectivity_configuration(const JsonCursor& resource, const Header& header,
                                     ImportState& state) {
    ConnectivityConfiguration configuration;
    configuration.header = header;
    const JsonCursor properties = properties_of(resource);
    // A setting that is not known counts as the one that joins more, and all is then in doubt.
    const auto open = [&](const JsonCursor& value) {
        const bool is = value.open(header.id);
        if (is) {
            configuration.header.contested.insert("connectivity");
        }
        return is;
    };
    const JsonCursor topology = properties["connectivityTopology"];
    const bool any_topology = open(topology);
    configuration.mesh = any_topology || equal_ignoring_case(topology.text_or(""), "Mesh");
    if (!configuration.mesh && !equal_ignoring_case(topology.text_or(""), "HubAndSpoke")) {
        topology.fail("Mesh or HubAndSpoke");
    }
    const JsonCursor is_global = properties["isGlobal"];
    configuration.is_global = open(is_global) || is_global.boolean().value_or(false);
    const JsonCursor hubs = properties["hubs"];
    hubs.for_each([&](const JsonCursor& item) {
        const JsonCursor hub = item["resourceId"];
        if (const std::string_view id = hub.text_or(""); !id.empty()) {
            configuration.hubs.emplace_back(std::string(id));
        }
    });
    const JsonCursor groups = properties["appliesToGroups"];
    // A group that nobody has read: any network may be a member.                         [A2]
    const ResourceId some_group = header.id.child("appliesToGroups", "unknown");
    if (open(groups)) {
        ConnectivityConfiguration::Group group;
        group.id = some_group;
        group.directly_connected = group.is_global = group.use_hub_gateway = true;
        configuration.groups.push_back(std::move(group));
        put(state.snapshot.connectivity_configurations, header, std::move(configuration));
        return;
    }
    groups.for_each([&](const JsonCursor& item) {
        ConnectivityConfiguration::Group group;
        const JsonCursor id = item["networkGroupId"];
        if (open(id)) {
            group.id = some_group;
        } else if (id.text_or("").empty()) {
            id.fail("the id of a network group");
        } else {
            group.id = ResourceId(std::string(id.text_or("")));
        }
        const JsonCursor connectivity = item["groupConnectivity"];
        group.directly_connected =
            open(connectivity) ||
            equal_ignoring_case(connectivity.text_or(""), "DirectlyConnected");
        const JsonCursor group_global = item["isGlobal"];
        group.is_global = open(group_global) || group_global.boolean().value_or(false);
        const JsonCursor hub_gateway = item["useHubGateway"];
        group.use_hub_gateway = open(hub_gateway) || hub_gateway.boolean().value_or(false);
        configuration.groups.push_back(std::move(group));
    });
    const JsonCursor capabilities = properties["connectivityCapabilities"];
    configuration.overlap_disallowed =
        equal_ignoring_case(capabilities["connectedGroupAddressOverlap"].text_or(""), "Disallowed");
    put(state.snapshot.connectivity_configurations, header, std::move(configuration));
}

}  // namespace azreach
