// Names come from files that others wrote: each output form has its own way of being harmless.
#pragma once

#include <string>
#include <string_view>

namespace azreach::report {

/// Valid UTF-8: bytes that are none become U+FFFD.
std::string valid_utf8(std::string_view text);

/// For terminals and logs: control characters (C1 and ANSI escapes included) and characters that
/// turn the direction of text become visible escapes, and the commands that pipelines look for
/// ("##vso[", "##[", "::" at the beginning) are broken up.
std::string visible(std::string_view text);

/// A Markdown code span that also survives in a table cell: nothing in it is markup, HTML, a link
/// or a mention.
std::string markdown_code(std::string_view text);

/// XML character data and attribute values.
std::string xml(std::string_view text);

/// An RFC 4180 cell, always quoted; what a spreadsheet would take for a formula begins with '.
std::string csv_cell(std::string_view text);

/// 16 hex digits (FNV-1a), the same on every machine; for fingerprints, not against forgery.
std::string hash16(std::string_view text);
/// A UUID made of a name, the same on every machine (version 8: FNV-1a, not against forgery).
std::string uuid_of(std::string_view name);

}  // namespace azreach::report
