// SHA-256 (FIPS 180-4), for the digest of a snapshot.
#pragma once

#include <string>
#include <string_view>

namespace azreach {

/// Hex, lower case. Uses the processor's SHA instructions where it has them.
std::string sha256(std::string_view bytes);

namespace detail {
/// The same without those instructions; the two are compared by a test.
std::string sha256_portable(std::string_view bytes);
}  // namespace detail

}  // namespace azreach
