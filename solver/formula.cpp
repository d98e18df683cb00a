#include "solver/formula.hpp"

#include <algorithm>
#include <map>

#include "models/net/ensures.hpp"

namespace azreach::solver {

namespace {

constexpr int kMostBlocks = 12;

std::string decimal(Uint128 value) {
    std::string text;
    do {
        text.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
        value /= 10;
    } while (value != 0);
    std::reverse(text.begin(), text.end());
    return text;
}

z3::expr numeral(Uint128 value, unsigned width) {
    if (width <= 64) {
        return z3_context().bv_val(static_cast<std::uint64_t>(value), width);
    }
    return z3_context().bv_val(decimal(value).c_str(), width);
}

bool same(const z3::expr& a, const z3::expr& b) { return z3::eq(a, b); }

z3::expr connective(const std::vector<Formula>& parts, bool conjunction) {
    std::vector<Z3_ast> terms;
    terms.reserve(parts.size());
    std::vector<z3::expr> alive;
    for (const Formula& part : parts) {
        alive.push_back(part.term());
        terms.push_back(alive.back());
    }
    z3::context& context = z3_context();
    const auto count = static_cast<unsigned>(terms.size());
    Z3_ast result = conjunction ? Z3_mk_and(context, count, terms.data())
                                : Z3_mk_or(context, count, terms.data());
    context.check_error();
    return {context, result};
}

/// The parts that are not decided; nullopt when one of them decides.
std::optional<std::vector<Formula>> undecided(const std::vector<Formula>& parts, bool deciding) {
    std::vector<Formula> rest;
    for (const Formula& part : parts) {
        if (part.is(deciding)) {
            return std::nullopt;
        }
        if (!part.open()) {
            continue;
        }
        const bool known = std::any_of(rest.begin(), rest.end(),
                                       [&](const Formula& f) { return f.same_as(part); });
        if (!known || rest.size() > 64) {  // a repetition does no harm
            rest.push_back(part);
        }
    }
    return rest;
}

}  // namespace

z3::context& z3_context() {
    thread_local z3::context* context = new z3::context;  // NOLINT: never destroyed, on purpose
    return *context;
}

Formula::Formula(const z3::expr& term) {
    if (term.is_true()) {
        value_ = true;
    } else if (!term.is_false()) {
        term_ = term;
    }
}

z3::expr Formula::term() const { return term_ ? *term_ : z3_context().bool_val(value_); }

bool Formula::same_as(const Formula& other) const {
    if (term_ && other.term_) {
        return same(*term_, *other.term_);
    }
    return !term_ && !other.term_ && value_ == other.value_;
}

Formula operator!(const Formula& f) {
    if (!f.term_) {
        return {!f.value_};
    }
    return f.term_->is_not() ? Formula(f.term_->arg(0)) : Formula(!*f.term_);
}

Formula operator&&(const Formula& a, const Formula& b) {
    if (a.is(false) || b.is(false)) {
        return false;
    }
    if (a.is(true) || a.same_as(b)) {
        return b;
    }
    return b.is(true) ? a : Formula(*a.term_ && *b.term_);
}

Formula operator||(const Formula& a, const Formula& b) {
    if (a.is(true) || b.is(true)) {
        return true;
    }
    if (a.is(false) || a.same_as(b)) {
        return b;
    }
    return b.is(false) ? a : Formula(*a.term_ || *b.term_);
}

Formula all_of(const std::vector<Formula>& parts) {
    const auto rest = undecided(parts, false);
    if (!rest) {
        return false;
    }
    return rest->empty()       ? Formula(true)
           : rest->size() == 1 ? rest->front()
                               : Formula(connective(*rest, true));
}

Formula any_of(const std::vector<Formula>& parts) {
    const auto rest = undecided(parts, true);
    if (!rest) {
        return true;
    }
    return rest->empty()       ? Formula(false)
           : rest->size() == 1 ? rest->front()
                               : Formula(connective(*rest, false));
}

Formula if_then_else(const Formula& condition, const Formula& yes, const Formula& no) {
    if (condition.is(true)) {
        return yes;
    }
    if (condition.is(false) || yes.same_as(no)) {
        return no;
    }
    if (yes.is(true)) {
        return condition || no;
    }
    if (yes.is(false)) {
        return !condition && no;
    }
    if (no.is(true)) {
        return !condition || yes;
    }
    if (no.is(false)) {
        return condition && yes;
    }
    return Formula(z3::ite(condition.term(), yes.term(), no.term()));
}

Formula implies(const Formula& a, const Formula& b) { return !a || b; }

Word Word::variable(const std::string& name, unsigned width) {
    return term(z3_context().bv_const(name.c_str(), width));
}

Word Word::value(Uint128 value, unsigned width) { return {width, value, std::nullopt}; }

Word Word::term(const z3::expr& term) {
    // Words are few and caches know them by id, so they live as long as the context.
    thread_local auto* words = new std::map<unsigned, z3::expr>;  // NOLINT: as the context
    words->emplace(term.id(), term);
    return {term.get_sort().bv_size(), std::nullopt, term};
}

z3::expr Word::term() const { return value_ ? numeral(*value_, width_) : *term_; }

std::pair<Uint128, std::uint32_t> Word::key() const {
    if (value_) {
        return {*value_, width_};
    }
    return {term_->id(), 0};
}

Formula equal(const Word& word, Uint128 value) {
    if (word.known()) {
        return *word.known() == value;
    }
    return Formula(word.term() == numeral(value, word.width()));
}

Formula equal(const Word& a, const Word& b) {
    ensures(a.width() == b.width(), "words of one width are compared");
    if (b.known()) {
        return equal(a, *b.known());
    }
    if (a.known()) {
        return equal(b, *a.known());
    }
    return same(a.term(), b.term()) ? Formula(true) : Formula(a.term() == b.term());
}

namespace {

Uint128 greatest(unsigned width) { return width == 128 ? ~Uint128{0} : (Uint128{1} << width) - 1; }

/// Bits below the greatest aligned block that starts at `first` and ends by `last`.
unsigned free_bits(Uint128 first, Uint128 last, unsigned width) {
    unsigned bits = 0;
    while (bits < width) {
        const Uint128 size = bits + 1 == 128 ? 0 : Uint128{1} << (bits + 1);
        const bool aligned = size == 0 ? first == 0 : (first & (size - 1)) == 0;
        if (!aligned || (size == 0 ? last != greatest(width) : last - first < size - 1)) {
            break;
        }
        ++bits;
    }
    return bits;
}

/// match: the leading bits of word are those of first   result: extract(word) == bits
Formula leading(const Word& word, Uint128 first, unsigned free) {
    if (free >= word.width()) {
        return true;
    }
    if (free == 0) {
        return equal(word, first);
    }
    return Formula(word.term().extract(word.width() - 1, free) ==
                   numeral(first >> free, word.width() - free));
}

}  // namespace

int blocks_in(Uint128 first, Uint128 last, unsigned width, int limit) {
    int count = 0;
    while (count <= limit) {
        ++count;
        const unsigned bits = free_bits(first, last, width);
        if (bits >= width) {
            return count;
        }
        const Uint128 size = Uint128{1} << bits;
        if (last - first == size - 1) {
            return count;
        }
        first += size;
    }
    return count;
}

Formula in_range(const Word& word, Uint128 first, Uint128 last) {
    if (word.known()) {
        return first <= *word.known() && *word.known() <= last;
    }
    const unsigned width = word.width();
    if (first == 0 && last == greatest(width)) {
        return true;
    }
    if (blocks_in(first, last, width, kMostBlocks) > kMostBlocks) {
        std::vector<Formula> bounds;
        if (first != 0) {
            bounds.emplace_back(z3::uge(word.term(), numeral(first, width)));
        }
        if (last != greatest(width)) {
            bounds.emplace_back(z3::ule(word.term(), numeral(last, width)));
        }
        return all_of(bounds);
    }
    std::vector<Formula> blocks;
    while (true) {
        const unsigned bits = free_bits(first, last, width);
        blocks.push_back(leading(word, first, bits));
        const Uint128 size = Uint128{1} << bits;
        if (last - first == size - 1) {
            return any_of(blocks);
        }
        first += size;
    }
}

Word if_then_else(const Formula& condition, const Word& yes, const Word& no) {
    if (condition.is(true)) {
        return yes;
    }
    if (condition.is(false)) {
        return no;
    }
    return Word::term(z3::ite(condition.term(), yes.term(), no.term()));
}

Uint128 value_in(const z3::model& model, const Word& word) {
    if (word.known()) {
        return *word.known();
    }
    const z3::expr value = model.eval(word.term(), true);
    Uint128 result = 0;
    for (const char digit : std::string(Z3_get_numeral_string(z3_context(), value))) {
        if (digit >= '0' && digit <= '9') {
            result = result * 10 + static_cast<unsigned>(digit - '0');
        }
    }
    return result;
}

bool value_in(const z3::model& model, const Formula& formula) {
    return formula.open() ? model.eval(formula.term(), true).is_true() : formula.is(true);
}

}  // namespace azreach::solver
