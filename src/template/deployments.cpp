// From a template to its resources: loops, conditions, children, nested and linked deployments, and
// what reference() sees of them.
// Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-resources,
// .../child-resource-name-type, .../linked-templates, .../template-functions-resource#reference
#include <algorithm>
#include <array>

#include "models/azure/symbol.hpp"
#include "src/template/evaluator.hpp"

namespace azreach::arm_template {

namespace {

constexpr std::int64_t kMostTurns = 800;
constexpr std::size_t kMostInstances = 50000;
constexpr std::size_t kMostNested = 16;
constexpr std::string_view kDeployments = "Microsoft.Resources/deployments";

/// What says how to deploy, and not what.
constexpr std::array<std::string_view, 12> kNotContent = {
    "apiVersion", "assert", "comments", "condition", "copy",  "dependsOn",
    "existing",   "import", "metadata", "name",      "scope", "type"};

bool is_deployment(std::string_view type) { return equal_ignoring_case(type, kDeployments); }

std::size_t count_of(std::string_view text, char c) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t slash = std::min(text.find('/', at), text.size());
        parts.emplace_back(text.substr(at, slash - at));
        at = slash + 1;
    }
    return parts;
}

/// Type and name as one path: each segment of the type before its name. A name with a segment too
/// few whose segments hold a symbol: what is missing is part of that symbol.
std::string path_of(std::string_view type, std::string_view name, bool& fits) {
    const std::vector<std::string> types = split(type);
    std::vector<std::string> names = split(name);
    fits = types.size() == names.size() + 1;
    if (!fits && is_symbolic(name) && names.size() + 1 < types.size()) {
        while (names.size() + 1 < types.size()) {
            names.insert(names.begin(), symbol("parent in " + symbol_names(name)));
        }
        fits = true;
    }
    std::string result = types.front();
    for (std::size_t i = 0; i < names.size() && i + 1 < types.size(); ++i) {
        result += "/" + types[i + 1] + "/" + names[i];
    }
    return result;
}

std::string join_names(const std::string& a, const std::string& b) {
    return a.empty() ? b : b.empty() || a == b ? a : a + ", " + b;
}

}  // namespace

Evaluator::Context Evaluator::context_of(const Instance& instance) const {
    Context context;
    context.deployment = &instance.deployment->home();
    context.written_in = instance.deployment->is_in_outer() ? instance.deployment : nullptr;
    context.copies = &instance.copies;
    context.place = instance.node->place;
    return context;
}

// --- which resources there are -------------------------------------------------------------------

void Evaluator::list(Deployment& deployment) {
    if (deployment.listing != Deployment::Listing::waiting) {
        return;
    }
    deployment.listing = Deployment::Listing::running;
    try {
        list_all(deployment);
    } catch (...) {
        deployment.listing = Deployment::Listing::waiting;
        deployment.instances.clear();
        std::erase_if(by_id_,
                      [&](const auto& entry) { return entry.second->deployment == &deployment; });
        throw;
    }
    deployment.listing = Deployment::Listing::done;
}

void Evaluator::list_all(Deployment& deployment) {
    if (const Value* functions = deployment.body->find("functions")) {
        for (const Value& group : functions->items) {
            const std::string space = lower(group.text_at("namespace"));
            if (const Value* members = group.find("members")) {
                for (const auto& [name, function] : members->members) {
                    deployment.functions.emplace(space + "." + lower(name), &function);
                }
            }
        }
    }
    if (const Value* resources = deployment.body->find("resources")) {
        for (const Value& node : resources->items) {
            list_resource(deployment, node, "", nullptr, deployment.copies);
        }
        for (const auto& [name, node] : resources->members) {
            list_resource(deployment, node, lower(name), nullptr, deployment.copies);
        }
    }
}

