#include "models/network/network.hpp"

#include <algorithm>
#include <unordered_map>

namespace azreach {

struct Network::Index {
    std::unordered_map<ResourceId, SubnetIndex> subnets;
    std::unordered_map<ResourceId, VnetIndex> vnets;
    std::unordered_map<ResourceId, std::vector<ConfigIndex>> by_interface;
    std::unordered_map<ResourceId, ConfigIndex> by_configuration;
};

Network::Network(const Snapshot& snapshot, Assumptions assumptions)
    : snapshot_(snapshot), assumptions_(std::move(assumptions)), index_(std::make_unique<Index>()) {
    facts_.name_by_symbols(snapshot_.symbols);
    for (const auto& [id, vnet] : snapshot_.virtual_networks) {
        const auto vnet_index = static_cast<VnetIndex>(vnets_.size());
        vnets_.push_back(&vnet);
        index_->vnets.emplace(id, vnet_index);
        for (const Subnet& subnet : vnet.subnets) {
            index_->subnets.emplace(subnet.header.id, static_cast<SubnetIndex>(subnets_.size()));
            subnets_.push_back({&vnet, &subnet, vnet_index});
        }
    }

    // A NIC knows its private endpoint, or the endpoint lists its NICs: either side suffices.
    std::unordered_map<ResourceId, const PrivateEndpoint*> endpoint_of_interface;
    for (const auto& [id, endpoint] : snapshot_.private_endpoints) {
        for (const ResourceId& interface : endpoint.interfaces) {
            endpoint_of_interface.emplace(interface, &endpoint);
        }
    }
    for (const auto& [id, interface] : snapshot_.interfaces) {
        const PrivateEndpoint* endpoint = nullptr;
        if (interface.private_endpoint) {
            const auto found = snapshot_.private_endpoints.find(*interface.private_endpoint);
            endpoint = found == snapshot_.private_endpoints.end() ? nullptr : &found->second;
        }
        if (endpoint == nullptr) {
            const auto found = endpoint_of_interface.find(id);
            endpoint = found == endpoint_of_interface.end() ? nullptr : found->second;
        }
        std::vector<ConfigIndex>& own = index_->by_interface[id];
        for (const IpConfiguration& configuration : interface.configurations) {
            const auto index = static_cast<ConfigIndex>(configurations_.size());
            SubnetIndex subnet = kNoIndex;
            if (configuration.subnet) {
                subnet = subnet_index(*configuration.subnet).value_or(kNoIndex);
            }
            configurations_.push_back({&interface, &configuration, subnet, endpoint});
            own.push_back(index);
            index_->by_configuration.emplace(configuration.id, index);
        }
        std::stable_partition(own.begin(), own.end(), [this](ConfigIndex i) {
            return configurations_[i].configuration->primary;
        });
    }

    paas_ = std::make_unique<Paas>(*this);
    routes_ = std::make_unique<Routes>(*this);
    firewalls_ = std::make_unique<Firewalls>(*this);
    edges_ = std::make_unique<Edges>(*this);
    jit_ = std::make_unique<JitAccess>(*this);
    filters_ = std::make_unique<Filters>(*this);
}

Network::~Network() = default;

std::optional<SubnetIndex> Network::subnet_index(const ResourceId& id) const {
    const auto found = index_->subnets.find(id);
    return found == index_->subnets.end() ? std::nullopt : std::optional(found->second);
}

std::optional<VnetIndex> Network::vnet_index(const ResourceId& id) const {
    const auto found = index_->vnets.find(id);
    return found == index_->vnets.end() ? std::nullopt : std::optional(found->second);
}

std::vector<ConfigIndex> Network::configurations_of(const ResourceId& interface) const {
    const auto found = index_->by_interface.find(interface);
    return found == index_->by_interface.end() ? std::vector<ConfigIndex>{} : found->second;
}

std::optional<ConfigIndex> Network::configuration_index(const ResourceId& ip_configuration) const {
    const auto found = index_->by_configuration.find(ip_configuration);
    return found == index_->by_configuration.end() ? std::nullopt : std::optional(found->second);
}

bool Network::add_literal(Guard& guard, Fact fact, bool value) const {
    std::optional<bool> closed;
    if (fact.key <= FactKey::last_contested) {
        closed = assumptions_.value(fact.key);
    } else if (fact.key == FactKey::bgp && !assumptions_.bgp_open()) {
        closed = false;
    }
    if (closed) {
        return *closed == value;
    }
    const Literal literal{fact, value};
    const auto same = std::find(guard.begin(), guard.end(), literal);
    if (same == guard.end()) {
        const Literal opposite{fact, !value};
        if (std::find(guard.begin(), guard.end(), opposite) != guard.end()) {
            return false;
        }
        guard.push_back(literal);
    }
    return true;
}

}  // namespace azreach
