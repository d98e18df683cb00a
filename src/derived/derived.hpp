// Derived resources: ARM resources that no file holds as they are, worked out from one that does.
//
// A producer (template evaluator, Terraform mapper, what-if, Bicep snapshot) reads source texts and
// yields each resource as JSON in the shape of ARM, `{"id", "name", "type", "location", "tags",
// "sku", "properties"}`, with the places in the sources that a person can edit. The importer reads
// that JSON like any other export; it calls producers when all files are there. Values that are not
// known before deployment are symbols (models/azure/symbol.hpp): a string that holds "⟦name⟧", also
// where a number, list or object is expected. Absent stays absent: leave a property out only where
// the file leaves it out (Azure's default then holds), and write a symbol where it is unknown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/azure/diagnostic.hpp"

namespace azreach {

/// A source text as producers see it: one JSON document, UTF-8, without comments. `source` is the
/// importer's number for it, to be given back in origins.
struct DerivedInput {
    std::uint32_t source = 0;
    std::string name;  // as the user gave it
    std::string_view text;
};

/// Where the value at `at` (a JSON pointer into the derived resource; "" for all of it) was
/// written. A value without an origin of its own has that of the nearest value around it.
struct WrittenAt {
    std::string at;
    std::uint32_t source = 0;
    std::string pointer;  // into the source
    /// The source holds the value in the same shape: a member "x" of it stands at pointer + "/x".
    /// False: an expression made it, and all of it was written at `pointer`.
    bool verbatim = false;
};

/// Which of its two states a plan or a what-if stands for.
enum class Side : std::uint8_t { after, before };

/// What a source does to the resource when it is laid over a snapshot (--overlay). Without a
/// snapshot beneath it everything but `remove` is read as it is written.
enum class Effect : std::uint8_t {
    put,     // it becomes what is written here; what Azure itself fills in stays
    merge,   // members written here replace those of the resource, null takes one away
    exists,  // nothing changes; added where the snapshot does not have it
    remove,  // it is gone
};

struct DerivedResource {
    std::string json;
    std::vector<WrittenAt> origins;  // any order; at least one for ""
    /// Not empty: the symbol on which it hangs whether the resource exists at all (a condition that
    /// is not known). Everything that it decides is then in doubt.
    std::string exists_if;
    Effect effect = Effect::put;
    /// The name of the thing in its source, where that is not the resource's: the address in a
    /// Terraform plan, "module.net.azurerm_subnet.app".
    std::string address;
};

/// Marks of Effect::merge. A list that begins with this text keeps the entries of the resource that
/// it does not name; entries go by "name" or "id", the name "*" is every entry. Without the mark
/// entries that it does not name are gone. Entries that stay keep the members not written here.
inline constexpr std::string_view kRest = "\xE2\x9F\xA6rest\xE2\x9F\xA7";
/// A member of an entry in such a list: true takes the entry out.
inline constexpr std::string_view kGone = "$gone";
/// A member of a resource that was put together from the flattened form of an az CLI listing: what
/// is absent may only be too new for the API version that the listing asks.
inline constexpr std::string_view kFlattened = "$flattened";

/// What a producer cannot go on with; the importer adds file and line. Without a pointer the offset
/// tells the line.
struct DeriveError {
    std::uint32_t source = 0;
    std::size_t offset = 0;
    std::string pointer;
    std::string subject, found, expected, remedy;
};

struct Derived {
    std::vector<DerivedResource> resources;
    std::vector<Diagnostic> diagnostics;  // with `place` filled
    std::vector<Gap> gaps;
};

}  // namespace azreach
