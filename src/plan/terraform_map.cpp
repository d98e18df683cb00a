#include "src/plan/terraform_map.hpp"

#include <algorithm>

#include "models/azure/symbol.hpp"

namespace azreach::terraform {

namespace {

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (end > at) {
            result.push_back(text.substr(at, end - at));
        }
        at = end + 1;
    }
    return result;
}

bool is_set(const Cursor& at) { return at.value != nullptr && !at.value->is_null(); }

/// The first of the names that is set; otherwise the first that somebody asks for.
std::pair<Cursor, std::string> first_of(const Cursor& block, std::string_view names) {
    std::pair<Cursor, std::string> best;
    for (const std::string_view name : words(names)) {
        const Cursor at = block.member(name);
        if (is_set(at)) {
            return {at, std::string(name)};
        }
        if (best.second.empty() || (best.first.is_unset() && !at.is_unset())) {
            best = {at, std::string(name)};
        }
    }
    return best;
}

/// "a.b" below `object`; objects on the way are made.
Value& at_path(Value& object, std::string_view path) {
    Value* here = &object;
    while (!path.empty()) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        const std::string_view key = path.substr(0, dot);
        Value* inner = here->find(key);
        here = inner != nullptr ? inner : &here->set(key, Value::object());
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return *here;
}

Value with_place(Value value, const Value* from) {
    if (from != nullptr) {
        value.place = from->place;
        value.verbatim = false;
    }
    return value;
}

/// Everything in `value` was written where `from` was.
void place_all(Value& value, const Value& from) {
    value.place = from.place;
    value.verbatim = false;
    for (Value& item : value.items) {
        place_all(item, from);
    }
    for (auto& [key, member] : value.members) {
        place_all(member, from);
    }
}

std::string last_segment(std::string_view type) {
    return std::string(type.substr(type.rfind('/') + 1));
}

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
             text_of(instance, "name");
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

// --- attributes ----------------------------------------------------------------------------------

Value Mapping::open(const Instance& instance, const std::string& name,
                    const std::vector<std::string>& may_be, const Cursor& at) const {
    std::string text = "known after apply: " + instance.address + "." + name;
    for (std::size_t i = 0; i < may_be.size(); ++i) {
        text += (i == 0 ? " (" : ", ") + may_be[i];
    }
    text += may_be.empty() ? "" : ")";
    return with_place(Value::symbol(text), at.expression);
}

Value Mapping::blocks(const Instance& instance, const Cursor& at, const std::string& name,
                      const Attribute& attribute) const {
    Value list = with_place(Value::array(), at.value);
    const bool children = attribute.how == How::children;
    const std::size_t equals = attribute.extra.find('=');
    for (std::size_t i = 0; i < at.size(); ++i) {
        const Cursor block = at.item(i);
        if (!is_set(block)) {
            continue;
        }
        if (children && equals != std::string_view::npos) {
            const Value* flag = block.value->find(attribute.extra.substr(0, equals));
            const bool is = flag != nullptr && flag->boolean;
            if (is != (attribute.extra.substr(equals + 1) == "true")) {
                continue;
            }
        }
        Value item = with_place(Value::object(), block.value);
        const std::string place = name + "[" + std::to_string(i) + "]";
        if (children) {
            if (const Value* own = block.value->find("name"); own != nullptr && !own->is_null()) {
                item.set("name", *own);
            }
            Value properties = with_place(Value::object(), block.value);
            attributes(instance, block, place, attribute.inner, item, properties);
            item.set("properties", std::move(properties));
        } else {
            Value object = with_place(Value::object(), block.value);
            attributes(instance, block, place, attribute.inner, object, object);
            item = std::move(object);
        }
        list.items.push_back(std::move(item));
    }
    return list;
}

