// lint by hand-made networks: what is dead is dead everywhere, and nothing else is called so.
#include "src/engine/lint.hpp"

#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/snapshot_builder.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

SnapshotBuilder with_rules(std::initializer_list<const char*> rules) {
    SnapshotBuilder b;
    b.vnet("net", "10.0.0.0/16").subnet("net/web", "10.0.1.0/24").subnet("net/db", "10.0.2.0/24");
    b.vm("web1", "net/web", "10.0.1.4").vm("db1", "net/db", "10.0.2.4");
    b.group("nsg", rules).attach("nsg", "net/web");
    return b;
}

/// "AZR2001 100": rule ids and the priorities of their targets.
std::vector<std::string> found(const SnapshotBuilder& b, bool in_doubt = false) {
    const Network network(b.snapshot(), in_doubt ? strict() : documented());
    std::vector<std::string> result;
    for (const LintFinding& finding : lint(network)) {
        std::string text(finding.rule);
        const std::size_t open = finding.target.name.find('(');
        if (open != std::string::npos) {
            text += " " +
                    finding.target.name.substr(open + 1, finding.target.name.find(')') - open - 1);
        }
        result.push_back(text);
    }
    return result;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("rules that never decide", "[lint]") {
    CHECK(found(with_rules({"100 in allow tcp Internet -> * 443"})).empty());
    CHECK(found(with_rules({"100 in deny tcp * -> * 22",
                            "200 in allow tcp 10.0.2.0/24 -> * 22"})) == Found{"AZR2001 200"});
    CHECK(found(with_rules({"100 in allow tcp * -> * 443",
                            "200 in allow tcp Internet -> * 443"})) == Found{"AZR2002 200"});
    // Two rules together shadow one that neither shadows alone.
    CHECK(found(with_rules({"100 in deny tcp 10.0.2.0/25 -> * 80", "110 in allow udp * -> * 53",
                            "120 in deny tcp 10.0.2.128/25 -> * 80",
                            "200 in allow tcp 10.0.2.0/24 -> * 80"})) == Found{"AZR2001 200"});
    // The default rules would deny it too.
    CHECK(found(with_rules({"4096 in deny tcp 8.8.8.0/24 -> * 22"})) == Found{"AZR2002 4096"});
    // Partly shadowed is alive; who is there before it changes nothing.
    CHECK(found(with_rules({"100 in deny tcp 10.0.2.0/25 -> * 80",
                            "200 in deny tcp 10.0.2.0/24 -> * 80"})) == Found{"AZR2002 100"});
    CHECK(found(with_rules({"100 in deny tcp 10.0.2.0/25 -> * 80",
                            "200 in allow tcp 10.0.2.0/24 -> * 80", "300 in deny tcp * -> * 80"}))
              .empty());
}

TEST_CASE("what is not known never shadows", "[lint]") {
    CHECK(found(with_rules(
                    {"100 in deny tcp NoSuchTag -> * 22", "200 in allow tcp Internet -> * 22"}))
              .empty());
}

TEST_CASE("rules that could be one", "[lint]") {
    CHECK(found(with_rules({"100 in allow tcp Internet -> * 80",
                            "110 in allow tcp Internet -> * 443"})) == Found{"AZR2003 110"});
    CHECK(found(with_rules({"100 in allow tcp Internet -> * 80", "105 in deny udp * -> * 9",
                            "110 in allow tcp Internet -> * 443"}))
              .empty());
    CHECK(found(with_rules(
                    {"100 in allow tcp Internet -> * 80", "110 in allow udp Internet -> * 443"}))
              .empty());
}

TEST_CASE("rules behind another layer", "[lint][N7]") {
    SnapshotBuilder b = with_rules({"100 in deny tcp * -> * 3389"});
    b.group("nic", {"100 in allow tcp Internet -> * 3389"}).attach("nic", "web1");
    CHECK(found(b) == Found{"AZR2004 100"});
    // Elsewhere it decides.
    b.attach("nic", "db1");
    CHECK(found(b).empty());
}

TEST_CASE("groups that stand nowhere, and rules for nobody", "[lint]") {
    SnapshotBuilder b = with_rules({});
    b.group("left-over", {"100 in allow tcp * -> * 22"});
    CHECK(found(b) == Found{"AZR2005"});
    SnapshotBuilder nobody = with_rules({"100 in allow tcp Internet -> asg:nobody 22"});
    ApplicationSecurityGroup group;
    group.header.id = SnapshotBuilder::id("applicationSecurityGroups", "nobody");
    CHECK(found(nobody).empty());  // not read: it may have members
    nobody.edit().application_security_groups.emplace(group.header.id, group);
    CHECK(found(nobody) == Found{"AZR2009 100"});
}

TEST_CASE("routes to nowhere", "[lint][R29]") {
    SnapshotBuilder b = with_rules({});
    b.routes("net/web", {"0.0.0.0/0 appliance 10.0.2.9"});
    CHECK(found(b) == Found{"AZR2006"});
    SnapshotBuilder off = with_rules({});
    off.routes("net/web", {"0.0.0.0/0 appliance 10.0.2.4"});
    CHECK(found(off) == Found{"AZR2006"});
    off.forwarding("db1");
    CHECK(found(off).empty());
}

TEST_CASE("ways that differ forth and back", "[lint][R62]") {
    SnapshotBuilder b = with_rules({});
    b.subnet("net/nva", "10.0.3.0/24").vm("nva", "net/nva", "10.0.3.4").forwarding("nva");
    b.routes("net/web", {"10.0.2.0/24 appliance 10.0.3.4"});
    CHECK(found(b) == Found{"AZR2008"});
    b.routes("net/db", {"10.0.1.0/24 appliance 10.0.3.4"});
    CHECK(found(b).empty());
}

TEST_CASE("every lint rule has a page", "[lint]") {
    for (const LintRule& rule : lint_rules()) {
        std::ifstream page(AZREACH_ROOT_DIR "/docs/rules/" + std::string(rule.id) + ".md");
        std::string title;
        std::getline(page, title);
        CHECK(title == "# " + std::string(rule.id) + " " + std::string(rule.name));
    }
}
