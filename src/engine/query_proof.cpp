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

/// Questions to PaaS endpoints are asked apart from those to addresses and NICs.
Question question_of(const Sides& sides, const ServiceSet& service, bool to_services) {
    Question question;
    question.from = {sides.from.configs, sides.from.internet, sides.from.onprem};
    if (to_services) {
        for (const PaasIndex index : sides.to.services) {
            question.to.services.push_back({index, false});
        }
    } else {
        question.to.configs = sides.to.configs;
        question.to.addresses = sides.to.addresses;
    }
    question.services = service;
    question.own_public_is_optional = sides.to_internet;
    return question;
}

void explain(QueryAnswer& answer, const Network& network, const Sides& sides, bool to_services,
             const Refuted& packet, const TraceOptions& options) {
    answer.witness = packet.packet;
    answer.witness_from = origin_of(packet);
    TraceResult result = to_services
                             ? trace_by_every_way(network, sides.from, sides.to,
                                                  answer.witness_from, packet.packet, options)
                             : trace(network, answer.witness_from, packet.packet, options);
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

/// Strangers come in by a private endpoint that is stated not to be ours.               [PE-14]
bool strangers_come_in(const Network& network, const Sides& sides, const ServiceSet& service) {
    if (sides.from.internet.v4.empty()) {
        return false;
    }
    for (const PaasIndex index : sides.to.services) {
        const PaasEndpoint& endpoint = network.paas().endpoints()[index];
        const ServiceSet ports =
            bounds_of(ports_of(network, endpoint.service,
                               endpoint.service == nullptr ? nullptr : endpoint.group,
                               endpoint.resource, endpoint.resource->header.id, true))
                .may;
        for (const Residual& residual : residuals(network, endpoint)) {
            if (residual.kind == Residual::Kind::foreign_endpoint && residual.certain &&
                network.assumptions().owns(residual.who.subscription()) == false &&
                !(ports & service).empty()) {
                return true;
            }
        }
    }
    return false;
}

/// The verdict to one kind of destinations.
void judge_side(const Network& network, solver::Prover& prover, const Sides& sides,
                bool to_services, const ServiceSet& service, const TraceOptions& options,
                const solver::Limits& limits, QueryAnswer& answer) {
    Judge judge(network, prover, question_of(sides, service, to_services),
                sides.from.nobody.empty(), limits);
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
    if (to_services &&
        (answer.verdict == QueryVerdict::blocked || answer.verdict == QueryVerdict::unknown) &&
        answer.proof.status == "proved" && strangers_come_in(network, sides, service)) {
        answer.verdict = QueryVerdict::partial;
        answer.note = "strangers come in by a private endpoint that is not ours";
    }
    if (judge.example()) {
        explain(answer, network, sides, to_services, *judge.example(), options);
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
    const std::vector<PaasIndex>& services = sides.to.services;
    for (const PaasIndex index : services) {
        const PaasEndpoint& endpoint = network.paas().endpoints()[index];
        answer.service_names.push_back(endpoint.name);
        for (Residual& residual : residuals(network, endpoint)) {
            answer.residuals.push_back({endpoint.name, std::move(residual)});
        }
    }
    if (!services.empty()) {
        judge_side(network, prover, sides, true, service, options, limits, answer);
    }
    if (services.empty() || !sides.to.configs.empty() || !sides.to.addresses.empty()) {
        QueryAnswer plain = answer;
        judge_side(network, prover, sides, false, service, options, limits, plain);
        if (services.empty()) {
            answer = std::move(plain);
        } else {
            const bool gave_up = plain.proof.status == "gave-up";
            const QueryProof proof = gave_up ? plain.proof : answer.proof;
            answer = both(std::move(answer), std::move(plain));
            answer.proof = proof;
        }
    }
    answer.proof.verdict = answer.verdict;
    std::sort(answer.depends_on.begin(), answer.depends_on.end());
    answer.depends_on.erase(std::unique(answer.depends_on.begin(), answer.depends_on.end()),
                            answer.depends_on.end());
    std::vector<ResourceId> unmodelled = sides.source.unmodelled;  // not modelled: not certain
    for (const PaasIndex index : sides.source.services) {
        unmodelled.push_back(network.paas().endpoints()[index].resource->header.id);
    }
    unmodelled.insert(unmodelled.end(), sides.destination.unmodelled.begin(),
                      sides.destination.unmodelled.end());
    if (!unmodelled.empty()) {
        answer.asked_nothing = false;
        answer.verdict = QueryVerdict::unknown;
        for (const ResourceId& id : unmodelled) {
            answer.depends_on.push_back(network.about(FactKey::unmodelled, id.text()));
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
    const Sides sides = sides_of(endpoints, from, to);
    Question question = question_of(sides, service, false);
    question.to.services = question_of(sides, service, true).to.services;
    return prover.smt2(question, solver::kNothingMayArrive, limits);
}

}  // namespace azreach
