// How values are put together in ARM's shape; shared by the files of the mapping.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/plan/terraform_document.hpp"

namespace azreach::terraform {

std::vector<std::string_view> words(std::string_view text);
/// "a, b" of versions in which the attribute was a text.
std::vector<std::string_view> split(std::string_view text);
/// There and not null.
bool is_set(const Cursor& at);
/// The first of the names that is set; otherwise the first that somebody asks for.
std::pair<Cursor, std::string> first_of(const Cursor& block, std::string_view names);
/// A segment of a path as a key: "~" is a dot.
std::string key_of(std::string_view segment);
/// "a.b" below `object`; objects on the way are made.
Value& at_path(Value& object, std::string_view path);
Value with_place(Value value, const Value* from);
/// Everything in `value` was written where `from` was.
void place_all(Value& value, const Value& from);
std::string last_segment(std::string_view type);

}  // namespace azreach::terraform
