// What must not leave a tenant with its network: passwords, keys, tokens, user data of machines.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace azreach {

/// The key names a secret, in any spelling: "adminPassword", "primary_access_key", "customData".
bool names_a_secret(std::string_view key);
/// The text is one, whatever its key: a private key, a signed URL, a connection string, a token.
bool looks_like_a_secret(std::string_view text);

/// How often something was taken out, by key.
using Removed = std::map<std::string, std::size_t>;

/// The document as compact JSON without secrets. Members that name one are left out; where
/// absence has a meaning (values that Terraform marks as sensitive, defaults of parameters) the
/// value becomes a symbol or the parameter loses its default. Appends to `out`.
void write_without_secrets(simdjson::dom::element document, std::string& out, Removed& removed);

/// `text` as a JSON string, with quotes. Appends to `out`.
void write_text(std::string_view text, std::string& out);

}  // namespace azreach
