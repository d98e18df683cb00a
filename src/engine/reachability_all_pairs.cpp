// All pairs, as blocks of axis indices.
//
// For every subnet of senders one symbolic walk says where its packets go, with the filters on the
// way as expressions. Then NICs are only classes: rows (and columns) that every filter puts in the
// same class have the same values, each computed once. A row is a plain array over the columns;
// columns with equal values become one block. Nothing is kept per pair of NICs.
#include <tbb/enumerable_thread_specific.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <deque>
#include <map>
#include <unordered_map>

#include "src/engine/reachability_evaluate.hpp"
#include "src/engine/reachability_state.hpp"

namespace azreach {

namespace {

using AxisEntry = Reachability::AxisEntry;
using Block = Reachability::Block;
using Kind = AxisEntry::Kind;
using Value = Evaluator::Value;
using ValueId = std::uint32_t;  // 0: nothing arrives
using Positions = std::vector<std::uint32_t>;

struct ValueHash {
    std::size_t operator()(const Value& value) const {
        std::size_t h = 0;
        for (const Fate* fate : {&value.packets, &value.sessions}) {
            for (const ServiceId id : fate->sets) {
                h = (h ^ id) * 0x9E3779B97F4A7C15ULL;
                h ^= h >> 31;
            }
        }
        return h;
    }
};

/// Values by id, and what they say of several pairs of addresses at once: always = for every pair,
/// can = for some, as if the platform chose the pair.
class Values {
public:
    explicit Values(ServicePool& pool) : algebra_(pool) { values_.emplace_back(); }

    ValueId id(const Value& value) {
        if (value.packets.empty()) {
            return 0;
        }
        const auto [it, added] = ids_.emplace(value, static_cast<ValueId>(values_.size()));
        if (added) {
            values_.push_back(value);
        }
        return it->second;
    }
    const Value& at(ValueId id) const { return values_[id]; }
    ValueId both(ValueId a, ValueId b) {
        if (a == b) {
            return a;
        }
        const std::uint64_t key = (std::uint64_t{std::min(a, b)} << 32) | std::max(a, b);
        const auto found = both_.find(key);
        if (found != both_.end()) {
            return found->second;
        }
        using Op = FateAlgebra::Op;
        const Value result{algebra_.combined(at(a).packets, at(b).packets, Op::choice),
                           algebra_.combined(at(a).sessions, at(b).sessions, Op::choice)};
        return both_[key] = id(result);
    }

private:
    FateAlgebra algebra_;
    std::deque<Value> values_;
    std::unordered_map<Value, ValueId, ValueHash> ids_;
    std::unordered_map<std::uint64_t, ValueId> both_;
};

std::vector<Range<std::uint32_t>> ranges_of(const Positions& ascending) {
    std::vector<Range<std::uint32_t>> ranges;
    for (const std::uint32_t index : ascending) {
        if (!ranges.empty() && ranges.back().last + 1 == index) {
            ranges.back().last = index;
        } else if (ranges.empty() || ranges.back().last != index) {
            ranges.push_back({index, index});
        }
    }
    return ranges;
}

/// A block on its way out.
struct RawBlock {
    std::vector<Range<std::uint32_t>> from, to;
    Value value;
};

/// Positions with equal keys, in the order of their first members.
template <class KeyOf>
std::vector<Positions> alike(const Positions& positions, const KeyOf& key_of) {
    std::map<decltype(key_of(0U)), std::size_t> known;
    std::vector<Positions> groups;
    for (const std::uint32_t position : positions) {
        const auto [it, added] = known.emplace(key_of(position), groups.size());
        if (added) {
            groups.emplace_back();
        }
        groups[it->second].push_back(position);
    }
    return groups;
}

template <class Arrays>
std::vector<ClassIndex> key_at(const Arrays& arrays, std::uint32_t position) {
    std::vector<ClassIndex> key;
    key.reserve(arrays.size());
    for (const std::vector<ClassIndex>* classes : arrays) {
        key.push_back((*classes)[position]);
    }
    return key;
}

/// One side of the question: entries, and the configurations behind them that can be told apart by
/// their addresses.
struct Side {
    const std::vector<AxisEntry>* entries = nullptr;
    std::vector<std::uint32_t> entry_of;  // by position of the axis side
    std::vector<bool> plain;              // by entry: configurations, all with known addresses
    std::vector<std::uint32_t> others;    // entries with a configuration of unknown address
    std::optional<std::uint32_t> internet, onprem;
};

class Pairs {
public:
    Pairs(const Reachability& reachability, ReachabilityState& state,
          const std::vector<AxisEntry>& from, const std::vector<AxisEntry>& to,
          const ServiceSet& services)
        : reachability_(reachability),
          state_(state),
          network_(state.network),
          services_(services),
          asked_(state.pool.intern(services)),
          from_(side_of(from)),
          to_(side_of(to)),
          rows_(network_, known(from, from_)),
          columns_(network_, known(to, to_)),
          targets_(columns_.configs()) {
        std::sort(targets_.begin(), targets_.end());
        question_.targets = &targets_;
        for (const Side* side : {&from_, &to_}) {
            for (const AxisEntry& entry : *side->entries) {
                simple_ = simple_ && entry.configs.size() <= 1;
            }
        }
    }
    Pairs(const Pairs&) = delete;
    Pairs& operator=(const Pairs&) = delete;

