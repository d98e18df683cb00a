// Bad input ends with a message that names the place, or goes on with a diagnostic; never a crash.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/arm/arm_text.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::arm_text;

namespace {

/// A folder that is gone when the test ends.
struct Folder {
    std::filesystem::path path;
    explicit Folder(const std::string& name)
        : path(std::filesystem::temp_directory_path() / ("azreach-arm-" + name)) {
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code error;
        std::filesystem::remove_all(path, error);
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path / name, std::ios::binary) << text;
    }
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("what cannot be used is refused with its place", "[arm]") {
    struct Row {
        std::string given;
        std::string text;
        std::vector<std::string> then;  // parts of the message
    };
    const std::string vnet = resource("virtualNetworks/v", R"({"addressSpace":"oops"})");
    const auto row = GENERATE_COPY(values<Row>({
        {"nothing", "", {"in.json", "an empty file"}},
        {"white space", " \n\t ", {"an empty file"}},
        {"no JSON", "hello", {"in.json", "line 1 column 1"}},
        {"a file cut off in a string", R"({"value":[{"id":"/subscr)", {"line 1"}},
        {"a file cut off between members",
         "{\n\"value\":[\n{\"id\":\"/x\"},",
         {"cut off", "line 2 column 9", "'[' is opened here and never closed"}},
        {"a stray bracket", R"({"value":[]}})", {"line 1"}},
        {"two documents", "{\"value\":[]}\n{\"value\":[]}", {"line 2", "after the JSON document"}},
        {"an object of no accepted kind", R"({"a":1,"b":2})", {"the keys a, b", "Resource Graph"}},
        {"no resource at all", R"({"value":[]})", {"the snapshot is empty"}},
        {"a resource that is text", R"({"value":[{"id":"/x"},"y"]})", {"#/value/1", "an object"}},
        {"a resource without an id",
         R"({"value":[{"id":"/x"},{"name":"n","type":"a/b"}]})",
         {"#/value/1", "with an id", "project the column id"}},
        {"an id that is a number", R"({"value":[{"id":7}]})", {"#/value/0/id", "found 7", "text"}},
        {"a space that is text",
         list({vnet}),
         {"#/value/0/properties/addressSpace", "virtualNetworks 'v'", "found \"oops\"",
          "expected an object"}},
        {"an object cut off by PowerShell",
         list({resource("virtualNetworks/v",
                        R"({"addressSpace":"Microsoft.Azure.Commands.Network.PSAddressSpace"})")}),
         {"-Depth 20"}},
        {"a list that is an object",
         list({resource("routeTables/r", R"({"routes":{}})")}),
         {"#/value/0/properties/routes", "an array"}},
        {"a prefix that is none",
         list(
             {resource("virtualNetworks/v", R"({"addressSpace":{"addressPrefixes":["10.0/8"]}})")}),
         {"/addressPrefixes/0", "10.0/8", "a prefix such as"}},
        {"an address that is none",
         list({resource(
             "networkInterfaces/n",
             R"({"ipConfigurations":[{"name":"c","properties":{"privateIPAddress":"x"}}]})")}),
         {"/privateIPAddress", "an IP address"}},
        {"a priority beyond all numbers",
         list({group_with({named("r", R"({"priority":99999999})")})}),
         {"/priority", "99999999", "a number from 0 to 65535"}},
        {"a priority beyond the parser's numbers",
         list({group_with({named("r", R"({"priority":1e999})")})}),
         {"in.json", "line 1"}},
        {"a direction that is none",
         list({group_with({named("r", R"({"priority":100,"direction":"Sideways"})")})}),
         {"/securityRules/0/properties/direction", "Sideways", "Inbound or Outbound"}},
        {"two values under one key",
         list({group_with({named("r", R"({"priority":100,"Priority":200})")})}),
         {"/priority", "stands again", "200"}},
        {"invalid UTF-8", "{\"value\":[{\"id\":\"/x\",\"name\":\"\xC3\x28\"}]}", {"#/value/0"}},
        {"a control character in text", "{\"value\":[{\"id\":\"/x\ny\"}]}", {"#/value/0"}},
        {"garbage beside the list", R"({"value":[{"id":"/x"}],"count":01})", {"#/count"}},
        {"a second list", R"({"value":[{"id":"/x"}],"Value":[{"id":"/y"}]})", {"second list"}},
        {"a row shorter than its columns",
         R"({"data":{"columns":[{"name":"id"},{"name":"type"}],"rows":[["/x"]]}})",
         {"#/data/rows/0", "2 values"}},
        {"broken UTF-16", std::string("\xFF\xFE[\0\x00\xD8", 6), {"UTF-16"}},
        {"damaged gzip", "\x1f\x8b rubbish", {"gzip"}},
        {"damaged zstd", "\x28\xb5\x2f\xfd rubbish", {"zstd"}},
    }));
    CAPTURE(row.given);
    const std::string message = refusal(row.text);
    for (const std::string& part : row.then) {
        CHECK_THAT(message, Catch::Contains(part));
    }
}

TEST_CASE("a file that does not exist is named", "[arm]") {
    CHECK_THROWS_WITH(import_paths({"/nowhere/at-all.json"}),
                      Catch::Contains("/nowhere/at-all.json"));
}

TEST_CASE("deep nesting is refused, not followed", "[arm]") {
    const std::string deep = std::string(100000, '[') + std::string(100000, ']');
    CHECK_THAT(refusal(deep), Catch::Contains("nested more than 512 deep"));
    CHECK_THAT(refusal(R"({"value":[{"id":"/x","properties":)" + deep + "}]}"),
               Catch::Contains("nested more than 512 deep"));
    CHECK_THAT(refusal(std::string(100000, '[')), Catch::Contains("deep"));
    const std::string fine = std::string(400, '[') + std::string(400, ']');
    CHECK(refusal(R"({"value":[{"id":"/a/b","type":"x/y","properties":)" + fine + "}]}").empty());
}

TEST_CASE("ten megabytes in one string are read or refused, quickly", "[arm]") {
    const std::string huge(10'000'000, 'x');
    const auto begin = std::chrono::steady_clock::now();
    CHECK(refusal(list({resource("networkSecurityGroups/n", "{}",
                                 R"(,"tags":{"t":")" + huge + R"("})")}))
              .empty());
    const std::string message =
        refusal(list({resource("virtualNetworks/v", R"({"addressSpace":")" + huge + R"("})")}));
    CHECK(message.size() < 1000);
    const Imported imported = import_text(
        "in.json", list({group_with({named(
                       "r", rule(kAny + R"(,"sourceAddressPrefixes":[")" + huge + R"("])"))})}));
    CHECK(imported.snapshot.security_groups.size() == 1);
    CHECK(seconds_since(begin) < 10);
}

TEST_CASE("references may form circles", "[arm]") {
    const auto peered = [](const std::string& own, const std::string& other) {
        return resource(
            "virtualNetworks/" + own,
            R"({"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},)"
            R"("virtualNetworkPeerings":[{"name":"p","properties":{"remoteVirtualNetwork":)" +
                refer("virtualNetworks/" + other) + "}}]}");
    };
    const Imported imported =
        import_text("in.json", list({peered("a", "b"), peered("b", "a"), peered("c", "c")}));
    CHECK(imported.snapshot.virtual_networks.size() == 3);
    CHECK(imported.snapshot.gaps.empty());
}

