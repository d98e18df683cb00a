// The catalogue of PaaS services: their sub-resources, Private Link group ids, ports and zones, and
// which of their properties and children say who is admitted. [services 2.3, 3.2] Sources:
// https://learn.microsoft.com/azure/private-link/private-endpoint-dns and the pages of each
// service; government and China clouds use other zone suffixes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/net/service_set.hpp"

namespace azreach {

/// One sub-resource: what a question names, and what a private endpoint's group leads to.
struct PaasGroup {
    std::string_view name;       // in questions: "blob" in st1/blob
    std::string_view group_ids;  // Private Link group ids that lead here, separated by blanks
    std::string_view zones;      // private DNS zones, separated by blanks; {region} is replaced
    std::string_view ports;      // TCP ports that it surely listens on: "443 5671-5672"
    /// TCP ports on which it may listen as well, for all that the pages say. [pe-ports]
    std::string_view wider = "";
    bool has_public_endpoint = true;
};

struct PaasService {
    std::string_view type;  // ARM type
    /// Service tag in which the addresses of its public endpoints lie; "" when no published tag
    /// surely holds them. [T7]
    std::string_view service_tag;
    bool regional;  // public addresses lie in the tag of the resource's region
    /// Service endpoint of a subnet that reaches it by private source, "" none. [SE-1]
    std::string_view service_endpoint;
    /// Scalar properties that are read, below properties, separated by blanks.
    std::string_view settings;
    std::vector<PaasGroup> groups;
};

/// All services with a row of their own, in the order of the reference.
const std::vector<PaasService>& paas_services();
/// Null: no row; such a type follows the generic model. [XX-1]
const PaasService* paas_service(std::string_view type);
/// The group of a service by its name in questions; null: none.
const PaasGroup* paas_group(const PaasService& service, std::string_view name);
/// Whether a Private Link group id leads to the sub-resource; one id can lead to several.
bool leads_to(const PaasGroup& group, std::string_view group_id);
std::vector<const PaasGroup*> groups_of_id(const PaasService& service, std::string_view group_id);

/// TCP with these destination ports: "443 5671-5672"; "*" is all.
ServiceSet tcp_ports(std::string_view text);
/// The words of a text separated by blanks.
std::vector<std::string_view> words(std::string_view text);
/// "West Europe" and "westeurope" are one region.
std::string folded_region(std::string_view location);

}  // namespace azreach
