// Azure JSON in, a Snapshot out: syntax only.
//
// Recognises every accepted input by its content (contract section 6), reads ARM resources with the
// table in readers.hpp, merges children that stand alone, and names what is mentioned and missing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/snapshot.hpp"
#include "src/arm/source_map.hpp"

namespace azreach {

struct ImportOptions {
    bool allow_incomplete = false;  // a cut-off page is a gap, not an error
    std::size_t jobs = 1;
    std::size_t max_bytes = std::size_t{4} << 30;        // of one decompressed file
    std::size_t max_ratio = 1000;                        // decompressed to compressed
    /// A file that is none of the accepted inputs ends the import; within a folder it is a
    /// diagnostic as long as something else was imported.
    bool strict_files = true;
};

struct Imported {
    Snapshot snapshot;
    std::unique_ptr<SourceMap> places;
};

/// Reads files and folders (recursively, in order of name). Throws InputError when one cannot go
/// on: an unreadable or malformed file, an impossible value, an empty snapshot, a cut-off page.
Imported import_paths(const std::vector<std::string>& paths, const ImportOptions& options = {});

/// The same for texts in memory: (name, bytes).
Imported import_texts(const std::vector<std::pair<std::string, std::string>>& texts,
                      const ImportOptions& options = {});
inline Imported import_text(std::string name, std::string_view bytes,
                            const ImportOptions& options = {}) {
    return import_texts({{std::move(name), std::string(bytes)}}, options);
}

}  // namespace azreach
