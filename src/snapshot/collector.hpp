// The script that users run to collect a snapshot (collect.sh, collect.ps1), as text.
#pragma once

#include <string_view>

namespace azreach {

enum class Shell : unsigned char { bash, pwsh };

/// The whole script. Read-only towards Azure; what it writes is read back by import_paths.
std::string_view collector_script(Shell shell);

}  // namespace azreach
