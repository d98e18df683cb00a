#include "solver/z3_prover.hpp"

#include <algorithm>
#include <array>

#include "models/net/ensures.hpp"
#include "solver/asking.hpp"

namespace azreach::solver {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMostWorlds = 400;       // tried before a claim about every world is given up
constexpr std::size_t kMostFacts = 8;  // in a smallest set

struct TimeOver {};

class Stopwatch {
public:
    explicit Stopwatch(const Limits& limits) {
        if (limits.timeout) {
            end_ = Clock::now() + *limits.timeout;
        }
    }
    void check() const {
        if (end_ && Clock::now() >= *end_) {
            throw TimeOver{};
        }
    }
    /// Milliseconds left for Z3, at least 1; nullopt: no limit.
    std::optional<unsigned> left() const {
        check();
        if (!end_) {
            return std::nullopt;
        }
        const auto rest =
            std::chrono::duration_cast<std::chrono::milliseconds>(*end_ - Clock::now()).count();
        return static_cast<unsigned>(std::clamp<long long>(rest, 1, 2'000'000'000));
    }

private:
    std::optional<Clock::time_point> end_;
};

/// A case of the question and whether it breaks the claim: asked, and arriving where nothing
/// should, or not arriving where everything should.
struct Breach {
    const Case* of = nullptr;
    Formula broken;  // without `asked`
};

/// One world: the values of the facts and of the unknown addresses that matter.
struct World {
    std::vector<std::pair<Formula, bool>> facts;
    std::vector<std::pair<AddressTerm, Uint128>> addresses;
};

class Z3Prover final : public Prover {
public:
    explicit Z3Prover(const Network& network)
        : network_(network), encoders_(std::make_unique<Encoders>(network)) {}

    Proof prove(const Question& question, const Claim& claim, const Limits& limits) override;
    Hinge hinge(const Question& question, const Claim& claim, const Limits& limits) override;
    std::string smt2(const Question& question, const Claim& claim, const Limits& limits) override;

private:
    struct Asked {
        Asking asking;
        std::vector<Breach> breaches;
        Formula broken = false;  // asked, and broken, in some case
        bool vacuous = true;
    };
    void build(const Question& question, const Claim& claim, Asked& asked);
    std::optional<z3::model> model_of(const std::vector<Formula>& asserted,
                                      const Stopwatch& stopwatch);
    Refuted refuted(const z3::model& model, const Asked& asked) const;
    const Breach& breach_in(const z3::model& model, const Asked& asked) const;
    z3::model simplest(const z3::model& found, const std::vector<Formula>& asserted,
                       const Asked& asked, const Stopwatch& stopwatch);
    Proof in_every_world(const Asked& asked, const Stopwatch& stopwatch);
    World world_of(const z3::model& model, const Formula& formula) const;
    Formula in_world(const Formula& formula, const World& world) const;
    Formula for_packet(const Formula& formula, const Case& of, const z3::model& model) const;

    struct Value {  // of a fact
        std::size_t fact;
        bool value;
        friend bool operator==(const Value&, const Value&) = default;
    };
    using Values = std::vector<Value>;
    bool hit(const std::vector<Values>& worlds, std::size_t from, std::size_t most,
             Values& chosen) const;
    std::optional<std::vector<FactValue>> smallest(
        const std::vector<FactVariables::Variable>& facts,
        const std::function<std::optional<Values>(const std::vector<Formula>&)>& counterexample,
        const Stopwatch& stopwatch);

    const Network& network_;
    std::unique_ptr<Encoders> encoders_;
};

// --- questions -----------------------------------------------------------------------------------

void Z3Prover::build(const Question& question, const Claim& claim, Asked& asked) {
    const bool sessions = question.reach == Reach::sessions;
    ask(*encoders_, question, claim.extent, claim.choices,
        sessions ? Goal::End::answered : Goal::End::arrives, asked.asking);
    std::vector<Formula> broken;
    for (const Case& each : asked.asking.cases) {
        asked.vacuous = false;
        const Formula here = claim.extent == Extent::no_packet ? each.arrives : !each.arrives;
        asked.breaches.push_back({&each, here});
        broken.push_back(each.asked && here);
    }
    asked.broken = any_of(broken);
}

/// match:  what is asserted, and what facts about equal addresses have in common
/// result: a model, or nullopt: unsatisfiable
std::optional<z3::model> Z3Prover::model_of(const std::vector<Formula>& asserted,
                                            const Stopwatch& stopwatch) {
    const Formula formula = all_of(asserted);
    if (formula.is(false)) {
        return std::nullopt;
    }
    z3::context& context = z3_context();
    // Measured several times faster than the default solver on first-match formulas.
    static thread_local const z3::tactic* const kPipeline =
        new z3::tactic(  // NOLINT: as the context
            z3::tactic(context, "simplify") & z3::tactic(context, "propagate-values") &
            z3::tactic(context, "solve-eqs") & z3::tactic(context, "bit-blast") &
            z3::tactic(context, "sat"));
    z3::solver solver = kPipeline->mk_solver();
    if (const auto left = stopwatch.left()) {
        z3::params params(context);
        params.set("timeout", *left);
        solver.set(params);
    }
    solver.add(formula.term());
    const Formula consistent = encoders_->facts.consistent(formula);
    if (consistent.open()) {
        solver.add(consistent.term());
    }
    switch (solver.check()) {
        case z3::unsat:
            return std::nullopt;
        case z3::sat:
            return solver.get_model();
        case z3::unknown:
            break;
    }
    throw TimeOver{};
}

const Breach& Z3Prover::breach_in(const z3::model& model, const Asked& asked) const {
    for (const Breach& breach : asked.breaches) {
        if (value_in(model, breach.of->asked) && value_in(model, breach.broken)) {
            return breach;
        }
    }
    throw InternalError("a model of the question satisfies no case of it");
}

Packet packet_in(const z3::model& model, const PacketTerm& packet) {
    Packet result;
    result.src = {packet.src.family, value_in(model, packet.src.word)};
    result.dst = {packet.dst.family, value_in(model, packet.dst.word)};
    result.service.protocol = static_cast<Protocol>(value_in(model, packet.service.protocol));
    result.service.a = static_cast<std::uint16_t>(value_in(model, packet.service.a));
    result.service.b = static_cast<std::uint16_t>(value_in(model, packet.service.b));
    return result;
}

Refuted Z3Prover::refuted(const z3::model& model, const Asked& asked) const {
    const Breach& breach = breach_in(model, asked);
    Refuted result;
    result.start = breach.of->start;
    result.packet = packet_in(model, breach.of->packet);
    if (const Party* party = breach.of->party) {
        result.from = party->configs.front();
        for (const ConfigIndex config : party->configs) {
            if (network_.configurations()[config].configuration->address == result.packet.src) {
                result.from = config;
            }
        }
    }
    result.facts = encoders_->facts.values(model, breach.broken);
    return result;
}

/// A packet that an engineer would pick, if there is one: TCP to a well-known port.
z3::model Z3Prover::simplest(const z3::model& found, const std::vector<Formula>& asserted,
                             const Asked& asked, const Stopwatch& stopwatch) {
    const ServiceTerm& service = breach_in(found, asked).of->packet.service;
    std::vector<Formula> ports;
    for (const unsigned port : {443U, 80U, 22U, 3389U, 1433U, 53U}) {
        ports.push_back(equal(service.b, port));
    }
    const Formula tcp = equal(service.protocol, kTcp) && equal(service.a, 49152);
    for (const Formula& wish : {tcp && any_of(ports), tcp && in_range(service.b, 1, 65535)}) {
        std::vector<Formula> wanted = asserted;
        wanted.push_back(wish);
        if (auto model = model_of(wanted, stopwatch)) {
            return *model;
        }
    }
    return found;
}

Proof Z3Prover::prove(const Question& question, const Claim& claim, const Limits& limits) {
    const Stopwatch stopwatch(limits);
    encoders_->check_time = [&] { stopwatch.check(); };
    try {
        Asked asked;
        build(question, claim, asked);
        const bool every = claim.extent == Extent::every_packet;
        if (every && !asked.asking.incomplete.empty()) {
            return GaveUp{asked.asking.incomplete};
        }
        const auto model = model_of({asked.broken}, stopwatch);
        if (!model) {
            return Proved{asked.vacuous};
        }
        const bool one_world_breaks = (claim.worlds == Worlds::some) == !every;
        if (one_world_breaks) {
            return refuted(
                question.only ? *model : simplest(*model, {asked.broken}, asked, stopwatch), asked);
        }
        return in_every_world(asked, stopwatch);
    } catch (const TimeOver&) {
        return GaveUp{"TIMEOUT"};
    } catch (const z3::exception& error) {
        return GaveUp{std::string("Z3: ") + error.msg()};
    }
}

// --- every world ---------------------------------------------------------------------------------

World Z3Prover::world_of(const z3::model& model, const Formula& formula) const {
    World world;
    for (const FactVariables::Variable& fact : encoders_->facts.variables(formula)) {
        world.facts.emplace_back(fact.is_true, value_in(model, fact.is_true));
    }
    for (const AddressTerm& address : encoders_->facts.addresses(formula)) {
        world.addresses.emplace_back(address, value_in(model, address.word));
    }
    return world;
}

Formula substituted(const Formula& formula, const z3::expr_vector& from,
                    const z3::expr_vector& to) {
    if (!formula.open() || from.empty()) {
        return formula;
    }
    z3::expr term = formula.term();
    return Formula(term.substitute(from, to).simplify());
}

Formula Z3Prover::in_world(const Formula& formula, const World& world) const {
    z3::context& context = z3_context();
    z3::expr_vector from(context);
    z3::expr_vector to(context);
    for (const auto& [fact, value] : world.facts) {
        from.push_back(fact.term());
        to.push_back(context.bool_val(value));
    }
    for (const auto& [address, value] : world.addresses) {
        from.push_back(address.word.term());
        to.push_back(Word::value(value, address.word.width()).term());
    }
    return substituted(formula, from, to);
}

Formula Z3Prover::for_packet(const Formula& formula, const Case& of, const z3::model& model) const {
    z3::context& context = z3_context();
    z3::expr_vector from(context);
    z3::expr_vector to(context);
    const PacketTerm& packet = of.packet;
    for (const Word& word : {packet.src.word, packet.dst.word, packet.service.protocol,
                             packet.service.a, packet.service.b}) {
        if (!word.known()) {
            from.push_back(word.term());
            to.push_back(Word::value(value_in(model, word), word.width()).term());
        }
    }
    return substituted(formula, from, to);
}

/// A packet that breaks the claim whatever the facts are: propose one that does in all worlds seen
/// so far, look for a world in which it does not, and go on.
Proof Z3Prover::in_every_world(const Asked& asked, const Stopwatch& stopwatch) {
    std::vector<Formula> broken;  // by case: in all worlds seen
    for (const Breach& breach : asked.breaches) {
        broken.push_back(breach.broken);
    }
    for (int round = 0; round < kMostWorlds; ++round) {
        std::vector<Formula> some;
        for (std::size_t i = 0; i < broken.size(); ++i) {
            some.push_back(asked.breaches[i].of->asked && broken[i]);
        }
        const Formula proposal = any_of(some);
        const auto model = model_of({proposal}, stopwatch);
        if (!model) {
            return Proved{asked.vacuous};
        }
        std::size_t which = 0;
        while (which < broken.size() && !(value_in(*model, asked.breaches[which].of->asked) &&
                                          value_in(*model, broken[which]))) {
            ++which;
        }
        ensures(which < broken.size(), "a proposal satisfies one of its cases");
        const Breach& breach = asked.breaches[which];
        const Formula consistent = encoders_->facts.consistent(breach.broken);
        const auto other = model_of({!for_packet(breach.broken, *breach.of, *model),
                                     for_packet(consistent, *breach.of, *model)},
                                    stopwatch);
        if (!other) {
            Refuted result;
            result.start = breach.of->start;
            result.packet = packet_in(*model, breach.of->packet);
            if (const Party* party = breach.of->party) {
                result.from = party->configs.front();
                for (const ConfigIndex config : party->configs) {
                    if (network_.configurations()[config].configuration->address ==
                        result.packet.src) {
                        result.from = config;
                    }
                }
            }
            return result;
        }
        for (std::size_t i = 0; i < broken.size(); ++i) {
            const Formula& whole = asked.breaches[i].broken;
            const World world = world_of(*other, whole);
            const Formula possible = in_world(encoders_->facts.consistent(whole), world);
            broken[i] = broken[i] && implies(possible, in_world(whole, world));
        }
    }
    return GaveUp{"too many worlds"};
}

// --- smallest sets of facts ----------------------------------------------------------------------

/// Chooses values that contradict every world of the list, at most `most` of them.
bool Z3Prover::hit(const std::vector<Values>& worlds, std::size_t from, std::size_t most,
                   Values& chosen) const {
    for (std::size_t i = from; i < worlds.size(); ++i) {
        const bool contradicted =
            std::any_of(worlds[i].begin(), worlds[i].end(), [&](const Value& literal) {
                return std::find(chosen.begin(), chosen.end(),
                                 Value{literal.fact, !literal.value}) != chosen.end();
            });
        if (contradicted) {
            continue;
        }
        if (chosen.size() == most) {
            return false;
        }
        for (const Value& literal : worlds[i]) {
            if (std::find(chosen.begin(), chosen.end(), literal) != chosen.end()) {
                continue;  // chosen the other way
            }
            chosen.push_back({literal.fact, !literal.value});
            if (hit(worlds, i + 1, most, chosen)) {
                return true;
            }
            chosen.pop_back();
        }
        return false;
    }
    return true;
}

/// A smallest set of values under which there is no counterexample; each counterexample is a set of
/// values that brings it about. nullopt: none of at most kMostFacts.
std::optional<std::vector<FactValue>> Z3Prover::smallest(
    const std::vector<FactVariables::Variable>& facts,
    const std::function<std::optional<Values>(const std::vector<Formula>&)>& counterexample,
    const Stopwatch& stopwatch) {
    std::vector<Values> worlds;
    std::size_t most = 0;
    for (int round = 0; round < kMostWorlds; ++round) {
        stopwatch.check();
        Values chosen;
        while (!hit(worlds, 0, most, chosen)) {
            chosen.clear();
            if (++most > std::min(kMostFacts, facts.size())) {
                return std::nullopt;
            }
        }
        std::vector<Formula> stated;
        for (const Value& each : chosen) {
            stated.push_back(each.value ? facts[each.fact].is_true : !facts[each.fact].is_true);
        }
        const auto world = counterexample(stated);
        if (!world) {
            std::vector<FactValue> result;
            for (const Value& each : chosen) {
                result.push_back({facts[each.fact].fact, each.value, facts[each.fact].about});
            }
            return result;
        }
        if (world->empty()) {
            return std::nullopt;  // whatever the facts are
        }
        worlds.push_back(*world);
    }
    return std::nullopt;
}

Hinge Z3Prover::hinge(const Question& question, const Claim& claim, const Limits& limits) {
    const Stopwatch stopwatch(limits);
    encoders_->check_time = [&] { stopwatch.check(); };
    Hinge result;
    try {
        Asked asked;
        build(question, claim, asked);
        const std::vector<FactVariables::Variable> facts = encoders_->facts.variables(asked.broken);
        // The literals of `model` that force `formula`, which is about facts only.
        const auto forcing = [&](const Formula& formula, const z3::model& model) {
            z3::context& context = z3_context();
            z3::solver solver(context, "QF_BV");
            if (const auto left = stopwatch.left()) {
                z3::params params(context);
                params.set("timeout", *left);
                solver.set(params);
            }
            solver.add((!formula).term());
            solver.add(encoders_->facts.consistent(formula).term());
            z3::expr_vector literals(context);
            Z3Prover::Values choices;
            for (std::size_t i = 0; i < facts.size(); ++i) {
                const bool value = value_in(model, facts[i].is_true);
                const z3::expr term = facts[i].is_true.term();
                literals.push_back(value ? term : !term);
                choices.push_back({i, value});
            }
            if (solver.check(literals) != z3::unsat) {
                return choices;  // an unknown address decides: all of them
            }
            Z3Prover::Values core;
            const z3::expr_vector used = solver.unsat_core();
            for (std::size_t i = 0; i < choices.size(); ++i) {
                for (unsigned k = 0; k < used.size(); ++k) {
                    if (z3::eq(used[static_cast<int>(k)], literals[static_cast<int>(i)])) {
                        core.push_back(choices[i]);
                    }
                }
            }
            return core;
        };
        std::optional<z3::model> breach;
        result.holds_when = smallest(
            facts,
            [&](const std::vector<Formula>& stated) -> std::optional<Values> {
                std::vector<Formula> asserted = stated;
                asserted.push_back(asked.broken);
                const auto model = model_of(asserted, stopwatch);
                if (!model) {
                    return std::nullopt;
                }
                if (!breach) {
                    breach = *model;
                }
                const Breach& here = breach_in(*model, asked);
                return forcing(for_packet(here.broken, *here.of, *model), *model);
            },
            stopwatch);
        if (!breach) {
            return result;  // it holds anyhow
        }
        breach = simplest(*breach, {asked.broken}, asked, stopwatch);
        const Breach& here = breach_in(*breach, asked);
        const Refuted packet = refuted(*breach, asked);
        result.start = packet.start;
        result.from = packet.from;
        result.packet = packet.packet;
        const Formula broken = for_packet(here.broken, *here.of, *breach);
        const Formula consistent =
            for_packet(encoders_->facts.consistent(here.broken), *here.of, *breach);
        result.fails_when = smallest(
            facts,
            [&](const std::vector<Formula>& stated) -> std::optional<Values> {
                std::vector<Formula> asserted = stated;
                asserted.push_back(!broken);
                asserted.push_back(consistent);
                const auto model = model_of(asserted, stopwatch);
                return model ? std::optional(forcing(!broken, *model)) : std::nullopt;
            },
            stopwatch);
    } catch (const TimeOver&) {
    } catch (const z3::exception&) {
    }
    return result;
}

// --- text ----------------------------------------------------------------------------------------

std::string Z3Prover::smt2(const Question& question, const Claim& claim, const Limits& limits) {
    const Stopwatch stopwatch(limits);
    encoders_->check_time = [&] { stopwatch.check(); };
    try {
        Asked asked;
        build(question, claim, asked);
        z3::solver solver(z3_context());
        solver.add(asked.broken.term());
        solver.add(encoders_->facts.consistent(asked.broken).term());
        return "; satisfiable iff the claim is refuted\n(set-logic QF_BV)\n" + solver.to_smt2();
    } catch (const TimeOver&) {
        return "";
    }
}

}  // namespace

Prover* make_z3_prover(const Network& network) {
    return new Z3Prover(network);  // NOLINT(cppcoreguidelines-owning-memory): load_prover() owns it
}

}  // namespace azreach::solver
