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
    state.snapshot.network_managers.insert_or_assign(header.id, std::move(manager));
}

void read_network_group(const JsonCursor&, const Header& header, ImportState& state) {
    NetworkGroup group;
    group.header = header;
    state.snapshot.network_groups.insert_or_assign(header.id, std::move(group));
}

void read_static_member(const JsonCursor& resource, const Header& header, ImportState& state) {
    const JsonCursor properties = properties_of(resource);
    const std::string member = properties["resourceId"].text_or("");
    if (!member.empty()) {
        state.static_members.emplace_back(header.id.parent(), ResourceId(member));
    }
}

void read_security_admin_configuration(const JsonCursor& resource, const Header& header,
                                       ImportState& state) {
    SecurityAdminConfiguration configuration;
    configuration.header = header;
    const JsonCursor properties = properties_of(resource);
    configuration.apply_on_intent_policy_services =
        properties["applyOnNetworkIntentPolicyBasedServices"].texts();
    state.snapshot.admin_configurations.insert_or_assign(header.id, std::move(configuration));
}

void read_rule_collection(const JsonCursor& resource, const Header& header, ImportState& state) {
    AdminRuleCollection collection;
    collection.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor groups = properties["appliesToGroups"];
    groups.for_each([&](const JsonCursor& item) {
        const std::string group = item["networkGroupId"].text_or("");
        if (!group.empty()) {
            collection.groups.emplace_back(group);
        }
    });
    const JsonCursor rules = properties["rules"];
    rules.for_each([&](const JsonCursor& item) {
        collection.rules.push_back(read_admin_rule(item, header.id));
    });
    state.rule_collections.push_back(std::move(collection));
}

void read_standalone_admin_rule(const JsonCursor& resource, const Header& header,
                                ImportState& state) {
    const JsonCursor properties = properties_of(resource);
    if (properties["access"].absent()) {  // kind Default: flags, no rule of its own
        return;
    }
    state.admin_rules.push_back(read_admin_rule(resource, header.id.parent()));
}

void read_connectivity_configuration(const JsonCursor& resource, const Header& header,
                                     ImportState& state) {
    ConnectivityConfiguration configuration;
    configuration.header = header;
    const JsonCursor properties = properties_of(resource);
    configuration.mesh =
        equal_ignoring_case(properties["connectivityTopology"].text_or(""), "Mesh");
    configuration.is_global = properties["isGlobal"].boolean().value_or(false);
    const JsonCursor hubs = properties["hubs"];
    hubs.for_each([&](const JsonCursor& item) {
        const std::string hub = item["resourceId"].text_or("");
        if (!hub.empty()) {
            configuration.hubs.emplace_back(hub);
        }
    });
    const JsonCursor groups = properties["appliesToGroups"];
    groups.for_each([&](const JsonCursor& item) {
        ConnectivityConfiguration::Group group;
        group.id = ResourceId(item["networkGroupId"].text_or(""));
        group.directly_connected =
            equal_ignoring_case(item["groupConnectivity"].text_or(""), "DirectlyConnected");
        group.is_global = item["isGlobal"].boolean().value_or(false);
        group.use_hub_gateway = item["useHubGateway"].boolean().value_or(false);
        configuration.groups.push_back(std::move(group));
    });
    const JsonCursor capabilities = properties["connectivityCapabilities"];
    configuration.overlap_disallowed = equal_ignoring_case(
        capabilities["connectedGroupAddressOverlap"].text_or(""), "Disallowed");
    state.snapshot.connectivity_configurations.insert_or_assign(header.id,
                                                               std::move(configuration));
}

}  // namespace azreach
