// The oracle, the trace and the packet sets on generated networks.
//
//   AZREACH_SEEDS=FIRST-LAST  which seeds (default 1-150); a failure prints its seed and question.
//   AZREACH_KEEP=FOLDER       writes the network and question of each failure there.
#pragma once

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>

#include "src/arm/import.hpp"
#include "src/engine/reachability.hpp"
#include "src/engine/trace.hpp"
#include "tests/oracle/captures.hpp"
#include "tests/oracle/generate.hpp"
#include "tests/oracle/oracle.hpp"
#include "tests/support/catch.hpp"

namespace azreach::differential {

using Generator = std::function<oracle::Generated(std::uint64_t seed)>;

struct Seeds {
    std::uint64_t first = 1, last = 150;
};

inline Seeds seeds() {
    Seeds result;
    if (const char* text = std::getenv("AZREACH_SEEDS")) {
        char* dash = nullptr;
        result.first = std::strtoull(text, &dash, 10);
        result.last =
            dash != nullptr && *dash == '-' ? std::strtoull(dash + 1, nullptr, 10) : result.first;
    }
    return result;
}

/// Every third network comes with captured effective rules for some NICs.                  [G5]
inline Imported import(const oracle::Generated& generated, std::uint64_t seed) {
    std::vector<std::pair<std::string, std::string>> texts{{"generated.json", generated.arm}};
    if (!generated.service_tags.empty()) {
        texts.emplace_back("tags.json", generated.service_tags);
    }
    Imported imported = import_texts(texts);
    if (seed % 3 == 0) {
        oracle::add_captures(imported.snapshot, seed);
    }
    return imported;
}

inline std::vector<std::pair<std::string, Assumptions>> worlds(const oracle::Generated& generated) {
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

inline std::optional<Origin> origin_of(const Network& network, const oracle::Question& question) {
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

inline oracle::Answer expected_of(const Snapshot& snapshot, const Assumptions& assumptions,
                                  const oracle::Question& question) {
    if (!question.service.empty()) {
        return oracle::ask_service(snapshot, assumptions, question.from, question.packet.src,
                                   question.service, question.group, question.packet.service);
    }
    return oracle::ask(snapshot, assumptions, question.from, question.packet);
}

inline TraceResult traced(const Network& network, const Origin& origin,
                          const oracle::Question& question) {
    if (!question.service.empty()) {
        const auto endpoint = network.paas().find(question.service, question.group);
        REQUIRE(endpoint);
        return trace_to_service(network, origin, question.packet.src, *endpoint,
                                question.packet.service);
    }
    return trace(network, origin, question.packet);
}

inline std::string text_of(const oracle::Question& question) {
    const Packet& p = question.packet;
    const char* from = question.from.kind == oracle::Start::Kind::nic        ? "nic"
                       : question.from.kind == oracle::Start::Kind::internet ? "internet"
                                                                             : "onprem";
    return std::string(from) + " " + std::string(question.from.nic.name()) + " " +
           to_string(p.src) + ":" + std::to_string(p.service.a) + " -> " +
           (question.service.empty()
                ? to_string(p.dst)
                : std::string(question.service.name()) + "/" + question.group) +
           ":" + std::to_string(p.service.b) + " protocol " + std::to_string(p.service.protocol);
}

inline void keep(std::uint64_t seed, const oracle::Generated& generated,
                 const std::string& question) {
    if (const char* folder = std::getenv("AZREACH_KEEP")) {
        const std::string base = std::string(folder) + "/" + std::to_string(seed);
        std::ofstream(base + ".json") << generated.arm;
        if (!generated.service_tags.empty())
            std::ofstream(base + ".tags.json") << generated.service_tags;
        std::ofstream(base + ".txt", std::ios::app) << question << "\n";
    }
}

/// Oracle and trace agree on every packet.
inline void compare_trace(const Generator& generate) {
    const Seeds range = seeds();
    std::size_t packets = 0;
    std::map<std::string, std::size_t> verdicts, hops;
    for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
        const oracle::Generated generated = generate(seed);
        const Imported imported = import(generated, seed);
        for (const auto& [name, assumptions] : worlds(generated)) {
            const Network network(imported.snapshot, assumptions);
            for (const oracle::Question& question : generated.questions) {
                const auto origin = origin_of(network, question);
                if (!origin) continue;
                const oracle::Answer expected =
                    expected_of(imported.snapshot, assumptions, question);
                const TraceResult found = traced(network, *origin, question);
                const std::string reply = found.reply ? std::string(to_string(*found.reply)) : "";
                ++packets;
                ++verdicts[expected.verdict];
                for (const Hop& hop : found.walk.path) {
                    if (hop.kind == HopKind::firewall) ++hops[std::string(to_string(hop.reason))];
                }
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
    for (const auto& [reason, count] : hops) std::cout << ", " << count << " " << reason;
    std::cout << "\n";
    CHECK(packets > 0);
}

/// The packet sets bound the oracle.
inline void compare_sets(const Generator& generate) {
    const Seeds range = seeds();
    std::size_t packets = 0;
    std::size_t coarser = 0;
    for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
        const oracle::Generated generated = generate(seed);
        const Imported imported = import(generated, seed);
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
                bool session_may = false;
                bool session_must = false;
                const ServiceSet service = ServiceSet::single(p.service);
                const bool to_service = !question.service.empty();
                const std::vector<Flow> flows =
                    to_service
                        ? reachability.flows_to_service(
                              from, *network.paas().find(question.service, question.group), service)
                        : reachability.flows(from, to, service);
                for (const Flow& flow : flows) {
                    if (!flow.src.contains(p.src)) continue;
                    if (!to_service && !flow.dst.contains(p.dst)) continue;
                    can_may = can_may || flow.packets.can_may.contains(p.service);
                    can_must = can_must || flow.packets.can_must.contains(p.service);
                    always_must = always_must || flow.packets.always_must.contains(p.service);
                    always_may = always_may || flow.packets.always_may.contains(p.service);
                    session_may = session_may || flow.sessions.can_may.contains(p.service);
                    session_must = session_must || flow.sessions.can_must.contains(p.service);
                }
                const oracle::Answer expected =
                    expected_of(imported.snapshot, assumptions, question);
                const std::string& v = expected.verdict;
                // By an unknown outbound address to a public address of the snapshot: oracle and
                // trace leave what the receiver's groups say open, the sets ask them about every
                // internet source. Both are sound; the sets say more.
                if (v == "unknown" && !to_service &&
                    question.from.kind == oracle::Start::Kind::nic &&
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
                if (v == "delivered" && expected.reply == "delivered") sound = sound && session_may;
                if (v == "dropped" || expected.reply == "dropped") sound = sound && !session_must;
                const std::string found = !can_may                  ? "dropped"
                                          : always_must             ? "delivered"
                                          : can_must && !always_may ? "varies"
                                                                    : "unknown";
                if (found != v) ++coarser;
                if (!sound || (found != v && found != "unknown")) {
                    keep(seed, generated, "sets " + name + ": " + text_of(question));
                }
                INFO("seed " << seed << " " << name << ": " << text_of(question));
                INFO("oracle " << v << ", sets " << found << "; reply " << expected.reply
                               << ", sessions "
                               << (session_must  ? "must"
                                   : session_may ? "may"
                                                 : "never"));
                CHECK(sound);
                CHECK((found == v || found == "unknown"));
            }
        }
    }
    std::cout << "sets: seeds " << range.first << "-" << range.last << ", " << packets
              << " packets, " << coarser << " where the sets say unknown and the worlds agree\n";
    CHECK(packets > 0);
}

}  // namespace azreach::differential
