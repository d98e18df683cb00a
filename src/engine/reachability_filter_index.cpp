#include "src/engine/reachability_filter_index.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "models/net/ensures.hpp"

namespace azreach {

namespace {

std::size_t words_for(std::size_t bits) { return (bits + 63) / 64; }

void set_bit(std::uint64_t* words, std::size_t bit) {
    words[bit / 64] |= std::uint64_t{1} << (bit % 64);
}
bool test_bit(const std::uint64_t* words, std::size_t bit) {
    return (words[bit / 64] >> (bit % 64) & 1) != 0;
}

/// The classes of one family: sweeps over the borders of all members' ranges.
template <class T, class Ranges, class ClassOf>
void sweep(std::size_t words, std::size_t members, const Ranges& ranges_of, const ClassOf& class_of,
           std::vector<T>& starts, std::vector<ClassIndex>& classes) {
    struct Border {
        T at;
        std::uint32_t member;
    };
    std::vector<Border> borders;
    for (std::size_t i = 0; i < members; ++i) {
        for (const auto& range : ranges_of(i)) {
            borders.push_back({range.first, static_cast<std::uint32_t>(i)});
            if (range.last != static_cast<T>(~T{0})) {
                borders.push_back({static_cast<T>(range.last + 1), static_cast<std::uint32_t>(i)});
            }
        }
    }
    std::sort(borders.begin(), borders.end(),
              [](const Border& x, const Border& y) { return x.at < y.at; });
    std::vector<std::uint64_t> now(words, 0);
    std::size_t next = 0;
    T at = 0;
    while (true) {
        while (next < borders.size() && borders[next].at == at) {
            now[borders[next].member / 64] ^= std::uint64_t{1} << (borders[next].member % 64);
            ++next;
        }
        const ClassIndex index = class_of(now);
        if (classes.empty() || classes.back() != index) {
            starts.push_back(at);
            classes.push_back(index);
        }
        if (next == borders.size()) {
            return;
        }
        at = borders[next].at;
    }
}

template <class T>
void split_family(const IntervalSet<T>& set, const std::vector<T>& starts,
                  const std::vector<ClassIndex>& classes,
                  std::map<ClassIndex, std::vector<Range<T>>>& parts) {
    for (const auto& range : set.ranges()) {
        auto segment = static_cast<std::size_t>(
            std::upper_bound(starts.begin(), starts.end(), range.first) - starts.begin() - 1);
        T from = range.first;
        while (true) {
            const bool last = segment + 1 == starts.size() || starts[segment + 1] > range.last;
            const T to = last ? range.last : static_cast<T>(starts[segment + 1] - 1);
            parts[classes[segment]].push_back({from, to});
            if (last) {
                break;
            }
            from = starts[++segment];
        }
    }
}

}  // namespace

// --- addresses ---------------------------------------------------------------------------------

AddressClasses::AddressClasses(const std::vector<const AddressSet*>& members)
    : words_(std::max<std::size_t>(1, words_for(members.size()))) {
    struct Hash {
        std::size_t operator()(const std::vector<std::uint64_t>& words) const {
            std::size_t h = words.size();
            for (const std::uint64_t word : words) {
                h = (h ^ word) * 0x9E3779B97F4A7C15ULL;
                h ^= h >> 29;
            }
            return h;
        }
    };
    std::unordered_map<std::vector<std::uint64_t>, ClassIndex, Hash> known;
    const auto class_of = [&](const std::vector<std::uint64_t>& attributes) {
        const auto [it, added] = known.emplace(attributes, static_cast<ClassIndex>(count_));
        if (added) {
            bits_.insert(bits_.end(), attributes.begin(), attributes.end());
            ++count_;
        }
        return it->second;
    };
    sweep<std::uint32_t>(
        words_,
        members.size(), [&](std::size_t i) -> const auto& { return members[i]->v4.ranges(); },
        class_of, starts_v4_, classes_v4_);
    sweep<Uint128>(
        words_,
        members.size(), [&](std::size_t i) -> const auto& { return members[i]->v6.ranges(); },
        class_of, starts_v6_, classes_v6_);
}

ClassIndex AddressClasses::of(const Address& address) const {
    if (address.family == Family::v4) {
        const auto value = static_cast<std::uint32_t>(address.value);
        return classes_v4_[static_cast<std::size_t>(
            std::upper_bound(starts_v4_.begin(), starts_v4_.end(), value) - starts_v4_.begin() -
            1)];
    }
    return classes_v6_[static_cast<std::size_t>(
        std::upper_bound(starts_v6_.begin(), starts_v6_.end(), address.value) - starts_v6_.begin() -
        1)];
}

std::vector<std::pair<ClassIndex, AddressSet>> AddressClasses::split(const AddressSet& set) const {
    std::vector<std::pair<ClassIndex, AddressSet>> result;
    if (count_ == 1) {
        if (!set.empty()) {
            result.emplace_back(0, set);
        }
        return result;
    }
    // One address, or one range within a class: the usual case.
    if (set.v6.empty() && set.v4.ranges().size() == 1) {
        const auto& range = set.v4.ranges().front();
        const auto segment = static_cast<std::size_t>(
            std::upper_bound(starts_v4_.begin(), starts_v4_.end(), range.first) -
            starts_v4_.begin() - 1);
        if (segment + 1 == starts_v4_.size() || starts_v4_[segment + 1] > range.last) {
            result.emplace_back(classes_v4_[segment], set);
            return result;
        }
    }
    std::map<ClassIndex, std::vector<Range<std::uint32_t>>> v4;
    std::map<ClassIndex, std::vector<Range<Uint128>>> v6;
    split_family(set.v4, starts_v4_, classes_v4_, v4);
    split_family(set.v6, starts_v6_, classes_v6_, v6);
    for (auto& [index, ranges] : v4) {
        result.emplace_back(index,
                            AddressSet{IntervalSet<std::uint32_t>::of(std::move(ranges)), {}});
    }
    for (auto& [index, ranges] : v6) {
        auto part = IntervalSet<Uint128>::of(std::move(ranges));
        const auto same = std::find_if(result.begin(), result.end(),
                                       [i = index](const auto& item) { return item.first == i; });
        if (same == result.end()) {
            result.emplace_back(index, AddressSet{{}, std::move(part)});
        } else {
            same->second.v6 = std::move(part);
        }
    }
    return result;
}

void AddressClasses::cuts_in(const AddressSet& set, std::vector<Address>& cuts) const {
    for (const auto& range : set.v4.ranges()) {
        cuts.push_back(Address::v4(range.first));
        for (auto start = std::upper_bound(starts_v4_.begin(), starts_v4_.end(), range.first);
             start != starts_v4_.end() && *start <= range.last; ++start) {
            cuts.push_back(Address::v4(*start));
        }
    }
    for (const auto& range : set.v6.ranges()) {
        cuts.push_back(Address::v6(range.first));
        for (auto start = std::upper_bound(starts_v6_.begin(), starts_v6_.end(), range.first);
             start != starts_v6_.end() && *start <= range.last; ++start) {
            cuts.push_back(Address::v6(*start));
        }
    }
}

// --- services ----------------------------------------------------------------------------------

std::size_t FilterIndex::WordsHash::operator()(const std::vector<std::uint64_t>& words) const {
    std::size_t h = words.size();
    for (const std::uint64_t word : words) {
        h = (h ^ word) * 0x9E3779B97F4A7C15ULL;
        h ^= h >> 29;
    }
    return h;
}

FilterIndex::ServiceAtoms FilterIndex::cut(const std::vector<ServiceSet>& sets) {
    ServiceAtoms atoms;
    const std::size_t member_words = std::max<std::size_t>(1, words_for(sets.size()));
    std::map<std::vector<std::uint64_t>, std::uint32_t> known;
    std::vector<std::vector<std::uint64_t>> signatures;
    const auto class_of = [&](const std::vector<std::uint64_t>& members) {
        const auto [it, added] =
            known.emplace(members, static_cast<std::uint32_t>(signatures.size()));
        if (added) {
            signatures.push_back(members);
        }
        return it->second;
    };

    for (const Protocol p : {kTcp, kUdp, kIcmp, kIcmpv6}) {
        const std::uint32_t top = has_ports(p) ? 65535 : 255;
        // Columns by a (usually one), borders by b.
        std::vector<std::uint32_t> cuts_a{0, top + 1};
        std::vector<std::uint32_t> cuts_b{0, top + 1};
        for (const ServiceSet& set : sets) {
            for (const PairSet::Band& band : set.pairs(p).bands()) {
                cuts_b.push_back(band.b.first);
                cuts_b.push_back(band.b.last + 1U);
                for (const auto& range : band.a.ranges()) {
                    cuts_a.push_back(range.first);
                    cuts_a.push_back(range.last + 1U);
                }
            }
        }
        for (std::vector<std::uint32_t>* cuts : {&cuts_a, &cuts_b}) {
            std::sort(cuts->begin(), cuts->end());
            cuts->erase(std::unique(cuts->begin(), cuts->end()), cuts->end());
        }
        const std::size_t columns = cuts_a.size() - 1;
        const std::size_t rows = cuts_b.size() - 1;
        std::vector<std::uint64_t> members(columns * rows * member_words, 0);
        const auto index = [](const std::vector<std::uint32_t>& cuts, std::uint32_t value) {
            return static_cast<std::size_t>(std::lower_bound(cuts.begin(), cuts.end(), value) -
                                            cuts.begin());
        };
        for (std::size_t i = 0; i < sets.size(); ++i) {
            for (const PairSet::Band& band : sets[i].pairs(p).bands()) {
                const std::size_t row_end = index(cuts_b, band.b.last + 1U);
                for (const auto& range : band.a.ranges()) {
                    const std::size_t column_end = index(cuts_a, range.last + 1U);
                    for (std::size_t row = index(cuts_b, band.b.first); row < row_end; ++row) {
                        for (std::size_t column = index(cuts_a, range.first); column < column_end;
                             ++column) {
                            set_bit(&members[(row * columns + column) * member_words], i);
                        }
                    }
                }
            }
        }
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t column = 0; column < columns; ++column) {
                const std::uint64_t* first = &members[(row * columns + column) * member_words];
                ServiceAtoms::Box box;
                box.protocol = p;
                box.a = {static_cast<std::uint16_t>(cuts_a[column]),
                         static_cast<std::uint16_t>(cuts_a[column + 1] - 1)};
                box.b = {static_cast<std::uint16_t>(cuts_b[row]),
                         static_cast<std::uint16_t>(cuts_b[row + 1] - 1)};
                box.service_class =
                    class_of(std::vector<std::uint64_t>(first, first + member_words));
                atoms.boxes.push_back(box);
            }
        }
    }
    atoms.others.resize(256, 0);
    for (unsigned number = 0; number < 256; ++number) {
        const auto p = static_cast<Protocol>(number);
        if (has_ports(p) || has_icmp_type(p)) {
            continue;
        }
        std::vector<std::uint64_t> members(member_words, 0);
        for (std::size_t i = 0; i < sets.size(); ++i) {
            if (sets[i].others().contains(p)) {
                set_bit(members.data(), i);
            }
        }
        atoms.others[number] = class_of(members);
    }

    atoms.classes = signatures.size();
    atoms.words = words_for(atoms.classes);
    atoms.bits.resize(std::max<std::size_t>(1, sets.size()) * atoms.words, 0);
    for (std::size_t i = 0; i < sets.size(); ++i) {
        for (std::size_t c = 0; c < signatures.size(); ++c) {
            if (test_bit(signatures[c].data(), i)) {
                set_bit(&atoms.bits[i * atoms.words], c);
            }
        }
    }
    return atoms;
}

