// Structure of JSON text without values: where members and items begin and end.
//
// Used to split a file into resources, so that each is parsed on its own with small warm buffers,
// and to find the place of a pointer. It checks nesting and strings only; every span it hands out
// is parsed and validated by simdjson afterwards.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace azreach::json {

struct Span {
    std::size_t begin = 0, end = 0;  // [begin, end)
};
struct Member {
    std::string_view key;  // raw, between the quotes
    Span value;
};

/// Past white space from `at`.
std::size_t skip_space(std::string_view text, std::size_t at);
/// End of the value that begins at `at`; nullopt when it never ends.
std::optional<std::size_t> skip_value(std::string_view text, std::size_t at);
/// Members of the object, or items of the array, that begins at `at`; nullopt when malformed.
std::optional<std::vector<Member>> members(std::string_view text, std::size_t at);
std::optional<std::vector<Span>> items(std::string_view text, std::size_t at);

/// Byte offset of the value that an RFC 6901 pointer names, as deep as it leads.
std::size_t offset_of(std::string_view text, std::string_view pointer);

}  // namespace azreach::json
