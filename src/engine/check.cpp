#include "src/engine/check.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <set>

#include "models/azure/diagnostic.hpp"
#include "models/net/ensures.hpp"
#include "src/engine/check_baseline.hpp"
#include "src/engine/check_facts.hpp"
#include "src/engine/check_statement.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMaxGapWitnesses = 32;

std::string shown(Uint128 value) {
    std::string digits;
    do {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
        value /= 10;
    } while (value != 0);
    return digits;
}

/// What is the same for all invariants of a run.
struct Checking {
    const Network& network;
    const Endpoints& endpoints;
    const Policy& policy;
    const CheckOptions& options;
    SetEvaluator sets;
    FlowFinder finder;
    CheckNames names;
    FlowParts parts;

    Checking(const Network& n, const Endpoints& e, const Policy& p, const CheckOptions& o)
        : network(n),
          endpoints(e),
          policy(p),
          options(o),
          sets(n, e, p),
          finder(n, sets),
          names(n, e),
          parts(finder, sets) {}
};

/// One invariant.
class Judge {
public:
    Judge(const Checking& run, const Invariant& invariant, SetWalk& walk)
        : run_(run), invariant_(invariant), walk_(walk) {}

    InvariantResult judge();

private:
    std::vector<ForbiddenFlow> forbidden() const;
    ForbiddenFlow whole(const FlowExpression& flow) const {
        return whole_flow(invariant_, flow, run_.finder, run_.sets);
    }
    void judge_forbidden();
    void judge_limit();
    void judge_require();
    void judge_vacuity();
    void add_proxies(const ForbiddenFlow& flow, std::vector<FoundPiece>& found) const;
    std::vector<FoundPiece> find(const std::vector<ForbiddenFlow>& flows, bool per_target) const;
    void show_violation(const std::vector<FoundPiece>& found);
    void show_unknown(const std::vector<FoundPiece>& found);
    void show(const PickedPacket& picked, TraceResult result) {
        show_witness(run_.network, run_.names, picked, std::move(result), result_);
    }
    void describe(const PieceCount& count) { describe_affected(run_.names, count, result_); }
    void name_facts(const std::vector<Fact>& facts);
    ServiceSet service_of(ServiceId id) const { return run_.finder.pool().at(id); }

    const Checking& run_;
    const Invariant& invariant_;
    SetWalk& walk_;
    InvariantResult result_;
    std::vector<std::string> empty_;  // names of empty sets
    bool asked_nothing_ = false;
};

std::vector<ForbiddenFlow> Judge::forbidden() const {
    std::vector<ForbiddenFlow> result;
    for (StatedFlow& stated :
         stated_flows(invariant_, run_.finder, run_.sets, run_.options.today)) {
        for (ForbiddenFlow& part : run_.parts.without(std::move(stated.whole), stated.permitted,
                                                      default_services(invariant_.verb))) {
            result.push_back(std::move(part));
        }
    }
    return result;
}

std::vector<FoundPiece> Judge::find(const std::vector<ForbiddenFlow>& flows,
                                    bool per_target) const {
    std::vector<FoundPiece> found;
    for (const ForbiddenFlow& flow : flows) {
        FlowQuery query;
        query.from = &flow.from;
        query.to = &flow.to;
        query.services = run_.finder.pool().intern(flow.services);
        query.pass = flow.pass;
        query.avoid = flow.avoid;
        query.per_target = per_target;
        run_.finder.find(query, walk_, [&](FlowPiece piece) {
            found.push_back({std::move(piece), &flow});
            return true;
        });
        if (invariant_.via_proxy && !flow.from.internet.empty()) {
            add_proxies(flow, found);
        }
    }
    return found;
}

