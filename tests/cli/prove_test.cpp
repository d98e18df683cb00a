// query --engine, --prove and -O smt2.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "src/cli/session.hpp"
#include "tests/support/catch.hpp"

#ifdef AZREACH_PROVER_MODULE

namespace {

const std::string kContoso = AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json";

struct Ran {
    int code = 0;
    std::string out, err;
};

Ran run(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    Ran ran;
    ran.code = azreach::cli::run(arguments, out, err);
    ran.out = out.str();
    ran.err = err.str();
    return ran;
}

nlohmann::json result_of(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-o", "json", "-s", kContoso});
    const Ran ran = run(arguments);
    CAPTURE(ran.err);
    return nlohmann::json::parse(ran.out)["result"];
}

}  // namespace

TEST_CASE("both engines are asked and say the same", "[cli][solver]") {
    struct Row {
        std::vector<std::string> ask;
        std::string verdict;
    };
    for (const Row& row : std::vector<Row>{
             {{"query", "vm-web", "vm-app", "-p", "tcp/8443"}, "reachable"},
             {{"query", "internet", "vm-web", "-p", "tcp/22"}, "blocked"},
             {{"query", "internet", "vm-web", "-p", "tcp/443"}, "unknown"},
             {{"query", "vm-web", "vm-app"}, "partial"},
             {{"query", "vm-web", "internet"}, "unknown"},
         }) {
        CAPTURE(row.ask);
        for (const char* engine : {"sets", "z3", "both"}) {
            CAPTURE(engine);
            std::vector<std::string> ask = row.ask;
            ask.insert(ask.end(), {"--engine", engine});
            const nlohmann::json result = result_of(ask);
            CHECK(result["verdict"] == row.verdict);
            CHECK(result["proof"]["engine"] == engine);
            CHECK(result["proof"]["status"] ==
                  (std::string(engine) == "sets" ? "not-asked" : "proved"));
        }
    }
}

TEST_CASE("an unknown verdict comes with what decides it each way", "[cli][solver]") {
    const nlohmann::json result =
        result_of({"query", "vm-web", "internet", "-p", "tcp/443", "--prove"});
    CHECK(result["verdict"] == "unknown");
    const nlohmann::json& hinge = result["proof"]["hinge"];
    CHECK(hinge["claim"] == "everything arrives and is answered");
    CHECK(hinge["holdsWhen"] == nlohmann::json({"hidden-none-routes=no"}));
    CHECK(hinge["failsWhen"] == nlohmann::json({"hidden-none-routes=yes"}));
}

TEST_CASE("a proof that takes too long makes the answer unknown, with exit code 3",
          "[cli][solver]") {
    const Ran ran = run({"query", "vm-web", "internet", "--engine", "z3", "--timeout", "0.001ms",
                         "-o", "json", "-s", kContoso});
    CAPTURE(ran.err);
    const nlohmann::json result = nlohmann::json::parse(ran.out)["result"];
    CHECK(ran.code == 3);
    CHECK(result["verdict"] == "unknown");
    CHECK(result["proof"]["status"] == "gave-up");
    CHECK(result["proof"]["reason"] == "TIMEOUT");
}

TEST_CASE("-O smt2 writes the question for any solver", "[cli][solver]") {
    const auto file = std::filesystem::temp_directory_path() / "azreach-prove-test.smt2";
    std::filesystem::remove(file);
    const Ran ran =
        run({"query", "vm-web", "vm-app", "-s", kContoso, "-O", "smt2=" + file.string()});
    CHECK(ran.err.empty());
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    CHECK(text.str().find("(set-logic QF_BV)") != std::string::npos);
    CHECK(text.str().find("(check-sat)") != std::string::npos);
    std::filesystem::remove(file);
}

TEST_CASE("without the module a proof is refused with what was tried", "[cli][solver]") {
    const auto log = std::filesystem::temp_directory_path() / "azreach-prove-test.log";
    const std::string command = "AZREACH_PROVER=/no/such/module.so '" AZREACH_PROGRAM
                                "' query vm-web vm-app --prove -s '" +
                                kContoso + "' >/dev/null 2>'" + log.string() + "'";
    const int status = std::system(command.c_str());
    CHECK(WEXITSTATUS(status) == 2);
    std::ostringstream text;
    text << std::ifstream(log).rdbuf();
    CHECK(text.str().find("/no/such/module.so") != std::string::npos);
    CHECK(text.str().find("--engine sets") != std::string::npos);
    std::filesystem::remove(log);
}

#endif  // AZREACH_PROVER_MODULE
