// All templates and parameter files of an input together: which template is deployed by itself,
// which is linked by another, which parameter file belongs to which template.
//
// A template that another one links to is not deployed by itself. A parameter file belongs to the
// template whose parameters hold all of its own; if several do, to the one whose name it bears
// ("main.parameters.json"), or that lies in its folder. Several files for one template: values that
// differ are symbols. All of this widens: a value that is not sure is a symbol.
#pragma once

#include <string>
#include <vector>

#include "src/derived/derived.hpp"

namespace azreach {

/// Symbols call a template by the last part of its file's name; the names of the inputs tell
/// folders. `only`: the name of the one template that is deployed by itself; "": found as above.
/// Throws DeriveError.
Derived derive_templates(const std::vector<DerivedInput>& templates,
                         const std::vector<DerivedInput>& parameter_files,
                         const std::string& only = {});

}  // namespace azreach
