// The corpus as a measure: docs/inputs.md says, kind by kind, how many files are read, and what of
// the templates stays open. The corpus lies beside the checkout (or where AZREACH_SHARED says);
// without it this says so and checks nothing.
//   AZREACH_INPUTS=PATH  writes the page there (scripts/update-inputs).
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "models/azure/symbol.hpp"
#include "src/arm/import.hpp"
#include "src/derived/value.hpp"
#include "src/plan/terraform_table.hpp"
#include "src/template/template_set.hpp"
#include "tests/support/catch.hpp"

namespace azreach {
namespace {

namespace fs = std::filesystem;

fs::path corpus() {
    const char* shared = std::getenv("AZREACH_SHARED");  // NOLINT(concurrency-mt-unsafe)
    return (shared != nullptr ? fs::path(shared) : fs::path(AZREACH_ROOT_DIR) / "../shared") /
           "corpus";
}

struct Entry {
    std::string path, kind;
};

std::vector<Entry> entries() {
    std::vector<Entry> result;
    std::ifstream index(corpus() / "index.jsonl");
    for (std::string line; std::getline(index, line);) {
        const auto entry = nlohmann::json::parse(line);
        if (fs::exists(corpus() / std::string(entry["path"]))) {
            result.push_back({entry["path"], entry["kind"]});
        }
    }
    return result;
}

std::string content(const std::string& path) {
    std::ifstream stream(corpus() / path, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// The message without its place: "found ..., expected ...".
std::string reason_of(const std::string& message) {
    std::istringstream lines(message);
    std::string reason;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line) && number < 2; ++number) {
        reason = line;
    }
    const std::size_t begin = reason.find_first_not_of(' ');
    reason = begin == std::string::npos ? "" : reason.substr(begin, 150);
    std::replace(reason.begin(), reason.end(), '|', '/');
    return reason;
}

struct Refusal {
    std::string path, reason;
};

// --- templates -----------------------------------------------------------------------------------

/// What the symbols of a template's resources come from.
struct Symbols {
    bool parameters = false;  // parameters without a value
    bool tokens = false;      // uniqueString, guid, newGuid, utcNow
    bool scope = false;       // the subscription and group that a deployment is sent to
    bool runtime = false;     // reference() and list*() of what Azure makes
    std::set<std::string> others;
};

bool holds(const std::string& text, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return text.find(word) != std::string::npos; });
}

void classify(const std::string& name, Symbols& symbols) {
    const bool parameters = holds(name, {"parameter '", "output '"});
    const bool tokens =
        holds(name, {"uniqueString(", "uniquestring(", "guid(", "newGuid(", "utcNow(", "utcnow("});
    const bool scope =
        holds(name, {"resource group", "resourceGroup()", "subscription", "deployment",
                     "managementGroup()", "management group", "tenant()", "deployer()"});
    const bool runtime = holds(name, {"reference(", "list", "secret for ", "pickZones("});
    symbols.parameters |= parameters;
    symbols.tokens |= tokens;
    symbols.scope |= scope;
    symbols.runtime |= runtime;
    if (!parameters && !tokens && !scope && !runtime) {
        symbols.others.insert(name);
    }
}

struct Templates {
    std::size_t files = 0, refused = 0, unlinked = 0, with_links = 0;
    std::size_t concrete = 0, tokens = 0, parameters = 0, runtime = 0, others = 0;
    std::set<std::string> other_symbols;
    std::vector<Refusal> refusals;

    std::size_t evaluated() const { return concrete + tokens + parameters + runtime + others; }
    std::size_t on_target() const { return concrete + tokens + parameters; }
};

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string stem_of(const std::string& path) {
    const std::string file = path.substr(path.rfind('/') + 1);
    return file.substr(0, file.find('.'));
}

/// Templates that can be linked lie in the folder of the linking one, or below or above it in the
/// same project: a project is the folder below the name of the repository.
std::string project_of(const std::string& path) {
    std::size_t at = 0;
    for (int i = 0; i < 3 && at != std::string::npos; ++i) {
        at = path.find('/', at + 1);
    }
    return at == std::string::npos ? folder_of(path) : path.substr(0, at);
}

