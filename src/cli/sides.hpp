// Two states side by side: what diff compares, and what report shows beside the present state.
#pragma once

#include <optional>
#include <utility>

#include "src/cli/session.hpp"
#include "src/report/check.hpp"
#include "src/report/diff.hpp"

namespace azreach::cli {

/// OLD and NEW; one input that holds both states (a Terraform plan, a what-if); or the snapshots of
/// -s without and with what is laid over them, a name or --overlay. Throws UsageError.
std::pair<Imported, Imported> both_sides(const Options& options);

/// The invariants of the configuration on both sides; empty without any.
struct InvariantSides {
    std::optional<CheckAnswer> before;  // nullopt: they name what the old state lacks
    std::optional<CheckAnswer> after;   // with the old state as baseline
    report::CheckRun run;
    /// In the order of the configuration.
    std::vector<report::InvariantFlip> flips() const;
};
InvariantSides invariants_of(const Options& options, const Session& before, const Session& after);

}  // namespace azreach::cli
