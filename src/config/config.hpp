// azreach.yaml: what a team says about its network (contract section 8).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/azure/facts.hpp"
#include "src/engine/invariant.hpp"

namespace azreach::config {

/// One statement under `assume:`, in the words of --assume.
struct Assumption {
    std::string key, value;
    Place place;
};

struct Config {
    std::string file;                    // as given
    std::vector<std::string> snapshots;  // `snapshot:`, resolved beside the file
    std::optional<Reading> reading;
    std::vector<Assumption> assume;
    std::vector<std::string> files;  // everything read, the file itself last
    Policy policy;                   // packs first, then the file; the file's sets win
};

struct LoadOptions {
    /// Where `packs/NAME.yaml` is looked for when it does not stand beside the file.
    std::vector<std::string> pack_directories;
};

/// Reads the file and what it includes. Throws InputError with file, line and column for
/// everything that is not understood: unknown and repeated keys, values of another kind, names that
/// nobody defined, include cycles. Nothing is ignored.
Config load_config(const std::string& path, const LoadOptions& options = {});

/// The same for a text; `path` only names it and says where includes are looked for.
Config parse_config(std::string text, const std::string& path, const LoadOptions& options = {});

/// azreach.yaml in `directory` or the nearest parent, up to the root of the git repository (or of
/// the file system); nullopt: there is none.
std::optional<std::string> discover(const std::string& directory);

/// The keys that the reader takes in an object of the file: "config", "pack", "selector",
/// "invariant", "exception", "suppression". For the schema's test.
const std::vector<std::string>& known_keys(std::string_view object);

/// The published JSON Schema (draft-07).
std::string schema();

}  // namespace azreach::config
