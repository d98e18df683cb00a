#include "src/engine/diff.hpp"

#include <algorithm>

#include "src/engine/diff_causes.hpp"
#include "src/engine/diff_group.hpp"
#include "src/engine/diff_services.hpp"
#include "src/engine/diff_touched.hpp"

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

/// A packet that an engineer would pick, and where it starts on each side.
struct Sample : SampledPacket {
    std::array<std::optional<Origin>, 2> from;
};

Address sample_address(const AddressSet& set) {
    const Address known = Address::v4(0x08080808U);  // one that people recognise
    return set.contains(known) ? known : *set.smallest();
}

std::optional<Sample> sample_of(const BothNetworks& both, const SenderRow& row,
                                const AddressSet& from, const AddressSet& to,
                                const ServiceSet& services) {
    Sample sample;
    const auto service = services.witness();
    const bool v4 = !from.v4.empty() && !to.v4.empty();
    const AddressSet family = AddressSet::all(v4 ? Family::v4 : Family::v6);
    const AddressSet src = from & family;
    const AddressSet dst = to & family;
    if (!service || src.empty() || dst.empty()) {
        return std::nullopt;
    }
    sample.packet = {sample_address(src), sample_address(dst), *service};
    sample.kind = row.kind;
    for (const DiffSide side : {kBefore, kAfter}) {
        if (row.kind == SenderRow::Kind::internet) {
            sample.from[side] = Internet{};
        } else if (row.kind == SenderRow::Kind::onprem) {
            sample.from[side] = OnPremises{};
        }
    }
    for (const std::size_t twin : row.twins) {
        const ConfigTwins& own = both.configs()[twin];
        const auto has_it = [&](DiffSide side) {
            if (own.index[side] == kNoIndex || row.group[side].configs.empty()) {
                return false;
            }
            const auto& address =
                both.network(side).configurations()[own.index[side]].configuration->address;
            return !address || address == sample.packet.src;
        };
        if (has_it(kBefore) || has_it(kAfter)) {
            sample.interface = own.interface;
            sample.configuration = own.configuration;
            for (const DiffSide side : {kBefore, kAfter}) {
                if (has_it(side)) {
                    sample.from[side] = own.index[side];
                }
            }
            break;
        }
    }
    return sample;
}

class Differ {
public:
    Differ(const Network& before, const Network& after, const DiffOptions& options)
        : options_(options),
          config_(before.snapshot(), after.snapshot()),
          both_(before, after),
          rows_(both_.rows()) {}

    DiffAnswer answer();

private:
    void evaluate(const Touched& touched);
    std::vector<AddressSet> route_parts(const SenderRow& row, const AddressSet& dst) const;
    void keep_or_drop_same_states();
    FlowChange change_of(const StateRectangle& rectangle, const SideNames& names);
    void find_causes();
    void find_without_effect();
    std::size_t endpoints() const { return both_.configs().size() + 2; }
    std::uint64_t unchanged_pairs(const std::vector<StateRectangle>& found,
                                  const SideNames& names) const;
    void trace_both(const Sample& sample, FlowChange& change);

    const DiffOptions& options_;
    const ConfigChanges config_;
    BothNetworks both_;
    const std::vector<SenderRow> rows_;
    std::vector<StatePiece> pieces_;
    std::vector<std::string> changed_others_;  // ids of changed resources that are not modelled
    std::vector<SampledPacket> samples_;       // of the changes that have one, in order
    std::vector<bool> sampled_;                // by change
    DiffAnswer answer_;
};

/// Destinations that a row's subnet routes by one pair of candidates, before and after.
std::vector<AddressSet> Differ::route_parts(const SenderRow& row, const AddressSet& dst) const {
    std::vector<AddressSet> parts{dst};
    for (const DiffSide side : {kBefore, kAfter}) {
        const Network& network = both_.network(side);
        if (row.group[side].configs.empty()) {
            continue;
        }
        const SubnetIndex subnet = network.configurations()[row.group[side].configs.front()].subnet;
        if (subnet == kNoIndex) {
            continue;
        }
        std::vector<AddressSet> next;
        for (const AddressSet& part : parts) {
            for (Routes::Part& piece : network.routes().partition(subnet, part)) {
                next.push_back(std::move(piece.destinations));
            }
        }
        parts = std::move(next);
    }
    return parts;
}

