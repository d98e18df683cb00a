// Pictures for other programs: DOT (Graphviz), Mermaid, draw.io, CSV.
#pragma once

#include <string>

#include "src/engine/overview.hpp"
#include "src/report/json.hpp"

namespace azreach::report {

/// Networks and subnets as nested clusters, links between them, and who the internet reaches.
std::string dot(const Context& context, const Overview& overview);
/// The same within the limits of Mermaid (50,000 characters, 500 edges): networks only where
/// subnets would not fit, a Markdown table where even those do not.
std::string mermaid(const Context& context, const Overview& overview);
/// mxGraph XML with nested parents and the Azure icons that draw.io brings along.
std::string drawio(const Context& context, const Overview& overview);
/// Who reaches whom, one line for a pair of the axis; cells that a spreadsheet would take for a
/// formula begin with an apostrophe.
std::string reach_csv(const Overview& overview);

/// One field of a CSV file.
std::string csv_field(std::string_view text);

}  // namespace azreach::report
