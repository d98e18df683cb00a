// Flows over hand-made networks: Appendix A of the network reference and its worked checks.
#include "src/engine/reachability.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/snapshot_builder.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

/// Two subnets of one VNet, groups with default rules only, two VMs.
SnapshotBuilder x1() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/b", "10.0.2.0/24");
    b.group("default").attach("default", "v/a").attach("default", "v/b");
    b.vm("vm1", "v/a", "10.0.1.4").vm("vm2", "v/b", "10.0.2.4");
    return b;
}

struct Asked {
    Asked(SnapshotBuilder b, Assumptions assumptions)
        : builder(std::move(b)),
          network(builder.snapshot(), std::move(assumptions)),
          reachability(network) {}

    std::vector<Flow> between(std::string_view from, std::string_view to,
                              const ServiceSet& services = ServiceSet::any()) const {
        SourceSet source;
        if (from == "internet") {
            source.internet = Edges::internet_space();
        } else if (from == "onprem") {
            for (const auto& entry : network.routes().onprem_entries()) {
                source.onprem |= entry.sources;
            }
        } else if (parse_prefix(from)) {
            source.internet = addresses(from);
        } else {
            source.configs = {config_of(network, from)};
        }
        DestinationSet destination;
        if (to == "internet") {
            destination.addresses = Edges::internet_space();
        } else if (parse_prefix(to)) {
            destination.addresses = addresses(to);
        } else {
            destination.configs = {config_of(network, to)};
        }
        return reachability.flows(source, destination, services);
    }

    SnapshotBuilder builder;
    Network network;
    Reachability reachability;
};

/// The union over all flows.
Outcome packets(const std::vector<Flow>& flows, bool delivered = false, bool sessions = false) {
    Outcome all;
    for (const Flow& flow : flows) {
        const Outcome& o = delivered ? (sessions ? flow.sessions_delivered : flow.packets_delivered)
                                     : (sessions ? flow.sessions : flow.packets);
        all.always_must |= o.always_must;
        all.can_must |= o.can_must;
        all.always_may |= o.always_may;
        all.can_may |= o.can_may;
    }
    return all;
}

enum class Is : std::uint8_t { must, unknown, never };

std::string to_text(Is is) {
    return is == Is::must ? "must" : is == Is::unknown ? "unknown" : "never";
}

/// What the flows say of one service, as delivered.
Is of(const std::vector<Flow>& flows, Service service, bool sessions = false) {
    const Outcome o = packets(flows, true, sessions);
    if (o.always_must.contains(service)) {
        return Is::must;
    }
    return o.can_may.contains(service) ? Is::unknown : Is::never;
}

constexpr Service kSsh{kTcp, 49152, 22};
constexpr Service kHttps{kTcp, 49152, 443};
constexpr Service kPing{kIcmp, 8, 0};

}  // namespace

namespace Catch {
template <>
struct StringMaker<Is> {
    static std::string convert(Is is) { return to_text(is); }
};
}  // namespace Catch

TEST_CASE("default groups let everything through within a VNet", "[reachability][X1][N4]") {
    for (const bool strict_reading : {false, true}) {
        CAPTURE(strict_reading);
        const Asked x(x1(), strict_reading ? strict() : documented());
        const auto flows = x.between("vm1", "vm2");
        REQUIRE(flows.size() == 1);
        CHECK(flows.front().src == addresses("10.0.1.4"));
        CHECK(flows.front().dst == addresses("10.0.2.4"));
        CHECK(flows.front().to == config_of(x.network, "vm2"));
        CHECK(of(flows, kHttps) == Is::must);
        CHECK(of(flows, kPing) == Is::must);
        CHECK(of(flows, kHttps, true) == Is::must);
        CHECK(packets(flows).always_must.contains_all(ServiceSet::any() -
                                                      ServiceSet::protocol(kIcmpv6)));
    }
}

TEST_CASE("a user Deny comes before the default Allow", "[reachability][X2][N2]") {
    SnapshotBuilder b = x1();
    b.group("deny", {"100 in deny any VirtualNetwork -> *"}).attach("deny", "vm2");
    CHECK(Asked(b, documented()).between("vm1", "vm2").empty());
    CHECK(Asked(b, strict()).between("vm1", "vm2").empty());
}

