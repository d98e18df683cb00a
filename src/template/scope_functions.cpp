// Functions that look at the deployment: ids of resources, the resource group, the environment.
// Source:
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource,
// .../template-functions-scope, .../template-functions-deployment
#include <algorithm>

#include "models/azure/symbol.hpp"
#include "src/template/evaluator.hpp"

namespace azreach::arm_template {

namespace {

std::size_t segments_of(std::string_view type) {
    return static_cast<std::size_t>(std::count(type.begin(), type.end(), '/')) + 1;
}

/// "Microsoft.Network/virtualNetworks/subnets" and {"v", "s"}: "Microsoft.Network/virtualNetworks/
/// v/subnets/s".
std::string interleaved(std::string_view type, const std::vector<std::string>& names) {
    std::string result(type.substr(0, std::min(type.find('/'), type.size())));
    std::size_t at = result.size();
    for (const std::string& name : names) {
        const std::size_t begin = std::min(at + 1, type.size());
        const std::size_t end = std::min(type.find('/', begin), type.size());
        result += "/" + std::string(type.substr(begin, end - begin)) + "/" + name;
        at = end;
    }
    return result;
}

/// What an ARM function returns for the public cloud; the suffixes that templates build names from.
Value environment() {
    const auto object = [](std::initializer_list<std::pair<const char*, const char*>> members) {
        Value result = Value::object();
        for (const auto& [key, value] : members) {
            result.set(key, Value::of(value));
        }
        return result;
    };
    Value result = object({
        {"name", "AzureCloud"},
        {"gallery", "https://gallery.azure.com/"},
        {"graph", "https://graph.windows.net/"},
        {"portal", "https://portal.azure.com"},
        {"graphAudience", "https://graph.windows.net/"},
        {"activeDirectoryDataLake", "https://datalake.azure.net/"},
        {"batch", "https://batch.core.windows.net/"},
        {"media", "https://rest.media.azure.net"},
        {"sqlManagement", "https://management.core.windows.net:8443/"},
        {"vmImageAliasDoc",
         "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/"
         "arm-compute/quickstart-templates/aliases.json"},
        {"resourceManager", "https://management.azure.com/"},
    });
    Value authentication = object({
        {"loginEndpoint", "https://login.microsoftonline.com/"},
        {"tenant", "common"},
        {"identityProvider", "AAD"},
    });
    Value audiences = Value::array();
    audiences.items = {Value::of("https://management.core.windows.net/"),
                       Value::of("https://management.azure.com/")};
    authentication.set("audiences", std::move(audiences));
    result.set("authentication", std::move(authentication));
    result.set("suffixes",
               object({
                   {"acrLoginServer", ".azurecr.io"},
                   {"azureDatalakeAnalyticsCatalogAndJob", "azuredatalakeanalytics.net"},
                   {"azureDatalakeStoreFileSystem", "azuredatalakestore.net"},
                   {"azureFrontDoorEndpointSuffix", "azurefd.net"},
                   {"keyvaultDns", ".vault.azure.net"},
                   {"sqlServerHostname", ".database.windows.net"},
                   {"storage", "core.windows.net"},
               }));
    result.text = "environment()";
    return result;
}

}  // namespace

std::string Scope::prefix() const {
    switch (kind) {
        case Kind::tenant:
            return "";
        case Kind::management_group:
            return "/providers/Microsoft.Management/managementGroups/" + management_group;
        case Kind::subscription:
            return "/subscriptions/" + subscription;
        case Kind::group:
            break;
    }
    return "/subscriptions/" + subscription + "/resourceGroups/" + group;
}

/// resourceId and its kin. Which arguments are in front of the type is told by the count: a type of
/// n segments has n - 1 names.
Value Evaluator::resource_id(const std::string& name, std::vector<Value> arguments,
                             const Context& context) {
    const Scope& here = context.deployment->scope;
    const std::size_t most_before = name == "resourceid" ? 2 : name == "tenantresourceid" ? 0 : 1;
    const std::size_t least_before = name == "extensionresourceid" ? 1 : 0;
    for (const Value& argument : arguments) {
        if (!argument.is_text()) {
            fail(context, std::string(to_string(argument.kind)) + " in " + name, "strings");
        }
    }
    std::size_t type_at = arguments.size();
    for (Value& argument : arguments) {  // "Microsoft.Network/routeTables/" is accepted
        if (argument.text.size() > 1 && argument.text.front() != '/' &&
            argument.text.back() == '/' && argument.text.find('/') + 1 < argument.text.size()) {
            argument.text.pop_back();
        }
    }
    for (std::size_t i = least_before; i <= most_before && i < arguments.size(); ++i) {
        const std::string& type = arguments[i].text;
        if (arguments[i].is_symbolic() || type.find('/') == std::string::npos ||
            type.starts_with('/')) {
            continue;
        }
        if (segments_of(type) == arguments.size() - i) {
            type_at = i;
            break;
        }
    }
    if (type_at == arguments.size()) {
        if (std::any_of(arguments.begin(), arguments.end(),
                        [](const Value& value) { return value.is_symbolic(); })) {
            return symbol_of_call(name, arguments);
        }
        std::string given;
        for (const Value& argument : arguments) {
            given += (given.empty() ? "" : ", ") + argument.text.substr(0, 60);
        }
        fail(context, name + "(" + given + ")", "a type, and one name for each of its segments");
    }
    const std::string& type = arguments[type_at].text;
    std::vector<std::string> names;
    for (std::size_t i = type_at + 1; i < arguments.size(); ++i) {
        names.push_back(arguments[i].text);
    }
    std::string prefix;
    if (name == "extensionresourceid") {
        prefix = arguments[0].text;
    } else if (name == "subscriptionresourceid") {
        prefix = "/subscriptions/" + (type_at > 0 ? arguments[0].text : here.subscription);
    } else if (name == "managementgroupresourceid") {
        prefix = "/providers/Microsoft.Management/managementGroups/" +
                 (type_at > 0 ? arguments[0].text : here.management_group);
    } else if (name == "resourceid") {
        Scope scope = here;
        if (type_at == 2) {
            scope.kind = Scope::Kind::group;
            scope.subscription = arguments[0].text;
        }
        if (type_at > 0) {
            scope.kind = Scope::Kind::group;
            scope.group = arguments[type_at - 1].text;
        }
        if (type_at == 1 && here.kind == Scope::Kind::subscription) {
            scope = here;  // resourceId(subscription, type, name) of a subscription deployment
            scope.subscription = arguments[0].text;
        }
        prefix = scope.prefix();
    }
    return Value::of(prefix + "/providers/" + interleaved(type, names));
}

Value Evaluator::deployment_object(Deployment& deployment) {
    Value result = Value::object();
    result.set("name", Value::of(deployment.name));
    Value link = Value::object();
    link.set("uri", Value::of(deployment.path));
    link.text = "deployment().properties.templateLink";
    Value properties = Value::object();
    properties.set("templateLink", std::move(link));
    properties.text = "deployment().properties";
    result.set("properties", std::move(properties));
    result.text = "deployment()";
    return result;
}

std::optional<Value> Evaluator::scope_function(const Expression& expression,
                                               const Context& context) {
    const std::string& name = expression.name;
    Deployment& deployment = *context.deployment;
    const Scope& scope = deployment.scope;
    if (name == "resourceid" || name == "subscriptionresourceid" || name == "tenantresourceid" ||
        name == "managementgroupresourceid" || name == "extensionresourceid") {
        return resource_id(name, arguments_of(expression, context), context);
    }
    if (name == "resourcegroup") {
        Scope group = scope;
        group.kind = Scope::Kind::group;
        Value result = Value::object();
        result.set("id", Value::of(group.prefix()));
        result.set("name", Value::of(scope.group));
        result.set("type", Value::of("Microsoft.Resources/resourceGroups"));
        result.text = "resourceGroup()";
        if (!is_symbolic(scope.group)) {
            result.text = "resourceGroup() '" + scope.group + "'";
        }
        return result;
    }
    if (name == "subscription") {
        Value result = Value::object();
        result.set("id", Value::of("/subscriptions/" + scope.subscription));
        result.set("subscriptionId", Value::of(scope.subscription));
        result.text = "subscription()";
        if (!is_symbolic(scope.subscription)) {
            result.text = "subscription() '" + scope.subscription + "'";
        }
        return result;
    }
    if (name == "managementgroup") {
        Value result = Value::object();
        result.set("id", Value::of("/providers/Microsoft.Management/managementGroups/" +
                                   scope.management_group));
        result.set("name", Value::of(scope.management_group));
        result.text = "managementGroup()";
        return result;
    }
    if (name == "tenant" || name == "deployer") {
        Value result = Value::object();
        result.text = name + "()";
        return result;
    }
    if (name == "deployment") {
        return deployment_object(deployment);
    }
    if (name == "environment") {
        return environment();
    }
    return std::nullopt;
}

}  // namespace azreach::arm_template
