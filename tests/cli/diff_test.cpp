// diff as pipelines use it: one command, every output, and the exit code.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
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

/// Invariants for both fixtures: the plan breaks one and keeps one.
std::string policy() {
    const std::string path = (folder() / "azreach.yaml").string();
    std::ofstream(path)
        << "version: 1\n"
           "sets: { web: { name: vm-web } }\n"
           "invariants:\n"
           "  - { id: no-ssh, deny: internet -> web on tcp/22, severity: critical }\n"
           "  - { id: no-telnet, deny: internet -> web on tcp/23 }\n"
           "  - { id: nothing-new, no-new: any -> any, severity: low }\n"
           "  - { id: https, require: internet -> web on tcp/443 }\n";
    return path;
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
    run({"check", policy(), "-s", lint_input, "-q", "-O",
         "sarif=" + (at / "check.sarif").string()});
    run({"diff", kFixtures + "plan.json", "-c", policy(), "-q", "-O",
         "sarif=" + (at / "flips.sarif").string()});
    for (const char* name : {"diff.sarif", "lint.sarif", "check.sarif", "flips.sarif"}) {
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
    CHECK(ran.out.find("no new exposure (proved)") != std::string::npos);
    const Ran comment = run({"diff", kFixtures + "plan-without.json", "-o", "md", "-q"});
    CHECK(comment.out.find("no new exposure (proved)") != std::string::npos);
    const Ran opens = run({"diff", kFixtures + "plan.json", "-q"});
    CHECK(opens.out.find("no new exposure") == std::string::npos);
    const Ran junit = run({"diff", kFixtures + "plan-without.json", "-o", "junit", "-q"});
    CHECK(junit.out.find("name=\"no new exposure\"/>") != std::string::npos);
}

TEST_CASE("invariants that a change breaks are findings and count", "[cli][diff]") {
    const std::string plan = kFixtures + "plan.json";
    const Ran text = run({"diff", plan, "-c", policy(), "-q"});
    CHECK(text.code == 0);
    CHECK(text.out.find("no-ssh   held -> ") != std::string::npos);
    CHECK(text.out.find("no-telnet") == std::string::npos);
    // Nothing is lost; what must hold does not any more.
    CHECK(run({"diff", plan, "-c", policy(), "-q", "--fail-on", "lost-path"}).code == 1);
    CHECK(run({"diff", kFixtures + "plan-without.json", "-c", policy(), "-q", "--fail-on", "any"})
              .code == 0);
    const Json document = Json::parse(run({"diff", plan, "-c", policy(), "-q", "-o", "json"}).out);
    std::map<std::string, std::pair<std::string, std::string>> statuses;
    for (const Json& item : document["result"]["invariants"]) {
        statuses[item["id"]] = {item["before"], item["after"]};
    }
    CHECK(statuses["no-ssh"].first == "held");
    CHECK(statuses["no-ssh"].second != "held");
    CHECK(statuses["no-telnet"] == std::pair<std::string, std::string>("held", "held"));
    CHECK(statuses["nothing-new"].first == "not-asked");
    CHECK(statuses["nothing-new"].second == "violated");

    const Json sarif = Json::parse(run({"diff", plan, "-c", policy(), "-q", "-o", "sarif"}).out);
    bool found = false;
    for (const Json& result : sarif["runs"][0]["results"]) {
        if (result["message"]["text"].get<std::string>().starts_with("no-ssh:")) {
            found = true;
            // The line of the plan that opens it, and the invariant beside it.
            const Json& place = result["locations"][0]["physicalLocation"];
            CHECK(place["artifactLocation"]["uri"].get<std::string>().ends_with("plan.json"));
            CHECK(place["region"]["startLine"] == 338);
            CHECK(result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                      .get<std::string>()
                      .ends_with("azreach.yaml"));
        }
    }
    CHECK(found);
}

TEST_CASE("check writes what pipelines read", "[cli][check]") {
    const auto at = folder();
    const std::string snapshot = AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json";
    std::ofstream(at / "check.yaml")
        << "version: 1\nsets: { web: { name: vm-web }, app: { name: vm-app } }\ninvariants:\n"
           "  - { id: closed, deny: internet -> web on tcp/443, severity: critical, why: CIS }\n"
           "  - { id: fine, deny: internet -> app }\n"
           "  - { id: later, same: any -> any }\n"
           "  - { id: minor, deny: internet -> web on tcp/443, severity: low }\n"
           "suppress: [ { invariant: minor, reason: CHG-1, owner: net, expires: 2999-01-01 } ]\n";
    const auto checked = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"check", (at / "check.yaml").string(), "-s", snapshot, "-q"});
        return run(more);
    };
    const Ran ran =
        checked({"-o", "github", "-O", "sarif=" + (at / "c.sarif").string(), "-O",
                 "junit=" + (at / "c.xml").string(), "-O", "md=" + (at / "c.md").string(), "-O",
                 "csv=" + (at / "c.csv").string()});
    CHECK(ran.code == 1);
    CHECK(ran.out.find("::error file=") != std::string::npos);
    const Json sarif = Json::parse(read(at / "c.sarif"));
    const Json& results = sarif["runs"][0]["results"];
    REQUIRE(results.size() == 2);
    CHECK(results[0]["ruleId"] == "AZR1101");
    CHECK(results[0]["level"] == "error");
    // A snapshot of what is deployed is no file to change: the invariant is.
    CHECK(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 4);
    CHECK_FALSE(results[0]["codeFlows"].empty());
    CHECK(results[1]["suppressions"].size() == 1);
    CHECK(sarif["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"] ==
          "9.5");
    const std::string junit = read(at / "c.xml");
    CHECK(junit.find("tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"2\"") != std::string::npos);
    if (has("xmllint")) {
        CHECK(std::system(("xmllint --noout --schema " AZREACH_ROOT_DIR "/tests/report/junit.xsd " +
                           (at / "c.xml").string() + " > /dev/null 2>&1")
                              .c_str()) == 0);
    }
    const std::string comment = read(at / "c.md");
    CHECK(comment.starts_with("<!-- azreach:check -->\n"));
    CHECK(comment.find("| :x: | `closed` | critical | **violated** |") != std::string::npos);
    // Below the threshold nothing fails, in the findings as in the exit code.
    std::ofstream(at / "low.yaml")
        << "version: 1\nsets: { web: { name: vm-web } }\ninvariants:\n"
           "  - { id: low, deny: internet -> web on tcp/443, severity: low }\n";
    const Ran low = run({"check", (at / "low.yaml").string(), "-s", snapshot, "-q", "--fail-on",
                         "high", "-o", "junit"});
    CHECK(low.code == 0);
    CHECK(low.out.find("failures=\"0\"") != std::string::npos);
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
