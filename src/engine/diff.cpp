#include "src/engine/diff.hpp"

#include <algorithm>

#include "src/engine/diff_group.hpp"

namespace azreach {

std::string_view to_string(FlowState state) {
    switch (state) {
        case FlowState::blocked:
            return "blocked";
        case FlowState::possible:
        case FlowState::reply_unknown:
            return "unknown";
        case FlowState::one_way:
            return "one-way";
        case FlowState::reachable:
            return "reachable";
    }
    return "";
}

bool FlowChange::certain() const {
    const auto open = [&](FlowState state) {
        return state == FlowState::possible ||
               (kind == Kind::changed && state == FlowState::reply_unknown);
    };
    return !open(before) && !open(after);
}

std::string_view to_string(FlowChange::Kind kind) {
    switch (kind) {
        case FlowChange::Kind::added:
            return "new";
        case FlowChange::Kind::lost:
            return "lost";
        case FlowChange::Kind::changed:
            return "changed";
        case FlowChange::Kind::rerouted:
            return "rerouted";
    }
    return "";
}

namespace {

/// Whether packets arrive: 0 surely not, 1 perhaps, 2 surely.
int arrival(FlowState state) {
    return state == FlowState::blocked ? 0 : state == FlowState::possible ? 1 : 2;
}

FlowChange::Kind kind_of(FlowState before, FlowState after) {
    const int was = arrival(before);
    const int is = arrival(after);
    return is > was   ? FlowChange::Kind::added
           : is < was ? FlowChange::Kind::lost
                      : FlowChange::Kind::changed;
}

/// A packet of the rectangle that an engineer would pick, and where it starts on each side.
struct Sample {
    Packet packet;
    std::array<std::optional<Origin>, 2> from;
};

Address sample_address(const AddressSet& set, bool internet) {
    const Address known = Address::v4(0x08080808U);  // one that people recognise
    return internet && set.contains(known) ? known : *set.smallest();
}

std::optional<Sample> sample_of(const BothNetworks& both, const std::vector<SenderRow>& rows,
                                const StateRectangle& rectangle, const ServiceSet& services) {
    const StateRectangle::Senders& senders = rectangle.from.front();
    const SenderRow& row = rows[senders.row];
    Sample sample;
    const auto service = services.witness();
    if (!service) {
        return std::nullopt;
    }
    sample.packet.service = *service;
    const bool v4 = !senders.src.v4.empty() && !rectangle.dst.v4.empty();
    AddressSet src;
    AddressSet dst;
    if (v4) {
        src.v4 = senders.src.v4;
        dst.v4 = rectangle.dst.v4;
    } else {
        src.v6 = senders.src.v6;
        dst.v6 = rectangle.dst.v6;
    }
    if (src.empty() || dst.empty()) {
        return std::nullopt;
    }
    sample.packet.src = sample_address(src, row.kind == SenderRow::Kind::internet);
    sample.packet.dst = sample_address(dst, dst.count() > 256);
    for (const DiffSide side : {kBefore, kAfter}) {
        if (row.kind == SenderRow::Kind::internet) {
            sample.from[side] = Internet{};
        } else if (row.kind == SenderRow::Kind::onprem) {
            sample.from[side] = OnPremises{};
        }
    }
    for (const std::size_t twin : row.twins) {
        const ConfigTwins& own = both.configs()[twin];
        bool holds = false;
        for (const DiffSide side : {kBefore, kAfter}) {
            if (own.index[side] != kNoIndex) {
                const auto& address =
                    both.network(side).configurations()[own.index[side]].configuration->address;
                holds = holds || address == sample.packet.src || !address;
            }
        }
        if (!holds) {
            continue;
        }
        for (const DiffSide side : {kBefore, kAfter}) {
            if (own.index[side] != kNoIndex && !row.group[side].configs.empty()) {
                sample.from[side] = own.index[side];
            }
        }
        break;
    }
    return sample;
}

}  // namespace

DiffAnswer diff(const Network& before, const Network& after, const DiffOptions& options) {
    DiffAnswer answer;
    const ConfigChanges config(before.snapshot(), after.snapshot());
    answer.config = config.list();
    BothNetworks both(before, after);
    const std::vector<SenderRow> rows = both.rows();
    const ServiceId asked = both.pool().intern(options.services);
    std::vector<StatePiece> pieces;
    if (!answer.config.empty()) {
        StateWalker walker(both);
        for (std::size_t row = 0; row < rows.size(); ++row) {
            walker.compare(rows[row], row, AddressSet::all(), asked, pieces);
        }
    }
    const std::vector<StateRectangle> found = rectangles(both, rows, std::move(pieces));
    if (found.empty()) {
        return answer;
    }
    const SideNames names(both);
    for (const StateRectangle& rectangle : found) {
        FlowChange change;
        change.service = both.pool().at(rectangle.services);
        change.before = rectangle.before;
        change.after = rectangle.after;
        change.kind = kind_of(change.before, change.after);
        change.from = names.sources(rows, rectangle.from);
        change.to = names.destinations(rectangle.dst, names.vnets_of(rows, rectangle.from));
        if (const auto sample = sample_of(both, rows, rectangle, change.service)) {
            change.witness = sample->packet;
            for (const DiffSide side : {kBefore, kAfter}) {
                if (!sample->from[side]) {
                    continue;
                }
                const TraceResult traced =
                    trace(both.network(side), *sample->from[side], sample->packet);
                (side == kBefore ? change.path_before : change.path_after) = traced.walk.path;
                for (const Fact fact : traced.depends_on) {
                    std::string name = both.network(side).facts().name(fact);
                    if (std::find(change.depends_on.begin(), change.depends_on.end(), name) ==
                        change.depends_on.end()) {
                        change.depends_on.push_back(std::move(name));
                    }
                }
            }
        }
        answer.changes.push_back(std::move(change));
    }
    std::stable_sort(answer.changes.begin(), answer.changes.end(),
                     [](const FlowChange& a, const FlowChange& b) {
                         const auto rank = [](const FlowChange& c) {
                             return std::tuple(c.kind, !c.exposure(), !c.certain());
                         };
                         if (rank(a) != rank(b)) {
                             return rank(a) < rank(b);
                         }
                         return std::tie(a.from.name, a.to.name) < std::tie(b.from.name, b.to.name);
                     });
    return answer;
}

}  // namespace azreach
