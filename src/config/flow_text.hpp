// The one small language inside the file: sets and flows as text.
//
//   flow    := set "->" set { "on" services | "via" set | "not" "via" set }
//   set     := term { ("+" | "-") term }          union, difference; from the left
//   term    := factor { "&" factor }              intersection binds closer
//   factor  := name | "(" set ")"
//   services := name { ("," | "+") name }
//
// Names may hold hyphens and slashes, so `+`, `-` and `&` stand between blanks.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "src/engine/invariant.hpp"

namespace azreach::config {

/// Services of the file by name; nullptr: no such name.
using NamedServices = std::function<const ServiceSet*(const std::string&)>;

/// Each throws InputError with the line and column of what is wrong. `place` is where `text`
/// begins; `text` must stand on one line for columns to be right.
FlowExpression parse_flow(std::string_view text, const Place& place, const NamedServices& services);
SetExpression parse_set(std::string_view text, const Place& place);
/// "https", "tcp/443", "tcp/80,443,mgmt": names of the file and services of the contract.
ServiceSet parse_services(std::string_view text, const Place& place, const NamedServices& services);

/// Words that no set and no service may be called.
bool is_reserved(std::string_view name);

/// The nearest of `known`, as "; did you mean X?", or "".
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace azreach::config
