#include "src/template/template_set.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "models/azure/symbol.hpp"
#include "src/derived/value.hpp"
#include "src/template/evaluator.hpp"

namespace azreach {

namespace {

using arm_template::Deployment;
using arm_template::Evaluator;
using arm_template::Scope;
using arm_template::TemplateError;
using derived::NodePlace;
using derived::Tree;
using derived::Value;

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view file_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// "azuredeploy" of "azuredeploy.parameters.prod.json".
std::string_view stem_of(std::string_view path) {
    const std::string_view file = file_of(path);
    return file.substr(0, std::min(file.find('.'), file.size()));
}

struct Source {
    DerivedInput input;
    Tree tree;
    /// For a parameter file: its parameters. `bicep build-params` may wrap them in a text.
    const Value* parameters = nullptr;
};

Tree parse(const DerivedInput& input) {
    try {
        return Tree(input.source, input.text);
    } catch (const derived::ParseError& error) {
        throw DeriveError{input.source, error.offset, "", "", error.found, error.expected, ""};
    }
}

/// {"parameters": {...}}, or the parameters alone.
const Value* parameters_in(const Value& root) {
    const Value* inside = root.find("parameters");
    return inside != nullptr && inside->is_object() ? inside : root.is_object() ? &root : nullptr;
}

Scope scope_of(const Value& body) {
    Scope scope;
    const std::string schema = arm_template::lower(body.text_at("$schema"));
    scope.kind = schema.find("subscriptiondeployment") != std::string::npos
                     ? Scope::Kind::subscription
                 : schema.find("managementgroupdeployment") != std::string::npos
                     ? Scope::Kind::management_group
                 : schema.find("tenantdeployment") != std::string::npos ? Scope::Kind::tenant
                                                                        : Scope::Kind::group;
    scope.subscription = symbol("subscription");
    scope.group = symbol("resource group");
    scope.management_group = symbol("management group");
    return scope;
}

class TemplateSet {
public:
    TemplateSet(const std::vector<DerivedInput>& templates,
                const std::vector<DerivedInput>& parameter_files) {
        for (const DerivedInput& input : templates) {
            templates_.push_back({input, parse(input), nullptr});
        }
        for (const DerivedInput& input : parameter_files) {
            parameter_files_.push_back({input, parse(input), nullptr});
        }
        for (Source& source : parameter_files_) {
            source.parameters = parameters_in(source.tree.root());
        }
    }

    Derived all(const std::string& only) {
        if (only.empty()) {
            find_roots();
        } else {
            for (std::size_t i = 0; i < templates_.size(); ++i) {
                if (templates_[i].input.name != only) {
                    linked_.insert(i);
                }
            }
        }
        match_parameter_files();
        for (std::size_t i = 0; i < templates_.size(); ++i) {
            if (!linked_.contains(i)) {
                deploy(i, true);
            }
        }
        return std::move(derived_);
    }

private:
    const Tree* tree_of(std::uint32_t source) const {
        for (const auto* list : {&templates_, &parameter_files_}) {
            for (const Source& one : *list) {
                if (one.input.source == source) {
                    return &one.tree;
                }
            }
        }
        return nullptr;
    }

    [[noreturn]] void refuse(const TemplateError& error, const Source& root) const {
        const Tree* tree = error.place.known() ? tree_of(error.place.source) : nullptr;
        DeriveError result{root.input.source, 0, "", "", error.found, error.expected, error.remedy};
        if (tree != nullptr) {
            result.source = error.place.source;
            result.offset = tree->offset_of(error.place.node);
            result.pointer = tree->pointer_of(error.place.node);
        }
        throw result;
    }

    void note(std::string code, Severity severity, const DerivedInput& input, std::string pointer,
              std::string message) {
        Diagnostic diagnostic;
        diagnostic.code = std::move(code);
        diagnostic.severity = severity;
        diagnostic.message = std::move(message);
        diagnostic.place.file = input.name;
        diagnostic.place.pointer = std::move(pointer);
        derived_.diagnostics.push_back(std::move(diagnostic));
    }

    // --- which templates are deployed by themselves ----------------------------------------------

