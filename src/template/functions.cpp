#include "src/template/functions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "models/azure/symbol.hpp"

namespace azreach::arm_template {

namespace {

const std::map<std::string_view, const Function*>& table() {
    static const std::map<std::string_view, const Function*> kTable = [] {
        std::map<std::string_view, const Function*> result;
        for (const auto& part : {text_functions(), collection_functions(), number_functions()}) {
            for (const Function& function : part) {
                result.emplace(function.name, &function);
            }
        }
        return result;
    }();
    return kTable;
}

}  // namespace

/// 64-bit FNV-1a, in hexadecimal: tells long names apart that begin alike.
std::string digest_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    char digits[17] = {};
    std::to_chars(digits, digits + 16, hash, 16);
    return digits;
}

const Function* find_function(std::string_view lower_case_name) {
    const auto found = table().find(lower_case_name);
    return found == table().end() ? nullptr : found->second;
}

std::vector<std::string_view> function_names() {
    std::vector<std::string_view> names;
    for (const auto& [name, function] : table()) {
        names.push_back(name);
    }
    return names;
}

void Arguments::fail(std::size_t i, std::string expected) const {
    std::string found(to_string(values_[i].kind));
    const std::string shown = derived::to_json(values_[i]);
    if (!values_[i].is_null() && shown.size() <= 60) {
        found += " " + shown;
    }
    throw FunctionError{
        found + " as argument " + std::to_string(i + 1) + " of " + std::string(function_),
        std::move(expected)};
}

const std::string& Arguments::text(std::size_t i) const {
    if (!values_[i].is_text()) {
        fail(i, "a string");
    }
    return values_[i].text;
}

std::int64_t Arguments::integer(std::size_t i) const {
    const Value& value = values_[i];
    if (value.kind == Value::Kind::integer) {
        return value.integer;
    }
    if (value.kind == Value::Kind::real && value.real >= -9e15 && value.real <= 9e15 &&
        static_cast<double>(static_cast<std::int64_t>(value.real)) == value.real) {
        return static_cast<std::int64_t>(value.real);
    }
    std::int64_t number = 0;
    const char* end = value.text.data() + value.text.size();
    if (value.is_text() && !value.text.empty()) {
        const auto parsed = std::from_chars(value.text.data(), end, number);
        if (parsed.ec == std::errc{} && parsed.ptr == end) {
            return number;
        }
    }
    fail(i, "an integer");
}

const std::vector<Value>& Arguments::array(std::size_t i) const {
    if (!values_[i].is_array()) {
        fail(i, "an array");
    }
    return values_[i].items;
}

const Value& Arguments::object(std::size_t i) const {
    if (!values_[i].is_object()) {
        fail(i, "an object");
    }
    return values_[i];
}

Truth equal(const Value& a, const Value& b) {
    if (!is_open(a) && !is_open(b) && a == b) {
        return Truth::yes;  // also two equal symbols
    }
    if (a.is_symbolic() || b.is_symbolic()) {
        return Truth::open;
    }
    if (a.kind != b.kind) {
        return a == b ? Truth::yes : Truth::no;
    }
    if (is_open(a) || is_open(b)) {
        return Truth::open;
    }
    Truth result = Truth::yes;
    const auto both = [&](const Value& x, const Value& y) {
        const Truth one = equal(x, y);
        if (one == Truth::no || result == Truth::no) {
            result = Truth::no;
        } else if (one == Truth::open) {
            result = Truth::open;
        }
    };
    if (a.is_array()) {
        if (a.items.size() != b.items.size()) {
            return Truth::no;
        }
        for (std::size_t i = 0; i < a.items.size(); ++i) {
            both(a.items[i], b.items[i]);
        }
        return result;
    }
    if (a.is_object()) {
        if (a.members.size() != b.members.size()) {
            return Truth::no;
        }
        for (const auto& [key, value] : a.members) {
            const Value* other = b.find(key);
            if (other == nullptr) {
                return Truth::no;
            }
            both(value, *other);
        }
        return result;
    }
    return Truth::no;
}

