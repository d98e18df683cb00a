// The functions of the template language that only look at their arguments.
//
// What looks at the template (parameters, reference, resourceGroup, ...), evaluates lazily (if,
// and, or) or takes a lambda is in evaluator.cpp. Source:
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/derived/value.hpp"

namespace azreach::arm_template {

using derived::Value;

/// A text or list that grows beyond this is refused: hostile templates double it in every step.
constexpr std::size_t kMaxTextBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxItems = 100000;

/// What is wrong with the arguments; the caller knows the place.
struct FunctionError {
    std::string found, expected;
};
/// The result cannot be told from the arguments (a symbol among them, a format that is not
/// modelled): the call becomes a symbol.
struct NotKnown {};

/// The arguments of one call, with typed access that throws FunctionError.
class Arguments {
public:
    Arguments(std::string_view function, std::vector<Value>& values)
        : function_(function), values_(values) {}

    std::string_view function() const { return function_; }
    std::size_t size() const { return values_.size(); }
    Value& operator[](std::size_t i) const { return values_[i]; }
    const std::string& text(std::size_t i) const;
    std::int64_t integer(std::size_t i) const;  // also a text of digits
    const std::vector<Value>& array(std::size_t i) const;
    const Value& object(std::size_t i) const;
    [[noreturn]] void fail(std::size_t i, std::string expected) const;

private:
    std::string_view function_;
    std::vector<Value>& values_;
};

struct Function {
    std::string_view name;  // lower case
    Value (*call)(const Arguments&);
    std::size_t least = 0, most = 64;
    /// False: the call is a symbol as soon as an argument is one. True: the function says itself
    /// what it makes of symbols.
    bool takes_symbols = false;
};
/// Null when there is none of this name.
const Function* find_function(std::string_view lower_case_name);
/// For "did you mean".
std::vector<std::string_view> function_names();

std::span<const Function> text_functions();
std::span<const Function> collection_functions();
std::span<const Function> number_functions();

// --- symbols -------------------------------------------------------------------------------------

/// Yes, no, or it hangs on symbols.
enum class Truth : std::uint8_t { no, yes, open };
Truth equal(const Value& a, const Value& b);

/// An object some members of which are not known (what `reference` gives): members that it does not
/// show are symbols under this name. "" for a plain object.
inline const std::string& open_name(const Value& object) { return object.text; }
inline bool is_open(const Value& value) { return !value.is_text() && !value.text.empty(); }

/// How a value reads within the name of a symbol: "parameter 'x' of main.json", "'text'", "[...]".
/// Different values read differently.
std::string readable(const Value& value);
/// The symbol for a call that cannot be worked out: "toLower(parameter 'x' of main.json)".
Value symbol_of_call(std::string_view function, const std::vector<Value>& arguments);
/// 64 bits in hexadecimal.
std::string digest_of(std::string_view text);
/// A name short enough to be printed. One that is cut ends with a digest of the whole, and with
/// what it hangs on in the end: "replace(... #1a2b; from parameter 'x' of main.json".
std::string shortened(std::string name, std::size_t most = 160);

/// The text of a value as concat, format and string write it; symbols stay.
std::string text_of(const Value& value);
/// A member of an open object is open itself.
Value with_open_name(Value value, const std::string& name);

std::string lower(std::string_view text);

}  // namespace azreach::arm_template