ServiceId FilterIndex::interned(const Words& classes) const {
    // Called with the mutex held.
    const auto found = by_classes_.find(classes);
    if (found != by_classes_.end()) {
        return found->second;
    }
    ServiceSet set;
    // Boxes of one protocol and one column of a, their ranges of b together.
    std::map<std::pair<Protocol, Range<std::uint16_t>>, std::vector<Range<std::uint16_t>>> columns;
    for (const ServiceAtoms::Box& box : atoms_.boxes) {
        if (test_bit(classes.data(), box.service_class)) {
            columns[{box.protocol, box.a}].push_back(box.b);
        }
    }
    for (auto& [column, ranges] : columns) {
        set |= ServiceSet::of_pairs(
            column.first, PairSet::box(PortSet::range(column.second.first, column.second.last),
                                       PortSet::of(std::move(ranges))));
    }
    for (unsigned number = 0; number < 256; ++number) {
        const auto p = static_cast<Protocol>(number);
        if (!has_ports(p) && !has_icmp_type(p) && test_bit(classes.data(), atoms_.others[number])) {
            set |= ServiceSet::protocol(p);
        }
    }
    const ServiceId id = pool_.intern(set);
    by_classes_.emplace(classes, id);
    return id;
}

// --- the index ---------------------------------------------------------------------------------

