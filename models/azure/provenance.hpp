// Where a value was read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace azreach {

/// A compact handle to a place in a source file: which imported resource, and which path inside
/// it. The importer's SourceMap (src/arm) turns it into file, JSON pointer, line and column when
/// somebody asks; nothing is computed before. kNowhere for values that no file holds (synthesised
/// default rules, hand-made test data).
struct Provenance {
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    std::uint32_t resource = kNone;  // index into the SourceMap's table of resources
    std::uint32_t path = kNone;      // index into the SourceMap's table of relative JSON pointers

    bool known() const { return resource != kNone; }
    friend bool operator==(const Provenance&, const Provenance&) = default;
};

/// A provenance as a person reads it. `pointer` is an RFC 6901 pointer; line and column from 1.
struct Place {
    std::string file;
    std::string pointer;
    std::size_t line = 0;
    std::size_t column = 0;
    std::string address = {};  // what the source calls it: "module.net.azurerm_subnet.app"
};

/// Turns handles into places. Implemented by src/arm; a null locator gives empty places.
class Locator {
public:
    Locator() = default;
    Locator(const Locator&) = default;
    Locator& operator=(const Locator&) = default;
    virtual ~Locator() = default;
    virtual Place locate(Provenance where) const = 0;
};

}  // namespace azreach
