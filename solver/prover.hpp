// The prover: questions about all packets of a network at once, answered by Z3.
//
// It is a third derivation, beside the packet sets and the trace: it encodes the rules (groups,
// admin rules, routes, translations, gateways, appliances) along the walk of docs/walk.md as
// formulas over the bits of one packet, with one Boolean for every open fact, and asks Z3 for a
// packet that breaks a claim. It never sees the packet sets. This header shows nothing of Z3: the
// prover is a module that load_prover() opens when it is first needed, so that programs which prove
// nothing do not load Z3 (docs/decisions/0006-prover-module.md).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "models/net/packet.hpp"
#include "models/network/network.hpp"

namespace azreach::solver {

/// Where the packets of a question start.
struct Sources {
    std::vector<ConfigIndex> configs;  // NICs that emit from their own addresses
    AddressSet internet;               // internet sources
    AddressSet onprem;                 // on-premises sources
};

/// An endpoint of a PaaS resource: by its public address, service endpoints, its private endpoints
/// and those of strangers. It is reached where one of them admits.
struct PaasDestination {
    PaasIndex endpoint = 0;
    bool public_only = false;  // not by private endpoints
};

/// Where they are asked for. Asked as a NIC, only arrival at that NIC counts, from the internet by
/// its public entries, and services compare as delivered (contract 8). Asked as an address, as
/// sent.
struct Destinations {
    std::vector<ConfigIndex> configs;
    AddressSet addresses;
    /// In packets the address i + 1 of either family stands for services[i].
    std::vector<PaasDestination> services;
};

enum class Reach : std::uint8_t {
    packets,   // they arrive
    sessions,  // they arrive and their replies return                                        [Z4]
};

struct Question {
    Sources from;
    Destinations to;
    ServiceSet services = ServiceSet::every();
    Reach reach = Reach::packets;
    /// Claims about every packet leave public addresses of the snapshot out of `to.addresses`:
    /// nobody who asks for the internet expects to reach them all.
    bool own_public_is_optional = false;
    /// Only ways that pass none of these count: ids of NICs.
    std::vector<ResourceId> avoiding;
    /// Only this packet, from this configuration if it is not from outside; for tests. The formula
    /// stays that of the whole question.
    std::optional<Packet> only;
};

/// What one packet does, over the worlds that the facts leave open and the choices of the platform.
enum class Worlds : std::uint8_t { some, every };
enum class Choices : std::uint8_t {
    some,       // it can arrive
    every,      // it always arrives
    some_only,  // it can arrive and does not always
};
enum class Extent : std::uint8_t { no_packet, every_packet };

/// "No packet of the question arrives in some world by some choice", and the like.
struct Claim {
    Extent extent = Extent::no_packet;
    Worlds worlds = Worlds::some;
    Choices choices = Choices::some;
};
/// MAY is empty: `deny` is held. Refuted by a packet of MAY.
inline constexpr Claim kNothingMayArrive{Extent::no_packet, Worlds::some, Choices::some};
/// Refuted by a packet that can arrive in every world: `deny` is violated.
inline constexpr Claim kNothingSurelyArrives{Extent::no_packet, Worlds::every, Choices::some};
/// MUST is everything asked: `require` is held. Refuted by a packet that may be lost.
inline constexpr Claim kEverythingArrives{Extent::every_packet, Worlds::every, Choices::every};
/// Refuted by a packet that in no world always arrives: `require` is violated.
inline constexpr Claim kEverythingMayArrive{Extent::every_packet, Worlds::some, Choices::every};

/// A fact, its value, and what it is asked about ("source", "destination", "10.0.2.4", "").
struct FactValue {
    Fact fact{};
    bool value = true;
    std::string about;
};

enum class Start : std::uint8_t { nic, internet, onprem };

struct Proved {
    bool vacuous = false;  // the question names no packet
};
/// The claim does not hold for this packet. With Worlds::some in a claim about no packet, or
/// Worlds::every in one about every packet, `facts` is one world in which it fails; otherwise it
/// fails in every world and `facts` is empty.
struct Refuted {
    Start start = Start::nic;
    ConfigIndex from = kNoIndex;  // Start::nic
    Packet packet;                // as sent
    std::vector<FactValue> facts;
};
struct GaveUp {
    std::string reason;  // "TIMEOUT", or what the question needs that is not known
};
using Proof = std::variant<Proved, Refuted, GaveUp>;

/// On what a claim hangs that some worlds grant and others break.
struct Hinge {
    /// A smallest set of facts under which the claim holds for every packet of the question.
    std::optional<std::vector<FactValue>> holds_when;
    /// A smallest set of facts under which it fails for `packet` in every world.
    std::optional<std::vector<FactValue>> fails_when;
    Start start = Start::nic;
    ConfigIndex from = kNoIndex;
    Packet packet;
};

struct Limits {
    /// For one call; the clock runs while formulas are built, too.
    std::optional<std::chrono::milliseconds> timeout;
};

/// One network, ready to be asked. Not thread-safe; one Prover a thread. Encodings are kept between
/// questions. Deterministic: the same questions in the same order give the same answers.
class Prover {
public:
    virtual ~Prover() = default;
    /// Proved means that no world, choice or packet contradicts the claim. Throws InternalError
    /// only for our own mistakes.
    virtual Proof prove(const Question& question, const Claim& claim, const Limits& limits) = 0;
    virtual Hinge hinge(const Question& question, const Claim& claim, const Limits& limits) = 0;
    /// SMT-LIB 2: satisfiable iff the claim is refuted. For claims that one query decides: about no
    /// packet in some world, or about every packet in every world.
    virtual std::string smt2(const Question& question, const Claim& claim,
                             const Limits& limits) = 0;
};

/// The module cannot be opened: what was tried, and what to do.
class ProverMissing : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Opens the module (once a process) and makes a prover. `network` must outlive it. `module`: the
/// file; empty: $AZREACH_PROVER, then beside the program and where it was installed. Throws
/// ProverMissing.
std::unique_ptr<Prover> load_prover(const Network& network, const std::string& module = {});

}  // namespace azreach::solver
