// Completions, manual pages and docs/cli.md come from the table of commands.
#include "src/cli/completion.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "src/cli/help.hpp"
#include "src/cli/session.hpp"
#include "tests/support/catch.hpp"

using namespace azreach::cli;

namespace {

const std::string kContoso = AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json";

bool offers(const std::vector<std::string>& words, const std::string& word) {
    const std::vector<std::string> found = completions(words);
    return std::find(found.begin(), found.end(), word) != found.end();
}

std::string run_text(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    CHECK(run(arguments, out, err) == 0);
    return out.str();
}

}  // namespace

TEST_CASE("words that complete", "[cli][completion]") {
    CHECK(offers({"qu"}, "query"));
    CHECK(offers({"diff", "--fail-on", ""}, "new-exposure"));
    CHECK(offers({"lint", "--fail-on", ""}, "high"));
    CHECK(offers({"diff", "-O", "sa"}, "sarif="));
    CHECK(offers({"diff", "--ex"}, "--exit-code"));
    CHECK(offers({"query", "--read"}, "--reading"));
    CHECK(offers({"query", "--en"}, "--engine"));
    CHECK(offers({"explain", "--pr"}, "--prove"));
    CHECK(offers({"check", "--fail-on", ""}, "info"));
    CHECK(offers({"snapshot", ""}, "redact"));
    CHECK_FALSE(offers({"ls", "--en"}, "--engine"));
    CHECK(offers({"query", "-s", kContoso, "vm-w"}, "vm-web"));
    CHECK(offers({"reach", "-s", kContoso, "--from", "vm-w"}, "vm-web"));
    CHECK(offers({"query", "-s", "/nowhere", "in"}, "internet"));
    CHECK_FALSE(offers({"ls", "-s", ""}, "vm"));
    CHECK(completions({}).size() >= commands().size());
}

TEST_CASE("every flag that is read is offered somewhere, and every one offered is read",
          "[cli][completion]") {
    std::ifstream file(AZREACH_ROOT_DIR "/src/cli/options.cpp");
    const std::string source{std::istreambuf_iterator<char>(file), {}};
    std::set<std::string> read;
    for (const char* call : {"add_option(\"", "add_flag(\""}) {
        for (std::size_t at = source.find(call); at != std::string::npos;
             at = source.find(call, at + 1)) {
            const std::size_t begin = source.find('"', at) + 1;
            std::stringstream names(source.substr(begin, source.find('"', begin) - begin));
            for (std::string name; std::getline(names, name, ',');) {
                if (name.starts_with("-")) {
                    read.insert(name);
                }
            }
        }
    }
    REQUIRE(read.size() > 20);
    std::set<std::string> offered;
    for (const CommandHelp& command : commands()) {
        for (const std::string& word : completions({std::string(command.name), "-"})) {
            offered.insert(word);
        }
        CHECK_FALSE(command.summary.empty());
        CHECK_FALSE(command.examples.empty());
    }
    offered.insert("-h");  // as every program has it
    CHECK(offered == read);
}

TEST_CASE("the reference is what the table says", "[cli][docs]") {
    std::ifstream file(AZREACH_ROOT_DIR "/docs/cli.md", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK(text == command_reference());  // azreach __reference > docs/cli.md
}

TEST_CASE("every command has a page, every shell a script", "[cli][completion]") {
    for (const CommandHelp& command : commands()) {
        const std::string page = run_text({"__man", std::string(command.name)});
        CHECK(page.starts_with(".TH AZREACH"));
        CHECK(page.find(".SH EXAMPLES") != std::string::npos);
    }
    CHECK(run_text({"__man"}).find(".SH NAMES") != std::string::npos);
    for (const char* shell : {"bash", "zsh", "fish", "pwsh"}) {
        CHECK(run_text({"completion", shell}).find("azreach __complete") != std::string::npos);
    }
    std::ostringstream out;
    std::ostringstream err;
    CHECK(run({"completion", "tcsh"}, out, err) == 2);
    for (const HelpTopic& topic : help_topics()) {
        CHECK_FALSE(run_text({"help", std::string(topic.name)}).empty());
    }
}

TEST_CASE("bash takes the script", "[cli][completion]") {
    if (std::system("command -v bash > /dev/null 2>&1") != 0) {
        std::cout << "bash is not here: its completion was not run\n";
        return;
    }
    const std::string command =
        "bash -c 'PATH=$(dirname " AZREACH_PROGRAM "):$PATH; source <(" AZREACH_PROGRAM
        " completion bash); COMP_WORDS=(azreach query -s " +
        kContoso + " vm-w); COMP_CWORD=4; _azreach; [[ \" ${COMPREPLY[*]} \" == *vm-web* ]]'";
    CHECK(std::system(command.c_str()) == 0);
}
