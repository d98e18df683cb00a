// The collector, run against a stub of the Azure CLI (tests/snapshot/az) that pages, throttles and
// refuses; what it wrote is imported.
#include "src/snapshot/collector.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "src/arm/import.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

const std::string kServer =
    "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Sql/servers/sql1";

std::string content_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// A stub tenant in a folder of its own, and the collector run on it.
class Stub {
public:
    explicit Stub(const std::string& name)
        : folder_(fs::temp_directory_path() / ("azreach-collector-" + name)) {
        fs::remove_all(folder_);
        fs::create_directories(folder_ / "answers");
        fs::create_directories(folder_ / "fail");
        fs::create_directories(folder_ / "bin");
        fs::copy(fs::path(AZREACH_ROOT_DIR) / "tests/snapshot/az", folder_ / "bin/az");
        std::ofstream(folder_ / "collect.sh") << collector_script(Shell::bash);
    }
    ~Stub() { fs::remove_all(folder_); }
    Stub(const Stub&) = delete;
    Stub& operator=(const Stub&) = delete;

    void answer(const std::string& key, const Json& document) {
        // As the Azure CLI prints: two blanks a level, keys sorted.
        std::ofstream(folder_ / "answers" / (key + ".json")) << document.dump(2) << '\n';
    }
    void fails(const std::string& key, const std::string& text) {
        std::ofstream(folder_ / "fail" / key) << text;
    }
    int run(const std::string& arguments = "") {
        const std::string command =
            "AZREACH_STUB=" + folder_.string() + " AZREACH_PAUSE=0 PATH=" + folder_.string() +
            "/bin:$PATH bash " + (folder_ / "collect.sh").string() + " -o " + out().string() + " " +
            arguments + " 2>" + (folder_ / "errors").string();
        return WEXITSTATUS(std::system(command.c_str()));  // NOLINT(concurrency-mt-unsafe)
    }
    fs::path out() const { return folder_ / "out"; }
    fs::path folder() const { return folder_; }
    std::string errors() const { return content_of(folder_ / "errors"); }
    Json report() const { return Json::parse(content_of(out() / "collection.json")); }

private:
    fs::path folder_;
};

Json rows(std::vector<Json> items, long long total, const std::string& token = "") {
    Json page = {{"count", items.size()}, {"totalRecords", total}, {"resultTruncated", "false"}};
    page["data"] = std::move(items);
    if (!token.empty()) {
        page["$skipToken"] = token;
    }
    return page;
}
Json vnet(const std::string& name) {
    const std::string id =
        "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/" + name;
    return {{"id", id},
            {"name", name},
            {"type", "microsoft.network/virtualnetworks"},
            // An id at a deeper level is nobody to ask for children.
            {"properties",
             {{"addressSpace", {{"addressPrefixes", {"10.0.0.0/16"}}}},
              {"subnets", Json::array({{{"id", id + "/subnets/a"},
                                        {"name", "a"},
                                        {"properties", {{"addressPrefix", "10.0.0.0/24"}}}}})}}}};
}
Json sql() {
    return {{"id", kServer},
            {"name", "sql1"},
            {"type", "microsoft.sql/servers"},
            {"properties", {{"publicNetworkAccess", "Enabled"}}}};
}

}  // namespace

TEST_CASE("the collector follows pages, lists children and its folder imports", "[collector]") {
    Stub stub("pages");
    stub.answer("Resources", rows({vnet("v1"), sql()}, 3, "to+ken/2=="));
    // The key is the token; a file name holds no slash, so the stub's answer is found by folder.
    fs::create_directories(stub.folder() / "answers/Resources-to+ken");
    stub.answer("Resources-to+ken/2==", rows({vnet("v2")}, 3));
    const std::string rules = "Microsoft.Sql_servers_sql1_firewallRules";
    stub.answer(rules, {{"value", Json::array({{{"id", kServer + "/firewallRules/all"},
                                                {"name", "all"},
                                                {"type", "Microsoft.Sql/servers/firewallRules"},
                                                {"properties", Json::object()}}})},
                        {"nextLink", "https://management.azure.com" + kServer +
                                         "/firewallRules?api-version=2021-11-01&skip=2"}});
    stub.answer(rules + "-2", {{"value", Json::array()}});

    REQUIRE(stub.run() == 0);
    CHECK(stub.report()["failed"].empty());
    CHECK(stub.report()["azreach"]["kind"] == "collection");
    const Imported imported = import_paths({stub.out().string()});
    const Snapshot& snapshot = imported.snapshot;
    CHECK(snapshot.virtual_networks.size() == 2);
    CHECK(snapshot.complete_lists.contains(ResourceId(kServer + "/firewallRules")));
    CHECK(snapshot.complete_lists.contains(ResourceId(kServer + "/virtualNetworkRules")));
    REQUIRE(snapshot.collections.size() == 1);
    CHECK(snapshot.collections.front().collected_at.size() == 20);
    for (const Gap& gap : snapshot.gaps) {
        CHECK(gap.code != "AZR9013");
    }
    const std::string log = content_of(stub.folder() / "log");
    CHECK(log.find("\"$skipToken\": \"to+ken/2==\"") != std::string::npos);
    CHECK(log.find("subscriptions") == std::string::npos);
}

