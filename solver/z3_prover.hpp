// The prover on Z3. Private to solver.
#pragma once

#include "solver/prover.hpp"

namespace azreach::solver {

Prover* make_z3_prover(const Network& network);

}  // namespace azreach::solver
