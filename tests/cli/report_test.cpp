// report and export: one file with everything, and pictures for other programs.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "src/arm/import.hpp"
#include "src/cli/session.hpp"
#include "src/report/drawing.hpp"
#include "src/report/overview.hpp"
#include "src/ui/page.hpp"
#include "tests/support/catch.hpp"

namespace azreach {
namespace {

using Json = nlohmann::json;

struct Ran {
    int code;
    std::string out, err;
};

Ran run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-s", AZREACH_ROOT_DIR "/fixtures/networks/contoso"});
    std::ostringstream out;
    std::ostringstream err;
    const int code = cli::run(arguments, out, err);
    return {code, out.str(), err.str()};
}

/// A network whose names attack every format.
const std::string kHostile = R"({"value": [{
    "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v",
    "name": "</script><script>alert(1)</script>", "type": "Microsoft.Network/virtualNetworks",
    "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [{
        "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/a",
        "name": "=cmd|' /C calc'!A0\"]; x [label=\"\u001b[31m", "properties": {"addressPrefix": "10.0.1.0/24"}}]}},
    {"id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/n",
     "name": "n", "type": "Microsoft.Network/networkInterfaces", "properties": {"ipConfigurations": [{
        "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/n/ipConfigurations/c",
        "name": "c", "properties": {"privateIPAddress": "10.0.1.4", "primary": true, "subnet": {
            "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/a"}}}]}}]})";

struct Hostile {
    Imported imported = import_text("hostile.json", kHostile);
    Network network{imported.snapshot, Assumptions{}};
    Reachability reachability{network};
    Endpoints endpoints{network};
    Overview shown = overview(network, reachability, endpoints);
    report::Context context{network, *imported.places, "0"};
};

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

TEST_CASE("the report joins topology, reachability, exposures and answers", "[cli][report]") {
    const Ran ran = run({"report", "-o", "json"});
    REQUIRE(ran.code == 0);
    const Json document = Json::parse(ran.out);
    CHECK(document["schema"] == "azreach.report/1");
    const Json& result = document["result"];
    CHECK(result["vnets"].size() == 3);
    CHECK(result["links"].size() == 2);
    CHECK(result["axis"][0]["label"] == "internet");
    CHECK(result["exposed"].size() == 1);
    CHECK(result["exposed"][0]["name"] == "vm-web");
    CHECK(result["exposed"][0]["service"].dump().find("[[443,443]]") != std::string::npos);
    CHECK(result["exposed"][0]["sources"] == "any IPv4 address");
    const auto verdict_of = [&](const char* from, const char* to) -> std::string {
        for (const Json& query : result["queries"]) {
            if (query["question"]["from"] == from && query["question"]["to"] == to) {
                return query["verdict"];
            }
        }
        return "not answered";
    };
    CHECK(verdict_of("internet", "vm-web") == "partial");
    CHECK(verdict_of("snet-web", "snet-partner") == "unknown");
    CHECK(verdict_of("snet-web", "snet-data") == "blocked");
    bool found = false;
    for (const Json& group : result["groups"]) {
        found = found || (group["name"] == "nsg-web" && group["attachedTo"].size() == 1 &&
                          group["rules"].size() >= 7);
    }
    CHECK(found);
}

TEST_CASE("the report of two states holds the changes and the invariants", "[cli][report][diff]") {
    const std::string fixture = AZREACH_ROOT_DIR "/fixtures/diff/terraform_ssh/";
    const auto reported = [](std::vector<std::string> arguments) {
        std::ostringstream out;
        std::ostringstream err;
        arguments.insert(arguments.begin(), "report");
        arguments.insert(arguments.end(), {"-o", "json", "-q"});
        const int code = cli::run(arguments, out, err);
        return Ran{code, out.str(), err.str()};
    };
    const Ran plan = reported({fixture + "plan.json"});
    REQUIRE(plan.code == 0);
    const Json document = Json::parse(plan.out);
    CHECK(document.contains("base"));
    CHECK(document["result"]["diff"]["summary"]["newExposures"] >= 1);
    CHECK(document["result"]["check"].is_null());
    CHECK(document["result"]["exposed"][0]["service"].dump().find("[[22,22],[443,443]]") !=
          std::string::npos);
    const std::string contoso = AZREACH_ROOT_DIR "/fixtures/networks/contoso";
    const Json same = Json::parse(reported({"-s", contoso, "--baseline", contoso}).out);
    CHECK(same["result"]["diff"]["changes"].empty());
    CHECK(Json::parse(reported({"-s", contoso}).out)["result"]["diff"].is_null());
    CHECK(reported({"a", "b", "--baseline", contoso}).code == 2);
    CHECK(reported({"a", "b", "c"}).code == 2);
}

TEST_CASE("PaaS endpoints are columns of the matrix, each way in with its verdict",
          "[cli][report]") {
    std::string text = kHostile;
    text.insert(text.rfind(']'), R"(, {
        "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1",
        "name": "kv1", "type": "Microsoft.KeyVault/vaults", "location": "westeurope",
        "properties": {"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Deny",
            "bypass": "None", "ipRules": [{"value": "203.0.113.7/32"}], "virtualNetworkRules": []}}})");
    const Imported imported = import_text("services.json", text);
    const Network network(imported.snapshot, Assumptions{});
    const Reachability reachability(network);
    const Endpoints endpoints(network);
    const Overview shown = overview(network, reachability, endpoints);
    const report::Json result =
        report::overview_result({network, *imported.places, "0"}, shown, {});
    CHECK(result["axis"].back()["kind"] == "service");
    const std::string vault = result["axis"].back()["label"];
    const std::size_t column = result["axis"].size() - 1;
    bool found = false;
    for (const auto& block : result["blocks"]) {
        found = found || (block["from"][0][0] == 0 && block["to"][0][0] == column &&
                          block["verdict"] == "partial");
    }
    CHECK(found);
    REQUIRE(result["exposed"].size() == 1);
    CHECK(result["exposed"][0]["name"] == vault);
    CHECK(result["exposed"][0]["sources"] == "203.0.113.7/32");
    std::size_t entries = 0;
    for (const auto& query : result["queries"]) {
        if (query["question"]["from"] == "internet" && query["question"]["to"] == vault) {
            entries = query["entries"].size();
        }
    }
    CHECK(entries >= 1);
    for (const auto& endpoint : result["endpoints"]) {
        if (endpoint["kind"] == "paas") {
            CHECK(endpoint["exposure"] == "narrow");
        }
    }
}

