// check, init, schema and the configuration from outside: contract sections 2, 3, 4 and 8.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
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

std::string path_of(const std::string& name) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("azreach-check-cli-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    return (folder / name).string();
}

std::string file(const std::string& name, const std::string& text) {
    std::ofstream(path_of(name), std::ios::binary) << text;
    return path_of(name);
}

const std::string kHead = "version: 1\nsnapshot: " + kContoso +
                          "\nservices: { sql: tcp/1433, site: tcp/443 }\n"
                          "sets:\n"
                          "  web: { name: vm-web }\n"
                          "  app: { name: vm-app }\n"
                          "  db: { name: vm-db }\n"
                          "  partner: { vnet: vnet-partner }\n"
                          "invariants:\n";

Ran check(const std::string& invariants, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(),
                     {"check", file("azreach.yaml", kHead + invariants), "--today", "2026-11-28"});
    return run(std::move(arguments));
}

const std::string kHeld = "  - { id: held, deny: internet -> db }\n";
const std::string kBroken = "  - { id: broken, deny: internet -> web, severity: high }\n";
const std::string kOpen = "  - { id: open, deny: partner -> web, severity: low }\n";
const std::string kEmpty = "  - { id: empty, deny: internet -> web & db }\n";

}  // namespace

TEST_CASE("check exits by what holds", "[cli][check]") {
    CHECK(check(kHeld).code == 0);
    CHECK(check(kHeld + kBroken).code == 1);
    CHECK(check(kHeld + kOpen).code == 3);
    CHECK(check(kHeld + kOpen + kBroken).code == 1);
    CHECK(check(kHeld + kEmpty).code == 1);
    CHECK(check("  - { id: empty, deny: internet -> web & db, may-be-empty: true }\n").code == 0);
    CHECK(check("  - { id: new, no-new: any -> any }\n").code == 0);
    CHECK(check("  - { id: x, deny: internet -> nobody }\n").code == 2);
    CHECK(check("  - { id: x, deny: internet -> vm:nobody }\n").code == 2);
    CHECK(run({"check", path_of("nothing.yaml")}).code == 2);
}

TEST_CASE("check: severities, unknowns and the day decide the exit code", "[cli][check]") {
    CHECK(check(kHeld + kBroken, {"--fail-on", "high"}).code == 1);
    CHECK(check(kHeld + kBroken, {"--fail-on", "critical"}).code == 0);
    CHECK(check(kHeld + kOpen, {"--fail-on", "medium"}).code == 0);
    CHECK(check(kHeld + kBroken, {"--fail-on", "severe"}).code == 2);
    CHECK(check(kOpen, {"--unknown", "pass"}).code == 0);
    const Ran warned = check(kOpen, {"--unknown", "warn"});
    CHECK(warned.code == 0);
    CHECK(warned.err.find("unknown") != std::string::npos);
    const std::string excused =
        "  - { id: site, deny: internet -> web, except: [ { flow: internet -> web on site, reason: "
        "r, owner: o, expires: 2027-01-01 } ] }\n";
    CHECK(check(excused).code == 0);
    CHECK(check(excused, {"--today", "2027-01-02"}).code == 2);  // twice
    const std::string path = file("azreach.yaml", kHead + excused);
    CHECK(run({"check", path, "--today", "2027-01-01"}).code == 0);
    CHECK(run({"check", path, "--today", "2027-01-02"}).code == 1);
    CHECK(run({"check", path, "--today", "soon"}).code == 2);
}

TEST_CASE("check as JSON has what the contract lists", "[cli][check]") {
    const Ran ran = check(kHeld + kBroken + kOpen + kEmpty +
                              "  - { id: few, limit: internet -> web, count: destinations, max: 1 "
                              "}\n  - { id: new, no-new: any -> any }\n"
                              "suppress: [ { invariant: empty, reason: CHG-1, owner: me, expires: "
                              "2027-01-01 } ]\n",
                          {"-o", "json"});
    const Json document = ran.json();
    CHECK(document["schema"] == "azreach.check/1");
    CHECK(document["reading"] == "strict");
    const Json& result = document["result"];
    CHECK(result["today"] == "2026-11-28");
    CHECK(result["summary"] == Json({{"held", 2},
                                     {"violated", 1},
                                     {"unknown", 1},
                                     {"vacuous", 0},
                                     {"suppressed", 1},
                                     {"not-asked", 1}}));
    REQUIRE(result["invariants"].size() == 6);
    const Json& broken = result["invariants"][1];
    CHECK(broken["id"] == "broken");
    CHECK(broken["severity"] == "high");
    CHECK(broken["verb"] == "deny");
    CHECK(broken["status"] == "violated");
    CHECK(broken["source"]["line"] == 11);
    CHECK(broken["witness"]["src"] == "203.0.113.7");
    CHECK(broken["witness"]["dst"] == "20.50.1.9");
    CHECK(broken["witness"]["dstPort"] == 443);
    CHECK(broken["witness"]["from"]["name"] == "internet");
    CHECK(broken["witness"]["to"]["name"] == "vm-web");
    CHECK(broken["path"].back()["decision"] == "deliver");
    CHECK(broken["path"][1]["by"]["name"] == "allow-https");
    CHECK(broken["path"][1]["by"]["line"].is_number());
    CHECK(broken["affected"]["destinations"] == 1);
    CHECK(broken["affected"]["service"] ==
          Json::parse(R"([{"protocol":"tcp","ports":[[443,443]],"sourcePorts":[[0,65535]]}])"));
    CHECK(broken["dependsOn"].empty());
    const Json& open = result["invariants"][2];
    CHECK(open["status"] == "unknown");
    CHECK(open["dependsOn"][0].get<std::string>().find("nsg-partner") != std::string::npos);
    CHECK(result["invariants"][3]["suppression"]["status"] == "vacuous");
    CHECK(result["invariants"][4]["counted"]["least"] == 1);
    CHECK(result["invariants"][5]["witness"].is_null());
    CHECK(check(kHeld + kBroken, {"-o", "json"}).out == check(kHeld + kBroken, {"-o", "json"}).out);
}