std::vector<RuleParts> parts_of(const FilterList& list) {
    std::vector<RuleParts> result;
    result.reserve(list.rules.size());
    for (const FilterRule& rule : list.rules) {
        RuleParts& parts = result.emplace_back();
        parts.access = rule.access;
        parts.when = &rule.when;
        for (const Guarded<AddressSet>& part : rule.source) {
            parts.source.push_back(&part);
        }
        for (const Guarded<AddressSet>& part : rule.destination) {
            parts.destination.push_back(&part);
        }
        for (const Guarded<ServiceSet>& part : rule.service) {
            parts.service.push_back(&part);
        }
    }
    return result;
}

FilterIndex::FilterIndex(const std::vector<RuleParts>& rules, bool admin, bool ignore_source_ports,
                         ServicePool& pool)
    : pool_(pool), admin_(admin) {
    // Facts about one thing are asked of the source, of the destination, of the service or of the
    // rule itself; contested behaviour is one fact wherever it is asked.
    enum Role : std::uint8_t { of_rule, of_source, of_destination, of_service };
    std::map<std::pair<Fact, Role>, std::uint32_t> variables;
    const auto conditions = [&](const Guard& guard, Role role) {
        Conditions result;
        for (const Literal& literal : guard) {
            const Role asked = literal.fact.key <= FactKey::last_contested ? of_rule : role;
            const auto [it, added] = variables.emplace(
                std::pair(literal.fact, asked), static_cast<std::uint32_t>(variables.size()));
            result.push_back({it->second, literal.value});
        }
        return result;
    };
    // Equal sets are one attribute: many rules say VirtualNetwork, or one and the same IP group.
    struct Known {
        std::unordered_map<const void*, std::uint32_t> by_place;
        std::unordered_map<std::size_t, std::vector<std::uint32_t>> by_hash;
    };
    const auto distinct = [](Known& known, auto& sets, const auto& set) {
        const auto [place, added] = known.by_place.emplace(&set, 0);
        if (!added) {
            return place->second;
        }
        const std::size_t hash = set.hash();
        for (const std::uint32_t index : known.by_hash[hash]) {
            if (*sets[index] == set) {
                return place->second = index;
            }
        }
        const auto index = static_cast<std::uint32_t>(sets.size());
        known.by_hash[hash].push_back(index);
        sets.push_back(&set);
        return place->second = index;
    };
    Known known_sources;
    Known known_destinations;
    Known known_services;
    std::vector<const AddressSet*> sources;
    std::vector<const AddressSet*> destinations;
    std::vector<const ServiceSet*> services;
    std::deque<ServiceSet> widened;
    for (const RuleParts& rule : rules) {
        IndexedRule& indexed = rules_.emplace_back();
        indexed.access = rule.access;
        indexed.when = conditions(*rule.when, of_rule);
        for (const Guarded<AddressSet>* part : rule.source) {
            indexed.source.push_back(
                {conditions(part->when, of_source), distinct(known_sources, sources, part->set)});
        }
        for (const Guarded<AddressSet>* part : rule.destination) {
            indexed.destination.push_back({conditions(part->when, of_destination),
                                           distinct(known_destinations, destinations, part->set)});
        }
        for (const Guarded<ServiceSet>* part : rule.service) {
            const ServiceSet* set = &part->set;
            if (ignore_source_ports) {
                set = &widened.emplace_back(part->set.with_any_source_port());
            }
            indexed.service.push_back(
                {conditions(part->when, of_service), distinct(known_services, services, *set)});
        }
    }
    variables_ = variables.size();
    sources_ = AddressClasses(sources);
    destinations_ = AddressClasses(destinations);
    std::vector<ServiceSet> service_sets;
    for (const ServiceSet* set : services) {
        service_sets.push_back(*set);
    }
    atoms_ = cut(service_sets);
    for (IndexedRule& rule : rules_) {
        rule.service_may.assign(atoms_.words, 0);
        rule.service_must.assign(atoms_.words, 0);
        for (const Part& part : rule.service) {
            for (std::size_t w = 0; w < atoms_.words; ++w) {
                rule.service_may[w] |= atoms_.classes_of(part.set)[w];
                rule.service_must[w] |= part.when.empty() ? atoms_.classes_of(part.set)[w] : 0;
            }
        }
    }
    rules_from_ = rules_by_class(sources_, rules_, &IndexedRule::source);
    rules_to_ = rules_by_class(destinations_, rules_, &IndexedRule::destination);
    constexpr std::size_t kMostDenseCells = std::size_t{1} << 20;
    const std::size_t cells = sources_.size() * destinations_.size();
    if (cells > kMostDenseCells) {
        return;
    }
    cells_ = std::make_unique<std::atomic<const FilterCell*>[]>(cells);
    for (std::size_t i = 0; i < cells; ++i) {
        cells_[i].store(nullptr, std::memory_order_relaxed);
    }
}

