// lint by hand-made networks: what is dead is dead everywhere, and nothing else is called so.
#include "src/engine/lint.hpp"

#include <algorithm>
#include <fstream>

#include "tests/engine/firewall_support.hpp"
#include "tests/engine/services_support.hpp"
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

namespace {

std::vector<LintFinding> findings_of(const SnapshotBuilder& b, std::string_view rule) {
    const Network network(b.snapshot(), documented());
    std::vector<LintFinding> result;
    for (LintFinding& finding : lint(network)) {
        if (finding.rule == rule) {
            result.push_back(std::move(finding));
        }
    }
    return result;
}

const std::string kStorage = "Microsoft.Storage/storageAccounts";

SnapshotBuilder with_storage(const std::string& properties) {
    return with(with_rules({}), {arm(kStorage, "st1", properties)});
}

}  // namespace

TEST_CASE("services that take everybody", "[lint][P-1]") {
    const std::string open =
        R"({"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}})";
    const std::vector<LintFinding> found_open = findings_of(with_storage(open), "AZR2010");
    REQUIRE_FALSE(found_open.empty());
    CHECK(found_open.front().target.name.starts_with("st1/"));
    REQUIRE(found_open.front().by.size() == 1);
    CHECK(found_open.front().by.front().id.text().ends_with(
        "#/properties/networkAcls/defaultAction"));
    for (const char* properties :
         {R"({"publicNetworkAccess": "Disabled"})",
          R"({"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Deny",
              "ipRules": [{"value": "203.0.113.0/24", "action": "Allow"}]}})"}) {
        CAPTURE(properties);
        CHECK(findings_of(with_storage(properties), "AZR2010").empty());
    }
    // Four rules of a quarter each are the internet, however they are written.
    CHECK_FALSE(findings_of(with_storage(
                                R"({"publicNetworkAccess": "Enabled", "networkAcls": {
              "defaultAction": "Deny", "ipRules": [{"value": "8.0.0.0/6", "action": "Allow"}]}})"),
                            "AZR2010")
                    .empty());
}

TEST_CASE("private endpoints that names miss", "[lint][DNS-5]") {
    SnapshotBuilder b = with_storage(R"({"publicNetworkAccess": "Disabled"})");
    b.subnet("net/pe", "10.0.3.0/24").private_endpoint("pe", "net/pe", "10.0.3.5");
    PrivateEndpoint& endpoint = b.edit().private_endpoints.begin()->second;
    endpoint.connections.front().target = resource_id(kStorage, "st1");
    endpoint.connections.front().group_ids = {"blob"};
    b.vnet("spoke", "10.1.0.0/16").subnet("spoke/web", "10.1.1.0/24");
    b.vm("client", "spoke/web", "10.1.1.4").peer("net", "spoke");

    std::vector<LintFinding> missed = findings_of(b, "AZR2011");
    REQUIRE(missed.size() == 1);
    CHECK(missed.front().by.size() == 2);
    CHECK(missed.front().evidence.front().second.find("not in the snapshot") != std::string::npos);

    // The zone with the record is linked to one of the two.
    const ResourceId zone_id = SnapshotBuilder::id("privateDnsZones", "privatelink.blob");
    DnsZone zone;
    zone.header.id = zone_id;
    zone.header.name = "privatelink.blob.core.windows.net";
    zone.record_sets = 2;
    zone.links = 1;
    b.edit().dns_zones.emplace(zone_id, zone);
    DnsRecordSet record;
    record.header.id = zone_id.child("A", "st1");
    record.header.name = "st1";
    record.type = "A";
    record.addresses.push_back(address("10.0.3.5"));
    b.edit().dns_records.emplace(record.header.id, record);
    DnsLink link;
    link.header.id = zone_id.child("virtualNetworkLinks", "to-net");
    link.vnet = SnapshotBuilder::vnet_id("net");
    link.completed = true;
    b.edit().dns_links.emplace(link.header.id, link);
    missed = findings_of(b, "AZR2011");
    REQUIRE(missed.size() == 1);
    REQUIRE(missed.front().by.size() == 1);
    CHECK(missed.front().by.front().name == "spoke");

    // Servers that nobody read may answer anything.
    SnapshotBuilder servers = b;
    for (auto& [id, vnet] : servers.edit().virtual_networks) {
        vnet.dns_servers = {address("192.0.2.53")};
    }
    CHECK(findings_of(servers, "AZR2011").empty());
    // A rejected connection is no way in.
    SnapshotBuilder rejected = b;
    for (auto& [id, pe] : rejected.edit().private_endpoints) {
        pe.connections.front().status = PrivateEndpoint::Connection::Status::rejected;
    }
    CHECK(findings_of(rejected, "AZR2011").empty());
}

TEST_CASE("firewall rules that never decide", "[lint][FW-2][FW-3]") {
    const auto dead = [](const SnapshotBuilder& b) {
        std::vector<std::string> names;
        for (const LintFinding& finding : findings_of(b, "AZR2012")) {
            names.emplace_back(finding.target.id.name());
        }
        return names;
    };
    SnapshotBuilder b = hub_and_spokes("child");
    policy(b, "parent");
    policy(b, "child", "parent");
    rules(b, "parent/g 100", "100 net deny", {"ssh tcp * -> * 22"});
    rules(b, "child/g 100", "200 net allow",
          {"own tcp 10.1.0.0/16 -> 10.2.0.0/16 22", "both tcp 10.1.0.0/16 -> 10.2.0.0/16 22,80"});
    CHECK(dead(b) == Found{"own"});
    // Application rules are asked last; a name is no packet, so they do not shadow each other.
    rules(b, "child/g 100", "300 app allow", {"a https:443 * -> a.example", "b https:443 * -> *"});
    CHECK(dead(b) == Found{"own"});
    rules(b, "child/g 100", "250 net allow", {"web tcp * -> * 443"});
    Found all = dead(b);
    std::sort(all.begin(), all.end());
    CHECK(all == Found{"a", "b", "own"});
    // Who is not known to match does not shadow.
    SnapshotBuilder unknown = hub_and_spokes("p");
    policy(unknown, "p");
    rules(unknown, "p/g 100", "100 net deny", {"tag tcp NoSuchTag -> * 22"});
    rules(unknown, "p/g 100", "200 net allow", {"ssh tcp 8.8.8.8/32 -> * 22"});
    CHECK(dead(unknown).empty());
}

TEST_CASE("every lint rule has a page", "[lint]") {
    for (const LintRule& rule : lint_rules()) {
        std::ifstream page(AZREACH_ROOT_DIR "/docs/rules/" + std::string(rule.id) + ".md");
        std::string title;
        std::getline(page, title);
        CHECK(title == "# " + std::string(rule.id) + " " + std::string(rule.name));
    }
}
