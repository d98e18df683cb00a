#include "src/template/evaluator.hpp"

#include <algorithm>

#include "models/azure/symbol.hpp"

namespace azreach::arm_template {

namespace {

// Far beyond any template that can be deployed (4 MB, 800 resources, 256 parameters).
constexpr std::size_t kMostSteps = 5'000'000;
constexpr std::size_t kMostNodes = 20'000'000;
constexpr std::size_t kMostDepth = 400;
constexpr std::int64_t kMostTurns = 800;  // Azure's own limit of a copy loop

struct Deeper {
    explicit Deeper(std::size_t& depth) : depth_(depth) { ++depth_; }
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

private:
    std::size_t& depth_;
};

std::size_t size_of(const Value& value) {
    std::size_t size = 1;
    for (const Value& item : value.items) size += size_of(item);
    for (const auto& [key, member] : value.members) size += size_of(member);
    return size;
}

std::string nearest(std::string_view wanted, const std::vector<std::string_view>& names) {
    std::string_view best;
    std::size_t most = 2;
    for (const std::string_view name : names) {
        std::size_t same = 0;
        while (same < name.size() && same < wanted.size() && name[same] == wanted[same]) {
            ++same;
        }
        if (same > most) {
            most = same;
            best = name;
        }
    }
    return best.empty() ? "" : "did you mean '" + std::string(best) + "'?";
}

}  // namespace

void Evaluator::fail(const Context& context, std::string found, std::string expected,
                     std::string remedy) {
    throw TemplateError{context.place, std::move(found), std::move(expected), std::move(remedy)};
}

void Evaluator::step(const Context& context) {
    if (++steps_ > kMostSteps) {
        fail(context, "a template that needs more than " + std::to_string(kMostSteps) + " steps",
             "a template that Azure would deploy");
    }
    if (depth_ > kMostDepth) {
        fail(context, "expressions nested more than " + std::to_string(kMostDepth) + " deep",
             "a template that Azure would deploy");
    }
}

const Expression& Evaluator::parsed(const Value& text) {
    auto& known = expressions_[text.text];
    if (known == nullptr) {
        try {
            known = std::make_unique<Expression>(
                parse_expression(std::string_view(text.text).substr(1, text.text.size() - 2)));
        } catch (const ExpressionError& error) {
            throw TemplateError{text.place,
                                error.found + " at character " + std::to_string(error.at + 2) +
                                    " of the expression " + text.text.substr(0, 120),
                                error.expected,
                                {}};
        }
    }
    return *known;
}

// --- JSON with expressions in it -----------------------------------------------------------------

Value Evaluator::resolve_text(const Value& literal, const Context& context) {
    if (!is_expression(literal.text)) {
        Value result = literal;
        result.text = unescaped(literal.text);
        if (context.written_in != nullptr && is_expression(result.text)) {
            Context own = context;
            own.deployment = context.written_in;
            own.written_in = nullptr;
            return resolve_text(result, own);
        }
        return result;
    }
    Context here = context;
    if (literal.place.known()) {
        here.place = literal.place;
    }
    Value result = eval(parsed(literal), here);
    if (!result.place.known()) {
        result.place = here.place;
        result.verbatim = false;
    }
    return result;
}

Value Evaluator::resolve(const Value& literal, const Context& context) {
    const Deeper deeper(depth_);
    step(context);
    switch (literal.kind) {
        case Value::Kind::text:
            return resolve_text(literal, context);
        case Value::Kind::array: {
            Value result = Value::array();
            result.place = literal.place;
            result.verbatim = literal.verbatim;
            result.items.reserve(literal.items.size());
            for (const Value& item : literal.items) {
                result.items.push_back(resolve(item, context));
            }
            return result;
        }
        case Value::Kind::object:
            return resolve_object(literal, context);
        default:
            return literal;
    }
}

Value Evaluator::resolve_object(const Value& literal, const Context& context) {
    Value result = Value::object();
    result.place = literal.place;
    result.verbatim = literal.verbatim;
    for (const auto& [key, value] : literal.members) {
        const bool loops = equal_ignoring_case(key, "copy") && value.is_array() &&
                           std::all_of(value.items.begin(), value.items.end(), [](const Value& v) {
                               return v.find("name") != nullptr && v.find("count") != nullptr &&
                                      v.find("input") != nullptr;
                           });
        if (loops) {
            resolve_copies(value, context, result);
            continue;
        }
        if (is_expression(key)) {
            Value name = Value::of(key);
            name.place = value.place;
            const Value evaluated = resolve_text(name, context);
            Context here = context;
            here.place = value.place;
            if (!evaluated.is_text()) {
                fail(here, std::string(to_string(evaluated.kind)) + " as a key", "a string");
            }
            result.members.emplace_back(evaluated.text, resolve(value, context));
            continue;
        }
        result.members.emplace_back(unescaped(key), resolve(value, context));
    }
    return result;
}

/// The loops of an object or of the variables: each makes one member.
void Evaluator::resolve_copies(const Value& copies, const Context& context, Value& into) {
    for (const Value& loop : copies.items) {
        Context here = context;
        here.place = loop.place;
        const Value name = resolve(*loop.find("name"), here);
        if (!name.is_text()) {
            fail(here, std::string(to_string(name.kind)) + " as the name of a loop", "a string");
        }
        const Value count = resolve(*loop.find("count"), here);
        Value made = Value::array();
        made.place = loop.find("input")->place;
        if (count.is_symbolic()) {
            made = unknown_here("loop '" + name.text + "' up to " + readable(count), nullptr, here);
            made.place = loop.place;
            into.set(name.text, std::move(made));
            continue;
        }
        if (count.kind != Value::Kind::integer || count.integer < 0 || count.integer > kMostTurns) {
            fail(here, derived::to_json(count).substr(0, 60) + " as the count of a loop",
                 "a number from 0 to " + std::to_string(kMostTurns));
        }
        std::vector<CopyTurn> turns =
            context.copies != nullptr ? *context.copies : std::vector<CopyTurn>{};
        turns.push_back({name.text, {}});
        here.copies = &turns;
        for (std::int64_t i = 0; i < count.integer; ++i) {
            turns.back().index = Value::of(i);
            made.items.push_back(resolve(*loop.find("input"), here));
        }
        into.set(name.text, std::move(made));
    }
}

// --- expressions ---------------------------------------------------------------------------------

std::vector<Value> Evaluator::arguments_of(const Expression& expression, const Context& context) {
    std::vector<Value> arguments;
    arguments.reserve(expression.arguments.size());
    for (const Expression& argument : expression.arguments) {
        arguments.push_back(eval(argument, context));
    }
    return arguments;
}

/// A value that is already there, without a copy: a parameter, a variable, a part of one.
const Value* Evaluator::peek(const Expression& expression, const Context& context) {
    if (expression.kind == Expression::Kind::call && expression.arguments.size() == 1 &&
        expression.arguments[0].kind == Expression::Kind::literal &&
        expression.arguments[0].value.is_text()) {
        const std::string& name = expression.arguments[0].value.text;
        if (expression.name == "parameters") {
            return &parameter(name, context);
        }
        if (expression.name == "variables") {
            return &variable(name, context);
        }
        if (expression.name == "lambdavariables") {
            for (const Locals* local = context.locals; local != nullptr; local = local->outer) {
                if (equal_ignoring_case(local->name, name)) {
                    return local->value;
                }
            }
        }
        return nullptr;
    }
    if (expression.kind == Expression::Kind::member) {
        const Value* base = peek(expression.arguments[0], context);
        return base != nullptr && base->is_object() && !is_open(*base) ? base->find(expression.name)
                                                                       : nullptr;
    }
    if (expression.kind == Expression::Kind::index) {
        const Value* base = peek(expression.arguments[0], context);
        if (base == nullptr || is_open(*base) || (!base->is_array() && !base->is_object())) {
            return nullptr;
        }
        const Value at = eval(expression.arguments[1], context);
        if (base->is_object()) {
            return at.is_text() && !at.is_symbolic() ? base->find(at.text) : nullptr;
        }
        const bool within = at.kind == Value::Kind::integer && at.integer >= 0 &&
                            at.integer < static_cast<std::int64_t>(base->items.size());
        return within ? &base->items[static_cast<std::size_t>(at.integer)] : nullptr;
    }
    return nullptr;
}

Value Evaluator::eval(const Expression& expression, const Context& context) {
    const Deeper deeper(depth_);
    step(context);
    if (const Value* known = peek(expression, context)) {
        nodes_ += size_of(*known);
        if (nodes_ > kMostNodes) {
            fail(context, "a template whose values grow without end", "a smaller one");
        }
        return *known;
    }
    switch (expression.kind) {
        case Expression::Kind::literal:
            return expression.value;
        case Expression::Kind::member:
            return member(eval(expression.arguments[0], context), expression.name, context);
        case Expression::Kind::index:
            return index(eval(expression.arguments[0], context),
                         eval(expression.arguments[1], context), context);
        case Expression::Kind::call:
            return call(expression, context);
    }
    return {};
}

Value Evaluator::member(const Value& base, const std::string& name, const Context& context) {
    if (base.is_symbolic()) {
        return Value::symbol(shortened(readable(base) + "." + name));
    }
    if (!base.is_object()) {
        fail(context, "member '" + name + "' of " + std::string(to_string(base.kind)),
             "an object with it");
    }
    const std::string open = is_open(base) ? open_name(base) + "." + name : "";
    if (const Value* value = base.find(name)) {
        return open.empty() ? *value : with_open_name(*value, open);
    }
    if (!open.empty()) {
        return Value::symbol(shortened(open));
    }
    std::string others;
    for (const auto& [key, value] : base.members) {
        if (others.size() > 120) {
            others += ", ...";
            break;
        }
        others += (others.empty() ? "" : ", ") + key;
    }
    fail(context, "no member '" + name + "'",
         others.empty() ? "an object with it; this one is empty" : "one of " + others);
}

Value Evaluator::index(const Value& base, const Value& at, const Context& context) {
    if (base.is_symbolic() || at.is_symbolic()) {
        return Value::symbol(shortened(readable(base) + "[" + readable(at) + "]"));
    }
    if (base.is_object() && at.is_text()) {
        return member(base, at.text, context);
    }
    if (base.is_array() && at.kind == Value::Kind::integer) {
        const std::string open =
            is_open(base) ? open_name(base) + "[" + std::to_string(at.integer) + "]" : "";
        if (at.integer >= 0 && at.integer < static_cast<std::int64_t>(base.items.size())) {
            const Value& value = base.items[static_cast<std::size_t>(at.integer)];
            return open.empty() ? value : with_open_name(value, open);
        }
        if (!open.empty()) {
            return Value::symbol(shortened(open));
        }
        fail(context,
             "index " + std::to_string(at.integer) + " of an array of " +
                 std::to_string(base.items.size()),
             "an index from 0 to " + std::to_string(base.items.size()) + " (not included)");
    }
    fail(context,
         std::string(to_string(at.kind)) + " as the index of " + std::string(to_string(base.kind)),
         "an array and a number, or an object and a string");
}

Value Evaluator::conditional(const Expression& expression, const Context& context) {
    if (expression.arguments.size() != 3) {
        fail(context, std::to_string(expression.arguments.size()) + " arguments of if", "three");
    }
    const Value condition = eval(expression.arguments[0], context);
    if (condition.kind == Value::Kind::boolean) {
        return eval(expression.arguments[condition.boolean ? 1 : 2], context);
    }
    if (!condition.is_symbolic()) {
        fail(context, std::string(to_string(condition.kind)) + " as the condition of if",
             "a boolean");
    }
    // Either branch; what is wrong with one of them only counts when it is taken.
    const auto branch = [&](std::size_t i) -> std::optional<Value> {
        try {
            return eval(expression.arguments[i], context);
        } catch (const TemplateError&) {
            return std::nullopt;
        }
    };
    const std::optional<Value> yes = branch(1);
    const std::optional<Value> no = branch(2);
    if (!yes || !no) {
        return yes ? *yes : no ? *no : Value::symbol(shortened("if(" + readable(condition) + ")"));
    }
    if (equal(*yes, *no) == Truth::yes) {
        return *yes;
    }
    return symbol_of_call("if", {condition, *yes, *no});
}

Value Evaluator::all_or_any(const Expression& expression, const Context& context, bool all) {
    std::vector<Value> open;
    for (const Expression& argument : expression.arguments) {
        Value value = eval(argument, context);
        if (value.is_symbolic()) {
            open.push_back(std::move(value));
        } else if (value.kind != Value::Kind::boolean) {
            fail(context,
                 std::string(to_string(value.kind)) + " as an argument of " + expression.written,
                 "a boolean");
        } else if (value.boolean != all) {
            return value;
        }
    }
    if (open.empty()) {
        return Value::of(all);
    }
    return open.size() == 1 ? open.front() : symbol_of_call(expression.written, open);
}

Value Evaluator::copy_index(const Expression& expression, const Context& context) {
    const std::vector<Value> arguments = arguments_of(expression, context);
    std::string name;
    Value offset = Value::of(std::int64_t{0});
    for (const Value& argument : arguments) {
        if (argument.is_text() && !argument.is_symbolic() && &argument == arguments.data()) {
            name = argument.text;
        } else {
            offset = argument;
        }
    }
    const std::vector<CopyTurn>* turns = context.copies;
    if (turns == nullptr || turns->empty()) {
        fail(context, "copyIndex outside of a loop", "a resource or property with copy");
    }
    const CopyTurn* turn = &turns->back();
    if (!name.empty()) {
        const auto found = std::find_if(turns->rbegin(), turns->rend(), [&](const CopyTurn& one) {
            return equal_ignoring_case(one.name, name);
        });
        if (found == turns->rend()) {
            fail(context, "copyIndex of '" + name + "'", "the name of a loop around it");
        }
        turn = &*found;
    }
    if (turn->index.is_symbolic() || offset.is_symbolic()) {
        const bool plain = offset == Value::of(std::int64_t{0});
        return plain ? turn->index : symbol_of_call("add", {turn->index, offset});
    }
    if (offset.kind != Value::Kind::integer || offset.integer > 1'000'000'000 ||
        offset.integer < -1'000'000'000) {
        fail(context, std::string(to_string(offset.kind)) + " as the offset of copyIndex",
             "an integer");
    }
    return Value::of(turn->index.integer + offset.integer);
}

Value Evaluator::user_function(const Expression& expression, const Context& context) {
    const auto& functions = context.deployment->functions;
    const auto found = functions.find(expression.name);
    if (found == functions.end()) {
        fail(context, "function '" + expression.written + "'",
             "a function that the template declares");
    }
    std::map<std::string, Value> parameters;
    const Value* declared = found->second->find("parameters");
    const std::size_t count = declared != nullptr ? declared->items.size() : 0;
    if (expression.arguments.size() != count) {
        fail(context,
             std::to_string(expression.arguments.size()) + " arguments of " + expression.written,
             std::to_string(count));
    }
    for (std::size_t i = 0; i < count; ++i) {
        parameters[lower(declared->items[i].text_at("name"))] =
            eval(expression.arguments[i], context);
    }
    const Value* output = found->second->find("output");
    const Value* value = output != nullptr ? output->find("value") : nullptr;
    if (value == nullptr) {
        fail(context, "function '" + expression.written + "' without an output value", "one");
    }
    Context inside;
    inside.deployment = context.deployment;
    inside.function_parameters = &parameters;
    inside.place = value->place;
    return resolve(*value, inside);
}

Value Evaluator::pure_call(const Function& function, std::string_view written,
                           std::vector<Value> arguments, const Context& context) {
    if (arguments.size() < function.least || arguments.size() > function.most) {
        fail(context, std::to_string(arguments.size()) + " arguments of " + std::string(written),
             function.least == function.most
                 ? std::to_string(function.least)
                 : std::to_string(function.least) + " to " + std::to_string(function.most));
    }
    if (!function.takes_symbols &&
        std::any_of(arguments.begin(), arguments.end(),
                    [](const Value& value) { return value.is_symbolic(); })) {
        return symbol_of_call(written, arguments);
    }
    try {
        return function.call(Arguments(written, arguments));
    } catch (const FunctionError& error) {
        fail(context, error.found, error.expected);
    } catch (const NotKnown&) {
        return symbol_of_call(written, arguments);
    }
}

Value Evaluator::call(const Expression& expression, const Context& context) {
    const std::string& name = expression.name;
    if (name == "if") return conditional(expression, context);
    if (name == "and") return all_or_any(expression, context, true);
    if (name == "or") return all_or_any(expression, context, false);
    if (name == "copyindex") return copy_index(expression, context);
    if (name.find('.') != std::string::npos) return user_function(expression, context);
    if (is_lambda_function(name)) return lambda_call(expression, context);
    if (name == "parameters" || name == "variables") {
        const std::string wanted = name_argument(expression, context);
        if (is_symbolic(wanted)) {
            return symbol_of_call(name, {Value::of(wanted)});
        }
        return name == "parameters" ? parameter(wanted, context) : variable(wanted, context);
    }
    if (name == "lambdavariables") {
        fail(context, "lambda variable '" + name_argument(expression, context) + "'",
             "a variable of a lambda around it");
    }
    if (name == "fail") {
        const std::vector<Value> arguments = arguments_of(expression, context);
        fail(context,
             "the template's own check failed: " +
                 (arguments.empty() ? std::string() : text_of(arguments.front())),
             "values that it accepts");
    }
    if (std::optional<Value> value = scope_function(expression, context)) {
        return *value;
    }
    std::vector<Value> arguments = arguments_of(expression, context);
    if (name == "reference") return reference(arguments, context);
    if (const Function* function = find_function(name)) {
        return pure_call(*function, expression.written, std::move(arguments), context);
    }
    const bool runtime = name.starts_with("list") || name == "pickzones" || name == "providers" ||
                         name == "references";
    if (!runtime) {
        notes_.push_back({"AZR1041",
                          "the function '" + expression.written +
                              "' is not known here; its value counts as unknown",
                          context.place, ""});
    }
    return symbol_of_call(expression.written, arguments);
}

std::string Evaluator::name_argument(const Expression& expression, const Context& context) {
    const std::vector<Value> arguments = arguments_of(expression, context);
    if (arguments.size() != 1 || !arguments.front().is_text()) {
        fail(context, "the arguments of " + expression.written, "one name");
    }
    return arguments.front().text;
}

Value Evaluator::unknown_here(const std::string& name, const Expression* expression,
                              const Context& context) {
    std::string seen = context.deployment->file;
    const auto add = [&](const std::string& part) { seen += "\n" + part; };
    add(std::to_string(context.place.source) + ":" + std::to_string(context.place.node));
    if (expression != nullptr) {
        add(written_form(*expression));
    }
    if (context.copies != nullptr) {
        for (const CopyTurn& turn : *context.copies) add(turn.name + "=" + readable(turn.index));
    }
    for (const Locals* local = context.locals; local != nullptr; local = local->outer) {
        add(local->name + "=" + derived::to_json(*local->value));
    }
    if (context.function_parameters != nullptr) {
        for (const auto& [key, value] : *context.function_parameters) {
            add(key + "=" + derived::to_json(value));
        }
    }
    return Value::symbol(shortened(name) + " #" + digest_of(seen));
}

// --- parameters and variables --------------------------------------------------------------------

namespace {

/// The declaration with "$ref" followed: {"$ref": "#/definitions/name"}.
const Value* referred(const Value& body, const Value& declared, std::size_t depth = 0) {
    const std::string_view ref = declared.text_at("$ref");
    constexpr std::string_view kHead = "#/definitions/";
    if (!ref.starts_with(kHead) || depth > 16) {
        return &declared;
    }
    const Value* definitions = body.find("definitions");
    const Value* found =
        definitions != nullptr ? definitions->find(ref.substr(kHead.size())) : nullptr;
    return found != nullptr ? referred(body, *found, depth + 1) : &declared;
}

bool is_true(const Value* value) {
    return value != nullptr && value->kind == Value::Kind::boolean && value->boolean;
}

}  // namespace

Value Evaluator::parameter_value(const std::string& name, const Value& declared,
                                 Deployment& deployment) {
    const auto given = deployment.given.find(lower(name));
    if (given != deployment.given.end() &&
        !(given->second.is_null() && declared.find("defaultValue") != nullptr)) {
        return given->second;  // null stands for the default value, where there is one
    }
    Context context;
    context.deployment = &deployment;
    context.place = declared.place;
    if (!deployment.all_given_unknown) {
        if (const Value* standard = declared.find("defaultValue")) {
            return resolve(*standard, context);
        }
        if (is_true(declared.find("nullable")) ||
            is_true(referred(*deployment.body, declared)->find("nullable"))) {
            Value null;
            null.place = declared.place;
            return null;
        }
    }
    Value symbol = Value::symbol("parameter '" + name + "' of " + deployment.file);
    symbol.place = declared.place;
    return symbol;
}

const Value& Evaluator::parameter(const std::string& name, const Context& context) {
    if (context.function_parameters != nullptr) {
        const auto found = context.function_parameters->find(lower(name));
        if (found == context.function_parameters->end()) {
            fail(context, "parameter '" + name + "' in a function", "one that it declares");
        }
        return found->second;
    }
    Deployment& deployment = *context.deployment;
    const Value* declared = nullptr;
    if (const Value* all = deployment.body->find("parameters")) {
        declared = all->find(name);
    }
    if (declared == nullptr) {
        std::vector<std::string_view> names;
        if (const Value* all = deployment.body->find("parameters")) {
            for (const auto& [key, value] : all->members) names.push_back(key);
        }
        fail(context, "parameter '" + name + "'", "a parameter that the template declares",
             nearest(name, names));
    }
    Lazy& lazy = deployment.parameters[lower(name)];
    if (lazy.state == Lazy::State::running) {
        fail(context, "parameter '" + name + "', which needs its own value", "no circle");
    }
    if (lazy.state == Lazy::State::waiting) {
        lazy.state = Lazy::State::running;
        try {
            lazy.value = parameter_value(name, *declared, deployment);
        } catch (...) {
            lazy.state = Lazy::State::waiting;
            throw;
        }
        lazy.state = Lazy::State::done;
    }
    return lazy.value;
}

const Value& Evaluator::variable(const std::string& name, const Context& context) {
    Deployment& deployment = *context.deployment;
    const Value* all = deployment.body->find("variables");
    const Value* declared = all != nullptr ? all->find(name) : nullptr;
    const Value* loop = nullptr;
    if (const Value* loops = all != nullptr ? all->find("copy") : nullptr) {
        for (const Value& one : loops->items) {
            if (equal_ignoring_case(one.text_at("name"), name)) {
                loop = &one;
            }
        }
    }
    if (declared == nullptr && loop == nullptr) {
        std::vector<std::string_view> names;
        if (all != nullptr) {
            for (const auto& [key, value] : all->members) names.push_back(key);
        }
        fail(context, "variable '" + name + "'", "a variable that the template declares",
             nearest(name, names));
    }
    Lazy& lazy = deployment.variables[lower(name)];
    if (lazy.state == Lazy::State::running) {
        fail(context, "variable '" + name + "', which needs its own value", "no circle");
    }
    if (lazy.state == Lazy::State::waiting) {
        lazy.state = Lazy::State::running;
        Context inside;
        inside.deployment = &deployment;
        inside.place = (declared != nullptr ? declared : loop)->place;
        try {
            if (loop != nullptr) {
                Value list = Value::array();
                list.items.push_back(*loop);
                Value made = Value::object();
                resolve_copies(list, inside, made);
                lazy.value = std::move(made.members.front().second);
            } else {
                lazy.value = resolve(*declared, inside);
            }
        } catch (...) {
            lazy.state = Lazy::State::waiting;
            throw;
        }
        lazy.state = Lazy::State::done;
    }
    return lazy.value;
}

Value Evaluator::evaluate(Deployment& deployment, const Value& literal) {
    list(deployment);
    Context context;
    context.deployment = &deployment.home();
    context.copies = &deployment.copies;
    context.place = literal.place;
    return resolve(literal, context);
}

}  // namespace azreach::arm_template
