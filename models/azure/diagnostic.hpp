// What the user should know, and input that cannot be used.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "models/azure/provenance.hpp"

namespace azreach {

enum class Severity { info, warning, error };

/// Something the user should know although work goes on. Codes are AZRnnnn, listed in
/// docs/diagnostics.md: AZR1xxx input, AZR9xxx gaps (what the snapshot cannot show).
struct Diagnostic {
    std::string code;
    Severity severity = Severity::warning;
    std::string message;  // what was found, what was expected, the remedy
    Provenance where;
    Place place;  // filled when known without the SourceMap, or when printed
};

/// A gap: something mentioned and not present, a page cut off, a tag without addresses.
struct Gap {
    std::string code;        // AZR9001 missing resource, AZR9002 tag, AZR9003 cut-off page, ...
    std::string what;        // the id or name
    std::string needed_for;  // who mentions it
    std::string effect;      // which answers it makes unknown
};

/// The input cannot be used: exit code 2. `what()` is the whole message, with place, found,
/// expected and remedy.
class InputError : public std::runtime_error {
public:
    InputError(Place place, std::string subject, std::string found, std::string expected,
               std::string remedy = {});
    explicit InputError(const std::string& message) : std::runtime_error(message) {}
    const Place& place() const { return place_; }

private:
    Place place_;
};

}  // namespace azreach
