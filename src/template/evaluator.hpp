// Evaluates ARM templates: parameters, variables, functions, copy loops, conditions, nested and
// linked deployments; yields every resource with its id.
//
// Everything is evaluated when it is asked for, once. What cannot be known before deployment is a
// symbol (models/azure/symbol.hpp). Evaluation is total: it ends after a bounded number of steps,
// of nested levels and of bytes, or throws TemplateError with the place in the template.
// Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/azure/resource_id.hpp"
#include "src/template/expression.hpp"
#include "src/template/functions.hpp"

namespace azreach::arm_template {

using derived::NodePlace;

/// The template is wrong, or too much for the limits.
struct TemplateError {
    NodePlace place;
    std::string found, expected, remedy;
};

/// Where a deployment puts its resources, and what resourceGroup() and subscription() say.
struct Scope {
    enum class Kind : std::uint8_t { tenant, management_group, subscription, group };
    Kind kind = Kind::group;
    std::string subscription, group, management_group;  // names; symbols where not known
    std::string prefix() const;  // "/subscriptions/S/resourceGroups/G", "" for the tenant
};

/// One turn of a copy loop; the innermost comes last.
struct CopyTurn {
    std::string name;
    Value index;  // a symbol when the count is not known
};

struct Lazy {
    enum class State : std::uint8_t { waiting, running, done } state = State::waiting;
    Value value;
};

struct Instance;

/// A template being deployed.
struct Deployment {
    std::string name;  // of the deployment; a symbol for a root
    std::string file;  // as symbols name it
    std::string path;  // of the template's file, for linked templates
    const Value* body = nullptr;
    Scope scope;
    Deployment* parent = nullptr;
    /// Expressions in it mean the parent's parameters, variables and scope ("outer").
    bool outer = false;
    std::vector<CopyTurn> copies;  // of the deployment resource; seen by an outer template
    /// Values given from outside; an entry that is null in the map was given as null.
    std::map<std::string, Value> given;
    bool all_given_unknown = false;  // parameters come from a file that is not here

    std::map<std::string, Lazy> parameters, variables;  // lower-case names
    std::map<std::string, const Value*> functions;      // "namespace.name"
    std::vector<std::unique_ptr<Instance>> instances;
    enum class Listing : std::uint8_t { waiting, running, done } listing = Listing::waiting;
    Lazy outputs;  // as reference() shows them

    /// It, or one around it, is evaluated by its parent: of "[[x]" that leaves "[x]" to be
    /// evaluated.
    bool is_in_outer() const { return outer || (parent != nullptr && parent->is_in_outer()); }
    Deployment& home() { return outer && parent != nullptr ? parent->home() : *this; }
};

/// One resource of a deployment: one turn of its loops.
struct Instance {
    Deployment* deployment = nullptr;
    const Value* node = nullptr;
    std::vector<CopyTurn> copies;
    std::string symbolic_name;  // lower case; "" without one
    std::string type, name;     // full: "Microsoft.Network/virtualNetworks/subnets", "v/s"
    ResourceId id;
    std::string exists_if;  // the names of symbols, "" for certain
    bool existing = false;  // deployed by somebody else
    Lazy body;
    std::unique_ptr<Deployment> nested;
    bool nested_read = false;
};

struct Note {
    std::string code, message;
    NodePlace place;
    std::string what;  // of a gap: the id or name; "" for a diagnostic only
};

class Evaluator {
public:
    /// `linked(path, uri)`: the template file that `uri` means, seen from the file at `path`.
    struct Linked {
        const Value* body = nullptr;
        std::string path, file;
    };
    using FindLinked = std::function<Linked(const std::string& path, const std::string& uri)>;
    explicit Evaluator(FindLinked find_linked) : find_linked_(std::move(find_linked)) {}

    /// Calls `each` for every resource that the deployment makes, nested ones included.
    void for_each_resource(Deployment& root, const std::function<void(Instance&, Value)>& each);
    const std::vector<Note>& notes() const { return notes_; }

