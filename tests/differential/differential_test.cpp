// The oracle, the trace and the packet sets on generated networks.
//
//   AZREACH_SEEDS=FIRST-LAST  which seeds (default 1-150); a failure prints its seed and question.
//   AZREACH_KEEP=FOLDER       writes the network and question of each failure there.
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "src/arm/import.hpp"
#include "src/engine/reachability.hpp"
#include "src/engine/trace.hpp"
#include "tests/oracle/generate.hpp"
#include "tests/oracle/oracle.hpp"
#include "tests/support/catch.hpp"

namespace azreach {
namespace {

struct Seeds {
    std::uint64_t first = 1, last = 150;
};

Seeds seeds() {
    Seeds result;
    if (const char* text = std::getenv("AZREACH_SEEDS")) {
        char* dash = nullptr;
        result.first = std::strtoull(text, &dash, 10);
        result.last =
            dash != nullptr && *dash == '-' ? std::strtoull(dash + 1, nullptr, 10) : result.first;
    }
    return result;
}

Imported import(const oracle::Generated& generated) {
    std::vector<std::pair<std::string, std::string>> texts{{"generated.json", generated.arm}};
    if (!generated.service_tags.empty()) {
        texts.emplace_back("tags.json", generated.service_tags);
    }
    return import_texts(texts);
}

std::vector<std::pair<std::string, Assumptions>> worlds(const oracle::Generated& generated) {
    Assumptions mixed(Reading::documented);
    for (const std::string& statement : generated.assume) {
        const std::size_t equals = statement.find('=');
        const auto wrong =
            mixed.state(statement.substr(0, equals), statement.substr(equals + 1), "test");
        REQUIRE_FALSE(wrong);
    }
    return {{"documented", Assumptions(Reading::documented)},
            {"strict", Assumptions(Reading::strict)},
            {"documented with assumptions", std::move(mixed)}};
}

std::optional<Origin> origin_of(const Network& network, const oracle::Question& question) {
    std::optional<Origin> origin;
    if (question.from.kind == oracle::Start::Kind::internet) {
        origin.emplace(Internet{});
    } else if (question.from.kind == oracle::Start::Kind::onprem) {
        origin.emplace(OnPremises{});
    } else if (const auto configs = network.configurations_of(question.from.nic);
               !configs.empty()) {
        origin.emplace(configs.front());
    }
    return origin;
}

std::string text_of(const oracle::Question& question) {
    const Packet& p = question.packet;
    const char* from = question.from.kind == oracle::Start::Kind::nic        ? "nic"
                       : question.from.kind == oracle::Start::Kind::internet ? "internet"
                                                                             : "onprem";
    return std::string(from) + " " + std::string(question.from.nic.name()) + " " +
           to_string(p.src) + ":" + std::to_string(p.service.a) + " -> " + to_string(p.dst) + ":" +
           std::to_string(p.service.b) + " protocol " + std::to_string(p.service.protocol);
}

void keep(std::uint64_t seed, const oracle::Generated& generated, const std::string& question) {
    if (const char* folder = std::getenv("AZREACH_KEEP")) {
        const std::string base = std::string(folder) + "/" + std::to_string(seed);
        std::ofstream(base + ".json") << generated.arm;
        if (!generated.service_tags.empty())
            std::ofstream(base + ".tags.json") << generated.service_tags;
        std::ofstream(base + ".txt", std::ios::app) << question << "\n";
    }
}

}  // namespace

TEST_CASE("oracle and trace agree on generated networks", "[differential][Z1][Z2][Z4]") {
    const Seeds range = seeds();
    std::size_t packets = 0;
    std::map<std::string, std::size_t> verdicts;
    for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported imported = import(generated);
        for (const auto& [name, assumptions] : worlds(generated)) {
            const Network network(imported.snapshot, assumptions);
            for (const oracle::Question& question : generated.questions) {
                const auto origin = origin_of(network, question);
                if (!origin) continue;
                const oracle::Answer expected =
                    oracle::ask(imported.snapshot, assumptions, question.from, question.packet);
                const TraceResult found = trace(network, *origin, question.packet);
                const std::string reply = found.reply ? std::string(to_string(*found.reply)) : "";
                ++packets;
                ++verdicts[expected.verdict];
                const bool same =
                    to_string(found.verdict) == expected.verdict && reply == expected.reply &&
                    (!expected.one_way || to_string(found.walk.reason) == expected.reason);
                if (!same) {
                    keep(seed, generated, name + ": " + text_of(question));
                }
                INFO("seed " << seed << " " << name << ": " << text_of(question));
                INFO("oracle " << expected.verdict << " " << expected.reason << " reply "
                               << expected.reply << " at " << expected.at);
                INFO("trace  " << to_string(found.verdict) << " " << to_string(found.walk.reason)
                               << " reply " << reply << " at " << found.walk.at);
                CHECK(same);
            }
        }
    }
    std::cout << "differential: seeds " << range.first << "-" << range.last << ", " << packets
              << " packets:";
    for (const auto& [verdict, count] : verdicts) std::cout << " " << count << " " << verdict;
    std::cout << "\n";
    CHECK(packets > 0);
}