TEST_CASE("a VM without a public address is not entered from the internet", "[reachability][X3]") {
    SnapshotBuilder b = x1();
    b.routes("v/b", {"0.0.0.0/0 appliance 10.0.1.10"})
        .vm("nva", "v/a", "10.0.1.10")
        .forwarding("nva");
    CHECK(Asked(b, documented()).between("internet", "vm2").empty());
    CHECK(Asked(b, strict()).between("internet", "vm2").empty());
}

TEST_CASE("a Standard public address with default rules only", "[reachability][X4][Q1]") {
    SnapshotBuilder b = x1();
    b.public_ip("vm2", "20.1.2.3");
    SECTION("is closed by DenyAllInBound") {
        CHECK(Asked(b, documented()).between("internet", "vm2").empty());
    }
    SECTION("is unknown where a default route may stand in the VirtualNetwork tag") {
        b.routes("v/b", {"0.0.0.0/0 appliance 10.0.1.10"})
            .vm("nva", "v/a", "10.0.1.10")
            .forwarding("nva");
        CHECK(of(Asked(b, strict()).between("internet", "vm2"), kSsh) == Is::unknown);
        CHECK(of(Asked(b, documented()).between("internet", "vm2"), kSsh) == Is::never);
    }
}

TEST_CASE("public addresses without a group", "[reachability][X5][X6][N13]") {
    struct Row {
        std::string given;
        Sku sku;
        Is documented_reading, strict_reading;
    };
    const auto row = GENERATE(values<Row>({
        {"Standard is closed", Sku::standard, Is::never, Is::never},
        {"Basic is open", Sku::basic, Is::must, Is::unknown},
    }));
    CAPTURE(row.given);
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").vm("vm1", "v/a", "10.0.1.4");
    b.public_ip("vm1", "20.1.2.3", row.sku);
    CHECK(of(Asked(b, documented()).between("internet", "vm1"), kSsh) == row.documented_reading);
    CHECK(of(Asked(b, strict()).between("internet", "vm1"), kSsh) == row.strict_reading);
}

namespace {

/// Spokes s1 and s2, an appliance in the hub, routes through it on both sides.
SnapshotBuilder x7() {
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/nva", "10.0.0.0/24").vm("nva", "hub/nva", "10.0.0.4");
    b.forwarding("nva");
    b.vnet("s1", "10.1.0.0/16").subnet("s1/a", "10.1.0.0/24").vm("vm1", "s1/a", "10.1.0.4");
    b.vnet("s2", "10.2.0.0/16").subnet("s2/a", "10.2.0.0/24").vm("vm2", "s2/a", "10.2.0.4");
    PeeringOptions options;
    options.b_forwarded = true;
    b.peer("hub", "s1", options).peer("hub", "s2", options);
    b.routes("s1/a", {"10.2.0.0/16 appliance 10.0.0.4"});
    b.routes("s2/a", {"10.1.0.0/16 appliance 10.0.0.4"});
    return b;
}

}  // namespace

TEST_CASE("spokes reach each other through the hub's appliance", "[reachability][X7][R31][R32]") {
    const SnapshotBuilder b = x7();
    SECTION("which forwards, as documented") {
        const auto flows = Asked(b, documented()).between("vm1", "vm2");
        CHECK(of(flows, kHttps) == Is::must);
        CHECK(of(flows, kHttps, true) == Is::must);
    }
    SECTION("which is stated to forward") {
        const auto flows = Asked(b, strict({"nva:10.0.0.4=transparent"})).between("vm1", "vm2");
        CHECK(of(flows, kHttps) == Is::must);
        CHECK(of(flows, kHttps, true) == Is::must);
    }
    SECTION("which may do anything in the strict reading") {
        CHECK(of(Asked(b, strict()).between("vm1", "vm2"), kHttps) == Is::unknown);
    }
    SECTION("which is stated to drop") {
        CHECK(Asked(b, strict({"nva:10.0.0.4=drop"})).between("vm1", "vm2").empty());
    }
    SECTION("which translates sources") {
        const auto flows = Asked(b, documented({"nva:10.0.0.4=snat"})).between("vm1", "vm2");
        CHECK(of(flows, kHttps) == Is::must);
        CHECK(of(flows, kHttps, true) == Is::must);
        REQUIRE(flows.size() == 1);
        CHECK(flows.front().src == addresses("10.1.0.4"));
    }
}