    /// For tests: the value of an expression, or of any JSON with expressions in it.
    Value evaluate(Deployment& deployment, const Value& literal);
    Value output(Deployment& deployment, std::string_view name);

private:
    struct Locals {  // of lambdas, innermost first
        std::string name;
        const Value* value = nullptr;
        const Locals* outer = nullptr;
    };
    /// What expressions see.
    struct Context {
        Deployment* deployment = nullptr;  // already home()
        /// The deployment that the expression is written in, where that is another one ("outer"):
        /// what its parent's turn leaves of "[[x]" it evaluates itself.
        Deployment* written_in = nullptr;
        const std::vector<CopyTurn>* copies = nullptr;
        const Locals* locals = nullptr;
        const std::map<std::string, Value>* function_parameters = nullptr;
        std::string function_namespace;
        NodePlace place;
        std::size_t depth = 0;
    };

    // evaluator.cpp
    Value resolve(const Value& literal, const Context& context);
    Value resolve_object(const Value& literal, const Context& context);
    Value resolve_text(const Value& literal, const Context& context);
    void resolve_copies(const Value& copies, const Context& context, Value& into);
    Value eval(const Expression& expression, const Context& context);
    Value call(const Expression& expression, const Context& context);
    Value pure_call(const Function& function, std::string_view written,
                    std::vector<Value> arguments, const Context& context);
    std::vector<Value> arguments_of(const Expression& expression, const Context& context);
    const Value* peek(const Expression& expression, const Context& context);
    Value member(const Value& base, const std::string& name, const Context& context);
    Value index(const Value& base, const Value& at, const Context& context);
    Value conditional(const Expression& expression, const Context& context);
    Value all_or_any(const Expression& expression, const Context& context, bool all);
    Value copy_index(const Expression& expression, const Context& context);
    Value user_function(const Expression& expression, const Context& context);
    const Value& parameter(const std::string& name, const Context& context);
    const Value& variable(const std::string& name, const Context& context);
    Value parameter_value(const std::string& name, const Value& declared, Deployment& deployment);
    const Expression& parsed(const Value& text);
    [[noreturn]] static void fail(const Context& context, std::string found, std::string expected,
                                  std::string remedy = {});
    void step(const Context& context);
    std::string name_argument(const Expression& expression, const Context& context);

    /// A symbol for what an expression (or a loop, at the context's place) makes there: told from
    /// all others by what it could see.
    Value unknown_here(const std::string& name, const Expression* expression,
                       const Context& context);

    // lambdas.cpp
    bool is_lambda_function(std::string_view name) const;
    Value lambda_call(const Expression& expression, const Context& context);
    Value apply(const Expression& lambda, const std::vector<const Value*>& values,
                const Context& context);

    // scope_functions.cpp
    std::optional<Value> scope_function(const Expression& expression, const Context& context);
    Value resource_id(const std::string& name, std::vector<Value> arguments,
                      const Context& context);
    Value deployment_object(Deployment& deployment);

    // deployments.cpp
    void list(Deployment& deployment);
    void list_all(Deployment& deployment);
    void list_resource(Deployment& deployment, const Value& node, const std::string& symbolic_name,
                       const Instance* parent, const std::vector<CopyTurn>& copies);
    void list_turn(Deployment& deployment, const Value& node, const std::string& symbolic_name,
                   const Instance* parent, std::vector<CopyTurn> copies, std::string exists_if);
    void list_children(Deployment& deployment, const Value& node, const Instance& parent,
                       const std::vector<CopyTurn>& copies);
    ResourceId id_of(const Instance& instance, const Context& context);
    const Value& body_of(Instance& instance);
    Value made_body(const Instance& instance);
    Deployment* nested_of(Instance& instance);
    std::unique_ptr<Deployment> made_nested(const Instance& instance);
    Scope target_of(const Instance& instance, const Context& context);
    Instance* find_instance(Deployment& deployment, const std::string& name);
    Value reference(const std::vector<Value>& arguments, const Context& context);
    const Value& outputs_of(Deployment& deployment);
    Value made_outputs(Deployment& deployment);
    Value output_value(Deployment& deployment, const Value& declared);
    Context context_of(const Instance& instance) const;
    void visit(Deployment& deployment, const std::function<void(Instance&, Value)>& each);

    FindLinked find_linked_;
    std::vector<Note> notes_;
    std::unordered_map<std::string, std::unique_ptr<Expression>> expressions_;
    std::map<std::string, Instance*> by_id_;  // lower case
    std::size_t steps_ = 0;
    std::size_t nodes_ = 0;
    std::size_t depth_ = 0;
    std::size_t instances_ = 0;
};

}  // namespace azreach::arm_template
