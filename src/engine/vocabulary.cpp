// The words of the contract (section 4) for reasons, kinds, decisions and verdicts.
#include "src/engine/query.hpp"
#include "src/engine/trace.hpp"

namespace azreach {

std::string_view to_string(Reason reason) {
    switch (reason) {
        case Reason::nsg_allow:
            return "NSG_ALLOW";
        case Reason::nsg_deny:
            return "NSG_DENY";
        case Reason::nsg_default_deny:
            return "NSG_DEFAULT_DENY";
        case Reason::admin_allow:
            return "ADMIN_ALLOW";
        case Reason::admin_always_allow:
            return "ADMIN_ALWAYS_ALLOW";
        case Reason::admin_deny:
            return "ADMIN_DENY";
        case Reason::platform_exempt:
            return "PLATFORM_EXEMPT";
        case Reason::route_system:
            return "ROUTE_SYSTEM";
        case Reason::route_udr:
            return "ROUTE_UDR";
        case Reason::route_bgp_assumed:
            return "ROUTE_BGP_ASSUMED";
        case Reason::route_none:
            return "ROUTE_NONE";
        case Reason::route_loop:
            return "ROUTE_LOOP";
        case Reason::peering_missing:
            return "PEERING_MISSING";
        case Reason::peering_not_connected:
            return "PEERING_NOT_CONNECTED";
        case Reason::fw_dnat:
            return "FW_DNAT";
        case Reason::fw_net_allow:
            return "FW_NET_ALLOW";
        case Reason::fw_net_deny:
            return "FW_NET_DENY";
        case Reason::fw_app_allow:
            return "FW_APP_ALLOW";
        case Reason::fw_app_deny:
            return "FW_APP_DENY";
        case Reason::fw_default_deny:
            return "FW_DEFAULT_DENY";
        case Reason::fw_no_policy:
            return "FW_NO_POLICY";
        case Reason::nva_assumed:
            return "NVA_ASSUMED";
        case Reason::nva_no_forwarding:
            return "NVA_NO_FORWARDING";
        case Reason::dnat:
            return "DNAT";
        case Reason::snat:
            return "SNAT";
        case Reason::no_public_ip:
            return "NO_PUBLIC_IP";
        case Reason::standard_sku_closed:
            return "STANDARD_SKU_CLOSED";
        case Reason::lb_no_rule:
            return "LB_NO_RULE";
        case Reason::lb_no_backend:
            return "LB_NO_BACKEND";
        case Reason::lb_choice:
            return "LB_CHOICE";
        case Reason::pe_not_approved:
            return "PE_NOT_APPROVED";
        case Reason::pe_group_port:
            return "PE_GROUP_PORT";
        case Reason::paas_allow:
            return "PAAS_ALLOW";
        case Reason::paas_deny:
            return "PAAS_DENY";
        case Reason::paas_public_disabled:
            return "PAAS_PUBLIC_DISABLED";
        case Reason::paas_trusted:
            return "PAAS_TRUSTED";
        case Reason::paas_port:
            return "PAAS_PORT";
        case Reason::service_endpoint:
            return "SERVICE_ENDPOINT";
        case Reason::asymmetric:
            return "ASYMMETRIC";
        case Reason::return_blocked:
            return "RETURN_BLOCKED";
        case Reason::no_such_address:
            return "NO_SUCH_ADDRESS";
        case Reason::spoofed_source:
            return "SPOOFED_SOURCE";
        case Reason::delivered:
            return "DELIVERED";
        case Reason::gap:
            return "GAP";
        case Reason::timeout:
            return "TIMEOUT";
    }
    return "GAP";
}

std::string_view to_string(HopKind kind) {
    switch (kind) {
        case HopKind::admin_rule:
            return "admin-rule";
        case HopKind::nsg:
            return "nsg";
        case HopKind::route:
            return "route";
        case HopKind::peering:
            return "peering";
        case HopKind::firewall:
            return "firewall";
        case HopKind::nat:
            return "nat";
        case HopKind::load_balancer:
            return "load-balancer";
        case HopKind::gateway:
            return "gateway";
        case HopKind::private_endpoint:
            return "private-endpoint";
        case HopKind::service_endpoint:
            return "service-endpoint";
        case HopKind::paas_firewall:
            return "paas-firewall";
        case HopKind::deliver:
            return "deliver";
    }
    return "deliver";
}

std::string_view to_string(HopDecision decision) {
    switch (decision) {
        case HopDecision::allow:
            return "allow";
        case HopDecision::deny:
            return "deny";
        case HopDecision::forward:
            return "forward";
        case HopDecision::drop:
            return "drop";
        case HopDecision::translate:
            return "translate";
        case HopDecision::deliver:
            return "deliver";
        case HopDecision::unknown:
            return "unknown";
    }
    return "unknown";
}

std::string_view to_string(PacketVerdict verdict) {
    switch (verdict) {
        case PacketVerdict::delivered:
            return "delivered";
        case PacketVerdict::dropped:
            return "dropped";
        case PacketVerdict::varies:
            return "varies";
        case PacketVerdict::unknown:
            return "unknown";
    }
    return "unknown";
}

std::string_view to_string(QueryVerdict verdict) {
    switch (verdict) {
        case QueryVerdict::reachable:
            return "reachable";
        case QueryVerdict::partial:
            return "partial";
        case QueryVerdict::one_way:
            return "one-way";
        case QueryVerdict::blocked:
            return "blocked";
        case QueryVerdict::unknown:
            return "unknown";
    }
    return "unknown";
}

}  // namespace azreach
