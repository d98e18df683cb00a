#include "models/azure/facts.hpp"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

namespace azreach {

const std::vector<FactInfo>& contested_facts() {
    using K = FactKey;
    static const std::vector<FactInfo> kFacts = {
        {K::vnet_tag_includes_udr, "vnet-tag-includes-udr", true, "Q1 T8"},
        {K::vnet_tag_includes_default_udr, "vnet-tag-includes-default-udr", false, "Q1 T8"},
        {K::vnet_tag_includes_onprem, "vnet-tag-includes-onprem", true, "T11"},
        {K::vnet_tag_includes_bgp_default, "vnet-tag-includes-bgp-default", false, "Q2"},
        {K::internet_tag_excludes_other_tags, "internet-tag-excludes-other-tags", false, "Q3 T18"},
        {K::peering_no_access_blocks, "peering-no-access-blocks", false, "Q4 P7"},
        {K::peering_no_forwarded_blocks, "peering-no-forwarded-blocks", false, "Q5 P8"},
        {K::default_udr_removes_private_none, "default-udr-removes-private-none", true, "Q6 R6"},
        {K::hidden_none_routes, "hidden-none-routes", false, "Q7 R4"},
        {K::icmp_ignores_ports, "icmp-ignores-ports", true, "Q8 N23"},
        {K::icmp_matches_icmpv6, "icmp-matches-icmpv6", false, "Q9 N24"},
        {K::any_v4_matches_v6, "any-v4-matches-v6", false, "Q9 N18"},
        {K::internal_lb_closed_without_nsg, "internal-lb-closed-without-nsg", false, "Q11 N14"},
        {K::always_allow_beats_sku_closed, "always-allow-beats-sku-closed", true, "Q12 A9"},
        {K::admin_rules_deployed, "admin-rules-deployed", true, "Q14 A1"},
        {K::pe_vnetlocal_udr, "pe-vnetlocal-udr", true, "Q16 R43"},
        {K::service_endpoint_beats_udr, "service-endpoint-beats-udr", true, "Q17 R16"},
        {K::missing_next_hop, "missing-next-hop", true, "Q19 R33"},
        {K::nva_forwarded_source_snat, "nva-forwarded-source-snat", true, "R51"},
        {K::stateful_asymmetry_drops, "stateful-asymmetry-drops", true, "R62"},
        {K::onprem_reaches_advertised_only, "onprem-reaches-advertised-only", true, "E17 E23"},
        {K::ha_ports_carry_icmp, "ha-ports-carry-icmp", false, "R34"},
        {K::gateway_routes_yield_to_system, "gateway-routes-yield-to-system", true, "R15"},
        {K::basic_sku_open, "basic-sku-open", true, "N13 Q32"},
        {K::star_protocol_all, "star-protocol-all", true, "N22"},
        {K::subnet_peering_unlisted_dropped, "subnet-peering-unlisted-dropped", true, "P16"},
        {K::floating_ip_nsg_sees_frontend, "floating-ip-nsg-sees-frontend", true, "N44"},
        {K::endpoint_routes_in_vnet_tag, "endpoint-routes-in-vnet-tag", false, "T13"},
        {K::forwarded_flag_narrows_tag, "forwarded-flag-narrows-tag", false, "T10"},
        {K::basic_lb_global_peering_blocked, "basic-lb-global-peering-blocked", true, "P13"},
        {K::connected_group_overlap_dropped, "connected-group-overlap-dropped", true, "A22"},
        {K::hub_joins_connected_group, "hub-joins-connected-group", false, "A20"},
        {K::higher_scope_allow_shields, "higher-scope-allow-shields", false, "A17"},
        {K::internet_includes_shared_space, "internet-includes-shared-space", false, "T17"},
        {K::expressroute_vnet_to_vnet, "expressroute-vnet-to-vnet", false, "E26"},
        {K::nat_gateway_before_instance_ip, "nat-gateway-before-instance-ip", true, "R51"},
        {K::private_subnet_keeps_default_outbound, "private-subnet-keeps-default-outbound", false,
         "Q26 R54"},
        {K::dnat_ignores_network_deny, "dnat-ignores-network-deny", true, "FW-8"},
        {K::dnat_transit_allow, "dnat-transit-allow", false, "FW-9"},
        {K::app_rule_https_any_destination, "app-rule-https-any-destination", false, "FW-27"},
        {K::app_rule_name_matches, "app-rule-name-matches", true, "FW-26 FW-27 FW-28 FW-29"},
        {K::infrastructure_names_match, "infrastructure-names-match", false, "FW-11"},
        {K::parent_nat_inherited, "parent-nat-inherited", true, "FW-2a"},
        {K::threat_intel, "threat-intel", false, "FW-19"},
        {K::idps, "idps", false, "FW-19"},
        {K::policy_replaces_classic_rules, "policy-replaces-classic-rules", true, "FW-1"},
        {K::child_ranges_replace_parents, "child-ranges-replace-parents", true, "FW-37"},
        {K::sql_database_level_rules, "sql-database-level-rules", false, "SQ-2"},
        {K::cosmos_closed_by_pe, "cosmos-closed-by-pe", true, "CO-4"},
        {K::storage_same_region_ip_rules, "storage-same-region-ip-rules", false, "ST-4"},
        {K::sql_azure_rule_covers_endpoint_subnets, "sql-azure-rule-covers-endpoint-subnets", false,
         "SQ-3"},
        {K::pe_ports, "pe-ports", true, "ST-9 SQ-6"},
        {K::unlisted_rules_none, "unlisted-rules-none", true, "SQ-1 PG-2"},
    };
    return kFacts;
}

std::optional<FactKey> fact_of_name(std::string_view name) {
    for (const FactInfo& fact : contested_facts()) {
        if (fact.name == name) {
            return fact.key;
        }
    }
    return std::nullopt;
}

namespace {

/// Walks on several threads meet things for the first time. One lock for all networks: names are
/// looked up far more often than added.
std::shared_mutex& names_mutex() {
    static std::shared_mutex mutex;
    return mutex;
}

}  // namespace

Fact FactNames::about(FactKey key, std::string_view subject) {
    {
        const std::shared_lock lock(names_mutex());
        const auto found = index_.find(subject);
        if (found != index_.end()) {
            return {key, found->second};
        }
    }
    const std::unique_lock lock(names_mutex());
    const auto found = index_.find(subject);
    if (found != index_.end()) {
        return {key, found->second};
    }
    const auto next = static_cast<std::uint32_t>(subjects_.size());
    subjects_.emplace_back(subject);
    index_.emplace(std::string(subject), next);
    return {key, next};
}

std::string FactNames::name(Fact fact) const {
    if (fact.key <= FactKey::last_contested) {
        return std::string(contested_facts()[static_cast<std::size_t>(fact.key)].name);
    }
    // Behind a line break stands what tells equal names apart.
    const std::string about = [&] {
        const std::shared_lock lock(names_mutex());
        return subject(fact).substr(0, subject(fact).find('\n'));
    }();
    if (symbols_ != nullptr && fact.key != FactKey::nva && fact.key != FactKey::unknown_tag) {
        const auto symbols = symbols_->find(ResourceId(about));
        std::string names;
        if (symbols != symbols_->end()) {
            for (const std::string& name : symbols->second) {
                names += (names.empty() ? "" : ", ") + name;
            }
        } else if (about.starts_with(kSymbolOpens)) {
            names = symbol_names(about);
        }
        if (!names.empty()) {
            return "AZR9020 " + names;
        }
    }
    switch (fact.key) {
        case FactKey::nva:
            return "nva:" + about;
        case FactKey::bgp:
            return "bgp";
        case FactKey::missing_resource:
            return "AZR9001 " + about;
        case FactKey::unknown_tag:
            return "AZR9002 " + about;
        case FactKey::unread_neighbour:
            return "AZR9004 " + about;
        case FactKey::tie:
            return "AZR9005 " + about;
        case FactKey::contested_copy:
            return "AZR9006 " + about;
        case FactKey::unknown_instance:
            return "AZR9007 " + about;
        case FactKey::unmodelled:
            return "AZR9008 " + about;
        case FactKey::intent_policy:
            return "AZR9009 " + about;
        case FactKey::exempt:
            return "AZR9010 " + about;
        case FactKey::malformed:
            return "AZR9011 " + about;
        case FactKey::group_member:
        case FactKey::group_address:
            return "AZR9012 " + about;
        case FactKey::unresolved_name:
            return "AZR9030 " + about;
        case FactKey::learned_range:
            return "AZR9031 " + about;
        case FactKey::paas_address:
            return "AZR9040 " + about;
        case FactKey::paas_ipv6:
            return "AZR9041 " + about;
        case FactKey::paas_setting:
            return "AZR9042 " + about;
        case FactKey::paas_ports:
            return "AZR9043 " + about;
        case FactKey::foreign_endpoint:
            return "AZR9044 " + about;
        default:
            return about;
    }
}

namespace {

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        parts.push_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

std::optional<NvaMode> mode_of(std::string_view text) {
    if (text == "transparent") return NvaMode::transparent;
    if (text == "snat") return NvaMode::snat;
    if (text == "drop") return NvaMode::drop;
    if (text == "opaque") return NvaMode::opaque;
    return std::nullopt;
}

std::optional<bool> yes_or_no(FactKey key, std::string_view text) {
    if (text == "yes" || text == "true") return true;
    if (text == "no" || text == "false") return false;
    if (key == FactKey::missing_next_hop) {
        if (text == "dropped") return true;
        if (text == "forwarded") return false;
    }
    if (key == FactKey::hidden_none_routes) {
        if (text == "none") return false;
        if (text == "present") return true;
    }
    if (key == FactKey::threat_intel || key == FactKey::idps) {
        if (text == "blocks") return true;
        if (text == "never") return false;
    }
    if (key == FactKey::pe_vnetlocal_udr) {
        if (text == "direct") return true;
        if (text == "drop") return false;
    }
    return std::nullopt;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
    std::size_t n = 0;
    while (n < a.size() && n < b.size() && a[n] == b[n]) {
        ++n;
    }
    return n;
}

}  // namespace

std::optional<std::string> Assumptions::state(std::string_view key, std::string_view value,
                                              std::string_view origin) {
    const auto taken = [&]() -> std::optional<std::string> {
        stated_.push_back({std::string(key), std::string(value), std::string(origin)});
        return std::nullopt;
    };
    if (key == "nva" || key.starts_with("nva:")) {
        const auto mode = mode_of(value);
        if (!mode) {
            return "expected transparent, snat, drop or opaque";
        }
        if (key == "nva") {
            every_nva_ = *mode;
            return taken();
        }
        const auto address = parse_address(key.substr(4));
        if (!address) {
            return "expected nva:ADDRESS, with the appliance's private address";
        }
        nva_[*address] = *mode;
        return taken();
    }
    if (key == "onprem") {
        AddressSet set;
        for (const std::string_view part : split(value)) {
            const auto prefix = parse_prefix(part);
            if (!prefix) {
                return "'" + std::string(part) + "' is no prefix; expected onprem=PREFIX,...";
            }
            set |= prefix->prefix.addresses();
        }
        if (set.empty()) {
            return "expected onprem=PREFIX,...";
        }
        onprem_ |= set;
        return taken();
    }
    if (key == "bgp") {
        if (value == "none" || value == "no") {
            bgp_open_ = false;
            return taken();
        }
        if (value == "open" || value == "yes") {
            bgp_open_ = true;
            return taken();
        }
        AddressSet set;
        for (const std::string_view part : split(value)) {
            const auto prefix = parse_prefix(part);
            if (!prefix) {
                return "expected bgp=none, bgp=open or bgp=PREFIX,...";
            }
            set |= prefix->prefix.addresses();
        }
        onprem_ |= set;
        bgp_open_ = false;
        return taken();
    }
    if (key == "jit") {
        if (value != "open" && value != "as-is") {
            return "expected jit=open (every window) or jit=as-is";
        }
        jit_open_ = value == "open";
        return taken();
    }
    if (key.starts_with("fqdn:")) {
        AddressSet set;
        for (const std::string_view part : split(value)) {
            const auto prefix = parse_prefix(part);
            if (!prefix) {
                return "'" + std::string(part) + "' is no address; expected fqdn:NAME=ADDRESS,...";
            }
            set |= prefix->prefix.addresses();
        }
        if (set.empty() || key.size() == 5) {
            return "expected fqdn:NAME=ADDRESS,...";
        }
        names_[std::string(key.substr(5))] |= set;
        return taken();
    }
    if (key == "own") {
        own_ = own_.value_or(std::vector<std::string>{});
        for (const std::string_view part : split(value)) {
            if (!part.empty() && part != "none") {
                own_->emplace_back(part);
            }
        }
        return taken();
    }
    const auto fact = fact_of_name(key);
    if (!fact) {
        std::string_view nearest;
        std::size_t best = 3;
        for (const FactInfo& info : contested_facts()) {
            const std::size_t shared = common_prefix(info.name, key);
            if (shared > best) {
                best = shared;
                nearest = info.name;
            }
        }
        return "unknown key" + (nearest.empty()
                                    ? std::string("; see docs/semantics.md for the keys")
                                    : "; did you mean " + std::string(nearest) + "?");
    }
    const auto decided = yes_or_no(*fact, value);
    if (!decided) {
        return "expected yes or no";
    }
    values_[*fact] = *decided;
    return taken();
}

std::optional<bool> Assumptions::owns(std::string_view subscription) const {
    if (!own_) {
        return std::nullopt;
    }
    return std::any_of(own_->begin(), own_->end(), [&](const std::string& own) {
        return equal_ignoring_case(own, subscription);
    });
}

std::optional<bool> Assumptions::value(FactKey contested) const {
    const auto found = values_.find(contested);
    if (found != values_.end()) {
        return found->second;
    }
    if (reading_ == Reading::documented) {
        return contested_facts()[static_cast<std::size_t>(contested)].documented;
    }
    return std::nullopt;
}

std::optional<NvaMode> Assumptions::nva(const Address& address) const {
    const auto found = nva_.find(address);
    if (found != nva_.end()) {
        return found->second;
    }
    if (every_nva_) {
        return every_nva_;
    }
    return reading_ == Reading::documented ? std::optional(NvaMode::transparent) : std::nullopt;
}

const AddressSet* Assumptions::addresses_of_name(std::string_view name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &found->second;
}

bool Assumptions::nva_stated(const Address& address) const {
    return nva_.contains(address) || every_nva_.has_value();
}

}  // namespace azreach