    void run(int jobs, const std::function<void(const Block&)>& sink);

private:
    /// What works on one subnet of senders at a time. Not thread-safe.
    struct Worker {
        explicit Worker(Pairs& pairs)
            : expressions(pairs.state_.pool),
              walk(pairs.network_, pairs.state_.pool, pairs.state_.filters, &expressions),
              concrete(pairs.network_, pairs.state_.pool, pairs.state_.filters),
              values(pairs.state_.pool),
              algebra(pairs.state_.pool) {}
        Expressions expressions;
        SetWalk walk, concrete;
        Values values;
        FateAlgebra algebra;
        std::deque<SourceGroup> groups;  // the walk remembers them
        std::map<std::pair<ExprId, ExprId>, std::unique_ptr<Evaluator>> evaluators;
        std::map<FilterIndexes::Chain, std::vector<std::uint32_t>> outbound_columns;
    };
    /// Rows with equal values, and their values by column position.
    struct Row {
        Positions positions;
        std::vector<ValueId> values;
    };
    /// Subnets of senders whose entries have to be looked at together.
    struct Task {
        std::vector<Positions> subnets;
        Positions entries;
    };
    /// A row of the answer: entries with equal values by column entry.
    using Line = std::pair<Positions, std::vector<ValueId>>;

    Side side_of(const std::vector<AxisEntry>& entries) const;
    std::vector<ConfigIndex> known(const std::vector<AxisEntry>& entries, Side& side) const;
    std::vector<Task> tasks() const;
    std::vector<RawBlock> done(Worker& worker, const Task& task);
    std::vector<Row> rows_from(Worker& worker, const Positions& positions);
    void fill(Worker& worker, const Cells& cells, const Positions& rows, std::vector<Row>& result);
    Value pair_by_pair(Worker& worker, std::uint32_t row, std::uint32_t column);
    std::vector<Line> lines(Worker& worker, const Task& task, const std::vector<Row>& rows);
    std::vector<ValueId> by_entry(Worker& worker, const Row& row, Family family);
    void outside_columns(Worker& worker, const Task& task, std::vector<RawBlock>& blocks);
    ValueId folded(Worker& worker, const Cells& cells, const Address& source,
                   const AddressSet& everywhere);
    std::vector<RawBlock> from_internet(std::uint32_t row);
    std::vector<RawBlock> from_onprem(std::uint32_t row);
    std::vector<RawBlock> of_unknown_addresses();
    Value limited(const Value& value) const;
    AddressSet onprem_space() const;

    const Reachability& reachability_;
    ReachabilityState& state_;
    const Network& network_;
    const ServiceSet& services_;
    ServiceId asked_;
    Side from_, to_;
    AxisSide rows_, columns_;
    std::vector<ConfigIndex> targets_;
    WalkQuestion question_;
    bool simple_ = true;  // every entry is one configuration
};

Side Pairs::side_of(const std::vector<AxisEntry>& entries) const {
    Side side;
    side.entries = &entries;
    side.plain.resize(entries.size(), false);
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
        switch (entries[i].kind) {
            case Kind::internet:
                side.internet = i;
                break;
            case Kind::onprem:
                side.onprem = i;
                break;
            case Kind::configs:
                side.plain[i] = std::all_of(
                    entries[i].configs.begin(), entries[i].configs.end(), [&](ConfigIndex config) {
                        return network_.configurations()[config].configuration->address.has_value();
                    });
                if (!side.plain[i]) {
                    side.others.push_back(i);
                }
                break;
        }
    }
    return side;
}

std::vector<ConfigIndex> Pairs::known(const std::vector<AxisEntry>& entries, Side& side) const {
    std::vector<ConfigIndex> configs;
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
        if (entries[i].kind == Kind::configs && side.plain[i]) {
            for (const ConfigIndex config : entries[i].configs) {
                configs.push_back(config);
                side.entry_of.push_back(i);
            }
        }
    }
    return configs;
}

Value Pairs::limited(const Value& value) const {
    FateAlgebra algebra(state_.pool);
    return {algebra.restricted(value.packets, asked_, asked_),
            algebra.restricted(value.sessions, asked_, asked_)};
}

AddressSet Pairs::onprem_space() const {
    AddressSet space;
    for (const Routes::OnpremEntry& entry : network_.routes().onprem_entries()) {
        if (entry.when.empty()) {
            space |= entry.sources;
        }
    }
    return space;
}