TEST_CASE("an appliance without IP forwarding drops", "[reachability][X8][R29]") {
    SnapshotBuilder b = x7();
    b.edit().interfaces.at(SnapshotBuilder::nic_id("nva")).ip_forwarding = false;
    CHECK(Asked(b, documented()).between("vm1", "vm2").empty());
    CHECK(Asked(b, strict()).between("vm1", "vm2").empty());
}

TEST_CASE("a reply that misses the appliance is lost", "[reachability][R62]") {
    SnapshotBuilder b = x7();
    // The way back is direct: s2 peers with s1.
    b.edit().virtual_networks.at(SnapshotBuilder::vnet_id("s2")).subnets.front().route_table = {};
    b.peer("s1", "s2");
    const Asked x(b, documented());
    const auto flows = x.between("vm1", "vm2");
    CHECK(of(flows, kHttps) == Is::must);
    CHECK(of(flows, kHttps, true) == Is::never);
    const Asked open(b, strict({"nva:10.0.0.4=transparent"}));
    CHECK(of(open.between("vm1", "vm2"), kHttps, true) == Is::unknown);
    const Asked passes(b, documented({"stateful-asymmetry-drops=no"}));
    CHECK(of(passes.between("vm1", "vm2"), kHttps, true) == Is::must);
}

TEST_CASE("a default route to an appliance breaks sessions of a public address",
          "[reachability][R60]") {
    SnapshotBuilder b = x1();
    b.group("open", {"100 in allow tcp Internet -> * 443"}).attach("open", "v/b");
    b.public_ip("vm2", "20.1.2.3");
    CHECK(of(Asked(b, documented()).between("internet", "vm2"), kHttps, true) == Is::must);
    b.vm("nva", "v/a", "10.0.1.10").forwarding("nva");
    b.routes("v/b", {"0.0.0.0/0 appliance 10.0.1.10"});
    const auto flows = Asked(b, documented()).between("internet", "vm2");
    CHECK(of(flows, kHttps) == Is::must);
    CHECK(of(flows, kHttps, true) == Is::never);
}

TEST_CASE("private endpoints", "[reachability][X9][X10][R37][R40][R41]") {
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/nva", "10.0.1.0/24").subnet("hub/a", "10.0.2.0/24");
    b.vm("fw", "hub/nva", "10.0.1.4").vm("vm1", "hub/a", "10.0.2.4");
    b.vnet("spoke", "10.1.0.0/16").subnet("spoke/pe", "10.1.5.0/24").peer("hub", "spoke");
    b.routes("hub/a", {"10.1.0.0/16 appliance 10.0.1.4"});
    b.private_endpoint("pe", "spoke/pe", "10.1.5.4");
    SECTION("are reached directly where the subnet has no policy") {
        // The appliance does not forward: what goes through it is lost.
        CHECK(of(Asked(b, documented()).between("vm1", "pe"), kHttps) == Is::must);
    }
    SECTION("are reached through the appliance where it has") {
        b.policies("spoke/pe", PrivateEndpointPolicies::route_table);
        CHECK(Asked(b, documented()).between("vm1", "pe").empty());
        b.forwarding("fw");
        const auto flows = Asked(b, documented()).between("vm1", "pe");
        CHECK(of(flows, kHttps) == Is::must);
        CHECK(of(flows, kHttps, true) == Is::unknown);  // R47
    }
    SECTION("need an approved connection") {
        b.edit().private_endpoints.begin()->second.connections.front().status =
            PrivateEndpoint::Connection::Status::pending;
        CHECK(Asked(b, documented()).between("vm1", "pe").empty());
    }
    SECTION("never send") { CHECK(Asked(b, documented()).between("pe", "vm1").empty()); }
}

TEST_CASE("Azure DNS passes every group but one that names it", "[reachability][X12][N38]") {
    SnapshotBuilder b = x1();
    b.group("host", {"100 out deny any * -> 168.63.129.16"}).attach("host", "vm1");
    constexpr Service kDns{kUdp, 49152, 53};
    for (const bool strict_reading : {false, true}) {
        const Asked x(b, strict_reading ? strict() : documented());
        CHECK(of(x.between("vm1", "168.63.129.16"), kDns) == Is::must);
        CHECK(of(x.between("vm1", "168.63.129.16"), kSsh) == Is::never);
    }
    SnapshotBuilder c = x1();
    c.group("tag", {"100 out deny any * -> AzurePlatformDNS"}).attach("tag", "vm1");
    c.tag("AzurePlatformDNS", "168.63.129.16");
    CHECK(of(Asked(c, documented()).between("vm1", "168.63.129.16"), kDns) == Is::never);
}

