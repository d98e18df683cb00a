#include "models/azure/azure_firewall.hpp"

#include "models/net/prefix.hpp"

namespace azreach {

bool FirewallRule::same(const FirewallRule& other) const {
    return name == other.name && source == other.source && destination == other.destination &&
           protocols == other.protocols && destination_ports == other.destination_ports &&
           ports_given == other.ports_given && ports_unreadable == other.ports_unreadable &&
           translated_address == other.translated_address &&
           equal_ignoring_case(translated_name, other.translated_name) &&
           translated_port == other.translated_port && applications == other.applications &&
           target_names == other.target_names && by_category == other.by_category &&
           terminates_tls == other.terminates_tls;
}

const AddressSet& default_private_ranges() {
    static const AddressSet kRanges = [] {
        AddressSet set;
        for (const char* text :
             {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"}) {
            set |= parse_prefix(text)->prefix.addresses();
        }
        return set;
    }();
    return kRanges;
}

bool name_matches(std::string_view pattern, std::string_view name) {
    if (pattern.empty() || pattern.front() != '*') {
        return equal_ignoring_case(pattern, name);
    }
    // "*.c.com" does not match "c.com"; "*c.com" also matches "evilc.com".
    const std::string_view end = pattern.substr(1);
    return name.size() >= end.size() &&
           equal_ignoring_case(name.substr(name.size() - end.size()), end);
}

}  // namespace azreach
