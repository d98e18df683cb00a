// The graph of places: what is near, how networks hang together, where routes go round.
#include <algorithm>
#include <cstdlib>
#include <set>

#include "src/arm/import.hpp"
#include "src/engine/neighbourhood.hpp"
#include "tests/engine/trace_support.hpp"
#include "tests/oracle/generate.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

/// s1 - hub - s2, and an island; on-premises behind the hub's gateway.
SnapshotBuilder hub_and_spokes() {
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/nva", "10.0.0.0/24").vm("nva", "hub/nva", "10.0.0.4");
    b.vnet("s1", "10.1.0.0/16").subnet("s1/a", "10.1.0.0/24").vm("vm1", "s1/a", "10.1.0.4");
    b.vnet("s2", "10.2.0.0/16").subnet("s2/a", "10.2.0.0/24").vm("vm2", "s2/a", "10.2.0.4");
    b.vnet("alone", "10.9.0.0/16")
        .subnet("alone/a", "10.9.0.0/24")
        .vm("vm9", "alone/a", "10.9.0.4");
    b.peer("hub", "s1").peer("hub", "s2");
    b.gateway("gw", "hub", "10.0.255.0/27", "192.168.0.0/16");
    return b;
}

std::vector<ConfigIndex> at(const Network& network, const char* vm) {
    return {config_of(network, vm)};
}

std::vector<std::string> kinds(const std::vector<const Link*>& way) {
    std::vector<std::string> result;
    for (const Link* link : way) {
        result.emplace_back(to_string(link->kind));
    }
    return result;
}

}  // namespace

TEST_CASE("networks hang together by peerings and gateways", "[topology][P3][E16]") {
    const Asked asked(hub_and_spokes(), documented());
    const Topology topology(asked.network, Topology::Depth::networks);
    const auto vnet = [&](const char* name) {
        return *topology.of_vnet(*asked.network.vnet_index(SnapshotBuilder::vnet_id(name)));
    };
    using Kinds = std::vector<std::string>;
    CHECK(kinds(topology.way(vnet("s1"), vnet("hub"))) == Kinds{"peering"});
    CHECK(kinds(topology.way(vnet("s1"), vnet("s2"))) == Kinds{"peering", "peering"});
    CHECK(topology.way(vnet("s1"), vnet("alone")).empty());
    CHECK(topology.way(vnet("s1"), vnet("s1")).empty());

    std::set<std::string> near;
    for (const Topology::Near& other :
         topology.near(*asked.network.vnet_index(SnapshotBuilder::vnet_id("s1")))) {
        near.insert(asked.network.vnets()[other.vnet]->header.name);
    }
    CHECK(near == std::set<std::string>{"hub", "s2"});

    const auto onprem =
        std::find_if(topology.vertices().begin(), topology.vertices().end(),
                     [](const Vertex& vertex) { return vertex.kind == Vertex::Kind::onprem; });
    CHECK(kinds(topology.way(vnet("hub"),
                             static_cast<VertexIndex>(onprem - topology.vertices().begin()))) ==
          Kinds{"gateway", "site"});
}

TEST_CASE("a blocked question between networks is told how they meet", "[topology][P3]") {
    const Asked asked(hub_and_spokes(), documented());
    const Network& network = asked.network;
    CHECK(between_networks(network, at(network, "vm1"), at(network, "vm9")) ==
          "no peering, connected group or gateway joins s1 and alone");
    const std::string through = between_networks(network, at(network, "vm1"), at(network, "vm2"));
    CHECK(through.find("s1 and s2 meet only by peering") == 0);
    CHECK(between_networks(network, at(network, "vm1"), at(network, "nva")).empty());
    CHECK(between_networks(network, at(network, "vm1"), at(network, "vm1")).empty());
}