FilterIndex::Words FilterIndex::rules_by_class(const AddressClasses& classes,
                                               const std::vector<IndexedRule>& rules,
                                               std::vector<Part> IndexedRule::*side) {
    const std::size_t words = words_for(rules.size());
    std::size_t sets = 0;
    for (const IndexedRule& rule : rules) {
        for (const Part& part : rule.*side) {
            sets = std::max<std::size_t>(sets, part.set + 1U);
        }
    }
    std::vector<std::vector<std::uint32_t>> rules_of(sets);  // by attribute
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        for (const Part& part : rules[i].*side) {
            rules_of[part.set].push_back(i);
        }
    }
    std::vector<Words> many(sets);  // the same as bits, where that is shorter
    for (std::size_t set = 0; set < sets; ++set) {
        if (rules_of[set].size() > words) {
            many[set].assign(words, 0);
            for (const std::uint32_t rule : rules_of[set]) {
                set_bit(many[set].data(), rule);
            }
        }
    }
    Words result(classes.size() * words, 0);
    for (ClassIndex c = 0; c < classes.size(); ++c) {
        const std::uint64_t* attributes = classes.attributes(c);
        for (std::size_t word = 0; word * 64 < sets; ++word) {
            for (std::uint64_t bits = attributes[word]; bits != 0; bits &= bits - 1) {
                const std::size_t set = word * 64 + static_cast<std::size_t>(__builtin_ctzll(bits));
                for (std::size_t w = 0; w < many[set].size(); ++w) {
                    result[c * words + w] |= many[set][w];
                }
                for (const std::uint32_t rule : rules_of[set]) {
                    if (!many[set].empty()) {
                        break;
                    }
                    set_bit(&result[c * words], rule);
                }
            }
        }
    }
    return result;
}