std::optional<Value> Mapping::convert_known(const Instance& instance, const Cursor& at,
                                            const std::string& name,
                                            const Attribute& attribute) const {
    const Value& value = *at.value;
    const auto reference = [&](const Value& id, std::string_view key = "id") {
        Value object = with_place(Value::object(), &id);
        object.set(key, id);
        return object;
    };
    const auto flag = [&](const char* yes, const char* no) -> std::optional<Value> {
        if (value.kind != Value::Kind::boolean) {
            return value;
        }
        return with_place(Value::of(value.boolean ? yes : no), &value);
    };
    switch (attribute.how) {
        case How::picked:
        case How::copy: {
            Value copy = value;
            for (std::size_t i = 0; i < copy.items.size(); ++i) {
                const Cursor item = at.item(i);
                if (item.is_unknown()) {
                    copy.items[i] = open(instance, name + "[" + std::to_string(i) + "]", {}, item);
                }
            }
            return copy;
        }
        case How::id:
            return value.is_text() && value.text.empty() ? std::nullopt
                                                         : std::optional(reference(value));
        case How::id_text:
            return value.is_text() && value.text.empty() ? std::nullopt : std::optional(value);
        case How::ids:
        case How::wrap:
        case How::wrap_ids: {
            Value list = with_place(Value::array(), &value);
            for (std::size_t i = 0; i < value.items.size(); ++i) {
                const Cursor item = at.item(i);
                Value inner = value.items[i];
                if (item.is_unknown()) {
                    inner = open(instance, name + "[" + std::to_string(i) + "]", {}, item);
                }
                list.items.push_back(
                    reference(inner, attribute.how == How::ids ? "id" : attribute.extra));
            }
            return list;
        }
        case How::invert:
            return value.kind == Value::Kind::boolean
                       ? with_place(Value::of(!value.boolean), &value)
                       : value;
        case How::enabled:
            return flag("Enabled", "Disabled");
        case How::disabled:
            return flag("Disabled", "Enabled");
        case How::text_flag:
            return flag("True", "False");
        case How::object: {
            if (at.size() == 0) {
                return std::nullopt;
            }
            const Cursor block = at.item(0);
            Value object = with_place(Value::object(), block.value);
            attributes(instance, block, name + "[0]", attribute.inner, object, object);
            return object;
        }
        case How::objects:
        case How::children:
            return blocks(instance, at, name, attribute);
        case How::frontend: {
            if (value.is_text() && value.text.empty()) {
                return std::nullopt;
            }
            return reference(
                with_place(Value::of(text_of(instance, "loadbalancer_id", "azurerm_lb") +
                                     "/frontendIPConfigurations/" + value.text),
                           &value));
        }
        case How::frontends: {
            Value list = with_place(Value::array(), &value);
            for (const Value& block : value.items) {
                list.items.push_back(reference(with_place(
                    Value::of(text_of(instance, "loadbalancer_id", "azurerm_lb") +
                              "/frontendIPConfigurations/" + std::string(block.text_at("name"))),
                    &block)));
            }
            return list;
        }
        case How::constant:
            break;
    }
    return std::nullopt;
}

std::optional<Value> Mapping::convert(const Instance& instance, const Cursor& at,
                                      const std::string& name, const Attribute& attribute) const {
    if (is_set(at)) {
        return convert_known(instance, at, name, attribute);
    }
    if (at.is_unset()) {
        return at.is_unknown() && attribute.open_default
                   ? std::optional(open(instance, name, {"not set; the provider's default"}, at))
                   : std::nullopt;
    }
    const bool id = attribute.how == How::id || attribute.how == How::id_text;
    const bool ids = attribute.how == How::ids || attribute.how == How::wrap_ids;
    const Document::Resolved resolved =
        document_.resolve(instance, at, id || ids ? attribute.extra : std::string_view{});
    const auto reference = [&](Value value, std::string_view key) {
        Value object = with_place(Value::object(), at.expression);
        object.set(key, std::move(value));
        return object;
    };
    const bool one = resolved.targets.size() == 1;
    if (one || (ids && !resolved.targets.empty())) {
        by_index_ += resolved.by_index ? 1 : 0;
        std::vector<Value> values;
        for (const Document::Target& target : resolved.targets) {
            values.push_back(with_place(target_value(target), at.expression));
        }
        if (attribute.how == How::id) {
            return reference(std::move(values.front()), "id");
        }
        if (attribute.how == How::id_text) {
            return std::move(values.front());
        }
        if (ids) {
            Value list = with_place(Value::array(), at.expression);
            for (Value& value : values) {
                list.items.push_back(reference(std::move(value),
                                               attribute.how == How::ids ? "id" : attribute.extra));
            }
            return list;
        }
        if ((attribute.how == How::copy || attribute.how == How::picked) &&
            !values.front().is_symbolic()) {
            return std::move(values.front());
        }
    }
    Value unknown = open(instance, name, resolved.names, at);
    if (attribute.how == How::id) {
        return reference(std::move(unknown), "id");
    }
    return unknown;
}