void Evaluator::list_resource(Deployment& deployment, const Value& node,
                              const std::string& symbolic_name, const Instance* parent,
                              const std::vector<CopyTurn>& copies) {
    Context context;
    context.deployment = &deployment.home();
    context.written_in = deployment.is_in_outer() ? &deployment : nullptr;
    context.copies = &copies;
    context.place = node.place;
    if (!node.is_object()) {
        fail(context, std::string(to_string(node.kind)) + " among the resources", "a resource");
    }
    if (node.find("import") != nullptr || node.find("extension") != nullptr) {
        notes_.push_back({"AZR1044",
                          "a resource of an extension (" + std::string(node.text_at("type")) +
                              ") is none of Azure's and was passed over",
                          node.place, ""});
        return;
    }
    const Value* loop = node.find("copy");
    if (loop == nullptr || !loop->is_object()) {
        list_turn(deployment, node, symbolic_name, parent, copies, "");
        return;
    }
    context.place = loop->place;
    const Value* declared_count = loop->find("count");
    if (declared_count == nullptr) {
        fail(context, "a copy loop without a count", "copy with name and count");
    }
    const Value* declared_name = loop->find("name");
    const Value name = declared_name != nullptr ? resolve(*declared_name, context) : Value::of("");
    const Value count = resolve(*declared_count, context);
    std::vector<CopyTurn> turns = copies;
    turns.push_back({text_of(name), {}});
    if (count.is_symbolic()) {  // one stands for all of them
        turns.back().index = Value::symbol(shortened("index up to " + readable(count)));
        list_turn(deployment, node, symbolic_name, parent, turns, symbol_names(count.text));
        return;
    }
    if (count.kind != Value::Kind::integer || count.integer < 0 || count.integer > kMostTurns) {
        fail(context, derived::to_json(count).substr(0, 60) + " as the count of a loop",
             "a number from 0 to " + std::to_string(kMostTurns));
    }
    for (std::int64_t i = 0; i < count.integer; ++i) {
        turns.back().index = Value::of(i);
        list_turn(deployment, node,
                  symbolic_name.empty() ? "" : symbolic_name + "[" + std::to_string(i) + "]",
                  parent, turns, "");
    }
}

void Evaluator::list_turn(Deployment& deployment, const Value& node,
                          const std::string& symbolic_name, const Instance* parent,
                          std::vector<CopyTurn> copies, std::string exists_if) {
    auto instance = std::make_unique<Instance>();
    instance->deployment = &deployment;
    instance->node = &node;
    instance->copies = std::move(copies);
    instance->symbolic_name = symbolic_name;
    instance->exists_if = join_names(parent != nullptr ? parent->exists_if : "", exists_if);
    const Context context = context_of(*instance);
    if (++instances_ > kMostInstances) {
        fail(context, "more than " + std::to_string(kMostInstances) + " resources",
             "a template that Azure would deploy");
    }
    const auto text_at = [&](const char* key) {
        const Value* literal = node.find(key);
        Context here = context;
        if (literal == nullptr) {
            fail(here, std::string("a resource without ") + key, "a resource with name and type");
        }
        here.place = literal->place;
        const Value value = resolve(*literal, here);
        if (!value.is_text()) {
            fail(here, std::string(to_string(value.kind)) + " as the " + key, "a string");
        }
        return value.text;
    };
    if (const Value* literal = node.find("condition")) {
        Context here = context;
        here.place = literal->place;
        const Value condition = resolve(*literal, here);
        const std::string word = condition.is_text() ? lower(condition.text) : "";
        if (condition.is_symbolic()) {
            instance->exists_if = join_names(instance->exists_if, symbol_names(condition.text));
        } else if (condition.kind == Value::Kind::boolean ? !condition.boolean : word == "false") {
            // Children have conditions of their own; but a child without its parent cannot be.
            return;
        } else if (condition.kind != Value::Kind::boolean && word != "true") {
            fail(here, std::string(to_string(condition.kind)) + " as a condition", "a boolean");
        }
    }
    instance->type = text_at("type");
    instance->name = text_at("name");
    if (parent != nullptr) {
        // Relative to the parent; some write the full type, and then perhaps the full name.
        const bool full = lower(instance->type).starts_with(lower(parent->type) + "/");
        if (!full) {
            instance->type = parent->type + "/" + instance->type;
        }
        if (!full || count_of(instance->name, '/') + 1 != count_of(instance->type, '/')) {
            instance->name = parent->name + "/" + instance->name;
        }
    }
    const Value* existing = node.find("existing");
    instance->existing = existing != nullptr && existing->boolean;
    instance->id = id_of(*instance, context);
    Instance& kept = *instance;
    deployment.instances.push_back(std::move(instance));
    by_id_.emplace(lower(kept.id.text()), &kept);
    list_children(deployment, node, kept, kept.copies);
}

void Evaluator::list_children(Deployment& deployment, const Value& node, const Instance& parent,
                              const std::vector<CopyTurn>& copies) {
    const Value* children = node.find("resources");
    if (children == nullptr || is_deployment(parent.type)) {
        return;
    }
    for (const Value& child : children->items) {
        list_resource(deployment, child, "", &parent, copies);
    }
    for (const auto& [name, child] : children->members) {
        list_resource(deployment, child, lower(name), &parent, copies);
    }
}

