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
#include <numeric>
#include <unordered_map>

#include "src/engine/reachability_evaluate.hpp"
#include "src/engine/reachability_rows.hpp"
#include "src/engine/reachability_state.hpp"

namespace azreach {

namespace {

using AxisEntry = Reachability::AxisEntry;
using Block = Reachability::Block;
using Kind = AxisEntry::Kind;

AddressSet address_set(const std::vector<Address>& addresses) {
    std::vector<Range<std::uint32_t>> v4;
    std::vector<Range<Uint128>> v6;
    for (const Address& address : addresses) {
        if (address.family == Family::v4) {
            const auto value = static_cast<std::uint32_t>(address.value);
            v4.push_back({value, value});
        } else {
            v6.push_back({address.value, address.value});
        }
    }
    return {IntervalSet<std::uint32_t>::of(std::move(v4)), IntervalSet<Uint128>::of(std::move(v6))};
}

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
        std::map<FilterIndexes::Chain, std::uint32_t> chains;
        for (const ConfigIndex config : columns_.configs()) {
            const FilterIndexes::Chain& chain = state_.filters.chain(config, Direction::inbound);
            const auto [it, added] =
                chains.emplace(chain, static_cast<std::uint32_t>(inbound_chains_.size()));
            if (added) {
                inbound_chains_.push_back(chain);
            }
            inbound_of_.push_back(it->second);
        }
        std::sort(targets_.begin(), targets_.end());
        question_.targets = &targets_;
        internet_ = Edges::internet_space();
        onprem_ = onprem_space();
        for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
            internet_ -= entry.addresses;
        }
        for (const VirtualNetwork* vnet : network_.vnets()) {
            for (const Prefix& prefix : vnet->address_space) {
                internet_ -= prefix.addresses();
                onprem_ -= prefix.addresses();
            }
        }
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
    /// Columns with one inbound chain, among the destinations of some region.
    struct ColumnBlock {
        std::uint32_t id = 0;
        std::uint32_t chain = 0;
        Positions columns;
    };
    /// A list that sees the addresses outside, and how.
    struct ListUse {
        const FilterIndex* index = nullptr;
        bool as_destination = true;
        friend auto operator<=>(const ListUse&, const ListUse&) = default;
    };
    struct EvaluatorKey {
        ExprId packets = 0, sessions = 0;
        std::uint32_t chain = 0;
        friend auto operator<=>(const EvaluatorKey&, const EvaluatorKey&) = default;
    };
    /// What works on one subnet of senders at a time. Not thread-safe.
    struct Worker {
        explicit Worker(Pairs& pairs)
            : expressions(pairs.state_.pool),
              walk(pairs.network_, pairs.state_.pool, pairs.state_.filters, &expressions),
              walk_out(pairs.network_, pairs.state_.pool, pairs.state_.filters, &expressions),
              concrete(pairs.network_, pairs.state_.pool, pairs.state_.filters),
              values(pairs.state_.pool),
              algebra(pairs.state_.pool) {}
        Expressions expressions;
        SetWalk walk, walk_out, concrete;
        Values values;
        FateAlgebra algebra;
        std::deque<SourceGroup> groups;  // the walk remembers them
        std::map<std::pair<std::vector<ListUse>, AddressSet>, std::unique_ptr<AxisSide>> points;
        std::map<EvaluatorKey, std::unique_ptr<Evaluator>> evaluators;
        std::map<AddressSet, std::vector<ColumnBlock>> blocks;
        std::uint32_t next_block = 0;
        std::map<std::pair<const Evaluator*, std::uint32_t>, std::vector<Positions>> columns_alike;
        std::map<FilterIndexes::Chain, std::vector<std::uint32_t>> outbound_columns;
        /// Bounds of outbound chains by number; 0 lets everything through.
        std::vector<std::pair<ServiceId, ServiceId>> bounds{{kEveryService, kEveryService}};
        std::unordered_map<std::uint64_t, std::uint32_t> bounds_ids;
        std::uint32_t bounds_id(ServiceId must, ServiceId may) {
            if (must == kEveryService) {
                return 0;
            }
            const auto [it, added] = bounds_ids.emplace((std::uint64_t{must} << 32) | may,
                                                        static_cast<std::uint32_t>(bounds.size()));
            if (added) {
                bounds.emplace_back(must, may);
            }
            return it->second;
        }
        Remembered limited_by;
        std::unordered_map<const FilterIndex*, std::uint32_t> list_numbers;
        std::uint32_t list_number(const FilterIndex* index) {
            return list_numbers.emplace(index, static_cast<std::uint32_t>(list_numbers.size()))
                .first->second;
        }
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
    std::vector<const SourceGroup*> senders(Worker& worker, const Positions& positions,
                                            std::vector<Positions>& members);
    const std::vector<ColumnBlock>& column_blocks(Worker& worker, const AddressSet& dst);
    void fill(Worker& worker, const Cells& cells, const Positions& rows, std::vector<Row>& result);
    Value pair_by_pair(Worker& worker, std::uint32_t row, std::uint32_t column);
    std::vector<Line> lines(Worker& worker, const Task& task, const std::vector<Row>& rows);
    std::vector<ValueId> by_entry(Worker& worker, const Row& row, Family family);
    void outside_columns(Worker& worker, const Task& task, std::vector<RawBlock>& blocks);
    AxisSide& points_in(Worker& worker, std::vector<ListUse> lists, const AddressSet& dst);
    ValueId to_platform(Worker& worker, std::uint32_t row, const AddressSet& exempt);
    ValueId everywhere_in(Worker& worker, const Cell& cell, std::uint32_t row);
    std::map<std::uint32_t, ValueId> outside_values(Worker& worker, const Positions& positions,
                                                    const AddressSet& asked);
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
    std::vector<std::uint32_t> inbound_of_;  // by column
    std::vector<FilterIndexes::Chain> inbound_chains_;
    WalkQuestion question_;
    bool simple_ = true;  // every entry is one configuration
    AxisSide nobody_{std::vector<Address>{}};
    /// Outside addresses that rows are asked to reach: not what VNets hold, nor our own public
    /// addresses (nobody asks to reach them all).
    AddressSet internet_, onprem_;
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

// --- rows of one subnet ------------------------------------------------------------------------

/// Groups of senders with different addresses; private endpoints never send.
std::vector<const SourceGroup*> Pairs::senders(Worker& worker, const Positions& positions,
                                               std::vector<Positions>& members) {
    members.clear();
    std::vector<std::map<Address, std::uint32_t>> taken;
    for (const std::uint32_t position : positions) {
        if (network_.configurations()[rows_.configs()[position]].endpoint != nullptr) {
            continue;
        }
        std::size_t g = 0;
        while (g < members.size() && taken[g].contains(rows_.address(position))) {
            ++g;
        }
        if (g == members.size()) {
            members.emplace_back();
            taken.emplace_back();
        }
        members[g].push_back(position);
        taken[g].emplace(rows_.address(position), position);
    }
    std::vector<const SourceGroup*> result;
    for (const Positions& own : members) {
        SourceGroup& group = worker.groups.emplace_back();
        std::vector<Address> addresses;
        for (const std::uint32_t position : own) {
            group.configs.push_back(rows_.configs()[position]);
            addresses.push_back(rows_.address(position));
        }
        std::sort(group.configs.begin(), group.configs.end());
        group.addresses = address_set(addresses);
        result.push_back(&group);
    }
    return result;
}

std::vector<Pairs::Row> Pairs::rows_from(Worker& worker, const Positions& positions) {
    std::vector<Row> result;
    std::vector<Positions> members;
    const std::vector<const SourceGroup*> groups = senders(worker, positions, members);
    for (std::size_t g = 0; g < groups.size(); ++g) {
        Cells cells = worker.walk.from_group(*groups[g], groups[g]->addresses, columns_.addresses(),
                                             kEveryService, question_);
        fill(worker, worker.walk.algebra().merged(std::move(cells)), members[g], result);
        worker.walk.forget();
    }
    return result;
}

const std::vector<Pairs::ColumnBlock>& Pairs::column_blocks(Worker& worker, const AddressSet& dst) {
    const auto [it, added] = worker.blocks.try_emplace(dst);
    if (added) {
        const Positions columns = columns_.in(dst);
        const Grouping grouping = alike(columns, {&inbound_of_});
        for (Positions& members : members_of(grouping, columns)) {
            const std::uint32_t chain = inbound_of_[members.front()];
            it->second.push_back({worker.next_block++, chain, std::move(members)});
        }
    }
    return it->second;
}

/// The rows of one group of senders: what its cells say, and its own outbound filters.
void Pairs::fill(Worker& worker, const Cells& cells, const Positions& rows,
                 std::vector<Row>& result) {
    constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    /// Columns of one inbound chain in one cell.
    struct Part {
        const Evaluator* evaluator = nullptr;
        const std::vector<Positions>* columns = nullptr;  // that nothing on the way tells apart
        std::vector<std::uint32_t> row_group;             // by row, kNone: not in this cell
        std::vector<std::vector<ValueId>> table;          // row group x column group
        std::size_t layer = 0;
    };
    std::deque<Part> parts;
    std::deque<std::vector<Positions>> single_columns;
    // Parts whose columns overlap (cells of disjoint services, or of other rows) lie in layers.
    std::vector<std::vector<bool>> layers;
    for (const Cell& cell : cells) {
        Positions inside;  // indexes into rows
        for (std::uint32_t i = 0; i < rows.size(); ++i) {
            if (cell.src.contains(rows_.address(rows[i]))) {
                inside.push_back(i);
            }
        }
        for (const ColumnBlock& block : column_blocks(worker, cell.dst)) {
            std::unique_ptr<Evaluator>& evaluator =
                worker.evaluators[{cell.packets.sets[0], cell.sessions.sets[0], block.chain}];
            if (!evaluator) {
                evaluator = std::make_unique<Evaluator>(
                    state_.pool, worker.expressions, cell.packets.sets[0], cell.sessions.sets[0],
                    inbound_chains_[block.chain], rows_, columns_);
            }
            Part& part = parts.emplace_back();
            part.evaluator = evaluator.get();
            Positions own_rows;
            for (const std::uint32_t i : inside) {
                own_rows.push_back(rows[i]);
            }
            Grouping row_grouping(own_rows.size());
            if (evaluator->opaque()) {
                row_grouping.split([](std::size_t i) { return static_cast<std::uint32_t>(i); });
                std::vector<Positions>& each = single_columns.emplace_back();
                for (const std::uint32_t column : block.columns) {
                    each.push_back({column});
                }
                part.columns = &each;
            } else {
                row_grouping = alike(own_rows, evaluator->row_keys());
                std::vector<Positions>& groups = worker.columns_alike[{evaluator.get(), block.id}];
                if (groups.empty()) {
                    groups =
                        members_of(alike(block.columns, evaluator->column_keys()), block.columns);
                }
                part.columns = &groups;
            }
            part.row_group.assign(rows.size(), kNone);
            part.table.resize(row_grouping.count());
            for (std::size_t i = 0; i < own_rows.size(); ++i) {
                const std::uint32_t group = row_grouping.of(i);
                part.row_group[inside[i]] = group;
                if (!part.table[group].empty()) {
                    continue;
                }
                for (const Positions& columns : *part.columns) {
                    const Value value = evaluator->opaque()
                                            ? pair_by_pair(worker, own_rows[i], columns.front())
                                            : evaluator->at(own_rows[i], columns.front());
                    part.table[group].push_back(worker.values.id(limited(value)));
                }
            }
            const auto taken = [&](const std::vector<bool>& layer) {
                return std::any_of(block.columns.begin(), block.columns.end(),
                                   [&](std::uint32_t column) { return layer[column]; });
            };
            while (part.layer < layers.size() && taken(layers[part.layer])) {
                ++part.layer;
            }
            if (part.layer == layers.size()) {
                layers.emplace_back(columns_.size(), false);
            }
            for (const std::uint32_t column : block.columns) {
                layers[part.layer][column] = true;
            }
        }
    }

    // By outbound chain: which columns it tells apart.
    std::map<FilterIndexes::Chain, Positions> by_chain;  // indexes into rows
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        by_chain[state_.filters.chain(rows_.configs()[rows[i]], Direction::outbound)].push_back(i);
    }
    for (const auto& [chain, members] : by_chain) {
        std::vector<const FilterIndex*> lists;
        std::vector<std::size_t> slots;  // of each list in the chain
        ClassArrays sources;
        ClassArrays destinations;
        for (std::size_t i = 0; i < 3; ++i) {
            if (const FilterIndex* index = chain.lists()[i]) {
                lists.push_back(index);
                slots.push_back(i);
                sources.push_back(&rows_.classes(index, false));
                destinations.push_back(&columns_.classes(index, true));
            }
        }
        std::vector<std::uint32_t>& class_of = worker.outbound_columns[chain];
        if (class_of.empty()) {
            Positions all(columns_.size());
            std::iota(all.begin(), all.end(), 0U);
            const Grouping grouping = alike(all, destinations);
            for (const std::uint32_t column : all) {
                class_of.push_back(grouping.of(column));
            }
        }
        const std::uint32_t classes =
            class_of.empty() ? 0 : *std::max_element(class_of.begin(), class_of.end()) + 1;

        // Columns that neither the cells nor the outbound chain tell apart.
        struct Group {
            const Part* part;
            std::uint32_t column_group;
            std::uint32_t outbound_class;
        };
        std::vector<Group> groups;
        std::vector<std::vector<std::uint32_t>> group_of(
            layers.size(), std::vector<std::uint32_t>(columns_.size(), kNone));
        std::vector<std::uint32_t> slot(classes, 0);
        std::vector<std::uint32_t> epoch(classes, kNone);
        std::uint32_t now = 0;
        for (const Part& part : parts) {
            for (std::uint32_t g = 0; g < part.columns->size(); ++g, ++now) {
                for (const std::uint32_t column : (*part.columns)[g]) {
                    const std::uint32_t c = class_of[column];
                    if (epoch[c] != now) {
                        epoch[c] = now;
                        slot[c] = static_cast<std::uint32_t>(groups.size());
                        groups.push_back({&part, g, c});
                    }
                    group_of[part.layer][column] = slot[c];
                }
            }
        }
        Positions representative(classes, 0);
        for (auto column = static_cast<std::uint32_t>(columns_.size()); column-- > 0;) {
            representative[class_of[column]] = column;
        }

        // Rows that nothing tells apart.
        Positions own_rows;
        for (const std::uint32_t i : members) {
            own_rows.push_back(rows[i]);
        }
        Grouping grouping = alike(own_rows, sources);
        for (const Part& part : parts) {
            grouping.split([&](std::size_t i) { return part.row_group[members[i]]; });
        }
        std::vector<std::uint32_t> bounds_of(classes);
        std::vector<ValueId> values;
        const std::vector<Positions> distinct = members_of(grouping, members);
        for (const Positions& same : distinct) {
            const std::uint32_t row = rows[same.front()];
            for (std::uint32_t c = 0; c < classes; ++c) {
                const FilterCell* at[3] = {nullptr, nullptr, nullptr};
                for (std::size_t i = 0; i < lists.size(); ++i) {
                    at[slots[i]] =
                        &lists[i]->cell((*sources[i])[row], (*destinations[i])[representative[c]]);
                }
                const ChainBounds bounds = chain_bounds(state_.pool, at[0], at[1], at[2]);
                bounds_of[c] = worker.bounds_id(bounds.must, bounds.may);
            }
            values.assign(groups.size(), 0);
            for (std::size_t g = 0; g < groups.size(); ++g) {
                const Group& group = groups[g];
                const std::uint32_t row_group = group.part->row_group[same.front()];
                if (row_group == kNone) {
                    continue;
                }
                const ValueId before = group.part->table[row_group][group.column_group];
                const std::uint32_t bounds = bounds_of[group.outbound_class];
                if (before == 0 || bounds == 0 || group.part->evaluator->opaque()) {
                    values[g] = before;
                    continue;
                }
                values[g] = worker.limited_by.get(before, bounds, [&] {
                    const auto [must, may] = worker.bounds[bounds];
                    const Value value = worker.values.at(before);
                    return worker.values.id({worker.algebra.restricted(value.packets, must, may),
                                             worker.algebra.restricted(value.sessions, must, may)});
                });
            }
            Row& filled = result.emplace_back();
            for (const std::uint32_t i : same) {
                filled.positions.push_back(rows[i]);
            }
            filled.values.assign(columns_.size(), 0);
            for (const std::vector<std::uint32_t>& layer : group_of) {
                for (std::size_t column = 0; column < layer.size(); ++column) {
                    const ValueId value = layer[column] == kNone ? 0 : values[layer[column]];
                    if (value != 0) {
                        ValueId& to = filled.values[column];
                        to = to == 0 ? value : worker.values.sum(to, value);
                    }
                }
            }
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

// --- the internet and on-premises ---------------------------------------------------------------

/// One address of `dst` for every way in which the lists tell its addresses apart.
AxisSide& Pairs::points_in(Worker& worker, std::vector<ListUse> lists, const AddressSet& dst) {
    std::sort(lists.begin(), lists.end());
    lists.erase(std::unique(lists.begin(), lists.end()), lists.end());
    std::unique_ptr<AxisSide>& side = worker.points[{lists, dst}];
    if (!side) {
        const auto classes_of = [](const ListUse& use) -> const AddressClasses& {
            return use.as_destination ? use.index->destinations() : use.index->sources();
        };
        std::vector<Address> cuts;
        for (const ListUse& use : lists) {
            classes_of(use).cuts_in(dst, cuts);
        }
        if (lists.empty()) {
            cuts.push_back(*dst.smallest());
        }
        std::sort(cuts.begin(), cuts.end());
        cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
        std::map<std::vector<ClassIndex>, Address> points;
        for (const Address& cut : cuts) {
            std::vector<ClassIndex> key;
            for (const ListUse& use : lists) {
                key.push_back(classes_of(use).of(cut));
            }
            points.emplace(std::move(key), cut);
        }
        std::vector<Address> addresses;
        for (const auto& [key, address] : points) {
            addresses.push_back(address);
        }
        side = std::make_unique<AxisSide>(std::move(addresses));
    }
    return *side;
}

/// What a row says of the packets to every address of a cell, its outbound filters included.
ValueId Pairs::everywhere_in(Worker& worker, const Cell& cell, std::uint32_t row) {
    const FilterIndexes::Chain& chain =
        state_.filters.chain(rows_.configs()[row], Direction::outbound);
    std::vector<ListUse> lists;
    for (const FilterIndex* index : chain.lists()) {
        if (index != nullptr) {
            lists.push_back({index, true});
        }
    }
    const ExprId packets = cell.packets.sets[0];
    const ExprId sessions = cell.sessions.sets[0];
    for (const auto& [index, as_destination] :
         Evaluator(state_.pool, worker.expressions, packets, sessions, {}, rows_, nobody_)
             .column_uses()) {
        lists.push_back({index, as_destination});
    }
    AxisSide& points = points_in(worker, std::move(lists), cell.dst);
    Evaluator evaluator(state_.pool, worker.expressions, packets, sessions, {}, rows_, points);
    std::optional<ValueId> all;
    for (std::uint32_t point = 0; point < points.size(); ++point) {
        Value one = limited(evaluator.at(row, point));
        const FilterCell* in[3] = {nullptr, nullptr, nullptr};
        for (std::size_t i = 0; i < 3; ++i) {
            if (const FilterIndex* index = chain.lists()[i]) {
                in[i] = &index->cell(rows_.classes(index, false)[row],
                                     points.classes(index, true)[point]);
            }
        }
        const ChainBounds bounds = chain_bounds(state_.pool, in[0], in[1], in[2]);
        one.packets = worker.algebra.restricted(one.packets, bounds.must, bounds.may);
        one.sessions = worker.algebra.restricted(one.sessions, bounds.must, bounds.may);
        const ValueId id = worker.values.id(one);
        all = all ? worker.values.both(*all, id) : id;
    }
    return all.value_or(0);
}

/// What a row says of the packets to every address of `exempt`.
ValueId Pairs::to_platform(Worker& worker, std::uint32_t row, const AddressSet& exempt) {
    static const WalkQuestion kAnywhere;
    SourceGroup alone;
    alone.configs = {rows_.configs()[row]};
    alone.addresses = AddressSet::single(rows_.address(row));
    const Cells cells =
        worker.concrete.from_group(alone, alone.addresses, exempt, asked_, kAnywhere);
    std::optional<ValueId> value;
    AddressSet answered;
    for (const Cell& cell : cells) {
        answered |= cell.dst;
        const ValueId one = worker.values.id(limited({cell.packets, cell.sessions}));
        value = value ? worker.values.both(*value, one) : one;
    }
    if (answered.count() < exempt.count()) {
        value = worker.values.both(value.value_or(0), 0);
    }
    return value.value_or(0);
}

/// What every row says of the packets to every address of `asked`, by position.
std::map<std::uint32_t, ValueId> Pairs::outside_values(Worker& worker, const Positions& positions,
                                                       const AddressSet& asked) {
    static const WalkQuestion kAnywhere;
    std::map<std::uint32_t, ValueId> result;
    const AddressSet exempt = SetWalk::platform_addresses() & asked;
    const AddressSet ordinary = asked - exempt;
    std::vector<Positions> members;
    const std::vector<const SourceGroup*> groups = senders(worker, positions, members);
    for (std::size_t g = 0; g < groups.size(); ++g) {
        CellAlgebra& algebra = worker.walk_out.algebra();
        const Cells cells = algebra.disjoint(algebra.merged(worker.walk_out.from_group(
            *groups[g], groups[g]->addresses, ordinary, asked_, kAnywhere)));
        worker.walk_out.forget();
        // Rows that nothing tells apart share their value.
        std::map<std::vector<std::uint32_t>, ValueId> known;
        for (const std::uint32_t row : members[g]) {
            const Address& source = rows_.address(row);
            const FilterIndexes::Chain& chain =
                state_.filters.chain(rows_.configs()[row], Direction::outbound);
            std::optional<ValueId> value;
            const auto fold = [&](ValueId one) {
                value = value ? worker.values.both(*value, one) : one;
            };
            Uint128 seen = 0;
            std::vector<std::uint32_t> whole_key;  // of all that tells rows apart
            for (std::uint32_t c = 0; c < cells.size(); ++c) {
                const Cell& cell = cells[c];
                if (!cell.src.contains(source)) {
                    continue;
                }
                seen += cell.dst.count();
                std::vector<std::uint32_t> key{c};
                Evaluator evaluator(state_.pool, worker.expressions, cell.packets.sets[0],
                                    cell.sessions.sets[0], {}, rows_, nobody_);
                for (const std::vector<ClassIndex>* classes : evaluator.row_keys()) {
                    key.push_back((*classes)[row]);
                }
                for (const FilterIndex* index : chain.lists()) {
                    key.push_back(worker.list_number(index));
                    key.push_back(index == nullptr ? 0 : rows_.classes(index, false)[row]);
                }
                whole_key.insert(whole_key.end(), key.begin(), key.end());
                const auto [it, added] = known.emplace(std::move(key), 0);
                if (added) {
                    it->second = everywhere_in(worker, cell, row);
                }
                fold(it->second);
            }
            const Uint128 whole =
                source.family == Family::v4 ? ordinary.v4.count() : ordinary.v6.count();
            if (seen < whole) {
                fold(0);
            }
            if (source.family == Family::v4 && !exempt.empty()) {
                whole_key.push_back(0xFFFFFFFFU);
                const auto [it, added] = known.emplace(std::move(whole_key), 0);
                if (added) {
                    it->second = to_platform(worker, row, exempt);
                }
                fold(it->second);
            }
            result.emplace(row, value.value_or(0));
        }
    }
    return result;
}

/// Columns that are not configurations: every address of the internet, and of the known sites.
void Pairs::outside_columns(Worker& worker, const Task& task, std::vector<RawBlock>& blocks) {
    const auto column = [&](const std::optional<std::uint32_t>& index, const AddressSet& asked) {
        if (!index || asked.empty()) {
            return;
        }
        std::map<std::uint32_t, std::optional<ValueId>> by_entry;
        for (const Positions& positions : task.subnets) {
            const std::map<std::uint32_t, ValueId> values =
                outside_values(worker, positions, asked);
            for (const std::uint32_t position : positions) {
                const Family family = rows_.address(position).family;
                if (family == Family::v4 ? asked.v4.empty() : asked.v6.empty()) {
                    continue;  // nothing of this family is asked
                }
                const auto found = values.find(position);
                const ValueId own = found == values.end() ? 0 : found->second;
                std::optional<ValueId>& value = by_entry[from_.entry_of[position]];
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
    column(to_.internet, internet_);
    column(to_.onprem, onprem_);
}

// --- lines -------------------------------------------------------------------------------------

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

// --- rows that are no configurations -----------------------------------------------------------

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
    tbb::task_arena arena(jobs);
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
    const int cores = tbb::info::default_concurrency();
    jobs = jobs > 0 ? std::min(jobs, cores) : cores;
    const std::size_t all = state_->network.configurations().size();
    if (from.size() * to.size() < all * all / 4) {
        jobs = 1;  // a few filters are made when they are needed, by one thread
    } else {
        // From here on everything that threads share only reads.
        state_->network.filters().compile_all();
        state_->network.routes().compile_all();
        state_->network.firewalls().compile_all();
        tbb::task_arena(jobs).execute([&] { state_->filters.build_all(); });
    }
    Pairs(*this, *state_, from, to, services).run(jobs, sink);
}

}  // namespace azreach
