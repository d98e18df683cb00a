// JSON values that remember where they were written, for producers of derived resources.
//
// A Tree is one parsed source. Values are copied out of it, changed and put together anew; each
// keeps the place of the node it came from, so that a finished resource can be written with the
// origins of all its values. The parser takes what Azure's deployment service takes beyond JSON:
// comments, line breaks inside strings, trailing commas.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/derived/derived.hpp"

namespace azreach::derived {

/// A node of a source: `source` as in DerivedInput, `node` in its Tree.
struct NodePlace {
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    std::uint32_t source = kNone, node = kNone;
    bool known() const { return node != kNone; }
    friend bool operator==(const NodePlace&, const NodePlace&) = default;
};

struct Value;
using Member = std::pair<std::string, Value>;

struct Value {
    enum class Kind : std::uint8_t { null, boolean, integer, real, text, array, object };
    Kind kind = Kind::null;
    /// The value stands in the source as it is here; false: an expression at `place` made it.
    bool verbatim = false;
    bool boolean = false;
    std::int64_t integer = 0;
    double real = 0;
    NodePlace place;
    std::string text;  // also of symbols
    std::vector<Value> items;
    std::vector<Member> members;  // in the order of writing, keys as written

    static Value of(std::string text);
    static Value of(const char* text) { return of(std::string(text)); }
    static Value of(bool value);
    static Value of(std::int64_t value);
    static Value array() { return of_kind(Kind::array); }
    static Value object() { return of_kind(Kind::object); }
    /// "⟦name⟧"
    static Value symbol(std::string_view name);

    bool is_null() const { return kind == Kind::null; }
    bool is_text() const { return kind == Kind::text; }
    bool is_array() const { return kind == Kind::array; }
    bool is_object() const { return kind == Kind::object; }
    bool is_number() const { return kind == Kind::integer || kind == Kind::real; }
    /// A text that holds a symbol.
    bool is_symbolic() const;
    /// It, or anything in it, is symbolic.
    bool holds_symbol() const;

    /// The member without regard to case, the first of several; null when there is none or this is
    /// no object.
    const Value* find(std::string_view key) const;
    Value* find(std::string_view key);
    /// Puts or replaces a member.
    Value& set(std::string_view key, Value value);
    /// The text of member `key`; "" when there is none or it is no text.
    std::string_view text_at(std::string_view key) const;

    /// Equal as JSON: keys in any order, numbers by value, places aside.
    friend bool operator==(const Value& a, const Value& b);

private:
    static Value of_kind(Kind kind);
};

/// Texts of deployment tools that Azure will evaluate: "[...]" becomes a symbol under the
/// expression's name, "[[..." the text "[...". In place, through all members and items.
void name_expressions(Value& value);

/// The value as JSON text: compact, or indented as template functions write it.
std::string to_json(const Value& value);
std::string_view to_string(Value::Kind kind);

/// One parsed source.
class Tree {
public:
    Tree() = default;
    /// Throws ParseError. Nesting deeper than 512 is refused.
    Tree(std::uint32_t source, std::string_view text);

    const Value& root() const { return root_; }
    std::string pointer_of(std::uint32_t node) const;
    std::size_t offset_of(std::uint32_t node) const { return nodes_[node].offset; }

private:
    friend class Parser;
    struct Node {
        std::uint32_t parent = NodePlace::kNone;
        std::uint32_t index = 0;  // of an item
        std::size_t offset = 0;
        std::string key;  // of a member; unused for an item
        bool is_item = false;
    };
    Value root_;
    std::vector<Node> nodes_;
};

struct ParseError {
    std::size_t offset = 0;
    std::string found, expected;
};

/// Writes a finished resource with its origins. `tree_of(source)` gives the tree of a source; a
/// source without one (null) is left out.
template <class TreeOf>
DerivedResource to_derived(const Value& resource, const TreeOf& tree_of);

// --- implementation ------------------------------------------------------------------------------

/// Collects the origins of a value that differ from what its surroundings say already.
class OriginWriter {
public:
    /// A place as the walk hands it down: what an origin above says of this value.
    struct Inherited {
        std::uint32_t source = NodePlace::kNone;
        std::string pointer;
        bool verbatim = false;
    };
    using PointerOf = std::string (*)(const void* trees, NodePlace place, bool& known);
    OriginWriter(const void* trees, PointerOf pointer_of)
        : trees_(trees), pointer_of_(pointer_of) {}
    void walk(const Value& value, const std::string& at, const Inherited& above,
              std::vector<WrittenAt>& origins) const;

private:
    const void* trees_;
    PointerOf pointer_of_;
};

template <class TreeOf>
DerivedResource to_derived(const Value& resource, const TreeOf& tree_of) {
    const OriginWriter writer(&tree_of, [](const void* trees, NodePlace place, bool& known) {
        const Tree* tree = (*static_cast<const TreeOf*>(trees))(place.source);
        known = tree != nullptr;
        return known ? tree->pointer_of(place.node) : std::string();
    });
    DerivedResource result;
    result.json = to_json(resource);
    writer.walk(resource, "", {}, result.origins);
    return result;
}

}  // namespace azreach::derived
