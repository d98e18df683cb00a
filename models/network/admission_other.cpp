// Messaging, devices, search, clusters, and everything with a switch only.
// Sources: https://learn.microsoft.com/azure/event-hubs/event-hubs-ip-filtering ·
// https://learn.microsoft.com/azure/search/service-configure-firewall ·
// https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges ·
// https://learn.microsoft.com/azure/iot-hub/iot-hub-ip-filtering
#include <algorithm>

#include "models/network/admission_list.hpp"

namespace azreach {

using Said = AdmissionList::Said;
using Why = AdmissionStep::Why;

/// [EH-1] [EH-2]: without any rule the namespace is open whatever its default action says; lower
/// tiers have no firewall.
void admit_messaging(AdmissionList& list) {
    const std::string& sku = list.resource().sku;
    const std::string type = list.resource().header.id.type();
    const bool bus = equal_ignoring_case(type, "Microsoft.ServiceBus/namespaces");
    const bool relay = equal_ignoring_case(type, "Microsoft.Relay/namespaces");
    const auto tier = [&](const char* name) { return equal_ignoring_case(sku, name); };
    if (!relay && (tier("Basic") || (bus && tier("Standard")))) {
        list.everybody(true, "sku/name");
        return;
    }
    if (!relay && sku.empty()) {
        list.everybody(true, "sku/name", list.unknown("sku/name"));
    }
    constexpr std::string_view kSwitch = "publicNetworkAccess";
    const std::string set = "networkRuleSets/default/";
    const std::string twin = set + "publicNetworkAccess";
    if (list.present(kSwitch) && list.present(twin) &&
        list.says(kSwitch, "Disabled") != list.says(twin, "Disabled")) {
        list.everybody(false, kSwitch, list.unknown(kSwitch), Why::public_disabled);
    } else {
        list.public_switch(list.present(kSwitch) ? kSwitch : std::string_view(twin));
    }
    const std::string action = set + "defaultAction";
    const std::string ranges = set + "ipRules";
    const std::string subnets = set + "virtualNetworkRules";
    if (const auto some = list.unlisted("networkRuleSets")) {
        list.everybody(false, action, *some);
    }
    const bool rules = list.count(ranges) + list.count(subnets) > 0;
    if (!rules || list.says(action, "Allow") == Said::yes || !list.present(action)) {
        list.everybody(true, action);
        return;
    }
    if (list.some_uncertain(ranges) || list.some_uncertain(subnets) ||
        list.says(action, "Deny") != Said::yes) {
        list.everybody(true, action, list.unknown(action));
    }
    list.rules(ranges);
    list.subnet_rules(subnets);
    list.everybody(false, action);
}

/// Inbound IP rules, looked at while public access is enabled; none: open.
void admit_event_grid(AdmissionList& list) {
    list.public_switch();
    if (list.count("inboundIpRules") == 0) {
        list.everybody(true, "publicNetworkAccess");
        return;
    }
    list.rules("inboundIpRules");
    list.nobody_else();
}

/// [IO-1]: the rule set leaves the built-in endpoint alone unless it says otherwise. Legacy filters
/// are tried in order; what none of them names is accepted.
void admit_iot_hub(AdmissionList& list) {
    const bool built_in = list.endpoint().group->name == "events";
    constexpr std::string_view kSwitch = "publicNetworkAccess";
    if (built_in && list.says(kSwitch, "Disabled") != Said::no) {
        list.everybody(false, kSwitch, list.unknown(kSwitch), Why::public_disabled);
    } else {
        list.public_switch();
    }
    if (list.present("networkRuleSets")) {
        constexpr std::string_view kApplies = "networkRuleSets/applyToBuiltInEventHubEndpoint";
        if (built_in && list.says(kApplies, "true") != Said::yes) {
            list.everybody(
                true, kApplies,
                list.says(kApplies, "false") == Said::yes ? Guard{} : list.unknown(kApplies));
        }
        list.access_list("networkRuleSets");
        return;
    }
    if (built_in) {
        list.everybody(true, kSwitch);
        return;
    }
    list.rules("ipFilterRules");
    list.everybody(true, kSwitch);
}

/// [SR-1]: rules are looked at while public access is enabled; none: open. No subnet rules exist.
void admit_search(AdmissionList& list) {
    list.public_switch();
    if (list.count("networkRuleSet/ipRules") == 0) {
        list.everybody(true, "publicNetworkAccess");
        return;
    }
    list.rules("networkRuleSet/ipRules");
    list.nobody_else();
}

/// [AK-1] [AK-2] [AK-3]: authorised ranges of a public API server; 0.0.0.0/32 admits only the
/// cluster's own outbound address, which is admitted anyway. A private cluster has no public API
/// server; commands that ARM carries into it are no packets.
void admit_cluster(AdmissionList& list) {
    constexpr std::string_view kPrivate = "apiServerAccessProfile/enablePrivateCluster";
    if (list.says(kPrivate, "true") != Said::no) {
        list.everybody(false, kPrivate,
                       list.says(kPrivate, "true") == Said::yes ? Guard{} : list.unknown(kPrivate),
                       Why::public_disabled);
    }
    list.public_switch();
    constexpr std::string_view kRanges = "apiServerAccessProfile/authorizedIPRanges";
    if (list.count(kRanges) == 0) {
        list.everybody(true, kRanges);
        return;
    }
    for (const PaasRule& rule : list.resource().rules) {
        if (!equal_ignoring_case(rule.list, kRanges) || rule.sentinel) {
            continue;
        }
        PaasRule tag = rule;
        if (!tag.readable && tag.certain) {  // one service tag may stand among them
            tag.readable = true;
            tag.kind = PaasRule::Kind::service_tag;
        }
        list.rule(tag, Sentinel::host);
    }
    // Its own way out is admitted too, and which address that is stands in other resources.
    if (list.entrance().kind != Entrance::Kind::internet) {
        list.everybody(true, "networkProfile", list.unknown("networkProfile"));
    }
    list.nobody_else();
}

/// Access lists by kind of request: which requests they let through is not decided by the network.
void admit_signalr(AdmissionList& list) {
    list.public_switch();
    if (list.present("networkACLs")) {
        list.everybody(false, "networkACLs", list.unknown("networkACLs"));
    }
    list.everybody(true, "publicNetworkAccess");
}

/// CA-1: an internal environment has a private address only.
void admit_environment(AdmissionList& list) {
    constexpr std::string_view kInternal = "vnetConfiguration/internal";
    if (list.says(kInternal, "true") != Said::no) {
        list.everybody(
            false, kInternal,
            list.says(kInternal, "true") == Said::yes ? Guard{} : list.unknown(kInternal),
            Why::public_disabled);
    }
    list.public_switch();
    list.everybody(true, "publicNetworkAccess", list.unknown("ingress"));
    list.nobody_else();
}

/// [DF-1]: nothing but the switch.
void admit_switch_only(AdmissionList& list) {
    if (!list.endpoint().group->has_public_endpoint) {
        list.everybody(false, "publicNetworkAccess", {}, Why::public_disabled);
        return;
    }
    // An older API version answers null: not known.
    const bool enterprise =
        equal_ignoring_case(list.resource().header.id.type(), "Microsoft.Cache/redisEnterprise");
    if (enterprise && !list.present("publicNetworkAccess")) {
        list.everybody(false, "publicNetworkAccess", list.unknown("publicNetworkAccess"),
                       Why::public_disabled);
    }
    list.public_switch();
    list.everybody(true, "publicNetworkAccess");
}

/// [XX-1]: the switch closes; what else the type may have is not known.
void admit_generic(AdmissionList& list) {
    list.public_switch();
    const Fact fact = list.network().about(FactKey::unmodelled, list.resource().header.id.text());
    list.everybody(true, "publicNetworkAccess", {{fact, true}});
    list.nobody_else();
}

}  // namespace azreach