/// Proxies end the connection; with `via-proxy` they count as the internet's. What they hand on is
/// not modelled: perhaps everything that may come from where they stand.
void Judge::add_proxies(const ForbiddenFlow& flow, std::vector<FoundPiece>& found) const {
    const Snapshot& snapshot = run_.network.snapshot();
    EndpointSet proxies;
    const auto stands_in = [&](const ResourceId& subnet) {
        if (const auto index = run_.network.subnet_index(subnet)) {
            proxies.lodgings.push_back(*index);
        }
    };
    for (const auto& [id, bastion] : snapshot.bastions) {
        if (bastion.subnet) {
            stands_in(*bastion.subnet);
        }
    }
    for (const auto& [id, other] : snapshot.others) {
        const std::string type = id.type();
        if (equal_ignoring_case(type, "Microsoft.Network/applicationGateways") ||
            equal_ignoring_case(type, "Microsoft.ApiManagement/service")) {
            for (const ResourceId& subnet : other.subnets) {
                stands_in(subnet);
            }
        }
    }
    std::sort(proxies.lodgings.begin(), proxies.lodgings.end());
    proxies.lodgings.erase(std::unique(proxies.lodgings.begin(), proxies.lodgings.end()),
                           proxies.lodgings.end());
    FlowQuery query;
    query.from = &proxies;
    query.to = &flow.to;
    query.services = run_.finder.pool().intern(flow.services);
    query.pass = flow.pass;
    query.avoid = flow.avoid;
    run_.finder.find(query, walk_, [&](FlowPiece piece) {
        found.push_back({std::move(piece), &flow});
        return true;
    });
}

void Judge::name_facts(const std::vector<Fact>& facts) {
    for (const Fact fact : facts) {
        std::string name = run_.network.facts().name(fact);
        if (std::find(result_.depends_on.begin(), result_.depends_on.end(), name) ==
            result_.depends_on.end()) {
            result_.depends_on.push_back(std::move(name));
        }
    }
}

/// Violated, once the trace has repeated the packet.
void Judge::show_violation(const std::vector<FoundPiece>& found) {
    struct Candidate {
        PickedPacket picked;
        const FoundPiece* found = nullptr;
    };
    std::vector<Candidate> candidates;
    PieceCount count(run_.network);
    for (const FoundPiece& item : found) {
        const ServiceSet services = service_of(item.piece.packets.sets[Fate::can_must]);
        if (services.empty()) {
            continue;
        }
        count.add(item.piece, services);
        if (const auto picked = pick_packet(run_.network, item.piece, services)) {
            candidates.push_back({*picked, &item});
        }
    }
    std::stable_sort(
        candidates.begin(), candidates.end(),
        [](const Candidate& a, const Candidate& b) { return a.picked.rank < b.picked.rank; });
    result_.status = InvariantStatus::unknown;
    for (std::size_t i = 0; i < std::min<std::size_t>(candidates.size(), 8); ++i) {
        const Candidate& candidate = candidates[i];
        TraceOptions options;
        options.counts = [&](const Walk& walk) {
            return arrives_as_asked(run_.network, candidate.found->piece, *candidate.found->flow,
                                    walk);
        };
        TraceResult traced =
            trace(run_.network, candidate.picked.from, candidate.picked.packet, options);
        ensures(traced.verdict != PacketVerdict::dropped,
                "the trace drops a packet that the packet sets deliver");
        if (traced.can_in_every_world) {
            result_.status = InvariantStatus::violated;
            result_.broken = candidate.found->flow->text;
            show(candidate.picked, std::move(traced));
            describe(count);
            return;
        }
        name_facts(traced.depends_on);
    }
    result_.note = "more open facts meet in one packet than the trace can repeat";
    describe(count);
}

