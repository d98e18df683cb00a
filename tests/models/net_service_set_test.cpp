#include <string>

#include "models/net/service_set.hpp"
#include "tests/support/catch.hpp"

namespace azreach {

namespace {

ServiceSet tcp(const PortSet& ports, const PortSet& from = PortSet::full()) {
    return ServiceSet::ports(kTcp, from, ports);
}
ServiceSet udp(const PortSet& ports) { return ServiceSet::ports(kUdp, PortSet::full(), ports); }

}  // namespace

TEST_CASE("the witness is the service an engineer would try", "[service_set]") {
    struct Row {
        std::string given;
        ServiceSet set;
        Service then;
    };
    const auto row = GENERATE(values<Row>({
        {"everything", ServiceSet::every(), {kTcp, 49152, 443}},
        {"no HTTPS", ServiceSet::every() - tcp({{443, 443}}), {kTcp, 49152, 80}},
        {"databases", tcp({{1000, 2000}}), {kTcp, 49152, 1433}},
        {"TCP before a better known UDP port",
         tcp({{999, 999}}) | udp({{53, 53}}),
         {kTcp, 49152, 999}},
        {"a range without names", tcp({{60000, 60010}}), {kTcp, 49152, 60000}},
        {"port 0 only if need be", tcp({{0, 5}}), {kTcp, 49152, 1}},
        {"port 0 at need", tcp({{0, 0}}), {kTcp, 49152, 0}},
        {"the smallest ephemeral source", tcp({{443, 443}}, {{50000, 51000}}), {kTcp, 50000, 443}},
        {"ephemeral before low",
         tcp({{443, 443}}, {{100, 200}, {50000, 51000}}),
         {kTcp, 50000, 443}},
        {"a low source at need", tcp({{443, 443}}, {{0, 100}}), {kTcp, 1, 443}},
        {"source 0 at last", tcp({{443, 443}}, {{0, 0}}), {kTcp, 0, 443}},
        {"DNS", udp({{1, 1023}}), {kUdp, 49152, 53}},
        {"UDP before ICMP", udp({{7, 7}}) | ServiceSet::protocol(kIcmp), {kUdp, 49152, 7}},
        {"echo request", ServiceSet::protocol(kIcmp), {kIcmp, 8, 0}},
        {"ICMPv6 echo request", ServiceSet::protocol(kIcmpv6), {kIcmpv6, 128, 0}},
        {"ICMP before ICMPv6",
         ServiceSet::icmp(kIcmp, ByteSet::single(3), ByteSet::single(4)) |
             ServiceSet::protocol(kIcmpv6),
         {kIcmp, 3, 4}},
        {"another protocol", ServiceSet::protocol(kAh) | ServiceSet::protocol(kEsp), {kEsp, 0, 0}},
    }));
    CAPTURE(row.given);
    REQUIRE(row.set.contains(row.then));
    CHECK(row.set.witness() == row.then);
}

TEST_CASE("nothing has no witness", "[service_set]") { CHECK_FALSE(ServiceSet{}.witness()); }

TEST_CASE("translation replaces destination ports and drops what has none", "[service_set]") {
    const PortSet to = PortSet::single(8080);
    CHECK((tcp({{80, 80}}, {{1000, 2000}}) | ServiceSet::protocol(kIcmp))
              .with_destination_ports(to) == tcp(to, {{1000, 2000}}));
    CHECK(udp({{53, 53}}).with_destination_ports(to) == udp(to));
    CHECK(ServiceSet::protocol(kEsp).with_destination_ports(to).empty());
    CHECK(tcp({{80, 80}}, {{5, 5}}).with_any_source_port() == tcp({{80, 80}}));
    CHECK(ServiceSet::protocol(kEsp).with_any_source_port() == ServiceSet::protocol(kEsp));
}

}  // namespace azreach
