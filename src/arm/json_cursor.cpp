#include "src/arm/json_cursor.hpp"

#include <charconv>

namespace azreach {

JsonCursor JsonCursor::operator[](std::string_view key) const {
    JsonCursor member(this, key, reading_);
    if (present_ && value_.is_object()) {
        simdjson::dom::element found;
        if (value_.at_key(key).get(found) == simdjson::SUCCESS) {
            member.value_ = found;
            member.present_ = true;
        }
    }
    return member;
}

std::optional<std::string> JsonCursor::text() const {
    if (!*this) {
        return std::nullopt;
    }
    std::string_view view;
    if (value_.get(view) != simdjson::SUCCESS) {
        fail("text");
    }
    return std::string(view);
}

std::string JsonCursor::text_or(std::string fallback) const {
    const std::optional<std::string> value = text();
    return value ? *value : std::move(fallback);
}

std::optional<bool> JsonCursor::boolean() const {
    if (!*this) {
        return std::nullopt;
    }
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
    std::int64_t number = 0;
    bool known = value_.get(number) == simdjson::SUCCESS;
    if (!known) {
        std::string_view view;
        if (value_.get(view) == simdjson::SUCCESS) {
            if (view.empty()) {
                return std::nullopt;
            }
            const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), number);
            known = error == std::errc{} && end == view.data() + view.size();
        }
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
    const std::optional<std::string> id = (*this)["id"].text();
    return id && !id->empty() ? Ref{ResourceId(*id)} : Ref{};
}

std::vector<std::string> JsonCursor::texts() const {
    std::vector<std::string> result;
    for_each([&](const JsonCursor& item) {
        std::optional<std::string> text = item.text();
        if (text && !text->empty()) {
            result.push_back(std::move(*text));
        }
    });
    return result;
}

std::vector<ResourceId> JsonCursor::references() const {
    std::vector<ResourceId> result;
    for_each([&](const JsonCursor& item) {
        if (const Ref id = item.reference()) {
            result.push_back(*id);
        }
    });
    return result;
}

std::string JsonCursor::pointer() const {
    if (parent_ == nullptr) {
        return "";
    }
    std::string result = parent_->pointer() + "/";
    if (is_item_) {
        return result + std::to_string(index_);
    }
    for (const char c : key_) {
        if (c == '~') {
            result += "~0";
        } else if (c == '/') {
            result += "~1";
        } else {
            result += c;
        }
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
        text = text.substr(0, 77) + "...";
    }
    return text;
}

void JsonCursor::fail(const std::string& expected) const {
    throw InputError(reading_->places.locate(provenance()), reading_->subject, found(), expected);
}

void JsonCursor::diagnose(std::string code, Severity severity, std::string message) const {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.severity = severity;
    diagnostic.message = reading_->subject + ": " + std::move(message);
    diagnostic.where = provenance();
    reading_->diagnostics.push_back(std::move(diagnostic));
}

}  // namespace azreach
