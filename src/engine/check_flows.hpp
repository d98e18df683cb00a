// What of a flow is delivered: the packet sets between two sets of endpoints, told apart by who
// sends and where it arrives. Shared by all verbs of `check`.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "src/engine/reachability_state.hpp"
#include "src/engine/selector.hpp"
#include "src/engine/waypoints.hpp"

namespace azreach {

struct FlowQuery {
    const EndpointSet* from = nullptr;
    const EndpointSet* to = nullptr;
    ServiceId services = kEveryService;  // as sent or as delivered
    std::vector<Waypoints> pass;         // only what passes each
    Waypoints avoid;                     // only what passes none
    bool sessions = false;
    /// Configurations that are reached by translation are told apart.
    bool per_target = false;
};

/// A rectangle of packets that arrive, or may. Rectangles of one answer may overlap.
struct FlowPiece {
    enum class Start : std::uint8_t {
        nics,
        internet,
        onprem,
        neighbour,   // networks that were not read
        lodger,      // something unread or unmodelled in a subnet
        unmodelled,  // a resource whose meaning is not modelled, on either side
    } start = Start::nics;
    const SourceGroup* group = nullptr;  // Start::nics
    AddressSet src, dst;                 // as sent
    /// dst are the own addresses of these; otherwise null.
    const std::map<Address, ConfigIndex>* own = nullptr;
    /// Reached by translation: all of these count as arrival; empty: arrival anywhere counts.
    const std::vector<ConfigIndex>* targets = nullptr;
    Fate packets, sessions;   // of the asked services, as sent
    PortMap ports;            // what became of destination ports
    std::vector<Fact> facts;  // what it hangs on, where no trace can tell
};

/// Thread-safe after construction: one walk a thread.
class FlowFinder {
public:
    FlowFinder(const Network& network, const SetEvaluator& sets);

    /// Hands out every piece; stops early when `sink` returns false.
    void find(const FlowQuery& query, SetWalk& walk,
              const std::function<bool(FlowPiece)>& sink) const;

    std::unique_ptr<SetWalk> make_walk() const;
    ServicePool& pool() const { return state_.pool; }
    const Network& network() const { return state_.network; }
    const ReachabilityState& state() const { return state_; }
    Waypoints waypoints(const EndpointSet& set) const;
    /// `own` and `targets` of the pieces that go straight to these configurations.
    std::vector<std::pair<const std::map<Address, ConfigIndex>*, const std::vector<ConfigIndex>*>>
    straight_to(const std::vector<ConfigIndex>& configs) const;
    /// `targets` of pieces to one configuration, with FlowQuery::per_target.
    const std::vector<ConfigIndex>* alone(ConfigIndex config) const;
    /// Free addresses of a subnet from which somebody unread may send, with the facts.
    std::vector<std::pair<AddressSet, std::vector<Fact>>> lodgers_in(SubnetIndex subnet) const;
    bool has_neighbours() const { return !neighbours_.empty(); }
    /// NICs of `configs` as they send; kept.
    const std::deque<SourceGroup>& groups(const std::vector<ConfigIndex>& configs) const;

private:
    /// Configurations with different addresses.
    struct Round {
        std::vector<ConfigIndex> configs;  // ascending
        std::map<Address, ConfigIndex> by_address;
        AddressSet addresses;
    };
    struct Targets {
        std::vector<Round> rounds;
        std::vector<ConfigIndex> all;  // ascending
        std::vector<ConfigIndex> addressless;
        AddressSet frontends;       // private addresses that lead to some of them
        AddressSet public_entries;  // and public ones
        std::vector<const Edges::PublicEntry*> unknown_entries;
        std::vector<ConfigIndex> translated;  // who is reached so
    };
    const Targets& targets(const std::vector<ConfigIndex>& configs) const;
    void make_translations();

    const SetEvaluator& sets_;
    mutable ReachabilityState state_;
    std::vector<ConfigIndex> nobody_;
    std::vector<AddressSet> frontends_of_;  // by configuration; empty when nobody is balanced
    AddressSet firewall_addresses_, firewall_entries_;
    struct Neighbour {
        VnetIndex vnet = kNoIndex;
        std::vector<Fact> facts;
    };
    std::vector<Neighbour> neighbours_;
    mutable std::mutex mutex_;
    mutable std::map<std::vector<ConfigIndex>, std::unique_ptr<std::deque<SourceGroup>>> groups_;
    mutable std::map<std::vector<ConfigIndex>, std::unique_ptr<Targets>> targets_;
};

}  // namespace azreach
