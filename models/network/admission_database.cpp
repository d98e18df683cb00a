// Databases and caches: firewall rules as ranges, mostly resources of their own.
// Sources: https://learn.microsoft.com/azure/azure-sql/database/firewall-configure ·
// https://learn.microsoft.com/azure/cosmos-db/how-to-configure-firewall ·
// https://learn.microsoft.com/azure/postgresql/network/concepts-networking-public ·
// https://learn.microsoft.com/azure/azure-cache-for-redis/cache-network-isolation
#include <algorithm>

#include "models/network/admission_list.hpp"

namespace azreach {

using Said = AdmissionList::Said;
using Why = AdmissionStep::Why;

/// [SQ-1] [SQ-3] [SQ-4] [SQ-7] [SQ-9]: any rule that matches admits; nothing else does but rules
/// inside a database, which no export shows [SQ-2].
void admit_sql_server(AdmissionList& list) {
    list.public_switch();
    list.rules("firewallRules", Sentinel::azure);
    list.rules("ipv6FirewallRules");
    list.subnet_rules("virtualNetworkRules", "Ready");
    const bool by_endpoint = list.entrance().kind == Entrance::Kind::service_endpoint;
    const std::string_view child = by_endpoint ? "virtualNetworkRules" : "firewallRules";
    if (const auto some = list.unlisted(child)) {
        list.everybody(true, child, *some);
    }
    Guard database_level;
    if (list.network().add_literal(database_level, FactKey::sql_database_level_rules, true)) {
        list.everybody(true, "databases", database_level);
    }
    list.nobody_else();
}

/// MI-1: the public data endpoint is off unless it says otherwise; with it, the subnet's group
/// filters, of which the instances' addresses are not known.
void admit_managed_instance(AdmissionList& list) {
    constexpr std::string_view kSwitch = "publicDataEndpointEnabled";
    if (list.says(kSwitch, "true") == Said::no) {
        list.everybody(false, kSwitch, {}, Why::public_disabled);
        return;
    }
    list.everybody(true, "subnetId", list.unknown("subnetId"));
    list.nobody_else();
}

/// [PG-1] [PG-2]: injected servers have no public endpoint; public ones admit by their rules only.
void admit_flexible_server(AdmissionList& list) {
    constexpr std::string_view kSubnet = "network/delegatedSubnetResourceId";
    if (list.present(kSubnet)) {
        list.everybody(false, kSubnet, {}, Why::public_disabled);
        return;
    }
    list.public_switch("network/publicNetworkAccess");
    list.rules("firewallRules", Sentinel::azure);
    if (const auto some = list.unlisted("firewallRules")) {
        list.everybody(true, "firewallRules", *some);
    }
    list.nobody_else();
}

/// Firewall rules as those of SQL. That none means nobody is inferred: open, under a fact.
void admit_synapse(AdmissionList& list) {
    list.public_switch();
    list.rules("firewallRules", Sentinel::azure);
    if (list.count("firewallRules") == 0) {
        list.everybody(true, "firewallRules", list.unknown("firewallRules"));
    }
    list.nobody_else();
}

/// [RD-1]: an injected cache has no public address; without rules it is open.
void admit_redis(AdmissionList& list) {
    if (list.present("subnetId")) {
        list.everybody(false, "subnetId", {}, Why::public_disabled);
        return;
    }
    list.public_switch();
    if (list.count("firewallRules") == 0) {
        if (const auto some = list.unlisted("firewallRules")) {
            list.everybody(false, "firewallRules", *some);
        }
        list.everybody(true, "publicNetworkAccess");
        return;
    }
    list.rules("firewallRules");
    list.nobody_else();
}

namespace {

/// The list of API versions before 2020-04-01: one text with commas.
void older_ranges(AdmissionList& list, const PaasSetting& setting) {
    std::string_view text = setting.text;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        PaasRule rule;
        rule.list = "ipRangeFilter";
        rule.by = setting.by;
        rule.name = std::string(text.substr(0, comma));
        rule.where = setting.where;
        rule.certain = setting.certain;
        if (const auto prefix = parse_prefix(text.substr(0, comma))) {
            rule.addresses = prefix->prefix.addresses();
            rule.sentinel = rule.addresses == AddressSet::single(Address::v4(0));
        } else {
            rule.readable = false;
        }
        list.rule(rule, Sentinel::azure);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
}

}  // namespace

/// [CO-1] [CO-2] [CO-3] [CO-4] [CO-5] [CO-7]: any rule makes a list of those admitted; with none,
/// private endpoints close the account as long as there is one.
void admit_cosmos(AdmissionList& list) {
    list.public_switch();
    constexpr std::string_view kFilter = "isVirtualNetworkFilterEnabled";
    const std::size_t ranges = list.count("ipRules");
    const Said filter = list.says(kFilter, "true");
    const PaasSetting* older = list.resource().find("ipRangeFilter");
    list.rules("ipRules", Sentinel::azure);
    if (older != nullptr && ranges == 0) {
        older_ranges(list, *older);
    }
    if (filter != Said::no) {
        for (const PaasRule& rule : list.resource().rules) {
            if (equal_ignoring_case(rule.list, "virtualNetworkRules")) {
                list.rule(rule, Sentinel::host,
                          filter == Said::open ? list.unknown(kFilter) : Guard{});
            }
        }
    }
    if (ranges > 0 || older != nullptr) {
        list.nobody_else();
        return;
    }
    if (filter != Said::no) {
        if (list.count("virtualNetworkRules") == 0) {
            list.everybody(true, kFilter, list.unknown("virtualNetworkRules"));
        }
        if (filter == Said::yes) {
            list.nobody_else();
            return;
        }
        list.everybody(false, kFilter, list.unknown(kFilter));
    }
    const std::optional<bool> endpoints =
        list.network().paas().has_private_endpoint(list.resource());
    if (!endpoints.has_value() || *endpoints) {
        Guard closed;
        if (!endpoints) {
            closed = list.unknown("privateEndpointConnections");
        }
        if (list.network().add_literal(closed, FactKey::cosmos_closed_by_pe, true)) {
            list.everybody(false, "privateEndpointConnections", closed);
        }
    }
    list.everybody(true, "publicNetworkAccess");
}

}  // namespace azreach