Templates measure_templates(const std::vector<Entry>& all) {
    Templates sum;
    std::map<std::string, std::vector<std::string>> projects;
    std::map<std::string, std::string> texts;
    for (const Entry& entry : all) {
        if (entry.kind == "arm-template") {
            projects[project_of(entry.path)].push_back(entry.path);
        }
        if (entry.kind == "arm-template" || entry.kind == "arm-parameters") {
            texts[entry.path] = content(entry.path);
        }
    }
    for (const Entry& entry : all) {
        if (entry.kind != "arm-template") {
            continue;
        }
        INFO(entry.path);
        ++sum.files;
        std::vector<DerivedInput> templates;
        std::vector<DerivedInput> parameters;
        std::uint32_t number = 0;
        for (const std::string& path : projects[project_of(entry.path)]) {
            templates.push_back({number++, path, texts[path]});
        }
        for (const auto& [path, text] : texts) {
            if (folder_of(path) == folder_of(entry.path) && stem_of(path) == stem_of(entry.path) &&
                path.find("arameter") != std::string::npos) {
                parameters.push_back({number++, path, text});
                break;
            }
        }
        try {
            const Derived derived = derive_templates(templates, parameters, entry.path);
            const bool lost = std::any_of(derived.gaps.begin(), derived.gaps.end(),
                                          [](const Gap& gap) { return gap.code == "AZR9021"; });
            if (lost) {
                ++sum.unlinked;
                continue;
            }
            Symbols symbols;
            for (const DerivedResource& resource : derived.resources) {
                for (const std::string& name : symbols_in(resource.json + resource.exists_if)) {
                    classify(name, symbols);
                }
            }
            if (!symbols.others.empty()) {
                ++sum.others;
                sum.other_symbols.insert(symbols.others.begin(), symbols.others.end());
            } else if (symbols.runtime) {
                ++sum.runtime;
            } else if (symbols.parameters) {
                ++sum.parameters;
            } else if (symbols.tokens) {
                ++sum.tokens;
            } else {
                ++sum.concrete;
            }
        } catch (const DeriveError& error) {
            ++sum.refused;
            std::string reason = "found " + error.found + ", expected " + error.expected;
            std::replace(reason.begin(), reason.end(), '|', '/');
            sum.refusals.push_back({entry.path + "#" + error.pointer, reason.substr(0, 150)});
        }
    }
    return sum;
}

// --- Terraform
// ------------------------------------------------------------------------------------

/// How often each type of a provider for Azure stands in the plans and states.
std::map<std::string, std::size_t> terraform_types(const std::vector<Entry>& all) {
    std::map<std::string, std::size_t> counts;
    const std::function<void(const nlohmann::json&)> walk = [&](const nlohmann::json& value) {
        if (value.is_object() && value.contains("type") && value["type"].is_string() &&
            value.value("mode", "managed") == "managed") {
            const std::string type = value["type"];
            if (type.starts_with("azurerm_") || type.starts_with("azapi_")) {
                ++counts[type];
            }
        }
        for (const auto& inner : value) {
            if (inner.is_structured()) {
                walk(inner);
            }
        }
    };
    for (const Entry& entry : all) {
        if (entry.kind == "tf-plan" || entry.kind == "tf-state-extract") {
            const auto document = nlohmann::json::parse(content(entry.path), nullptr, false);
            if (document.is_object()) {
                walk(document.contains("planned_values") ? document["planned_values"] : document);
            }
        }
    }
    return counts;
}

std::string terraform_text(const std::vector<Entry>& all) {
    std::size_t mapped = 0;
    std::size_t joined = 0;
    std::size_t beside = 0;
    std::string others;
    for (const auto& [type, count] : terraform_types(all)) {
        if (terraform::type_of(type) != nullptr || type.starts_with("azapi_")) {
            ++mapped;
        } else if (terraform::join_of(type) != nullptr) {
            ++joined;
        } else if (terraform::is_beside_the_network(type)) {
            ++beside;
        } else {
            others += (others.empty() ? "`" : ", `") + type + "`";
        }
    }
    std::ostringstream text;
    text << "\n## Types of Terraform\n\nOf the types of the providers azurerm and azapi in these "
            "plans, "
         << mapped << " are mapped to resources of Azure, " << joined
         << " to properties of others,\nand " << beside
         << " say nothing of a network. Every type that has a counterpart which azreach models is "
            "mapped (a test). These have\nnone and are kept by name, in the subnets and with the "
            "public addresses that they mention:\n\n"
         << others << ".\n";
    return text.str();
}

// --- the page ------------------------------------------------------------------------------------

struct Kind {
    std::size_t files = 0, imported = 0, unread = 0, with_symbols = 0, resources = 0;
    std::map<std::string, std::vector<std::string>> refused;  // reason: files
};

/// Something beside which files without resources (tags, parameters, rules of a NIC) are no empty
/// snapshot.
const std::string kBeside =
    R"({"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/beside","type":"Microsoft.Network/applicationSecurityGroups"})";

