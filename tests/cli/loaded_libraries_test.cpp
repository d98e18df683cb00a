// What a process of the program loads while it lives: the dynamic linker is asked for its log.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/catch.hpp"

namespace {

/// Everything that the dynamic linker says it loaded, opened later included, until the process of
/// `azreach ARGUMENTS` ended.
std::string loaded(const std::string& name, const std::string& arguments) {
    const auto folder = std::filesystem::temp_directory_path() / ("azreach-loaded-" + name);
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const std::string command = "LD_DEBUG=files LD_DEBUG_OUTPUT='" + (folder / "log").string() +
                                "' '" AZREACH_PROGRAM "' " + arguments + " >/dev/null 2>&1";
    CAPTURE(command);
    CHECK(std::system(command.c_str()) == 0);
    std::ostringstream log;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        log << std::ifstream(entry.path()).rdbuf();
    }
    std::filesystem::remove_all(folder);
    return log.str();
}

const std::string kAsk = " -s '" AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json'";

}  // namespace

TEST_CASE("commands that prove nothing load no solver", "[cli]") {
    for (const auto& [name, arguments] : {
             std::pair<std::string, std::string>{"version", "version"},
             {"query", "query vm-web vm-app -p tcp/8443" + kAsk},
             {"reach", "reach --by subnet" + kAsk},
         }) {
        const std::string log = loaded(name, arguments);
        CAPTURE(name);
        CHECK(log.find("libc.so") != std::string::npos);  // the log is one of this process
        CHECK(log.find("libz3") == std::string::npos);
    }
}
