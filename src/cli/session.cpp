#include "src/cli/session.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "models/network/evidence.hpp"
#include "src/config/flow_text.hpp"

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

config::LoadOptions pack_places() {
    config::LoadOptions places;
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error) {
        places.pack_directories.push_back(
            (program.parent_path().parent_path() / "share" / "azreach" / "packs").string());
    }
    return places;
}

std::optional<config::Config> configuration(const Options& options) {
    if (options.config) {
        return config::load_config(*options.config, pack_places());
    }
    if (const auto found = config::discover(".")) {
        return config::load_config(*found, pack_places());
    }
    return std::nullopt;
}

Session::Session(const Options& options, std::ostream& errors)
    : Session(options, configuration(options), errors) {}

Session::Session(const Options& options, std::optional<config::Config> config, std::ostream& errors)
    : Session(options, std::move(config), std::nullopt, errors) {}

Session::Session(const Options& options, Imported imported, std::ostream& errors)
    : Session(options, configuration(options), std::optional(std::move(imported)), errors) {}

Session::Session(const Options& options, std::optional<config::Config> config,
                 std::optional<Imported> imported, std::ostream& errors)
    : config_(std::move(config)) {
    std::vector<std::string> snapshots = options.snapshots;
    if (snapshots.empty() && config_) {
        snapshots = config_->snapshots;
    }
    if (snapshots.empty() && !imported) {
        throw UsageError("no snapshot: give a file or folder of Azure JSON with -s PATH" +
                         std::string(config_ ? ", or 'snapshot:' in " + config_->file : ""));
    }
    Assumptions assumptions(options.reading.value_or(
        config_ ? config_->reading.value_or(Reading::strict) : Reading::strict));
    if (config_) {
        for (const config::Assumption& item : config_->assume) {
            if (const auto wrong = assumptions.state(item.key, item.value, config_->file)) {
                throw InputError(item.place, "assume, " + item.key, "'" + item.value + "'", "",
                                 *wrong);
            }
        }
    }
    for (const auto& [key, value] : options.assume) {
        if (const auto wrong = assumptions.state(key, value, "command line")) {
            throw UsageError("--assume " + key + "=" + value + ": " + *wrong);
        }
    }
    imported_ = imported ? std::move(*imported) : import_paths(snapshots, import_options(options));
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
    if (!options.quiet) {
        for (const UnusedCapture& unused : unused_captures(*network_)) {
            Diagnostic diagnostic;
            diagnostic.code = "AZR1038";
            diagnostic.severity = Severity::warning;
            diagnostic.message = fmt::format("effective {} of {} are not used: {}",
                                             unused.rules ? "security rules" : "routes",
                                             unused.nic.text(), unused.why);
            diagnostic.where = unused.where;
            print(diagnostic, *imported_.places, errors);
        }
    }
}

const Endpoints& Session::endpoints() const {
    if (!endpoints_) {
        endpoints_ = std::make_unique<Endpoints>(*network_);
        endpoints_->use_sets([this](std::string_view name) -> std::optional<NamedSet> {
            const auto set = policy().sets.find(std::string(name));
            if (set == policy().sets.end()) {
                std::vector<std::string> known;
                for (const auto& [other, definition] : policy().sets) {
                    known.push_back(other);
                }
                const std::string near = config::suggestion(name, known);
                throw NameError("no set is named '" + std::string(name) + "'" +
                                (near.empty() ? std::string(config_ ? " in " + config_->file
                                                                    : "; sets are defined in "
                                                                      "azreach.yaml")
                                              : "; " + near));
            }
            const EndpointSet& endpoints = sets().named(set->first);
            return NamedSet{sets().as_source(endpoints), sets().as_destination(endpoints),
                            endpoints.unmodelled};
        });
    }
    return *endpoints_;
}

Landmarks Session::landmarks() const {
    Landmarks landmarks;
    for (std::uint32_t i = 0; i < imported_.places->sources(); ++i) {
        landmarks.add_from(imported_.places->text(i));
    }
    for (const Assumptions::Stated& stated : network_->assumptions().stated()) {
        landmarks.add_from(stated.key + "=" + stated.value);
    }
    landmarks.sort();
    return landmarks;
}

const SetEvaluator& Session::sets() const {
    if (!sets_) {
        sets_ = std::make_unique<SetEvaluator>(*network_, endpoints(), policy());
    }
    return *sets_;
}

ServiceSet Session::service(const std::optional<std::string>& text,
                            std::string_view fallback) const {
    if (!text) {
        return service_of(text, fallback);
    }
    const auto named = [this](const std::string& name) -> const ServiceSet* {
        const auto found = policy().services.find(name);
        return found == policy().services.end() ? nullptr : &found->second;
    };
    try {
        return config::parse_services(*text, {}, named);
    } catch (const InputError&) {
        return service_of(text, fallback);  // says what is expected
    }
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
