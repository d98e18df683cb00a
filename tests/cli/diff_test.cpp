// diff as pipelines use it: one command, every output, and the exit code.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "src/cli/session.hpp"
#include "tests/support/catch.hpp"

namespace {

using Json = nlohmann::json;

const std::string kFixtures = AZREACH_ROOT_DIR "/fixtures/diff/terraform_ssh/";

struct Ran {
    int code;
    std::string out, err;
};

Ran run(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = azreach::cli::run(arguments, out, err);
    return {code, out.str(), err.str()};
}

std::filesystem::path folder() {
    const auto path = std::filesystem::temp_directory_path() /
                      ("azreach-diff-test-" + std::to_string(::getpid()));
    std::filesystem::create_directories(path);
    return path;
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The line on which `needle` stands in a file.
std::size_t line_of(const std::string& path, const std::string& needle) {
    const std::string text = read(path);
    const std::size_t at = text.find(needle);
    return at == std::string::npos
               ? 0
               : static_cast<std::size_t>(
                     std::count(text.begin(), text.begin() + static_cast<long>(at), '\n')) +
                     1;
}

bool has(const std::string& program) {
    return std::system(("command -v " + program + " > /dev/null 2>&1").c_str()) == 0;
}

}  // namespace

TEST_CASE("a plan that opens SSH fails with rule, file and line, in every form", "[cli][diff]") {
    const auto at = folder();
    const std::string plan = kFixtures + "plan.json";
    const Ran ran =
        run({"diff", plan, "--fail-on", "new-exposure", "-O", "md=" + (at / "comment.md").string(),
             "-O", "sarif=" + (at / "azreach.sarif").string(), "-O",
             "junit=" + (at / "junit.xml").string(), "-O", "github=-", "-q"});
    CHECK(ran.code == 1);
    const std::size_t line = line_of(plan, "azurerm_network_security_rule.ssh");
    REQUIRE(line > 0);
    CHECK(ran.out.find("NEW EXPOSURE") != std::string::npos);
    CHECK(ran.out.find("tmp-ssh") != std::string::npos);
    CHECK(ran.out.find("::error file=") != std::string::npos);

    const Json sarif = Json::parse(read(at / "azreach.sarif"));
    CHECK(sarif["version"] == "2.1.0");
    const Json& results = sarif["runs"][0]["results"];
    // Where responses to some of Azure's prefixes go is contested: they are a finding of their own.
    REQUIRE(results.size() == 2);
    CHECK(results[1]["level"] == "warning");
    CHECK(results[0]["ruleId"] == "AZR3001");
    CHECK(results[0]["level"] == "error");
    const Json& where = results[0]["locations"][0]["physicalLocation"];
    CHECK(where["artifactLocation"]["uri"].get<std::string>().ends_with("plan.json"));
    // The rule's own lines in the plan: the resource begins at `line`.
    const std::size_t found = where["region"]["startLine"];
    CHECK(found >= line - 1);
    CHECK(found <= line + 40);
    CHECK_FALSE(results[0]["codeFlows"][0]["threadFlows"][0]["locations"].empty());

    const std::string comment = read(at / "comment.md");
    CHECK(comment.starts_with("<!-- azreach:diff -->\n"));
    CHECK(comment.size() < 60000);
    CHECK(comment.find("tmp-ssh") != std::string::npos);
    CHECK(comment.find("plan.json:") != std::string::npos);

    const std::string junit = read(at / "junit.xml");
    CHECK(junit.find("<failure") != std::string::npos);
    CHECK(junit.find("tmp-ssh") != std::string::npos);
    if (has("xmllint")) {
        const std::string command = "xmllint --noout --schema " AZREACH_ROOT_DIR
                                    "/tests/report/junit.xsd " +
                                    (at / "junit.xml").string() + " > /dev/null 2>&1";
        CHECK(std::system(command.c_str()) == 0);
    } else {
        std::cout << "xmllint is not here: JUnit XML was not validated\n";
    }
}

TEST_CASE("SARIF passes the rules of GitHub", "[cli][diff][sarif]") {
    // npm: @microsoft/sarif-multitool. It exits with 0 whatever it finds: its words count.
    const char* given = std::getenv("AZREACH_SARIF_MULTITOOL");
    const std::string tool = given != nullptr               ? given
                             : has("Sarif.Multitool")       ? "Sarif.Multitool"
                             : has("sarif-multitool-linux") ? "sarif-multitool-linux"
                                                            : "";
    if (tool.empty()) {
        std::cout << "no SARIF validator here (npm @microsoft/sarif-multitool, or its path in "
                     "AZREACH_SARIF_MULTITOOL): SARIF was not validated\n";
        return;
    }
    const auto at = folder();
    const std::string lint_input = AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json";
    run({"diff", kFixtures + "plan.json", "-q", "-O", "sarif=" + (at / "diff.sarif").string()});
    run({"lint", "-s", lint_input, "-q", "-O", "sarif=" + (at / "lint.sarif").string()});
    for (const char* name : {"diff.sarif", "lint.sarif"}) {
        const std::string command = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 '" + tool +
                                    "' validate '" + (at / name).string() + "' --rule-kind Gh > '" +
                                    (at / "words").string() + "' 2>&1";
        CHECK(std::system(command.c_str()) == 0);
        const std::string words = read(at / "words");
        INFO(words);
        CHECK(words.find("Analysis completed successfully") != std::string::npos);
        CHECK(words.find(": error ") == std::string::npos);
        CHECK(words.find(": warning ") == std::string::npos);
    }
}

TEST_CASE("the same plan without the rule passes, and says that it is proved", "[cli][diff]") {
    const Ran ran =
        run({"diff", kFixtures + "plan-without.json", "--fail-on", "new-exposure", "-q"});
    CHECK(ran.code == 0);
    CHECK(ran.out.find("no connectivity change (proved)") != std::string::npos);
    const Ran junit = run({"diff", kFixtures + "plan-without.json", "-o", "junit", "-q"});
    CHECK(junit.out.find("name=\"no new exposure\"/>") != std::string::npos);
}

TEST_CASE("what a fingerprint is made of is not a packet and not a line", "[cli][diff]") {
    const auto at = folder();
    const std::string text = read(kFixtures + "plan.json");
    std::ofstream(at / "moved.json") << "\n\n\n" + text;
    const auto fingerprint = [&](const std::string& path) {
        const Json sarif = Json::parse(run({"diff", path, "-o", "sarif", "-q"}).out);
        return sarif["runs"][0]["results"][0]["partialFingerprints"];
    };
    CHECK(fingerprint(kFixtures + "plan.json") == fingerprint((at / "moved.json").string()));
}

TEST_CASE("diff exits by what differs", "[cli][diff]") {
    const std::string plan = kFixtures + "plan.json";
    CHECK(run({"diff", plan, "-q"}).code == 0);
    CHECK(run({"diff", plan, "-q", "--exit-code"}).code == 1);
    CHECK(run({"diff", plan, "-q", "--fail-on", "lost-path"}).code == 0);
    CHECK(run({"diff", plan, "-q", "--fail-on", "nonsense"}).code == 2);
    CHECK(run({"diff", "-q"}).code == 2);
    const Json document = Json::parse(run({"diff", plan, "-q", "-o", "json"}).out);
    CHECK(document["schema"] == "azreach.diff/1");
    const Json& result = document["result"];
    for (const char* key : {"new", "lost", "changed", "unchangedPairs", "configChanges"}) {
        CHECK(result["summary"].contains(key));
    }
    REQUIRE_FALSE(result["changes"].empty());
    const Json& change = result["changes"][0];
    CHECK(change["kind"] == "new");
    CHECK(change["from"]["name"].get<std::string>().starts_with("internet except "));
    CHECK(change["before"] == "blocked");
    CHECK(change["after"] == "reachable");
    REQUIRE(change["causedBy"].size() == 1);
    CHECK(change["causedBy"][0]["id"].get<std::string>().ends_with("/securityRules/tmp-ssh"));
    CHECK(change["causedBy"][0]["old"].is_null());
    CHECK(change["witness"]["dstPort"] == 22);
}

TEST_CASE("findings in the forms of Azure DevOps, CSV, Defender and Sentinel", "[cli][diff]") {
    const std::string plan = kFixtures + "plan.json";
    const std::string azdo = run({"diff", plan, "-q", "-o", "azdo"}).out;
    CHECK(azdo.starts_with("##vso[task.logissue type=error;sourcepath="));
    const std::string csv = run({"diff", plan, "-q", "-o", "csv"}).out;
    CHECK(csv.starts_with("rule,severity,status,"));
    CHECK(csv.find("\"AZR3001\",\"high\",\"failed\"") != std::string::npos);
    const Json defender = Json::parse(run({"diff", plan, "-q", "-o", "defender"}).out);
    CHECK(defender["assessmentMetadata"][0]["body"]["properties"]["assessmentType"] ==
          "CustomerManaged");
    bool unhealthy = false;
    for (const Json& assessment : defender["assessments"]) {
        unhealthy = unhealthy || assessment["body"]["properties"]["status"]["code"] == "Unhealthy";
    }
    CHECK(unhealthy);
    const Json sentinel = Json::parse(run({"diff", plan, "-q", "-o", "sentinel"}).out);
    CHECK(sentinel[0]["Status"] == "failed");
    CHECK(sentinel[0]["RuleId"] == "AZR3001");
}
