// All pairs: the same as asking pair by pair, in disjoint blocks, for any number of jobs.
#include <map>

#include "src/arm/import.hpp"
#include "src/engine/reachability.hpp"
#include "tests/oracle/generate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/snapshot_builder.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

using AxisEntry = Reachability::AxisEntry;
using Block = Reachability::Block;

std::vector<AxisEntry> axis_by_config(const Network& network, bool outside) {
    std::vector<AxisEntry> axis;
    if (outside) {
        axis.push_back({AxisEntry::Kind::internet, {}});
    }
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        axis.push_back({AxisEntry::Kind::configs, {i}});
    }
    return axis;
}

using Cell = std::pair<Outcome, Outcome>;

/// Every pair that some block names; a pair named twice fails.
std::map<std::pair<std::uint32_t, std::uint32_t>, Cell> cells_of(const Reachability& reachability,
                                                                 const std::vector<AxisEntry>& from,
                                                                 const std::vector<AxisEntry>& to,
                                                                 const ServiceSet& services,
                                                                 int jobs = 1) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, Cell> cells;
    bool disjoint = true;
    reachability.all_pairs(from, to, services, jobs, [&](const Block& block) {
        for (const auto& rows : block.from) {
            for (std::uint32_t i = rows.first; i <= rows.last; ++i) {
                for (const auto& columns : block.to) {
                    for (std::uint32_t j = columns.first; j <= columns.last; ++j) {
                        disjoint =
                            cells.emplace(std::pair(i, j), Cell{block.packets, block.sessions})
                                .second &&
                            disjoint;
                    }
                }
            }
        }
    });
    CHECK(disjoint);
    return cells;
}

/// One configuration to another, by flows().
Cell by_flows(const Reachability& reachability, ConfigIndex a, ConfigIndex b,
              const ServiceSet& services) {
    SourceSet from;
    from.configs = {a};
    DestinationSet to;
    to.configs = {b};
    Cell cell;
    for (const Flow& flow : reachability.flows(from, to, services)) {
        for (const auto& [into, outcome] : {std::pair(&cell.first, &flow.packets_delivered),
                                            std::pair(&cell.second, &flow.sessions_delivered)}) {
            into->always_must |= outcome->always_must;
            into->can_must |= outcome->can_must;
            into->always_may |= outcome->always_may;
            into->can_may |= outcome->can_may;
        }
    }
    return cell;
}

void compare(const Network& network, const ServiceSet& services) {
    const Reachability reachability(network);
    const std::vector<AxisEntry> axis = axis_by_config(network, false);
    const auto cells = cells_of(reachability, axis, axis, services);
    for (ConfigIndex a = 0; a < axis.size(); ++a) {
        for (ConfigIndex b = 0; b < axis.size(); ++b) {
            if (!network.configurations()[a].configuration->address ||
                !network.configurations()[b].configuration->address) {
                continue;
            }
            const Cell expected = by_flows(reachability, a, b, services);
            const auto found = cells.find({a, b});
            const Cell actual = found == cells.end() ? Cell{} : found->second;
            CAPTURE(a, b, network.configurations()[a].interface->header.name,
                    network.configurations()[b].interface->header.name);
            CHECK(actual.first == expected.first);
            CHECK(actual.second == expected.second);
        }
    }
}

}  // namespace

TEST_CASE("all pairs agree with flows on generated networks", "[reachability][all-pairs][law]") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        std::vector<std::pair<std::string, std::string>> texts{{"arm.json", generated.arm}};
        if (!generated.service_tags.empty()) {
            texts.emplace_back("tags.json", generated.service_tags);
        }
        const Imported imported = import_texts(texts);
        for (const Reading reading : {Reading::documented, Reading::strict}) {
            CAPTURE(seed, reading == Reading::strict);
            const Network network(imported.snapshot, Assumptions(reading));
            compare(network, ServiceSet::every());
        }
    }
}

