// Who comes in past the network position: Azure's own services, resources by their identity,
// private endpoints of strangers.                                    [P-3] [ST-3] [KV-3] [PE-14]
#include <algorithm>

#include "models/network/admission_list.hpp"

namespace azreach {

namespace {

using Said = AdmissionList::Said;

struct Bypass {
    std::string_view type, pointer, admits;  // the value that lets trusted services in
    bool absent_admits = true;               // the default
    /// Whether it survives publicNetworkAccess Disabled: said for these services only.       [P-3]
    bool survives_disabled = false;
};

constexpr Bypass kBypasses[] = {
    {"Microsoft.Storage/storageAccounts", "networkAcls/bypass", "AzureServices", true, true},
    {"Microsoft.KeyVault/vaults", "networkAcls/bypass", "AzureServices", true, true},
    {"Microsoft.KeyVault/managedHSMs", "networkAcls/bypass", "AzureServices", true, true},
    {"Microsoft.ContainerRegistry/registries", "networkRuleBypassOptions", "AzureServices", true,
     true},
    {"Microsoft.CognitiveServices/accounts", "networkAcls/bypass", "AzureServices", false, false},
    {"Microsoft.Search/searchServices", "networkRuleSet/bypass", "AzureServices", false, false},
    {"Microsoft.EventHub/namespaces", "networkRuleSets/default/trustedServiceAccessEnabled", "true",
     false, false},
    {"Microsoft.ServiceBus/namespaces", "networkRuleSets/default/trustedServiceAccessEnabled",
     "true", false, false},
    {"Microsoft.DocumentDB/databaseAccounts", "networkAclBypass", "AzureServices", false, false},
};

bool contains_word(std::string_view list, std::string_view word) {  // "Logging, AzureServices"
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view part = list.substr(0, comma);
        while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
        while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
        if (equal_ignoring_case(part, word)) {
            return true;
        }
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

void trusted(const PaasEndpoint& endpoint, const AdmissionList& list,
             std::vector<Residual>& result) {
    const PaasResource& resource = *endpoint.resource;
    for (const Bypass& bypass : kBypasses) {
        if (endpoint.service == nullptr || bypass.type != endpoint.service->type) {
            continue;
        }
        const PaasSetting* setting = resource.find(bypass.pointer);
        const bool admits =
            setting == nullptr ? bypass.absent_admits : contains_word(setting->text, bypass.admits);
        if (!admits && (setting == nullptr || setting->certain)) {
            continue;
        }
        if (list.says("publicNetworkAccess", "SecuredByPerimeter") == Said::yes) {
            continue;  // cut, trusted services too
        }
        Residual residual;
        residual.kind = Residual::Kind::trusted_services;
        residual.by = setting == nullptr ? resource.property(bypass.pointer) : setting->by;
        residual.where = setting == nullptr ? resource.header.where : setting->where;
        residual.note = setting == nullptr ? "trusted Azure services, by default"
                                           : "trusted Azure services (" + setting->text + ")";
        const bool disabled = list.says("publicNetworkAccess", "Disabled") == Said::yes;
        residual.certain =
            (setting == nullptr || setting->certain) && (!disabled || bypass.survives_disabled);
        result.push_back(std::move(residual));
    }
}

void strangers(const Network& network, const PaasEndpoint& endpoint,
               std::vector<Residual>& result) {
    for (const PaasConnection* connection : network.paas().foreign(*endpoint.resource)) {
        const bool approved = equal_ignoring_case(connection->status, "Approved");
        if (!approved && !connection->status.empty() && connection->certain) {
            continue;
        }
        // Of another sub-resource: not through here.
        const bool other = endpoint.service != nullptr && !connection->group_ids.empty() &&
                           std::none_of(connection->group_ids.begin(), connection->group_ids.end(),
                                        [&](const std::string& id) {
                                            return leads_to(*endpoint.group, id) ||
                                                   groups_of_id(*endpoint.service, id).empty();
                                        });
        if (other) {
            continue;
        }
        Residual residual;
        residual.kind = Residual::Kind::foreign_endpoint;
        residual.who = connection->endpoint.value_or(connection->id);
        residual.by = connection->id;
        residual.where = connection->where;
        residual.certain = approved && connection->certain;
        residual.note = connection->status.empty() ? "status not known" : connection->status;
        result.push_back(std::move(residual));
    }
}

}  // namespace

std::vector<Residual> residuals(const Network& network, const PaasEndpoint& endpoint) {
    std::vector<Residual> result;
    const PaasResource& resource = *endpoint.resource;
    const Entrance nobody;
    const AdmissionList list(network, endpoint, nobody);
    trusted(endpoint, list, result);
    const bool disabled = list.says("publicNetworkAccess", "Disabled") == Said::yes ||
                          list.says("network/publicNetworkAccess", "Disabled") == Said::yes;
    for (const PaasRule& rule : resource.rules) {
        Residual residual;
        residual.by = rule.by;
        residual.where = rule.where;
        residual.certain = rule.certain;
        residual.note = rule.text;
        switch (rule.kind) {
            case PaasRule::Kind::instance:
                residual.kind = Residual::Kind::instance;
                residual.who = rule.subnet.value_or(ResourceId(rule.text));
                result.push_back(std::move(residual));
                break;
            case PaasRule::Kind::any_subnet:
                if (!disabled) {
                    residual.kind = Residual::Kind::any_subnet;
                    result.push_back(std::move(residual));
                }
                break;
            case PaasRule::Kind::subnet:
                if (!disabled && rule.subnet && !network.subnet_index(*rule.subnet)) {
                    residual.kind = Residual::Kind::subnet;
                    residual.who = *rule.subnet;
                    result.push_back(std::move(residual));
                }
                break;
            case PaasRule::Kind::addresses:
            case PaasRule::Kind::service_tag:
                break;
        }
    }
    strangers(network, endpoint, result);
    return result;
}

}  // namespace azreach
