// query and explain: one question, one verdict, with its reasons.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/engine/endpoint.hpp"

namespace azreach {

enum class QueryVerdict : std::uint8_t { reachable, partial, one_way, blocked, unknown };
std::string_view to_string(QueryVerdict verdict);  // "one-way"

/// The answer to `query FROM TO -p SERVICE` (contract sections 3 and 4).
struct QueryAnswer {
    std::string from, to, service;     // as asked
    std::string from_label, to_label;  // for people: "vm-web (10.0.1.4)"
    QueryVerdict verdict{};
    PacketSet allowed;   // MUST: always_must of packets
    PacketSet possible;  // MAY minus MUST
    std::optional<Packet>
        witness;  // a packet of MUST if there is one, else of MAY, else of the question
    Origin witness_from{};
    std::vector<Hop> path;
    std::optional<PacketVerdict> return_verdict;
    bool symmetric = true;
    std::vector<Hop> return_path;
    std::vector<Hop> blockers;
    std::vector<Fact> depends_on;
    std::string note;            // LB_CHOICE and the like, for people
    bool asked_nothing = false;  // the question names no packet at all (empty endpoint)
};

QueryAnswer query(const Network& network, const Reachability& reachability,
                  const Endpoints& endpoints, std::string_view from, std::string_view to,
                  std::string_view service_text, const ServiceSet& service,
                  const TraceOptions& options = {});

}  // namespace azreach