ResourceId Evaluator::id_of(const Instance& instance, const Context& context) {
    bool fits = false;
    const std::string path = path_of(instance.type, instance.name, fits);
    if (!fits) {
        fail(context,
             "the name '" + instance.name.substr(0, 80) + "' of " +
                 std::to_string(count_of(instance.name, '/') + 1) + " segments",
             std::to_string(count_of(instance.type, '/')) + ", one for each of " + instance.type);
    }
    std::string prefix = instance.deployment->scope.prefix();
    const Value* literal = instance.node->find("scope");
    if (literal != nullptr && !is_deployment(instance.type)) {
        Context here = context;
        here.place = literal->place;
        const Value scope = resolve(*literal, here);
        if (!scope.is_text()) {
            fail(here, std::string(to_string(scope.kind)) + " as a scope", "a resource id");
        }
        if (scope.text == "/") {
            prefix = "";
        } else if (scope.text.starts_with('/') || scope.text.starts_with(kSymbolOpens)) {
            prefix = scope.text;
        } else {  // relative: "Microsoft.Storage/storageAccounts/name"
            prefix += "/providers/" + scope.text;
        }
    }
    return ResourceId(prefix + "/providers/" + path);
}

// --- what they are -------------------------------------------------------------------------------

const Value& Evaluator::body_of(Instance& instance) {
    Lazy& lazy = instance.body;
    if (lazy.state != Lazy::State::waiting) {
        return lazy.value;  // while running: what is there; a resource cannot read itself
    }
    lazy.state = Lazy::State::running;
    try {
        lazy.value = made_body(instance);
    } catch (...) {  // whoever takes the other branch of an if() may ask again
        lazy.state = Lazy::State::waiting;
        throw;
    }
    lazy.state = Lazy::State::done;
    return lazy.value;
}

Value Evaluator::made_body(const Instance& instance) {
    const Context context = context_of(instance);
    Value body = Value::object();
    body.place = instance.node->place;
    body.verbatim = true;
    const auto with_place = [&](Value value, const char* key) {
        const Value* literal = instance.node->find(key);
        value.place = literal != nullptr ? literal->place : instance.node->place;
        return value;
    };
    body.set("id", with_place(Value::of(instance.id.text()), "name"));
    body.set("name", with_place(Value::of(std::string(instance.id.name())), "name"));
    body.set("type", with_place(Value::of(instance.type), "type"));
    if (!instance.existing) {
        for (const auto& [key, literal] : instance.node->members) {
            const bool content =
                std::none_of(kNotContent.begin(), kNotContent.end(),
                             [&](std::string_view name) { return equal_ignoring_case(name, key); });
            if (!content || (equal_ignoring_case(key, "resources") && literal.is_array())) {
                continue;
            }
            Context here = context;
            here.place = literal.place;
            Value value = resolve(literal, here);
            const bool nothing = value.is_text() && value.text.empty();
            if (!nothing ||
                !equal_ignoring_case(key, "properties")) {  // "" where an object belongs
                body.set(key, std::move(value));
            }
        }
    }
    return body;
}

Scope Evaluator::target_of(const Instance& instance, const Context& context) {
    Scope scope = instance.deployment->scope;
    const auto text_at = [&](const char* key) -> std::optional<std::string> {
        const Value* literal = instance.node->find(key);
        if (literal == nullptr) {
            return std::nullopt;
        }
        const Value value = resolve(*literal, context);
        if (value.is_null() || (value.is_text() && value.text.empty())) {
            return std::nullopt;
        }
        if (!value.is_text()) {
            fail(context, std::string(to_string(value.kind)) + " as " + key, "a string");
        }
        return value.text;
    };
    if (const auto subscription = text_at("subscriptionId")) {
        scope.kind = Scope::Kind::subscription;
        scope.subscription = *subscription;
    }
    if (const auto group = text_at("resourceGroup")) {
        scope.kind = Scope::Kind::group;
        scope.group = *group;
    }
    if (const auto target = text_at("scope")) {
        const ResourceId id(*target);
        if (*target == "/") {
            scope.kind = Scope::Kind::tenant;
        } else if (!id.resource_group().empty()) {
            scope.kind = Scope::Kind::group;
            scope.subscription = std::string(id.subscription());
            scope.group = std::string(id.resource_group());
        } else if (!id.subscription().empty()) {
            scope.kind = Scope::Kind::subscription;
            scope.subscription = std::string(id.subscription());
        } else if (const std::size_t slash = target->rfind('/');
                   slash != std::string::npos &&
                   lower(*target).find("managementgroups/") != std::string::npos) {
            scope.kind = Scope::Kind::management_group;
            scope.management_group = target->substr(slash + 1);
        } else {
            scope.kind = Scope::Kind::group;
            scope.group = symbol("resource group in " + symbol_names(*target));
        }
    }
    return scope;
}

