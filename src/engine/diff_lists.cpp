// Lists in which the first match decides, compared: filter lists and route tables.
#include <algorithm>

#include "src/engine/diff_facts.hpp"
#include "src/engine/diff_touched.hpp"
#include "src/engine/filter_packets.hpp"

namespace azreach {

namespace {

/// Longer middles are not aligned: everything in them counts as changed.
constexpr std::size_t kMostAligned = 1200;

/// Which items of two lists belong to a longest common subsequence; the others are changed.
template <class Same>
std::array<std::vector<bool>, 2> changed_items(std::size_t n, std::size_t m, const Same& same) {
    std::array<std::vector<bool>, 2> changed{std::vector<bool>(n, false),
                                             std::vector<bool>(m, false)};
    std::size_t begin = 0;
    while (begin < n && begin < m && same(begin, begin)) {
        ++begin;
    }
    std::size_t end_n = n;
    std::size_t end_m = m;
    while (end_n > begin && end_m > begin && same(end_n - 1, end_m - 1)) {
        --end_n;
        --end_m;
    }
    const std::size_t rows = end_n - begin;
    const std::size_t columns = end_m - begin;
    for (std::size_t i = begin; i < end_n; ++i) {
        changed[0][i] = true;
    }
    for (std::size_t j = begin; j < end_m; ++j) {
        changed[1][j] = true;
    }
    if (rows == 0 || columns == 0 || rows > kMostAligned || columns > kMostAligned) {
        return changed;
    }
    std::vector<std::vector<std::uint16_t>> length(rows + 1,
                                                   std::vector<std::uint16_t>(columns + 1, 0));
    for (std::size_t i = rows; i-- > 0;) {
        for (std::size_t j = columns; j-- > 0;) {
            length[i][j] = same(begin + i, begin + j)
                               ? static_cast<std::uint16_t>(length[i + 1][j + 1] + 1)
                               : std::max(length[i + 1][j], length[i][j + 1]);
        }
    }
    for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
        if (same(begin + i, begin + j)) {
            changed[0][begin + i++] = false;
            changed[1][begin + j++] = false;
        } else if (length[i + 1][j] >= length[i][j + 1]) {
            ++i;
        } else {
            ++j;
        }
    }
    return changed;
}

// --- filter lists --------------------------------------------------------------------------------

bool same_rule(const Network& one, const FilterRule& a, const Network& other, const FilterRule& b) {
    return a.access == b.access && same_guard(one, a.when, other, b.when) &&
           same_parts(one, a.source, other, b.source) &&
           same_parts(one, a.destination, other, b.destination) &&
           same_parts(one, a.service, other, b.service);
}

/// What the changed rules of a list may match, beyond what earlier rules surely decide.
PacketSet reach_of(const std::vector<FilterRule>& rules, const std::vector<bool>& changed) {
    PacketSet result;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (!changed[i]) {
            continue;
        }
        const Cube cube = may_match(rules[i]);
        PacketSet own = PacketSet::of(cube);
        for (std::size_t j = 0; j < i && !own.empty() && own.cubes().size() < kMostCubes; ++j) {
            const Cube earlier = must_match(rules[j]);
            if (!disjoint(cube, earlier)) {
                own -= PacketSet::of(earlier);
            }
        }
        result |= own;
    }
    return result;
}

}  // namespace

Cube may_match(const FilterRule& rule) {
    return {bounds_of(rule.source).may, bounds_of(rule.destination).may,
            bounds_of(rule.service).may};
}
/// Nothing when it is not sure that the rule is there.
Cube must_match(const FilterRule& rule) {
    if (!rule.when.empty()) {
        return {};
    }
    return {bounds_of(rule.source).must, bounds_of(rule.destination).must,
            bounds_of(rule.service).must};
}

bool disjoint(const Cube& a, const Cube& b) {
    return !a.src.intersects(b.src) || !a.dst.intersects(b.dst) || !a.service.intersects(b.service);
}

Decided decided(const FilterList* list, PacketSet packets) {
    Decided result;
    if (list == nullptr) {
        result.passes = std::move(packets);
        return result;
    }
    for (const FilterRule& rule : list->rules) {
        if (packets.empty() || packets.cubes().size() > kMostCubes) {
            return result;
        }
        const Cube may = may_match(rule);
        if (std::all_of(packets.cubes().begin(), packets.cubes().end(),
                        [&](const Cube& cube) { return disjoint(cube, may); })) {
            continue;
        }
        const PacketSet sure = packets & PacketSet::of(must_match(rule));
        packets -= PacketSet::of(may);
        (rule.access == Access::deny           ? result.denies
         : rule.access == Access::always_allow ? result.skips
                                               : result.passes) |= sure;
    }
    if (list->kind == FilterList::Kind::admin_rules) {
        result.passes |= packets;  // undecided goes on to the groups, as allowed does
    }
    return result;
}

PacketSet list_difference(const Network& one, const FilterList* a, const Network& other,
                          const FilterList* b) {
    static const std::vector<FilterRule> kNoRules;
    const std::vector<FilterRule>& old_rules = a == nullptr ? kNoRules : a->rules;
    const std::vector<FilterRule>& new_rules = b == nullptr ? kNoRules : b->rules;
    const auto changed =
        changed_items(old_rules.size(), new_rules.size(), [&](std::size_t i, std::size_t j) {
            return same_rule(one, old_rules[i], other, new_rules[j]);
        });
    PacketSet region = reach_of(old_rules, changed[0]) | reach_of(new_rules, changed[1]);
    if (region.empty() || region.cubes().size() > kMostCubes) {
        return region;
    }
    const Decided before = decided(a, region);
    const Decided after = decided(b, region);
    region -= before.passes & after.passes;
    region -= before.denies & after.denies;
    region -= before.skips & after.skips;
    return region.simplified();
}

// --- route tables --------------------------------------------------------------------------------

AddressSet table_difference(const Network& one, const std::vector<EffectiveRouteEntry>& a,
                            const Network& other, const std::vector<EffectiveRouteEntry>& b) {
    const auto valid = [](const std::vector<EffectiveRouteEntry>& table) {
        std::vector<const EffectiveRouteEntry*> result;
        for (const EffectiveRouteEntry& entry : table) {
            if (!entry.invalid) {
                result.push_back(&entry);
            }
        }
        return result;
    };
    const std::vector<const EffectiveRouteEntry*> entries[2] = {valid(a), valid(b)};
    const auto changed =
        changed_items(entries[0].size(), entries[1].size(), [&](std::size_t i, std::size_t j) {
            return same_entry(one, *entries[0][i], other, *entries[1][j]);
        });
    AddressSet result;
    for (std::size_t side = 0; side < 2; ++side) {
        for (std::size_t i = 0; i < entries[side].size(); ++i) {
            if (!changed[side][i]) {
                continue;
            }
            AddressSet own = entries[side][i]->prefix.addresses();
            for (std::size_t j = 0; j < i && !own.empty(); ++j) {
                if (entries[side][j]->when.empty()) {
                    own -= entries[side][j]->prefix.addresses();
                }
            }
            result |= own;
        }
    }
    return result;
}

}  // namespace azreach
