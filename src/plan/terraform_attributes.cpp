// Attributes of Terraform's resources as properties of Azure's, and the associations.
#include <algorithm>
#include <iterator>

#include "models/azure/symbol.hpp"
#include "src/plan/terraform_map.hpp"
#include "src/plan/terraform_shape.hpp"

namespace azreach::terraform {

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
    const bool children = attribute.how == How::children || attribute.how == How::child;
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
        at_path(object, key) = id;
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
        case How::filled:
            return value.is_text() && value.text.empty() ? std::nullopt : std::optional(value);
        case How::list: {
            if (value.is_text() && value.text.empty()) {
                return std::nullopt;
            }
            Value list = with_place(Value::array(), &value);
            list.items.push_back(value);
            return list;
        }
        case How::joined: {
            std::string text;
            for (std::size_t i = 0; i < value.items.size(); ++i) {
                const Cursor item = at.item(i);
                if (item.is_unknown() || !value.items[i].is_text()) {
                    return open(instance, name, {}, at);
                }
                text += (i == 0 ? "" : std::string(attribute.extra)) + value.items[i].text;
            }
            return text.empty() ? std::nullopt
                                : std::optional(with_place(Value::of(std::move(text)), &value));
        }
        case How::choice: {
            const std::vector<std::string_view> two = words(attribute.extra);
            return flag(std::string(two[0]).c_str(), std::string(two[1]).c_str());
        }
        case How::mark:
            return value.is_text() && value.text.empty()
                       ? std::nullopt
                       : std::optional(with_place(Value::of(std::string(attribute.extra)), &value));
        case How::id:
            return value.is_text() && value.text.empty() ? std::nullopt
                                                         : std::optional(reference(value));
        case How::id_text:
            return value.is_text() && value.text.empty() ? std::nullopt : std::optional(value);
        case How::ids:
        case How::wrap:
        case How::wrap_ids: {
            Value list = with_place(Value::array(), &value);
            for (const std::string_view part :
                 value.is_text() ? split(value.text) : std::vector<std::string_view>{}) {
                list.items.push_back(
                    reference(with_place(Value::of(std::string(part)), &value), attribute.extra));
            }
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
        case How::child: {
            Value all = blocks(instance, at, name, attribute);
            return all.items.empty() ? std::nullopt : std::optional(std::move(all.items.front()));
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
        at_path(object, key) = std::move(value);
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
        const std::string key = key_of(path.substr(dot == std::string_view::npos ? 0 : dot + 1));
        Value* there = parent.find(key);
        if (there == nullptr || (there->is_symbolic() && !value->is_symbolic())) {
            parent.set(key, std::move(*value));
        } else if (attribute.how == How::objects && there->is_array()) {
            // Several kinds of blocks in one list; one of unknown length leaves all of it open.
            if (value->is_array()) {
                std::move(value->items.begin(), value->items.end(),
                          std::back_inserter(there->items));
            } else if (value->is_symbolic()) {
                *there = std::move(*value);
            }
        }
    }
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
    } else if (join.how == How::object) {  // it is the property
        Value object = with_place(Value::object(), instance.state.value);
        attributes(instance, instance.state, "", join.inner, object, object);
        value = std::move(object);
    } else {
        value = convert(instance, instance.state.member(join.value), std::string(join.value),
                        attribute);
    }
    if (!value) {
        return;
    }
    const bool by_name = join.target.starts_with('=');
    const Cursor target = instance.state.member(join.target.substr(by_name ? 1 : 0));
    std::vector<std::string> ids;
    bool certain = true;
    if (by_name && is_set(target) && target.value->is_text()) {
        ids.push_back("/subscriptions/" + document_.subscription_of(instance) + "/resourceGroups/" +
                      text_of(instance, "resource_group_name") + "/providers/" +
                      std::string(type_of(join.target_types)->arm) + "/" + target.value->text);
    } else if (is_set(target) && target.value->is_text()) {
        ids.push_back(target.value->text);
    } else {
        const Document::Resolved resolved = document_.resolve(instance, target, join.target_types);
        if (resolved.targets.size() == 1) {
            by_index_ += resolved.by_index ? 1 : 0;
            ids.push_back(by_name ? id_of(*resolved.targets.front().instance)
                                  : target_value(resolved.targets.front()).text);
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
            value = open(instance, std::string(join.target.substr(by_name ? 1 : 0)), resolved.names,
                         target);
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
