#include "src/engine/reachability_cells.hpp"

#include <algorithm>
#include <unordered_map>

namespace azreach {

namespace {

struct Rectangle {
    AddressSet src, dst;
};

/// The parts of `x` outside `y`.
std::vector<Rectangle> outside(const Rectangle& x, const AddressSet& src, const AddressSet& dst) {
    std::vector<Rectangle> result;
    AddressSet rest = x.src - src;
    if (rest != x.src && x.dst.intersects(dst)) {
        AddressSet beside = x.dst - dst;
        if (!beside.empty()) {
            result.push_back({x.src & src, std::move(beside)});
        }
        if (!rest.empty()) {
            result.push_back({std::move(rest), x.dst});
        }
    } else {
        result.push_back(x);
    }
    return result;
}

/// The part of `cell` that no cell of `others` touches.
std::vector<Rectangle> untouched(const Cell& cell, const Cells& others) {
    std::vector<Rectangle> rest{{cell.src, cell.dst}};
    for (const Cell& other : others) {
        if (rest.empty()) {
            break;
        }
        std::vector<Rectangle> next;
        for (const Rectangle& piece : rest) {
            for (Rectangle& left : outside(piece, other.src, other.dst)) {
                next.push_back(std::move(left));
            }
        }
        rest = std::move(next);
    }
    return rest;
}

bool same_region(const Cells& x, const Cells& y) {
    return x.size() == 1 && y.size() == 1 && x.front().src == y.front().src &&
           x.front().dst == y.front().dst;
}

}  // namespace

/// Counts instead of comparing pairs, so that large lists are cheap; IPv4 only.
bool CellAlgebra::surely_disjoint(const Cells& cells) {
    struct Group {
        const AddressSet* dst = nullptr;
        Uint128 count = 0;
        std::vector<Range<std::uint32_t>> sources;
    };
    std::unordered_map<std::size_t, Group> groups;
    std::vector<Range<std::uint32_t>> destinations;
    Uint128 destination_count = 0;
    for (const Cell& cell : cells) {
        if (!cell.src.v6.empty() || !cell.dst.v6.empty()) {
            return false;
        }
        Group& group = groups[cell.dst.hash()];
        if (group.dst == nullptr) {
            group.dst = &cell.dst;
            destination_count += cell.dst.v4.count();
            const auto& ranges = cell.dst.v4.ranges();
            destinations.insert(destinations.end(), ranges.begin(), ranges.end());
        } else if (!(*group.dst == cell.dst)) {
            return false;
        }
        group.count += cell.src.v4.count();
        const auto& ranges = cell.src.v4.ranges();
        group.sources.insert(group.sources.end(), ranges.begin(), ranges.end());
    }
    const auto counted = [](std::vector<Range<std::uint32_t>>& ranges) {
        return IntervalSet<std::uint32_t>::of(std::move(ranges)).count();
    };
    return counted(destinations) == destination_count &&
           std::all_of(groups.begin(), groups.end(), [&](auto& item) {
               return counted(item.second.sources) == item.second.count;
           });
}

Fate CellAlgebra::all(ServiceId services) {
    return symbolic() ? symbol(expressions_->constant(Fate::all(services))) : Fate::all(services);
}

Fate CellAlgebra::weakened(const Fate& fate) {
    return symbolic() ? symbol(expressions_->weaken(id_of(fate))) : FateAlgebra::weakened(fate);
}

Fate CellAlgebra::restricted(const Fate& fate, ServiceId must, ServiceId may) {
    return symbolic() ? symbol(expressions_->limit(id_of(fate), must, may))
                      : fates_.restricted(fate, must, may);
}

Fate CellAlgebra::intersected(const Fate& x, const Fate& y) {
    return symbolic() ? symbol(expressions_->both(id_of(x), id_of(y))) : fates_.intersected(x, y);
}

Fate CellAlgebra::exchanged(const Fate& fate) {
    return symbolic() ? symbol(expressions_->exchange(id_of(fate))) : fates_.exchanged(fate);
}

Fate CellAlgebra::combined(const Fate& x, const Fate& y, Op op) {
    return symbolic() ? symbol(expressions_->combine(op, id_of(x), id_of(y)))
                      : fates_.combined(x, y, op);
}

Cell CellAlgebra::combined(const Cell& x, const Cell& y, AddressSet src, AddressSet dst, Op op) {
    Cell result;
    result.src = std::move(src);
    result.dst = std::move(dst);
    result.packets = combined(x.packets, y.packets, op);
    result.sessions = combined(x.sessions, y.sessions, op);
    if (x.packets.empty()) {
        result.ports = y.ports;
        result.end = y.end;
    } else {
        result.ports =
            y.packets.empty() || x.ports == y.ports ? x.ports : PortMap{PortMap::Kind::mixed, 0};
        result.end = y.packets.empty() || x.end == y.end ? x.end : EndPlace{};
    }
    return result;
}

Cells CellAlgebra::combined(Cells x, Cells y, Op op) {
    Cells result;
    const auto keep = [&](Cell cell) {
        if (!cell.packets.empty()) {
            result.push_back(std::move(cell));
        }
    };
    if (same_region(x, y)) {
        keep(combined(x.front(), y.front(), x.front().src, x.front().dst, op));
        return result;
    }
    const Cell nothing;
    const auto alone = [&](const Cell& cell, AddressSet src, AddressSet dst, bool first) {
        keep(first ? combined(cell, nothing, std::move(src), std::move(dst), op)
                   : combined(nothing, cell, std::move(src), std::move(dst), op));
    };
    if (x.size() * y.size() > 4096 && surely_disjoint(x) && surely_disjoint(y)) {
        // Many cells: those that meet their like are matched by value, the rest is cut.
        std::unordered_map<std::size_t, std::vector<std::size_t>> by_hash;
        const auto hash = [](const Cell& cell) { return cell.src.hash() * 31 + cell.dst.hash(); };
        for (std::size_t j = 0; j < y.size(); ++j) {
            by_hash[hash(y[j])].push_back(j);
        }
        std::vector<bool> matched_x(x.size());
        std::vector<bool> matched_y(y.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            const auto found = by_hash.find(hash(x[i]));
            if (found == by_hash.end()) {
                continue;
            }
            for (const std::size_t j : found->second) {
                if (!matched_y[j] && x[i].src == y[j].src && x[i].dst == y[j].dst) {
                    keep(combined(x[i], y[j], x[i].src, x[i].dst, op));
                    matched_x[i] = true;
                    matched_y[j] = true;
                    break;
                }
            }
        }
        Cells rest_x;
        Cells rest_y;
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (!matched_x[i]) {
                rest_x.push_back(std::move(x[i]));
            }
        }
        for (std::size_t j = 0; j < y.size(); ++j) {
            if (!matched_y[j]) {
                rest_y.push_back(std::move(y[j]));
            }
        }
        x = std::move(rest_x);
        y = std::move(rest_y);
    }
    for (const Cell& a : x) {
        for (const Cell& b : y) {
            if (!a.src.intersects(b.src) || !a.dst.intersects(b.dst)) {
                continue;
            }
            keep(combined(a, b, a.src & b.src, a.dst & b.dst, op));
        }
    }
    for (const Cell& a : x) {
        for (Rectangle& piece : untouched(a, y)) {
            alone(a, std::move(piece.src), std::move(piece.dst), true);
        }
    }
    for (const Cell& b : y) {
        for (Rectangle& piece : untouched(b, x)) {
            alone(b, std::move(piece.src), std::move(piece.dst), false);
        }
    }
    return result;
}

