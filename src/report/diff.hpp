// The answer of diff as text and JSON.
#pragma once

#include <functional>

#include "src/engine/diff.hpp"
#include "src/report/findings.hpp"
#include "src/report/json.hpp"
#include "src/report/text.hpp"

namespace azreach::report {

/// Both sides of a comparison.
struct DiffContext {
    Context before, after;
};

/// The document's result, and "base" beside "snapshot".
Json diff_result(const DiffContext& context, const DiffAnswer& answer);
std::string diff_text(const DiffContext& context, const DiffAnswer& answer,
                      const TextOptions& options);
/// `counts` says which changes are findings; the others pass.
Findings diff_findings(const DiffContext& context, const DiffAnswer& answer,
                       const std::function<bool(const FlowChange&)>& counts);
/// Within `limit` bytes: kCommentLimit or kSummaryLimit (markdown.hpp).
std::string diff_markdown(const DiffContext& context, const DiffAnswer& answer, std::size_t limit);
/// "nsg-web/allow-ssh: added Allow Inbound Tcp Internet -> * 22 (110)".
std::string change_text(const ConfigChange& change);
/// Where a change is written: after it, or before it when nothing is left.
Place place_of(const DiffContext& context, const ConfigChange& change);
/// "1 new, 2 lost, ..." of what counts; "no connectivity change" when there is none.
std::string diff_headline(const DiffAnswer& answer);

}  // namespace azreach::report