/// The deployment that a resource of type Microsoft.Resources/deployments makes; null when its
/// template is not here.
Deployment* Evaluator::nested_of(Instance& instance) {
    if (instance.nested_read) {
        return instance.nested.get();
    }
    instance.nested_read = true;
    try {
        instance.nested = made_nested(instance);
    } catch (...) {
        instance.nested_read = false;
        throw;
    }
    return instance.nested.get();
}

std::unique_ptr<Deployment> Evaluator::made_nested(const Instance& instance) {
    const Context context = context_of(instance);
    std::size_t level = 0;
    for (const Deployment* up = instance.deployment; up != nullptr; up = up->parent) {
        if (++level > kMostNested) {
            fail(context, "deployments nested more than " + std::to_string(kMostNested) + " deep",
                 "a template that Azure would deploy");
        }
    }
    const Value* properties = instance.node->find("properties");
    if (properties == nullptr) {
        return nullptr;
    }
    auto nested = std::make_unique<Deployment>();
    nested->name = std::string(instance.id.name());
    nested->file = instance.deployment->file + "/" + nested->name;
    nested->path = instance.deployment->path;
    nested->parent = instance.deployment;
    nested->scope = target_of(instance, context);
    nested->copies = instance.copies;
    nested->body = properties->find("template");
    if (nested->body != nullptr && nested->body->is_object()) {
        const Value* options = properties->find("expressionEvaluationOptions");
        nested->outer =
            options == nullptr || !equal_ignoring_case(options->text_at("scope"), "inner");
    } else {
        const Value* link = properties->find("templateLink");
        const Value* literal = link != nullptr ? link->find("uri") : nullptr;
        if (literal == nullptr && link != nullptr) {
            literal = link->find("relativePath");
        }
        std::string uri;
        if (literal != nullptr) {
            Context here = context;
            here.place = literal->place;
            uri = text_of(resolve(*literal, here));
        }
        const Linked linked = uri.empty() ? Linked{} : find_linked_(instance.deployment->path, uri);
        if (linked.body == nullptr) {
            notes_.push_back({"AZR1042",
                              "the linked template " +
                                  (uri.empty() ? "(a template spec)" : "'" + shortened(uri) + "'") +
                                  " is not among the files; what it deploys is unknown",
                              literal != nullptr ? literal->place : instance.node->place,
                              uri.empty() ? nested->name : shortened(uri)});
            return nullptr;
        }
        nested->body = linked.body;
        nested->path = linked.path;
        nested->file = linked.file + " (" + nested->name + ")";
    }
    if (const Value* parameters = properties->find("parameters")) {
        for (const auto& [name, literal] : parameters->members) {
            Context here = context;
            here.place = literal.place;
            if (const Value* value = literal.find("value")) {
                nested->given[lower(name)] = resolve(*value, here);
            } else if (literal.find("reference") != nullptr) {
                nested->given[lower(name)] =
                    Value::symbol("secret for parameter '" + name + "' of " + nested->file);
            }
        }
    }
    nested->all_given_unknown = properties->find("parametersLink") != nullptr;
    return nested;
}

// --- reference() ---------------------------------------------------------------------------------

Instance* Evaluator::find_instance(Deployment& deployment, const std::string& name) {
    const std::string wanted = lower(name);
    list(deployment);
    for (const auto& instance : deployment.instances) {
        if (!instance->symbolic_name.empty() && instance->symbolic_name == wanted) {
            return instance.get();
        }
    }
    const auto by_id = by_id_.find(wanted);
    if (by_id != by_id_.end()) {
        return by_id->second;
    }
    Instance* found = nullptr;
    for (const auto& instance : deployment.instances) {
        if (lower(instance->name) == wanted) {
            if (found != nullptr && found->id != instance->id) {
                return nullptr;  // a name alone that two resources bear
            }
            found = instance.get();
        }
    }
    return found;
}

