// App Service and Functions: access restrictions of the site and of its deployment site.
// Source: https://learn.microsoft.com/azure/app-service/overview-access-restrictions
#include <algorithm>

#include "models/network/admission_list.hpp"

namespace azreach {

using Said = AdmissionList::Said;
using Why = AdmissionStep::Why;

namespace {

/// The main site's switch or its twin in the configuration; a site with neither is closed as soon
/// as it has a private endpoint.                                                            [AS-1]
void site_switch(AdmissionList& list) {
    constexpr std::string_view kSwitch = "publicNetworkAccess";
    constexpr std::string_view kTwin = "siteConfig/publicNetworkAccess";
    const bool one = list.present(kSwitch);
    const bool two = list.present(kTwin);
    if (one && two && list.says(kSwitch, "Disabled") != list.says(kTwin, "Disabled")) {
        list.everybody(false, kSwitch, list.unknown(kSwitch), Why::public_disabled);
        return;
    }
    if (one || two) {
        list.public_switch(one ? kSwitch : kTwin);
        return;
    }
    const std::optional<bool> endpoints =
        list.network().paas().has_private_endpoint(list.resource());
    if (!endpoints) {
        list.everybody(false, kSwitch, list.unknown("privateEndpointConnections"),
                       Why::public_disabled);
    } else if (*endpoints) {
        list.everybody(false, kSwitch, {}, Why::public_disabled);
    }
}

}  // namespace

/// [AS-2] [AS-3] [AS-4] [AS-5] [AS-6] [AS-8]
void admit_site(AdmissionList& list) {
    // In an environment with an internal balancer the "public" entry is a private address.
    constexpr std::string_view kEnvironment = "hostingEnvironmentProfile/id";
    if (list.present(kEnvironment)) {
        list.everybody(false, kEnvironment, list.unknown(kEnvironment), Why::public_disabled);
    }
    site_switch(list);
    const bool deployment = list.endpoint().group->name == "scm";
    const bool transfer = list.endpoint().group->name == "ftp";
    constexpr std::string_view kUseMain = "siteConfig/scmIpSecurityRestrictionsUseMain";
    bool main_list = !deployment;
    if (deployment) {
        const Said use_main = list.says(kUseMain, "true");
        main_list = use_main == Said::yes;
        if (use_main == Said::open) {
            list.everybody(true, kUseMain, list.unknown(kUseMain));
        }
    }
    const std::string name = main_list ? "ipSecurityRestrictions" : "scmIpSecurityRestrictions";
    const std::string pointer = "siteConfig/" + name;
    const std::string action = pointer + "DefaultAction";
    std::vector<const PaasRule*> rules;
    for (const PaasRule& rule : list.resource().rules) {
        if (equal_ignoring_case(rule.list, pointer)) {
            rules.push_back(&rule);
        }
    }
    std::stable_sort(rules.begin(), rules.end(), [](const PaasRule* a, const PaasRule* b) {
        return a->priority < b->priority;
    });
    if (transfer && !rules.empty()) {  // AS-8: whether rules cover it is not established
        list.everybody(true, pointer, list.unknown("siteConfig/ftpsState"));
    }
    for (const PaasRule* rule : rules) {
        list.rule(*rule, Sentinel::host);
    }
    const Said allow = list.says(action, "Allow");
    const Said deny = list.says(action, "Deny");
    if (allow == Said::open || deny == Said::open) {
        list.everybody(true, action, list.unknown(action));
    }
    if (allow == Said::yes || (deny == Said::no && rules.empty())) {
        list.everybody(true, action);
    }
    list.everybody(false, action);
}

}  // namespace azreach