void Differ::evaluate(const Touched& touched) {
    using Same = StateClassifier::Same;
    StateWalker walker(both_);
    std::optional<PairStates> pairs;
    const PacketSet asked = PacketSet::of({AddressSet::all(), ~both_.nobody(), options_.services});
    /// Rows with the same question about other configurations are asked together.
    using Question = std::tuple<bool, Same, AddressSet, ServiceSet>;
    struct Rows {
        std::vector<std::size_t> which;
        std::vector<AddressSet> src;
    };
    std::map<Question, Rows> questions;
    std::vector<StatePiece> found;
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        const AddressSet& rerouted = touched.rerouted[row];
        for (const bool fine : {true, false}) {
            PacketSet packets = touched.fine[row];
            if (!fine) {
                packets = touched.coarse[row] - packets;
            }
            packets &= asked;
            for (const Cube& cube : packets.cubes()) {
                AddressSet rest = cube.dst;
                if (!options_.everything) {
                    if (!pairs) {
                        pairs.emplace(both_);
                    }
                    if (pairs->understands(rows_[row])) {
                        const AddressSet known = rest & pairs->addresses();
                        rest -= known;
                        for (const bool other : {false, true}) {
                            const AddressSet dst = other ? known & rerouted : known - rerouted;
                            if (!dst.empty()) {
                                Rows& rows = questions[{fine, other ? Same::all : Same::possible,
                                                        dst, cube.service}];
                                rows.which.push_back(row);
                                rows.src.push_back(cube.src);
                            }
                        }
                    }
                }
                for (const bool other : {false, true}) {
                    const AddressSet dst = other ? rest & rerouted : rest - rerouted;
                    if (!dst.empty()) {
                        walker.compare(rows_[row], row, {cube.src, dst, cube.service},
                                       other ? Same::all : Same::possible, fine, found);
                    }
                }
            }
        }
    }
    for (const auto& [question, rows] : questions) {
        const auto& [fine, same, dst, services] = question;
        std::vector<const AddressSet*> pointers;
        for (const AddressSet& src : rows.src) {
            pointers.push_back(&src);
        }
        std::vector<std::size_t> which = rows.which;
        which.erase(std::unique(which.begin(), which.end()), which.end());
        pairs->compare(rows_, which, union_of(pointers), dst, services, same, fine, options_.jobs,
                       found);
    }
    // What may go another way is told apart by where it goes first.
    for (StatePiece& piece : found) {
        if (piece.before != piece.after || !piece.dst.intersects(touched.rerouted[piece.row])) {
            pieces_.push_back(std::move(piece));
            continue;
        }
        for (AddressSet& part : route_parts(rows_[piece.row], piece.dst)) {
            pieces_.push_back(piece);
            pieces_.back().dst = std::move(part);
        }
    }
}

