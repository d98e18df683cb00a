#include "src/plan/terraform_map.hpp"

#include <algorithm>

#include "models/azure/symbol.hpp"
#include "src/plan/terraform_shape.hpp"

namespace azreach::terraform {

namespace {

/// Blocks of Terraform that are children with ids in ARM.
constexpr std::pair<std::string_view, std::string_view> kChildIds[] = {
    {"frontend_ip_configuration", "frontendIPConfigurations"},
    {"ip_configuration", "ipConfigurations"},
    {"subnet", "subnets"},
    {"gateway_ip_configuration", "gatewayIPConfigurations"},
    {"backend_address_pool", "backendAddressPools"},
};

}  // namespace

Mapping::Mapping(const DerivedInput& input, Side side, std::vector<Diagnostic>* notes)
    : input_(input), document_(input, side), notes_(notes) {
    for (const Instance& instance : document_.instances()) {
        if (is_set(instance.state)) {
            map(instance);
        }
    }
    for (const Instance& instance : document_.instances()) {
        const Join* joined = instance.data ? nullptr : join_of(instance.type);
        if (joined != nullptr && is_set(instance.state)) {
            join(instance, *joined);
        }
    }
    if (by_index_ > 0) {
        note("AZR1052", Severity::info, nullptr,
             std::to_string(by_index_) + (by_index_ == 1 ? " reference" : " references") +
                 " beside count.index or each.key taken as the instance of the same index: a plan "
                 "holds no expressions");
    }
}

void Mapping::note(const char* code, Severity severity, const Value* where,
                   std::string message) const {
    if (notes_ == nullptr) {
        return;
    }
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.severity = severity;
    diagnostic.message = std::move(message);
    diagnostic.place.file = input_.name;
    if (where != nullptr && where->place.known()) {
        diagnostic.place.pointer = document_.tree().pointer_of(where->place.node);
    }
    notes_->push_back(std::move(diagnostic));
}

// --- ids -----------------------------------------------------------------------------------------

std::string Mapping::text_of(const Instance& instance, std::string_view name,
                             std::string_view wanted) const {
    const Cursor at = instance.state.member(name);
    if (is_set(at) && at.value->is_text()) {
        return at.value->text;
    }
    if (at.is_unknown() && at.expression != nullptr) {
        const Document::Resolved resolved = document_.resolve(instance, at, wanted);
        if (resolved.targets.size() == 1) {
            by_index_ += resolved.by_index ? 1 : 0;
            const Value value = target_value(resolved.targets.front());
            if (value.is_text()) {
                return value.text;
            }
        }
    }
    return symbol("known after apply: " + instance.address + "." + std::string(name));
}

std::string Mapping::id_of(const Instance& instance) const {
    const auto known = ids_.find(&instance);
    if (known != ids_.end()) {
        return known->second;
    }
    const Type* type = type_of(instance.type);
    if (is_set(instance.state) && join_of(instance.type) == nullptr) {
        const std::string_view id = instance.state.value->text_at("id");
        if (id.starts_with('/')) {
            return ids_[&instance] = std::string(id);
        }
    }
    if (!asked_.insert(&instance).second) {
        return symbol("known after apply: " + instance.address + ".id");
    }
    const auto subscription = [&] {
        return "/subscriptions/" + document_.subscription_of(instance);
    };
    std::string id;
    if (instance.type == "azapi_resource") {
        std::string arm = text_of(instance, "type");
        arm = arm.substr(0, arm.find('@'));
        const std::string parent = text_of(instance, "parent_id");
        id = parent +
             (std::count(arm.begin(), arm.end(), '/') == 1 ? "/providers/" + arm
                                                           : "/" + last_segment(arm)) +
             "/" + text_of(instance, "name");
    } else if (instance.type == "azapi_update_resource" &&
               instance.state.member("resource_id").value != nullptr) {
        id = text_of(instance, "resource_id");
    } else if (instance.type == "azurerm_resource_group") {
        id = subscription() + "/resourceGroups/" + text_of(instance, "name");
    } else if (type != nullptr && type->parents.starts_with('@')) {
        id = text_of(instance, type->parents.substr(1)) + "/" + last_segment(type->arm) + "/" +
             (type->name.empty() ? text_of(instance, "name") : std::string(type->name));
    } else if (type != nullptr) {
        id = subscription() + "/resourceGroups/" + text_of(instance, "resource_group_name") +
             "/providers/";
        std::string_view rest = type->arm;
        const std::size_t provider = rest.find('/');
        id += rest.substr(0, provider);
        rest.remove_prefix(provider + 1);
        std::vector<std::string_view> names = words(type->parents);
        names.push_back("name");
        for (const std::string_view name : names) {
            const std::size_t slash = std::min(rest.find('/'), rest.size());
            id += "/" + std::string(rest.substr(0, slash)) + "/" + text_of(instance, name);
            rest.remove_prefix(std::min(slash + 1, rest.size()));
        }
    } else {
        // Nobody else names it; the address tells it from its neighbours.
        std::string address = instance.address;
        std::replace(address.begin(), address.end(), '/', '_');
        id = subscription() +
             (instance.state.member("resource_group_name").value != nullptr
                  ? "/resourceGroups/" + text_of(instance, "resource_group_name")
                  : std::string()) +
             "/providers/Terraform/" + instance.type + "/" + address;
    }
    asked_.erase(&instance);
    return ids_[&instance] = id;
}

Value Mapping::target_value(const Document::Target& target) const {
    const Instance& instance = *target.instance;
    if (target.attribute == "id") {
        return Value::of(id_of(instance));
    }
    // "frontend_ip_configuration[0].id"
    for (const auto& [block, child] : kChildIds) {
        const std::string start = std::string(block) + "[";
        if (target.attribute.starts_with(start) && target.attribute.ends_with("].id")) {
            const std::string number =
                target.attribute.substr(start.size(), target.attribute.size() - start.size() - 4);
            const std::size_t index = number.find_first_not_of("0123456789") == std::string::npos &&
                                              number.size() < 6 && !number.empty()
                                          ? std::stoul(number)
                                          : std::string::npos;
            const Cursor list = instance.state.member(block);
            if (index < list.size()) {
                const std::string_view name = list.item(index).value->text_at("name");
                if (!name.empty()) {
                    return Value::of(id_of(instance) + "/" + std::string(child) + "/" +
                                     std::string(name));
                }
            }
        }
    }
    if (target.attribute.find_first_of(".[") == std::string::npos) {
        const Cursor at = instance.state.member(target.attribute);
        if (is_set(at)) {
            return with_place(*at.value, at.value);
        }
        if (at.is_unknown() && at.expression != nullptr && asked_.size() < 16) {
            return Value::of(text_of(instance, target.attribute));
        }
    }
    return Value::symbol("known after apply: " + instance.address + "." + target.attribute);
}

// --- resources -----------------------------------------------------------------------------------

Value Mapping::header_of(const Instance& instance, std::string_view type) const {
    Value arm = with_place(Value::object(), instance.state.value);
    const std::string id = id_of(instance);
    arm.set("id", with_place(Value::of(id), instance.state.value));
    const Value* name = instance.state.value->find("name");
    arm.set("name", name != nullptr && name->is_text()
                        ? *name
                        : Value::of(std::string(ResourceId(id).name())));
    arm.set("type", Value::of(std::string(type)));
    for (const char* key : {"location", "tags"}) {
        const Value* value = instance.state.value->find(key);
        if (value != nullptr && !value->is_null()) {
            arm.set(key, *value);
        }
    }
    return arm;
}

void Mapping::put(Value arm, const Instance& instance) {
    const ResourceId id(arm.find("id")->text);
    const auto [known, fresh] = resources_.try_emplace(id, Mapped{arm, &instance, true});
    if (!fresh && !instance.data && known->second.instance->data) {
        known->second = Mapped{std::move(arm), &instance, true};
    }
}

void Mapping::map(const Instance& instance) {
    if (instance.type.starts_with("azapi_")) {
        if (!instance.data) {
            map_azapi(instance);
        }
        return;
    }
    if (!instance.type.starts_with("azurerm_") || join_of(instance.type) != nullptr) {
        return;
    }
    const Type* type = type_of(instance.type);
    if (type == nullptr) {
        if (!instance.data && !is_beside_the_network(instance.type)) {
            map_unknown_type(instance);
        }
        return;
    }
    if (instance.data && !type->data) {
        return;  // only its id is of use: a data source says too little of a resource
    }
    Value arm = header_of(instance, type->arm);
    if (!type->name.empty()) {
        arm.set("name", Value::of(std::string(type->name)));
    }
    Value properties = with_place(Value::object(), instance.state.value);
    attributes(instance, instance.state, "", type->attributes, arm, properties);
    arm.set("properties", std::move(properties));
    put(std::move(arm), instance);
    for (const Child& child : type->children) {
        map_child(instance, *type, child);
    }
}

void Mapping::map_child(const Instance& instance, const Type& type, const Child& child) {
    const Cursor block = instance.state.member(child.block);
    if (!is_set(block) || block.size() == 0 || !is_set(block.item(0))) {
        return;
    }
    const Cursor first = block.item(0);
    std::string name(child.name);
    if (name.empty()) {
        name = first.value->text_at("name");
    }
    if (name.empty()) {
        name = symbol("known after apply: " + instance.address + "." + std::string(child.block));
    }
    Value arm = with_place(Value::object(), first.value);
    arm.set("id", Value::of(id_of(instance) + "/" + std::string(child.type) + "/" + name));
    arm.set("name", Value::of(name));
    arm.set("type", Value::of(std::string(type.arm) + "/" + std::string(child.type)));
    Value properties = with_place(Value::object(), first.value);
    attributes(instance, first, std::string(child.block) + "[0]", child.attributes, arm,
               properties);
    arm.set("properties", std::move(properties));
    put(std::move(arm), instance);
}

void Mapping::map_azapi(const Instance& instance) {
    const bool update = instance.type == "azapi_update_resource";
    if (instance.type != "azapi_resource" && !update) {
        return;
    }
    std::string type = text_of(instance, "type");
    type = type.substr(0, type.find('@'));
    Value arm = header_of(instance, type);
    const Cursor body = instance.state.member("body");
    Value content;
    if (is_set(body) && body.value->is_text() && !body.value->text.empty()) {
        // Before azapi 2 the body is JSON in a text.
        try {
            content = derived::Tree(input_.source, body.value->text).root();
            place_all(content, *body.value);
        } catch (const derived::ParseError&) {
            note("AZR1054", Severity::warning, body.value,
                 instance.address + ": the body is no JSON; what it says is unknown");
            content = open(instance, "body", {}, body);
        }
    } else if (is_set(body)) {
        content = *body.value;
        std::size_t leaves = 0;
        Value* leaf = nullptr;
        const std::function<void(Value&, const Value*, const std::string&)> fill =
            [&](Value& value, const Value* unknown, const std::string& at) {
                if (unknown == nullptr) {
                    return;
                }
                if (unknown->kind == Value::Kind::boolean) {
                    if (unknown->boolean) {
                        value = open(instance, at, {}, body);
                        leaf = &value;
                        ++leaves;
                    }
                    return;
                }
                for (std::size_t i = 0; i < unknown->items.size(); ++i) {
                    while (value.is_array() && value.items.size() <= i) {
                        value.items.emplace_back();
                    }
                    if (value.is_array()) {
                        fill(value.items[i], &unknown->items[i],
                             at + "[" + std::to_string(i) + "]");
                    }
                }
                for (const auto& [key, member] : unknown->members) {
                    if (!value.is_object()) {
                        return;
                    }
                    Value* inner = value.find(key);
                    fill(inner != nullptr ? *inner : value.set(key, Value()), &member,
                         at + "." + key);
                }
            };
        fill(content, body.unknown, "body");
        if (leaves == 1 && body.expression != nullptr) {
            const Document::Resolved resolved = document_.resolve(instance, body, "");
            if (resolved.targets.size() == 1 && resolved.targets.front().attribute == "id") {
                *leaf = with_place(target_value(resolved.targets.front()), body.expression);
            }
        }
    } else if (body.is_unknown()) {
        content = Value::object();
        content.set("properties",
                    open(instance, "body", document_.resolve(instance, body, "").names, body));
    }
    if (content.is_symbolic()) {
        arm.set("properties", content);
    }
    for (auto& [key, member] : content.members) {
        arm.set(key, std::move(member));
    }
    if (update) {
        const ResourceId id(arm.find("id")->text);
        const auto known = resources_.find(id);
        if (known != resources_.end()) {
            for (auto& [key, member] : arm.find("properties") != nullptr
                                           ? arm.find("properties")->members
                                           : std::vector<derived::Member>{}) {
                at_path(known->second.arm, "properties").set(key, member);
            }
        } else {
            resources_[id] = Mapped{std::move(arm), &instance, false};
        }
        return;
    }
    put(std::move(arm), instance);
}

void Mapping::collect_places(const Instance& instance, const Cursor& at, const std::string& key,
                             std::set<std::string>& subnets,
                             std::set<std::string>& addresses) const {
    const bool subnet = key.find("subnet") != std::string::npos;
    const bool address = key.find("public_ip") != std::string::npos;
    if (is_set(at) && at.value->is_text()) {
        const ResourceId id(at.value->text);
        const std::string type = at.value->text.starts_with('/') ? id.type() : std::string();
        if (equal_ignoring_case(type, "Microsoft.Network/virtualNetworks/subnets")) {
            subnets.insert(at.value->text);
        } else if (equal_ignoring_case(type, "Microsoft.Network/publicIPAddresses") ||
                   equal_ignoring_case(type, "Microsoft.Network/publicIPPrefixes")) {
            addresses.insert(at.value->text);
        }
        return;
    }
    if (at.is_unknown() && at.expression != nullptr && (subnet || address)) {
        for (const Instance* named : document_.candidates(
                 instance, at,
                 subnet ? "azurerm_subnet" : "azurerm_public_ip azurerm_public_ip_prefix")) {
            (subnet ? subnets : addresses).insert(id_of(*named));
        }
        return;
    }
    if (at.value == nullptr && at.unknown == nullptr) {
        return;
    }
    std::set<std::string> keys;
    for (const Value* object : {at.value, at.unknown}) {
        if (object != nullptr && object->is_object()) {
            for (const auto& [name, member] : object->members) {
                keys.insert(name);
            }
        }
    }
    for (const std::string& name : keys) {
        collect_places(instance, at.member(name), name, subnets, addresses);
    }
    for (std::size_t i = 0; at.value != nullptr && i < at.value->items.size(); ++i) {
        collect_places(instance, at.item(i), key, subnets, addresses);
    }
}

void Mapping::map_unknown_type(const Instance& instance) {
    std::set<std::string> subnets;
    std::set<std::string> addresses;
    collect_places(instance, instance.state, "", subnets, addresses);
    Value arm = header_of(instance, "Terraform/" + instance.type);
    Value properties = Value::object();
    for (const auto& [key, ids] :
         {std::pair{"subnets", &subnets}, {"publicIPAddresses", &addresses}}) {
        Value list = Value::array();
        for (const std::string& id : *ids) {
            list.items.push_back(Value::of(id));
        }
        properties.set(key, std::move(list));
    }
    arm.set("properties", std::move(properties));
    put(std::move(arm), instance);
}

}  // namespace azreach::terraform
