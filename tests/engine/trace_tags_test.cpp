// Section 2 of the network reference: service tags where they stand.
#include "tests/engine/trace_support.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

SnapshotBuilder one_vnet() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm1", "v/a", "10.0.1.4");
    return b;
}

Bounds<AddressSet> tag(const Asked& asked, const char* name, const char* vm = "vm1") {
    const SubnetIndex subnet = asked.network.configurations()[config_of(asked.network, vm)].subnet;
    return bounds_of(asked.network.filters().expand_tag(name, subnet));
}

}  // namespace

TEST_CASE("a published tag is its prefixes, found by its full name in any case",
          "[T1][T2][T5][T22]") {
    SnapshotBuilder b = one_vnet();
    b.tag("AzureFrontDoor.Backend", "20.1.0.0/16").tag("AzureFrontDoor.Frontend", "20.2.0.0/16");
    b.tag("GatewayManager", "20.3.0.0/16");
    const Asked asked(std::move(b), documented());
    CHECK(tag(asked, "azurefrontdoor.backend").must == addresses("20.1.0.0/16"));
    CHECK(tag(asked, "AzureFrontDoor.Frontend").may == addresses("20.2.0.0/16"));
    CHECK(tag(asked, "GatewayManager").exact());
}

TEST_CASE("an unknown tag is nothing surely and everything possibly", "[T3]") {
    const Asked asked(one_vnet(), documented());
    CHECK(tag(asked, "Storage").must.empty());
    CHECK(tag(asked, "Storage").may == AddressSet::all());
}

TEST_CASE("tags hold both families and overlap freely", "[T4][T6][T7]") {
    SnapshotBuilder b = one_vnet();
    b.tag("Storage", "20.1.0.0/16,2603:1010::/32").tag("AzureCloud", "20.0.0.0/8");
    b.group("g", {"100 out deny tcp * -> AzureCloud *", "90 out allow tcp * -> Storage 443"});
    b.attach("g", "v/a");
    const Asked asked(std::move(b), documented());
    CHECK(tag(asked, "Storage").must.contains(address("2603:1010::1")));
    CHECK(verdict(asked.from_vm("vm1", "20.1.2.3", Asked::tcp(443))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "20.9.2.3", Asked::tcp(443))) == "dropped");
}

TEST_CASE("VirtualNetwork is the VNet, the host, live peers and sites", "[T9][T11][T12][T14]") {
    SnapshotBuilder b = one_vnet();
    b.vnet("peer", "10.1.0.0/16").subnet("peer/x", "10.1.0.0/24");
    b.vnet("hidden", "10.2.0.0/16").subnet("hidden/x", "10.2.0.0/24");
    b.vnet("half", "10.3.0.0/16").subnet("half/x", "10.3.0.0/24");
    b.peer("v", "peer");
    PeeringOptions no_access;
    no_access.a_access = false;
    b.peer("v", "hidden", no_access);
    PeeringOptions initiated;
    initiated.state = PeeringState::initiated;
    b.peer("v", "half", initiated);
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/12,51.0.0.0/24");
    const Asked asked(std::move(b), documented());
    const AddressSet must = tag(asked, "VirtualNetwork").must;
    CHECK(must == addresses("10.0.0.0/16,168.63.129.16,10.1.0.0/16,172.16.0.0/12,51.0.0.0/24"));
}

TEST_CASE("user routes and VirtualNetwork", "[T8][T15]") {
    const auto build = [] {
        SnapshotBuilder b = one_vnet();
        b.routes("v/a", {"10.1.0.0/16 appliance 10.0.9.4", "0.0.0.0/0 appliance 10.0.9.4"});
        return b;
    };
    const Asked documented_reading(build(), documented());
    CHECK(tag(documented_reading, "VirtualNetwork").must.contains(address("10.1.2.3")));
    CHECK_FALSE(tag(documented_reading, "VirtualNetwork").may.contains(address("8.8.8.8")));
    const Asked open(build(), strict());
    CHECK_FALSE(tag(open, "VirtualNetwork").must.contains(address("10.1.2.3")));
    CHECK(tag(open, "VirtualNetwork").may.contains(address("8.8.8.8")));
}

TEST_CASE("whether routes through a peer without allowForwardedTraffic count is open", "[T10]") {
    for (const bool forwarded : {false, true}) {
        CAPTURE(forwarded);
        SnapshotBuilder b = one_vnet();
        b.vnet("hub", "10.7.0.0/16").subnet("hub/n", "10.7.0.0/24").vm("nva", "hub/n", "10.7.0.4");
        PeeringOptions options;
        options.a_forwarded = forwarded;
        b.peer("v", "hub", options).forwarding("nva");
        b.routes("v/a", {"10.8.0.0/16 appliance 10.7.0.4", "10.9.0.0/16 none"});
        const auto holds = [&](Assumptions assumptions, const char* what) {
            const auto bounds = tag(Asked(b, std::move(assumptions)), "VirtualNetwork");
            return std::pair(bounds.must.contains(address(what)),
                             bounds.may.contains(address(what)));
        };
        CHECK(holds(documented(), "10.8.0.1") == std::pair(true, true));
        CHECK(holds(strict({"vnet-tag-includes-udr=yes"}), "10.8.0.1") ==
              std::pair(forwarded, true));
        CHECK(holds(documented({"forwarded-flag-narrows-tag=yes"}), "10.8.0.1") ==
              std::pair(forwarded, forwarded));
        // The peer's own space and routes that do not lead there are not touched.
        CHECK(holds(documented({"forwarded-flag-narrows-tag=yes"}), "10.7.0.9") ==
              std::pair(true, true));
        CHECK(holds(documented({"forwarded-flag-narrows-tag=yes"}), "10.9.0.1") ==
              std::pair(true, true));
    }
}

