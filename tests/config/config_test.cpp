// azreach.yaml: what is read, and how the reader says what is wrong.
#include "src/config/config.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "src/config/yaml_tree.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using config::Config;

namespace {

Config read(const std::string& text) { return config::parse_config(text, "azreach.yaml"); }

std::string error_of(const std::function<void()>& act) {
    try {
        act();
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

std::string error_of(const std::string& text) {
    return error_of([&] { read(text); });
}

/// The example of the contract.
const char* const kContract = R"(version: 1
snapshot: ./net/contoso.azr.json.zst
reading: strict
assume: { onprem: [172.16.0.0/12], "nva:10.0.2.4": transparent }
services: { https: tcp/443, mgmt: [tcp/22, tcp/3389, tcp/5985-5986] }
sets:                                   # selectors
  blobs: { type: storage/blob }
  app:   { asg: asg-app }
  sql:   { type: sql/server, tag: { env: prod } }
  prod:  { vnet: "vnet-prod-*" }
  dev:   { vnet: "vnet-dev-*", except: { name: vm-build-01 } }
  fw:    { type: network/azureFirewall }
invariants:
  - { id: no-internet-to-blob, deny: internet -> blobs, severity: critical, why: CIS 3.x }
  - { id: sql-only-from-app,  only: [ "app -> sql on tcp/1433" ], to: sql }
  - { id: prod-dev-isolated,  isolate: [ prod, dev ], except: [ { flow: "dev -> prod on https", reason: artifact feed, owner: platform, expires: 2027-03-31 } ] }
  - { id: egress-via-fw,      through: prod -> internet via fw }
  - { id: app-must-work,      require: "prod -> app on tcp/8443" }
  - { id: few-exposed,        limit: internet -> prod, count: destinations, max: 3 }
  - { id: pr-opens-nothing,   no-new: any -> prod }          # needs two snapshots
  - { id: refactor-is-safe,   same: any -> any }
suppress: [ { invariant: few-exposed, reason: CHG-4711, owner: netsec, expires: 2027-01-31 } ]
)";

struct Folder {
    std::filesystem::path path;
    Folder() {
        path = std::filesystem::temp_directory_path() /
               fmt::format("azreach-config-{}", reinterpret_cast<std::uintptr_t>(this));
        std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary) << text;
        return (path / name).string();
    }
};

std::string text_of(const SetExpression& set) {
    switch (set.op) {
        case SetExpression::Op::name:
            return set.name;
        case SetExpression::Op::unite:
            return "(" + text_of(set.parts[0]) + " + " + text_of(set.parts[1]) + ")";
        case SetExpression::Op::subtract:
            return "(" + text_of(set.parts[0]) + " - " + text_of(set.parts[1]) + ")";
        case SetExpression::Op::intersect:
            return "(" + text_of(set.parts[0]) + " & " + text_of(set.parts[1]) + ")";
    }
    return "";
}

}  // namespace

TEST_CASE("the example of the contract is read whole", "[config]") {
    const Config config = read(kContract);
    CHECK(config.snapshots == std::vector<std::string>{"net/contoso.azr.json.zst"});
    CHECK(config.reading == Reading::strict);
    REQUIRE(config.assume.size() == 2);
    CHECK(config.assume[0].key == "onprem");
    CHECK(config.assume[0].value == "172.16.0.0/12");
    CHECK(config.assume[1].key == "nva:10.0.2.4");
    const Policy& policy = config.policy;
    CHECK(
        policy.services.at("mgmt") ==
        (ServiceSet::ports(kTcp, PortSet::full(), PortSet{{22, 22}, {3389, 3389}, {5985, 5986}})));
    CHECK(policy.sets.size() == 6);
    CHECK(policy.sets.at("sql").selectors.front().tags.front().first == "env");
    CHECK(policy.sets.at("dev").selectors.front().except.front().names.front() == "vm-build-01");
    REQUIRE(policy.invariants.size() == 8);
    CHECK(policy.invariants[0].severity == InvariantSeverity::critical);
    CHECK(policy.invariants[0].why == "CIS 3.x");
    CHECK(policy.invariants[0].place.line == 14);
    CHECK(policy.invariants[0].place.column == 5);
    CHECK(policy.invariants[0].flows.front().place.column == 38);
    CHECK(policy.invariants[1].verb == Verb::only);
    CHECK(policy.invariants[1].flows.front().services_text == "tcp/1433");
    CHECK(policy.invariants[2].except.front().waiver.expires == Date{2027, 3, 31});
    CHECK(policy.invariants[3].flows.front().via.front().name == "fw");
    CHECK(policy.invariants[5].count == LimitCount::destinations);
    CHECK(policy.invariants[5].max == 3);
    CHECK(policy.suppressions.front().invariant == "few-exposed");
}

