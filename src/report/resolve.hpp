// Answers of `resolve` (contract section 4).
#pragma once

#include <string>

#include "src/engine/resolve.hpp"
#include "src/report/json.hpp"

namespace azreach::report {

Json resolved(const Context& context, const ResolvedName& result);
std::string resolved_text(const Context& context, const ResolvedName& result);

}  // namespace azreach::report
