// The concrete trace: one packet through the snapshot, in every world that the open facts leave.
//
// Order and meaning: docs/walk.md. Independent of the packet sets: it asks the same models
// (filters, routes, edges) about one packet in one world at a time, and enumerates worlds by
// replaying the walk. Exact in worlds up to kMaxOpenFacts facts per packet; beyond, `unknown`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/net/packet.hpp"
#include "models/network/network.hpp"

namespace azreach {

/// The closed list of reason codes (contract section 4).
enum class Reason : std::uint8_t {
    nsg_allow,
    nsg_deny,
    nsg_default_deny,
    admin_allow,
    admin_always_allow,
    admin_deny,
    platform_exempt,
    route_system,
    route_udr,
    route_bgp_assumed,
    route_none,
    route_loop,
    fw_dnat,
    fw_net_allow,
    fw_net_deny,
    fw_app_allow,
    fw_app_deny,
    fw_default_deny,
    fw_no_policy,
    peering_missing,
    peering_not_connected,
    nva_assumed,
    nva_no_forwarding,
    dnat,
    snat,
    no_public_ip,
    standard_sku_closed,
    lb_no_rule,
    lb_no_backend,
    lb_choice,
    pe_not_approved,
    pe_group_port,
    paas_allow,
    paas_deny,
    paas_public_disabled,
    paas_trusted,
    paas_port,
    service_endpoint,
    asymmetric,
    return_blocked,
    no_such_address,
    spoofed_source,
    delivered,
    gap,
    timeout,
};
std::string_view to_string(Reason reason);  // "NSG_ALLOW"

enum class HopKind : std::uint8_t {
    admin_rule,
    nsg,
    route,
    peering,
    firewall,
    nat,
    load_balancer,
    gateway,
    private_endpoint,
    service_endpoint,
    paas_firewall,
    deliver,
};
std::string_view to_string(HopKind kind);  // "admin-rule"

enum class HopDecision : std::uint8_t { allow, deny, forward, drop, translate, deliver, unknown };
std::string_view to_string(HopDecision decision);

/// Who decided: the rule, route or other object. Empty id: nobody (null in JSON).
struct By {
    ResourceId id;
    std::string name;
    std::optional<int> priority;
    bool is_default = false;
    Provenance where;
};

/// A rule that was looked at and did not decide, for `explain`.
struct Considered {
    std::string name;
    int priority = 0;
    std::string outcome;  // "match", "no-match", "shadowed"
    std::string why;
};

struct Hop {
    HopKind kind{};
    ResourceId at;  // id of the NIC, subnet, VNet, LB, gateway ...; empty for internet, onprem
    std::string at_name;  // short name, "internet", "onprem"
    std::optional<Direction> direction;
    HopDecision decision{};
    By by;
    Reason reason{};
    std::string note;  // for people: "source VirtualNetwork includes 10.30.0.0/16"
    std::vector<Considered> considered;  // only with TraceOptions::considered
};

/// Where a packet starts.
struct Internet {
    friend bool operator==(const Internet&, const Internet&) = default;
};
struct OnPremises {
    friend bool operator==(const OnPremises&, const OnPremises&) = default;
};
using Origin = std::variant<ConfigIndex, Internet, OnPremises>;

enum class PacketVerdict : std::uint8_t { delivered, dropped, varies, unknown };
std::string_view to_string(PacketVerdict verdict);

/// One run of the walk, in one world and one series of choices.
struct Walk {
    bool delivered = false;
    std::string at;  // ARM id, "internet" or "onprem"
    Reason reason{};
    By by;
    std::vector<Hop> path;
    std::vector<Literal> facts;  // what it asked, and the values of this world
    std::vector<Hop> return_path;
    std::optional<bool> reply_delivered;  // nullopt: nothing was delivered
    bool symmetric = true;
    Packet final_packet;  // as delivered
};

struct TraceResult {
    PacketVerdict verdict{};
    /// A representative walk: the delivered one for delivered, a dropped one for dropped; for
    /// varies and unknown the one that delivers if there is one (its hops name the open facts).
    Walk walk;
    /// For dropped: every filter that would have to change (walks on past denying filters).
    std::vector<Hop> blockers;
    std::optional<PacketVerdict> reply;  // null when nothing was delivered
    std::vector<Fact> depends_on;        // facts on which the verdict (or the reply) hangs
    bool can_in_every_world = false;     // in every world some choice delivers
    bool always_in_some_world = true;    // in some world every choice delivers
};

struct TraceOptions {
    bool considered = false;  // fill Hop::considered
    bool reply = true;
    bool blockers = false;
    /// Not empty: a walk that delivers counts as delivered only where this holds.
    std::function<bool(const Walk&)> counts;
};

/// Facts per packet that are enumerated exactly (2^n worlds).
inline constexpr int kMaxOpenFacts = 12;

TraceResult trace(const Network& network, const Origin& from, const Packet& packet,
                  const TraceOptions& options = {});

/// A packet to the public endpoint of a PaaS resource, whose address is one unknown address among
/// its candidates. It is walked once for each group of candidates that fare alike; when groups
/// disagree the answer is unknown, and hangs on which address it is.
TraceResult trace_to_service(const Network& network, const Origin& from, const Address& source,
                             PaasIndex endpoint, const Service& service,
                             const TraceOptions& options = {});

}  // namespace azreach