TEST_CASE("check: known findings do not count, new ones do", "[cli][check]") {
    const std::string known = path_of("known.json");
    const std::string both = "  - { id: wide, deny: internet -> web + db on every }\n" + kOpen;
    CHECK(check(both, {"--write-known", known}).code == 1);
    CHECK(check(both, {"--known", known}).code == 0);
    CHECK(check(both, {"--known", known}).out.find("known") != std::string::npos);
    CHECK(check(both + kBroken, {"--known", known}).code == 1);
    // Another destination is another finding.
    CHECK(check("  - { id: wide, deny: any -> web + db on every }\n", {"--known", known}).code ==
          1);
    CHECK(check(both, {"--known", path_of("missing.json")}).code == 2);
    CHECK(check(both, {"--known", file("bad.json", "{\"schema\": \"x\"}")}).code == 2);
    CHECK(check(both, {"--known", file("bad.json", "[")}).code == 2);
}

TEST_CASE("check compares with a baseline", "[cli][check]") {
    const std::string invariants = "  - { id: new, no-new: any -> any }\n";
    CHECK(check(invariants, {"--baseline", kContoso}).out.find("1 held") != std::string::npos);
    CHECK(check(invariants, {"--baseline", path_of("missing.json")}).code == 2);
}

TEST_CASE("-s replaces the snapshot of the file; the command line's statements win",
          "[cli][check]") {
    const std::string path = file("azreach.yaml",
                                  "version: 1\nsnapshot: nowhere\nreading: documented\n"
                                  "assume: { vnet-tag-includes-udr: no }\n"
                                  "sets: { web: { name: vm-web } }\n"
                                  "invariants: [ { id: x, deny: web -> web } ]\n");
    CHECK(run({"check", path}).code == 2);
    const Ran ran = run({"check", path, "-s", kContoso, "-o", "json"});
    CHECK(ran.code == 0);
    CHECK(ran.json()["reading"] == "documented");
    CHECK(ran.json()["assumptions"][0]["key"] == "vnet-tag-includes-udr");
    CHECK(ran.json()["assumptions"][0]["origin"] == path);
    CHECK(run({"check", path, "-s", kContoso, "--reading", "strict", "-o", "json"})
              .json()["reading"] == "strict");
}

TEST_CASE("the configuration serves query, explain and reach", "[cli][config]") {
    const std::string path = file("azreach.yaml", kHead + kHeld);
    const auto ask = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"-c", path});
        return run(std::move(arguments));
    };
    CHECK(ask({"query", "set:app", "set:db", "-p", "sql"}).code == 0);
    CHECK(ask({"query", "set:app", "set:db", "-p", "site"}).code == 1);
    // The Internet tag has recorded gaps, which strict leaves open.                          [T17]
    CHECK(ask({"query", "internet", "set:web", "-p", "site"}).code == 3);
    CHECK(ask({"query", "internet:203.0.113.7", "set:web", "-p", "site"}).code == 0);
    CHECK(ask({"query", "internet", "set:web", "-p", "site", "--reading", "documented"}).code == 0);
    CHECK(ask({"explain", "set:app", "vm-db", "-p", "sql"}).code == 0);
    CHECK(ask({"reach", "--from", "set:app", "--to", "set:db", "--count"}).code == 0);
    const Ran unknown = ask({"query", "set:ap", "set:db"});
    CHECK(unknown.code == 2);
    CHECK(unknown.err.find("did you mean 'app'?") != std::string::npos);
    CHECK(ask({"query", "set:app", "set:db", "-p", "sq"}).code == 2);
    CHECK(run({"query", "set:app", "vm-db", "-s", kContoso}).code == 2);
}

TEST_CASE("init writes a file that check reads; it overwrites nothing", "[cli][config]") {
    const std::string path = path_of("started.yaml");
    std::filesystem::remove(path);
    CHECK(run({"init", "-s", kContoso, "--to", path}).code == 0);
    CHECK(run({"check", path}).code == 0);
    const Ran again = run({"init", "-s", kContoso, "--to", path});
    CHECK(again.code == 2);
    CHECK(again.err.find("is there already") != std::string::npos);
    const Ran shown = run({"init", "-s", kContoso, "--to", "-"});
    CHECK(shown.code == 0);
    CHECK(shown.out.find("version: 1") != std::string::npos);
}

TEST_CASE("schema prints the schema of the configuration", "[cli][config]") {
    const Ran ran = run({"schema", "config"});
    CHECK(ran.code == 0);
    CHECK(ran.json()["$schema"] == "http://json-schema.org/draft-07/schema#");
    CHECK(run({"schema"}).code == 2);
    CHECK(run({"schema", "query"}).code == 2);
}
