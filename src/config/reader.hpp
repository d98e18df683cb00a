// What the readers of the configuration's parts share: typed values out of the tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/config/config.hpp"
#include "src/config/flow_text.hpp"
#include "src/config/yaml_tree.hpp"

namespace azreach::config {

/// Found something else than expected at this node.
[[noreturn]] void wrong(const YamlNode& node, const std::string& subject,
                        const std::string& expected, const std::string& remedy = {});

/// The value of a key; null nodes count as absent only where the reader says so.
const YamlNode* find(const YamlNode& map, std::string_view key);

/// A map with only the keys of `object` (known_keys); throws for others, with a suggestion.
void check_keys(const YamlNode& map, std::string_view object, const std::string& subject);

/// A text that is not empty.
std::string text_of(const YamlNode& node, const std::string& subject);
bool truth_of(const YamlNode& node, const std::string& subject);
/// One text or a list of them; never empty.
std::vector<const YamlNode*> texts_of(const YamlNode& node, const std::string& subject);
Date date_of(const YamlNode& node, const std::string& subject);
Uint128 number_of(const YamlNode& node, const std::string& subject);
/// Where the text of a scalar begins: after its quote.
Place text_place(const YamlNode& node);

/// The parts of the file that stand for themselves.
SetDefinition read_set(const std::string& name, const YamlNode& node);
Invariant read_invariant(const YamlNode& node, const NamedServices& services);
Suppression read_suppression(const YamlNode& node);

}  // namespace azreach::config
