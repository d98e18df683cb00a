// Functions on arrays and objects.
// Source:
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array and
// .../template-functions-object
#include <algorithm>

#include "models/azure/symbol.hpp"
#include "src/template/functions.hpp"
#include "src/template/utf16.hpp"

namespace azreach::arm_template {

namespace {

/// A value that is a symbol, or an object of which not all is known.
void need_known(const Value& value) {
    if (value.is_symbolic() || is_open(value)) {
        throw NotKnown{};
    }
}

void check_items(std::size_t count) {
    if (count > kMaxItems) {
        throw FunctionError{"an array of more than " + std::to_string(kMaxItems) + " items",
                            "a shorter one"};
    }
}

Value array(const Arguments& arguments) {
    if (arguments[0].is_array()) {
        return arguments[0];
    }
    if (arguments[0].is_symbolic()) {
        throw NotKnown{};  // perhaps it is a list already
    }
    Value result = Value::array();
    result.items.push_back(arguments[0]);
    return result;
}

Value create_array(const Arguments& arguments) {
    Value result = Value::array();
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        result.items.push_back(arguments[i]);
    }
    return result;
}

Value create_object(const Arguments& arguments) {
    if (arguments.size() % 2 != 0) {
        throw FunctionError{std::to_string(arguments.size()) + " arguments of createObject",
                            "pairs of a key and a value"};
    }
    Value result = Value::object();
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        if (arguments[i].is_symbolic()) {
            throw NotKnown{};
        }
        result.set(arguments.text(i), arguments[i + 1]);
    }
    return result;
}

Value contains(const Arguments& arguments) {
    const Value& container = arguments[0];
    if (container.is_symbolic()) {
        throw NotKnown{};
    }
    if (container.is_array()) {
        bool open = is_open(container);
        for (const Value& item : container.items) {
            const Truth truth = equal(item, arguments[1]);
            if (truth == Truth::yes) {
                return Value::of(true);
            }
            open = open || truth == Truth::open;
        }
        if (open) {
            throw NotKnown{};
        }
        return Value::of(false);
    }
    if (arguments[1].is_symbolic()) {
        throw NotKnown{};
    }
    if (container.is_object()) {
        if (container.find(text_of(arguments[1])) != nullptr) {
            return Value::of(true);
        }
        if (is_open(container)) {
            throw NotKnown{};
        }
        return Value::of(false);
    }
    if (container.is_null()) {
        return Value::of(false);
    }
    return Value::of(arguments.text(0).find(text_of(arguments[1])) != std::string::npos);
}

Value empty(const Arguments& arguments) {
    const Value& value = arguments[0];
    switch (value.kind) {
        case Value::Kind::null:
            return Value::of(true);
        case Value::Kind::array:
            if (!value.items.empty()) return Value::of(false);
            break;
        case Value::Kind::object:
            if (!value.members.empty()) return Value::of(false);
            break;
        case Value::Kind::text: {
            if (!value.is_symbolic()) return Value::of(value.text.empty());
            // Something stands around the symbols.
            std::string_view text = value.text;
            const bool around = !text.starts_with(kSymbolOpens) || !text.ends_with(kSymbolCloses) ||
                                symbols_in(text).size() != 1;
            const bool made = text.starts_with(std::string(kSymbolOpens) + "uniqueString(") ||
                              text.starts_with(std::string(kSymbolOpens) + "guid(") ||
                              text.starts_with(std::string(kSymbolOpens) + "newGuid(");
            if (made || (around && text.find(std::string(kSymbolCloses) +
                                             std::string(kSymbolOpens)) == std::string::npos)) {
                return Value::of(false);
            }
            throw NotKnown{};
        }
        default:
            arguments.fail(0, "an array, an object or a string");
    }
    need_known(value);
    return Value::of(true);
}

Value length(const Arguments& arguments) {
    const Value& value = arguments[0];
    need_known(value);
    switch (value.kind) {
        case Value::Kind::array:
            return Value::of(static_cast<std::int64_t>(value.items.size()));
        case Value::Kind::object:
            return Value::of(static_cast<std::int64_t>(value.members.size()));
        case Value::Kind::text:
            return Value::of(static_cast<std::int64_t>(to_utf16(value.text).size()));
        case Value::Kind::null:
            return Value::of(std::int64_t{0});
        default:
            arguments.fail(0, "an array, an object or a string");
    }
}

Value first(const Arguments& arguments) {
    const Value& value = arguments[0];
    if (value.is_array()) {
        if (value.items.empty()) need_known(value);
        return value.items.empty() ? Value{} : value.items.front();
    }
    const std::u16string text = to_utf16(arguments.text(0));
    return Value::of(to_utf8(text.substr(0, 1)));
}

