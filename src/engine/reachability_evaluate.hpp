// Expressions evaluated for pairs of configurations, by the classes of their addresses.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "src/engine/reachability_expressions.hpp"

namespace azreach {

/// The configurations of one side of an axis, with the classes that filters put their addresses
/// in. Thread-safe.
class AxisSide {
public:
    /// All with known addresses.
    AxisSide(const Network& network, std::vector<ConfigIndex> configs);
    /// Addresses that stand for themselves.
    explicit AxisSide(std::vector<Address> addresses);

    std::size_t size() const { return addresses_.size(); }
    const std::vector<ConfigIndex>& configs() const { return configs_; }
    const Address& address(std::size_t position) const { return addresses_[position]; }
    const AddressSet& addresses() const { return all_; }
    /// Positions whose address lies in `set`, ascending.
    std::vector<std::uint32_t> in(const AddressSet& set) const;
    /// The class of every position's address, as a source or as a destination of `index`.
    const std::vector<ClassIndex>& classes(const FilterIndex* index, bool as_destination);

private:
    void index();
    std::vector<ConfigIndex> configs_;
    std::vector<Address> addresses_;
    std::vector<std::pair<Address, std::uint32_t>> sorted_;
    AddressSet all_;
    std::unordered_map<const FilterIndex*, std::unique_ptr<std::vector<ClassIndex>>> classes_[2];
    std::mutex mutex_;
};

/// One expression for packets and one for sessions, ready to be evaluated for rows (sources) and
/// columns (destinations). Not thread-safe; holds on to the expressions and both sides.
class Evaluator {
public:
    /// `inbound`: the chain at the columns that it will be asked for.
    Evaluator(ServicePool& pool, const Expressions& expressions, ExprId packets, ExprId sessions,
              const FilterIndexes::Chain& inbound, AxisSide& rows, AxisSide& columns);

    struct Value {
        Fate packets, sessions;
        friend bool operator==(const Value&, const Value&) = default;
    };
    Value at(std::uint32_t row, std::uint32_t column);
    /// Rows (columns) that agree in all these arrays have the same values.
    const std::vector<const std::vector<ClassIndex>*>& row_keys() const { return row_keys_; }
    const std::vector<const std::vector<ClassIndex>*>& column_keys() const { return column_keys_; }
    bool opaque() const { return opaque_; }
    /// The lists that see the columns, and whether as destinations.
    std::vector<std::pair<const FilterIndex*, bool>> column_uses() const;

private:
    struct Filter {
        ExprId node = 0;
        std::array<const FilterIndex*, 3> lists{};
        std::array<const std::vector<ClassIndex>*, 3> source{}, destination{};  // by row or column
        std::array<ClassIndex, 3> fixed{};  // the sender's class, where an appliance shows its own
        bool reply = false, has_fixed = false;
    };
    void prepare(ExprId id, AxisSide& rows, AxisSide& columns);
    Fate value(ExprId id, std::uint32_t row, std::uint32_t column);
    ServicePool& pool_;
    FateAlgebra algebra_;
    const Expressions& expressions_;
    ExprId packets_, sessions_;
    FilterIndexes::Chain inbound_;
    std::vector<Filter> filters_;
    std::vector<const std::vector<ClassIndex>*> row_keys_, column_keys_;
    bool opaque_ = false;
};

}  // namespace azreach
