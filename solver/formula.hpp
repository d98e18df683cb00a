// Formulas and words over the bits of a packet: Z3 terms that fold what is already decided.
#pragma once

#include <z3++.h>

#include <optional>
#include <string>
#include <vector>

#include "models/net/address.hpp"

namespace azreach::solver {

/// This thread's Z3 context. Made once and never destroyed: tearing it down costs seconds.
z3::context& z3_context();

/// A proposition. What is known without Z3 stays `yes` or `no` and costs nothing.
class Formula {
public:
    Formula(bool value = false) : value_(value) {}  // NOLINT(google-explicit-constructor)
    explicit Formula(const z3::expr& term);

    bool is(bool value) const { return !term_ && value_ == value; }
    bool open() const { return term_.has_value(); }
    z3::expr term() const;  // constants too
    bool same_as(const Formula& other) const;

    friend Formula operator!(const Formula& f);
    friend Formula operator&&(const Formula& a, const Formula& b);
    friend Formula operator||(const Formula& a, const Formula& b);

private:
    bool value_ = false;
    std::optional<z3::expr> term_;
};

Formula all_of(const std::vector<Formula>& parts);  // none: yes
Formula any_of(const std::vector<Formula>& parts);  // none: no
/// match: ite(c, a, b)   result: a where c holds, else b
Formula if_then_else(const Formula& condition, const Formula& yes, const Formula& no);
Formula implies(const Formula& a, const Formula& b);

/// A field of the packet, or a value in its place.
class Word {
public:
    static Word variable(const std::string& name, unsigned width);
    static Word value(Uint128 value, unsigned width);
    static Word term(const z3::expr& term);

    unsigned width() const { return width_; }
    const std::optional<Uint128>& known() const { return value_; }
    z3::expr term() const;
    /// Equal keys are equal words; for caches. Values and terms never share one.
    std::pair<Uint128, std::uint32_t> key() const;

private:
    Word(unsigned width, std::optional<Uint128> value, std::optional<z3::expr> term)
        : width_(width), value_(value), term_(std::move(term)) {}
    unsigned width_;
    std::optional<Uint128> value_;
    std::optional<z3::expr> term_;
};

Formula equal(const Word& word, Uint128 value);
Formula equal(const Word& a, const Word& b);
/// match: first <= word <= last   result: equalities of leading bits (extract), which Z3 solves
/// several times faster than comparisons; two comparisons where that would take many.
Formula in_range(const Word& word, Uint128 first, Uint128 last);
Word if_then_else(const Formula& condition, const Word& yes, const Word& no);

/// The number of equalities that in_range() takes, at most `limit` + 1.
int blocks_in(Uint128 first, Uint128 last, unsigned width, int limit);

/// The value that a model gives to a word; zero where it says nothing.
Uint128 value_in(const z3::model& model, const Word& word);
bool value_in(const z3::model& model, const Formula& formula);

}  // namespace azreach::solver
