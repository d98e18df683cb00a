#include "src/template/bicep_snapshot.hpp"

#include "src/derived/value.hpp"

namespace azreach {

using derived::Tree;
using derived::Value;

Derived derive_bicep_snapshot(const DerivedInput& input) {
    const Tree tree(input.source, input.text);
    Derived result;
    const Value* resources = tree.root().find("predictedResources");
    if (resources == nullptr) {
        return result;
    }
    for (const Value& resource : resources->items) {
        Value known = resource;
        derived::name_expressions(known);
        result.resources.push_back(
            derived::to_derived(known, [&](std::uint32_t) { return &tree; }));
    }
    return result;
}

}  // namespace azreach
