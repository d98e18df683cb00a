// Microsoft.Network/privateEndpoints.
#include "src/arm/readers.hpp"

namespace azreach {

void read_private_endpoint(const JsonCursor& resource, const Header& header, ImportState& state) {
    PrivateEndpoint endpoint;
    endpoint.header = header;
    const JsonCursor properties = properties_of(resource);
    endpoint.subnet = properties["subnet"].reference();
    endpoint.interfaces = properties["networkInterfaces"].references();
    endpoint.asgs = properties["applicationSecurityGroups"].references();
    const JsonCursor configurations = properties["ipConfigurations"];
    configurations.for_each([&](const JsonCursor& item) {
        const JsonCursor inner = properties_of(item);
        const JsonCursor address = inner["privateIPAddress"];
        if (const auto value = address_of(address)) {
            endpoint.addresses.push_back(*value);
        }
    });
    const JsonCursor dns = properties["customDnsConfigs"];
    dns.for_each([&](const JsonCursor& item) {
        PrivateEndpoint::Name name;
        name.fqdn = item["fqdn"].text_or("");
        const JsonCursor addresses = item["ipAddresses"];
        addresses.for_each([&](const JsonCursor& address) {
            if (const auto value = address_of(address)) {
                endpoint.addresses.push_back(*value);
                name.addresses.push_back(*value);
            }
        });
        endpoint.names.push_back(std::move(name));
    });
    using Status = PrivateEndpoint::Connection::Status;
    for (const bool manual : {false, true}) {
        const JsonCursor list = properties[manual ? "manualPrivateLinkServiceConnections"
                                                  : "privateLinkServiceConnections"];
        list.for_each([&](const JsonCursor& item) {
            PrivateEndpoint::Connection connection;
            connection.name = item["name"].text_or("");
            connection.where = item.provenance();
            connection.manual = manual;
            const JsonCursor inner = properties_of(item);
            connection.target = inner["privateLinkServiceId"].reference();
            connection.group_ids = inner["groupIds"].texts();
            const JsonCursor state_object = inner["privateLinkServiceConnectionState"];
            const JsonCursor status_text = state_object["status"];
            const std::string_view status = status_text.text_or("");
            connection.status = equal_ignoring_case(status, "Approved")       ? Status::approved
                                : equal_ignoring_case(status, "Pending")      ? Status::pending
                                : equal_ignoring_case(status, "Rejected")     ? Status::rejected
                                : equal_ignoring_case(status, "Disconnected") ? Status::disconnected
                                                                              : Status::unknown;
            if (status.empty() && !manual) {
                connection.status = Status::approved;  // as it will be when deployed [PE-2]
            }
            endpoint.connections.push_back(std::move(connection));
        });
    }
    put(state.snapshot.private_endpoints, header, std::move(endpoint));
}

}  // namespace azreach
