// What the prover says of one packet, in the words of the trace, and the two compared.
#pragma once

#include <string>
#include <variant>

#include "solver/prover.hpp"
#include "src/engine/trace.hpp"
#include "tests/support/catch.hpp"

namespace azreach::testing {

/// The question about one packet. The formula is that of a question about this packet alone, so
/// most of it folds; tests about many packets ask wider ones.
inline solver::Question question_about(const Origin& origin, const Packet& packet) {
    solver::Question question;
    if (const auto* config = std::get_if<ConfigIndex>(&origin)) {
        question.from.configs = {*config};
    } else if (std::holds_alternative<Internet>(origin)) {
        question.from.internet = AddressSet::single(packet.src);
    } else {
        question.from.onprem = AddressSet::single(packet.src);
    }
    question.to.addresses = AddressSet::single(packet.dst);
    question.services = ServiceSet::single(packet.service);
    question.only = packet;
    return question;
}

/// One packet to the public endpoint of a PaaS resource.
inline solver::Question question_about(const Origin& origin, Packet packet, PaasIndex endpoint) {
    packet.dst = {packet.src.family, 1};
    solver::Question question = question_about(origin, packet);
    question.to = {};
    question.to.services = {{endpoint, true}};
    return question;
}

inline bool proved(solver::Prover& prover, const solver::Question& question,
                   const solver::Claim& claim) {
    const solver::Proof proof = prover.prove(question, claim, {});
    if (const auto* gave_up = std::get_if<solver::GaveUp>(&proof)) {
        FAIL("the prover gave up: " << gave_up->reason);
    }
    return std::holds_alternative<solver::Proved>(proof);
}

/// delivered, dropped, varies or unknown.
inline std::string by_prover(solver::Prover& prover, solver::Question question,
                             solver::Reach reach) {
    question.reach = reach;
    if (proved(prover, question, solver::kNothingMayArrive)) {
        return "dropped";
    }
    if (proved(prover, question, solver::kEverythingArrives)) {
        return "delivered";
    }
    const bool can_must = !proved(prover, question, solver::kNothingSurelyArrives);
    const bool always_may = proved(prover, question, solver::kEverythingMayArrive);
    return can_must && !always_may ? "varies" : "unknown";
}

/// Packets that arrive and whose reply returns, from what a walk says of the packet and of replies.
inline std::string session_of(const std::string& packet, const std::string& reply) {
    if (packet == "dropped" || reply == "dropped" || packet == "unknown") {
        return packet == "unknown" && reply != "dropped" ? "unknown" : "dropped";
    }
    return packet == "delivered" ? reply : reply == "unknown" ? "unknown" : "varies";
}

/// Checks that the prover says the same as the trace. Left out: sources that are not the sender's
/// own (the prover is about own addresses), and packets by an unknown outbound address to a public
/// address of the snapshot (the trace leaves open what the receiver's groups say, the prover asks
/// them about every address).
inline void check_prover(const Network& network, const Origin& origin, const Packet& packet,
                         const TraceResult& traced) {
#ifdef AZREACH_PROVER_MODULE
    if (const auto* config = std::get_if<ConfigIndex>(&origin)) {
        const auto& address = network.configurations()[*config].configuration->address;
        if (address != packet.src) {
            return;
        }
    }
    const auto prover = solver::load_prover(network, AZREACH_PROVER_MODULE);
    const solver::Question question = question_about(origin, packet);
    const std::string found = by_prover(*prover, question, solver::Reach::packets);
    const std::string expected(to_string(traced.verdict));
    const bool open = expected == "unknown" && network.edges().public_entry(packet.dst) != nullptr;
    INFO("prover and trace: " << to_string(packet.src) << " -> " << to_string(packet.dst) << ":"
                              << packet.service.b);
    CHECK((open || found == expected));
    const std::string session = by_prover(*prover, question, solver::Reach::sessions);
    const std::string reply = traced.reply ? std::string(to_string(*traced.reply)) : "";
    INFO("sessions: prover " << session << ", trace " << expected << ", reply " << reply);
    CHECK((open || session == session_of(expected, reply)));
#else
    (void)network, (void)origin, (void)packet, (void)traced;
#endif
}

}  // namespace azreach::testing
