// Names: which address they give in a network, and what that means for private endpoints.
#include "src/engine/resolve.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/snapshot_builder.hpp"

namespace azreach {
namespace {

using testing::SnapshotBuilder;
using Via = NameAnswer::Via;

const ResourceId kStore = ResourceId(
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st1");
const std::string kPublicName = "st1.blob.core.windows.net";
const std::string kZoneName = "privatelink.blob.core.windows.net";

/// A spoke with a client and a private endpoint of st1/blob at 10.0.2.5, a hub, and the zone.
struct World {
    SnapshotBuilder b;
    World() {
        b.vnet("spoke", "10.0.0.0/16").subnet("spoke/web", "10.0.1.0/24");
        b.subnet("spoke/pe", "10.0.2.0/24").vm("client", "spoke/web", "10.0.1.4");
        b.vnet("other", "10.9.0.0/16").subnet("other/web", "10.9.1.0/24");
        b.vm("stranger", "other/web", "10.9.1.4").peer("spoke", "other");
        b.private_endpoint("pe", "spoke/pe", "10.0.2.5");
        b.edit().private_endpoints.begin()->second.connections.front().target = kStore;
        OtherResource store;
        store.header.id = kStore;
        store.header.name = "st1";
        b.edit().others.emplace(kStore, store);
    }
    static ResourceId zone_id(const std::string& name) {
        return SnapshotBuilder::id("privateDnsZones", name);
    }
    void zone(const std::string& name, long long record_sets, long long links) {
        DnsZone zone;
        zone.header.id = zone_id(name);
        zone.header.name = name;
        zone.record_sets = record_sets;
        zone.links = links;
        b.edit().dns_zones.emplace(zone.header.id, zone);
    }
    void link(const std::string& zone, const std::string& vnet,
              DnsLink::Policy policy = DnsLink::Policy::standard,
              std::optional<bool> completed = true) {
        DnsLink link;
        link.header.id = zone_id(zone).child("virtualNetworkLinks", "to-" + vnet);
        link.vnet = SnapshotBuilder::vnet_id(vnet);
        link.policy = policy;
        link.completed = completed;
        b.edit().dns_links.emplace(link.header.id, link);
    }
    void record(const std::string& zone, const std::string& name, const std::string& address) {
        DnsRecordSet record;
        record.header.id = zone_id(zone).child("A", name);
        record.header.name = name;
        record.type = "A";
        record.addresses.push_back(testing::address(address));
        b.edit().dns_records.emplace(record.header.id, record);
    }
    ResolvedName resolve(const std::string& name, const std::string& from = "client") {
        const Network network(b.snapshot(), testing::documented());
        const Reachability reachability(network);
        const Endpoints endpoints(network);
        return resolve_name(network, reachability, endpoints, name, from);
    }
};

std::vector<std::string> addresses_of(const ResolvedName& result) {
    std::vector<std::string> list;
    for (const ResolvedAnswer& one : result.answers) {
        list.push_back(!one.answer.exists                   ? "nxdomain"
                       : one.answer.address                 ? to_string(*one.answer.address)
                       : one.answer.via == Via::public_name ? "public"
                                                            : "unread");
    }
    return list;
}

TEST_CASE("a linked zone with the record answers with the endpoint, others with the public one",
          "[name_resolution][DNS-1]") {
    World world;
    world.zone(kZoneName, 2, 1);
    world.link(kZoneName, "spoke");
    world.record(kZoneName, "st1", "10.0.2.5");
    const ResolvedName inside = world.resolve(kPublicName);
    CHECK(addresses_of(inside) == std::vector<std::string>{"10.0.2.5"});
    CHECK(inside.answers.front().reaches == SnapshotBuilder::id("privateEndpoints", "pe"));
    CHECK(inside.answers.front().facts.empty());
    CHECK(inside.findings.empty());
    const ResolvedName outside = world.resolve(kPublicName, "stranger");
    CHECK(addresses_of(outside) == std::vector<std::string>{"public"});
    CHECK(outside.answers.front().reaches == kStore);
    CHECK(addresses_of(world.resolve(kPublicName, "internet")) ==
          std::vector<std::string>{"public"});
}

TEST_CASE("without endpoint connections the public name has no alias", "[name_resolution][DNS-1]") {
    World world;
    world.b.edit().private_endpoints.begin()->second.connections.front().target.reset();
    world.zone(kZoneName, 1, 1);
    world.link(kZoneName, "other");
    CHECK(addresses_of(world.resolve(kPublicName)) == std::vector<std::string>{"public"});
    // Where the zone is linked, an endpoint that the snapshot does not show would decide.
    const ResolvedName open = world.resolve(kPublicName, "stranger");
    CHECK(open.answers.size() == 2);
    CHECK_FALSE(open.answers.front().facts.empty());
}

TEST_CASE("a linked zone without the record says that the name does not exist",
          "[name_resolution][DNS-2]") {
    struct Row {
        std::string given;
        long long record_sets;
        DnsLink::Policy policy;
        std::vector<std::string> then;
    };
    const auto row = GENERATE(values<Row>({
        {"every record was read", 1, DnsLink::Policy::standard, {"nxdomain"}},
        {"the link falls back", 1, DnsLink::Policy::nx_domain_redirect, {"public"}},
        {"the policy was not read", 1, DnsLink::Policy::unknown, {"nxdomain", "public"}},
        {"records are missing", 5, DnsLink::Policy::standard, {"unread", "nxdomain"}},
    }));
    CAPTURE(row.given);
    World world;
    world.zone(kZoneName, row.record_sets, 1);
    world.link(kZoneName, "spoke", row.policy);
    const ResolvedName result = world.resolve(kPublicName);
    CHECK(addresses_of(result) == row.then);
    for (const ResolvedAnswer& one : result.answers) {
        CHECK(one.facts.empty() == (row.then.size() == 1));
    }
}

TEST_CASE("two endpoints of one name keep one record: either address may stand in it",
          "[name_resolution][DNS-3]") {
    World world;
    world.b.private_endpoint("pe2", "spoke/pe", "10.0.2.6");
    world.b.edit().private_endpoints.rbegin()->second.connections.front().target = kStore;
    world.zone(kZoneName, 2, 1);
    world.link(kZoneName, "spoke");
    world.record(kZoneName, "st1", "10.0.2.6");
    const ResolvedName result = world.resolve(kPublicName);
    CHECK(addresses_of(result) == std::vector<std::string>{"10.0.2.6"});
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings.front() == "the name gives the private endpoint pe2, not pe");
}

TEST_CASE("the longest linked suffix answers", "[name_resolution][DNS-1]") {
    World world;
    world.zone("contoso.internal", 2, 1);
    world.link("contoso.internal", "spoke");
    world.record("contoso.internal", "db.app", "10.0.1.9");
    world.zone("app.contoso.internal", 2, 1);
    world.link("app.contoso.internal", "spoke");
    world.record("app.contoso.internal", "db", "10.0.1.8");
    CHECK(addresses_of(world.resolve("DB.app.contoso.internal.")) ==
          std::vector<std::string>{"10.0.1.8"});
}

TEST_CASE("reach does not follow names: findings say what clients get",
          "[name_resolution][DNS-5]") {
    World world;  // no zone at all
    const ResolvedName result = world.resolve(kPublicName);
    CHECK(addresses_of(result) == std::vector<std::string>{"public"});
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings.front() ==
          "the private endpoint pe is reachable by address, but the name gives the public "
          "endpoint: clients use the public way");
    world.b.group("closed", {"100 out deny any * -> 10.0.2.0/24 *"}).attach("closed", "client");
    world.zone(kZoneName, 2, 1);
    world.link(kZoneName, "spoke");
    world.record(kZoneName, "st1", "10.0.2.5");
    const ResolvedName closed = world.resolve(kPublicName);
    REQUIRE(closed.findings.size() == 1);
    CHECK(closed.findings.front() ==
          "the name gives the private endpoint pe, which cannot be reached from there");
}

TEST_CASE("a link counts when it is completed; links that were not read are open",
          "[name_resolution][DNS-6]") {
    struct Row {
        std::string given;
        std::optional<bool> completed;
        long long links;
        bool linked_here;
        std::size_t answers;
    };
    const auto row = GENERATE(values<Row>({
        {"completed", true, 1, true, 1},
        {"its state was not read", std::nullopt, 1, true, 1},
        {"still in progress", false, 1, true, 2},
        {"another network's link", true, 1, false, 1},
        {"one more link than was read", true, 2, false, 2},
    }));
    CAPTURE(row.given);
    World world;
    world.zone(kZoneName, 2, row.links);
    world.link(kZoneName, row.linked_here ? "spoke" : "other", DnsLink::Policy::standard,
               row.completed);
    world.record(kZoneName, "st1", "10.0.2.5");
    CHECK(world.resolve(kPublicName).answers.size() == row.answers);
}

TEST_CASE("somebody's own DNS server may answer anything; Azure's and a resolver's are followed",
          "[name_resolution][DNS-4]") {
    World world;
    world.zone(kZoneName, 2, 1);
    world.link(kZoneName, "other");
    world.record(kZoneName, "st1", "10.0.2.5");
    VirtualNetwork& spoke = world.b.edit().virtual_networks.at(SnapshotBuilder::vnet_id("spoke"));
    spoke.dns_servers = {testing::address("10.9.1.53")};
    const ResolvedName unseen = world.resolve(kPublicName);
    CHECK(addresses_of(unseen) == std::vector<std::string>{"unread", "public"});
    CHECK_FALSE(unseen.answers.front().facts.empty());
    // The same address as the inbound endpoint of a resolver in the other network.
    DnsInboundEndpoint inbound;
    inbound.header.id = ResourceId(
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/"
        "dnsResolvers/r/inboundEndpoints/in");
    inbound.addresses = {testing::address("10.9.1.53")};
    inbound.subnets = {SnapshotBuilder::subnet_id("other/web")};
    world.b.edit().dns_inbound_endpoints.emplace(inbound.header.id, inbound);
    CHECK(addresses_of(world.resolve(kPublicName)) == std::vector<std::string>{"10.0.2.5"});
    spoke.dns_servers = {testing::address("168.63.129.16")};
    CHECK(addresses_of(world.resolve(kPublicName)) == std::vector<std::string>{"public"});
}

TEST_CASE("forwarding rules stand behind private zones", "[name_resolution][DNS-4]") {
    World world;
    const ResourceId ruleset(
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/dnsForwardingRulesets/f");
    DnsLink link;
    link.header.id = ruleset.child("virtualNetworkLinks", "l");
    link.vnet = SnapshotBuilder::vnet_id("spoke");
    world.b.edit().dns_links.emplace(link.header.id, link);
    DnsForwardingRule rule;
    rule.header.id = ruleset.child("forwardingRules", "corp");
    rule.domain = "corp.example";
    rule.servers = {testing::address("192.168.0.53")};
    world.b.edit().dns_forwarding_rules.emplace(rule.header.id, rule);
    CHECK(addresses_of(world.resolve("db.corp.example")) ==
          std::vector<std::string>{"unread", "public"});
    world.zone("corp.example", 2, 1);
    world.link("corp.example", "spoke");
    world.record("corp.example", "db", "10.0.1.9");
    CHECK(addresses_of(world.resolve("db.corp.example")) == std::vector<std::string>{"10.0.1.9"});
    CHECK(addresses_of(world.resolve("a.example")) == std::vector<std::string>{"public"});
}

TEST_CASE("aliases are followed, circles end", "[name_resolution][DNS-1]") {
    World world;
    world.zone("contoso.internal", 4, 1);
    world.link("contoso.internal", "spoke");
    world.record("contoso.internal", "db", "10.0.1.9");
    const auto alias = [&](const std::string& name, const std::string& to) {
        DnsRecordSet record;
        record.header.id = World::zone_id("contoso.internal").child("CNAME", name);
        record.header.name = name;
        record.type = "CNAME";
        record.alias = to;
        world.b.edit().dns_records.emplace(record.header.id, record);
    };
    alias("www", "db.contoso.internal");
    alias("round", "round.contoso.internal");
    CHECK(addresses_of(world.resolve("www.contoso.internal")) ==
          std::vector<std::string>{"10.0.1.9"});
    CHECK(addresses_of(world.resolve("round.contoso.internal")) ==
          std::vector<std::string>{"nxdomain"});
}

TEST_CASE("a service name is taken apart by the table of zones", "[name_resolution][DNS-1]") {
    const auto blob = service_name_of("St1.Blob.core.windows.net.");
    REQUIRE(blob);
    CHECK(blob->resource == "St1");
    CHECK(blob->row->group_id == "blob");
    CHECK(blob->private_form == "St1.privatelink.blob.core.windows.net");
    const auto topic = service_name_of("t1.westeurope-1.eventgrid.azure.net");
    REQUIRE(topic);
    CHECK(topic->private_form == "t1.westeurope-1.privatelink.eventgrid.azure.net");
    CHECK(service_name_of("st1.privatelink.blob.core.windows.net")->is_private_form);
    CHECK_FALSE(service_name_of("blob.core.windows.net"));
    CHECK_FALSE(service_name_of("a.b.blob.core.windows.net"));
    CHECK_FALSE(service_name_of(""));
}

TEST_CASE("only a place in a network can be asked from", "[name_resolution][DNS-5]") {
    World world;
    CHECK_THROWS_AS(world.resolve(kPublicName, "onprem"), NameError);
    CHECK(addresses_of(world.resolve(kPublicName, "spoke/web")) ==
          std::vector<std::string>{"public"});
}

}  // namespace
}  // namespace azreach
