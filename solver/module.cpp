// The one symbol of the module.
#include "solver/module.hpp"

#include "solver/z3_prover.hpp"

extern "C" __attribute__((visibility("default")))
const azreach::solver::ModuleEntry azreach_prover_entry = {
    azreach::solver::kModuleBuild, azreach::solver::kModuleLayout, azreach::solver::make_z3_prover};
