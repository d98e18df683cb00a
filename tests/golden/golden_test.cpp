// Every case of fixtures/<concept>/<case>: its question is asked again and the answer compared,
// byte for byte. scripts/update-golden rewrites answers; read the difference before committing.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "src/cli/session.hpp"
#include "tests/support/catch.hpp"

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string text_of(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<fs::path> cases() {
    std::set<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(AZREACH_ROOT_DIR "/fixtures")) {
        if (entry.path().filename() == "question.json") {
            found.insert(entry.path().parent_path());
        }
    }
    return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("every fixture is answered as before", "[golden]") {
    const fs::path home = fs::current_path();
    for (const fs::path& folder : cases()) {
        INFO(folder.lexically_relative(AZREACH_ROOT_DIR).string());
        CHECK(fs::exists(folder / "README.md"));
        const Json question = Json::parse(text_of(folder / "question.json"));
        auto arguments = question["args"].get<std::vector<std::string>>();
        arguments.insert(arguments.end(), {"-o", "json"});
        fs::current_path(folder);  // answers name files as they were given
        for (const char* source : {"arm.json", "service-tags.json"}) {
            if (fs::exists(source)) {
                arguments.insert(arguments.end(), {"-s", source});
            }
        }
        std::ostringstream out;
        std::ostringstream errors;
        const int code = azreach::cli::run(arguments, out, errors);
        fs::current_path(home);
        INFO(errors.str());
        CHECK(code == question["exit"].get<int>());
        CHECK(out.str() == text_of(folder / "expected.json"));
    }
}

TEST_CASE("the main concepts of the network layer have a fixture", "[golden]") {
    std::set<std::string> concepts;
    for (const fs::path& folder : cases()) {
        concepts.insert(folder.parent_path().filename().string());
    }
    for (const char* concept_name :
         {"security_group", "application_security_group", "admin_rule", "route_table",
          "virtual_appliance", "peering", "connected_group", "private_endpoint", "load_balancer",
          "public_ip", "nat_gateway", "gateway", "service_tag", "service_endpoint", "ipv6", "trace",
          "show"}) {
        CAPTURE(concept_name);
        CHECK(concepts.contains(concept_name));
    }
}
