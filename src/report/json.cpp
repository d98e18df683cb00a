#include "src/report/json.hpp"

#include <algorithm>

namespace azreach::report {

Json prefixes(const AddressSet& set) {
    Json list = Json::array();
    for (const Prefix& prefix : prefixes_of(set)) {
        list.push_back(to_string(prefix));
    }
    return list;
}

Json place_fields(const Context& context, Provenance where) {
    Json result;
    if (!where.known()) {
        result["file"] = nullptr;
        result["pointer"] = nullptr;
        result["line"] = nullptr;
        return result;
    }
    const Place place = context.places.locate(where);
    result["file"] = place.file;
    result["pointer"] = place.pointer;
    if (!place.address.empty()) {
        result["address"] = place.address;
    }
    result["line"] = place.line;
    return result;
}

Json packet(const Packet& p) {
    Json result;
    result["protocol"] = protocol_name(p.service.protocol);
    result["src"] = to_string(p.src);
    if (has_ports(p.service.protocol)) {
        result["srcPort"] = p.service.a;
    }
    result["dst"] = to_string(p.dst);
    if (has_ports(p.service.protocol)) {
        result["dstPort"] = p.service.b;
    }
    if (has_icmp_type(p.service.protocol)) {
        result["icmpType"] = p.service.a;
        result["icmpCode"] = p.service.b;
    }
    return result;
}

namespace {

const char* text_of(Severity severity) {
    switch (severity) {
        case Severity::info:
            return "info";
        case Severity::warning:
            return "warning";
        case Severity::error:
            return "error";
    }
    return "warning";
}

template <class T>
Json ranges(const IntervalSet<T>& set) {
    Json list = Json::array();
    for (const Range<T>& range : set.ranges()) {
        list.push_back(
            Json::array({static_cast<unsigned>(range.first), static_cast<unsigned>(range.last)}));
    }
    return list;
}

/// Pairs as products of ranges: bands of b with the same a are one entry.
std::vector<std::pair<PortSet, PortSet>> products(const PairSet& pairs) {
    std::vector<std::pair<PortSet, PortSet>> result;  // (a, b)
    for (const PairSet::Band& band : pairs.bands()) {
        const PortSet b = PortSet::range(band.b.first, band.b.last);
        const auto same = std::find_if(result.begin(), result.end(),
                                       [&](const auto& item) { return item.first == band.a; });
        if (same == result.end()) {
            result.emplace_back(band.a, b);
        } else {
            same->second |= b;
        }
    }
    return result;
}

Json diagnostics(const Context& context) {
    Json list = Json::array();
    for (const Diagnostic& diagnostic : context.network.snapshot().diagnostics) {
        Place place = diagnostic.place;
        if (place.file.empty() && diagnostic.where.known()) {
            place = context.places.locate(diagnostic.where);
        }
        Json item;
        item["code"] = diagnostic.code;
        item["severity"] = text_of(diagnostic.severity);
        item["message"] = diagnostic.message;
        item["file"] = place.file.empty() ? Json(nullptr) : Json(place.file);
        item["pointer"] = place.file.empty() ? Json(nullptr) : Json(place.pointer);
        item["line"] = place.line == 0 ? Json(nullptr) : Json(place.line);
        item["column"] = place.column == 0 ? Json(nullptr) : Json(place.column);
        if (!place.address.empty()) {
            item["address"] = place.address;
        }
        list.push_back(std::move(item));
    }
    return list;
}

Json snapshot_of(const Snapshot& snapshot) {
    Json sources = Json::array();
    for (const Source& source : snapshot.sources) {
        sources.push_back(
            {{"path", source.path}, {"kind", source.kind}, {"resources", source.resources}});
    }
    Json gaps = Json::array();
    for (const Gap& gap : snapshot.gaps) {
        gaps.push_back({{"code", gap.code},
                        {"what", gap.what},
                        {"neededFor", gap.needed_for},
                        {"effect", gap.effect}});
    }
    return {
        {"digest", snapshot.digest}, {"sources", std::move(sources)}, {"gaps", std::move(gaps)}};
}

Json head(const Context& context, std::string_view schema) {
    const Snapshot& snapshot = context.network.snapshot();
    Json result;
    result["schema"] = std::string(schema);
    result["tool"] = {{"name", "azreach"}, {"version", context.version}};
    result["snapshot"] = snapshot_of(snapshot);
    const Assumptions& assumptions = context.network.assumptions();
    result["reading"] = assumptions.reading() == Reading::strict ? "strict" : "documented";
    Json stated = Json::array();
    for (const Assumptions::Stated& item : assumptions.stated()) {
        stated.push_back({{"key", item.key}, {"value", item.value}, {"origin", item.origin}});
    }
    result["assumptions"] = std::move(stated);
    return result;
}

}  // namespace

std::string protocol_name(Protocol protocol) {
    switch (protocol) {
        case kTcp:
            return "tcp";
        case kUdp:
            return "udp";
        case kIcmp:
            return "icmp";
        case kIcmpv6:
            return "icmpv6";
        case kEsp:
            return "esp";
        case kAh:
            return "ah";
        default:
            return std::to_string(protocol);
    }
}

Json service(const ServiceSet& set) {
    Json list = Json::array();
    if (set == ServiceSet::every()) {
        list.push_back({{"protocol", "*"}});
        return list;
    }
    for (const Protocol protocol : {kTcp, kUdp}) {
        for (const auto& [source_ports, ports] : products(set.pairs(protocol))) {
            Json item;
            item["protocol"] = protocol_name(protocol);
            item["ports"] = ranges(ports);
            item["sourcePorts"] = ranges(source_ports);
            list.push_back(std::move(item));
        }
    }
    for (const Protocol protocol : {kIcmp, kIcmpv6}) {
        for (const auto& [types, codes] : products(set.pairs(protocol))) {
            Json item;
            item["protocol"] = protocol_name(protocol);
            item["types"] = ranges(types);
            item["codes"] = ranges(codes);
            list.push_back(std::move(item));
        }
    }
    for (const auto& range : set.others().ranges()) {
        for (unsigned protocol = range.first; protocol <= range.last; ++protocol) {
            list.push_back({{"protocol", protocol}});
        }
    }
    return list;
}

Json packet_set(const PacketSet& set) {
    Json list = Json::array();
    const PacketSet simple = set.simplified();
    for (const Cube& cube : simple.cubes()) {
        Json item;
        item["from"] = prefixes(cube.src);
        item["to"] = prefixes(cube.dst);
        item["service"] = service(cube.service);
        list.push_back(std::move(item));
    }
    return list;
}

Json proof_of(const QueryProof& proof) {
    Json result = {{"engine", proof.engine}, {"status", proof.status}, {"certificate", nullptr}};
    if (proof.verdict) {
        result["verdict"] = to_string(*proof.verdict);
    }
    if (!proof.reason.empty()) {
        result["reason"] = proof.reason;
    }
    if (!proof.claim.empty()) {
        result["hinge"] = {{"claim", proof.claim},
                           {"holdsWhen", proof.holds_when},
                           {"failsWhen", proof.fails_when}};
        if (proof.packet) {
            result["hinge"]["packet"] = packet(*proof.packet);
        }
    }
    return result;
}

Json depends_on(const Context& context, const std::vector<Fact>& facts) {
    Json list = Json::array();
    for (const Fact fact : facts) {
        std::string name = context.network.facts().name(fact);
        if (std::find(list.begin(), list.end(), name) == list.end()) {
            list.push_back(std::move(name));
        }
    }
    return list;
}

Json hop(const Context& context, const Hop& h) {
    Json result;
    result["kind"] = std::string(to_string(h.kind));
    result["at"] = {{"id", h.at.text()}, {"name", h.at_name}};
    result["direction"] = !h.direction                         ? Json(nullptr)
                          : *h.direction == Direction::inbound ? Json("inbound")
                                                               : Json("outbound");
    result["decision"] = std::string(to_string(h.decision));
    if (h.by.id.empty()) {
        result["by"] = nullptr;
    } else {
        Json by;
        by["id"] = h.by.id.text();
        by["name"] = h.by.name;
        by["priority"] = h.by.priority ? Json(*h.by.priority) : Json(nullptr);
        by["default"] = h.by.is_default;
        by.update(place_fields(context, h.by.where));
        result["by"] = std::move(by);
    }
    result["reason"] = std::string(to_string(h.reason));
    if (!h.note.empty()) {
        result["note"] = h.note;
    }
    if (!h.considered.empty()) {
        Json list = Json::array();
        for (const Considered& item : h.considered) {
            list.push_back({{"name", item.name},
                            {"priority", item.priority},
                            {"outcome", item.outcome},
                            {"why", item.why}});
        }
        result["considered"] = std::move(list);
    }
    return result;
}

Json path(const Context& context, const std::vector<Hop>& hops) {
    Json list = Json::array();
    for (const Hop& h : hops) {
        Json item;
        item["hop"] = list.size() + 1;
        item.update(hop(context, h));
        list.push_back(std::move(item));
    }
    return list;
}

namespace {

/// The number of a public endpoint that an address stands for, from 1; 0 for a real address.
std::size_t service_number(const Address& address, const std::vector<std::string>& names) {
    return address.value > 0 && address.value <= names.size()
               ? static_cast<std::size_t>(address.value)
               : 0;
}

/// Addresses; those that stand for public endpoints by name.
Json named_prefixes(const AddressSet& set, const std::vector<std::string>& names) {
    Json list = Json::array();
    AddressSet rest = set;
    for (std::size_t i = 1; i <= names.size(); ++i) {
        const auto number = static_cast<std::uint32_t>(i);
        const AddressSet both = AddressSet::single(Address::v4(number)) |
                                AddressSet::single(Address::v6(Uint128{number}));
        if (rest.intersects(both)) {
            list.push_back(names[i - 1]);
            rest -= both;
        }
    }
    for (Json& prefix : prefixes(rest)) {
        list.push_back(std::move(prefix));
    }
    return list;
}

Json packet_set(const PacketSet& set, const std::vector<std::string>& names) {
    Json list = Json::array();
    const PacketSet simple = set.simplified();
    for (const Cube& cube : simple.cubes()) {
        Json item;
        item["from"] = prefixes(cube.src);
        item["to"] = named_prefixes(cube.dst, names);
        item["service"] = service(cube.service);
        list.push_back(std::move(item));
    }
    return list;
}

const char* text_of(Residual::Kind kind) {
    switch (kind) {
        case Residual::Kind::trusted_services:
            return "trusted-services";
        case Residual::Kind::instance:
            return "resource-instance";
        case Residual::Kind::foreign_endpoint:
            return "foreign-private-endpoint";
        case Residual::Kind::subnet:
            return "subnet-outside-snapshot";
        case Residual::Kind::any_subnet:
            return "any-subnet";
        case Residual::Kind::perimeter:
            return "perimeter";
    }
    return "other";
}

Json residuals(const Context& context, const std::vector<QueryResidual>& list) {
    Json result = Json::array();
    for (const QueryResidual& item : list) {
        Json entry;
        entry["endpoint"] = item.endpoint;
        entry["class"] = text_of(item.residual.kind);
        entry["who"] = item.residual.who.empty() ? Json(nullptr) : Json(item.residual.who.text());
        entry["certain"] = item.residual.certain;
        Json by;
        by["id"] = item.residual.by.text();
        by.update(place_fields(context, item.residual.where));
        entry["by"] = std::move(by);
        entry["note"] = item.residual.note;
        result.push_back(std::move(entry));
    }
    return result;
}

}  // namespace

Json query_result(const Context& context, const QueryAnswer& answer) {
    const std::vector<std::string>& names = answer.service_names;
    Json result;
    result["question"] = {{"from", answer.from}, {"to", answer.to}, {"service", answer.service}};
    result["verdict"] = std::string(to_string(answer.verdict));
    result["allowed"] = packet_set(answer.allowed, names);
    result["possible"] = packet_set(answer.possible, names);
    result["witness"] = answer.witness ? packet(*answer.witness) : Json(nullptr);
    if (answer.witness) {
        if (const std::size_t number = service_number(answer.witness->dst, names)) {
            result["witness"]["dst"] = names[number - 1];
        }
    }
    result["path"] = path(context, answer.path);
    result["return"] = {
        {"verdict", answer.return_verdict ? Json(std::string(to_string(*answer.return_verdict)))
                                          : Json(nullptr)},
        {"symmetric", answer.symmetric},
        {"path", path(context, answer.return_path)}};
    result["blockers"] = path(context, answer.blockers);
    result["dependsOn"] = depends_on(context, answer.depends_on);
    if (!answer.note.empty()) {
        result["note"] = answer.note;
    }
    if (!names.empty()) {
        Json list = Json::array();
        for (const QueryEntry& entry : answer.entries) {
            const QueryAnswer& own = entry.answer;
            Json item;
            item["entry"] = std::string(to_string(entry.kind));
            item["endpoint"] = entry.endpoint;
            item["id"] = entry.id.text();
            item["verdict"] = std::string(to_string(own.verdict));
            item["allowed"] = packet_set(own.allowed, names);
            item["possible"] = packet_set(own.possible, names);
            item["path"] = path(context, own.path);
            item["blockers"] = path(context, own.blockers);
            item["dependsOn"] = depends_on(context, own.depends_on);
            list.push_back(std::move(item));
        }
        result["entries"] = std::move(list);
        result["residual"] = residuals(context, answer.residuals);
    }
    result["proof"] = proof_of(answer.proof);
    return result;
}

Json trace_line(const Context& context, const Json& id, const TraceResult& trace) {
    Json result;
    result["id"] = id;
    result["verdict"] = std::string(to_string(trace.verdict));
    result["at"] = trace.walk.at;
    result["reason"] = std::string(to_string(trace.walk.reason));
    result["by"] = trace.walk.by.id.empty() ? Json(nullptr) : Json(trace.walk.by.id.text());
    result["path"] = path(context, trace.walk.path);
    result["return"] = {
        {"verdict", trace.reply ? Json(std::string(to_string(*trace.reply))) : Json(nullptr)}};
    result["dependsOn"] = depends_on(context, trace.depends_on);
    return result;
}

Json endpoints(const std::vector<Endpoint>& items) {
    Json list = Json::array();
    for (const Endpoint& endpoint : items) {
        Json addresses = Json::array();
        for (const Prefix& prefix : endpoint.addresses) {
            addresses.push_back(to_string(prefix));
        }
        list.push_back({{"kind", endpoint.kind},
                        {"name", endpoint.name},
                        {"id", endpoint.id.text()},
                        {"resourceGroup", std::string(endpoint.id.resource_group())},
                        {"addresses", std::move(addresses)},
                        {"use", endpoint.use}});
    }
    return {{"items", std::move(list)}};
}

Json show(const Context& context, const ShowAnswer& answer) {
    Json result;
    result["kind"] = answer.kind;
    result["name"] = answer.name;
    result["id"] = answer.id.text();
    for (const auto& [label, values] : answer.facts) {
        result[label] = values;
    }
    Json rules = Json::array();
    for (const EffectiveRuleView& rule : answer.rules) {
        Json item;
        item["association"] = rule.association.text();
        item["name"] = rule.name;
        item["direction"] = rule.direction == Direction::inbound ? "Inbound" : "Outbound";
        item["priority"] = rule.priority;
        item["access"] = rule.access == Access::deny    ? "Deny"
                         : rule.access == Access::allow ? "Allow"
                                                        : "AlwaysAllow";
        item["protocol"] = rule.protocol;
        item["source"] = prefixes(rule.source.must);
        item["sourcePorts"] = ranges(rule.source_ports);
        item["destination"] = prefixes(rule.destination.must);
        item["destinationPorts"] = ranges(rule.destination_ports);
        if (!rule.source.exact() || !rule.destination.exact()) {
            item["possible"] = {{"source", prefixes(rule.source.gap())},
                                {"destination", prefixes(rule.destination.gap())}};
        }
        rules.push_back(std::move(item));
    }
    result["effectiveSecurityRules"] = std::move(rules);
    Json routes = Json::array();
    for (const EffectiveRouteView& route : answer.routes) {
        Json list = Json::array();
        for (const Prefix& prefix : route.prefixes) {
            list.push_back(to_string(prefix));
        }
        Json hops = Json::array();
        for (const Address& address : route.next_hop_addresses) {
            hops.push_back(to_string(address));
        }
        Json item;
        item["source"] = route.source;
        item["state"] = route.state;
        item["addressPrefix"] = std::move(list);
        item["nextHopType"] = route.next_hop_type;
        item["nextHopIpAddress"] = std::move(hops);
        if (!route.certain) {
            item["certain"] = false;
        }
        routes.push_back(std::move(item));
    }
    result["effectiveRoutes"] = std::move(routes);
    (void)context;
    return result;
}

Json snapshot(const Context& context) { return snapshot_of(context.network.snapshot()); }

Json document(const Context& context, std::string_view schema, Json result) {
    Json whole = head(context, schema);
    whole["result"] = std::move(result);
    whole["diagnostics"] = diagnostics(context);
    return whole;
}

std::string document_head(const Context& context, std::string_view schema) {
    std::string text = head(context, schema).dump(2, ' ', false, Json::error_handler_t::replace);
    text.resize(text.find_last_of('}'));
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
        text.pop_back();
    }
    return text;
}

std::string document_tail(const Context& context) {
    return ",\n  \"diagnostics\": " +
           diagnostics(context).dump(2, ' ', false, Json::error_handler_t::replace) + "\n}\n";
}

}  // namespace azreach::report
