// The prover on hand-made networks: what a claim means, what refutes it, and on what it hangs.
#include "solver/prover.hpp"

#include "tests/engine/trace_support.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/snapshot_builder.hpp"

#ifdef AZREACH_PROVER_MODULE

using namespace azreach;
using namespace azreach::solver;
using azreach::testing::config_of;
using azreach::testing::documented;
using azreach::testing::SnapshotBuilder;
using azreach::testing::strict;

namespace {

/// A network, its prover, and questions from VM to VM.
struct Lab {
    SnapshotBuilder builder;
    Network network;
    std::unique_ptr<Prover> prover;

    Lab(SnapshotBuilder b, Assumptions assumptions)
        : builder(std::move(b)),
          network(builder.snapshot(), std::move(assumptions)),
          prover(load_prover(network, AZREACH_PROVER_MODULE)) {}

    Question between(std::string_view from, std::string_view to,
                     const ServiceSet& services = ServiceSet::protocol(kTcp)) const {
        Question question;
        question.from.configs = {config_of(network, from)};
        question.to.configs = {config_of(network, to)};
        question.services = services;
        return question;
    }
    Proof ask(const Question& question, const Claim& claim) const {
        return prover->prove(question, claim, {});
    }
    bool holds(const Question& question, const Claim& claim) const {
        return std::holds_alternative<Proved>(ask(question, claim));
    }
    std::vector<std::string> texts(const std::optional<std::vector<FactValue>>& facts) const {
        std::vector<std::string> result;
        for (const FactValue& each : facts.value_or(std::vector<FactValue>{})) {
            result.push_back(network.facts().name(each.fact) + (each.value ? "=yes" : "=no"));
        }
        return result;
    }
};

SnapshotBuilder two_subnets() {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/b", "10.0.2.0/24");
    b.vm("vm1", "v/a", "10.0.1.4").vm("vm2", "v/b", "10.0.2.4");
    return b;
}

ServiceSet tcp(std::uint16_t first, std::uint16_t last) {
    return ServiceSet::ports(kTcp, PortSet::full(), PortSet::range(first, last));
}

}  // namespace

TEST_CASE("a claim about no packet is proved where a rule denies, else refuted by a packet",
          "[solver][Z1][Z4]") {
    SnapshotBuilder b = two_subnets();
    b.group("g", {"100 in deny tcp * -> * 22-23", "200 in allow tcp 10.0.1.4 -> * 80"});
    b.attach("g", "v/b");
    const Lab lab(std::move(b), documented());
    CHECK(lab.holds(lab.between("vm1", "vm2", tcp(22, 23)), kNothingMayArrive));
    const Proof proof = lab.ask(lab.between("vm1", "vm2", tcp(20, 25)), kNothingMayArrive);
    const auto* refuted = std::get_if<Refuted>(&proof);
    REQUIRE(refuted != nullptr);
    CHECK(refuted->from == config_of(lab.network, "vm1"));
    CHECK(to_string(refuted->packet.src) == "10.0.1.4");
    CHECK(to_string(refuted->packet.dst) == "10.0.2.4");
    CHECK((refuted->packet.service.b < 22 || refuted->packet.service.b > 23));
    CHECK(refuted->facts.empty());
    const TraceResult traced = trace(lab.network, refuted->from, refuted->packet);
    CHECK(traced.verdict == PacketVerdict::delivered);
}

TEST_CASE("a claim about every packet is refuted by one that is lost", "[solver][Z1][Z4]") {
    SnapshotBuilder b = two_subnets();
    b.group("g", {"100 in deny tcp * -> * 443"}).attach("g", "v/b");
    const Lab lab(std::move(b), documented());
    CHECK(lab.holds(lab.between("vm1", "vm2", tcp(444, 65535)), kEverythingArrives));
    const Proof proof = lab.ask(lab.between("vm1", "vm2"), kEverythingArrives);
    const auto* refuted = std::get_if<Refuted>(&proof);
    REQUIRE(refuted != nullptr);
    CHECK(refuted->packet.service.b == 443);
}

TEST_CASE("an engineer's packet comes first: TCP to a well-known port", "[solver]") {
    const Lab lab(two_subnets(), documented());
    Question question = lab.between("vm1", "vm2", ServiceSet::every());
    const Proof proof = lab.ask(question, kNothingMayArrive);
    const auto* refuted = std::get_if<Refuted>(&proof);
    REQUIRE(refuted != nullptr);
    CHECK(refuted->packet.service.protocol == kTcp);
    CHECK(refuted->packet.service.a == 49152);
    CHECK(ServiceSet::ports(
              kTcp, PortSet::full(),
              PortSet{{443, 443}, {80, 80}, {22, 22}, {3389, 3389}, {1433, 1433}, {53, 53}})
              .contains(refuted->packet.service));
}