TEST_CASE("everything stands in the graph once", "[topology]") {
    SnapshotBuilder b = hub_and_spokes();
    b.forwarding("nva").routes("s1/a", {"10.2.0.0/16 appliance 10.0.0.4"});
    b.public_ip("vm2", "20.1.2.3");
    const Asked asked(b, documented());
    const Topology topology(asked.network);
    std::map<std::string, int> count;
    for (const Vertex& vertex : topology.vertices()) {
        ++count[std::string(to_string(vertex.kind))];
    }
    CHECK(count == std::map<std::string, int>{{"internet", 1},
                                              {"onprem", 1},
                                              {"vnet", 4},
                                              {"subnet", 5},
                                              {"gateway", 1},
                                              {"appliance", 1},
                                              {"endpoint", 3}});
    const VertexIndex vm1 = *topology.of_config(config_of(asked.network, "vm1"));
    const VertexIndex vm2 = *topology.of_config(config_of(asked.network, "vm2"));
    const VertexIndex nva = *topology.of_config(config_of(asked.network, "nva"));
    CHECK(topology.vertices()[nva].kind == Vertex::Kind::appliance);
    CHECK(kinds(topology.way(vm1, nva)) == std::vector<std::string>{"part of", "next hop"});
    CHECK(kinds(topology.way(*topology.internet(), vm2)) == std::vector<std::string>{"way in"});
    // Inside Azure the two spokes meet in the hub; with the internet there is a shorter way.
    CHECK(topology.way(vm1, vm2).size() > 3);
    CHECK(kinds(topology.way(vm1, vm2, true)) ==
          std::vector<std::string>{"part of", "way out", "way in"});
}

TEST_CASE("next hops that send packets round are found with their destinations",
          "[topology][R35]") {
    SnapshotBuilder b = hub_and_spokes();
    b.forwarding("nva");
    SECTION("no loop: the appliance's own subnet has system routes") {
        b.routes("s1/a", {"10.2.0.0/16 appliance 10.0.0.4"});
        const Asked asked(b, documented());
        CHECK(Topology(asked.network).loops().empty());
    }
    SECTION("an appliance in its clients' subnet") {
        b.routes("hub/nva", {"10.77.0.0/16 appliance 10.0.0.4"});
        const Asked asked(b, documented());
        const std::vector<RouteLoop> loops = Topology(asked.network).loops();
        REQUIRE(loops.size() == 1);
        CHECK(loops[0].steps.size() == 1);
        CHECK(loops[0].destinations == addresses("10.77.0.0/16"));
        CHECK(loops[0].certain);
        CHECK(reason(asked.from_vm("nva", "10.77.1.1", Asked::tcp(80))) == "ROUTE_LOOP");
    }
    SECTION("two appliances that send to each other; only what both send goes round") {
        b.forwarding("vm1");
        b.routes("hub/nva", {"172.16.0.0/16 appliance 10.1.0.4", "172.17.0.0/16 none"});
        b.routes("s1/a", {"172.16.0.0/12 appliance 10.0.0.4"});
        const Asked asked(b, documented());
        const std::vector<RouteLoop> loops = Topology(asked.network).loops();
        REQUIRE(loops.size() == 1);
        CHECK(loops[0].steps.size() == 2);
        CHECK(loops[0].destinations == addresses("172.16.0.0/16"));
        CHECK(reason(asked.from_vm("vm1", "172.16.1.1", Asked::tcp(80))) == "ROUTE_LOOP");
        CHECK(reason(asked.from_vm("vm1", "172.17.1.1", Asked::tcp(80))) == "ROUTE_NONE");
    }
    SECTION("without IP forwarding nothing goes round") {
        b.routes("s2/a", {"10.77.0.0/16 appliance 10.2.0.4"});
        const Asked asked(b, documented());
        CHECK(Topology(asked.network).loops().empty());
    }
}

TEST_CASE("on generated networks every way of a packet is a path, every loop is known",
          "[topology][differential]") {
    std::size_t delivered = 0;
    std::size_t looped = 0;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported imported = import_text("generated.json", generated.arm);
        const Network network(imported.snapshot, Assumptions(Reading::documented));
        const Topology topology(network);
        AddressSet round;
        for (const RouteLoop& loop : topology.loops()) {
            round |= loop.destinations;
        }
        for (const oracle::Question& question : generated.questions) {
            if (question.from.kind != oracle::Start::Kind::nic) {
                continue;
            }
            const auto configs = network.configurations_of(question.from.nic);
            if (configs.empty()) {
                continue;
            }
            const TraceResult result = trace(network, Origin(configs.front()), question.packet);
            CAPTURE(seed, to_string(question.packet.src), to_string(question.packet.dst));
            if (result.verdict == PacketVerdict::dropped &&
                result.walk.reason == Reason::route_loop) {
                ++looped;
                CHECK(round.contains(question.packet.dst));
            }
            const auto arrived = network.configurations_of(ResourceId(result.walk.at));
            if (result.verdict == PacketVerdict::delivered && !arrived.empty() &&
                arrived.front() != configs.front()) {
                ++delivered;
                CHECK_FALSE(topology
                                .way(*topology.of_config(configs.front()),
                                     *topology.of_config(arrived.front()), true)
                                .empty());
            }
        }
    }
    CHECK(delivered > 100);
    CHECK(looped > 0);
}