TEST_CASE("JSON is read like YAML, with tabs and escapes", "[config]") {
    const Config config = read(
        "{\n\t\"version\": 1,\n\t\"sets\": {\"a\": {\"name\": \"\\u0061-*\"}},\n"
        "\t\"invariants\": [{\"id\": \"x\", \"deny\": \"internet -> a\"}]\n}\n");
    CHECK(config.policy.sets.at("a").selectors.front().names.front() == "a-*");
    CHECK(config.policy.invariants.front().place.line == 4);
}

TEST_CASE("flows and sets parse by precedence", "[config]") {
    struct Row {
        std::string given, from, to;
    };
    const auto row = GENERATE(values<Row>({
        {"a -> b", "a", "b"},
        {"a->b", "a", "b"},
        {"a + b - c -> b", "((a + b) - c)", "b"},
        {"a - b & c -> b", "(a - (b & c))", "b"},
        {"(a - b) & c -> (b)", "((a - b) & c)", "b"},
        {"10.0.0.0/8 & a -> vm:web-01", "(10.0.0.0/8 & a)", "vm:web-01"},
        {"a-b -> b", "a-b", "b"},
    }));
    CAPTURE(row.given);
    const Config config = read(
        "version: 1\nsets: {a: {name: a}, b: {name: b}, c: {name: c}, a-b: {name: d}}\n"
        "invariants: [{id: x, deny: \"" +
        row.given + "\"}]\n");
    CHECK(text_of(config.policy.invariants.front().flows.front().from) == row.from);
    CHECK(text_of(config.policy.invariants.front().flows.front().to) == row.to);
}

TEST_CASE("services after on: names and literals, with commas and plus", "[config]") {
    struct Row {
        std::string given;
        ServiceSet then;
    };
    const auto ports = [](PortSet set) {
        return ServiceSet::ports(kTcp, PortSet::full(), std::move(set));
    };
    const std::vector<Row> rows = {
        {"https", ports({{443, 443}})},
        {"tcp/80,443", ports({{80, 80}, {443, 443}})},
        {"https,tcp/22", ports({{22, 22}, {443, 443}})},
        {"tcp/80, https + tcp/22", ports({{22, 22}, {80, 80}, {443, 443}})},
        {"web", ports({{80, 80}, {443, 443}})},
        {"every", ServiceSet::every()},
    };
    for (const Row& row : rows) {
        CAPTURE(row.given);
        const Config config = read(
            "version: 1\nservices: {https: tcp/443, web: [https, tcp/80]}\n"
            "invariants: [{id: x, deny: \"internet -> any on " +
            row.given + " not via 10.0.0.4\"}]\n");
        const FlowExpression& flow = config.policy.invariants.front().flows.front();
        CHECK(flow.services == row.then);
        CHECK(flow.not_via.front().name == "10.0.0.4");
    }
}