/// Entries with several subnets tie them together.
std::vector<Pairs::Task> Pairs::tasks() const {
    std::map<SubnetIndex, std::size_t> task_of;
    std::vector<Task> tasks;
    std::vector<std::map<SubnetIndex, Positions>> subnets;
    std::uint32_t position = 0;
    while (position < rows_.size()) {
        const std::uint32_t entry = from_.entry_of[position];
        Positions own;
        while (position < rows_.size() && from_.entry_of[position] == entry) {
            own.push_back(position++);
        }
        const auto subnet_of = [&](std::uint32_t p) {
            return network_.configurations()[rows_.configs()[p]].subnet;
        };
        // The first task that knows one of the subnets takes the others in.
        std::size_t task = tasks.size();
        for (const std::uint32_t p : own) {
            const auto known = task_of.find(subnet_of(p));
            if (known != task_of.end() && known->second < task) {
                task = known->second;
            }
        }
        if (task == tasks.size()) {
            tasks.emplace_back();
            subnets.emplace_back();
        }
        for (const std::uint32_t p : own) {
            const auto [known, added] = task_of.emplace(subnet_of(p), task);
            if (!added && known->second != task) {
                const std::size_t other = known->second;
                for (auto& [subnet, positions] : subnets[other]) {
                    Positions& to = subnets[task][subnet];
                    to.insert(to.end(), positions.begin(), positions.end());
                    task_of[subnet] = task;
                }
                subnets[other].clear();
                tasks[task].entries.insert(tasks[task].entries.end(), tasks[other].entries.begin(),
                                           tasks[other].entries.end());
                tasks[other].entries.clear();
            }
            subnets[task][subnet_of(p)].push_back(p);
        }
        tasks[task].entries.push_back(entry);
    }
    std::vector<Task> result;
    for (std::size_t t = 0; t < tasks.size(); ++t) {
        if (tasks[t].entries.empty()) {
            continue;
        }
        for (auto& [subnet, positions] : subnets[t]) {
            std::sort(positions.begin(), positions.end());
            tasks[t].subnets.push_back(std::move(positions));
        }
        std::sort(tasks[t].entries.begin(), tasks[t].entries.end());
        result.push_back(std::move(tasks[t]));
    }
    return result;
}

// --- rows of one subnet
// ----------------------------------------------------------------------------

std::vector<Pairs::Row> Pairs::rows_from(Worker& worker, const Positions& positions) {
    std::vector<Row> result;
    // Groups of senders with different addresses; private endpoints never send.
    std::vector<Positions> groups;
    std::vector<std::map<Address, std::uint32_t>> taken;
    for (const std::uint32_t position : positions) {
        if (network_.configurations()[rows_.configs()[position]].endpoint != nullptr) {
            continue;
        }
        const Address& address = rows_.address(position);
        std::size_t g = 0;
        while (g < groups.size() && taken[g].contains(address)) {
            ++g;
        }
        if (g == groups.size()) {
            groups.emplace_back();
            taken.emplace_back();
        }
        groups[g].push_back(position);
        taken[g].emplace(address, position);
    }
    for (const Positions& members : groups) {
        SourceGroup& group = worker.groups.emplace_back();
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
        for (const std::uint32_t position : members) {
            group.configs.push_back(rows_.configs()[position]);
            const Address& address = rows_.address(position);
            if (address.family == Family::v4) {
                const auto value = static_cast<std::uint32_t>(address.value);
                v4.push_back({value, value});
            } else {
                v6.push_back({address.value, address.value});
            }
        }
        std::sort(group.configs.begin(), group.configs.end());
        group.addresses = {IntervalSet<std::uint32_t>::of(std::move(v4)),
                           IntervalSet<Uint128>::of(std::move(v6))};
        Cells cells = worker.walk.from_group(group, group.addresses, columns_.addresses(),
                                             kEveryService, question_);
        fill(worker, worker.walk.algebra().merged(std::move(cells)), members, result);
        worker.walk.forget();
    }
    return result;
}

