#include "src/arm/pages.hpp"

#include <algorithm>
#include <set>

#include "models/azure/resource_id.hpp"

namespace azreach {

namespace {

Gap gap_of(const Page& page, const std::string& sign) {
    return {"AZR9003", page.file, sign, "resources on the pages that are not here are unknown"};
}

std::string folded(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return result;
}

/// "https://host/subscriptions/S/providers/Microsoft.Network/virtualNetworks?api-version=..." gives
/// ("/subscriptions/s", "/providers/microsoft.network/virtualnetworks").
struct Listing {
    std::string scope, type;
};

Listing listing_of(std::string_view link) {
    std::string path = folded(link.substr(0, link.find('?')));
    const std::size_t scheme = path.find("://");
    if (scheme != std::string::npos) {
        path = path.substr(std::min(path.find('/', scheme + 3), path.size()));
    }
    const std::size_t type = path.rfind("/providers/");
    if (type == std::string::npos) {
        return {path, ""};
    }
    return {path.substr(0, type), path.substr(type)};
}

/// Whether a page that does not link on may be the last one of the listing. An empty page says
/// nothing of where it belongs, so it ends none.
bool ends(const Page& page, const Listing& listing) {
    if (!listing.scope.starts_with('/')) {
        return true;  // a bare token: any last page of the kind
    }
    if (page.first_id.empty()) {
        return false;
    }
    const std::string id = folded(page.first_id);
    if (!id.starts_with(listing.scope)) {
        return false;
    }
    // Listings of children have the parents' names in their path: the last word is the type's.
    const std::string type = folded(ResourceId(page.first_id).type());
    return listing.type.empty() || listing.type.ends_with(type.substr(type.rfind('/') + 1));
}

}  // namespace

std::vector<Gap> missing_pages(const std::vector<Page>& pages) {
    std::vector<Gap> gaps;
    std::map<long long, std::vector<const Page*>> series;  // Resource Graph, by announced total
    std::vector<const Page*> linked;                       // ARM lists that go on
    std::set<std::string> seen;
    for (const Page& page : pages) {
        if (!seen.insert(page.sha256).second) {
            continue;
        }
        if (page.info.count && *page.info.count > static_cast<long long>(page.info.rows)) {
            gaps.push_back(gap_of(page, "count is " + std::to_string(*page.info.count) +
                                            ", rows given " + std::to_string(page.info.rows)));
        } else if (page.info.total) {
            series[*page.info.total].push_back(&page);
        } else if (page.info.truncated && page.info.next.empty()) {
            gaps.push_back(gap_of(page, "resultTruncated"));
        } else if (!page.info.next.empty() && page.info.children_of.empty()) {
            linked.push_back(&page);
        }
    }
    for (const auto& [total, parts] : series) {
        // Several queries may have the same total: each has one last page, and its own rows.
        long long rows = 0;
        long long last = 0;
        for (const Page* page : parts) {
            rows += static_cast<long long>(page->info.rows);
            last += page->info.next.empty() ? 1 : 0;
        }
        if (rows < total * std::max(last, 1LL) || (last == 0 && total > 0)) {
            const auto open = std::find_if(parts.begin(), parts.end(), [](const Page* page) {
                return !page->info.next.empty();
            });
            gaps.push_back(gap_of(open == parts.end() ? *parts.back() : **open,
                                  std::to_string(total * std::max(last, 1LL)) +
                                      " rows announced, " + std::to_string(rows) + " given"));
        }
    }
    std::map<std::string, std::vector<const Page*>> listings;
    for (const Page* page : linked) {
        const Listing listing = listing_of(page->info.next);
        listings[listing.scope + listing.type].push_back(page);
    }
    for (const auto& [key, parts] : listings) {
        const Listing listing = listing_of(parts.front()->info.next);
        const bool closed = std::any_of(pages.begin(), pages.end(), [&](const Page& page) {
            return page.kind == parts.front()->kind && page.info.next.empty() && !page.info.total &&
                   ends(page, listing);
        });
        if (!closed) {
            gaps.push_back(gap_of(*parts.back(), parts.back()->info.next_key));
        }
    }
    return gaps;
}

std::set<ResourceId> complete_lists(const std::vector<Page>& pages, std::vector<Gap>& gaps) {
    struct Seen {
        std::set<long long> numbers;
        long long last = 0;  // the page that does not link on
        std::string file;
    };
    std::map<ResourceId, Seen> lists;
    for (const Page& page : pages) {
        if (page.info.children_of.empty()) {
            continue;
        }
        Seen& seen = lists[ResourceId(page.info.children_of)];
        seen.numbers.insert(page.info.children_page);
        seen.file = page.file;
        if (page.info.next.empty()) {
            seen.last = page.info.children_page;
        }
    }
    std::set<ResourceId> complete;
    for (const auto& [id, seen] : lists) {
        if (seen.last > 0 && *seen.numbers.begin() == 1 && *seen.numbers.rbegin() == seen.last &&
            static_cast<long long>(seen.numbers.size()) == seen.last) {
            complete.insert(id);
        } else {
            gaps.push_back({"AZR9013", id.text(), seen.file + ": a page of the list is not here",
                            "what it would have said is unknown"});
        }
    }
    return complete;
}

}  // namespace azreach