Value last(const Arguments& arguments) {
    const Value& value = arguments[0];
    if (value.is_array()) {
        if (value.items.empty()) need_known(value);
        return value.items.empty() ? Value{} : value.items.back();
    }
    const std::u16string text = to_utf16(arguments.text(0));
    return Value::of(to_utf8(text.substr(text.empty() ? 0 : text.size() - 1)));
}

std::size_t clamped(std::int64_t count, std::size_t size) {
    return count <= 0 ? 0 : std::min(static_cast<std::size_t>(count), size);
}

/// The characters before the first symbol; the whole text when there is none.
std::string_view known_head(std::string_view text) {
    return text.substr(0, std::min(text.find(kSymbolOpens), text.size()));
}

Value take(const Arguments& arguments) {
    if (arguments[1].is_symbolic()) throw NotKnown{};
    const std::int64_t count = arguments.integer(1);
    const Value& value = arguments[0];
    if (value.is_array()) {
        need_known(value);
        Value result = Value::array();
        result.items.assign(
            value.items.begin(),
            value.items.begin() + static_cast<std::ptrdiff_t>(clamped(count, value.items.size())));
        return result;
    }
    const std::u16string head = to_utf16(known_head(arguments.text(0)));
    if (value.is_symbolic() && count > static_cast<std::int64_t>(head.size())) {
        throw NotKnown{};
    }
    return Value::of(to_utf8(head.substr(0, clamped(count, head.size()))));
}

Value skip(const Arguments& arguments) {
    if (arguments[1].is_symbolic()) throw NotKnown{};
    const std::int64_t count = arguments.integer(1);
    const Value& value = arguments[0];
    if (value.is_array()) {
        need_known(value);
        Value result = Value::array();
        result.items.assign(
            value.items.begin() + static_cast<std::ptrdiff_t>(clamped(count, value.items.size())),
            value.items.end());
        return result;
    }
    const std::string& text = arguments.text(0);
    const std::u16string head = to_utf16(known_head(text));
    if (value.is_symbolic() && count > static_cast<std::int64_t>(head.size())) {
        throw NotKnown{};
    }
    const std::string rest = to_utf8(head.substr(clamped(count, head.size())));
    return Value::of(rest + text.substr(known_head(text).size()));
}

void merge(Value& into, const Value& other, bool deep) {
    for (const auto& [key, value] : other.members) {
        Value* known = into.find(key);
        if (deep && known != nullptr && known->is_object() && value.is_object()) {
            merge(*known, value, true);
        } else {
            into.set(key, value);
        }
    }
}

/// The members of every argument, later ones winning; objects in objects are merged, too.
Value union_of(const Arguments& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (!arguments[i].is_null()) need_known(arguments[i]);
    }
    if (arguments[0].is_array()) {
        Value result = Value::array();
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            for (const Value& item : arguments.array(i)) {
                if (std::find(result.items.begin(), result.items.end(), item) ==
                    result.items.end()) {
                    result.items.push_back(item);
                    // Each new item is compared with all before it.
                    check_items(result.items.size() * 10);
                }
            }
        }
        return result;
    }
    Value result = Value::object();
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (!arguments[i].is_null()) {
            merge(result, arguments.object(i), true);
        }
    }
    return result;
}

Value shallow_merge(const Arguments& arguments) {
    Value result = Value::object();
    for (const Value& item : arguments.array(0)) {
        need_known(item);
        if (!item.is_object()) {
            arguments.fail(0, "an array of objects");
        }
        merge(result, item, false);
    }
    return result;
}

Value intersection(const Arguments& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i].holds_symbol() || is_open(arguments[i])) {
            throw NotKnown{};
        }
    }
    Value result = arguments[0];
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (result.is_array()) {
            const auto& items = arguments.array(i);
            check_items(result.items.size() * items.size() / 100);
            std::erase_if(result.items, [&](const Value& item) {
                return std::find(items.begin(), items.end(), item) == items.end();
            });
        } else {
            const Value& other = arguments.object(i);
            std::erase_if(result.members, [&](const derived::Member& member) {
                const Value* same = other.find(member.first);
                return same == nullptr || !(*same == member.second);
            });
        }
    }
    if (!result.is_array() && !result.is_object()) {
        arguments.fail(0, "an array or an object");
    }
    return result;
}

