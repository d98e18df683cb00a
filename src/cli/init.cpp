// init and schema: a first azreach.yaml, and what an editor wants to know of it.
#include <filesystem>

#include "src/cli/session.hpp"
#include "src/config/starter.hpp"

namespace azreach::cli {

int init(const Options& options, std::ostream& out, std::ostream& errors) {
    if (!options.arguments.empty()) {
        throw UsageError("init takes no names; the snapshot is given with -s");
    }
    const std::string path = options.to.value_or("azreach.yaml");
    std::error_code error;
    if (path != "-" && std::filesystem::exists(path, error)) {
        throw UsageError(path + " is there already; --to FILE writes another, --to - shows it");
    }
    const Session session(options, std::nullopt, errors);
    const std::string text = config::starter(session.network(), options.snapshots);
    if (path == "-") {
        out << text;
        return kDone;
    }
    write_file(path, text);
    errors << "wrote " << path << "; next: azreach check\n";
    return kDone;
}

int schema(const Options& options, std::ostream& out) {
    if (options.arguments.size() != 1 || options.arguments.front() != "config") {
        throw UsageError("schema: expected config, the schema of azreach.yaml");
    }
    out << config::schema();
    return kDone;
}

}  // namespace azreach::cli