void Judge::show_unknown(const std::vector<FoundPiece>& found) {
    std::vector<const FoundPiece*> gaps;
    PieceCount count(run_.network);
    for (const FoundPiece& item : found) {
        const ServiceSet services = service_of(item.piece.packets.sets[Fate::can_may]);
        if (!services.empty()) {
            count.add(item.piece, services);
            gaps.push_back(&item);
        }
    }
    describe(count);
    std::size_t traced = 0;
    int best = -1;
    for (const FoundPiece* item : gaps) {
        name_facts(item->piece.facts);
        if (!item->piece.facts.empty() || traced == kMaxGapWitnesses) {
            continue;
        }
        const ServiceSet services = service_of(item->piece.packets.sets[Fate::can_may]);
        const auto picked = pick_packet(run_.network, item->piece, services);
        if (!picked) {
            continue;
        }
        ++traced;
        TraceOptions options;
        options.counts = [&](const Walk& walk) {
            return arrives_as_asked(run_.network, item->piece, *item->flow, walk);
        };
        TraceResult result = trace(run_.network, picked->from, picked->packet, options);
        name_facts(result.depends_on);
        if (best < 0 || picked->rank < best) {
            best = picked->rank;
            result_.broken = item->flow->text;
            show(*picked, std::move(result));
        }
    }
    if (result_.broken.empty() && !gaps.empty()) {
        result_.broken = gaps.front()->flow->text;
    }
}

void Judge::judge_forbidden() {
    const std::vector<ForbiddenFlow> flows = forbidden();
    std::vector<FoundPiece> found = find(flows, false);
    const auto some = [&](Fate::Quantity which) {
        return std::any_of(found.begin(), found.end(), [&](const FoundPiece& item) {
            return item.piece.packets.sets[which] != kNoService;
        });
    };
    if (!some(Fate::can_may)) {
        result_.status = InvariantStatus::held;
        return;
    }
    const bool several = std::any_of(found.begin(), found.end(), [](const FoundPiece& item) {
        return item.piece.own == nullptr && item.piece.targets != nullptr &&
               item.piece.targets->size() > 1;
    });
    if (several) {  // who of them, for exact counts
        found = find(flows, true);
    }
    if (some(Fate::can_must)) {
        show_violation(found);
    } else {
        result_.status = InvariantStatus::unknown;
        show_unknown(found);
    }
}

void Judge::judge_limit() {
    const std::vector<ForbiddenFlow> flows{whole(invariant_.flows.front())};
    const std::vector<FoundPiece> found = find(flows, true);
    const bool pairs = invariant_.count == LimitCount::pairs;
    PieceCount must(run_.network, pairs);
    PieceCount may(run_.network, pairs);
    for (const FoundPiece& item : found) {
        must.add(item.piece, service_of(item.piece.packets.sets[Fate::can_must]));
        may.add(item.piece, service_of(item.piece.packets.sets[Fate::can_may]));
    }
    const auto counted = [&](const PieceCount& count) {
        switch (invariant_.count) {
            case LimitCount::sources:
                return count.sources();
            case LimitCount::destinations:
                return count.destinations();
            case LimitCount::pairs:
                return count.pairs();
            case LimitCount::ports:
                return count.ports();
        }
        return Uint128{0};
    };
    const Uint128 least = counted(must);
    const Uint128 most = may.unbounded() ? ~Uint128{0} : counted(may);
    result_.counted = {least, most};
    const std::string what(to_string(invariant_.count));
    if (most <= invariant_.max) {
        result_.status = InvariantStatus::held;
        result_.note = shown(most) + " " + what + ", at most " + shown(invariant_.max);
    } else if (least > invariant_.max) {
        show_violation(found);
        result_.note = shown(least) + " " + what + ", at most " + shown(invariant_.max) +
                       " permitted" + (result_.note.empty() ? "" : "; ") + result_.note;
    } else {
        result_.status = InvariantStatus::unknown;
        show_unknown(found);
        result_.note = "at least " + shown(least) +
                       (may.unbounded() ? "" : " and at most " + shown(most)) + " " + what + ", " +
                       shown(invariant_.max) + " permitted";
    }
}

