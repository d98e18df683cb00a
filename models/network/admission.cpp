#include "models/network/admission.hpp"

#include <algorithm>

#include "models/azure/symbol.hpp"
#include "models/net/ensures.hpp"
#include "models/network/admission_list.hpp"

namespace azreach {

namespace {

using Said = AdmissionList::Said;

struct ServiceAdmission {
    std::string_view type;
    void (*admit)(AdmissionList&);
};

/// Types with a row in the catalogue and none here have a public switch and nothing else.
constexpr ServiceAdmission kServices[] = {
    {"Microsoft.Storage/storageAccounts", admit_storage},
    {"Microsoft.KeyVault/vaults", admit_vault},
    {"Microsoft.KeyVault/managedHSMs", admit_vault},
    {"Microsoft.Sql/servers", admit_sql_server},
    {"Microsoft.Sql/managedInstances", admit_managed_instance},
    {"Microsoft.DBforPostgreSQL/flexibleServers", admit_flexible_server},
    {"Microsoft.DBforMySQL/flexibleServers", admit_flexible_server},
    {"Microsoft.Synapse/workspaces", admit_synapse},
    {"Microsoft.Cache/Redis", admit_redis},
    {"Microsoft.DocumentDB/databaseAccounts", admit_cosmos},
    {"Microsoft.Web/sites", admit_site},
    {"Microsoft.Web/sites/slots", admit_site},
    {"Microsoft.ContainerRegistry/registries", admit_registry},
    {"Microsoft.EventHub/namespaces", admit_messaging},
    {"Microsoft.ServiceBus/namespaces", admit_messaging},
    {"Microsoft.Relay/namespaces", admit_messaging},
    {"Microsoft.EventGrid/topics", admit_event_grid},
    {"Microsoft.EventGrid/domains", admit_event_grid},
    {"Microsoft.Devices/IotHubs", admit_iot_hub},
    {"Microsoft.CognitiveServices/accounts", admit_cognitive},
    {"Microsoft.Search/searchServices", admit_search},
    {"Microsoft.ContainerService/managedClusters", admit_cluster},
    {"Microsoft.SignalRService/SignalR", admit_signalr},
    {"Microsoft.SignalRService/webPubSub", admit_signalr},
    {"Microsoft.App/managedEnvironments", admit_environment},
};

AddressSet private_space() { return AddressSet::all() - Edges::internet_space(); }

}  // namespace

// --- the list
// -------------------------------------------------------------------------------------

AdmissionList::Said AdmissionList::says(std::string_view pointer, std::string_view value) const {
    const PaasSetting* setting = resource().find(pointer);
    if (setting == nullptr) {
        return Said::no;
    }
    if (!setting->certain || is_symbolic(setting->text)) {
        return Said::open;
    }
    return equal_ignoring_case(setting->text, value) ? Said::yes : Said::no;
}

Guard AdmissionList::unknown(std::string_view pointer) const {
    const PaasSetting* setting = resource().find(pointer);
    const ResourceId by = setting == nullptr ? resource().property(pointer) : setting->by;
    return {{network_.about(FactKey::paas_setting, by.text()), true}};
}

void AdmissionList::everybody(bool allow, std::string_view pointer, Guard when,
                              AdmissionStep::Why why) {
    if (done_) {
        return;
    }
    AdmissionStep step;
    step.when = std::move(when);
    step.sources = {{{}, AddressSet::all()}};
    step.allow = allow;
    step.why = why;
    const PaasSetting* setting = resource().find(pointer);
    step.by = setting == nullptr ? resource().property(pointer) : setting->by;
    const std::size_t slash = pointer.rfind('/');
    step.name = std::string(slash == std::string_view::npos ? pointer : pointer.substr(slash + 1));
    step.name += " " + (setting == nullptr ? std::string("(absent)") : setting->text);
    step.where = setting == nullptr ? resource().header.where : setting->where;
    step.is_default = setting == nullptr;
    done_ = step.when.empty();
    steps_.push_back(std::move(step));
}

void AdmissionList::nobody_else() {
    if (done_) {
        return;
    }
    AdmissionStep step;
    step.sources = {{{}, AddressSet::all()}};
    steps_.push_back(std::move(step));
    done_ = true;
}

void AdmissionList::public_switch(std::string_view pointer) {
    using Why = AdmissionStep::Why;
    const PaasSetting* setting = resource().find(pointer);
    if (setting == nullptr || says(pointer, "Enabled") == Said::yes ||
        says(pointer, "true") == Said::yes) {
        return;  // P-1
    }
    const bool closed = says(pointer, "Disabled") == Said::yes ||
                        says(pointer, "SecuredByPerimeter") == Said::yes ||
                        says(pointer, "false") == Said::yes;
    everybody(false, pointer, closed ? Guard{} : unknown(pointer), Why::public_disabled);
}

void AdmissionList::perimeter() {
    constexpr std::string_view kPlace = "networkSecurityPerimeterConfigurations";
    const bool near = resource().find(kPlace) != nullptr;
    if (!near && says("publicNetworkAccess", "SecuredByPerimeter") != Said::yes) {
        return;
    }
    const ResourceId place = resource().property(kPlace);
    everybody(true, kPlace, {{network_.about(FactKey::paas_setting, place.text()), true}});
    if (near) {
        everybody(false, kPlace, {{network_.about(FactKey::unmodelled, place.text()), true}});
    }
}

std::optional<AdmissionList::Match> AdmissionList::match(const PaasRule& rule,
                                                         Sentinel sentinel) const {
    using Kind = Entrance::Kind;
    Match result;
    const auto under = [&](FactKey key, const ResourceId& subject) {
        result.when.push_back({network_.about(key, subject.text()), true});
    };
    const AddressSet all = AddressSet::all();
    if (!rule.certain) {
        under(FactKey::contested_copy, rule.by);
    }
    if (rule.narrowed) {  // AS-5
        under(FactKey::paas_setting, rule.by);
    }
    const bool by_endpoint = entrance_.kind == Kind::service_endpoint;
    if (!rule.readable) {
        under(FactKey::malformed, rule.by);
        result.sources = {{{}, all}};
        return result;
    }
    switch (rule.kind) {
        case PaasRule::Kind::addresses:
            if (rule.sentinel && sentinel == Sentinel::azure) {
                switch (entrance_.kind) {
                    case Kind::azure:
                        result.sources = {{{}, all}};
                        break;
                    case Kind::internet:
                        result.sources = network_.paas().azure_space();
                        break;
                    case Kind::unknown:
                        under(FactKey::unread_neighbour, rule.by);
                        result.sources = {{{}, all}};
                        break;
                    case Kind::service_endpoint:  // SQ-3
                        if (!network_.add_literal(result.when,
                                                  FactKey::sql_azure_rule_covers_endpoint_subnets,
                                                  true)) {
                            return std::nullopt;
                        }
                        result.sources = {{{}, all}};
                        break;
                }
                return result;
            }
            if (by_endpoint) {
                // The service sees the private address; no page says that a range can name one.
                const AddressSet inside = rule.addresses & private_space();
                if (inside.empty()) {
                    return std::nullopt;  // [SE-4]
                }
                under(FactKey::unmodelled, rule.by);
                result.sources = {{{}, inside}};
                return result;
            }
            if (rule.addresses.empty()) {
                return std::nullopt;
            }
            result.sources = {{{}, rule.addresses}};
            return result;
        case PaasRule::Kind::service_tag:
            if (by_endpoint) {
                return std::nullopt;
            }
            result.sources = network_.paas().tag(rule.text);
            return result;
        case PaasRule::Kind::subnet: {
            if (entrance_.kind == Kind::unknown) {
                under(FactKey::unread_neighbour, rule.by);
                result.sources = {{{}, all}};
                return result;
            }
            if (!by_endpoint || !rule.subnet || entrance_.subnet == kNoIndex) {
                return std::nullopt;
            }
            const ResourceId& own = network_.subnets()[entrance_.subnet].subnet->header.id;
            if (own != *rule.subnet) {
                if (!may_be_same(own, *rule.subnet)) {
                    return std::nullopt;
                }
                under(FactKey::paas_setting, rule.by);
            }
            if (entrance_.lent) {  // SE-6
                under(FactKey::unmodelled, own);
            }
            result.sources = {{{}, all}};
            return result;
        }
        case PaasRule::Kind::any_subnet:  // AS-4
            switch (entrance_.kind) {
                case Kind::service_endpoint:
                    result.sources = {{{}, all}};
                    return result;
                case Kind::internet:  // other tenants' subnets
                    result.sources = network_.paas().azure_space();
                    return result;
                case Kind::unknown:
                    under(FactKey::unread_neighbour, rule.by);
                    result.sources = {{{}, all}};
                    return result;
                case Kind::azure:
                    return std::nullopt;
            }
            return std::nullopt;
        case PaasRule::Kind::instance:
            return std::nullopt;  // an identity, not a place: see residuals()
    }
    return std::nullopt;
}

void AdmissionList::rule(const PaasRule& rule, Sentinel sentinel, const Guard& when) {
    if (done_) {
        return;
    }
    std::optional<Match> matched = match(rule, sentinel);
    if (!matched) {
        return;
    }
    AdmissionStep step;
    step.when = when;
    for (const Literal& literal : matched->when) {
        if (std::find(step.when.begin(), step.when.end(), literal) == step.when.end()) {
            step.when.push_back(literal);
        }
    }
    step.sources = std::move(matched->sources);
    step.allow =
        !equal_ignoring_case(rule.action, "Deny") && !equal_ignoring_case(rule.action, "Reject");
    step.by = rule.by;
    step.name = rule.name;
    step.where = rule.where;
    done_ = step.when.empty() && step.sources.size() == 1 && step.sources.front().when.empty() &&
            step.sources.front().set == AddressSet::all();
    steps_.push_back(std::move(step));
}

void AdmissionList::rules(std::string_view list, Sentinel sentinel, const Guard& when) {
    for (const PaasRule& each : resource().rules) {
        if (equal_ignoring_case(each.list, list)) {
            rule(each, sentinel, when);
        }
    }
}

void AdmissionList::subnet_rules(std::string_view list, std::string_view live) {
    for (const PaasRule& each : resource().rules) {
        if (!equal_ignoring_case(each.list, list)) {
            continue;
        }
        // A template says no state: it will be in force when it is deployed.              [ST-7]
        if (live.empty() || each.state.empty() || equal_ignoring_case(each.state, live)) {
            rule(each, Sentinel::host);
        } else if (equal_ignoring_case(each.state, "InProgress") ||
                   equal_ignoring_case(each.state, "Provisioning") ||
                   equal_ignoring_case(each.state, "Initializing") ||
                   equal_ignoring_case(each.state, "Updating") ||
                   equal_ignoring_case(each.state, "Unknown") || !each.certain) {
            rule(each, Sentinel::host,
                 {{network_.about(FactKey::paas_setting, each.by.text()), true}});
        }
    }
}

std::size_t AdmissionList::count(std::string_view list) const {
    return static_cast<std::size_t>(
        std::count_if(resource().rules.begin(), resource().rules.end(),
                      [&](const PaasRule& r) { return equal_ignoring_case(r.list, list); }));
}

bool AdmissionList::some_uncertain(std::string_view list) const {
    return std::any_of(resource().rules.begin(), resource().rules.end(), [&](const PaasRule& r) {
        return equal_ignoring_case(r.list, list) && !r.certain;
    });
}

void AdmissionList::access_list(std::string_view object, std::string_view live_state) {
    const std::string path(object);
    const std::string action = path + "/defaultAction";
    if (!present(object)) {
        everybody(true, action);
        return;
    }
    const Said allow = says(action, "Allow");
    const Said deny = says(action, "Deny");
    if (allow == Said::yes) {
        everybody(true, action);  // rules are inert
        return;
    }
    if (deny != Said::yes) {  // required by the schema: absent, unknown or differing is not known
        everybody(true, action, unknown(action));
    }
    rules(path + "/ipRules");
    rules(path + "/ipv6Rules");
    rules(path + "/serviceTags");
    subnet_rules(path + "/virtualNetworkRules", live_state);
    everybody(false, action);
}

std::optional<Guard> AdmissionList::unlisted(std::string_view child) const {
    const auto& children = resource().children;
    const bool read = std::any_of(children.begin(), children.end(), [&](const std::string& kind) {
        return equal_ignoring_case(kind, child);
    });
    if (read) {
        return std::nullopt;
    }
    Guard when;
    if (resource().from_resource_graph) {  // it never holds them: a reading cannot close that
        return Guard{{network_.about(FactKey::missing_resource,
                                     resource().header.id.text() + "/" + std::string(child)),
                      true}};
    }
    if (!network_.add_literal(when, FactKey::unlisted_rules_none, false)) {
        return std::nullopt;
    }
    return when;
}

// --- admission
// ------------------------------------------------------------------------------------

std::vector<AdmissionStep> admission(const Network& network, const PaasEndpoint& endpoint,
                                     const Entrance& entrance) {
    AdmissionList list(network, endpoint, entrance);
    const PaasResource& resource = *endpoint.resource;
    if (!resource.certain) {  // perhaps it does not exist
        list.everybody(false, "existence",
                       {{network.about(FactKey::contested_copy, resource.header.id.text()), true}});
    }
    list.perimeter();
    if (endpoint.service == nullptr) {
        admit_generic(list);
    } else {
        void (*admit)(AdmissionList&) = admit_switch_only;
        for (const ServiceAdmission& service : kServices) {
            if (equal_ignoring_case(service.type, endpoint.service->type)) {
                admit = service.admit;
            }
        }
        admit(list);
    }
    ensures(list.done(), "the last step of an admission decides for everybody");
    return list.take();
}

}  // namespace azreach
