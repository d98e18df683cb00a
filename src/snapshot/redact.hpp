// A snapshot that can be shown to others: names and addresses are others, the network is the same.
//
// Subscriptions, resource groups, resources, rules, DNS names get new names, the same for the same;
// addresses are mapped by AddressMap. Words with a meaning for Azure (types, states, tags, the
// names of special subnets) stay. Whatever else is text, and no reader needs, is left out:
// descriptions, tags, identities.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/snapshot/pack.hpp"

namespace azreach {

struct Redacted {
    std::vector<Document> documents;           // to be packed
    std::map<std::string, std::string> names;  // old, in lower case, to new
    std::map<std::string, std::string> ids;    // the same for whole ids
};

/// Throws InputError for documents that are no exports (templates, plans, what-ifs).
Redacted redact(const std::vector<Document>& documents);

}  // namespace azreach
