// Questions about networks with firewalls, asked of the trace and of the packet sets at once.
#pragma once

#include "src/engine/reachability.hpp"
#include "tests/engine/trace_support.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/firewall_builder.hpp"

namespace azreach::testing {

/// A hub with a firewall (10.0.0.4, 20.0.0.1) and two spokes whose subnets send everything to it;
/// vm1 10.1.0.4, vm2 10.2.0.4. Groups: none, so that only the firewall decides.
inline SnapshotBuilder hub_and_spokes(const std::string& policy_name = "p") {
    SnapshotBuilder b;
    b.vnet("hub", "10.0.0.0/16").subnet("hub/AzureFirewallSubnet", "10.0.0.0/26");
    b.subnet("hub/app", "10.0.1.0/24").vm("vmh", "hub/app", "10.0.1.4");
    b.vnet("s1", "10.1.0.0/16").subnet("s1/a", "10.1.0.0/24").vm("vm1", "s1/a", "10.1.0.4");
    b.vnet("s2", "10.2.0.0/16").subnet("s2/a", "10.2.0.0/24").vm("vm2", "s2/a", "10.2.0.4");
    for (const char* spoke : {"s1", "s2"}) {
        PeeringOptions options;
        options.a_forwarded = options.b_forwarded = true;
        b.peer("hub", spoke, options);
        b.routes(std::string(spoke) + "/a",
                 {"0.0.0.0/0 appliance 10.0.0.4", "10.0.0.0/8 appliance 10.0.0.4"});
    }
    firewall(b, "fw", "hub/AzureFirewallSubnet", "10.0.0.4", "20.0.0.1", policy_name);
    return b;
}

/// What the four sets of flows say of one packet: delivered, varies, dropped, unknown.
inline std::string by_flows(const std::vector<Flow>& flows, const Packet& p,
                            bool sessions = false) {
    bool can_may = false;
    bool can_must = false;
    bool always_must = false;
    bool always_may = false;
    for (const Flow& flow : flows) {
        if (!flow.src.contains(p.src) || !flow.dst.contains(p.dst)) continue;
        const Outcome& o = sessions ? flow.sessions : flow.packets;
        can_may = can_may || o.can_may.contains(p.service);
        can_must = can_must || o.can_must.contains(p.service);
        always_must = always_must || o.always_must.contains(p.service);
        always_may = always_may || o.always_may.contains(p.service);
    }
    return !can_may                  ? "dropped"
           : always_must             ? "delivered"
           : can_must && !always_may ? "varies"
                                     : "unknown";
}

inline std::string by_sets(const Network& network, const SourceSet& from, const Packet& p,
                           bool sessions = false) {
    DestinationSet to;
    to.addresses = AddressSet::single(p.dst);
    return by_flows(Reachability(network).flows(from, to, ServiceSet::single(p.service)), p,
                    sessions);
}

/// Both derivations asked; a failure says which differs.
struct FirewallAsked : Asked {
    using Asked::Asked;

    TraceResult vm(const std::string& from, const std::string& to, Service service) const {
        const ConfigIndex config = config_of(network, from);
        const Address src =
            network.configurations()[config].configuration->address.value_or(Address{});
        SourceSet source;
        source.configs = {config};
        return both(Origin(config), source, {src, address(to), service});
    }
    TraceResult internet(const std::string& src, const std::string& to, Service service) const {
        SourceSet source;
        source.internet = AddressSet::single(address(src));
        return both(Origin(Internet{}), source, {address(src), address(to), service});
    }
    TraceResult onprem(const std::string& src, const std::string& to, Service service) const {
        SourceSet source;
        source.onprem = AddressSet::single(address(src));
        return both(Origin(OnPremises{}), source, {address(src), address(to), service});
    }

private:
    TraceResult both(const Origin& origin, const SourceSet& source, const Packet& packet) const {
        const TraceResult result = trace(network, origin, packet);
        INFO(to_string(packet.src) << " -> " << to_string(packet.dst) << ":" << packet.service.b);
        CHECK(by_sets(network, source, packet) == verdict(result));
        check_prover(network, origin, packet, result);
        if (result.verdict == PacketVerdict::delivered && result.reply) {
            CHECK(by_sets(network, source, packet, true) == reply(result));
        }
        return result;
    }
};

}  // namespace azreach::testing
