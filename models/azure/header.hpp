// What every resource has.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "models/azure/provenance.hpp"
#include "models/azure/resource_id.hpp"

namespace azreach {

/// A reference to another resource by id; nullopt when the property is absent, null or empty.
using Ref = std::optional<ResourceId>;

/// In Header::contested: it is not known whether the resource will exist.
inline constexpr const char* kExistence = "(existence)";

struct Header {
    ResourceId id;
    std::string name;
    std::string type;      // as written
    std::string location;  // as written; "" unknown
    std::map<std::string, std::string, IgnoringCase> tags;
    Provenance where;
    /// Properties (ARM names) whose copies in the input differ: what they decide is unknown.  [J2]
    std::set<std::string, IgnoringCase> contested;
};

}  // namespace azreach
