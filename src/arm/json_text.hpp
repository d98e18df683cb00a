// Bytes of a file as plain UTF-8 JSON text.
#pragma once

#include <cstddef>
#include <string>

namespace azreach {

struct TextLimits {
    std::size_t max_bytes;
    std::size_t max_ratio;
};

/// Reads a file; decompresses gzip and zstd by their magic bytes. Throws InputError.
std::string read_file(const std::string& path);
std::string decompressed(const std::string& name, std::string bytes, const TextLimits& limits);

/// Removes a byte-order mark, converts UTF-16 to UTF-8. Comments and trailing commas stay.
std::string as_utf8(const std::string& name, std::string bytes);
/// Blanks out // and /* */ comments and trailing commas, keeping lines and columns.
std::string without_comments(std::string text);

/// Hex SHA-256.
std::string sha256(const std::string& bytes);

}  // namespace azreach
