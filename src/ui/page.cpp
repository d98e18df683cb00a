#include "src/ui/page.hpp"

#ifdef AZREACH_UI_PAGE
// The compiler has no #embed: the assembler takes the file in.
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    ".global azreach_ui_page\n"
    "azreach_ui_page:\n"
    ".incbin \"" AZREACH_UI_PAGE
    "\"\n"
    ".global azreach_ui_page_end\n"
    "azreach_ui_page_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char azreach_ui_page[];
extern const char azreach_ui_page_end[];
}
#endif

namespace azreach::ui {

std::string_view report_page() {
#ifdef AZREACH_UI_PAGE
    return {azreach_ui_page, static_cast<std::size_t>(azreach_ui_page_end - azreach_ui_page)};
#else
    return {};
#endif
}

}  // namespace azreach::ui