void Pairs::fill(Worker& worker, const Cells& cells, const Positions& rows,
                 std::vector<Row>& result) {
    ServicePool& pool = state_.pool;
    /// Cells of one expression: its columns by class, and which of the rows it is about.
    struct Part {
        Evaluator* evaluator = nullptr;
        Positions rows;
        std::vector<Positions> columns;
        std::vector<std::uint32_t> row_group;   // by position, of `rows`
        std::vector<std::vector<Value>> table;  // row group x column group
    };
    std::deque<Part> parts;
    for (const Cell& cell : cells) {
        const ExprId packets = cell.packets.sets[0];
        const ExprId sessions = cell.sessions.sets[0];
        std::unique_ptr<Evaluator>& evaluator = worker.evaluators[{packets, sessions}];
        if (!evaluator) {
            evaluator = std::make_unique<Evaluator>(pool, worker.expressions, packets, sessions,
                                                    rows_, columns_);
        }
        Part& part = parts.emplace_back();
        part.evaluator = evaluator.get();
        for (const std::uint32_t row : rows_.in(cell.src)) {
            if (std::binary_search(rows.begin(), rows.end(), row)) {
                part.rows.push_back(row);
            }
        }
        const Positions columns = columns_.in(cell.dst);
        if (part.evaluator->opaque()) {
            part.columns = alike(columns, [](std::uint32_t column) { return column; });
        } else {
            part.columns = alike(columns, [&](std::uint32_t column) {
                return key_at(part.evaluator->column_keys(), column);
            });
        }
        std::vector<Positions> row_groups;
        if (part.evaluator->opaque()) {
            row_groups = alike(part.rows, [](std::uint32_t row) { return row; });
        } else {
            row_groups = alike(part.rows, [&](std::uint32_t row) {
                return key_at(part.evaluator->row_keys(), row);
            });
        }
        part.row_group.assign(rows_.size(), 0);
        part.table.resize(row_groups.size());
        for (std::size_t g = 0; g < row_groups.size(); ++g) {
            for (const std::uint32_t row : row_groups[g]) {
                part.row_group[row] = static_cast<std::uint32_t>(g + 1);
            }
            for (const Positions& columns_alike : part.columns) {
                part.table[g].push_back(
                    part.evaluator->opaque()
                        ? pair_by_pair(worker, row_groups[g].front(), columns_alike.front())
                        : part.evaluator->at(row_groups[g].front(), columns_alike.front()));
            }
        }
    }

    // By outbound chain: which columns it tells apart.
    const auto chain_of = [&](std::uint32_t row) {
        return state_.filters.chain(rows_.configs()[row], Direction::outbound);
    };
    for (const Positions& same_chain : alike(rows, chain_of)) {
        const FilterIndexes::Chain chain = chain_of(same_chain.front());
        std::vector<const FilterIndex*> lists;
        std::vector<std::size_t> slots;  // of each list in the chain
        std::vector<const std::vector<ClassIndex>*> sources;
        std::vector<const std::vector<ClassIndex>*> destinations;
        for (std::size_t i = 0; i < 3; ++i) {
            if (const FilterIndex* index = chain.lists()[i]) {
                lists.push_back(index);
                slots.push_back(i);
                sources.push_back(&rows_.classes(index, false));
                destinations.push_back(&columns_.classes(index, true));
            }
        }
        std::vector<std::uint32_t>& class_of = worker.outbound_columns[chain];
        if (class_of.empty() && columns_.size() != 0) {
            class_of.resize(columns_.size());
            Positions all(columns_.size());
            for (std::uint32_t i = 0; i < all.size(); ++i) {
                all[i] = i;
            }
            std::uint32_t next = 0;
            for (const Positions& group :
                 alike(all, [&](std::uint32_t c) { return key_at(destinations, c); })) {
                for (const std::uint32_t column : group) {
                    class_of[column] = next;
                }
                ++next;
            }
        }
        // Columns that neither the expressions nor the outbound chain tell apart.
        struct Group {
            const Part* part;
            std::uint32_t column_group;
            Positions columns;
        };
        std::vector<Group> groups;
        for (const Part& part : parts) {
            for (std::uint32_t g = 0; g < part.columns.size(); ++g) {
                for (Positions& columns : alike(
                         part.columns[g], [&](std::uint32_t column) { return class_of[column]; })) {
                    groups.push_back({&part, g, std::move(columns)});
                }
            }
        }
        // Rows that nothing tells apart.
        const auto key = [&](std::uint32_t row) {
            std::vector<ClassIndex> result_key = key_at(sources, row);
            for (const Part& part : parts) {
                result_key.push_back(part.row_group[row]);
            }
            return result_key;
        };
        for (Positions& same : alike(same_chain, key)) {
            const std::uint32_t row = same.front();
            Row filled;
            filled.positions = std::move(same);
            filled.values.assign(columns_.size(), 0);
            for (const Group& group : groups) {
                if (group.part->row_group[row] == 0) {
                    continue;
                }
                Value value = group.part->table[group.part->row_group[row] - 1][group.column_group];
                if (value.packets.empty()) {
                    continue;
                }
                const std::uint32_t column = group.columns.front();
                if (!chain.empty() && !group.part->evaluator->opaque()) {
                    const FilterCell* at[3] = {nullptr, nullptr, nullptr};
                    for (std::size_t i = 0; i < lists.size(); ++i) {
                        at[slots[i]] =
                            &lists[i]->cell((*sources[i])[row], (*destinations[i])[column]);
                    }
                    const ChainBounds bounds = chain_bounds(pool, at[0], at[1], at[2]);
                    const bool same_sessions = value.sessions == value.packets;
                    value.packets =
                        worker.algebra.restricted(value.packets, bounds.must, bounds.may);
                    value.sessions = same_sessions ? value.packets
                                                   : worker.algebra.restricted(
                                                         value.sessions, bounds.must, bounds.may);
                }
                const bool same_sessions = value.sessions == value.packets;
                value.packets = worker.algebra.restricted(value.packets, asked_, asked_);
                value.sessions = same_sessions
                                     ? value.packets
                                     : worker.algebra.restricted(value.sessions, asked_, asked_);
                const ValueId id = worker.values.id(value);
                if (id == 0) {
                    continue;
                }
                for (const std::uint32_t c : group.columns) {
                    // Cells overlap where their services are disjoint: they add up.
                    if (filled.values[c] == 0) {
                        filled.values[c] = id;
                    } else {
                        const Value& before = worker.values.at(filled.values[c]);
                        using Op = FateAlgebra::Op;
                        filled.values[c] = worker.values.id(
                            {worker.algebra.combined(before.packets, value.packets, Op::add),
                             worker.algebra.combined(before.sessions, value.sessions, Op::add)});
                    }
                }
            }
            result.push_back(std::move(filled));
        }
    }
}

