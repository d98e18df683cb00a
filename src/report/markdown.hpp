// Markdown for pull requests and job summaries: a table, then details, within a limit.
#pragma once

#include <string>
#include <vector>

namespace azreach::report {

/// A pull-request comment holds 65,536 characters; a job summary over 1,024 KiB is thrown away.
inline constexpr std::size_t kCommentLimit = 60'000;
inline constexpr std::size_t kSummaryLimit = 900 * std::size_t{1024};

struct MarkdownTable {
    std::string marker;                          // "<!-- azreach:diff -->": first line
    std::string heading;                         // harmless text
    std::vector<std::string> columns;            // our own words
    std::vector<std::vector<std::string>> rows;  // cells as Markdown (markdown_code, or our own)
    std::vector<std::string> notes;              // paragraphs after the table, our own words
    struct Details {
        std::string title;               // as Markdown
        std::vector<std::string> lines;  // of a list, as Markdown
    };
    std::vector<Details> details;
};

/// Rows first, then notes, then details, as many as fit into `limit` bytes; what was left out is
/// counted.
std::string markdown(const MarkdownTable& table, std::size_t limit);

}  // namespace azreach::report
