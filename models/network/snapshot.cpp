#include "models/network/snapshot.hpp"

namespace azreach {

std::size_t Snapshot::size() const {
    return virtual_networks.size() + security_groups.size() + application_security_groups.size() +
           interfaces.size() + virtual_machines.size() + scale_sets.size() + route_tables.size() +
           public_ips.size() + public_ip_prefixes.size() + nat_gateways.size() + gateways.size() +
           local_gateways.size() + connections.size() + network_managers.size() +
           network_groups.size() + admin_configurations.size() +
           connectivity_configurations.size() + private_endpoints.size() + load_balancers.size() +
           bastions.size() + others.size();
}

}  // namespace azreach
