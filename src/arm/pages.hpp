// Are all pages of a listing there?
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/azure/diagnostic.hpp"
#include "models/azure/resource_id.hpp"
#include "src/arm/recognise.hpp"

namespace azreach {

/// One page of a listing, as far as it concerns its neighbours.
struct Page {
    std::string file;
    InputKind kind = InputKind::unknown;
    PageInfo info;
    std::string sha256;    // the same page given twice counts once
    std::string first_id;  // of a resource on it; empty when it has none
};

/// What is missing, one gap (AZR9003) a listing.
///
/// Resource Graph announces the number of rows of the whole series: pages with one total belong
/// together, and their rows must add up. ARM lists only link to the next page: a page that links on
/// needs another page of the same listing (type and scope of its link) that does not.
std::vector<Gap> missing_pages(const std::vector<Page>& pages);

/// The lists of children that are there from their first page to one that does not link on; the
/// others are gaps (AZR9013).
std::set<ResourceId> complete_lists(const std::vector<Page>& pages, std::vector<Gap>& gaps);

}  // namespace azreach
