// Inputs that are no resources: service tags, and what Azure computed for a NIC or network.
#pragma once

#include <string>

#include "src/arm/readers.hpp"
#include "src/arm/recognise.hpp"

namespace azreach {

/// A service-tag file, the weekly download or `az network list-service-tags`. Several are merged;
/// clouds never mix [T4].
void read_service_tags(const JsonCursor& document, Snapshot& snapshot);

/// What the collector (azreach snapshot script) could not read: a listing of Resource Graph is a
/// cut-off page, anything else a gap (AZR9013).
void read_collection_report(const JsonCursor& document, bool allow_incomplete, Snapshot& snapshot);

/// Effective security rules, effective routes, active admin rules, effective group members.
/// `cut_off`: more of them were announced.
void read_evidence(const JsonCursor& document, InputKind kind, bool cut_off, ImportState& state);

}  // namespace azreach