TEST_CASE("a peering that is connected on one side only", "[reachability][X14][P1]") {
    SnapshotBuilder b;
    b.vnet("a", "10.1.0.0/16").subnet("a/s", "10.1.0.0/24").vm("vm1", "a/s", "10.1.0.4");
    b.vnet("b", "10.2.0.0/16").subnet("b/s", "10.2.0.0/24").vm("vm2", "b/s", "10.2.0.4");
    PeeringOptions options;
    options.state = PeeringState::initiated;
    b.peer("a", "b", options);
    CHECK(Asked(b, documented()).between("vm1", "vm2").empty());
    CHECK(Asked(b, strict()).between("vm1", "vm2").empty());
}

TEST_CASE("what a BGP gateway has learned is not known", "[reachability][X16][Q20]") {
    SnapshotBuilder b = x1();
    b.gateway("gw", "v", "10.0.255.0/27", "172.16.0.0/24", true);
    CHECK(of(Asked(b, strict()).between("vm1", "10.9.0.1"), kHttps) == Is::unknown);
    CHECK(of(Asked(b, documented()).between("vm1", "10.9.0.1"), kHttps) == Is::never);
    CHECK(of(Asked(b, documented()).between("vm1", "172.16.0.1"), kHttps) == Is::must);
    CHECK(of(Asked(b, documented()).between("vm1", "172.16.0.1"), kHttps, true) == Is::must);
    CHECK(of(Asked(b, documented()).between("onprem", "vm1"), kHttps) == Is::must);
    CHECK(of(Asked(b, documented()).between("onprem", "vm1"), kHttps, true) == Is::must);
}

TEST_CASE("load balancers", "[reachability][E5][E6][E10][N42]") {
    SnapshotBuilder b = x1();
    b.group("web", {"100 in allow tcp Internet -> * 8443"});
    b.vm("web1", "v/b", "10.0.2.10").vm("web2", "v/b", "10.0.2.11");
    b.balancer("lb", "20.5.5.5");
    SECTION("translate the port; the group sees the member's") {
        b.attach("web", "v/b").balance("lb", {.port = 443, .to_port = 8443, .members = {"web1"}});
        const Asked x(b, documented());
        const auto as_sent = x.between("internet", "20.5.5.5");
        CHECK(packets(as_sent).always_must.contains(kHttps));
        CHECK_FALSE(packets(as_sent).can_may.contains(Service{kTcp, 49152, 8443}));
        const auto to_vm = x.between(
            "internet", "web1", ServiceSet::ports(kTcp, PortSet::full(), PortSet::single(8443)));
        REQUIRE_FALSE(to_vm.empty());
        CHECK(packets(to_vm).always_must.contains(kHttps));
        CHECK(packets(to_vm, true).always_must.contains(Service{kTcp, 49152, 8443}));
        CHECK(x.between("internet", "web1",
                        ServiceSet::ports(kTcp, PortSet::full(), PortSet::single(443)))
                  .empty());
        CHECK(packets(as_sent, false, true).always_must.contains(kHttps));
    }
    SECTION("choose among their members") {
        b.attach("web", "v/b").balance("lb", {.port = 8443, .members = {"web1", "web2"}});
        const Asked x(b, documented());
        const Outcome all = packets(x.between("internet", "20.5.5.5"));
        CHECK(all.always_must.contains(Service{kTcp, 49152, 8443}));
        const Outcome one = packets(x.between("internet", "web1"));
        CHECK_FALSE(one.always_must.contains(Service{kTcp, 49152, 8443}));
        CHECK_FALSE(one.always_may.contains(Service{kTcp, 49152, 8443}));
        CHECK(one.can_must.contains(Service{kTcp, 49152, 8443}));
    }
    SECTION("do not hand a member's packet back to it") {
        b.balancer("ilb", "10.0.2.100", "v/b");
        b.balance("ilb", {.port = 80, .members = {"web1", "web2"}});
        const Asked x(b, documented());
        const Outcome own = packets(x.between("web1", "10.0.2.100"));
        CHECK_FALSE(own.always_must.contains(Service{kTcp, 49152, 80}));
        CHECK(own.can_must.contains(Service{kTcp, 49152, 80}));
        CHECK(
            packets(x.between("vm1", "10.0.2.100")).always_must.contains(Service{kTcp, 49152, 80}));
    }
}

