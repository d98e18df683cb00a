// The template language counts characters as .NET does: in UTF-16 units.
#pragma once

#include <string>
#include <string_view>

namespace azreach::arm_template {

/// Bytes that are no UTF-8 become U+FFFD.
std::u16string to_utf16(std::string_view text);
/// Halves of pairs become U+FFFD.
std::string to_utf8(std::u16string_view text);

}  // namespace azreach::arm_template
