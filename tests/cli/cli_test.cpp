// The outside of the program: contract sections 2 to 5, on the contoso fixture.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "src/cli/session.hpp"
#include "tests/support/catch.hpp"

namespace {

using Json = nlohmann::json;

const std::string kContoso = AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json";

struct Ran {
    int code;
    std::string out, err;
    Json json() const { return Json::parse(out); }
};

Ran run(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = azreach::cli::run(arguments, out, err);
    return {code, out.str(), err.str()};
}

Ran ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-s", kContoso});
    return run(std::move(arguments));
}

/// A file of this test's own.
std::string file(const std::string& name, const std::string& text) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("azreach-cli-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const auto path = folder / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
}

}  // namespace

TEST_CASE("query exits by verdict", "[cli]") {
    CHECK(ask({"query", "vm-web", "vm-app", "-p", "tcp/8443"}).code == 0);
    CHECK(ask({"query", "vm-web", "vm-db", "-p", "tcp/1433"}).code == 1);
    CHECK(ask({"query", "vm-web", "vm-partner", "-p", "tcp/443"}).code == 3);
    CHECK(ask({"query", "vm-web", "vm-db", "-p", "tcp/1433", "--expect", "blocked"}).code == 0);
    CHECK(ask({"query", "vm-web", "vm-app", "-p", "tcp/8443", "--expect", "blocked"}).code == 1);
    CHECK(ask({"query", "vm-web", "vm-partner", "-p", "tcp/443", "--expect", "unknown"}).code == 0);
    for (const char* how : {"warn", "pass"}) {
        CHECK(ask({"query", "vm-web", "vm-partner", "-p", "tcp/443", "--unknown", how}).code == 0);
    }
}

TEST_CASE("query documents have the keys of the contract", "[cli]") {
    const Json answer = ask({"query", "vm-web", "vm-app", "-p", "tcp/8443", "-o", "json"}).json();
    CHECK(answer["schema"] == "azreach.query/1");
    CHECK(answer["tool"]["name"] == "azreach");
    CHECK(answer["snapshot"]["digest"].get<std::string>().rfind("sha256:", 0) == 0);
    CHECK(answer["reading"] == "strict");
    const Json& result = answer["result"];
    CHECK(result["verdict"] == "reachable");
    CHECK(result["question"] ==
          Json({{"from", "vm-web"}, {"to", "vm-app"}, {"service", "tcp/8443"}}));
    CHECK(result["allowed"] ==
          Json::parse(R"([{"from":["10.1.1.4/32"],"to":["10.2.1.4/32"],"service":[{"protocol":"tcp",
                        "ports":[[8443,8443]],"sourcePorts":[[0,65535]]}]}])"));
    CHECK(result["possible"].empty());
    CHECK(result["witness"]["dst"] == "10.2.1.4");
    CHECK(result["return"]["verdict"] == "delivered");
    const Json& last_filter = result["path"][result["path"].size() - 2];
    CHECK(last_filter["kind"] == "nsg");
    CHECK(last_filter["by"]["name"] == "allow-web");
    CHECK(last_filter["by"]["pointer"] == "/data/4/properties/securityRules/0");
    CHECK(last_filter["by"]["line"].get<int>() > 1);
}

TEST_CASE("a blocked answer names every blocker", "[cli]") {
    const Json result =
        ask({"query", "vm-web", "vm-db", "-p", "tcp/1433", "-o", "json"}).json()["result"];
    CHECK(result["verdict"] == "blocked");
    REQUIRE(result["blockers"].size() == 2);
    CHECK(result["blockers"][0]["by"]["name"] == "deny-vnet");
    CHECK(result["blockers"][1]["by"]["name"] == "deny-rest");
    CHECK(result["allowed"].empty());
}

TEST_CASE("an unknown answer names the missing fact", "[cli]") {
    const Ran ran = ask({"query", "vm-web", "vm-partner", "-p", "tcp/443", "-o", "json"});
    REQUIRE(ran.json()["result"]["dependsOn"].size() == 1);
    CHECK(ran.json()["result"]["dependsOn"][0].get<std::string>().find("AZR9001") == 0);
    const Json gaps = ran.json()["snapshot"]["gaps"];
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0]["code"] == "AZR9001");
    CHECK(gaps[0]["what"].get<std::string>().find("nsg-partner") != std::string::npos);
}

