// The pieces for pipelines, run as pipelines run them as far as that is possible here.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

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

TEST_CASE("every shell script is clean", "[cli][ci]") {
    if (std::system("command -v shellcheck > /dev/null 2>&1") != 0) {
        std::cout << "shellcheck is not here: the scripts were not checked\n";
        return;
    }
    std::string scripts;
    for (const char* where : {"/scripts", "/ci", "/ci/github"}) {
        for (const auto& entry : std::filesystem::directory_iterator(kRoot + where)) {
            if (entry.is_regular_file() && read(entry.path()).starts_with("#!/usr/bin/env bash")) {
                scripts += " '" + entry.path().string() + "'";
            }
        }
    }
    REQUIRE(scripts.find("azreach-ci") != std::string::npos);
    CHECK(std::system(("shellcheck --severity=warning" + scripts).c_str()) == 0);
}

TEST_CASE("one comment is kept up to date", "[cli][ci]") {
    const auto at = folder("comment");
    std::filesystem::create_directories(at / "bin");
    std::filesystem::create_directories(at / "azreach-out");
    // A gh that knows the comments in `comments` (id and body) and writes down what is asked of it.
    std::ofstream(at / "bin" / "gh") << "#!/usr/bin/env bash\n"
                                        "if [[ $* == *--paginate* ]]; then\n"
                                        "    [[ ! -f comments ]] || cat comments\n"
                                        "    exit 0\n"
                                        "fi\n"
                                        "printf '%s\\n' \"$*\" >> calls\n";
    std::filesystem::permissions(at / "bin" / "gh", std::filesystem::perms::owner_all);
    const auto comment = [&](const std::string& text, const std::string& when) {
        std::ofstream(at / "azreach-out" / "comment.md") << text;
        std::filesystem::remove(at / "calls");
        const std::string command =
            "cd '" + at.string() + "' && env PATH=\"$PWD/bin:$PATH\" WHEN=" + when +
            " GITHUB_REPOSITORY=o/r NUMBER=7 '" + kRoot + "/ci/github/comment'";
        CHECK(code_of(std::system(command.c_str())) == 0);
        return std::filesystem::exists(at / "calls") ? read(at / "calls") : std::string();
    };
    const std::string nothing = "<!-- azreach:diff -->\n### no change\n";
    const std::string something = "<!-- azreach:diff -->\n### 1 new\n\n| a |\n| --- |\n";
    CHECK(comment(nothing, "on-change").empty());
    CHECK(comment(nothing, "always").starts_with("api --method POST repos/o/r/issues/7/comments"));
    CHECK(comment(something, "on-change").starts_with("api --method POST"));
    std::ofstream(at / "comments") << "42\n";
    CHECK(comment(nothing, "on-change")
              .starts_with("api --method PATCH repos/o/r/issues/comments/42"));
}

TEST_CASE("the hooks run as pre-commit runs them", "[cli][ci]") {
    const auto at = folder("hooks");
    std::ofstream(at / "azreach.yaml") << "version: 1\nsnapshot: " << kRoot
                                       << "/fixtures/networks/contoso/arm.json\n"
                                          "sets: { app: { name: vm-app } }\n"
                                          "invariants: [ { id: closed, deny: internet -> app } ]\n";
    const std::string hooks = read(kRoot + "/.pre-commit-hooks.yaml");
    std::size_t count = 0;
    for (std::size_t entry = hooks.find("entry: azreach "); entry != std::string::npos;
         entry = hooks.find("entry: azreach ", entry + 1)) {
        const std::size_t begin = entry + 15;
        const std::string words = hooks.substr(begin, hooks.find('\n', begin) - begin);
        CAPTURE(words);
        const std::string command =
            "cd '" + at.string() + "' && '" AZREACH_PROGRAM "' " + words + " > /dev/null";
        CHECK(code_of(std::system(command.c_str())) == 0);
        ++count;
    }
    CHECK(count == 2);
}

TEST_CASE("the examples give the action and the template what these take", "[cli][ci]") {
    struct Row {
        std::string example, piece, begin;
    };
    for (const Row& row :
         {Row{"github-check.yml", "github/action.yml", "with:\n"},
          Row{"github-terraform.yml", "github/action.yml", "with:\n"},
          Row{"azure-pipelines.yml", "azure-devops/azreach.yml", "parameters:\n"}}) {
        CAPTURE(row.example);
        const std::string text = read(kRoot + "/ci/examples/" + row.example);
        const std::string piece = read(kRoot + "/ci/" + row.piece);
        std::size_t at = text.find(row.piece == "github/action.yml" ? "./ci/github" : row.piece);
        REQUIRE(at != std::string::npos);
        at = text.find(row.begin, at);
        REQUIRE(at != std::string::npos);
        std::istringstream lines(text.substr(at + row.begin.size()));
        std::size_t taken = 0;
        std::size_t indent = 0;
        for (std::string line; std::getline(lines, line);) {
            const std::size_t first = line.find_first_not_of(' ');
            if (indent == 0) indent = first;
            if (first != indent) break;
            const std::string key = line.substr(first, line.find(':') - first);
            CAPTURE(key);
            CHECK((piece.find("\n  " + key + ":") != std::string::npos ||
                   piece.find("- name: " + key + "\n") != std::string::npos));
            ++taken;
        }
        CHECK(taken >= 3);
    }
}
