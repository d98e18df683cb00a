#include "src/engine/reachability_evaluate.hpp"

#include <algorithm>

#include "models/net/ensures.hpp"

namespace azreach {

AxisSide::AxisSide(const Network& network, std::vector<ConfigIndex> configs)
    : configs_(std::move(configs)) {
    for (const ConfigIndex config : configs_) {
        addresses_.push_back(*network.configurations()[config].configuration->address);
    }
    index();
}

AxisSide::AxisSide(std::vector<Address> addresses) : addresses_(std::move(addresses)) { index(); }

void AxisSide::index() {
    std::vector<Range<std::uint32_t>> v4;
    std::vector<Range<Uint128>> v6;
    for (std::uint32_t i = 0; i < addresses_.size(); ++i) {
        const Address& address = addresses_[i];
        sorted_.emplace_back(address, i);
        if (address.family == Family::v4) {
            const auto value = static_cast<std::uint32_t>(address.value);
            v4.push_back({value, value});
        } else {
            v6.push_back({address.value, address.value});
        }
    }
    std::sort(sorted_.begin(), sorted_.end());
    all_ = {IntervalSet<std::uint32_t>::of(std::move(v4)), IntervalSet<Uint128>::of(std::move(v6))};
}

std::vector<std::uint32_t> AxisSide::in(const AddressSet& set) const {
    std::vector<std::uint32_t> result;
    const auto take = [&](const Address& first, const Address& last) {
        for (auto it = std::lower_bound(sorted_.begin(), sorted_.end(),
                                        std::pair(first, std::uint32_t{0}));
             it != sorted_.end() && it->first <= last; ++it) {
            result.push_back(it->second);
        }
    };
    for (const auto& range : set.v4.ranges()) {
        take(Address::v4(range.first), Address::v4(range.last));
    }
    for (const auto& range : set.v6.ranges()) {
        take(Address::v6(range.first), Address::v6(range.last));
    }
    std::sort(result.begin(), result.end());
    return result;
}

const std::vector<ClassIndex>& AxisSide::classes(const FilterIndex* index, bool as_destination) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<std::vector<ClassIndex>>& known = classes_[as_destination ? 1 : 0][index];
    if (!known) {
        const AddressClasses& classes = as_destination ? index->destinations() : index->sources();
        known = std::make_unique<std::vector<ClassIndex>>();
        known->reserve(addresses_.size());
        for (const Address& address : addresses_) {
            known->push_back(classes.of(address));
        }
    }
    return *known;
}

Evaluator::Evaluator(ServicePool& pool, const Expressions& expressions, ExprId packets,
                     ExprId sessions, const FilterIndexes::Chain& inbound, AxisSide& rows,
                     AxisSide& columns)
    : pool_(pool),
      algebra_(pool),
      expressions_(expressions),
      packets_(packets),
      sessions_(sessions),
      inbound_(inbound) {
    prepare(packets, rows, columns);
    prepare(sessions, rows, columns);
    for (auto* keys : {&row_keys_, &column_keys_}) {
        std::sort(keys->begin(), keys->end());
        keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
    }
}

void Evaluator::prepare(ExprId id, AxisSide& rows, AxisSide& columns) {
    using Kind = Expressions::Kind;
    const Expressions::Node& node = expressions_.node(id);
    switch (node.kind) {
        case Kind::constant:
            return;
        case Kind::opaque:
            opaque_ = true;
            return;
        case Kind::combine:
        case Kind::both:
            prepare(node.a, rows, columns);
            prepare(node.b, rows, columns);
            return;
        case Kind::weaken:
        case Kind::limit:
        case Kind::exchange:
            prepare(node.a, rows, columns);
            return;
        case Kind::filter:
            break;
    }
    prepare(node.a, rows, columns);
    if (std::any_of(filters_.begin(), filters_.end(),
                    [&](const Filter& filter) { return filter.node == id; })) {
        return;
    }
    Filter filter;
    filter.node = id;
    filter.lists = node.chain == kOwnChain ? inbound_.lists() : expressions_.chain(node).lists();
    filter.reply = node.reply;
    filter.has_fixed = node.sender != 0;
    for (std::size_t i = 0; i < filter.lists.size(); ++i) {
        const FilterIndex* index = filter.lists[i];
        if (index == nullptr) {
            continue;
        }
        // In a reply the request's destination is the source.
        const std::vector<ClassIndex>* column = &columns.classes(index, !filter.reply);
        column_keys_.push_back(column);
        const std::vector<ClassIndex>* row = nullptr;
        if (filter.has_fixed) {
            const Address& shown = expressions_.sender(node);
            filter.fixed[i] =
                filter.reply ? index->destinations().of(shown) : index->sources().of(shown);
        } else {
            row = &rows.classes(index, filter.reply);
            row_keys_.push_back(row);
        }
        filter.source[i] = filter.reply ? column : row;
        filter.destination[i] = filter.reply ? row : column;
    }
    filters_.push_back(filter);
}

Evaluator::Value Evaluator::at(std::uint32_t row, std::uint32_t column) {
    Value result;
    result.packets = value(packets_, row, column);
    result.sessions = sessions_ == packets_ ? result.packets : value(sessions_, row, column);
    return result;
}

std::vector<std::pair<const FilterIndex*, bool>> Evaluator::column_uses() const {
    std::vector<std::pair<const FilterIndex*, bool>> uses;
    for (const Filter& filter : filters_) {
        for (const FilterIndex* index : filter.lists) {
            if (index != nullptr) {
                uses.emplace_back(index, !filter.reply);
            }
        }
    }
    return uses;
}

Fate Evaluator::value(ExprId id, std::uint32_t row, std::uint32_t column) {
    using Kind = Expressions::Kind;
    const Expressions::Node& node = expressions_.node(id);
    switch (node.kind) {
        case Kind::constant:
            return expressions_.fate(node);
        case Kind::combine:
            return algebra_.combined(value(node.a, row, column), value(node.b, row, column),
                                     node.op);
        case Kind::both: {
            const Fate a = value(node.a, row, column);
            return a.empty() ? a : algebra_.intersected(a, value(node.b, row, column));
        }
        case Kind::weaken:
            return FateAlgebra::weakened(value(node.a, row, column));
        case Kind::limit:
            return algebra_.restricted(value(node.a, row, column), node.x, node.y);
        case Kind::exchange:
            return algebra_.exchanged(value(node.a, row, column));
        case Kind::opaque:
            break;
        case Kind::filter: {
            const auto filter = std::find_if(filters_.begin(), filters_.end(),
                                             [&](const Filter& f) { return f.node == id; });
            const FilterCell* cells[3] = {nullptr, nullptr, nullptr};
            const std::uint32_t from = filter->reply ? column : row;
            const std::uint32_t to = filter->reply ? row : column;
            for (std::size_t i = 0; i < 3; ++i) {
                if (filter->lists[i] == nullptr) {
                    continue;
                }
                const ClassIndex source =
                    filter->source[i] == nullptr ? filter->fixed[i] : (*filter->source[i])[from];
                const ClassIndex destination = filter->destination[i] == nullptr
                                                   ? filter->fixed[i]
                                                   : (*filter->destination[i])[to];
                cells[i] = &filter->lists[i]->cell(source, destination);
            }
            const ChainBounds bounds = chain_bounds(pool_, cells[0], cells[1], cells[2]);
            if (bounds.may == kNoService) {
                return {};
            }
            return algebra_.restricted(value(node.a, row, column), bounds.must, bounds.may);
        }
    }
    throw InternalError("an opaque expression has no value by classes");
}

}  // namespace azreach