TEST_CASE("the collector asks only for the subscriptions that it is given", "[collector]") {
    Stub stub("subscriptions");
    stub.answer("Resources", rows({vnet("v1")}, 1));
    REQUIRE(stub.run("-s s1 -s s2") == 0);
    CHECK(content_of(stub.folder() / "log").find("\"subscriptions\": [\"s1\", \"s2\"], ") !=
          std::string::npos);
    CHECK(stub.report()["subscriptions"] == Json({"s1", "s2"}));
}

TEST_CASE("a throttled request is tried again", "[collector]") {
    Stub stub("throttled");
    stub.answer("Resources", rows({vnet("v1")}, 1));
    stub.fails("Resources", "times 3\nERROR: Too Many Requests({\"error\":{\"code\":\"429\"}})\n");
    REQUIRE(stub.run() == 0);
    CHECK(stub.report()["failed"].empty());
    CHECK(import_paths({stub.out().string()}).snapshot.virtual_networks.size() == 1);
}

TEST_CASE("a list that is refused is a gap, never an empty list", "[collector]") {
    Stub stub("refused");
    stub.answer("Resources", rows({vnet("v1"), sql()}, 2));
    stub.fails("Microsoft.Sql_servers_sql1_firewallRules",
               "ERROR: Forbidden({\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no "
               "\\\"read\\\" right\"}})\n");
    CHECK(stub.run() == 1);
    const Json report = stub.report();
    REQUIRE(report["failed"].size() == 1);
    CHECK(report["failed"][0]["what"] == kServer + "/firewallRules");
    CHECK(report["failed"][0]["error"].get<std::string>().find("AuthorizationFailed") !=
          std::string::npos);
    CHECK(stub.errors().find("could not read " + kServer + "/firewallRules") != std::string::npos);

    const Snapshot snapshot = import_paths({stub.out().string()}).snapshot;
    CHECK_FALSE(snapshot.complete_lists.contains(ResourceId(kServer + "/firewallRules")));
    CHECK(snapshot.complete_lists.contains(ResourceId(kServer + "/virtualNetworkRules")));
    const auto gap = std::find_if(snapshot.gaps.begin(), snapshot.gaps.end(),
                                  [](const Gap& g) { return g.code == "AZR9013"; });
    REQUIRE(gap != snapshot.gaps.end());
    CHECK(gap->what == kServer + "/firewallRules");
}

TEST_CASE("a list of children that breaks off is a gap", "[collector]") {
    Stub stub("breaks-off");
    stub.answer("Resources", rows({vnet("v1"), sql()}, 2));
    stub.answer("Microsoft.Sql_servers_sql1_firewallRules",
                {{"value", Json::array()},
                 {"nextLink", "https://management.azure.com" + kServer + "/firewallRules?skip=2"}});
    stub.fails("Microsoft.Sql_servers_sql1_firewallRules-2", "ERROR: Forbidden\n");
    CHECK(stub.run() == 1);
    const Snapshot snapshot = import_paths({stub.out().string()}).snapshot;
    CHECK_FALSE(snapshot.complete_lists.contains(ResourceId(kServer + "/firewallRules")));
}

TEST_CASE("a table of Resource Graph that breaks off stops the import", "[collector]") {
    Stub stub("cut");
    stub.answer("Resources", rows({vnet("v1")}, 1));
    stub.fails("networkresources", "ERROR: Bad Request\n");
    CHECK(stub.run() == 1);
    CHECK_THROWS_AS(import_paths({stub.out().string()}), InputError);
    ImportOptions options;
    options.allow_incomplete = true;
    const Snapshot snapshot = import_paths({stub.out().string()}, options).snapshot;
    CHECK(snapshot.gaps.front().code == "AZR9003");
}

TEST_CASE("the collector ends with 2 when it cannot begin", "[collector]") {
    Stub stub("begin");
    std::ofstream(stub.folder() / "logged-out") << "";
    CHECK(stub.run() == 2);
    CHECK(stub.errors().find("az login") != std::string::npos);
    fs::remove(stub.folder() / "logged-out");
    fs::create_directories(stub.out());
    std::ofstream(stub.out() / "old.json") << "{}";
    CHECK(stub.run() == 2);
    CHECK(stub.errors().find("not empty") != std::string::npos);
}

TEST_CASE("the collector only reads", "[collector]") {
    for (const Shell shell : {Shell::bash, Shell::pwsh}) {
        const std::string script(collector_script(shell));
        for (const char* word :
             {" put", "PUT", " patch", "PATCH", " delete", "DELETE", " create "}) {
            CHECK(script.find(word) == std::string::npos);
        }
        CHECK(script.find("@AZREACH_VERSION@") == std::string::npos);
    }
    CHECK(std::string(collector_script(Shell::pwsh)).find("NOT RUN BY ITS AUTHORS") !=
          std::string::npos);
}

TEST_CASE("shellcheck has nothing to say about the collector", "[collector]") {
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    if (std::system("command -v shellcheck >/dev/null 2>&1") != 0) {
        WARN("skipped: shellcheck is not installed (scripts/setup --dev installs it)");
        return;
    }
    Stub stub("shellcheck");
    const std::string command = "shellcheck " + (stub.folder() / "collect.sh").string();
    CHECK(std::system(command.c_str()) == 0);  // NOLINT(concurrency-mt-unsafe)
}
