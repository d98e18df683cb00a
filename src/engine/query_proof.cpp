#include "src/engine/query_proof.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace azreach {

using solver::Choices;
using solver::Claim;
using solver::Extent;
using solver::Proof;
using solver::Question;
using solver::Reach;
using solver::Refuted;
using solver::Worlds;

std::string_view to_string(Engine engine) {
    switch (engine) {
        case Engine::sets:
            return "sets";
        case Engine::z3:
            return "z3";
        case Engine::both:
            return "both";
    }
    return "sets";
}

namespace {

/// The prover gave up on something that the verdict needs.
struct GaveUp {
    std::string reason;
};

std::string text_of(const Network& network, const solver::FactValue& value) {
    std::string text = network.facts().name(value.fact);
    if (!value.about.empty()) {
        text += " (" + value.about + ")";
    }
    return text + (value.value ? "=yes" : "=no");
}

/// Asks for one verdict, claim by claim.
class Judge {
public:
    Judge(const Network& network, solver::Prover& prover, Question asked, bool askable,
          const solver::Limits& limits)
        : network_(network),
          prover_(prover),
          asked_(std::move(asked)),
          askable_(askable),
          limits_(limits),
          end_(limits.timeout ? std::optional(Clock::now() + *limits.timeout) : std::nullopt) {}

    QueryVerdict verdict();
    const std::optional<Refuted>& example() const { return example_; }
    bool vacuous() const { return vacuous_; }
    bool something_sure() const { return something_sure_; }
    solver::Limits left() const {
        if (!end_) {
            return {};
        }
        const auto rest =
            std::chrono::duration_cast<std::chrono::milliseconds>(*end_ - Clock::now());
        return {std::max(rest, std::chrono::milliseconds(1))};
    }
    Question question(Reach reach) const {
        Question question = asked_;
        question.reach = reach;
        return question;
    }

private:
    using Clock = std::chrono::steady_clock;
    /// A packet for which the claim fails; nullopt: it is proved.
    std::optional<Refuted> breach(Reach reach, const Claim& claim) {
        const Proof proof = prover_.prove(question(reach), claim, left());
        if (const auto* gave_up = std::get_if<solver::GaveUp>(&proof)) {
            throw GaveUp{gave_up->reason};
        }
        if (const auto* proved = std::get_if<solver::Proved>(&proof)) {
            vacuous_ = vacuous_ || proved->vacuous;
            return std::nullopt;
        }
        return std::get<Refuted>(proof);
    }
    bool everything(Reach reach, Worlds worlds, Choices choices) {
        return askable_ && !breach(reach, {Extent::every_packet, worlds, choices});
    }
    std::optional<Refuted> something(Reach reach, Worlds worlds, Choices choices) {
        return breach(reach, {Extent::no_packet, worlds, choices});
    }

    const Network& network_;
    solver::Prover& prover_;
    Question asked_;
    bool askable_;  // false: some of what is asked nobody sends or has
    solver::Limits limits_;
    std::optional<Clock::time_point> end_;
    std::optional<Refuted> example_;
    bool vacuous_ = false;
    bool something_sure_ = false;
};

/// Contract section 3, in its order.
QueryVerdict Judge::verdict() {
    example_ = something(Reach::packets, Worlds::some, Choices::some);
    if (!example_) {
        if (!vacuous_) {  // some packet that is lost, to show where
            example_ = breach(Reach::packets, solver::kEverythingArrives);
        }
        return QueryVerdict::blocked;
    }
    if (everything(Reach::sessions, Worlds::every, Choices::every)) {
        return QueryVerdict::reachable;
    }
    const bool all_arrive = everything(Reach::packets, Worlds::every, Choices::every);
    if (all_arrive && !something(Reach::sessions, Worlds::some, Choices::some)) {
        return QueryVerdict::one_way;
    }
    for (const Reach reach : {Reach::packets, Reach::sessions}) {
        if (auto by_choice = something(reach, Worlds::every, Choices::some_only)) {
            example_ = by_choice;
            return QueryVerdict::partial;
        }
    }
    if (auto sure = something(Reach::packets, Worlds::every, Choices::every)) {
        something_sure_ = true;
        const bool some_never = !everything(Reach::packets, Worlds::some, Choices::some);
        if (some_never ||
            (all_arrive && something(Reach::sessions, Worlds::every, Choices::every) &&
             !everything(Reach::sessions, Worlds::some, Choices::some))) {
            example_ = sure;
            return QueryVerdict::partial;
        }
    }
    return QueryVerdict::unknown;
}

Origin origin_of(const Refuted& packet) {
    switch (packet.start) {
        case solver::Start::internet:
            return Internet{};
        case solver::Start::onprem:
            return OnPremises{};
        case solver::Start::nic:
            break;
    }
    return packet.from;
}

struct Sides {
    ResolvedEndpoint source, destination;
    SourceSet from;
    DestinationSet to;
    bool to_internet = false;
};

Sides sides_of(const Endpoints& endpoints, std::string_view from, std::string_view to) {
    Sides sides;
    sides.source = endpoints.resolve(from);
    sides.destination = endpoints.resolve(to);
    sides.from = endpoints.as_source(sides.source);
    sides.to = endpoints.as_destination(sides.destination);
    sides.to_internet = sides.destination.internet && sides.destination.addresses.empty();
    return sides;
}

Question question_of(const Sides& sides, const ServiceSet& service) {
    Question question;
    question.from = {sides.from.configs, sides.from.internet, sides.from.onprem};
    question.to = {sides.to.configs, sides.to.addresses};
    question.services = service;
    question.own_public_is_optional = sides.to_internet;
    return question;
}

void explain(QueryAnswer& answer, const Network& network, const Refuted& packet,
             const TraceOptions& options) {
    answer.witness = packet.packet;
    answer.witness_from = origin_of(packet);
    TraceResult result = trace(network, answer.witness_from, packet.packet, options);
    answer.path = std::move(result.walk.path);
    answer.return_verdict = result.reply;
    answer.symmetric = result.walk.symmetric;
    answer.return_path = std::move(result.walk.return_path);
    answer.blockers = std::move(result.blockers);
    answer.depends_on.insert(answer.depends_on.end(), result.depends_on.begin(),
                             result.depends_on.end());
}

/// What an unknown verdict hangs on.
void hang(QueryAnswer& answer, const Network& network, solver::Prover& prover, const Judge& judge) {
    const bool some_sure = judge.something_sure();
    const solver::Hinge hinge = prover.hinge(
        judge.question(some_sure ? Reach::sessions : Reach::packets),
        some_sure ? solver::kEverythingArrives : solver::kNothingMayArrive, judge.left());
    answer.proof.claim = some_sure ? "everything arrives and is answered" : "nothing arrives";
    const auto list = [&](const std::optional<std::vector<solver::FactValue>>& values,
                          std::vector<std::string>& texts) {
        for (const solver::FactValue& value : values.value_or(std::vector<solver::FactValue>{})) {
            texts.push_back(text_of(network, value));
            answer.depends_on.push_back(value.fact);
        }
    };
    list(hinge.holds_when, answer.proof.holds_when);
    list(hinge.fails_when, answer.proof.fails_when);
    if (hinge.fails_when) {
        answer.proof.packet = hinge.packet;
    }
}

}  // namespace

