// Azure JSON in, a Snapshot out: syntax only.
//
// Recognises every accepted input by its content (contract section 6), reads ARM resources with the
// table in readers.hpp, merges children that stand alone, and names what is mentioned and missing.
// Nothing that was read is lost without a diagnostic; the codes are listed in docs/diagnostics.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/network/snapshot.hpp"
#include "src/arm/source_map.hpp"
#include "src/derived/derived.hpp"

namespace azreach {

struct ImportOptions {
    /// A cut-off page, or a file of a folder that cannot be read to its end, is a gap (AZR9003) and
    /// not an error.
    bool allow_incomplete = false;
    /// Of inputs that hold two states (a Terraform plan, a what-if): which one is read.
    Side side = Side::after;
    /// Files and folders laid over the others, in their order: plans, what-ifs, templates with
    /// their parameter files, or resources. What they do not name stays (src/plan/overlay.hpp).
    std::vector<std::string> overlays;
    /// The same as texts in memory: (name, bytes).
    std::vector<std::pair<std::string, std::string>> overlay_texts = {};
    /// Before a change there may be nothing.
    bool allow_empty = false;
    std::size_t jobs = 1;                          // more than 1: digests are made meanwhile
    std::size_t max_bytes = std::size_t{4} << 30;  // of one decompressed file
    std::size_t max_ratio = 1000;                  // decompressed to compressed
};

struct Imported {
    Snapshot snapshot;
    std::unique_ptr<SourceMap> places;
};

/// Reads files and folders (recursively, in order of name; hidden entries are passed over). Throws
/// InputError when one cannot go on: an unreadable or malformed file, an impossible value, copies
/// of a resource that cannot both be kept, an empty snapshot, a cut-off page. In a folder a file
/// that is no Azure JSON at all is a diagnostic.
Imported import_paths(const std::vector<std::string>& paths, const ImportOptions& options = {});

/// The states before and after a change, for `diff`: without and with options.overlays, or, when
/// there are none, the two states that a Terraform plan or a what-if among `paths` describes; every
/// other input is in both. Throws InputError when no input holds two states.
struct BothSides {
    Imported before, after;
};
BothSides import_both_sides(const std::vector<std::string>& paths,
                            const ImportOptions& options = {});

/// The same for texts in memory: (name, bytes).
Imported import_texts(const std::vector<std::pair<std::string, std::string>>& texts,
                      const ImportOptions& options = {});
inline Imported import_text(std::string name, std::string_view bytes,
                            const ImportOptions& options = {}) {
    return import_texts({{std::move(name), std::string(bytes)}}, options);
}

}  // namespace azreach
