// What every command that reads a snapshot shares: input, assumptions, output, exit code.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "src/arm/import.hpp"
#include "src/cli/options.hpp"
#include "src/config/config.hpp"
#include "src/engine/every_address.hpp"
#include "src/engine/selector.hpp"
#include "src/report/json.hpp"
#include "src/report/text.hpp"

namespace azreach::cli {

inline constexpr int kDone = 0, kOtherVerdict = 1, kUsage = 2, kUnknown = 3, kInternal = 70;

class Session {
public:
    /// Reads the configuration, imports the snapshots and prints diagnostics to stderr. Throws
    /// InputError, UsageError.
    Session(const Options& options, std::ostream& errors);
    /// What was imported already.
    Session(const Options& options, Imported imported, std::ostream& errors);
    /// The same with a configuration that was read already.
    Session(const Options& options, std::optional<config::Config> config, std::ostream& errors);

    const Network& network() const { return *network_; }
    const Endpoints& endpoints() const;  // made when first asked for
    report::Context context() const;
    /// Every literal address of the input and of the assumptions.
    Landmarks landmarks() const;
    /// The configuration's sets and invariants; empty without one.
    const Policy& policy() const { return config_ ? config_->policy : no_policy_; }
    std::string config_file() const { return config_ ? config_->file : ""; }
    const SetEvaluator& sets() const;
    /// The service of -p, names of the configuration included; throws UsageError.
    ServiceSet service(const std::optional<std::string>& text, std::string_view fallback) const;

private:
    /// Imports `snapshots` unless `imported` holds them.
    Session(const Options& options, std::optional<config::Config> config,
            std::optional<Imported> imported, std::ostream& errors);

    std::optional<config::Config> config_;
    Policy no_policy_;
    Imported imported_;
    std::unique_ptr<Network> network_;
    mutable std::unique_ptr<Endpoints> endpoints_;
    mutable std::unique_ptr<SetEvaluator> sets_;
};

ImportOptions import_options(const Options& options);

/// -c, or azreach.yaml here or in a parent; nullopt: none.
std::optional<config::Config> configuration(const Options& options);
/// Where packs are installed, and where they are in the source tree of this program.
config::LoadOptions pack_places();

/// The service of -p without a configuration, or the default; throws UsageError.
ServiceSet service_of(const std::optional<std::string>& text, std::string_view fallback);

/// Writes the answer in the asked format to stdout and to every -O (temporary file, then renamed).
/// `render` makes the text of one format.
template <class Render>
void write_answer(const Options& options, std::ostream& out, const Render& render);

/// Writes `text` to `path` through a temporary file beside it; throws InputError when it cannot.
void write_file(const std::string& path, const std::string& text);

int query(const Options& options, std::ostream& out, std::ostream& errors);
int reach(const Options& options, std::ostream& out, std::ostream& errors);
int trace(const Options& options, std::ostream& out, std::ostream& errors);
int diff(const Options& options, std::ostream& out, std::ostream& errors);
int flows(const Options& options, std::ostream& out, std::ostream& errors);
int lint(const Options& options, std::ostream& out, std::ostream& errors);
int show(const Options& options, std::ostream& out, std::ostream& errors);
int resolve(const Options& options, std::ostream& out, std::ostream& errors);
int report_command(const Options& options, std::ostream& out, std::ostream& errors);
int export_command(const Options& options, std::ostream& out, std::ostream& errors);
int check(const Options& options, std::ostream& out, std::ostream& errors);
int init(const Options& options, std::ostream& out, std::ostream& errors);
int schema(const Options& options, std::ostream& out);
int ls(const Options& options, std::ostream& out, std::ostream& errors);
int snapshot(const Options& options, std::ostream& out, std::ostream& errors);

/// The whole program but for process matters; tests call it.
int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& errors);

template <class Render>
void write_answer(const Options& options, std::ostream& out, const Render& render) {
    out << render(options.format.value_or(Format::text)) << std::flush;
    for (const auto& [format, path] : options.outputs) {
        if (path == "-") {
            out << render(format) << std::flush;
        } else {
            write_file(path, render(format));
        }
    }
}

}  // namespace azreach::cli