void Judge::judge_require() {
    result_.status = InvariantStatus::held;
    bool asked = false;
    for (const FlowExpression& expression : invariant_.flows) {
        ForbiddenFlow flow = whole(expression);
        Coverage coverage = covered(run_.finder, run_.sets, walk_, flow, invariant_.match_some);
        if (coverage.asked_nothing) {
            continue;
        }
        asked = true;
        if (coverage.held || result_.status == InvariantStatus::violated) {
            continue;
        }
        const auto options_for = [&](const FlowPiece& piece) {
            TraceOptions options;
            options.counts = [&run = run_, &piece, &flow](const Walk& walk) {
                return arrives_as_asked(run.network, piece, flow, walk) &&
                       walk.reply_delivered.value_or(false);
            };
            return options;
        };
        result_.broken = expression.text;
        result_.note = coverage.note;
        if (coverage.violated) {
            ensures(
                coverage.lost.has_value() || coverage.lost_piece.start != FlowPiece::Start::nics,
                "a lost packet has a name");
            bool repeated = !coverage.lost;
            if (coverage.lost) {
                TraceResult traced = trace(run_.network, coverage.lost->from, coverage.lost->packet,
                                           options_for(coverage.lost_piece));
                repeated = !traced.always_in_some_world;
                ensures(repeated || traced.verdict == PacketVerdict::unknown,
                        "the trace delivers a packet that the packet sets lose");
                name_facts(traced.depends_on);
                show(*coverage.lost, std::move(traced));
            }
            result_.status = repeated ? InvariantStatus::violated : InvariantStatus::unknown;
            describe(coverage.affected);
            if (repeated) {
                result_.depends_on.clear();
            }
            continue;
        }
        result_.status = InvariantStatus::unknown;
        PieceCount count(run_.network);
        std::size_t traced = 0;
        for (const auto& [piece, services] : coverage.gaps) {
            count.add(piece, services);
            const auto picked = pick_packet(run_.network, piece, services);
            if (!picked || traced++ >= kMaxGapWitnesses) {
                continue;
            }
            TraceResult result =
                trace(run_.network, picked->from, picked->packet, options_for(piece));
            name_facts(result.depends_on);
            if (!result_.witness) {
                show(*picked, std::move(result));
            }
        }
        describe(count);
        std::vector<Fact> unmodelled;
        for (const auto* list : {&flow.from.unmodelled, &flow.to.unmodelled}) {
            for (const ResourceId& id : *list) {
                unmodelled.push_back(run_.network.about(FactKey::unmodelled, id.text()));
            }
        }
        name_facts(unmodelled);
    }
    asked_nothing_ = !asked;
}

/// Empty sets: what was asked is not what was meant.
void Judge::judge_vacuity() {
    std::vector<std::string> names;
    bool nothing = asked_nothing_;
    const auto look = [&](const SetExpression& set) {
        for (std::string& name : run_.sets.empty_names(set)) {
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                names.push_back(std::move(name));
            }
        }
        // Without on-premises nothing comes from there: that is an answer.
        const bool onprem = set.op == SetExpression::Op::name && set.name == "onprem";
        return !onprem && run_.sets.of(set).empty();
    };
    const auto look_at_flow = [&](const FlowExpression& flow) {
        bool empty = look(flow.from);
        empty = look(flow.to) || empty;
        for (const auto* list : {&flow.via, &flow.not_via}) {
            for (const SetExpression& via : *list) {
                look(via);
            }
        }
        return empty || (flow.services && flow.services->empty());
    };
    bool all_empty = !invariant_.flows.empty();
    for (const FlowExpression& flow : invariant_.flows) {
        all_empty = look_at_flow(flow) && all_empty;
    }
    if (invariant_.verb == Verb::only) {
        all_empty = false;  // nothing permitted is a question, too
    }
    for (const SetExpression& set : invariant_.sets) {
        const bool empty = look(set);
        all_empty = all_empty || (empty && invariant_.verb == Verb::only);
    }
    if (invariant_.verb == Verb::isolate) {
        const auto filled =
            std::count_if(invariant_.sets.begin(), invariant_.sets.end(),
                          [&](const SetExpression& set) { return !run_.sets.of(set).empty(); });
        all_empty = filled < 2;
    }
    nothing = nothing || all_empty;
    const bool decided = result_.status == InvariantStatus::violated;
    if (decided || (names.empty() && !nothing)) {
        return;
    }
    if (!nothing && invariant_.may_be_empty) {
        return;  // the rest was asked
    }
    result_.status = InvariantStatus::vacuous;
    result_.witness.reset();
    result_.path.clear();
    result_.note.clear();
    for (const std::string& name : names) {
        result_.note += (result_.note.empty() ? "nothing is in '" : ", '") + name + "'";
    }
    if (result_.note.empty()) {
        result_.note = "the flow names no packet";
    }
}

