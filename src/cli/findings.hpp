// Findings of check, diff and lint in the forms that they share.
#pragma once

#include <optional>
#include <string>

#include "src/cli/options.hpp"
#include "src/report/findings.hpp"

namespace azreach::cli {

/// `found()` in this format; nullopt for a format in which the command has a form of its own.
template <class Found>
std::optional<std::string> findings_text(Format format, const Found& found) {
    switch (format) {
        case Format::sarif:
            return report::sarif(found());
        case Format::junit:
            return report::junit(found());
        case Format::github:
            return report::github(found());
        case Format::azdo:
            return report::azdo(found());
        case Format::csv:
            return report::csv(found());
        case Format::defender:
            return report::defender(found());
        case Format::sentinel:
            return report::sentinel(found());
        default:
            return std::nullopt;
    }
}

}  // namespace azreach::cli