/// Where a translation is on the way: the pair is walked as it is, its own filter included.
Value Pairs::pair_by_pair(Worker& worker, std::uint32_t row, std::uint32_t column) {
    SourceGroup group;
    group.configs = {rows_.configs()[row]};
    group.addresses = AddressSet::single(rows_.address(row));
    const std::vector<ConfigIndex> target{columns_.configs()[column]};
    WalkQuestion question;
    question.targets = &target;
    question.as_delivered = asked_;
    const Cells cells = worker.concrete.from_group(group, group.addresses,
                                                   AddressSet::single(columns_.address(column)),
                                                   kEveryService, question);
    Value value;
    for (const Cell& cell : cells) {
        using Op = FateAlgebra::Op;
        value.packets = worker.algebra.combined(value.packets, cell.packets, Op::add);
        value.sessions = worker.algebra.combined(value.sessions, cell.sessions, Op::add);
    }
    return value;
}

// --- the internet and on-premises
// ------------------------------------------------------------------

/// What `cells` say of the packets from `source` to every address of `everywhere`.
ValueId Pairs::folded(Worker& worker, const Cells& cells, const Address& source,
                      const AddressSet& everywhere) {
    AddressSet asked;  // of the source's family
    if (source.family == Family::v4) {
        asked.v4 = everywhere.v4;
    } else {
        asked.v6 = everywhere.v6;
    }
    std::optional<ValueId> value;
    Uint128 seen = 0;
    for (const Cell& cell : cells) {
        if (!cell.src.contains(source)) {
            continue;
        }
        seen += (cell.dst & asked).count();
        const ValueId id = worker.values.id(limited({cell.packets, cell.sessions}));
        value = value ? worker.values.both(*value, id) : id;
    }
    if (!value) {
        return 0;
    }
    return seen < asked.count() ? worker.values.both(*value, 0) : *value;
}

/// Columns that are not configurations: every address of the internet, and of the known sites.
void Pairs::outside_columns(Worker& worker, const Task& task, std::vector<RawBlock>& blocks) {
    const auto column = [&](const std::optional<std::uint32_t>& index, const AddressSet& asked) {
        if (!index || asked.empty()) {
            return;
        }
        std::map<std::uint32_t, std::optional<ValueId>> by_entry;
        const WalkQuestion anywhere;
        for (const Positions& positions : task.subnets) {
            std::vector<ConfigIndex> configs;
            for (const std::uint32_t position : positions) {
                configs.push_back(rows_.configs()[position]);
            }
            std::map<ConfigIndex, ValueId> values;
            for (const SourceGroup& group : state_.groups(configs)) {
                CellAlgebra& algebra = worker.concrete.algebra();
                const Cells cells = algebra.disjoint(algebra.merged(
                    worker.concrete.from_group(group, group.addresses, asked, asked_, anywhere)));
                for (const ConfigIndex config : group.configs) {
                    const Address& source =
                        *network_.configurations()[config].configuration->address;
                    values[config] = folded(worker, cells, source, asked);
                }
            }
            for (const std::uint32_t position : positions) {
                const Address& source = rows_.address(position);
                if ((source.family == Family::v4 ? asked.v4.empty() : asked.v6.empty())) {
                    continue;  // nothing of this family is asked
                }
                std::optional<ValueId>& value = by_entry[from_.entry_of[position]];
                const ValueId own = values[rows_.configs()[position]];
                value = value ? worker.values.both(*value, own) : own;
            }
        }
        std::map<ValueId, Positions> rows;
        for (const auto& [entry, value] : by_entry) {
            rows[value.value_or(0)].push_back(entry);
        }
        for (const auto& [value, entries] : rows) {
            if (value != 0) {
                blocks.push_back({ranges_of(entries), {{*index, *index}}, worker.values.at(value)});
            }
        }
    };
    AddressSet internet = Edges::internet_space();
    for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
        internet -= entry.addresses;  // ours: nobody asks to reach them all
    }
    column(to_.internet, internet);
    column(to_.onprem, onprem_space());
}

// --- lines
// -----------------------------------------------------------------------------------------

/// The values of a row by column entry: all addresses of an entry together.
std::vector<ValueId> Pairs::by_entry(Worker& worker, const Row& row, Family family) {
    std::vector<ValueId> result(to_.entries->size(), 0);
    std::vector<bool> seen(result.size(), false);
    for (std::uint32_t column = 0; column < columns_.size(); ++column) {
        if (columns_.address(column).family != family) {
            continue;
        }
        const std::uint32_t entry = to_.entry_of[column];
        result[entry] = seen[entry] ? worker.values.both(result[entry], row.values[column])
                                    : row.values[column];
        seen[entry] = true;
    }
    return result;
}