Value Evaluator::output_value(Deployment& deployment, const Value& declared) {
    Context context;
    context.deployment = &deployment.home();
    context.written_in = deployment.is_in_outer() ? &deployment : nullptr;
    context.copies = &deployment.copies;
    context.place = declared.place;
    if (const Value* literal = declared.find("value")) {
        return resolve(*literal, context);
    }
    if (const Value* loop = declared.find("copy")) {
        Value one = *loop;
        one.set("name", Value::of("output"));
        Value list = Value::array();
        list.items.push_back(std::move(one));
        Value made = Value::object();
        resolve_copies(list, context, made);
        return made.members.empty() ? Value{} : made.members.front().second;
    }
    return {};
}

const Value& Evaluator::outputs_of(Deployment& deployment) {
    Lazy& lazy = deployment.outputs;
    if (lazy.state == Lazy::State::waiting) {
        lazy.state = Lazy::State::running;  // whoever asks meanwhile sees none
        lazy.value = made_outputs(deployment);
        lazy.state = Lazy::State::done;
    }
    return lazy.value;
}

Value Evaluator::made_outputs(Deployment& deployment) {
    Value outputs = Value::object();
    const Value* declared = deployment.body->find("outputs");
    if (declared == nullptr) {
        return outputs;
    }
    for (const auto& [name, one] : declared->members) {
        Value output = Value::object();
        output.set("type", Value::of(std::string(one.text_at("type"))));
        try {  // an output that nobody asks for may be wrong
            output.set("value", output_value(deployment, one));
        } catch (const TemplateError& error) {
            (void)error;
            output.set("value", Value::symbol("output '" + name + "' of " + deployment.file));
        }
        outputs.set(name, std::move(output));
    }
    return outputs;
}

Value Evaluator::reference(const std::vector<Value>& arguments, const Context& context) {
    if (arguments.empty() || arguments.size() > 3 || !arguments[0].is_text()) {
        fail(context, "the arguments of reference", "a resource's name or id");
    }
    const std::string name = "reference(" + readable(arguments[0]) + ")";
    const bool full = arguments.size() == 3 && arguments[2].is_text() &&
                      equal_ignoring_case(arguments[2].text, "Full");
    Instance* instance = find_instance(*context.deployment, arguments[0].text);
    if (instance == nullptr || instance->existing) {
        return symbol_of_call("reference", {arguments[0]});
    }
    if (is_deployment(instance->type)) {
        Deployment* nested = nested_of(*instance);
        if (nested == nullptr) {
            return symbol_of_call("reference", {arguments[0]});
        }
        list(*nested);
        Value properties = Value::object();
        if (nested->listing == Deployment::Listing::done) {
            properties.set("outputs", outputs_of(*nested));
        }
        properties.text = shortened(name);
        if (!full) {
            return properties;
        }
        Value result = Value::object();
        result.set("properties", std::move(properties));
        result.text = shortened(name);
        return result;
    }
    const Value& body = body_of(*instance);
    if (full) {
        return with_open_name(body, name);
    }
    const Value* properties = body.find("properties");
    if (properties != nullptr && properties->is_symbolic()) {
        return *properties;
    }
    return with_open_name(
        properties != nullptr && properties->is_object() ? *properties : Value::object(), name);
}

Value Evaluator::output(Deployment& deployment, std::string_view name) {
    list(deployment);
    const Value* declared = deployment.body->find("outputs");
    const Value* one = declared != nullptr ? declared->find(name) : nullptr;
    return one != nullptr ? output_value(deployment, *one) : Value{};
}

// --- all of them ---------------------------------------------------------------------------------

void Evaluator::visit(Deployment& deployment, const std::function<void(Instance&, Value)>& each) {
    list(deployment);
    for (std::size_t i = 0; i < deployment.instances.size(); ++i) {
        Instance& instance = *deployment.instances[i];
        if (instance.existing) {
            continue;
        }
        if (is_deployment(instance.type)) {
            if (Deployment* nested = nested_of(instance)) {
                list(*nested);
                for (const auto& inner : nested->instances) {
                    inner->exists_if = join_names(instance.exists_if, inner->exists_if);
                }
                visit(*nested, each);
            }
            continue;
        }
        each(instance, body_of(instance));
    }
}

void Evaluator::for_each_resource(Deployment& root,
                                  const std::function<void(Instance&, Value)>& each) {
    visit(root, each);
}

}  // namespace azreach::arm_template