TEST_CASE("whether service-endpoint prefixes count is open", "[T13]") {
    SnapshotBuilder b = one_vnet();
    b.tag("Storage", "20.1.0.0/16").service_endpoint("v/a", "Microsoft.Storage");
    const Asked open(std::move(b), strict());
    CHECK(tag(open, "VirtualNetwork").may.contains(address("20.1.2.3")));
    CHECK_FALSE(tag(open, "VirtualNetwork").must.contains(address("20.1.2.3")));
}

TEST_CASE("Internet is public space outside the VNet, Azure's own included", "[T16][T17]") {
    SnapshotBuilder b = one_vnet();
    b.tag("Storage", "20.1.0.0/16");
    b.vnet("public", "52.10.0.0/16")
        .subnet("public/x", "52.10.0.0/24")
        .vm("vm2", "public/x", "52.10.0.4");
    const Asked asked(std::move(b), documented());
    const AddressSet internet = tag(asked, "Internet").must;
    CHECK(internet.contains(address("1.0.0.1")));
    CHECK(internet.contains(address("20.1.2.3")));
    for (const char* outside : {"0.0.0.1", "10.9.9.9", "172.16.0.1", "192.168.1.1", "127.0.0.1",
                                "169.254.1.1", "224.0.0.1", "240.0.0.1", "100.64.0.1"}) {
        CAPTURE(outside);
        CHECK_FALSE(internet.contains(address(outside)));
    }
    CHECK_FALSE(tag(asked, "Internet", "vm2").may.contains(address("52.10.0.9")));
    CHECK(internet.contains(address("52.10.0.9")));
}

TEST_CASE("recorded expansions of Internet have gaps: open in strict", "[T17][R4]") {
    SnapshotBuilder b = one_vnet();
    b.group("nsg").attach("nsg", "v/a");
    const auto ask = [&](Assumptions assumptions) {
        return Asked(b, std::move(assumptions)).from_vm("vm1", "21.0.0.9", Asked::tcp(443));
    };
    const TraceResult open = ask(strict());
    CHECK(verdict(open) == "unknown");
    REQUIRE(open.depends_on.size() == 1);
    CHECK(open.depends_on[0].key == FactKey::hidden_none_routes);
    CHECK(verdict(ask(documented())) == "delivered");
    const TraceResult held_back = ask(documented({"hidden-none-routes=present"}));
    CHECK(verdict(held_back) == "dropped");
    CHECK(decider(held_back) == "DenyAllOutBound");
    // The host address stands in the recorded expansions.
    CHECK(tag(Asked(b, documented()), "Internet").must.contains(address("168.63.129.16")));
}

TEST_CASE("whether Internet excludes routed prefixes is open in strict", "[T18]") {
    const auto build = [] {
        SnapshotBuilder b = one_vnet();
        b.routes("v/a", {"51.0.0.0/8 internet"});
        return b;
    };
    const Asked open(build(), strict());
    CHECK(tag(open, "Internet").may.contains(address("51.1.1.1")));
    CHECK_FALSE(tag(open, "Internet").must.contains(address("51.1.1.1")));
    const Asked closed(build(), documented());
    CHECK(tag(closed, "Internet").must.contains(address("51.1.1.1")));
}

TEST_CASE("AzureLoadBalancer is the probe address, never a client", "[T19][E11]") {
    const Asked asked(one_vnet(), documented());
    CHECK(tag(asked, "AzureLoadBalancer").must.contains(address("168.63.129.16")));
    CHECK_FALSE(tag(asked, "AzureLoadBalancer").may.contains(address("8.8.8.8")));
}

TEST_CASE("a tag works in any direction", "[T21]") {
    SnapshotBuilder b = one_vnet();
    b.tag("GatewayManager", "20.3.0.0/16").public_ip("vm1", "20.0.0.1");
    b.group("g",
            {"100 in allow tcp GatewayManager -> * 443", "100 out deny tcp * -> GatewayManager *"});
    b.attach("g", "v/a");
    const Asked asked(std::move(b), documented());
    CHECK(verdict(asked.from_internet("20.3.0.1", "20.0.0.1", Asked::tcp(443))) == "delivered");
    CHECK(verdict(asked.from_vm("vm1", "20.3.0.1", Asked::tcp(443))) == "dropped");
}

TEST_CASE("worked checks T-a, T-b and T-c", "[T8][T14][X4]") {
    SnapshotBuilder a = one_vnet();
    a.group("g").attach("g", "v/a");
    const Asked without(std::move(a), documented());
    CHECK(decider(without.from_vm("vm1", "10.1.0.4", Asked::tcp(80))) == "DenyAllOutBound");

    SnapshotBuilder b = one_vnet();
    b.group("g").attach("g", "v/a").routes("v/a", {"10.1.0.0/16 appliance 10.0.9.4"});
    const Asked routed(std::move(b), documented());
    const TraceResult result = routed.from_vm("vm1", "10.1.0.4", Asked::tcp(80));
    REQUIRE(!result.walk.path.empty());
    CHECK(result.walk.path.front().by.name == "AllowVnetOutBound");

    SnapshotBuilder c = one_vnet();
    c.group("g").attach("g", "v/a").public_ip("vm1", "20.0.0.1");
    c.routes("v/a", {"0.0.0.0/0 appliance 10.0.9.4"});
    const Asked open(std::move(c), strict());
    CHECK(verdict(open.from_internet("8.8.8.8", "20.0.0.1", Asked::tcp(22))) == "unknown");
}
