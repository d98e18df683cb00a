// azreach-tenant: writes a deterministic Azure tenant, for benchmarks and for tests of scale.
//
// Same options, same bytes, on every system. The workload of the figures in docs/performance.md.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/tenant_plan.hpp"
#include "tests/bench/tenant_resources.hpp"
#include "tests/bench/tenant_rules.hpp"

namespace {

using namespace azreach::tenant;

constexpr std::string_view kUsage =
    R"(usage: azreach-tenant --out DIR [--nics N] [--rules R] [--mix typ|hostile] [--seed S]

Writes Resource Graph pages (resources-NNNNN.json) and a service-tag file into DIR.
  --nics N     workload NICs, each with its VM: 1 to 300000 (default 1000)
  --rules R    rules of every security group: 0 to 1000 (default 200)
  --mix MIX    typ: as tenants are; hostile: many rules for single hosts (default typ)
  --seed S     another tenant of the same shape (default 1)
)";

constexpr unsigned kMaxRules = 1000;  // the platform's own limit for one security group

struct Options {
    unsigned nics = 1000;
    unsigned rules = 200;
    Mix mix = Mix::typ;
    std::uint64_t seed = 1;
    std::filesystem::path out;
};

template <typename Number>
Number number(std::string_view option, std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::invalid_argument(fmt::format("{}: '{}' is no number", option, text));
    }
    return value;
}

Options read_options(const std::vector<std::string_view>& words) {
    Options options;
    for (std::size_t n = 0; n < words.size(); n += 2) {
        const std::string_view option = words[n];
        if (n + 1 == words.size()) {
            throw std::invalid_argument(fmt::format("{}: a value is missing", option));
        }
        const std::string_view value = words[n + 1];
        if (option == "--nics") {
            options.nics = number<unsigned>(option, value);
        } else if (option == "--rules") {
            options.rules = number<unsigned>(option, value);
        } else if (option == "--seed") {
            options.seed = number<std::uint64_t>(option, value);
        } else if (option == "--out") {
            options.out = value;
        } else if (option == "--mix" && (value == "typ" || value == "hostile")) {
            options.mix = value == "typ" ? Mix::typ : Mix::hostile;
        } else {
            throw std::invalid_argument(fmt::format("{} {}: unknown", option, value));
        }
    }
    if (options.out.empty()) {
        throw std::invalid_argument("--out is missing");
    }
    if (options.rules > kMaxRules) {
        throw std::invalid_argument(fmt::format("--rules: at most {}", kMaxRules));
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::vector<std::string_view> words(argv + 1, argv + argc);
        if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) {
            fmt::print("{}", kUsage);
            return 0;
        }
        const Options options = read_options(words);
        const Plan plan = make_plan(options.seed, options.nics);
        std::filesystem::create_directories(options.out);
        const Written written = write_resources(plan, options.rules, options.mix, options.out);
        write_file(options.out / "service-tags.json", service_tag_file(options.seed));
        fmt::print(stderr,
                   "azreach-tenant: {} resources, {} bytes, {} regions, {} spokes, {} subnets\n",
                   written.resources, written.bytes, plan.regions.size(), plan.spokes.size(),
                   plan.subnets.size());
        return 0;
    } catch (const std::invalid_argument& error) {
        fmt::print(stderr, "azreach-tenant: {}\n{}", error.what(), kUsage);
        return 2;
    } catch (const std::exception& error) {
        fmt::print(stderr, "azreach-tenant: {}\n", error.what());
        return 2;
    }
}
