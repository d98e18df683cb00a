// Each case of a kind that the network layer answers is run and compared with what Azure said; the
// table of it all is docs/conformance.md.
//
//   AZREACH_CONFORMANCE=PATH  writes that table there (scripts/update-conformance).
#include <iostream>
#include <map>
#include <sstream>

#include "tests/ground_truth/kinds.hpp"
#include "tests/support/catch.hpp"

namespace azreach::ground_truth {
namespace {

const Explained* reason_of(const std::string& kind, const std::string& id,
                           const std::string& difference) {
    for (const Explained& known : explained()) {
        if (kind == known.kind && id.find(known.id) != std::string::npos &&
            difference.find(known.difference) != std::string::npos) {
            return &known;
        }
    }
    return nullptr;
}

struct Counted {
    std::size_t cases = 0, usable = 0, compared = 0, facts = 0, agree = 0;
    std::map<const Explained*, std::set<std::string>> differences;  // reason, cases
    std::map<std::string, std::size_t> left_out;                    // what, in how many cases
    std::vector<std::string> unexplained, contradictions;
};

Counted count(const Kind& kind) {
    Counted counted;
    for (const Json& one : cases_of(kind.name)) {
        ++counted.cases;
        if (one["usableAsOracle"] != true) {
            continue;
        }
        ++counted.usable;
        const Compared result = kind.compare(one);
        counted.compared += result.facts > 0 ? 1 : 0;
        counted.facts += result.facts;
        counted.agree += result.facts > 0 && result.differences.empty() ? 1 : 0;
        for (const std::string& difference : result.differences) {
            if (const Explained* known = reason_of(kind.name, result.id, difference)) {
                counted.differences[known].insert(result.id);
            } else {
                counted.unexplained.push_back(result.id + ": " + difference);
            }
        }
        for (const std::string& contradiction : result.contradictions) {
            counted.contradictions.push_back(result.id + ": " + contradiction);
        }
        for (const std::string& what :
             std::set<std::string>(result.left_out.begin(), result.left_out.end())) {
            ++counted.left_out[what];
        }
    }
    return counted;
}

const std::map<std::string, Counted>& counted() {
    static const std::map<std::string, Counted> all = [] {
        std::map<std::string, Counted> result;
        for (const Kind& kind : kinds()) {
            result.emplace(kind.name, count(kind));
        }
        return result;
    }();
    return all;
}

bool absent() {
    if (std::filesystem::exists(cases_folder())) {
        return false;
    }
    std::cout << "skipped: no ground-truth cases beside this checkout\n";
    return true;
}

/// Nothing unexplained, nothing that the strict reading excludes, and something compared.
void agrees(const char* kind) {
    if (absent()) {
        return;
    }
    const Counted& found = counted().at(kind);
    CAPTURE(kind);
    CHECK(found.usable > 0);
    CHECK(found.facts > 0);
    for (const std::string& difference : found.unexplained) {
        FAIL_CHECK("unexplained: " << difference);
    }
    for (const std::string& contradiction : found.contradictions) {
        FAIL_CHECK("excluded in strict: " << contradiction);
    }
}

std::string conformance() {
    std::ostringstream text;
    text << "# Conformance\n\n"
            "What Azure's own diagnostics, and people at real networks, answered to recorded "
            "questions, beside what this program answers.\n"
            "Written by `scripts/update-conformance` from the cases of `tests/ground_truth`; a "
            "test compares it where the cases are present.\n\n"
            "*Agree*: every comparison of the case gives Azure's answer under `--reading "
            "documented`. *Explained*: some does not, for a reason given below.\n"
            "Under `--reading strict` no answer of any case is excluded.\n\n"
            "| Kind | Compared | Cases | Usable | Compared | Agree | Explained | Comparisons |\n"
            "|---|---|---|---|---|---|---|---|\n";
    for (const Kind& kind : kinds()) {
        const Counted& found = counted().at(kind.name);
        text << "| " << kind.name << " | " << kind.what << " | " << found.cases << " | "
             << found.usable << " | " << found.compared << " | " << found.agree << " | "
             << found.compared - found.agree << " | " << found.facts << " |\n";
    }
    text << "\n## Differences and their reasons\n\n| Kind | Cases | Difference | Reason |\n"
            "|---|---|---|---|\n";
    for (const Kind& kind : kinds()) {
        for (const Explained& known : explained()) {
            const auto& differences = counted().at(kind.name).differences;
            const auto found = differences.find(&known);
            if (found != differences.end()) {
                text << "| " << kind.name << " | " << found->second.size() << " | "
                     << known.difference << " | " << known.reason << " |\n";
            }
        }
    }
    text << "\n## Left out\n\n| Kind | Cases | What and why |\n|---|---|---|\n";
    for (const Kind& kind : kinds()) {
        const Counted& found = counted().at(kind.name);
        if (found.usable < found.cases) {
            text << "| " << kind.name << " | " << found.cases - found.usable
                 << " | marked in the collection as unusable: contradictory, or resources are "
                    "missing |\n";
        }
        for (const auto& [what, cases] : found.left_out) {
            text << "| " << kind.name << " | " << cases << " | " << what << " |\n";
        }
    }
    return text.str();
}

TEST_CASE("IP flow verify: the same access by the same rule", "[ground_truth][G1]") {
    agrees("ip-flow-verify");
}
TEST_CASE("NSG diagnostics: the same verdict and matched rules", "[ground_truth][G2]") {
    agrees("network-configuration-diagnostic");
}
TEST_CASE("next hop: the same type, address and table", "[ground_truth][G3]") {
    agrees("next-hop");
}
TEST_CASE("effective security rules: the same rules and expansions", "[ground_truth][G4]") {
    agrees("effective-nsg");
    agrees("security-group-view");
}
TEST_CASE("effective routes: the same routes", "[ground_truth][G6]") { agrees("effective-routes"); }
TEST_CASE("gateways: learned routes lie behind them, advertised ones before",
          "[ground_truth][E16][E23]") {
    agrees("vnet-gateway-learned-routes");
    agrees("vnet-gateway-advertised-routes");
}
TEST_CASE("what was seen to arrive arrives", "[ground_truth][Z2]") {
    agrees("reachability-observed");
    agrees("connectivity-check");
}
TEST_CASE("topology: the same things belong together", "[ground_truth]") { agrees("topology"); }
TEST_CASE("network managers: what is in force, and who is a member", "[ground_truth][A1][A2]") {
    agrees("avnm-active-connectivity");
    agrees("avnm-effective-connectivity");
    agrees("avnm-active-security-admin-rules");
    agrees("avnm-effective-security-admin-rules");
    agrees("avnm-effective-vnets");
}

TEST_CASE("every explanation explains something", "[ground_truth]") {
    if (absent()) {
        return;
    }
    for (const Explained& known : explained()) {
        CAPTURE(known.kind, known.id, known.difference);
        CHECK(counted().at(known.kind).differences.contains(&known));
    }
}

TEST_CASE("docs/conformance.md is current", "[ground_truth]") {
    if (absent()) {
        return;
    }
    const std::string now = conformance();
    if (const char* path = std::getenv("AZREACH_CONFORMANCE")) {
        std::ofstream(path) << now;
    }
    std::ostringstream committed;
    committed << std::ifstream(AZREACH_ROOT_DIR "/docs/conformance.md").rdbuf();
    INFO("run scripts/update-conformance and read the difference");
    CHECK(committed.str() == now);
}

}  // namespace
}  // namespace azreach::ground_truth
