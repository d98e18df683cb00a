// The axis of all pairs: what one row and one column stand for, with names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/engine/query.hpp"

namespace azreach {

struct ReachAxis {
    std::vector<std::string> labels;  // the names to use in questions
    std::vector<ResourceId> ids;      // empty for internet and onprem
    std::vector<Reachability::AxisEntry> entries;
};

enum class RowsOf : std::uint8_t { nic, subnet, vnet };

/// One row for every NIC, subnet or VNet that holds an IP configuration, in id order; with
/// `within`, for those configurations alone (ascending), else after internet and on-premises.
ReachAxis axis_of(const Network& network, const Endpoints& endpoints, RowsOf rows,
                  const std::vector<ConfigIndex>* within = nullptr);

/// The verdict of a block for what was asked (contract section 3); blocks that are blocked are
/// never handed out.
QueryVerdict verdict_of(const Reachability::Block& block, const ServiceSet& asked);

}  // namespace azreach