const FilterCell& FilterIndex::cell(ClassIndex source, ClassIndex destination) const {
    if (!cells_) {
        const std::uint64_t key = (std::uint64_t{source} << 32) | destination;
        {
            const std::shared_lock lock(sparse_mutex_);
            const auto known = sparse_cells_.find(key);
            if (known != sparse_cells_.end()) {
                return *known->second;
            }
        }
        const std::lock_guard lock(mutex_);
        const std::unique_lock more(sparse_mutex_);
        const FilterCell*& cell = sparse_cells_[key];
        if (cell == nullptr) {
            storage_.push_back(computed(source, destination));
            cell = &storage_.back();
        }
        return *cell;
    }
    std::atomic<const FilterCell*>& slot = cells_[source * destinations_.size() + destination];
    if (const FilterCell* known = slot.load(std::memory_order_acquire)) {
        return *known;
    }
    const std::lock_guard lock(mutex_);
    if (const FilterCell* known = slot.load(std::memory_order_acquire)) {
        return *known;
    }
    storage_.push_back(computed(source, destination));
    slot.store(&storage_.back(), std::memory_order_release);
    return storage_.back();
}

FilterCell FilterIndex::computed(ClassIndex source, ClassIndex destination) const {
    const std::uint64_t* from = sources_.attributes(source);
    const std::uint64_t* to = destinations_.attributes(destination);
    const std::size_t rule_words = words_for(rules_.size());
    std::vector<std::uint32_t> matching;
    for (std::size_t word = 0; word < rule_words; ++word) {
        std::uint64_t bits =
            rules_from_[source * rule_words + word] & rules_to_[destination * rule_words + word];
        for (; bits != 0; bits &= bits - 1) {
            matching.push_back(static_cast<std::uint32_t>(
                word * 64 + static_cast<std::size_t>(__builtin_ctzll(bits))));
        }
    }
    Decided decided = bounded(matching, from, to);
    if (variables_ != 0 &&
        (decided.open_must != decided.open_may || decided.skipped_must != decided.skipped_may)) {
        // Which facts are asked here, and in how many worlds.
        std::vector<std::uint32_t> asked;
        const auto note = [&](const Conditions& conditions) {
            for (const Condition& condition : conditions) {
                if (std::find(asked.begin(), asked.end(), condition.variable) == asked.end()) {
                    asked.push_back(condition.variable);
                }
            }
        };
        for (const std::uint32_t i : matching) {
            const IndexedRule& rule = rules_[i];
            note(rule.when);
            const auto side = [&](const std::vector<Part>& parts, const std::uint64_t* attributes) {
                const bool sure = std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
                    return part.when.empty() && test_bit(attributes, part.set);
                });
                for (const Part& part : parts) {
                    if (!sure && test_bit(attributes, part.set)) {
                        note(part.when);
                    }
                }
            };
            side(rule.source, from);
            side(rule.destination, to);
            for (const Part& part : rule.service) {
                note(part.when);
            }
        }
        if (asked.size() <= kMaxCellFacts) {
            decided = by_worlds(matching, from, to, asked);
        }
    }
    FilterCell cell;
    cell.open_may = interned(decided.open_may);
    cell.open_must = interned(decided.open_must);
    cell.passed_may = interned(decided.passed_may);
    cell.skipped_must = interned(decided.skipped_must);
    cell.skipped_may = interned(decided.skipped_may);
    return cell;
}