QueryAnswer query_by_prover(const Network& network, const Endpoints& endpoints,
                            solver::Prover& prover, std::string_view from, std::string_view to,
                            std::string_view service_text, const ServiceSet& service,
                            const TraceOptions& options, const solver::Limits& limits) {
    QueryAnswer answer;
    answer.from = std::string(from);
    answer.to = std::string(to);
    answer.service = std::string(service_text);
    answer.proof.engine = "z3";
    const Sides sides = sides_of(endpoints, from, to);
    answer.from_label = sides.source.label.empty() ? answer.from : sides.source.label;
    answer.to_label = sides.destination.label.empty() ? answer.to : sides.destination.label;
    Judge judge(network, prover, question_of(sides, service), sides.from.nobody.empty(), limits);
    try {
        answer.verdict = judge.verdict();
        answer.proof.status = "proved";
        answer.asked_nothing = !judge.example() && judge.vacuous();
        if (answer.verdict == QueryVerdict::unknown) {
            hang(answer, network, prover, judge);
        }
    } catch (const GaveUp& gave_up) {
        answer.verdict = QueryVerdict::unknown;
        answer.proof.status = "gave-up";
        answer.proof.reason = gave_up.reason;
    }
    answer.proof.verdict = answer.verdict;
    if (judge.example()) {
        explain(answer, network, *judge.example(), options);
    }
    std::sort(answer.depends_on.begin(), answer.depends_on.end());
    answer.depends_on.erase(std::unique(answer.depends_on.begin(), answer.depends_on.end()),
                            answer.depends_on.end());
    if (!sides.source.unmodelled.empty() || !sides.destination.unmodelled.empty()) {
        answer.asked_nothing = false;
        answer.verdict = QueryVerdict::unknown;  // names that mean something not modelled
        for (const auto* list : {&sides.source.unmodelled, &sides.destination.unmodelled}) {
            for (const ResourceId& id : *list) {
                answer.depends_on.push_back(network.about(FactKey::unmodelled, id.text()));
            }
        }
    }
    return answer;
}

void compare(QueryAnswer& sets, const QueryAnswer& z3) {
    sets.proof = z3.proof;
    sets.proof.engine = "both";
    if (z3.proof.status == "gave-up") {
        sets.verdict = QueryVerdict::unknown;
        if (sets.note.empty()) {
            sets.note = "the proof was given up: " + z3.proof.reason;
        }
        return;
    }
    if (sets.verdict == z3.verdict) {
        return;
    }
    if (sets.verdict == QueryVerdict::unknown) {
        sets.proof.status = "sharper";
        return;
    }
    throw EnginesDisagree(fmt::format(
        "the engines disagree on {} -> {} {}: the packet sets say {}, Z3 says {}", sets.from,
        sets.to, sets.service, to_string(sets.verdict), to_string(z3.verdict)));
}

std::string smt2_of(const Endpoints& endpoints, solver::Prover& prover, std::string_view from,
                    std::string_view to, const ServiceSet& service, const solver::Limits& limits) {
    return prover.smt2(question_of(sides_of(endpoints, from, to), service),
                       solver::kNothingMayArrive, limits);
}

}  // namespace azreach
