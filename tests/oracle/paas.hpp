// PaaS resources in the oracle: on which ports a service listens, and whom it admits, written
// service by service from the pages. Names of facts mean nothing outside.
#pragma once

#include <string>

#include "tests/oracle/world.hpp"

namespace azreach::oracle {

/// How a packet stands before a public endpoint.
struct Arrival {
    enum class How { internet, azure, endpoint, unseen } how = How::internet;
    const Subnet* subnet = nullptr;  // How::endpoint
    std::string region;              // of the VNet it left
    bool lent = false;
    Address source{};
    bool source_known = true;
};

/// Does the service listen there? `resource` null: it was not read.
bool listens(const World& w, const std::string& type, const std::string& group,
             const PaasResource* resource, const std::string& id, bool is_private,
             const Service& service);
/// "" when the service admits it, else the reason.
std::string refuses(const World& w, const PaasResource& resource, const std::string& group,
                    const Arrival& arrival);
/// Is a connection of the private endpoint approved?
bool approved(const World& w, const PrivateEndpoint& endpoint);
/// Does what the private endpoint leads to listen there?
bool endpoint_listens(const World& w, const PrivateEndpoint& endpoint, const Service& service);
/// One address for each part of the candidates that anything in the snapshot may tell apart.
std::vector<Address> public_addresses_of(const World& w, const PaasResource& resource,
                                         Family family);

}  // namespace azreach::oracle
