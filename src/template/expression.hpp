// The template expression language: "[concat(parameters('a'), '-nic')]" as a tree.
//
// Grammar: a call `name(arguments)` or `namespace.name(arguments)`, a text in single quotes ('' is
// one quote), a number; behind each any number of `.member` and `[index]`. Letters count without
// case in names of functions.
// Source: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/derived/value.hpp"

namespace azreach::arm_template {

struct Expression {
    enum class Kind : std::uint8_t {
        literal,  // text or number in `value`
        call,     // `name` (lower case, with its namespace) of `arguments`
        member,   // `arguments[0]`.`name`
        index,    // `arguments[0]`[`arguments[1]`]
    };
    Kind kind = Kind::literal;
    derived::Value value;
    std::string name;     // a member's as written
    std::string written;  // a call's name as written
    std::vector<Expression> arguments;
};

struct ExpressionError {
    std::size_t at = 0;  // in the text within the brackets
    std::string found, expected;
};

/// Deeper nesting is refused.
constexpr std::size_t kMaxExpressionDepth = 256;

/// The expression as text, the same for the same expression whatever its blanks.
std::string written_form(const Expression& expression);
/// True for a text that is an expression: "[...]" and not "[[...".
bool is_expression(std::string_view text);
/// A text that is none: "[[x]" stands for "[x]".
std::string unescaped(std::string_view text);
/// Parses what stands within the outer brackets. Throws ExpressionError.
Expression parse_expression(std::string_view inner);

}  // namespace azreach::arm_template
