// The built report page (src/ui, TypeScript) as it lies in the program.
#pragma once

#include <string_view>

namespace azreach::ui {

/// One HTML document with the marker `@azreach-report-data@` where the report's JSON belongs,
/// inside a <script type="application/json">; empty when the program was built without the page
/// (AZREACH_UI=OFF, or no npm).
std::string_view report_page();

}  // namespace azreach::ui