TEST_CASE("an open fact is a variable: some world delivers, some world does not",
          "[solver][Z2][Z3]") {
    SnapshotBuilder b = two_subnets();
    b.group("g", {"100 in allow tcp Storage -> * 443", "200 in deny tcp 10.0.1.4 -> * *"});
    b.attach("g", "v/b");
    const Lab lab(std::move(b), strict());
    const Question question = lab.between("vm1", "vm2", tcp(443, 443));
    CHECK_FALSE(lab.holds(question, kNothingMayArrive));
    CHECK(lab.holds(question, kNothingSurelyArrives));
    CHECK_FALSE(lab.holds(question, kEverythingArrives));
    CHECK(lab.holds(question, kEverythingMayArrive));
    const Hinge hinge = lab.prover->hinge(question, kNothingMayArrive, {});
    REQUIRE(hinge.holds_when);
    REQUIRE(hinge.fails_when);
    CHECK(lab.texts(hinge.holds_when) == std::vector<std::string>{"AZR9002 Storage=no"});
    CHECK(lab.texts(hinge.fails_when) == std::vector<std::string>{"AZR9002 Storage=yes"});
    CHECK(hinge.holds_when->front().about == "source");
    CHECK(hinge.packet.service.b == 443);
    // Other ports hang on nothing.
    CHECK(lab.holds(lab.between("vm1", "vm2", tcp(444, 500)), kNothingMayArrive));
}

TEST_CASE("a smallest set of facts has no fact that changes nothing", "[solver][Z2]") {
    SnapshotBuilder b = two_subnets();
    // Two tags may each let it through; a third one is behind a rule that always decides.
    b.group("g", {"100 in allow tcp TagOne -> * 443", "110 in allow tcp TagTwo -> * 443",
                  "120 in deny tcp * -> * 443", "130 in allow tcp TagThree -> * 443"});
    b.attach("g", "v/b");
    const Lab lab(std::move(b), documented());
    const Hinge hinge =
        lab.prover->hinge(lab.between("vm1", "vm2", tcp(443, 443)), kNothingMayArrive, {});
    std::vector<std::string> held = lab.texts(hinge.holds_when);
    std::sort(held.begin(), held.end());
    CHECK(held == std::vector<std::string>{"AZR9002 TagOne=no", "AZR9002 TagTwo=no"});
    CHECK(lab.texts(hinge.fails_when).size() == 1);
}

TEST_CASE("a claim that holds in every world hangs on nothing", "[solver]") {
    const Lab lab(two_subnets(), documented());
    const Hinge hinge = lab.prover->hinge(lab.between("vm1", "vm2"), kEverythingArrives, {});
    REQUIRE(hinge.holds_when);
    CHECK(hinge.holds_when->empty());
    CHECK_FALSE(hinge.fails_when);
}

TEST_CASE("a choice of the platform is no unknown fact", "[solver][E5]") {
    SnapshotBuilder b = two_subnets();
    b.vm("m1", "v/b", "10.0.2.11").vm("m2", "v/b", "10.0.2.12");
    b.balancer("lb", "10.0.2.100", "v/b");
    testing::LbRuleOptions rule;
    rule.port = rule.to_port = 80;
    rule.members = {"m1", "m2"};
    b.balance("lb", rule);
    b.group("closed", {"100 in deny any * -> * *"}).attach("closed", "m2");
    b.group("open", {"100 in allow any * -> * *"}).attach("open", "m1");
    const Lab lab(std::move(b), documented());
    Question question;
    question.from.configs = {config_of(lab.network, "vm1")};
    question.to.addresses = AddressSet::single(*parse_address("10.0.2.100"));
    question.services = tcp(80, 80);
    CHECK_FALSE(lab.holds(question, kNothingSurelyArrives));
    CHECK_FALSE(lab.holds(question, kEverythingMayArrive));
    CHECK_FALSE(lab.holds(question, {Extent::no_packet, Worlds::every, Choices::some_only}));
    question.services = tcp(81, 81);  // no rule takes it
    CHECK(lab.holds(question, kNothingMayArrive));
}

