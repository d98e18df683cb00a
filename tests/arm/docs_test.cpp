// The pages that are made from the source say what the source says.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "models/azure/paas_catalog.hpp"
#include "src/arm/readers.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

const std::filesystem::path kRoot = AZREACH_ROOT_DIR;

std::string content_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// The codes (AZRnnnn) that stand behind `before`.
std::set<std::string> codes_in(const std::string& text, const std::string& before) {
    std::set<std::string> codes;
    for (std::size_t at = text.find(before + "AZR"); at != std::string::npos;
         at = text.find(before + "AZR", at + 1)) {
        const std::string code = text.substr(at + before.size(), 7);
        if (code.find_first_not_of("0123456789", 3) == std::string::npos && code.size() == 7) {
            codes.insert(code);
        }
    }
    return codes;
}

/// docs/supported_resources.md, from the table of readers.
std::string supported_resources() {
    std::string text =
        "# Supported resources\n"
        "\n"
        "Generated from the table in `src/arm/readers.cpp`; AZREACH_WRITE_DOCS=1 and the test "
        "arm.docs_test "
        "write it.\n"
        "Every other type is kept by id, name, type, tags and location, with one diagnostic "
        "(AZR1010) a "
        "type, and the subnets\n"
        "and public addresses that it mentions count as holding something unknown.\n"
        "\n"
        "| ARM type | Properties that decide (copies that differ elsewhere are the same) |\n"
        "|---|---|\n";
    for (const ResourceReader& reader : readers()) {
        std::string properties;
        std::istringstream words{std::string(reader.decides)};
        for (std::string word; words >> word;) {
            properties += (properties.empty() ? "`" : ", `") + word + "`";
        }
        const bool child = std::count(reader.type.begin(), reader.type.end(), '/') > 1 &&
                           !reader.type.ends_with("/networkGroups");
        text += "| `" + std::string(reader.type) + "` | " +
                (properties.empty() ? (child ? "all that are read; joined with the parent" : "none")
                                    : properties) +
                " |\n";
    }
    text +=
        "\n## PaaS services\n\n"
        "From `models/azure/paas_catalog.cpp`. Other types with `publicNetworkAccess` or private "
        "endpoint connections follow a\n"
        "generic model: what is off is off, the rest is unknown.\n\n"
        "| ARM type | Sub-resources in questions | TCP ports | Private DNS zones "
        "|\n|---|---|---|---|\n";
    for (const PaasService& service : paas_services()) {
        std::string names;
        std::string ports;
        std::string zones;
        const auto append = [](std::string& to, std::string_view part) {
            if (!part.empty() && to.find("`" + std::string(part) + "`") == std::string::npos) {
                to += (to.empty() ? "`" : ", `") + std::string(part) + "`";
            }
        };
        for (const PaasGroup& group : service.groups) {
            append(names, group.name);
            append(ports, group.ports);
            for (const std::string_view zone : azreach::words(group.zones)) {
                append(zones, zone);
            }
        }
        text += "| `" + std::string(service.type) + "` | " + names + " | " + ports + " | " + zones +
                " |\n";
    }
    return text;
}

}  // namespace

TEST_CASE("every code is documented, and nothing else", "[arm]") {
    std::set<std::string> used;
    for (const char* room : {"src", "models", "solver"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoot / room)) {
            if (entry.path().extension() == ".cpp") {
                used.merge(codes_in(content_of(entry.path()), "\""));
            }
        }
    }
    CHECK(used.size() > 60);
    // Findings of lint (AZR2) have a page each; those of check (AZR11) and diff (AZR3) and all
    // others are in tables.
    const auto with = [&](const std::string& start) {
        std::set<std::string> codes;
        for (const std::string& code : used) {
            if (code.starts_with(start)) {
                codes.insert(code);
            }
        }
        return codes;
    };
    const std::set<std::string> findings = with("AZR2");
    const std::set<std::string> changes = with("AZR3");
    const std::set<std::string> broken = with("AZR11");
    for (const auto& part : {findings, changes, broken}) {
        for (const std::string& code : part) {
            used.erase(code);
        }
    }
    CHECK(used == codes_in(content_of(kRoot / "docs/diagnostics.md"), "| "));
    CHECK(changes == codes_in(content_of(kRoot / "docs/diff.md"), "| "));
    CHECK(broken == codes_in(content_of(kRoot / "docs/invariants.md"), "| "));
    std::set<std::string> pages;
    for (const auto& entry : std::filesystem::directory_iterator(kRoot / "docs/rules")) {
        if (entry.path().stem().string().starts_with("AZR")) {
            pages.insert(entry.path().stem().string());
        }
    }
    CHECK(findings == pages);
}

TEST_CASE("the page of supported resources is the table of readers", "[arm]") {
    const auto page = kRoot / "docs/supported_resources.md";
    if (std::getenv("AZREACH_WRITE_DOCS") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream(page, std::ios::binary) << supported_resources();
    }
    CHECK(content_of(page) == supported_resources());
}
