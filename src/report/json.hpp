// Answers as JSON documents (contract section 4). Values in, nlohmann values out; stable key order.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "src/engine/query.hpp"
#include "src/engine/show.hpp"

namespace azreach::report {

using Json = nlohmann::ordered_json;

/// What every document needs to know about the run.
struct Context {
    const Network& network;
    const Locator& places;
    std::string version;
};

/// {"schema","tool","snapshot","reading","assumptions","result","diagnostics"}.
Json document(const Context& context, std::string_view schema, Json result);
/// The same document without "result", for streamed answers: ends before the closing brace.
std::string document_head(const Context& context, std::string_view schema);
std::string document_tail(const Context& context);

/// The "snapshot" of a document: digest, sources, gaps.
Json snapshot(const Context& context);
/// file, pointer and line; null where nothing was read.
Json place_fields(const Context& context, Provenance where);
Json prefixes(const AddressSet& set);
Json packet(const Packet& packet);
Json hop(const Context& context, const Hop& hop);
Json path(const Context& context, const std::vector<Hop>& hops);
Json service(const ServiceSet& service);
Json packet_set(const PacketSet& set);
Json query_result(const Context& context, const QueryAnswer& answer);
Json trace_line(const Context& context, const Json& id, const TraceResult& result);
Json endpoints(const std::vector<Endpoint>& items);
Json show(const Context& context, const ShowAnswer& answer);
Json depends_on(const Context& context, const std::vector<Fact>& facts);
std::string protocol_name(Protocol protocol);

}  // namespace azreach::report