TEST_CASE("what is wrong is said with line, column and a suggestion", "[config]") {
    struct Row {
        std::string given, place, says;
    };
    const std::string head = "version: 1\nsets: {app: {name: app}, web: {name: web}}\n";
    const auto row = GENERATE_COPY(values<Row>({
        {"version: 1\nversion: 1\n", "line 2 column 1", "second time"},
        {"version: 1\nset: {}\n", "line 2 column 1", "did you mean 'sets'?"},
        {"version: 2\n", "line 1 column 10", "expected 1"},
        {"sets: {}\n", "line 1 column 1", "version: 1"},
        {"", "line 1 column 1", "an empty file"},
        {"version: 1\nreading: sloppy\n", "line 2 column 10", "strict or documented"},
        {"version: 1\nassume: {vnet-tag-includes-urd: yes}\n", "line 2 column 33",
         "vnet-tag-includes-udr"},
        {"version: 1\nassume: {vnet-tag-includes-udr: perhaps}\n", "line 2 column 33", "yes"},
        {"version: 1\nsets: {a: {nam: x}}\n", "line 2 column 12", "did you mean 'name'?"},
        {"version: 1\nsets: {a: {}}\n", "line 2 column 11", "'any'"},
        {"version: 1\nsets: {any: {name: x}}\n", "line 2 column 8", "built in"},
        {"version: 1\nsets: {on: {name: x}}\n", "line 2 column 8", "a word"},
        {"version: 1\nsets: {a: {prefix: 10.0.0.0/33}}\n", "line 2 column 20", "10.0.0.0/8"},
        {"version: 1\nsets: {a: b, b: a}\n", "", "cycles"},
        {"version: 1\nservices: {a: b, b: a}\n", "", "cycles"},
        {"version: 1\nservices: {a: tcp/http}\n", "line 2 column 15", "tcp/443"},
        {"version: 1\nservices: {tcp: tcp/1}\n", "line 2 column 12", "is a service already"},
        {head + "invariants: [{deny: app -> web}]\n", "line 3 column 14", "no 'id'"},
        {head + "invariants: [{id: x}]\n", "line 3 column 14", "no verb"},
        {head + "invariants: [{id: x, deny: app -> web, require: app -> web}]\n",
         "line 3 column 49", "second verb"},
        {head + "invariants: [{id: x, deny: app -> wep}]\n", "line 3 column 35",
         "did you mean 'web'?"},
        {head + "invariants: [{id: x, deny: \"app -> wep\"}]\n", "line 3 column 36",
         "did you mean 'web'?"},
        {head + "invariants: [{id: x, deny: app web}]\n", "line 3 column 32", "'->'"},
        {head + "invariants: [{id: x, deny: app ->}]\n", "line 3 column 34", "a set"},
        {head + "invariants: [{id: x, deny: (app -> web}]\n", "line 3 column 33", "')'"},
        {head + "invariants: [{id: x, deny: app -> web on}]\n", "line 3 column 41", "a service"},
        {head + "invariants: [{id: x, deny: app -> web on tcp/99999}]\n", "line 3 column 42",
         "tcp/443"},
        {head + "invariants: [{id: x, deny: app+web -> web}]\n", "line 3 column 31", "blanks"},
        {head + "invariants: [{id: x, through: app -> web}]\n", "line 3 column 31", "no 'via'"},
        {head + "invariants: [{id: x, only: app -> web}]\n", "line 3 column 14", "no 'to'"},
        {head + "invariants: [{id: x, deny: app -> web, to: web}]\n", "line 3 column 44",
         "with 'only' only"},
        {head + "invariants: [{id: x, isolate: [app]}]\n", "line 3 column 31", "two sets"},
        {head + "invariants: [{id: x, limit: app -> web, count: hosts, max: 1}]\n",
         "line 3 column 48", "sources, destinations"},
        {head + "invariants: [{id: x, limit: app -> web, count: pairs, max: -1}]\n",
         "line 3 column 60", "a number"},
        {head + "invariants: [{id: x, deny: app -> web, severity: severe}]\n", "line 3 column 50",
         "critical"},
        {head + "invariants: [{id: x, deny: app -> web, may-be-empty: yes}]\n", "line 3 column 54",
         "true or false"},
        {head + "invariants: [{id: x, deny: app -> web}, {id: x, deny: web -> app}]\n",
         "line 3 column 41", "second time"},
        {head + "invariants: [{id: x, deny: app -> web, except: [{flow: app -> web}]}]\n",
         "line 3 column 49", "no reason"},
        {head + "invariants: [{id: x, deny: app -> web, except: [{flow: app -> web, reason: r, "
                "owner: o, expires: 2027-02-29}]}]\n",
         "line 3 column 98", "a day"},
        {head + "suppress: [{invariant: y, reason: r, owner: o, expires: never}]\n",
         "line 3 column 24", "an invariant's id"},
        {"version: 1\n\tsets: {}\n", "line 2 column 1", "tab"},
        {"version: 1\nsets: {a: {name: \"x}}\n", "line 2 column 18", "does not end"},
        {"version: 1\n---\nversion: 1\n", "line 2 column 1", "second document"},
        {"version: 1\n? [a]\n: 1\n", "line 2 column 3", "a key"},
    }));
    CAPTURE(row.given);
    const std::string message = error_of(row.given);
    CAPTURE(message);
    CHECK(message.find("azreach.yaml") == 0);
    CHECK(message.find(row.place) != std::string::npos);
    CHECK(message.find(row.says) != std::string::npos);
}

TEST_CASE("packs are included beside the file; the file's names win", "[config]") {
    const Folder folder;
    folder.write("packs/a.yaml",
                 "version: 1\nservices: {mgmt: tcp/22}\nsets: {hosts: {type: vm}}\n"
                 "invariants: [{id: a, deny: internet -> hosts on mgmt}]\n");
    const std::string path =
        folder.write("azreach.yaml",
                     "version: 1\ninclude: [packs/a.yaml, ./packs/a.yaml]\n"
                     "services: {mgmt: [tcp/22, tcp/3389]}\nsets: {hosts: {name: \"h*\"}}\n"
                     "invariants: [{id: b, deny: internet -> hosts}]\n");
    const Config config = config::load_config(path);
    REQUIRE(config.policy.invariants.size() == 2);
    CHECK(config.policy.invariants[0].id == "a");
    CHECK(config.policy.invariants[0].flows.front().services ==
          ServiceSet::ports(kTcp, PortSet::full(), PortSet{{22, 22}, {3389, 3389}}));
    CHECK(config.policy.sets.at("hosts").selectors.front().names.front() == "h*");
    CHECK(config.files.size() == 2);
    CHECK(config.policy.invariants[0].place.file.ends_with("packs/a.yaml"));
}