TEST_CASE("the page holds the document, and names cannot leave it", "[cli][report]") {
    if (ui::report_page().empty()) {
        WARN("built without the page: SKIPPED");
        CHECK(run({"report", "-o", "html"}).code == 2);
        return;
    }
    Hostile world;
    const report::Json document = report::document(
        world.context, "azreach.report/1", report::overview_result(world.context, world.shown, {}));
    const std::string page = report::html_page(document);
    CHECK(count_of(page, "@azreach-report-data@") == 0);
    CHECK(count_of(page, "</script>") == count_of(std::string(ui::report_page()), "</script>"));
    CHECK(count_of(page, "alert(1)") > 0);
    const std::size_t begin = page.find("type=\"application/json\">") + 24;
    const std::string data = page.substr(begin, page.find("</script>", begin) - begin);
    CHECK(Json::parse(data) == Json::parse(document.dump()));
}

TEST_CASE("drawings and tables neutralise names", "[cli][report]") {
    Hostile world;
    const std::string dot = report::dot(world.context, world.shown);
    CHECK(count_of(dot, "\x1b") == 0);
    CHECK(count_of(dot, R"(A0\"]; x [label=\")") == 1);  // quotes stay inside the label
    const std::string drawio = report::drawio(world.context, world.shown);
    CHECK(count_of(drawio, "<script>") == 0);
    CHECK(count_of(drawio, "&lt;script&gt;") == 1);
    const std::string mermaid = report::mermaid(world.context, world.shown);
    CHECK(count_of(mermaid, "<") == 0);
    CHECK(report::csv_field("=1+1") == "'=1+1");
    CHECK(report::csv_field("a\"b,c") == "\"a\"\"b,c\"");
    CHECK(report::csv_field("plain") == "plain");
    const std::string md = report::overview_markdown(world.context, world.shown, {});
    CHECK(count_of(md, "<script") == 0);
}

TEST_CASE("Graphviz draws the network, hostile names included", "[cli][report]") {
    if (std::system("command -v dot > /dev/null 2>&1") != 0) {
        std::cout << "Graphviz is not here: the drawing was not rendered\n";
        return;
    }
    Hostile world;
    const auto folder =
        std::filesystem::temp_directory_path() / ("azreach-dot-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const Ran contoso = run({"export", "-o", "dot"});
    for (const std::string& text : {contoso.out, report::dot(world.context, world.shown)}) {
        std::ofstream(folder / "net.dot") << text;
        const std::string command = "dot -Tsvg '" + (folder / "net.dot").string() + "' > '" +
                                    (folder / "net.svg").string() + "' 2> /dev/null";
        CHECK(std::system(command.c_str()) == 0);
        std::ifstream file(folder / "net.svg");
        const std::string svg{std::istreambuf_iterator<char>(file), {}};
        CHECK(count_of(svg, "<svg") == 1);
        CHECK(count_of(svg, "<script") == 0);
        CHECK(count_of(svg, "class=\"cluster\"") >= 1);  // networks hold subnets
    }
    std::filesystem::remove_all(folder);
}

TEST_CASE("export asks for a format it knows", "[cli][report]") {
    CHECK(run({"export"}).code == 2);
    CHECK(run({"export", "-o", "text"}).code == 2);
    const Ran dot = run({"export", "-o", "dot"});
    CHECK(dot.code == 0);
    CHECK(dot.out.rfind("digraph azreach {", 0) == 0);
    CHECK(run({"export", "-o", "mermaid"}).out.rfind("flowchart LR", 0) == 0);
    const std::string csv = run({"export", "-o", "csv"}).out;
    CHECK(csv.rfind("from,to,verdict,service,possible\r\n", 0) == 0);
    CHECK(csv.find("internet,snet-web,partial,") != std::string::npos);
    CHECK(csv.find("snet-app,snet-data,partial,tcp/1433,\r\n") != std::string::npos);
}

TEST_CASE("a large network falls back to networks alone, then to a table", "[cli][report]") {
    Hostile world;
    VirtualNetwork& vnet = world.imported.snapshot.virtual_networks.begin()->second;
    const std::string id = vnet.header.id.text();
    for (int i = 0; i < 1500; ++i) {
        Subnet subnet;
        subnet.header.name = "a-rather-long-name-of-a-subnet-" + std::to_string(i);
        subnet.header.id = ResourceId(id + "/subnets/" + subnet.header.name);
        vnet.subnets.push_back(subnet);
    }
    const Network network(world.imported.snapshot, Assumptions{});
    const report::Context context{network, *world.imported.places, "0"};
    const std::string text = report::mermaid(context, world.shown);
    CHECK(text.size() <= 50000);
    CHECK(text.rfind("flowchart LR", 0) == 0);
    CHECK(text.find("subgraph") == std::string::npos);
}

}  // namespace
}  // namespace azreach
