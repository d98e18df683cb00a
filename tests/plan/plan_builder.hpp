// Terraform plans by hand, in the shape of `terraform show -json`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "src/arm/import.hpp"

namespace azreach::plan_test {

using Json = nlohmann::json;

inline const std::string kSubscription = "/subscriptions/00000000-0000-0000-0000-00000000000a";
inline const std::string kRg = kSubscription + "/resourceGroups/rg/providers/";
inline const std::string kNet = kRg + "Microsoft.Network/";

/// {"references": [...]} as Terraform writes it: each reference and what it begins with.
inline Json refers(const std::vector<std::string>& to) { return {{"references", to}}; }
inline Json constant(const Json& value) { return {{"constant_value", value}}; }

class PlanText {
public:
    PlanText() {
        document_ = {
            {"format_version", "1.2"},
            {"terraform_version", "1.9.4"},
            {"planned_values", Json::object()},
            {"resource_changes", Json::array()},
            {"configuration",
             {{"provider_config",
               {{"azurerm",
                 {{"name", "azurerm"},
                  {"expressions", {{"subscription_id", constant(kSubscription.substr(15))}}}}}}},
              {"root_module", Json::object()}}}};
    }

    struct Change {
        std::string address;  // "module.net[\"a\"].azurerm_subnet.app[0]"
        std::vector<std::string> actions{"create"};
        Json before, after;
        Json unknown = Json::object();
        Json expressions = Json::object();
        std::string mode = "managed";
        Json for_each;  // the for_each_expression
    };

    /// Adds the change and, once a resource, its configuration.
    PlanText& add(Change change) {
        Json entry = {{"address", change.address},
                      {"mode", change.mode},
                      {"provider_name", "registry.terraform.io/hashicorp/azurerm"}};
        std::string rest = change.address;
        Json* module = &document_["configuration"]["root_module"];
        std::string path;
        while (rest.rfind("module.", 0) == 0) {
            const std::size_t end = end_of(rest, 7);
            const std::string step = rest.substr(7, end - 7);
            path += (path.empty() ? "" : ".") + ("module." + step);
            module = &(*module)["module_calls"][step.substr(0, step.find('['))]["module"];
            rest = rest.substr(end + 1);
        }
        if (!path.empty()) {
            entry["module_address"] = path;
        }
        if (rest.rfind("data.", 0) == 0) {
            rest = rest.substr(5);
            entry["mode"] = change.mode = "data";
        }
        const std::size_t dot = rest.find('.');
        const std::size_t open = rest.find('[');
        entry["type"] = rest.substr(0, dot);
        entry["name"] = rest.substr(dot + 1, open == std::string::npos ? open : open - dot - 1);
        if (open != std::string::npos) {
            entry["index"] = Json::parse(rest.substr(open + 1, rest.size() - open - 2));
        }
        entry["change"] = {{"actions", change.actions},
                           {"before", change.before},
                           {"after", change.after},
                           {"after_unknown", change.unknown}};
        document_["resource_changes"].push_back(entry);
        Json& resources = (*module)["resources"];
        for (const Json& known : resources) {
            if (known["type"] == entry["type"] && known["name"] == entry["name"]) {
                return *this;
            }
        }
        resources.push_back({{"address", rest},
                             {"mode", change.mode},
                             {"type", entry["type"]},
                             {"name", entry["name"]},
                             {"provider_config_key", "azurerm"},
                             {"expressions", change.expressions}});
        if (!change.for_each.is_null()) {
            resources.back()["for_each_expression"] = change.for_each;
        }
        return *this;
    }

    Json& document() { return document_; }
    Json& call(const std::string& name) {
        return document_["configuration"]["root_module"]["module_calls"][name];
    }
    std::string text() const { return document_.dump(1); }
    Imported read(Side side = Side::after) const {
        ImportOptions options;
        options.side = side;
        options.allow_empty = true;
        return import_text("plan.json", text(), options);
    }

private:
    static std::size_t end_of(const std::string& text, std::size_t at) {
        bool quoted = false;
        while (at < text.size() && (quoted || text[at] != '.')) {
            quoted = text[at] == '"' ? !quoted : quoted;
            ++at;
        }
        return at;
    }
    Json document_;
};

inline PlanText::Change group(const std::string& address, const std::string& name,
                              const std::vector<Json>& rules = {}) {
    return {.address = address,
            .after = {{"name", name},
                      {"resource_group_name", "rg"},
                      {"location", "westeurope"},
                      {"security_rule", rules}},
            .unknown = {{"id", true}},
            .expressions = {{"name", constant(name)}}};
}
inline Json rule(const std::string& name, int priority, const std::string& access,
                 const std::string& port) {
    return {{"name", name},
            {"priority", priority},
            {"direction", "Inbound"},
            {"access", access},
            {"protocol", "Tcp"},
            {"source_address_prefix", "*"},
            {"source_port_range", "*"},
            {"destination_address_prefix", "*"},
            {"destination_port_range", port},
            {"source_address_prefixes", Json::array()},
            {"destination_port_ranges", nullptr}};
}
inline PlanText::Change vnet(const std::string& address, const std::string& name) {
    return {.address = address,
            .after = {{"name", name},
                      {"resource_group_name", "rg"},
                      {"location", "westeurope"},
                      {"address_space", {"10.0.0.0/16"}}},
            .unknown = {{"id", true}, {"subnet", true}, {"dns_servers", true}},
            .expressions = {{"name", constant(name)}}};
}
inline PlanText::Change subnet(const std::string& address, const std::string& name,
                               const std::string& prefix) {
    return {.address = address,
            .after = {{"name", name},
                      {"resource_group_name", "rg"},
                      {"virtual_network_name", "vnet"},
                      {"address_prefixes", {prefix}},
                      {"private_endpoint_network_policies", "Disabled"},
                      {"delegation", Json::array()}},
            .unknown = {{"id", true}},
            .expressions = {{"name", constant(name)}}};
}
/// `to` with what it begins with, as Terraform lists it.
inline Json id_of(const std::string& address) { return refers({address + ".id", address}); }
inline PlanText::Change association(const std::string& address, const Json& subnet,
                                    const Json& group) {
    return {.address = address,
            .after = Json::object(),
            .unknown = {{"id", true}, {"subnet_id", true}, {"network_security_group_id", true}},
            .expressions = {{"subnet_id", subnet}, {"network_security_group_id", group}}};
}

}  // namespace azreach::plan_test
