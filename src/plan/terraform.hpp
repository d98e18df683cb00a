// Terraform plans and states: the Azure resources that they describe, in ARM's shape.
//
// The types and attributes are in terraform_table, the document and its references in
// terraform_document. Here they become resources with ids; the resources that Terraform makes of
// single properties (associations) are joined with whom they belong to.
#pragma once

#include "src/derived/derived.hpp"

namespace azreach {

/// `overlay`: the plan is to be laid over a snapshot: resources that change come as what changes
/// (Effect::merge), with the marks of derived.hpp; otherwise each comes whole. Throws
/// derived::ParseError.
Derived derive_terraform(const DerivedInput& input, Side side, bool overlay);

}  // namespace azreach
