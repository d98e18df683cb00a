#include "src/arm/json_cursor.hpp"

#include <charconv>

#include "src/arm/json_scan.hpp"

namespace azreach {

JsonCursor JsonCursor::operator[](std::string_view key) const {
    JsonCursor member(this, key, reading_);
    if (!present_ || value_.is_null()) {
        return member;
    }
    simdjson::dom::object object;
    if (value_.get(object) != simdjson::SUCCESS) {
        if (symbolic()) {  // what is in something unknown is unknown
            member.value_ = value_;
            member.present_ = true;
            return member;
        }
        fail("an object");
    }
    const auto end = object.end();
    for (auto field = object.begin(); field != end; ++field) {
        if (field.key_length() != key.size()) {
            continue;
        }
        const std::string_view name = field.key();
        if (name != key && (((name[0] ^ key[0]) & ~0x20) != 0 || !equal_ignoring_case(name, key))) {
            continue;
        }
        if (member.present_) {
            repeated_key(member, field.value());
            continue;
        }
        member.key_ = field.key();  // as written, so that its place can be found
        member.value_ = field.value();
        member.present_ = true;
    }
    return member;
}

void JsonCursor::repeated_key(const JsonCursor& first, simdjson::dom::element second) const {
    if (simdjson::minify(first.value_) != simdjson::minify(second)) {
        std::string other = simdjson::minify(second);
        if (other.size() > 80) {
            other = other.substr(0, 77) + "...";
        }
        first.fail("one value: the key '" + std::string(first.key_) +
                   "' stands again in the same object, with " + other);
    }
    if (reading_->repeated_keys.insert(first.pointer()).second) {
        first.diagnose("AZR1015", Severity::warning,
                       "the key '" + std::string(first.key_) + "' stands twice, with one value");
    }
}

bool JsonCursor::symbolic() const {
    std::string_view view;
    return reading_->symbols != nullptr && present_ && value_.get(view) == simdjson::SUCCESS &&
           is_symbolic(view);
}

bool JsonCursor::open(const ResourceId& whose) const {
    if (!symbolic()) {
        return false;
    }
    for (std::string& name : symbols_in(std::string_view(value_))) {
        (*reading_->symbols)[whose].insert(std::move(name));
    }
    return true;
}

void JsonCursor::throw_if_symbolic() const {
    if (symbolic()) {
        throw SymbolicValue{symbol_names(std::string_view(value_)), provenance()};
    }
}

std::optional<std::string_view> JsonCursor::text() const {
    if (!*this) {
        return std::nullopt;
    }
    throw_if_symbolic();
    std::string_view view;
    if (value_.get(view) != simdjson::SUCCESS) {
        fail("text");
    }
    return view;
}

std::string_view JsonCursor::name_or(std::string_view fallback) const {
    std::string_view view;
    return symbolic() && value_.get(view) == simdjson::SUCCESS ? view : text_or(fallback);
}

std::string_view JsonCursor::text_or(std::string_view fallback) const {
    return text().value_or(fallback);
}

std::optional<bool> JsonCursor::boolean() const {
    if (!*this) {
        return std::nullopt;
    }
    throw_if_symbolic();
    bool flag = false;
    if (value_.get(flag) == simdjson::SUCCESS) {
        return flag;
    }
    std::string_view view;
    if (value_.get(view) == simdjson::SUCCESS) {
        if (view.empty()) {
            return std::nullopt;
        }
        if (equal_ignoring_case(view, "true") || equal_ignoring_case(view, "enabled")) {
            return true;
        }
        if (equal_ignoring_case(view, "false") || equal_ignoring_case(view, "disabled")) {
            return false;
        }
    }
    fail("true or false");
}

std::optional<long long> JsonCursor::integer(long long least, long long most) const {
    if (!*this) {
        return std::nullopt;
    }
    throw_if_symbolic();
    std::int64_t number = 0;
    bool known = value_.get(number) == simdjson::SUCCESS;
    double real = 0;
    if (!known && value_.is_double() && value_.get(real) == simdjson::SUCCESS && real >= -1e15 &&
        real <= 1e15) {  // 100.0
        number = static_cast<std::int64_t>(real);
        known = static_cast<double>(number) == real;
    }
    std::string_view view;
    if (!known && value_.get(view) == simdjson::SUCCESS) {
        if (view.empty()) {
            return std::nullopt;
        }
        const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), number);
        known = error == std::errc{} && end == view.data() + view.size();
    }
    if (!known || number < least || number > most) {
        fail("a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return number;
}

Ref JsonCursor::reference() const {
    if (!*this) {
        return std::nullopt;
    }
    std::string_view view;
    if (value_.get(view) == simdjson::SUCCESS) {  // some exports write the bare id
        return view.empty() ? Ref{} : Ref{ResourceId(std::string(view))};
    }
    if (!value_.is_object()) {
        fail("an object with an id");
    }
    const std::string_view id = (*this)["id"].name_or("");
    return !id.empty() ? Ref{ResourceId(std::string(id))} : Ref{};
}

std::vector<std::string> JsonCursor::texts() const {
    std::vector<std::string> result;
    for_each([&](const JsonCursor& item) {
        const std::string_view text = item.text_or("");
        if (!text.empty()) {
            result.emplace_back(text);
        }
    });
    return result;
}

std::vector<ResourceId> JsonCursor::references() const {
    std::vector<ResourceId> result;
    for_each([&](const JsonCursor& item) {
        simdjson::dom::object object;
        if (item && item.value_.get(object) == simdjson::SUCCESS) {
            // One object that names several things, {"id": "a", "id": "b"}, is in some exports a
            // list that lost its brackets.
            std::size_t ids = 0;
            for (const auto field : object) {
                ids += equal_ignoring_case(field.key, "id") ? 1U : 0U;
            }
            if (ids > 1) {
                for (const auto field : object) {
                    std::string_view id;
                    if (equal_ignoring_case(field.key, "id") &&
                        field.value.get(id) == simdjson::SUCCESS && !id.empty()) {
                        result.emplace_back(std::string(id));
                    }
                }
                item.diagnose("AZR1015", Severity::warning,
                              "the key 'id' stands several times in one object; each is taken");
                return;
            }
        }
        if (Ref id = item.reference()) {
            result.push_back(std::move(*id));
        }
    });
    return result;
}

std::string JsonCursor::pointer() const {
    if (parent_ == nullptr) {
        return "";
    }
    std::string result = parent_->pointer();
    result += '/';
    if (is_item_) {
        result += std::to_string(index_);
    } else if (key_.find_first_of("~/") == std::string_view::npos) {
        result += key_;
    } else {
        result += json::escaped(key_);
    }
    return result;
}

Provenance JsonCursor::provenance() const {
    return {reading_->resource, reading_->places.intern(pointer())};
}

std::string JsonCursor::found() const {
    if (!present_) {
        return "nothing";
    }
    std::string text = simdjson::minify(value_);
    if (text.size() > 80) {
        std::size_t cut = 77;
        while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) {
            --cut;  // not within a character
        }
        text = text.substr(0, cut) + "...";
    }
    return text;
}

void JsonCursor::fail(const std::string& expected, const std::string& remedy) const {
    const std::string what = found();
    std::string hint = remedy;
    if (hint.empty()) {
        // ConvertTo-Json cuts at depth 2 unless told otherwise.
        for (const char* sign : {"\"Microsoft.Azure.", "\"System.", "\"@{"}) {
            if (what.starts_with(sign)) {
                hint = "PowerShell cut the object off: export with ConvertTo-Json -Depth 20";
            }
        }
    }
    throw InputError(reading_->places.locate(provenance()), reading_->subject, what, expected,
                     hint);
}

void JsonCursor::diagnose(std::string code, Severity severity, const std::string& message) const {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.severity = severity;
    diagnostic.message = reading_->subject + ": " + message;
    diagnostic.where = provenance();
    reading_->diagnostics.push_back(std::move(diagnostic));
}

std::optional<simdjson::dom::element> member_of(simdjson::dom::element object,
                                                std::string_view wanted) {
    simdjson::dom::object fields;
    if (object.get(fields) == simdjson::SUCCESS) {
        for (const auto field : fields) {
            if (equal_ignoring_case(field.key, wanted)) {
                return field.value;
            }
        }
    }
    return std::nullopt;
}

}  // namespace azreach
