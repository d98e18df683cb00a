// Facts that a snapshot may leave open, and how a reading or an assumption closes them.
//
// The keys are those of the contract (section 7), the rule ids those of the semantics references.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/azure/symbol.hpp"
#include "models/net/address_set.hpp"
#include "models/net/prefix.hpp"

namespace azreach {

enum class FactKey : std::uint8_t {
    // Contested Azure behaviour; one yes/no for the whole snapshot.
    vnet_tag_includes_udr,
    vnet_tag_includes_default_udr,
    vnet_tag_includes_onprem,
    vnet_tag_includes_bgp_default,
    internet_tag_excludes_other_tags,
    peering_no_access_blocks,
    peering_no_forwarded_blocks,
    default_udr_removes_private_none,
    hidden_none_routes,
    icmp_ignores_ports,
    icmp_matches_icmpv6,
    any_v4_matches_v6,
    internal_lb_closed_without_nsg,
    always_allow_beats_sku_closed,
    admin_rules_deployed,
    pe_vnetlocal_udr,
    service_endpoint_beats_udr,
    missing_next_hop,  // documented: dropped; "yes" = dropped
    nva_forwarded_source_snat,
    stateful_asymmetry_drops,
    onprem_reaches_advertised_only,
    ha_ports_carry_icmp,
    gateway_routes_yield_to_system,
    basic_sku_open,
    star_protocol_all,
    subnet_peering_unlisted_dropped,
    // Added by us: contested rules of the references that have no key in the contract.
    floating_ip_nsg_sees_frontend,          // N44: documented: either address matches for an Allow
    endpoint_routes_in_vnet_tag,            // T13: documented no
    forwarded_flag_narrows_tag,             // T10: open in strict; documented no
    basic_lb_global_peering_blocked,        // P13: documented yes
    connected_group_overlap_dropped,        // A22: documented yes
    hub_joins_connected_group,              // A20: documented no
    higher_scope_allow_shields,             // A17: documented no
    internet_includes_shared_space,         // T17: 100.64.0.0/10; documented no
    expressroute_vnet_to_vnet,              // E26: documented no unless both flags are true
    nat_gateway_before_instance_ip,         // R51: documented yes
    private_subnet_keeps_default_outbound,  // R54, Q26: after the flag changed; documented no
    // Azure Firewall.
    dnat_ignores_network_deny,
    dnat_transit_allow,
    app_rule_https_any_destination,
    app_rule_name_matches,
    infrastructure_names_match,
    parent_nat_inherited,
    threat_intel,                   // documented: never blocks; "yes" = blocks
    idps,                           // the same
    policy_replaces_classic_rules,  // ours, FW-1: documented yes
    child_ranges_replace_parents,   // ours, FW-37: documented yes
    // Services.
    sql_database_level_rules,                // SQ-2: documented: none exist
    cosmos_closed_by_pe,                     // CO-4: documented yes
    storage_same_region_ip_rules,            // ST-4: documented: not looked at
    sql_azure_rule_covers_endpoint_subnets,  // SQ-3: documented no
    pe_ports,                                // 2.3, ST-9, SQ-6: the documented ports are all
    unlisted_rules_none,                     // SQ-1, PG-2: rules that no file shows do not exist
    last_contested = unlisted_rules_none,

