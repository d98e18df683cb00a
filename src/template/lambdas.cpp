// Functions that take a lambda: map, filter, reduce, sort, toObject, groupBy, mapValues.
// Source:
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-lambda
#include <algorithm>
#include <array>

#include "models/azure/symbol.hpp"
#include "src/template/evaluator.hpp"

namespace azreach::arm_template {

namespace {

constexpr std::array<std::string_view, 8> kLambdaFunctions = {
    "filter", "groupby", "lambda", "map", "mapvalues", "reduce", "sort", "toobject"};

}  // namespace

bool Evaluator::is_lambda_function(std::string_view name) const {
    return std::binary_search(kLambdaFunctions.begin(), kLambdaFunctions.end(), name);
}

/// The lambda with its variables bound; one that takes an index gets it, too.
Value Evaluator::apply(const Expression& lambda, const std::vector<const Value*>& values,
                       const Context& context) {
    if (lambda.kind != Expression::Kind::call || lambda.name != "lambda" ||
        lambda.arguments.empty()) {
        fail(context, "an argument that is no lambda", "lambda('name', expression)");
    }
    const std::size_t variables = lambda.arguments.size() - 1;
    if (variables > values.size()) {
        fail(context, std::to_string(variables) + " variables of a lambda",
             "at most " + std::to_string(values.size()));
    }
    std::vector<Locals> locals(variables);
    const Locals* innermost = context.locals;
    for (std::size_t i = 0; i < variables; ++i) {
        const Expression& name = lambda.arguments[i];
        if (name.kind != Expression::Kind::literal || !name.value.is_text()) {
            fail(context, "a lambda whose variable is no text", "lambda('name', expression)");
        }
        locals[i] = {name.value.text, values[i], innermost};
        innermost = &locals[i];
    }
    Context inside = context;
    inside.locals = innermost;
    return eval(lambda.arguments.back(), inside);
}

Value Evaluator::lambda_call(const Expression& expression, const Context& context) {
    const std::string& name = expression.name;
    if (name == "lambda") {
        fail(context, "a lambda by itself", "a lambda as an argument of map, filter and the like");
    }
    const auto& arguments = expression.arguments;
    const std::size_t least = name == "reduce" ? 3 : 2;
    if (arguments.size() < least || arguments.size() > 3) {
        fail(context, std::to_string(arguments.size()) + " arguments of " + expression.written,
             std::to_string(least));
    }
    const Value input = eval(arguments[0], context);
    if (input.is_symbolic() || is_open(input)) {
        return unknown_here(expression.written + "(" + readable(input) + ")", &expression, context);
    }
    const auto not_known = [&](const Value& on) {
        return unknown_here(expression.written + "(...) by " + readable(on), &expression, context);
    };
    const auto truth = [&](const Value& value) -> std::optional<bool> {
        if (value.is_symbolic()) {
            return std::nullopt;
        }
        if (value.kind != Value::Kind::boolean) {
            fail(context, std::string(to_string(value.kind)) + " from a lambda", "a boolean");
        }
        return value.boolean;
    };
    const auto key_of = [&](const Value& value) -> std::string {
        if (!value.is_text() && !value.is_number()) {
            fail(context, std::string(to_string(value.kind)) + " as a key", "a string");
        }
        return text_of(value);
    };

    if (name == "mapvalues") {
        if (!input.is_object()) {
            fail(context, std::string(to_string(input.kind)) + " as argument 1 of mapValues",
                 "an object");
        }
        Value result = Value::object();
        for (const auto& [key, value] : input.members) {
            result.members.emplace_back(key, apply(arguments[1], {&value}, context));
        }
        return result;
    }
    if (!input.is_array()) {
        fail(context,
             std::string(to_string(input.kind)) + " as argument 1 of " + expression.written,
             "an array");
    }
    if (name == "map" || name == "filter") {
        Value result = Value::array();
        for (std::size_t i = 0; i < input.items.size(); ++i) {
            const Value position = Value::of(static_cast<std::int64_t>(i));
            Value made = apply(arguments[1], {&input.items[i], &position}, context);
            if (name == "map") {
                result.items.push_back(std::move(made));
                continue;
            }
            const std::optional<bool> kept = truth(made);
            if (!kept) {
                return not_known(made);
            }
            if (*kept) {
                result.items.push_back(input.items[i]);
            }
        }
        return result;
    }
    if (name == "reduce") {
        Value result = eval(arguments[1], context);
        for (std::size_t i = 0; i < input.items.size(); ++i) {
            const Value position = Value::of(static_cast<std::int64_t>(i));
            result = apply(arguments[2], {&result, &input.items[i], &position}, context);
        }
        return result;
    }
    if (name == "sort") {
        // By insertion: the order of a lambda that is no order is a result all the same.
        Value result = Value::array();
        for (const Value& item : input.items) {
            std::size_t at = result.items.size();
            while (at > 0) {
                const Value made = apply(arguments[1], {&item, &result.items[at - 1]}, context);
                const std::optional<bool> before = truth(made);
                if (!before) {
                    return not_known(made);
                }
                if (!*before) {
                    break;
                }
                --at;
            }
            result.items.insert(result.items.begin() + static_cast<std::ptrdiff_t>(at), item);
        }
        return result;
    }
    constexpr std::size_t kMostKeys = 10000;  // each new key is compared with all before it
    if (input.items.size() > kMostKeys) {
        fail(context, "an array of " + std::to_string(input.items.size()) + " items",
             "at most " + std::to_string(kMostKeys));
    }
    Value result = Value::object();
    for (const Value& item : input.items) {
        const Value key = apply(arguments[1], {&item}, context);
        if (key.is_symbolic() && name == "groupby") {
            return not_known(key);
        }
        Value value = arguments.size() > 2 ? apply(arguments[2], {&item}, context) : item;
        if (name == "toobject") {
            result.set(key_of(key), std::move(value));
            continue;
        }
        Value* group = result.find(key_of(key));
        if (group == nullptr) {
            group = &result.set(key_of(key), Value::array());
        }
        group->items.push_back(std::move(value));
    }
    return result;
}

}  // namespace azreach::arm_template
