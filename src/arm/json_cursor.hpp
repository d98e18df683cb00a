// A JSON value with its place. Typed getters; wrong types are input errors with file, pointer and
// line. The pointer is only spelled when somebody asks for it.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/azure/diagnostic.hpp"
#include "models/azure/header.hpp"
#include "src/arm/source_map.hpp"

namespace azreach {

/// The resource being read: its place in the SourceMap, its id for messages, and where
/// diagnostics go.
struct ReadingResource {
    SourceMap& places;
    std::uint32_t resource;
    std::string subject;  // "network security group 'nsg-web'"
    std::vector<Diagnostic>& diagnostics;
};

class JsonCursor {
  public:
    JsonCursor(simdjson::dom::element value, ReadingResource& reading)
        : value_(value), present_(true), reading_(&reading) {}

    /// The member, or an absent cursor when there is none (or this is no object).
    JsonCursor operator[](std::string_view key) const;
    bool absent() const { return !present_; }
    bool null() const { return present_ && value_.is_null(); }
    /// Neither absent nor null.
    explicit operator bool() const { return present_ && !value_.is_null(); }
    bool is_object() const { return present_ && value_.is_object(); }
    bool is_array() const { return present_ && value_.is_array(); }
    bool is_string() const { return present_ && value_.is_string(); }

    /// Calls `each(item)` for every item; nothing for absent or null; an error for other types.
    template <class Each>
    void for_each(const Each& each) const;

    std::optional<std::string> text() const;         // absent or null: nullopt
    std::string text_or(std::string fallback) const;
    std::optional<bool> boolean() const;             // also "true" and "False" as text
    std::optional<long long> integer(long long least, long long most) const;  // also digits as text
    /// The id of a reference object {"id": "..."}; nullopt when absent, null or empty.
    Ref reference() const;
    std::vector<std::string> texts() const;          // array of text; blanks dropped
    std::vector<ResourceId> references() const;      // array of {"id"}

    Provenance provenance() const;
    ReadingResource& reading() const { return *reading_; }
    simdjson::dom::element element() const { return value_; }

    [[noreturn]] void fail(const std::string& expected) const;
    void diagnose(std::string code, Severity severity, std::string message) const;
    std::string found() const;  // the value, short, for messages

  private:
    JsonCursor(const JsonCursor* parent, std::string_view key, ReadingResource* reading)
        : parent_(parent), key_(key), reading_(reading) {}
    std::string pointer() const;

    simdjson::dom::element value_{};
    bool present_ = false;
    const JsonCursor* parent_ = nullptr;
    std::string_view key_{};
    std::size_t index_ = 0;
    bool is_item_ = false;
    ReadingResource* reading_ = nullptr;
};

template <class Each>
void JsonCursor::for_each(const Each& each) const {
    if (!*this) {
        return;
    }
    if (!value_.is_array()) {
        fail("an array");
    }
    std::size_t index = 0;
    for (const simdjson::dom::element item : simdjson::dom::array(value_)) {
        JsonCursor cursor(this, {}, reading_);
        cursor.value_ = item;
        cursor.present_ = true;
        cursor.is_item_ = true;
        cursor.index_ = index++;
        each(static_cast<const JsonCursor&>(cursor));
    }
}

}  // namespace azreach