std::vector<Pairs::Line> Pairs::lines(Worker& worker, const Task& task,
                                      const std::vector<Row>& rows) {
    std::vector<Line> result;
    if (simple_) {
        for (const Row& row : rows) {
            Positions entries;
            for (const std::uint32_t position : row.positions) {
                entries.push_back(from_.entry_of[position]);
            }
            result.emplace_back(std::move(entries), std::vector<ValueId>(to_.entries->size(), 0));
            for (std::uint32_t column = 0; column < columns_.size(); ++column) {
                result.back().second[to_.entry_of[column]] = row.values[column];
            }
        }
        return result;
    }
    // Entries of several configurations: every pair of their addresses of one family.
    std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, const Row*>>> by_entry_rows;
    std::map<std::uint32_t, std::vector<ValueId>> values;
    std::map<std::uint32_t, std::vector<bool>> asked;
    std::vector<bool> has_family[2];
    for (const Family family : {Family::v4, Family::v6}) {
        auto& has = has_family[family == Family::v4 ? 0 : 1];
        has.assign(to_.entries->size(), false);
        for (std::uint32_t column = 0; column < columns_.size(); ++column) {
            if (columns_.address(column).family == family) {
                has[to_.entry_of[column]] = true;
            }
        }
    }
    for (const Row& row : rows) {
        std::optional<std::vector<ValueId>> folded_values[2];
        Positions done_entries[2];
        for (const std::uint32_t position : row.positions) {
            const Family family = rows_.address(position).family;
            const std::size_t f = family == Family::v4 ? 0 : 1;
            const std::uint32_t entry = from_.entry_of[position];
            by_entry_rows[entry].emplace_back(position, &row);
            if (!done_entries[f].empty() && done_entries[f].back() == entry) {
                continue;  // an equal row more says nothing new
            }
            done_entries[f].push_back(entry);
            if (!folded_values[f]) {
                folded_values[f] = by_entry(worker, row, family);
            }
            std::vector<ValueId>& line = values[entry];
            std::vector<bool>& seen = asked[entry];
            line.resize(to_.entries->size(), 0);
            seen.resize(line.size(), false);
            for (std::size_t column = 0; column < line.size(); ++column) {
                if (!has_family[f][column]) {
                    continue;
                }
                line[column] = seen[column]
                                   ? worker.values.both(line[column], (*folded_values[f])[column])
                                   : (*folded_values[f])[column];
                seen[column] = true;
            }
        }
    }
    // Nobody is asked to reach himself.
    std::unordered_map<ConfigIndex, std::uint32_t> column_of;
    for (std::uint32_t column = 0; column < columns_.size(); ++column) {
        column_of.emplace(columns_.configs()[column], column);
    }
    for (const std::uint32_t entry : task.entries) {
        std::vector<std::uint32_t> own_columns;
        for (const auto& [position, row] : by_entry_rows[entry]) {
            const auto found = column_of.find(rows_.configs()[position]);
            if (found != column_of.end()) {
                own_columns.push_back(to_.entry_of[found->second]);
            }
        }
        std::sort(own_columns.begin(), own_columns.end());
        own_columns.erase(std::unique(own_columns.begin(), own_columns.end()), own_columns.end());
        for (const std::uint32_t column_entry : own_columns) {
            std::optional<ValueId> value;
            std::vector<std::uint32_t> columns;
            for (const ConfigIndex config : (*to_.entries)[column_entry].configs) {
                columns.push_back(column_of.at(config));
            }
            for (const auto& [position, row] : by_entry_rows[entry]) {
                for (const std::uint32_t column : columns) {
                    if (columns_.configs()[column] == rows_.configs()[position] ||
                        columns_.address(column).family != rows_.address(position).family) {
                        continue;
                    }
                    const ValueId one = row->values[column];
                    value = value ? worker.values.both(*value, one) : one;
                }
            }
            values[entry][column_entry] = value.value_or(0);
        }
        result.emplace_back(Positions{entry}, std::move(values[entry]));
    }
    return result;
}

std::vector<RawBlock> Pairs::done(Worker& worker, const Task& task) {
    std::vector<Row> rows;
    for (const Positions& positions : task.subnets) {
        std::vector<Row> more = rows_from(worker, positions);
        rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
    }
    std::vector<Line> all = lines(worker, task, rows);
    // Equal lines together.
    std::map<std::vector<ValueId>, std::size_t> known;
    std::vector<Line> distinct;
    for (Line& line : all) {
        const auto [it, added] = known.emplace(line.second, distinct.size());
        if (added) {
            distinct.push_back(std::move(line));
        } else {
            Positions& to = distinct[it->second].first;
            to.insert(to.end(), line.first.begin(), line.first.end());
        }
    }
    for (Line& line : distinct) {
        std::sort(line.first.begin(), line.first.end());
    }
    std::sort(distinct.begin(), distinct.end(),
              [](const Line& a, const Line& b) { return a.first.front() < b.first.front(); });
    std::vector<RawBlock> blocks;
    for (const Line& line : distinct) {
        std::unordered_map<ValueId, std::size_t> block_of;
        for (std::uint32_t column = 0; column < line.second.size(); ++column) {
            const ValueId value = line.second[column];
            if (value == 0) {
                continue;
            }
            const auto [it, added] = block_of.emplace(value, blocks.size());
            if (added) {
                blocks.push_back({ranges_of(line.first), {}, worker.values.at(value)});
            }
            auto& to = blocks[it->second].to;
            if (!to.empty() && to.back().last + 1 == column) {
                to.back().last = column;
            } else {
                to.push_back({column, column});
            }
        }
    }
    outside_columns(worker, task, blocks);
    return blocks;
}