/// Z3, with the three results of admin rules.
FilterIndex::Decided FilterIndex::bounded(const std::vector<std::uint32_t>& rules,
                                          const std::uint64_t* from,
                                          const std::uint64_t* to) const {
    const std::size_t words = atoms_.words;
    Words undecided(words, 0);  // in some world
    for (std::size_t c = 0; c < atoms_.classes; ++c) {
        set_bit(undecided.data(), c);
    }
    Words only_skip = undecided;  // in no world did an Allow or a Deny take it
    Words only_open = undecided;  // in no world did a Deny take it
    Decided result{Words(words, 0), Words(words, 0), Words(words, 0), Words(words, 0),
                   Words(words, 0)};
    const auto surely = [](const std::vector<Part>& parts, const std::uint64_t* attributes) {
        return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
            return part.when.empty() && test_bit(attributes, part.set);
        });
    };
    for (const std::uint32_t i : rules) {
        const IndexedRule& rule = rules_[i];
        const bool certain =
            rule.when.empty() && surely(rule.source, from) && surely(rule.destination, to);
        bool some_left = false;
        for (std::size_t w = 0; w < words; ++w) {
            const std::uint64_t may = rule.service_may[w];
            const std::uint64_t sure = certain ? rule.service_must[w] : 0;
            switch (rule.access) {
                case Access::allow:
                    result.passed_may[w] |= undecided[w] & may;
                    result.open_must[w] |= only_open[w] & sure;
                    only_skip[w] &= ~may;
                    break;
                case Access::always_allow:
                    result.skipped_may[w] |= undecided[w] & may;
                    result.skipped_must[w] |= only_skip[w] & sure;
                    result.open_must[w] |= only_open[w] & sure;
                    break;
                case Access::deny:
                    only_skip[w] &= ~may;
                    only_open[w] &= ~may;
                    break;
            }
            undecided[w] &= ~sure;
            some_left = some_left || undecided[w] != 0;
        }
        if (!some_left) {
            break;  // every service is decided in every world
        }
    }
    for (std::size_t w = 0; w < words; ++w) {
        if (admin_) {  // what no admin rule takes goes on to the groups
            result.passed_may[w] |= undecided[w];
            result.open_must[w] |= only_open[w];
        }
        result.open_may[w] = result.passed_may[w] | result.skipped_may[w];
    }
    return result;
}