Value flatten(const Arguments& arguments) {
    Value result = Value::array();
    for (const Value& item : arguments.array(0)) {
        need_known(item);
        if (!item.is_array()) {
            arguments.fail(0, "an array of arrays");
        }
        check_items(result.items.size() + item.items.size());
        result.items.insert(result.items.end(), item.items.begin(), item.items.end());
    }
    return result;
}

/// By key, as the documentation shows it.
Value items(const Arguments& arguments) {
    const Value& object = arguments.object(0);
    need_known(object);
    std::vector<const derived::Member*> sorted;
    for (const auto& member : object.members) {
        sorted.push_back(&member);
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
        return compare_ignoring_case(a->first, b->first) < 0;
    });
    Value result = Value::array();
    for (const auto* member : sorted) {
        Value item = Value::object();
        item.set("key", Value::of(member->first));
        item.set("value", member->second);
        result.items.push_back(std::move(item));
    }
    return result;
}

Value object_keys(const Arguments& arguments) {
    Value result = Value::array();
    const std::vector<Value> all = items(arguments).items;
    for (const Value& item : all) {
        result.items.push_back(*item.find("key"));
    }
    return result;
}

/// The value at a chain of keys and indexes; null where the chain breaks.
Value try_get(const Arguments& arguments) {
    const Value* value = &arguments[0];
    std::string open = is_open(*value) ? open_name(*value) : "";
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const Value& key = arguments[i];
        if (value->is_symbolic() || key.is_symbolic()) {
            throw NotKnown{};
        }
        const Value* next = nullptr;
        if (value->is_object()) {
            next = value->find(text_of(key));
            open = open.empty() ? "" : open + "." + text_of(key);
        } else if (value->is_array() && !key.is_text()) {
            const std::int64_t index = arguments.integer(i);
            const bool within =
                index >= 0 && index < static_cast<std::int64_t>(value->items.size());
            next = within ? &value->items[static_cast<std::size_t>(index)] : nullptr;
            open = open.empty() ? "" : open + "[" + std::to_string(index) + "]";
        }
        if (next == nullptr) {
            return open.empty() ? Value{} : Value::symbol(shortened(open));
        }
        value = next;
    }
    return open.empty() ? *value : with_open_name(*value, open);
}

Value index_from_end(const Arguments& arguments, bool gently) {
    const std::int64_t index = arguments.integer(1);
    if (gently && !arguments[0].is_array()) {
        return {};
    }
    const auto& all = arguments.array(0);
    need_known(arguments[0]);
    if (index < 1 || index > static_cast<std::int64_t>(all.size())) {
        if (gently) {
            return {};
        }
        throw FunctionError{"index ^" + std::to_string(index),
                            "at most " + std::to_string(all.size())};
    }
    return all[all.size() - static_cast<std::size_t>(index)];
}
Value index_from_end_or_fail(const Arguments& arguments) {
    return index_from_end(arguments, false);
}
Value try_index_from_end(const Arguments& arguments) { return index_from_end(arguments, true); }

Value coalesce(const Arguments& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Value& value = arguments[i];
        if (value.is_null()) {
            continue;
        }
        // A text with something around its symbols, and a parameter that has to be given, are not
        // null; what else is a symbol may be.
        const bool perhaps_null =
            value.is_symbolic() &&
            !value.text.starts_with(std::string(kSymbolOpens) + "parameter ") &&
            value.text.starts_with(kSymbolOpens) && value.text.ends_with(kSymbolCloses);
        if (perhaps_null) {
            throw NotKnown{};
        }
        return value;
    }
    return {};
}

constexpr Function kFunctions[] = {
    {"array", array, 1, 1, true},
    {"coalesce", coalesce, 1, 64, true},
    {"contains", contains, 2, 2, true},
    {"createarray", create_array, 0, 4096, true},
    {"createobject", create_object, 0, 4096, true},
    {"empty", empty, 1, 1, true},
    {"first", first, 1, 1},
    {"flatten", flatten, 1, 1},
    {"indexfromend", index_from_end_or_fail, 2, 2},
    {"intersection", intersection, 2, 64, true},
    {"items", items, 1, 1},
    {"last", last, 1, 1},
    {"length", length, 1, 1, true},
    {"objectkeys", object_keys, 1, 1},
    {"shallowmerge", shallow_merge, 1, 1},
    {"skip", skip, 2, 2, true},
    {"take", take, 2, 2, true},
    {"tryget", try_get, 2, 64, true},
    {"tryindexfromend", try_index_from_end, 2, 2},
    {"union", union_of, 1, 64, true},
};

}  // namespace

std::span<const Function> collection_functions() { return kFunctions; }

}  // namespace azreach::arm_template
