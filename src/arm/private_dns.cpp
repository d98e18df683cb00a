// Microsoft.Network/privateDnsZones, dnsZones, dnsResolvers, dnsForwardingRulesets.
#include <algorithm>

#include "src/arm/readers.hpp"

namespace azreach {

namespace {

std::string domain_of(std::string_view text) {
    while (!text.empty() && text.back() == '.') {
        text.remove_suffix(1);
    }
    return std::string(text);
}

void read_zone(const JsonCursor& resource, const Header& header, ImportState& state,
               bool is_private) {
    DnsZone zone;
    zone.header = header;
    zone.header.name = domain_of(header.name);
    zone.is_private = is_private;
    const JsonCursor properties = properties_of(resource);
    constexpr long long kMost = 1'000'000'000;
    zone.record_sets = properties["numberOfRecordSets"].integer(0, kMost);
    zone.links = properties["numberOfVirtualNetworkLinks"].integer(0, kMost);
    put(state.snapshot.dns_zones, header, std::move(zone));
}

void append_addresses(const JsonCursor& list, std::string_view key, DnsRecordSet& record) {
    list.for_each([&](const JsonCursor& item) {
        const JsonCursor address = item[key];
        if (const auto value = address_of(address)) {
            record.addresses.push_back(*value);
        }
    });
}

DnsLink read_link(const JsonCursor& resource, const Header& header) {
    DnsLink link;
    link.header = header;
    const JsonCursor properties = properties_of(resource);
    link.vnet = properties["virtualNetwork"].reference();
    link.registration = properties["registrationEnabled"].boolean().value_or(false);
    const JsonCursor policy = properties["resolutionPolicy"];
    const std::string_view text = policy.text_or("");
    link.policy = equal_ignoring_case(text, "Default") ? DnsLink::Policy::standard
                  : equal_ignoring_case(text, "NxDomainRedirect")
                      ? DnsLink::Policy::nx_domain_redirect
                      : DnsLink::Policy::unknown;
    const JsonCursor link_state = properties["virtualNetworkLinkState"];
    if (const std::string_view value = link_state.text_or(""); !value.empty()) {
        link.completed = equal_ignoring_case(value, "Completed");
    }
    return link;
}

}  // namespace

std::vector<Address> dns_servers_of(const JsonCursor& list) {
    std::vector<Address> servers;
    list.for_each([&](const JsonCursor& item) {
        if (equal_ignoring_case(item.text_or(""), "AzureProvidedDNS")) {
            servers.push_back(Address::v4(0xA83F8110U));  // 168.63.129.16
        } else if (const auto address = address_of(item)) {
            servers.push_back(*address);
        }
    });
    return servers;
}

void read_private_dns_zone(const JsonCursor& resource, const Header& header, ImportState& state) {
    read_zone(resource, header, state, true);
}

void read_public_dns_zone(const JsonCursor& resource, const Header& header, ImportState& state) {
    read_zone(resource, header, state, false);
}

/// A record set of any type; only addresses and aliases mean anything here.
void read_dns_record_set(const JsonCursor& resource, const Header& header, ImportState& state) {
    DnsRecordSet record;
    record.header = header;
    const std::string type = header.id.type();
    record.type = type.substr(type.rfind('/') + 1);
    std::transform(record.type.begin(), record.type.end(), record.type.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const JsonCursor properties = properties_of(resource);
    if (record.type == "A") {
        append_addresses(properties["aRecords"], "ipv4Address", record);
    } else if (record.type == "AAAA") {
        append_addresses(properties["aaaaRecords"], "ipv6Address", record);
    } else if (record.type == "CNAME") {
        const JsonCursor alias = properties["cnameRecord"];
        record.alias = domain_of(alias["cname"].text_or(""));
    }
    put(state.snapshot.dns_records, header, std::move(record));
}

void read_dns_zone_link(const JsonCursor& resource, const Header& header, ImportState& state) {
    put(state.snapshot.dns_links, header, read_link(resource, header));
}

void read_dns_inbound_endpoint(const JsonCursor& resource, const Header& header,
                               ImportState& state) {
    DnsInboundEndpoint endpoint;
    endpoint.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor configurations = properties["ipConfigurations"];
    configurations.for_each([&](const JsonCursor& item) {
        const JsonCursor inner = properties_of(item);
        const JsonCursor address = inner["privateIpAddress"];
        if (const auto value = address_of(address)) {
            endpoint.addresses.push_back(*value);
        }
        if (const Ref subnet = inner["subnet"].reference()) {
            endpoint.subnets.push_back(*subnet);
        }
    });
    put(state.snapshot.dns_inbound_endpoints, header, std::move(endpoint));
}

void read_dns_forwarding_rule(const JsonCursor& resource, const Header& header,
                              ImportState& state) {
    DnsForwardingRule rule;
    rule.header = header;
    const JsonCursor properties = properties_of(resource);
    rule.domain = domain_of(properties["domainName"].text_or(""));
    const JsonCursor enabled = properties["forwardingRuleState"];
    rule.enabled = !equal_ignoring_case(enabled.text_or("Enabled"), "Disabled");
    const JsonCursor servers = properties["targetDnsServers"];
    servers.for_each([&](const JsonCursor& item) {
        const JsonCursor address = item["ipAddress"];
        if (const auto value = address_of(address)) {
            rule.servers.push_back(*value);
        }
    });
    put(state.snapshot.dns_forwarding_rules, header, std::move(rule));
}

/// privateEndpoints/privateDnsZoneGroups: the records that the platform keeps for an endpoint.
void read_private_dns_zone_group(const JsonCursor& resource, const Header& header,
                                 ImportState& state) {
    const JsonCursor properties = properties_of(resource);
    const JsonCursor configurations = properties["privateDnsZoneConfigs"];
    configurations.for_each([&](const JsonCursor& item) {
        DnsZoneGroupEntry entry;
        entry.group = header.id;
        entry.endpoint = header.id.parent();
        entry.where = item.provenance();
        const JsonCursor inner = properties_of(item);
        entry.zone = inner["privateDnsZoneId"].reference();
        const JsonCursor records = inner["recordSets"];
        entry.has_records = records.is_array();
        records.for_each([&](const JsonCursor& set) {
            DnsRecordSet record;
            record.header.name = set["recordSetName"].text_or("");
            record.header.id = header.id;
            record.header.where = set.provenance();
            record.type = set["recordType"].text_or("A");
            const JsonCursor addresses = set["ipAddresses"];
            addresses.for_each([&](const JsonCursor& address) {
                if (const auto value = address_of(address)) {
                    record.addresses.push_back(*value);
                }
            });
            entry.records.push_back(std::move(record));
        });
        state.snapshot.dns_zone_groups.push_back(std::move(entry));
    });
}

}  // namespace azreach
