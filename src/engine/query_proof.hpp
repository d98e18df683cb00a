// The prover's own answer to a query, beside or instead of that of the packet sets.
#pragma once

#include "models/net/ensures.hpp"
#include "solver/prover.hpp"
#include "src/engine/query.hpp"

namespace azreach {

enum class Engine : std::uint8_t { sets, z3, both };
std::string_view to_string(Engine engine);

/// The verdict as Z3 finds it, each condition of the contract (section 3) by a claim of its own.
/// Nothing of the packet sets is used: `allowed` and `possible` stay empty. The witness is a packet
/// of Z3's, walked by the trace. A claim that it gave up leaves the verdict unknown, with the
/// reason in `proof`.
QueryAnswer query_by_prover(const Network& network, const Endpoints& endpoints,
                            solver::Prover& prover, std::string_view from, std::string_view to,
                            std::string_view service_text, const ServiceSet& service,
                            const TraceOptions& options, const solver::Limits& limits);

/// Joins two answers to one question: the sets' with the proof of the other. Where Z3 gave up the
/// verdict is unknown. Where the sets left open what Z3 decides the verdict stays open, and the
/// proof says more. Any other difference is a bug of azreach: EnginesDisagree.
void compare(QueryAnswer& sets, const QueryAnswer& z3);

class EnginesDisagree : public InternalError {
public:
    using InternalError::InternalError;
};

/// The question as a query for any SMT-LIB 2 solver: satisfiable iff some packet may arrive.
std::string smt2_of(const Endpoints& endpoints, solver::Prover& prover, std::string_view from,
                    std::string_view to, const ServiceSet& service, const solver::Limits& limits);

}  // namespace azreach
