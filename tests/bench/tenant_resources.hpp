// Every resource of a generated tenant, as Resource Graph rows.
#pragma once

#include <cstdint>
#include <filesystem>

#include "tests/bench/tenant_plan.hpp"
#include "tests/bench/tenant_rules.hpp"

namespace azreach::tenant {

struct Written {
    std::uint64_t resources;
    std::uint64_t bytes;
};

/// Writes resources-NNNNN.json into `folder`. Memory: one page.
Written write_resources(const Plan& plan, unsigned rules, Mix mix,
                        const std::filesystem::path& folder);

}  // namespace azreach::tenant
