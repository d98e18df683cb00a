// Templates in tests: evaluate an expression, or derive the resources of files given as text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/template/evaluator.hpp"
#include "src/template/template_set.hpp"

namespace azreach::arm_template {

/// The value of a JSON text with expressions in it, inside a template; as compact JSON.
inline std::string evaluated(const std::string& json, const std::string& body = "{}") {
    const derived::Tree tree(0, body);
    const derived::Tree literal(1, json);
    Deployment root;
    root.name = "⟦name of the deployment⟧";
    root.file = "main.json";
    root.path = "dir/main.json";
    root.body = &tree.root();
    root.scope.subscription = "⟦subscription⟧";
    root.scope.group = "⟦resource group⟧";
    Evaluator evaluator([](const std::string&, const std::string&) { return Evaluator::Linked{}; });
    try {
        return derived::to_json(evaluator.evaluate(root, literal.root()));
    } catch (const TemplateError& error) {
        return "error: " + error.found + " / " + error.expected +
               (error.remedy.empty() ? "" : " / " + error.remedy);
    }
}

/// An expression without its brackets.
inline std::string value_of(const std::string& expression, const std::string& body = "{}") {
    std::string json = "\"[";
    for (const char c : expression) {
        json += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return evaluated(json + "]\"", body);
}

using Files = std::vector<std::pair<std::string, std::string>>;  // (name, text)

inline Derived derived_of(const Files& templates, const Files& parameter_files = {}) {
    std::vector<DerivedInput> one;
    std::vector<DerivedInput> other;
    std::uint32_t number = 0;
    for (const auto& [name, text] : templates) one.push_back({number++, name, text});
    for (const auto& [name, text] : parameter_files) other.push_back({number++, name, text});
    return derive_templates(one, other);
}

/// The resources as JSON, one a line.
inline std::string resources_of(const Files& templates, const Files& parameter_files = {}) {
    std::string lines;
    try {
        for (const DerivedResource& resource : derived_of(templates, parameter_files).resources) {
            lines += (lines.empty() ? "" : "\n") + resource.json +
                     (resource.exists_if.empty() ? "" : " if " + resource.exists_if);
        }
    } catch (const DeriveError& error) {
        return "error: " + std::to_string(error.source) + "#" + error.pointer + " " + error.found +
               " / " + error.expected;
    }
    return lines;
}

}  // namespace azreach::arm_template
