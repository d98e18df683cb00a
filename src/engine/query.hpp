// query and explain: one question, one verdict, with its reasons.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/network/admission.hpp"
#include "src/engine/endpoint.hpp"

namespace azreach {

enum class QueryVerdict : std::uint8_t { reachable, partial, one_way, blocked, unknown };
std::string_view to_string(QueryVerdict verdict);  // "one-way"

/// What the prover said (src/engine/query_proof.hpp); by the packet sets alone nothing was asked.
struct QueryProof {
    std::string engine = "sets";          // sets, z3, both
    std::string status = "not-asked";     // not-asked, proved, sharper, gave-up
    std::string reason;                   // gave-up: "TIMEOUT", ...
    std::optional<QueryVerdict> verdict;  // Z3's own
    /// Unknown: "nothing arrives" (or "everything arrives and is answered", where something surely
    /// arrives) holds under a smallest set of facts, and fails under another for `packet`; as text
    /// ("vnet-tag-includes-udr=no").
    std::string claim;
    std::vector<std::string> holds_when, fails_when;
    std::optional<Packet> packet;
};

struct QueryEntry;

/// Somebody whom a PaaS resource admits past the network position of any source asked for.
struct QueryResidual {
    std::string endpoint;  // "st1/blob"
    Residual residual;
};

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
    std::string note;  // LB_CHOICE and the like, for people
    QueryProof proof;
    bool asked_nothing = false;  // the question names no packet at all (empty endpoint)

    // Questions to PaaS endpoints. In `allowed`, `possible` and `witness` the address i + 1 of
    // either family stands for the public endpoint service_names[i].
    std::vector<std::string> service_names;
    std::vector<QueryEntry> entries;  // every way into each of them
    std::vector<QueryResidual> residuals;
};

/// One way into a PaaS endpoint, with its own verdict.
struct QueryEntry {
    enum class Kind : std::uint8_t {
        public_endpoint,
        service_endpoint,
        private_endpoint,
        foreign_endpoint,  // a private endpoint that is not in the snapshot                [PE-14]
        injected,          // an address of its own in a subnet
    } kind = Kind::public_endpoint;
    std::string endpoint;  // "st1/blob"
    ResourceId id;         // of the private endpoint or subnet; else of the resource
    QueryAnswer answer;
};
std::string_view to_string(QueryEntry::Kind kind);  // "private-endpoint"

/// Answers a question to PaaS endpoints: delivered if any way into them admits.
void query_services(const Network& network, const Reachability& reachability, const SourceSet& from,
                    const DestinationSet& to, const ServiceSet& service,
                    const TraceOptions& options, QueryAnswer& answer);
/// One packet of such a question, whose destination stands for an endpoint, by the way that admits
/// it.
TraceResult trace_by_every_way(const Network& network, const SourceSet& from,
                               const DestinationSet& to, const Origin& origin, const Packet& packet,
                               const TraceOptions& options);
/// Of a question to PaaS endpoints and to others.
QueryAnswer both(QueryAnswer services, QueryAnswer others);

QueryAnswer query(const Network& network, const Reachability& reachability,
                  const Endpoints& endpoints, std::string_view from, std::string_view to,
                  std::string_view service_text, const ServiceSet& service,
                  const TraceOptions& options = {});

}  // namespace azreach
