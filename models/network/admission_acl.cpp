// Services with a network access list (networkAcls): Storage, Key Vault, Cognitive Services; and
// the registry, whose list is called networkRuleSet. Sources:
// https://learn.microsoft.com/azure/storage/common/storage-network-security ·
// https://learn.microsoft.com/azure/key-vault/general/network-security ·
// https://learn.microsoft.com/azure/ai-services/cognitive-services-virtual-networks ·
// https://learn.microsoft.com/azure/container-registry/container-registry-access-selected-networks
#include "models/network/admission_list.hpp"

namespace azreach {

using Said = AdmissionList::Said;

/// [ST-1] [ST-2] [ST-4] [ST-5] [ST-6] [ST-7] [ST-8] [ST-10]: Disabled wins over the default action;
/// a subnet rule counts while it has succeeded; IP rules are not looked at for sources in the
/// account's region. Sources that come by a service endpoint, the paired region's too, have no
/// public address. One list for all protocols.
void admit_storage(AdmissionList& list) {
    list.public_switch();
    constexpr std::string_view kAction = "networkAcls/defaultAction";
    if (!list.present("networkAcls") || list.says(kAction, "Allow") == Said::yes) {
        list.everybody(true, kAction);
        return;
    }
    if (list.says(kAction, "Deny") != Said::yes) {
        list.everybody(true, kAction, list.unknown(kAction));
    }
    const std::string own = folded_region(list.resource().header.location);
    const bool same_region = list.entrance().kind == Entrance::Kind::azure && !own.empty() &&
                             list.entrance().region == own;
    Guard looked_at;
    const bool rules_count =
        !same_region ||
        list.network().add_literal(looked_at, FactKey::storage_same_region_ip_rules, true);
    if (rules_count) {
        list.rules("networkAcls/ipRules", Sentinel::host, looked_at);
        list.rules("networkAcls/ipv6Rules", Sentinel::host, looked_at);
    }
    list.subnet_rules("networkAcls/virtualNetworkRules", "Succeeded");
    list.everybody(false, kAction);
}

/// [KV-1] [KV-2]: open without a list; what the trusted list admits is a residual.
void admit_vault(AdmissionList& list) {
    list.public_switch();
    list.access_list("networkAcls");
}

/// [CG-1]: Deny with no rules closes for everybody. Subnet rules need the custom sub-domain.
void admit_cognitive(AdmissionList& list) {
    list.public_switch();
    list.access_list("networkAcls");
}

/// [CR-1]: only the Premium tier has rules and the switch; stable API versions do not show subnet
/// rules, so that their absence says nothing (services 0.5).
void admit_registry(AdmissionList& list) {
    const std::string& sku = list.resource().sku;
    constexpr std::string_view kAction = "networkRuleSet/defaultAction";
    if (!equal_ignoring_case(sku, "Premium")) {
        list.everybody(true, kAction, sku.empty() ? list.unknown("sku/name") : Guard{});
    }
    list.public_switch();
    if (!list.present("networkRuleSet") || list.says(kAction, "Allow") == Said::yes) {
        list.everybody(true, kAction);
        return;
    }
    if (list.says(kAction, "Deny") != Said::yes) {
        list.everybody(true, kAction, list.unknown(kAction));
    }
    list.rules("networkRuleSet/ipRules");
    list.subnet_rules("networkRuleSet/virtualNetworkRules");
    if (list.entrance().kind == Entrance::Kind::service_endpoint &&
        !list.present("networkRuleSet/virtualNetworkRules")) {
        list.everybody(true, "networkRuleSet/virtualNetworkRules",
                       list.unknown("networkRuleSet/virtualNetworkRules"));
    }
    list.everybody(false, kAction);
}

}  // namespace azreach
