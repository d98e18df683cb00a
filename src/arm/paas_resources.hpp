// PaaS resources and their children: read by the catalogue (models/azure/paas_catalog.hpp) and by
// the tables of rule lists in paas_resources.cpp. A new service is a row there and a row here.
#pragma once

#include "src/arm/readers.hpp"

namespace azreach {

/// True for a type with a row in the catalogue, and for any other resource that says something of
/// public access or private endpoint connections.                                           [XX-1]
bool is_paas_resource(const JsonCursor& resource, const Header& header);
/// A child resource that belongs to the admission of a PaaS resource: firewall rules, rule sets.
bool is_paas_child(const Header& header);

struct PaasOrigin {
    bool resource_graph = false;  // the file is a page of Resource Graph
    bool certain = true;          // false: it hangs on a symbol whether the resource exists
};
void read_paas_resource(const JsonCursor& resource, const Header& header, PaasOrigin origin,
                        ImportState& state);
void read_paas_child(const JsonCursor& resource, const Header& header, bool certain,
                     ImportState& state);

/// Children to their parents; those without one are gaps. Order of files does not matter.
void join_paas_children(ImportState& state);

}  // namespace azreach
