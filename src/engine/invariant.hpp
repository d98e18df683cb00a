// What a user says must hold: sets, flows, invariants. Plain values with their places in the file;
// src/config reads them, src/engine/selector and src/engine/check give them meaning (contract 8).
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/azure/provenance.hpp"
#include "models/net/prefix.hpp"
#include "models/net/service_set.hpp"

namespace azreach {

/// A day of the calendar, as `expires` and --today give it.
struct Date {
    int year = 0, month = 0, day = 0;
    friend constexpr auto operator<=>(const Date&, const Date&) = default;
};
/// "2027-03-31"; nullopt when it is no day.
std::optional<Date> parse_date(std::string_view text);
std::string to_string(const Date& date);

/// A text to compare with, without case; `*` is any text, `?` any character.
bool glob_matches(std::string_view pattern, std::string_view text);

/// Conditions on resources: keys are ANDed, the values of a key ORed. A key without values says
/// nothing.
struct Selector {
    std::vector<std::string> types, names, ids, groups, subscriptions, vnets, subnets, asgs,
        regions;
    std::vector<std::pair<std::string, std::vector<std::string>>> tags;  // all keys must match
    std::vector<Prefix> prefixes;
    std::vector<Selector> except;  // what any of these selects is left out
    Place place;
};

/// Sets combined: a name, or two sets.
struct SetExpression {
    enum class Op : std::uint8_t { name, unite, subtract, intersect } op = Op::name;
    /// Op::name: a set of the file, `any`, `internet`, `onprem`, `platform`, an address or prefix,
    /// or an endpoint as questions name it ("vm:web-01", "tag:env=prod", "/subscriptions/...").
    std::string name;
    std::vector<SetExpression> parts;  // two
    Place place;
};

/// A named set: what any of its selectors selects, and its expressions.
struct SetDefinition {
    std::string name;
    std::vector<Selector> selectors;
    std::vector<SetExpression> expressions;
    Place place;
};

/// FROM -> TO [on SERVICES] [via SET] [not via SET]
struct FlowExpression {
    SetExpression from, to;
    std::optional<ServiceSet> services;  // absent: the default of the verb
    std::string services_text;           // as written after `on`
    std::vector<SetExpression> via;      // counts only what passes each of them
    std::vector<SetExpression> not_via;  // counts only what passes none of them
    std::string text;                    // the whole, as written
    Place place;
};

enum class Verb : std::uint8_t { deny, only, require, isolate, through, limit, no_new, same };
std::string_view to_string(Verb verb);  // "no-new"

enum class InvariantSeverity : std::uint8_t { info, low, medium, high, critical };
std::string_view to_string(InvariantSeverity severity);
std::optional<InvariantSeverity> parse_severity(std::string_view text);

enum class LimitCount : std::uint8_t { sources, destinations, pairs, ports };
std::string_view to_string(LimitCount count);

/// Who stands for it, and until when.
struct Waiver {
    std::string reason, owner;
    std::optional<Date> expires;
    Place place;
    bool expired(const Date& today) const { return expires && *expires < today; }
};

/// A flow that an invariant lets through.
struct FlowException {
    FlowExpression flow;
    Waiver waiver;
};

struct Invariant {
    std::string id, title, why, owner;
    InvariantSeverity severity = InvariantSeverity::medium;
    Verb verb = Verb::deny;
    /// deny, require, through, limit, no-new, same: one flow; only: the permitted ones.
    std::vector<FlowExpression> flows;
    std::vector<SetExpression> sets;     // isolate: the sets; only: the destinations, one
    std::optional<ServiceSet> services;  // `services:` or `on:`; absent: the default of the verb
    std::string services_text;
    std::vector<FlowException> except;
    LimitCount count = LimitCount::destinations;  // limit
    Uint128 max = 0;                              // limit
    bool may_be_empty = false;
    bool via_proxy = false;
    bool match_some = false;  // require: some pair instead of every pair
    Place place;
};

/// An invariant whose violation is accepted for a while.
struct Suppression {
    std::string invariant;
    Waiver waiver;
};

/// Everything that a configuration says about flows.
struct Policy {
    std::map<std::string, SetDefinition> sets;
    std::map<std::string, ServiceSet> services;
    std::vector<Invariant> invariants;  // in the order of the files
    std::vector<Suppression> suppressions;
};

}  // namespace azreach