/// Pieces in one state on both sides: another way is worth telling, and what filters decide by
/// other facts is not known to be the same.
void Differ::keep_or_drop_same_states() {
    std::vector<StatePiece> kept;
    for (StatePiece& piece : pieces_) {
        if (piece.before != piece.after) {
            kept.push_back(std::move(piece));
            continue;
        }
        const auto sample = sample_of(both_, rows_[piece.row], piece.src, piece.dst,
                                      both_.pool().at(piece.services));
        if (!sample || !sample->from[kBefore] || !sample->from[kAfter]) {
            continue;
        }
        TraceOptions once;
        once.reply = false;
        std::array<TraceResult, 2> traced;
        std::array<std::vector<std::string>, 2> hangs_on;
        for (const DiffSide side : {kBefore, kAfter}) {
            traced[side] = trace(both_.network(side), *sample->from[side], sample->packet, once);
            for (const Fact fact : traced[side].depends_on) {
                hangs_on[side].push_back(both_.network(side).facts().name(fact));
            }
            std::sort(hangs_on[side].begin(), hangs_on[side].end());
        }
        piece.rerouted = way_of(traced[kBefore].walk) != way_of(traced[kAfter].walk);
        if (piece.before == FlowState::possible) {
            // What hangs on something that changed in a way nobody understands may have changed.
            const bool foreign = std::any_of(
                hangs_on[kAfter].begin(), hangs_on[kAfter].end(), [&](const std::string& fact) {
                    return std::any_of(
                        changed_others_.begin(), changed_others_.end(),
                        [&](const std::string& id) { return fact.find(id) != std::string::npos; });
                });
            const bool alike = !piece.rerouted && !foreign && hangs_on[kBefore] == hangs_on[kAfter];
            if (alike && !piece.fine) {
                ++answer_.compared_by_sample;
                continue;
            }
            kept.push_back(std::move(piece));
        } else if (piece.rerouted) {
            kept.push_back(std::move(piece));
        }
    }
    pieces_ = std::move(kept);
}

void Differ::trace_both(const Sample& sample, FlowChange& change) {
    change.witness = sample.packet;
    for (const DiffSide side : {kBefore, kAfter}) {
        if (!sample.from[side]) {
            continue;
        }
        const TraceResult traced = trace(both_.network(side), *sample.from[side], sample.packet);
        (side == kBefore ? change.path_before : change.path_after) = traced.walk.path;
        for (const Fact fact : traced.depends_on) {
            std::string name = both_.network(side).facts().name(fact);
            if (std::find(change.depends_on.begin(), change.depends_on.end(), name) ==
                change.depends_on.end()) {
                change.depends_on.push_back(std::move(name));
            }
        }
    }
}

FlowChange Differ::change_of(const StateRectangle& rectangle, const SideNames& names) {
    FlowChange change;
    change.service = both_.pool().at(rectangle.services);
    change.before = rectangle.before;
    change.after = rectangle.after;
    change.kind =
        rectangle.rerouted ? FlowChange::Kind::rerouted : kind_of(change.before, change.after);
    change.from = names.sources(rows_, rectangle.from);
    change.to = names.destinations(rectangle.dst, names.vnets_of(rows_, rectangle.from));
    const StateRectangle::Senders& senders = rectangle.from.front();
    if (auto sample =
            sample_of(both_, rows_[senders.row], senders.src, rectangle.dst, change.service)) {
        trace_both(*sample, change);
        sample->rerouted = rectangle.rerouted;
        samples_.push_back(*sample);
        sampled_.push_back(true);
    } else {
        sampled_.push_back(false);
    }
    return change;
}

void Differ::find_causes() {
    Causes causes = causes_of(config_, both_.network(kAfter).assumptions(), samples_);
    std::size_t sample = 0;
    for (std::size_t i = 0; i < answer_.changes.size(); ++i) {
        if (sampled_[i]) {
            answer_.changes[i].caused_by = std::move(causes.of[sample++]);
        } else {
            causes.incomplete = true;
        }
    }
    answer_.causes_incomplete = causes.incomplete;
}

/// What no change of connectivity needs may be left out: then the rest must connect as the new
/// snapshot does.
void Differ::find_without_effect() {
    std::vector<bool> needed(answer_.config.size(), false);
    for (const FlowChange& change : answer_.changes) {
        for (const std::size_t cause : change.caused_by) {
            needed[cause] = true;
        }
    }
    std::vector<std::size_t> rest;
    for (std::size_t i = 0; i < needed.size(); ++i) {
        if (!needed[i]) {
            rest.push_back(i);
        }
    }
    if (rest.empty()) {
        return;
    }
    if (answer_.changes.empty()) {
        if (answer_.compared_by_sample == 0) {
            answer_.without_effect = std::move(rest);
        }
        return;
    }
    Snapshot without = config_.before();
    config_.patch(without, needed);
    const Network network(without, both_.network(kAfter).assumptions());
    DiffOptions options;
    options.services = options_.services;
    options.jobs = options_.jobs;
    options.causes = false;
    options.paas = false;
    const DiffAnswer check = diff(network, both_.network(kAfter), options);
    if (check.changes.empty() && check.compared_by_sample == 0) {
        answer_.without_effect = std::move(rest);
    }
}