TEST_CASE("packet sets bound the oracle on generated networks", "[differential][Z1][Z2][Z3][Z4]") {
    const Seeds range = seeds();
    std::size_t packets = 0;
    std::size_t coarser = 0;
    for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported imported = import(generated);
        for (const auto& [name, assumptions] : worlds(generated)) {
            const Network network(imported.snapshot, assumptions);
            const Reachability reachability(network);
            for (const oracle::Question& question : generated.questions) {
                const auto origin = origin_of(network, question);
                if (!origin) continue;
                const Packet& p = question.packet;
                SourceSet from;
                if (const auto* config = std::get_if<ConfigIndex>(&*origin)) {
                    if (network.configurations()[*config].configuration->address != p.src ||
                        network.configurations()[*config].endpoint != nullptr) {
                        continue;  // the sets are about packets from a NIC's own addresses
                    }
                    from.configs = {*config};
                } else if (question.from.kind == oracle::Start::Kind::internet) {
                    from.internet = AddressSet::single(p.src);
                } else {
                    from.onprem = AddressSet::single(p.src);
                }
                DestinationSet to;
                to.addresses = AddressSet::single(p.dst);
                bool can_may = false;
                bool can_must = false;
                bool always_must = false;
                bool always_may = false;
                for (const Flow& flow :
                     reachability.flows(from, to, ServiceSet::single(p.service))) {
                    if (!flow.src.contains(p.src) || !flow.dst.contains(p.dst)) continue;
                    can_may = can_may || flow.packets.can_may.contains(p.service);
                    can_must = can_must || flow.packets.can_must.contains(p.service);
                    always_must = always_must || flow.packets.always_must.contains(p.service);
                    always_may = always_may || flow.packets.always_may.contains(p.service);
                }
                const oracle::Answer expected =
                    oracle::ask(imported.snapshot, assumptions, question.from, p);
                const std::string& v = expected.verdict;
                // By an unknown outbound address to a public address of the snapshot: oracle and
                // trace leave what the receiver's groups say open, the sets ask them about every
                // internet source. Both are sound; the sets say more.
                if (v == "unknown" && question.from.kind == oracle::Start::Kind::nic &&
                    network.edges().public_entry(p.dst) != nullptr) {
                    continue;
                }
                ++packets;
                // Sound: MUST within the truth, the truth within MAY.
                bool sound = true;
                if (v == "dropped") sound = !can_must && !always_must;
                if (v == "varies") sound = !always_must && can_may;
                if (v == "delivered") sound = can_may;
                if (v == "unknown") sound = !always_must && can_may;
                const std::string found = !can_may                  ? "dropped"
                                          : always_must             ? "delivered"
                                          : can_must && !always_may ? "varies"
                                                                    : "unknown";
                if (found != v) {
                    ++coarser;
                    if (!sound || found != "unknown")
                        keep(seed, generated, "sets " + name + ": " + text_of(question));
                }
                INFO("seed " << seed << " " << name << ": " << text_of(question));
                INFO("oracle " << v << ", sets " << found);
                CHECK(sound);
                CHECK((found == v || found == "unknown"));
            }
        }
    }
    std::cout << "sets: seeds " << range.first << "-" << range.last << ", " << packets
              << " packets, " << coarser << " where the sets say unknown and the worlds agree\n";
    CHECK(packets > 0);
}

}  // namespace azreach