TEST_CASE("overlapping address spaces are read as they are", "[arm]") {
    const std::string text = list({
        resource("virtualNetworks/a", R"({"addressSpace":{"addressPrefixes":["10.0.0.0/8"]}})"),
        resource("virtualNetworks/b",
                 R"({"addressSpace":{"addressPrefixes":["10.1.0.0/16","10.1.0.0/24"]}})"),
    });
    CHECK(import_text("in.json", text).snapshot.virtual_networks.size() == 2);
}

TEST_CASE("a folder passes over what is not Azure's, and refuses what is damaged", "[arm]") {
    const Folder folder("folder");
    folder.write("a.json", list({group_with({})}));
    folder.write("notes.txt", "nothing of interest");
    folder.write("package.json", R"({"name":"x","scripts":{}})");
    folder.write("readme.md", "[badge](http://example.org) and so on");
    folder.write("empty.json", "");
    folder.write(".hidden.json", "{");
    folder.write(
        "template.json",
        R"({"$schema":"https://x/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[]})");
    const Imported imported = import_paths({folder.path.string()});
    CHECK(imported.snapshot.security_groups.size() == 1);
    CHECK(count(imported.snapshot, "AZR1002") == 1);
    CHECK(count(imported.snapshot, "AZR1004") == 3);
    CHECK(imported.snapshot.sources.size() == 2);

    folder.write("cut.json", list({group_with({})}).substr(0, 60));
    CHECK_THROWS_WITH(import_paths({folder.path.string()}), Catch::Contains("cut.json"));
    ImportOptions options;
    options.allow_incomplete = true;
    const Imported part = import_paths({folder.path.string()}, options);
    CHECK(count(part.snapshot, "AZR1003") == 1);
    REQUIRE(part.snapshot.gaps.size() == 1);
    CHECK(part.snapshot.gaps.front().code == "AZR9003");
}

TEST_CASE("links of folders that lead back end", "[arm]") {
    const Folder folder("links");
    folder.write("a.json", list({group_with({})}));
    std::filesystem::create_directory(folder.path / "inner");
    std::filesystem::create_directory_symlink(folder.path, folder.path / "inner" / "back");
    const Imported imported = import_paths({folder.path.string()});
    CHECK(imported.snapshot.sources.size() == 1);
}

TEST_CASE("one impossible resource of many is left out when incomplete is allowed", "[arm]") {
    const std::string text = list({group_with({}), resource("routeTables/r", R"({"routes":7})"),
                                   resource("routeTables/s", R"({"routes":[]})")});
    CHECK_FALSE(refusal(text).empty());
    ImportOptions options;
    options.allow_incomplete = true;
    const Imported imported = import_text("in.json", text, options);
    CHECK(imported.snapshot.route_tables.size() == 1);
    CHECK(count(imported.snapshot, "AZR1003") == 1);
    CHECK(gap(imported.snapshot, "in.json#/value/1") != nullptr);
}

TEST_CASE("a resource whose properties were not exported counts as not read", "[arm][J4]") {
    const std::string vnet =
        resource("virtualNetworks/v",
                 R"({"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"a",)"
                 R"("properties":{"addressPrefix":"10.0.0.0/24","networkSecurityGroup":)" +
                     refer("networkSecurityGroups/n") + "}}]}");
    for (const std::string& group :
         {resource("networkSecurityGroups/n", "null"),  // az resource list
          R"({"id":")" + kNet + R"(networkSecurityGroups/n","name":"n","location":"x"})"}) {
        CAPTURE(group);
        const Imported imported = import_text("in.json", list({vnet, group}));
        CHECK(imported.snapshot.security_groups.empty());
        CHECK(imported.snapshot.others.size() == 1);
        CHECK(count(imported.snapshot, "AZR1014") == 1);
        CHECK(gap(imported.snapshot, kNet + "networkSecurityGroups/n") != nullptr);
    }
    // A template's resource says that nothing is set by leaving the properties out.
    const Imported bare = import_text(
        "in.json",
        list({vnet, R"({"id":")" + kNet +
                        R"(networkSecurityGroups/n","apiVersion":"2015-06-15","location":"x"})"}));
    CHECK(bare.snapshot.security_groups.size() == 1);
}