TEST_CASE("explain lists the rules considered", "[cli]") {
    const Ran ran = ask({"explain", "vm-web", "vm-db", "-p", "tcp/1433", "-o", "json"});
    CHECK(ran.json()["schema"] == "azreach.explain/1");
    bool considered = false;
    const Json answer = ran.json();
    for (const Json& hop : answer["result"]["path"]) {
        considered = considered || hop.contains("considered");
    }
    CHECK(considered);
}

TEST_CASE("internet to a machine is asked at its public address", "[cli]") {
    CHECK(ask({"query", "internet", "vm-web", "-p", "tcp/443", "--reading", "documented"}).code ==
          0);
    // In strict the platform's hidden None routes may swallow some replies [R4].
    CHECK(ask({"query", "internet", "vm-web", "-p", "tcp/443"}).code == 3);
    const Ran ssh = ask({"query", "internet", "vm-web", "-p", "tcp/22"});
    CHECK(ssh.code == 1);
    CHECK(ssh.out.find("DenyAllInBound") != std::string::npos);
    const Json none = ask({"query", "internet", "vm-app", "-p", "tcp/443", "-o", "json"}).json();
    CHECK(none["result"]["verdict"] == "blocked");
}

TEST_CASE("names resolve as the contract says", "[cli]") {
    for (const char* name :
         {"vm-app", "vm:vm-app", "rg-app/vm-app", "nic:nic-app", "10.2.1.4", "nic:10.2.1.4",
          "VM-APP",
          "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/RG-APP/providers/"
          "Microsoft.Compute/virtualMachines/VM-app"}) {
        CAPTURE(name);
        CHECK(ask({"query", "vm-web", name, "-p", "tcp/8443"}).code == 0);
    }
    const Ran wrong = ask({"query", "vm-web", "vm-ap", "-p", "tcp/8443"});
    CHECK(wrong.code == 2);
    CHECK(wrong.err.find("vm-app") != std::string::npos);
    CHECK(ask({"query", "vm-web", "tag:env=prod", "-p", "tcp/8443"}).code != 2);
    CHECK(ask({"query", "vm-web", "tag:env=nothing"}).code == 2);
    CHECK(ask({"query", "vm-web", "svc:Storage"}).code == 2);
}

TEST_CASE("wrong usage is exit 2 with a message", "[cli]") {
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {},
             {"qeury"},
             {"check"},
             {"query", "a"},
             {"query", "a", "b"},
             {"query", "a", "b", "-p", "tcp/99999", "-s", kContoso},
             {"query", "vm-web", "vm-app", "--reading", "loose", "-s", kContoso},
             {"query", "vm-web", "vm-app", "--assume", "nonsense=yes", "-s", kContoso},
             {"query", "vm-web", "vm-app", "-o", "yaml", "-s", kContoso},
             {"query", "vm-web", "vm-app", "--engine", "smt", "-s", kContoso},
             {"query", "vm-web", "vm-app", "-o", "smt2", "-s", kContoso},
             {"reach", "--engine", "z3", "-s", kContoso},
             {"ls", "-s", "/no/such/file"},
             {"reach", "--by", "galaxy", "-s", kContoso},
             {"show", "nothing-here", "-s", kContoso},
             {"trace", "-s", kContoso}}) {
        const Ran ran = run(arguments);
        CAPTURE(ran.err);
        CHECK(ran.code == 2);
        CHECK_FALSE(ran.err.empty());
        CHECK(ran.out.empty());
    }
}