// --- rows that are no configurations
// -----------------------------------------------------------------

namespace {

/// True if every packet of src x dst lies in one of the flows.
bool cover(const std::vector<Flow>& flows, const AddressSet& src, const AddressSet& dst) {
    std::vector<std::pair<AddressSet, AddressSet>> rest{{src, dst}};
    for (const Flow& flow : flows) {
        std::vector<std::pair<AddressSet, AddressSet>> next;
        for (auto& [a, b] : rest) {
            const AddressSet inside = a & flow.src;
            if (inside.empty() || !b.intersects(flow.dst)) {
                next.emplace_back(std::move(a), std::move(b));
                continue;
            }
            if (AddressSet beside = b - flow.dst; !beside.empty()) {
                next.emplace_back(inside, std::move(beside));
            }
            if (AddressSet left = a - inside; !left.empty()) {
                next.emplace_back(std::move(left), std::move(b));
            }
        }
        rest = std::move(next);
    }
    return rest.empty();
}

}  // namespace

std::vector<RawBlock> Pairs::from_internet(std::uint32_t row) {
    std::vector<RawBlock> blocks;
    Values values(state_.pool);
    SourceSet source;
    source.internet = Edges::internet_space();
    std::map<ValueId, Positions> columns;
    for (std::uint32_t entry = 0; entry < to_.entries->size(); ++entry) {
        const AxisEntry& asked = (*to_.entries)[entry];
        if (asked.kind != Kind::configs) {
            continue;
        }
        DestinationSet destination;
        destination.configs = asked.configs;
        const std::vector<Flow> flows = reachability_.flows(source, destination, services_);
        std::optional<ValueId> value;
        for (const Flow& flow : flows) {
            const auto interned = [&](const Outcome& o) {
                ServicePool& pool = state_.pool;
                return Fate{{pool.intern(o.always_must), pool.intern(o.can_must),
                             pool.intern(o.always_may), pool.intern(o.can_may)}};
            };
            const ValueId one =
                values.id({interned(flow.packets_delivered), interned(flow.sessions_delivered)});
            value = value ? values.both(*value, one) : one;
        }
        if (!value) {
            continue;
        }
        // Every internet address to every public entry of every configuration.
        bool every = true;
        for (const ConfigIndex config : asked.configs) {
            const auto entries = network_.edges().public_entries_to(config);
            every = every && !entries.empty();
            for (const Edges::PublicEntry* entry_to : entries) {
                AddressSet v4;
                AddressSet v6;
                v4.v4 = entry_to->addresses.v4;
                v6.v6 = entry_to->addresses.v6;
                AddressSet internet4;
                AddressSet internet6;
                internet4.v4 = source.internet.v4;
                internet6.v6 = source.internet.v6;
                every = every && (v4.empty() || cover(flows, internet4, v4)) &&
                        (v6.empty() || cover(flows, internet6, v6)) && entry_to->address_known;
            }
        }
        columns[every ? *value : values.both(*value, 0)].push_back(entry);
    }
    for (const auto& [value, entries] : columns) {
        if (value != 0) {
            blocks.push_back({{{row, row}}, ranges_of(entries), values.at(value)});
        }
    }
    return blocks;
}