TEST_CASE("ways through a device can be left out", "[solver][R31]") {
    SnapshotBuilder b = two_subnets();
    b.subnet("v/n", "10.0.3.0/24").vm("nva", "v/n", "10.0.3.9").forwarding("nva");
    b.routes("v/a", {"10.0.2.0/24 appliance 10.0.3.9"});
    const Lab lab(std::move(b), documented());
    Question question = lab.between("vm1", "vm2");
    CHECK_FALSE(lab.holds(question, kNothingMayArrive));
    question.avoiding = {SnapshotBuilder::nic_id("nva")};
    CHECK(lab.holds(question, kNothingMayArrive));  // every way passes it
    question.from.configs = {config_of(lab.network, "nva")};
    CHECK_FALSE(lab.holds(question, kNothingMayArrive));
}

TEST_CASE("sessions need the reply", "[solver][R62][Z4]") {
    SnapshotBuilder b = two_subnets();
    b.vm("nva", "v/b", "10.0.2.9").forwarding("nva");
    b.routes("v/a", {"10.0.2.0/24 appliance 10.0.2.9"});
    const Lab lab(std::move(b), documented());
    Question question = lab.between("vm1", "vm2");
    CHECK(lab.holds(question, kEverythingArrives));
    question.reach = Reach::sessions;
    CHECK(lab.holds(question, kNothingMayArrive));
}

TEST_CASE("a question that names no packet is vacuous", "[solver]") {
    const Lab lab(two_subnets(), documented());
    Question question = lab.between("vm1", "vm2", ServiceSet());
    for (const Claim& claim : {kNothingMayArrive, kEverythingArrives}) {
        const Proof proof = lab.ask(question, claim);
        const auto* proved = std::get_if<Proved>(&proof);
        REQUIRE(proved != nullptr);
        CHECK(proved->vacuous);
    }
    CHECK_FALSE(std::get<Proved>(lab.ask(lab.between("vm1", "vm2", tcp(1, 2)),
                                         {Extent::every_packet, Worlds::some, Choices::some}))
                    .vacuous);
}

TEST_CASE("what nobody knows is given up for claims about every packet, and may arrive",
          "[solver][J6]") {
    SnapshotBuilder b = two_subnets();
    b.vm("scaled", "v/b", "");
    const Lab lab(std::move(b), documented());
    const Question question = lab.between("scaled", "vm1");
    CHECK(std::holds_alternative<GaveUp>(lab.ask(question, kEverythingArrives)));
    CHECK_FALSE(lab.holds(question, kNothingMayArrive));
    CHECK(lab.holds(question, kNothingSurelyArrives));
}

TEST_CASE("time that is over makes an answer unknown, not the run", "[solver]") {
    const Lab lab(two_subnets(), documented());
    const Limits none{std::chrono::milliseconds(0)};
    const Proof proof = lab.prover->prove(lab.between("vm1", "vm2"), kNothingMayArrive, none);
    const auto* gave_up = std::get_if<GaveUp>(&proof);
    REQUIRE(gave_up != nullptr);
    CHECK(gave_up->reason == "TIMEOUT");
    CHECK_FALSE(lab.holds(lab.between("vm1", "vm2"), kNothingMayArrive));  // the next one is fine
}

TEST_CASE("IPv6 packets have words of their own", "[solver][N18]") {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16,fd00:1::/48").subnet("v/a", "10.0.1.0/24,fd00:1:0:1::/64");
    b.vm("vm1", "v/a", "fd00:1:0:1::4").vm("vm2", "v/a", "fd00:1:0:1::5");
    b.group("g", {"100 in deny tcp fd00:1:0:1::4/128 -> * 22"}).attach("g", "v/a");
    for (NetworkInterface* nic : {&b.edit().interfaces.at(SnapshotBuilder::nic_id("vm1")),
                                  &b.edit().interfaces.at(SnapshotBuilder::nic_id("vm2"))}) {
        nic->configurations.front().family = Family::v6;
    }
    const Lab lab(std::move(b), documented());
    CHECK(lab.holds(lab.between("vm1", "vm2", tcp(22, 22)), kNothingMayArrive));
    CHECK(lab.holds(lab.between("vm1", "vm2", tcp(23, 65535)), kEverythingArrives));
    CHECK(lab.holds(lab.between("vm2", "vm1", tcp(22, 22)), kEverythingArrives));
}

#endif  // AZREACH_PROVER_MODULE
