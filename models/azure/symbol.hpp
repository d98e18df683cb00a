// Symbols: values that nobody knows before deployment, and carry a name.
//
// A template parameter without a value, an attribute that Terraform knows after apply. In text a
// symbol stands between white square brackets: a prefix is "⟦parameter 'prefix' of main.json⟧", an
// id holds one as a segment: "/subscriptions/⟦subscription⟧/resourceGroups/rg/...". A text that
// holds a symbol is *symbolic*: nothing is known about it but what stands around the symbols. Equal
// symbolic texts are equal values.
//
// What a symbolic value does to answers: it is treated as something unread [J4], unreadable [J3] or
// contested [J2] at its place, and the open fact is printed under the symbol's name. It widens MAY
// and never narrows it. See docs/decisions/0005-derived-resources.md.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/azure/resource_id.hpp"

namespace azreach {

inline constexpr std::string_view kSymbolOpens = "\xE2\x9F\xA6";   // U+27E6
inline constexpr std::string_view kSymbolCloses = "\xE2\x9F\xA7";  // U+27E7

/// "⟦name⟧". A slash in the name, which would cut an id in two, becomes U+2215; brackets are left
/// out.
std::string symbol(std::string_view name);

inline bool is_symbolic(std::string_view text) {
    return text.find(kSymbolOpens) != std::string_view::npos;
}

/// The names of the symbols in `text`, each once, in order.
std::vector<std::string> symbols_in(std::string_view text);
/// They, joined with ", "; for messages and `dependsOn`.
std::string symbol_names(std::string_view text);

/// Objects (resources, or parts of one such as a rule) of which something is symbolic, with the
/// names of the symbols.
using SymbolsById = std::map<ResourceId, std::set<std::string>>;

/// True unless the two ids surely differ: where neither holds a symbol, segments must be equal; a
/// symbol that is a whole segment may be any one segment; a text that begins with a symbol may be
/// any id.
bool may_be_same(const ResourceId& a, const ResourceId& b);

}  // namespace azreach
