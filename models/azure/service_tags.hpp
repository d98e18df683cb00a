// Service tags as published: names for sets of public prefixes.                            [T1-T7]
// Source: https://learn.microsoft.com/azure/virtual-network/service-tags-overview
#pragma once

#include <map>
#include <string>

#include "models/azure/header.hpp"
#include "models/net/address_set.hpp"

namespace azreach {

struct ServiceTagList {
    std::string cloud;  // "Public"
    long long change_number = 0;
    std::map<std::string, AddressSet, IgnoringCase> tags;  // full name, e.g. "Storage.WestEurope"
    Provenance where;
};

}  // namespace azreach
