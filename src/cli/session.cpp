#include "src/cli/session.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace azreach::cli {

namespace {

constexpr std::size_t kShownDiagnostics = 10;

void print(const Diagnostic& diagnostic, const Locator& places, std::ostream& errors) {
    const char* severity = diagnostic.severity == Severity::error     ? "error"
                           : diagnostic.severity == Severity::warning ? "warning"
                                                                      : "note";
    Place place = diagnostic.place;
    if (place.file.empty() && diagnostic.where.known()) {
        place = places.locate(diagnostic.where);
    }
    errors << severity << ": ";
    if (!place.file.empty()) {
        errors << report::printable(place.file);
        if (!place.pointer.empty()) {
            errors << "#" << report::printable(place.pointer);
        }
        if (place.line != 0) {
            errors << " line " << place.line;
        }
        if (!place.address.empty()) {
            errors << " (" << report::printable(place.address) << ")";
        }
        errors << "\n  ";
    }
    errors << report::printable(diagnostic.message) << " [" << diagnostic.code << "]\n";
}

}  // namespace

ImportOptions import_options(const Options& options) {
    ImportOptions import;
    import.allow_incomplete = options.allow_incomplete;
    import.overlays = options.overlays;
    if (options.jobs > 0) {
        import.jobs = static_cast<std::size_t>(options.jobs);
    }
    return import;
}

Session::Session(const Options& options, std::ostream& errors)
    : Session(
          options,
          options.snapshots.empty()
              ? throw UsageError("no snapshot: give a file or folder of Azure JSON with -s PATH")
              : import_paths(options.snapshots, import_options(options)),
          errors) {}

Session::Session(const Options& options, Imported imported, std::ostream& errors)
    : imported_(std::move(imported)) {
    Assumptions assumptions(options.reading);
    for (const auto& [key, value] : options.assume) {
        if (const auto wrong = assumptions.state(key, value, "command line")) {
            throw UsageError("--assume " + key + "=" + value + ": " + *wrong);
        }
    }
    if (!options.quiet) {
        std::size_t shown = 0;
        std::size_t left = 0;
        for (const Diagnostic& diagnostic : imported_.snapshot.diagnostics) {
            const bool wanted = options.verbose || diagnostic.severity != Severity::info;
            if (!wanted) {
                continue;
            }
            if (!options.verbose && shown == kShownDiagnostics) {
                ++left;
                continue;
            }
            print(diagnostic, *imported_.places, errors);
            ++shown;
        }
        if (left > 0) {
            errors << fmt::format("... and {} more diagnostics (-v shows all)\n", left);
        }
    }
    network_ = std::make_unique<Network>(imported_.snapshot, std::move(assumptions));
}

const Endpoints& Session::endpoints() const {
    if (!endpoints_) {
        endpoints_ = std::make_unique<Endpoints>(*network_);
    }
    return *endpoints_;
}

report::Context Session::context() const { return {*network_, *imported_.places, AZREACH_VERSION}; }

ServiceSet service_of(const std::optional<std::string>& text, std::string_view fallback) {
    const std::string wanted = text.value_or(std::string(fallback));
    const std::optional<ServiceSet> service = parse_service(wanted);
    if (!service) {
        throw UsageError("-p '" + wanted +
                         "': expected tcp/443, udp/53, tcp/80,443, tcp/1024-65535, icmp, any or "
                         "every, several with commas");
    }
    return *service;
}

void write_file(const std::string& path, const std::string& text) {
    const std::string temporary = path + ".tmp";
    {
        std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
        file << text << std::flush;
        if (!file) {
            const std::string reason = std::strerror(errno);  // NOLINT(concurrency-mt-unsafe)
            std::remove(temporary.c_str());
            throw InputError("cannot write " + path + ": " + reason);
        }
    }
    std::error_code error;
    std::filesystem::rename(temporary, path, error);
    if (error) {
        std::remove(temporary.c_str());
        throw InputError("cannot write " + path + ": " + error.message());
    }
}

}  // namespace azreach::cli
