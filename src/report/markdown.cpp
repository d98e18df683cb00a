#include "src/report/markdown.hpp"

#include <fmt/format.h>

namespace azreach::report {

std::string markdown(const MarkdownTable& table, std::size_t limit) {
    constexpr std::size_t kReserve = 600;  // for what says that something was left out
    std::string text = table.marker + "\n### " + table.heading + "\n\n";
    std::string notes;
    for (const std::string& note : table.notes) {
        notes += note + "\n\n";
    }
    const auto fits = [&](std::size_t more) {
        return text.size() + notes.size() + more + kReserve <= limit;
    };
    if (!table.rows.empty()) {
        std::string head = "|";
        std::string line = "|";
        for (const std::string& column : table.columns) {
            head += " " + column + " |";
            line += " --- |";
        }
        text += head + "\n" + line + "\n";
        std::size_t shown = 0;
        for (const std::vector<std::string>& cells : table.rows) {
            std::string row = "|";
            for (const std::string& cell : cells) {
                row += " " + cell + " |";
            }
            if (!fits(row.size() + 1)) {
                break;
            }
            text += row + "\n";
            ++shown;
        }
        text += "\n";
        if (shown < table.rows.size()) {
            text += fmt::format("... and {} more: see the JSON or SARIF output of this run.\n\n",
                                table.rows.size() - shown);
        }
    }
    text += notes;
    notes.clear();
    std::size_t shown = 0;
    for (const MarkdownTable::Details& details : table.details) {
        std::string block = "<details><summary>" + details.title + "</summary>\n\n";
        for (const std::string& line : details.lines) {
            block += "- " + line + "\n";
        }
        block += "\n</details>\n\n";
        if (!fits(block.size())) {
            break;
        }
        text += block;
        ++shown;
    }
    if (shown < table.details.size()) {
        text +=
            fmt::format("Details of {} more are left out here.\n", table.details.size() - shown);
    }
    while (text.ends_with("\n\n")) {
        text.pop_back();
    }
    return text;
}

}  // namespace azreach::report