TEST_CASE("bad input is exit 2 with file, place, found and expected", "[cli][J5]") {
    struct Row {
        const char* name;
        std::string text;
        const char* says;
    };
    const std::string vnet =
        R"({"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v",
"type":"Microsoft.Network/virtualNetworks","properties":)";
    const std::vector<Row> rows = {
        {"empty.json", "", "empty"},
        {"blank.json", "  \n", "empty"},
        {"cut.json", "{\"value\":[" + vnet + "{\"addressSpace\":", "valid JSON"},
        {"other.json", "{\"hello\":1}", "expected"},
        {"text.json", "hello", "JSON"},
        {"none.json", "{\"value\":[]}", "empty"},
        {"type.json", "{\"value\":[" + vnet + "{\"addressSpace\":{\"addressPrefixes\":\"x\"}}}]}",
         "an array"},
        {"prefix.json",
         "{\"value\":[" + vnet + "{\"addressSpace\":{\"addressPrefixes\":[\"10.0.0.0/99\"]}}}]}",
         "/value/0/properties/addressSpace/addressPrefixes/0"},
        {"utf8.json", "{\"value\":[{\"id\":\"\xff\xfe\"}]}", "utf8.json"},
        {"page.json",
         "{\"count\":1,\"total_records\":5,\"skip_token\":\"t\",\"data\":[" + vnet + "{}}]}",
         "cut off"},
        {"template.json",
         R"({"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[]})",
         "arm-template"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const std::string path = file(row.name, row.text);
        const Ran ran = run({"ls", "-s", path});
        CAPTURE(ran.err);
        CHECK(ran.code == 2);
        CHECK(ran.err.find(row.says) != std::string::npos);
        CHECK(ran.err.find(row.name) != std::string::npos);
    }
    const Ran deep = run({"ls", "-s",
                          file("deep.json", "{\"value\":[{\"id\":" + std::string(100000, '[') +
                                                std::string(100000, ']') + "}]}")});
    CHECK(deep.code == 2);
    CHECK(deep.err.find("deep") != std::string::npos);
    CHECK(run({"ls", "-s", file("page2.json", rows[9].text), "--allow-incomplete"}).code == 0);
}

TEST_CASE("trace answers line by line and goes on after a bad line", "[cli]") {
    const std::string nic =
        "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-web/providers/"
        "Microsoft.Network/networkInterfaces/nic-web";
    const std::string packets = file(
        "packets.jsonl",
        R"({"id":"a","from":")" + nic +
            R"(","dst":"10.2.1.4","protocol":"tcp","dstPort":8443})"
            "\n"
            R"({"id":"b","from":")" +
            nic +
            R"(","dst":"10.2.2.4","protocol":"tcp","dstPort":1433})"
            "\n"
            "not json\n"
            R"({"id":"d","from":"internet","src":"8.8.8.8","dst":"20.50.1.9","protocol":"tcp","dstPort":443})"
            "\n"
            R"({"id":"e","from":"internet","dst":"20.50.1.9","protocol":"tcp","dstPort":443})"
            "\n");
    const Ran ran = ask({"trace", "--packets", packets});
    CHECK(ran.code == 2);
    std::istringstream lines(ran.out);
    std::vector<Json> answers;
    for (std::string line; std::getline(lines, line);) {
        answers.push_back(Json::parse(line));
    }
    REQUIRE(answers.size() == 5);
    CHECK(answers[0]["verdict"] == "delivered");
    CHECK(answers[0]["reason"] == "DELIVERED");
    CHECK(answers[0]["return"]["verdict"] == "delivered");
    CHECK(answers[1]["verdict"] == "dropped");
    CHECK(answers[1]["by"].get<std::string>().find("/securityRules/deny-vnet") !=
          std::string::npos);
    CHECK(answers[2].contains("error"));
    CHECK(answers[3]["verdict"] == "delivered");
    CHECK(answers[4]["error"].get<std::string>().find("src") != std::string::npos);
}

TEST_CASE("show and ls use Network Watcher's words and unambiguous names", "[cli]") {
    const Json shown = ask({"show", "nic:nic-web", "-o", "json"}).json()["result"];
    CHECK(shown["effectiveSecurityRules"].size() == 7);
    CHECK(shown["effectiveRoutes"][0].contains("nextHopType"));
    const Json items = ask({"ls", "vm", "-o", "json"}).json()["result"]["items"];
    REQUIRE(items.size() == 4);
    CHECK(items[0]["use"] == "vm-app");
    CHECK(ask({"show", "nsg:nsg-web"}).code == 0);
    CHECK(ask({"ls", "nic", "nic-w*"}).out.find("nic-web") != std::string::npos);
}