InvariantResult Judge::judge() {
    result_.invariant = &invariant_;
    const bool compares = invariant_.verb == Verb::no_new || invariant_.verb == Verb::same;
    if (compares) {
        if (run_.options.baseline == nullptr) {
            result_.status = result_.beneath = InvariantStatus::not_asked;
            result_.note = "needs a baseline: --baseline SNAPSHOT, or diff";
        } else {
            compare_with_baseline(*run_.options.baseline, run_.network, run_.endpoints, run_.policy,
                                  invariant_, run_.options, result_);
        }
    } else if (invariant_.verb == Verb::limit) {
        judge_limit();
    } else if (invariant_.verb == Verb::require) {
        judge_require();
    } else {
        judge_forbidden();
    }
    if (result_.status != InvariantStatus::not_asked) {
        judge_vacuity();
    }
    for (const FlowException& exception : invariant_.except) {
        if (exception.waiver.expired(run_.options.today)) {
            result_.status = InvariantStatus::violated;
            result_.note += (result_.note.empty() ? "" : "; ");
            result_.note += "the exception '" + exception.flow.text + "' expired on " +
                            to_string(*exception.waiver.expires) + " (" + exception.waiver.owner +
                            ": " + exception.waiver.reason + ")";
            result_.findings.push_back("expired exception " + exception.flow.text);
        }
    }
    if (result_.findings.empty() && (result_.status == InvariantStatus::violated ||
                                     result_.status == InvariantStatus::unknown ||
                                     result_.status == InvariantStatus::vacuous)) {
        result_.findings.emplace_back("");
    }
    result_.beneath = result_.status;
    for (const Suppression& suppression : run_.policy.suppressions) {
        if (suppression.invariant != invariant_.id) {
            continue;
        }
        result_.suppression = &suppression;
        if (suppression.waiver.expired(run_.options.today)) {
            result_.status = result_.beneath = InvariantStatus::violated;
            result_.note += (result_.note.empty() ? "" : "; ");
            result_.note += "its suppression expired on " + to_string(*suppression.waiver.expires) +
                            " (" + suppression.waiver.owner + ": " + suppression.waiver.reason +
                            ")";
            result_.findings.emplace_back("expired suppression");
        } else if (result_.status != InvariantStatus::held &&
                   result_.status != InvariantStatus::not_asked) {
            result_.status = InvariantStatus::suppressed;
        }
    }
    return std::move(result_);
}

}  // namespace

std::string_view to_string(InvariantStatus status) {
    switch (status) {
        case InvariantStatus::held:
            return "held";
        case InvariantStatus::violated:
            return "violated";
        case InvariantStatus::unknown:
            return "unknown";
        case InvariantStatus::vacuous:
            return "vacuous";
        case InvariantStatus::suppressed:
            return "suppressed";
        case InvariantStatus::not_asked:
            return "not-asked";
    }
    return "unknown";
}

std::size_t CheckAnswer::count(InvariantStatus status) const {
    return static_cast<std::size_t>(
        std::count_if(results.begin(), results.end(),
                      [&](const InvariantResult& result) { return result.status == status; }));
}

CheckAnswer check(const Network& network, const Endpoints& endpoints, const Policy& policy,
                  const CheckOptions& options) {
    const Checking run(network, endpoints, policy, options);
    CheckAnswer answer;
    answer.results.resize(policy.invariants.size());
    const std::unique_ptr<SetWalk> walk = run.finder.make_walk();
    for (std::size_t i = 0; i < policy.invariants.size(); ++i) {
        answer.results[i] = Judge(run, policy.invariants[i], *walk).judge();
    }
    if (options.facts) {
        for (InvariantResult& result : answer.results) {
            if (result.status == InvariantStatus::unknown) {
                find_deciding_facts(network, policy, options, result);
            }
        }
    }
    return answer;
}

}  // namespace azreach
