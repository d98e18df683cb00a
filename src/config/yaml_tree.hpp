// YAML 1.2 (so JSON too) as a tree in which every value knows its place. The one file that names
// yaml-cpp is yaml_tree.cpp.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/azure/diagnostic.hpp"

namespace azreach::config {

struct YamlNode {
    enum class Kind : std::uint8_t { null, scalar, sequence, map } kind = Kind::null;
    std::string text;     // scalar
    bool quoted = false;  // scalar: certainly text, never a number or a truth value
    std::vector<YamlNode> items;
    std::vector<std::pair<YamlNode, YamlNode>> pairs;  // keys are scalars and differ
    Place place;                                       // file, line, column
};

/// One document. Throws InputError with line and column for what is no YAML, for duplicate keys,
/// several documents, keys that are no scalars, unterminated quotes; and for hostile sizes: more
/// than 16 MB, more than kMaxNodes nodes once aliases are followed, nesting beyond kMaxDepth.
YamlNode parse_yaml(std::string text, const std::string& file);

inline constexpr std::size_t kMaxYamlBytes = 16U << 20U;
inline constexpr std::size_t kMaxNodes = 1'000'000;
inline constexpr std::size_t kMaxDepth = 64;

}  // namespace azreach::config
