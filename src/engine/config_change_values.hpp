// Values of resources compared and written, for config_change.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "models/network/snapshot.hpp"

namespace azreach::values {

// --- equal by meaning: lists of which the order says nothing are sets ----------------------------

template <class T>
bool same(const T& a, const T& b) {
    return a == b;
}
template <class T>
bool same_set(std::vector<T> a, std::vector<T> b) {
    if (a == b) {
        return true;
    }
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    a.erase(std::unique(a.begin(), a.end()), a.end());
    b.erase(std::unique(b.begin(), b.end()), b.end());
    return a == b;
}
inline bool same(const std::vector<ResourceId>& a, const std::vector<ResourceId>& b) {
    return same_set(a, b);
}
inline bool same(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return same_set(a, b);
}
inline bool same(const std::vector<Address>& a, const std::vector<Address>& b) {
    return same_set(a, b);
}
/// As sets of addresses: 10.0.0.0/24 is its two halves.
bool same(const std::vector<Prefix>& a, const std::vector<Prefix>& b);
bool same(const AddressSpec& a, const AddressSpec& b);
bool same(const SecurityRule& a, const SecurityRule& b);
bool same(const std::vector<SecurityRule>& a, const std::vector<SecurityRule>& b);
bool same(const std::vector<ServiceEndpoint>& a, const std::vector<ServiceEndpoint>& b);
bool same(const std::vector<LbBackendAddress>& a, const std::vector<LbBackendAddress>& b);
bool same(const std::vector<GatewayConnection::Selector>& a,
          const std::vector<GatewayConnection::Selector>& b);
bool same(const std::vector<ConnectivityConfiguration::Group>& a,
          const std::vector<ConnectivityConfiguration::Group>& b);
bool same(const std::vector<ActiveAdminRules>& a, const std::vector<ActiveAdminRules>& b);
bool same(const std::vector<EffectiveSecurityRules>& a,
          const std::vector<EffectiveSecurityRules>& b);
bool same(const std::vector<EffectiveRoutes>& a, const std::vector<EffectiveRoutes>& b);
bool same(const std::vector<Gap>& a, const std::vector<Gap>& b);
bool same(const std::optional<ServiceTagList>& a, const std::optional<ServiceTagList>& b);

bool same(const std::vector<JitPolicy::Machine>& a, const std::vector<JitPolicy::Machine>& b);
bool same(const std::vector<DnsZoneGroupEntry>& a, const std::vector<DnsZoneGroupEntry>& b);

bool same(const AzureFirewall::Configuration& a, const AzureFirewall::Configuration& b);
bool same(const std::vector<AzureFirewall::Configuration>& a,
          const std::vector<AzureFirewall::Configuration>& b);
bool same(const std::optional<AzureFirewall::Configuration>& a,
          const std::optional<AzureFirewall::Configuration>& b);

// --- written for people --------------------------------------------------------------------------

/// A hash: that it differs says enough.
inline std::string text(std::uint64_t) { return "(something that is not modelled)"; }
inline std::string text(bool value) { return value ? "true" : "false"; }
inline std::string text(int value) { return std::to_string(value); }
inline std::string text(long long value) { return std::to_string(value); }
inline std::string text(const std::string& value) { return value; }
inline std::string text(const ResourceId& value) { return value.text(); }
inline std::string text(const Address& value) { return to_string(value); }
inline std::string text(const Prefix& value) { return to_string(value); }
std::string text(const AddressSpec& value);
std::string text(const PortSet& value);
std::string text(const SecurityRule& value);
std::string text(const Route& value);
std::string text(Direction value);
std::string text(Access value);
std::string text(RuleProtocol value);
std::string text(UserNextHop value);
std::string text(PeeringState value);
std::string text(PrivateEndpointPolicies value);
std::string text(Sku value);
std::string text(Family value);
std::string text(VirtualNetworkGateway::Type value);
std::string text(GatewayConnection::Type value);
std::string text(PrivateEndpoint::Connection::Status value);
std::string text(const ServiceEndpoint& value);
std::string text(const LbBackendAddress& value);
std::string text(const GatewayConnection::Selector& value);
std::string text(const ConnectivityConfiguration::Group& value);

inline std::string text(std::uint16_t value) { return std::to_string(value); }
std::string text(const AddressSet& value);
std::string text(const FirewallSide& value);
std::string text(const FirewallRule& value);
std::string text(const ApplicationProtocol& value);
std::string text(FirewallPass value);
std::string text(FirewallAction value);
std::string text(FirewallMode value);
std::string text(const AzureFirewall::Configuration& value);
std::string text(DnsLink::Policy value);
std::string text(const JitPolicy::Machine& value);

template <class T>
std::string text(const std::optional<T>& value) {
    return value ? text(*value) : "";
}
template <class T>
std::string text(const std::vector<T>& values) {
    std::vector<std::string> parts;
    for (const T& value : values) {
        parts.push_back(text(value));
    }
    std::sort(parts.begin(), parts.end());
    std::string result;
    for (const std::string& part : parts) {
        result += (result.empty() ? "" : ", ") + part;
    }
    return result;
}
template <class Compare>
std::string text(const std::map<std::string, std::string, Compare>& values) {
    std::string result;
    for (const auto& [key, value] : values) {
        result += (result.empty() ? "" : ", ") + key + "=" + value;
    }
    return result;
}
template <class Compare>
std::string text(const std::set<std::string, Compare>& values) {
    return text(std::vector<std::string>(values.begin(), values.end()));
}

}  // namespace azreach::values