void Mapping::attributes(const Instance& instance, const Cursor& block, const std::string& at,
                         std::span<const Attribute> table, Value& holder, Value& object) const {
    for (const Attribute& attribute : table) {
        const bool beside = attribute.path.starts_with('^');
        std::string_view path = attribute.path;
        path.remove_prefix(beside ? 1 : 0);
        Value& root = beside ? holder : object;
        std::optional<Value> value;
        if (attribute.how == How::constant) {
            value = Value::of(std::string(attribute.extra));
        } else {
            const auto [cursor, name] = first_of(block, attribute.names);
            const std::string place = at.empty() ? name : at + "." + name;
            const bool dropped = block.value != nullptr && cursor.value == nullptr &&
                                 !cursor.is_unknown() && cursor.expression != nullptr &&
                                 cursor.expression->is_array() &&
                                 !cursor.expression->items.empty() && !attribute.inner.empty();
            if (dropped) {
                note("AZR1053", Severity::warning, cursor.expression,
                     instance.address + ": the blocks '" + name +
                         "' are configured and not in the plan's values (some versions of "
                         "Terraform leave them out; this is " +
                         std::string(document_.root().text_at("terraform_version")) +
                         "); what they say is unknown");
                value = open(instance, place, {}, cursor);
            } else if (attribute.how == How::picked && !is_set(cursor) && block.value != nullptr &&
                       equal_ignoring_case(block.value->text_at(attribute.extra), "Dynamic")) {
                value = std::nullopt;
            } else {
                value = convert(instance, cursor, place, attribute);
            }
        }
        if (!value) {
            continue;
        }
        if (path.empty()) {  // the members of an object go where it stands
            for (auto& [key, member] : value->members) {
                root.set(key, std::move(member));
            }
            continue;
        }
        const std::size_t dot = path.rfind('.');
        Value& parent = dot == std::string_view::npos ? root : at_path(root, path.substr(0, dot));
        const std::string_view key = path.substr(dot == std::string_view::npos ? 0 : dot + 1);
        if (const Value* there = parent.find(key);
            there == nullptr || (there->is_symbolic() && !value->is_symbolic())) {
            parent.set(key, std::move(*value));
        }
    }
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
    Value properties = with_place(Value::object(), instance.state.value);
    attributes(instance, instance.state, "", type->attributes, arm, properties);
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

// --- associations --------------------------------------------------------------------------------

namespace {

/// Puts `value` at "a.b" below `properties`, as it is or as one more entry of the list there.
void place_value(Value& properties, std::string_view path, bool list, const Value& value) {
    const std::size_t dot = path.rfind('.');
    Value& parent =
        dot == std::string_view::npos ? properties : at_path(properties, path.substr(0, dot));
    const std::string_view key = path.substr(dot == std::string_view::npos ? 0 : dot + 1);
    Value* there = parent.find(key);
    if (!list || value.is_symbolic()) {
        if (there == nullptr || !value.holds_symbol()) {
            parent.set(key, value);
        }
        return;
    }
    if (there == nullptr || !there->is_array()) {
        if (there != nullptr && there->is_symbolic()) {
            return;
        }
        there = &parent.set(key, Value::array());
        there->items.push_back(Value::of(std::string(kRest)));
    }
    if (std::find(there->items.begin(), there->items.end(), value) == there->items.end()) {
        there->items.push_back(value);
    }
}

}  // namespace

void Mapping::join(const Instance& instance, const Join& join) {
    Attribute attribute{join.value, "", join.how, join.extra, join.inner};
    std::optional<Value> value;
    if (join.how == How::children) {  // the association itself is the entry
        Value entry = with_place(Value::object(), instance.state.value);
        entry.set("name", Value::of(text_of(instance, "name")));
        Value properties = with_place(Value::object(), instance.state.value);
        attributes(instance, instance.state, "", join.inner, entry, properties);
        entry.set("properties", std::move(properties));
        value = std::move(entry);
    } else {
        value = convert(instance, instance.state.member(join.value), std::string(join.value),
                        attribute);
    }
    if (!value) {
        return;
    }
    const Cursor target = instance.state.member(join.target);
    std::vector<std::string> ids;
    bool certain = true;
    if (is_set(target) && target.value->is_text()) {
        ids.push_back(target.value->text);
    } else {
        const Document::Resolved resolved = document_.resolve(instance, target, join.target_types);
        if (resolved.targets.size() == 1) {
            by_index_ += resolved.by_index ? 1 : 0;
            ids.push_back(target_value(resolved.targets.front()).text);
        } else {
            // It is one of these, and then it may be any of them.
            certain = false;
            std::vector<const Instance*> candidates =
                document_.candidates(instance, target, join.target_types);
            if (resolved.names.empty() || candidates.empty()) {
                candidates.clear();
                for (const Instance& other : document_.instances()) {
                    if (other.type == join.target_types) {
                        candidates.push_back(&other);
                    }
                }
            }
            for (const Instance* candidate : candidates) {
                ids.push_back(id_of(*candidate));
            }
            value = open(instance, std::string(join.target), resolved.names, target);
            if (!join.list && join.how == How::id) {
                Value reference = Value::object();
                reference.set("id", std::move(*value));
                value = std::move(reference);
            }
            note("AZR1055", Severity::warning, instance.state.value,
                 instance.address +
                     ": it is not known before apply to which resource this "
                     "belongs; " +
                     std::to_string(ids.size()) + " may be meant");
        }
    }
    for (const std::string& id : ids) {
        const ResourceId key(id);
        auto known = resources_.find(key);
        if (known == resources_.end()) {
            if (!certain) {
                continue;
            }
            Value arm = with_place(Value::object(), instance.state.value);
            arm.set("id", Value::of(id));
            arm.set("name", Value::of(std::string(key.name())));
            arm.set("type", Value::of(key.type()));
            arm.set("properties", Value::object());
            known = resources_.emplace(key, Mapped{std::move(arm), &instance, false}).first;
        }
        Value& properties = at_path(known->second.arm, "properties");
        const std::size_t open_bracket = join.path.find('[');
        if (open_bracket == std::string_view::npos) {
            place_value(properties, join.path, join.list, *value);
            continue;
        }
        // "ipConfigurations[*].x", "ipConfigurations[ip_configuration_name].x"
        const std::string_view list_key = join.path.substr(0, open_bracket);
        const std::size_t close = join.path.find(']');
        const std::string_view selector =
            join.path.substr(open_bracket + 1, close - open_bracket - 1);
        const std::string_view inner = join.path.substr(close + 2);
        const std::string wanted = selector == "*" ? "*" : text_of(instance, selector);
        Value* entries = properties.find(list_key);
        if (entries == nullptr) {
            entries = &properties.set(list_key, Value::array());
            entries->items.push_back(Value::of(std::string(kRest)));
        }
        bool found = false;
        for (Value& entry : entries->items) {
            if (entry.is_object() &&
                (wanted == "*" ? known->second.whole || entry.text_at("name") == "*"
                               : entry.text_at("name") == wanted)) {
                place_value(at_path(entry, "properties"), inner, join.list, *value);
                found = true;
            }
        }
        if (!found && !known->second.whole) {
            Value entry = Value::object();
            entry.set("name", Value::of(wanted));
            place_value(at_path(entry, "properties"), inner, join.list, *value);
            entries->items.push_back(std::move(entry));
        }
    }
}

}  // namespace azreach::terraform
