// Private endpoints: data. The network layer sees a NIC with host routes; who is admitted by the
// service comes with the services.                                                     [R37-R50]
#pragma once

#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/net/address.hpp"

namespace azreach {

struct PrivateEndpoint {
    Header header;
    Ref subnet;
    std::vector<ResourceId> interfaces;
    std::vector<Address> addresses;  // ipConfigurations and customDnsConfigs, without the NIC's
    struct Name {                    // customDnsConfigs
        std::string fqdn;
        std::vector<Address> addresses;
    };
    std::vector<Name> names;
    std::vector<ResourceId> asgs;
    struct Connection {
        std::string name;
        Provenance where;
        Ref target;
        std::vector<std::string> group_ids;
        enum class Status : std::uint8_t {
            approved,
            pending,
            rejected,
            disconnected,
            unknown
        } status = Status::unknown;
        bool manual = false;
    };
    std::vector<Connection> connections;
};

}  // namespace azreach
