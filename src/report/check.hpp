// The answer of check as text and JSON.
#pragma once

#include <set>

#include "src/engine/check.hpp"
#include "src/report/findings.hpp"
#include "src/report/json.hpp"
#include "src/report/text.hpp"

namespace azreach::report {

/// What the run was, beside its answer.
struct CheckRun {
    std::string file;  // the configuration
    Date today;
    /// Indexes of results whose findings were all known already.
    std::set<std::size_t> known;
    /// SHA-256 of a result's findings, by result.
    std::vector<std::vector<std::string>> fingerprints;
};

Json check_result(const Context& context, const CheckAnswer& answer, const CheckRun& run);
std::string check_text(const Context& context, const CheckAnswer& answer, const CheckRun& run,
                       const TextOptions& options, bool verbose);
/// Violated, unknown and vacuous invariants below `least` pass, known ones count as suppressed.
Findings check_findings(const Context& context, const CheckAnswer& answer, const CheckRun& run,
                        InvariantSeverity least);
/// Within `limit` bytes: kCommentLimit or kSummaryLimit (markdown.hpp).
std::string check_markdown(const Context& context, const CheckAnswer& answer, const CheckRun& run,
                           InvariantSeverity least, std::size_t limit);
/// "7 held, 1 violated of 8 invariants".
std::string check_headline(const CheckAnswer& answer);
/// A 128-bit number in digits.
std::string digits(Uint128 value);
/// "vnet-tag-includes-udr=no and nva:10.0.2.4=drop".
std::string statement_text(const FactStatement& statement);

}  // namespace azreach::report
