#include "src/derived/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "models/azure/symbol.hpp"

namespace azreach::derived {

Value Value::of(std::string text) {
    Value value;
    value.kind = Kind::text;
    value.text = std::move(text);
    return value;
}

Value Value::of(bool flag) {
    Value value;
    value.kind = Kind::boolean;
    value.boolean = flag;
    return value;
}

Value Value::of(std::int64_t number) {
    Value value;
    value.kind = Kind::integer;
    value.integer = number;
    return value;
}

Value Value::of_kind(Kind kind) {
    Value value;
    value.kind = kind;
    return value;
}

Value Value::symbol(std::string_view name) { return of(azreach::symbol(name)); }

bool Value::is_symbolic() const { return is_text() && azreach::is_symbolic(text); }

bool Value::holds_symbol() const {
    return is_symbolic() ||
           std::any_of(items.begin(), items.end(),
                       [](const Value& v) { return v.holds_symbol(); }) ||
           std::any_of(members.begin(), members.end(),
                       [](const Member& m) { return m.second.holds_symbol(); });
}

const Value* Value::find(std::string_view key) const {
    for (const auto& [name, value] : members) {
        if (equal_ignoring_case(name, key)) {
            return &value;
        }
    }
    return nullptr;
}

Value* Value::find(std::string_view key) {
    for (auto& [name, value] : members) {
        if (equal_ignoring_case(name, key)) {
            return &value;
        }
    }
    return nullptr;
}

Value& Value::set(std::string_view key, Value value) {
    if (Value* known = find(key)) {
        *known = std::move(value);
        return *known;
    }
    members.emplace_back(std::string(key), std::move(value));
    return members.back().second;
}

std::string_view Value::text_at(std::string_view key) const {
    const Value* value = find(key);
    return value != nullptr && value->is_text() ? std::string_view(value->text)
                                                : std::string_view{};
}

bool operator==(const Value& a, const Value& b) {
    using Kind = Value::Kind;
    if (a.is_number() && b.is_number()) {
        if (a.kind == Kind::integer && b.kind == Kind::integer) {
            return a.integer == b.integer;
        }
        const auto real = [](const Value& v) {
            return v.kind == Kind::integer ? static_cast<double>(v.integer) : v.real;
        };
        return real(a) == real(b);
    }
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
        case Kind::boolean:
            return a.boolean == b.boolean;
        case Kind::text:
            return a.text == b.text;
        case Kind::array:
            return a.items == b.items;
        case Kind::object: {
            if (a.members.size() != b.members.size()) {
                return false;
            }
            std::map<std::string_view, const Value*> others;
            for (const auto& [key, value] : b.members) {
                others.emplace(key, &value);
            }
            return std::all_of(a.members.begin(), a.members.end(), [&](const Member& member) {
                const auto other = others.find(member.first);
                return other != others.end() && *other->second == member.second;
            });
        }
        default:
            return true;
    }
}

std::string_view to_string(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::null:
            return "null";
        case Value::Kind::boolean:
            return "a boolean";
        case Value::Kind::integer:
            return "an integer";
        case Value::Kind::real:
            return "a number";
        case Value::Kind::text:
            return "a string";
        case Value::Kind::array:
            return "an array";
        case Value::Kind::object:
            return "an object";
    }
    return "nothing";
}

namespace {

void append_text(std::string_view text, std::string& out) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

void append(const Value& value, std::string& out) {
    switch (value.kind) {
        case Value::Kind::null:
            out += "null";
            return;
        case Value::Kind::boolean:
            out += value.boolean ? "true" : "false";
            return;
        case Value::Kind::integer:
            out += std::to_string(value.integer);
            return;
        case Value::Kind::real: {
            char digits[40];
            const auto end = std::to_chars(digits, digits + sizeof digits, value.real).ptr;
            out.append(digits, end);
            return;
        }
        case Value::Kind::text:
            append_text(value.text, out);
            return;
        case Value::Kind::array: {
            out += '[';
            for (const Value& item : value.items) {
                out += &item == value.items.data() ? "" : ",";
                append(item, out);
            }
            out += ']';
            return;
        }
        case Value::Kind::object: {
            out += '{';
            for (const auto& member : value.members) {
                out += &member == value.members.data() ? "" : ",";
                append_text(member.first, out);
                out += ':';
                append(member.second, out);
            }
            out += '}';
            return;
        }
    }
}

std::string escaped(std::string_view token) {
    std::string result;
    for (const char c : token) {
        result += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return result;
}

}  // namespace

void name_expressions(Value& value) {
    if (value.is_text() && value.text.starts_with('[') && value.text.ends_with(']')) {
        const std::string text = value.text;
        const NodePlace place = value.place;
        value = text.starts_with("[[")
                    ? Value::of(text.substr(1))
                    : Value::symbol(std::string_view(text).substr(1, text.size() - 2));
        value.place = place;
        value.verbatim = true;
        return;
    }
    for (Value& item : value.items) {
        name_expressions(item);
    }
    for (auto& [key, member] : value.members) {
        name_expressions(member);
    }
}

std::string to_json(const Value& value) {
    std::string out;
    append(value, out);
    return out;
}

std::string Tree::pointer_of(std::uint32_t node) const {
    std::vector<std::uint32_t> way;
    for (; node != NodePlace::kNone && nodes_[node].parent != NodePlace::kNone;
         node = nodes_[node].parent) {
        way.push_back(node);
    }
    std::string result;
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
        const Node& step = nodes_[*at];
        result += "/" + (step.is_item ? std::to_string(step.index) : escaped(step.key));
    }
    return result;
}

void OriginWriter::walk(const Value& value, const std::string& at, const Inherited& above,
                        std::vector<WrittenAt>& origins) const {
    Inherited here = above;
    if (value.place.known()) {
        bool known = false;
        std::string pointer = pointer_of_(trees_, value.place, known);
        if (known && (above.source != value.place.source || above.pointer != pointer ||
                      above.verbatim != value.verbatim)) {
            origins.push_back({at, value.place.source, pointer, value.verbatim});
            here = {value.place.source, std::move(pointer), value.verbatim};
        }
    }
    const auto below = [&](const std::string& token) {
        Inherited result = here;
        if (here.verbatim) {
            result.pointer += token;
        }
        return result;
    };
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        const std::string token = "/" + std::to_string(i);
        walk(value.items[i], at + token, below(token), origins);
    }
    for (const auto& [key, member] : value.members) {
        const std::string token = "/" + escaped(key);
        walk(member, at + token, below(token), origins);
    }
}

}  // namespace azreach::derived
