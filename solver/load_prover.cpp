// Opens the prover's module: the one place that knows where it is.
#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>

#include "solver/module.hpp"
#include "solver/prover.hpp"

namespace azreach::solver {

namespace {

std::string folder_of_program() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
    if (length <= 0) {
        return {};
    }
    const std::string text(path.data(), static_cast<std::size_t>(length));
    return text.substr(0, text.rfind('/'));
}

std::vector<std::string> places(const std::string& module) {
    if (!module.empty()) {
        return {module};
    }
    const char* stated = std::getenv("AZREACH_PROVER");  // NOLINT(concurrency-mt-unsafe)
    if (stated != nullptr && *stated != '\0') {
        return {stated};
    }
    const std::string program = folder_of_program();
    std::vector<std::string> result;
    if (!program.empty()) {
        result.push_back(program + "/" AZREACH_PROVER_RELATIVE "/" AZREACH_PROVER_FILE);
    }
    result.emplace_back(AZREACH_PROVER_INSTALLED "/" AZREACH_PROVER_FILE);
    return result;
}

const ModuleEntry& entry(const std::string& module) {
    static const ModuleEntry* known = nullptr;
    if (known != nullptr) {
        return *known;
    }
    std::string tried;
    for (const std::string& path : places(module)) {
        // Never closed: Z3 keeps threads and its context for the life of the process.
        void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) {
            const char* why = dlerror();  // NOLINT(concurrency-mt-unsafe)
            tried += "\n  " + path + ": " + (why != nullptr ? why : "cannot be opened");
            continue;
        }
        const void* symbol = dlsym(handle, kModuleSymbol);
        const auto* found = static_cast<const ModuleEntry*>(symbol);
        if (found == nullptr || std::string_view(found->build) != kModuleBuild ||
            found->layout != kModuleLayout) {
            tried += "\n  " + path + ": is of another version of azreach";
            continue;
        }
        known = found;
        return *known;
    }
    throw ProverMissing("the prover (Z3) cannot be loaded. Tried:" + tried +
                        "\n  Install libz3-4 and azreach's prover module, or name the module in "
                        "AZREACH_PROVER. Without it use --engine sets.");
}

}  // namespace

std::unique_ptr<Prover> load_prover(const Network& network, const std::string& module) {
    return std::unique_ptr<Prover>(entry(module).make(network));
}

}  // namespace azreach::solver
