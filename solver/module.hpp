// What the prover's module hands to load_prover(). Private to solver.
#pragma once

#include "solver/prover.hpp"

namespace azreach::solver {

/// Both sides are built from the same sources by the same compiler: values of the models cross the
/// border by reference, so another build is refused.
inline constexpr const char* kModuleBuild = AZREACH_PROVER_BUILD;
inline constexpr std::size_t kModuleLayout =
    ((sizeof(Network) * 1009 + sizeof(Snapshot)) * 1009 + sizeof(Question)) * 1009 + sizeof(Proof);
inline constexpr const char* kModuleSymbol = "azreach_prover_entry";

struct ModuleEntry {
    const char* build;
    std::size_t layout;
    Prover* (*make)(const Network& network);
};

}  // namespace azreach::solver