namespace {

/// What a name hangs on in the end: "parameter 'x' of main.json", "uniqueString()", ...
std::vector<std::string> roots_of(std::string_view name) {
    std::vector<std::string> roots;
    const auto add = [&](std::string root) {
        if (std::find(roots.begin(), roots.end(), root) == roots.end()) {
            roots.push_back(std::move(root));
        }
    };
    for (const std::string_view head : {"parameter '", "output '", "secret for parameter '"}) {
        for (std::size_t at = name.find(head); at != std::string_view::npos;
             at = name.find(head, at + 1)) {
            const std::size_t end = name.find_first_of(",)]}{;", at);
            add(std::string(name.substr(at, std::min(end, name.size()) - at)));
        }
    }
    static constexpr std::array<std::string_view, 11> kCalls = {
        "uniqueString(",  "guid(",         "newGuid(", "utcNow(",      "reference(", "list",
        "resourceGroup(", "subscription(", "tenant(",  "dateTimeAdd(", "deployment("};
    const std::string folded = lower(name);
    for (const std::string_view call : kCalls) {
        if (folded.find(lower(call)) != std::string::npos) {
            add(std::string(call) + (call.ends_with('(') ? ")" : "...()"));
        }
    }
    for (const std::string_view place : {"subscription", "resource group"}) {
        if (name.find("{" + std::string(place) + "}") != std::string_view::npos) {
            add(std::string(place));
        }
    }
    return roots;
}

constexpr std::size_t kMostRoots = 4;

}  // namespace

std::string shortened(std::string name, std::size_t most) {
    if (name.size() <= most) {
        return name;
    }
    const std::string digest = digest_of(name);
    std::string from;
    const std::vector<std::string> roots = roots_of(name);
    for (std::size_t i = 0; i < roots.size() && i < kMostRoots; ++i) {
        from += (i == 0 ? "; from " : ", ") + roots[i];
    }
    std::size_t cut = most / 2;
    while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0) == 0x80) {
        --cut;  // not within a character
    }
    return name.substr(0, cut) + "... #" + digest + from;
}

namespace {

/// Braces in place of the brackets of symbols; a text that has braces of its own is told apart.
std::string without_brackets(std::string text) {
    const bool braces = text.find_first_of("{}") != std::string::npos && is_symbolic(text);
    const std::string digest = braces ? " #" + digest_of(text) : "";
    for (const auto& [bracket, plain] :
         {std::pair(kSymbolOpens, "{"), std::pair(kSymbolCloses, "}")}) {
        for (std::size_t at = text.find(bracket); at != std::string::npos;
             at = text.find(bracket, at)) {
            text.replace(at, bracket.size(), plain);
        }
    }
    return text + digest;
}

}  // namespace

std::string readable(const Value& value) {
    if (value.is_text()) {
        const std::vector<std::string> names = symbols_in(value.text);
        if (names.size() == 1 && value.text == symbol(names.front())) {
            return names.front();
        }
        return "'" + shortened(without_brackets(value.text)) + "'";
    }
    if (is_open(value)) {
        return open_name(value);
    }
    return shortened(without_brackets(derived::to_json(value)), 60);
}

Value symbol_of_call(std::string_view function, const std::vector<Value>& arguments) {
    std::string name(function);
    name += '(';
    for (const Value& argument : arguments) {
        name += (&argument == arguments.data() ? "" : ", ") + readable(argument);
    }
    return Value::symbol(shortened(name + ")"));
}

std::string text_of(const Value& value) {
    switch (value.kind) {
        case Value::Kind::text:
            return value.text;
        case Value::Kind::boolean:
            return value.boolean ? "True" : "False";
        case Value::Kind::null:
            return "";
        default:
            return derived::to_json(value);
    }
}

Value with_open_name(Value value, const std::string& name) {
    if (value.is_object() || value.is_array()) {
        value.text = shortened(name);
    }
    return value;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

}  // namespace azreach::arm_template
