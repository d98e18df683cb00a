// Flow logs of every version, and lists; what contradicts the model; what a change would break.
#include "models/azure/diagnostic.hpp"
#include "src/arm/flow_log.hpp"
#include "src/engine/observed.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/snapshot_builder.hpp"

using namespace azreach;
using namespace azreach::testing;

TEST_CASE("security-group flow logs, versions 1 and 2", "[flows]") {
    const FlowLog one = parse_flow_log("log", R"({"records": [{
        "time": "2026-02-16T22:00:32Z", "category": "NetworkSecurityGroupFlowEvent",
        "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG",
        "properties": {"Version": 1, "flows": [{"rule": "DefaultRule_DenyAllInBound", "flows": [
            {"mac": "000D3AF8801A", "flowTuples": [
                "1487282421,8.8.8.8,10.0.1.4,35370,23,T,I,D",
                "1487282422,8.8.8.8,10.0.1.4,35371,23,T,I,D"]}]}]}}]})");
    CHECK(one.tuples == 2);
    REQUIRE(one.flows.size() == 1);  // the client's port tells nothing apart
    CHECK(one.flows[0].times == 2);
    CHECK(one.flows[0].inbound);
    CHECK_FALSE(one.flows[0].allowed);
    CHECK(one.flows[0].packet.service.b == 23);
    CHECK(one.flows[0].rule == "DefaultRule_DenyAllInBound");
    const FlowLog two = parse_flow_log("log", R"({"records": [{"resourceId": "/x",
        "properties": {"Version": 2, "flows": [{"rule": "UserRule_https", "flows": [
            {"mac": "m", "flowTuples": ["1542110377,10.0.1.4,13.67.143.118,44931,443,T,O,A,B,,,,",
                                        "1542110437,10.0.1.4,13.67.143.118,44931,443,T,O,A,C,25,5,1,2",
                                        "oops"]}]}]}}]})");
    REQUIRE(two.flows.size() == 1);
    CHECK(two.flows[0].times == 2);
    CHECK(two.unreadable.size() == 1);
}

TEST_CASE("virtual-network flow logs, whole and a record a line", "[flows]") {
    const std::string record =
        R"({"time":"2026-09-14T09:00:52Z","flowLogVersion":4,"category":"FlowLogFlowEvent",)"
        R"("targetResourceID":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v",)"
        R"("flowRecords":{"flows":[{"aclID":"a","flowGroups":[{"rule":"UserRule_x","flowTuples":[)"
        R"("1663146003599,10.0.1.4,52.239.184.180,23956,443,6,O,B,NX,0,0,0,0",)"
        R"("1663146003606,10.0.1.4,10.0.2.4,23957,53,17,O,D,NX,0,0,0,0"]}]}]}})";
    for (const std::string& text :
         {"{\"records\":[" + record + "]}", "[" + record + "]", record + "\n" + record + "\n"}) {
        const FlowLog log = parse_flow_log("log", text);
        REQUIRE(log.flows.size() == 2);
        CHECK(log.flows[0].allowed);
        CHECK_FALSE(log.flows[1].allowed);
        CHECK(log.flows[1].packet.service.protocol == kUdp);
    }
}

TEST_CASE("lists of 5-tuples", "[flows]") {
    const FlowLog log = parse_flow_log("list.csv",
                                       "Source IP,Dest IP,Source Port,Dest Port,Proto,Action\r\n"
                                       "10.0.1.4,10.0.2.4,50000,1433,tcp,allow\r\n"
                                       "10.0.1.4,10.0.2.4,50001,1433,6,deny\r\n"
                                       "here,10.0.2.4,1,2,tcp,allow\r\n");
    REQUIRE(log.flows.size() == 2);
    CHECK_FALSE(log.flows[1].allowed);
    CHECK(log.unreadable.size() == 1);
    for (const char* bad : {"", "{}", "[]", "a,b,c\n1,2,3\n", "[1,2]", "{\"records\": 7}",
                            "{\"records\": [{\"properties\": {\"flows\": 3}}]}"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(parse_flow_log("bad", bad), InputError);
    }
}

TEST_CASE("what is logged against what the rules say", "[flows]") {
    SnapshotBuilder b;
    b.vnet("net", "10.0.0.0/16").subnet("net/web", "10.0.1.0/24").subnet("net/db", "10.0.2.0/24");
    b.vm("web", "net/web", "10.0.1.4").vm("db", "net/db", "10.0.2.4").public_ip("web", "20.1.2.3");
    b.group("nsg", {"100 in allow tcp Internet -> * 443", "200 in deny tcp 10.0.2.0/24 -> * 22",
                    "300 in allow tcp NoSuchTag -> * 99"})
        .attach("nsg", "net/web");
    const Network network(b.snapshot(), documented());
    const ObservedFlows observed(network);
    const auto seen = [&](const char* src, const char* dst, std::uint16_t port, bool inbound,
                          bool allowed) {
        return observed.judge({{address(src), address(dst), {kTcp, 50000, port}}, inbound, allowed})
            .seen;
    };
    CHECK(seen("8.8.8.8", "10.0.1.4", 443, true, true) == Seen::agrees);
    CHECK(seen("8.8.8.8", "10.0.1.4", 443, true, false) == Seen::denied_here);
    CHECK(seen("8.8.8.8", "10.0.1.4", 22, true, true) == Seen::impossible);
    CHECK(seen("10.0.2.4", "10.0.1.4", 22, true, true) == Seen::impossible);
    CHECK(seen("10.0.2.4", "10.0.1.4", 22, true, false) == Seen::agrees);
    CHECK(seen("8.8.8.8", "10.0.1.4", 99, true, true) == Seen::open);
    CHECK(seen("8.8.8.8", "10.9.9.9", 22, true, true) == Seen::not_in_snapshot);
    // A NIC without a group lets everything through.
    CHECK(seen("10.0.2.4", "8.8.8.8", 443, false, true) == Seen::agrees);
    CHECK(seen("10.0.2.4", "8.8.8.8", 443, false, false) == Seen::denied_here);

    const SeenPacket https{
        {address("8.8.8.8"), address("10.0.1.4"), {kTcp, 50000, 443}}, true, true};
    CHECK(observed.state(https) == FlowState::reachable);
    SnapshotBuilder closed = b;
    closed.edit().security_groups.at(SnapshotBuilder::group_id("nsg")).rules.clear();
    const Network after(closed.snapshot(), documented());
    CHECK(ObservedFlows(after).state(https) == FlowState::blocked);
}
