// A JSON value with its place. Typed getters; wrong types are input errors with file, pointer and
// line. The pointer is only spelled when somebody asks for it.
//
// A cursor points to the cursor it came from: keep `a["b"]` in a variable before asking it for
// members that are used in a later statement.
#pragma once

#include <simdjson.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/azure/diagnostic.hpp"
#include "models/azure/header.hpp"
#include "models/azure/symbol.hpp"
#include "src/arm/source_map.hpp"

namespace azreach {

/// The resource being read: its place in the SourceMap, its id for messages, and where
/// diagnostics go.
struct ReadingResource {
    SourceMap& places;
    std::uint32_t resource;
    std::string subject;  // "Microsoft.Network/networkSecurityGroups 'nsg-web'"
    std::vector<Diagnostic>& diagnostics;
    std::set<std::string> repeated_keys = {};  // pointers already reported
    /// Of a derived resource: where symbols are noted that readers met. Null: text is text.
    SymbolsById* symbols = nullptr;
};

/// A value that is not known before deployment stands where the reader needs to know it. Not an
/// input error: whoever can do without the object that was being read catches it and keeps the
/// object as one that could not be read [J4], named by the symbol.
struct SymbolicValue {
    std::string symbols;  // their names
    Provenance where;
};

class JsonCursor {
public:
    JsonCursor(simdjson::dom::element value, ReadingResource& reading)
        : value_(value), present_(true), reading_(&reading) {}

    /// The member, whatever the case of its key [J1]; an absent cursor when there is none, or when
    /// this is absent or null. Anything else than an object is an error. A key that stands twice
    /// with one value is a diagnostic, with two values an error.
    JsonCursor operator[](std::string_view key) const;
    bool absent() const { return !present_; }
    bool null() const { return present_ && value_.is_null(); }
    /// Neither absent nor null.
    explicit operator bool() const { return present_ && !value_.is_null(); }
    bool is_object() const { return present_ && value_.is_object(); }
    bool is_array() const { return present_ && value_.is_array(); }
    bool is_string() const { return present_ && value_.is_string(); }

    /// The value is not known before deployment (or holds a part that is not). Everything of it is
    /// then symbolic: members, items, text, numbers.
    bool symbolic() const;
    /// The same; notes that something about `whose` hangs on the symbols. A reader asks this where
    /// the model can say "unknown"; elsewhere the getters throw SymbolicValue.
    bool open(const ResourceId& whose) const;

    /// Calls `each(item)` for every item; nothing for absent or null; an error for other types.
    template <class Each>
    void for_each(const Each& each) const;

    std::optional<std::string_view> text() const;  // absent or null: nullopt; until the next parse
    /// Text with its symbols, for names and ids: "⟦parameter 'prefix' of main.json⟧-nic".
    std::string_view name_or(std::string_view fallback) const;
    std::string_view text_or(std::string_view fallback) const;
    std::optional<bool> boolean() const;  // also "true" and "False" as text
    std::optional<long long> integer(long long least, long long most) const;  // also digits as text
    /// The id of a reference object {"id": "..."}, or of one written as bare text; nullopt when
    /// absent, null or empty.
    Ref reference() const;
    std::vector<std::string> texts() const;      // array of text; blanks dropped
    std::vector<ResourceId> references() const;  // array of {"id"}

    Provenance provenance() const;
    std::string pointer() const;  // relative to the resource
    ReadingResource& reading() const { return *reading_; }
    simdjson::dom::element element() const { return value_; }

    [[noreturn]] void fail(const std::string& expected, const std::string& remedy = {}) const;
    void diagnose(std::string code, Severity severity, const std::string& message) const;
    std::string found() const;  // the value, short, for messages

private:
    JsonCursor(const JsonCursor* parent, std::string_view key, ReadingResource* reading)
        : parent_(parent), key_(key), reading_(reading) {}
    void throw_if_symbolic() const;
    void repeated_key(const JsonCursor& first, simdjson::dom::element second) const;

    simdjson::dom::element value_{};
    bool present_ = false;
    bool is_item_ = false;
    std::uint32_t index_ = 0;
    const JsonCursor* parent_ = nullptr;
    std::string_view key_{};
    ReadingResource* reading_ = nullptr;
};

template <class Each>
void JsonCursor::for_each(const Each& each) const {
    if (!*this) {
        return;
    }
    if (!value_.is_array()) {
        throw_if_symbolic();
        fail("an array");
    }
    JsonCursor cursor(this, {}, reading_);
    cursor.present_ = true;
    cursor.is_item_ = true;
    for (const simdjson::dom::element item : simdjson::dom::array(value_)) {
        cursor.value_ = item;
        each(static_cast<const JsonCursor&>(cursor));
        ++cursor.index_;
    }
}

/// The member called `wanted`, ignoring case, of an object outside a resource.
std::optional<simdjson::dom::element> member_of(simdjson::dom::element object,
                                                std::string_view wanted);

}  // namespace azreach