void CellAlgebra::weaken(Cells& cells) {
    for (Cell& cell : cells) {
        cell.packets = weakened(cell.packets);
        cell.sessions = weakened(cell.sessions);
    }
}

void CellAlgebra::weaken_sessions(Cells& cells) {
    for (Cell& cell : cells) {
        cell.sessions = weakened(cell.sessions);
    }
}

void CellAlgebra::restrict(Cells& cells, ServiceId must, ServiceId may) {
    for (Cell& cell : cells) {
        cell.packets = restricted(cell.packets, must, may);
        cell.sessions = restricted(cell.sessions, must, may);
    }
    std::erase_if(cells, [](const Cell& cell) { return cell.packets.empty(); });
}

Cells CellAlgebra::collapsed_sources(Cells cells, const AddressSet& from, const AddressSet& to,
                                     bool choice) {
    if (std::all_of(cells.begin(), cells.end(),
                    [&](const Cell& cell) { return cell.src == from; })) {
        for (Cell& cell : cells) {
            cell.src = to;
        }
        return cells;
    }
    // One alternative for each distinct source part; what a part does not mention is nothing.
    cells = disjoint(std::move(cells));
    std::vector<AddressSet> parts{from};
    for (const Cell& cell : cells) {
        std::vector<AddressSet> next;
        for (const AddressSet& part : parts) {
            AddressSet inside = part & cell.src;
            AddressSet rest = part - cell.src;
            if (!inside.empty()) {
                next.push_back(std::move(inside));
            }
            if (!rest.empty()) {
                next.push_back(std::move(rest));
            }
        }
        parts = std::move(next);
    }
    Cells result;
    bool first = true;
    for (const AddressSet& part : parts) {
        Cells alternative;
        for (const Cell& cell : cells) {
            if (cell.src.intersects(part)) {
                alternative.push_back(cell);
                alternative.back().src = to;
            }
        }
        if (first) {
            result = std::move(alternative);
        } else {
            result =
                combined(std::move(result), std::move(alternative), choice ? Op::choice : Op::fact);
        }
        first = false;
    }
    return result;
}