TEST_CASE("a hundred thousand diagnostics are counted, not listed", "[arm]") {
    std::vector<std::string> rules;
    for (int i = 0; i < 20000; ++i) {
        rules.push_back(
            named("r" + std::to_string(i),
                  rule(R"(,"sourceAddressPrefix":"10.0.0.1/8","destinationAddressPrefix":"*",)"
                       R"("sourcePortRange":"*","destinationPortRange":"*")")));
    }
    const auto begin = std::chrono::steady_clock::now();
    const Imported imported = import_text("in.json", list({group_with(rules)}));
    CHECK(imported.snapshot.security_groups.begin()->second.rules.size() == 20000);
    CHECK(count(imported.snapshot, "AZR1019") == 1001);
    CHECK_THAT(imported.snapshot.diagnostics.back().message, Catch::Contains("19000 more"));
    CHECK(seconds_since(begin) < 10);
}

TEST_CASE("damaged files are imported or refused, whatever the damage", "[arm]") {
    std::ifstream stream(
        std::filesystem::path(AZREACH_ROOT_DIR) / "fixtures/networks/contoso/arm.json",
        std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(stream), {}};
    REQUIRE(whole.size() > 1000);
    static const std::vector<std::string> kPieces = {"null",
                                                     "\"\"",
                                                     "[]",
                                                     "{}",
                                                     "0",
                                                     "-1e308",
                                                     "\"x\"",
                                                     "true",
                                                     "[[",
                                                     "}}",
                                                     "\"",
                                                     "\\",
                                                     ",",
                                                     "//",
                                                     "/*",
                                                     "*/",
                                                     ":",
                                                     "\"id\":\"/x\",",
                                                     "\"properties\":null,",
                                                     "\xff",
                                                     std::string(1, '\0'),
                                                     "99999999999999999999",
                                                     "\\ud800",
                                                     "{\"id\":\"/a\"},"};
    std::mt19937 random(20240501);  // NOLINT(cert-msc51-cpp): the same damage in every run
    std::size_t imported = 0;
    std::size_t refused = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string text = whole;
        for (unsigned changes = random() % 3 + 1; changes > 0; --changes) {
            const std::size_t at = random() % text.size();
            const std::string& piece = kPieces[random() % kPieces.size()];
            switch (random() % 4) {
                case 0:
                    text.insert(at, piece);
                    break;
                case 1:
                    text.replace(at, std::min<std::size_t>(random() % 40, text.size() - at), piece);
                    break;
                case 2:
                    text.erase(at, random() % 200);
                    break;
                default: {  // a value replaced by another
                    const std::size_t colon = text.find(':', at);
                    const std::size_t end = text.find_first_of(",}\n", colon);
                    if (end != std::string::npos) {
                        text.replace(colon + 1, end - colon - 1, piece);
                    }
                }
            }
        }
        INFO("round " << round);
        try {
            const Imported result = import_text("in.json", text);
            for (const Diagnostic& diagnostic : result.snapshot.diagnostics) {
                result.places->locate(diagnostic.where);
            }
            ++imported;
        } catch (const InputError& error) {
            ++refused;
            CHECK(std::string(error.what()).size() < 4000);
        }
    }
    CHECK(imported > 100);
    CHECK(refused > 100);
}

TEST_CASE("a bare copy beside a full one changes nothing", "[arm][J2]") {
    const Imported imported =
        import_text("in.json", list({resource("networkSecurityGroups/n", "null"), group_with({})}));
    CHECK(imported.snapshot.size() == 1);
    CHECK(imported.snapshot.security_groups.size() == 1);
    CHECK(imported.snapshot.gaps.empty());
}
