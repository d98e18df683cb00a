// The parts of check: an invariant as questions about flows, and what the answers mean.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/engine/check.hpp"
#include "src/engine/check_flows.hpp"

namespace azreach {

/// Flows of which nothing may arrive.
struct ForbiddenFlow {
    EndpointSet from, to;
    ServiceSet services;
    std::vector<Waypoints> pass;
    Waypoints avoid;
    std::string text;  // as a person would say it
};

/// Splits `from` x `to` where one of `permitted` differs, and takes the permitted services away.
/// `permitted` flows count with their waypoints.
class FlowParts {
public:
    FlowParts(const FlowFinder& finder, const SetEvaluator& sets) : finder_(finder), sets_(sets) {}
    std::vector<ForbiddenFlow> without(ForbiddenFlow whole,
                                       const std::vector<const FlowExpression*>& permitted,
                                       const ServiceSet& default_services) const;

private:
    const FlowFinder& finder_;
    const SetEvaluator& sets_;
};

/// What breaks an invariant.
struct FoundPiece {
    FlowPiece piece;
    const ForbiddenFlow* flow = nullptr;
};

/// Names for people, and ids for findings.
class CheckNames {
public:
    CheckNames(const Network& network, const Endpoints& endpoints);
    /// The machine, private endpoint or NIC that a configuration belongs to.
    std::string name(ConfigIndex config) const;
    const ResourceId& id(ConfigIndex config) const;

private:
    const Network& network_;
    std::map<ResourceId, std::string> uses_;
};

/// Who sends and receives in pieces, counted exactly: NICs once, elsewhere addresses.
class PieceCount {
public:
    explicit PieceCount(const Network& network, bool pairs = false)
        : network_(network), count_pairs_(pairs) {}
    /// Adds the part of the piece whose services are not empty.
    void add(const FlowPiece& piece, const ServiceSet& services);

    Uint128 sources() const;
    Uint128 destinations() const;
    Uint128 pairs() const;
    /// TCP and UDP by destination port; every other protocol counts once.
    Uint128 ports() const;
    const ServiceSet& services() const { return services_; }
    /// One configuration of every NIC; addresses beside them.
    std::vector<ConfigIndex> source_nics() const;
    std::vector<ConfigIndex> destination_nics() const;
    const AddressSet& source_addresses() const { return src_.addresses; }
    const AddressSet& destination_addresses() const { return dst_.addresses; }
    bool from_internet() const { return from_internet_; }
    bool unbounded() const { return unbounded_; }  // something that nobody can count

private:
    const Network& network_;
    struct Side {
        std::map<const NetworkInterface*, ConfigIndex> nics;
        AddressSet addresses;
    };
    std::vector<ConfigIndex> receivers(const FlowPiece& piece, AddressSet& addresses) const;
    std::uint32_t number(ConfigIndex config);

    Side src_, dst_;
    // Pairs, where they are asked for.
    bool count_pairs_ = false;
    std::map<const NetworkInterface*, std::uint32_t> numbers_;
    std::map<std::uint32_t, std::vector<bool>> nic_to_nic_;
    std::map<std::uint32_t, AddressSet> nic_to_addresses_, addresses_to_nic_;
    std::vector<std::pair<AddressSet, AddressSet>> address_pairs_;  // disjoint
    ServiceSet services_;
    bool from_internet_ = false, unbounded_ = false;
};

/// A packet of the piece that an engineer would pick, among `services`.
struct PickedPacket {
    Packet packet;
    Origin from;
    ConfigIndex sender = kNoIndex;  // NICs
    int rank = 0;                   // lower is simpler
};
std::optional<PickedPacket> pick_packet(const Network& network, const FlowPiece& piece,
                                        const ServiceSet& services);

/// Writes the packet and its traced way into the result.
void show_witness(const Network& network, const CheckNames& names, const PickedPacket& picked,
                  TraceResult traced, InvariantResult& result);
/// Writes how much is affected, and the names of the findings.
void describe_affected(const CheckNames& names, const PieceCount& count, InvariantResult& result);

/// Whether a delivered walk arrives where the piece says, past the waypoints.
bool arrives_as_asked(const Network& network, const FlowPiece& piece, const ForbiddenFlow& flow,
                      const Walk& walk);

/// Whether everything asked for arrives and is answered.
struct Coverage {
    bool held = false;      // MUST is everything asked
    bool violated = false;  // some packet in no world always arrives and is answered
    bool asked_nothing = true;
    std::string note;
    std::optional<PickedPacket> lost;  // a packet that breaks it, or may
    FlowPiece lost_piece;
    PieceCount affected;
    std::vector<std::pair<FlowPiece, ServiceSet>> gaps;  // where bounds differ
};
Coverage covered(const FlowFinder& finder, const SetEvaluator& sets, SetWalk& walk,
                 const ForbiddenFlow& flow, bool match_some);

}  // namespace azreach
