// The pieces for pipelines, run as pipelines run them as far as that is possible here.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

namespace {

const std::string kRoot = AZREACH_ROOT_DIR;

std::filesystem::path folder(const std::string& name) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("azreach-ci-test-" + std::to_string(::getpid())) / name;
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    return path;
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

/// Runs the script as GitHub would: the environment of the action, a summary file, an output file.
int run(const std::filesystem::path& at, const std::string& environment) {
    const std::string command = "cd '" + at.string() + "' && env " + environment +
                                " AZREACH_PROGRAM='" AZREACH_PROGRAM "' GITHUB_ACTIONS=true" +
                                " GITHUB_STEP_SUMMARY=summary GITHUB_OUTPUT=output '" + kRoot +
                                "/ci/azreach-ci' > log 2>&1";
    return code_of(std::system(command.c_str()));
}

}  // namespace

TEST_CASE("the script of the pipelines writes everything and keeps the exit code", "[cli][ci]") {
    const auto at = folder("diff");
    const std::string plan = kRoot + "/fixtures/diff/terraform_ssh/plan.json";
    CHECK(run(at, "AZREACH_CHANGE='" + plan + "' AZREACH_FAIL_ON=new-exposure") == 1);
    for (const char* name :
         {"comment.md", "summary.md", "azreach.sarif", "junit.xml", "azreach.json"}) {
        CAPTURE(name);
        CHECK(std::filesystem::file_size(at / "azreach-out" / name) > 0);
    }
    CHECK(read(at / "log").find("::error file=") != std::string::npos);
    CHECK(read(at / "summary").starts_with("<!-- azreach:diff -->"));
    CHECK(read(at / "output") == "exit-code=1\n");
    CHECK_NOTHROW(nlohmann::json::parse(read(at / "azreach-out" / "azreach.sarif")));

    const auto passes = folder("passes");
    CHECK(run(passes, "AZREACH_CHANGE='" + kRoot +
                          "/fixtures/diff/terraform_ssh/plan-without.json' "
                          "AZREACH_FAIL_ON=new-exposure") == 0);
    const auto lint = folder("lint");
    CHECK(run(lint, "AZREACH_COMMAND=lint AZREACH_SNAPSHOT='" + kRoot +
                        "/fixtures/networks/contoso/arm.json'") == 0);
    CHECK(run(folder("wrong"), "AZREACH_COMMAND=nonsense") == 2);
}

TEST_CASE("the script speaks to Azure Pipelines in its own words", "[cli][ci]") {
    const auto at = folder("azdo");
    const std::string command =
        "cd '" + at.string() + "' && env -u GITHUB_ACTIONS TF_BUILD=True AZREACH_CHANGE='" + kRoot +
        "/fixtures/diff/terraform_ssh/plan.json' "
        "AZREACH_FAIL_ON=new-exposure AZREACH_PROGRAM='" AZREACH_PROGRAM "' '" +
        kRoot + "/ci/azreach-ci' > log 2>&1";
    CHECK(code_of(std::system(command.c_str())) == 1);
    CHECK(read(at / "log").find("##vso[task.logissue type=error;sourcepath=") != std::string::npos);
    CHECK(read(at / "log").find("##vso[task.uploadsummary]/") != std::string::npos);
}

TEST_CASE("what the action and the template set is what the script reads", "[cli][ci]") {
    const std::string script = read(kRoot + "/ci/azreach-ci");
    for (const char* file : {"/ci/github/action.yml", "/ci/azure-devops/azreach.yml"}) {
        const std::string text = read(kRoot + file);
        REQUIRE_FALSE(text.empty());
        for (std::size_t at = text.find("AZREACH_"); at != std::string::npos;
             at = text.find("AZREACH_", at + 1)) {
            const std::size_t end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", at);
            const std::string name = text.substr(at, end - at);
            CAPTURE(file, name);
            CHECK(script.find(name) != std::string::npos);
        }
    }
    for (const char* script_name : {"/ci/azreach-ci", "/ci/github/comment"}) {
        CHECK(std::system(("bash -n '" + kRoot + script_name + "'").c_str()) == 0);
    }
}