TEST_CASE("outbound to the internet", "[reachability][R51][R52][R54]") {
    SnapshotBuilder b = x1();
    SECTION("by default access: TCP and UDP") {
        const auto flows = Asked(b, documented()).between("vm1", "8.8.8.8");
        CHECK(of(flows, kHttps) == Is::must);
        CHECK(of(flows, kHttps, true) == Is::must);
        CHECK(of(flows, kPing) == Is::never);
    }
    SECTION("not from a private subnet") {
        b.no_default_outbound("v/a");
        CHECK(of(Asked(b, documented()).between("vm1", "8.8.8.8"), kHttps) != Is::must);
    }
    SECTION("by a NAT gateway") {
        b.no_default_outbound("v/a").nat_gateway("v/a", "20.9.9.9");
        CHECK(of(Asked(b, documented()).between("vm1", "8.8.8.8"), kHttps) == Is::must);
    }
    SECTION("a public address of ours is entered from outside") {
        b.public_ip("vm2", "20.1.2.3");
        b.group("open", {"100 in allow tcp 20.9.9.9 -> * 443"}).attach("open", "v/b");
        b.nat_gateway("v/a", "20.9.9.9");
        const auto flows = Asked(b, documented()).between("vm1", "20.1.2.3");
        CHECK(of(flows, kHttps) == Is::must);
        CHECK(of(flows, kHttps, true) == Is::must);
        CHECK(of(flows, kSsh) == Is::never);
    }
}

TEST_CASE("flows of many sources and destinations are disjoint", "[reachability][law]") {
    SnapshotBuilder b = x7();
    b.group("some", {"100 in deny tcp 10.1.0.5 -> * 22", "110 in allow tcp * -> 10.2.0.5 80-90",
                     "120 in deny any 10.1.0.0/16 -> 10.2.0.5"});
    b.attach("some", "s2/a");
    b.vm("vm3", "s1/a", "10.1.0.5").vm("vm4", "s2/a", "10.2.0.5").vm("vm5", "s1/a", "10.1.0.6");
    for (const bool strict_reading : {false, true}) {
        const Asked x(b, strict_reading ? strict() : documented());
        SourceSet from;
        DestinationSet to;
        for (const char* name : {"vm1", "vm2", "vm3", "vm4", "vm5", "nva"}) {
            from.configs.push_back(config_of(x.network, name));
            to.configs.push_back(config_of(x.network, name));
        }
        const auto flows = x.reachability.flows(from, to, ServiceSet::every());
        for (std::size_t i = 0; i < flows.size(); ++i) {
            CHECK(flows[i].packets.can_may.contains_all(flows[i].packets.can_must));
            CHECK(flows[i].packets.can_must.contains_all(flows[i].packets.always_must));
            CHECK(flows[i].packets.can_may.contains_all(flows[i].packets.always_may));
            CHECK(flows[i].packets.can_may.contains_all(flows[i].sessions.can_may));
            CHECK(flows[i].packets.always_must.contains_all(flows[i].sessions.always_must));
            for (std::size_t j = 0; j < i; ++j) {
                const bool meet =
                    flows[i].src.intersects(flows[j].src) && flows[i].dst.intersects(flows[j].dst);
                CHECK_FALSE(meet);
            }
        }
        // One at a time gives the same.
        for (const ConfigIndex a : from.configs) {
            for (const ConfigIndex c : to.configs) {
                const Address source = *x.network.configurations()[a].configuration->address;
                const Address destination = *x.network.configurations()[c].configuration->address;
                SourceSet one_from;
                one_from.configs = {a};
                DestinationSet one_to;
                one_to.configs = {c};
                Outcome together;
                Outcome sessions;
                for (const Flow& flow : flows) {
                    if (flow.src.contains(source) && flow.dst.contains(destination)) {
                        together = flow.packets;
                        sessions = flow.sessions;
                    }
                }
                const auto alone = x.reachability.flows(one_from, one_to, ServiceSet::every());
                REQUIRE(alone.size() <= 1);
                CHECK((alone.empty() ? Outcome{} : alone.front().packets) == together);
                CHECK((alone.empty() ? Outcome{} : alone.front().sessions) == sessions);
            }
        }
    }
}
