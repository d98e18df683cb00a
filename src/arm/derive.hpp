// From sources that only describe resources to the resources: who derives what, and what is open.
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
/// What one call of a producer gets; never empty. The first input gives the group its name.
struct DerivedInputs {
    InputKind kind = InputKind::unknown;
    std::vector<DerivedInput> inputs;
};
/// Puts together what one producer must see together.
std::vector<DerivedInputs> grouped(std::vector<PendingInput> pending);
/// `overlay`: it will be laid over other resources.
Derived derive(const DerivedInputs& group, Side side, bool overlay);

/// Resources of this type stay themselves when it is not known whether they exist: what they
/// decide is marked as contested. Others are then kept as unread.
bool keeps_conditional(const Header& header);

/// Marks what symbols leave open, when all resources are merged: unread children in their parents,
/// conditional resources, gaps.
void mark_open(ImportState& state);

}  // namespace azreach
