// From sources that only describe resources to the resources: who derives what.
#pragma once

#include <string>
#include <vector>

#include "src/arm/readers.hpp"
#include "src/arm/recognise.hpp"
#include "src/derived/derived.hpp"
#include "src/derived/value.hpp"

namespace azreach {

/// Inputs of this kind are read by a producer.
bool is_derived(InputKind kind);

struct PendingInput {
    InputKind kind = InputKind::unknown;
    DerivedInput input;
};
/// What one call of a producer gets.
struct DerivedInputs {
    InputKind kind = InputKind::unknown;
    std::vector<DerivedInput> inputs;
    std::vector<DerivedInput> parameter_files;  // of templates
};
/// Puts together what one producer must see together.
std::vector<DerivedInputs> grouped(std::vector<PendingInput> pending);
/// `overlay`: it will be laid over other resources.
Derived derive(const DerivedInputs& group, Side side, bool overlay);

}  // namespace azreach