/// First match in every world of `variables`; bounds over the worlds.
FilterIndex::Decided FilterIndex::by_worlds(const std::vector<std::uint32_t>& rules,
                                            const std::uint64_t* from, const std::uint64_t* to,
                                            const std::vector<std::uint32_t>& variables) const {
    const std::size_t words = atoms_.words;
    Words all(words, 0);
    for (std::size_t c = 0; c < atoms_.classes; ++c) {
        set_bit(all.data(), c);
    }
    std::vector<bool> value(variables_);
    const auto holds = [&](const Conditions& conditions) {
        return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
            return value[condition.variable] == condition.value;
        });
    };
    const auto matches = [&](const std::vector<Part>& parts, const std::uint64_t* attributes) {
        return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
            return test_bit(attributes, part.set) && holds(part.when);
        });
    };
    Decided result{all, Words(words, 0), Words(words, 0), all, Words(words, 0)};
    for (std::uint32_t world = 0; world < (1U << variables.size()); ++world) {
        for (std::size_t v = 0; v < variables.size(); ++v) {
            value[variables[v]] = (world >> v & 1U) != 0;
        }
        Words undecided = all;
        Words passed(words, 0);
        Words skipped(words, 0);
        for (const std::uint32_t i : rules) {
            const IndexedRule& rule = rules_[i];
            if (!holds(rule.when) || !matches(rule.source, from) ||
                !matches(rule.destination, to)) {
                continue;
            }
            bool some_left = false;
            for (const Part& part : rule.service) {
                if (!holds(part.when)) {
                    continue;
                }
                const std::uint64_t* services = atoms_.classes_of(part.set);
                for (std::size_t w = 0; w < words; ++w) {
                    const std::uint64_t taken = undecided[w] & services[w];
                    if (rule.access == Access::allow) {
                        passed[w] |= taken;
                    } else if (rule.access == Access::always_allow) {
                        skipped[w] |= taken;
                    }
                    undecided[w] &= ~taken;
                }
            }
            for (std::size_t w = 0; w < words; ++w) {
                some_left = some_left || undecided[w] != 0;
            }
            if (!some_left) {
                break;
            }
        }
        for (std::size_t w = 0; w < words; ++w) {
            if (admin_) {
                passed[w] |= undecided[w];
            }
            result.passed_may[w] |= passed[w];
            result.skipped_may[w] |= skipped[w];
            result.open_may[w] |= passed[w] | skipped[w];
            result.skipped_must[w] &= skipped[w];
            result.open_must[w] &= passed[w] | skipped[w];
        }
    }
    return result;
}

}  // namespace azreach
