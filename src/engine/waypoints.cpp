#include "src/engine/waypoints.hpp"

#include <algorithm>
#include <iterator>

namespace azreach {

namespace {

template <class T>
std::vector<T> joined(const std::vector<T>& a, const std::vector<T>& b) {
    std::vector<T> result;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
    return result;
}

}  // namespace

bool Waypoints::has(ConfigIndex config) const {
    return std::binary_search(configs.begin(), configs.end(), config);
}

bool Waypoints::has_firewall(FirewallIndex firewall) const {
    return std::binary_search(firewalls.begin(), firewalls.end(), firewall);
}

bool Waypoints::has(const ResourceId& id) const {
    return !id.empty() &&
           std::any_of(resources.begin(), resources.end(),
                       [&](const ResourceId& resource) { return id.is_within(resource); });
}

Waypoints united(const Waypoints& a, const Waypoints& b) {
    return {joined(a.configs, b.configs), joined(a.firewalls, b.firewalls),
            joined(a.resources, b.resources), a.next_hops | b.next_hops};
}

}  // namespace azreach
