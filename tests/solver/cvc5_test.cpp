// The questions as SMT-LIB 2, answered by another solver: cvc5, where it is installed.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "solver/prover.hpp"
#include "src/arm/import.hpp"
#include "tests/oracle/generate.hpp"
#include "tests/support/catch.hpp"

#ifdef AZREACH_PROVER_MODULE

namespace azreach {
namespace {

bool installed() { return std::system("cvc5 --version >/dev/null 2>&1") == 0; }

/// "sat", "unsat", or whatever it said.
std::string answer_of(const std::filesystem::path& file) {
    const std::string command = "cvc5 --lang smt2 --tlimit 20000 '" + file.string() + "' 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    char line[256] = {};
    std::string text;
    if (std::fgets(line, sizeof line, pipe) != nullptr) {
        text = line;
    }
    pclose(pipe);
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

}  // namespace

TEST_CASE("cvc5 answers the written questions as Z3 does", "[solver]") {
    if (!installed()) {
        std::cout << "cvc5 is not installed: its answers are not compared (scripts/setup --dev)\n";
        return;
    }
    const auto folder = std::filesystem::temp_directory_path() / "azreach-cvc5-test";
    std::filesystem::create_directories(folder);
    std::size_t sat = 0;
    std::size_t unsat = 0;
    for (std::uint64_t seed = 201; seed <= 212; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported imported = import_text("generated.json", generated.arm);
        const Network network(imported.snapshot, Assumptions(Reading::strict));
        const auto prover = solver::load_prover(network, AZREACH_PROVER_MODULE);
        std::mt19937_64 random(seed);
        const auto count = static_cast<ConfigIndex>(network.configurations().size());
        for (const solver::Claim& claim : {solver::kNothingMayArrive, solver::kEverythingArrives}) {
            for (int q = 0; q < 3; ++q) {
                solver::Question question;
                const auto from = static_cast<ConfigIndex>(random() % count);
                const auto to = static_cast<ConfigIndex>(random() % count);
                if (!network.configurations()[from].configuration->address ||
                    !network.configurations()[to].configuration->address || from == to) {
                    continue;
                }
                question.from.configs = {from};
                question.to.configs = {to};
                question.services =
                    random() % 2 == 0
                        ? ServiceSet::any() - ServiceSet::protocol(kIcmpv6)
                        : ServiceSet::ports(kTcp, PortSet::full(), PortSet::range(1000, 1001));
                question.reach =
                    random() % 2 == 0 ? solver::Reach::packets : solver::Reach::sessions;
                const auto file = folder / (std::to_string(seed) + ".smt2");
                std::ofstream(file) << prover->smt2(question, claim, {});
                const bool refuted =
                    std::holds_alternative<solver::Refuted>(prover->prove(question, claim, {}));
                const std::string found = answer_of(file);
                CAPTURE(seed, q);
                CHECK(found == (refuted ? "sat" : "unsat"));
                ++(refuted ? sat : unsat);
            }
        }
    }
    std::filesystem::remove_all(folder);
    std::cout << "cvc5 agrees on " << sat << " satisfiable and " << unsat
              << " unsatisfiable questions\n";
    CHECK(sat > 0);
    CHECK(unsat > 0);
}

}  // namespace azreach

#endif  // AZREACH_PROVER_MODULE
