#include "src/template/bicep_snapshot.hpp"

#include "src/derived/value.hpp"

namespace azreach {

namespace {

using derived::Tree;
using derived::Value;

void name_expressions(Value& value) {
    if (value.is_text() && value.text.starts_with('[') && value.text.ends_with(']')) {
        const std::string_view text = value.text;
        const auto place = value.place;
        value = text.starts_with("[[") ? Value::of(std::string(text.substr(1)))
                                       : Value::symbol(text.substr(1, text.size() - 2));
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

}  // namespace

Derived derive_bicep_snapshot(const DerivedInput& input) {
    const Tree tree(input.source, input.text);
    Derived result;
    const Value* resources = tree.root().find("predictedResources");
    if (resources == nullptr) {
        return result;
    }
    for (const Value& resource : resources->items) {
        Value known = resource;
        name_expressions(known);
        result.resources.push_back(
            derived::to_derived(known, [&](std::uint32_t) { return &tree; }));
    }
    return result;
}

}  // namespace azreach
