// Questions about the templates of fixtures/template.
#include <fstream>
#include <set>

#include "src/arm/import.hpp"
#include "src/engine/endpoint.hpp"
#include "src/engine/query.hpp"
#include "src/engine/reachability.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

const std::string kFolder = std::string(AZREACH_ROOT_DIR) + "/fixtures/template/";

struct Session {
    explicit Session(const std::vector<std::string>& names)
        : imported(import_paths(paths(names))),
          network(imported.snapshot, Assumptions(Reading::documented)),
          reachability(network),
          endpoints(network) {}

    static std::vector<std::string> paths(const std::vector<std::string>& names) {
        std::vector<std::string> result;
        for (const std::string& name : names) result.push_back(kFolder + name);
        return result;
    }
    QueryAnswer ask(const std::string& from, const std::string& to,
                    const std::string& service) const {
        TraceOptions options;
        options.blockers = true;
        return query(network, reachability, endpoints, from, to, service, *parse_service(service),
                     options);
    }
    std::string verdict(const std::string& from, const std::string& to,
                        const std::string& service) const {
        const QueryAnswer answer = ask(from, to, service);
        std::set<std::string> names;
        for (const Fact fact : answer.depends_on) names.insert(network.facts().name(fact));
        std::string text(to_string(answer.verdict));
        for (const std::string& name : names) text += " " + name;
        return text;
    }

    Imported imported;
    Network network;
    Reachability reachability;
    Endpoints endpoints;
};

}  // namespace

TEST_CASE("a Bicep-built template with its parameter file is a network", "[template]") {
    const Session shop({"shop"});
    const Snapshot& snapshot = shop.imported.snapshot;
    CHECK(snapshot.security_groups.size() == 2);
    CHECK(snapshot.virtual_machines.size() == 2);
    CHECK(snapshot.interfaces.size() == 2);
    CHECK(snapshot.public_ips.size() == 1);
    CHECK(shop.verdict("vm-web", "vm-db", "tcp/1433") == "reachable");
    CHECK(shop.verdict("vm-web", "vm-db", "tcp/1435") == "blocked");
    CHECK(shop.verdict("vm-web", "vm-db", "tcp/22") == "blocked");    // not from the office
    CHECK(shop.verdict("vm-web", "vm-db", "tcp/8080") == "blocked");  // withTests is false

    // The rule that decides is told with the line of the template.
    const QueryAnswer answer = shop.ask("vm-web", "vm-db", "tcp/1433");
    const auto hop = std::find_if(answer.path.begin(), answer.path.end(),
                                  [](const Hop& one) { return one.by.name == "allow-service"; });
    REQUIRE(hop != answer.path.end());
    const Place place = shop.imported.places->locate(hop->by.where);
    CHECK(place.file == kFolder + "shop/main.json");
    CHECK(place.pointer == "/resources/groups/properties/copy/0/input");
    CHECK(place.line == 73);
    // The office's prefix stands in the parameter file.
    const NetworkSecurityGroup* group = nullptr;
    for (const auto& [id, one] : snapshot.security_groups) {
        group = id.name() == "nsg-db" ? &one : group;
    }
    REQUIRE(group != nullptr);
    CHECK(group->rules.size() == 3);
}

TEST_CASE("without a parameter file the answer names the parameter", "[template][symbol]") {
    const Session shop({"shop/main.json"});
    CHECK(shop.verdict("vm-web", "vm-db", "tcp/1433") == "reachable");
    CHECK(shop.verdict("vm-web", "vm-db", "tcp/23") == "blocked");
    CHECK(shop.verdict("vm-web", "vm-db", "tcp/22") ==
          "unknown AZR9020 parameter 'officePrefix' of main.json");
}

TEST_CASE("comments, line breaks and linked templates", "[template][symbol]") {
    const Session linked({"linked"});
    CHECK(linked.verdict("nic-jump", "nic-app", "tcp/443") == "blocked");
    CHECK(linked.verdict("nic-jump", "nic-app", "tcp/22") ==
          "unknown AZR9020 parameter 'adminSource' of azuredeploy.json");
    const QueryAnswer answer = linked.ask("nic-jump", "nic-app", "tcp/443");
    REQUIRE(!answer.blockers.empty());
    const Place place = linked.imported.places->locate(answer.blockers.front().by.where);
    CHECK(place.file == kFolder + "linked/nested/nsg.json");
    CHECK(place.line == 29);
    // Alone, what it links to is missing: anything may stand in the subnets.
    const Session alone({"linked/azuredeploy.json"});
    CHECK(alone.verdict("nic-jump", "nic-app", "tcp/443").starts_with("unknown"));
    CHECK(alone.verdict("nic-jump", "10.30.1.9", "tcp/443").starts_with("unknown"));
}