    void find_roots() {
        if (templates_.size() < 2) {
            return;
        }
        for (std::size_t i = 0; i < templates_.size(); ++i) {
            try {
                deploy(i, false);
            } catch (const DeriveError&) {
                // It counts when the template turns out to be deployed by itself.
            }
        }
        if (linked_.size() == templates_.size()) {
            linked_.clear();  // in a circle: each may be the first
        }
    }

    /// The template that a URI means: the file whose path ends like it, nearest to the linking one.
    Evaluator::Linked find_linked(std::size_t from, const std::string& path, std::string uri) {
        while (uri.ends_with(kSymbolCloses)) {  // a token behind it
            uri.resize(std::min(uri.rfind(kSymbolOpens), uri.size() - 1));
        }
        const std::size_t query = uri.find_first_of("?#", uri.rfind('/') + 1);
        uri.resize(std::min(query, uri.size()));
        std::replace(uri.begin(), uri.end(), '\\', '/');
        if (is_symbolic(file_of(uri))) {
            return {};
        }
        // A file fits when its path from a folder around the linking file ends the URI. Many files
        // are called azuredeploy.json: those need the folder's name in the URI, too.
        const auto segments_that_fit = [&](std::string_view name) -> std::size_t {
            for (std::string_view folder = folder_of(path);; folder = folder_of(folder)) {
                const bool within = folder.empty() || (name.starts_with(folder) &&
                                                       name.substr(folder.size()).starts_with('/'));
                if (within) {
                    std::string_view relative = name.substr(folder.empty() ? 0 : folder.size() + 1);
                    const std::string rest = arm_template::lower(relative);
                    const std::string whole = arm_template::lower(uri);
                    const bool ends = whole == rest || whole.ends_with("/" + rest);
                    const bool common = rest == "azuredeploy.json" || rest == "main.json" ||
                                        rest == "maintemplate.json" || rest == "template.json";
                    const std::string named = arm_template::lower(file_of(folder)) + "/" + rest;
                    if (ends && (!common || whole == rest || whole.ends_with("/" + named))) {
                        return static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '/')) +
                               1;
                    }
                }
                if (folder.empty()) {
                    return 0;
                }
            }
        };
        std::optional<std::size_t> best;
        std::size_t most = 0;
        for (std::size_t i = 0; i < templates_.size(); ++i) {
            const std::string& name = templates_[i].input.name;
            const std::size_t fit = name == path ? 0 : segments_that_fit(name);
            if (fit > most) {
                best = i;
                most = fit;
            }
        }
        if (!best) {
            return {};
        }
        if (*best != from) {
            linked_.insert(*best);
        }
        const Source& source = templates_[*best];
        return {&source.tree.root(), source.input.name, std::string(file_of(source.input.name))};
    }

    // --- parameter files -------------------------------------------------------------------------

    void match_parameter_files() {
        for (const Source& file : parameter_files_) {
            if (file.parameters == nullptr) {
                continue;
            }
            std::vector<std::size_t> fitting;
            std::vector<std::size_t> named;
            for (std::size_t i = 0; i < templates_.size(); ++i) {
                if (linked_.contains(i)) {
                    continue;
                }
                const std::string& name = templates_[i].input.name;
                if (folder_of(name) == folder_of(file.input.name) &&
                    equal_ignoring_case(stem_of(name), stem_of(file.input.name))) {
                    named.push_back(i);
                }
                if (unknown_in(i, file).empty()) {
                    fitting.push_back(i);
                }
            }
            const auto prefer = [&](const auto& wanted) {
                std::vector<std::size_t> kept;
                std::copy_if(fitting.begin(), fitting.end(), std::back_inserter(kept), wanted);
                if (!kept.empty()) {
                    fitting = std::move(kept);
                }
            };
            prefer([&](std::size_t i) {
                return std::find(named.begin(), named.end(), i) != named.end();
            });
            prefer([&](std::size_t i) {
                return folder_of(templates_[i].input.name) == folder_of(file.input.name);
            });
            if (fitting.empty() && named.size() == 1) {
                fitting = named;
            }
            if (fitting.size() != 1) {
                note("AZR1043", Severity::warning, file.input, "",
                     fitting.empty()
                         ? "the parameter file fits no template among the files; it is not used"
                         : "the parameter file fits " + std::to_string(fitting.size()) +
                               " templates; it is not used (give one template)");
                continue;
            }
            for (const std::string& name : unknown_in(fitting.front(), file)) {
                note("AZR1043", Severity::warning, file.input, "",
                     "the parameter '" + name + "' is not declared by " +
                         templates_[fitting.front()].input.name);
            }
            give(fitting.front(), file);
        }
    }