    // Facts about one thing, named by a subject; never closed by a reading (nva and bgp are).
    nva,               // subject: address. The appliance forwards unchanged ("transparent")
    bgp,               // subject: gateway id. It has learned a route for this destination
    missing_resource,  // subject: id. What the unread object would decide
    unknown_tag,       // subject: tag. The tag contains this address
    unread_neighbour,  // subject: id. What an unread peer, gateway or site holds or permits
    tie,               // subject: rule id. This rule is tried before its equals
    contested_copy,    // subject: id. Two copies of the object differ (J2)
    unknown_instance,  // subject: subnet id. Some instance holds this address (J6, delegations)
    unmodelled,        // subject: id. A resource whose meaning is not modelled yet
    intent_policy,     // subject: subnet id. Hidden rules of a network intent policy (N47)
    exempt,            // subject: subnet or VNet id. Admin rules skip it (A11, A12)
    malformed,         // subject: rule id. A side of the rule could not be read (J3)
    group_member,      // subject: "GROUP VNET". The network is a member of the network group (A2)
    group_address,     // subject: group. An address is a member's whom no list shows (A2)
    unresolved_name,   // subject: DNS name. It resolves to this address (FW-17, FW-24)
    learned_range,     // subject: firewall id. It has learned a private range with this address
                       // (FW-36)
    paas_address,      // subject: "ID/GROUP". Which of its service's addresses the endpoint has
    paas_ipv6,         // subject: "ID/GROUP". The public endpoint has an IPv6 address
    paas_setting,      // subject: "ID#POINTER". A property that is not known says so
    paas_ports,        // subject: "ID/GROUP". It listens on ports beside the sure ones
    foreign_endpoint,  // subject: id. A private endpoint outside the snapshot lets strangers in
};

/// One fact: its key and, for facts about one thing, the index of its subject in a FactNames.
struct Fact {
    FactKey key{};
    std::uint32_t subject = 0;
    friend constexpr bool operator==(const Fact&, const Fact&) = default;
    friend constexpr auto operator<=>(const Fact&, const Fact&) = default;
};

/// Interns subjects and prints facts as they stand in `dependsOn`: the contract's key for contested
/// behaviour ("vnet-tag-includes-udr"), "nva:10.0.2.4", "bgp", or a code with what is missing
/// ("AZR9001 /subscriptions/...").
class FactNames {
public:
    FactNames() : subjects_{""} {}
    Fact about(FactKey key, std::string_view subject);
    const std::string& subject(Fact fact) const { return subjects_[fact.subject]; }
    std::string name(Fact fact) const;
    /// What is open about these objects hangs on values that are not known before deployment:
    /// facts about them are printed under the names of the symbols ("AZR9020 parameter 'p' of
    /// main.json"). The map must outlive this.
    void name_by_symbols(const SymbolsById& symbols) { symbols_ = &symbols; }

private:
    std::vector<std::string> subjects_;
    std::map<std::string, std::uint32_t, std::less<>> index_;
    const SymbolsById* symbols_ = nullptr;
};

enum class Reading : std::uint8_t { strict, documented };
enum class NvaMode : std::uint8_t { transparent, snat, drop, opaque };

struct FactInfo {
    FactKey key;
    std::string_view name;   // the key of --assume
    bool documented;         // its value under the documented reading
    std::string_view rules;  // "Q1 T8"
};
/// The table of contested keys, in enum order. The one place where the documented reading stands.
const std::vector<FactInfo>& contested_facts();
std::optional<FactKey> fact_of_name(std::string_view name);

/// The reading and everything the user stated. Later statements win.
class Assumptions {
public:
    struct Stated {
        std::string key, value, origin;
    };
    explicit Assumptions(Reading reading = Reading::strict) : reading_(reading) {}

    /// Understands KEY=VALUE for every contested key (yes|no; for missing-next-hop also
    /// dropped|forwarded; hidden-none-routes none|present; pe-vnetlocal-udr direct|drop),
    /// nva:ADDRESS=MODE, nva=MODE, onprem=PREFIX,..., bgp=none|PREFIX,..., jit=open,
    /// fqdn:NAME=ADDRESS,... (what a DNS name resolves to; threat-intel and idps: never|blocks).
    /// own=SUBSCRIPTION,... (or own=none).
    /// Returns what is wrong with it, with suggestions, or nullopt when it was taken.
    std::optional<std::string> state(std::string_view key, std::string_view value,
                                     std::string_view origin);

    Reading reading() const { return reading_; }
    /// The value of a contested fact; nullopt while it is open.
    std::optional<bool> value(FactKey contested) const;
    /// How the appliance at `address` behaves; nullopt while that is open (any of the four).
    std::optional<NvaMode> nva(const Address& address) const;
    /// True if the user stated a mode for this appliance (R32: a stated mode is a MUST).
    bool nva_stated(const Address& address) const;
    /// Whether a subscription is ours, by statement; nullopt: nothing was stated.
    std::optional<bool> owns(std::string_view subscription) const;
    /// Prefixes that lie on-premises by statement, beside what gateways list.
    const AddressSet& onprem() const { return onprem_; }
    /// False: gateways have learned nothing by BGP beside what is listed. True: they may have.
    bool bgp_open() const { return bgp_open_.value_or(reading_ == Reading::strict); }
    /// Every just-in-time window counts as open [E54].
    bool jit_open() const { return jit_open_; }
    /// What stated names resolve to: of one name (null: not stated), or by name.
    const AddressSet* addresses_of_name(std::string_view name) const;
    const std::map<std::string, AddressSet, IgnoringCase>& names() const { return names_; }
    const std::vector<Stated>& stated() const { return stated_; }

private:
    Reading reading_;
    std::map<FactKey, bool> values_;
    std::map<Address, NvaMode> nva_;
    std::optional<NvaMode> every_nva_;
    AddressSet onprem_;
    std::optional<std::vector<std::string>> own_;
    std::optional<bool> bgp_open_;
    bool jit_open_ = false;
    std::map<std::string, AddressSet, IgnoringCase> names_;
    std::vector<Stated> stated_;
};

}  // namespace azreach
