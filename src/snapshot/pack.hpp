// One file from many: {"azreach": {"kind": "snapshot", ...}, "sources": [{"path", "document"}]}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/arm/import.hpp"
#include "src/snapshot/secrets.hpp"

namespace azreach {

/// A source document as strict JSON, and its name below what the user gave.
struct Document {
    std::string name;
    std::string text;
};

/// The documents of the inputs that azreach reads, decompressed, as UTF-8 without comments; packed
/// snapshots among them are taken apart. Files that are no Azure JSON are left out. Throws
/// InputError as import_paths does.
std::vector<Document> documents_of(const std::vector<std::string>& paths,
                                   const ImportOptions& options = {});

struct Packed {
    std::string text;  // the packed document, not compressed
    std::size_t sources = 0;
    Removed removed;  // secrets, by key
};
/// `version`: of the program, noted in the file. The same inputs give the same bytes.
Packed pack(const std::vector<Document>& documents, std::string_view version);

/// Compressed with zstd, as one frame.
std::string compressed(std::string_view text);

}  // namespace azreach