    std::vector<std::string> unknown_in(std::size_t index, const Source& file) const {
        std::vector<std::string> unknown;
        const Value* declared = templates_[index].tree.root().find("parameters");
        for (const auto& [name, value] : file.parameters->members) {
            const bool known = declared != nullptr && declared->find(name) != nullptr;
            if (!known && value.is_object()) {
                unknown.push_back(name);
            }
        }
        return unknown;
    }

    void give(std::size_t index, const Source& file) {
        auto& given = given_[index];
        const std::string name_of_template(file_of(templates_[index].input.name));
        for (const auto& [name, entry] : file.parameters->members) {
            Value value;
            if (const Value* literal = entry.find("value")) {
                value = *literal;
            } else if (entry.is_object()) {
                value = Value::symbol((entry.find("reference") != nullptr ? "secret for parameter '"
                                                                          : "parameter '") +
                                      name + "' of " + name_of_template);
                value.place = entry.place;
            } else {
                continue;
            }
            const auto [known, fresh] = given.emplace(arm_template::lower(name), value);
            if (!fresh && !(known->second == value)) {
                const NodePlace place = known->second.place;
                known->second = Value::symbol("parameter '" + name + "' of " + name_of_template);
                known->second.place = place;
                note("AZR1043", Severity::warning, file.input, "",
                     "the parameter '" + name +
                         "' has another value in another parameter file; "
                         "it counts as unknown (give one parameter file)");
            }
        }
    }

    // --- deployment ------------------------------------------------------------------------------

    void deploy(std::size_t index, bool keep) {
        const Source& source = templates_[index];
        Deployment root;
        root.name = symbol("name of the deployment");
        root.file = std::string(file_of(source.input.name));
        root.path = source.input.name;
        root.body = &source.tree.root();
        root.scope = scope_of(*root.body);
        if (const auto given = given_.find(index); given != given_.end()) {
            root.given = given->second;
        }
        Evaluator evaluator([&](const std::string& path, const std::string& uri) {
            return find_linked(index, path, uri);
        });
        try {
            evaluator.for_each_resource(root, [&](arm_template::Instance& instance, Value body) {
                if (!keep) {
                    return;
                }
                DerivedResource resource = derived::to_derived(
                    body, [this](std::uint32_t number) { return tree_of(number); });
                resource.exists_if = instance.exists_if;
                derived_.resources.push_back(std::move(resource));
            });
        } catch (const TemplateError& error) {
            refuse(error, source);
        }
        if (!keep) {
            return;
        }
        std::set<std::string> told;
        for (const arm_template::Note& one : evaluator.notes()) {
            const Tree* tree = one.place.known() ? tree_of(one.place.source) : nullptr;
            DerivedInput at = source.input;
            for (const Source& other : templates_) {
                at = tree != nullptr && &other.tree == tree ? other.input : at;
            }
            std::string pointer = tree != nullptr ? tree->pointer_of(one.place.node) : "";
            if (!told.insert(at.name + pointer + one.message).second) {
                continue;
            }
            note(one.code, one.code == "AZR1044" ? Severity::info : Severity::warning, at,
                 std::move(pointer), one.message);
            if (!one.what.empty()) {
                derived_.gaps.push_back({"AZR9021", one.what, source.input.name,
                                         "what the linked template deploys; give it with -s, too"});
            }
        }
    }

    std::vector<Source> templates_, parameter_files_;
    std::set<std::size_t> linked_;
    std::map<std::size_t, std::map<std::string, Value>> given_;
    Derived derived_;
};

}  // namespace

Derived derive_templates(const std::vector<DerivedInput>& templates,
                         const std::vector<DerivedInput>& parameter_files,
                         const std::string& only) {
    return TemplateSet(templates, parameter_files).all(only);
}

}  // namespace azreach