std::string page() {
    const std::vector<Entry> all = entries();
    std::map<std::string, Kind> kinds;
    for (const Entry& entry : all) {
        Kind& sum = kinds[entry.kind];
        ++sum.files;
        try {
            const Imported imported =
                import_texts({{entry.path, content(entry.path)}, {"beside.json", kBeside}});
            const bool unread = std::any_of(
                imported.snapshot.diagnostics.begin(), imported.snapshot.diagnostics.end(),
                [](const Diagnostic& one) { return one.code == "AZR1005"; });
            ++(unread ? sum.unread : sum.imported);
            sum.with_symbols += imported.snapshot.symbols.empty() ? 0U : 1U;
            sum.resources += imported.snapshot.sources.front().resources;
        } catch (const InputError& error) {
            sum.refused[reason_of(error.what())].push_back(entry.path);
        }
    }
    const Templates templates = measure_templates(all);

    std::ostringstream text;
    text << "# Inputs\n\nWhat azreach makes of about two thousand real files: live snapshots, "
            "inventories, templates, plans, examples.\nWritten by `scripts/update-inputs`; a test "
            "keeps it current where those files are present. Each file is imported alone.\n\n"
         << "| Kind | Files | Imported | with open values | Not read | Refused | Resources |\n"
         << "|---|---|---|---|---|---|---|\n";
    for (const auto& [kind, sum] : kinds) {
        text << "| " << kind << " | " << sum.files << " | " << sum.imported << " | "
             << sum.with_symbols << " | " << sum.unread << " | "
             << sum.files - sum.imported - sum.unread << " | " << sum.resources << " |\n";
    }
    text << "\nNot read are recordings and examples of single requests; they are recognised and "
            "told.\n";
    const auto share = [&](std::size_t part, std::size_t whole) {
        const std::size_t tenths = whole == 0 ? 0 : (part * 1000 + whole / 2) / whole;
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
    };
    const std::size_t linked = templates.files - templates.unlinked;
    text
        << "\n## ARM templates\n\nEach with its parameter file where one exists, and with the "
           "templates of its project to link to.\n\n"
        << "| Templates | |\n|---|---|\n"
        << "| files | " << templates.files << " |\n"
        << "| that link to a template which is not among the files | " << templates.unlinked
        << " |\n"
        << "| the others | " << linked << " |\n"
        << "| evaluated, nothing left open but the subscription and group | " << templates.concrete
        << " |\n"
        << "| evaluated but for `uniqueString`, `guid`, `utcNow` | " << templates.tokens << " |\n"
        << "| evaluated but for those and parameters without a value | " << templates.parameters
        << " |\n"
        << "| evaluated but for those and what only Azure knows (`reference`, `list...`, secrets)"
        << " | " << templates.runtime << " |\n"
        << "| with something else left open | " << templates.others << " |\n"
        << "| refused | " << templates.refused << " |\n\n"
        << share(templates.evaluated() - templates.others, linked)
        << " of the templates whose linked files are present are evaluated so that only what hangs "
           "on a parameter without a\nvalue, on `uniqueString`, `guid`, `utcNow`, or on what Azure "
           "alone knows stays open; "
        << share(templates.on_target(), linked)
        << " do not hang on what Azure\nalone knows. The templates that are refused are wrong: "
           "Azure would refuse them, too.\n";
    for (const std::string& name : templates.other_symbols) {
        text << "\nLeft open: `" << name << "`.\n";
    }
    text << "\n| Refused template | Why |\n|---|---|\n";
    for (const Refusal& refusal : templates.refusals) {
        text << "| " << refusal.path << " | " << refusal.reason << " |\n";
    }
    text << terraform_text(all);
    text << "\n## Other refused files\n\n| Kind | Why | Files |\n|---|---|---|\n";
    for (const auto& [kind, sum] : kinds) {
        for (const auto& [reason, files] : sum.refused) {
            if (kind != "arm-template") {
                text << "| " << kind << " | " << reason << " | " << files.size() << " |\n";
            }
        }
    }
    return text.str();
}

}  // namespace

TEST_CASE("docs/inputs.md is current", "[corpus][inputs]") {
    if (!fs::exists(corpus() / "index.jsonl")) {
        WARN("skipped: no corpus at " << corpus().string());
        return;
    }
    const std::string now = page();
    if (const char* path = std::getenv("AZREACH_INPUTS")) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream(path) << now;
        std::cout << "written: " << path << '\n';
        return;
    }
    std::ostringstream committed;
    committed << std::ifstream(AZREACH_ROOT_DIR "/docs/inputs.md").rdbuf();
    INFO("run scripts/update-inputs and read the difference");
    CHECK(now == committed.str());
}

}  // namespace azreach
