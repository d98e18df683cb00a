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
        if (const auto value = address_of(address, header.id)) {
            endpoint.addresses.push_back(*value);
        }
    });
    const JsonCursor dns = properties["customDnsConfigs"];
    dns.for_each([&](const JsonCursor& item) {
        PrivateEndpoint::Name name;
        name.fqdn = item["fqdn"].name_or("");
        const JsonCursor addresses = item["ipAddresses"];
        addresses.for_each([&](const JsonCursor& address) {
            if (const auto value = address_of(address, header.id)) {
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
            connection.name = item["name"].name_or("");
            connection.where = item.provenance();
            connection.manual = manual;
            const JsonCursor inner = properties_of(item);
            connection.target = inner["privateLinkServiceId"].reference();
            const JsonCursor groups = inner["groupIds"];
            bool open_groups = groups.open(header.id);
            if (!open_groups) {
                groups.for_each([&](const JsonCursor& group) {
                    if (group.open(header.id)) {
                        open_groups = true;
                    } else if (const std::string_view id = group.text_or(""); !id.empty()) {
                        connection.group_ids.emplace_back(id);
                    }
                });
            }
            if (open_groups) {  // to what it leads is not known: it may be anything
                connection.target.reset();
                connection.group_ids.clear();
            }
            const JsonCursor state_object = inner["privateLinkServiceConnectionState"];
            const JsonCursor status_text = state_object["status"];
            const bool open_status = status_text.open(header.id);
            const std::string_view status = open_status ? "" : status_text.text_or("");
            connection.status = equal_ignoring_case(status, "Approved")       ? Status::approved
                                : equal_ignoring_case(status, "Pending")      ? Status::pending
                                : equal_ignoring_case(status, "Rejected")     ? Status::rejected
                                : equal_ignoring_case(status, "Disconnected") ? Status::disconnected
                                                                              : Status::unknown;
            if (status.empty() && !manual && !open_status) {
                connection.status = Status::approved;  // as it will be when deployed [PE-2]
            }
            endpoint.connections.push_back(std::move(connection));
        });
    }
    put(state.snapshot.private_endpoints, header, std::move(endpoint));
}

}  // namespace azreach
