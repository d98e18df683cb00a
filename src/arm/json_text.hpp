// Bytes of a file as plain UTF-8 JSON text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/arm/text_buffer.hpp"

namespace azreach {

/// What may come out of one file. Compressed files grow: a bomb is refused, not unpacked.
struct TextLimits {
    std::size_t max_bytes;
    std::size_t max_ratio;
};

/// Reads a file (or a pipe). Throws InputError when it cannot be read or is too large.
TextBuffer read_file(const std::string& path, const TextLimits& limits);
/// Decompresses gzip and zstd, told by their magic bytes; other bytes stay as they are.
TextBuffer decompressed(const std::string& name, TextBuffer bytes, const TextLimits& limits);

/// True for text that as_utf8 leaves as it is.
bool is_plain(std::string_view text);
/// Removes a byte-order mark, converts UTF-16 to UTF-8. Lines and their numbers stay.
TextBuffer as_utf8(const std::string& name, TextBuffer bytes);
/// Overwrites // and /* */ comments and trailing commas with blanks, in place: every other byte
/// keeps its line and column. True if something was overwritten.
bool blank_out_comments(char* text, std::size_t size);

}  // namespace azreach
