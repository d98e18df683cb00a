// The report document: what the page (src/ui) and `report -o json` show. One contract: parts are
// the results of the other commands, joined.
#pragma once

#include <string>

#include "src/engine/overview.hpp"
#include "src/report/json.hpp"

namespace azreach::report {

/// Parts that not every report has; null where absent.
struct ReportParts {
    std::string title;
    Json check, diff, lint;
};

Json overview_result(const Context& context, const Overview& overview, const ReportParts& parts);

/// The self-contained page with the document in it; empty when the program was built without it.
std::string html_page(const Json& document);

/// The short form, for a ticket.
std::string overview_markdown(const Context& context, const Overview& overview,
                              const ReportParts& parts);
std::string overview_text(const Context& context, const Overview& overview);

}  // namespace azreach::report
