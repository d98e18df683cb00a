// Service tags and address sides of rules.                                   [N16] [N26-N31] [T1-T20]
#pragma once

#include <string>
#include <vector>

#include "tests/oracle/oracle_case.hpp"

namespace azreach::oracle {

/// The `VirtualNetwork` tag of a subnet.                                                    [T8-T15]
bool in_virtual_network_tag(const Case& given, const Place& at, const Address& address);
/// The `Internet` tag of a subnet.                                                         [T16-T18]
bool in_internet_tag(const Case& given, const Place& at, const Address& address);
/// Any tag, in the context of a subnet.
bool in_tag(const Case& given, const Place& at, const std::string& tag, const Address& address);
/// A published tag; unknown ones may hold any address.                                      [T3] [T5]
bool in_published_tag(const Case& given, const std::string& tag, const Address& address);

/// The public prefixes of a service endpoint's service.                                         [R9]
std::string tag_of_service(const std::string& service);
bool in_service_of(const Case& given, const ServiceEndpoint& endpoint, const Address& address);

/// One side of a rule. `rule` names the rule in facts about it.
bool in_side(const Case& given, const Place& at, const AddressSpec& side, const std::string& rule,
             const Address& address);

/// The route table of the subnet, or null: none, or not in the snapshot (`missing`).
struct TableOfSubnet {
    const RouteTable* table = nullptr;
    const ResourceId* missing = nullptr;
};
TableOfSubnet route_table_of(const Case& given, const Subnet& subnet);

}  // namespace azreach::oracle