/// Pairs of IP configurations, the internet and on-premises that no change names.
std::uint64_t Differ::unchanged_pairs(const std::vector<StateRectangle>& found,
                                      const SideNames& names) const {
    const std::size_t internet = both_.configs().size();
    const std::size_t onprem = internet + 1;
    std::vector<std::vector<bool>> changed(endpoints());
    for (const StateRectangle& rectangle : found) {
        std::vector<std::size_t> to = names.at(rectangle.dst);
        if (rectangle.dst.intersects(Edges::internet_space())) {
            to.push_back(internet);
        }
        if (rectangle.dst.intersects(both_.onprem(kBefore) | both_.onprem(kAfter))) {
            to.push_back(onprem);
        }
        for (const StateRectangle::Senders& senders : rectangle.from) {
            const SenderRow& row = rows_[senders.row];
            std::vector<std::size_t> from = row.twins;
            if (row.kind != SenderRow::Kind::configs) {
                from = {row.kind == SenderRow::Kind::internet ? internet : onprem};
            }
            for (const std::size_t i : from) {
                changed[i].resize(endpoints(), false);
                for (const std::size_t j : to) {
                    changed[i][j] = true;
                }
            }
        }
    }
    std::uint64_t result = std::uint64_t{endpoints()} * endpoints();
    for (const std::vector<bool>& row : changed) {
        result -= static_cast<std::uint64_t>(std::count(row.begin(), row.end(), true));
    }
    return result;
}

DiffAnswer Differ::answer() {
    answer_.config = config_.list();
    if (answer_.config.empty()) {
        answer_.unchanged_pairs = std::uint64_t{endpoints()} * endpoints();
        return std::move(answer_);
    }
    for (const ConfigChange& change : answer_.config) {
        if (both_.network(kAfter).snapshot().others.contains(change.id)) {
            changed_others_.push_back(change.id.text());
        }
    }
    Touched touched;
    if (options_.everything) {
        touched.fine.resize(rows_.size());
        touched.rerouted.resize(rows_.size());
        touched.coarse.assign(rows_.size(), PacketSet::all());
    } else {
        touched = azreach::touched(both_, config_, rows_);
    }
    evaluate(touched);
    keep_or_drop_same_states();
    const std::vector<StateRectangle> found = rectangles(both_, rows_, std::move(pieces_));
    answer_.unchanged_pairs = std::uint64_t{endpoints()} * endpoints();
    if (!found.empty()) {
        const SideNames names(both_);
        for (const StateRectangle& rectangle : found) {
            answer_.changes.push_back(change_of(rectangle, names));
        }
        answer_.unchanged_pairs = unchanged_pairs(found, names);
    }
    if (options_.causes) {
        find_causes();
        if (!answer_.causes_incomplete) {
            find_without_effect();
        }
    }
    return std::move(answer_);
}

}  // namespace

DiffAnswer diff(const Network& before, const Network& after, const DiffOptions& options) {
    DiffAnswer answer = Differ(before, after, options).answer();
    if (options.paas) {
        diff_services(before, after, options.services, answer);
    }
    std::stable_sort(
        answer.changes.begin(), answer.changes.end(), [](const FlowChange& a, const FlowChange& b) {
            const auto rank = [](const FlowChange& c) {
                return std::tuple(c.kind, !c.exposure(), !c.certain());
            };
            return rank(a) != rank(b)
                       ? rank(a) < rank(b)
                       : std::tie(a.from.name, a.to.name) < std::tie(b.from.name, b.to.name);
        });
    return answer;
}

}  // namespace azreach
