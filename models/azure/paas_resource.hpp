// PaaS resources: data, the same for every service. What a value means to a service is in
// models/network/admission*.
//
// A value keeps its canonical place in the resource ("/properties/networkAcls/ipRules/0"), since
// that is how answers name who decided: `<resource id>#<pointer>`, or the id of a child resource.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/azure/header.hpp"
#include "models/net/address_set.hpp"

namespace azreach {

/// One scalar property as written: text, number or yes/no in words ("true").
struct PaasSetting {
    std::string text;
    ResourceId by;  // "<id>#<pointer>"
    Provenance where;
    bool certain = true;  // false: copies of the resource differ here                          [J2]
};

/// One entry of a rule list of a service's own firewall.
struct PaasRule {
    enum class Kind : std::uint8_t {
        addresses,    // public addresses of clients
        subnet,       // a subnet by its service endpoint
        service_tag,  // clients by a service tag
        any_subnet,   // any subnet with a service endpoint, of anybody
        instance,     // a resource by its identity, whatever its network position
    } kind = Kind::addresses;
    std::string list;  // the list in which it stands, below properties: "networkAcls/ipRules"
    ResourceId by;     // "<id>#<pointer>", or the id of a child resource
    std::string name;  // for people: the rule's name, or what it says
    std::string text;  // as written: "203.0.113.0/24", a tag, "0.0.0.0 - 0.0.0.0"
    AddressSet addresses;
    /// 0.0.0.0 where a service takes it for "any address of Azure". [P-5a]
    bool sentinel = false;
    bool readable = true;  // false: the entry was not understood and may match anybody
    Ref subnet;            // subnet; instance: the resource
    std::string state;     // subnet: as the service says ("Succeeded", "Ready"); "" absent
    std::string action;    // "" allow
    long long priority = 0;
    bool narrowed = false;  // headers: it matches only some of the requests [AS-5]
    bool certain = true;
    Provenance where;
};

/// One of the private endpoint connections that a resource lists.                       [PE-1,
/// PE-14]
struct PaasConnection {
    ResourceId id;
    Ref endpoint;
    std::string status;  // as written
    std::vector<std::string> group_ids;
    Provenance where;
    bool certain = true;
};

struct PaasResource {
    Header header;
    std::string kind, sku;
    /// The API version it was read with, where the file says so; a property that is absent because
    /// the version predates it is unknown. [0.5]
    std::string api_version;
    /// Resource Graph holds no child resources such as firewall rules: their absence says nothing.
    bool from_resource_graph = false;
    bool certain = true;  // false: whether it exists, or what it says, could not be read
    std::map<std::string, PaasSetting, IgnoringCase> settings;  // by pointer below properties
    std::vector<PaasRule> rules;                                // each list in its order
    std::vector<PaasConnection> connections;
    /// Child types of which at least one was read with it: "firewallRules".
    std::vector<std::string> children;

    const PaasSetting* find(std::string_view pointer) const {
        const auto found = settings.find(pointer);
        return found == settings.end() ? nullptr : &found->second;
    }
    /// The id of a property of this resource, present or not: "<id>#/properties/<pointer>"; the
    /// tier stands beside the properties: "<id>#/sku/name".
    ResourceId property(std::string_view pointer) const {
        const std::string path(pointer);
        return ResourceId(header.id.text() + (path.starts_with("sku") ? "#/" : "#/properties/") +
                          path);
    }
};

}  // namespace azreach
