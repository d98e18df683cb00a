#include "solver/fact_variables.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>

namespace azreach::solver {

std::string FactVariables::text_of(const Topic& topic) {
    std::string text;
    switch (topic.kind) {
        case Topic::Kind::nothing:
            return "";
        case Topic::Kind::list:
            return "list " + std::to_string(topic.number);
        case Topic::Kind::reply:
            text = "the reply";
            break;
        case Topic::Kind::method:
            return "the way out";
        case Topic::Kind::admission:
            text = "admission";
            break;
        case Topic::Kind::outcome:
            text = "what becomes of packets to ";
            break;
        case Topic::Kind::translated:
            text = "what becomes of packets translated from ";
            break;
        case Topic::Kind::address:
            break;
    }
    if (!topic.address) {
        return text;
    }
    if (const auto address = topic.address->known()) {
        return text + to_string(*address);
    }
    std::string name = topic.address->word.term().to_string();
    std::erase(name, '|');
    return text + (name.starts_with("src")   ? "source"
                   : name.starts_with("dst") ? "destination"
                                             : "the " + name);
}

Formula FactVariables::holds(Fact fact, const Topic& asked) {
    Topic topic = asked;
    if (fact.key <= FactKey::last_contested || fact.key == FactKey::group_member) {
        topic = {};  // it is about no address
    }
    const WordKey word = topic.address ? topic.address->word.key() : WordKey{};
    const Family family = topic.address ? topic.address->family : Family::v4;
    const Key key{fact, topic.kind, topic.number, family, word};
    const auto found = known_.find(key);
    if (found != known_.end()) {
        return found->second.formula;
    }
    std::string about = text_of(topic);
    std::string name = network_.facts().name(fact);
    if (!about.empty()) {
        name += " about " + about;
    }
    if (topic.address && !topic.address->word.known()) {
        name += family == Family::v4 ? "" : " (IPv6)";
    }
    std::replace(name.begin(), name.end(), '|', '_');  // quotes names in SMT-LIB
    std::replace(name.begin(), name.end(), '\\', '_');
    const z3::expr term = z3_context().bool_const(name.c_str());
    const Formula formula(term);
    by_term_.emplace(term.id(), key);
    known_.emplace(key, Known{std::move(topic), formula, std::move(about)});
    return formula;
}

Formula FactVariables::holds(const Guard& guard, const Topic& topic) {
    std::vector<Formula> literals;
    for (const Literal& literal : guard) {
        const Formula fact = holds(literal.fact, topic);
        literals.push_back(literal.value ? fact : !fact);
    }
    return all_of(literals);
}

Formula FactVariables::contested(FactKey key) {
    const std::optional<bool> closed = network_.assumptions().value(key);
    return closed ? Formula(*closed) : holds(Fact{key, 0}, {});
}

AddressTerm FactVariables::unknown_address(Fact fact, Family family, const AddressSet& possible) {
    const auto key = std::pair(fact, family);
    const auto known = addresses_.find(key);
    if (known != addresses_.end()) {
        return known->second.term;
    }
    const std::string name =
        "address of " + network_.facts().subject(fact) + (family == Family::v4 ? "" : " (IPv6)");
    const AddressTerm term{family, Word::variable(name, static_cast<unsigned>(width(family))),
                           terms_.interned(of_family(possible, family))};
    const UnknownAddress& added = addresses_.emplace(key, UnknownAddress{fact, term}).first->second;
    address_by_term_.emplace(term.word.term().id(), &added);
    return term;
}

FactVariables::Found FactVariables::found_in(const Formula& formula) const {
    Found found;
    if (!formula.open()) {
        return found;
    }
    const auto see_address = [&](const z3::expr& term) {
        const auto address = address_by_term_.find(term.id());
        if (address != address_by_term_.end()) {
            const UnknownAddress& known = *address->second;
            found.addresses.emplace(std::pair(known.fact, known.term.family), &known);
        }
    };
    std::unordered_set<unsigned> seen;
    std::vector<z3::expr> open{formula.term()};
    while (!open.empty()) {
        const z3::expr term = open.back();
        open.pop_back();
        if (!term.is_app() || !seen.insert(term.id()).second) {
            continue;
        }
        if (term.num_args() == 0) {
            see_address(term);
            if (const auto fact = by_term_.find(term.id()); fact != by_term_.end()) {
                const Known& known = known_.at(fact->second);
                found.facts.emplace(fact->second, &known);
                if (known.topic.address && !known.topic.address->word.known()) {
                    see_address(known.topic.address->word.term());
                }
            }
        }
        for (unsigned i = 0; i < term.num_args(); ++i) {
            open.push_back(term.arg(i));
        }
    }
    return found;
}

Formula FactVariables::consistent(const Formula& formula) {
    std::vector<Formula> constraints;
    const Found found = found_in(formula);
    for (auto one = found.facts.begin(); one != found.facts.end(); ++one) {
        const auto& [fact, kind, number, family, word] = one->first;
        const Topic& topic = one->second->topic;
        for (auto other = std::next(one); other != found.facts.end(); ++other) {
            const auto& [f, k, n, fam, w] = other->first;
            if (f != fact || k != kind || n != number || fam != family) {
                break;
            }
            const Topic& o = other->second->topic;
            if (!topic.address || !o.address ||
                (o.address->word.known() && topic.address->word.known())) {
                continue;
            }
            const Formula same = solver::equal(o.address->word, topic.address->word);
            constraints.push_back(implies(
                same, Formula(one->second->formula.term() == other->second->formula.term())));
        }
    }
    for (const auto& [key, address] : found.addresses) {
        AddressTerm anything = address->term;
        anything.bound = terms_.interned(AddressSet::all(anything.family));
        constraints.push_back(terms_.in(anything, *address->term.bound));
    }
    return all_of(constraints);
}

std::vector<FactVariables::Variable> FactVariables::variables(const Formula& formula) const {
    std::vector<Variable> result;
    for (const auto& [key, known] : found_in(formula).facts) {
        result.push_back({std::get<Fact>(key), known->formula, known->about});
    }
    return result;
}

std::vector<AddressTerm> FactVariables::addresses(const Formula& formula) const {
    std::vector<AddressTerm> result;
    for (const auto& [key, address] : found_in(formula).addresses) {
        result.push_back(address->term);
    }
    return result;
}

std::vector<FactValue> FactVariables::values(const z3::model& model, const Formula& formula) const {
    const Found found = found_in(formula);
    std::vector<FactValue> result;
    for (const auto& [key, known] : found.facts) {
        result.push_back({std::get<Fact>(key), value_in(model, known->formula), known->about});
    }
    for (const auto& [key, address] : found.addresses) {
        const Address value{address->term.family, value_in(model, address->term.word)};
        result.push_back({address->fact, true, to_string(value)});
    }
    return result;
}

}  // namespace azreach::solver