TEST_CASE("reach lists disjoint blocks that agree with query", "[cli]") {
    const Ran ran = ask({"reach", "--by", "nic", "-p", "tcp/8443", "-o", "json"});
    CHECK(ran.code == 0);
    const Json result = ran.json()["result"];
    std::set<std::pair<int, int>> seen;
    bool web_to_app = false;
    for (const Json& block : result["blocks"]) {
        for (const Json& from : block["from"]) {
            for (const Json& to : block["to"]) {
                for (int f = from[0]; f <= from[1].get<int>(); ++f) {
                    for (int t = to[0]; t <= to[1].get<int>(); ++t) {
                        CHECK(seen.emplace(f, t).second);
                        web_to_app = web_to_app || (result["axis"][f] == "nic-web" &&
                                                    result["axis"][t] == "nic-app" &&
                                                    block["verdict"] == "reachable");
                    }
                }
            }
        }
    }
    CHECK(web_to_app);
    CHECK(ask({"reach", "--exposed", "-p", "tcp/443"}).out.find("internet") != std::string::npos);
}

TEST_CASE("further outputs are written whole or not at all", "[cli]") {
    const std::string path = file("answer.json", "");
    CHECK(ask({"query", "vm-web", "vm-app", "-p", "tcp/8443", "-O", "json=" + path}).code == 0);
    std::ifstream stream(path);
    CHECK(Json::parse(stream)["result"]["verdict"] == "reachable");
    CHECK(ask({"query", "vm-web", "vm-app", "-O", "json=/no/such/folder/x"}).code == 2);
}

TEST_CASE("same input, same bytes", "[cli]") {
    const std::vector<std::string> question = {"explain", "vm-web", "vm-db", "-o", "json"};
    CHECK(ask(question).out == ask(question).out);
}

TEST_CASE("one change in three forms, asked before it is deployed, has one answer", "[cli]") {
    const std::string forms = AZREACH_ROOT_DIR "/fixtures/plan/contoso-report/";
    const auto asked = [&](const std::string& form, const char* from, const char* to,
                           const char* service) {
        Ran ran = ask({"query", from, to, "-p", service, "--overlay", forms + form, "-o", "json"});
        Json result = ran.json()["result"];
        // The places differ: each file is another text.
        const std::function<void(Json&)> without_places = [&](Json& value) {
            if (value.is_object()) {
                if (value.contains("pointer")) {
                    value.erase("address");  // Terraform's name of the place
                }
                for (const char* key : {"file", "pointer", "line"}) {
                    value.erase(key);
                }
            }
            for (auto& inner : value) {
                if (inner.is_structured()) {
                    without_places(inner);
                }
            }
        };
        without_places(result);
        return std::pair{ran.code, result.dump(1)};
    };
    struct Row {
        const char *from, *to, *service;
        int code;
    };
    for (const Row& row :
         {Row{"vm-report", "vm-db", "tcp/1433", 0}, Row{"vm-report", "vm-db", "tcp/22", 1},
          Row{"vm-web", "vm-report", "tcp/443", 0}, Row{"internet", "vm-report", "any", 1},
          Row{"vm-web", "vm-db", "tcp/1433", 1}}) {
        INFO(row.from << " -> " << row.to << " " << row.service);
        const auto plan = asked("plan.json", row.from, row.to, row.service);
        CHECK(plan.first == row.code);
        CHECK(asked("template.json", row.from, row.to, row.service) == plan);
        CHECK(asked("what-if.json", row.from, row.to, row.service) == plan);
    }
    // The rule that decides is named with the line of the file that a developer can edit.
    const Ran text =
        ask({"query", "vm-report", "vm-db", "-p", "tcp/1433", "--overlay", forms + "plan.json"});
    CHECK(text.out.find("allow-report-sql") != std::string::npos);
    CHECK(text.out.find("plan.json:") != std::string::npos);
}