TEST_CASE("all pairs through appliances", "[reachability][all-pairs][R31][R63]") {
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/nva", "10.0.0.0/24");
    b.vm("nva1", "hub/nva", "10.0.0.5").vm("nva2", "hub/nva", "10.0.0.6");
    b.forwarding("nva1").forwarding("nva2").balancer("ilb", "10.0.0.4", "hub/nva");
    b.balance("ilb", {.protocol = "any", .members = {"nva1", "nva2"}});
    b.group("g", {"100 in deny tcp 10.1.0.5 -> * 22", "110 in allow tcp * -> 10.2.0.5 80-90",
                  "120 in deny any 10.1.0.0/16 -> 10.2.0.5", "200 in allow any 10.0.0.0/8 -> *"});
    b.group("out", {"100 out deny udp * -> 10.2.0.0/16 53"});
    for (const char* spoke : {"1", "2", "3"}) {
        const std::string name = std::string("s") + spoke;
        const std::string prefix = std::string("10.") + spoke + ".0.";
        b.vnet(name, prefix + "0/16").subnet(name + "/a", prefix + "0/24");
        for (int host = 4; host < 9; ++host) {
            b.vm(name + "-" + std::to_string(host), name + "/a", prefix + std::to_string(host));
        }
        PeeringOptions options;
        options.b_forwarded = true;
        b.peer("hub", name, options);
        b.routes(name + "/a", {"10.0.0.0/8 appliance 10.0.0.4"});
        b.attach("g", name + "/a").attach("out", name + "-4");
    }
    SECTION("that forward") {
        const Network network(b.snapshot(), documented());
        compare(network, ServiceSet::any());
        // R63: the pair keeps the flow, so sessions are sure.
        const Reachability reachability(network);
        const Cell cell = by_flows(reachability, config_of(network, "s1-6"),
                                   config_of(network, "s2-6"), ServiceSet::any());
        CHECK(cell.second.always_must.contains(Service{kTcp, 49152, 443}));
    }
    SECTION("of which one translates") {
        compare(Network(b.snapshot(), documented({"nva:10.0.0.5=snat"})), ServiceSet::any());
    }
    SECTION("of which nothing is known") {
        compare(Network(b.snapshot(), strict()), ServiceSet::every());
    }
    SECTION("for any number of jobs") {
        const Network network(b.snapshot(), documented());
        const Reachability reachability(network);
        const auto axis = axis_by_config(network, true);
        std::vector<std::vector<Block>> runs;
        for (const int jobs : {1, 2, 4}) {
            runs.emplace_back();
            reachability.all_pairs(axis, axis, ServiceSet::any(), jobs,
                                   [&](const Block& block) { runs.back().push_back(block); });
        }
        for (const auto& run : runs) {
            REQUIRE(run.size() == runs.front().size());
            for (std::size_t i = 0; i < run.size(); ++i) {
                CHECK(run[i].from == runs.front()[i].from);
                CHECK(run[i].to == runs.front()[i].to);
                CHECK(run[i].packets == runs.front()[i].packets);
                CHECK(run[i].sessions == runs.front()[i].sessions);
            }
        }
    }
}

TEST_CASE("rows of several configurations are everything of each pair",
          "[reachability][all-pairs]") {
    SnapshotBuilder b;
    b.vnet("v", "10.0.0.0/16").subnet("v/a", "10.0.1.0/24").subnet("v/b", "10.0.2.0/24");
    b.vm("a1", "v/a", "10.0.1.4").vm("a2", "v/a", "10.0.1.5").vm("b1", "v/b", "10.0.2.4");
    b.vm("b2", "v/b", "10.0.2.5").group("g", {"100 in deny tcp 10.0.1.5 -> * 22"});
    b.attach("g", "v/b").public_ip("b2", "20.1.1.1");
    const Network network(b.snapshot(), documented());
    const Reachability reachability(network);
    const auto entry = [&](std::initializer_list<const char*> names) {
        AxisEntry result;
        for (const char* name : names) {
            result.configs.push_back(config_of(network, name));
        }
        return result;
    };
    const std::vector<AxisEntry> axis{
        {AxisEntry::Kind::internet, {}}, entry({"a1", "a2"}), entry({"b1", "b2"})};
    const auto cells = cells_of(reachability, axis, axis, ServiceSet::any());
    const Service ssh{kTcp, 49152, 22};
    const Service https{kTcp, 49152, 443};
    const Outcome& to_b = cells.at({1, 2}).first;
    CHECK(to_b.always_must.contains(https));
    CHECK_FALSE(to_b.always_must.contains(ssh));
    CHECK_FALSE(to_b.always_may.contains(ssh));
    CHECK(to_b.can_must.contains(ssh));
    CHECK(cells.at({2, 1}).second.always_must.contains(ssh));
    // Within a row: the two with each other, nobody with himself.
    CHECK(cells.at({1, 1}).first.always_must.contains(ssh));
    CHECK(cells.at({1, 0}).first.always_must.contains(https));
    CHECK_FALSE(cells.contains({0, 2}));  // default rules keep the internet out
}