std::vector<RawBlock> Pairs::from_onprem(std::uint32_t row) {
    std::vector<RawBlock> blocks;
    const AddressSet sources = onprem_space();
    AddressSet everywhere = sources;  // sources that may be on-premises count as possible
    for (const Routes::OnpremEntry& entry : network_.routes().onprem_entries()) {
        everywhere |= entry.sources;
    }
    if (everywhere.empty() || columns_.size() == 0) {
        return blocks;
    }
    SetWalk walk(network_, state_.pool, state_.filters);
    Values values(state_.pool);
    CellAlgebra& algebra = walk.algebra();
    const AddressSet& asked = sources.empty() ? everywhere : sources;
    const Cells cells =
        algebra.merged(walk.from_onprem(asked, columns_.addresses(), asked_, question_));
    std::vector<std::optional<ValueId>> by_column(columns_.size());
    std::vector<Uint128> seen(columns_.size(), 0);
    for (const Cell& cell : cells) {
        const ValueId one = values.id(limited({cell.packets, cell.sessions}));
        for (const std::uint32_t column : columns_.in(cell.dst)) {
            by_column[column] = by_column[column] ? values.both(*by_column[column], one) : one;
            seen[column] += cell.src.count();
        }
    }
    std::map<std::uint32_t, ValueId> by_entry;
    for (std::uint32_t column = 0; column < columns_.size(); ++column) {
        AddressSet family;
        if (columns_.address(column).family == Family::v4) {
            family.v4 = asked.v4;
        } else {
            family.v6 = asked.v6;
        }
        if (family.empty()) {
            continue;
        }
        ValueId value = by_column[column].value_or(0);
        if (value != 0 && seen[column] < family.count()) {
            value = values.both(value, 0);
        }
        const auto [it, added] = by_entry.emplace(to_.entry_of[column], value);
        if (!added) {
            it->second = values.both(it->second, value);
        }
    }
    std::map<ValueId, Positions> columns;
    for (const auto& [entry, value] : by_entry) {
        columns[value].push_back(entry);
    }
    for (const auto& [value, entries] : columns) {
        if (value != 0) {
            blocks.push_back({{{row, row}}, ranges_of(entries), values.at(value)});
        }
    }
    return blocks;
}

/// Entries with a configuration whose address is not known: nothing is sure of them.
std::vector<RawBlock> Pairs::of_unknown_addresses() {
    std::vector<RawBlock> blocks;
    const auto perhaps = [&](const std::vector<Flow>& flows) {
        ServiceSet packets;
        ServiceSet sessions;
        for (const Flow& flow : flows) {
            packets |= flow.packets_delivered.can_may;
            sessions |= flow.sessions_delivered.can_may;
        }
        return Value{FateAlgebra::weakened(Fate::all(state_.pool.intern(packets))),
                     FateAlgebra::weakened(Fate::all(state_.pool.intern(sessions)))};
    };
    const auto pair = [&](std::uint32_t i, std::uint32_t j) {
        SourceSet source;
        source.configs = (*from_.entries)[i].configs;
        DestinationSet destination;
        destination.configs = (*to_.entries)[j].configs;
        const Value value = perhaps(reachability_.flows(source, destination, services_));
        if (!value.packets.empty()) {
            blocks.push_back({{{i, i}}, {{j, j}}, value});
        }
    };
    for (std::uint32_t i = 0; i < from_.entries->size(); ++i) {
        if ((*from_.entries)[i].kind != Kind::configs) {
            continue;
        }
        for (std::uint32_t j = 0; j < to_.entries->size(); ++j) {
            if ((*to_.entries)[j].kind == Kind::configs && (!from_.plain[i] || !to_.plain[j])) {
                pair(i, j);
            }
        }
    }
    return blocks;
}

void Pairs::run(int jobs, const std::function<void(const Block&)>& sink) {
    const auto give = [&](const std::vector<RawBlock>& blocks) {
        const ServicePool& pool = state_.pool;
        const auto outcome = [&](const Fate& fate) {
            return Outcome{pool.at(fate.sets[Fate::always_must]),
                           pool.at(fate.sets[Fate::can_must]), pool.at(fate.sets[Fate::always_may]),
                           pool.at(fate.sets[Fate::can_may])};
        };
        for (const RawBlock& raw : blocks) {
            if (!raw.value.packets.empty()) {
                sink({raw.from, raw.to, outcome(raw.value.packets), outcome(raw.value.sessions)});
            }
        }
    };
    if (from_.internet) {
        give(from_internet(*from_.internet));
    }
    if (from_.onprem) {
        give(from_onprem(*from_.onprem));
    }
    const std::vector<Task> list = tasks();
    const int cores = tbb::info::default_concurrency();
    tbb::task_arena arena(jobs > 0 ? std::min(jobs, cores) : cores);
    tbb::enumerable_thread_specific<std::unique_ptr<Worker>> workers;
    const std::size_t batch = 4 * static_cast<std::size_t>(std::max(1, arena.max_concurrency()));
    for (std::size_t first = 0; first < list.size(); first += batch) {
        const std::size_t count = std::min(batch, list.size() - first);
        std::vector<std::vector<RawBlock>> results(count);
        arena.execute([&] {
            tbb::parallel_for(std::size_t{0}, count, [&](std::size_t i) {
                std::unique_ptr<Worker>& worker = workers.local();
                if (!worker) {
                    worker = std::make_unique<Worker>(*this);
                }
                results[i] = done(*worker, list[first + i]);
            });
        });
        for (const std::vector<RawBlock>& blocks : results) {
            give(blocks);
        }
    }
    give(of_unknown_addresses());
}

}  // namespace

void Reachability::all_pairs(const std::vector<AxisEntry>& from, const std::vector<AxisEntry>& to,
                             const ServiceSet& services, int jobs,
                             const std::function<void(const Block&)>& sink) const {
    // From here on everything that threads share only reads.
    state_->network.filters().compile_all();
    state_->network.routes().compile_all();
    Pairs(*this, *state_, from, to, services).run(jobs, sink);
}

}  // namespace azreach