Cells CellAlgebra::merged(Cells cells) {
    if (cells.size() < 2) {
        return cells;
    }
    const auto along = [](Cells in, AddressSet Cell::*fixed, AddressSet Cell::*joined) {
        Cells out;
        std::unordered_map<std::size_t, std::vector<std::size_t>> known;
        std::vector<std::vector<Range<std::uint32_t>>> v4;
        std::vector<std::vector<Range<Uint128>>> v6;
        for (Cell& cell : in) {
            std::size_t h = (cell.*fixed).hash();
            for (const ServiceId id : cell.packets.sets) {
                h = h * 31 + id;
            }
            for (const ServiceId id : cell.sessions.sets) {
                h = h * 31 + id;
            }
            std::vector<std::size_t>& same = known[h];
            std::size_t at = out.size();
            for (const std::size_t i : same) {
                if (out[i].packets == cell.packets && out[i].sessions == cell.sessions &&
                    out[i].ports == cell.ports && out[i].*fixed == cell.*fixed) {
                    at = i;
                    break;
                }
            }
            const auto& ranges4 = (cell.*joined).v4.ranges();
            const auto& ranges6 = (cell.*joined).v6.ranges();
            if (at == out.size()) {
                same.push_back(at);
                v4.emplace_back(ranges4);
                v6.emplace_back(ranges6);
                out.push_back(std::move(cell));
            } else {
                v4[at].insert(v4[at].end(), ranges4.begin(), ranges4.end());
                v6[at].insert(v6[at].end(), ranges6.begin(), ranges6.end());
                if (!(out[at].end == cell.end)) {
                    out[at].end = EndPlace{};
                }
            }
        }
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i].*joined = {IntervalSet<std::uint32_t>::of(std::move(v4[i])),
                              IntervalSet<Uint128>::of(std::move(v6[i]))};
        }
        return out;
    };
    cells = along(std::move(cells), &Cell::dst, &Cell::src);
    return along(std::move(cells), &Cell::src, &Cell::dst);
}

Cells CellAlgebra::disjoint(Cells cells) {
    Cells result;
    for (Cell& cell : cells) {
        const bool meets = std::any_of(result.begin(), result.end(), [&](const Cell& other) {
            return other.src.intersects(cell.src) && other.dst.intersects(cell.dst);
        });
        if (!meets) {
            result.push_back(std::move(cell));
            continue;
        }
        Cells one;
        one.push_back(std::move(cell));
        result = combined(std::move(result), std::move(one), Op::add);
    }
    return result;
}

}  // namespace azreach
