// Just-in-time access: what is open, and what a request could open.
#include "src/arm/import.hpp"
#include "src/engine/query.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/snapshot_builder.hpp"

namespace azreach {
namespace {

using testing::SnapshotBuilder;

/// A machine with a public address behind a group, and a policy for tcp/22 from 8.8.8.0/24.
SnapshotBuilder world(std::initializer_list<const char*> rules) {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/s", "10.0.1.0/24").vm("vm", "v/s", "10.0.1.4");
    b.public_ip("vm", "20.0.0.1").group("g", rules).attach("g", "v/s");
    JitPolicy policy;
    policy.header.id = ResourceId(
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Security/locations/we/"
        "jitNetworkAccessPolicies/default");
    policy.header.name = "default";
    JitPolicy::Machine machine;
    machine.id = b.edit().virtual_machines.begin()->first;
    JitPolicy::Port port;
    port.number = 22;
    port.protocol = RuleProtocol::tcp;
    port.sources.prefixes = testing::addresses("8.8.8.0/24");
    machine.ports.push_back(port);
    policy.machines.push_back(machine);
    b.edit().jit_policies.emplace(policy.header.id, policy);
    return b;
}

TraceResult ask(const SnapshotBuilder& b, const char* assume, const char* source,
                std::uint16_t port) {
    const Network network(b.snapshot(), testing::documented({assume}));
    Packet packet;
    packet.src = testing::address(source);
    packet.dst = testing::address("20.0.0.1");
    packet.service = {kTcp, 50000, port};
    return trace(network, Internet{}, packet);
}

TEST_CASE("a policy alone neither closes nor opens a port: the rules decide", "[jit][E50][E51]") {
    const SnapshotBuilder open = world({"100 in allow tcp * -> * 22"});
    CHECK(ask(open, "jit=as-is", "9.9.9.9", 22).verdict == PacketVerdict::delivered);
    const SnapshotBuilder closed = world({});
    CHECK(ask(closed, "jit=as-is", "8.8.8.8", 22).verdict == PacketVerdict::dropped);
    // The deny that the policy writes stands behind a user's allow.
    const SnapshotBuilder behind =
        world({"1002 in allow tcp * -> * 22", "4096 in deny any * -> 10.0.1.4 22"});
    CHECK(ask(behind, "jit=as-is", "9.9.9.9", 22).verdict == PacketVerdict::delivered);
}

TEST_CASE("what a request opened is a rule like any other", "[jit][E52]") {
    const SnapshotBuilder b =
        world({"100 in allow tcp 8.8.8.8/32 -> 10.0.1.4 22", "1000 in deny any * -> 10.0.1.4 22"});
    CHECK(ask(b, "jit=as-is", "8.8.8.8", 22).verdict == PacketVerdict::delivered);
    CHECK(ask(b, "jit=as-is", "8.8.8.9", 22).verdict == PacketVerdict::dropped);
}

TEST_CASE("with every window open, the policy's sources reach its ports past the groups",
          "[jit][E54]") {
    struct Row {
        std::string given;
        const char* source;
        std::uint16_t port;
        PacketVerdict then;
    };
    const auto row = GENERATE(values<Row>({
        {"a source of the policy", "8.8.8.8", 22, PacketVerdict::delivered},
        {"another source", "9.9.9.9", 22, PacketVerdict::dropped},
        {"another port", "8.8.8.8", 443, PacketVerdict::dropped},
    }));
    CAPTURE(row.given);
    const SnapshotBuilder b = world({"100 in deny any * -> * *"});
    const TraceResult result = ask(b, "jit=open", row.source, row.port);
    CHECK(result.verdict == row.then);
    if (row.then == PacketVerdict::delivered) {
        CHECK(result.walk.by.id == b.snapshot().jit_policies.begin()->first);
        CHECK(result.walk.by.priority == 99);
    }
}

TEST_CASE("a block that a request could lift says so", "[jit][E54]") {
    const SnapshotBuilder b = world({});
    const Network network(b.snapshot(), testing::documented());
    const Reachability reachability(network);
    const Endpoints endpoints(network);
    const ServiceSet ssh = *parse_service("tcp/22");
    const QueryAnswer answer =
        query(network, reachability, endpoints, "internet", "vm", "tcp/22", ssh);
    CHECK(answer.verdict == QueryVerdict::blocked);
    CHECK(answer.note == "a just-in-time policy may open port 22 on request: --assume jit=open");
}

TEST_CASE("a policy is read with one source or several", "[jit][E54]") {
    const Imported imported = import_text("jit.json", R"({"value": [{
        "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Security/locations/we/jitNetworkAccessPolicies/default",
        "name": "default", "type": "Microsoft.Security/locations/jitNetworkAccessPolicies",
        "properties": {"virtualMachines": [{"id": "/vm", "ports": [
            {"number": 22, "protocol": "*", "allowedSourceAddressPrefix": "*"},
            {"number": 3389, "protocol": "TCP", "allowedSourceAddressPrefixes": ["10.0.0.0/8", "8.8.8.8"]},
            {"number": 5985, "protocol": "TCP"}]}]}}]})");
    REQUIRE(imported.snapshot.jit_policies.size() == 1);
    const auto& ports = imported.snapshot.jit_policies.begin()->second.machines.front().ports;
    REQUIRE(ports.size() == 3);
    CHECK(ports[0].sources.any);
    CHECK(ports[0].protocol == RuleProtocol::any);
    CHECK(ports[1].sources.prefixes == testing::addresses("10.0.0.0/8,8.8.8.8/32"));
    CHECK(ports[2].sources.any);
}

}  // namespace
}  // namespace azreach