TEST_CASE("installed packs are found where no file stands beside", "[config]") {
    const Folder folder;
    folder.write("share/m.yaml", "version: 1\ninvariants: [{id: m, deny: internet -> any}]\n");
    const std::string path = folder.write("azreach.yaml", "version: 1\ninclude: packs/m.yaml\n");
    CHECK_THROWS_AS(config::load_config(path), InputError);
    CHECK(
        config::load_config(path, {{(folder.path / "share").string()}}).policy.invariants.size() ==
        1);
}

TEST_CASE("packs that cannot be taken are refused where they are included", "[config]") {
    const Folder folder;
    folder.write("loop1.yaml", "version: 1\ninclude: loop2.yaml\n");
    folder.write("loop2.yaml", "version: 1\ninclude: loop1.yaml\n");
    folder.write("a.yaml", "version: 1\nsets: {x: {name: a}}\n");
    folder.write("b.yaml", "version: 1\nsets: {x: {name: b}}\n");
    folder.write("main.yaml", "version: 1\nsnapshot: net\n");
    const auto of = [&](const std::string& include) {
        const std::string path =
            folder.write("azreach.yaml", "version: 1\ninclude: [" + include + "]\n");
        return error_of([&] { config::load_config(path); });
    };
    CHECK(of("loop1.yaml").find("a cycle: loop1.yaml includes loop2.yaml includes loop1.yaml") !=
          std::string::npos);
    CHECK(of("azreach.yaml").find("a cycle") != std::string::npos);
    CHECK(of("missing.yaml").find("line 2 column 11") != std::string::npos);
    CHECK(of("a.yaml, b.yaml").find("one definition among included files") != std::string::npos);
    CHECK(of("main.yaml").find("the key 'snapshot'") != std::string::npos);
}

TEST_CASE("hostile configurations are refused, not followed", "[config]") {
    std::string aliases = "version: 1\nsets:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        aliases += fmt::format("  a{}: &a{} [", i, i);
        for (int j = 0; j < 10; ++j) {
            aliases += fmt::format("{}*a{}", j == 0 ? "" : ", ", i - 1);
        }
        aliases += "]\n";
    }
    CHECK(error_of(aliases).find("more than 1000000 values") != std::string::npos);
    CHECK(error_of("version: 1\nsets: " + std::string(100, '[') + std::string(100, ']'))
              .find("more than 64 levels") != std::string::npos);
    CHECK(!error_of("version: 1\nsets: " + std::string(200'000, '[')).empty());
    std::string chain = "version: 1\nsets:\n";
    chain += "  a0: &b0 " + std::string(40, '[') + "x" + std::string(40, ']') + "\n";
    chain += "  a1: &b1 " + std::string(40, '[') + "*b0" + std::string(40, ']') + "\n";
    CHECK(error_of(chain).find("more than 64 levels") != std::string::npos);
    std::string sum = "any";
    for (int i = 0; i < 100'000; ++i) {
        sum += " + any";
    }
    CHECK(error_of("version: 1\ninvariants: [{id: x, deny: " + sum + " -> any}]").find("words") !=
          std::string::npos);
    CHECK(error_of("version: 1\ninvariants: [{id: x, deny: " + std::string(500, '(') + "any" +
                   std::string(500, ')') + " -> any}]")
              .find("fewer parentheses") != std::string::npos);
    CHECK(error_of(std::string("version: 1\0x", 12)).find("zero byte") != std::string::npos);
}

TEST_CASE("the file is found here or above, up to the repository", "[config]") {
    const Folder folder;
    folder.write("repo/azreach.yaml", "version: 1\n");
    folder.write("repo/.git/HEAD", "");
    folder.write("repo/a/b/x", "");
    folder.write("repo/inner/.git/HEAD", "");
    const auto from = [&](const std::string& directory) {
        return config::discover((folder.path / directory).string());
    };
    CHECK(from("repo") == "azreach.yaml");
    CHECK(from("repo/a/b") == "../../azreach.yaml");
    CHECK(from("repo/inner") == std::nullopt);
}
