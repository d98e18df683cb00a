// The answer of diff as text and JSON.
#pragma once

#include <functional>

#include "src/engine/check.hpp"
#include "src/engine/diff.hpp"
#include "src/report/findings.hpp"
#include "src/report/json.hpp"
#include "src/report/text.hpp"

namespace azreach::report {

/// Both sides of a comparison.
struct DiffContext {
    Context before, after;
};

/// An invariant of the configuration on both sides.
struct InvariantFlip {
    const Invariant* invariant = nullptr;
    InvariantStatus before{}, after{};
    /// It did not fail before, and fails or cannot be decided now.
    bool worse() const;
};
using InvariantFlips = std::vector<InvariantFlip>;

/// The document's result; "base" stands beside "snapshot".
Json diff_result(const DiffContext& context, const DiffAnswer& answer, const InvariantFlips& flips);
std::string diff_text(const DiffContext& context, const DiffAnswer& answer,
                      const InvariantFlips& flips, const TextOptions& options);
/// `counts` says which changes are findings; the others pass.
Findings diff_findings(const DiffContext& context, const DiffAnswer& answer,
                       const std::function<bool(const FlowChange&)>& counts);
/// Within `limit` bytes: kCommentLimit or kSummaryLimit (markdown.hpp).
std::string diff_markdown(const DiffContext& context, const DiffAnswer& answer,
                          const InvariantFlips& flips, std::size_t limit);
/// "nsg-web/allow-ssh: added Allow Inbound Tcp Internet -> * 22 (110)".
std::string change_text(const ConfigChange& change);
/// Where a change is written: after it, or before it when nothing is left.
Place place_of(const DiffContext& context, const ConfigChange& change);
/// "no new exposure (proved)"; empty when there is one, or where it cannot be said.
std::string no_exposure_text(const DiffAnswer& answer);
/// "1 new, 2 lost, ..." of what counts; "no connectivity change" when there is none.
std::string diff_headline(const DiffAnswer& answer);

}  // namespace azreach::report
